"""The present notebooks: how they are written, and that they run in both languages."""

from __future__ import annotations

import ast
import functools
import itertools
import re
from pathlib import Path

import nbformat
import pytest

from kvarn.pipeline.notebooks import run_notebook

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "notebooks" / "present"
NAMES = ("geography", "persons", "procedures", "quality")
PARAMETERS = """edition: str = "demo"
language: str = "sv"
reference_year: int = 2023
first_year: int = 2017"""
# The documents rely on these.
LABELS = {
    "geography": {
        "chart-counties",
        "chart-municipalities",
        "chart-procedures-by-county",
        "chart-standardised-counties",
        "table-counties",
        "table-coverage-persons",
        "table-coverage-procedures",
        "table-months-by-county",
        "table-municipalities",
        "table-procedures-by-county",
        "table-standardised-counties",
    },
    "persons": {
        "chart-months-by-age",
        "chart-new-and-continuing",
        "chart-persons-by-age",
        "chart-persons-by-month",
        "chart-persons-by-year",
        "chart-persons-per-1000",
        "table-months-by-age",
        "table-new-and-continuing",
        "table-new-and-continuing-by-age",
        "table-persons-by-age",
        "table-persons-by-month",
        "table-persons-by-year",
        "table-persons-per-1000",
    },
    "procedures": {
        "chart-assessing-treating",
        "chart-joint-procedures",
        "chart-persons-with-procedure",
        "chart-procedure-groups",
        "chart-procedures-by-age",
        "chart-procedures-by-month",
        "chart-procedures-by-weekday",
        "chart-professions",
        "table-commonest-procedures",
        "table-joint-procedures",
        "table-persons-with-procedure",
        "table-procedure-groups",
        "table-procedures-by-age",
        "table-procedures-by-kind",
        "table-procedures-by-month",
        "table-procedures-by-weekday",
        "table-professions",
        "table-share-with-procedure",
    },
    "quality": {
        "chart-delivered-months",
        "chart-late-files",
        "chart-unit-non-response",
        "table-delivered-months",
        "table-delivered-procedures",
        "table-delivered-states",
        "table-deliveries",
        "table-items",
        "table-revisions",
        "table-rows",
        "table-timeliness",
    },
}
every_notebook = pytest.mark.parametrize("name", NAMES)


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def label(cell: nbformat.NotebookNode) -> str | None:
    found = re.search(r"^#\| label: (\S+)$", cell.source, flags=re.MULTILINE)
    return found[1] if found else None


def test_there_are_the_notebooks_that_the_documents_know() -> None:
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(NAMES)


@every_notebook
def test_a_notebook_is_valid_without_outputs_and_with_readable_ids(name: str) -> None:
    notebook = read(name)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in code_cells(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None
    for cell in notebook.cells:
        assert re.fullmatch(r"[a-z][a-z0-9-]+", cell.id)


@every_notebook
def test_a_notebook_begins_with_its_title_its_purpose_and_its_parameters(name: str) -> None:
    title, parameters = read(name).cells[:2]
    assert re.fullmatch(r"# \S+ · \S+\n\n[^\n]+\.", title.source)
    assert parameters.metadata.tags == ["parameters"]
    assert parameters.source == PARAMETERS


@every_notebook
def test_labels_are_the_ones_the_documents_rely_on(name: str) -> None:
    cells = [cell for cell in code_cells(read(name)) if label(cell)]
    assert {label(cell) for cell in cells} == LABELS[name]
    for cell in cells:
        found = label(cell)
        assert found == cell.id
        assert "#| echo: false" in cell.source
        if found.startswith("chart-"):
            alt = found.removeprefix("chart-").replace("-", "_")
            assert f'#| fig-alt: "{{{{< var alt.{alt} >}}}}"' in cell.source
        else:
            assert "fig-alt" not in cell.source


@every_notebook
def test_every_chart_is_followed_by_a_table_of_what_it_draws(name: str) -> None:
    labels = [found for cell in code_cells(read(name)) if (found := label(cell))]
    after = dict(itertools.pairwise([*labels, ""]))
    assert [
        chart for chart, following in after.items() if chart.startswith("chart-") and not following.startswith("table-")
    ] == []


@every_notebook
def test_a_notebook_defines_nothing_and_imports_dissemination_and_metadata_alone(name: str) -> None:
    for cell in code_cells(read(name)):
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda)
            assert not isinstance(node, ast.Import)
            if isinstance(node, ast.ImportFrom):
                assert re.match(r"kvarn\.(disseminate|metadata)(\.|$)", node.module or "")


@every_notebook
def test_a_notebook_has_no_paths_and_no_typed_figures(name: str) -> None:
    for cell in code_cells(read(name)):
        if cell.id == "parameters":
            continue
        constants = [node.value for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Constant)]
        # One more than the last year ends a range; twenty is how many of the commonest procedures are shown.
        assert {value for value in constants if isinstance(value, int | float)} <= {1, 20}
        assert not [value for value in constants if isinstance(value, str) and re.search(r"[/\\]|\.\w{2,7}$", value)]
        assert len(cell.source.splitlines()) <= 25


def test_every_cell_that_a_document_embeds_is_in_its_notebook() -> None:
    embeds = [
        (document.name, *found)
        for document in sorted((PROJECT / "reports").rglob("*.qmd"))
        for found in re.findall(r"\{\{< embed notebooks/([\w-]+)\.ipynb#([\w-]+) >\}\}", document.read_text("utf-8"))
    ]
    assert [embed for embed in embeds if embed[2] not in LABELS.get(embed[1], set())] == []


@pytest.fixture(scope="module")
def run(project: Path, tmp_path_factory: pytest.TempPathFactory):
    """Run a notebook of the project in one language, and give it back executed."""
    folder = tmp_path_factory.mktemp("executed")

    @functools.cache
    def execute(name: str, language: str, copy: str = "") -> nbformat.NotebookNode:
        output = folder / f"{name}-{language}{copy}.ipynb"
        run_notebook(project / "notebooks" / "present" / f"{name}.ipynb", output, {"language": language}, root=project)
        return nbformat.read(output, as_version=4)

    return execute


@every_notebook
@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_notebook_runs_and_every_labelled_cell_shows_what_its_label_says(run, name: str, language: str) -> None:
    for cell in code_cells(run(name, language)):
        found = label(cell)
        if found is None:
            continue
        (output,) = cell.outputs
        if found.startswith("chart-"):
            assert output.data["image/svg+xml"].startswith("<svg")
        else:
            assert output.data["text/markdown"].startswith("| ")
        assert set(output.data) <= {"image/svg+xml", "text/markdown", "text/plain"}
        assert "0x" not in output.data["text/plain"]


def test_the_same_run_twice_shows_the_same(run) -> None:
    first, second = (
        [cell.outputs[0].data for cell in code_cells(notebook) if label(cell)]
        for notebook in (run("persons", "sv"), run("persons", "sv", "-again"))
    )
    assert first == second
