"""What is compared, ranked or subtracted in a text goes by what was counted: ties are ties, rounded ones are none."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kvarn import metadata
from kvarn.disseminate.charts.series import order_by_count, read_series
from kvarn.disseminate.counted import Counted, Number, compare, rounded
from kvarn.disseminate.protected import Cell, ProtectedTables
from kvarn.disseminate.text_figures import read_declaration, resolve_figures
from kvarn.disseminate.text_figures._ranking import Entry, could_disturb, group_at, rank_of
from kvarn.disseminate.text_tables import text_table
from kvarn.edition import Edition
from kvarn.errors import InputError

DAYS = {"sv": ["måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"]}
DAYS["en"] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
AMONG = {"sv": " (av de redovisade)", "en": " (of those shown)"}
WEEKDAYS = "procedures-by-weekday"
SHARE = f"table: {WEEKDAYS}, measure: share_of_procedures"
DECLARED = f"""
figures:
  first: {{largest: weekday, {SHARE}, format: label_lower}}
  first_share: {{largest: weekday, {SHARE}, give: value}}
  second: {{largest: weekday, {SHARE}, place: 2, format: label_lower}}
  last: {{smallest: weekday, {SHARE}, format: label_lower}}
  wednesday: {{{SHARE}, where: {{weekday: "3"}}}}
  thursday: {{{SHARE}, where: {{weekday: "4"}}}}
  rank: {{rank: wednesday, over: weekday}}
  above: {{difference: thursday, from: wednesday, absolute: true}}
  change: {{change: wednesday, since: previous, absolute: true}}
  percent: {{change_percent: wednesday, since: previous, absolute: true}}
  ratio: {{ratio: wednesday, of: thursday, decimals: 1}}
texts:
  most:
    by_number: first
    sv: {{one: "{{first}} var störst", other: "{{first}} var störst, {{first_share}} vardera", missing: ingen var störst}}
    en: {{one: "{{first}} was largest", other: "{{first}} were largest, {{first_share}} each", missing: none was largest}}
  between:
    by_sign: above
    sv: {{up: "torsdag {{above}} mer", unchanged: lika, down: "onsdag {{above}} mer", missing: okänt}}
    en: {{up: "Thursday {{above}} more", unchanged: equal, down: "Wednesday {{above}} more", missing: unknown}}
  since:
    by_sign: change
    sv: {{up: "ökat med {{change}}", unchanged: oförändrat, down: "minskat med {{change}}", missing: okänt}}
    en: {{up: "up by {{change}}", unchanged: unchanged, down: "down by {{change}}", missing: unknown}}
