"""The kinds of text in a file of parameters, and what must not stand in them: they come to every reader as they were written."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from kvarn.base.plain_text import LONGEST_LINE, unseen

__all__ = [
    "Address",
    "ArticleNumber",
    "EditionName",
    "Email",
    "Isbn",
    "Issn",
    "Line",
    "Location",
    "ProductCode",
    "Telephone",
    "one_line",
]

_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?(?:[/?#][A-Za-z0-9\-._~:/?#\[\]@!$&*+,;=%()]*)?"
)
# Of figures alone a name could be a count.
_EMAIL = re.compile(
    r"(?=[^@]*[A-Za-z])"
    r"[A-Za-z0-9](?:[A-Za-z0-9._+-]*[A-Za-z0-9])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}"
)
_FEWEST_OF_TELEPHONE = 5
# As numbers are dialled: after a plus, from one or two zeros on, or with three figures that follow each other.
_TELEPHONE = re.compile(r"(?:\+[1-9]|0{1,2}[1-9]|[1-9]\d\d)[0-9 ()/\u2011\u2013-]*")
_LONGEST_PART = 255
_LONGEST_PATH = 900
_ARTICLE_NUMBER = re.compile(r"[1-9]\d{3,}(?:-\d+)*")
_ISSN = re.compile(r"\d{4}-\d{3}[\dX]")
# Fewer figures than three together could be a count.
_PRODUCT_CODE = re.compile(r"(?!.*(?<!\d)\d{1,2}(?!\d))[A-Za-zÅÄÖåäö]{2}[A-Za-z0-9ÅÄÖåäö ./-]*")


def one_line(value: str) -> str:
    """Words on one line, without anything that is not seen.

    Raises
    ------
    ValueError
        They are none; what is wrong is said as the end of a sentence that begins with *it*.
    """
    if not value.strip():
        raise ValueError("should be words on one line")
    for sign in value:
        if sign in "\r\n\t\v\f\u0085\u2028\u2029":
            raise ValueError("should be words on one line, without line breaks and tabs")
        if unseen(sign):
            raise ValueError(f"should have no character that is not seen, and has {unseen(sign)}")
    if value != value.strip():
        raise ValueError("should not begin or end with a space")
    if len(value) > LONGEST_LINE:
        raise ValueError(f"should have {LONGEST_LINE} characters at most, and has {len(value)}")
    return value


def _location(value: Path) -> Path:
    """A path that a system can have: it is asked for what is there, and must not fail at the question."""
    one_line(str(value))
    longest = max((len(os.fsencode(part)) for part in value.parts), default=0)
    if longest > _LONGEST_PART or len(os.fsencode(value)) > _LONGEST_PATH:
        raise ValueError(f"should be a path of {_LONGEST_PATH} characters at most, with {_LONGEST_PART} in each name")
    return value


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(one_line(value)):
        raise ValueError("should be an address on the web that begins with https:// or http://, without spaces")
    return value


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(one_line(value)):
        raise ValueError("should be an e-mail address, such as statistics@example.org")
    return value


def _telephone(value: str) -> str:
    # Fewer figures reach nobody, and could be a count.
    if not _TELEPHONE.fullmatch(one_line(value)) or sum(map(str.isdigit, value)) < _FEWEST_OF_TELEPHONE:
        raise ValueError('should be a telephone number, such as "+46 00 000 00 00"')
    return value


def _product_code(value: str) -> str:
    if not _PRODUCT_CODE.fullmatch(one_line(value)):
        raise ValueError("should be a product code, such as XX0000: letters first, and no fewer than three figures together")
    return value


def _article_number(value: str) -> str:
    if not _ARTICLE_NUMBER.fullmatch(one_line(value)):
        raise ValueError("should be a number such as 2024-9-9001: four digits or more, not zero first, and others behind hyphens")
    return value


def _issn(value: str) -> str:
    if not _ISSN.fullmatch(one_line(value)) or _check_digit(value, range(8, 1, -1), 11) != value[-1]:
        raise ValueError("should be an ISSN with a correct check digit, such as 0000-0000")
    return value


def _isbn(value: str) -> str:
    digits = one_line(value).replace("-", "")
    if (
        not re.fullmatch(r"97[89](?:-?\d){10}", value)
        or sum(int(one) * (3 if place % 2 else 1) for place, one in enumerate(digits)) % 10
    ):
        raise ValueError("should be an ISBN of thirteen digits with a correct check digit, such as 978-00-0000-000-2")
    return value


def _check_digit(value: str, weights: range, modulus: int) -> str:
    digits = value.replace("-", "")[:-1]
    left = -sum(int(one) * weight for one, weight in zip(digits, weights, strict=True)) % modulus
    return "X" if left == modulus - 1 else str(left)


EditionName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=100)]
Line = Annotated[str, Field(min_length=1), AfterValidator(one_line)]
Location = Annotated[
    Path,
    AfterValidator(_location),
    BeforeValidator(lambda value: Path(value) if isinstance(value, str) and value else value),
]
Address = Annotated[str, AfterValidator(_address)]
Email = Annotated[str, AfterValidator(_email)]
Telephone = Annotated[str, AfterValidator(_telephone)]
ProductCode = Annotated[str, AfterValidator(_product_code)]
ArticleNumber = Annotated[str, AfterValidator(_article_number)]
Issn = Annotated[str, AfterValidator(_issn)]
Isbn = Annotated[str, AfterValidator(_isbn)]
