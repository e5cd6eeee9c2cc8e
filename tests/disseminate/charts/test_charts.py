"""What holds for every chart: bytes, language, secrecy, and that nothing of matplotlib stays behind."""

from __future__ import annotations

import inspect
import re
import xml.etree.ElementTree as ElementTree
from functools import partial

import matplotlib
import pytest

from kvarn import metadata
from kvarn.disseminate import charts
from kvarn.disseminate.charts import Chart
from kvarn.disseminate.protected import ProtectedTable, ProtectedTables

YEAR = 2023
YEARS = range(2017, YEAR + 1)

# For each chart its table, how it is drawn, and one of the cells that it shows.
CHARTS: dict[str, tuple[str, partial[Chart], dict[str, object]]] = {
    "persons-by-year": (
        "persons-by-year-sex-age",
        partial(charts.persons_by_year, years=YEARS),
        {"year": 2021, "sex": "2", "age": "T", "measure": "persons"},
    ),
    "persons-by-age": (
        "persons-by-year-sex-age",
        partial(charts.persons_by_age, year=YEAR),
        {"year": YEAR, "sex": "1", "age": "0-17", "measure": "persons"},
    ),
    "persons-per-1000": (
        "persons-by-year-sex-age",
        partial(charts.persons_per_1000, year=YEAR),
        {"year": YEAR, "sex": "1", "age": "0-17", "measure": "persons_per_1000"},
    ),
    "persons-by-month": (
        "persons-by-month",
        partial(charts.persons_by_month, year=YEAR),
        {"year": YEAR, "sex": "T", "month": "07", "measure": "persons"},
    ),
    "persons-with-procedure": (
        "persons-with-procedure-by-kind",
        partial(charts.persons_with_procedure, years=YEARS),
        {"year": 2020, "sex": "1", "kind": "T", "measure": "share_of_persons"},
    ),
    "assessing-treating": (
        "persons-with-procedure-by-kind",
        partial(charts.assessing_treating, years=YEARS),
        {"year": 2020, "sex": "T", "kind": "treating", "measure": "share_of_persons_with_procedure"},
    ),
    "procedure-groups": (
        "procedures-by-group",
        partial(charts.procedure_groups, year=YEAR),
        {"year": YEAR, "sex": "T", "procedure_group": "medicines", "measure": "procedures"},
    ),
    "professions": (
        "procedures-by-profession",
        partial(charts.professions, year=YEAR),
        {"year": YEAR, "profession": "XS912", "measure": "procedures"},
    ),
    "counties": (
        "rates-by-municipality",
        partial(charts.counties, year=YEAR),
        {"year": YEAR, "region": "09", "age": "65+", "measure": "persons_per_1000"},
    ),
    "municipalities": (
        "rates-by-municipality",
        partial(charts.municipalities, year=YEAR),
        {"year": YEAR, "region": "0980", "age": "65+", "measure": "persons_per_1000"},
    ),
    "new-and-continuing": (
        "persons-new-and-continuing",
        partial(charts.new_and_continuing, years=YEARS),
        {"year": 2021, "sex": "T", "age": "T", "continuity": "new", "measure": "persons"},
    ),
    "months-by-age": (
        "months-by-sex-age",
        partial(charts.months_by_age, year=YEAR),
        {"year": YEAR, "sex": "2", "age": "75-79", "measure": "months_median"},
    ),
    "procedures-by-age": (
        "procedures-by-sex-age",
        partial(charts.procedures_by_age, year=YEAR),
        {"year": YEAR, "sex": "1", "age": "90+", "measure": "procedures_upper_quartile"},
    ),
    "joint-procedures": (
        "procedures-joint",
        partial(charts.joint_procedures, year=YEAR),
        {"year": YEAR, "profession": "XS910", "cooperation": "joint", "measure": "procedures"},
    ),
    "procedures-by-month": (
        "procedures-by-month",
        partial(charts.procedures_by_month, year=YEAR),
        {"year": YEAR - 1, "month": "07", "measure": "procedures"},
    ),
    "procedures-by-weekday": (
        "procedures-by-weekday",
        partial(charts.procedures_by_weekday, year=YEAR),
        {"year": YEAR, "weekday": "6", "measure": "share_of_procedures"},
    ),
    "standardised-counties": (
        "standardised-rates-by-region",
        partial(charts.standardised_counties, year=YEAR),
        {"year": YEAR, "region": "09", "sex": "T", "measure": "standardised_per_1000"},
    ),
    "procedures-by-county": (
        "procedures-by-region",
        partial(charts.procedures_by_county, year=YEAR),
        {"year": YEAR, "region": "09", "measure": "procedures_per_person"},
    ),
    "unit-non-response": (
        "deliveries-by-year",
        partial(charts.unit_non_response, years=YEARS),
        {"year": 2020, "file_type": "KHSL2", "measure": "unit_non_response"},
    ),
    "delivered-months": (
        "deliveries-by-municipality",
        partial(charts.delivered_months, year=YEAR),
        {"year": YEAR, "region": "09", "month": "07", "file_type": "KHSL2", "measure": "files_lacking"},
    ),
    "late-files": (
        "deliveries-by-year",
        partial(charts.late_files, years=YEARS),
        {"year": 2020, "file_type": "KHSL1", "measure": "late_rate"},
    ),
}
every_chart = pytest.mark.parametrize("name", CHARTS)


