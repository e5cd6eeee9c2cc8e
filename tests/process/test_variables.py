"""The variable list says what the register holds, from the declarations that the code uses."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bs4 import BeautifulSoup
from csvw import CSVW
from csvw.metadata import TableGroup

from kvarn import metadata
from kvarn.collect import layouts
from kvarn.errors import InputError
from kvarn.metadata import register_tables
from kvarn.process import derived_key
from kvarn.process.variables import (
    Code,
    Listed,
    ListedTable,
    Part,
    Share,
    VariableList,
    check_register,
    csvw,
    page,
    write_variable_list,
)
from kvarn.process.variables._workbook import workbook

from .make_register import CODES, YEARS, decoded, make_register, save

KEY = derived_key("variables")
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_register(tmp_path_factory.mktemp("restricted") / "register", KEY)


@pytest.fixture(scope="module")
def written(register: Path) -> Path:
    into = register.parent / "variables"
    write_variable_list(register, YEARS, into, synthetic=True)
    return into


def rows(path: Path, sheet: str) -> list[dict[str, object]]:
    """The rows of a sheet's table, by their header."""
    found = openpyxl.load_workbook(path)[sheet]
    (table,) = found.tables.values()
    header, *body = [[cell.value for cell in row] for row in found[table.ref]]
    return [dict(zip(header, row, strict=True)) for row in body]


# --- the declarations --------------------------------------------------------------------------------------------------------
def test_every_variable_has_both_languages_a_definition_a_source_and_values() -> None:
    for table in register_tables():
        for column in table.columns:
            where = f"{table.name}.{column.name}"
            for said in (column.definition, column.source, *([column.empty] if column.empty else [])):
                assert set(said) == {"sv", "en"}, where
                assert all(said.values()), where
            assert column.sv, where
            assert column.en, where
            assert column.type in {"date", "boolean"} or column.codelist or column.pattern or column.minimum is not None, where
            assert column.valid_from >= table.first_year, where
            assert column.codes is None or column.codes.leaves, where


def test_every_field_that_a_column_comes_from_is_in_the_layout_and_every_field_of_a_layout_is_used() -> None:
    named = {(kind, role) for table in register_tables() for column in table.columns for kind, role in column.fields.items()}
    assert named == {(layout.type, field.role) for layout in layouts().values() for field in layout.fields}


def test_a_column_that_is_not_declared_is_refused(tmp_path: Path) -> None:
    register = make_register(tmp_path / "register", KEY)
    file = register / "persons.parquet"
    table = pq.read_table(file)
    pq.write_table(table.append_column("shoe_size", pa.array([40] * len(table))), file)
    with pytest.raises(InputError, match="not declared") as caught:
        write_variable_list(register, YEARS, tmp_path / "into", synthetic=True)
    assert caught.value.field == "shoe_size"
    assert not (tmp_path / "into").exists()


def test_a_declared_column_that_the_register_lacks_is_refused(tmp_path: Path) -> None:
    register = make_register(tmp_path / "register", KEY)
    file = register / "procedures" / "year=2020" / "data.parquet"
    pq.write_table(pq.read_table(file).drop_columns(["profession"]), file)
    with pytest.raises(InputError, match="lacks a column") as caught:
        check_register(register, YEARS)
    assert (caught.value.file, caught.value.field) == (file, "profession")


def test_a_column_of_another_type_than_declared_is_refused(tmp_path: Path) -> None:
    register = make_register(tmp_path / "register", KEY)
    file = register / "person_months" / "year=2019" / "data.parquet"
    table = pq.read_table(file)
    month = table.schema.get_field_index("month")
    pq.write_table(table.set_column(month, "month", table["month"].cast(pa.string())), file)
    with pytest.raises(InputError, match="declared as integer, and is kept as string"):
        check_register(register, YEARS)


def test_a_year_that_the_register_lacks_is_refused(register: Path) -> None:
    with pytest.raises(InputError, match="no person_months for 2021"):
        check_register(register, [2020, 2021])


