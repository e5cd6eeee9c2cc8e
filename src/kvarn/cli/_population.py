"""`kvarn population`: downloaded populations, checked and kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kvarn.cli._app import app, err, out, printable, shown
from kvarn.errors import CodeListError, EditionError

if TYPE_CHECKING:
    from kvarn.process import ImportedYear, PopulationFile

FAILED = 1
_SYNTHETIC = "SYNTHETIC.txt"


@app.command(
    epilog="Example: `kvarn population befolkning-2020-2021.csv befolkning-2022-2023.xlsx`. With --check nothing is written. "
    "How to download is described in docs/population.md."
)
def population(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="Files (CSV, XLSX, PX, JSON-stat), folders or patterns.", show_default=False),
    ],
    into: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", file_okay=False, help="Where to keep them. By default the project's params/population."),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Check only; write nothing.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a year that is there with other figures.")] = False,
    noise: Annotated[
        int,
        typer.Option(min=0, max=100, help="From 2025: the greatest change of a figure by chance, where totals do not add up."),
    ] = 0,
) -> None:
    """Check populations as downloaded from Statistics Sweden, and keep each year for the editions.

    Every municipality, sex and single age (0 to 100+) of every year must be there exactly once, and totals in a file must be the
    sums of their parts. Exit status 0 when all is there (and kept), 1 when something is missing or wrong (nothing is written),
    2 when the command was given wrongly.
    """
    from kvarn import metadata
    from kvarn.edition import POPULATION, population_files, project_root
    from kvarn.process import import_population, read_files

    # Checking needs no project: only what is kept has a place in one.
    root = _project() if check or into is not None else project_root()
    metadata.use_project(root)
    found = population_files(Path(), paths)
    synthetic = any((folder / _SYNTHETIC).is_file() for path in found for folder in path.absolute().parents[:2])
    if synthetic and into is None and not check:
        raise CodeListError(
            "The population is synthetic, and editions of real data take theirs from params/population.",
            file=found[0],
            remedy="Check it with --check, or keep it elsewhere with --into.",
        )
    files: list[PopulationFile] = []
    faults: list[CodeListError] = []
    for path in found:
        try:
            files += read_files(path)
        except CodeListError as error:
            faults.append(error)
        else:
            _show_file(files[-1])
    if not synthetic:
        faults += _of_years_to_come(files)
    if faults:
        for fault in faults[:-1]:
            err.print(_printable_lines(str(fault)), markup=False, highlight=False)
        raise faults[-1]
    folder = None if check else into or project_root() / POPULATION
    kept = import_population(files, folder, replace=replace, noise=noise, synthetic=synthetic)
    _show_years(kept, synthetic=synthetic)


def _of_years_to_come(files: Sequence[PopulationFile]) -> Iterator[CodeListError]:
    """The population of 31 December is counted when the day has passed: before that a file holds a forecast."""
    this = date.today().year
    for one in files:
        to_come = [year for year in one.years if year >= this]
        if to_come:
            yield CodeListError(
                f"The year {to_come[0]} is not over by this machine's clock: its inhabitants on 31 December are not counted yet.",
                file=one.path,
                field=str(to_come[0]),
                remedy="Download the population, not a forecast of it, and leave the year out.",
            )


def _project() -> Path | None:
    from kvarn.edition import project_root

    try:
        return project_root()
    except EditionError:
        return None


def _printable_lines(text: str) -> str:
    """Several lines from outside as a terminal can show them."""
    return "\n".join(printable(line) for line in text.splitlines())


def _show_file(file: PopulationFile) -> None:
    years = ", ".join(map(str, file.years))
    out.print(
        printable(f"{shown(file.path)}: {file.layout}; {len(file.cells.year):,} figures; {years}"), markup=False, highlight=False
    )
    for note in file.notes:
        out.print(printable(f"  {note}"), markup=False, highlight=False)


def _unlikely(kept: Sequence[ImportedYear]) -> Iterator[str]:
    """What an edition would stop with: a population that cannot be the country's."""
    from kvarn.edition import Checks

    limits = Checks()
    for one in kept:
        if not limits.country_least <= one.inhabitants <= limits.country_most:
            yield (
                f"Note: {one.inhabitants:,} inhabitants in {one.year} cannot be the country's: {limits.country_least:,} to "
                f"{limits.country_most:,} are expected. An edition stops with population-size (docs/accepted.md)."
            )


def _show_years(kept: Sequence[ImportedYear], *, synthetic: bool) -> None:
    for one in kept:
        out.print(
            f"{one.year}: {one.inhabitants:,} inhabitants, {one.men:,} men and {one.women:,} women, in {one.municipalities} "
            "municipalities; every age from 0 to 100+",
            highlight=False,
        )
    years = [one.year for one in kept]
    gaps = sorted(set(range(years[0], years[-1] + 1)) - set(years))
    if gaps:
        out.print(f"Not in the files: {', '.join(map(str, gaps))}", highlight=False)
    if not synthetic:
        for said in _unlikely(kept):
            out.print(said, highlight=False, style="yellow")
    for one in kept:
        if one.path is not None:
            what = "Kept" if one.new else "There already, the same"
            out.print(f"{what}: {shown(one.path)}", highlight=False, markup=False)
