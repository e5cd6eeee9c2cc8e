"""`kvarn serve`: what is wrong is told before anything listens; files for a web server are the same as what is answered."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from kvarn.serve.database import Database
from kvarn.serve.tree import write_tree
from tests.commands import kvarn


def test_where_nothing_is_released_it_says_so_and_serves_nothing(tmp_path: Path) -> None:
    told = kvarn("serve", tmp_path, "--port", "0")
    assert told.returncode == 1 and "Nothing is released here" in told.stderr and "kvarn release" in told.stderr


def test_outside_a_project_the_publications_must_be_named(tmp_path: Path) -> None:
    told = kvarn("serve", folder=tmp_path)
    assert told.returncode == 2 and "kvarn serve /srv/publications" in told.stderr


def test_without_the_extra_it_says_what_to_install(publications: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "kvarn.serve.app", raising=False)
    monkeypatch.delattr("kvarn.serve.app", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    told = kvarn("serve", publications, "--port", "0")
    assert told.returncode == 1 and "kvarn serve needs uvicorn" in told.stderr and "kvarn[serve]" in told.stderr


def test_it_answers_until_it_is_stopped(shared_publications: Path) -> None:
    command = [sys.executable, "-m", "kvarn", "serve", str(shared_publications), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        said = running.stdout.readline()
        assert said.startswith("6 tables (2023, 2022): http://127.0.0.1:")
        address = said.split()[-1]
        with urllib.request.urlopen(f"{address}/config") as answer:
            assert json.load(answer)["defaultLanguage"] == "sv"
        with urllib.request.urlopen(f"{address}/tables") as answer:
            assert json.load(answer)["tables"][0]["links"][0]["href"].startswith(address)
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=20)
    assert (running.returncode, errors) == (130, "kvarn: Stopped.\n")


def test_the_files_are_what_is_answered(shared_publications: Path, tmp_path: Path) -> None:
    database = Database(shared_publications)
    told = kvarn("serve", shared_publications, "--write", tmp_path / "public")
    files = {one.relative_to(tmp_path / "public").as_posix(): one for one in (tmp_path / "public").rglob("*") if one.is_file()}
    assert told.returncode == 0 and told.stdout.startswith(f"{len(files)} files")
    assert {name.rpartition(".")[2] for name in files} == {"json", "csv", "px", "xlsx", "html", "parquet"}
    listed = json.loads(files["api/v2/en/tables.json"].read_bytes())
    assert {one["id"] for one in listed["tables"]} == {one.id for one in database.tables.values()}
    for one in listed["tables"]:
        table = database.table(one["id"])
        query = "&".join(f"valueCodes[{variable.name}]=*" for variable in table.variables)
        for name in one["files"]:
            assert f"api/v2/en/{name}" in files
        for name, ending in (("csv", "csv"), ("json-stat2", "json"), ("px", "px")):
            answer = database.answer("GET", f"tables/{table.id}/data", f"{query}&lang=en&outputFormat={name}")
            assert files[f"api/v2/en/tables/{table.id}/data.{ending}"].read_bytes() == answer.content()
    assert not any(b'"links"' in file.read_bytes() or b'"href"' in file.read_bytes() for file in files.values())

    # Written anew they are the same, and what is there no more is gone.
    first = {name: file.read_bytes() for name, file in files.items()}
    (tmp_path / "public" / "api" / "v2" / "en" / "left-over.json").write_text("{}", encoding="utf-8")
    write_tree(database, tmp_path / "public")
    again = [one for one in (tmp_path / "public").rglob("*") if one.is_file()]
    assert {one.relative_to(tmp_path / "public").as_posix(): one.read_bytes() for one in again} == first


def test_files_are_written_over_nothing_else(publications: Path, tmp_path: Path) -> None:
    (tmp_path / "other" / "api" / "v2").mkdir(parents=True)
    told = kvarn("serve", publications, "--write", tmp_path / "other")
    assert told.returncode == 1 and "Something else lies" in told.stderr
    told = kvarn("serve", publications, "--write", publications / "2023")
    assert told.returncode == 1 and "A publication is never changed" in told.stderr
    told = kvarn("serve", publications, "--write", publications)
    assert told.returncode == 1 and "publications alone" in told.stderr
    assert not (publications / "api").exists()


@pytest.mark.parametrize(
    "address",
    [
        "foo",
        "",
        "ftp://a.example",
        "https://",
        "https://a.example/?q",
        "https://a.example/#x",
        "https://[",
        "//a.example",
        "/a b",
    ],
)
def test_an_address_that_links_cannot_begin_with_is_refused(publications: Path, tmp_path: Path, address: str) -> None:
    told = kvarn("serve", publications, "--address", address, "--write", tmp_path / "public")
    assert (
        told.returncode == 2 and "--address" in told.stderr and "https://statistics.example.org" in " ".join(told.stderr.split())
    )
    assert not (tmp_path / "public").exists()


@pytest.mark.parametrize("address", ["https://a.example", "http://a.example:8080/x/api/v2/", "/statistics/api/v2"])
def test_any_other_is_taken(publications: Path, tmp_path: Path, address: str) -> None:
    assert kvarn("serve", publications, "--address", address, "--write", tmp_path / "public").returncode == 0


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1", "a" * 70])
def test_a_host_that_is_none_of_this_machine_is_told_as_such(publications: Path, host: str) -> None:
    told = kvarn("serve", publications, "--host", host, "--port", "0")
    assert told.returncode == 1 and "--host" in told.stderr and "--port" not in told.stderr
