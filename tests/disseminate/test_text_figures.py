"""The figures in the texts: cells, functions of cells, words, and where each came from."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kvarn import metadata
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.revisions import Revisions
from kvarn.disseminate.text_figures import names_of_edition, read_declaration, resolve_figures, trace_figures
from kvarn.edition import Edition
from kvarn.errors import InputError

NBSP = "\u00a0"
YEARLY = "persons-by-year-sex-age"
Resolve = Callable[..., dict[str, Any]]


def edition(**changed: Any) -> Edition:
    values: dict[str, Any] = {
        "reference_year": 2023,
        "first_year": 2018,
        "synthetic": True,
        "data": {"deliveries": "deliveries", "population": "population.csv"},
        "publication": {
            "series": {"sv": "Serie", "en": "Series"},
            "title": {"sv": "Titel", "en": "Title"},
            "publisher": {"sv": "Utgivaren", "en": "The publisher"},
            "published": dt.date(2024, 9, 3),
            "scheduled": dt.date(2024, 9, 1),
            "contact": {"name": "Någon", "email": "n@example.org"},
        },
    }
    return Edition.model_validate(values | changed)


def write_table(folder: Path, name: str, cells: list[tuple[object, ...]]) -> None:
    """Cells as (year, …, measure, value); a text for a value is a status."""
    folder.mkdir(exist_ok=True)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow([*metadata.table(name).variables, "measure", "value", "status"])
        for *codes, value in cells:
            missing = isinstance(value, str)
            out.writerow([*codes, "" if missing else value, value if missing else ""])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two tables small enough to compute by head."""
    protected = tmp_path / "protected"
    cells: list[tuple[object, ...]] = []
    for year, women, men in ((2018, 700, 300), (2022, 900, "X"), (2023, 1050, 450)):
        total = 1000 if year == 2018 else 1250 if year == 2022 else 1500
        for sex, persons in (("T", total), ("1", men), ("2", women)):
            cells.append((year, sex, "T", "persons", persons))
    cells += [(2023, "T", age, "persons", n) for age, n in (("65-69", 20), ("70-74", 40), ("75-79", "X"), ("90+", 30))]
    cells += [(2023, "T", "65+", "persons_per_1000", 154.25)]
    write_table(protected, YEARLY, cells)
    write_table(protected, "persons-by-month", [(2023, m, "T", "persons", n) for m, n in (("T", 12), ("01", 5), ("05", 7))])
    return protected


@pytest.fixture
def resolve(tmp_path: Path, folder: Path) -> Resolve:
    """A declaration in YAML, resolved over the two small tables."""

    def resolved(declaration: str, language: str = "sv", revisions: Revisions | None = None, **changed: Any) -> dict[str, Any]:
        tables = ProtectedTables(folder)
        return resolve_figures(declare(tmp_path, declaration), tables, edition(**changed), language, revisions=revisions)

    return resolved


def declare(folder: Path, declaration: str) -> Path:
    (folder / "reports").mkdir(exist_ok=True)
    file = folder / "reports" / "figures.yml"
    file.write_text(declaration, encoding="utf-8")
    return file


# A fourth age is suppressed, and could be the second.
SHOWN = ("90 år eller äldre (av de redovisade)", "90 years or older (of those shown)")
CELLS = f"""
figures:
  a.total: {{table: {YEARLY}, measure: persons}}
  a.women: {{table: {YEARLY}, measure: persons, where: {{sex: "2"}}}}
  a.men: {{table: {YEARLY}, measure: persons, where: {{sex: "1"}}}}
"""


