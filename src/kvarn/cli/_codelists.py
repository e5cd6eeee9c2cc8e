"""`kvarn codelists`: official lists are imported, and what is missing of them is said."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from kvarn.base.files import replace_file
from kvarn.cli._app import app, out, printable, shown

if TYPE_CHECKING:
    from kvarn.metadata import ImportedList

__all__ = ["tell_of_missing_lists"]

codelists = typer.Typer(no_args_is_help=True, help="Official code lists: KVÅ, professions, municipalities.")
app.add_typer(codelists, name="codelists")


@codelists.command(
    name="import",
    epilog="Example: `kvarn codelists import kma.tsv kka.tsv --year 2023`. How lists must look: docs/deliveries.md.",
)
def import_(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILES",
            exists=True,
            dir_okay=False,
            help="The list as published, in one file or several: CSV or XLSX.",
        ),
    ],
    year: Annotated[int, typer.Option(min=2007, max=2100, help="The year that the list is for.")],
    name: Annotated[str, typer.Option("--list", help="procedure (KVÅ), profession or municipality.")] = "procedure",
    sheet: Annotated[
        str | None,
        typer.Option(help="The sheet of a workbook; by default the first with a list's headings.", show_default=False),
    ] = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Put the list in the place of what was imported for the year."),
    ] = False,
    short: Annotated[
        str | None,
        typer.Option(
            metavar="WHY", help="Why so few codes are the whole list; without a reason a list that is far too short is refused."
        ),
    ] = None,
) -> None:
    """Take in an official code list: from then on intake goes by it in its year, and its titles are used.

    A list that is published in several files can be given at once or one after the other: codes that were not there before join
    those that were. Codes that were there do not go without `--replace`. A list is the whole list of its year: every other code
    is called wrong, so that a part of a list is refused.
    """
    from kvarn import metadata
    from kvarn.edition import project_root
    from kvarn.pipeline.affected import editions_made_with_other_lists

    if name not in get_args(metadata.Importable):
        raise typer.BadParameter(f"It is one of {', '.join(get_args(metadata.Importable))}.", param_hint="--list")
    took = metadata.import_codelist(
        *paths,
        name=cast(metadata.Importable, name),
        year=year,
        into=project_root() / metadata.CODELISTS,
        sheet=sheet,
        replace=replace,
        short=short,
    )
    for told in took.summary():
        out.print(printable(told), highlight=False, markup=False)
    for warned in took.warnings():
        out.print(f"Note: {printable(warned)}", highlight=False, markup=False, style="yellow")
    root = project_root()
    for file in _keep_differences(took, root):
        out.print(f"All differences: {shown(file)}", highlight=False, markup=False)
    if late := editions_made_with_other_lists(root, took.path):
        editions = ", ".join(printable(shown(path)) for path in late)
        out.print(f"Out of date because of it, as kvarn status says too: {editions}", highlight=False, markup=False)
    out.print(f"The list: {shown(took.path)}", highlight=False, markup=False)


def _keep_differences(took: ImportedList, root: Path) -> Iterator[Path]:
    """A file for each list from which the one that was imported differs: of another year, of before, kvarn's own."""
    from kvarn.collect.safekeeping import private_folder

    for compared in took.comparisons:
        if not any(compared.rows()):
            continue
        own = compared.against is None
        file = root / "build" / "codelists" / f"{took.name}-{took.year}-against-{'own-list' if own else compared.against}.csv"
        # The folder build/ is its owner's alone, whoever makes it first.
        private_folder(file.parent)
        stream = io.StringIO()
        written = csv.writer(stream, lineterminator="\n")
        there = "kvarn's own list" if own else f"the list of {compared.against}"
        written.writerow(("difference", "code", f"title in {there}", "title now"))
        written.writerows(compared.rows())
        replace_file(file, stream.getvalue().encode("utf-8"), mode=0o666)
        yield file


@codelists.command(name="list", epilog="Example: `kvarn codelists list`")
def list_() -> None:
    """Tell which official lists have been imported into this project."""
    from kvarn import metadata
    from kvarn.edition import project_root

    root = project_root()
    found = [path for path in metadata.imported_lists(root) if path.suffix == ".csv"]
    short = metadata.short_lists(root)
    for path in found:
        why = f": shorter than a list of a year is. Why: {short[path]}" if path in short else ""
        out.print(printable(f"{shown(path)}{why}"), highlight=False, markup=False)
    if not found:
        out.print("None has been imported: kvarn's own list of common procedures is used.", highlight=False)


def tell_of_missing_lists(missing: Mapping[int, tuple[str, ...]], *, synthetic: bool, waiting: int | None = None) -> None:
    """Say which official lists of procedures intake lacks, and what that means for deliveries.

    Parameters
    ----------
    missing
        What is missing of KVÅ, by year.
    waiting
        How many files wait for them, where that is known.
    """
    if not missing:
        return
    from kvarn import metadata

    lists = "; ".join(
        f"{', '.join(what)} {', '.join(str(year) for year, other in missing.items() if other == what)}"
        for what in dict.fromkeys(missing.values())
    )
    own = len(metadata.own_codelist("procedure").leaves)
    said = f"{lists} has not been imported: procedure codes are checked against kvarn's own list of {own} alone"
    if synthetic:
        out.print(f"{said}, which the synthetic data are made from.", highlight=False, markup=False)
        return
    if waiting is None:
        waits = "deliveries with other codes wait"
    else:
        several = f"{waiting} files have other codes and wait" if waiting else "no file has other codes"
        waits = "1 file has other codes and waits" if waiting == 1 else several
    out.print(
        f"{said}, and {waits}. Import the list (kvarn codelists import FILES --year {next(iter(missing))}), "
        "then run the same command again.",
        highlight=False,
        markup=False,
        style="bold yellow",
    )
