"""The versions of a publication in an invented release history, what is uploaded of them, and what is put back."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kvarn import metadata
from kvarn.analyse.disclosure.memory.releases import (
    PARAMETERS,
    RECORD,
    Release,
    checksums,
    entries,
    record_release,
    releases,
)
from kvarn.base.account import Account
from kvarn.cli import app
from kvarn.disseminate import version_pages
from kvarn.edition import Words, Workspace
from kvarn.errors import EditionError, InputError, KvarnError, ReleaseError
from kvarn.pipeline import Production, open_edition, reverting
from kvarn.pipeline.bundle import bundle_of, write_bundle
from kvarn.pipeline.correcting import begin_correction, require_correction
from kvarn.pipeline.history import earlier_releases
from kvarn.pipeline.known_out import enter_known_out, require_history, said_of_list
from kvarn.pipeline.reverting import put_back, version_to_put_back, why_in_words
from kvarn.pipeline.versions import released_edition, said_of_version, versions_of

SMALL = Path(__file__).parents[1] / "small_programme"
NOW, BY = dt.datetime(2024, 7, 1, 23, 30, tzinfo=dt.UTC), Account("a", "a")
WHY = Words(sv="Rättelsen var fel.", en="The correction was wrong.")
NOTICE = """stage: corrected
correction:
  corrects: {corrects}
  since: 2024-06-04
  what: {{sv: Något var fel., en: Something was wrong.}}
  tables: [deaths-by-cause]
"""


@pytest.fixture(scope="module", autouse=True)
def programme() -> Iterator[None]:
    """The project has its own."""
    yield
    metadata.use_project(None)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project of which one edition is out."""
    for name in ("programme", "params", "notebooks", "reports"):
        shutil.copytree(SMALL / name, tmp_path / name)
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "restricted" / "source").mkdir(parents=True, mode=0o700)
    metadata.use_project(tmp_path)
    release(tmp_path, "small", 7)
    yield tmp_path
    metadata.use_project(None)


def on_day(project: Path, published: str) -> str:
    """The parameters of the first edition, with another day of publication."""
    text = (project / "params" / "small.yml").read_text(encoding="utf-8")
    return text.replace("published: 2024-06-04", f"published: {published}")


def release(project: Path, name: str, figure: int, corrects: str = "", published: str = "2024-06-04") -> Release:
    """An edition that shows one figure, released."""
    params = project / "params" / f"{name}.yml"
    if corrects:
        text = (
            (project / "params" / "small.yml")
            .read_text(encoding="utf-8")
            .replace("published: 2024-06-04", f"published: {published}")
        )
        params.write_text(text + NOTICE.format(corrects=corrects), encoding="utf-8")
    folder = project / "publications" / name
    (folder / "data").mkdir(parents=True)
    row = f"2023,0114,C,persons,{figure},"
    (folder / "data" / "deaths-by-cause.csv").write_text(f"year,region,cause,measure,value,status\n{row}\n", encoding="utf-8")
    (folder / "index.html").write_text(f"<html>\n<body>\n<p>{name}</p>\n</body>\n</html>\n", encoding="utf-8")
    graph = [{"@id": "./", "identifier": name, "name": "Deaths"}, {"@id": "#publisher", "name": "Agency"}]
    (folder / "ro-crate-metadata.json").write_text(json.dumps({"@graph": graph}), encoding="utf-8")

    def keep(beside: Path) -> None:
        (beside / "disclosure").mkdir()
        (beside / "disclosure" / "certificate.json").write_text("{}", encoding="utf-8")
        shutil.copyfile(params, beside / PARAMETERS)
        shutil.copyfile(folder / "ro-crate-metadata.json", beside / RECORD)

    about: dict[str, Any] = {
        "edition": name,
        "register": "synthetic",
        "synthetic": True,
        "reference_year": 2023,
        "stage": "corrected" if corrects else "final",
        "published": published,
        "recorded": "2024-06-04T08:00:00+00:00",
        "already_out": False,
        "orders": 0,
        "files": checksums(folder),
        "corrects": corrects,
    }
    made = record_release(project / "restricted" / "releases", about, keep)
    Workspace(project, name).make_restricted()
    enter_known_out(Workspace(project, name))
    return made


