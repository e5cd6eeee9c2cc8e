"""What is wrong with a rendered PDF."""

from __future__ import annotations

import re

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from kvarn.disseminate.rendering.job import Job
from kvarn.disseminate.rendering.left_over import left_over

__all__ = ["pdf_faults"]

CONFORMANCE = re.compile(rb"pdfuaid:part(?:>|=[\"'])1")


def pdf_faults(job: Job) -> list[str]:
    """Everything that is wrong with the PDF at ``job.output``, each in one sentence."""
    try:
        reader = PdfReader(job.output)
        pages = [page.extract_text() for page in reader.pages]
    except (PyPdfError, OSError, ValueError) as error:
        return [f"the PDF cannot be read back: {error}"]
    faults = left_over("\n".join(pages))
    faults += _metadata_faults(reader, job)
    if job.synthetic:
        # A line may break anywhere in the notice: compare without white space.
        notice = "".join(job.notice.split())
        faults += [
            f"the notice of synthetic data is not on page {number}"
            for number, text in enumerate(pages, 1)
            if notice not in "".join(text.split())
        ]
    return faults


def _metadata_faults(reader: PdfReader, job: Job) -> list[str]:
    faults = []
    catalogue = reader.root_object
    if not (reader.metadata and (reader.metadata.title or "").strip()):
        faults.append("the PDF has no title")
    language = str(catalogue.get("/Lang", ""))
    if language.partition("-")[0] != job.language:
        faults.append(f"the PDF's language is {language!r}, not {job.language!r}")
    marks = catalogue.get("/MarkInfo")
    if marks is None or not marks.get_object().get("/Marked") or "/StructTreeRoot" not in catalogue:
        faults.append("the PDF is not tagged")
    described = catalogue.get("/Metadata")
    if described is None or not CONFORMANCE.search(described.get_object().get_data()):
        faults.append("the PDF does not say that it conforms to PDF/UA-1")
    return faults
