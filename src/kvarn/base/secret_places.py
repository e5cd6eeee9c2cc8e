"""Where microdata may be written: under a project's ``restricted/``, or where there is neither a project nor a git work tree."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from kvarn.errors import InputError

__all__ = ["MARKS", "refuse_public_place"]

# What a project is known by.
MARKS = ("_quarto.yml", "notebooks")
_RESTRICTED = "restricted"
# What may leave the building, or is copied to where it does. Each may be a link to somewhere else.
_PUBLIC = ("publications", "build")


def refuse_public_place(folder: Path, what: str, *, besides: Collection[str] = ()) -> None:
    """Refuse a folder from which what is written there could leave the building, or get into git.

    Links are followed: what counts is where the files would lie.

    Parameters
    ----------
    what
        What would be written, for the message: ``microdata``.
    besides
        Further folders of a project, beside ``restricted/``, that may hold it; git leaves them out.

    Raises
    ------
    InputError
        It lies in a project and not under its ``restricted/``, or in a git work tree.
    """
    try:
        place = folder.absolute().resolve()
    except (OSError, RuntimeError):
        raise InputError("This path leads in a circle.", file=folder, remedy="Give another folder.") from None
    why = _why_not(place, folder, besides)
    if why is None:
        return
    said, root = why
    remedy = (
        f"Give a folder under {root / _RESTRICTED}, such as {root / _RESTRICTED / (folder.name or 'register')}."
        if root is not None
        else "Give a folder under a project's restricted/, or one of your own that is in no git work tree."
    )
    raise InputError(f"No {what} may be written here: {said}.", file=folder, remedy=remedy)


def _why_not(place: Path, given: Path, besides: Collection[str]) -> tuple[str, Path | None] | None:
    """Why a place is not fit, and the project that it should lie in."""
    kept = False
    for root in dict.fromkeys(_projects(place, given)):
        for name in _PUBLIC:
            if place.is_relative_to((root / name).resolve()):
                return f"it lies in {name}/, from where files leave the building", root
        if any(place.is_relative_to((root / name).resolve()) for name in (_RESTRICTED, *besides)):
            kept = True
        elif place.is_relative_to(root.resolve()):
            return f"it lies in the project {root}, and not under its {_RESTRICTED}/", root
    tree = next((above for above in (place, *place.parents) if (above / ".git").exists()), None)
    if tree is not None and not kept:
        return f"it lies in {tree}, which is a git work tree", None
    return None


def _projects(place: Path, given: Path) -> Iterator[Path]:
    """The projects that a place lies in, as it was given and as it is; and the one that the current folder lies in."""
    try:
        here = Path.cwd()
    except FileNotFoundError:
        here = place
    absolute = given.absolute()
    for above in (place, *place.parents, absolute, *absolute.parents, here, *here.parents):
        if all((above / mark).exists() for mark in MARKS):
            yield above
