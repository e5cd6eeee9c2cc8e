"""What measures and years tell of one another is stated of wholes that no table has, too, and of ages that are a year older."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.optimize import linprog

from kvarn import metadata
from kvarn.analyse._classification import children
from kvarn.analyse.disclosure import protect_tables
from kvarn.analyse.disclosure.cell import Cell
from kvarn.analyse.disclosure.links import those_of_several_ages, those_of_the_year_before
from kvarn.analyse.disclosure.written.ages import a_year_older, year_before
from kvarn.edition import Disclosure
from kvarn.metadata import TableDefinition

# variables, measures, and rows: year, codes, measure, figure, persons behind it
Spec = tuple[list[str], list[str], list[tuple[object, ...]]]


def row(measure: str, year: int, *codes: str, value: int, persons: int | None = None) -> tuple[object, ...]:
    return (year, *codes, measure, value, value if persons is None else persons)


def protected(folder: Path, rules: Disclosure | None = None, **specs: Spec) -> dict[str, pd.DataFrame]:
    """The published files of tables that are made here, by name."""
    (folder / "tables").mkdir()
    definitions = []
    for name, (variables, measures, rows) in specs.items():
        frame = pd.DataFrame(rows, columns=[*variables, "measure", "value", "contributors"])
        chosen = {variable: list(dict.fromkeys(frame[variable])) for variable in variables if variable != "year"}
        words = {"sv": f"s{name}", "en": f"e{name}"}
        definitions.append(
            TableDefinition(
                name=name,
                sv="a {years}",
                en="b {years}",
                sheet=words,
                variables=variables,
                measures=measures,
                years="series",
                categories=chosen,
            )
        )
        frame["value"] = frame["value"].astype(str)
        types = {"year": pa.int32(), "contributors": pa.int64()}
        schema = pa.schema([(column, types.get(column, pa.string())) for column in frame.columns])
        table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None)
        pq.write_table(table, folder / "tables" / f"{name}.parquet")
    with metadata.tables_beside(*definitions):
        protect_tables(
            folder / "tables",
            folder / "into",
            disclosure=rules or Disclosure(),
            synthetic=True,
            report=folder / "report" / "report.json",
            memories=[],
        )
    return {name: pd.read_csv(folder / "into" / f"{name}.csv", dtype=str, keep_default_na=False) for name in specs}


def persons(year: int, *codes: str, value: int) -> tuple[object, ...]:
    return row("persons", year, *codes, value=value)


BY_REGION, BY_SEX = ["year", "region"], ["year", "region", "sex"]
PROFESSIONS = list(children("profession", "T"))
GROUP = {"kind": "treating", "procedure_group": "wounds-and-skin"}


def by_profession(few: int) -> list[tuple[object, ...]]:
    figures = {PROFESSIONS[0]: (33, 9), PROFESSIONS[1]: (few, 2)}
    return [
        row("procedures", 2023, one, "single", value=figures.get(one, (0, 0))[0], persons=figures.get(one, (0, 0))[1])
        for one in PROFESSIONS
    ]


def codes_of_the_group() -> list[str]:
    return [
        one["code"]
        for one in metadata.codelist("procedure").rows
        if one.get("kind") == GROUP["kind"] and one.get("group") == GROUP["procedure_group"]
    ]


def a_kind_of_a_group() -> dict[str, Spec]:
    codes = codes_of_the_group()
    figures = [3, *(20 + place for place in range(len(codes) - 1))]
    both = row("procedures", 2023, GROUP["kind"], GROUP["procedure_group"], value=sum(figures), persons=40)
    by_code = [row("procedures", 2023, code, value=value, persons=value) for code, value in zip(codes, figures, strict=True)]
    # One code alone would be withheld: with the whole shown, another one must be.
    return {
        "a": (["year", "kind", "procedure_group"], ["procedures"], [both]),
        "b": (["year", "procedure"], ["procedures"], by_code),
    }


# The tables, and what nobody may compute from them: so many of these rows must be withheld at least, of all tables together.
CASES: dict[str, tuple[dict[str, Spec], int]] = {
    "younger ones who continued": (
        {
            "a": (
                ["year", "region", "sex", "age"],
                ["persons"],
                [persons(2022, "17", sex, "0-64", value=value) for sex, value in (("T", 5), ("1", 4), ("2", 1))],
            ),
            "b": (
                ["year", "region", "sex", "age", "continuity"],
                ["persons"],
                [persons(2023, "17", sex, "0-64", "continuing", value=value) for sex, value in (("T", 4), ("1", 4), ("2", 0))],
            ),
        },
        3,
    ),
    "one who did not continue, by age without a total": (
        {
            "a": (BY_SEX, ["persons"], [persons(2022, "17", "T", value=12)]),
            "b": (
                ["year", "region", "age", "continuity"],
                ["persons"],
                [persons(2023, "17", age, "continuing", value=value) for age, value in (("0-64", 5), ("65+", 6))],
            ),
        },
        1,
    ),
    "one who did not continue, by who is new": (
        {
            "a": (BY_REGION, ["persons"], [persons(2022, "0114", value=12)]),
            "b": (
                ["year", "region", "continuity"],
                ["persons"],
                [persons(2023, "0114", code, value=value) for code, value in (("T", 15), ("new", 4), ("unknown", 0))],
            ),
        },
        1,
    ),
    "procedures of one profession, by sex without a total": (
        {
            "a": (
                ["year", "sex", "cooperation"],
                ["procedures"],
                [
                    row("procedures", 2023, "1", "single", value=20, persons=9),
                    row("procedures", 2023, "2", "single", value=15, persons=8),
                ],
            ),
            "b": (["year", "profession", "cooperation"], ["procedures"], by_profession(2)),
        },
        2,
    ),
    "one procedure beyond the first of each": (
        {
            "a": (BY_REGION, ["persons_with_procedure"], [row("persons_with_procedure", 2023, "0114", value=20)]),
            "b": (
                BY_SEX,
                ["procedures"],
                [
                    row("procedures", 2023, "0114", "1", value=9, persons=8),
                    row("procedures", 2023, "0114", "2", value=12, persons=12),
                ],
            ),
        },
        1,
    ),
    "one without a procedure": (
        {
            "a": (BY_REGION, ["persons"], [persons(2023, "0114", value=20)]),
            "b": (
                BY_SEX,
                ["persons_with_procedure"],
                [row("persons_with_procedure", 2023, "0114", sex, value=value) for sex, value in (("1", 8), ("2", 11))],
            ),
        },
        1,
    ),
    "one month beyond the first of each": (
        {
            "a": (BY_REGION, ["persons"], [persons(2023, "0114", value=20)]),
            "b": (
                BY_SEX,
                ["person_months"],
                [
                    row("person_months", 2023, "0114", "1", value=9, persons=8),
                    row("person_months", 2023, "0114", "2", value=12, persons=12),
                ],
            ),
        },
        1,
    ),
    "one month that one lacks": (
        {
            "a": (
                BY_REGION,
                ["persons", "person_months", "months_persons"],
                [
                    persons(2023, "0114", value=20),
                    row("person_months", 2023, "0114", value=239, persons=20),
                    row("months_persons", 2023, "0114", value=12, persons=0),
                ],
            ),
        },
        1,
    ),
    "joint ones, by what the professions come to": (
        {
            "a": (
                ["year", "cooperation"],
                ["procedures"],
                [
                    row("procedures", 2023, "T", value=120, persons=40),
                    row("procedures", 2023, "single", value=115, persons=40),
                    row("procedures", 2023, "joint", value=5, persons=3),
                ],
            ),
            "b": (
                ["year", "profession"],
                ["procedures"],
                [
                    row("procedures", 2023, one, value={0: 60, 1: 65}.get(place, 0), persons={0: 30, 1: 30}.get(place, 0))
                    for place, one in enumerate(PROFESSIONS)
                ],
            ),
        },
        3,
    ),
    "a municipality, where all others of the county have nothing": (
        {
            "a": (
                BY_REGION,
                ["procedures"],
                [
                    row("procedures", 2023, "10", value=150, persons=40),
                    row("procedures", 2023, "1080", value=90, persons=25),
                    row("procedures", 2023, "1060", value=60, persons=15),
                    *(row("procedures", 2023, code, value=0) for code in ("1081", "1082", "1083")),
                ],
            ),
            "b": (
                ["year", "region", "weekday"],
                ["procedures"],
                [
                    row("procedures", 2023, "10", "6", value=40, persons=18),
                    row("procedures", 2023, "1080", "6", value=35, persons=15),
                    row("procedures", 2023, "1060", "6", value=5, persons=3),
                ],
            ),
        },
        2,
    ),
    "procedures of men, where no woman has any": (
        {
            "a": (["year", "age"], ["procedures"], [row("procedures", 2023, "0-64", value=15, persons=7)]),
            "b": (["year", "sex"], ["procedures"], [row("procedures", 2023, "1", value=19, persons=9)]),
            "c": (
                ["year", "sex", "age"],
                ["persons_with_procedure"],
                [row("persons_with_procedure", 2023, "2", "0-64", value=0)],
            ),
            "d": (["year", "sex", "age"], ["procedures"], [row("procedures", 2023, "1", "65+", value=4, persons=2)]),
        },
        2,
    ),
    "a day, by what is not of one profession": (
        {
            "a": (
                ["year", "profession"],
                ["procedures"],
                [row("procedures", 2023, "T", value=44, persons=15), row("procedures", 2023, "XS910", value=23, persons=9)],
            ),
            "b": (["year", "weekday"], ["procedures"], [row("procedures", 2023, "1", value=29, persons=12)]),
            "c": (
                ["year", "profession", "cooperation"],
                ["procedures"],
                [row("procedures", 2023, "XS910", "single", value=15, persons=7)],
            ),
            "d": (
                ["year", "weekday", "profession", "cooperation"],
                ["procedures"],
                [
                    row("procedures", 2023, "1", "XS910", "single", value=0),
                    row("procedures", 2023, "1", "XS910", "T", value=8, persons=2),
                ],
            ),
        },
        2,
    ),
    "persons of a kind, by the procedures of all kinds": (
        {
            "a": (["year", "region", "month"], ["procedures"], [row("procedures", 2023, "0114", "07", value=6, persons=6)]),
            "b": (
                ["year", "region", "month", "kind"],
                ["persons_with_procedure"],
                [
                    row("persons_with_procedure", 2023, "0114", "07", kind, value=value)
                    for kind, value in (("treating", 5), ("other", 0), ("assessing", 1))
                ],
            ),
        },
        2,
    ),
    "single procedures of two professions": (
        {
            "a": (
                ["year", "cooperation"],
                ["procedures"],
                [
                    row("procedures", 2023, code, value=value, persons=5)
                    for code, value in (("T", 16), ("single", 12), ("joint", 4))
                ],
            ),
            "b": (
                ["year", "profession", "cooperation"],
                ["procedures"],
                [
                    row("procedures", 2023, "XS910", "T", value=12, persons=6),
                    row("procedures", 2023, "XS910", "single", value=8, persons=5),
                    row("procedures", 2023, "XS923", "T", value=8, persons=5),
                    row("procedures", 2023, "XS923", "single", value=4, persons=2),
                ],
            ),
        },
        2,
    ),
    "joint procedures of one of two professions": (
        {
            "a": (
                ["year", "profession"],
                ["procedures"],
                [
                    row("procedures", 2023, code, value=value, persons=15)
                    for code, value in (("T", 44), ("XS910", 29), ("XS923", 35))
                ],
            ),
            "b": (
                ["year", "profession", "cooperation"],
                ["procedures"],
                [row("procedures", 2023, "XS910", "joint", value=20, persons=3)],
            ),
            "c": (
                ["year", "profession", "cooperation"],
                ["persons_with_procedure"],
                [row("persons_with_procedure", 2023, "XS910", "single", value=9)],
            ),
        },
        2,
    ),
    "a day of the old, where nothing is left for others": (
        {
            "a": (
                ["year", "weekday"],
                ["procedures"],
                [row("procedures", 2023, code, value=value, persons=15) for code, value in (("T", 43), ("1", 22), ("2", 21))],
            ),
            "b": (
                ["year", "age", "weekday"],
                ["procedures"],
                [
                    row("procedures", 2023, "65+", "T", value=29, persons=9),
                    row("procedures", 2023, "65+", "1", value=13, persons=8),
                    row("procedures", 2023, "65+", "2", value=16, persons=3),
                ],
            ),
        },
        2,
    ),
    "an age group, where nobody is of the others": (
        {
            "a": (
                ["year", "age"],
                ["procedures"],
                [
                    row("procedures", 2023, code, value=value, persons=value)
                    for code, value in (("T", 60), ("0-64", 0), ("65+", 60))
                ],
            ),
            "b": (
                ["year", "sex", "age"],
                ["procedures"],
                [
                    row("procedures", 2023, sex, code, value=value, persons=few)
                    for sex, code, value, few in (("1", "T", 40, 15), ("1", "65-79", 35, 12), ("1", "80+", 5, 3))
                ],
            ),
        },
        2,
    ),
    "a code of a group's kind": (a_kind_of_a_group(), 2),
}


@pytest.mark.parametrize("what", CASES)
def test_what_follows_by_way_of_a_whole_that_no_table_has_is_withheld(what: str, tmp_path: Path) -> None:
    specs, at_least = CASES[what]
    found = protected(tmp_path, **specs)
    assert sum((frame["status"] == "X").sum() for frame in found.values()) >= at_least


def test_who_moves_within_a_county_is_new_in_a_municipality_and_stops_nothing(tmp_path: Path) -> None:
    def of(region: str, new: int, continuing: int) -> list[tuple[object, ...]]:
        figures = {"T": new + continuing, "new": new, "continuing": continuing}
        return [persons(2023, region, code, value=value) for code, value in figures.items()]

    rows = [*of("01", 5, 20), *of("0114", 9, 8), *of("0115", 10, 7)]
    (found,) = protected(tmp_path, a=(["year", "region", "continuity"], ["persons"], rows)).values()
    assert (found["status"] != "X").all()


SPANS = {
    row["code"]: (int(row["from_age"]), int(row["to_age"] or 200)) for row in metadata.codelist("age").rows if row["code"] != "T"
}


def chosen(draw: random.Random) -> list[str]:
    """Some of the age groups: of each that is there all parts or none. (What else follows is left to the audit.)"""
    found: list[str] = []
    for row in metadata.codelist("age").rows:
        if row["code"] in ("T", *found) and draw.random() < 0.8:
            found += [one["code"] for one in metadata.codelist("age").rows if one["parent"] == row["code"]]
    return found


def register(seed: int) -> tuple[dict[Cell, int], list[Cell]]:
    """Who was there in 2022, and who of them continued into 2023, a year older: the figures by some of the age groups."""
    draw = random.Random(seed)
    people = [(draw.choice([*range(60, 95), *range(60, 95), *range(101)]), draw.random() < 0.7) for _ in range(40)]
    figures: Counter[Cell] = Counter()
    kept, later = chosen(draw), chosen(draw)
    before = [Cell("persons", 2022, (("age", code),) if code else ()) for code in (*kept, *([""] if draw.random() < 0.7 else []))]
    after = [Cell("persons", 2023, tuple(sorted({"age": code, "continuity": "continuing"}.items()))) for code in later]
    for cells, older in ((before, 0), (after, 1)):
        for cell in cells:
            low, high = SPANS.get(cell.code("age") or "", (0, 200))
            figures[cell] = sum(low <= age + older <= high and (stays or not older) for age, stays in people)
    return dict(figures), before


FINEST = [
    code
    for code, (low, high) in SPANS.items()
    if not any(low <= a and b <= high and (a, b) != (low, high) for a, b in SPANS.values())
]
Terms = dict[object, float]


@pytest.mark.parametrize("seed", range(60))
def test_who_continues_was_a_year_younger(seed: int) -> None:
    """What protector and audit state is true of any register, and both tell the same of those of the year before."""
    figures, before = register(seed)
    keys = {(cell.measure, cell.year, cell.categories): cell for cell in figures}
    ours = [((whole,), parts) for whole, parts in those_of_the_year_before(figures)] + [*those_of_several_ages(figures)]
    single = [(keys[whole], cell) for key, cell in keys.items() for whole in year_before(set(keys), key)]
    for wholes, parts in [*ours, *(((whole,), (part,)) for whole, part in single)]:
        assert sum(figures[one] for one in wholes) >= sum(figures[one] for one in parts)
    lines = [({keys.get(key, key): entry for key, entry in line.terms.items()}, line.exact) for line in a_year_older(set(keys))]
    stated = [({**dict.fromkeys(wholes, 1.0), **dict.fromkeys(parts, -1.0)}, False) for wholes, parts in ours]
    audited = [*lines, *(({whole: 1.0, part: -1.0}, False) for whole, part in single)]
    for one in before:
        assert least(one, stated, figures, before) == pytest.approx(least(one, audited, figures, before), abs=1e-6), one


def least(of: Cell, stated: list[tuple[Terms, bool]], figures: dict[Cell, int], unknown: list[Cell]) -> float:
    """The least that one figure of the year before can be to whoever has those of the year after; ages add up."""
    names: list[object] = [*FINEST, *{one for terms, _ in stated for one in terms if one not in figures}]
    rows: dict[bool, list[list[float]]] = {True: [], False: []}
    right: dict[bool, list[float]] = {True: [], False: []}
    for terms, exact in stated:
        row = [0.0] * len(names)
        known = 0.0
        for one, entry in terms.items():
            if one in unknown:
                for place in ages_of(one):  # type: ignore[arg-type]
                    row[place] += entry
            elif one in figures:
                known += entry * figures[one]  # type: ignore[index]
            else:
                row[names.index(one)] += entry
        rows[exact].append(row)
        right[exact].append(-known)
    weights = [float(place in ages_of(of)) for place in range(len(names))]
    solved = linprog(
        weights,
        -np.array(rows[False]) if rows[False] else None,
        -np.array(right[False]) if rows[False] else None,
        rows[True] or None,
        right[True] or None,
        bounds=(0, None),
    )
    assert solved.status == 0
    return float(solved.fun)


def ages_of(cell: Cell) -> list[int]:
    low, high = SPANS.get(cell.code("age") or "", (0, 200))
    return [place for place, code in enumerate(FINEST) if low <= SPANS[code][0] and SPANS[code][1] <= high]
