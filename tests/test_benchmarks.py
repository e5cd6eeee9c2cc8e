"""What is measured can be measured: each benchmark that needs neither a browser nor hours runs, on as little as it takes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
BENCHMARKS = PROJECT / "benchmarks"


def run(*command: object) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, command)], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def rows(table: str) -> list[list[str]]:
    """The rows of a table, without its head."""
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if re.match(r"\| +[\d,]+ \|", line)]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("benchmark")
    small = ("--persons", 300, "--procedures", 8, "--municipalities", "0180", "0380")
    assert "the same verdict and the same fault counts" in run(BENCHMARKS / "intake.py", folder, *small)
    return folder / "benchmark" / "register" / "register"


def test_no_benchmark_stands_in_the_way_of_a_module_of_python() -> None:
    """A script's own folder comes first: whatever imports a module of that name gets the benchmark."""
    assert sorted(path.stem for path in BENCHMARKS.glob("*.py") if path.stem in sys.stdlib_module_names) == []


def test_intake_is_measured_against_pandas_and_the_counts_too(measured: Path) -> None:
    assert run(BENCHMARKS / "tables.py", measured, "--engines", "kvarn", "pandas")


@pytest.mark.parametrize(
    ("case", "sizes", "last"),
    [
        ("municipality", (60,), "18,109 figures"),
        pytest.param("small-files", (10, 700), "700 files, 700 known, 700 rows accepted", marks=pytest.mark.long),
        pytest.param("cells-dense", (2_000,), " MB", marks=pytest.mark.long),
    ],
)
def test_each_size_of_a_case_goes_through_its_stages_and_nothing_is_left(
    case: str, sizes: tuple[int, ...], last: str, tmp_path: Path
) -> None:
    found = rows(run(BENCHMARKS / "load", case, tmp_path, "--sizes", *sizes))
    assert {int(row[0].replace(",", "")) for row in found} == {*sizes}
    assert len({row[1] for row in found}) * len(sizes) == len(found)
    assert found[-1][-1].endswith(last)
    assert list(tmp_path.iterdir()) == []


def test_what_takes_more_of_the_processor_than_it_may_is_stopped(tmp_path: Path) -> None:
    (row,) = rows(run(BENCHMARKS / "load", "municipality", tmp_path, "--sizes", 50, "--most", 1))
    assert row[-1] == "stopped after 1 s of processor"
