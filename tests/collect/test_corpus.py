"""A corpus of broken deliveries, each with the verdict that it must get (``corpus/deliveries.yml``)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from kvarn.collect import rules, take_in

from .conftest import MAN, WOMAN, person, procedure, rows, terms, with_check_digit

CORPUS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "corpus" / "deliveries.yml").read_text(encoding="utf-8"))
NUMBERS = {
    "woman": WOMAN,
    "man": MAN,
    "child": with_check_digit("20230103002"),
    "coordination": with_check_digit("19400289002"),
    "no_month": with_check_digit("19500077002"),
    "no_day": with_check_digit("19500660001"),
    "neither": with_check_digit("19500060002"),
    "month_00": with_check_digit("19500017002"),
    "day_00": with_check_digit("19500600001"),
    "month_13": with_check_digit("19501360001"),
    "day_92": with_check_digit("19500692001"),
    "unborn_day": with_check_digit("20230260001"),
    "thirtieth": with_check_digit("19350230001"),
    "no_leap_day": with_check_digit("19410229002"),
    "unborn": with_check_digit("20230201001"),
    "very_old": with_check_digit("18990101002"),
    "wrong_check_digit": MAN[:-1] + str((int(MAN[-1]) + 1) % 10),
}
PERSONS = "KHSL1_0114_202301.txt"


def content_of(case: dict[str, Any]) -> bytes:
    written: str = case.get("text", case.get("escaped", ""))
    for name, number in NUMBERS.items():
        written = written.replace(f"{{{name}}}", number)
    if "text" in case:
        content = written.encode()
    else:
        content = written.replace("\\\\", "\\").encode().decode("unicode_escape").encode("latin-1")
    content = b"A" * case.get("long", 0) + b";" * case.get("columns", 0) + content
    # Right rows before the broken ones, so that these are few enough.
    others = [with_check_digit(f"19300101{number:03}") for number in range(10, 10 + case.get("repeat", 0))]
    right = [person(who) for who in others]
    if not case["file"].startswith("KHSL1"):
        right = [
            procedure(WOMAN, f"202301{day:02}", code) for code in ("DT019", "PM007", "TKC20", "QC000") for day in range(1, 32)
        ]
        right = [row for row in right if row != procedure(WOMAN, "20230105", "QC000")]
        right += [procedure(MAN, f"202301{day:02}") for day in range(1, 32)]
        right = right[: case.get("repeat", 0)]
    return rows(*right) + content


@pytest.mark.parametrize("case", CORPUS, ids=[case["what"] for case in CORPUS])
def test_a_broken_delivery_gets_its_verdict(tmp_path: Path, case: dict[str, Any]) -> None:
    folder, receipts = tmp_path / "deliveries", tmp_path / "receipts"
    folder.mkdir()
    (folder / PERSONS).write_bytes(rows(person(WOMAN), person(MAN)))
    content = content_of(case)
    (folder / case["file"]).write_bytes(content)
    take_in([folder], tmp_path / "store", terms=terms(0.1), receipts=receipts)
    receipt = json.loads((receipts / f"{case['file']}.json").read_text(encoding="utf-8"))
    assert receipt["verdict"] == case["verdict"], receipt
    assert receipt["received"] == receipt["accepted"] + receipt["rejected"]
    assert receipt["received"] == case.get("received", content.count(b"\n") + (not content.endswith(b"\n")))
    assert receipt["accepted"] == case.get("accepted", 0)
    found, wanted = {fault["rule"] for fault in receipt["faults"]}, set(case.get("faults", ()))
    # A file that is wrong as a whole can break row rules too, and which is of no interest.
    assert found >= wanted if case.get("loosely") else found == wanted
    text = "".join((receipts / f"{case['file']}{suffix}").read_text(encoding="utf-8") for suffix in (".json", ".html"))
    assert not [number for number in NUMBERS.values() if number in text or number[2:8] in text.replace(receipt["sha256"], "")]
    assert "<script>alert" not in text and "\x1b" not in text


def test_the_corpus_breaks_most_rules() -> None:
    broken = {rule for case in CORPUS for rule in case.get("faults", ())}
    # These need an archive, another delivery, a broken disk, a list of deaths or a setting: they have tests of their own.
    elsewhere = {rule for rule in rules() if rule.startswith("archive-")}
    elsewhere |= {"file-ambiguous", "file-duplicate", "file-not-stored", "file-unreadable", "file-size"}
    elsewhere |= {"row-municipality", "row-period", "row-quotes", "row-identity-reserve", "row-care-after-death"}
    elsewhere |= {"file-unchecked", "row-procedure-unchecked", "file-fewer-than-earlier", "file-fewer-than-month-before"}
    assert set(rules()) - broken <= elsewhere
