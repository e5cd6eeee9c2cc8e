"""Each reason why a step is out of date is a true sentence that names what has changed, as far as it is known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pytask import PNode

from kvarn.cli._publish import _first
from kvarn.pipeline import Production, libraries, steps_of
from kvarn.pipeline.engine import Step, run_steps, status_of
from kvarn.pipeline.nodes import Code, Computed, Folder, Setting, file


def step(root: Path, *needs: PNode) -> list[Step]:
    made = root / "made.txt"
    return [Step("make", "Process", needs, [file(made)], lambda: made.write_text("made") and None)]


def why(root: Path, before: Sequence[PNode], after: Sequence[PNode]) -> tuple[str, ...]:
    run_steps(step(root, *before), root / "build")
    (found,) = status_of(step(root, *after), root / "build")
    return found.reasons


RULES = {"rejected_rows": 0.05, "reserve_numbers": False, "of": {"whom": None}}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (4, 5, ("the parameter x has changed from 4 to 5",)),
        (True, False, ("the parameter x has changed from true to false",)),
        (None, "2024-03-31", ("the parameter x has changed from nothing to 2024-03-31",)),
        # What is long or has parts without names is not told.
        ([1, 2], [1, 3], ("the parameter x has changed",)),
        ("a" * 41, "b", ("the parameter x has changed",)),
        ("a\x1b[2J", "b", ("the parameter x has changed",)),
        (RULES, {**RULES, "rejected_rows": 0.1}, ("the parameter x.rejected_rows has changed from 0.05 to 0.1",)),
        (RULES, {**RULES, "of": {"whom": "all"}}, ("the parameter x.of.whom has changed from nothing to all",)),
        ({"a": 1}, {"b": 1}, ("the parameter x.a has been removed", "the parameter x.b has been added")),
        (
            {str(place): 1 for place in range(9)},
            {str(place): 2 for place in range(9)},
            (*(f"the parameter x.{place} has changed from 1 to 2" for place in range(4)), "5 more have changed"),
        ),
    ],
)
def test_a_parameter_is_named_with_what_it_was_and_is(tmp_path: Path, before: Any, after: Any, said: tuple[str, ...]) -> None:
    assert why(tmp_path, [Setting(name="x", value=before)], [Setting(name="x", value=after)]) == said


def test_no_value_of_the_rules_of_disclosure_control_is_kept_or_told(tmp_path: Path) -> None:
    before, after = ({"threshold": value, "cell_key": {"variance": 1.537281}} for value in (471108153, 471108154))
    settings = [Setting(name="disclosure", value=value) for value in (before, after)]
    assert why(tmp_path, settings[:1], settings[1:]) == ("the parameter disclosure.threshold has changed",)
    kept = "".join(path.read_text() for path in (tmp_path / "build").iterdir() if path.is_file())
    assert "471108153" not in kept and "1.537281" not in kept


def test_a_library_is_named_with_its_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_code = step(tmp_path, Code(module="kvarn.process"))
    run_steps(of_code, tmp_path / "build")
    version = libraries._version
    before = version("duckdb")
    monkeypatch.setattr(libraries, "_version", lambda name: "99.1" if name == "duckdb" else version(name))
    (found,) = status_of(of_code, tmp_path / "build")
    assert found.reasons == (f"the library duckdb has changed from {before} to 99.1",)


def test_of_what_a_computed_state_consists_is_named(tmp_path: Path) -> None:
    def lists(year: str) -> Computed:
        held = {"the list of professions of 2023": "a", "the list of procedure codes of 2023": year}
        return Computed(
            name="codes", called="a code list or limit of intake", tell=lambda: f"state {year}", consists=lambda: held
        )

    assert why(tmp_path, [lists("old")], [lists("new")]) == ("the list of procedure codes of 2023 has changed",)
    # Without anything kept it is said as far as it is known.
    run_steps(step(tmp_path, lists("old")), tmp_path / "build")
    for nothing in ("", "[]", '{"state old": 3}', "{"):
        (tmp_path / "build" / "settings.json").write_text(nothing)
        (found,) = status_of(step(tmp_path, lists("new")), tmp_path / "build")
        assert found.reasons == ("a code list or limit of intake has changed",)


def test_what_was_kept_of_a_state_that_no_step_knows_any_more_goes(tmp_path: Path) -> None:
    for value in range(5):
        run_steps(step(tmp_path, Setting(name="x", value=value)), tmp_path / "build")
    kept = json.loads((tmp_path / "build" / "settings.json").read_text())
    assert sum(parts.keys() == {"the parameter x"} for parts in kept.values()) <= 2


def test_files_and_folders_are_named_by_where_they_lie_and_new_ones_are_not_called_never_run(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "build").mkdir(parents=True)
    lists = root / "params" / "codelists"
    lists.mkdir(parents=True)
    for year in (2022, 2023):
        (lists / f"procedure-{year}.csv").write_text("a")
    folder = root / "build" / "2023"
    needs = [file(lists / "procedure-2022.csv"), Folder(path=root / "params"), Code(module="kvarn.errors")]
    run_steps(step(root, *needs), folder)
    (lists / "procedure-2022.csv").write_text("b")
    (found,) = status_of(step(root, *needs, file(lists / "procedure-2023.csv")), folder)
    assert set(found.reasons) == {
        "the file params/codelists/procedure-2022.csv has changed",
        "the folder params has changed",
        "the file params/codelists/procedure-2023.csv is new since the step was run",
    }
    # What lies elsewhere is named by its last two parts.
    elsewhere = tmp_path / "far" / "away.csv"
    (found,) = status_of(step(root, file(elsewhere)), folder)
    assert found.reasons == ("the file far/away.csv is not there",)


def test_a_step_that_waits_for_another_says_for_which(tmp_path: Path) -> None:
    def make(name: str, needs: Path) -> Step:
        made = tmp_path / name
        return Step(f"make-{name}", "Process", [file(needs)], [file(made)], lambda: made.write_text("") and None)

    (tmp_path / "a").write_text("")
    steps = [make("b", tmp_path / "a"), make("c", tmp_path / "b")]
    assert [one.reasons for one in status_of(steps, tmp_path / "build")] == [
        ("the step has not been run yet",),
        ("waits for the step make-b",),
    ]
    run_steps(steps, tmp_path / "build")
    (tmp_path / "b").unlink()
    assert [one.reasons for one in status_of(steps, tmp_path / "build")] == [
        ("the file b is missing",),
        ("waits for the step make-b",),
    ]


def test_every_need_of_every_step_of_an_edition_has_a_name_that_makes_a_sentence(undelivered: Production) -> None:
    steps = steps_of(undelivered)
    for one in steps:
        for node in one.needs:
            called = getattr(node, "called", "") or node.name
            assert "/" in called or called.startswith(("the ", "a ", "an ")), (one.name, called)
            parts = node.parts() if isinstance(node, Setting | Computed) else {}
            assert all(part.startswith(("the ", "a ", "an ")) for part in parts or ()), (one.name, called)
            assert not any("disclosure" in part and value.startswith("=") for part, value in (parts or {}).items())
    lists = next(node for node in steps[0].needs if isinstance(node, Computed) and node.consists is not None).parts()
    assert lists is not None and "the list of procedure codes of 2019" in lists and "the parameter quality.fewer_rows" in lists


def test_status_shows_reasons_as_text_and_says_how_many_more_there_are() -> None:
    assert _first(["a", "b", "c"]) == ["a", "b", "c"]
    assert _first(["a", "b", "c", "d", "e"]) == ["a", "b", "c", "and 2 more"]
