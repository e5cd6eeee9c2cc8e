"""Text that is not in UTF-8 is told with the line where it is not, however far whoever read it had read ahead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kvarn.base.files import line_that_is_no_text, text_in
from kvarn.collect import read_deaths
from kvarn.collect._arrivals import arrival_dates
from kvarn.errors import InputError
from kvarn.metadata._own_lists import rows_of_own_list
from kvarn.process._corrections import read_corrections

# The header, and what reads such files: all pass over empty lines.
READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "any text": ("# A title", text_in),
    "a list of codes": ("code,sv,en", lambda file: rows_of_own_list(file.parent, file.stem)),
    "days of arrival": ("file,arrived", lambda file: arrival_dates(file, required=True)),
    "days of death": ("identity_number,died", read_deaths),
    "persons with two numbers": ("from,to", read_corrections),
}


@pytest.mark.parametrize("line", [1, 2, 40, 20_000])
@pytest.mark.parametrize("reader", READERS)
def test_the_line_is_told(reader: str, line: int, tmp_path: Path) -> None:
    header, read = READERS[reader]
    lines = [header, *([""] * 20_000)]
    lines[line - 1] += "\u00e5"
    file = tmp_path / "file.csv"
    file.write_bytes("\n".join(lines).encode("latin-1"))
    assert line_that_is_no_text(file) == line
    with pytest.raises(InputError, match="UTF-8") as told:
        read(file)
    assert (told.value.file, told.value.line) == (file, line)


def test_text_has_no_such_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("\u00e5\n" * 10, encoding="utf-8")
    assert line_that_is_no_text(tmp_path / "file") is None
    assert line_that_is_no_text(tmp_path / "gone") is None
    assert text_in(tmp_path / "file") == "\u00e5\n" * 10
