"""The versions of a publication: the edition that was released first, and those that have corrected it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kvarn.analyse.disclosure.memory.releases import MADE, PARAMETERS, RECORD, Release, Reversion, checksums, entries
from kvarn.edition import Edition, Workspace, load_edition
from kvarn.errors import InputError, ReleaseError
from kvarn.pipeline.kept_record import kept_record

__all__ = [
    "VERSIONS",
    "Versions",
    "as_released",
    "in_front",
    "released_edition",
    "require_as_released",
    "said_of_version",
    "versions_of",
]

VERSIONS = "versions"
"""The folder of a bundle in which the versions lie that are not in front."""


@dataclass(frozen=True)
class Versions:
    """The versions of one publication.

    Attributes
    ----------
    every
        The releases, in order: the first one has given the publication its name and its address.
    front
        The one that is at that address now.
    since
        What has happened to it since the first release, in order: corrections and reversions.
    """

    every: tuple[Release, ...]
    front: Release
    since: tuple[Release | Reversion, ...] = ()

    @property
    def name(self) -> str:
        """The publication's name: that of the edition that was released first."""
        return self.every[0].edition

    def number(self, edition: str) -> int:
        """Which version an edition is, from 1."""
        return next(number for number, one in enumerate(self.every, 1) if one.edition == edition)


def versions_of(work: Workspace, edition: str, *, before: str | None = None) -> Versions | None:
    """The versions of the publication of which an edition is one; None where it is not released.

    Parameters
    ----------
    before
        As they were when this edition was released, where it has been.

    Raises
    ------
    InputError
        The release history is not whole.
    """
    return _among(entries(work.releases), before).get(edition)


def in_front(work: Workspace, *, before: str | None = None) -> frozenset[str]:
    """The editions that readers find in front, each of its publication.

    Parameters
    ----------
    before
        As `versions_of`.
    """
    return frozenset(one.front.edition for one in _among(entries(work.releases), before).values())


def _among(found: Sequence[Release | Reversion], before: str | None) -> dict[str, Versions]:
    """The versions of the publication of each edition."""
    known: dict[str, Versions] = {}
    for one in found:
        if isinstance(one, Release) and one.edition == before:
            break
        if isinstance(one, Reversion):
            old = known[one.edition]
            front = next(release for release in old.every if release.edition == one.edition)
            made = Versions(old.every, front, (*old.since, one))
        elif one.corrects:
            old = known[one.corrects]
            made = Versions((*old.every, one), one, (*old.since, one))
        else:
            made = Versions((one,), one)
        known |= {release.edition: made for release in made.every}
    return known


def released_edition(release: Release) -> Edition:
    """The parameters with which an edition was released."""
    kept = kept_record(release.folder / MADE, release.folder / RECORD)
    return load_edition(release.folder / PARAMETERS, () if kept is None else kept.overrides, published=True)


def as_released(work: Workspace, release: Release, versions: Versions | None = None) -> Path | None:
    """Where the files of an edition lie just as they were released: among the publications, or in the bundle; None where they do
    not."""
    places = [Workspace(work.root, release.edition).publication]
    if versions is not None:
        bundle = Workspace(work.root, versions.name).bundle / "data"
        places.append(bundle / VERSIONS / str(versions.number(release.edition)) / "publication")
    return next((one for one in places if one.is_dir() and _are(one, release)), None)


def require_as_released(work: Workspace, release: Release, versions: Versions) -> Path:
    """Where they lie.

    Raises
    ------
    ReleaseError
        Nowhere.
    """
    found = as_released(work, release, versions)
    if found is None:
        raise ReleaseError(
            f"Version {versions.number(release.edition)} of the publication {versions.name}, the edition {release.edition}, does "
            "not lie here as it was released.",
            where=str(Workspace(work.root, release.edition).publication),
            remedy="Restore it from the backup, or from where it was published: every version stays where readers find the "
            "newest one.",
        )
    return found


def _are(folder: Path, release: Release) -> bool:
    try:
        return checksums(folder) == release.files
    except InputError:
        return False


def said_of_version(work: Workspace, edition: str | None = None) -> Iterator[str]:
    """Which version of its publication an edition is, where there are several: sentences for whoever looks at it."""
    edition = edition or work.name
    versions = versions_of(work, edition)
    if versions is None or len(versions.every) == 1:
        return
    which = f"It is version {versions.number(edition)} of {len(versions.every)} of the publication {versions.name}"
    if versions.front.edition == edition:
        yield f"{which}, and in front."
    else:
        yield f"{which}; in front is version {versions.number(versions.front.edition)}, the edition {versions.front.edition}."
