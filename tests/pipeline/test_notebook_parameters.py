"""The parameters cell is read by Python's own syntax tree, whatever stands in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from kvarn.errors import NotebookError
from kvarn.pipeline.notebook_parameters import check_parameters, declared_parameters
from kvarn.pipeline.notebooks import run_notebook

Writer = Callable[..., Path]
CASES = Path(__file__).parents[3] / "shared" / "cases"

DECLARED = {
    'note: str = "share = persons / inhabitants"  # a = b': {"note": ("str",)},
    'limits: dict = {"a": 1, "b": "x=y"}': {"limits": ("dict",)},
    'note: str = (\n    "one = "\n    "two"\n)\nyear: int = 2023': {"note": ("str",), "year": ("int",)},
    'note: str = """\nyear: int = 5\n"""': {"note": ("str",)},
    "year: int": {"year": ("int",)},
    "year: int | None = None": {"year": ("int", "None")},
    "import typing\nyear: typing.Optional[int] = None": {"year": ("int", "None")},
    "share: Union[int, float] = 1": {"share": ("int", "float")},
    'year: "int" = 1': {"year": ("int",)},
    "names: list[str] = []": {"names": ("list",)},
    "day: dt.date = dt.date(2023, 1, 1)": {"day": None},
    "day: dt.date | int = 1": {"day": None},
    "year = 2023  # type: int": {"year": ("int",)},
    "year = 2023": {"year": None},
    "first, last = 1, 2": {"first": None, "last": None},
    "f()  # type: int\nyear: int = 1": {"year": ("int",)},
    "%matplotlib inline\nyear: int = 1": {"year": ("int",)},
    "# year: int = 1": {},
    "x == 1": {},
}


@pytest.mark.parametrize("source", DECLARED)
def test_what_the_cell_declares_is_read(write_notebook: Writer, source: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert declared_parameters(write_notebook(parameters=source)) == DECLARED[source]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("value", "right"), [(1, True), (None, True), ("1", False), (True, False), (1.5, False)])
def test_optional_parameters_may_be_none_and_nothing_else(write_notebook: Writer, value: object, right: bool) -> None:
    notebook = write_notebook(parameters="year: int | None = None")
    if right:
        check_parameters(notebook, {"year": value})  # type: ignore[dict-item]
        return
    with pytest.raises(NotebookError, match="should be int or None"):
        check_parameters(notebook, {"year": value})  # type: ignore[dict-item]


def test_a_parameter_whose_default_holds_an_equals_sign_is_set_without_a_word(
    write_notebook: Writer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    notebook = write_notebook("print(note, year)", parameters='note: str = "a = b"  # c = d\nyear: int = 2020')
    run_notebook(notebook, tmp_path / "out.ipynb", {"note": "x = y", "year": 2023}, root=tmp_path)
    assert "x = y 2023" in (tmp_path / "out.ipynb").read_text()
    assert capfd.readouterr() == ("", "")


def test_a_cell_that_cannot_be_read_is_named(write_notebook: Writer) -> None:
    with pytest.raises(NotebookError, match="not Python") as caught:
        check_parameters(write_notebook(parameters="year: int = = 5"), {"year": 2023})
    assert caught.value.cell == "parameters, line 1"


def test_a_notebook_without_the_tag_is_an_error(write_notebook: Writer, tmp_path: Path) -> None:
    path = write_notebook()
    notebook = nbformat.read(path, as_version=4)
    del notebook.cells[0].metadata["tags"]
    nbformat.write(notebook, path)
    with pytest.raises(NotebookError, match="the tag parameters"):
        check_parameters(path, {"year": 2023})


def test_two_parameters_cells_are_one_too_many(write_notebook: Writer) -> None:
    path = write_notebook("year: int = 1999")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(notebook, path)
    with pytest.raises(NotebookError, match="Two cells are tagged parameters") as caught:
        check_parameters(path, {"year": 2023})
    assert caught.value.cell == "cell-0"


def test_the_case_from_the_field(tmp_path: Path) -> None:
    notebook = CASES / "19-parameter-default-with-equals-sign" / "equals.ipynb"
    if not notebook.is_file():
        pytest.skip("the cases are not here")
    run_notebook(notebook, tmp_path / "out.ipynb", {"note": "x"}, root=tmp_path)
    assert "x 2023" in (tmp_path / "out.ipynb").read_text()
