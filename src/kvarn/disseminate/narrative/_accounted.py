"""A source as the attack on a publication may go by it: its variables filled in, and no number but allowed ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kvarn.disseminate.narrative._allowed import Allowed
from kvarn.disseminate.narrative._numbers import REFERENCE, VARIABLE, numbers_in
from kvarn.disseminate.narrative._reading import blocks_of

__all__ = ["NOT_ACCOUNTED", "accounted_texts"]

# What stands in the place of a number that nothing accounts for, and of one that the renderers count.
NOT_ACCOUNTED = "\x00"


def accounted_texts(source: str, language: str | None, allowed: Allowed, said: Mapping[str, str]) -> Iterator[str]:
    """The paragraphs, headings and items of a source, as they may be rendered.

    Parameters
    ----------
    source
        A document, a chapter or a Markdown cell.
    language
        That of the source; None where both may stand in it.
    said
        What each variable says.
    """
    for block in blocks_of(_without_fence(source)):
        covered = allowed.covered(block.text, language)
        letters = list(block.text)
        for found in numbers_in(block.text, language or "both"):
            places = [at for at in range(found.start, found.end) if not block.text[at].isspace()]
            if not covered.issuperset(places):
                letters[found.start : found.end] = [NOT_ACCOUNTED] * (found.end - found.start)
        text = "".join(letters).replace(REFERENCE, NOT_ACCOUNTED)
        parts = text.split(VARIABLE)
        # A variable in what is left out (an address, say) would put all further ones out of step.
        names = block.variables if len(block.variables) == len(parts) - 1 else ("",) * (len(parts) - 1)
        values = [said.get(name, NOT_ACCOUNTED) for name in names]
        yield "".join(part + value for part, value in zip(parts, [*values, ""], strict=True))


def _without_fence(source: str) -> str:
    """The source, its front matter as paragraphs of its own: each key's value is shown by itself."""
    if not (source.startswith("---\n") and "\n---\n" in source[4:]):
        return source
    head, _, body = source[4:].partition("\n---\n")
    values = [line.partition(":")[2].strip().strip("\"'") for line in head.split("\n")]
    return "\n\n".join([*values, body])
