"""Protected tables for tests: every table of the programme, of plausible size, with some cells suppressed.

As a script: ``python tests/disseminate/make_protected.py FOLDER [PERSONS]``. The figures are synthetic: smooth curves
with a little unevenness that depends on the codes alone, so that the same call always writes the same bytes.
"""

from __future__ import annotations

import csv
import functools
import itertools
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from kvarn import metadata

# Shapes only: population in thousands and persons per 1,000 by age, men and women.
POPULATION = {
    "0-17": (1124, 1062), "18-64": (3046, 2930), "65-69": (268, 274), "70-74": (270, 284), "75-79": (238, 262),
    "80-84": (145, 176), "85-89": (72, 107), "90+": (33, 71),
}  # fmt: skip
RATES = {
    "0-17": (3.1, 2.4), "18-64": (10.2, 11.6), "65-69": (45, 49), "70-74": (69, 76), "75-79": (117, 136),
    "80-84": (203, 252), "85-89": (365, 452), "90+": (618, 716),
}  # fmt: skip
PERSONS = {2016: 392, 2017: 396, 2018: 401, 2019: 384, 2020: 387, 2021: 388, 2022: 411.7, 2023: 413.9, 2024: 416}
LEAVES = tuple(POPULATION)
OLDEST = {
    "0-64": LEAVES[:2],
    "65-79": LEAVES[2:5],
    "80+": LEAVES[5:],
    "65+": LEAVES[2:],
    "T": LEAVES,
    **{a: (a,) for a in LEAVES},
}
SEXES = {"T": ("1", "2"), "1": ("1",), "2": ("2",)}
WITHHELD_REGIONS = ("0117", "2418", "2425")
WITHHELD = "X"
FIRST_YEAR = 2017

Value = int | str | Decimal


@functools.cache
def municipalities_of(region: str) -> tuple[str, ...]:
    """Those of a county or the country, or the municipality itself."""
    return tuple(code for code in metadata.codelist("region").leaves if code.startswith(region.removeprefix("00")))


def unevenness(*codes: object, width: float = 0.1) -> float:
    """A factor near 1 that depends on the codes alone."""
    return 1 + width * (zlib.crc32(repr(codes).encode()) / 2**31 - 1)


def ratio(numerator: Value, denominator: Value, factor: int, decimals: int) -> Value:
    """A rate or share rounded half up; suppressed when its count is."""
    if isinstance(numerator, str) or isinstance(denominator, str):
        return WITHHELD
    if not denominator:
        return ".."
    return (Decimal(factor) * numerator / denominator).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


class Register:
    """The persons behind the tables, by year, sex and age."""

    def __init__(self, persons: int) -> None:
        self.scale = persons / PERSONS[2023] / 1000

    def population(self, year: int, sex: str, age: str) -> int:
        return sum(
            round(1000 * self.scale * POPULATION[leaf][int(one) - 1] * (1 + 0.008 * (year - 2021)))
            for leaf in OLDEST[age]
            for one in SEXES[sex]
        )

    def persons(self, year: int, sex: str, age: str) -> int:
        expected = sum(POPULATION[a][s] * RATES[a][s] for a in LEAVES for s in (0, 1))
        level = 1000 * self.scale * PERSONS[year] / expected
        return sum(
            round(level * POPULATION[leaf][int(one) - 1] * RATES[leaf][int(one) - 1] * unevenness(leaf, one, year, width=0.02))
            for leaf in OLDEST[age]
            for one in SEXES[sex]
        )

    def with_procedure(self, year: int, sex: str, kind: str) -> int:
        share = {"T": 1.0, "assessing": 0.81, "treating": 0.90}[kind]
        reporting = 0.82 if year >= 2023 else 0.75 + 0.01 * (year - 2022)
        return sum(
            round(self.persons(year, one, "T") * reporting * share * unevenness(one, kind, year, width=0.01))
            for one in SEXES[sex]
        )


