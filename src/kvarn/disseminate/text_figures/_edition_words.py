"""What the edition itself says: years, dates, publisher, contact, earlier publication and the days it took."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from kvarn import metadata
from kvarn.disseminate.numbers import format_date, format_list, format_number
from kvarn.disseminate.stage import correction_notice, stage_name, stage_notice
from kvarn.edition import Edition, Publication, Stated
from kvarn.programme import current_programme

__all__ = ["Said", "edition_words"]


@dataclass(frozen=True)
class Said:
    """What stands in the text in one language.

    Attributes
    ----------
    words
        The words; for a value that is not published, the symbol's words.
    number
        The number behind them, rounded as it is printed; None for words and for what is not published.
    missing
        The value is not there: suppressed, not available, or not given for this edition.
    sign
        The sign of the number before it was rounded, where it is settled.
    unreserved
        Of what is true of published figures alone, the words without the reservation that says so; else empty.
    """

    words: str
    number: Decimal | None = None
    missing: bool = False
    sign: int | None = None
    unreserved: str = ""


def edition_words(edition: Edition, language: str) -> dict[str, Said]:
    """The edition's own words, by name.

    Production time is the days from the end of the reference year to publication, punctuality the days from the
    scheduled to the actual day (SCB-FS 2016:17, timeliness and punctuality). ``break.before`` and ``break.after`` are
    the years on either side of the change of reporting; they are missing from a series that begins after it. ``care``
    chooses a variant of a text by word: ``reported`` or ``reported_or_procedure``. So do ``stage.word`` (``preliminary``,
    ``final`` or ``trial``),
    ``span.series`` and ``span.procedures`` (``one`` year or ``several``), ``span.break`` (``broken`` or ``whole``),
    ``due.word`` (``all`` or ``not_all`` of the year's files were due on the day ``as_of``), ``reserve.word`` (``accepted`` or
    ``refused``), ``kva.word`` (``official`` or ``own``) and ``previous.word`` (``given`` or
    ``none``).
    """
    publication = edition.publication
    previous, final, as_of = publication.previous, publication.final, edition.data.as_of
    last_day = dt.date(edition.reference_year, 12, 31)
    changed = current_programme().about.comparable_from
    broken = changed is not None and edition.first_year < changed
    return {
        "reference_year": _year(edition.reference_year),
        "first_year": _year(edition.first_year),
        "previous_year": _year(edition.reference_year - 1),
        "next_year": _year(edition.reference_year + 1),
        **(_of_events(edition.event_years, language) if edition.event_years else {}),
        "series_years": _span(edition.years),
        "month_years": Said(_with_year_before(edition.years, language)),
        "span.series": Said("one" if len(edition.years) == 1 else "several"),
        "span.break": Said("broken" if broken else "whole"),
        "languages": Said(format_list([_language(code, language) for code in edition.languages], language)),
        "as_of": _given(format_date(as_of, language) if as_of else None),
        "due.word": Said("not_all" if edition.incomplete_months(edition.reference_year) else "all"),
        "stage.word": Said("trial" if edition.trial else "preliminary" if edition.provisional else "final"),
        "stage.name": Said(stage_name(edition, language)),
        "stage.notice": _given(stage_notice(edition, language)),
        "final": _given(format_date(final, language) if final else None),
        "reserve.word": Said("accepted" if edition.quality.reserve_numbers else "refused"),
        "kva.word": Said("official" if metadata.has_official_list("procedure", edition.reference_year) else "own"),
        "previous.word": Said("given" if previous else "none"),
        "break.before": _year(changed - 1) if changed and broken else Said("", missing=True),
        "break.after": _year(changed) if changed and broken else Said("", missing=True),
        "title": Said(publication.title.label(language)),
        "series": Said(publication.series.label(language)),
        "publisher": Said(publication.publisher.label(language)),
        "published": Said(format_date(publication.published, language)),
        "published_year": _year(publication.published.year),
        "scheduled": Said(format_date(publication.scheduled, language)),
        "contact.name": Said(publication.contact.name),
        "contact.email": Said(publication.contact.email),
        "contact.telephone": _given(publication.contact.telephone),
        "previous.title": _given(previous.title.label(language) if previous else None),
        "previous.published": _given(format_date(previous.published, language) if previous else None),
        "previous.address": _given(previous.address if previous else None),
        "care": Said(edition.data.care),
        "product_code": _given(publication.product_code),
        "licence": _given(publication.licence),
        **_stated(publication, language),
        "corrections": _given(" ".join(_corrections(edition, language))),
        "correction.notice": _given(correction_notice(edition, language)),
        "synthetic.text": Said(metadata.text("synthetic.notice", language) if edition.synthetic else ""),
        "synthetic.short": Said(metadata.text("synthetic.short", language) if edition.synthetic else ""),
        "register_name": Said(metadata.text("register.name", language)),
        "statistics_name": Said(metadata.text("statistics.name", language)),
        "production_days": _days((publication.published - last_day).days, language),
        "punctuality_days": _days((publication.published - publication.scheduled).days, language),
    }


def _of_events(years: tuple[int, ...], language: str) -> dict[str, Said]:
    """The years of which events are delivered."""
    return {
        "first_procedure_year": _year(years[0]),
        "procedure_years": _span(years),
        "procedure_month_years": Said(_with_year_before(years, language)),
        "span.procedures": Said("one" if len(years) == 1 else "several"),
    }


def _stated(publication: Publication, language: str) -> dict[str, Said]:
    """What only the publisher can say."""
    signed, following = publication.signed, publication.next
    decided = {name: getattr(publication.stated, name) for name in Stated.model_fields}
    return {
        "article_number": _given(publication.article_number),
        "issn": _given(publication.issn),
        "isbn": _given(publication.isbn),
        "next": _given(format_date(following, language) if following else None),
        "signed.name": _given(signed.name if signed else None),
        "signed.title": _given(signed.title.label(language) if signed else None),
        **{f"stated.{name}": _given(words.label(language) if words else None) for name, words in decided.items()},
    }


def _corrections(edition: Edition, language: str) -> list[str]:
    """What has been corrected since the day of publication, and what this edition corrects."""
    said = [f"{format_date(one.made, language)}: {one.what.label(language)}" for one in edition.publication.corrections]
    return [*said, *filter(None, [correction_notice(edition, language)])]


def _year(year: int) -> Said:
    return Said(str(year), Decimal(year))


def _span(years: tuple[int, ...]) -> Said:
    return Said(str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}")


def _with_year_before(years: tuple[int, ...], language: str) -> str:
    """The last year, and the one before it where the series has it: what the charts by month show."""
    return format_list([str(year) for year in years[-2:]], language)


def _language(code: str, language: str) -> str:
    name = metadata.text(f"language.{code}", language)
    return name.lower() if language == "sv" else name


def _given(words: str | None) -> Said:
    return Said(words) if words else Said("", missing=True)


def _days(days: int, language: str) -> Said:
    """The number of days without its sign, which the words around it tell; the sign chooses those words."""
    return Said(format_number(abs(days), language=language), Decimal(days))
