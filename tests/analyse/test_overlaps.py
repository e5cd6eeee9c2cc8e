"""What parts that cover a total have in common can be computed as easily as a difference."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse._classification import children
from kvarn.analyse.disclosure.cell import VERSION, Cell
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.memory.pattern import keep_pattern
from kvarn.analyse.disclosure.memory.versions import add_versions
from kvarn.analyse.disclosure.primary import primary_suppression
from kvarn.analyse.disclosure.suppression.secondary import protection
from kvarn.analyse.disclosure.system import system_of
from kvarn.analyse.disclosure.written.as_it_was import as_it_was
from kvarn.analyse.disclosure.written.audit import Published, audit_written
from kvarn.analyse.disclosure.written.relations import Key, lines, overlaps
from kvarn.analyse.disclosure.written.secrecy import secret_overlaps
from kvarn.edition import Disclosure
from kvarn.errors import ConsistencyError, DisclosureError
from kvarn.pipeline.attack._out_before import OutBefore, lay_together

RULES = Disclosure()
JOINT = "procedures-joint"
# The third of the professions.
LAST = children("profession", "T")[2]


def joint(single: int, together: int, everyone: int, measure: str = "persons_with_procedure") -> pd.DataFrame:
    """One profession: with procedures by it alone, with joint ones, and in all."""
    rows = [(2019, "XS917", kind, measure, str(n), n) for kind, n in (("T", everyone), ("single", single), ("joint", together))]
    return pd.DataFrame(rows, columns=["year", "profession", "cooperation", "measure", "value", "contributors"])


def test_three_persons_with_both_are_a_secret_and_fifty_are_none() -> None:
    problem = primary_suppression(system_of({JOINT: joint(70, 79, 146)}), RULES)
    assert [problem.value(one.repeated) for one in problem.overlaps] == [3]
    assert len(protection(problem).secondary) >= 1, "70 + 79 − 146"
    wide = primary_suppression(system_of({JOINT: joint(70, 126, 146)}), RULES)
    assert wide.overlaps == () and protection(wide).secondary == frozenset()
    nobody = primary_suppression(system_of({JOINT: joint(70, 76, 146)}), RULES)
    assert nobody.overlaps == () and protection(nobody).secondary == frozenset()


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_the_audit_of_what_was_written_finds_an_overlap_until_one_of_the_figures_is_withheld(kept: int) -> None:
    counts: dict[Key, int] = {
        ("persons_with_procedure", 2019, (*((("cooperation", kind),) if kind else ()), ("profession", "XS917"))): number
        for kind, number in (("single", 70), ("joint", 79), ("", 146))
    }
    wanted = secret_overlaps(counts, RULES)
    assert len(wanted) == 1
    published = Published()
    for key, number in counts.items():
        published.see(key, str(number), "", "csv")
    with pytest.raises(DisclosureError, match="told too closely") as refused:
        audit_written(published, {}, overlaps=wanted)
    assert "what is counted beyond persons_with_procedure, 2019, profession XS917" in (refused.value.where or "")
    gap = sorted(counts)[kept]
    published.figures.pop(gap)
    published.see(gap, "", "X", "csv")
    audit_written(published, {}, overlaps=wanted)


def of_professions(together: int, each: list[int]) -> dict[Key, int]:
    """Joint procedures in all, and of each profession; of those that are not named there are none."""
    codes = children("profession", "T")
    found: dict[Key, int] = {("procedures", 2019, (("cooperation", "joint"),)): together}
    for place, code in enumerate(codes):
        key = ("procedures", 2019, (("cooperation", "joint"), ("profession", code)))
        found[key] = each[place] if place < len(each) else 0
    return found


@pytest.mark.parametrize(("each", "told"), [([60, 38, 2], True), ([60, 60, 40], False)])
def test_who_works_together_is_two_at_least_which_tells_what_the_last_profession_must_have(each: list[int], told: bool) -> None:
    """50 joint procedures are 100 of professions or more: of 60, 38 and one withheld, two are left, and no fewer."""
    counts = of_professions(50, each)
    table = pd.DataFrame(
        [(2019, dict(key[2]).get("profession", "T"), "joint", "procedures", str(n), n) for key, n in counts.items()],
        columns=["year", "profession", "cooperation", "measure", "value", "contributors"],
    )
    system = system_of({JOINT: table})
    (relation,) = [one for one in system.relations if any(entry == -2 for _, entry in one.terms)]
    assert relation.holds(system.values) and not relation.exact
    # The same, stated by itself for what was written.
    (line,) = [one for one in lines(set(counts)) if -2.0 in one.terms.values()]
    assert not line.exact and len(line.terms) == len(counts)
    known = sum(entry * counts[key] for key, entry in line.terms.items() if dict(key[2]).get("profession") != LAST)
    least = max(0, -known)
    assert (least == counts["procedures", 2019, (("cooperation", "joint"), ("profession", LAST))]) == told


def test_what_municipalities_report_twice_is_a_secret_where_it_is_little() -> None:
    region = metadata.codelist("region").children("10")
    rows = [(2023, code, "person_months", str(100), 30) for code in region]
    rows.append((2023, "10", "person_months", str(100 * len(region) - 2), 30 * len(region) - 1))
    table = pd.DataFrame(rows, columns=["year", "region", "measure", "value", "contributors"])
    problem = primary_suppression(system_of({"months-by-region": table}), RULES)
    assert [problem.value(one.repeated) for one in problem.overlaps] == [2]
    assert protection(problem).secondary


def test_two_procedures_beyond_the_first_are_a_secret() -> None:
    persons, procedures = joint(30, 20, 40), joint(32, 60, 92, "procedures")
    procedures["contributors"] = persons["contributors"].to_numpy()
    problem = primary_suppression(system_of({JOINT: pd.concat([persons, procedures], ignore_index=True)}), RULES)
    assert 2 in [problem.value(one.repeated) for one in problem.overlaps]


def test_the_codes_that_a_table_leaves_out_are_nil_and_complete_it() -> None:
    """Procedures that nobody had have no row: the others cover the total all the same."""
    first, second = metadata.codelist("procedure").leaves[:2]
    rows = [(2023, code, "persons_with_procedure", str(n), n) for code, n in (("T", 50), (first, 30), (second, 22))]
    table = pd.DataFrame(rows, columns=["year", "procedure", "measure", "value", "contributors"])
    problem = primary_suppression(system_of({"procedures-by-code": table}), RULES)
    assert [problem.value(one.repeated) for one in problem.overlaps] == [2]


def test_some_of_the_categories_are_no_overlap() -> None:
    keys: set[Key] = {("persons_with_procedure", 2023, (("kind", kind),)) for kind in ("assessing", "treating")}
    keys.add(("persons_with_procedure", 2023, ()))
    assert not list(overlaps(keys))


def remembered(folder: Path, table: pd.DataFrame, withheld: set[Cell]) -> Memory:
    keep_pattern(folder / "disclosure", {JOINT: table}, withheld, {"rules": RULES.model_dump(mode="json")})
    return Memory(folder / "disclosure", "preliminary")


def of_kind(kind: str | None, measure: str = "procedures") -> Cell:
    return Cell(measure, 2019, ()).having("profession", "XS917").having("cooperation", kind)


def test_a_revised_count_is_another_cell_and_keeps_the_relations_that_it_had(tmp_path: Path) -> None:
    before, now = joint(2, 50, 52, "procedures"), joint(2, 60, 62, "procedures")
    memory = remembered(tmp_path, before, {of_kind("single"), of_kind("joint")})
    system = system_of({JOINT: now})
    versions = add_versions(system, [memory])
    of_then = {cell for cell in system.values if cell.code(VERSION) == "preliminary"}
    assert {system.values[cell] for cell in of_then} == {50, 52}
    assert versions.published | versions.withheld == of_then
    mixed = [one for one in system.sums if set(one.cells) & of_then]
    assert len(mixed) == 1 and of_kind("single") in mixed[0].parts, "what was not revised is one cell in both"


def test_where_nothing_was_revised_there_is_nothing_to_add(tmp_path: Path) -> None:
    memory = remembered(tmp_path, joint(2, 50, 52, "procedures"), {of_kind("single")})
    system = system_of({JOINT: joint(2, 50, 52, "procedures")})
    cells = set(system.values)
    add_versions(system, [memory])
    assert set(system.values) == cells


def key(cell: Cell) -> Key:
    return cell.measure, cell.year, cell.categories


def test_whoever_kept_the_preliminary_edition_subtracts_what_is_shown_now_and_is_found_out(tmp_path: Path) -> None:
    """52 were shown; now their one part of 50, unrevised, is shown beside another total: 2 are left of then."""
    before = joint(2, 50, 52, "persons")
    before["measure"], before["contributors"] = "procedures", [52, 2, 50]
    memory = remembered(tmp_path, before, {of_kind("single"), of_kind("joint")})
    counts = {key(of_kind("single")): 9, key(of_kind("joint")): 50, key(of_kind(None)): 59}
    published = Published()
    published.see(key(of_kind("joint")), "50", "", "csv")
    published.see(key(of_kind("single")), "", "X", "csv")
    published.see(key(of_kind(None)), "", "X", "csv")
    audit_written(published, {})
    with pytest.raises(DisclosureError, match="told too closely"):
        audit_written(published, {}, before=as_it_was([memory], counts, RULES))


def test_a_median_of_the_edition_before_is_laid_beside_only_where_its_counts_are_the_same() -> None:
    median: Key = ("months_median", 2023, ())
    persons, months = ("persons", 2023, ()), ("person_months", 2023, ())
    before = Published()
    for cell, value in ((median, "9"), (persons, "40"), (months, "300")):
        before.see(cell, value, "", "before")
    same = {median: "9", persons: "40", months: "300"}
    for truth, kept in ((same, True), ({**same, persons: "41"}, False), ({**same, months: "310"}, False)):
        published = Published()
        lay_together(published, before, truth, RULES, OutBefore())
        assert (median in published.figures) == kept
    # What the median was made of was withheld, and the office remembers it.
    withheld = Published()
    withheld.see(median, "9", "", "before")
    published = Published()
    lay_together(published, withheld, {**same, persons: "41"}, RULES, OutBefore(), {persons: 40, months: 300})
    assert median not in published.figures


def test_a_figure_that_is_the_same_as_before_and_shown_otherwise_now_is_an_error() -> None:
    """What is published now would be wrong; only of what is no cell today a figure may differ, having been revised between."""
    persons: Key = ("persons", 2023, ())
    before, order = Published(), Published()
    before.see(persons, "40", "", "the edition before")
    order.see(persons, "41", "", "an order")
    published = Published()
    published.see(persons, "39", "", "now")
    with pytest.raises(ConsistencyError, match="persons"):
        lay_together(published, before, {persons: "40"}, RULES, OutBefore())
    lay_together(revised := Published(), before, {}, RULES, OutBefore())
    lay_together(revised, order, {}, RULES, OutBefore())
    assert revised.figures[persons] == "40"


def test_relations_that_a_code_list_of_today_invents_for_figures_of_then_tie_nothing(tmp_path: Path) -> None:
    """By the list of then something was single and joint at once: today's list has no such thing, and 60 are not 50."""
    before, now = joint(20, 40, 50, "procedures"), joint(20, 45, 65, "procedures")
    memory = remembered(tmp_path, before, set())
    system = system_of({JOINT: now})
    add_versions(system, [memory])
    of_then = {cell for cell in system.values if cell.code(VERSION) is not None}
    assert of_then
    assert not [one for one in system.sums if of_then & set(one.cells)]
    assert not [whole for whole, parts in system.differences if system.values[whole] < sum(system.values[part] for part in parts)]
    assert all(one.holds(system.values) for one in system.relations)


def test_parts_of_then_that_are_more_than_their_whole_are_none_of_it(tmp_path: Path) -> None:
    before, now = joint(60, 30, 50), joint(20, 45, 60)
    memory = remembered(tmp_path, before, set())
    system = system_of({JOINT: now})
    add_versions(system, [memory])
    for nest in system.nests:
        assert all(system.values[part] <= system.values[nest.total] for part in nest.parts)
        assert not nest.covering or sum(system.values[part] for part in nest.parts) >= system.values[nest.total]
