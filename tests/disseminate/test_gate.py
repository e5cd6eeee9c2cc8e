"""The gate lets a right publication through, and nothing else."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pypdfium2
import pytest
import typst
import yaml

from kvarn.base.page_policy import with_policy, without_policy
from kvarn.base.stages import hear
from kvarn.disseminate import gate
from kvarn.disseminate.database import write_catalogue, write_database
from kvarn.disseminate.explorer import write_explorer
from kvarn.disseminate.gate import check_publication
from kvarn.disseminate.open_data import write_open_data
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.record import write_record
from kvarn.disseminate.site import write_index
from kvarn.disseminate.spreadsheet import write_spreadsheet
from kvarn.edition import Edition
from kvarn.errors import DisclosureError

PROJECT = Path(__file__).parents[2]
MARKS = {"sv": "Syntetiska data", "en": "Synthetic data"}
TRIAL = {"sv": "Detta är en provkörning och ingen utgåva.", "en": "This is a trial and no edition."}
# Made for tests; the first is one of the numbers that the Swedish Tax Agency gives out for testing.
IDENTITY_NUMBER, CO_ORDINATION_NUMBER, WRONG_CHECK_DIGIT = "190001019801", "197010632391", "190001019802"
# Month (00) or day (60) is not known, or neither is.
UNKNOWN_DAY_OF_BIRTH = ("190000759803", "190005609805", "190000609800")
FEW = ("persons-by-month", "procedures-by-profession", "deliveries-by-year")


def page(text: str) -> str:
    return with_policy(
        f'<html><head><meta charset="utf-8"><title>A page</title></head><body><p>{text}</p></body></html>', "a page"
    )


def demo(**changes: Any) -> Edition:
    values = yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
    return Edition.model_validate(values | changes)


def pdf(path: Path, text: str) -> None:
    path.write_bytes(typst.compile(f'#set text(lang: "sv")\n{text}'.encode(), format="pdf"))


@pytest.fixture(scope="module")
def made(protected_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a right publication of three tables, and its protected tables."""
    return write_publication(tmp_path_factory.mktemp("gate"), protected_folder, demo(), MARKS)


