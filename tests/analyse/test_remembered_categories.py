"""What is out must stand on the lists as it stood: a category that is on no list is tied to nothing, and guarded by nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.memory.pattern import join_earlier, keep_pattern
from kvarn.edition import Order, Words
from kvarn.errors import InputError
from kvarn.programme import Programme, programme_held

from .test_complementary_orders import COUNTY, RULES, SMALL, definition, memory, table

OWN = Path(__file__).parents[2] / "programme"


def changed(folder: Path, change: Callable[[str], str]) -> Programme:
    """The programme with another list of ages."""
    shutil.copytree(OWN, folder)
    ages = folder / "codelists" / "age.csv"
    ages.write_text(change(ages.read_text(encoding="utf-8")), encoding="utf-8")
    return Programme(folder)


def divided_at(last: int) -> Callable[[str], str]:
    """65–69 years in two parts, of which the first ends with this age."""
    parts = "".join(f"{a}-{b},65-69,{a},{b},{a}–{b} år,{a}–{b} years,,\n" for a, b in ((65, last), (last + 1, 69)))
    return lambda text: text.replace("70-74,", f"{parts}70-74,", 1)


def one_of(programme: Programme, folder: Path, age: str) -> Memory:
    """An order that is out, made while this programme was in force."""
    with programme_held(programme):
        of = definition(f"order-{age}", (age,))
        with metadata.tables_beside(of):
            return memory(folder, of, {(COUNTY, age): 120, (SMALL, age): 14})


def beside(programme: Programme, memories: list[Memory], age: str) -> None:
    with programme_held(programme):
        of = definition("second-order", (age,))
        with metadata.tables_beside(of, *(one.table for one in memories if one.table is not None)):
            join_earlier({of.name: table(of, {(COUNTY, age): 125, (SMALL, age): 15})}, memories)


def test_an_age_that_a_second_order_leaves_alone_is_told_by_both_and_refused(tmp_path: Path) -> None:
    """65–67 in the one and 65–68 in the other: who is 68 is in neither, and is their difference."""
    then, now = changed(tmp_path / "then", divided_at(67)), changed(tmp_path / "now", divided_at(68))
    out = one_of(then, tmp_path / "order", "65-67")
    beside(then, [out], "70-74")
    with pytest.raises(InputError) as caught:
        beside(now, [out], "65-68")
    said = str(caught.value)
    assert "order-65-67 is out" in said and "65-67" in said and "programme/codelists/age.csv" in said
    assert not re.search(r"\b(12[05]|1[45])\b", said), "a count is a secret"


def test_a_code_that_means_other_ages_now_is_another_category(tmp_path: Path) -> None:
    then, now = changed(tmp_path / "then", divided_at(67)), changed(tmp_path / "now", lambda text: divided_at(67)(text))
    ages = tmp_path / "now" / "codelists" / "age.csv"
    text = ages.read_text(encoding="utf-8")
    ages.write_text(text.replace("65-67,65-69,65,67", "65-67,65-69,65,68").replace("68-69,65-69,68,69", "68-69,65-69,69,69"))
    out = one_of(then, tmp_path / "order", "65-67")
    beside(Programme(tmp_path / "then"), [out], "70-74")
    with pytest.raises(InputError, match="something else now than when it went out: 65-67"):
        beside(now, [out], "70-74")


def moved(folder: Path, old: str, new: str) -> Programme:
    """The programme with another list of procedures."""
    shutil.copytree(OWN, folder)
    file = folder / "codelists" / "procedure.csv"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return Programme(folder)


def of_groups(programme: Programme, memories: list[Memory], groups: dict[str, int], folder: Path | None = None) -> Memory | None:
    """A table by group of procedures: kept as out in `folder`, or laid beside what is out."""
    with programme_held(programme):
        order = Order(
            edition="first",
            title=Words(sv="g", en="g"),
            measures=("procedures",),
            by=("procedure_group",),
            categories={"procedure_group": tuple(groups)},
            years=(2023,),
        )
        of = order.definition("by-group" if folder else "second")
        rows = [(2023, group, "procedures", str(number), number) for group, number in groups.items()]
        frame = pd.DataFrame(rows, columns=["year", "procedure_group", "measure", "value", "contributors"])
        with metadata.tables_beside(of, *(one.table for one in memories if one.table is not None)):
            if folder is not None:
                keep_pattern(folder, {of.name: frame}, set(), {"rules": RULES.model_dump(mode="json")})
                return Memory(folder, of.name, of)
            join_earlier({of.name: frame}, memories)
    return None


def test_a_procedure_that_is_put_into_another_group_is_the_difference_of_two_publications(tmp_path: Path) -> None:
    """130 procedures of the group then, and 116 now: 14 of the code that was moved, which both may withhold."""
    own = Programme(OWN)
    with programme_held(own):
        row = metadata.codelist("procedure").by_code["DA021"]
        kept_in, other = row["group"], next(g for g in metadata.codelist("procedure-group").leaves if g != row["group"])
    line = next(one for one in (OWN / "codelists" / "procedure.csv").read_text(encoding="utf-8").splitlines() if "DA021" in one)
    elsewhere = moved(tmp_path / "now", line, line.replace(kept_in, other, 1))
    out = of_groups(own, [], {kept_in: 130, other: 150}, tmp_path / "out")
    assert out is not None
    of_groups(own, [out], {kept_in: 130})
    with pytest.raises(InputError, match="something else now than when it went out") as caught:
        of_groups(elsewhere, [out], {kept_in: 116})
    assert kept_in in str(caught.value) and other in str(caught.value) and not re.search(r"\b1[135][06]\b", str(caught.value))
    # Whatever the order shows: one without the groups is counted by the same lists, and tied to the cells that are out.
    with pytest.raises(InputError, match="something else"):
        beside(elsewhere, [out], "65-69")


def test_a_new_procedure_makes_no_other_group_of_any(tmp_path: Path) -> None:
    line = next(one for one in (OWN / "codelists" / "procedure.csv").read_text(encoding="utf-8").splitlines() if "DA021" in one)
    more = moved(tmp_path / "now", line, f"{line}\n{line.replace('DA021', 'DA991', 1)}")
    out = of_groups(Programme(OWN), [], {"pain-and-senses": 130}, tmp_path / "out")
    assert out is not None
    of_groups(more, [out], {"pain-and-senses": 131})


def test_categories_that_were_added_since_are_no_reason_to_refuse(tmp_path: Path) -> None:
    out = one_of(Programme(OWN), tmp_path / "order", "65-69")
    beside(changed(tmp_path / "now", divided_at(67)), [out], "65-67")


def test_what_was_kept_before_meanings_were_is_held_to_the_codes_alone(tmp_path: Path) -> None:
    then = changed(tmp_path / "then", divided_at(67))
    out = one_of(then, tmp_path / "order", "65-67")
    certificate = out.folder / "certificate.json"
    certificate.write_text(re.sub(r'\n  "categories": \{.*?\n  \},', "", certificate.read_text(), flags=re.DOTALL))
    assert "categories" not in certificate.read_text()
    beside(then, [out], "70-74")
    with pytest.raises(InputError, match="on no list any more: 65-67"):
        beside(Programme(OWN), [out], "70-74")
