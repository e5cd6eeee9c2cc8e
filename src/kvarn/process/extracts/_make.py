"""An extract made, logged, and put in its place: in that order."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kvarn import __version__, metadata
from kvarn.base.database import engine
from kvarn.base.locks import one_run
from kvarn.collect.safekeeping import OWNER_ONLY_FILE, partial_folder, private_folder
from kvarn.edition import Workspace, project_root
from kvarn.errors import InputError
from kvarn.process.extracts._fields import columns_of
from kvarn.process.extracts._log import add_to_log, alone
from kvarn.process.extracts._papers import listed_table, write_papers, write_sums
from kvarn.process.extracts._people import key_of_register, name_people, project_key
from kvarn.process.extracts._request import PARAMETERS, Request, read_request
from kvarn.process.extracts._tables import choose_cohort, missing_in, write_table
from kvarn.process.variables import check_register, span, write_privately

__all__ = ["make_extract"]


def make_extract(params: Path, *, today: dt.date | None = None, waiting: Callable[[str], None] | None = None) -> Path:
    """Make the extract that `params` describes, and return its folder, ``restricted/extracts/<project>/<edition>/``.

    The folder holds a file a table (``persons``, ``person_months``, ``procedures``; sorted by ``project_person``, the project's
    own pseudonym), ``variables.html`` and ``csv-metadata.json`` (what the variables are), ``README.md`` (the conditions),
    ``parameters.yml`` and ``SHA256SUMS``. A row of ``restricted/extracts/log.csv`` is written before the folder is there. The
    same register and parameters give the same bytes. The parameters of every row of the log are kept, by their SHA-256, in
    ``restricted/extracts/parameters/``.

    Parameters
    ----------
    today
        The day by which the decision and the end date are judged; by default today (UTC).
    waiting
        Called once when another extract, or a run of the edition, has to end first: with who is at work, and since when.

    Raises
    ------
    EditionError
        The parameters are wrong, or lack purpose, decision or end date; or the end date has passed. See ``read_request``.
    InputError
        The register lacks a year or is not what is declared; the key is missing or another; nobody is in the extract; or the log
        is damaged.
    """
    now = dt.datetime.now(dt.UTC)
    if params.is_file():
        metadata.use_project(project_root(params))
    request, _ = read_request(params, today or now.date())
    workspace = Workspace(project_root(params), request.edition)
    if not workspace.register.is_dir():
        raise InputError(
            f"The edition {request.edition} has no register.",
            file=workspace.register,
            field="edition",
            remedy="Name an edition that has been published, or run kvarn publish first.",
        )
    check_register(workspace.register, request.years)
    private_folder(workspace.extracts.parent)
    what = f"the extract for {request.project}"
    with one_run(what, workspace.build, waiting), alone(workspace.extracts, what, waiting):
        private_folder(workspace.extracts / request.project)
        target = workspace.extracts / request.project / request.edition
        with partial_folder(target) as folder:
            parameters = params.read_bytes()
            facts = _fill(folder, workspace, request, parameters)
            for path in folder.iterdir():
                path.chmod(OWNER_ONLY_FILE)
            write_privately(workspace.extracts / PARAMETERS / f"{facts['parameters_sha256']}.yml", parameters)
            add_to_log(workspace.extracts / "log.csv", _given(request, now) | facts)
    return target


def _fill(folder: Path, workspace: Workspace, request: Request, parameters: bytes) -> dict[str, str]:
    """Write the files of the extract; returns what the log tells of them."""
    register = workspace.register
    rows, tables, variables = {}, [], []
    with engine(workspace.extracts / ".spill") as database:
        key, synthetic = key_of_register(database, workspace)
        choose_cohort(database, register, request)
        persons = name_people(database, register, project_key(key, request.project))
        if not persons:
            raise InputError(
                "Nobody in the register is in this extract.",
                file=register,
                remedy="Check years and the codes under `only`.",
            )
        for table in request.variables.tables:
            columns = columns_of(request, table, synthetic=synthetic)
            path = folder / f"{table}.{request.format}"
            rows[table] = write_table(database, register, request, table, columns, path)
            missing = missing_in(database, request, table, columns, path)
            columns = tuple(replace(column, listed=replace(column.listed, missing=missing[column.name])) for column in columns)
            tables.append(listed_table(table, columns, path.name))
            variables.append(f"{table}: {' '.join(column.name for column in columns)}")
    (folder / "parameters.yml").write_bytes(parameters)
    write_papers(request, tuple(tables), rows, folder, synthetic=synthetic)
    return {
        "variables": "; ".join(variables),
        "rows": "; ".join(f"{table}: {number}" for table, number in rows.items()),
        "persons": str(persons),
        "synthetic": str(synthetic).lower(),
        "parameters_sha256": hashlib.sha256(parameters).hexdigest(),
        "outputs_sha256": write_sums(folder),
    }


def _given(request: Request, now: dt.datetime) -> dict[str, str]:
    return {
        "given": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "kvarn": __version__,
        "project": request.project,
        "recipient": request.recipient,
        "purpose": request.purpose,
        "decision": request.decision,
        "decided": str(request.decided),
        "valid_until": str(request.valid_until),
        "edition": request.edition,
        "years": span(request.years),
    }
