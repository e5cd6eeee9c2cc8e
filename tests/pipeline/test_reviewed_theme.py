"""What draws what nobody can read back has been read by somebody, and is known by its fingerprint."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kvarn.disseminate.rendering.fonts import lay_out_fonts
from kvarn.errors import InputError
from kvarn.pipeline.reviewed_theme import REVIEWED, require_reviewed_theme, theme_fingerprint, unreviewed_in_theme

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def theme(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT / "reports" / "theme", tmp_path / "theme")
    return tmp_path / "theme"


def test_the_theme_as_it_is_shipped_needs_nothing(theme: Path) -> None:
    lay_out_fonts(theme / "fonts")
    require_reviewed_theme(theme, synthetic=False)


def test_the_ends_of_lines_do_not_count(theme: Path) -> None:
    for file in (theme / "house.lua", theme / "page.html"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    require_reviewed_theme(theme, synthetic=False)


def test_words_are_read_elsewhere(theme: Path) -> None:
    with (theme / "words.yml").open("a", encoding="utf-8") as words:
        words.write("# a remark\n")
    require_reviewed_theme(theme, synthetic=False)


@pytest.mark.parametrize(
    "name", ["builtin.lua", "builtin.typ", "page.html", "report.css", "fonts/odd.ttf", "more.yml", "x/y.lua"]
)
def test_what_was_changed_or_added_is_read_by_somebody(theme: Path, name: str) -> None:
    file = theme / name
    file.parent.mkdir(exist_ok=True)
    with file.open("ab") as written:
        written.write(b"\n")
    require_reviewed_theme(theme, synthetic=True)
    with pytest.raises(InputError) as error:
        require_reviewed_theme(theme, synthetic=False)
    (one,) = unreviewed_in_theme(theme)
    assert one.name == name and one.entry in str(error.value)
    said = one.entry.replace('"…"', '"Eva Ek"').replace("date: …", "date: 2026-01-31")
    (theme / REVIEWED).write_text(f"{said}\n", encoding="utf-8")
    require_reviewed_theme(theme, synthetic=False)
    with file.open("ab") as written:
        written.write(b" ")
    with pytest.raises(InputError):
        require_reviewed_theme(theme, synthetic=False)


@pytest.mark.parametrize(
    "entry",
    [
        'no-such.lua: {sha256: X, by: "Eva Ek", date: 2026-01-31}',
        'house.lua: {sha256: X, by: "…", date: 2026-01-31}',
        "house.lua: {sha256: X, by: , date: 2026-01-31}",
        'house.lua: {sha256: X, by: "Eva Ek", date: today}',
        'house.lua: {sha256: X, by: "Eva Ek"}',
        "house.lua: X",
    ],
)
def test_an_entry_says_who_has_read_what_and_when(theme: Path, entry: str) -> None:
    said = entry.replace("X", theme_fingerprint(theme / "house.lua"))
    (theme / REVIEWED).write_text(f"{said}\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        require_reviewed_theme(theme, synthetic=False)
    assert f"{REVIEWED}, line 1" in str(error.value)
