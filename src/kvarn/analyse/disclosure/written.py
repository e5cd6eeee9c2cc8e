"""The audit of what was written: read it back, state what anyone knows, and ask what follows.

Written apart from the protector: it takes nothing from him but the list of secrets, adds those that it finds itself, states
every relation from the code lists, and reckons each interval by the plain route.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from kvarn import metadata
from kvarn.analyse._classification import OF_PROCEDURE, children, procedures_within, total
from kvarn.analyse.disclosure.plain import Line, Plain
from kvarn.edition import Disclosure
from kvarn.errors import ConsistencyError, DisclosureError

__all__ = ["Key", "Published", "audit_written", "read_csv", "read_json_stat", "secrets_of"]

# measure, year, and (variable, code) of each category that is no total, in order
Key = tuple[str, int, tuple[tuple[str, str], ...]]
_WITHHELD = "X"
_FIGURES = ("measure", "value", "status", "synthetic", "contributors")


@dataclass
class Published:
    """Everything that anyone can read: figures, gaps, and ratios with their decimals."""

    figures: dict[Key, str] = field(default_factory=dict)
    gaps: set[Key] = field(default_factory=set)

    def see(self, key: Key, value: str, status: str, place: str) -> None:
        """One cell as it stands in one place; what is shown anywhere is known."""
        if status == _WITHHELD:
            self.gaps.add(key)
        elif status == "" and self.figures.setdefault(key, value) != value:
            raise ConsistencyError("The same cell is published as two figures.", cells=(_name(key), f"{place}: {_name(key)}"))

    def counts(self) -> tuple[dict[Key, int], set[Key]]:
        """The counts that are known, and those that are not."""
        known = {key: int(value) for key, value in self.figures.items() if value.isdigit() and _is_count(key[0])}
        return known, {key for key in self.gaps if key not in self.figures and _is_count(key[0])}


def read_csv(folder: Path, into: Published) -> None:
    """Read every table of a folder of CSV files."""
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                codes = {name: code for name, code in row.items() if name not in _FIGURES and name != "year"}
                into.see(_key(row["measure"], row["year"], codes), row["value"], row["status"], path.name)


def read_json_stat(folder: Path, into: Published) -> None:
    """Read every JSON-stat 2.0 dataset of a folder."""
    for path in sorted(folder.glob("*.json")):
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if data.get("class") != "dataset":
            continue
        names, sizes = data["id"], data["size"]
        codes = [_in_order(data["dimension"][name]["category"]["index"]) for name in names]
        status = data.get("status") or {}
        for number, value in _numbered(data["value"]):
            place, held = number, {}
            for name, size, of in reversed(list(zip(names, sizes, codes, strict=True))):
                place, at = divmod(place, size)
                held[name] = of[at]
            measure, year = held.pop("measure", None), held.pop("year", None)
            if measure is None or year is None:
                continue
            shown = status[number] if isinstance(status, list) else status.get(str(number), "")
            decimals = metadata.measure(measure).decimals
            text = "" if value is None else f"{value:.{decimals}f}"
            into.see(_key(measure, year, held), text, shown or "", path.name)


def secrets_of(tables: Mapping[str, pd.DataFrame], rules: Disclosure) -> dict[Key, int]:
    """The counts that tell of too few persons, by the plain rule alone, each with the width it needs."""
    found = {}
    for name_of_table, table in tables.items():
        variables = [name for name in metadata.table(name_of_table).variables if name != "year"]
        for row in table.to_dict("records"):
            measure, value = str(row["measure"]), str(row["value"])
            if not value.isdigit() or value == "0" or not _is_count(measure):
                continue
            subject = metadata.measure(measure).subject
            behind = 0 if pd.isna(row["contributors"]) else int(row["contributors"])
            few = int(value) < rules.threshold if subject == "persons" else behind < rules.contributors
            if subject != "public" and few:
                codes = {name: str(row[name]) for name in variables}
                found[_key(measure, row["year"], codes)] = rules.width
    return found


def audit_written(
    published: Published, secrets: Mapping[Key, int], excused: Iterable[Key] = (), *, at_most: int = 500
) -> dict[str, Any]:
    """Attack what was written, and say how many secrets were asked for and how narrow the narrowest interval is.

    Parameters
    ----------
    secrets
        What must not be told, with the width of the interval that each needs.
    excused
        Secrets that an earlier edition has given away.
    at_most
        So many secrets are asked for; of more, a sample that is the same each time.

    Raises
    ------
    DisclosureError
        A secret is published, or lies in too narrow an interval. The error names the cell, never its value.
    """
    known, unknown = published.counts()
    wanted = {key: width for key, width in secrets.items() if key not in set(excused)}
    shown = sorted((key for key in wanted if key in known), key=str)
    if shown:
        raise _told(shown[0], len(shown))
    plain = Plain(known, dict.fromkeys(unknown, 1), [*_lines({*known, *unknown}), *_of_ratios(published, known)])
    asked = sorted((key for key in wanted if key in unknown), key=_drawn)[:at_most]
    narrow, narrowest = [], None
    for key in asked:
        least, most = plain.interval(key)
        if most - least < wanted[key]:
            narrow.append(key)
        narrowest = min(most - least, narrowest if narrowest is not None else most - least)
    if narrow:
        raise _told(sorted(narrow, key=str)[0], len(narrow))
    return {"secrets": len(wanted), "asked": len(asked), "narrowest": None if narrowest is None else float(narrowest)}


def _lines(keys: set[Key]) -> Iterator[Line[Key]]:
    """Every relation that anyone can state from the code lists."""
    variables: dict[str, set[str]] = defaultdict(set)
    for measure, _, categories in keys:
        variables[measure] |= {name for name, _ in categories}
    for key in sorted(keys):
        for name in sorted(variables[key[0]]):
            yield from _divided(keys, key, name)
        yield from _of_measures(keys, key)


def _divided(keys: set[Key], whole: Key, name: str) -> Iterator[Line[Key]]:
    held = dict(whole[2])
    code = held.get(name) or total(name)
    if code is None:
        return
    additive = name in metadata.measure(whole[0]).additive
    divisions = [[_at(whole, name, child) for child in children(name, code)]]
    if "procedure" not in held:
        divisions.append([_at(_at(whole, name, None), "procedure", leaf) for leaf in procedures_within(name, code)])
    for division in divisions:
        parts = [part for part in division if part in keys]
        complete = len(parts) == len(division)
        if not parts:
            continue
        if additive:
            yield Line({whole: 1.0, **dict.fromkeys(parts, -1.0)}, exact=complete)
            continue
        yield from (Line({whole: 1.0, part: -1.0}, exact=False) for part in parts)
        if complete:
            yield Line({whole: -1.0, **dict.fromkeys(parts, 1.0)}, exact=False)


def _of_measures(keys: set[Key], key: Key) -> Iterator[Line[Key]]:
    """Whoever has a procedure is a person, has one procedure at least, and lives in the country."""
    measure, year, categories = key
    if measure == "persons_with_procedure":
        if ("procedures", year, categories) in keys:
            yield Line({("procedures", year, categories): 1.0, key: -1.0}, exact=False)
        whole = ("persons", year, tuple(pair for pair in categories if pair[0] not in OF_PROCEDURE))
        if whole in keys:
            yield Line({whole: 1.0, key: -1.0}, exact=False)
    yield from _of_several_tables(keys, key)
    if measure == "persons" and ("population", year, categories) in keys and "region" not in dict(categories):
        yield Line({("population", year, categories): 1.0, key: -1.0}, exact=False)


def _of_several_tables(keys: set[Key], key: Key) -> Iterator[Line[Key]]:
    """Person-months are the persons of each month; who continues was there the year before; one profession is one."""
    measure, year, categories = key
    held = dict(categories)
    if measure == "person_months":
        if ("persons", year, categories) in keys:
            yield Line({key: 1.0, ("persons", year, categories): -1.0}, exact=False)
        months = [_at(("persons", year, categories), "month", f"{month:02d}") for month in range(1, 13)]
        if "month" not in held and all(month in keys for month in months):
            yield Line({key: 1.0, **dict.fromkeys(months, -1.0)}, exact=True)
    if held.get("continuity") == "continuing" and "age" not in held:
        before = (measure, year - 1, _at(key, "continuity", None)[2])
        if before in keys:
            yield Line({before: 1.0, key: -1.0}, exact=False)
    if measure == "procedures" and held.get("cooperation") == "single" and "profession" not in held:
        parts = [_at(key, "profession", code) for code in children("profession", "T")]
        if all(part in keys for part in parts):
            yield Line({key: 1.0, **dict.fromkeys(parts, -1.0)}, exact=True)


def _of_ratios(published: Published, known: Mapping[Key, int]) -> Iterator[Line[Key]]:
    """A ratio that is published tells of its parts, as far as its decimals go."""
    for (measure, year, categories), text in sorted(published.figures.items()):
        ratio = _ratio(measure)
        if ratio is None or not text.replace(".", "", 1).isdigit():
            continue
        above = (ratio.numerator, year, categories)
        below = (ratio.denominator, year, tuple(pair for pair in categories if pair[0] not in OF_PROCEDURE))
        if above in known and below in known:
            continue
        half = 0.5 * 10.0 ** -metadata.measure(measure).decimals
        if above != below:
            yield Line({above: float(ratio.factor), below: -(float(text) - half)}, exact=False)
            yield Line({above: -float(ratio.factor), below: float(text) + half}, exact=False)


def _key(measure: str, year: object, codes: Mapping[str, str]) -> Key:
    kept = sorted((name, code) for name, code in codes.items() if code != total(name))
    return measure, int(str(year)), tuple(kept)


def _at(key: Key, name: str, code: str | None) -> Key:
    kept = [pair for pair in key[2] if pair[0] != name]
    return key[0], key[1], tuple(sorted([*kept, (name, code)] if code is not None else kept))


def _is_count(measure: str) -> bool:
    declared = metadata.measure(measure)
    if getattr(declared, "is_function", declared.ratio is not None):
        return False
    return declared.subject != "public" or measure == "population"


def _ratio(measure: str) -> metadata.Ratio | None:
    return metadata.measure(measure).ratio


def _in_order(index: Mapping[str, int] | Sequence[str]) -> list[str]:
    return sorted(index, key=lambda code: index[code]) if isinstance(index, Mapping) else list(index)


def _numbered(values: Mapping[str, Any] | Sequence[Any]) -> Iterator[tuple[int, Any]]:
    if isinstance(values, Mapping):
        yield from ((int(number), value) for number, value in values.items())
    else:
        yield from enumerate(values)


def _name(key: Key) -> str:
    return ", ".join([key[0], str(key[1]), *(f"{variable} {code}" for variable, code in key[2])])


def _drawn(key: Key) -> bytes:
    """A place in the draw that is the same each time."""
    return hashlib.sha256(repr(key).encode()).digest()


def _told(key: Key, number: int) -> DisclosureError:
    return DisclosureError(
        f"{number} secret cell(s) can be computed, or told too closely, from what was written.",
        where=_name(key),
        remedy="Nothing has been published. Coarsen the table, or report this: the protector and its audit disagree.",
    )
