"""What a synthetic register was made from: the record ``made-from.json`` beside it, so that a year can be added to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from kvarn.demo import _figures as figures
from kvarn.errors import InputError
from kvarn.programme import current_programme

__all__ = ["MADE_FROM", "Recipe", "read_recipe", "recipe_text"]

MADE_FROM = "made-from.json"
_AGAIN = "Make the register anew: kvarn demo DIR."


@dataclass(frozen=True)
class Recipe:
    """The arguments of a synthetic register: the same recipe gives the same bytes.

    Attributes
    ----------
    persons
        Persons in 2023, the last published year, or how many there would be; other years follow the published numbers.
    faults
        The rates that replace the defaults.
    full_scale_persons
        Persons in a year at full scale, in place of the published number or of our assumption.
    """

    persons: int
    procedures_per_person: float
    first_year: int
    last_year: int
    seed: int
    faults: Mapping[str, float] = field(default_factory=dict)
    full_scale_persons: Mapping[int, int] = field(default_factory=dict)

    @property
    def scale(self) -> float:
        """How large the register is, 1 for full scale."""
        return self.persons / self.full_scale(figures.SIZE_YEAR)

    def full_scale(self, year: int) -> float:
        """Persons in care in the year at full scale."""
        return float(self.full_scale_persons.get(year, figures.persons_of(year)))

    def persons_in(self, year: int) -> int:
        """Persons in care in the year in this register."""
        return round(self.full_scale(year) * self.scale)


def recipe_text(recipe: Recipe) -> str:
    """The record, with the mark of the generator that it holds for."""
    return json.dumps({**asdict(recipe), "generator": _generator()}, indent=2) + "\n"


def read_recipe(folder: Path) -> Recipe:
    """The recipe of the register in the folder, when this very generator has made it.

    Raises
    ------
    InputError
        There is no record, it cannot be read, or another generator made the register.
    """
    path = folder / MADE_FROM
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("No synthetic register is here that says what it was made from.", file=path, remedy=_AGAIN) from None
    except (OSError, ValueError) as error:
        raise InputError(f"The record of the synthetic register cannot be read: {error}.", file=path, remedy=_AGAIN) from None
    try:
        generator, recipe = told.pop("generator"), _recipe(told)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        raise InputError("The record of the synthetic register does not hold what it should.", file=path, remedy=_AGAIN) from None
    if generator != _generator():
        raise InputError(
            "The synthetic register was made by another version of the generator, which made other persons.",
            file=path,
            remedy=_AGAIN,
        )
    return recipe


def _recipe(told: dict[str, Any]) -> Recipe:
    numbers = {name: int(told.pop(name)) for name in ("persons", "first_year", "last_year", "seed")}
    return Recipe(
        **numbers,
        procedures_per_person=float(told.pop("procedures_per_person")),
        faults={str(name): float(rate) for name, rate in told.pop("faults").items()},
        full_scale_persons={int(year): int(persons) for year, persons in told.pop("full_scale_persons").items()},
        **told,
    )


def _generator() -> str:
    """A mark of whatever decides on the bytes: this package, the code lists, and the library that draws the numbers."""
    mark = hashlib.blake2b(np.__version__.encode(), digest_size=16)
    for folder, suffix in ((files("kvarn.demo"), ".py"), (current_programme().codelists, ".csv")):
        for file in sorted((file for file in folder.iterdir() if file.name.endswith(suffix)), key=lambda file: file.name):
            mark.update(file.name.encode() + b"\0" + file.read_bytes())
    return mark.hexdigest()
