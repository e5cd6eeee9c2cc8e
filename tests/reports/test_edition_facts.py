"""What the texts say of the edition is true of it: its years, languages, stage, deliveries, method and what came before."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kvarn import metadata
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.revisions import Revisions
from kvarn.disseminate.table_notes import table_notes
from kvarn.disseminate.text_figures import resolve_figures
from kvarn.edition import Edition

LANGUAGES = ("sv", "en")
Said = Callable[..., str]
PREVIOUS = {"title": {"sv": "Titel 2022", "en": "Title 2022"}, "published": dt.date(2023, 9, 5)}


@pytest.fixture(scope="module")
def said(
    reports: Path, make_tables: Callable[..., ProtectedTables], make_edition: Callable[..., Edition]
) -> Callable[..., dict[str, str]]:
    """Everything that the documents of an edition say in one language, chapter by chapter, and the alternative texts."""

    known: dict[str, dict[str, str]] = {}

    def texts(language: str, *, revisions: Revisions | None = None, **changed: Any) -> dict[str, str]:
        asked = repr((language, revisions, changed, metadata.has_official_list("procedure", 2023)))
        if asked not in known:
            known[asked] = made(language, revisions=revisions, **changed)
        return known[asked]

    def made(language: str, *, revisions: Revisions | None = None, **changed: Any) -> dict[str, str]:
        base = make_edition()
        publication = {**base.publication.model_dump(), **changed.pop("publication", {})}
        edition = make_edition(**{"publication": publication, **changed})
        tables = make_tables(first_year=edition.first_year, reference_year=edition.reference_year)
        values = resolve_figures(reports / "figures.yml", tables, edition, language, revisions=revisions)

        def value(name: str) -> str:
            found: Any = values
            for part in name.split("."):
                found = found[part]
            return str(found)

        filled = {
            file.name: re.sub(r"\{\{< var (\S+) >\}\}", lambda found: value(found[1]), file.read_text(encoding="utf-8"))
            for file in sorted(reports.glob(f"*/{language}/*.qmd"))
        }
        return filled | {"alt": "\n".join(values["alt"].values())}

    return texts


def whole(texts: dict[str, str]) -> str:
    return "\n".join(texts.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_not_there_yet_is_said_of_a_day(said: Said, language: str) -> None:
    """It is published later, when all files may have been due long since."""
    day, yet = {"sv": ("5 februari 2024", "ännu inte"), "en": ("5 February 2024", " yet")}[language]
    data = {"deliveries": "d", "population": "p", "as_of": dt.date(2024, 2, 5)}
    early = whole(said(language, stage="preliminary", data=data))
    sentences = [one for one in re.split(r"(?<=[.!?])\s", early.replace("\u00a0", " ")) if yet in one and "2023" in one]
    assert sentences and [one for one in sentences if day not in one] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_preliminary_figures_are_called_so_and_final_ones_final(said: Said, language: str) -> None:
    may = {"sv": "preliminära och kan komma att ändras", "en": "preliminary and may be revised"}[language]
    are = {"sv": "Uppgifterna i den här utgåvan är slutliga", "en": "The figures of this edition are final"}[language]
    final = said(language)
    assert are in final["_accuracy.qmd"] and may not in whole(final)
    changed = {"stage": "preliminary", "data": {"deliveries": "d", "population": "p", "as_of": dt.date(2024, 3, 31)}}
    early = said(language, **changed)
    assert are not in whole(early) and may in early["_accuracy.qmd"]
    day = {"sv": "31 mars 2024", "en": "31 March 2024"}[language]
    assert day in early["_accuracy.qmd"] and day in early["_about.qmd"]
    for document in ("annual-report.qmd", "methods-and-quality.qmd", "summary.qmd"):
        front = early[document].split("\n---\n")[0]
        assert may in re.search(r"stage: .*", front)[0]  # type: ignore[index]
        assert {"sv": "Preliminära uppgifter.", "en": "Preliminary figures."}[language] in re.search(r"how-to-cite: .*", front)[0]  # type: ignore[index]
    planned = said(language, stage="preliminary", publication={"final": dt.date(2024, 12, 3)})
    assert {"sv": "Slutliga uppgifter för 2023, planerade till den 3 december 2024.",
            "en": "Final figures for 2023, planned for 3 December 2024."}[language] in planned["_general.qmd"]  # fmt: skip
    assert {"sv": "Avser 2024", "en": "Covers 2024"}[language] in final["_general.qmd"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_series_of_one_year_is_not_compared_with_another(said: Said, language: str) -> None:
    texts = said(language, first_year=2023)
    for chapter, text in texts.items():
        captions = re.findall(r"^::: .*?^:::$", text, re.MULTILINE | re.DOTALL)
        assert not any("2022" in caption for caption in captions), chapter
    assert "2022" not in texts["alt"]
    since = {
        "sv": r"[Ss]edan 2023|Serien börjar 2023|2023 och 2023|2023–2023",
        "en": r"[Ss]ince 2023|begins in 2023|2023 and 2023",
    }
    assert not re.search(since[language], whole(texts))
    twice = {"sv": r"år 2023 och [\d\s]+ år 2023", "en": r"in 2023 and [\d,]+ in 2023"}[language]
    assert not re.search(twice, texts["alt"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_break_is_told_of_where_the_series_has_it(said: Said, language: str) -> None:
    broken, unbroken = said(language, first_year=2018), said(language, first_year=2020)
    words = {"sv": r"Brottet gäller|har ett brott|streckad linje", "en": r"The break concerns|has a break|dashed line"}[language]
    assert re.search(words, broken["_comparability.qmd"]) and re.search(words, broken["alt"])
    assert not re.search(words, whole(unbroken))


@pytest.mark.parametrize(("languages", "sv", "en"), [
    (["sv", "en"], "publiceras på svenska och engelska, som", "published in Swedish and English, as"),
    (["sv"], "publiceras på svenska, som", "published in Swedish, as"),
    (["en"], "publiceras på engelska, som", "published in English, as"),
])  # fmt: skip
def test_the_languages_are_those_of_the_edition(said: Said, languages: list[str], sv: str, en: str) -> None:
    for language, words in (("sv", sv), ("en", en)):
        assert words in said(language, languages=languages)["_accessibility.qmd"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_came_before_is_told_of_where_it_did(said: Said, language: str) -> None:
    none = {"sv": "Ingen tidigare publicering är angiven", "en": "No previous publication is stated"}[language]
    title = {"sv": "Titel 2022", "en": "Title 2022"}[language]
    without, stated = said(language), said(language, publication={"previous": PREVIOUS})
    assert none in without["annual-report.qmd"] and none in without["_accuracy.qmd"]
    assert none not in whole(stated) and title in stated["annual-report.qmd"]
    compared = said(language, revisions=Revisions({("persons-by-month", 2022): 9}, {("persons-by-month", 2022): 2}))
    beside = {"sv": "Jämfört med utgåvan för 2022", "en": "Compared with the edition for 2022"}[language]
    assert beside in compared["_accuracy.qmd"] and beside not in whole(without) and beside not in whole(stated)
    # Only an earlier edition of the same year has figures of it.
    final = said(language, revisions=Revisions({("persons-by-month", 2023): 9}, {("persons-by-month", 2023): 2}))
    of_year = {"sv": "Jämfört med den tidigare utgåvan för 2023", "en": "Compared with the earlier edition for 2023"}[language]
    assert of_year in final["_accuracy.qmd"] and beside not in whole(final)


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_changed_by_chance_are_not_said_to_agree_with_their_totals(said: Said, language: str) -> None:
    agree = {"sv": "delar stämmer med summor", "en": "parts agree with totals"}[language]
    assert agree in said(language)["_accuracy.qmd"]
    assert agree not in whole(said(language, disclosure={"method": "cell-key"}))


@pytest.mark.parametrize("language", LANGUAGES)
def test_reserve_numbers_are_told_of_as_the_edition_takes_them_in(said: Said, language: str) -> None:
    refused = {"sv": "reservnummer tas inte emot", "en": "reserve numbers are not accepted"}[language]
    followed = {"sv": "reservnummer kan inte följas", "en": "reserve numbers cannot be followed"}[language]
    for taken, said_of, unsaid in ((False, refused, followed), (True, followed, refused)):
        text = whole(said(language, quality={"reserve_numbers": taken}))
        assert said_of in text and unsaid not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_are_said_to_be_checked_against_kva_only_where_its_list_has_been_imported(
    said: Said, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shortened = {"sv": "förkortad lista", "en": "shortened list"}[language]
    for imported in (True, False):
        monkeypatch.setattr(metadata, "has_official_list", lambda name, year, imported=imported: imported)
        assert (shortened in said(language)["_accuracy.qmd"]) != imported


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_symbols_listed_are_those_in_the_tables_and_rejected_rows_are_no_item_non_response(said: Said, language: str) -> None:
    texts = said(language)
    assert "– = " in texts["_definitions.qmd"] and "X = " in texts["_definitions.qmd"]
    # Deliveries of procedures do not apply to the years before 2019, and nothing has been compared: no figure is suppressed.
    assert ". = " in texts["_accuracy.qmd"] and ".. = " in texts["_accuracy.qmd"] and "X = " not in texts["_accuracy.qmd"]
    partial = {
        "sv": "är alltså en avvisad rad och inget partiellt bortfall",
        "en": "It is a rejected row, then, and no item non-response",
    }
    assert partial[language] in texts["_accuracy.qmd"]


def test_nothing_that_readers_meet_depends_on_the_engine_or_the_renderer(said: Said) -> None:
    assert said("en") == said("en", engine="spark", renderer="builtin")


@pytest.mark.parametrize("language", LANGUAGES)
def test_notes_on_years_before_2019_stand_where_a_table_has_them(
    make_tables: Callable[..., ProtectedTables], make_edition: Callable[..., Edition], language: str
) -> None:
    for first_year, wanted in ((2017, True), (2019, False), (2023, False)):
        edition, tables = make_edition(first_year=first_year), make_tables(first_year=first_year, reference_year=2023)
        for name in ("persons-by-year-sex-age", "months-by-sex-age", "deliveries-by-year"):
            assert ("2019" in " ".join(table_notes(tables[name], edition, language))) == wanted, (name, first_year)


COMPARES = {
    "sv": r"(?:fler|färre|mer|mindre|högre|lägre) än (?:i december |{before})|sedan {before}|"
    r"ö(?:kat|kning) med|minsk(?:at|ning) med",
    "en": r"(?:more|fewer|less|higher|lower) than (?:in December|in {before})|since {before}|(?:in|de)crease(?:d by| of)",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_of_a_year_that_is_not_whole_yet_are_not_compared(said: Said, language: str) -> None:
    pattern = re.compile(COMPARES[language].format(before="2022"))
    # About the deliveries themselves: those that were due count alike in every year.
    of_persons = [name for name in said(language) if name in ("_summary.qmd", "_persons.qmd", "_procedures.qmd", "alt")]
    at_hand = {"deliveries": "d", "population": "p"}
    late = said(language, stage="preliminary", data={**at_hand, "as_of": dt.date(2024, 3, 31)})
    assert any(pattern.search(late[name]) for name in of_persons)
    early = said(language, stage="preliminary", data={**at_hand, "as_of": dt.date(2024, 1, 31)})
    told = {"sv": "jämförs därför inte med tidigare år", "en": "therefore not compared with earlier years"}[language]
    assert told in early["_summary.qmd"] and told not in whole(late)
    assert [found[0] for name in of_persons for found in pattern.finditer(early[name])] == []
