"""Next year's parameters: what stays is as it was written, what must be new is empty, and nothing is overwritten."""

from __future__ import annotations

import datetime as dt
import difflib
import shutil
from pathlib import Path

import pytest
import yaml

from kvarn.edition import load_edition, newest_parameters, next_edition
from kvarn.edition._rewriting import Rewriting
from kvarn.errors import EditionError

PROJECT = Path(__file__).parents[2]
FILLED = ("publication.published=2025-09-02", "publication.scheduled=2025-09-02")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "params").mkdir()
    for name in ("2023.yml", "demo.yml"):
        shutil.copy(PROJECT / "params" / name, tmp_path / "params")
    return tmp_path


def old_file(project: Path, text: str, name: str = "2023.yml") -> Path:
    path = project / "params" / name
    path.write_bytes(text.encode())
    return path


def changed(old: Path, new: Path) -> tuple[list[str], list[str]]:
    lines = list(difflib.ndiff(old.read_text("utf-8").splitlines(), new.read_text("utf-8").splitlines()))
    return [line[2:] for line in lines if line.startswith("- ")], [line[2:] for line in lines if line.startswith("+ ")]


def values(path: Path) -> dict:  # type: ignore[type-arg]
    return yaml.safe_load(path.read_text("utf-8"))  # type: ignore[no-any-return]


FLOW = """\
reference_year: 2023
first_year: 2017
synthetic: true
stage: preliminary
data: {deliveries: restricted/2023/deliveries, as_of: 2024-03-31, population: 'restricted/population.csv'}
publication: {series: {sv: "Statistik 2023: vård", en: Care}, title: {sv: "Vård, 2023", en: 'Care, 2017-2023 (12023)'},
  publisher: {sv: A, en: B}, published: 2024-09-03, scheduled: 2024-09-03, contact: {name: A, email: a@b.se}}
"""

BLOCK = """\
# All of it in blocks.
reference_year: 2023   # the year
first_year: 2017
stage: preliminary
synthetic: true
data:
  # where the year's files are
  deliveries: restricted/deliveries-2023
  as_of: 2024-03-31  # after the last delivery
  population: restricted/population.csv
  procedures: restricted/kva-2023.csv

publication:
  series: {sv: Statistik, en: Statistics}
  title:
    sv: >-
      Vård och omsorg
      2023
    en: "Care: 2023"
  publisher: {sv: A, en: B}
  published: 2024-09-03
  scheduled: 2024-09-05
  contact:
    name: A
    email: a@b.se
  previous:
    title: {sv: Vård 2022, en: Care 2022}
    published: 2023-09-05
    address: https://example.org/2022

# The rules.
disclosure:
  threshold: 5
  earlier:
    - "2021"
    - "2022"   # the last
  # the end of the rules

quality: {rejected_rows: 0.1}
"""


def test_the_projects_own_parameters_change_in_these_lines_only(project: Path) -> None:
    params = project / "params" / "2023.yml"
    params.write_text(params.read_text(encoding="utf-8").replace("  # next: 2025-09-02", "  next: 2025-09-02"), encoding="utf-8")
    made = next_edition(2024, old=project / "params" / "2023.yml")
    assert made.path == project / "params" / "2024.yml"
    gone, come = changed(project / "params" / "2023.yml", made.path)
    assert [line.strip().partition(":")[0] for line in gone] == [
        "reference_year", "stage", "published", "scheduled", "sv", "en", "published", "next"
    ]  # fmt: skip
    assert come[:4] == [
        "reference_year: 2024",
        "stage:  # last time: final",
        "  published:  # last time: 2024-09-03",
        "  scheduled:  # last time: 2024-09-03",
    ]
    assert [key for key, _ in made.empty] == ["stage", "publication.published", "publication.scheduled", "publication.next"]
    new = values(made.path)
    assert new["publication"]["previous"]["title"]["sv"] == "Statistik om kommunal hälso- och sjukvård 2023"
    assert new["publication"]["previous"]["published"] == dt.date(2024, 9, 3)
    assert "earlier" not in new["disclosure"] and new["first_year"] == 2017


def test_what_is_left_empty_stops_the_edition_with_all_of_it_in_one_message(project: Path) -> None:
    made = next_edition(2024, old=old_file(project, BLOCK))
    with pytest.raises(EditionError) as refused:
        load_edition(made.path, published=True)
    said = str(refused.value)
    for key in ("stage", "data.deliveries", "data.as_of", "data.procedures", "publication.published", "publication.scheduled"):
        assert f", {key}: " in said
    assert (
        said.startswith("7 keys are left empty")
        and "publication.previous.address: Where it can be read. If none belongs here" in said
    )
    filled = [
        "data.deliveries=a",
        "stage=final",
        "data.as_of=2025-03-31",
        "data.procedures=b",
        "publication.previous.address=https://e.org",
        *FILLED,
    ]
    with pytest.raises(EditionError, match="A key is left empty") as one:
        load_edition(made.path, filled[1:], published=True)
    assert one.value.key == "data.deliveries" and one.value.line == 8
    edition = load_edition(made.path, filled, published=True)
    assert edition.reference_year == 2024 and edition.disclosure.earlier == ("2021", "2022")


