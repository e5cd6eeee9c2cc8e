"""The map of municipalities as paths of a drawing: the boundaries of the map in the report, to half a kilometre."""

from __future__ import annotations

from typing import Any

import numpy as np

from kvarn.disseminate.map_boundaries import municipality_boundaries

__all__ = ["map_outlines"]

# Units of a path in a kilometre.
_FINE = 2
_MARGIN = 4


def map_outlines() -> dict[str, Any]:
    """``width`` and ``height`` of the drawing, and the path of each municipality by its code, north up."""
    boundaries = municipality_boundaries()
    every = np.vstack([ring for rings in boundaries.values() for ring in rings])
    west, north = every[:, 0].min(), every[:, 1].max()
    width, height = (np.ptp(every, axis=0) * _FINE + 2 * _MARGIN).round().astype(int).tolist()
    paths = {code: "".join(_path(ring, west, north) for ring in rings) for code, rings in boundaries.items()}
    return {"width": width, "height": height, "paths": paths}


def _path(ring: np.ndarray, west: float, north: float) -> str:
    """One ring: where it begins, and each step from there; steps that come to nothing are left out."""
    x = np.rint((ring[:, 0] - west) * _FINE + _MARGIN).astype(int)
    y = np.rint((north - ring[:, 1]) * _FINE + _MARGIN).astype(int)
    steps = [(across, down) for across, down in zip(np.diff(x).tolist(), np.diff(y).tolist(), strict=True) if across or down]
    return f"M{x[0]} {y[0]}l" + " ".join(f"{across} {down}" for across, down in steps) + "z" if steps else ""
