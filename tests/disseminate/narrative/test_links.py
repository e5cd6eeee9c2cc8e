"""A link leads to the web, to a letter or to a file of the publication: nowhere else, in whatever way the address is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
import pytest

from kvarn.disseminate.narrative import Allowed
from kvarn.disseminate.narrative._faults import faults_in
from kvarn.disseminate.narrative._notebooks import faults_in_notebook
from kvarn.disseminate.narrative._programme_words import faults_in_programme
from kvarn.disseminate.narrative._reading import passage
from kvarn.errors import InputError
from kvarn.programme import Programme, programme_held

ADDRESSES = (
    "javascript:alert",
    "JavaScript:alert",
    "java\nscript:alert",
    "java\tscript:alert",
    " javascript:alert",
    "<javascript:alert>",
    "javascript%3Aalert",
    "javascript%253Aalert",
    "%6Aavascript:alert",
    "javascript&colon;alert",
    "javascript&#58;alert",
    "javascript&#x3A;alert",
    "&#106;avascript:alert",
    "javascript\\:alert",
    "vbscript:alert",
    "file:///etc/passwd",
    "data:text/html;base64,AAAA",
    "blob:https://example.org/a",
    "ftp://example.org/a",
    "unknown:alert",
    "//example.org/a",
    "/etc/passwd",
    "\\\\example.org\\a",
)
WRITTEN = (
    "See [there]({address}).",
    "- An item with [there]({address}).",
    "> Said [there]({address} 'Title').",
    "See [there][there].\n\n[there]: {address}",
    "See [there][there].\n\n[there]:\n  {address}",
)
# A renderer makes links of them although they are none.
BARE = ("javascript:alert", "see file:///etc/passwd", "data:text/html;base64,AAAA", "ftp://example.org/a")
FINE = (
    "See [there](https://example.org/a).",
    "See [there](HTTP://example.org/a?b=c#d).",
    "Write to [us](mailto:statistics@example.org).",
    "See [the tables](../data/index.html), [below](#sec-quality) and [there](chapter.html#a:b).",
    "See https://example.org/a and the data: they are open.",
    "The regulation (HSLF-FS) says: care. SCB:s tabell, EU:s förordning and Note:this.",
    "See [there][there].\n\n[there]: https://example.org/a",
)


def refused(text: str, allowed: Allowed) -> bool:
    return any(fault.what.startswith("A link leads") for fault in faults_in(passage(text), Path("x.qmd"), None, allowed))


CASES = [
    text.format(address=address)
    for address in ADDRESSES
    # A definition ends at a space.
    for text in (WRITTEN[:3] if any(map(str.isspace, address)) else WRITTEN)
]


@pytest.mark.parametrize("text", CASES)
def test_no_link_leads_elsewhere(text: str, allowed: Allowed) -> None:
    assert refused(text, allowed)


@pytest.mark.parametrize("text", BARE)
def test_no_bare_address_leads_elsewhere(text: str, allowed: Allowed) -> None:
    assert refused(text, allowed)


@pytest.mark.parametrize("text", FINE)
def test_addresses_of_the_web_and_of_the_publication_pass(text: str, allowed: Allowed) -> None:
    assert not refused(text, allowed)


def test_a_link_is_told_with_its_line(told_of_each: Callable[..., Mapping[str, str]]) -> None:
    words = "Words.\n\nSee [there](javascript:alert)."
    assert "no publication" in (told := told_of_each([words])[words])
    assert "line " in told


def test_a_notebook_holds_none(tmp_path: Path, allowed: Allowed) -> None:
    cell = nbformat.v4.new_markdown_cell("Där · There\n\nSee [there](javascript:alert).")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), file := tmp_path / "own.ipynb")
    assert any("no publication" in fault.what for fault in faults_in_notebook(file, allowed))


def test_no_declared_text_holds_one(brief: Path, check: Callable[[Path], None]) -> None:
    said = '{sv: "Se [x](javascript:alert).", en: "See [x](javascript:alert)."}'
    (brief / "reports" / "figures.yml").write_text(f"figures: {{}}\ntexts:\n  a: {said}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"(?s)line 3.*no publication.*begins with https:"):
        check(brief)


def test_no_words_of_the_programme_hold_one(brief: Path, allowed: Allowed) -> None:
    file = brief / "programme" / "measures.yml"
    text = file.read_text(encoding="utf-8")
    source = "  source: HSLF-FS 2017:67, 2 §"
    assert source in text
    file.write_text(text.replace(source, "  source: javascript:alert", 1), encoding="utf-8")
    with programme_held(Programme(brief / "programme")):
        found = [fault for fault in faults_in_programme(allowed) if fault.file == file]
    assert any("no publication" in fault.what and fault.line for fault in found)
