"""PX files: a table as PC-Axis and PxWeb read it.

Format: *PX-file format specification AXIS-VERSION 2013* (Statistics Sweden). PxWeb takes the file's encoding from
CODEPAGE; CHARSET says ``ANSI`` whatever the encoding, since it only tells that the text is not in a DOS code page.
"""

from __future__ import annotations

import datetime as dt
import math
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from kvarn import metadata
from kvarn.disseminate.cube import MEASURE, NOT_AVAILABLE, Cube, Dimension, cube_of, source
from kvarn.disseminate.protected import ProtectedTable
from kvarn.disseminate.stage import stage_name
from kvarn.disseminate.symbols import NIL, symbols_in
from kvarn.disseminate.table_notes import table_notes
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition
from kvarn.programme import current_programme

__all__ = ["SYMBOLS", "arranged", "contact_words", "contents_of", "keyword", "period_of", "write_px"]

# PX has dots only for what is not a number; DATASYMBOLn says what a program shows in place of n dots.
SYMBOLS = {".": ".", "..": "..", "X": "..."}
# What PX has in the data for nil; DATASYMBOLNIL says how it is shown.
NIL_IN_DATA = "-"
_LONGEST_LINE = 200
# Time, geography, contents, values: by the role of a dimension.
_TYPES = {"time": "T", "geo": "G", "metric": "C", "": "V"}
_PRESENT_AS_CODE_AND_TEXT = 2
_MUNICIPALITY = 4
# What the map of a geography is called, by whether it has municipalities: an assumption, as each office names its own.
_MAPS = {True: "kommun", False: "lan"}


def write_px(table: ProtectedTable, edition: Edition, output: Path) -> Path:
    """Write one table as PX, Swedish as the main language and English beside it.

    The years and the measures are in the heading, the other classification variables in the stub. Cells that the
    table does not have are ``..`` (not available).
    """
    cube = cube_of(table)
    lines = [
        *_file_keywords(cube, edition),
        *_texts(cube, edition, "sv"),
        *_texts(cube, edition, "en"),
        "DATA=",
        *_data(cube),
    ]
    return write_beside(output, "\n".join(lines) + ";\n")


def _file_keywords(cube: Cube, edition: Edition) -> Iterator[str]:
    decimals = [metadata.measure(code).decimals for code in cube.dimensions[-1].codes]
    yield 'CHARSET="ANSI";'
    yield 'AXIS-VERSION="2013";'
    yield 'CODEPAGE="utf-8";'
    yield 'LANGUAGE="sv";'
    yield 'LANGUAGES="sv","en";'
    yield keyword("CREATION-DATE", [_moment(edition.publication.published)])
    if edition.publication.next is not None:
        yield keyword("NEXT-UPDATE", [_moment(edition.publication.next)])
    yield f"DECIMALS={max(decimals)};"
    yield f"SHOWDECIMALS={min(decimals)};"
    yield keyword("MATRIX", [cube.table.definition.name])
    yield "AGGREGALLOWED=NO;"
    yield f"COPYRIGHT={'YES' if edition.official_statistics else 'NO'};"
    yield f"OFFICIAL-STATISTICS={'YES' if edition.official_statistics else 'NO'};"
    yield keyword("SUBJECT-CODE", [current_programme().about.subject.code])
    yield keyword("TABLEID", [cube.table.definition.name])


def _texts(cube: Cube, edition: Edition, language: str) -> Iterator[str]:
    measures = cube.dimensions[-1]
    stub, heading = arranged(cube)
    tag = "" if language == "sv" else f"[{language}]"
    full_title = cube.table.title(language)
    yield keyword(f"SUBJECT-AREA{tag}", [current_programme().about.subject.label(language)])
    yield keyword(f"DESCRIPTION{tag}", [full_title])
    yield keyword(f"TITLE{tag}", [full_title])
    yield keyword(f"CONTENTS{tag}", [contents_of(full_title, language)])
    yield keyword(f"STUB{tag}", [dimension.label(language) for dimension in stub])
    yield keyword(f"HEADING{tag}", [dimension.label(language) for dimension in heading])
    yield keyword(f"CONTVARIABLE{tag}", [measures.label(language)])
    for dimension in (*stub, *heading):
        yield from _variable(dimension, tag, language)
    yield keyword(f"UNITS{tag}", [", ".join(dict.fromkeys(metadata.measure(code).unit[language] for code in measures.codes))])
    yield from _measures(cube, edition, tag, language)
    yield keyword(f"SOURCE{tag}", [source(edition, language)])
    if edition.publication.address is not None:
        yield keyword(f"LINK{tag}", [edition.publication.address])
    if not edition.synthetic:
        yield keyword(f"SURVEY{tag}", [metadata.text("register.name", language)])
    # NOTEX is a note that programs must show, also when they show no other.
    notices = [metadata.text("synthetic.notice", language)] if edition.synthetic else []
    yield keyword(f"NOTEX{tag}", [" ".join([*notices, f"{stage_name(edition, language)}."])])
    # A place of the cube that the table lacks is not available.
    used = symbols_in([cube.table], edition, language)
    lacking = len(cube.cells) < math.prod(len(dimension.codes) for dimension in cube.dimensions)
    if lacking and NOT_AVAILABLE not in used:
        used = {**used, NOT_AVAILABLE: metadata.codelist("symbol").label(NOT_AVAILABLE, language)}
    explained = [f"{symbol}: {meaning}." for symbol, meaning in used.items()]
    if notes := [*table_notes(cube.table, edition, language), *explained]:
        yield keyword(f"NOTE{tag}", ["#".join(notes)])
    yield keyword(f"DATASYMBOLNIL{tag}", [NIL])
    for symbol, dots in SYMBOLS.items():
        yield keyword(f"DATASYMBOL{len(dots)}{tag}", [symbol])


