"""The last gate: nothing becomes a publication that is not what the protected tables say.

Everything is read back from the files themselves, by code that shares nothing with the writers: the spreadsheet by
openpyxl, PDF by PDFium, the database files by `kvarn.disseminate.database.read`. Numbers in documents and notebook
pages are not compared here.
"""

from __future__ import annotations

import base64
import csv
import functools
import html
import json
import os
import re
import stat
from collections.abc import Collection, Container, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from kvarn import metadata
from kvarn.base.page_policy import has_policy
from kvarn.base.stages import Counter
from kvarn.disseminate.database.jsonstat import COLLECTION, collection_title, notices
from kvarn.disseminate.database.jsonstat_examine import faults_of_about, faults_of_collection
from kvarn.disseminate.database.read import Cells, parquet_texts, read_jsonstat, read_parquet, read_px, read_sdmx
from kvarn.disseminate.database.sdmx import STRUCTURE
from kvarn.disseminate.database.sdmx_examine import faults_of_structure
from kvarn.disseminate.drawings import faults_of_drawing
from kvarn.disseminate.explorer import faults_of_explorer, read_explorer
from kvarn.disseminate.finder import without_finder
from kvarn.disseminate.labelled_reading import read_labelled
from kvarn.disseminate.marks import missing_mark
from kvarn.disseminate.order_products import titled
from kvarn.disseminate.page_elements import faults_of_page
from kvarn.disseminate.pdf_reading import opened_pdf, page_texts
from kvarn.disseminate.stage import page_notice
from kvarn.edition import Edition
from kvarn.errors import DisclosureError, InputError

__all__ = ["LARGEST", "check_order", "check_publication"]

# No product of an annual report comes near this many bytes; a register does.
LARGEST = 50_000_000
# What a publication has to read, where nothing else is said.
_DOCUMENTS = ("annual-report", "methods-and-quality")
_DATABASE = {".px": read_px, ".sdmx.csv": read_sdmx}
_STRUCTURE = f"database/{STRUCTURE}"
_FRONT = "index.html"
_NOT_AVAILABLE = (None, "..")
# A personal identity number, or a co-ordination number (day + 60, and where they are not known month 00 and day 60), with
# century; not inside a longer word or a decimal number.
_IDENTITY = re.compile(
    r"(?<!\w)(?<!\d\.)((?:18|19|20)\d{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0\d|1[0-2])(?:[678]\d|9[01])))"
    r"[-+ ]?(\d{4})(?!\w)"
)
# Whatever a page has in itself, however it is written.
_ANY_EMBEDDED = re.compile(
    r"""(?<![\w-])data:(?P<kind>[\w/+.-]*)(?:;[\w=.-]+)*?(?P<coded>;base64)?,(?P<content>[^"')\s>]*)""", re.IGNORECASE
)
_BEGINNINGS = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/svg+xml": (b"<svg", b"<?xml"),
    "font/woff2": (b"wOF2",),
    "font/woff": (b"wOFF",),
    "font/ttf": (b"\x00\x01\x00\x00", b"true"),
    "font/otf": (b"OTTO",),
}
# How it looks, its colours and resolution; and what matplotlib says made it.
_PNG_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"pHYs", b"gAMA", b"sRGB", b"cHRM", b"sBIT", b"bKGD", b"tEXt"}
_LOADED = r"<(?:img|source|image|video|audio|embed|object|input)\b[^>]*?\s(?:src|data|poster)="
_RUNNING = re.compile(r'(@top-center\s*\{\s*content:\s*)"([^"]*)"')
_NAMED = re.compile(rf"""{_LOADED}["']?(?!data:)([^"'\s>]+)""", re.IGNORECASE)
_EMBEDDED = re.compile(r"data:(?P<kind>[\w/+.-]+);base64,(?P<content>[A-Za-z0-9+/=\s]+)")


