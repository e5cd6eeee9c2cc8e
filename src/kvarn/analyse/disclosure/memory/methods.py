"""Editions that answer for one another are protected by one method, as a figure that is shown by two tells more than either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from kvarn.analyse._columns import CELL_KEY, PUBLISHED
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.system import Cell, cells_of
from kvarn.base.damaged import damage_told, kept_json
from kvarn.edition import Disclosure
from kvarn.errors import DisclosureError

__all__ = ["changed_since", "require_same_method"]

_ALIKE = ("cell_key", "threshold", "contributors", "sensitive")


def require_same_method(memories: Sequence[Memory], rules: Disclosure) -> None:
    """See that the earlier editions and orders were protected as this one is.

    True figures beside perturbed ones tell the changes, and the same figure changed by two tables tells more of the true one.

    Raises
    ------
    DisclosureError
        One was not.
    """
    now = rules.model_dump(mode="json")
    for memory in memories:
        then = _rules(memory.folder / "certificate.json")
        if then.get("method", "suppression") != now["method"]:
            raise _another(memory, "method")
        if rules.method == "cell-key":
            other = next((name for name in _ALIKE if then.get(name) != now[name]), None)
            if other is not None:
                raise _another(memory, other)


def changed_since(memories: Sequence[Memory], tables: Mapping[str, pd.DataFrame], shown: Mapping[Cell, int]) -> list[Cell]:
    """The counts that earlier editions and orders by cell-key published as another figure.

    Raises
    ------
    DisclosureError
        The persons have other keys now: what has been published would be published again with another change.
    """
    keys: dict[Cell, int] = {}
    for name, table in [(name, table) for name, table in tables.items() if CELL_KEY in table]:
        held = table[CELL_KEY].tolist()
        keys |= {cell: held[row] for cell, row in cells_of(name, table) if cell in shown}
    revised = set()
    for memory in memories:
        met = same = 0
        for name, path in memory.tables().items():
            earlier = pq.read_table(path).to_pandas()
            behind, held, published = (earlier[name].tolist() for name in ("contributors", CELL_KEY, PUBLISHED))
            for cell, row in cells_of(name, earlier):
                if cell not in keys or not behind[row]:
                    continue
                met, same = met + 1, same + (keys[cell] == held[row])
                if published[row] != str(shown[cell]):
                    revised.add(cell)
        if met and not same:
            raise DisclosureError(
                "The persons have other keys than in the earlier edition.",
                where=memory.name,
                remedy="Make the register with the pseudonym key of earlier years.",
            )
    return sorted(revised, key=str)


def _rules(certificate: Path) -> Mapping[str, Any]:
    if not certificate.is_file():
        return {}
    with damage_told(certificate):
        found: Mapping[str, Any] = kept_json(certificate).get("rules", {})
        return found


def _another(memory: Memory, key: str) -> DisclosureError:
    return DisclosureError(
        "An earlier edition or order was protected otherwise: the same figures published in two ways tell of the true ones.",
        where=f"{memory.name}, disclosure.{key}",
        remedy="Protect this edition as that one was: what is out cannot be taken back.",
    )
