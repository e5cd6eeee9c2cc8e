"""The wall around notebooks, as somebody would try it who means to get through: from within kernels of the pipeline itself."""

from __future__ import annotations

import contextlib
import json
import os
import re
import runpy
import shutil
import socket
import sqlite3
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from kvarn.edition import Workspace
from kvarn.errors import EnvironmentFault, NotebookError
from kvarn.kernel import hiding, landlock, seccomp
from kvarn.kernel.system_calls import BY_MACHINE, NOT_DONE, REFUSED
from kvarn.kernel.wall import Wall
from kvarn.pipeline import actions
from kvarn.pipeline.computing import run_compute_notebook
from kvarn.pipeline.forking import server
from kvarn.pipeline.kernel_ways import SWITCH as KERNELS
from kvarn.pipeline.notebooks import run_notebook
from kvarn.pipeline.production import open_edition
from kvarn.pipeline.steps import steps_of
from kvarn.pipeline.walls import SWITCH, compute_wall, present_wall, recorded_wall, require_wall, standing_wall

_ways = runpy.run_path(str(Path(__file__).with_name("ways_round_the_wall.py")))
READING, WRITING, REACHING, ONLY_WITHIN = (_ways[name] for name in ("READING", "WRITING", "REACHING", "ONLY_WITHIN"))
PREPARED, TRYING = _ways["PREPARED"], _ways["TRYING"]

Writer = Callable[..., Path]
WAYS = ["fork", "spawn", "spawn-tcp"]
ALL = {**READING, **WRITING, **REACHING}

FOLDERS = (
    *("restricted/demo/secret", "restricted/demo/register", "restricted/demo/collected", "params/codelists"),
    "restricted/demo/source/deliveries",
    *("build/demo/protected", "build/demo/revisions", "build/other/protected", "publications/demo"),
    *("notebooks/present", "notebooks/compute", "reports", "programme/codelists"),
)
FILES = (
    *("_quarto.yml", "params/demo.yml", "params/codelists/profession-2020.csv", "reports/r.qmd", "publications/demo/index.html"),
    *("build/demo/protected/t.csv", "build/demo/revisions/r.csv", "build/other/protected/t.csv"),
    *("programme/tables.yml", "programme/beside.yml", "programme/codelists/sex.csv", "programme/codelists/beside.txt"),
    *("notebooks/present/n.txt", "notebooks/compute/n.txt", "restricted/demo/source/population.csv"),
    "restricted/demo/source/SYNTHETIC.txt",
)

# Only what is of the programme is opened, file by file.
A_FILE_OF_IT = "programme/tables.yml"
BESIDE_THE_PROGRAMME = ("programme/beside.yml", "programme/codelists/beside.txt")

needs_a_wall = pytest.mark.skipif(
    not (landlock.abi() and seccomp.is_there()),
    reason="this system keeps no wall (no Landlock or seccomp): only that a required one stops the run is tested",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with something in every place that a notebook must not read, or must."""
    root = tmp_path / "project"
    for name in FOLDERS:
        (root / name).mkdir(parents=True)
    secret = root / "restricted" / "demo" / "secret"
    (secret / "numbers.csv").write_text("number\n191212121212\n")
    os.chmod(secret / "numbers.csv", 0o600)
    pd.DataFrame({"number": ["191212121212"]}).to_parquet(secret / "numbers.parquet")
    with sqlite3.connect(secret / "ledger.sqlite") as ledger:
        ledger.execute("create table numbers as select '191212121212' as number")
    for name in ("movable", "removable", "cuttable"):
        (secret / name).write_text("whole")
    pd.DataFrame({"number": [1]}).to_parquet(root / "restricted" / "demo" / "register" / "persons.parquet")
    for name in FILES:
        (root / name).write_text("a,b\n1,2\n")
    return root


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping[str, Any]]:
    """What there is on the machine besides: who listens, what is shared, a home with a secret in it."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "token").write_text("secret")
    shared = f"kvarn-wall-{os.getpid()}"
    Path("/dev/shm", shared).write_bytes(b"secret")
    listening, letters, abstract, tcp = (
        socket.socket(socket.AF_UNIX),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM),
        socket.socket(socket.AF_UNIX),
        socket.create_server(("127.0.0.1", 0)),
    )
    listening.bind(str(home / "s"))
    letters.bind(str(home / "l"))
    abstract.bind("\0" + shared)
    for one in (listening, abstract):
        one.listen()
    monkeypatch.setenv("TOKEN_OF_THE_OFFICE", "s3cret")
    yield {
        "RUN": os.getpid(), "HOME": str(home), "SHARED": shared, "PORT": tcp.getsockname()[1], "LISTENING": str(home / "s"),
        "LETTERS": str(home / "l"), "SITE": sysconfig.get_paths()["purelib"],
    }  # fmt: skip
    for one in (listening, letters, abstract, tcp):
        one.close()
    for path in (Path("/dev/shm", shared), Path("/dev/shm", f"new-{shared}"), Path("/tmp", shared)):
        path.unlink(missing_ok=True)
    (Path(sysconfig.get_paths()["purelib"]) / "kvarn-test-of-the-wall.tmp").unlink(missing_ok=True)


