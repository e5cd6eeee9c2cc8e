"""The whole synthetic register, written to a folder; and a year more, added to one."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kvarn.demo import _figures as figures
from kvarn.demo._deliveries import Desk
from kvarn.demo._faults import fault_rates
from kvarn.demo._mix import mix_of
from kvarn.demo._panel import Panel, panel
from kvarn.demo._place import NOTICE, new_folder, put_back, write_lines
from kvarn.demo._population import expected_population, municipalities, population, population_lines, with_another_year
from kvarn.demo._procedures import care_plan, given
from kvarn.demo._record import MADE_FROM, Recipe, read_recipe, recipe_text
from kvarn.demo._stays import Homes, Stays, reporting
from kvarn.errors import InputError

__all__ = ["add_year", "write_demo"]

Told = Callable[[str], None]

_NOTICE = """\
SYNTETISKA DATA

Allt i den här mappen är syntetiska data som har skapats av en slumpgenerator. Inga uppgifter avser verkliga personer.
Ett personnummer här kan av en slump vara detsamma som en verklig persons, men säger ingenting om den personen.
Uppgifterna är inte officiell statistik och får inte användas för slutsatser om vården.

SYNTHETIC DATA

Everything in this folder is synthetic data made by a random generator. Nothing refers to real persons. An identity
number here may by chance be the same as a real person's, but says nothing about that person. The data are not official
statistics, and no conclusions about care may be drawn from them.

