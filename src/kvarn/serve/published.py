"""A table as it has been published: read from its JSON-stat and PX files, and held in memory."""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from kvarn.errors import InputError
from kvarn.serve.px_document import Keyword, read_px_document, texts_of
from kvarn.serve.released import ReleasedEdition

__all__ = ["LANGUAGES", "Contact", "Level", "PublishedTable", "PublishedVariable", "open_tables", "read_table"]

LANGUAGES = ("sv", "en")
"""The languages of every database file; the first is the main one of PX files."""

_FOLDER = "database"
_NIL_IN_PX = '"-"'


@dataclass(frozen=True)
class Contact:
    """Whom to ask, and as PX files write it."""

    name: str
    mail: str
    phone: str
    raw: Mapping[str, str]


@dataclass(frozen=True)
class Level:
    """A level of a variable with a hierarchy, 1 being the top; and the categories below it of each of its codes."""

    number: int
    codes: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class PublishedVariable:
    """A classification variable, or the measures.

    Attributes
    ----------
    role
        ``time``, ``geo``, ``metric`` or nothing.
    labels, categories
        The variable's name, and those of its categories in the order of the codes, by language.
    total
        The code that a variable has where nobody asks for it; without one it must be asked for.
    children
        The parts of each category.
    notes, units
        Of measures, by language and code.
    decimals
        Of measures, by code.
    coded
        Whether readers see the codes beside the names.
    """

    name: str
    role: str
    codes: tuple[str, ...]
    labels: Mapping[str, str]
    categories: Mapping[str, tuple[str, ...]]
    total: str | None
    children: Mapping[str, tuple[str, ...]]
    notes: Mapping[str, Mapping[str, list[str]]]
    units: Mapping[str, Mapping[str, str]]
    decimals: Mapping[str, int]
    coded: bool

    @functools.cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each code."""
        return {code: place for place, code in enumerate(self.codes)}

    def category(self, code: str, language: str) -> str:
        """The name of a category."""
        return self.categories[language][self.places[code]]

    @functools.cached_property
    def levels(self) -> tuple[Level, ...]:
        """The levels of its hierarchy; none where it has only one."""
        above = {part for parts in self.children.values() for part in parts}
        found: list[Level] = []
        level = [code for code in self.codes if code not in above]
        # As many levels as codes at most: a hierarchy that goes in a circle has no end.
        while level and len(found) < len(self.codes):
            found.append(Level(len(found) + 1, tuple(level), {code: self.children.get(code, ()) for code in level}))
            below = {part for code in level for part in self.children.get(code, ())}
            level = [code for code in self.codes if code in below]
        return tuple(found) if len(found) > 1 else ()


@dataclass(frozen=True)
class PublishedTable:
    """A table of a released edition.

    Attributes
    ----------
    table
        Its name in the programme, the same in every edition.
    checksum
        The SHA-256 of its JSON-stat file; of one a language, that of their checksums.
    px
        The keywords of its PX file.
    values, symbols, nil
        Of each place of the cube, the last variable fastest: the number (NaN where there is none), the symbol in its place as a
        place in `symbol_list`, and whether nothing was counted.
    """

    table: str
    edition: ReleasedEdition
    checksum: str
    variables: tuple[PublishedVariable, ...]
    labels: Mapping[str, str]
    sources: Mapping[str, str]
    notes: Mapping[str, list[str]]
    synthetic: bool
    stage: str
    updated: str
    contact: Contact
    px: tuple[Keyword, ...] = field(repr=False)
    values: npt.NDArray[np.float64] = field(repr=False)
    symbols: npt.NDArray[np.uint8] = field(repr=False)
    nil: npt.NDArray[np.bool_] = field(repr=False)
    symbol_list: tuple[str, ...]

    @property
    def id(self) -> str:
        """Its name and the reference year of the edition: the same as long as there is an edition of that year."""
        return f"{self.table}-{self.edition.reference_year}"

    @property
    def cells(self) -> int:
        """How many places it has."""
        return len(self.values)

    @functools.cached_property
    def sizes(self) -> tuple[int, ...]:
        """How many codes each variable has."""
        return tuple(len(one.codes) for one in self.variables)

    @functools.cached_property
    def time(self) -> PublishedVariable:
        """The variable of the years."""
        return next(one for one in self.variables if one.role == "time")

    @functools.cached_property
    def measures(self) -> PublishedVariable:
        """The measures."""
        return next(one for one in self.variables if one.role == "metric")

    def variable(self, name: str) -> PublishedVariable | None:
        """A variable by its code; that of the years by ``time``, too; in small letters or capitals."""
        folded = name.casefold()
        for one in self.variables:
            if one.name == name or one.name.casefold() == folded:
                return one
        return self.time if folded == "time" else None

    @property
    def mandatory_notes(self) -> int:
        """How many of its first notes must be shown: that it is synthetic, and its stage."""
        return 2 if self.synthetic else 1

    def px_texts(self, name: str, language: str) -> list[str]:
        """The texts of a keyword of its PX file, in one language where it is said in several."""
        return texts_of(self.px, name, language="" if language == LANGUAGES[0] else language) or texts_of(self.px, name)


def open_tables(editions: Sequence[ReleasedEdition]) -> dict[str, PublishedTable]:
    """Every table that is out, by its id in small letters, those of the latest year first.

    Raises
    ------
    InputError
        A file is not what was released, or two tables would have the same id.
    """
    found: dict[str, PublishedTable] = {}
    for edition in editions:
        names = set(edition.names(_FOLDER))
        for name in sorted(names):
            stem = name.removesuffix(".px").rpartition("/")[2]
            if not name.endswith(".px") or not _datasets(edition, stem):
                continue
            table = read_table(edition, stem)
            if table.id.casefold() in found:
                raise InputError(
                    f"Two tables would be called {table.id}.", file=name, remedy="Rename one of them in programme/tables.yml."
                )
            found[table.id.casefold()] = table
    if not found:
        raise InputError(
            "The editions that are released have no database files.",
            file=_FOLDER,
            remedy="Publish and release one with this version.",
        )
    return found


def read_table(edition: ReleasedEdition, table: str) -> PublishedTable:
    """A table of a released edition, from its JSON-stat and PX files.

    Raises
    ------
    InputError
        One of them is not what was released, or is not such a file.
    """
    files = _datasets(edition, table)
    name = files[0]
    px, cells = read_px_document(edition.read(f"{_FOLDER}/{table}.px").decode("utf-8"), f"{_FOLDER}/{table}.px")
    try:
        datasets = dict(zip(LANGUAGES, [json.loads(edition.read(file)) for file in files], strict=False))
        # An earlier edition has one file, whose texts of the other languages stand beside those of the main one.
        texts = {one: datasets[one] if one in datasets else datasets[LANGUAGES[0]]["extension"][one] for one in LANGUAGES}
        checksums = [edition.checksum(file) for file in files]
        checksum = checksums[0] if len(checksums) == 1 else hashlib.sha256("".join(checksums).encode()).hexdigest()
        return _read(edition, table, checksum, texts, px, cells)
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"This is not a JSON-stat dataset of kvarn's: {error!r}.", file=f"{edition.name}/{name}") from None


def _datasets(edition: ReleasedEdition, table: str) -> list[str]:
    """The JSON-stat files of a table, that of the main language first: one a language, or one of both in an earlier edition."""
    there = {name for folder in (_FOLDER, *(f"{_FOLDER}/{one}" for one in LANGUAGES)) for name in edition.names(folder)}
    wanted = [f"{_FOLDER}/{language}/{table}.json" for language in LANGUAGES]
    return wanted if there.issuperset(wanted) else [name for name in [f"{_FOLDER}/{table}.json"] if name in there]


def _read(
    edition: ReleasedEdition,
    table: str,
    checksum: str,
    texts: Mapping[str, Mapping[str, Any]],
    px: tuple[Keyword, ...],
    cells: list[str],
) -> PublishedTable:
    dataset = texts[LANGUAGES[0]]
    names: list[str] = dataset["id"]
    roles = {name: role for role, named in dataset["role"].items() for name in named}
    variables = tuple(
        _variable(name, roles.get(name, ""), {language: texts[language]["dimension"][name] for language in LANGUAGES}, px)
        for name in names
    )
    values = np.array([math.nan if one is None else one for one in dataset["value"]], dtype=np.float64)
    if len(values) != math.prod(dataset["size"]) or tuple(dataset["size"]) != tuple(len(one.codes) for one in variables):
        raise InputError(f"The file has {len(values)} cells; its dimensions say others.", file=f"{edition.name}/{table}")
    status: Mapping[str, str] = dataset.get("status", {})
    symbol_list = ("", *sorted(set(status.values())))
    symbols = np.zeros(len(values), dtype=np.uint8)
    for place, symbol in status.items():
        symbols[int(place)] = symbol_list.index(symbol)
    told = dataset["extension"]["contact"]
    contact = told[0] if isinstance(told, list) else {"mail": told["email"], "phone": told.get("telephone", ""), **told}
    return PublishedTable(
        table=table,
        edition=edition,
        checksum=checksum,
        variables=variables,
        labels={language: texts[language]["label"] for language in LANGUAGES},
        sources={language: texts[language]["source"] for language in LANGUAGES},
        notes={language: list(texts[language]["note"]) for language in LANGUAGES},
        synthetic=bool(dataset["extension"]["synthetic"]),
        stage=str(dataset["extension"]["stage"]),
        updated=f"{str(dataset['updated']).removesuffix('T00:00:00Z')}T00:00:00Z",
        contact=Contact(
            str(contact["name"]),
            str(contact["mail"]),
            str(contact.get("phone", "")),
            {one: _contact(px, "" if one == LANGUAGES[0] else one) for one in LANGUAGES},
        ),
        px=px,
        values=values,
        symbols=symbols,
        nil=_nil(variables, px, cells),
        symbol_list=symbol_list,
    )


def _contact(px: tuple[Keyword, ...], language: str) -> str:
    """Whom to ask: as it stands at each measure, or in an earlier edition at the table."""
    return next(
        (
            " ".join(texts_of([one], one.name, one.key, language))
            for one in px
            if (one.name, one.language) == ("CONTACT", language)
        ),
        "",
    )


def _variable(name: str, role: str, described: Mapping[str, Mapping[str, Any]], px: tuple[Keyword, ...]) -> PublishedVariable:
    main = described[LANGUAGES[0]]
    category = main["category"]
    codes = tuple(category["index"])
    labels = {language: str(one["label"]) for language, one in described.items()}
    categories = {language: tuple(str(one["category"]["label"][code]) for code in codes) for language, one in described.items()}
    named = [one for one in px if one.name == "VARIABLECODE" and not one.language]
    key = next(one.key for one in named if texts_of([one], one.name, one.key) == [name])
    eliminated = texts_of(px, "ELIMINATION", key)
    # PX has the name of the category; its quotation marks and line breaks are not the same as here.
    written = texts_of(px, "VALUES", key)
    return PublishedVariable(
        name=name,
        role=role,
        codes=codes,
        labels=labels,
        categories=categories,
        total=codes[written.index(eliminated[0])] if eliminated else None,
        children={code: tuple(parts) for code, parts in category.get("child", {}).items()},
        notes={language: one["category"].get("note", {}) for language, one in described.items()},
        units={
            language: {code: str(unit.get("base", unit.get("label"))) for code, unit in one["category"].get("unit", {}).items()}
            for language, one in described.items()
        },
        decimals={code: int(unit["decimals"]) for code, unit in category.get("unit", {}).items()},
        coded=any(one.name == "PRESTEXT" and one.key == key for one in px),
    )


def _nil(variables: Sequence[PublishedVariable], px: tuple[Keyword, ...], cells: list[str]) -> npt.NDArray[np.bool_]:
    """Where nothing was counted, which only the PX file tells; its variables stand in another order."""
    by_key = {one.key: texts_of([one], one.name, one.key)[0] for one in px if one.name == "VARIABLECODE" and not one.language}
    order = [by_key[(label,)] for label in (*texts_of(px, "STUB"), *texts_of(px, "HEADING"))]
    names = [one.name for one in variables]
    sizes = [len(variables[names.index(name)].codes) for name in order]
    marked = np.array([cell == _NIL_IN_PX for cell in cells], dtype=np.bool_).reshape(sizes)
    return np.ascontiguousarray(marked.transpose([order.index(name) for name in names])).reshape(-1)
