"""Whether an edition's figures are preliminary or final, in the words of every product."""

from __future__ import annotations

from kvarn import metadata
from kvarn.base.plain_text import in_one_piece
from kvarn.disseminate.numbers import format_date, format_list
from kvarn.disseminate.templates import word
from kvarn.edition import Edition
from kvarn.errors import CodeListError

__all__ = ["correction_notice", "page_notice", "stage_code", "stage_name", "stage_notice", "title_of"]


def stage_name(edition: Edition, language: str) -> str:
    """``Preliminary figures``, ``Final figures`` or ``Corrected figures``; of a trial that it is one."""
    if edition.trial:
        return metadata.text("trial.short", language)
    if edition.correction is not None:
        return word("correction.stage-preliminary" if edition.provisional else "correction.stage", language)
    return metadata.text(f"stage.{edition.stage}", language)


def stage_code(edition: Edition) -> str:
    """The same for programs: ``preliminary``, ``final``, ``corrected`` or ``trial``."""
    return "trial" if edition.trial else edition.stage


def page_notice(edition: Edition, language: str) -> str:
    """What every page of a synthetic or a preliminary edition says above all else; empty for any other."""
    synthetic = metadata.text("synthetic.notice", language) if edition.synthetic else ""
    return " ".join(filter(None, [synthetic, stage_notice(edition, language)]))


def stage_notice(edition: Edition, language: str, *, correction: bool = True) -> str:
    """That preliminary figures may be revised, and when they become final where it is known; empty for final ones. Before it
    stands of a trial that it is one and of a corrected edition when it was corrected, behind it of which months files could
    still come in time.

    Parameters
    ----------
    correction
        Whether it is said when the edition was corrected: not where all of the notice stands.
    """
    trial = metadata.text("trial.notice", language) if edition.trial else ""
    told = correction and edition.correction is not None
    corrected = word("correction.short", language, made=_made(edition, language)) if told else ""
    return " ".join(filter(None, [trial, corrected, _stage_notice(edition, language), _incomplete(edition, language)]))


def correction_notice(edition: Edition, language: str, *, listed: bool = True) -> str:
    """What an edition corrects: when, what was wrong and since when, and which tables have changed; empty for all others.

    Parameters
    ----------
    listed
        Whether the tables are named; they need not be where they are listed below.
    """
    notice = edition.correction
    if notice is None:
        return ""
    since, made = format_date(notice.since, language), _made(edition, language)
    said = [word("correction.notice", language, made=made, what=_sentence(notice.what.label(language)), since=since)]
    if not notice.tables:
        said.append(word("correction.no-table", language))
    elif listed:
        titles = "; ".join(title_of(name, language) for name in notice.tables)
        said.append(word("correction.tables", language, tables=titles))
    return " ".join(said)


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."


def title_of(table: str, language: str) -> str:
    """The title of a table without its years; of one that is not in the programme any more its name."""
    try:
        return in_one_piece(metadata.table(table).label(language).removesuffix(", {years}"))
    except CodeListError:
        return table


def _made(edition: Edition, language: str) -> str:
    return format_date(edition.publication.published, language)


def _incomplete(edition: Edition, language: str) -> str:
    year, labels = edition.reference_year, metadata.codelist("month")
    names = [labels.label(f"{month:02}", language) for month in edition.incomplete_months(year)]
    if not names:
        return ""
    months = format_list([name.lower() if language == "sv" else name for name in names], language)
    day = format_date(edition.data.as_of, language) if edition.data.as_of else ""
    return metadata.text("stage.incomplete", language, day=day, months=months, year=year)


def _stage_notice(edition: Edition, language: str) -> str:
    if not edition.provisional:
        return ""
    final = edition.publication.final
    if final is None:
        return metadata.text("stage.notice", language)
    return metadata.text("stage.notice-until", language, final=format_date(final, language))
