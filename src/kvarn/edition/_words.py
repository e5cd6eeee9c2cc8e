"""Words in both languages."""

from __future__ import annotations

from kvarn.edition._section import Section
from kvarn.edition._texts import Line

__all__ = ["Words"]


class Words(Section):
    """The same words in both languages."""

    sv: Line
    en: Line

    def label(self, language: str) -> str:
        """The words in Swedish (``sv``) or English (``en``)."""
        return self.sv if language == "sv" else self.en
