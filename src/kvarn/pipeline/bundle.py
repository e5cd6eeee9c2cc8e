"""What is uploaded of a released edition: its files in a bag (BagIt, RFC 8493), which says of each what its checksum is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from kvarn.analyse.disclosure.memory.releases import Release
from kvarn.base.exchange import copy_folder, replacing
from kvarn.base.files import replace_file
from kvarn.base.modes import make_usual
from kvarn.disseminate.recorded import RECORD
from kvarn.edition import Workspace
from kvarn.pipeline.kept_record import read_record

__all__ = ["write_bundle"]

_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
# What would end a line of a manifest, and the sign that stands for it there.
_ESCAPED = re.compile(r"[%\r\n]")


def write_bundle(work: Workspace, release: Release) -> Path:
    """Put the publication, as it was released, into a bag beside the publications; the bag's folder.

    Everything in it comes from the publication alone, so that it has the same bytes whenever it is made. The caller has seen that
    the publication is what was released.
    """
    place = work.bundle
    make_usual(place.parent)
    with replacing(place, durable=True) as beside:
        (beside / "data").mkdir()
        copy_folder(work.publication, beside / "data")
        tags = {
            "bagit.txt": _DECLARATION.encode(),
            "bag-info.txt": _about(work.publication, release).encode(),
            "manifest-sha256.txt": _manifest({f"data/{name}": digest for name, digest in release.files.items()}).encode(),
        }
        tags["tagmanifest-sha256.txt"] = _manifest(
            {name: hashlib.sha256(content).hexdigest() for name, content in tags.items()}
        ).encode()
        for name, content in tags.items():
            replace_file(beside / name, content)
    return place


def _manifest(files: Mapping[str, str]) -> str:
    # An empty folder has no checksum, and no place in a manifest.
    escaped = {_ESCAPED.sub(lambda sign: f"%{ord(sign[0]):02X}", name): digest for name, digest in files.items() if digest}
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(escaped.items()))


def _about(publication: Path, release: Release) -> str:
    graph = read_record(publication / RECORD)
    files = [path for path in publication.rglob("*") if path.is_file()]
    told = {
        "Source-Organization": graph.get("#publisher", {}).get("name", ""),
        "External-Identifier": release.edition,
        "External-Description": graph["./"].get("name", ""),
        # The edition's own day: a bag that is made again is the same.
        "Bagging-Date": release.published,
        "Payload-Oxum": f"{sum(path.stat().st_size for path in files)}.{len(files)}",
    }
    return "".join(f"{name}: {value}\n" for name, value in told.items() if value)
