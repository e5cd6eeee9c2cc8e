"""What is wrong with a rendered PDF."""

from __future__ import annotations

import ctypes
import re

import pypdfium2  # type: ignore[import-untyped]
from pypdfium2.raw import FPDF_WCHAR, FPDFCatalog_GetLanguage  # type: ignore[import-untyped]

from kvarn.disseminate.pdf_reading import opened_pdf, page_texts
from kvarn.disseminate.rendering.job import Job
from kvarn.disseminate.rendering.left_over import left_over
from kvarn.errors import InputError

__all__ = ["pdf_faults"]

# The description of the file (XMP) is plain text in it, so that programs find it without reading PDF.
CONFORMANCE = re.compile(rb"pdfuaid:part(?:>|=[\"'])1")


def pdf_faults(job: Job) -> list[str]:
    """Everything that is wrong with the PDF at ``job.output``, each in one sentence."""
    try:
        with opened_pdf(job.output) as document:
            pages = page_texts(document)
            faults = left_over("\n".join(pages), job.variables) + _metadata_faults(document, job)
    except InputError as error:
        return [error.what]
    if not CONFORMANCE.search(job.output.read_bytes()):
        faults.append("the PDF does not say that it conforms to PDF/UA-1")
    if "".join(job.correction.split()) not in "".join("".join(pages).split()):
        faults.append("the notice of what has been corrected is not in the PDF: the theme leaves out $correction$")
    if job.synthetic:
        # A line may break anywhere in the notice: compare without white space.
        notice = "".join(job.notice.split())
        faults += [
            f"the notice of synthetic data is not on page {number}"
            for number, text in enumerate(pages, 1)
            if notice not in "".join(text.split())
        ]
    return faults


def _metadata_faults(document: pypdfium2.PdfDocument, job: Job) -> list[str]:
    faults = []
    if not document.get_metadata_value("Title").strip():
        faults.append("the PDF has no title")
    language = _language(document)
    if language.partition("-")[0] != job.language:
        faults.append(f"the PDF's language is {language!r}, not {job.language!r}")
    if not document.is_tagged():
        faults.append("the PDF is not tagged")
    return faults


def _language(document: pypdfium2.PdfDocument) -> str:
    """The language that the document's catalogue gives, as UTF-16 of so many bytes with a zero at the end."""
    size = FPDFCatalog_GetLanguage(document, None, 0)
    letters = (FPDF_WCHAR * (size // 2))()
    FPDFCatalog_GetLanguage(document, letters, size)
    return ctypes.string_at(letters, size).decode("utf-16-le").rstrip("\0")