@pytest.mark.parametrize(
    ("function", "sv", "en"),
    [
        ("{change: a.total, since: previous}", "250", "250"),
        ("{change: a.total, since: first}", "500", "500"),
        ("{change: a.total, since: 2018}", "500", "500"),
        ("{change_percent: a.total, since: previous}", "20,0", "20.0"),
        ("{difference: a.men, from: a.women}", "−600", "−600"),
        ("{difference: a.men, from: a.women, absolute: true}", "600", "600"),
        ("{share: a.women, of: a.total}", "70,0", "70.0"),
        ("{share: a.women, of: a.total, format: percent, decimals: 0}", f"70{NBSP}procent", f"70{NBSP}per cent"),
        ("{ratio: a.women, of: a.men}", "2,33", "2.33"),
        ("{rank: a.men, over: sex}", "2", "2"),
    ],
)
def test_a_function_of_cells_is_what_a_hand_would_compute(resolve: Resolve, function: str, sv: str, en: str) -> None:
    declaration = f"{CELLS}  it: {function}\n"
    assert (resolve(declaration)["it"], resolve(declaration, "en")["it"]) == (sv, en)


@pytest.mark.parametrize(
    ("options", "sv", "en"),
    [
        (f"largest: month, table: {'persons-by-month'}, measure: persons", "Maj", "May"),
        ("largest: month, table: persons-by-month, measure: persons, format: label_lower", "maj", "May"),
        ("smallest: month, table: persons-by-month, measure: persons, give: value", "5", "5"),
        (f"largest: age, table: {YEARLY}, measure: persons, place: 2", *SHOWN),
        (f"largest: age, table: {YEARLY}, measure: persons, among: [65-69, 90+], give: value", "30", "30"),
        (f"number_of: age, status: suppressed, table: {YEARLY}, measure: persons", "1", "1"),
        (f"number_of: age, status: published, table: {YEARLY}, measure: persons", "2", "2"),
    ],
)
def test_categories_are_compared_over_the_published_cells(resolve: Resolve, options: str, sv: str, en: str) -> None:
    # The table has four of the ages for persons; only those are named, as the rest of the code list has no cells here.
    ages = "{parts_of: 65-79}" if "number_of" in options else "[65-69, 70-74, 75-79, 90+]"
    among = "" if "among" in options or "month" in options else f", among: {ages}"
    declaration = f"figures:\n  it: {{{options}{among}}}\n"
    assert (resolve(declaration)["it"], resolve(declaration, "en")["it"]) == (sv, en)


def test_numbers_are_written_as_the_language_writes_them_and_rounded_half_up(resolve: Resolve) -> None:
    rate = f"{{table: {YEARLY}, measure: persons_per_1000, where: {{age: 65+}}}}"
    declaration = f"{CELLS}  rate: {rate}\n  year: {{table: {YEARLY}, measure: persons, format: year}}\n"
    swedish, english = resolve(declaration), resolve(declaration, "en")
    assert (swedish["a"]["total"], english["a"]["total"]) == (f"1{NBSP}500", "1,500")
    assert (swedish["rate"], english["rate"]) == ("154,3", "154.3")
    assert swedish["year"] == "1500"


def test_a_suppressed_cell_and_every_function_of_it_give_the_symbols_words(resolve: Resolve) -> None:
    declaration = f"""{CELLS}
  men_before: {{table: {YEARLY}, measure: persons, year: previous, where: {{sex: "1"}}}}
  change: {{change: a.men, since: previous}}
  share: {{share: men_before, of: a.total}}
  other: {{share: a.women, of: a.total}}
  twice: {{difference: share, from: other}}
  rank: {{rank: men_before, over: sex}}
"""
    for language, words in (
        ("sv", "uppgiften är borttagen av sekretesskäl"),
        ("en", "suppressed for reasons of confidentiality"),
    ):
        resolved = resolve(declaration, language)
        assert [resolved[name] for name in ("men_before", "change", "share", "twice", "rank")] == [words] * 5


def test_a_year_before_the_series_is_not_available_and_not_an_error(resolve: Resolve) -> None:
    declaration = f"{CELLS}  change: {{change: a.total, since: previous}}\n"
    assert resolve(declaration, first_year=2023)["change"] == "uppgift är inte tillgänglig eller har inte rapporterats"


