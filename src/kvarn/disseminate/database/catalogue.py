"""The data catalogue: DCAT-AP-SE 3 as JSON-LD, so that data portals can find the tables.

Profile: *DCAT-AP-SE* (Digg, the Swedish Agency for Digital Government). Mandatory: a catalogue's title, description,
publisher, licence and datasets; a dataset's title, description and publisher; a distribution's access address; a
contact's name and e-mail. An edition has no web address of its own yet: identifiers are relative to the place where
the catalogue lies.
"""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

from kvarn import metadata
from kvarn.disseminate.protected import ProtectedTable, ProtectedTables
from kvarn.disseminate.stage import correction_notice, stage_name
from kvarn.disseminate.table_notes import table_notes
from kvarn.disseminate.templates import word
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition
from kvarn.programme import current_programme

__all__ = ["write_catalogue"]

# The profile wants the catalogue itself, which is only descriptions, under CC0; the data have the edition's own
# licence.
CATALOGUE_LICENCE = "http://creativecommons.org/publicdomain/zero/1.0/"
_EU = "http://publications.europa.eu/resource/authority"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "schema": "http://schema.org/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_LANGUAGES = {"sv": "SWE", "en": "ENG"}
# Folder, ending, media type, title; where it is of one language, that language.
_DISTRIBUTIONS = (
    ("data", ".csv", "text/csv", "CSV"),
    *((f"data/{language}", ".csv", "text/csv", f"CSV ({language})") for language in _LANGUAGES),
    ("database", ".px", "text/x-pcaxis", "PX"),
    *((f"database/{language}", ".json", "application/json", f"JSON-stat 2.0 ({language})") for language in _LANGUAGES),
    ("database", ".sdmx.csv", "application/vnd.sdmx.data+csv;version=2.0.0", "SDMX-CSV 2.0"),
)


def write_catalogue(tables: ProtectedTables, edition: Edition, publication: Path) -> Path:
    """Write ``database/catalogue.jsonld``: one dataset a table, one distribution a file of it in `publication`."""
    datasets = [_dataset(tables[name], edition, publication) for name in tables.names()]
    graph = [_catalogue(tables, edition), _publisher(edition), _contact(edition)]
    for dataset, distributions in datasets:
        graph += [dataset, *distributions]
    document = {"@context": _CONTEXT, "@graph": graph}
    written = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return write_beside(publication / "database" / "catalogue.jsonld", written)


def _catalogue(tables: ProtectedTables, edition: Edition) -> dict[str, Any]:
    publication, year = edition.publication, edition.reference_year
    return {
        "@id": "#catalogue",
        "@type": "dcat:Catalog",
        "dcterms:title": _both(
            lambda language: word("catalogue.title", language, title=publication.title.label(language), year=year)
        ),
        "dcterms:description": _both(
            lambda language: _with_notice(
                word("catalogue.description", language, title=publication.title.label(language), year=year),
                edition,
                language,
            )
        ),
        "dcterms:publisher": {"@id": "#publisher"},
        "dcterms:license": {"@id": CATALOGUE_LICENCE},
        "dcterms:issued": _date(publication.published.isoformat()),
        "schema:creativeWorkStatus": _both(lambda language: stage_name(edition, language)),
        **({} if edition.correction is None else {"adms:versionNotes": _both(partial(correction_notice, edition))}),
        "dcterms:language": _languages(),
        "dcat:themeTaxonomy": {"@id": f"{_EU}/data-theme"},
        "dcat:dataset": [{"@id": f"#{name}"} for name in tables.names()],
    }


def _publisher(edition: Edition) -> dict[str, Any]:
    return {
        "@id": "#publisher",
        "@type": "foaf:Agent",
        "foaf:name": _both(edition.publication.publisher.label),
    }


def _contact(edition: Edition) -> dict[str, Any]:
    contact = edition.publication.contact
    described: dict[str, Any] = {
        "@id": "#contact",
        "@type": "vcard:Organization",
        "vcard:fn": contact.name,
        "vcard:hasEmail": {"@id": f"mailto:{contact.email}"},
    }
    if contact.telephone:
        number = "".join(sign for sign in contact.telephone if sign.isdigit() or sign == "+")
        described["vcard:hasTelephone"] = {"vcard:hasValue": {"@id": f"tel:{number}"}}
    return described


