"""What the edition gives a notebook's name goes to each notebook of the name that takes it, and to no other."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from kvarn.errors import EditionError, NotebookError
from kvarn.pipeline import Production
from kvarn.pipeline.given_parameters import parameters_given, require_parameters

from .test_checking import opened
from .test_findings import EDITION

COMMON = 'edition: str = "x"\nreference_year: int = 2023\nfirst_year: int = 2017\n'


def production(root: Path, compute: str, present: str, given: str) -> Production:
    for kind, declared in (("compute", COMMON + compute), ("present", COMMON + 'language: str = "sv"\n' + present)):
        (root / "notebooks" / kind).mkdir(parents=True)
        cell = nbformat.v4.new_code_cell(declared, id="parameters", metadata={"tags": ["parameters"]})
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), root / "notebooks" / kind / "areas.ipynb")
    return opened(root, f"{EDITION}\nnotebooks: {given}\n")


@pytest.mark.parametrize(
    ("compute", "present"),
    [("standard: int = 0", ""), ("", "standard: int = 0"), ("standard: int = 0", "standard: int = 0")],
)
def test_a_parameter_goes_where_it_is_taken(tmp_path: Path, compute: str, present: str) -> None:
    work = production(tmp_path, compute, present, "{areas: {standard: 2020}}")
    require_parameters(work)
    for kind, language, declared in (("compute", None, compute), ("present", "sv", present)):
        given = parameters_given(work, tmp_path / "notebooks" / kind / "areas.ipynb", language)
        assert given.get("standard") == (2020 if declared else None)


def test_a_parameter_that_none_takes_is_refused_with_the_names_of_all(tmp_path: Path) -> None:
    work = production(tmp_path, "standard: int = 0", "", "{areas: {standart: 2020}}")
    with pytest.raises(EditionError) as caught:
        require_parameters(work)
    said = str(caught.value)
    assert "notebooks/compute/areas.ipynb and notebooks/present/areas.ipynb" in said and "'standard'" in said
    assert caught.value.key == "notebooks.areas.standart"


def test_what_the_editions_own_keys_give_is_not_given_a_second_time(tmp_path: Path) -> None:
    work = production(tmp_path, "", "", "{areas: {reference_year: 2019}}")
    with pytest.raises(EditionError, match="not given a second time"):
        require_parameters(work)


def test_the_type_is_that_of_the_notebook_that_takes_it(tmp_path: Path) -> None:
    work = production(tmp_path, "standard: int = 0", "", "{areas: {standard: some}}")
    with pytest.raises(NotebookError, match="should be int"):
        require_parameters(work)
