"""Imported populations: one file a year with its record, the same bytes each time, replaced only when it is said."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from kvarn.errors import CodeListError
from kvarn.process import import_population, is_synthetic, read_files, read_population
from tests.process.population import renderings as r
from tests.process.population.renderings import Style

PEOPLE = r.population()
WHOLE = r.with_totals(PEOPLE)


def imported(small_country: Path, content: bytes, into: Path, **options: bool | int):
    return import_population(read_files(r.put(small_country, content)), into, **options)


def test_a_year_becomes_a_file_with_a_record_and_reads_as_it_was(small_country: Path, tmp_path: Path) -> None:
    into = tmp_path / "params" / "population"
    kept = imported(small_country, r.as_pxweb_workbook(WHOLE, Style()), into)
    assert [(one.year, one.municipalities, one.new) for one in kept] == [(2018, 3, True), (2019, 3, True)]
    assert kept[1].inhabitants == kept[1].men + kept[1].women == WHOLE[2019, "00", "T", "T"]
    assert kept[1].men == WHOLE[2019, "00", "1", "T"]
    assert sorted(path.name for path in into.iterdir()) == [
        f"population-{year}{end}" for year in (2018, 2019) for end in (".csv", ".record.json")
    ]
    assert stat.S_IMODE((into / "population-2019.csv").stat().st_mode) == 0o644
    record = json.loads((into / "population-2019.record.json").read_text(encoding="utf-8"))
    assert [source["file"] for source in record["sources"]] == ["population.csv"]
    frame = read_population(into)
    assert frame.equals(read_population(r.put(small_country, r.as_csv(r.wide(PEOPLE, Style())))))


def test_the_same_figures_in_any_layout_are_there_already(small_country: Path, tmp_path: Path) -> None:
    imported(small_country, r.as_csv(r.wide(PEOPLE, Style())), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = imported(small_country, r.as_px(WHOLE, Style()), tmp_path)
    assert not any(one.new for one in kept)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_year_that_differs_is_refused_before_anything_is_written_unless_replaced(small_country: Path, tmp_path: Path) -> None:
    imported(small_country, r.as_csv(r.wide({key: n for key, n in PEOPLE.items() if key[0] == 2019}, Style())), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    corrected = PEOPLE | {(2019, "0980", "1", "3"): 9_999}
    content = r.as_csv(r.wide(corrected, Style()))
    with pytest.raises(CodeListError, match="differs: 1 figures are others") as caught:
        imported(small_country, content, tmp_path)
    assert caught.value.file == tmp_path / "population-2019.csv"
    assert "--replace" in (caught.value.remedy or "")
    # 2018 would have been new: nothing of it is there.
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    imported(small_country, content, tmp_path, replace=True)
    assert 9_999 in read_population(tmp_path)["population"].tolist()


def test_an_incomplete_population_is_not_imported(small_country: Path, tmp_path: Path) -> None:
    table = r.wide(PEOPLE, Style())
    with pytest.raises(CodeListError, match="lacks 1 municipality"):
        imported(small_country, r.as_csv([row for row in table if not row[0].startswith("0980")]), tmp_path / "into")
    assert not (tmp_path / "into").exists()


def test_checking_writes_nothing(small_country: Path) -> None:
    path = r.put(small_country, r.as_csv(r.wide(PEOPLE, Style())))
    before = sorted(small_country.rglob("*"))
    kept = import_population(read_files(path), None)
    assert all(one.path is None for one in kept)
    assert sorted(small_country.rglob("*")) == before


def test_an_imported_file_that_was_changed_is_refused_and_can_be_imported_again(small_country: Path, tmp_path: Path) -> None:
    content = r.as_csv(r.wide(PEOPLE, Style()))
    imported(small_country, content, tmp_path)
    path = tmp_path / "population-2019.csv"
    path.write_bytes(path.read_bytes().replace(b"0980,3,1,", b"0980,3,1,1"))
    with pytest.raises(CodeListError, match="not as it was imported"):
        read_population(tmp_path)
    imported(small_country, content, tmp_path, replace=True)
    assert len(read_population(tmp_path)) == 1212
    (tmp_path / "population-2018.record.json").write_text("{")
    with pytest.raises(CodeListError, match="record of an imported population is damaged"):
        read_population(tmp_path)
    (tmp_path / "population-2018.record.json").unlink()
    assert [one.new for one in imported(small_country, content, tmp_path)] == [True, False]


def test_a_write_that_fails_leaves_what_was_there(small_country: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = r.as_csv(r.wide(PEOPLE, Style()))
    imported(small_country, content, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    other = r.as_csv(r.wide(PEOPLE | {(2019, "0980", "1", "3"): 9_999}, Style()))
    with pytest.raises(OSError, match="No space"):
        imported(small_country, other, tmp_path, replace=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_record_says_what_it_was_made_with(small_country: Path, tmp_path: Path) -> None:
    people = r.with_totals(r.population([2025]))
    people[2025, "00", "T", "T"] += 3
    imported(small_country, r.as_csv(r.long(people, Style())), tmp_path, noise=1, synthetic=True)
    record = json.loads((tmp_path / "population-2025.record.json").read_text(encoding="utf-8"))
    assert (record["noise"], record["synthetic"]) == (1, True)
    assert is_synthetic(tmp_path / "population-2025.csv")
    # What was kept adds up: it has no totals.
    assert len(read_population(tmp_path)) == 606
