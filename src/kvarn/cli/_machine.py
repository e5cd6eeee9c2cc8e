"""`kvarn demo`, `kvarn key`, `kvarn doctor`: what an office does before its first edition."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from kvarn.cli._app import app, out, shown


@app.command(
    epilog="Example: `kvarn demo restricted/demo/source --persons 20000 --from 2017 --to 2023 --seed 1`; "
    "a year later: `kvarn demo restricted/demo/source --add 2024`"
)
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put deliveries and population.", show_default=False)],
    persons: Annotated[
        int | None,
        typer.Option(help="Persons in 2023, from 300; the real register has about 414,000. [default: 20000]", show_default=False),
    ] = None,
    first: Annotated[
        int | None, typer.Option("--from", help="First year, from 2009. [default: 2017]", show_default=False)
    ] = None,
    last: Annotated[int | None, typer.Option("--to", help="Last year, up to 2035. [default: 2023]", show_default=False)] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same bytes. [default: 1]", show_default=False)] = None,
    procedures: Annotated[
        float | None, typer.Option(help="Procedures a year for each person who has any, on average, from 2. [default: 118]")
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option(metavar="NAME=RATE", help="Set the rate of one fault. May be repeated.")
    ] = None,
    add: Annotated[
        int | None,
        typer.Option(
            metavar="YEAR",
            help="Add the year after the last to the register in DIR, with what it was made from; change no other year.",
        ),
    ] = None,
    if_needed: Annotated[
        bool, typer.Option("--if-needed", help="Do nothing where DIR holds this very register, with or without years added.")
    ] = False,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="List the faults with their rates and stop.")] = False,
) -> None:
    """Make a synthetic register: delivery files as municipalities send them, and the population. Or add a year to one."""
    from kvarn import demo as synthetic
    from kvarn.programme import find_project, project_held

    if list_faults:
        for name, rate in synthetic.DEFAULT_FAULTS.items():
            out.print(f"{name:<32} {rate:g}", highlight=False)
        return
    with project_held(find_project(folder)):
        if add is not None:
            _add(folder, add, persons, first, last, seed, procedures, fault)
        else:
            synthetic.write_demo(
                folder,
                persons=20_000 if persons is None else persons,
                first_year=2017 if first is None else first,
                last_year=2023 if last is None else last,
                seed=1 if seed is None else seed,
                procedures_per_person=synthetic.PROCEDURES_PER_PERSON if procedures is None else procedures,
                faults=_rates(fault or []),
                if_needed=if_needed,
                progress=_told,
            )
    out.print(
        f"Synthetic deliveries in {shown(folder / 'deliveries')}, population in {shown(folder / 'population.csv')}.",
        highlight=False,
    )


def _add(folder: Path, year: int, *others: object) -> None:
    from kvarn.demo import add_year

    if any(given is not None and given != [] for given in others):
        raise typer.BadParameter(
            "It goes alone: the year is made from what the register was made from (made-from.json).", param_hint="--add"
        )
    add_year(folder, year, progress=_told)


def _told(said: str) -> None:
    out.print(said, highlight=False)


@app.command(epilog="Example: `kvarn key`")
def key() -> None:
    """Make the key of the pseudonyms, once, before the first real edition. There is never a second."""
    from kvarn.edition import project_root
    from kvarn.pipeline.actions import KEY
    from kvarn.process import create_key

    path = project_root() / KEY
    create_key(path)
    out.print(
        f"The pseudonym key is in {shown(path)}. Keep a copy in a safe: without it no later edition.",
        highlight=False,
        markup=False,
    )


@app.command(epilog="Example: `kvarn doctor`")
def doctor() -> None:
    """Check Python, libraries, fonts, Quarto, Java, disk and permissions. Exit status 1 when something needed is missing."""
    from kvarn.doctor import examine

    table = Table("", "What", "Found", "Remedy", box=None, pad_edge=False)
    marks = {"ok": "[green]ok[/green]", "note": "[yellow]note[/yellow]", "missing": "[red]missing[/red]"}
    findings = examine(Path.cwd())
    for finding in findings:
        table.add_row(marks[finding.verdict], finding.what, finding.found, finding.remedy)
    out.print(table)
    if any(finding.verdict == "missing" for finding in findings):
        raise typer.Exit(1)


def _rates(pairs: list[str]) -> dict[str, float]:
    rates = {}
    for pair in pairs:
        name, equals, rate = pair.partition("=")
        try:
            if not equals:
                raise ValueError
            rates[name.strip()] = float(rate)
        except ValueError:
            raise typer.BadParameter(f"{pair!r} is not NAME=RATE, such as --fault bad_check_digit=0.01") from None
    return rates