DRAWN: dict[tuple[str, str], Chart] = {}


def draw(tables: ProtectedTables, name: str, language: str = "sv") -> Chart:
    """The chart as it is drawn from the fixture, drawn once."""
    if (name, language) not in DRAWN:
        DRAWN[name, language] = draw_afresh(tables, name, language)
    return DRAWN[name, language]


def draw_afresh(tables: ProtectedTables, name: str, language: str = "sv") -> Chart:
    source, function, _ = CHARTS[name]
    return function(tables[source], language=language)


def draw_wide(name: str, table: ProtectedTable, language: str) -> Chart:
    """The chart of a table, without the one for telephones."""
    function = CHARTS[name][1]
    return inspect.unwrap(function.func)(table, language=language, **function.keywords)


def changed(tables: ProtectedTables, name: str, *, status: str, value: float) -> ProtectedTable:
    """The chart's table with another status and value in one cell that the chart shows."""
    source, _, codes = CHARTS[name]
    table = tables[source]
    frame = table.frame.copy()
    (row,) = table.where(**codes).index
    frame.loc[row, ["status", "value"]] = [status, value]
    return ProtectedTable(table.definition, frame)


def texts(chart: Chart) -> list[str]:
    """The words in the chart: matplotlib leaves each as a comment beside its paths."""
    return [text.strip() for text in re.findall(r"<!-- (.*?) -->", chart.svg, flags=re.DOTALL)]


def explanation(symbol: str, language: str) -> str:
    return f"{symbol} = {metadata.codelist('symbol').label(symbol, language).lower()}"


@every_chart
@pytest.mark.parametrize("language", metadata.languages)
def test_a_chart_is_one_well_formed_svg_element_and_nothing_else(tables: ProtectedTables, name: str, language: str) -> None:
    chart = draw(tables, name, language)
    said = {"kvarn": name, "narrow": chart.narrow}
    assert chart._repr_mimebundle_() == ({"image/svg+xml": chart.svg}, {"image/svg+xml": said})
    for svg in (chart.svg, chart.narrow):
        assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
        assert "<text" not in svg
        assert len(svg.encode()) < 400_000
    assert (chart.name, chart.language) == (name, language)


@every_chart
def test_the_same_table_gives_the_same_bytes_and_the_settings_of_matplotlib_stay_as_they_are(
    tables: ProtectedTables, name: str
) -> None:
    before = dict(matplotlib.rcParams)
    assert draw_afresh(tables, name).svg == draw(tables, name).svg
    assert dict(matplotlib.rcParams) == before


@every_chart
def test_the_order_of_the_rows_in_the_file_does_not_matter(tables: ProtectedTables, name: str) -> None:
    table = tables[CHARTS[name][0]]
    turned = ProtectedTable(table.definition, table.frame.iloc[::-1])
    assert draw_wide(name, turned, "sv").svg == draw(tables, name).svg


