"""The data catalogue: DCAT-AP-SE 3 as JSON-LD, so that data portals can find the tables.

Profile: *DCAT-AP-SE* (Digg, the Swedish Agency for Digital Government). Mandatory: a catalogue's title, description,
publisher, licence and datasets; a dataset's title, description and publisher; a distribution's access address; a
contact's name and e-mail; an agent's name and type; a distribution's access address and format. Of a format the Swedish profile
takes the media type as text and the European one the address of a file type: addresses stand here, of both. An edition has no
web address of its own yet: identifiers are relative to the place where the catalogue lies.
"""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from kvarn import metadata
from kvarn.disseminate.licence import licence_statement
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
_IANA = "https://www.iana.org/assignments/media-types"
# A statistics office is one: an assumption.
_AGENT_TYPE = "http://purl.org/adms/publishertype/NationalAuthority"
_ALGORITHM = "spdx:checksumAlgorithm_sha256"
_CONTEXT = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dcterms": "http://purl.org/dc/terms/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_LANGUAGES = {"sv": "SWE", "en": "ENG"}


class _Format(NamedTuple):
    """A format: its name, the file type of the EU, the registered media type and the standard, where there is one, and words."""

    title: str
    file_type: str
    media_type: str | None
    standard: str | None
    words: str


_CSV = _Format("CSV", "CSV", "text/csv", "https://www.w3.org/TR/tabular-data-model/", "catalogue.format.codes")
_LABELLED = _Format(*_CSV[:-1], "catalogue.format.labelled")
_PARQUET = _Format(
    "Parquet",
    "PARQUET",
    "application/vnd.apache.parquet",
    "https://parquet.apache.org/docs/file-format/",
    "catalogue.format.codes",
)
# PX has no registered media type, and what describes it no address that is known to last.
_PX = _Format("PX", "TXT", None, None, "catalogue.format.database")
_JSON_STAT = _Format("JSON-stat 2.0", "JSON", "application/json", "https://json-stat.org/full/", "catalogue.format.database")
_SDMX = _Format(
    "SDMX-CSV 2.0",
    "SDMX",
    "application/vnd.sdmx.data+csv",
    "https://github.com/sdmx-twg/sdmx-csv",
    "catalogue.format.database",
)
# Folder, ending, format; a folder of a language has files of that one.
_DISTRIBUTIONS = (
    ("data", ".csv", _CSV),
    *((f"data/{language}", ".csv", _LABELLED) for language in _LANGUAGES),
    ("data", ".parquet", _PARQUET),
    ("database", ".px", _PX),
    *((f"database/{language}", ".json", _JSON_STAT) for language in _LANGUAGES),
    ("database", ".sdmx.csv", _SDMX),
)
# What the things are that are named by their addresses, for whoever reads the catalogue without fetching them.
_NAMED = {
    "dcterms:license": "dcterms:LicenseDocument",
    "dcterms:language": "dcterms:LinguisticSystem",
    "dcterms:accrualPeriodicity": "dcterms:Frequency",
    "dcterms:accessRights": "dcterms:RightsStatement",
    "dcterms:spatial": "dcterms:Location",
    "dcterms:format": "dcterms:MediaTypeOrExtent",
    "dcat:mediaType": "dcterms:MediaType",
    "dcterms:conformsTo": "dcterms:Standard",
    "dcterms:type": "skos:Concept",
    "dcatap:availability": "skos:Concept",
    "dcat:theme": "skos:Concept",
    "dcat:themeTaxonomy": "skos:ConceptScheme",
    "dcat:landingPage": "foaf:Document",
    "foaf:homepage": "foaf:Document",
    "spdx:algorithm": "spdx:ChecksumAlgorithm",
}


def write_catalogue(tables: ProtectedTables, edition: Edition, publication: Path) -> Path:
    """Write ``database/catalogue.jsonld``: one dataset a table, one distribution a file of it in `publication`."""
    datasets = [_dataset(tables[name], edition, publication) for name in tables.names()]
    graph = [_catalogue(tables, edition), _publisher(edition), _contact(edition)]
    for dataset, distributions in datasets:
        graph += [dataset, *distributions]
    graph += _kinds(graph)
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
        "dcterms:modified": _date(publication.published.isoformat()),
        "dcterms:spatial": {"@id": f"{_EU}/country/SWE"},
        "schema:creativeWorkStatus": _both(lambda language: stage_name(edition, language)),
        **({} if edition.correction is None else {"adms:versionNotes": _both(partial(correction_notice, edition))}),
        **({} if publication.address is None else {"foaf:homepage": {"@id": publication.address}}),
        "dcterms:language": _languages(),
        "dcat:themeTaxonomy": {"@id": f"{_EU}/data-theme"},
        "dcat:dataset": [{"@id": f"#{name}"} for name in tables.names()],
    }


