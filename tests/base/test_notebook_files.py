"""A file holds one notebook, and everybody reads the same one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import kvarn
from kvarn.base.notebook_files import read_notebook
from kvarn.disseminate.narrative._allowed import read_allowed
from kvarn.disseminate.narrative._notebooks import faults_in_notebook
from kvarn.disseminate.text_figures._documents import uses_in_notebook
from kvarn.errors import NotebookError
from kvarn.pipeline.notebook_parameters import check_parameters
from kvarn.pipeline.saved_tables import tables_saved_by

ALLOWED = Path(__file__).parents[2] / "reports" / "allowed-digits.yml"
CELL = {"cell_type": "code", "id": "a", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": None}
OLD = {"cell_type": "code", "metadata": {}, "input": "hidden = 3", "outputs": [], "language": "python", "collapsed": False}
NOTEBOOK: dict[str, Any] = {"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
SECOND = [{"cells": [OLD], "metadata": {}}]


def as_text(**changes: Any) -> str:
    return json.dumps({**NOTEBOOK, **changes})


TWO_BODIES = {
    "cells of format 3": as_text(nbformat=3, nbformat_minor=0, worksheets=SECOND),
    "cells of format 2": as_text(nbformat=2, nbformat_minor=0, worksheets=SECOND),
    "cells of format 1": as_text(nbformat=1, nbformat_minor=0),
    "sheets beside the cells": as_text(worksheets=SECOND),
    "cells given twice": as_text().replace('{"cells"', '{"cells": [], "cells"', 1),
    "a source given twice": as_text().replace('"source"', '"source": "hidden = 3", "source"', 1),
    "two cells of one id": as_text(cells=[CELL, {**CELL, "source": "hidden = 3"}]),
    "half a character": as_text(cells=[{**CELL, "source": "x = '\ud83d'"}]),
    "half a character in the metadata": as_text(metadata={"title": "\udc00"}),
    "an input beside the source": as_text(cells=[{**CELL, "input": "hidden = 3"}]),
    "a format to come": as_text(nbformat=5),
    "a minor format to come": as_text(nbformat_minor=99),
    "a format that equals four": as_text(nbformat=4.0),
    "no minor format": json.dumps({name: value for name, value in NOTEBOOK.items() if name != "nbformat_minor"}),
    "a cell of an unknown kind": as_text(cells=[{**CELL, "cell_type": "heading"}]),
    "a cell without a name in a format that names them": as_text(
        cells=[{key: value for key, value in CELL.items() if key != "id"}]
    ),
    "a mark before its first byte": "\ufeff" + as_text(),
    "no list of cells": as_text(cells={}),
    "a merge": "<<<<<<< HEAD\n" + as_text(),
}
READERS: dict[str, Callable[[Path], object]] = {
    "itself": read_notebook,
    "the tables that it saves": tables_saved_by,
    "its parameters": lambda file: check_parameters(file, {}),
    "the figures that it prints": lambda file: list(uses_in_notebook(file)),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("case", TWO_BODIES)
def test_no_reader_takes_a_file_that_others_could_read_otherwise(case: str, reader: str, tmp_path: Path) -> None:
    file = tmp_path / "toy.ipynb"
    file.write_text(TWO_BODIES[case], encoding="utf-8")
    with pytest.raises(NotebookError) as caught:
        READERS[reader](file)
    assert caught.value.notebook == "toy.ipynb"
    assert "JupyterLab" in str(caught.value.remedy)


@pytest.mark.parametrize("case", TWO_BODIES)
def test_the_check_of_what_is_written_names_the_file(case: str, tmp_path: Path) -> None:
    file = tmp_path / "toy.ipynb"
    file.write_text(TWO_BODIES[case], encoding="utf-8")
    (fault,) = faults_in_notebook(file, read_allowed(ALLOWED))
    assert "toy.ipynb" in fault.where
    assert "JupyterLab" in fault.remedy


def test_a_notebook_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "toy.ipynb"
    file.write_text(as_text(cells=[{**CELL, "source": ["x = 1\n", "y = 2"]}]), encoding="utf-8")
    assert [cell.source for cell in read_notebook(file).cells] == ["x = 1\ny = 2"]


def test_nothing_else_takes_a_notebook_apart() -> None:
    """The cells of a notebook are asked of what `read_notebook` returns: nobody reads the file by JSON or nbformat besides."""
    own = re.compile(
        r"nbformat\.reads?\(|load_notebook_node|json\.loads?\([^\n]*(?:notebook|executed|ipynb)|json\.loads?\([^\n]*\)\[\"cells\"\]"
    )
    told = "analyse/disclosure/written/secrecy.py"
    for file in sorted(Path(kvarn.__file__).parent.rglob("*.py")):
        if file.name != "notebook_files.py" and not file.as_posix().endswith(told):
            assert own.findall(file.read_text(encoding="utf-8")) == [], file
