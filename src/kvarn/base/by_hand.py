"""What lies in a document's folder while it is rendered by hand, by Quarto in the project's root, and is no part of the document.

`kvarn quarto` lays the edition's words and its executed notebooks beside the document, where Quarto looks for them; Quarto writes
its pages there before it moves them to where they belong. git passes all of it over, and so does whatever reads documents.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import PurePath

__all__ = ["BESIDE_DOCUMENTS", "BY_HAND", "METADATA", "NOTEBOOKS", "is_beside_documents", "is_of_no_document"]

# Where what is rendered by hand lands: never among the publications. `_quarto.yml` says it to Quarto.
BY_HAND = "build/by-hand"
METADATA, NOTEBOOKS = "_metadata.yml", "notebooks"
BESIDE_DOCUMENTS = (METADATA, NOTEBOOKS, "*.html", "*.pdf", "*.typ", "*_files", "*.quarto_ipynb")


def is_beside_documents(name: str) -> bool:
    """Whether a file or folder of this name in a document's folder comes from a render by hand.

    >>> is_beside_documents("annual-report_files"), is_beside_documents("_persons.qmd")
    (True, False)
    """
    return any(fnmatchcase(name, pattern) for pattern in BESIDE_DOCUMENTS)


def is_of_no_document(place: PurePath) -> bool:
    """Whether what lies at a place below ``reports/`` comes from a render by hand, wherever in a document's folder.

    >>> is_of_no_document(PurePath("annual-report/sv/notebooks/persons.ipynb")), is_of_no_document(PurePath("theme/page.html"))
    (True, False)
    """
    document, *parts = place.parts or ("",)
    return document != "theme" and any(map(is_beside_documents, parts[1:]))
