"""The primary rules that are parameters, the refusal of a table that would lose too much, and the report."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from kvarn.analyse import protect_tables
from kvarn.analyse._classification import children
from kvarn.analyse._columns import LARGEST
from kvarn.analyse._tables import complete_table, write_table
from kvarn.analyse.disclosure.dominance import largest_of, require_largest
from kvarn.analyse.disclosure.primary import Problem, primary_suppression
from kvarn.analyse.disclosure.report import coarser
from kvarn.analyse.disclosure.suppression.audit import told_to_insiders
from kvarn.analyse.disclosure.suppression.secondary import protection, secondary_suppression
from kvarn.analyse.disclosure.system import Cell, Sum, System, system_of
from kvarn.edition import Disclosure, Dominance, Sensitive, Workspace
from kvarn.errors import DisclosureError

GROUPS = "procedures-by-group"
ALL = Cell("procedures", 2023)


def groups(*rows: tuple[str, int, int]) -> pd.DataFrame:
    """Procedures and persons by group, all of them women's."""
    found = [
        (2023, sex, group, measure, value, persons)
        for group, procedures, persons in rows
        for sex in ("2", "T")
        for measure, value in (("procedures", procedures), ("persons_with_procedure", persons))
    ]
    frame = pd.DataFrame(found, columns=["year", "sex", "procedure_group", "measure", "value", "contributors"])
    return complete_table(GROUPS, frame)


def group_codes() -> list[str]:
    frame = groups(("T", 10, 5))
    return [code for code in dict.fromkeys(frame["procedure_group"]) if code != "T"]


FIRST, SECOND, THIRD = group_codes()[:3]
TABLE = groups(("T", 300, 60), (FIRST, 200, 40), (SECOND, 60, 30), (THIRD, 40, 20))


def of_group(code: str, measure: str = "procedures") -> Cell:
    return Cell(measure, 2023, (("procedure_group", code),))


def with_largest(one: int, two: int, municipality: tuple[int, int] | None = None) -> pd.DataFrame:
    """The second group's largest contributor has `one` procedures, the two largest `two`; in the others nobody stands out."""
    second = (TABLE["procedure_group"] == SECOND) & (TABLE["measure"] == "procedures") & (TABLE["value"] != "0")
    places = municipality or (0, 0)
    shares = dict(zip(LARGEST, ((1, one), (2, two), (0, places[0]), (0, places[1])), strict=True))
    return TABLE.assign(**{name: second.map({False: few, True: much}) for name, (few, much) in shares.items()})


def save(folder: Path, table: pd.DataFrame) -> Path:
    folder.mkdir(parents=True)
    write_table(folder / f"{GROUPS}.parquet", table)
    return folder


def primary(table: pd.DataFrame, rules: Disclosure) -> set[Cell]:
    return set(primary_suppression(system_of({GROUPS: table}), rules, largest_of({GROUPS: table}, rules)).primary)


def test_nothing_is_secret_in_a_table_of_many_persons() -> None:
    assert primary(TABLE, Disclosure()) == set()


@pytest.mark.parametrize(("one", "two", "secret"), [(50, 55, True), (45, 55, False)])
def test_a_total_that_one_person_nearly_makes_up_is_secret(one: int, two: int, secret: bool) -> None:
    """80 per cent of 60 are 48."""
    found = primary(with_largest(one, two), Disclosure(dominance=Dominance(n=1, per_cent=80)))
    assert (of_group(SECOND) in found) == secret
    assert of_group(FIRST) not in found


@pytest.mark.parametrize(("two", "secret"), [(55, True), (45, False)])
def test_the_two_largest_can_be_taken_together(two: int, secret: bool) -> None:
    assert (of_group(SECOND) in primary(with_largest(30, two), Disclosure(dominance=Dominance(n=2, per_cent=80)))) == secret


@pytest.mark.parametrize(("two", "secret"), [(58, True), (50, False)])
def test_the_second_largest_must_not_reckon_the_largest_too_closely(two: int, secret: bool) -> None:
    """Whoever has the second most takes his own from the total: what the others have is all that hides the largest."""
    rules = Disclosure(p_per_cent=10)
    table = with_largest(40, two)
    assert (of_group(SECOND) in primary(table, rules)) == secret


def test_the_p_per_cent_rule_widens_the_interval_that_is_asked_for() -> None:
    rules = Disclosure(p_per_cent=25)
    table = with_largest(40, 58)
    problem = primary_suppression(system_of({GROUPS: table}), rules, largest_of({GROUPS: table}, rules))
    assert problem.width(of_group(SECOND)) == 10
    assert problem.width(of_group(FIRST)) == 3


