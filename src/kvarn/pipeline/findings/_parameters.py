"""Findings in the parameters alone: dates, titles and the previous publication. None of them needs any data."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kvarn.analyse.disclosure.memory.kept import rules_of
from kvarn.base.yaml_files import YamlFault, read_document, text_of
from kvarn.collect import due_date
from kvarn.edition import Edition, below_floor, lowered, weaker_than
from kvarn.pipeline.findings._finding import Finding
from kvarn.pipeline.production import Production

__all__ = [
    "copied_dates",
    "found_beside",
    "lowered_floors",
    "other_titles",
    "previous_edition",
    "unlikely_dates",
    "weak_rules",
    "weaker_rules",
]

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_DECEMBER = 12
# An annual publication that comes later than this is more likely a slip of the hand.
_YEARS_TO_PUBLISH = 2


def found_beside(production: Production) -> list[tuple[str, str, str]]:
    """What these checks find by other editions' files, and nothing of the files themselves.

    A file that changes no finding is none of this edition's inputs.
    """
    return [(one.what, one.where, one.said) for one in _found_beside(production)]


def _found_beside(production: Production) -> Iterator[Finding]:
    yield from copied_dates(production)
    yield from previous_edition(production)
    yield from weaker_rules(production)


def copied_dates(production: Production) -> Iterator[Finding]:
    """Dates that the edition of the year before has too."""
    before = [(path.name, dict(_dates_written(values))) for path, values in _editions_of_the_year_before(production)]
    for key, day in _dates(production.edition):
        same = [name for name, dates in before if dates.get(key) == day]
        if same:
            yield Finding("date-copied", key, day.isoformat(), f"{key} is {day.isoformat()}, as in params/{same[0]}.")


def unlikely_dates(production: Production) -> Iterator[Finding]:
    """Dates that contradict one another, or the year."""
    edition, publication = production.edition, production.edition.publication
    year, published, as_of = edition.reference_year, publication.published, edition.data.as_of
    due = due_date(year, _DECEMBER)
    wrong: list[tuple[str, str, str]] = []
    for key, day in (("publication.published", published), ("publication.scheduled", publication.scheduled)):
        if day < due:
            wrong.append((key, day.isoformat(), f"it is before {due.isoformat()}, when the deliveries of {year} are due"))
        if day > dt.date(year + _YEARS_TO_PUBLISH, _DECEMBER, 31):
            wrong.append((key, day.isoformat(), f"it is more than {_YEARS_TO_PUBLISH} years after {year} has ended"))
    if published >= due and abs((published - publication.scheduled).days) > edition.checks.days_from_schedule:
        both = f"{publication.scheduled.isoformat()}, published {published.isoformat()}"
        wrong.append(("publication.scheduled", both, "the two days lie far apart, and their difference is shown as punctuality"))
    previous = publication.previous
    if previous is not None and previous.published >= published:
        before = previous.published.isoformat()
        wrong.append(("publication.previous.published", before, "it is not before this edition is published"))
    if as_of is not None and as_of > published:
        wrong.append(("data.as_of", as_of.isoformat(), f"it is after the publication, {published.isoformat()}"))
    if as_of is not None and as_of <= dt.date(year, _DECEMBER, 31):
        wrong.append(("data.as_of", as_of.isoformat(), f"{year} has not ended, so that not all of it can have been delivered"))
    elif as_of is not None and as_of <= due:
        said = f"deliveries of {year} are due until {due.isoformat()}, so that what has not come yet is not missing"
        wrong.append(("data.as_of", as_of.isoformat(), said))
    for key in dict.fromkeys(key for key, _, _ in wrong):
        mine = [(at, why) for one, at, why in wrong if one == key]
        at = "; ".join(dict.fromkeys(at for at, _ in mine))
        yield Finding("date-unlikely", key, at, f"{key} is {at}: {'; and '.join(why for _, why in mine)}.")


def weak_rules(production: Production) -> Iterator[Finding]:
    """Rules of disclosure control that no real edition may have: of synthetic data it is told, and stops nothing."""
    for one in below_floor(production.edition.disclosure):
        said = f"{one.key} is {one.value}, and the office's floor {one.least}: {one.so}. With real data this is refused."
        yield Finding("rules-below-floor", one.key, one.value, f"warning: {said}", stops=False)


def lowered_floors(production: Production) -> Iterator[Finding]:
    """A floor below kvarn's own, which lets weaker rules pass: somebody else than who wrote it has to answer for it."""
    edition = production.edition
    for one in lowered(edition.disclosure):
        said = f"{one.key} is {one.value}, and kvarn's own {one.least}: {one.so}."
        yield Finding("floor-lowered", one.key, one.value, said, stops=not edition.synthetic)


