"""Every measure, against answers known by hand and against plain pandas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvarn import metadata
from kvarn.analyse import Register, decimal_text, rate, share
from kvarn.errors import CodeListError, InputError
from tests.drawn import examples

from .registers import Act, Month, write_register


def value(frame: pd.DataFrame, **codes: object) -> int:
    for name, code in codes.items():
        frame = frame[frame[name] == code]
    assert len(frame) == 1, codes
    return int(frame["value"].iloc[0])


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """A woman in two municipalities of one county, a man in two counties, and one person of each age at the borders of 65."""
    persons = [(2, 1940), (1, 1950), (2, 1958), (2, 1959)]
    months = [(0, 2023, 1, 114), (0, 2023, 2, 115), (1, 2023, 1, 180), (1, 2023, 6, 2584), (2, 2023, 1, 114), (3, 2023, 1, 114)]
    acts: list[Act] = [
        (0, "2023-01-05", 114, "DT019", "XS919", ""),
        (0, "2023-01-05", 114, "PM007", "XS918", "XS910"),
        (1, "2023-06-01", 2584, "QM015", "XS918", ""),
        (1, "2023-06-02", 2584, "QM015", "XS918", ""),
    ]
    return Register(write_register(tmp_path / "register", persons, months, acts))


def test_a_person_counts_once_in_each_municipality_county_and_the_country(register: Register) -> None:
    counted = register.count_persons(["year", "region"], [2023])
    assert [value(counted, region=code) for code in ("0114", "0115", "0180", "2584")] == [3, 1, 1, 1]
    assert [value(counted, region=code) for code in ("01", "25", "00")] == [4, 1, 4]


def test_age_is_reference_year_minus_birth_year(register: Register) -> None:
    counted = register.count_persons(["year", "age"], [2023])
    assert value(counted, age="65+") == 3
    assert value(counted, age="65-69") == 1
    assert value(counted, age="18-64") == 1
    assert value(counted, age="80-84") == 1
    assert value(counted, age="T") == 4


def test_months_count_persons_in_each_and_the_year_once(register: Register) -> None:
    counted = register.count_persons(["year", "month", "sex"], [2023])
    assert [value(counted, month=month, sex="T") for month in ("01", "02", "06", "T")] == [4, 1, 1, 4]
    assert value(counted, month="T", sex="1") == 1


def test_a_person_with_both_kinds_counts_in_both(register: Register) -> None:
    counted = register.count_persons_with_procedure(["year", "kind"], [2023])
    assert value(counted, kind="assessing") == 1
    kinds = {code: metadata.codelist("procedure").by_code[code]["kind"] for code in ("DT019", "PM007", "QM015")}
    assert kinds == {"DT019": "treating", "PM007": "assessing", "QM015": "treating"}
    assert value(counted, kind="treating") == 2
    assert value(counted, kind="T") == 2


def test_a_joint_procedure_counts_in_each_profession_and_once_in_the_total(register: Register) -> None:
    procedures = register.count_procedures(["year", "profession"], [2023])
    assert [value(procedures, profession=code) for code in ("XS919", "XS918", "XS910", "T")] == [1, 3, 1, 4]
    persons = register.count_persons_with_procedure(["year", "profession"], [2023])
    assert [value(persons, profession=code) for code in ("XS918", "T")] == [2, 2]
    assert procedures.set_index("profession").loc["XS918", "contributors"] == 2


def test_rates_and_shares_are_exact_and_rounded_half_up(register: Register) -> None:
    assert decimal_text(1, 8, factor=100, decimals=1) == "12.5"
    assert decimal_text(1, 16, factor=100, decimals=1) == "6.3"
    assert decimal_text(5, 0) == "."
    persons = register.count_persons(["year", "region"], [2023])
    per_1000 = rate("persons_per_1000", persons, register.population(["year", "region"], [2023]))
    assert per_1000[per_1000["region"] == "0114"]["value"].tolist() == [decimal_text(3, 800, factor=1000, decimals=1)]
    kinds = register.count_persons_with_procedure(["year", "kind"], [2023])
    shares = share("share_of_persons", part=kinds, of=register.count_persons(["year"], [2023]))
    assert shares[shares["kind"] == "T"]["value"].tolist() == ["50.0"]
    with pytest.raises(InputError, match="not a ratio"):
        rate("persons", persons, persons)


def test_what_cannot_be_counted_is_refused(register: Register) -> None:
    with pytest.raises(InputError):
        register.count_persons(["year", "profession"], [2023])
    with pytest.raises(InputError, match="2022"):
        register.count_persons(["year"], [2022])


@pytest.mark.parametrize(
    ("variable", "act", "said"),
    [
        ("procedure_group", (0, "2023-01-05", 114, "ZZ999", "XS919", ""), "ZZ999"),
        ("profession", (0, "2023-01-05", 114, "DT019", "XS999", ""), "XS999"),
        ("profession", (0, "2023-01-05", 114, "DT019", "XS919", "XS910 XS999"), "XS919 XS910 XS999"),
    ],
)
def test_a_code_on_no_list_is_named_and_not_its_number(tmp_path: Path, variable: str, act: Act, said: str) -> None:
    known: Act = (0, "2023-01-06", 114, "PM007", "XS918", "")
    register = Register(write_register(tmp_path / "register", [(2, 1940)], [(0, 2023, 1, 114)], [known, act]))
    with pytest.raises(CodeListError) as caught:
        register.count_procedures(["year", variable], [2023])
    assert f"on no code list: {said}." in caught.value.what


def test_a_register_without_its_codes_is_refused(tmp_path: Path) -> None:
    folder = write_register(tmp_path / "register", [(2, 1940)], [(0, 2023, 1, 114)])
    (folder / "codes.parquet").unlink()
    with pytest.raises(InputError, match=r"codes\.parquet"):
        Register(folder)


people = st.lists(st.tuples(st.sampled_from([1, 2]), st.integers(1915, 2015)), min_size=1, max_size=8)


@given(data=st.data(), persons=people)
@settings(max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_counts_are_what_plain_pandas_counts(
    data: st.DataObject, persons: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    who = st.integers(0, len(persons) - 1)
    place = st.sampled_from([114, 115, 180, 2584])
    months: list[Month] = data.draw(st.lists(st.tuples(who, st.just(2023), st.integers(1, 12), place), max_size=20))
    code = st.sampled_from(["DT019", "PM007", "QM015", "XV015"])
    profession = st.sampled_from(["XS919", "XS918", "XS910"])
    acts: list[Act] = data.draw(
        st.lists(st.tuples(who, st.just("2023-03-04"), place, code, profession, st.sampled_from(["", "XS912"])), max_size=20)
    )
    register = Register(write_register(tmp_path_factory.mktemp("register"), persons, months, acts))
    people_ = pd.DataFrame(persons, columns=["sex", "birth_year"])
    frame = pd.DataFrame(sorted(set(months)), columns=["person", "year", "month", "place"]).join(people_, on="person")
    counted = register.count_persons(["year", "sex", "age"], [2023])
    for row in counted.itertuples():
        age = metadata.codelist("age").by_code[row.age]
        years = 2023 - frame["birth_year"]
        wanted = frame[years.between(int(age["from_age"]), int(age["to_age"] or 200))]
        if row.sex != "T":
            wanted = wanted[wanted["sex"] == int(row.sex)]
        assert row.value == row.contributors == wanted["person"].nunique(), (row.sex, row.age)
    assert counted[(counted["sex"] == "T") & (counted["age"] == "T")]["value"].sum() == frame["person"].nunique()
    given_ = pd.DataFrame(acts, columns=["person", "date", "place", "procedure", "profession", "further"])
    groups = metadata.codelist("procedure").by_code
    given_["group"] = given_["procedure"].map(lambda held: groups[held]["group"])
    procedures = register.count_procedures(["year", "procedure_group"], [2023])
    for row in procedures.itertuples():
        wanted = given_ if row.procedure_group == "T" else given_[given_["group"] == row.procedure_group]
        assert (row.value, row.contributors) == (len(wanted), wanted["person"].nunique())
    assert procedures["value"].sum() == 2 * len(given_)
