"""What a table is called, and what its notes, definitions and labels say, stands beside the figures and holds none."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.disseminate.narrative import check_words
from kvarn.disseminate.narrative._allowed import read_allowed
from kvarn.disseminate.narrative._programme_words import _said_in_name, faults_in_programme
from kvarn.errors import InputError
from kvarn.programme import Programme, programme_held

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def office(written: Path) -> Iterator[Path]:
    """The project's documents with a programme of the test's own, which is in force."""
    shutil.copytree(PROJECT / "programme", written / "programme")
    (written / "_quarto.yml").write_bytes((PROJECT / "_quarto.yml").read_bytes())
    metadata.use_project(written)
    yield written
    metadata.use_project(None)


def _checked(office: Path, check: Callable[[Path], None]) -> None:
    with programme_held(Programme(office / "programme")):
        check(office)


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


NOTE = "    sv: Åtgärder (KHSL2) rapporteras från och med 2019."
DEFINITION = "    sv: Filer som skulle levereras och för vilka en fil har klarat granskningen."
CHANGES = {
    "a title": ("tables.yml", "  en: Months with municipal health care by region", "  en: Three persons of one kind"),
    "a note": ("tables.yml", NOTE, "    sv: I Norrköping fick 3 personer vård."),
    "a note of one place": ("tables.yml", NOTE, "    sv: Norrköping skiljer sig."),
    "a note of one in a place": ("tables.yml", NOTE, "    sv: I Tyresö fick bara en person vård."),
    "a definition": ("measures.yml", DEFINITION, "    sv: Bland män under 18 år var de fyra."),
    "a label": ("codelists/sex.csv", "2,T,Kvinnor", "2,T,Kvinnor (3 personer)"),
    "a bare number in a label": ("codelists/age.csv", "65–69 år,", "65–69 år: 6,"),
    "a number word in a label": ("codelists/kind.csv", "Assessing procedures", "Assessing procedures of four"),
    "the name of a county": ("codelists/county.csv", "Stockholms län", "Stockholms län (3 personer)"),
}


def test_the_words_of_the_programme_as_they_stand_are_taken(office: Path, check: Callable[[Path], None]) -> None:
    _checked(office, check)


@pytest.mark.parametrize("what", CHANGES)
def test_a_figure_in_the_words_of_the_programme_is_refused(office: Path, check: Callable[[Path], None], what: str) -> None:
    name, old, new = CHANGES[what]
    _replace(office / "programme" / name, old, new)
    with pytest.raises(InputError) as caught:
        _checked(office, check)
    # Counties stand among the regions.
    assert Path(name).name.replace("county", "region") in str(caught.value) and caught.value.remedy


def test_an_order_says_the_words_of_the_programme_too(office: Path) -> None:
    reports, params = office / "reports", office / "params" / "orders" / "order.yml"
    with programme_held(Programme(office / "programme")):
        check_words({"title.en": "Persons by age"}, params, {}, reports)
    _replace(office / "programme" / "measures.yml", DEFINITION, "    sv: I Norrköping fick 3 personer vård.")
    with programme_held(Programme(office / "programme")), pytest.raises(InputError, match=r"measures\.yml"):
        check_words({"title.en": "Persons by age"}, params, {}, reports)


def test_the_name_of_a_code_list_is_published_and_counts_nobody(office: Path, check: Callable[[Path], None]) -> None:
    own = office / "programme" / "codelists"
    shutil.copy(own / "sex.csv", own / "norrkoping-three-persons.csv")
    with pytest.raises(InputError, match="three"):
        _checked(office, check)


def test_an_imported_name_of_a_municipality_counts_nobody(office: Path, check: Callable[[Path], None]) -> None:
    listed = office / "municipalities.tsv"
    names = {row["code"]: row["sv"] for row in metadata.codelist("region").rows if len(row["code"]) == 4}
    names["0581"] += " (3 personer med vård)"
    listed.write_text("kod\tnamn\n" + "".join(f"{code}\t{name}\n" for code, name in names.items()), encoding="utf-8")
    metadata.import_codelist(listed, name="municipality", year=2023, into=office / metadata.CODELISTS)
    metadata.use_project(office)
    with pytest.raises(InputError, match="0581") as caught:
        _checked(office, check)
    assert "import the list as it was published" in str(caught.value)


@pytest.mark.parametrize("title", ["Arbetsterapeut 3", "Tre arbetsterapeuter"])
def test_an_imported_name_of_a_profession_has_no_number(office: Path, check: Callable[[Path], None], title: str) -> None:
    """Row by row they could hold the withheld figures of a table, and a notebook may read them."""
    listed = office / "professions.tsv"
    rows = {row["code"]: row["sv"] for row in metadata.own_codelist("profession").rows if row["code"] != "T"}
    for name in (None, title):
        rows["XS910"] = name or rows["XS910"]
        listed.write_text("kod\tnamn\n" + "".join(f"{code}\t{said}\n" for code, said in rows.items()), encoding="utf-8")
        given = {"name": "profession", "year": 2023, "into": office / metadata.CODELISTS}
        metadata.import_codelist(listed, **given, replace=name is not None)  # type: ignore[arg-type]
        metadata.use_project(office)
        if name is None:
            _checked(office, check)
    with pytest.raises(InputError, match="XS910") as caught:
        _checked(office, check)
    assert "import the list as it was published" in str(caught.value)


TITLES_AS_PUBLISHED = {
    "DT901": "Mätning under 24 timmar",
    "ZX102": "2 åtgärder med samma kod vid samma tillfälle",
    "ZX130": "30 åtgärder med samma kod vid samma tillfälle",
    "XU015": "Avskiljande i minst 15 men mindre än 30 dagar",
}


@pytest.mark.parametrize("code", [None, *TITLES_AS_PUBLISHED])
def test_the_titles_of_procedures_keep_the_numbers_that_they_are_published_with(
    office: Path, check: Callable[[Path], None], code: str | None
) -> None:
    """And no others before what is counted, nor before a noun of another language."""
    listed = office / "kma.tsv"
    titles = TITLES_AS_PUBLISHED | ({code: "31 åtgärder i kommunen"} if code else {})
    listed.write_text("kod\ttitel\n" + "".join(f"{known}\t{said}\n" for known, said in titles.items()), encoding="utf-8")
    metadata.import_codelist(listed, name="procedure", year=2023, into=office / metadata.CODELISTS, short="A few for the test.")
    metadata.use_project(office)
    if code is None:
        _checked(office, check)
    else:
        with pytest.raises(InputError, match=code):
            _checked(office, check)


# Each is told by its code or has no number at all, and says a figure of a place, or of the row, all the same.
SAID_BY_A_CODE = {
    "the serial number of a code before persons": ("procedure", "PE002", "2 personer"),
    "beside a place": ("procedure", "ZX102", "2 åtgärder i Salem"),
    "a place alone, whose figure stands in the row": ("procedure", "DT017", "Åtgärder i Botkyrka"),
    "a place in English": ("procedure", "DT017", "Procedures in Botkyrka"),
    "the number of a profession": ("profession", "XS912", "Dietist, 12 åtgärder"),
    "a profession of a place": ("profession", "XS912", "Dietist i Strängnäs"),
    "an age before persons": ("age", "0-17", "17 personer"),
    "a place of an age": ("age", "0-17", "Barn i Salem"),
}


@pytest.mark.parametrize("what", SAID_BY_A_CODE)
def test_no_own_name_of_a_code_says_a_figure_of_a_place(office: Path, check: Callable[[Path], None], what: str) -> None:
    name, code, said = SAID_BY_A_CODE[what]
    listed = office / "programme" / "codelists" / f"{name}.csv"
    lines = listed.read_text(encoding="utf-8").splitlines()
    heads, (place,) = lines[0].split(","), [at for at, line in enumerate(lines) if line.split(",")[0] == code] or [len(lines)]
    row = next(csv.reader([lines[place]])) if place < len(lines) else [code, *[""] * (len(heads) - 1)]
    row[heads.index("sv")] = row[heads.index("en")] = said
    lines[place : place + 1] = [",".join(f'"{field}"' for field in row)]
    listed.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"name of code {code} of the list"):
        _checked(office, check)


NAMES = {
    "a code": ("programme/codelists/procedure-group.csv", "medicines,", "salem-2-personer,", "salem-2-personer"),
    "a code with a number of persons": ("programme/codelists/procedure-group.csv", "medicines,", "two-persons,", "two-persons"),
    "a table": ("programme/tables.yml", "persons-by-year-sex-age:", "persons-12:", "persons-12"),
    "a table of a place": ("programme/tables.yml", "persons-by-year-sex-age:", "botkyrka-by-age:", "botkyrka-by-age"),
    "a measure": ("programme/measures.yml", "procedures:", "procedures_12:", "procedures_12"),
}


@pytest.mark.parametrize("what", NAMES)
def test_no_name_or_code_says_a_figure_of_a_place(office: Path, what: str) -> None:
    """Files, columns and categories have them in every format."""
    file, old, new, said = NAMES[what]
    text = (office / file).read_text(encoding="utf-8")
    place = text.index(f"\n{old}") + 1
    (office / file).write_text(text[:place] + new + text[place + len(old) :], encoding="utf-8")
    with programme_held(Programme(office / "programme")):
        metadata.use_project(office)
        faults = [
            fault
            for fault in faults_in_programme(read_allowed(office / "reports" / "allowed-digits.yml"))
            if repr(said) in fault.what
        ]
    assert faults and "Rename it" in faults[0].remedy


def test_names_that_say_nothing_of_the_kind_stay() -> None:
    names = ["persons_by_age", "65-plus-by-month", "q4", "ord3", "persons_per_1000", "women-and-men", "XV028", "one-table"]
    assert [name for name in names if _said_in_name(name)] == []


BESIDE = {
    "a source": ("measures.yml", "source: HSLF-FS 2017:67, 3 §", "source: In Bjurholm 3 persons", "3 persons"),
    "a symbol that no variable has": ("codelists/symbol.csv", "X,,", "X,,I Bjurholm 3 personer,In Bjurholm 3 persons\nY,,", "X"),
    "the subject area": ("programme.yml", "sv: Hälso- och sjukvård", "sv: I Bjurholm fick 3 personer vård", "Bjurholm"),
    "the code of the subject area": ("programme.yml", "code: HS", "code: Bjurholm3", "Bjurholm3"),
    "the remedy of a finding": ("findings.yml", "remedy: Correct the date.", "remedy: Correct that of Bjurholm.", "Bjurholm"),
}


@pytest.mark.parametrize("what", BESIDE)
def test_no_words_of_the_programme_stand_beside_what_is_read(office: Path, what: str) -> None:
    """Words of no language, and lists of no variable, are published as well."""
    name, old, new, said = BESIDE[what]
    _replace(office / "programme" / name, old, new)
    with programme_held(Programme(office / "programme")):
        metadata.use_project(office)
        faults = list(faults_in_programme(read_allowed(office / "reports" / "allowed-digits.yml")))
    assert any(said in fault.what and ("place" in fault.what or "number" in fault.what) for fault in faults)


def test_the_file_of_a_list_names_no_place(office: Path, check: Callable[[Path], None]) -> None:
    own = office / "programme" / "codelists"
    shutil.copy(own / "sex.csv", own / "bjurholm-few.csv")
    with pytest.raises(InputError, match="names a place"):
        _checked(office, check)
