"""The same as files, for an office that has a web server and nothing that runs on it: whole tables, in every format."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kvarn.base.exchange import replacing
from kvarn.errors import InputError
from kvarn.serve.database import PREFIX, Database
from kvarn.serve.descriptions import code_list, metadata, table_entry
from kvarn.serve.formats import FORMATS, Options
from kvarn.serve.problems import Problem
from kvarn.serve.published import LANGUAGES
from kvarn.serve.released import KNOWN_OUT
from kvarn.serve.selection import Asked, Chosen, choose

__all__ = ["write_tree"]

_FIRST = "config.json"
_LINKS = ("links", "link", "href")


def write_tree(database: Database, folder: Path) -> int:
    """Write ``api/v2/<language>/…`` below `folder`, in the place of one that was written before; return how many files.

    ``config.json``, ``tables.json`` (each table with the ``files`` that there are of it), ``tables/<id>/metadata.json``,
    ``tables/<id>/data.<ending>`` in every format that can hold the table, and ``codelists/<id>.json``. The same publications give
    the same bytes.

    Raises
    ------
    InputError
        The folder is one of the publications or the folder of all of them, or holds something else there already.
    """
    place = folder / PREFIX.strip("/")
    if place.exists() and not any((place / language / _FIRST).is_file() for language in LANGUAGES):
        raise InputError(
            "Something else lies where the files would be written.", file=place, remedy="Give another folder, or take it away."
        )
    if any(one.holds(folder) for one in database.editions):
        raise InputError(
            "A publication is never changed: its files are those that were released.",
            file=folder,
            remedy="Give a folder outside of the publication.",
        )
    if (folder / KNOWN_OUT).exists():
        raise InputError(
            "Among publications there are publications alone.",
            file=folder,
            remedy="Give a folder beside it: kvarn serve --write public.",
        )
    written = 0
    place.parent.mkdir(parents=True, exist_ok=True)
    with replacing(place) as new:
        for language in LANGUAGES:
            for name, content in _files(database, language):
                file = new / language / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
                written += 1
    return written


def _files(database: Database, language: str) -> Iterator[tuple[str, bytes]]:
    yield _FIRST, _json(database.configuration())
    listed = []
    for table in database.tables.values():
        chosen = choose(table, Asked({one.name: ["*"] for one in table.variables}))
        here = f"tables/{table.id}"
        files = {f"{here}/data.{kind.ending}": kind for kind in FORMATS.values() if _fits(chosen, kind.require)}
        yield f"{here}/metadata.json", _json(metadata(chosen, language, database.address))
        for name, kind in files.items():
            yield name, kind.write(chosen, language, Options())
        listed.append({**table_entry(table, language, database.address), "files": [f"{here}/metadata.json", *files]})
    yield "tables.json", _json({"language": language, "tables": listed})
    for one in database.code_lists.values():
        yield f"codelists/{one.id}.json", _json(code_list(one, language, database.address))


def _fits(chosen: Chosen, require: Callable[[Chosen], None]) -> bool:
    try:
        require(chosen)
    except Problem:
        return False
    return True


def _json(content: Any) -> bytes:
    return (json.dumps(_without_links(content), ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _without_links(content: Any) -> Any:
    """Links lead to what is answered, and here nobody answers."""
    if isinstance(content, dict):
        return {name: _without_links(one) for name, one in content.items() if name not in _LINKS}
    return [_without_links(one) for one in content] if isinstance(content, list) else content
