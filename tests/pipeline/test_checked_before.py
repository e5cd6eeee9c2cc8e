"""What has been found right as it is need not be read again; whatever of it changes, is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kvarn.errors import InputError
from kvarn.pipeline import Production, checked_before, open_edition
from kvarn.pipeline.checked_before import require_narrative_once
from tests.without_profiles import without_profiles

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("notebooks", "reports", "params", "programme"):
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "codelists"))
    shutil.copy(PROJECT / "_quarto.yml", tmp_path)
    params = tmp_path / "params" / "demo.yml"
    params.write_text(without_profiles(params.read_text(encoding="utf-8")), encoding="utf-8")
    source = tmp_path / "restricted" / "demo" / "source"
    (source / "deliveries").mkdir(parents=True)
    (source / "SYNTHETIC.txt").touch()
    (source / "population.csv").touch()
    (tmp_path / "build" / "demo").mkdir(parents=True)
    return tmp_path


def opened(project: Path, *overrides: str) -> Production:
    return open_edition(project / "params" / "demo.yml", overrides=overrides)


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> list[Production]:
    """Each time that everything is read; nothing is, so that it does not take long."""
    found: list[Production] = []
    monkeypatch.setattr(checked_before, "require_narrative", found.append)
    return found


def added(place: str, text: str = "\n") -> Callable[[Path], object]:
    def change(project: Path) -> None:
        path = project / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((path.read_bytes() if path.exists() else b"") + text.encode())

    return change


CHANGES: dict[str, Callable[[Path], object]] = {
    "a chapter": added("reports/annual-report/sv/_summary.qmd"),
    "the declared figures": added("reports/figures.yml"),
    "the allowed digits": added("reports/allowed-digits.yml"),
    "a style": added("reports/theme/report.css"),
    "a hidden style": added("reports/theme/.hidden.css"),
    "a present notebook": added("notebooks/present/persons.ipynb", " "),
    "a compute notebook": added("notebooks/compute/persons.ipynb", " "),
    "one more notebook": added("notebooks/present/more.ipynb"),
    "how the project is rendered": added("_quarto.yml"),
    "an imported list": added("params/codelists/procedure-2023.csv"),
    "a table of the programme": added("programme/tables.yml"),
    "a code list of the programme": added("programme/codelists/sex.csv"),
    "a parameter": lambda project: None,
    "a file that goes": lambda project: (project / "reports" / "allowed-digits.yml").unlink(),
    "a population file of another name": lambda project: None,
}
OVERRIDES = {
    "a parameter": "publication.title.en=Care of persons",
    "a population file of another name": "data.population=restricted/demo/source/other.csv",
}


def test_nothing_is_read_twice(project: Path, times: list[Production]) -> None:
    for _ in range(3):
        require_narrative_once(opened(project))
    assert len(times) == 1


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_read_again(project: Path, times: list[Production], change: str) -> None:
    (project / "restricted" / "demo" / "source" / "other.csv").touch()
    require_narrative_once(opened(project))
    CHANGES[change](project)
    require_narrative_once(opened(project, *([OVERRIDES[change]] if change in OVERRIDES else [])))
    assert len(times) == 2


def test_what_a_link_leads_to_is_read_each_time(project: Path, times: list[Production], tmp_path: Path) -> None:
    (project / "reports" / "theme" / "linked.css").symlink_to(tmp_path / "elsewhere.css")
    for _ in range(2):
        require_narrative_once(opened(project))
    assert len(times) == 2


@pytest.mark.parametrize("left", ["", "[]", '{"narrative": 1}', "{"])
def test_what_was_kept_and_cannot_be_read_counts_for_nothing(project: Path, times: list[Production], left: str) -> None:
    require_narrative_once(opened(project))
    kept = project / "build" / "demo" / "checked.json"
    assert len(json.loads(kept.read_text())["narrative"]) == 64
    kept.write_text(left)
    require_narrative_once(opened(project))
    assert len(times) == 2


def test_what_is_wrong_is_told_each_time(project: Path) -> None:
    require_narrative_once(opened(project))
    added("reports/annual-report/sv/_summary.qmd", "\nI Bjurholm fick 3 personer vård.\n")(project)
    for _ in range(2):
        with pytest.raises(InputError, match="is typed in"):
            require_narrative_once(opened(project))


def test_what_changes_while_it_is_read_is_read_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[Production] = []

    def read(production: Production) -> None:
        times.append(production)
        if len(times) == 1:
            CHANGES["a chapter"](project)

    monkeypatch.setattr(checked_before, "require_narrative", read)
    for _ in range(3):
        require_narrative_once(opened(project))
    assert len(times) == 2
