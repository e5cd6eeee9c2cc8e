"""What is measured, each in a process of its own: the folders that lie in the one that is given are its input and output."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kvarn import collect, process
from kvarn.analyse import Register, protect_tables
from kvarn.collect import Outcome
from kvarn.disseminate.database import write_database
from kvarn.disseminate.explorer import write_explorer
from kvarn.disseminate.open_data import write_open_data
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.spreadsheet import write_spreadsheet
from kvarn.edition import Edition, Quality, load_edition
from kvarn.errors import DisclosureError
from kvarn.pipeline.terms import terms_of

# As the tables of the demonstration: persons, then procedures.
_OF_PERSONS = (("sex", "age"), ("month", "sex"), ("region", "sex", "age"), ("region", "age"), ("region",))
_OF_PROCEDURES = (
    *(("sex", "kind"), ("sex", "procedure_group"), ("profession",), ("procedure",), ("sex", "age"), ("month",), ("weekday",)),
    *(("region",), ("profession", "cooperation")),
)


def _years(folder: Path) -> list[int]:
    return sorted(int(year) for year in (folder / "years").read_text().split())


def _intake(folder: Path, *, receipts: bool) -> Outcome:
    terms = terms_of(Path.cwd(), quality=Quality(), synthetic=True)
    into = folder / "receipts" if receipts else None
    # Each folder in it is a path of its own: of two files of one name that come at once from one path nobody knows the later one.
    return collect.take_in(sorted((folder / "deliveries").iterdir()), folder / "store", terms=terms, receipts=into)


def intake(folder: Path) -> str:
    """Everything taken in, a receipt for each file."""
    return _in_words(_intake(folder, receipts=True))


def intake_alone(folder: Path) -> str:
    """Everything taken in, without receipts."""
    return _in_words(_intake(folder, receipts=False))


def _in_words(outcome: Outcome) -> str:
    return f"{len(outcome.entries):,} files, {outcome.known:,} known, {outcome.rows('accepted'):,} rows accepted"


def register(folder: Path) -> str:
    """From what was taken in to the register."""
    store, collected, into, years = folder / "store", folder / "collected", folder / "register", _years(folder)
    for year in years:
        collect.collect_year(store, year, collected)
    process.number_persons(collected, store, years, into, key=process.derived_key("benchmark"))
    for year in years:
        process.register_year(collected, store, year, into)
    return ""


def count(folder: Path) -> str:
    """The counts behind the tables, every year."""
    years, rows = _years(folder), 0
    with Register(folder / "register") as opened:
        for names in _OF_PERSONS:
            rows += len(opened.count_persons(["year", *names], years))
        for names in _OF_PROCEDURES:
            rows += len(opened.count_procedures(["year", *names], years))
            rows += len(opened.count_persons_with_procedure(["year", *names], years))
        for names in (("sex", "age"), ("region",)):
            rows += len(opened.count_person_months(["year", *names], years))
            rows += len(opened.quantile("procedures_median", ["year", *names], years))
    return f"{rows:,} figures"


def _edition() -> Edition:
    """The demonstration's parameters, whatever data there are."""
    return load_edition(Path("params/demo.yml"), published=True)


def protect(folder: Path) -> str:
    """Protection with both audits; or what is refused."""
    rules = _edition().disclosure
    (folder / "edition").mkdir(exist_ok=True)
    try:
        protect_tables(
            folder / "tables", folder / "protected", disclosure=rules, synthetic=True, report=folder / "edition" / "report.json"
        )
    except DisclosureError as error:
        return f"refused: {error}"
    return "protected"


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _product(write: Callable[[ProtectedTables, Path], object]) -> Callable[[Path], str]:
    def stage(folder: Path) -> str:
        before = _size(folder / "products")
        write(ProtectedTables(folder / "protected"), folder / "products")
        return f"{(_size(folder / 'products') - before) / 1e6:.1f} MB"

    return stage


STAGES: dict[str, Callable[[Path], str]] = {
    "intake": intake,
    "intake-alone": intake_alone,
    "again": intake_alone,
    "again-with-receipts": intake,
    "register": register,
    "count": count,
    "protect": protect,
    "explorer": _product(lambda tables, folder: write_explorer(tables, _edition(), folder)),
    "open-data": _product(lambda tables, folder: write_open_data(tables, _edition(), folder)),
    "database": _product(lambda tables, folder: write_database(tables, _edition(), folder)),
    "spreadsheet": _product(lambda tables, folder: write_spreadsheet(tables, _edition(), "sv", folder / "tables.xlsx")),
}
