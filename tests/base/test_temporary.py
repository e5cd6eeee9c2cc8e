"""What a dead run has left in the temporary folder is removed by the next, and nothing else is."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is swept there")

MAKE = "from kvarn.base.temporary import own_folder\nfolder = own_folder()\n(folder / 'key').write_text('secret')\n"
DIE = MAKE + "import os\nprint(folder, flush=True)\nos._exit(1)"
LIVE = MAKE + "print(folder, flush=True)\ninput()"


def environment(place: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(place)}


def run(source: str, place: Path) -> Path:
    done = subprocess.run([sys.executable, "-c", source], env=environment(place), capture_output=True, text=True, check=False)
    return Path(done.stdout.strip())


@pytest.fixture
def place() -> Iterator[Path]:
    """A place for temporary files whose path is short enough."""
    place = Path(tempfile.mkdtemp(prefix="place-", dir="/tmp"))
    yield place
    shutil.rmtree(place)


def test_the_folder_of_a_dead_run_is_removed_and_that_of_a_living_one_stays(place: Path) -> None:
    dead = run(DIE, place)
    assert (dead / "key").is_file() and dead.stat().st_mode & 0o077 == 0
    with subprocess.Popen(
        [sys.executable, "-c", LIVE], env=environment(place), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as living:
        assert living.stdout is not None
        lives = Path(living.stdout.readline().strip())
        assert not dead.exists()
        ended = run(MAKE + "print(folder)", place)
        assert not ended.exists() and (lives / "key").is_file()
        living.communicate("\n")
    assert list(place.iterdir()) == []


def test_what_kvarn_has_not_made_is_left_alone(place: Path, tmp_path: Path) -> None:
    mark = (run(DIE, place) / ".kvarn-run").read_bytes()
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / ".kvarn-run").write_bytes(mark)
    mine = [place / name for name in ("kvarn-data", "kvarn-words", "kvarn-fifo", "kvarn-link-in", "other")]
    for folder in mine:
        folder.mkdir()
    (mine[1] / ".kvarn-run").write_text("my own notes on a run of kvarn")
    os.mkfifo(mine[2] / ".kvarn-run")
    (mine[3] / ".kvarn-run").symlink_to(kept / ".kvarn-run")
    (mine[4] / ".kvarn-run").write_bytes(mark)
    (place / "kvarn-link").symlink_to(kept)
    (place / "kvarn-file").write_text("1")
    others = []
    if os.getuid() == 0:
        others = [place / "kvarn-another-user"]
        others[0].mkdir()
        (others[0] / ".kvarn-run").write_bytes(mark)
        os.chown(others[0], 1234, 1234)
    run(MAKE, place)
    assert sorted(place.iterdir()) == sorted([*mine, *others, place / "kvarn-link", place / "kvarn-file"])
    assert (kept / ".kvarn-run").is_file()


def test_a_path_that_is_too_long_for_sockets_is_no_hindrance(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    made = run(DIE, long)
    assert len(str(made)) < 80 and (made / "key").is_file()
    run(MAKE, long)
    assert not made.exists()


def test_temporary_files_of_libraries_and_programs_go_there(place: Path) -> None:
    asking = (
        "import os, subprocess, tempfile\nfrom kvarn.base.temporary import own_folder, temporary_files_within\n"
        "with temporary_files_within():\n    with tempfile.NamedTemporaryFile() as file:\n"
        "        assert os.path.dirname(file.name) == str(own_folder()) == os.environ['TMPDIR']\n"
        "assert tempfile.gettempdir() != str(own_folder())\nprint('as it should')"
    )
    assert run(asking, place) == Path("as it should")
    assert list(place.iterdir()) == []
