"""A declared figure is computed from cells, each once: a figure of figures of figures could be any number of any place."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.disseminate.text_figures import read_declaration
from kvarn.errors import InputError

PROJECT = Path(__file__).parents[2]
CELLS = """
figures:
  women: {table: persons-by-year-sex-age, measure: persons, where: {sex: "2"}}
  men: {table: persons-by-year-sex-age, measure: persons, where: {sex: "1"}}
  all: {table: persons-by-year-sex-age, measure: persons}
  also: {table: persons-by-month, measure: persons, where: {month: "T"}}
  typed: {table: persons-by-year-sex-age, measure: persons, year: 2020}
  first: {table: persons-by-year-sex-age, measure: persons, year: first}
  most: {largest: month, table: persons-by-month, measure: persons, give: value}
  municipalities: {table: months-by-region, measure: municipalities}
  less: {difference: women, from: men}
  women_share: {share: women, of: all}
  men_share: {share: men, of: all}
  first_share: {share: men, of: first}
  same_share: {share: women, of: also}
  turned: {share: all, of: women}
  per_man: {ratio: women, of: men}
"""
REFUSED = (
    "{difference: less, from: women}",
    "{difference: women, from: less}",
    "{share: less, of: women}",
    "{ratio: women_share, of: men_share}",
    "{difference: women, from: women}",
    "{ratio: women, of: women}",
    "{share: all, of: also}",
    "{difference: all, from: typed}",
    "{difference: women, from: municipalities}",
    "{difference: women_share, from: women_share}",
    "{difference: women_share, from: same_share}",
    "{difference: women_share, from: turned}",
    "{difference: women_share, from: per_man}",
    "{difference: women_share, from: women}",
)
FINE = (
    "{difference: all, from: first}",
    "{difference: women, from: all}",
    "{share: most, of: all}",
    "{ratio: women, of: municipalities}",
    "{difference: women_share, from: men_share}",
    "{difference: men_share, from: first_share}",
)


@pytest.mark.parametrize("figure", REFUSED)
def test_no_figure_is_computed_from_figures_or_uses_a_cell_twice(figure: str, tmp_path: Path) -> None:
    file = tmp_path / "figures.yml"
    file.write_text(f"{CELLS}  it: {figure}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"computed|twice|two units|a share and a ratio") as error:
        read_declaration(file)
    assert f"line {CELLS.count(chr(10)) + 1}, it" in str(error.value)


@pytest.mark.parametrize("figure", FINE)
def test_two_cells_of_one_unit_are_compared(figure: str, tmp_path: Path) -> None:
    file = tmp_path / "figures.yml"
    file.write_text(f"{CELLS}  it: {figure}\n", encoding="utf-8")
    assert "it" in read_declaration(file).figures


def test_what_the_project_declares_passes() -> None:
    assert read_declaration(PROJECT / "reports" / "figures.yml").figures
