"""Reading the database files back, by code that shares nothing with the writers.

Each reader returns the cells of one file by their codes: the classification variables in the order of the table's
definition, then the measure; a number, or None and the symbol in its place. The gate compares them with the protected
table.
"""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from kvarn.errors import InputError

__all__ = ["Cells", "parquet_texts", "read_jsonstat", "read_parquet", "read_px", "read_sdmx", "sdmx_category"]

Cells = Mapping[tuple[str, ...], tuple[Decimal | None, str]]
_PX_KEYWORD = re.compile(r'(?P<name>[A-Z0-9-]+)(?:\[(?P<language>\w+)\])?(?:\((?P<key>"[^"]*"(?:,"[^"]*")*)\))?=')
_SDMX_STATUS = {"A": "", "P": "", "Q": "X", "O": "..", "M": "."}
_SDMX_SEX = {"M": "1", "F": "2"}


def read_px(path: Path, variables: tuple[str, ...]) -> Cells:
    """The cells of a PX file whose VARIABLECODE and CODES name `variables` and their categories.

    Raises
    ------
    InputError
        The file is not PX, a variable is missing, or it does not have as many cells as its variables say.
    """
    keywords, data = _px_parts(path)
    named = {key: _px_strings(value)[0] for (name, key), value in keywords.items() if name == "VARIABLECODE"}
    order = _px_strings(keywords.get(("STUB", ""), "")) + _px_strings(keywords.get(("HEADING", ""), ""))
    codes = [_px_strings(keywords[("CODES", label)]) for label in order]
    symbols = {"." * dots: _px_symbol(keywords, dots) for dots in range(1, 7)}
    places = [named[label] for label in order]
    cells = [token.strip('"') for token in data.split()]
    keys = list(itertools.product(*codes))
    if len(cells) != len(keys) or set(places) != {*variables, "measure"}:
        raise InputError(f"The file has {len(cells)} cells; its variables say {len(keys)}.", file=path)
    read = {}
    for key, cell in zip(keys, cells, strict=True):
        by_name = dict(zip(places, key, strict=True))
        value = (None, symbols[cell]) if cell in symbols else (_decimal("0" if cell == "-" else cell, path), "")
        read[tuple(by_name[name] for name in (*variables, "measure"))] = value
    return read


def read_jsonstat(path: Path, variables: tuple[str, ...]) -> Cells:
    """The cells of a JSON-stat dataset."""
    try:
        dataset = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal)
        names, values, status = dataset["id"], dataset["value"], dataset.get("status", {})
        codes = [_in_order(dataset["dimension"][name]["category"]["index"]) for name in names]
    except (ValueError, KeyError) as error:
        raise InputError(f"This is not a JSON-stat dataset: {error}.", file=path) from None
    keys = list(itertools.product(*codes))
    if len(keys) != len(values) or set(names) != {*variables, "measure"}:
        raise InputError(f"The file has {len(values)} cells; its dimensions say {len(keys)}.", file=path)
    read = {}
    for place, (key, value) in enumerate(zip(keys, values, strict=True)):
        by_name = dict(zip(names, key, strict=True))
        read[tuple(by_name[name] for name in (*variables, "measure"))] = (value, str(status.get(str(place), "")))
    return read


def _in_order(index: Mapping[str, Decimal] | list[str]) -> list[str]:
    """The codes of a dimension: a list of them, or the place of each."""
    return sorted(index, key=index.__getitem__) if isinstance(index, Mapping) else list(index)


