"""docs/dependencies.md gives the reason for every dependency of pyproject.toml, and claims none that is not there."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SECTIONS = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").split("\n## ")


def rows(section: str) -> list[list[str]]:
    """The rows of a section's table, without its heading."""
    text = next(one for one in SECTIONS if one.startswith(section))
    table = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def names(lines: list[str]) -> list[str]:
    return sorted(canonicalize_name(Requirement(line).name) for line in lines)


def listed(cell: str) -> list[str]:
    return [canonicalize_name(name) for name in cell.split(", ")]


def test_every_dependency_has_its_reason_and_no_other_is_claimed() -> None:
    table = rows("# Dependencies")
    assert sorted(name for row in table for name in listed(row[0])) == names(PROJECT["dependencies"])
    assert all(row[1] for row in table)


def test_every_package_of_an_extra_has_its_reason_and_no_other_is_claimed() -> None:
    table = rows("Extras")
    for extra, lines in PROJECT["optional-dependencies"].items():
        assert sorted(name for row in table if row[0] == f"`{extra}`" for name in listed(row[1])) == names(lines)
    assert {row[0].strip("`") for row in table} == set(PROJECT["optional-dependencies"])
    assert all(row[2] for row in table)


def test_the_tools_of_the_field_are_had_as_it_is_said() -> None:
    how = {tool: said for row in rows("How the tools of the field are had") for tool, said in [(row[0], row[1])]}
    everywhere, extras = names(PROJECT["dependencies"]), PROJECT["optional-dependencies"]
    assert set(how) == {"Jupyter", "papermill, nbconvert, pandas, matplotlib", "Quarto", "pytest"}
    for tools, said in how.items():
        inside = re.search(r"part of every installation \(([^)]+)\)", said)
        if "part of every installation" in said:
            assert set(listed(inside.group(1) if inside else tools)) <= set(everywhere)
    assert "quarto-cli" in names(extras["quarto"]) and "extra `quarto`" in how["Quarto"]
    assert "pytest" in names(extras["dev"]) and "`make test`" in how["pytest"]
    assert "jupyterlab" in names(extras["lab"]) and "`make lab`" in how["Jupyter"]
    made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M)
    assert {"test", "lab", "lock", "check-lock"} <= set(made)
