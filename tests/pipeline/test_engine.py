"""Only what is out of date is run; a failure keeps what was finished."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kvarn.base.exchange import replacing
from kvarn.errors import EnvironmentFault, InputError
from kvarn.pipeline.engine import Step, run_steps, status_of
from kvarn.pipeline.nodes import Code, Computed, Folder, Setting, file


def copying(source: Path, target: Path, *, limit: int = 4, then: Callable[[], None] = lambda: None) -> Step:
    def act() -> None:
        then()
        target.write_text(source.read_text() + str(limit))

    return Step(f"make-{target.stem}", "Process", [file(source), Setting(name="limit", value=limit)], [file(target)], act)


def results(steps: list[Step], folder: Path) -> list[str]:
    return [outcome.result for outcome in run_steps(steps, folder)]


@pytest.fixture
def chain(tmp_path: Path) -> Callable[..., list[Step]]:
    (tmp_path / "a.txt").write_text("a")

    def make(limit: int = 4) -> list[Step]:
        return [copying(tmp_path / "a.txt", tmp_path / "b.txt", limit=limit), copying(tmp_path / "b.txt", tmp_path / "c.txt")]

    return make


def test_a_second_run_does_nothing(chain: Callable[..., list[Step]], tmp_path: Path) -> None:
    assert results(chain(), tmp_path / "build") == ["done", "done"]
    assert results(chain(), tmp_path / "build") == ["up to date", "up to date"]


def test_a_changed_input_runs_what_depends_on_it(chain: Callable[..., list[Step]], tmp_path: Path) -> None:
    run_steps(chain(), tmp_path / "build")
    (tmp_path / "a.txt").write_text("A")
    assert results(chain(), tmp_path / "build") == ["done", "done"]
    assert (tmp_path / "c.txt").read_text() == "A44"


def test_a_touched_but_equal_input_runs_nothing(chain: Callable[..., list[Step]], tmp_path: Path) -> None:
    run_steps(chain(), tmp_path / "build")
    (tmp_path / "a.txt").write_text("a")
    assert results(chain(), tmp_path / "build") == ["up to date", "up to date"]


def test_a_changed_setting_runs_only_the_step_that_uses_it_and_what_follows(
    chain: Callable[..., list[Step]], tmp_path: Path
) -> None:
    run_steps(chain(), tmp_path / "build")
    assert results(chain(limit=5), tmp_path / "build") == ["done", "done"]


def test_a_product_that_was_tampered_with_is_made_again(chain: Callable[..., list[Step]], tmp_path: Path) -> None:
    run_steps(chain(), tmp_path / "build")
    (tmp_path / "c.txt").write_text("mended by hand")
    assert results(chain(), tmp_path / "build") == ["up to date", "done"]
    assert (tmp_path / "c.txt").read_text() == "a44"


def test_status_tells_why_without_running(chain: Callable[..., list[Step]], tmp_path: Path) -> None:
    assert [step.up_to_date for step in status_of(chain(), tmp_path / "build")] == [False, False]
    run_steps(chain(), tmp_path / "build")
    assert [step.up_to_date for step in status_of(chain(), tmp_path / "build")] == [True, True]
    first, second = status_of(chain(limit=5), tmp_path / "build")
    assert first.reasons == ("the parameter limit has changed from 4 to 5",)
    assert second.reasons == ("waits for the step make-b",)
    (tmp_path / "c.txt").unlink()
    assert status_of(chain(), tmp_path / "build")[1].reasons == ("the file c.txt is missing",)
    assert not (tmp_path / "c.txt").exists()


def test_what_a_step_would_make_is_not_called_missing_before_it_has_run(tmp_path: Path) -> None:
    (tmp_path / "deliveries").write_text("")
    years: dict[int, str] = {}

    def ledger(year: int) -> Computed:
        return Computed(name=f"ledger of {year}", tell=lambda: years.get(year))

    def steps() -> list[Step]:
        made = tmp_path / "rows"
        return [
            Step(
                "intake",
                "Collect",
                [file(tmp_path / "deliveries")],
                [ledger(2019), ledger(2020)],
                lambda: years.update({2019: "a", 2020: "b"}),
            ),
            Step("collect", "Collect", [ledger(2019), ledger(2020)], [file(made)], lambda: made.write_text("") and None),
        ]

    first, second = status_of(steps(), tmp_path / "build")
    assert (first.reasons, second.reasons) == (("the step has not been run yet",), ("waits for the step intake",))
    run_steps(steps(), tmp_path / "build")
    del years[2020]
    first, second = status_of(steps(), tmp_path / "build")
    assert (first.reasons, second.reasons) == (("ledger of 2020 is missing",), ("waits for the step intake",))


def test_a_failure_says_what_and_keeps_what_was_finished(chain: Callable[..., list[Step]], tmp_path: Path) -> None:
    def fail() -> None:
        raise InputError("The file is short.", file="b.txt", line=1)

    first, _ = chain()
    broken = [first, copying(tmp_path / "b.txt", tmp_path / "c.txt", then=fail)]
    with pytest.raises(InputError, match="The file is short"):
        run_steps(broken, tmp_path / "build")
    assert results(chain(), tmp_path / "build") == ["up to date", "done"]


def test_two_steps_that_fail_side_by_side_are_both_explained(tmp_path: Path) -> None:
    meeting = threading.Barrier(2, timeout=20)

    def failing(name: str) -> Step:
        def act() -> None:
            meeting.wait()
            raise InputError(f"The {name} is wrong.")

        return Step(name, "Analyse", [Setting(name="of", value=name)], [file(tmp_path / f"{name}.txt")], act)

    with pytest.raises(InputError) as caught:
        run_steps([failing("first"), failing("second")], tmp_path / "build")
    said = str(caught.value) + "".join(caught.value.__notes__)
    assert "The first is wrong." in said and "The second is wrong." in said


@pytest.mark.parametrize("left", ["file", "folder", "one of two files in a folder", "empty folder"])
def test_what_an_earlier_run_has_left_never_passes_for_new(tmp_path: Path, left: str) -> None:
    made = tmp_path / "made"
    made.mkdir()
    for name in ("one", "two"):
        (made / name).write_text("of last year")
    old = {path.name: path.read_text() for path in made.iterdir()}

    def act() -> None:
        if left.startswith("one of"):
            (made / "one").write_text("of this year")

    if left == "empty folder":
        made = tmp_path / "empty"
        made.mkdir()
    step = Step("make", "Analyse", [], [file(made / "one") if left == "file" else Folder(path=made)], act)
    problem = "was there before" if left.startswith("one of") else "The step make has ended without making"
    with pytest.raises((RuntimeError, EnvironmentFault), match=problem):
        run_steps([step], tmp_path / "build")
    # Who only wants to look still finds what was there, and the step is not taken for done.
    assert set(old) == {path.name for path in (tmp_path / "made").iterdir()}
    assert not status_of([step], tmp_path / "build")[0].up_to_date


@pytest.mark.parametrize("how", ["replaced", "written over", "exchanged"])
def test_the_same_bytes_written_anew_are_new(tmp_path: Path, how: str) -> None:
    made = tmp_path / "made"
    made.mkdir()
    (made / "one").write_text("same")

    def act() -> None:
        if how == "exchanged":
            with replacing(made) as folder:
                (folder / "one").write_text("same")
        elif how == "replaced":
            (made / ".one").write_text("same")
            (made / ".one").replace(made / "one")
        else:
            (made / "one").write_text("same")

    assert results([Step("make", "Analyse", [], [Folder(path=made)], act)], tmp_path / "build") == ["done"]


def test_a_product_whose_exchange_was_stopped_is_put_back_before_anything_runs(tmp_path: Path) -> None:
    made = tmp_path / ".made.old"
    made.mkdir()
    (made / "one").write_text("whole")

    def fail() -> None:
        raise InputError("The file is short.", file="b.txt", line=1)

    steps = [Step("first", "Analyse", [], [file(tmp_path / "a")], fail)]
    steps.append(Step("last", "Analyse", [file(tmp_path / "a")], [Folder(path=tmp_path / "made")], lambda: None))
    with pytest.raises(InputError):
        run_steps(steps, tmp_path / "build")
    assert (tmp_path / "made" / "one").read_text() == "whole"


def test_a_full_disk_is_told_as_such(chain: Callable[..., list[Step]], tmp_path: Path) -> None:
    def fail() -> None:
        raise OSError(28, "No space left on device", "b.txt")

    with pytest.raises(EnvironmentFault, match="No space left on device"):
        run_steps([copying(tmp_path / "a.txt", tmp_path / "b.txt", then=fail)] if chain() else [], tmp_path / "build")


def test_steps_that_go_through_microdata_take_turns(tmp_path: Path) -> None:
    import threading
    import time

    at_once = 0
    most = 0
    lock = threading.Lock()

    def act(target: Path) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.1)
        target.write_text("x")
        with lock:
            at_once -= 1

    steps = [
        Step(f"heavy-{n}", "Collect", [], [file(tmp_path / f"{n}.txt")], lambda n=n: act(tmp_path / f"{n}.txt"), microdata=True)  # type: ignore[misc]
        for n in range(3)
    ]
    run_steps(steps, tmp_path / "build", workers=3)
    assert most == 1


def test_a_folder_changes_with_any_file_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    node = Folder(path=folder)
    assert node.state() is None
    folder.mkdir()
    (folder / "a").write_text("a")
    before = node.state()
    (folder / "b").write_text("b")
    after = node.state()
    assert before != after
    (folder / "b").unlink()
    assert node.state() == before


def test_code_is_known_by_what_it_imports() -> None:
    states = {module: Code(module=module).state() for module in ("kvarn.errors", "kvarn.metadata", "kvarn.edition")}
    assert len(set(states.values())) == 3
    assert Code(module="kvarn.edition").state() == states["kvarn.edition"]


@pytest.mark.parametrize("late", [0.0, 1.0])
@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ((InputError("One.", remedy="Mend one."), InputError("Two.", remedy="Mend two.")), "One|Two|Mend one|Mend two"),
        ((TypeError("of kvarn"), InputError("Two is wrong.", remedy="Mend two.")), "of kvarn|Two|Mend two|defect"),
        ((InputError("One is wrong.", remedy="Mend one."), KeyError("gone")), "One|Mend one|gone|defect"),
        ((OSError(28, "No space left", "x"), InputError("Two is wrong.", remedy="Mend two.")), "No space left|Two|Mend two|disk"),
        ((TypeError("first"), KeyError("second")), "first|second|defect"),
    ],
)  # fmt: skip
def test_every_step_that_fails_is_told_with_its_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], errors: tuple[Exception, Exception], said: str, late: float
) -> None:
    from kvarn.cli._main import _explained

    meeting = threading.Barrier(2, timeout=20)

    def failing(name: str, error: Exception, wait: float) -> Step:
        def act() -> None:
            meeting.wait()
            time.sleep(wait)
            raise error

        return Step(name, "Analyse", [Setting(name="of", value=name)], [file(tmp_path / f"{name}.txt")], act)

    with pytest.raises(Exception) as caught:
        run_steps([failing("first", errors[0], 0), failing("second", errors[1], late)], tmp_path / "build")
    assert _explained(caught.value) != 0
    printed = " ".join(capsys.readouterr().err.split())
    for word in said.split("|"):
        assert word in printed


def test_where_a_folder_may_not_be_put_is_told_before_any_step_and_matters_only_when_something_is_made(
    chain: Callable[..., list[Step]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only publications/ would else be noticed when everything has been computed."""
    place = tmp_path / "publications" / "2023"
    place.parent.mkdir()

    def put() -> None:
        with replacing(place) as new:
            (new / "index.html").write_text("x")

    def steps(limit: int = 4) -> list[Step]:
        return [
            *chain(limit),
            Step("publication", "Disseminate", [file(tmp_path / "c.txt")], [Folder(name=str(place), path=place)], put),
        ]

    assert results(steps(), tmp_path / "build") == ["done"] * 3
    was = (tmp_path / "c.txt").read_text()
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, how: Path(path) != place.parent and allowed(path, how))
    assert results(steps(), tmp_path / "build") == ["up to date"] * 3
    with pytest.raises(EnvironmentFault, match="2023 cannot be put in its place") as caught:
        run_steps(steps(limit=5), tmp_path / "build")
    assert str(place.parent) in str(caught.value) and caught.value.remedy
    assert (tmp_path / "c.txt").read_text() == was