def printed(executed: Path) -> str:
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    return "".join("".join(output.get("text", "")) for cell in cells for output in cell.get("outputs", []))


@pytest.fixture
def ask(project: Path, write_notebook: Writer) -> Callable[..., str]:
    """What a notebook prints that runs these cells within a wall."""

    def asked(*cells: str, wall: Wall | None) -> str:
        output = project / "build" / "asked.ipynb"
        run_notebook(write_notebook(*cells), output, {}, root=project, wall=wall)
        return printed(output)

    return asked


def tried(ask: Callable[..., str], outside: Mapping[str, Any], ways: Mapping[str, str], wall: Wall | None) -> dict[str, str]:
    given = "\n".join(f"{name} = {value!r}" for name, value in outside.items())
    told: dict[str, str] = json.loads(ask(PREPARED, given, f"WAYS = {dict(ways)!r}\n{TRYING}", wall=wall).splitlines()[-1])
    assert set(told) == set(ways)
    return told


BY_THE_SYSTEM = re.compile(
    r"Permission denied|Operation not permitted|PermissionError|unable to open|not implemented|cross-device|rrno 1\b|rrno 13\b"
    # What is hidden is not there, and among what is hidden nothing can be made.
    r"|No such file|No files found|Read-only file system"
)


@needs_a_wall
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["present", "compute"])
def test_no_way_leads_round_the_wall(
    kind: str, way: str, ask: Callable[..., str], outside: Mapping[str, Any], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KERNELS, way)
    work = Workspace(project, "demo")
    wall = present_wall(work) if kind == "present" else compute_wall(work, {})
    told = tried(ask, outside, ALL, wall)
    assert {name: said for name, said in told.items() if not said.startswith("refused")} == {}
    odd = {name: said for name, said in told.items() if not BY_THE_SYSTEM.search(said)}
    # They tell of it in their own way; that they come through without the wall, the next test holds.
    assert set(odd) <= {"a program", "a shell", "python again", "%%bash", "a program by its name", "pyarrow data set", "%load"}, (
        odd
    )


@needs_a_wall
def test_every_way_leads_through_where_there_is_no_wall(ask: Callable[..., str], outside: Mapping[str, Any]) -> None:
    ways = {name: way for name, way in ALL.items() if name not in ONLY_WITHIN}
    told = tried(ask, outside, ways, None)
    assert {name: said for name, said in told.items() if said != "came through"} == {}


@needs_a_wall
@pytest.mark.parametrize("known", [1, 2, 3, 4, 5])
def test_an_older_landlock_keeps_the_wall_as_well(
    known: int, ask: Callable[..., str], outside: Mapping[str, Any], project: Path
) -> None:
    wall = present_wall(Workspace(project, "demo"))
    assert wall is not None
    told = tried(ask, outside, ALL, replace(wall, known=known))
    assert {name: said for name, said in told.items() if not said.startswith("refused")} == {}


@needs_a_wall
def test_a_present_notebook_of_the_pipeline_cannot_read_what_is_restricted(project: Path, write_notebook: Writer) -> None:
    """This fails when present notebooks are run without the wall: the guard in Python does not see what Arrow opens."""
    notebook = write_notebook("import pyarrow.parquet as pq\npq.read_table('restricted/demo/secret/numbers.parquet')")
    production: Any = SimpleNamespace(
        root=project, workspace=Workspace(project, "demo"), edition=SimpleNamespace(notebook_limits=None, data=None)
    )
    with pytest.raises(NotebookError) as caught:
        actions.present(production, notebook, project / "build" / "demo" / "sv" / "out.ipynb", {"year": 2023})
    assert "The operating system has refused it" in caught.value.what
    assert "open_tables" in (caught.value.remedy or "") and caught.value.cell == "cell-0"
    assert "191212121212" not in str(caught.value)


