"""Tiny deliveries, made by hand."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kvarn.collect import Terms, ValidCodes, collect_year, take_in
from kvarn.errors import DeliveryError

CODES = ValidCodes(
    municipalities=frozenset({"0114", "0180"}),
    professions=frozenset({"XS910", "XS919", "XS918"}),
    professions_not_accepted=frozenset({"XS915"}),
    procedures=frozenset({"DT019", "PM007", "QC000", "TKC20"}),
)


def with_check_digit(eleven: str) -> str:
    """An identity number from its first eleven digits."""
    total = 0
    for place, digit in enumerate(eleven[2:]):
        product = int(digit) * (2 if place % 2 == 0 else 1)
        total += product // 10 + product % 10
    return eleven + str(-total % 10)


WOMAN = with_check_digit("19400229002")
MAN = with_check_digit("19350115001")


@dataclass(frozen=True)
class TakenIn:
    store: Path
    receipts: Path
    folder: Path

    def table(self, name: str) -> pd.DataFrame:
        """``deliveries`` and ``faults`` of the year, or the rows in force of ``persons`` or ``procedures``."""
        if name in ("deliveries", "faults"):
            return pd.read_parquet(self.folder / f"{name}.parquet")
        log = pd.read_parquet(self.folder / "deliveries.parquet")
        kind = {"persons": "KHSL1", "procedures": "KHSL2"}[name]
        chosen = log[log["in_force"] & (log["type"] == kind)]
        parcels = [pd.read_parquet(self.store / rows) for rows in sorted(set(chosen["rows"].dropna()))]
        if not parcels:
            return pd.DataFrame()
        found = pd.concat(parcels, ignore_index=True)
        return found[found["file"].isin(chosen["delivery"])].reset_index(drop=True)

    def receipt(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.receipts / f"{name}.json").read_text(encoding="utf-8"))
        return found

    def rules(self, name: str) -> set[str]:
        return {fault["rule"] for fault in self.receipt(name)["faults"]}


Intake = Callable[..., TakenIn]


def rows(*lines: str, end: str = "\n") -> bytes:
    return "".join(line + end for line in lines).encode()


def person(number: str = WOMAN, municipality: str = "0114", year: str = "2023", month: str = "01") -> str:
    return ";".join([municipality, number, year, month])


def procedure(
    number: str = WOMAN, date: str = "20230105", code: str = "DT019", *professions: str, municipality: str = "0114"
) -> str:
    return ";".join([municipality, number, date, code, *(professions or ("XS919",))])


def terms(limit: float = 1.0, **more: Any) -> Terms:
    return Terms(lambda year: CODES, share_limit=limit, **more)


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    """Writes deliveries (name → bytes) and takes them in, each time into a store of their own."""
    numbers = itertools.count()

    def take(
        files: dict[str, bytes], *, year: int = 2023, limit: float = 1.0, arrived: Iterable[str] = (), **options: Any
    ) -> TakenIn:
        folder = tmp_path / "deliveries"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        if arrived:
            (folder / "arrivals.csv").write_text("\n".join(["file,arrived", *arrived]) + "\n")
        place = tmp_path / f"taken-{next(numbers)}"
        taken = TakenIn(place / "store", place / "receipts", place / "collected" / str(year))
        take_in([folder], taken.store, terms=terms(limit), receipts=taken.receipts, **options)
        with contextlib.suppress(DeliveryError):  # nothing is in force
            collect_year(taken.store, year, place / "collected")
        return taken

    return take
