"""Documents that somebody renders by hand: Quarto in the project's root, with the figures of the edition last made.

What they embed comes from protected tables that a publication was made of, which was examined and attacked; nothing comes from
trials, or from what has been protected since and not published. The pages say that they are rendered by hand, and whether the
edition would be another one now.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvarn import metadata
from kvarn.base.by_hand import BY_HAND
from kvarn.base.files import replace_file
from kvarn.base.temporary import own_folder
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.rendering import Job, font_files, lay_beside, take_away
from kvarn.disseminate.revisions import read_revisions
from kvarn.disseminate.stage import correction_notice, page_notice
from kvarn.disseminate.text_figures import resolve_figures
from kvarn.errors import EditionError, InputError, KvarnError
from kvarn.pipeline.actions import sheets_of
from kvarn.pipeline.engine import all_up_to_date
from kvarn.pipeline.last_made import last_made, require_examined
from kvarn.pipeline.production import Production
from kvarn.pipeline.steps import steps_of_results

__all__ = ["LaidOut", "lay_out_by_hand"]


@dataclass(frozen=True)
class LaidOut:
    """The edition whose figures the documents show, and whether it would be another one if it were made now."""

    production: Production
    older: bool


def lay_out_by_hand(root: Path, documents: Iterable[str] | None, output: Path | None) -> LaidOut:
    """Lay beside the documents what Quarto needs to render them in the project's root.

    Parameters
    ----------
    documents
        The documents that are to be rendered, relative to `root`; all of the edition without it.
    output
        Where the pages will lie.

    Raises
    ------
    EditionError
        There are no figures for them: see `last_made`; or the edition has no such document in such a language.
    InputError
        They would lie among the publications.
    RenderingError
        A document names what is not there.
    """
    if output is not None:
        _refuse_publications(root, output)
    production = last_made(root)
    wanted = _wanted(production, documents)
    older = not _is_up_to_date(production)
    jobs = [
        _job(production, document, language, figures, older=older)
        for language in dict.fromkeys(language for _, language in wanted)
        for figures in [_figures(production, language)]
        for document in (name for name, of in wanted if of == language)
    ]
    try:
        for job in jobs:
            lay_beside(job)
        # They may have been made anew while they were read.
        require_examined(production)
    except KvarnError:
        for job in jobs:
            take_away(job)
        raise
    _lay_fonts(root / BY_HAND / "fonts")
    return LaidOut(production, older)


def _refuse_publications(root: Path, output: Path) -> None:
    """Nothing but `kvarn publish` writes where publications are, whichever way leads there."""
    publications = root / "publications"
    for place in (publications, *(publications.iterdir() if publications.is_dir() else ())):
        if output.resolve().is_relative_to(place.resolve()):
            raise InputError(
                "What is rendered by hand would lie among the publications.",
                file=output,
                remedy=f"Leave --output-dir out: it goes to {BY_HAND}.",
            )


def _wanted(production: Production, documents: Iterable[str] | None) -> list[tuple[str, str]]:
    """Documents and their languages."""
    known = {
        f"reports/{document}/{language}/{document}.qmd": (document, language)
        for document in production.documents
        for language in production.edition.languages
    }
    if documents is None:
        return list(known.values())
    named = [Path(os.path.normpath(one)).as_posix() for one in documents]
    for one in named:
        if one not in known:
            raise EditionError(
                f"The edition {production.workspace.name} has no such document, so there are no figures for it.",
                file=production.root / one,
                remedy=f"Render one that it has: quarto render {next(iter(known), 'reports/…')}.",
            )
    return [known[one] for one in named]


def _is_up_to_date(production: Production) -> bool:
    """Whether the tables and notebooks would come out the same now; where that cannot be told, they would not."""
    try:
        return all_up_to_date(steps_of_results(production), production.workspace.build)
    except (KvarnError, OSError):
        return False


def _figures(production: Production, language: str) -> Mapping[str, Any]:
    """The figures of the texts as they are declared now, from the protected tables."""
    work = production.workspace
    return resolve_figures(
        production.reports / "figures.yml",
        ProtectedTables(work.protected),
        production.edition,
        language,
        revisions=read_revisions(work.revisions),
    )


def _job(production: Production, document: str, language: str, figures: Mapping[str, Any], *, older: bool) -> Job:
    work, edition = production.workspace, production.edition
    said = [page_notice(edition, language), metadata.text("by-hand.notice", language)]
    if older:
        said.append(metadata.text("by-hand.older", language))
    executed = [n for n in production.notebooks("present") if (work.build / language / "notebooks" / n.name).is_file()]
    return Job(
        document=document,
        language=language,
        to="html",
        reports=production.reports,
        quarto_yml=production.root / "_quarto.yml",
        notebooks={n.stem: work.build / language / "notebooks" / n.name for n in executed},
        variables=figures,
        folder=own_folder() / "by-hand",
        output=work.build / f"{document}.html",
        published=edition.publication.published,
        synthetic=edition.synthetic,
        notice=" ".join(filter(None, said)),
        correction=correction_notice(edition, language),
        sheets=sheets_of(work.protected),
    )


def _lay_fonts(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for font in font_files():
        laid = folder / font.name
        if not laid.is_file() or laid.stat().st_size != font.stat().st_size:
            replace_file(laid, font.read_bytes())
