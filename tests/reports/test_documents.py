"""The two documents: their headings, the same structure in both languages, and no figure typed in by hand."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.revisions import Revisions
from kvarn.disseminate.text_figures import read_declaration, resolve_figures, trace_figures
from kvarn.disseminate.text_figures._documents import uses_in_document
from kvarn.edition import Edition

DOCUMENTS = ("annual-report", "methods-and-quality", "summary")
LANGUAGES = ("sv", "en")
INCLUDE = re.compile(r"^\{\{< include (\S+) >\}\}$")

# The headings of SCB-FS 2016:17, in order; an empty number is a heading that is not numbered.
QUALITY_DECLARATION = [
    ("", "Kvalitetsdeklaration", "Quality declaration"),
    ("1", "Relevans", "Relevance"),
    ("1.1", "Ändamål och informationsbehov", "Purpose and information needs"),
    ("1.1.1", "Statistikens ändamål", "Purpose of the statistics"),
    ("1.1.2", "Statistikanvändares informationsbehov", "Information needs of the users"),
    ("1.2", "Statistikens innehåll", "Contents of the statistics"),
    ("1.2.1", "Objekt och population", "Units and population"),
    ("1.2.2", "Variabler", "Variables"),
    ("1.2.3", "Statistiska mått", "Statistical measures"),
    ("1.2.4", "Redovisningsgrupper", "Study domains"),
    ("1.2.5", "Referenstider", "Reference times"),
    ("2", "Tillförlitlighet", "Accuracy and reliability"),
    ("2.1", "Tillförlitlighet totalt", "Overall accuracy and reliability"),
    ("2.2", "Osäkerhetskällor", "Sources of uncertainty"),
    ("2.2.1", "Urval", "Sampling"),
    ("2.2.2", "Ramtäckning", "Frame coverage"),
    ("2.2.3", "Mätning", "Measurement"),
    ("2.2.4", "Bortfall", "Non-response"),
    ("2.2.5", "Bearbetning", "Data processing"),
    ("2.2.6", "Modellantaganden", "Model assumptions"),
    ("2.3", "Preliminär statistik jämförd med slutlig", "Preliminary statistics compared with final statistics"),
    ("3", "Aktualitet och punktlighet", "Timeliness and punctuality"),
    ("3.1", "Framställningstid", "Production time"),
    ("3.2", "Frekvens", "Frequency"),
    ("3.3", "Punktlighet", "Punctuality"),
    ("4", "Tillgänglighet och tydlighet", "Accessibility and clarity"),
    ("4.1", "Tillgång till statistiken", "Access to the statistics"),
    ("4.2", "Möjlighet till ytterligare statistik", "Further statistics"),
    ("4.3", "Presentation", "Presentation"),
    ("4.4", "Dokumentation", "Documentation"),
    ("5", "Jämförbarhet och samanvändbarhet", "Comparability and coherence"),
    ("5.1", "Jämförbarhet över tid", "Comparability over time"),
    ("5.2", "Jämförbarhet mellan grupper", "Comparability between groups"),
    ("5.3", "Samanvändbarhet i övrigt", "Coherence otherwise"),
    ("5.4", "Numerisk överensstämmelse", "Numerical consistency"),
    ("", "Allmänna uppgifter", "General information"),
    (
        "",
        "A Klassificeringen Sveriges officiella statistik",
        "A The classification Official Statistics of Sweden",
    ),
    ("", "B Sekretess och personuppgiftsbehandling", "B Confidentiality and personal data"),
    ("", "C Bevarande och gallring", "C Preservation and disposal"),
    ("", "D Uppgiftsskyldighet", "D Obligation to provide data"),
    (
        "",
        "E EU-reglering och internationell rapportering",
        "E EU regulation and international reporting",
    ),
    ("", "F Historik", "F History"),
    ("", "G Kontaktuppgifter", "G Contact"),
]

# Every figure that may be typed in: statutes and their numbers, dates of the regulation, years that are facts about the register,
# ages and the base of a rate, names of files and files' kinds. Anything else comes from the data.
FACTS = [
    r"HSLF-FS 2017:67",
    r"SCB-FS 2016:17",
    r"\((?:1998:543|2001:99)\)",
    r"(?:förordningen|förordning|ordinance) 2006:94",
    r"24 kap\. 8 §|chapter 24, section 8",
    r"den 21 november 2017|on 21 November 2017",
    r"den 1 januari 2019|1 January 2019",
    r"den 1 januari|1 January",
    r"den 31 december|31 December",
    r"(?:bilaga|annex|section) [1-4]\b|[1-4] §|Section 4",
    r"(?:Sedan|Från|och med|till och med|Till och med|sedan|från|Since|since|from|and including) (?:2018|2019)",
    r"(?:År|år|In|in) (?:2008|2015)",
    r"\b1[ ,]000\b",
    r"\b(?:65–69|65|80|90)(?= år| or older|\.|,| numbered)|(?:aged|at the age of|At the age of|at|under) (?:65–69|65|80|90)\b",
    r"100 (?:procent|per cent)",
    r"\b95(?:-procentig| procents| per cent)",
    r"KHSL[12]",
]


def whole_text(reports: Path, document: str, language: str) -> str:
    """The document with its chapters put in, without front matter."""
    folder = reports / document / language
    body = (folder / f"{document}.qmd").read_text(encoding="utf-8").split("\n---\n", 1)[1]
    lines: list[str] = []
    for line in body.splitlines():
        found = INCLUDE.match(line)
        lines += (folder / found[1]).read_text(encoding="utf-8").splitlines() if found else [line]
    return "\n".join(lines)


def numbered_headings(text: str) -> Iterator[tuple[str, str]]:
    """Number and words of each heading, numbered as both renderers do it; a callout's title is no heading."""
    counters = [0] * 6
    inside_callout = False
    for line in text.splitlines():
        if line.startswith(":::"):
            inside_callout = ".callout" in line
        found = re.match(r"(#+) (.*?)(?: \{(.*)\})?$", line)
        if not found or inside_callout:
            continue
        level = len(found[1])
        if ".unnumbered" in (found[3] or ""):
            yield "", found[2]
            continue
        counters = [*counters[: level - 1], counters[level - 1] + 1, *[0] * (6 - level)]
        yield ".".join(map(str, counters[:level])), found[2]