@needs_a_wall
@pytest.mark.parametrize("file", ["notebooks/compute/n.txt", "notebooks/present/n.txt", "reports/r.qmd", *BESIDE_THE_PROGRAMME])
def test_a_present_notebook_cannot_read_what_lies_beside_it(file: str, ask: Callable[..., str], project: Path) -> None:
    """What a compute notebook has printed, and figures that somebody has typed into a file of the project."""
    with pytest.raises(NotebookError, match="Permission denied"):
        ask(f"open({file!r})", wall=present_wall(Workspace(project, "demo")))


@needs_a_wall
def test_a_compute_notebook_of_the_pipeline_reads_the_register_and_nothing_else(project: Path, write_notebook: Writer) -> None:
    work = Workspace(project, "demo")
    reading = "import pandas as pd\nassert len(pd.read_parquet('restricted/demo/{0}'))"
    run_compute_notebook(write_notebook(reading.format("register/persons.parquet")), work, {})
    with pytest.raises(NotebookError) as caught:
        run_compute_notebook(write_notebook(reading.format("secret/numbers.parquet")), work, {})
    assert "PermissionError" in caught.value.what and "open_register" in (caught.value.remedy or "")


@needs_a_wall
def test_a_plain_mistake_is_told_in_plain_words(project: Path, write_notebook: Writer) -> None:
    notebook = write_notebook("open('restricted/demo/secret/numbers.csv')")
    production: Any = SimpleNamespace(
        root=project, workspace=Workspace(project, "demo"), edition=SimpleNamespace(notebook_limits=None, data=None)
    )
    with pytest.raises(NotebookError, match=r"A present notebook may not read restricted files: use open_tables\(\)"):
        actions.present(production, notebook, project / "build" / "out.ipynb", {})


ASKING = """
import json, os
told = {}
for place in PLACES:
    for name, ask in (
        ("stat", os.stat), ("the link", os.lstat), ("size", os.path.getsize),
        ("a place without reading", lambda one: os.fstat(os.open(one, os.O_PATH))),
        ("by way of the folder", lambda one: os.stat("/proc/self/cwd/" + one)),
        ("by way of the root", lambda one: os.stat("/proc/self/root" + os.path.abspath(one))),
        ("by way of the run", lambda one: os.stat(f"/proc/{RUN}/cwd/" + one)),
        ("by way of its parent", lambda one: os.stat(f"/proc/{os.getppid()}/root" + os.path.abspath(one))),
        ("its folder", lambda one: os.stat(os.path.basename(one), dir_fd=os.open(os.path.dirname(one) or ".", os.O_PATH))),
    ):
        try:
            answer = ask(place)
        except OSError as refused:
            continue
        size = answer if isinstance(answer, int) else answer.st_size
        told[f"{place}: {name}"] = size
print(json.dumps(told))
"""
PLACES = (
    *("restricted/demo/secret/numbers.csv", "restricted/demo/secret/numbers.parquet", "restricted/demo/source/population.csv"),
    *("build/other/protected/t.csv", "publications/demo/index.html", "params/demo.yml", "reports/r.qmd", "_quarto.yml"),
)


@pytest.mark.skipif(not hiding.can_hide(), reason="this system lets its users make no namespaces")
@pytest.mark.parametrize("way", WAYS)
def test_a_present_notebook_is_not_told_how_large_a_file_outside_is(
    way: str, ask: Callable[..., str], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KERNELS, way)
    prepared = f"RUN = {os.getpid()}\nPLACES = {PLACES!r}\n{ASKING}"
    shown = json.loads(ask(prepared, wall=present_wall(Workspace(project, "demo"))))
    assert {place: size for place, size in shown.items() if size} == {}
    without = json.loads(ask(prepared, wall=None))
    assert {f"{place}: stat" for place in PLACES} <= {place for place, size in without.items() if size}


@needs_a_wall
def test_what_may_be_opened_and_is_not_there_is_said_not_to_be_there(ask: Callable[..., str], project: Path) -> None:
    shutil.rmtree(project / "params" / "codelists")
    told = ask("import os\nprint(os.path.isdir('params/codelists'), 'stat:')\nfrom pathlib import Path\n"
               "print(Path('params/codelists').is_dir(), Path('_quarto.yml').is_file(), Path('notebooks').is_dir())",
               wall=present_wall(Workspace(project, "demo")))  # fmt: skip
    assert told == "False stat:\nFalse True True\n"


