"""What the disclosure officer reads, what the public is told, and when an edition is refused."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from kvarn import metadata
from kvarn.analyse._classification import children
from kvarn.analyse._ratio import decimal_text
from kvarn.analyse.disclosure.cell import VERSION
from kvarn.analyse.disclosure.perturbation.loss import expected_loss
from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.suppression.audit import Limits
from kvarn.analyse.disclosure.suppression.linear import linear_system
from kvarn.analyse.disclosure.suppression.programmes import blocks_of
from kvarn.analyse.disclosure.system import Cell
from kvarn.edition import Disclosure, below_floor, lowered
from kvarn.errors import DisclosureError

__all__ = [
    "Outcome",
    "certificate_of",
    "coarsening",
    "coarser",
    "page_of",
    "public_description",
    "readable_report",
    "refuse_too_sparse",
    "report_of",
]

Reasons = Mapping[str, Sequence[str]]
_REASONS = ("primary", "secondary", "ratio")
_IN_SWEDISH = (
    "Av {cells} uppgifter i tabellerna är {withheld} ({share} procent) borttagna. Alla tabeller skyddas som ett enda system av "
    "sammanhängande uppgifter. Uppgifter om få personer tas bort, och därtill så många andra att ingen av de känsliga kan räknas "
    "fram eller ringas in snävt. Det prövas med linjär programmering på det som ska publiceras."
)
_IN_ENGLISH = (
    "Of {cells} figures in the tables, {withheld} ({share} per cent) are suppressed. All tables are protected as one system of "
    "linked figures. Figures about few persons are suppressed, and so many others that none of the former can be computed or "
    "narrowed down. This is tested by linear programming on what is to be published."
)

_CONCLUDED = (
    "Each region is taken for the sum of those that it consists of, as far as that can be. Of {places} places of which few "
    "enough sets of counts fit what is published, the program leaves the published gaps in {reproduced}, by one set at "
    "least. From those sets {exact} of {withheld} suppressed counts would be claimed to be exactly known; {exact_right} of "
    "these claims are right, and of the same counts a guess that does not look at the gaps gets {guess_right} right. That a "
    "count is suppressed for what it is would be claimed of {primary}, and rightly of {primary_right}, where a guess has "
    "{primary_guess_right} of them. What is rightly claimed no more often than guessed is not given away by the program. "
    "What a key can decide instead (disclosure.keyed), and what that costs and gains, stands in docs/decisions.md."
)
_NOTHING_TRIED = (
    "Not tried: there is no place with suppressed counts of persons of which few enough sets of counts fit what is published, or "
    "disclosure.keyed.guesses allows too few runs of the program, or there is no key."
)


@dataclass(frozen=True)
class Outcome:
    """What was withheld, what can be told of it, and what the audits found."""

    problem: Problem
    secondary: frozenset[Cell]
    limits: Limits
    at_risk: Collection[Cell]
    revised: Mapping[Cell, int]
    audited: Mapping[str, object]
    told_to_one: Collection[Cell] = ()
    concluded: Mapping[str, int] = field(default_factory=dict)

    def narrowest(self) -> int | None:
        """The narrowest interval of any secret; None where there is none, or none is limited."""
        secret = [*self.problem.primary, *self.problem.hidden]
        widths = [
            self.limits[cell][1] - self.limits[cell][0] for cell in secret if cell not in self.at_risk and cell in self.limits
        ]
        finite = [int(width) for width in widths if width != math.inf]
        return min(finite, default=None)


def certificate_of(outcome: Outcome, rules: Disclosure) -> dict[str, Any]:
    """What can be checked later: the rules, the widths, and the versions of what reckoned them."""
    return {
        "rules": rules.model_dump(mode="json"),
        "primary": len(outcome.problem.primary),
        "secondary": len(outcome.secondary),
        "hidden_differences": len(outcome.problem.hidden),
        "width_wanted": outcome.problem.least_width,
        "narrowest_interval": outcome.narrowest(),
        "at_risk": len({*outcome.at_risk, *outcome.problem.eased}),
        "audit_of_what_was_written": dict(outcome.audited),
        "solvers": {name: version(name) for name in ("highspy", "scipy")},
    }


def report_of(outcome: Outcome, reasons: Reasons, rules: Disclosure) -> bytes:
    """The disclosure officer's report as JSON: rules, each table's loss, each withheld cell's interval; no true value."""
    report = _report(outcome, reasons, rules)
    return (json.dumps(report, indent=2, ensure_ascii=False) + "\n").encode()


