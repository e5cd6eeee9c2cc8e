"""The words of this room that people read."""

from __future__ import annotations

from kvarn.base.package_files import words_in

__all__ = ["said"]


def said(key: str, language: str, **values: object) -> str:
    """Words of ``words.yml`` in one language, with ``{name}`` filled in from `values`."""
    return words_in(__package__, "words.yml", key, language, values)
