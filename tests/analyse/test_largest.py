"""How much of a total its largest contributors have, against plain pandas; and what becomes of a total that they dominate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvarn import metadata
from kvarn.analyse import Register, mean, protect_tables, save_table, share
from kvarn.analyse._columns import LARGEST
from kvarn.analyse._tables import complete_table
from kvarn.analyse.disclosure.system import cells_of
from kvarn.edition import Disclosure, Dominance
from kvarn.errors import InputError

from .registers import Act, Month, all_accepted, write_register

KINDS = {"DT019": "treating", "PM007": "assessing"}


def told(frame: pd.DataFrame, **codes: object) -> tuple[int, ...]:
    for name, code in codes.items():
        frame = frame[frame[name] == code]
    assert len(frame) == 1, codes
    return tuple(int(frame[name].iloc[0]) for name in LARGEST)


def two(amounts: pd.Series) -> tuple[int, int]:
    largest = sorted(amounts, reverse=True)
    return largest[0], sum(largest[:2])


def expected(frame: pd.DataFrame, months: bool = False) -> tuple[int, int, int, int]:
    """Of the rows of one cell, by plain pandas."""
    of_persons = frame.drop_duplicates(["person", "month"]) if months else frame
    of_places = frame.drop_duplicates(["person", "month", "place"]) if months else frame
    return (*two(of_persons.groupby("person").size()), *two(of_places.groupby("place").size()))


@given(data=st.data(), persons=st.lists(st.tuples(st.sampled_from([1, 2]), st.just(1940)), min_size=1, max_size=6))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_largest_contributors_are_what_plain_pandas_makes_of_them(
    data: st.DataObject, persons: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    who, place = st.integers(0, len(persons) - 1), st.sampled_from([114, 115, 2584])
    months: list[Month] = data.draw(st.lists(st.tuples(who, st.just(2023), st.integers(1, 12), place), min_size=1, max_size=25))
    day = st.dates(dt.date(2023, 1, 1), dt.date(2023, 3, 31)).map(str)
    act = st.tuples(
        who, day, place, st.sampled_from(sorted(KINDS)), st.sampled_from(["XS919", "XS918"]), st.sampled_from(["", "XS912"])
    )
    acts: list[Act] = data.draw(st.lists(act, min_size=1, max_size=25))
    folder = write_register(tmp_path_factory.mktemp("register"), persons, months, acts)
    cared = pd.DataFrame(months, columns=["person", "year", "month", "place"])
    done = pd.DataFrame(acts, columns=["person", "date", "place", "procedure", "profession", "further"])
    inside: dict[str, Callable[[pd.DataFrame, str], pd.Series]] = {
        "sex": lambda rows, code: rows["person"].map(lambda number: str(persons[number][0])) == code,
        "region": lambda rows, code: (
            rows["place"].map(lambda number: f"{number:04d}").str.startswith("" if code == "00" else code)
        ),
        "kind": lambda rows, code: rows["procedure"].map(KINDS) == code,
        "month": lambda rows, code: rows["date"].str[5:7] == code,
        "profession": lambda rows, code: (rows["profession"] == code) | (rows["further"] == code),
    }

    def rows_of(rows: pd.DataFrame, names: list[str], codes: tuple[str, ...]) -> pd.DataFrame:
        for name, code in zip(names, codes, strict=True):
            rows = rows if code == "T" else rows[inside[name](rows, code)]
        return rows

    with Register(folder, behind="largest") as register:
        counts = [
            (register.count_procedures, done, [["kind", "sex"], ["region"], ["month"], ["profession"], []]),
            (register.count_person_months, cared, [["region", "sex"], []]),
        ]
        for count, rows, classified in counts:
            for names in classified:
                frame = count(["year", *names], [2023])
                assert len(frame)
                for row in frame.itertuples():
                    codes = tuple(getattr(row, name) for name in names)
                    wanted = expected(rows_of(rows, names, codes), months=rows is cared)
                    assert tuple(getattr(row, name) for name in LARGEST) == wanted, (names, codes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Anna has five procedures in two municipalities, Bo one."""
    acts: list[Act] = [(0, f"2023-01-0{day}", 114 if day < 4 else 115, "DT019", "XS919", "") for day in range(1, 6)]
    acts.append((1, "2023-02-01", 2584, "PM007", "XS918", ""))
    return write_register(tmp_path / "register", [(2, 1940), (1, 1950)], [(0, 2023, 1, 114), (1, 2023, 2, 2584)], acts)


