"""The row rules once more, in plain Python, one row at a time: written apart from the engine, to compare it with."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kvarn.collect import ValidCodes

# Twice the bytes of the longest right row, its end counted: a longer row is not cut into fields.
MOST_BYTES = {"KHSL1": 2 * (5 + 13 + 5 + 3), "KHSL2": 2 * (5 + 13 + 9 + 6 + 6 + 7 * 6)}


@dataclass
class PlainFile:
    """What the rules need to know of a file."""

    type: str
    municipality: str
    year: int
    month: int
    lines: list[bytes]
    persons: set[str] | None = None


@dataclass
class Judgement:
    """The accepted rows (line and fields), and the lines and codes by rule."""

    rows: list[tuple[object, ...]] = field(default_factory=list)
    lines: dict[str, list[int]] = field(default_factory=dict)
    codes: dict[str, Counter[str]] = field(default_factory=dict)


def date_of(text: str) -> dt.date | None:
    if not re.fullmatch("[0-9]{8}", text):
        return None
    try:
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def luhn(ten: str) -> bool:
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(ten)]
    return sum(product // 10 + product % 10 for product in doubled) % 10 == 0


def earliest_day_of_birth(number: str, national: bool) -> dt.date | None:
    """The first day on which somebody with this number can have been born; None where there is no such day."""
    year, month, day = number[:4], number[4:6], number[6:8]
    if not (national and int(day) >= 60):
        return date_of(year + month + day)
    # A co-ordination number. The 1st of January has all days that an unknown month can have.
    day = f"{int(day) - 60:02}"
    if month == "00":
        return date_of(f"{year}0101") if int(day) <= 31 else None
    return date_of(year + month + ("01" if day == "00" else day))


def identity_faults(number: str, year: int, last: dt.date, reserve_numbers: bool) -> set[str]:
    national = re.fullmatch("(18|19|20)[0-9]{10}", number) is not None
    reserve = reserve_numbers and re.fullmatch("(18|19|20)[0-9]{6}[A-Z][0-9]{3}", number) is not None
    if not national and not reserve:
        return {
            "row-identity-scientific"
            if re.fullmatch(r"\d([.,]\d+)?[eE]\+?\d+|\d+([.,]\d+)?[eE]\+\d+", number, re.ASCII)
            else "row-identity-form"
        }
    found = set()
    if reserve:
        found.add("row-identity-reserve")
    earliest = earliest_day_of_birth(number, national)
    if earliest is None:
        found.add("row-identity-date")
    else:
        if earliest > last:
            found.add("row-identity-future")
        if year - earliest.year > 115:
            found.add("row-identity-age")
        if national and (number[4:6] == "00" or number[6:8] == "60"):
            found.add("row-identity-date-unknown")
    if national:
        if number[8:11] == "000":
            found.add("row-identity-form")
        if not luhn(number[2:]):
            found.add("row-identity-check-digit")
    return found


def profession_faults(own: list[str], codes: ValidCodes) -> dict[str, set[str]]:
    malformed = {code for code in own if not re.fullmatch("XS[0-9]{3}", code)}
    if malformed:
        found = {"row-profession-form": malformed}
    else:
        unknown = {code for code in own if code not in codes.professions | codes.professions_not_accepted}
        found = {"row-profession-unknown": unknown} if unknown else {}
    if refused := {code for code in own if code in codes.professions_not_accepted}:
        found["row-profession-not-accepted"] = refused
    if repeated := {code for code in own if own.count(code) > 1}:
        found["row-profession-repeated"] = repeated
    return found


def procedure_fault(code: str, codes: ValidCodes) -> str | None:
    right = "(?:[A-Z]{2}[0-9]{3}|[A-Z]{3}[0-9]{2})"
    if not re.fullmatch(right, code):
        return "row-procedure-padded" if re.fullmatch(f"[ 0]*{right}[ 0]*", code) else "row-procedure-form"
    if re.fullmatch("U[A-Z][0-9]{3}", code):
        return "row-procedure-regional"
    if code.endswith("000") and code not in {"QC000", "QL000"}:
        return "row-procedure-not-detailed"
    if codes.procedures is not None and code not in codes.procedures:
        of_a_profession = code in codes.professions | codes.professions_not_accepted
        nobody_looked = not of_a_profession and any(re.fullmatch(form, code) for form in codes.unchecked)
        return "row-procedure-unchecked" if nobody_looked else "row-procedure-unknown"
    return None


def judge_plainly(file: PlainFile, codes: ValidCodes, deaths: Mapping[str, dt.date]) -> Judgement:
    """Judge every row of a file."""
    told = Judgement()
    seen: set[bytes] = set()
    first_day = dt.date(file.year, file.month, 1)
    next_month = dt.date(file.year + file.month // 12, file.month % 12 + 1, 1)
    last_day = next_month - dt.timedelta(days=1)
    least, most = (4, 4) if file.type == "KHSL1" else (5, 12)
    for number, line in enumerate(file.lines, start=1):
        text = line.decode()
        if not text.strip(" \t\r\v\f\x1a\u00a0;"):
            continue
        found: set[str] = {"row-quotes"} if '"' in text else set()
        values: dict[str, set[str]] = {}
        fields = text.split(";")
        count = len(fields)
        if len(line) + 1 > MOST_BYTES[file.type]:
            found.add("row-fields")
        elif text.endswith(";") and (least <= count < most or (count > most and text.rstrip(";").count(";") < most)):
            found.add("row-trailing-semicolon")
        elif not least <= count <= most:
            found.add("row-fields")
        else:
            if line in seen:
                found.add("row-duplicate")
            died = deaths.get(fields[1])
            if not re.fullmatch("[0-9]{4}", fields[0]):
                found.add("row-municipality-form")
            elif fields[0] != file.municipality:
                found.add("row-municipality")
            found |= identity_faults(fields[1], file.year, last_day, codes.reserve_numbers)
            if file.type == "KHSL1":
                if not re.fullmatch("[0-9]{4};[0-9]{2}", ";".join(fields[2:4])):
                    found.add("row-period-form")
                elif (fields[2], fields[3]) != (f"{file.year:04}", f"{file.month:02}"):
                    found.add("row-period")
                if died is not None and died < first_day:
                    found.add("row-care-after-death")
                row: tuple[object, ...] = (number, file.municipality, fields[1], file.year, file.month)
            else:
                date = date_of(fields[2])
                if date is None:
                    found.add("row-date")
                elif not first_day <= date <= last_day:
                    found.add("row-date-month")
                elif died is not None and died < date:
                    found.add("row-care-after-death")
                fault = procedure_fault(fields[3], codes)
                if fault:
                    values[fault] = {fields[3]}
                further = [code for code in fields[5:] if code]
                values |= profession_faults([fields[4], *further], codes)
                if file.persons is not None and fields[1] not in file.persons:
                    found.add("row-person-missing")
                row = (number, file.municipality, fields[1], date, fields[3], fields[4], " ".join(further))
            found |= set(values)
        seen.add(line)
        for rule in found:
            told.lines.setdefault(rule, []).append(number)
        for rule, own in values.items():
            shown = [code for code in own if re.fullmatch("[A-Za-zÅÄÖåäö]{2,3}[0-9]{2,5}", code)]
            told.codes.setdefault(rule, Counter()).update(shown)
        if found <= {"row-person-missing", "row-identity-reserve", "row-identity-date-unknown"}:
            told.rows.append(row)
    return told


def shown_codes(counts: Counter[str]) -> list[str]:
    """The ten most frequent codes, of equally frequent ones the first in the alphabet."""
    return [code for code, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))][:10]


def every_rule(judgements: Iterable[Judgement]) -> set[str]:
    return {rule for judgement in judgements for rule in judgement.lines}
