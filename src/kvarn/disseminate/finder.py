"""The one script of the front page: finds a page among many by typing, in the page itself."""

from __future__ import annotations

import json
from importlib import resources

from kvarn import metadata
from kvarn.disseminate.templates import word

__all__ = ["finder_script", "without_finder"]

_PLACE = "WORDS"


def finder_script() -> str:
    """The script, with its words in every language."""
    written = (resources.files("kvarn.disseminate.templates") / "finder.js").read_text(encoding="utf-8")
    words = {language: word("page.profiles.find", language) for language in metadata.languages}
    return "\n" + written.replace(_PLACE, json.dumps(words, ensure_ascii=False, sort_keys=True), 1)


def without_finder(page: str) -> str:
    """A page without that script, where it stands there to the letter, once, as the last thing in it."""
    return page.replace(f"<script>{finder_script()}</script>\n</body>", "</body>", 1)
