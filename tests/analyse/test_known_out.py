"""A history that is lost whole, or is an older one, is no new office's: what else knows of releases and orders stops it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kvarn.analyse.disclosure.memory.orders import deliveries
from kvarn.analyse.disclosure.memory.releases import releases
from kvarn.edition import Workspace
from kvarn.errors import InputError, ReleaseError
from kvarn.pipeline import open_edition, releasing
from kvarn.pipeline.history import history_of
from kvarn.pipeline.known_out import enter_known_out, missing_from_history, require_history
from kvarn.pipeline.ordering import deliver_order

from .test_ordering import everything, written
from .test_ordering import made as made
from .test_releasing import candidate, run, second
from .test_releasing import root as root


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "office"


@pytest.fixture
def office(root: Path, kept: Path) -> Path:
    """Two editions and an order are out, and a third edition is a candidate made beside them; made once, and copied."""
    if kept.exists():
        lose(root, *(path.name for path in root.iterdir()))
        return Path(shutil.copytree(kept, root, dirs_exist_ok=True))
    releasing.release(open_edition(root / "params" / "demo.yml"))
    deliver_order(written(root))
    releasing.release(second(root))
    for place in ("restricted", "publications"):
        shutil.copytree(root / place / "demo", root / place / "third", ignore=shutil.ignore_patterns("released.json"))
    shutil.copy(root / "params" / "demo.yml", root / "params" / "third.yml")
    candidate(root, "third")
    require_history(Workspace(root, "third"))
    shutil.copytree(root, kept)
    return root


def lose(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()


HISTORY = ("restricted/releases", "restricted/releases.json", "restricted/orders", "restricted/orders.json")
LIST, ENTERED = "publications/releases.json", ("restricted/demo/released.json", "restricted/second/released.json")
TOGETHER = tuple(f"restricted/{name}/history.json" for name in ("demo", "second", "third"))


def but_for_the_list(root: Path) -> None:
    lose(root, *ENTERED, *TOGETHER, "publications/orders")


def but_for_what_editions_were_entered_as(root: Path) -> None:
    lose(root, LIST, *TOGETHER, "publications/orders")


def but_for_what_editions_were_protected_together_with(root: Path) -> None:
    lose(root, LIST, *ENTERED, "publications/orders")


def but_for_the_products_of_orders(root: Path) -> None:
    lose(root, LIST, *ENTERED, *TOGETHER)


def but_for_the_records_of_publications(root: Path) -> None:
    """The third was made when something was out, and its record says so."""
    made_beside_a_history(root, "third")
    lose(root, LIST, *ENTERED, *TOGETHER, "publications/orders")


WITNESSES = [
    (but_for_the_list, "the edition demo, released as number 1 (publications/releases.json)"),
    (but_for_what_editions_were_entered_as, "number 2 (restricted/second/released.json)"),
    (but_for_what_editions_were_protected_together_with, "number 2 (restricted/third/history.json)"),
    (but_for_the_products_of_orders, "the order by-age (publications/orders/by-age)"),
    (but_for_the_records_of_publications, "what was out when the edition third was made"),
]


@pytest.mark.parametrize(("all_else", "said"), WITNESSES)
def test_a_history_that_is_lost_whole_is_told_by_each_that_knows_of_it(
    office: Path, all_else: Callable[[Path], None], said: str
) -> None:
    lose(office, *HISTORY)
    all_else(office)
    with pytest.raises(InputError, match="does not have all that is out") as caught:
        require_history(Workspace(office, "third"))
    assert said in caught.value.what and "backup" in str(caught.value.remedy)


def publish(root: Path) -> None:
    production = open_edition(root / "params" / "third.yml")
    history_of(production.workspace, production.edition)


def release(root: Path) -> None:
    releasing.release(open_edition(root / "params" / "third.yml"))


def enter_another(root: Path) -> None:
    """One that never was out is not entered as such while others are missing."""
    releasing.release(open_edition(root / "params" / "third.yml"), already_out=True)


def order(root: Path) -> None:
    deliver_order(written(root, name="other"))


def plan(root: Path) -> None:
    assert open_edition(root / "params" / "third.yml").previous_publication is None


@pytest.mark.parametrize("act", [publish, release, enter_another, order, plan])
def test_whatever_would_go_on_from_a_lost_history_stops(office: Path, act: Callable[[Path], None]) -> None:
    lose(office, *HISTORY)
    before = everything(office)
    with pytest.raises((InputError, ReleaseError)) as caught:
        act(office)
    assert "does not have all that is out" in str(caught.value) or act is enter_another
    after = everything(office)
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} <= {
        "params/orders/other.yml",
        "restricted/orders/.lock",
        "build/third/.run.lock",
    }


def test_an_older_backup_is_seen_by_what_is_newer(root: Path) -> None:
    """Before the second edition and the order went out; everything restricted is restored, or the history alone."""
    releasing.release(open_edition(root / "params" / "demo.yml"))
    backup = shutil.copytree(root / "restricted", root / "backup")
    deliver_order(written(root))
    releasing.release(second(root))
    later = shutil.copytree(root / "restricted", root / "later")
    for whole in (True, False):
        shutil.rmtree(root / "restricted")
        shutil.copytree(backup if whole else later, root / "restricted")
        for name in HISTORY if not whole else ():
            shutil.rmtree(root / name) if (root / name).is_dir() else (root / name).unlink(missing_ok=True)
            old = backup / Path(name).name
            if old.exists():
                (shutil.copytree if old.is_dir() else shutil.copy)(old, root / name)
        assert [one.edition for one in releases(root / "restricted" / "releases")] == ["demo"], "it is whole in itself"
        missing = missing_from_history(Workspace(root, "demo"))
        assert {one.edition or one.order for one in missing} == {"second", "by-age"}
        with pytest.raises(InputError, match="does not have all that is out"):
            releasing.release(candidate(root))
        assert "second, released as number 2" in run("--history")[1]


def test_another_release_under_the_name_of_a_lost_one_is_seen(office: Path) -> None:
    """As when two people have released from two copies of a project."""
    lose(office, *HISTORY)
    other = Workspace(office, "demo")
    kept = office / "publications" / "releases.json"
    text = kept.read_text()
    lose(office, LIST, *ENTERED, *TOGETHER, "publications/orders")
    (other.publication / "index.html").write_text("another\n")
    releasing.release(candidate(office))
    kept.write_text(text)
    assert "the edition demo, released as number 1 as another" in [one.what for one in missing_from_history(other)]


def test_without_a_backup_editions_are_entered_anew_as_they_lie_there(office: Path) -> None:
    """The oldest first. What an order withheld is kept nowhere else: the office takes it away, and answers for that."""
    places = [office / place / "demo" for place in ("restricted", "publications")]

    def put(to: str, back: bool = False) -> None:
        for place in places:
            kept = office / to / place.parent.name
            shutil.rmtree(place if back else kept, ignore_errors=True)
            shutil.copytree(*((kept, place) if back else (place, kept)))

    put("as-it-was")
    (places[1] / "index.html").write_text("another\n")
    candidate(office)
    put("changed")
    lose(office, *HISTORY)
    with pytest.raises(ReleaseError, match=r"what lies here is another"):
        releasing.release(open_edition(office / "params" / "demo.yml"), already_out=True)
    put("as-it-was", back=True)
    status, said = run("params/third.yml", "--yes")
    assert status != 0 and "params/demo.yml --already-out" in said and "docs/release.md" in said
    for number, name in enumerate(("demo", "second"), 1):
        entered = releasing.release(open_edition(office / "params" / f"{name}.yml"), already_out=True)
        assert (entered.number, entered.already_out) == (number, True)
    assert {one.order for one in missing_from_history(Workspace(office, "third"))} == {"by-age"}
    listed = json.loads((office / LIST).read_text())
    assert [one["edition"] for one in listed["releases"]] == ["demo", "second"] and len(listed["orders"]) == 1


def made_beside_a_history(root: Path, name: str) -> Path:
    """The record of a publication, with the input that the record of every one names which was made beside a history."""
    path = root / "publications" / name / "ro-crate-metadata.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    told["@graph"].append({"@id": "#input/release-history", "@type": "CreativeWork", "sha256": "a" * 64})
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def test_an_older_backup_is_seen_by_a_publication_of_which_it_has_nothing(root: Path) -> None:
    """Nothing else tells of the second edition: the list is lost, and the backup is from before."""
    releasing.release(open_edition(root / "params" / "demo.yml"))
    backup = shutil.copytree(root / "restricted", root / "backup")
    later = second(root)
    made_beside_a_history(root, "second")
    shutil.rmtree(root / "restricted")
    shutil.copytree(backup, root / "restricted")
    lose(root, LIST)
    with pytest.raises(InputError, match=r"what restricted/second kept of the publication second") as caught:
        history_of(later.workspace, later.edition)
    assert "take its folder out of publications/" in str(caught.value.remedy)
    shutil.rmtree(root / "publications" / "second")
    require_history(Workspace(root, "demo"))


def known_by_another_alone(root: Path) -> None:
    """Only what the third edition was protected together with tells of the first two."""
    lose(root, *HISTORY, LIST, *ENTERED, "publications/orders")
    lose(root, *(name for name in TOGETHER if "third" not in name))


def test_an_edition_that_another_one_was_protected_together_with_is_entered_only_as_it_was(office: Path) -> None:
    known_by_another_alone(office)
    kept = (office / "restricted" / "third" / "history.json").read_text()
    told = json.loads(kept)
    (office / "restricted" / "third" / "history.json").write_text(json.dumps({**told, "records": {"demo": "0" * 64}}))
    with pytest.raises(ReleaseError, match="what lies here is another"):
        releasing.release(open_edition(office / "params" / "demo.yml"), already_out=True)
    (office / "restricted" / "third" / "history.json").write_text(json.dumps({**told, "records": {}}))
    with pytest.raises(ReleaseError, match="nothing tells whether"):
        releasing.release(open_edition(office / "params" / "demo.yml"), already_out=True)
    (office / "restricted" / "third" / "history.json").write_text(kept)
    assert releasing.release(open_edition(office / "params" / "demo.yml"), already_out=True).already_out


def test_the_list_beside_the_publications_has_public_names_alone_and_every_file_is_who_may_read_it(office: Path) -> None:
    listed = json.loads((office / LIST).read_text())
    assert {key for one in listed["releases"] for key in one} == {
        "number",
        "edition",
        "published",
        "record_sha256",
        "synthetic",
        "corrects",
    }
    assert {key for one in listed["orders"] for key in one} == {"place", "order", "number", "definition_sha256"}
    assert (office / LIST).stat().st_mode & 0o777 == (office / "publications" / "orders" / "by-age").stat().st_mode & 0o666
    for name in ENTERED:
        assert (office / name).stat().st_mode & 0o077 == 0


def test_nothing_is_missing_whenever_a_run_is_stopped(office: Path) -> None:
    """What knows of a release is told after the history: behind it, never before it; and catches up with the next."""
    work = Workspace(office, "third")
    releasing_list = (office / LIST).read_text()
    releasing.release(open_edition(office / "params" / "third.yml"))
    (office / LIST).write_text(releasing_list)
    work.released.unlink()
    require_history(work)
    assert "released already" in run("params/third.yml", "--yes")[1]
    releasing.release(open_edition(office / "params" / "third.yml"))
    assert work.released.is_file() and "third" in (office / LIST).read_text()
    assert len(deliveries(work.orders)) == 1
    enter_known_out(work)


@pytest.mark.parametrize("text", ["[]", "{", '{"releases": 1, "orders": []}', '{"releases": [{"edition": "a"}], "orders": []}'])
def test_a_list_that_cannot_be_read_stops_with_the_file(office: Path, text: str) -> None:
    (office / LIST).write_text(text)
    with pytest.raises(InputError, match="cannot be read") as caught:
        require_history(Workspace(office, "third"))
    assert caught.value.file == office / LIST
