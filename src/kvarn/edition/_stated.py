"""What only the publisher can say of a publication: who signs it, under which numbers it goes, what has been decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from kvarn.edition._section import Section
from kvarn.edition._texts import Line
from kvarn.edition._words import Words

if TYPE_CHECKING:
    from kvarn.edition._model import Edition

__all__ = ["Correction", "Signature", "Stated", "not_stated"]


class Signature(Section):
    """Who signs the preface."""

    name: Line
    title: Words


class Correction(Section):
    """One correction of what has been published."""

    made: dt.date
    what: Words


class Stated(Section):
    """What the publisher has decided, each in a sentence that readers see."""

    preservation: Words | None = Field(None, description="How long the data are kept, and by which decision.")
    reporting: Words | None = Field(None, description="Whether data are reported internationally.")
    users: Words | None = Field(None, description="How the needs of users are studied.")
    orders: Words | None = Field(None, description="Whether, and on what conditions, further tables can be ordered.")
    accessibility: Words | None = Field(None, description="How accessible the publication is, and to whom faults are told.")


def not_stated(edition: Edition) -> Iterator[str]:
    """The keys that an edition of real data must have and that this one leaves out, in the order of the file."""
    publication = edition.publication
    if publication.contact.telephone is None:
        yield "publication.contact.telephone"
    if edition.provisional and publication.final is None:
        yield "publication.final"
    for name in ("licence", "next", "signed"):
        if getattr(publication, name) is None:
            yield f"publication.{name}"
    for name in Stated.model_fields:
        if getattr(publication.stated, name) is None:
            yield f"publication.stated.{name}"
