"""What ``_quarto.yml`` and a document's front matter may say to the renderers: a list of settings, each with its values.

Quarto takes hundreds of settings, and many of them put a file or a text into every page, or run a program or a filter. No list of
those that do would stay complete, so that what is not on this one is refused. Files are named within the theme, whose files are
known by their fingerprints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from kvarn.base.by_hand import BY_HAND
from kvarn.base.yaml_files import read_input
from kvarn.disseminate.narrative._faults import Fault

__all__ = ["fault_in_setting", "faults_in_project_file"]

_NAME = r"(?:reports/)?theme/\w[\w-]*"
_YES_OR_NO = r"true|false"
_DEPTH = r"[1-6]"
_CONTENTS = {"number-sections": _YES_OR_NO, "number-depth": _DEPTH, "toc": _YES_OR_NO, "toc-depth": _DEPTH}
_EVERYWHERE = {**_CONTENTS, "notebook-links": "false"}
_OF_HTML = {
    "template": rf"{_NAME}\.html",
    "css": rf"{_NAME}\.css",
    "theme": "none",
    "minimal": _YES_OR_NO,
    "embed-resources": "true",
    "html-math-method": "mathml",
    "section-divs": _YES_OR_NO,
    "anchor-sections": _YES_OR_NO,
}
_OF_TYPST = {
    "template": rf"{_NAME}\.typ",
    "template-partials": rf"{_NAME}\.typ",
    "section-numbering": r"1(?:\.1)*",
    "papersize": r"a[3-6]|us-letter",
    "font-paths": rf"theme/fonts|{BY_HAND}/fonts",
    "pdf-standard": "ua-1",
}
_PERMITTED = {
    "project.type": "default",
    # For whoever renders by hand in the project's root: the documents and nothing else, and never into the publications.
    "project.render": r"/reports/\*/\*/\*\.qmd",
    "project.output-dir": BY_HAND,
    "project.pre-render": r"(?:\.venv/bin/)?kvarn quarto",
    "execute.enabled": "false",
    **_EVERYWHERE,
    "filters": rf"{_NAME}\.lua",
    "filters.path": rf"{_NAME}\.lua",
    "filters.at": r"(?:pre|post)-(?:ast|quarto|render)",
    **{f"format.html.{key}": values for key, values in (_EVERYWHERE | _OF_HTML).items()},
    **{f"format.typst.{key}": values for key, values in (_EVERYWHERE | _OF_TYPST).items()},
}
# A date's own format says it in the letters of day, month and year. Whatever stands in quotation marks or brackets is printed.
_IN_FRONT_MATTER = {**_CONTENTS, "date-format": r"(?:full|long|medium|short|iso|[DMY]+(?:(?:[ ./-]|, )[DMY]+)*)"}


def faults_in_project_file(file: Path) -> Iterator[Fault]:
    """What ``_quarto.yml`` says beyond the list: it sets for every document what the document does not set itself."""
    root = read_input(file, noun="what the documents say").root
    yield from _faults_in(root, "", file) if root is not None else ()


def fault_in_setting(key: str, node: yaml.Node, file: Path, before: int) -> Iterator[Fault]:
    """What a document's front matter gives to a setting that is no text of its own.

    Parameters
    ----------
    before
        The line of the file at which the front matter begins.
    """
    permitted = _IN_FRONT_MATTER.get(key)
    if permitted is None:
        return
    if not (isinstance(node, yaml.ScalarNode) and re.fullmatch(permitted, node.value, re.ASCII)):
        yield _not_permitted(key, _written(node), permitted, file, node.start_mark.line + before)


def _faults_in(node: yaml.Node, key: str, file: Path) -> Iterator[Fault]:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            inner = f"{key}.{_written(name)}" if key else _written(name)
            if inner in _PERMITTED or any(known.startswith(f"{inner}.") for known in _PERMITTED):
                yield from _faults_in(value, inner, file)
            else:
                yield Fault(
                    f"The key {inner!r} is not among those that _quarto.yml may set, so nobody can tell what it publishes.",
                    f"Take it out; texts are written in the documents themselves. Known: {', '.join(_PERMITTED)}.",
                    file,
                    name.start_mark.line + 1,
                )
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _faults_in(value, key, file)
    elif key not in _PERMITTED or not re.fullmatch(_PERMITTED[key], _written(node), re.ASCII):
        yield _not_permitted(key or "_quarto.yml", _written(node), _PERMITTED.get(key), file, node.start_mark.line + 1)


def _written(node: yaml.Node) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else "…"


def _not_permitted(key: str, written: str, permitted: str | None, file: Path, line: int) -> Fault:
    if permitted is None:
        return Fault(f"{key!r} holds settings, and {written!r} is none.", "Restore it from git.", file, line)
    return Fault(f"{written!r} is not what {key!r} may be.", f"Write {_in_words(permitted)}.", file, line)


def _in_words(permitted: str) -> str:
    """What a setting may be, as a reader says it."""
    words = {
        _YES_OR_NO: "true or false",
        _DEPTH: "a whole number from 1 to 6",
        _OF_TYPST["section-numbering"]: '"1", "1.1" and so on',
        _OF_TYPST["papersize"]: "a3, a4, a5, a6 or us-letter",
        _OF_TYPST["font-paths"]: f"theme/fonts or {BY_HAND}/fonts",
        _PERMITTED["project.render"]: "/reports/*/*/*.qmd",
        _PERMITTED["project.pre-render"]: ".venv/bin/kvarn quarto",
        _PERMITTED["filters.at"]: "pre-ast, post-ast, pre-quarto, post-quarto, pre-render or post-render",
        _IN_FRONT_MATTER["date-format"]: 'full, long, medium, short, iso, or the letters D, M and Y, as in "D MMMM YYYY"',
    }
    if permitted.startswith(_NAME):
        return f"the name of a file of the theme: reports/theme/name{permitted.removeprefix(_NAME).replace(chr(92), '')}"
    return words.get(permitted, permitted)
