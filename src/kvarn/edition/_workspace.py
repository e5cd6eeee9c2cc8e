"""The folders of an edition. No other module spells a folder."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from kvarn.base.exchange import check_place, put_back_below
from kvarn.base.modes import make_private
from kvarn.base.secret_places import refuse_public_place
from kvarn.errors import EditionError, EnvironmentFault
from kvarn.programme import find_project

__all__ = ["TRIALS", "Workspace", "find_workspace", "project_root"]

# A trial is an edition under restricted/trials; its name says so wherever the name goes, in notebooks and records too.
TRIALS = "trials"
_NAME = re.compile(rf"(?:{TRIALS}/)?[a-z0-9][a-z0-9-]*")
# Where publications are made again, under restricted/.
VERIFICATIONS = "verifications"
# Folders of every edition lie beside those of each: restricted/comparisons, restricted/extracts, publications/orders; and what
# offices have under restricted/ by the documents: what intake fills, and where files come.
_TAKEN = (
    *("build", "bundles", "by-hand", "codelists", "comparisons", "corrections", "deaths", "deliveries", "extracts", "orders"),
    *("population", "receipts", "register", "releases", "source", TRIALS, VERIFICATIONS),
)


def project_root(start: Path | str | None = None) -> Path:
    """The nearest folder at or above `start` that holds ``_quarto.yml`` and ``notebooks/``.

    Raises
    ------
    EditionError
        There is none.
    EnvironmentFault
        It lies in a folder whose name is no text: libraries could not write it down.
    """
    here = Path(start) if start is not None else Path.cwd()
    found = find_project(here)
    if found is not None:
        _require_text(found)
        return found
    raise EditionError(
        "This is not inside a kvarn project.",
        file=here,
        remedy="Run it in the project's folder, the one with _quarto.yml and notebooks/.",
    )


def _require_text(root: Path) -> None:
    try:
        str(root.absolute()).encode("utf-8")
    except UnicodeEncodeError:
        raise EnvironmentFault(
            "The project lies in a folder whose name is not text in UTF-8.",
            where=os.fsencode(root.absolute()).decode("utf-8", "backslashreplace"),
            remedy="Rename that folder, or move the project to another one.",
        ) from None


@dataclass(frozen=True)
class Workspace:
    """Where one edition lives. `name` is the edition's name, ``trials/<name>`` of a trial; `root` the project's root."""

    root: Path
    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name in _TAKEN:
            raise EditionError(
                f"{self.name!r} cannot be the name of an edition.",
                remedy=f"Use small letters a–z, figures and hyphens, such as 2023 or 2023-preliminary; not {', '.join(_TAKEN)}.",
            )

    @property
    def trial(self) -> bool:
        """Whether this is no edition but a trial of one, which never leaves the restricted folder."""
        return self.name.startswith(f"{TRIALS}/")

    @property
    def restricted(self) -> Path:
        """Everything secret of this edition (0700)."""
        place = self.root / "restricted" / self.name
        return place / "restricted" if self.trial else place

    @property
    def intake(self) -> Path:
        """The deliveries that this edition has taken in itself: the ledger and the accepted rows."""
        return self.restricted / "intake"

    @property
    def receipts(self) -> Path:
        """The receipts of those deliveries, and the overview."""
        return self.restricted / "receipts"

    @property
    def collected(self) -> Path:
        """Which deliveries this edition works with, year by year."""
        return self.restricted / "collected"

    @property
    def register(self) -> Path:
        """The register."""
        return self.restricted / "register"

    @property
    def tables(self) -> Path:
        """Unprotected statistical tables."""
        return self.restricted / "tables"

    @property
    def findings(self) -> Path:
        """What looks wrong in this edition, with the figures behind it, and what has been accepted of it."""
        return self.restricted / "findings"

    @property
    def compute_notebooks(self) -> Path:
        """Executed compute notebooks."""
        return self.restricted / "notebooks"

    @property
    def disclosure_report(self) -> Path:
        """What the disclosure officer reads."""
        return self.restricted / "disclosure-report.json"

    @property
    def review(self) -> Path:
        """What the assurer reads of the candidate before signing it."""
        return self.restricted / "review"

    @property
    def record(self) -> Path:
        """How the publication was made, to the byte: what the public record does not tell."""
        return self.restricted / "record.json"

    @property
    def variables(self) -> Path:
        """The register's variable list."""
        return self.restricted / "variables"

    @property
    def pseudonym_key(self) -> Path:
        """The secret key of the pseudonyms, one for every real edition."""
        return self.root / "restricted" / "pseudonym.key"

    @property
    def extracts(self) -> Path:
        """Research extracts of every edition, by project, and the log of what was given to whom."""
        return self.root / "restricted" / "extracts"

    @property
    def orders(self) -> Path:
        """What custom orders of every edition have given away, and their reports."""
        return self.root / "restricted" / "orders"

    @property
    def releases(self) -> Path:
        """The release history: what is out, of every edition."""
        return self.root / "restricted" / "releases"

    @property
    def signatures(self) -> Path:
        """The log of signatures, of every edition."""
        return self.root / "restricted" / "signatures.jsonl"

    @property
    def history(self) -> Path:
        """What of the release history this edition was protected together with."""
        return self.restricted / "history.json"

    @property
    def released(self) -> Path:
        """As what this edition was entered in the release history."""
        return self.restricted / "released.json"

    @property
    def known_out(self) -> Path:
        """What is out by public names, beside the publications: it is not lost with the release history."""
        return self.root / "publications" / "releases.json"

    def of_every_edition(self, file: Path) -> list[Path]:
        """The files of every edition, and of every trial, that have the name of one of this edition."""
        restricted = self.root / "restricted"
        return sorted([*restricted.glob(f"[!.]*/{file.name}"), *restricted.glob(f"{TRIALS}/[!.]*/restricted/{file.name}")])

    @property
    def delivered_orders(self) -> Path:
        """The products of custom orders, a folder each: what may leave the building."""
        return self.root / "publications" / "orders"

    @property
    def disclosure_memory(self) -> Path:
        """The pattern of this edition and its certificate: later editions start from them."""
        return self.restricted / "disclosure"

    @property
    def build(self) -> Path:
        """The steps' products."""
        return self.root / "build" / self.name

    @property
    def protected(self) -> Path:
        """Protected tables: the only input of dissemination."""
        return self.build / "protected"

    @property
    def notes(self) -> Path:
        """What readers see of what has been accepted: it stands beside the tables that it is about."""
        return self.protected / "notes.json"

    @property
    def revisions(self) -> Path:
        """What this edition says otherwise than the one before it: two lists of published figures."""
        return self.build / "revisions"

    @property
    def correction(self) -> Path:
        """Of an edition that corrects another: what has changed of the tables, and what was corrected before."""
        return self.build / "correction.json"

    @property
    def last_made(self) -> Path:
        """Of which tables and executed notebooks the publication was made that was made last."""
        return self.build / "last-made.json"

    @property
    def publication(self) -> Path:
        """What may leave the building: what is released, or the candidate as long as nothing is. A trial's is restricted."""
        if self.trial:
            return self.root / "restricted" / self.name / "publication"
        return self.root / "publications" / self.name

    @property
    def bundle(self) -> Path:
        """What is uploaded of the edition once it is released."""
        return self.root / "publications" / "bundles" / self.name

    @property
    def candidate(self) -> Path:
        """What an edition that is released has become since, where it is another: beside what is out, never in its place."""
        return self.build / "candidate"

    def put_back(self) -> None:
        """Put publications back whose exchange for a new one was stopped in the middle: of this edition, others, and orders."""
        for folder in (self.publication.parent, self.delivered_orders, self.bundle.parent):
            put_back_below(folder)

    def keep_restricted(self) -> int:
        """See that what there is of restricted folders is readable by its owner alone, and make none.

        Returns
        -------
        int
            How much in ``restricted/`` could be read by others.

        Raises
        ------
        EnvironmentFault
            ``restricted/``, ``build/`` or ``publications/`` is a link that leads nowhere.
        InputError
            ``restricted/`` is a link that leads to where files leave the building.
        """
        self._check_places()
        return make_private(self.root / "restricted") if (self.root / "restricted").is_dir() else 0

    def make_restricted(self) -> None:
        """Make the restricted folders, readable by their owner alone.

        Raises
        ------
        EnvironmentFault, InputError
            See `keep_restricted`.
        """
        self._check_places()
        secret = [self.root / "restricted", self.restricted]
        if self.trial:
            home = self.root / "restricted" / self.name
            secret = [secret[0], home.parent, home, self.restricted, self.build]
        for folder in secret:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # A notebook makes them too, and may change no permissions.
            if folder.stat().st_mode & 0o7777 != 0o700:
                os.chmod(folder, 0o700)

    def _check_places(self) -> None:
        for folder in (self.restricted, self.build, self.publication):
            check_place(folder / "any")
        refuse_public_place(self.restricted, "microdata")


def find_workspace(name: str, start: Path | str | None = None) -> Workspace:
    """The workspace of an edition of the project in which `start` (the current folder) lies."""
    return Workspace(project_root(start), name)
