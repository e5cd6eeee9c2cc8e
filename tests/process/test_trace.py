"""Every row of the register leads to a delivery and a line, and back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from kvarn.errors import InputError
from kvarn.process import trace

from .store import Intake, number, pseudonym, read

WHO, OTHER, OLD = number("19300101", 2), number("19500101", 3), number("19310101", 4)


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    intake = Intake(tmp_path, first_number=40)
    intake.months("0180", 2019, 1, [OTHER, WHO, OLD])
    intake.months("0114", 2019, 1, [WHO])
    intake.months("0114", 2019, 1, [OTHER, WHO])
    intake.months("0114", 2019, 2, [WHO], accepted=False)
    intake.acts("0114", 2019, 1, [(OTHER, "2019-01-02", "PM007", "XS918", ""), (WHO, "2019-01-05", "DT019", "XS919", "XS910")])
    return intake.write()


@pytest.fixture
def register(intake: Intake, tmp_path: Path) -> Path:
    path = tmp_path / "corrections.csv"
    path.write_text(f"from,to\n{OLD},{WHO}\n")
    return intake.register(corrections=path)


def test_a_persons_months_lead_to_all_their_lines(intake: Intake, register: Path) -> None:
    found = trace(register, intake.collected, table="person_months", year=2019, pseudonym=pseudonym(WHO))
    columns = ["month", "municipality", "delivery", "line", "duplicate"]
    assert found[columns].to_numpy().tolist() == [
        [1, "0114", "KHSL1_0114_201901.txt", 2, False],
        [1, "0180", "KHSL1_0180_201901.txt", 2, False],
        [1, "0180", "KHSL1_0180_201901.txt", 3, True],
    ]
    assert found["sha256"].tolist() == [f"{delivery:064x}" for delivery in (42, 40, 40)]
    assert found["source"].iloc[0] == "in/KHSL1_0114_201901.txt"
    assert found["arrived"].iloc[0] == pd.Timestamp(dt.date(2020, 1, 31))


def test_a_procedure_leads_to_its_line_with_its_codes(intake: Intake, register: Path) -> None:
    found = trace(register, intake.collected, table="procedures", year=2019, pseudonym=pseudonym(WHO), procedure="DT019")
    row = found.iloc[0]
    assert len(found) == 1
    assert (row["delivery"], row["line"]) == ("KHSL2_0114_201901.txt", 4)
    assert (row["procedure"], row["profession"], row["further_professions"]) == ("DT019", "XS919", "XS910")
    assert trace(register, intake.collected, table="procedures", year=2019, pseudonym=pseudonym(WHO), procedure="PM007").empty
    by_person = trace(register, intake.collected, table="procedures", year=2019, person=int(row["person"]))
    assert by_person.equals(found)


@pytest.mark.parametrize("table", ["person_months", "procedures"])
def test_every_line_in_force_leads_to_its_row(intake: Intake, register: Path, table: str) -> None:
    kind = "KHSL1" if table == "person_months" else "KHSL2"
    lines = [(one, row) for one in intake.deliveries if one.type == kind and one.in_force for row in one.rows]
    for one, row in lines:
        found = trace(register, intake.collected, table=table, year=2019, delivery=one.name, line=row[0])  # type: ignore[arg-type]
        who = WHO if row[2] == OLD else row[2]
        assert found["pseudonym"].tolist() == [pseudonym(str(who))]
        assert found["municipality"].tolist() == [one.municipality]
    assert len(lines) == len(read(register, table, 2019)) + (len(read(register, "duplicates", 2019)) if kind == "KHSL1" else 0)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({}, "not clear"),
        ({"pseudonym": "a" * 32, "person": 1}, "not clear"),
        ({"pseudonym": "a" * 32}, "no such person"),
        ({"person": 99}, "no such person"),
        ({"person": 0, "line": 1}, "belongs to a delivery"),
        ({"person": 0, "procedure": "DT019"}, "procedures only"),
        ({"delivery": "KHSL1_0114_201902.txt"}, "not in force"),
        ({"delivery": "KHSL1_0114_20191.txt"}, "Did you mean KHSL1_0114_201901.txt"),
        ({"delivery": "KHSL1_9999_202307.txt"}, "Give the name of a delivery file of the year"),
        ({"delivery": "KHSL1_0114_201901.txt", "line": 7}, "comes from this line"),
        ({"person": 0, "year": 2020}, "2020"),
    ],
)
def test_a_question_without_an_answer_is_refused(intake: Intake, register: Path, question: dict[str, object], said: str) -> None:
    asked = {"table": "person_months", "year": 2019, **question}
    with pytest.raises(InputError) as caught:
        trace(register, intake.collected, **asked)  # type: ignore[arg-type]
    assert said in str(caught.value)
    assert caught.value.remedy
