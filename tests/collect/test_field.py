"""Deliveries as they come from the field: through spreadsheets, with empty lines, and before the office has imported KVÅ."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from kvarn.collect import Terms, ValidCodes, read_deaths, rules, take_in, write_overview
from kvarn.collect._rules import LINES_SHOWN
from kvarn.errors import InputError

from .conftest import CODES, MAN, WOMAN, Intake, person, procedure, rows, with_check_digit

CASES = Path(__file__).parents[2] / "../shared/cases"
FORMS = ("[A-Z]{3}[0-9]{2}", "[A-Z]{2}[0-9]{3}")
NOBODY_LOOKED = dataclasses.replace(CODES, unchecked=FORMS)
PERSONS, PROCEDURES = "KHSL1_0114_202301.txt", "KHSL2_0114_202301.txt"


def on(codes: ValidCodes, **more: Any) -> Terms:
    return Terms(lambda year: codes, **{"share_limit": 0.05, **more})


# --- what has gone through a spreadsheet --------------------------------------------------------------

LOST = {
    "municipality": (PERSONS, [person(who, municipality="114") for who in (WOMAN, MAN)], "row-municipality-form"),
    "month": (PERSONS, [person(who, month="1") for who in (WOMAN, MAN)], "row-period-form"),
    "both": (PERSONS, [person(who, "114", month="1") for who in (WOMAN, MAN)], "row-municipality-form"),
    "procedures": (PROCEDURES, [procedure(who, municipality="114") for who in (WOMAN, MAN)], "row-municipality-form"),
}


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
@pytest.mark.parametrize("lost", LOST)
def test_a_lost_zero_is_called_that_and_the_files_name_is_not_blamed(intake: Intake, lost: str, end: str) -> None:
    name, lines, rule = LOST[lost]
    taken = intake({name: "\r\n".join(lines).encode() + end.encode()}, limit=0.05)
    receipt = taken.receipt(name)
    assert (receipt["verdict"], receipt["received"]) == ("rejected", 2)
    found = {fault["rule"] for fault in receipt["faults"] if fault["severity"] == "error"}
    assert rule in found and found <= {"file-bad-rows", "row-municipality-form", "row-period-form"}
    told = next(fault for fault in receipt["faults"] if fault["rule"] == rule)
    assert "inledande nolla" in told["sv"] and "leading zero" in told["en"]
    assert "Ändra inte filnamnet" in told["remedy"]["sv"] and "Do not change the file name" in told["remedy"]["en"]


def test_no_remedy_sends_anybody_to_change_the_name_of_a_file_without_an_alternative() -> None:
    about_rows = [
        rule for code, rule in rules().items() if code in ("file-other-municipality", "file-other-period", "file-fields")
    ]
    for rule in about_rows:
        assert "på nytt" in rule.remedy["sv"] and "anew" in rule.remedy["en"], rule.code


def test_the_lines_of_a_receipt_are_those_of_the_file_whatever_empty_lines_it_has(intake: Intake) -> None:
    taken = intake({PERSONS: b"\n" + rows(person(), "", "0114;1;2023;01", "  ", ";;;", person(MAN), "0114;2;2023;01", "", " ")})
    receipt = taken.receipt(PERSONS)
    assert (receipt["received"], receipt["accepted"], receipt["rejected"]) == (4, 2, 2)
    told = {fault["rule"]: (fault["count"], fault["lines"]) for fault in receipt["faults"]}
    assert told == {"file-empty-lines": (1, [1, 3, 5, 6]), "row-identity-form": (2, [4, 8])}
    assert taken.table("persons")["line"].tolist() == [2, 7]


@pytest.mark.parametrize("tail", [b"\n", b"\n\n\n", b" \r\n", b"\t", b"\x1a", b"\xc2\xa0\n", b"\xa0\n\n"])
def test_nothing_is_said_of_white_space_at_the_end(intake: Intake, tail: bytes) -> None:
    taken = intake({PERSONS: rows(person(), person(MAN)) + tail}, limit=0)
    receipt = taken.receipt(PERSONS)
    assert (receipt["verdict"], receipt["received"], receipt["accepted"], receipt["faults"]) == ("accepted", 2, 2, [])


def test_a_receipt_names_so_many_empty_lines_and_no_more(intake: Intake) -> None:
    taken = intake({PERSONS: rows(person()) + b"\n" * 5000 + rows(person(MAN))})
    (fault,) = taken.receipt(PERSONS)["faults"]
    assert (fault["rule"], len(fault["lines"])) == ("file-empty-lines", LINES_SHOWN)
    assert taken.table("persons")["line"].tolist() == [1, 5002]


def test_persons_whose_day_of_birth_is_not_known_are_counted_as_any_other(intake: Intake, tmp_path: Path) -> None:
    unknown = [with_check_digit(eleven) for eleven in ("19500060001", "19500075002", "19500660003")]
    (tmp_path / "deaths.csv").write_text(f"identity_number,died\n{unknown[0]},2022-12-31\n", encoding="utf-8")
    files = {PERSONS: rows(*map(person, unknown)), PROCEDURES: rows(*map(procedure, unknown))}
    taken = intake(files)
    for name, kind in ((PERSONS, "persons"), (PROCEDURES, "procedures")):
        (fault,) = taken.receipt(name)["faults"]
        assert (fault["rule"], fault["severity"], fault["count"]) == ("row-identity-date-unknown", "warning", 3)
        assert taken.table(kind)["identity_number"].tolist() == unknown
    terms = on(CODES, share_limit=1.0, deaths=read_deaths(tmp_path / "deaths.csv"))
    take_in([tmp_path / "deliveries"], tmp_path / "store", terms=terms, receipts=tmp_path / "r")
    for name in files:
        receipt = json.loads((tmp_path / "r" / f"{name}.json").read_bytes())
        told = {fault["rule"]: fault["lines"] for fault in receipt["faults"] if fault["rule"] != "row-person-missing"}
        assert told == {"row-care-after-death": [1], "row-identity-date-unknown": [1, 2, 3]}


def test_columns_that_have_changed_places_wait_for_no_list(delivered: Path, tmp_path: Path) -> None:
    """A profession where the procedure belongs is wrong, whatever KVÅ will say."""
    (delivered / PROCEDURES).write_bytes(
        rows(procedure(WOMAN, "20230101", "XS919", "DT019"), procedure(MAN, "20230102", "XS910"))
    )
    take_in([delivered], tmp_path / "store", terms=on(NOBODY_LOOKED), receipts=tmp_path / "receipts")
    told = rules_in(receipt_of(tmp_path / "receipts"))
    assert told["row-procedure-unknown"] == [1, 2] and "file-unchecked" not in told


@pytest.mark.parametrize("written", ["", "{person},2020-01-01\n", "pnr,dod\n{person},2020-01-01\n", "died,identity_number\n"])
def test_deaths_without_their_header_are_refused_since_the_first_person_would_be_lost(tmp_path: Path, written: str) -> None:
    (tmp_path / "deaths.csv").write_text(written.format(person=WOMAN), encoding="utf-8")
    with pytest.raises(InputError, match="not the header identity_number,died") as caught:
        read_deaths(tmp_path / "deaths.csv")
    assert caught.value.line == 1 and WOMAN not in str(caught.value)
    (tmp_path / "deaths.csv").write_text(f"\ufeffidentity_number, died\n{WOMAN}, 2020-01-01\n", encoding="utf-8")
    assert read_deaths(tmp_path / "deaths.csv").num_rows == 1


# --- before the office has imported KVÅ --------------------------------------------------------------


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    folder = tmp_path / "deliveries"
    folder.mkdir()
    (folder / PERSONS).write_bytes(rows(person(), person(MAN)))
    lines = [procedure(WOMAN, f"202301{day:02}", code) for day, code in enumerate(("DT019", "QA011", "TKC01", "PM007"), 1)]
    (folder / PROCEDURES).write_bytes(rows(*lines))
    return folder


def receipt_of(folder: Path, name: str = PROCEDURES) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_bytes())
    return found


def rules_in(receipt: dict[str, Any]) -> dict[str, list[int]]:
    return {fault["rule"]: fault["lines"] for fault in receipt["faults"]}


def test_a_file_with_codes_that_nobody_could_check_waits_and_is_taken_in_once_the_list_is_there(
    delivered: Path, tmp_path: Path
) -> None:
    store, receipts = tmp_path / "store", tmp_path / "receipts"
    first = take_in([delivered], store, terms=on(NOBODY_LOOKED), receipts=receipts)
    assert [entry.verdict for entry in first.entries] == ["accepted", "rejected"]
    receipt = receipt_of(receipts)
    assert rules_in(receipt) == {"file-unchecked": [], "row-procedure-unchecked": [2, 3]}
    page = BeautifulSoup((receipts / f"{PROCEDURES}.html").read_text(encoding="utf-8"), "html.parser")
    for language, waits, nothing in (
        ("sv", "Väntar på mottagaren", "Ni behöver inte göra något."),
        ("en", "Waiting for the receiver", "You need not do anything."),
    ):
        half = page.find("article", lang=language)
        assert half is not None and waits in half.get_text() and nothing in half.get_text()
    text = page.get_text() + json.dumps(receipt, ensure_ascii=False)
    assert "finns inte i KVÅ" not in text and "not in that year's KVÅ" not in text
    again = take_in([delivered], store, terms=on(NOBODY_LOOKED), receipts=receipts)
    assert again.known == 2
    whole = dataclasses.replace(CODES, procedures=frozenset({"DT019", "QA011", "TKC01", "PM007"}))
    later = take_in([delivered], store, terms=on(whole), receipts=receipts)
    assert [entry.verdict for entry in later.entries] == ["accepted", "accepted"]
    assert receipt_of(receipts)["accepted"] == 4
    assert rules_in(receipt_of(receipts)) == {}


def test_a_file_with_codes_of_our_own_list_alone_does_not_wait(intake: Intake, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / PROCEDURES).write_bytes(rows(procedure(), procedure(code="QC000"), procedure(code="UX001")))
    outcome = take_in([tmp_path / "d"], tmp_path / "s", terms=on(NOBODY_LOOKED, share_limit=0.5), receipts=tmp_path / "r")
    assert [(entry.verdict, entry.accepted) for entry in outcome.entries] == [("accepted", 2)]
    assert set(rules_in(receipt_of(tmp_path / "r"))) == {"file-without-persons", "row-procedure-regional"}


def test_only_the_part_of_the_list_that_is_missing_is_waited_for(delivered: Path, tmp_path: Path) -> None:
    half = dataclasses.replace(CODES, unchecked=FORMS[:1])
    take_in([delivered], tmp_path / "s", terms=on(half), receipts=tmp_path / "r")
    told = rules_in(receipt_of(tmp_path / "r"))
    assert {rule for rule in told if rule.startswith("row-")} == {"row-procedure-unknown", "row-procedure-unchecked"}
    assert (told["row-procedure-unknown"], told["row-procedure-unchecked"]) == ([2], [3])
    # One row of four is wrong, and that is more than may be.
    assert {"file-unchecked", "file-bad-rows"} <= set(told)


@pytest.mark.parametrize("limit", [0.0, 0.05, 1.0])
def test_what_could_not_be_checked_counts_towards_no_limit(delivered: Path, tmp_path: Path, limit: float) -> None:
    for synthetic in (False, True):
        place = tmp_path / str(synthetic)
        terms = on(NOBODY_LOOKED, share_limit=limit, synthetic=synthetic)
        take_in([delivered], place / "s", terms=terms, receipts=place / "r")
        receipt = receipt_of(place / "r")
        assert "file-bad-rows" not in rules_in(receipt)
        # A synthetic register is made from our own list: there the rows alone are rejected, in words that are true.
        expected = ("accepted", 2, {"row-procedure-unchecked"}) if synthetic else ("rejected", 0, None)
        assert (receipt["verdict"], receipt["accepted"]) == expected[:2]
        if expected[2]:
            assert set(rules_in(receipt)) == expected[2]


def test_the_overview_says_what_has_not_been_imported_and_what_waits(delivered: Path, tmp_path: Path) -> None:
    store, receipts = tmp_path / "store", tmp_path / "receipts"
    take_in([delivered], store, terms=on(NOBODY_LOOKED), receipts=receipts)
    write_overview(store, receipts, not_imported={2023: ("KVÅ",), 2022: ("KVÅ",)})
    page = BeautifulSoup((receipts / "overview.html").read_text(encoding="utf-8"), "html.parser")
    swedish, english = (
        " ".join(str(main.find("p", class_="codes").get_text()).split())  # type: ignore[union-attr]
        for main in page.find_all("main")
    )
    assert swedish.startswith("KVÅ 2023 har inte lagts in hos mottagaren.") and "1 fil har andra koder" in swedish
    assert english.startswith("KVÅ 2023 has not been imported by the receiver.") and "1 file has other codes" in english
    with (receipts / "overview.csv").open(encoding="utf-8", newline="") as lines:
        told = {(row["type"], row["not_imported"]) for row in csv.DictReader(lines)}
    assert told == {("KHSL1", ""), ("KHSL2", "KVÅ")}
    take_in([delivered], store, terms=on(dataclasses.replace(CODES, procedures=None)), receipts=receipts)
    write_overview(store, receipts, not_imported={})
    assert 'class="codes"' not in (receipts / "overview.html").read_text(encoding="utf-8")
    assert "not_imported" not in (receipts / "overview.csv").read_text(encoding="utf-8")


# --- the cases of the field, where they are at hand --------------------------------------------------------------

EXPECTED = {
    "13-intake-lost-zero": {
        "KHSL1_0114_202301.txt": ("rejected", 15, 0, {"file-bad-rows", "row-municipality-form"}),
        "KHSL1_0114_202305.txt": ("rejected", 15, 0, {"file-bad-rows", "row-period-form"}),
    },
    "14-intake-blank-line-at-the-end": {"KHSL1_2403_202301.txt": ("accepted", 15, 15, set())},
    "15-intake-without-kva": {
        "KHSL1_0114_202303.txt": ("accepted", 15, 15, set()),
        "KHSL2_0114_202303.txt": ("rejected", 15, 0, {"file-unchecked", "row-procedure-unchecked"}),
    },
    "16-samordningsnummer-month-00": {
        "KHSL1_0114_202305.txt": ("accepted", 58, 57, {"row-identity-date", "row-identity-date-unknown"})
    },
}


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not at hand")
@pytest.mark.parametrize("case", EXPECTED)
def test_a_case_of_the_field(tmp_path: Path, case: str) -> None:
    codes = dataclasses.replace(NOBODY_LOOKED, municipalities=frozenset({"0114", "2403"}), professions=frozenset({"XS914"}))
    take_in([CASES / case], tmp_path / "s", terms=on(codes, share_limit=0.05), receipts=tmp_path / "r")
    for name, expected in EXPECTED[case].items():
        receipt = receipt_of(tmp_path / "r", name)
        assert (receipt["verdict"], receipt["received"], receipt["accepted"], set(rules_in(receipt))) == expected
