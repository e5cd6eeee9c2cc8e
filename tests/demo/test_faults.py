"""Each fault is made at its rate, is what it says, and is logged."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from kvarn.demo import DEFAULT_FAULTS, FAULTS, write_demo
from kvarn.demo._faults import Period, with_file_fault, with_row_fault
from kvarn.demo._identity import check_digit
from kvarn.errors import InputError

NO_FAULTS = dict.fromkeys(FAULTS, 0.0)
PERSON = b"0114;194003120015;2023;05\n"
PROCEDURE = b"0114;194003120015;20230504;DT019;XS919\n"
KHSL1 = Period("KHSL1", "0114", 2023, 5)
KHSL2 = Period("KHSL2", "0114", 2023, 5)


def right(identity: str) -> bool:
    return identity[11] == check_digit(identity[2:11])


def written(folder: Path, **faults: float) -> Path:
    write_demo(folder, persons=400, first_year=2022, last_year=2022, procedures_per_person=6, faults={**NO_FAULTS, **faults})
    return folder


def logged(folder: Path) -> Counter[str]:
    with (folder / "faults.csv").open(encoding="utf-8", newline="") as lines:
        counts: Counter[str] = Counter()
        for row in csv.DictReader(lines):
            counts[row["fault"]] += int(row["count"])
        return counts


@pytest.mark.parametrize(
    ("fault", "row", "expected"),
    [
        ("other_month", PERSON, "0114;194003120015;2023;06"),
        ("wrong_municipality", PERSON, "0180;194003120015;2023;05"),
        ("wrong_number_of_fields", PERSON, "0114;194003120015;2023"),
        ("trailing_semicolon", PERSON, "0114;194003120015;2023;05;"),
        ("impossible_date", PROCEDURE, "0114;194003120015;20230532;DT019;XS919"),
        ("future_date", PROCEDURE, "0114;194003120015;20240501;DT019;XS919"),
        ("other_month", PROCEDURE, "0114;194003120015;20230615;DT019;XS919"),
        ("wrong_number_of_fields", PROCEDURE, "0114;194003120015;20230504;DT019"),
        ("unknown_procedure", PROCEDURE, "0114;194003120015;20230504;QY901;XS919"),
        ("unspecific_procedure", PROCEDURE, "0114;194003120015;20230504;PD000;XS919"),
        ("regional_procedure", PROCEDURE, "0114;194003120015;20230504;UX001;XS919"),
        ("padded_procedure", PROCEDURE, "0114;194003120015;20230504;DT01900;XS919"),
        ("profession_not_accepted", PROCEDURE, "0114;194003120015;20230504;DT019;XS921"),
        ("unknown_profession", PROCEDURE, "0114;194003120015;20230504;DT019;XS999"),
        ("repeated_profession", PROCEDURE, "0114;194003120015;20230504;DT019;XS919;XS919"),
    ],
)
def test_a_row_fault_changes_one_thing(fault: str, row: bytes, expected: str) -> None:
    period = KHSL2 if row is PROCEDURE else KHSL1
    assert with_row_fault(fault, row, period).decode() == expected + "\n"


def test_a_bad_check_digit_is_the_only_thing_wrong_with_the_number() -> None:
    identity = with_row_fault("bad_check_digit", PERSON, KHSL1).decode().split(";")[1]
    assert identity[:11] == "19400312001" and not right(identity)


@pytest.mark.parametrize(("fault", "birth"), [("impossible_date", "19400332"), ("future_date", "20240101")])
def test_a_wrong_birth_date_keeps_a_right_check_digit(fault: str, birth: str) -> None:
    identity = with_row_fault(fault, PERSON, KHSL1).decode().split(";")[1]
    assert identity.startswith(birth) and right(identity)


def test_a_duplicate_row_stands_twice() -> None:
    assert with_row_fault("duplicate_row", PERSON, KHSL1) == PERSON * 2


def test_a_full_row_gets_a_thirteenth_item_from_a_trailing_semicolon() -> None:
    eleven = b"0114;194003120015;20230504;XS008;" + b";".join(b"XS91%d" % number for number in range(7)) + b"\n"
    assert with_row_fault("trailing_semicolon", eleven, KHSL2).count(b";") == 12


@pytest.mark.parametrize(
    ("fault", "begins", "same_length"),
    [("byte_order_mark", b"\xef\xbb\xbf0114;", False), ("crlf", b"0114;", False), ("wrong_separator", b"0114,", True)],
)
def test_a_file_fault_changes_how_the_file_is_written(fault: str, begins: bytes, same_length: bool) -> None:
    content = with_file_fault(fault, PERSON * 5, KHSL1)
    assert content.startswith(begins)
    assert (len(content) == len(PERSON * 5)) is same_length


def test_a_truncated_file_ends_in_the_middle_of_a_row() -> None:
    for rows in (1, 2, 50):
        content = with_file_fault("truncated_file", PERSON * rows, KHSL1)
        assert content and not content.endswith(b"\n") and (PERSON * rows).startswith(content)


def test_the_header_in_iso_8859_1_is_not_utf_8() -> None:
    content = with_file_fault("iso_8859_1", PERSON, KHSL1)
    assert "År".encode("iso-8859-1") in content
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")


ROW_FAULTS = [name for name, fault in FAULTS.items() if fault.level == "row"]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faulty") / "demo"
    faults = {**NO_FAULTS, **dict.fromkeys(ROW_FAULTS, 0.01)}
    write_demo(folder, persons=2000, first_year=2022, last_year=2022, procedures_per_person=12, faults=faults)
    return folder


def test_every_row_fault_is_made_and_logged_at_its_rate(faulty: Path) -> None:
    rows = {
        type_: sum(file.read_bytes().count(b"\n") for file in faulty.glob(f"deliveries/*/{type_}_*.txt"))
        for type_ in ("KHSL1", "KHSL2")
    }
    counts = logged(faulty)
    assert set(counts) == set(ROW_FAULTS)
    for name, count in counts.items():
        assert count == pytest.approx(0.01 * sum(rows[type_] for type_ in FAULTS[name].types), rel=0.35), name


def test_other_faults_leave_the_register_underneath_as_it_is(tmp_path: Path) -> None:
    without, with_faults = written(tmp_path / "without"), written(tmp_path / "with", padded_procedure=0.05)
    for file in sorted(without.glob("deliveries/*/KHSL*.txt")):
        before = file.read_text("utf-8").splitlines()
        after = (with_faults / file.relative_to(without)).read_text("utf-8").splitlines()
        assert [row.replace("00;XS", ";XS") for row in after] == [row.replace("00;XS", ";XS") for row in before]


def test_missing_deliveries_do_not_arrive_and_late_ones_arrive_late(tmp_path: Path) -> None:
    everything = written(tmp_path / "everything")
    thinned = written(tmp_path / "thinned", missing_delivery=0.3, late_delivery=1.0)
    here = 0
    # A municipality that does not say who had care does not say what was done either.
    for file_type, arriving in (("KHSL1", 0.7), ("KHSL2", 0.7 * 0.7)):
        due, came = (len(list(folder.glob(f"deliveries/*/{file_type}*.txt"))) for folder in (everything, thinned))
        assert came == pytest.approx(arriving * due, rel=0.07)
        here += came
    arrivals = (thinned / "deliveries" / "arrivals.csv").read_text("utf-8").splitlines()
    assert len(arrivals) == here + 1
    # Care in January 2022 was due on 31 March.
    assert all(line[-10:] > "2022-03-31" for line in arrivals if "_202201" in line)


def test_an_empty_file_has_no_bytes_and_is_logged(tmp_path: Path) -> None:
    folder = written(tmp_path / "demo", empty_file=0.2)
    empty = [file for file in folder.glob("deliveries/*/KHSL*.txt") if not file.stat().st_size]
    assert empty and len(empty) == logged(folder)["empty_file"]


def test_a_fault_that_does_not_exist_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Did you mean 'duplicate_row'"):
        write_demo(tmp_path / "demo", persons=400, faults={"duplicate_rows": 0.1})


def test_a_rate_that_is_no_share_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a share"):
        write_demo(tmp_path / "demo", persons=400, faults={"duplicate_row": 2})


def test_default_rates_of_destructive_faults_are_small() -> None:
    assert sum(rate for name, rate in DEFAULT_FAULTS.items() if not FAULTS[name].harmless) < 0.02
