"""A right table is the same population in any layout; one thing wrong in it is refused or harmless, never a wrong figure."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvarn.errors import CodeListError
from kvarn.process import write_population
from tests.process.population import renderings as r
from tests.process.population.renderings import Style, Table

WHOLE = r.with_totals(r.population())
ARRANGED = (r.wide, r.long, r.by_sex)
# More of them: KVARN_FUZZ_POPULATION=2000.
EXAMPLES = int(os.environ.get("KVARN_FUZZ_POPULATION", "15"))
SLOW = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

styles = st.builds(
    Style,
    language=st.sampled_from(["sv", "en"]),
    regions=st.sampled_from(["code", "name", "code name", "lost"]),
    ages=st.sampled_from(["år", "0"]),
    year=st.sampled_from(["2019", "X2019", "contents"]),
)
# Labels and figures that could stand in a cell: right ones in the wrong place, near ones, and rubbish.
WORDS = [
    *("0114 Upplands Väsby", "0180", "Stockholm", "00 Riket", "01 Stockholms län", "0115 Vallentuna", "9999", "114", "180"),
    *("1", "2", "0 år", "7", "99 år", "100+ år", "100", "101", "85+", "85-89 år", "totalt ålder", "total", "män", "kvinnor"),
    *("men", "totalt", "2018", "2019", "2017", "X2018", "Folkmängd", "Folkmängd 2019", "region", "kön", "", " ", "..", "-", "0"),
    *("-5", "1.5", "NaN", "12 345", "1,234", "999999999999", "Källa: SCB", '"', "'", ";", "\u00a0", "=1+1", "#REF!", "å" * 50),
]  # fmt: skip


@functools.cache
def arranged(which: int, style: Style) -> Table:
    return ARRANGED[which](WHOLE, style)


def taken_in(folder: Path, content: bytes) -> pd.DataFrame:
    into = folder / "population.parquet"
    into.unlink(missing_ok=True)
    write_population(r.put(folder, content), r.YEARS, into)
    return pd.read_parquet(into)


@functools.cache
def truth(folder: Path) -> pd.DataFrame:
    frame = taken_in(folder, r.as_csv(r.wide(r.population(), Style())))
    assert len(frame) == 1212
    return frame


@SLOW
@given(
    st.sampled_from(range(len(ARRANGED))),
    styles,
    st.randoms(use_true_random=False),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "iso-8859-1", "utf-16"]),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
)
def test_a_right_table_is_the_same_in_every_layout_encoding_and_order(
    small_country: Path,
    which: int,
    style: Style,
    chance,
    separator: str,
    encoding: str,
    quoted: bool,
    end: str,
    book: bool,
    notes: bool,
) -> None:
    head, *rows = arranged(which, style)
    rows = chance.sample(rows, len(rows))
    places = chance.sample(range(len(head)), len(head))
    table = [[row[place] for place in places] for row in (head, *rows)]
    table = r.around(table, Style(title=notes, footnotes=notes))
    content = r.as_workbook(table) if book else r.as_csv(table, separator=separator, encoding=encoding, quoted=quoted, end=end)
    pd.testing.assert_frame_equal(taken_in(small_country, content), truth(small_country))


@SLOW
@given(
    st.data(),
    st.sampled_from(range(len(ARRANGED))),
    styles,
    st.sampled_from(["remove", "double", "cell", "figure", "swap", "cut"]),
)
def test_one_thing_wrong_is_refused_or_harmless(small_country: Path, data, which: int, style: Style, how: str) -> None:
    table = [list(row) for row in arranged(which, style)]
    row = data.draw(st.integers(1 if how != "cell" else 0, len(table) - 1))
    place = data.draw(st.integers(0, len(table[row]) - 1))
    if how == "remove":
        del table[row]
    elif how == "double":
        table.insert(data.draw(st.integers(1, len(table))), list(table[row]))
    elif how == "cell":
        table[row][place] = data.draw(st.sampled_from(WORDS))
    elif how == "figure":
        figure = data.draw(st.integers(2 if which == 2 else 4 if which == 1 else 3, len(table[row]) - 1))
        table[row][figure] = str(data.draw(st.integers(0, 10_000).filter(lambda one: str(one) != table[row][figure])))
    elif how == "swap":
        other = data.draw(st.integers(1, len(table) - 1))
        table[row][place], table[other][place] = table[other][place], table[row][place]
    else:
        del table[row][place]
    try:
        frame = taken_in(small_country, r.as_csv(table))
    except CodeListError as error:
        assert error.remedy
        return
    assert how not in {"double", "figure", "cut"}, "must be refused"
    # Without a row of totals, or with another word for the same thing, it is still the same population.
    pd.testing.assert_frame_equal(frame, truth(small_country))


@SLOW
@given(st.data(), st.sampled_from(["csv", "xlsx", "px", "json"]))
def test_broken_bytes_are_refused_or_harmless(small_country: Path, data, kind: str) -> None:
    content = bytearray(written(kind))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        how = data.draw(st.sampled_from(["change", "remove", "cut"]))
        if how == "change":
            content[place] = data.draw(st.integers(0, 255))
        elif how == "remove":
            del content[place : place + data.draw(st.integers(1, 2000))]
        else:
            del content[place:]
        content = content or bytearray(b" ")
    try:
        frame = taken_in(small_country, bytes(content))
    except CodeListError as error:
        assert error.remedy
        return
    pd.testing.assert_frame_equal(frame, truth(small_country))


@functools.cache
def written(kind: str) -> bytes:
    style = Style()
    if kind == "csv":
        return r.as_csv(r.wide(WHOLE, style))
    if kind == "xlsx":
        return r.as_pxweb_workbook(WHOLE, style)
    return r.as_px(WHOLE, style) if kind == "px" else r.as_json_stat(WHOLE, style)
