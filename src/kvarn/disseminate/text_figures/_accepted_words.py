"""What the texts say of figures that look wrong and are right."""

from __future__ import annotations

from kvarn import metadata
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.text_figures._edition_words import Said

__all__ = ["ACCEPTED_NAMES", "accepted_words"]

ACCEPTED_NAMES = ("accepted.text",)


def accepted_words(tables: ProtectedTables, language: str) -> dict[str, Said]:
    """``accepted.text``: everything that has been accepted and is told to readers, kind by kind, or that there is nothing."""
    kinds = metadata.finding_kinds()
    listed = [f"{kinds[one.what].label(language)}: {_sentence(one.words(language))}" for one in tables.noted]
    if not listed:
        return {"accepted.text": Said(metadata.text("accepted.none", language))}
    return {"accepted.text": Said(metadata.text("accepted.list", language, listed=" ".join(listed)))}


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."
