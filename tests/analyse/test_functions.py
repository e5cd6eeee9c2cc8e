"""Means, quantiles and standardised rates: checked against one another, and withheld with what they are made of."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse import protect_tables, validate_tables
from kvarn.analyse._function_checks import check_functions
from kvarn.analyse._tables import read_tables, write_table
from kvarn.analyse.disclosure.functions import parts_of
from kvarn.analyse.disclosure.system import Cell, cells_of, system_of
from kvarn.edition import Disclosure, Workspace
from kvarn.errors import ConsistencyError

Tables = dict[str, pd.DataFrame]


@pytest.fixture
def tables(workspace: Workspace) -> Tables:
    return {name: table.copy() for name, table in read_tables(workspace.tables).items()}


def change(tables: Tables, name: str, value: str, **codes: object) -> None:
    table = tables[name]
    chosen = pd.Series(True, index=table.index)
    for variable, code in codes.items():
        chosen &= table[variable] == code
    assert chosen.sum() == 1
    table.loc[chosen, "value"] = value


def test_the_edition_as_computed_holds_together(workspace: Workspace, tables: Tables) -> None:
    validate_tables(workspace.tables)
    check_functions(tables)


@pytest.mark.parametrize(
    ("table", "value", "codes"),
    [
        ("procedures-by-weekday", "99.0", {"measure": "share_of_procedures", "weekday": "1", "year": 2020}),
        ("months-by-sex-age", "13", {"measure": "months_median", "sex": "T", "age": "T", "year": 2020}),
        ("standardised-rates-by-region", "0.1", {"measure": "standardised_upper", "region": "00", "sex": "1", "year": 2020}),
    ],
)
def test_shares_that_do_not_add_and_figures_in_the_wrong_order_stop_the_run(
    tables: Tables, table: str, value: str, codes: dict[str, object]
) -> None:
    change(tables, table, value, **codes)
    with pytest.raises(ConsistencyError) as caught:
        check_functions(tables)
    assert all(cell.startswith(f"{table}: ") for cell in caught.value.cells)
    assert len(set(caught.value.cells)) == 2


def test_the_country_standardised_by_itself_is_the_crude_rate(tables: Tables) -> None:
    table = tables["standardised-rates-by-region"]
    country = table[(table["region"] == "00") & (table["sex"] == "T")].set_index("measure")["value"]
    assert country["standardised_per_1000"] == country["persons_per_1000"]


def test_person_months_are_tied_to_the_months_and_continuing_persons_to_the_year_before(tables: Tables) -> None:
    system = system_of(tables)
    months = [line for line in system.sums if line.total.measure == "person_months" and line.parts[0].measure == "persons"]
    assert {len(line.parts) for line in months} == {12}
    assert {line.total.year for line in months} == {2018, 2019, 2020}
    ended = {(whole.year, part.year) for whole, (part, *_) in system.differences if part.code("continuity") == "continuing"}
    assert ended >= {(2018, 2019), (2019, 2020)}
    single = Cell("procedures", 2020, (("cooperation", "single"),))
    assert any(line.total == single and line.parts[0].code("profession") for line in system.sums)


def test_person_months_that_are_not_those_of_the_months_stop_the_run(tables: Tables, tmp_path: Path) -> None:
    table = tables["months-by-sex-age"]
    more = (table["measure"] == "person_months") & (table["year"] == 2019)
    more &= table["sex"].isin(["1", "T"]) & table["age"].isin(["T", "65+", "80+", "90+"])
    table.loc[more, "value"] = [str(int(value) + 1) for value in table.loc[more, "value"]]
    for name, held in tables.items():
        write_table(tmp_path / f"{name}.parquet", held)
    with pytest.raises(ConsistencyError) as caught:
        validate_tables(tmp_path)
    assert [cell.split(",")[0] for cell in caught.value.cells] == [
        "months-by-sex-age: person_months",
        "persons-by-month: persons",
    ]


def test_a_quantile_or_standardised_rate_of_few_is_withheld(workspace: Workspace, tables: Tables, tmp_path: Path) -> None:
    least = 20
    rules = Disclosure(threshold=4, contributors=4, quantile_persons=least)
    protect_tables(workspace.tables, tmp_path / "p", disclosure=rules, synthetic=False, report=tmp_path / "report.json")
    shown, true = {}, {}
    for name, table in tables.items():
        protected = pd.read_csv(tmp_path / "p" / f"{name}.csv", dtype=str, keep_default_na=False)
        for cell, row in cells_of(name, table):
            shown[cell] = protected["status"].iat[row]
            true[cell] = table["value"].iat[row]
    judged = {"published": 0, "few": 0, "part": 0, "company": 0}
    for cell, status in shown.items():
        declared = metadata.measure(cell.measure)
        if declared.quantile is None and declared.standardised is None:
            continue
        parts = parts_of(cell)
        assert parts
        few = 0 < int(true[parts[0]]) < least
        of_withheld = any(shown[part] == "X" for part in parts)
        if true[cell] in (".", ".."):
            assert status == true[cell]
            continue
        # A quantile that neither rule withholds can be withheld in company alone.
        in_company = status == "X" and declared.quantile is not None and not few and not of_withheld
        if in_company:
            # It is withheld for the sake of another one of its year, which is withheld for its own.
            beside = [one for one in shown if (one.measure, one.year) == (cell.measure, cell.year) and one != cell]
            assert any(0 < int(true[parts_of(one)[0]]) < least for one in beside if shown[one] == "X"), cell
        assert (status == "X") == (few or of_withheld or in_company), cell
        judged["few" if few else "part" if of_withheld else "company" if in_company else "published"] += 1
    assert all(number for why, number in judged.items() if why != "company"), judged
    assert judged["company"] < judged["published"]
