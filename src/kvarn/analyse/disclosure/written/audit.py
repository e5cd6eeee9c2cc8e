"""The audit of what was written: read it back, state what anyone knows, and ask what follows.

Written apart from the protector: it takes nothing from it but the list of secrets, adds those that it finds itself, states
every relation from the code lists, and reckons each interval by the plain route.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kvarn import metadata
from kvarn.analyse.disclosure.written.line import Line
from kvarn.analyse.disclosure.written.proof import what_follows
from kvarn.analyse.disclosure.written.quantiles import REACHED, lines_of_quantiles
from kvarn.analyse.disclosure.written.relations import (
    Difference,
    Key,
    is_zero_where_not_available,
    key_of,
    lines_of_ratios,
    months_covered,
    months_told,
    name_of,
    parts_of_function,
)
from kvarn.analyse.disclosure.written.rests import Excused, Rest, Surplus, rests_of
from kvarn.analyse.disclosure.written.secrecy import is_count, secrets_of
from kvarn.analyse.disclosure.written.wholes import stated
from kvarn.errors import ConsistencyError, DisclosureError

__all__ = [
    "DISAGREE",
    "AsItWas",
    "Key",
    "Published",
    "ToldTooClosely",
    "UnreadableError",
    "audit_written",
    "draw_of",
    "read_csv",
    "read_json_stat",
    "secrets_of",
]

_WITHHELD = "X"
_NOT_AVAILABLE = ".."
_FIGURES = ("measure", "value", "status", "synthetic", "contributors")
# So far from what is new secrets are asked for besides.
_STEPS = 2
DISAGREE = "report this: the protector and its audit disagree."
_REMEDY = f"Nothing has been published. Coarsen the table, or {DISAGREE}"
_TOO_CLOSE = "{} secret cell(s) can be computed, or told too closely, from what was written."
# Of so many secrets that are told too closely it is said why.
_REASONED = 20


class ToldTooClosely(DisclosureError):
    """A secret lies in too narrow an interval.

    Attributes
    ----------
    cells, computed
        What is told: counts, and what is computed of some, each as a relation between those that it is computed of.
    because
        Relations between counts from which that follows, where there are any.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str,
        remedy: str,
        cells: Iterable[Key] = (),
        computed: Iterable[Line[Key]] = (),
        because: Iterable[Line[Key]] = (),
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.cells, self.computed, self.because = tuple(cells), tuple(computed), tuple(because)


@dataclass
class Published:
    """Everything that anyone can read: figures, gaps, and ratios with their decimals.

    Attributes
    ----------
    figures, gaps, not_available
        The cells that are shown somewhere, those that are withheld somewhere, and those that are not available.
    shown_in, withheld_in
        The first place of each.
    """

    figures: dict[Key, str] = field(default_factory=dict)
    gaps: set[Key] = field(default_factory=set)
    not_available: set[Key] = field(default_factory=set)
    shown_in: dict[Key, str] = field(default_factory=dict)
    withheld_in: dict[Key, str] = field(default_factory=dict)

    def see(self, key: Key, value: str, status: str, place: str) -> None:
        """One cell as it stands in one place; what is shown anywhere is known."""
        if status == _WITHHELD:
            self.gaps.add(key)
            self.withheld_in.setdefault(key, place)
        elif status == _NOT_AVAILABLE:
            self.not_available.add(key)
            self.withheld_in.setdefault(key, place)
        elif status == "":
            self.shown_in.setdefault(key, place)
            if self.figures.setdefault(key, value) != value:
                shown = f"{self.shown_in[key]}: {name_of(key)}"
                raise ConsistencyError("The same cell is published as two figures.", cells=(shown, f"{place}: {name_of(key)}"))

    def symbols(self) -> Iterator[tuple[str, set[Key]]]:
        """The symbols that stand in place of figures, each with its cells."""
        yield _WITHHELD, self.gaps
        yield _NOT_AVAILABLE, self.not_available

    def counts(self) -> tuple[dict[Key, int], set[Key]]:
        """The counts that are known, and those that are not. Of what was not reported nothing is in any total: it is zero."""
        known = {key: 0 for key in self.not_available if is_count(key[0]) and is_zero_where_not_available(key)}
        known |= {key: int(value) for key, value in self.figures.items() if value.isdigit() and is_count(key[0])}
        return known, {key for key in self.gaps if key not in self.figures and is_count(key[0])}

    def require_one_status(self) -> None:
        """Make sure that no cell is withheld, or not available, in one place and shown in another.

        Raises
        ------
        DisclosureError
            One is. The error names the cell and both places.
        """
        for cells, how in ((self.gaps, "withheld"), (self.not_available, "not available")):
            both = sorted((key for key in cells if key in self.figures), key=str)
            if not both:
                continue
            key = both[0]
            raise DisclosureError(
                f"{len(both)} cell(s) are {how} in one place and shown in another.",
                where=f"{name_of(key)}: {how} in {self.withheld_in[key]}, shown in {self.shown_in[key]}",
                remedy="Nothing has been published. Make the product that shows it again; if it recurs, report it.",
            )


