"""A whole folder, old or new, stands at its place at every moment, or is put back; wherever the place lies."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kvarn.base import exchange
from kvarn.base.exchange import check_place, clear, copy_folder, put_back_below, recover, replacing, require_replaceable
from kvarn.errors import EnvironmentFault

CRASHING = Path(__file__).with_name("crashing.py")
MEMORY = Path("/dev/shm")
WAYS = ["renames", *(["one-stroke"] if sys.platform == "linux" else [])]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(exchange, "ONE_STROKE", request.param == "one-stroke")
    return str(request.param)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system."""
    if not os.access(MEMORY, os.W_OK) or MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no other file system here")
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="kvarn-") as folder:
        yield Path(folder)


def put(place: Path, said: str, *names: str, secret: bool = False) -> None:
    with replacing(place, secret=secret) as folder:
        for name in names or ("a.csv", "sv/b.html"):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(said)


def files(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def tried(folder: Path, *words: str) -> list[str]:
    run = subprocess.run([sys.executable, CRASHING, folder, *words], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")
@pytest.mark.parametrize("how", ["kill", "fail"])
def test_stopped_at_any_call_to_the_system_a_whole_folder_is_there_or_is_put_back(how: str, way: str, elsewhere: Path) -> None:
    *lost, last = tried(elsewhere, how, way)
    assert lost == []
    assert int(last.split()[1].rstrip(",")) > 90 and last.endswith("new")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")
def test_an_exchange_that_removes_the_old_folder_first_would_be_noticed(elsewhere: Path) -> None:
    *lost, _ = tried(elsewhere, "kill", "renames", "careless")
    assert lost


def test_a_folder_is_replaced_on_another_file_system(way: str, tmp_path: Path, elsewhere: Path) -> None:
    place = tmp_path / "publications" / "2023"
    place.parent.symlink_to(elsewhere)
    for said in ("one", "two", "three"):
        put(place, said)
        assert files(place) == {"a.csv": said, "sv/b.html": said}
        assert [path.name for path in elsewhere.iterdir()] == ["2023"]
    assert place.stat().st_dev != tmp_path.stat().st_dev


def test_a_place_that_is_a_link_stays_one(way: str, tmp_path: Path, elsewhere: Path) -> None:
    place = tmp_path / "2023"
    place.symlink_to(elsewhere / "report")
    for said in ("one", "two"):
        put(place, said)
        assert place.is_symlink() and files(elsewhere / "report") == {"a.csv": said, "sv/b.html": said}
    assert [path.name for path in elsewhere.iterdir()] == ["report"]
    assert [path.name for path in tmp_path.iterdir()] == ["2023"]


def test_what_fails_leaves_the_old_folder_and_nothing_else(way: str, tmp_path: Path) -> None:
    put(tmp_path / "2023", "old")
    with pytest.raises(OSError, match="No space left"), replacing(tmp_path / "2023") as folder:
        (folder / "a.csv").write_text("new")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert files(tmp_path / "2023") == {"a.csv": "old", "sv/b.html": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["2023"]


@pytest.mark.parametrize("code", [errno.EXDEV, errno.EBUSY, errno.EACCES, errno.EIO])
@pytest.mark.parametrize("fails", [1, 2])
def test_where_the_system_refuses_a_rename_the_old_folder_stands(
    code: int, fails: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "2023", "old")
    monkeypatch.setattr(exchange, "ONE_STROKE", False)
    rename, calls = os.rename, iter(range(1, 100))

    def refusing(source: Path, target: Path) -> None:
        if next(calls) == fails:
            raise OSError(code, os.strerror(code), str(source))
        rename(source, target)

    monkeypatch.setattr(os, "rename", refusing)
    with pytest.raises(OSError) as caught:
        put(tmp_path / "2023", "new")
    assert isinstance(caught.value, EnvironmentFault) == (code != errno.EIO)
    assert files(tmp_path / "2023") == {"a.csv": "old", "sv/b.html": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["2023"]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone can")
def test_linux_exchanges_in_one_stroke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "2023", "old")
    monkeypatch.setattr(os, "rename", lambda source, target: pytest.fail("a moment with nothing at the place"))
    put(tmp_path / "2023", "new")
    assert files(tmp_path / "2023") == {"a.csv": "new", "sv/b.html": "new"}


def test_a_run_puts_back_what_it_finds_and_removes_nothing_that_may_be_in_use(tmp_path: Path) -> None:
    for name in ("2022", "2023"):
        put(tmp_path / name, name)
    os.rename(tmp_path / "2022", tmp_path / ".2022.old")
    (tmp_path / ".2023.part" / "2023").mkdir(parents=True)
    put_back_below(tmp_path)
    assert files(tmp_path / "2022")["a.csv"] == "2022"
    assert (tmp_path / ".2023.part").is_dir()
    recover(tmp_path / "2023")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2022", "2023"]
    put_back_below(tmp_path / "not there")


def test_what_a_link_leads_to_is_put_back_beside_it(tmp_path: Path) -> None:
    (tmp_path / "publications").mkdir()
    (tmp_path / "publications" / "2023").symlink_to(tmp_path / "share" / "report")
    put(tmp_path / "share" / ".report.old", "old")
    put_back_below(tmp_path / "publications")
    assert files(tmp_path / "publications" / "2023")["a.csv"] == "old"


def test_the_new_folder_is_read_by_whoever_could_read_the_old_one(way: str, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        place = tmp_path / "2023"
        put(place, "old")
        assert mode(place) == 0o700
        place.chmod(0o2750)
        with replacing(place) as folder:
            assert mode(folder.parent) == 0o700
            (folder / "sv").mkdir()
            (folder / "sv" / "b.html").write_text("new")
    finally:
        os.umask(before)
    assert (mode(place), mode(place / "sv"), mode(place / "sv" / "b.html")) == (0o2750, 0o2750, 0o640)


def test_a_secret_folder_is_its_owners_alone_from_the_first_moment(way: str, tmp_path: Path) -> None:
    put(tmp_path / "register", "old")
    (tmp_path / "register").chmod(0o755)
    with replacing(tmp_path / "register", secret=True) as folder:
        assert mode(folder) == mode(folder.parent) == 0o700
    assert mode(tmp_path / "register") == 0o700


def test_a_copy_has_the_rights_of_its_new_place(tmp_path: Path) -> None:
    put(tmp_path / "from", "x")
    (tmp_path / "from" / "a.csv").chmod(0o600)
    (tmp_path / "from" / "sv").chmod(0o700)
    (tmp_path / "to").mkdir()
    copy_folder(tmp_path / "from", tmp_path / "to")
    assert files(tmp_path / "to") == files(tmp_path / "from")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a").touch()
    assert mode(tmp_path / "to" / "a.csv") == mode(tmp_path / "other" / "a")
    assert mode(tmp_path / "to" / "sv") == mode(tmp_path / "other")


@pytest.mark.parametrize("below", ["", "2023"])
def test_a_link_that_leads_nowhere_is_named_before_any_work(tmp_path: Path, below: str) -> None:
    (tmp_path / "publications").symlink_to(tmp_path / "share" / "not" / "mounted")
    with pytest.raises(EnvironmentFault, match=r"publications is a link to .*mounted, which is not there"):
        check_place(tmp_path / "publications" / below)


def test_a_file_or_a_mounted_file_system_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFault, match="There is a file"):
        put(tmp_path / "file", "new")
    put(tmp_path / "2023", "old")
    monkeypatch.setattr(os.path, "ismount", lambda path: str(path) == str(tmp_path / "2023"))
    with pytest.raises(EnvironmentFault, match="Mount it at the folder above"):
        put(tmp_path / "2023", "new")
    assert files(tmp_path / "2023")["a.csv"] == "old"


def test_a_linked_folder_is_cleared_and_the_link_kept(tmp_path: Path) -> None:
    put(tmp_path / "disk", "x")
    (tmp_path / "intake").symlink_to(tmp_path / "disk")
    clear(tmp_path / "intake")
    assert (tmp_path / "intake").is_symlink() and list((tmp_path / "disk").iterdir()) == []
    clear(tmp_path / "disk")
    assert not (tmp_path / "disk").exists()
    clear(tmp_path / "never")


def test_a_file_in_the_place_of_the_folder_above_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "register").write_text("no folder")
    with pytest.raises(EnvironmentFault, match=r"a file where a folder is to stand\.\n  where:  .*register\n"):
        require_replaceable(tmp_path / "register" / "year=2019")
