"""The built-in renderer: pandoc and Typst from wheels, for the part of Quarto that kvarn's documents use."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pypandoc

from kvarn.base.programs import run_program
from kvarn.base.system_faults import said_of_system
from kvarn.disseminate.rendering.assembling import assemble
from kvarn.disseminate.rendering.job import Job, front_matter, settings_of
from kvarn.disseminate.rendering.laying_out import lay_out
from kvarn.disseminate.rendering.renderer import hand_over
from kvarn.errors import EnvironmentFault, RenderingError

__all__ = ["Builtin"]

# Quarto's Markdown is pandoc's; a picture is a figure only where a document says so.
READER = "markdown-implicit_figures"


class Builtin:
    """Renders with pandoc (``pypandoc_binary``) and Typst (``typst``), on any machine, without network."""

    @property
    def name(self) -> str:
        """``builtin``."""
        return "builtin"

    @property
    def version(self) -> str:
        """The versions of pandoc and Typst."""
        return f"pandoc {_pandoc_version()}, typst {importlib.metadata.version('typst')}"

    def render(self, job: Job) -> None:
        """Render one document; see `Renderer.render`."""
        folder = lay_out(job)
        text = assemble(job)
        metadata = folder / "metadata.json"
        metadata.write_text(json.dumps(_metadata(job), ensure_ascii=False, sort_keys=True), encoding="utf-8")
        hand_over(_web_page(text, job) if job.to == "html" else _pdf(text, job), job)


def _metadata(job: Job) -> dict[str, Any]:
    """What holds for the document: the project's settings, then the format's, then the document's own."""
    project = settings_of(job)
    formats = project.get("format", {})
    of_format = formats.get("html" if job.to == "html" else "typst", {})
    machinery = ("project", "format", "execute", "filters", "template", "template-partials", "css")
    merged = {**project, **of_format, **front_matter(job)}
    return {key: value for key, value in merged.items() if key not in machinery}


def _web_page(text: str, job: Job) -> Path:
    page = job.folder / f"{job.document}.html"
    _pandoc(
        text,
        job,
        page,
        "--to=html5",
        "--template=theme/page.html",
        "--css=theme/report.css",
        "--embed-resources",
        "--mathml",
    )
    return page


def _pdf(text: str, job: Job) -> Path:
    source = job.folder / f"{job.document}.typ"
    _pandoc(text, job, source, "--to=typst", "--template=theme/builtin.typ", "--wrap=none")
    document = job.folder / f"{job.document}.pdf"
    midnight = datetime.datetime.combine(job.published, datetime.time(), datetime.UTC)
    fonts = Path("theme") / "fonts"
    timestamp = str(int(midnight.timestamp()))
    done = run_program(
        [*_within(), *(sys.executable, "-I", "-m", "kvarn.kernel.typeset", source.name, document.name, str(fonts), timestamp)],
        folder=job.folder,
    )
    if done.returncode != 0:
        raise said_of_system(done.stderr, where=str(job.folder), walled=True) or RenderingError(
            f"Typst could not set the document: {done.stderr.strip()}",
            document=job.name,
            remedy="Look in the render's folder, where the Typst source is kept",
        )
    return document


def _pandoc(text: str, job: Job, output: Path, *options: str) -> None:
    metadata = json.loads((job.folder / "metadata.json").read_text(encoding="utf-8"))
    done = run_program(
        [
            *_within(),
            str(_pandoc_program()),
            f"--from={READER}",
            "--standalone",
            "--metadata-file=metadata.json",
            f"--shift-heading-level-by={metadata['shift-heading-level-by']}",
            "--lua-filter=theme/house.lua",
            "--lua-filter=theme/builtin.lua",
            "--fail-if-warnings",
            *(["--toc", f"--toc-depth={metadata.get('toc-depth', 3)}"] if metadata.get("toc") else []),
            *options,
            f"--output={output.name}",
        ],
        text=text,
        folder=job.folder,
    )
    if done.returncode != 0:
        raise said_of_system(done.stderr, where=str(job.folder), walled=True) or RenderingError(
            f"pandoc could not render the document: {said_by_pandoc(done.stderr)}",
            document=job.name,
            remedy="Correct what pandoc names in the document or in one of its chapters; lines are those of the whole document",
        )


def said_by_pandoc(errors: str) -> str:
    """What pandoc says is wrong, without the places in its own programme and the folders of this machine."""
    said = re.split(r"^\s*(?:HasCallStack|CallStack|stack traceback)\b.*", errors.strip(), maxsplit=1, flags=re.MULTILINE)[0]
    said = re.sub(r"^Error running filter [^\n]*\n(?:\S*\.lua:\d+: )?", "", said.strip(), flags=re.MULTILINE)
    said = re.sub(r"(?<![\w:/])/(?:[^\s/:'\"]+/)+([^\s/:'\"]+)", r"\1", said)
    return " ".join(said.split()).removeprefix("kvarn: ")


def _within() -> tuple[str, ...]:
    """What goes before a program: the text may name files that no notebook could open, and it can read its own folder alone."""
    return sys.executable, "-I", "-m", "kvarn.kernel.within", "."


@cache
def _pandoc_program() -> Path:
    """The pandoc inside the wheel, and no other: another version would give other bytes."""
    name = "pandoc.exe" if sys.platform == "win32" else "pandoc"
    program = Path(pypandoc.__file__).parent / "files" / name
    if not program.is_file():
        raise EnvironmentFault(
            "The built-in renderer's pandoc is missing", where=str(program), remedy="pip install pypandoc_binary"
        )
    return program


@cache
def _pandoc_version() -> str:
    program = [str(_pandoc_program()), "--version"]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    return done.stdout.split()[1]
