"""The folder that a render works in: what both renderers need, and nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from kvarn.base.by_hand import BESIDE_DOCUMENTS, is_beside_documents
from kvarn.base.escaping import for_markdown
from kvarn.base.notebook_files import read_notebook
from kvarn.base.system_faults import naming
from kvarn.disseminate.rendering.fonts import lay_out_fonts
from kvarn.disseminate.rendering.job import Job, body_of, front_matter, settings_of
from kvarn.disseminate.rendering.source_lines import with_sources
from kvarn.errors import RenderingError

__all__ = ["as_markdown", "as_yaml", "lay_out", "notebook_for_quarto"]

_FONTS = "theme/fonts"


def lay_out(job: Job) -> Path:
    """Make the folder that one render works in, and return it.

    It holds the document's files, ``_quarto.yml``, ``_variables.yml``, ``theme/`` (with the fonts, where they are installed)
    and ``notebooks/``. Parallel renders in one folder collide, so each has its own.

    Raises
    ------
    RenderingError
        The document is not there, or its front matter cannot be read.
    """
    if not job.text.is_file():
        raise RenderingError(
            f"There is no {job.text.name}", document=str(job.text), remedy="Write the document, or correct its name"
        )
    if job.folder.exists():
        shutil.rmtree(job.folder)
    for source in (job.source, job.theme, job.quarto_yml):
        _require_no_link(source, passed_over=source == job.source)
    # What a render by hand has laid there or left is no part of the document.
    shutil.copytree(job.source, job.folder, ignore=shutil.ignore_patterns(*BESIDE_DOCUMENTS))
    shutil.copytree(job.theme, job.folder / "theme")
    lay_out_fonts(job.folder / _FONTS)
    with naming(job.folder):
        _write(job)
    return job.folder


def _write(job: Job) -> None:
    """What is put into the folder for this render: settings, figures, the executed notebooks and the document itself."""
    (job.folder / "_quarto.yml").write_text(as_yaml(_settings(job)), encoding="utf-8")
    (job.folder / "_variables.yml").write_text(as_yaml(as_markdown(job.variables)), encoding="utf-8")
    (job.folder / "notebooks").mkdir(exist_ok=True)
    for name, notebook in sorted(job.notebooks.items()):
        text = notebook_for_quarto(notebook, job, to=job.to)
        (job.folder / "notebooks" / f"{name}.ipynb").write_text(text, encoding="utf-8")
    metadata = as_yaml(front_matter(job))
    (job.folder / job.text.name).write_text(f"---\n{metadata}---\n{body_of(job)}", encoding="utf-8")


def notebook_for_quarto(notebook: Path, job: Job, *, to: str) -> str:
    """An executed notebook, as Quarto is to embed it."""
    read = read_notebook(notebook, executed=True)
    return json.dumps(with_sources(read, job.language, to=to, sheets=job.sheets), ensure_ascii=False)


def _settings(job: Job) -> dict[str, Any]:
    """The project's settings for a folder that is a project of its own, with the house style and the fonts in it.

    What they say of the project is for whoever renders by hand in its root.
    """
    settings: dict[str, Any] = _within_render(settings_of(job))
    settings["project"] = {"type": "default"}
    typst = settings.get("format", {}).get("typst")
    if isinstance(typst, dict) and "font-paths" in typst:
        typst["font-paths"] = _FONTS
    return settings


def _within_render(value: Any) -> Any:
    """The value with its paths as they are in a render's folder, where ``theme/`` lies beside the document."""
    if isinstance(value, dict):
        return {key: _within_render(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_within_render(inner) for inner in value]
    return value.removeprefix("reports/") if isinstance(value, str) else value


def _require_no_link(source: Path, *, passed_over: bool) -> None:
    """What a link leads to would be laid out for the render, and could come into the page.

    Parameters
    ----------
    passed_over
        Whether what lies beside documents is not laid out.

    Raises
    ------
    RenderingError
        There is one.
    """
    for path in (source, *sorted(source.rglob("*"))) if source.is_dir() else (source,):
        if passed_over and any(map(is_beside_documents, path.relative_to(source).parts)):
            continue
        if path.is_symlink():
            raise RenderingError("A link stands among a document's files", document=str(path), remedy="Put the file itself there")


def as_markdown(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables as Quarto wants them, which reads every value as Markdown: theirs are plain text."""
    return {
        name: as_markdown(value) if isinstance(value, Mapping) else for_markdown(value) if isinstance(value, str) else value
        for name, value in variables.items()
    }


def as_yaml(value: Any) -> str:
    """The value as YAML, the same each time."""
    plain = json.loads(json.dumps(value, ensure_ascii=False, default=str))
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=True, width=10_000)
