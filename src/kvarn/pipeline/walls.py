"""Which wall stands on this system, and what lies within it for a compute and for a present notebook.

`kvarn.kernel.wall` raises it, within the kernel. What it does not keep is said in ``docs/decisions.md``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kvarn.edition import Data, Edition, Workspace
from kvarn.errors import EnvironmentFault
from kvarn.kernel import hiding, landlock, seccomp
from kvarn.kernel.wall import Wall
from kvarn.metadata import CODELISTS, require_lists_alone
from kvarn.pipeline.kernel_ways import SWITCH as KERNELS
from kvarn.pipeline.kernel_ways import kernel_way
from kvarn.pipeline.notebook_parameters import Parameter
from kvarn.programme import FOLDER, Programme

__all__ = [
    "SPILL",
    "SWITCH",
    "Standing",
    "compute_wall",
    "present_wall",
    "profile_wall",
    "recorded_wall",
    "require_wall",
    "standing_wall",
]

SWITCH = "KVARN_WALL"
"""The environment variable that lets kvarn act as on a system without a wall (``none``): for tests. It lifts no requirement."""

KEPT = "kept by the operating system (Landlock, seccomp and a mount namespace)"
KEPT_OPEN = "kept by the operating system (Landlock and seccomp); sizes and times of files can be asked"
NOT_KEPT = "none kept by the operating system"
_COMPUTED_BY_SPARK = "; none around compute notebooks, which Spark needs the network for"


# What may lie on another file system.
# Where DuckDB puts what does not fit in memory, in the edition's restricted folder.
SPILL = "spill"
_ELSEWHERE = ("restricted", "build", "publications")
_APART = ("restricted", "build", "publications", "params", "notebooks", FOLDER)


@dataclass(frozen=True)
class Standing:
    """The wall of this run: whether the system keeps one, and if not, why not. `raised` is whether kernels have it at all."""

    kept: bool
    why_not: str = ""
    raised: bool = False

    def __str__(self) -> str:
        return _words_of_kept() if self.kept else f"{NOT_KEPT}: {self.why_not}"


def standing_wall() -> Standing:
    """Which wall kernels have.

    Raises
    ------
    EnvironmentFault
        ``KVARN_WALL`` holds something that it cannot.
    """
    said = os.environ.get(SWITCH)
    if said not in (None, "", "none"):
        raise EnvironmentFault(
            f"{SWITCH} is {said!r}.",
            where=f"the environment variable {SWITCH}",
            remedy="Set it to none, to act as on a system without a wall, or take it away.",
        )
    if said == "none":
        return Standing(False, f"{SWITCH} is none")
    if landlock.abi() == 0:
        return Standing(False, "it has no Landlock, which is in Linux 5.13 and later, where it is switched on")
    if not seccomp.is_there():
        return Standing(False, "it has no seccomp, or is a machine whose system calls kvarn does not know")
    if not kernel_way().ipc:
        return Standing(False, f"with {KERNELS}=spawn-tcp any program on this machine can reach a kernel", raised=True)
    return Standing(True, raised=True)


def _words_of_kept() -> str:
    return KEPT if hiding.can_hide() else KEPT_OPEN


def require_wall(edition: Edition, params: Path) -> None:
    """Stop before anything runs where the edition requires a wall and there is none.

    Raises
    ------
    EnvironmentFault
        The edition's ``notebook_wall`` is ``required``, said or by default, and this system keeps none.
    """
    if not edition.wall_required:
        return
    standing = standing_wall()
    of_real_data = "" if edition.notebook_wall else ", as every edition of real data does unless it says otherwise"
    if not standing.kept:
        why = f"This system keeps none: {standing.why_not}."
        remedy = "Run it on Linux with Landlock (kvarn doctor says what there is)"
    elif edition.engine == "spark":
        why = "Around Spark there is none: it needs the network."
        remedy = "Take engine: duckdb"
    else:
        return
    raise EnvironmentFault(
        f"The edition requires a wall around its notebooks{of_real_data}. {why}",
        where=f"{params}, notebook_wall",
        remedy=f"{remedy}; or, if the office answers for what its notebooks read, set notebook_wall: best.",
    )


def recorded_wall(edition: Edition) -> str:
    """Which wall stood around the edition's notebooks, for its record: the same words on every machine that keeps the same."""
    kept = standing_wall().kept
    return (_words_of_kept() if kept else NOT_KEPT) + (_COMPUTED_BY_SPARK if kept and edition.engine == "spark" else "")


