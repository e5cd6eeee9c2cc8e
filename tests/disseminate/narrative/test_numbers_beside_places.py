"""In a present notebook a number stands beside no place: not as a code's text, a look, or a parameter's value."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from kvarn.disseminate.narrative import Allowed
from kvarn.disseminate.narrative._notebooks import faults_in_notebook, faults_in_parameters

REFUSED = (
    'persons_in_haninge_weekday = "3"',
    'haninge_persons_by_month = "03"',
    'haninge_weekday = "3"',
    'haninge = "3"',
    'haninge = months["03"]',
    'persons_by_weekday = "3"',
    'axes.set_title("Persons with care in Haninge", rotation=3)',
    'axes.set_title("Persons with care in Haninge", fontsize=12)',
    'axes.text(x, y, "Haninge", zorder=3)',
    'axes.plot(["Haninge"], heights, linewidth=3)',
    'axes.barh(["Haninge"], [vars(line)["_linewidth"]])',
    "width = line._linewidth",
    'width = getattr(line, "linewidth")',
    "width = dir(line)",
    "width = line.__dict__",
    "from operator import attrgetter",
    "import operator\noperator.attrgetter",
    "width = locals()",
)
FINE = (
    'region_haninge = "0136"',
    'months = persons[persons.month == "03"]',
    'months = persons.loc[persons["weekday"] == "3"]',
    'rows = persons[persons.region.isin(["01", "0136"])]',
    'axes.set_title("Persons with care", rotation=3)',
    'axes.set_title("Persons with care in Haninge")',
    "axes.plot(years, rates, linewidth=3)",
    'figure = persons[["region", "persons"]]',
)


def faults(source: str, folder: Path, allowed: Allowed) -> list[str]:
    file = folder / "by-county.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]), file)
    return [fault.what for fault in faults_in_notebook(file, allowed)]


@pytest.mark.parametrize("source", REFUSED)
def test_no_number_stands_beside_a_place_or_is_asked_of_a_look(source: str, tmp_path: Path, allowed: Allowed) -> None:
    assert faults(source, tmp_path, allowed)


@pytest.mark.parametrize("source", FINE)
def test_codes_and_looks_elsewhere_pass(source: str, tmp_path: Path, allowed: Allowed) -> None:
    assert faults(source, tmp_path, allowed) == []


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("haninge_persons", 2014),
        ("haninge", 2014),
        ("haninge_weekday", "3"),
        ("haninge", "many"),
        ("persons", 2014),
        ("persons_by_month", "03"),
    ],
)
def test_a_parameter_is_named_by_no_place(name: str, given: object, tmp_path: Path, allowed: Allowed) -> None:
    assert list(faults_in_parameters(f"geography.{name}", given, tmp_path, allowed))


@pytest.mark.parametrize(("name", "given"), [("standard_year", 2014), ("month", "03"), ("behind", "persons"), ("region", "0136")])
def test_other_parameters_pass(name: str, given: object, tmp_path: Path, allowed: Allowed) -> None:
    assert list(faults_in_parameters(f"geography.{name}", given, tmp_path, allowed)) == []
