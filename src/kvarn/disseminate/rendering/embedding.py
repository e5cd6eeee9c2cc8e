"""``{{< embed notebooks/x.ipynb#label >}}``: the outputs of one cell of an executed notebook."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from kvarn.base.escaping import for_markdown
from kvarn.base.notebook_files import read_notebook
from kvarn.disseminate.rendering.job import Job
from kvarn.disseminate.rendering.source_lines import source_line
from kvarn.disseminate.rendering.variables import with_variables
from kvarn.disseminate.shown_tables import cell_options, shown_tables
from kvarn.errors import RenderingError

__all__ = ["embedded"]

ADDRESS = re.compile(r"notebooks/([\w-]+)\.ipynb#([\w-]+)")
PICTURES = {"image/svg+xml": "svg", "image/png": "png"}
# The order in which Quarto prefers what a cell offers; only a web page can hold HTML.
PREFERRED = {
    "html": ("text/html", "text/markdown", "image/svg+xml", "image/png"),
    "pdf": ("text/markdown", "image/svg+xml", "image/png"),
}


@dataclass(frozen=True)
class Cell:
    """A labelled cell: its ``#|`` options and its outputs."""

    options: dict[str, Any]
    outputs: list[dict[str, Any]]


def embedded(address: str, job: Job, where: str) -> list[str]:
    """The lines of Markdown that show a cell's outputs; its pictures go to ``embedded/`` in the render's folder.

    Raises
    ------
    RenderingError
        No such notebook or cell, nothing to show, or a picture without an alternative text (``#| fig-alt:``).
    """
    found = ADDRESS.fullmatch(address)
    if found is None or found[1] not in job.notebooks:
        raise RenderingError(
            f"{address!r} names no cell of an executed notebook",
            document=where,
            remedy="Write notebooks/<notebook>.ipynb#<label>; there are: " + ", ".join(sorted(job.notebooks)),
        )
    notebook, label = found[1], found[2]
    cells = _labelled_cells(job.notebooks[notebook], job.notebooks[notebook].stat().st_mtime_ns)
    if label not in cells:
        raise RenderingError(
            f"The notebook {notebook} has no cell labelled {label!r}",
            document=where,
            remedy="Its labels are: " + ", ".join(sorted(cells)),
        )
    lines: list[str] = []
    for position, output in enumerate(cells[label].outputs):
        lines += ["", *_shown(output, cells[label], job, f"{notebook}-{label}-{position}", where), ""]
    if not any(line.strip() for line in lines):
        raise RenderingError(
            f"The cell {label!r} of the notebook {notebook} shows nothing",
            document=where,
            remedy="Run the notebook, and let the cell's last line be the chart or the table",
        )
    return lines + source_line(shown_tables(cells[label].options), job.language, to=job.to, sheets=job.sheets)


# A document embeds many cells of a few notebooks; the time of the file tells a fresh run from an old one.
@lru_cache(maxsize=32)
def _labelled_cells(notebook: Path, _written: int) -> dict[str, Cell]:
    cells = {}
    for cell in read_notebook(notebook, executed=True).cells:
        options = cell_options(_text(cell["source"])) if cell["cell_type"] == "code" else {}
        if "label" in options:
            cells[str(options["label"])] = Cell(options, cell.get("outputs", []))
    return cells


def _shown(output: dict[str, Any], cell: Cell, job: Job, name: str, where: str) -> list[str]:
    if output["output_type"] == "stream" and output.get("name") == "stderr":
        return []
    if output["output_type"] not in ("display_data", "execute_result"):
        raise RenderingError(
            f"A cell that is embedded prints text or failed ({output['output_type']})",
            document=where,
            remedy="Let the cell show a chart or a table, and print nothing",
        )
    data = output["data"]
    kind = next((kind for kind in PREFERRED[job.to] if kind in data), None)
    if kind is None:
        raise RenderingError(
            f"A cell that is embedded shows only {', '.join(sorted(data))}, which a document in {job.to} cannot hold",
            document=where,
            remedy="Show the chart as SVG and the table as Markdown",
        )
    if kind == "text/markdown":
        return _text(data[kind]).splitlines()
    if kind == "text/html":
        return ["```{=html}", *_text(data[kind]).splitlines(), "```"]
    return [_picture(data[kind], kind, cell, job, name, where)]


def _picture(data: Any, kind: str, cell: Cell, job: Job, name: str, where: str) -> str:
    alternative = str(cell.options.get("fig-alt") or "").strip()
    if not alternative:
        raise RenderingError(
            "A picture has no alternative text",
            document=where,
            remedy='Give the cell #| fig-alt: "…", which says what the picture shows',
        )
    file = job.folder / "embedded" / f"{name}.{PICTURES[kind]}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_text(data).encode() if kind == "image/svg+xml" else base64.b64decode(_text(data)))
    text = for_markdown(" ".join(with_variables(alternative, job.variables, where, written=str).split()))
    return f'![](embedded/{file.name}){{fig-alt="{text}"}}'


def _text(value: Any) -> str:
    """Notebooks keep a text as one string or as a list of its lines."""
    return "".join(value) if isinstance(value, list) else str(value)
