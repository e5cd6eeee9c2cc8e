"""Copies of the project that are larger than it: more tables, finer ones, more years."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from deliveries import Care, municipality_codes, write_deliveries, write_population

from kvarn.analyse._tables import complete_table, write_table
from kvarn.programme import open_programme, programme_held

PROJECT = Path(__file__).parents[2]
PARAMS = "params/demo.yml"
_COPIED = ("notebooks", "reports", "params", "programme", "_quarto.yml")
FINE, _DELIVERIES = "persons-fine", "deliveries-by-year"
_YEAR = 2023
# Without the Roman numerals among them, which would be typed numbers.
_LETTERS = "abefghjkn"
# Stockholm and Gotland: 27 municipalities. No other has delivered.
_COUNTIES = ("01", "09")


def copied(folder: Path) -> Path:
    """A copy of the project without any data."""
    project = folder / "project"
    project.mkdir(parents=True, mode=0o700)
    for name in _COPIED:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, project / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__"))
        else:
            shutil.copy(source, project / name)
    return project


def changed(file: Path, change: Callable[[Any], None]) -> None:
    """Change what a YAML file holds."""
    held = yaml.safe_load(file.read_text(encoding="utf-8"))
    change(held)
    file.write_text(yaml.safe_dump(held, allow_unicode=True, sort_keys=False), encoding="utf-8")


def published(folder: Path, years: Sequence[int]) -> Path:
    """A project with deliveries of two counties, 200 persons in each municipality, in which an edition of these years can be
    published; the register begins in the first of them where kvarn's own begins later."""
    project, source = copied(folder), Path("restricted/demo/source")
    edition = project / PARAMS
    text = edition.read_text(encoding="utf-8")
    for name, value in (("first_year", years[0]), ("reference_year", years[-1]), ("renderer", "builtin")):
        text = re.sub(rf"^{name}: .*$", f"{name}: {value}", text, flags=re.MULTILINE)
    edition.write_text(text, encoding="utf-8")
    changed(project / "programme/programme.yml", lambda held: _let_begin(held, years[0]))
    for name in ("kind", "procedure-group"):
        listed = project / f"programme/codelists/{name}.csv"
        listed.write_text(re.sub(r",2019,$", ",,", listed.read_text(encoding="utf-8"), flags=re.MULTILINE), encoding="utf-8")
    (project / source).mkdir(parents=True, mode=0o700)
    places = [code for code in municipality_codes() if code.startswith(_COUNTIES)]
    write_deliveries(project / source / "deliveries", places, years, Care(200, 2))
    (project / source / "SYNTHETIC.txt").write_text("Made for a measurement; nothing in it is of anybody.\n")
    write_population(project / source / "population.csv", years, 100)
    return project


def _let_begin(held: dict[str, Any], year: int) -> None:
    held["first_year"] = min(held["first_year"], year)
    for kind in held["file_types"].values():
        kind["first_year"] = min(kind["first_year"], year)


def with_more_tables(folder: Path, times: int) -> Path:
    """A project with so many times the tables, each counted in a notebook of its own like the one that it is a copy of."""
    project = published(folder, range(2021, 2024))
    names = list(yaml.safe_load((project / "programme/tables.yml").read_text(encoding="utf-8")))
    letters = _LETTERS[: times - 1]
    changed(project / "programme/tables.yml", lambda held: held.update(_copies(held, letters)))
    for notebook in sorted((project / "notebooks/compute").glob("*.ipynb")):
        for letter in letters:
            content = json.loads(notebook.read_text(encoding="utf-8"))
            for cell in content["cells"]:
                cell["source"] = re.sub(
                    rf'"({"|".join(names)})"', lambda found, letter=letter: f'"{found[1]}-{letter}"', "".join(cell["source"])
                )
            notebook.with_stem(f"{notebook.stem}-{letter}").write_text(json.dumps(content), encoding="utf-8")
    return project


def _copies(held: dict[str, Any], letters: Sequence[str]) -> dict[str, Any]:
    found = {}
    for letter in letters:
        for name, table in held.items():
            titles = {language: table[language].replace(", {years}", f" ({letter}), {{years}}") for language in ("sv", "en")}
            sheet = {language: f"{said} {letter}" for language, said in table["sheet"].items()}
            found[f"{name}-{letter}"] = {**table, **titles, "sheet": sheet}
    return found


def _keep(held: dict[str, Any], kept: dict[str, Any]) -> None:
    held.clear()
    held.update(kept)


def with_fine_table(folder: Path, cells: int, mean: float) -> Path:
    """A project whose one table has so many cells of persons, by region, sex and as many classes of age as it takes, drawn with
    so many persons on average in each of the smallest cells."""
    project = copied(folder)
    ages = max(2, round(cells / (len(municipality_codes()) + 22) / 3) - 1)
    _let_ages_be(project / "programme/codelists/age.csv", ages)
    declared = {
        "sv": "Personer efter region, kön och ålder, {years}",
        "en": "Persons by region, sex and age, {years}",
        "sheet": {"sv": "Personer", "en": "Persons"},
        "variables": ["year", "region", "sex", "age"],
        "measures": ["persons"],
        "years": "reference",
    }
    # The tables of the demonstration have classes of age that are no more; all others name that of the deliveries.
    changed(project / "programme/tables.yml", lambda held: _keep(held, {FINE: declared, _DELIVERIES: held[_DELIVERIES]}))
    (folder / "tables").mkdir(mode=0o700)
    with programme_held(open_programme(project / "programme")):
        write_table(folder / "tables" / f"{FINE}.parquet", complete_table(FINE, _drawn(ages, mean)))
    return project


def _let_ages_be(file: Path, ages: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as written:
        table = csv.writer(written, lineterminator="\n")
        table.writerow(["code", "parent", "from_age", "to_age", "sv", "en", "valid_from", "valid_to"])
        table.writerow(["T", "", 0, "", "Totalt", "Total", "", ""])
        for age in range(ages - 1):
            table.writerow([str(age), "T", age, age, f"{age} år", f"{age} years", "", ""])
        table.writerow([f"{ages - 1}+", "T", ages - 1, "", f"{ages - 1} år eller äldre", f"{ages - 1} years or older", "", ""])


def _drawn(ages: int, mean: float) -> pd.DataFrame:
    rng, municipalities = np.random.default_rng(1), municipality_codes()
    # Municipalities are as different as they are: the largest has some hundred times the persons of the smallest.
    size = mean * np.exp(rng.normal(0, 0.8, len(municipalities)) - 0.32)
    counts = rng.poisson(np.broadcast_to(size[:, None, None], (len(municipalities), 2, ages)))
    counties = sorted({code[:2] for code in municipalities})
    regions = {"00": counts.sum(0)}
    regions |= {county: counts[[code[:2] == county for code in municipalities]].sum(0) for county in counties}
    regions |= dict(zip(municipalities, counts, strict=True))
    codes = ["T", *(str(age) for age in range(ages - 1)), f"{ages - 1}+"]
    rows = []
    for region, of in regions.items():
        both = np.concatenate([of.sum(0, keepdims=True), of])
        every = np.concatenate([both.sum(1, keepdims=True), both], axis=1)
        rows += [
            (region, sex, age, int(value))
            for sex, line in zip(("T", "1", "2"), every, strict=True)
            for age, value in zip(codes, line, strict=True)
        ]
    frame = pd.DataFrame(rows, columns=["region", "sex", "age", "value"])
    return frame.assign(year=_YEAR, measure="persons", contributors=frame["value"])
