"""From unprotected tables to perturbed ones: the door of the method ``cell-key``."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from kvarn.analyse._files import SECRET, replace_file
from kvarn.analyse._tables import SYMBOLS
from kvarn.analyse.disclosure import cell_key_report
from kvarn.analyse.disclosure.cell_key import SUPPRESSED, Perturbed, perturb
from kvarn.analyse.disclosure.cell_key_report import CellKeyOutcome
from kvarn.analyse.disclosure.methods import PUBLISHED, changed_since
from kvarn.analyse.disclosure.pattern import keep_pattern
from kvarn.analyse.disclosure.perturbed_written import audit_perturbed
from kvarn.analyse.disclosure.system import cells_of
from kvarn.edition import Disclosure

__all__ = ["perturb_tables"]


def perturb_tables(
    unprotected: Mapping[str, pd.DataFrame],
    into: Path,
    *,
    disclosure: Disclosure,
    synthetic: bool,
    report: Path,
    kept: Sequence[Path],
) -> None:
    """As `kvarn.analyse.protect_tables`, by the method ``cell-key``; `kept` is what earlier editions keep of themselves."""
    perturbed = perturb(unprotected, disclosure)
    revised = changed_since(kept, unprotected, perturbed.counts)
    written = {name: _sheet(table, synthetic=synthetic) for name, table in perturbed.tables.items()}
    with tempfile.TemporaryDirectory() as folder:
        for name, sheet in written.items():
            replace_file(Path(folder) / f"{name}.csv", sheet, mode=SECRET)
        audited = audit_perturbed(Path(folder), unprotected, disclosure)
    outcome = CellKeyOutcome(unprotected, perturbed, audited, revised)
    found = cell_key_report.report(outcome, disclosure)
    into.mkdir(parents=True, exist_ok=True)
    for old in sorted(into.glob("*.csv")):
        if old.stem not in written:
            old.unlink()
    for name, sheet in written.items():
        replace_file(into / f"{name}.csv", sheet)
    keep_pattern(
        report.parent / "disclosure",
        _counts(unprotected, perturbed),
        frozenset(),
        cell_key_report.certificate(outcome, disclosure),
    )
    replace_file(report, cell_key_report.written(found), mode=SECRET)
    replace_file(report.with_suffix(".html"), cell_key_report.readable(found), mode=SECRET)


def _counts(tables: Mapping[str, pd.DataFrame], perturbed: Perturbed) -> dict[str, pd.DataFrame]:
    """The counts of something secret, with the figure that was published in place of each."""
    chosen = {}
    for name, table in tables.items():
        rows = [
            (row, str(perturbed.counts[cell]))
            for cell, row in cells_of(name, table)
            if cell in perturbed.counts and not perturbed.system.public(cell)
        ]
        if rows:
            counts = table.iloc[[row for row, _ in rows]].reset_index(drop=True)
            chosen[name] = counts.assign(**{PUBLISHED: [shown for _, shown in rows]})
    return chosen


def _sheet(table: pd.DataFrame, *, synthetic: bool) -> bytes:
    symbols = (*SYMBOLS, SUPPRESSED)
    protected = table.assign(status=table["value"].where(table["value"].isin(symbols), ""))
    protected.loc[protected["status"] != "", "value"] = ""
    if synthetic:
        protected["synthetic"] = "true"
    sheet = io.StringIO()
    protected.to_csv(sheet, index=False, lineterminator="\n")
    return sheet.getvalue().encode()
