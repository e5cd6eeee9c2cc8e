"""Which step feeds which: from the delivery files to the publication.

Every step names what it needs (files, folders, parts of the edition, code) and what it makes; the engine runs what is out
of date.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kvarn import metadata
from kvarn.base.at_once import at_once
from kvarn.base.by_hand import BESIDE_DOCUMENTS
from kvarn.base.exchange import check_place
from kvarn.disseminate.where_shown import tables_of_cells, where_shown
from kvarn.pipeline import actions
from kvarn.pipeline.checked_before import require_narrative_once
from kvarn.pipeline.checking import FOUND, PASSED, WITHOUT_CARE, check
from kvarn.pipeline.computing import check_tables
from kvarn.pipeline.correcting import check_correction, correction_state, require_correction
from kvarn.pipeline.documents import require_documents
from kvarn.pipeline.engine import Box, Step
from kvarn.pipeline.findings import found_beside
from kvarn.pipeline.given_parameters import parameters_given, require_parameters
from kvarn.pipeline.history import HISTORY, history_state, require_named_editions
from kvarn.pipeline.libraries import FONTS, SPARK, imported_by
from kvarn.pipeline.nodes import Code, Computed, Folder, Setting, as_written, file
from kvarn.pipeline.notebook_parameters import Parameter
from kvarn.pipeline.own_outputs import check_declared
from kvarn.pipeline.pattern_key import PATTERN_KEY, pattern_key_state
from kvarn.pipeline.presenting import nodes_read_by
from kvarn.pipeline.production import Production
from kvarn.pipeline.profiles import (
    LISTED,
    compared_in,
    executed_profiles,
    make_places,
    page_folder,
    places_folder,
    profile_runs,
    require_profiles,
    tables_read,
    write_profile_pages,
)
from kvarn.pipeline.programme_files import with_programme
from kvarn.pipeline.register_steps import part, register_files, register_steps
from kvarn.pipeline.saved_tables import tables_saved_by
from kvarn.pipeline.standing import candidate_state
from kvarn.pipeline.stated import require_stated
from kvarn.pipeline.synthetic_mark import require_mark
from kvarn.pipeline.telling import write_notes
from kvarn.pipeline.walls import recorded_wall, require_wall

if TYPE_CHECKING:
    from pytask import PNode

__all__ = ["steps_of", "steps_of_results"]

# What of the edition's parameters no product of the office's numbers and texts depends on.
_NOT_IN_PRODUCTS = {"data", "renderer", "notebooks", "notebook_limits", "profiles", "release"}
# What a notebook is run by, in a process of its own.
_KERNEL = "kvarn.kernel.__main__"


def steps_of(production: Production) -> list[Step]:
    """Every step of an edition, in the order of the GSBPM.

    Whatever of it can be known to be wrong is told at once.

    Raises
    ------
    EditionError
        The edition sets a parameter of a notebook that is not there, names an earlier edition that is not out, or calls data
        synthetic that do not say so themselves, or real that do; or it is of real data and leaves out what only the publisher
        can say.
    InputError
        A number is typed in a document or a present notebook, or something stands in one language only.
    NotebookError
        A notebook does not take a parameter that the edition gives it, or names a table that is not in the programme; or it
        cannot be determined which tables it saves.
    EnvironmentFault
        The publication cannot stand where publications do, or the edition requires a wall around notebooks that is not there.
    """
    at_once(
        lambda: check_place(production.workspace.publication),
        lambda: require_wall(production.edition, production.params),
        lambda: require_named_editions(production.workspace, production.edition, production.params),
        lambda: require_mark(production.edition, production.root, production.params),
        lambda: require_stated(production.edition, production.params),
        lambda: require_correction(production),
        lambda: require_parameters(production),
        lambda: require_profiles(production),
        lambda: require_documents(production),
        lambda: require_narrative_once(production),
        lambda: check_tables(production.notebooks("compute"), _shown_by(production)),
    )
    declared, published = [table.name for table in metadata.tables()], _published_tables(production)
    at_once(*(partial(check_declared, notebook, declared, published) for notebook in _shown_by(production)))
    steps = [
        *_correction(production),
        *_figures(production),
        *_render(production),
        *_export(production),
        _publication(production),
    ]
    return [*steps_of_results(production), *(with_programme(step, production.programme) for step in steps)]


def steps_of_results(production: Production) -> list[Step]:
    """The steps that lead to what the documents embed: protected tables and executed notebooks. Nothing is checked."""
    steps = [
        *register_steps(production),
        _check(production),
        *_compute(production),
        _protect(production),
        _notes(production),
        *_present(production),
        *_profiles(production),
    ]
    return [with_programme(step, production.programme) for step in steps]


def _given(parameters: dict[str, Parameter]) -> Setting:
    return Setting(name="parameters", value=parameters, each="the notebook's parameter {}", told=False)


def _edition(production: Production, leave_out: set[str] | None = None) -> Setting:
    values = production.edition.model_dump(mode="json", exclude=leave_out)
    return Setting(name="edition", value=values, called="a parameter of the edition", each="the parameter {}")


def _renderer(production: Production) -> Setting:
    renderer = production.renderer
    value = {"name": renderer.name, "version": renderer.version}
    return Setting(name="renderer", value=value, called="the renderer", each="the renderer's {}")


def _documents(production: Production) -> Setting:
    """To which documents the pages have links."""
    return Setting(name="documents", value=list(production.documents), called="the list of documents")


def _sheets(production: Production) -> Setting:
    """By their order the sheets of the workbook have their numbers, which the documents say."""
    return Setting(name="sheets", value=_published_tables(production), called="the list of published tables")


def _table_files(production: Production) -> dict[str, tuple[str, ...]]:
    """For each compute notebook the tables that it saves."""
    return {notebook.stem: tables_saved_by(notebook) for notebook in production.notebooks("compute")}


def _check(production: Production) -> Step:
    """What looks wrong and may be right stops here, before a notebook is run."""
    work = production.workspace
    return Step(
        "check",
        "Process",
        [
            *register_files(production),
            *_imported_lists(production),
            *part(production, "first_year", "reference_year", "synthetic", "checks", "accepted", "data.care", "data.as_of"),
            *part(production, *(f"publication.{name}" for name in ("title", "published", "scheduled", "previous"))),
            Setting(
                name="dates of the year before",
                value=found_beside(production),
                called="the comparison with the edition of the year before",
            ),
            Code(module="kvarn.pipeline.findings"),
            Code(module="kvarn.pipeline.checking"),
        ],
        [file(work.findings / name) for name in (PASSED, FOUND, WITHOUT_CARE)],
        partial(check, production),
        microdata=True,
    )


def _compute(production: Production) -> Iterator[Step]:
    work = production.workspace
    saved = _table_files(production)
    for notebook in production.notebooks("compute"):
        parameters = parameters_given(production, notebook)
        yield Step(
            f"compute-{notebook.stem}",
            "Analyse",
            [
                as_written(notebook),
                *register_files(production),
                file(work.findings / PASSED),
                *_imported_lists(production),
                _given(parameters),
                Setting(name="wall", value=recorded_wall(production.edition), called="the wall around notebooks"),
                Code(module="kvarn.analyse"),
                Code(module="kvarn.evaluate"),
                Code(module="kvarn.pipeline.computing"),
                Code(module=_KERNEL),
            ],
            [file(work.tables / f"{table}.parquet") for table in saved[notebook.stem]]
            + [file(work.compute_notebooks / notebook.name)],
            partial(actions.compute, production, notebook, parameters),
            microdata=True,
            box=Box.COMPUTE,
            libraries=[*imported_by(notebook), *(SPARK if production.edition.engine == "spark" else ())],
        )


def _imported_lists(production: Production) -> list[PNode]:
    """Official code lists: labels and groups come from them."""
    return [file(path) for path in metadata.imported_lists(production.root)]


def _protected(production: Production) -> list[PNode]:
    """The protected tables and the notes that stand at them."""
    return [*_protected_tables(production), file(production.workspace.notes)]


def _protected_tables(production: Production) -> list[PNode]:
    return [file(production.workspace.protected / f"{name}.csv") for name in _published_tables(production)]


def _published_tables(production: Production) -> list[str]:
    saved = {table for tables in _table_files(production).values() for table in tables}
    return [table.name for table in metadata.tables() if table.name in saved]


def _protect(production: Production) -> Step:
    work, edition = production.workspace, production.edition
    tables = _published_tables(production)
    return Step(
        "protect",
        "Analyse",
        [
            *(file(work.tables / f"{name}.parquet") for name in tables),
            file(work.findings / WITHOUT_CARE),
            # All figures are computed again.
            *register_files(production),
            *part(production, "disclosure", "synthetic", "data.care", "notebooks"),
            *_imported_lists(production),
            *([Folder(path=before)] if (before := actions.previous_data(production)) is not None else []),
            Computed(name=HISTORY, tell=partial(history_state, work, edition)),
            Computed(name=PATTERN_KEY, tell=partial(pattern_key_state, work, edition.disclosure, synthetic=edition.synthetic)),
            Code(module="kvarn.analyse"),
            Code(module="kvarn.evaluate"),
            Code(module="kvarn.pipeline.public_figures"),
            Code(module="kvarn.pipeline.counted_again"),
        ],
        [
            *_protected_tables(production),
            file(work.disclosure_report),
            file(work.disclosure_report.with_suffix(".html")),
            file(work.history),
            Folder(path=work.disclosure_memory),
            Folder(path=work.revisions),
        ],
        partial(actions.protect, production, tables),
        microdata=True,
    )


def _notes(production: Production) -> Step:
    """What readers see of what has been accepted: decided once it is known which figures are published."""
    work = production.workspace
    return Step(
        "notes",
        "Analyse",
        [
            *_protected_tables(production),
            file(work.findings / FOUND),
            *part(production, "accepted", "disclosure.method", "disclosure.public"),
            Code(module="kvarn.pipeline.telling"),
        ],
        [file(work.notes)],
        partial(write_notes, production),
    )


def _present(production: Production) -> Iterator[Step]:
    work = production.workspace
    for language in production.edition.languages:
        for notebook in production.notebooks("present"):
            parameters = parameters_given(production, notebook, language)
            output = work.build / language / "notebooks" / notebook.name
            yield Step(
                f"present-{language}-{notebook.stem}",
                "Disseminate",
                [
                    as_written(notebook),
                    file(work.notes),
                    *nodes_read_by(notebook, work, _published_tables(production)),
                    *_imported_lists(production),
                    _given(parameters),
                    Setting(name="wall", value=recorded_wall(production.edition), called="the wall around notebooks"),
                    Code(module="kvarn.pipeline.notebooks"),
                    Code(module=_KERNEL),
                    Code(module="kvarn.pipeline.own_outputs"),
                ],
                [file(output)],
                partial(actions.present, production, notebook, output, parameters),
                box=Box.PRESENT,
                libraries=[*imported_by(notebook), *FONTS],
            )


def _shown_by(production: Production) -> tuple[Path, ...]:
    """The notebooks of which readers see what they show."""
    return (*production.notebooks("present"), *filter(Path.is_file, production.profiles))


def _profiles(production: Production) -> Iterator[Step]:
    """The notebooks that are run once for each code of a list: the tables cut for each, then a run of each in each language."""
    work, published = production.workspace, _published_tables(production)
    for notebook in production.profiles:
        places, tables = places_folder(work, notebook), tables_read(notebook, published)
        alike = compared_in(production, notebook, published)
        codes = Setting(
            name=f"profiles.{notebook.stem}",
            value=production.edition.profiles[notebook.stem].model_dump(mode="json"),
            each=f"the parameter profiles.{notebook.stem}.{{}}",
        )
        yield Step(
            f"places-{notebook.stem}",
            "Disseminate",
            [
                *(file(work.protected / f"{name}.csv") for name in dict.fromkeys([*tables, *alike])),
                file(work.notes),
                *_imported_lists(production),
                codes,
                *part(production, "reference_year"),
                Code(module="kvarn.disseminate.cut_tables"),
            ],
            [Folder(path=places)],
            partial(make_places, production, notebook, tables),
        )
        for language in production.edition.languages:
            stands_on: list[PNode] = [
                as_written(notebook),
                *(node for node in nodes_read_by(notebook, work, ()) if isinstance(node, Code)),
                *_imported_lists(production),
                _given(parameters_given(production, notebook, language)),
                Setting(name="wall", value=recorded_wall(production.edition), called="the wall around notebooks"),
                Code(module="kvarn.pipeline.one_kernel"),
                Code(module=_KERNEL),
                Code(module="kvarn.pipeline.own_outputs"),
            ]
            runs = Folder(path=profile_runs(work, notebook, language))
            libraries = [*imported_by(notebook), *FONTS]
            of_each = with_programme(Step("", "", stands_on, [], lambda: None, libraries=libraries), production.programme)
            yield Step(
                f"profiles-{language}-{notebook.stem}",
                "Disseminate",
                [*stands_on, Folder(path=places)],
                [runs],
                partial(executed_profiles, production, notebook, language, of_each.needs, of_each.all_libraries),
                box=Box.PRESENT,
                libraries=libraries,
            )


def _correction(production: Production) -> Iterator[Step]:
    """An edition that corrects another: what its notice says is held to what has changed, before anything is written."""
    if production.edition.correction is None:
        return
    yield Step(
        "correction",
        "Disseminate",
        [
            *_protected_tables(production),
            *part(production, "correction", "publication.published"),
            Computed(name="the versions of what is corrected", tell=partial(correction_state, production)),
            Code(module="kvarn.pipeline.correcting"),
        ],
        [file(production.workspace.correction)],
        partial(check_correction, production),
    )


def _corrected(production: Production) -> list[PNode]:
    """What was found of the notice, where the edition has one."""
    return [] if production.edition.correction is None else [file(production.workspace.correction)]


def _notice(production: Production) -> list[PNode]:
    """What pages say of a correction; of no other edition is the day of it part of what stands above them."""
    return [] if production.edition.correction is None else list(part(production, "correction", "publication.published"))


def _figures(production: Production) -> Iterator[Step]:
    work = production.workspace
    for language in production.edition.languages:
        yield Step(
            f"figures-{language}",
            "Disseminate",
            [
                *_protected(production),
                *_corrected(production),
                Folder(path=work.revisions),
                *_imported_lists(production),
                file(production.reports / "figures.yml"),
                file(production.reports / "allowed-digits.yml"),
                *(_document(production.reports / document) for document in production.documents),
                *(as_written(notebook) for notebook in _shown_by(production)),
                _edition(production, _NOT_IN_PRODUCTS),
                *part(production, "data.as_of", "data.care"),
                Code(module="kvarn.disseminate.text_figures"),
            ],
            [file(work.build / language / "figures.json")],
            partial(actions.figures, production, language),
        )


def _document(folder: Path) -> Folder:
    """A document's folder, without what a render by hand lays there."""
    return Folder(path=folder, leave_out=BESIDE_DOCUMENTS)


