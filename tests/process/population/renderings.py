"""One population, written down in every layout in which the statistics database gives it."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl

MUNICIPALITIES = {"0114": "Upplands Väsby", "0180": "Stockholm", "0980": "Gotland"}
REGIONS = {"00": "Riket", "01": "Stockholms län", **MUNICIPALITIES, "09": "Gotlands län"}
YEARS = (2018, 2019)
# By year, region, sex and age as codes; with totals "00" and counties, "T" and "T".
Population = Mapping[tuple[int, str, str, str], int]
AGES = [*map(str, range(100)), "100+"]


def population(years: Sequence[int] = YEARS) -> dict[tuple[int, str, str, str], int]:
    """Single ages of both sexes by municipality; no two figures beside each other are the same."""
    keys = itertools.product(years, MUNICIPALITIES, ("1", "2"), AGES)
    return {key: 7 + (number * 37) % 1901 for number, key in enumerate(keys)}


def with_totals(people: Population) -> dict[tuple[int, str, str, str], int]:
    """The same with the country, the counties, both sexes and all ages."""
    whole: dict[tuple[int, str, str, str], int] = {}
    for (year, region, sex, age), value in people.items():
        for key in itertools.product((year,), (region, region[:2], "00"), (sex, "T"), (age, "T")):
            whole[key] = whole.get(key, 0) + value
    return whole


@dataclass(frozen=True)
class Style:
    """How labels, figures and what stands around them are written."""

    language: str = "sv"
    regions: str = "code name"
    ages: str = "år"
    year: str = "2019"
    digits: Callable[[int], str] = str
    title: bool = False
    footnotes: bool = False

    def region(self, code: str) -> str:
        """A region's label."""
        label = {"sv": REGIONS[code], "en": {"00": "Sweden"}.get(code, REGIONS[code].replace("s län", " county"))}[self.language]
        lost = code[1:] if code.startswith("0") and len(code) == 4 else code
        return {"code": code, "name": label, "code name": f"{code} {label}", "lost": lost}[self.regions]

    def sex(self, code: str) -> str:
        """A sex's label."""
        words = {"sv": {"1": "män", "2": "kvinnor", "T": "totalt"}, "en": {"1": "men", "2": "women", "T": "total"}}
        return words[self.language][code]

    def age(self, code: str) -> str:
        """An age's label."""
        if code == "T":
            return {"sv": "totalt ålder", "en": "total"}[self.language]
        return f"{code} {'år' if self.language == 'sv' else 'years'}" if self.ages == "år" else code

    def heading(self, year: int) -> str:
        """The heading of a year's column."""
        contents = {"sv": "Folkmängd", "en": "Population"}[self.language]
        return {"2019": f"{year}", "X2019": f"X{year}", "contents": f"{contents} {year}"}[self.year]

    def names(self) -> tuple[str, str, str, str, str]:
        """The headings of region, age, sex, year and figures."""
        if self.regions == "code":
            return ("Region", "Alder", "Kon", "Tid", "BE0101N1")
        sv = ("region", "ålder", "kön", "år", "Folkmängd")
        return sv if self.language == "sv" else ("region", "age", "sex", "year", "Population")


Table = list[list[str]]


def wide(people: Population, style: Style) -> Table:
    """A column a year."""
    years = sorted({key[0] for key in people})
    stubs = list(dict.fromkeys(key[1:] for key in people))
    head = [*style.names()[:3], *map(style.heading, years)]
    return [head] + [
        [style.region(region), style.age(age), style.sex(sex), *(style.digits(people[year, region, sex, age]) for year in years)]
        for region, sex, age in stubs
    ]


def long(people: Population, style: Style) -> Table:
    """One figure a row (csv2, csv3)."""
    rows = [
        [style.region(region), style.age(age), style.sex(sex), str(year), style.digits(value)]
        for (year, region, sex, age), value in people.items()
    ]
    return [list(style.names()), *rows]


