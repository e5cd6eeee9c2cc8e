"""The words of population files in Swedish and English: headings, sexes, ages, years, contents, figures."""

from __future__ import annotations

import functools
import re

from kvarn.process.population._cells import ALL_AGES, BOTH, NOT_AVAILABLE, OLDEST, Unknown

__all__ = [
    "CONTENTS",
    "ROLES",
    "about_something_else",
    "age_of",
    "contents_of",
    "figure_of",
    "is_total",
    "plain",
    "sex_of",
    "year_of",
]

# What a column is about, by its heading in lower case. The codes are those of Statistics Sweden's database (Alder, Kon, Tid).
ROLES = {
    **dict.fromkeys(("region", "regioner", "kommun", "kommuner", "municipality", "municipalities", "area", "område"), "region"),
    **dict.fromkeys(("regionkod", "kommunkod", "region code", "municipality code", "regionnamn", "kommunnamn"), "region"),
    **dict.fromkeys(("region name", "municipality name", "län", "lan", "county"), "region"),
    **dict.fromkeys(("ålder", "alder", "age", "ages", "ålder (år)", "age (years)"), "age"),
    **dict.fromkeys(("kön", "kon", "sex", "gender"), "sex"),
    **dict.fromkeys(("år", "ar", "year", "years", "tid", "time", "årtal"), "year"),
    **dict.fromkeys(("tabellinnehåll", "contents", "contentscode", "innehåll", "observations"), "contents"),
}
CONTENTS = frozenset(
    {"folkmängd", "folkmängden", "population", "befolkning", "be0101n1", "invånare", "antal invånare", "inhabitants"}
    | {"number of inhabitants", "antal", "antal personer", "personer", "number", "number of persons", "persons", "n", "count"}
    | {"value", "värde", "varde", "folkmängd 31 december", "folkmängd den 31 december", "population 31 december"}
    | {"population on 31 december", "population at 31 december", "population, 31 december"}
)
_OF_THE_TABLE = re.compile(r"(folkmängd(en)?|population)( 31 december)? (efter|by) .*")
# Figures of other tables and of other contents in the same table, which look the same in a file.
_SOMETHING_ELSE = re.compile(
    r"medelfolkm|mean population|average population|november|framskriv|prognos|forecast|projection|(19|20)\d\d[mk]\d"
)
_INHABITANTS = re.compile(r"folkmängd|population (by|on|31|and)")
_OTHER_CONTENTS = re.compile(r"folkökning|population (growth|increase|change)|be0101n2")

_SEXES = {
    **dict.fromkeys(("män", "man", "men", "male", "males", "1", "m"), 1),
    **dict.fromkeys(("kvinnor", "kvinna", "women", "woman", "female", "females", "2", "k", "f"), 2),
    **dict.fromkeys(("totalt", "total", "totalt kön", "båda", "båda könen", "both", "both sexes", "samtliga", "1+2", "t"), BOTH),
    **dict.fromkeys(("män och kvinnor", "kvinnor och män", "men and women", "women and men", "tot", "totsa", "total sex"), BOTH),
}
_ALL_AGES = frozenset(
    {"totalt", "totalt ålder", "total", "total age", "total, all ages", "tot", "alla", "alla åldrar", "samtliga"}
    | {"samtliga åldrar", "all", "all ages", "total ages", "t"}
)
_UNIT = r"(?: ?(?:år|years?|years? old))?"
_SINGLE = re.compile(rf"(\d{{1,3}}){_UNIT}")
_OPEN = re.compile(rf"(\d{{1,3}})(?: ?\+{_UNIT}|[-–]w|{_UNIT} (?:och|eller|and|or) (?:äldre|över|older|over|more))")
_GROUP = re.compile(rf"[-–]?\d{{1,3}} ?[-–—] ?\d{{1,3}}{_UNIT}|[-–]\d{{1,3}}{_UNIT}")
_YEAR = re.compile(r"x?((?:19|20)\d{2})")
_FIGURE = re.compile(r"0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:[ \u00a0\u2009\u202f][0-9]{3})+")
_ZERO_FIRST = re.compile(r"0[0-9 \u00a0\u2009\u202f,.']*[0-9]")
_THOUSANDS = (
    "The thousands before it may have got lost in a format of numbers: download the table again, and leave the file as it is."
)
_NOT_THERE = frozenset({"..", "...", "…"})