"""


def edition(**changed: Any) -> Edition:
    values: dict[str, Any] = {
        "reference_year": 2023,
        "first_year": 2022,
        "synthetic": True,
        "data": {"deliveries": "deliveries", "population": "population.csv"},
        "publication": {
            "series": {"sv": "Serie", "en": "Series"},
            "title": {"sv": "Titel", "en": "Title"},
            "publisher": {"sv": "Utgivaren", "en": "The publisher"},
            "published": dt.date(2024, 9, 3),
            "scheduled": dt.date(2024, 9, 3),
            "contact": {"name": "Någon", "email": "n@example.org"},
        },
    }
    return Edition.model_validate(values | changed)


def half_up(value: Fraction, decimals: int = 1) -> Decimal:
    """By the decimal module, as the code under test does not."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def resolve(by_year: Mapping[int, list[int | str]], language: str, declared: str = DECLARED) -> dict[str, Any]:
    """The declared figures over procedures by weekday; a text in place of a count is its symbol."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with (folder / f"{WEEKDAYS}.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(["year", "weekday", "measure", "value", "status"])
            for year, counts in by_year.items():
                whole = sum(HIDDEN if isinstance(count, str) else count for count in counts)
                for day, count in zip("1234567T", [*counts, whole], strict=True):
                    if isinstance(count, str):
                        out.writerow([year, day, "procedures", "", count])
                        out.writerow([year, day, "share_of_procedures", "", count])
                        continue
                    out.writerow([year, day, "procedures", count, ""])
                    share = half_up(Fraction(100 * count, whole)) if whole else None
                    out.writerow([year, day, "share_of_procedures", "" if share is None else share, "." if share is None else ""])
        (folder / "reports").mkdir()
        (folder / "reports" / "figures.yml").write_text(declared, encoding="utf-8")
        return resolve_figures(folder / "reports" / "figures.yml", ProtectedTables(folder), edition(), language)


HIDDEN = 10
EQUAL: list[int | str] = [1714, 1700, 1717, 1718, 1710, 700, 741]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_of_two_shares_that_are_equal_when_rounded_the_one_with_more_procedures_is_the_larger(language: str) -> None:
    said = resolve({2022: EQUAL, 2023: EQUAL}, language)
    assert said["wednesday"] == said["thursday"]
    assert said["first"] == DAYS[language][3]
    assert said["second"] == DAYS[language][2]
    assert said["rank"] == "2"
    assert said["most"] == {"sv": "torsdag var störst", "en": "Thursday was largest"}[language]
    half = {"sv": "mindre än 0,05", "en": "less than 0.05"}[language]
    thursday = {"sv": "torsdag", "en": "Thursday"}[language]
    assert said["between"].startswith(f"{thursday} {half}")
    assert said["since"] == {"sv": "oförändrat", "en": "unchanged"}[language]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_tie_is_said_as_a_tie_and_the_next_has_the_next_place(language: str) -> None:
    tied: list[int | str] = [10, 20, 30, 30, 5, 4, 1]
    said = resolve({2022: tied, 2023: tied}, language)
    wednesday, thursday = DAYS[language][2:4]
    joined = {"sv": f"{wednesday} och {thursday}", "en": f"{wednesday} and {thursday}"}[language]
    assert said["first"] == joined
    share = {"sv": "30,0", "en": "30.0"}[language]
    assert said["most"] == {"sv": f"{joined} var störst, {share} vardera", "en": f"{joined} were largest, {share} each"}[language]
    assert said["second"] == DAYS[language][1]
    assert said["rank"] == {"sv": "1 (delad)", "en": "1 (shared)"}[language]
    assert said["between"] == {"sv": "lika", "en": "equal"}[language]


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize(
    "counts", [[9] * 7, [30, 30, 30, 30, 4, 4, 4], [0] * 7], ids=["all alike", "four alike", "nothing at all"]
)
def test_of_many_alike_and_of_nothing_none_is_the_largest(language: str, counts: list[int | str]) -> None:
    said = resolve({2022: counts, 2023: counts}, language)
    assert said["most"] == {"sv": "ingen var störst", "en": "none was largest"}[language]


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize(("symbol", "counts", "doubted"), [
    ("X", [1, 20, "X", 15, 2, "X", 3], False),  # what the total leaves for both is 20: as many as the largest, but for one
    ("..", [1, 20, "..", 19, 2, 8, 3], True),
])  # fmt: skip
def test_the_largest_of_those_shown_is_called_so_where_another_could_be_larger(
    language: str, symbol: str, counts: list[int | str], doubted: bool
) -> None:
    first = resolve({2022: counts, 2023: counts}, language)["first"]
    left = HIDDEN * counts.count(symbol)
    assert first == DAYS[language][1] + (AMONG[language] if doubted or left >= 20 else "")
    # The smallest is always in doubt: a suppressed count is one or more.
    assert resolve({2022: counts, 2023: counts}, language)["last"] == DAYS[language][0] + AMONG[language]


def test_a_suppressed_cell_that_cannot_be_larger_does_not_take_the_superlative_away() -> None:
    counts: list[int | str] = [1, 40, "X", 19, 2, 8, 3]
    assert resolve({2022: counts, 2023: counts}, "en")["first"] == "Tuesday"
    # Zeros are shown, so nothing that is suppressed is as small as one.
    counts = [0, 40, "X", 19, 2, 8, 3]
    assert resolve({2022: counts, 2023: counts}, "en")["last"] == "Monday"


COUNTS = st.lists(st.integers(0, 60), min_size=7, max_size=7)


@settings(max_examples=60, deadline=None)
@given(COUNTS, COUNTS, st.sampled_from(["sv", "en"]))
def test_every_function_is_what_exact_arithmetic_makes_it(before: list[int], now: list[int], language: str) -> None:
    said = resolve({2022: list(before), 2023: list(now)}, language)
    whole, whole_before = sum(now), sum(before)
    if not whole or not whole_before:
        return
    point = "," if language == "sv" else "."
    most, least = max(now), min(now)
    for name, extreme in (("first", most), ("last", least)):
        names = [day for day, count in zip(DAYS[language], now, strict=True) if count == extreme]
        if 1 <= len(names) <= 3:
            assert set(said[name].replace(" och ", ", ").replace(" and ", ", ").split(", ")) == set(names)
        else:
            assert said[name] in ("uppgift är inte tillgänglig eller har inte rapporterats", "not available or not reported")
    wednesday, thursday = (Fraction(100 * now[day], whole) for day in (2, 3))
    earlier = Fraction(100 * before[2], whole_before)
    for name, exact, equal in (
        ("between", thursday - wednesday, {"sv": "lika", "en": "equal"}),
        ("since", wednesday - earlier, {"sv": "oförändrat", "en": "unchanged"}),
    ):
        assert (said[name] == equal[language]) == (exact == 0)
        if exact:
            shown = str(half_up(abs(exact))).replace(".", point)
            assert shown in said[name] if half_up(abs(exact)) else f"0{point}05" in said[name]
    rank = 1 + sum(count > now[2] for count in now)
    assert said["rank"].split()[0] == str(rank)
    assert ("(" in said["rank"]) == (now.count(now[2]) > 1)
    if now[3]:
        assert said["ratio"] == str(half_up(Fraction(now[2], now[3]))).replace(".", point)
    if before[2] and (exact := abs(100 * (wednesday - earlier) / earlier)) >= Fraction(1, 20):
        assert said["percent"].replace("\u00a0", "").replace(",", "") == f"{half_up(exact):.1f}".replace(".", point).replace(
            ",", ""
        )


NUMBERS = st.one_of(
    st.integers(0, 30).map(lambda n: Number.of(Fraction(n, 10))),
    st.integers(0, 30).map(lambda n: Number(Fraction(2 * n - 1, 20), Fraction(2 * n + 1, 20))),
)


def within(number: Number) -> list[Fraction]:
    """Some numbers that it can be: its lower end, the middle, and one close below the upper end."""
    if number.exact is not None:
        return [number.exact]
    width = number.high - number.low
    return [number.low, number.low + width / 2, number.high - width / 1000]


@given(NUMBERS, NUMBERS)
def test_a_comparison_is_made_only_where_it_holds_for_all_that_the_numbers_can_be(one: Number, other: Number) -> None:
    signs = {(a > b) - (a < b) for a in within(one) for b in within(other)}
    found = compare(one, other)
    assert found is None or signs == {found}
    assert found is not None or len(signs) > 1 or None in (one.exact, other.exact)


@given(st.lists(NUMBERS, min_size=1, max_size=6), st.integers(1, 3), st.booleans())
def test_a_place_is_given_only_to_those_that_have_it_whatever_the_numbers_are(
    numbers: list[Number], place: int, largest: bool
) -> None:
    entries = [Entry(str(at), number) for at, number in enumerate(numbers)]
    group = group_at(entries, place, largest=largest)
    sign = 1 if largest else -1
    if not group:
        return
    before = [entry for entry in entries if compare(entry.number, group[0].number) == sign]
    after = [entry for entry in entries if entry not in before and entry not in group]
    assert all(compare(group[0].number, entry.number) == sign for entry in after)
    assert len({entry.number.low for entry in before}) == place - 1
    if largest:
        assert rank_of([entry for entry in entries if entry != group[0]], group[0].number) == (len(before) + 1, len(group) > 1)


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**4), st.integers(0, 3))
def test_rounding_is_half_up_away_from_zero(above: int, below: int, decimals: int) -> None:
    value = Fraction(above, below)
    scaled = abs(value) * 10**decimals
    whole = int(scaled) + (scaled - int(scaled) >= Fraction(1, 2))
    assert rounded(value, decimals) == Decimal(whole if value >= 0 else -whole).scaleb(-decimals)


def test_a_standardised_rate_is_known_as_far_as_its_decimals_go(tmp_path: Path) -> None:
    table = "standardised-rates-by-region"
    rows = ["year,region,sex,measure,value,status"]
    rows += [
        f"2023,{code},T,standardised_per_1000,{rate}," for code, rate in (("00", 40.1), ("01", 40.2), ("03", 40.2), ("04", 40.3))
    ]
    (tmp_path / f"{table}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    counted = Counted(ProtectedTables(tmp_path))
    same, higher = (
        counted.number(Cell("standardised_per_1000", rate, ""), 2023, {"region": code, "sex": "T"})
        for code, rate in (("01", 40.2), ("04", 40.3))
    )
    assert compare(same, same) is None and compare(higher, same) == 1
    rate = f"table: {table}, measure: standardised_per_1000"
    among = "among: ['01', '03', '04']"
    declared = f"""
