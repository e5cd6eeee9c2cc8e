"""A register in which just one person has a procedure and no care: it stops before the notebooks, and each remedy publishes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kvarn import metadata
from kvarn.cli import app
from kvarn.errors import FindingError
from kvarn.pipeline import Production, open_edition, run_steps, steps_of
from kvarn.pipeline.ordering import deliver_order
from tests.end_to_end.few_places import let_tables_have_few_places, write_few_places
from tests.end_to_end.few_tables import let_programme_have_few_tables

YEARS = "first_year=2023"
SWEDISH = "En person i en kommun har en åtgärd men är inte rapporterad som vårdad 2023."
ENGLISH = "One person in a municipality has a procedure but is not reported as cared for in 2023."
LONELY = "196002290010"

pytestmark = pytest.mark.end_to_end


def persons_of(folder: Path, kind: str, municipality: str) -> set[str]:
    files = folder.rglob(f"{kind}_{municipality}_2023*.txt")
    return {line.split(";")[1] for file in files for line in file.read_text(encoding="utf-8").splitlines()}


def text_of_px(file: Path) -> str:
    """A PX file with long texts in one piece."""
    return file.read_text(encoding="utf-8").replace('"\n"', "")


def with_one_person_without_care(folder: Path) -> Path:
    """Deliveries without a fault, but for one person in a municipality in which everybody has a procedure."""
    write_few_places(folder, first_year=2023, last_year=2023, seed=5, procedures=5)
    for file in sorted(folder.rglob("KHSL2_*_2023*.txt")):
        municipality = file.name.split("_")[1]
        if persons_of(folder, "KHSL1", municipality) == persons_of(folder, "KHSL2", municipality):
            fields = file.read_text(encoding="utf-8").splitlines()[0].split(";")
            with file.open("a", encoding="utf-8") as delivery:
                delivery.write(";".join([fields[0], LONELY, *fields[2:]]) + "\n")
            return folder
    raise AssertionError("no municipality in which everybody has a procedure")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, make_project: Callable[[Path, Path], Path]) -> Iterator[Path]:
    source = with_one_person_without_care(tmp_path_factory.mktemp("one") / "source")
    made = make_project(tmp_path_factory.mktemp("accepted"), source)
    let_tables_have_few_places(made)
    let_programme_have_few_tables(made, ("procedures", "persons"))
    yield made
    metadata.use_project(None)
    shutil.rmtree(made, ignore_errors=True)


def run(project: Path, *overrides: str, until: str | None = None) -> Production:
    production = open_edition(project / "params" / "demo.yml", overrides=("renderer=builtin", YEARS, *overrides))
    steps = steps_of(production)
    last = len(steps) if until is None else [step.name for step in steps].index(until) + 1
    run_steps(steps[:last], production.workspace.build)
    return production


def test_one_person_stops_the_run_and_each_remedy_publishes(project: Path) -> None:
    edition = project / "params" / "demo.yml"
    with pytest.raises(FindingError) as stopped:
        run(project)
    said = str(stopped.value)
    assert said.count("- what: procedures-without-care") == 1 and "data.care: reported_or_procedure" in said
    work = open_edition(edition).workspace
    assert not work.compute_notebooks.exists() and not work.publication.exists()
    refused = CliRunner().invoke(app, ["status", str(edition), "--set", YEARS])
    assert refused.exit_code != 0
    key, _, value = YEARS.partition("=")
    before = edition.read_text(encoding="utf-8")
    edition.write_text(re.sub(rf"^{key}: .*", f"{key}: {value}", before, flags=re.MULTILINE), encoding="utf-8")
    told = CliRunner().invoke(app, ["status", str(edition)])
    edition.write_text(before, encoding="utf-8")
    assert told.exit_code == 3 and said.splitlines()[0] in told.output and "2023: some persons have a procedure" in told.output
    assert LONELY not in told.output + said

    run(project, "data.care=reported_or_procedure", until="protect")

    pasted = said[said.index("accepted:\n") :].replace('why: ""', "why: One late file.").replace('by: ""', "by: A. A.")
    pasted = re.sub("shown: false.*", f"shown: {{sv: {SWEDISH}, en: {ENGLISH}}}", pasted)
    edition.write_text(edition.read_text(encoding="utf-8") + "\n" + pasted + "\n", encoding="utf-8")
    production = run(project, "languages=[en]")
    published = production.workspace.publication
    for document in ("annual-report", "methods-and-quality"):
        assert ENGLISH not in " ".join((published / "en" / f"{document}.html").read_text(encoding="utf-8").split())
    # The figures of the one place are withheld, and the note would tell that one of them is larger than the other.
    assert ENGLISH not in text_of_px(published / "database" / "procedures-by-region.px")
    written = "".join(path.read_text(encoding="utf-8") for path in published.rglob("*.json*"))
    assert ENGLISH not in written and "procedures-without-care" not in written and LONELY not in written

    # An order of the same figures does not stop either.
    order = project / "params" / "orders" / "example.yml"
    text = order.read_text(encoding="utf-8")
    for asked, less in {"by: [region, month]\n": "by: [region]\n", ", share_of_persons]": "]"}.items():
        assert asked in text
        text = text.replace(asked, less)
    order.write_text(text, encoding="utf-8")
    folder = deliver_order(order)
    assert ENGLISH not in text_of_px(folder / "database" / "example.px")
