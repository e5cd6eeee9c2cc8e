"""What each step does: the rooms called with the edition's parameters and folders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kvarn import analyse, collect, metadata, process
from kvarn.base.damaged import kept_json
from kvarn.base.exchange import clear, replacing
from kvarn.base.stages import Counter, tell
from kvarn.disseminate import rendering, text_figures
from kvarn.disseminate.stage import correction_notice, page_notice
from kvarn.disseminate.ways import ways_from_notebook
from kvarn.disseminate.writing import write_beside
from kvarn.errors import CodeListError, DeliveryError, DisclosureError
from kvarn.pipeline.nodes import Code, Setting, as_long_as
from kvarn.pipeline.notebook_parameters import Parameter
from kvarn.pipeline.production import Production
from kvarn.pipeline.terms import not_imported, terms_of

__all__ = [
    "codes_state",
    "collect_year",
    "compute",
    "database",
    "deliveries_state",
    "explorer",
    "figures",
    "intake",
    "ledger_state",
    "missing_lists",
    "municipalities_state",
    "notebook_page",
    "number_persons",
    "open_data",
    "present",
    "previous_data",
    "protect",
    "publication",
    "register_year",
    "render",
    "rendered",
    "require_persons_of_their_own",
    "sheets_of",
    "spreadsheet",
    "take_in_population",
]


KEY = Path("restricted") / "pseudonym.key"


def deliveries_state(production: Production) -> str:
    """The fingerprint of the folder of deliveries."""
    assert production.edition.data.deliveries is not None
    return collect.fingerprint(production.root / production.edition.data.deliveries, production.edition.years)


def ledger_state(production: Production, year: int) -> str | None:
    """What the year's deliveries are, as they have been taken in."""
    code = Code(module="kvarn.collect").state()

    def known(name: str, version: Sequence[Any], find: Callable[[], Any]) -> Any:
        return as_long_as(name, (*version, code), find)

    return collect.ledger_state(production.store, year, as_of=production.edition.data.as_of, known=known)


def terms(production: Production) -> collect.Terms:
    """On which terms the edition takes deliveries in."""
    edition = production.edition
    return terms_of(
        production.root,
        quality=edition.quality,
        listed=edition.data.procedures,
        listed_for=edition.reference_year,
        deaths=edition.data.deaths,
        synthetic=edition.synthetic,
        version=Code(module="kvarn.collect").state() or "",
    )


def codes_state(production: Production) -> str:
    """The fingerprint of the terms in the edition's years: a code list imported for another year does not change it."""
    found = terms(production)
    return hashlib.sha256("".join(found.rulebook(year) for year in production.edition.years).encode()).hexdigest()


def codes_and_limits(production: Production) -> Mapping[str, str]:
    """Of what `codes_state` consists: checksums of the lists of each year, and the limits."""
    on, found = terms(production), dict[str, object]()
    for year in production.edition.years:
        codes = on.codes(year)
        found[f"the list of municipalities of {year}"] = sorted(codes.municipalities)
        found[f"the list of professions of {year}"] = [sorted(codes.professions), sorted(codes.professions_not_accepted)]
        found[f"the list of procedure codes of {year}"] = [sorted(codes.procedures or ()), codes.unchecked]
    found["the code of kvarn.collect"] = on.version
    quality = Setting(name="quality", value=production.edition.quality.model_dump(mode="json"))
    return {**Setting(name="", value=found, each="{}", told=False).parts(), **quality.parts()}


def intake(production: Production) -> None:
    """Take in the edition's own folder of deliveries: what is new of it, or all anew when rules changed or a file has gone."""
    edition, work = production.edition, production.workspace
    assert edition.data.deliveries is not None
    folder = production.root / edition.data.deliveries
    on = terms(production)
    collect.forget_unless_same(work.intake, [folder], on, edition.years)
    if not (work.intake.is_dir() and any(work.intake.iterdir())):
        clear(work.receipts)
    files = Counter("intake: delivery files")
    outcome = collect.take_in(
        [folder], work.intake, terms=on, receipts=work.receipts, years=edition.years, told=lambda _: files.one()
    )
    tell("intake: the overview of deliveries")
    collect.write_overview(
        work.intake,
        work.receipts,
        edition.years,
        as_of=edition.data.as_of,
        synthetic=edition.synthetic,
        not_imported=not_imported(on, edition.years),
    )
    for found in outcome.passed_over:
        if found.reason == "folder-unreadable":
            raise DeliveryError(
                "A folder among the deliveries cannot be read, and nobody can tell what is missing. All others are taken in.",
                file=found.place,
                remedy="Ask for the right to read it, and run again.",
            )


def missing_lists(production: Production) -> Mapping[int, tuple[str, ...]]:
    """The official lists of procedures that the edition's own intake lacks, by year; nothing where `kvarn intake` has done it."""
    edition = production.edition
    return {} if edition.data.deliveries is None else not_imported(terms(production), edition.years)