@dataclass
class AsItWas:
    """What has been published of counts that were others then, each by a name of its own.

    Attributes
    ----------
    known, unknown
        What was shown, and what was withheld.
    unseen
        What stood in no table and tied them.
    ties
        The relations of then in which one of them stands.
    secrets, differences, overlaps, surpluses
        What must not be told of them, with the width that each needs.
    figures
        The true figure of each count that is another now.
    """

    known: dict[Key, int] = field(default_factory=dict)
    unknown: set[Key] = field(default_factory=set)
    unseen: set[Key] = field(default_factory=set)
    ties: list[Line[Key]] = field(default_factory=list)
    secrets: dict[Key, int] = field(default_factory=dict)
    differences: dict[Difference, int] = field(default_factory=dict)
    overlaps: dict[Difference, int] = field(default_factory=dict)
    surpluses: dict[Surplus, int] = field(default_factory=dict)
    figures: dict[Key, int] = field(default_factory=dict)


class UnreadableError(DisclosureError):
    """What has been published cannot be read. Nothing that is asked for now is at fault."""


def read_csv(folder: Path, into: Published, *, place: str = "") -> None:
    """Read every table of a folder of CSV files; `place` stands before their names in errors.

    Raises
    ------
    UnreadableError
        A file is none of kvarn's tables, or was damaged: what nobody can read cannot be audited.
    """
    for path in sorted(folder.glob("*.csv")):
        try:
            with path.open(encoding="utf-8", newline="") as rows:
                reader = csv.DictReader(_without_noughts(rows), strict=True)
                if not {"year", *_FIGURES[:3]} <= set(reader.fieldnames or ()):
                    raise ValueError
                for row in reader:
                    if None in row or None in row.values():
                        raise ValueError
                    codes = {name: code for name, code in row.items() if name not in _FIGURES and name != "year"}
                    into.see(key_of(row["measure"], row["year"], codes), row["value"], row["status"], place + path.name)
        except ConsistencyError:
            raise
        except (ValueError, KeyError, csv.Error):
            remedy = "Restore it from the backup, or make it again as it was made (kvarn publish, kvarn order)."
            raise UnreadableError("The table cannot be read: the file is damaged.", where=str(path), remedy=remedy) from None


def _without_noughts(lines: Iterable[str]) -> Iterator[str]:
    """What a machine that was stopped while it wrote has left is often noughts."""
    for line in lines:
        if "\0" in line:
            raise ValueError
        yield line


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
            into.see(key_of(measure, year, held), text, shown or "", path.name)


