"""Whatever is asked is answered: with what there is, or with what is wrong; never with a defect."""

from __future__ import annotations

import importlib.util
import json
import threading
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvarn.serve.database import Database
from kvarn.serve.formats import FORMATS, OPTIONS

TABLES = ("rates-by-municipality-2023", "persons-by-month-2022", "PERSONS-BY-MONTH-2023", "x")
VARIABLES = ("region", "year", "time", "age", "month", "sex", "measure", "Region", "x", "")
CODES = (
    "*",
    "0160",
    "01",
    "T",
    "t",
    "2023",
    "persons",
    "TOP(1)",
    "BOTTOM(2,1)",
    "FROM(2020)",
    "TO(01)",
    "RANGE(00,01)",
    "0?",
    "*1",
)
# With halves of signs, which JSON can hold and UTF-8 cannot.
anything = st.text(st.characters(exclude_categories=()), max_size=20)
code = st.sampled_from(CODES) | anything
formats = st.sampled_from(tuple(FORMATS)) | anything
options = st.lists(st.sampled_from(OPTIONS) | anything, max_size=3)
variables = st.sampled_from(VARIABLES) | anything
PATHS = (
    "config",
    "tables",
    "tables/{}",
    "tables/{}/metadata",
    "tables/{}/defaultselection",
    "tables/{}/data",
    "codelists/{}",
    "{}",
)
SAVED = ("savedqueries/{}", "savedqueries/{}/data", "savedqueries/{}/selection", "openapi.json", "", "tables/{}/data/x")
parameters = st.lists(
    st.tuples(
        st.sampled_from(("lang", "query", "pastDays", "pageSize", "pageNumber", "savedQuery", "outputFormat", "heading", "stub")),
        anything | st.sampled_from(("sv", "en", "1", "0", "-1", "99999999999", "year", "year,region", "true")),
    )
    | st.tuples(st.just("outputFormat"), formats)
    | st.tuples(st.just("outputFormatParams"), options.map(",".join))
    | st.tuples(variables.map(lambda name: f"valueCodes[{name}]"), st.lists(code, max_size=3).map(",".join))
    | st.tuples(variables.map(lambda name: f"codelist[{name}]"), anything)
    | st.tuples(anything, anything),
    max_size=6,
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | anything | code,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
    max_leaves=6,
)
selections = st.fixed_dictionaries(
    {},
    optional={
        "selection": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "variableCode": variables | values,
                    "valueCodes": st.lists(code, max_size=3) | values,
                    "codelist": values,
                },
            )
            | values,
            max_size=4,
        )
        | values,
        "placement": st.fixed_dictionaries(
            {}, optional={"heading": st.lists(variables, max_size=3) | values, "stub": st.lists(variables, max_size=3) | values}
        )
        | values,
    },
)
queries = st.fixed_dictionaries(
    {},
    optional={
        "tableId": st.sampled_from(TABLES) | values,
        "language": st.sampled_from(("sv", "en")) | values,
        "outputFormat": formats | values,
        "outputFormatParams": options | values,
        "selection": selections | values,
    },
)


def require_answer(database: Database, method: str, path: str, query: str = "", body: bytes = b"") -> Any:
    answer = database.answer(method, path, query, body)
    content = answer.content()
    assert answer.status in (200, 201, 400, 404, 405)
    if "json" not in answer.media_type:
        return content
    told = json.loads(content)
    if answer.status >= 400:
        assert told["status"] == answer.status and told["title"] and told["detail"]
    return told


@given(
    path=st.sampled_from(PATHS + SAVED),
    id_=st.sampled_from(TABLES) | anything,
    asked=parameters,
    method=st.sampled_from(("GET", "GET", "HEAD", "POST", "PUT")),
)
@settings(max_examples=60)
def test_any_address(database: Database, path: str, id_: str, asked: list[tuple[str, str]], method: str) -> None:
    query = urlencode(asked, errors="replace", safe="[]*(),")
    require_answer(database, method, path.format(id_.encode("utf-8", "replace").decode("utf-8")), query)


