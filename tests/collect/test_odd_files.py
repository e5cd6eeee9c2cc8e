"""One odd file never stops an intake: it is judged and gets a receipt, or is named as passed over; the others are taken in."""

from __future__ import annotations

import bz2
import contextlib
import csv
import datetime as dt
import gc
import json
import lzma
import os
import socket
import sqlite3
import zipfile
from pathlib import Path

import pytest

from kvarn.collect import Outcome, delivery_log, procedures_without_care, take_in, write_overview
from kvarn.errors import InputError

from .conftest import person, procedure, rows, terms

KHSL1, KHSL2 = "KHSL1_0114_202301.txt", "KHSL2_0114_202301.txt"
GOOD = {KHSL1: rows(person()), KHSL2: rows(procedure())}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two right deliveries; what a test puts beside them must not keep them out."""
    made = tmp_path / "d"
    made.mkdir()
    for name, content in GOOD.items():
        (made / name).write_bytes(content)
    return made


def taken_in(folder: Path) -> Outcome:
    """An intake with receipts and overview, twice: whatever was odd must not stop the next one either."""
    store, receipts = folder.parent / "store", folder.parent / "receipts"
    outcome = take_in([folder], store, terms=terms(), receipts=receipts)
    write_overview(store, receipts)
    again = take_in([folder], store, terms=terms(), receipts=receipts)
    write_overview(store, receipts)
    assert sorted(entry.place for entry in again.entries) == sorted(entry.place for entry in outcome.entries)
    assert {entry.name for entry in outcome.entries if entry.verdict == "accepted"} >= set(GOOD)
    assert procedures_without_care(store)[0].year == 2023
    return outcome


def rules_of(folder: Path, outcome: Outcome) -> dict[str, set[str]]:
    """The rules that each rejected file breaks, by its receipts."""
    receipts = folder.parent / "receipts"
    every = [*receipts.glob("*.json"), *(receipts / "earlier").glob("*.json")]
    told = {found["delivery"]: found for found in (json.loads(path.read_bytes()) for path in every)}
    return {entry.name: {fault["rule"] for fault in told[entry.number]["faults"]} for entry in outcome.rejected}


def reasons(outcome: Outcome) -> dict[str, str]:
    return {Path(found.place).name: found.reason for found in outcome.passed_over}


def test_a_name_that_is_not_utf_8_is_judged_and_gets_a_receipt(folder: Path) -> None:
    for name in (
        b"KHSL1_0114_202302\xff.txt",
        b"\xe5\xe4\xf6",
        b"a\x80\n\t.zip",
        b"in\xff/" + KHSL2.encode().replace(b"0114", b"0180"),
    ):
        place = os.path.join(os.fsencode(folder), name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        Path(os.fsdecode(place)).write_bytes(rows(procedure(municipality="0180")))
    outcome = taken_in(folder)
    assert rules_of(folder, outcome) == {
        "KHSL1_0114_202302\\xff.txt": {"file-name"},
        "\\xe5\\xe4\\xf6": {"file-name"},
        "a\\x80\n\t.zip": {"archive-unreadable"},
    }
    [inside] = [entry for entry in outcome.entries if "0180" in entry.name]
    assert inside.verdict == "accepted" and "in\\xff/" in inside.place


YEARS = ("0000", "0001", "1583", "1677", "1899", "1900", "2006", "2099", "2100", "2263", "9999")


def test_whatever_year_a_name_tells_the_register_goes_on(folder: Path) -> None:
    names = [f"{kind}_0114_{year}{month}.txt" for kind in ("KHSL1", "KHSL2", "KHSL9") for year in YEARS for month in ("01", "12")]
    for name in names:
        (folder / name).write_bytes(rows(person(year=name[11:15], month=name[15:17])))
    (folder / "9999").mkdir()
    (folder / "9999" / "KHSL1.txt").write_bytes(b"x")
    outcome = taken_in(folder)
    told = rules_of(folder, outcome)
    assert set(told) == {*names, "KHSL1.txt"} and told.pop("KHSL1.txt") == {"file-name"}
    assert all(broken & {"file-future", "file-first-year", "file-type"} for broken in told.values())
    receipts = folder.parent / "receipts"
    assert sorted(path.name for path in receipts.glob("overview-*.html")) == ["overview-2023.html"]
    overview = (receipts / "overview.html").read_text(encoding="utf-8")
    assert all(name in overview for name in names), "those without a place are named"


def test_where_no_name_tells_a_year_there_is_an_overview_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "KHSL1_0114_999912.txt").write_bytes(b"x")
    take_in([tmp_path / "d"], tmp_path / "store", terms=terms(), receipts=tmp_path / "receipts")
    write_overview(tmp_path / "store", tmp_path / "receipts")
    assert "KHSL1_0114_999912.txt" in (tmp_path / "receipts" / "overview.html").read_text(encoding="utf-8")


def test_a_year_before_the_first_of_the_type_makes_no_overview_of_its_own(folder: Path) -> None:
    """Of 2018 persons were delivered, and no procedures: a slip in a file of procedures makes nothing of that year missing."""
    (folder / "KHSL2_0114_201804.txt").write_bytes(rows(person(year="2018", month="04")))
    taken_in(folder)
    receipts = folder.parent / "receipts"
    assert sorted(path.name for path in receipts.glob("overview-*.html")) == ["overview-2023.html"]
    assert "KHSL2_0114_201804.txt" in (receipts / "overview.html").read_text(encoding="utf-8")
    assert ",2018," not in (receipts / "overview.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("year", [0, 1, 1899, 2100, 9999])
def test_a_ledger_that_holds_an_impossible_year_or_day_is_mended_as_it_is_read(folder: Path, year: int) -> None:
    store, receipts = folder.parent / "store", folder.parent / "receipts"
    (folder / "KHSL1_0180_202302.txt").write_bytes(rows(person(municipality="0180", month="02")))
    take_in([folder], store, terms=terms(), receipts=receipts)
    with contextlib.closing(sqlite3.connect(store / "ledger.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE delivery SET year = ?, arrived = '9999-12-31' WHERE municipality = '0180'", (year,))
    log = delivery_log(store)
    assert log["year"].isna().sum() == 1 and log["arrived"].isna().all()
    write_overview(store, receipts)
    assert delivery_log(store, as_of=dt.datetime.now(dt.UTC).date())["name"].nunique() == 3
    assert len(taken_in(folder).entries) == 3


def test_what_is_no_file_is_passed_over_with_the_reason(folder: Path) -> None:
    os.mkfifo(folder / "KHSL1_0180_202301.txt")
    (folder / "KHSL1_0180_202302.txt").symlink_to("nowhere")
    (folder / "KHSL1_0180_202303.txt").symlink_to("KHSL1_0180_202303.txt")
    (folder / "zero").symlink_to("/dev/zero")
    (folder / "loop").symlink_to(".", target_is_directory=True)
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "KHSL1_0180_202304.txt").write_bytes(b"x")
    (folder / "below").mkdir()
    (folder / "below" / "arrivals.csv").write_text("file,arrived\n")
    here = os.getcwd()
    os.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        os.chdir(here)
        outcome = taken_in(folder)
    assert reasons(outcome) == {
        "KHSL1_0180_202301.txt": "pipe",
        "KHSL1_0180_202302.txt": "link-broken",
        "KHSL1_0180_202303.txt": "link-broken",
        "zero": "device",
        "loop": "folder-link",
        "one": "link-broken",
        "two": "link-broken",
        ".hidden": "hidden",
        "arrivals.csv": "log-below",
        "socket": "socket",
    }
    with (folder.parent / "receipts" / "passed-over.csv").open(encoding="utf-8", newline="") as lines:
        assert len(list(csv.reader(lines))) == 1 + len(outcome.passed_over)
    assert {found.place for found in outcome.passed_over if not found.of_concern} == {str(folder / ".hidden")}


def test_a_link_to_a_file_is_read_and_folders_may_lie_deep(folder: Path) -> None:
    (folder.parent / "elsewhere").write_bytes(rows(person(municipality="0180")))
    (folder / "KHSL1_0180_202301.txt").symlink_to(folder.parent / "elsewhere")
    places = [folder / "/".join(["a"] * depth) for depth in range(1, 1200)]
    try:
        for place in places:
            place.mkdir()
        (places[-1] / "KHSL1_0180_202302.txt").write_bytes(rows(person(municipality="0180", month="02")))
        assert sorted(entry.verdict for entry in taken_in(folder).entries) == ["accepted"] * 4
        (places[-1] / "KHSL1_0180_202302.txt").unlink()
    finally:
        # Deeper than what removes temporary folders can follow.
        for place in reversed(places):
            place.rmdir()


def test_what_cannot_be_read_is_named_and_the_rest_is_taken_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "closed").mkdir()
    right = os.scandir

    def scandir(path: object = ".") -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return right(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", scandir)
    assert reasons(taken_in(folder)) == {"closed": "folder-unreadable"}


@pytest.mark.parametrize("when", ["1800-01-01", "2262-04-12", "2400-01-01"])
def test_a_time_of_change_that_no_ledger_holds_is_no_matter(folder: Path, when: str) -> None:
    seconds = int((dt.datetime.fromisoformat(when) - dt.datetime(1970, 1, 1)).total_seconds())
    os.utime(folder / KHSL1, (seconds, seconds))
    assert not taken_in(folder).rejected


METHODS = {"stored": zipfile.ZIP_STORED, "deflated": zipfile.ZIP_DEFLATED, "bz2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA}


def test_a_damaged_member_is_rejected_alone(folder: Path) -> None:
    wrong, right = "KHSL1_0180_202301.txt", "KHSL1_0180_202302.txt"
    archives = 0
    for method, number in METHODS.items():
        for place in (0, 1, 4, 9, 14, 20):
            path = folder / f"{method}-{place}.zip"
            with zipfile.ZipFile(path, "w", number) as archive:
                archive.writestr(wrong, rows(*[person(municipality="0180") for _ in range(50)]))
                archive.writestr(right, rows(person(municipality="0180", month="02")))
            damaged = bytearray(path.read_bytes())
            begin = 30 + len(wrong) + place
            damaged[begin : begin + 3] = b"\xff\xff\xff"
            path.write_bytes(damaged)
            archives += 1
    outcome = take_in([folder], folder.parent / "store", terms=terms(), receipts=folder.parent / "receipts")
    assert [entry.name for entry in outcome.entries].count(right) == archives
    told = rules_of(folder, outcome)
    assert told[wrong] == {"file-unreadable"} and told[right] == {"file-duplicate"}
    assert [entry.name for entry in outcome.rejected].count(wrong) == archives


def test_a_member_that_is_packed_in_an_unknown_way_is_rejected_alone(folder: Path) -> None:
    for month, method in enumerate((1, 93, 97, 99), start=1):
        with zipfile.ZipFile(folder / f"{method}.zip", "w") as archive:
            archive.writestr(f"KHSL1_0180_2023{month:02}.txt", rows(person(municipality="0180")))
        packed = bytearray((folder / f"{method}.zip").read_bytes())
        for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
            at = packed.find(signature) + offset
            packed[at : at + 2] = method.to_bytes(2, "little")
        (folder / f"{method}.zip").write_bytes(packed)
    assert list(rules_of(folder, taken_in(folder)).values()) == [{"file-unreadable"}] * 4


MEMBERS = {
    ".": "no-name",
    "a/.": "no-name",
    "": "no-name",
    "a/": "no-name",
    ".hidden": "hidden",
    "a/.hidden": "hidden",
    "Thumbs.db": "of-the-system",
    "__MACOSX/._x": "of-the-system",
    "a/arrivals.csv": "log-below",
}


def test_a_member_that_is_no_delivery_is_passed_over_and_the_others_are_read(folder: Path) -> None:
    for number, name in enumerate(MEMBERS):
        with zipfile.ZipFile(folder / f"{number}.zip", "w") as archive:
            info = zipfile.ZipInfo("x")
            info.filename = name
            archive.writestr(info, b"x")
            archive.writestr(f"KHSL1_0180_2023{number + 1:02}.txt", rows(person(municipality="0180", month=f"{number + 1:02}")))
    outcome = taken_in(folder)
    assert not outcome.rejected and len(outcome.entries) == 2 + len(MEMBERS)
    told = {found.place.removeprefix(f"{folder}/")[6:]: found.reason for found in outcome.passed_over}
    assert told == MEMBERS


@pytest.mark.parametrize("name", ["/", "/.", "..", "a/..", "\\", "c:"])
def test_a_member_that_leads_out_of_the_archive_condemns_it(folder: Path, name: str) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        info = zipfile.ZipInfo("x")
        info.filename = name
        archive.writestr(info, b"x")
    assert rules_of(folder, taken_in(folder)) == {"a.zip": {"archive-path"}}


def test_members_of_one_name_are_each_read_and_nobody_knows_which_is_right(folder: Path) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for content in (rows(person(municipality="0180")), rows(person(municipality="0180"), "x")):
            with pytest.warns(UserWarning, match="Duplicate name") if archive.namelist() else contextlib.nullcontext():
                archive.writestr("KHSL1_0180_202301.txt", content)
    outcome = take_in([folder], folder.parent / "store", terms=terms(), receipts=folder.parent / "receipts")
    assert [entry.place.rpartition("/")[2] for entry in outcome.rejected] == [
        "KHSL1_0180_202301.txt",
        "KHSL1_0180_202301.txt (2)",
    ]
    assert rules_of(folder, outcome) == {"KHSL1_0180_202301.txt": {"file-ambiguous"}}


def test_an_archive_with_a_list_longer_than_any_is_refused_before_it_is_read(folder: Path) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for number in range(300):
            info = zipfile.ZipInfo(f"{number}")
            info.comment = b"x" * 65_535
            archive.writestr(info, b"")
    assert rules_of(folder, taken_in(folder)) == {"a.zip": {"archive-size"}}


def test_an_archive_is_closed_when_its_members_are_read_and_a_changed_one_is_read_anew(folder: Path) -> None:
    archive, name = folder / "a.zip", "KHSL1_0180_202301.txt"
    for content in (rows(person(municipality="0180")), rows(person(municipality="0114"))):
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr(name, content)
        os.utime(archive, ns=(10**18, 10**18))
        gc.collect()
        open_before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0
        store = folder.parent / f"store-{content[:4].decode()}"
        outcome = take_in([folder], store, terms=terms(), receipts=folder.parent / "receipts")
        if open_before:
            assert not [fd for fd in Path("/proc/self/fd").iterdir() if fd.is_symlink() and os.path.realpath(fd) == str(archive)]
        [entry] = [entry for entry in outcome.entries if entry.name == name]
        assert entry.verdict == ("accepted" if content.startswith(b"0180") else "rejected")


def test_an_archive_is_opened_once_for_all_its_members(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for month in range(1, 13):
            archive.writestr(f"KHSL1_0180_2023{month:02}.txt", rows(person(municipality="0180", month=f"{month:02}")))
    opened = []
    right = zipfile.ZipFile.__init__

    def counting(self: zipfile.ZipFile, *given: object, **named: object) -> None:
        opened.append(given)
        right(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(zipfile.ZipFile, "__init__", counting)
    outcome = take_in([folder], folder.parent / "store", terms=terms())
    assert (len(outcome.entries), outcome.rejected) == (14, [])
    assert len(opened) == 2, "once for the list, once for the members"


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress], ids=["bz2", "xz"])
def test_an_archive_of_another_kind_is_judged_as_a_file(folder: Path, pack: object) -> None:
    (folder / "deliveries.tar.xz").write_bytes(pack(GOOD[KHSL1]))  # type: ignore[operator]
    assert rules_of(folder, taken_in(folder)) == {"deliveries.tar.xz": {"file-name", "file-binary"}}


LOGS = {
    "no header": ("KHSL1_0114_202301.txt,2023-02-01\n", 1, "file"),
    "another header": ("name,arrived\n", 1, "file"),
    "another second field": ("file,date\n", 1, "arrived"),
    "a third field in the header": ("file,arrived,more\n", 1, "arrived"),
    "nothing": ("", 1, "file"),
    "an unknown file": (f"file,arrived\n{KHSL1},2023-02-01\nKHSL1_0114_20232.txt,2023-03-01\n", 3, "file"),
    "no file": ("file,arrived\n,2023-03-01\n", 2, "file"),
    "a file twice": (f"file,arrived\n{KHSL1},2023-02-01\n{KHSL1},2023-02-02\n", 3, "file"),
    "no date": (f"file,arrived\n{KHSL1}\n", 2, "arrived"),
    "another date": (f"file,arrived\n{KHSL1},31/3\n", 2, "arrived"),
    "a date that is none": (f"file,arrived\n{KHSL1},2023-02-29\n", 2, "arrived"),
    "a week": (f"file,arrived\n{KHSL1},2023-W05-1\n", 2, "arrived"),
    "year 9999": (f"file,arrived\n{KHSL1},9999-12-31\n", 2, "arrived"),
    "a day to come": (f"file,arrived\n{KHSL1},{dt.date.today() + dt.timedelta(days=2)}\n", 2, "arrived"),
    "year 1": (f"file,arrived\n{KHSL1},0001-01-01\n", 2, "arrived"),
    "a field too many": (f"file,arrived\n{KHSL1},2023-02-01,x\n", 2, "arrived"),
}


@pytest.mark.parametrize("log", LOGS)
def test_a_log_of_arrivals_that_is_not_as_it_should_be_is_an_error_that_names_file_line_and_field(folder: Path, log: str) -> None:
    text, line, field = LOGS[log]
    (folder / "arrivals.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        take_in([folder], folder.parent / "store", terms=terms())
    assert (caught.value.file, caught.value.line, caught.value.field) == (folder / "arrivals.csv", line, field)
    assert caught.value.remedy and not (folder.parent / "store").exists()


@pytest.mark.parametrize(
    "content", [b"\xff\xfef\0i\0", b"file,arrived\n\xff,2023-01-01\n", b"file,arrived\n" + b'"' + b"x" * 200_000]
)
def test_a_log_of_arrivals_that_is_no_text_is_an_error(folder: Path, content: bytes) -> None:
    (folder / "arrivals.csv").write_bytes(content)
    with pytest.raises(InputError, match="log of arrivals"):
        take_in([folder], folder.parent / "store", terms=terms())
