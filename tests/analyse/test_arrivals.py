"""What came to a county between two registers tells of the municipality that it came to: protector and attack both know."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse.disclosure._protect import problem_of
from kvarn.analyse.disclosure.memory.arrivals import Register, arrivals
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.memory.pattern import join_earlier, keep_pattern
from kvarn.analyse.disclosure.primary import Problem
from kvarn.analyse.disclosure.relation import Division
from kvarn.analyse.disclosure.suppression.audit import audit
from kvarn.analyse.disclosure.suppression.secondary import protection
from kvarn.analyse.disclosure.system import Cell, System, cells_of
from kvarn.analyse.disclosure.written.as_it_was import as_it_was
from kvarn.analyse.disclosure.written.audit import Published, audit_written
from kvarn.analyse.disclosure.written.secrecy import held_secrets, keep_secrets, kept_secrets, secrets_of, true_counts
from kvarn.edition import Disclosure, Order, Words
from kvarn.errors import DisclosureError

RULES = Disclosure(threshold=4, contributors=4, width=3, singletons=False, municipalities=False)
COUNTY, LATE = "10", "1060"
OTHERS = ("1080", "1081", "1082", "1083")
Figures = Mapping[tuple[str, str], int]  # region and sex

# Nothing of one municipality; then two men and four women in it, whom the county has more too.
# Many are in two of the others, so that in one edition the county alone does not bound it.
THERE = {(region, sex): number for region in OTHERS for sex, number in (("1", 10), ("2", 12))}
WITHOUT = THERE | {(LATE, "1"): 0, (LATE, "2"): 0, (COUNTY, "1"): 32, (COUNTY, "2"): 40}
WITH = THERE | {(LATE, "1"): 2, (LATE, "2"): 4, (COUNTY, "1"): 34, (COUNTY, "2"): 44}


def definition(name: str, regions: tuple[str, ...], sexes: tuple[str, ...]) -> metadata.TableDefinition:
    order = Order(
        edition="first",
        title=Words(sv=name, en=name),
        measures=("persons", "procedures"),
        by=("region", "sex"),
        categories={"region": regions, "sex": sexes},
        years=(2023,),
    )
    return order.definition(name)


WHOLE = definition("whole", (COUNTY, LATE, *OTHERS), ("T", "1", "2"))
# The sexes of the late municipality and the county alone, beside all municipalities without them.
BY_SEX, IN_ALL = definition("by-sex", (COUNTY, LATE), ("T", "1", "2")), definition("in-all", (COUNTY, LATE, *OTHERS), ("T",))
SHAPES = {"one table": (WHOLE,), "two tables, of which one lacks the other municipalities": (BY_SEX, IN_ALL)}


@pytest.fixture(autouse=True)
def _declared() -> Iterator[None]:
    with metadata.tables_beside(WHOLE, BY_SEX, IN_ALL):
        yield


def tables_of(shape: str, figures: Figures, measure: str = "persons") -> dict[str, pd.DataFrame]:
    found = {}
    for table in SHAPES[shape]:
        rows = []
        for region in table.categories["region"]:
            for sex in table.categories["sex"]:
                inside = (LATE, *OTHERS) if measure == "procedures" and region == COUNTY else (region,)
                value = sum(figures[one, of] for one in inside for of in (("1", "2") if sex == "T" else sex))
                rows.append((2023, region, sex, measure, str(value), value))
        found[table.name] = pd.DataFrame(rows, columns=["year", "region", "sex", "measure", "value", "contributors"])
    return found


def memory_of(
    folder: Path, tables: Mapping[str, pd.DataFrame], name: str = "preliminary", withheld: Collection[Cell] | None = None
) -> Memory:
    """What an edition kept that withheld what is secret in it, and the other sex beside; or what is said."""
    gaps = withheld_in(tables) if withheld is None else withheld
    keep_pattern(folder / name, tables, gaps, {"rules": RULES.model_dump(mode="json")})
    return Memory(folder / name, name)


def withheld_in(tables: Mapping[str, pd.DataFrame]) -> set[Cell]:
    return {
        cell
        for name, table in tables.items()
        for cell, row in cells_of(name, table)
        if cell.code("region") == LATE and cell.code("sex") is not None and table["value"].iat[row] != "0"
    }


def problem(now: dict[str, pd.DataFrame], memories: list[Memory]) -> Problem:
    with metadata.tables_beside(*(table for memory in memories for table in memory.beside())):
        return problem_of(join_earlier(now, memories), RULES)


@pytest.mark.parametrize(("shape", "measure"), [*((shape, "persons") for shape in SHAPES), ([*SHAPES][1], "procedures")])
@pytest.mark.parametrize(("before", "after"), [(WITHOUT, WITH), (WITH, WITHOUT)], ids=["came late", "fell away"])
def test_the_protector_withholds_more_where_the_county_tells_of_the_municipality(
    tmp_path: Path, shape: str, measure: str, before: Figures, after: Figures
) -> None:
    memory = memory_of(tmp_path, tables_of(shape, before, measure))
    now = tables_of(shape, after, measure)
    found = problem(now, [memory])
    enough_by_itself = withheld_in(now) | found.withheld_before
    with pytest.raises(DisclosureError, match="could be computed"):
        audit(found, enough_by_itself)
    protected = protection(found)
    audit(found, found.primary | protected.secondary, protected.at_risk)
    assert not protected.at_risk


def written(now: Mapping[str, pd.DataFrame]) -> Published:
    return all_but(now, withheld_in(now))


def all_but(now: Mapping[str, pd.DataFrame], withheld: set[Cell]) -> Published:
    published = Published()
    for (measure, year, categories), value in true_counts(now).items():
        is_gap = Cell(measure, year, categories) in withheld
        published.see((measure, year, categories), "" if is_gap else str(value), "X" if is_gap else "", "csv")
    return published


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("before", "after"), [(WITHOUT, WITH), (WITH, WITHOUT)], ids=["came late", "fell away"])
def test_the_attack_on_what_was_written_finds_it_by_itself(tmp_path: Path, shape: str, before: Figures, after: Figures) -> None:
    now = tables_of(shape, after)
    memory = memory_of(tmp_path, tables_of(shape, before))
    audit_written(written(now), secrets_of(now, RULES))
    with pytest.raises(DisclosureError, match="told too closely"):
        audit_written(written(now), secrets_of(now, RULES), before=as_it_was([memory], true_counts(now), RULES))


def test_an_edition_between_two_others_is_laid_beside_each_of_them(tmp_path: Path) -> None:
    """The municipality came with the second edition and is another again in the third: the first two tell of the second still."""
    changed = WITH | {(LATE, "1"): 6, (LATE, "2"): 9, (COUNTY, "1"): 38, (COUNTY, "2"): 49}
    shape = "one table"
    memories = [
        memory_of(tmp_path, tables_of(shape, WITH), "second"),
        memory_of(tmp_path, tables_of(shape, WITHOUT), "first"),
    ]
    now = tables_of(shape, changed)
    with pytest.raises(DisclosureError, match="told too closely"):
        audit_written(written(now), secrets_of(now, RULES), before=as_it_was(memories, true_counts(now), RULES))
    assert protection(problem(now, memories)).at_risk, "both are out: it is reported"


def with_late_men(late: int, new: int) -> Figures:
    """So many men came with the late municipality, and so many of them are new in the county; of its women all are."""
    return THERE | {(LATE, "1"): late, (LATE, "2"): 22, (COUNTY, "1"): 32 + new, (COUNTY, "2"): 62}


@pytest.mark.parametrize(("before", "after"), [(WITHOUT, with_late_men(20, 18)), (with_late_men(20, 18), WITHOUT)])
def test_few_of_a_late_municipality_who_were_in_the_county_already_are_a_secret(
    tmp_path: Path, before: Figures, after: Figures
) -> None:
    """Twenty came, and the county has eighteen more: two were there. No figure of either edition is small."""
    memory, now = memory_of(tmp_path, tables_of("one table", before)), tables_of("one table", after)
    found = problem(now, [memory])
    assert not found.primary
    assert {found.value(one.surplus) for one in found.surpluses} == {2}
    told = {found.words(one.surplus) for one in found.surpluses}
    assert any("region 10, sex 1" in words and "region 1060, sex 1" in words for words in told)
    with pytest.raises(DisclosureError, match="could be computed"):
        audit(found, found.withheld_before)
    protected = protection(found)
    assert protected.secondary and not protected.at_risk
    # The attack finds the same by itself, and is content with what the protector withholds.
    known = as_it_was([memory], true_counts(now), RULES)
    with pytest.raises(DisclosureError, match="told too closely") as refused:
        audit_written(all_but(now, set()), {}, before=known)
    assert "what is counted beyond" in (refused.value.where or "")
    audit_written(all_but(now, set(protected.secondary)), {}, before=known)
    assert known.surpluses == held_secrets(found, ()).surpluses


@pytest.mark.parametrize(("late", "new"), [(20, 20), (20, 16)], ids=["nobody", "as many as may be told of"])
def test_nobody_and_many_who_were_there_already_are_no_secret(tmp_path: Path, late: int, new: int) -> None:
    memory, now = memory_of(tmp_path, tables_of("one table", WITHOUT)), tables_of("one table", with_late_men(late, new))
    found = problem(now, [memory])
    assert not found.surpluses
    audit(found, found.withheld_before)
    known = as_it_was([memory], true_counts(now), RULES)
    assert not known.surpluses
    audit_written(all_but(now, set()), {}, before=known)


def test_what_a_county_has_more_by_itself_is_no_surplus(tmp_path: Path) -> None:
    """Nobody came to any municipality, and the county was counted anew: a figure and its revision are two."""
    again = WITHOUT | {(COUNTY, "1"): 30}
    memory, now = memory_of(tmp_path, tables_of("one table", WITHOUT)), tables_of("one table", again)
    assert not problem(now, [memory]).surpluses
    assert not as_it_was([memory], true_counts(now), RULES).surpluses


def test_a_surplus_that_both_editions_have_told_is_reported_and_remembered_as_told(tmp_path: Path) -> None:
    # Nothing was withheld of either: neither knew of the other.
    told = {"second": with_late_men(20, 18), "first": WITHOUT}
    memories = [memory_of(tmp_path, tables_of("one table", one), name, frozenset()) for name, one in told.items()]
    now = tables_of("one table", with_late_men(40, 35))
    found = problem(now, memories)
    protected = protection(found)
    assert {found.surpluses[0].surplus.measure} == {cell.measure for cell in protected.at_risk}
    keep_secrets(tmp_path, found, protected.at_risk)
    kept, known = kept_secrets(tmp_path), as_it_was(memories, true_counts(now), RULES)
    assert kept.given_away_surpluses and kept.surpluses == known.surpluses
    shown = all_but(now, set(protected.secondary))
    with pytest.raises(DisclosureError, match="told too closely"):
        audit_written(shown, {}, before=known)
    audit_written(shown, {}, kept.excused, before=known)


WHOLE_CELL, FIRST, SECOND = Cell("persons", 2023), *(Cell("persons", 2023, (("region", code),)) for code in OTHERS[:2])


THIRD = Cell("persons", 2023, (("region", OTHERS[2]),))
OF_THIRD = THIRD.having("sex", "1")
BOTH = Division(WHOLE_CELL, (FIRST, SECOND))


def between(now: tuple[int, int, int], then: tuple[int, int, int], division: Division = BOTH) -> list[dict[str, int]]:
    """What relates a whole and its two parts to what they were; other counts of a third part show that it has not changed."""
    cells, values, registers = (WHOLE_CELL, FIRST, SECOND, OF_THIRD), {}, []
    for figures in ((*now, 7), (*then, 7)):
        of = dict(zip(cells, figures, strict=True))
        names = {cell: Cell(cell.measure, 2023, (*cell.categories, ("edition", str(value)))) for cell, value in of.items()}
        values |= {names[cell]: value for cell, value in of.items()}
        registers.append(Register.of(System(values=of, divisions=[division]), names))
    found = list(arrivals(*registers, values))
    assert all(one.holds(values) and len(dict(one.terms)) == len(one.terms) for one in found)
    return [{f"{cell.code('region') or 'all'} {cell.code('edition')}": n for cell, n in one.terms} for one in found]


def test_what_came_is_what_a_part_has_more_or_all_that_it_has_whichever_is_true() -> None:
    whole = {"all 20": -1, "all 15": 1}
    # Five came to the whole and six to a part: nobody need have been taken from it.
    assert whole | {"1080 12": 1, "1080 6": -1} in between((20, 12, 10), (15, 6, 10))
    # Five came to the whole, and a part has only one more: others were taken from it.
    assert whole | {"1080 12": 1} in between((20, 12, 10), (15, 11, 10))
    # Of two parts one alone can have lost somebody.
    found = between((20, 12, 10), (15, 11, 9))
    assert whole | {"1080 12": 1, "1081 10": 1, "1081 9": -1} in found
    assert whole | {"1081 10": 1, "1080 12": 1, "1080 11": -1} in found
    # What cannot be true of any is stated of none.
    assert not [one for one in between((20, 3, 10), (15, 2, 10)) if one["all 20"] < 0]


def test_of_parts_that_add_up_a_whole_that_stays_as_it_was_tells_too_where_one_of_them_stands_in_no_table() -> None:
    """What one has more the other has less, as the third, of which other counts are as they were, has neither."""
    add_up = Division(WHOLE_CELL, (FIRST, SECOND), (THIRD,), additive=True)
    exchanged = {"1080 12": 1, "1080 9": -1, "1081 7": 1, "1081 10": -1}
    assert exchanged in between((40, 12, 7), (40, 9, 10), add_up)
    more = {"all 45": -1, "all 40": 1, "1080 12": 1, "1080 9": -1, "1081 12": 1, "1081 10": -1}
    assert more in between((45, 12, 12), (40, 9, 10), add_up)
    assert not between((40, 12, 7), (40, 9, 10)), "of parts that only cover it nothing follows"
    unknown = Division(WHOLE_CELL, (FIRST, SECOND), (THIRD.having("region", OTHERS[3]),), additive=True)
    assert not between((45, 12, 12), (40, 9, 10), unknown)
