"""The house style: contrast, type, and labels that keep apart."""

from __future__ import annotations

import itertools

import pytest

from kvarn.disseminate.charts import lines, style


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    "colour", [style.INK, style.MUTED, style.BLUE, style.ORANGE, style.GREEN, style.PURPLE, *style.SEX_COLOURS.values()]
)
def test_every_colour_of_a_line_or_label_can_be_read_on_white(colour: str) -> None:
    assert contrast(colour, "#FFFFFF") >= 4.5


def test_the_classes_of_the_map_go_from_light_to_dark_in_clear_steps() -> None:
    for lighter, darker in itertools.pairwise(style.CLASSES):
        assert contrast(lighter, darker) >= 1.3


def test_women_and_men_differ_in_more_than_hue_or_from_the_total() -> None:
    assert len(set(style.SEX_COLOURS.values())) == 3


@pytest.mark.parametrize("heights", [[], [1.0], [0.0, 10.0], [5.0, 5.0, 5.0], [1.0, 1.1, 9.0, 9.1, 9.2]])
def test_labels_keep_their_order_and_their_distance(heights: list[float]) -> None:
    moved = lines._apart(heights, 2.0)
    assert len(moved) == len(heights)
    assert all(above - below >= 2.0 - 1e-9 for below, above in itertools.pairwise(moved))


def test_labels_that_do_not_touch_stay_where_they_are() -> None:
    assert lines._apart([1.0, 4.0, 9.0], 2.0) == [1.0, 4.0, 9.0]


def test_labels_that_touch_move_as_little_as_may_be() -> None:
    assert lines._apart([5.0, 5.0], 2.0) == [4.0, 6.0]


def test_type_comes_from_packages_and_never_from_the_machine() -> None:
    for path, _ in style._font_files():
        assert path.is_file()
        assert "site-packages" in path.parts or "mpl-data" in path.parts


@pytest.mark.parametrize("letters", range(6, 30))
def test_no_number_is_broken_over_two_lines(letters: int) -> None:
    said = "Antal per 1 000 invånare i län med 1 234 567 invånare, 65 år eller äldre 2023 100 gånger"
    lines = style.wrapped(said, letters)
    assert " ".join(lines) == said
    assert all(sum(number in line for line in lines) == 1 for number in ("1 000", "1 234 567"))
