"""Notebooks that are run once for each code of a list: each sees the protected tables cut for its code, and nothing else.

A run is kept as long as everything is as it was that it is made of: the tables cut for its code, the notebook, what it is given,
the code and the libraries. So a step that is out of date runs what has changed, and takes the rest as it lies there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kvarn.base.damaged import kept_json
from kvarn.base.exchange import replacing
from kvarn.base.stages import Counter
from kvarn.disseminate.cut_tables import write_places
from kvarn.disseminate.places import Place, name_of, ways_from_profile
from kvarn.disseminate.protected import PLACES
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Workspace
from kvarn.errors import EditionError
from kvarn.pipeline.given_parameters import parameters_given
from kvarn.pipeline.libraries import versions_of
from kvarn.pipeline.notebook_parameters import Parameter, check_parameters, takes_parameter
from kvarn.pipeline.presenting import reads_of
from kvarn.pipeline.production import Production

if TYPE_CHECKING:
    from pytask import PNode

__all__ = [
    "LISTED",
    "compared_in",
    "executed_profiles",
    "listed_codes",
    "make_places",
    "page_folder",
    "parameters_of_profile",
    "places_folder",
    "places_of_pages",
    "profile_runs",
    "require_profiles",
    "tables_read",
    "write_profile_pages",
]

LISTED = "places.json"
"""In the folder of a notebook's places: the codes, and of each those that are most like it."""

# What of a run is the same as long as it need not be made again.
_MADE_OF = ".made-of.json"
_LIKE = "similar"


def places_folder(work: Workspace, notebook: Path) -> Path:
    """Where the tables lie that are cut for the codes that a notebook is run for."""
    return work.build / PLACES / notebook.stem


def profile_runs(work: Workspace, notebook: Path, language: str) -> Path:
    """Where its executed notebooks lie, one for each code."""
    return work.build / language / "profiles" / notebook.stem


def tables_read(notebook: Path, published: Sequence[str]) -> tuple[str, ...]:
    """The published tables that it reads."""
    return tuple(name for name in reads_of(notebook).tables if name in published)


def compared_in(production: Production, notebook: Path, published: Sequence[str]) -> tuple[str, ...]:
    """The published table by which the codes most like each are found, where there is one.

    Raises
    ------
    EditionError
        It is not published.
    """
    similar = production.edition.profiles[notebook.stem].similar
    if similar is None:
        return ()
    if similar.table not in published:
        raise EditionError(
            f"The table {similar.table!r} is not published in this edition.",
            file=production.params,
            key=f"profiles.{notebook.stem}.similar.table",
            remedy=f"Name one that is: {', '.join(published)}.",
        )
    return (similar.table,)


def make_places(production: Production, notebook: Path, tables: Sequence[str]) -> None:
    """Cut the protected tables for each code that a notebook is run for."""
    work, edition = production.workspace, production.edition
    profile = edition.profiles[notebook.stem]
    with replacing(places_folder(work, notebook)) as folder:
        like = write_places(profile, work.protected, tables, folder, year=edition.reference_year)
        (folder / LISTED).write_text(json.dumps(like, indent=1) + "\n", encoding="utf-8")


def parameters_of_profile(
    production: Production, notebook: Path, language: str, code: str, like: Sequence[str] = ()
) -> dict[str, Parameter]:
    """What a notebook is given for one code: as every present notebook, with the edition cut for the code; the code by the name
    of its variable; and, where it takes them, those that are most like it."""
    profile = production.edition.profiles[notebook.stem]
    place = f"{production.workspace.name}/{PLACES}/{notebook.stem}/{name_of(code)}"
    given = {**parameters_given(production, notebook, language), "edition": place, profile.for_each: code}
    return {**given, **({_LIKE: " ".join(like)} if takes_parameter(notebook, _LIKE) else {})}


