"""How a chart says, as an output of a notebook, that it is one of kvarn's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["DRAWN_BY", "SVG", "is_chart"]

SVG = "image/svg+xml"
DRAWN_BY = "kvarn"


def is_chart(output: Mapping[str, Any]) -> bool:
    """Whether an output of a notebook says of itself that it is a `Chart`. Whoever means to can say so of anything."""
    said = output.get("metadata", {}).get(SVG)
    return isinstance(said, Mapping) and DRAWN_BY in said and set(output.get("data", {})) <= {SVG, "text/plain"}
