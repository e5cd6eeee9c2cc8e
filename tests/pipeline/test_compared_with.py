"""An edition is compared with an earlier one of its year, where that is out and lies here, and else with the year before."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kvarn.analyse.disclosure.memory.releases import Release
from kvarn.edition import Workspace
from kvarn.pipeline.history import earlier_releases
from kvarn.pipeline.production import Production

OUT = (("2022", 2022), ("2023-preliminary", 2023), ("2022-revised", 2022), ("2023-again", 2023), ("2023", 2023), ("2021", 2021))


def released(edition: str, year: int) -> Release:
    values: dict[str, Any] = {one.name: "" for one in fields(Release)}
    return Release(**{**values, "edition": edition, "reference_year": year})


@pytest.fixture
def edition(monkeypatch: pytest.MonkeyPatch) -> Any:
    history = SimpleNamespace(as_it_stood=[released(*one) for one in OUT])
    monkeypatch.setattr("kvarn.pipeline.history.history_of", lambda work, edition: history)
    return SimpleNamespace(reference_year=2023)


def test_the_nearest_comes_first_and_an_edition_is_not_compared_with_itself(tmp_path: Path, edition: Any) -> None:
    found = [one.edition for one in earlier_releases(Workspace(tmp_path, "2023"), edition)]
    assert found == ["2023-again", "2023-preliminary", "2022-revised", "2022"]


def test_it_is_compared_with_the_nearest_that_lies_here(tmp_path: Path, edition: Any) -> None:
    def compared_with() -> str | None:
        found = Production(edition, Workspace(tmp_path, "2023"), tmp_path / "2023.yml").previous_publication
        return None if found is None else found.name

    assert compared_with() is None
    for name in ("2022", "2023-preliminary", "2023"):
        (tmp_path / "publications" / name).mkdir(parents=True)
        assert compared_with() == ("2022" if name == "2022" else "2023-preliminary")