@pytest.mark.parametrize(("places", "secret"), [((55, 58), True), ((20, 40), False)])
def test_a_total_that_one_municipality_nearly_makes_up_is_secret(places: tuple[int, int], secret: bool) -> None:
    found = primary(with_largest(10, 20, places), Disclosure(dominance=Dominance(n=1, per_cent=80)))
    assert (of_group(SECOND) in found) == secret


def by_region(**figures: tuple[int, int, int, int]) -> dict[str, pd.DataFrame]:
    """Procedures of 30 persons in each region, with their largest contributors; all those beneath a region are in it."""
    rows = [(2023, code[1:], measure, 100, 30, *told) for code, told in figures.items() for measure in ("procedures",)]
    frame = pd.DataFrame(rows, columns=["year", "region", "measure", "value", "contributors", *LARGEST])
    return {"procedures-by-region": frame.astype({"value": str, "year": "int32"})}


def test_a_share_of_a_municipality_whose_own_figure_stands_beside_it_is_no_secret() -> None:
    rules = Disclosure(dominance=Dominance(n=1, per_cent=80))
    one_place = (10, 20, 95, 100)
    alone = largest_of(by_region(_00=one_place, _01=one_place, _09=(10, 20, 100, 100)), rules)
    assert {str(cell): len(of) for cell, of in alone.items()} == {
        "procedures, 2023": 2,
        "procedures, 2023, region 01": 2,
        "procedures, 2023, region 09": 1,
    }
    every = {f"_{code}": (10, 20, 100, 100) for code in children("region", "01")}
    divided = largest_of(by_region(_00=one_place, _01=one_place, **every), rules)
    assert {cell.code("region"): len(of) for cell, of in divided.items()} == {
        None: 2,
        **{code[1:]: 1 for code in ("_01", *every)},
    }


@pytest.mark.parametrize("left_out", ["0114", "1480"])
def test_one_municipality_in_a_table_excuses_no_county_and_one_without_a_figure_is_missed_by_none(left_out: str) -> None:
    rules, one_place = Disclosure(dominance=Dominance(n=1, per_cent=80)), (10, 20, 95, 100)
    every = {f"_{code}": (10, 20, 100, 100) for code in children("region", "01") if code != left_out}
    tables = by_region(_00=one_place, _01=one_place, _14=one_place, _1480=(10, 20, 100, 100), **every)
    named = {cell.code("region"): len(of) for cell, of in largest_of(tables, rules).items()}
    assert (named["01"], named["14"], named[None]) == (2 if left_out == "0114" else 1, 2, 2)
    # It has delivered nothing at all.
    silent = by_region(_0114=(0, 0, 0, 0))["procedures-by-region"].assign(value="..", contributors=0)
    table = tables["procedures-by-region"]
    with_it = pd.concat([table[table["region"] != "0114"], silent], ignore_index=True)
    named = {cell.code("region"): len(of) for cell, of in largest_of({"procedures-by-region": with_it}, rules).items()}
    assert (named["01"], named["14"]) == (1, 2)


def test_one_cell_that_does_not_tell_its_largest_contributors_is_enough_to_refuse(tmp_path: Path) -> None:
    table = with_largest(10, 20)
    table.loc[table.index[0], "two_largest"] = pd.NA
    with pytest.raises(DisclosureError) as caught:
        require_largest({GROUPS: table}, Disclosure(p_per_cent=10))
    assert caught.value.where == f"{GROUPS}, columns two_largest"
    require_largest({GROUPS: table}, Disclosure())


def test_a_rule_of_dominance_without_the_figures_for_it_is_refused(tmp_path: Path) -> None:
    tables = save(tmp_path / "tables", TABLE)
    with pytest.raises(DisclosureError, match="largest contributors") as caught:
        protect_tables(
            tables, tmp_path / "p", disclosure=Disclosure(p_per_cent=10), synthetic=False, report=tmp_path / "e" / "report.json"
        )
    assert caught.value.where == f"{GROUPS}, columns {', '.join(LARGEST)}"
    assert not (tmp_path / "p").exists()


def test_sensitive_categories_have_stricter_limits() -> None:
    strict = Disclosure(sensitive={"procedure_group": Sensitive(codes=(THIRD,), threshold=25, contributors=25)})
    assert primary(TABLE, strict) == {
        cell.having("sex", sex) for cell in (of_group(THIRD), of_group(THIRD, "persons_with_procedure")) for sex in ("2", None)
    }
    all_groups = Disclosure(sensitive={"procedure_group": Sensitive(threshold=35)})
    assert {cell.code("procedure_group") for cell in primary(TABLE, all_groups)} == {SECOND, THIRD}


