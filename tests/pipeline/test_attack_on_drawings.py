"""What the attack on a finished publication makes of charts whose texts hold several figures, and of the list of revisions."""

from __future__ import annotations

import pytest

from kvarn import metadata
from kvarn.analyse.disclosure.written.audit import Published
from kvarn.pipeline.attack._prose import Figures, unaccounted_in_drawing

RATES = {
    "01": ("22.3", "21.5", "23.3"),
    "03": ("44.6", "41.4", "48.0"),
    "09": ("55.2", "46.5", "65.1"),
    "10": ("51.3", "45.4", "57.7"),
}
MEASURES = ("standardised_per_1000", "standardised_lower", "standardised_upper")


@pytest.fixture
def published() -> Published:
    found = Published()
    for region, values in RATES.items():
        for measure, value in zip(MEASURES, values, strict=True):
            found.figures[measure, 2023, (("region", region),)] = value
    return found


def test_a_figure_and_the_limits_of_its_interval_are_each_of_one_measure(published: Published) -> None:
    texts = [f"{middle}\u00a0({lower}–{upper})" for middle, lower, upper in RATES.values()]
    assert unaccounted_in_drawing(texts, frozenset(), Figures.of(published), "en") == []


@pytest.mark.parametrize("wrong", ["55.3 (46.5–65.1)", "55.2 (46.6–65.1)", "55.2 (46.5–65.2)"])
def test_each_figure_of_an_interval_must_be_published(published: Published, wrong: str) -> None:
    texts = [f"{middle} ({lower}–{upper})" for region, (middle, lower, upper) in RATES.items() if region != "09"]
    assert unaccounted_in_drawing([*texts, wrong], frozenset(), Figures.of(published), "en") == [wrong]


def test_a_symbol_holds_the_place_of_a_figure(published: Published) -> None:
    texts = ["22.3 (X–23.3)", "44.6 (..–48.0)", "X (46.5–65.1)", "51.3 (45.4–57.7)", "X"]
    assert unaccounted_in_drawing(texts, frozenset(), Figures.of(published), "en") == []


@pytest.mark.parametrize(
    "classes",
    [
        ["200,0 eller mer", "124,0–199,9", "under 124,0"],
        ["200,0 eller mer", "under 200,0"],
        ["300,0 eller mer", "200,0–299,9", "124,0–199,9", "under 124,0"],
    ],
)
def test_the_classes_of_a_map_account_for_their_limits_however_few_they_are(classes: list[str]) -> None:
    regions = [*(f"{number}\u00a0kommuner" for number in range(10, 10 + len(classes) - 1)), "1 kommun"]
    rest = len(metadata.codelist("region").leaves) - sum(range(10, 10 + len(classes) - 1)) - 1
    texts = ["Personer per 1 000 invånare,", *classes, *regions, "X", f"{rest} kommuner"]
    labels = frozenset({"personer per 1 000 invånare"})
    assert unaccounted_in_drawing(texts, labels, Figures.of(Published()), "sv") == []
    assert unaccounted_in_drawing([*texts, "Dorotea 2"], labels, Figures.of(Published()), "sv") == ["Dorotea 2"]


@pytest.mark.parametrize(("rest", "left"), [(2, []), (1, ["2 kommuner", "1 kommuner"]), (288, [])])
def test_the_municipalities_of_a_map_are_those_that_a_table_has(rest: int, left: list[str]) -> None:
    few = metadata.table("rates-by-municipality").model_copy(
        update={"name": "rates-of-few", "categories": {"region": ("00", "01", "0114", "0115", "0117", "0120")}}
    )
    with metadata.tables_beside(few):
        assert unaccounted_in_drawing(["2 kommuner", f"{rest} kommuner"], frozenset(), Figures.of(Published()), "sv") == left


def test_a_limit_that_only_one_class_has_is_unaccounted() -> None:
    assert unaccounted_in_drawing(["124,0–199,9", "under 124,0"], frozenset(), Figures.of(Published()), "sv") != []
