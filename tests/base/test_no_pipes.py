"""A pipe, socket or device where a file belongs stops a command in its own words; it waits for nobody."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.small import make_project

# What `kvarn status` reads before there is anything else; and what it reads, or kvarn itself keeps, where it is there.
_READ = (
    *("_quarto.yml", "notebooks/compute/persons.ipynb", "notebooks/present/persons.ipynb"),
    *("reports/annual-report/en/annual-report.qmd", "reports/theme/report.css"),
)
_PERHAPS = ("restricted/demo/source/population.csv", "restricted/small/history.json", "build/small/pytask.lock")
_PATIENCE = 120


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("pipes") / "project")


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kvarn", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, timeout=_PATIENCE)


@pytest.mark.parametrize("place", _READ + _PERHAPS)
def test_a_pipe_where_a_file_belongs_is_told_and_not_waited_for(project: Path, place: str) -> None:
    file = project / place
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = file.read_bytes() if file.is_file() else None
    file.unlink(missing_ok=True)
    os.mkfifo(file)
    try:
        done = _run(project, "status", "params/small.yml")
    finally:
        file.unlink()
        if kept is not None:
            file.write_bytes(kept)
    assert done.returncode in ({1} if place in _READ else {1, 2, 3})
    assert "Traceback" not in done.stderr and "defect" not in done.stderr
    if place in _READ:
        assert "This is a pipe, not a file" in done.stderr
        assert f"{file}\n  remedy:" in done.stderr


@pytest.mark.parametrize("name", ["arrivals.csv", "deaths.csv"])
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_intake_waits_for_no_pipe_and_reads_no_device(project: Path, tmp_path: Path, name: str, kind: str) -> None:
    folder = tmp_path / "deliveries"
    folder.mkdir()
    (folder / "KHSL1_0114_202301.txt").write_text("0114;193001011000;2023;01\n", encoding="utf-8")
    if kind == "pipe":
        os.mkfifo(folder / name)
    else:
        (folder / name).symlink_to("/dev/zero")
    deaths = ["--deaths", str(folder / name)] if name == "deaths.csv" else []
    into = ["--into", "restricted/register", "--receipts", "receipts"]
    done = _run(project, "intake", str(folder), *into, *deaths)
    assert done.returncode == 1
    assert f"This is a {kind}, not a file" in done.stderr
    assert f"{folder / name}" in done.stderr


_OPENS = """
import os, sys
from kvarn.base.no_pipes import refuse_pipes
refuse_pipes()
for path in sys.argv[1:]:
    try:
        open(path, "rb").close()
        print("opened")
    except OSError as error:
        print(error.strerror)
"""


def test_what_is_named_as_a_device_is_meant_and_files_are_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to("file")
    with socket.socket(socket.AF_UNIX) as bound, contextlib.chdir(tmp_path):
        bound.bind("socket")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to("/dev/null")
    paths = ["file", "link", "/dev/null", "pipe", "socket", "device", "missing"]
    done = subprocess.run([sys.executable, "-c", _OPENS, *paths], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.splitlines() == [
        *("opened", "opened", "opened"),
        *("This is a pipe, not a file", "This is a socket, not a file", "This is a device, not a file"),
        "No such file or directory",
    ]
