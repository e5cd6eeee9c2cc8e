"""From documents and executed notebooks to the reports, as HTML and PDF.

Two renderers make the same reports: Quarto where it is found, and a built-in one (pandoc and Typst from wheels) where
it is not. What documents may use stands in `kvarn.disseminate.rendering.subset`; the look in ``reports/theme``.
"""

from typing import TYPE_CHECKING

from kvarn.base.late_imports import when_asked_for

if TYPE_CHECKING:
    from kvarn.disseminate.rendering.beside import lay_beside
    from kvarn.disseminate.rendering.builtin import Builtin
    from kvarn.disseminate.rendering.checking import check_rendered
    from kvarn.disseminate.rendering.choosing import choose_renderer
    from kvarn.disseminate.rendering.fonts import font_files
    from kvarn.disseminate.rendering.job import Job
    from kvarn.disseminate.rendering.laying_out import lay_out
    from kvarn.disseminate.rendering.quarto import Quarto, QuartoRenderer, find_quarto
    from kvarn.disseminate.rendering.renderer import Renderer

__all__ = [
    "Builtin",
    "Job",
    "Quarto",
    "QuartoRenderer",
    "Renderer",
    "check_rendered",
    "choose_renderer",
    "find_quarto",
    "font_files",
    "lay_beside",
    "lay_out",
]

__getattr__ = when_asked_for(
    __name__,
    {
        "Builtin": "kvarn.disseminate.rendering.builtin",
        "check_rendered": "kvarn.disseminate.rendering.checking",
        "choose_renderer": "kvarn.disseminate.rendering.choosing",
        "font_files": "kvarn.disseminate.rendering.fonts",
        "Job": "kvarn.disseminate.rendering.job",
        "lay_beside": "kvarn.disseminate.rendering.beside",
        "lay_out": "kvarn.disseminate.rendering.laying_out",
        "Quarto": "kvarn.disseminate.rendering.quarto",
        "QuartoRenderer": "kvarn.disseminate.rendering.quarto",
        "find_quarto": "kvarn.disseminate.rendering.quarto",
        "Renderer": "kvarn.disseminate.rendering.renderer",
    },
)