def _publisher(edition: Edition) -> dict[str, Any]:
    return {
        "@id": "#publisher",
        "@type": "foaf:Agent",
        "foaf:name": _both(edition.publication.publisher.label),
        "dcterms:type": {"@id": _AGENT_TYPE},
    }


def _contact(edition: Edition) -> dict[str, Any]:
    contact = edition.publication.contact
    described: dict[str, Any] = {
        "@id": "#contact",
        "@type": ["vcard:Kind", "vcard:Organization"],
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
        "dcterms:modified": _date(edition.publication.published.isoformat()),
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
    for folder, ending, kind in _DISTRIBUTIONS:
        file = publication / folder / f"{name}{ending}"
        if not file.is_file():
            continue
        content = file.read_bytes()
        address = {"@id": f"../{folder}/{name}{ending}"}
        language = folder.partition("/")[2]
        title = f"{kind.title} ({language})" if language else kind.title
        distribution: dict[str, Any] = {
            "@id": f"#{name}{f'-{language}' if language else ''}{ending}",
            "@type": "dcat:Distribution",
            "dcterms:title": [{"@value": title, "@language": one} for one in metadata.languages],
            "dcterms:description": _both(lambda one, key=kind.words, of=title: word(key, one, format=of)),
            "dcterms:format": {"@id": f"{_EU}/file-type/{kind.file_type}"},
            **({} if kind.media_type is None else {"dcat:mediaType": {"@id": f"{_IANA}/{kind.media_type}"}}),
            **({} if kind.standard is None else {"dcterms:conformsTo": {"@id": kind.standard}}),
            "dcterms:issued": _date(edition.publication.published.isoformat()),
            "dcterms:modified": _date(edition.publication.published.isoformat()),
            "dcatap:availability": {"@id": f"{_EU}/planned-availability/STABLE"},
            "dcat:accessURL": address,
            "dcat:downloadURL": address,
            "dcat:byteSize": {"@value": str(len(content)), "@type": "xsd:nonNegativeInteger"},
            "spdx:checksum": {
                "@type": "spdx:Checksum",
                "spdx:algorithm": {"@id": _ALGORITHM},
                "spdx:checksumValue": {"@value": hashlib.sha256(content).hexdigest(), "@type": "xsd:hexBinary"},
            },
        }
        if language:
            distribution["dcterms:language"] = {"@id": f"{_EU}/language/{_LANGUAGES[language]}"}
        if edition.publication.licence:
            distribution["dcterms:license"] = {"@id": edition.publication.licence}
        else:
            said = _both(partial(licence_statement, edition))
            distribution["dcterms:rights"] = {"@type": "dcterms:RightsStatement", "rdfs:label": said}
        described.append(distribution)
    return described


def _kinds(graph: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each thing is that is named by its address."""
    found: dict[str, str] = {}
    for entity in graph:
        # The algorithm stands within the checksum.
        for key, value in (*entity.items(), *entity.get("spdx:checksum", {}).items()):
            for one in value if isinstance(value, list) else [value]:
                if key in _NAMED and isinstance(one, dict) and "@id" in one:
                    found[one["@id"]] = _NAMED[key]
    theme = current_programme().about.subject.theme
    names = {
        _AGENT_TYPE: ("skos:prefLabel", "catalogue.agent"),
        f"{_EU}/planned-availability/STABLE": ("skos:prefLabel", "catalogue.availability"),
        f"{_EU}/data-theme": ("dcterms:title", "catalogue.themes"),
        f"{_EU}/data-theme/{theme}": ("skos:prefLabel", f"catalogue.theme.{theme}"),
    }
    described = []
    for address, kind in sorted(found.items()):
        called, key = names.get(address, ("", ""))
        name = {called: _both(lambda language, key=key: word(key, language))} if called else {}
        described.append({"@id": address, "@type": kind, **name})
    return described


def _with_notice(said: str, edition: Edition, language: str) -> str:
    return f"{said} {metadata.text('synthetic.notice', language)}" if edition.synthetic else said


def _both(said: Any) -> list[dict[str, str]]:
    return [{"@value": said(language), "@language": language} for language in metadata.languages]


def _date(day: str) -> dict[str, str]:
    return {"@value": day, "@type": "xsd:date"}


def _languages() -> list[dict[str, str]]:
    return [{"@id": f"{_EU}/language/{_LANGUAGES[language]}"} for language in metadata.languages]
