"""The attack reads nil as its symbol, and no rate as nil that only rounds to zero."""

from __future__ import annotations

import pytest

from kvarn.analyse.disclosure.written.audit import Published
from kvarn.pipeline.attack._page import PageTable
from kvarn.pipeline.attack._tables import Contradiction, Match, TableReader
from kvarn.pipeline.attack._words import Words


@pytest.fixture
def published() -> Published:
    """Nobody of 65–69, one person of 70–74 (less than half of 0.1 per 1,000), five of 75–79."""
    made, words = Published(), Words()
    for age, persons, rate in (("65-69", "0", "0.0"), ("70-74", "1", "0.0"), ("75-79", "5", "5.0")):
        for measure, value in (("persons", persons), ("persons_per_1000", rate)):
            made.see(words.key(measure, "2023", {"sex": "T", "age": age}), value, "", "data/persons-by-year-sex-age.csv")
    return made


@pytest.mark.parametrize(
    ("shown", "agrees"),
    [
        ([("–", "–"), ("1", "0.0"), ("5", "5.0")], True),
        ([("0", "0.0"), ("1", "0.0"), ("5", "5.0")], True),
        ([("–", "–"), ("1", "–"), ("5", "5.0")], False),
        ([("–", "–"), ("–", "0.0"), ("5", "5.0")], False),
        ([("–", "–"), ("1", "0.0"), ("–", "5.0")], False),
    ],
    ids=["symbols", "zeros", "a rate that is not nil", "a count that is not nil", "a figure that is not nil"],
)
def test_a_page_is_read_with_its_symbol_for_nil(published: Published, shown: list[tuple[str, str]], agrees: bool) -> None:
    reader = TableReader(Words("en"), published)
    ages = ("65–69 years", "70–74 years", "75–79 years")
    rows = [[label, *cells] for label, cells in zip(ages, shown, strict=True)]
    table = PageTable(["Age", "Persons", "Persons per 1,000 inhabitants"], rows)
    heads = reader.heads(table)
    assert heads is not None
    assert isinstance(reader.match(table, heads), Match if agrees else Contradiction)