def test_a_share_of_nothing_is_not_available(tmp_path: Path) -> None:
    write_table(tmp_path / "p", YEARLY, [(2023, "T", "T", "persons", 5), (2023, "1", "T", "persons", 0)])
    declaration = CELLS.replace("  a.women", "  share: {share: a.total, of: a.men}\n  a.women").split("  a.women")[0]
    declaration += f'  a.men: {{table: {YEARLY}, measure: persons, where: {{sex: "1"}}}}\n'
    resolved = resolve_figures(declare(tmp_path, declaration), ProtectedTables(tmp_path / "p"), edition(), "en")
    assert (resolved["share"], resolved["a"]["men"]) == ("not available or not reported", "0")


TEXT = """
  change: {{change: {of}, since: {since}, absolute: true}}
texts:
  said:
    by_sign: change
    sv: {{up: "{{change}} fler", unchanged: lika många, down: "{{change}} färre", missing: okänt}}
    en: {{up: "{{change}} more", unchanged: as many, down: "{{change}} fewer", missing: unknown}}
"""


@pytest.mark.parametrize(
    ("of", "since", "sv", "en"),
    [
        ("a.total", "previous", "250 fler", "250 more"),
        ("a.total", "reference", "lika många", "as many"),
        ("a.men", "previous", "okänt", "unknown"),
        ("a.falling", "first", "40 färre", "40 fewer"),
    ],
)
def test_the_sign_chooses_the_words(resolve: Resolve, folder: Path, of: str, since: str, sv: str, en: str) -> None:
    with (folder / f"{YEARLY}.csv").open("a", encoding="utf-8") as file:
        file.write("2018,T,80-84,persons,50,\n2023,T,80-84,persons,10,\n")
    falling = f"  a.falling: {{table: {YEARLY}, measure: persons, where: {{age: 80-84}}}}"
    declaration = CELLS + falling + TEXT.format(of=of, since=since)
    assert (resolve(declaration)["said"], resolve(declaration, "en")["said"]) == (sv, en)


def test_a_change_that_is_nought_when_printed_is_called_unchanged(resolve: Resolve) -> None:
    declaration = f"""{CELLS}
  before: {{table: {YEARLY}, measure: persons, year: first, where: {{sex: "2"}}}}
  total_before: {{table: {YEARLY}, measure: persons, year: first}}
  part: {{share: a.women, of: a.total, decimals: 0}}
  other: {{share: before, of: total_before, decimals: 0}}
  change: {{difference: part, from: other, decimals: 0}}
texts:
  said: {{by_sign: change, sv: {{up: u, unchanged: lika, down: n}}, en: {{up: u, unchanged: same, down: d}}}}
"""
    assert resolve(declaration)["said"] == "lika"


@pytest.mark.parametrize(("number", "word"), [("suppressed", "kommun"), ("published", "kommuner")])
def test_the_number_chooses_singular_or_plural(resolve: Resolve, number: str, word: str) -> None:
    declaration = f"""
figures:
  n: {{number_of: age, status: {number}, table: {YEARLY}, measure: persons, among: {{parts_of: 65-79}}}}
texts:
  said: {{by_number: n, sv: {{one: kommun, other: kommuner}}, en: {{one: municipality, other: municipalities}}}}
"""
    assert resolve(declaration)["said"] == word


@pytest.mark.parametrize(
    ("changed", "words"),
    [({}, "syntetisk"), ({"synthetic": False}, "egen"), ({"synthetic": False, "official_statistics": True}, "officiell")],
)
def test_the_editions_status_chooses_the_words(resolve: Resolve, changed: dict[str, Any], words: str) -> None:
    declaration = """
figures: {}
texts:
  said:
    by_status: true
    sv: {synthetic: syntetisk, unofficial: egen, official: officiell}
    en: {synthetic: synthetic, unofficial: own, official: official}
"""
    assert resolve(declaration, **changed)["said"] == words


