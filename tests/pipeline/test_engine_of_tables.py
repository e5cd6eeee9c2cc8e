"""The edition's engine reaches every notebook that counts from the register."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kvarn.errors import EditionError
from kvarn.pipeline import open_edition
from kvarn.pipeline.given_parameters import parameters_given

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def params(tmp_path: Path) -> Path:
    (tmp_path / "_quarto.yml").touch()
    shutil.copytree(PROJECT / "notebooks", tmp_path / "notebooks")
    shutil.copytree(PROJECT / "params", tmp_path / "params")
    shutil.copytree(PROJECT / "programme", tmp_path / "programme")
    (tmp_path / "restricted" / "demo" / "source" / "deliveries").mkdir(parents=True)
    (tmp_path / "restricted" / "demo" / "source" / "population.csv").touch()
    return tmp_path / "params" / "demo.yml"


@pytest.mark.parametrize(("overrides", "engine"), [((), "duckdb"), (("engine=spark",), "spark")])
def test_notebooks_that_open_the_register_are_given_the_engine(params: Path, overrides: tuple[str, ...], engine: str) -> None:
    production = open_edition(params, overrides=overrides)
    given = {notebook.stem: parameters_given(production, notebook).get("engine") for notebook in production.notebooks("compute")}
    opening = {notebook.stem for notebook in production.notebooks("compute") if "open_register" in notebook.read_text("utf-8")}
    assert {name for name, held in given.items() if held == engine} == opening
    assert {name for name, held in given.items() if held is None} == set(given) - opening


@pytest.mark.parametrize(
    ("overrides", "behind"),
    [((), "persons"), (("disclosure.p_per_cent=10",), "largest"), (("disclosure.dominance={n: 1, per_cent: 80}",), "largest")],
)
def test_notebooks_count_the_largest_contributors_when_a_rule_needs_them(
    params: Path, overrides: tuple[str, ...], behind: str
) -> None:
    production = open_edition(params, overrides=overrides)
    opening = [notebook for notebook in production.notebooks("compute") if "open_register" in notebook.read_text("utf-8")]
    assert {parameters_given(production, notebook)["behind"] for notebook in opening} == {behind}
    assert all("behind=behind" in notebook.read_text("utf-8") for notebook in opening)


def test_an_engine_that_is_not_known_stops_before_anything_has_run(params: Path) -> None:
    with pytest.raises(EditionError, match="engine"):
        open_edition(params, overrides=("engine=pandas",))
