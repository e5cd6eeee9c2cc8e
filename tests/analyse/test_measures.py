"""Months and procedures a person, new and continuing persons, weekdays and joint procedures: known answers, and plain pandas."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvarn import metadata
from kvarn.analyse import Register, mean, share
from kvarn.errors import InputError
from tests.drawn import examples

from .registers import Act, Month, write_register

SHARES = {"lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75}


def value(frame: pd.DataFrame, **codes: object) -> object:
    for name, code in codes.items():
        frame = frame[frame[name] == code]
    assert len(frame) == 1, codes
    return frame["value"].iloc[0]


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """Anna in two municipalities of one county, twice in the same month; Bo in two years; Cia in a leap February."""
    persons = [(2, 1940), (1, 1950), (2, 1958)]
    months = [
        (0, 2024, 1, 114), (0, 2024, 1, 115), (0, 2024, 2, 115),
        (1, 2023, 12, 180), (1, 2024, 3, 114), (1, 2024, 4, 114), (1, 2024, 5, 114),
        (2, 2024, 2, 2584),
    ]  # fmt: skip
    acts: list[Act] = [
        (2, "2024-02-29", 2584, "DT019", "XS919", ""),
        (0, "2024-01-01", 114, "PM007", "XS918", "XS910"),
        (0, "2024-01-07", 114, "PM007", "XS918", "XS918"),
        (1, "2024-03-31", 114, "QM015", "XS918", "XS910 XS912"),
    ]
    return Register(write_register(tmp_path / "register", persons, months, acts, years=(2023, 2024)))


def test_a_month_counts_once_in_each_municipality_county_and_the_country(register: Register) -> None:
    counted = register.count_person_months(["year", "region"], [2024])
    assert [value(counted, region=code) for code in ("0114", "0115", "01", "2584", "25", "00")] == [4, 2, 5, 1, 1, 6]
    assert counted.set_index("region").loc["00", "contributors"] == 3
    monthly = register.count_persons(["year", "month"], [2024])
    assert monthly[monthly["month"] != "T"]["value"].sum() == value(counted, region="00")


def test_the_mean_and_the_quartiles_of_months_are_those_of_the_persons(register: Register) -> None:
    by = ["year", "sex"]
    persons = register.count_persons(by, [2024])
    on_average = mean("months_per_person", register.count_person_months(by, [2024]), persons)
    assert [value(on_average, sex=sex) for sex in ("T", "1", "2")] == ["2.0", "3.0", "1.5"]
    # One, two and three months: a half of three persons is reached with the second.
    assert [value(register.quantile(f"months_{which}", ["year"], [2024])) for which in SHARES] == [1, 2, 3]
    # Of two persons the first is a half: an amount that somebody had, not one between them.
    assert value(register.quantile("months_median", by, [2024]), sex="2") == 1


def test_a_person_is_continuing_where_there_was_care_in_the_year_before(register: Register) -> None:
    counted = register.count_persons(["year", "sex", "continuity"], [2024])
    assert [value(counted, sex="T", continuity=code) for code in ("T", "new", "continuing")] == [3, 2, 1]
    by_region = register.count_persons(["year", "region", "continuity"], [2024])
    assert value(by_region, region="0114", continuity="new") == 2, "Bo was in another municipality the year before"
    assert value(by_region, region="01", continuity="continuing") == 1, "and in the same county"


def test_without_a_year_before_nobody_can_be_told_new(register: Register) -> None:
    counted = register.count_persons(["year", "sex", "continuity"], [2023, 2024])
    first = counted[counted["year"] == 2023]
    assert value(first, sex="T", continuity="T") == 1
    assert set(first[first["continuity"] != "T"]["value"]) == {".."}
    assert len(first[first["continuity"] == "new"]) == 3


def test_whoever_cannot_be_followed_is_neither_new_nor_continuing(tmp_path: Path) -> None:
    folder = write_register(
        tmp_path / "r", [(1, 1950), (1, 1951)], [(0, 2022, 1, 114), (0, 2023, 1, 114), (1, 2023, 1, 114)], years=(2022, 2023)
    )
    persons = pd.read_parquet(folder / "persons.parquet").assign(followable=[False, True])
    persons.to_parquet(folder / "persons.parquet", index=False)
    counted = Register(folder).count_persons(["year", "continuity"], [2023])
    assert {row.continuity: row.value for row in counted.itertuples()} == {"T": 2, "new": 1, "unknown": 1}


def test_the_weekday_is_the_calendars(register: Register) -> None:
    counted = register.count_procedures(["year", "weekday"], [2024])
    assert {row.weekday: row.value for row in counted.itertuples()} == {"T": 4, "1": 1, "4": 1, "7": 2}
    assert dt.date(2024, 2, 29).isoweekday() == 4
    shares = share("share_of_procedures", part=counted, of=counted)
    assert [value(shares, weekday=day) for day in ("T", "7")] == ["100.0", "50.0"]


def test_a_procedure_is_joint_where_another_profession_took_part(register: Register) -> None:
    counted = register.count_procedures(["year", "profession", "cooperation"], [2024])
    found = {(row.profession, row.cooperation): row.value for row in counted.itertuples()}
    assert (found["T", "single"], found["T", "joint"], found["T", "T"]) == (2, 2, 4)
    assert (found["XS918", "single"], found["XS918", "joint"]) == (1, 2), "the same profession twice is one"
    assert (found["XS910", "joint"], found["XS912", "joint"]) == (2, 1)


def test_what_a_person_has_one_amount_of_is_not_classified_by_month_or_procedure(register: Register) -> None:
    for by in (["year", "month"], ["year", "kind"], ["year", "continuity"]):
        with pytest.raises(InputError):
            register.count_person_months(by, [2024])
        with pytest.raises(InputError):
            register.quantile("procedures_median", by, [2024])
    with pytest.raises(InputError):
        register.count_persons(["year", "month", "continuity"], [2024])
    with pytest.raises(InputError, match="not a quantile"):
        register.quantile("persons", ["year"], [2024])


people = st.lists(st.tuples(st.sampled_from([1, 2]), st.integers(1915, 2015)), min_size=1, max_size=7)


@given(data=st.data(), persons=people)
@settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_measure_is_what_plain_pandas_makes_of_it(
    data: st.DataObject, persons: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    who, place = st.integers(0, len(persons) - 1), st.sampled_from([114, 115, 180, 2584])
    month = st.tuples(who, st.sampled_from([2022, 2023]), st.integers(1, 12), place)
    months: list[Month] = data.draw(st.lists(month, min_size=1, max_size=30))
    day = st.dates(dt.date(2023, 1, 1), dt.date(2023, 12, 31)).map(str)
    profession = st.sampled_from(["XS919", "XS918", "XS910"])
    further = st.sampled_from(["", "XS912", "XS918", "XS910 XS912"])
    act = st.tuples(who, day, place, st.sampled_from(["DT019", "PM007"]), profession, further)
    acts: list[Act] = data.draw(st.lists(act, max_size=25))
    folder = write_register(tmp_path_factory.mktemp("register"), persons, months, acts, years=(2022, 2023))
    with Register(folder) as register:
        _compare_months(register, persons, months)
        _compare_procedures(register, persons, acts)


def _in_groups(frame: pd.DataFrame, persons: list[tuple[int, int]], sex: str, age: str) -> pd.DataFrame:
    limits = metadata.codelist("age").by_code[age]
    years = 2023 - frame["person"].map(lambda number: persons[number][1])
    chosen = years.between(int(limits["from_age"]), int(limits["to_age"] or 200))
    return frame[chosen & ((sex == "T") | (frame["person"].map(lambda number: str(persons[number][0])) == sex))]


def _compare_months(register: Register, persons: list[tuple[int, int]], months: list[Month]) -> None:
    frame = pd.DataFrame(months, columns=["person", "year", "month", "place"])
    this, before = (frame[frame["year"] == year] for year in (2023, 2022))
    if this.empty:
        return
    amounts = {name: register.quantile(f"months_{name}", ["year", "sex", "age"], [2023]) for name in SHARES}
    counted = register.count_person_months(["year", "sex", "age"], [2023])
    for row in counted.itertuples():
        wanted = _in_groups(this, persons, row.sex, row.age).drop_duplicates(["person", "month"])
        each = wanted.groupby("person").size()
        assert (row.value, row.contributors) == (len(wanted), len(each))
        for name, part in SHARES.items():
            quantile = np.quantile(each.to_numpy(), part, method="inverted_cdf")
            assert value(amounts[name], sex=row.sex, age=row.age) == quantile
    by_region = register.count_persons(["year", "region", "continuity"], [2023]).set_index(["region", "continuity"])
    for code in sorted({held for held, _ in by_region.index}):
        there = {held["code"] for held in metadata.codelist("region").rows if code in ("00", held["code"], held["code"][:2])}
        now, then = (set(part[part["place"].map(lambda place: f"{place:04d}").isin(there)]["person"]) for part in (this, before))
        expected = {"T": len(now), "new": len(now - then), "continuing": len(now & then)}
        assert by_region.loc[code]["value"].to_dict() == {held: count for held, count in expected.items() if count}


def _compare_procedures(register: Register, persons: list[tuple[int, int]], acts: list[Act]) -> None:
    frame = pd.DataFrame(acts, columns=["person", "date", "place", "procedure", "profession", "further"])
    if frame.empty:
        return
    median = register.quantile("procedures_median", ["year", "sex", "age"], [2023])
    for row in median.itertuples():
        each = _in_groups(frame, persons, row.sex, row.age).groupby("person").size()
        assert (row.value, row.contributors) == (np.quantile(each.to_numpy(), 0.5, method="inverted_cdf"), len(each))
    frame["weekday"] = frame["date"].map(lambda day: str(dt.date.fromisoformat(day).isoweekday()))
    taking_part = frame.apply(lambda row: {row["profession"], *row["further"].split()}, axis=1)
    frame["cooperation"] = taking_part.map(lambda held: "joint" if len(held) > 1 else "single")
    for name in ("weekday", "cooperation"):
        for row in register.count_procedures(["year", name], [2023]).rename(columns={name: "code"}).itertuples():
            wanted = frame if row.code == "T" else frame[frame[name] == row.code]
            assert (row.value, row.contributors) == (len(wanted), wanted["person"].nunique())
        assert len(register.count_procedures(["year", name], [2023])) == frame[name].nunique() + 1
