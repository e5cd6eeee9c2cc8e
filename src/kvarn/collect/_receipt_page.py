"""The receipt as a page that a municipal worker can read, and mend a file from."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from kvarn import metadata
from kvarn.collect._layouts import layouts
from kvarn.collect.pages import day_in_words, month_in_words, number, share, source_in, style, template, visible, words
from kvarn.edition import first_year_of_due_dates
from kvarn.identity_numbers import without_identity_numbers
from kvarn.programme import current_programme

__all__ = ["line_ranges", "receipt_page"]

_MARKS = {"accepted": "✓", "partly": "!", "rejected": "✕", "waiting": "…"}
_OTHER = {"sv": "en", "en": "sv"}
# These rules are about the name itself, so the file is not to be sent again under it.
_ABOUT_THE_NAME = frozenset({"file-name", "file-type", "file-first-year", "file-municipality", "file-period", "file-future"})
# With these faults alone there is nothing to correct in the file.
_NOTHING_TO_CORRECT = frozenset({"file-duplicate", "file-not-stored", "file-unchecked", "row-procedure-unchecked"})
# A file with one of these, and nothing to correct, waits until the receiver takes it in again.
_WAITING = frozenset({"file-not-stored", "file-unchecked"})
_EXAMPLE = {"municipality": "0114", "period": "202301"}
# No code has so many digits (a padded one has five): what has more may be a shifted identity number, or a part of one.
_MOST_DIGITS_IN_A_CODE = 5
_LONGEST_CODE = 40
# Characters of line numbers above which the list scrolls on the screen.
_LONG_LIST = 400


def receipt_page(receipt: Mapping[str, Any]) -> str:
    """A receipt as one HTML page that asks no host for anything: Swedish first, English below.

    Parameters
    ----------
    receipt
        As ``layout/receipt.schema.json`` has it. What the schema does not require may be missing.

    Returns
    -------
    str
        The page. What came from outside (file name, codes) is escaped, and invisible characters in it are shown by their code
        points. What looks like an identity number is not shown.
    """
    outcome = _outcome(receipt)
    file = visible(without_identity_numbers(receipt["file"]))
    misnamed = any(fault["rule"] in _ABOUT_THE_NAME for fault in receipt["faults"])
    ranges = [line_ranges(fault["lines"]) for fault in receipt["faults"]]
    halves = [_half(receipt, file, outcome, ranges, language) for language in metadata.languages]
    return template("receipt.html.j2").render(
        style=style("page.css", "receipt.css"),
        title=f"{file}: {halves[0]['verdict']}",
        file=file,
        example=_right_name(receipt) if misnamed else file,
        outcome=outcome,
        mark=_MARKS[outcome],
        sha256=visible(receipt["sha256"]),
        replaces=visible(receipt.get("replaces") or ""),
        correct=not _nothing_to_correct(receipt),
        halves=halves,
    )


def line_ranges(lines: Iterable[int]) -> str:
    """Line numbers as ranges: ``2–5, 9, 14``."""
    ordered = sorted(set(lines))
    begins = [line for before, line in pairwise([-1, *ordered]) if line != before + 1]
    ends = [line for line, after in pairwise([*ordered, -1]) if after != line + 1]
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in zip(begins, ends, strict=True))


def _outcome(receipt: Mapping[str, Any]) -> str:
    if receipt["verdict"] == "rejected":
        waiting = _nothing_to_correct(receipt) and any(fault["rule"] in _WAITING for fault in receipt["faults"])
        return "waiting" if waiting else "rejected"
    return "partly" if receipt["rejected"] else "accepted"


def _right_name(receipt: Mapping[str, Any]) -> str:
    """A right file name from what the receipt knows, else from an example."""
    known = {"type": current_programme().about.periods, **_EXAMPLE}
    if receipt.get("type") in layouts():
        known["type"] = receipt["type"]
    if receipt.get("municipality") in _municipalities():
        known["municipality"] = receipt["municipality"]
    year, month = receipt.get("year"), receipt.get("month")
    if year and month and year >= layouts()[known["type"]].first_year:
        known["period"] = f"{year:04}{month:02}"
    return f"{known['type']}_{known['municipality']}_{known['period']}.txt"


def _half(receipt: Mapping[str, Any], file: str, outcome: str, ranges: Sequence[str], language: str) -> dict[str, Any]:
    """One language's half of the page."""
    word = words(language)
    code, year, month, file_type = (receipt.get(name) for name in ("municipality", "year", "month", "type"))
    place = _municipalities().get(code) if code else None
    period = month_in_words(year, month, language) if year and month else None
    faults = [
        _fault(fault, lines, receipt["received"], language, outcome)
        for fault, lines in zip(receipt["faults"], ranges, strict=True)
    ]
    arrived, due = _date(receipt.get("arrived")), _date(receipt.get("due"))
    if code and not place:
        shown_place = f"{visible(code)} ({word['about.municipality.unknown']})"
    else:
        shown_place = f"{place} ({code})" if place else word["about.not-in-name"]
    return {
        "language": language,
        "other": _OTHER[language],
        "words": word,
        "register": metadata.text("register.name", language),
        "notice": metadata.text("synthetic.notice", language) if receipt.get("synthetic") else "",
        "heading": f"{file_type}, {place}, {period}" if file_type and place and period else file,
        "verdict": _verdict(receipt, outcome, language),
        "now": " ".join([word[f"now.{outcome}"], *_replaced(receipt, language)]),
        "do": word[_to_do(receipt, outcome)],
        "received": number(receipt["received"], language),
        "accepted": number(receipt["accepted"], language),
        "rejected": number(receipt["rejected"], language),
        "share": _share_of_bad_rows(receipt, language),
        "municipality": shown_place,
        "month": period or word["about.not-in-name"],
        "type": f"{layouts()[file_type].title[language]} ({file_type})" if file_type else word["about.not-in-name"],
        "arrived": day_in_words(arrived, language) if arrived else word["about.unknown"],
        "due": _due(year, due, language),
        "late": _late(receipt.get("late"), year, arrived, due, language),
        "groups": _groups(faults, outcome, language),
    }


