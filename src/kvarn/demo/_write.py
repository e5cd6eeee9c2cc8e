"""The whole synthetic register, written to a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from kvarn.base.exchange import replacing
from kvarn.demo import _figures as figures
from kvarn.demo._deliveries import Desk
from kvarn.demo._faults import fault_rates
from kvarn.demo._mix import mix_of
from kvarn.demo._panel import Panel, panel
from kvarn.demo._population import municipalities, population, write_population
from kvarn.demo._procedures import care_plan, given
from kvarn.demo._stays import Homes, Stays, reporting
from kvarn.errors import InputError

__all__ = ["write_demo"]

NOTICE = "SYNTHETIC.txt"
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
FEWEST_PERSONS = 100
FEWEST_PROCEDURES = 2.0
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
    progress: Callable[[str], None] | None = None,
) -> None:
    """Write a synthetic register: deliveries, the portal's log of arrivals, and the population.

    The same arguments give the same bytes. Written are ``deliveries/<year>/KHSL1_<municipality>_<YYYYMM>.txt`` and,
    from 2019, ``KHSL2_…``; ``deliveries/arrivals.csv`` (``file,arrived``); ``population.csv`` in the layout of
    Statistics Sweden's download; ``faults.csv`` (``file,fault,count``), the faults made on purpose (``count``: rows,
    or 1 for a whole file); and ``SYNTHETIC.txt``.

    Parameters
    ----------
    folder
        Made anew. An earlier demo there is replaced, anything else refused.
    persons
        Persons in the last year. Other years follow the published numbers, and the population is scaled alike.
    seed
        Another seed gives another register.
    procedures_per_person
        Procedures in a year for each person who has any, on average.
    faults
        Rates that replace the defaults of `FAULTS`.
    full_scale_persons
        Persons in a year at full scale, in place of the published number or of our assumption for 2017–2019.
    progress
        Called with a line of text after each year.

    Raises
    ------
    InputError
        For a folder that holds something else, or an argument outside its range.
    """
    figures.check_years(first_year, last_year)
    _check_sizes(persons, procedures_per_person)
    rates = fault_rates(faults)
    full_scale = {
        year: (full_scale_persons or {}).get(year, figures.persons_of(year)) for year in range(first_year, last_year + 1)
    }
    scale = persons / full_scale[last_year]
    persons_by_year = {year: round(number * scale) for year, number in full_scale.items()}
    _check_folder(folder)
    with replacing(folder) as partial:
        (partial / "deliveries").mkdir(parents=True)
        everybody = panel(first_year, last_year, persons_by_year=persons_by_year, seed=seed)
        inhabitants = {year: population(year, scale=scale, seed=seed) for year in full_scale}
        homes = Homes(everybody, municipalities(), seed=seed)
        shares = homes.shares(inhabitants[last_year])
        arrivals: list[str] = []
        made: list[str] = []
        for year in full_scale:
            stays = homes.stays(year, inhabitants[year])
            delivers = reporting(shares, year, seed=seed)
            total = procedures_per_person * figures.share_with_procedures(year) * persons_by_year[year]
            desk = _year(partial, everybody, stays, year, delivers, total, rates, seed)
            arrivals += sorted(f"{name},{arrived}" for name, arrived in desk.arrivals)
            made += sorted(f"{name},{fault},{count}" for name, fault, count in desk.faults)
            if progress:
                progress(f"{year}: {len(desk.arrivals)} files, {desk.rows['KHSL1']} + {desk.rows['KHSL2']} rows")
        _lines(partial / "deliveries" / "arrivals.csv", ["file,arrived", *arrivals])
        _lines(partial / "faults.csv", ["file,fault,count", *made])
        write_population(partial / "population.csv", inhabitants)
        notice = _NOTICE.format(scale=f"persons {persons}, years {first_year}-{last_year}, seed {seed}")
        (partial / NOTICE).write_text(notice, encoding="utf-8")


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
        desk.persons(municipality.code, year, identity, stays.months[rows], mishaps)
        if with_procedures and delivers[place]:
            procedures = given(plan, stays, rows, mix=mix, rng=rng)
            twelve = bool(always_twelve[place])
            desk.procedures(municipality.code, year, identity, procedures, mishaps, mix=mix, always_twelve=twelve)
    return desk


def _check_sizes(persons: int, procedures_per_person: float) -> None:
    if persons < FEWEST_PERSONS:
        raise InputError(
            f"{persons} persons are too few for a register.",
            field="persons",
            remedy=f"Ask for {FEWEST_PERSONS} or more.",
        )
    if procedures_per_person < FEWEST_PROCEDURES:
        raise InputError(
            f"{procedures_per_person} procedures per person are too few: most have an assessing and a treating one.",
            field="procedures_per_person",
            remedy=f"Ask for {FEWEST_PROCEDURES} or more.",
        )


def _check_folder(folder: Path) -> None:
    """Refuse to replace anything but an earlier demo."""
    taken = folder.exists() and not (folder.is_dir() and ((folder / NOTICE).is_file() or not any(folder.iterdir())))
    if taken:
        raise InputError(
            "The folder for the synthetic register holds something else.",
            file=folder,
            remedy="Give a folder that does not exist, that is empty, or that holds an earlier demo.",
        )


def _lines(path: Path, lines: Iterable[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
