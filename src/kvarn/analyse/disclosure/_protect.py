"""From unprotected tables to protected ones: the only door between the register and what is published."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd

from kvarn import metadata
from kvarn.analyse._files import SECRET, replace_file
from kvarn.analyse._ratio import decimal_text
from kvarn.analyse._tables import SYMBOLS, read_tables
from kvarn.analyse.disclosure.audit import audit
from kvarn.analyse.disclosure.functions import parts_of, too_few_persons
from kvarn.analyse.disclosure.primary import Problem, primary_suppression
from kvarn.analyse.disclosure.secondary import secondary_suppression
from kvarn.analyse.disclosure.system import Cell, cells_of, system_of
from kvarn.edition import Disclosure
from kvarn.errors import ConsistencyError

__all__ = ["protect_tables"]

SUPPRESSED = "X"


def protect_tables(tables: Path, into: Path, *, disclosure: Disclosure, synthetic: bool, report: Path) -> None:
    """Protect all tables of an edition together, and write what may be published.

    Parameters
    ----------
    tables
        The folder of unprotected tables (``save_table``).
    into
        The folder for the protected ones: ``<table>.csv`` with the classification variables, ``measure``, ``value``
        (empty when not published) and ``status`` (empty when published, ``X`` withheld, ``..`` not available, ``.``
        not applicable). Primary and secondary cells have the same symbol. Whatever other table lies there is removed.
    disclosure
        The rules of the edition.
    synthetic
        Whether every row is marked as made from synthetic data.
    report
        Where the disclosure officer's report is kept (JSON, secret): rules, and the number of withheld cells a table.

    Raises
    ------
    DisclosureError
        Something secret could be computed from what would be published. Nothing has been written.
    ConsistencyError
        The same cell is not the same number in two tables, or a ratio's parts stand in no table.
    """
    unprotected = read_tables(tables)
    system = system_of(unprotected)
    problem = primary_suppression(system, disclosure)
    secondary = secondary_suppression(problem)
    withheld = problem.primary | secondary
    audit(problem, withheld)

    written = {}
    counts = {}
    for name, table in unprotected.items():
        reasons = _reasons(name, table, problem, secondary, disclosure)
        counts[name] = _information_loss(reasons)
        written[name] = _sheet(table, [bool(reason) for reason in reasons], synthetic=synthetic)
    into.mkdir(parents=True, exist_ok=True)
    for old in sorted(into.glob("*.csv")):
        if old.stem not in written:
            old.unlink()
    for name, sheet in written.items():
        replace_file(into / f"{name}.csv", sheet)
    replace_file(report, _report(disclosure, counts, problem, secondary), mode=SECRET)


def _reasons(name: str, table: pd.DataFrame, problem: Problem, secondary: Collection[Cell], rules: Disclosure) -> list[str]:
    """Why each row is withheld; empty where it is published."""
    found = []
    for cell, row in cells_of(name, table):
        parts = parts_of(cell)
        if parts is None:
            found.append("primary" if cell in problem.primary else "secondary" if cell in secondary else "")
            continue
        # A function of counts is as open as its parts, so it can only be judged where they can.
        for part in parts:
            if part not in problem.system.values:
                raise ConsistencyError(
                    f"The parts of {cell.measure} must stand in a table, so that they are protected with it.",
                    cells=(f"{name}: {cell}", str(part)),
                    remedy="Add the measure that is missing to a table of the programme with the same categories.",
                )
        not_a_number = table["value"].iat[row] in SYMBOLS
        of_withheld = any(part in problem.primary or part in secondary for part in parts)
        of_withheld = of_withheld or too_few_persons(cell, problem.system.values, rules)
        found.append("ratio" if of_withheld and not not_a_number else "")
    return found


def _sheet(table: pd.DataFrame, withheld: list[bool], *, synthetic: bool) -> bytes:
    protected = table.drop(columns="contributors")
    protected["status"] = protected["value"].where(protected["value"].isin(SYMBOLS), "")
    protected.loc[withheld, "status"] = SUPPRESSED
    protected.loc[protected["status"] != "", "value"] = ""
    if synthetic:
        protected["synthetic"] = "true"
    sheet = io.StringIO()
    protected.to_csv(sheet, index=False, lineterminator="\n")
    return sheet.getvalue().encode()


def _information_loss(reasons: list[str]) -> dict[str, int | str]:
    loss: dict[str, int | str] = {"cells": len(reasons)}
    loss |= {reason: reasons.count(reason) for reason in ("primary", "secondary", "ratio")}
    withheld = len(reasons) - reasons.count("")
    loss["withheld_per_cent"] = decimal_text(withheld, len(reasons), factor=100, decimals=1)
    return loss


def _report(
    disclosure: Disclosure, counts: Mapping[str, dict[str, int | str]], problem: Problem, secondary: Collection[Cell]
) -> bytes:
    report = {
        "rules": disclosure.model_dump(mode="json"),
        "system": {
            "cells": len(problem.system.values),
            "public_cells": sum(metadata.measure(cell.measure).subject == "public" for cell in problem.system.values),
            "sums": len(problem.sums),
            "nests": len(problem.system.nests),
            "primary": len(problem.primary),
            "secondary": len(secondary),
            "hidden_differences": len(problem.hidden),
        },
        "tables": counts,
    }
    return (json.dumps(report, indent=2, ensure_ascii=False) + "\n").encode()
