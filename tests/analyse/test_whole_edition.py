"""All tables of an edition, protected as one and attacked as one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from kvarn.analyse import protect_tables
from kvarn.edition import Disclosure, Workspace

from .attacker_of_all import CLASSES, COUNTS, Key, concluded, read_counts, sums, whole

SECRET_BELOW = 4


@pytest.fixture(scope="module")
def truth(workspace: Workspace) -> dict[Key, tuple[int, int]]:
    """Every count and the persons behind it."""
    found = {}
    for path in sorted(workspace.tables.glob("*.parquet")):
        table = pd.read_parquet(path)
        for row in table[table["measure"].isin(COUNTS)].to_dict("records"):
            key = (row["measure"], str(row["year"]), *(row.get(name, whole(name)) for name in CLASSES))
            if row["value"] == "..":
                continue
            found[key] = (int(row["value"]), int(row["contributors"]))
    return found


@pytest.fixture(scope="module")
def small(truth: dict[Key, tuple[int, int]]) -> set[Key]:
    return {key for key, (_, persons) in truth.items() if 0 < persons < SECRET_BELOW}


def test_there_is_something_to_protect_in_every_kind_of_count(small: set[Key]) -> None:
    assert {key[0] for key in small} == set(COUNTS)


def test_no_count_with_few_persons_behind_it_is_published(protected: Path, small: set[Key]) -> None:
    shown = read_counts(protected)
    assert {key for key in small if shown[key] is not None} == set()


def test_noughts_are_published_and_published_figures_are_the_true_ones(
    protected: Path, truth: dict[Key, tuple[int, int]]
) -> None:
    shown = read_counts(protected)
    assert shown.keys() == truth.keys()
    assert {key for key, (value, _) in truth.items() if value == 0 and shown[key] is None} == set()
    assert {key for key, value in shown.items() if value not in (None, truth[key][0])} == set()


def test_no_sum_lacks_exactly_one_of_its_cells(protected: Path) -> None:
    shown = read_counts(protected)
    lines = list(sums(shown))
    assert {key[0] for line in lines for key in line} == set(COUNTS)
    assert [line for line in lines if sum(shown[key] is None for key in line) == 1] == []


def test_whoever_lays_all_tables_together_cannot_name_one_small_count(
    protected: Path, truth: dict[Key, tuple[int, int]], small: set[Key]
) -> None:
    said = concluded(read_counts(protected))
    assert {key: value for key, value in said.items() if truth[key][0] != value} == {}, "he must be right in what he says"
    assert small & set(said) == set()


def test_he_names_many_where_only_small_counts_are_withheld(truth: dict[Key, tuple[int, int]], small: set[Key]) -> None:
    """A check of the check."""
    naive = {key: None if key in small else value for key, (value, _) in truth.items()}
    said = concluded(naive)
    assert {key: value for key, value in said.items() if truth[key][0] != value} == {}
    # Months of so few persons stand by region alone, where nothing adds up to be solved.
    assert {key[0] for key in small & set(said)} == set(COUNTS) - {"person_months"}


def test_a_ratio_is_withheld_exactly_where_one_of_its_parts_is(protected: Path) -> None:
    shown = read_counts(protected)
    table = pd.read_csv(protected / "persons-with-procedure-by-kind.csv", dtype=str, keep_default_na=False)
    shares = table[table["measure"].str.startswith("share")].to_dict("records")
    assert shares
    for row in shares:
        codes = {name: row.get(name, whole(name)) for name in CLASSES}
        part = ("persons_with_procedure", row["year"], *codes.values())
        of = "persons" if row["measure"] == "share_of_persons" else "persons_with_procedure"
        all_ = (of, row["year"], *(codes | {"kind": "T"}).values())
        withheld = shown[part] is None or shown[all_] is None
        assert row["status"] == ("X" if withheld else "." if shown[all_] == 0 else ""), row


def some_tables(workspace: Workspace, into: Path, *names: str) -> Path:
    into.mkdir()
    for name in names:
        shutil.copy(workspace.tables / f"{name}.parquet", into)
    return into


def test_a_strict_rule_withholds_shares_too(workspace: Workspace, tmp_path: Path) -> None:
    rules = Disclosure(threshold=60, contributors=60)
    tables = some_tables(workspace, tmp_path / "tables", "persons-with-procedure-by-kind", "persons-by-year-sex-age")
    protect_tables(tables, tmp_path / "p", disclosure=rules, synthetic=False, report=tmp_path / "report.json")
    table = pd.read_csv(tmp_path / "p" / "persons-with-procedure-by-kind.csv", dtype=str, keep_default_na=False)
    shares = table[table["measure"].str.startswith("share")]
    assert (shares["status"] == "X").any()
    assert "synthetic" not in table.columns


_PROTECT = """
import sys
from pathlib import Path
from kvarn.analyse import protect_tables
from kvarn.edition import Disclosure
tables, into = map(Path, sys.argv[1:])
rules = Disclosure(threshold=4, contributors=4)
protect_tables(tables, into, disclosure=rules, synthetic=True, report=into.parent / "report.json")
"""


@pytest.mark.parametrize("seed", ["1", pytest.param("2", marks=pytest.mark.long)])
def test_the_order_of_sets_changes_no_byte(workspace: Workspace, protected: Path, tmp_path: Path, seed: str) -> None:
    environment = os.environ | {"PYTHONHASHSEED": seed}
    subprocess.run([sys.executable, "-c", _PROTECT, str(workspace.tables), str(tmp_path / "p")], env=environment, check=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "p").iterdir()} == {
        path.name: path.read_bytes() for path in protected.iterdir()
    }
    assert (tmp_path / "report.json").read_bytes() == workspace.disclosure_report.read_bytes()


def test_a_table_that_left_the_programme_is_not_left_lying(workspace: Workspace, tmp_path: Path) -> None:
    into = tmp_path / "p"
    into.mkdir()
    (into / "of-last-year.csv").write_text("year,measure,value,status\n")
    tables = some_tables(workspace, tmp_path / "tables", "persons-by-year-sex-age", "deliveries-by-year")
    rules = Disclosure(threshold=4, contributors=4)
    protect_tables(tables, into, disclosure=rules, synthetic=True, report=tmp_path / "report.json")
    assert {path.stem for path in into.iterdir()} == {path.stem for path in tables.iterdir()}
    assert (tmp_path / "report.json").stat().st_mode & 0o777 == 0o600
