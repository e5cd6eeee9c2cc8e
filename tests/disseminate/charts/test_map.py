"""The map: boundaries, projection and classes."""

from __future__ import annotations

import numpy as np
import pytest

from kvarn import metadata
from kvarn.disseminate.charts.map import class_limits
from kvarn.disseminate.map_boundaries import Rings, county_boundaries, municipality_boundaries, project


def area(rings: Rings) -> float:
    """Square kilometres, holes taken away where they run the other way round."""
    return abs(sum(float(np.sum(r[:-1, 0] * r[1:, 1] - r[1:, 0] * r[:-1, 1])) / 2 for r in rings))


def test_every_municipality_and_county_of_the_code_list_has_a_boundary() -> None:
    regions = metadata.codelist("region").codes
    assert list(municipality_boundaries()) == sorted(code for code in regions if len(code) == 4)
    assert list(county_boundaries()) == sorted(code for code in regions if len(code) == 2 and code != "00")


def test_every_ring_is_closed() -> None:
    for rings in municipality_boundaries().values():
        assert rings
        for ring in rings:
            assert (ring[0] == ring[-1]).all()


def test_areas_come_out_as_they_are() -> None:
    # Gotland has about 3,150 square kilometres of land, Norrbotten about 98,000 with lakes 106,000.
    assert area(county_boundaries()["09"]) == pytest.approx(3150, rel=0.06)
    assert 95_000 < area(county_boundaries()["25"]) < 110_000


def test_the_projection_is_true_to_scale_at_its_middle() -> None:
    north = project(np.array([[16.5, 62.0], [16.5, 63.0]]))
    assert north[1, 1] - north[0, 1] == pytest.approx(111.2, abs=0.1)
    assert north[:, 0] == pytest.approx([0, 0])


def test_classes_have_about_as_many_municipalities_each() -> None:
    values = [float(value) for value in range(1, 291)]
    limits = class_limits(values)
    assert len(limits) == 4
    assert limits == [60, 120, 180, 240]
    sizes = np.histogram(values, [-np.inf, *limits, np.inf])[0]
    assert sizes.max() <= 1.25 * len(values) / 5 and sizes.min() >= 0.75 * len(values) / 5


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([value / 2 for value in range(80, 420)], 10),
        ([1000 + 37.3 * value for value in range(290)], 500),
    ],
)
def test_limits_are_multiples_of_the_largest_round_number_that_leaves_classes_alike(values: list[float], step: int) -> None:
    limits = class_limits(values)
    assert len(limits) == 4 and all(limit % step == 0 for limit in limits)
    sizes = np.histogram(values, [-np.inf, *limits, np.inf])[0]
    assert sizes.max() <= 1.25 * len(values) / 5 and sizes.min() >= 0.75 * len(values) / 5


def test_values_that_are_alike_make_fewer_classes() -> None:
    assert class_limits([]) == []
    assert class_limits([7.0, 7.0, 7.0]) == []
    assert class_limits([1.0, 1.0, 1.0, 1.0, 9.0]) == [3.0]
