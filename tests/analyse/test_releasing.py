"""`kvarn release` on a small register: what is whole, unchanged and up to date is entered, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kvarn import metadata
from kvarn.analyse._tables import read_tables
from kvarn.analyse.disclosure.memory.out import keep_history
from kvarn.analyse.disclosure.memory.releases import releases
from kvarn.cli import app
from kvarn.demo._record import Recipe, recipe_text
from kvarn.disseminate.record import write_record
from kvarn.disseminate.recorded import RecordedFile
from kvarn.edition import Workspace
from kvarn.errors import DisclosureError, EditionError, ReleaseError
from kvarn.pipeline import Production, examining, open_edition, ordering, releasing
from kvarn.pipeline.engine import StepStatus
from kvarn.pipeline.history import history_of, register_of, require_named_editions, to_be_held
from kvarn.pipeline.kept_record import keep_record
from kvarn.pipeline.ordering import deliver_order
from kvarn.pipeline.publishing import _put_in_place
from kvarn.pipeline.standing import candidate_of, candidate_state, standing
from kvarn.pipeline.unreleased import unreleased
from kvarn.programme import as_held_here

from .signed import reviewed, signed_by_both, whole_logs
from .test_ordering import ORDER, everything, written
from .test_ordering import made as made


@pytest.fixture
def root(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project with a candidate of the edition demo. Whether steps are up to date is asked by the tests of the whole way."""
    folder = with_candidate(made, tmp_path / "project")
    monkeypatch.setattr(examining, "_require_up_to_date", lambda production: None)
    monkeypatch.chdir(folder)
    yield folder
    metadata.use_project(None)


def with_candidate(made: Path, folder: Path) -> Path:
    """A copy of a project, with a candidate of the edition demo."""
    shutil.copytree(made, folder)
    source = folder / "restricted" / "demo" / "source"
    (source / "deliveries").mkdir()
    (source / "population.csv").touch()
    params = folder / "params" / "demo.yml"
    params.write_text(params.read_text().replace("first_year: 2017", "first_year: 2022"))
    candidate(folder)
    return folder


def candidate(root: Path, name: str = "demo", overrides: tuple[str, ...] = ()) -> Production:
    """What a run leaves: a record of every file, how it was made, and what of the history it was protected together with."""
    production = open_edition(root / "params" / f"{name}.yml")
    work, edition = production.workspace, production.edition
    (work.publication / "ro-crate-metadata.json").unlink(missing_ok=True)
    inputs = [RecordedFile.of(production.params, f"params/{name}.yml")]
    versions: dict[str, str] = {}
    write_record(
        work.publication,
        edition,
        name,
        overrides=overrides,
        inputs=inputs,
        deliveries=None,
        steps=[],
        versions=versions,
        code_version="1",
    )
    keep_record(work, work.publication, f"params/{name}.yml", overrides, inputs)
    keep_history(work.history, register_of(work, edition), history_of(work, edition).out)
    return production


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["release", *arguments])
    return done.exit_code, f"{done.output}{done.exception or ''}"


def known(root: Path) -> list[str]:
    return [one.edition for one in releases(root / "restricted" / "releases")]


def test_a_candidate_is_entered_with_all_that_is_out_and_only_once(root: Path) -> None:
    assert "Nothing has been released." in run("--history")[1]
    status, said = run("params/demo.yml", "--yes")
    assert status == 0 and "Released: demo, number 1" in said
    (entry,) = releases(root / "restricted" / "releases")
    assert set(entry.files) == set(everything(root / "publications" / "demo"))
    assert (entry.folder / "parameters.yml").read_bytes() == (root / "params" / "demo.yml").read_bytes()
    before = everything(root / "restricted" / "releases")
    status, said = run("params/demo.yml", "--yes")
    assert status == 0 and "released already" in said
    assert everything(root / "restricted" / "releases") == before
    assert "demo" in run("--history")[1] and "synthetic" in run("--history")[1]


def test_nothing_is_entered_where_nobody_can_confirm_it(root: Path) -> None:
    status, said = run("params/demo.yml")
    assert status != 0 and "Nobody is there to confirm" in said and known(root) == []
    for wrong in (["--history", "--yes"], []):
        assert run(*wrong)[0] == 2


