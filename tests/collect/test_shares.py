"""Whoever delivers or takes in sees which rule a file breaks, in how many rows, which share that is, and the limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.cli import main
from kvarn.collect import why_rejected
from kvarn.collect._ledger import open_ledger
from kvarn.collect._rules import OF_A_SHARE
from kvarn.collect.pages import share

from .conftest import Intake, person, rows

KHSL1 = "KHSL1_0114_202301.txt"
PEOPLE = [f"1930010{day}{number:03}" for day in range(1, 6) for number in range(10, 90)]


def with_check_digit(eleven: str) -> str:
    digits = [int(one) * (2 - place % 2) for place, one in enumerate(eleven[2:])]
    return f"{eleven}{-sum(digit // 10 + digit % 10 for digit in digits) % 10}"


def content(good: int, bad: int) -> bytes:
    people = [with_check_digit(f"193001{day:02}{number:03}") for day in range(1, 29) for number in range(10, 99)]
    return rows(*(person(one) for one in people[:good]), *("x;y" for _ in range(bad)))


@pytest.mark.parametrize(
    ("part", "whole", "limit", "sv", "en"),
    [
        (3, 400, 0.05, "0,8 %", "0.8 per cent"),
        (1, 4, 0.05, "25 %", "25 per cent"),
        (0, 4, 0.05, "0 %", "0 per cent"),
        (1, 1, 0.05, "100 %", "100 per cent"),
        (5, 100, 0.05, "5 %", "5 per cent"),
        # What is above the limit never looks as if it were the limit.
        (5001, 100_000, 0.05, "5,001 %", "5.001 per cent"),
        (4999, 100_000, 0.05, "4,999 %", "4.999 per cent"),
        (1, 3_000_000, 0.0, "0,00003 %", "0.00003 per cent"),
    ],
)
def test_a_share_is_told_so_that_it_can_be_held_to_the_limit(part: int, whole: int, limit: float, sv: str, en: str) -> None:
    said = [share(part, whole, language, limit=limit).replace("\u00a0", " ") for language in ("sv", "en")]
    assert said == [sv, en]


def test_a_receipt_tells_the_share_of_bad_rows_and_the_limit(intake: Intake) -> None:
    taken = intake({KHSL1: content(98, 2)}, limit=0.05)
    told = taken.receipt(KHSL1)
    assert (told["verdict"], told["bad_rows"], told["bad_rows_limit"]) == ("accepted", 2, 0.05)
    page = (taken.receipts / f"{KHSL1}.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert "Felaktiga rader: 2 av 100 (2 %). Är andelen större än 5 % avvisas hela filen." in page
    assert "Bad rows: 2 of 100 (2 per cent). With a larger share than 5 per cent the whole file is rejected." in page


@pytest.mark.parametrize("per_cent", [1, 5, 7, 29, 57, 99])
def test_a_file_is_rejected_above_the_limit_and_not_at_it(per_cent: int, intake: Intake) -> None:
    at, above = "KHSL1_0114_202301.txt", "KHSL1_0114_202302.txt"
    february = content(99 - per_cent, per_cent + 1).replace(b";01\n", b";02\n")
    taken = intake({at: content(100 - per_cent, per_cent), above: february}, limit=per_cent / 100)
    assert taken.receipt(at)["verdict"] == "accepted" and taken.receipt(at)["bad_rows"] == per_cent
    if per_cent < 99:
        assert taken.receipt(above)["bad_rows"] == per_cent + 1
    assert taken.receipt(above)["verdict"] == "rejected"


def test_a_receipt_of_a_rejected_file_tells_by_how_much_it_passed_the_limit(intake: Intake) -> None:
    taken = intake({KHSL1: content(90, 10)}, limit=0.05)
    told = taken.receipt(KHSL1)
    assert (told["verdict"], told["rejected"], told["bad_rows"], told["bad_rows_limit"]) == ("rejected", 100, 10, 0.05)
    [whole] = [fault for fault in told["faults"] if fault["rule"] == "file-bad-rows"]
    assert (whole["count"], whole["limit"]) == (10, 0.05)
    page = (taken.receipts / f"{KHSL1}.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert "10 % (10 rader); gränsen är 5 %" in page and "10 per cent (10 rows); the limit is 5 per cent" in page


def test_a_file_in_quotation_marks_is_told_with_its_own_limit(intake: Intake) -> None:
    taken = intake({KHSL1: content(3, 0).replace(b"0114", b'"0114"')})
    [whole] = [fault for fault in taken.receipt(KHSL1)["faults"] if fault["rule"] == "file-quotes"]
    assert (whole["count"], whole["limit"]) == (3, 0.5)


def test_where_rows_were_not_judged_no_share_is_told(intake: Intake) -> None:
    taken = intake({KHSL1: b"Kommun;Personnummer;Ar;Manad\n" + content(3, 0)})
    told = taken.receipt(KHSL1)
    assert told["verdict"] == "rejected" and told["bad_rows"] is None
    assert "Felaktiga rader:" not in (taken.receipts / f"{KHSL1}.html").read_text(encoding="utf-8")


def test_a_receipt_that_is_written_again_tells_the_same(intake: Intake) -> None:
    taken = intake({KHSL1: content(90, 10)}, limit=0.05)
    with open_ledger(taken.store) as ledger:
        [entry] = ledger.deliveries()
        [whole] = [count for count in ledger.faults([entry.number])[entry.number] if count.rule in OF_A_SHARE]
    assert whole.times == 10
    [(same, said)] = why_rejected(taken.store, [entry], 0.05)
    assert same is entry and said[0].endswith("10 of 100 rows (10 per cent); the limit is 5 per cent.")


def test_the_terminal_tells_rule_rows_share_limit_and_lines_and_nothing_of_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / KHSL1).write_bytes(content(90, 8) + rows(person("193001011001"), person("193013011001")))
    with pytest.raises(SystemExit) as ended:
        main(["intake", str(tmp_path / "d"), "--into", str(tmp_path / "s")])
    metadata.use_project(None)
    said = capsys.readouterr().out
    assert ended.value.code == 1
    assert f"rejected: {KHSL1}\n  file-bad-rows: " in said
    assert "10 of 100 rows (10 per cent); the limit is 5 per cent." in said
    assert "row-fields: The row has the wrong number of fields. 8 of 100 rows (8 per cent): lines 91–95 …." in said
    assert "row-identity-date: " in said and "1 of 100 rows (1 per cent): line 100." in said
    assert "19300101" not in said and "19301301" not in said and "\ufffd" not in said