def test_counts_are_the_same_whatever_is_counted_behind_them(folder: Path) -> None:
    plain, more = Register(folder), Register(folder, behind="largest")
    for by in (["year", "kind"], ["year", "region"]):
        pd.testing.assert_frame_equal(
            more.count_procedures(by, [2023]).drop(columns=[*LARGEST]), plain.count_procedures(by, [2023])
        )
        persons = more.count_persons_with_procedure(by, [2023])
        pd.testing.assert_frame_equal(persons, plain.count_persons_with_procedure(by, [2023]))
    assert told(more.count_procedures(["year"], [2023])) == (5, 6, 3, 5)


def test_a_table_keeps_the_largest_contributors_with_nought_where_a_cell_is_absent(folder: Path) -> None:
    register = Register(folder, behind="largest")
    by = ["year", "region"]
    procedures, persons = register.count_procedures(by, [2023]), register.count_persons_with_procedure(by, [2023])
    frames = [mean("procedures_per_person", procedures, persons), register.quantile("procedures_median", by, [2023])]
    assert [name for frame in frames for name in LARGEST if name in frame] == []
    table = complete_table("procedures-by-region", procedures, persons, *frames, all_accepted("procedures-by-region"))
    totals = table[table["measure"] == "procedures"]
    assert told(totals, region="01") == (5, 5, 3, 5)
    assert told(totals, region="0117") == (0, 0, 0, 0)
    assert table.loc[table["measure"] != "procedures", [*LARGEST]].isna().all(axis=None)


def test_nothing_else_can_be_counted_behind_a_cell(folder: Path) -> None:
    with pytest.raises(InputError, match="'everything'"):
        Register(folder, behind="everything")  # type: ignore[arg-type]


def test_a_dominated_total_is_suppressed_in_every_table_and_what_would_tell_it_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One woman has nearly all treating procedures; by the rule of persons behind it that total is no secret."""
    acts: list[Act] = [
        (0, f"2023-{month:02d}-{day:02d}", 114, "DT019", "XS919", "") for month in range(1, 10) for day in range(1, 21)
    ]
    acts += [(who, "2023-02-01", 114, "DT019", "XS919", "") for who in range(1, 9)]
    acts += [(who, f"2023-02-{day:02d}", 115, "PM007", "XS919", "") for who in range(1, 30) for day in range(1, 9)]
    months: list[Month] = [(who, 2023, 2, 114) for who in range(30)]
    persons = [(2 - who % 2, 1940) for who in range(30)]
    restricted = tmp_path / "restricted" / "tiny"
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path)
    with Register(write_register(restricted / "register", persons, months, acts), behind="largest") as register:
        for table, by in (
            ("procedures-by-kind", ["year", "sex", "kind"]),
            ("procedures-by-group", ["year", "sex", "procedure_group"]),
        ):
            frames = [register.count_procedures(by, [2023])]
            if table == "procedures-by-kind":
                frames.append(share("share_of_procedures", frames[0], frames[0]))
            else:
                frames.append(register.count_persons_with_procedure(by, [2023]))
            save_table(table, *frames, edition="tiny")
    withheld: dict[str, set[tuple[object, ...]]] = {}
    for name, rules in (("lenient", Disclosure()), ("strict", Disclosure(dominance=Dominance(n=1, per_cent=80)))):
        into = tmp_path / name
        protect_tables(restricted / "tables", into, disclosure=rules, synthetic=True, report=tmp_path / f"{name}-e" / "r.json")
        withheld[name] = set()
        for path in into.glob("*.csv"):
            shown = pd.read_csv(path, dtype=str, keep_default_na=False)
            assert not set(LARGEST) & set(shown.columns)
            withheld[name] |= {
                (cell.measure, *cell.categories) for cell, row in cells_of(path.stem, shown) if shown["status"].iat[row]
            }
    treating = ("kind", "treating")
    assert ("procedures", treating) not in withheld["lenient"]
    assert {("procedures", treating), ("procedures", treating, ("sex", "2"))} <= withheld["strict"]
    assert ("procedures", ("kind", "assessing")) in withheld["strict"], "all procedures less these are the others"
    of_group = metadata.codelist("procedure").by_code["DT019"]["group"]
    assert ("procedures", ("procedure_group", of_group)) in withheld["strict"], "the group is the same total"
