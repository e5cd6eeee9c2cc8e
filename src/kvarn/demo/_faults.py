"""The faults that intake must catch, each at a rate that can be set.

Identity numbers that a fault changes keep a right check digit, so that each faulty row breaks one rule only.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from kvarn.demo._identity import check_digit
from kvarn.errors import InputError

__all__ = [
    "DEFAULT_FAULTS",
    "FAULTS",
    "PERSON_NOT_REPORTED",
    "Fault",
    "Period",
    "accepted_of",
    "fault_rates",
    "faulty_files",
    "faulty_rows",
    "with_file_fault",
    "with_row_fault",
]

Level = Literal["row", "file", "delivery"]
KHSL1, KHSL2 = "KHSL1", "KHSL2"


class Period(NamedTuple):
    """What a delivery is about."""

    type: str
    municipality: str
    year: int
    month: int


@dataclass(frozen=True)
class Fault:
    """One way in which a delivery can be wrong.

    Attributes
    ----------
    level
        The rate is a share of rows (``row``), of files that arrive (``file``) or of files due (``delivery``).
    rate
        The default share.
    types
        The file types it occurs in.
    harmless
        Whether intake should take the delivery in all the same.
    description
        What is wrong.
    """

    level: Level
    rate: float
    types: tuple[str, ...]
    harmless: bool
    description: str


_BOTH = (KHSL1, KHSL2)
# The one fault that needs to know the other rows: who is not reported (`kvarn.demo._unreported`).
PERSON_NOT_REPORTED = "person_not_reported"
# An intake rejects a file with a larger share of bad rows than this: the demonstration's own `quality.rejected_rows`.
_MOST_BAD_ROWS = 0.05
FAULTS: Mapping[str, Fault] = {
    "bad_check_digit": Fault("row", 1e-4, _BOTH, False, "the identity number's check digit is wrong"),
    "impossible_date": Fault("row", 5e-5, _BOTH, False, "KHSL1: born on the 32nd; KHSL2: a procedure on the 32nd"),
    "future_date": Fault("row", 5e-5, _BOTH, False, "KHSL1: born next year; KHSL2: a procedure next year"),
    "other_month": Fault("row", 1e-4, _BOTH, False, "the row's month is not the file's"),
    "wrong_municipality": Fault("row", 5e-5, _BOTH, False, "the row's municipality is not the file's"),
    "wrong_number_of_fields": Fault("row", 5e-5, _BOTH, False, "the row lacks its last mandatory field"),
    "trailing_semicolon": Fault("row", 1e-4, _BOTH, False, "the row ends with a semicolon before the last item"),
    "duplicate_row": Fault("row", 2e-4, _BOTH, False, "the row stands twice"),
    "unknown_procedure": Fault("row", 1e-4, (KHSL2,), False, "a code of the right form that KVÅ does not have"),
    "unspecific_procedure": Fault("row", 1e-4, (KHSL2,), False, "a code that ends with 000"),
    "regional_procedure": Fault("row", 5e-5, (KHSL2,), False, "a regional code, which starts with U"),
    "padded_procedure": Fault("row", 5e-5, (KHSL2,), False, "a code padded to seven characters"),
    "profession_not_accepted": Fault("row", 1e-4, (KHSL2,), False, "a profession outside the duty to report"),
    "unknown_profession": Fault("row", 5e-5, (KHSL2,), False, "a profession code that does not exist"),
    "repeated_profession": Fault("row", 5e-5, (KHSL2,), False, "a further profession repeats the first"),
    PERSON_NOT_REPORTED: Fault("row", 5e-5, (KHSL2,), True, "a procedure for a person who is not in the month's KHSL1"),
    "header_row": Fault("file", 1e-3, _BOTH, False, "the file begins with the names of the fields"),
    "iso_8859_1": Fault("file", 5e-4, _BOTH, False, "a header row in ISO 8859-1 (the fields are plain ASCII)"),
    "byte_order_mark": Fault("file", 2e-3, _BOTH, True, "the file begins with a UTF-8 byte-order mark"),
    "crlf": Fault("file", 2e-2, _BOTH, True, "lines end with CR LF"),
    "wrong_separator": Fault("file", 4e-4, _BOTH, False, "commas between the fields"),
    "empty_file": Fault("file", 4e-4, _BOTH, False, "the file has no bytes"),
    "truncated_file": Fault("file", 4e-4, _BOTH, False, "the file ends in the middle of a row"),
    "nul_bytes": Fault("file", 2e-4, _BOTH, False, "the file holds NUL bytes"),
    "missing_delivery": Fault("delivery", 4e-3, _BOTH, False, "the file never arrives"),
    "corrected_delivery": Fault("delivery", 5e-3, _BOTH, True, "the file comes first without its last rows, and later whole"),
    "late_delivery": Fault("delivery", 6e-2, _BOTH, True, "the file arrives after it was due"),
}
DEFAULT_FAULTS: Mapping[str, float] = {name: fault.rate for name, fault in FAULTS.items()}


def fault_rates(faults: Mapping[str, float] | None) -> dict[str, float]:
    """The rate of every fault: the defaults, replaced where `faults` says so.

    Raises
    ------
    InputError
        For an unknown fault, or a rate that is not between 0 and 1.
    """
    for name, rate in (faults or {}).items():
        if name not in FAULTS:
            near = difflib.get_close_matches(name, FAULTS, n=1)
            remedy = f"Did you mean {near[0]!r}?" if near else f"The faults are: {', '.join(FAULTS)}."
            raise InputError(f"There is no fault named {name!r}.", field="faults", remedy=remedy)
        if not 0 <= rate <= 1:
            raise InputError(
                f"The rate {rate} of the fault {name!r} is not a share.",
                field="faults",
                remedy="Give a share from 0 to 1.",
            )
    return {**DEFAULT_FAULTS, **(faults or {})}


def faulty_rows(rows: int, file_type: str, rates: Mapping[str, float], rng: np.random.Generator) -> dict[int, str]:
    """Which of the rows get which fault: at most one each, by the row's number. Not `PERSON_NOT_REPORTED`."""
    names = [
        name
        for name, fault in FAULTS.items()
        if fault.level == "row" and file_type in fault.types and name != PERSON_NOT_REPORTED
    ]
    numbers = rng.binomial(rows, [rates[name] for name in names]).tolist()
    chosen: dict[int, str] = {}
    for name, number in zip(names, numbers, strict=True):
        if number:
            for place in rng.choice(rows, size=number, replace=False).tolist():
                chosen.setdefault(place, name)
    return dict(sorted(chosen.items()))


