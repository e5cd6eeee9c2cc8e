"""One edition in production: its parameters, its folders, and the programs that it will be made with."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from kvarn import metadata
from kvarn.disseminate import rendering
from kvarn.edition import Edition, Workspace, load_edition, population_files, project_root
from kvarn.process import record_of

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
        return tuple(record for path in self.population if (record := record_of(path)).is_file())

    @property
    def reports(self) -> Path:
        """The documents."""
        return self.root / "reports"

    @property
    def documents(self) -> tuple[str, ...]:
        """The names of the documents: every folder of reports/ that has a document of its own name in the edition's languages."""
        first = self.edition.languages[0]
        return tuple(
            sorted(p.parent.parent.name for p in self.reports.glob(f"*/{first}/*.qmd") if p.stem == p.parent.parent.name)
        )

    def notebooks(self, kind: str) -> tuple[Path, ...]:
        """The ``compute`` or the ``present`` notebooks, sorted by name."""
        return tuple(sorted((self.root / "notebooks" / kind).glob("*.ipynb")))

    @property
    def previous_publication(self) -> Path | None:
        """The edition before, where it has been published from this project: that of the year before, else the last of
        ``disclosure.earlier``."""
        names = (str(self.edition.reference_year - 1), *reversed(self.edition.disclosure.earlier))
        folders = (self.root / "publications" / name for name in names if name != self.workspace.name)
        return next((folder for folder in folders if folder.is_dir()), None)

    @functools.cached_property
    def renderer(self) -> rendering.Renderer:
        """Quarto or the built-in renderer, as the edition asks."""
        return rendering.choose_renderer(self.edition.renderer)


def open_edition(params: Path, *, overrides: tuple[str, ...] = (), name: str | None = None) -> Production:
    """Read and check an edition's parameters, find its folders, and let the code lists of its project be in force.

    Parameters
    ----------
    name
        The edition's name instead of the file's (``--as``).

    Raises
    ------
    EditionError
        See `load_edition`.
    """
    edition = load_edition(params, overrides)
    workspace = Workspace(project_root(params), name or params.stem)
    mended = workspace.make_restricted(mend=True)
    workspace.put_back()
    metadata.use_project(workspace.root)
    return Production(edition, workspace, params, overrides, mended)
