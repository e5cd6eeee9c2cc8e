"""What an edition, or an order, has kept of what it gave away: the folder, by which rules it was, and its hash.

What is in it, and how it is held against other tables, is told by `pattern`.
"""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kvarn import metadata
from kvarn.analyse.disclosure.kept_quantiles import QUANTILES, Quantiles, quantiles_from
from kvarn.base.damaged import damage_told, kept_json
from kvarn.edition import Disclosure, Floor
from kvarn.metadata import TableDefinition

__all__ = ["Memory", "as_asked", "pattern_hash", "quantiles_kept", "rules_of"]

_FIGURES = ("measure", "value", "contributors", "status")


@dataclass(frozen=True)
class Memory:
    """A folder in which an edition, or an order, has kept what it gave away.

    Attributes
    ----------
    name
        Whose it is, for messages.
    table
        The only table, where it is an order's; an edition's are known by the programme.
    """

    folder: Path
    name: str
    table: TableDefinition | None = None

    def tables(self) -> dict[str, Path]:
        """The file of each table, by the table's name."""
        return {self._definition(path).name: path for path in sorted(self.folder.glob("*.parquet"))}

    def beside(self) -> list[TableDefinition]:
        """The tables that the programme does not have, or has no longer as they were."""
        return [found for path in sorted(self.folder.glob("*.parquet")) if (found := self._definition(path)).beside]

    def _definition(self, path: Path) -> TableDefinition:
        if self.table is not None:
            return self.table
        import pyarrow.parquet as pq

        from kvarn.analyse.disclosure.dominance import COLUMNS

        variables = [name for name in pq.read_schema(path).names if name not in (*_FIGURES, *COLUMNS)]
        known = {table.name: table for table in _programme()}.get(path.stem)
        if known is not None and list(known.variables) == variables:
            return known
        name = f"{self.name}/{path.stem}"
        return TableDefinition(name=name, sv=name, en=name, variables=variables, measures=(), years="series", beside=True)


def pattern_hash(folder: Path) -> str | None:
    """The hash of the cells that a folder keeps, as its certificate has it; None where there is no certificate."""
    certificate = folder / "certificate.json"
    if not certificate.is_file():
        return None
    digest: str = kept_json(certificate, "cells_sha256")
    return digest


def rules_of(folder: Path) -> Disclosure | None:
    """The rules by which it was protected, as far as there are still such rules; None where there is no certificate."""
    certificate = folder / "certificate.json"
    if not certificate.is_file():
        return None
    with damage_told(certificate):
        rules: Any = kept_json(certificate, "rules")
        try:
            return Disclosure.model_validate(rules)
        except ValidationError as refused:
            # A rule, or a part of one, can have been dropped since.
            for gone in refused.errors():
                if gone["type"] == "extra_forbidden":
                    *within, key = gone["loc"]
                    del functools.reduce(operator.getitem, within, rules)[key]
        return Disclosure.model_validate(rules)


def quantiles_kept(folder: Path) -> Quantiles:
    """The quantiles that it has shown and withheld, of measures that are still quantiles; none where nothing is kept of them."""
    certificate = folder / "certificate.json"
    if not certificate.is_file():
        return Quantiles()
    with damage_told(certificate):
        kept = kept_json(certificate).get(QUANTILES)
        return Quantiles() if kept is None else quantiles_from(kept)


def as_asked(rules: Disclosure) -> Disclosure:
    """The rules without what has no say in which cells are secret: two that are equal so are the same rules."""
    return rules.model_copy(update={"earlier": (), "withheld_at_most": 1.0, "floor": Floor(), "taken_for_sums": 0.0})


def _programme() -> list[TableDefinition]:
    return [table for table in metadata.tables() if not table.beside]
