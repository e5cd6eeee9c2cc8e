"""The record of a publication: what was made from what, as an RO-Crate.

It is public. So it tells of the rules of disclosure control what is public of them (`disclosure.public`), and no plain checksum
and no size of a file that is not public: whoever guesses a small file, such as the parameters with their limits, could confirm
the guess by it. Such a file has a checksum under the office's secret key, and none where there is no such key.

Everything in it is fixed by the
inputs: the date is the edition's own, never the clock's, so that the same inputs give the same bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kvarn import metadata
from kvarn.disseminate.licence import licence_statement
from kvarn.disseminate.recorded import DELIVERIES, RECORD, DeliverySet, RecordedFile, RecordedStep
from kvarn.disseminate.stage import correction_notice, stage_name, stage_notice
from kvarn.disseminate.templates import word
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition, is_public_key

__all__ = ["write_record"]

_MEDIA_TYPES = {
    ".csv-metadata.json": "application/csvm+json",
    ".sdmx.csv": "application/vnd.sdmx.data+csv;version=2.0.0",
    ".sdmx.xml": "application/vnd.sdmx.structure+xml;version=2.1",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".px": "text/x-pcaxis",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_ACCEPTED = (
    "Told as far as it can be seen in the published figures and the publisher has words for it. "
    "Whether there is more is not told."
)


def write_record(
    publication: Path,
    edition: Edition,
    edition_name: str,
    *,
    overrides: Sequence[str],
    inputs: Sequence[RecordedFile],
    deliveries: DeliverySet | None,
    steps: Sequence[RecordedStep],
    versions: Mapping[str, str],
    code_version: str,
    key: bytes | None = None,
    wall: str | None = None,
) -> Path:
    """Write ``ro-crate-metadata.json``, the last file of the publication's folder.

    Parameters
    ----------
    publication
        The folder; every file in it is recorded with its checksum and size.
    edition
        The year's parameters, recorded one by one.
    edition_name
        The edition's name, such as ``2023``.
    overrides
        ``key=value`` pairs that the command line put in place of parameters; told as far as the parameter is.
    inputs
        Files from outside: the edition's file, population, code lists. Not the deliveries.
    deliveries
        The set of delivery files, of which only the number and a checksum under the key are told.
    steps
        Which notebook or step made which files.
    versions
        The version of each package that was used.
    code_version
        The version of kvarn, with its commit where it is known.
    key
        The secret key of the checksums of what is not public. Without it, as with synthetic data, these have none.
    wall
        Which wall stood around the notebooks.
    """
    checked = _Checksums(key, edition_name)
    outputs = [
        RecordedFile.of(path, path.relative_to(publication).as_posix())
        for path in sorted(publication.rglob("*"))
        if path.is_file() and path.name != RECORD
    ]
    entities = [
        _descriptor(),
        _root(edition, edition_name, outputs, steps),
        *(_output(file) for file in outputs),
        *_contexts(edition),
        *_software(versions, code_version),
        *_parameters(edition, overrides),
        *([_property("#notebook-wall", "wall around the notebooks", wall)] if wall else []),
        *_accepted(edition),
        *(_input(file, checked) for file in sorted(inputs, key=lambda file: file.name)),
        *([_deliveries(deliveries, checked)] if deliveries else []),
        *_steps(steps, {file.name for file in inputs}, checked),
    ]
    document = {"@context": "https://w3id.org/ro/crate/1.2/context", "@graph": entities}
    return write_beside(publication / RECORD, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def _descriptor() -> dict[str, Any]:
    return {
        "@id": RECORD,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"},
    }


def _root(edition: Edition, edition_name: str, outputs: Sequence[RecordedFile], steps: Sequence[RecordedStep]) -> dict[str, Any]:
    publication = edition.publication
    described = word("record.description", "en", title=publication.title.en, year=edition.reference_year)
    if edition.synthetic:
        described = " ".join([described, *(metadata.text("synthetic.notice", language) for language in ("en", "sv"))])
    if notice := stage_notice(edition, "en"):
        described = f"{described} {notice}"
    # A property of schema.org's creative works.
    corrected = {"correction": said} if (said := correction_notice(edition, "en")) else {}
    return {
        "@id": "./",
        "@type": "Dataset",
        "identifier": edition_name,
        "name": f"{publication.title.en} {edition.reference_year}",
        "alternateName": f"{publication.title.sv} {edition.reference_year}",
        "description": described,
        "datePublished": publication.published.isoformat(),
        "creativeWorkStatus": stage_name(edition, "en"),
        **corrected,
        "temporalCoverage": f"{edition.first_year}/{edition.reference_year}",
        "inLanguage": list(edition.languages),
        # The standard wants a licence, or words on use where there is none.
        "license": {"@id": publication.licence} if publication.licence else licence_statement(edition, "en"),
        "publisher": {"@id": "#publisher"},
        "contactPoint": {"@id": "#contact"},
        "hasPart": [{"@id": _address(file.name)} for file in outputs],
        "mentions": [{"@id": f"#step/{quote(step.name)}"} for step in steps],
    }


def _output(file: RecordedFile) -> dict[str, Any]:
    ending = max((ending for ending in _MEDIA_TYPES if file.name.endswith(ending)), key=len, default="")
    return {
        "@id": _address(file.name),
        "@type": "File",
        "name": file.name,
        "encodingFormat": _MEDIA_TYPES.get(ending, "application/octet-stream"),
        "contentSize": str(file.size),
        "sha256": file.sha256,
    }


def _contexts(edition: Edition) -> list[dict[str, Any]]:
    publication, contact = edition.publication, edition.publication.contact
    publisher = {"name": publication.publisher.sv, "alternateName": publication.publisher.en}
    made: list[dict[str, Any]] = [
        {"@id": "#publisher", "@type": "Organization", **publisher},
        {"@id": "#contact", "@type": "ContactPoint", **contact.model_dump(exclude_none=True)},
    ]
    if publication.licence:
        made.append({"@id": publication.licence, "@type": "CreativeWork", "name": publication.licence})
    return made


def _software(versions: Mapping[str, str], code_version: str) -> list[dict[str, Any]]:
    packages = [
        {
            "@id": f"#software/{quote(name)}",
            "@type": "SoftwareApplication",
            "name": name,
            "softwareVersion": versions[name],
        }
        for name in sorted(versions)
    ]
    kvarn = {
        "@id": "#kvarn",
        "@type": "SoftwareApplication",
        "name": "kvarn",
        "softwareVersion": code_version,
        "softwareRequirements": [{"@id": package["@id"]} for package in packages],
    }
    return [kvarn, *packages]


def _parameters(edition: Edition, overrides: Sequence[str]) -> list[dict[str, Any]]:
    """The parameters that are public, and those of them that the command line has overridden."""
    left_out = {"accepted", "notebook_limits", "release"}
    flat = dict(_flattened(edition.model_dump(mode="json", exclude_none=True, exclude=left_out), ""))
    made = [_property(f"#parameter/{quote(key)}", key, value) for key, value in flat.items() if is_public_key(edition, key)]
    given = {key.strip(): value for key, _, value in (override.partition("=") for override in overrides)}
    told = {key: value for key, value in given.items() if is_public_key(edition, key)}
    return made + [_property(f"#override/{quote(key)}", key, value) for key, value in sorted(told.items())]


def _accepted(edition: Edition) -> list[dict[str, Any]]:
    """What looked wrong, was accepted, and is told to readers: with why and by whom; never the value.

    What stays inside is no part of it: that it was found tells of the rules, and of what there is to be found. That there may be
    more is said in every record in the same words.
    """
    told = [(one, one.shown) for one in edition.accepted if one.shown is not None]
    return [
        _property("#accepted", "what looked wrong and was accepted", _ACCEPTED),
        *(
            {
                "@id": f"#accepted/{number}",
                "@type": "PropertyValue",
                "name": f"accepted: {one.what}",
                "value": one.where,
                "description": f"{shown.en} {shown.sv}",
                "comment": one.why,
                "creditText": one.by,
            }
            for number, (one, shown) in enumerate(told, 1)
        ),
    ]


def _property(identifier: str, key: str, value: Any) -> dict[str, Any]:
    return {"@id": identifier, "@type": "PropertyValue", "name": key, "value": value}


def _flattened(values: Mapping[str, Any], above: str) -> Iterable[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flattened(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


@dataclass(frozen=True)
class _Checksums:
    """How the checksums of files stand in the record of an edition."""

    key: bytes | None
    edition: str

    def of(self, file: RecordedFile) -> dict[str, str]:
        """Checksum and size of a public file; of another its checksum under the key, and no size, which tells of the contents."""
        if file.public:
            return {"contentSize": str(file.size), "sha256": file.sha256}
        return self.keyed(file.name, file.sha256)

    def keyed(self, name: str, sha256: str) -> dict[str, str]:
        """A checksum under the key. The edition is part of it, so that no two records tell whether a file has changed."""
        if self.key is None:
            return {}
        code = hmac.new(self.key, "\0".join((self.edition, name, sha256)).encode(), hashlib.sha256)
        return {"identifier": f"hmac-sha256:{code.hexdigest()}"}


def _input(file: RecordedFile, checked: _Checksums) -> dict[str, Any]:
    return {"@id": f"#input/{quote(file.name)}", "@type": "DigitalDocument", "name": file.name, **checked.of(file)}


def _deliveries(deliveries: DeliverySet, checked: _Checksums) -> dict[str, Any]:
    return {
        "@id": "#deliveries",
        "@type": "Collection",
        "name": "Deliveries of the municipalities",
        "description": "Secret microdata: only the number of files is told, and a checksum that its keeper alone can check.",
        "collectionSize": deliveries.files,
        **checked.keyed(DELIVERIES, deliveries.sha256),
    }


def _steps(steps: Sequence[RecordedStep], inputs: set[str], checked: _Checksums) -> list[dict[str, Any]]:
    """An action a step, and each notebook once, as source code."""
    notebooks = {step.notebook.name: step.notebook for step in steps if step.notebook}
    made = [
        {
            **_input(notebook, checked),
            "@id": f"#notebook/{quote(name)}",
            "@type": "SoftwareSourceCode",
            "programmingLanguage": "Python",
        }
        for name, notebook in sorted(notebooks.items())
    ]
    for step in steps:
        objects = [_used(name, inputs) for name in step.used]
        made.append(
            {
                "@id": f"#step/{quote(step.name)}",
                "@type": "CreateAction",
                "name": step.name,
                "instrument": {"@id": f"#notebook/{quote(step.notebook.name)}" if step.notebook else "#kvarn"},
                "object": [{"@id": name} for name in objects],
                "result": [{"@id": _address(name)} for name in step.made],
            }
        )
    return made


def _used(name: str, inputs: set[str]) -> str:
    if name == DELIVERIES:
        return "#deliveries"
    return f"#input/{quote(name)}" if name in inputs else _address(name)


def _address(name: str) -> str:
    """A file's name as a relative address."""
    return quote(name)
