"""Zip archives are read without unpacking to disk, and what is wrong with one is said politely."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kvarn.collect import _archives, take_in

from .conftest import MAN, person, procedure, rows, terms

KHSL1, KHSL2 = "KHSL1_0114_202301.txt", "KHSL2_0114_202301.txt"
GOOD = {KHSL1: rows(person(), person(MAN)), KHSL2: rows(procedure(), procedure(MAN))}


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def receipt(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return found


def faults(folder: Path, name: str) -> set[str]:
    return {fault["rule"] for fault in receipt(folder, name)["faults"]}


def test_the_files_of_an_archive_are_taken_in_as_if_they_lay_in_a_folder(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "deliveries.zip", {f"2023/{name}": content for name, content in GOOD.items()})
    store, receipts = tmp_path / "store", tmp_path / "receipts"
    outcome = take_in([archive], store, terms=terms(), receipts=receipts)
    assert (len(outcome.entries), outcome.rejected) == (2, [])
    assert outcome.entries[0].place == f"{archive}/2023/{KHSL1}"
    assert receipt(receipts, KHSL2)["accepted"] == 2
    assert take_in([archive], store, terms=terms()).known == 2


def test_an_archive_in_a_folder_of_deliveries_is_opened(tmp_path: Path) -> None:
    (tmp_path / "deliveries").mkdir()
    zipped(tmp_path / "deliveries" / "one.zip", GOOD)
    (tmp_path / "deliveries" / "KHSL1_0180_202301.txt").write_bytes(rows(person(municipality="0180")))
    assert len(take_in([tmp_path / "deliveries"], tmp_path / "store", terms=terms()).entries) == 3


def test_what_a_system_adds_to_an_archive_is_no_delivery(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {KHSL1: GOOD[KHSL1], f"__MACOSX/._{KHSL1}": b"x", ".DS_Store": b"x"})
    assert [entry.name for entry in take_in([archive], tmp_path / "store", terms=terms()).entries] == [KHSL1]


@pytest.mark.parametrize("name", [f"../{KHSL1}", f"a/../../{KHSL1}", f"/etc/{KHSL1}", f"C:\\{KHSL1}", f"..\\{KHSL1}"])
def test_a_path_out_of_the_archive_is_refused_and_nothing_is_written_there(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    archive = zipped(tmp_path / "in" / "a.zip", {name: GOOD[KHSL1], KHSL2: GOOD[KHSL2]})
    outcome = take_in([archive], tmp_path / "store", terms=terms(), receipts=tmp_path / "receipts")
    assert faults(tmp_path / "receipts", "a.zip") == {"archive-path"}
    assert len(outcome.rejected) == len(outcome.entries) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "receipts", "store"]


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "bomb.zip", {KHSL1: bytes(50 * 1024 * 1024)})
    assert archive.stat().st_size < 100_000
    take_in([archive], tmp_path / "store", terms=terms(), receipts=tmp_path / "receipts")
    assert faults(tmp_path / "receipts", "bomb.zip") == {"archive-size"}


def test_a_bomb_that_lies_about_its_size_is_read_no_further_than_it_says(tmp_path: Path) -> None:
    content = bytes(8 * 1024 * 1024)
    archive = zipped(tmp_path / "liar.zip", {KHSL1: content})
    packed = archive.read_bytes().replace(len(content).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    archive.write_bytes(packed)
    outcome = take_in([archive], tmp_path / "store", terms=terms(), receipts=tmp_path / "receipts")
    assert [entry.verdict for entry in outcome.entries] == ["rejected"]
    assert outcome.entries[0].bytes <= 1000


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_archives, "MOST_MEMBERS", 3)
    archive = zipped(tmp_path / "many.zip", {f"KHSL1_0114_2023{month:02}.txt": b"x" for month in range(1, 6)})
    take_in([archive], tmp_path / "store", terms=terms(), receipts=tmp_path / "receipts")
    assert faults(tmp_path / "receipts", "many.zip") == {"archive-size"}


def test_an_archive_in_an_archive_is_refused_alone(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as nested:
        nested.writestr(KHSL2, GOOD[KHSL2])
    archive = zipped(tmp_path / "outer.zip", {"inner.zip": inner.getvalue(), KHSL1: GOOD[KHSL1]})
    outcome = take_in([archive], tmp_path / "store", terms=terms(), receipts=tmp_path / "receipts")
    assert faults(tmp_path / "receipts", "inner.zip") == {"archive-nested"}
    assert len(outcome.rejected) == 1 and len(outcome.entries) == 2


@pytest.mark.parametrize(
    ("content", "rule"),
    [(b"PK\x03\x04 and then nothing of the kind", "archive-unreadable"), (b"", "archive-unreadable")],
)
def test_a_damaged_archive_is_refused(tmp_path: Path, content: bytes, rule: str) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    take_in([tmp_path / "a.zip"], tmp_path / "store", terms=terms(), receipts=tmp_path / "receipts")
    assert faults(tmp_path / "receipts", "a.zip") == {rule}


def test_a_damaged_member_is_refused_alone(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        for name, content in GOOD.items():
            packed.writestr(name, content)
    archive.write_bytes(archive.read_bytes().replace(GOOD[KHSL2], b"#" * len(GOOD[KHSL2])))
    outcome = take_in([archive], tmp_path / "store", terms=terms(), receipts=tmp_path / "receipts")
    assert [entry.name for entry in outcome.rejected] == [KHSL2]
    assert faults(tmp_path / "receipts", KHSL2) == {"file-unreadable"}


def test_an_empty_and_an_encrypted_archive_are_refused(tmp_path: Path) -> None:
    zipped(tmp_path / "empty.zip", {})
    encrypted = zipped(tmp_path / "encrypted.zip", GOOD)
    content = bytearray(encrypted.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := content.find(signature, place + 1)) >= 0:
            content[place + offset] |= 1
    encrypted.write_bytes(content)
    take_in([tmp_path / "empty.zip", encrypted], tmp_path / "store", terms=terms(), receipts=tmp_path / "receipts")
    assert faults(tmp_path / "receipts", "empty.zip") == {"archive-empty"}
    assert faults(tmp_path / "receipts", "encrypted.zip") == {"archive-encrypted"}


@pytest.mark.parametrize("inside", ["[Content_Types].xml", "mimetype"])
@pytest.mark.parametrize("name", ["KHSL1_0114_202301.xlsx", "KHSL1_0114_202301.ods", "brev.docx", "month.zip"])
def test_a_spreadsheet_is_one_file_that_is_rejected_and_no_archive(tmp_path: Path, name: str, inside: str) -> None:
    """A workbook is packed as an archive is: its parts are nobody's deliveries, and its sender gets one receipt."""
    (tmp_path / "in").mkdir()
    zipped(tmp_path / "in" / name, {"docProps/app.xml": b"<a/>", inside: b"x\n" * 40, "xl/worksheets/sheet1.xml": b"<b/>"})
    outcome = take_in([tmp_path / "in"], tmp_path / "store", terms=terms(), receipts=tmp_path / "receipts")
    assert [path.name for path in (tmp_path / "receipts").glob("*.json")] == [f"{name}.json"]
    assert len(outcome.entries) == len(outcome.rejected) == 1 and "file-name" in faults(tmp_path / "receipts", name)


def test_a_workbook_is_told_to_be_saved_as_text(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    openpyxl.Workbook().save(tmp_path / "in" / "KHSL1_0114_202301.xlsx")
    take_in([tmp_path / "in"], tmp_path / "store", terms=terms(), receipts=tmp_path / "receipts")
    page = (tmp_path / "receipts" / "KHSL1_0114_202301.xlsx.html").read_text(encoding="utf-8")
    assert "kalkylblad" in page and "ren text" in page and "spreadsheet" in page
