"""The page of the explorer: one file a language, with data, words, styles and scripts in itself, so that it opens anywhere.

Nothing is fetched: a page that is opened from a folder may not fetch. Its policy names its scripts by their hashes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from kvarn import metadata
from kvarn.base.package_files import words_in, words_of
from kvarn.base.page_policy import with_policy
from kvarn.base.templates import templates_of
from kvarn.disseminate.explorer.data import edition_data, table_data
from kvarn.disseminate.explorer.outlines import map_outlines
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.templates import style, word
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition

__all__ = ["explorer_code", "explorer_page", "explorer_style", "fixed_blocks", "write_explorer", "written"]

# In the order in which they stand on one another.
SCRIPTS = (
    "base",
    "cube",
    "query",
    "find",
    "layout",
    "table",
    "charts",
    "map",
    "choices",
    "pivot",
    "files",
    "workbook",
    "lines",
    "result",
    "main",
)
_WORDS = "words.yml"


def write_explorer(tables: ProtectedTables, edition: Edition, folder: Path) -> tuple[Path, ...]:
    """Write ``<language>/index.html`` into `folder` for every language of the edition; return the paths.

    The page expects to lie in ``database/`` of the publication: the open data that its lines of programs read are beside that.
    """
    return tuple(_write(tables, edition, language, folder / language / "index.html") for language in edition.languages)


def explorer_code() -> str:
    """The scripts as they stand in every page."""
    parts = "\n".join(_file(f"scripts/{name}.js") for name in SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


def explorer_style() -> str:
    """The style as it stands in every page."""
    return style("page.css") + _file("explorer.css")


def fixed_blocks(edition: Edition, language: str) -> dict[str, Any]:
    """The blocks of data that are no table: the page's words, what is said of the edition, the map."""
    words = {key: both[language] for key, both in words_of(__package__, _WORDS).items()}
    return {"words": words, "edition": edition_data(edition, language), "map": map_outlines()}


def explorer_page(edition: Edition, language: str, blocks: Mapping[str, str]) -> str:
    """The whole page around its blocks of data, as they are written."""
    fixed = edition_data(edition, language)
    page = (
        templates_of("kvarn.disseminate", "explorer")
        .get_template("page.html.j2")
        .render(
            language=language,
            title=words_in(__package__, _WORDS, "title", language, {}),
            skip=word("page.skip", language),
            no_script=words_in(__package__, _WORDS, "no-script", language, {}),
            languages=word("page.languages", language),
            others=[
                {"language": one, "name": metadata.text(f"language.{one}", one)} for one in edition.languages if one != language
            ],
            edition=fixed,
            style=explorer_style(),
            blocks=list(blocks.items()),
            code=explorer_code(),
        )
    )
    return with_policy(page, f"database/{language}/index.html", scripts=True)


def written(content: Any) -> str:
    """A block of data as it stands in the page: JSON that cannot end the element that it stands in."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _write(tables: ProtectedTables, edition: Edition, language: str, output: Path) -> Path:
    blocks = fixed_blocks(edition, language)
    blocks |= {f"table-{name}": table_data(tables[name], edition, language) for name in tables.names()}
    return write_beside(output, explorer_page(edition, language, {name: written(content) for name, content in blocks.items()}))


def _file(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")