@every_chart
def test_what_is_suppressed_cannot_be_seen_whatever_stood_in_its_place(tables: ProtectedTables, name: str) -> None:
    empty = draw_wide(name, changed(tables, name, status="X", value=float("nan")), "sv")
    filled = draw_wide(name, changed(tables, name, status="X", value=123456.0), "sv")
    assert filled.svg == empty.svg


@every_chart
def test_what_is_suppressed_is_not_drawn_as_nil_and_its_symbol_is_explained(tables: ProtectedTables, name: str) -> None:
    withheld = draw_wide(name, changed(tables, name, status="X", value=float("nan")), "en")
    nil = draw_wide(name, changed(tables, name, status="", value=0.0), "en")
    assert withheld.svg != nil.svg
    assert any("X" in re.findall(r"\w+", text) for text in texts(withheld) if text != explanation("X", "en"))
    assert any(explanation("X", "en") in text for text in texts(withheld))


@every_chart
def test_synthetic_data_are_marked_in_the_picture_and_real_data_are_not(tables: ProtectedTables, name: str) -> None:
    table = tables[CHARTS[name][0]]
    real = ProtectedTable(table.definition, table.frame.drop(columns="synthetic"))
    without = texts(draw_wide(name, real, "en"))
    for language in metadata.languages:
        mark = metadata.text("synthetic.short", language)
        assert any(mark in text for text in texts(draw(tables, name, language)))
        assert not any(mark in text for text in without)


@every_chart
def test_charts_in_one_page_share_no_identifiers(tables: ProtectedTables, name: str) -> None:
    identifiers = re.findall(r'\bid="([^"]+)"', draw(tables, name).svg)
    assert identifiers
    assert all(identifier.startswith(f"{name}-") for identifier in identifiers)
    references = re.findall(r'(?:url\(#|href="#)([^")]+)', draw(tables, name).svg)
    assert set(references) <= set(identifiers)


def test_ones_own_settings_of_matplotlib_do_not_change_a_chart(tables: ProtectedTables) -> None:
    plain = draw(tables, "persons-by-year")
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "lines.linestyle": ":"}):
        assert draw_afresh(tables, "persons-by-year").svg == plain.svg


def test_nothing_in_a_chart_tells_the_day_or_the_version(tables: ProtectedTables) -> None:
    svg = draw(tables, "persons-by-year").svg
    assert "<metadata" not in svg
    assert matplotlib.__version__ not in svg
    assert "http://www.w3.org/" in svg
    assert set(re.findall(r"https?://([^/]+)/", svg)) == {"www.w3.org"}


def test_numbers_follow_the_language(tables: ProtectedTables) -> None:
    persons = tables["persons-by-year-sex-age"].cell(year=YEAR, sex="2", age="T", measure="persons").value
    assert persons is not None
    swedish, english = (texts(draw(tables, "persons-by-year", language)) for language in ("sv", "en"))
    assert f"Kvinnor\u00a0{persons:,.0f}".replace(",", "\u00a0") in swedish
    assert f"Women\u00a0{persons:,.0f}" in english


def test_the_break_is_marked_only_where_both_sides_of_it_are_shown(tables: ProtectedTables) -> None:
    table = tables["persons-by-year-sex-age"]
    assert any("2019" in text and "New way" in text for text in texts(draw(tables, "persons-by-year", "en")))
    later = charts.persons_by_year(table, language="en", years=range(2019, 2024))
    assert not any("New way" in text for text in texts(later))


def test_the_line_does_not_cross_the_break(tables: ProtectedTables) -> None:
    whole = charts.persons_by_year(tables["persons-by-year-sex-age"], language="sv", years=YEARS)
    # Three sexes, five pairs of comparable years out of six.
    assert len(re.findall(r"stroke-width: 2\.2", whole.svg)) == 3 * 5


def test_an_axis_that_does_not_begin_at_zero_says_so(tables: ProtectedTables) -> None:
    words = "The vertical axis does not start at zero."
    assert any(words in text for text in texts(draw(tables, "assessing-treating", "en")))
    assert not any(words in text for text in texts(draw(tables, "persons-by-year", "en")))


