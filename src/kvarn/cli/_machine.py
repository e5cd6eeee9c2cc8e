"""`kvarn demo`, `kvarn key`, `kvarn doctor`: what an office does before its first edition."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from kvarn.cli._app import app, out, shown


@app.command(epilog="Example: `kvarn demo restricted/demo/source --persons 20000 --from 2017 --to 2023 --seed 1`")
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put deliveries and population.", show_default=False)],
    persons: Annotated[
        int, typer.Option(min=300, help="Persons in the last year; the real register has about 414,000.")
    ] = 20_000,
    first: Annotated[int, typer.Option("--from", min=2007, help="First year.")] = 2017,
    last: Annotated[int, typer.Option("--to", max=2100, help="Last year.")] = 2023,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    procedures: Annotated[
        float | None, typer.Option(min=1, help="Procedures a year for each person who has any, on average.")
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option(metavar="NAME=RATE", help="Set the rate of one fault. May be repeated.")
    ] = None,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="List the faults with their rates and stop.")] = False,
) -> None:
    """Make a synthetic register: delivery files as municipalities send them, and the population."""
    from kvarn import demo as synthetic

    if list_faults:
        for name, rate in synthetic.DEFAULT_FAULTS.items():
            out.print(f"{name:<32} {rate:g}", highlight=False)
        return
    synthetic.write_demo(
        folder,
        persons=persons,
        first_year=first,
        last_year=last,
        seed=seed,
        faults=_rates(fault or []),
        progress=lambda said: out.print(said, highlight=False),
        procedures_per_person=synthetic.PROCEDURES_PER_PERSON if procedures is None else procedures,
    )
    out.print(
        f"Synthetic deliveries in {shown(folder / 'deliveries')}, population in {shown(folder / 'population.csv')}.",
        highlight=False,
    )


@app.command(epilog="Example: `kvarn key`")
def key() -> None:
    """Make the key of the pseudonyms, once, before the first real edition. There is never a second."""
    from kvarn.edition import project_root
    from kvarn.pipeline.actions import KEY
    from kvarn.process import create_key

    path = project_root() / KEY
    create_key(path)
    out.print(f"The pseudonym key is in {shown(path)}. Keep a copy in a safe: without it no later edition.", highlight=False)


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
            raise typer.BadParameter(f"{pair!r} is not NAME=RATE, such as --fault bad-check-digit=0.01") from None
    return rates
