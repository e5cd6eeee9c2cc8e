"""What has been released is served, and nothing else: no candidate, nothing changed since, nothing by a link."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from kvarn.errors import InputError
from kvarn.serve.database import Database
from kvarn.serve.released import open_released


def test_of_each_reference_year_the_edition_that_was_released_last_is_served(shared_publications: Path) -> None:
    assert [(one.reference_year, one.name) for one in open_released(shared_publications)] == [(2023, "2023"), (2022, "2022")]


def test_a_final_edition_stands_in_the_place_of_the_preliminary_one(database: Database) -> None:
    table = database.table("persons-by-month-2023")
    assert (table.edition.name, table.stage) == ("2023", "final")
    assert not any("reliminary" in note for note in table.notes["en"])


def test_a_correction_or_a_reversion_of_the_preliminary_edition_takes_no_place_of_the_final_one(publications: Path) -> None:
    listed = _listed(publications)
    listed["releases"] += [_copied(publications, listed, "2023-preliminary", "2023-preliminary-2", 4)]
    _list(publications, listed)
    assert _of_2023(publications) == "2023"
    _list(publications, listed | {"put_back": [{"number": 5, "edition": "2023-preliminary", "instead_of": "2023-preliminary-2"}]})
    assert _of_2023(publications) == "2023"


def test_of_what_was_corrected_the_version_in_front_is_served(publications: Path) -> None:
    listed = _listed(publications)
    listed["releases"] += [_copied(publications, listed, "2023", "2023-correction-1", 4)]
    listed["releases"] += [_copied(publications, listed, "2023-correction-1", "2023-correction-2", 5)]
    _list(publications, listed)
    assert _of_2023(publications) == "2023-correction-2"
    back = [{"number": number, "edition": edition} for number, edition in ((6, "2023"), (8, "2023-correction-1"))]
    _list(publications, listed | {"put_back": back[:1]})
    assert _of_2023(publications) == "2023"
    _list(publications, listed | {"put_back": back})
    assert _of_2023(publications) == "2023-correction-1"
    listed["releases"] += [_copied(publications, listed, "2023-correction-2", "2023-correction-3", 9)]
    _list(publications, listed | {"put_back": back})
    assert _of_2023(publications) == "2023-correction-3"


def test_a_synthetic_edition_takes_no_place_of_a_real_one(publications: Path) -> None:
    listed = _listed(publications)
    for one in listed["releases"]:
        one["synthetic"] = one["edition"] == "2023"
    _list(publications, listed)
    assert _of_2023(publications) == "2023-preliminary"
    for one in listed["releases"]:
        one["synthetic"] = True
    _list(publications, listed)
    assert _of_2023(publications) == "2023"


def test_a_version_that_is_not_in_front_need_not_lie_there(publications: Path) -> None:
    listed = _listed(publications)
    listed["releases"] += [_copied(publications, listed, "2023", "2023-correction-1", 4)]
    _list(publications, listed)
    shutil.rmtree(publications / "2023")
    assert _of_2023(publications) == "2023-correction-1"


def test_a_list_of_before_corrections_is_read(publications: Path) -> None:
    listed = _listed(publications)
    for one in listed["releases"]:
        del one["synthetic"], one["corrects"]
    _list(publications, listed)
    assert [one.name for one in open_released(publications)] == ["2023", "2022"]


def _listed(publications: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((publications / "releases.json").read_text(encoding="utf-8"))
    return found


def _list(publications: Path, listed: dict[str, Any]) -> None:
    (publications / "releases.json").write_text(json.dumps(listed), encoding="utf-8")


def _copied(publications: Path, listed: dict[str, Any], corrected: str, name: str, number: int) -> dict[str, Any]:
    shutil.copytree(publications / corrected, publications / name)
    of = next(one for one in listed["releases"] if one["edition"] == corrected)
    return {**of, "edition": name, "number": number, "corrects": corrected}


def _of_2023(publications: Path) -> str:
    return open_released(publications)[0].name


@pytest.mark.parametrize("put_back", [[{"number": 9, "edition": "2019"}], [{"edition": "2023"}], {}])
def test_nothing_is_put_back_that_was_not_released(publications: Path, put_back: object) -> None:
    listed = json.loads((publications / "releases.json").read_text(encoding="utf-8"))
    (publications / "releases.json").write_text(json.dumps({**listed, "put_back": put_back}), encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        open_released(publications)


def test_a_candidate_is_not_served(database: Database) -> None:
    assert {table.edition.name for table in database.tables.values()} == {"2022", "2023"}
    assert len(database.tables) == 4 + 2


def test_without_a_release_there_is_nothing_to_serve(publications: Path) -> None:
    (publications / "releases.json").unlink()
    with pytest.raises(InputError, match="Nothing is released here"):
        open_released(publications)
    (publications / "releases.json").write_text('{"releases": [], "orders": []}', encoding="utf-8")
    with pytest.raises(InputError, match="No edition is released here"):
        open_released(publications)


@pytest.mark.parametrize(
    "said", ["", "[]", "{}", '{"releases": [{"edition": "../restricted", "number": 1}]}', '{"releases": [1]}']
)
def test_a_list_that_cannot_be_read_stops(publications: Path, said: str) -> None:
    (publications / "releases.json").write_text(said, encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        open_released(publications)


def test_an_edition_cannot_be_named_by_a_path(publications: Path) -> None:
    listed = json.loads((publications / "releases.json").read_text(encoding="utf-8"))
    listed["releases"][0]["edition"] = "../restricted/2023"
    (publications / "releases.json").write_text(json.dumps(listed), encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        open_released(publications)


@pytest.mark.parametrize("name", ["database/en/persons-by-month.json", "database/persons-by-month.px", "ro-crate-metadata.json"])
def test_a_file_that_has_changed_since_its_release_stops(publications: Path, name: str) -> None:
    file = publications / "2023" / name
    file.write_bytes(file.read_bytes() + b"\n")
    with pytest.raises(InputError, match="not the file that was released") as caught:
        Database(publications)
    assert str(file) in str(caught.value)


def test_a_link_in_the_place_of_a_file_is_not_followed(publications: Path) -> None:
    file = publications / "2023" / "database" / "sv" / "persons-by-month.json"
    moved = shutil.move(file, publications.parent / "restricted" / "moved.json")
    file.symlink_to(moved)
    with pytest.raises(InputError, match="cannot be read"):
        Database(publications)


def test_the_publications_may_themselves_lie_behind_a_link(publications: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").symlink_to(publications)
    assert len(Database(tmp_path / "elsewhere").tables) == 6


def test_once_opened_no_file_is_read_again(publications: Path) -> None:
    database = Database(publications)
    shutil.rmtree(publications)
    answer = database.answer("GET", "tables/persons-by-month-2023/data")
    assert answer.status == 200 and answer.content()
