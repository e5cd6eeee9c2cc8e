"""Statistical tables on disk: checked against the programme, complete, sorted, and secret until they are protected."""

from __future__ import annotations

import functools
import io
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from kvarn import metadata
from kvarn.analyse._classification import position
from kvarn.analyse._columns import CELL_KEY, COUNTED, FIGURES, LARGEST, OPTIONAL, is_total
from kvarn.analyse._ratio import NOT_APPLICABLE, NOT_AVAILABLE
from kvarn.base.files import SECRET, replace_file
from kvarn.edition import find_workspace
from kvarn.errors import ConsistencyError, InputError
from kvarn.metadata import TableDefinition
from kvarn.programme import current_programme

__all__ = ["cell_name", "complete_table", "read_tables", "save_table", "write_table", "years_of"]

SYMBOLS = (NOT_APPLICABLE, NOT_AVAILABLE)


def years_of(table: str, first_year: int, reference_year: int) -> tuple[int, ...]:
    """The years that a table of the programme covers in an edition from `first_year` to `reference_year`."""
    span = metadata.table(table).years
    years = range(reference_year if span == "reference" else first_year, reference_year + 1)
    return tuple(year for year in years if span != "procedures" or current_programme().about.has_events(year))


def save_table(table: str, *frames: pd.DataFrame, edition: str) -> pd.DataFrame:
    """Check a table against the programme, complete it and keep it with the edition's unprotected tables.

    Parameters
    ----------
    table
        Its id in ``programme/tables.yml``.
    frames
        Tidy frames with the table's variables, ``measure``, ``value`` and ``contributors``: together all measures of
        the table. Categories that the table does not show are left out; cells that are not there are nought (a ratio:
        ``.``). What the register was asked to count besides (``largest`` and the rest) is kept with them.
    edition
        The name of the edition.

    Returns
    -------
    pandas.DataFrame
        The table as it was kept: one row a cell, sorted, ``value`` as text, ``contributors`` empty where the cell is
        not about persons.

    Raises
    ------
    InputError
        There is no frame, a variable or measure is missing or too many, or a code is on no code list.
    ConsistencyError
        The same cell is given twice.
    """
    workspace = find_workspace(edition)
    workspace.make_restricted()
    workspace.tables.mkdir(mode=0o700, exist_ok=True)
    completed = complete_table(table, *frames)
    write_table(workspace.tables / f"{table}.parquet", completed)
    return completed


def complete_table(table: str, *frames: pd.DataFrame) -> pd.DataFrame:
    """What `save_table` keeps, without keeping it."""
    definition = metadata.table(table)
    if not frames:
        raise InputError(f"No frame was given for the table {table}.", field="frames", remedy="Give one for each measure.")
    for frame in frames:
        _check_columns(definition, frame)
    given = pd.concat([_as_text(frame) for frame in frames], ignore_index=True)
    _check_measures(definition, given)
    shown = _in_table(definition, given)
    _check_once(definition, shown)
    grid = _every_cell(definition, shown, sorted({int(year) for year in given["year"]}))
    keys = [*definition.variables, "measure"]
    figures = [name for name in FIGURES if name in shown.columns and name not in keys]
    return _fill(grid.merge(shown[[*keys, *figures]], on=keys, how="left"))


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write an unprotected table, for its owner's eyes alone. The same table gives the same bytes."""
    schema = pa.schema([(name, _type_of(name)) for name in table.columns])
    sheet = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(table, schema=schema, preserve_index=False).replace_schema_metadata(None), sheet)
    replace_file(path, sheet.getvalue(), mode=SECRET)


