"""`kvarn population`: what it says, what it writes, its exit status."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.cli import main
from tests.process.population import renderings as r
from tests.process.population.conftest import make_project
from tests.process.population.renderings import Style

PEOPLE = r.population()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    root = make_project(tmp_path / "project")
    monkeypatch.chdir(root)
    yield root
    metadata.use_project(None)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["population", *arguments])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return int(ended.value.code or 0), said.out, said.err


def kept(project: Path) -> list[str]:
    return sorted(path.name for path in (project / "params" / "population").glob("*"))


def test_it_says_what_it_read_and_keeps_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    r.put(
        project,
        r.as_csv(r.around(r.wide(r.with_totals(PEOPLE), Style()), Style(footnotes=True)), separator=";"),
        "befolkning.csv",
    )
    status, out, _ = run(capsys, "befolkning.csv")
    assert status == 0
    assert "befolkning.csv: CSV with semicolons, UTF-8; a column for each year; 3,672 figures; 2018, 2019" in out
    assert "rows below the figures left alone (footnotes)" in out
    total, men = (sum(n for key, n in PEOPLE.items() if key[0] == 2019 and key[2] in sexes) for sexes in ("12", "1"))
    assert f"2019: {total:,} inhabitants, {men:,} men and {total - men:,} women, in 3 municipalities" in out
    assert "Kept: params/population/population-2019.csv" in out
    assert len(kept(project)) == 4
    status, out, _ = run(capsys, "befolkning.csv")
    assert (status, "There already, the same" in out) == (0, True)


def test_check_writes_nothing_and_into_writes_elsewhere(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    r.put(project, r.as_pxweb_workbook(PEOPLE, Style()), "b.xlsx")
    assert run(capsys, "b.xlsx", "--check")[0] == 0
    assert kept(project) == []
    assert run(capsys, "b.xlsx", "--into", "elsewhere")[0] == 0
    assert kept(project) == []
    assert (project / "elsewhere" / "population-2018.csv").is_file()


def test_a_fault_in_each_file_is_said_and_nothing_is_written(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    r.put(project, b"\0\1\2", "a.csv")
    r.put(project, r.as_csv(r.wide(PEOPLE, Style())), "b.csv")
    r.put(project, b"region;2019\n", "c.csv")
    status, out, err = run(capsys, "a.csv", "b.csv", "c.csv")
    assert status == 1
    assert "b.csv: CSV" in out
    assert "a.csv" in err and "c.csv" in err
    assert kept(project) == []


def test_a_hole_gaps_between_years_and_years_that_differ(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = r.wide(PEOPLE, Style())
    r.put(project, r.as_csv([row for row in table if row[1] != "65 år"]), "hole.csv")
    status, _, err = run(capsys, "hole.csv")
    assert (status, "men and women 65" in err, "remedy" in err) == (1, True, True)
    r.put(project, r.as_csv(r.wide({(2018 if y == 2018 else 2025, *k): n for (y, *k), n in PEOPLE.items()}, Style())), "gap.csv")
    status, out, _ = run(capsys, "gap.csv")
    assert (status, "Not in the files: 2019, 2020, 2021, 2022, 2023, 2024" in out) == (0, True)
    r.put(project, r.as_csv(r.wide(PEOPLE | {(2018, "0114", "1", "0"): 8_888}, Style())), "new.csv")
    assert run(capsys, "new.csv")[0] == 1
    assert kept(project) == [f"population-{year}{end}" for year in (2018, 2025) for end in (".csv", ".record.json")]
    assert run(capsys, "new.csv", "--replace")[0] == 0


def test_a_synthetic_population_is_not_put_among_the_real_ones(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "demo").mkdir()
    (project / "demo" / "SYNTHETIC.txt").touch()
    r.put(project / "demo", r.as_csv(r.wide(PEOPLE, Style())), "population.csv")
    status, _, err = run(capsys, "demo/population.csv")
    assert (status, "is synthetic" in err) == (1, True)
    assert kept(project) == []
    assert run(capsys, "demo/population.csv", "--check")[0] == 0


def test_checking_needs_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    r.put(tmp_path, r.as_csv(r.wide(PEOPLE, Style())), "b.csv")
    status, out, err = run(capsys, "b.csv", "--check")
    assert (status, "2018, 2019" in out, "lacks 287 municipalities of 2018" in err) == (1, True, True)
    status, _, err = run(capsys, "b.csv")
    assert (status, "not inside a kvarn project" in err) == (2, True)


def test_a_command_that_is_given_wrongly(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys)[0] == 2
    assert run(capsys, "a.csv", "--noise", "-1")[0] == 2
    assert run(capsys, "nowhere.csv")[0] == 1
    assert run(capsys, "nowhere/*.csv")[0] == 1


def test_a_year_that_is_not_over_is_a_forecast(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    this = date.today().year
    people = {(this if year == 2019 else year, *key): value for (year, *key), value in PEOPLE.items()}
    r.put(project, r.as_csv(r.wide(people, Style())), "forecast.csv")
    status, _, said = run(capsys, "forecast.csv")
    assert status == 1
    assert f"{this} is not over" in said and "forecast.csv" in said and "not a forecast of it" in said
    assert kept(project) == []
