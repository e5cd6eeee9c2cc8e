"""What documents, notebooks and declared texts name must be there: figures, chapters, cells of notebooks, numbered parts.

Told before any work: what is misspelt in a document would else be found when everything has been computed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from kvarn import metadata
from kvarn.base.files import text_in
from kvarn.base.notebook_files import read_notebook
from kvarn.disseminate.narrative._faults import Fault, error_of
from kvarn.disseminate.rendering.subset import DEFINED, SUPPORTED, unsupported_in
from kvarn.disseminate.shortcodes import Shortcode, shortcodes_in
from kvarn.disseminate.shown_tables import cell_options
from kvarn.disseminate.text_figures import Declaration, check_documents, read_declaration

__all__ = ["check_names"]

_CELL = re.compile(r"notebooks/([\w-]+)\.ipynb#([\w-]+)")
_REFERENCE = re.compile(r"(?<![\w@\\])@((?:fig|tbl|sec)-[a-z0-9][a-z0-9-]*)")
# pandoc takes whatever begins so for a reference to a book.
_CITED = re.compile(r"(?<![\w@\\])@\{?(\w[\w-]*)")
_ADDRESS = re.compile(r"(?<=\])\([^()\s]*\)")
_OF_REFERENCES = re.compile(r"(?:fig|tbl|sec)-[a-z0-9]")
_LABEL = re.compile(r"#((?:fig|tbl|sec)-[a-z0-9][a-z0-9-]*)")
_DECLARED_IN = "reports/figures.yml"


def check_names(
    reports: Path,
    notebooks: tuple[Path, ...],
    edition_names: Collection[str],
    *,
    of_each: Mapping[Path, Collection[str]] = MappingProxyType({}),
) -> None:
    """Refuse documents, present notebooks and declared texts that name what is not there.

    Parameters
    ----------
    edition_names
        What can be printed without a declaration (`kvarn.disseminate.text_figures.names_of_edition`).
    of_each
        By notebook, what it can print besides.

    Raises
    ------
    InputError
        Naming each of them with its file and line, or notebook and cell, and the nearest name that there is; or a figure is
        declared and printed nowhere, or a document names a category whatever the figures are.
    """
    documents = sorted(reports.glob("*/*/*.qmd"))
    if not documents:
        return
    declaration = read_declaration(reports / "figures.yml")
    names = {*declaration.entries, *edition_names}
    cells = {notebook.stem: _labels(notebook) for notebook in notebooks}
    faults = [fault for file in documents for fault in _in_document(file, names, cells)]
    faults += [fault for notebook in notebooks for fault in _in_notebook(notebook, {*names, *of_each.get(notebook, ())})]
    faults += _in_declaration(declaration, names)
    if faults:
        raise error_of(faults)
    check_documents(declaration, edition_names, reports)


def _in_document(file: Path, names: Collection[str], cells: Mapping[str, Collection[str]]) -> Iterator[Fault]:
    text = text_in(file)
    beside = {path.name for path in file.parent.glob("_*.qmd")}
    for code in shortcodes_in(text):
        line = text.count("\n", 0, code.start) + 1
        if code.kind == "var" and code.name not in names:
            yield _no_figure(code, names, file, line)
        elif code.kind == "include" and (chain := _back_to(file, code.name)):
            what = f"{file.name} includes itself: {' → '.join((file.name, *chain))}."
            yield Fault(what, "Take one of the includes away.", file, line)
        elif code.kind == "include" and code.name not in beside:
            yield _missing(f"There is no chapter {code.name!r} in {file.parent}.", code.name, beside, "chapter", file, line)
        elif code.kind == "embed":
            yield from _no_cell(code.name, cells, file, line)
    yield from _of_another_kind(text, file)
    labels = {found[1] for path in file.parent.glob("*.qmd") for found in _LABEL.finditer(text_in(path))}
    yield from _labelled_twice(file)
    for found in _REFERENCE.finditer(text):
        label = found[1].rstrip("-")
        if label not in labels:
            line = text.count("\n", 0, found.start()) + 1
            yield _missing(f"Nothing in this document is labelled {label!r}.", label, labels, "label", file, line)


def _back_to(file: Path, name: str, chain: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The chapters by which a file is included in one that it includes, the file last; nothing where none leads back."""
    if name == file.name:
        return (*chain, name)
    chapter = file.parent / name
    if name in chain or not chapter.is_file():
        return ()
    further = (code.name for code in shortcodes_in(text_in(chapter)) if code.kind == "include")
    return next((found for one in further if (found := _back_to(file, one, (*chain, name)))), ())