# What makes a page is the document or notebook of its name, and the house style.
_SOURCES = (
    "Take it out of the document (reports/, the name of the page), the notebook (notebooks/present) or the house style "
    "(reports/theme) that writes it; if none of them has been changed, report it."
)


def check_publication(
    folder: Path,
    protected: Path,
    *,
    edition: Edition,
    documents: Collection[str] = _DOCUMENTS,
    profiles: Collection[str] = (),
    restricted: Path | None = None,
    largest: int = LARGEST,
) -> None:
    """Check a folder before it becomes ``publications/<edition>/``.

    Parameters
    ----------
    folder
        What is about to be published.
    protected
        The protected tables.
    edition
        The year's parameters.
    documents
        The names of the documents that it must have, in each language as page and PDF.
    profiles
        The addresses of the pages for single codes of a list, each of which it must have.
    restricted
        The edition's restricted folder: no file of it may be in `folder`, under any name.
    largest
        The size in bytes above which a file is refused.

    Raises
    ------
    DisclosureError
        A file is not expected, missing, too large, a link, not marked as synthetic or as a trial, or secret; its figures
        differ from the protected tables; or something in it looks like a personal identity number. The error names the file
        and never what is secret in it.
    """
    names, files = _names(protected), _files(folder, largest)
    _require_expected(files, names, edition, documents, profiles)
    _check_contents(files, names, protected, edition, restricted)


def check_order(
    folder: Path, protected: Path, *, edition: Edition, restricted: Path | None = None, largest: int = LARGEST
) -> None:
    """Check a folder before it becomes ``publications/orders/<order>/``, as `check_publication`.

    The order's table must be declared (``metadata.tables_beside``).

    Raises
    ------
    DisclosureError
        As `check_publication`.
    """
    names, files = _names(protected), _files(folder, largest)
    wanted = {"index.html", *(f"{language}/tables.xlsx" for language in edition.languages), *_table_files(names, edition)}
    for name in sorted(files.keys() ^ wanted):
        raise _refusal("The file is missing." if name in wanted else "An order has no such file.", name)
    _check_contents(files, names, protected, titled(edition), restricted)


def _names(protected: Path) -> list[str]:
    return [table.name for table in metadata.tables() if (protected / f"{table.name}.csv").is_file()]


def _table_files(names: list[str], edition: Edition) -> set[str]:
    folders = ("data", *(f"data/{language}" for language in edition.languages))
    data = {f"{folder}/{name}{ending}" for folder in folders for name in names for ending in (".csv", ".csv-metadata.json")}
    data |= {f"data/{name}.parquet" for name in names}
    data |= {f"database/{language}/{file}" for language in metadata.languages for file in (*_jsonstat(names), COLLECTION)}
    return data | {f"database/{name}{ending}" for name in names for ending in _DATABASE} | {_STRUCTURE}


def _jsonstat(names: list[str]) -> list[str]:
    return [f"{name}.json" for name in names]


def _explorers(edition: Edition) -> list[str]:
    return [f"database/{language}/index.html" for language in edition.languages]


