"""An edition is made again in a clean folder, from what its project holds and from what was kept when it was released."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from kvarn.analyse.disclosure.memory.releases import MADE, PARAMETERS, RECORD, releases
from kvarn.base.by_hand import is_of_no_document
from kvarn.base.leftovers import beside, sweep
from kvarn.collect.safekeeping import private_folder
from kvarn.edition import TRIALS, VERIFICATIONS, Edition, Workspace
from kvarn.errors import EditionError
from kvarn.pipeline.comparison import Published
from kvarn.pipeline.engine import Step, run_steps
from kvarn.pipeline.kept_record import kept_record
from kvarn.pipeline.production import Production, open_edition
from kvarn.pipeline.standing import candidate_of
from kvarn.pipeline.steps import steps_of
from kvarn.programme import use_project

__all__ = ["made_again", "to_verify"]

_SOURCES = ("notebooks", "reports", "programme", "params")
_HISTORY = ("releases", "releases.json", "orders", "orders.json")


def to_verify(published: Published, root: Path) -> tuple[Production, Path]:
    """The edition that a publication is, by the parameters that it was made with, and what is kept of how it was made.

    Raises
    ------
    EditionError
        How it was made is not known here.
    """
    try:
        work = Workspace(root, published.edition)
    except EditionError:
        work = None
    own = next((one for one in releases(Workspace(root, "any").releases) if one.edition == published.edition), None)
    if work is None:
        kept_at, kept = Path(), None
    elif own is not None and published.released:
        kept_at = own.folder / MADE
        kept = kept_record(kept_at, own.folder / RECORD)
    else:
        kept_at = work.record
        kept = kept_record(kept_at, published.folder / "ro-crate-metadata.json")
    if work is None or kept is None:
        raise EditionError(
            "How this publication was made is not known here: what is kept of it is missing, or is of another one.",
            file=published.folder,
            remedy="Verify it in the project that made it, as it was made; or restore restricted/ from the backup.",
        )
    name = work.name.removeprefix(f"{TRIALS}/") if work.trial else None
    return open_edition(root / kept.params, overrides=kept.overrides, name=name, published=True), kept_at


@contextmanager
def made_again(production: Production, kept: Path, run: Callable[[list[Step], Path], object] | None = None) -> Iterator[Path]:
    """The folder of the publication as it comes out of the same sources, for as long as the block lasts.

    It is made under ``restricted/verifications/``, where nothing has been made before, and removed in the end, or by the next
    command where this one is killed: what it is made of is secret. The release history counts as it stands; a released edition
    goes by what was out before it.

    Parameters
    ----------
    kept
        What is kept of how it was made: beside it lie the parameters of a released edition.
    run
        Runs the steps, given the folder of what they build; `run_steps` without it.
    """
    root, work = production.root, production.workspace
    above = private_folder(root / "restricted" / VERIFICATIONS)
    sweep(above)
    place = beside(above / work.name.replace("/", "-"))
    try:
        params = _lay_out(production, kept, private_folder(place))
        again = open_edition(params, overrides=production.overrides, name=work.name.partition("/")[2] or None)
        steps = steps_of(again)
        again.workspace.make_restricted()
        if run is None:
            run_steps(steps, again.workspace.build)
        else:
            run(steps, again.workspace.build)
        yield candidate_of(again.workspace)
    finally:
        use_project(root)
        shutil.rmtree(place, ignore_errors=True)


def _lay_out(production: Production, kept: Path, place: Path) -> Path:
    """A project like the edition's own, with nothing made yet; its parameters' file."""
    root, name = production.root, production.workspace.name
    for folder in _SOURCES:
        shutil.copytree(root / folder, place / folder, ignore=partial(_left_out, root / "reports"))
    shutil.copy(root / "_quarto.yml", place)
    restricted = private_folder(place / "restricted")
    for one in _HISTORY:
        _copied(root / "restricted" / one, restricted / one)
    (place / "publications").mkdir()
    others = (one.edition for one in releases(root / "restricted" / "releases") if one.edition != name)
    for other in ("orders", "bundles", *others):
        if (root / "publications" / other).is_dir():
            (place / "publications" / other).symlink_to((root / "publications" / other).resolve())
        for told in ("history.json", "released.json"):
            _copied(root / "restricted" / other / told, restricted / other / told)
    _copied(root / "publications" / "releases.json", place / "publications" / "releases.json")
    key = production.workspace.pseudonym_key
    for path in (*_sources(production.edition), key.relative_to(root)):
        _link(root, place, path, name)
    params = place / "params" / production.params.name
    released = kept.with_name(PARAMETERS)
    shutil.copyfile(released if kept.name == MADE and released.is_file() else production.params, params)
    return params


def _left_out(reports: Path, above: str, names: list[str]) -> set[str]:
    """What is not copied of a folder of the project: what JupyterLab has put there, and a render by hand among the documents."""
    found = {name for name in names if name == ".ipynb_checkpoints"}
    if Path(above).is_relative_to(reports):
        found |= {name for name in names if is_of_no_document((Path(above) / name).relative_to(reports))}
    return found


def _copied(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.is_file():
        private_folder(target.parent)
        shutil.copyfile(source, target)


def _sources(edition: Edition) -> Iterator[Path]:
    data = edition.data
    for path in (data.deliveries, data.intake, data.procedures, data.deaths, data.persons, *data.population):
        if path is not None:
            yield Path(path)


def _link(root: Path, place: Path, path: Path, edition: str) -> None:
    """Let a source be found where the parameters say that it is, with what lies beside it, and nothing of what it makes."""
    if path.is_absolute() or ".." in path.parts or path.parts[0] in _SOURCES:
        return
    depth = 1
    if path.parts[0] == "restricted":
        depth = 3 if path.parts[1:2] == (edition,) else 2
    top = Path(*path.parts[:depth])
    if (root / top).exists() and not (place / top).exists():
        private_folder((place / top).parent)
        (place / top).symlink_to((root / top).resolve())
