"""A notebook leaves no descriptor, thread, process or temporary file behind, however it ended: a report has dozens."""

import contextlib
import gc
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kvarn.base.temporary import own_folder
from kvarn.errors import NotebookError
from kvarn.pipeline.kernel_ways import SWITCH
from kvarn.pipeline.notebooks import run_notebook

Writer = Callable[..., Path]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

ENDINGS = {
    "good": "import subprocess\nsubprocess.Popen(['sleep', '600'], start_new_session=True)\nprint(1)",
    "wrong": "1 / 0",
    "dead": "import os\nos._exit(3)",
    "by-itself": "raise SystemExit(0)\n",
}


def held() -> tuple[object, ...]:
    """Descriptors, threads of Python and of the system, processes below this one, temporary files."""
    threads = threading.active_count(), len(os.listdir("/proc/self/task"))
    temporary = [*own_folder().rglob("*"), *Path(tempfile.gettempdir()).glob("pymp-*")]
    return len(os.listdir("/proc/self/fd")), *threads, sorted(below(os.getpid())), sorted(map(str, temporary))


def settled(before: tuple[object, ...]) -> tuple[object, ...]:
    """What is held now, once a keeper that has told of the end has ended too: on a busy machine it may be about to."""
    until = time.monotonic() + 10
    while (now := held()) != before and time.monotonic() < until:
        time.sleep(0.05)
    return now


def at_rest() -> tuple[object, ...]:
    """What is held once nothing of it changes for half a second, and what tests before this one have dropped is collected.

    The keeper of the notebook before may be about to end here, too.
    """
    gc.collect()
    now, until = held(), time.monotonic() + 30
    still = time.monotonic()
    while time.monotonic() - still < 0.5 and time.monotonic() < until:
        time.sleep(0.05)
        if (later := held()) != now:
            now, still = later, time.monotonic()
    return now


def below(process: int) -> set[int]:
    """The processes that this one has started, and those that they have."""
    found: set[int] = set()
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found |= {int(one) for one in listed.read_text().split()}
    # One that has ended, and that nobody has waited for yet, holds nothing.
    running = {one for one in found if Path(f"/proc/{one}").exists() and state(one) != "Z"}
    return running | {lower for one in running for lower in below(one)}


def state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


@pytest.mark.parametrize("way", ["fork", "spawn-tcp"])
def test_no_notebook_leaves_a_descriptor_a_thread_a_process_or_a_file(
    way: str, write_notebook: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, way)
    notebooks = {name: write_notebook(source, "print(2)", name=name) for name, source in ENDINGS.items()}

    def run(name: str) -> None:
        with contextlib.suppress(NotebookError):
            run_notebook(notebooks[name], tmp_path / "out" / f"{name}.ipynb", {}, root=tmp_path)

    with ThreadPoolExecutor(1) as beside:
        for name in ("good", "wrong"):
            run(name)
            beside.submit(run, name).result()
        before = at_rest()
        for name in ENDINGS if way == "fork" else ("good", "dead"):
            run(name)
            beside.submit(run, name).result()
            assert settled(before) == before, name


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """More open descriptors than `select.select` knows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2000:
        pytest.skip(f"this system allows {hard} descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    yield
    for descriptor in opened:
        os.close(descriptor)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_descriptors")
@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_a_process_with_many_open_files_runs_notebooks(
    way: str, write_notebook: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, way)
    run_notebook(write_notebook("print(1)"), tmp_path / "out.ipynb", {}, root=tmp_path)
    with pytest.raises(NotebookError, match="exit code 3"):
        run_notebook(write_notebook(ENDINGS["dead"], "1"), tmp_path / "dead.ipynb", {}, root=tmp_path)
