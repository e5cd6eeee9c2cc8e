"""A finished publication, found by its folder or its name, as its own files tell of it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvarn.analyse.disclosure.memory.releases import checksums, releases
from kvarn.disseminate.recorded import RECORD
from kvarn.edition import TRIALS, Workspace
from kvarn.errors import EditionError
from kvarn.pipeline.kept_record import read_record
from kvarn.pipeline.versions import VERSIONS
from kvarn.programme import find_project

__all__ = ["Published", "find_publication"]

# Beside the folder of what is uploaded.
_BAG = "bagit.txt"


@dataclass(frozen=True)
class Published:
    """A publication as it lies there.

    Attributes
    ----------
    name
        What it is called in a comparison: ``2023``, ``2023-candidate`` or ``trials-stricter``.
    released
        Whether exactly this is in the release history of its project.
    record
        The entities of its public record, by name.
    files
        The checksum of every file.
    """

    folder: Path
    name: str
    released: bool
    record: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, str]

    @property
    def edition(self) -> str:
        """The edition that its record says it is."""
        return str(self.record["./"].get("identifier", ""))

    @property
    def changed(self) -> dict[str, str]:
        """The files that are not as the record has them, each with what became of it: missing, added or changed."""
        recorded = {one["name"]: one.get("sha256") for one in self.record.values() if one.get("@type") == "File"}
        there = {name: digest for name, digest in self.files.items() if name != RECORD}
        found = {}
        for name in sorted(recorded.keys() | there.keys()):
            if name not in there:
                found[name] = "is missing"
            elif name not in recorded:
                found[name] = "has been added"
            elif recorded[name] != there[name]:
                found[name] = "has been changed"
        return found

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its documents."""
        return tuple(str(one) for one in self.record["./"].get("inLanguage", ()))

    @property
    def tables(self) -> dict[str, Path]:
        """The open data, by table."""
        return {path.stem: path for path in sorted((self.folder / "data").glob("*.csv"))}

    @property
    def documents(self) -> dict[tuple[str, str], Path]:
        """The pages of its documents, by language and name."""
        return {(one, path.stem): path for one in self.languages for path in sorted((self.folder / one).glob("*.html"))}


def find_publication(named: str, root: Path) -> Published:
    """The publication that a folder or an edition's name means; a trial is ``trials/<name>``.

    Raises
    ------
    EditionError
        There is none; the error says which there are.
    ReleaseError, InputError
        Its record cannot be read, or something else than a file lies in it.
    """
    folder = next((one for one in (Path(named), *_by_name(named, root)) if (one / RECORD).is_file()), None)
    if folder is None:
        without = next((one for one in (Path(named), *_by_name(named, root)) if (one / "index.html").is_file()), None)
        if without is not None:
            raise EditionError(
                f"The record of this publication, {RECORD}, is missing.",
                file=without,
                remedy="Put it back from where it was published; or run kvarn publish: it makes again what is no longer whole.",
            )
        there = _names(root)
        near = difflib.get_close_matches(named.removeprefix("publications/").rstrip("/"), there, n=1)
        known = f"There are: {', '.join(there)}." if there else "Make one first, with kvarn publish."
        raise EditionError(
            "There is no publication here: no folder with a record, and no edition of that name that has been published.",
            file=named,
            remedy=f"Did you mean {near[0]!r}?" if near else known,
        )
    files = _own(folder, checksums(folder))
    record = read_record(folder / RECORD)
    edition = str(record.get("./", {}).get("identifier", folder.name))
    name = f"{edition}-candidate" if folder.resolve().name == "candidate" else edition.replace("/", "-")
    return Published(folder, name, _is_released(folder, edition, files), {"./": {}, **record}, files)


def _own(folder: Path, files: Mapping[str, str]) -> Mapping[str, str]:
    """The files of the publication itself: what is uploaded has its other versions among them."""
    if not (folder.parent / _BAG).is_file():
        return files
    return {name: digest for name, digest in files.items() if not name.startswith(f"{VERSIONS}/")}


def _by_name(named: str, root: Path) -> list[Path]:
    try:
        return [Workspace(root, named).publication]
    except EditionError:
        return []


def _names(root: Path) -> list[str]:
    published = [path.parent.name for path in sorted(root.glob(f"publications/[!.]*/{RECORD}"))]
    return published + [f"{TRIALS}/{path.parents[1].name}" for path in sorted(root.glob(f"restricted/{TRIALS}/*/*/{RECORD}"))]


def _is_released(folder: Path, edition: str, files: Mapping[str, str]) -> bool:
    """Whether it is what the release history of its project has of the edition; one that lies elsewhere is not known to be."""
    project = find_project(folder)
    if project is None:
        return False
    return any(one.edition == edition and one.files == files for one in releases(Workspace(project, "any").releases))