def with_row_fault(name: str, row: bytes, period: Period) -> bytes:
    """The row, or rows, that stand instead of a right one. Rows end with a line feed."""
    fields = row.decode("ascii").removesuffix("\n").split(";")
    lines = _ROW_FAULTS[name](fields, period)
    return "".join(";".join(line) + "\n" for line in lines).encode("ascii")


Fields = list[str]


def _put(fields: Fields, **at: str) -> list[Fields]:
    places = {"municipality": 0, "identity": 1, "date": 2, "year": 2, "month": 3, "procedure": 3, "profession": 4}
    for name, value in at.items():
        fields[places[name]] = value
    return [fields]


def _checked(eleven: str) -> str:
    """The first eleven digits of an identity number with the digit that makes it right."""
    return eleven + check_digit(eleven[2:])


def _bad_check_digit(fields: Fields, period: Period) -> list[Fields]:
    identity = fields[1]
    return _put(fields, identity=identity[:11] + str((int(identity[11]) + 1) % 10))


def _impossible_date(fields: Fields, period: Period) -> list[Fields]:
    if period.type == KHSL2:
        return _put(fields, date=f"{period.year}{period.month:02}32")
    return _put(fields, identity=_checked(fields[1][:6] + "32" + fields[1][8:11]))


def _future_date(fields: Fields, period: Period) -> list[Fields]:
    if period.type == KHSL2:
        return _put(fields, date=f"{period.year + 1}{fields[2][4:6]}01")
    return _put(fields, identity=_checked(f"{period.year + 1}0101{fields[1][8:11]}"))


def _other_month(fields: Fields, period: Period) -> list[Fields]:
    other = f"{period.month % 12 + 1:02}"
    if period.type == KHSL2:
        return _put(fields, date=f"{period.year}{other}15")
    return _put(fields, month=other)


def _wrong_municipality(fields: Fields, period: Period) -> list[Fields]:
    return _put(fields, municipality="1480" if period.municipality == "0180" else "0180")


def _wrong_number_of_fields(fields: Fields, period: Period) -> list[Fields]:
    return [fields[:4] if period.type == KHSL2 else fields[:3]]


