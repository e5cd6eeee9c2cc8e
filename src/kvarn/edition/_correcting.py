"""The parameters of an edition that corrects one that is out, from those that it was released with."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from kvarn.base.files import replace_file
from kvarn.edition._empty import WrittenParameters, empty_keys
from kvarn.edition._rewriting import Rewriting, scalar
from kvarn.errors import EditionError

__all__ = ["correct_edition"]

_ANEW: tuple[tuple[str, ...], ...] = (("publication", "published"), ("publication", "scheduled"))
_NOTICE = """
# What readers are told. The day of the correction is publication.published.
correction:
  corrects: {corrects}
  # The day of publication from which on what was published was wrong: an earlier version's, where that was wrong already.
  since: {since}
{preliminary}  # What was wrong, in a sentence or two.
  what:
    sv:
    en:
  # Every table that has changed, in brackets: [one-table, another]; [] where the figures of none have. kvarn publish names those
  # that differ.
  tables:
"""


def correct_edition(released: Path, path: Path, *, corrects: str, since: dt.date, preliminary: bool) -> WrittenParameters:
    """Write the parameters of a correction, from those with which what it corrects was released.

    Everything stays as it was, letter by letter, but the stage, the days of publication and the notice: these are left empty.

    Parameters
    ----------
    released
        The parameters as they were released.
    path
        The file to write.
    corrects
        The edition that is corrected, published on the day `since`.
    preliminary
        Whether its figures are preliminary.

    Raises
    ------
    EditionError
        The file is there already, or the old parameters cannot be carried over. Nothing has been written.
    """
    if path.exists():
        raise EditionError("These parameters are there already, and stay as they are.", file=path, remedy="Edit them.")
    try:
        new = Rewriting(released.read_bytes().decode("utf-8-sig"))
        if new.has("correction"):
            new.remove("correction")
        for key in _ANEW:
            new.empty(key)
        if new.has("stage"):
            new.put(("stage",), "corrected")
        else:
            new.insert((), "stage", "corrected")
        written = new.text()
    except ValueError as error:
        raise EditionError(
            f"The parameters with which it was released cannot be carried over: {error}.",
            file=released,
            remedy=f"Write the new ones by hand: cp {released} {path}, then add stage: corrected and the keys of correction.",
        ) from None
    still = "  preliminary: true\n" if preliminary else ""
    written += _NOTICE.format(corrects=scalar(corrects), since=since.isoformat(), preliminary=still)
    replace_file(path, written.encode("utf-8"), mode=0o666, usual=True)
    return WrittenParameters(path, empty_keys(written))
