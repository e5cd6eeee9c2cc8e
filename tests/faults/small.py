"""The smallest project that is published: one year, one language, one table, one notebook of each kind, two short documents."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import yaml

from kvarn.demo import DEFAULT_FAULTS, write_demo
from tests.allowed_numbers import allow_what_the_programme_says
from tests.without_profiles import without_profiles

PROJECT = Path(__file__).parents[2]
YEAR = 2019
TABLE, DELIVERIES = TABLES = ("persons-by-month", "deliveries-by-year")
# Stockholm and Göteborg, which are large, deliver and no others do: the rest of the register would only take time.
MUNICIPALITIES = ("0180", "1480")

_NOTEBOOKS = {
    "compute": (
        'edition: str = "small"\nreference_year: int = 2019\nfirst_year: int = 2019\nengine: str = "duckdb"',
        f"""from kvarn.analyse import open_register, save_table, years_of
from kvarn.evaluate import deliveries_by_year, open_collection
register = open_register(edition, engine=engine)
years = years_of("{TABLE}", first_year, reference_year)
monthly = register.count_persons(by=["year", "month", "sex"], years=years)
save_table("{TABLE}", monthly, edition=edition).shape
deliveries = deliveries_by_year(open_collection(edition, years), years)
save_table("{DELIVERIES}", deliveries, edition=edition).shape""",
    ),
    "present": (
        'edition: str = "small"\nlanguage: str = "en"\nreference_year: int = 2019\nfirst_year: int = 2019',
        f"""#| label: table-persons-by-month
#| echo: false
from kvarn.disseminate.protected import open_tables
from kvarn.disseminate.text_tables import text_table
tables = open_tables(edition)
months = tables["{TABLE}"]
text_table(months, language=language, rows="month", columns="sex", where={{"year": reference_year}})""",
    ),
}

_DOCUMENT = """---
title: "{{< var title >}} {{< var reference_year >}}"
author: "{{< var publisher >}}"
date: "{{< var published >}}"
lang: en
---

# Persons {#sec-persons}

{{< var synthetic.text >}}

::: {#tbl-persons}
{{< embed notebooks/persons.ipynb#table-persons-by-month >}}

Persons {{< var reference_year >}}.
:::
"""


def make_project(folder: Path, persons: int = 300) -> Path:
    """Everything that `kvarn publish params/small.yml` needs; the parameters are the demonstration's but for the year."""
    folder.mkdir(parents=True)
    shutil.copytree(PROJECT / "programme", folder / "programme")
    shutil.copy(PROJECT / "_quarto.yml", folder)
    tables = folder / "programme" / "tables.yml"
    declared = yaml.safe_load(tables.read_text(encoding="utf-8"))
    kept = {name: declared[name] for name in TABLES}
    tables.write_text(yaml.safe_dump(kept, allow_unicode=True), encoding="utf-8")
    for kind, (parameters, code) in _NOTEBOOKS.items():
        (folder / "notebooks" / kind).mkdir(parents=True)
        cells = [
            nbformat.v4.new_markdown_cell("# Persons\n\nPersons by month.", id="title"),
            nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}, id="parameters"),
            nbformat.v4.new_code_cell(code, id="persons"),
        ]
        kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        nbformat.write(notebook, folder / "notebooks" / kind / "persons.ipynb")
    for name in ("annual-report", "methods-and-quality"):
        (folder / "reports" / name / "en").mkdir(parents=True)
        (folder / "reports" / name / "en" / f"{name}.qmd").write_text(_DOCUMENT, encoding="utf-8")
    shutil.copytree(PROJECT / "reports" / "theme", folder / "reports" / "theme")
    (folder / "reports" / "figures.yml").write_text("{}\n", encoding="utf-8")
    allow_what_the_programme_says(folder)
    parameters = without_profiles((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
    for before, after in {
        "reference_year: 2023": f"reference_year: {YEAR}",
        "first_year: 2017": f"first_year: {YEAR}",
        "languages: [sv, en]": "languages: [en]",
        "renderer: auto": "renderer: builtin",
        "published: 2024-09-03": f"published: {YEAR + 1}-09-03",
        "scheduled: 2024-09-03": f"scheduled: {YEAR + 1}-09-03",
        "2022\n": f"{YEAR - 1}\n",
        "published: 2023-09-05": f"published: {YEAR}-09-05",
    }.items():
        assert before in parameters, before
        parameters = parameters.replace(before, after)
    (folder / "params").mkdir()
    (folder / "params" / "small.yml").write_text(parameters, encoding="utf-8")
    source = folder / "restricted" / "demo" / "source"
    (folder / "restricted").mkdir(mode=0o700)
    source.parent.mkdir(mode=0o700)
    write_demo(source, persons=persons, first_year=YEAR, last_year=YEAR, seed=3, faults=dict.fromkeys(DEFAULT_FAULTS, 0.0))
    for delivery in sorted((source / "deliveries" / str(YEAR)).iterdir()):
        if delivery.name[6:10] not in MUNICIPALITIES:
            delivery.unlink()
    return folder
