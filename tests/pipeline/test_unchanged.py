"""Where nothing is out of date pytask is not started, and it is just where pytask would have found nothing to do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kvarn.pipeline import engine
from kvarn.pipeline.engine import Step, run_steps, status_of
from kvarn.pipeline.nodes import Folder, Setting, file


class Works:
    """Two steps: of a file and a setting a folder, and of that a file."""

    def __init__(self, top: Path) -> None:
        self.top, self.build = top, top / "build" / "demo"
        self.limit, self.also, self.made = 4, False, "last.txt"
        (top / "a.txt").write_text("aaaa")

    def steps(self) -> list[Step]:
        folder, last = self.top / "middle", self.top / self.made
        also = [file(self.top / "also.txt")] if self.also else []

        def first() -> None:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for number in range(self.limit):
                (folder / f"{number}.txt").write_text((self.top / "a.txt").read_text())

        def second() -> None:
            last.unlink(missing_ok=True)
            last.write_text("".join(path.read_text() for path in sorted(folder.iterdir())))

        limit = Setting(name="limit", value=self.limit)
        return [
            Step("first", "Process", [file(self.top / "a.txt"), limit, *also], [Folder(path=folder)], first),
            Step("second", "Analyse", [Folder(path=folder)], [file(last)], second),
        ]

    def run(self) -> list[str]:
        return [outcome.result for outcome in run_steps(self.steps(), self.build)]


@pytest.fixture
def works(tmp_path: Path) -> Works:
    made = Works(tmp_path)
    assert made.run() == ["done", "done"]
    return made


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each time that pytask is started."""
    times: list[str] = []
    build = engine.build

    def noted(*arguments: Any, **options: Any) -> Any:
        times.append("explain" if options.get("explain") else "run")
        return build(*arguments, **options)

    monkeypatch.setattr(engine, "build", noted)
    return times


def same_length(path: Path) -> None:
    """Other bytes, as many, with the time of those before."""
    before = path.stat()
    path.write_text("A" * before.st_size)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def set_to(works: Works, **values: object) -> None:
    for name, value in values.items():
        setattr(works, name, value)


CHANGES: dict[str, Callable[[Works], object]] = {
    "a need": lambda works: (works.top / "a.txt").write_text("b"),
    "a need, to as many bytes at the same time": lambda works: same_length(works.top / "a.txt"),
    "a need goes": lambda works: ((works.top / "a.txt").unlink(), (works.top / "a.txt").write_text("c")),
    "a setting": lambda works: set_to(works, limit=5),
    "one more need": lambda works: ((works.top / "also.txt").touch(), set_to(works, also=True)),
    "another product": lambda works: set_to(works, made="other.txt"),
    "a product": lambda works: (works.top / "last.txt").write_text("mended by hand"),
    "a product, to as many bytes at the same time": lambda works: same_length(works.top / "last.txt"),
    "a product goes": lambda works: (works.top / "last.txt").unlink(),
    "a file in a folder": lambda works: (works.top / "middle" / "1.txt").write_text(""),
    "a file more in a folder": lambda works: (works.top / "middle" / "more.txt").touch(),
    "a file in a folder goes": lambda works: (works.top / "middle" / "1.txt").unlink(),
}


def test_what_is_unchanged_starts_nothing(works: Works, started: list[str]) -> None:
    assert works.run() == ["up to date", "up to date"]
    assert [step.up_to_date for step in status_of(works.steps(), works.build)] == [True, True]
    (works.top / "a.txt").touch()
    assert works.run() == ["up to date", "up to date"]
    assert started == []


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_seen(works: Works, started: list[str], change: str) -> None:
    works.run()
    CHANGES[change](works)
    assert not all(step.up_to_date for step in status_of(works.steps(), works.build))
    assert "done" in works.run()
    assert started == ["explain", "run"]
    assert works.run() == ["up to date", "up to date"]
    assert started == ["explain", "run"]


DAMAGE: dict[str, Callable[[Path], object]] = {
    "no record": lambda folder: (folder / "pytask.lock").unlink(),
    "a record that is cut": lambda folder: (folder / "pytask.lock").write_text((folder / "pytask.lock").read_text()[:200]),
    "a record of another version": lambda folder: (folder / "pytask.lock").write_text(
        (folder / "pytask.lock").read_text().replace('lock-version = "1"', 'lock-version = "1.0"')
    ),
    "a record that is still being written": lambda folder: (folder / "pytask.lock.journal").write_text(""),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_cannot_be_told_from_the_record_is_asked_of_pytask(works: Works, started: list[str], damage: str) -> None:
    DAMAGE[damage](works.build)
    if "being written" in damage:
        (works.build / "pytask.lock.journal").write_text('{"lock-version": "1", "id": "first", "state": "1"}\n')
    try:
        works.run()
    except RuntimeError:
        assert damage == "a record that is cut"
    assert started == ["run"]


@pytest.mark.parametrize("left", ["", "{", "[]", '{"a": 1}', '{"a": [[1], 2]}'])
def test_hashes_that_are_not_kept_whole_are_found_again(works: Works, left: str) -> None:
    (works.build / "hashes.json").write_text(left)
    assert works.run() == ["up to date", "up to date"]
    (works.top / "a.txt").write_text("b")
    assert works.run() == ["done", "done"]