BY_WORD = """
figures: {}
texts:
  said:
    by_word: disclosure.method
    sv: {suppression: "borttagna: {disclosure.suppressed} av {disclosure.cells}", cell-key: "{disclosure.cell_key}"}
    en: {suppression: "{disclosure.suppressed} of {disclosure.cells} suppressed", cell-key: "{disclosure.cell_key}"}
"""


def test_a_word_of_the_edition_chooses_the_words(resolve: Resolve) -> None:
    # Two cells of the fixture's eighteen are suppressed.
    assert resolve(BY_WORD)["said"] == "borttagna: 2 av 17"
    assert resolve(BY_WORD, "en")["disclosure"]["share"] == "11.8"
    by_chance = resolve(BY_WORD, disclosure={"method": "cell-key"})
    assert "cellnyckelmetoden" in by_chance["said"]
    assert by_chance["disclosure"]["method"] == "cell-key"


def test_a_word_without_a_variant_is_an_error_and_so_is_a_variant_in_one_language_alone(resolve: Resolve) -> None:
    with pytest.raises(InputError, match="no variant") as caught:
        resolve(BY_WORD.replace("cell-key", "rounding"), disclosure={"method": "cell-key"})
    assert (caught.value.line, caught.value.field) == (4, "said")
    with pytest.raises(InputError, match="needs suppression, cell-key in 'en'"):
        resolve(BY_WORD.replace('suppressed", cell-key: "{disclosure.cell_key}"}', 'suppressed"}'))


def test_the_rules_that_hold_are_words_and_no_limit_is_among_them(resolve: Resolve) -> None:
    limits = {"threshold": 4711, "contributors": 4712, "quantile_persons": 4713, "width": 914, "p_per_cent": 91.5}
    dominance = {"dominance": {"n": 2, "per_cent": 92.5}}
    words = resolve("figures: {}", disclosure=limits | dominance | {"threshold": 711, "contributors": 712})["disclosure"]
    assert (words["method"], words["alone"], words["dominance"], words["limits"]) == ("suppression", "untold", "untold", "")
    assert words["cell_key"] == ""
    assert not [word for word in words.values() if any(limit in word for limit in ("711", "712", "4713", "914", "91,5", "92,5"))]


def test_limits_that_are_public_are_told_in_both_languages(resolve: Resolve) -> None:
    limits = {
        "threshold": 711,
        "contributors": 712,
        "quantile_persons": 4713,
        "width": 914,
        "p_per_cent": 91.5,
        "amount_width_per_cent": 93.5,
        "taken_for_sums": 0.0975,
        "public": "limits",
    }
    stricter = {"sensitive": {"procedure_group": {"codes": ["medicines"], "threshold": 811, "group": True}}}
    words = resolve("figures: {}", disclosure=limits | stricter | {"dominance": {"n": 2, "per_cent": 92.5}})["disclosure"]
    assert (words["alone"], words["dominance"]) == ("kept", "judged")
    assert not [
        limit for limit in ("710", "712", "4713", "914", "91,5", "92,5", "93,5", "9,75", "811") if limit not in words["limits"]
    ]
    milder = resolve("figures: {}", disclosure={"singletons": False, "public": "limits", "threshold": 1})["disclosure"]
    assert (milder["alone"], milder["dominance"]) == ("not-kept", "not-judged")
    assert " 0" not in milder["limits"]
    by_chance = {"method": "cell-key", "cell_key": {"greatest": 77, "variance": 12.5}, "quantile_persons": 813}
    assert not [
        word for word in resolve("figures: {}", disclosure=by_chance)["disclosure"].values() if re.search("77|12,5|813", word)
    ]
    described = resolve("figures: {}", disclosure=by_chance | {"public": "limits"})["disclosure"]["cell_key"]
    assert all(limit in described for limit in ("77", "12,5", "813"))


