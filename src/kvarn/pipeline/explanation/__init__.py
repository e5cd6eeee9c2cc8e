"""How a published figure came about, by what is published: nothing here is secret."""

from kvarn.pipeline.explanation._explain import Explanation, explain_cell, explain_figure
from kvarn.pipeline.explanation._write import as_text, require_page_of_its_own, write_explanation

__all__ = ["Explanation", "as_text", "explain_cell", "explain_figure", "require_page_of_its_own", "write_explanation"]
