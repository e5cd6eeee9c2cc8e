"""What a killed command has begun to write is removed by the next that writes there, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.base.leftovers import beside, sweep, written_by
from kvarn.errors import CodeListError

# Each dies in the middle of a rename, as kill -9 does.
_DIE = "import os; os.replace = lambda *_: os._exit(9)\n"
_IMPORT = f"""
from pathlib import Path
from kvarn import metadata
metadata.use_project(Path({str(Path(__file__).parents[2])!r}))
metadata.import_codelist(Path("given.csv"), name="profession", year=2023, into=Path("params/codelists"), short="for the test")
"""
_POPULATION = """
from pathlib import Path
from kvarn.process.population import _import
_import._put_in_place({Path("params/population/population-2023.csv").absolute(): ("figures", "record")})
"""


def _run(source: str, folder: Path) -> int:
    return subprocess.run([sys.executable, "-c", source], cwd=folder, check=False, timeout=120).returncode


@pytest.fixture
def dead() -> int:
    """A process that has been, and is no more."""
    return int(subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True).stdout)


def test_what_the_dead_have_left_is_removed_and_what_the_living_write_stays(tmp_path: Path, dead: int) -> None:
    mine = beside(tmp_path / "list.csv")
    assert written_by(mine) == os.getpid()
    stays = [mine, tmp_path / f"list.{dead}.partial", tmp_path / ".list.partial", tmp_path / ".hidden", tmp_path / "list.csv"]
    for path in stays:
        path.write_text("", encoding="utf-8")
    (tmp_path / f".list.csv.{dead}.partial").write_text("", encoding="utf-8")
    (tmp_path / f".population.{dead}.partial").mkdir()
    (tmp_path / f".population.{dead}.partial" / "population-2023.csv").write_text("", encoding="utf-8")
    (tmp_path / f".link.{dead}.partial").symlink_to(tmp_path / "list.csv")
    sweep(tmp_path)
    assert set(tmp_path.iterdir()) == {*stays, tmp_path / f".link.{dead}.partial"}
    sweep(tmp_path / "not-there")


def test_a_killed_import_of_a_list_stops_nobody_and_leaves_nothing(project: Path) -> None:
    (project / "given.csv").write_text("Kod;Benämning\nXS918;Sjuksköterska\n", encoding="utf-8")
    folder = project / "params" / "codelists"
    for after in (metadata.require_lists_alone, lambda root: _run(_IMPORT, root)):
        assert _run(_DIE + _IMPORT, project) == 9
        assert [path for path in folder.iterdir() if path.name.startswith(".")]
        after(project)
        assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_a_list_that_is_being_written_is_told_as_that(project: Path) -> None:
    folder = project / "params" / "codelists"
    folder.mkdir(parents=True, exist_ok=True)
    beside(folder / "profession-2023.csv").write_text("", encoding="utf-8")
    with pytest.raises(CodeListError, match=f"process {os.getpid()}"):
        metadata.require_lists_alone(project)


def test_a_killed_import_of_a_population_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "params" / "population"
    folder.mkdir(parents=True)
    assert _run(_DIE + _POPULATION, tmp_path) == 9
    assert len(list(folder.iterdir())) == 1
    assert _run(_POPULATION, tmp_path) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["population-2023.csv", "population-2023.record.json"]
