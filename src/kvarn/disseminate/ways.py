"""Where a reader of one page can go from there: the front page, the other language, the other products.

All addresses are relative: a publication is read where it has been put, from a server or from a folder.

>>> [way.address for way in ways_from_document("annual-report", "sv", ("sv", "en"), ("annual-report",))][:3]
['../index.html#sv', '../en/annual-report.html', 'annual-report.pdf']
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvarn import metadata
from kvarn.base.escaping import for_markdown
from kvarn.disseminate.templates import word

__all__ = ["Way", "ways_from_document", "ways_from_notebook"]


@dataclass(frozen=True)
class Way:
    """A link of the bar on top of a page.

    Attributes
    ----------
    address
        Relative to the page.
    words
        What the link says.
    language
        The language of what it leads to, where that is another than the page's.
    """

    address: str
    words: str
    language: str = ""

    @property
    def markdown(self) -> str:
        """The link as both renderers read it."""
        spoken = f'{{lang="{self.language}" hreflang="{self.language}"}}' if self.language else ""
        return f"[{for_markdown(self.words)}]({self.address}){spoken}"


def ways_from_document(
    document: str, language: str, languages: Sequence[str], documents: Sequence[str], *, to: str = "html"
) -> list[Way]:
    """From a document in one language: to the other documents in the format that it has itself, and to itself in the other."""
    other = Way(f"{document}.pdf", "PDF") if to == "html" else Way(f"{document}.html", word("page.web-page", language))
    others = [name for name in documents if name != document]
    return [
        Way(f"../index.html#{language}", word("way.front", language)),
        *_others(f"../{{}}/{document}.{to}", language, languages),
        other,
        *(Way(f"{name}.{to}", metadata.text(f"product.{name}", language)) for name in others),
        Way("tables.xlsx", word("way.workbook", language)),
        Way(f"../database/{language}/index.html", word("way.database", language)),
        Way(f"../index.html#{language}-data", word("way.data", language)),
    ]


def ways_from_notebook(notebook: str, language: str, languages: Sequence[str], documents: Sequence[str]) -> list[Way]:
    """From the page of a notebook, which lies a folder deeper."""
    above = f"../../{language}"
    return [
        Way(f"../../index.html#{language}", word("way.front", language)),
        *_others(f"../{{}}/{notebook}.html", language, languages),
        *(Way(f"{above}/{name}.html", metadata.text(f"product.{name}", language)) for name in documents),
        Way(f"{above}/tables.xlsx", word("way.workbook", language)),
        Way(f"../../database/{language}/index.html", word("way.database", language)),
        Way(f"../../index.html#{language}-data", word("way.data", language)),
    ]


def _others(address: str, language: str, languages: Sequence[str]) -> list[Way]:
    return [Way(address.format(one), metadata.text(f"language.{one}", one), one) for one in languages if one != language]
