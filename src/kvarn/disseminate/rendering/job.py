"""What is to be rendered, and what a document says: its front matter, its lines."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kvarn.base.escaping import for_markdown
from kvarn.base.yaml_files import YamlFault, read_document, read_input
from kvarn.disseminate.rendering.chapters import with_chapters
from kvarn.disseminate.rendering.lines import Line, lines_of, text_lines
from kvarn.disseminate.rendering.variables import with_variables
from kvarn.disseminate.templates import word
from kvarn.disseminate.ways import ways_from_document
from kvarn.errors import InputError, RenderingError, place

__all__ = ["Job", "body_of", "document_lines", "front_matter", "own_keys", "settings_of"]

HEADING = re.compile(r"(#{1,6})\s")


@dataclass(frozen=True)
class Job:
    """One document in one language and one format.

    Parameters
    ----------
    document
        The document's name: ``annual-report``. Its text is ``<reports>/<document>/<language>/<document>.qmd``.
    language
        ``sv`` or ``en``.
    to
        ``html`` or ``pdf``.
    reports
        The folder with the documents and the house style (``theme/``).
    quarto_yml
        The project's ``_quarto.yml``.
    notebooks
        Name of each executed present notebook, without suffix, and its file.
    variables
        What ``{{< var a.b >}}`` stands for; nested; becomes ``_variables.yml``.
    folder
        The render's own folder, made afresh: whatever is in it goes.
    output
        The file to write.
    published
        The date of publication, which is also the PDF's time stamp: the same inputs give the same bytes.
    synthetic
        Whether the figures come from a synthetic register.
    notice
        The notice that says so, in the document's language; empty when the figures are real.
    correction
        What the edition corrects, in whole, for the front of the document; empty where it corrects nothing.
    languages, documents
        Those of the publication that the document is part of, to which it has links; none for one that stands alone.
    sheets
        The number of each published table's sheet in the workbook.
    """

    document: str
    language: str
    to: str
    reports: Path
    quarto_yml: Path
    notebooks: Mapping[str, Path]
    variables: Mapping[str, Any]
    folder: Path
    output: Path
    published: datetime.date
    synthetic: bool
    notice: str
    correction: str = ""
    languages: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    sheets: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.to not in ("html", "pdf"):
            raise ValueError(f"a document is rendered to html or pdf, not {self.to!r}")
        if self.synthetic and not self.notice:
            raise RenderingError(
                "A synthetic edition must carry its notice, and none was given",
                document=self.name,
                remedy="Give the notice in the document's language",
            )

    @property
    def name(self) -> str:
        """The document, language and format as errors name them."""
        return f"{self.document} ({self.language}, {self.to})"

    @property
    def source(self) -> Path:
        """The folder with the document's own files."""
        return self.reports / self.document / self.language

    @property
    def text(self) -> Path:
        """The document's main file, in the reports."""
        return self.source / f"{self.document}.qmd"

    @property
    def theme(self) -> Path:
        """The house style."""
        return self.reports / "theme"


def front_matter(job: Job) -> dict[str, Any]:
    """The document's metadata with its variables put in, and with what the house style needs.

    Quarto takes dates and authors apart before it resolves shortcodes, so the front matter is resolved here, for both
    renderers.
    """
    metadata, _ = _split(job)
    # Every value is Markdown to both renderers, but the date, which Quarto reads as one.
    resolved = {key: _resolved(value, job, str if key == "date" else for_markdown) for key, value in metadata.items()}
    words, months = _house_words(job)
    project = settings_of(job)
    # Chapters are the second level of a web page, whose first is the title, and the first level of a PDF.
    top = 2 if job.to == "html" else 1
    depths: dict[str, Any] = {
        key: int(metadata.get(key, project[key])) + top - 1
        for key in ("toc-depth", "number-depth")
        if key in metadata or key in project
    }
    return {
        "lang": job.language,
        # What is found stands above what shows it, of figures as of tables.
        "fig-cap-location": "top",
        **resolved,
        "words": words,
        "published": job.published.isoformat(),
        "published-text": f"{job.published.day} {months[job.published.month - 1]} {job.published.year}",
        "published-on": {"year": job.published.year, "month": job.published.month, "day": job.published.day},
        **({"notice": job.notice} if job.notice else {}),
        **({"correction": for_markdown(job.correction)} if job.correction else {}),
        **depths,
        **_ways(job),
        "shift-heading-level-by": top - _top_level(job),
    }


