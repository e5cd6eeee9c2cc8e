"""Which codes intake accepts in a year, and when a change of code lists concerns it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.errors import CodeListError
from kvarn.pipeline import Production, actions, open_edition

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(PROJECT / "params", tmp_path / "params", ignore=shutil.ignore_patterns("codelists"))
    shutil.copytree(PROJECT / "programme", tmp_path / "programme")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "_quarto.yml").touch()
    source = tmp_path / "restricted" / "demo" / "source"
    (source / "deliveries").mkdir(parents=True)
    (source / "population.csv").touch()
    yield tmp_path
    metadata.use_project(None)


def production(project: Path, *overrides: str) -> Production:
    return open_edition(project / "params" / "demo.yml", overrides=overrides)


def take_in(project: Path, year: int, text: str, name: str = "procedure") -> None:
    source = project / "official.csv"
    source.write_text(text, encoding="utf-8")
    metadata.import_codelist(source, name=name, year=year, into=project / metadata.CODELISTS, short="for the test")


def test_the_imported_list_of_the_year_decides_and_no_other(project: Path) -> None:
    take_in(project, 2022, "kod;titel\nAA001;Adenosintest\n")
    edition = production(project)
    assert actions.terms(edition).codes(2022).procedures == {"AA001"}
    assert actions.terms(edition).codes(2021).procedures == metadata.valid_procedures(2021)
    assert "AA001" not in (actions.terms(edition).codes(2023).procedures or ())


def test_the_editions_own_list_adds_to_the_reference_year_alone(project: Path) -> None:
    (project / "more.csv").write_text("key,value\nAA001,Adenosintest\n", encoding="utf-8")
    edition = production(project, "data.procedures=more.csv")
    assert actions.terms(edition).codes(2023).procedures == metadata.valid_procedures(2023) | {"AA001"}
    assert actions.terms(edition).codes(2022).procedures == metadata.valid_procedures(2022)


def test_a_fault_in_the_editions_own_list_is_told_with_its_line(project: Path) -> None:
    (project / "more.csv").write_text("key,value\nAA001,Adenosintest\nAA1,Algometri\n", encoding="utf-8")
    with pytest.raises(CodeListError, match="'AA1' is not a KVÅ code") as caught:
        actions.terms(production(project, "data.procedures=more.csv"))
    assert caught.value.line == 3


def test_professions_and_municipalities_are_those_of_the_year_too(project: Path) -> None:
    take_in(project, 2022, "kod;titel;godkänd\nXS919;Sjuksköterska;nej\nXS990;Ny;ja\n", name="profession")
    take_in(project, 2022, "kommunkod;kommun\n0198;Gamla kommunen\n", name="municipality")
    edition = production(project)
    codes = actions.terms(edition).codes(2022)
    assert (codes.professions, codes.professions_not_accepted) == ({"XS990"}, {"XS919"})
    assert codes.municipalities == {"0198"}
    assert "XS919" in actions.terms(edition).codes(2023).professions
    assert len(actions.terms(edition).codes(2023).municipalities) == 290


def test_a_list_of_another_year_does_not_concern_the_intake_of_a_year(project: Path) -> None:
    edition = production(project)
    before = {year: actions.terms(edition).rulebook(year) for year in (2021, 2022, 2023)}
    take_in(project, 2022, "kod;titel\nAA001;Adenosintest\n")
    after = {year: actions.terms(edition).rulebook(year) for year in before}
    assert [year for year in before if before[year] != after[year]] == [2022]


def test_a_few_codes_more_do_not_make_all_others_of_the_year_wrong(project: Path) -> None:
    (project / "more.csv").write_text("key,value\nAA001,Adenosintest\nABC01,Annat\n", encoding="utf-8")
    codes = actions.terms(production(project, "data.procedures=more.csv")).codes
    assert codes(2023).unchecked == codes(2022).unchecked != ()
