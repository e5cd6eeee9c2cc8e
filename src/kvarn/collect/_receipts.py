"""What a municipality gets to know of its delivery, and what is kept about all of them."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from kvarn.collect._deliveries import Delivery
from kvarn.collect._rules import rules
from kvarn.collect.safekeeping import OWNER_ONLY_FILE, OWNER_ONLY_FOLDER

__all__ = ["FaultCount", "receipt", "receipt_schema", "write_faults", "write_receipts"]

_DELIVERIES = pa.schema(
    [
        ("file", pa.int32()),
        ("name", pa.string()),
        ("sha256", pa.string()),
        ("bytes", pa.int64()),
        ("type", pa.string()),
        ("municipality", pa.string()),
        ("year", pa.int16()),
        ("month", pa.int8()),
        ("verdict", pa.string()),
        ("received", pa.int64()),
        ("accepted", pa.int64()),
        ("rejected", pa.int64()),
        ("arrived", pa.date32()),
    ]
)
_FAULTS = pa.schema(
    [
        ("file", pa.int32()),
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("count", pa.int64()),
        ("first_lines", pa.string()),
    ]
)


class FaultCount(NamedTuple):
    """How often a file breaks a rule, the first lines that do, and for rules on codes the codes that do."""

    file: int
    rule: str
    times: int
    first_lines: list[int]
    values: tuple[str, ...] = ()


def receipt_schema() -> dict[str, Any]:
    """The JSON schema of a receipt."""
    text = (resources.files("kvarn.collect") / "layout" / "receipt.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def receipt(delivery: Delivery, counts: Sequence[FaultCount]) -> dict[str, Any]:
    """The receipt for one delivery: the verdict, the rows, and each fault in both languages with line numbers.

    Line numbers are all that is told of a row: a receipt holds no identity number.
    """
    return {
        "file": delivery.name,
        "sha256": delivery.sha256,
        "type": delivery.type,
        "municipality": delivery.municipality,
        "year": delivery.year,
        "month": delivery.month,
        "arrived": delivery.arrived.isoformat() if delivery.arrived else None,
        "verdict": delivery.verdict,
        "received": delivery.received,
        "accepted": delivery.accepted,
        "rejected": delivery.rejected,
        "faults": [_fault(count) for count in counts],
    }


def _fault(count: FaultCount) -> dict[str, Any]:
    rule = rules()[count.rule]
    return {
        "rule": rule.code,
        "severity": rule.severity,
        "count": count.times,
        "lines": count.first_lines,
        "sv": rule.sv,
        "en": rule.en,
        "remedy": dict(rule.remedy),
    }


def _all_counts(deliveries: Sequence[Delivery], row_faults: Sequence[FaultCount]) -> dict[int, list[FaultCount]]:
    """The faults of each file, those of the file as a whole first, in the order of the rules."""
    order = {rule: place for place, rule in enumerate(rules())}
    found: dict[int, list[FaultCount]] = defaultdict(list)
    for delivery in deliveries:
        found[delivery.number] += [FaultCount(delivery.number, rule, 1, at) for rule, at in delivery.faults.items()]
    for count in row_faults:
        found[count.file].append(count)
    for counts in found.values():
        counts.sort(key=lambda count: order[count.rule])
    return found


def write_receipts(folder: Path, deliveries: Sequence[Delivery], row_faults: Sequence[FaultCount]) -> None:
    """Write ``<file name>.json`` for every delivery into a new folder."""
    folder.mkdir(mode=OWNER_ONLY_FOLDER)
    counts = _all_counts(deliveries, row_faults)
    encode = json.JSONEncoder(ensure_ascii=False, indent=1).encode
    for delivery in deliveries:
        text = encode(receipt(delivery, counts[delivery.number])) + "\n"
        handle = os.open(folder / f"{delivery.name}.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY_FILE)
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode())


def write_faults(folder: Path, deliveries: Sequence[Delivery], row_faults: Sequence[FaultCount]) -> None:
    """Write ``deliveries.parquet`` (one row a file) and ``faults.parquet`` (one row a file and rule)."""
    counts = _all_counts(deliveries, row_faults)
    rows = [
        (
            *(d.number, d.name, d.sha256, d.size, d.type, d.municipality, d.year, d.month),
            *(d.verdict, d.received, d.accepted, d.rejected, d.arrived),
        )
        for d in deliveries
    ]
    _write(folder / "deliveries.parquet", rows, _DELIVERIES)
    faults = [
        (c.file, c.rule, rules()[c.rule].severity, c.times, " ".join(map(str, c.first_lines)))
        for d in deliveries
        for c in counts[d.number]
    ]
    _write(folder / "faults.parquet", faults, _FAULTS)


def _write(path: Path, rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> None:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    pq.write_table(
        pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema), path
    )
