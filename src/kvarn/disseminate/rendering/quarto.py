"""Quarto: where it is, whether it will do, and a render with it."""

from __future__ import annotations

import datetime
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kvarn.base.programs import run_program
from kvarn.base.system_faults import said_of_system
from kvarn.disseminate.rendering.assembling import source_lines
from kvarn.disseminate.rendering.job import Job
from kvarn.disseminate.rendering.laying_out import lay_out
from kvarn.disseminate.rendering.renderer import hand_over
from kvarn.errors import EnvironmentFault, RenderingError

__all__ = ["LEAST_VERSION", "WHY_LEAST", "Quarto", "QuartoRenderer", "find_quarto"]

LEAST_VERSION = (1, 9)
WHY_LEAST = "the first that passes alternative texts on to Typst and knows pdf-standard: ua-1"
# Seconds. The slowest render that was seen took ten; one that takes minutes is stuck.
PATIENCE = 300


@dataclass(frozen=True)
class Quarto:
    """A Quarto that runs: its program, version, and how it was found (``QUARTO_PATH``, ``quarto-cli`` or ``PATH``)."""

    path: Path
    version: str
    origin: str

    @property
    def usable(self) -> bool:
        """Whether it is new enough for kvarn's documents (`LEAST_VERSION`, and `WHY_LEAST`)."""
        return tuple(int(part) for part in re.findall(r"\d+", self.version)[:2]) >= LEAST_VERSION


def find_quarto() -> Quarto | None:
    """The Quarto of this machine, or none: by ``QUARTO_PATH``, of the ``quarto-cli`` package, on the ``PATH``.

    Raises
    ------
    EnvironmentFault
        ``QUARTO_PATH`` is set and names nothing that runs: whoever set it meant that Quarto and no other.
    """
    for origin, program in _candidates():
        version = _version(program)
        if version is not None:
            return Quarto(program, version, origin)
        if origin == "QUARTO_PATH":
            raise EnvironmentFault(
                "QUARTO_PATH names no Quarto that runs",
                where=str(program),
                remedy="Set it to the quarto program itself, or take it away",
            )
    return None


@dataclass(frozen=True)
class QuartoRenderer:
    """Renders with Quarto."""

    quarto: Quarto

    @property
    def name(self) -> str:
        """``quarto``."""
        return "quarto"

    @property
    def version(self) -> str:
        """Quarto's own version."""
        return self.quarto.version

    def render(self, job: Job) -> None:
        """Render one document; see `Renderer.render`."""
        source_lines(job)
        folder = lay_out(job)
        to = "typst" if job.to == "pdf" else "html"
        midnight = datetime.datetime.combine(job.published, datetime.time(), datetime.UTC)
        try:
            done = run_program(
                [str(self.quarto.path.absolute()), "render", job.text.name, "--to", to],
                folder=folder,
                environment={**os.environ, "SOURCE_DATE_EPOCH": str(int(midnight.timestamp())), "NO_COLOR": "1"},
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired as error:
            raise RenderingError(
                f"Quarto had not rendered the document after {PATIENCE} seconds",
                document=job.name,
                remedy="Use renderer: builtin, or run quarto check",
            ) from error
        rendered = folder / f"{job.document}.{job.to}"
        if done.returncode != 0 or not rendered.is_file():
            raise said_of_system(done.stderr, where=str(folder), walled=True) or RenderingError(
                "Quarto could not render the document:\n" + _last_lines(done.stderr or done.stdout),
                document=job.name,
                remedy="Render it with renderer: builtin to see whether the fault is in the document or in Quarto",
            )
        hand_over(rendered, job, scripts=True)


def _candidates() -> Iterator[tuple[str, Path]]:
    named = os.environ.get("QUARTO_PATH")
    if named:
        path = Path(named).expanduser()
        yield "QUARTO_PATH", path / "quarto" if path.is_dir() else path
    package = importlib.util.find_spec("quarto_cli")
    for folder in (package.submodule_search_locations or []) if package else []:
        # The package's own entry point runs this program.
        yield "quarto-cli", Path(folder) / "bin" / "quarto"
    on_path = shutil.which("quarto")
    if on_path:
        yield "PATH", Path(on_path)


def _version(program: Path) -> str | None:
    try:
        done = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\d+\.\d+(?:\.\d+)*", done.stdout)
    return found[0] if done.returncode == 0 and found else None


def _last_lines(text: str, count: int = 15) -> str:
    return "\n".join(text.strip().splitlines()[-count:])
