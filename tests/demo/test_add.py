"""A year added to a register: the same as if it had been made with the others, and nothing of the others touched."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kvarn.demo import _place as place
from kvarn.demo import add_year, write_demo
from kvarn.errors import InputError

from .test_write import bytes_of

ARGUMENTS = {"persons": 300, "procedures_per_person": 3, "seed": 5, "faults": {"corrected_delivery": 0.1}}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("made") / "demo"
    write_demo(folder, first_year=2022, last_year=2023, **ARGUMENTS)  # type: ignore[arg-type]
    before = bytes_of(folder)
    yield folder
    assert bytes_of(folder) == before, "no test has written into the deliveries of another"


@pytest.fixture
def demo(made: Path, tmp_path: Path) -> Path:
    """A register of a test's own; its deliveries, of which there are thousands, are second names of those that were made."""
    folder = tmp_path / "demo"
    shutil.copytree(made, folder, ignore=shutil.ignore_patterns("KHSL*"))
    for delivery in made.glob("deliveries/**/KHSL*"):
        os.link(delivery, folder / delivery.relative_to(made))
    return folder


def identities(folder: Path, year: int) -> set[str]:
    files = folder.glob(f"deliveries/{year}/KHSL1*")
    return set(re.findall(r"[0-9]{12}", "".join(file.read_text("latin-1") for file in files)))


def test_a_year_added_gives_the_same_bytes_as_all_years_at_once(demo: Path, made: Path, tmp_path: Path) -> None:
    add_year(demo, 2024)
    write_demo(tmp_path / "at-once", first_year=2022, last_year=2024, **ARGUMENTS)  # type: ignore[arg-type]
    assert bytes_of(demo) == bytes_of(tmp_path / "at-once")
    before, after = bytes_of(made), bytes_of(demo)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"deliveries/arrivals.csv", "faults.csv", "population.csv", "made-from.json", "SYNTHETIC.txt"}
    earlier, later = (folder / "deliveries" / "arrivals.csv" for folder in (made, demo))
    assert later.read_text().startswith(earlier.read_text())
    lines = zip(
        (made / "population.csv").read_text().splitlines(), (demo / "population.csv").read_text().splitlines(), strict=True
    )
    assert all(after.startswith(f"{before},") for before, after in lines)


def test_most_persons_go_on_into_the_added_year_and_some_are_new(demo: Path) -> None:
    add_year(demo, 2024)
    earlier, later = identities(demo, 2023), identities(demo, 2024)
    assert 0.55 < len(earlier & later) / len(later) < 0.95


def test_what_the_user_has_changed_in_earlier_years_stays(demo: Path) -> None:
    corrected = next((demo / "deliveries" / "2023").glob("KHSL1*"))
    corrected.unlink()
    corrected.write_text("a correction of the user's own\n")
    (demo / "notes.txt").write_text("mine\n")
    add_year(demo, 2024)
    assert corrected.read_text() == "a correction of the user's own\n" and (demo / "notes.txt").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("year", "said"), [(2022, "there already"), (2023, "there already"), (2025, "one run of years"), (2021, "one run of years")]
)
def test_a_year_that_is_there_or_leaves_a_gap_is_refused(demo: Path, year: int, said: str) -> None:
    before = bytes_of(demo)
    with pytest.raises(InputError, match=said) as refused:
        add_year(demo, year)
    assert refused.value.remedy == "Add 2024."
    assert bytes_of(demo) == before


def test_a_year_beyond_what_is_offered_is_refused(tmp_path: Path) -> None:
    write_demo(tmp_path / "demo", persons=300, procedures_per_person=2, first_year=2035, last_year=2035)
    with pytest.raises(InputError, match="2036"):
        add_year(tmp_path / "demo", 2036)


def test_a_register_of_another_generator_is_not_continued(demo: Path) -> None:
    record = json.loads((demo / "made-from.json").read_text())
    (demo / "made-from.json").write_text(json.dumps(record | {"generator": "older"}))
    with pytest.raises(InputError, match="another version") as refused:
        add_year(demo, 2024)
    assert "anew" in str(refused.value.remedy)


