"""What `programme.yml` says of the register is what everything goes by.

Where its model is meant to change, `KVARN_WRITE_SNAPSHOT=1 pytest tests/programme/test_about.py` writes the schema anew.
"""

import datetime as dt
import json
import os
import shutil
from pathlib import Path

import jsonschema
import pytest
import yaml

import kvarn
from kvarn.collect import layouts
from kvarn.edition import due_date, first_year_of_due_dates
from kvarn.errors import CodeListError
from kvarn.programme import FOLDER, About, Programme, current_programme, open_programme, programme_held

SCHEMA = Path(kvarn.__file__).parent / "programme" / "programme.schema.json"
OWN = Path(__file__).parents[2] / FOLDER


def changed(folder: Path, before: str, after: str) -> Programme:
    shutil.copytree(OWN, folder / FOLDER)
    file = folder / FOLDER / "programme.yml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    return Programme(folder / FOLDER)


def test_what_is_delivered_and_from_when_on_is_declared(tmp_path: Path) -> None:
    about = current_programme().about
    assert (about.periods, about.events) == tuple(about.file_types) and about.first_year_of_events == 2019
    assert not about.has_events(2018) and about.has_events(2019)
    with programme_held(changed(tmp_path, "first_year: 2019}\n# ", "first_year: 2021}\n# ")):
        assert {name: one.first_year for name, one in layouts().items()} == {"KHSL1": 2007, "KHSL2": 2021}


def test_a_register_need_have_no_events(tmp_path: Path) -> None:
    programme = changed(tmp_path, "  KHSL2: {rows: events, first_year: 2019}\n", "")
    (programme.folder / "collect" / "KHSL2.yml").unlink()
    with programme_held(open_programme(programme.folder)) as held:
        assert held.about.events is None and held.about.first_year_of_events is None and not held.about.has_events(2023)
        assert list(layouts()) == ["KHSL1"]


def test_the_day_on_which_a_file_is_due_is_declared(tmp_path: Path) -> None:
    assert due_date(2023, 12) == dt.date(2024, 2, 29) and first_year_of_due_dates() == 2019
    with programme_held(changed(tmp_path, "months_after: 2, first_year: 2019", "months_after: 13, first_year: 2020")):
        assert due_date(2023, 12) == dt.date(2025, 1, 31) and first_year_of_due_dates() == 2020


@pytest.mark.parametrize(
    ("before", "after", "field", "said"),
    [
        ("rows: events", "rows: periods", "file_types", "rows that are periods"),
        ("rows: periods", "rows: event", "file_types.KHSL1.rows", "events"),
        ("KHSL1: {", "khsl1: {", "file_types", "khsl1"),
        ("theme: HEAL", "theme: HEALTH", "subject.theme", "HEAL"),
        ("due: {months_after: 2", "due: {months_after: two", "due.months_after", "whole number"),
        ("first_year: 2007\n", "frist_year: 2007\n", "frist_year", "first_year"),
        ("months_after: 2, ", "", "due", "months_after"),
    ],
)
def test_a_mistake_in_it_has_its_place(tmp_path: Path, before: str, after: str, field: str, said: str) -> None:
    programme = changed(tmp_path, before, after)
    with pytest.raises(CodeListError) as caught:
        _ = programme.about
    assert said in str(caught.value) and str(caught.value.file).endswith("programme.yml") and caught.value.remedy
    assert (caught.value.field or "").startswith(field) and caught.value.line


def test_what_holds_of_all_of_it_is_true_of_a_register_made_by_hand() -> None:
    one = {"rows": "periods", "first_year": 2000}
    of = {"first_year": 2000, "due": {"months_after": 0, "first_year": 2000}}
    subject = {"code": "BE", "sv": "Befolkning", "en": "Population", "theme": "SOCI"}
    about = About.model_validate({**of, "subject": subject, "file_types": {"D1": one}})
    assert about.periods == "D1" and about.comparable_from is None and about.subject.label("en") == "Population"


def test_the_schema_that_kvarn_ships_is_that_of_the_model() -> None:
    drawn = json.dumps(About.model_json_schema(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("KVARN_WRITE_SNAPSHOT"):
        SCHEMA.write_text(drawn, encoding="utf-8")
    assert drawn == SCHEMA.read_text(encoding="utf-8"), "If it is meant to change: KVARN_WRITE_SNAPSHOT=1, and read the change."


@pytest.mark.parametrize("folder", [OWN, Path(__file__).parents[1] / "small_programme" / FOLDER])
def test_editors_find_the_schema_by_the_first_line_and_take_the_file_for_right(folder: Path) -> None:
    file = folder / "programme.yml"
    first = file.read_text(encoding="utf-8").splitlines()[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert named != first and (folder / named).resolve() == SCHEMA.resolve()
    values = yaml.safe_load(file.read_text(encoding="utf-8"))
    jsonschema.validate(values, json.loads(SCHEMA.read_text(encoding="utf-8")))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**values, "frist_year": 2000}, json.loads(SCHEMA.read_text(encoding="utf-8")))
