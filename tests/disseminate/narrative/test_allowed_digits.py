"""The list of numbers that may be typed: each with its words and a reason, and none that nothing needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kvarn.disseminate.narrative import read_allowed
from kvarn.errors import InputError

Check = Callable[[Path], None]


def listed(folder: Path, text: str) -> Path:
    file = folder / "allowed-digits.yml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("entry", "match"),
    [
        ('"3": a number', "bare number"),
        ('"2017:67": a regulation', "bare number"),
        ('"tre": a number', "bare number"),
        ('"3 § 4": places', "bare number"),
        ('"III": a number', "bare number"),
        ('"Bjurholm 3 personer": because', "would allow a count"),
        ('"de tre personerna": because', "would allow a count"),
        ('"3 kommuner": because', "would allow a count"),
        ('"i Bjurholm": because', "holds no number"),
        ('"the number for Haninge is 25": because', "would allow a figure: 'Haninge'"),
        ('"25, as in haninges": because', "would allow a figure: 'haninges'"),
        ('"antalet i Vara är 25": because', "would allow a figure: 'Vara'"),
        ('"for Sweden 25": because', "would allow a figure: 'Sweden'"),
        ('"the number of persons is 25": because', "would allow a figure: 'person'"),
        ('"personer: 25": because', "would allow a figure: 'person'"),
        ('"per 1 000 personer i Ale 25": because', "would allow a figure: 'Ale'"),
        ("den 3 mars:", "reason is missing"),
        (f'"den 3 mars {"x" * 120}": because', "bare number, or longer"),
        ('"den 3 mars": because\n  "den 3  mars": because', "there twice"),
    ],
)
def test_an_entry_that_would_let_figures_through_is_refused_with_its_line(entry: str, match: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=match) as error:
        read_allowed(listed(tmp_path, f"sv:\n  {entry}\n"))
    assert error.value.line in (2, 3) and error.value.remedy


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("se:\n  den 3 mars: because\n", "'se' is not known"),
        ("- den 3 mars\n", "list of entries"),
        ("sv: [\n", "opened here and not closed"),
        ("", "list"),
    ],
)
def test_a_list_of_another_form_is_refused(text: str, match: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=match):
        read_allowed(listed(tmp_path, text))


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not there"):
        read_allowed(tmp_path / "allowed-digits.yml")


def test_an_entry_allows_its_number_between_its_words_and_nowhere_else(tmp_path: Path) -> None:
    allowed = read_allowed(listed(tmp_path, "sv:\n  HSLF-FS 2017:67: the regulation\nboth:\n  KHSL1: a file\n"))
    text = "Enligt hslf-fs\n2017:67 och 2017:67, HSLF-FS 2017:678 och XHSLF-FS 2017:67"
    assert "".join(text[at] for at in sorted(allowed.covered(text, "sv"))) == "hslf-fs\n2017:67"
    assert allowed.covered("HSLF-FS 2017:67", "en") == set()
    assert allowed.covered("KHSL1", "en") and not allowed.covered("KHSL12", "en")


def test_an_entry_that_nothing_needs_is_told(written: Path, check: Check) -> None:
    file = written / "reports" / "allowed-digits.yml"
    with file.open("a", encoding="utf-8") as text:
        text.write("  dpi: how fine a picture is\n")
    with pytest.raises(InputError, match="Nothing that is written needs this entry") as error:
        check(written)
    assert error.value.field == "dpi" and error.value.line == file.read_text(encoding="utf-8").count("\n")


@pytest.mark.parametrize(
    ("text", "allowed_there"),
    [
        ("for Haninge the number is 25 at last", False),
        ("in Haninge, number is 25", False),
        ("the number is 25 for Haninge", False),
        ("HANINGE\u00a0· number is 25", False),
        ("In Haninge persons are older. Its number is 25.", True),
        ("The regulation's number is 25, which municipalities such as those around Haninge follow", True),
    ],
)
def test_an_entry_allows_nothing_beside_the_name_of_a_region(text: str, allowed_there: bool, tmp_path: Path) -> None:
    allowed = read_allowed(listed(tmp_path, "en:\n  number is 25: the regulation\n"))
    assert bool(allowed.covered(text.replace("\u00a0", " "), "en")) == allowed_there
