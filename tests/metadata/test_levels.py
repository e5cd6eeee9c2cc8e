"""Levels of a code list that do not divide one another turn off what disclosure control knows: they are refused."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from kvarn.errors import CodeListError
from kvarn.metadata._own_lists import rows_of_own_list

OWN = Path(__file__).parents[2] / "programme" / "codelists"
WRONG = {
    "a column of another list": ("age", "code,parent,from_age", "code,accepted,parent,from_age", "column"),
    "an age that is no part": ("age", "65-69,65-79,65,69", "65-69,,65,69", "no part of 'T'"),
    "an age beside the wrong one": ("age", "65-69,65-79,65,69", "65-69,0-64,65,69", "divide"),
    "an age left out": ("age", "18-64,0-64,18,64", "18-64,0-64,19,64", "divide"),
    "ages that overlap": ("age", "70-74,65-79,70,74", "70-74,65-79,69,74", "divide"),
    "ages that are no numbers": ("age", "70-74,65-79,70,74", "70-74,65-79,x,74", "whole numbers"),
    "ages the wrong way round": ("age", "70-74,65-79,70,74", "70-74,65-79,74,70", "end before"),
    "a circle": ("age", "65+,T,65,", "65+,80+,65,", "part of itself"),
    "a sex that is no part": ("sex", "2,T,", "2,,", "no part of 'T'"),
    "a whole of which nothing is a part": ("cooperation", "T,Av", ",Av", "no part of 'T'"),
    "a month of another whole": ("month", "03,T,", "03,X,", "no part of 'T'"),
    "quarters between the year and its months": ("month", "03,T,", "Q1,T,K1,Q1\n03,Q1,", "one level"),
    "a level above one profession": ("cooperation", "single,T,", "alone,T,Ensam,Alone\nsingle,alone,", "one level"),
    "a level above those who continue": ("continuity", "continuing,T,", "known,T,Kända,Known\ncontinuing,known,", "one level"),
    "a validity in words": ("kind", "procedures,2019,", "procedures,soon,", "no year and no day"),
    "a validity in other digits": ("kind", "procedures,2019,", "procedures,٢٠١٩,", "no year and no day"),
    "a day that there is not": ("kind", "procedures,2019,", "procedures,2019-02-30,", "no year and no day"),
    "an end before the beginning": (
        "kind",
        "Assessing procedures,2019,",
        "Assessing procedures,2019-02-01,2018",
        "before it begins",
    ),
    "a whole without a column of parents": ("kind", "assessing,Utr", "T,Alla,All,2019,\nassessing,Utr", "no column says"),
    "a month that is not there": ("month", "12,T,December,December\n", "", "no code '12'"),
    "a month too many": ("month", "12,T,December,December\n", "12,T,December,December\n13,T,X,X\n", "by the code '13'"),
    "a sex in letters": ("sex", "1,T,", "M,T,", "no code '1'"),
    "a day too many": ("weekday", "T,,", "0,T,Dag,Day\nT,,", "by the code '0'"),
    "nothing done jointly": ("cooperation", "joint,T,", "several,T,", "no code 'joint'"),
    "nobody who cannot be followed": ("continuity", "unknown,T,", "gone,T,", "no code 'unknown'"),
    "a whole by another name": ("weekday", "T,,", "X,,", "not 'T'"),
}


def test_the_programmes_own_lists_divide() -> None:
    for file in sorted(OWN.glob("*.csv")):
        if file.stem != "procedure-chapter":
            assert rows_of_own_list(OWN, file.stem)


@pytest.mark.parametrize("what", WRONG)
def test_levels_that_do_not_divide_are_refused_with_line_and_remedy(tmp_path: Path, what: str) -> None:
    name, old, new, said = WRONG[what]
    file = tmp_path / f"{name}.csv"
    shutil.copy(OWN / f"{name}.csv", file)
    text = file.read_text(encoding="utf-8")
    assert old in text
    changed = text.replace(old, new)
    if said == "not 'T'":
        changed = changed.replace(",T,", ",X,")
    if said == "column":
        head, *lines = changed.splitlines()
        changed = "\n".join([head, *(line.replace(",", ",false,", 1) for line in lines)]) + "\n"
    file.write_text(changed, encoding="utf-8")
    with pytest.raises(CodeListError) as caught:
        rows_of_own_list(tmp_path, name)
    assert said in str(caught.value) and caught.value.line is not None and caught.value.remedy


@pytest.mark.parametrize("name", ["profession", "procedure", "kind", "procedure-group"])
def test_lists_whose_codes_disclosure_control_adds_up_itself_have_no_groups_of_their_own(tmp_path: Path, name: str) -> None:
    """Procedures by one profession would add up in groups of professions, and headings in groups of procedures."""
    file = tmp_path / f"{name}.csv"
    with (OWN / f"{name}.csv").open(encoding="utf-8", newline="") as written:
        rows = list(csv.DictReader(written))
    changed = [{**rows[0], "code": "T", "parent": ""}, {**rows[0], "code": "above", "parent": "T"}]
    changed += [{**row, "parent": "above" if place < 2 else "T"} for place, row in enumerate(rows)]
    for kept, fine in ((changed, False), ([row | {"parent": row["parent"] and "T"} for row in changed], True)):
        with file.open("w", encoding="utf-8", newline="") as written:
            writer = csv.DictWriter(written, list(changed[0]))
            writer.writeheader()
            writer.writerows(kept)
        if fine:
            assert rows_of_own_list(tmp_path, name)
            continue
        with pytest.raises(CodeListError, match="one level") as caught:
            rows_of_own_list(tmp_path, name)
        assert caught.value.line == 4 and caught.value.field == rows[0]["code"]