def body_of(job: Job) -> str:
    """The document's text without its front matter."""
    return _split(job)[1]


def own_keys(job: Job) -> frozenset[str]:
    """What the document's front matter says itself."""
    return frozenset(_split(job)[0])


def _ways(job: Job) -> dict[str, Any]:
    """The links to the rest of the publication, as Markdown."""
    if not job.documents:
        return {}
    ways = ways_from_document(job.document, job.language, job.languages, job.documents, to=job.to)
    others = [
        {"address": f"../{other}/{job.document}.html", "words": word("way.same-place", other), "lang": other}
        for other in job.languages
        if other != job.language
    ]
    return {"ways": [way.markdown for way in ways], "ways-title": word("way.all", job.language), "elsewhere": others}


def settings_of(job: Job) -> dict[str, Any]:
    """The project's settings.

    Raises
    ------
    InputError
        They cannot be read, or are no keys and values.
    """
    settings = read_input(job.quarto_yml, noun="the project's settings").values
    if not isinstance(settings, dict) or not isinstance(settings.get("format", {}), dict):
        raise InputError("The project's settings are keys and values.", file=job.quarto_yml, remedy="Restore it from git.")
    return settings


def _house_words(job: Job) -> tuple[dict[str, Any], list[str]]:
    """The words of the house style in the document's language, and the names of the months."""
    file = job.theme / "words.yml"
    both = read_input(file, noun="the words of the house style").values
    words = both.get(job.language) if isinstance(both, dict) else None
    months = words.get("months") if isinstance(words, dict) else None
    if not isinstance(words, dict) or not isinstance(months, list) or len(months) != 12:
        raise InputError(
            f"The house style has no words in {job.language!r}, or no twelve months.",
            file=file,
            field=f"{job.language}.months",
            remedy="Restore it from git, or write the words in both languages, and months: a list of twelve names.",
        )
    return {key: said for key, said in words.items() if key != "months"}, [str(one) for one in months]


def document_lines(job: Job) -> list[Line]:
    """The document's text without its front matter, with its chapters; each line knows its own file and number."""
    _, body = _split(job)
    before = job.text.read_text(encoding="utf-8").count("\n") - body.count("\n")
    return with_chapters(lines_of(body, job.text, before), job.source, (job.text.name,))


def _split(job: Job) -> tuple[dict[str, Any], str]:
    text = job.text.read_text(encoding="utf-8")
    if not text.startswith("---\n"):
        raise RenderingError(
            "The document has no front matter",
            document=place(job.text, 1),
            remedy="Begin it with ---, title: …, and ---",
        )
    head, fence, body = text[4:].partition("\n---\n")
    try:
        metadata = read_document(head).values
    except YamlFault as fault:
        raise RenderingError(
            f"The front matter cannot be read: {fault.what}",
            document=place(job.text, (fault.line or 0) + 1, fault.key),
            remedy=f"{fault.remedy} Put texts that hold a colon or a shortcode in quotation marks.",
        ) from None
    if not fence or not isinstance(metadata, dict) or not metadata.get("title"):
        raise RenderingError(
            "The front matter gives no title, or does not end",
            document=place(job.text, 1),
            remedy="Give title: … and end the front matter with ---",
        )
    return metadata, body


def _resolved(value: Any, job: Job, written: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return with_variables(value, job.variables, place(job.text, None, "front matter"), written)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list):
        return [_resolved(item, job, written) for item in value]
    if isinstance(value, dict):
        return {key: _resolved(item, job, written) for key, item in value.items()}
    return value


def _top_level(job: Job) -> int:
    """The highest level of heading in the document and its chapters."""
    headings = (HEADING.match(line.text) for line in text_lines(document_lines(job)))
    return min((len(heading[1]) for heading in headings if heading), default=1)
