"""What is suppressed, and what an attacker can still conclude."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest

from kvarn.analyse import Register, protect_tables, rate, share, validate_tables
from kvarn.analyse._tables import complete_table, write_table
from kvarn.edition import Disclosure
from kvarn.errors import ConsistencyError

from .attacker import Key, known_exactly, published
from .registers import Act, Month, all_accepted, write_register

RULES = Disclosure(threshold=4, contributors=4)
CODES = ["DT019", "PM007", "QM015", "XV015", "QE015"]


def make_tables(folder: Path, seed: int, people: int = 260) -> Path:
    """Tables of a random register of twelve municipalities, as the notebooks make them."""
    rng = random.Random(seed)
    persons = [(rng.choice([1, 2]), rng.choice([1935, 1940, 1950, 1956, 1990, 2010])) for _ in range(people)]
    places = [114, 115, 117, 180, 188, 305, 319, 330, 2505, 2580, 2584, 980]
    weights = [1, 2, 3, 30, 5, 2, 8, 1, 1, 12, 4, 9]
    months: list[Month] = [
        (who, 2023, rng.randint(1, 12), rng.choices(places, weights)[0])
        for who in range(people)
        for _ in range(rng.randint(1, 3))
    ]
    acts: list[Act] = [
        (
            who,
            "2023-05-05",
            rng.choices(places, weights)[0],
            rng.choice(CODES),
            rng.choice(["XS919", "XS918"]),
            rng.choice(["", "XS910"]),
        )
        for who in range(people)
        if rng.random() < 0.7
        for _ in range(rng.randint(1, 4))
    ]
    register = Register(write_register(folder / "register", persons, months, acts))
    tables = folder / "tables"
    tables.mkdir()
    year = [2023]
    by_region = register.count_persons(["year", "region", "sex", "age"], year)
    regional = register.count_persons(["year", "region", "age"], year)
    inhabitants = register.population(["year", "region", "age"], year)
    everyone = register.count_persons(["year", "sex", "age"], year)
    country = register.population(["year", "sex", "age"], year)
    kinds = register.count_persons_with_procedure(["year", "sex", "kind"], year)
    group = ["year", "sex", "procedure_group"]
    made = {
        "persons-by-municipality-sex-age": [by_region, register.coverage("persons", ["year", "region", "sex", "age"], year)],
        "rates-by-municipality": [
            regional,
            inhabitants,
            rate("persons_per_1000", regional, inhabitants),
            register.coverage("persons", ["year", "region", "age"], year),
        ],
        "persons-by-year-sex-age": [everyone, country, rate("persons_per_1000", everyone, country)],
        "persons-with-procedure-by-kind": [
            kinds,
            share("share_of_persons", part=kinds, of=register.count_persons(["year", "sex"], year)),
            share("share_of_persons_with_procedure", part=kinds, of=kinds),
        ],
        "procedures-by-group": [register.count_procedures(group, year), register.count_persons_with_procedure(group, year)],
    }
    for name, frames in made.items():
        write_table(tables / f"{name}.parquet", complete_table(name, *frames))
    return tables


def protect(tables: Path, into: Path, rules: Disclosure = RULES) -> Path:
    protect_tables(tables, into, disclosure=rules, synthetic=True, report=into.parent / f"{into.name}-report.json")
    return into


@pytest.fixture(scope="module", params=[1, 2, 3, 4, 5])
def edition(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("edition")
    tables = make_tables(folder, request.param)
    validate_tables(tables)
    return tables, protect(tables, folder / "protected")


def truth(tables: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(tables / f"{name}.parquet")


def persons_by_region(tables: Path) -> pd.DataFrame:
    table = truth(tables, "persons-by-municipality-sex-age")
    return table[table["measure"] == "persons"]


def published_persons(protected: Path) -> list[dict[str, str]]:
    return [row for row in published(protected / "persons-by-municipality-sex-age.csv") if row["measure"] == "persons"]


def test_no_small_count_is_published_and_what_is_published_is_unchanged(edition: tuple[Path, Path]) -> None:
    tables, protected = edition
    for path in protected.glob("*.csv"):
        true, shown = truth(tables, path.stem), pd.read_csv(path, dtype=str, keep_default_na=False)
        assert len(true) == len(shown)
        for was, now in zip(true.itertuples(), shown.itertuples(), strict=True):
            if now.status == "":
                assert now.value == was.value
                if was.measure in {"persons", "persons_with_procedure"}:
                    assert not 0 < int(was.value) < 4, now
                if was.measure == "procedures" and was.value != "0":
                    assert was.contributors >= 4, now
            else:
                assert now.value == ""
                assert now.status in {"X", "."}
            assert now.synthetic == "true"


def test_the_attacker_cannot_conclude_any_small_count(edition: tuple[Path, Path]) -> None:
    tables, protected = edition
    regions: dict[str, dict[Key, int | None]] = defaultdict(dict)
    for row in published_persons(protected):
        regions[row["region"]][row["sex"], row["age"]] = int(row["value"]) if row["status"] == "" else None
    # The other tables tell of the same cells.
    for row in published(protected / "rates-by-municipality.csv"):
        if row["measure"] == "persons" and row["status"] == "":
            assert regions[row["region"]]["T", row["age"]] == int(row["value"])
    small = {
        (row.region, (row.sex, row.age)) for row in persons_by_region(tables).itertuples() if 0 < int(row.value) < RULES.threshold
    }
    assert small
    concluded = {(region, key) for region, cells in regions.items() for key in known_exactly(cells)}
    assert not concluded & small


def test_the_attacker_is_able_where_only_primary_cells_are_hidden(edition: tuple[Path, Path]) -> None:
    """A check of the check: without secondary suppression he does conclude small counts."""
    tables, _ = edition
    regions: dict[str, dict[Key, int | None]] = defaultdict(dict)
    for row in persons_by_region(tables).itertuples():
        regions[str(row.region)][str(row.sex), str(row.age)] = None if 0 < int(row.value) < 4 else int(row.value)
    assert any(known_exactly(cells) for cells in regions.values())


def test_one_cell_has_one_status_in_every_table(edition: tuple[Path, Path]) -> None:
    _, protected = edition
    rates = {(r["region"], r["age"]): r for r in published(protected / "rates-by-municipality.csv") if r["measure"] == "persons"}
    for row in published_persons(protected):
        other = rates.get((row["region"], row["age"]))
        if row["sex"] == "T" and other:
            assert (row["value"], row["status"]) == (other["value"], other["status"])


def test_a_rate_of_a_suppressed_count_is_suppressed_and_the_population_never(edition: tuple[Path, Path]) -> None:
    _, protected = edition
    cells: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in published(protected / "rates-by-municipality.csv"):
        cells[row["region"], row["age"]][row["measure"]] = row["status"]
    assert any(status["persons"] == "X" for status in cells.values())
    for status in cells.values():
        assert status["persons_per_1000"] == status["persons"]
        assert status["population"] == ""


def test_persons_without_a_procedure_are_no_small_number_either(edition: tuple[Path, Path]) -> None:
    _, protected = edition
    persons = {
        r["sex"]: r["value"]
        for r in published(protected / "persons-by-year-sex-age.csv")
        if (r["age"], r["measure"]) == ("T", "persons")
    }
    for row in published(protected / "persons-with-procedure-by-kind.csv"):
        if row["measure"] == "persons_with_procedure" and row["status"] == "" and persons[row["sex"]]:
            assert not 0 < int(persons[row["sex"]]) - int(row["value"]) < RULES.threshold


def test_the_same_tables_give_the_same_bytes(edition: tuple[Path, Path], tmp_path: Path) -> None:
    tables, protected = edition
    again = protect(tables, tmp_path / "again")
    for path in protected.glob("*.csv"):
        assert (again / path.name).read_bytes() == path.read_bytes()


def test_a_stricter_rule_hides_what_the_milder_one_must_and_more(edition: tuple[Path, Path], tmp_path: Path) -> None:
    tables, protected = edition
    stricter = protect(tables, tmp_path / "stricter", Disclosure(threshold=8, contributors=8))

    def hidden(folder: Path) -> int:
        return sum(row["status"] == "X" for path in folder.glob("*.csv") for row in published(path))

    assert hidden(stricter) > hidden(protected)
    for row, true in zip(
        published_persons(stricter),
        persons_by_region(tables).itertuples(),
        strict=True,
    ):
        assert row["status"] == "X" or not 0 < int(str(true.value)) < 8


def test_the_report_counts_cells_and_tells_no_value(edition: tuple[Path, Path]) -> None:
    tables, protected = edition
    report = json.loads((protected.parent / "protected-report.json").read_text())
    shown = report["tables"]["persons-by-municipality-sex-age"]
    small = sum(0 < int(value) < 4 for value in persons_by_region(tables)["value"])
    assert shown["primary"] == small
    hidden = sum(row["status"] == "X" for row in published_persons(protected))
    assert shown["primary"] + shown["secondary"] == hidden


@pytest.mark.parametrize(
    ("table", "where", "measure", "change", "said"),
    [
        ("persons-by-municipality-sex-age", {"region": "0180", "sex": "1", "age": "T"}, "persons", 1, "not the sum"),
        ("rates-by-municipality", {"region": "0180", "age": "T"}, "persons", 1, "same cell"),
        ("persons-by-municipality-sex-age", {"region": "00", "sex": "T", "age": "T"}, "persons", 500, ""),
        ("persons-with-procedure-by-kind", {"sex": "T", "kind": "T"}, "persons_with_procedure", 1000, ""),
    ],
)
def test_a_contradiction_stops_and_names_both_cells_but_no_figure(
    tmp_path: Path, table: str, where: dict[str, str], measure: str, change: int, said: str
) -> None:
    tables = make_tables(tmp_path, 9)
    frame = truth(tables, table)
    chosen = (frame["measure"] == measure) & pd.concat([frame[name] == code for name, code in where.items()], axis=1).all(axis=1)
    assert chosen.sum() == 1
    value = int(frame.loc[chosen, "value"].iloc[0])
    frame.loc[chosen, "value"] = str(value + change)
    frame.loc[chosen, "contributors"] = value + change
    write_table(tables / f"{table}.parquet", frame)
    with pytest.raises(ConsistencyError) as caught:
        validate_tables(tables)
    assert said in caught.value.what
    assert len(caught.value.cells) == 2
    assert str(value + change) not in caught.value.what


def test_few_inhabitants_are_no_secret(tmp_path: Path) -> None:
    """Population is public: a small municipality must not stop a publication with a strict rule."""
    register = Register(
        write_register(tmp_path / "register", [(1, 1940)] * 30, [(n, 2023, 1, 180) for n in range(30)], inhabitants=1)
    )
    regional = register.count_persons(["year", "region", "age"], [2023])
    inhabitants = register.population(["year", "region", "age"], [2023])
    (tmp_path / "tables").mkdir()
    per_1000 = rate("persons_per_1000", regional, inhabitants)
    name = "rates-by-municipality"
    table = complete_table(name, regional, inhabitants, per_1000, all_accepted(name))
    write_table(tmp_path / "tables" / "rates-by-municipality.parquet", table)
    protected = protect(tmp_path / "tables", tmp_path / "protected", Disclosure(threshold=20, contributors=20))
    assert {row["status"] for row in published(protected / "rates-by-municipality.csv") if row["region"] == "0188"} == {""}
