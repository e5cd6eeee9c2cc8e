"""What was a secret by the rules of then, and of the persons of then, stays one, whatever the rules and the figures are now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from kvarn import metadata
from kvarn.analyse._columns import LARGEST
from kvarn.edition import Disclosure, Dominance, Sensitive
from tests.analyse.attacker_of_chains import told
from tests.analyse.chain import CODES, FINEST, Codes, Office, Person, Register, Table, definition, needs

BOTH = {"sex": ("T", "1", "2"), "cooperation": ("T", "single", "joint")}
MEN_SINGLE: Codes = (("cooperation", "single"), ("sex", "1"))
# The men's single procedures by kind, and nothing else: whoever adds up has the figure.
FINE: Table = {"sex": ("1",), "cooperation": ("single",), "kind": CODES["kind"]}
# A finer order of the others: what is left is the men's single ones.
COMPLEMENT: Table = {"sex": ("2",), "cooperation": ("joint",), "kind": CODES["kind"]}


def people(**most: int) -> Register:
    """Thirty persons of each sex, each with three procedures of each kind, alone and jointly, in thirty places; and one man who
    has had many alone."""
    every = []
    for sex in CODES["sex"]:
        for number in range(30):
            every.append(Person(number, {of: 3 for of in FINEST if ("sex", sex) in of}))
    many = {of: most["of_one"] for of in FINEST if set(MEN_SINGLE) <= set(of)}
    return Register((*every, Person(30, many)))


DOMINATED = people(of_one=400)  # 1,200 of 1,470
STRICT = {
    "dominance": Disclosure(dominance=Dominance(n=1, per_cent=80)),
    "p %": Disclosure(p_per_cent=30),
    "contributors": Disclosure(contributors=40),
    "sensitive": Disclosure(sensitive={"sex": Sensitive(codes=("1",), contributors=40)}),
    "width": Disclosure(contributors=40, width=50),
}


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    tables = {"edition": BOTH, "fine": FINE, "complement": COMPLEMENT}
    with metadata.tables_beside(*(definition(name, by) for name, by in tables.items())):
        yield


@pytest.mark.parametrize("rule", STRICT)
def test_a_secret_of_a_rule_that_is_dropped_stays_one_with_its_width(tmp_path: Path, rule: str) -> None:
    office, strict = Office(tmp_path), STRICT[rule]
    assert office.edition(DOMINATED, strict, BOTH)[MEN_SINGLE] is None
    assert office.edition(DOMINATED, Disclosure(), BOTH)[MEN_SINGLE] is None
    # What the first edition withheld for the room that the secret needs is room enough for an order of three figures.
    assert office.order("fine", DOMINATED, Disclosure(), FINE, BOTH)
    assert needs(DOMINATED, MEN_SINGLE, strict) and told(office) == set()


@pytest.mark.parametrize("rule", STRICT)
def test_so_does_one_whose_figure_has_been_revised(tmp_path: Path, rule: str) -> None:
    """Men with single procedures have come, so that nobody stands out any more; all else is what it was."""
    office, strict = Office(tmp_path), STRICT[rule]
    assert office.edition(DOMINATED, strict, BOTH)[MEN_SINGLE] is None
    came = [Person(number, {of: 20 for of in FINEST if set(MEN_SINGLE) <= set(of)}) for number in range(60)]
    final = Register((*DOMINATED.people, *came))
    assert not needs(final, MEN_SINGLE, strict)
    office.edition(final, strict, BOTH)
    assert office.order("complement", final, strict, COMPLEMENT, BOTH)
    assert told(office) == set()


def test_so_does_one_that_has_the_same_number_and_other_persons_behind_it(tmp_path: Path) -> None:
    """Three persons were taken for sixty: the number of procedures is what it was, and was theirs."""
    few = Register((*(Person(number, dict.fromkeys(FINEST, 200)) for number in range(3)), *people(of_one=0).people[30:]))
    many = Register(tuple(Person(n % 30, dict.fromkeys(FINEST, 10)) for n in range(60)) + people(of_one=0).people[30:])
    office = Office(tmp_path)
    assert office.edition(few, Disclosure(), BOTH)[MEN_SINGLE] is None
    office.edition(many, Disclosure(), BOTH)
    assert office.order("fine", many, Disclosure(), FINE, BOTH)
    assert told(office) == set()


def test_a_pattern_that_does_not_tell_the_largest_contributors_is_taken_for_the_total_of_one(tmp_path: Path) -> None:
    """As patterns of before the columns were asked of every table may be."""
    office = Office(tmp_path)
    office.edition(DOMINATED, STRICT["dominance"], BOTH)
    kept = office.restricted / "edition-0" / "disclosure" / "edition.parquet"
    table: pd.DataFrame = pq.read_table(kept).to_pandas()
    pq.write_table(pq.read_table(kept).drop_columns(list(LARGEST)), kept)
    assert set(LARGEST) <= set(table.columns)
    office.edition(DOMINATED, Disclosure(), BOTH)
    assert office.order("fine", DOMINATED, Disclosure(), FINE, BOTH)
    assert told(office) == set()


TWO_KINDS: Table = {"kind": ("T", "assessing", "treating")}
THE_THIRD: Table = {"kind": ("other",), "sex": CODES["sex"]}


def test_what_is_left_stays_a_secret_that_was_one_by_the_rules_of_then(tmp_path: Path) -> None:
    """Nine procedures are of the kind that no table has: few by a limit of ten, and a finer order would show all of them."""
    others = [Person(number, {of: 1}) for number in range(9) for of in [FINEST[2 if number < 5 else -1]]]
    assert {dict(one_of)["kind"] for one in others for one_of in one.had} == {"other"}
    many = [Person(number, {of: 3 for of in FINEST if dict(of)["kind"] != "other"}) for number in range(40)]
    register, office = Register((*many, *others)), Office(tmp_path)
    with metadata.tables_beside(definition("two-kinds", TWO_KINDS), definition("the-third", THE_THIRD)):
        assert None in office.edition(register, Disclosure(contributors=10), TWO_KINDS, "two-kinds").values()
        office.edition(register, Disclosure(), TWO_KINDS, "two-kinds")
        shown = office.order("the-third", register, Disclosure(), THE_THIRD, TWO_KINDS, "two-kinds")
    assert None in shown.values()
