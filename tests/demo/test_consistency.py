"""A synthetic register contradicts itself in no size, no span of years and with no faults: read back by plain code."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pytest

from kvarn.collect import take_in
from kvarn.demo import DEFAULT_FAULTS, FAULTS, write_demo
from kvarn.demo._figures import persons_of
from kvarn.demo._panel import panel
from kvarn.edition import Quality
from kvarn.errors import InputError
from kvarn.pipeline.terms import terms_of

from .plain_intake import Row, accepted_deliveries, in_force, rows_of

PROJECT = Path(__file__).parents[2]

EVER = dt.date(9999, 12, 31)
MUNICIPALITIES, AGES = 290, 101


def times(factor: float) -> dict[str, float]:
    return {name: min(factor * rate, 0.5) for name, rate in DEFAULT_FAULTS.items()}


def inhabitants(folder: Path) -> dict[tuple[int, str, bool, int], int]:
    """By year, municipality, whether women, and age."""
    found = {}
    with (folder / "population.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            for year in (name for name in row if name.startswith("X")):
                key = (int(year[1:]), row["region"][:4], row["kön"] == "kvinnor", int(row["ålder"].removesuffix("+")))
                assert key not in found
                found[key] = int(row[year])
    return found


def most(persons: Iterable[Row]) -> Counter[tuple[object, ...]]:
    """Persons by year, month, sex, in the country and in each county."""
    counted = {(row.year, row.month, row.woman, place, row.person) for row in persons for place in ("00", row.municipality[:2])}
    return Counter(key[:4] for key in counted)


def check_care(rows: Mapping[str, set[Row]]) -> None:
    """Who has a procedure has care: in the year in the municipality by person, in the month in number."""
    care, treated = rows["KHSL1"], rows["KHSL2"]
    assert {(r.year, r.municipality, r.person) for r in treated} <= {(r.year, r.municipality, r.person) for r in care}
    with_care, with_procedure = most(care), most(treated)
    assert [key for key, persons in with_procedure.items() if persons > with_care[key]] == []


def check_population(folder: Path, care: set[Row], years: range) -> None:
    people = inhabitants(folder)
    assert len(people) == len(years) * MUNICIPALITIES * 2 * AGES
    in_care = Counter(key[:4] for key in {(r.year, r.municipality, r.woman, r.age, r.person) for r in care})
    assert [key for key, persons in in_care.items() if persons > people[key]] == []
    by_sex: Counter[tuple[int, str, bool]] = Counter()
    for key, number in people.items():
        assert number >= 0
        by_sex[key[:3]] += number
    assert len(by_sex) == len(years) * MUNICIPALITIES * 2 and min(by_sex.values()) > 0


def check_persons(care: set[Row]) -> None:
    """Nobody is in care before the year after birth, nor at an age that nobody reaches."""
    ages = {row.year - int(row.person[:4]) for row in care}
    assert min(ages) > 0 and max(ages) <= 110


@pytest.mark.parametrize(
    ("persons", "procedures", "first", "last", "seed", "faults"),
    [
        (300, 2, 2009, 2025, 1, times(1)),
        (300, 5, 2024, 2025, 2, times(30)),
        (999, 3, 2019, 2019, 3, times(100)),
        (4000, 4, 2022, 2022, 1, times(1)),
        pytest.param(5000, 6, 2023, 2023, 1, times(1), marks=pytest.mark.long),
        pytest.param(10_000, 3, 2019, 2019, 4, times(10), marks=pytest.mark.long),
        (2000, 8, 2035, 2035, 5, dict.fromkeys(FAULTS, 0.02)),
        (700, 40, 2020, 2020, 6, {"corrected_delivery": 0.4, "late_delivery": 0.5, "person_not_reported": 0.05}),
        (700, 12, 2021, 2021, 7, {"missing_delivery": 0.5, "bad_check_digit": 0.1, "corrected_delivery": 0.3}),
    ],
)
def test_a_register_never_contradicts_itself(
    tmp_path: Path, persons: int, procedures: float, first: int, last: int, seed: int, faults: dict[str, float]
) -> None:
    folder = tmp_path / "demo"
    write_demo(
        folder, persons=persons, procedures_per_person=procedures, first_year=first, last_year=last, seed=seed, faults=faults
    )
    deliveries = accepted_deliveries(folder)
    rows = in_force(deliveries, EVER)
    assert rows["KHSL1"] and rows["KHSL2"]
    check_care(rows)
    check_population(folder, rows["KHSL1"], range(first, last + 1))
    check_persons(rows["KHSL1"])
    latest = [delivery for delivery in deliveries if delivery.year == last]
    for month in range(3, 15):
        check_care(in_force(latest, dt.date(last + (month - 1) // 12, (month - 1) % 12 + 1, 15)))


def test_the_engine_accepts_what_the_plain_code_accepts(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    write_demo(folder, persons=400, procedures_per_person=4, first_year=2023, last_year=2023, faults=dict.fromkeys(FAULTS, 0.02))
    terms = terms_of(PROJECT, quality=Quality(), deaths=None, synthetic=True)
    outcome = take_in([folder / "deliveries"], tmp_path / "store", terms=terms)
    assert len(outcome.entries) > 1000
    for entry in outcome.entries:
        type_, municipality, period = Path(entry.name).stem.split("_")
        plain = rows_of(Path(entry.place).read_bytes(), type_, municipality, period)
        assert (entry.accepted if entry.verdict == "accepted" else None) == (None if plain is None else len(plain)), entry.name


def test_an_identity_number_is_never_given_twice() -> None:
    everybody = panel(2009, 2035, persons_in=lambda year: 60_000, full_scale=persons_of, seed=1)
    assert len(everybody.identity) > 200_000
    assert len(np.unique(everybody.identity)) == len(everybody.identity)
    assert (everybody.identity // 10**8 == everybody.birth_year).all()
    left = everybody.exit_year < 9999
    assert (everybody.exit_year[left] >= everybody.entry_year[left]).all() and everybody.died[~left].sum() == 0


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"persons": 299}, "299 persons"),
        ({"persons": -1}, "-1 persons"),
        ({"first_year": 2007}, "2007"),
        ({"first_year": 2008}, "2008"),
        ({"last_year": 2036}, "2036"),
        ({"first_year": 2024, "last_year": 2023}, "begin in 2024 and end in 2023"),
        ({"procedures_per_person": float("nan")}, "nan procedures"),
        ({"procedures_per_person": float("inf")}, "inf procedures"),
        ({"seed": -1}, "seed -1"),
    ],
)
def test_what_cannot_be_made_is_refused_and_named(tmp_path: Path, arguments: dict[str, float], named: str) -> None:
    with pytest.raises(InputError) as refused:
        write_demo(tmp_path / "demo", **{"persons": 400, **arguments})  # type: ignore[arg-type]
    assert named in refused.value.what and refused.value.remedy
    assert list(tmp_path.iterdir()) == []