def collect_year(production: Production, year: int) -> None:
    """Which of a year's deliveries are in force on the edition's day."""
    collect.collect_year(production.store, year, production.workspace.collected, as_of=production.edition.data.as_of)


def take_in_population(production: Production) -> None:
    """The population of the edition's years, checked, into the register."""
    edition, work = production.edition, production.workspace
    if not edition.synthetic:
        for path in filter(process.is_synthetic, production.population):
            raise CodeListError(
                "The population is synthetic, and the edition is not.",
                file=path,
                remedy="Import the downloaded population of the year: kvarn population FILE --replace.",
            )
    process.write_population(
        production.population, edition.years, work.register / "population.parquet", noise=edition.data.population_noise
    )


def municipalities_state(production: Production) -> str:
    """Which municipalities there are in the edition's years."""
    codes = {year: sorted(metadata.valid_codes("municipality", year)) for year in production.edition.years}
    return hashlib.sha256(repr(codes).encode()).hexdigest()


def number_persons(production: Production) -> None:
    """A pseudonym and a number for every person of the edition's years."""
    edition, work = production.edition, production.workspace
    key = process.derived_key("kvarn demo") if edition.synthetic else process.read_key(production.root / KEY)
    corrections = None if edition.data.persons is None else production.root / edition.data.persons
    process.number_persons(work.collected, production.store, edition.years, work.register, key=key, corrections=corrections)


def register_year(production: Production, year: int) -> None:
    """One year of the register."""
    process.register_year(production.workspace.collected, production.store, year, production.workspace.register)


def compute(production: Production, notebook: Path, parameters: Mapping[str, Parameter]) -> None:
    """Run a compute notebook: it reads the register and saves tables, all of them restricted."""
    from kvarn.pipeline.computing import run_compute_notebook

    run_compute_notebook(
        notebook,
        production.workspace,
        parameters,
        notebooks=production.notebooks("compute"),
        limits=production.edition.notebook_limits,
    )


def protect(production: Production, tables: Sequence[str]) -> None:
    """Hold all tables against one another, then protect them as one system."""
    from kvarn.analyse._tables import read_tables
    from kvarn.analyse.disclosure.memory.orders import alone
    from kvarn.analyse.disclosure.memory.out import keep_history
    from kvarn.pipeline.checking import years_without_care
    from kvarn.pipeline.counted_again import require_counted_again
    from kvarn.pipeline.history import register_of, to_be_held
    from kvarn.pipeline.pattern_key import pattern_key
    from kvarn.pipeline.public_figures import require_public_figures

    work = production.workspace
    for old in work.tables.glob("*.parquet"):
        if old.stem not in tables:
            old.unlink()
    analyse.validate_tables(work.tables, without_care=years_without_care(work))
    care = production.edition.data.care
    require_persons_of_their_own(production)
    analyse.check_unprotected_tables(work.tables, work.collected, care=care)
    require_public_figures(production)
    require_counted_again(production)
    edition = production.edition
    with alone(work.orders, work=f"the protection of the edition {work.name}"):
        out, memories = to_be_held(work, edition, read_tables(work.tables))
        analyse.protect_tables(
            work.tables,
            work.protected,
            disclosure=edition.disclosure,
            synthetic=edition.synthetic,
            report=work.disclosure_report,
            memories=memories,
            key=pattern_key(work, edition.disclosure, synthetic=edition.synthetic),
        )
        keep_history(work.history, register_of(work, edition), out)
    analyse.check_protected_tables(work.protected, work.collected, care=care)
    analyse.write_revisions(work.protected, previous_data(production), work.revisions)


def require_persons_of_their_own(production: Production) -> None:
    """Stop where persons are those with a procedure, and nobody else, in a place: each figure would tell the other one.

    Raises
    ------
    DisclosureError
        With ``data.care: reported_or_procedure`` a municipality has procedures of a year and no persons of their own.
    """
    edition, work = production.edition, production.workspace
    if edition.data.care != "reported_or_procedure":
        return
    files = analyse.accepted_files(work.collected, edition.event_years)
    events, periods = production.programme.about.events, production.programme.about.periods
    alone_with_procedures = [
        f"{municipality} ({year})"
        for year in edition.event_years
        for municipality in metadata.valid_codes("municipality", year)
        if (events, year, municipality) in files.months and (periods, year, municipality) not in files.months
    ]
    if alone_with_procedures:
        raise DisclosureError(
            f"Procedures have been accepted ({events}), and no persons ({periods}), of {', '.join(alone_with_procedures[:10])}"
            f"{' and others' if len(alone_with_procedures) > 10 else ''}: with data.care: reported_or_procedure the persons "
            "there are those with a procedure, and what is withheld of the one can be read from the other.",
            where=str(production.params),
            remedy="Have the persons delivered; or set data.care: reported, with which their number there is not available (..).",
        )


