"""The last step: everything put together, recorded, held by the gate, and put in its place."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq

import kvarn
from kvarn import metadata, process
from kvarn.analyse.disclosure.memory.orders import alone
from kvarn.analyse.disclosure.memory.releases import Release, checksums, releases
from kvarn.base.by_hand import is_of_no_document
from kvarn.base.damaged import kept_json
from kvarn.base.exchange import check_place, copy_folder, replacing
from kvarn.base.notebook_files import source_form
from kvarn.base.stages import tell
from kvarn.disseminate.database import COLLECTION, STRUCTURE, write_catalogue
from kvarn.disseminate.gate import check_publication
from kvarn.disseminate.narrative import ALLOWED_DIGITS
from kvarn.disseminate.places import profile_address
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.record import write_record
from kvarn.disseminate.recorded import DELIVERIES, DeliverySet, RecordedFile, RecordedStep
from kvarn.disseminate.site import write_index
from kvarn.disseminate.where_shown import tables_of_cells, where_shown
from kvarn.errors import InputError
from kvarn.pipeline.actions import KEY, rendered
from kvarn.pipeline.attack import attack_publication
from kvarn.pipeline.history import public_history
from kvarn.pipeline.kept_record import keep_record
from kvarn.pipeline.last_made import keep_as_last_made
from kvarn.pipeline.libraries import FONTS, imported_by, libraries_of, versions_of
from kvarn.pipeline.nodes import Code
from kvarn.pipeline.notebooks import tables_saved_by
from kvarn.pipeline.production import Production
from kvarn.pipeline.profiles import compared_in, listed_codes, page_folder, places_of_pages, tables_read
from kvarn.pipeline.standing import candidate_of
from kvarn.pipeline.telling import told
from kvarn.pipeline.walls import recorded_wall

__all__ = ["publish"]


def publish(production: Production) -> None:
    """Assemble the publication, let the gate examine it, attack it, and exchange it for the candidate before.

    It is assembled and examined in the build folder: nothing that has not been examined lies where the publications do, which
    may be a share that others read. Then it is copied beside its place, and the two are exchanged.

    Raises
    ------
    DisclosureError
        The gate refused it, or a secret can be told from it; what was published before stays.
    ConsistencyError
        One of its files shows another figure than the others.
    EnvironmentFault
        It cannot stand where publications do; what was published before stays.
    """
    work, edition = production.workspace, production.edition
    tables = ProtectedTables(work.protected)
    check_place(work.publication)
    staging = work.build / "publication.part"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        tell("publication: the products are put together")
        _copy_products(production, staging)
        write_catalogue(tables, edition, staging)
        write_index(
            staging,
            edition,
            tables,
            previous=production.previous_publication,
            corrected=None if edition.correction is None else kept_json(work.correction),
            shown={one: _shown(production, one) for one in edition.languages if edition.correction is not None},
            places=places_of_pages(production),
        )
        inputs, deliveries = list(_inputs(production)), _deliveries(production)
        tell("publication: what was made from what is recorded")
        _write_record(production, staging, inputs, deliveries)
        check_publication(
            staging,
            work.protected,
            edition=edition,
            documents=production.documents,
            profiles=_profile_pages(production),
            restricted=work.restricted,
        )
        attack_publication(staging, production)
        tell("publication: it is put in its place")
        _put_in_place(production, staging)
        params, documents = _params_in_project(production), _documents(production)
        keep_record(work, candidate_of(work), params, production.overrides, inputs, deliveries, documents)
        keep_as_last_made(production, params)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _shown(production: Production, language: str) -> dict[str, str]:
    """Where the documents show each table."""
    shows = tables_of_cells(production.notebooks("present"))
    return where_shown(production.reports, production.documents, language, shows)


def _put_in_place(production: Production, staging: Path) -> None:
    """Let the candidate take its place, which is never that of something else that is released."""
    work = production.workspace
    with alone(work.orders, work=f"the publication of the edition {work.name}"):
        own = next((one for one in releases(work.releases) if one.edition == work.name), None)
        if own is not None and checksums(staging) != own.files:
            _exchange(staging, work.candidate, secret=work.trial)
            return
        shutil.rmtree(work.candidate, ignore_errors=True)
        # What is released stays untouched, unless somebody else has touched it.
        if own is None or not _is_released(work.publication, own):
            _exchange(staging, work.publication, secret=work.trial)


def _is_released(folder: Path, own: Release) -> bool:
    try:
        return checksums(folder) == own.files
    except InputError:
        return False


def _exchange(staging: Path, place: Path, *, secret: bool) -> None:
    """A trial lies among what is restricted, and is its owner's alone as all else there."""
    with replacing(place, secret=secret, durable=True) as beside:
        copy_folder(staging, beside)


