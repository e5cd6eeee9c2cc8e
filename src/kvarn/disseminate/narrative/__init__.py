"""What is typed in documents and notebooks: no number that is not declared, nothing unread, both languages alike.

A number that stands in a source is no number that is accounted for. So the narrative holds none but what
``reports/allowed-digits.yml`` lists with its words; every other one comes from a protected table by ``reports/figures.yml``.
"""

from typing import TYPE_CHECKING

from kvarn.base.late_imports import when_asked_for

if TYPE_CHECKING:
    from kvarn.disseminate.narrative._accounted import NOT_ACCOUNTED, accounted_texts
    from kvarn.disseminate.narrative._allowed import ALLOWED_DIGITS, Allowed, read_allowed
    from kvarn.disseminate.narrative._check import check_narrative, check_words
    from kvarn.disseminate.narrative._links import is_refused_address
    from kvarn.disseminate.narrative._named import check_names
    from kvarn.disseminate.narrative._numbers import (
        before_noun,
        counted_in,
        foreign_character,
        is_roman,
        marks_in,
        number_words,
        numbers_in,
        plain_text,
    )
    from kvarn.disseminate.narrative._ones import ones_beside, ones_told
    from kvarn.disseminate.narrative._places import places_in
    from kvarn.disseminate.narrative._regions_named import regions_named

__all__ = [
    "ALLOWED_DIGITS",
    "NOT_ACCOUNTED",
    "Allowed",
    "accounted_texts",
    "before_noun",
    "check_names",
    "check_narrative",
    "check_words",
    "counted_in",
    "foreign_character",
    "is_refused_address",
    "is_roman",
    "marks_in",
    "number_words",
    "numbers_in",
    "ones_beside",
    "ones_told",
    "places_in",
    "plain_text",
    "read_allowed",
    "regions_named",
]

__getattr__ = when_asked_for(
    __name__,
    {
        "NOT_ACCOUNTED": "kvarn.disseminate.narrative._accounted",
        "accounted_texts": "kvarn.disseminate.narrative._accounted",
        "ALLOWED_DIGITS": "kvarn.disseminate.narrative._allowed",
        "Allowed": "kvarn.disseminate.narrative._allowed",
        "read_allowed": "kvarn.disseminate.narrative._allowed",
        "check_narrative": "kvarn.disseminate.narrative._check",
        "check_words": "kvarn.disseminate.narrative._check",
        "check_names": "kvarn.disseminate.narrative._named",
        "is_refused_address": "kvarn.disseminate.narrative._links",
        "before_noun": "kvarn.disseminate.narrative._numbers",
        "counted_in": "kvarn.disseminate.narrative._numbers",
        "foreign_character": "kvarn.disseminate.narrative._numbers",
        "is_roman": "kvarn.disseminate.narrative._numbers",
        "marks_in": "kvarn.disseminate.narrative._numbers",
        "number_words": "kvarn.disseminate.narrative._numbers",
        "numbers_in": "kvarn.disseminate.narrative._numbers",
        "plain_text": "kvarn.disseminate.narrative._numbers",
        "ones_beside": "kvarn.disseminate.narrative._ones",
        "ones_told": "kvarn.disseminate.narrative._ones",
        "places_in": "kvarn.disseminate.narrative._places",
        "regions_named": "kvarn.disseminate.narrative._regions_named",
    },
)
