"""One edition in production: its parameters, its folders, and the programs that it will be made with."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from kvarn import metadata, process
from kvarn.analyse.disclosure.memory.releases import Release
from kvarn.disseminate import rendering
from kvarn.edition import TRIALS, Edition, Workspace, load_edition, population_files, project_root
from kvarn.pipeline.history import earlier_releases, released_before
from kvarn.programme import FOLDER, Programme, find_project, open_programme

__all__ = ["Production", "open_edition"]


@dataclass(frozen=True, eq=False)
class Production:
    """What `kvarn publish` works with.

    Attributes
    ----------
    params
        The edition's file.
    overrides
        The ``key=value`` pairs of ``--set``; the publication records them.
    mended
        How many files and folders in ``restricted/`` could be read by others until now.
    """

    edition: Edition
    workspace: Workspace
    params: Path
    overrides: tuple[str, ...] = ()
    mended: int = 0

    @property
    def root(self) -> Path:
        """The project's root."""
        return self.workspace.root

    @property
    def programme(self) -> Programme:
        """The statistical programme of the project."""
        return open_programme(self.root / FOLDER)

    @property
    def store(self) -> Path:
        """The store of deliveries: a register that `kvarn intake` has filled, or the edition's own."""
        filled = self.edition.data.intake
        return self.workspace.intake if filled is None else self.root / filled

    @property
    def population(self) -> tuple[Path, ...]:
        """The files of the population, folders and patterns resolved."""
        return population_files(self.root, self.edition.data.population)

    @property
    def population_records(self) -> tuple[Path, ...]:
        """The records of those that were imported."""
        return tuple(record for path in self.population if (record := process.record_of(path)).is_file())

    @property
    def reports(self) -> Path:
        """The documents."""
        return self.root / "reports"

    @property
    def documents(self) -> tuple[str, ...]:
        """The names of the documents: every folder of reports/ with a document of its own name in a language of the edition."""
        there = {
            path.stem
            for language in self.edition.languages
            for path in self.reports.glob(f"*/{language}/*.qmd")
            if path.stem == path.parent.parent.name
        }
        return tuple(sorted(there))

    def notebooks(self, kind: str) -> tuple[Path, ...]:
        """The ``compute`` or the ``present`` notebooks, sorted by name."""
        return tuple(sorted((self.root / "notebooks" / kind).glob("*.ipynb")))

    @property
    def profiles(self) -> tuple[Path, ...]:
        """The notebooks that are run once for each code of a list: those that the edition names, there or not."""
        return tuple(self.root / "notebooks" / "profile" / f"{name}.ipynb" for name in sorted(self.edition.profiles))

    @functools.cached_property
    def previous_publication(self) -> Path | None:
        """What the edition is compared with: an earlier edition of its year where one has been released and lies here, else the
        one of the year before."""
        released = earlier_releases(self.workspace, self.edition)
        folders = (Workspace(self.root, one.edition).publication for one in released)
        return next((folder for folder in folders if folder.is_dir()), None)

    @functools.cached_property
    def released_before(self) -> Release | None:
        """The edition of the same register that was released last; of one that is released itself, its own release."""
        return released_before(self.workspace, self.edition)

    @functools.cached_property
    def renderer(self) -> rendering.Renderer:
        """Quarto or the built-in renderer, as the edition asks."""
        return rendering.choose_renderer(self.edition.renderer)


def open_edition(
    params: Path, *, overrides: tuple[str, ...] = (), name: str | None = None, published: bool = False
) -> Production:
    """Read and check an edition's parameters, find its folders, and let the programme and code lists of its project be in force.

    Parameters
    ----------
    name
        The name of a trial (``--as``): it lies under ``restricted/trials``, says in every product what it is, and is never
        released, whatever its name and whether or not anything is overridden.
    published
        Whether it has been made already: then its sources need not be there any more.

    Raises
    ------
    EditionError
        See `load_edition`.
    """
    # What the edition accepts is held to the programme's kinds of findings.
    metadata.use_project(find_project(params))
    edition = load_edition(params, overrides, published=published)
    workspace = Workspace(project_root(params), params.stem if name is None else f"{TRIALS}/{name}")
    if workspace.trial:
        edition = edition.as_trial()
    mended = workspace.keep_restricted()
    workspace.put_back()
    return Production(edition, workspace, params, overrides, mended)
