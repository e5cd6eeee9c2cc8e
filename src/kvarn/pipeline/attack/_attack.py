"""Everything that is about to be published, and all that is out already, laid together and attacked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvarn import metadata
from kvarn.analyse._accepted_files import accepted_files, check_accepted
from kvarn.analyse._tables import read_tables
from kvarn.analyse.disclosure.perturbation.written import audit_perturbed_figures
from kvarn.analyse.disclosure.written.as_it_was import as_it_was
from kvarn.analyse.disclosure.written.audit import Published, audit_written, draw_of
from kvarn.analyse.disclosure.written.nearly import lines_taken_for_sums
from kvarn.analyse.disclosure.written.relations import Key, key_of, name_of, untrue_of
from kvarn.analyse.disclosure.written.secrecy import (
    kept_secrets,
    secret_differences,
    secret_overlaps,
    secrets_of,
    true_counts,
)
from kvarn.base.files import SECRET, replace_file
from kvarn.base.package_files import declared_in
from kvarn.base.stages import Counter, tell
from kvarn.disseminate.places import profile_address
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.recorded import RECORD
from kvarn.errors import DisclosureError
from kvarn.pipeline.attack._accounts import accounts_of, accounts_of_code
from kvarn.pipeline.attack._drawn_words import numbers_in_words
from kvarn.pipeline.attack._ones import ones_in_table, ones_in_text
from kvarn.pipeline.attack._out_before import (
    OutBefore,
    counts_of_then,
    kept_counts,
    lay_together,
    memories,
    out_before,
    read_figures,
)
from kvarn.pipeline.attack._own import OwnOutputs, own_outputs_of
from kvarn.pipeline.attack._page import Page, PageTable, read_page
from kvarn.pipeline.attack._pdf import require_pdf
from kvarn.pipeline.attack._prose import Accounts, Figures, numbers_without_digits, unaccounted_in_drawing
from kvarn.pipeline.attack._tables import Contradiction, TableReader
from kvarn.pipeline.attack._words import Words, plain
from kvarn.pipeline.narrative import require_narrative
from kvarn.pipeline.production import Production
from kvarn.pipeline.profiles import places_of_pages
from kvarn.pipeline.telling import require_told_is_public

__all__ = ["attack_publication"]

_REMEDY = (
    "Nothing has been published. Show the table by text_table from the protected tables, with nothing in it changed by hand. If "
    "no document or notebook has changed it, make the product again, and report it if it recurs."
)
_ONE = "One who is counted, both or none is said of a place in words, which no table publishes."
_UNACCOUNTED = (
    "Nothing has been published. Show figures of the protected tables as they are, or declare what is computed from them in "
    "reports/figures.yml."
)
# Pages that show what a notebook has shown.
_OF_NOTEBOOKS = ("notebooks/", "profiles/")
_BESIDE = ("year", "measure", "value", "status", "contributors")


@metadata.lists_held()
def attack_publication(folder: Path, production: Production, *, at_most: int = 300) -> dict[str, Any]:
    """Read a publication back as anyone will read it, lay what is out already beside it, and attack both together.

    Parameters
    ----------
    folder
        What is about to be published.
    at_most
        So many secrets are asked for; of more, a sample that is the same each time.

    Returns
    -------
    dict
        What was read and asked, without any figure. The same stands in the edition's ``attack.json``, which is restricted.

    Raises
    ------
    DisclosureError
        A secret can be told, a file shows what another withholds, or a page shows a number that nothing accounts for. The
        error names the cell or the words around it, and the file, never the number.
    ConsistencyError
        A cell is another figure in one file than in the others.
    InputError
        A number has been typed in a source since the work began.
    """
    work, edition = production.workspace, production.edition
    # What is accounted for below has been read in the sources: they must be as they were when the work began.
    require_narrative(production)
    tell("publication: the files are read as somebody outside would read them")
    published = Published()
    counted, _ = read_figures(folder, published)
    published.require_one_status()
    _require_accepted_files(published, production)
    require_told_is_public(folder / RECORD, published, production)
    pages = _require_pages_show_what_is_published(folder, published, production)
    tell("publication: it is laid beside what is out")
    tables = read_tables(work.tables)
    before = OutBefore()
    let_off = kept_secrets(work.disclosure_memory)
    if edition.disclosure.method == "cell-key":
        # Each figure is held to the one that its key gives: what other editions show of it is the same or another register's.
        asked: dict[str, Any] = dict(audit_perturbed_figures(published, tables, edition.disclosure))
    else:
        truth = {key: value for table in tables.values() for key, value in _figures(table)}
        of_then = counts_of_then(work, edition)
        own = set(published.figures)
        for place, out in out_before(work, edition):
            earlier = Published()
            read_figures(out, earlier, place)
            before.files += sum(path.is_file() for path in out.rglob("*"))
            lay_together(published, earlier, truth, edition.disclosure, before, of_then.get(place))
        secrets = let_off.with_plain(_secrets(work_tables=tables, production=production))
        counts = true_counts(tables)
        overlaps = {**secret_overlaps(counts, edition.disclosure), **let_off.overlaps}
        differences = {**secret_differences(counts, edition.disclosure), **let_off.differences}
        # The newest memory comes first, and its figures are those that stand.
        remembered = true_counts(dict(reversed(kept_counts(work, edition).items())))
        asked = audit_written(
            published,
            secrets,
            let_off.excused,
            differences=differences,
            overlaps=overlaps,
            surpluses=let_off.surpluses,
            taken=lines_taken_for_sums({**remembered, **counts}, edition.disclosure.taken_for_sums),
            untrue=untrue_of({**remembered, **counts}),
            ups=let_off.ups,
            figures={**remembered, **counts},
            before=as_it_was(memories(work, edition), counts, edition.disclosure),
            # What others show and this one does not is where something new can follow.
            first=published.figures.keys() - own,
            at_most=at_most,
            drawn_by=draw_of(counts),
        )
    found = {
        "cells_read": counted,
        "pages": pages,
        "files_out_before": before.files,
        "revised_figures": len(before.revised),
        "revised_by_fewer_persons_than_may_be_told_of": len(before.by_few),
        "revised_by_few": sorted(map(name_of, before.by_few)),
        "given_away_by_earlier_editions": len(let_off.excused),
        **asked,
    }
    text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    replace_file(work.restricted / "attack.json", text.encode(), mode=SECRET)
    return found


def _require_accepted_files(published: Published, production: Production) -> None:
    """No format shows a figure, a zero among them, of which no file was accepted."""
    figures = [(published.shown_in[key], key, text) for key, text in published.figures.items()]
    others = [(published.withheld_in[key], key, symbol) for symbol, keys in published.symbols() for key in keys]
    years = {key[1] for _, key, _ in (*figures, *others)}
    care = production.edition.data.care
    accepted = accepted_files(production.workspace.collected, sorted(years), care=care)
    check_accepted([*figures, *others], accepted)


def _secrets(*, work_tables: dict[str, Any], production: Production) -> dict[Key, int]:
    """The secrets by the plain rule: of this edition, and of earlier ones and orders where this one has not the cell."""
    rules = production.edition.disclosure
    now = true_counts(work_tables)
    kept = secrets_of(kept_counts(production.workspace, production.edition), rules)
    return {**{key: width for key, width in kept.items() if key not in now}, **secrets_of(work_tables, rules)}


def _figures(table: Any) -> Iterator[tuple[Key, str]]:
    variables = [name for name in table.columns if name not in _BESIDE and name in _known_variables()]
    columns = [table[name].tolist() for name in ("measure", "year", "value", *variables)]
    for measure, year, value, *codes in zip(*columns, strict=True):
        yield key_of(str(measure), year, dict(zip(variables, map(str, codes), strict=True))), str(value)


def _known_variables() -> frozenset[str]:
    return frozenset(name for table in metadata.tables() for name in table.variables)


@dataclass(frozen=True)
class _PageChecks:
    """What the pages of one language are compared with."""

    language: str
    reader: TableReader
    figures: Figures
    labels: frozenset[str]
    remarks: frozenset[str]
    own: OwnOutputs
    accounts: Accounts
    code: Accounts
    # Texts that were found right: those of the pages of many codes are mostly the same.
    right: set[str]


def _require_pages_show_what_is_published(folder: Path, published: Published, production: Production) -> dict[str, int]:
    """Match every table of every page, and every number in texts and drawings."""
    edition = production.edition
    found = dict.fromkeys(("pages", "tables", "cells", "texts", "drawings", "pictures_not_read", "pdf_texts"), 0)
    figures = Figures.of(published)
    for language in edition.languages:
        words = Words(language)
        checks = _PageChecks(
            language,
            TableReader(words, published),
            figures,
            _drawn_labels(words, edition.years),
            _remarks(production, language),
            own_outputs_of(production, published, language),
            accounts_of(production, language),
            accounts_of_code(production, language),
            set(),
        )
        paths = sorted([*(folder / language).glob("*.html"), *(folder / "notebooks" / language).glob("*.html")])
        of_codes = {folder / profile_address(place.code, language): place for place in places_of_pages(production)}
        read = Counter(f"publication: pages read, {language}", len(paths) + len(of_codes))
        for path in (*paths, *of_codes):
            read.one()
            about = of_codes.get(path)
            still = {} if about is None else {about.variable: about.code}
            for what, number in _require_page(path, folder, checks, still).items():
                found[what] += number
    return found


def _require_page(path: Path, folder: Path, checks: _PageChecks, still: Mapping[str, str]) -> dict[str, int]:
    """Check one page, and the PDF beside it; how much was read, by kind. `still` is the category that a page is about."""
    place = path.relative_to(folder).as_posix()
    page = read_page(path)
    cells = sum(
        _require_table(checks.reader, table, f"{place}, table {number}", checks.accounts, still)
        for number, table in enumerate(page.tables, 1)
    )
    _require_texts(page, place, checks.accounts, checks.code, checks.right)
    for number, picture in enumerate(page.pictures, 1):
        checks.own.require_picture(picture, f"{place}, picture {number}")
    for number, drawn in enumerate(page.drawings, 1):
        if checks.own.require_drawing(drawn, checks.labels, f"{place}, drawing {number}"):
            continue
        texts = [text for text in drawn.texts if plain(text) not in checks.remarks]
        if unaccounted_in_drawing(texts, checks.labels, checks.figures, checks.language) or any(
            numbers_in_words(texts, checks.labels, checks.language)
        ):
            raise DisclosureError(
                "A drawing shows a number that nothing published accounts for.",
                where=f"{place}, drawing {number}",
                remedy=_UNACCOUNTED,
            )
    pdf = path.with_suffix(".pdf")
    return {
        "pages": 1,
        "tables": len(page.tables),
        "cells": cells,
        "texts": len(page.texts),
        "drawings": len(page.drawings),
        "pictures_not_read": len(page.pictures),
        "pdf_texts": require_pdf(pdf, folder, page.tables, checks.accounts, page.sizes) if pdf.is_file() else 0,
    }


def _require_table(reader: TableReader, table: PageTable, place: str, accounts: Accounts, still: Mapping[str, str]) -> int:
    heads = reader.heads(table)
    matched = None if heads is None else reader.match(table, heads, still)
    if isinstance(matched, Contradiction):
        what = (
            "A table shows a figure that is withheld." if matched.withheld else "A table shows another figure than is published."
        )
        raise DisclosureError(what, where=f"{place}: {matched.cell}", remedy=_REMEDY)
    if matched is not None:
        return len(matched.cells)
    documents = not place.startswith(_OF_NOTEBOOKS)
    for row_of_place in ones_in_table(table):
        raise DisclosureError(_ONE, where=f"{place}, {row_of_place}", remedy=_UNACCOUNTED)
    for row in (table.heads, *table.rows, [table.named]):
        for near in accounts.unaccounted(" ".join(row), document=documents):
            raise DisclosureError(
                "A table shows a number that nothing accounts for.", where=f"{place}: {near}", remedy=_UNACCOUNTED
            )
    for place_of_row, row in enumerate(table.rows, 1):
        if accounts.is_other_row(" ".join(row)):
            what = "A table shows another figure than is published."
            raise DisclosureError(what, where=f"{place}, row {place_of_row}", remedy=_UNACCOUNTED)
    return 0


def _require_texts(page: Page, place: str, accounts: Accounts, code: Accounts, right: set[str] | None = None) -> None:
    """Account for each number of the texts of a page; of a notebook's, not again for those that were found `right`."""
    # A notebook shows its figures by tables and charts.
    documents = not place.startswith(_OF_NOTEBOOKS)
    for texts, by in ((page.texts, accounts), (page.code, code)):
        for text in texts:
            if not documents and by is accounts and right is not None:
                if text in right:
                    continue
                right.add(text)
            if not documents and by is accounts and ones_in_text(text):
                raise DisclosureError(_ONE, where=place, remedy=_UNACCOUNTED)
            written = () if by is code else by.unaccounted_without_digits(text) if documents else numbers_without_digits(text)
            for near in (*by.unaccounted(text, document=documents), *written):
                raise DisclosureError(
                    "A text shows a number that nothing accounts for.", where=f"{place}: {near}", remedy=_UNACCOUNTED
                )


