"""Notebooks run in forked kernels over IPC, with checked parameters, and leave the same bytes each time."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from kvarn.errors import NotebookError
from kvarn.pipeline.notebooks import check_parameters, run_notebook, tables_saved_by

Writer = Callable[..., Path]


def printed(executed: Path) -> str:
    cells = nbformat.read(executed, as_version=4).cells
    return "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", []))


def test_parameters_reach_the_notebook(write_notebook: Writer, tmp_path: Path) -> None:
    notebook = write_notebook("print(edition, year + 1)")
    run_notebook(notebook, tmp_path / "out.ipynb", {"edition": "2023", "year": 2023}, root=tmp_path)
    assert printed(tmp_path / "out.ipynb") == "2023 2024\n"


def test_the_same_notebook_gives_the_same_bytes(write_notebook: Writer, tmp_path: Path) -> None:
    notebook = write_notebook("import pandas\npandas.DataFrame({'a': [year]})", "object()")
    for name in ("one", "two"):
        run_notebook(notebook, tmp_path / f"{name}.ipynb", {"year": 2023}, root=tmp_path)
    assert (tmp_path / "one.ipynb").read_bytes() == (tmp_path / "two.ipynb").read_bytes()


def test_a_failing_cell_is_named_and_the_executed_notebook_kept(write_notebook: Writer, tmp_path: Path) -> None:
    notebook = write_notebook("before = 1", "1 / 0", "after = 2")
    with pytest.raises(NotebookError) as caught:
        run_notebook(notebook, tmp_path / "out.ipynb", {"year": 2023}, root=tmp_path)
    assert caught.value.cell == "cell-1"
    assert "ZeroDivisionError" in caught.value.what
    assert caught.value.executed == tmp_path / "out.failed.ipynb"
    assert caught.value.executed.is_file()
    assert not (tmp_path / "out.ipynb").exists()


def test_an_error_of_ours_keeps_its_words(write_notebook: Writer, tmp_path: Path) -> None:
    notebook = write_notebook("from kvarn.errors import InputError\nraise InputError('Too short.', file='a.csv', line=3)")
    with pytest.raises(NotebookError, match=r"Too short.\n  where:  a.csv, line 3"):
        run_notebook(notebook, tmp_path / "out.ipynb", {}, root=tmp_path, secret=True)


def test_a_secret_notebook_does_not_tell_what_its_error_quotes(write_notebook: Writer, tmp_path: Path) -> None:
    notebook = write_notebook("raise KeyError('191212121212')")
    with pytest.raises(NotebookError) as caught:
        run_notebook(notebook, tmp_path / "out.ipynb", {}, root=tmp_path, secret=True)
    assert "1912" not in str(caught.value)
    assert "KeyError" in str(caught.value)


def test_a_notebook_cannot_open_what_is_forbidden(write_notebook: Writer, tmp_path: Path) -> None:
    secret = tmp_path / "restricted"
    secret.mkdir()
    (secret / "a.txt").write_text("secret")
    reading = "open('restricted/a.txt').read()"
    run_notebook(write_notebook(reading), tmp_path / "out.ipynb", {}, root=tmp_path)
    with pytest.raises(NotebookError, match="restricted"):
        run_notebook(write_notebook(reading), tmp_path / "out.ipynb", {}, root=tmp_path, forbidden=secret)
    for room in ("kvarn.collect", "kvarn.process", "kvarn.analyse", "duckdb"):
        with pytest.raises(NotebookError, match="may not import"):
            run_notebook(write_notebook(f"import {room}"), tmp_path / "out.ipynb", {}, root=tmp_path, forbidden=secret)


def test_a_kernel_begins_without_any_room_loaded(write_notebook: Writer, tmp_path: Path) -> None:
    asking = "import sys\nprint(sorted(name for name in sys.modules if name.startswith('kvarn') and name.count('.') == 1))"
    run_notebook(write_notebook(asking), tmp_path / "out.ipynb", {}, root=tmp_path)
    assert printed(tmp_path / "out.ipynb") == "['kvarn.kernel']\n"


def test_kernels_speak_over_ipc_and_leave_no_sockets(write_notebook: Writer, tmp_path: Path) -> None:
    asking = (
        "import json\nfrom ipykernel.connect import get_connection_file\n"
        "found = json.load(open(get_connection_file()))\nprint(found['transport'], found['ip'])"
    )
    run_notebook(write_notebook(asking), tmp_path / "out.ipynb", {}, root=tmp_path)
    transport, address = printed(tmp_path / "out.ipynb").split()
    assert transport == "ipc"
    assert not Path(address).parent.exists()


def test_an_unknown_parameter_stops_before_a_kernel_starts(write_notebook: Writer) -> None:
    with pytest.raises(NotebookError, match="Did you mean 'year'"):
        check_parameters(write_notebook(), {"yaer": 2023})


@pytest.mark.parametrize("value", ["2023", 2023.5, True])
def test_a_parameter_of_another_type_stops_before_a_kernel_starts(write_notebook: Writer, value: object) -> None:
    with pytest.raises(NotebookError, match="should be int"):
        check_parameters(write_notebook(), {"year": value})  # type: ignore[dict-item]


def test_the_tables_that_a_notebook_saves_are_read_from_its_cells(write_notebook: Writer) -> None:
    notebook = write_notebook("save_table('a-b', frame)", 'save_table(\n  "c", frame)\nsave_table("a-b", frame)', "other('d')")
    assert tables_saved_by(notebook) == ("a-b", "c")