def public_description(outcome: Outcome, reasons: Reasons) -> dict[str, Any]:
    """What anyone may know: the method and totals, in both languages; no limit, no cell, no reason."""
    cells = sum(len(of) for of in reasons.values())
    withheld = sum(bool(reason) for of in reasons.values() for reason in of)
    share = decimal_text(withheld, cells, factor=100, decimals=1)
    return {
        "cells": cells,
        "withheld": withheld,
        "withheld_per_cent": share,
        "sv": _IN_SWEDISH.format(cells=cells, withheld=withheld, share=share.replace(".", ",")),
        "en": _IN_ENGLISH.format(cells=cells, withheld=withheld, share=share),
    }


def refuse_too_sparse(tables: Mapping[str, pd.DataFrame], reasons: Reasons, rules: Disclosure) -> None:
    """Refuse a table that would lose more of its cells than the edition allows.

    Raises
    ------
    DisclosureError
        With the table and the classification that would gain most by being coarser.
    """
    shares = {name: sum(map(bool, of)) / len(of) for name, of in reasons.items() if of}
    name = max(shares, key=lambda name: shares[name], default=None)
    if name is not None and shares[name] > rules.withheld_at_most:
        raise DisclosureError(
            f"{shares[name]:.0%} of the cells of a table would be suppressed; the edition allows {rules.withheld_at_most:.0%}.",
            where=name,
            remedy=coarsening(name, tables[name], reasons[name]),
        )


def coarser(name: str, table: pd.DataFrame, reasons: Sequence[str]) -> list[tuple[str, float]]:
    """For each classification with more than one level in the table, the share that would be suppressed were its finest
    categories left out; the best first."""
    withheld = np.array([bool(reason) for reason in reasons])
    found = []
    for variable in metadata.table(name).variables[1:]:
        shown = set(table[variable])
        finest = table[variable].map(lambda code, variable=variable, shown=shown: not shown & set(children(variable, code)))
        left = ~finest.to_numpy(dtype=bool)
        if left.any() and not left.all():
            found.append((variable, float(withheld[left].mean())))
    return sorted(found, key=lambda one: (one[1], one[0]))


def coarsening(
    name: str, table: pd.DataFrame, reasons: Sequence[str], or_else: str = "or raise disclosure.withheld_at_most"
) -> str:
    """What to leave out of a table that is too sparse, as an error's remedy says it."""
    choices = coarser(name, table, reasons)
    if not choices:
        return f"Leave the table out of the programme, {or_else}."
    variable, share = choices[0]
    return (
        f"Leave out the finest categories of {variable} in tables.yml ({share:.0%} of what is left is suppressed now), leave out "
        f"the table, {or_else}."
    )


def _report(outcome: Outcome, reasons: Reasons, rules: Disclosure) -> dict[str, Any]:
    problem = outcome.problem
    linear = linear_system(problem)
    unknown = linear.flags([*problem.primary, *outcome.secondary]) | linear.hidden
    counts = {cell: value for cell, value in problem.system.values.items() if cell.code(VERSION) is None}
    return {
        "rules": rules.model_dump(mode="json"),
        "weaker_than_the_floor": [f"{one.key}: {one.value} (floor {one.least})" for one in below_floor(rules)],
        "floor_lower_than_the_default": [f"{one.key}: {one.value} (default {one.least})" for one in lowered(rules)],
        "system": {
            "cells": len(counts),
            "counts_as_they_were": len(problem.system.values) - len(counts),
            "public_cells": sum(metadata.measure(cell.measure).subject == "public" for cell in problem.system.values),
            "sums": len(problem.sums),
            "nests": len(problem.system.nests),
            "primary": len(problem.primary),
            "secondary": len(outcome.secondary),
            "hidden_differences": len(problem.hidden),
            "blocks": sum(1 for _ in blocks_of(linear, unknown)),
            "largest_block": max((len(block.columns) for block in blocks_of(linear, unknown)), default=0),
        },
        "width_wanted": problem.least_width,
        "narrowest_interval": outcome.narrowest(),
        "wholes_that_are_taken_for_the_sum_of_their_parts": problem.system.nearly.words(),
        "audit_of_what_was_written": dict(outcome.audited),
        "tables": {name: _information_loss(of) for name, of in reasons.items()},
        "with_the_method_cell_key_instead": expected_loss(counts, counts, rules),
        "residual_risk": sorted(map(problem.words, {*outcome.at_risk, *problem.eased})),
        "computable_by_someone_alone_in_a_cell": sorted(map(problem.words, outcome.told_to_one)),
        "what_who_knows_the_program_concludes": _concluded(outcome.concluded),
        "revised_since_earlier_editions": sorted(str(cell) for cell in outcome.revised),
        "public_description": public_description(outcome, reasons),
        "withheld": [
            {
                "cell": problem.words(cell),
                "reason": _reason(problem, cell),
                "least": least,
                "most": None if most == math.inf else int(most),
            }
            for cell, (least, most) in sorted(outcome.limits.items(), key=lambda item: str(item[0]))
        ],
    }


