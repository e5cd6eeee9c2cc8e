"""A procedure that only the official list of the year has goes the whole way, in both languages."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kvarn import metadata
from kvarn.pipeline import Production
from tests.end_to_end.few_places import write_few_places
from tests.end_to_end.few_tables import let_programme_have_few_tables

pytestmark = pytest.mark.end_to_end

SHARED = Path(os.environ.get("KVARN_SHARED_DATA", Path(__file__).parents[2] / "../shared/data"))
# On no list of kvarn's own. One is given to enough persons to be published, one to a single person.
COMMON, RARE, UNUSED = "PK001", "AA002", "AA003"
PERSONS_WITH_IT = 12


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real list where it is at hand, else one in its layout."""
    if (SHARED / "kva-2020.csv").is_file():
        return SHARED / "kva-2020.csv"
    codes = {row["code"]: row["sv"] for row in metadata.own_codelist("procedure").rows if row["code"] not in ("T", "AW020")}
    codes |= {COMMON: "Bedömning av att genomföra en uppgift", RARE: "Algometri (i)", UNUSED: "Långtidsövervakning"}
    # Numbers that real titles have.
    codes |= {
        "ZX102": "2 åtgärder med samma kod vid samma tillfälle (i)",
        "XU015": "Avskiljande i minst 15 men mindre än 30 dagar",
    }
    path = tmp_path_factory.mktemp("official") / "kva-2020.csv"
    pd.DataFrame(codes.items(), columns=["key", "value"]).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def edition(
    official: Path,
    tmp_path_factory: pytest.TempPathFactory,
    make_project: Callable[[Path, Path], Path],
    publish: Callable[..., Production],
) -> Iterator[Production]:
    source = tmp_path_factory.mktemp("source")
    write_few_places(source, first_year=2020, last_year=2020, seed=3, procedures=6)
    _give_official_codes(source)
    project = make_project(tmp_path_factory.mktemp("project"), source)
    let_programme_have_few_tables(project, ("geography",))
    metadata.import_codelist(official, name="procedure", year=2020, into=project / metadata.CODELISTS, short="for the test")
    dates = [f"publication.{name}=2021-09-07" for name in ("published", "scheduled")]
    yield publish(project, "first_year=2020", "reference_year=2020", "publication.previous=null", *dates)
    metadata.use_project(None)


def _give_official_codes(source: Path) -> None:
    """Add a row for each of some persons to the largest delivery of a month."""
    delivery = max(source.rglob("KHSL2_*_202003.txt"), key=lambda path: path.stat().st_size)
    rows = [line.split(";") for line in delivery.read_text(encoding="utf-8").splitlines()]
    persons = list(dict.fromkeys(row[1] for row in rows))[:PERSONS_WITH_IT]
    assert len(persons) == PERSONS_WITH_IT
    given = [(number, COMMON) for number in persons] + [(persons[0], RARE)]
    added = [";".join([rows[0][0], number, "20200305", code, "XS910"]) for number, code in given]
    with delivery.open("a", encoding="utf-8", newline="") as file:
        file.writelines(f"{line}\n" for line in added)


@pytest.fixture(scope="module")
def by_code(edition: Production) -> pd.DataFrame:
    path = edition.workspace.publication / "data" / "procedures-by-code.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False).set_index(["procedure", "measure"])


def test_every_row_was_taken_in(edition: Production) -> None:
    deliveries = pd.read_parquet(edition.workspace.collected / "2020" / "deliveries.parquet")
    assert len(deliveries) and set(deliveries["verdict"]) == {"accepted"}
    assert (deliveries["received"] == deliveries["accepted"]).all()


def test_the_code_is_counted_and_published(by_code: pd.DataFrame) -> None:
    assert by_code.loc[(COMMON, "procedures"), "value"] == str(PERSONS_WITH_IT)
    assert by_code.loc[(COMMON, "persons_with_procedure"), "value"] == str(PERSONS_WITH_IT)


def test_a_code_given_to_one_person_is_withheld_and_one_never_given_has_no_row(by_code: pd.DataFrame) -> None:
    assert by_code.loc[(RARE, "procedures"), ["value", "status"]].tolist() == ["", "X"]
    assert UNUSED not in by_code.index.get_level_values("procedure")
    assert len(by_code) < 2 * 200


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_code_stands_with_its_title_in_every_product(edition: Production, language: str) -> None:
    publication = edition.workspace.publication
    title = metadata.codelist("procedure").label(COMMON, "sv")
    book = openpyxl.load_workbook(publication / language / "tables.xlsx", read_only=True)
    rows = [row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) if COMMON in row]
    assert [title in row for row in rows] == [True]
    dataset = json.loads((publication / "database" / language / "procedures-by-code.json").read_text(encoding="utf-8"))
    described = dataset["dimension"]
    assert described["procedure"]["category"]["label"][COMMON] == title
    tag = "" if language == "sv" else "[en]"
    px = (publication / "database" / "procedures-by-code.px").read_text(encoding="utf-8")
    label = metadata.variable("procedure").label(language)
    values = px.split(f'VALUES{tag}("{label}")=', 1)[1].split(";\n", 1)[0]
    assert f'"{title}"' in values


def test_open_data_call_no_swedish_title_english(edition: Production) -> None:
    described = json.loads(
        (edition.workspace.publication / "data" / "procedures-by-code.csv-metadata.json").read_text(encoding="utf-8")
    )
    (column,) = [column for column in described["tableSchema"]["columns"] if column["name"] == "procedure"]
    languages = {one["skos:notation"]: [label["@language"] for label in one["skos:prefLabel"]] for one in column["skos:member"]}
    assert languages[COMMON] == ["sv"]
    assert languages["DT019"] == ["sv", "en"]