# --- what is written ---------------------------------------------------------------------------------------------------------
def test_every_column_and_every_delivery_field_is_on_the_page_in_both_languages(written: Path) -> None:
    soup = BeautifulSoup((written / "variables.html").read_text(encoding="utf-8"), "html.parser")
    for language in ("sv", "en"):
        section = soup.find(id=language)
        assert section is not None
        assert section["lang"] == language
        for table in register_tables():
            region = section.find("div", {"aria-labelledby": f"{language}-{table.name}-variables"})
            names = [head.get_text(strip=True) for head in region.find_all("th", scope="row")]
            assert names == [column.name for column in table.columns]
            for column in table.columns:
                assert column.definition[language].strip() in region.get_text()
        for layout in layouts().values():
            region = section.find("div", {"aria-labelledby": f"{language}-{layout.type}-variables"})
            names = [head.get_text(strip=True) for head in region.find_all("th", scope="row")]
            assert names == [field.role for field in layout.fields]


def test_the_page_is_accessible_and_asks_no_host_for_anything(written: Path) -> None:
    text = (written / "variables.html").read_text(encoding="utf-8")
    soup = BeautifulSoup(text, "html.parser")
    assert soup.html["lang"] == "sv"
    assert soup.title.get_text()
    assert not soup.find_all(["script", "link", "img", "iframe"])
    assert "url(" not in text
    assert "://" not in text
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert all(link["href"].removeprefix("#") in ids for link in soup.find_all("a"))
    levels = [int(tag.name[1]) for tag in soup.find_all(["h1", "h2", "h3", "h4"])]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    for table in soup.find_all("table"):
        assert table.caption
        assert table.caption.get_text(strip=True)
        assert all(head.get("scope") in {"row", "col"} for head in table.find_all("th"))


def test_synthetic_data_are_marked_everywhere_and_real_data_nowhere(register: Path, written: Path, tmp_path: Path) -> None:
    write_variable_list(register, YEARS, tmp_path / "real", synthetic=False)
    for language in metadata.languages:
        notice = metadata.text("synthetic.notice", language)
        for name in ("variables.html", "variables.csvw.json"):
            assert notice in (written / name).read_text(encoding="utf-8")
            assert notice not in (tmp_path / "real" / name).read_text(encoding="utf-8")
        for sheet in openpyxl.load_workbook(written / "variables.xlsx"):
            if sheet.title in {"Svenska" if language == "sv" else "English", "Kodlistor – Code lists"}:
                assert notice in [sheet["A2"].value, sheet["A3"].value]
    assert "Syntetiska" not in str(openpyxl.load_workbook(tmp_path / "real" / "variables.xlsx")["Svenska"]["A2"].value)


def test_the_same_register_gives_the_same_bytes_for_the_owner_alone(register: Path, written: Path, tmp_path: Path) -> None:
    for path in write_variable_list(register, YEARS, tmp_path / "again", synthetic=True):
        assert path.read_bytes() == (written / path.name).read_bytes(), path.name
        assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "again").stat().st_mode & 0o777 == 0o700
    assert not [path.name for path in register.iterdir() if path.name.startswith("spill")]


