"""On what conditions a publication may be used: the same statement in every product."""

from __future__ import annotations

from kvarn.disseminate.templates import word
from kvarn.edition import Edition

__all__ = ["licence_statement"]


def licence_statement(edition: Edition, language: str) -> str:
    """The address of the licence; words on whom to ask where none is stated."""
    return edition.publication.licence or word("licence.none", language)