def _check_contents(
    files: Mapping[str, Path], names: list[str], protected: Path, edition: Edition, restricted: Path | None
) -> None:
    """Whatever is published: nothing secret in it, synthetic data and trials marked, and its figures the protected tables'."""
    if restricted is not None:
        _require_nothing_restricted(files, restricted)
    explorers = [name for name in _explorers(edition) if name in files]
    examined = Counter("publication: files examined", len(files))
    for name in sorted(files):
        examined.one()
        text = _text(files[name])
        if fault := missing_mark(text, name, edition):
            raise _refusal(fault, name)
        if _has_identity_number(text):
            raise _refusal("The file holds what looks like a personal identity number.", name)
        if name.endswith(".html") and name not in explorers:
            _require_page(files[name].read_text(encoding="utf-8"), name, {page_notice(edition, one) for one in edition.languages})
    for name in explorers:
        _require_explorer(files, name, names, edition)
    expected = {name: _protected_cells(protected / f"{name}.csv", edition) for name in names}
    compared = Counter("publication: tables compared in every format", len(names))
    for name in names:
        compared.one()
        if files[f"data/{name}.csv"].read_bytes() != (protected / f"{name}.csv").read_bytes():
            raise _refusal("The open data differ from the protected table.", f"data/{name}.csv")
        for ending, read in _DATABASE.items():
            file = f"database/{name}{ending}"
            _require_equal(_read(read, files[file], name), expected[name], file)
        file = f"data/{name}.parquet"
        _require_equal(
            _read(functools.partial(read_parquet, synthetic=edition.synthetic), files[file], name), expected[name], file
        )
        for language in metadata.languages:
            file = f"database/{language}/{name}.json"
            _require_equal(_read(read_jsonstat, files[file], name), expected[name], file)
        for language in edition.languages:
            file, measures = f"data/{language}/{name}.csv", tuple(metadata.table(name).measures)
            read = functools.partial(read_labelled, measures=measures, language=language)
            _require_equal(_read(read, files[file], name), expected[name], file)
    _require_descriptions(files, names, edition)
    for name in explorers:
        _check_explorer(files[name], expected, name)
    for language in edition.languages:
        _check_spreadsheet(files[f"{language}/tables.xlsx"], expected, language, f"{language}/tables.xlsx")


def _refusal(what: str, name: str, remedy: str = "Make the product again; if it recurs, report it.") -> DisclosureError:
    return DisclosureError(what, where=name, remedy=f"Nothing was published. {remedy}")


def _files(folder: Path, largest: int) -> dict[str, Path]:
    """The files by their name in the folder."""
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise _refusal("A link or a special file cannot be published.", name)
        if path.is_file():
            if path.stat().st_size > largest:
                raise _refusal(f"The file is larger than {largest} bytes.", name)
            files[name] = path
    return files


def _require_expected(
    files: Mapping[str, Path], names: list[str], edition: Edition, documents: Collection[str], profiles: Collection[str]
) -> None:
    """Every file that a publication has, and no other; notebook pages by their pattern."""
    wanted = {"index.html", "ro-crate-metadata.json", "database/catalogue.jsonld"}
    for language in edition.languages:
        wanted |= {f"{language}/{document}.{kind}" for document in documents for kind in ("html", "pdf")}
        wanted.add(f"{language}/tables.xlsx")
    wanted |= {*_table_files(names, edition), *_explorers(edition), *profiles}
    notebook = re.compile(rf"notebooks/(?:{'|'.join(edition.languages)})/[a-z0-9][a-z0-9-]*\.html")
    for name in sorted(files.keys() - wanted):
        if not notebook.fullmatch(name):
            raise _refusal("A publication has no such file.", name)
    for name in sorted(wanted - files.keys()):
        raise _refusal("The file is missing.", name)


def _require_nothing_restricted(files: Mapping[str, Path], restricted: Path) -> None:
    by_size: dict[int, list[str]] = {}
    for name, path in files.items():
        by_size.setdefault(path.stat().st_size, []).append(name)
    for secret in sorted(_files_of_sizes(restricted, by_size.keys())):
        for name in by_size.get(secret.stat().st_size, []):
            if files[name].read_bytes() == secret.read_bytes():
                raise _refusal("The file is a copy of a restricted one.", name)


def _files_of_sizes(folder: Path, sizes: Container[int]) -> Iterator[Path]:
    """The files below a folder that are of one of these sizes; there may be a hundred thousand others."""
    for above, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(above, name)
            with suppress(FileNotFoundError):
                status = os.stat(path)
                if stat.S_ISREG(status.st_mode) and status.st_size in sizes:
                    yield Path(path)


