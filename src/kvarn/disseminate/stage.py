"""Whether an edition's figures are preliminary or final, in the words of every product."""

from __future__ import annotations

from kvarn import metadata
from kvarn.disseminate.numbers import format_date, format_list
from kvarn.edition import Edition

__all__ = ["page_notice", "stage_name", "stage_notice"]


def stage_name(edition: Edition, language: str) -> str:
    """``Preliminary figures`` or ``Final figures``; of a trial that it is one."""
    if edition.trial:
        return metadata.text("trial.short", language)
    return metadata.text(f"stage.{edition.stage}", language)


def page_notice(edition: Edition, language: str) -> str:
    """What every page of a synthetic or a preliminary edition says above all else; empty for any other."""
    synthetic = metadata.text("synthetic.notice", language) if edition.synthetic else ""
    return " ".join(filter(None, [synthetic, stage_notice(edition, language)]))


def stage_notice(edition: Edition, language: str) -> str:
    """That preliminary figures may be revised, and when they become final where it is known; empty for final ones. Before it
    stands of a trial that it is one, behind it of which months files could still come in time."""
    trial = metadata.text("trial.notice", language) if edition.trial else ""
    return " ".join(filter(None, [trial, _stage_notice(edition, language), _incomplete(edition, language)]))


def _incomplete(edition: Edition, language: str) -> str:
    year, labels = edition.reference_year, metadata.codelist("month")
    names = [labels.label(f"{month:02}", language) for month in edition.incomplete_months(year)]
    if not names:
        return ""
    months = format_list([name.lower() if language == "sv" else name for name in names], language)
    day = format_date(edition.data.as_of, language) if edition.data.as_of else ""
    return metadata.text("stage.incomplete", language, day=day, months=months, year=year)


def _stage_notice(edition: Edition, language: str) -> str:
    if edition.stage == "final":
        return ""
    final = edition.publication.final
    if final is None:
        return metadata.text("stage.notice", language)
    return metadata.text("stage.notice-until", language, final=format_date(final, language))