@metadata.lists_held()
def audit_written(
    published: Published,
    secrets: Mapping[Key, int],
    excused: Iterable[Excused] = (),
    *,
    differences: Mapping[Difference, int] | None = None,
    overlaps: Mapping[Difference, int] | None = None,
    surpluses: Mapping[Surplus, int] | None = None,
    untrue: Collection[Key] = (),
    taken: Iterable[Line[Key]] = (),
    ups: Mapping[Key, int] | None = None,
    figures: Mapping[Key, int] | None = None,
    before: AsItWas | None = None,
    first: Collection[Key] = (),
    at_most: int = 500,
    drawn_by: str = "",
) -> dict[str, Any]:
    """Attack what was written, and say how many secrets were asked for and how narrow the narrowest interval is.

    Parameters
    ----------
    secrets
        What must not be told, with the width of the interval that each needs.
    excused
        Secrets, differences, overlaps and surpluses that an earlier edition has given away.
    differences
        What is left of a total without parts of it, and must not be told either; with the width that it needs.
    overlaps
        What the parts that cover a total come to beyond it, likewise.
    surpluses
        What came to the parts of a total between two registers beyond what came to the total, likewise.
    untrue
        Persons with an event who are more than those of whom they are a part: no part of them, whatever anyone may think.
    taken
        What is assumed besides of those who read, wherever it is true (`nearly`).
    ups, figures
        How far beyond its figure the interval of a secret has to reach, of those that need that; and their true figures, those
        of counts that are others now apart (`before`).
    before
        What was published of counts that have been revised since.
    first
        What is new among all that is out: secrets, and what is computed, with one of these cells are asked for besides, and those
        that a relation, or two, tie to one.
    at_most
        So many secrets are asked for, as many with a cell of `first`, and as many that are near to one; of more, a sample.
    drawn_by
        What the sample is drawn by: something that nobody knows who could choose what is not looked at.

    Raises
    ------
    DisclosureError
        A secret is published, or lies in an interval that is too narrow or does not reach up far enough; or a quantile or a
        standardised rate is published whose counts are not. The error names the cell, and where it is shown, never its value.
    """
    known, unknown = published.counts()
    let_off, then = set(excused), before or AsItWas()
    wanted = {key: width for key, width in {**then.secrets, **secrets}.items() if key not in let_off}
    left = {
        one: width
        for one, width in {**then.differences, **(differences or {})}.items()
        if one not in let_off and not _is_none(one, untrue)
    }
    twice = {one: width for one, width in {**then.overlaps, **(overlaps or {})}.items() if ("overlap", one) not in let_off}
    more = {one: width for one, width in {**then.surpluses, **(surpluses or {})}.items() if ("surplus", one) not in let_off}
    _require_none_shown(published, sorted((key for key in wanted if key in known), key=str))
    _require_functions_of_what_is_shown(published, unknown, let_off)
    months = months_told(published.figures, published.not_available)
    noughts = {key for key, value in known.items() if value == 0}
    covered = months_covered(published.figures)
    found = stated({*known, *unknown}, untrue, published.not_available, months, noughts, first, covered)
    of_functions = [*lines_of_ratios(published.figures, known), *lines_of_quantiles(published.figures, known, unknown)]
    nowhere = found.unseen | then.unseen | {key for line in of_functions for key in line.terms if key[0].endswith(REACHED)}
    ties = [*found.lines, *(line for line in taken if line.terms.keys() <= {*known, *unknown}), *of_functions, *then.ties]
    known = {**then.known, **known}
    unknown = (unknown | then.unknown) - known.keys()
    # What is computed is one unknown more, of which nobody knows that it is not nought; and so is what stands in no table.
    rests = rests_of(left, twice, more)
    ties += [rest.line(key) for key, rest in rests.items()]
    counts = known.keys() | unknown
    there = {key for key, rest in rests.items() if rest.terms.keys() <= counts}
    from kvarn.analyse.disclosure.written.plain import Plain

    at_least = {**dict.fromkeys(unknown, 1), **dict.fromkeys(there, 0), **dict.fromkeys(sorted(nowhere), 0)}
    plain = Plain(known, at_least, ties)
    widths = {key: width for key, width in wanted.items() if key in unknown} | {key: rests[key].width for key in there}
    drawn, new = sorted(widths, key=lambda key: place_in_draw(key, drawn_by)), set(first)
    of_new = [key for key in drawn if key in new or (key in rests and not new.isdisjoint(rests[key].terms))]
    near = _near(new.union(key for key in of_new if key in rests), ties, known) if new else {}
    close = sorted((key for key in drawn if key in near), key=lambda key: near[key])
    asked = list(dict.fromkeys([*of_new[:at_most], *close[:at_most], *drawn[:at_most]]))
    tops = _tops({key: up for key, up in (ups or {}).items() if key in widths}, {**then.figures, **(figures or {})})
    narrow, narrowest = plain.too_narrow({key: widths[key] for key in asked}, {key: tops[key] for key in asked if key in tops})
    if narrow:
        computed = {key: rest.terms for key, rest in rests.items()}
        told = sorted(narrow, key=str)
        proofs = [(key, proof) for key in told[:_REASONED] for proof in plain.proofs(key)]
        raise ToldTooClosely(
            _TOO_CLOSE.format(len(told)),
            where=_where(published, _named(told[0], rests)),
            remedy=_REMEDY,
            cells=[key for key in told if key not in rests],
            computed=[Line(dict(rests[key].terms), exact=False) for key in told if key in rests],
            because=[line for key, one in proofs if (line := what_follows(key, one, nowhere, computed)) is not None],
        )
    return {
        "secrets": len(wanted) + len(rests),
        "asked": len(asked),
        "narrowest": None if narrowest is None else float(narrowest),
    }


