"""Deliveries are validated, every row is accounted for, and every file gets a receipt."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import validate

from kvarn.collect import collect_year, fingerprint, receipt_schema, rules, take_in
from kvarn.errors import DeliveryError, InputError
from tests.drawn import examples

from .conftest import MAN, WOMAN, Intake, person, procedure, rows, terms, with_check_digit

KHSL1, KHSL2 = "KHSL1_0114_202301.txt", "KHSL2_0114_202301.txt"
GOOD = rows(person(), person(MAN))


def test_good_rows_are_taken_in_with_file_and_line(intake: Intake) -> None:
    taken = intake({KHSL1: GOOD, KHSL2: rows(procedure(), procedure(MAN, "20230131", "TKC20", "XS919", "XS910"))})
    assert taken.table("persons")[["line", "municipality", "identity_number", "year", "month"]].to_numpy().tolist() == [
        [1, "0114", WOMAN, 2023, 1],
        [2, "0114", MAN, 2023, 1],
    ]
    found = taken.table("procedures")
    assert found["procedure"].tolist() == ["DT019", "TKC20"]
    assert found["further_professions"].tolist() == ["", "XS910"]
    assert found["date"].astype(str).tolist() == ["2023-01-05", "2023-01-31"]
    log = taken.table("deliveries")
    assert log["verdict"].tolist() == ["accepted", "accepted"]
    assert log["accepted"].tolist() == [2, 2]
    assert log["bytes"].tolist() == [len(GOOD), len(rows(procedure(), procedure(MAN, "20230131", "TKC20", "XS919", "XS910")))]


# One broken row a rule, beside a good one.
BROKEN_ROWS = {
    "row-fields": (KHSL1, "0114;" + WOMAN),
    "row-trailing-semicolon": (KHSL1, person(MAN) + ";"),
    "row-quotes": (KHSL2, procedure(MAN, "20230105", "DT019", "XS919") + '"'),
    "row-municipality": (KHSL1, person(MAN, municipality="0180")),
    "row-municipality-form": (KHSL1, person(MAN, municipality="114")),
    "row-period-form": (KHSL1, person(MAN, month="1")),
    "row-identity-scientific": (KHSL1, person("1,93501E+11")),
    "row-period": (KHSL1, person(MAN, month="02")),
    "row-identity-form": (KHSL1, person("3501150018")),
    "row-identity-date": (KHSL1, person(with_check_digit("19350230001"))),
    "row-identity-future": (KHSL1, person(with_check_digit("20230201001"))),
    "row-identity-age": (KHSL1, person(with_check_digit("19070115001"))),
    "row-identity-check-digit": (KHSL1, person(MAN[:-1] + str((int(MAN[-1]) + 1) % 10))),
    "row-date": (KHSL2, procedure(MAN, "20230132")),
    "row-date-month": (KHSL2, procedure(MAN, "20230201")),
    "row-procedure-form": (KHSL2, procedure(MAN, "20230105", "D")),
    "row-procedure-padded": (KHSL2, procedure(MAN, "20230105", "DT01900")),
    "row-procedure-regional": (KHSL2, procedure(MAN, "20230105", "UX001")),
    "row-procedure-not-detailed": (KHSL2, procedure(MAN, "20230105", "PD000")),
    "row-procedure-unknown": (KHSL2, procedure(MAN, "20230105", "DT999")),
    "row-profession-form": (KHSL2, procedure(MAN, "20230105", "DT019", "sjuksköterska")),
    "row-profession-unknown": (KHSL2, procedure(MAN, "20230105", "DT019", "XS999")),
    "row-profession-not-accepted": (KHSL2, procedure(MAN, "20230105", "DT019", "XS915")),
    "row-profession-repeated": (KHSL2, procedure(MAN, "20230105", "DT019", "XS919", "XS919")),
    "row-duplicate": (KHSL1, person(WOMAN)),
    "row-person-missing": (KHSL2, procedure(with_check_digit("19500505003"))),
}

# The row is split as it stands, and then its last code is wrong too.
ALSO = {"row-quotes": {"row-profession-form"}}

BROKEN_FILES = {
    "file-name": ("KHSL1-0114-202301.txt", GOOD),
    "file-type": ("KHSL3_0114_202301.txt", GOOD),
    "file-municipality": ("KHSL1_9999_202301.txt", GOOD),
    "file-period": ("KHSL1_0114_202313.txt", GOOD),
    "file-empty": (KHSL1, b"\n"),
    "file-binary": (KHSL1, GOOD + b"\0\0\n"),
    "file-encoding": (KHSL1, GOOD + b"\x81\x8d\xff\n"),
    "file-header": (KHSL1, rows("kommun;personnummer;år;månad") + GOOD),
    "file-separator": (KHSL1, GOOD.replace(b";", b",")),
    "file-truncated": (KHSL1, GOOD + b"0114;1940"),
    "file-fields": (KHSL1, rows(procedure(), procedure(MAN))),
    "file-quotes": (KHSL1, GOOD.replace(b"0114", b'"0114"')),
    "file-other-municipality": (KHSL1, rows(person(municipality="0180"), person(MAN, municipality="0180"))),
    "file-other-period": (KHSL1, rows(person(month="02"), person(MAN, month="02"))),
}


@pytest.mark.parametrize("rule", BROKEN_ROWS)
def test_a_row_that_breaks_a_rule_is_told_and_the_good_rows_stay(intake: Intake, rule: str) -> None:
    name, row = BROKEN_ROWS[rule]
    good = {KHSL1: GOOD, KHSL2: rows(procedure())}
    taken = intake(good | {name: good[name] + row.encode() + b"\n"})
    receipt = taken.receipt(name)
    fault = next(fault for fault in receipt["faults"] if fault["rule"] == rule)
    line = good[name].count(b"\n") + 1
    assert (fault["count"], fault["lines"]) == (1, [line])
    assert receipt["verdict"] == "accepted"
    severe = rules()[rule].severity == "error"
    assert receipt["received"] == line
    assert receipt["rejected"] == (1 if severe else 0)
    assert taken.rules(name) == {rule} | ALSO.get(rule, set())


@pytest.mark.parametrize("rule", BROKEN_FILES)
def test_a_file_that_breaks_a_rule_is_rejected_whole(intake: Intake, rule: str) -> None:
    name, content = BROKEN_FILES[rule]
    taken = intake({name: content})
    receipt = taken.receipt(name)
    assert rule in taken.rules(name)
    assert receipt["verdict"] == "rejected"
    assert receipt["accepted"] == 0
    assert receipt["received"] == receipt["rejected"]
    assert taken.receipt(name)["accepted"] == 0
    assert not list(taken.store.rglob("*.parquet"))


def test_procedures_before_2019_are_rejected(intake: Intake) -> None:
    taken = intake({"KHSL2_0114_201812.txt": rows(procedure(WOMAN, "20181205"))}, year=2018)
    assert taken.rules("KHSL2_0114_201812.txt") == {"file-first-year"}
    assert taken.receipt("KHSL2_0114_201812.txt")["verdict"] == "rejected"


def test_a_file_with_too_many_bad_rows_is_rejected_whole(intake: Intake) -> None:
    content = GOOD + rows("x;y")
    accepted = intake({KHSL1: content}, limit=0.34)
    assert accepted.receipt(KHSL1)["verdict"] == "accepted"
    rejected = intake({KHSL1: content}, limit=0.33)
    assert rejected.receipt(KHSL1)["verdict"] == "rejected"
    assert "file-bad-rows" in rejected.rules(KHSL1)
    assert not list(rejected.store.rglob("*.parquet"))


def test_a_byte_order_mark_and_a_file_without_persons_are_warnings(intake: Intake) -> None:
    taken = intake({KHSL1: b"\xef\xbb\xbf" + GOOD, "KHSL2_0180_202301.txt": rows(procedure(municipality="0180"))})
    assert taken.receipt(KHSL1)["verdict"] == "accepted"
    assert taken.rules(KHSL1) == {"file-byte-order-mark"}
    assert "file-without-persons" in taken.rules("KHSL2_0180_202301.txt")


def test_every_declared_rule_is_tested_and_told_in_both_languages() -> None:
    tested = set(BROKEN_ROWS) | set(BROKEN_FILES)
    elsewhere = {
        "file-first-year",
        "file-bad-rows",
        "file-byte-order-mark",
        "file-without-persons",
        "file-unreadable",
        "file-future",
        "file-ambiguous",
        "file-duplicate",
        "file-not-stored",
        "archive-unreadable",
        "archive-empty",
        "archive-encrypted",
        "archive-path",
        "archive-size",
        "archive-nested",
        "file-size",
        # Of what had come before (test_fewer_rows).
        "file-fewer-than-earlier",
        "file-fewer-than-month-before",
        # Of the parameters of the judging (test_judge).
        "row-identity-reserve",
        "row-care-after-death",
        # Of deliveries as they come from the field (test_field).
        "file-empty-lines",
        "file-unchecked",
        "row-identity-date-unknown",
        "row-procedure-unchecked",
    }
    assert set(rules()) == tested | elsewhere
    for rule in rules().values():
        assert rule.severity in {"error", "warning"}
        assert rule.sv.endswith(".") and rule.en.endswith(".") and rule.source


@pytest.mark.parametrize("content", [GOOD.replace(b"\n", b"\r\n"), GOOD[:-1]], ids=["CRLF", "no last line break"])
def test_line_ends_do_not_matter(intake: Intake, content: bytes) -> None:
    taken = intake({KHSL1: content})
    assert taken.receipt(KHSL1)["accepted"] == 2
    assert taken.receipt(KHSL1)["faults"] == []


def test_a_trailing_semicolon_is_the_empty_twelfth_item_and_no_other(intake: Intake) -> None:
    right = procedure(MAN, "20230105", "DT019", "XS919") + ";" * 7
    wrong = procedure(WOMAN, "20230105", "DT019", "XS919") + ";"
    taken = intake({KHSL1: GOOD, KHSL2: rows(right, wrong)})
    assert taken.receipt(KHSL2)["accepted"] == 1
    assert taken.table("procedures")["identity_number"].tolist() == [MAN]


def test_co_ordination_numbers_and_leap_days_are_right(intake: Intake) -> None:
    coordination = with_check_digit("19400289002")
    taken = intake({KHSL1: rows(person(coordination), person(WOMAN), person(with_check_digit("19000229001")))})
    assert taken.receipt(KHSL1)["accepted"] == 2
    assert taken.rules(KHSL1) == {"row-identity-date"}


def test_a_receipt_follows_its_schema_and_holds_no_identity_number(intake: Intake) -> None:
    content = GOOD + rows(person(MAN, month="02"), "x")
    taken = intake({KHSL1: content})
    receipt = taken.receipt(KHSL1)
    validate(receipt, receipt_schema())
    assert receipt["sha256"] == hashlib.sha256(content).hexdigest()
    text = "".join((taken.receipts / f"{KHSL1}{suffix}").read_text(encoding="utf-8") for suffix in (".json", ".html"))
    assert WOMAN not in text and MAN not in text and MAN[2:8] not in text


def test_what_is_taken_in_is_for_its_owner_alone(intake: Intake) -> None:
    taken = intake({KHSL1: GOOD})
    for path in [found for folder in (taken.store, taken.receipts, taken.folder) for found in (folder, *folder.rglob("*"))]:
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_dates_of_arrival_are_kept(intake: Intake) -> None:
    taken = intake({KHSL1: GOOD, "KHSL1_0114_202302.txt": rows(person(month="02"))}, arrived=[f"{KHSL1},2023-03-31"])
    arrived = taken.table("deliveries")["arrived"]
    assert (str(arrived[0]), bool(pd.isna(arrived[1]))) == ("2023-03-31", True)
    with pytest.raises(InputError, match="without a file name and a date") as caught:
        intake({KHSL1: GOOD}, arrived=[f"{KHSL1},31/3"])
    assert caught.value.line == 2


def test_two_different_files_of_one_name_at_once_are_rejected_and_equal_ones_count_once(intake: Intake) -> None:
    equal = intake({KHSL1: GOOD, f"again/{KHSL1}": GOOD})
    assert equal.table("deliveries")["in_force"].tolist() == [True, False]
    assert len(equal.table("persons")) == 2
    assert equal.rules(KHSL1) == set(), "the receipt of the first, which counts"
    assert equal.rules(f"earlier/2-{KHSL1}") == {"file-duplicate"}
    different = intake({f"again/{KHSL1}": GOOD[:-1]})
    assert different.rules(KHSL1) == {"file-ambiguous"}
    assert not different.folder.exists(), "neither is in force"


def test_no_deliveries_at_all_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="nothing at this path"):
        take_in([tmp_path / "nowhere"], tmp_path / "store", terms=terms())
    assert not (tmp_path / "store").exists()


def test_a_year_without_a_single_delivery_in_force_is_an_error(intake: Intake, tmp_path: Path) -> None:
    taken = intake({KHSL1: GOOD, "KHSL1_0114_202101.txt": b"x"})
    with pytest.raises(DeliveryError, match="none had come"):
        collect_year(taken.store, 2022, tmp_path / "collected")
    with pytest.raises(DeliveryError, match="all were rejected"):
        collect_year(taken.store, 2021, tmp_path / "collected")
    assert not (tmp_path / "collected" / "2022").exists()


def test_the_same_deliveries_give_the_same_bytes_with_one_thread_or_two(intake: Intake) -> None:
    files = {KHSL1: GOOD, KHSL2: rows(*[procedure(MAN, f"202301{day:02}") for day in range(1, 32)])}
    digests = []
    for threads in (1, 2):
        taken = intake(files, threads=threads)
        made = [path for folder in (taken.store / "rows", taken.receipts, taken.folder) for path in sorted(folder.rglob("*"))]
        digests.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in made if path.is_file()})
    assert digests[0] == digests[1]


@given(
    content=st.lists(
        st.one_of(
            st.sampled_from([person().encode(), person(MAN).encode(), procedure().encode(), b"", b";;;", b"0114;;2023;01"]),
            st.binary(max_size=60),
        ),
        max_size=12,
    ).map(b"\n".join),
    kind=st.sampled_from([KHSL1, KHSL2]),
)
@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_received_is_accepted_and_rejected_whatever_the_bytes(intake: Intake, content: bytes, kind: str) -> None:
    taken = intake({KHSL1: GOOD} | {kind: content}, limit=0.5)
    for receipt in (taken.receipt(KHSL1), taken.receipt(kind)):
        assert receipt["received"] == receipt["accepted"] + receipt["rejected"]
    if taken.folder.exists():
        product = "persons" if kind == KHSL1 else "procedures"
        assert len(taken.table(product)) == taken.receipt(kind)["accepted"]


def test_a_fingerprint_changes_with_any_file_of_the_year_or_arrival(tmp_path: Path) -> None:
    folder = tmp_path / "deliveries"
    folder.mkdir()
    (folder / KHSL1).write_bytes(GOOD)
    first = fingerprint(folder, [2023])
    assert fingerprint(folder, [2023]) == first
    (folder / "KHSL1_0114_202201.txt").write_bytes(GOOD)
    assert fingerprint(folder, [2023]) == first, "another year's file"
    (folder / KHSL2).write_bytes(rows(procedure()))
    second = fingerprint(folder, [2023])
    (folder / "arrivals.csv").write_text(f"file,arrived\n{KHSL1},2023-03-01\n")
    third = fingerprint(folder, [2023])
    (folder / KHSL2).unlink()
    fourth = fingerprint(folder, [2023])
    (folder / KHSL1).write_bytes(rows(person()))
    fifth = fingerprint(folder, [2023])
    assert len({first, second, third, fourth, fifth}) == 5