def _variable(dimension: Dimension, tag: str, language: str) -> Iterator[str]:
    name = _quoted(dimension.label(language))
    labels = dimension.labels(language)
    yield f"VARIABLECODE{tag}({name})={_quoted(dimension.name)};"
    yield keyword(f"VALUES{tag}({name})", labels)
    if dimension.name == "year":
        yield f"TIMEVAL{tag}({name})=TLIST(A1)," + ",".join(_quoted(year) for year in dimension.codes) + ";"
    yield keyword(f"CODES{tag}({name})", dimension.codes)
    if dimension.heading_of_codes:
        yield f"PRESTEXT{tag}({name})={_PRESENT_AS_CODE_AND_TEXT};"
    yield f'VARIABLE-TYPE{tag}({name})="{_TYPES[dimension.role]}";'
    if dimension.role == "geo":
        yield keyword(f"MAP{tag}({name})", [_MAPS[any(len(code) == _MUNICIPALITY for code in dimension.codes)]])
    # Not NO where there is none: pandas-pcaxis takes that for the name of a category.
    if dimension.total is not None:
        yield f"ELIMINATION{tag}({name})={_quoted(labels[dimension.codes.index(dimension.total)])};"


def _measures(cube: Cube, edition: Edition, tag: str, language: str) -> Iterator[str]:
    """What is said of each measure, and of none for the whole table: some readers stop at a keyword that has both."""
    measures, period = cube.dimensions[-1], period_of(cube)
    name = _quoted(measures.label(language))
    fewest = min(metadata.measure(code).decimals for code in measures.codes)
    for code, label in zip(measures.codes, measures.labels(language), strict=True):
        measure = metadata.measure(code)
        value = _quoted(label)
        if measure.decimals > fewest:
            yield f"PRECISION{tag}({name},{value})={measure.decimals};"
        yield keyword(f"LAST-UPDATED{tag}({value})", [_moment(edition.publication.published)])
        yield keyword(f"UNITS{tag}({value})", [measure.unit[language]])
        yield keyword(f"REFPERIOD{tag}({value})", [period])
        yield keyword(f"CONTACT{tag}({value})", [contact_words(edition, language)])
        yield keyword(f"VALUENOTE{tag}({name},{value})", [measure.definition[language]])


def period_of(cube: Cube) -> str:
    """Of which years the figures are: ``2017–2023``."""
    years = cube.table.years
    return f"{years[0]}" if len(years) == 1 else f"{years[0]}\u2013{years[-1]}"


def arranged(cube: Cube) -> tuple[tuple[Dimension, ...], tuple[Dimension, ...]]:
    """The variables of the stub and of the heading: years and measures are in the heading."""
    heading = tuple(dimension for dimension in cube.dimensions if dimension.name in ("year", MEASURE))
    return tuple(dimension for dimension in cube.dimensions if dimension not in heading), heading


def _data(cube: Cube) -> Iterator[str]:
    """One line a row of the stub; each line but the last ends with a space, as the specification wants."""
    stub, heading = arranged(cube)
    wide = 1
    for dimension in heading:
        wide *= len(dimension.codes)
    order = [cube.dimensions.index(dimension) for dimension in (*stub, *heading)]
    places = {dimension.name: {code: n for n, code in enumerate(dimension.codes)} for dimension in cube.dimensions}
    cells = sorted(
        cube.published(),
        key=lambda cell: [places[cube.dimensions[at].name][cell[0][at]] for at in order],
    )
    shown = [
        _quoted(NIL_IN_DATA if cell.nil else SYMBOLS[cell.status]) if cell.status or cell.nil else cell.value for _, cell in cells
    ]
    rows = [" ".join(shown[start : start + wide]) for start in range(0, len(shown), wide)]
    for row in rows[:-1]:
        yield f"{row} "
    yield rows[-1]


def contents_of(title: str, language: str) -> str:
    """What PxWeb puts before the variables when it makes a heading: the title without its *by year, sex and age*."""
    before, _, _ = title.rpartition(" efter " if language == "sv" else " by ")
    return before or title


def contact_words(edition: Edition, language: str) -> str:
    """Whom to ask, as PX has it in one text."""
    contact = edition.publication.contact
    parts = [contact.name, edition.publication.publisher.label(language), contact.telephone or "", "", contact.email]
    return ", ".join(part for part in parts if part)


def _moment(day: dt.date) -> str:
    return f"{day:%Y%m%d} 00:00"


def _quoted(text: str) -> str:
    # A text cannot hold a quotation mark or a line break: the format has no escape for them.
    return '"' + " ".join(text.replace('"', "'").split()) + '"'


def keyword(name: str, values: Iterable[str]) -> str:
    """``NAME="value","value";``, long lists and long texts over several lines."""
    parts = [_quoted(value) for value in values]
    if len(parts) == 1 and len(parts[0]) > _LONGEST_LINE:
        pieces = textwrap.wrap(parts[0][1:-1], _LONGEST_LINE, break_long_words=False, break_on_hyphens=False)
        return f"{name}=" + "\n".join(f'"{piece} "' for piece in pieces[:-1]) + f'\n"{pieces[-1]}";'
    lines, line = [], f"{name}="
    for number, part in enumerate(parts):
        piece = part + ("," if number + 1 < len(parts) else ";")
        if len(line) + len(piece) > _LONGEST_LINE and line:
            lines.append(line)
            line = ""
        line += piece
    return "\n".join([*lines, line])
