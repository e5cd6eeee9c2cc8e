"""A statistician's own charts: what a cell must declare, and where a wall must have stood, to publish them.

What a picture says cannot be read back. Where the operating system kept the notebook to the protected tables while it ran,
it has opened nothing that is withheld; where it did not, only what kvarn itself has drawn is shown.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import re
from base64 import b64decode
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from kvarn.base.notebook_files import read_notebook
from kvarn.base.yaml_files import YamlFault
from kvarn.disseminate.drawings import faults_of_drawing
from kvarn.disseminate.own_charts import SVG, is_chart, narrow_of
from kvarn.disseminate.shown_tables import OPTION, cell_options, shown_tables
from kvarn.errors import NotebookError
from kvarn.pipeline.executed import was_walled
from kvarn.pipeline.notebook_source import SourceCell, read_cells
from kvarn.pipeline.own_tables import table_of_text
from kvarn.pipeline.presenting import tables_named_in

__all__ = ["Own", "check_declared", "drawing_digest", "own_outputs", "picture_digest", "wrong_output"]

_PICTURES = ("image/svg+xml", "image/png")
_CHARTS = "kvarn.disseminate.charts"
_DECLARE = f'Declare in the cell which table it shows: #| {OPTION}: persons-by-month; it needs #| fig-alt: "…" as well.'
_NO_WALL = (
    "Run it on Linux with Landlock (kvarn doctor says what there is), where the notebook can read nothing but protected tables; "
    "elsewhere end the cell with a chart of kvarn.disseminate.charts or a table of kvarn.disseminate.text_tables."
)
_AS_FIGURE = (
    "Show the chart as a figure of matplotlib (SVG or PNG), and the table by text_table of kvarn.disseminate.text_tables, or as "
    "a frame with a row of heads, plain or styled: its words are published, and no link, picture or raised figure in it."
)
# What a plain table is made of; the attack on the publication reads all of it.
_PLAIN = frozenset(
    ("table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "p", "div", "span", "b", "i", "em", "strong", "br")
)
# What pandas writes into every table, and nobody sees.
_OF_PANDAS = re.compile(r"<style scoped>.*?</style>|\sstyle=\"text-align: (?:right|left);\"", re.DOTALL)
_ESCAPED = re.compile(r"\\.")
# Pictures, raw HTML and raw Typst in Markdown.
_NOT_WORDS = re.compile(r"<[A-Za-z!?/]|!\[|\{=|data:")


@dataclass(frozen=True)
class Own:
    """An output of a statistician's own.

    Attributes
    ----------
    tables
        The tables that its cell says it shows.
    kind
        ``image/svg+xml`` or ``image/png``.
    walled
        Whether a wall stood when it was made.
    """

    tables: tuple[str, ...]
    kind: str
    data: str
    walled: bool

    @property
    def digest(self) -> str:
        """By what it is known again on a page, if it is a picture."""
        return drawing_digest(self.data) if self.kind == "image/svg+xml" else picture_digest(b64decode(self.data))


def check_declared(notebook: Path, programme: Collection[str], published: Collection[str]) -> None:
    """Hold what the cells of a present notebook say that they show against the programme, before anything is run.

    Raises
    ------
    NotebookError
        A cell declares a table that the programme does not have, that this edition does not publish, or that the notebook does
        not open by its name.
    """
    opened = tables_named_in(notebook)
    for cell in read_cells(notebook):
        options = _options(cell)
        if OPTION in options and not shown_tables(options):
            raise cell.wrong(
                f"#| {OPTION}: names no table.", f"Name the table that the cell shows: #| {OPTION}: persons-by-month."
            )
        for table in shown_tables(options):
            if table not in programme:
                near = difflib.get_close_matches(table, programme, n=3)
                hint = f"Did you mean {' or '.join(near)}?" if near else "The tables are in programme/tables.yml."
                raise cell.wrong(f"The cell says that it shows {table!r}, which is no table of the programme.", hint)
            if table not in published:
                raise cell.wrong(
                    f"The cell says that it shows {table}, which this edition does not publish.",
                    "Show a table that a compute notebook saves.",
                )
            if table not in opened:
                raise cell.wrong(
                    f"The cell says that it shows {table}, which this notebook does not open.",
                    f'Take it by name, tables["{table}"], from what open_tables(edition) gives; or name the table that is shown.',
                )


def _options(cell: SourceCell) -> dict[str, Any]:
    try:
        return cell_options(cell.source)
    except YamlFault:
        raise cell.wrong(
            "The options of the cell (#| …) are not YAML.", "Put a text that holds a colon or a shortcode in quotation marks."
        ) from None


def wrong_output(executed: Path, walled: bool) -> NotebookError | None:
    """What an executed present notebook shows and may not; None where all of it may be published.

    Parameters
    ----------
    walled
        Whether a wall stood while it ran.
    """
    cells = _cells(executed)
    charts = _charts_called(cells)
    for cell in cells:
        for output in cell.get("outputs", []):
            for kind, data in _own_of(output, cell, charts, walled):
                what, remedy = _why_not(kind, data, cell, walled)
                if what:
                    return NotebookError(what, notebook=executed.name, cell=str(cell.get("id")), remedy=remedy)
    return None


def own_outputs(executed: Path) -> Iterator[Own]:
    """The declared outputs of a statistician's own in an executed present notebook."""
    notebook = read_notebook(executed, executed=True)
    walled, cells = was_walled(notebook), _cells(executed)
    charts = _charts_called(cells)
    for cell in cells:
        for output in cell.get("outputs", []):
            for kind, data in _own_of(output, cell, charts, walled):
                yield Own(shown_tables(cell_options(_text(cell["source"]))), kind, data, walled)


