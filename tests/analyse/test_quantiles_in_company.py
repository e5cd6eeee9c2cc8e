"""No quantile of few persons follows from those of others: whoever is left of a whole without its parts is many, or nobody."""

from __future__ import annotations

import io
import random
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from kvarn import metadata
from kvarn.analyse import protect_order
from kvarn.analyse._classification import children
from kvarn.analyse._tables import complete_table
from kvarn.analyse.disclosure.cell import Cell
from kvarn.analyse.disclosure.kept_quantiles import Quantiles, quantiles_from
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.quantiles import in_company
from kvarn.analyse.disclosure.system import cells_of, system_of
from kvarn.edition import Disclosure
from kvarn.errors import DisclosureError
from kvarn.metadata import TableDefinition

from .test_links_unseen import Spec, protected, row

NAME, MEDIAN, LEAST = "months-by-sex-age", "months_median", 20
SEXES = ("1", "2")


def leaves(code: str) -> list[str]:
    below = children("age", code)
    return [leaf for child in below for leaf in leaves(child)] if below else [code]


AGES = leaves("T")
ALL_AGES = [one["code"] for one in metadata.codelist("age").rows]


def ages_with(code: str) -> set[str]:
    return set(leaves(code))


def table_of(
    people: dict[tuple[str, str], int], ages: Collection[str] = ALL_AGES, sexes: Collection[str] = ("T", *SEXES)
) -> pd.DataFrame:
    rows = []
    for sex in sexes:
        for age in ages:
            number = sum(value for (of, leaf), value in people.items() if sex in ("T", of) and leaf in ages_with(age))
            for measure, value in (("persons", number), ("person_months", 6 * number), (MEDIAN, 6 if number else ".")):
                rows.append((2023, sex, age, measure, str(value), number))
    return pd.DataFrame(rows, columns=["year", "sex", "age", "measure", "value", "contributors"])


def published(table: pd.DataFrame, before: Quantiles | None = None) -> Quantiles:
    """What is shown and withheld of a table of which only few persons are a reason to withhold anything."""
    few = (table["measure"] == MEDIAN) & table["contributors"].between(1, LEAST - 1)
    reasons = {NAME: ["ratio" if one else "" for one in few]}
    return in_company(reasons, {NAME: table}, before or Quantiles(), system_of({NAME: table}), Disclosure(quantile_persons=LEAST))


def vector(cell: Cell) -> np.ndarray:
    sex, age = cell.code("sex"), cell.code("age") or "T"
    return np.array([float(sex in (None, of) and leaf in ages_with(age)) for of in SEXES for leaf in AGES])


def follows(cells: Collection[Cell], shown: Collection[Cell], people: dict[tuple[str, str], int]) -> bool:
    """Whether the persons of some cells are a sum and difference of those of others; who is none is in none."""
    some = np.array([float(people[sex, age] > 0) for sex in SEXES for age in AGES])
    known, asked = np.array([vector(one) * some for one in shown]), sum(map(vector, cells)) * some
    found = np.linalg.lstsq(known.T, asked, rcond=None)[0]
    return bool(np.allclose(known.T @ found, asked, atol=1e-6))


def drawn(seed: int) -> dict[tuple[str, str], int]:
    draw = random.Random(seed)
    return {(sex, age): draw.choice((0, 2, 8, 15, 19, 25, 40, 60)) for sex in SEXES for age in AGES}


@pytest.mark.parametrize("seed", range(25))
def test_no_withheld_quantile_is_of_a_difference_of_shown_ones(seed: int) -> None:
    people = drawn(seed)
    table = table_of(people)
    found = published(table)
    persons = {cell: int(table["contributors"].iat[row]) for cell, row in cells_of(NAME, table) if cell.measure == MEDIAN}
    few = [cell for cell in sorted(found.withheld, key=str) if persons[cell] < LEAST]
    assert few
    assert [cell for cell in few if follows([cell], found.shown, people)] == []
    for age in ALL_AGES:
        for of in ((), *((("sex", sex),) for sex in SEXES)):
            parts = [Cell(MEDIAN, 2023, (("age", part), *of)) for part in children("age", age)]
            together = [part for part in parts if part in few]
            assert not 0 < sum(map(persons.__getitem__, together)) < LEAST or not follows(together, found.shown, people)


def test_the_attacker_sees_the_differences_where_nothing_is_withheld_in_company() -> None:
    people, told = drawn(3), 0
    table = table_of(people)
    for cell, number in zip([cell for cell, _ in cells_of(NAME, table)], table["contributors"], strict=True):
        others = {one for one, row in cells_of(NAME, table) if one.measure == MEDIAN and table["contributors"].iat[row] >= LEAST}
        told += cell.measure == MEDIAN and 0 < number < LEAST and follows([cell], others, people)
    assert told > 3


def test_where_two_withheld_parts_are_few_together_another_is_withheld() -> None:
    people = dict.fromkeys(drawn(0), 60) | {("1", AGES[-1]): 8, ("1", AGES[-2]): 9}
    found = published(table_of(people, sexes=["1"]))
    assert len(found.withheld) > 2
    assert not follows([Cell(MEDIAN, 2023, (("age", leaf), ("sex", "1"))) for leaf in AGES[-2:]], found.shown, people)


def test_what_is_out_is_reckoned_with_and_what_was_withheld_stays_so() -> None:
    """The whole is out: the larger part is not shown beside it. And it is not shown later, where it has been withheld."""
    people = dict.fromkeys(drawn(0), 0) | {("1", AGES[0]): 26, ("2", AGES[0]): 14}
    everyone, men = Cell(MEDIAN, 2023), Cell(MEDIAN, 2023, (("sex", "1"),))
    by_sex = table_of(people, ages=["T"])
    assert men in published(by_sex, Quantiles(shown={everyone})).withheld
    only_men = table_of(people, ages=["T"], sexes=["1"])
    assert men in published(only_men).shown
    assert men in published(only_men, Quantiles(withheld={men})).withheld
    kept = Quantiles(shown={everyone}, withheld={men})
    assert quantiles_from(kept.as_kept()) == kept


