"""An executed notebook as it is kept: without what differs between two equal runs, its tables as text, and the wall noted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat

from kvarn.base.notebook_files import read_notebook
from kvarn.base.system_faults import naming
from kvarn.disseminate.own_charts import is_chart
from kvarn.pipeline.own_tables import table_of_text

__all__ = ["keep_executed", "was_walled"]

_KVARN = "kvarn"
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
# matplotlib says when it drew, and names parts of a drawing at random.
_ABOUT_DRAWING = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_RANDOM_ID = re.compile(r'\bid="([A-Za-z_0-9]*[0-9a-f]{10})"')
# pandas names a styled table at random, and so does great_tables.
_STYLED = re.compile(r"\bT_[0-9a-f]{5}(?![0-9a-f])")
_GREAT = re.compile(r'<div id="([a-z]{10})"')


def keep_executed(path: Path, *, walled: bool, published: bool) -> None:
    """Take away time stamps, durations, random names, and memory addresses, and note whether a wall stood.

    Parameters
    ----------
    walled
        Whether the operating system kept a wall around the notebook while it ran. Whatever the notebook says of that itself is
        written over.
    published
        Whether what it shows goes to readers: then of its tables the words alone are kept, which can be read back.
    """
    notebook = read_notebook(path, executed=True)
    notebook.metadata.pop("papermill", None)
    notebook.metadata[_KVARN] = {"wall": walled}
    for number, cell in enumerate(notebook.cells):
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
        elif not cell.get("id"):
            cell["id"] = f"cell-{number}"
        if "outputs" in cell:
            cell["outputs"] = _in_one_piece(cell["outputs"])
        for place, output in enumerate(cell.get("outputs", [])):
            if published:
                _without_look(output)
            _scrub(output, f"{number}_{place}")
    with naming(path):
        path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def was_walled(notebook: Any) -> bool:
    """Whether a wall stood around an executed notebook while it ran; of one that says nothing, no."""
    noted = notebook["metadata"].get(_KVARN)
    return isinstance(noted, dict) and noted.get("wall") is True


def _in_one_piece(outputs: list[Any]) -> list[Any]:
    """The outputs with what was printed in a row put together: a slow machine passes it on in more pieces than a quick one."""
    joined: list[Any] = []
    for output in outputs:
        before = joined[-1] if joined else {}
        if output.get("output_type") == before.get("output_type") == "stream" and output["name"] == before["name"]:
            before["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def _without_look(output: dict[str, Any]) -> None:
    """Let the words of a table stand in its place."""
    data = output.get("data", {})
    words = table_of_text(str(data.get("text/html", "")))
    if words is not None:
        data.setdefault("text/markdown", words)
        del data["text/html"]


def _scrub(output: dict[str, Any], place: str) -> None:
    data = output.get("data", {})
    for kind, said in data.items():
        if not isinstance(said, str):
            continue
        if kind == "text/plain":
            data[kind] = _ADDRESS.sub("", said)
        elif kind == "image/svg+xml" and not is_chart(output):
            data[kind] = _drawing(said)
        elif kind == "text/html":
            data[kind] = _table(_ADDRESS.sub("", said), place)


def _drawing(svg: str) -> str:
    """A drawing with its random names numbered in their order."""
    svg = _ABOUT_DRAWING.sub("", svg)
    for number, name in enumerate(dict.fromkeys(_RANDOM_ID.findall(svg)), 1):
        svg = re.sub(rf"(?<![\w-]){name}(?![\w-])", f"part-{number}", svg)
    return svg


def _table(html: str, place: str) -> str:
    """A table with names that tell its place in the notebook."""
    html = _STYLED.sub(f"T_{place}", html)
    for name in dict.fromkeys(_GREAT.findall(html)):
        html = re.sub(rf"(?<=[\"#]){name}(?![\w-])", f"table_{place}", html)
    return html
