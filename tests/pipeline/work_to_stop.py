"""`python work_to_stop.py WORK FOLDER [--by-itself]`: the program with one more command, that is at some work for ever.

The work is a step of a run; with ``--by-itself`` it is done by the main thread, as `kvarn intake` and `kvarn order` do.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from kvarn.base.programs import run_program
from kvarn.cli import _app, _main
from kvarn.pipeline.engine import Step, run_steps
from kvarn.pipeline.nodes import file
from kvarn.pipeline.notebooks import run_notebook


def notebook(folder: Path) -> None:
    run_notebook(folder / "toy.ipynb", folder / "out" / "toy.ipynb", {}, root=folder)


def duckdb(folder: Path) -> None:
    import duckdb as database

    (folder / "begun").touch()
    database.execute("SELECT sum(one.range * two.range % 7) FROM range(10000000) AS one, range(10000000) AS two").fetchall()


def highs(folder: Path) -> None:
    import highspy
    import numpy as np

    columns, rows = 900, 400
    chance = np.random.default_rng(1)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = columns, rows
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = chance.random(columns), np.zeros(columns), np.full(columns, 10.0)
    lp.row_lower_, lp.row_upper_ = chance.random(rows) * 50, np.full(rows, 1e9)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(0, rows * columns + 1, rows)
    lp.a_matrix_.index_ = np.tile(np.arange(rows), columns)
    lp.a_matrix_.value_ = chance.random((rows, columns)).T.ravel()
    solver = highspy.Highs.__base__()
    solver.setOptionValue("output_flag", False)
    solver.passModel(lp)
    solver.changeColsIntegrality(columns, np.arange(columns, dtype=np.int32), np.full(columns, highspy.HighsVarType.kInteger))
    (folder / "begun").touch()
    while True:
        solver.run()


def program(folder: Path) -> None:
    """A program that starts another, which leaves its session."""
    (folder / "begun").touch()
    mark = (folder / "mark").read_text()
    run_program(["/bin/sh", "-c", f"setsid sleep {mark} & exec sleep {mark}"], folder=folder)


def swallowing(folder: Path) -> None:
    (folder / "begun").touch()
    while True:
        try:
            time.sleep(0.1)
        except BaseException:
            continue


WORK: dict[str, Callable[[Path], None]] = {
    "notebook": notebook,
    "duckdb": duckdb,
    "highs": highs,
    "program": program,
    "swallowing": swallowing,
}


@_app.app.command()
def work(name: str, folder: Path, by_itself: bool = False) -> None:
    """Be at some work."""
    if by_itself:
        WORK[name](folder)
    else:
        step = Step(name, "Analyse", [], [file(folder / "made")], lambda: WORK[name](folder))
        run_steps([step], folder / "build")


if __name__ == "__main__":
    sys.argv.insert(1, "work")
    _main.main()
