"""The audit of what was written finds what the protector would have missed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from kvarn.analyse._tables import read_tables
from kvarn.analyse.disclosure.written.audit import Published, audit_written, read_csv, read_json_stat, secrets_of
from kvarn.edition import Disclosure, Workspace
from kvarn.errors import ConsistencyError, DisclosureError

RULES = Disclosure(threshold=4, contributors=4)
NAME = "persons-by-municipality-sex-age"
Row = dict[str, str]


@pytest.fixture(scope="module")
def truth(workspace: Workspace) -> dict[str, pd.DataFrame]:
    return read_tables(workspace.tables)


def seen(folder: Path) -> Published:
    published = Published()
    read_csv(folder, published)
    return published


def rewritten(protected: Path, into: Path, change: Callable[[int, Row], None]) -> Published:
    """What is published, with one table changed by hand."""
    published = seen(protected)
    into.mkdir()
    with (protected / f"{NAME}.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for number, row in enumerate(rows):
        change(number, row)
    with (into / f"{NAME}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    read_csv(into, published)
    return published


def test_what_the_protector_wrote_passes(protected: Path, truth: dict[str, pd.DataFrame]) -> None:
    secrets = secrets_of(truth, RULES)
    found = audit_written(seen(protected), secrets, at_most=10_000)
    assert found["asked"] == found["secrets"] == len(secrets) > 30
    assert found["narrowest"] >= 3


def test_a_secret_that_stands_in_another_file_is_found(protected: Path, truth: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    frame = truth[NAME]
    small = frame.index[(frame["measure"] == "persons") & frame["value"].isin(["1", "2", "3"])][0]

    def show(number: int, row: Row) -> None:
        if number == small:
            row["value"], row["status"] = frame["value"].iat[small], ""

    with pytest.raises(DisclosureError) as caught:
        audit_written(rewritten(protected, tmp_path / "other", show), secrets_of(truth, RULES))
    assert "region" in str(caught.value.where)


def test_publishing_all_that_is_not_small_itself_is_found(
    protected: Path, truth: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    frame = truth[NAME]

    def show(number: int, row: Row) -> None:
        if row["status"] == "X" and frame["value"].iat[number] not in ("1", "2", "3"):
            row["value"], row["status"] = frame["value"].iat[number], ""

    with pytest.raises(DisclosureError, match="can be computed, or told too closely"):
        audit_written(rewritten(protected, tmp_path / "other", show), secrets_of(truth, RULES), at_most=10_000)


def test_one_cell_published_as_two_figures_is_a_contradiction(protected: Path, tmp_path: Path) -> None:
    def change(number: int, row: Row) -> None:
        if row["status"] == "" and number == 0:
            row["value"] = str(int(row["value"]) + 1)

    with pytest.raises(ConsistencyError):
        rewritten(protected, tmp_path / "other", change)


def test_a_share_with_its_decimals_tells_of_the_count_behind_it() -> None:
    """12.5 per cent of 40 persons are 5, whatever the symbol in the count's own cell."""
    published = Published()
    published.see(("persons", 2023, ()), "40", "", "t")
    published.see(("persons_with_procedure", 2023, ()), "", "X", "t")
    secrets = {("persons_with_procedure", 2023, ()): 3}
    assert audit_written(published, secrets)["narrowest"] >= 3
    published.see(("share_of_persons", 2023, ()), "12.5", "", "t")
    with pytest.raises(DisclosureError):
        audit_written(published, secrets)


def test_json_stat_is_read_like_csv(tmp_path: Path) -> None:
    dataset = {
        "class": "dataset",
        "id": ["year", "sex", "measure"],
        "size": [1, 3, 1],
        "dimension": {
            "year": {"category": {"index": ["2023"]}},
            "sex": {"category": {"index": {"T": 0, "1": 1, "2": 2}}},
            "measure": {"category": {"index": ["persons"]}},
        },
        "value": [12, None, 0],
        "status": {"1": "X"},
    }
    (tmp_path / "t.json").write_text(json.dumps(dataset))
    published = Published()
    read_json_stat(tmp_path, published)
    assert published.figures == {("persons", 2023, ()): "12", ("persons", 2023, (("sex", "2"),)): "0"}
    assert published.gaps == {("persons", 2023, (("sex", "1"),))}
    with pytest.raises(DisclosureError):
        audit_written(published, {("persons", 2023, (("sex", "1"),)): 1})
