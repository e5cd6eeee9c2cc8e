"""Reading a notebook file: one way for all, so that what is checked is what is run, shown and published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
from nbformat.validator import iter_validate

from kvarn.errors import NotebookError

__all__ = ["called", "parse_notebook", "read_notebook"]

_FORMAT, _LAST_MINOR = 4, 5
_FOLDER = "notebooks"
_DAMAGED = "Open it in JupyterLab; after a merge, look for lines such as <<<<<<< in it."
_SAVE_ANEW = "Open it in JupyterLab and save it: that writes it in format 4. Or run: jupyter nbconvert --to notebook --inplace"


def read_notebook(file: Path, *, executed: bool = False) -> nbformat.NotebookNode:
    """A notebook as it stands in its file, in format 4 of Jupyter.

    A file can hold a second notebook beside the first: the cells of an older format, a name given twice, a field that the
    format does not have. Readers would then differ in what they take for the notebook. So such a file is none.

    Parameters
    ----------
    executed
        Whether the pipeline itself has written it, after running it: what a cell shows may then be anything.

    Raises
    ------
    NotebookError
        It is not a notebook, is damaged, or is in another format than 4.
    """
    return parse_notebook(file.read_bytes(), called(file), executed=executed)


def called(file: Path) -> str:
    """A notebook as messages call it: by its place in ``notebooks/``, where two of different kinds may have one name."""
    parts = file.parts
    return "/".join(parts[-parts[::-1].index(_FOLDER) - 1 :]) if _FOLDER in parts[:-1] else file.name


def parse_notebook(written: bytes, name: str, *, executed: bool = False) -> nbformat.NotebookNode:
    """The same of what a file of this name holds."""
    try:
        held: Any = json.loads(written.decode("utf-8"), object_pairs_hook=_each_once)
        # JSON can say half a character, which no page and no file can hold.
        json.dumps(held, ensure_ascii=False).encode("utf-8")
        version, minor = held["nbformat"], held["nbformat_minor"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise _no_notebook(name, "The file is not a notebook, or is damaged.", _DAMAGED) from error
    # True and 4.0 are equal to numbers, and are none here.
    if type(version) is not int or type(minor) is not int or version != _FORMAT or not 0 <= minor <= _LAST_MINOR:
        what = f"The notebook is not in format {_FORMAT} of Jupyter (4.0 to 4.{_LAST_MINOR}), which is the one that kvarn reads."
        raise _no_notebook(name, what, f"{_SAVE_ANEW} {name}")
    try:
        read: nbformat.NotebookNode = nbformat.v4.to_notebook_json(held, minor=minor)
        wrong = None if executed else next(iter(iter_validate(read)), None)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise _no_notebook(name, "The file is not a notebook, or is damaged.", _DAMAGED) from error
    if wrong is not None:
        # The message of the format's own rules quotes what is written, at any length.
        place = "/".join(str(part) for part in wrong.absolute_path) or "the notebook itself"
        what = (
            f"The file is not a notebook of format 4, or is damaged: {place} is not as the format wants it ({wrong.validator})."
        )
        raise _no_notebook(name, what, _DAMAGED)
    if not executed:
        _require_own_names(read, name)
    return read


def _require_own_names(read: nbformat.NotebookNode, name: str) -> None:
    """Of two cells of one id the library would name one anew by chance, another way each time."""
    first: dict[str, int] = {}
    for number, cell in enumerate(read.cells, 1):
        if (own := cell.get("id")) is not None and first.setdefault(own, number) != number:
            what = f"Cells {first[own]} and {number} have the same id, {own!r}."
            raise _no_notebook(name, what, "Write another id for one of them in the file, or make that cell anew in JupyterLab.")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _no_notebook(name: str, what: str, remedy: str) -> NotebookError:
    return NotebookError(what, notebook=name, remedy=remedy)
