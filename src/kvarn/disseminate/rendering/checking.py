"""Is the rendered document whole? It is read back as a reader gets it, whichever renderer made it."""

from __future__ import annotations

from kvarn.disseminate.rendering.job import Job
from kvarn.disseminate.rendering.page_faults import page_faults
from kvarn.disseminate.rendering.pdf_faults import pdf_faults
from kvarn.errors import RenderingError

__all__ = ["check_rendered"]


def check_rendered(job: Job) -> None:
    """Read ``job.output`` back, and refuse it if something is left over or missing.

    HTML: no shortcode, unknown variable or unresolved reference in text or attributes; no picture missing, or without
    alternative text; no request to any other host; title and language set. PDF: the same of its text; title and
    language set; tagged and marked as PDF/UA-1. A synthetic edition's notice must be there, in a PDF on every page.

    Raises
    ------
    RenderingError
        Naming document and format, and everything that was found.
    """
    if not job.output.is_file() or job.output.stat().st_size == 0:
        raise RenderingError("Nothing was rendered", document=job.name, remedy="Render the document again")
    faults = page_faults(job) if job.to == "html" else pdf_faults(job)
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults[:20])
        raise RenderingError(
            f"The rendered document is not whole:\n{listed}",
            document=job.name,
            remedy="Correct the document, the notebook or figures.yml, and render again",
        )