def executed_profiles(
    production: Production, notebook: Path, language: str, stands_on: Sequence[PNode], libraries: Sequence[str]
) -> None:
    """Run a notebook in one language for each code whose run is not there, or was made of something else.

    Parameters
    ----------
    stands_on
        What every run is made of, beside the tables that are cut for its code.
    libraries
        The distributions that it stands on.

    Raises
    ------
    NotebookError
        See `run_notebook`; or it shows something of its own that may not be published.
    """
    from kvarn.pipeline.one_kernel import Run, run_for_each
    from kvarn.pipeline.own_outputs import wrong_output
    from kvarn.pipeline.walls import profile_wall

    work = production.workspace
    places, folder = places_folder(work, notebook), profile_runs(work, notebook, language)
    like = _listed(work, notebook)
    # By states alone: the names of files are their places on this machine.
    of_all = json.dumps([*(node.state() for node in stands_on), *sorted(versions_of(libraries).items())])
    made_of = {code: _checksum(of_all, *_contents(places / name_of(code)), *like[code]) for code in like}
    output = {code: folder / f"{name_of(code)}.ipynb" for code in like}
    known = _known(folder)
    right = {code: known[code] for code in like if known.get(code) == [made_of[code], _checksum_of(output[code])]}
    waiting = [code for code in like if code not in right]
    folder.mkdir(parents=True, exist_ok=True)
    for path in {*folder.glob("*.ipynb")} - {output[code] for code in right}:
        path.unlink()
    for code in right:
        # What is taken as it lies there is put there anew, as every product of a step that has run.
        write_beside(output[code], output[code].read_bytes())
    counted = Counter(f"profiles: {notebook.stem}, {language}", len(waiting))
    try:
        run_for_each(
            notebook,
            [Run(output[code], parameters_of_profile(production, notebook, language, code, like[code])) for code in waiting],
            root=production.root,
            forbidden=production.root / "restricted",
            wall=profile_wall(work, places, production.edition.data),
            limits=production.edition.notebook_limits,
            check=wrong_output,
            told=counted.one,
        )
    finally:
        # Of a step that is stopped, what has been run is kept.
        made = {code: [made_of[code], _checksum_of(output[code])] for code in like if output[code].is_file()}
        write_beside(folder / _MADE_OF, json.dumps(made, indent=1) + "\n")


def page_folder(work: Workspace, notebook: Path, language: str) -> Path:
    """Where its pages lie until they are published."""
    return work.build / language / "profile-pages" / notebook.stem


def listed_codes(work: Workspace, notebook: Path) -> tuple[str, ...]:
    """The codes that it has been run for, in the order of their list."""
    return tuple(_listed(work, notebook))


def places_of_pages(production: Production) -> tuple[Place, ...]:
    """The codes that have a page each, in the order of the notebooks and of their lists."""
    profiles = production.edition.profiles
    return tuple(
        Place(profiles[notebook.stem].for_each, code)
        for notebook in production.profiles
        for code in listed_codes(production.workspace, notebook)
    )


def write_profile_pages(production: Production, notebook: Path, language: str) -> None:
    """The executed notebooks of one language as pages."""
    from kvarn.disseminate.profile_pages import around_profile, write_profile_page
    from kvarn.pipeline.actions import notice

    work, edition = production.workspace, production.edition
    variable, codes = edition.profiles[notebook.stem].for_each, listed_codes(work, notebook)
    executed = profile_runs(work, notebook, language)
    variables = kept_json(work.build / language / "figures.json")
    with replacing(page_folder(work, notebook, language)) as folder:
        for code in codes:
            place = Place(variable, code)
            write_profile_page(
                executed / f"{name_of(code)}.ipynb",
                folder / f"{name_of(code)}.html",
                place,
                language=language,
                notice=notice(production, language),
                around=around_profile(edition, language),
                variables=variables,
                ways=ways_from_profile(place, language, edition.languages, codes),
            )


def require_profiles(production: Production) -> None:
    """Hold what each notebook is given for a code against what it takes; and no two pages have one name.

    Raises
    ------
    NotebookError
        A notebook does not take a parameter that it is given.
    EditionError
        Two codes would have one page.
    """
    taken: dict[str, str] = {}
    # One that is not there is told by who holds what the edition gives.
    for notebook in filter(Path.is_file, production.profiles):
        codes = production.edition.profiles[notebook.stem].codes
        for language in production.edition.languages:
            check_parameters(notebook, parameters_of_profile(production, notebook, language, codes[0]))
        for code in codes:
            if taken.setdefault(name_of(code).lower(), of := f"{code} of {notebook.stem}") != of:
                raise EditionError(
                    f"The pages of {taken[name_of(code).lower()]} and of {of} would have one name.",
                    file=production.params,
                    key=f"profiles.{notebook.stem}",
                    remedy="Leave one of them out, with only.",
                )


def _listed(work: Workspace, notebook: Path) -> Mapping[str, Sequence[str]]:
    """The codes that it is run for, each with those that are most like it."""
    found: Mapping[str, Sequence[str]] = kept_json(places_folder(work, notebook) / LISTED)
    return found


def _known(folder: Path) -> Mapping[str, list[str]]:
    try:
        found = json.loads((folder / _MADE_OF).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _contents(folder: Path) -> Iterator[str]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield f"{path.relative_to(folder).as_posix()} {_checksum_of(path)}"


def _checksum_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _checksum(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
