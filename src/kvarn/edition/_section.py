"""What every part of an edition's parameters keeps: nothing unknown in it, nothing converted, nothing changed afterwards."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

__all__ = ["Section", "nearest"]


class Section(BaseModel):
    """A part of the parameters of an edition or an order."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def nearest(name: str, known: Sequence[str]) -> str:
    """What somebody may have meant who wrote a name that is not known; else what is known."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known[:20])}{' …' if len(known) > 20 else ''}"