@pytest.mark.skipif(not hiding.can_hide(), reason="this system lets its users make no namespaces")
def test_what_lies_elsewhere_is_hidden_too(ask: Callable[..., str], project: Path, tmp_path: Path) -> None:
    """Another file system that a folder of the project is a link to, and a file that the edition has outside the project."""
    moved, file = tmp_path / "moved", tmp_path / "population.csv"
    shutil.move(project / "restricted", moved)
    (project / "restricted").symlink_to(moved)
    file.write_text("a\n1\n")
    (tmp_path / "population").mkdir()
    (tmp_path / "population" / "p.csv").write_text("a\n1\n")
    places = (
        str(tmp_path / "population" / "p.csv"),
        str(moved / "demo" / "secret" / "numbers.csv"),
        "restricted/demo/secret/numbers.csv",
        str(file),
    )
    data: Any = SimpleNamespace(deliveries=None, intake=tmp_path / "intake", population=(tmp_path / "population" / "*.csv", file))
    wall = present_wall(Workspace(project, "demo"), data)
    shown = json.loads(ask(f"RUN = {os.getpid()}\nPLACES = {places!r}\n{ASKING}", wall=wall))
    assert {place: size for place, size in shown.items() if size} == {}
    assert file.read_text() == "a\n1\n"


@pytest.mark.skipif(not hiding.can_hide(), reason="this system lets its users make no namespaces")
def test_an_interpreter_that_is_a_link_in_the_project_is_found(ask: Callable[..., str], project: Path) -> None:
    """As in the .venv that make gives a clone: python → python3 → the system's own."""
    programs = project / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python3").symlink_to(os.path.realpath(sys.executable))
    (programs / "python").symlink_to("python3")
    (programs / "secret").write_text("closed")
    wall = present_wall(Workspace(project, "demo"))
    assert wall is not None and wall.hidden
    told = ask(
        "import os, subprocess\nsay = subprocess.run(['.venv/bin/python', '-I', '-c', 'print(6 * 7)'], capture_output=True)\n"
        "print(say.stdout.decode().strip(), os.stat('.venv/bin/secret').st_size)",
        wall=replace(wall, reads=(*wall.reads, str(programs / "python"))),
    )
    assert told == "42 0\n"


@needs_a_wall
def test_where_no_namespace_can_be_made_the_rest_of_the_wall_stands_and_what_can_be_asked_is_said(
    ask: Callable[..., str], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hiding, "can_hide", lambda: False)
    wall = present_wall(Workspace(project, "demo"))
    assert wall is not None and wall.hidden == ()
    assert standing_wall().kept and "sizes and times of files can be asked" in str(standing_wall())
    secret = "restricted/demo/secret/numbers.csv"
    told = ask(
        f"import os\nprint(os.stat({secret!r}).st_size > 0)\n"
        f"try:\n    os.open({secret!r}, os.O_RDONLY)\nexcept PermissionError:\n    print('refused')",
        wall=wall,
    )
    assert told == "True\nrefused\n"


USED = """
import asyncio, datetime, locale, mimetypes, os, shutil, ssl, subprocess, tempfile, threading, time, zoneinfo
import matplotlib.pyplot as plt, pandas as pd, pyarrow.csv as csv
for place in ("build/demo/protected/t.csv", "build/demo/revisions/r.csv", "params/codelists/profession-2020.csv",
              "programme/tables.yml", "programme/codelists/sex.csv"):
    assert open(place).read()
assert csv.read_csv("build/demo/protected/t.csv").num_rows == 1
with tempfile.TemporaryDirectory() as own:
    pd.DataFrame({"a": [1]}).to_parquet(own + "/a.parquet")
    shutil.copy2(own + "/a.parquet", own + "/b.parquet")
    os.rename(own + "/b.parquet", own + "/c.parquet")
    assert len(pd.read_parquet(own + "/c.parquet")) == 1
figure, axes = plt.subplots()
axes.plot([1, 2])
axes.set_title("å")
figure.savefig(os.path.expanduser("~/chart.svg"))
figure.savefig(os.devnull, format="png")
ssl.create_default_context()
mimetypes.guess_type("a.csv")
locale.setlocale(locale.LC_ALL, "")
zoneinfo.ZoneInfo("Europe/Stockholm")
done = []
thread = threading.Thread(target=done.append, args=(1,))
thread.start()
thread.join()
await asyncio.sleep(0)
asyncio.new_event_loop().close()
assert done
print("well")
"""


