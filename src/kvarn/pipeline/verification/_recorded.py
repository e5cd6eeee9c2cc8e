"""What a publication's record says that it was made from, held against what is here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

import kvarn
from kvarn.base.notebook_files import is_notebook_of
from kvarn.disseminate.recorded import RECORD
from kvarn.pipeline.comparison import Published
from kvarn.pipeline.history import public_history
from kvarn.pipeline.kept_record import kept_record
from kvarn.pipeline.libraries import versions_of
from kvarn.pipeline.nodes import Code
from kvarn.pipeline.production import Production

__all__ = ["not_as_recorded"]

_HISTORY = "release-history"


def not_as_recorded(published: Published, production: Production, kept: Path) -> list[str]:
    """What is not as the record says, in words: published files, inputs, notebooks, deliveries, kvarn's code and libraries.

    Parameters
    ----------
    production
        The edition as it would be made now.
    kept
        What is kept restricted of how it was made: there stand the checksums of what is not public.
    """
    return [
        *(f"the published file {name} {became}" for name, became in published.changed.items()),
        *_inputs(published, production, kept),
        *_deliveries(production),
        *_code(published),
        *_libraries(published),
    ]


def _inputs(published: Published, production: Production, kept: Path) -> Iterator[str]:
    recorded = {**_public(published.record), **_kept(kept, published)}
    for name, digest in sorted(recorded.items()):
        if name == _HISTORY:
            if hashlib.sha256(public_history(production.workspace).encode()).hexdigest() != digest:
                yield "the release history that it was protected together with is another"
            continue
        file = production.params if name == f"params/{production.params.name}" else _place(name, production)
        if not file.is_file():
            yield f"{name} is not there"
        elif not (is_notebook_of(file, digest) if file.suffix == ".ipynb" else _digest(file) == digest):
            yield f"{name} has been changed"


def _public(record: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    kinds = ("#input/", "#notebook/")
    return {one["name"]: one["sha256"] for name, one in record.items() if name.startswith(kinds) and "sha256" in one}


def _kept(kept: Path, published: Published) -> dict[str, str]:
    """The plain checksums of every input, where what is kept is of this publication."""
    found = kept_record(kept, published.folder / RECORD)
    return {} if found is None else dict(found.inputs)


def _place(name: str, production: Production) -> Path:
    """Where a recorded input lies; a population from elsewhere is known by its folder's name and its own."""
    inside = production.root / name
    if inside.is_file():
        return inside
    return next((one for one in production.population if "/".join(one.parts[-2:]) == name), inside)


def _deliveries(production: Production) -> Iterator[str]:
    """Each delivery that was collected, against the folder that it came from; those within archives are not looked for."""
    folder = production.edition.data.deliveries
    if folder is None:
        return
    files: dict[str, set[str]] = {}
    archives = False
    for path in sorted((production.root / folder).rglob("*")):
        if path.is_file():
            archives |= path.suffix.lower() == ".zip"
            files.setdefault(path.name, set()).add(_digest(path))
    for year in production.edition.years:
        logged = production.workspace.collected / str(year) / "deliveries.parquet"
        if not logged.is_file():
            yield f"which deliveries of {year} it was made from is not known here any more"
            continue
        for row in pq.read_table(logged, columns=["name", "sha256"]).to_pylist():
            if row["name"] not in files:
                if not archives:
                    yield f"the delivery {row['name']} is not there"
            elif row["sha256"] not in files[row["name"]]:
                yield f"the delivery {row['name']} has been changed"


def _code(published: Published) -> Iterator[str]:
    now = f"{kvarn.__version__} ({Code(module='kvarn').state()})"
    if published.record.get("#kvarn", {}).get("softwareVersion") != now:
        yield "the code of kvarn is another"


def _libraries(published: Published) -> Iterator[str]:
    then = {
        str(one["name"]): str(one["softwareVersion"])
        for name, one in published.record.items()
        if name.startswith("#software/") and one["name"] != "kvarn"
    }
    now = versions_of(then)
    for name, version in sorted(then.items()):
        if now[name] != version:
            yield f"the library {name} was {version}, and is {now[name]}"


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
