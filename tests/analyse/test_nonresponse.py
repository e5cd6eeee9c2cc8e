"""A place from which nothing was accepted has no figure; one that delivered and had nobody has zero.

In 2023 Stockholm (0180) has no KHSL2, Nykvarn (0140) no KHSL1 but KHSL2, Vallentuna (0115) neither, Gotland (09, 0980) nothing at
all, and Norrtälje (0188) seven months of twelve. 2022 has nothing of KHSL2, and Uppsala (0380) no KHSL1.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse import Register, count_order, mean, protect_tables, rate, save_table, share, standardised, validate_tables
from kvarn.analyse._accepted_files import (
    accepted_files,
    check_accepted,
    check_protected_tables,
    check_table,
    check_unprotected_tables,
)
from kvarn.analyse._tables import complete_table, read_tables, write_table
from kvarn.analyse.disclosure._protect import problem_of
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.memory.pattern import is_pattern_of, is_published_as, join_earlier, keep_pattern
from kvarn.analyse.disclosure.system import Cell, system_of
from kvarn.analyse.disclosure.written.audit import Published, audit_written, read_csv
from kvarn.analyse.disclosure.written.secrecy import counts_with_status, secrets_of
from kvarn.edition import Disclosure, Order, Words
from kvarn.errors import ConsistencyError, DisclosureError, InputError

from .registers import Act, Month, write_collected, write_register

SILENT = {("KHSL2", 180), ("KHSL1", 140), ("KHSL1", 115), ("KHSL2", 115), ("KHSL1", 980), ("KHSL2", 980)}
YEARS = (2022, 2023)
PEOPLE = 60
RULES = Disclosure(threshold=4, contributors=4)


def accepted(kind: str, municipality: int, year: int, month: int) -> bool:
    if year == 2022:
        return kind == "KHSL1" and municipality != 380
    return (kind, municipality) not in SILENT and not (municipality == 188 and month > 7)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The register, and the log of the deliveries that it is made of."""
    root = tmp_path_factory.mktemp("nonresponse")
    persons = [(1 + who % 2, (1935, 1945, 1955, 1990)[who % 4]) for who in range(PEOPLE)]
    months: list[Month] = [(who, 2022, 1, 180) for who in range(PEOPLE)]
    acts: list[Act] = []
    for who in range(PEOPLE):
        place = (180, 114, 188, 380, 140)[who % 5]
        if place != 140:
            months.append((who, 2023, 1 + who % 7, place))
        if place != 180:
            acts.append((who, f"2023-0{1 + who % 7}-05", place, "DT019", "XS919", ""))
    write_register(root / "register", persons, months, acts, years=YEARS, accepted=accepted)
    for year in YEARS:
        write_collected(root / "collected", year, accepted)
    return root


@pytest.fixture(scope="module")
def tables(project: Path) -> dict[str, pd.DataFrame]:
    """Tables as the compute notebooks make them, some of them by region."""
    return counted(project / "register")


def counted(register: Path, **how: object) -> dict[str, pd.DataFrame]:
    with Register(register, **how) as opened:  # type: ignore[arg-type]
        region, year = ["year", "region"], [2023]
        months, persons = opened.count_person_months(region, year), opened.count_persons(region, year)
        procedures, treated = opened.count_procedures(region, year), opened.count_persons_with_procedure(region, year)
        by_sex = [*region, "sex"]
        of_sex, living = opened.count_persons(by_sex, year), opened.population(by_sex, year)
        by = [*by_sex, "age"]
        kinds = opened.count_persons_with_procedure(["year", "sex", "kind"], YEARS)
        all_persons = opened.count_persons(["year", "sex"], YEARS)
        rates = [
            standardised(
                measure,
                opened.count_persons(by, year),
                opened.population(by, year),
                standard=opened.population(["year", "age"], year),
            )
            for measure in ("standardised_per_1000", "standardised_lower", "standardised_upper")
        ]
        made = {
            "persons-by-municipality-sex-age": [opened.count_persons(by, year), opened.coverage("persons", by, year)],
            "persons-by-month": [opened.count_persons(["year", "month", "sex"], YEARS)],
            "months-by-region": [
                months,
                persons,
                mean("months_per_person", months, persons),
                opened.quantile("months_median", region, year),
                opened.coverage("persons", region, year),
            ],
            "standardised-rates-by-region": [
                of_sex,
                living,
                rate("persons_per_1000", of_sex, living),
                *rates,
                opened.coverage("persons", by_sex, year),
            ],
            "persons-with-procedure-by-kind": [
                kinds,
                share("share_of_persons", part=kinds, of=all_persons),
                share("share_of_persons_with_procedure", part=kinds, of=kinds),
            ],
            "procedures-by-month": [
                opened.count_procedures(["year", "month"], YEARS),
                opened.count_persons_with_procedure(["year", "month"], YEARS),
            ],
            "procedures-by-region": [
                procedures,
                treated,
                mean("procedures_per_person", procedures, treated),
                opened.quantile("procedures_median", region, year),
                opened.coverage("procedures", region, year),
            ],
        }
        return {name: complete_table(name, *frames) for name, frames in made.items()}


