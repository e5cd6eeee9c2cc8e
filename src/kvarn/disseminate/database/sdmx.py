"""SDMX-CSV 2.0: a table for statistical data exchange.

Format: *SDMX-CSV field guide* of SDMX 3.0. Codes are those of the cross-domain code lists where there is one: CL_SEX,
CL_AGE, CL_FREQ, CL_OBS_STATUS and CL_CONF_STATUS; ``_T`` is the total; the others are our own codes. What each column and
code means stands in the structure that the files refer to (`kvarn.disseminate.database.sdmx_structure`).
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from kvarn import metadata
from kvarn.disseminate.cube import MEASURE, cube_of
from kvarn.disseminate.protected import ProtectedTable
from kvarn.disseminate.stage import stage_code
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition

__all__ = [
    "AGENCY",
    "CONFIDENTIALITY_STATUS",
    "OBSERVATION_STATUS",
    "PROVISIONAL",
    "STRUCTURE",
    "STRUCTURE_VERSION",
    "dataflow_id",
    "dimension_id",
    "dimensions_of",
    "sdmx_code",
    "sdmx_stage",
    "write_sdmx",
]

# The agency that maintains the structure: an assumption, until the office has an SDMX agency id of its own.
AGENCY = "KVARN"
STRUCTURE_VERSION = "1.0"
STRUCTURE = "structure.sdmx.xml"
"""The file with the structure of all tables of an edition."""
# CL_OBS_STATUS: A normal; P provisional, of preliminary figures; Q missing, suppressed; O missing; M missing, cannot exist.
OBSERVATION_STATUS = {"": "A", "X": "Q", "..": "O", ".": "M"}
PROVISIONAL = "P"
# CL_CONF_STATUS: F free; N not for publication. The list has codes that tell primary from secondary suppression: they
# must not be used, since that difference helps an attacker.
CONFIDENTIALITY_STATUS = {"": "F", "X": "N", "..": "F", ".": "F"}
_SEX = {"1": "M", "2": "F", "T": "_T"}
_NAMES = {"region": "REF_AREA"}
# What SDMX has in place of a dimension of these.
_IN_PERIOD = ("year", "month")
_NO_ID = re.compile(r"[^A-Za-z0-9_@-]")
# A value that is missing on purpose, of a number.
_MISSING = "NaN"
# The country, as in CL_AREA; before the codes of its parts, as Eurostat has them.
_COUNTRY = {"00": "SE"}


def write_sdmx(table: ProtectedTable, edition: Edition, output: Path, *, agency: str = AGENCY) -> Path:
    """Write one table as SDMX-CSV 2.0, one row a cell.

    Columns: ``STRUCTURE``, ``STRUCTURE_ID``, ``ACTION``; the dimensions ``FREQ``, the classification variables,
    ``MEASURE`` and ``TIME_PERIOD``; ``OBS_VALUE`` (``NaN`` when not published); the attributes ``OBS_STATUS``,
    ``CONF_STATUS``, ``DECIMALS``, ``STAGE`` (whether figures are preliminary, final or corrected) and, in a synthetic edition,
    ``SYNTHETIC``. A table by month has monthly periods, and the year as an annual one.
    """
    cube = cube_of(table)
    names = dimensions_of(table)
    dataflow = f"{agency}:{dataflow_id(table)}({STRUCTURE_VERSION})"
    header = ["STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", *map(dimension_id, names), "MEASURE", "TIME_PERIOD", "OBS_VALUE"]
    header += ["OBS_STATUS", "CONF_STATUS", "DECIMALS", "STAGE", *(["SYNTHETIC"] if edition.synthetic else [])]
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\n")
    out.writerow(header)
    provisional, stage = edition.provisional or edition.trial, sdmx_stage(edition)
    for key, cell in cube.cells.items():
        codes = dict(zip([*table.definition.variables, MEASURE], key, strict=True))
        frequency, period = _period(codes)
        row = ["dataflow", dataflow, "I", frequency, *(sdmx_code(name, codes[name]) for name in names), codes[MEASURE]]
        status = PROVISIONAL if provisional and not cell.status else OBSERVATION_STATUS[cell.status]
        row += [period, cell.value or _MISSING, status, CONFIDENTIALITY_STATUS[cell.status]]
        row += [str(metadata.measure(codes[MEASURE]).decimals), stage, *(["true"] if edition.synthetic else [])]
        out.writerow(row)
    return write_beside(output, written.getvalue())


def dataflow_id(table: ProtectedTable) -> str:
    """What the table is called: ``PERSONS_BY_MONTH``."""
    return table.definition.name.upper().replace("-", "_")


def dimensions_of(table: ProtectedTable) -> list[str]:
    """The classification variables that are dimensions by themselves: year and month are the period."""
    return [name for name in table.definition.variables if name not in _IN_PERIOD]


def dimension_id(variable: str) -> str:
    """What a classification variable is called: ``REF_AREA`` for the region, else its own name in capitals."""
    return _NAMES.get(variable, variable.upper())


def sdmx_stage(edition: Edition) -> str:
    """Whether figures are preliminary, final or corrected, as a code: ``FINAL``."""
    return stage_code(edition).upper()


def sdmx_code(variable: str, code: str) -> str:
    """Our code as SDMX has it: ``T`` → ``_T``, sex ``1`` → ``M``, age ``65-69`` → ``Y65T69``, ``90+`` → ``Y_GE90``, region
    ``0114`` → ``SE_0114``.

    A code of SDMX has letters, digits, ``_``, ``@``, ``-`` and ``$``; other characters become ``$`` and their number. Before a
    zero that begins a number stands ``_``: some readers take the column for numbers and lose it.
    """
    if variable == "sex":
        return _SEX[code]
    if code == "T":
        return "_T"
    if variable == "age":
        span = re.fullmatch(r"(\d+)-(\d+)", code)
        return f"Y{span[1]}T{span[2]}" if span else f"Y_GE{code[:-1]}" if code.endswith("+") else f"Y{code}"
    if variable == "region":
        return _COUNTRY.get(code, f"SE_{code}")
    written = _NO_ID.sub(lambda found: f"${ord(found[0]):04X}", code)
    return f"_{written}" if re.fullmatch(r"0\d+", written) else written


def _period(codes: dict[str, str]) -> tuple[str, str]:
    """The frequency and the period: monthly where the table has a month, else annual."""
    month = codes.get("month", "T")
    return ("A", codes["year"]) if month == "T" else ("M", f"{codes['year']}-{month}")
