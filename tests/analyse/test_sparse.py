"""What is too sparse to be protected is refused at once, with a coarser table; what can be protected is not."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse import protect_tables
from kvarn.analyse._tables import write_table
from kvarn.analyse.disclosure.sparse import Crowd, hopeless
from kvarn.base.stages import Counter, hear
from kvarn.edition import Disclosure
from kvarn.errors import DisclosureError

TABLE = "persons-by-municipality-sex-age"


def municipalities(each: int) -> pd.DataFrame:
    """A hundred municipalities of one size; each person is in one age group and one municipality."""
    region = metadata.codelist("region")
    chosen = [leaf for county in region.children("00") for leaf in region.children(county)][:100]
    rows = []
    for code in chosen:
        ages = {"0-64": each, "65-79": each, "80+": each}
        ages |= {"65+": 2 * each, "T": 3 * each}
        for age, count in ages.items():
            rows += [(2023, code, sex, age, "persons", str(count * by), count * by) for sex, by in (("1", 1), ("2", 1), ("T", 2))]
    return pd.DataFrame(rows, columns=["year", "region", "sex", "age", "measure", "value", "contributors"])


def protect(folder: Path, table: pd.DataFrame, rules: Disclosure) -> None:
    (folder / "tables").mkdir()
    write_table(folder / "tables" / f"{TABLE}.parquet", table)
    protect_tables(folder / "tables", folder / "out", disclosure=rules, synthetic=True, report=folder / "report.json")


def test_a_table_that_loses_more_than_is_allowed_by_the_rules_alone_is_refused_before_others_are_sought(tmp_path: Path) -> None:
    said: list[str] = []
    with hear(said.append), pytest.raises(DisclosureError, match="the edition allows 50%") as refused:
        protect(tmp_path, municipalities(3), Disclosure(threshold=100, withheld_at_most=0.5))
    assert TABLE in (refused.value.where or "") and "Leave out the finest categories of" in (refused.value.remedy or "")
    assert said == [], "protection has not begun"


def test_what_hangs_together_and_is_nearly_all_secret_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kvarn.analyse.disclosure.sparse.hopeless", lambda found: True)
    began = time.monotonic()
    with pytest.raises(DisclosureError, match=r"too sparse .* 1,500 cells are secret, and 100%") as refused:
        protect(tmp_path, municipalities(3), Disclosure(threshold=100))
    assert refused.value.where == TABLE and time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("cells", "secret", "crossing", "refused"),
    [
        (5932, 4537, 2.3, False),
        (2581, 1721, 1.9, False),
        (11704, 2255, 3.1, False),
        (969, 355, 3.0, False),
        (3067, 266, 4.0, False),
        (195624, 19000, 3.0, False),
        (6895, 5942, 2.4, True),
        (2910, 852, 4.0, True),
        (113256, 33260, 3.0, True),
        (14000, 6300, 3.0, False),
        (29952, 13578, 3.0, True),
    ],
)
def test_what_was_measured_to_be_possible_is_not_refused_and_what_was_not_is(
    cells: int, secret: int, crossing: float, refused: bool
) -> None:
    assert hopeless([Crowd(cells, secret, crossing)]) == refused


def test_protection_says_its_stages_and_counts_and_no_figure(tmp_path: Path) -> None:
    said: list[str] = []
    with hear(said.append):
        protect(tmp_path, municipalities(7), Disclosure(threshold=10))
    assert said[0].startswith("protection: 1,500 cells, 300 secret") or "secret by the rules" in said[0]
    assert any("audit of what was written" in line for line in said)


def test_a_counter_tells_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kvarn.base.stages.EVERY", 0.0)
    said: list[str] = []
    with hear(said.append):
        counter = Counter("work", 2)
        counter.one()
        counter.one()
    Counter("nobody listens", 1).one()
    assert said == ["work: 2", "work: 1 of 2", "work: 2 of 2"]
