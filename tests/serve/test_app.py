"""Behind the server: heads, compression, what is cached, and that nothing but the interface can be reached."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient
from starlette.types import ASGIApp
from starlette.websockets import WebSocketDisconnect

from kvarn.disseminate.recorded import RECORD
from kvarn.errors import EnvironmentFault
from kvarn.serve.answers import Answer
from kvarn.serve.app import listen, make_app
from kvarn.serve.database import Database

DATA = "/api/v2/tables/rates-by-municipality-2023/data"
SECRET = "197001012385"


@pytest.fixture(scope="module")
def client(database: Database) -> TestClient:
    return TestClient(make_app(database), raise_server_exceptions=True)


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The server itself, on a port of this machine."""
    listening = listen("127.0.0.1", 0)
    running = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/api/v2"
    running.should_exit = True
    thread.join(timeout=20)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def server(database: Database) -> Iterator[str]:
    with served(make_app(database)) as address:
        yield address


def test_an_answer_may_be_kept_and_asked_for_again_by_its_tag(client: TestClient) -> None:
    first = client.get(DATA, params={"lang": "en"})
    assert first.status_code == 200 and first.headers["content-type"] == "application/json"
    assert first.headers["cache-control"] == "public, max-age=600" and first.headers["x-content-type-options"] == "nosniff"
    tag = first.headers["etag"]
    for asked in (tag, f'"other", {tag}', tag.removeprefix("W/")):
        again = client.get(DATA, params={"lang": "en"}, headers={"If-None-Match": asked})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(DATA, params={"lang": "sv"}, headers={"If-None-Match": tag}).status_code == 200


