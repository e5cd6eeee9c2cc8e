"""What a renderer is, and which one a run uses."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Literal, Protocol

from kvarn.base.page_policy import with_policy
from kvarn.disseminate.rendering.inline_drawings import narrow_drawings, with_drawings_inline
from kvarn.disseminate.rendering.job import Job
from kvarn.disseminate.rendering.web_fonts import font_style

__all__ = ["Choice", "Renderer", "hand_over"]

Choice = Literal["auto", "quarto", "builtin"]


class Renderer(Protocol):
    """Turns a document into HTML or PDF."""

    @property
    def name(self) -> str:
        """``quarto`` or ``builtin``."""

    @property
    def version(self) -> str:
        """The versions of the programs that do the work."""

    def render(self, job: Job) -> None:
        """Lay out the job's folder, render, check the result, and write ``job.output``: whole, or not at all.

        Raises
        ------
        RenderingError
            The document could not be rendered, or something in it is left over or missing.
        """


def hand_over(rendered: Path, job: Job, *, scripts: bool = False) -> None:
    """Check what was rendered in the job's folder, and put it in its place in one step; what fails is not put there.

    A page gets its typeface, its charts as parts of itself and its policy here, whichever renderer made it; `scripts` says
    whether that one may have put scripts into it.
    """
    from kvarn.disseminate.rendering.checking import check_rendered

    if job.to == "html":
        page = with_drawings_inline(rendered.read_text(encoding="utf-8"), narrow_drawings(job.notebooks.values()))
        page = page.replace("</head>", f"<style>\n{font_style()}</style>\n</head>", 1) if font_style() else page
        rendered.write_text(with_policy(page, job.name, scripts=scripts), encoding="utf-8")
    check_rendered(replace(job, output=rendered))
    job.output.parent.mkdir(parents=True, exist_ok=True)
    beside = job.output.with_name(f".{job.output.name}.part")
    try:
        shutil.copyfile(rendered, beside)
        beside.replace(job.output)
    finally:
        beside.unlink(missing_ok=True)
