"""Which edition was made last, and of which protected tables and executed notebooks its publication was made."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from kvarn.base.damaged import kept_json
from kvarn.base.files import replace_file
from kvarn.errors import EditionError
from kvarn.pipeline.nodes import Folder
from kvarn.pipeline.production import Production, open_edition

__all__ = ["keep_as_last_made", "last_made"]

_PARAMS, _RESULTS = "params", "results"


def keep_as_last_made(production: Production, params: str) -> None:
    """Keep of which protected tables and executed notebooks the publication was made.

    Parameters
    ----------
    params
        Where the parameters are in the project.
    """
    kept = {_PARAMS: params, _RESULTS: _results(production)}
    replace_file(production.workspace.last_made, (json.dumps(kept, indent=1, sort_keys=True) + "\n").encode())


def last_made(root: Path) -> Production:
    """The edition of which a publication was made last, as it was then published: no trial.

    Raises
    ------
    EditionError
        No edition has been made here; or it has been made anew since, and not yet published.
    InputError
        What was kept of it is damaged.
    """
    found = sorted((root / "build").glob("[!.]*/last-made.json"), key=lambda file: (file.stat().st_mtime_ns, file.as_posix()))
    if not found:
        raise EditionError(
            "No edition has been made in this project, so there are no figures for the documents.",
            file=root,
            remedy="Make one: kvarn publish params/<edition>.yml.",
        )
    kept = found[-1]
    params = str(kept_json(kept, _PARAMS))
    production = open_edition(root / params, published=True)
    if production.workspace.last_made != kept or kept_json(kept, _RESULTS) != _results(production):
        raise EditionError(
            f"The edition {kept.parent.name} has been made anew since it was published, so its figures have not been examined.",
            file=kept,
            remedy=f"Make it to the end: kvarn publish {params}.",
        )
    return production


def _results(production: Production) -> str:
    """What changes when something is another that documents embed."""
    work = production.workspace
    folders = [work.protected, work.revisions, *(work.build / one / "notebooks" for one in production.edition.languages)]
    states = [Folder(path=folder).state() for folder in folders]
    return hashlib.sha256(json.dumps(states).encode()).hexdigest()
