"""Taking in an official list: checked, compared with what is there, and kept in one layout."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvarn.errors import CodeListError
from kvarn.metadata._codelists import TOTAL, Row, forget_lists, own_codelist
from kvarn.metadata._imported import read_lists
from kvarn.metadata._reading import Line, read_lines
from kvarn.metadata._rules import KKA, KMA, Importable, code_form, kind_and_group, valid_in

__all__ = ["Comparison", "ImportedList", "import_codelist", "read_codelist"]

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "procedure": ("code", "sv", "en", "kind", "group", "valid_from", "valid_to"),
    "profession": ("code", "sv", "en", "accepted", "valid_from", "valid_to"),
    "municipality": ("code", "sv", "en", "valid_from", "valid_to"),
}
_FORM_IN_WORDS = {
    "procedure": "a KVÅ code (two letters and three figures, or three letters and two figures)",
    "profession": "a profession code (two letters and three figures)",
    "municipality": "a municipality code (four figures, the first two a county)",
}
# What stands behind some official titles, and is no part of them.
_SUFFIX = re.compile(r"\s*\(i\)$")
_TRUTH = {"true": "true", "ja": "true", "yes": "true", "1": "true", "false": "false", "nej": "false", "no": "false", "0": "false"}
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}-[0-9]{2})?")
_FIRST_YEAR, _LAST_YEAR = 1900, 2999
_FEW = 5


@dataclass(frozen=True)
class Comparison:
    """What differs from another list: codes that only the new one has, that only the other has, that have another title.

    `against` is a year, or None for kvarn's own list.
    """

    against: int | None
    new: tuple[str, ...]
    gone: tuple[str, ...]
    renamed: tuple[str, ...]

    def __str__(self) -> str:
        other = "kvarn's own list" if self.against is None else f"the list of {self.against}"
        return f"against {other}: {len(self.new):,} new, {len(self.gone):,} gone, {len(self.renamed):,} renamed"


@dataclass(frozen=True)
class ImportedList:
    """What was taken in.

    Attributes
    ----------
    path
        The list as it is kept; its record lies beside it as JSON.
    source, sha256
        The official file's name and fingerprint.
    codes, surgical, medical, unspecific, translated
        How many codes; of procedures KKÅ, KMÅ and those ending in 000; those with an English title of the file's.
    comparisons
        Against kvarn's own list, and against the nearest year that had been imported before.
    """

    name: str
    year: int
    path: Path
    source: str
    sha256: str
    codes: int
    surgical: int
    medical: int
    unspecific: int
    translated: int
    comparisons: tuple[Comparison, ...]

    def summary(self) -> tuple[str, ...]:
        """The counts in words, one line each, for the command line."""
        counts = f"{self.codes:,} codes"
        if self.name == "procedure":
            counts += f": {self.surgical:,} KKÅ, {self.medical:,} KMÅ; {self.unspecific:,} end in 000"
        return (counts, f"{self.translated:,} with an English title", *map(str, self.comparisons))


def import_codelist(
    path: Path, *, name: Importable, year: int, into: Path, valid_from: str | None = None, valid_to: str | None = None
) -> ImportedList:
    """Check an official code list and keep it as ``<name>-<year>.csv`` in `into`, with its record beside it.

    The file is CSV (comma, semicolon or tab; UTF-8 or ISO 8859-1) or a workbook (.xlsx), with a heading for the code
    (``key``, ``kod``, ``code`` …) and one for the Swedish title (``value``, ``titel``, ``title``, ``sv`` …); English titles,
    validity, and of procedures kind and group are taken where it has them. The same file gives the same bytes.

    Parameters
    ----------
    name
        ``procedure`` (KVÅ), ``profession`` or ``municipality``.
    year
        The year whose list this is; it replaces an earlier import of the same year.
    into
        The project's ``params/codelists/``.
    valid_from, valid_to
        Years or dates, where the list holds for more than `year` (KVÅ does not: it is revised every year).

    Raises
    ------
    CodeListError
        The file is no such list, a code is malformed, unknown or there twice, or a title is missing: the file, the first line
        at fault and the field. Nothing has been written.
    """
    limits = _limits(path, year, valid_from, valid_to)
    rows = [_completed(name, row, limits) for row in read_codelist(path, name)]
    if not any(valid_in(row, year) for row in rows):
        raise CodeListError(f"No code of the list is valid in {year}.", file=path, remedy="Give the year of the list.")
    into.mkdir(parents=True, exist_ok=True)
    earlier = [one for one in read_lists(into) if one.name == name and one.year != year]
    nearest = min(earlier, key=lambda one: (abs(one.year - year), one.year), default=None)
    comparisons = [_compared(None, rows, [row for row in own_codelist(name).rows if _is_code(row) and valid_in(row, year)])]
    comparisons += [_compared(nearest.year, rows, nearest.rows)] if nearest else []
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    kept = _write(into, name, year, rows, limits, {"file": path.name, "sha256": sha256})
    return ImportedList(
        name=name,
        year=year,
        path=kept,
        source=path.name,
        sha256=sha256,
        codes=len(rows),
        surgical=sum(name == "procedure" and KKA.fullmatch(row["code"]) is not None for row in rows),
        medical=sum(name == "procedure" and KMA.fullmatch(row["code"]) is not None for row in rows),
        unspecific=sum(name == "procedure" and row["code"].endswith("000") for row in rows),
        translated=sum(bool(row["en"]) for row in rows),
        comparisons=tuple(comparisons),
    )


def read_codelist(path: Path, name: Importable) -> tuple[Row, ...]:
    """The rows of an official list, checked, in order of code: ``code``, ``sv`` and what else the file has.

    Raises
    ------
    CodeListError
        As `import_codelist`.
    """
    lines = [Line(line.number, {**line.fields, **_repaired(name, line.fields)}) for line in read_lines(path)]
    for check in (_wrong_code, _no_title, _wrong_category):
        _refuse_first(path, lines, lambda line, check=check: check(name, line))  # type: ignore[misc]
    first: dict[str, int] = {}
    for line in lines:
        first.setdefault(line.fields["code"], line.number)
    _refuse_first(
        path,
        lines,
        lambda line: (
            None
            if first[line.fields["code"]] == line.number
            else ("code", f"{line.fields['code']} stands on line {first[line.fields['code']]} already", "Keep one of the two.")
        ),
    )
    return tuple(sorted((line.fields for line in lines), key=lambda row: row["code"]))


# What is wrong with a line: the field, what, and the remedy.
_Fault = tuple[str, str, str]


def _refuse_first(path: Path, lines: Sequence[Line], fault_of: Callable[[Line], _Fault | None]) -> None:
    found = [(line, fault) for line in lines if (fault := fault_of(line)) is not None]
    if not found:
        return
    line, (field, what, remedy) = found[0]
    others = [str(other.number) for other, _ in found[1 : 1 + _FEW]]
    more = f" ({len(found) - 1} more lines are at fault: {', '.join(others)}{' …' if len(found) - 1 > _FEW else ''})"
    raise CodeListError(
        f"{what}{more if others else ''}.", file=path, line=line.number, field=field, remedy=f"{remedy} Then import it again."
    )


def _wrong_code(name: Importable, line: Line) -> _Fault | None:
    code = line.fields["code"]
    if code_form(name).fullmatch(code) and (name != "municipality" or code[:2] in own_codelist("county").by_code):
        return None
    what = f"{code[:20]!r} is not {_FORM_IN_WORDS[name]}" if code else "The code is missing"
    return "code", what, "Correct the code, or take away lines that are no part of the list."


def _no_title(name: Importable, line: Line) -> _Fault | None:
    if line.fields["sv"]:
        return None
    return "title", f"{line.fields['code']} has no title", "Give the code its Swedish title."


def _wrong_category(name: Importable, line: Line) -> _Fault | None:
    """Kind, group, acceptance and validity, where the file has them."""
    for field, listed in (("kind", "kind"), ("group", "procedure-group")):
        value = line.fields.get(field)
        known = [code for code in own_codelist(listed).codes if code != TOTAL]
        if name == "procedure" and value and value not in known:
            return field, f"{value[:40]!r} is no {field} of procedures", f"Give one of {', '.join(known)}, or leave it empty."
    if name == "profession" and (value := line.fields.get("accepted")) and value not in _TRUTH.values():
        return "accepted", f"{value[:20]!r} is neither true nor false", "Write true or false."
    for field in ("valid_from", "valid_to"):
        if (value := line.fields.get(field)) and not _DATE.fullmatch(value):
            return field, f"{value[:20]!r} is no year or date", "Write YYYY or YYYY-MM-DD."
    return None


def _repaired(name: Importable, fields: Mapping[str, str]) -> dict[str, str]:
    """What formats take away or add: leading zeros, the suffix of titles, the time behind a date."""
    repaired = {"sv": _SUFFIX.sub("", fields["sv"]), "en": _SUFFIX.sub("", fields.get("en", ""))}
    if name == "municipality" and re.fullmatch(r"[0-9]{3}", fields["code"]):
        # A workbook keeps 0114 as the number 114.
        repaired["code"] = f"0{fields['code']}"
    for field in ("valid_from", "valid_to"):
        if fields.get(field):
            repaired[field] = fields[field].removesuffix(" 00:00:00")
    if fields.get("accepted"):
        repaired["accepted"] = _TRUTH.get(fields["accepted"].casefold(), fields["accepted"])
    return repaired


def _limits(path: Path, year: int, valid_from: str | None, valid_to: str | None) -> tuple[str, str]:
    """From when until when the whole list holds: the year, unless something else is said."""
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise CodeListError(f"{year} is not a year.", file=path, field="year", remedy="Give the year of the list, such as 2020.")
    first, last = valid_from or f"{year}-01-01", valid_to or f"{year}-12-31"
    for field, value in (("valid_from", first), ("valid_to", last)):
        if not _DATE.fullmatch(value):
            raise CodeListError(f"{value!r} is no year or date.", file=path, field=field, remedy="Write YYYY or YYYY-MM-DD.")
    if not first[:4] <= f"{year}" <= last[:4]:
        raise CodeListError(
            f"The list of {year} cannot be valid from {first} to {last}.",
            file=path,
            field="valid_from",
            remedy="The year must lie between the two.",
        )
    return first, last


def _completed(name: Importable, row: Row, limits: tuple[str, str]) -> Row:
    """A row with every column of its list: what the file leaves out comes from kvarn's own list and rules."""
    own: Row = own_codelist(name).by_code.get(row["code"], {})
    found = {column: row.get(column, "") for column in _COLUMNS[name]}
    if name == "procedure":
        kind, group = kind_and_group(row["code"])
        found["kind"] = found["kind"] or own.get("kind") or kind
        found["group"] = found["group"] or own.get("group") or group
    elif name == "profession":
        # A profession that nobody has said may report is not accepted.
        found["accepted"] = found["accepted"] or own.get("accepted") or "false"
    else:
        # A municipality has one name.
        found["en"] = found["en"] or found["sv"]
    found["valid_from"] = found["valid_from"] or limits[0]
    found["valid_to"] = found["valid_to"] or limits[1]
    return found