@pytest.fixture(scope="module")
def tried(protected_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of a trial."""
    words = {language: f"{MARKS[language]} {TRIAL[language]}" for language in MARKS}
    return write_publication(tmp_path_factory.mktemp("trial"), protected_folder, demo().as_trial(), words)


def write_publication(root: Path, protected_folder: Path, edition: Edition, words: dict[str, str]) -> Path:
    (root / "protected").mkdir()
    for name in FEW:
        shutil.copy(protected_folder / f"{name}.csv", root / "protected")
    tables, folder = ProtectedTables(root / "protected"), root / "publication"
    write_open_data(tables, edition, folder / "data")
    write_database(tables, edition, folder / "database")
    write_explorer(tables, edition, folder / "database")
    write_catalogue(tables, edition, folder)
    for language in ("sv", "en"):
        write_spreadsheet(tables, edition, language, folder / language / "tables.xlsx")
        for document in ("annual-report", "methods-and-quality"):
            (folder / language / f"{document}.html").write_text(page(words[language]), encoding="utf-8")
            pdf(folder / language / f"{document}.pdf", words[language])
        (folder / "notebooks" / language).mkdir(parents=True)
        (folder / "notebooks" / language / "persons.html").write_text(page(words[language]), encoding="utf-8")
    write_index(folder, edition, tables)
    write_record(folder, edition, "demo", overrides=[], inputs=[], deliveries=None, steps=[], versions={}, code_version="0.1.0")
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "root"))


def check(root: Path, **options: Any) -> None:
    check_publication(root / "publication", root / "protected", edition=demo(), **options)


def edit(root: Path, name: str, change: Callable[[str], str]) -> None:
    path = root / "publication" / name
    before = path.read_text(encoding="utf-8")
    path.write_text(change(before), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != before


def edit_json(root: Path, name: str, change: Callable[[Any], None]) -> None:
    path = root / "publication" / name
    read = json.loads(path.read_text(encoding="utf-8"))
    change(read)
    path.write_text(json.dumps(read, ensure_ascii=False), encoding="utf-8")


def test_while_it_looks_it_says_at_how_many_files_and_tables(root: Path) -> None:
    told: list[str] = []
    with hear(told.append):
        check(root)
    assert any(re.fullmatch(r"publication: files examined: \d+", said) for said in told)
    assert any(re.fullmatch(r"publication: tables compared in every format: \d+", said) for said in told)


def test_a_right_publication_passes(root: Path) -> None:
    check(root)
    check(root, restricted=root / "protected-elsewhere")


@pytest.mark.parametrize(
    "name", ["notes.txt", "data/extra.csv", "sv/tables.xlsm", "notebooks/sv/_x.html", ".hidden", "de/index.html"]
)
def test_a_file_that_no_publication_has_is_refused(root: Path, name: str) -> None:
    (root / "publication" / name).parent.mkdir(exist_ok=True)
    (root / "publication" / name).write_text("Syntetiska data", encoding="utf-8")
    with pytest.raises(DisclosureError, match="no such file") as error:
        check(root)
    assert error.value.where == name


@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        "data/en/persons-by-month.csv",
        "en/annual-report.pdf",
        "database/persons-by-month.px",
        "database/en/index.html",
        "data/persons-by-month.csv",
    ],
)
def test_a_missing_file_is_refused(root: Path, name: str) -> None:
    (root / "publication" / name).unlink()
    with pytest.raises(DisclosureError, match="missing") as error:
        check(root)
    assert error.value.where == name


def test_a_link_is_refused(root: Path) -> None:
    (root / "publication" / "notebooks" / "sv" / "x.html").symlink_to(root / "protected" / "persons-by-month.csv")
    with pytest.raises(DisclosureError, match="link"):
        check(root)


def test_a_file_that_is_too_large_is_refused(root: Path) -> None:
    with pytest.raises(DisclosureError, match="larger than 1000 bytes"):
        check(root, largest=1000)


def test_a_copy_of_a_restricted_file_is_refused_under_any_name(root: Path) -> None:
    (root / "restricted").mkdir()
    (root / "restricted" / "secret.bin").write_bytes((root / "publication" / "index.html").read_bytes())
    with pytest.raises(DisclosureError, match="copy of a restricted") as error:
        check(root, restricted=root / "restricted")
    assert error.value.where == "index.html"


def test_open_data_that_differ_in_one_byte_are_refused(root: Path) -> None:
    edit(root, "data/persons-by-month.csv", lambda text: text.replace(",persons,", ",persons, ", 1))
    with pytest.raises(DisclosureError, match="differ from the protected table"):
        check(root)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_number_in_place_of_a_suppressed_cell_is_refused_in_the_open_data_with_labels(root: Path, language: str) -> None:
    name = f"data/{language}/procedures-by-profession.csv"
    edit(root, name, lambda text: re.sub(r",,X,(?=[^,]*,(?:ja|yes))", ",2,,", text, count=1))
    with pytest.raises(DisclosureError, match="has a number, and must not") as error:
        check(root)
    assert error.value.where == name


def test_open_data_with_labels_without_a_row_or_that_cannot_be_read_are_refused(root: Path) -> None:
    name = "data/sv/persons-by-month.csv"
    edit(root, name, lambda text: text.rsplit("\n", 2)[0] + "\n")
    with pytest.raises(DisclosureError, match="differs from the protected table"):
        check(root)
    edit(root, name, lambda text: text.replace("Kvinnor", "Kvinnorna", 1))
    with pytest.raises(DisclosureError, match="cannot be read back"):
        check(root)


def test_a_number_in_place_of_a_suppressed_cell_is_refused_in_px(root: Path) -> None:
    edit(root, "database/procedures-by-profession.px", lambda text: text.replace('"..."', "2", 1))
    with pytest.raises(DisclosureError, match=r"XS926.* has a number, and must not"):
        check(root)


def test_a_number_in_place_of_a_suppressed_cell_is_refused_in_json_stat(root: Path) -> None:
    def reveal(dataset: Any) -> None:
        place = next(int(key) for key, symbol in dataset["status"].items() if symbol == "X")
        dataset["value"][place] = 2

    edit_json(root, "database/en/procedures-by-profession.json", reveal)
    with pytest.raises(DisclosureError, match="has a number, and must not"):
        check(root)


def test_a_number_in_place_of_a_suppressed_cell_is_refused_in_parquet(root: Path) -> None:
    file = root / "publication" / "data" / "procedures-by-profession.parquet"
    read = pq.ParquetFile(file)
    table, about = read.read(), read.metadata.metadata
    columns = table.to_pydict()
    place = columns["status"].index("X")
    columns["status"][place], columns["value"][place] = "", 2.0
    changed = pa.table(columns)
    with pq.ParquetWriter(file, changed.schema, store_schema=False) as writer:
        writer.write_table(changed)
        writer.add_key_value_metadata(about)
    with pytest.raises(DisclosureError, match="has a number, and must not") as error:
        check(root)
    assert error.value.where == "data/procedures-by-profession.parquet"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("database/structure.sdmx.xml", ">Women<", ">Women, of whom 3 died<"),
        ("database/en/tables.collection.json", '"label":"', '"label":"3 persons in '),
    ],
)
def test_what_describes_the_files_says_nothing_else(root: Path, name: str, old: str, new: str) -> None:
    edit(root, name, lambda text: text.replace(old, new, 1))
    with pytest.raises(DisclosureError, match=r"structure of the SDMX files has|collection has") as error:
        check(root)
    assert error.value.where == name


def test_a_number_in_place_of_a_suppressed_cell_is_refused_in_sdmx(root: Path) -> None:
    edit(root, "database/procedures-by-profession.sdmx.csv", lambda text: text.replace(",NaN,Q,N", ",2,A,F", 1))
    with pytest.raises(DisclosureError, match="has a number, and must not"):
        check(root)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_number_in_place_of_a_suppressed_cell_is_refused_in_the_explorer(root: Path, language: str) -> None:
    name = f"database/{language}/index.html"
    figure = re.compile(r'(?<=,)"X"(?=[,\]])')
    edit(root, name, lambda page: with_policy(figure.sub("2", without_policy(page), count=1), name, scripts=True))
    with pytest.raises(DisclosureError, match=r"XS926.* has a number, and must not") as error:
        check(root)
    assert str(error.value.where).startswith(name)


def test_a_script_in_any_other_page_than_the_explorer_is_refused(root: Path) -> None:
    edit(root, "index.html", lambda page: with_policy(f"{without_policy(page)}<script>1</script>", "a page", scripts=True))
    with pytest.raises(DisclosureError, match="the element <script>"):
        check(root)


def spreadsheet(root: Path, change: Callable[[Any], None]) -> None:
    path = root / "publication" / "sv" / "tables.xlsx"
    workbook = openpyxl.load_workbook(path)
    change(workbook)
    workbook.save(path)


def test_a_number_in_place_of_a_suppressed_cell_is_refused_in_the_spreadsheet(root: Path) -> None:
    def reveal(workbook: Any) -> None:
        cell = next(cell for sheet in workbook for row in sheet.iter_rows(min_row=8) for cell in row if cell.value == "X")
        cell.value = 2

    spreadsheet(root, reveal)
    with pytest.raises(DisclosureError, match="has a number, and must not") as error:
        check(root)
    assert error.value.where == "sv/tables.xlsx"


def test_another_value_in_the_spreadsheet_is_refused(root: Path) -> None:
    def change(workbook: Any) -> None:
        sheet = workbook.worksheets[-1]
        sheet.cell(sheet.max_row, 3).value += 1

    spreadsheet(root, change)
    with pytest.raises(DisclosureError, match="differs from the protected table"):
        check(root)


def test_a_hidden_sheet_and_a_sheet_with_other_numbers_are_refused(root: Path) -> None:
    def hide(workbook: Any) -> None:
        workbook.create_sheet("x").sheet_state = "hidden"

    def add(workbook: Any) -> None:
        workbook.worksheets[0]["A30"] = 17

    kept = (root / "publication" / "sv" / "tables.xlsx").read_bytes()
    for change, said in ((hide, "hidden"), (add, "no table of the programme")):
        (root / "publication" / "sv" / "tables.xlsx").write_bytes(kept)
        spreadsheet(root, change)
        with pytest.raises(DisclosureError, match=said):
            check(root)


@pytest.mark.parametrize("number", [IDENTITY_NUMBER, "19000101-9801", CO_ORDINATION_NUMBER, *UNKNOWN_DAY_OF_BIRTH])
@pytest.mark.parametrize("name", ["index.html", "notebooks/sv/persons.html", "database/persons-by-month.sdmx.csv"])
def test_an_identity_number_is_refused_and_never_repeated(root: Path, name: str, number: str) -> None:
    edit(root, name, lambda text: f"{text}1,{number},person")
    with pytest.raises(DisclosureError, match="personal identity number") as error:
        check(root)
    assert error.value.where == name and number[-4:] not in str(error.value)


def test_an_identity_number_in_a_pdf_or_a_spreadsheet_is_refused(root: Path) -> None:
    kept = (root / "publication" / "sv" / "tables.xlsx").read_bytes()
    spreadsheet(root, lambda workbook: workbook.worksheets[0].__setitem__("A40", IDENTITY_NUMBER))
    with pytest.raises(DisclosureError, match="personal identity number"):
        check(root)
    (root / "publication" / "sv" / "tables.xlsx").write_bytes(kept)
    pdf(root / "publication" / "en" / "annual-report.pdf", f"Synthetic data {IDENTITY_NUMBER}")
    with pytest.raises(DisclosureError, match="personal identity number") as error:
        check(root)
    assert error.value.where == "en/annual-report.pdf"


def test_an_identity_number_in_an_embedded_drawing_is_refused(root: Path) -> None:
    drawing = base64.b64encode(f"<svg><text>{IDENTITY_NUMBER}</text></svg>".encode()).decode()
    edit(root, "index.html", lambda text: f'{text}<img alt="" src="data:image/svg+xml;base64,{drawing}">')
    with pytest.raises(DisclosureError, match="personal identity number"):
        check(root)


@pytest.mark.parametrize("text", [WRONG_CHECK_DIGIT, f"0.{IDENTITY_NUMBER}", f"ab{IDENTITY_NUMBER}", f"{IDENTITY_NUMBER}7"])
def test_other_numbers_are_not_taken_for_identity_numbers(root: Path, text: str) -> None:
    edit(root, "index.html", lambda page: f"{page} {text}")
    check(root)


@pytest.mark.parametrize("name", ["sv/annual-report.html", "en/methods-and-quality.pdf", "notebooks/en/persons.html"])
def test_a_file_that_is_not_marked_as_synthetic_is_refused(root: Path, name: str) -> None:
    if name.endswith(".pdf"):
        pdf(root / "publication" / name, "Nothing said")
    else:
        (root / "publication" / name).write_text("<p>Nothing said</p>", encoding="utf-8")
    with pytest.raises(DisclosureError, match="not marked as synthetic") as error:
        check(root)
    assert error.value.where == name


def test_every_product_of_a_trial_says_so_or_is_refused(made: Path, tried: Path, tmp_path: Path) -> None:
    """Each of them in turn as it is in an edition: whoever gets hold of it would take it for one."""
    root = Path(shutil.copytree(tried, tmp_path / "root"))
    trial = demo().as_trial()
    check_publication(root / "publication", root / "protected", edition=trial)
    names = [path.relative_to(made / "publication").as_posix() for path in sorted((made / "publication").rglob("*.*"))]
    plain = {f"{folder}/{name}.csv" for name in FEW for folder in ("data", "data/sv", "data/en")}
    assert len(names) > 25 and plain < set(names)
    for name in names:
        if name in plain:
            continue
        shutil.copy(made / "publication" / name, root / "publication" / name)
        with pytest.raises(DisclosureError, match="trial") as error:
            check_publication(root / "publication", root / "protected", edition=trial)
        assert error.value.where == name
        shutil.copy(tried / "publication" / name, root / "publication" / name)
    check_publication(root / "publication", root / "protected", edition=trial)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("default-src &#x27;none&#x27;", "default-src *"),
        lambda text: text.replace("</body>", "<script>1</script></body>"),
        lambda text: text.replace("</body>", '<p style="color: red">1</p></body>'),
        without_policy,
    ],
)
def test_a_page_without_the_policy_that_belongs_to_it_is_refused(root: Path, change: Callable[[str], str]) -> None:
    edit(root, "index.html", change)
    with pytest.raises(DisclosureError, match="policy") as error:
        check(root)
    assert error.value.where == "index.html"


def test_a_px_file_that_cannot_be_read_back_is_refused(root: Path) -> None:
    edit(root, "database/persons-by-month.px", lambda text: text[:-30])
    with pytest.raises(DisclosureError, match="cannot be read back"):
        check(root)


def embedded(kind: str, content: bytes, coded: str = ";base64") -> str:
    return f'<img alt="A chart" src="data:{kind}{coded},{base64.b64encode(content).decode()}">'


PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


@pytest.mark.parametrize(
    "written",
    [
        embedded("image/png", b"PAR1 rows of a register PAR1"),
        embedded("None", b"PAR1 rows of a register PAR1"),
        embedded("text/plain", b"In Bjurholm"),
        embedded("application/pdf", b"%PDF-1.7"),
        embedded("image/png", PNG + b"PAR1 behind the picture"),
        embedded("image/png", PNG[:33] + b"\x00\x00\x00\x04caBX" + b"rows" + b"\x00" * 4 + PNG[33:]),
        '<img alt="A chart" src="data:image/svg+xml;utf8,%3Csvg%3E">',
        '<img alt="A chart" src="chart.png">',
        '<img alt="A chart" src=../../restricted/demo/x.parquet>',
        '<a href="data:text/csv;base64,YQ==">rows</a>',
    ],
)
@pytest.mark.parametrize("name", ["index.html", "notebooks/sv/persons.html"])
def test_what_is_embedded_in_a_page_is_a_picture_to_its_last_byte(root: Path, name: str, written: str) -> None:
    edit(root, name, lambda text: text.replace("</body>", f"{embedded('image/png', PNG)}</body>"))
    check(root)
    edit(root, name, lambda text: text.replace("</body>", f"{written}</body>"))
    with pytest.raises(DisclosureError) as error:
        check(root)
    assert error.value.where == name


def test_a_file_that_is_attached_to_a_pdf_is_refused(root: Path) -> None:
    path = root / "publication" / "en" / "annual-report.pdf"
    document = pypdfium2.PdfDocument(path)
    document.new_attachment("rows.parquet").set_data(b"PAR1 rows PAR1")
    document.save(root / "attached.pdf")
    document.close()
    shutil.move(root / "attached.pdf", path)
    with pytest.raises(DisclosureError, match="attached") as error:
        check(root)
    assert error.value.where == "annual-report.pdf"


@pytest.mark.parametrize(
    "written",
    [
        "<!-- In Bjurholm 3 -->",
        "<template>In Bjurholm 3</template>",
        '<ol start="3"><li>Bjurholm</li></ol>',
        '<p id="bjurholm-3">Persons</p>',
        '<p class="bjurholm-3">Persons</p>',
        '<p data-bjurholm="3">Persons</p>',
        '<p title="In Bjurholm 3">Persons</p>',
        '<h2 data-number="3 persons">Bjurholm</h2>',
        '<div data-tags="[&quot;bjurholm-3&quot;]"></div>',
        "<bjurholm-3></bjurholm-3>",
        "<![CDATA[In Bjurholm 3]]>",
        "<?bjurholm 3?>",
        "<svg><path d='M3 3'></svg>",
        "<table><tr><td>In Bjurholm 3<td>Persons</td></tr></table>",
        "<iframe></iframe>",
        "<p hidden>In Bjurholm</p>",
        "<style>/* In Bjurholm 3 persons */</style>",
        '<style>p::after { content: "In" "Bjurholm 3" }</style>',
        '<style>p::after { content: "\\33 " }</style>',
        "<style>p { counter-reset: persons 3 }</style>",
        "<style>p::after { content: counter(persons) }</style>",
        "<p>In Bjurholm</p></p>",
    ],
)
def test_a_page_has_no_place_that_nobody_sees(root: Path, written: str) -> None:
    name = "notebooks/sv/persons.html"
    said = (root / "publication" / name).read_text(encoding="utf-8").replace("</body>", f"{written}</body>")
    (root / "publication" / name).write_text(with_policy(said, name), encoding="utf-8")
    with pytest.raises(DisclosureError, match=r"no such thing|is embedded|would load") as error:
        check(root)
    assert error.value.where == name


def test_a_page_may_have_footnotes_and_what_else_it_may_not_is_said_to_come_from_its_sources(root: Path) -> None:
    note = (
        '<p>Care<a href="#fn1" class="footnote-ref" id="fnref1" role="doc-noteref"><sup>1</sup></a></p>'
        '<section id="footnotes" class="footnotes" role="doc-endnotes"><ol><li id="fn1"><p>See above.'
        '<a href="#fnref1" class="footnote-back" role="doc-backlink">back</a></p></li></ol></section></body>'
    )
    edit(root, "en/annual-report.html", lambda page: page.replace("</body>", note))
    check(root)
    edit(root, "en/annual-report.html", lambda page: page.replace("</body>", '<p id="haninge-3"></p></body>'))
    with pytest.raises(DisclosureError, match="a number in the attribute id") as error:
        check(root)
    assert "reports/theme" in str(error.value.remedy) and "Make the product again" not in str(error.value.remedy)


def test_the_editions_own_notice_may_run_above_a_printed_page_with_its_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "has_policy", lambda page: True)
    notice = "Preliminary figures. Final figures are planned for 3 September 2024."
    page = '<!DOCTYPE html><html><head><style>@page {{ @top-center {{ content: "{}"; }} }}</style></head></html>'
    gate._require_page(page.format(notice.replace("3 S", "3&nbsp;S")), "page.html", {notice})
    for other in (notice.replace("3", "4"), "In Bjurholm 3 persons", f"{notice} 3"):
        with pytest.raises(DisclosureError, match="a number in a comment or text of a style"):
            gate._require_page(page.format(other), "page.html", {notice})