def _copy_products(production: Production, staging: Path) -> None:
    work = production.workspace
    for folder in ("data", "database"):
        shutil.copytree(work.build / folder, staging / folder)
    shutil.copytree(work.build / "explorer", staging / "database", dirs_exist_ok=True)
    for language in production.edition.languages:
        (staging / language).mkdir()
        shutil.copy(work.build / language / "tables.xlsx", staging / language)
        for document in production.documents:
            for to in ("html", "pdf"):
                shutil.copy(rendered(production, language, document, to), staging / language)
        (staging / "notebooks" / language).mkdir(parents=True)
        for notebook in production.notebooks("present"):
            shutil.copy(work.build / language / "pages" / f"{notebook.stem}.html", staging / "notebooks" / language)
        _copy_profiles(production, staging, language)


def _copy_profiles(production: Production, staging: Path, language: str) -> None:
    place = staging / "profiles" / language
    for notebook in production.profiles:
        place.mkdir(parents=True, exist_ok=True)
        for page in sorted(page_folder(production.workspace, notebook, language).glob("*.html")):
            shutil.copy(page, place)


def _profile_pages(production: Production) -> list[str]:
    return [
        profile_address(place.code, language)
        for place in places_of_pages(production)
        for language in production.edition.languages
    ]


def _inputs(production: Production) -> Iterator[RecordedFile]:
    """Files from outside. Population and code lists are public; the parameters, which hold the rules, are not."""
    edition, root = production.edition, production.root
    yield RecordedFile.of(production.params, f"params/{production.params.name}")
    # The record of an imported population says which download it was made from.
    for path in (*production.population, *production.population_records):
        yield RecordedFile.of(path, _name_of_input(production, path), public=True)
    if edition.data.procedures is not None:
        listed = root / edition.data.procedures
        outside = not listed.resolve().is_relative_to((root / "restricted").resolve())
        yield RecordedFile.of(listed, edition.data.procedures.as_posix(), public=outside)
    # Every number that is typed in a text stands there, with its reason.
    allowed = production.reports / ALLOWED_DIGITS
    if allowed.is_file():
        yield RecordedFile.of(allowed, allowed.relative_to(root).as_posix(), public=True)
    programme = production.programme
    for path in (*programme.files, *programme.files_of_intake, *metadata.imported_lists(root)):
        yield RecordedFile.of(path, path.relative_to(root).as_posix(), public=True)
    # By public names: of what is out.
    history = public_history(production.workspace).encode()
    yield RecordedFile("release-history", hashlib.sha256(history).hexdigest(), len(history), public=True)


def _checksum_key(production: Production) -> bytes | None:
    """The key of checksums of what is not public. Anybody can make that of synthetic data."""
    if production.edition.synthetic:
        return None
    return process.key_for("kvarn: checksums in the record of a publication", process.read_key(production.root / KEY))


def _write_record(production: Production, staging: Path, inputs: Sequence[RecordedFile], deliveries: DeliverySet) -> None:
    edition = production.edition
    write_record(
        staging,
        edition.model_copy(update={"accepted": told(production)}),
        production.workspace.name,
        overrides=production.overrides,
        inputs=inputs,
        deliveries=deliveries,
        steps=list(_recorded_steps(production)),
        wall=recorded_wall(edition),
        versions={**versions_of(_libraries(production)), "kvarn": kvarn.__version__},
        code_version=f"{kvarn.__version__} ({Code(module='kvarn').state()})",
        key=_checksum_key(production),
    )


def _libraries(production: Production) -> set[str]:
    """Every library that any step stands on."""
    notebooks = [*production.notebooks("compute"), *production.notebooks("present"), *production.profiles]
    return {*libraries_of("kvarn"), *FONTS, *(name for path in notebooks for name in imported_by(path))}


