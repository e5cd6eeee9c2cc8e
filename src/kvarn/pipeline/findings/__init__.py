"""What looks wrong and may be right: a check for each kind in ``programme/findings.yml``, and what the office accepts.

A new kind is an entry there, in both languages, and a function here that yields a `Finding` for each place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kvarn import metadata
from kvarn.pipeline.findings._care import persons_without_care
from kvarn.pipeline.findings._care_words import without_care
from kvarn.pipeline.findings._finding import Finding, Judged, judge, value_without_ratio
from kvarn.pipeline.findings._municipalities import ceased_deliveries, persons_jumps, procedures_jumps
from kvarn.pipeline.findings._parameters import (
    copied_dates,
    found_beside,
    lowered_floors,
    other_titles,
    previous_edition,
    unlikely_dates,
    weak_rules,
    weaker_rules,
)
from kvarn.pipeline.findings._population import population_ahead, population_jumps, unlikely_populations
from kvarn.pipeline.findings._words import as_parameters, awaiting_error
from kvarn.pipeline.production import Production
from kvarn.programme import current_programme, mistake

__all__ = [
    "CHECKS",
    "Finding",
    "Judged",
    "as_parameters",
    "awaiting_error",
    "find",
    "found_beside",
    "judge",
    "population_ahead",
    "value_without_ratio",
    "without_care",
]

CHECKS: Mapping[str, Callable[[Production], Iterator[Finding]]] = {
    "population-jump": population_jumps,
    "population-size": unlikely_populations,
    "previous-edition": previous_edition,
    "date-copied": copied_dates,
    "date-unlikely": unlikely_dates,
    "title-year": other_titles,
    "rules-below-floor": weak_rules,
    "floor-lowered": lowered_floors,
    "rules-weaker": weaker_rules,
    "procedures-without-care": persons_without_care,
    "persons-jump": persons_jumps,
    "procedures-jump": procedures_jumps,
    "deliveries-ceased": ceased_deliveries,
}
# A register without events has nothing to look for of these kinds, and need not have words for them.
_OF_EVENTS = ("procedures-without-care", "procedures-jump")


def find(production: Production, *, about: tuple[str, ...] = ("parameters", "population", "register")) -> list[Finding]:
    """Every finding of the kinds that are about these, in the order of the kinds; of what is not there yet, none.

    Raises
    ------
    CodeListError
        The programme does not say what a kind is.
    """
    kinds, events = metadata.finding_kinds(), current_programme().about.events
    checks = {kind: check for kind, check in CHECKS.items() if events is not None or kind not in _OF_EVENTS}
    for kind in checks:
        if kind not in kinds:
            declared = current_programme().declared("findings")
            raise mistake(declared, kind, f"The kind of finding {kind!r} is not there.", "Restore it from git.")
    return [finding for kind, check in checks.items() if kinds[kind].about in about for finding in check(production)]