def test_that_everybody_of_a_group_has_something_sensitive_can_be_a_secret() -> None:
    table = groups(("T", 300, 60), (FIRST, 200, 60), (SECOND, 60, 30), (THIRD, 40, 20))
    system = system_of({GROUPS: table})
    whole, part = Cell("persons_with_procedure", 2023), of_group(FIRST, "persons_with_procedure")
    open_rules = primary_suppression(system, Disclosure())
    assert not {whole, part} & secondary_suppression(open_rules)
    strict = primary_suppression(system, Disclosure(sensitive={"procedure_group": Sensitive(group=True)}))
    assert set(strict.hidden.values()) == {0}
    assert {whole, part} & secondary_suppression(strict)


def test_a_table_that_would_lose_too_much_is_refused_with_a_proposal(workspace: Workspace, tmp_path: Path) -> None:
    rules = Disclosure(threshold=4, contributors=4, withheld_at_most=0.03)
    with pytest.raises(DisclosureError) as caught:
        protect_tables(workspace.tables, tmp_path / "p", disclosure=rules, synthetic=False, report=tmp_path / "e" / "r.json")
    assert caught.value.where in {path.stem for path in workspace.tables.iterdir()}
    assert caught.value.remedy is not None and "Leave out the finest categories of" in caught.value.remedy
    assert not (tmp_path / "p").exists()


def test_the_proposal_is_the_classification_that_gains_most() -> None:
    """All that is withheld lies in single municipalities: without them nothing would be."""
    rows = [
        (2023, region, "T", age, "persons", value, value)
        for region, value in (("00", 90), ("01", 90), ("0114", 2), ("0115", 88))
        for age in ("T", "65+")
    ]
    frame = pd.DataFrame(rows, columns=["year", "region", "sex", "age", "measure", "value", "contributors"])
    found = coarser("persons-by-municipality-sex-age", frame, ["", "", "", "", "primary", "primary", "secondary", "secondary"])
    assert found == [("region", 0.0), ("age", 0.5)]


def test_the_report_tells_the_officer_each_interval_and_the_public_only_totals(workspace: Workspace, protected: Path) -> None:
    report = json.loads(workspace.disclosure_report.read_text())
    withheld = {row["cell"]: row for row in report["withheld"]}
    assert len(withheld) == report["system"]["primary"] + report["system"]["secondary"] + report["system"]["hidden_differences"]
    secret = [row for row in withheld.values() if row["reason"] != "secondary"]
    assert secret
    assert all(row["most"] is None or row["most"] - row["least"] >= 3 for row in secret)
    assert report["narrowest_interval"] >= report["width_wanted"] == 3
    assert report["system"]["largest_block"] > 0
    public = report["public_description"]
    assert set(public) == {"cells", "withheld", "withheld_per_cent", "sv", "en"}
    assert "municipality" not in public["en"] and str(public["withheld"]) in public["sv"]
    page = workspace.disclosure_report.with_suffix(".html")
    assert page.stat().st_mode & 0o777 == 0o600
    assert next(iter(withheld)) in page.read_text()


def test_a_certificate_is_kept_beside_the_pattern(workspace: Workspace, protected: Path) -> None:
    folder = workspace.restricted / "disclosure"
    certificate = json.loads((folder / "certificate.json").read_text())
    assert len(certificate["cells_sha256"]) == 64
    assert certificate["narrowest_interval"] >= certificate["width_wanted"]
    assert set(certificate["solvers"]) == {"highspy", "scipy"}
    assert certificate["audit_of_what_was_written"]["asked"] > 0
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_whoever_is_alone_in_a_cell_cannot_compute_another_secret() -> None:
    """The one person of the first group knows that he is the 1 of 1 + 3: without company the other 3 would be his to tell."""
    counts = {"a": [1, 3, 20, 30], "b": [9, 9, 9, 9], "c": [8, 7, 9, 6]}
    values = {
        Cell("persons", 2023, (("column", str(place)), ("row", row))): value
        for row, held in counts.items()
        for place, value in enumerate(held)
    }
    system = System()
    rows: dict[str, list[Cell]] = {}
    for one, value in values.items():
        rows.setdefault(dict(one.categories)["row"], []).append(one)
        system.values[one] = system.contributors[one] = value
    for row, parts in rows.items():
        whole = Cell("persons", 2023, (("row", row),))
        system.values[whole] = system.contributors[whole] = sum(values[part] for part in parts)
        system.sums.append(Sum(whole, tuple(parts)))
    one, three = rows["a"][:2]

    def withheld(singletons: bool) -> set[Cell]:
        problem = Problem(system, frozenset((one, three)), {}, tuple(system.sums), {}, least_width=2, singletons=singletons)
        return {*problem.primary, *protection(problem).secondary}

    assert len(withheld(True) - {one, three}) >= 1
    asked = Problem(system, frozenset((one, three)), {}, tuple(system.sums), {}, least_width=2, singletons=True)
    assert told_to_insiders(asked, {one, three}) == {three}
    assert told_to_insiders(asked, withheld(True)) == set()
