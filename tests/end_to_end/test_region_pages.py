"""The pages for the country, a county and a municipality as they are shipped, on the tests' whole country."""

from __future__ import annotations

import csv
import re
import shutil

import pytest
from bs4 import BeautifulSoup

from kvarn.pipeline import Production, open_edition, steps_of
from kvarn.programme import use_project

CODES = ("00", "01", "0180")
PROFILES = f"""
profiles:
  region:
    for_each: region
    only: {[*CODES]}
    similar: {{table: rates-by-municipality, measure: population, share: {{age: 65+}}}}
"""
LANGUAGES = ("sv", "en")


@pytest.fixture(scope="module")
def made(production: Production, tmp_path_factory: pytest.TempPathFactory) -> Production:
    """The steps of the pages alone, beside a copy of what they are made of."""
    project, name = tmp_path_factory.mktemp("region-pages") / "project", production.workspace.name
    for folder in ("notebooks", "programme", "reports", "params"):
        shutil.copytree(production.root / folder, project / folder)
    shutil.copy(production.root / "_quarto.yml", project)
    shutil.copytree(production.workspace.protected, project / "build" / name / "protected")
    (project / "restricted").mkdir(mode=0o700)
    (project / "restricted" / name).mkdir(mode=0o700)
    (project / "restricted" / name / "source").symlink_to(production.root / "restricted" / name / "source")
    for language in LANGUAGES:
        figures = production.workspace.build / language / "figures.json"
        (project / "build" / name / language).mkdir()
        shutil.copy(figures, project / "build" / name / language)
    params = project / "params" / "demo.yml"
    params.write_text(params.read_text(encoding="utf-8") + PROFILES, encoding="utf-8")
    use_project(project)
    there = open_edition(params)
    steps = {step.name: step for step in steps_of(there)}
    for one in ("places-region", *(f"{kind}-{of}-region" for of in LANGUAGES for kind in ("profiles", "profile-pages"))):
        steps[one].action()
    return there


def page(made: Production, language: str, code: str) -> BeautifulSoup:
    written = made.workspace.build / language / "profile-pages" / "region" / f"{code}.html"
    return BeautifulSoup(written.read_text(encoding="utf-8"), "html.parser")


def published(made: Production, table: str, **codes: str) -> str:
    with (made.workspace.protected / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        (found,) = [row for row in csv.DictReader(file) if all(row[name] == code for name, code in codes.items())]
    return found["value"] or found["status"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("code", "name", "series", "alike"),
    [
        ("00", {"sv": "Riket", "en": "Sweden"}, True, False),
        ("01", {"sv": "Stockholms län", "en": "Stockholm county"}, False, True),
        ("0180", {"sv": "Stockholm", "en": "Stockholm"}, False, True),
    ],
)
def test_each_page_has_what_there_is_of_its_region(
    made: Production, language: str, code: str, name: dict[str, str], series: bool, alike: bool
) -> None:
    soup = page(made, language, code)
    assert soup.h1 is not None and soup.h1.get_text() == name[language]
    heads = [head.get_text().strip("¶") for head in soup.find_all("h2")]
    of_series = {"sv": {"Åren", "Åtgärdsgrupper och yrkesgrupper"}, "en": {"The years", "Procedure groups and professions"}}
    assert (of_series[language] <= {*heads}) == series and of_series[language].isdisjoint(heads) != series
    assert any(head in {"Liknande regioner", "Similar regions"} for head in heads) == alike
    assert heads[-2:] == {"sv": ["Definitioner", "Uppgifterna"], "en": ["Definitions", "The data"]}[language]


@pytest.mark.parametrize("code", CODES)
def test_the_figures_are_those_of_the_region(made: Production, code: str) -> None:
    year = str(made.edition.reference_year)
    soup = page(made, "sv", code)
    ages = next(table for table in soup.find_all("table") if "80 år" in table.get_text() and len(table.find_all("tr")) > 5)
    numbers = {re.sub(r"\s", "", cell.get_text()) for cell in ages.find_all("td")}
    for sex in ("T", "1", "2"):
        count = published(made, "persons-by-municipality-sex-age", year=year, region=code, sex=sex, age="T", measure="persons")
        assert count.replace("X", "x") in {one.replace("X", "x") for one in numbers}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_every_symbol_on_a_page_is_explained_and_no_other(made: Production, language: str, code: str) -> None:
    soup = page(made, language, code)
    in_tables = {cell.get_text().strip() for cell in soup.select("table td")} & {"X", "..", ".", "–", "0"}
    told = {found[1] for line in soup.find_all("li") if (found := re.match(r"(\S+) = ", line.get_text()))}
    assert in_tables & {"X", ".."} == told & {"X", ".."}
    assert told <= in_tables, "what is explained stands there"