def _render(production: Production) -> Iterator[Step]:
    work = production.workspace
    for language in production.edition.languages:
        for document in production.documents:
            for to in ("html", "pdf"):
                yield Step(
                    f"render-{language}-{document}-{to}",
                    "Disseminate",
                    [
                        _document(production.reports / document / language),
                        Folder(path=production.reports / "theme"),
                        file(production.root / "_quarto.yml"),
                        *(file(work.build / language / "notebooks" / n.name) for n in production.notebooks("present")),
                        file(work.build / language / "figures.json"),
                        *part(production, "synthetic", "stage", "languages", "publication.final", "publication.published"),
                        *_notice(production),
                        _documents(production),
                        _sheets(production),
                        _renderer(production),
                        Code(module="kvarn.disseminate.rendering"),
                        *([Code(module="kvarn.kernel.typeset")] if production.renderer.name == "builtin" else []),
                    ],
                    [file(actions.rendered(production, language, document, to))],
                    partial(actions.render, production, language, document, to),
                    box=Box.RENDERER,
                    libraries=FONTS,
                )


def _export(production: Production) -> Iterator[Step]:
    work = production.workspace
    words = _edition(production, _NOT_IN_PRODUCTS)
    shows = tables_of_cells(production.notebooks("present"))
    for language in production.edition.languages:
        shown = where_shown(production.reports, production.documents, language, shows)
        told = Setting(name="shown in the documents", value=shown, called="the places where the documents show a table")
        code = Code(module="kvarn.disseminate.spreadsheet")
        yield Step(
            f"spreadsheet-{language}",
            "Disseminate",
            [*_protected(production), *_imported_lists(production), words, told, code],
            [file(work.build / language / "tables.xlsx")],
            partial(actions.spreadsheet, production, language, shown),
        )
        for notebook in production.notebooks("present"):
            executed = work.build / language / "notebooks" / notebook.name
            page = work.build / language / "pages" / f"{notebook.stem}.html"
            yield Step(
                f"page-{language}-{notebook.stem}",
                "Disseminate",
                [
                    file(executed),
                    file(work.build / language / "figures.json"),
                    *part(production, "synthetic", "stage", "languages", "publication.final"),
                    *_notice(production),
                    _documents(production),
                    Code(module="kvarn.disseminate.notebook_pages"),
                ],
                [file(page)],
                partial(actions.notebook_page, production, executed, page, language),
            )
        for notebook in production.profiles:
            yield Step(
                f"profile-pages-{language}-{notebook.stem}",
                "Disseminate",
                [
                    Folder(path=profile_runs(work, notebook, language)),
                    file(places_folder(work, notebook) / LISTED),
                    file(work.build / language / "figures.json"),
                    *_imported_lists(production),
                    *part(production, "synthetic", "stage", "languages", "reference_year", "publication.final"),
                    *part(production, "publication.title", "publication.publisher", "publication.published"),
                    *_notice(production),
                    Code(module="kvarn.disseminate.profile_pages"),
                ],
                [Folder(path=page_folder(work, notebook, language))],
                partial(write_profile_pages, production, notebook, language),
            )
    yield Step(
        "open-data",
        "Disseminate",
        [*_protected(production), *_imported_lists(production), words, Code(module="kvarn.disseminate.open_data")],
        [Folder(path=work.build / "data")],
        partial(actions.open_data, production),
    )
    yield Step(
        "database",
        "Disseminate",
        [*_protected(production), *_imported_lists(production), words, Code(module="kvarn.disseminate.database")],
        [Folder(path=work.build / "database")],
        partial(actions.database, production),
    )
    yield Step(
        "explorer",
        "Disseminate",
        [*_protected(production), *_imported_lists(production), words, Code(module="kvarn.disseminate.explorer")],
        [Folder(path=work.build / "explorer")],
        partial(actions.explorer, production),
    )


