"""Preliminary, final and revised figures of one year, each published and released on the smallest register, one after another."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.analyse.disclosure.memory.releases import checksums, releases
from kvarn.demo import DEFAULT_FAULTS, write_demo
from kvarn.errors import ReleaseError
from kvarn.pipeline import Production, open_edition, run_steps, status_of, steps_of
from kvarn.pipeline.known_out import require_history
from kvarn.pipeline.releasing import release
from kvarn.pipeline.standing import standing
from kvarn.pipeline.unreleased import unreleased

NAMES = ("2023-preliminary", "2023", "2023-revised")
TABLE = "persons-by-month"


@pytest.fixture
def project(tmp_path: Path, make_project: Callable[[Path, Path], Path]) -> Iterator[Path]:
    """Three states of the same deliveries: some months are late, all have come, one municipality has corrected a month."""
    source = tmp_path / "source"
    write_demo(
        source,
        persons=1500,
        first_year=2023,
        last_year=2023,
        seed=11,
        procedures_per_person=4,
        faults=dict.fromkeys(DEFAULT_FAULTS, 0.0),
    )
    folder = tmp_path / "project"
    folder.mkdir()
    make_project(folder, source)
    for name in NAMES:
        shutil.copytree(source, folder / "restricted" / "in" / name)
    # Of whom no persons have come yet, no procedures have: otherwise the run stops, and asks.
    months = sorted(path.name[6:] for path in (folder / "restricted" / "in" / "2023").rglob("KHSL1_*_202312.txt"))
    for late in months[:20]:
        for path in (folder / "restricted" / "in" / NAMES[0]).rglob(f"KHSL?_{late}"):
            path.unlink()
    (corrected,) = (folder / "restricted" / "in" / NAMES[2]).rglob(f"KHSL1_{months[-1]}")
    rows = corrected.read_text(encoding="utf-8").splitlines(keepends=True)
    corrected.write_text("".join(rows[:-1]), encoding="utf-8")
    gone = rows[-1].split(";")[1]
    for path in corrected.parent.glob(f"KHSL2_{months[-1]}"):
        kept = [row for row in path.read_text(encoding="utf-8").splitlines(keepends=True) if row.split(";")[1] != gone]
        path.write_text("".join(kept), encoding="utf-8")
    text = (folder / "params" / "demo.yml").read_text(encoding="utf-8")
    text = text.replace("first_year: 2017", "first_year: 2023").replace("languages: [sv, en]", "languages: [sv]")
    (folder / "params" / "demo.yml").unlink()
    for name, stage in zip(NAMES, ("preliminary", "final", "final"), strict=True):
        changed = text.replace("restricted/demo/source", f"restricted/in/{name}")
        (folder / "params" / f"{name}.yml").write_text(f"stage: {stage}\n{changed}", encoding="utf-8")
    yield folder
    metadata.use_project(None)


def publish(project: Path, name: str) -> Production:
    production = open_edition(project / "params" / f"{name}.yml")
    run_steps(steps_of(production), production.workspace.build)
    return production


def months(production: Production) -> dict[tuple[str, ...], str]:
    with (production.workspace.publication / "data" / f"{TABLE}.csv").open(encoding="utf-8", newline="") as lines:
        return {tuple(row[name] for name in ("year", "month", "sex", "measure")): row["value"] for row in csv.DictReader(lines)}


@pytest.mark.long
def test_preliminary_final_and_revised_figures_are_released_and_each_can_be_made_again_as_it_was(project: Path) -> None:
    out: dict[str, dict[str, str]] = {}
    shown = []
    for number, name in enumerate(NAMES, 1):
        production = publish(project, name)
        work = production.workspace
        assert release(production).number == number
        assert standing(production).same and all(one.up_to_date for one in status_of(steps_of(production), work.build))
        out[name] = checksums(work.publication)
        shown.append(months(production))
        told = json.loads(work.history.read_text(encoding="utf-8"))["out"]
        assert [one["edition"] for one in told] == list(NAMES[: number - 1])
        require_history(work)
    assert shown[0] != shown[1] != shown[2], "each is another state of the register"
    # Whatever has gone out since, the first two come out as they were, from nothing but what they are made from.
    for name in NAMES[:2]:
        shutil.rmtree(project / "build" / name)
        shutil.rmtree(project / "restricted" / name / "tables")
        publication = project / "publications" / name
        before = {path: path.stat().st_mtime_ns for path in publication.rglob("*")}
        again = publish(project, name)
        assert checksums(publication) == out[name] and not again.workspace.candidate.exists()
        assert {path: path.stat().st_mtime_ns for path in publication.rglob("*")} == before, "what is out is not even touched"
        assert standing(again).same
        shutil.rmtree(publication)
        shutil.rmtree(project / "build" / name)
        publish(project, name)
        assert checksums(publication) == out[name], "and lost, it is made with the same bytes"
    assert [one.edition for one in releases(project / "restricted" / "releases")] == list(NAMES)


@pytest.mark.long
def test_two_candidates_of_one_year_are_not_both_released(project: Path) -> None:
    first, second = (publish(project, name) for name in NAMES[:2])
    assert unreleased(first.workspace, first.edition).candidates == (NAMES[1],)
    release(second)
    with pytest.raises(ReleaseError, match="edition 2023 has been released since"):
        release(first)
    release(publish(project, NAMES[0]))


@pytest.mark.long
def test_every_product_of_a_trial_of_the_smallest_register_says_so(project: Path) -> None:
    """The gate refuses a trial of which a product does not."""
    production = open_edition(project / "params" / "2023.yml", name="tried")
    run_steps(steps_of(production), production.workspace.build)
    assert (production.workspace.publication / "index.html").is_file()
