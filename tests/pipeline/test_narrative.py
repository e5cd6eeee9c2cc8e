"""What is typed is told before any work: by the steps, and so by `kvarn status` and `kvarn publish`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.edition import read_order
from kvarn.errors import CodeListError, EditionError, InputError, KvarnError
from kvarn.pipeline import Production, open_edition
from kvarn.pipeline.narrative import require_narrative, require_words_of_order
from tests.allowed_numbers import allow_what_the_programme_says
from tests.commands import kvarn
from tests.without_profiles import without_profiles

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def make_project(folder: Path) -> Path:
    for name in ("notebooks", "reports", "params"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "codelists", "fonts"))
    shutil.copytree(PROJECT / "programme", folder / "programme")
    shutil.copy(PROJECT / "_quarto.yml", folder)
    params = folder / "params" / "demo.yml"
    params.write_text(without_profiles(params.read_text(encoding="utf-8")), encoding="utf-8")
    # No data are read before the narrative has been.
    source = folder / "restricted" / "demo" / "source"
    (source / "deliveries").mkdir(parents=True)
    (source / "SYNTHETIC.txt").touch()
    (source / "population.csv").touch()
    return folder


@pytest.fixture(scope="module")
def without_documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = make_project(tmp_path_factory.mktemp("brief") / "project")
    for document in (project / "reports").iterdir():
        if document.is_dir() and document.name != "theme":
            shutil.rmtree(document)
    (project / "reports" / "figures.yml").write_text("figures: {}\ntexts: {}\n", encoding="utf-8")
    allow_what_the_programme_says(project)
    for notebook in (project / "notebooks" / "present").iterdir():
        notebook.unlink()
    require_narrative(opened(project))
    return project


@pytest.fixture
def brief(without_documents: Path, tmp_path: Path) -> Path:
    """Without documents, declared texts and present notebooks, which are read for seconds: for what stands elsewhere."""
    return Path(shutil.copytree(without_documents, tmp_path / "brief"))


def opened(project: Path, *overrides: str) -> Production:
    return open_edition(project / "params" / "demo.yml", overrides=overrides)


def test_the_edition_of_the_project_passes_in_one_language_too(project: Path) -> None:
    require_narrative(opened(project))
    require_narrative(opened(project, "languages=[en]"))


@pytest.mark.parametrize(
    ("set_", "key"),
    [
        ("publication.title.sv=Bjurholm med 3 personer", "publication.title.sv"),
        ("publication.title.en=Bjurholm and three persons", "publication.title.en"),
        ("publication.series.en=Series of 3", "publication.series.en"),
        ("publication.publisher.sv=Tre personer i Bjurholm", "publication.publisher.sv"),
        ("publication.contact.name=Bjurholm 3", "publication.contact.name.sv"),
        ("publication.title.en=In 2023 persons", "publication.title.en"),
        ("publication.licence=https://example.org/haninge-3-persons", "publication.licence"),
        ("publication.licence=https://example.org/h%61ninge/3", "publication.licence"),
        ("publication.contact.email=haninge-3@example.org", "publication.contact.email"),
        ("publication.contact.email=haninge3persons@example.org", "publication.contact.email"),
        ("publication.contact.email=care3persons@example.org", "publication.contact.email"),
        ("publication.contact.email=malmo3@example.org", "publication.contact.email"),
        ("publication.licence=https://example.org/haninge3", "publication.licence"),
        ("publication.licence=https://example.org/3haninge", "publication.licence"),
        ("publication.licence=https://example.org/haningethree", "publication.licence"),
        ("publication.licence=https://example.org/upplands-vasby3", "publication.licence"),
        ("publication.licence=https://example.org/0136/3", "publication.licence"),
        ("publication.title.en=In Haninge 3 May have received care", "publication.title.en"),
        ("publication.title.sv='Haninge: 12 mars'", "publication.title.sv"),
        ("publication.title.sv=Haninge 2003", "publication.title.sv"),
        ("publication.title.en=2003 (Haninge)", "publication.title.en"),
        ("publication.title.en=Haninge 3 May 2023", "publication.title.en"),
        ("publication.title.en='2003: persons'", "publication.title.en"),
    ],
)
def test_the_words_of_the_edition_hold_no_figure(set_: str, key: str, brief: Path) -> None:
    with pytest.raises(EditionError, match="is typed in") as error:
        require_narrative(opened(brief, set_))
    assert key in str(error.value) and "demo.yml" in str(error.value)


@pytest.mark.parametrize("code", ["3", "Haninge 3", "Haninge3", "0136-3"])
def test_a_product_code_is_none_that_could_be_read_as_a_figure(code: str, brief: Path) -> None:
    """Refused for its form, before anything is read."""
    with pytest.raises(EditionError) as error:
        opened(brief, f"publication.product_code='{code}'")
    assert "publication.product_code" in str(error.value) and "letters first" in str(error.value)


def test_a_figure_in_the_edition_s_own_words_is_told_with_its_line_and_is_a_fault_of_the_parameters(brief: Path) -> None:
    params = brief / "params" / "demo.yml"
    lines = params.read_text(encoding="utf-8").splitlines(keepends=True)
    (at,) = (number for number, line in enumerate(lines) if line.startswith("  series:"))
    lines[at] = "  series: {sv: Tre personer i Bjurholm, en: Demonstration}\n"
    params.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(EditionError, match=rf"demo\.yml, line {at + 1}, publication\.series\.sv") as error:
        require_narrative(opened(brief))
    assert error.value.exit_status == 2 and "Say it without a number" in str(error.value)
    assert "{{< var" not in str(error.value), "no variable can be printed there"
    with pytest.raises(EditionError, match=r"demo\.yml, publication\.title\.sv"):
        require_narrative(opened(brief, "publication.series.sv=Demo", "publication.title.sv=Tre personer i Bjurholm"))


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_words_of_a_language_that_is_not_spoken_hold_no_figure_either(language: str, brief: Path) -> None:
    other = "en" if language == "sv" else "sv"
    with pytest.raises(EditionError, match=f"publication.title.{other}"):
        require_narrative(opened(brief, f"languages=[{language}]", f"publication.title.{other}=Bjurholm 3"))


def test_addresses_and_codes_may_have_digits_of_their_own(brief: Path) -> None:
    licence = "publication.licence=https://creativecommons.org/publicdomain/zero/1.0/"
    require_narrative(
        opened(brief, licence, "publication.product_code=HS0310", "publication.contact.email=statistik24@example.org")
    )


YAML_WAYS = {
    "merged": 'texts:\n  haninge.a:\n    <<: {en: "In Haninge 3 persons.", sv: "I Haninge 3 personer."}\n',
    "listed": "texts:\n  haninge.a:\n    by_status: x\n    en: {synthetic: [In Haninge 3 persons], unofficial: a, official: b}\n"
    "    sv: {synthetic: a, unofficial: a, official: b}\n",
    "anchored": 'texts:\n  haninge.a: &a\n    en: "Words."\n    sv: "Ord."\n  haninge.b: *a\n',
    "tagged": 'texts:\n  haninge.a:\n    en: !!binary SW4gSGFuaW5nZSAz\n    sv: "Ord."\n',
    "a key": 'texts:\n  haninge.a:\n    en: {In Haninge 3 persons: a}\n    sv: "Ord."\n',
}


@pytest.mark.parametrize("way", YAML_WAYS)
def test_no_way_of_writing_yaml_lets_a_figure_into_a_declared_text(way: str, project: Path) -> None:
    file = project / "reports" / "figures.yml"
    written = file.read_text(encoding="utf-8")
    first = written.index("\ntexts:\n") + 1
    more = YAML_WAYS[way].removeprefix("texts:\n")
    file.write_text(written[:first] + "texts:\n" + more + written[first + len("texts:\n") :], encoding="utf-8")
    with pytest.raises(InputError, match=r"figures\.yml, line"):
        require_narrative(opened(project))


def test_the_words_of_the_edition_may_name_years_and_days(brief: Path) -> None:
    require_narrative(opened(brief, "publication.title.en=Persons in 2023", "publication.contact.telephone=08-123 45 67"))


def _with_acceptance(brief: Path, by: str, sv: str, where: str = "2023, 0114") -> Path:
    demo = brief / "params" / "demo.yml"
    accepted = f"""
