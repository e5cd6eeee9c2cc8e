"""A compute notebook saves every table that its source names, in this very run, or it has failed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kvarn.edition import Workspace
from kvarn.errors import NotebookError
from kvarn.pipeline.computing import run_compute_notebook

Writer = Callable[..., Path]

# What stands for kvarn's own save_table: a file beside, renamed.
SAVING = """
from pathlib import Path
def put(table):
    (folder / f".{table}").write_text(f"of {year}")
    (folder / f".{table}").replace(folder / f"{table}.parquet")
class analyse:
    pass
setattr(analyse, "save" + "_table", staticmethod(put))
folder = Path("restricted/demo/tables")
"""


@pytest.fixture
def work(tmp_path: Path) -> Workspace:
    found = Workspace(tmp_path, "demo")
    found.make_restricted()
    found.tables.mkdir()
    for table in ("persons-by-month", "procedures-by-month"):
        (found.tables / f"{table}.parquet").write_text("of last year")
    return found


def run(notebook: Path, work: Workspace, **more: list[Path]) -> None:
    run_compute_notebook(notebook, work, {"year": 2023}, **more)


def test_a_notebook_that_saves_its_tables_anew_has_done_its_work(write_notebook: Writer, work: Workspace) -> None:
    run(write_notebook(SAVING, 'analyse.save_table("persons-by-month")', 'print("done")'), work)
    assert (work.tables / "persons-by-month.parquet").read_text() == "of 2023"
    assert (work.compute_notebooks / "toy.ipynb").is_file()


@pytest.mark.parametrize(
    "before",
    [
        "raise SystemExit",
        "import sys\nsys.exit(0)",
        "Path.replace = lambda self, to: None",
        "import tempfile\nyear = 2022\nfolder = Path(tempfile.mkdtemp())",
    ],
)
def test_a_table_of_an_earlier_run_is_not_taken_for_this_ones(write_notebook: Writer, work: Workspace, before: str) -> None:
    work.compute_notebooks.mkdir()
    (work.compute_notebooks / "toy.ipynb").write_text("of last year")
    with pytest.raises(NotebookError) as caught:
        run(write_notebook(SAVING, before, 'analyse.save_table("persons-by-month")'), work)
    assert "ended itself" in str(caught.value) or "ended without saving the table persons-by-month" in str(caught.value)
    assert (caught.value.cell or "").startswith("cell-1" if "ended itself" in str(caught.value) else "cell-2")
    assert (caught.value.notebook == "toy.ipynb" and "never published" in str(caught.value)) or "Take that call out" in str(
        caught.value
    )
    # Whoever only looks finds what was there.
    assert (work.tables / "persons-by-month.parquet").read_text() == "of last year"
    assert (work.compute_notebooks / "toy.ipynb").read_text() == "of last year"
    assert (work.compute_notebooks / "toy.failed.ipynb").stat().st_mode & 0o077 == 0


def test_a_table_that_the_source_does_not_name_is_no_product(write_notebook: Writer, work: Workspace) -> None:
    notebook = write_notebook(SAVING, 'analyse.save_table("persons-by-month")', 'put("procedures-by-month")')
    with pytest.raises(NotebookError, match="saved the table procedures-by-month, which its source does not name"):
        run(notebook, work)
    other = write_notebook('save_table("procedures-by-month", f)', name="other")
    with pytest.raises(NotebookError, match="It is the table of other"):
        run(notebook, work, notebooks=[notebook, other])
