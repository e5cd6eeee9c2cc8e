"""No compute notebook can write a number of its own where figures are public and therefore not protected."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse._tables import read_tables
from kvarn.errors import ConsistencyError
from kvarn.pipeline import Production, public_figures
from kvarn.pipeline.public_figures import require_public_figures

pytestmark = pytest.mark.end_to_end

PUBLIC = [
    (table.name, measure)
    for table in metadata.tables()
    for measure in table.measures
    if metadata.measure(measure).subject == "public"
]
NOTEBOOKS = {"deliveries-by-year": "quality.ipynb", "persons-by-year-sex-age": "persons.ipynb"}


@pytest.fixture(scope="module")
def saved(production: Production) -> dict[str, pd.DataFrame]:
    return read_tables(production.workspace.tables)


def test_what_the_notebooks_of_the_project_save_is_what_the_pipeline_knows(production: Production) -> None:
    require_public_figures(production)


@pytest.mark.parametrize(("name", "measure"), PUBLIC)
def test_another_number_in_a_public_figure_is_told_with_table_cell_and_notebook(
    name: str, measure: str, production: Production, saved: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = saved[name].copy()
    row = planted.index[planted["measure"] == measure][-1]
    planted.loc[row, "value"] = "25" if planted.loc[row, "value"] != "25" else "26"
    monkeypatch.setattr(public_figures, "read_tables", lambda _: {name: planted})
    with pytest.raises(ConsistencyError, match="A public figure is not what") as error:
        require_public_figures(production)
    said = str(error.value)
    assert f"{name}: {measure}, year {planted.loc[row, 'year']}" in said and NOTEBOOKS.get(name, ".ipynb") in said
    assert "25" not in said.replace(str(planted.loc[row, "region"]) if "region" in planted else "", "")


@pytest.mark.parametrize(
    ("measure", "variables"),
    [("rows_received_thousands", ("year", "region")), ("population", ("year", "month")), ("a_number_of_ones_own", ("year",))],
)
def test_a_public_figure_that_nothing_tells_is_none(measure: str, variables: tuple[str, ...]) -> None:
    nothing: Any = None
    assert public_figures._Known(nothing, nothing, None, nothing).figures(measure, variables, (2023,)) is None


def test_a_public_measure_that_cannot_be_computed_again_is_not_published(
    production: Production, saved: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_figures, "read_tables", lambda _: {"deliveries-by-year": saved["deliveries-by-year"]})
    monkeypatch.setattr(public_figures._Known, "figures", lambda *_: None)
    with pytest.raises(ConsistencyError, match="Nothing accounts for the public measure files_expected"):
        require_public_figures(production)
