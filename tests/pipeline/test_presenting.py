"""A present notebook is run again when a table that it opens has changed, and not when another one has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.edition import Workspace
from kvarn.pipeline.nodes import Code, Folder
from kvarn.pipeline.presenting import nodes_read_by, reads_of

OPEN = "from kvarn.disseminate.protected import open_tables\n"
EVERY = tuple(table.name for table in metadata.tables())
PRESENT = Path(__file__).parents[2] / "notebooks" / "present"


def test_tables_taken_by_name_are_what_a_notebook_reads(write_notebook: Callable[..., Path]) -> None:
    notebook = write_notebook(
        f'{OPEN}tables = open_tables(edition)\nby_month = tables["persons-by-month"]',
        'tables["deliveries-by-year"]',
        'open_tables(edition)["procedures-by-code"]',
    )
    reads = reads_of(notebook)
    assert reads.tables == ("persons-by-month", "procedures-by-code", "deliveries-by-year")
    assert reads.modules == ("kvarn.disseminate.protected",)
    assert not reads.revisions


@pytest.mark.parametrize(
    "source",
    [
        f"{OPEN}tables = open_tables(edition)\ntables[name]",
        f"{OPEN}tables = open_tables(edition)\nprint(tables.names())",
        f"{OPEN}tables = open_tables(edition)\nothers = tables",
        f"{OPEN}draw(open_tables(edition))",
        f"{OPEN}tables, year = open_tables(edition), 2023",
        "from kvarn.disseminate.protected import open_tables as opened\nopened(edition)['persons-by-month']",
        "from kvarn.disseminate.protected import ProtectedTables\nProtectedTables(folder)['persons-by-month']",
        "from kvarn.disseminate import protected\nprotected.open_tables(edition)['persons-by-month']",
        "import kvarn.disseminate.protected as p\np.open_tables(edition)['persons-by-month']",
        "from kvarn.disseminate.protected import *",
        "from kvarn import *",
        "import kvarn\nkvarn.open_tables(edition)['persons-by-month']",
        "from kvarn import open_tables as opened\nopened(edition)['persons-by-month']",
        "from kvarn import disseminate\ndisseminate.open_tables(edition)['persons-by-month']",
        "%run another.ipynb",
    ],
)
def test_whatever_else_is_done_with_the_tables_may_read_all_of_them(write_notebook: Callable[..., Path], source: str) -> None:
    assert reads_of(write_notebook(source)).tables == EVERY


def test_a_public_name_of_kvarn_is_the_code_of_its_own_module(write_notebook: Callable[..., Path]) -> None:
    notebook = write_notebook(
        "from kvarn import counties, metadata, open_tables, text_table\ntables = open_tables(edition)",
        'table = tables["persons-by-month"]\ncounties(table, language=language)',
    )
    reads = reads_of(notebook)
    assert reads.tables == ("persons-by-month",)
    assert not reads.revisions
    assert reads.modules == (
        "kvarn.disseminate.charts",
        "kvarn.disseminate.protected",
        "kvarn.disseminate.text_tables",
        "kvarn.metadata",
    )


def test_a_notebook_depends_on_the_code_that_it_imports_and_on_the_revisions_that_it_reads(
    write_notebook: Callable[..., Path], tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path, "demo")
    notebook = write_notebook(
        f'{OPEN}tables = open_tables(edition)\ntables["persons-by-month"]',
        "from kvarn.disseminate.revisions import open_revisions\nfrom kvarn.nowhere import nothing",
        'tables["procedures-by-code"]',
    )
    nodes = list(nodes_read_by(notebook, workspace, ["persons-by-month", "deliveries-by-year"]))
    modules = [node.module for node in nodes if isinstance(node, Code)]
    assert modules == ["kvarn.disseminate.protected", "kvarn.disseminate.revisions"]
    assert [node.path for node in nodes if isinstance(node, Folder)] == [workspace.revisions]
    others = [node for node in nodes if not isinstance(node, Code | Folder)]
    assert [node.name for node in others] == [(workspace.protected / "persons-by-month.csv").as_posix()]


@pytest.mark.parametrize("name", ["geography", "persons", "procedures", "quality"])
def test_each_of_our_notebooks_tells_which_tables_it_reads(name: str) -> None:
    reads = reads_of(PRESENT / f"{name}.ipynb")
    assert 0 < len(reads.tables) < len(EVERY)
    assert reads.revisions == (name == "quality")
    assert "kvarn.disseminate.charts" in reads.modules


def test_between_them_our_notebooks_show_nearly_every_table() -> None:
    shown = {table for notebook in PRESENT.glob("*.ipynb") for table in reads_of(notebook).tables}
    # Persons by municipality, sex and age are in the spreadsheet and the open data alone.
    assert set(EVERY) - shown == {"persons-by-municipality-sex-age"}