@needs_a_wall
@pytest.mark.parametrize("way", WAYS)
def test_what_a_present_notebook_is_for_works_within_the_wall(
    way: str, ask: Callable[..., str], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KERNELS, way)
    assert ask(USED, wall=present_wall(Workspace(project, "demo"))) == "well\n"


@needs_a_wall
def test_permissions_and_times_of_files_stay_as_they_are(ask: Callable[..., str], project: Path) -> None:
    secret = project / "restricted" / "demo" / "secret" / "numbers.csv"
    before = secret.stat()
    ask(
        f"import os\nos.chmod({str(secret)!r}, 0o666)\nos.utime({str(secret)!r}, (1, 1))",
        wall=present_wall(Workspace(project, "demo")),
    )
    after = secret.stat()
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


@needs_a_wall
@pytest.mark.parametrize("way", WAYS)
def test_a_kernel_has_nothing_of_the_run_open_and_no_secret_of_its_environment(
    way: str, ask: Callable[..., str], outside: Mapping[str, Any], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KERNELS, way)
    server.stop()  # it is started again with the secret in the environment
    told = ask(
        "import os, stat\nopen_here = [os.fstat(n) for n in range(300) if os.path.lexists(f'/proc/self/fd/{n}')]\n"
        "print(sorted({one.st_ino for one in open_here if not stat.S_ISCHR(one.st_mode)}))",
        "print('TOKEN_OF_THE_OFFICE' in os.environ, b's3cret' in open('/proc/self/environ', 'rb').read())\n"
        "print(sorted(os.path.realpath(f'/proc/self/fd/{n}') for n in range(300) if os.path.isfile(f'/proc/self/fd/{n}')))",
        wall=present_wall(Workspace(project, "demo")),
    )  # fmt: skip
    numbers, environment, files = told.splitlines()
    assert environment == "False False" and files == "[]"
    theirs = {number for pid in (os.getpid(), server.pid) if pid for number in _open_in(pid)}
    assert theirs
    assert set(json.loads(numbers)).isdisjoint(theirs)


def _open_in(pid: int) -> set[int]:
    """The numbers of the sockets and pipes that a process has open; one that is closed meanwhile is none."""
    found = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            kind, _, number = os.readlink(f"/proc/{pid}/fd/{name}").partition(":")
            found |= {int(number.strip("[]"))} if kind in ("socket", "pipe") else set()
    return found


@needs_a_wall
def test_every_call_that_no_notebook_needs_is_refused(ask: Callable[..., str], project: Path) -> None:
    import platform

    calls = BY_MACHINE[platform.machine()].calls
    numbers = {name: calls[name] for name in (*REFUSED, *NOT_DONE) if name in calls and name != "vhangup"}
    told = ask(
        "import ctypes, json\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        f"numbers = {numbers!r}\n"
        "minus = [ctypes.c_long(-1)] * 6\n"
        "print(json.dumps({n: [libc.syscall(number, *minus), ctypes.get_errno()] for n, number in numbers.items()}))\n"
        "print(libc.syscall(463, *minus), ctypes.get_errno(), libc.syscall(0x40000000 + 41, 1, 1, 0), ctypes.get_errno())",
        wall=present_wall(Workspace(project, "demo")),
    )
    found = json.loads(told.splitlines()[0])
    assert {name: answer for name, answer in found.items() if name in REFUSED and answer != [-1, 1]} == {}
    assert {name: answer for name, answer in found.items() if name in NOT_DONE and answer[0] != 0} == {}
    assert told.splitlines()[1] == "-1 38 -1 38", "calls that are not known yet, and those of the third table of x86-64"


@pytest.mark.parametrize(
    ("machine", "header", "pattern"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", r"#define __NR_(\w+) (\d+)"),
        ("aarch64", "/usr/include/asm-generic/unistd.h", r"#define __NR(?:3264)?_(\w+) (\d+)"),
    ],
)
def test_the_numbers_of_calls_are_those_of_the_system_s_own_headers(machine: str, header: str, pattern: str) -> None:
    if not Path(header).is_file():
        pytest.skip(f"{header} is not installed here")
    known = {name: int(number) for name, number in re.findall(pattern, Path(header).read_text(encoding="utf-8"))}
    ours = BY_MACHINE[machine].calls
    assert {name: number for name, number in ours.items() if known.get(name, number) != number} == {}
    assert len(set(ours) & set(known)) > 90


