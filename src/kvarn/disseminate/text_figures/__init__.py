"""The figures in the texts: every number in a document is a cell of a protected table, or a function of cells.

``reports/figures.yml`` declares them; the documents print them with ``{{< var name >}}``. Nothing is typed in by hand,
so next year's report says next year's figures, and each of them can be traced back to its cell.
"""

from typing import TYPE_CHECKING

from kvarn.base.late_imports import when_asked_for

if TYPE_CHECKING:
    from kvarn.disseminate.text_figures._declaration import Declaration, Figure, read_declaration
    from kvarn.disseminate.text_figures._documents import check_documents
    from kvarn.disseminate.text_figures._resolve import names_of_edition, resolve_figures, trace_figures

__all__ = [
    "Declaration",
    "Figure",
    "check_documents",
    "names_of_edition",
    "read_declaration",
    "resolve_figures",
    "trace_figures",
]

__getattr__ = when_asked_for(
    __name__,
    {
        "Declaration": "kvarn.disseminate.text_figures._declaration",
        "Figure": "kvarn.disseminate.text_figures._declaration",
        "read_declaration": "kvarn.disseminate.text_figures._declaration",
        "check_documents": "kvarn.disseminate.text_figures._documents",
        "names_of_edition": "kvarn.disseminate.text_figures._resolve",
        "resolve_figures": "kvarn.disseminate.text_figures._resolve",
        "trace_figures": "kvarn.disseminate.text_figures._resolve",
    },
)
