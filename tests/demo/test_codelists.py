"""The code lists of procedures and professions, against the classification itself where it is at hand."""

import os
from pathlib import Path

import pandas as pd
import pytest

from kvarn.metadata import own_codelist

SHARED = Path(os.environ.get("KVARN_SHARED_DATA", Path(__file__).parents[2] / "../shared/data"))
# Came with KVÅ 2021, so that KVÅ 2020 lacks it.
NEWER = {"AW020"}


def rows(name: str) -> list[dict[str, str]]:
    return [dict(row) for row in own_codelist(name).rows if row["code"] != "T"]


@pytest.mark.skipif(not (SHARED / "kva-2020.csv").is_file(), reason="the classification is not at hand")
@pytest.mark.parametrize("name", ["procedure", "profession"])
def test_every_code_has_its_official_title(name: str) -> None:
    official = pd.read_csv(SHARED / "kva-2020.csv").set_index("key")["value"].str.removesuffix(" (i)")
    listed = {row["code"]: row["sv"] for row in rows(name) if row["code"] not in NEWER}
    assert listed == {code: official.get(code) for code in listed}


def test_procedures_belong_to_groups_kinds_and_professions_that_exist() -> None:
    accepted = {row["code"] for row in rows("profession") if row["accepted"] == "true"}
    for row in rows("procedure"):
        assert row["group"] in own_codelist("procedure-group").codes
        assert row["kind"] in own_codelist("kind").codes
        assert row["professions"].split() and set(row["professions"].split()) <= accepted


def test_chapter_p_is_assessing_and_chapter_q_treating() -> None:
    kinds = {row["code"]: row["kind"] for row in rows("procedure")}
    assert {kind for code, kind in kinds.items() if code.startswith("P")} == {"assessing"}
    assert {kind for code, kind in kinds.items() if code.startswith("Q")} == {"treating"}


def test_no_procedure_is_regional_or_unspecific() -> None:
    unspecific = {row["code"] for row in rows("procedure") if row["code"].startswith("U") or row["code"].endswith("000")}
    # Each is the only code of its chapter.
    assert unspecific == {"QC000", "QL000"}


def test_every_group_and_kind_has_procedures() -> None:
    # The group of other procedures is for codes of an official list that no rule places.
    for name, column, without in (("procedure-group", "group", {"other"}), ("kind", "kind", set())):
        assert {row["code"] for row in rows(name)} - without == {row[column] for row in rows("procedure")}


def test_professions_outside_the_duty_to_report_are_not_accepted() -> None:
    refused = {row["code"] for row in rows("profession") if row["accepted"] == "false"}
    assert refused == {"XS915", "XS916", "XS920", "XS921", "XS922"}
