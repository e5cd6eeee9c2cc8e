"""What is typed in documents and notebooks: no number that is not declared, nothing that is published unread, both languages alike.

A number that stands in a source is no number that is accounted for. So the narrative holds none but what
``reports/allowed-digits.yml`` lists with its words; every other one comes from a protected table by ``reports/figures.yml``.
"""

from kvarn.disseminate.narrative._allowed import ALLOWED_DIGITS, Allowed, read_allowed
from kvarn.disseminate.narrative._check import check_narrative

__all__ = ["ALLOWED_DIGITS", "Allowed", "check_narrative", "read_allowed"]
