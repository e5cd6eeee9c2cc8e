"""What Quarto needs beside a document to render it where it stands, in the project's root.

Quarto takes a folder's ``_metadata.yml`` for every document in it, and looks for embedded notebooks beside the document. Both are
of one language, as the folder is.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kvarn.base.by_hand import METADATA, NOTEBOOKS
from kvarn.base.files import replace_file
from kvarn.disseminate.rendering.assembling import assemble
from kvarn.disseminate.rendering.job import Job, front_matter, own_keys
from kvarn.disseminate.rendering.laying_out import as_markdown, as_yaml, notebook_for_quarto

__all__ = ["lay_beside", "take_away"]

_HEAD = "# Written by kvarn quarto whenever Quarto renders in the project's root. It is not part of the document.\n"
# Under which key Quarto keeps what it reads from _variables.yml, of which a project has one for both languages.
_VARIABLES = "_quarto-vars"
_OF_FORMAT = ("number-depth", "shift-heading-level-by", "toc-depth")
_FORMATS = {"html": "html", "pdf": "typst"}


def lay_beside(job: Job) -> None:
    """Lay the document's variables, the words of the house and the executed notebooks beside it; what is there as it is stays.

    Parameters
    ----------
    job
        The document in one language; its folder is for the pictures of a trial.

    Raises
    ------
    RenderingError
        As the built-in renderer: a variable, notebook, cell or chapter that is not there, or what a document may not use.
    """
    jobs = [replace(job, to=to) for to in _FORMATS]
    job.folder.mkdir(parents=True, exist_ok=True)
    for one in jobs:
        assemble(one)
    _keep(job.source / METADATA, _HEAD + as_yaml(_metadata(jobs)))
    folder = job.source / NOTEBOOKS
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.ipynb"):
        if old.stem not in job.notebooks:
            old.unlink()
    for name, notebook in job.notebooks.items():
        # The data that a chart leads to lie in the publication: from here they are named, in either format.
        _keep(folder / f"{name}.ipynb", notebook_for_quarto(notebook, job, to="pdf"))


def take_away(job: Job) -> None:
    """Take away what lies beside the document: nothing of it is to be rendered."""
    (job.source / METADATA).unlink(missing_ok=True)
    shutil.rmtree(job.source / NOTEBOOKS, ignore_errors=True)


def _metadata(jobs: Sequence[Job]) -> dict[str, Any]:
    own = own_keys(jobs[0])
    of = {_FORMATS[job.to]: front_matter(job) for job in jobs}
    common = {key: value for key, value in of["html"].items() if key not in own and key not in _OF_FORMAT}
    formats = {name: {key: said[key] for key in _OF_FORMAT if key in said} for name, said in of.items()}
    return {**common, "by-hand": True, "format": formats, _VARIABLES: as_markdown(jobs[0].variables)}


def _keep(file: Path, text: str) -> None:
    """Write it where it is another: Quarto renders again what changes while it watches."""
    content = text.encode()
    if not file.is_file() or file.read_bytes() != content:
        replace_file(file, content)