def _concluded(found: Mapping[str, int]) -> dict[str, Any]:
    """What the program tells of its own gaps when it is run on guesses, and what that means in words."""
    if not found.get("places"):
        return {"in words": _NOTHING_TRIED}
    words = _CONCLUDED.format(**found)
    return {**{name.replace("_", " "): number for name, number in found.items()}, "in words": words}


def _reason(problem: Problem, cell: Cell) -> str:
    return "difference" if cell in problem.hidden else "primary" if cell in problem.primary else "secondary"


def _information_loss(reasons: Sequence[str]) -> dict[str, int | str]:
    loss: dict[str, int | str] = {"cells": len(reasons)}
    loss |= {reason: sum(found == reason for found in reasons) for reason in _REASONS}
    withheld = sum(map(bool, reasons))
    loss["withheld_per_cent"] = decimal_text(withheld, len(reasons), factor=100, decimals=1)
    return loss


def readable_report(outcome: Outcome, reasons: Reasons, rules: Disclosure) -> bytes:
    """The same as a page that can be read."""
    report = _report(outcome, reasons, rules)
    limits = report.pop("withheld")
    tables = report.pop("tables")
    public = report.pop("public_description")
    of_tables = ["table", "cells", *_REASONS, "withheld, per cent"], [[name, *loss.values()] for name, loss in tables.items()]
    of_cells = ["cell", "reason", "least", "most"], [[*row.values()] for row in limits]
    return page_of(public, of_tables, report, {"Withheld cells, and the interval that anyone can put around each": of_cells})


Rows = tuple[Sequence[str], Sequence[Sequence[object]]]


def page_of(
    public: Mapping[str, Any], tables: Rows, report: Mapping[str, Any], further: Mapping[str, Rows] | None = None
) -> bytes:
    """A report as a page: what the public is told, what each table loses, the rest of the report, and what is too long for it."""
    parts = [
        "<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>Disclosure control: the officer's report</title>",
        "<style>body{font-family:sans-serif;margin:2em}table{border-collapse:collapse}td,th{padding:.2em .8em;text-align:left}"
        "tr:nth-child(even){background:#eee}</style>",
        "<h1>Disclosure control: the officer's report</h1><p><strong>Secret.</strong> Not to be published.</p>",
        f"<h2>Public description</h2><p lang='sv'>{html.escape(public['sv'])}</p><p>{html.escape(public['en'])}</p>",
        "<h2>Tables</h2>",
        _html_table(*tables),
        *(f"<h2>{html.escape(title.replace('_', ' '))}</h2>{_html_value(value)}" for title, value in report.items()),
        *(f"<h2>{html.escape(title)}</h2>{_html_table(*rows)}" for title, rows in (further or {}).items()),
        "</html>\n",
    ]
    return "\n".join(parts).encode()


def _html_value(value: object) -> str:
    if isinstance(value, dict):
        return _html_table(["", ""], [[key.replace("_", " "), held] for key, held in value.items()])
    if isinstance(value, list):
        return "<ul>" + "".join(f"<li>{html.escape(str(one))}</li>" for one in value) + "</ul>" if value else "<p>None.</p>"
    return f"<p>{html.escape(str(value))}</p>"


def _html_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    heading = "".join(f"<th scope='col'>{html.escape(name)}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape('–' if held is None else str(held))}</td>" for held in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{heading}</tr></thead><tbody>{body}</tbody></table>"
