"""What a drawing says in words, and figures beside the names of others than they are of."""

from __future__ import annotations

import pytest

from kvarn.analyse.disclosure.written.audit import Published
from kvarn.errors import DisclosureError
from kvarn.pipeline.attack._drawn_words import numbers_in_words
from kvarn.pipeline.attack._own import OwnOutputs
from kvarn.pipeline.attack._page import Drawing

LABELS = frozenset({"haninge", "personer", "persons", "two or more persons at home", "men", "women", "båda könen"})
BY_MUNICIPALITY = "persons-by-municipality-sex-age"


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("sv", ["Haninge: tre personer"]),
        ("sv", ["Haninge", "tre"]),
        ("en", ["Three persons", "Women"]),
        ("en", ["T h r e e in Haninge"]),
        ("en", ["T", "h", "r", "e", "e", "Haninge"]),
        ("sv", ["Haninge", "En enda person"]),
        ("en", ["Haninge", "Only one"]),
        ("sv", ["Haninge III"]),
        ("sv", ["Haninge", "tr", "e"]),
        ("sv", ["fy", "ra", "i Haninge"]),
        ("en", ["Haninge", "thir-", "teen"]),
        ("en", ["th", "r", "ee"]),
    ],
)
def test_numbers_in_words_are_seen(language: str, texts: list[str]) -> None:
    assert list(numbers_in_words(texts, LABELS, language))


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["Two or more persons at home", "Haninge", "12", "X"]),
        ("en", ["two or more", "persons at home", "Haninge"]),
        ("sv", ["Båda könen", "Haninge", "Personer, 65 år eller äldre", "2023", "X", "..", "–"]),
        ("en", ["One chart of all", "Women", "A", "B", "C"]),
        ("en", ["X = suppressed for reasons of confidentiality", "X of 276", "X\u00a0of\u00a0X", "17.3 (median X)", "Haninge X"]),
    ],
)
def test_labels_and_symbols_say_none(language: str, texts: list[str]) -> None:
    assert list(numbers_in_words(texts, LABELS, language)) == []


@pytest.fixture
def own() -> OwnOutputs:
    published = Published()
    for region, sex, value in (("0136", "1", "11"), ("0136", "2", "3"), ("0114", "1", "17"), ("0114", "2", "19")):
        published.figures["persons", 2023, (("region", region), ("sex", sex))] = value
        published.figures["persons", 2023, (("region", region),)] = "30"
    published.figures["persons", 2023, ()] = "60"
    # What is public beside them is no figure of persons: so many months of so many municipalities.
    published.figures["months_persons", 2023, (("region", "0136"),)] = "12"
    published.figures["municipalities", 2023, (("region", "0136"),)] = "2"
    published.figures["persons", 2023, (("month", "01"),)] = "7"
    tables = {"places": (BY_MUNICIPALITY,), "months": ("persons-by-month",), "both": (BY_MUNICIPALITY, "persons-by-month")}
    return OwnOutputs(tables, published, "en")


@pytest.mark.parametrize(
    ("digest", "texts"),
    [
        ("months", ["Haninge", "7"]),
        ("months", ["Those in Haninge: 7"]),
        ("months", ["Women", "7"]),
        ("both", ["Haninge", "7"]),
        ("places", ["Upplands Väsby", "3"]),
        ("places", ["Upplands Väsby 3", "Haninge 11"]),
        ("places", ["Women", "Haninge", "11"]),
        ("places", ["Haninge", "60"]),
        ("places", ["Haninge", "three persons"]),
        ("months", ["Han-", "inge", "7"]),
        ("places", ["Upplands", "Väsby", "3"]),
        ("places", ["Upplands", "Väs\u00ad", "by", "11"]),
        ("places", ["80+", "11"]),
        ("places", ["Women", "80–84", "3", "Haninge"]),
        ("places", ["Haninge", "12"]),
        ("places", ["Haninge", "Number of persons", "2"]),
    ],
)
def test_a_figure_stands_beside_no_other_place_or_category(digest: str, texts: list[str], own: OwnOutputs) -> None:
    with pytest.raises(DisclosureError, match=r"a number in|a place or a category"):
        own.require_drawing(Drawing(texts, digest), frozenset(), "page, drawing 1")


@pytest.mark.parametrize(
    ("digest", "texts"),
    [
        ("months", ["January", "7"]),
        ("places", ["Haninge", "Upplands Väsby", "Women", "Men", "3", "11", "17", "19"]),
        ("places", ["Haninge 3", "Upplands Väsby 19", "Women"]),
        ("places", ["Haninge", "30"]),
        ("places", ["Haninge", "Months in the figures on persons", "12"]),
        ("places", ["Upplands", "Väsby", "Women", "19"]),
        ("places", ["80+", "0–64", "Haninge"]),
        ("places", ["Sweden", "60", "Haninge", "30"]),
        ("places", ["All persons", "60"]),
    ],
)
def test_figures_of_what_is_named_pass(digest: str, texts: list[str], own: OwnOutputs) -> None:
    assert own.require_drawing(Drawing(texts, digest), frozenset({"three", "80+", "0–64"}), "page, drawing 1")