def row(table: pd.DataFrame, **codes: object) -> dict[str, str]:
    chosen = table
    for name, code in codes.items():
        chosen = chosen[chosen[name] == code]
    return dict(zip(chosen["measure"], chosen["value"], strict=True))


def kept(tables: dict[str, pd.DataFrame], into: Path) -> Path:
    into.mkdir(parents=True)
    for name, table in tables.items():
        write_table(into / f"{name}.parquet", table)
    return into


def test_nothing_accepted_is_not_available_in_every_measure_and_zero_with_a_file_stays_zero(
    tables: dict[str, pd.DataFrame],
) -> None:
    procedures, months = tables["procedures-by-region"], tables["months-by-region"]
    for silent in ("0180", "0115", "0980", "09"):
        assert set(list(row(procedures, region=silent).values())[:4]) == {".."}, silent
    for silent in ("0140", "0115", "0980", "09"):
        assert set(list(row(months, region=silent).values())[:4]) == {".."}, silent
        of_sex = row(tables["standardised-rates-by-region"], region=silent, sex="1")
        assert of_sex.pop("population") != ".."
        assert {of_sex.pop("municipalities"), of_sex.pop("municipalities_persons"), of_sex.pop("months_persons")} == {"1", "0"}
        assert set(of_sex.values()) == {".."}, silent
        by_age = tables["persons-by-municipality-sex-age"]
        here = by_age[(by_age["region"] == silent) & (by_age["measure"] == "persons")]
        assert set(here["value"]) == {".."} and set(here["contributors"]) == {0}
    assert row(procedures, region="0117")["procedures"] == row(months, region="0117")["persons"] == "0"
    assert row(procedures, region="0140")["procedures"] == "12" and row(months, region="0180")["persons"] == "12"


def test_a_year_and_a_month_without_anything_are_not_available_and_so_is_what_is_made_of_two_file_types(
    tables: dict[str, pd.DataFrame], project: Path
) -> None:
    assert set(row(tables["persons-with-procedure-by-kind"], year=2022, sex="T", kind="T").values()) == {".."}
    assert set(row(tables["persons-with-procedure-by-kind"], year=2022, sex="1", kind="treating").values()) == {".."}
    assert set(row(tables["procedures-by-month"], year=2022, month="03").values()) == {".."}
    assert row(tables["procedures-by-month"], year=2023, month="12")["procedures"] == "0"
    with Register(project / "register") as register:
        by = ["year", "region", "month"]
        monthly = register.count_persons(by, [2023])
        parts = register.count_persons_with_procedure(["year", "region"], [2023])
        shares = share("share_of_persons", part=parts, of=register.count_persons(["year", "region"], [2023]))
    of_norrtalje = monthly[(monthly["region"] == "0188") & (monthly["value"] == "..")]
    assert list(of_norrtalje["month"]) == ["08", "09", "10", "11", "12"]
    assert [row(shares, region=code).get("share_of_persons") for code in ("0180", "0140", "0115")] == ["..", "..", ".."]
    assert row(shares, region="0114")["share_of_persons"] == "100.0"


def test_tables_say_how_many_municipalities_and_months_are_in_a_figure(tables: dict[str, pd.DataFrame]) -> None:
    told = ("municipalities", "municipalities_persons", "months_persons")
    months = tables["months-by-region"]
    assert [row(months, region="00")[name] for name in told] == ["290", "287", str(287 * 12 - 5)]
    assert [row(months, region="01")[name] for name in told] == ["26", "24", str(24 * 12 - 5)]
    assert [row(months, region="0188")[name] for name in told] == ["1", "1", "7"]
    procedures = row(tables["procedures-by-region"], region="00")
    assert [procedures["municipalities_procedures"], procedures["months_procedures"]] == ["287", str(287 * 12 - 5)]


def test_new_persons_are_not_told_where_the_year_before_was_not_reported(project: Path) -> None:
    with Register(project / "register") as register:
        frame = register.count_persons(["year", "region", "continuity"], [2023])
    uppsala = frame[frame["region"] == "0380"].set_index("continuity")
    assert uppsala["value"].to_dict() == {"T": 12, "new": "..", "continuing": "..", "unknown": ".."}
    assert uppsala.loc["new":, "contributors"].isna().all()  # type: ignore[misc]


