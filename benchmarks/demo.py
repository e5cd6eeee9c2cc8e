"""Time and peak memory of the synthetic register, by default one year at full scale.

    python benchmarks/demo.py FOLDER [--persons 414000] [--from 2023] [--to 2023]

The folder is written and left there: some 1.9 GB a year at full scale.
"""

import argparse
import resource
import time
from pathlib import Path

from kvarn.demo import PROCEDURES_PER_PERSON, write_demo


def main() -> None:
    arguments = argparse.ArgumentParser(description="Time and peak memory of the synthetic register.")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--persons", type=int, default=414_000)
    arguments.add_argument("--procedures", type=float, default=PROCEDURES_PER_PERSON)
    arguments.add_argument("--from", dest="first_year", type=int, default=2023)
    arguments.add_argument("--to", dest="last_year", type=int, default=2023)
    given = arguments.parse_args()
    started = time.perf_counter()
    write_demo(
        given.folder,
        persons=given.persons,
        procedures_per_person=given.procedures,
        first_year=given.first_year,
        last_year=given.last_year,
        progress=lambda line: print(f"{time.perf_counter() - started:7.1f} s  {line}", flush=True),
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    size = sum(file.stat().st_size for file in given.folder.rglob("*") if file.is_file()) / 1e9
    print(f"{time.perf_counter() - started:7.1f} s in all, peak memory {peak:.2f} GiB, {size:.2f} GB written")


if __name__ == "__main__":
    main()
