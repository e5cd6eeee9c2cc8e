"""Where the code of a notebook is about places: what its texts say of one there, it shows beside their names."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from kvarn.disseminate.narrative._places import places_in
from kvarn.metadata import languages

__all__ = ["Where", "is_language", "names_a_place"]

# So few words can be a cell of a table, or a part of what is put together.
_PART = 3
_LANGUAGE = ("language", "languages", "lang", "spoken")


@dataclass(frozen=True)
class Where:
    """Where a text of the code stands.

    Attributes
    ----------
    here
        Whether its cell names a place, or stands below one.
    somewhere
        Whether any cell of the notebook does.
    """

    here: bool = False
    somewhere: bool = False

    def means_a_place(self, text: str) -> bool:
        """Whether a text can be read as said of a place: all of them in its cell, and what is short wherever it stands."""
        return self.here or (self.somewhere and len(re.findall(r"[^\W\d_]+", text)) <= _PART)


def names_a_place(source: str) -> bool:
    """Whether a text or a name of the code is that of a municipality or county."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return bool(places_in(source, country=False))
    if any(places_in(comment, country=False) for comment in re.findall(r"#[^\n]*", source)):
        return True
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and places_in(node.value, country=False):
            return True
        name = node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.keyword | ast.arg) else None
        if name and places_in(re.sub(r"[\W_]+", " ", name).title(), country=False):
            return True
    return False


def is_language(text: str, name: str) -> bool:
    """Whether a text is the code of a language, and stands where its name says so."""
    parts = name.casefold().split()
    # metadata.variable("region").label("en") asks a label in a language; what is called a label is one.
    return text in languages and bool(parts) and (parts[-1] in _LANGUAGE or (parts[-1] == "label" and len(parts) > 2))