def _labelled_twice(file: Path) -> Iterator[Fault]:
    """The labels of a chapter that it, or one before it in the folder, has given already."""
    given: dict[str, str] = {}
    for path in sorted(file.parent.glob("*.qmd")):
        for number, line in enumerate(text_in(path).split("\n"), 1):
            for found in DEFINED.finditer(line):
                if found[1] in given and path == file:
                    what = f"The label {found[1]!r} is there twice, first in {given[found[1]]}."
                    yield Fault(what, "Give one of the two another label.", file, number)
                given.setdefault(found[1], f"{path.name}, line {number}")


def _of_another_kind(text: str, file: Path) -> Iterator[Fault]:
    """What one of the renderers does not know, and what would be a reference to a book."""
    for number, line in enumerate(text.split("\n"), 1):
        unsupported = list(unsupported_in(line))
        for written, feature in unsupported:
            yield Fault(f"{written!r}: {feature} is not among what kvarn's documents may use.", SUPPORTED, file, number)
        for found in () if unsupported else _CITED.finditer(_ADDRESS.sub("", line)):
            if not _OF_REFERENCES.match(found[1]):
                what = f"{found[0]!r} is no reference to a figure, table or section."
                yield Fault(what, "Write @fig-label, @tbl-label or @sec-label; the sign itself is written \\@.", file, number)


def _in_notebook(notebook: Path, names: Collection[str]) -> Iterator[Fault]:
    for number, cell in enumerate(read_notebook(notebook).cells, 1):
        for code in shortcodes_in("".join(cell["source"])):
            if code.kind == "var" and code.name not in names:
                yield _no_figure(code, names, notebook, None, f"cell {number}")


def _in_declaration(declaration: Declaration, names: Collection[str]) -> Iterator[Fault]:
    """Figures that are computed from others, texts with figures in them, and the tables, measures and variables named."""
    tables = {table.name: table for table in metadata.tables()}
    for entry in declaration.texts.values():
        for name in entry.operands:
            if name not in names:
                what = f"The text {entry.name!r} names the figure {name!r}, which is not declared."
                yield _missing(what, name, names, "figure", declaration.file, entry.line)
    for figure in declaration.figures.values():
        for name in figure.operands:
            if name not in declaration.figures:
                what = f"The figure {figure.name!r} is computed from {name!r}, which is not declared."
                yield _missing(what, name, declaration.figures, "figure", declaration.file, figure.line)
        asked = figure.options.get("table")
        if asked is None:
            continue
        if str(asked) not in tables:
            what = f"The figure {figure.name!r} asks for the table {asked!r}, which the programme has not."
            yield _missing(what, str(asked), tables, "table", declaration.file, figure.line)
            continue
        table, measure, where = tables[str(asked)], str(figure.options.get("measure")), figure.options.get("where") or {}
        if measure not in table.measures:
            what = f"The table {table.name} has no measure {measure!r}."
            yield _missing(what, measure, table.measures, "measure", declaration.file, figure.line)
        for variable in where if isinstance(where, Mapping) else ():
            if variable not in table.variables:
                what = f"The table {table.name} has no variable {variable!r}."
                yield _missing(what, str(variable), table.variables, "variable", declaration.file, figure.line)


def _labels(notebook: Path) -> frozenset[str]:
    """The labels of a notebook's cells."""
    sources = ("".join(cell["source"]) for cell in read_notebook(notebook).cells if cell["cell_type"] == "code")
    return frozenset(str(label) for source in sources if (label := cell_options(source).get("label")) is not None)


def _no_cell(address: str, cells: Mapping[str, Collection[str]], file: Path, line: int) -> Iterator[Fault]:
    found = _CELL.fullmatch(address)
    if found is None or found[1] not in cells:
        named = found[1] if found else address
        yield _missing(f"There is no present notebook {named!r}.", named, cells, "notebook", file, line)
    elif found[2] not in cells[found[1]]:
        what = f"The notebook {found[1]} has no cell labelled {found[2]!r}."
        yield _missing(what, found[2], cells[found[1]], "label", file, line)


def _no_figure(code: Shortcode, names: Collection[str], file: Path, line: int | None, cell: str | None = None) -> Fault:
    near = difflib.get_close_matches(code.name, sorted(names), n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    remedy = f"Correct the name; a figure that is new is declared in {_DECLARED_IN}."
    return Fault(f"The figure {code.name!r} is not declared.{hint}", remedy, file, line, cell)


def _missing(what: str, name: str, there: Collection[str], kind: str, file: Path, line: int) -> Fault:
    near = difflib.get_close_matches(name, sorted(there), n=1)
    hint = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(sorted(there)[:12])}." if there else ""
    return Fault(f"{what}{hint}", f"Correct the name of the {kind}.", file, line)
