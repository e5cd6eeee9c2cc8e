"""What readers are told of what looks wrong and has been accepted: nothing that does not follow from what is published.

That a municipality has many fewer persons than the year before narrows their number for whoever knows the year before, and what
an accepted rule is weaker than narrows the rule. So an acceptance is told where the figures that it was found by are published as
they are, and one of the rules where the rules are public. Whatever else has been accepted is not told of at all: its kind, or how
many there are of it, would name the place where all others are published.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kvarn import metadata
from kvarn.base.damaged import damage_told, kept_json
from kvarn.base.files import replace_file
from kvarn.edition import Acceptance, Edition, is_public_key
from kvarn.errors import DisclosureError
from kvarn.pipeline.checking import judged_by_check
from kvarn.pipeline.findings import Finding
from kvarn.pipeline.production import Production

if TYPE_CHECKING:
    from kvarn.analyse.disclosure.written.audit import Published

__all__ = ["not_told", "require_told_is_public", "told", "write_notes"]

_IN_RECORD = "accepted: "
_RULES = "disclosure."


def told(production: Production) -> tuple[Acceptance, ...]:
    """The acceptances that readers are told of: those with words for them, of which all follows from the protected tables."""
    from kvarn.analyse.disclosure.written.audit import Published, read_csv

    accepted = [(finding, one) for finding, one in judged_by_check(production).accepted if one.shown is not None]
    published = Published()
    if accepted:
        read_csv(production.workspace.protected, published)
    return tuple(one for finding, one in accepted if _follows(finding, published, production.edition))


def not_told(production: Production) -> Iterator[str]:
    """A line for each acceptance with words for readers of which they are told nothing, as far as the notes have been written."""
    notes = production.workspace.notes
    if not notes.is_file():
        return
    with damage_told(notes):
        there = {(one["what"], one["where"]) for one in kept_json(notes)}
    for _, one in judged_by_check(production).accepted:
        if one.shown is not None and one.place not in there:
            why = (
                "what is public of the rules (disclosure.public) does not cover it"
                if one.where.startswith(_RULES)
                else "a figure that it was found by is not published as it is, and the note would tell of it"
            )
            yield f"warning: readers are told nothing of {one.what} at {one.where}: {why}. Write shown: false."


def write_notes(production: Production) -> None:
    """Beside the protected tables, what readers see at them."""
    production.workspace.protected.mkdir(parents=True, exist_ok=True)
    text = json.dumps([_note(one) for one in told(production)], ensure_ascii=False, indent=1) + "\n"
    replace_file(production.workspace.notes, text.encode("utf-8"), mode=0o644)


def _note(acceptance: Acceptance) -> dict[str, Any]:
    """What readers see, and of which figures."""
    kind = metadata.finding_kinds()[acceptance.what]
    return {
        "what": acceptance.what,
        "where": acceptance.where,
        "year": acceptance.year,
        "measures": list(kind.measures),
        "sv": acceptance.words("sv"),
        "en": acceptance.words("en"),
    }


def _follows(finding: Finding, published: Published, edition: Edition) -> bool:
    """Whether readers can see for themselves what was found."""
    if finding.where.startswith(_RULES):
        return is_public_key(edition, finding.where)
    if metadata.finding_kinds()[finding.what].about != "register":
        return True
    # Figures that chance has changed show that of none.
    return edition.disclosure.method != "cell-key" and any(
        all(_is_published(cell, published) for cell in cells) for cells in finding.found_by
    )


def _is_published(cell: dict[str, str], published: Published) -> bool:
    from kvarn.analyse.disclosure.written.relations import key_of

    key = key_of(cell["measure"], cell["year"], {name: code for name, code in cell.items() if name not in ("measure", "year")})
    return key in published.figures or key in published.not_available


def require_told_is_public(record: Path, published: Published, production: Production) -> None:
    """Hold what the record of a finished publication tells of acceptances to the figures that were read back of it.

    Raises
    ------
    DisclosureError
        Something is told of a figure that is withheld, or of a rule that is not public.
    """
    found = {(one.what, one.where): one for one, _ in judged_by_check(production).accepted}
    for entity in json.loads(record.read_text(encoding="utf-8"))["@graph"]:
        name = str(entity.get("name", ""))
        if entity.get("@type") != "PropertyValue" or not name.startswith(_IN_RECORD):
            continue
        finding = found.get((name.removeprefix(_IN_RECORD), str(entity["value"])))
        if finding is None or not _follows(finding, published, production.edition):
            raise DisclosureError(
                "The record tells of something that has been accepted and does not follow from what is published.",
                where=f"{record.name}: {name} at {entity['value']}",
                remedy="Nothing has been published. Write shown: false for it, and report it.",
            )
