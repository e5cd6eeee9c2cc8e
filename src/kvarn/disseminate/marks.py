"""What every product of a synthetic edition, and of a trial, says of itself: read back by other code than wrote it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from kvarn.edition import Edition

__all__ = ["missing_mark"]

_SYNTHETIC = {"sv": "syntetiska data", "en": "synthetic data"}
_TRIAL = {"sv": "en provkörning och ingen utgåva", "en": "a trial and no edition"}
# In SDMX-CSV there is no room for words: no figure of a trial is a normal one there.
_NORMAL = "A"


def missing_mark(text: str, name: str, edition: Edition) -> str | None:
    """What a product does not say of itself and must, in words; None where it says all.

    Parameters
    ----------
    text
        What a reader finds in the product, white space made even but for CSV.
    name
        The product's place in the publication, which tells its language.
    """
    read = text.casefold()
    if edition.synthetic and not any(mark in read for mark in _wanted(_SYNTHETIC, name, in_csv=",synthetic\n")):
        return "The file is not marked as synthetic data."
    if not edition.trial:
        return None
    if name.endswith(".sdmx.csv"):
        rows = csv.DictReader(io.StringIO(text))
        return "A figure of a trial is not marked as provisional." if any(row["OBS_STATUS"] == _NORMAL for row in rows) else None
    # Open data have no room for it: their description, which is asked too, says it.
    if not name.endswith(".csv") and not any(mark in read for mark in _wanted(_TRIAL, name)):
        return "The file does not say that it is a trial's."
    return None


def _wanted(marks: dict[str, str], name: str, in_csv: str | None = None) -> tuple[str, ...]:
    """A column of codes, or the words in the language of the folder; outside these those of any language."""
    language = next((part for part in Path(name).parts if part in marks), None)
    if in_csv is not None and name.endswith(".csv") and language is None:
        return (in_csv,)
    return (marks[language],) if language else tuple(marks.values())