def change_a_file(root: Path) -> None:
    path = root / "publications" / "demo" / "data" / "persons-by-month.csv"
    path.write_text(path.read_text().replace(",3,,true", ",4,,true", 1) + " ")


def lose_a_file(root: Path) -> None:
    (root / "publications" / "demo" / "data" / "persons-by-month.csv").unlink()


def add_a_file(root: Path) -> None:
    (root / "publications" / "demo" / "data" / ".hidden").touch()


def edit_the_parameters(root: Path) -> None:
    path = root / "params" / "demo.yml"
    path.write_text(path.read_text() + "# a word\n")


def override(root: Path) -> None:
    candidate(root, overrides=("disclosure.width=3",))


def take_it_for_another(root: Path) -> None:
    path = root / "publications" / "demo" / "ro-crate-metadata.json"
    path.write_text(path.read_text().replace('"identifier": "demo"', '"identifier": "trials/demo"'))


def show_what_is_withheld(root: Path) -> None:
    """The record is made anew, so that every checksum is right."""
    path = root / "publications" / "demo" / "data" / "persons-by-month.csv"
    assert ",,X,true" in path.read_text()
    path.write_text(path.read_text().replace(",,X,true", ",3,,true", 1))
    candidate(root)


def forget_the_pattern(root: Path) -> None:
    (root / "restricted" / "demo" / "disclosure" / "certificate.json").unlink()


def go_by_other_rules(root: Path) -> None:
    path = root / "params" / "demo.yml"
    path.write_text(path.read_text().replace("  threshold: 4\n", "  threshold: 9\n"))
    candidate(root)


def call_real_data_synthetic(root: Path) -> None:
    (root / "restricted" / "demo" / "source" / "SYNTHETIC.txt").unlink()


def call_synthetic_data_real(root: Path) -> None:
    """All else is as it should be: the record is made anew."""
    path = root / "params" / "demo.yml"
    path.write_text(path.read_text().replace("synthetic: true", "synthetic: false"))
    candidate(root)


def lose_what_it_was_protected_with(root: Path) -> None:
    (root / "restricted" / "demo" / "history.json").unlink()


def lose_it_all(root: Path) -> None:
    shutil.rmtree(root / "publications" / "demo")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (change_a_file, "has been changed"),
        (lose_a_file, "is missing"),
        (add_a_file, "has been added"),
        (edit_the_parameters, "edited since"),
        (override, "disclosure.width"),
        (take_it_for_another, "is the edition trials/demo"),
        (show_what_is_withheld, "is not what its tables, its rules and its pattern say"),
        (go_by_other_rules, "is not what its tables, its rules and its pattern say"),
        (forget_the_pattern, "Nothing was kept"),
        (call_real_data_synthetic, "nothing beside them does"),
        (call_synthetic_data_real, "says that they are real"),
        (lose_what_it_was_protected_with, "does not say what it was protected together with"),
        (lose_it_all, "There is no publication"),
    ],
)
def test_what_is_not_whole_unchanged_and_what_it_says_is_refused(root: Path, harm: Callable[[Path], None], said: str) -> None:
    harm(root)
    with pytest.raises((ReleaseError, EditionError)) as caught:
        releasing.release(open_edition(root / "params" / "demo.yml"))
    assert said in str(caught.value) and caught.value.remedy and known(root) == []


def second(root: Path) -> Production:
    """Another edition of the same year, as it was made."""
    shutil.copy(root / "params" / "demo.yml", root / "params" / "second.yml")
    for place in ("restricted", "publications"):
        shutil.copytree(root / place / "demo", root / place / "second")
    return candidate(root, "second")


def test_a_candidate_of_before_another_release_is_out_of_date_and_says_why(root: Path) -> None:
    later = second(root)
    releasing.release(open_edition(root / "params" / "demo.yml"))
    with pytest.raises(ReleaseError, match="edition demo has been released since"):
        releasing.release(later)
    # Nor does it become so by being called published: only what was made before there was a history is entered unexamined.
    with pytest.raises(ReleaseError, match="made when there was a release history"):
        releasing.release(later, already_out=True)
    assert known(root) == ["demo"]
    later.workspace.history.unlink()
    assert releasing.release(later, already_out=True).already_out
    assert known(root) == ["demo", "second"]


