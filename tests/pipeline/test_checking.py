"""The step between register and notebooks, on a register in which one person has a procedure and no care."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import stat
import time
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from kvarn.cli import app
from kvarn.collect import take_in
from kvarn.demo._identity import check_digit
from kvarn.disseminate.protected import ProtectedTables
from kvarn.errors import DisclosureError, EditionError, FindingError
from kvarn.pipeline import Production, open_edition, steps_of
from kvarn.pipeline.actions import require_persons_of_their_own, terms
from kvarn.pipeline.checking import check, report, years_without_care
from kvarn.pipeline.findings._care import classifications, persons_without_care
from kvarn.pipeline.telling import not_told, told, write_notes

from ..analyse.registers import Act, Month, write_register
from .test_findings import EDITION

# Many in a large municipality, of whom most have no procedure; and five in a small one, of whom all have. A sixth there has a
# procedure alone.
LARGE, SMALL = 412, 5
WORDS = "shown: {sv: Sex av fem., en: Six of five.}"


def register(folder: Path, *, more: int = 0, without: int = 1, years: tuple[int, ...] = (2022, 2023)) -> Path:
    ages = (1935, 1940, 1950, 1990)
    persons = [(1 + number % 2, ages[number % 4]) for number in range(LARGE + SMALL + without)]
    months: list[Month] = []
    acts: list[Act] = []
    for year in years:
        months += [(who, year, 1 + who % 12, 180) for who in range(LARGE)]
        months += [(LARGE + who, year, 3, 2403) for who in range(SMALL)]
        acts += [(who, f"{year}-{1 + who % 12:02}-05", 180, "DT019", "XS919", "") for who in range(0, LARGE, 4)]
        acts += [(LARGE + who, f"{year}-03-05", 2403, "DT019", "XS919", "") for who in range(SMALL)]
    acts += [(LARGE + SMALL + who, "2023-03-06", 2403, "DT019", "XS919", "") for who in range(without)]
    acts += [(number, "2023-12-24", 180, "DT019", "XS919", "") for number in range(more)]
    return write_register(folder, persons, months, acts, years=years)


def opened(root: Path, text: str = EDITION, *overrides: str) -> Production:
    for folder in ("notebooks", "params", "d"):
        (root / folder).mkdir(exist_ok=True)
    (root / "_quarto.yml").touch()
    (root / "p.csv").touch()
    (root / "params" / "2023.yml").write_text(text, encoding="utf-8")
    return open_edition(root / "params" / "2023.yml", overrides=overrides)


def stopped(production: Production) -> str:
    with pytest.raises(FindingError) as caught:
        check(production)
    return str(caught.value)


def shown(protected: Path, *rows: str) -> None:
    """Let a table by region have these cells of 2023: region, measure, value, status."""
    protected.mkdir(parents=True, exist_ok=True)
    lines = ["year,region,measure,value,status", *(f"2023,{row}" for row in rows)]
    (protected / "rates-by-municipality.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def pasted(said: str, shown: str = WORDS) -> str:
    text = said[said.index("accepted:\n") :].replace('why: ""', "why: A file was late.").replace('by: ""', "by: A. A.")
    return EDITION + text.replace("shown: false", shown)


def test_one_person_with_a_procedure_and_no_care_stops_before_the_notebooks_with_both_remedies(tmp_path: Path) -> None:
    production = opened(tmp_path)
    register(production.workspace.register)
    said = stopped(production)
    assert "- what: procedures-without-care" in said and "data.care: reported_or_procedure" in said
    assert "2023: some persons have a procedure (KHSL2) in a month for which their municipality reports no care of theirs" in said
    assert "For some of them no municipality reports care at any time in the year. In " in said
    # Neither the municipality, nor how many, nor who.
    assert "2403" not in said and "Bjurholm" not in said and not any(f"{number} persons" in said for number in range(10))
    told = report(production)
    assert str(told.error) == said
    work = production.workspace
    assert not (work.findings / "passed").exists() and not work.notes.exists()
    assert stat.S_IMODE(work.findings.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in work.findings.iterdir()} == {0o600}
    details = json.loads((work.findings / "findings.json").read_text())[0]["details"]
    assert {"region 24", "region 2403"} == {one["cell"] for one in details if "persons" in one}


@pytest.mark.parametrize("name", ["persons.parquet", "population.parquet", "procedures/year=2023/data.parquet"])
def test_status_says_that_a_register_is_damaged_and_goes_on(tmp_path: Path, name: str) -> None:
    production = opened(tmp_path)
    register(production.workspace.register)
    file = production.workspace.register / name
    file.write_bytes(file.read_bytes()[:-10])
    lines = "\n".join(report(production).lines)
    assert "What is in the register cannot be checked: The file is damaged: it is not what was written. (" in lines
    assert str(production.workspace.register) in lines


def test_status_names_the_deliveries_in_force_that_lack_most_of_the_rows_of_those_before_them(tmp_path: Path) -> None:
    production = opened(tmp_path, EDITION + "quality: {fewer_rows: 0.125, fewer_rows_least: 3}\n")
    name = "KHSL1_2403_202303.txt"
    assert not any("rows" in line for line in report(production).lines)
    for day, number in ((1, 9), (2, 1)):
        folder = tmp_path / f"came-{day}"
        folder.mkdir()
        births = [f"1930{month:02}01100" for month in range(1, number + 1)]
        found = [f"2403;{eleven}{check_digit(eleven[2:])};2023;03" for eleven in births]
        (folder / name).write_text("\n".join(found) + "\n")
        take_in([folder], production.store, terms=terms(production), arrived=dt.date(2023, 5, day))
    said = [line for line in report(production).lines if "rows" in line]
    assert said == [
        "1 delivery in force lacks more than 12.5 per cent of the rows of an earlier delivery for the same month "
        f"(quality.fewer_rows): {name}.",
        "They count as they are. The receipts have the numbers; if rows are missing, have the whole file delivered again.",
    ]


def test_data_care_lets_them_count_and_nothing_stops(tmp_path: Path) -> None:
    production = opened(tmp_path, EDITION, "data.care=reported_or_procedure")
    register(production.workspace.register)
    check(production)
    assert (production.workspace.findings / "passed").read_text() == "passed\n"
    assert years_without_care(production.workspace) == frozenset()


def test_what_is_accepted_stops_no_more_and_readers_see_it_until_the_register_is_another(tmp_path: Path) -> None:
    register(opened(tmp_path).workspace.register)
    production = opened(tmp_path, pasted(stopped(opened(tmp_path))))
    check(production)
    work = production.workspace
    assert years_without_care(work) == {2023}
    # Both figures of the municipality are shown: readers see for themselves that there are more with a procedure.
    shown(work.protected, "2403,persons,5,", "2403,persons_with_procedure,6,")
    write_notes(production)
    assert [one.words("sv") for one in ProtectedTables(work.protected).noted] == ["Sex av fem."]
    assert list(not_told(production)) == []
    assert report(production, checked=True).judged.unmatched == ()
    assert [one.what for one in told(production)] == ["procedures-without-care"]
    # Where one of the two is withheld, the note would tell that it is the smaller, or the larger.
    for gap in (("2403,persons,,X", "2403,persons_with_procedure,6,"), ("2403,persons,5,", "2403,persons_with_procedure,,X")):
        shown(work.protected, *gap)
        write_notes(production)
        assert told(production) == () and json.loads(work.notes.read_text()) == []
        assert [line[:75] for line in not_told(production)] == [
            "warning: readers are told nothing of procedures-without-care at 2023: a fig"
        ]
    # Another person at the same place is another finding; and nobody at all leaves the acceptance over.
    register(work.register, without=2)
    assert "is another value now" in stopped(production)
    register(work.register, without=0)
    check(production)
    assert [one.where for one in report(production, checked=True).judged.unmatched] == ["2023"]
    assert told(production) == ()
    assert years_without_care(work) == frozenset()


def test_persons_without_care_whom_no_table_shows_as_more_are_told_and_stop_nothing(tmp_path: Path) -> None:
    production = opened(tmp_path)
    # Procedures in a month without care, of some who have care in others.
    register(production.workspace.register, without=0, more=9)
    check(production)
    (told,) = report(production, checked=True).judged.told
    assert told.said == (
        "2023: some persons have a procedure (KHSL2) in a month for which their municipality reports no care of theirs (KHSL1). "
        "Care is reported for each of them in another month or by another municipality. No table shows more persons with a "
        "procedure than with care, so nothing has to be accepted. To put it right, ask the municipalities to complete KHSL1."
    )
    # It can be accepted all the same, so that an order by month does not stop.
    lines = [
        f"  - what: {told.what}",
        f'    where: "{told.where}"',
        f'    at: "{told.at}"',
        "    why: w",
        "    by: b",
        "    shown: false",
    ]
    accepted = opened(tmp_path, EDITION + "\n".join(["accepted:", *lines]) + "\n")
    check(accepted)
    assert years_without_care(accepted.workspace) == {2023}


def test_everything_that_awaits_an_answer_is_told_at_once(tmp_path: Path) -> None:
    production = opened(tmp_path, EDITION.replace("sv: Titel,", "sv: Titel 1999,"))
    folder = register(production.workspace.register)
    people = pd.read_parquet(folder / "population.parquet")
    people.loc[(people["year"] == 2023) & (people["municipality"] == 114), "population"] //= 2
    people.to_parquet(folder / "population.parquet", index=False)
    months = pd.read_parquet(folder / "person_months" / "year=2023" / "data.parquet")
    acts = pd.read_parquet(folder / "procedures" / "year=2023" / "data.parquet")
    kept = months[(months["municipality"] != 180) | (months["person"] < 157)]
    kept.to_parquet(folder / "person_months" / "year=2023" / "data.parquet", index=False)
    acts[acts["municipality"] != 180].to_parquet(folder / "procedures" / "year=2023" / "data.parquet", index=False)
    said = stopped(opened(tmp_path, EDITION.replace("sv: Titel,", "sv: Titel 1999,"), "checks.procedures_least=20"))
    for kind in ("population-jump", "title-year", "procedures-without-care", "persons-jump", "deliveries-ceased"):
        assert f"- what: {kind}" in said
    assert '"2023, 0180, KHSL2"' in said and "checks.persons_times" in said
    # No unprotected count of the municipality; the folder of the test may be numbered so.
    told = said.replace(str(tmp_path), "")
    assert "157" not in told and "412" not in told
    # Nor a ratio, which with a published count gives the other; what is pasted into the edition lies in git.
    (jump,) = [line for line in told.splitlines() if "checks.persons_times" in line and line.startswith("  - ")]
    assert re.findall(r"\d+", jump) == ["0180", "2023", "2022"]
    (at,) = re.findall(r'- what: persons-jump\n.*\n    at: "(.*)"', said)
    assert re.fullmatch("[0-9a-f]{12}", at)


def test_what_is_compared_is_what_the_tables_show_of_both(tmp_path: Path) -> None:
    edition = opened(tmp_path).edition
    assert classifications(edition, 2023) == [("age", "sex"), ("month",), ("region",)]
    assert ("region",) not in classifications(edition, 2022)


def test_status_says_what_is_not_known_yet(tmp_path: Path) -> None:
    told = report(opened(tmp_path))
    assert told.error is None and any("has not been made" in line for line in told.lines)


def test_publish_stops_at_the_parameters_before_anything_is_run(tmp_path: Path) -> None:
    production = opened(tmp_path, EDITION.replace("scheduled: 2024-09-03", "scheduled: 2026-09-03"))
    began, clock = time.process_time(), time.monotonic()
    result = CliRunner().invoke(app, ["publish", str(production.params)])
    assert time.process_time() - began < 2 and time.monotonic() - clock < 30
    assert isinstance(result.exception, FindingError) and "- what: date-unlikely" in str(result.exception)
    assert not production.workspace.build.exists()


def test_the_check_comes_after_the_register_and_every_compute_notebook_waits_for_it(tmp_path: Path) -> None:
    production = opened(tmp_path)
    shutil.copytree(Path(__file__).parents[2] / "notebooks", tmp_path / "notebooks", dirs_exist_ok=True)
    shutil.copytree(Path(__file__).parents[2] / "reports", tmp_path / "reports")
    shutil.copytree(Path(__file__).parents[2] / "programme", tmp_path / "programme")
    steps = {step.name: step for step in steps_of(production)}
    made = {node.name for node in steps["check"].makes}
    waiting = [step for name, step in steps.items() if name.startswith("compute-")]
    assert waiting and all(made & {node.name for node in step.needs} for step in waiting)
    assert {node.name for node in steps["register-2023"].makes} & {node.name for node in steps["check"].needs}


def test_another_contradiction_of_the_same_rows_is_another_finding(tmp_path: Path) -> None:
    """Care rows that go missing in other months change what is contradicted, and not the rows without care in their own month."""
    production = opened(tmp_path)
    register(production.workspace.register)
    before = [one.at for one in persons_without_care(production)]
    file = production.workspace.register / "person_months" / "year=2023" / "data.parquet"
    months = pd.read_parquet(file)
    without_procedure = (months["person"] % 4 != 0) & (months["person"] < LARGE)
    months[~without_procedure].to_parquet(file, index=False)
    now = [one.at for one in persons_without_care(production)]
    assert len(before) == len(now) == 1 and before != now


def test_a_municipality_with_procedures_alone_stops_an_edition_that_counts_them_as_persons(tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[2] / "programme", tmp_path / "programme")
    production = opened(tmp_path, EDITION, "data.care=reported_or_procedure")
    for year in production.edition.event_years:
        folder = production.workspace.collected / str(year)
        folder.mkdir(parents=True)
        log = [("KHSL1", "0180", 1, True), ("KHSL2", "0180", 1, True), ("KHSL2", "2403", 1, True), ("KHSL1", "2403", 1, False)]
        pd.DataFrame(log, columns=["type", "municipality", "month", "in_force"]).to_parquet(folder / "deliveries.parquet")
    with pytest.raises(DisclosureError, match="of 2403 "):
        require_persons_of_their_own(production)
    require_persons_of_their_own(opened(tmp_path))


def test_real_editions_refuse_what_a_synthetic_register_holds(tmp_path: Path) -> None:
    production = opened(tmp_path)
    (tmp_path / "d" / "SYNTHETIC.txt").touch()
    with pytest.raises(EditionError, match="synthetic register") as caught:
        steps_of(production)
    assert caught.value.key == "data.deliveries"


@pytest.mark.parametrize("key", ["deliveries", "intake"])
def test_synthetic_editions_refuse_what_does_not_say_itself_that_it_is_synthetic(tmp_path: Path, key: str) -> None:
    """Real data under the word synthetic would have pseudonyms that anybody can compute, and no floor."""
    given = () if key == "deliveries" else ("data.deliveries=null", "data.intake=d")
    (tmp_path / "population").mkdir()
    for name in ("p.csv", "SYNTHETIC.txt"):
        (tmp_path / "population" / name).touch()
    # Its population says that it is synthetic: that says nothing of the microdata.
    production = opened(tmp_path, EDITION, "synthetic=true", "data.population=population/p.csv", *given)
    with pytest.raises(EditionError, match="nothing beside them does") as caught:
        steps_of(production)
    assert caught.value.key == f"data.{key}" and "kvarn demo" in str(caught.value.remedy)
