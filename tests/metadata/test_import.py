"""Official lists are taken in whatever their layout, and refused with the place of the fault."""

import hashlib
import io
import json
import os
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvarn import metadata
from kvarn.errors import CodeListError

SHARED = Path(os.environ.get("KVARN_SHARED_DATA", Path(__file__).parents[2] / "../shared/data"))
ROWS = [("AA001", "Adenosintest (i)"), ("DT019", "Läkemedelstillförsel, peroral"), ("TKC20", "Kateterisering av urinblåsa")]
KEPT = """code,sv,en,kind,group,valid_from,valid_to
AA001,Adenosintest,,other,other,2020-01-01,2020-12-31
DT019,"Läkemedelstillförsel, peroral",,treating,medicines,2020-01-01,2020-12-31
TKC20,Kateterisering av urinblåsa,,treating,continence,2020-01-01,2020-12-31
"""


def take_in(project: Path, content: bytes, *, name: str = "procedure", year: int = 2020, file: str = "list.csv"):
    source = project / file
    source.write_bytes(content)
    return metadata.import_codelist(source, name=name, year=year, into=project / metadata.CODELISTS, short="for the test")


def written(separator: str, *, heads: tuple[str, str] = ("key", "value"), end: str = "\n") -> str:
    return end.join(separator.join(f'"{cell}"' if separator in cell else cell for cell in row) for row in [heads, *ROWS]) + end


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("heads", [("key", "value"), ("Kod", "Titel"), ("code", "sv"), ("KVÅ-kod", "Benämning")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_usual_layout_gives_the_same_list(
    project: Path, separator: str, heads: tuple[str, str], encoding: str, end: str
) -> None:
    took = take_in(project, written(separator, heads=heads, end=end).encode(encoding))
    assert took.path.read_text(encoding="utf-8") == KEPT
    assert (took.codes, took.surgical, took.medical, took.unspecific, took.translated) == (3, 1, 2, 0, 0)


def test_a_workbook_with_lines_above_its_headings_gives_the_same_list(project: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Läs mig"])
    sheet = book.create_sheet("Koder")
    for row in [("KVÅ 2020",), (None,), ("Nr", "Kod", "Titel"), *((number, *row) for number, row in enumerate(ROWS))]:
        sheet.append(row)
    book.save(project / "kva.xlsx")
    took = take_in(project, (project / "kva.xlsx").read_bytes(), file="kva.xlsx")
    assert took.path.read_text(encoding="utf-8") == KEPT


def test_a_workbook_that_lost_the_zeros_of_municipality_codes_is_understood(project: Path) -> None:
    book = openpyxl.Workbook()
    for row in [("Kommunkod", "Kommun"), (114, "Upplands Väsby"), (1480.0, "Göteborg")]:
        book.active.append(row)
    book.save(project / "k.xlsx")
    took = take_in(project, (project / "k.xlsx").read_bytes(), name="municipality", year=2023, file="k.xlsx")
    assert took.path.read_text(encoding="utf-8").splitlines()[1:] == [
        "0114,Upplands Väsby,Upplands Väsby,2023-01-01,2023-12-31",
        "1480,Göteborg,Göteborg,2023-01-01,2023-12-31",
    ]


def test_the_record_tells_where_the_list_came_from(project: Path) -> None:
    content = written(",").encode()
    took = take_in(project, content)
    record = json.loads(took.path.with_suffix(".json").read_text(encoding="utf-8"))
    assert record["sources"] == [{"file": "list.csv", "sha256": hashlib.sha256(content).hexdigest()}]
    assert record["sha256"] == hashlib.sha256(took.path.read_bytes()).hexdigest()
    assert (record["name"], record["year"], record["codes"]) == ("procedure", 2020, 3)


def test_the_same_file_gives_the_same_bytes_and_leaves_nothing_else_behind(project: Path) -> None:
    first = {path.name: path.read_bytes() for path in take_in(project, written(",").encode()).path.parent.iterdir()}
    again = {path.name: path.read_bytes() for path in take_in(project, written(",").encode()).path.parent.iterdir()}
    assert first == again and set(first) == {"procedure-2020.csv", "procedure-2020.json"}


def test_the_summary_compares_with_the_nearest_year_and_with_our_own_list(project: Path) -> None:
    take_in(project, b"code,title\nAA001,Gammalt namn\nAA002,Borta\n", year=2018)
    take_in(project, b"code,title\nAA001,Adenosintest\nAA002,Borta\n", year=2019)
    took = take_in(project, written(",").encode())
    own, other = took.comparisons
    assert own.against is None and own.new == ("AA001",) and "DT021" in own.gone and own.renamed == ()
    assert (other.against, other.new, other.gone, other.renamed) == (2019, ("DT019", "TKC20"), ("AA002",), ())
    assert "against the list of 2019: 2 new, 1 gone, 0 with another title" in took.summary()
    assert took.summary()[0] == "3 codes: 1 KKÅ, 2 KMÅ; 0 end in 000"


@pytest.mark.parametrize(
    ("text", "line", "field", "what"),
    [
        ("code,title\nAA001,a\nAA01,b\n", 3, "code", "'AA01' is not a KVÅ code"),
        ("code,title\naa001,a\n", 2, "code", "is not a KVÅ code"),
        ("code,title\nAA00100,a\n", 2, "code", "is not a KVÅ code"),
        ("code,title\n,a\n", 2, "code", "The code is missing"),
        ("code,title\nAA001,a\nAA002, \n", 3, "title", "AA002 has no title"),
        ("code,title\nAA001,(i)\n", 2, "title", "AA001 has no title"),
        ("code,title\nAA001\n", 2, "title", "AA001 has no title"),
        ("code,title\nAA001,a\nAA002,b\nAA001,c\n", 4, "title", "AA001 has another title on line 2: 'a', here 'c'"),
        ("code,title,kind\nAA001,a,treating\nAA001,,other\n", 3, "kind", "AA001 has another kind on line 2"),
        ("code,title\nAA001,\nAA001,\n", 2, "title", "AA001 has no title"),
        ("code,title\nEMA,En grupp\n", 2, "code", "'EMA' is not a KVÅ code"),
        ("code,title,valid_to\nAA001,a,2020-02-31\n", 2, "valid_to", "is no year or date"),
        ("code,title,valid_from,valid_to\nAA001,a,2020-05,2020-04\n", 2, "valid_to", "is valid from 2020-05-01 to 2020-04-30"),
        ('code,title\nAA001,"a\nb"\nAA002,\n', 4, "title", "AA002 has no title"),
        ("code,title,group\nAA001,a,hjärta\n", 2, "group", "is no group of procedures"),
        ("code,title,kind\nAA001,a,T\n", 2, "kind", "is no kind of procedures"),
        ("code,title,valid_from\nAA001,a,igår\n", 2, "valid_from", "is no year or date"),
        ("name,shoe size\nAnna,38\n", 1, "headings", "This is not a code list"),
        ("AA001,Adenosintest\nAA002,Algometri\n", 1, "headings", "This is not a code list"),
        ("", 1, "headings", "This is not a code list"),
        ("code,title\n\n,\n", None, None, "The list is empty"),
        ('code,title\nAA001,"a\n', 2, None, "cannot be cut into fields"),
    ],
)
def test_a_fault_is_told_with_its_line_and_field(
    project: Path, text: str, line: int | None, field: str | None, what: str
) -> None:
    with pytest.raises(CodeListError, match=what) as caught:
        take_in(project, text.encode())
    assert (caught.value.file, caught.value.line, caught.value.field) == (project / "list.csv", line, field)
    assert caught.value.remedy
    assert not (project / metadata.CODELISTS / "procedure-2020.csv").exists()


def test_the_first_of_several_faults_names_the_lines_of_the_others(project: Path) -> None:
    text = "code,title\n" + "".join(f"AA{number:03}x,a\n" for number in range(9))
    with pytest.raises(CodeListError, match=r"8 more lines are at fault: 3, 4, 5, 6, 7 …"):
        take_in(project, text.encode())


@pytest.mark.parametrize(
    "content", [b"\x00\x01\x02", b"PK\x03\x04 no workbook", "code,title\n".encode("utf-16"), b"%PDF-1.7\n\x00"]
)
def test_what_is_no_list_at_all_is_refused(project: Path, content: bytes) -> None:
    with pytest.raises(CodeListError) as caught:
        take_in(project, content)
    assert caught.value.file == project / "list.csv" and caught.value.remedy


def test_a_workbook_that_would_swell_is_not_unpacked(project: Path) -> None:
    swelling = io.BytesIO()
    with zipfile.ZipFile(swelling, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/workbook.xml", "w") as member:
        for _ in range(600):
            member.write(bytes(2**20))
    with pytest.raises(CodeListError, match="unpacked it would be 600 MB"):
        take_in(project, swelling.getvalue(), file="list.xlsx")


def test_a_file_that_is_not_there_is_told_so(project: Path) -> None:
    with pytest.raises(CodeListError, match="cannot be read"):
        metadata.import_codelist(project / "no.csv", name="procedure", year=2020, into=project)


@pytest.mark.parametrize(
    ("year", "limits", "what"),
    [
        (20, {}, "20 is not a year"),
        (2020, {"valid_from": "2021"}, "cannot be valid"),
        (2020, {"valid_to": "31/12/2020"}, "is no year or date"),
    ],
)
def test_a_year_that_cannot_be_is_refused(project: Path, year: int, limits: dict[str, str], what: str) -> None:
    source = project / "list.csv"
    source.write_text(written(","), encoding="utf-8")
    with pytest.raises(CodeListError, match=what):
        metadata.import_codelist(source, name="procedure", year=year, into=project / "into", **limits)


@pytest.mark.parametrize("code", ["0214", "25", "99999", "A114"])
def test_a_municipality_lies_in_a_county(project: Path, code: str) -> None:
    with pytest.raises(CodeListError, match="is not a municipality code"):
        take_in(project, f"kod;namn\n{code};Ingenstans\n".encode(), name="municipality")


@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: f"code;title\n{text}".encode())))
def test_whatever_the_file_holds_it_is_a_list_or_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    source = tmp_path_factory.mktemp("fuzz") / "list.csv"
    source.write_bytes(content)
    try:
        rows = metadata.read_codelist(source, "procedure")
    except CodeListError:
        return
    assert rows and all(row["code"] and row["sv"] for row in rows)


@pytest.mark.skipif(not (SHARED / "kva-2020.csv").is_file(), reason="the classification is not at hand")
def test_the_whole_of_kva_2020_is_taken_in(project: Path) -> None:
    took = metadata.import_codelist(SHARED / "kva-2020.csv", name="procedure", year=2020, into=project / metadata.CODELISTS)
    assert (took.codes, took.surgical, took.medical, took.unspecific) == (10_552, 6_057, 4_495, 39)
    assert took.comparisons[0].gone == took.comparisons[0].renamed == ()
    assert len(metadata.valid_codes("procedure", 2020)) == 10_552
    listed = metadata.codelist("procedure", 2020)
    assert not [code for code in listed.codes if listed.label(code, "sv").endswith("(i)")]
    assert {code for code in listed.codes if not metadata.most_detailed(code)} == {
        code for code in listed.codes if code.endswith("000")
    } - {"QC000", "QL000"}


@pytest.mark.parametrize(
    "sign", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x7f", "\x9b", "\ue000", "\ufffe", "\U000e0041", "\u2060"], ids=ascii
)
@pytest.mark.parametrize("english", [False, True])
@pytest.mark.parametrize("book", [False, True])
def test_a_title_with_what_is_not_seen_is_refused_with_its_line(project: Path, sign: str, english: bool, book: bool) -> None:
    title = f"Adenosin{sign}test"
    rows = [("code", "sv", "en"), ("DT019", "Peroral", ""), ("AA001", "Test" if english else title, title if english else "")]
    if book:
        if sign == "\ufffe":
            pytest.skip("XML has no such character")
        made = openpyxl.Workbook()
        for row in rows:
            made.active.append(row)
        made.save(project / "made.xlsx")
        content = (project / "made.xlsx").read_bytes()
    else:
        content = "\n".join(";".join(row) for row in rows).encode()
    with pytest.raises(
        CodeListError, match=rf"The title of AA001 has a character that is not seen, U\+{ord(sign):04X}"
    ) as refused:
        take_in(project, content, file="list.xlsx" if book else "list.csv")
    assert (refused.value.line, refused.value.field) == (3, "en" if english else "title")
    assert not list((project / metadata.CODELISTS).glob("*.csv"))


def test_a_title_that_is_too_long_is_refused_and_one_that_looks_like_code_is_text(project: Path) -> None:
    with pytest.raises(CodeListError, match="has 1,001 characters"):
        take_in(project, f"code;title\nAA001;{'x' * 1001}\n".encode())
    for title in ("=1+1", "<script>alert(1)</script>", "{{< var x >}}", "$x$", "läke\u00admedel"):
        took = take_in(project, f"code;title\nAA001;{title}\n".encode())
        assert metadata.codelist("procedure", 2020).label("AA001", "sv") == title, took.before