def read_sdmx(path: Path, variables: tuple[str, ...]) -> Cells:
    """The cells of an SDMX-CSV file, with our codes in place of those of SDMX."""
    read: dict[tuple[str, ...], tuple[Decimal | None, str]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for line, row in enumerate(csv.DictReader(lines), 2):
            try:
                key = tuple(sdmx_category(name, row) for name in (*variables, "measure"))
                status = _SDMX_STATUS[row["OBS_STATUS"]]
            except (KeyError, TypeError) as error:
                raise InputError(f"The row does not have the column or code {error}.", file=path, line=line) from None
            if key in read:
                raise InputError("A cell occurs twice.", file=path, line=line)
            missing = row["OBS_VALUE"] in ("NaN", "")
            read[key] = (None if missing else _decimal(row["OBS_VALUE"], path), status)
    return read


def read_parquet(path: Path, variables: tuple[str, ...], *, synthetic: bool | None = None) -> Cells:
    """The cells of a Parquet file.

    Parameters
    ----------
    synthetic
        Whether each row has to be marked as made from synthetic data; where nothing is said, those that are marked at all.

    Raises
    ------
    InputError
        It is not Parquet, it has other columns, a cell occurs twice, or a row is not marked that has to be.
    """
    names = (*variables, "measure", "value", "status")
    _, columns = _parquet(path)
    marked = "synthetic" in columns if synthetic is None else synthetic
    if tuple(columns) != ((*names, "synthetic") if marked else names):
        raise InputError("The file has other columns than the table.", file=path)
    if not all(mark is True for mark in columns.get("synthetic", [])):
        raise InputError("A row is not marked as synthetic.", file=path)
    keys = list(zip(*([str(code) for code in columns[name]] for name in (*variables, "measure")), strict=True))
    values = [None if value is None else _decimal(str(value), path) for value in columns["value"]]
    read = dict(zip(keys, zip(values, map(str, columns["status"]), strict=True), strict=True))
    if len(read) != len(keys):
        raise InputError("A cell occurs twice.", file=path)
    return read


def parquet_texts(path: Path) -> tuple[dict[str, str], set[str]]:
    """What a Parquet file says of itself, by key; and every text in its columns, and their names.

    Raises
    ------
    InputError
        It is not Parquet.
    """
    about, columns = _parquet(path)
    return about, {*columns, *(value for column in columns.values() for value in column if isinstance(value, str))}


def _parquet(path: Path) -> tuple[dict[str, str], dict[str, list[Any]]]:
    """What a file says of itself, and its columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        about = {key.decode("utf-8"): value.decode("utf-8") for key, value in (file.metadata.metadata or {}).items()}
        return about, file.read().to_pydict()
    except (pa.ArrowInvalid, OSError, UnicodeDecodeError) as error:
        raise InputError("This is not a Parquet file.", file=path) from error


def sdmx_category(name: str, row: Mapping[str, str]) -> str:
    """Our code of a variable, from a row of SDMX-CSV."""
    if name == "year":
        return row["TIME_PERIOD"][:4]
    if name == "month":
        return row["TIME_PERIOD"][5:] or "T"
    code = row["REF_AREA" if name == "region" else name.upper()]
    if code == "_T":
        return "T"
    if name == "sex":
        return _SDMX_SEX[code]
    if name == "age":
        return code.removeprefix("Y").replace("T", "-") if not code.startswith("Y_GE") else f"{code[4:]}+"
    if name == "region":
        return "00" if code == "SE" else code.removeprefix("SE_")
    bare = code[1:] if re.fullmatch(r"_0\d+", code) else code
    return re.sub(r"\$([0-9A-F]{4})", lambda found: chr(int(found[1], 16)), bare)


def _px_parts(path: Path) -> tuple[dict[tuple[str, str], str], str]:
    """The main language's keywords, by name and subkey, and the text after DATA=."""
    written = path.read_text(encoding="utf-8")
    head, found, data = written.partition("\nDATA=")
    if not found or not data.rstrip().endswith(";"):
        raise InputError("This is not a whole PX file: it has no DATA, or it is cut off.", file=path)
    keywords: dict[tuple[str, str], str] = {}
    place = 0
    while place < len(head):
        match = _PX_KEYWORD.match(head, place)
        if match is None:
            raise InputError("A keyword cannot be read.", file=path, line=head.count("\n", 0, place) + 1)
        end = _px_end(head, match.end())
        if match["language"] is None:
            key = '","'.join(_px_strings(match["key"] or ""))
            keywords[(match["name"], key)] = head[match.end() : end]
        place = end + 1
        while place < len(head) and head[place].isspace():
            place += 1
    return keywords, data.rstrip().removesuffix(";")


def _px_end(text: str, start: int) -> int:
    """The place of the semicolon that ends a value, outside quotation marks."""
    quoted = False
    for place in range(start, len(text)):
        if text[place] == '"':
            quoted = not quoted
        elif text[place] == ";" and not quoted:
            return place
    return len(text)


def _px_strings(value: str) -> list[str]:
    return re.findall(r'"([^"]*)"', value)


def _px_symbol(keywords: Mapping[tuple[str, str], str], dots: int) -> str:
    shown = _px_strings(keywords.get((f"DATASYMBOL{dots}", ""), ""))
    return shown[0] if shown else "." * dots


def _decimal(text: str, path: Path) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise InputError(f"{text!r} is neither a number nor a symbol.", file=path) from None