def _replaced(receipt: Mapping[str, Any], language: str) -> Iterator[str]:
    """That the file replaces another, and what became of the other's rows."""
    word = words(language)
    if receipt.get("replaces"):
        yield word["now.replaces"]
    if replaced := receipt.get("replaced"):
        yield word["now.replaced"].format(**{name: number(count, language) for name, count in replaced.items()})


def _verdict(receipt: Mapping[str, Any], outcome: str, language: str) -> str:
    if outcome == "partly":
        return _counted("verdict.partly", receipt["rejected"], language)
    return words(language)[f"verdict.{outcome}"]


def _to_do(receipt: Mapping[str, Any], outcome: str) -> str:
    """The key of the words on what the municipality should do."""
    if outcome == "accepted":
        return "do.warned" if receipt["faults"] else "do.accepted"
    if outcome == "waiting":
        return "do.accepted"
    return "do.nothing" if _nothing_to_correct(receipt) else f"do.{outcome}"


def _nothing_to_correct(receipt: Mapping[str, Any]) -> bool:
    errors = {fault["rule"] for fault in receipt["faults"] if fault["severity"] == "error"}
    return errors <= _NOTHING_TO_CORRECT and (bool(errors) or not receipt["faults"])


def _due(year: int | None, due: dt.date | None, language: str) -> str:
    if due is not None:
        return day_in_words(due, language)
    if year is not None and year < first_year_of_due_dates():
        return words(language)["about.due.none"].format(year=first_year_of_due_dates())
    return words(language)["about.unknown"]


def _late(late: bool | None, year: int | None, arrived: dt.date | None, due: dt.date | None, language: str) -> str:
    word = words(language)
    if late is None:
        early = year is not None and year < first_year_of_due_dates()
        return word["about.late.not-applicable" if early else "about.late.unknown"]
    if not late:
        return word["about.late.no"]
    if arrived is None or due is None:
        return word["about.late.yes"]
    return _counted("about.late", (arrived - due).days, language)


def _groups(faults: Sequence[dict[str, Any]], outcome: str, language: str) -> list[dict[str, Any]]:
    """The faults under their headings: errors first, each in the order of the receipt."""
    word = words(language)
    groups = []
    for severity in ("error", "warning"):
        own = [fault for fault in faults if fault["severity"] == severity]
        if not own:
            continue
        of_rows = sum(1 for fault in own if fault["count"])
        notes = []
        if severity == "error" and outcome == "rejected" and of_rows:
            notes.append(word["faults.all-rejected"])
        if severity == "error" and of_rows > 1:
            notes.append(word["faults.many"])
        title = "faults.waiting" if severity == "error" and outcome == "waiting" else f"faults.{severity}s"
        groups.append({"title": word[title], "note": " ".join(notes), "faults": own})
    return groups


