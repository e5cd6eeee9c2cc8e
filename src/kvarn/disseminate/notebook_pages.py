"""Executed present notebooks as web pages, for those who want to see how a figure was made."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]

from kvarn.base.escaping import for_notebook_markdown
from kvarn.base.notebook_files import read_notebook
from kvarn.base.page_policy import with_policy
from kvarn.disseminate.shown_tables import cell_options, data_file, deliveries_of, deliveries_words, shown_tables, source_words
from kvarn.disseminate.templates import style, word
from kvarn.disseminate.ways import Way
from kvarn.disseminate.writing import write_beside
from kvarn.errors import RenderingError

__all__ = ["prepared_for_page", "require_self_contained", "write_notebook_page"]

_OPTION = re.compile(r"^#\|\s*(?P<key>[\w-]+)\s*:\s*(?P<value>.*?)\s*$")
_VARIABLE = re.compile(r"\{\{<\s*var\s+([\w.-]+)\s*>\}\}")
_HEADING = re.compile(r"^(?P<level>#{1,4})\s+(?P<title>.+?)\s*$", re.MULTILINE)
# How a heading or a paragraph gives both languages: ``Ålder och kön · Age and sex``.
_BOTH_LANGUAGES = " · "
_PICTURES = ("image/svg+xml", "image/png")
# What would differ from run to run: addresses in memory, and the random names that pandas gives to styled tables.
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_STYLED = re.compile(r"\bT_[0-9a-f]{5}(?=[_\"\s])")
# What would make a reader's browser ask another host, or run a program.
_FOREIGN = (
    re.compile(r"<script\b", re.IGNORECASE),
    re.compile(r"<(?:img|iframe|embed|source|video|audio|link|object)\b[^>]*?(?:src|href|data)=[\"']?\s*(?:https?:)?//"),
    re.compile(r"@import\b|url\(\s*[\"']?\s*(?:https?:)?//"),
)


def write_notebook_page(
    notebook: Path,
    output: Path,
    *,
    language: str,
    notice: str | None,
    variables: Mapping[str, Any] | None = None,
    prose: str = "en",
    ways: Sequence[Way] = (),
) -> Path:
    """Write an executed notebook as one HTML page that asks nothing of any other host.

    Code is folded away and shown without its ``#|`` option lines; cells with ``#| include: false`` are left out,
    those with ``#| echo: false`` show their results only; what was printed to the error stream is left out.

    Parameters
    ----------
    notebook
        The executed notebook. Its first heading is the page's title.
    output
        The page.
    language
        ``sv`` or ``en``.
    notice
        What stands on top of a synthetic edition's page.
    variables
        The values of ``{{< var name >}}`` in texts and alternative texts: by dotted name, or nested.
    prose
        The language of running text that is there in one language alone, for screen readers. Headings and paragraphs may give
        both, Swedish first: ``Ålder · Age``.
    ways
        The links to the rest of the publication, on top of the page.

    Raises
    ------
    RenderingError
        The notebook stopped in an error, a picture has no alternative text, a variable is not known, or the page
        would load something from another host.
    """
    content: Any = read_notebook(notebook, executed=True)
    title = prepared_for_page(content, notebook.name, language, {} if variables is None else variables)
    exporter: Any = HTMLExporter(
        template_name="notebook",
        extra_template_basedirs=[str(resources.files("kvarn.disseminate.templates"))],
        exclude_anchor_links=True,
        embed_images=True,
        language_code=language,
    )
    words = {
        "skip": word("page.skip", language),
        "ways": word("way.all", language),
        "kind": word("page.notebook", language),
        "code": word("page.code", language),
    }
    page, _ = exporter.from_notebook_node(
        content,
        resources={
            "page": {
                "title": title,
                "language": language,
                "prose": prose,
                "notice": notice,
                "style": _style(),
                "words": words,
                "ways": ways,
            },
            "metadata": {"name": notebook.stem},
        },
    )
    require_self_contained(page, notebook.name)
    return write_beside(output, with_policy(page, notebook.name))


def prepared_for_page(content: Any, name: str, language: str, variables: Mapping[str, Any]) -> str:
    """Make the notebook fit for a page, in place, and return its title."""
    title = ""
    kept = []
    for number, cell in enumerate(content.cells, 1):
        cell["id"] = f"cell-{number}"
        if cell.cell_type == "code":
            if _prepare_code(cell, number, name, variables, language):
                kept.append(cell)
            continue
        if cell.cell_type != "markdown":
            continue
        cell.source = _resolved(cell.source, variables, name, for_notebook_markdown)
        heading = _HEADING.search(cell.source)
        if heading and not title:
            title = html.unescape(_in_language(heading["title"], language))
            cell.source = cell.source.replace(heading[0], "", 1).strip()
        cell.source, cell.metadata["both"] = _paragraphs_in_language(cell.source, language)
        cell.source = _HEADING.sub(lambda found: _heading(found, language), cell.source)
        if cell.source:
            kept.append(cell)
    if not title:
        raise RenderingError("The notebook has no title.", document=name, remedy="Begin it with a heading: # Title.")
    content.cells = kept
    return title


def _in_language(title: str, language: str) -> str:
    parts = title.split(_BOTH_LANGUAGES)
    return parts[0 if language == "sv" else 1] if len(parts) == 2 else title


def _paragraphs_in_language(text: str, language: str) -> tuple[str, bool]:
    """A cell's paragraphs in one language where they give both, and whether all of them do."""
    paragraphs = text.split("\n\n")
    prose = [one for one in paragraphs if one.strip() and not _HEADING.match(one.strip())]
    in_language = [one if one not in prose else _in_language(one, language) for one in paragraphs]
    return "\n\n".join(in_language), bool(prose) and all(_BOTH_LANGUAGES in one for one in prose)


