"""How time and memory grow: each size of a case beside a smaller one, every stage a process of its own.

    python benchmarks/load CASE FOLDER [--sizes …]

A folder is made in FOLDER for each size, and removed at the end. FOLDER lies where there is room: one million small files need
5 GB of a file system in memory. Other work on the machine shows in the time, and hardly in the processor's.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cases import CASES
from stages import STAGES


class Run(NamedTuple):
    """One process with all that it starts: time and processor time (seconds), peak memory of the largest (GiB)."""

    size: int
    stage: str
    seconds: float
    processor: float
    memory: float
    said: str


def run(size: int, stage: str, command: Sequence[str], folder: Path, most: int) -> Run:
    """Run a stage from its start to its end, or until it has taken the most seconds of processor that it may."""
    with tempfile.TemporaryFile("w+") as output:
        began = time.perf_counter()
        child = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        resource.prlimit(child.pid, resource.RLIMIT_CPU, (most, most + 5))
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
        output.seek(0)
        said = output.read().strip()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        said = f"stopped after {most} s of processor"
    elif child.returncode:
        raise SystemExit(f"{stage} of {size:,} ended with status {child.returncode}:\n{said[-3000:]}")
    return Run(size, stage, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20, said)


def command_of(stage: str, folder: Path) -> list[str]:
    """A stage of our own by its name, or a command of kvarn's."""
    if stage in STAGES:
        return [sys.executable, str(Path(__file__).parent), "--stage", stage, str(folder)]
    return [sys.executable, "-m", "kvarn", *stage.split()[1:]]


def in_a_row(done: Run) -> str:
    """A row of the table: of what a stage has printed the last line, as a rule how much it was."""
    said = done.said.splitlines()[-1] if done.said and not done.said.startswith("refused") else " ".join(done.said.split())
    return f"| {done.size:,} | {done.stage} | {done.seconds:.1f} | {done.processor:.1f} | {done.memory:.2f} | {said} |"


def main() -> None:
    arguments = argparse.ArgumentParser(description="How time and memory grow with what there is to do.")
    arguments.add_argument("case", choices=[*CASES])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--sizes", type=int, nargs="+")
    arguments.add_argument("--most", type=int, default=360, help="seconds of processor that a stage may take")
    arguments.add_argument("--stages", nargs="+", help="other stages than those of the case")
    arguments.add_argument("--told", type=Path, help="a file to which everything that stages print is added")
    given = arguments.parse_args()
    case = CASES[given.case]
    print(f"{given.case}: {case.says}\n\n| {case.unit} | stage | s | processor s | GiB | |\n|---:|---|---:|---:|---:|---|")
    for size in given.sizes or case.sizes:
        folder = (given.folder / f"load-{given.case}-{size}").resolve()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        try:
            project = case.make(folder, size)
            for stage in given.stages or case.stages:
                done = run(size, stage, command_of(stage, folder), project, given.most)
                print(in_a_row(done), flush=True)
                if given.told is not None:
                    with given.told.open("a", encoding="utf-8") as told:
                        told.write(f"{size:,}, {stage}:\n{done.said}\n\n")
                if done.said.startswith(("refused", "stopped")):
                    break
        finally:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--stage"]:
        print(STAGES[sys.argv[2]](Path(sys.argv[3])))
    else:
        main()