def test_care_with_procedures_counts_files_of_procedures_for_persons_too(project: Path) -> None:
    with Register(project / "register", care="reported_or_procedure") as register:
        persons = register.count_persons(["year", "region"], [2023])
        covered = register.coverage("persons", ["year", "region"], [2023])
    assert [row(persons, region=code).get("persons") for code in ("0140", "0115")] == [12, ".."]
    assert row(covered, region="00")["municipalities_persons"] == 288


def test_there_is_no_coverage_of_anything_else(project: Path) -> None:
    with Register(project / "register") as register, pytest.raises(InputError, match="no coverage of 'deaths'"):
        register.coverage("deaths", ["year"], [2023])  # type: ignore[arg-type]


def test_a_register_without_coverage_is_not_counted(tmp_path: Path) -> None:
    write_register(tmp_path / "r", [(1, 1940)], [(0, 2023, 1, 180)])
    (tmp_path / "r" / "coverage" / "year=2023" / "data.parquet").unlink()
    with Register(tmp_path / "r") as register, pytest.raises(InputError, match="no coverage for 2023"):
        register.count_persons(["year"], [2023])


def test_what_is_computed_holds_together_and_agrees_with_what_was_accepted(
    tables: dict[str, pd.DataFrame], project: Path, tmp_path: Path
) -> None:
    folder = kept(tables, tmp_path / "tables")
    validate_tables(folder)
    check_unprotected_tables(folder, project / "collected")


WRONG = {
    "a zero without a file": ("procedures-by-region", "procedures", "0180", "0", "A zero stands where no file"),
    "a zero rate without a file": ("standardised-rates-by-region", "persons_per_1000", "0140", "0.0", "A zero stands"),
    "a figure without a file": ("procedures-by-region", "procedures", "0180", "5", "A figure stands where no file"),
    "a median that cannot be": ("months-by-region", "months_median", "09", ".", "A figure stands where no file"),
    "a count that is missing": ("months-by-region", "persons", "0117", "..", "not available although a file"),
    "one municipality too many": ("months-by-region", "municipalities_persons", "01", "26", "how much was accepted"),
    "twelve months of seven": ("procedures-by-region", "months_procedures", "0188", "12", "how much was accepted"),
}


@pytest.mark.parametrize("case", WRONG)
def test_the_check_reads_the_log_of_deliveries_and_refuses_what_contradicts_it(
    tables: dict[str, pd.DataFrame], project: Path, tmp_path: Path, case: str
) -> None:
    name, measure, region, value, said = WRONG[case]
    table = tables[name].copy()
    table.loc[(table["measure"] == measure) & (table["region"] == region), "value"] = value
    with pytest.raises(ConsistencyError, match=said) as caught:
        check_unprotected_tables(kept({name: table}, tmp_path / "tables"), project / "collected")
    assert (
        measure in caught.value.cells[0] and region in caught.value.cells[0] and (value in ".." or value not in caught.value.what)
    )


def test_counting_that_knows_nothing_of_coverage_is_refused(project: Path, tmp_path: Path) -> None:
    """A notebook that leaves the rows of silent places out would publish zeros in their place."""
    with Register(project / "register") as register:
        counts = register.count_persons(["year", "month", "sex"], [2023])
        procedures = register.count_procedures(["year", "month"], [2022, 2023])
        persons = register.count_persons_with_procedure(["year", "month"], [2022, 2023])
    blind = [frame[frame["value"] != ".."] for frame in (procedures, persons)]
    table = complete_table("procedures-by-month", *(pd.concat([one, one.tail(1).assign(year=2022)]) for one in blind))
    folder = kept({"procedures-by-month": table, "persons-by-month": complete_table("persons-by-month", counts)}, tmp_path / "t")
    with pytest.raises(ConsistencyError, match="where no file was accepted"):
        check_unprotected_tables(folder, project / "collected")


