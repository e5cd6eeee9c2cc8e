"""The engine that recognises right rows at sight says the same as rules applied to one row after the other."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvarn.collect import Layout, ValidCodes, layouts, rules
from kvarn.collect._accepted import ROW_GROUP, rows_writer, write_rows
from kvarn.collect._deliveries import Delivery
from kvarn.collect._judge import Batch, judge
from kvarn.collect._recognition import head_of
from kvarn.collect._sources import Source
from tests.drawn import examples

from .conftest import CODES, MAN, WOMAN, with_check_digit
from .plain_judge import Judgement, PlainFile, every_rule, judge_plainly, shown_codes

BABY = with_check_digit("20230220003")
DEAD = with_check_digit("19300606005")
STRANGER = with_check_digit("19411111003")
COORDINATION = with_check_digit("19500175004")
RESERVE = "19440404T123"
FORMS = ("[A-Z]{3}[0-9]{2}", "[A-Z]{2}[0-9]{3}")
DATABASE = duckdb.connect()
DEATHS = {DEAD: dt.date(2023, 1, 15), MAN: dt.date(2023, 2, 1)}
MANY = [
    with_check_digit(f"19{year}0{month}15{birth:03}") for year in range(20, 60) for month in (1, 5, 9) for birth in range(1, 10)
]
PERSONS = frozenset({WOMAN, MAN, BABY, DEAD, COORDINATION, RESERVE, *MANY})
IDENTITIES = [
    *(WOMAN, WOMAN, WOMAN, MAN, BABY, DEAD, STRANGER, COORDINATION, RESERVE, "19440431T123", "20440404T123", "19440404t123"),
    *(
        WOMAN[:-1] + "x",
        WOMAN[2:],
        WOMAN[:-1],
        WOMAN + "1",
        f" {WOMAN}",
        f"{WOMAN[:8]}-{WOMAN[8:]}",
        "",
        "::::::::::::",
        "????????????",
    ),
    *(f"{WOMAN[0]},{WOMAN[1:6]}E+11", "1.9E+11", "194E+11", "19400101E+4", "2e11", "1,9E-11", f"{WOMAN}.0"),
    # Co-ordination numbers of persons whose month or day of birth is not known, and what only looks like them.
    *map(
        with_check_digit,
        ("19500075004", "19500460004", "19500060004", "20230060004", "20230160004", "20230260004", "20240075004", "19500091004"),
    ),
    *map(
        with_check_digit,
        ("19500015004", "19500400004", "19500000004", "19501360004", "19500092004", "19500099004", "18990060004"),
    ),
    *(with_check_digit("18991231001"), with_check_digit("19070101001"), with_check_digit("19080101001")),
    *(
        with_check_digit("19350230001"),
        with_check_digit("20230301001"),
        with_check_digit("19400229000"),
        "197001010000",
        "２" * 12,
    ),
]
MUNICIPALITIES = ["0180", "114", "", '"0114"', "0114 ", "Älvs"]
DATES = [f"202301{day:02}" for day in range(1, 32)] + [
    *("20230201", "20230228", "20230100", "20230132", "20230229", "2023015", "202301055", "", "2023-1-1", "2023010x", "20221231"),
]
PROCEDURES = [
    *("DT019", "PM007", "TKC20", "QC000"),
    *(
        "PM000",
        "QL000",
        "UX001",
        "TKC99",
        "U1001",
        "DT999",
        "dt019",
        "DT01900",
        "00DT019",
        " DT019",
        "DT 19",
        "",
        "ÅT019",
        '"DT019"',
        "DT0199",
    ),
]
RIGHT_PROFESSIONS = ["XS919", "XS910", "XS918"]
PROFESSIONS = ["XS915", "XS919", "XS919;XS910", "XS999", "XS91", "xs919", "XS91900", "", " XS919", "sjuksköterska", "XS919;XS919"]


def often(draw: random.Random, right: Sequence[str], other: Sequence[str]) -> str:
    return draw.choice(right if draw.random() < 0.93 else other)


def khsl1_row(draw: random.Random) -> str:
    month = often(draw, ["01"], ["02", "1", "13", "", "301"])
    year = often(draw, ["2023"], ["2022", "202", "", "23"])
    return ";".join([often(draw, ["0114"], MUNICIPALITIES), often(draw, MANY, IDENTITIES), year, month])


def khsl2_row(draw: random.Random) -> str:
    further = draw.choice([0] * 12 + [1, 2, 7, 8])
    professions = [often(draw, RIGHT_PROFESSIONS[place % 3 :][:1], PROFESSIONS) for place in range(1 + further)]
    head = [often(draw, ["0114"], MUNICIPALITIES), often(draw, MANY, IDENTITIES)]
    head += [often(draw, DATES[:31], DATES), often(draw, PROCEDURES[:4], PROCEDURES)]
    return ";".join([*head, *professions])


def mangled(draw: random.Random, row: str) -> str:
    """The row as it is, most often."""
    kind = draw.randrange(80)
    place = draw.randrange(len(row) + 1)
    return {
        0: row[:place],
        1: row[:place] + draw.choice(';"x 0é\t') + row[place:],
        2: row[:place] + row[place + 1 :],
        3: row + ";",
        4: row + ";" * 7,
        5: draw.choice(["", " ", ";;;", "\u00a0\t", "\x1a", "; ;"]),
        6: row * 5,
        8: row + ";" * draw.randrange(1, 20),
        7: row + draw.choice(["\x01", "ÿ", "; ", ";;XS910"]),
    }.get(kind, row)


def content_of(seed: int, file_type: str, length: int) -> list[bytes]:
    draw = random.Random(seed)
    row = khsl1_row if file_type == "KHSL1" else khsl2_row
    lines = [mangled(draw, row(draw)) for _ in range(length)]
    return [(draw.choice(lines) if draw.random() < 0.05 else line).encode() for line in lines]


def judged(
    tmp_path: Path,
    files: Sequence[PlainFile],
    *,
    codes: ValidCodes = CODES,
    deaths: pa.Table | None = None,
    layout: Layout | None = None,
    limit: float = 1.0,
    recognition: bool = True,
) -> tuple[list[Delivery], pa.Table, dict[tuple[int, str], tuple[int, list[int], list[str]]]]:
    """Judge files as intake does; the faults by delivery and rule."""
    file_type = files[0].type
    source = Source(
        name="a delivery", place="a delivery", on_disk=str(tmp_path), size=0, changed=0, given=0, relative="", year=2023
    )
    deliveries = [
        Delivery(
            number=number,
            source=source,
            name=f"{number}",
            year=file.year,
            type=file.type,
            municipality=file.municipality,
            month=file.month,
            received=sum(bool(line.strip(b" \t\r\v\f\x1a;\xc2\xa0")) for line in file.lines),
        )
        for number, file in enumerate(files, start=7)
    ]
    persons = [(d.number + 1000, p) for d, file in zip(deliveries, files, strict=True) for p in sorted(file.persons or ())]
    table = pa.table(
        {
            "file": pa.array([file for file, _ in persons], pa.int32()),
            "identity_number": pa.array([p for _, p in persons], pa.string()),
        }
    )
    pq.write_table(table, tmp_path / "persons.parquet")
    accepted, counts = judge(
        DATABASE,
        Batch(deliveries, [b"".join(line + b"\n" for line in file.lines) for file in files]),
        layout or layouts()[file_type],
        codes,
        share_limit=limit,
        persons={
            (file.municipality, file.month): delivery.number + 1000
            for delivery, file in zip(deliveries, files, strict=True)
            if file.persons is not None
        },
        persons_rows=[tmp_path / "persons.parquet"],
        deaths=deaths,
        recognition=recognition,
    )
    faults = {(count.file, count.rule): (count.times, count.first_lines, list(count.values)) for count in counts}
    assert len(faults) == len(counts)
    return deliveries, accepted, faults


def told_plainly(number: int, plain: Judgement) -> dict[tuple[int, str], tuple[int, list[int], list[str]]]:
    return {
        (number, rule): (len(lines), lines[:1000], shown_codes(plain.codes[rule]) if rule in plain.codes else [])
        for rule, lines in plain.lines.items()
    }


def deaths_table() -> pa.Table:
    # Each twice: the first date is the one that counts.
    later = [date + dt.timedelta(days=400) for date in DEATHS.values()]
    return pa.table({"identity_number": [*DEATHS, *DEATHS], "date": pa.array([*later, *DEATHS.values()], pa.date32())})


def assert_the_same(tmp_path: Path, files: Sequence[PlainFile], codes: ValidCodes, *, with_deaths: bool) -> list[Judgement]:
    plain = [judge_plainly(file, codes, DEATHS if with_deaths else {}) for file in files]
    for recognition in (True, False):
        deliveries, accepted, faults = judged(
            tmp_path, files, codes=codes, deaths=deaths_table() if with_deaths else None, recognition=recognition
        )
        rows: list[tuple[Any, ...]] = [tuple(row.values()) for row in accepted.to_pylist()]
        expected: dict[tuple[int, str], Any] = {}
        expected_rows: list[tuple[Any, ...]] = []
        for delivery, told in zip(deliveries, plain, strict=True):
            expected |= told_plainly(delivery.number, told)
            if delivery.verdict == "accepted":
                expected_rows += [(delivery.number, *row) for row in told.rows]
            assert delivery.bad == delivery.received - len(told.rows)
        assert faults == expected
        assert rows == expected_rows
    return plain


def files_of(seed: int, file_type: str, length: int) -> list[PlainFile]:
    one, two, three = (content_of(seed * 3 + part, file_type, length) for part in range(3))
    return [
        PlainFile(file_type, "0114", 2023, 1, one, set(PERSONS)),
        PlainFile(file_type, "0114", 2023, 2, two, None),
        PlainFile(file_type, "0180", 2023, 1, three, {WOMAN}),
    ]


@given(
    seed=st.integers(0, 10**9),
    file_type=st.sampled_from(["KHSL1", "KHSL2"]),
    length=st.integers(1, 60),
    reserve=st.booleans(),
    with_deaths=st.booleans(),
    listed=st.sampled_from(["every code", "the list", "half the list", "nothing"]),
)
@settings(max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_engine_says_what_plain_python_says(
    tmp_path: Path, seed: int, file_type: str, length: int, reserve: bool, with_deaths: bool, listed: str
) -> None:
    codes = dataclasses.replace(
        CODES,
        reserve_numbers=reserve,
        procedures=None if listed == "every code" else CODES.procedures,
        unchecked={"half the list": FORMS[:1], "nothing": FORMS}.get(listed, ()),
    )
    assert_the_same(tmp_path, files_of(seed, file_type, length), codes, with_deaths=with_deaths)


@pytest.mark.parametrize("file_type", ["KHSL1", "KHSL2"])
def test_thousands_of_rows_meet_every_rule_and_are_judged_the_same(tmp_path: Path, file_type: str) -> None:
    codes = dataclasses.replace(CODES, reserve_numbers=True, unchecked=FORMS[:1])
    plain = assert_the_same(tmp_path, files_of(1, file_type, 4000), codes, with_deaths=True)
    declared = {rule for rule in rules() if rule.startswith("row-")}
    only_khsl2 = {r for r in declared if r.startswith(("row-procedure", "row-profession", "row-date", "row-person-missing"))}
    assert every_rule(plain) == (declared - only_khsl2 if file_type == "KHSL1" else declared - {"row-period", "row-period-form"})
    assert any(len(told.rows) > 500 for told in plain)


@given(content=st.lists(st.text(st.characters(exclude_characters="\n\0", codec="utf-8"), max_size=60), min_size=1, max_size=8))
@settings(max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_judged_the_same(tmp_path: Path, content: list[str]) -> None:
    for file_type in ("KHSL1", "KHSL2"):
        file = PlainFile(file_type, "0114", 2023, 1, [line.encode() for line in content], set(PERSONS))
        assert_the_same(tmp_path, [file], CODES, with_deaths=True)


def good_file(*, municipality: str = "0114", month: int = 1, extra: Sequence[str] = ()) -> PlainFile:
    lines = [f"{municipality};{WOMAN};2023{month:02}{day:02};DT019;XS919" for day in range(1, 29)]
    return PlainFile("KHSL2", municipality, 2023, month, [line.encode() for line in (*lines, *extra)], {WOMAN})


def test_right_rows_are_recognised_and_rows_apart_from_them_are_told_with_their_codes(tmp_path: Path) -> None:
    extra = [
        *[f"0114;{WOMAN};202301{day:02};DT01900;XS919" for day in range(1, 4)],
        *[f"0114;{WOMAN};202301{day:02};{WOMAN};XS919;XS915;XS9199" for day in range(1, 4)],
    ]
    _, accepted, faults = judged(tmp_path, [good_file(extra=extra)])
    assert len(accepted) == 28
    assert faults[7, "row-procedure-padded"] == (3, [29, 30, 31], ["DT01900"])
    # An identity number in the wrong field is never shown.
    assert faults[7, "row-procedure-form"] == (3, [32, 33, 34], [])
    assert faults[7, "row-profession-form"] == (3, [32, 33, 34], ["XS9199"])
    assert faults[7, "row-profession-not-accepted"] == (3, [32, 33, 34], ["XS915"])


def test_a_receipt_shows_a_thousand_lines_and_ten_codes_at_the_most(tmp_path: Path) -> None:
    extra = [f"0114;{WOMAN};20230101;DT{code:03};XS919" for code in range(100, 1000)] * 2
    _, _, faults = judged(tmp_path, [good_file(extra=extra)])
    count, lines, codes = faults[7, "row-procedure-unknown"]
    assert (count, lines, codes) == (1800, list(range(29, 1029)), [f"DT{code}" for code in range(100, 110)])


WHOLE = {
    "file-fields": [f"0114;{WOMAN};2023;01", "x"],
    "file-other-municipality": [f"0180;{WOMAN};202301{day:02};DT019;XS919" for day in range(1, 9)],
    "file-other-period": [f"0114;{WOMAN};202302{day:02};DT019;XS919" for day in range(1, 9)],
    "file-quotes": [f'"0114";"{WOMAN}";"20230101";"DT019";"XS919"', f'"0114";"{MAN}";"20230101";"DT019";"XS919"', "x"],
    "file-bad-rows": [f"0114;{WOMAN};20230101;DT019;XS919", "x", "y"],
}


@pytest.mark.parametrize("rule", WHOLE)
def test_a_file_whose_rows_have_one_fault_in_common_is_rejected_with_a_remedy_for_the_file(tmp_path: Path, rule: str) -> None:
    wrong = PlainFile("KHSL2", "0114", 2023, 1, [line.encode() for line in WHOLE[rule]], None)
    deliveries, accepted, _ = judged(tmp_path, [good_file(municipality="0180"), wrong], limit=0.5)
    assert [delivery.verdict for delivery in deliveries] == ["accepted", "rejected"]
    assert set(deliveries[1].faults) == {rule, "file-without-persons"}
    assert (deliveries[0].accepted, deliveries[1].accepted, len(accepted)) == (28, 0, 28)


def test_a_layout_in_another_order_is_judged_too(tmp_path: Path) -> None:
    layout = layouts()["KHSL2"]
    municipality, identity, date, procedure, *rest = layout.fields
    swapped = layout.model_copy(update={"fields": (date, identity, municipality, procedure, *rest)})
    later = layout.model_copy(update={"fields": (municipality, procedure, identity, date, *rest)})
    assert head_of(layout) is not None and head_of(layouts()["KHSL1"]) is not None
    assert head_of(swapped) is not None
    assert head_of(later) is None
    lines = [f"202301{day:02};{WOMAN};0114;DT019;XS919".encode() for day in (1, 2, 32)]
    for recognition in (True, False):
        _, accepted, faults = judged(
            tmp_path, [PlainFile("KHSL2", "0114", 2023, 1, lines, {WOMAN})], layout=swapped, recognition=recognition
        )
        assert accepted["date"].to_pylist() == [dt.date(2023, 1, 1), dt.date(2023, 1, 2)]
        assert set(faults) == {(7, "row-date")}
    lines = [f"0114;DT019;{WOMAN};202301{day:02};XS919".encode() for day in (1, 2, 32)]
    _, accepted, faults = judged(tmp_path, [PlainFile("KHSL2", "0114", 2023, 1, lines, {WOMAN})], layout=later)
    assert accepted["date"].to_pylist() == [dt.date(2023, 1, 1), dt.date(2023, 1, 2)]
    assert set(faults) == {(7, "row-date")}


def test_what_is_written_is_ordinary_text_in_row_groups_with_their_own_values(tmp_path: Path) -> None:
    _, accepted, _ = judged(tmp_path, [good_file(), good_file(municipality="0180")])
    with rows_writer(tmp_path / "rows.parquet", "KHSL2") as writer:
        write_rows(writer, accepted)
        write_rows(writer, accepted.slice(0, 0))
        write_rows(writer, accepted)
    written = pq.read_table(tmp_path / "rows.parquet")
    assert written.num_rows == 2 * accepted.num_rows
    assert str(written.schema.field("identity_number").type) == "string"
    assert written.schema.field("date").type == pa.date32()
    assert [*written.slice(0, 56).to_pylist()] == accepted.to_pylist()
    assert pq.ParquetFile(tmp_path / "rows.parquet").num_row_groups == 2
    assert ROW_GROUP > 56