def _text(path: Path) -> str:
    """What a reader can find in a file, with white space made even and photographs taken out."""
    if path.suffix == ".pdf":
        try:
            with opened_pdf(path) as document:
                pages = page_texts(document)
                attached = document.count_attachments()
        except InputError as error:
            raise _refusal(error.what, path.name) from None
        if attached:
            raise _refusal("A file is attached to the PDF.", path.name)
        return " ".join(" ".join(pages).split())
    if path.suffix == ".parquet":
        try:
            said, texts = parquet_texts(path)
        except InputError as error:
            raise _refusal(error.what, path.name) from None
        return " ".join([*(f"{key}: {value}" for key, value in sorted(said.items())), *sorted(texts)])
    if path.suffix == ".xlsx":
        rows = (row for sheet in _sheets(path) for row in sheet.rows)
        return " ".join(str(cell) for row in rows for cell in row if isinstance(cell, str))
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".px":
        # A long text goes on in quotation marks on the next line.
        text = re.sub(r'"\s*\n\s*"', "", text)
    return text if path.suffix == ".csv" else " ".join(_EMBEDDED.sub(_drawn, text).split())


def _require_page(page: str, name: str, notices: Container[str] = ()) -> None:
    """A page has what kvarn's pages have and nothing else, embeds pictures and fonts alone, and has its policy."""
    _require_pictures(page, name)
    if not has_policy(page):
        raise _refusal("The page does not have the policy that keeps it from fetching and running anything.", name)

    def without_notice(found: re.Match[str]) -> str:
        return f'{found[1]}""' if " ".join(html.unescape(found[2]).split()) in notices else found[0]

    # The edition's own notice runs above each printed page; the date in it is no number of anybody's.
    # The front page alone may run a script, which is kvarn's own to the letter.
    read = without_finder(page) if name == _FRONT else page
    for fault in faults_of_page(_RUNNING.sub(without_notice, read))[:1]:
        raise _refusal(f"A published page has no such thing: {fault}.", name, _SOURCES)


def _require_explorer(files: Mapping[str, Path], name: str, names: list[str], edition: Edition) -> None:
    """The explorer runs kvarn's own scripts and no others, and says nothing that the database files do not say."""
    page, language = files[name].read_text(encoding="utf-8"), name.split("/")[1]
    described = {table: files[f"database/{language}/{table}.json"].read_text(encoding="utf-8") for table in names}
    for fault in faults_of_explorer(page, edition, language, described):
        raise _refusal(f"The page of the explorer has {fault}.", name)


def _require_descriptions(files: Mapping[str, Path], names: list[str], edition: Edition) -> None:
    """What describes files says nothing that the JSON-stat files do not say: collections, Parquet's metadata, the structure."""
    described: dict[str, dict[str, str]] = {
        name: {one: files[f"database/{one}/{name}.json"].read_text(encoding="utf-8") for one in metadata.languages}
        for name in names
    }
    for name, texts in described.items():
        told = {one: json.loads(text) for one, text in texts.items()}
        for fault in faults_of_about(parquet_texts(files[f"data/{name}.parquet"])[0], told):
            raise _refusal(f"The file has {fault}.", f"data/{name}.parquet")
    for language in metadata.languages:
        file = f"database/{language}/{COLLECTION}"
        told = {name: json.loads(texts[language]) for name, texts in described.items()}
        title = collection_title(edition, language)
        must = [*notices(edition, language)]
        for fault in faults_of_collection(files[file].read_text(encoding="utf-8"), title, told, must):
            raise _refusal(f"The collection has {fault}.", file)
    data = {name: files[f"database/{name}.sdmx.csv"] for name in names}
    for fault in faults_of_structure(files[_STRUCTURE], edition, data, described):
        raise _refusal(f"The structure of the SDMX files has {fault}.", _STRUCTURE)


def _check_explorer(path: Path, expected: Mapping[str, Cells], name: str) -> None:
    """Every published table, with the cells that the protected one has."""
    try:
        found = read_explorer(path, {table: tuple(metadata.table(table).variables) for table in expected})
    except (InputError, KeyError, TypeError) as error:
        raise _refusal(f"The file cannot be read back: {error}", name) from error
    for table, cells in expected.items():
        _require_equal(found[table], cells, f"{name}, {table}")


