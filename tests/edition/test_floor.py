"""No edition of real data is made by rules weaker than the office's floor, and nobody lowers the floor unseen."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from kvarn.edition import Data, Disclosure, Edition, Floor, Publication, Words, below_floor, lowered

WORDS = Words(sv="x", en="x")
WEAK = [
    {"threshold": 1},
    {"threshold": 3},
    {"contributors": 1},
    {"width": 1},
    {"amount_width_per_cent": 1},
    {"taken_for_sums": 0},
    {"quantile_persons": 2},
    {"singletons": False},
    {"method": "cell-key", "cell_key": {"greatest": 5, "variance": 0.01}},
    {"method": "cell-key", "threshold": 1, "contributors": 1, "sensitive": {"sex": {"threshold": 4}}},
]


def edition(*, synthetic: bool, **disclosure: Any) -> Edition:
    return Edition(
        reference_year=2023,
        first_year=2021,
        synthetic=synthetic,
        data=Data(deliveries=Path("x"), population=(Path("y"),)),
        publication=Publication.model_validate(
            {
                "series": WORDS,
                "title": WORDS,
                "publisher": WORDS,
                "published": dt.date(2024, 9, 3),
                "scheduled": dt.date(2024, 9, 3),
                "contact": {"name": "x", "email": "a@example.org"},
            }
        ),
        disclosure=Disclosure.model_validate(disclosure),
    )


@pytest.mark.parametrize("rules", WEAK)
def test_an_edition_of_real_data_is_refused_with_the_key_of_the_weak_rule(rules: dict[str, Any]) -> None:
    weak = next(below_floor(Disclosure.model_validate(rules)))
    with pytest.raises(ValidationError, match=rf"{weak.key}: .* floor"):
        edition(synthetic=False, **rules)


@pytest.mark.parametrize("rules", WEAK)
def test_a_synthetic_edition_may_try_weak_rules(rules: dict[str, Any]) -> None:
    assert list(below_floor(edition(synthetic=True, **rules).disclosure))


def test_rules_as_strict_as_the_floor_pass_and_those_of_the_other_method_do_not_count() -> None:
    assert not list(below_floor(edition(synthetic=False).disclosure))
    edition(synthetic=False, method="cell-key", width=1, singletons=False)
    edition(synthetic=False, cell_key={"greatest": 5, "variance": 0.01})


def test_whoever_lowers_the_floor_with_the_rule_is_named() -> None:
    rules = edition(synthetic=False, threshold=2, floor={"threshold": 2, "singletons": False}, singletons=False).disclosure
    assert [one.key for one in lowered(rules)] == ["disclosure.floor.threshold", "disclosure.floor.singletons"]
    assert not list(lowered(Disclosure())) and not list(lowered(Disclosure(floor=Floor(threshold=9))))
