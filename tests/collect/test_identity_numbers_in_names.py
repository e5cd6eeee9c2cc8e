"""A file named by an identity number: the number stands in no receipt, no overview, no error and no line of the terminal."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from kvarn.collect import write_overview
from kvarn.errors import InputError
from kvarn.identity_numbers import without_identity_numbers
from tests.collect.conftest import Intake, person, rows

NUMBER = "194002290027"
NAMES = (
    f"KHSL1_0114_202301_{NUMBER}.txt",
    f"{NUMBER}.txt",
    "Anna Andersson 19400229-0027.csv",
    "400229+0027.txt",
    "19400229 0027.txt",
    "1940-02-29-0027.txt",
    f"{'long' * 60}{NUMBER}.txt",
)
KEPT = ("KHSL1_0114_202301.txt", "KHSL1_0114_20230115120000.txt", "2023-01-15.txt", "v1.2.txt")


@pytest.mark.parametrize("name", NAMES)
def test_the_number_is_hidden_and_the_rest_of_the_name_is_not(name: str) -> None:
    told = without_identity_numbers(name)
    assert "0027" not in told and "•" in told and len(told) == len(name)
    assert "0027" not in str(InputError("The file cannot be read.", file=Path("restricted") / name, line=3))


@pytest.mark.parametrize("name", KEPT)
def test_other_digits_in_names_stay(name: str) -> None:
    assert without_identity_numbers(name) == name


def test_nothing_that_goes_back_or_lies_open_has_it(intake: Intake) -> None:
    names = [name for name in NAMES if len(name) < 200]
    taken = intake({name: rows(person()) for name in names} | {KEPT[0]: rows(person())})
    write_overview(taken.store, taken.receipts, [2023])
    written = sorted(path for path in taken.receipts.rglob("*") if path.is_file())
    assert len([path for path in written if path.suffix == ".json"]) == len(names) + 1
    for path in written:
        for said in (str(path), path.read_text(encoding="utf-8")):
            assert "0027" not in said, path
    # By its number and checksum each receipt tells whose it is, and the overview leads to it.
    receipt = taken.receipt(without_identity_numbers(NAMES[0]))
    assert receipt["sha256"] and receipt["delivery"] and receipt["file"] == without_identity_numbers(NAMES[0])
    address = f"{quote(without_identity_numbers(NAMES[1]), safe='')}.html"
    assert address in (taken.receipts / "overview-2023.html").read_text(encoding="utf-8")
