"""Notebooks run in forked kernels over IPC, with checked parameters, and leave the same bytes each time."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from kvarn.errors import NotebookError
from kvarn.pipeline.notebooks import check_parameters, run_notebook

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


def test_what_is_printed_in_pieces_gives_the_same_bytes_as_what_is_printed_at_once(
    write_notebook: Writer, tmp_path: Path
) -> None:
    given = []
    for pause in (0.0, 0.7):  # the kernel passes on what was printed five times a second
        slow = "import sys, time\nfor word in ('a', 'b', 'c'):\n    print(word, flush=True)\n    time.sleep(pause)\n"
        notebook = write_notebook(slow + "print('d', file=sys.stderr)", parameters="pause: float = 0.0")
        run_notebook(notebook, tmp_path / "out.ipynb", {"pause": pause}, root=tmp_path)
        (cell,) = (c for c in nbformat.read(tmp_path / "out.ipynb", as_version=4).cells if "print" in c["source"])
        given.append([(output.name, output.text) for output in cell.outputs])
    assert given == [[("stdout", "a\nb\nc\n"), ("stderr", "d\n")]] * 2


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


def test_an_error_of_ours_names_its_file_from_the_root_whose_name_may_have_digits(write_notebook: Writer, tmp_path: Path) -> None:
    root = tmp_path / "office-2 of 1234"
    root.mkdir()
    raising = (
        "from pathlib import Path\nfrom kvarn.errors import InputError\nraise InputError('Too short.', file=Path.cwd() / 'a.csv')"
    )
    with pytest.raises(NotebookError, match=r"Too short.\n  where:  a.csv\n"):
        run_notebook(write_notebook(raising), tmp_path / "out.ipynb", {}, root=root, secret=True)


@pytest.mark.parametrize("named", ["from kvarn.errors import InputError", "class InputError(Exception): pass"])
def test_an_error_by_a_name_of_ours_quotes_no_figures_of_a_secret_notebook(
    write_notebook: Writer, tmp_path: Path, named: str
) -> None:
    row = "0136;195709065501;2023;03;195709-655;line 17, ٣"
    notebook = write_notebook(f"{named}\nraise InputError({row!r})")
    with pytest.raises(NotebookError) as caught:
        run_notebook(notebook, tmp_path / "out.ipynb", {}, root=tmp_path, secret=True)
    # An error of kvarn's own has dots for what can be a person's number.
    assert "…;…;2023;…;…-…;line 17, …" in str(caught.value).replace("•" * 12, "…")


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


@pytest.mark.parametrize(
    ("ending", "how"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL.*memory ran out"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV.*not written in Python"),
        ("os._exit(7)", r"exit code 7.*os\._exit"),
    ],
)
def test_a_kernel_that_dies_is_told_with_its_cell_and_what_had_run_is_kept(
    write_notebook: Writer, tmp_path: Path, ending: str, how: str, capfd: pytest.CaptureFixture[str]
) -> None:
    notebook = write_notebook("import os, signal\nprint('so far')", ending, "print('never')")
    with pytest.raises(NotebookError, match=f"The kernel of the notebook died.*{how}") as caught:
        run_notebook(notebook, tmp_path / "secret" / "out.ipynb", {"year": 2023}, root=tmp_path, secret=True)
    failed = tmp_path / "secret" / "out.failed.ipynb"
    assert (caught.value.cell, caught.value.executed) == ("cell-1", failed)
    assert "run again" in (caught.value.remedy or "")
    assert printed(failed) == "so far\n"
    assert failed.stat().st_mode & 0o077 == 0
    assert [path.name for path in failed.parent.iterdir()] == [failed.name]
    said = capfd.readouterr()
    assert said.out + said.err == ""


def test_after_a_kernel_or_its_server_has_died_the_next_one_starts(write_notebook: Writer, tmp_path: Path) -> None:
    import os
    import signal

    from kvarn.pipeline.forking import server as of_kernels

    run_notebook(write_notebook("1"), tmp_path / "out.ipynb", {}, root=tmp_path)
    server = of_kernels.pid
    if server is None:
        pytest.skip("kernels are not forked here")
    os.kill(server, signal.SIGKILL)
    run_notebook(write_notebook("print(year)"), tmp_path / "out.ipynb", {}, root=tmp_path)
    assert printed(tmp_path / "out.ipynb") == "2020\n"


@pytest.mark.parametrize("ending", ["raise SystemExit(0)", "import sys\nsys.exit()", "quit()"])
def test_a_notebook_that_ends_itself_before_its_last_cell_is_no_good_end(
    write_notebook: Writer, tmp_path: Path, ending: str
) -> None:
    notebook = write_notebook("x = 1", ending, *(f"import time\ntime.sleep(1.2)\nx = {number}" for number in range(2)))
    with pytest.raises(NotebookError, match=r"ended itself here|exit code 0.*exit") as caught:
        run_notebook(notebook, tmp_path / "out.ipynb", {}, root=tmp_path)
    assert caught.value.cell == "cell-1"
    assert not (tmp_path / "out.ipynb").exists() and caught.value.executed == tmp_path / "out.failed.ipynb"


def test_what_a_check_finds_fails_a_notebook_that_has_run(write_notebook: Writer, tmp_path: Path) -> None:
    wrong = NotebookError("Something is missing.", notebook="toy.ipynb", cell="cell-0", remedy="Mend it.")
    with pytest.raises(NotebookError, match="Something is missing") as caught:
        run_notebook(write_notebook("1"), tmp_path / "out.ipynb", {}, root=tmp_path, check=lambda executed, walled: wrong)
    assert caught.value.cell == "cell-0" and caught.value.executed == tmp_path / "out.failed.ipynb"
    assert caught.value.executed.is_file() and not (tmp_path / "out.ipynb").exists()


def test_a_secret_notebook_that_fails_is_kept_for_its_owner_alone(write_notebook: Writer, tmp_path: Path) -> None:
    with pytest.raises(NotebookError):
        run_notebook(write_notebook("1 / 0"), tmp_path / "out.ipynb", {}, root=tmp_path, secret=True)
    assert (tmp_path / "out.failed.ipynb").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["a{x}b", "a{}b", "{", "a%20b#c?d*e[1]"])
def test_whatever_the_folder_is_called_a_notebook_runs(name: str, write_notebook: Writer, tmp_path: Path) -> None:
    output = tmp_path / name / "out.ipynb"
    run_notebook(write_notebook("print(year)"), output, {"year": 2023}, root=tmp_path)
    assert printed(output) == "2023\n"