def call_real(root: Path) -> None:
    """The data of this project become real ones: nothing beside them says otherwise."""
    (root / "restricted" / "demo" / "source" / "SYNTHETIC.txt").unlink(missing_ok=True)
    for path in (root / "params").glob("*.yml"):
        path.write_text(path.read_text().replace("synthetic: true", "synthetic: false"))
    for path in (root / "publications").glob("*/ro-crate-metadata.json"):
        candidate(root, path.parent.name)


@pytest.mark.parametrize("real", [False, True])
def test_of_two_candidates_each_says_that_it_is_not_protected_together_with_the_other(
    root: Path, monkeypatch: pytest.MonkeyPatch, real: bool
) -> None:
    later = second(root)
    if real:
        call_real(root)
        later = open_edition(later.params)
        whole_logs(root)
    first = open_edition(root / "params" / "demo.yml")
    if real:
        reviewed(first)
        signed_by_both(first)
    # A copy that somebody has put there is no edition's, and stops nothing.
    shutil.copytree(root / "publications" / "demo", root / "publications" / "demo (old)")
    for one, other in ((first, "second"), (later, "demo")):
        (said,) = unreleased(one.workspace, one.edition).said
        assert f"not protected together with this one: {other}. Pass none of them on" in said
    status, told = run("params/demo.yml", "--yes")
    assert status == 0 and "Made before this release, and not protected together with it: second." in " ".join(told.split())
    assert list(unreleased(later.workspace, later.edition).said) == []
    (said,) = unreleased(first.workspace, first.edition).said
    assert said.startswith("Not released, and not protected together with this one, which is: second.")
    status, told = run("params/second.yml", "--yes")
    assert status != 0 and "edition demo has been released since" in told and "was not protected together with" in told
    # Made again, it is; and nothing more is said.
    candidate(root, "second")
    assert list(unreleased(first.workspace, first.edition).said) == [], "it is protected together with the release now"
    if real:
        reviewed(later)
        signed_by_both(later)
    status, told = run("params/second.yml", "--yes")
    assert status == 0 and "Made before this release" not in told and known(root) == ["demo", "second"]


def test_an_order_from_a_candidate_that_is_not_protected_with_a_release_since_is_refused(root: Path) -> None:
    """What the candidate and the release tell together would pass for known, and the order might show it."""
    second(root)
    assert run("params/demo.yml", "--yes")[0] == 0
    path = written(root, ORDER.replace("edition: demo", "edition: second"))
    with pytest.raises(EditionError, match="not protected together with what has gone out since: the edition demo"):
        deliver_order(path)
    candidate(root, "second")
    deliver_order(path)
    told = CliRunner().invoke(app, ["order", str(path)])
    assert "The edition second is not released" in " ".join(told.output.split())


def test_an_order_from_a_candidate_that_is_not_protected_with_an_order_since_is_refused(root: Path) -> None:
    """Two candidates under two rules tell together what neither tells, and the first order lets its own count as out."""
    second(root)
    path = written(root, ORDER.replace("edition: demo", "edition: second"))
    deliver_order(path)
    other = written(root, name="other")
    with pytest.raises(EditionError, match="not protected together with what has gone out since: the order by-age"):
        deliver_order(other)
    # The candidate's own orders are protected together with it, one after the other.
    deliver_order(written(root, ORDER.replace("edition: demo", "edition: second"), name="again"))
    candidate(root, "demo")
    deliver_order(other)


def test_the_damaged_figures_of_another_order_are_told_and_not_held_against_the_order(root: Path) -> None:
    deliver_order(written(root))
    (victim,) = (root / "publications" / "orders" / "by-age" / "data").glob("*.csv")
    victim.write_bytes(b"")
    with pytest.raises(DisclosureError) as told:
        deliver_order(written(root, name="other"))
    assert told.value.where == str(victim) and "cannot be read" in told.value.what
    assert "Restore it" in str(told.value.remedy) and "refused" not in str(told.value) and "coarser" not in str(told.value)


def test_a_register_that_is_damaged_leaves_nothing_of_an_order_behind(root: Path) -> None:
    (root / "restricted" / "demo" / "register" / "persons.parquet").write_bytes(b"")
    with pytest.raises(Exception, match=r"persons\.parquet"):
        deliver_order(written(root))
    assert not list((root / "restricted").rglob("spill*"))