def _tops(ups: Mapping[Key, int], figures: Mapping[Key, int]) -> dict[Key, int]:
    """The number that the interval of each secret has to reach up to that needs room upwards."""
    for key in ups:
        if key not in figures:
            raise ConsistencyError(
                "A secret is kept of which no table has the figure, so nobody can tell whether it is safe.",
                cells=(name_of(key), "the unprotected tables"),
                remedy="Run kvarn publish again.",
            )
    return {key: figures[key] + up for key, up in ups.items()}


def _is_none(one: Difference, untrue: Collection[Key]) -> bool:
    """Whether nothing can be left of the whole, as the part is the larger."""
    whole, parts = one
    return any(part in untrue and part[0] != whole[0] for part in parts)


def _require_none_shown(published: Published, shown: Sequence[Key]) -> None:
    if shown:
        where = _where(published, f"{name_of(shown[0])} ({published.shown_in.get(shown[0], 'published')})")
        raise DisclosureError(_TOO_CLOSE.format(len(shown)), where=where, remedy=_REMEDY)


def _require_functions_of_what_is_shown(published: Published, unknown: set[Key], let_off: Collection[Excused]) -> None:
    """A quantile or a standardised rate of counts that are withheld tells of them."""
    for key in sorted(published.figures):
        if any(part in unknown and part not in let_off for part in parts_of_function(key)):
            raise DisclosureError(
                "A figure is published that is made of withheld counts.",
                where=f"{name_of(key)} ({published.shown_in.get(key, 'published')})",
                remedy=_REMEDY,
            )


def _named(key: Key, rests: Mapping[Key, Rest]) -> str:
    return rests[key].words if key in rests else name_of(key)


def _where(published: Published, where: str) -> str:
    """What is told; where a cell that is withheld elsewhere is shown, that place is named too."""
    leaks = sorted(f"{name_of(key)} in {published.shown_in[key]}" for key in published.gaps if key in published.figures)
    return f"{where}; withheld elsewhere, but shown: {'; '.join(leaks[:3])}" if leaks else where


def _in_order(index: Mapping[str, int] | Sequence[str]) -> list[str]:
    return sorted(index, key=lambda code: index[code]) if isinstance(index, Mapping) else list(index)


def _numbered(values: Mapping[str, Any] | Sequence[Any]) -> Iterator[tuple[int, Any]]:
    if isinstance(values, Mapping):
        yield from ((int(number), value) for number, value in values.items())
    else:
        yield from enumerate(values)


def _near(new: Collection[Key], ties: Sequence[Line[Key]], known: Collection[Key]) -> dict[Key, int]:
    """What is not known and stands in a relation with one of these, or with what stands in one; by how many steps."""
    found: dict[Key, int] = dict.fromkeys(new, 0)
    for step in range(1, _STEPS + 1):
        there = [line.terms.keys() for line in ties if not found.keys().isdisjoint(line.terms)]
        for keys in there:
            for key in keys:
                if key not in known:
                    found.setdefault(key, step)
    return found


def draw_of(counts: Mapping[Key, int]) -> str:
    """What a sample of these is drawn by: the same each time, and known to nobody who has not got all of them."""
    return hashlib.sha256(repr(sorted(counts.items())).encode()).hexdigest()


def place_in_draw(key: Key, drawn_by: str) -> bytes:
    """A place in the draw that is the same each time."""
    return hashlib.sha256(f"{drawn_by} {key!r}".encode()).digest()