def _require_pictures(page: str, name: str) -> None:
    """What is embedded in a page is a picture, a font or a style, and nothing else that only a program would find.

    Raises
    ------
    DisclosureError
        Something else is, or a file is named that is not in the page.
    """
    for found in _ANY_EMBEDDED.finditer(page):
        kind, content = found["kind"].lower(), found["content"]
        begins = _BEGINNINGS.get(kind)
        if begins is None or not found["coded"]:
            raise _refusal(f"Something that is no picture is embedded: {kind[:40] or 'data without a type'}.", name)
        try:
            decoded = base64.b64decode("".join(content.split()), validate=True)
        except ValueError:
            raise _refusal("Something embedded cannot be read.", name) from None
        if not decoded.lstrip().startswith(begins) or (kind == "image/png" and not _is_whole_png(decoded)):
            raise _refusal(f"Something embedded is not the {kind} that it is called.", name)
        if kind == "image/svg+xml":
            _require_plain_drawing(decoded, name)
    for named in _NAMED.finditer(page):
        raise _refusal(f"A page would load a file: {named[1][:60]}.", name)


def _require_plain_drawing(drawn: bytes, name: str) -> None:
    """Whoever saves a drawing opens it by itself, where a script in it runs."""
    fault = next(faults_of_drawing(drawn.decode("utf-8", "replace")), None)
    if fault is not None:
        raise _refusal(f"A drawing in the page has {fault}.", name)


def _is_whole_png(content: bytes) -> bool:
    """Whether it is chunks of a picture to its last byte, with nothing behind and no chunk that is not for showing it."""
    place = 8
    while place + 12 <= len(content):
        length, kind = int.from_bytes(content[place : place + 4]), content[place + 4 : place + 8]
        if kind not in _PNG_CHUNKS:
            return False
        place += 12 + length
        if kind == b"IEND":
            return place == len(content) and length == 0
    return False


def _drawn(embedded: re.Match[str]) -> str:
    """What stands in an embedded drawing; of other pictures nothing can be read."""
    if embedded["kind"] != "image/svg+xml":
        return ""
    return base64.b64decode(embedded["content"]).decode("utf-8", "replace")


def _has_identity_number(text: str) -> bool:
    return any(_passes_luhn((match[1] + match[2])[2:]) for match in _IDENTITY.finditer(text))


