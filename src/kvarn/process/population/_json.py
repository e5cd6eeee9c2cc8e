"""JSON-stat (2.0, and 1 as PxWeb writes it too), and PxWeb's own JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from kvarn.errors import CodeListError
from kvarn.process.population._cells import AS_DOWNLOADED, NOT_AVAILABLE
from kvarn.process.population._cube import Axis, Cube
from kvarn.process.population._headings import Row

__all__ = ["is_pxweb_table", "parse_json", "pxweb_rows", "read_json_stat"]

_MOST_FIGURES = 5_000_000
_ROLES = {"geo": "region", "time": "year", "metric": "contents"}


def parse_json(path: Path, text: str) -> Any:
    """The file's object.

    Raises
    ------
    CodeListError
        It is not JSON.
    """

    def refuse(word: str) -> NoReturn:
        raise ValueError(f"{word} is no number")

    try:
        return json.loads(text, parse_constant=refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        said = getattr(error, "msg", None) or str(error) or "nested too deeply"
        raise CodeListError(f"The file is not JSON: {said[:120]}.", file=path, line=line, remedy=AS_DOWNLOADED) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands twice")
    return found


def is_pxweb_table(document: Any) -> bool:
    """Whether it is PxWeb's own JSON: columns, and rows of keys and values."""
    return isinstance(document, dict) and isinstance(document.get("columns"), list) and isinstance(document.get("data"), list)


def pxweb_rows(path: Path, document: Mapping[str, Any]) -> Iterator[Row]:
    """The rows of PxWeb's own JSON, headings first; a row's number is its place."""
    try:
        yield 1, [f"{column.get('text') or column['code']}" for column in document["columns"]]
        for number, row in enumerate(document["data"], 1):
            yield number, [_text(cell) for cell in (*row["key"], *row["values"])]
    except (KeyError, TypeError, AttributeError):
        raise CodeListError("The file is not as PxWeb writes JSON.", file=path, remedy=AS_DOWNLOADED) from None


def _text(cell: Any) -> str:
    return cell if isinstance(cell, str) else json.dumps(cell)


def read_json_stat(path: Path, document: Any) -> Cube:
    """The variables and figures of a JSON-stat dataset.

    Raises
    ------
    CodeListError
        It is no dataset, or lacks figures, or has one that is no whole number.
    """
    try:
        return _dataset(path, document)
    except (KeyError, TypeError, AttributeError, IndexError, OverflowError, ValueError) as error:
        if isinstance(error, CodeListError):
            raise
        raise CodeListError(
            f"The file is not a JSON-stat dataset: {_in_words(document, error)}.", file=path, remedy=AS_DOWNLOADED
        ) from None


def _in_words(document: Any, error: Exception) -> str:
    """What a dataset should have and has not."""
    if not isinstance(document, dict):
        return f"it holds a {'list' if isinstance(document, list) else 'value'}, not an object"
    if isinstance(error, KeyError):
        return f"{str(error.args[0])[:80]!r} is missing"
    if type(error) is ValueError:
        return str(error)[:80]
    return "its id, size, dimension or value are not in the form that the format has"


def _dataset(path: Path, document: Any) -> Cube:
    # Version 1 has a bundle of datasets, with order and size among the dimensions.
    dataset = document.get("dataset", document)
    dimension = dataset["dimension"]
    order, sizes = (dataset if "id" in dataset else dimension)["id"], (dataset if "size" in dataset else dimension)["size"]
    roles = dataset.get("role") or dimension.get("role") or {}
    role_of = {name: _ROLES[role] for role, names in roles.items() if role in _ROLES for name in names}
    axes = [_axis(name, dimension[name], role_of.get(name)) for name in order]
    if [len(axis.categories) for axis in axes] != list(sizes) or not axes:
        raise CodeListError("Sizes and categories do not go together.", file=path, field="size", remedy=AS_DOWNLOADED)
    number = math.prod(sizes)
    if number > _MOST_FIGURES:
        raise CodeListError(f"The file would have {number:,} figures.", file=path, remedy="Divide it by years.")
    title = str(dataset.get("label") or "")
    return Cube(axes, list(_figures(path, dataset["value"], number)), [title], "")


def _axis(name: str, described: Mapping[str, Any], role: str | None) -> Axis:
    category = described["category"]
    labels = category.get("label") or {}
    index = category.get("index")
    if index is None:
        codes = list(labels)
    elif isinstance(index, dict):
        codes = sorted(index, key=lambda code: int(index[code]))
        if sorted(index.values()) != list(range(len(codes))):
            raise ValueError(f"the categories of {name} are not numbered from 0")
    else:
        codes = [str(code) for code in index]
    return Axis((name, str(described.get("label") or ""), role or ""), [(code, str(labels.get(code, ""))) for code in codes])


def _figures(path: Path, values: Any, number: int) -> Iterator[int]:
    if isinstance(values, dict):
        wrong = [key for key in values if not key.isascii() or not key.isdigit() or int(key) >= number]
        if wrong:
            raise CodeListError(f"There is no figure {wrong[0]!r}.", file=path, field="value", remedy=AS_DOWNLOADED)
        listed: Iterator[Any] = (values.get(str(place)) for place in range(number))
    elif len(values) != number:
        raise CodeListError(
            f"The file has {len(values):,} figures, its variables ask for {number:,}.",
            file=path,
            field="value",
            remedy=AS_DOWNLOADED,
        )
    else:
        listed = iter(values)
    for place, value in enumerate(listed, 1):
        if value is None:
            yield NOT_AVAILABLE
        elif isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or value < 0:
            raise CodeListError(
                f"Figure {place:,} is not a number of inhabitants: {str(value)[:40]!r}.",
                file=path,
                field=f"value {place}",
                remedy=AS_DOWNLOADED,
            )
        else:
            yield int(value)
