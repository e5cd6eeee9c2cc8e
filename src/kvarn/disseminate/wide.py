"""A protected table as people read it: one column a measure, labels in place of codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kvarn import metadata
from kvarn.disseminate.cube import Cube

__all__ = ["Wide", "arrange_wide"]


@dataclass(frozen=True)
class Wide:
    """A table with one column a measure.

    Attributes
    ----------
    header
        The columns' names in one language.
    measures
        The measures of the last columns.
    rows
        Years (int), labels and codes (text), then `kvarn.disseminate.cube.Published` cells.
    """

    header: list[str]
    measures: list[str]
    rows: list[list[Any]]

    @property
    def labels(self) -> int:
        """How many columns stand before the measures."""
        return len(self.header) - len(self.measures)


def arrange_wide(cube: Cube, language: str) -> Wide:
    """The table with one row a combination of categories that has any cell, and one column a measure."""
    *variables, measures = cube.dimensions
    header, labels = [], []
    for dimension in variables:
        header.append(dimension.label(language))
        header += [dimension.heading_of_codes[language]] if dimension.heading_of_codes else []
        labels.append(dict(zip(dimension.codes, dimension.labels(language), strict=True)))
    header += [_headed(measure, language) for measure in measures.codes]
    names = [dimension.name for dimension in variables]
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for key, cell in cube.cells.items():
        rows.setdefault(key[:-1], {})[key[-1]] = cell
    body = []
    for key, cells in rows.items():
        row = [part for name, code, named in zip(names, key, labels, strict=True) for part in _labelled(name, code, named)]
        body.append([*row, *(cells[measure] for measure in measures.codes)])
    return Wide(header, list(measures.codes), body)


def _labelled(name: str, code: str, named: dict[str, str]) -> Iterator[Any]:
    yield int(code) if name == "year" else named[code]
    if metadata.variable(name).code:
        yield code


def _headed(name: str, language: str) -> str:
    """A measure's heading, with the unit where the name does not tell it."""
    measure = metadata.measure(name)
    unit = measure.unit[language]
    told = unit.split()[0] in ("antal", "number")
    return measure.label(language) if told else f"{measure.label(language)} ({unit})"
