"""The pages that collect writes: their templates, style sheets and words, and how text, numbers and dates stand on them."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from importlib import resources

import jinja2

from kvarn import metadata
from kvarn.base.package_files import declared_in, words_of
from kvarn.base.templates import templates_of

__all__ = [
    "day_in_words",
    "month_in_words",
    "month_name",
    "number",
    "share",
    "source_in",
    "style",
    "template",
    "visible",
    "words",
]

NO_BREAK_SPACE = "\u00a0"
_MOST_DECIMALS = 6


@functools.cache
def words(language: str) -> Mapping[str, str]:
    """The words of ``words.yml`` in one language, by key."""
    return {key: both[language] for key, both in words_of(__package__, "words.yml").items()}


@functools.cache
def style(*names: str) -> str:
    """Style sheets of this folder, one after the other, without what a browser does not need."""
    sheets = "".join(_text(name) for name in names)
    return "".join(line.strip() for line in sheets.splitlines() if not line.startswith("/*"))


@functools.cache
def template(name: str) -> jinja2.Template:
    """A template of this folder, compiled once; what is filled in is escaped, and nothing may be missing."""
    return templates_of("kvarn.collect", "pages").get_template(name)


def visible(text: str, longest: int | None = None) -> str:
    """Text from outside in which nothing hides: control, direction and other invisible characters stand as ``⟨U+202E⟩``.

    Parameters
    ----------
    longest
        Cut after so many characters, with an ellipsis.
    """
    if longest is not None and len(text) > longest:
        text = f"{text[:longest]}…"
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else f"⟨U+{ord(one):04X}⟩" for one in text)


def number(value: int, language: str) -> str:
    """A whole number: ``12 345`` with no-break spaces, or ``12,345``."""
    figures = f"{value:,}"
    return figures.replace(",", NO_BREAK_SPACE) if language == "sv" else figures


def share(part: float, whole: float, language: str, *, limit: float | None = None) -> str:
    """A share in per cent: ``0,8 %`` or ``0.8 %``; with as many decimals as tell it from the limit, if there is one."""
    exact = Decimal(str(part)) / Decimal(str(whole)) * 100
    bound = None if limit is None else Decimal(str(limit)) * 100
    for decimals in range(1, _MOST_DECIMALS + 1):
        step = Decimal(1).scaleb(-decimals)
        rounded = exact.quantize(step, ROUND_HALF_UP)
        if exact == 0 or (rounded and (exact == bound or rounded != bound)):
            break
    text = f"{rounded:f}".rstrip("0").rstrip(".")
    return words(language)["share"].format(share=text.replace(".", ",") if language == "sv" else text)


def month_name(month: int, language: str) -> str:
    """The month's name as it stands in a sentence: ``januari``, ``January``."""
    return _name_of_month(metadata.codelist("month"), month, language)


@functools.lru_cache(maxsize=64)
def _name_of_month(listed: metadata.CodeList, month: int, language: str) -> str:
    name = listed.label(f"{month:02}", language)
    return name.lower() if language == "sv" else name


def month_in_words(year: int, month: int, language: str) -> str:
    """``januari 2023`` or ``January 2023``."""
    return f"{month_name(month, language)}{NO_BREAK_SPACE}{year}"


def day_in_words(day: dt.date, language: str) -> str:
    """``31 mars 2023`` or ``31 March 2023``."""
    return f"{day.day}{NO_BREAK_SPACE}{month_in_words(day.year, day.month, language)}"


@functools.cache
def source_in(source: str, language: str) -> str:
    """A rule's source, which the rules give in English, in this language."""
    if language == "sv":
        for phrase, swedish in _phrases().items():
            source = source.replace(phrase, swedish)
    return source


@functools.cache
def _phrases() -> Mapping[str, str]:
    return declared_in(__package__, "sources.yml").values


def _text(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")
