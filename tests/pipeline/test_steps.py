"""The whole table of steps, held to a picture of it: what each needs and makes, whether it sees microdata, and in what it runs.

Where the table is meant to change, `KVARN_WRITE_SNAPSHOT=1 pytest tests/pipeline/test_steps.py` draws it anew; the change is
then read as part of the commit.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytask import PNode

import kvarn
from kvarn.pipeline import Production, libraries, nodes, notebooks, steps_of
from kvarn.pipeline.engine import Box, Step, run_steps, status_of
from kvarn.pipeline.nodes import Code
from kvarn.pipeline.own_outputs import wrong_output

PROJECT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("steps.txt")


@pytest.fixture(scope="module")
def steps(undelivered: Production) -> list[Step]:
    return steps_of(undelivered)


def _names(found: Any, root: Path) -> list[str]:
    return sorted({str(node.name).replace(f"{root.as_posix()}/", "") for node in found})


def _drawn(steps: list[Step], root: Path) -> str:
    """The table as text. Of code and libraries each step says its own; of files they are named below the project."""
    lines = []
    for step in steps:
        seen = "sees microdata" if step.microdata else "sees no microdata"
        lines.append(f"{step.name} ({step.phase}; {seen}; runs in {step.box.value})")
        for title, told in (("needs", _names(step.needs, root)), ("makes", _names(step.makes, root))):
            lines += [f"  {title}", *(f"    {name}" for name in told)]
        lines += [f"  stands on {', '.join(step.all_libraries)}", ""]
    return "\n".join(lines)


def test_the_table_of_steps_is_what_it_was(steps: list[Step], undelivered: Production) -> None:
    drawn = _drawn(steps, undelivered.root)
    if os.environ.get("KVARN_WRITE_SNAPSHOT"):
        TABLE.write_text(drawn, encoding="utf-8")
    assert drawn == TABLE.read_text(encoding="utf-8"), "If it is meant to change: KVARN_WRITE_SNAPSHOT=1, and read the change."


def test_what_goes_through_microdata_says_so(steps: list[Step], undelivered: Production) -> None:
    """Whatever makes or reads rows of deliveries or of the register."""
    rows = ("/register/person", "/register/procedures", "/register/identity", "/register/codes", "/collected/", "ledger of")
    for step in steps:
        touched = _names([*step.needs, *step.makes], undelivered.root)
        # What is put out records of which deliveries it was made; the pages of the publication have no row of them.
        if step.name != "publication":
            assert step.microdata == any(part in name for name in touched for part in rows), step.name


class Ran(Exception):
    """A step has come to where it would run a notebook."""


def _call_of(step: Step, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """How the step runs its notebook; nothing is run."""
    seen: dict[str, Any] = {}

    def instead(*given: Any, **named: Any) -> None:
        seen.update(named, notebook=given[0], output=given[1], parameters=given[2])
        raise Ran

    monkeypatch.setattr(notebooks, "run_notebook", instead)
    with pytest.raises(Ran):
        step.action()
    return seen


def test_a_present_notebook_runs_within_its_wall_and_may_open_nothing_restricted(
    steps: list[Step], undelivered: Production, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = undelivered.workspace
    present = [step for step in steps if step.box is Box.PRESENT]
    alone = [f"present-en-{one.stem}" for one in undelivered.notebooks("present")]
    # What runs for each code of a list: tests/end_to_end/test_profiles.py.
    assert [step.name for step in present] == [*alone, *(f"profiles-en-{one.stem}" for one in undelivered.profiles)]
    for step in present[: len(alone)]:
        call = _call_of(step, monkeypatch)
        assert call["forbidden"] == undelivered.root / "restricted", step.name
        assert call["wall"] is not None and not call.get("secret", False), step.name
        reach = [Path(path) for path in (*call["wall"].reads, *call["wall"].writes)]
        assert work.protected in reach, step.name
        assert not [path for path in reach if path.is_relative_to(work.restricted)], step.name
        assert call["check"] is wrong_output, step.name


def test_a_compute_notebook_runs_within_its_wall_and_what_it_prints_is_secret(
    steps: list[Step], undelivered: Production, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute = [step for step in steps if step.box is Box.COMPUTE]
    assert [step.name for step in compute] == [f"compute-{one.stem}" for one in undelivered.notebooks("compute")]
    for step in compute:
        call = _call_of(step, monkeypatch)
        assert call["secret"] is True and call["wall"] is not None, step.name
        assert call["output"].is_relative_to(undelivered.workspace.restricted), step.name


def test_nothing_else_runs_a_notebook(steps: list[Step], monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[str] = []
    monkeypatch.setattr(notebooks, "run_notebook", lambda *given, **named: run.append("run"))
    for step in [step for step in steps if step.box in (Box.KVARN, Box.RENDERER)]:
        # With nothing delivered most of them stop somewhere.
        with contextlib.suppress(Exception):
            step.action()
    assert not run


@pytest.fixture
def code_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """kvarn's sources, copied to where a test may change them, and taken for the ones that run."""
    copy = tmp_path / "kvarn"
    shutil.copytree(Path(kvarn.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(kvarn, "__file__", str(copy / "__init__.py"))
    nodes._state_of_code.cache_clear()
    yield copy
    nodes._state_of_code.cache_clear()


CHANGES = {
    "disseminate/templates/words.yml": {"kvarn.disseminate.spreadsheet"},
    "analyse/_ratio.py": {"kvarn.analyse"},
    "disseminate/charts/words.yml": {"kvarn.disseminate.charts"},
    "collect/pages/words.yml": {"kvarn.collect"},
}
LOOKED_AT = (
    "kvarn.metadata",
    "kvarn.analyse",
    "kvarn.collect",
    "kvarn.disseminate.spreadsheet",
    "kvarn.disseminate.charts",
    "kvarn.errors",
)


@pytest.mark.parametrize("changed", CHANGES)
def test_data_files_are_code_of_whatever_reads_them(changed: str, code_elsewhere: Path) -> None:
    before = {module: Code(module=module).state() for module in LOOKED_AT}
    path = code_elsewhere / changed
    path.write_text(path.read_text(encoding="utf-8") + "\n# another\n", encoding="utf-8")
    nodes._state_of_code.cache_clear()
    others = {module for module in LOOKED_AT if Code(module=module).state() != before[module]}
    assert CHANGES[changed] <= others and "kvarn.errors" not in others


WHO_STANDS_ON = {
    "highspy": {"check", "compute", "notes", "protect", "publication"},
    "scipy": {"check", "compute", "notes", "protect", "publication"},
    "typst": {"render", "publication"},
    "pypandoc-binary": {"render", "publication"},
    "pygments": {"page", "profile", "publication"},
    "nbconvert": {"page", "profile", "publication"},
    "xlsxwriter": {"spreadsheet", "population", "persons", "register", "publication"},
    "matplotlib": {"compute", "present", "profiles", "publication"},
    "font-source-sans-pro": {"present", "profiles", "render"},
    "duckdb": {"intake", "collect", "population", "persons", "register", "check", "compute", "notes", "protect", "publication"},
}


@pytest.mark.parametrize("library", WHO_STANDS_ON)
def test_a_new_version_of_a_library_is_a_change_for_its_own_steps_alone(
    library: str, steps: list[Step], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {step.name: libraries.versions_of(step.all_libraries) for step in steps}
    version = libraries._version
    monkeypatch.setattr(libraries, "_version", lambda name: "99" if name == library else version(name))
    changed = {step.name.split("-")[0] for step in steps if libraries.versions_of(step.all_libraries) != before[step.name]}
    assert changed == WHO_STANDS_ON[library]


def test_every_library_of_a_step_is_there_and_has_a_version(steps: list[Step]) -> None:
    told = {name for step in steps for name in step.all_libraries}
    assert "none" not in libraries.versions_of(told).values()


def test_what_a_notebook_imports_by_itself_is_its_steps_library(tmp_path: Path, write_notebook: Any) -> None:
    path = write_notebook("import yaml as y, os.path", "from scipy.stats import norm\nimport kvarn.analyse", "import beside_it")
    assert libraries.imported_by(path) == ("beside_it", "pyyaml", "scipy")
    assert libraries.versions_of(["beside_it"]) == {"beside_it": "none"}


def test_a_new_version_makes_the_step_anew_and_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "made.txt"
    needs: list[PNode] = [Code(module="kvarn.analyse")]

    def act() -> None:
        made.write_text("made")

    step = Step("protect", "Analyse", needs, [nodes.file(made)], act)
    assert [one.result for one in run_steps([step], tmp_path / "build")] == ["done"]
    assert [one.result for one in run_steps([step], tmp_path / "build")] == ["up to date"]
    version = libraries._version
    monkeypatch.setattr(libraries, "_version", lambda name: "99" if name == "highspy" else version(name))
    (status,) = status_of([step], tmp_path / "build")
    assert status.reasons == (f"the library highspy has changed from {version('highspy')} to 99",)


OF_PROGRAMME = (
    *("tables.yml", "measures.yml", "variables.yml", "texts.yml", "findings.yml", "register/register.yml"),
    *("codelists/sex.csv", "codelists/procedure.csv"),
)
OF_INTAKE = ("collect/KHSL1.yml", "collect/KHSL2.yml", "collect/rules.yml")


@pytest.mark.parametrize("changed", [*OF_PROGRAMME, *OF_INTAKE])
def test_a_change_of_the_programme_makes_anew_what_stands_on_it(steps: list[Step], undelivered: Production, changed: str) -> None:
    path = undelivered.root / "programme" / changed
    before, text = _of_programme(steps), path.read_bytes()
    path.write_bytes(text + b"\n")
    try:
        after = _of_programme(steps)
    finally:
        path.write_bytes(text)
    anew = {step for step, state in before.items() if after[step] != state}
    if changed in OF_INTAKE:
        # What deliveries are judged by is asked for by intake and by what stands on its code, and by nothing that is shown.
        assert {"intake", "collect-2019"} <= anew
        assert not {step for step in anew if step.startswith(("present", "figures", "render", "spreadsheet"))}
    else:
        assert {"protect", "compute-persons", "present-en-persons", "spreadsheet-en", "database", "publication"} <= anew
    assert _of_programme(steps) == before


def _of_programme(steps: list[Step]) -> dict[str, list[str | None]]:
    return {step.name: [node.state() for node in step.needs if str(node.name).startswith("the programme")] for step in steps}