@given(path=st.sampled_from(TABLES), body=selections | values, asked=parameters)
@settings(max_examples=40)
def test_any_selection(database: Database, path: str, body: Any, asked: list[tuple[str, str]]) -> None:
    written = json.dumps(body, ensure_ascii=True).encode()
    require_answer(database, "POST", f"tables/{path}/data", urlencode(asked, errors="replace"), written)


@given(body=queries | values)
@settings(max_examples=40)
def test_any_saved_query_and_what_was_saved_can_be_run(database: Database, body: Any) -> None:
    saved = require_answer(database, "POST", "savedqueries", "", json.dumps(body).encode())
    if "id" in saved:
        for place in ("", "/data", "/selection"):
            assert database.answer("GET", f"savedqueries/{saved['id']}{place}").status == 200


@given(query=st.text(), path=st.text())
@settings(max_examples=30)
def test_any_text(database: Database, query: str, path: str) -> None:
    require_answer(database, "GET", path, query)
    require_answer(database, "GET", f"tables/rates-by-municipality-2023/data/{path}", query)
    require_answer(database, "GET", f"savedqueries/q{path}", "")
    require_answer(
        database, "GET", "tables/rates-by-municipality-2023/data", f"valueCodes[region]={quote(query, errors='replace')}"
    )


@given(body=st.binary())
@settings(max_examples=30)
def test_any_body(database: Database, body: bytes) -> None:
    require_answer(database, "POST", "savedqueries", "", body)
    require_answer(database, "POST", "tables/rates-by-municipality-2023/data", "", body)


def let_it_name_what_there_is(case: Any, real: dict[str, str]) -> None:
    """What is made by chance names no table and no variable, and is answered by that."""
    kind = case.operation.path.strip("/").partition("/")[0]
    if "id" in case.path_parameters:
        case.path_parameters["id"] = real[kind]
    given = case.query.get("valueCodes")
    if isinstance(given, dict):
        case.query["valueCodes"] = dict.fromkeys(("year", "measure"), "*") | dict.fromkeys(
            ("sex",), next(iter(given.values()), "T")
        )
    if isinstance(case.body, dict) and "tableId" in case.body:
        case.body["tableId"] = real["tables"]


@pytest.mark.long
@pytest.mark.skipif(importlib.util.find_spec("schemathesis") is None, reason="schemathesis is not installed")
def test_ten_thousand_requests_that_are_made_from_what_it_says_of_itself(database: Database) -> None:
    """Answers are held to the OpenAPI description, too: their status, media type and contents."""
    import schemathesis
    import uvicorn
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    from kvarn.serve.app import listen, make_app

    listening = listen("127.0.0.1", 0)
    running = uvicorn.Server(uvicorn.Config(make_app(database), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{listening.getsockname()[1]}/api/v2/openapi.json")
        operations = [one.ok() for one in schema.get_all_operations()]
        held = [
            *(not_a_server_error, checks.status_code_conformance, checks.content_type_conformance),
            *(checks.response_schema_conformance, checks.response_headers_conformance, checks.allow_header_conformance),
        ]
        real = {
            "tables": "persons-by-month-2023",
            "codelists": next(iter(database.code_lists)),
            "savedqueries": require_answer(database, "POST", "savedqueries", "", b'{"tableId": "persons-by-month-2023"}')["id"],
        }
        asked = had = 0
        for operation in operations:
            # The configuration has nothing that could be asked otherwise.
            @given(case=operation.as_strategy())
            @settings(max_examples=10_000 // (len(operations) - 1) + 1)
            def require_valid(case: Any) -> None:
                nonlocal asked, had
                asked += 1
                if asked % 2:
                    let_it_name_what_there_is(case, real)
                # Not that all that is of the right kind is accepted: which codes there are no description says.
                had += case.call_and_validate(checks=held).status_code < 300

            require_valid()
        assert asked >= 10_000 and had > asked // 5
    finally:
        running.should_exit = True
        thread.join(timeout=20)
