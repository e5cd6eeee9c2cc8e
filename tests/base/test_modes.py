"""What kvarn writes is its owner's alone; what may leave the building has the modes that it always had."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kvarn.base.exchange import replacing
from kvarn.base.modes import as_usual, make_private, make_usual, private

UMASKS = (0o000, 0o002, 0o022, 0o077)


@pytest.fixture(params=UMASKS)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_whatever_the_umask_new_things_are_their_owners_alone_in_other_processes_too(tmp_path: Path, umask: int) -> None:
    with private(), private():
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "file").write_text("", encoding="utf-8")
        subprocess.run(["touch", str(tmp_path / "folder" / "other")], check=True)
    assert mode(tmp_path / "folder") == 0o700
    assert {mode(path) for path in (tmp_path / "folder").iterdir()} == {0o600}
    (tmp_path / "after").touch()
    assert mode(tmp_path / "after") == 0o666 & ~umask


def test_a_publication_has_the_modes_that_it_would_have_had(tmp_path: Path, umask: int) -> None:
    place = tmp_path / "publications" / "2023"
    with private(), replacing(place) as new:
        (new / "data").mkdir()
        (new / "data" / "table.csv").write_text("", encoding="utf-8")
    assert mode(place.parent) == mode(place) == mode(place / "data") == 0o777 & ~umask
    assert mode(place / "data" / "table.csv") == 0o666 & ~umask


def test_what_is_secret_stays_so_through_an_exchange(tmp_path: Path, umask: int) -> None:
    with private(), replacing(tmp_path / "secret", secret=True) as new:
        (new / "file").touch()
    assert mode(tmp_path / "secret") == 0o700 and mode(tmp_path / "secret" / "file") == 0o600


def test_public_folders_and_files_can_be_made_in_the_middle_of_a_run(tmp_path: Path, umask: int) -> None:
    with private():
        make_usual(tmp_path / "params" / "population")
        (tmp_path / "params" / "list.csv").touch()
        as_usual(tmp_path / "params" / "list.csv")
    assert mode(tmp_path / "params") == mode(tmp_path / "params" / "population") == 0o777 & ~umask
    assert mode(tmp_path / "params" / "list.csv") == 0o666 & ~umask


def test_what_lies_in_the_restricted_folder_of_a_project_is_never_made_usual(tmp_path: Path, umask: int) -> None:
    (tmp_path / "restricted" / "project").mkdir(parents=True)
    project = tmp_path / "restricted" / "project"
    (project / "_quarto.yml").touch()
    with private():
        make_usual(project / "restricted" / "population")
        make_usual(project / "params")
        secret, public = project / "restricted" / "population" / "2023.csv", project / "params" / "2023.csv"
        for path in (secret, public):
            path.touch()
            as_usual(path)
        with replacing(project / "restricted" / "receipts") as new:
            (new / "a.html").touch()
    assert mode(project / "restricted") == mode(secret.parent) == mode(project / "restricted" / "receipts") == 0o700
    assert mode(secret) == mode(project / "restricted" / "receipts" / "a.html") == 0o600
    # A folder of the same name above the project is another's.
    assert mode(public.parent) == 0o777 & ~umask and mode(public) == 0o666 & ~umask


def test_wrong_modes_are_mended_counted_and_a_link_leads_nowhere_else(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "deep").mkdir(parents=True)
    (elsewhere / "deep" / "file").touch()
    disk = tmp_path / "disk"
    (disk / "2023" / "tables").mkdir(parents=True)
    (disk / "2023" / "tables" / "a.parquet").touch()
    (disk / "2023" / "a.failed.ipynb").touch()
    (disk / "link").symlink_to(elsewhere)
    (disk / "pseudonym.key").touch()
    restricted = tmp_path / "restricted"
    restricted.symlink_to(disk)
    for above, names, files in os.walk(disk):
        for name in (*names, *files):
            if not os.path.islink(os.path.join(above, name)):
                os.chmod(os.path.join(above, name), 0o777)
    disk.chmod(0o755)
    before = {path: mode(path) for path in (elsewhere, elsewhere / "deep" / "file")}
    assert make_private(restricted) == 5
    assert make_private(restricted) == 0
    assert {mode(path) for path in (disk, disk / "2023", disk / "2023" / "tables")} == {0o700}
    assert {mode(path) for path in (disk / "2023" / "tables" / "a.parquet", disk / "2023" / "a.failed.ipynb")} == {0o600}
    assert {path: mode(path) for path in before} == before
    # The key is no file like others: whoever reads it is told, and stopped.
    assert mode(disk / "pseudonym.key") == 0o777


def test_what_a_command_has_made_is_mended_after_it_wherever_it_lies(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    (folder / "2023").mkdir(parents=True)
    for name in ("old", "2023/old"):
        (folder / name).touch()
    for path in (folder, folder / "2023"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    with private():
        assert make_private(folder) == 4
        os.umask(0)
        (folder / "2023" / "new").touch()
        (folder / "2024").mkdir()
        (folder / "2024" / "new").touch()
        # Something else in the place of what was there.
        (folder / "other").touch()
        (folder / "other").rename(folder / "old")
        assert make_private(folder) == 4
        assert make_private(folder) == 0
    assert {mode(path) for path in folder.rglob("*") if path.is_file()} == {0o600}
    assert {mode(path) for path in (folder, *folder.rglob("*")) if path.is_dir()} == {0o700}
