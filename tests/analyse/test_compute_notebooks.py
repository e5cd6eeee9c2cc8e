"""The compute notebooks are the programme: together they save every table, and hold no outputs, paths or definitions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from kvarn import metadata

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks" / "compute").glob("*.ipynb"))
SAVED = re.compile(r'save_table\(\s*"([a-z0-9-]+)"')


def cells(notebook: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return found


def code(notebook: Path) -> list[str]:
    return ["".join(held["source"]) for held in cells(notebook) if held["cell_type"] == "code"]


def test_every_table_of_the_programme_is_saved_by_one_notebook() -> None:
    saved = [table for notebook in NOTEBOOKS for source in code(notebook) for table in SAVED.findall(source)]
    assert sorted(saved) == sorted(table.name for table in metadata.tables())


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_a_title_parameters_and_no_outputs(notebook: Path) -> None:
    held = cells(notebook)
    assert held[0]["cell_type"] == "markdown"
    assert held[0]["source"][0].startswith("# ")
    assert [cell["id"] for cell in held if "parameters" in cell["metadata"].get("tags", [])] == ["parameters"]
    for cell in held:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None), cell["id"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_defines_nothing_and_spells_no_path_or_year(notebook: Path) -> None:
    for source in code(notebook):
        assert not re.search(r"^\s*(def|class|lambda)\b", source, re.MULTILINE)
        assert "/" not in source
        if "reference_year: int" not in source:
            assert not re.search(r"\b(19|20)\d\d\b", source)
