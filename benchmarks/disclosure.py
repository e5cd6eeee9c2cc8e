"""Time and loss of disclosure control on one table: 290 municipalities in 21 counties × sex × 10 age groups, noughts shown.

    python benchmarks/disclosure.py [--seed 1 2 3] [--width 3] [--peer PYTHON] [--tables FOLDER [--threshold 4 10]]

The table is drawn from the seed: municipalities of very different size, counts below the threshold in some 30 per cent of the
cells. Beside it, where they are found, tau-Argus (`pytauargus`, in the interpreter given as --peer, or in this one) and R's
GaussSuppression (with `Rscript`); what they leave is attacked as ours is.
With --tables, the unprotected tables of an edition (restricted/<edition>/tables) are protected as well, from reading to writing;
with --seed and nothing behind it, they alone.
"""

import argparse
import csv
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from kvarn.analyse import protect_tables
from kvarn.analyse.disclosure.audit import audit, exposed, limits_of
from kvarn.analyse.disclosure.linear import linear_system
from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.programmes import blocks_of
from kvarn.analyse.disclosure.secondary import protection
from kvarn.analyse.disclosure.system import Cell, Sum, System
from kvarn.edition import Disclosure

COUNTIES, MUNICIPALITIES, THRESHOLD = 21, 290, 5
SEXES, AGES = ("1", "2"), tuple(f"{age:02d}" for age in range(10))
OF_SEX = (0.8, 1.2)
OF_AGE = (0.4, 1.2, 0.5, 0.6, 0.9, 1.2, 1.6, 1.8, 1.5, 1.0)
Regions = dict[str, np.ndarray]


def drawn(seed: int) -> Regions:
    """Persons of each municipality (county and number) by sex and age."""
    rng = np.random.default_rng(seed)
    county = np.sort(np.concatenate([np.arange(COUNTIES), rng.integers(0, COUNTIES, MUNICIPALITIES - COUNTIES)]))
    size = rng.lognormal(1.6, 1.1, MUNICIPALITIES)
    counts = rng.poisson(size[:, None, None] * np.array(OF_SEX)[:, None] * np.array(OF_AGE))
    return {f"{county[number]:02d}{number:03d}": counts[number] for number in range(MUNICIPALITIES)}


def cell(region: str, sex: str, age: str) -> Cell:
    codes = (("age", age), ("region", region), ("sex", sex))
    return Cell("procedures", 2023, tuple((name, code) for name, code in codes if code))


def system_of_table(municipalities: Regions) -> System:
    """All cells with their totals, and every sum: the table is additive, as a table of procedures is."""
    counties = sorted({name[:2] for name in municipalities})
    inside = {county: [name for name in municipalities if name[:2] == county] for county in counties}
    regions = dict(municipalities)
    regions |= {county: sum(municipalities[name] for name in inside[county]) for county in counties}
    regions[""] = sum(municipalities.values())
    system = System()
    for region, counts in regions.items():
        by_sex = {"": counts.sum(0), "1": counts[0], "2": counts[1]}
        for sex, of in by_sex.items():
            for age, value in zip(("", *AGES), (of.sum(), *of), strict=True):
                system.values[cell(region, sex, age)] = system.contributors[cell(region, sex, age)] = int(value)
    for region in regions:
        system.sums += [Sum(cell(region, sex, ""), tuple(cell(region, sex, age) for age in AGES)) for sex in ("", *SEXES)]
        system.sums += [Sum(cell(region, "", age), tuple(cell(region, sex, age) for sex in SEXES)) for age in ("", *AGES)]
    for sex in ("", *SEXES):
        for age in ("", *AGES):
            system.sums.append(Sum(cell("", sex, age), tuple(cell(county, sex, age) for county in counties)))
            system.sums += [
                Sum(cell(county, sex, age), tuple(cell(name, sex, age) for name in inside[county])) for county in counties
            ]
    return system


