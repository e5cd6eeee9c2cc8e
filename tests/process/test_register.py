"""The register holds the accepted rows of the deliveries in force, once, by person, behind pseudonyms."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from kvarn.errors import ConsistencyError, InputError
from kvarn.process import accounts, create_key, derived_key, number_persons, read_key, register_year

from .store import KEY, Intake, decoded, number, pseudonym, read

YEARS = (2018, 2019)
OLD = number("19300101", 2)
YOUNG = number("19500101", 3)


def busy(root: Path, seed: int = 1) -> Intake:
    """Random deliveries of two years, some of them replaced and some rejected."""
    rng = random.Random(seed)
    people = [
        number(f"19{rng.randint(20, 79)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}", rng.randint(1, 999)) for _ in range(40)
    ]
    people.append(number("19450389", 12))
    people = sorted(set(people))
    intake = Intake(root, first_number=17)
    for year in YEARS:
        for municipality in ("2584", "0114", "0180"):
            for month in (12, 1, 2):
                intake.months(municipality, year, month, rng.sample(people, 15))
                if month == 2:
                    intake.months(municipality, year, month, rng.sample(people, 12))
                    intake.months(municipality, year, month, rng.sample(people, 3), accepted=False)
                if year == 2019:
                    acts = sorted(
                        {
                            (
                                rng.choice(people),
                                f"{year}-{month:02}-{rng.randint(1, 28):02}",
                                rng.choice(["DT019", "PM007", "AU124"]),
                                rng.choice(["XS919", "XS918"]),
                                rng.choice(["", "XS910", "XS910 XS912"]),
                            )
                            for _ in range(30)
                        }
                    )
                    intake.acts(municipality, year, month, acts)
    return intake.write()


def expected(intake: Intake, type_: str, year: int) -> pd.DataFrame:
    """The rows of the deliveries in force as plain pandas."""
    rows = [
        (one.name, one.month, *row)
        for one in intake.deliveries
        if one.type == type_ and one.year == year and one.in_force
        for row in one.rows
    ]
    if type_ == "KHSL1":
        names = ["name", "care_month", "line", "municipality", "number", "year", "month"]
    else:
        names = ["name", "care_month", "line", "municipality", "number", "date", "procedure", "profession", "further_professions"]
    frame = pd.DataFrame(rows, columns=names)
    frame["municipality"] = frame["municipality"].astype(int)
    return frame


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Intake:
    return busy(tmp_path_factory.mktemp("intake"))


@pytest.fixture(scope="module")
def register(intake: Intake) -> Path:
    return intake.register()


def test_persons_have_pseudonym_sex_and_birth_year(intake: Intake, register: Path) -> None:
    persons = pd.read_parquet(register / "persons.parquet")
    who = {n for year in YEARS for kind in ("KHSL1", "KHSL2") for n in expected(intake, kind, year)["number"]}
    wanted = sorted((pseudonym(n), 1 if int(n[10]) % 2 else 2, int(n[:4]), True) for n in who)
    assert list(persons[["pseudonym", "sex", "birth_year", "followable"]].itertuples(index=False, name=None)) == wanted
    assert persons["person"].tolist() == list(range(len(wanted)))


@pytest.mark.parametrize("year", YEARS)
def test_person_months_are_what_plain_pandas_makes_of_the_deliveries_in_force(intake: Intake, register: Path, year: int) -> None:
    persons = pd.read_parquet(register / "persons.parquet").set_index("pseudonym")
    wanted = expected(intake, "KHSL1", year)
    wanted["person"] = wanted["number"].map(pseudonym).map(persons["person"])
    wanted["age"] = year - wanted["number"].str[:4].astype(int)
    wanted["county"] = wanted["municipality"] // 100
    keys = ["person", "month", "municipality", "county", "age"]
    found = read(register, "person_months", year)
    assert list(found.columns) == [*keys, "file", "line"]
    assert found[keys].to_numpy().tolist() == wanted[keys].drop_duplicates().sort_values(keys).to_numpy().tolist()


def test_procedures_are_what_plain_pandas_makes_of_the_deliveries_in_force(intake: Intake, register: Path) -> None:
    persons = pd.read_parquet(register / "persons.parquet").set_index("pseudonym")
    wanted = expected(intake, "KHSL2", 2019)
    wanted["person"] = wanted["number"].map(pseudonym).map(persons["person"])
    wanted["age"] = 2019 - wanted["number"].str[:4].astype(int)
    wanted["county"] = wanted["municipality"] // 100
    keys = ["person", "date", "procedure", "municipality", "county", "age", "profession", "further_professions", "line"]
    found = decoded(register, 2019)
    assert sorted(found[keys].itertuples(index=False, name=None)) == sorted(wanted[keys].itertuples(index=False, name=None))
    order = ["person", "date", "procedure", "file", "line"]
    assert found[order].equals(found[order].sort_values(order, ignore_index=True))
    assert not (register / "procedures" / "year=2018").exists()


def test_columns_are_narrow_whole_numbers(register: Path) -> None:
    kinds = {field.name: str(field.type) for field in pq.read_schema(register / "procedures" / "year=2019" / "data.parquet")}
    assert kinds == {
        "person": "int32",
        "date": "date32[day]",
        "municipality": "int16",
        "county": "int8",
        "age": "int16",
        "procedure": "int16",
        "profession": "int16",
        "further_professions": "int32",
        "file": "int32",
        "line": "int32",
    }
    codes = pd.read_parquet(register / "codes.parquet")
    assert codes[codes["kind"] == "procedure"]["code"].tolist() == ["AU124", "DT019", "PM007"]
    assert codes[codes["kind"] == "further_professions"]["code"].tolist() == ["", "XS910", "XS910 XS912"]
    assert codes.groupby("kind")["number"].apply(list).map(lambda held: held == list(range(len(held)))).all()


def test_a_person_in_two_municipalities_is_one_person(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    for municipality in ("0114", "0180"):
        intake.months(municipality, 2019, 1, [OLD])
    register = intake.write().register()
    assert len(pd.read_parquet(register / "persons.parquet")) == 1
    assert read(register, "person_months", 2019)["municipality"].tolist() == [114, 180]


def test_a_delivery_that_was_replaced_is_in_its_parcel_and_not_in_the_register(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    intake.months("0114", 2019, 1, [OLD])
    intake.months("0114", 2019, 1, [YOUNG])
    register = intake.write().register()
    assert pd.read_parquet(register / "persons.parquet")["pseudonym"].tolist() == [pseudonym(YOUNG)]
    assert len(read(register, "person_months", 2019)) == 1
    assert len(pq.read_table(tmp_path / "store" / "rows" / "KHSL1" / "2019" / "1-2.parquet")) == 2


def test_the_register_does_not_depend_on_the_order_in_which_deliveries_came(tmp_path: Path) -> None:
    first, second = Intake(tmp_path / "a"), Intake(tmp_path / "b", first_number=900)
    for intake, places in ((first, ("0114", "0180", "2584")), (second, ("2584", "0114", "0180"))):
        for place in places:
            intake.months(place, 2019, 1, [OLD, YOUNG])
            intake.acts(place, 2019, 1, [(OLD, "2019-01-05", "DT019", "XS919", ""), (YOUNG, "2019-01-05", "PM007", "XS918", "")])
    assert digest(first.write(together=1).register()) == digest(second.write(together=3).register())


def digest(register: Path) -> dict[str, str]:
    return {str(p.relative_to(register)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(register.rglob("*.parquet"))}


def test_another_key_gives_other_pseudonyms_and_the_same_key_the_same_bytes(intake: Intake, register: Path) -> None:
    again, other = intake.register("again"), intake.register("other", key=derived_key("other"))
    assert digest(again) == digest(register)
    pseudonyms = [set(pd.read_parquet(one / "persons.parquet")["pseudonym"]) for one in (register, other)]
    assert not pseudonyms[0] & pseudonyms[1]


def test_one_thread_and_two_write_the_same_bytes_over_many_row_groups(tmp_path: Path) -> None:
    rng = random.Random(3)
    people = [number(f"19{year}0{month}{day}", 100 + day) for year in range(20, 60) for month in (1, 2) for day in range(10, 28)]
    intake = Intake(tmp_path)
    for place in ("0114", "0180", "2584"):
        for month in range(1, 11):
            acts = [
                (rng.choice(people), f"2019-{month:02}-{rng.randint(1, 28):02}", rng.choice(["DT019", "PM007"]), "XS919", "")
                for _ in range(10_000)
            ]
            intake.months(place, 2019, month, people)
            intake.acts(place, 2019, month, acts)
    intake.write()
    one, two = intake.register("one", threads=1), intake.register("two", threads=2)
    assert pq.ParquetFile(one / "procedures" / "year=2019" / "data.parquet").num_row_groups > 1
    assert digest(one) == digest(two)


def test_the_register_is_for_its_owner_alone_and_leaves_nothing_behind(register: Path) -> None:
    for path in [register, *register.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path.name
        assert not path.name.startswith((".", "spill"))


def test_a_year_without_procedures_has_an_empty_table_of_them(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    intake.months("0114", 2019, 1, [OLD])
    register = intake.write().register()
    assert read(register, "procedures", 2019).empty
    assert pd.read_parquet(register / "codes.parquet").empty


def test_every_accepted_row_is_accounted_for(intake: Intake, register: Path) -> None:
    account = accounts(register, intake.collected, 2019)
    in_force = {one.name: len(one.rows) for one in intake.deliveries if one.year == 2019 and one.in_force}
    assert dict(zip(account["name"], account["accepted"], strict=True)) == in_force
    assert (account["accepted"] == account["in_register"] + account["duplicates"]).all()


def test_a_row_that_the_store_has_lost_stops_the_run_and_names_the_delivery(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    intake.months("0114", 2019, 1, [OLD, YOUNG])
    intake.write()
    parcel = tmp_path / "store" / "rows" / "KHSL1" / "2019" / "1-1.parquet"
    pq.write_table(pq.read_table(parcel).slice(0, 1), parcel)
    with pytest.raises(ConsistencyError) as caught:
        intake.register()
    assert caught.value.cells == ("KHSL1_0114_201901.txt: 2 accepted, 1 in the register, 0 duplicates",)
    assert OLD not in str(caught.value)


@pytest.mark.parametrize("table", ["person_months", "procedures"])
def test_a_row_lost_from_the_register_is_found_by_the_account(tmp_path: Path, table: str) -> None:
    intake = Intake(tmp_path)
    intake.months("0114", 2019, 1, [OLD, YOUNG])
    intake.acts("0114", 2019, 1, [(OLD, "2019-01-05", "DT019", "XS919", ""), (YOUNG, "2019-01-06", "DT019", "XS919", "")])
    register = intake.write().register()
    path = register / table / "year=2019" / "data.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)
    with pytest.raises(ConsistencyError, match="not accounted for"):
        accounts(register, intake.collected, 2019)


def test_a_parcel_that_is_not_there_is_named(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    intake.months("0114", 2019, 1, [OLD])
    intake.write()
    (tmp_path / "store" / "rows" / "KHSL1" / "2019" / "1-1.parquet").unlink()
    with pytest.raises(InputError, match=r"1-1\.parquet"):
        intake.register()


def test_a_year_that_was_not_collected_and_persons_without_numbers_are_refused(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    intake.months("0114", 2019, 1, [OLD])
    intake.write()
    with pytest.raises(InputError, match="2020"):
        number_persons(intake.collected, intake.store, [2019, 2020], tmp_path / "register", key=KEY)
    with pytest.raises(InputError, match="not been numbered"):
        register_year(intake.collected, intake.store, 2019, tmp_path / "register")


def test_a_number_that_is_none_is_refused_and_not_quoted(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    intake.months("0114", 2019, 1, ["19300101-123"])
    with pytest.raises(InputError) as caught:
        intake.write().register()
    assert "1930" not in str(caught.value)


def test_a_key_is_made_once_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "restricted" / "pseudonym.key"
    with pytest.raises(InputError, match="missing"):
        read_key(path)
    create_key(path)
    key = read_key(path)
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(InputError, match="already"):
        create_key(path)
    assert read_key(path) == key
    for others in (0o640, 0o620, 0o610, 0o604, 0o602, 0o601):
        path.chmod(others)
        with pytest.raises(InputError, match="read by others"):
            read_key(path)
    path.chmod(0o600)
    path.write_bytes(key[:-1])
    with pytest.raises(InputError, match="32 bytes"):
        read_key(path)
