"""How a chart says, as an output of a notebook, that it is one of kvarn's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["DRAWN_BY", "NARROW_SVG", "SVG", "is_chart", "narrow_of"]

SVG = "image/svg+xml"
DRAWN_BY = "kvarn"
# Where the same chart stands as it is drawn for a telephone.
NARROW_SVG = "narrow"


def is_chart(output: Mapping[str, Any]) -> bool:
    """Whether an output of a notebook says of itself that it is a `Chart`. Whoever means to can say so of anything."""
    said = output.get("metadata", {}).get(SVG)
    return isinstance(said, Mapping) and DRAWN_BY in said and set(output.get("data", {})) <= {SVG, "text/plain"}


def narrow_of(output: Mapping[str, Any]) -> str:
    """The chart of an output as it is drawn for a telephone; empty where it is not."""
    said = output.get("metadata", {}).get(SVG, {}).get(NARROW_SVG, "") if is_chart(output) else ""
    return "".join(said) if isinstance(said, list) else str(said)