def test_the_revised_figures_are_counted_and_missing_where_nothing_was_compared(resolve: Resolve) -> None:
    counted = Revisions(
        {("a", 2021): 1000, ("a", 2022): 1000, ("b", 2022): 500}, {("a", 2021): 4, ("a", 2022): 0, ("b", 2022): 1}
    )
    words = resolve("figures: {}", "en", counted)["revisions"]
    counts = {"compared": "2,500", "revised": "5", "share": "0.2", "tables": "2", "years": "2021 and 2022"}
    assert words == {**counts, "edition": "the edition for 2022"}
    declaration = """
figures: {}
texts:
  said:
    by_number: revisions.revised
    sv: {none: inga, one: en, other: flera, missing: inte jämförda}
    en: {none: none, one: one, other: several, missing: not compared}
"""
    for revisions, said in (
        (None, "inte jämförda"),
        (Revisions({("a", 2022): 9}, {("a", 2022): 0}), "inga"),
        (Revisions({("a", 2022): 9}, {("a", 2022): 1}), "en"),
        (counted, "flera"),
    ):
        assert resolve(declaration, "sv", revisions)["said"] == said


def test_weekdays_have_a_capital_in_english_sentences_alone(tmp_path: Path) -> None:
    cells = [(2023, day, "procedures", n) for day, n in (("1", 5), ("6", 3))]
    write_table(tmp_path / "p", "procedures-by-weekday", cells)
    figure = "{largest: weekday, table: procedures-by-weekday, measure: procedures, among: ['1', '6'], format: label_lower}"
    declaration = declare(tmp_path, f"figures:\n  it: {figure}\n")
    said = [resolve_figures(declaration, ProtectedTables(tmp_path / "p"), edition(), language)["it"] for language in ("sv", "en")]
    assert said == ["måndag", "Monday"]


def test_alternative_texts_stand_under_alt_with_figures_and_the_editions_words_in_them(resolve: Resolve) -> None:
    declaration = f"""{CELLS}
alt:
  chart: {{sv: "{{a.total}} år {{reference_year}}, {{published}}", en: "{{a.total}} in {{reference_year}}, {{published}}"}}
"""
    assert resolve(declaration)["alt"]["chart"] == f"1{NBSP}500 år 2023, 3 september 2024"
    assert resolve(declaration, "en")["alt"]["chart"] == "1,500 in 2023, 3 September 2024"


