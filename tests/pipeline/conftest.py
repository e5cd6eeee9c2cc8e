from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

from kvarn.edition import Workspace
from kvarn.pipeline import actions


@pytest.fixture
def write_notebook(tmp_path: Path) -> Callable[..., Path]:
    """Writes a notebook with a parameters cell and the cells given."""

    def write(*cells: str, parameters: str = 'edition: str = "demo"\nyear: int = 2020', name: str = "toy") -> Path:
        notebook = nbformat.v4.new_notebook(
            cells=[
                nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}, id="parameters"),
                *(nbformat.v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(cells)),
            ],
            metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}},
        )
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path

    return write


@pytest.fixture
def present(tmp_path: Path, write_notebook: Callable[..., Path]) -> Callable[..., Path]:
    """Runs a present notebook as the pipeline does, and returns the executed one."""

    def run(*cells: str) -> Path:
        root = tmp_path / "project"
        for name in ("restricted/demo", "build/demo/protected", "build/demo/revisions", "notebooks/present", "reports", "params"):
            (root / name).mkdir(parents=True, exist_ok=True)
        (root / "_quarto.yml").touch()
        production: Any = SimpleNamespace(
            root=root, workspace=Workspace(root, "demo"), edition=SimpleNamespace(notebook_limits=None, data=None)
        )
        output = root / "build" / "demo" / "sv" / "notebooks" / "toy.ipynb"
        actions.present(production, write_notebook(*cells), output, {"year": 2023})
        return output

    return run