{scale}
"""
TWELVE_ITEMS_ALWAYS = 0.15  # share of the municipalities that send the empty items too, assumption
FEWEST_PERSONS = 300
FEWEST_PROCEDURES, MOST_PROCEDURES = 2.0, 10_000.0
# 40 million procedures in a year when 82 % of 414,000 persons have procedures (assumption: no total is published).
PROCEDURES_PER_PERSON = 118.0


def write_demo(
    folder: Path,
    *,
    persons: int,
    first_year: int = 2017,
    last_year: int = 2023,
    seed: int = 1,
    procedures_per_person: float = PROCEDURES_PER_PERSON,
    faults: Mapping[str, float] | None = None,
    full_scale_persons: Mapping[int, int] | None = None,
    if_needed: bool = False,
    progress: Told | None = None,
) -> None:
    """Write a synthetic register: deliveries, the portal's log of arrivals, and the population.

    The same arguments give the same bytes. Written are ``deliveries/<year>/KHSL1_<municipality>_<YYYYMM>.txt`` and,
    from 2019, ``KHSL2_…``; ``deliveries/arrivals.csv`` (``file,arrived``); ``population.csv`` in the layout of
    Statistics Sweden's download; ``faults.csv`` (``file,fault,count``), the faults made on purpose (``count``: rows,
    or 1 for a whole file); ``made-from.json``, the arguments, by which `add_year` goes on; and ``SYNTHETIC.txt``.

    It is consistent whatever its size, years and faults: of what intake accepts on any day, everybody with a procedure has care
    in the municipality in the year, no sex has more persons with a procedure in a month than persons with care, and no
    municipality has more persons in care than inhabitants of any sex and age. (An intake with a stricter limit on bad rows than
    the demonstration's 5 % may reject a KHSL1 file whose KHSL2 file it accepts.)

    Parameters
    ----------
    folder
        Made anew. An earlier demo there is replaced, anything else refused.
    persons
        Persons in 2023, the last published year, or how many there would be. Other years follow the published numbers, and the
        population is scaled alike.
    seed
        Another seed gives another register.
    procedures_per_person
        Procedures in a year for each person who has any, on average.
    faults
        Rates that replace the defaults of `FAULTS`.
    full_scale_persons
        Persons in a year at full scale, in place of the published number or of our assumption.
    if_needed
        Do nothing where the folder holds this very register already, with or without years added to it.
    progress
        Called with a line of text after each year.

    Raises
    ------
    InputError
        For a folder that holds something else, or an argument outside its range.
    """
    recipe = Recipe(
        persons=persons,
        procedures_per_person=float(procedures_per_person),
        first_year=first_year,
        last_year=last_year,
        seed=seed,
        faults={name: float(rate) for name, rate in sorted((faults or {}).items())},
        full_scale_persons=dict(sorted((full_scale_persons or {}).items())),
    )
    _check(recipe)
    put_back(folder)
    if if_needed and _is_made(folder, recipe):
        return
    with new_folder(folder) as partial:
        (partial / "deliveries").mkdir()
        made = list(_years(partial, recipe, from_year=first_year, progress=progress))
        write_lines(partial / "deliveries" / "arrivals.csv", ["file,arrived", *(line for year in made for line in year.arrivals)])
        write_lines(partial / "faults.csv", ["file,fault,count", *(line for year in made for line in year.faults)])
        write_lines(partial / "population.csv", population_lines({year.year: year.inhabitants for year in made}))
        _sign(partial, recipe)


def add_year(folder: Path, year: int, *, progress: Told | None = None) -> None:
    """Add the year after the last to a synthetic register: deliveries, arrivals, faults, and a column of the population.

    The same persons go on, a year older; some leave or die, others enter. Files of earlier years stay as they are. The register
    is then, byte for byte, the one that `write_demo` makes with that last year at once.

    Raises
    ------
    InputError
        There is no synthetic register of this generator's, or it cannot be continued with this year.
    """
    put_back(folder)
    earlier = read_recipe(folder)
    _check_next(earlier, folder, year)
    recipe = dataclasses.replace(earlier, last_year=year)
    _check(recipe)
    with new_folder(folder, from_what_is_there=True) as partial:
        (made,) = _years(partial, recipe, from_year=year, progress=progress)
        for name, lines in (("deliveries/arrivals.csv", made.arrivals), ("faults.csv", made.faults)):
            write_lines(partial / name, [*_lines_of(partial, name), *lines])
        inhabitants = with_another_year(_lines_of(partial, "population.csv"), year, made.inhabitants)
        if inhabitants is None:
            raise InputError(
                "The population is not as the synthetic register had it, so that no year can be added to it.",
                file=folder / "population.csv",
                remedy="Put the file back, or make the register anew: kvarn demo DIR.",
            )
        write_lines(partial / "population.csv", inhabitants)
        _sign(partial, recipe)


def _is_made(folder: Path, wanted: Recipe) -> bool:
    """Whether the folder holds the register of the recipe, with or without years added to it."""
    try:
        there = read_recipe(folder)
    except InputError:
        return False
    return dataclasses.replace(wanted, last_year=there.last_year) == there and wanted.last_year <= there.last_year


class _Year(NamedTuple):
    year: int
    arrivals: list[str]
    faults: list[str]
    inhabitants: npt.NDArray[np.int64]


def _years(folder: Path, recipe: Recipe, *, from_year: int, progress: Told | None) -> Iterator[_Year]:
    """Write the deliveries of the years from `from_year` on. Those before are drawn, for their persons to go on."""
    rates, seed = fault_rates(recipe.faults), recipe.seed
    everybody = panel(recipe.first_year, recipe.last_year, persons_in=recipe.persons_in, full_scale=recipe.full_scale, seed=seed)
    homes = Homes(everybody, municipalities(), seed=seed)
    # Who delivers must not depend on which years there are.
    shares = homes.shares(expected_population(figures.SIZE_YEAR, seed=seed))
    for year in range(recipe.first_year, recipe.last_year + 1):
        expected = expected_population(year, seed=seed)
        stays = homes.stays(year, expected)
        if year < from_year:
            continue
        delivers = reporting(shares, year, seed=seed)
        total = recipe.procedures_per_person * figures.share_with_procedures(year) * recipe.persons_in(year)
        desk = _year(folder, everybody, stays, year, delivers, total, rates, seed)
        if progress:
            progress(f"{year}: {len(desk.arrivals)} files, {desk.rows['KHSL1']} + {desk.rows['KHSL2']} rows")
        in_care = stays.by_sex_and_age(everybody, year, len(municipalities()))
        yield _Year(
            year=year,
            arrivals=sorted(f"{name},{arrived}" for name, arrived in desk.arrivals),
            faults=sorted(f"{name},{fault},{count}" for name, fault, count in desk.faults),
            inhabitants=population(expected, in_care, scale=recipe.scale, seed=seed),
        )


def _year(
    folder: Path,
    everybody: Panel,
    stays: Stays,
    year: int,
    delivers: np.ndarray[tuple[int], np.dtype[np.bool_]],
    total: float,
    rates: Mapping[str, float],
    seed: int,
) -> Desk:
    """Write a year's files, municipality by municipality, so that memory holds the procedures of one at a time."""
    desk = Desk(folder / "deliveries" / str(year), rates)
    desk.folder.mkdir()
    with_procedures = year >= figures.FIRST_YEAR_OF_PROCEDURES
    if with_procedures:
        mix = mix_of(year)
        plan = care_plan(everybody, stays, year, reporting=delivers, total=total, mix=mix, seed=seed)
    places = municipalities()
    always_twelve = np.random.default_rng([seed, 33]).random(len(places)) < TWELVE_ITEMS_ALWAYS
    for place, municipality in enumerate(places):
        rows = stays.of(place)
        # Generators of its own for each municipality, so that what one draws changes nothing for the next; and one for
        # faults, so that other faults leave the register underneath as it is.
        rng = np.random.default_rng([seed, 50, year, int(municipality.code)])
        mishaps = np.random.default_rng([seed, 51, year, int(municipality.code)])
        identity = everybody.identity[stays.person[rows]]
        reported = desk.persons(municipality.code, year, identity, stays.months[rows], mishaps)
        if with_procedures and delivers[place]:
            procedures = given(plan, stays, rows, mix=mix, rng=rng)
            twelve = bool(always_twelve[place])
            desk.procedures(municipality.code, year, identity, procedures, reported, mishaps, mix=mix, always_twelve=twelve)
    return desk


def _sign(folder: Path, recipe: Recipe) -> None:
    """Say that it is synthetic, and what it was made from."""
    scale = f"persons {recipe.persons}, years {recipe.first_year}-{recipe.last_year}, seed {recipe.seed}"
    for name, text in ((NOTICE, _NOTICE.format(scale=scale)), (MADE_FROM, recipe_text(recipe))):
        write_lines(folder / name, [text.removesuffix("\n")])


def _lines_of(folder: Path, name: str) -> list[str]:
    try:
        return (folder / name).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise InputError(
            "A file of the synthetic register is missing, or is no text.",
            file=name,
            remedy="Put it back, or make the register anew: kvarn demo DIR.",
        ) from None


def _check(recipe: Recipe) -> None:
    figures.check_years(recipe.first_year, recipe.last_year)
    if recipe.persons < FEWEST_PERSONS:
        raise InputError(
            f"{recipe.persons} persons are too few for a register.",
            field="persons",
            remedy=f"Ask for {FEWEST_PERSONS} or more.",
        )
    if recipe.seed < 0:
        raise InputError(f"The seed {recipe.seed} is below zero.", field="seed", remedy="Give a whole number from 0.")
    procedures = recipe.procedures_per_person
    if math.isnan(procedures) or not FEWEST_PROCEDURES <= procedures <= MOST_PROCEDURES:
        raise InputError(
            f"{procedures:g} procedures per person cannot be: most have an assessing and a treating one.",
            field="procedures_per_person",
            remedy=f"Ask for {FEWEST_PROCEDURES:g} to {MOST_PROCEDURES:g}.",
        )
    fault_rates(recipe.faults)


def _check_next(recipe: Recipe, folder: Path, year: int) -> None:
    following = recipe.last_year + 1
    if year == following and not (folder / "deliveries" / str(year)).exists():
        return
    there = recipe.first_year <= year <= following
    what = f"The year {year} is there already." if there else f"With {year} the register would not be one run of years."
    raise InputError(
        f"{what} It has the years {recipe.first_year} to {recipe.last_year}.",
        file=folder,
        field="add",
        remedy=f"Add {following}." if year != following else f"Take deliveries/{year} away; the record does not know of it.",
    )