def _passes_luhn(digits: str) -> bool:
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _protected_cells(path: Path, edition: Edition) -> Cells:
    cells: dict[tuple[str, ...], tuple[Decimal | None, str]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        keys = [name for name in reader.fieldnames or [] if name not in ("value", "status", "synthetic")]
        for row in reader:
            if edition.synthetic and row.get("synthetic") != "true":
                raise _refusal("A row is not marked as synthetic.", f"data/{path.name}")
            if bool(row["value"]) == bool(row["status"]):
                raise _refusal("A cell has both a value and a symbol, or neither.", f"data/{path.name}")
            cells[tuple(row[key] for key in keys)] = (Decimal(row["value"]) if row["value"] else None, row["status"])
    return cells


def _read(read: Any, path: Path, name: str) -> Cells:
    try:
        cells: Cells = read(path, tuple(metadata.table(name).variables))
    except (InputError, KeyError, IndexError, json.JSONDecodeError) as error:
        raise _refusal(f"The file cannot be read back: {error}", path.name) from error
    return cells


def _require_equal(found: Cells, expected: Cells, name: str) -> None:
    """The same cells with the same values; what a cube has beside the table's cells must be not available."""
    if found == expected:
        return
    for key in sorted(found.keys() | expected.keys()):
        there, wanted = found.get(key), expected.get(key, _NOT_AVAILABLE)
        if there == wanted:
            continue
        cell = ", ".join(key)
        if there is not None and there[0] is not None and wanted[0] is None:
            raise _refusal(f"The cell {cell} has a number, and must not.", name)
        raise _refusal(f"The cell {cell} differs from the protected table.", name)


class _Sheet(NamedTuple):
    title: str
    state: str
    rows: tuple[tuple[Any, ...], ...]


def _sheets(path: Path) -> tuple[_Sheet, ...]:
    status = path.stat()
    return _read_sheets(path, status.st_mtime_ns, status.st_size)


# A workbook is searched, and then held to the tables: it is read once for both.
@functools.lru_cache(maxsize=4)
def _read_sheets(path: Path, *_changed: int) -> tuple[_Sheet, ...]:
    import openpyxl  # type: ignore[import-untyped]

    book = openpyxl.load_workbook(path, read_only=True)
    return tuple(_Sheet(one.title, one.sheet_state, tuple(one.iter_rows(values_only=True))) for one in book.worksheets)


def _check_spreadsheet(path: Path, expected: Mapping[str, Cells], language: str, name: str) -> None:
    """Every table on a visible sheet of its own, and no number on any other sheet."""
    titles = {
        metadata.table(table).title(language, sorted({int(key[0]) for key in cells})): table for table, cells in expected.items()
    }
    left = set(expected)
    for sheet in _sheets(path):
        rows = list(sheet.rows)
        title = str(rows[0][0]) if rows else ""
        table = next((table for known, table in titles.items() if title.endswith(known)), None)
        if sheet.state != "visible":
            raise _refusal(f"The sheet {sheet.title!r} is hidden.", name)
        if table is None:
            if any(isinstance(cell, int | float) for row in rows for cell in row):
                raise _refusal(f"The sheet {sheet.title!r} has numbers and is no table of the programme.", name)
            continue
        _require_equal(dict(_sheet_cells(rows, metadata.table(table), language, name)), expected[table], name)
        left.discard(table)
    if left:
        raise _refusal(f"The tables {', '.join(sorted(left))} are missing.", name)


def _sheet_cells(
    rows: list[tuple[Any, ...]], table: metadata.TableDefinition, language: str, name: str
) -> Iterator[tuple[tuple[str, ...], tuple[Decimal | None, str]]]:
    first = metadata.variable(table.variables[0]).label(language)
    start = next((number for number, row in enumerate(rows) if row[0] == first), None)
    if start is None:
        raise _refusal(f"The table {table.name} has no header.", name)
    if any(isinstance(cell, int | float) for row in rows[:start] for cell in row):
        raise _refusal(f"There are numbers above the table {table.name}.", name)
    header = [str(title) for title in rows[start] if title is not None]
    measures = {
        header.index(title): measure for measure in table.measures for title in header if _heads(title, measure, language)
    }
    columns = {variable: _code_column(header, variable, language) for variable in table.variables}
    # By type too: 1, 1.0 and TRUE are three cells.
    code = functools.lru_cache(maxsize=None, typed=True)(functools.partial(_code, language=language))
    for row in rows[start + 1 :]:
        codes = tuple(code(row[columns[variable]], variable) for variable in table.variables)
        for column, measure in measures.items():
            cell = row[column]
            yield (*codes, measure), (None, cell) if isinstance(cell, str) else (Decimal(str(cell)), "")


def _heads(title: str, measure: str, language: str) -> bool:
    label = metadata.measure(measure).label(language)
    return title in (label, f"{label} ({metadata.measure(measure).unit[language]})")


def _code_column(header: list[str], variable: str, language: str) -> int:
    named = [code[language]] if (code := metadata.variable(variable).code) else []
    return next(header.index(title) for title in [*named, metadata.variable(variable).label(language)] if title in header)


def _code(cell: Any, variable: str, language: str) -> str:
    listed = metadata.variable(variable).codes
    if listed is None or str(cell) in listed.by_code:
        return str(cell)
    return next((code for code in listed.codes if listed.label(code, language) == cell), str(cell))
