"""The population of an edition: a file, a list, a folder or a pattern; every file a dependency and an input of the record."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.errors import CodeListError, EditionError
from kvarn.pipeline import Production, actions, open_edition, steps_of
from kvarn.pipeline.publishing import _name_of_input, _recorded_steps
from tests.without_profiles import without_profiles

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "project"
    for name in ("params", "notebooks", "reports"):
        shutil.copytree(PROJECT / name, root / name, ignore=shutil.ignore_patterns("codelists", "population"))
    shutil.copytree(PROJECT / "programme", root / "programme")
    (root / "_quarto.yml").touch()
    params = root / "params" / "demo.yml"
    params.write_text(without_profiles(params.read_text(encoding="utf-8")), encoding="utf-8")
    (root / "restricted" / "demo" / "source" / "deliveries").mkdir(parents=True)
    (root / "restricted" / "demo" / "source" / "SYNTHETIC.txt").touch()
    folder = root / "params" / "population"
    folder.mkdir()
    for name in ("population-2022.csv", "population-2023.csv", "population-2023.record.json", "README.md"):
        (folder / name).write_text(name, encoding="utf-8")
    yield root
    metadata.use_project(None)


def production(project: Path, population: str) -> Production:
    return open_edition(project / "params" / "demo.yml", overrides=(f"data.population={population}",))


@pytest.mark.parametrize(
    "given",
    [
        "params/population",
        "params/population/population-*.csv",
        "[params/population/population-2022.csv, params/population/population-2023.csv]",
        "[params/population, params/population/population-2023.csv]",
    ],
)
def test_a_folder_a_pattern_and_a_list_are_files(project: Path, given: str) -> None:
    edition = production(project, given)
    assert [path.name for path in edition.population] == ["population-2022.csv", "population-2023.csv"]
    assert [path.name for path in edition.population_records] == ["population-2023.record.json"]
    names = [f"params/population/population-{year}.csv" for year in (2022, 2023)]
    assert [_name_of_input(edition, path) for path in edition.population] == names
    computed = [step for step in _recorded_steps(edition) if step.name.startswith("compute-")]
    assert computed and all(set(names) <= set(step.used) for step in computed)


@pytest.mark.parametrize("given", ["nowhere.csv", "params/population/*.xlsx", "reports", "[params/population, nowhere.csv]"])
def test_what_is_not_there_is_said_before_anything_runs(project: Path, given: str) -> None:
    with pytest.raises(EditionError, match="There is nothing at") as caught:
        production(project, given)
    assert caught.value.key == "data.population"


@pytest.mark.parametrize("given", ["[]", "5", "[5]", "{a: b}", "''"])
def test_what_is_no_path_is_an_error_of_the_edition(project: Path, given: str) -> None:
    with pytest.raises(EditionError) as caught:
        production(project, given)
    assert (caught.value.key or "").startswith("data.population")


def states(project: Path) -> list[tuple[str, str | None]]:
    step = next(one for one in steps_of(production(project, "params/population")) if one.name == "population")
    return sorted((node.signature, node.state()) for node in step.needs)


def test_the_step_is_out_of_date_when_a_file_changes_comes_or_goes(project: Path) -> None:
    folder = project / "params" / "population"
    seen = [states(project)]
    (folder / "population-2022.csv").write_text("changed", encoding="utf-8")
    seen.append(states(project))
    (folder / "population-2021.csv").write_text("new", encoding="utf-8")
    seen.append(states(project))
    (folder / "population-2023.record.json").write_text("other", encoding="utf-8")
    seen.append(states(project))
    (folder / "population-2021.csv").unlink()
    seen.append(states(project))
    listed = project / "municipalities.csv"
    listed.write_text("kod;namn\n0114;Upplands Väsby\n", encoding="utf-8")
    metadata.import_codelist(listed, name="municipality", year=2023, into=project / metadata.CODELISTS, short="for the test")
    seen.append(states(project))
    assert all(one != other for number, one in enumerate(seen) for other in seen[:number])
    (folder / "README.md").write_text("no population", encoding="utf-8")
    assert states(project) == seen[-1]


def test_a_file_outside_the_project_is_recorded_without_the_way_to_it(project: Path, tmp_path: Path) -> None:
    outside = tmp_path / "share" / "population.csv"
    outside.parent.mkdir()
    outside.touch()
    edition = production(project, str(outside))
    assert _name_of_input(edition, edition.population[0]) == "share/population.csv"


def test_an_edition_of_real_data_refuses_a_synthetic_population(project: Path) -> None:
    record = project / "params" / "population" / "population-2023.record.json"
    record.write_text('{"sha256": "", "synthetic": true}', encoding="utf-8")
    edition = open_edition(project / "params" / "demo.yml", overrides=("data.population=params/population", "synthetic=false"))
    with pytest.raises(CodeListError, match="The population is synthetic, and the edition is not"):
        actions.take_in_population(edition)