def present_wall(work: Workspace, data: Data | None = None) -> Wall | None:
    """The wall around a present notebook: it reads what is published of its edition, and nothing else of the project.

    Not the folders of notebooks and documents: a file that somebody has put there can hold figures that are in no table.
    """
    return _wall(work, (work.protected, work.revisions), (), _places_of(data, work.root) if data else ())


def profile_wall(work: Workspace, places: Path, data: Data | None = None) -> Wall | None:
    """The wall around a notebook that is run for each code of a list: it reads the tables cut for codes, and no whole ones."""
    return _wall(work, (places,), (), _places_of(data, work.root) if data else ())


def compute_wall(work: Workspace, parameters: Mapping[str, Parameter]) -> Wall | None:
    """The wall around a compute notebook: it reads the register and the log of deliveries, and writes its edition's tables.

    The folders that it writes to are made here, since it may make none beside them. Spark works with processes and sockets of its
    own, so there is no wall around it.
    """
    if parameters.get("engine") == "spark":
        return None
    spill = work.restricted / SPILL
    for folder in (work.tables, spill):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = work.root / "notebooks" / "compute"
    return _wall(work, (own, work.register, work.collected), (work.tables, spill))


def _places_of(data: Data, root: Path) -> tuple[Path, ...]:
    """Where the edition has its microdata, which may be outside the project: the size of a file tells how many are in it."""
    named = [path for path in (data.deliveries, data.intake, *data.population) if path is not None]
    return tuple(place for place in (_without_pattern(root / path) for path in named) if not root.is_relative_to(place))


def _without_pattern(path: Path) -> Path:
    """The path, or of a pattern the folder that it is looked for in."""
    patterned = [number for number, part in enumerate(path.parts) if set(part) & set("*?[")]
    return Path(*path.parts[: patterned[0]]) if patterned else path


def _wall(work: Workspace, reads: tuple[Path, ...], writes: tuple[Path, ...], elsewhere: tuple[Path, ...] = ()) -> Wall | None:
    if not standing_wall().raised:
        return None
    root = work.root
    require_lists_alone(root)
    # File by file: whatever else somebody has put into the folder stays closed.
    programme = Programme(root / FOLDER)
    # Which there are stands in programme.yml: without it there is none to open.
    of_intake = programme.files_of_intake if (programme.folder / f"{FOLDER}.yml").is_file() else ()
    of_project = [root / CODELISTS, *programme.files, *of_intake]
    _require_no_way_out(root, [root / "_quarto.yml", *of_project, *reads, *writes])
    apart = [root, *(root / name for name in _APART), work.restricted, work.build]
    # Links to other file systems are followed: what they lead to is covered too. A compute notebook reads the register itself.
    hidden = (root, *(root / name for name in _ELSEWHERE), *elsewhere)
    return Wall(
        reads=tuple(str(path) for path in (*of_project, *reads)),
        writes=tuple(str(path) for path in writes),
        apart=tuple(str(path) for path in apart),
        hidden=tuple(str(path) for path in hidden) if not writes and hiding.can_hide() else (),
    )


def _require_no_way_out(root: Path, opened: Iterable[Path]) -> None:
    """A rule of the wall is for what a path leads to: a link in its place would open that instead.

    ``restricted/``, ``build/`` and ``publications/`` themselves may be links to other file systems; nothing below them, or
    beside them, may.

    Raises
    ------
    EnvironmentFault
        A file or folder that notebooks may open is a link, or lies below one.
    """
    for path in opened:
        inside = path.relative_to(root).parts
        first = 1 if inside[0] in _ELSEWHERE else 0
        for depth in range(first + 1, len(inside) + 1):
            place = root.joinpath(*inside[:depth])
            if place.is_symlink():
                raise EnvironmentFault(
                    "Notebooks would be let into what a link leads to.",
                    where=str(place),
                    remedy="Put the file or folder itself in its place.",
                )
