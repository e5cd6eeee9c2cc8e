"""An attacker who lays all published tables of an edition together. Shares no code with the protector.

He knows which categories make up which (that stands in the publication), that a withheld figure is at least 1, and that a person
counts once wherever he is counted. Every relation is a line: a sum of coefficients times cells that is nought, or at most nought.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

from kvarn import metadata

COUNTS = ("person_months", "persons", "persons_with_procedure", "procedures")
AGES = {
    "T": ["0-64", "65+"],
    "0-64": ["0-17", "18-64"],
    "65+": ["65-79", "80+"],
    "65-79": ["65-69", "70-74", "75-79"],
    "80+": ["80-84", "85-89", "90+"],
}
ONE_EACH = {"sex": {"T": ["1", "2"]}, "age": AGES, "continuity": {"T": ["new", "continuing", "unknown"]}}
# A procedure has one of each of these, a person can have several.
OF_PROCEDURE = {
    "cooperation": ["single", "joint"],
    "kind": ["assessing", "treating", "other"],
    "month": [f"{month:02d}" for month in range(1, 13)],
    "weekday": list("1234567"),
}
SEVERAL = ("month", "weekday", "procedure_group", "procedure", "profession", "cooperation", "kind")
PROFESSIONS = [row["code"] for row in metadata.codelist("profession").rows if row.get("accepted") == "true"]
CLASSES = (
    "age", "continuity", "cooperation", "kind", "month", "procedure", "procedure_group", "profession", "region", "sex", "weekday"
)  # fmt: skip

Key = tuple[str, ...]  # measure, year, and one category of each of CLASSES
Line = dict[Key, int]


def read_counts(folder: Path) -> dict[Key, int | None]:
    """Every count that is published, None where it is withheld. The same cell must look the same wherever it stands."""
    cells: dict[Key, int | None] = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["measure"] in COUNTS and row["status"] != "..":
                    key = (row["measure"], row["year"], *(row.get(name, whole(name)) for name in CLASSES))
                    value = int(row["value"]) if row["status"] == "" else None
                    assert cells.setdefault(key, value) == value, f"{path.stem}: {key} is shown in two ways"
    return cells


def whole(name: str) -> str:
    return "00" if name == "region" else "T"


def at(key: Key, **codes: str) -> Key:
    return (*key[:2], *(codes.get(name, held) for name, held in zip(CLASSES, key[2:], strict=True)))


def sums(cells: Mapping[Key, int | None]) -> Iterator[Line]:
    """The lines that come to nought."""
    members = defaultdict(list)
    procedures = metadata.codelist("procedure")
    for code in procedures.leaves:
        members[procedures.by_code[code]["group"]].append(code)
    groups = sorted(members)
    for key in cells:
        codes = dict(zip(CLASSES, key[2:], strict=True))
        wanted = [(name, parts) for name, of in ONE_EACH.items() for code, parts in of.items() if codes[name] == code]
        divided = [nearest(cells, [at(key, **{name: part}) for part in parts], name) for name, parts in wanted]
        if key[0] == "procedures":
            divided += [[at(key, **{name: part}) for part in parts] for name, parts in OF_PROCEDURE.items() if codes[name] == "T"]
            if codes["region"] == "00" or len(codes["region"]) == 2:
                within = [at(key, region=part) for part in metadata.codelist("region").children(codes["region"])]
                divided.append(nearest(cells, within, "region"))
            if codes["cooperation"] == "single" and codes["profession"] == "T":
                divided.append([at(key, profession=part) for part in PROFESSIONS])
        if key[0] == "person_months":
            divided.append([("persons", *at(key, month=month)[1:]) for month in OF_PROCEDURE["month"]])
        if key[0] == "procedures" and codes["procedure"] == codes["procedure_group"] == "T":
            divided.append([at(key, procedure_group=group) for group in groups])
        if key[0] == "procedures" and codes["procedure_group"] in members:
            divided.append([at(key, procedure_group="T", procedure=code) for code in members[codes["procedure_group"]]])
        for parts_of_key in divided:
            if all(part in cells for part in parts_of_key):
                yield {key: 1, **dict.fromkeys(parts_of_key, -1)}


def nearest(cells: Mapping[Key, int | None], parts: list[Key], name: str) -> list[Key]:
    """The same parts, each that is in no table divided until its own parts are: a table may leave out a level."""
    found = []
    for part in parts:
        code = part[2 + CLASSES.index(name)]
        finer = metadata.codelist("region").children(code) if name == "region" else AGES.get(code, []) if name == "age" else []
        below = [at(part, **{name: one}) for one in finer]
        found += [part] if part in cells or not below else nearest(cells, below, name)
    return found


def at_most(cells: Mapping[Key, int | None]) -> Iterator[Line]:
    """The lines that come to nought or less."""
    of: dict[Key, list[Key]] = defaultdict(list)
    for key in cells:
        codes = dict(zip(CLASSES, key[2:], strict=True))
        for name in SEVERAL:
            if codes[name] != "T":
                of[(*at(key, **{name: "T"}), name)].append(key)
        if codes["region"] != "00":
            above = codes["region"][:2] if len(codes["region"]) == 4 else "00"
            of[(*at(key, region=above), "region")].append(key)
        before = ("persons", str(int(key[1]) - 1), *at(key, continuity="T")[2:])
        if codes["continuity"] == "continuing" and codes["age"] == "T" and before in cells:
            yield {key: 1, before: -1}
        if key[0] == "persons" and ("person_months", *key[1:]) in cells:
            yield {key: 1, ("person_months", *key[1:]): -1}
        if key[0] == "persons_with_procedure":
            for measure in ("persons", "procedures"):
                if (measure, *key[1:]) in cells:
                    yield {key: 1, (measure, *key[1:]): -1}
    for (*place, name), parts in of.items():
        total = tuple(place)
        if total in cells:
            yield from ({part: 1, total: -1} for part in parts)
            # The table by kind leaves one kind out.
            if name != "kind":
                yield {total: 1, **dict.fromkeys(parts, -1)}


def concluded(cells: Mapping[Key, int | None]) -> dict[Key, int]:
    """Every withheld figure that he can name, and what he says it is."""
    return concluded_from(cells, list(sums(cells)), list(at_most(cells)))


def concluded_from(cells: Mapping[Key, int | None], equal: list[Line], less: list[Line]) -> dict[Key, int]:
    """The same of any system of lines."""
    known = dict(cells)
    found: dict[Key, int] = {}
    while True:
        new = _by_elimination(equal, known) | _by_bounds(equal, less, known)
        if not new:
            return found
        found |= new
        known |= new


def _open(line: Line, known: Mapping[Key, int | None]) -> tuple[Line, int]:
    """The unknowns of a line, and what they must come to (or stay below)."""
    unknown = {key: sign for key, sign in line.items() if known[key] is None}
    return unknown, -sum(sign * value for key, sign in line.items() if (value := known[key]) is not None)


def _by_elimination(equal: list[Line], known: Mapping[Key, int | None]) -> dict[Key, int]:
    solved: dict[Key, tuple[dict[Key, Fraction], Fraction]] = {}
    for line in equal:
        unknown, right = _open(line, known)
        row, value = {key: Fraction(sign) for key, sign in unknown.items()}, Fraction(right)
        for pivot in [key for key in row if key in solved]:
            value = _less(row, value, pivot, *solved[pivot])
        if not row:
            assert value == 0, "what is published does not add up"
            continue
        pivot = min(row)
        scale = row[pivot]
        row, value = {key: held / scale for key, held in row.items()}, value / scale
        for other, (held, amount) in list(solved.items()):
            if pivot in held:
                solved[other] = (held, _less(held, amount, pivot, row, value))
        solved[pivot] = (row, value)
    return {pivot: int(value) for pivot, (row, value) in solved.items() if len(row) == 1}


def _less(row: dict[Key, Fraction], value: Fraction, pivot: Key, other: dict[Key, Fraction], amount: Fraction) -> Fraction:
    times = row[pivot]
    for key, held in other.items():
        left = row.get(key, Fraction(0)) - times * held
        if left:
            row[key] = left
        else:
            del row[key]
    return value - times * amount


def _by_bounds(equal: list[Line], less: list[Line], known: Mapping[Key, int | None]) -> dict[Key, int]:
    low: dict[Key, float] = {key: 1 for key, value in known.items() if value is None}
    high: dict[Key, float] = dict.fromkeys(low, math.inf)
    rows = [_open(line, known) for line in (*equal, *less, *({key: -sign for key, sign in line.items()} for line in equal))]
    changed = True
    while changed:
        changed = False
        for unknown, right in rows:
            least = {key: sign * (low[key] if sign > 0 else high[key]) for key, sign in unknown.items()}
            for key, sign in unknown.items():
                room = right - sum(held for other, held in least.items() if other != key)
                if sign > 0 and room < high[key]:
                    high[key], changed = room, True
                elif sign < 0 and -room > low[key]:
                    low[key], changed = -room, True
    return {key: int(low[key]) for key in low if low[key] == high[key]}