def _dataset(table: ProtectedTable, edition: Edition, publication: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    name = table.definition.name
    distributions = _distributions(name, edition, publication)
    keywords = [{"@value": word("catalogue.keyword", language), "@language": language} for language in metadata.languages]
    if edition.synthetic:
        keywords += [{"@value": word("synthetic.keyword", language), "@language": language} for language in metadata.languages]
    dataset = {
        "@id": f"#{name}",
        "@type": "dcat:Dataset",
        "dcterms:identifier": name,
        "dcterms:title": _both(table.title),
        "dcterms:description": _both(lambda language: _with_notice(_described(table, edition, language), edition, language)),
        "dcterms:publisher": {"@id": "#publisher"},
        "dcat:contactPoint": {"@id": "#contact"},
        "dcterms:issued": _date(edition.publication.published.isoformat()),
        "schema:creativeWorkStatus": _both(lambda language: stage_name(edition, language)),
        "dcterms:language": _languages(),
        "dcterms:accrualPeriodicity": {"@id": f"{_EU}/frequency/ANNUAL"},
        "dcterms:accessRights": {"@id": f"{_EU}/access-right/PUBLIC"},
        "dcterms:spatial": {"@id": f"{_EU}/country/SWE"},
        "dcterms:temporal": {
            "@type": "dcterms:PeriodOfTime",
            "dcat:startDate": _date(f"{table.years[0]}-01-01"),
            "dcat:endDate": _date(f"{table.years[-1]}-12-31"),
        },
        "dcat:theme": {"@id": f"{_EU}/data-theme/{current_programme().about.subject.theme}"},
        "dcat:keyword": keywords,
        "dcat:distribution": [{"@id": distribution["@id"]} for distribution in distributions],
    }
    # The table in the explorer: each language's page, opened on it.
    pages = [f"{language}/index.html" for language in edition.languages]
    if there := [page for page in pages if (publication / "database" / page).is_file()]:
        dataset["dcat:landingPage"] = [{"@id": f"{page}#table={name}"} for page in there]
    return dataset, distributions


def _described(table: ProtectedTable, edition: Edition, language: str) -> str:
    measures = [metadata.measure(name) for name in table.definition.measures]
    definitions = " ".join(f"{measure.label(language)}: {measure.definition[language]}" for measure in measures)
    return " ".join([*table_notes(table, edition, language), definitions])


def _distributions(name: str, edition: Edition, publication: Path) -> list[dict[str, Any]]:
    described = []
    for folder, ending, media_type, title in _DISTRIBUTIONS:
        file = publication / folder / f"{name}{ending}"
        if not file.is_file():
            continue
        content = file.read_bytes()
        address = {"@id": f"../{folder}/{name}{ending}"}
        language = folder.partition("/")[2]
        distribution: dict[str, Any] = {
            "@id": f"#{name}{f'-{language}' if language else ''}{ending}",
            "@type": "dcat:Distribution",
            "dcterms:title": title,
            "dcterms:format": media_type,
            "dcat:accessURL": address,
            "dcat:downloadURL": address,
            "dcat:byteSize": {"@value": str(len(content)), "@type": "xsd:nonNegativeInteger"},
            "spdx:checksum": {
                "@type": "spdx:Checksum",
                "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                "spdx:checksumValue": {"@value": hashlib.sha256(content).hexdigest(), "@type": "xsd:hexBinary"},
            },
        }
        if language:
            distribution["dcterms:language"] = {"@id": f"{_EU}/language/{_LANGUAGES[language]}"}
        if edition.publication.licence:
            distribution["dcterms:license"] = {"@id": edition.publication.licence}
        described.append(distribution)
    return described


def _with_notice(said: str, edition: Edition, language: str) -> str:
    return f"{said} {metadata.text('synthetic.notice', language)}" if edition.synthetic else said


def _both(said: Any) -> list[dict[str, str]]:
    return [{"@value": said(language), "@language": language} for language in metadata.languages]


def _date(day: str) -> dict[str, str]:
    return {"@value": day, "@type": "xsd:date"}


def _languages() -> list[dict[str, str]]:
    return [{"@id": f"{_EU}/language/{_LANGUAGES[language]}"} for language in metadata.languages]