def _drawn_labels(words: Words, years: tuple[int, ...]) -> frozenset[str]:
    """What may stand in a drawing beside figures: names of categories and measures, units, the charts' own words."""
    found = {label for label, kind in words.heads.items() if kind is not None}
    for table in metadata.tables():
        for name in table.variables:
            found |= set(words.by_label(name))
        found |= {plain(metadata.measure(name).unit[words.language]) for name in table.measures}
    measures = dict.fromkeys(name for table in metadata.tables() for name in table.measures)
    for text in _strings(declared_in("kvarn.disseminate.charts", "words.yml").values):
        filled = [text.replace("{year}", str(year)) for year in years] if "{year}" in text else [text]
        if "{measure}" in text:
            filled = [text.replace("{measure}", metadata.measure(name).label(words.language)) for name in measures]
        found |= {plain(one) for one in filled}
    return frozenset(found)


def _remarks(production: Production, language: str) -> frozenset[str]:
    """The lines below charts of figures that look wrong and are right: the office's own words, each line as it is drawn."""
    from kvarn.disseminate.charts.series import remark_lines

    noted = ProtectedTables(production.workspace.protected).noted
    said = [one.words(language) for one in noted]
    return frozenset(plain(line) for narrow in (False, True) for line in remark_lines(said, language, narrow=narrow))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for held in value.values():
            yield from _strings(held)
    elif isinstance(value, str):
        yield value
