"""What is a part of a nought is nought, whether anybody has counted it or not. Written apart from the protector's `unseen`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import product

from kvarn import metadata
from kvarn.analyse._classification import total
from kvarn.analyse.disclosure.written.key import Key

__all__ = ["within_a_nought"]


def within_a_nought(key: Key, noughts: Collection[Key]) -> bool:
    """Whether a count is a part of one that is nought."""
    if not noughts:
        return False
    # Where there is nobody nothing was done, and the other way round.
    pairs = {(name, fact.behind) for name, fact in metadata.COUNTED.items() if fact.behind is not None}
    measures = {key[0], *(other for pair in pairs if key[0] in pair for other in pair)}
    return any((measure, key[1], categories) in noughts for categories in _above(key) for measure in measures)


def _above(key: Key) -> Iterator[tuple[tuple[str, str], ...]]:
    """The categories of all that a count is a part of, itself among them."""
    # Whoever moves within a county is new in the municipality, and nobody need be new in the county.
    fixed = {"region"} if ("continuity", "new") in key[2] else set()
    chains: list[list[str | None]] = [[code] if name in fixed else [*_chain(name, code)] for name, code in key[2]]
    for codes in product(*chains):
        yield tuple((name, code) for (name, _), code in zip(key[2], codes, strict=True) if code is not None)


def _chain(name: str, code: str) -> Iterator[str | None]:
    """A category and all above it; None for the total."""
    rows = metadata.codelist(metadata.variable(name).codelist or name).by_code
    at: str | None = code
    while at is not None and at != total(name):
        yield at
        at = (rows[at].get("parent") or None) if at in rows else None
    yield None