def _products(production: Production) -> Sequence[PNode]:
    """Everything that goes into the publication as it is."""
    work = production.workspace
    found: list[PNode] = [Folder(path=work.build / folder) for folder in ("data", "database", "explorer")]
    for language in production.edition.languages:
        found.append(file(work.build / language / "tables.xlsx"))
        found += [file(work.build / language / "pages" / f"{n.stem}.html") for n in production.notebooks("present")]
        found += [Folder(path=page_folder(work, notebook, language)) for notebook in production.profiles]
        for document in production.documents:
            found += [file(actions.rendered(production, language, document, to)) for to in ("html", "pdf")]
    return found


def _publication(production: Production) -> Step:
    work = production.workspace
    # What becomes of an edition that is out lies in the build folder.
    place = None if work.released.is_file() else work.publication
    return Step(
        "publication",
        "Disseminate",
        [
            *_products(production),
            *_protected(production),
            *_corrected(production),
            *_imported_lists(production),
            file(work.history),
            file(production.reports / "figures.yml"),
            file(production.reports / "allowed-digits.yml"),
            *(as_written(notebook) for kind in ("compute", "present") for notebook in production.notebooks(kind)),
            *(as_written(notebook) for notebook in production.profiles),
            *(Folder(path=work.collected / str(year)) for year in production.edition.years),
            _edition(production),
            Setting(name="--set", value=list(production.overrides), called="an override (--set)"),
            _renderer(production),
            Code(module="kvarn"),
        ],
        [
            # By its place in the project: another folder that it is copied to has the same publication.
            Computed(
                name=f"{work.publication.relative_to(work.root).as_posix()}/", tell=partial(candidate_state, work), place=place
            ),
            file(work.last_made),
        ],
        partial(actions.publication, production),
    )