def test_a_candidate_of_another_register_is_of_no_matter(root: Path) -> None:
    first, later = open_edition(root / "params" / "demo.yml"), second(root)
    assert unreleased(first.workspace, first.edition).candidates == ("second",)
    call_real(root)
    kept = json.loads(later.workspace.history.read_text())
    later.workspace.history.write_text(json.dumps(kept | {"register": "synthetic-seed-1-persons-600"}))
    first = open_edition(first.params)
    assert list(unreleased(first.workspace, first.edition).said) == []


@pytest.mark.parametrize("real", [False, True])
def test_a_candidate_of_which_nothing_is_kept_any_more_is_said_too(root: Path, real: bool) -> None:
    """What says which register it is from is gone with ``restricted/second``: it may be any of its kind."""
    first, later = open_edition(root / "params" / "demo.yml"), second(root)
    record = later.workspace.publication / "ro-crate-metadata.json"
    told = json.loads(record.read_text(encoding="utf-8"))
    told["@graph"].append({"@id": "#input/release-history", "@type": "CreativeWork", "sha256": "a" * 64})
    text = json.dumps(told, indent=2)
    record.write_text(re.sub("(?i)synthetic data", "data", text) if real else text, encoding="utf-8")
    shutil.rmtree(root / "restricted" / "second")
    edition = first.edition.model_copy(update={"synthetic": not real})
    assert unreleased(first.workspace, edition).candidates == ("second",)
    other = first.edition.model_copy(update={"synthetic": real})
    assert list(unreleased(first.workspace, other).said) == []


def test_what_may_have_been_published_before_there_was_a_history_is_real_beside_a_real_edition(root: Path) -> None:
    """`--already-out` is not advised of a synthetic edition, nor beside one."""
    first, later = open_edition(root / "params" / "demo.yml"), second(root)
    later.workspace.history.unlink()
    assert list(unreleased(first.workspace, first.edition).said) == []
    real = first.edition.model_copy(update={"synthetic": False})
    assert list(unreleased(first.workspace, real).said) == [], "the other one is synthetic"
    record = later.workspace.publication / "ro-crate-metadata.json"
    record.write_text(re.sub("(?i)synthetic data", "data", record.read_text(encoding="utf-8")), encoding="utf-8")
    (said,) = unreleased(first.workspace, real).said
    assert "second" in said and "kvarn release params/EDITION.yml --already-out" in said
    assert list(unreleased(first.workspace, first.edition).said) == []


