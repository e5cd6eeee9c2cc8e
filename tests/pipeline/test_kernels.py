"""Kernels are forked or spawned, and nothing else differs: what they give, what they may not open, and that nobody can listen."""

import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from kvarn.errors import EnvironmentFault
from kvarn.pipeline.kernel_ways import SWITCH, KernelWay, kernel_way
from kvarn.pipeline.notebooks import run_notebook

Writer = Callable[..., Path]
WAYS = ["fork", "spawn", "spawn-tcp"] if sys.platform == "linux" else ["spawn", "spawn-tcp"]

EVERYTHING = (
    "import os, sys\nimport matplotlib, matplotlib.pyplot as plt, pandas\n"
    "pandas.DataFrame({'year': [year], 'persons': [414_000]})",
    "figure, axes = plt.subplots()\naxes.plot([1, 3, 2])\nfigure.savefig('chart.svg', metadata={'Date': None})\nfigure",
    "print(os.path.basename(os.getcwd()), '' in sys.path, matplotlib.get_backend(), os.environ.get('KVARN_OF_THIS_RUN'))\n"
    "print(sorted(name for name in sys.modules if name.startswith('kvarn')))\nos.write(1, b'past the kernel')",
    'for attempt in (\'open("restricted/a.txt")\', \'open("../" + os.path.basename(os.getcwd()) + "/restricted/a.txt")\',\n'
    "                'import kvarn.analyse', 'import duckdb', 'import kvarn.pipeline.kernels'):\n"
    "    try:\n        exec(attempt)\n        print('could', attempt)\n"
    "    except PermissionError as refused:\n        print(refused)",
)

FREE = "import kvarn.analyse, os\nprint(open('restricted/a.txt').read(), os.path.exists('restricted'))"


def printed(executed: Path) -> str:
    cells = nbformat.read(executed, as_version=4).cells
    return "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", []))


def test_every_way_gives_the_same_bytes_and_holds_the_same_guard(
    write_notebook: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "project"
    (root / "restricted").mkdir(parents=True)
    (root / "restricted" / "a.txt").write_text("secret")
    # What lies in the folder that a notebook runs in does not pass for a library.
    (root / "zmq.py").write_text("raise SystemExit('the wrong zmq')")
    monkeypatch.setenv("KVARN_OF_THIS_RUN", "2023")
    notebook = write_notebook(*EVERYTHING)
    given = {}
    for way in WAYS:
        monkeypatch.setenv(SWITCH, way)
        run_notebook(write_notebook(FREE, name="free"), tmp_path / "free.ipynb", {}, root=root)
        assert printed(tmp_path / "free.ipynb").endswith("secret True\n"), "a compute notebook is not hindered"
        run_notebook(notebook, tmp_path / "out.ipynb", {"year": 2023}, root=root, forbidden=root / "restricted")
        given[way] = (tmp_path / "out.ipynb").read_bytes()
    said = printed(tmp_path / "out.ipynb").splitlines()
    assert said[0] == "project False inline 2023"
    assert "'kvarn.kernel'" in said[1] and "kvarn.analyse" not in said[1]
    assert len(said) == 7 and all(line.startswith("A present notebook may not") for line in said[2:]), said
    assert set(given.values()) == {given[WAYS[0]]}


GREETING = """
import json, socket
from ipykernel.connect import get_connection_file
found = json.load(open(get_connection_file()))
hello = b"\\xff" + bytes(8) + b"\\x7f\\x03\\x01" + b"CURVE".ljust(20, b"\\0") + bytes(32)
for port in ("shell_port", "iopub_port", "control_port", "stdin_port", "hb_port"):
    with socket.create_connection((found["ip"], found[port]), timeout=10) as listening:
        listening.sendall(hello)
        answer = b""
        while len(answer) < 64 and (more := listening.recv(64)):
            answer += more
    print(found["transport"], found["ip"], answer[12:32].rstrip(b"\\0").decode())
"""


def test_over_tcp_every_socket_asks_for_encryption(
    write_notebook: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, "spawn-tcp")
    run_notebook(write_notebook(GREETING), tmp_path / "out.ipynb", {}, root=tmp_path)
    assert printed(tmp_path / "out.ipynb") == "tcp 127.0.0.1 CURVE\n" * 5


def test_a_temporary_folder_with_a_long_path_is_no_hindrance(
    write_notebook: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "a-very-long-name-of-a-folder" / ("x" * 80)))
    (tmp_path / "a-very-long-name-of-a-folder" / ("x" * 80)).mkdir(parents=True)
    run_notebook(write_notebook("print(1)"), tmp_path / "out.ipynb", {}, root=tmp_path)
    assert printed(tmp_path / "out.ipynb") == "1\n"
    assert list((tmp_path / "a-very-long-name-of-a-folder" / ("x" * 80)).iterdir()) == []


@pytest.mark.parametrize(
    ("system", "way"),
    [("linux", KernelWay(forked=True, ipc=True)), ("darwin", KernelWay(False, True)), ("win32", KernelWay(False, False))],
)
def test_each_system_has_its_way(system: str, way: KernelWay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SWITCH, raising=False)
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("zmq.has", lambda what: what != "ipc" or system != "win32")
    assert kernel_way() == way


@pytest.mark.parametrize(("said", "system"), [("forked", "linux"), ("fork", "darwin"), ("FORK", "linux")])
def test_a_way_that_there_is_not_is_an_error_with_its_remedy(
    said: str, system: str, monkeypatch: pytest.MonkeyPatch, write_notebook: Writer, tmp_path: Path
) -> None:
    monkeypatch.setenv(SWITCH, said)
    monkeypatch.setattr("sys.platform", system)
    with pytest.raises(EnvironmentFault, match="KVARN_KERNELS") as caught:
        run_notebook(write_notebook("print(1)"), tmp_path / "out.ipynb", {}, root=tmp_path)
    assert "spawn" in (caught.value.remedy or "")
    assert not list(tmp_path.glob("*out*"))
