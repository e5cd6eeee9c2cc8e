"""What is typed in documents and notebooks: no number that is not declared, nothing unread, both languages alike.

A number that stands in a source is no number that is accounted for. So the narrative holds none but what
``reports/allowed-digits.yml`` lists with its words; every other one comes from a protected table by ``reports/figures.yml``.
"""

from kvarn.disseminate.narrative._accounted import NOT_ACCOUNTED, accounted_texts
from kvarn.disseminate.narrative._allowed import ALLOWED_DIGITS, Allowed, read_allowed
from kvarn.disseminate.narrative._check import check_narrative, check_words
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
from kvarn.disseminate.narrative._places import places_in

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
    "is_roman",
    "marks_in",
    "number_words",
    "numbers_in",
    "places_in",
    "plain_text",
    "read_allowed",
]