def test_what_stands_as_it_was_entered_has_nothing_to_be_made(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its steps are out of date, as it was made by an earlier version or from what is gone: `kvarn status` ends with 0."""
    monkeypatch.setattr("kvarn.pipeline.steps_of", lambda production: [])
    monkeypatch.setattr("kvarn.pipeline.status_of", lambda steps, build: [StepStatus("protect", False, ("kvarn has changed",))])

    def status() -> tuple[int, str]:
        done = CliRunner().invoke(app, ["status", "params/demo.yml"])
        return done.exit_code, " ".join(done.output.split())

    production = open_edition(root / "params" / "demo.yml")
    assert status()[0] == 3
    kept = production.workspace.history.read_bytes()
    production.workspace.history.unlink()
    releasing.release(production, already_out=True)
    production.workspace.history.write_bytes(kept)
    ended, said = status()
    assert ended == 0 and "nothing has to be made again" in said and "out of date" in said
    # With other parameters, or where something else lies there, there is something to do.
    text = production.params.read_text()
    production.params.write_text(text + "# revised\n")
    assert status()[0] == 3
    production.params.write_text(text)
    assert status()[0] == 0
    (production.workspace.publication / "data" / "persons-by-month.csv").write_text("another\n")
    ended, said = status()
    assert ended == 3 and "restore it" in said


def test_what_its_record_says_was_made_beside_a_history_is_not_entered_unexamined(root: Path) -> None:
    later = second(root)
    releasing.release(open_edition(root / "params" / "demo.yml"))
    record = later.workspace.publication / "ro-crate-metadata.json"
    told = json.loads(record.read_text(encoding="utf-8"))
    told["@graph"].append({"@id": "#input/release-history", "@type": "CreativeWork", "name": "release-history"})
    record.write_text(json.dumps(told), encoding="utf-8")
    keep_record(
        later.workspace,
        later.workspace.publication,
        "params/second.yml",
        (),
        [RecordedFile.of(later.params, "params/second.yml")],
    )
    later.workspace.history.unlink()
    with pytest.raises(ReleaseError, match="made when there was a release history"):
        releasing.release(later, already_out=True)


def test_of_two_at_once_the_second_is_seen_to_be_out_of_date(root: Path) -> None:
    productions = [open_edition(root / "params" / "demo.yml"), second(root)]
    refused: list[ReleaseError] = []

    def enter(production: Production) -> None:
        try:
            releasing.release(production)
        except ReleaseError as error:
            refused.append(error)

    threads = [threading.Thread(target=as_held_here(enter), args=(production,)) for production in productions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(known(root)) == 1 and len(refused) == 1 and "has been released since" in str(refused[0])


def test_an_order_that_is_delivered_while_a_release_waits_for_it_counts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    production = open_edition(root / "params" / "demo.yml")
    at_work, waits = threading.Event(), threading.Event()
    delivered, said, refused = ordering.keep_delivery, [], []

    def keep(*given: Any) -> Path:
        at_work.set()
        assert waits.wait(timeout=60)
        return delivered(*given)

    def waiting(holder: str) -> None:
        said.append(holder)
        waits.set()

    def enter() -> None:
        assert at_work.wait(timeout=60)
        try:
            releasing.release(production, waiting=waiting)
        except ReleaseError as error:
            refused.append(str(error))

    monkeypatch.setattr(ordering, "keep_delivery", keep)
    thread = threading.Thread(target=as_held_here(enter))
    thread.start()
    deliver_order(written(root))
    thread.join(timeout=60)
    assert said and said[0].startswith("the order by-age (started by ")
    assert len(refused) == 1 and "the order by-age has been delivered since" in refused[0] and known(root) == []


def test_what_is_released_is_never_overwritten_and_what_it_becomes_lies_beside_it(root: Path) -> None:
    production = open_edition(root / "params" / "demo.yml")
    work = production.workspace
    releasing.release(production)
    out = everything(work.publication)
    state = candidate_state(work)
    assert standing(production).same and "what lies there is what is out" in standing(production).said
    staging = Path(shutil.copytree(work.publication, root / "staging"))
    (staging / "data" / "persons-by-month.csv").write_text("another\n")
    params = production.params.read_text()
    production.params.write_text(params.replace("  threshold: 4\n", "  threshold: 9\n"))
    _put_in_place(production, staging)
    assert everything(work.publication) == out and candidate_of(work) == work.candidate and candidate_state(work) != state
    said = standing(open_edition(production.params)).said
    assert "differs from what is out, which stays: disclosure.threshold was 4, and is 9" in said
    production.params.write_text(params)
    with pytest.raises(ReleaseError, match=r"has been changed|is out as it was released"):
        releasing.release(production)
    # Made again as it was: the other one goes, and what somebody has altered is put right.
    shutil.rmtree(root / "staging")
    staging = Path(shutil.copytree(work.publication, root / "staging"))
    (work.publication / "index.html").write_text("altered")
    assert "restore it" in standing(production).said or work.candidate.is_dir()
    _put_in_place(production, staging)
    assert everything(work.publication) == out and not work.candidate.exists() and candidate_state(work) == state


def test_a_released_edition_goes_by_the_history_as_it_stood_unless_it_is_made_otherwise(root: Path) -> None:
    production, later = open_edition(root / "params" / "demo.yml"), second(root)
    work, edition = production.workspace, production.edition
    releasing.release(production)
    later.workspace.history.unlink()
    releasing.release(later, already_out=True)
    tables = read_tables(work.tables)
    out, memories = to_be_held(work, edition, tables)
    assert [memory.name for memory in memories] == ["demo"] and len(out) == 1
    rules = edition.disclosure.model_copy(update={"threshold": 9})
    other = edition.model_copy(update={"disclosure": rules})
    assert [memory.name for memory in to_be_held(work, other, tables)[1]] == ["second", "demo"]
    revised = {name: table.replace({"value": {"83": "84"}}) for name, table in tables.items()}
    assert [memory.name for memory in to_be_held(work, edition, revised)[1]] == ["second", "demo"]


def test_an_earlier_edition_that_is_named_must_be_out(root: Path) -> None:
    production = open_edition(root / "params" / "demo.yml", overrides=("disclosure.earlier=['2022']",))
    with pytest.raises(EditionError, match="2022 is not in the release history") as caught:
        require_named_editions(production.workspace, production.edition, production.params)
    assert "kvarn release params/2022.yml --already-out" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"last_year": 2024}, True),
        ({"first_year": 2020}, True),
        ({"procedures_per_person": 12.0}, True),
        ({"faults": {"late": 0.5}}, True),
        ({"full_scale_persons": {"2023": 400_000}}, True),
        ({"generator": "another"}, True),
        ({"what a later version adds": 1}, True),
        ({"seed": 2}, False),
        ({"persons": 601}, False),
    ],
)
def test_a_synthetic_register_is_known_by_its_persons_however_much_is_told_of_them(
    root: Path, other: dict[str, object], same: bool
) -> None:
    """Of one register with 8 procedures a person and with 12, taken for two, two secrets were exact."""
    production = open_edition(root / "params" / "demo.yml")
    edition, work = production.edition, production.workspace
    recipe = root / "restricted" / "demo" / "source" / "made-from.json"
    told = json.loads(recipe_text(Recipe(persons=600, procedures_per_person=8, first_year=2017, last_year=2023, seed=1)))
    assert register_of(work, edition) == "synthetic"
    recipe.write_text(json.dumps(told))
    first = register_of(work, edition)
    recipe.write_text(json.dumps(told | other))
    assert (register_of(work, edition) == first) is same and first != "synthetic"
    assert register_of(work, edition.model_copy(update={"synthetic": False})) == "real"


def test_a_released_edition_is_of_the_register_that_it_was_released_from_whatever_lies_there_now(root: Path) -> None:
    recipe = root / "restricted" / "demo" / "source" / "made-from.json"
    recipe.write_text('{"seed": 3, "persons": 300}')
    production = candidate(root)
    releasing.release(production)
    recipe.write_text('{"seed": 5, "persons": 300}')
    edition, work = production.edition, production.workspace
    assert register_of(work, edition) == releases(work.releases)[0].register == "synthetic-seed-3-persons-300"
    assert register_of(Workspace(root, "another"), edition) == "synthetic-seed-5-persons-300"
    assert register_of(work, edition.model_copy(update={"synthetic": False})) == "real"


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"seed": 1}', '{"seed": "a", "persons": 1}', '{"seed": null, "persons": 1}'])
def test_a_synthetic_register_that_does_not_say_whose_it_is_may_be_any(root: Path, text: str) -> None:
    production = open_edition(root / "params" / "demo.yml")
    edition, work = production.edition, production.workspace
    (root / "restricted" / "demo" / "source" / "made-from.json").write_text(text)
    assert register_of(work, edition) == "synthetic"


def test_a_trial_lies_under_restricted_and_is_never_released(root: Path) -> None:
    tried = open_edition(root / "params" / "demo.yml", overrides=("disclosure.threshold=9",), name="demo")
    work = tried.workspace
    assert work.publication == root / "restricted" / "trials" / "demo" / "publication" and tried.edition.trial
    # As whatever makes it does; who asks about it makes nothing.
    assert not work.restricted.exists()
    work.make_restricted()
    for folder in (work.restricted, work.restricted.parent, work.restricted.parent.parent, work.build):
        assert folder.stat().st_mode & 0o077 == 0, folder
    shutil.copytree(root / "publications" / "demo", work.publication)
    with pytest.raises(ReleaseError, match="A trial is never released"):
        releasing.release(tried)
    assert not work.publication.is_relative_to(work.restricted), "the gate compares a publication with what is restricted"


def test_other_parameters_without_the_name_of_a_trial_are_refused(root: Path) -> None:
    for command in ("publish", "status"):
        done = CliRunner().invoke(app, [command, "params/demo.yml", "--set", "disclosure.threshold=9"])
        assert isinstance(done.exception, EditionError) and "--as NAME" in str(done.exception)


def test_names_that_are_taken_are_no_editions(root: Path) -> None:
    for name in ("releases", "trials", "orders", "extracts", "trials/a/b", "../a"):
        with pytest.raises(EditionError):
            Workspace(root, name)
