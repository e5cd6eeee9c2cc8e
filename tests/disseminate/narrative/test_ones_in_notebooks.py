"""What a present notebook types of one, both or none is a figure where its cell, its heading or its tables name a place."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import nbformat
import pytest

from kvarn.disseminate.narrative import Allowed
from kvarn.disseminate.narrative._notebooks import faults_in_notebook

CODE = (
    'print("Bjurholm: {said}")',
    'print("Bjurholm:", "{said}")',
    'print(f"In Bjurholm {{x}}: {said}")',
    'pd.DataFrame({{"Kommun": ["Bjurholm"], "Personer": ["{said}"]}})',
    'names = ["Upplands Väsby"]\nsaid = ["{said}"]',
    'bjurholm = "{said}"',
    'frame.style.set_caption("Bjurholm").relabel_index(["{said}"])',
    '# Bjurholm\nprint("{said}")',
)
SAID = ("one", "en", "ett", "noll", "zero", "nil", "both", "båda", "en person", "a widow", "a pair", "hon", "only one")
TWO_CELLS = (
    ("code", 'names = ["Bjurholm"]'),
    ("markdown", "## Bjurholm"),
    ("markdown", "Bjurholm är en liten kommun. · Bjurholm is a small municipality."),
)
MARKDOWN = (
    "Upplands Väsby hade en. · Upplands Väsby had one.",
    "## Bjurholm\n\nEn person fick vård. · One person received care.",
    "- Bjurholm\n- en",
    "| Kommun | Personer |\n|---|---|\n| Bjurholm | noll |",
)
FINE = (
    'label = metadata.variable("region").label("en")\nname = "Bjurholm"',
    'language = "en"\nname = "Bjurholm"',
    'if language == "en":\n    print("Bjurholm is a municipality in a county.")',
    'print("Bjurholm och en annan kommun.")',
    'words = ["one", "en"]',
)


def ones(folder: Path, allowed: Allowed, *cells: tuple[str, str]) -> list[str]:
    made = [getattr(nbformat.v4, f"new_{kind}_cell")(source) for kind, source in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=made), file := folder / "own.ipynb")
    return [fault.what for fault in faults_in_notebook(file, allowed) if fault.what.startswith("One who is counted")]


@pytest.mark.parametrize(("code", "said"), product(CODE, SAID))
def test_a_cell_that_names_a_place_says_no_one(code: str, said: str, tmp_path: Path, allowed: Allowed) -> None:
    if code.startswith("#"):
        code = code.replace("# Bjurholm", "# The care in Bjurholm")
    assert ones(tmp_path, allowed, ("code", code.format(said=said)))


@pytest.mark.parametrize(("before", "said"), product(TWO_CELLS, SAID))
def test_nor_does_a_cell_after_one_that_does(before: tuple[str, str], said: str, tmp_path: Path, allowed: Allowed) -> None:
    assert ones(tmp_path, allowed, before, ("code", f'print("{said}")'))


@pytest.mark.parametrize("source", MARKDOWN)
def test_markdown_is_held_as_documents_are(source: str, tmp_path: Path, allowed: Allowed) -> None:
    assert ones(tmp_path, allowed, ("markdown", source))


def test_a_heading_is_carried_to_the_next_markdown_cell(tmp_path: Path, allowed: Allowed) -> None:
    assert ones(tmp_path, allowed, ("markdown", "## Bjurholm"), ("code", "figures"), ("markdown", "Bara en. · Only one."))


@pytest.mark.parametrize("source", FINE)
def test_codes_of_languages_and_articles_pass(source: str, tmp_path: Path, allowed: Allowed) -> None:
    assert ones(tmp_path, allowed, ("code", source)) == []
