"""Item non-response: counted in the accepted rows themselves, and apart from the rows that were rejected."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd

from kvarn.collect import Terms, collect_year, take_in

from .conftest import CODES, MAN, WOMAN, person, procedure, rows, with_check_digit

# A co-ordination number of which the day is unknown, and a number that is local to a care provider.
NO_DAY = with_check_digit("19400260002")
RESERVE = "19400229T012"


def test_empty_and_invalid_items_of_accepted_rows_are_counted_and_rejected_rows_are_not(tmp_path: Path) -> None:
    folder, store = tmp_path / "deliveries", tmp_path / "store"
    folder.mkdir()
    persons = rows(person(WOMAN), person(MAN), person(NO_DAY), person(RESERVE), person("194002290000"), person(""))
    (folder / "KHSL1_0114_202301.txt").write_bytes(persons)
    (folder / "KHSL2_0114_202301.txt").write_bytes(
        rows(procedure(), procedure(WOMAN, "20230106"), procedure(MAN, "20230105", ""))
    )
    reserve = dataclasses.replace(CODES, reserve_numbers=True)
    take_in([folder], store, terms=Terms(lambda year: reserve, share_limit=1.0), receipts=tmp_path / "receipts")
    collect_year(store, 2023, tmp_path / "collected")
    log = pd.read_parquet(tmp_path / "collected" / "2023" / "deliveries.parquet")
    assert sorted(zip(log["type"], log["accepted"], log["rejected"], strict=True)) == [("KHSL1", 4, 2), ("KHSL2", 2, 1)]
    items = pd.read_parquet(tmp_path / "collected" / "2023" / "items.parquet")
    found = {(kind, item): tuple(counts) for kind, item, *counts in items.itertuples(index=False)}
    assert found["KHSL1", "identity_number"] == (4, 0, 1)
    assert found["KHSL1", "birth_date"] == (4, 1, 0)
    assert {found["KHSL1", item] for item in ("municipality", "year", "month")} == {(4, 0, 0)}
    every = ("municipality", "identity_number", "birth_date", "date", "procedure", "profession")
    assert {found["KHSL2", item] for item in every} == {(2, 0, 0)}
    # What need not be there is no item.
    assert ("KHSL2", "further_professions") not in found


def test_only_what_is_in_force_is_counted(tmp_path: Path) -> None:
    store = tmp_path / "store"
    for number, people in enumerate(([NO_DAY, WOMAN], [WOMAN])):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "KHSL1_0114_202301.txt").write_bytes(rows(*map(person, people)))
        take_in([folder], store, terms=Terms(lambda year: CODES, share_limit=1.0), receipts=tmp_path / "receipts")
    collect_year(store, 2023, tmp_path / "collected")
    items = pd.read_parquet(tmp_path / "collected" / "2023" / "items.parquet")
    born = items[(items["type"] == "KHSL1") & (items["item"] == "birth_date")]
    assert born[["rows", "empty"]].to_numpy().tolist() == [[1, 0]]
    assert set(items[items["type"] == "KHSL2"]["rows"]) == {0}