def ours(system: System, width: int, singletons: bool) -> dict[str, object]:
    primary = frozenset(one for one, value in system.values.items() if 0 < value < THRESHOLD)
    problem = Problem(system, primary, {}, tuple(system.sums), {}, least_width=width, singletons=singletons)
    started, used = time.perf_counter(), time.process_time()
    found = protection(problem)
    withheld = primary | found.secondary
    audit(problem, withheld)
    limits = limits_of(problem, withheld)
    narrowest = min(limits[one][1] - limits[one][0] for one in primary)
    seconds, processor = time.perf_counter() - started, time.process_time() - used
    linear = linear_system(problem)
    return {
        "cells": len(system.values),
        "primary": len(primary),
        "noughts": sum(value == 0 for value in system.values.values()),
        "width wanted": width,
        "kept from singletons too": singletons,
        "secondary": len(found.secondary),
        "narrowest interval of a primary cell": int(narrowest),
        "largest block": max(len(block.columns) for block in blocks_of(linear, linear.flags(withheld))),
        "seconds, audit of every suppressed cell included": round(seconds, 1),
        "processor seconds": round(processor, 1),
        "peak memory of the run so far, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


_TAU_ARGUS = """
import json, sys, time
import pytauargus
rows = json.load(sys.stdin)
started = time.perf_counter()
done = pytauargus.protect(rows, ["region", "sex", "age"], "one", f"FREQ({sys.argv[1]},30)|ZERO(0)", "MOD(1,5,1,1,1)",
                          hrc={"region": "2 3"}, decimals=0)
table = done.tables[0]
seconds = round(time.perf_counter() - started, 1)
status = [str(row["status"]) for row in table.rows]
total = {"", "Total", "T"}
texts = [[str(row[name]).strip() for name in ("region", "sex", "age")] for row in table.rows]
codes = [["" if code in total else code for code in row] for row in texts]
print(json.dumps({"seconds": seconds, "secondary": status.count("M"), "withheld": [
    code for code, one in zip(codes, status, strict=True) if one in ("U", "M")]}))
"""


def tau_argus(municipalities: Regions, system: System, width: int, python: str) -> str:
    """What tau-Argus says of the same persons, or why it says nothing."""
    if shutil.which(python) is None:
        return "no such interpreter"
    if subprocess.run([python, "-c", "import pytauargus"], capture_output=True, check=False).returncode:
        return "not found"
    rows = [
        {"region": name, "sex": sex, "age": age, "one": 1}
        for name, counts in municipalities.items()
        for sex, of in zip(SEXES, counts, strict=True)
        for age, value in zip(AGES, of, strict=True)
        for _ in range(int(value))
    ]
    command = [python, "-c", _TAU_ARGUS, str(THRESHOLD)]
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                command, input=json.dumps(rows), capture_output=True, text=True, check=False, timeout=300, cwd=folder
            )
        except subprocess.TimeoutExpired:
            return "found, and had not finished after 300 s"
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        return f"found, and failed: {last}"
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return judged(found["seconds"], {cell(*codes) for codes in found["withheld"]}, system, width)


def judged(seconds: float, withheld: set[Cell], system: System, width: int) -> str:
    """How many cells another program has withheld, and how many secrets that leaves open."""
    primary = frozenset(one for one, value in system.values.items() if 0 < value < THRESHOLD)
    told = f"{seconds} s, {len(withheld - primary)} secondary"
    if primary - withheld or withheld - set(system.values):
        return f"{told}; its cells could not be told from its codes"
    attacked = Problem(system, primary, {}, tuple(system.sums), {}, least_width=width)
    exact = Problem(system, primary, {}, tuple(system.sums), {}, least_width=1)
    return (
        f"{told}; with at least 1 in each suppressed cell {len(exposed(exact, withheld))} primary cells are exactly determined, "
        f"and {len(exposed(attacked, withheld))} have an interval narrower than {width}"
    )


