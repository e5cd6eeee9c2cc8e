"""A mistake in what the programme declares is said with its file, its line, the key, and what to write."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.errors import CodeListError
from kvarn.metadata import _own_lists
from kvarn.programme import Programme, programme_held

OWN = Path(__file__).parents[2] / "programme"


@pytest.fixture
def declared(tmp_path: Path) -> Iterator[Path]:
    """A copy of the programme that may be spoilt."""
    folder = Path(shutil.copytree(OWN, tmp_path / "programme"))
    with programme_held(Programme(folder)):
        yield folder


def refused(folder: Path, name: str, before: str, after: str) -> CodeListError:
    file = folder / f"{name}.yml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(CodeListError) as caught:
        metadata.tables()
        metadata.register_tables()
        metadata.finding_kinds()
        metadata.text("synthetic.short", "sv")
    error = caught.value
    assert str(error.file).endswith(f"{name}.yml") and error.remedy and "defect" not in str(error)

    if error.line is not None:
        assert 1 <= error.line <= text.count("\n") + 2
    return error


@pytest.mark.parametrize(
    ("name", "before", "after", "key", "said"),
    [
        ("tables", "measures: [persons]", "mesures: [persons]", "persons-by-month.mesures", "Did you mean 'measures'"),
        ("tables", "measures: [persons]", "measures: [person]", "persons-by-month.measures", "Did you mean 'persons'"),
        ("tables", "measures: [persons]", "measures: persons", "persons-by-month.measures", "a list"),
        ("tables", "measures: [persons]", "measures: []", "persons-by-month.measures", "one at least"),
        ("tables", "measures: [persons]", "measures:", "persons-by-month.measures", "a list"),
        ("tables", "[year, month, sex]", "[year, mnth, sex]", "persons-by-month.variables", "Did you mean 'month'"),
        ("tables", "[year, month, sex]", "[year, month, month]", "persons-by-month.variables", "each named once"),
        ("tables", "years: series", "years: serie", "persons-by-year-sex-age.years", "'series'"),
        ("tables", "  years: series\n", "", "persons-by-year-sex-age.years", "'years' is missing"),
        ("tables", "years: series\n", "years: series\n  years: series\n", "persons-by-year-sex-age.years", "given twice"),
        ("tables", "persons-by-month:", "Persons by month:", "Persons by month", "cannot be the name"),
        ("tables", "persons-by-month:", "../persons:", "../persons", "cannot be the name"),
        ("tables", "kön, {years}", "kön, {yaers}", "persons-by-month.sv", "no braces but {years}"),
        ("tables", "kön, {years}", "kön, {years", "persons-by-month.sv", "no braces but {years}"),
        ("tables", "{age: [T, 0-64,", "{age: [T, 0-65,", "persons-by-municipality-sex-age.categories.age", "Did you mean '0-64'"),
        ("tables", "{age: [T, 0-64,", "{aeg: [T, 0-64,", "persons-by-municipality-sex-age.categories", "Did you mean 'age'"),
        ("tables", "  notes:\n    sv:", "  notes:\n    se:", "persons-by-month.notes", "both languages"),
        ("tables", "persons-by-month:", "persons-by-month: [", None, "opened here and not closed"),
        ("tables", "persons-by-month:", "empty:\npersons-by-month:", "empty", "declared by nothing"),
        ("tables", "persons-by-month:", "persons-by-month:\n  name: x", "persons-by-month.name", "no key 'name'"),
        ("measures", "decimals: 0", "decimals: none", "persons.decimals", "whole number"),
        ("measures", "decimals: 0", "decimals: -1", "persons.decimals", "0 to 6"),
        ("measures", "decimals: 0", "decmals: 0", "persons.decmals", "Did you mean 'decimals'"),
        ("measures", "subject: persons", "subject: people", "persons.subject", "'persons'"),
        ("measures", "additive: [", "additive: [sexes, ", "persons.additive", "no variable 'sexes'"),
        ("measures", "numerator: persons", "numerator: person", None, "no measure"),
        ("variables", "codelist: sex", "codelist: sexs", "sex.codelist", "sexs"),
        ("variables", "sex: {sv: Kön", "sex: {se: Kön", "sex.se", "Known here"),
        ("variables", "year: {sv", "yaer: {sv", "year", "no variable 'year'"),
        ("texts", "synthetic.short: {sv: Synt", "synthetic.short: {se: Synt", "synthetic.short", "both"),
        ("findings", "about: parameters", "abuot: parameters", None, "Did you mean 'about'"),
        ("register/register", "      type: integer", "      typ: integer", "person_months.columns.person.typ", "mean 'type'"),
        ("register/register", "  columns:\n", "  colums:\n", "person_months", "no columns"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_place_and_its_remedy(
    declared: Path, name: str, before: str, after: str, key: str | None, said: str
) -> None:
    error = refused(declared, name, before, after)
    assert said in str(error), str(error)
    if key is not None:
        assert error.field == key, str(error)


def test_what_ships_has_none(declared: Path) -> None:
    assert len(metadata.tables()) > 10
    assert metadata.variables()[0] == "year"


def test_words_that_are_missing_name_the_file_and_what_to_write() -> None:
    from kvarn.collect import pages  # noqa: F401
    from kvarn.disseminate.templates import word as of_pages
    from kvarn.process.variables._words import word as of_variables

    for word, folder in ((of_pages, "disseminate/templates"), (of_variables, "process/variables")):
        with pytest.raises(CodeListError) as caught:
            word("sheet.my-table", "en")
        assert str(caught.value.file).endswith(f"{folder}/words.yml")
        assert f"{folder}/words.yml: sheet.my-table: {{sv:" in str(caught.value.remedy)
    with pytest.raises(CodeListError, match="cannot be filled in") as caught:
        of_pages("source", "sv", publishr="x")
    assert caught.value.line and "publishr" in str(caught.value.remedy)


def test_a_name_that_is_not_declared_suggests_one() -> None:
    with pytest.raises(CodeListError, match="persons-by-month") as caught:
        metadata.table("person-by-month")
    assert str(caught.value.file).endswith("programme/tables.yml")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("code,sv\n1,Man\n", 1, "no column 'en'"),
        ("", 1, "no column 'code'"),
        ("code,sv,en\n", 1, "no code"),
        ("code,sv,en\n1,Man\n", 2, "fewer fields"),
        ("code,sv,en\n1,Man,Man\n2,Kvinna,Woman,x\n", 3, "more fields"),
        ("code,sv,en\n1,Man,Man\n1,Kvinna,Woman\n", 3, "first is on line 2"),
        ("code,sv,en\n1,,Man\n", 2, "sv is empty"),
        ("code,sv,en\n,Man,Man\n", 2, "code is empty"),
        ('code,sv,en\n1,"Man" x,Man\n', 2, "cannot be read"),
    ],
)
def test_a_mistake_in_an_own_code_list_has_its_line(tmp_path: Path, text: str, line: int | None, said: str) -> None:
    (tmp_path / "sex.csv").write_text(text, encoding="utf-8")
    with pytest.raises(CodeListError) as caught:
        _own_lists.rows_of_own_list(tmp_path, "sex")
    assert said in str(caught.value) and caught.value.line == line and caught.value.remedy
    assert caught.value.file == tmp_path / "sex.csv"


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("sex", lambda text: text + b"2,Kvinna\n"),
        ("age", lambda text: text.split(b"\n", 1)[0] + b"\n" + b"T,Totalt\xff,Total\n"),
        ("weekday", lambda text: text.replace(b"code,", b"cod,")),
        ("profession", lambda text: b""),
    ],
)
def test_a_list_of_a_variable_names_itself_and_not_who_uses_it(
    declared: Path, name: str, damage: Callable[[bytes], bytes]
) -> None:
    file = declared / "codelists" / f"{name}.csv"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(CodeListError) as caught:
        metadata.tables()
    assert caught.value.file == file and caught.value.line is not None
    assert "codec" not in str(caught.value)


def test_the_codelists_that_ship_are_good() -> None:
    for file in (OWN / "codelists").glob("*.csv"):
        if file.stem != "procedure-chapter":
            assert _own_lists.rows_of_own_list(file.parent, file.stem)
