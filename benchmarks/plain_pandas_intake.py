"""The rules of intake as an analyst would write them in pandas: the measure that `intake.py` holds kvarn against.

Same rules, same counts; a file at a time, column methods where pandas has them and ``apply`` where it has not.
"""

from __future__ import annotations

import calendar
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from kvarn.collect import ValidCodes

ERRORS_ONLY_WARN = {
    "row-person-missing",
    "row-identity-reserve",
    "row-identity-date-unknown",
    "file-byte-order-mark",
    "file-without-persons",
}
COLUMNS = {"KHSL1": ["municipality", "identity", "year", "month"]}
COLUMNS["KHSL2"] = ["municipality", "identity", "date", "procedure", *[f"profession{place}" for place in range(1, 9)]]
FEWEST = {"KHSL1": 4, "KHSL2": 5}


@dataclass
class Verdict:
    """What became of a file: its rows, and how many break each rule (1 for a rule on the file)."""

    verdict: str = "rejected"
    received: int = 0
    accepted: int = 0
    faults: dict[str, int] = field(default_factory=dict)


def check_digit_is_right(number: str) -> bool:
    total = 0
    for place, digit in enumerate(number[2:]):
        product = int(digit) * (2 if place % 2 == 0 else 1)
        total += product // 10 + product % 10
    return total % 10 == 0


def judge_folder(files: Sequence[Path], codes: ValidCodes, share_limit: float) -> tuple[dict[str, Verdict], list[pd.DataFrame]]:
    """Judge files: the verdicts by file name, and the accepted rows of each."""
    persons: dict[tuple[str, str], pd.Series] = {}
    verdicts: dict[str, Verdict] = {}
    accepted: list[pd.DataFrame] = []
    for path in sorted(files):
        file_type, municipality, period = path.stem.split("_")
        verdict, lines = _read(path, file_type)
        verdicts[path.name] = verdict
        if lines is None:
            continue
        rows, faults = _judge(lines, file_type, municipality, period, codes, persons.get((municipality, period)))
        if file_type == "KHSL2" and (municipality, period) not in persons:
            verdict.faults["file-without-persons"] = 1
        errors = [rule for rule in faults if rule not in ERRORS_ONLY_WARN]
        bad = faults[errors].any(axis=1)
        # What could not be checked counts towards no limit.
        wrong = faults[[rule for rule in errors if rule != "row-procedure-unchecked"]].any(axis=1)
        verdict.faults |= {rule: int(count) for rule, count in faults.sum().items() if count}
        if wrong.mean() > share_limit:
            verdict.faults["file-bad-rows"] = 1
            continue
        verdict.verdict, verdict.accepted = "accepted", int((~bad).sum())
        kept = rows[~bad]
        accepted.append(kept)
        if file_type == "KHSL1":
            persons[municipality, period] = kept["identity"]
    return verdicts, accepted


def _read(path: Path, file_type: str) -> tuple[Verdict, pd.Series | None]:
    """The lines of a file, or none where the file as a whole is wrong."""
    verdict = Verdict()
    content = path.read_bytes()
    if content.startswith(b"\xef\xbb\xbf"):
        verdict.faults["file-byte-order-mark"] = 1
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("iso-8859-1")
    if not text.strip():
        verdict.faults["file-empty"] = 1
        return verdict, None
    lines = pd.Series(text.removesuffix("\n").split("\n")).str.removesuffix("\r")
    verdict.received = len(lines)
    if "\0" in text:
        verdict.faults["file-binary"] = 1
    elif ";" not in text:
        verdict.faults["file-separator"] = 1
    elif not re.search("[0-9]", lines[0].split(";")[0]):
        verdict.faults["file-header"] = 1
    elif not text.endswith("\n"):
        verdict.faults["file-truncated"] = 1
    wrong = set(verdict.faults) - ERRORS_ONLY_WARN
    return verdict, None if wrong else lines