_GAUSS_SUPPRESSION = """
suppressMessages(library(GaussSuppression))
counts <- read.csv("counts.csv", colClasses = c(rep("character", 4), "integer"))
seconds <- system.time(found <- SuppressSmallCounts(data = counts, maxN = {most}, freqVar = "persons",
    dimVar = c("county", "municipality", "sex", "age"), protectZeros = FALSE, printInc = FALSE))[["elapsed"]]
write.csv(found[found$suppressed, c("municipality", "sex", "age")], "withheld.csv", row.names = FALSE)
cat(seconds)
"""


def gauss_suppression(municipalities: Regions, system: System, width: int) -> str:
    """What R's GaussSuppression says of the same counts, or why it says nothing."""
    if shutil.which("Rscript") is None:
        return "not found"
    if subprocess.run(["Rscript", "-e", "packageVersion('GaussSuppression')"], capture_output=True, check=False).returncode:
        return "R found, GaussSuppression not"
    rows = [
        (name[:2], name, sex, age, int(value))
        for name, counts in municipalities.items()
        for sex, of in zip(SEXES, counts, strict=True)
        for age, value in zip(AGES, of, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        with (Path(folder) / "counts.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("county", "municipality", "sex", "age", "persons"), *rows])
        command = ["Rscript", "-e", _GAUSS_SUPPRESSION.format(most=THRESHOLD - 1)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        if done.returncode:
            return f"found, and failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}"
        with (Path(folder) / "withheld.csv").open(newline="", encoding="utf-8") as file:
            codes = [["" if code == "Total" else code for code in row] for row in csv.reader(file)][1:]
    return judged(round(float(done.stdout.split()[-1]), 1), {cell(*each) for each in codes}, system, width)


def edition(tables: Path, threshold: int | None) -> dict[str, object]:
    """All tables of an edition, from reading to writing; by another threshold than the default where one is given."""
    rules = Disclosure() if threshold is None else Disclosure(threshold=threshold, contributors=threshold)
    with tempfile.TemporaryDirectory() as folder:
        restricted = Path(folder) / "edition"
        restricted.mkdir()
        started, used = time.perf_counter(), time.process_time()
        report = restricted / "report.json"
        protect_tables(tables, Path(folder) / "protected", disclosure=rules, synthetic=True, report=report)
        seconds, processor = time.perf_counter() - started, time.process_time() - used
        found = json.loads(report.read_text())
    return {
        **found["system"],
        "narrowest interval": found["narrowest_interval"],
        "seconds, both audits included": round(seconds, 1),
        "processor seconds": round(processor, 1),
    }


def show(title: str, figures: dict[str, object]) -> None:
    print(title)
    for name, value in figures.items():
        print(f"  {name}: {value}")
    print(flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description="Time and loss of disclosure control.")
    arguments.add_argument("--seed", type=int, nargs="*", default=[1])
    arguments.add_argument("--width", type=int, default=3)
    arguments.add_argument("--peer", default=sys.executable)
    arguments.add_argument("--tables", type=Path)
    arguments.add_argument("--threshold", type=int, nargs="+", default=[None])
    given = arguments.parse_args()
    for seed in given.seed:
        municipalities = drawn(seed)
        system = system_of_table(municipalities)
        for singletons in (False, True):
            show(f"kvarn, seed {seed}", ours(system, given.width, singletons))
    for threshold in given.threshold if given.tables is not None else []:
        show(f"kvarn, {given.tables}, threshold {threshold or 'of the default'}", edition(given.tables, threshold))
    if not given.seed:
        return
    print(f"tau-Argus, modular, seed {given.seed[-1]}: {tau_argus(municipalities, system, given.width, given.peer)}")
    print(f"R GaussSuppression, seed {given.seed[-1]}: {gauss_suppression(municipalities, system, given.width)}")


if __name__ == "__main__":
    main()