def test_a_line_whose_last_year_is_suppressed_is_named_without_an_older_value(tables: ProtectedTables) -> None:
    table = tables["persons-by-year-sex-age"]
    frame = table.frame.copy()
    (row,) = table.where(year=YEAR, sex="2", age="T", measure="persons").index
    frame.loc[row, "status"] = "X"
    chart = charts.persons_by_year(ProtectedTable(table.definition, frame), language="en", years=YEARS)
    assert "Women" in texts(chart)


def test_the_largest_group_stands_first_and_the_suppressed_last(tables: ProtectedTables) -> None:
    words = texts(draw(tables, "professions", "en"))
    shown = [word for word in words if word in {"Nurse", "Occupational therapist", "Dietitian", "Optician", "Midwife"}]
    assert shown == ["Nurse", "Occupational therapist", "Dietitian", "Optician"]


def test_a_chart_of_one_single_year_can_be_drawn(tables: ProtectedTables) -> None:
    chart = charts.persons_by_year(tables["persons-by-year-sex-age"], language="sv", years=[YEAR])
    assert "2023" in texts(chart)


def with_cells(tables: ProtectedTables, name: str, *cells: tuple[dict[str, object], str, float]) -> ProtectedTable:
    """A table with other statuses and values in the cells with these codes."""
    table = tables[name]
    frame = table.frame.copy()
    for codes, status, value in cells:
        rows = table.where(**codes).index
        assert len(rows) > 0
        frame.loc[rows, ["status", "value"]] = [status, value]
    return ProtectedTable(table.definition, frame)


def test_an_interval_is_drawn_only_where_both_of_its_limits_are_published(tables: ProtectedTables) -> None:
    where = {"year": YEAR, "region": "09", "sex": "T"}
    lines = [
        chart.svg.count("stroke-width: 2.2")
        for chart in (
            draw(tables, "standardised-counties", "en"),
            charts.standardised_counties(
                with_cells(tables, "standardised-rates-by-region", ({**where, "measure": "standardised_upper"}, "X", 70.0)),
                language="en",
                year=YEAR,
            ),
        )
    ]
    assert lines[1] == lines[0] - 1


def test_a_county_without_any_published_figure_shows_the_symbol_once_and_stands_last(tables: ProtectedTables) -> None:
    withheld = with_cells(tables, "standardised-rates-by-region", ({"year": YEAR, "region": "09", "sex": "T"}, "X", 50.0))
    words = texts(charts.standardised_counties(withheld, language="en", year=YEAR))
    assert words.count("X") == 1
    names = [word for word in words if word.endswith(" county")]
    assert names[-1] == metadata.codelist("region").label("09", "en")


def test_an_interval_says_its_figure_and_both_limits(tables: ProtectedTables) -> None:
    cells = {f"standardised_{part}": value for part, value in (("per_1000", 50.0), ("lower", 44.4), ("upper", 56.1))}
    of = {"year": YEAR, "region": "09", "sex": "T"}
    changes = [({**of, "measure": measure}, "", value) for measure, value in cells.items()]
    table = with_cells(tables, "standardised-rates-by-region", *changes)
    assert "50.0\u00a0(44.4–56.1)" in texts(charts.standardised_counties(table, language="en", year=YEAR))


def test_a_withheld_median_is_told_beside_the_mean(tables: ProtectedTables) -> None:
    of = {"year": YEAR, "region": "09"}
    table = with_cells(
        tables,
        "procedures-by-region",
        ({**of, "measure": "procedures_per_person"}, "", 35.0),
        ({**of, "measure": "procedures_median"}, "X", 14.0),
    )
    assert "35.0\u00a0(median\u00a0X)" in texts(charts.procedures_by_county(table, language="en", year=YEAR))


def test_the_joint_share_is_that_of_the_two_cells_and_withheld_with_either(tables: ProtectedTables) -> None:
    of = {"year": YEAR, "profession": "XS910", "measure": "procedures"}
    joint, every = ({**of, "cooperation": code} for code in ("joint", "T"))
    table = with_cells(tables, "procedures-joint", (joint, "", 25.0), (every, "", 80.0))
    drawn = charts.joint_procedures(table, language="en", year=YEAR)
    assert "25\u00a0of\u00a080" in texts(drawn)
    # The greatest share of all: its bar is the first.
    assert next(word for word in texts(drawn) if word.endswith(("ist", "Nurse"))) == "Occupational therapist"
    bar = f"fill: {charts.style.BLUE.lower()}"
    for withheld, words in ((joint, "X\u00a0of\u00a080"), (every, "25\u00a0of\u00a0X")):
        table = with_cells(tables, "procedures-joint", (joint, "", 25.0), (every, "", 80.0), (withheld, "X", 25.0))
        without = charts.joint_procedures(table, language="en", year=YEAR)
        assert words in texts(without)
        assert without.svg.count(bar) == drawn.svg.count(bar) - 1


