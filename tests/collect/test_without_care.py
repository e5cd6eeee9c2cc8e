"""At the door: how many persons have a procedure and no care, in the deliveries in force."""

from __future__ import annotations

import datetime as dt
import re
import stat
from pathlib import Path

import pytest

from kvarn.collect import WithoutCare, procedures_without_care, take_in
from kvarn.errors import InputError
from kvarn.pipeline.checking import care_at_the_door

from .conftest import MAN, WOMAN, person, procedure, rows, terms

KHSL1, KHSL2 = "KHSL1_0114_202301.txt", "KHSL2_0114_202301.txt"


def delivered(folder: Path, store: Path, files: dict[str, bytes], day: int = 1) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    take_in([folder], store, terms=terms(), arrived=dt.date(2023, 4, day))
    return store


def test_a_person_with_a_procedure_alone_is_counted_until_care_is_delivered(tmp_path: Path) -> None:
    store = tmp_path / "store"
    delivered(tmp_path / "a", store, {KHSL1: rows(person(WOMAN)), KHSL2: rows(procedure(WOMAN), procedure(MAN))})
    assert procedures_without_care(store) == [WithoutCare(2023, in_year=1, in_month=1)]
    assert procedures_without_care(store, [2022]) == []
    said, remedy = care_at_the_door(store, [2023])
    assert said == (
        "2023: some persons have a procedure (KHSL2) in a month for which their municipality reports no care of theirs (KHSL1). "
        "For some of them no municipality reports care at any time in the year."
    )
    assert remedy.startswith("They count among persons with a procedure and not among persons with care. Ask the municipalities")
    assert "data.care: reported_or_procedure" in remedy and "(accepted:, docs/accepted.md)" in remedy
    assert not {"0114", MAN} & set(re.findall(r"\d+", said + remedy))
    delivered(tmp_path / "b", store, {KHSL1: rows(person(WOMAN), person(MAN))}, day=2)
    assert procedures_without_care(store) == [WithoutCare(2023, in_year=0, in_month=0)]
    assert list(care_at_the_door(store, [2023])) == []
    # On the first day it was otherwise.
    assert procedures_without_care(store, as_of=dt.date(2023, 4, 1))[0].in_year == 1
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in store.iterdir() if path.is_dir())


def test_without_any_delivery_of_persons_all_are_counted(tmp_path: Path) -> None:
    store = delivered(tmp_path / "a", tmp_path / "store", {KHSL2: rows(procedure(WOMAN), procedure(MAN))})
    assert procedures_without_care(store) == [WithoutCare(2023, in_year=2, in_month=2)]


def test_what_is_no_store_is_an_error_and_says_nothing_in_status(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        procedures_without_care(tmp_path / "nothing")
    assert list(care_at_the_door(tmp_path / "nothing", None)) == []