def by_sex(people: Population, style: Style) -> Table:
    """A column for each sex and year."""
    years = sorted({key[0] for key in people})
    sexes = list(dict.fromkeys(key[2] for key in people))
    stubs = list(dict.fromkeys((key[1], key[3]) for key in people))
    region, age, *_ = style.names()
    head = [region, age, *(f"{style.sex(sex)} {style.heading(year)}" for sex in sexes for year in years)]
    return [head] + [
        [style.region(one), style.age(old), *(style.digits(people[year, one, sex, old]) for sex in sexes for year in years)]
        for one, old in stubs
    ]


def around(table: Table, style: Style) -> Table:
    """With what the database writes above and below."""
    above = [["Folkmängd efter region, ålder, kön och år"], []] if style.title else []
    below = [[], ["Folkmängd: uppgifterna avser den 31 december.", ""], [], ["20200220 09:30"], ["Källa:"], ["SCB"]]
    return [*above, *table, *(below if style.footnotes else [])]


def as_csv(table: Table, *, separator: str = ",", encoding: str = "utf-8", quoted: bool = True, end: str = "\n") -> bytes:
    """A text file."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerows(table)
    return text.getvalue().encode(encoding)


def as_workbook(table: Table, *, numbers: bool = True) -> bytes:
    """A workbook with headings, its figures (and codes of digits) as numbers."""
    book = openpyxl.Workbook()
    for row in table:
        book.active.append([int(cell) if numbers and cell.isascii() and cell.isdigit() else cell or None for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def as_pxweb_workbook(people: Population, style: Style, *, doubled: bool = False) -> bytes:
    """A workbook as PxWeb writes it: no headings above regions, ages and sexes, and each region written once."""
    years = sorted({key[0] for key in people})
    stubs = sorted({key[1:] for key in people}, key=lambda key: (key[0], key[2].zfill(4), key[1]))
    plain = replace(style, regions="name", ages="år") if doubled else style
    blank = [""] * (6 if doubled else 3)
    table: list[list[object]] = [["Folkmängd efter region, ålder, kön och år"], [], [*blank, *map(str, years)]]
    before: list[str] = []
    for region, sex, age in stubs:
        labels = [plain.region(region), plain.age(age), plain.sex(sex)]
        codes = [region, age.replace("T", "tot"), sex.replace("T", "1+2")]
        stub = [text for pair in zip(codes, labels, strict=True) for text in pair] if doubled else labels
        # A label is left out while it and all before it are as in the row above.
        same = next((place for place, text in enumerate(stub) if before[place : place + 1] != [text]), len(stub))
        table.append([*([""] * same), *stub[same:], *(people[year, region, sex, age] for year in years)])
        before = stub
    table += [[], ["Folkmängd: avser den 31 december."], ["Källa:", None], ["SCB"]]
    book = openpyxl.Workbook()
    for row in table:
        book.active.append([cell if cell != "" else None for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def as_two_level_workbook(people: Population, style: Style) -> bytes:
    """A workbook with sexes above years, each sex written once."""
    years = sorted({key[0] for key in people})
    sexes = sorted({key[2] for key in people})
    book = openpyxl.Workbook()
    above = [cell for sex in sexes for cell in (style.sex(sex), *([None] * (len(years) - 1)))]
    table: list[list[object]] = [
        ["Folkmängd efter region, ålder, kön och år"],
        [],
        [None, None, *above],
        [None, None, *years * len(sexes)],
    ]
    for region in sorted({key[1] for key in people}):
        for age in AGES:
            figures = [people[year, region, sex, age] for sex in sexes for year in years]
            table.append([style.region(region) if age == "0" else None, style.age(age), *figures])
    for row in table:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _categories(people: Population) -> tuple[list[str], list[str], list[str], list[int]]:
    regions = sorted({key[1] for key in people})
    ages = [*AGES, "T"] if any(key[3] == "T" for key in people) else AGES
    sexes = sorted({key[2] for key in people})
    return regions, ages, sexes, sorted({key[0] for key in people})


def as_px(people: Population, style: Style, *, contents: bool = True, encoding: str = "iso-8859-1") -> bytes:
    """A PX file."""
    regions, ages, sexes, years = _categories(people)

    def quoted(words: Sequence[str]) -> str:
        return ",".join(f'"{word}"' for word in words)

    lines = [
        'CHARSET="ANSI";',
        'AXIS-VERSION="2013";',
        'LANGUAGE="sv";',
        'LANGUAGES="sv","en";',
        'CONTENTS="Folkmängd";',
        'TITLE="Folkmängden efter region, ålder, "',
        '"kön och år";',
        'TITLE[en]="Population by region, age; sex and year";',
        'STUB="region","ålder","kön";',
        'HEADING="tabellinnehåll","år";' if contents else 'HEADING="år";',
        *(['CONTVARIABLE="tabellinnehåll";', 'VALUES("tabellinnehåll")="Folkmängd","Folkökning";'] if contents else []),
        f'VALUES("region")={quoted([REGIONS[code] for code in regions])};',
        f'CODES("region")={quoted(regions)};',
        f'VALUES("ålder")={quoted([style.age(age) for age in ages])};',
        f'CODES("ålder")={quoted([age.replace("T", "tot") for age in ages])};',
        f'VALUES("kön")={quoted([style.sex(sex) for sex in sexes])};',
        f'VALUES("år")={quoted(list(map(str, years)))};',
        f'TIMEVAL("år")=TLIST(A1),{quoted(list(map(str, years)))};',
        "DATA=",
    ]
    for region, age, sex in itertools.product(regions, ages, sexes):
        row = [str(people[year, region, sex, age]) for year in years]
        lines.append(" ".join(row + ['".."'] * len(years) if contents else row))
    return ("\r\n".join(lines) + ";\r\n").encode(encoding)


def as_json_stat(people: Population, style: Style, *, version: int = 2, sparse: bool = False) -> bytes:
    """A JSON-stat file."""
    regions, ages, sexes, years = _categories(people)
    figures = [people[y, r, s, a] for r, a, s, y in itertools.product(regions, ages, sexes, years)]
    codes = {"Region": regions, "Alder": [a.replace("T", "tot") for a in ages], "Kon": [s.replace("T", "1+2") for s in sexes]}
    codes |= {"ContentsCode": ["BE0101N1"], "Tid": list(map(str, years))}
    labels = {
        "Region": [REGIONS[code] for code in regions],
        "Alder": [style.age(age) for age in ages],
        "Kon": [style.sex(sex) for sex in sexes],
        "ContentsCode": ["Folkmängd"],
        "Tid": codes["Tid"],
    }
    dimension: dict[str, object] = {
        name: {
            "label": name.lower(),
            "category": {
                "index": {code: place for place, code in enumerate(listed)},
                "label": dict(zip(listed, labels[name], strict=True)),
            },
        }
        for name, listed in codes.items()
    }
    order, size = list(codes), [len(listed) for listed in codes.values()]
    values: object = {str(place): value for place, value in enumerate(figures)} if sparse else figures
    if version == 1:
        whole: dict[str, object] = {"dataset": {"label": "Folkmängd", "dimension": {**dimension, "id": order, "size": size}}}
        whole["dataset"]["value"] = values  # type: ignore[index]
    else:
        whole = {"version": "2.0", "class": "dataset", "label": "Folkmängd", "id": order, "size": size}
        whole |= {"dimension": dimension, "value": values, "role": {"time": ["Tid"], "metric": ["ContentsCode"]}}
    return json.dumps(whole, ensure_ascii=False).encode()


def as_pxweb_json(people: Population, style: Style) -> bytes:
    """PxWeb's own JSON."""
    types = ("d", "d", "d", "t", "c")
    columns = [
        {"code": code, "text": text, "type": kind}
        for code, text, kind in zip(("Region", "Alder", "Kon", "Tid", "BE0101N1"), style.names(), types, strict=True)
    ]
    data = [
        {"key": [region, age.replace("T", "tot"), sex.replace("T", "1+2"), str(year)], "values": [str(value)]}
        for (year, region, sex, age), value in people.items()
    ]
    return json.dumps({"columns": columns, "comments": [], "data": data}).encode()


def put(folder: Path, content: bytes, name: str = "population.csv") -> Path:
    """The file, written."""
    path = folder / name
    path.write_bytes(content)
    return path
