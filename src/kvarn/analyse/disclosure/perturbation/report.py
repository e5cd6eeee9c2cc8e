"""What the disclosure officer reads, and what the public is told, of an edition by the method ``cell-key``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kvarn import metadata
from kvarn.analyse._ratio import decimal_text
from kvarn.analyse.disclosure.perturbation.cell_key import SUPPRESSED, Perturbed
from kvarn.analyse.disclosure.perturbation.changes import perturbation_table
from kvarn.analyse.disclosure.perturbation.loss import changes_of, loss_by_perturbation, loss_by_suppression, non_additivity
from kvarn.analyse.disclosure.report import page_of
from kvarn.analyse.disclosure.system import Cell
from kvarn.edition import Disclosure, below_floor, cell_key_description, lowered

__all__ = ["CellKeyOutcome", "certificate", "public_description", "readable", "report"]


@dataclass(frozen=True)
class CellKeyOutcome:
    """What is published in place of the true tables, and what was found of it.

    Attributes
    ----------
    tables
        The true tables, those that are published already among them.
    chosen
        The tables that are told of.
    """

    tables: Mapping[str, pd.DataFrame]
    chosen: Sequence[str]
    perturbed: Perturbed
    audited: Mapping[str, int]
    revised: Sequence[Cell]

    @property
    def withheld(self) -> int:
        """The figures that are withheld, as too few persons stand behind a quantile or a standardised rate."""
        return sum(int((self.perturbed.tables[name]["value"] == SUPPRESSED).sum()) for name in self.chosen)


def certificate(outcome: CellKeyOutcome, rules: Disclosure) -> dict[str, Any]:
    """What can be checked later."""
    return {
        "rules": rules.model_dump(mode="json"),
        "audit_of_what_was_written": dict(outcome.audited),
        "withheld": outcome.withheld,
    }


def report(outcome: CellKeyOutcome, rules: Disclosure) -> dict[str, Any]:
    """The officer's report: what each table loses, by this method and by suppression. No true value stands in it."""
    perturbed = outcome.perturbed
    changes = {name: changes_of(name, outcome.tables[name], perturbed) for name in outcome.chosen}
    suppressed = loss_by_suppression(outcome.tables, perturbed, rules)
    tables = {}
    for name in outcome.chosen:
        tables[name] = {
            **loss_by_perturbation(changes[name]),
            "withheld": int((perturbed.tables[name]["value"] == SUPPRESSED).sum()),
            "rows_left_out": perturbed.left_out[name],
            "suppression": _of_suppression([suppressed[name]] if suppressed else []),
        }
    return {
        "rules": rules.model_dump(mode="json"),
        "weaker_than_the_floor": [f"{one.key}: {one.value} (floor {one.least})" for one in below_floor(rules)],
        "floor_lower_than_the_default": [f"{one.key}: {one.value} (default {one.least})" for one in lowered(rules)],
        "audit_of_what_was_written": dict(outcome.audited),
        "information_loss": {
            "cell_key": loss_by_perturbation([change for of in changes.values() for change in of]) | non_additivity(perturbed),
            "suppression": _of_suppression([suppressed[name] for name in outcome.chosen if suppressed]),
        },
        "tables": tables,
        "transitions": _transitions(rules),
        "published_otherwise_by_earlier_editions": [str(cell) for cell in outcome.revised],
        "public_description": public_description(outcome, rules),
    }


def _of_suppression(tables: Sequence[Mapping[str, int]]) -> dict[str, Any]:
    if not tables:
        return {"refused": True}
    cells, withheld = (sum(table[name] for table in tables) for name in ("cells", "withheld"))
    return {"cells": cells, "withheld": withheld, "withheld_per_cent": decimal_text(withheld, cells, factor=100, decimals=1)}


def _transitions(rules: Disclosure) -> dict[str, dict[str, str]]:
    """The chance of each published count, of every true one that has a transition of its own."""
    table = perturbation_table(rules.cell_key.greatest, rules.cell_key.variance, rules.smallest_shown)
    return {
        str(count): {
            str(count + change): f"{chance:.4f}" for change, chance in zip(row.changes, row.probabilities, strict=True) if chance
        }
        for count, row in enumerate(table.rows, 1)
    }


def public_description(outcome: CellKeyOutcome, rules: Disclosure) -> dict[str, Any]:
    """What anyone may know: the method, its bound and totals, in both languages; no cell, no key, no chance."""
    cells = sum(len(outcome.perturbed.tables[name]) for name in outcome.chosen)
    public: dict[str, Any] = {"method": rules.method, "cells": cells, "withheld": outcome.withheld}
    for language in metadata.languages:
        public[language] = cell_key_description(rules, language)
    return public


def readable(found: Mapping[str, Any]) -> bytes:
    """The same report as a page that can be read."""
    rest = dict(found)
    public, tables = rest.pop("public_description"), rest.pop("tables")
    head = ["table", "counts", "changed", "changed, per cent", "mean change", "greatest change", "mean relative change, per cent"]
    head += ["withheld", "rows left out", "suppression would withhold", "per cent"]
    rows = []
    for name, loss in tables.items():
        suppressed = loss["suppression"]
        own = [held for key, held in loss.items() if key != "suppression"]
        rows.append([name, *own, suppressed.get("withheld"), suppressed.get("withheld_per_cent")])
    return page_of(public, (head, rows), rest)


def written(found: Mapping[str, Any]) -> bytes:
    """The report as JSON."""
    return (json.dumps(found, indent=2, ensure_ascii=False) + "\n").encode()
