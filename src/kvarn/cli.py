"""The commands. Exit statuses: 0 done; 1 something went wrong and the message says what; 2 the command or the edition is wrong;
3 `kvarn status` found steps out of date; 130 stopped by the user."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

import kvarn
from kvarn.errors import Interrupted, KvarnError

OUT_OF_DATE = 3
# Typer carries its own copy of click, and shows this class of it only by its descendants.
_UsageProblem: type[Any] = typer.BadParameter.mro()[2]

app = typer.Typer(
    name="kvarn",
    help="From a year of register deliveries to the annual statistical report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
_out = Console(soft_wrap=True)
_err = Console(stderr=True, soft_wrap=True)

Params = Annotated[
    Path, typer.Argument(metavar="PARAMS", help="The edition's parameters, such as params/2023.yml.", show_default=False)
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override one parameter; recorded in the publication. May be repeated."),
]
As = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="The name of the edition instead of the file's, such as 2023-stricter.")
]


@app.callback(invoke_without_command=True)
def _kvarn(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        _out.print(f"kvarn {kvarn.__version__}", highlight=False)
        raise typer.Exit
    context.obj = {"debug": debug}


@app.command(epilog="Example: `kvarn publish params/2023.yml --set disclosure.threshold=10 --as 2023-stricter`")
def publish(
    params: Params,
    set_: Sets = None,
    as_: As = None,
    workers: Annotated[int, typer.Option(min=1, help="Light steps at once.")] = 2,
) -> None:
    """Make everything of the edition that is out of date, and nothing that is not."""
    from kvarn.pipeline import Display, open_edition, run_steps, steps_of

    production = open_edition(params, overrides=tuple(set_ or ()), name=as_)
    steps = steps_of(production)
    with Display(_out, steps, f"kvarn publish {params}") as display:
        outcomes = run_steps(steps, production.workspace.build, workers=workers, listener=display)
    display.summary(outcomes)
    publication = production.workspace.publication
    _out.print(f"The publication: {_shown(publication / 'index.html')}", highlight=False)


@app.command(epilog="Example: `kvarn status params/2023.yml`")
def status(params: Params, set_: Sets = None, as_: As = None) -> None:
    """Tell of each step whether it is up to date, or why not. Exit status 3 when something is out of date."""
    from kvarn.pipeline import open_edition, status_of, steps_of

    production = open_edition(params, overrides=tuple(set_ or ()), name=as_)
    table = Table("Step", "Status", "Why", box=None, pad_edge=False)
    found = status_of(steps_of(production), production.workspace.build)
    for step in found:
        table.add_row(
            step.step,
            "[green]up to date[/green]" if step.up_to_date else "[yellow]out of date[/yellow]",
            ", ".join(step.reasons[:3]),
        )
    _out.print(table)
    late = sum(not step.up_to_date for step in found)
    _out.print(f"{len(found) - late} of {len(found)} steps are up to date.", highlight=False)
    if late:
        raise typer.Exit(OUT_OF_DATE)


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
            _out.print(f"{name:<32} {rate:g}", highlight=False)
        return
    synthetic.write_demo(
        folder,
        persons=persons,
        first_year=first,
        last_year=last,
        seed=seed,
        faults=_rates(fault or []),
        progress=lambda said: _out.print(said, highlight=False),
        procedures_per_person=synthetic.PROCEDURES_PER_PERSON if procedures is None else procedures,
    )
    _out.print(
        f"Synthetic deliveries in {_shown(folder / 'deliveries')}, population in {_shown(folder / 'population.csv')}.",
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
    _out.print(f"The pseudonym key is in {_shown(path)}. Keep a copy in a safe: without it no later edition.", highlight=False)


@app.command(epilog="Example: `kvarn doctor`")
def doctor() -> None:
    """Check Python, libraries, fonts, Quarto, Java, disk and permissions. Exit status 1 when something needed is missing."""
    from kvarn.doctor import examine

    table = Table("", "What", "Found", "Remedy", box=None, pad_edge=False)
    marks = {"ok": "[green]ok[/green]", "note": "[yellow]note[/yellow]", "missing": "[red]missing[/red]"}
    findings = examine(Path.cwd())
    for finding in findings:
        table.add_row(marks[finding.verdict], finding.what, finding.found, finding.remedy)
    _out.print(table)
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


def _shown(path: Path) -> str:
    """A path as the user would type it."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def main(arguments: list[str] | None = None) -> NoReturn:
    """The program: every mistake of the user's becomes a message and an exit status, never a traceback."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    if debug:
        arguments = ["--debug", *(word for word in arguments if word != "--debug")]
    try:
        result = app(arguments, standalone_mode=False)
    except KvarnError as error:
        if debug:
            traceback.print_exc()
        _err.print("[red]kvarn:[/red] ", end="")
        _err.print(str(error), markup=False, highlight=False)
        sys.exit(error.exit_status)
    except typer.Abort:
        sys.exit(Interrupted.exit_status)
    except _UsageProblem as error:
        error.show()
        sys.exit(2)
    except KeyboardInterrupt:
        _err.print("[red]kvarn:[/red] Stopped. Finished steps are kept: run the same command again to go on.")
        sys.exit(Interrupted.exit_status)
    except BrokenPipeError:
        sys.exit(1)
    except OSError as error:
        if debug:
            traceback.print_exc()
        where = f"\n  where:  {error.filename}" if error.filename else ""
        _err.print(f"[red]kvarn:[/red] {error.strerror or error}{where}", highlight=False)
        sys.exit(1)
    except Exception as error:
        if debug:
            traceback.print_exc()
        _err.print(f"[red]kvarn:[/red] This is a defect of kvarn: {type(error).__name__}: {error}", highlight=False)
        _err.print("  remedy: run again with --debug and report what it prints.", highlight=False)
        sys.exit(1)
    sys.exit(result if isinstance(result, int) else 0)