def rows_of(
    table: metadata.TableDefinition, years: Iterable[int], register: Register
) -> Iterator[tuple[tuple[object, ...], str, Value]]:
    """Cells of one table: codes, measure, value."""
    of_persons = table.name == "persons-with-procedure-by-kind"
    categories = [[code for code in table.always(name) if not (of_persons and code == "other")] for name in table.variables[1:]]
    measures: Callable[..., Mapping[str, Value]] = MEASURES[table.name]
    for codes in itertools.product(years, *categories):
        if (values := measures(register, *codes)) is not None:
            for measure in table.measures:
                yield codes, measure, values[measure]


def _by_age(register: Register, year: int, sex: str, age: str) -> dict[str, Value]:
    persons, population = register.persons(year, sex, age), register.population(year, sex, age)
    return {"persons": persons, "population": population, "persons_per_1000": ratio(persons, population, 1000, 1)}


def _by_month(register: Register, year: int, month: str, sex: str) -> dict[str, Value]:
    season = 1.0 if month == "T" else 0.62 * (1 - 0.03 * (month in ("07", "08"))) * unevenness(month, year, width=0.008)
    return {"persons": sum(round(register.persons(year, one, "T") * season) for one in SEXES[sex])}


def _weight(region: str) -> float:
    return 2 ** (5 * (unevenness(region, width=0.5) - 0.5)) * (1 + 25 * (region in ("0180", "1480", "1280")))


_ALL_WEIGHT = sum(_weight(code) for code in metadata.codelist("region").leaves)


def _municipal(register: Register, year: int, region: str, sex: str, age: str, what: str) -> int:
    if region == "00":
        return int(getattr(register, what)(year, sex, age))
    if len(region) == 2:
        parts = (_municipal(register, year, part, sex, age, what) for part in metadata.codelist("region").children(region))
        return sum(parts)
    share = _weight(region) / _ALL_WEIGHT
    level = 0.25 if what == "persons" and region.startswith("01") and region != "0188" else 1.0
    uneven = unevenness(region, width=0.35) if what == "persons" else 1.0
    leaves = [part for part in ("0-64", "65-79", "80+") if set(OLDEST[part]) <= set(OLDEST[age])]
    return sum(round(getattr(register, what)(year, one, leaf) * share * level * uneven) for leaf in leaves for one in SEXES[sex])


def _by_municipality(register: Register, year: int, region: str, sex: str, age: str) -> dict[str, Value]:
    withheld = region in WITHHELD_REGIONS and (sex != "T" or age != "0-64")
    return {"persons": WITHHELD if withheld else _municipal(register, year, region, sex, age, "persons")}


def _rates(register: Register, year: int, region: str, age: str) -> dict[str, Value]:
    persons = _by_municipality(register, year, region, "T", age)["persons"]
    population = _municipal(register, year, region, "T", age, "population")
    return {"persons": persons, "population": population, "persons_per_1000": ratio(persons, population, 1000, 1)}


def _by_kind(register: Register, year: int, sex: str, kind: str) -> dict[str, Value]:
    persons = register.with_procedure(year, sex, kind)
    return {
        "persons_with_procedure": persons,
        "share_of_persons": ratio(persons, register.persons(year, sex, "T"), 100, 1),
        "share_of_persons_with_procedure": ratio(persons, register.with_procedure(year, sex, "T"), 100, 1),
    }


def _procedures(
    register: Register, year: int, weight: float, sexes: Iterable[str], *, withheld: bool = False
) -> dict[str, Value]:
    if withheld:
        return {"procedures": WITHHELD, "persons_with_procedure": WITHHELD}
    procedures = sum(round(register.with_procedure(year, one, "T") * 110 * weight) for one in sexes)
    persons = sum(round(register.with_procedure(year, one, "T") * min(1.0, 3 * weight**0.7)) for one in sexes)
    return {"procedures": procedures, "persons_with_procedure": persons}


def _zipf(variable: str, code: str) -> float:
    """A share of all procedures that falls steeply with a shuffled rank."""
    codes = [c for c in metadata.codelist(variable).codes if c != "T"]
    ranked = sorted(codes, key=lambda c: zlib.crc32(c.encode()))
    weights = [1 / (rank + 1.5) for rank in range(len(ranked))]
    return 1.0 if code == "T" else weights[ranked.index(code)] / sum(weights)