@needs_a_wall
def test_a_kernel_whose_wall_cannot_be_raised_runs_nothing(ask: Callable[..., str], project: Path) -> None:
    wall = present_wall(Workspace(project, "demo"))
    assert wall is not None
    reading_all = replace(wall, reads=(*wall.reads, str(project / "restricted")))
    with pytest.raises(EnvironmentFault, match=r"could not be raised: .*restricted could be read all the same"):
        ask(f"open({str(project / 'ran')!r}, 'w')", wall=reading_all)
    among = replace(wall, apart=(*wall.apart, str(Path(sysconfig.get_paths()["purelib"], "pandas"))))
    with pytest.raises(EnvironmentFault, match="where Python's own libraries are read: move it elsewhere"):
        ask("1", wall=among)
    assert not (project / "ran").exists()


@needs_a_wall
def test_the_run_follows_no_link_that_a_notebook_has_put_into_its_folder(ask: Callable[..., str], project: Path) -> None:
    secret = project / "restricted" / "demo" / "secret" / "numbers.csv"
    linking = (
        "import os\nfrom ipykernel.connect import get_connection_file\nown = os.path.dirname(get_connection_file())\n"
        f"os.symlink({str(secret)!r}, own + '/wall-fault.txt')\nos._exit(1)"
    )
    with pytest.raises(NotebookError, match="died") as caught:
        ask(linking, wall=present_wall(Workspace(project, "demo")))
    assert "191212121212" not in str(caught.value) and secret.exists()


@needs_a_wall
@pytest.mark.parametrize("name", ["wall-fault.txt", "kernel.json"])
def test_nothing_that_a_notebook_writes_into_its_folder_is_told_as_the_run_s_own_words(
    name: str, ask: Callable[..., str], project: Path
) -> None:
    writing = (
        "import os\nfrom ipykernel.connect import get_connection_file\nown = os.path.dirname(get_connection_file())\n"
        f"with open(own + '/{name}', 'w') as file:\n    file.write('191212121212')\nos._exit(3)"
    )
    with pytest.raises(NotebookError, match="exit code 3") as caught:
        ask(writing, wall=present_wall(Workspace(project, "demo")))
    assert "191212121212" not in str(caught.value)