MONTHS = [f"{month:02d}" for month in range(1, 13)]
ORDERED = "bx"
QUARTILES = {"months_lower_quartile": 1, MEDIAN: 2, "months_upper_quartile": 3}
# Everybody was there from January on. Two of the women were not there from September on.
MEN, WOMEN = [3] * 7 + [12] * 19, [12] * 12 + [8] * 2
PEOPLE = {"T": MEN + WOMEN, "1": MEN, "2": WOMEN}


def by_sex() -> Spec:
    rows = []
    for sex, months in PEOPLE.items():
        ordered, number = sorted(months), len(months)
        figures = {"persons": number, "person_months": sum(months)}
        figures |= {name: ordered[-(-number * quarters // 4) - 1] for name, quarters in QUARTILES.items()}
        rows += [row(measure, 2023, sex, value=value, persons=number) for measure, value in figures.items()]
    return ["year", "sex"], ["persons", "person_months", *QUARTILES], rows


def test_an_edition_withholds_the_quartiles_of_the_larger_part_too(tmp_path: Path) -> None:
    sheet = protected(tmp_path, ax=by_sex())["ax"]
    status = dict(zip(sheet["sex"] + sheet["measure"], sheet["status"], strict=True))
    for name in QUARTILES:
        assert [status[sex + name] for sex in PEOPLE] == ["", "X", "X"]
    assert {status[sex + "persons"] for sex in PEOPLE} == {""}


def by_month(sexes: Collection[str]) -> pd.DataFrame:
    rows = [
        row("persons", 2023, sex, month, value=sum(months >= int(month) for months in PEOPLE[sex]))
        for sex in sexes
        for month in MONTHS
    ]
    return complete_table(ORDERED, pd.DataFrame(rows, columns=["year", "sex", "month", "measure", "value", "contributors"]))


def ordered(folder: Path, sexes: Collection[str]) -> pd.DataFrame:
    """What an order by sex and month shows beside the edition."""
    variables, measures, rows = by_sex()
    edition = pd.DataFrame(rows, columns=[*variables, "measure", "value", "contributors"]).astype({"value": str})
    words = {"sv": "s", "en": "e"}
    chosen = {"sex": ["T", *SEXES], "month": MONTHS}
    with metadata.tables_beside(
        *(
            TableDefinition(
                name=name,
                sv="a {years}",
                en="b {years}",
                sheet={language: word + name for language, word in words.items()},
                variables=by,
                measures=of,
                years="series",
                categories={one: chosen[one] for one in by if one != "year"} | ({"sex": list(sexes)} if name == ORDERED else {}),
            )
            for name, by, of in (("ax", variables, measures), (ORDERED, ["year", "sex", "month"], ["persons"]))
        )
    ):
        made = protect_order(
            ORDERED,
            by_month(sexes),
            {"ax": edition},
            [Memory(folder / "report" / "disclosure", "first")],
            disclosure=Disclosure(),
            synthetic=True,
            published=[folder / "into"],
        )
    return pd.read_csv(io.StringIO(made.sheet.decode()), dtype=str, keep_default_na=False)


def test_a_quartile_of_all_and_the_months_of_each_sex_do_not_tell_who_was_away(tmp_path: Path) -> None:
    """31 of the 40 were there from September on, and by the lower quartile of all they are the same 31 in each month: the two
    women who were not follow from what an order shows of their other months. Without sexes it goes out."""
    sheets = protected(tmp_path, ax=by_sex())
    try:
        sheets["bx"] = ordered(tmp_path, ["T", *SEXES])
    except DisclosureError as refused:
        assert "Order a coarser table" in str(refused)
    least, greatest = (ends_of(sheets, sign) for sign in (1, -1))
    assert greatest - least >= 3
    assert set(ordered(tmp_path, ["T"])["status"]) == {""}


def ends_of(sheets: dict[str, pd.DataFrame], sign: int) -> int:
    """The least or greatest number of women who were away in September, by what each of all sets of months can have had."""
    kinds = [(sex, months) for sex in SEXES for months in range(1, 2**12)]
    lines: list[tuple[np.ndarray, float, float]] = []
    size = np.array([months.bit_count() for _, months in kinds], float)
    for sheet in sheets.values():
        for one in sheet.to_dict("records"):
            mine = np.array([one["sex"] in ("T", sex) for sex, _ in kinds], float)
            shown, value = one["status"] == "", float(one["value"] or 1)
            if one["measure"] in QUARTILES:
                if shown:
                    rank = -(-len(PEOPLE[one["sex"]]) * QUARTILES[one["measure"]] // 4)
                    lines += [(mine * (size <= value), rank, np.inf), (mine * (size < value), 0, rank - 1)]
                continue
            of = mine * size if one["measure"] == "person_months" else mine
            if one.get("month"):
                of = mine * np.array([months >> (int(one["month"]) - 1) & 1 for _, months in kinds])
            lines.append((of, value, value if shown else np.inf))
    away = np.array([sex == "2" and not months >> 8 & 1 for sex, months in kinds], float)
    matrix, low, high = (
        np.array([of for of, *_ in lines]),
        np.array([at for _, at, _ in lines]),
        np.array([at for *_, at in lines]),
    )
    bounded = np.isfinite(high)
    found = linprog(sign * away, A_ub=np.vstack([-matrix, matrix[bounded]]), b_ub=np.concatenate([-low, high[bounded]]))
    assert found.status == 0
    return round(sign * found.fun)