def picture_digest(content: bytes) -> str:
    """By what a picture is known again on a page."""
    return hashlib.sha256(content).hexdigest()


def drawing_digest(svg: str) -> str:
    """By what a drawing is known again on a page, however its lines were broken."""
    return hashlib.sha256(" ".join(svg[max(svg.find("<svg"), 0) :].split()).encode()).hexdigest()


def _cells(executed: Path) -> list[dict[str, Any]]:
    return [cell for cell in read_notebook(executed, executed=True).cells if cell["cell_type"] == "code"]


def _own_of(output: dict[str, Any], cell: dict[str, Any], charts: Collection[str], walled: bool) -> Iterator[tuple[str, str]]:
    """What an output shows that neither kvarn has made nor anybody can read: its kind, and itself."""
    if output["output_type"] not in ("display_data", "execute_result"):
        return
    # Without a wall, nothing but a chart's own function answers for what the chart says of itself.
    made = output["output_type"] == "execute_result" and _ends_in_call(_text(cell["source"]), charts)
    drawn = _text(output.get("data", {}).get(SVG, ""))
    # Whatever a drawing says of itself, it is shapes and words.
    faults = (fault for svg in (drawn, narrow_of(output)) if svg for fault in faults_of_drawing(svg))
    if is_chart(output) and (walled or made) and next(faults, None) is None:
        return
    if narrow := narrow_of(output):
        yield SVG, narrow
    for kind, data in output.get("data", {}).items():
        if kind == "text/plain" or _is_read(kind, _text(data)):
            continue
        yield kind, _text(data)


def _why_not(kind: str, data: str, cell: dict[str, Any], walled: bool) -> tuple[str, str]:
    """What is wrong with an output of a statistician's own, and the remedy; two empty texts where nothing is."""
    options = cell_options(_text(cell["source"]))
    if kind == "text/markdown":
        return "The cell shows Markdown with a picture or raw HTML in it.", _AS_FIGURE
    if kind == "text/html":
        return "The cell shows HTML that is more than a plain table: a style, a picture or a script.", _AS_FIGURE
    if kind not in _PICTURES:
        return f"The cell shows something as {kind}, which no page or document can hold.", _AS_FIGURE
    if not walled:
        return "The cell shows a chart of its own, and no wall stood around the notebook: what it shows cannot be read.", _NO_WALL
    if not shown_tables(options):
        return "The cell shows a chart of its own and does not say which protected table it shows.", _DECLARE
    if kind == "image/svg+xml" and (fault := next(faults_of_drawing(data), None)):
        return f"The drawing has {fault}, which no published drawing may have.", _AS_FIGURE
    if not str(options.get("fig-alt") or "").strip():
        return "The chart has no alternative text.", 'Give the cell a line #| fig-alt: "…" that states the finding.'
    return "", ""


def _charts_called(cells: Collection[Mapping[str, Any]]) -> set[str]:
    """The functions of `kvarn.disseminate.charts` that a notebook imports under their own names, and binds to nothing else."""
    found: set[str] = set()
    bound: set[str] = set()
    for cell in cells:
        for node in ast.walk(_parsed(_text(cell["source"]))):
            if isinstance(node, ast.ImportFrom):
                names = {alias.asname or alias.name for alias in node.names}
                plain = {alias.name for alias in node.names if alias.asname is None} - {"Chart"}
                found |= plain if node.module == _CHARTS else set()
                bound |= names - (plain if node.module == _CHARTS else set())
            elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                bound.add(node.id)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                bound.add(node.name)
            elif isinstance(node, ast.Import):
                bound |= {alias.asname or alias.name for alias in node.names}
    return found - bound


def _ends_in_call(source: str, functions: Collection[str]) -> bool:
    body = _parsed(source).body
    last = body[-1].value if body and isinstance(body[-1], ast.Expr) else None
    return isinstance(last, ast.Call) and isinstance(last.func, ast.Name) and last.func.id in functions


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError:
        # What is said to IPython calls no chart.
        return ast.Module([], [])


def _is_read(kind: str, said: str) -> bool:
    """Whether all that is published of an output is read when its page is read back."""
    if kind == "text/markdown":
        return _NOT_WORDS.search(_ESCAPED.sub("", said)) is None
    return kind == "text/html" and (table_of_text(said) is not None or _is_plain(said))


def _is_plain(html: str) -> bool:
    """Whether HTML is a table that has no look of its own: then all that it says is read when its page is read back."""
    left = _OF_PANDAS.sub("", html)
    return not _tags(left) - _PLAIN and re.search(r"\s(?:style|background|bgcolor|width|height|on\w+)\s*=", left) is None


def _tags(html: str) -> set[str]:
    reader = _Tags()
    reader.feed(html)
    reader.close()
    return reader.found


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)

    def handle_decl(self, decl: str) -> None:
        self.found.add("!")

    def handle_pi(self, data: str) -> None:
        self.found.add("?")


def _text(value: Any) -> str:
    """Notebooks keep a text as one string or as a list of its lines."""
    return "".join(value) if isinstance(value, list) else str(value)
