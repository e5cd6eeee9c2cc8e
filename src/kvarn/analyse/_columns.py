"""The columns of a tidy frame that hold figures; all others classify.

What disclosure control asks to be counted besides is optional: a frame has it when the register was opened for it.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from kvarn.metadata import measure

__all__ = ["CELL_KEY", "COUNTED", "FIGURES", "LARGEST", "OPTIONAL", "PUBLISHED", "STANDARD", "Behind", "Care", "is_total"]

# What is counted behind each cell: the persons; the largest contributors of totals too; and the key of the persons.
Behind: TypeAlias = Literal["persons", "largest", "keys"]

# Who had care in a month: whom the municipality has reported as such; or whom it has reported a procedure of, too.
Care: TypeAlias = Literal["reported", "reported_or_procedure"]

# How much of a total the person with most has, and the two with most together; the same of municipalities.
LARGEST = ("largest", "two_largest", "largest_municipality", "two_largest_municipalities")
# The sum of the persons' keys, by which a figure is changed by chance (``disclosure.method: cell-key``).
CELL_KEY = "cell_key"
# What a standardised rate is reckoned from besides the persons: each age group's inhabitants, and its standard population.
STANDARD = "standard"
# The figure that came in place of the true one, in what an edition by cell-key keeps of itself.
PUBLISHED = "published"
COUNTED = (*LARGEST, CELL_KEY)
OPTIONAL = (*COUNTED, STANDARD)
FIGURES = ("measure", "value", "contributors", *OPTIONAL)


def is_total(name: str) -> bool:
    """Whether a measure counts what one person can have several of, so that one can have most of it."""
    declared = measure(name)
    return declared.subject == "procedures" and not declared.is_function
