"""Everything that can go wrong, as one tree.

    KvarnError
    ├── EditionError          parameters, of an edition or an extract: file, line, key
    ├── InputError            a file from outside that cannot be used: file, line, field
    │   ├── DeliveryError     a municipality's delivery
    │   └── CodeListError     a code list or the population
    ├── NotebookError         a notebook that failed: notebook, cell
    ├── ConsistencyError      two published figures that contradict each other: both cells
    ├── FindingError          what looks wrong and may be right, and nobody has said which
    ├── DisclosureError       something secret would have become public
    ├── ReleaseError          a candidate that cannot be released
    ├── RenderingError        a document that did not become HTML or PDF
    ├── EnvironmentFault      something missing on this machine
    └── Interrupted           the user stopped the run

Every error says *what* is wrong, *where*, and *how to put it right*, and carries the three as attributes, so that the command
line can print them and a program can read them. A user's mistake is always one of these; any other exception is a defect.
"""

from __future__ import annotations

import re
from pathlib import Path

from kvarn.identity_numbers import without_identity_numbers_in_path, without_likely_identity_numbers

__all__ = [
    "CodeListError",
    "ConsistencyError",
    "DeliveryError",
    "DisclosureError",
    "EditionError",
    "EnvironmentFault",
    "FindingError",
    "InputError",
    "Interrupted",
    "KvarnError",
    "NotebookError",
    "ReleaseError",
    "RenderingError",
]


_LONG = re.compile(r"\S{300,}")


class KvarnError(Exception):
    """Catch this to catch whatever kvarn says on purpose.

    Parameters
    ----------
    what
        One sentence: what is wrong.
    where
        The place, in the user's terms: ``params/2023.yml, line 7, disclosure.threshold``.
    remedy
        What to do about it.
    """

    exit_status = 1

    def __init__(self, what: str, *, where: str | None = None, remedy: str | None = None) -> None:
        # A sentence can name a path, too, and a path can be named by a person's number.
        self.what = _LONG.sub(_shortened, without_likely_identity_numbers(what))
        self.where = where and without_likely_identity_numbers(where)
        self.remedy = remedy and without_likely_identity_numbers(remedy)
        super().__init__(self.what, self.where, self.remedy)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.__dict__.copy()))

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where:  {self.where}")
        if self.remedy:
            lines.append(f"  remedy: {self.remedy}")
        return "\n".join(lines)


def _shortened(word: re.Match[str]) -> str:
    """Where somebody has written thousands of signs without a space: how they begin and end."""
    return f"{word[0][:80]}…{word[0][-20:]}"


def _rebuild(kind: type[KvarnError], attributes: dict[str, object]) -> KvarnError:
    """Make an error again on the other side of a process boundary."""
    error = kind.__new__(kind)
    error.__dict__.update(attributes)
    error.args = (error.what, error.where, error.remedy)
    return error


def place(file: Path | str | None, line: int | None = None, field: str | None = None) -> str | None:
    """The words for a place: file, line and field, as far as they are known; of a file named by an identity number without it."""
    parts = [without_identity_numbers_in_path(file)] if file is not None else []
    if line is not None:
        parts.append(f"line {line}")
    if field:
        parts.append(field)
    return ", ".join(parts) or None


class InputError(KvarnError, ValueError):
    """A file from outside that cannot be used. Catch it to go on with the next file."""

    exit_status = 1

    def __init__(
        self,
        what: str,
        *,
        file: Path | str | None = None,
        line: int | None = None,
        field: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.file = file
        self.line = line
        self.field = field
        super().__init__(what, where=place(file, line, field), remedy=remedy)


class DeliveryError(InputError):
    """A delivery that cannot be read at all. Catch it to reject that file and go on."""


class CodeListError(InputError):
    """A code list or a population file that does not hold what it should."""


class EditionError(KvarnError, ValueError):
    """The parameters of an edition or an extract are wrong. Nothing has been run."""

    exit_status = 2

    def __init__(
        self,
        what: str,
        *,
        file: Path | str | None = None,
        line: int | None = None,
        key: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.file = file
        self.line = line
        self.key = key
        super().__init__(what, where=place(file, line, key), remedy=remedy)


class NotebookError(KvarnError, RuntimeError):
    """A notebook stopped. The executed notebook is kept at `executed`, as far as it came."""

    def __init__(
        self,
        what: str,
        *,
        notebook: str,
        cell: str | None = None,
        executed: Path | None = None,
        remedy: str | None = None,
    ) -> None:
        self.notebook = notebook
        self.cell = cell
        self.executed = executed
        where = notebook if cell is None else f"{notebook}, cell {cell}"
        super().__init__(what, where=where, remedy=remedy)


class ConsistencyError(KvarnError, ValueError):
    """Two figures contradict each other. `cells` names them."""

    def __init__(self, what: str, *, cells: tuple[str, ...] = (), remedy: str | None = None) -> None:
        self.cells = cells
        super().__init__(what, where=" and ".join(cells) or None, remedy=remedy)


class FindingError(KvarnError, ValueError):
    """Something looks wrong and may be right, and the edition does not say which. Nothing has been computed."""


class DisclosureError(KvarnError, ValueError):
    """Something secret would have become public. Nothing was published."""


class ReleaseError(KvarnError, ValueError):
    """A candidate is not whole, not up to date, or not what it says. Nothing has been entered in the release history."""


class RenderingError(KvarnError, RuntimeError):
    """A document did not become what it should: document, format, what was left over."""

    def __init__(self, what: str, *, document: str | None = None, remedy: str | None = None) -> None:
        self.document = document
        super().__init__(what, where=document, remedy=remedy)


class EnvironmentFault(KvarnError, OSError):
    """Something is missing on this machine; the remedy names the package to install."""

    def __str__(self) -> str:
        return KvarnError.__str__(self)


class Interrupted(KvarnError):
    """The user stopped the run (Ctrl-C). Finished steps are kept."""

    exit_status = 130
