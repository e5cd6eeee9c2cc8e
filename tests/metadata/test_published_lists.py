"""Official lists as they are published: headings of groups, several rows a code, two files, counties among municipalities."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from kvarn import metadata
from kvarn.errors import CodeListError
from kvarn.metadata import _imported
from kvarn.metadata._published import as_limit

CASES = Path(__file__).parents[2] / "../shared/cases"
KMA = '\ufeff"Kod"\t"Titel"\t"Utesluter"\r\n"DT901"\t"Ett"\t""\r\n"DT902"\t"Två"\t""\r\n'
KKA = '\ufeff"Kod"\t"Titel"\t"Utesluter"\r\n"ABC01"\t"Tre"\t""\r\n'
Take = Callable[..., metadata.ImportedList]


@pytest.fixture
def take(project: Path) -> Take:
    """Imports files (name → content) given at once."""

    def take(
        files: dict[str, str | bytes], *, name: metadata.Importable = "procedure", year: int = 2024, **options: object
    ) -> metadata.ImportedList:
        for file, content in files.items():
            (project / file).write_bytes(content.encode() if isinstance(content, str) else content)
        paths = [project / file for file in files]
        options.setdefault("short", "for the test")
        return metadata.import_codelist(*paths, name=name, year=year, into=project / metadata.CODELISTS, **options)  # type: ignore[arg-type]

    return take


def workbook(project: Path, sheets: dict[str, list[tuple[object, ...]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(project / "made.xlsx")
    return (project / "made.xlsx").read_bytes()


def codes_of(took: metadata.ImportedList) -> list[str]:
    return [line.partition(",")[0] for line in took.path.read_text(encoding="utf-8").splitlines()[1:]]


def state(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_headings_of_groups_are_left_out_and_said(take: Take) -> None:
    text = "kod;titel\nA;Kapitel\nAB;\nABC;Grupp\nABC0;Del\nABC01;Ett\nDT;Annan\nDT000;Hel\nXYZ;Tom\n"
    took = take({"k.csv": text})
    assert codes_of(took) == ["ABC01", "DT000"]
    assert took.published.groups == ("A", "AB", "ABC", "ABC0", "DT", "XYZ")
    assert "left out, headings of groups: 6 (A, AB, ABC, ABC0, DT …)" in took.summary()
    assert took.summary()[0].endswith("1 end in 000")


def test_headings_without_a_code_are_left_out_and_named_and_a_row_that_has_lost_its_code_is_not(take: Take) -> None:
    took = take({"k.csv": "kod;titel;slag\n;Läkemedel;\nDT001;Ett;treating\n;Sår;\nABC01;Två;treating\n"})
    assert codes_of(took) == ["ABC01", "DT001"]
    assert "left out, headings of groups: 2 (“Läkemedel”, “Sår”)" in took.summary()
    with pytest.raises(CodeListError, match="The code is missing"):
        take({"k.csv": "kod;titel;slag\nDT001;Ett;treating\n;Två;treating\n"}, year=2025)


@pytest.mark.parametrize("code", ["ABCD", "abc", "DT0011", "DT9", "ABC1", "DT-DU", "1"])
def test_what_no_code_begins_with_is_a_fault_and_no_heading(take: Take, code: str) -> None:
    with pytest.raises(CodeListError, match="is not a KVÅ code") as caught:
        take({"k.csv": f"kod;titel\nABC01;Ett\nDT001;Två\n{code};Tre\n"})
    assert caught.value.line == 4


def test_the_rows_of_a_code_are_one_with_the_first_title_that_there_is(take: Take) -> None:
    text = "Kod\tTitel\tengelska\tUtesluter\nDT901\t\t\tx\nDT901\tEtt (i)\t\ty\nDT901\tEtt\tOne\t\nDT902\tTvå\t\t\n"
    took = take({"k.tsv": text})
    assert took.path.read_text(encoding="utf-8").splitlines()[1].startswith("DT901,Ett,One,")
    assert (took.codes, took.published.further, took.published.read) == (2, 2, 4)
    assert "left out, further rows of the same codes: 2" in took.summary()


def test_two_titles_are_refused_with_both_lines_in_one_file_and_in_two(take: Take) -> None:
    with pytest.raises(CodeListError, match="DT901 has another title on line 2: 'Ett', here 'Annat'") as caught:
        take({"k.csv": "kod;titel\nDT901;Ett\nDT902;Två\nDT901;Annat\n"})
    assert caught.value.line == 4
    with pytest.raises(CodeListError, match=r"DT901 has another title on line 2 of one\.csv: 'Ett'") as caught:
        take({"one.csv": "kod;titel\nDT901;Ett\n", "two.csv": "kod;titel\nABC01;Två\nDT901;Annat\n"})
    assert (Path(str(caught.value.file)).name, caught.value.line) == ("two.csv", 3)


@pytest.mark.parametrize("as_text", [True, False])
def test_counties_among_municipalities_are_left_out(take: Take, project: Path, as_text: bool) -> None:
    codes = ["00", "01", "0114", "25", "2580"]
    rows: list[tuple[object, ...]] = [(code if as_text else int(code), f"Namn {code}") for code in codes]
    content = workbook(project, {"Blad": [("Län och kommuner", None), (None, None), ("Kod", "Namn"), *rows]})
    took = take({"lan.xlsx": content}, name="municipality")
    assert codes_of(took) == ["0114", "2580"]
    assert "left out, counties and the country: 3 (00, 01, 25)" in took.summary()


@pytest.mark.parametrize("code", ["02", "99", "0214", "26"])
def test_a_number_that_is_no_county_is_no_heading(take: Take, code: str) -> None:
    with pytest.raises(CodeListError, match="is not a municipality code"):
        take({"k.csv": f"kod;namn\n0114;Upplands Väsby\n{code};Ingenstans\n"}, name="municipality")


def test_two_files_at_once_and_one_after_the_other_give_the_same_list(take: Take, project: Path) -> None:
    folder = project / metadata.CODELISTS
    took = take({"kma.tsv": KMA})
    assert [warned for warned in took.warnings() if "KKÅ" in warned and "joins" in warned]
    joined = take({"kka.tsv": KKA})
    assert codes_of(joined) == ["ABC01", "DT901", "DT902"] and not joined.warnings()
    assert "joined with the 2 codes imported for 2024 before" in joined.summary()
    one_by_one = state(folder)
    again = take({"kma.tsv": KMA})
    assert again.before == "the same" and state(folder) == one_by_one
    at_once = take({"kma.tsv": KMA, "kka.tsv": KKA})
    assert at_once.before == "the same" and state(folder) == one_by_one
    assert take({"kma.tsv": KMA, "kka.tsv": KKA}, replace=True).codes == 3 and state(folder) == one_by_one
    assert metadata.valid_procedures(2024) == {"ABC01", "DT901", "DT902"}


@pytest.mark.parametrize(
    "second",
    [
        "kod;titel\nDT901;Ett\n",
        "kod;titel\nDT901;Ett\nDT903;Nytt\n",
        "kod;titel\nDT901;Ett annat namn\n",
        "kod;titel\nDT901;Ett\nABC02;Nytt\n",
    ],
)
def test_nothing_that_was_there_goes_unless_somebody_says_so(take: Take, project: Path, second: str) -> None:
    take({"kma.tsv": KMA})
    before = state(project / metadata.CODELISTS)
    with pytest.raises(CodeListError, match=r"lack 1 of them \(DT902\), which would be gone") as caught:
        take({"other.csv": second})
    assert "--replace" in (caught.value.remedy or "") and "kma.tsv" in (caught.value.remedy or "")
    assert state(project / metadata.CODELISTS) == before
    took = take({"other.csv": second}, replace=True)
    assert "DT902" not in codes_of(took) and took.before == "replaced"
    assert [str(one) for one in took.comparisons if one.against == 2024 and one.gone == ("DT902",)]


def test_a_list_with_all_that_was_there_and_more_takes_its_place(take: Take) -> None:
    take({"kma.tsv": KMA})
    took = take({"whole.csv": "kod;titel\nDT901;Ett\nDT902;Två, rättad\nDT903;Nytt\n"})
    assert (took.before, took.codes) == ("replaced", 3)
    own = next(one for one in took.comparisons if one.against == 2024)
    assert (own.new, own.gone, own.renamed) == (("DT903",), (), ("DT902",))


def test_lists_that_hold_for_different_times_do_not_join(take: Take) -> None:
    take({"kma.tsv": KMA}, valid_to="2025-12-31")
    with pytest.raises(CodeListError, match="it holds from 2024-01-01 to 2025-12-31, and this one from 2024-01-01 to 2024-12-31"):
        take({"kka.tsv": KKA})


def test_a_damaged_list_can_be_replaced_and_never_joined(take: Take) -> None:
    path = take({"kma.tsv": KMA}).path
    path.write_text(path.read_text(encoding="utf-8") + "x", encoding="utf-8")
    with pytest.raises(CodeListError, match="not as it was imported") as caught:
        take({"kka.tsv": KKA})
    assert "--replace" in (caught.value.remedy or "")
    assert take({"kma.tsv": KMA}, replace=True).codes == 2
    # A damaged list of another year does not stand in the way either.
    path.write_text("x", encoding="utf-8")
    assert take({"kka.tsv": KKA}, year=2025).codes == 1


@pytest.mark.parametrize("stopped_at", [1, 2, 3])
def test_an_import_that_is_stopped_leaves_the_list_that_was_there_or_the_new_one(
    take: Take, monkeypatch: pytest.MonkeyPatch, stopped_at: int
) -> None:
    take({"kma.tsv": KMA})
    put, times = _imported._put, iter(range(1, 9))

    def stops(place: Path, content: bytes) -> None:
        if next(times) == stopped_at:
            raise KeyboardInterrupt
        put(place, content)

    with monkeypatch.context() as stopped:
        stopped.setattr(_imported, "_put", stops)
        with pytest.raises(KeyboardInterrupt):
            take({"kka.tsv": KKA})
    assert len(metadata.valid_procedures(2024)) == (3 if stopped_at == 3 else 2)
    assert take({"kka.tsv": KKA}).codes == 3


def test_a_full_disk_is_an_error_of_ours_and_leaves_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "k.csv").write_text("kod;titel\nDT901;Ett\n", encoding="utf-8")

    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CodeListError, match="No space left on device"):
        metadata.import_codelist(
            project / "k.csv", name="procedure", year=2024, into=project / metadata.CODELISTS, short="for the test"
        )
    assert not list((project / metadata.CODELISTS).iterdir())


@pytest.mark.parametrize(
    "heading",
    ["Giltig från", "Giltig fr.o.m.", "Giltig fr o m", "Gäller från", "Gäller från och med", "giltig_from", "valid_from",
     "Valid from", "ValidFrom", "Fr.o.m.", "Från och med", "Startdatum", "Start date", "Giltighet från", "Ikraftträdande"],
)  # fmt: skip
def test_the_usual_words_for_from_when_a_code_is_valid_are_understood(take: Take, heading: str) -> None:
    took = take({"k.csv": f"kod;titel;{heading}\nDT901;Ett;2025-07-01\nDT902;Två;\n"})
    assert "2025-07-01" in took.path.read_text(encoding="utf-8") and metadata.valid_procedures(2024) == {"DT902"}
    assert not [warned for warned in took.warnings() if "looks as if" in warned]


@pytest.mark.parametrize(
    "heading",
    ["Giltig till", "Giltig t.o.m.", "Gäller t o m", "Gäller till och med", "valid_to", "T.o.m.", "Slutdatum", "End date",
     "Upphör", "Upphörandedatum", "Valid until"],
)  # fmt: skip
def test_a_code_that_is_no_longer_valid_is_not(take: Take, heading: str) -> None:
    take({"k.csv": f"kod;titel;{heading}\nDT901;Ett;2023-12-31\nDT902;Två;tills vidare\nDT903;Tre;9999-12-31\n"})
    assert metadata.valid_procedures(2024) == {"DT902", "DT903"}


@pytest.mark.parametrize(
    "heading", ["Gällande period", "Från", "Till", "Ändringsdatum", "Aktiv", "Utgången", "Valid", "År", "Last date"]
)
def test_a_column_that_may_tell_of_validity_and_is_not_understood_is_said(take: Take, heading: str) -> None:
    took = take({"k.csv": f"kod;titel;{heading}\nDT901;Ett;2019\n"})
    assert [warned for warned in took.warnings() if f"the column {heading!r}" in warned]


@pytest.mark.parametrize(
    "heading", ["Utesluter", "Överordnad kod", "Beskrivning", "Klassifikation", "Tillhör", "Kommentar", "Nr"]
)
def test_nothing_is_said_of_other_columns(take: Take, heading: str) -> None:
    assert take({"k.csv": f"kod;titel;{heading}\nDT901;Ett;x\nABC01;Två;x\n"}).warnings() == ()


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2024", "2024", "2024"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024-12", "2024-12-01", "2024-12-31"),
        *((written, "2024-02-03", "2024-02-03") for written in ("20240203", "2024/02/03", "2024.02.03", "2024-02-03 00:00:00")),
        *((written, None, None) for written in ("2023-02-29", "2024-13", "3/2 2024", "03.02.2024", "45000", "")),
    ],
)
def test_dates_are_read_in_the_usual_forms(written: str, first: str | None, last: str | None) -> None:
    assert (as_limit(written), as_limit(written, last=True)) == (first, last)


def test_the_sheet_that_was_read_is_said_where_another_looks_like_a_list_too(take: Take, project: Path) -> None:
    sheets: dict[str, list[tuple[object, ...]]] = {
        "Läs mig": [("KVÅ",)],
        "KMÅ": [("Kod", "Titel"), ("DT901", "Ett")],
        "KKÅ": [("Kod", "Titel"), ("ABC01", "Två")],
    }
    content = workbook(project, sheets)
    took = take({"kva.xlsx": content})
    assert codes_of(took) == ["DT901"]
    assert [warned for warned in took.warnings() if "the sheet 'KMÅ' was read; KKÅ look like lists too" in warned]
    assert codes_of(take({"kva.xlsx": content}, sheet="KKÅ")) == ["ABC01", "DT901"]
    with pytest.raises(CodeListError, match="has no sheet 'KK'") as caught:
        take({"kva.xlsx": content}, sheet="KK")
    assert "Läs mig, KMÅ, KKÅ" in (caught.value.remedy or "")
    with pytest.raises(CodeListError, match="has no sheets"):
        take({"k.csv": KMA}, sheet="KKÅ")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_is_read_in_every_usual_encoding(take: Take, encoding: str) -> None:
    took = take({"k.txt": "Kod\tBenämning\nDT901\tÅtgärd på sår\n".encode(encoding)})
    assert "DT901,Åtgärd på sår," in took.path.read_text(encoding="utf-8")


def test_which_parts_of_kva_nobody_has_imported(take: Take) -> None:
    def missing(year: int) -> list[str]:
        return [part.name for part in metadata.parts_not_imported(year)]

    assert missing(2024) == ["KKÅ", "KMÅ"]
    take({"kma.tsv": KMA})
    assert (missing(2024), missing(2023)) == (["KKÅ"], ["KKÅ", "KMÅ"])
    take({"kka.tsv": KKA})
    assert missing(2024) == []


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not at hand")
def test_the_cases_of_the_field(project: Path) -> None:
    def took(*files: str, name: metadata.Importable = "procedure", year: int) -> metadata.ImportedList:
        paths = [CASES / file for file in files]
        return metadata.import_codelist(*paths, name=name, year=year, into=project / metadata.CODELISTS, short="for the test")

    heading = took("09-kva-group-heading/kva.xlsx", year=2026)
    assert (heading.codes, heading.published.groups) == (3, ("EMA",))
    assert took("10-kva-two-files/kma.tsv", year=2024).codes == 2
    assert took("10-kva-two-files/kka.tsv", year=2024).codes == 3
    assert took("10-kva-two-files/kma.tsv", "10-kva-two-files/kka.tsv", year=2023).codes == 3
    assert took("11-kva-several-rows-a-code/kma.tsv", year=2022).codes == 2
    assert took("12-municipalities-with-counties/kommunlankod.xlsx", name="municipality", year=2024).codes == 2
    assert json.loads((project / metadata.CODELISTS / "procedure-2024.json").read_bytes())["codes"] == 3