def _trailing_semicolon(fields: Fields, period: Period) -> list[Fields]:
    filled = [field for field in fields if field]
    # A row whose twelfth and last item is empty is right.
    return [[*filled, "", ""] if len(filled) == 11 else [*filled, ""]]


# Chapters without a code that ends in 000, or whose only code does.
_ALONE = ("PC", "PV", "QC", "QL", "QV", "QX")


def _unspecific_procedure(fields: Fields, period: Period) -> list[Fields]:
    chapter = fields[3][:2] if fields[3][:1] in "PQ" and fields[3][:2] not in _ALONE else "PD"
    return _put(fields, procedure=f"{chapter}000")


def _repeated_profession(fields: Fields, period: Period) -> list[Fields]:
    return [[*fields[:5], fields[4], *fields[6:]]]


_ROW_FAULTS: Mapping[str, Callable[[Fields, Period], list[Fields]]] = {
    "bad_check_digit": _bad_check_digit,
    "impossible_date": _impossible_date,
    "future_date": _future_date,
    "other_month": _other_month,
    "wrong_municipality": _wrong_municipality,
    "wrong_number_of_fields": _wrong_number_of_fields,
    "trailing_semicolon": _trailing_semicolon,
    "duplicate_row": lambda fields, period: [fields, fields],
    "unknown_procedure": lambda fields, period: _put(fields, procedure="QY901"),
    "unspecific_procedure": _unspecific_procedure,
    "regional_procedure": lambda fields, period: _put(fields, procedure="UX001"),
    "padded_procedure": lambda fields, period: _put(fields, procedure=fields[3] + "00"),
    "profession_not_accepted": lambda fields, period: _put(fields, profession="XS921"),
    "unknown_profession": lambda fields, period: _put(fields, profession="XS999"),
    "repeated_profession": _repeated_profession,
    # The row is about somebody else already.
    PERSON_NOT_REPORTED: lambda fields, period: [fields],
}

_HEADERS = {
    KHSL1: "Kommun;Personnummer;År;Månad\n",
    KHSL2: "Kommun;Personnummer;Åtgärdsdatum;KVÅ-kod;Yrkeskod\n",
}


def faulty_files(files: int, rates: Mapping[str, float], rng: np.random.Generator) -> list[str | None]:
    """Which fault each whole file gets, if any: at most one."""
    names = [name for name, fault in FAULTS.items() if fault.level == "file"]
    bounds = np.cumsum([rates[name] for name in names])
    places = np.searchsorted(bounds, rng.random(files), side="right").tolist()
    return [names[place] if place < len(names) else None for place in places]


def accepted_of(rows: int, row_faults: Mapping[int, str], file_fault: str | None) -> npt.NDArray[np.bool_]:
    """Which rows of a file intake accepts, by the rules of `kvarn.collect` and the demonstration's limit on bad rows.

    Parameters
    ----------
    row_faults
        The faults by the row's place in the file.
    """
    accepted = np.ones(rows, dtype=bool)
    copies = sum(fault == "duplicate_row" for fault in row_faults.values())
    bad = sum(not FAULTS[fault].harmless for fault in row_faults.values())
    if (file_fault and not FAULTS[file_fault].harmless) or bad > _MOST_BAD_ROWS * (rows + copies):
        accepted[:] = False
    # Of a row that stands twice the first is accepted.
    accepted[[place for place, fault in row_faults.items() if not FAULTS[fault].harmless and fault != "duplicate_row"]] = False
    return accepted


def with_file_fault(name: str, content: bytes, period: Period) -> bytes:
    """The file's bytes with the fault."""
    match name:
        case "header_row":
            return _HEADERS[period.type].encode() + content
        case "iso_8859_1":
            return _HEADERS[period.type].encode("iso-8859-1") + content
        case "byte_order_mark":
            return b"\xef\xbb\xbf" + content
        case "crlf":
            return content.replace(b"\n", b"\r\n")
        case "wrong_separator":
            return content.replace(b";", b",")
        case "empty_file":
            return b""
        case "truncated_file":
            return content[: content.rfind(b"\n", 0, len(content) - len(content) // 4) + 1 + 10]
        case "nul_bytes":
            return content[: len(content) // 2] + b"\0\0\0\0" + content[len(content) // 2 :]
    raise ValueError(name)
