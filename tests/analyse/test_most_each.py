"""Where there are files of few months, a person has few: what is published of the months tells of the persons."""

from __future__ import annotations

import pandas as pd
import pytest

from kvarn.analyse.disclosure.primary import primary_suppression
from kvarn.analyse.disclosure.suppression.audit import audit
from kvarn.analyse.disclosure.suppression.secondary import protection
from kvarn.analyse.disclosure.system import Cell, system_of
from kvarn.analyse.disclosure.written import as_it_was
from kvarn.analyse.disclosure.written.audit import Published, audit_written
from kvarn.analyse.disclosure.written.relations import lines
from kvarn.analyse.disclosure.written.secrecy import secrets_of
from kvarn.edition import Disclosure
from kvarn.errors import DisclosureError

RULES = Disclosure(threshold=4, contributors=4, width=3, singletons=False, municipalities=False)
TABLE = "months-by-region"
PLACES = ("0114", "0115", "0117", "0120")


def tables(months: int, persons: int, person_months: int) -> dict[str, pd.DataFrame]:
    """A county of four municipalities: the first has files of so many months, the others of all."""
    people = dict(zip(PLACES, (persons, 40, 50, 60), strict=True))
    each = dict(zip(PLACES, (person_months, 300, 400, 500), strict=True))
    covered = dict(zip(PLACES, (months, 12, 12, 12), strict=True))
    rows = []
    for region, among in (("01", PLACES), *((place, (place,)) for place in PLACES)):
        behind = sum(people[one] for one in among)
        rows += [
            (2023, region, "persons", str(behind), behind),
            (2023, region, "person_months", str(sum(each[one] for one in among)), behind),
            (2023, region, "months_persons", str(sum(covered[one] for one in among)), None),
        ]
    return {TABLE: pd.DataFrame(rows, columns=["year", "region", "measure", "value", "contributors"])}


def cell(measure: str, place: str = PLACES[0]) -> Cell:
    return Cell(measure, 2023, (("region", place),))


def published(of: dict[str, pd.DataFrame], withheld: set[Cell]) -> Published:
    found = Published()
    for row in of[TABLE].to_dict("records"):
        key = (row["measure"], 2023, (("region", row["region"]),))
        status = "X" if Cell(*key) in withheld else ""
        found.see(key, "" if status else row["value"], status, f"{TABLE}.csv")
    return found


@pytest.mark.parametrize(("months", "persons", "person_months"), [(1, 3, 3), (1, 9, 9), (2, 3, 6), (2, 3, 5), (12, 3, 36)])
def test_a_person_has_no_more_months_than_there_are_files_of(months: int, persons: int, person_months: int) -> None:
    system = system_of(tables(months, persons, person_months))
    entries = {
        dict(one.terms)[cell("persons")]
        for one in system.relations
        if not one.exact and dict(one.terms).get(cell("person_months")) == -1 and cell("persons") in dict(one.terms)
    }
    assert entries == {months}


@pytest.mark.parametrize(("months", "persons", "person_months"), [(1, 3, 3), (2, 3, 6), (3, 3, 9), (12, 3, 36)])
def test_months_that_tell_how_few_the_persons_are_are_withheld_with_them(months: int, persons: int, person_months: int) -> None:
    of = tables(months, persons, person_months)
    problem = primary_suppression(system_of(of), RULES)
    assert cell("persons") in problem.primary
    hidden = problem.primary | protection(problem).secondary
    audit(problem, hidden)
    seen = published(of, hidden)
    audit_written(seen, secrets_of(of, RULES))


def test_an_edition_before_had_months_of_its_own() -> None:
    """Whoever kept it states of its counts what its own coverage said; the months without a file are told by the country's."""
    kept = {"first/months-by-region": tables(1, 9, 9)[TABLE].assign(status="")}
    assert as_it_was._months(kept) == {(2023, place): 12 if place != PLACES[0] else 1 for place in ("01", *PLACES)}
    silent = pd.DataFrame(
        {"year": 2023, "month": ["02", "03"], "measure": "persons", "value": "..", "contributors": None, "status": ".."}
    )
    assert as_it_was._months({**kept, "first/persons-by-month": silent})[(2023, "00")] == 10
    told = list(lines({("persons", 2023, ()), ("person_months", 2023, ())}, months={(2023, "00"): 10}))
    assert {("persons", 2023, ()): 10.0, ("person_months", 2023, ()): -1.0} in [line.terms for line in told]


def test_whoever_reads_what_was_written_states_it_too() -> None:
    """A check of the check: nine persons of one month, withheld, beside their nine person-months."""
    of = tables(1, 9, 9)
    secret = {("persons", 2023, (("region", PLACES[0]),)): 3}
    hidden = {cell("persons"), cell("persons", "01"), cell("persons", "0115")}
    with pytest.raises(DisclosureError, match="told too closely"):
        audit_written(published(of, hidden), secret)
    audit_written(published(tables(12, 9, 100), hidden), secret)