def test_what_a_step_needs_and_is_not_there_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    first = copying(tmp_path / "a.txt", tmp_path / "b.txt")
    second = copying(tmp_path / "b.txt", tmp_path / "c.txt")

    def vanish() -> None:
        second.act()
        (tmp_path / "b.txt").unlink()
        (tmp_path / "c.txt").unlink()

    needs = [*second.needs, file(tmp_path / "never-there.txt")]
    steps = [first, Step(second.name, second.phase, needs, second.makes, vanish)]
    with pytest.raises(EnvironmentFault, match=r"needs is not there\.\n  where:  step make-c, .*never-there\.txt") as told:
        run_steps(steps, tmp_path / "build")
    assert "Put it back" in str(told.value.remedy)


@pytest.mark.skipif(os.geteuid() == 0, reason="everything may be written to")
def test_a_place_that_cannot_be_written_to_is_told_before_any_work_by_rights(tmp_path: Path) -> None:
    (tmp_path / "publications").mkdir(mode=0o500)
    _refused_before_work(tmp_path)


def test_a_place_that_cannot_be_written_to_is_told_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "publications").mkdir()
    usual = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "publications" and usual(path, mode))
    _refused_before_work(tmp_path)


def _refused_before_work(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    place = tmp_path / "publications" / "demo"
    last = Step(
        "publication",
        "Disseminate",
        [file(tmp_path / "b.txt")],
        [Computed(name="publication", tell=lambda: "there" if place.exists() else None, place=place)],
        place.mkdir,
    )
    with pytest.raises(EnvironmentFault, match="the folder above may not be written to"):
        run_steps([copying(tmp_path / "a.txt", tmp_path / "b.txt"), last], tmp_path / "build")
    assert not (tmp_path / "b.txt").exists()


@pytest.mark.parametrize("name", ["a%20b", "a#b", "a?b=c", "a{x}b", "a*[1]b", "å ä\nö", "100%"])
def test_whatever_the_folder_is_called_steps_run_and_are_up_to_date(
    name: str, chain: Callable[..., list[Step]], tmp_path: Path
) -> None:
    folder = tmp_path / name / "build"
    assert results(chain(), folder) == ["done", "done"]
    assert results(chain(), folder) == ["up to date", "up to date"]
    assert (folder / ".pytask" / "pytask.sqlite3").is_file()
    assert {path.name for path in tmp_path.iterdir()} == {name, "a.txt", "b.txt", "c.txt"}
