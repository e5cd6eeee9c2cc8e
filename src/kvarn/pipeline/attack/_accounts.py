"""What accounts for the numbers in texts: declared figures, the edition's own words, and what may be typed with its words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kvarn import metadata
from kvarn.base.damaged import kept_json
from kvarn.base.notebook_files import read_notebook
from kvarn.base.yaml_files import read_input
from kvarn.disseminate.explained import lines_of_definitions, lines_of_symbols
from kvarn.disseminate.narrative import ALLOWED_DIGITS, Allowed, accounted_texts, read_allowed
from kvarn.disseminate.places import EACH
from kvarn.disseminate.profile_pages import around_profile
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.rendering.source_lines import sheet_words
from kvarn.disseminate.rendering.variables import VARIABLE
from kvarn.disseminate.revisions import read_revisions, revisions_table
from kvarn.disseminate.shown_tables import deliveries_of, deliveries_words, source_words
from kvarn.disseminate.stage import correction_notice
from kvarn.pipeline.actions import sheets_of
from kvarn.pipeline.attack._prose import Accounts
from kvarn.pipeline.given_parameters import parameters_given
from kvarn.pipeline.production import Production
from kvarn.pipeline.profiles import places_of_pages

__all__ = ["accounts_of", "accounts_of_code"]


def accounts_of(production: Production, language: str) -> Accounts:
    """What accounts for a number in the texts, tables and outputs of the pages and PDF files of one language."""
    allowed = read_allowed(production.reports / ALLOWED_DIGITS)
    said = _said(production, language)
    accounts = Accounts(language)
    for text in (*said.values(), *allowed.texts(language)):
        accounts.add(text)
    for path in sorted(production.reports.glob(f"*/{language}/*.qmd")):
        source = path.read_text(encoding="utf-8")
        _add_source(accounts, source, language, allowed, said)
        _add_rows(accounts, source, said)
    for source in _cells(production.notebooks("present"), "markdown"):
        _add_source(accounts, source, None, allowed, said)
        _add_rows(accounts, source, said)
    if production.profiles:
        _add_profiles(accounts, production, language, allowed, said)
    # What else stands in the theme is read by nobody here, and accounts for nothing.
    for path in filter(Path.is_file, (production.root / "_quarto.yml", production.reports / "theme" / "words.yml")):
        words = read_input(path, noun="what the documents say").values
        _add_source(accounts, "\n\n".join(_strings(words)), language, allowed, said)
    for table in metadata.tables():
        accounts.add(source_words(table.name, language))
        accounts.add(source_words(table.name, language, linked=True))
        for deliveries in deliveries_of([table.name]):
            accounts.add(deliveries_words(deliveries, language))
            accounts.add(deliveries_words(deliveries, language, linked=True))
    for number in sheets_of(production.workspace.protected).values():
        accounts.add(sheet_words(number, language))
    for one in ProtectedTables(production.workspace.protected).noted:
        accounts.add(metadata.text("accepted.note", language, words=one.words(language)))
    for line in revisions_table(read_revisions(production.workspace.revisions), language=language).lines:
        accounts.add(" ".join(line))
    for words in _strings(production.edition.publication.model_dump(mode="json")):
        accounts.add(words)
    accounts.add(correction_notice(production.edition, language))
    # The last line of each page.
    accounts.add(f"{production.edition.publication.publisher.label(language)} {said['published']}")
    return accounts


def accounts_of_code(production: Production, language: str) -> Accounts:
    """What accounts for a number in a notebook's folded code: the code as it was checked, and its parameters."""
    said = _said(production, language)
    accounts = Accounts()
    for source in _cells(production.notebooks("present"), "code"):
        accounts.add(source)
        for name in said:
            if name in source:
                accounts.add(said[name])
    for path in production.notebooks("present"):
        # The cell of parameters that papermill writes into an executed notebook.
        given = parameters_given(production, path, language).items()
        written = ((name, f'"{value}"' if isinstance(value, str) else value) for name, value in given)
        accounts.add("# Parameters\n" + "\n".join(f"{name} = {value}" for name, value in written))
    return accounts


def _add_source(accounts: Accounts, source: str, language: str | None, allowed: Allowed, said: dict[str, str]) -> None:
    for text in accounted_texts(source, language, allowed, said):
        accounts.add(text)


# What a reader does not see of a link, and what the renderers write for a reference.
_TARGET, _ATTRIBUTES = re.compile(r"(?<=\])\([^)]*\)"), re.compile(r"\{[^{}]*\}")
_REFERENCE = re.compile(r"\[[^\]@]*@(?:fig|tbl|sec)-[^\]]*\]|@(?:fig|tbl|sec)-[\w-]*\w")


def _add_rows(accounts: Accounts, source: str, said: dict[str, str]) -> None:
    for row in (line for line in source.splitlines() if "|" in line):
        accounts.add_row(_row_as_read(row, said))


def _row_as_read(row: str, said: dict[str, str]) -> str:
    """A row of a table that a document writes, with what its variables say."""
    filled = VARIABLE.sub(lambda found: said.get(found[1], ""), row)
    return _REFERENCE.sub(" ", _ATTRIBUTES.sub(" ", _TARGET.sub("", filled)))


def _add_profiles(accounts: Accounts, production: Production, language: str, allowed: Allowed, said: dict[str, str]) -> None:
    """Learn what the pages of codes say beside their tables: their notebooks' words, the codes' names, definitions, symbols."""
    for line in (*lines_of_definitions(language), *lines_of_symbols(language)):
        accounts.add(line)
    for line in around_profile(production.edition, language):
        accounts.add(line)
    places = places_of_pages(production)
    for place in places:
        accounts.add(place.label(language))
    for source in _cells(production.profiles, "markdown"):
        # A page has its own code's words in it.
        told = places if f"{EACH}." in source else places[:1]
        for place in told:
            _add_source(accounts, source, None, allowed, {**said, **place.values(language)})


def _cells(notebooks: Iterable[Path], kind: str) -> Iterator[str]:
    for path in notebooks:
        for cell in read_notebook(path).cells:
            if cell["cell_type"] == kind:
                yield "".join(cell["source"])


def _said(production: Production, language: str) -> dict[str, str]:
    return dict(_flat(kept_json(production.workspace.build / language / "figures.json")))


def _flat(values: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield above + name, str(value)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list | tuple):
        for held in value.values() if isinstance(value, dict) else value:
            yield from _strings(held)
    elif isinstance(value, str):
        yield value