def test_the_edition_tells_its_years_days_and_notice(resolve: Resolve) -> None:
    words = resolve("figures: {}")
    assert (words["series_years"], words["procedure_years"], words["previous_year"]) == ("2018–2023", "2019–2023", "2022")
    assert (words["production_days"], words["punctuality_days"]) == ("247", "2")
    assert words["break"] == {"before": "2018", "after": "2019"}
    assert "Syntetiska data" in words["synthetic"]["text"]
    real = resolve("figures: {}", "en", synthetic=False, first_year=2023)
    assert (real["synthetic"]["text"], real["series_years"], real["break"]["before"]) == ("", "2023", "")


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        (f"{{table: {YEARLY}, measure: persons, where: {{sex: '3'}}}}", "no category '3'"),
        (f"{{table: {YEARLY}, measure: procedures}}", "no measure 'procedures'"),
        (f"{{table: {YEARLY}, measure: persons, where: {{month: '01'}}}}", "no variable 'month'"),
        ("{table: persons-by-yaer, measure: persons}", "no table named"),
        (f"{{table: {YEARLY}, measure: persons, where: {{age: 85-89}}}}", "0 cells"),
        (f"{{table: {YEARLY}, measure: persons, year: last}}", "'last' is not a year"),
        (f"{{table: {YEARLY}, mesure: persons}}", "'mesure' is not known"),
        (f"{{table: {YEARLY}, measure: persons, format: roman}}", "'roman' is not known"),
        (f"{{largest: age, table: {YEARLY}, measure: persons, give: code}}", "'code' is not known"),
        ("{change: nothing, since: previous}", "no figure named 'nothing'"),
        ("{share: it, of: it}", "computed from itself"),
        ("{change: it}", "'since' is missing"),
        (f"{{number_of: age, status: all, table: {YEARLY}, measure: persons, among: [65-69, 90+]}}", "typed one by one"),
        (f"{{number_of: age, status: published, table: {YEARLY}, measure: persons, among: []}}", "typed one by one"),
        ("{rank: it, over: age, among: [65-69, 90+]}", "typed one by one"),
    ],
)
def test_a_faulty_declaration_is_an_error_that_names_its_line(resolve: Resolve, figure: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        resolve(f"# a comment\nfigures:\n  it: {figure}\n")
    assert said in caught.value.what
    assert (caught.value.line, Path(str(caught.value.file)).name) == (3, "figures.yml")


def test_a_misspelt_key_is_answered_with_a_suggestion(resolve: Resolve) -> None:
    with pytest.raises(InputError, match="measure"):
        resolve(f"figures:\n  it: {{table: {YEARLY}, mesure: persons}}\n")


def test_a_text_without_english_is_an_error(resolve: Resolve) -> None:
    with pytest.raises(InputError) as caught:
        resolve("figures: {}\ntexts:\n  said: {sv: bara svenska}\n")
    assert (caught.value.line, "'en'" in caught.value.what) == (3, True)


def test_a_name_that_is_declared_twice_or_below_another_is_an_error(tmp_path: Path) -> None:
    cell = f"{{table: {YEARLY}, measure: persons}}"
    for second in ("a", "a.b"):
        with pytest.raises(InputError) as caught:
            read_declaration(declare(tmp_path, f"figures:\n  a: {cell}\n  {second}: {cell}\n"))
        assert caught.value.line == 3


def document(folder: Path, text: str) -> None:
    place = folder / "reports" / "annual-report" / "sv"
    place.mkdir(parents=True)
    (place / "_chapter.qmd").write_text(text, encoding="utf-8")


def test_a_name_that_a_document_prints_and_nobody_declares_is_named_with_file_and_line(tmp_path: Path, resolve: Resolve) -> None:
    document(tmp_path, "Text\n\n{{< var a.totl >}} och {{< var a.women >}} {{< var a.men >}}\n")
    with pytest.raises(InputError) as caught:
        resolve(CELLS)
    assert (Path(str(caught.value.file)).name, caught.value.line) == ("_chapter.qmd", 3)
    assert "a.total" in str(caught.value.remedy)


def test_a_declared_figure_that_no_document_prints_is_an_error_unless_a_printed_one_stands_on_it(
    tmp_path: Path, resolve: Resolve
) -> None:
    document(tmp_path, "{{< var share >}} {{< var reference_year >}}\n")
    with pytest.raises(InputError) as caught:
        resolve(f"{CELLS}  share: {{share: a.women, of: a.total}}\n")
    assert (caught.value.field, caught.value.line) == ("a.men", 5)


def test_an_alternative_text_that_no_notebook_asks_for_is_an_error(tmp_path: Path, resolve: Resolve) -> None:
    document(tmp_path, "{{< var a.total >}} {{< var a.women >}} {{< var a.men >}}\n")
    notebooks = tmp_path / "notebooks" / "present"
    notebooks.mkdir(parents=True)
    cell = nbformat.v4.new_code_cell('#| fig-alt: "{{< var alt.chart >}}"', id="chart")
    (notebooks / "n.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])), encoding="utf-8")
    alt = "alt:\n  chart: {sv: a, en: a}\n"
    assert resolve(CELLS + alt)["alt"]["chart"] == "a"
    with pytest.raises(InputError) as caught:
        resolve(CELLS + alt + "  left_over: {sv: b, en: b}\n")
    assert caught.value.field == "alt.left_over"


def test_every_figure_is_traced_to_its_cells_and_its_operands(tmp_path: Path, folder: Path) -> None:
    declaration = declare(
        tmp_path,
        f"{CELLS}  change: {{change: a.total, since: previous}}\n"
        "  month: {largest: month, table: persons-by-month, measure: persons}\n"
        "texts:\n  said: {sv: '{change}', en: '{change}'}\n",
    )
    records = {record["name"]: record for record in trace_figures(declaration, ProtectedTables(folder), edition())}
    assert list(records) == sorted(["a.men", "a.total", "a.women", "change", "month", "said"])
    assert [cell["categories"]["year"] for cell in records["change"]["cells"]] == ["2023", "2022"]
    assert (records["change"]["operands"], records["change"]["value"]) == (["a.total"], "250")
    assert records["month"]["cells"] == [
        {"table": "persons-by-month", "measure": "persons", "categories": {"year": "2023", "month": "05", "sex": "T"}}
    ]
    assert (records["month"]["value"], records["said"]["operands"]) == ("05", ["change"])
    json.dumps(list(records.values()))


def test_a_traced_figure_of_a_suppressed_cell_has_no_value(tmp_path: Path, folder: Path) -> None:
    declaration = declare(tmp_path, f"{CELLS}  change: {{change: a.men, since: previous}}\n")
    record = next(r for r in trace_figures(declaration, ProtectedTables(folder), edition()) if r["name"] == "change")
    assert (record["value"], record["status"]) == (None, "X")


def test_the_names_that_need_no_declaration_are_known_before_anything_is_computed(resolve: Resolve) -> None:
    def flat(values: dict[str, Any], above: str = "") -> set[str]:
        found: set[str] = set()
        for name, value in values.items():
            found |= flat(value, f"{above}{name}.") if isinstance(value, dict) else {f"{above}{name}"}
        return found

    declared = f"figures:\n  it: {{table: {YEARLY}, measure: persons}}\n"
    for given in ({}, {"stage": "preliminary"}):
        assert flat(resolve(declared, "sv", **given)) - {"it"} == names_of_edition(edition(**given))


def test_a_difference_that_rounds_to_zero_can_have_words_of_its_own(resolve: Resolve, folder: Path) -> None:
    declared = """
figures:
  a.now: {table: TABLE, measure: persons}
  a.change: {change_percent: a.now, since: previous, absolute: true}
texts:
  a.said:
    by_sign: a.change
    sv: {up: Upp., unchanged: Lika., down: Ned.HARDLY}
    en: {up: Up., unchanged: Same., down: Down.HARDLY}
""".replace("TABLE", YEARLY)
    file = folder / f"{YEARLY}.csv"
    for before, now, with_words, without in (
        (1_000_000, 1_000_001, "nearly less than 0.05", "Up."),
        (1_000_001, 1_000_000, "nearly less than 0.05", "Down."),
        (1_000, 1_100, "Up.", "Up."),
        (1_000, 1_000, "Same.", "Same."),
    ):
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith(("2022,T,T", "2023,T,T"))]
        lines += [f"{year},T,T,persons,{value}," for year, value in ((2022, before), (2023, now))]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        for hardly, expected in ((", hardly: 'nearly {a.change}'", with_words), ("", without)):
            assert resolve(declared.replace("HARDLY", hardly), "en")["a"]["said"] == expected


SECOND = f"{{largest: age, table: {YEARLY}, measure: persons, place: 2, among: [65-69, 70-74, 75-79, 90+]}}"
IN_WORDS = f"""
figures:
  it: {SECOND}
  not_in_doubt: {{largest: month, table: persons-by-month, measure: persons, among: ["01", "05"]}}
texts:
  plain:
    by_number: it
    sv: {{one: "{{it}}.", other: "", missing: ""}}
    en: {{one: "{{it}}.", other: "", missing: ""}}
  own:
    by_number: it
    sv: {{one: "Det är {{it}}.", other: "", one_shown: "Av dem som redovisas är det {{it}}.", other_shown: "", missing: ""}}
    en: {{one: "It is {{it}}.", other: "", one_shown: "Of those shown it is {{it}}.", other_shown: "", missing: ""}}
  certain:
    by_number: not_in_doubt
    sv: {{one: "Det är {{not_in_doubt}}.", other: "", one_shown: "Kanske.", other_shown: "", missing: ""}}
    en: {{one: "It is {{not_in_doubt}}.", other: "", one_shown: "Perhaps.", other_shown: "", missing: ""}}
"""


def test_a_text_with_words_of_its_own_for_what_is_shown_says_it_there_and_any_other_behind_the_name(resolve: Resolve) -> None:
    sv, en = resolve(IN_WORDS), resolve(IN_WORDS, "en")
    assert (sv["plain"], en["plain"]) == (f"{SHOWN[0]}.", f"{SHOWN[1]}.")
    assert sv["own"] == "Av dem som redovisas är det 90 år eller äldre."
    assert en["own"] == "Of those shown it is 90 years or older."
    assert (sv["certain"], en["certain"]) == ("Det är Maj.", "It is May.")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('one_shown: "Perhaps.", other_shown: "", ', ""),
        ('one_shown: "Perhaps.", ', ""),
        ('one_shown: "Kanske.", ', ""),
        ('other_shown: "", missing: ""}\n    en: {one: "It is {not', 'missing: ""}\n    en: {one: "It is {not'),
    ],
)
def test_words_for_what_is_shown_are_there_for_one_and_several_in_both_languages(
    resolve: Resolve, before: str, after: str
) -> None:
    assert IN_WORDS.count(before) == 1
    with pytest.raises(InputError, match="needs both one_shown and other_shown in each language, or none of them"):
        resolve(IN_WORDS.replace(before, after))