def test_the_check_needs_the_log(tables: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not been collected"):
        check_unprotected_tables(kept(tables, tmp_path / "tables"), tmp_path / "nothing")


@pytest.mark.parametrize("method", ["suppression", "cell-key"])
def test_what_is_published_says_not_available_and_is_read_as_zero_by_whoever_attacks_it(
    tables: dict[str, pd.DataFrame], project: Path, tmp_path: Path, method: str
) -> None:
    made = counted(project / "register", behind="keys") if method == "cell-key" else tables
    folder = kept(made, tmp_path / "tables")
    rules = Disclosure(threshold=4, contributors=4, method=method)  # type: ignore[arg-type]
    report = tmp_path / "restricted" / "report.json"
    report.parent.mkdir()
    protect_tables(folder, tmp_path / "protected", disclosure=rules, synthetic=True, report=report)
    check_protected_tables(tmp_path / "protected", project / "collected")
    published = Published()
    read_csv(tmp_path / "protected", published)
    silent = {key for key in published.not_available if dict(key[2]).get("region") in ("0180", "0115", "0980", "09")}
    assert {("procedures", 2023, (("region", "0180"),)), ("procedures_median", 2023, (("region", "0180"),))} <= silent
    assert ("persons_per_1000", 2023, (("region", "0980"), ("sex", "1"))) in silent
    known, _ = published.counts()
    assert known["procedures", 2023, (("region", "0180"),)] == 0
    if method == "suppression":
        secrets = secrets_of(read_tables(folder), rules)
        assert not {key for key in secrets if key in silent}
        assert audit_written(published, secrets)["secrets"] == len(secrets)
    memory = report.parent / "disclosure"
    assert is_pattern_of(memory, read_tables(folder)) and is_published_as(memory, tmp_path / "protected")
    shown = tmp_path / "protected" / "procedures-by-region.csv"
    shown.write_text(shown.read_text().replace("2023,0180,procedures,,..", "2023,0180,procedures,0,"))
    assert not is_published_as(memory, tmp_path / "protected")
    with pytest.raises(ConsistencyError, match="A zero stands where no file"):
        check_protected_tables(tmp_path / "protected", project / "collected")


def test_persons_with_a_procedure_are_no_part_of_persons_where_one_of_the_two_was_not_reported(
    tables: dict[str, pd.DataFrame],
) -> None:
    system = system_of(tables)
    silent = Cell("persons", 2023, (("region", "0140"),))
    assert silent in system.not_reported and system.values[silent] == 0
    related = {(nest.total, part) for nest in system.nests for part in nest.parts}
    for code, there in (("0140", False), ("0180", False), ("0114", True)):
        pair = Cell("persons", 2023, (("region", code),)), Cell("persons_with_procedure", 2023, (("region", code),))
        assert (pair in related) == there, code
    county = system.values[Cell("persons", 2023, (("region", "01"),))]
    assert county == sum(system.values[Cell("persons", 2023, (("region", code),))] for code in ("0180", "0114", "0188"))


def _seen(**cells: tuple[str, str, str]) -> Published:
    published = Published()
    for measure, (region, value, status) in cells.items():
        published.see((measure, 2023, (("region", region),) if region else ()), value, status, "t")
    return published


def test_the_audit_adds_up_with_zero_where_nothing_was_reported() -> None:
    """Of Gotland, with a single municipality, a county's figure is its municipality's: zero and zero, not a contradiction."""
    published = Published()
    for code in ("09", "0980"):
        published.see(("procedures", 2023, (("region", code),)), "", "..", "t")
    assert audit_written(published, {})["secrets"] == 0
    published.see(("procedures", 2023, (("region", "09"),)), "7", "", "u")
    with pytest.raises(DisclosureError, match="not available in one place and shown in another"):
        published.require_one_status()
    with pytest.raises(ConsistencyError):
        audit_written(published, {})


def test_the_audit_does_not_take_those_with_a_procedure_for_persons_where_persons_were_not_reported() -> None:
    published = _seen(persons=("0140", "", ".."), persons_with_procedure=("0140", "12", ""))
    published.see(("persons", 2023, (("region", "01"),)), "5", "", "t")
    published.see(("persons_with_procedure", 2023, (("region", "01"),)), "12", "", "t")
    assert audit_written(published, {})["secrets"] == 0


@pytest.mark.parametrize(("before", "now"), [("..", "2"), ("25", "..")])
def test_a_figure_that_was_not_available_before_has_been_revised_and_not_been_published(
    tmp_path: Path, before: str, now: str
) -> None:
    """The file of a municipality has come late: of its 2 persons nobody has read yet, and they are withheld."""

    def table(value: str) -> pd.DataFrame:
        behind = 0 if value == ".." else int(value)
        frame = pd.DataFrame({"year": [2023], "month": ["01"], "sex": ["T"], "measure": ["persons"], "value": [value]})
        return frame.assign(contributors=pd.array([behind], dtype="Int64"))

    memory = tmp_path / "disclosure"
    keep_pattern(memory, {"persons-by-month": table(before)}, set(), {"rules": RULES.model_dump(mode="json")})
    found = join_earlier({"persons-by-month": table(now)}, [Memory(memory, "before")])
    cell = Cell("persons", 2023, (("month", "01"),))
    assert cell in found.revised and cell not in found.published
    assert found.revised[cell] == (2 if now == "2" else -25)


def test_equal_cells_by_milder_rules_make_nobody_forget_what_was_secret_by_stricter_ones(tmp_path: Path) -> None:
    counts = {"01": "3", "02": "9"}
    frame = pd.DataFrame(
        {
            "year": 2023,
            "month": list(counts),
            "sex": "T",
            "measure": "persons",
            "value": list(counts.values()),
            "contributors": [3, 9],
        }
    ).astype({"contributors": "Int64"})
    withheld = {Cell("persons", 2023, (("month", month),)) for month in counts}
    memories = []
    for name, rules in (("mild", RULES), ("strict", RULES.model_copy(update={"threshold": 10})), ("mild-again", RULES)):
        keep_pattern(tmp_path / name, {"persons-by-month": frame}, withheld, {"rules": rules.model_dump(mode="json")})
        memories.append(Memory(tmp_path / name, name))
    problem = problem_of(join_earlier({"persons-by-month": frame}, memories), RULES)
    assert problem.primary == withheld


def test_every_format_is_held_to_what_was_accepted(project: Path) -> None:
    facts = accepted_files(project / "collected", YEARS)
    key = ("procedures", 2023, (("region", "0180"),))
    check_accepted([("database/t.px", key, "..")], facts)
    with pytest.raises(ConsistencyError, match="A zero") as caught:
        check_accepted([("database/t.px", key, "0")], facts)
    assert "database/t.px" in caught.value.cells[0]
    with pytest.raises(ConsistencyError, match="A figure"):
        check_accepted([("database/t.px", key, "X")], facts)


def test_an_order_by_region_and_month_says_alike_what_was_not_reported(project: Path) -> None:
    order = Order(
        edition="tiny",
        title=Words(sv="Beställd, {years}", en="Ordered, {years}"),
        measures=("persons", "procedures", "persons_with_procedure", "share_of_persons", "population"),
        by=("region",),
        years=(2022, 2023),
    )
    monthly = order.model_copy(update={"measures": ("procedures", "persons_with_procedure"), "by": ("region", "month")})
    facts = accepted_files(project / "collected", YEARS)
    for name, ordered in (("by-region", order), ("by-month", monthly)):
        with Register(project / "register") as register, metadata.tables_beside(ordered.definition(name)):
            table = count_order(register, ordered, name)
            check_table(name, table, facts)
            by_year = {} if name == "by-month" else row(table, year=2023, region="0180")
        if by_year:
            living = by_year.pop("population")
            persons = by_year.pop("persons")
            assert (persons, set(by_year.values()), living != "..") == ("12", {".."}, True)
            assert set(row(table, year=2022, region="0114").values()) == {"0", "..", living}
        else:
            assert [row(table, year=2023, region="0188", month=month)["procedures"] for month in ("07", "08")] != ["..", ".."]
            assert row(table, year=2023, region="0188", month="08")["procedures"] == ".."


def test_a_saved_table_keeps_what_is_not_available(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "_quarto.yml").touch()
    monkeypatch.chdir(tmp_path)
    with Register(project / "register") as register:
        counts = (
            register.count_procedures(["year", "month"], YEARS),
            register.count_persons_with_procedure(["year", "month"], YEARS),
        )
    saved = save_table("procedures-by-month", *counts, edition="tiny")
    assert set(saved.loc[saved["year"] == 2022, "value"]) == {".."}
    kept_table = pd.read_parquet(tmp_path / "restricted" / "tiny" / "tables" / "procedures-by-month.parquet")
    assert set(kept_table.loc[kept_table["year"] == 2022, "value"]) == {".."}


@pytest.mark.parametrize("first", [True, False])
def test_what_was_remembered_of_a_place_that_reported_nothing_is_zero_wherever_it_stands(first: bool) -> None:
    """And what was not available for another reason is none, the first row included."""
    rows = [
        (2023, "0114", "persons", "..", 0, ""),
        (2023, "0115", "persons", "..", None, ""),
        (2023, "0117", "persons", "12", 12, "X"),
    ]
    rows = rows if first else [rows[1], rows[2], rows[0]]
    table = pd.DataFrame(rows, columns=["year", "region", "measure", "value", "contributors", "status"])
    assert counts_with_status({"persons-by-region": table}) == {
        ("persons", 2023, (("region", "0114"),)): (0, ""),
        ("persons", 2023, (("region", "0117"),)): (12, "X"),
    }