def opened(project: Path, name: str = "small") -> Production:
    return open_edition(project / "params" / f"{name}.yml", published=True)


def back(project: Path, version: int | None = None) -> Any:
    return put_back(opened(project), version=version, name="A. Andersson", why=WHY, now=NOW, by=BY)


def front(project: Path) -> tuple[str, int]:
    versions = versions_of(Workspace(project, "any"), "small")
    assert versions is not None
    return versions.front.edition, len(versions.every)


def test_a_correction_is_in_front_until_another_version_is_put_back(project: Path) -> None:
    assert front(project) == ("small", 1)
    release(project, "small-corrected", 8, "small", "2024-06-20")
    assert front(project) == ("small-corrected", 2)
    made = back(project)
    # By the edition's own time zone it is the next day.
    assert (made.edition, made.instead_of, made.made) == ("small", "small-corrected", "2024-07-02")
    assert front(project) == ("small", 2)
    release(project, "small-corrected-2", 9, "small", "2024-07-05")
    assert front(project) == ("small-corrected-2", 3)
    assert [one.number for one in entries(project / "restricted" / "releases")] == [1, 2, 3, 4]
    assert [one.edition for one in releases(project / "restricted" / "releases")] == [
        "small",
        "small-corrected",
        "small-corrected-2",
    ]
    versions = versions_of(Workspace(project, "any"), "small-corrected-2", before="small-corrected-2")
    assert versions is None
    before = versions_of(Workspace(project, "any"), "small", before="small-corrected-2")
    assert before is not None and before.front.edition == "small" and len(before.every) == 2
    assert list(said_of_version(Workspace(project, "small-corrected"))) == [
        "It is version 2 of 3 of the publication small; in front is version 3, the edition small-corrected-2."
    ]


def test_what_follows_is_compared_with_the_version_in_front(project: Path) -> None:
    release(project, "small-corrected", 8, "small", "2024-06-20")
    shutil.copyfile(project / "params" / "small.yml", project / "params" / "other.yml")
    other = opened(project, "other")

    def compared() -> list[str]:
        return [one.edition for one in earlier_releases(other.workspace, other.edition)]

    assert compared() == ["small-corrected", "small"]
    back(project)
    assert compared() == ["small", "small-corrected"]


def test_what_is_uploaded_of_a_publication_that_was_never_corrected_is_that_alone(project: Path) -> None:
    work = Workspace(project, "small")
    versions = versions_of(work, "small")
    assert versions is not None
    data = write_bundle(work, versions) / "data"
    assert checksums(data) == checksums(work.publication)