def _is_code(row: Row) -> bool:
    return row["code"] != TOTAL


def _compared(against: int | None, rows: Sequence[Row], others: Sequence[Row]) -> Comparison:
    now, then = ({row["code"]: row["sv"] for row in listed} for listed in (rows, others))
    return Comparison(
        against,
        new=tuple(code for code in now if code not in then),
        gone=tuple(code for code in then if code not in now),
        renamed=tuple(code for code in now if code in then and now[code] != then[code]),
    )


def _write(into: Path, name: str, year: int, rows: Sequence[Row], limits: tuple[str, str], source: Mapping[str, str]) -> Path:
    """The list and its record, each whole or not at all; the record tells when the two do not belong together."""
    text = io.StringIO()
    out = csv.DictWriter(text, _COLUMNS[name], lineterminator="\n")
    out.writeheader()
    out.writerows(rows)
    content = text.getvalue().encode("utf-8")
    record = {
        "name": name,
        "year": year,
        "valid_from": limits[0],
        "valid_to": limits[1],
        "codes": len(rows),
        "sha256": hashlib.sha256(content).hexdigest(),
        "source": source,
    }
    written = json.dumps(record, ensure_ascii=False, indent=1).encode("utf-8") + b"\n"
    path = into / f"{name}-{year}.csv"
    for place, bytes_ in ((path.with_suffix(".json"), written), (path, content)):
        beside = place.with_name(f".{place.name}.{os.getpid()}.part")
        try:
            beside.write_bytes(bytes_)
            os.replace(beside, place)
        finally:
            beside.unlink(missing_ok=True)
    forget_lists()
    return path