def _by_group(register: Register, year: int, sex: str, group: str) -> dict[str, Value]:
    return _procedures(register, year, _zipf("procedure-group", group), SEXES[sex])


def _by_profession(register: Register, year: int, profession: str) -> dict[str, Value] | None:
    shares = {
        "T": 1.0,
        "XS919": 0.71,
        "XS910": 0.17,
        "XS918": 0.14,
        "XS912": 0.004,
        "XS914": 0.002,
        "XS913": 0.0006,
        "XS925": 0.0,
    }
    if profession == "XS926":
        return _procedures(register, year, 0, "12", withheld=True)
    return _procedures(register, year, shares[profession], "12") if profession in shares else None


def _by_code(register: Register, year: int, procedure: str) -> dict[str, Value]:
    withheld = procedure in metadata.codelist("procedure").codes[-3:-1]
    return _procedures(register, year, _zipf("procedure", procedure), "12", withheld=withheld)


def _by_continuity(register: Register, year: int, sex: str, age: str, continuity: str) -> dict[str, Value] | None:
    """For the first year of the series there is no year before."""
    if continuity == "T":
        return {"persons": register.persons(year, sex, age)}
    if year == FIRST_YEAR:
        return {"persons": ".."}
    unknown = {one: round(register.persons(year, one, age) * 0.002) for one in SEXES[sex]}
    new = {one: round(register.persons(year, one, age) * 0.27) for one in SEXES[sex]}
    of = {
        "new": sum(new.values()),
        "unknown": sum(unknown.values()),
        "continuing": register.persons(year, sex, age) - sum(new.values()) - sum(unknown.values()),
    }
    return {"persons": of[continuity]}


def _months(register: Register, year: int, persons: Value, *codes: str) -> dict[str, Value]:
    if isinstance(persons, str):
        return dict.fromkeys(metadata.table("months-by-sex-age").measures, WITHHELD)
    months = round(persons * 6.6 * unevenness("months", *codes, width=0.05))
    few: Value = WITHHELD if persons < 20 else 0
    return {
        "person_months": months,
        "persons": persons,
        "months_per_person": ratio(months, persons, 1, 1),
        **{f"months_{name}": few or value for name, value in (("lower_quartile", 2), ("median", 7), ("upper_quartile", 12))},
    }


def _months_by_age(register: Register, year: int, sex: str, age: str) -> dict[str, Value]:
    return _months(register, year, register.persons(year, sex, age), sex, age)


def _months_by_region(register: Register, year: int, region: str) -> dict[str, Value]:
    return _months(register, year, _by_municipality(register, year, region, "T", "T")["persons"], region)


def _standardised(register: Register, year: int, region: str, sex: str) -> dict[str, Value]:
    persons = _by_municipality(register, year, region, sex, "T")["persons"]
    population = _municipal(register, year, region, sex, "T", "population")
    crude = ratio(persons, population, 1000, 1)
    found: dict[str, Value] = {"persons": persons, "population": population, "persons_per_1000": crude}
    for name, factor in (("per_1000", "1"), ("lower", "0.94"), ("upper", "1.07")):
        found[f"standardised_{name}"] = crude if isinstance(crude, str) else ratio(1000 * crude * Decimal(factor), 1000, 1, 1)
    return found


def _procedures_of(register: Register, year: int, procedures: Value, persons: Value) -> dict[str, Value]:
    quartiles = dict.fromkeys(("procedures_lower_quartile", "procedures_median", "procedures_upper_quartile"), WITHHELD)
    if not isinstance(persons, str):
        quartiles = dict(zip(quartiles, (9, 41, 130), strict=True))  # type: ignore[arg-type]
    return {
        "procedures": procedures,
        "persons_with_procedure": persons,
        "procedures_per_person": ratio(procedures, persons, 1, 1),
        **quartiles,
    }