def _type_of(column: str) -> pa.DataType:
    whole = {"year": pa.int32(), "contributors": pa.int64(), **dict.fromkeys(COUNTED, pa.int64())}
    return whole.get(column, pa.string())


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Every unprotected table of a folder by its id, in the order of the programme.

    Raises
    ------
    InputError
        There is none, a file there is no table of the programme, or it has columns or types other than `save_table` writes.
    """
    order = [table.name for table in metadata.tables()]
    found = {path.stem: path for path in folder.glob("*.parquet")}
    strange = sorted(set(found) - set(order))
    if strange:
        raise InputError(
            f"{strange[0]} is not a table of the programme.",
            file=found[strange[0]],
            remedy="Declare it in tables.yml, or remove the file.",
        )
    if not found:
        raise InputError("There are no statistical tables.", file=folder, remedy="Run the compute notebooks first.")
    return {name: _read(found[name], metadata.table(name)) for name in order if name in found}


def _read(path: Path, definition: TableDefinition) -> pd.DataFrame:
    """A table as `write_table` writes it. What else a file can carry beside its cells (columns that nothing declares, an
    index, dictionaries, notes) is refused, so that nothing that follows has to think of it."""
    read = pq.read_table(path)
    declared = [*definition.variables, "measure", "value", "contributors"]
    missing = [name for name in declared if name not in read.column_names]
    strange = [name for name in read.column_names if name not in (*declared, *OPTIONAL)]
    other = [field.name for field in read.schema if field.type != _type_of(field.name)]
    if missing or strange or other or len(set(read.column_names)) < len(read.column_names) or read.schema.metadata:
        what = (
            f"lacks the column {missing[0]}"
            if missing
            else "has a column that the programme does not declare"
            if strange
            else f"has the column {other[0]} in another type than save_table writes"
            if other
            else "carries more than its cells"
        )
        raise InputError(
            f"The table {definition.name} {what}.",
            file=path,
            remedy="Let a compute notebook save it with save_table, and let nothing else write there.",
        )
    table: pd.DataFrame = read.to_pandas(ignore_metadata=True)
    return table


def cell_name(table: str, row: pd.Series[Any], variables: Sequence[str]) -> str:
    """A cell in the user's words: ``persons-by-month: persons, year 2023, month 03, sex T``."""
    return ", ".join([f"{table}: {row['measure']}", *(f"{name} {row[name]}" for name in variables)])


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Counts stay whole, whatever pandas made of the column."""
    values = [value if isinstance(value, str) else str(int(value)) for value in frame["value"]]
    counted = {name: frame[name].astype("Int64") for name in ("contributors", *COUNTED) if name in frame.columns}
    return frame.assign(value=values, year=frame["year"].astype("int32"), **counted)


def _check_columns(definition: TableDefinition, frame: pd.DataFrame) -> None:
    wanted = {*definition.variables, "measure", "value", "contributors"}
    wrong = sorted((set(frame.columns) ^ wanted) - set(OPTIONAL))
    if wrong:
        raise InputError(
            f"The table {definition.name} and the frame given for it differ in {', '.join(wrong)}.",
            field=wrong[0],
            remedy=f"Count by {', '.join(definition.variables)}.",
        )


def _check_measures(definition: TableDefinition, given: pd.DataFrame) -> None:
    wrong = sorted(set(given["measure"]) ^ set(definition.measures))
    if wrong:
        verdict = "is missing from" if wrong[0] in definition.measures else "does not belong to"
        raise InputError(
            f"The measure {wrong[0]!r} {verdict} the table {definition.name}.",
            field=wrong[0],
            remedy=f"Give a frame for each of {', '.join(definition.measures)}, or change tables.yml.",
        )


def _in_table(definition: TableDefinition, given: pd.DataFrame) -> pd.DataFrame:
    shown = given
    for name in definition.variables[1:]:
        for code in sorted(given[name].unique()):
            position(name, code)
        shown = shown[shown[name].isin(definition.order(name))]
    return shown


def _check_once(definition: TableDefinition, shown: pd.DataFrame) -> None:
    twice = shown[shown.duplicated([*definition.variables, "measure"])]
    if len(twice):
        name = cell_name(definition.name, twice.iloc[0], definition.variables)
        raise ConsistencyError(
            "The same cell was given twice.",
            cells=(name, name),
            remedy="Give each measure in one frame, with each cell once.",
        )


def _every_cell(definition: TableDefinition, shown: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    categories = [
        sorted({*definition.always(name), *shown[name]}, key=functools.partial(position, name))
        for name in definition.variables[1:]
    ]
    cells = itertools.product(years, *categories, definition.measures)
    return pd.DataFrame(cells, columns=[*definition.variables, "measure"]).astype({"year": "int32"})


def _fill(table: pd.DataFrame) -> pd.DataFrame:
    absent = table["value"].isna()
    functions = {name for name in table["measure"].unique() if metadata.measure(name).is_function}
    public = {name for name in table["measure"].unique() if metadata.measure(name).subject == "public"}
    totals = {name for name in table["measure"].unique() if is_total(name)}
    table.loc[absent & table["measure"].isin(functions), "value"] = NOT_APPLICABLE
    table.loc[table["value"].isna(), "value"] = "0"
    table.loc[absent, "contributors"] = 0
    for name in [name for name in LARGEST if name in table.columns]:
        table.loc[absent & table["measure"].isin(totals), name] = 0
    if CELL_KEY in table.columns:
        table.loc[absent & ~table["measure"].isin(functions | public), CELL_KEY] = 0
    table.loc[table["measure"].isin(public), "contributors"] = pd.NA
    return table
