"""The templates of the house are read before anything is computed, as documents are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kvarn.errors import InputError

Check = Callable[[Path], None]
PLANTED = {
    "page.html": (
        '<h2 data-number="3">Persons in Haninge</h2>',
        "<h2>Persons</h2>",
        "<p>In Haninge</p>",
        "<p>three persons</p>",
        "<p>3</p>",
        "<p title='3 persons'>$words.contents$</p>",
        "<!-- Haninge 3 -->",
        '<span aria-label="Haninge">·</span>',
        "<p>&#51;</p>",
        "<p>$title$3$title$</p>",
    ),
    "page.typ": ("[Haninge]", "[3 persons]", '#text("three received care")', "[three]"),
    "typst-template.typ": ("#heading[Persons in Haninge]", '#let said = "Haninge 3"'),
    "house.lua": ('local said = "In Haninge"', 'local said = "three persons received"'),
}


@pytest.mark.parametrize(("file", "planted"), [(file, one) for file, several in PLANTED.items() for one in several])
def test_a_template_says_no_number_place_or_heading_of_its_own(file: str, planted: str, brief: Path, check: Check) -> None:
    template = brief / "reports" / "theme" / file
    said = template.read_text(encoding="utf-8")
    if file.endswith(".html"):
        said, at = said.replace("$body$", f"{planted}\n$body$", 1), said[: said.index("$body$")].count("\n") + 1
    else:
        said, at = f"{said.rstrip()}\n{planted}\n", said.rstrip().count("\n") + 2
    template.write_text(said, encoding="utf-8")
    with pytest.raises(InputError, match="The template") as error:
        check(brief)
    assert f"{file}, line {at}" in str(error.value) and "theme/words.yml" in str(error.value)
