"""What is said of persons with a procedure whose care has not been reported: the same at intake and by the step ``check``."""

from __future__ import annotations

from kvarn.pipeline.findings._fingerprint import how_many
from kvarn.programme import current_programme

__all__ = ["without_care"]


def without_care(year: int, in_month: int, in_year: int, threshold: int | None) -> str:
    """How many there are of them in a year. No number below the threshold of disclosure control is told; without one, none is.

    Parameters
    ----------
    in_month
        Persons with a procedure in a month and municipality in which none of their care is reported.
    in_year
        Those of them of whom no care is reported in the whole year.
    """
    persons = (
        "1 person has"
        if threshold is not None and in_month == 1 >= threshold
        else f"{how_many(in_month, threshold)} persons have"
    )
    about = current_programme().about
    said = f"{year}: {persons} a procedure ({about.events}) in a month for which their municipality reports no care of theirs "
    said += f"({about.periods}). "
    if in_year == 0:
        return said + "Care is reported for each of them in another month or by another municipality."
    return said + f"For {how_many(in_year, threshold)} of them no municipality reports care at any time in the year."
