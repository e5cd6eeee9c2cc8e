"""Every contradiction between tables stops the way, and names both cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse import validate_tables
from kvarn.analyse._tables import complete_table, write_table
from kvarn.errors import ConsistencyError

from .registers import all_accepted

Row = dict[str, object]


def add(folder: Path, table: str, *rows: Row) -> None:
    """Write a table; a row without `contributors` has as many as its value says."""
    frame = pd.DataFrame([{"contributors": row["value"] if isinstance(row["value"], int) else 0} | row for row in rows])
    frame["contributors"] = frame["contributors"].astype("Int64")
    further = [all_accepted(table)] if "region" in metadata.table(table).variables else []
    write_table(folder / f"{table}.parquet", complete_table(table, frame, *further))


def by_sex(men: int, women: int, both: int, measure: str = "persons", **codes: object) -> list[Row]:
    found = {"1": men, "2": women, "T": both}
    return [{"year": 2023, **codes, "sex": sex, "measure": measure, "value": value} for sex, value in found.items()]


def months(folder: Path, *, january: int = 3, february: int = 4, year: int = 5) -> None:
    rows = [by_sex(0, number, number, month=code) for code, number in (("01", january), ("02", february), ("T", year))]
    add(folder, "persons-by-month", *(row for of_month in rows for row in of_month))


def kinds(folder: Path, counted: int, share_of_persons: str = "80.0", share_of_those: str = "100.0") -> None:
    rows = by_sex(0, counted, counted, "persons_with_procedure", kind="T")
    shares = {"share_of_persons": share_of_persons, "share_of_persons_with_procedure": share_of_those}
    for sex in ("2", "T"):
        for kind in ("T", "assessing", "treating"):
            rows += [
                {"year": 2023, "sex": sex, "kind": kind, "measure": measure, "value": value if kind == "T" else "0.0"}
                for measure, value in shares.items()
            ]
    add(folder, "persons-with-procedure-by-kind", *rows)


def professions(folder: Path, *, nurses: int = 6, total: int = 8, persons: int = 3, behind: int = 3) -> None:
    rows: list[Row] = []
    for code, number in (("XS918", nurses), ("XS919", 4), ("T", total)):
        rows.append({"year": 2023, "profession": code, "measure": "procedures", "value": number, "contributors": behind})
        rows.append({"year": 2023, "profession": code, "measure": "persons_with_procedure", "value": persons})
    add(folder, "procedures-by-profession", *rows)


def contradiction(folder: Path) -> ConsistencyError:
    with pytest.raises(ConsistencyError) as caught:
        validate_tables(folder)
    assert len(caught.value.cells) == 2
    assert all(caught.value.cells)
    assert caught.value.remedy
    return caught.value


def test_tables_that_agree_pass(tmp_path: Path) -> None:
    months(tmp_path)
    kinds(tmp_path, 4)
    professions(tmp_path, persons=4, behind=4)
    validate_tables(tmp_path)


@pytest.mark.parametrize(
    ("spoil", "said", "cells"),
    [
        (lambda to: months(to, january=6, year=5), "part is larger", ("persons, 2023", "month 01")),
        (lambda to: months(to, january=2, february=2, year=5), "larger than its 12 parts", ("persons, 2023", "month 01")),
        (lambda to: professions(to, nurses=9, total=8), "part is larger", ("procedures, 2023", "profession XS918")),
        (lambda to: professions(to, behind=9), "persons behind it", ("procedures", "contributors")),
        (lambda to: professions(to, behind=0), "persons behind it", ("procedures", "contributors")),
        (lambda to: professions(to, behind=2), "persons behind a count", ("persons_with_procedure", "contributors")),
        (lambda to: professions(to, persons=7, behind=7), "part is larger", ("procedures", "persons_with_procedure")),
    ],
)
def test_a_part_and_its_whole_that_cannot_both_be_true_are_named(
    tmp_path: Path, spoil: Callable[[Path], None], said: str, cells: tuple[str, str]
) -> None:
    spoil(tmp_path)
    error = contradiction(tmp_path)
    assert said in error.what
    for named, wanted in zip(error.cells, cells, strict=True):
        assert wanted in named


def test_more_persons_with_a_procedure_than_persons_are_a_contradiction(tmp_path: Path) -> None:
    months(tmp_path)
    kinds(tmp_path, 6)
    error = contradiction(tmp_path)
    assert error.cells == (
        "persons-by-month: persons, 2023",
        "persons-with-procedure-by-kind: persons_with_procedure, 2023",
    )


def test_a_share_above_a_hundred_per_cent_is_a_contradiction(tmp_path: Path) -> None:
    kinds(tmp_path, 4, share_of_persons="100.1")
    assert "100 per cent" in contradiction(tmp_path).what


def test_a_ratio_that_its_parts_do_not_make_is_a_contradiction(tmp_path: Path) -> None:
    kinds(tmp_path, 4, share_of_those="99.9")
    error = contradiction(tmp_path)
    assert "not what its parts make it" in error.what
    assert "share_of_persons_with_procedure" in error.cells[0]


def _persons_and_inhabitants(folder: Path, persons: int, inhabitants: int, **codes: object) -> None:
    table = "rates-by-municipality" if "region" in codes else "persons-by-year-sex-age"
    rate = f"{persons * 1000 // inhabitants}.0"
    values: dict[str, object] = {"persons": persons, "population": inhabitants, "persons_per_1000": rate}
    age = "65+" if "region" in codes else "T"
    categories = [{**codes, "age": code} for code in ("T", age)] if "region" in codes else []
    if not categories:
        categories = [{"sex": sex, "age": code} for sex in ("2", "T") for code in ("T", "65+", "65-79", "65-69")]
    add(
        folder,
        table,
        *(
            {"year": 2023, **of, "measure": measure, "value": value, "contributors": persons}
            for of in categories
            for measure, value in values.items()
        ),
    )


def test_a_municipality_may_report_more_persons_than_live_there(tmp_path: Path) -> None:
    _persons_and_inhabitants(tmp_path, 20, 10, region="0114")
    table = pd.read_parquet(tmp_path / "rates-by-municipality.parquet")
    # Whoever is counted in the municipality is counted in its county and in the country, where enough people live.
    for code in ("01", "00"):
        for measure, value in (("persons", "20"), ("population", "10"), ("persons_per_1000", "2000.0")):
            chosen = (table["region"] == code) & (table["measure"] == measure)
            table.loc[chosen, "value"] = value
            if measure != "population":
                table.loc[chosen, "contributors"] = 20
    country = table["region"] == "00"
    county = table["region"] == "01"
    abroad = table["region"].isin(["25", "2580"])
    table.loc[abroad & (table["measure"] == "population"), "value"] = "90"
    table.loc[abroad & (table["measure"] == "persons_per_1000"), "value"] = "0.0"
    table.loc[country & (table["measure"] == "population"), "value"] = "100"
    table.loc[country & (table["measure"] == "persons_per_1000"), "value"] = "200.0"
    assert (table.loc[county & (table["measure"] == "population"), "value"] == "10").all()
    write_table(tmp_path / "rates-by-municipality.parquet", table)
    validate_tables(tmp_path)


def test_a_country_cannot_have_more_persons_in_care_than_inhabitants(tmp_path: Path) -> None:
    _persons_and_inhabitants(tmp_path, 20, 10)
    error = contradiction(tmp_path)
    assert "part is larger" in error.what
    assert ["population" in error.cells[0], "persons" in error.cells[1]] == [True, True]