def structure(text: str) -> list[str]:
    """What both languages must have in common, in order: headings' levels, labels, embedded cells."""
    pattern = r"^(#+ )|(\{#(?:fig|tbl|sec)-[\w-]+\})|(\{\{< embed [^>]+>\}\})|(\{\.[\w-]+)"
    return ["".join(part for part in found if part) for found in re.findall(pattern, text, re.MULTILINE)]


def prose(text: str) -> str:
    """What a reader reads: without shortcodes, labels, references and attributes."""
    for markup in (r"\{\{<.*?>\}\}", r"\{[#.][^}]*\}", r"@(?:fig|tbl|sec)-[\w-]+", r"when-format=\S+"):
        text = re.sub(markup, " ", text)
    return text


def test_the_appendix_has_every_heading_of_the_quality_declaration_in_order(reports: Path) -> None:
    for column, language in ((1, "sv"), (2, "en")):
        found = list(numbered_headings(whole_text(reports, "methods-and-quality", language)))
        assert found == [(row[0], row[column]) for row in QUALITY_DECLARATION]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_both_languages_have_the_same_sections_figures_and_tables_in_the_same_order(reports: Path, document: str) -> None:
    assert structure(whole_text(reports, document, "sv")) == structure(whole_text(reports, document, "en"))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_both_languages_print_the_same_figures_in_each_chapter(reports: Path, document: str) -> None:
    chapters = sorted(file.name for file in (reports / document / "sv").glob("*.qmd"))
    assert chapters == sorted(file.name for file in (reports / document / "en").glob("*.qmd"))
    for chapter in chapters:
        swedish, english = (
            sorted(use.name for use in uses_in_document(reports / document / language / chapter)) for language in LANGUAGES
        )
        assert swedish == english, chapter