@needs_a_wall
@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_nothing_of_the_user_s_profile_reaches_a_notebook(
    way: str, ask: Callable[..., str], project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, marked = tmp_path / "user", "raise SystemExit('of the user')"
    startup = home / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("of_the_user = 1")
    for name in ("ipython_config.py", "ipython_kernel_config.py"):
        (home / ".ipython" / "profile_default" / name).write_text("c.InteractiveShellApp.exec_lines = ['of_the_user = 2']")
    (home / "start.py").write_text("of_the_user = 3")
    (home / "matplotlibrc").write_text("lines.linewidth: 77")
    (project / "matplotlibrc").write_text("lines.linewidth: 78")
    for name in ("sitecustomize.py", "usercustomize.py", "yaml.py"):
        (home / name).write_text(marked)
    for name in ("HOME", "PYTHONPATH", "MPLCONFIGDIR", "JUPYTER_CONFIG_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("IPYTHONDIR", str(home / ".ipython"))
    monkeypatch.setenv("PYTHONSTARTUP", str(home / "start.py"))
    monkeypatch.setenv(KERNELS, way)
    server.stop()
    told = ask(
        "import matplotlib, sys\nprint('of_the_user' in globals(), matplotlib.rcParams['lines.linewidth'], sys.flags.isolated)",
        wall=present_wall(Workspace(project, "demo")),
    )
    assert told == "False 1.5 1\n"


def test_without_a_wall_nothing_is_raised_and_a_switch_that_is_misspelt_is_an_error(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, "none")
    assert present_wall(Workspace(project, "demo")) is None and not standing_wall().kept
    monkeypatch.setenv(SWITCH, "nome")
    with pytest.raises(EnvironmentFault, match="KVARN_WALL is 'nome'"):
        standing_wall()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has Landlock")
def test_over_tcp_the_wall_is_raised_and_satisfies_no_requirement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KERNELS, "spawn-tcp")
    assert not standing_wall().kept


def without_lists(project: Path) -> None:
    """What lies there to be read from within the wall is no list that was ever imported."""
    shutil.rmtree(project / "params" / "codelists")


@pytest.mark.parametrize(
    ("said", "overrides", "stops"),
    [
        ("of real data", ("synthetic=false",), True),
        ("of real data, which answers for it", ("synthetic=false", "notebook_wall=best"), False),
        ("synthetic", (), False),
        ("synthetic, and strict", ("notebook_wall=required",), True),
    ],
)
@pytest.mark.parametrize("without", [(SWITCH, "none"), (KERNELS, "spawn-tcp"), ("landlock", ""), ("seccomp", "")])
def test_without_a_wall_an_edition_that_requires_one_stops_before_anything_runs(
    said: str,
    overrides: tuple[str, ...],
    stops: bool,
    without: tuple[str, str],
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copy(Path(__file__).parents[2] / "params" / "demo.yml", project / "params")
    without_lists(project)
    if without[1]:
        monkeypatch.setenv(*without)
    elif without[0] == "landlock":
        monkeypatch.setattr(landlock, "abi", lambda: 0)
    else:
        monkeypatch.setattr(seccomp, "is_there", lambda: False)
    production = open_edition(project / "params" / "demo.yml", overrides=overrides)
    if not stops:
        require_wall(production.edition, production.params)
        assert recorded_wall(production.edition) == "none kept by the operating system"
        return
    with pytest.raises(EnvironmentFault, match="requires a wall around its notebooks") as caught:
        steps_of(production)
    assert "This system keeps none" in caught.value.what and str(caught.value.where).endswith("demo.yml, notebook_wall")
    assert "notebook_wall: best" in (caught.value.remedy or "")


@needs_a_wall
def test_around_spark_there_is_no_wall_and_a_requirement_says_so(project: Path) -> None:
    shutil.copy(Path(__file__).parents[2] / "params" / "demo.yml", project / "params")
    without_lists(project)
    production = open_edition(project / "params" / "demo.yml", overrides=("engine=spark", "notebook_wall=required"))
    with pytest.raises(EnvironmentFault, match="Around Spark there is none") as caught:
        steps_of(production)
    assert "engine: duckdb" in (caught.value.remedy or "")
    assert compute_wall(production.workspace, {"engine": "spark"}) is None
    assert "none around compute notebooks" in recorded_wall(production.edition)


@needs_a_wall
def test_a_run_that_has_another_wall_than_before_runs_notebooks_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made without the wall is never recorded as made within it."""
    root = Path(__file__).parents[2]
    for name in ("notebooks", "reports"):
        shutil.copytree(root / name, project / name, dirs_exist_ok=True)
    shutil.copytree(root / "programme", project / "programme", dirs_exist_ok=True)
    shutil.copy(root / "params" / "demo.yml", project / "params")
    shutil.copy(root / "_quarto.yml", project / "_quarto.yml")
    without_lists(project)
    production = open_edition(project / "params" / "demo.yml", overrides=("renderer=builtin",))

    def walls() -> set[str | None]:
        named = [step for step in steps_of(production) if step.name.startswith(("compute-", "present-"))]
        assert len(named) == 12
        return {node.state() for step in named for node in step.needs if node.name == "wall"}

    within = walls()
    monkeypatch.setenv(SWITCH, "none")
    assert len(within) == 1 and walls().isdisjoint(within)


@pytest.mark.parametrize(
    "place",
    ["_quarto.yml", "params/codelists", "build/demo/protected", "build/demo", "restricted/demo/register", A_FILE_OF_IT],
)
def test_a_link_in_the_place_of_what_notebooks_may_open_raises_no_wall(tmp_path: Path, place: str) -> None:
    (tmp_path / "secret").mkdir()
    work = Workspace(tmp_path, "demo")
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).symlink_to(tmp_path / "secret")
    with pytest.raises(EnvironmentFault, match="what a link leads to") as caught:
        compute_wall(work, {}) if "register" in place else present_wall(work)
    assert caught.value.where == str(tmp_path / place)


def test_the_folders_that_may_lie_elsewhere_may_be_links(tmp_path: Path) -> None:
    for name in ("restricted", "build"):
        (tmp_path / "share" / name).mkdir(parents=True)
        (tmp_path / name).symlink_to(tmp_path / "share" / name)
    assert present_wall(Workspace(tmp_path, "demo")) is not None
