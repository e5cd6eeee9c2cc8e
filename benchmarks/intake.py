"""Time and peak memory of intake and register, against the same rules in plain pandas.

    python benchmarks/intake.py FOLDER [--persons 414000] [--year 2023] [--municipalities 0114 0319 0605]

Deliveries of one year are made in FOLDER (some 1.9 GB at full scale), or those that are there are used. Each run is a process of
its own, whose whole life is timed: (a) kvarn over the whole year, and on into the register; (b) kvarn and (c) pandas over some
municipalities, whose verdicts and fault counts must agree. Pandas over the whole year is not run: its rows a second are those
of the sample, and the ratio is one of rows a second.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from kvarn import collect, process
from kvarn.demo import PROCEDURES_PER_PERSON, write_demo
from kvarn.edition import Quality
from kvarn.pipeline.terms import terms_of

QUALITY = Quality(rejected_rows=0.05)
Counts = dict[str, tuple[str, int, int, dict[str, int]]]


class Run(NamedTuple):
    """One process: its wall time and processor time (seconds), its peak memory (GiB) and the rows that it went through."""

    what: str
    seconds: float
    processor: float
    memory: float
    rows: int


def take_in(deliveries: Sequence[Path], into: Path) -> None:
    """Take deliveries in: what a change of kvarn's interface changes here."""
    terms = terms_of(Path.cwd(), quality=QUALITY, synthetic=True)
    collect.take_in(deliveries, into / "store", terms=terms, receipts=into / "receipts")


def register(into: Path, year: int) -> None:
    """On from what was taken in to the register."""
    collect.collect_year(into / "store", year, into / "collected")
    process.number_persons(into / "collected", into / "store", [year], into / "register", key=process.derived_key("benchmark"))
    process.register_year(into / "collected", into / "store", year, into / "register")


def with_pandas(deliveries: Sequence[Path], into: Path, year: int) -> None:
    """The same with pandas: verdicts and accepted rows, and no register."""
    import plain_pandas_intake

    codes = terms_of(Path.cwd(), quality=QUALITY).codes(year)
    verdicts, accepted = plain_pandas_intake.judge_folder(list(deliveries), codes, QUALITY.rejected_rows)
    into.mkdir(parents=True)
    for number, rows in enumerate(accepted):
        rows.to_parquet(into / f"{number}.parquet", index=False)
    told = {name: (v.verdict, v.received, v.accepted, dict(sorted(v.faults.items()))) for name, v in verdicts.items()}
    (into / "verdicts.json").write_text(json.dumps(told))


def told_by_receipts(folder: Path) -> Counts:
    """The verdict, the rows and the fault counts by file name."""
    found = {}
    for path in folder.glob("*.json"):
        receipt = json.loads(path.read_text(encoding="utf-8"))
        faults = {fault["rule"]: fault["count"] for fault in sorted(receipt["faults"], key=lambda fault: fault["rule"])}
        found[receipt["file"]] = (receipt["verdict"], receipt["received"], receipt["accepted"], faults)
    return found


def run(what: str, way: str, deliveries: Sequence[Path], into: Path, year: int, rows: int) -> Run:
    """Run one way in a process of its own."""
    shutil.rmtree(into, ignore_errors=True)
    listed = into.with_suffix(".list")
    listed.write_text("\n".join(map(str, deliveries)))
    began = time.perf_counter()
    child = subprocess.Popen([sys.executable, __file__, "--as", way, str(into), str(listed), "--year", str(year)])
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"{what} ended with status {os.waitstatus_to_exitcode(status)}.")
    return Run(what, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20, rows)


def table(runs: Sequence[Run], peer: Run) -> str:
    """The runs as a Markdown table, with how many times as many rows a second as pandas each goes through."""
    lines = ["| | rows | s | processor s | rows/s | peak memory, GiB | times pandas |", "|---|---:|---:|---:|---:|---:|---:|"]
    for each in runs:
        speed = each.rows / each.seconds
        ratio = speed / (peer.rows / peer.seconds)
        lines.append(
            f"| {each.what} | {each.rows:,} | {each.seconds:.1f} | {each.processor:.1f} | {speed:,.0f} |"
            f" {each.memory:.2f} | {ratio:.1f} |"
        )
    return "\n".join(lines)


def compare(given: argparse.Namespace) -> None:
    """Make the deliveries, run everything, compare, and print."""
    folder: Path = given.folder
    year: int = given.year
    if not (folder / "deliveries").is_dir():
        print("making the deliveries …", flush=True)
        write_demo(
            folder,
            persons=given.persons,
            procedures_per_person=given.procedures,
            first_year=year,
            last_year=year,
        )
    whole = folder / "deliveries" / str(year)
    sample = sorted(path for code in given.municipalities for path in whole.glob(f"KHSL?_{code}_{year}*.txt"))
    lines = {path: path.read_bytes().count(b"\n") for path in whole.rglob("KHSL*.txt")}
    everything, some = sum(lines.values()), sum(lines[path] for path in sample)
    out = folder / "benchmark"
    out.mkdir(exist_ok=True)
    pandas = run("pandas, sample: intake", "pandas", sample, out / "pandas", year, some)
    runs = [run("kvarn, sample: intake", "kvarn", sample, out / "sample", year, some), pandas]
    ours = told_by_receipts(out / "sample" / "receipts")
    theirs = {name: (*told[:3], told[3]) for name, told in json.loads((out / "pandas" / "verdicts.json").read_text()).items()}
    different = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    for name in different[:5]:
        print(f"{name}:\n  kvarn  {ours.get(name)}\n  pandas {theirs.get(name)}")
    if given.whole:
        runs.append(run("kvarn, the year: intake", "kvarn", [whole], out / "intake", year, everything))
        runs.append(run("kvarn, the year: intake and register", "kvarn-register", [whole], out / "register", year, everything))
    print(table(runs, pandas))
    share = 100 * some / everything
    print(f"\nThe sample: {len(sample)} files of {len(given.municipalities)} municipalities, {share:.1f} % of the rows.")
    if different:
        raise SystemExit(f"The verdicts on {len(different)} files differ.")
    print("kvarn and pandas give every file of the sample the same verdict and the same fault counts.")


def main() -> None:
    arguments = argparse.ArgumentParser(description="Time and peak memory of intake and register, against plain pandas.")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("listed", type=Path, nargs="?", help=argparse.SUPPRESS)
    arguments.add_argument("--as", dest="way", choices=["kvarn", "kvarn-register", "pandas"], help=argparse.SUPPRESS)
    arguments.add_argument("--persons", type=int, default=414_000)
    arguments.add_argument("--procedures", type=float, default=PROCEDURES_PER_PERSON)
    arguments.add_argument("--year", type=int, default=2023)
    arguments.add_argument("--municipalities", nargs="+", default=["0114", "0319", "0605", "1283", "2581"])
    arguments.add_argument("--sample-only", dest="whole", action="store_false", help="leave the whole year out")
    given = arguments.parse_args()
    if given.way is None:
        compare(given)
        return
    deliveries = [Path(line) for line in given.listed.read_text().splitlines()]
    if given.way == "pandas":
        with_pandas(deliveries, given.folder, given.year)
        return
    take_in(deliveries, given.folder)
    if given.way == "kvarn-register":
        register(given.folder, given.year)


if __name__ == "__main__":
    main()