def test_every_version_lies_in_the_bundle_of_the_first_one(project: Path) -> None:
    release(project, "small-corrected", 8, "small", "2024-06-20")
    release(project, "small-corrected-2", 9, "small-corrected", "2024-06-25")
    work = Workspace(project, "small-corrected-2")
    versions = versions_of(work, work.name)
    assert versions is not None
    data = write_bundle(work, versions) / "data"
    assert data.parent == bundle_of(work) == project / "publications" / "bundles" / "small"
    for number, name in enumerate(("small", "small-corrected"), 1):
        assert checksums(data / "versions" / str(number) / "publication") == checksums(project / "publications" / name)
    rows = (data / "versions" / "3" / "changes.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 2 and rows[1].startswith("deaths-by-cause,revised,2023,persons,") and rows[1].endswith(",8,9,1,12.5,true")
    assert rows[0].endswith(",synthetic"), "what is synthetic says so in each product"
    for language, yes, kind in (("sv", "ja", "Ändrad uppgift"), ("en", "yes", "Revised figure")):
        with (data / "versions" / "3" / f"changes-{language}.csv").open(encoding="utf-8-sig", newline="") as lines:
            (labelled,) = [list(row.values()) for row in csv.DictReader(lines)]
        measure = metadata.measure("persons")
        assert labelled[1:5] == [kind, "2023", measure.label(language), measure.unit[language]]
        # Label and code of what readers join by, and no code where they do not.
        assert "; " in labelled[5] and all(": " in one for one in labelled[5].split("; "))
        assert labelled[6:] == ["8", "9", "1", "12.5", yes]
    said = (data / "versions" / "index.html").read_text(encoding="utf-8")
    assert 'href="3/changes-sv.csv"' in said and 'href="3/changes-en.csv"' in said and 'href="3/changes.csv"' in said
    assert (
        said.index("Version 1, ")
        < said.index("Version 2, ")
        < said.index("Version 3, published on 25 June 2024 (the current one)")
    )
    again = checksums(data.parent)
    write_bundle(work, versions)
    assert checksums(data.parent) == again


def test_whoever_is_stopped_after_the_entry_gets_the_bundle_the_next_time(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release(project, "small-corrected", 8, "small", "2024-06-20")

    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(reverting, "write_bundle", stopped)
        back(project)
    assert front(project) == ("small", 2) and not bundle_of(Workspace(project, "small")).exists()
    assert back(project, 1) is None
    data = bundle_of(Workspace(project, "small")) / "data"
    assert "Rättelsen var fel." in (data / "index.html").read_text(encoding="utf-8")
    assert len(entries(project / "restricted" / "releases")) == 3
    with pytest.raises(ReleaseError, match="is in front already"):
        back(project, 1)


def test_a_list_of_what_is_out_that_is_older_than_the_history_is_told_and_written_the_next_time(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(project, "small-corrected", 8, "small", "2024-06-20")
    work = Workspace(project, "small")
    enter_known_out(work)
    assert list(said_of_list(work)) == []

    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(reverting, "enter_known_out", stopped)
        back(project)
    assert front(project) == ("small", 2)
    assert "put_back" not in json.loads(work.known_out.read_text(encoding="utf-8"))
    (said,) = said_of_list(work)
    assert "publications/releases.json does not have all" in said
    assert back(project, 1) is None
    assert list(said_of_list(work)) == []
    assert [one["edition"] for one in json.loads(work.known_out.read_text(encoding="utf-8"))["put_back"]] == ["small"]
    work.known_out.unlink()
    assert len(list(said_of_list(work))) == 1


def test_a_reversion_whose_bundle_cannot_be_put_together_is_not_entered(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release(project, "small-corrected", 8, "small", "2024-06-20")
    listed = (project / "publications" / "releases.json").read_bytes()
    # A front page without a body has no place for the notice.
    monkeypatch.setattr(version_pages, "_BODY", "<nothing>")
    with pytest.raises(ReleaseError, match="no place for a notice"):
        back(project)
    assert front(project) == ("small-corrected", 2) and len(entries(project / "restricted" / "releases")) == 2
    assert (project / "publications" / "releases.json").read_bytes() == listed


def test_the_names_of_editions_stand_whole_in_a_pipe_and_a_list_that_is_older_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "small-corrected-with-a-name-that-is-rather-long"
    release(project, name, 8, "small", "2024-06-20")
    monkeypatch.chdir(project)
    # Another place that tells it is no column of the table.
    said = CliRunner().invoke(app, ["release", "--history"]).output
    assert re.search(rf"^ *2 +{name} ", said, re.MULTILINE) and "does not have all" not in said
    (project / "publications" / "releases.json").unlink()
    assert "publications/releases.json does not have all" in CliRunner().invoke(app, ["release", "--history"]).output


def test_what_cannot_be_put_back_is_refused_and_nothing_is_entered(project: Path) -> None:
    with pytest.raises(ReleaseError, match="has not been corrected"):
        back(project)
    shutil.copyfile(project / "params" / "small.yml", project / "params" / "other.yml")
    with pytest.raises(ReleaseError, match="has not been released"):
        version_to_put_back(opened(project, "other"), None)
    release(project, "small-corrected", 8, "small", "2024-06-20")
    with pytest.raises(ReleaseError, match="no version 3"):
        back(project, 3)
    with pytest.raises(ReleaseError, match="in front already"):
        write_bundle(Workspace(project, "small"), versions_of(Workspace(project, "small"), "small"))  # type: ignore[arg-type]
        back(project, 2)
    for sv, en in (("", "Wrong."), ("Fel.", "Wrong by 3 persons.")):
        with pytest.raises(KvarnError, match=r"no words for readers|The number '3' is typed"):
            why_in_words(opened(project), sv, en)
    with pytest.raises(EditionError, match="no name"):
        put_back(opened(project), version=1, name=" ", why=WHY)
    assert len(entries(project / "restricted" / "releases")) == 2


def test_an_entry_that_is_lost_or_changed_is_seen(project: Path) -> None:
    release(project, "small-corrected", 8, "small", "2024-06-20")
    back(project)
    history = project / "restricted" / "releases"
    require_history(Workspace(project, "small"))
    entry = history / "3" / "entry.json"
    text = entry.read_text(encoding="utf-8")
    entry.write_text(text.replace("Andersson", "Ek"), encoding="utf-8")
    with pytest.raises(InputError, match="not whole"):
        releases(history)
    # An older copy, with its head: what lies beside the publications knows more.
    shutil.rmtree(history / "3")
    second = hashlib.sha256((history / "2" / "entry.json").read_bytes()).hexdigest()
    (project / "restricted" / "releases.json").write_text(json.dumps({"number": 2, "sha256": second}), encoding="utf-8")
    with pytest.raises(InputError, match="that small was put back in front, number 3") as told:
        require_history(Workspace(project, "small"))
    assert "put back again: kvarn revert" in str(told.value)
    back(project)
    require_history(Workspace(project, "small"))


def test_a_correction_is_begun_of_what_is_out_and_one_at_a_time(project: Path) -> None:
    shutil.copyfile(project / "params" / "small.yml", project / "params" / "other.yml")
    with pytest.raises(EditionError, match="no such edition"):
        begin_correction(project / "params" / "nothing.yml")
    with pytest.raises(ReleaseError, match="there is nothing to correct"):
        begin_correction(project / "params" / "other.yml")
    made = begin_correction(project / "params" / "small.yml")
    assert made.path.name == "small-corrected.yml"
    with pytest.raises(ReleaseError, match=r"has been begun, and is not released: small-corrected\.yml"):
        begin_correction(project / "params" / "small.yml")
    made.path.unlink()
    release(project, "small-corrected", 8, "small", "2024-06-20")
    # The parameters that it was released with count, and not what has become of the file.
    (project / "params" / "small-corrected.yml").write_text("reference_year: 1999\n", encoding="utf-8")
    second = begin_correction(project / "params" / "small.yml").path
    assert second.name == "small-corrected-2.yml"
    text = second.read_text(encoding="utf-8")
    assert "corrects: small-corrected\n" in text and "since: 2024-06-20\n" in text and "reference_year: 2023" in text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("corrects: small\n", "corrects: nothing\n", "is not in the release history"),
        ("since: 2024-06-04", "since: 2024-06-05", "Nothing of this publication was published on 2024-06-05"),
        ("reference_year: 2023", "reference_year: 2022", "is about 2023"),
        ("  tables:", "  preliminary: true\n  tables:", "The figures of small are final"),
        ("  tables: [", "  tables: [deaths-by-caus, ", "There is no table 'deaths-by-caus'"),
        ("  published: 2024-06-20", "  published: 2024-06-01", "published before another version of small"),
    ],
)
def test_a_notice_that_cannot_be_true_is_refused(project: Path, old: str, new: str, said: str) -> None:
    file = project / "params" / "tried.yml"
    text = (
        (project / "params" / "small.yml").read_text(encoding="utf-8").replace("published: 2024-06-04", "published: 2024-06-20")
    )
    text += NOTICE.format(corrects="small")
    file.write_text(text, encoding="utf-8")
    require_correction(opened(project, "tried"))
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(EditionError, match=said):
        require_correction(opened(project, "tried"))


def test_a_correction_of_what_is_in_front_no_more_is_refused(project: Path) -> None:
    file = project / "params" / "tried.yml"
    text = (
        (project / "params" / "small.yml").read_text(encoding="utf-8").replace("published: 2024-06-04", "published: 2024-06-20")
    )
    file.write_text(text + NOTICE.format(corrects="small"), encoding="utf-8")
    made = release(project, "small-corrected", 8, "small", "2024-06-20")
    with pytest.raises(EditionError, match="what is in front of the publication small now is small-corrected"):
        require_correction(opened(project, "tried"))
    # What is released goes by what was in front then.
    require_correction(opened(project, "small-corrected"))
    assert released_edition(made).correction is not None
