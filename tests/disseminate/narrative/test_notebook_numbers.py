"""Whoever types "3 persons in Bjurholm" into a present notebook is stopped with the notebook and cell."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kvarn.disseminate.narrative import Allowed
from kvarn.disseminate.narrative._notebooks import faults_in_notebook, faults_in_parameters
from kvarn.errors import InputError

Check = Callable[[Path], None]

MARKDOWN = [
    "In Bjurholm 3 persons received care.",
    "In Bjurholm three persons received care.",
    "I Bjurholm fick sex personer vård.",
    "## Bjurholm · III personer",
    "| Bjurholm | 3 |\n|---|---|",
    "<!-- Bjurholm many -->",
    "<b>Bjurholm</b>",
    "![Bjurholm](attachment:x.png)",
    "Bjurholm ●●●",
]
CODE = [
    'print("3 persons in Bjurholm")',
    'print("three persons in Bjurholm")',
    "print(3)",
    "3",
    "[3]",
    '{"Bjurholm": 3}',
    "bjurholm = 3",
    "bjurholm: int = 3",
    "bjurholm_three = years",
    "persons3 = years",
    "def three(): pass",
    "years.three",
    'display("Bjurholm", 1 + 2)',
    "4 - 1",
    "len('abc') + 2 - 2 * 40",
    "-3",
    "dict(bjurholm=3)",
    "range(3)",
    'f"Bjurholm {first_year} three"',
    'f"Bjurholm {3}"',
    'Markdown("Bjurholm: tre personer")',
    'HTML("<b>Bjurholm</b>")',
    'HTML("<div style=width:3%></div>")',
    'ax.set_title("Bjurholm 3")',
    'ax.text(x, y, "3")',
    'print("2")',
    '"2"',
    'print("|||")',
    'print("I" "II")',
    "# Bjurholm 3",
    "x = 1  # three persons",
    '#| fig-alt: "Bjurholm 3"',
    "#| label: bjurholm-3",
    '"""Bjurholm 3"""',
    "b'abc'",
    'plt.barh(["Bjurholm"], [3])',
    'axes.barh(["Bjurholm"], width=3)',
    'axes.bar(["Bjurholm"], height=3)',
    "axes.bar(names, values, bottom=3)",
    "axes.axhline(3)",
    "axes.set_ylim(bottom=3)",
    "axes.plot(names, values, linewidth=[3, 1, 4])",
    "axes.plot(names, values, linewidth=2 + 1)",
    "dict(linewidth=3)",
    "linewidth(linewidth=3)",
    "plt.subplots(figsize=(3, 1, 4, 1, 5))",
    "axes.barh(names, bars[0].get_linewidth())",
    'axes.barh(["Bjurholm"], [True + True + True])',
    'axes.barh(["Bjurholm"], [True])',
    "axes.barh(names, len('abc'))",
    'axes.barh(names, ["Umeå", "Malå"].index("Malå"))',
    "axes.barh(names, range(reference_year)[3])",
    "axes.barh(names, ord('c'))",
    "!echo 3",
    "%%html\nBjurholm 3",
    "chr(51)",
    '"\\x33"',
    '"\\N{DIGIT THREE}"',
    "plt.subplots(1, 2, 3)",
    "plt.subplots(1, 414)",
    "subplots(1, 2)",
    "plt.figure((3, 1, 4))",
    "axes.plot(1, 2)",
    "haninge = plt.subplots(1, 3)",
    "axes[0, 25]",
    "haninge_size = (8, 3)",
    # Names wherever Python has them.
    "import os as persons_in_haninge_3",
    "from persons25 import x",
    "import persons25",
    "def f():\n    global x_25",
    "match x:\n    case haninge_25: pass",
    "match x:\n    case {'a': y, **rest_25}: pass",
    "match x:\n    case C(persons_25=y): pass",
    "match x:\n    case [*rest_25]: pass",
    "match x:\n    case 25: pass",
    "try:\n    pass\nexcept E as e_25: pass",
    "persons_in_haninge_XXV = years",
    "haninge_xxv = years",
    "persons_LIII = years",
    # Comments and texts in which nothing is resolved.
    "# see @tbl-in-haninge-3",
    "# @fig-in-haninge-three",
    "# {{< include haninge-25 >}}",
    "# {{< var haninge.25 >}}",
    '"@tbl-in-haninge-3"',
    # An output that the notebook's own page would not show.
    "#| label: own-words\n#| include: false\nprint(words)",
    # Codes that say of nothing which variable they are of.
    'persons_in_linkoping = "25"',
    'haninge = ["25"]',
    'x = dict(haninge="25")',
    'x = {"Haninge": "25"}',
    'x = "25"',
    'x = "2" "5"',
    'persons_in_haninge = "1" + "T"',
    'for haninge in ["25"]: pass',
    'assert x, "25"',
    'text_table(by_code, rows="25")',
    'persons_in_haninge = "65-69"',
    '"".join(["25"])',
    # Numbers that compute beside a place, or in a call that nobody knows.
    "haninge = years[25]",
    "haninge[25:]",
    "persons_in_haninge = reference_year - 2",
    "haninge = text_table(by_code, limit=25)",
    "dict(limit=35)",
    "show(limit=35)",
    "def text_table(limit): pass\ntext_table(limit=35)",
    'f"{x:25}"',
    'f"{x:>{width}25}"',
    "n: list[25] = years",
    'n: Literal["25"] = years',
    'def f(a: "Haninge 25"): pass',
]
FINE = [
    "#| shows: persons-by-year-sex-age, rates-by-municipality\nplt.subplots(figsize=(8, 4.5), nrows=2, width_ratios=[2, 1])",
    'axes.barh(names, chosen["value"], alpha=0.8, linewidth=0.5, height=0.7)\naxes.set_xlim(left=0)',
    "axes.tick_params(labelsize=8, rotation=-45)\naxes.grid(True)\nplt.show()",
    "years = range(first_year, reference_year + 1)\nbefore = years[-1]\nlast = years[1:3]",
    'text_table(by_code, language=language, rows="procedure", where={"year": reference_year, "sex": ["T", "2", "1"]}, limit=20)',
    'ages = ["0-17", "18-64", "65-69", "90+", "T"]',
    'rates = tables["rates-by-municipality"]\nrates["persons_per_1000"]',
    '#| label: chart-persons-per-1000\n#| fig-alt: "{{< var alt.persons_per_1000 >}}"\n#| echo: false\npersons_per_1000(by_age)',
    "[year for year in years if year == reference_year - 1]",
    'columns=[{"sex": "T", "year": year} for year in before]',
    "from kvarn.disseminate.charts import persons_per_1000",
    'sexes = ["T", "2", "1"]\ncounties = ["01", "25"]',
    'country_and_counties = ["00", *codelist("region").children("00")]',
    'rates[rates["region"] == "0136"]\nrates[rates["region"].isin(["01", "0136"])]\nlabels = {"region": {"0136": "Haninge"}}',
    'f"{share:.1f} {persons:,} {change:+.2f}"',
    "import base64\nimport numpy as np\nfrom collections import OrderedDict",
    "first, *others = years[1:3]",
    'figure = plt.figure("x", (6, 4))\nfigure.add_subplot(2, 2, 1)\nfigure.set_size_inches(8, 4.5)',
    "figure, axes = plt.subplots(1, 2, figsize=(8, 3))\naxes[0, 1].plot(months, persons)",
    "figsize = (8, 3)\nplt.subplots(2, figsize=figsize)",
]


def notebook(folder: Path, kind: str, source: str, tags: list[str] | None = None) -> Path:
    cell: dict[str, Any] = {"cell_type": kind, "id": "planted", "metadata": {"tags": tags or []}, "source": source}
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    file = folder / "planted.ipynb"
    file.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return file


@pytest.mark.parametrize(("kind", "source"), [*(("markdown", one) for one in MARKDOWN), *(("code", one) for one in CODE)])
def test_a_number_in_a_present_notebook_is_refused_with_its_cell(
    kind: str, source: str, allowed: Allowed, tmp_path: Path
) -> None:
    found = list(faults_in_notebook(notebook(tmp_path, kind, source), allowed))
    assert found
    assert all("planted.ipynb, cell planted" in fault.where and fault.remedy for fault in found)


@pytest.mark.parametrize("source", FINE)
def test_code_that_computes_and_names_is_not_refused(source: str, allowed: Allowed, tmp_path: Path) -> None:
    assert list(faults_in_notebook(notebook(tmp_path, "code", source), allowed)) == []


def test_the_parameters_have_years_and_nothing_else(allowed: Allowed, tmp_path: Path) -> None:
    parameters = 'edition: str = "demo"\nreference_year: int = 2023\n'
    assert list(faults_in_notebook(notebook(tmp_path, "code", parameters, ["parameters"]), allowed)) == []
    assert list(faults_in_notebook(notebook(tmp_path, "code", parameters + "n: int = 3", ["parameters"]), allowed))
    assert list(faults_in_notebook(notebook(tmp_path, "code", parameters), allowed))
    for planted in (
        "haninge: int = 2025",
        'x: "haninge 25" = 2023',
        'edition_25: str = "demo"',
        "n: list[25] = []",
        'persons_in_haninge: str = "25"',
        'n: Literal["25"] = "x"',
    ):
        assert list(faults_in_notebook(notebook(tmp_path, "code", parameters + planted, ["parameters"]), allowed)), planted


def test_a_raw_cell_is_refused(allowed: Allowed, tmp_path: Path) -> None:
    assert list(faults_in_notebook(notebook(tmp_path, "raw", "Bjurholm"), allowed))


@pytest.mark.parametrize(
    ("value", "refused"), [(3, True), (3.5, True), (2023, False), ("Bjurholm 3", True), ("65+", False), (True, False)]
)
def test_what_the_edition_gives_a_present_notebook_is_no_figure(
    value: object, refused: bool, allowed: Allowed, tmp_path: Path
) -> None:
    assert bool(list(faults_in_parameters("persons.chosen", value, tmp_path / "2023.yml", allowed))) == refused
    # Whatever a name of a place is given is read as its figure.
    assert list(faults_in_parameters("persons.bjurholm", value, tmp_path / "2023.yml", allowed))


def test_it_is_told_before_any_work(written: Path, check: Check) -> None:
    file = written / "notebooks" / "present" / "persons.ipynb"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["cells"][3]["source"] += ["\n", "In Bjurholm 3 persons received care."]
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="The number '3' is typed in") as error:
        check(written)
    assert error.value.file == file and str(error.value.field).startswith(f"cell {content['cells'][3]['id']}, line ")