def _procedures_by_age(register: Register, year: int, sex: str, age: str) -> dict[str, Value]:
    persons = sum(round(register.persons(year, one, leaf) * 0.8) for leaf in OLDEST[age] for one in SEXES[sex])
    return _procedures_of(register, year, persons * 110, persons)


def _procedures_by_region(register: Register, year: int, region: str) -> dict[str, Value]:
    persons = _by_municipality(register, year, region, "T", "T")["persons"]
    treated = persons if isinstance(persons, str) else round(persons * 0.8)
    return _procedures_of(register, year, treated if isinstance(treated, str) else treated * 110, treated)


def _parts(register: Register, year: int, code: str, codes: Iterable[str]) -> dict[str, Value]:
    """Procedures divided evenly, with the shares that belong to them."""
    whole = _procedures(register, year, 1.0, "12")["procedures"]
    assert isinstance(whole, int)
    leaves = sorted(codes)
    each = {leaf: whole // len(leaves) + (number < whole % len(leaves)) for number, leaf in enumerate(leaves)}
    procedures = whole if code == "T" else each[code]
    persons = sum(register.with_procedure(year, one, "T") for one in "12")
    return {
        "procedures": procedures,
        "share_of_procedures": ratio(procedures, whole, 100, 1),
        "persons_with_procedure": persons if code == "T" else round(persons * 0.7),
    }


def _procedures_by_kind(register: Register, year: int, sex: str, kind: str) -> dict[str, Value]:
    return _parts(register, year, kind, ("assessing", "treating", "other"))


def _procedures_by_month(register: Register, year: int, month: str) -> dict[str, Value]:
    return _parts(register, year, month, metadata.codelist("month").leaves)


def _procedures_by_weekday(register: Register, year: int, weekday: str) -> dict[str, Value]:
    return _parts(register, year, weekday, metadata.codelist("weekday").leaves)


def _joint(register: Register, year: int, profession: str, cooperation: str) -> dict[str, Value] | None:
    found = _by_profession(register, year, profession)
    if found is None or cooperation == "T":
        return found
    joint = {name: value if isinstance(value, str) else round(value * 0.05) for name, value in found.items()}
    alone = {name: value if isinstance(value, str) else int(value) - int(joint[name]) for name, value in found.items()}
    return joint if cooperation == "joint" else alone


def _deliveries(register: Register, year: int, file_type: str) -> dict[str, Value]:
    measures = metadata.table("deliveries-by-year").measures
    if file_type == "KHSL2" and year < 2019:
        return dict.fromkeys(measures, ".")
    due = 290 * 12
    came = _deliveries_of(register, year, "00", "T", file_type)
    missing, rejected, late = (int(came[f"files_{what}"]) for what in ("missing", "rejected", "late"))
    rows = round(register.persons(year, "T", "T") * (7 if file_type == "KHSL1" else 95))
    faulty = round(rows * 0.004 * unevenness("rows", year, file_type, width=0.5))
    return {
        "files_expected": 0,
        "files_due": due,
        "files_accepted": due - missing - rejected,
        "files_rejected": rejected,
        "files_missing": missing,
        "files_lacking": missing + rejected,
        "files_arrived": due - missing,
        "files_late": late,
        "unit_non_response": ratio(missing + rejected, due, 100, 1),
        "late_rate": ratio(late, due - missing, 100, 1),
        "rows_received_thousands": round(rows / 1000),
        "row_rejection_rate": ratio(faulty, rows, 100, 1),
        "municipalities_delivering": 290 if file_type == "KHSL1" else 262 + 4 * (year - 2019),
    }


def _deliveries_of(register: Register, year: int, region: str, month: str, file_type: str) -> dict[str, Value]:
    """What came of the files of a place and span, of which more were not accepted of the second file type than of the first."""
    found = Counter(dict.fromkeys(metadata.table("deliveries-by-municipality").measures, 0))
    for place in municipalities_of(region):
        for one in (code for code in metadata.codelist("month").leaves if month in ("T", code)):
            drawn = unevenness("delivered", place, one, file_type, year, width=1.0) / 2
            lacking = 0.015 if file_type == "KHSL1" else 0.12 - 0.014 * (year - 2019)
            came = "missing" if drawn < 0.7 * lacking else "rejected" if drawn < lacking else "accepted"
            found["files_due"] += 1
            found[f"files_{came}"] += 1
            found["files_lacking"] += int(came != "accepted")
            found["files_corrected"] += int(came == "accepted" and drawn > 0.95)
            found["files_late"] += int(came == "accepted" and 0.85 < drawn < 0.96)
    return {**found}


def _items(register: Register, year: int, file_type: str, item: str) -> dict[str, Value]:
    """A few dates of birth are not known in full; what a file type does not have, or has not yet, is not applicable."""
    of_type = {"KHSL1": ("year", "month"), "KHSL2": ("date", "procedure", "profession")}
    if item not in ("municipality", "identity_number", "birth_date", *of_type[file_type]) or (
        file_type == "KHSL2" and year < 2019
    ):
        return {"item_non_response": "."}
    return {"item_non_response": Decimal("0.4") if item == "birth_date" else Decimal("0.0")}


def _covered(of: str, made: Callable[..., Mapping[str, Value] | None]) -> Callable[..., Mapping[str, Value] | None]:
    """With the coverage of the region: every municipality has delivered every month."""

    def with_coverage(register: Register, year: int, region: str, *codes: str) -> Mapping[str, Value] | None:
        leaves = municipalities_of(region)
        found = made(register, year, region, *codes)
        told: dict[str, Value] = {"municipalities": len(leaves), f"municipalities_{of}": len(leaves)}
        return found and {**found, **told, f"months_{of}": 12 * len(leaves)}

    return with_coverage


MEASURES: dict[str, Callable[..., Mapping[str, Value] | None]] = {
    "persons-by-year-sex-age": _by_age,
    "persons-by-month": _by_month,
    "persons-by-municipality-sex-age": _covered("persons", _by_municipality),
    "rates-by-municipality": _covered("persons", _rates),
    "persons-with-procedure-by-kind": _by_kind,
    "procedures-by-group": _by_group,
    "procedures-by-profession": _by_profession,
    "procedures-by-code": _by_code,
    "persons-new-and-continuing": _by_continuity,
    "months-by-sex-age": _months_by_age,
    "months-by-region": _covered("persons", _months_by_region),
    "standardised-rates-by-region": _covered("persons", _standardised),
    "procedures-by-sex-age": _procedures_by_age,
    "procedures-by-kind": _procedures_by_kind,
    "procedures-by-month": _procedures_by_month,
    "procedures-by-weekday": _procedures_by_weekday,
    "procedures-by-region": _covered("procedures", _procedures_by_region),
    "procedures-joint": _joint,
    "deliveries-by-year": _deliveries,
    "deliveries-by-municipality": _deliveries_of,
    "item-non-response": _items,
}


def write_protected(
    folder: Path,
    *,
    first_year: int = FIRST_YEAR,
    reference_year: int = 2023,
    persons: int = 413_900,
    names: Collection[str] | None = None,
) -> Path:
    """Write every protected table of the programme, or those with these names, into `folder`, and return it.

    Among the suppressed cells: three municipalities, one profession and two procedures. Deliveries of procedures before
    2019 are not applicable.
    """
    folder.mkdir(parents=True, exist_ok=True)
    register = Register(persons)
    for table in metadata.tables():
        if names is not None and table.name not in names:
            continue
        first = {"series": first_year, "procedures": max(first_year, 2019), "reference": reference_year}[table.years]
        with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow([*table.variables, "measure", "value", "status", "synthetic"])
            for codes, measure, value in rows_of(table, range(first, reference_year + 1), register):
                withheld = isinstance(value, str)
                out.writerow([*codes, measure, "" if withheld else value, value if withheld else "", "true"])
    return folder


if __name__ == "__main__":
    write_protected(Path(sys.argv[1]), persons=int(sys.argv[2]) if len(sys.argv) > 2 else 413_900)