def previous_data(production: Production) -> Path | None:
    """The data files of the edition before, where it has been released."""
    return None if production.previous_publication is None else production.previous_publication / "data"


def present(production: Production, notebook: Path, output: Path, parameters: Mapping[str, Parameter]) -> None:
    """Run a present notebook in one language: it sees protected tables and can open nothing restricted.

    Raises
    ------
    NotebookError
        See `run_notebook`; or it shows something of its own that may not be published.
    """
    from kvarn.pipeline.notebooks import run_notebook
    from kvarn.pipeline.own_outputs import wrong_output
    from kvarn.pipeline.walls import present_wall

    restricted, wall = production.root / "restricted", present_wall(production.workspace, production.edition.data)
    run_notebook(
        notebook,
        output,
        parameters,
        root=production.root,
        forbidden=restricted,
        wall=wall,
        limits=production.edition.notebook_limits,
        check=wrong_output,
    )


def figures(production: Production, language: str) -> None:
    """The figures of the texts, in one language."""
    from kvarn.disseminate.protected import ProtectedTables
    from kvarn.disseminate.revisions import read_revisions

    work = production.workspace
    values = text_figures.resolve_figures(
        production.reports / "figures.yml",
        ProtectedTables(work.protected),
        production.edition,
        language,
        revisions=read_revisions(work.revisions),
    )
    write_beside(work.build / language / "figures.json", json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def rendered(production: Production, language: str, document: str, to: str) -> Path:
    """Where a rendered document lies before it is published."""
    return production.workspace.build / language / f"{document}.{to}"


def render(production: Production, language: str, document: str, to: str) -> None:
    """One document in one language and format, in a folder of its own."""
    work, edition = production.workspace, production.edition
    job = rendering.Job(
        document=document,
        language=language,
        to=to,
        reports=production.reports,
        quarto_yml=production.root / "_quarto.yml",
        notebooks={n.stem: work.build / language / "notebooks" / n.name for n in production.notebooks("present")},
        variables=_figures_of(production, language),
        folder=work.build / "render" / f"{language}-{document}-{to}",
        output=rendered(production, language, document, to),
        published=edition.publication.published,
        synthetic=edition.synthetic,
        notice=notice(production, language) or "",
        correction=correction_notice(edition, language),
        languages=tuple(edition.languages),
        documents=production.documents,
        sheets=sheets_of(work.protected),
    )
    production.renderer.render(job)


def notice(production: Production, language: str) -> str | None:
    """What a synthetic or a preliminary edition says on every page."""
    return page_notice(production.edition, language) or None


def sheets_of(protected: Path) -> dict[str, int]:
    """The number of each published table's sheet in the workbook."""
    names = [table.name for table in metadata.tables() if (protected / f"{table.name}.csv").is_file()]
    return {name: number for number, name in enumerate(names, 1)}


def spreadsheet(production: Production, language: str, shown: Mapping[str, str]) -> None:
    """All tables in one spreadsheet, in one language."""
    from kvarn.disseminate.protected import ProtectedTables
    from kvarn.disseminate.spreadsheet import write_spreadsheet

    work = production.workspace
    output = work.build / language / "tables.xlsx"
    write_spreadsheet(ProtectedTables(work.protected), production.edition, language, output, shown)


def notebook_page(production: Production, executed: Path, page: Path, language: str) -> None:
    """An executed present notebook as a page."""
    from kvarn.disseminate.notebook_pages import write_notebook_page

    write_notebook_page(
        executed,
        page,
        language=language,
        notice=notice(production, language),
        variables=_figures_of(production, language),
        ways=ways_from_notebook(executed.stem, language, production.edition.languages, production.documents),
    )


def open_data(production: Production) -> None:
    """The protected tables as CSV, each with its description."""
    from kvarn.disseminate.open_data import write_open_data
    from kvarn.disseminate.protected import ProtectedTables

    with replacing(production.workspace.build / "data") as folder:
        write_open_data(ProtectedTables(production.workspace.protected), production.edition, folder)


def database(production: Production) -> None:
    """The files of the statistics database."""
    from kvarn.disseminate.database import write_database
    from kvarn.disseminate.protected import ProtectedTables

    with replacing(production.workspace.build / "database") as folder:
        write_database(ProtectedTables(production.workspace.protected), production.edition, folder)


def explorer(production: Production) -> None:
    """The pages of the explorer of the statistics database."""
    from kvarn.disseminate.explorer import write_explorer
    from kvarn.disseminate.protected import ProtectedTables

    with replacing(production.workspace.build / "explorer") as folder:
        write_explorer(ProtectedTables(production.workspace.protected), production.edition, folder)


def publication(production: Production) -> None:
    """Everything that is published, examined and put in its place."""
    from kvarn.pipeline.publishing import publish

    publish(production)


def _figures_of(production: Production, language: str) -> dict[str, Any]:
    values: dict[str, Any] = kept_json(production.workspace.build / language / "figures.json")
    return values
