"""What has to be said of a table wherever it is shown: its own notes, and that its figures were changed where they were."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from kvarn import metadata
from kvarn.disseminate.numbers import format_date, format_list, format_number, format_percent
from kvarn.disseminate.partly import included
from kvarn.disseminate.protected import ProtectedTable
from kvarn.disseminate.stage import stage_notice
from kvarn.edition import Edition, cell_key_note
from kvarn.programme import current_programme

__all__ = ["table_notes"]

# The table that tells how many municipalities have delivered in each year.
_DELIVERIES = "deliveries-by-year"
# So many municipalities, or counties, are named one by one.
_MOST_NAMED = 12
# Letters of the code of a municipality.
_MUNICIPALITY = 4


def table_notes(table: ProtectedTable, edition: Edition, language: str) -> list[str]:
    """The notes of a table in one language, without those on symbols and on synthetic data.

    Preliminary figures come first, and then which months are incomplete. A table by region names the municipalities whose figures
    are of a part of the year, and the counties with figures of few of their municipalities (``coverage.municipalities_least``).
    What is said of years that are not comparable with later ones stands where the table has such a year.

    With ``disclosure.method: cell-key`` every table with figures about somebody says that they are changed and do not add up.
    What looks wrong and has been accepted comes last.
    """
    own = table.definition.notes.get(language, "")
    notes = [own] if own else []
    comparable_from = current_programme().about.comparable_from
    before = bool(table.years) and comparable_from is not None and table.years[0] < comparable_from
    if before and (broken := table.definition.notes_before.get(language)):
        notes.append(broken)
    if (coverage := _coverage(table, language)) is not None:
        notes.append(coverage)
    notes += [*_few(table, edition, language), *_parts_of_year(table, language)]
    if table.definition.deliveries is not None:
        named = metadata.table(table.definition.deliveries).label(language).removesuffix(", {years}")
        notes.append(metadata.text("coverage.deliveries", language, table=named))
    if (incomplete := _incomplete(table, edition, language)) is not None:
        notes.insert(0, incomplete)
    if notice := stage_notice(edition, language):
        notes.insert(0, notice)
    rules = edition.disclosure
    about_somebody = any(metadata.measure(name).subject != "public" for name in table.definition.measures)
    if rules.method == "cell-key" and about_somebody:
        notes.append(cell_key_note(rules, language))
    return [*notes, *table.remarks(language)]


def _incomplete(table: ProtectedTable, edition: Edition, language: str) -> str | None:
    """Which months of a table by month files could still come in time for."""
    as_of = edition.data.as_of
    if as_of is None or "month" not in table.definition.variables:
        return None
    labels = metadata.codelist("month")
    months = [
        f"{name.lower() if language == 'sv' else name} {year}"
        for year in table.years
        for name in (labels.label(f"{month:02}", language) for month in edition.incomplete_months(year))
    ]
    if not months:
        return None
    return metadata.text("months.incomplete", language, months=format_list(months, language), as_of=format_date(as_of, language))


def _few(table: ProtectedTable, edition: Edition, language: str) -> Iterator[str]:
    """Which totals are of fewer of their municipalities than the edition says."""
    least, labels = edition.coverage.municipalities_least, metadata.codelist("region")
    for year in table.years:
        few = [
            metadata.text(
                "coverage.few.region",
                language,
                region=labels.label(region, language),
                part=format_number(told.included, language=language),
                whole=format_number(told.municipalities, language=language),
            )
            for region, told in included(table, year).items()
            if 0 < told.included < Fraction(str(least)) * told.municipalities
        ]
        share = format_percent(100 * least, language=language, in_words=True)
        if len(few) > _MOST_NAMED:
            yield metadata.text("coverage.few.many", language, share=share, count=format_number(len(few), language=language))
        elif few:
            yield metadata.text("coverage.few", language, share=share, regions=format_list(few, language))


def _parts_of_year(table: ProtectedTable, language: str) -> Iterator[str]:
    """Which municipalities have figures of a part of the year alone."""
    labels = metadata.codelist("region")
    for year in table.years:
        found = included(table, year)
        partly = [region for region, told in found.items() if len(region) == _MUNICIPALITY and told.partly]
        if len(partly) > _MOST_NAMED:
            yield metadata.text("coverage.parts-of-year", language, count=format_number(len(partly), language=language))
        elif partly:
            named = format_list([labels.label(region, language) for region in partly], language)
            yield metadata.text("coverage.part-of-year", language, regions=named)


def _coverage(table: ProtectedTable, language: str) -> str | None:
    """Where it stands how many municipalities are in the figures; a table by region says so itself, and in its own notes."""
    measures = [metadata.measure(name) for name in table.definition.measures]
    if not any(one.file_types for one in measures) or any(one.coverage_of for one in measures):
        return None
    if table.definition.beside:
        return metadata.text("coverage.note-of-order", language)
    deliveries = metadata.table(_DELIVERIES).label(language).removesuffix(", {years}")
    return metadata.text("coverage.note", language, table=deliveries)
