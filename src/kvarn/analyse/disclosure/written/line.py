"""A relation between cells, as anyone can write it down."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

__all__ = ["Line", "Name"]

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Line(Generic[Name]):
    """A sum of coefficients times cells that is nought (`exact`), or nought or more. A fraction is as exact as a whole number."""

    terms: Mapping[Name, float | Fraction]
    exact: bool
