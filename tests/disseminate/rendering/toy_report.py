"""A toy report in two languages, with a toy executed notebook: one chart, two tables."""

from __future__ import annotations

import datetime
import json
import shutil
from pathlib import Path
from typing import Any

from kvarn.disseminate.rendering import Job

REPOSITORY = Path(__file__).parents[3]
REPORTS = REPOSITORY / "reports"
NOTICE = {
    "sv": "Syntetiska data – inte officiell statistik",
    "en": "Synthetic data – not official statistics",
}
FRONT_MATTER = """\
---
title: "{title} {{{{< var reference_year >}}}}"
subtitle: "{subtitle}"
author: "{{{{< var publisher >}}}}"
date: "{{{{< var published >}}}}"
series: "{series}"
reference-year: "{{{{< var reference_year >}}}}"
contact: "statistik@example.org"
---
"""
TEXT = {
    "sv": FRONT_MATTER.format(
        title="Insatser inom kommunal hälso- och sjukvård",
        subtitle="Personer och åtgärder",
        series="Statistik – hälso- och sjukvård",
    )
    + """
# Sammanfattning {#sec-summary}

År {{< var reference_year >}} fick {{< var persons.total >}} personer en insats. Det framgår av @fig-persons och
av @tbl-sex, som båda kommenteras i @sec-results. Se även [-@tbl-sex], [bilden @fig-months]
och [@fig-persons; @fig-months].

{{< include _results.qmd >}}

# Om statistiken {.unnumbered}

::: {.content-visible when-format="html"}
Det här står bara på webben.
:::

::: {.content-hidden when-format="html"}
Det här står bara på papper.
:::
""",
    "en": FRONT_MATTER.format(
        title="Interventions in municipal health care",
        subtitle="Persons and procedures",
        series="Statistics – health care",
    )
    + """
# Summary {#sec-summary}

In {{< var reference_year >}}, {{< var persons.total >}} persons had an intervention, see @fig-persons and @tbl-sex,
which are discussed in @sec-results. See also [-@tbl-sex], [the picture @fig-months] and [@fig-persons; @fig-months].

{{< include _results.qmd >}}

# About the statistics {.unnumbered}

::: {.content-visible when-format="html"}
This is on the web only.
:::

::: {.content-hidden when-format="html"}
This is on paper only.
:::
""",
}
CHAPTER = {
    "sv": """\
# Resultat {#sec-results}

## Personer {#sec-persons}

::: {#fig-persons}
{{< embed notebooks/persons.ipynb#chart-persons >}}

Personer med insats år {{< var reference_year >}}.
:::

::: {#tbl-sex}
{{< embed notebooks/persons.ipynb#table-sex >}}

Personer efter kön, se @sec-summary.
:::

::: {.callout-note}
Uppgifterna avser hela året.
:::

## Månader

::: {#fig-months}
{{< embed notebooks/persons.ipynb#chart-persons >}}

Personer per månad.
:::

::: {.callout-warning title="Tidsseriebrott"}
Jämför inte med åren före 2019.[^break]
:::

[^break]: Se @sec-persons.
""",
    "en": """\
# Results {#sec-results}

## Persons {#sec-persons}

::: {#fig-persons}
{{< embed notebooks/persons.ipynb#chart-persons >}}

Persons with an intervention in {{< var reference_year >}}.
:::

::: {#tbl-sex}
{{< embed notebooks/persons.ipynb#table-sex >}}

Persons by sex, see @sec-summary.
:::

::: {.callout-note}
The figures are for the whole year.
:::

## Months

::: {#fig-months}
{{< embed notebooks/persons.ipynb#chart-persons >}}

Persons by month.
:::

::: {.callout-warning title="Break in the series"}
Do not compare with the years before 2019.[^break]
:::

[^break]: See @sec-persons.
""",
}
TABLE = {
    "sv": "| Kön | Antal | Andel, procent |\n|:--|--:|--:|\n| Kvinnor | 252\u00a0000 | 61,1 |\n| Män | X | .. |\n",
    "en": "| Sex | Number | Share, per cent |\n|:--|--:|--:|\n| Women | 252,000 | 61.1 |\n| Men | X | .. |\n",
}
CHART = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="240" viewBox="0 0 480 240">'
    '<rect width="480" height="240" fill="#ffffff"/><rect x="40" y="80" width="80" height="140" fill="#1f6f9f"/>'
    '<rect x="160" y="50" width="80" height="170" fill="#1f6f9f"/></svg>'
)
VARIABLES = {
    "reference_year": 2023,
    "publisher": "Exempelmyndigheten",
    "published": "2024-06-20",
    "persons": {"total": "414\u00a0000"},
    "alt": {"persons": 'Antalet personer ökade, "mer än förr".'},
}


def code_cell(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "outputs": list(outputs), "metadata": {}, "execution_count": 1}


def shown(**data: str) -> dict[str, Any]:
    kinds = {"svg": "image/svg+xml", "markdown": "text/markdown", "html": "text/html", "plain": "text/plain"}
    return {"output_type": "display_data", "data": {kinds[kind]: text for kind, text in data.items()}, "metadata": {}}


def toy_notebook(language: str) -> list[dict[str, Any]]:
    return [
        code_cell('#| label: chart-persons\n#| fig-alt: "{{< var alt.persons >}}"\nchart()', shown(svg=CHART, plain="<chart>")),
        code_cell("#| label: table-sex\ntable()", shown(markdown=TABLE[language], plain="<table>")),
        code_cell("#| label: silent\n1"),
        code_cell("#| label: chart-without-alt\nchart()", shown(svg=CHART)),
        code_cell("#| label: web-table\ntable()", shown(html="<table><tr><td>1</td></tr></table>")),
    ]


def write_notebook(file: Path, cells: list[dict[str, Any]]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook["metadata"] = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    file.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
    return file


def toy_job(
    folder: Path,
    language: str = "sv",
    to: str = "html",
    *,
    text: str | None = None,
    chapter: str | None = None,
    cells: list[dict[str, Any]] | None = None,
    notice: str | None = None,
) -> Job:
    """A job for the toy report, written into `folder`; the house style is the repository's own."""
    reports = folder / "reports"
    source = reports / "toy" / language
    source.mkdir(parents=True, exist_ok=True)
    (source / "toy.qmd").write_text(TEXT[language] if text is None else text, encoding="utf-8")
    (source / "_results.qmd").write_text(CHAPTER[language] if chapter is None else chapter, encoding="utf-8")
    if not (reports / "theme").exists():
        shutil.copytree(REPORTS / "theme", reports / "theme")
    words = NOTICE[language] if notice is None else notice
    return Job(
        document="toy",
        language=language,
        to=to,
        reports=reports,
        quarto_yml=REPOSITORY / "_quarto.yml",
        notebooks={"persons": write_notebook(folder / "executed" / language / "persons.ipynb", cells or toy_notebook(language))},
        variables=VARIABLES,
        folder=folder / f"render-{language}-{to}",
        output=folder / "publication" / language / f"toy.{to}",
        published=datetime.date(2024, 6, 20),
        synthetic=bool(words),
        notice=words,
    )


def toy_text(body: str) -> str:
    """A document with nothing but a title and this text."""
    return f'---\ntitle: "Toy"\n---\n\n{body}\n'
