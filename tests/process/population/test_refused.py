"""What is incomplete, contradicts itself, or is no population is refused, with the place and a remedy."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from kvarn.errors import CodeListError
from kvarn.process import read_population, write_population
from tests.process.population import renderings as r
from tests.process.population.renderings import Style, Table

PEOPLE = r.population()
WHOLE = r.with_totals(PEOPLE)
ONE_YEAR = {key: value for key, value in PEOPLE.items() if key[0] == 2019}


@pytest.mark.parametrize("above", [0, 1, 2])
def test_headings_that_are_wrong_are_told_by_their_line(tmp_path: Path, above: int) -> None:
    title = "Folkmängd efter region, ålder, kön och år"
    rows = [[title], [], ["region", "kön", "kön"], ["0114 Upplands Väsby", "män", "kvinnor"]][2 - above :]
    error = refused(tmp_path, "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows).encode())
    assert (error.field, error.line) == ("headings", above + 1)


def refused(folder: Path, content: bytes | Table, *, name: str = "population.csv") -> CodeListError:
    path = r.put(folder, content if isinstance(content, bytes) else r.as_csv(content), name)
    into = folder / "population.parquet"
    into.unlink(missing_ok=True)
    with pytest.raises(CodeListError) as caught:
        write_population(path, [2019], into)
    assert not into.exists()
    assert caught.value.remedy
    assert name in str(caught.value.file)
    return caught.value


def without(leave_out: Callable[[str, str, str], bool]) -> Table:
    return r.wide({key: value for key, value in ONE_YEAR.items() if not leave_out(*key[1:])}, Style())


@pytest.mark.parametrize(
    ("leave_out", "said"),
    [
        (lambda region, sex, age: region == "0114" and sex == "2" and age in {"65", "66"}, "0114 Upplands Väsby: women 65–66"),
        (
            lambda region, sex, age: sex == "2",
            "every municipality (0114 Upplands Väsby, 0180 Stockholm, 0980 Gotland): women 0–100+",
        ),
        (lambda region, sex, age: age in r.AGES[90:], "every municipality (0114 Upplands Väsby, 0180 Stockholm, 0980 Gotland)"),
        (lambda region, sex, age: age == "100+", "men and women 100+"),
        (lambda region, sex, age: age == "0", "men and women 0."),
        (lambda region, sex, age: region == "0980", "lacks 1 municipality of 2019, 0980 Gotland among them"),
        (
            lambda region, sex, age: (region, sex, age) == ("0180", "1", "50"),
            "1 of 606 figures is missing. 0180 Stockholm: men 50",
        ),
        (lambda region, sex, age: int(age.rstrip("+")) % 2 == 1, "men and women 1, 3, 5, 7 …"),
    ],
)
def test_a_hole_is_refused_with_region_sex_and_ages(
    small_country: Path, leave_out: Callable[[str, str, str], bool], said: str
) -> None:
    assert said in refused(small_country, without(leave_out)).what


def test_a_hole_is_refused_in_a_single_municipality_and_names_the_line_before_it(small_country: Path) -> None:
    table = [row for row in r.wide(ONE_YEAR, Style()) if row[1:3] != ["65 år", "kvinnor"]]
    with pytest.raises(CodeListError, match=r"women 65\.") as caught:
        read_population(r.put(small_country, r.as_csv(table)))
    assert table[caught.value.line - 1][:3] == ["0114 Upplands Väsby", "64 år", "kvinnor"]


@pytest.mark.parametrize("lines", [1, 2, 50, 304, 605])
def test_a_file_that_was_cut_is_refused(small_country: Path, lines: int) -> None:
    whole = r.as_csv(r.wide(ONE_YEAR, Style())).splitlines(keepends=True)
    refused(small_country, b"".join(whole[:lines]))
    refused(small_country, b"".join(whole[:lines]) + whole[lines][: len(whole[lines]) // 2])


@pytest.mark.parametrize("group", ["85+", "85+ år", "85-89 år", "85–89", "85 år och äldre", "85 years or older", "-4 år", "85-w"])
def test_a_group_of_ages_is_never_a_single_age(small_country: Path, group: str) -> None:
    table = r.wide(ONE_YEAR, Style())
    table[86 * 2][1] = group
    error = refused(small_country, table)
    assert "not a single age" in error.what
    assert (error.line, error.field) == (86 * 2 + 1, "age")


def test_a_municipality_without_inhabitants_is_refused(small_country: Path) -> None:
    empty = {key: 0 if key[1] == "0980" else value for key, value in ONE_YEAR.items()}
    assert "0980 Gotland has no inhabitants in 2019" in refused(small_country, r.wide(empty, Style())).what
    men = {key: 0 if key[1:3] == ("0980", "2") else value for key, value in ONE_YEAR.items()}
    assert "0980 Gotland has no women in 2019" in refused(small_country, r.wide(men, Style())).what


def test_the_country_and_the_counties_are_no_municipalities(small_country: Path) -> None:
    alone = {key: value for key, value in WHOLE.items() if key[0] == 2019 and len(key[1]) == 2}
    assert "no municipality in 2019" in refused(small_country, r.wide(alone, Style())).what
    table = r.wide(ONE_YEAR, Style(regions="name"))
    table[1][0] = "Södermanland"
    assert "it seems to be 04 Södermanlands län" in refused(small_country, table).what


def test_a_year_that_is_not_there_and_years_that_differ_between_files(small_country: Path) -> None:
    path = r.put(small_country, r.as_csv(r.wide(ONE_YEAR, Style())), "a.csv")
    with pytest.raises(CodeListError, match="of 2018, 2020 is not in the file"):
        read_population(path, [2018, 2019, 2020])
    other = dict(PEOPLE)
    key = (2019, "0980", "2", "7")
    other[key] += 1
    later = r.put(small_country, r.as_csv(r.long(other, Style())), "b.csv")
    with pytest.raises(CodeListError, match=rf"2019, 0980 Gotland, women, age 7: {other[key]:,} here, .* in a.csv") as caught:
        read_population([path, later])
    assert (caught.value.file, caught.value.field) == (later, "Folkmängd")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (["0199 Ingenstans", "0", "män", "1"], "region"),
        (["0114 Stockholm", "0", "män", "1"], "region"),
        (["011401", "0", "män", "1"], "region"),
        (["", "0", "män", "1"], "region"),
        (["0114", "ung", "män", "1"], "age"),
        (["0114", "101", "män", "1"], "age"),
        (["0114", "-1", "män", "1"], "age"),
        (["0114", "1.5", "män", "1"], "age"),
        (["0114", "0", "annat", "1"], "sex"),
        *(
            (["0114", "0", "män", number], "2019")
            for number in ("-1", "", "1.5", "1,5", "NaN", "1 27", "0x1", "1e3", "-", "٣", "9" * 30)
        ),
    ],
)
def test_a_wrong_row_is_refused_with_line_and_field(small_country: Path, row: list[str], field: str) -> None:
    table = r.wide(ONE_YEAR, Style(regions="code", ages="0"))
    table[0] = ["region", "ålder", "kön", "2019"]
    # The second row: an empty region takes the first row's, which stands there already.
    table.insert(1, row)
    error = refused(small_country, table)
    assert (error.line, error.field) == (2, field)


def test_a_figure_that_is_not_available_is_missing(small_country: Path) -> None:
    table = r.wide(ONE_YEAR, Style())
    table[9][3] = ".."
    error = refused(small_country, table)
    assert (error.line, error.field) == (10, "2019")
    assert "'..'" in error.what or ".. is not a figure" in error.what


@pytest.mark.parametrize(
    ("heads", "said"),
    [
        (["a", "b", "c"], "no year"),
        (["region", "ålder", "kön", "X"], "no year"),
        (["region", "ålder", "2019", "2018"], "no column for sex"),
        (["region", "kön", "2019", "2018"], "no column for age"),
        (["region", "ålder", "kön", "2019", "2019"], r"Two columns are about the same: '2019' \(column 4\)"),
        (["region", "ålder", "kön", "2019", "Folkmängd 2019"], "Two columns are about the same"),
        (["region", "ålder", "kön", "Medelfolkmängd 2019"], "other contents alone"),
        (["region", "ålder", "kön", "Folkmängd 1 november 2019"], "other contents alone"),
        (["region", "ålder", "kön", "Folkökning 2019"], "other contents alone"),
        (["region", "ålder", "kön", "2019M12"], "other contents alone"),
        (["region", "ålder", "kön", "år", "ett", "två"], "no column of inhabitants"),
    ],
)
def test_headings_that_lack_something_are_named(small_country: Path, heads: list[str], said: str) -> None:
    import re

    table = [heads, *([*row[:3], *row[3:] * 3][: len(heads)] for row in r.wide(ONE_YEAR, Style())[1:])]
    assert re.search(said, refused(small_country, table).what)


@pytest.mark.parametrize("encoding", ["cp850", "mac_roman", "twice"])
def test_damaged_letters_are_called_that(small_country: Path, encoding: str) -> None:
    text = r.as_csv(r.wide(ONE_YEAR, Style())).decode()
    content = text.encode("utf-8").decode("latin-1").encode("utf-8") if encoding == "twice" else text.encode(encoding)
    assert "lost their letters å, ä and ö" in refused(small_country, content).what


def test_a_title_about_another_population_is_believed(small_country: Path) -> None:
    for title in (
        "Folkmängden den 1 november efter region",
        "Mean population by region",
        "Folkökning efter region, ålder och kön",
    ):
        table = [[title], [], *r.wide(ONE_YEAR, Style())]
        assert "not inhabitants on 31 December" in refused(small_country, table).what


def test_a_further_variable_is_refused_and_named(small_country: Path) -> None:
    table = [[*row[:3], "ogifta", row[3]] for row in r.wide(ONE_YEAR, Style())]
    table[0][3] = "civilstånd"
    error = refused(small_country, table)
    assert "'civilstånd' is not understood: it has 'ogifta'" in error.what


def test_rows_below_footnotes_are_not_passed_over(small_country: Path) -> None:
    table = r.around(r.wide(ONE_YEAR, Style()), Style(footnotes=True))
    error = refused(small_country, [*table, table[7]])
    assert "below the footnotes" in error.what
    assert error.line == len(table) + 1


def test_a_row_twice_is_refused_with_both_lines(small_country: Path) -> None:
    table = r.wide(ONE_YEAR, Style())
    error = refused(small_country, [*table, table[3]])
    assert "an earlier line too (line 4)" in error.what
    assert error.line == len(table) + 1
    # An age that is 100 and one that is 100+ are the same.
    old = next(row for row in table if row[1] == "100+ år")
    assert "earlier line" in refused(small_country, [*table, [old[0], "100", *old[2:]]]).what


def test_a_workbook_s_fault_is_named_by_sheet_and_cell(small_country: Path) -> None:
    table = r.wide(ONE_YEAR, Style())
    table[4][3] = "1.5"
    error = refused(small_country, r.as_workbook(table), name="population.xlsx")
    assert error.field == "sheet 'Sheet', cell D5"
    table[4][3], table[6][1] = "1", "85+"
    assert refused(small_country, r.as_workbook(table), name="p.xlsx").field == "sheet 'Sheet', cell B7"


def test_a_workbook_of_two_populations_is_not_guessed_at(small_country: Path) -> None:
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("Blad2")):
        for row in r.wide(ONE_YEAR, Style()):
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    assert "'Sheet', 'Blad2'" in refused(small_country, file.getvalue(), name="p.xlsx").what


def _zip(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("_", "."), content)
    return file.getvalue()


WORKBOOK = r.as_workbook(r.wide(ONE_YEAR, Style()))
PX = r.as_px(ONE_YEAR, Style(), contents=False)
JSON_STAT = r.as_json_stat(ONE_YEAR, Style())


def _with_value(value: str) -> bytes:
    document = json.loads(JSON_STAT)
    document["value"][5] = "PUT"
    return json.dumps(document).replace('"PUT"', value).encode()


RUBBISH: dict[str, bytes] = {
    "empty": b"",
    "white space": b" \n\n\t ",
    "NUL": b"region;age\0;sex;2019\n" * 9,
    "random": bytes((number * 7919 + 13) % 256 for number in range(5000)),
    "broken UTF-16": b"\xff\xfe" + b"\x00\xd8" * 99 + b"a",
    "old workbook": b"\xd0\xcf\x11\xe0" + bytes(99),
    "PDF": b"%PDF-1.7\n...",
    "Parquet": b"PAR1" + bytes(50),
    "web page": b"<!DOCTYPE html><html><body>Service unavailable</body></html>",
    "bad zip": b"PK\x03\x04" + bytes(99),
    "cut workbook": WORKBOOK[: len(WORKBOOK) // 2],
    "archive of something": _zip(population_csv=b"region;2019\n"),
    "workbook of rubbish": _zip(**{"[Content_Types]_xml": b"<no"}),
    "a quotation mark that does not end": b'region;age;sex;2019\n"0114;0;1;5\n' * 3,
    "an endless field": b"region;age;sex;2019\n" + b"x" * 300_000,
    "a line that does not end": b"region;age;sex;2019\n" + b"x;" * 2_000_000,
    "headings alone": b"region;age;sex;2019\n",
    "title alone": "Folkmängd efter region\n".encode(),
    "broken JSON": JSON_STAT[:-20],
    "JSON of something else": b'{"a": [1, 2]}',
    "JSON list": b"[1, 2, 3]",
    "deep JSON": b"[" * 100_000,
    "JSON with NaN": _with_value("NaN"),
    "JSON with infinity": _with_value("1e999"),
    "JSON with a negative": _with_value("-1"),
    "JSON with a fraction": _with_value("1.5"),
    "JSON with truth": _with_value("true"),
    "JSON with text": _with_value('"12"'),
    "JSON without a figure": _with_value("null"),
    "JSON with a figure too many": _with_value("1, 2"),
    "JSON with a large figure": _with_value("1" + "0" * 30),
    "JSON with a key twice": JSON_STAT.replace(b'"version"', b'"label": "x", "version"'),
    "JSON with a dimension too few": JSON_STAT.replace(b'"Kon": {', b'"Kan": {'),
    "PxWeb JSON of nothing": b'{"columns": [{"code": "Region"}], "data": [{"key": 5}]}',
    "JSON-stat without dimensions": b'{"class": "dataset", "id": ["Region"], "size": [1], "dimension": {}, "value": [1]}',
    "PX without variables": b'CHARSET="ANSI";\nDATA=\n5;\n',
    "PX without data": PX[: PX.index(b"DATA")],
    "PX cut": PX[: len(PX) - 50],
    "PX with a figure too many": PX.removesuffix(b";\r\n") + b" 5;\r\n",
    "PX with a word": PX.replace(b"DATA=\r\n", b"DATA=\r\nfem "),
    "PX with a fraction": PX.replace(b"DATA=\r\n", b"DATA=\r\n1.5 "),
    "PX with a code too few": PX.replace(b'CODES("region")="0114",', b'CODES("region")='),
    "PX with code and text at odds": PX.replace(b'CODES("region")="0114","0180"', b'CODES("region")="0180","0114"'),
    "PX with keys": PX.replace(b"DATA=", b'KEYS("region")=CODES;\r\nDATA='),
    "PX of a mean": PX.replace("TITLE=\"Folkmängden".encode("latin-1"), "TITLE=\"Medelfolkmängden".encode("latin-1")),
    "PX of growth": PX.replace("CONTENTS=\"Folkmängd\"".encode("latin-1"), "CONTENTS=\"Folkökning\"".encode("latin-1")),
    "PX with half a keyword": PX.replace(b'LANGUAGE="sv";', b'LANGUAGE="sv'),
}  # fmt: skip


@pytest.mark.parametrize("figure", ["0,271", "0 271", "0271", "00", "0.271", "0'271", "0\u00a0271"])
def test_a_figure_whose_thousands_got_lost_is_called_that(small_country: Path, figure: str) -> None:
    error = refused(small_country, r.as_csv(r.wide(ONE_YEAR, Style())).replace(b'"1518"', f'"{figure}"'.encode(), 1))
    assert f"{figure!r} is not a number of inhabitants: no number begins with 0." in error.what
    assert error.line is not None and "thousands" in str(error.remedy)


@pytest.mark.parametrize("what", RUBBISH)
def test_rubbish_is_refused_in_words(small_country: Path, what: str) -> None:
    error = refused(small_country, RUBBISH[what])
    assert len(error.what) < 500
    assert not re.search(r"Error|Exception|object has|has no attribute", error.what)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodeListError, match="cannot be read"):
        read_population(tmp_path / "nowhere.csv")
    with pytest.raises(CodeListError, match="no population file at"):
        read_population(tmp_path)
    with pytest.raises(CodeListError, match="nothing at"):
        read_population(tmp_path / "nowhere*.csv")
    with pytest.raises(CodeListError, match="No file is given"):
        read_population([])


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(CodeListError, match="larger than"):
        read_population(path)
