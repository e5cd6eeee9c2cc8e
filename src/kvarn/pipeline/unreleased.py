"""Editions that lie among the publications and are not released: nothing is protected together with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kvarn.analyse.disclosure.memory.out import concerns
from kvarn.analyse.disclosure.memory.releases import releases
from kvarn.base.damaged import damage_told, kept_json
from kvarn.disseminate.recorded import RECORD
from kvarn.edition import Edition, Workspace
from kvarn.errors import EditionError
from kvarn.pipeline.history import register_of

__all__ = ["Unreleased", "unreleased"]

# The input that the record of every publication names which was made beside a release history.
_MADE_BESIDE = '"#input/release-history"'


@dataclass(frozen=True)
class Unreleased:
    """Other editions of the same register that are not in the release history.

    Attributes
    ----------
    candidates
        Those that were made beside the history, and go the ordinary way.
    of_before
        Those that say nothing of a history, and may have been published before there was one: real ones, beside a real edition.
    beside_release
        Whether the edition itself is released: then those candidates are named that know nothing of that.
    """

    candidates: tuple[str, ...]
    of_before: tuple[str, ...]
    beside_release: bool = False

    @property
    def said(self) -> Iterator[str]:
        """Sentences for `kvarn status` and `kvarn publish`."""
        if self.candidates and self.beside_release:
            yield (
                f"Not released, and not protected together with this one, which is: {', '.join(self.candidates)}. "
                "Pass none of them on: each must be made again (kvarn publish) before it can be released."
            )
        elif self.candidates:
            yield (
                f"Not released either, and not protected together with this one: {', '.join(self.candidates)}. "
                "Pass none of them on: once one is released, the others must be made again (kvarn publish) before they can be."
            )
        if self.of_before:
            yield (
                f"Not in the release history, and therefore not protected together with this one: {', '.join(self.of_before)}. "
                "What of it is out: kvarn release params/EDITION.yml --already-out."
            )


def unreleased(work: Workspace, edition: Edition) -> Unreleased:
    """The other editions that lie among the publications, are of the same register, and are not released.

    One that was protected together with this one, after its release, is none of them.
    """
    released = {one.edition for one in releases(work.releases)}
    known = released | {work.name}
    register = register_of(work, edition)
    candidates, of_before = [], []
    for record in sorted(work.root.glob(f"publications/[!.]*/{RECORD}")):
        name = record.parent.name
        if name in known:
            continue
        try:
            history = Workspace(work.root, name).history
        except EditionError:
            # A folder that somebody has put there, such as a copy: no edition can be called so, and none is released from it.
            continue
        if history.is_file():
            with damage_told(history):
                kept = kept_json(history)
                together = any(one.get("edition") == work.name for one in kept.get("out", ()))
                made_from = str(kept["register"])
            if concerns(made_from, register) and not together:
                candidates.append(name)
            continue
        told = record.read_text(encoding="utf-8")
        if edition.synthetic != ("synthetic data" in told.casefold()):
            continue
        if _MADE_BESIDE in told:
            # What restricted/ had of it is gone: of which synthetic register it was, nobody can say.
            candidates.append(name)
        elif not edition.synthetic:
            of_before.append(name)
    return Unreleased(tuple(candidates), tuple(of_before), work.name in released)