def _share_of_bad_rows(receipt: Mapping[str, Any], language: str) -> str:
    """How many rows are bad, and the limit above which the whole file is rejected."""
    bad, limit, received = receipt.get("bad_rows"), receipt.get("bad_rows_limit"), receipt["received"]
    if bad is None or limit is None or not received:
        return ""
    return words(language)["rows.share"].format(
        bad=number(bad, language),
        received=number(received, language),
        share=share(bad, received, language, limit=limit),
        limit=share(limit, 1, language),
    )


def _fault(fault: Mapping[str, Any], ranges: str, received: int, language: str, outcome: str) -> dict[str, Any]:
    """One fault in words. A rule on the file or the archive as a whole has no number of rows."""
    of_rows = fault["rule"].startswith("row-")
    lines = _lines(fault, ranges, of_rows, language)
    return {
        "rule": fault["rule"],
        "severity": fault["severity"],
        "kind": "waiting" if outcome == "waiting" and fault["severity"] == "error" else fault["severity"],
        "what": fault[language],
        "count": number(fault["count"], language) if of_rows else "",
        "share": _share(fault, received, language),
        "fewer": _fewer(fault, language),
        "lines": lines,
        "long": len(lines) > _LONG_LIST,
        "values": [_code(value, language) for value in fault.get("values") or ()],
        "remedy": (fault.get("remedy") or {}).get(language, ""),
        "source": source_in(fault.get("source") or "", language),
    }


def _share(fault: Mapping[str, Any], received: int, language: str) -> str:
    """The share of the rows that break a rule, with the limit of a rule that has one."""
    count, limit = fault["count"], fault.get("limit")
    if not received or "rows_before" in fault or (limit is None and not fault["rule"].startswith("row-")):
        return ""
    found = share(count, received, language, limit=limit)
    if limit is None:
        return found
    told = words(language)["fault.share.limit"]
    return told.format(share=found, count=number(count, language), limit=share(limit, 1, language))


def _fewer(fault: Mapping[str, Any], language: str) -> str:
    """How many rows fewer than before, of a rule about too few rows."""
    count, before, limit = fault["count"], fault.get("rows_before"), fault.get("limit")
    if before is None or limit is None:
        return ""
    return words(language)["fault.fewer.told"].format(
        rows=number(before - count, language),
        before=number(before, language),
        count=number(count, language),
        share=share(count, before, language, limit=limit),
        limit=share(limit, 1, language),
    )


def _lines(fault: Mapping[str, Any], ranges: str, of_rows: bool, language: str) -> str:
    """``rad 2–5, 9, 14 och 3 rader till``."""
    word = words(language)
    if not ranges:
        return word["about.unknown"] if of_rows else word["fault.whole"]
    shown = len(fault["lines"])
    told = word["fault.line" if shown == 1 else "fault.line.many"].format(lines=ranges)
    more = fault["count"] - shown if of_rows else 0
    return f"{told} {_counted('fault.more', more, language)}" if more > 0 else told


def _code(value: str, language: str) -> str:
    """An offending code in quotes; what may be an identity number that has slipped into the wrong field is not shown."""
    if sum(map(str.isdigit, value)) > _MOST_DIGITS_IN_A_CODE:
        return words(language)["fault.values.hidden"]
    return words(language)["fault.values.quoted"].format(value=visible(value, _LONGEST_CODE))


def _counted(key: str, count: int, language: str) -> str:
    """Words for one or for more."""
    return words(language)[f"{key}.{'one' if count == 1 else 'more'}"].format(count=number(count, language))


def _municipalities() -> Mapping[str, str]:
    """The municipalities' names, which are the same in both languages."""
    return _names(metadata.codelist("region"))


@functools.lru_cache(maxsize=2)
def _names(region: metadata.CodeList) -> Mapping[str, str]:
    return {code: region.label(code, "sv") for code in region.leaves}


@functools.lru_cache(maxsize=4096)
def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