def _documents(production: Production) -> dict[str, str]:
    """The checksum of every file that the documents and their looks are made from, for what is kept restricted."""
    reports, project = production.reports, production.root / "_quarto.yml"
    below = [path for path in reports.rglob("*") if path.is_file() and not is_of_no_document(path.relative_to(reports))]
    files = [*(path for path in below if not path.name.startswith(".")), *([project] if project.is_file() else [])]
    return {path.relative_to(production.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _params_in_project(production: Production) -> str:
    return production.params.resolve().relative_to(production.root.resolve()).as_posix()


def _name_of_input(production: Production, path: Path) -> str:
    """The file's path in the project; of a file elsewhere its folder's name and its own: the rest is about this machine."""
    try:
        return path.relative_to(production.root).as_posix()
    except ValueError:
        return "/".join(path.parts[-2:])


def _deliveries(production: Production) -> DeliverySet:
    """The checksum over what was collected: every file's own checksum and name, as intake recorded them."""
    collected = production.workspace.collected
    listed = []
    size = 0
    for year in production.edition.years:
        logged = pq.read_table(collected / str(year) / "deliveries.parquet", columns=["name", "sha256", "bytes"]).to_pylist()
        listed += sorted((row["name"], row["sha256"]) for row in logged)
        size += sum(row["bytes"] for row in logged)
    whole = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(listed))
    return DeliverySet(hashlib.sha256(whole.encode()).hexdigest(), len(listed), size)


def _as_written(notebook: Path, root: Path) -> RecordedFile:
    """The notebook without what a run has left in the file: from a checksum of that anybody could tell what it has shown."""
    form = source_form(notebook)
    return RecordedFile(notebook.relative_to(root).as_posix(), hashlib.sha256(form).hexdigest(), len(form), public=True)


def _recorded_steps(production: Production) -> Iterator[RecordedStep]:
    """Which notebook made which files of the publication, and from what."""
    root, edition = production.root, production.edition
    for notebook in production.notebooks("compute"):
        recorded = _as_written(notebook, root)
        made = tuple(f"data/{table}.csv" for table in tables_saved_by(notebook))
        used = (DELIVERIES, *(_name_of_input(production, path) for path in production.population))
        yield RecordedStep(f"compute-{notebook.stem}", made, recorded, used)
    data = tuple(
        sorted(f"data/{table}.csv" for notebook in production.notebooks("compute") for table in tables_saved_by(notebook))
    )
    for language in edition.languages:
        for notebook in production.notebooks("present"):
            recorded = _as_written(notebook, root)
            yield RecordedStep(
                f"present-{language}-{notebook.stem}", (f"notebooks/{language}/{notebook.stem}.html",), recorded, data
            )
        for notebook in production.profiles:
            pages = tuple(profile_address(code, language) for code in listed_codes(production.workspace, notebook))
            there = [Path(one).stem for one in data]
            read = dict.fromkeys([*tables_read(notebook, there), *compared_in(production, notebook, there)])
            used = tuple(f"data/{name}.csv" for name in read)
            yield RecordedStep(f"profiles-{language}-{notebook.stem}", pages, _as_written(notebook, root), used)
        for document in production.documents:
            made = tuple(f"{language}/{document}.{to}" for to in ("html", "pdf"))
            sources = (*data, *(f"notebooks/{language}/{notebook.stem}.html" for notebook in production.notebooks("present")))
            yield RecordedStep(f"render-{language}-{document}", made, None, sources)
        yield RecordedStep(f"spreadsheet-{language}", (f"{language}/tables.xlsx",), None, data)
    database = tuple(
        f"database/{name}{suffix}" for name in sorted(Path(path).stem for path in data) for suffix in (".px", ".sdmx.csv")
    )
    database += tuple(
        f"database/{language}/{name}"
        for language in metadata.languages
        for name in (*(f"{Path(path).stem}.json" for path in data), COLLECTION)
    )
    yield RecordedStep("database", (*database, f"database/{STRUCTURE}"), None, data)
    with_labels = tuple(f"data/{language}/{Path(path).name}" for language in edition.languages for path in data)
    parquet = tuple(f"{path.removesuffix('.csv')}.parquet" for path in data)
    yield RecordedStep("open-data", (*with_labels, *parquet), None, data)
    yield RecordedStep("explorer", tuple(f"database/{language}/index.html" for language in edition.languages), None, data)
