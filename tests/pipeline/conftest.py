from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest


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
