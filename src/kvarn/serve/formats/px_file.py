"""PX: the published file, cut to what is asked for; a whole table in its main language is that file, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from kvarn.disseminate.database.px import NIL_IN_DATA, SYMBOLS, keyword
from kvarn.serve.formats.grid import Entry, entries
from kvarn.serve.formats.options import Options
from kvarn.serve.published import LANGUAGES, PublishedTable, PublishedVariable
from kvarn.serve.px_document import Keyword, texts_of
from kvarn.serve.selection import Chosen, ChosenVariable

__all__ = ["write_px"]

_OF_CATEGORIES = ("VALUES", "CODES")


def write_px(chosen: Chosen, language: str, options: Options) -> bytes:
    """The keywords of what is chosen, `language` as the main one and the other beside it, and the cells."""
    table = chosen.table
    # Of each language of the file the keywords about variables and categories have its names.
    kept = [one for tag in _tags() for one in _cut(chosen, [k for k in table.px if k.language == tag], tag)]
    lines = [one.written() for one in _in_language(kept, language)]
    cells = [_cell(one) for one in entries(chosen, (*chosen.stub, *chosen.heading))]
    wide = 1
    for one in chosen.heading:
        wide *= len(one.codes)
    rows = [" ".join(cells[start : start + wide]) for start in range(0, len(cells), wide)]
    return ("\n".join([*lines, "DATA=", *(f"{row} " for row in rows[:-1]), rows[-1]]) + ";\n").encode("utf-8")


def _tags() -> tuple[str, ...]:
    return ("", *LANGUAGES[1:])


def _cut(chosen: Chosen, keywords: list[Keyword], tag: str) -> Iterator[Keyword]:
    """The keywords of one language, as far as they are about what is chosen."""
    table, language = chosen.table, tag or LANGUAGES[0]
    names = {one.key[0]: texts_of([one], one.name, one.key, tag)[0] for one in keywords if one.name == "VARIABLECODE"}
    label_of = {name: label for label, name in names.items()}
    by_name = {one.name: one for one in chosen.variables}
    written = {one.key[0]: texts_of([one], one.name, one.key, tag) for one in keywords if one.name == "VALUES"}
    # The categories of each variable that is left, as the file calls them.
    left = {
        label: {
            text for text, code in zip(written[label], _variable(table, name).codes, strict=True) if code in by_name[name].codes
        }
        for label, name in names.items()
        if name in by_name
    }
    measures = label_of[table.measures.name]
    for one in keywords:
        if not one.key:
            yield from _general(chosen, one, label_of, language)
        elif one.key[0] in names:
            label = one.key[0]
            if label not in left or (len(one.key) > 1 and one.key[1] not in left[label]):
                continue
            # Where the total is not among what is asked for, there is none.
            if one.name == "ELIMINATION" and not {*texts_of([one], one.name, one.key, tag)} <= left[label]:
                continue
            yield _of_categories(one, by_name[names[label]], tag)
        elif one.key[0] in left[measures]:
            yield one


def _general(chosen: Chosen, one: Keyword, label_of: Mapping[str, str], language: str) -> Iterator[Keyword]:
    """What is about the table: which variables stand where, and what is said of those that are left out."""
    if one.name in ("STUB", "HEADING"):
        placed = [label_of[variable.name] for variable in (chosen.stub if one.name == "STUB" else chosen.heading)]
        if placed and placed != texts_of([one], one.name, (), one.language):
            yield _with_texts(one, placed)
        elif placed:
            yield one
    elif one.name == "NOTEX" and chosen.eliminated:
        yield _with_texts(
            one, ["".join(texts_of([one], one.name, (), one.language)) + " " + "; ".join(chosen.fixed(language)) + "."]
        )
    else:
        yield one


def _of_categories(one: Keyword, chosen: ChosenVariable, tag: str) -> Keyword:
    if chosen.whole:
        return one
    places = [chosen.variable.places[code] for code in chosen.codes]
    texts = texts_of([one], one.name, one.key, tag)
    if one.name in _OF_CATEGORIES:
        return _with_texts(one, [texts[place] for place in places])
    if one.name == "TIMEVAL":
        kind = one.value.partition(",")[0]
        return replace(one, value=",".join([kind, *(f'"{texts[place]}"' for place in places)]))
    return one


def _in_language(keywords: list[Keyword], language: str) -> Iterator[Keyword]:
    """In the order of the file: what is said in no language, the main language, the other one."""
    other = next(one for one in LANGUAGES if one != language)
    said_twice = {one.name for one in keywords if one.language}
    first, second = ("", other) if language == LANGUAGES[0] else (language, "")
    for one in keywords:
        if one.name == "LANGUAGE":
            yield _with_texts(one, [language])
        elif one.name == "LANGUAGES":
            yield _with_texts(one, [language, other])
        elif not one.language and one.name not in said_twice:
            yield one
    yield from (one.said_in("") for one in keywords if one.name in said_twice and one.language == first)
    yield from (one.said_in(other) for one in keywords if one.name in said_twice and one.language == second)


def _with_texts(one: Keyword, texts: Iterable[str]) -> Keyword:
    return replace(one, value=keyword("", texts).removeprefix("=").removesuffix(";"))


def _variable(table: PublishedTable, name: str) -> PublishedVariable:
    return next(one for one in table.variables if one.name == name)


def _cell(entry: Entry) -> str:
    if entry.symbol or entry.nil:
        return f'"{NIL_IN_DATA if entry.nil else SYMBOLS[entry.symbol]}"'
    return entry.number