def test_a_folder_that_is_there_keeps_its_rights(register: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    write_variable_list(register, YEARS, tmp_path, synthetic=True)
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_the_share_missing_is_what_plain_counting_gives(tmp_path: Path) -> None:
    register = make_register(tmp_path / "register", KEY)
    file = register / "procedures" / "year=2020" / "data.parquet"
    procedures = pq.read_table(file).to_pylist()
    unknown = 1 + max(CODES.values())
    codes = [{"kind": kind, "number": number, "code": code} for (kind, code), number in CODES.items()]
    save(register, "codes", [*codes, {"kind": "profession", "number": unknown, "code": ""}])
    for number, row in enumerate(procedures):
        row["profession"] = unknown if number < 3 else row["profession"]
        row["procedure"] = None if number < 5 else row["procedure"]
    save(register, "procedures", procedures, 2020)
    persons = pq.read_table(register / "persons.parquet").to_pylist()
    there = {row["person"] for row in pq.read_table(register / "person_months" / "year=2018" / "data.parquet").to_pylist()}
    unseen = {"person": len(persons), "pseudonym": "0" * 32, "sex": None, "birth_year": 1950, "followable": True}
    for row in persons[:4]:
        row["sex"] = None
    save(register, "persons", [*persons, unseen])
    write_variable_list(register, YEARS, tmp_path, synthetic=True)
    found = {(row["Table"], row["Variable"]): row for row in rows(tmp_path / "variables.xlsx", "English")}
    assert found["procedures", "profession"]["Missing 2020"] == pytest.approx(3 / len(procedures))
    assert found["procedures", "procedure"]["Missing 2020"] == pytest.approx(5 / len(procedures))
    assert found["procedures", "procedure"]["Missing 2019"] == 0
    assert found["procedures", "procedure"]["Missing 2018"] == "."
    assert found["procedures", "further_professions"]["Missing 2020"] == "."
    assert found["persons", "sex"]["Missing 2018"] == pytest.approx(4 / len(there))
    assert found["KHSL1", "month"]["Missing 2018"] == "."
    page_text = BeautifulSoup((tmp_path / "variables.html").read_text(encoding="utf-8"), "html.parser")
    region = page_text.find("div", {"aria-labelledby": "sv-persons-missing"})
    shown = {row.th.get_text(): row.td.get_text() for row in region.tbody.find_all("tr")}
    assert shown["sex"] == f"{round(400 / len(there), 1)}".replace(".", ",")
    assert shown["birth_year"] == "–"


def test_a_year_without_a_file_of_procedures_is_not_available_and_one_before_their_time_not_applicable(tmp_path: Path) -> None:
    register = make_register(tmp_path / "register", KEY)
    (register / "procedures" / "year=2020" / "data.parquet").unlink()
    write_variable_list(register, YEARS, tmp_path, synthetic=True)
    found = {(row["Tabell"], row["Variabel"]): row for row in rows(tmp_path / "variables.xlsx", "Svenska")}
    shown = [found["procedures", "date"][f"Saknas {year}"] for year in YEARS]
    assert shown == [".", 0, ".."]


@pytest.mark.parametrize(
    ("missing", "rows_", "per_mille"), [(1, 2000, 1), (1, 2001, 0), (5, 10_000, 1), (4, 10_000, 0), (3, 3, 1000)]
)
def test_shares_are_rounded_half_up(missing: int, rows_: int, per_mille: int) -> None:
    assert Share(missing, rows_).per_mille == per_mille


def test_a_csvw_reader_finds_the_registers_rows_valid_and_a_wrong_one_not(register: Path, written: Path, tmp_path: Path) -> None:
    description = tmp_path / "variables.csvw.json"
    description.write_bytes((written / "variables.csvw.json").read_bytes())
    assert len(TableGroup.from_file(description).tables) == len(register_tables())
    for table in register_tables():
        duckdb.sql(f"COPY ({decoded(register, table.name)} ORDER BY ALL) TO '{tmp_path / table.name}.csv' (HEADER)")
    read = CSVW(str(description), validate=True)
    assert read.is_valid, [str(warning.message) for warning in read.warnings]
    months = tmp_path / "person_months.csv"
    lines = months.read_text().splitlines()
    lines[1] = lines[1].replace(",2018,", ",1999,")
    months.write_text("\n".join(lines) + "\n")
    assert not CSVW(str(description), validate=True).is_valid


def test_the_csvw_tells_validity_source_codes_and_share_missing(written: Path) -> None:
    described = json.loads((written / "variables.csvw.json").read_text(encoding="utf-8"))
    (months,) = [table for table in described["tables"] if table["url"] == "person_months.csv"]
    columns = {column["name"]: column for column in months["tableSchema"]["columns"]}
    assert columns["municipality"]["titles"] == {"und": "municipality", "sv": "Kommun", "en": "Municipality"}
    concepts = {concept["skos:notation"]: concept["skos:prefLabel"] for concept in columns["municipality"]["skos:member"]}
    assert {"@value": "Norrtälje", "@language": "sv"} in concepts["188"]
    assert columns["month"]["dc:valid"] == "2007/.."
    assert columns["month"]["datatype"] == {"base": "integer", "minimum": 1, "maximum": 12}
    assert "2008" in columns["month"]["skos:changeNote"][0]["@value"]
    assert [one["dc:temporal"] for one in columns["month"]["dqv:hasQualityMeasurement"]] == ["2018", "2019", "2020"]


def test_the_spreadsheet_holds_every_code_with_both_labels(written: Path) -> None:
    codes = {
        (row["Kodlista / Code list"], row["Kod / Code"]): row
        for row in rows(written / "variables.xlsx", "Kodlistor – Code lists")
    }
    assert codes["region", "0188"]["Svenskt namn / Swedish name"] == "Norrtälje"
    assert codes["county", "01"]["Engelskt namn / English name"] == "Stockholm county"
    assert len([name for name, _ in codes if name == "region"]) == 290
    assert ("profession", "XS919") in codes
    assert ("profession", "XS915") not in codes


@pytest.mark.parametrize("said", ["=1+1", "+46 8", "-1", "@SUM(A1)", "http://example.org", "007", "{=1}"])
def test_a_text_that_looks_like_a_formula_stays_a_text(said: str, tmp_path: Path) -> None:
    both = {"sv": said, "en": said}
    one = Listed(name=said, titles=both, definition=both, type="text", source=both, valid_from=2007, pattern=said)
    table = ListedTable(name=said, titles=both, definition=both, file=said, key=(), variables=(one,))
    listed = VariableList(titles=both, about=both, parts=(Part("register", (table,)),), years=[2019], synthetic=False)
    path = tmp_path / "variables.xlsx"
    path.write_bytes(workbook(listed, dt.date(2023, 12, 31)))
    sheet = openpyxl.load_workbook(path)["Svenska"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == said]
    assert len(cells) == 7
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert "<script>" not in page(replace(listed, titles={"sv": "<script>", "en": "x"}))


def test_a_code_list_of_ten_thousand_codes_does_not_swamp_the_page() -> None:
    both = {"sv": "Åtgärd", "en": "Procedure"}
    codes = tuple(Code(f"A{number:04}", "Åtgärd", "Procedure") for number in range(10_000))
    one = Listed("procedure", both, both, "code", both, 2019, codes=codes, codelist="procedure")
    table = ListedTable("procedures", both, both, "procedures.parquet", (), (one,))
    listed = VariableList(titles=both, about=both, parts=(Part("register", (table,)),), years=[2019], synthetic=False)
    assert "A0500" not in page(listed)
    assert "10000 koder" in page(listed)
    assert "A0500" in csvw(listed, (table,))


def test_a_code_without_an_english_label_is_shown_by_its_swedish_one_and_never_called_english() -> None:
    both = {"sv": "Åtgärd", "en": "Procedure"}
    one = Listed("procedure", both, both, "code", both, 2019, codes=(Code("DT019", "Läkemedel", ""),), codelist="procedure")
    table = ListedTable("procedures", both, both, "procedures.parquet", (), (one,))
    listed = VariableList(titles=both, about=both, parts=(Part("register", (table,)),), years=[2019], synthetic=False)
    assert one.values("en") == "DT019 = Läkemedel"
    described = json.loads(csvw(listed, (table,)))["tables"][0]["tableSchema"]["columns"][0]
    assert described["skos:member"][0]["skos:prefLabel"] == [{"@value": "Läkemedel", "@language": "sv"}]


@pytest.mark.libreoffice
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_spreadsheet_and_keeps_texts_and_shares(written: Path, tmp_path: Path) -> None:
    assert OFFICE is not None
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = [OFFICE, "--headless", profile, "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path)]
    subprocess.run([*convert, str(written / "variables.xlsx")], check=True, capture_output=True, timeout=180)
    before, after = (openpyxl.load_workbook(folder / "variables.xlsx") for folder in (written, tmp_path))
    for sheet in before:
        values = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
        assert [[cell.value for cell in row if cell.value is not None] for row in after[sheet.title].iter_rows()] == values
