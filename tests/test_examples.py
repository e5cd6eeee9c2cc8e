"""Every example of an edition's parameters, in params/ and in docs/, is one that kvarn takes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from kvarn.edition import Edition
from kvarn.errors import EditionError
from kvarn.pipeline import open_edition
from kvarn.pipeline.given_parameters import require_parameters

ROOT = Path(__file__).parents[1]
PARAMS = ROOT / "params" / "2023.yml"
COMMENTED = re.compile(r"^(\s*)# ([a-z_]+):( .*)?$")
BELOW = re.compile(r"^\s*#   \s*(- )?[a-z_]+:( .*)?$")
# What cannot stand beside an example, or must be so beside it.
WITHOUT = {"data.intake": ("data", "deliveries")}
BESIDE: Mapping[str, dict[str, Any]] = {
    "publication.final": {"stage": "preliminary"},
    "correction": {"stage": "corrected"},
}


def merged(whole: Any, part: Any) -> Any:
    if isinstance(whole, dict) and isinstance(part, dict):
        return {**whole, **{key: merged(whole.get(key), value) for key, value in part.items()}}
    return part


def commented() -> Iterator[tuple[str, dict[str, Any]]]:
    """The examples that stand in comments of the parameters, each with the section that it belongs in."""
    above: list[tuple[int, str]] = []
    lines = PARAMS.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if named := re.match(r"^(\s*)([a-z_]+):", line):
            above = [one for one in above if one[0] < len(named[1])] + [(len(named[1]), named[2])]
        found = COMMENTED.match(line)
        if found is None:
            continue
        path = [key for indent, key in above if indent < len(found[1])] + [found[2]]
        block = [f"{found[2]}:{found[3] or ''}"]
        for below in lines[number + 1 :]:
            if not re.match(rf"^{found[1]}#   ", below):
                break
            if BELOW.match(below):
                block.append(below[len(found[1]) + 2 :])
        if is_key(path):
            part = yaml.safe_load("\n".join(block))
            for key in reversed(path[:-1]):
                part = {key: part}
            yield ".".join(path), part


def is_key(path: list[str]) -> bool:
    model: Any = Edition
    for key in path:
        fields = getattr(model, "model_fields", {})
        if key not in fields:
            return False
        kinds = [fields[key].annotation, *getattr(fields[key].annotation, "__args__", ())]
        model = next((kind for kind in kinds if hasattr(kind, "model_fields")), None)
    return True


def documented() -> Iterator[tuple[str, dict[str, Any]]]:
    for page in sorted((ROOT / "docs").glob("*.md")):
        for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
            told = yaml.safe_load(re.sub(r"\{(\w+)\}", r"<\1>", block) if "{years}" in block else block)
            if isinstance(told, dict) and set(told) <= set(Edition.model_fields):
                yield f"{page.name}: {', '.join(told)}", told


EXAMPLES = [*commented(), *documented()]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    shutil.copytree(ROOT / "programme", root / "programme")
    (root / "params").mkdir()
    (root / "_quarto.yml").touch()
    for path in ("restricted/deliveries", "restricted/register", "params/population"):
        (root / path).mkdir(parents=True, exist_ok=True)
    (root / "params" / "population" / "population-2023.csv").touch()
    for path in ("kva-2023.csv", "deaths.csv", "corrections.csv"):
        (root / "restricted" / path).touch()
    return root


def taken(project: Path, name: str, example: dict[str, Any]) -> None:
    values = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    if section := WITHOUT.get(name):
        del values[section[0]][section[1]]
    file = project / "params" / "tried.yml"
    file.write_text(yaml.safe_dump(merged(merged(values, BESIDE.get(name, {})), example), allow_unicode=True), encoding="utf-8")
    require_parameters(open_edition(file))


def test_the_examples_are_found() -> None:
    names = {name for name, _ in EXAMPLES}
    assert {"data.intake", "data.as_of", "disclosure.dominance", "checks", "accepted", "notebooks", "publication.final"} <= names
    assert {"statistics.md: notebooks", "statistics.md: disclosure", "accepted.md: accepted"} <= names


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_every_example_is_taken(project: Path, name: str, example: dict[str, Any]) -> None:
    taken(project, name, example)


def test_an_example_that_is_not_taken_would_be_found(project: Path) -> None:
    with pytest.raises(EditionError, match="smoothing"):
        taken(project, "notebooks", {"notebooks": {"persons": {"smoothing": 3}}})