def test_the_report_has_at_least_eight_charts_and_eight_tables(reports: Path) -> None:
    text = whole_text(reports, "annual-report", "sv")
    assert len(re.findall(r"^::: \{#fig-", text, re.MULTILINE)) >= 8
    assert len(re.findall(r"^::: \{#tbl-", text, re.MULTILINE)) >= 8


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_figure_and_table_has_a_caption_with_its_years_and_is_referred_to(
    reports: Path, document: str, language: str
) -> None:
    text = whole_text(reports, document, language)
    divs = re.findall(r"^::: \{#((?:fig|tbl)-[\w-]+)\}\n(.*?)\n:::$", text, re.MULTILINE | re.DOTALL)
    assert divs
    for label, body in divs:
        caption = body.strip().split("\n\n")[-1]
        assert re.search(r"\{\{< var (?:reference_year|series_years|procedure_years|month_years) >\}\}", caption), label
        assert re.search(rf"@{label}\b(?!-)", text), f"{label} is never referred to"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_the_documents_embed_is_a_cell_of_a_present_notebook_of_that_kind(
    reports: Path, document: str, language: str
) -> None:
    notebooks = reports.parent / "notebooks" / "present"
    for kind, notebook, label in re.findall(
        r"\{#(fig|tbl)-[\w-]+\}\n\{\{< embed notebooks/(\w+)\.ipynb#([\w-]+) >\}\}",
        whole_text(reports, document, language),
    ):
        cells = json.loads((notebooks / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
        labels = [found[1] for cell in cells if (found := re.search(r"#\| label: (\S+)", "".join(cell["source"])))]
        assert label in labels
        assert label.startswith({"fig": "chart-", "tbl": "table-"}[kind])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_figure_is_typed_in(reports: Path, document: str, language: str) -> None:
    text = prose(whole_text(reports, document, language)).replace("\u00a0", " ")
    for fact in FACTS:
        text = re.sub(fact, " ", text)
    typed = [line.strip() for line in text.splitlines() if re.search(r"\d", line) and not re.fullmatch(r"\*\*0\*\*", line)]
    assert typed == []


def test_no_figure_is_typed_into_the_declared_texts(reports: Path) -> None:
    for name, declared in read_declaration(reports / "figures.yml").texts.items():
        for variants in declared.variants.values():
            for words in variants.values():
                text = re.sub(r"\{[^}]*\}", " ", words).replace("\u00a0", " ")
                for fact in FACTS:
                    text = re.sub(fact, " ", text)
                assert not re.search(r"\d", text), f"{name}: {words}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"synthetic": False},
        {"synthetic": False, "official_statistics": True},
        {"first_year": 2019},
        {"first_year": 2023},
        {"reference_year": 2024},
        {"disclosure": {"method": "cell-key"}},
    ],
    ids=["synthetic", "unofficial", "official", "no-break", "one-year", "next-year", "cell-key"],
)
def test_every_name_in_the_documents_resolves_for_every_kind_of_edition(
    reports: Path,
    make_tables: Callable[..., ProtectedTables],
    make_edition: Callable[..., Edition],
    language: str,
    changed: dict[str, Any],
) -> None:
    edition = make_edition(**changed) if changed != {"reference_year": 2024} else _next_year(make_edition)
    tables = make_tables(first_year=edition.first_year, reference_year=edition.reference_year)
    values = resolve_figures(reports / "figures.yml", tables, edition, language)
    for file in sorted(reports.glob(f"*/{language}/*.qmd")):
        for use in uses_in_document(file):
            value: object = values
            for part in use.name.split("."):
                assert isinstance(value, dict)
                value = value[part]
            assert isinstance(value, str), use
            assert "{" not in value, use
    for name, text in values["alt"].items():
        assert len(text) > 40, name
        assert "  " not in text.strip(), name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", ["X", ".."])
def test_the_texts_hold_when_nothing_at_all_is_published(
    reports: Path,
    make_tables: Callable[..., ProtectedTables],
    make_edition: Callable[..., Edition],
    tmp_path: Path,
    language: str,
    status: str,
) -> None:
    tables = ProtectedTables(Path(shutil.copytree(make_tables().folder, tmp_path / "protected")))
    for file in sorted(tables.folder.glob("*.csv")):
        frame = pd.read_csv(file, dtype=str, keep_default_na=False).assign(value="", status=status)
        frame.to_csv(file, index=False)
    values = resolve_figures(reports / "figures.yml", tables, make_edition(), language)
    words = metadata.codelist("symbol").label(status, language)
    assert values["persons"]["total"] == words[0].lower() + words[1:]
    said = [text for name in ("persons", "procedures", "months", "rates") for text in values[name].values()]
    # Years and the age in the words are not figures of the tables.
    assert not [text for text in said if re.search(r"\d", re.sub(r"\b20\d\d\b(?::67)?|\b90\b", "", text))]


def _next_year(make_edition: Callable[..., Edition]) -> Edition:
    edition = make_edition()
    dates = {"published": edition.publication.published.replace(year=2025)}
    dates["scheduled"] = dates["published"]
    publication = edition.publication.model_copy(update=dates)
    return edition.model_copy(update={"reference_year": 2024, "publication": publication})


