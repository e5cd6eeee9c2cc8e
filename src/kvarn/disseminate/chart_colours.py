"""The colours of charts, and by which names a page knows them: there each follows the reader's light or dark."""

from __future__ import annotations

__all__ = ["CHART", "COLOURS", "NARROW", "WIDE", "colour_on_page"]

# The class of a drawing that a page can have in itself: one of kvarn's own charts.
CHART = "chart"
# Where a page has a chart twice: for a screen and for a telephone.
WIDE, NARROW = "chart-wide", "chart-narrow"
COLOURS = {
    "paper": "#FFFFFF",
    "ink": "#1F2933",
    "muted": "#5A6672",
    "grid": "#DDE2E7",
    "blue": "#0072B2",
    "orange": "#B84A00",
    "green": "#007A5A",
    "purple": "#9C4579",
}
_BY_COLOUR = {colour.lower(): name for name, colour in COLOURS.items()}


def colour_on_page(colour: str) -> str:
    """What a page writes for a colour of a chart: the name by which its style has it, or the colour itself."""
    name = _BY_COLOUR.get(colour.lower())
    return colour if name is None else f"var(--chart-{name})"
