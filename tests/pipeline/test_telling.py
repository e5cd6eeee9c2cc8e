"""Readers are told of what looks wrong and is accepted where the published figures show it, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from kvarn.analyse.disclosure.written.audit import Published, read_csv
from kvarn.errors import DisclosureError
from kvarn.pipeline import Production, open_edition
from kvarn.pipeline.checking import FOUND, report
from kvarn.pipeline.findings import Finding
from kvarn.pipeline.telling import not_told, require_told_is_public, told, write_notes
from kvarn.programme import FOLDER, open_programme, programme_held, use_project
from tests.small_programme import make_small_project

ACCEPTED = """
accepted:
  - what: persons-jump
    where: "2023, 0115"
    at: 39a7196c1757
    why: It has handed over a hospital.
    by: A. Andersson
    shown: {sv: Kommunen lämnade över ett sjukhus., en: The municipality handed over a hospital.}
  - what: rules-weaker
    where: disclosure.threshold
    at: 5 to 4
    why: So decided.
    by: B. Berg
    shown: {sv: Gränsen är ändrad., en: The limit has changed.}
"""
JUMP = Finding(
    "persons-jump",
    "2023, 0115",
    "39a7196c1757",
    "Said.",
    details=[{"year_before": 108, "now": 53}],
    found_by=[[{"measure": "persons", "year": year, "region": "0115"} for year in ("2022", "2023")]],
)
WEAKER = Finding("rules-weaker", "disclosure.threshold", "5 to 4", "Said.", stops=False)
# A place's own total of both years, and a part of the later one that is withheld.
SHOWN = ("2022,0115,T,persons,108,", "2023,0115,T,persons,53,", "2023,0115,V,persons,,X")
WITHHELD = ("2022,0115,T,persons,108,", "2023,0115,T,persons,,X", "2023,0115,V,persons,,X")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    project = make_small_project(tmp_path_factory.mktemp("telling") / "project")
    params = project / "params" / "small.yml"
    params.write_text(params.read_text(encoding="utf-8") + ACCEPTED, encoding="utf-8")
    yield project
    use_project(None)


@pytest.fixture(autouse=True)
def programme(project: Path) -> Iterator[None]:
    with programme_held(open_programme(project / FOLDER)):
        yield


def found(project: Path, rows: tuple[str, ...], *overrides: str) -> Production:
    """The edition, with both findings, and a protected table of these rows."""
    production = open_edition(project / "params" / "small.yml", overrides=overrides)
    work = production.workspace
    work.findings.mkdir(parents=True, exist_ok=True)
    (work.findings / FOUND).write_text(json.dumps([asdict(JUMP), asdict(WEAKER)]), encoding="utf-8")
    work.protected.mkdir(parents=True, exist_ok=True)
    lines = ["year,region,cause,measure,value,status", *rows]
    (work.protected / "deaths-by-cause.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_notes(production)
    return production


def kinds(production: Production) -> list[str]:
    noted = [one["what"] for one in json.loads(production.workspace.notes.read_text(encoding="utf-8"))]
    assert noted == [one.what for one in told(production)]
    return noted


def test_a_jump_is_told_where_both_its_figures_are_published(project: Path) -> None:
    production = found(project, SHOWN)
    assert kinds(production) == ["persons-jump"]


@pytest.mark.parametrize("rows", [WITHHELD, SHOWN[1:], (SHOWN[0], SHOWN[2]), ("2022,0115,T,persons,,X", *SHOWN[1:])])
def test_a_jump_is_not_told_where_one_of_its_figures_is_withheld_or_stands_nowhere(project: Path, rows: tuple[str, ...]) -> None:
    production = found(project, rows)
    assert kinds(production) == []
    # The office hears that its words are shown to nobody.
    assert [line.split(" of ")[1].split(":")[0] for line in not_told(production)] == [
        "persons-jump at 2023, 0115",
        "rules-weaker at disclosure.threshold",
    ]


def test_a_place_of_which_nothing_was_reported_has_ceased_for_everybody_to_see(project: Path) -> None:
    assert kinds(found(project, (SHOWN[0], "2023,0115,T,persons,,.."))) == ["persons-jump"]


def test_figures_that_chance_has_changed_show_no_jump(project: Path) -> None:
    assert kinds(found(project, SHOWN, "disclosure.method=cell-key")) == []


def test_a_rule_that_is_weaker_is_told_where_the_rules_are_public(project: Path) -> None:
    assert kinds(found(project, WITHHELD, "disclosure.public=limits")) == ["rules-weaker"]


def test_an_acceptance_with_a_ratio_of_counts_is_told_what_to_write(project: Path) -> None:
    params = project / "params" / "earlier.yml"
    text = (project / "params" / "small.yml").read_text(encoding="utf-8")
    params.write_text(text.replace("at: 39a7196c1757", "at: 0.49 times, 39a7196c1757"), encoding="utf-8")
    (said,) = [line for line in report(open_edition(params)).lines if "ratio" in line]
    assert "persons-jump at 2023, 0115" in said and 'write at: "39a7196c1757"' in said and "0.49" not in said
    assert not [line for line in report(found(project, SHOWN)).lines if "ratio" in line]


def test_a_record_that_tells_more_is_refused(project: Path, tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    entity = {"@type": "PropertyValue", "name": "accepted: persons-jump", "value": "2023, 0115"}
    record.write_text(json.dumps({"@graph": [{"name": "accepted: other"}, entity]}), encoding="utf-8")
    for rows in (SHOWN, WITHHELD):
        production, published = found(project, rows), Published()
        read_csv(production.workspace.protected, published)
        if rows == SHOWN:
            require_told_is_public(record, published, production)
            continue
        with pytest.raises(DisclosureError, match="does not follow from what is published"):
            require_told_is_public(record, published, production)