def test_what_is_asked_for_again_is_not_made_again(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = client.get(DATA).headers["etag"]
    monkeypatch.setattr("kvarn.serve.formats.json_stat.dataset", None)
    assert client.get(DATA, headers={"If-None-Match": tag}).status_code == 304


def test_a_problem_is_not_kept(client: TestClient) -> None:
    answer = client.get(DATA, params={"lang": "no"})
    assert answer.status_code == 400 and answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-cache" and "etag" not in answer.headers


def test_long_answers_are_compressed_for_whoever_can_read_that(client: TestClient) -> None:
    packed = client.get("/api/v2/tables", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/api/v2/tables", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert packed.json() == plain.json() and "Accept-Encoding" in packed.headers["vary"]


def test_pages_of_any_origin_may_ask(client: TestClient) -> None:
    origin = {"Origin": "https://example.org"}
    assert client.get(DATA, headers=origin).headers["access-control-allow-origin"] == "*"
    asked = {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    allowed = client.options(DATA, headers=asked)
    assert allowed.status_code == 200 and "POST" in allowed.headers["access-control-allow-methods"]


def test_a_file_has_its_name_and_type(client: TestClient) -> None:
    for name, ending, kind in (("csv", "csv", "text/csv"), ("xlsx", "xlsx", "spreadsheetml.sheet"), ("px", "px", "octet-stream")):
        answer = client.get(DATA, params={"outputFormat": name})
        assert kind in answer.headers["content-type"]
        assert answer.headers["content-disposition"] == f'inline; filename="rates-by-municipality-2023.{ending}"'


def test_head_has_the_heads_of_get(client: TestClient) -> None:
    asked, told = client.get(DATA), client.head(DATA)
    assert told.status_code == 200 and told.headers["etag"] == asked.headers["etag"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "OPTIONS", "POST"])
def test_nothing_can_be_changed(client: TestClient, method: str) -> None:
    answer = client.request(method, "/api/v2/tables")
    assert answer.status_code == 405 and answer.headers["allow"] == "GET, HEAD"


def test_a_body_that_is_too_long_is_not_read(client: TestClient) -> None:
    assert client.post(DATA, content=b" " * 1_000_001).status_code == 413
    assert client.post(DATA, content=b" " * 1_000_000).status_code == 200


PLACES = (
    *("releases.json", "2024/database/en/persons-by-month.json", "2023/database/sv/persons-by-month.json", f"2023/{RECORD}"),
    *("secret.json", "restricted/2023/persons.json", "../restricted/2023/persons.json", "../../etc/passwd"),
)


@pytest.mark.parametrize("place", PLACES)
def test_no_file_can_be_reached_by_any_name(client: TestClient, shared_publications: Path, place: str) -> None:
    once = place.replace(".", "%2e").replace("/", "%2f")
    ways = (
        place,
        f"/{place}",
        once,
        once.replace("%", "%25"),
        place.replace("/", "\\"),
        f"..;/{place}",
        f"{place}%00",
        f"./{place}",
    )
    for way in ways:
        for path in (
            *(
                f"/{way}",
                f"/api/v2/{way}",
                f"/api/v2/tables/{way}",
                f"/api/v2/tables/{way}/data",
                f"/api/v2/tables/{way}/metadata",
            ),
            *(f"/api/v2/codelists/{way}", f"/api/v2/savedqueries/{way}/data", f"/api/v2/tables/persons-by-month-2023/{way}"),
            *(f"{DATA}?valueCodes[region]={way}", f"{DATA}?outputFormat={way}", f"{DATA}?codelist[region]={way}"),
        ):
            answer = client.get(path)
            assert answer.status_code in (400, 404), path
            assert SECRET not in answer.text and "sha256" not in answer.text
            assert shared_publications.as_posix() not in answer.text


def test_a_candidate_has_no_table(client: TestClient) -> None:
    assert client.get("/api/v2/tables/persons-by-month-2024/data").status_code == 404
    assert "2024" not in {one["id"].rpartition("-")[2] for one in client.get("/api/v2/tables").json()["tables"]}


def test_the_address_of_an_answer_is_not_what_a_request_says(client: TestClient) -> None:
    links = client.get("/api/v2/tables", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}).text
    assert "evil" not in links and "https://statistics.example.org/api/v2/tables/" in links


def test_pxwebpy_works_on_it(server: str) -> None:
    from pxweb import PxApi

    api = PxApi(server, language="en")
    assert api.number_of_tables == 6
    assert [one["id"] for one in api.search("täby")["tables"]] == ["rates-by-municipality-2023"]
    variables = api.get_table_variables("rates-by-municipality-2023")
    assert variables["region"]["category"]["label"]["0160"] == "Täby" and variables["region"]["elimination"]
    lists = {one["label"]: one["id"] for one in variables["region"]["codelists"]}
    assert api.get_code_list(lists["Region, level 3"])["type"] == "Valueset"
    rows = api.get_table_data(
        "rates-by-municipality-2023",
        {"region": ["01*"], "year": "TOP(1)", "measure": ["persons"]},
        code_list={"region": lists["Region, level 3"]},
    )
    assert len(rows) == 26 and {row["Year"] for row in rows} == {"2023"}
    assert next(row for row in rows if row["Region"] == "0160: Täby")["value"] > 0
    assert len(api.get_table_data_all("persons-by-month-2023")) > 100


def test_pxwebpy_asks_in_parts_where_it_must(server: str) -> None:
    from pxweb import PxApi

    api = PxApi(server, language="en", max_workers=1)
    whole = api.get_table_data_all("rates-by-municipality-2023")
    api._client.configuration["maxDataCells"] = 1_000
    assert sorted(map(str, api.get_table_data_all("rates-by-municipality-2023"))) == sorted(map(str, whole))


def test_a_port_that_is_taken_is_an_error_with_a_remedy() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(EnvironmentFault, match="--port"):
        listen("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(EnvironmentFault, match=r"Nothing can listen at no\.such\.host\.invalid"):
        listen("no.such.host.invalid", 0)


def test_what_takes_long_does_not_keep_others_waiting(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Waiting:
        def answer(self, method: str, path: str, query: str = "", body: bytes = b"") -> Answer:
            if path.endswith("config"):
                return database.answer(method, path, query, body)

            def content() -> bytes:
                begun.set()
                assert go_on.wait(20)
                return b"{}"

            return Answer(200, "application/json", content, slow=True)

    waiting: Any = Waiting()
    told: list[int] = []
    with served(make_app(waiting)) as address:
        thread = threading.Thread(target=lambda: told.append(urllib.request.urlopen(f"{address}/tables").status))
        thread.start()
        assert begun.wait(20)
        assert urllib.request.urlopen(f"{address}/config").status == 200 and not told
        go_on.set()
        thread.join(20)
    assert told == [200]


def test_a_socket_that_would_be_kept_open_is_closed(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/v2/tables"):
        pass


def test_every_path_is_answered_in_the_same_words(client: TestClient) -> None:
    for path in (
        "/api/v2/tables/a%0Ab",
        "/%0A",
        "/api/v2%0A/tables",
        "/api/v2/tables/%FF%FE",
        "/API/V2/tables",
    ):
        answer = client.get(path)
        assert answer.status_code == 404 and answer.headers["content-type"] == "application/problem+json", path


def test_it_says_what_it_answers(client: TestClient, database: Database) -> None:
    told = client.get("/api/v2/openapi.json").json()
    assert told["openapi"].startswith("3.")
    for path, methods in told["paths"].items():
        for method in methods:
            answer = database.answer(method.upper(), path.replace("{id}", "x"))
            assert answer.status != 405 and json.loads(answer.content()).get("title") != "Not found", path
