"""That documents, notebooks and words have been checked as they are now: then a run need not read every sentence of them again.

What a run publishes is examined in any case, its documents too (`kvarn.pipeline.attack`); this is of what is told before any work
begins.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from kvarn.base.by_hand import is_of_no_document
from kvarn.base.files import SECRET, replace_file
from kvarn.pipeline.libraries import libraries_of, versions_of
from kvarn.pipeline.narrative import require_narrative
from kvarn.pipeline.nodes import Code, file
from kvarn.pipeline.production import Production

__all__ = ["require_narrative_once"]

_FILE = "checked.json"
_CODE = "kvarn.pipeline.narrative"
# Of the project: documents and their theme, notebooks, the programme, the lists that were imported, and what it renders by.
_READ = ("reports", "notebooks", "programme", "params/codelists", "_quarto.yml")


def require_narrative_once(production: Production) -> None:
    """Refuse what `require_narrative` refuses; nothing is read again that has been found right as it is.

    Raises
    ------
    InputError
        As `require_narrative`.
    """
    place = production.workspace.build / _FILE
    state = _state(production)
    if state is not None and _known(place) == state:
        return
    require_narrative(production)
    # Nothing is made where nobody has published yet; what was changed meanwhile has not been checked.
    if state is not None and place.parent.is_dir() and _state(production) == state:
        # Kept another time where it cannot be now.
        with contextlib.suppress(OSError):
            replace_file(place, json.dumps({"narrative": state}).encode(), mode=SECRET)


def _known(place: Path) -> str | None:
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    told = found.get("narrative") if isinstance(found, dict) else None
    return told if isinstance(told, str) else None


def _state(production: Production) -> str | None:
    """Everything that the check goes by; None where a link leads to what nobody here can see change."""
    whole = hashlib.sha256()
    whole.update(f"{Code(module=_CODE).state()}\n{json.dumps(versions_of(libraries_of(_CODE)))}\n".encode())
    whole.update(f"{production.params.name}\n{production.workspace.name}\n".encode("utf-8", "surrogateescape"))
    whole.update(f"{json.dumps(production.edition.model_dump(mode='json'), sort_keys=True, default=str)}\n".encode())
    whole.update("\n".join(path.name for path in production.population).encode("utf-8", "surrogateescape"))
    for name in _READ:
        for path in _files_of(production.root / name):
            if path is None:
                return None
            place = os.path.relpath(path, production.root)
            whole.update(f"\n{place}\0{file(Path(path)).state()}".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def _files_of(top: Path) -> Iterator[str | None]:
    """Every file, hidden ones too, sorted; None for a link. What lies beside documents and is none of them is left out."""
    if top.is_symlink():
        yield None
    elif not top.is_dir():
        yield str(top)
    for above, folders, names in os.walk(top):
        folders.sort()
        for name in (*folders, *sorted(names)):
            path = os.path.join(above, name)
            if top.name == "reports" and is_of_no_document(Path(os.path.relpath(path, top))):
                continue
            if os.path.islink(path):
                yield None
            elif name in names:
                yield path
