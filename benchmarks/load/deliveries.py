"""Delivery files without any fault, made quickly and in any number: for measurements of load, not of figures.

Persons, months and procedures follow from their numbers alone, so that twice as many are twice as many and nothing else. What
looks like a register is `kvarn demo`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kvarn import metadata
from kvarn.demo._figures import AGES
from kvarn.demo._population import population_lines

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]

# Dates of birth: 48 years of 336 days, so that everybody is alive and old enough in any year from 1994 to 2030.
_FIRST_BIRTH, _BIRTH_YEARS, _DAYS, _BIRTH_NUMBERS = 1932, 48, 336, 999
# No common divisor with their product: neighbours in number are no neighbours in age.
_STRIDE = 7_654_321
_MONTHS, _DAYS_OF_MONTH = 12, 28
_PROCEDURES = ("DT019", "AF015", "AG031", "AU010")
_PROFESSIONS = ("XS919", "XS910", "XS918")


class Care(NamedTuple):
    """How much care each municipality's persons have.

    Attributes
    ----------
    persons
        Persons of each municipality in a year; every twelfth has one month with care, every twelfth two, and so on.
    procedures
        Procedures of each person in each month with care, at most 28.
    """

    persons: int
    procedures: int


def municipality_codes() -> list[str]:
    """Every municipality's code."""
    return [code for code in metadata.codelist("municipality").codes if len(code) == 4]


def numbers_of(persons: Numbers) -> Bytes:
    """Each person's identity number, twelve digits in a row, with a right check digit."""
    spread = persons * _STRIDE % (_BIRTH_YEARS * _DAYS * _BIRTH_NUMBERS)
    birth, day = spread % _BIRTH_NUMBERS + 1, spread // _BIRTH_NUMBERS % _DAYS
    year = _FIRST_BIRTH + spread // (_BIRTH_NUMBERS * _DAYS)
    eleven = ((year * 100 + day // 28 + 1) * 100 + day % 28 + 1) * 1000 + birth
    digits = _digits(eleven, 11)
    nine = digits[:, 2:].astype(np.int64) * np.array([2, 1, 2, 1, 2, 1, 2, 1, 2])
    check = -np.where(nine > 9, nine - 9, nine).sum(axis=1) % 10
    return np.column_stack([digits, check.astype(np.uint8)]) + ord("0")


def _digits(numbers: Numbers, width: int) -> Bytes:
    return (numbers[:, None] // 10 ** np.arange(width - 1, -1, -1) % 10).astype(np.uint8)


def _rows(*columns: bytes | Bytes, rows: int) -> bytes:
    """Rows of the same width: bytes that all share, and columns of bytes."""
    found = [np.tile(np.frombuffer(one, np.uint8), (rows, 1)) if isinstance(one, bytes) else one for one in columns]
    return np.concatenate(found, axis=1).tobytes()


def month_of(municipality: str, number: int, year: int, month: int, care: Care) -> Iterator[tuple[str, bytes]]:
    """The two files of a municipality's month, by type; `number` is the municipality's place among those that deliver."""
    persons = np.arange(care.persons, dtype=np.int64)
    there = persons[persons % _MONTHS + 1 >= month] + number * care.persons
    identity, head = numbers_of(there), f"{municipality};".encode()
    yield "KHSL1", _rows(head, identity, f";{year};{month:02}\n".encode(), rows=len(there))
    of = np.repeat(np.arange(len(there)), care.procedures)
    days = (np.tile(np.arange(care.procedures), len(there)) + of) % _DAYS_OF_MONTH + 1
    code, profession = (_drawn(one, of) for one in (_PROCEDURES, _PROFESSIONS))
    date = f";{year}{month:02}".encode()
    day = _digits(days, 2) + ord("0")
    yield "KHSL2", _rows(head, identity[of], date, day, b";", code, b";", profession, b"\n", rows=len(of))


def _drawn(codes: Sequence[str], of: Numbers) -> Bytes:
    listed = np.array([list(code.encode()) for code in codes], np.uint8)
    return listed[(of * 7 + of // 3) % len(codes)]


def write_deliveries(
    folder: Path, municipalities: Sequence[str], years: Sequence[int], care: Care, *, months: Sequence[int] = range(1, 13)
) -> int:
    """Write every municipality's files of every year and month; how many rows they have."""
    rows = 0
    for year in years:
        (folder / str(year)).mkdir(parents=True)
        for number, municipality in enumerate(municipalities):
            for month in months:
                for kind, held in month_of(municipality, number, year, month, care):
                    (folder / str(year) / f"{kind}_{municipality}_{year}{month:02}.txt").write_bytes(held)
                    rows += held.count(b"\n")
    return rows


def write_small_deliveries(folder: Path, municipalities: Sequence[str], years: Sequence[int], files: int) -> int:
    """Write so many files of one row each; when every period has been delivered, corrections of all follow, of another person."""
    written, again = 0, 0
    while written < files:
        identities = numbers_of(np.arange(len(municipalities), dtype=np.int64) + again * len(municipalities))
        for year in years:
            place = folder / f"{again:02}" / str(year)
            place.mkdir(parents=True)
            for month in range(1, 13):
                for municipality, identity in zip(municipalities, identities, strict=True):
                    text = identity.tobytes().decode()
                    name, head = f"{municipality}_{year}{month:02}.txt", f"{municipality};{text};{year}"
                    (place / f"KHSL1_{name}").write_text(f"{head};{month:02}\n")
                    (place / f"KHSL2_{name}").write_text(f"{head}{month:02}05;DT019;XS919\n")
                    written += 2
                    if written >= files:
                        return written
        again += 1
    return written


def write_population(file: Path, years: Sequence[int], each: int) -> None:
    """So many inhabitants of each municipality, sex and age, in every year, as Statistics Sweden's download lays it out."""
    inhabitants = np.full((len(municipality_codes()), 2, AGES), each, np.int64)
    lines = population_lines(dict.fromkeys(years, inhabitants))
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
