"""A file holds one notebook, and everybody reads the same one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

import kvarn
from kvarn.base.notebook_files import is_notebook_of, read_notebook, shows_what_it_has_run, source_form
from kvarn.disseminate.narrative._allowed import read_allowed
from kvarn.disseminate.narrative._notebooks import faults_in_notebook
from kvarn.disseminate.text_figures._documents import uses_in_notebook
from kvarn.errors import NotebookError
from kvarn.pipeline.nodes import as_written as as_notebook
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


SHOWN = {"output_type": "execute_result", "data": {"text/plain": "the count is 1"}, "metadata": {}, "execution_count": 7}
LEFT_BY_A_RUN: dict[str, dict[str, Any]] = {
    "what it shows": {"cells": [{**CELL, "outputs": [SHOWN]}]},
    "what it prints": {"cells": [{**CELL, "outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}]}]},
    "how often it has run": {"cells": [{**CELL, "execution_count": 7}]},
    "when a cell was run": {"cells": [{**CELL, "metadata": {"execution": {"iopub.status.busy": "2024-09-03T00:00:01Z"}}}]},
    "how a cell is shown": {"cells": [{**CELL, "metadata": {"collapsed": True, "jupyter": {"outputs_hidden": True}}}]},
    "widgets": {"metadata": {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"a": {"value": 1}}}}}},
    "the kernel": {"metadata": {"kernelspec": {"name": "own", "display_name": "Own", "language": "python"}}},
    "the version of Python": {"metadata": {"language_info": {"name": "python", "version": "3.13.1"}}},
    "notes of a program": {"metadata": {"own": {"counts": [1]}}},
}


@pytest.mark.parametrize("left", LEFT_BY_A_RUN)
def test_what_a_run_leaves_in_a_notebook_is_no_part_of_it(left: str, tmp_path: Path) -> None:
    bare, run = tmp_path / "bare.ipynb", tmp_path / "run.ipynb"
    bare.write_text(as_text(), encoding="utf-8")
    run.write_text(as_text(**LEFT_BY_A_RUN[left]), encoding="utf-8")
    assert run.read_bytes() != bare.read_bytes()
    assert source_form(run) == source_form(bare) == as_written(read_notebook(run))
    assert as_notebook(run).state() == as_notebook(bare).state()
    assert shows_what_it_has_run(run) == (left in ("what it shows", "what it prints", "widgets"))


def test_what_somebody_wrote_is_a_part_of_it(tmp_path: Path) -> None:
    for number, changed in enumerate(({**CELL, "source": "x = 2"}, {**CELL, "metadata": {"tags": ["a"]}}, {**CELL, "id": "b"})):
        (tmp_path / "bare.ipynb").write_text(as_text(), encoding="utf-8")
        (tmp_path / f"{number}.ipynb").write_text(as_text(cells=[changed]), encoding="utf-8")
        assert source_form(tmp_path / f"{number}.ipynb") != source_form(tmp_path / "bare.ipynb")


def test_it_is_known_again_by_what_somebody_wrote_and_by_its_file_in_older_records(tmp_path: Path) -> None:
    bare, run, other = (tmp_path / f"{name}.ipynb" for name in ("bare", "run", "other"))
    bare.write_text(as_text(), encoding="utf-8")
    run.write_text(as_text(**LEFT_BY_A_RUN["what it shows"]), encoding="utf-8")
    other.write_text(as_text(cells=[{**CELL, "source": "x = 2"}]), encoding="utf-8")
    recorded = hashlib.sha256(source_form(bare)).hexdigest()
    assert [is_notebook_of(file, recorded) for file in (bare, run, other)] == [True, True, False]
    older = hashlib.sha256(run.read_bytes()).hexdigest()
    assert [is_notebook_of(file, older) for file in (bare, run, other)] == [False, True, False]
    other.write_text("no notebook", encoding="utf-8")
    assert not is_notebook_of(other, recorded)


def as_written(read: Any) -> bytes:
    return f"{nbformat.writes(read)}\n".encode()
