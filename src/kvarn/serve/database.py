"""The statistics database as PxWebApi 2: each request has an answer, and nothing is kept between two of them."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import kvarn
from kvarn.base.package_files import declared_in
from kvarn.serve.answers import Answer, NotAllowed, json_answer, problem_answer
from kvarn.serve.codelists import CodeList, code_lists
from kvarn.serve.descriptions import (
    code_list,
    configuration,
    link,
    metadata,
    saved_query,
    selection,
    table_entry,
)
from kvarn.serve.formats import DEFAULT_FORMAT, FORMATS
from kvarn.serve.formats.options import read_options
from kvarn.serve.problems import Problem, nearest, quoted
from kvarn.serve.published import LANGUAGES, PublishedTable, open_tables
from kvarn.serve.released import open_released
from kvarn.serve.requests import Parameters, asked_in, object_of, read_parameters, strings_of
from kvarn.serve.saved_queries import id_of, query_of
from kvarn.serve.selection import Asked, Chosen, choose, default_selection, find_variable

__all__ = ["PREFIX", "Database"]

PREFIX = "/api/v2"
"""Where the interface lies on a server."""

_PAGE, _LONGEST_PAGE = 100, 1_000
# From so many cells on, or in a format that is made rather than written, an answer takes its time.
_MANY_CELLS = 20_000
_QUICK = ("json-stat2", "csv")


class Database:
    """Every table that is out.

    Parameters
    ----------
    publications
        The folder with ``releases.json`` and the publications.
    address
        The address of the interface, for the links in answers.

    Raises
    ------
    InputError
        Nothing is out; or the list, a record or a file is not what was released.
    """

    def __init__(self, publications: Path, address: str = PREFIX) -> None:
        self.editions = open_released(publications)
        self.tables = open_tables(self.editions)
        self.address = address.rstrip("/")
        # An edition in one language has both in its database files.
        self.default_language = next((one for one in self.editions[0].languages if one in LANGUAGES), LANGUAGES[0])
        self.code_lists: dict[str, CodeList] = {
            one.id.casefold(): one
            for table in self.tables.values()
            for variable in table.variables
            for one in code_lists(table, variable)
        }
        told = [kvarn.__version__, self.address, *(one.record for one in self.editions)]
        self._made_of = "\n".join(told).encode()

    def answer(self, method: str, path: str, query: str = "", body: bytes = b"") -> Answer:
        """The answer to a request; what cannot be had is an answer, too.

        Parameters
        ----------
        method
            ``GET``, ``HEAD`` or ``POST``; nothing else is answered.
        path
            After `PREFIX`, decoded.
        """
        try:
            return self._answer("GET" if method == "HEAD" else method, path, query, body)
        except Problem as problem:
            return problem_answer(problem)

    def _answer(self, method: str, path: str, query: str, body: bytes) -> Answer:
        parts = path.strip("/").split("/")
        kinds = [part.casefold() if place != 1 else "{id}" for place, part in enumerate(parts)]
        id_ = parts[1] if len(parts) > 1 else ""
        asked = read_parameters(query)
        found = {
            ("GET", "config"): lambda: json_answer(self.configuration()),
            ("GET", "openapi.json"): lambda: json_answer(openapi()),
            ("GET", "tables"): lambda: self._tables(asked),
            ("GET", "tables/{id}"): lambda: self._table(id_, asked),
            ("GET", "tables/{id}/metadata"): lambda: self._metadata(id_, asked),
            ("GET", "tables/{id}/defaultselection"): lambda: self._default_selection(id_, asked),
            ("GET", "tables/{id}/data"): lambda: self._data(self.table(id_), asked.asked(), self._language(asked), asked),
            ("POST", "tables/{id}/data"): lambda: self._data(
                self.table(id_), asked_in(object_of(body)), self._language(asked), asked
            ),
            ("GET", "codelists/{id}"): lambda: self._code_list(id_, asked),
            ("POST", "savedqueries"): lambda: self._save(object_of(body)),
            ("GET", "savedqueries/{id}"): lambda: self._saved(id_),
            ("GET", "savedqueries/{id}/data"): lambda: self._saved_data(id_, asked),
            ("GET", "savedqueries/{id}/selection"): lambda: self._saved_selection(id_, asked),
        }
        place = "/".join(kinds)
        answers = found.get((method, place))
        if answers is None:
            allowed = [one for one, there in found if there == place]
            raise NotAllowed(method, allowed) if allowed else _nothing_there(path)
        answer = answers()
        if answer.status == 200 and not asked.text("pastDays"):
            told = json.dumps([method, path, query, hashlib.sha256(body).hexdigest()]).encode()
            digest = hashlib.sha256(self._made_of + b"\n" + told).hexdigest()
            return replace(answer, tag=digest[:32])
        return answer

    def table(self, id_: str) -> PublishedTable:
        """A table by its id, in small letters or capitals.

        Raises
        ------
        Problem
            There is none.
        """
        found = self.tables.get(id_.casefold())
        if found is None:
            near = nearest(id_, [one.id for one in self.tables.values()])
            raise Problem(404, "Non-existent table", f"There is no table {quoted(id_)}.{near}")
        return found

    def configuration(self) -> dict[str, Any]:
        """What a program must know before it asks."""
        return configuration(self.editions, self.tables, self.default_language)

    def list_tables(self, language: str, asked: Parameters) -> dict[str, Any]:
        """The tables that are asked for: a page of them.

        Raises
        ------
        Problem
            A parameter is not of its kind, or there is no such page.
        """
        words = (asked.text("query") or "").casefold().split()
        found = [one for one in self.tables.values() if all(word in _text(one, language) for word in words)]
        asked.truth("includeDiscontinued")
        if asked.text("pastDays"):
            since = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=min(asked.number("pastDays", 1), 36_500))
            found = [one for one in found if one.updated[:10] >= since.isoformat()]
        number, size = asked.number("pageNumber", 1), min(asked.number("pageSize", _PAGE), _LONGEST_PAGE)
        pages = max(1, -(-len(found) // size))
        if number > pages:
            raise Problem(404, "Non-existent page", f"There is no page {number}; there are {pages}.")
        same = "".join(f"&{name}={quote(text)}" for name in ("query", "pastDays") if (text := asked.text(name)))
        around = [("next", number + 1)] * (number < pages) + [("previous", number - 1)] * (number > 1)
        around += [("last", pages)] * (pages > 1)
        return {
            "language": language,
            "tables": [table_entry(one, language, self.address) for one in found[(number - 1) * size : number * size]],
            "page": {
                "pageNumber": number,
                "pageSize": size,
                "totalElements": len(found),
                "totalPages": pages,
                "links": [
                    link(relation, self.address, "tables", language, f"{same}&pageSize={size}&pageNumber={page}")
                    for relation, page in around
                ],
            },
            "links": [link("self", self.address, "tables", language, f"{same}&pageSize={size}&pageNumber={number}")],
        }

    def _tables(self, asked: Parameters) -> Answer:
        return json_answer(self.list_tables(self._language(asked), asked))

    def _table(self, id_: str, asked: Parameters) -> Answer:
        language = self._language(asked)
        return json_answer({**table_entry(self.table(id_), language, self.address), "language": language})

    def _metadata(self, id_: str, asked: Parameters) -> Answer:
        table, language = self.table(id_), self._language(asked)
        asked.truth("defaultSelection")
        lists = asked.asked().code_lists
        if saved := asked.text("savedQuery"):
            query = self._query(saved)
            if self.table(query["tableId"]) is not table:
                raise Problem(400, "Parameter error", f"The saved query is one of {quoted(query['tableId'])}, not of {table.id}.")
            lists = asked_in(query["selection"]).code_lists
        return json_answer(self.describe(table, language, lists))

    def describe(self, table: PublishedTable, language: str, lists: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Everything of a table but its cells; a variable with a code list has the categories of that."""
        chosen = choose(table, Asked({one.name: ["*"] for one in table.variables}, lists or {}))
        return metadata(chosen, language, self.address)

    def _default_selection(self, id_: str, asked: Parameters) -> Answer:
        table, language = self.table(id_), self._language(asked)
        chosen = choose(table, default_selection(table))
        return json_answer(selection(chosen, language, f"tables/{table.id}/defaultselection", self.address))

    def _code_list(self, id_: str, asked: Parameters) -> Answer:
        found = self.code_lists.get(id_.casefold())
        if found is None:
            near = nearest(id_, [one.id for one in self.code_lists.values()])
            raise Problem(404, "Non-existent codelist", f"There is no code list {quoted(id_)}.{near}")
        return json_answer(code_list(found, self._language(asked), self.address))

    def _data(self, table: PublishedTable, wanted: Asked, language: str, asked: Parameters) -> Answer:
        return _written(_chosen(table, wanted), language, asked.text("outputFormat"), asked.items("outputFormatParams"))

    def _save(self, body: Mapping[str, Any]) -> Answer:
        query = self._checked(body)
        id_ = id_of(query)
        answer = json_answer(saved_query(id_, query, self.address), 201)
        return Answer(
            answer.status, answer.media_type, answer.content, headers={"Location": f"{self.address}/savedqueries/{id_}"}
        )

    def _saved(self, id_: str) -> Answer:
        return json_answer(saved_query(id_, self._query(id_), self.address))

    def _saved_data(self, id_: str, asked: Parameters) -> Answer:
        query = self._query(id_)
        language = self._language(asked) if asked.text("lang") else query["language"]
        chosen = _chosen(self.table(query["tableId"]), asked_in(query["selection"]))
        options = asked.items("outputFormatParams")
        if asked.text("outputFormat") is None:
            options = options or query["outputFormatParams"]
        return _written(chosen, language, asked.text("outputFormat") or query["outputFormat"], options)

    def _saved_selection(self, id_: str, asked: Parameters) -> Answer:
        query = self._query(id_)
        chosen = _chosen(self.table(query["tableId"]), asked_in(query["selection"]))
        language = self._language(asked) if asked.text("lang") else query["language"]
        return json_answer(selection(chosen, language, f"savedqueries/{id_}/selection", self.address))

    def _query(self, id_: str) -> dict[str, Any]:
        """The query of an id, checked as when it was saved."""
        return self._checked({name.casefold(): value for name, value in query_of(id_).items()})

    def _checked(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A query that can be run, with every value that it can have."""
        texts = {}
        for name, default in (("tableId", ""), ("language", self.default_language), ("outputFormat", DEFAULT_FORMAT)):
            value = body.get(name.casefold()) or default
            if not isinstance(value, str):
                raise Problem(400, "Bad request", f"{name} is not a text.")
            texts[name] = value
        if not isinstance(body.get("selection", {}) or {}, dict):
            raise Problem(400, "Bad request", "selection is not an object.")
        inner = {str(name).casefold(): value for name, value in (body.get("selection") or {}).items()}
        wanted = asked_in(inner)
        options = strings_of(body.get("outputformatparams"), "outputFormatParams")
        table = self.table(texts["tableId"])
        texts["language"] = _known_language(texts["language"])
        _written(_chosen(table, wanted), texts["language"], texts["outputFormat"], options)
        entries = [
            {"variableCode": name, "valueCodes": list(codes)}
            | ({"codelist": wanted.code_lists[name]} if name in wanted.code_lists else {})
            for name, codes in wanted.codes.items()
        ]
        placement = {"heading": list(wanted.heading), "stub": list(wanted.stub)}
        return {
            **texts,
            "tableId": table.id,
            "outputFormatParams": options,
            "selection": {"selection": entries, "placement": placement},
        }

    def _language(self, asked: Parameters) -> str:
        return _known_language(asked.text("lang") or self.default_language)


@functools.cache
def openapi() -> Mapping[str, Any]:
    """What is answered, as OpenAPI."""
    return declared_in(__package__, "openapi.yml").values


def _nothing_there(path: str) -> Problem:
    return Problem(404, "Not found", f"There is nothing at {quoted(path)}; {PREFIX}/openapi.json says what there is.")


def _known_language(asked: str) -> str:
    found = next((one for one in LANGUAGES if one == asked.casefold()), None)
    if found is None:
        raise Problem(400, "Unsupported language", f"lang is {quoted(asked)}; there are {' and '.join(LANGUAGES)}.")
    return found


def _chosen(table: PublishedTable, wanted: Asked) -> Chosen:
    if not any(wanted.codes.values()) and not wanted.code_lists:
        for name in wanted.codes:
            find_variable(table, name)
        default = default_selection(table)
        wanted = Asked(default.codes, {}, wanted.heading, wanted.stub)
    return choose(table, wanted)


def _written(chosen: Chosen, language: str, name: str | None, options: list[str]) -> Answer:
    by_name = {one.casefold(): one for one in FORMATS}
    found = by_name.get((name or DEFAULT_FORMAT).casefold())
    if found is None:
        said = f"There is no outputFormat {quoted(str(name))}; there are {', '.join(FORMATS)}."
        raise Problem(400, "Unsupported output format", said)
    kind = FORMATS[found]
    kind.require(chosen)
    chosen_options = read_options(options, kind.options, found)
    return Answer(
        200,
        kind.media_type,
        lambda: kind.write(chosen, language, chosen_options),
        slow=found not in _QUICK or chosen.cells > _MANY_CELLS,
        headers={"Content-Disposition": f'inline; filename="{chosen.table.id}.{kind.ending}"'},
    )


def _text(table: PublishedTable, language: str) -> str:
    """What a table is found by, in small letters: its id and title, edition and subject, variables and categories."""
    edition = table.edition
    texts = [table.id, table.labels[language], edition.title[language], *table.px_texts("SUBJECT-AREA", language)]
    for one in table.variables:
        texts += [one.labels[language], *one.categories[language], *one.codes]
    return "\n".join(texts).casefold()
