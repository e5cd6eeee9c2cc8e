"""A page for one code of a list, made of an executed notebook: for readers and for paper, without any code.

The code and its label are variables of the notebook's Markdown: ``{{< var each.code >}}`` and ``{{< var each.name >}}``. A
section of which no cell shows anything is left out with its heading, so that one notebook serves codes of different levels.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbconvert.filters.markdown_mistune import markdown2html_mistune

from kvarn.base.notebook_files import read_notebook
from kvarn.disseminate.notebook_pages import prepared_for_page, require_self_contained
from kvarn.disseminate.numbers import format_date
from kvarn.disseminate.own_charts import SVG
from kvarn.disseminate.places import Place
from kvarn.disseminate.shown_tables import cell_options
from kvarn.disseminate.templates import render, style, word
from kvarn.disseminate.ways import Way
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition

__all__ = ["around_profile", "write_profile_page"]

_PNG = "image/png"
_BELOW = re.compile(r"^#{2,4}\s", re.MULTILINE)


def around_profile(edition: Edition, language: str) -> tuple[str, str]:
    """What stands above the title of each page, and what is its last line: of which publication it is a part."""
    said = edition.publication
    published = word("page.published", language, date=format_date(said.published, language))
    return f"{said.title.label(language)} {edition.reference_year}", f"{said.publisher.label(language)} · {published}"


def write_profile_page(
    executed: Path,
    output: Path,
    place: Place,
    *,
    language: str,
    notice: str | None,
    around: tuple[str, str],
    variables: Mapping[str, Any],
    ways: Sequence[Way] = (),
) -> Path:
    """Write an executed notebook as the page of one code.

    Parameters
    ----------
    notice
        What stands on top of a synthetic edition's page.
    around
        As `around_profile` has it.
    variables
        The values of ``{{< var name >}}``, by dotted name or nested; those of the code are added.
    ways
        The links to the rest of the publication.

    Raises
    ------
    RenderingError
        As `write_notebook_page`.
    """
    content: Any = read_notebook(executed, executed=True)
    content.cells = _without_empty(content.cells)
    title = prepared_for_page(content, executed.name, language, {**variables, **place.values(language)})
    page = render(
        "profile.html.j2",
        language=language,
        title=title,
        notice=notice,
        series=around[0],
        colophon=around[1],
        ways=ways,
        style=style("page.css") + style("profile.css"),
        blocks=[block for cell in content.cells for block in _blocks(cell)],
        sources=list(
            dict.fromkeys((place, words) for cell in content.cells for place, words in cell.metadata.get("sources", []))
        ),
    )
    require_self_contained(page, executed.name)
    return write_beside(output, page)


def _without_empty(cells: Sequence[Any]) -> list[Any]:
    """The cells without those that stand below a heading where none of them shows anything."""
    sections: list[list[Any]] = [[]]
    for cell in cells:
        if cell.cell_type == "markdown" and _BELOW.search(cell.source):
            sections.append([])
        sections[-1].append(cell)
    first, *others = sections
    kept = [section for section in others if not _shows_nothing([cell for cell in section if cell.cell_type == "code"])]
    return [cell for section in (first, *kept) for cell in section]


def _shows_nothing(code: Sequence[Any]) -> bool:
    return bool(code) and not any(cell.outputs and cell_options(cell.source).get("include") is not False for cell in code)


@dataclass(frozen=True)
class _Block:
    """A piece of the page: HTML of a text or a table, or a picture with its alternative text, or what was printed."""

    kind: str
    html: str = ""
    source: str = ""
    alt: str = ""


def _blocks(cell: Any) -> Iterator[_Block]:
    if cell.cell_type == "markdown":
        yield _Block("text", html=_html(cell.source))
    for output in cell.get("outputs", []):
        yield from _shown(output)


def _shown(output: Any) -> Iterator[_Block]:
    data = output.get("data", {})
    if output.output_type == "stream":
        yield _Block("printed", source=output.text)
    elif SVG in data:
        drawn = base64.b64encode("".join(data[SVG]).encode()).decode()
        yield _Block("picture", source=f"data:{SVG};base64,{drawn}", alt=output.metadata["alt"])
    elif _PNG in data:
        yield _Block("picture", source=f"data:{_PNG};base64,{''.join(data[_PNG].split())}", alt=output.metadata["alt"])
    elif "text/html" in data:
        yield _Block("table", html=str(data["text/html"]))
    elif "text/markdown" in data:
        said = str(data["text/markdown"])
        yield _Block("table" if said.startswith("|") else "text", html=_html(said))
    elif "text/plain" in data:
        yield _Block("printed", source=str(data["text/plain"]))


def _html(markdown: str) -> str:
    found: str = markdown2html_mistune(markdown)
    return found
