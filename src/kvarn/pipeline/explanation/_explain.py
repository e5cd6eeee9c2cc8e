"""A published figure explained: what it is, which notebook and cell computed it, and from what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvarn.base.notebook_files import is_notebook_of
from kvarn.base.published_cells import Shown
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.text_figures import trace_figures
from kvarn.edition import Edition
from kvarn.errors import EditionError, InputError, NotebookError
from kvarn.pipeline.comparison import Published
from kvarn.pipeline.explanation._asked import asked_cells, meant
from kvarn.pipeline.saved_tables import saves_of

__all__ = ["Explanation", "explain_cell", "explain_figure"]

Facts = tuple[tuple[str, str], ...]
_SYMBOL = re.compile(r"(X|\.\.|\.): (.*)", re.DOTALL)
_LANGUAGE = "en"
# The region is made of these lists.
_WITHIN = {"region": ("municipality", "county")}


@dataclass(frozen=True)
class Explanation:
    """What there is to tell, in parts, each of facts by what they are called."""

    title: str
    parts: tuple[tuple[str, Facts], ...]


def explain_cell(published: Published, root: Path, table: str, given: Sequence[str]) -> Explanation:
    """Explain a cell of a published table.

    Raises
    ------
    EditionError
        See `asked_cells`.
    InputError
        A file of the publication is not what it should be.
    """
    _require_as_recorded(published, {f"data/{table}.csv", f"data/{table}.csv-metadata.json"})
    asked = asked_cells(published, table, given)
    codes = asked[0][0]
    described = _description(published, table)
    concepts = {column["name"]: column for column in described["tableSchema"]["columns"]}
    parts: list[tuple[str, Facts]] = [
        *(
            (f"The figure: {one['measure']}" if len(asked) > 1 else "The figure", tuple(_figure(described, concepts, one, shown)))
            for one, shown in asked
        ),
        ("What is said of it", tuple(_notes(published, described))),
        ("How it was computed", tuple(_computed(published, root, table))),
        ("From what", tuple(_sources(published, table, codes))),
    ]
    return Explanation(_text(described["dc:title"]), tuple(part for part in parts if part[1]))


def _require_as_recorded(published: Published, files: Set[str]) -> None:
    """What has been changed since it was made comes from nowhere that the record tells."""
    for name, became in published.changed.items():
        if name in files:
            raise InputError(
                f"The published file {became}: it is not as the record of the publication has it.",
                file=published.folder / name,
                remedy="kvarn verify tells what else is. Publish the edition again, or put the released files back.",
            )


def explain_figure(published: Published, root: Path, name: str, edition: Edition) -> Explanation:
    """Explain a figure of the texts, which ``reports/figures.yml`` declares: what it is made of, and each cell behind it.

    Raises
    ------
    EditionError
        There is no such figure.
    """
    _require_as_recorded(published, {name for name in published.changed if name.startswith("data/")})
    declared = root / "reports" / "figures.yml"
    known = {one["name"]: one for one in trace_figures(declared, ProtectedTables(published.folder / "data"), edition)}
    if name not in known:
        raise EditionError(f"There is no figure {name!r} in reports/figures.yml.", file="NAME", remedy=meant(name, known))
    one = known[name]
    facts = [("declared in", f"reports/figures.yml, line {one['line']}, as it is now"), ("function", one["function"])]
    if one["operands"]:
        facts.append(("made of", ", ".join(one["operands"])))
    if one["value"] is not None or one["status"]:
        facts.append(("value", one["status"] or one["value"]))
    parts: list[tuple[str, Facts]] = [("The figure", tuple(facts))]
    for cell in one["cells"]:
        given = [f"{key}={code}" for key, code in {**cell["categories"], "measure": cell["measure"]}.items()]
        ((codes, shown),) = asked_cells(published, cell["table"], given)
        said = ", ".join(f"{key}={code}" for key, code in codes.items())
        parts.append((f"Cell of {cell['table']}", (("codes", said), ("published", shown.text))))
    for table in dict.fromkeys(cell["table"] for cell in one["cells"]):
        parts.append((f"How {table} was computed", tuple(_computed(published, root, table))))
    return Explanation(f"The figure {name}", tuple(parts))


def _figure(
    described: Mapping[str, Any], concepts: Mapping[str, Any], codes: Mapping[str, str], shown: Shown
) -> Iterator[tuple[str, str]]:
    for name, code in codes.items():
        label = _text(_concept(concepts[name], code).get("skos:prefLabel", ()))
        yield name, f"{code} ({label})" if label else code
    measure = _concept(concepts["measure"], codes["measure"])
    if shown.status:
        yield "status", shown.status
        yield "which means", _symbols(described).get(shown.status, "not said in this publication")
    else:
        yield "value", shown.value
        yield "status", "published"
    yield "unit", _text(measure.get("schema:unitText", ()))
    yield "definition", _text(measure.get("skos:definition", ()))


def _notes(published: Published, described: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, called in (("schema:creativeWorkStatus", "stage"), ("dc:source", "source"), ("dc:publisher", "publisher")):
        yield called, _text(described.get(key, ()))
    for one in described.get("rdfs:comment", ()):
        if one["@language"] == _LANGUAGE and not _SYMBOL.fullmatch(one["@value"]):
            yield "note", one["@value"]
    for name, entity in published.record.items():
        if name.startswith("#accepted/") and "description" in entity:
            yield str(entity["name"]), f"{entity['description']} ({entity.get('creditText', '')}: {entity.get('comment', '')})"


def _computed(published: Published, root: Path, table: str) -> Iterator[tuple[str, str]]:
    step = _step_of(published, table)
    instrument = published.record.get(step.get("instrument", {}).get("@id", ""), {})
    if not instrument:
        return
    notebook = root / str(instrument["name"])
    yield "step", str(step["name"])
    yield "notebook", f"{instrument['name']}, SHA-256 {instrument.get('sha256', 'not public')}"
    if not notebook.is_file() or not is_notebook_of(notebook, str(instrument.get("sha256"))):
        yield "cell", "not told: the notebook is not here as it was then"
        return
    try:
        cell = saves_of(notebook).get(table)
    except NotebookError:
        cell = None
    if cell is not None:
        yield "cell", cell.id
        yield "code", cell.source
    yield "kvarn", str(published.record.get("#kvarn", {}).get("softwareVersion", ""))


def _sources(published: Published, table: str, codes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for one in _step_of(published, table).get("object", ()):
        entity = published.record.get(one["@id"], {})
        if one["@id"] == "#deliveries":
            yield "deliveries", f"{entity.get('collectionSize')} files; what they hold is secret"
        elif entity:
            yield "input", f"{entity['name']}, {_checksum(entity)}"
    lists = {name for variable in codes for name in (variable, *_WITHIN.get(variable, ()))}
    for name, entity in published.record.items():
        path = Path(str(entity.get("name", "")))
        if not name.startswith("#input/"):
            continue
        if path.parent.name == "codelists" and re.sub(r"-\d{4}$", "", path.stem) in lists:
            yield "code list", f"{path}, {_checksum(entity)}"
        elif str(path) in ("programme/tables.yml", "programme/measures.yml", "programme/variables.yml"):
            yield "declared in", f"{path}, {_checksum(entity)}"
    yield "data file", f"data/{table}.csv, SHA-256 {published.files[f'data/{table}.csv']}"


def _checksum(entity: Mapping[str, Any]) -> str:
    return f"SHA-256 {entity['sha256']}" if "sha256" in entity else "not public"


def _step_of(published: Published, table: str) -> Mapping[str, Any]:
    made = {"@id": f"data/{table}.csv"}
    steps = (one for one in published.record.values() if one.get("@type") == "CreateAction")
    return next((one for one in steps if made in one.get("result", ())), {})


def _description(published: Published, table: str) -> Mapping[str, Any]:
    file = published.folder / "data" / f"{table}.csv-metadata.json"
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(read, dict) and "columns" in read.get("tableSchema", {}) and "dc:title" in read:
            return read
    except (OSError, ValueError):
        pass
    raise InputError("The description of the table cannot be read.", file=file, remedy="Restore the publication as it was made.")


def _concept(column: Mapping[str, Any], code: str) -> Mapping[str, Any]:
    return next((one for one in column.get("skos:member", ()) if one["skos:notation"] == code), {})


def _symbols(described: Mapping[str, Any]) -> dict[str, str]:
    said = (one["@value"] for one in described.get("rdfs:comment", ()) if one["@language"] == _LANGUAGE)
    return {found[1]: found[2] for one in said if (found := _SYMBOL.fullmatch(one))}


def _text(both: Sequence[Mapping[str, str]]) -> str:
    """What is said in English, else in Swedish."""
    said = {one["@language"]: one["@value"] for one in both}
    return said.get(_LANGUAGE) or next(iter(said.values()), "")
