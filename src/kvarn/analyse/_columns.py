"""The columns of a tidy frame that hold figures; all others classify.

What disclosure control asks to be counted besides is optional: a frame has it when the register was opened for it.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from kvarn.metadata import measure

__all__ = ["FIGURES", "LARGEST", "OPTIONAL", "Behind", "is_total"]

# What is counted behind each cell: the persons; the largest contributors of totals too.
Behind: TypeAlias = Literal["persons", "largest"]

# How much of a total the person with most has, and the two with most together; the same of municipalities.
LARGEST = ("largest", "two_largest", "largest_municipality", "two_largest_municipalities")
OPTIONAL = LARGEST
FIGURES = ("measure", "value", "contributors", *OPTIONAL)


def is_total(name: str) -> bool:
    """Whether a measure counts what one person can have several of, so that one can have most of it."""
    declared = measure(name)
    return declared.subject == "procedures" and not declared.is_function
