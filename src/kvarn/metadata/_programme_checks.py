"""Whether what the programme declares belongs together: nothing is named that is not declared elsewhere."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kvarn.base.package_files import Declared
from kvarn.errors import CodeListError
from kvarn.metadata._codelists import codelist, own_codelist
from kvarn.metadata._counted import COUNTED
from kvarn.metadata._declarations import declaration, mistake, require_known, require_languages

if TYPE_CHECKING:
    from kvarn.metadata._programme import Measure, TableDefinition, Variable

__all__ = ["check_measures", "check_tables", "check_variables"]

_QUANTILES = ((1, 4), (1, 2), (3, 4))
# Excel takes 31, of which the table's number has some.
_LONGEST_SHEET = 28
_SHEET = re.compile(rf"[^\\/?*:\[\]\x00-\x1f]{{1,{_LONGEST_SHEET}}}")
# The name is that of files and columns too.
_TABLE = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


def check_variables(variables: Mapping[str, Variable]) -> None:
    """Make sure that each variable's code list is there.

    Raises
    ------
    CodeListError
        It is not, or it is damaged.
    """
    declared = declaration("variables")
    if "year" not in variables:
        raise mistake(declared, "year", "There is no variable 'year', which every table has.", "Restore it from git.")
    for name, variable in variables.items():
        require_languages(declared, f"{name}.code", variable.code)
        if variable.codelist is not None and variable.codelist != "region":
            try:
                own_codelist(variable.codelist)
            except CodeListError as error:
                if error.file is not None and Path(error.file).is_file():
                    # The list is there, and itself says in which line it is wrong.
                    raise
                raise mistake(declared, f"{name}.codelist", error.what, error.remedy or "Correct the name.") from None


def check_measures(measures: Mapping[str, Measure], variables: Mapping[str, Variable]) -> None:
    """Make sure that each measure is made of measures and variables that there are.

    Raises
    ------
    CodeListError
        It is not; or words are missing in one language.
    """
    declared = declaration("measures")
    for name, measure in measures.items():
        for part in ("unit", "definition", "population"):
            require_languages(declared, f"{name}.{part}", getattr(measure, part) or {})
        require_known(declared, f"{name}.additive", measure.additive, variables, "variable")
        if measure.quantile is not None and measure.quantile.share not in _QUANTILES:
            what = "Disclosure control judges quartiles and the median: nearer to the ends a quantile is one person's."
            raise mistake(declared, f"{name}.quantile.share", what, "Write share: [1, 4], [1, 2] or [3, 4].")
        if measure.sum_of is not None:
            require_known(declared, f"{name}.sum_of.over", [measure.sum_of.over], variables, "variable")
        for key, part in _parts(measure):
            require_known(declared, f"{name}.{key}", [part], measures, "measure")
        if not 0 <= measure.decimals <= 6:
            raise mistake(declared, f"{name}.decimals", f"Invalid value {measure.decimals} for decimals.", "Write 0 to 6.")
        if name in COUNTED:
            _check_counted(declared, name, measure, measures, variables)


def _check_counted(
    declared: Declared, name: str, measure: Measure, measures: Mapping[str, Measure], variables: Mapping[str, Variable]
) -> None:
    """Make sure that a measure that kvarn counts is declared as it is counted."""
    fact = COUNTED[name]
    sum_of = (measure.sum_of.measure, measure.sum_of.over) if measure.sum_of is not None else None
    said = {"subject": measure.subject, "behind": measure.behind, "sum_of": sum_of, "at_most_each": measure.at_most_each}
    for key, value in said.items():
        wanted = getattr(fact, key)
        named = wanted if isinstance(wanted, tuple) else (wanted,)
        if value != wanted and (key == "subject" or all(one in measures or one in variables for one in named if one)):
            shown = f"{{measure: {wanted[0]}, over: {wanted[1]}}}" if key == "sum_of" and wanted else wanted
            remedy = f"Write {key}: {shown}." if wanted else f"Take {key} out."
            raise mistake(declared, f"{name}.{key}", f"kvarn counts {name} itself, and disclosure control stands on how.", remedy)
    missing = [one for one in fact.additive if one in variables and one not in measure.additive]
    if missing:
        what = f"kvarn counts {name} so that {', '.join(missing)} add up, and disclosure control stands on it."
        listed = ", ".join(dict.fromkeys([*measure.additive, *missing]))
        raise mistake(declared, f"{name}.additive", what, f"Write additive: [{listed}].")


def _parts(measure: Measure) -> Iterator[tuple[str, str]]:
    """The measures that a measure is made of, and the keys that name them."""
    if measure.behind is not None:
        yield "behind", measure.behind
    if measure.sum_of is not None:
        yield "sum_of.measure", measure.sum_of.measure
    if measure.at_most_each is not None:
        yield "at_most_each", measure.at_most_each
    if measure.quantile is not None:
        yield "quantile.among", measure.quantile.among
    for key, of in (("ratio", measure.ratio), ("public_ratio", measure.public_ratio), ("standardised", measure.standardised)):
        if of is not None:
            yield f"{key}.numerator", of.numerator
            yield f"{key}.denominator", of.denominator


def check_tables(
    tables: Mapping[str, TableDefinition], measures: Mapping[str, Measure], variables: Mapping[str, Variable]
) -> None:
    """Make sure that each table has measures, variables and categories that there are.

    Raises
    ------
    CodeListError
        It has not; its name cannot be that of a file; or its title has braces that nothing is put in place of.
    """
    declared = declaration("tables")
    for name, table in tables.items():
        if not _TABLE.fullmatch(name):
            remedy = "Name it in small letters a–z, figures and hyphens, such as persons-by-month."
            raise mistake(declared, name, f"{name!r} cannot be the name of a table.", remedy)
        require_known(declared, f"{name}.variables", table.variables, variables, "variable")
        require_known(declared, f"{name}.measures", table.measures, measures, "measure")
        for key in ("variables", "measures"):
            listed = getattr(table, key)
            if not listed or len(set(listed)) < len(listed):
                raise mistake(
                    declared,
                    f"{name}.{key}",
                    f"The {key} of a table are each named once, and there is one at least.",
                    "Correct the list.",
                )
        if table.deliveries is not None:
            require_known(declared, f"{name}.deliveries", [table.deliveries], tables, "table")
        require_known(declared, f"{name}.nil_left_out", table.nil_left_out, table.variables, "variable of this table")
        require_known(declared, f"{name}.categories", table.categories, table.variables, "variable of this table")
        for variable, codes in table.categories.items():
            listed = variables[variable].codelist
            known = codelist(listed).codes if listed else ()
            require_known(declared, f"{name}.categories.{variable}", codes, known, f"category of {variable}")
        for key in ("sheet", "notes", "notes_before"):
            require_languages(declared, f"{name}.{key}", getattr(table, key))
        for language, sheet in table.sheet.items():
            if not _SHEET.fullmatch(sheet):
                what = f"{sheet!r} cannot be the name of a sheet."
                remedy = f"Write 1 to {_LONGEST_SHEET} characters, without any of \\ / ? * : [ ]."
                raise mistake(declared, f"{name}.sheet.{language}", what, remedy)
        for language, title in (("sv", table.sv), ("en", table.en)):
            if _braces(title) - {"years"}:
                what = "The title has braces that nothing is put in place of."
                raise mistake(declared, f"{name}.{language}", what, "Write no braces but {years}.")


def _braces(title: str) -> set[str]:
    try:
        return {place for _, place, _, _ in string.Formatter().parse(title) if place is not None}
    except ValueError:
        return {""}
