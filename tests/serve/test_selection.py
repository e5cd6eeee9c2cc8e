"""A selection has the cells of the published table, in their places, and says what it leaves out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kvarn import metadata
from kvarn.disseminate.database.read import read_jsonstat
from kvarn.serve.database import Database

Ask = Callable[..., Any]
TABLE = "tables/rates-by-municipality-2023"
DATA = f"{TABLE}/data"


def by_codes(dataset: dict[str, Any], order: tuple[str, ...]) -> dict[tuple[str, ...], tuple[Any, str]]:
    """The cells of a dataset by their codes, read by what JSON-stat says of places."""
    codes = {name: list(one["category"]["index"]) for name, one in dataset["dimension"].items()}
    found = {}
    for place, value in enumerate(dataset["value"]):
        rest, key = place, {}
        for name, size in reversed(list(zip(dataset["id"], dataset["size"], strict=True))):
            key[name], rest = codes[name][rest % size], rest // size
        found[tuple(key[name] for name in order)] = (value, dataset.get("status", {}).get(str(place), ""))
    return found


def test_every_cell_of_every_table_is_the_published_one(database: Database, shared_publications: Path, ask: Ask) -> None:
    for table in database.tables.values():
        order = (*metadata.table(table.table).variables, "measure")
        file = shared_publications / table.edition.name / "database" / "en" / f"{table.table}.json"
        published = read_jsonstat(file, order[:-1])
        asked = "&".join(f"valueCodes[{name}]=*" for name in order)
        found = by_codes(ask(f"tables/{table.id}/data", asked), order)
        assert found.keys() == published.keys()
        for key, (value, symbol) in published.items():
            assert found[key][1] == symbol
            assert found[key][0] is None if value is None else Decimal(str(found[key][0])) == value


def test_a_part_of_a_table_has_the_cells_of_the_whole(ask: Ask) -> None:
    order = ("year", "region", "age", "measure")
    whole = by_codes(ask(DATA, "&".join(f"valueCodes[{name}]=*" for name in order)), order)
    query = "valueCodes[region]=01??,00&valueCodes[age]=BOTTOM(2)&valueCodes[year]=TOP(1)&valueCodes[measure]=persons_per_1000"
    part = by_codes(ask(DATA, query), order)
    assert part and all(whole[key] == cell for key, cell in part.items())
    turned = by_codes(ask(DATA, f"{query}&heading=region&stub=measure,age,year"), order)
    assert turned == part
    assert any(symbol == "X" and value is None for value, symbol in part.values())


def test_placing_turns_the_dimensions(ask: Ask) -> None:
    query = "valueCodes[region]=00,01&valueCodes[year]=*&valueCodes[measure]=*&valueCodes[age]=T"
    assert ask(DATA, query)["id"] == ["year", "region", "age", "measure"]
    assert ask(DATA, f"{query}&heading=age,region")["id"] == ["year", "measure", "age", "region"]
    assert ask(DATA, f"{query}&stub=REGION")["id"] == ["region", "year", "age", "measure"]


def test_what_is_not_asked_for_is_its_total_and_the_answer_says_so(ask: Ask) -> None:
    found = ask(DATA, "valueCodes[time]=2023&valueCodes[MEASURE]=persons&lang=en")
    assert found["id"] == ["year", "measure"] and found["size"] == [1, 1]
    whole = ask(DATA, "valueCodes[year]=2023&valueCodes[measure]=persons&valueCodes[region]=00&valueCodes[age]=T&lang=en")
    assert found["value"] == whole["value"]
    assert "Region: Sweden" in found["note"] and "Region: Sweden" not in whole["note"]


def test_without_a_selection_the_default_one_is_answered(ask: Ask) -> None:
    default = ask(f"{TABLE}/defaultselection")
    assert {one["variableCode"]: one["valueCodes"] for one in default["selection"]}["region"] == []
    assert ask(DATA) == ask(DATA, body={}) == ask(DATA, body=default)


def test_a_post_and_a_get_of_the_same_selection_are_answered_alike(ask: Ask) -> None:
    selection = [
        {"variableCode": "region", "valueCodes": ["01*"]},
        {"variableCode": "year", "valueCodes": ["TOP(1)"]},
        {"variableCode": "measure", "valueCodes": ["persons"]},
    ]
    query = "valueCodes[region]=01*&valueCodes[year]=TOP(1)&valueCodes[measure]=persons"
    assert ask(DATA, "lang=en", {"selection": selection}) == ask(DATA, f"{query}&lang=en")


def test_a_code_list_has_the_published_figures_of_its_level(ask: Ask) -> None:
    described = ask(f"{TABLE}/metadata", "lang=en")["dimension"]["region"]["extension"]["codelists"]
    assert [(one["type"], one["label"]) for one in described] == [
        ("Aggregation", "Region, level 1"),
        ("Aggregation", "Region, level 2"),
        ("Valueset", "Region, level 3"),
    ]
    counties = ask(f"codelists/{described[1]['id']}", "lang=en")
    assert {"0180", "0127"} < set(next(one["valueMap"] for one in counties["values"] if one["code"] == "01"))
    query = f"codelist[region]={described[1]['id']}&valueCodes[year]=*&valueCodes[measure]=persons"
    found = ask(DATA, query)
    assert list(found["dimension"]["region"]["category"]["index"]) == [one["code"] for one in counties["values"]]
    assert found["value"] == ask(DATA, "valueCodes[region]=??&valueCodes[year]=*&valueCodes[measure]=persons")["value"][1:]
    assert "no code '0180'" in ask(DATA, f"{query}&valueCodes[region]=0180", status=400)["detail"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("valueCodes[regoin]=00", "no variable 'regoin'. The nearest is 'region'. It has year, region, age, measure."),
        ("valueCodes[region]=0189", "The variable 'region' has no code '0189'. The nearest is '01"),
        ("valueCodes[region]=00", "The variable 'year' has no total, so that codes of it must be chosen"),
        ("valueCodes[year]=*&valueCodes[time]=*", "The variable 'year' is chosen twice."),
        ("valueCodes=00", "Write valueCodes[variable]="),
        ("valueCodes[]=00", "Write valueCodes[variable]="),
        ("valueCode[region]=00", "There is no parameter 'valueCode[region]'. The nearest is 'valueCodes'."),
        ("codelist[region]=nuts", "no code list 'nuts'"),
        ("stub=regio", "no variable 'regio'"),
        ("stub=region", "'region' is not in the selection"),
        ("stub=year&heading=year", "'year' is placed twice"),
        ("outputFormat=pdf", "no outputFormat 'pdf'; there are json-stat2, csv, xlsx, px, html, parquet."),
        ("outputFormat=csv&outputFormatParams=UseCode", "no outputFormatParams 'UseCode'. The nearest is 'UseCodes'."),
        ("outputFormat=px&outputFormatParams=UseCodes", "The format px does not have the option UseCodes."),
        ("outputFormat=csv&outputFormatParams=UseCodes,UseTexts", "Choose one of UseCodes and UseTexts."),
        ("lang=no", "lang is 'no'; there are sv and en."),
    ],
)
def test_a_mistake_is_told_with_what_there_is(ask: Ask, query: str, said: str) -> None:
    assert said in ask(DATA, query, status=400)["detail"]


def test_what_other_programs_add_to_an_address_is_passed_over(ask: Ask) -> None:
    assert ask(DATA, "_=1718000000&utm_source=letter") == ask(DATA)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "the body is not an object"),
        ({"selection": 1}, "selection is not a list"),
        ({"selection": [1]}, "selection[0] is not an object"),
        ({"selection": [{}]}, "selection[0].variableCode is not a text"),
        ({"selection": [{"variableCode": "year", "valueCodes": [1]}]}, "selection[0].valueCodes is not a list of texts"),
        ({"selection": [], "placement": {"heading": "year"}}, "placement.heading is not a list"),
        ({"selection": [{"variableCode": "year", "valueCodes": ["*"]}] * 2}, "'year' is chosen twice"),
    ],
)
def test_a_mistake_in_a_body_is_told_with_its_place(ask: Ask, body: Any, said: str) -> None:
    assert said in ask(DATA, body=body, status=400)["detail"]


def test_a_body_that_is_no_json_is_told(database: Database) -> None:
    for body in (b"{", b"\xff\xfe", b"[" * 100_000):
        assert database.answer("POST", DATA, "", body).status == 400


def test_a_saved_query_holds_itself(ask: Ask) -> None:
    query = {
        "tableId": "RATES-by-municipality-2023",
        "language": "EN",
        "outputFormat": "csv",
        "selection": {
            "selection": [
                {"variableCode": "region", "valueCodes": ["01"]},
                {"variableCode": "year", "valueCodes": ["TOP(1)"]},
                {"variableCode": "measure", "valueCodes": ["persons"]},
            ]
        },
    }
    saved = ask("savedqueries", body=query, status=201)
    assert re.fullmatch(r"q[A-Za-z0-9_-]+", saved["id"])
    assert ask(f"savedqueries/{saved['id']}")["savedQuery"] == saved["savedQuery"]
    assert saved["savedQuery"]["language"] == "en"
    [head, row] = csv.reader(io.StringIO(ask(f"savedqueries/{saved['id']}/data").decode()))
    assert head[0] == "Region" and row[0] == "Stockholm county"
    swedish = ask(f"savedqueries/{saved['id']}/data", "lang=sv&outputFormat=json-stat2")
    assert swedish["dimension"]["region"]["category"]["label"] == {"01": "Stockholms län"}
    expanded = ask(f"savedqueries/{saved['id']}/selection")["selection"]
    assert {one["variableCode"]: one["valueCodes"] for one in expanded}["year"] == ["2023"]
    assert ask(f"{TABLE}/metadata", f"savedQuery={saved['id']}")["size"] == ask(f"{TABLE}/metadata")["size"]


def test_a_saved_query_is_checked_when_it_is_saved_and_when_it_is_run(ask: Ask) -> None:
    wrong = {"tableId": "rates-by-municipality-2023", "selection": {"selection": [{"variableCode": "x", "valueCodes": []}]}}
    assert "no variable 'x'" in ask("savedqueries", body=wrong, status=400)["detail"]
    ask("savedqueries", body={"tableId": "../restricted"}, status=404)
    for id_ in ("q", "x", "qAAAA", "q" + "A" * 9_000, "..", "%2e%2e", "q" + "é"):
        ask(f"savedqueries/{id_}", status=404)


def test_a_saved_query_that_would_unfold_to_more_than_a_query_is_none(ask: Ask) -> None:
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b'{"a":"' + b"0" * 10_000_000 + b'"}', 9)).rstrip(b"=").decode()
    ask(f"savedqueries/q{bomb}", status=404)


def test_the_list_of_tables_is_found_by_words_and_had_in_pages(ask: Ask) -> None:
    every = ask("tables", "lang=en")
    assert every["page"]["totalElements"] == 6 and len({one["id"] for one in every["tables"]}) == 6
    found = [one["id"] for one in ask("tables", "query=täby PERSONER&lang=sv")["tables"]]
    assert found == ["rates-by-municipality-2023"]
    assert ask("tables", "query=qwerty")["tables"] == []
    second = ask("tables", "pageSize=4&pageNumber=2&lang=en")
    assert [one["id"] for one in second["tables"]] == [one["id"] for one in every["tables"]][4:]
    assert ask("tables", "pageNumber=2", status=404)["title"] == "Non-existent page"
    assert ask("tables", "pageNumber=0", status=400)["detail"] == "pageNumber is '0'; it is a whole number from 1 on."
    assert ask("tables", "pastDays=1")["tables"] == []


def test_the_largest_table_can_be_had_at_once(ask: Ask, database: Database) -> None:
    assert ask("config")["maxDataCells"] == max(one.cells for one in database.tables.values())


def test_ids_are_the_same_in_capitals(ask: Ask) -> None:
    assert ask("TABLES/RATES-BY-MUNICIPALITY-2023/METADATA") == ask("tables/rates-by-municipality-2023/metadata")


def test_what_is_not_there_names_what_is_near(ask: Ask) -> None:
    assert "'rates-by-municipality-2023'" in ask("tables/rates-by-municipality-2032", status=404)["detail"]
    assert ask("navigation", status=404)["title"] == "Not found"
    assert "The nearest is" in ask("codelists/vs_rates-by-municipality-2023_region_level4", status=404)["detail"]


def test_the_same_request_has_the_same_answer_and_another_one_another_tag(database: Database) -> None:
    answers = [database.answer("GET", DATA, query) for query in ("lang=en", "lang=en", "lang=sv")]
    assert answers[0].content() == answers[1].content()
    assert answers[0].tag == answers[1].tag != answers[2].tag