def test_how_the_figures_are_protected_is_told_by_the_method(
    reports: Path, make_tables: Callable[..., ProtectedTables], make_edition: Callable[..., Edition]
) -> None:
    for language, removed, sums in (("sv", "tas de uppgifter bort", "summerar"), ("en", "are suppressed", "add up")):
        by_suppression, by_chance = (
            resolve_figures(reports / "figures.yml", make_tables(), make_edition(disclosure=rules), language)["disclosure"]
            for rules in ({}, {"method": "cell-key"})
        )
        assert removed in by_suppression["description"] and removed not in by_chance["description"]
        assert by_chance["description"].rstrip() == metadata.text("cell-key.description", language)
        assert sums in by_suppression["consistency"] and sums in by_chance["consistency"]
        assert by_suppression["consistency"] != by_chance["consistency"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_limit_of_disclosure_control_is_told(
    reports: Path, make_tables: Callable[..., ProtectedTables], make_edition: Callable[..., Edition], language: str
) -> None:
    rules = {"threshold": 641, "contributors": 642, "quantile_persons": 643, "width": 644, "p_per_cent": 64.5}
    edition = make_edition(disclosure=rules | {"dominance": {"n": 2, "per_cent": 64.6}})
    usual = resolve_figures(reports / "figures.yml", make_tables(), make_edition(), language)
    with_limits = resolve_figures(reports / "figures.yml", make_tables(), edition, language)
    # Other rules change no word: the method alone is public.
    changed = {name for name, words in with_limits["disclosure"].items() if words != usual["disclosure"][name]}
    assert changed == set()
    assert {name: words for name, words in with_limits.items() if name != "disclosure"} == {
        name: words for name, words in usual.items() if name != "disclosure"
    }
    assert not re.search(r"64[1-6]|64[.,]", with_limits["disclosure"]["description"])


@pytest.mark.parametrize(
    ("compared", "revised", "sv", "en"),
    [
        (0, 0, "Ingen tidigare publicering är angiven", "No previous publication is stated"),
        (1200, 0, "Alla de 1\u00a0200 uppgifter", "All 1,200 figures"),
        (1200, 1, "är en ändrad; den avser 2022", "one has been revised; it refers to 2022"),
        (1200, 30, "är 30, eller 2,5 procent, ändrade. De finns i 1 tabell och avser 2022", "30, or 2.5 per cent, have been"),
    ],
)
def test_what_was_revised_is_told_in_words(
    reports: Path,
    make_tables: Callable[..., ProtectedTables],
    make_edition: Callable[..., Edition],
    compared: int,
    revised: int,
    sv: str,
    en: str,
) -> None:
    key = ("persons-by-month", 2022)
    revisions = Revisions({key: compared}, {key: revised}) if compared else None
    for language, words in (("sv", sv), ("en", en)):
        values = resolve_figures(reports / "figures.yml", make_tables(), make_edition(), language, revisions=revisions)
        assert words in values["revisions"]["text"]
        assert bool(values["revisions"]["pointer"]) == bool(revised)


def test_a_synthetic_edition_never_claims_to_be_official_statistics(
    reports: Path, make_tables: Callable[..., ProtectedTables], make_edition: Callable[..., Edition]
) -> None:
    tables = make_tables()
    swedish = resolve_figures(reports / "figures.yml", tables, make_edition(), "sv")["status"]
    english = resolve_figures(reports / "figures.yml", tables, make_edition(), "en")["status"]
    assert "Syntetiska data" in swedish["text"] and "Synthetic data" in english["text"]
    assert "inte officiell statistik" in swedish["classification"]
    assert "not official statistics" in english["classification"]
    official = make_edition(synthetic=False, official_statistics=True)
    assert "ingår i Sveriges officiella" in resolve_figures(reports / "figures.yml", tables, official, "sv")["status"]["text"]


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_document_says_first_what_kind_of_statistics_it_holds(reports: Path, document: str, language: str) -> None:
    text = whole_text(reports, document, language)
    assert text.index("{{< var status.text >}}") < text.index("\n# ")


def test_every_declared_figure_is_traced_to_a_cell_of_a_protected_table(
    reports: Path, make_tables: Callable[..., ProtectedTables], make_edition: Callable[..., Edition]
) -> None:
    records = trace_figures(reports / "figures.yml", make_tables(), make_edition())
    by_name = {record["name"]: record for record in records}
    assert len(by_name) == len(records)
    for record in records:
        assert record["cells"] or record["function"] == "text", record["name"]
        assert all(cell["categories"]["year"].isdigit() for cell in record["cells"])
    assert by_name["persons.total"]["cells"] == [
        {
            "table": "persons-by-year-sex-age",
            "measure": "persons",
            "categories": {"year": "2023", "sex": "T", "age": "T"},
        }
    ]
