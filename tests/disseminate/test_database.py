"""Database files: read back by kvarn's own readers, by pyaxis, pandas-pcaxis, jsonstat-validator and rdflib."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import rdflib
import yaml
from jsonstat_validator import validate_jsonstat
from pandas_pcaxis import PxParser
from pyaxis import pyaxis

from kvarn import metadata
from kvarn.disseminate.database import write_catalogue, write_database, write_px
from kvarn.disseminate.database.jsonstat import collection_title, notices
from kvarn.disseminate.database.jsonstat_examine import faults_of_collection
from kvarn.disseminate.database.read import read_jsonstat, read_px, read_sdmx
from kvarn.disseminate.explorer import write_explorer
from kvarn.disseminate.open_data import write_open_data
from kvarn.disseminate.protected import ProtectedTables
from kvarn.edition import Edition
from kvarn.errors import InputError

PROJECT = Path(__file__).parents[2]
MANDATORY = [
    "CONTENTS",
    "DECIMALS",
    "HEADING",
    "MATRIX",
    "STUB",
    "SUBJECT-AREA",
    "SUBJECT-CODE",
    "TITLE",
    "UNITS",
    "CHARSET",
    "CODEPAGE",
    "LANGUAGE",
    "LANGUAGES",
    "AXIS-VERSION",
    "CREATION-DATE",
    "CONTVARIABLE",
    "SOURCE",
    "DATASYMBOL1",
    "DATASYMBOL2",
    "DATASYMBOL3",
]
DOTS = (".", "..", "...")
NAMES = [table.name for table in metadata.tables()]


def demo(**changes: Any) -> Edition:
    values = yaml.safe_load((PROJECT / "params" / "demo.yml").read_text(encoding="utf-8"))
    return Edition.model_validate(values | changes)


@pytest.fixture(scope="module")
def publication(tables: ProtectedTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("publication")
    write_open_data(tables, demo(), folder / "data")
    write_database(tables, demo(), folder / "database")
    write_explorer(tables, demo(), folder / "database")
    write_catalogue(tables, demo(), folder)
    return folder


def protected_cells(folder: Path, name: str) -> dict[tuple[str, ...], tuple[Decimal | None, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return {
            tuple(row[key] for key in (*metadata.table(name).variables, "measure")): (
                Decimal(row["value"]) if row["value"] else None,
                row["status"],
            )
            for row in csv.DictReader(lines)
        }


@pytest.mark.parametrize("name", NAMES)
def test_every_format_holds_exactly_the_protected_cells(publication: Path, protected_folder: Path, name: str) -> None:
    wanted = protected_cells(protected_folder, name)
    variables = tuple(metadata.table(name).variables)
    assert read_sdmx(publication / "database" / f"{name}.sdmx.csv", variables) == wanted
    for read, file in ((read_px, f"{name}.px"), (read_jsonstat, f"sv/{name}.json"), (read_jsonstat, f"en/{name}.json")):
        found = read(publication / "database" / file, variables)
        assert {key: cell for key, cell in found.items() if key in wanted} == wanted
        assert {cell for key, cell in found.items() if key not in wanted} <= {(None, "..")}


@pytest.mark.parametrize(("language", "sex", "total"), [("sv", "Kön", "Totalt"), ("en", "Sex", "Total")])
def test_pyaxis_reads_px_in_both_languages(
    publication: Path, tables: ProtectedTables, language: str, sex: str, total: str
) -> None:
    read = pyaxis.parse(str(publication / "database" / "persons-by-month.px"), encoding="utf-8", lang=language)
    frame = read["DATA"]
    measure = metadata.measure("persons").label(language)
    year, month = metadata.variable("year").label(language), metadata.variable("month").label(language)
    whole = metadata.codelist("month").label("T", language)
    rows = frame[(frame[sex] == total) & (frame[year] == "2023") & (frame[month] == whole)]
    assert measure in set(frame.iloc[:, 3])
    assert [float(value) for value in rows["DATA"]] == [
        tables["persons-by-month"].cell(year=2023, month="T", sex="T", measure="persons").value
    ]


@pytest.mark.parametrize("name", NAMES)
def test_pandas_pcaxis_reads_every_px_file(publication: Path, protected_folder: Path, name: str) -> None:
    written = (publication / "database" / f"{name}.px").read_text(encoding="utf-8")
    read = PxParser(encoding="utf-8").parse(written)
    numbers = [0.0 if cell == "-" else cell for cell in read.to_df(drop_sums=False).to_numpy().ravel() if cell not in DOTS]
    wanted = [float(value) for value, _ in protected_cells(protected_folder, name).values() if value is not None]
    assert sorted(map(float, numbers)) == sorted(wanted)
    # As it is by default, without totals.
    assert len(read.to_df()) > 0


def test_px_says_what_readers_ask_of_a_variable_and_a_measure(tables: ProtectedTables, tmp_path: Path) -> None:
    table = tables["persons-by-municipality-sex-age"]
    real = demo(synthetic=False)
    later = real.publication.model_copy(update={"next": real.publication.published.replace(year=2030)})
    led = demo().publication.model_copy(update={"address": "https://statistics.example/2023/"})
    there = write_px(table, demo().model_copy(update={"publication": led}), tmp_path / "c.px").read_text(encoding="utf-8")
    assert 'LINK="https://statistics.example/2023/";' in there and 'LINK[en]="https://statistics.example/2023/";' in there
    written = write_px(table, real.model_copy(update={"publication": later}), tmp_path / "a.px").read_text(encoding="utf-8")
    assert 'MAP("Region")="kommun";' in written and "LINK" not in written
    kinds = dict(re.findall(r'^VARIABLE-TYPE\("(\w+)"\)="(\w)";$', written, re.MULTILINE))
    assert kinds == {"Region": "G", "Kön": "V", "Ålder": "V", "År": "T", "Mått": "C"}
    assert 'REFPERIOD("Personer")="2023";' in written and 'REFPERIOD[en]("Persons")="2023";' in written
    assert re.search(r'^NEXT-UPDATE="2030\d{4} 00:00";$', written, re.MULTILINE)
    for tag, language in (("", "sv"), ("[en]", "en")):
        assert f'SURVEY{tag}="{metadata.text("register.name", language)}";' in written
    # Of what each measure has nothing stands for the whole table beside it.
    assert not re.search(r"^(?:CONTACT|LAST-UPDATED)(?:\[en\])?=", written, re.MULTILINE)
    series = write_px(tables["persons-by-year-sex-age"], demo(), tmp_path / "b.px").read_text(encoding="utf-8")
    assert 'REFPERIOD("Personer")="2017–2023";' in series
    # A synthetic table is of no register.
    assert "SURVEY" not in series and "NEXT-UPDATE" not in series


def test_px_has_every_mandatory_keyword_and_data_last(publication: Path) -> None:
    written = (publication / "database" / "deliveries-by-year.px").read_text(encoding="utf-8")
    for keyword in MANDATORY:
        assert re.search(rf"^{keyword}=", written, re.MULTILINE), keyword
    for keyword in ("TITLE", "CONTENTS", "STUB", "HEADING", "UNITS", "SUBJECT-AREA", "CONTVARIABLE"):
        assert re.search(rf"^{keyword}\[en\]=", written, re.MULTILINE), keyword
    assert written.startswith('CHARSET="ANSI";\nAXIS-VERSION="2013";\nCODEPAGE="utf-8";\n')
    assert 'TIMEVAL("År")=TLIST(A1),"2017"' in written
    data = written.split("\nDATA=\n")[1]
    assert re.fullmatch(r'(?:[-0-9."\s])+;\n', data)


def test_px_shows_x_for_suppressed_cells_as_three_dots(publication: Path) -> None:
    written = (publication / "database" / "procedures-by-profession.px").read_text(encoding="utf-8")
    assert 'DATASYMBOL3="X";' in written
    assert '"..."' in written.split("\nDATA=")[1]


def test_px_lines_hold_no_quotation_mark_inside_a_text(tables: ProtectedTables, tmp_path: Path) -> None:
    edition = demo()
    contact = edition.publication.contact.model_copy(update={"name": 'A "quoted" name; with a semicolon'})
    edition = edition.model_copy(update={"publication": edition.publication.model_copy(update={"contact": contact})})
    path = write_px(tables["persons-by-month"], edition, tmp_path / "x.px")
    assert "A 'quoted' name; with a semicolon" in path.read_text(encoding="utf-8")
    assert len(read_px(path, ("year", "month", "sex"))) == len(tables["persons-by-month"].frame)


def test_a_px_file_that_was_cut_off_is_refused(publication: Path, tmp_path: Path) -> None:
    whole = (publication / "database" / "persons-by-month.px").read_bytes()
    (tmp_path / "x.px").write_bytes(whole[:-40])
    with pytest.raises(InputError, match="cut off"):
        read_px(tmp_path / "x.px", ("year", "month", "sex"))


@pytest.mark.parametrize("name", NAMES)
def test_json_stat_is_valid_and_in_both_languages(publication: Path, tables: ProtectedTables, name: str) -> None:
    for language in ("sv", "en"):
        dataset = json.loads((publication / "database" / language / f"{name}.json").read_text(encoding="utf-8"))
        assert validate_jsonstat(dataset)
        assert dataset["label"] == tables[name].title(language) and dataset["extension"]["px"]["language"] == language
        assert dataset["role"]["time"] == ["year"] and dataset["role"]["metric"] == ["measure"]
        for dimension in dataset["id"]:
            category = dataset["dimension"][dimension]["category"]
            assert list(category["label"]) == list(category["index"]) and sorted(category["index"].values()) == list(
                range(len(category["label"]))
            )
        assert dataset["dimension"]["measure"]["category"]["unit"].keys() == category["index"].keys()


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_collection_leads_to_every_table(publication: Path, tables: ProtectedTables, language: str) -> None:
    folder = publication / "database" / language
    collection = json.loads((folder / "tables.collection.json").read_text(encoding="utf-8"))
    # The validator takes no address that is relative to the file, which is all that a folder without a server has.
    written = json.dumps(collection)
    assert validate_jsonstat(json.loads(written.replace('"href": "', '"href": "https://statistics.example/2023/')))
    assert [one["label"] for one in collection["link"]["item"]] == [tables[name].title(language) for name in tables.names()]
    told = {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in tables.names()}
    assert [json.loads((folder / one["href"]).read_text("utf-8")) for one in collection["link"]["item"]] == [*told.values()]
    title, must = collection_title(demo(), language), [*notices(demo(), language)]
    assert len(must) == 2 and list(faults_of_collection(written, title, told, must)) == []
    item = json.dumps(collection["link"]["item"][0])
    for changed in (
        written.replace(".json", ".html", 1),
        written.replace('"label": "', '"label": "7 ', 1),
        written.replace('"note": [', '"note": ["Of 7 persons.", '),
        written.replace('"note": [', '"note": ["2", '),
        written.replace('{"version"', '{"more": 3, "version"'),
        written.replace(item, f"{item}, {item}"),
        written.replace('"link": {', '"link": {"other": [], '),
        json.dumps({**collection, "note": collection["note"][1:]}),
        json.dumps({**collection, "note": []}),
        "[]",
    ):
        assert changed != written and list(faults_of_collection(changed, title, told, must))


def test_json_stat_has_null_and_a_symbol_where_a_cell_is_suppressed(publication: Path) -> None:
    path = publication / "database" / "sv" / "persons-by-municipality-sex-age.json"
    dataset = json.loads(path.read_text(encoding="utf-8"))
    suppressed = [int(place) for place, symbol in dataset["status"].items() if symbol == "X"]
    assert suppressed and all(dataset["value"][place] is None for place in suppressed)


def test_sdmx_tells_suppression_without_telling_primary_from_secondary(publication: Path) -> None:
    with (publication / "database" / "persons-by-municipality-sex-age.sdmx.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0])[:3] == ["STRUCTURE", "STRUCTURE_ID", "ACTION"]
    assert {row["STRUCTURE_ID"] for row in rows} == {"KVARN:PERSONS_BY_MUNICIPALITY_SEX_AGE(1.0)"}
    assert {(row["OBS_STATUS"], row["CONF_STATUS"], row["OBS_VALUE"] == "NaN") for row in rows} == {
        ("A", "F", False),
        ("Q", "N", True),
    }
    assert {row["REF_AREA"] for row in rows} >= {"SE_0114", "SE_1280"}
    assert {row["SEX"] for row in rows} == {"_T", "M", "F"}
    assert {row["AGE"] for row in rows} == {"_T", "Y0T64", "Y_GE65", "Y65T79", "Y_GE80"}


def test_sdmx_has_monthly_periods_for_months(publication: Path) -> None:
    with (publication / "database" / "persons-by-month.sdmx.csv").open(encoding="utf-8") as lines:
        periods = {(row["FREQ"], row["TIME_PERIOD"]) for row in csv.DictReader(lines)}
    assert ("A", "2023") in periods and ("M", "2023-07") in periods
    assert len(periods) == 7 * 13


def test_the_catalogue_has_what_dcat_ap_se_makes_mandatory(publication: Path, tables: ProtectedTables) -> None:
    graph = rdflib.Graph()
    base = "https://statistics.example/2023/database/catalogue.jsonld"
    graph.parse(publication / "database" / "catalogue.jsonld", format="json-ld", publicID=base)
    dcat, terms = rdflib.Namespace("http://www.w3.org/ns/dcat#"), rdflib.DCTERMS
    (catalogue,) = graph.subjects(rdflib.RDF.type, dcat.Catalog)
    for mandatory in (terms.title, terms.description, terms.publisher, terms.license, dcat.dataset):
        assert graph.value(catalogue, mandatory) or list(graph.objects(catalogue, mandatory))
    datasets = list(graph.objects(catalogue, dcat.dataset))
    assert len(datasets) == len(tables.names())
    for dataset in datasets:
        titles = {title.language for title in graph.objects(dataset, terms.title)}
        assert titles == {"sv", "en"}
        assert list(graph.objects(dataset, terms.description)) and graph.value(dataset, terms.publisher)
        assert len(list(graph.objects(dataset, dcat.distribution))) == 8
        pages = {str(page).removeprefix("https://statistics.example/2023/") for page in graph.objects(dataset, dcat.landingPage)}
        name = str(dataset).partition("#")[2]
        assert pages == {f"database/{language}/index.html#table={name}" for language in ("sv", "en")}
    for address in graph.objects(None, dcat.accessURL):
        assert (publication / str(address).removeprefix("https://statistics.example/2023/")).is_file()
    vcard = rdflib.Namespace("http://www.w3.org/2006/vcard/ns#")
    assert str(graph.value(None, vcard.hasEmail, None) or next(graph.objects(None, vcard.hasEmail))).startswith("mailto:")


def test_what_the_catalogue_names_is_an_address_and_has_its_kind(publication: Path) -> None:
    """What DCAT-AP 3 has rules for: each property of each class, an address or text, and the class of what it names."""
    graph = rdflib.Graph()
    graph.parse(publication / "database" / "catalogue.jsonld", format="json-ld", publicID="https://statistics.example/catalogue")
    dcat, terms, foaf = rdflib.Namespace("http://www.w3.org/ns/dcat#"), rdflib.DCTERMS, rdflib.FOAF
    ap = rdflib.Namespace("http://data.europa.eu/r5r/")
    wanted = {
        dcat.Catalog: {
            **{terms.publisher: foaf.Agent, terms.license: terms.LicenseDocument, terms.spatial: terms.Location},
            **{
                dcat.themeTaxonomy: rdflib.SKOS.ConceptScheme,
                terms.issued: None,
                terms.modified: None,
                dcat.dataset: dcat.Dataset,
            },
        },
        dcat.Dataset: {
            **{terms.publisher: foaf.Agent, dcat.distribution: dcat.Distribution, dcat.theme: rdflib.SKOS.Concept},
            **{
                terms.accrualPeriodicity: terms.Frequency,
                terms.accessRights: terms.RightsStatement,
                terms.spatial: terms.Location,
            },
            **{terms.issued: None, terms.modified: None, dcat.landingPage: foaf.Document, terms.identifier: None},
            dcat.contactPoint: rdflib.Namespace("http://www.w3.org/2006/vcard/ns#").Kind,
        },
        dcat.Distribution: {
            **{terms.format: terms.MediaTypeOrExtent, dcat.mediaType: terms.MediaType, terms.conformsTo: terms.Standard},
            **{ap.availability: rdflib.SKOS.Concept, terms.description: None, terms.title: None, dcat.byteSize: None},
            **{terms.issued: None, terms.modified: None, terms.rights: terms.RightsStatement},
        },
        foaf.Agent: {terms.type: rdflib.SKOS.Concept, foaf.name: None},
    }
    for kind, properties in wanted.items():
        entities = list(graph.subjects(rdflib.RDF.type, kind))
        assert entities, kind
        for entity in entities:
            for one, of in properties.items():
                values = list(graph.objects(entity, one))
                if str(entity).endswith(".px") and one in (dcat.mediaType, terms.conformsTo):
                    assert not values, "PX has no registered media type, and no address of its own that lasts"
                    continue
                assert values, f"{entity} has no {one}"
                assert all(of is None or (value, rdflib.RDF.type, of) in graph for value in values), f"{entity}: {one}"
    for concept in graph.subjects(rdflib.RDF.type, rdflib.SKOS.Concept):
        assert {name.language for name in graph.objects(concept, rdflib.SKOS.prefLabel)} == {"sv", "en"}, concept
    formats = {str(one).rpartition("/")[2] for one in graph.objects(None, terms.format)}
    assert formats == {"CSV", "PARQUET", "TXT", "JSON", "SDMX"}


def test_checksums_of_the_catalogue_are_those_of_the_files(publication: Path) -> None:
    graph = json.loads((publication / "database" / "catalogue.jsonld").read_text(encoding="utf-8"))["@graph"]
    distributions = [node for node in graph if node["@type"] == "dcat:Distribution"]
    for distribution in distributions:
        content = (publication / "database" / distribution["dcat:downloadURL"]["@id"]).read_bytes()
        assert distribution["spdx:checksum"]["spdx:checksumValue"]["@value"] == hashlib.sha256(content).hexdigest()


def test_every_file_of_a_synthetic_edition_is_marked_and_none_of_another(
    publication: Path, tables: ProtectedTables, tmp_path: Path
) -> None:
    for path in filter(Path.is_file, (publication / "database").rglob("*")):
        said = path.read_text(encoding="utf-8").casefold()
        assert "synthetic" in said or ("sv" in path.parts and "syntetisk" in said), path.name
    write_database(tables, demo(synthetic=False), tmp_path)
    for path in filter(Path.is_file, tmp_path.rglob("*")):
        said = path.read_text(encoding="utf-8").casefold().replace('"synthetic":false', "")
        assert "synthetic" not in said and "syntetisk" not in said, path.name


def test_writing_again_gives_the_same_bytes(publication: Path, tables: ProtectedTables, tmp_path: Path) -> None:
    for path in write_database(tables, demo(), tmp_path):
        assert path.read_bytes() == (publication / "database" / path.relative_to(tmp_path)).read_bytes()
