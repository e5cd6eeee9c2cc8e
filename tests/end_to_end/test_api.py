"""docs/api.md lists exactly the public names, and its examples run as they stand there, on the demonstration."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import kvarn
from kvarn import metadata
from kvarn.pipeline import Production

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
# What a table of the page lists in its first column, or as a chart: names, with or without what they are called with.
LISTED = {
    name
    for row in re.findall(r"^\| (.+?) \|$", PAGE, re.MULTILINE)
    for cell in ([row.split(" | ")[0]] if not row.split(" | ")[0].startswith(("years", "one year")) else row.split(" | ")[1:])
    for name in re.findall(r"`([A-Za-z_]\w*)[`(]", cell)
}


def test_the_page_lists_exactly_the_public_names() -> None:
    assert LISTED == set(kvarn.__all__) == set(kvarn.PUBLIC)
    assert len(kvarn.__all__) <= 40


def test_every_public_name_is_there_and_is_used_in_an_example() -> None:
    used = set(re.findall(r"\w+", "\n".join(EXAMPLES)))
    for name in kvarn.__all__:
        assert getattr(kvarn, name) is not None and name in used and name in dir(kvarn)
    with pytest.raises(AttributeError, match="no attribute 'open_registre'"):
        kvarn.__getattr__("open_registre")


def test_the_types_are_those_of_the_public_names() -> None:
    stub = Path(kvarn.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    assert sorted(re.findall(r'^    "(\w+)",$', stub, re.MULTILINE)) == sorted(kvarn.__all__)
    found = re.findall(r"^from (\S+) import (?:\(([^)]*)\)|([^\n(]+))$", stub, re.MULTILINE)
    typed = {name: module for module, *names in found for name in re.findall(r"\w+", " ".join(names))}
    assert typed == kvarn.PUBLIC


def test_importing_kvarn_reads_no_room() -> None:
    said = "import sys, kvarn; print([name for name in sys.modules if name.startswith('kvarn.')])"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.end_to_end
def test_the_examples_run_as_they_stand_there(production: Production, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(production.root)
    metadata.use_project(None)
    table = production.workspace.tables / "persons-by-municipality-sex-age.parquet"
    before = table.read_bytes()
    # But for the years, which the demonstration has and the tests' edition has not.
    assert sum(example.count(", 2017, 2023\n") for example in EXAMPLES) == 1
    years = f", {production.edition.first_year}, {production.edition.reference_year}\n"
    names: dict[str, object] = {}
    for example in EXAMPLES:
        exec(compile(example.replace(", 2017, 2023\n", years), "docs/api.md", "exec"), names)
    assert table.read_bytes() == before, "the example saves what the notebook saves"
    metadata.use_project(production.root)
