"""An edition is protected together with what earlier ones have published: the attacker holds both."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from kvarn.analyse import protect_tables
from kvarn.analyse._tables import complete_table, write_table
from kvarn.edition import Disclosure
from kvarn.errors import InputError

MONTHS = "persons-by-month"


def months(counts: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Men and women by month; the total of the sexes is their sum."""
    rows = [
        (2023, sex, month, "persons", value, value)
        for month, (men, women) in counts.items()
        for sex, value in (("1", men), ("2", women), ("T", men + women))
    ]
    frame = pd.DataFrame(rows, columns=["year", "sex", "month", "measure", "value", "contributors"])
    return complete_table(MONTHS, frame)


def publish(root: Path, name: str, table: pd.DataFrame, rules: Disclosure) -> dict[tuple[str, str], str]:
    """What the edition shows: the figure of each sex and month, X where it is withheld."""
    folder = root / "restricted" / name
    (folder / "tables").mkdir(parents=True)
    write_table(folder / "tables" / f"{MONTHS}.parquet", table)
    into = root / "build" / name
    protect_tables(folder / "tables", into, disclosure=rules, synthetic=False, report=folder / "disclosure-report.json")
    with (into / f"{MONTHS}.csv").open(encoding="utf-8", newline="") as lines:
        return {(row["sex"], row["month"]): row["value"] or row["status"] for row in csv.DictReader(lines)}


def officer(root: Path, name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((root / "restricted" / name / "disclosure-report.json").read_text())
    return found


FIRST = {"T": (60, 80), "01": (2, 40), "02": (50, 50), "03": (40, 60)}


def test_what_was_withheld_stays_withheld_though_the_rules_are_milder_now(tmp_path: Path) -> None:
    first = publish(tmp_path, "first", months(FIRST), Disclosure(threshold=4))
    gaps = {place for place, shown in first.items() if shown == "X"}
    assert ("1", "01") in gaps and len(gaps) > 1
    alone = publish(tmp_path, "alone", months(FIRST), Disclosure(threshold=2))
    assert not [place for place, shown in alone.items() if shown == "X"]
    second = publish(tmp_path, "second", months(FIRST), Disclosure(threshold=2, earlier=("first",)))
    assert {place for place, shown in second.items() if shown == "X"} == gaps


def test_what_was_published_stays_published_and_an_order_of_secrets_between_is_solved_around_it(tmp_path: Path) -> None:
    """A stricter rule would withhold further cells; those that are out already cannot be taken back, and are no company."""
    first = publish(tmp_path, "first", months(FIRST), Disclosure(threshold=2))
    assert first["1", "01"] == "2"
    second = publish(tmp_path, "second", months(FIRST), Disclosure(threshold=4, earlier=("first",)))
    assert second == first
    risk = officer(tmp_path, "second")["residual_risk"]
    assert isinstance(risk, list) and "persons, 2023, month 01, sex 1" in risk
    assert "persons, 2023, month 01, sex 1" not in str(officer(tmp_path, "first")["residual_risk"])


def test_a_secret_that_an_earlier_edition_leaves_no_company_for_is_reported_never_hidden(tmp_path: Path) -> None:
    """First only the total is out; then the men and women of one month appear beside it."""
    before = months({"T": (60, 80), "01": (40, 40), "02": (40, 60)})
    publish(tmp_path, "first", before[before["sex"] == "T"], Disclosure(threshold=4))
    now = months({"T": (60, 80), "01": (40, 40), "02": (40, 60)})
    assert publish(tmp_path, "second", now, Disclosure(threshold=4, earlier=("first",)))["T", "01"] == "80"
    assert officer(tmp_path, "second")["residual_risk"] == []


def test_a_later_edition_without_a_cell_does_not_uncover_it_by_its_parts(tmp_path: Path) -> None:
    """The second edition does not show the totals of both sexes, but the first did: 42 in all."""
    publish(tmp_path, "first", months(FIRST)[lambda frame: frame["sex"] == "T"], Disclosure(threshold=4))
    later = months(FIRST)
    later = later[later["sex"] != "T"]
    alone = publish(tmp_path, "alone", later, Disclosure(threshold=4))
    assert alone["1", "01"] == "X" and alone["2", "01"] == "40"
    together = publish(tmp_path, "together", later, Disclosure(threshold=4, earlier=("first",)))
    assert together["1", "01"] == together["2", "01"] == "X", "42 in all, less 40 women"


def test_a_revision_is_listed(tmp_path: Path) -> None:
    publish(tmp_path, "first", months({"T": (60, 80), "01": (30, 40), "02": (50, 50)}), Disclosure())
    publish(tmp_path, "second", months({"T": (65, 80), "01": (30, 40), "02": (50, 50)}), Disclosure(earlier=("first",)))
    assert officer(tmp_path, "second")["revised_since_earlier_editions"] == [
        "persons, 2023",
        "persons, 2023, sex 1",
    ]


def test_an_earlier_edition_that_kept_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="kept no record"):
        publish(tmp_path, "second", months(FIRST), Disclosure(earlier=("lost",)))