RECORDS = [None, "{}", "[]", "nonsense", '{"persons": "many"}', '{"persons": 1e999, "generator": 1}']


@pytest.mark.parametrize("record", [*RECORDS, '{"generator": 1, "persons": 300, "more": 1}'])
def test_a_folder_without_a_right_record_is_refused(demo: Path, record: str | None) -> None:
    (demo / "made-from.json").unlink()
    if record is not None:
        (demo / "made-from.json").write_text(record)
    with pytest.raises(InputError) as refused:
        add_year(demo, 2024)
    assert refused.value.file == demo / "made-from.json" and refused.value.remedy


def test_nothing_to_add_to_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No synthetic register"):
        add_year(tmp_path / "demo", 2024)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("spoil", ["population.csv", "faults.csv", "deliveries/arrivals.csv"])
def test_a_file_that_cannot_be_extended_stops_before_anything_is_changed(demo: Path, spoil: str) -> None:
    path = demo / spoil
    path.unlink() if spoil != "population.csv" else path.write_text("region;age\n")
    before = bytes_of(demo)
    with pytest.raises(InputError, match=r"population|missing"):
        add_year(demo, 2024)
    assert bytes_of(demo) == before and sorted(p.name for p in demo.parent.iterdir()) == ["demo"]


def test_a_killed_run_leaves_the_old_register_as_it_was(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bytes_of(demo)
    for when in ("year", "population"):

        def kill(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            if when == "population":
                patched.setattr("kvarn.demo._write.with_another_year", kill)
            add_year(demo, 2024, progress=kill if when == "year" else None)
        assert bytes_of(demo) == before
    assert sorted(path.name for path in demo.parent.iterdir()) == ["demo"]


def test_a_run_killed_between_the_two_renames_is_put_right_by_the_next(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bytes_of(demo)
    demo.rename(demo.with_name(".demo.old"))
    (demo.with_name(".demo.part")).mkdir()
    with pytest.raises(InputError, match="No synthetic register"):
        add_year(demo.with_name("another"), 2024)
    with pytest.raises(InputError, match="one run of years"):
        add_year(demo, 2030)
    assert bytes_of(demo) == before


def test_a_file_system_without_second_names_copies(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    add_year(demo, 2024)
    assert (demo / "deliveries" / "2024").is_dir() and (demo / "deliveries" / "2022").is_dir()


def test_a_register_behind_a_link_is_extended_where_it_lies(demo: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(demo)
    add_year(link, 2024)
    assert link.is_symlink() and (demo / "deliveries" / "2024").is_dir()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo", "link"]


def test_writing_anew_only_if_needed(demo: Path) -> None:
    add_year(demo, 2024)
    before = {file: file.stat().st_ino for file in demo.rglob("*")}
    write_demo(demo, first_year=2022, last_year=2023, if_needed=True, **ARGUMENTS)  # type: ignore[arg-type]
    assert {file: file.stat().st_ino for file in demo.rglob("*")} == before
    for other in ({"last_year": 2025}, {"first_year": 2023}, {"seed": 6}, {"faults": {}}):
        told: list[str] = []

        def stop(line: str) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            write_demo(demo, if_needed=True, progress=stop, **{"first_year": 2022, "last_year": 2023, **ARGUMENTS, **other})  # type: ignore[arg-type]
        assert not told


def test_the_folder_is_put_back_when_the_new_one_cannot_be_moved(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bytes_of(demo)
    renamed = os.rename

    def broken(source: Path, target: Path) -> None:
        if ".part" in str(source):
            raise OSError(errno.EIO, "no")
        renamed(source, target)

    monkeypatch.setattr("kvarn.base.exchange.ONE_STROKE", False)
    monkeypatch.setattr(os, "rename", broken)
    with pytest.raises(OSError, match="no"):
        add_year(demo, 2024)
    assert bytes_of(demo) == before
    assert place.NOTICE in before
