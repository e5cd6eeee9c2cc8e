"""The publication, the build folder and restricted data may lie on other file systems; what was published is never lost."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from kvarn.base import exchange
from kvarn.errors import EnvironmentFault, NotebookError
from kvarn.pipeline import Production, actions, open_edition, publishing, steps_of
from kvarn.pipeline.given_parameters import parameters_given

pytestmark = pytest.mark.end_to_end

MEMORY = Path("/dev/shm")


@pytest.fixture(scope="module")
def elsewhere(deaths: Production, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if not os.access(MEMORY, os.W_OK) or MEMORY.stat().st_dev == deaths.root.stat().st_dev:
        pytest.skip("there is no other file system here")
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="kvarn-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def linked(deaths: Production, tmp_path_factory: pytest.TempPathFactory, elsewhere: Path) -> Production:
    """The shared edition as it was before its last step, in a project whose folders are links to another file system."""
    root = tmp_path_factory.mktemp("linked") / "project"
    shutil.copytree(deaths.root, root, ignore=shutil.ignore_patterns("restricted", "build", "publications"))
    for name in ("restricted", "build"):
        shutil.copytree(deaths.root / name, elsewhere / name)
        (root / name).symlink_to(elsewhere / name)
    (elsewhere / "share").mkdir()
    (root / "publications").symlink_to(elsewhere / "share")
    return open_edition(root / "params" / "small.yml", overrides=deaths.overrides)


def held(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_is_published_on_another_file_system_to_the_same_bytes(
    linked: Production, deaths: Production, elsewhere: Path
) -> None:
    steps_of(linked)
    publishing.publish(linked)
    assert held(linked.workspace.publication) == held(deaths.workspace.publication)
    assert [path.name for path in (elsewhere / "share").iterdir()] == ["small"]
    assert not (linked.workspace.build / "publication.part").exists()


@pytest.mark.parametrize("failing", ["_in_one_stroke", "_take_over", "_settle"])
def test_an_exchange_that_fails_leaves_every_file_of_what_was_published(
    linked: Production, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    before = held(linked.workspace.publication)
    assert len(before) > 20
    # It has been examined in the test before this one.
    for name in ("check_publication", "attack_publication"):
        monkeypatch.setattr(publishing, name, lambda *arguments, **named: None)

    def fail(*arguments: object) -> bool:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    with monkeypatch.context() as patched, pytest.raises(EnvironmentFault, match="What stood there stands there still"):
        patched.setattr(exchange, failing, fail)
        publishing.publish(linked)
    assert held(linked.workspace.publication) == before
    assert [path.name for path in (elsewhere / "share").iterdir()] == ["small"]
    publishing.publish(linked)
    assert held(linked.workspace.publication) == before


def test_a_publication_whose_exchange_was_stopped_is_there_again_when_the_edition_is_opened(
    linked: Production, elsewhere: Path
) -> None:
    before = held(linked.workspace.publication)
    os.rename(elsewhere / "share" / "small", elsewhere / "share" / ".small.old")
    open_edition(linked.params, overrides=linked.overrides)
    assert held(linked.workspace.publication) == before


def test_a_share_that_is_not_connected_is_an_error_before_anything_runs(linked: Production, elsewhere: Path) -> None:
    os.rename(elsewhere / "share", elsewhere / "away")
    try:
        with pytest.raises(EnvironmentFault, match=r"publications is a link to .*share, which is not there"):
            open_edition(linked.params, overrides=linked.overrides)
    finally:
        os.rename(elsewhere / "away", elsewhere / "share")


def test_a_notebook_that_ends_before_it_has_saved_its_table_stops_the_run(linked: Production) -> None:
    notebook = next(one for one in linked.notebooks("compute") if one.stem == "deaths")
    table = linked.workspace.tables / "deliveries-by-year.parquet"
    actions.compute(linked, notebook, parameters_given(linked, notebook))
    before = table.read_bytes()
    read = nbformat.read(notebook, as_version=4)
    saving = next(cell for cell in read.cells if cell.id == "deliveries")
    plain, saving.source = saving.source, f"raise SystemExit\n{saving.source}"
    nbformat.write(read, notebook)
    with pytest.raises(NotebookError, match="ended itself here") as caught:
        actions.compute(linked, notebook, parameters_given(linked, notebook))
    assert caught.value.cell == "deliveries"
    assert table.read_bytes() == before
    # What cannot be determined from the source stops `kvarn publish` and `kvarn status` before anything is computed.
    saving.source = f"if years:\n{textwrap.indent(plain, '    ')}"
    nbformat.write(read, notebook)
    with pytest.raises(NotebookError, match="deliveries-by-year is saved under a condition"):
        steps_of(linked)
    saving.source = plain
    nbformat.write(read, notebook)
