"""What a rerun costs after each kind of change, beside a plain loop of papermill that runs every notebook and renders it.

    python benchmarks/rerun.py FOLDER [--persons 20000] [--procedures 30] [--from 2017] [--to 2023] [--renderer builtin]

A copy of the project is made in FOLDER with a synthetic register of its own, and published as often as there are changes. Each
run is a process of its own, whose whole life is timed, its kernels included; the loop stands between the first run and the
second, on the same tables. What changes stays changed: each run is held against the one before it.

The loop computes from the register that kvarn has made and draws from the tables that kvarn has protected: it takes nothing in,
protects nothing, and examines nothing. It is what kvarn does beside that, run whole each time.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from kvarn.demo import write_demo

PROJECT = Path(__file__).parents[1]
PARAMS = "params/demo.yml"
COPIED = ("notebooks", "reports", "params", "programme", "_quarto.yml")


class Run(NamedTuple):
    """One process with all that it starts: wall time and processor time (seconds), peak memory of the largest (MiB)."""

    what: str
    steps: str
    seconds: float
    processor: float
    memory: float


def timed(what: str, commands: Sequence[Sequence[str]], project: Path) -> Run:
    """Run commands one after the other, and say what they have taken together."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    steps = ""
    for command in commands:
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{what}: {' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        if found := re.search(r"(\d+) steps run, (\d+) up to date", done.stdout):
            steps = f"{found[1]} of {int(found[1]) + int(found[2])}"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(what, steps, time.perf_counter() - began, processor, after.ru_maxrss / 1024)


def publish(project: Path, what: str) -> Run:
    """Publish, as a user does."""
    return timed(what, [[sys.executable, "-m", "kvarn", "publish", PARAMS]], project)


def loop(project: Path, years: tuple[int, int]) -> Run:
    """Run every notebook with papermill, the present ones in both languages, and render each as a page."""
    out = project / "loop"
    out.mkdir(exist_ok=True)
    given = ["-p", "edition", "demo", "-p", "first_year", str(years[0]), "-p", "reference_year", str(years[1])]
    commands = []
    for notebook in sorted((project / "notebooks").glob("*/*.ipynb")):
        for language in ("sv", "en") if notebook.parent.name == "present" else ("",):
            made = out / f"{notebook.parent.name}-{notebook.stem}{language}.ipynb"
            told = ["-p", "language", language] if language else []
            run = [sys.executable, "-m", "papermill", str(notebook), str(made), *given, *told, "--no-progress-bar"]
            commands += [run, [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level", "ERROR", str(made)]]
    return timed("a loop of papermill and nbconvert over every notebook", commands, project)


def replaced(place: str, old: str, new: str) -> Callable[[Path], None]:
    """A change of some words of a file."""

    def change(project: Path) -> None:
        file = project / place
        text = file.read_text(encoding="utf-8")
        if old not in text:
            raise SystemExit(f"{place} has no {old!r}: correct the benchmark.")
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def in_notebook(place: str, cell: str, line: str) -> Callable[[Path], None]:
    """A line more at the end of a cell of a notebook."""

    def change(project: Path) -> None:
        file = project / place
        content = json.loads(file.read_text(encoding="utf-8"))
        (found,) = [one for one in content["cells"] if one["id"] == cell]
        found["source"] = "".join(found["source"]) + f"\n{line}"
        file.write_text(json.dumps(content), encoding="utf-8")

    return change


def corrected(year: int) -> Callable[[Path], None]:
    """A delivery of the last year without its last row, as a municipality corrects it."""

    def change(project: Path) -> None:
        files = sorted((project / "restricted/demo/source/deliveries" / str(year)).rglob("KHSL2_*.txt"))
        largest = max(files, key=lambda file: file.stat().st_size)
        rows = largest.read_text(encoding="utf-8").splitlines(keepends=True)
        largest.write_text("".join(rows[:-1]), encoding="utf-8")

    return change


def changes(year: int) -> dict[str, Callable[[Path], None]]:
    """What is changed, in the order in which it is."""
    return {
        "one word of prose": replaced("reports/annual-report/sv/_about.qmd", "kommunerna", "alla kommuner"),
        "one caption": replaced("reports/annual-report/sv/_persons.qmd", "efter kön,", "och kön,"),
        "one present notebook": in_notebook("notebooks/present/quality.ipynb", "setup", "# another line"),
        "one threshold": replaced(PARAMS, "  threshold: 4", "  threshold: 5"),
        "one corrected delivery": corrected(year),
        "one title of a code list": replaced(
            "programme/codelists/profession.csv", "Sjuksköterska", "Sjuksköterska (legitimerad)"
        ),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description="What a rerun costs after each kind of change.")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--persons", type=int, default=20_000)
    arguments.add_argument("--procedures", type=float, default=30)
    arguments.add_argument("--from", dest="first_year", type=int, default=2017)
    arguments.add_argument("--to", dest="last_year", type=int, default=2023)
    arguments.add_argument("--renderer", choices=("auto", "builtin", "quarto"), default="builtin")
    given = arguments.parse_args()
    project = (given.folder / "project").resolve()
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir(parents=True)
    for name in COPIED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, project / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        elif source.is_file():
            shutil.copy(source, project / name)
    for old, new in (
        ("first_year: 2017", f"first_year: {given.first_year}"),
        ("reference_year: 2023", f"reference_year: {given.last_year}"),
        ("renderer: auto", f"renderer: {given.renderer}"),
    ):
        replaced(PARAMS, old, new)(project)
    (project / "restricted" / "demo").mkdir(parents=True, mode=0o700)
    write_demo(
        project / "restricted/demo/source",
        persons=given.persons,
        procedures_per_person=given.procedures,
        first_year=given.first_year,
        last_year=given.last_year,
        seed=1,
    )
    runs = [
        publish(project, "first run, from the deliveries"),
        loop(project, (given.first_year, given.last_year)),
        publish(project, "nothing changed"),
        timed("kvarn status, nothing changed", [[sys.executable, "-m", "kvarn", "status", PARAMS]], project),
    ]
    for what, change in changes(given.last_year).items():
        change(project)
        runs.append(publish(project, what))
    by_loop = runs[1].processor
    print("| run | steps | time | processor time | of the loop's | peak memory of a process |\n|---|---|---|---|---|---|")
    for run in runs:
        share = f"{run.processor / by_loop:.2f}"
        print(f"| {run.what} | {run.steps} | {run.seconds:.1f} s | {run.processor:.1f} s | {share} | {run.memory:.0f} MiB |")


if __name__ == "__main__":
    main()