def _judge(
    lines: pd.Series, file_type: str, municipality: str, period: str, codes: ValidCodes, persons: pd.Series | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The fields of each row, and a column a rule that says which rows break it."""
    names = COLUMNS[file_type]
    separators = lines.str.count(";")
    trailing = lines.str.endswith(";") & (separators + 1).between(FEWEST[file_type], len(names) - 1)
    trailing |= lines.str.endswith(";") & (separators == len(names))
    wrong_number = ~(separators + 1).between(FEWEST[file_type], len(names)) & ~trailing
    faults = pd.DataFrame({"row-fields": wrong_number, "row-trailing-semicolon": trailing})
    right = lines.where(~wrong_number & ~trailing, "")
    rows = pd.read_csv(
        io.StringIO("\n".join(right) + "\n"),
        sep=";",
        names=names,
        header=None,
        dtype=str,
        quoting=3,
        keep_default_na=False,
        skip_blank_lines=False,
    ).fillna("")
    found = {
        "row-quotes": lines.str.contains('"', regex=False),
        "row-municipality-form": ~rows["municipality"].str.fullmatch("[0-9]{4}"),
        "row-municipality": rows["municipality"].str.fullmatch("[0-9]{4}") & (rows["municipality"] != municipality),
        **_identity_faults(rows["identity"], period),
        "row-duplicate": lines.groupby(lines).cumcount() > 0,
    }
    if file_type == "KHSL1":
        in_form = rows["year"].str.fullmatch("[0-9]{4}") & rows["month"].str.fullmatch("[0-9]{2}")
        found["row-period-form"] = ~in_form
        found["row-period"] = in_form & (rows["year"] + rows["month"] != period)
    else:
        found |= _procedure_faults(rows, period, codes)
        if persons is not None:
            known = rows[["identity"]].merge(persons.drop_duplicates().to_frame(), on="identity", how="left", indicator=True)
            found["row-person-missing"] = known["_merge"] == "left_only"
    for rule, broken in found.items():
        faults[rule] = broken & (~wrong_number & ~trailing if rule != "row-quotes" else True)
    return rows, faults


def _identity_faults(numbers: pd.Series, period: str) -> dict[str, pd.Series]:
    formed = numbers.str.fullmatch("(?:18|19|20)[0-9]{10}")
    right = numbers.where(formed, "190001010000")
    day = right.str[6:8].astype(int)
    coordination = day >= 60
    day = day.where(~coordination, day - 60)
    # What is not known of a co-ordination number's date is the first that it may be.
    no_month, no_day = coordination & (right.str[4:6] == "00") & (day <= 31), coordination & (day == 0)
    month_of_birth = right.str[4:6].where(~no_month, "01")
    day = day.where(~no_month & ~no_day, 1)
    # pandas' nanoseconds begin in 1677, so that the year 1800 is no trouble.
    born = pd.to_datetime(right.str[:4] + month_of_birth + day.astype(str).str.zfill(2), format="%Y%m%d", errors="coerce")
    year, month = int(period[:4]), int(period[4:])
    last = pd.Timestamp(year, month, calendar.monthrange(year, month)[1])
    return {
        "row-identity-form": ~formed | (formed & (right.str[8:11] == "000")),
        "row-identity-date": formed & born.isna(),
        "row-identity-date-unknown": formed & born.notna() & (no_month | no_day),
        "row-identity-future": formed & (born > last),
        "row-identity-age": formed & (year - born.dt.year > 115),
        "row-identity-check-digit": formed & ~right.apply(check_digit_is_right),
    }


def _procedure_faults(rows: pd.DataFrame, period: str, codes: ValidCodes) -> dict[str, pd.Series]:
    date = pd.to_datetime(rows["date"].where(rows["date"].str.fullmatch("[0-9]{8}"), ""), format="%Y%m%d", errors="coerce")
    code = rows["procedure"]
    formed = code.str.fullmatch("[A-Z]{2}[0-9]{3}|[A-Z]{3}[0-9]{2}")
    padded = ~formed & code.str.fullmatch("[ 0]*(?:[A-Z]{2}[0-9]{3}|[A-Z]{3}[0-9]{2})[ 0]*")
    regional = formed & code.str.fullmatch("U[A-Z][0-9]{3}")
    undetailed = formed & code.str.endswith("000") & ~code.isin(["QC000", "QL000"]) & ~regional
    listed = code.isin(codes.procedures) if codes.procedures is not None else True
    unchecked = code.str.fullmatch("|".join(codes.unchecked) or "(?!)")
    own = rows.filter(like="profession")
    given = own.ne("")
    given["profession1"] = True
    malformed = pd.concat([~own[name].str.fullmatch("XS[0-9]{3}") & given[name] for name in own], axis=1).any(axis=1)
    known = own.isin(codes.professions | codes.professions_not_accepted)
    several = own.apply(lambda row: len(set(filter(None, row))) < sum(map(bool, row)), axis=1)
    return {
        "row-date": date.isna(),
        "row-date-month": date.notna() & (date.dt.strftime("%Y%m") != period),
        "row-procedure-form": ~formed & ~padded,
        "row-procedure-padded": padded,
        "row-procedure-regional": regional,
        "row-procedure-not-detailed": undetailed,
        "row-procedure-unknown": formed & ~regional & ~undetailed & ~listed & ~unchecked,
        "row-procedure-unchecked": formed & ~regional & ~undetailed & ~listed & unchecked,
        "row-profession-form": malformed,
        "row-profession-unknown": ~malformed & (given & ~known).any(axis=1),
        "row-profession-not-accepted": own.isin(codes.professions_not_accepted).any(axis=1),
        "row-profession-repeated": several,
    }