figures:
  first: {{largest: region, {rate}, {among}}}
  second: {{largest: region, {rate}, {among}, place: 2}}
  one: {{{rate}, where: {{region: "01"}}}}
  other: {{{rate}, where: {{region: "03"}}}}
  country: {{{rate}}}
  apart: {{difference: one, from: other}}
  above: {{difference: one, from: country}}
texts:
  equal: {{by_sign: apart, sv: {{up: u, unchanged: l, down: n, missing: o}}, en: {{up: u, unchanged: s, down: d, missing: m}}}}
  higher: {{by_sign: above, sv: {{up: u, unchanged: l, down: n}}, en: {{up: u, unchanged: s, down: d}}}}
"""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "figures.yml").write_text(declared, encoding="utf-8")
    said = resolve_figures(tmp_path / "reports" / "figures.yml", ProtectedTables(tmp_path), edition(), "en")
    # Which of two equal rounded rates is higher is not settled, nor whether they are equal; 40.3 is above both.
    assert (said["first"], said["second"], said["equal"], said["higher"]) == (
        "Södermanland county",
        "not available or not reported",
        "m",
        "u",
    )


def test_a_text_that_names_the_largest_must_be_able_to_name_several_and_none(tmp_path: Path) -> None:
    (tmp_path / "figures.yml").write_text(
        f"figures:\n  first: {{largest: weekday, {SHARE}}}\ntexts:\n  said: {{sv: '{{first}}', en: '{{first}}'}}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="several categories share the place") as caught:
        read_declaration(tmp_path / "figures.yml")
    assert caught.value.line == 4


def test_the_smallest_is_not_disturbed_by_a_suppressed_count_when_it_is_nil() -> None:
    assert not could_disturb(["X"], None, Number.of(0), largest=False)
    assert could_disturb(["X"], None, Number.of(1), largest=False)
    assert could_disturb([".."], None, Number.of(0), largest=False)
    assert could_disturb(["X"], None, Number.of(99), largest=True)
    assert not could_disturb(["X"], Fraction(98), Number.of(99), largest=True)


# A row is a person's month or a procedure: its counts would tell those of a municipality that came between two editions.
WITHOUT_COUNTS = {"row_rejection_rate", "item_non_response"}


def test_every_share_of_public_counts_declares_counts_that_stand_beside_it() -> None:
    for table in metadata.tables():
        for name in table.measures:
            made = metadata.measure(name).public_ratio
            if made is not None:
                assert {made.numerator, made.denominator} <= set(table.measures), name
            elif name in WITHOUT_COUNTS:
                # As long as there is no number of rows but the one in thousands.
                assert {one for one in table.measures if one.startswith("rows_")} <= {"rows_received_thousands"}
            elif metadata.measure(name).subject == "public":
                assert metadata.measure(name).unit["en"] != "per cent", name


def test_a_rate_of_which_no_count_is_published_is_never_nil(tmp_path: Path) -> None:
    """It may only round to zero: a dash would say that there was none."""
    rows = ["year,file_type,item,measure,value,status", "2023,KHSL1,birth_date,item_non_response,0.0,"]
    (tmp_path / "item-non-response.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    table = ProtectedTables(tmp_path)["item-non-response"]
    assert not table.nil and table.less_than_half
    shown = text_table(table, language="sv", rows=["file_type", "item"])
    assert [line[-1] for line in shown.lines] == ["0,0"]


def test_a_chart_sorts_equal_rounded_rates_by_what_was_counted(tmp_path: Path) -> None:
    table = "rates-by-municipality"
    rows = ["year,region,age,measure,value,status"]
    for code, persons in (("01", 100_001), ("03", 100_004), ("04", 100_002)):
        rows += [f"2023,{code},65+,persons,{persons},", f"2023,{code},65+,population,1000000,"]
        rows += [f"2023,{code},65+,persons_per_1000,100.0,"]
    (tmp_path / f"{table}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    opened = ProtectedTables(tmp_path)[table]
    series = read_series(opened.where(measure="persons_per_1000"), "region", label="", colour="")
    assert set(series.values.values()) == {100.0}
    assert order_by_count(series, ["01", "03", "04"], opened, "persons_per_1000", 2023, "region", age="65+") == ["03", "04", "01"]


@pytest.mark.parametrize(("limit", "kept"), [(1, 1), (2, 4), (4, 4), (5, 5)])
def test_a_table_with_a_limit_leaves_no_row_out_that_is_as_large_as_its_last(tmp_path: Path, limit: int, kept: int) -> None:
    codes = metadata.codelist("procedure").codes[1:6]
    rows = ["year,procedure,measure,value,status"]
    for code, procedures in zip(codes, (9, 5, 5, 5, 1), strict=True):
        rows += [f"2023,{code},procedures,{procedures},", f"2023,{code},persons_with_procedure,1,"]
    (tmp_path / "procedures-by-code.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    table = ProtectedTables(tmp_path)["procedures-by-code"]
    where = {"year": 2023, "procedure": list(codes)}
    shown = text_table(table, language="sv", rows="procedure", where=where, by="procedures", limit=limit)
    assert len(shown.lines) == kept
