"""The steps that go through microdata: deliveries are taken in, and become the register."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from kvarn.pipeline import actions
from kvarn.pipeline.engine import Step
from kvarn.pipeline.nodes import Code, Computed, Folder, Listing, Setting, file
from kvarn.pipeline.production import Production

if TYPE_CHECKING:
    from pytask import PNode

__all__ = ["part", "register_files", "register_steps"]


def register_steps(production: Production) -> Iterator[Step]:
    """From delivery files to the register."""
    yield from _intake(production)
    yield from _collect(production)
    yield from _process(production)


def part(production: Production, *names: str) -> Iterator[Setting]:
    """The parts of the edition that a step depends on, and no more."""
    values = production.edition.model_dump(mode="json")
    for name in names:
        value: Any = values
        for key in name.split("."):
            value = value[key]
        yield Setting(name=name, value=value)


def _ledger(production: Production, year: int) -> PNode:
    """The year's deliveries in the ledger of intake."""
    return Computed(
        name=f"ledger of {year}", called=f"the ledger of deliveries of {year}", tell=partial(_state_of_ledger, production, year)
    )


def _state_of_ledger(production: Production, year: int) -> str | None:
    # A register from elsewhere that is not one is told of by the step that needs it.
    nothing = "nothing" if production.edition.data.intake is not None else None
    return actions.ledger_state(production, year) or nothing


def _intake(production: Production) -> Iterator[Step]:
    """An edition with a folder of deliveries takes them in itself; else `kvarn intake` has done it."""
    data = production.edition.data
    if data.deliveries is None:
        return
    needs: list[PNode] = [
        # Once a run: tens of thousands of files. What comes while they are taken in is another state than was taken in.
        Computed(
            name="deliveries",
            called="the folder of deliveries",
            tell=functools.cache(partial(actions.deliveries_state, production)),
        ),
        Computed(
            name="codes and limits",
            called="a code list or limit of intake",
            tell=partial(actions.codes_state, production),
            consists=partial(actions.codes_and_limits, production),
        ),
        *part(production, "quality", "first_year", "reference_year", "synthetic", "data.procedures", "data.deaths", "data.as_of"),
        Code(module="kvarn.collect"),
        Code(module="kvarn.pipeline.terms"),
    ]
    needs += [file(production.root / path) for path in (data.procedures, data.deaths) if path is not None]
    yield Step(
        "intake",
        "Collect",
        needs,
        [*(_ledger(production, year) for year in production.edition.years), Listing(path=production.workspace.receipts)],
        partial(actions.intake, production),
        microdata=True,
    )


def _collect(production: Production) -> Iterator[Step]:
    for year in production.edition.years:
        yield Step(
            f"collect-{year}",
            "Collect",
            [_ledger(production, year), *part(production, "data.as_of"), Code(module="kvarn.collect")],
            [Folder(path=production.workspace.collected / str(year))],
            partial(actions.collect_year, production, year),
            microdata=True,
        )


def _process(production: Production) -> Iterator[Step]:
    work = production.workspace
    years = production.edition.years
    yield Step(
        "population",
        "Process",
        [
            *map(file, production.population),
            # An imported population's record says whether it is as it was imported.
            *map(file, production.population_records),
            # A file that is new in the folder is a change; where the project lies is none.
            Setting(
                name="population files",
                value={path.name: True for path in production.population},
                called="the list of population files",
                each="the population file {}",
            ),
            Computed(
                name="municipalities", called="the list of municipalities", tell=partial(actions.municipalities_state, production)
            ),
            *part(production, "first_year", "reference_year", "synthetic", "data.population_noise"),
            Code(module="kvarn.process"),
        ],
        [file(work.register / "population.parquet")],
        partial(actions.take_in_population, production),
    )
    corrections = production.edition.data.persons
    # What number_persons writes: who a number is, persons and codes. Two numbers may change place and persons stay the same.
    numbered = [file(work.register / f"{name}.parquet") for name in ("persons", "identity_numbers", "codes")]
    yield Step(
        "persons",
        "Process",
        [
            *(Folder(path=work.collected / str(year)) for year in years),
            *([] if corrections is None else [file(production.root / corrections)]),
            *part(production, "synthetic", "data.persons"),
            Code(module="kvarn.process"),
        ],
        numbered,
        partial(actions.number_persons, production),
        microdata=True,
    )
    for year in years:
        yield Step(
            f"register-{year}",
            "Process",
            [Folder(path=work.collected / str(year)), *numbered, Code(module="kvarn.process")],
            [
                Folder(path=work.register / table / f"year={year}")
                for table in ("person_months", "duplicates", "coverage", "procedures")
                if table != "procedures" or year in production.edition.event_years
            ],
            partial(actions.register_year, production, year),
            microdata=True,
        )


def register_files(production: Production) -> list[PNode]:
    """The register's files as the steps before make them."""
    work, edition = production.workspace, production.edition
    return [
        file(work.register / "population.parquet"),
        file(work.register / "persons.parquet"),
        file(work.register / "codes.parquet"),
        *(Folder(path=work.register / "person_months" / f"year={year}") for year in edition.years),
        *(Folder(path=work.register / "procedures" / f"year={year}") for year in edition.event_years),
        *(Folder(path=work.register / "coverage" / f"year={year}") for year in edition.years),
        *(Folder(path=work.collected / str(year)) for year in edition.years),
    ]
