"""The audit of what was written by the method ``cell-key``: read it back, and hold every figure against what it must
be.

Written apart from `cell_key`: it reads the files and the unprotected tables for itself, looks each change up by a plain
search, and reckons totals with fractions. It shares the perturbation table alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import pandas as pd

from kvarn import metadata
from kvarn.analyse._classification import OF_PROCEDURE, total
from kvarn.analyse._ratio import NOT_AVAILABLE
from kvarn.analyse._record_keys import KEYS
from kvarn.analyse._standardised import standardised_again
from kvarn.analyse.disclosure.perturbation.changes import PerturbationTable, draw_of, draws_of, perturbation_table
from kvarn.analyse.disclosure.written.audit import Key, Published, read_csv
from kvarn.edition import Disclosure
from kvarn.errors import DisclosureError

__all__ = ["audit_perturbed", "audit_perturbed_figures"]

Row = Mapping[str, object]
_MONTHS = 12


def audit_perturbed(folder: Path, tables: Mapping[str, pd.DataFrame], rules: Disclosure) -> dict[str, int]:
    """Read every table of a folder, and see that nothing but perturbed figures is in them.

    - A count of persons is the true one and the change that its key stands for; none from 1 up to the least that may
      come out.
    - A total is what its persons, its largest contributor and its key make it; no less than the persons shown, nought
      with them.
    - A function of counts is the one of the counts that are published, and a quantile is withheld where too few stand
      behind it.
    - Every cell is the same in all tables, and is one of the unprotected tables; `..` stands where it stood.

    Parameters
    ----------
    folder
        Protected tables as CSV.
    tables
        The unprotected ones, with keys.

    Returns
    -------
    dict
        How many figures were read, how many of them are counts of persons or totals, noughts left out, and how many of those
        are the true ones.

    Raises
    ------
    DisclosureError
        Something else is written. The error names the cell, never its value.
    ConsistencyError
        A cell is published as two figures.
    """
    published = Published()
    read_csv(folder, published)
    return audit_perturbed_figures(published, tables, rules)


def audit_perturbed_figures(published: Published, tables: Mapping[str, pd.DataFrame], rules: Disclosure) -> dict[str, int]:
    """As `audit_perturbed`, of whatever has been read, from files of any format."""
    truth = {_key(row, names): row for row, names in _rows(tables)}
    counts = unchanged = 0
    for key, text in published.figures.items():
        row = truth.get(key)
        if row is None:
            raise _wrong("A figure was written that stands in no table.", key)
        declared = metadata.measure(key[0])
        if declared.subject == "public" and not declared.is_function:
            right = text == row["value"]
        elif declared.is_function:
            try:
                right = text == _function(key, row, published.figures, rules)
            except (KeyError, ZeroDivisionError):
                raise _wrong("A figure was written whose parts are not.", key) from None
        else:
            if not str(row["value"]).isdigit():
                raise _wrong("A figure was written where none is available.", key)
            if row["value"] != "0":
                counts, unchanged = counts + 1, unchanged + (text == row["value"])
            right = text == str(_count(key, row, rules))
        if not right:
            raise _wrong("A figure was written that is not the perturbed one.", key)
    for key in published.not_available & truth.keys():
        # A function of figures that came out as zero can be not available although the true one is.
        if truth[key]["value"] != NOT_AVAILABLE and not metadata.measure(key[0]).is_function:
            raise _wrong("A figure is not available in what was written, and is in the tables.", key)
    for key in published.gaps:
        if key in published.figures:
            raise _wrong("A figure is withheld in one place and shown in another.", key)
        if metadata.measure(key[0]).ratio is not None or not metadata.measure(key[0]).is_function:
            raise _wrong("A figure is withheld that the method changes instead.", key)
    return {"figures": len(published.figures), "counts": counts, "counts_unchanged": unchanged}


def _rows(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[Row, list[str]]]:
    for name, table in tables.items():
        names = [variable for variable in metadata.table(name).variables if variable != "year"]
        yield from (({str(column): held for column, held in row.items()}, names) for row in table.to_dict("records"))


def _key(row: Row, names: list[str]) -> Key:
    kept = sorted((name, str(row[name])) for name in names if row[name] != total(name))
    return str(row["measure"]), int(str(row["year"])), tuple(kept)


def _least(key: Key, rules: Disclosure) -> int:
    limits = [rules.threshold, rules.contributors]
    for name, code in key[2]:
        special = rules.sensitive.get(name)
        if special is not None and (special.codes is None or code in special.codes):
            limits += [special.threshold, special.contributors]
    return max(limits)


def _persons(behind: int, key: int, table: PerturbationTable) -> int:
    if behind == 0:
        return 0
    row = table.rows[-1] if behind > len(table.rows) else table.rows[behind - 1]
    change = next(change for change, up in zip(row.changes, row.upto, strict=True) if draw_of(key) < up)
    if abs(change) > table.greatest or 0 < behind + change < table.least:
        raise ValueError("the perturbation table makes a change that it must not make")
    return behind + change


def _count(key: Key, row: Row, rules: Disclosure) -> int:
    behind, drawn, value = (int(str(row[name])) if name == "value" else int(float(str(row[name]))) for name in _COLUMNS)
    shown = _persons(behind, drawn, perturbation_table(rules.cell_key.greatest, rules.cell_key.variance, _least(key, rules)))
    if metadata.measure(key[0]).subject == "persons" or shown == 0:
        return shown
    most = int(float(str(row["largest"])))
    reach = Fraction((most - 1) * min(behind, shown), behind)
    if key[0] == "person_months":
        reach = min(reach, Fraction(shown * (_MONTHS * behind - value), behind))
    side, fraction = draws_of(drawn, value)
    exact = Fraction(value * shown, behind) + reach * Fraction(2 * side + 1 - KEYS, KEYS)
    found = math.floor(exact + Fraction(2 * fraction + 1, 2 * KEYS))
    if found < shown or abs(found - value) > (rules.cell_key.greatest + 1) * most:
        raise _wrong("A total is changed by more than it may be.", key)
    return found


_COLUMNS = ("contributors", "cell_key", "value")


def _function(key: Key, row: Row, figures: Mapping[Key, str], rules: Disclosure) -> str | None:
    """What a function of the published counts is; None where it must not be published."""
    measure, year, categories = key
    declared = metadata.measure(measure)
    if declared.ratio is not None:
        of = tuple(pair for pair in categories if pair[0] not in OF_PROCEDURE)
        above, below = figures[declared.ratio.numerator, year, categories], figures[declared.ratio.denominator, year, of]
        scale = 10**declared.decimals
        rounded = math.floor(Fraction(int(above) * declared.ratio.factor * scale, int(below)) + Fraction(1, 2))
        return f"{rounded // scale}.{rounded % scale:0{declared.decimals}d}" if declared.decimals else str(rounded)
    if declared.standardised is not None:
        persons = {
            age: int(figures[declared.standardised.numerator, year, tuple(sorted((*categories, ("age", age))))])
            for age in declared.standardised.groups
        }
        few = 0 < int(figures[declared.standardised.numerator, year, categories]) < rules.quantile_persons
        return None if few else standardised_again(measure, str(row["standard"]), persons)
    assert declared.quantile is not None
    few = int(figures[declared.quantile.among, year, categories]) < rules.quantile_persons + rules.cell_key.greatest
    return None if few else str(row["value"])


def _wrong(what: str, key: Key) -> DisclosureError:
    name = ", ".join([key[0], str(key[1]), *(f"{variable} {code}" for variable, code in key[2])])
    return DisclosureError(
        what, where=name, remedy="Nothing has been published. Report this: the protector and its audit disagree."
    )
