"""Reading text that somebody else has written; and writing beside and renaming, so that nothing half-written is ever found."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from kvarn.base.modes import as_usual
from kvarn.base.system_faults import naming
from kvarn.errors import InputError

__all__ = ["SECRET", "line_that_is_no_text", "replace_file", "text_in"]

SECRET = 0o600


def text_in(file: Path) -> str:
    """The text of a file that a user has written: a document, a template, a style.

    Raises
    ------
    InputError
        It is not text in UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        remedy = "Save it in the encoding UTF-8, or restore it from git."
        raise InputError("The file is not text in UTF-8.", file=file, line=line, remedy=remedy) from None


def line_that_is_no_text(file: Path) -> int | None:
    """The first line of a file that is not in UTF-8, which who reads ahead does not know; None where all are."""
    with contextlib.suppress(OSError), file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return None


def replace_file(path: Path, content: bytes, *, mode: int = 0o644, usual: bool = False) -> None:
    """Put `content` at `path`, all or nothing, readable as `mode` from the first byte on.

    Parameters
    ----------
    usual
        Whether it gets the modes in the end that it would have outside `kvarn.base.modes.private`.
    """
    beside = path.with_name(f".{path.name}.partial")
    beside.unlink(missing_ok=True)
    try:
        with naming(path):
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            if usual:
                as_usual(beside)
            beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
