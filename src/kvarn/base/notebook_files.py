"""Reading a notebook file: one way for all, so that what is checked is what is run, shown and published."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import nbformat
from nbformat.validator import iter_validate

from kvarn.errors import NotebookError

__all__ = ["called", "is_notebook_of", "parse_notebook", "read_notebook", "shows_what_it_has_run", "source_form"]

_FORMAT, _LAST_MINOR = 4, 5
_FOLDER = "notebooks"
# All notebooks are run by one kernel, whatever the program has noted that saved them.
_RUN_BY = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_DAMAGED = "Open it in JupyterLab; after a merge, look for lines such as <<<<<<< in it."
_SAVE_ANEW = "Open it in JupyterLab and save it: that writes it in format 4. Or run: jupyter nbconvert --to notebook --inplace"


def read_notebook(file: Path, *, executed: bool = False) -> nbformat.NotebookNode:
    """A notebook as it stands in its file, in format 4 of Jupyter: what somebody wrote, and nothing that a run has left in it.

    Of its cells the source and the tags are read; what they have shown, attachments and the notes of programs are not.

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
        _take_out_what_a_run_left(read)
    return read


def source_form(file: Path) -> bytes:
    """A notebook as git should hold it: what a run of it, or saving it in another program, leaves as it is.

    Raises
    ------
    NotebookError
        See `read_notebook`.
    """
    return f"{nbformat.writes(read_notebook(file))}\n".encode()


def is_notebook_of(file: Path, digest: str) -> bool:
    """Whether a notebook is the one that a record names by its checksum: of what somebody wrote in it, or, in records of earlier
    versions, of the whole file."""
    if hashlib.sha256(file.read_bytes()).hexdigest() == digest:
        return True
    try:
        return hashlib.sha256(source_form(file)).hexdigest() == digest
    except NotebookError:
        return False


def shows_what_it_has_run(file: Path) -> bool:
    """Whether what its cells have shown is saved in a notebook that somebody wrote, or other things that may be data."""
    held = read_notebook(file, executed=True)
    return "widgets" in held.metadata or any(cell.get("outputs") or cell.get("attachments") for cell in held.cells)


def _take_out_what_a_run_left(read: nbformat.NotebookNode) -> None:
    read.metadata = nbformat.from_dict(_RUN_BY)
    for cell in read.cells:
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        cell.pop("attachments", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


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
