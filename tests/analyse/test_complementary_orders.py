"""Orders before and after a revision that complete one another: only what has in truth been revised is another figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse.disclosure._protect import problem_of
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.memory.pattern import join_earlier, keep_pattern
from kvarn.analyse.disclosure.memory.versions import add_versions, registers
from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.suppression.secondary import protection
from kvarn.analyse.disclosure.system import Cell, system_of
from kvarn.edition import Disclosure, Order, Words

RULES = Disclosure(threshold=4, width=3, singletons=False, municipalities=False)
COUNTY, SMALL = "10", "1060"
Figures = Mapping[tuple[str, str], int]  # region and age


def definition(name: str, ages: tuple[str, ...], regions: tuple[str, ...] = (COUNTY, SMALL)) -> metadata.TableDefinition:
    order = Order(
        edition="first",
        title=Words(sv=name, en=name),
        measures=("persons",),
        by=("region", "age"),
        categories={"region": regions, "age": ages},
        years=(2023,),
    )
    return order.definition(name)


EDITION = definition("edition", ("65-79",))
FIRST, SECOND = definition("first-order", ("65-69", "70-74")), definition("second-order", ("75-79",), (SMALL,))


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    with metadata.tables_beside(EDITION, FIRST, SECOND):
        yield


def table(of: metadata.TableDefinition, figures: Figures) -> pd.DataFrame:
    rows = [
        (2023, region, age, "persons", str(figures[region, age]), figures[region, age])
        for region in of.categories["region"]
        for age in of.categories["age"]
    ]
    return pd.DataFrame(rows, columns=["year", "region", "age", "measure", "value", "contributors"])


def memory(folder: Path, of: metadata.TableDefinition, figures: Figures) -> Memory:
    """Everything in it is out."""
    frame = table(of, figures)
    keep_pattern(folder, {of.name: frame}, set(), {"rules": RULES.model_dump(mode="json")})
    return Memory(folder, of.name, None if of is EDITION else of)


# The county is another one in the final edition; of the small municipality nothing has been revised.
PRELIMINARY = {
    **{(SMALL, "65-79"): 10, (SMALL, "65-69"): 4, (SMALL, "70-74"): 4, (SMALL, "75-79"): 2},
    **{(COUNTY, "65-79"): 300, (COUNTY, "65-69"): 100, (COUNTY, "70-74"): 110},
}
FINAL = {**PRELIMINARY, (COUNTY, "65-79"): 340, (COUNTY, "65-69"): 120, (COUNTY, "70-74"): 125}


def with_second_order(folder: Path, final: Figures) -> Problem:
    """The second order from the final edition, with the first one from the preliminary edition remembered."""
    memories = [memory(folder / "1", FIRST, PRELIMINARY), memory(folder / "2", EDITION, PRELIMINARY)]
    now = {"edition": table(EDITION, final), "second-order": table(SECOND, final)}
    with metadata.tables_beside(*(one for kept in memories for one in kept.beside())):
        return problem_of(join_earlier(now, memories), RULES)


def test_an_order_after_a_revision_is_laid_beside_what_an_order_before_it_showed_of_what_was_not_revised(tmp_path: Path) -> None:
    """10 in all, 4 and 4: the two who are left are told by the second order, whatever it withholds."""
    told = protection(with_second_order(tmp_path, FINAL)).at_risk
    assert told == {Cell("persons", 2023, (("age", "75-79"), ("region", SMALL)))}


def test_what_was_revised_is_no_part_of_the_total_of_today(tmp_path: Path) -> None:
    final = {**FINAL, (SMALL, "65-79"): 16, (SMALL, "75-79"): 3}
    found = with_second_order(tmp_path, final)
    assert not [one for one in found.system.sums if any(cell.code("age") == "75-79" for cell in one.cells)]


def test_figures_of_before_that_contradict_a_total_of_today_are_left_out_and_no_others(tmp_path: Path) -> None:
    """Nothing shows that the small municipality was revised but that its parts come to more than its total of today."""
    before = {**PRELIMINARY, (SMALL, "65-69"): 14}
    memories = [memory(tmp_path / "1", FIRST, before)]
    now = {"edition": table(EDITION, FINAL)}
    with metadata.tables_beside(*(one for kept in memories for one in kept.beside())):
        cells = problem_of(join_earlier(now, memories), RULES).system.values
    assert Cell("persons", 2023, (("age", "65-69"), ("region", SMALL))) not in cells
    assert Cell("persons", 2023, (("age", "65-69"), ("region", COUNTY))) in cells


def test_two_orders_from_one_register_belong_together_whatever_has_been_revised_since(tmp_path: Path) -> None:
    """Each keeps the pattern of the same edition: what the one shows and the other withholds are parts of one total."""
    edition = memory(tmp_path / "edition", EDITION, PRELIMINARY)
    one, other = memory(tmp_path / "1", FIRST, PRELIMINARY), memory(tmp_path / "2", SECOND, PRELIMINARY)
    memories = [other, edition, one, edition, edition]
    assert [kept for _, kept in registers(memories)] == [[other, edition, one]]
    changed = {key: value + 50 for key, value in FINAL.items()}
    with metadata.tables_beside(*(table for kept in memories for table in kept.beside())):
        system = system_of({"edition": table(EDITION, changed)})
        add_versions(system, memories)
    assert [len(one.parts) for one in system.sums] == [3]


def test_orders_that_differ_in_a_count_are_not_from_one_register(tmp_path: Path) -> None:
    edition = memory(tmp_path / "edition", EDITION, PRELIMINARY)
    one, other = memory(tmp_path / "1", FIRST, PRELIMINARY), memory(tmp_path / "2", FIRST, FINAL)
    assert [kept for _, kept in registers([other, edition, one, edition])] == [[other, edition], [one, edition]]


def test_the_same_edition_with_other_figures_has_names_of_its_own(tmp_path: Path) -> None:
    one, other = memory(tmp_path / "1", EDITION, PRELIMINARY), memory(tmp_path / "2", EDITION, FINAL)
    memories = [Memory(kept.folder, "first", kept.table) for kept in (other, one)]
    assert len({name for name, _ in registers([memories[0], memories[0], memories[1], memories[1]])}) == 2
