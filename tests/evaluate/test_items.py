"""Item non-response: what is lacking in accepted rows, against counts by hand."""

from __future__ import annotations

import pandas as pd

from kvarn import metadata
from kvarn.evaluate import item_non_response


def test_empty_and_invalid_values_of_accepted_rows_are_told_by_item() -> None:
    items = pd.DataFrame(
        [
            (2023, "KHSL1", "municipality", 20_000, 0, 0),
            (2023, "KHSL1", "identity_number", 20_000, 0, 30),
            (2023, "KHSL1", "birth_date", 20_000, 250, 0),
            (2023, "KHSL2", "procedure", 0, 0, 0),
        ],
        columns=["year", "type", "item", "rows", "empty", "invalid"],
    )
    frame = item_non_response(items, [2023])
    found = {(kind, item): value for kind, item, value in zip(frame["file_type"], frame["item"], frame["value"], strict=True)}
    assert found["KHSL1", "municipality"] == "0.0"
    assert found["KHSL1", "identity_number"] == "0.2"
    assert found["KHSL1", "birth_date"] == "1.3"
    # What a file type does not have, and what no row was accepted of.
    assert found["KHSL1", "procedure"] == "." and found["KHSL2", "procedure"] == ".."
    assert len(frame) == 2 * len(metadata.codelist("item").codes)
    assert set(frame["measure"]) == set(metadata.table("item-non-response").measures)


def test_a_file_type_has_no_items_before_it_is_delivered() -> None:
    items = pd.DataFrame([(2018, "KHSL2", "procedure", 10, 0, 0)], columns=["year", "type", "item", "rows", "empty", "invalid"])
    frame = item_non_response(items, [2018])
    assert set(frame[frame["file_type"] == "KHSL2"]["value"]) == {"."}


def test_of_few_rows_no_share_is_told() -> None:
    """It would tell in how many of them an item is lacking: of 432 rows only three fit 0.7 per cent."""
    columns = ["year", "type", "item", "rows", "empty", "invalid"]
    for rows, told in ((432, ".."), (19_999, ".."), (20_000, "0.0")):
        items = pd.DataFrame([(2023, "KHSL1", "birth_date", rows, 3, 0)], columns=columns)
        frame = item_non_response(items, [2023])
        assert frame.loc[(frame["file_type"] == "KHSL1") & (frame["item"] == "birth_date"), "value"].tolist() == [told]
