"""Where the audit tells a secret too closely, it says by what, and the protector protects again with that."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.analyse.disclosure import _agreed
from kvarn.analyse.disclosure.relation import Relation
from kvarn.analyse.disclosure.suppression.secondary import Protection, protection
from kvarn.analyse.disclosure.written.key import Key
from kvarn.analyse.disclosure.written.line import Line
from kvarn.analyse.disclosure.written.plain import Plain
from kvarn.analyse.disclosure.written.proof import what_follows
from kvarn.edition import Disclosure
from kvarn.errors import DisclosureError

from .test_links_unseen import Spec, protected, row

# The protector finds for itself what follows where wholes are taken for sums.
ALONE = Disclosure(taken_for_sums=0.0)
ALL, MONDAY, TUESDAY, REST, LEFT = [("procedures", 2023, ((name, name),)) for name in "abcde"]


def line(exact: bool = False, **terms: int) -> Line[Key]:
    names = {"all": ALL, "monday": MONDAY, "tuesday": TUESDAY, "rest": REST, "left": LEFT}
    return Line({names[name]: float(entry) for name, entry in terms.items()}, exact)


def test_what_stands_in_no_table_falls_out() -> None:
    """All are Monday, Tuesday and the rest, no fewer than Tuesday's: so Monday and twice Tuesday are no more than all."""
    lines = [(line(exact=True, all=1, monday=-1, tuesday=-1, rest=-1), 1.0), (line(rest=1, tuesday=-1), 1.0)]
    assert what_follows(MONDAY, lines, {REST}, {}) == line(all=1, monday=-1, tuesday=-2)


def test_fractions_become_whole_numbers() -> None:
    lines = [(line(all=1, monday=-3), 1 / 3), (line(tuesday=1, monday=1), 0.5)]
    assert what_follows(MONDAY, lines, set(), {}) == line(all=2, monday=-3, tuesday=3)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([(line(all=1, monday=-1), -1.0)], "what is no less than nought can be taken once or more, not less than nought times"),
        ([(line(all=1, rest=1, monday=-1), 1.0)], "how many the rest are nobody knows, so that it is no relation between counts"),
        ([(Line({ALL: 1.0, MONDAY: -2.5}, exact=False), 1.0)], "a ratio that is published holds only while it is"),
        ([(line(all=1), 1.0), (line(exact=True, all=-1), 1.0)], "nothing is left"),
    ],
)
def test_what_is_no_relation_between_counts_is_none(lines: list[tuple[Line[Key], float]], why: str) -> None:
    assert what_follows(MONDAY, lines, {REST}, {}) is None, why


def test_what_is_computed_is_told_by_what_it_is_computed_of() -> None:
    """What is left of all without Monday is the secret: it stands for its counts; anything else computed can be left out."""
    lines = [(line(left=1, tuesday=-1), 1.0)]
    assert what_follows(LEFT, lines, set(), {LEFT: {ALL: 1, MONDAY: -1}}) == line(all=1, monday=-1, tuesday=-1)
    lines = [(line(tuesday=2, left=-1), 1.0)]
    assert what_follows(TUESDAY, lines, set(), {LEFT: {ALL: 1, MONDAY: -1}}) == line(tuesday=1)


def test_the_proof_of_an_end_says_what_the_end_is() -> None:
    """All procedures are 9, Monday's 4; of the rest, in no table, there are as many as on Tuesday at least."""
    ties = [line(exact=True, all=1, monday=-1, tuesday=-1, rest=-1), line(rest=1, tuesday=-1)]
    plain = Plain({ALL: 9, MONDAY: 4}, {TUESDAY: 1, REST: 0}, ties)
    assert plain.interval(TUESDAY) == (1, 2)
    found = [what_follows(TUESDAY, proof, {REST}, {}) for proof in plain.proofs(TUESDAY)]
    assert line(all=1, monday=-1, tuesday=-2) in found


def with_procedure(*codes: str, value: int) -> tuple[object, ...]:
    return row("persons_with_procedure", 2023, *codes, value=value)


def each_had_one_thing_on_one_day() -> dict[str, Spec]:
    """The days add up to all, and so do the kinds: nobody is counted twice, and so nobody is on Monday, of whom 10 less 6 were
    treated. By age they are one and three."""
    days = {"T": 22, "1": 10, "2": 12} | dict.fromkeys("34567", 0)
    kinds = {"T": 22, "assessing": 10, "treating": 12, "other": 0}
    ages = {"0-64": 1, "65+": 3}
    counted = ["persons_with_procedure"]
    return {
        "ax": (["year", "weekday"], counted, [with_procedure(day, value=value) for day, value in days.items()]),
        "bx": (["year", "kind"], counted, [with_procedure(kind, value=value) for kind, value in kinds.items()]),
        "cx": (
            ["year", "weekday", "kind"],
            counted,
            [with_procedure("1", "assessing", value=6), with_procedure("1", "treating", value=4)],
        ),
        "dx": (
            ["year", "weekday", "kind", "age"],
            counted,
            [with_procedure("1", "treating", age, value=value) for age, value in ages.items()],
        ),
    }


def withheld(sheets: dict[str, object]) -> int:
    return sum((sheet["status"] == "X").sum() for sheet in sheets.values())  # type: ignore[index]


def test_a_secret_that_follows_by_what_the_audit_alone_knows_gets_company(tmp_path: Path) -> None:
    assert withheld(protected(tmp_path, ALONE, **each_had_one_thing_on_one_day())) > 3


@pytest.mark.usefixtures("unheard")
def test_without_listening_nothing_is_published(tmp_path: Path) -> None:
    with pytest.raises(DisclosureError, match="from what was written"):
        protected(tmp_path, ALONE, **each_had_one_thing_on_one_day())


def test_what_is_not_true_of_the_figures_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The protector holds what it is told to its own figures: a relation that they contradict ties nothing."""
    told: list[Relation] = []
    listening = _agreed._of_cells

    def lying(problem: object, lines: object) -> list[Relation]:
        told.extend(listening(problem, lines))  # type: ignore[arg-type]
        return [Relation(tuple((cell, -entry) for cell, entry in one.terms), one.exact) for one in told if len(one.terms) > 1]

    monkeypatch.setattr(_agreed, "_of_cells", lying)
    with pytest.raises(DisclosureError):
        protected(tmp_path, ALONE, **each_had_one_thing_on_one_day())
    assert told


def test_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An audit that is never content is asked so many times, and stops the run."""
    times = []

    def never(problem: object) -> Protection:
        times.append(problem)
        return protection(problem)  # type: ignore[arg-type]

    monkeypatch.setattr(_agreed, "protection", never)
    monkeypatch.setattr(_agreed, "_with", lambda problem, _: problem)
    with pytest.raises(DisclosureError, match="from what was written"):
        protected(tmp_path, ALONE, **each_had_one_thing_on_one_day())
    assert len(times) == _agreed._AT_MOST + 1
