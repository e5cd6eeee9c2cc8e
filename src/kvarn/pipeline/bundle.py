"""What is uploaded of a publication: its files in a bag (BagIt, RFC 8493), which says of each what its checksum is.

Of one that has been corrected the version in front is where the publication has always been, and the others lie below
``versions/``, each with the bytes that it was released with.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from kvarn.analyse.disclosure.memory.releases import Reversion, checksums
from kvarn.base.exchange import copy_folder, replacing
from kvarn.base.files import replace_file
from kvarn.base.modes import make_usual
from kvarn.disseminate.recorded import RECORD
from kvarn.edition import Workspace
from kvarn.errors import InputError
from kvarn.pipeline.change_log import Beside, beside
from kvarn.pipeline.kept_record import read_record
from kvarn.pipeline.versions import Versions, require_as_released, versions_of

__all__ = ["bundle_of", "is_written", "require_bundle", "write_bundle"]

_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
# What would end a line of a manifest, and the sign that stands for it there.
_ESCAPED = re.compile(r"[%\r\n]")


def bundle_of(work: Workspace) -> Path:
    """Where the bundle of the edition's publication lies."""
    versions = versions_of(work, work.name)
    return (work if versions is None else Workspace(work.root, versions.name)).bundle


def write_bundle(work: Workspace, versions: Versions) -> Path:
    """Put a publication, as its versions were released, into a bag beside the publications; the bag's folder.

    Everything in it comes from what was released and from the release history alone, so that by the same kvarn, with the same
    words of its programme, it has the same bytes whenever it is made.

    Raises
    ------
    ReleaseError
        A version does not lie here as it was released; the bundle of before stays.
    """
    payload = _payload(work, versions)
    place = Workspace(work.root, versions.name).bundle
    make_usual(place.parent)
    with replacing(place, durable=True) as new:
        for name, (folder, _) in payload.folders.items():
            (new / "data" / name).mkdir(parents=True)
            copy_folder(folder, new / "data" / name)
        for name, page in payload.pages.items():
            (new / "data" / name).parent.mkdir(parents=True, exist_ok=True)
            replace_file(new / "data" / name, page)
        tags = {
            "bagit.txt": _DECLARATION.encode(),
            "bag-info.txt": _about(versions, new / "data").encode(),
            "manifest-sha256.txt": _manifest({f"data/{name}": digest for name, digest in _digests(payload).items()}).encode(),
        }
        tags["tagmanifest-sha256.txt"] = _manifest(
            {name: hashlib.sha256(content).hexdigest() for name, content in tags.items()}
        ).encode()
        for name, content in tags.items():
            replace_file(new / name, content)
    return place


def require_bundle(work: Workspace, versions: Versions) -> None:
    """See that a bundle can be put together: nothing is written.

    Raises
    ------
    ReleaseError
        As `write_bundle`.
    """
    _payload(work, versions)


def is_written(work: Workspace, versions: Versions) -> bool:
    """Whether the bundle lies there as `write_bundle` writes it.

    Raises
    ------
    ReleaseError
        As there.
    """
    wanted = _digests(_payload(work, versions))
    try:
        return checksums(Workspace(work.root, versions.name).bundle / "data") == wanted
    except InputError:
        return False


def _payload(work: Workspace, versions: Versions) -> Beside:
    """The version in front, and what lies beside it."""
    front, found = require_as_released(work, versions.front, versions), beside(work, versions)
    return Beside({"": (front, versions.front), **found.folders}, found.pages)


def _digests(payload: Beside) -> dict[str, str]:
    """The checksum of every file, by its place; what was made for this takes the place of what was released."""
    found = {
        f"{name}/{file}".lstrip("/"): digest for name, (_, one) in payload.folders.items() for file, digest in one.files.items()
    }
    return found | {name: hashlib.sha256(page).hexdigest() for name, page in payload.pages.items()}


def _manifest(files: Mapping[str, str]) -> str:
    # An empty folder has no checksum, and no place in a manifest.
    escaped = {_ESCAPED.sub(lambda sign: f"%{ord(sign[0]):02X}", name): digest for name, digest in files.items() if digest}
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(escaped.items()))


def _about(versions: Versions, payload: Path) -> str:
    graph = read_record(payload / RECORD)
    files = [path for path in payload.rglob("*") if path.is_file()]
    last = versions.since[-1] if versions.since else versions.front
    told = {
        "Source-Organization": graph.get("#publisher", {}).get("name", ""),
        "External-Identifier": versions.name,
        "External-Description": graph["./"].get("name", ""),
        # The day of what is in it: a bag that is made again is the same.
        "Bagging-Date": last.made if isinstance(last, Reversion) else last.published,
        "Payload-Oxum": f"{sum(path.stat().st_size for path in files)}.{len(files)}",
    }
    return "".join(f"{name}: {value}\n" for name, value in told.items() if value)
