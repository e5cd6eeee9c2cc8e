import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

from kvarn import metadata
from kvarn.edition import Workspace
from kvarn.pipeline import Production, actions, open_edition

PROJECT = Path(__file__).parents[2]
# Two years, of which one has no procedures, one language, and a renderer that is everywhere the same.
SHORTER = {
    "reference_year: 2023": "reference_year: 2019",
    "first_year: 2017": "first_year: 2018",
    "languages: [sv, en]": "languages: [en]",
    "renderer: auto": "renderer: builtin",
    "published: 2023-09-05": "published: 2019-09-05",
}


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
        shutil.copytree(PROJECT / "programme", root / "programme", dirs_exist_ok=True)
        (root / "_quarto.yml").touch()
        production: Any = SimpleNamespace(
            root=root, workspace=Workspace(root, "demo"), edition=SimpleNamespace(notebook_limits=None, data=None)
        )
        output = root / "build" / "demo" / "sv" / "notebooks" / "toy.ipynb"
        actions.present(production, write_notebook(*cells), output, {"year": 2023})
        return output

    return run


@pytest.fixture(scope="module")
def undelivered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """A project as it is cloned, with nothing in its deliveries."""
    root = tmp_path_factory.mktemp("steps")
    for name in ("notebooks", "reports", "params"):
        shutil.copytree(PROJECT / name, root / name, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "codelists"))
    shutil.copytree(PROJECT / "programme", root / "programme")
    shutil.copy(PROJECT / "_quarto.yml", root)
    source = root / "restricted" / "demo" / "source"
    (source / "deliveries").mkdir(parents=True, mode=0o700)
    for name in ("SYNTHETIC.txt", "population.csv"):
        (source / name).touch(mode=0o600)
    (source / "deliveries" / "SYNTHETIC.txt").touch(mode=0o600)
    params = root / "params" / "demo.yml"
    text = params.read_text(encoding="utf-8")
    for before, after in SHORTER.items():
        assert before in text
        text = text.replace(before, after)
    params.write_text(text, encoding="utf-8")
    yield open_edition(params)
    metadata.use_project(None)
