"""An official list as it was published, in one file or several: checked, and made into one row a code."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvarn.base.plain_text import LONGEST_LINE, unseen
from kvarn.errors import CodeListError
from kvarn.metadata._codelists import TOTAL, Row, own_codelist
from kvarn.metadata._reading import Line, Listed, read_list
from kvarn.metadata._rules import Importable, code_form

__all__ = ["FEW", "Published", "as_limit", "read_codelist", "read_published"]

_FORM_IN_WORDS = {
    "procedure": "a KVÅ code (two letters and three figures, or three letters and two figures)",
    "profession": "a profession code (two letters and three figures)",
    "municipality": "a municipality code (four figures, the first two a county)",
}
# What stands behind some official titles, and is no part of them.
_SUFFIX = re.compile(r"\s*\(i\)$")
_TRUTH = {"true": "true", "ja": "true", "yes": "true", "1": "true", "false": "false", "nej": "false", "no": "false", "0": "false"}
_COUNTRY = "00"
# So many letters are no code of procedures or professions, but what the codes of a group begin with.
_GROUP = re.compile("[A-Z]{1,3}")
_DATE = re.compile(r"(?P<year>[0-9]{4})(?:[-/.]?(?P<month>[0-9]{2})(?:[-/.]?(?P<day>[0-9]{2}))?)?(?:[ T]00:00(?::00)?)?")
# What says of a code that it is valid until further notice.
_OPEN = frozenset({"-", "–", "—", "tills vidare", "tv", "until further notice"})
FEW = 5


@dataclass(frozen=True)
class Published:
    """What was read.

    Attributes
    ----------
    rows
        One row a code, in order of code: ``code``, ``sv`` and what else the files have.
    read
        How many rows stand below the headings.
    groups
        The headings of groups (of municipalities: counties and the country), which are no codes and were left out.
    further
        How many further rows of a code there were, which add other properties than those that are kept.
    listed
        The files.
    """

    rows: tuple[Row, ...]
    read: int
    groups: tuple[str, ...]
    further: int
    listed: Mapping[Path, Listed]


def read_codelist(path: Path, name: Importable) -> tuple[Row, ...]:
    """The rows of an official list, checked, in order of code: ``code``, ``sv`` and what else the file has.

    Raises
    ------
    CodeListError
        As `import_codelist`.
    """
    return read_published([path], name).rows


def read_published(paths: Sequence[Path], name: Importable, sheet: str | None = None) -> Published:
    """The rows of an official list that was published in these files.

    Raises
    ------
    CodeListError
        As `import_codelist`.
    """
    listed = {path: read_list(path, sheet) for path in paths}
    lines = [_repaired(name, line) for one in listed.values() for line in one.lines]
    is_group = _groups(name, [line.fields["code"] for line in lines])
    own = [line for line in lines if not is_group(line.fields["code"]) and not _is_title_alone(line)]
    left_out = [line for line in lines if is_group(line.fields["code"]) or _is_title_alone(line)]
    groups = tuple(dict.fromkeys(line.fields["code"] or f"“{line.fields['sv']}”" for line in left_out))
    # A list of headings alone is no list: the first of them is what is wrong with it.
    own = own or lines
    _refuse_first(own, lambda line: _wrong_code(name, line))
    by_code: dict[str, list[Line]] = {}
    for line in own:
        by_code.setdefault(line.fields["code"], []).append(line)
    further = [line for several in by_code.values() for line in several[1:]]
    _refuse_first(further, lambda line: _contradiction(by_code[line.fields["code"]], line))
    merged = [Line(several[0].file, several[0].number, _together(several)) for several in by_code.values()]
    _refuse_first(merged, _no_title)
    _refuse_first(own, _no_plain_title)
    _refuse_first(own, lambda line: _wrong_category(name, line))
    _refuse_first(merged, _ends_before_it_begins)
    rows = tuple(sorted((line.fields for line in merged), key=lambda row: row["code"]))
    return Published(rows, len(lines), groups, len(further), listed)


def as_limit(value: str, *, last: bool = False) -> str | None:
    """A year or date as it is kept (``2023``, ``2023-01-31``), or None for neither; a month is its first or `last` day."""
    found = _DATE.fullmatch(value)
    if found is None:
        return None
    if found["month"] is None:
        return found["year"]
    try:
        day = dt.date(int(found["year"]), int(found["month"]), int(found["day"] or 1))
    except ValueError:
        return None
    if last and not found["day"]:
        day = (day + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    return day.isoformat()


def _groups(name: Importable, codes: Iterable[str]) -> Callable[[str], bool]:
    """What tells the heading of a group from a code."""
    if name == "municipality":
        counties = {_COUNTRY, *own_codelist("county").by_code}
        return counties.__contains__
    form = code_form(name)
    begins = {code[:length] for code in codes if form.fullmatch(code) for length in range(1, len(code))}
    return lambda code: not form.fullmatch(code) and (code in begins or _GROUP.fullmatch(code) is not None)


def _is_title_alone(line: Line) -> bool:
    """Whether a row has a title and nothing else: the heading of a group that has no code. Each is named in the summary, so that
    a row that has lost its code is seen there."""
    return [field for field, value in line.fields.items() if value] == ["sv"]


# What is wrong with a line: the field, what, and the remedy.
_Fault = tuple[str, str, str]


def _refuse_first(lines: Sequence[Line], fault_of: Callable[[Line], _Fault | None]) -> None:
    found = [(line, fault) for line in lines if (fault := fault_of(line)) is not None]
    if not found:
        return
    line, (field, what, remedy) = found[0]
    others = [str(other.number) for other, _ in found[1 : 1 + FEW]]
    more = f" ({len(found) - 1} more lines are at fault: {', '.join(others)}{' …' if len(found) - 1 > FEW else ''})"
    raise CodeListError(
        f"{what}{more if others else ''}.",
        file=line.file,
        line=line.number,
        field=field,
        remedy=f"{remedy} Then run the same command again.",
    )


def _wrong_code(name: Importable, line: Line) -> _Fault | None:
    code = line.fields["code"]
    if code_form(name).fullmatch(code) and (name != "municipality" or code[:2] in own_codelist("county").by_code):
        return None
    what = f"{code[:20]!r} is not {_FORM_IN_WORDS[name]}" if code else "The code is missing"
    return "code", what, "Correct the code, or take away lines that are no part of the list."


def _contradiction(several: Sequence[Line], line: Line) -> _Fault | None:
    """What a further row of a code says otherwise than one before it."""
    for field, value in line.fields.items():
        before = next(one for one in several if one is line or one.fields.get(field))
        if value and before is not line and before.fields[field] != value:
            word = "title" if field == "sv" else field
            place = f"line {before.number}" + ("" if before.file == line.file else f" of {before.file.name}")
            what = f"{line.fields['code']} has another {word} on {place}: {before.fields[field][:60]!r}, here {value[:60]!r}"
            return word, what, "Keep the one that is right."
    return None


def _together(several: Sequence[Line]) -> Row:
    """The rows of a code as one: of each field what the first row has that has anything."""
    fields = dict.fromkeys(field for line in several for field in line.fields)
    return {field: next((found for line in several if (found := line.fields.get(field))), "") for field in fields}


def _no_title(line: Line) -> _Fault | None:
    if line.fields["sv"]:
        return None
    return "title", f"{line.fields['code']} has no title", "Give the code its Swedish title."


def _no_plain_title(line: Line) -> _Fault | None:
    """A title goes into every product as it is: markup in it is text there, but what is not seen could turn or hide what is."""
    for field, heading in (("sv", "title"), ("en", "en")):
        title = line.fields.get(field, "")
        if sign := unseen(title):
            return heading, f"The title of {line.fields['code']} has a character that is not seen, {sign}", "Take it out."
        if len(title) > LONGEST_LINE:
            what = f"The title of {line.fields['code']} has {len(title):,} characters; at most {LONGEST_LINE:,} are possible"
            return heading, what, "Shorten it."
    return None


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
        if (value := line.fields.get(field)) and as_limit(value) is None:
            return field, f"{value[:20]!r} is no year or date", "Write YYYY or YYYY-MM-DD."
    return None


def _ends_before_it_begins(line: Line) -> _Fault | None:
    first, last = line.fields.get("valid_from"), line.fields.get("valid_to")
    if not first or not last or first[: len(last)] <= last[: len(first)]:
        return None
    return "valid_to", f"{line.fields['code']} is valid from {first} to {last}", "Correct the two."


def _repaired(name: Importable, line: Line) -> Line:
    """What formats take away or add: leading zeros, the suffix of titles, the many ways to write a date."""
    fields = line.fields
    repaired = {"sv": _SUFFIX.sub("", fields["sv"]), "en": _SUFFIX.sub("", fields.get("en", ""))}
    if name == "municipality" and re.fullmatch("[0-9]{1,3}", fields["code"]):
        # A workbook keeps 0114 as the number 114, and the county 01 as 1.
        repaired["code"] = fields["code"].zfill(2 if len(fields["code"]) <= 2 else 4)
    for field in ("valid_from", "valid_to"):
        if value := fields.get(field):
            limit = "" if value.casefold().rstrip(".") in _OPEN else as_limit(value, last=field == "valid_to")
            repaired[field] = value if limit is None else limit
    if fields.get("accepted"):
        repaired["accepted"] = _TRUTH.get(fields["accepted"].casefold(), fields["accepted"])
    return Line(line.file, line.number, {**fields, **repaired})