accepted:
  - what: population-jump
    where: "{where}"
    at: "46000 to 52000"
    why: The municipality took over a part of its neighbour.
    by: {by}
    shown: {{sv: {sv}, en: The boundary changed.}}
"""
    demo.write_text(demo.read_text(encoding="utf-8") + accepted, encoding="utf-8")
    return brief


def test_what_readers_are_told_of_what_is_accepted_may_hold_a_date(brief: Path) -> None:
    require_narrative(opened(_with_acceptance(brief, "A. Andersson, 2024-05-14", "Gränsen ändrades den 1 januari 2023.")))


def test_what_readers_are_told_of_what_is_accepted_holds_no_figure(brief: Path) -> None:
    told = _with_acceptance(brief, "A. Andersson, 2024-05-14", "Tre personer i Bjurholm flyttade.")
    with pytest.raises(EditionError, match="'Tre' is typed in"):
        require_narrative(opened(told))


@pytest.mark.parametrize("said", ["Bara en person berördes.", "Det gällde en.", "Antalet är noll.", "Båda flyttade."])
def test_nor_one_both_or_none_of_its_municipality(said: str, brief: Path) -> None:
    with pytest.raises(EditionError, match="One who is counted"):
        require_narrative(opened(_with_acceptance(brief, "A. Andersson, 2024-05-14", said)))


def test_of_a_year_that_is_a_municipality_s_code_too_ones_may_be_told(brief: Path) -> None:
    said = "En person i en kommun har en åtgärd men är inte rapporterad som vårdad."
    assert "2023" in metadata.codelist("region").by_code
    require_narrative(opened(_with_acceptance(brief, "A. Andersson, 2024-05-14", said, where="2023, country")))


def test_a_title_that_names_a_place_has_no_one_beside_it(brief: Path) -> None:
    with pytest.raises(EditionError, match="One who is counted") as error:
        require_narrative(opened(brief, "publication.title.en=Care in Bjurholm", "publication.series.en=Only one"))
    assert "publication.series.en" in str(error.value)


@pytest.mark.parametrize("by", ["B. Berg, 2024-02-20", "Eva Lund, 2023-12-31"])
def test_whoever_accepts_may_be_called_as_a_municipality_is(by: str, brief: Path) -> None:
    require_narrative(opened(_with_acceptance(brief, by, "Gränsen ändrades.")))


@pytest.mark.parametrize(("by", "number"), [("B. Berg, 2024-02-99", "2024-02-99"), ("Berg 3", "3"), ("Berg, 2024-02-20, 3", "3")])
def test_what_is_no_day_beside_that_name_is_a_figure(by: str, number: str, brief: Path) -> None:
    with pytest.raises(EditionError, match=f"'{number}' is typed in"):
        require_narrative(opened(_with_acceptance(brief, by, "Gränsen ändrades.")))


def test_a_document_named_by_a_number_is_refused(project: Path) -> None:
    for language in ("sv", "en"):
        folder = project / "reports" / "bjurholm-3" / language
        folder.mkdir(parents=True)
        (folder / "bjurholm-3.qmd").write_text("---\ntitle: Bjurholm\n---\n", encoding="utf-8")
    with pytest.raises(InputError, match="'3' is typed in"):
        require_narrative(opened(project))


SEEN = {
    "a table": "| Municipality | Persons |\n|---|---|\n| Bjurholm | 3 |",
    "a sentence": "In Bjurholm 3 persons received municipal health care.",
}


@pytest.mark.parametrize("command", ["status", "publish"])
@pytest.mark.parametrize("seen", SEEN)
def test_status_and_publish_tell_a_typed_figure_with_file_and_line(seen: str, command: str, project: Path) -> None:
    file = project / "reports" / "annual-report" / "en" / "_summary.qmd"
    number = file.read_text(encoding="utf-8").count("\n") + 2 + SEEN[seen].count("\n")
    with file.open("a", encoding="utf-8") as text:
        text.write(f"\n{SEEN[seen]}\n")
    arguments = [command, "params/demo.yml"]
    done = kvarn(*arguments, folder=project)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"_summary.qmd, line {number}" in done.stderr and "'3' is typed in" in done.stderr
    assert "reports/figures.yml" in done.stderr and "allowed-digits.yml" in done.stderr
    assert "Traceback" not in done.stderr and not (project / "build" / "demo" / "en").exists()


@pytest.mark.parametrize(
    "style",
    [
        ':root { --haninge: "In Haninge many persons received care."; }',
        "footer p::after { content: var(--measure); }",
        ":root { --persons-in-haninge: 3; }",
        'p::after { content: "In Haninge 3 persons"; }',
    ],
)
def test_the_styles_of_the_house_are_read_before_any_work(style: str, brief: Path) -> None:
    file = brief / "reports" / "theme" / "report.css"
    written = file.read_text(encoding="utf-8")
    file.write_text(f"{written}{style}\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"report\.css, line {written.count(chr(10)) + 1}"):
        require_narrative(opened(brief))


def test_the_template_of_the_pages_numbers_no_section(brief: Path) -> None:
    file = brief / "reports" / "theme" / "page.html"
    written = file.read_text(encoding="utf-8")
    file.write_text(written.replace("$body$", '<h2 data-number="3">Persons in Haninge</h2>\n$body$'), encoding="utf-8")
    with pytest.raises(InputError, match=rf"page\.html, line {written[: written.index('$body$')].count(chr(10)) + 1}"):
        require_narrative(opened(brief))


@pytest.mark.parametrize("name", ["haninge-3-persons", "haninge-three", "iii-in-haninge"])
def test_a_compute_notebook_is_named_without_a_number(name: str, brief: Path) -> None:
    compute = brief / "notebooks" / "compute"
    (compute / "persons.ipynb").rename(compute / f"{name}.ipynb")
    with pytest.raises(InputError, match="is typed in") as error:
        require_narrative(opened(brief))
    assert f"{name}.ipynb" in str(error.value) and "without a number" in str(error.value)


@pytest.mark.parametrize("name", ["haninge-3.csv", "haninge3persons.csv", "0136-3.csv"])
def test_a_file_that_the_record_names_says_no_number_of_a_place(name: str, brief: Path) -> None:
    source = brief / "restricted" / "demo" / "source"
    (source / "population.csv").rename(source / name)
    with pytest.raises(EditionError, match=r"data\.population"):
        require_narrative(opened(brief, f"data.population=restricted/demo/source/{name}"))


def _given(project: Path, key: str, name: str) -> Production:
    """The edition with the material of one kind at a path of this name."""
    place = project / "restricted" / "demo" / "source" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch() if key in ("deaths", "procedures", "persons") else place.mkdir(exist_ok=True)
    instead = ["data.deliveries=null"] if key == "intake" else []
    return opened(project, *instead, f"data.{key}={place.relative_to(project)}")


@pytest.mark.parametrize("key", ["deliveries", "intake", "deaths", "procedures", "persons"])
def test_no_folder_or_file_that_the_record_names_says_one_either(key: str, brief: Path) -> None:
    for name in ("haninge-tre-avlidna/a", "2023/haninge-3"):
        with pytest.raises(EditionError, match="is typed in") as refused:
            require_narrative(_given(brief, key, name))
        assert f"data.{key}" in str(refused.value)
    require_narrative(_given(brief, key, "taken-out-2023"))


def test_no_path_that_the_record_names_has_an_identity_number(brief: Path) -> None:
    with pytest.raises(EditionError, match="looks like an identity number") as refused:
        require_narrative(_given(brief, "deliveries", "correction-191212121212/a"))
    assert refused.value.key == "data.deliveries" and "191212121212" not in str(refused.value)
    require_narrative(_given(brief, "deliveries", "taken-out-202401151231"))


def test_a_file_named_by_its_year_is_fine(brief: Path) -> None:
    source = brief / "restricted" / "demo" / "source"
    (source / "population.csv").rename(source / "000001NY_2023.csv")
    require_narrative(opened(brief, "data.population=restricted/demo/source/000001NY_2023.csv"))


@pytest.mark.parametrize("given", ["{haninge: 3}", "{haninge_3: sv}", "{haninge: three}"])
def test_what_a_compute_notebook_is_given_says_no_number(given: str, brief: Path) -> None:
    with pytest.raises(EditionError, match=r"notebooks\.geography\.haninge"):
        require_narrative(opened(brief, f"notebooks.geography={given}"))


@pytest.mark.parametrize(
    ("given", "said"),
    [('"2020"', "Take the quotation marks away"), ("1850", "not of 1850"), ("2016", "2017 to 2023, and not of 2016")],
)
def test_what_a_notebook_is_given_in_place_of_a_year_is_told_with_what_to_write(given: str, said: str, brief: Path) -> None:
    """A year of which the register has no population is told before anything is run, and not in the notebook."""
    with pytest.raises(EditionError) as error:
        require_narrative(opened(brief, f"notebooks.geography={{standard_year: {given}}}"))
    assert (
        said in str(error.value) and "notebooks.geography.standard_year" in str(error.value) and "line 1" not in str(error.value)
    )


def replaced(project: Path, file: str, old: str, new: str) -> None:
    for language in ("sv", "en"):
        path = project / file.format(language=language)
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


SUMMARY, PERSONS = "reports/annual-report/{language}/_summary.qmd", "reports/annual-report/{language}/_persons.qmd"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            SUMMARY,
            "var persons.rate_text >",
            "var persons.rate_txt >",
            "'persons.rate_txt' is not declared. Did you mean 'persons.rate_text'?",
        ),
        (
            PERSONS,
            "var persons.younger >",
            "var persons.youngr >",
            "'persons.youngr' is not declared. Did you mean 'persons.younger'?",
        ),
        (PERSONS, "var persons.younger >", "var disclosure.methd >", "Did you mean 'disclosure.method'?"),
        (PERSONS, "var persons.younger >", "var qqqqqqqq >", "'qqqqqqqq' is not declared."),
        ("reports/annual-report/{language}/annual-report.qmd", "include _persons.qmd", "include _person.qmd", "'_person.qmd'"),
        (
            PERSONS,
            "embed notebooks/persons.ipynb#",
            "embed notebooks/person.ipynb#",
            "no present notebook 'person'. Did you mean 'persons'",
        ),
        (
            PERSONS,
            "persons.ipynb#chart-persons-by-year",
            "persons.ipynb#chart-person-by-year",
            "Did you mean 'chart-persons-by-year'?",
        ),
        (PERSONS, "@fig-persons-by-year", "@fig-person-by-year", "Nothing in this document is labelled 'fig-person-by-year'"),
        (PERSONS, "@fig-persons-by-year", "@persons", "'@persons' is no reference to a figure, table or section"),
        (PERSONS, "@fig-persons-by-year", "[@smith-and-others]", "'@smith-and-others' is no reference"),
        (PERSONS, "@fig-persons-by-year", "@eq-rate", "the reference is not among what kvarn's documents may use"),
        (PERSONS, "@fig-persons-by-year", "@Fig-persons-by-year", "the reference is not among what"),
        (PERSONS, "{#sec-persons}", "{#sec-persons .panel-tabset}", "tabs is not among what kvarn's documents may use"),
        (PERSONS, "{#sec-persons}", "{#sec-persons .column-margin}", "a column class is not among"),
        (PERSONS, "{#sec-persons}", "{#thm-persons}", "the label is not among"),
        (PERSONS, "{#sec-persons}", "{#sec-persons .landscape}", "the class is not among"),
        (PERSONS, "@fig-persons-by-year", "[word]{.mark}", "the class is not among"),
        (PERSONS, "{#sec-persons}", "{#sec-about}", "The label 'sec-about' is there twice, first in _"),
        (PERSONS, "@fig-persons-by-year", "word[^note]", "The number of a footnote stands beside words"),
        (PERSONS, "@fig-persons-by-year", "word^[Note.]", "The number of a footnote stands beside words"),
    ],
)
def test_what_a_document_names_and_is_not_there_is_told_before_any_work(
    project: Path, file: str, old: str, new: str, said: str
) -> None:
    """Misspelt alike in both languages, so that nothing else would tell."""
    replaced(project, file, old, new)
    with pytest.raises(InputError) as error:
        require_narrative(opened(project))
    told = str(error.value)
    for language in ("sv", "en"):
        path = project / file.format(language=language)
        line = next(number for number, text in enumerate(path.read_text(encoding="utf-8").split("\n"), 1) if new in text)
        assert f"{path}, line {line}" in told
    assert said in told and error.value.remedy and error.value.line


@pytest.mark.parametrize("new", ["[words](https://example.org/@office)", "a\\@b", "press@example.org", "[-@fig-persons-by-year]"])
def test_a_sign_that_cites_nothing_is_fine(project: Path, new: str) -> None:
    replaced(project, PERSONS, "@fig-persons-by-year", f"see {new}, and @fig-persons-by-year")
    require_narrative(opened(project))


def test_a_name_that_is_misspelt_in_one_language_is_no_difference_of_the_languages(project: Path) -> None:
    path = project / SUMMARY.format(language="sv")
    path.write_text(path.read_text(encoding="utf-8").replace("var persons.rate_text", "var persons.rate_txt"), encoding="utf-8")
    with pytest.raises(InputError) as error:
        require_narrative(opened(project))
    assert "persons.rate_txt" in str(error.value) and "languages differ" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("table: persons-by-", "table: person-by-", "which the programme has not. Did you mean 'persons-by-"),
        ("measure: persons,", "measure: person,", "has no measure 'person'. Did you mean 'persons'?"),
        ("where: {sex:", "where: {sexx:", "has no variable 'sexx'. Did you mean 'sex'?"),
        ("{persons.", "{person.", "names the figure 'person."),
    ],
)
def test_what_a_declared_figure_names_is_told_before_any_work(project: Path, old: str, new: str, said: str) -> None:
    path = project / "reports" / "figures.yml"
    lines = path.read_text(encoding="utf-8").split("\n")
    number = next(number for number, line in enumerate(lines) if old in line and not line.lstrip().startswith("#"))
    lines[number] = lines[number].replace(old, new, 1)
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError) as error:
        require_narrative(opened(project))
    assert said in str(error.value) and "figures.yml" in str(error.value) and error.value.line


def test_status_tells_a_misspelt_figure_and_computes_nothing(project: Path) -> None:
    replaced(project, SUMMARY, "var persons.rate_text >", "var persons.rate_txt >")
    done = kvarn("status", "params/demo.yml", folder=project)
    assert done.returncode == 1 and "Did you mean 'persons.rate_text'?" in done.stderr and "_summary.qmd, line" in done.stderr
    assert not (project / "build" / "demo" / "protected").exists()


@pytest.mark.parametrize("why", ["Haninge has 3 persons", "in Haninge three persons"])
def test_why_a_list_is_short_says_no_number_of_a_place(why: str, brief: Path) -> None:
    given = brief / "professions.csv"
    given.write_text("Kod;Benämning\nXS918;Sjuksköterska\n", encoding="utf-8")
    metadata.import_codelist(given, name="profession", year=2023, into=brief / metadata.CODELISTS, short=why)
    with pytest.raises(EditionError, match="why it is short"):
        require_narrative(opened(brief))


def test_what_lies_among_the_lists_is_told_before_any_work(brief: Path) -> None:
    folder = brief / metadata.CODELISTS
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "note.txt").write_text("Haninge: 3", encoding="utf-8")
    with pytest.raises(CodeListError, match="among the imported code lists"):
        require_narrative(opened(brief))


def save_as_run(notebook: Path) -> None:
    """As another JupyterLab than that of ``make lab`` saves it."""
    held = json.loads(notebook.read_text(encoding="utf-8"))
    cell = next(cell for cell in held["cells"] if cell["cell_type"] == "code")
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "190001019999"}]
    notebook.write_text(json.dumps(held), encoding="utf-8")


def test_what_a_notebook_of_a_real_edition_has_shown_is_not_left_in_it(brief: Path) -> None:
    saved = sorted((brief / "notebooks" / "compute").glob("*.ipynb"))[:2]
    for notebook in saved:
        save_as_run(notebook)
    require_narrative(opened(brief))
    (brief / "restricted" / "demo" / "source" / "SYNTHETIC.txt").unlink()
    with pytest.raises(KvarnError, match="saved in it: it may be data of persons") as error:
        require_narrative(opened(brief, "synthetic=false"))
    said = "\n".join((str(error.value), *getattr(error.value, "__notes__", ())))
    assert all(f"--inplace notebooks/compute/{notebook.name}" in said for notebook in saved)
    assert "19000101" not in said


ORDER = """\
edition: demo
title: {sv: "Avlidna%s efter orsak, {years}", en: "Deaths%s by cause, {years}"}
measures: [persons]
by: [region, sex]
years: [2023]
notes: {sv: "%s", en: "%s"}
"""
LONE = "En enda person avled av våld, en ensam kvinna.", "One person alone died, a lone woman."
HARMLESS = "Uppgifterna gäller hela året.", "The figures are of the whole year."


def _order_checked(project: Path, said: str, name: str = "by-sex") -> None:
    params = project / "params" / "orders" / f"{name}.yml"
    params.parent.mkdir(exist_ok=True)
    params.write_text(said, encoding="utf-8")
    order, lines = read_order(params)
    require_words_of_order(order, params, lines, project / "reports")


@pytest.mark.parametrize(
    ("places", "categories", "name"),
    [
        ((" i Haninge", " in Haninge"), "", "by-sex"),
        (("", ""), 'categories: {region: ["0136"]}\n', "by-sex"),
        (("", ""), 'categories: {region: ["00", "0136"]}\n', "by-sex"),
        (("", ""), "", "sex-in-haninge"),
    ],
)
def test_what_an_order_says_is_said_of_the_place_that_it_is_about(
    places: tuple[str, str], categories: str, name: str, brief: Path
) -> None:
    with pytest.raises(EditionError, match="One who is counted") as refused:
        _order_checked(brief, ORDER % (*places, *LONE) + categories, name)
    assert "notes.sv" in str(refused.value) and "notes.en" in str(refused.value)
    _order_checked(brief, ORDER % (*places, *HARMLESS) + categories, name)


@pytest.mark.parametrize("example", sorted((PROJECT / "params" / "orders").glob("*.yml")), ids=lambda path: path.stem)
def test_the_examples_of_orders_say_nothing_that_is_refused(example: Path, brief: Path) -> None:
    _order_checked(brief, example.read_text(encoding="utf-8"), example.stem)


def test_an_order_of_every_county_is_about_the_country_and_one_of_some_is_not(brief: Path) -> None:
    counties = metadata.codelist("region").children("00")
    for regions, refused in ((counties, False), (("00", *counties), False), ((*counties, "0136"), True), (counties[1:], True)):
        said = ORDER % ("", "", *LONE) + f"categories: {{region: {json.dumps(list(regions))}}}\n"
        if refused:
            with pytest.raises(EditionError, match="One who is counted"):
                _order_checked(brief, said, "by-region")
        else:
            _order_checked(brief, said, "by-region")


def test_of_an_order_of_the_whole_country_one_may_be_spoken_of(brief: Path) -> None:
    _order_checked(brief, ORDER % ("", "", "En person räknas en gång.", "One person is counted once."))