def plain(text: str) -> str:
    """In lower case, with single spaces."""
    return " ".join(text.replace("\ufeff", "").split()).casefold()


def contents_of(text: str) -> bool | None:
    """True for the number of inhabitants, False for other contents that a file may have, None when it is neither."""
    said = plain(text)
    if about_something_else(said) or _OTHER_CONTENTS.search(said):
        return False
    return True if said in CONTENTS or _OF_THE_TABLE.fullmatch(said) else None


def about_something_else(title: str) -> bool:
    """Whether a title says that the figures are not inhabitants on 31 December."""
    said = plain(title)
    growth = _OTHER_CONTENTS.search(said) is not None and _INHABITANTS.search(said) is None
    return growth or _SOMETHING_ELSE.search(said) is not None


def is_total(text: str) -> bool:
    """Whether a category of some further variable (marital status) means everybody."""
    return plain(text) in _ALL_AGES


@functools.lru_cache(maxsize=4096)
def sex_of(text: str) -> int:
    """1 men, 2 women, 0 both."""
    found = _SEXES.get(plain(text))
    if found is None:
        raise Unknown(f"{text!r} is not a sex that is known here.", "Write men and women, män and kvinnor, or 1 and 2.")
    return found


@functools.lru_cache(maxsize=4096)
def age_of(text: str) -> int:
    """A single age, 100 for 100 and older, −1 for all ages.

    Raises
    ------
    Unknown
        It is a group of ages, an open class other than 100+, or no age.
    """
    said = plain(text)
    if said in _ALL_AGES:
        return ALL_AGES
    if match := _SINGLE.fullmatch(said):
        if int(match[1]) > OLDEST:
            raise Unknown(f"{text!r} is not an age from 0 to 100+: those of 100 and older are one class.")
        return int(match[1])
    if match := _OPEN.fullmatch(said):
        if int(match[1]) == OLDEST:
            return OLDEST
        raise Unknown(f"{text!r} is an open class, not a single age: the one open class is 100+.")
    if _GROUP.fullmatch(said):
        raise Unknown(f"{text!r} is a group of ages, not a single age.")
    raise Unknown(f"{text!r} is not an age from 0 to 100+.")


def year_of(text: str) -> int:
    """A year, written ``2023`` or, as R writes it, ``X2023``."""
    match = _YEAR.fullmatch(plain(text))
    if match is None:
        raise Unknown(f"{text!r} is not a year.")
    return int(match[1])


def figure_of(text: str) -> int:
    """A number of inhabitants; `NOT_AVAILABLE` for ``..``.

    Raises
    ------
    Unknown
        It is empty, negative, a fraction, or no number.
    """
    said = text.strip()
    if _FIGURE.fullmatch(said):
        digits = "".join(said.split())
        if len(digits) > 9:
            raise Unknown(f"{said[:20]}… is more than a country has inhabitants.")
        return int(digits)
    if said in _NOT_THERE:
        return NOT_AVAILABLE
    if not said:
        raise Unknown("The figure is missing: the field is empty, or in a workbook a formula that no program has computed.")
    if said in ("-", "–"):
        raise Unknown(f"{said!r} is not a number of inhabitants.", "Write 0 for nobody; a figure that is missing must be found.")
    if _ZERO_FIRST.fullmatch(said):
        raise Unknown(f"{_short(said)!r} is not a number of inhabitants: no number begins with 0.", _THOUSANDS)
    raise Unknown(f"{_short(said)!r} is not a number of inhabitants: a whole number is expected.")


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"
