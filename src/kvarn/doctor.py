"""`kvarn doctor`: is this machine able to make the publication?"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement

from kvarn.base.leftovers import beside, sweep
from kvarn.base.locks import KEPT_BY, held
from kvarn.disseminate.rendering import find_quarto, font_files
from kvarn.edition import project_root
from kvarn.errors import EditionError, EnvironmentFault
from kvarn.kernel import landlock
from kvarn.pipeline.kernel_ways import kernel_way
from kvarn.pipeline.walls import standing_wall

__all__ = ["Finding", "examine"]

ROOM_FOR_DEMO = 3 * 1024**3


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `verdict`: ``ok``; ``note``, the product works without; ``missing``, it does not."""

    verdict: Literal["ok", "note", "missing"]
    what: str
    found: str
    remedy: str = ""


def examine(folder: Path) -> list[Finding]:
    """Look at Python, libraries, fonts, kernels, Quarto, Java, disk, locks and permissions, as seen from `folder`."""
    machine = [_python(), *_libraries(), _fonts(), _kernels(), _wall(), _quarto(), _java()]
    return [*machine, _disk(folder), _locks(folder), *_permissions(folder)]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("ok", "Python", f"{version} at {sys.executable}")


def _libraries() -> Iterator[Finding]:
    missing = []
    for line in importlib.metadata.requires("kvarn") or []:
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(f"{wanted.name} (not installed)")
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            missing.append(f"{wanted.name} {version} (wanted: {wanted.specifier})")
    if missing:
        yield Finding("missing", "Libraries", ", ".join(missing), "make install")
    else:
        yield Finding("ok", "Libraries", "all installed")


def _fonts() -> Finding:
    found = sorted({path.stem.partition("-")[0] for path in font_files()})
    return Finding("ok" if found else "missing", "Fonts", ", ".join(found) or "none", "" if found else "make install")


def _kernels() -> Finding:
    try:
        return Finding("ok", "Kernels", str(kernel_way()))
    except EnvironmentFault as fault:
        return Finding("missing", "Kernels", fault.what, fault.remedy or "")


def _wall() -> Finding:
    try:
        standing = standing_wall()
    except EnvironmentFault as fault:
        return Finding("missing", "Notebook wall", fault.what, fault.remedy or "")
    if standing.kept:
        return Finding("ok", "Notebook wall", f"{standing}; Landlock's interface {landlock.abi()}")
    return Finding(
        "note", "Notebook wall", str(standing), "Editions of real data do not run here, unless they say notebook_wall: best."
    )


def _quarto() -> Finding:
    try:
        quarto = find_quarto()
    except EnvironmentFault as fault:
        return Finding("missing", "Quarto", fault.what, fault.remedy or "")
    if quarto is None:
        return Finding(
            "note",
            "Quarto",
            "not found; the built-in renderer is used",
            "To use Quarto, install it, or set QUARTO_PATH to the program.",
        )
    if not quarto.usable:
        return Finding(
            "note",
            "Quarto",
            f"{quarto.version} at {quarto.path} is too old; the built-in renderer is used",
            "Install a later Quarto.",
        )
    return Finding("ok", "Quarto", f"{quarto.version} at {quarto.path} ({quarto.origin})")


def _java() -> Finding:
    java = shutil.which("java")
    if java is None:
        return Finding("note", "Java", "not found", "Needed for engine: spark alone.")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr.splitlines()
    return Finding("ok", "Java", said[0] if said else java)


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    found = f"{free / 1024**3:.0f} GB free"
    if free < ROOM_FOR_DEMO:
        return Finding("missing", "Disk", found, "The demonstration needs about 3 GB; a real year needs about 20 GB.")
    return Finding("ok", "Disk", found)


def _locks(folder: Path) -> Finding:
    """Whether the file system keeps locks: tried in `restricted/`, where they are needed, as far as it is there."""
    try:
        place = project_root(folder) / "restricted"
    except EditionError:
        place = folder
    while not place.is_dir():
        place = place.parent
    try:
        trial = beside(place / "doctor")
        sweep(place)
        trial.mkdir(mode=0o700)
        try:
            with held(trial / ".lock"):
                return Finding("ok", "Locks", f"kept by {KEPT_BY}")
        finally:
            shutil.rmtree(trial, ignore_errors=True)
    except EnvironmentFault as fault:
        return Finding("missing", "Locks", fault.what, fault.remedy or "")
    except OSError as fault:
        return Finding("note", "Locks", f"could not be tried: {fault.strerror}", f"Make {place} writable.")


def _permissions(folder: Path) -> Iterator[Finding]:
    try:
        root = project_root(folder)
    except EditionError:
        yield Finding(
            "note", "Project", f"{folder} is not inside a kvarn project", "Go to the folder with _quarto.yml and notebooks/."
        )
        return
    for name in ("restricted", "build", "publications"):
        place = root / name
        if not place.exists():
            writable = os.access(root, os.W_OK)
            yield Finding(
                "ok" if writable else "missing", name + "/", "not there yet", "" if writable else f"Make {root} writable."
            )
        elif not os.access(place, os.W_OK | os.X_OK):
            yield Finding("missing", name + "/", "cannot be written to", f"chmod u+rwx {name}")
        elif name == "restricted" and place.stat().st_mode & 0o077:
            yield Finding("missing", name + "/", "can be read by others", "chmod 700 restricted")
        else:
            yield Finding("ok", name + "/", "can be written to" + (", by its owner alone" if name == "restricted" else ""))
