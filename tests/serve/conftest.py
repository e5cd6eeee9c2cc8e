"""Publications as an office has them: editions that are out, one that is followed, and a candidate that nobody may see."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from kvarn.disseminate.database import write_database
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.record import write_record
from kvarn.disseminate.recorded import RECORD
from kvarn.edition import Edition
from kvarn.serve.database import Database

PROJECT = Path(__file__).parents[2]
TABLES = ("persons-by-month", "rates-by-municipality", "deliveries-by-year", "persons-by-year-sex-age")
SECRET = "197001012385"


FEW = TABLES[::2]


def _protected(folder: Path, names: tuple[str, ...]) -> ProtectedTables:
    spec = importlib.util.spec_from_file_location("make_protected", PROJECT / "tests" / "disseminate" / "make_protected.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return ProtectedTables(module.write_protected(folder / "protected", names=names))


def _publish(tables: ProtectedTables, folder: Path, **changes: Any) -> str:
    """An edition of these tables; the checksum of its record."""
    values = yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
    edition = Edition.model_validate(values | changes)
    write_database(tables, edition, folder / "database")
    record = write_record(
        folder, edition, folder.name, overrides=(), inputs=(), deliveries=None, steps=(), versions={}, code_version="0"
    )
    return hashlib.sha256(record.read_bytes()).hexdigest()


def write_publications(root: Path) -> Path:
    """Three releases of two reference years, and a candidate, in ``publications/``; beside it something secret."""
    every, few = _protected(root / "every", TABLES), _protected(root / "few", FEW)
    publications = root / "publications"
    made = [
        ("2022", {"reference_year": 2022}),
        ("2023-preliminary", {"stage": "preliminary"}),
        ("2023", {}),
        ("2024", {"stage": "preliminary"}),
    ]
    records = {name: _publish(every if name == "2023" else few, publications / name, **changes) for name, changes in made}
    out = [
        {
            "number": number,
            "edition": name,
            "published": "2024-06-04",
            "synthetic": False,
            "corrects": "",
            "record_sha256": records[name],
        }
        for number, name in enumerate(("2022", "2023-preliminary", "2023"), 1)
    ]
    (publications / "releases.json").write_text(json.dumps({"releases": out, "orders": []}), encoding="utf-8")
    restricted = root / "restricted" / "2023"
    restricted.mkdir(parents=True)
    (restricted / "persons.json").write_text(SECRET, encoding="utf-8")
    (publications / "secret.json").symlink_to(restricted / "persons.json")
    return publications


@pytest.fixture(scope="session")
def shared_publications(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `write_publications` writes; do not change it."""
    return write_publications(tmp_path_factory.mktemp("office"))


@pytest.fixture
def publications(shared_publications: Path, tmp_path: Path) -> Path:
    """A test's own."""
    shutil.copytree(shared_publications.parent, tmp_path / "office", symlinks=True)
    return tmp_path / "office" / "publications"


@pytest.fixture(scope="session")
def database(shared_publications: Path) -> Database:
    return Database(shared_publications, "https://statistics.example.org/api/v2")


@pytest.fixture(scope="session")
def ask(database: Database) -> Callable[..., Any]:
    """What is answered: JSON as its object, all else as bytes; a status other than 200 with it."""

    def asked(path: str, query: str = "", body: Any = None, *, status: int = 200) -> Any:
        written = b"" if body is None else json.dumps(body).encode()
        answer = database.answer("GET" if body is None else "POST", path, query, written)
        content = answer.content()
        assert answer.status == status, content
        return json.loads(content) if "json" in answer.media_type else content

    return asked


def record_of(publications: Path, edition: str) -> Path:
    return publications / edition / RECORD
