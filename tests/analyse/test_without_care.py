"""More persons with a procedure than with care, where that is accepted: published as they are, and nothing secret told by it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kvarn.analyse import Register, protect_tables, validate_tables
from kvarn.analyse._tables import complete_table, read_tables, write_table
from kvarn.analyse.disclosure.system import Cell, system_of
from kvarn.analyse.disclosure.written.audit import Published, audit_written, read_csv, secrets_of
from kvarn.analyse.disclosure.written.relations import lines, untrue_of
from kvarn.analyse.disclosure.written.secrecy import true_counts
from kvarn.edition import Disclosure
from kvarn.errors import ConsistencyError, DisclosureError

from .registers import Act, Month, write_register

# In January five have care, and six a procedure; in February one, and nobody has care; in March nine of ten.
CARE = {1: 5, 2: 0, 3: 10}
TREATED = {1: 6, 2: 1, 3: 9}
WITH, CARED = "persons_with_procedure", "persons"


def cell(measure: str, month: int | None) -> Cell:
    return Cell(measure, 2023, () if month is None else (("month", f"{month:02}"),))


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    persons = [(1 + number % 2, 1940) for number in range(80)]
    months: list[Month] = [(20 + who, 2023, month, 180) for month in range(4, 13) for who in range(30)]
    months += [(who, 2023, month, 180) for month, number in CARE.items() for who in range(number)]
    acts: list[Act] = [
        (who, f"2023-{month:02}-05", 180, "DT019", "XS919", "") for month, n in TREATED.items() for who in range(n)
    ]
    acts += [(20 + who, f"2023-{month:02}-05", 180, "DT019", "XS919", "") for month in range(4, 13) for who in range(25)]
    folder = tmp_path / "tables"
    folder.mkdir()
    with Register(write_register(tmp_path / "register", persons, months, acts), behind="keys") as register:
        care = complete_table("persons-by-month", register.count_persons(["year", "month", "sex"], [2023]))
        by = ["year", "month"]
        treated = complete_table(
            "procedures-by-month", register.count_procedures(by, [2023]), register.count_persons_with_procedure(by, [2023])
        )
    write_table(folder / "persons-by-month.parquet", care)
    write_table(folder / "procedures-by-month.parquet", treated)
    return folder


def protected(tables: Path, rules: Disclosure) -> dict[str, pd.DataFrame]:
    into = tables.parent / "protected"
    protect_tables(tables, into, disclosure=rules, synthetic=False, report=tables.parent / "report" / "report.json")
    return {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in into.glob("*.csv")}


def shown(frame: pd.DataFrame, measure: str, month: str) -> str:
    rows = frame[(frame["measure"] == measure) & (frame["month"] == month)]
    rows = rows[rows["sex"] == "T"] if "sex" in rows else rows
    (row,) = rows.to_dict("records")
    return str(row["value"] or row["status"])


def test_it_contradicts_unless_the_year_is_accepted(tables: Path) -> None:
    for accepted in ((), (2022,)):
        with pytest.raises(ConsistencyError, match="larger than its whole") as caught:
            validate_tables(tables, without_care=accepted)
        assert "data.care" in str(caught.value.remedy) and "accepted" in str(caught.value.remedy)
    validate_tables(tables, without_care={2023})


def test_another_contradiction_is_none_of_those_accepted(tables: Path) -> None:
    frame = pd.read_parquet(tables / "persons-by-month.parquet")
    total = (frame["month"] == "T") & (frame["sex"] == "T")
    frame.loc[total, ["value", "contributors"]] = ["4", 4]
    write_table(tables / "persons-by-month.parquet", frame)
    with pytest.raises(ConsistencyError):
        validate_tables(tables, without_care={2023})


def test_the_pairs_that_contradict_are_no_relation_and_have_no_difference_and_all_others_stay_tied(tables: Path) -> None:
    system = system_of(read_tables(tables))
    pairs = [(nest.total, nest.parts) for nest in system.nests]
    for month in range(1, 13):
        untrue = month in (1, 2)
        pair = (cell(CARED, month), (cell(WITH, month),))
        assert (pair in pairs, pair in system.differences) == (not untrue, not untrue)
        assert any((nest.total, nest.parts) == pair for nest in system.untrue) == untrue


def test_the_audit_states_its_own_relations_without_those_that_do_not_hold(tables: Path) -> None:
    counts = true_counts(read_tables(tables))
    untrue = untrue_of(counts)
    assert untrue == {(WITH, 2023, (("month", "01"),)), (WITH, 2023, (("month", "02"),))}
    for line in lines(set(counts), untrue):
        # Every relation that is stated holds in the true table.
        total = sum(factor * counts[key] for key, factor in line.terms.items())
        assert total == 0 if line.exact else total >= 0
    assert len(list(lines(set(counts)))) == len(list(lines(set(counts), untrue))) + 2


def test_both_are_published_as_they_are_and_what_is_secret_stays_so(tables: Path) -> None:
    rules = Disclosure(threshold=4, contributors=4)
    found = protected(tables, rules)
    assert shown(found["persons-by-month"], CARED, "02") == "0"
    assert shown(found["procedures-by-month"], WITH, "02") == "X"
    truth = read_tables(tables)
    published = Published()
    read_csv(tables.parent / "protected", published)
    untrue = untrue_of(true_counts(truth))
    assert audit_written(published, secrets_of(truth, rules), untrue=untrue)["secrets"] > 0
    # Whoever believes that the ones are part of the others finds no table that fits, and is told nothing.
    with pytest.raises((ConsistencyError, DisclosureError)):
        audit_written(published, secrets_of(truth, rules))


def test_five_with_care_and_six_with_a_procedure_are_both_published(tables: Path) -> None:
    found = protected(tables, Disclosure(threshold=2, contributors=2, width=1, singletons=False))
    assert (shown(found["persons-by-month"], CARED, "01"), shown(found["procedures-by-month"], WITH, "01")) == ("5", "6")


def test_a_difference_of_one_is_kept_secret_where_the_relation_holds(tables: Path) -> None:
    # In March one of ten has no procedure: that is told of nobody.
    found = protected(tables, Disclosure(threshold=4, contributors=4))
    assert "X" in (shown(found["persons-by-month"], CARED, "03"), shown(found["procedures-by-month"], WITH, "03"))


def test_by_cell_key_too(tables: Path) -> None:
    found = protected(tables, Disclosure(method="cell-key"))
    assert shown(found["persons-by-month"], CARED, "02") == "0"


def test_the_edition_after_remembers_it_and_is_not_stopped_by_it(tables: Path) -> None:
    root = tables.parent / "restricted"
    rules = Disclosure(threshold=4, contributors=4)
    for name, earlier in (("first", ()), ("second", ("first",))):
        given = rules.model_copy(update={"earlier": earlier})
        protect_tables(tables, root / name / "out", disclosure=given, synthetic=False, report=root / name / "report.json")
    one, two = ((root / name / "out" / "procedures-by-month.csv").read_bytes() for name in ("first", "second"))
    assert one == two