def _heading(found: re.Match[str], language: str) -> str:
    """A heading in the page's language, which may be another than that of the text around it."""
    level = len(found["level"])
    title = html.escape(html.unescape(_in_language(found["title"], language)), quote=False)
    # What follows is a paragraph of its own.
    return f'<h{level} lang="{language}">{title}</h{level}>\n\n'


def _prepare_code(cell: Any, number: int, name: str, variables: Mapping[str, Any], language: str) -> bool:
    """Take the options out of a code cell, put its alternative text on its pictures, and tell whether it is shown."""
    options: dict[str, str] = {}
    lines = []
    shown = shown_tables(cell_options(cell.source))
    for line in cell.source.splitlines():
        option = _OPTION.match(line)
        if option:
            options[option["key"]] = option["value"].strip("\"'")
        else:
            lines.append(line)
    if options.get("include") == "false":
        return False
    cell.source = "" if options.get("echo") == "false" else "\n".join(lines).strip()
    alternative = _resolved(options.get("fig-alt", ""), variables, name)
    cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    for place, output in enumerate(cell.outputs):
        if output.output_type == "error":
            raise RenderingError(
                f"Cell {number} stopped: {output.ename}.",
                document=name,
                remedy="Run the notebook again, and mend it first.",
            )
        _prepare_output(output, f"{number}-{place}")
        if any(kind in output.get("data", {}) for kind in _PICTURES):
            if not alternative:
                raise RenderingError(
                    f"The picture of cell {number} has no alternative text.",
                    document=name,
                    remedy='Give the cell a line #| fig-alt: "…" that states the finding.',
                )
            output.metadata["alt"] = alternative
    if cell.outputs:
        # Pages lie a folder deeper than documents.
        said = [(table, source_words(table, language, linked=True)) for table in shown]
        said += [(table, deliveries_words(table, language, linked=True)) for table in deliveries_of(shown)]
        cell.metadata["sources"] = [[f"../../{data_file(table, language)}", words] for table, words in said]
    return bool(cell.source or cell.outputs)


def _prepare_output(output: Any, place: str) -> None:
    """Take out of one output what differs from run to run."""
    if output.output_type == "stream":
        output.text = _ADDRESS.sub("", output.text)
        return
    data = output.get("data", {})
    for kind in ("text/plain", "text/html"):
        if kind in data:
            data[kind] = _STYLED.sub(f"T_{place}", _ADDRESS.sub("", "".join(data[kind])))


def _resolved(text: str, variables: Mapping[str, Any], name: str, written: Callable[[str], str] = str) -> str:
    """`text` with its variables filled in, `written` as befits the place."""

    def value(match: re.Match[str]) -> str:
        if match[1] in variables:
            return written(str(variables[match[1]]))
        found: Any = variables
        for part in match[1].split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if found is None:
            raise RenderingError(
                f"There is no variable {match[1]!r}.",
                document=name,
                remedy="Declare it in reports/figures.yml, or correct its name.",
            )
        return written(str(found))

    return _VARIABLE.sub(value, text)


def _style() -> str:
    return "\n".join(
        [
            style("page.css") + style("notebook.css") + _coloured("default"),
            "@media (prefers-color-scheme: dark) {",
            _coloured("github-dark"),
            "}",
        ]
    )


def _coloured(name: str) -> str:
    """The colours of code, on the page's own ground."""
    defined = HtmlFormatter(style=name).get_style_defs(".highlight")
    return re.sub(r"\.highlight \{[^}]*\}", ".highlight { background: none }", defined)


def require_self_contained(page: str, name: str) -> None:
    """Refuse a page that would load something from another host or run a script, or in which a shortcode is left over."""
    for pattern in _FOREIGN:
        found = pattern.search(page)
        if found:
            raise RenderingError(
                f"The page would load something or run a script: {found[0][:80]}",
                document=name,
                remedy="Show tables as HTML and charts as SVG or PNG, with nothing from another host.",
            )
    if "{{<" in page:
        raise RenderingError("A shortcode is left over: {{<.", document=name, remedy="Use {{< var name >}} only.")