def test_an_edition_in_blocks_keeps_its_comments_and_its_order(project: Path) -> None:
    old = old_file(project, BLOCK)
    new = next_edition(2024, old=old).path
    text = new.read_text("utf-8")
    comments = [line.partition("#")[2] for line in text.splitlines() if "#" in line and "last time" not in line]
    assert comments == [line.partition("#")[2] for line in BLOCK.splitlines() if "#" in line]
    assert "reference_year: 2024   # the year" in text and "  as_of:  # after the last delivery" in text
    assert "  deliveries:  # last time: restricted/deliveries-2023" in text
    assert '    - "2022"   # the last\n  # the end' in text, "what is out is protected together with it, named or not"
    assert list(values(new)) == list(values(old))
    publication = values(new)["publication"]
    assert publication["title"] == {"sv": "Vård och omsorg 2024", "en": "Care: 2024"}
    assert publication["previous"] == {
        "title": {"sv": "Vård och omsorg 2023", "en": "Care: 2023"}, "published": dt.date(2024, 9, 3), "address": None
    }  # fmt: skip


def test_an_edition_on_few_lines_is_carried_over_too(project: Path) -> None:
    new = values(next_edition(2024, old=old_file(project, FLOW)).path)
    assert new["data"] == {"deliveries": None, "as_of": None, "population": "restricted/population.csv"}
    assert new["publication"]["title"] == {"sv": "Vård, 2024", "en": "Care, 2017-2024 (12023)"}
    assert new["publication"]["series"]["sv"] == "Statistik 2024: vård"
    assert new["publication"]["previous"] == {
        "title": {"sv": "Vård, 2023", "en": "Care, 2017-2023 (12023)"}, "published": dt.date(2024, 9, 3)
    }  # fmt: skip
    assert new["publication"]["contact"] == {"name": "A", "email": "a@b.se"} and "disclosure" not in new


def test_line_ends_and_a_missing_last_one_are_no_obstacle(project: Path) -> None:
    old = old_file(project, BLOCK.replace("\n", "\r\n").rstrip())
    new = next_edition(2024, old=old).path.read_bytes()
    assert new.count(b"\n") == new.count(b"\r\n") == BLOCK.count("\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("accepted:\n  - what: a  # why\n    where: b\n  - what: c\n    where: d\nlast: 1\n", "accepted: []\nlast: 1\n"),
        ("accepted:  # see docs\n- {what: a}\n# end\n", "accepted: []  # see docs\n# end\n"),
        ("accepted: [{what: a}]\n", "accepted: []\n"),
    ],
)
def test_what_was_accepted_is_accepted_no_more(before: str, after: str) -> None:
    new = Rewriting(before)
    new.clear(("accepted",))
    assert new.text() == after


def test_a_list_of_files_gets_an_empty_place_for_one_more() -> None:
    new = Rewriting("data:\n  population:\n    - a-2022.csv\n    - a-2023.csv  # the last\n  care: reported\n")
    new.append(("data", "population"), None)
    assert new.text() == "data:\n  population:\n    - a-2022.csv\n    - a-2023.csv  # the last\n    -\n  care: reported\n"


def test_practice_begins_with_the_demonstration(project: Path) -> None:
    made = next_edition(2024, old=project / "params" / "demo.yml", name="demo-2024")
    edition = load_edition(made.path, FILLED, published=True)
    assert made.path.name == "demo-2024.yml" and edition.synthetic and edition.disclosure.earlier == ()


def test_the_newest_year_is_taken(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(project / "params" / "2023.yml", project / "params" / "2022.yml")
    shutil.copy(project / "params" / "2023.yml", project / "params" / "2023-preliminary.yml")
    assert newest_parameters(project).name == "2023.yml"
    monkeypatch.chdir(project)
    assert next_edition(2024).path == project / "params" / "2024.yml"


@pytest.mark.parametrize(
    ("year", "options", "said"),
    [
        (2025, {}, "about 2023, so that the next one is about 2024"),
        (2023, {"name": "again"}, "not 2023"),
        (2024, {"name": "demo"}, "there already"),
        (2024, {"name": "../2024"}, "cannot be the name"),
        (2024, {"name": "register"}, "cannot be the name"),
        (2024, {"name": "deliveries"}, "cannot be the name"),
        (2024, {"old": "2032.yml"}, "no such edition"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    project: Path, monkeypatch: pytest.MonkeyPatch, year: int, options: dict[str, str], said: str
) -> None:
    monkeypatch.chdir(project)
    before = {path: path.read_bytes() for path in (project / "params").iterdir()}
    old = Path("params") / options["old"] if "old" in options else None
    with pytest.raises(EditionError, match=said) as refused:
        next_edition(year, old=old, name=options.get("name"))
    assert refused.value.remedy
    assert {path: path.read_bytes() for path in (project / "params").iterdir()} == before


def test_a_project_without_a_year_says_where_to_begin(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "params" / "2023.yml").unlink()
    monkeypatch.chdir(project)
    with pytest.raises(EditionError, match="no parameters of any year"):
        next_edition(2024)


def test_aliases_are_not_rewritten(project: Path) -> None:
    old = old_file(
        project, BLOCK.replace("series: {", "series: &words {").replace("publisher: {sv: A, en: B}", "publisher: *words")
    )
    with pytest.raises(EditionError, match="An anchor") as refused:
        next_edition(2024, old=old)
    assert "out where it belongs" in str(refused.value.remedy) and not (project / "params" / "2024.yml").exists()


def test_an_old_edition_that_is_wrong_is_refused(project: Path) -> None:
    with pytest.raises(EditionError, match="no key 'treshold'"):
        next_edition(2024, old=old_file(project, BLOCK.replace("threshold", "treshold")))


def test_an_explicit_null_is_a_value(project: Path) -> None:
    edition = load_edition(old_file(project, BLOCK.replace("as_of: 2024-03-31", "as_of: null")), published=True)
    assert edition.data.as_of is None
