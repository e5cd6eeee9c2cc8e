"""What somebody concludes of an edition who has what was published, the rules and the program, and runs it on guesses.

    python benchmarks/knowing.py PARAMS [--taken-for-sums 0.02] [--keyed 0,0,2 1,0.1,2]
                                        [--keys 4] [--fitting 40] [--guesses 10000] [--seed 1]

The edition of PARAMS has been published: its unprotected tables lie in restricted/. They are protected in memory with each of the
given disclosure.taken_for_sums and disclosure.keyed (choice, decoys, reach), by a key that is drawn from the seed; 0,0,2 is the
program without a key. What would be published is then attacked by `kvarn.analyse.disclosure.knowing`: of each place with
suppressed counts of persons every set of counts is made that fits (where there are no more than --fitting), and the program is
run on each by --keys keys of the attacker's own, --guesses times in all at most. Claims are held to the true figures; beside them
stands what a guess that looks at the published figures alone gets right.
"""

import argparse
import hashlib
import io
import itertools
import resource
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from kvarn import metadata
from kvarn.analyse._tables import read_tables
from kvarn.analyse.disclosure._protect import reasons_of, sheet_of
from kvarn.analyse.disclosure.draw import draw_by
from kvarn.analyse.disclosure.knowing import judged, places_of, tried
from kvarn.analyse.disclosure.primary import primary_suppression
from kvarn.analyse.disclosure.suppression.secondary import protection
from kvarn.analyse.disclosure.system import system_of
from kvarn.edition import Disclosure, Keyed
from kvarn.pipeline import open_edition

HEADS = (
    *("taken for sums", "choice", "decoys", "reach", "cells suppressed", "places", "gaps reproduced", "counts suppressed"),
    *("claimed exactly", "right", "guessed right", "claimed primary", "right", "guessed right", "seconds", "processor", "MB"),
)


def as_published(table: pd.DataFrame, reasons: Sequence[str]) -> pd.DataFrame:
    """A table as it would be published, read back."""
    sheet = sheet_of(table, [bool(reason) for reason in reasons], synthetic=False)
    return pd.read_csv(io.BytesIO(sheet), dtype=str, keep_default_na=False)


def measured(tables: Mapping[str, pd.DataFrame], rules: Disclosure, given: argparse.Namespace) -> list[object]:
    """One row of the measurements: protected by these rules, and attacked."""
    started, used = time.perf_counter(), time.process_time()
    system = system_of(tables, rules.taken_for_sums)
    draw = draw_by(hashlib.sha256(f"benchmark {given.seed}".encode()).digest(), rules)
    problem = primary_suppression(system, rules, draw=draw)
    found = protection(problem)
    reasons = {name: reasons_of(name, table, problem, found.secondary, rules) for name, table in tables.items()}
    places = places_of({name: as_published(table, reasons[name]) for name, table in tables.items()})
    claims = tried(places, rules, keyed=draw is not None, guesses=given.guesses, fitting=given.fitting, keys=given.keys)
    result = judged(claims, system.values, problem.primary)
    seconds, processor = time.perf_counter() - started, time.process_time() - used
    suppressed = sum(bool(reason) for of in reasons.values() for reason in of)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    of = rules.keyed
    return [
        rules.taken_for_sums,
        of.choice,
        of.decoys,
        of.reach,
        suppressed,
        *result.values(),
        round(seconds),
        round(processor),
        memory,
    ]


def main() -> None:
    arguments = argparse.ArgumentParser(description="What who knows the program concludes.")
    arguments.add_argument("params", type=Path)
    arguments.add_argument("--keyed", nargs="+", default=["0,0,2", "1,0.1,2"], metavar="CHOICE,DECOYS,REACH")
    arguments.add_argument("--taken-for-sums", nargs="+", type=float, default=[0.02], metavar="SHARE")
    arguments.add_argument("--keys", type=int, default=4)
    arguments.add_argument("--fitting", type=int, default=40)
    arguments.add_argument("--guesses", type=int, default=10_000)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    production = open_edition(given.params)
    of_edition = production.edition.disclosure
    print("| " + " | ".join(HEADS) + " |")
    print("|" + "---:|" * len(HEADS))
    with metadata.lists_held():
        tables = read_tables(production.workspace.tables)
        for share, each in itertools.product(given.taken_for_sums, given.keyed):
            choice, decoys, reach = map(float, each.split(","))
            keyed = Keyed(choice=choice, decoys=decoys, reach=reach)
            row = measured(tables, of_edition.model_copy(update={"keyed": keyed, "taken_for_sums": share}), given)
            print("| " + " | ".join(map(str, row)) + " |", flush=True)


if __name__ == "__main__":
    main()
