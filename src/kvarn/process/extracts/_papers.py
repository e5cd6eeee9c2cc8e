"""The papers that go with an extract: what its variables are, on which conditions it was given, and the sums of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from kvarn import metadata
from kvarn.metadata import register_table
from kvarn.process.extracts._fields import Column
from kvarn.process.extracts._request import Request
from kvarn.process.variables import ListedTable, Part, VariableList, csvw, page, span, word

__all__ = ["SUMS", "listed_table", "write_papers", "write_sums"]

SUMS = "SHA256SUMS"


def listed_table(name: str, columns: Sequence[Column], file: str) -> ListedTable:
    """A table of the extract as the variable list shows it; the columns carry their shares missing."""
    declared = register_table(name)
    return ListedTable(
        name=name,
        titles={language: declared.label(language) for language in metadata.languages},
        definition=declared.definition,
        file=file,
        key=("project_person",) if name == "persons" else (),
        variables=tuple(column.listed for column in columns),
    )


def write_papers(
    request: Request, tables: tuple[ListedTable, ...], rows: Mapping[str, int], folder: Path, *, synthetic: bool
) -> None:
    """Write ``variables.html``, ``csv-metadata.json`` (CSVW) and ``README.md`` into the extract's folder."""
    listed = VariableList(
        titles={language: word("title.extract", language, project=request.project) for language in metadata.languages},
        about={
            language: word("about.extract", language, years=span(request.years), edition=request.edition)
            for language in metadata.languages
        },
        parts=(Part("extract", tables),),
        years=request.years,
        synthetic=synthetic,
        long="codelists.long.extract",
    )
    (folder / "variables.html").write_text(page(listed), encoding="utf-8")
    (folder / "csv-metadata.json").write_text(csvw(listed, tables, suffix=f".{request.format}"), encoding="utf-8")
    readme = "\n".join(_readme(request, rows, language, synthetic) for language in metadata.languages)
    (folder / "README.md").write_text(readme, encoding="utf-8")


def _readme(request: Request, rows: Mapping[str, int], language: str, synthetic: bool) -> str:
    facts = {
        "recipient": request.recipient,
        "purpose": request.purpose,
        "decision": f"{request.decision}, {request.decided}",
        "valid_until": str(request.valid_until),
        "edition": f"{metadata.text('register.name', language)}, {request.edition}",
        "years": span(request.years),
    }
    conditions = [word("readme.condition.purpose", language, valid_until=request.valid_until)]
    conditions += [word(f"readme.condition.{name}", language) for name in ("identify", "decision")]
    conditions += request.conditions.of(language) if request.conditions else ()
    files = [f"- `{name}.{request.format}`: {word('readme.rows', language, rows=number)}" for name, number in rows.items()]
    papers = {name: f"readme.file.{name}" for name in ("variables.html", "csv-metadata.json", "parameters.yml")}
    files += [f"- `{name}`: {word(key, language)}" for name, key in (papers | {SUMS: "readme.file.sums"}).items()]
    lines = [f"# {word('readme.title', language, project=request.project)}", ""]
    if synthetic:
        lines += [f"**{metadata.text('synthetic.notice', language)}**", ""]
    lines += [f"- {word(f'readme.{name}', language)}: {said}" for name, said in facts.items()]
    lines += ["", f"## {word('readme.conditions', language)}", "", *(f"- {said}" for said in conditions)]
    lines += ["", f"## {word('readme.files', language)}", "", *files, "", word("readme.pseudonyms", language), ""]
    return "\n".join(lines)


def write_sums(folder: Path) -> str:
    """Write ``SHA256SUMS`` of every other file of the folder (as ``sha256sum --check`` reads it); returns its own SHA-256."""
    lines = []
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    content = "".join(lines).encode()
    (folder / SUMS).write_bytes(content)
    return hashlib.sha256(content).hexdigest()
