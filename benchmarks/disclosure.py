"""Draft."""

import numpy as np

from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.system import Cell, Sum, System

MEASURE = "procedures"
COUNTIES, MUNICIPALITIES, AGES, SEXES = 21, 290, 10, 2


def make_table(seed: int = 1, level: float = 2.05, threshold: int = 5) -> System:
    """Counts of a skewed population: municipality × sex × age, with counties and all totals."""
    rng = np.random.default_rng(seed)
    county = np.sort(np.concatenate([np.arange(COUNTIES), rng.integers(0, COUNTIES, MUNICIPALITIES - COUNTIES)]))
    size = rng.lognormal(level, 1.1, MUNICIPALITIES)
    age = np.array([0.4, 1.2, 0.5, 0.6, 0.9, 1.2, 1.6, 1.8, 1.5, 1.0])
    inner = rng.poisson(size[:, None, None] * np.array([0.8, 1.2])[:, None] * age[None, None, :])
    regional = {f"{c:02d}": inner[county == c] for c in range(COUNTIES)}
    system = System()

    def cell(region, sex, age):
        return Cell(MEASURE, 2023, tuple(sorted((n, c) for n, c in (("region", region), ("sex", sex), ("age", age)) if c)))

    regions = {"": inner.sum(0)} | {c: x.sum(0) for c, x in regional.items()}
    names = [f"{county[m]:02d}{m:03d}" for m in range(MUNICIPALITIES)]
    regions |= {n: inner[m] for m, n in enumerate(names)}
    sexes, ages = ["1", "2"], [f"{a:02d}" for a in range(AGES)]
    for r, x in regions.items():
        full = np.zeros((3, AGES + 1), dtype=int)
        full[1:, 1:] = x
        full[0, 1:] = x.sum(0)
        full[1:, 0] = x.sum(1)
        full[0, 0] = x.sum()
        for i, s in enumerate(["", *sexes]):
            for j, a in enumerate(["", *ages]):
                system.values[cell(r, s, a)] = int(full[i, j])
                system.contributors[cell(r, s, a)] = int(full[i, j])
    for r in regions:
        for s in ["", *sexes]:
            system.sums.append(Sum(cell(r, s, ""), tuple(cell(r, s, a) for a in ages)))
        for a in ["", *ages]:
            system.sums.append(Sum(cell(r, "", a), tuple(cell(r, s, a) for s in sexes)))
    for s in ["", *sexes]:
        for a in ["", *ages]:
            system.sums.append(Sum(cell("", s, a), tuple(cell(c, s, a) for c in regional)))
            for c in regional:
                system.sums.append(Sum(cell(c, s, a), tuple(cell(n, s, a) for n in names if n[:2] == c)))
    return system


def make_problem(seed=1, threshold=5, width=3, level=2.05):
    system = make_table(seed, level)
    primary = frozenset(c for c, v in system.values.items() if 0 < v < threshold)
    return Problem(system, primary, {}, tuple(system.sums), {}, least_width=width)