def test_the_first_year_without_a_year_before_is_left_out_and_the_unfollowed_shown_where_there_are_any(
    tables: ProtectedTables,
) -> None:
    shown = texts(draw(tables, "new-and-continuing", "en"))
    assert "2018" in shown and "2017" not in shown
    assert any(text.startswith("Cannot be") for text in shown)
    none = with_cells(tables, "persons-new-and-continuing", ({"continuity": "unknown"}, "", 0.0))
    without = texts(charts.new_and_continuing(none, language="en", years=YEARS))
    assert not any(text.startswith("Cannot be") for text in without)


def test_in_the_first_year_of_the_series_new_persons_are_not_available_and_not_nil(tables: ProtectedTables) -> None:
    shown = texts(charts.new_and_continuing(tables["persons-new-and-continuing"], language="en", years=[2017]))
    assert ".." in shown and any(text.startswith(".. = ") for text in shown)


def test_a_suppressed_month_is_no_column_and_no_mark(tables: ProtectedTables) -> None:
    march = {"month": "03", "measure": "procedures"}
    table = with_cells(
        tables, "procedures-by-month", ({**march, "year": YEAR}, "X", 1.0), ({**march, "year": YEAR - 1}, "X", 1.0)
    )
    chart = charts.procedures_by_month(table, language="en", year=YEAR)
    # One in place of the column, and one with its year in place of the mark.
    assert texts(chart).count("X") == 2
    assert str(YEAR - 1) in texts(chart)
    columns = f"fill: {charts.style.BLUE.lower()}"
    assert chart.svg.count(columns) == draw(tables, "procedures-by-month", "en").svg.count(columns) - 1


def test_a_county_of_which_a_month_is_missing_has_an_asterisk_and_one_without_any_file_the_symbol(
    tables: ProtectedTables,
) -> None:
    here, silent = ({"year": YEAR, "region": code} for code in ("09", "10"))
    name = "procedures-by-region"
    figures = [measure for measure in metadata.table(name).measures if not measure.startswith("municipalities")]
    table = with_cells(
        tables,
        name,
        ({**here, "measure": "months_procedures"}, "", 7.0),
        *(({**silent, "measure": measure}, "..", 0.0) for measure in figures),
        ({**silent, "measure": "months_procedures"}, "", 0.0),
    )
    for language in ("sv", "en"):
        words = texts(charts.procedures_by_county(table, language=language, year=YEAR))
        label = metadata.codelist("region").label("09", language)
        assert [word for word in words if word.endswith("*")] == [f"{label}*"]
        assert charts.style.words("partly", language) in words
        assert ".." in words
    assert not [word for word in texts(draw(tables, "procedures-by-county", "en")) if "*" in word]


def test_the_map_counts_no_silent_municipality_in_its_classes_and_marks_those_of_a_part_of_the_year(
    tables: ProtectedTables,
) -> None:
    name, at = "rates-by-municipality", {"year": YEAR, "age": "65+"}
    whole = texts(draw(tables, "municipalities", "en"))
    table = with_cells(
        tables,
        name,
        *(({**at, "region": "0180", "measure": measure}, "..", 0.0) for measure in ("persons", "persons_per_1000")),
        ({"year": YEAR, "region": "1280", "measure": "months_persons"}, "", 7.0),
    )
    words = texts(charts.municipalities(table, language="en", year=YEAR))
    counted = [int(found[1]) for word in words if (found := re.fullmatch(r"(\d+) municipalit(?:y|ies)", word))]
    assert sum(counted) == len(metadata.codelist("region").leaves)
    assert words[words.index("..") + 1] == "1 municipality"
    assert "part of the year" in words and "part of the year" not in whole