INCOMPLETE = """
figures:
  month: {smallest: month, table: persons-by-month, measure: persons}
  december: {table: persons-by-month, measure: persons, where: {month: "12"}}
  january: {table: persons-by-month, measure: persons, where: {month: "01"}}
  change: {change: december, since: previous}
  between: {difference: december, from: january}
  place: {rank: december, over: month}
"""


@pytest.mark.parametrize(
    ("as_of", "lowest", "change", "difference", "rank"),
    [("2024-02-29", "Maj", "..", "..", ".."), ("2024-03-01", "December", "-6", "-2", "3"), (None, "December", "-6", "-2", "3")],
)
def test_an_incomplete_month_is_told_and_neither_called_lowest_nor_compared(
    folder: Path, tmp_path: Path, as_of: str | None, lowest: str, change: str, difference: str, rank: str
) -> None:
    cells = [(2022, "12", "T", "persons", 9), *((2023, m, "T", "persons", n) for m, n in (("01", 5), ("05", 4), ("12", 3)))]
    write_table(folder, "persons-by-month", [*cells, (2023, "T", "T", "persons", 12)])
    file = tmp_path / "figures.yml"
    file.write_text(INCOMPLETE, encoding="utf-8")
    data: dict[str, Any] = {"deliveries": "deliveries", "population": "population.csv"}
    changed = {"data": {**data, "as_of": dt.date.fromisoformat(as_of)}, "stage": "preliminary"} if as_of else {}
    of_day = edition(**changed)
    found = resolve_figures(file, ProtectedTables(folder), of_day, "sv")
    # What cannot be told is told in words.
    numbers = [str(found[name]).replace("\N{MINUS SIGN}", "-") for name in ("december", "change", "between", "place")]
    said = [str(found["month"]).split()[0], *(one if one.lstrip("-").isdigit() else ".." for one in numbers)]
    assert said == [lowest, "3", change, difference, rank]
