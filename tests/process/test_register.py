"""The register holds what was collected, once, by person, behind pseudonyms."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pandas as pd
import pytest

from kvarn.collect import ValidCodes, take_in
from kvarn.errors import InputError
from kvarn.process import create_key, derived_key, number_persons, read_key, register_year

KEY = derived_key("test")
CODES = ValidCodes(frozenset({"0114", "0180", "2584"}), frozenset({"XS919", "XS910", "XS918"}))


def number(born: str, birth_number: int) -> str:
    nine = f"{born}{birth_number:03d}"
    total = 0
    for place, digit in enumerate(nine[2:]):
        product = int(digit) * (2 if place % 2 == 0 else 1)
        total += product // 10 + product % 10
    return nine + str(-total % 10)


def deliver(folder: Path, seed: int = 1) -> pd.DataFrame:
    """Random deliveries of two years; returns their rows as plain pandas."""
    rng = random.Random(seed)
    people = [
        number(f"19{rng.randint(20, 79)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}", rng.randint(1, 999)) for _ in range(40)
    ]
    people.append(number("19450389", 12))
    people = sorted(set(people))
    rows = []
    for year in (2018, 2019):
        for municipality in ("0114", "0180", "2584"):
            for month in (1, 2, 12):
                present = rng.sample(people, 15)
                lines = [f"{municipality};{who};{year};{month:02}" for who in present]
                (folder / f"KHSL1_{municipality}_{year}{month:02}.txt").write_text("\n".join(lines) + "\n")
                rows += [("KHSL1", municipality, who, year, month, "", "", "") for who in present]
                if year == 2019:
                    given = [(rng.choice(present), rng.randint(1, 28), rng.choice(["DT019", "PM007"])) for _ in range(30)]
                    given = sorted(set(given))
                    lines = [f"{municipality};{who};{year}{month:02}{day:02};{code};XS919;XS910" for who, day, code in given]
                    (folder / f"KHSL2_{municipality}_{year}{month:02}.txt").write_text("\n".join(lines) + "\n")
                    rows += [
                        ("KHSL2", municipality, who, year, month, f"{year}-{month:02}-{day:02}", code, "XS910")
                        for who, day, code in given
                    ]
    return pd.DataFrame(rows, columns=["type", "municipality", "number", "year", "month", "date", "procedure", "further"])


def process(tmp_path: Path, name: str = "register", key: bytes = KEY) -> Path:
    register = tmp_path / name
    for year in (2018, 2019):
        take_in(tmp_path / "deliveries", year, tmp_path / "collected", codes=CODES)
    number_persons(tmp_path / "collected", [2018, 2019], register, key=key)
    for year in (2018, 2019):
        register_year(tmp_path / "collected", year, register)
    return register


@pytest.fixture
def delivered(tmp_path: Path) -> pd.DataFrame:
    (tmp_path / "deliveries").mkdir()
    return deliver(tmp_path / "deliveries")


def pseudonym(identity_number: str) -> str:
    return hashlib.blake2b(identity_number.encode(), digest_size=16, key=KEY).hexdigest()


def test_persons_have_pseudonym_sex_and_birth_year(tmp_path: Path, delivered: pd.DataFrame) -> None:
    persons = pd.read_parquet(process(tmp_path) / "persons.parquet")
    expected = sorted((pseudonym(who), 1 if int(who[10]) % 2 else 2, int(who[:4])) for who in set(delivered["number"]))
    assert [tuple(row) for row in persons[["pseudonym", "sex", "birth_year"]].to_numpy().tolist()] == expected
    assert persons["person"].tolist() == list(range(len(expected)))


def test_the_register_is_what_plain_pandas_makes_of_the_deliveries(tmp_path: Path, delivered: pd.DataFrame) -> None:
    register = process(tmp_path)
    numbers = pd.read_parquet(register / "persons.parquet").set_index("pseudonym")["person"]
    rows = delivered.assign(
        person=delivered["number"].map(pseudonym).map(numbers), municipality=delivered["municipality"].astype(int)
    )
    for year in (2018, 2019):
        months = pd.read_parquet(register / "person_months" / f"year={year}" / "data.parquet")
        wanted = rows[(rows["type"] == "KHSL1") & (rows["year"] == year)]
        keys = ["person", "month", "municipality"]
        expected = wanted[keys].drop_duplicates().sort_values(keys)
        assert months[keys].to_numpy().tolist() == expected.to_numpy().tolist()
    procedures = pd.read_parquet(register / "procedures" / "year=2019" / "data.parquet")
    wanted = rows[rows["type"] == "KHSL2"]
    keys = ["person", "date", "procedure", "municipality", "further"]
    found = procedures.assign(date=procedures["date"].astype(str), further=procedures["further_professions"])[keys]
    assert found.sort_values(keys).to_numpy().tolist() == wanted[keys].sort_values(keys).to_numpy().tolist()
    assert found["person"].is_monotonic_increasing
    assert not (register / "procedures" / "year=2018").exists()


def test_every_row_can_be_traced_to_its_file_and_line(tmp_path: Path, delivered: pd.DataFrame) -> None:
    register = process(tmp_path)
    persons = pd.read_parquet(register / "persons.parquet").set_index("person")["pseudonym"]
    log = pd.read_parquet(tmp_path / "collected" / "2019" / "deliveries.parquet").set_index("file")["name"]
    for table in ("person_months", "procedures"):
        for row in pd.read_parquet(register / table / "year=2019" / "data.parquet").itertuples():
            line = (tmp_path / "deliveries" / log[row.file]).read_text().splitlines()[row.line - 1]
            assert pseudonym(line.split(";")[1]) == persons[row.person]
            assert int(line.split(";")[0]) == row.municipality


def test_a_person_in_two_municipalities_is_one_person(tmp_path: Path) -> None:
    folder = tmp_path / "deliveries"
    folder.mkdir()
    who = number("19400101", 2)
    for year in (2018, 2019):
        for municipality in ("0114", "0180"):
            (folder / f"KHSL1_{municipality}_{year}01.txt").write_text(f"{municipality};{who};{year};01\n")
    register = process(tmp_path)
    assert len(pd.read_parquet(register / "persons.parquet")) == 1
    assert pd.read_parquet(register / "person_months" / "year=2019" / "data.parquet")["municipality"].tolist() == [114, 180]


@pytest.mark.usefixtures("delivered")
def test_another_key_gives_other_pseudonyms_and_the_same_key_the_same_bytes(tmp_path: Path) -> None:
    def digest(register: Path) -> dict[str, str]:
        return {
            str(p.relative_to(register)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(register.rglob("*.parquet"))
        }

    first, second, other = (process(tmp_path, name, key) for name, key in (("a", KEY), ("b", KEY), ("c", derived_key("other"))))
    assert digest(first) == digest(second)
    pseudonyms = [set(pd.read_parquet(register / "persons.parquet")["pseudonym"]) for register in (first, other)]
    assert not pseudonyms[0] & pseudonyms[1]


@pytest.mark.usefixtures("delivered")
def test_the_register_is_for_its_owner_alone_and_leaves_nothing_behind(tmp_path: Path) -> None:
    register = process(tmp_path)
    for path in [register, *register.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path.name
        assert not path.name.startswith((".", "spill"))


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
    path.chmod(0o644)
    with pytest.raises(InputError, match="read by others"):
        read_key(path)
    path.chmod(0o600)
    path.write_bytes(key[:-1])
    with pytest.raises(InputError, match="32 bytes"):
        read_key(path)