def weaker_rules(production: Production) -> Iterator[Finding]:
    """Rules, and floors, that are weaker than those of the edition of the same register that was released last."""
    last = production.released_before
    before = rules_of(last.memory.folder) if last is not None else None
    if last is None or before is None:
        return
    # A trial stays with the office, and shows what weaker rules would do.
    stops = not (production.edition.synthetic or production.workspace.trial)
    for one in weaker_than(production.edition.disclosure, before):
        said = f"{one.key} is {one.value}, and was {one.least} in the edition {last.edition}, which is out: {one.so}."
        yield Finding("rules-weaker", one.key, f"{one.least} to {one.value}", said, stops=stops)


def previous_edition(production: Production) -> Iterator[Finding]:
    """A previous publication that is not the one of the year before."""
    edition, year = production.edition, production.edition.reference_year - 1
    previous, before = edition.publication.previous, _last_ones(_editions_of_the_year_before(production))
    if previous is None:
        if before:
            said = f"publication.previous is left out, and params/{before[0][0].name} is the edition for {year}."
            yield Finding("previous-edition", "publication.previous", "left out", said)
        return
    named = _years_in(previous.title.sv, previous.title.en)
    if named and any(str(year) not in years for years in named):
        at = ", ".join(dict.fromkeys(one for years in named for one in years))
        said = f"publication.previous.title names {at}, and the year before is {year}."
        yield Finding("previous-edition", "publication.previous.title", at, said)
    day = previous.published
    its_days = {dict(_dates_written(values)).get("publication.published") for _, values in before} - {None}
    why = []
    if day.year != edition.reference_year:
        why.append(f"an edition for {year} is published in {edition.reference_year}")
    if its_days and day not in its_days:
        why.append(f"params/{before[0][0].name} says {min(str(one) for one in its_days)}")
    if why:
        said = f"publication.previous.published is {day.isoformat()}: {'; and '.join(why)}."
        yield Finding("previous-edition", "publication.previous.published", day.isoformat(), said)


def _last_ones(editions: Iterator[tuple[Path, dict[str, Any]]]) -> list[tuple[Path, dict[str, Any]]]:
    """The final editions of a year before its preliminary ones, which they have replaced; of each the last published first."""
    found = list(editions)
    final = [one for one in found if not _preliminary(one[1])] or found
    return sorted(final, key=lambda one: str(dict(_dates_written(one[1])).get("publication.published", "")), reverse=True)


def _preliminary(values: Mapping[str, Any]) -> bool:
    notice = values.get("correction")
    return values.get("stage") == "preliminary" or (isinstance(notice, Mapping) and notice.get("preliminary") is True)


def other_titles(production: Production) -> Iterator[Finding]:
    """A title with the year of another edition."""
    title, year = production.edition.publication.title, str(production.edition.reference_year)
    named = _years_in(title.sv, title.en)
    if any(year not in years for years in named):
        at = ", ".join(dict.fromkeys(one for years in named for one in years))
        yield Finding("title-year", "publication.title", at, f"publication.title names {at}, and the reference year is {year}.")


def _years_in(*titles: str) -> list[list[str]]:
    """The years that each title names, of titles that name any."""
    return [years for title in titles if (years := _YEAR.findall(title))]


def _dates(edition: Edition) -> Iterator[tuple[str, dt.date]]:
    publication = edition.publication
    yield "publication.published", publication.published
    yield "publication.scheduled", publication.scheduled
    if publication.previous is not None:
        yield "publication.previous.published", publication.previous.published
    if edition.data.as_of is not None:
        yield "data.as_of", edition.data.as_of


def _dates_written(values: Mapping[str, Any]) -> Iterator[tuple[str, dt.date]]:
    """The dates of an edition's file, as far as they are dates."""
    for key in ("publication.published", "publication.scheduled", "publication.previous.published", "data.as_of"):
        value: Any = values
        for name in key.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            yield key, value


def _editions_of_the_year_before(production: Production) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The files beside the edition's own that are about the year before, real or synthetic as it is."""
    edition = production.edition
    for path in sorted(production.params.parent.glob("*.yml")):
        if path.resolve() == production.params.resolve():
            continue
        try:
            values = read_document(text_of(path)).values
        except YamlFault:
            # Another edition's mistakes are told when that one is made.
            continue
        if not isinstance(values, dict) or values.get("synthetic") is not edition.synthetic:
            continue
        if values.get("reference_year") == edition.reference_year - 1:
            yield path, values
