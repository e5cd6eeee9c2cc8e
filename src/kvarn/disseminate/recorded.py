"""What the record of a publication is made from: files by their checksums, the deliveries as one set, and the steps."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DELIVERIES", "RECORD", "DeliverySet", "RecordedFile", "RecordedStep", "delivery_set"]

RECORD = "ro-crate-metadata.json"
"""The name of a record in its publication."""

# The name of the delivery set in `RecordedStep.used`.
DELIVERIES = "deliveries"


@dataclass(frozen=True)
class RecordedFile:
    """A file by its name in the project, its checksum and its size in bytes. Never its contents.

    `public` says whether anyone may have the file: then its checksum and size are no secret.
    """

    name: str
    sha256: str
    size: int
    public: bool = False

    @classmethod
    def of(cls, path: Path, name: str | None = None, *, public: bool = False) -> RecordedFile:
        """The file at `path`, under `name` (its path as given)."""
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        return cls(name or path.as_posix(), digest, path.stat().st_size, public)


@dataclass(frozen=True)
class DeliverySet:
    """All deliveries together: one checksum, how many files, how many bytes."""

    sha256: str
    files: int
    size: int


@dataclass(frozen=True)
class RecordedStep:
    """One step of production.

    Attributes
    ----------
    name
        What the step is called.
    made
        The files of the publication that it made, relative to its folder: ``data/persons-by-month.csv``.
    notebook
        The notebook that made them, where there is one.
    used
        What it was made from: names of inputs (as in their `RecordedFile`), files of the publication, or `DELIVERIES`.
    """

    name: str
    made: tuple[str, ...]
    notebook: RecordedFile | None = None
    used: tuple[str, ...] = ()


def delivery_set(files: Iterable[Path]) -> DeliverySet:
    """The checksum of a set of delivery files: SHA-256 over ``<checksum>  <file name>`` lines, sorted by file name."""
    recorded = sorted((RecordedFile.of(path, path.name) for path in files), key=lambda file: (file.name, file.sha256))
    listed = "".join(f"{file.sha256}  {file.name}\n" for file in recorded)
    return DeliverySet(hashlib.sha256(listed.encode()).hexdigest(), len(recorded), sum(file.size for file in recorded))
