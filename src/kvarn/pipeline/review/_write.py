"""The review as a page and as data, for its owner alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kvarn.base.files import SECRET, replace_file
from kvarn.collect.safekeeping import private_folder
from kvarn.disseminate.templates import render, style
from kvarn.pipeline.comparison import KINDS

__all__ = ["DATA", "PAGE", "ReviewFiles", "as_files", "write_review"]

PAGE, DATA = "index.html", "review.json"


class ReviewFiles(NamedTuple):
    """The two files of a review."""

    page: bytes
    data: bytes

    @property
    def digest(self) -> str:
        """What a signature says of it: the SHA-256 of the data, of which the page is made."""
        return hashlib.sha256(self.data).hexdigest()


def as_files(review: Mapping[str, Any]) -> ReviewFiles:
    """The page and the data of a review."""
    tables = [{"table": name, **of} for name, of in review["disclosure"].get("tables", {}).items()]
    page = render(
        "review.html.j2",
        style=style("page.css") + style("comparison.css") + style("review.css"),
        review=review,
        kinds=KINDS,
        tables=tables,
        # The two methods report otherwise of a table.
        columns={key: key.replace("_", " ") for key in (tables[0] if tables else ())},
    )
    return ReviewFiles(page.encode(), (json.dumps(review, indent=1, ensure_ascii=False) + "\n").encode())


def write_review(files: ReviewFiles, folder: Path) -> Path:
    """Write ``index.html`` and ``review.json``; the page's place."""
    private_folder(folder)
    replace_file(folder / DATA, files.data, mode=SECRET)
    replace_file(folder / PAGE, files.page, mode=SECRET)
    return folder / PAGE
