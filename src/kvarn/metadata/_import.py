"""Taking in an official list: joined with what is there of its year, compared with other lists, and kept in one layout."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvarn.base.modes import make_usual
from kvarn.base.plain_text import LONGEST_LINE, unseen
from kvarn.errors import CodeListError
from kvarn.metadata._codelists import TOTAL, Row, forget_lists, own_codelist
from kvarn.metadata._imported import Official, Source, list_path, read_list_of, write_list
from kvarn.metadata._programme import forget_classifications
from kvarn.metadata._published import FEW, Published, as_limit, read_published
from kvarn.metadata._rules import IMPORTABLE, KKA, KMA, KVA_PARTS, Importable, kind_and_group, valid_in
from kvarn.metadata._short_lists import shortfalls

__all__ = ["Comparison", "ImportedList", "import_codelist"]

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "procedure": ("code", "sv", "en", "kind", "group", "valid_from", "valid_to"),
    "profession": ("code", "sv", "en", "accepted", "valid_from", "valid_to"),
    "municipality": ("code", "sv", "en", "valid_from", "valid_to"),
}
_FIRST_YEAR, _LAST_YEAR = 1900, 2999
# How many codes of a kind are told of a comparison.
_MOST_TOLD = 10


@dataclass(frozen=True)
class Comparison:
    """What differs from another list: codes that only the new one has, that only the other has, that have another title.

    Attributes
    ----------
    against
        A year, or None for kvarn's own list.
    then, now
        The titles of those codes in the other list and in this one.
    """

    against: int | None
    new: tuple[str, ...]
    gone: tuple[str, ...]
    renamed: tuple[str, ...]
    then: Mapping[str, str] = dataclasses.field(default_factory=dict)
    now: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        other = "kvarn's own list" if self.against is None else f"the list of {self.against}"
        return f"against {other}: {len(self.new):,} new, {len(self.gone):,} gone, {len(self.renamed):,} with another title"

    def lines(self) -> Iterator[str]:
        """The first codes of each kind with their titles. Which codes are not on kvarn's own short list, nobody needs to know."""
        if self.against is not None:
            yield from _first("new", [f"{code} {self.now[code]}" for code in self.new])
        yield from _first("gone", [f"{code} {self.then[code]}" for code in self.gone])
        yield from _first("another title", [f"{code} {self.now[code]} (was: {self.then[code]})" for code in self.renamed])

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Every difference: ``new``, ``gone`` or ``title``, the code, the title in the other list and the one in this."""
        for kind, codes in (("new", self.new), ("gone", self.gone), ("title", self.renamed)):
            for code in codes:
                yield kind, code, self.then.get(code, ""), self.now.get(code, "")


@dataclass(frozen=True)
class ImportedList:
    """What was taken in.

    Attributes
    ----------
    path
        The list as it is kept; its record lies beside it as JSON.
    sources
        The official files' names and fingerprints, those that were joined with these before among them.
    codes, surgical, medical, unspecific, translated
        How many codes there are now; of procedures KKÅ, KMÅ and those ending in 000; those with an English title of the files'.
    published
        What was read now: rows, headings of groups, further rows of a code.
    before
        What was there of the year: ``nothing``, ``joined`` (other codes), ``the same`` or ``replaced``.
    comparisons
        Against kvarn's own list, against the nearest other year that had been imported, and against what was replaced.
    short
        Why so few codes are the whole list, where it is shorter than a list of a year is.
    """

    name: str
    year: int
    path: Path
    sources: tuple[Source, ...]
    codes: int
    surgical: int
    medical: int
    unspecific: int
    translated: int
    published: Published
    before: str
    comparisons: tuple[Comparison, ...]
    short: str | None = None

    def summary(self) -> tuple[str, ...]:
        """The counts in words, one line each, for the command line."""
        counts = _counted(self.codes, "code")
        if self.name == "procedure":
            counts += f": {self.surgical:,} KKÅ, {self.medical:,} KMÅ; {self.unspecific:,} end in 000"
        compared = (line for one in self.comparisons for line in (str(one), *one.lines()))
        return (counts, f"{self.translated:,} with an English title", *self._reading(), *compared)

    def warnings(self) -> tuple[str, ...]:
        """What somebody should look at: columns and sheets that were not read, parts of the list that are missing."""
        return tuple(self._warnings())

    def _reading(self) -> Iterator[str]:
        read = self.published
        names = ", ".join(path.name for path in read.listed)
        yield f"read: {names}; {_counted(read.read, 'row')}, {_counted(len(read.rows), 'code')}"
        if self.short is not None:
            yield f"so few codes are taken as the whole list: any other code of {self.year} is wrong. Why: {self.short}"
        if read.groups:
            what = "counties and the country" if self.name == "municipality" else "headings of groups"
            yield f"left out, {what}: {len(read.groups):,} ({_some(read.groups)})"
        if read.further:
            yield f"left out, further rows of the same codes: {read.further:,}"
        if self.before == "joined":
            yield f"joined with the {_counted(self.codes - len(read.rows), 'code')} imported for {self.year} before"
        elif self.before == "the same":
            yield f"all of it had been imported for {self.year} before: nothing has changed"

    def _warnings(self) -> Iterator[str]:
        for path, listed in self.published.listed.items():
            for heading in listed.not_understood:
                yield (
                    f"{path.name}: the column {heading!r} looks as if it told when a code is valid, and is not understood: "
                    "all codes are taken as valid the whole year. Name it valid_from or valid_to if it does."
                )
            if listed.other_sheets:
                yield (
                    f"{path.name}: the sheet {listed.sheet!r} was read; {_some(listed.other_sheets)} look like lists too. "
                    "Take them in as well with --sheet, if they are part of the list."
                )
        if self.name == "procedure":
            for part, codes in zip(KVA_PARTS, (self.surgical, self.medical), strict=True):
                if not codes:
                    yield (
                        f"no code of {part.name} has been imported for {self.year}: deliveries with such codes wait. "
                        f"Import the file with {part.name} too: it joins this one."
                    )


def import_codelist(
    *paths: Path,
    name: Importable,
    year: int,
    into: Path,
    valid_from: str | None = None,
    valid_to: str | None = None,
    sheet: str | None = None,
    replace: bool = False,
    short: str | None = None,
) -> ImportedList:
    """Check an official code list and keep it as ``<name>-<year>.csv`` in `into`, with its record beside it.

    The files are CSV (comma, semicolon or tab; UTF-8, UTF-16 or ISO 8859-1) or workbooks (.xlsx), with a heading for the code
    (``key``, ``kod``, ``code`` …) and one for the Swedish title (``value``, ``titel``, ``title``, ``sv`` …); English titles,
    validity, and of procedures kind and group are taken where they have them. Headings of groups are left out, and the rows of a
    code are one. The same files give the same bytes.

    Where a list of the year is there already, codes that it does not have join it. What it has and the files do not is never
    dropped without `replace`.

    Parameters
    ----------
    name
        ``procedure`` (KVÅ), ``profession`` or ``municipality``.
    year
        The year whose list this is.
    into
        The project's ``params/codelists/``.
    valid_from, valid_to
        Years or dates, where the list holds for more than `year` (KVÅ does not: it is revised every year).
    sheet
        The sheet of a workbook; the first with the headings of a list by default.
    replace
        Put the list in the place of what was imported for the year.
    short
        Why so few codes are the whole list of the year: without a reason a list that is far too short is refused.

    Raises
    ------
    CodeListError
        A file is no such list, a code is malformed or unknown, has two titles or none, the list is far too short to be the
        year's, or codes that had been imported would be gone: the file, the first line at fault and the field. Nothing has been
        written.
    """
    limits = _limits(paths[0], year, valid_from, valid_to)
    published = read_published(paths, name, sheet)
    sources = tuple(dict.fromkeys(Source(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths))
    rows = tuple(_completed(name, row, limits) for row in published.rows)
    if not any(valid_in(row, year) for row in rows):
        raise CodeListError(f"No code of the list is valid in {year}.", file=paths[0], remedy="Give the year of the list.")
    there = None if replace else _there(into, name, year)
    replaced = _there(into, name, year, damaged=True) if replace else there
    before, kept = "nothing", Official(name, year, *limits, rows, sources)
    if there is not None:
        before, kept = _beside(there, kept, paths[0])
    elif replaced is not None:
        before = "replaced"
    nearest = _nearest(into, name, year)
    kept = _whole(kept, nearest, short, paths[0])
    comparisons = [_compared(None, kept.rows, [row for row in own_codelist(name).rows if _is_code(row) and valid_in(row, year)])]
    comparisons += [_compared(nearest.year, kept.rows, nearest.rows)] if nearest else []
    comparisons += [_compared(year, kept.rows, replaced.rows)] if replaced and before == "replaced" else []
    make_usual(into)
    path = write_list(into, kept, _COLUMNS[name])
    forget_lists()
    forget_classifications()
    return ImportedList(
        name=name,
        year=year,
        path=path,
        sources=kept.sources,
        codes=len(kept.rows),
        surgical=sum(name == "procedure" and KKA.fullmatch(row["code"]) is not None for row in kept.rows),
        medical=sum(name == "procedure" and KMA.fullmatch(row["code"]) is not None for row in kept.rows),
        unspecific=sum(name == "procedure" and row["code"].endswith("000") for row in kept.rows),
        translated=sum(bool(row["en"]) for row in kept.rows),
        published=published,
        before=before,
        comparisons=tuple(comparisons),
        short=kept.short,
    )


def _whole(kept: Official, nearest: Official | None, short: str | None, path: Path) -> Official:
    """The list, with the reason why it is short where it is. A code that is not on it is called wrong in every receipt."""
    codes = [row["code"] for row in kept.rows if valid_in(row, kept.year)]
    found = list(
        shortfalls(kept.name, kept.year, codes, (nearest.year, [row["code"] for row in nearest.rows]) if nearest else None)
    )
    if not found:
        return dataclasses.replace(kept, short=None)
    reason = short if short is not None else kept.short
    if reason is None or not reason.strip():
        raise CodeListError(
            f"This is too short to be the list of {kept.year}: {'; '.join(map(str, found))}. "
            "Every other code would be called wrong.",
            file=path,
            remedy="Give the whole list, all its files in one command. If these codes are all that there are, say why: "
            "--short WHY; the reason is kept in the list's record.",
        )
    if (sign := unseen(reason)) or len(reason) > LONGEST_LINE:
        raise CodeListError(
            f"The reason has a character that is not seen, {sign}." if sign else f"The reason has {len(reason):,} characters.",
            file=path,
            field="short",
            remedy=f"Give it on one line, in {LONGEST_LINE:,} characters at most.",
        )
    return dataclasses.replace(kept, short=reason.strip())


def _there(into: Path, name: Importable, year: int, *, damaged: bool = False) -> Official | None:
    """What has been imported for the year; where it is `damaged` and is going to be replaced, nothing."""
    try:
        return read_list_of(into, name, year)
    except CodeListError as error:
        if damaged:
            return None
        raise CodeListError(
            f"{error.what} It cannot be told what it holds.",
            file=list_path(into, name, year),
            remedy="Give all files of the list, with --replace: they take its place.",
        ) from None


def _nearest(into: Path, name: Importable, year: int) -> Official | None:
    """The list of the nearest other year that can be read."""
    found = []
    for path in into.glob(f"{name}-*.csv"):
        other = path.stem.removeprefix(f"{name}-")
        if name in IMPORTABLE and other.isdecimal() and int(other) != year:
            try:
                found.append(read_list_of(into, name, int(other)))
            except CodeListError:
                continue
    return min((one for one in found if one), key=lambda one: (abs(one.year - year), one.year), default=None)


def _beside(there: Official, new: Official, path: Path) -> tuple[str, Official]:
    """What is kept of a list and the one that is there of the same year: both, where no code would be gone or change unseen."""
    old, now = ({row["code"]: dict(row) for row in one.rows} for one in (there, new))
    gone = [code for code in old if code not in now]
    if not gone:
        same = old == now and (there.valid_from, there.valid_to) == (new.valid_from, new.valid_to)
        return ("the same", there) if same else ("replaced", new)
    if all(old.get(code) == row for code, row in now.items()) and _is_a_file_of(there, new, gone):
        return "the same", there
    limits = (there.valid_from, there.valid_to) == (new.valid_from, new.valid_to)
    if limits and old.keys().isdisjoint(now):
        rows = tuple(sorted((*there.rows, *new.rows), key=lambda row: row["code"]))
        return "joined", Official(new.name, new.year, new.valid_from, new.valid_to, rows, (*there.sources, *new.sources))
    why = (
        f"the files have some of its codes and lack {len(gone):,} of them ({_some(gone)}), which would be gone"
        if limits
        else f"it holds from {there.valid_from} to {there.valid_to}, and this one from {new.valid_from} to {new.valid_to}"
    )
    raise CodeListError(
        f"A list of {new.year} with {len(old):,} codes has been imported before, and this one cannot join it: {why}.",
        file=path,
        remedy=(
            f"Give all files of {new.year} together, with --replace. It was imported from: "
            f"{', '.join(source.file for source in there.sources)}."
        ),
    )


def _is_a_file_of(there: Official, new: Official, gone: Sequence[str]) -> bool:
    """Whether the files are some of those that a list was imported from: the very files, or whole parts of KVÅ."""
    if {source.sha256 for source in new.sources} <= {source.sha256 for source in there.sources}:
        return True
    given = [row["code"] for row in new.rows]
    parts = [part for part in KVA_PARTS if any(part.form.fullmatch(code) for code in given)] if new.name == "procedure" else []
    return bool(parts) and not any(part.form.fullmatch(code) for part in parts for code in gone)


def _some(values: Sequence[str]) -> str:
    return ", ".join(values[:FEW]) + (" …" if len(values) > FEW else "")


def _limits(path: Path, year: int, valid_from: str | None, valid_to: str | None) -> tuple[str, str]:
    """From when until when the whole list holds: the year, unless something else is said."""
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise CodeListError(f"{year} is not a year.", file=path, field="year", remedy="Give the year of the list, such as 2020.")
    limits = []
    for field, value in (("valid_from", valid_from or f"{year}-01-01"), ("valid_to", valid_to or f"{year}-12-31")):
        limit = as_limit(value, last=field == "valid_to")
        if limit is None:
            raise CodeListError(f"{value!r} is no year or date.", file=path, field=field, remedy="Write YYYY or YYYY-MM-DD.")
        limits.append(limit)
    first, last = limits
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
    different = [code for code in {**now, **then} if now.get(code) != then.get(code)]
    return Comparison(
        against,
        new=tuple(code for code in different if code not in then),
        gone=tuple(code for code in different if code not in now),
        renamed=tuple(code for code in different if code in then and code in now),
        then={code: then[code] for code in different if code in then},
        now={code: now[code] for code in different if code in now},
    )


def _first(kind: str, codes: Sequence[str]) -> Iterator[str]:
    for code in codes[:_MOST_TOLD]:
        yield f"  {kind}: {code}"
    if len(codes) > _MOST_TOLD:
        yield f"  {kind}: … and {len(codes) - _MOST_TOLD:,} more"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 else noun + 's'}"
