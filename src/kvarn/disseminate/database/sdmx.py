"""SDMX-CSV 2.0: a table for statistical data exchange.

Format: *SDMX-CSV field guide* of SDMX 3.0. Codes are those of the cross-domain code lists where there is one: CL_SEX,
CL_AGE, CL_FREQ, CL_OBS_STATUS and CL_CONF_STATUS; ``_T`` is the total; the others are our own codes.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from kvarn import metadata
from kvarn.disseminate.cube import MEASURE, Cube
from kvarn.disseminate.protected import ProtectedTable
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition

__all__ = ["write_sdmx"]

# The agency that maintains the structure: an assumption, until the office has an SDMX agency id of its own.
AGENCY = "KVARN"
STRUCTURE_VERSION = "1.0"
# CL_OBS_STATUS: A normal; P provisional, of preliminary figures; Q missing, suppressed; O missing; M missing, cannot exist.
OBSERVATION_STATUS = {"": "A", "X": "Q", "..": "O", ".": "M"}
PROVISIONAL = "P"
# CL_CONF_STATUS: F free; N not for publication. The list has codes that tell primary from secondary suppression: they
# must not be used, since that difference helps an attacker.
CONFIDENTIALITY_STATUS = {"": "F", "X": "N", "..": "F", ".": "F"}
_SEX = {"1": "M", "2": "F", "T": "_T"}
_NAMES = {"region": "REF_AREA"}


def write_sdmx(table: ProtectedTable, edition: Edition, output: Path, *, agency: str = AGENCY) -> Path:
    """Write one table as SDMX-CSV 2.0, one row a cell.

    Columns: ``STRUCTURE``, ``STRUCTURE_ID``, ``ACTION``; the dimensions ``FREQ``, the classification variables,
    ``MEASURE`` and ``TIME_PERIOD``; ``OBS_VALUE`` (empty when not published); the attributes ``OBS_STATUS``,
    ``CONF_STATUS``, ``DECIMALS`` and, in a synthetic edition, ``SYNTHETIC``. A table by month has monthly periods,
    and the year as an annual one.
    """
    cube = Cube(table)
    names = [name for name in table.definition.variables if name not in ("year", "month")]
    dataflow = f"{agency}:{table.definition.name.upper().replace('-', '_')}({STRUCTURE_VERSION})"
    header = [
        "STRUCTURE",
        "STRUCTURE_ID",
        "ACTION",
        "FREQ",
        *(_NAMES.get(name, name.upper()) for name in names),
        "MEASURE",
    ]
    header += [
        "TIME_PERIOD",
        "OBS_VALUE",
        "OBS_STATUS",
        "CONF_STATUS",
        "DECIMALS",
        *(["SYNTHETIC"] if edition.synthetic else []),
    ]
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\n")
    out.writerow(header)
    provisional = edition.provisional or edition.trial
    for key, cell in cube.cells.items():
        codes = dict(zip([*table.definition.variables, MEASURE], key, strict=True))
        frequency, period = _period(codes)
        row = ["dataflow", dataflow, "I", frequency, *(sdmx_code(name, codes[name]) for name in names), codes[MEASURE]]
        status = PROVISIONAL if provisional and not cell.status else OBSERVATION_STATUS[cell.status]
        row += [period, cell.value, status, CONFIDENTIALITY_STATUS[cell.status]]
        row += [str(metadata.measure(codes[MEASURE]).decimals), *(["true"] if edition.synthetic else [])]
        out.writerow(row)
    return write_beside(output, written.getvalue())


def sdmx_code(variable: str, code: str) -> str:
    """Our code as SDMX has it: ``T`` → ``_T``, sex ``1`` → ``M``, age ``65-69`` → ``Y65T69``, ``90+`` → ``Y_GE90``."""
    if variable == "sex":
        return _SEX[code]
    if code == "T":
        return "_T"
    if variable == "age":
        span = re.fullmatch(r"(\d+)-(\d+)", code)
        return f"Y{span[1]}T{span[2]}" if span else f"Y_GE{code.removesuffix('+')}"
    return code


def _period(codes: dict[str, str]) -> tuple[str, str]:
    """The frequency and the period: monthly where the table has a month, else annual."""
    month = codes.get("month", "T")
    return ("A", codes["year"]) if month == "T" else ("M", f"{codes['year']}-{month}")
