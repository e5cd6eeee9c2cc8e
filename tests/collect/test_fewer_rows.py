"""A correction that loses rows, and a file with far fewer rows than the month before: accepted, and never without a word."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from kvarn.cli import main
from kvarn.collect import FewerRows, Outcome, far_fewer_rows, read_deaths, take_in, why_remarked
from kvarn.metadata import use_project

from .conftest import person, procedure, rows, terms, with_check_digit

JANUARY, FEBRUARY = "KHSL1_0114_202301.txt", "KHSL1_0114_202302.txt"
LIMITS = FewerRows(share=0.5, least=20)
PEOPLE = [with_check_digit(f"1930{1 + place // 28:02}{1 + place % 28:02}{100 + place:03}") for place in range(200)]


def care(people: Sequence[str], month: str = "01", year: str = "2023") -> bytes:
    return rows(*(person(number, month=month, year=year) for number in people))


def taken(root: Path, name: str, content: bytes, day: int = 1, **limits: Any) -> Outcome:
    folder = root / f"{day:02}"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    on = terms(fewer_rows=FewerRows(**limits) if limits else LIMITS)
    return take_in([folder], root / "store", terms=on, receipts=root / "receipts", arrived=dt.date(2023, 6, day))


def receipt(root: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "receipts" / f"{name}.json").read_text())
    return found


def remarks(root: Path, name: str) -> dict[str, tuple[int, int]]:
    faults = receipt(root, name)["faults"]
    return {one["rule"]: (one["rows_before"], one["count"]) for one in faults if one["rule"].startswith("file-fewer")}


def test_a_correction_says_how_many_rows_are_gone_the_same_and_new_and_is_remarked_on_when_most_are_gone(tmp_path: Path) -> None:
    taken(tmp_path, JANUARY, care(PEOPLE[:43]))
    outcome = taken(tmp_path, JANUARY, care([*PEOPLE[:8], *PEOPLE[50:52]]), day=2)
    assert not outcome.rejected
    told = receipt(tmp_path, JANUARY)
    assert told["verdict"] == "accepted" and told["replaced"] == {"rows": 43, "gone": 35, "same": 8, "new": 2}
    assert remarks(tmp_path, JANUARY) == {"file-fewer-than-earlier": (43, 33)}
    page = (tmp_path / "receipts" / f"{JANUARY}.html").read_text()
    assert "Den tidigare leveransen hade 43 godkända rader. Av dem finns 8 även i den här filen" in page
    assert "35 have been removed from the register. 2 rows are new." in page
    assert "10 against 43 before: 33 fewer (76.7\N{NO-BREAK SPACE}per cent); the limit is 50\N{NO-BREAK SPACE}per cent" in page
    assert not any(number in page or number in json.dumps(told) for number in PEOPLE)
    (entry,) = outcome.entries
    said = " ".join(why_remarked(entry, outcome, LIMITS))
    assert "10 rows against 43 before, 33 fewer (76.7 per cent); the limit is 50 per cent" in said
    assert "35 of them are gone, 8 are the same, and 2 rows are new" in said


def test_rows_are_held_against_one_another_by_what_they_say_wherever_they_stand(tmp_path: Path) -> None:
    name = "KHSL2_0114_202301.txt"
    first = [procedure(number, f"202301{day:02}") for number in PEOPLE[:2] for day in range(1, 31)]
    taken(tmp_path, name, rows(*first))
    changed = [procedure(PEOPLE[0], "20230101", "PM007"), *reversed(first[1:])]
    taken(tmp_path, name, rows(*changed), day=2)
    assert receipt(tmp_path, name)["replaced"] == {"rows": 60, "gone": 1, "same": 59, "new": 1}
    assert remarks(tmp_path, name) == {}
    # What is rejected replaces nothing, and what came earlier than the one in force neither.
    taken(tmp_path, name, b"", day=3)
    assert receipt(tmp_path, name)["replaced"] is None and receipt(tmp_path, name)["verdict"] == "rejected"


def test_rows_lost_a_few_at_a_time_are_noticed_too(tmp_path: Path) -> None:
    seen = []
    for day, number in enumerate((100, 60, 40, 30), 1):
        taken(tmp_path, JANUARY, care(PEOPLE[:number]), day=day)
        seen.append(remarks(tmp_path, JANUARY))
    assert seen == [{}, {}, {"file-fewer-than-earlier": (100, 60)}, {"file-fewer-than-earlier": (100, 70)}]


def test_a_file_is_held_against_the_month_before_also_over_the_new_year_and_whichever_came_first(tmp_path: Path) -> None:
    december = "KHSL1_0114_202212.txt"
    taken(tmp_path, december, care(PEOPLE[:80], "12", "2022"))
    taken(tmp_path, JANUARY, care(PEOPLE[:30]), day=2)
    assert remarks(tmp_path, JANUARY) == {"file-fewer-than-month-before": (80, 50)}
    # March has come, and February comes only then: nothing could be said of March on its receipt, and is when it is asked for.
    march = "KHSL1_0114_202303.txt"
    taken(tmp_path, march, care(PEOPLE[:25], "03"), day=3)
    taken(tmp_path, FEBRUARY, care(PEOPLE[:90], "02"), day=4)
    assert remarks(tmp_path, march) == {} == remarks(tmp_path, FEBRUARY)
    found = far_fewer_rows(tmp_path / "store", [2022, 2023], LIMITS)
    assert [(entry.name, [count.times for count in counts]) for entry, counts in found] == [(JANUARY, [50]), (march, [65])]
    assert far_fewer_rows(tmp_path / "store", [2022], LIMITS) == []
    # As it was on the third day, February had not come.
    known = far_fewer_rows(tmp_path / "store", [2023], LIMITS, as_of=dt.date(2023, 6, 3))
    assert [entry.name for entry, _ in known] == [JANUARY]


@pytest.mark.parametrize(
    ("before", "now", "far"), [(43, 10, True), (40, 20, False), (40, 19, True), (10, 0, False), (20, 0, True), (0, 5, False)]
)
def test_both_limits_must_be_passed(before: int, now: int, far: bool) -> None:
    assert LIMITS.far(now, before) is far
    assert not FewerRows(share=0, least=1).far(before, before)


def test_the_limits_are_the_offices_and_change_no_verdict(tmp_path: Path) -> None:
    taken(tmp_path, JANUARY, care(PEOPLE[:100]))
    taken(tmp_path, JANUARY, care(PEOPLE[:90]), day=2, share=0.05, least=5)
    assert remarks(tmp_path, JANUARY) == {"file-fewer-than-earlier": (100, 10)}
    rules = [terms(fewer_rows=FewerRows(share, 1)).rulebook(2023) for share in (0.1, 0.9)]
    assert rules[0] == rules[1]


def test_a_receipt_that_is_written_again_says_the_same(tmp_path: Path) -> None:
    taken(tmp_path, "KHSL1_0114_202212.txt", care(PEOPLE[:80], "12", "2022"))
    taken(tmp_path, JANUARY, care(PEOPLE[:75]), day=2)
    taken(tmp_path, JANUARY, care(PEOPLE[:30]), day=3)
    before = {path.name: path.read_bytes() for path in (tmp_path / "receipts").glob("*.*")}
    shutil.rmtree(tmp_path / "receipts")
    folders = [tmp_path / f"{day:02}" for day in (1, 2, 3)]
    again = take_in(folders, tmp_path / "store", terms=terms(fewer_rows=LIMITS), receipts=tmp_path / "receipts")
    assert again.known == len(again.entries) == 3 and not again.fewer and not again.replaced
    written = {path.name: path.read_bytes() for path in (tmp_path / "receipts").glob("*.*")}
    assert {name: written[name] for name in before if JANUARY in name} == {n: c for n, c in before.items() if JANUARY in n}


def test_the_terminal_tells_of_them_and_accepts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for number, people in enumerate((PEOPLE[:43], PEOPLE[:10])):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / JANUARY).write_bytes(care(people))
        with pytest.raises(SystemExit) as ended:
            main(["intake", str(number), "--into", "store", "--arrived", f"2023-06-0{number + 1}"])
        assert not ended.value.code
        said = capsys.readouterr().out
        assert ("remark" in said) is bool(number)
    assert "1 file replaces an earlier delivery of 43 rows: 33 of them are gone, 10 are the same, and 0 rows are new." in said
    assert f"remark: {JANUARY}\n  file-fewer-than-earlier: 10 rows against 43 before, 33 fewer" in said
    assert "\n1 file: 1 accepted, 0 rejected.\n10 rows received" in said


def test_the_terminal_goes_by_the_limits_of_the_edition_that_takes_from_the_register(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("notebooks", "params", "a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "_quarto.yml").touch()
    for name, people in (("a", PEOPLE[:43]), ("b", PEOPLE[:40])):
        (tmp_path / name / JANUARY).write_bytes(care(people))
    limits = "{fewer_rows: 0.05, fewer_rows_least: 3}"
    edition = f"reference_year: 2023\ndata: {{intake: restricted/register}}\nquality: {limits}\n"
    (tmp_path / "params" / "2023.yml").write_text(edition)
    for name, day in (("a", 1), ("b", 2)):
        with pytest.raises(SystemExit):
            main(["intake", name, "--into", "restricted/register", "--arrived", f"2023-06-0{day}"])
    use_project(None)
    assert "40 rows against 43 before, 3 fewer (7 per cent); the limit is 5 per cent." in capsys.readouterr().out


def test_a_delivery_that_is_judged_again_is_not_held_against_itself(tmp_path: Path) -> None:
    """Rows that other rules reject are told by those rules: the municipality has taken none away."""
    taken(tmp_path, JANUARY, care(PEOPLE[:43]))
    (tmp_path / "deaths.csv").write_text("identity_number,died\n" + "".join(f"{who},2020-01-01\n" for who in PEOPLE[:40]))
    dead = terms(fewer_rows=LIMITS, deaths=read_deaths(tmp_path / "deaths.csv"))
    outcome = take_in(
        [tmp_path / "01"], tmp_path / "store", terms=dead, receipts=tmp_path / "receipts", arrived=dt.date(2023, 6, 1)
    )
    (entry,) = outcome.entries
    assert (entry.number, entry.accepted, outcome.fewer) == (2, 3, {}) and remarks(tmp_path, JANUARY) == {}
    assert far_fewer_rows(tmp_path / "store", [2023], LIMITS) == []
    # A correction is held against the most that the other one was ever judged to have.
    taken(tmp_path, JANUARY, care(PEOPLE[:4]), day=2)
    assert remarks(tmp_path, JANUARY) == {"file-fewer-than-earlier": (43, 39)}
