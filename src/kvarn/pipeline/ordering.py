"""`kvarn order`: a custom table, counted, protected together with everything that is out, written, remembered, delivered."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from kvarn import analyse, metadata
from kvarn.analyse._procedures_alone import persons_told_by_procedures
from kvarn.analyse._tables import read_tables
from kvarn.analyse._validate import check_tables
from kvarn.analyse.disclosure.memory.kept import Memory, rules_of
from kvarn.analyse.disclosure.memory.orders import alone, keep_delivery
from kvarn.analyse.disclosure.memory.out import History, gone_out_since, memories_from
from kvarn.analyse.disclosure.memory.pattern import is_pattern_of, is_published_as
from kvarn.analyse.disclosure.memory.releases import MADE, PARAMETERS, releases
from kvarn.analyse.disclosure.memory.releases import RECORD as RELEASED_RECORD
from kvarn.analyse.disclosure.written.audit import DISAGREE, UnreadableError
from kvarn.base.exchange import check_place, copy_folder, replacing
from kvarn.base.locks import one_run
from kvarn.base.modes import private
from kvarn.disseminate.gate import check_order
from kvarn.disseminate.order_products import write_order
from kvarn.disseminate.recorded import RECORD
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition, Order, Workspace, check_years, load_edition, project_root, read_order
from kvarn.errors import DisclosureError, EditionError
from kvarn.pipeline.engine import Listener, Silent, Step
from kvarn.pipeline.history import history_of, register_of
from kvarn.pipeline.kept_record import kept_record, told_overrides
from kvarn.pipeline.known_out import enter_known_out
from kvarn.pipeline.narrative import require_words_of_order
from kvarn.pipeline.pattern_key import pattern_key
from kvarn.pipeline.synthetic_mark import require_mark
from kvarn.programme import current_programme

__all__ = ["STEPS", "candidate_of_order", "deliver_order"]

_STEPS = {"count": "Analyse", "validate": "Analyse", "protect": "Analyse", "write": "Disseminate", "gate": "Disseminate"}
STEPS = tuple(Step(name, phase, [], [], lambda: None) for name, phase in _STEPS.items())
_COARSER = Step("try a coarser order", "Analyse", [], [], lambda: None)


@dataclass(frozen=True)
class _Request:
    """An order with all that it is made from."""

    order: Order
    name: str
    params: Path
    lines: Mapping[str, int | None]
    edition: Edition
    workspace: Workspace
    history: History

    @property
    def memory(self) -> Memory:
        """What the edition has given away: as it was released, or as it is where it is synthetic and not released."""
        own = self.history.own
        return Memory(self.workspace.disclosure_memory, self.workspace.name) if own is None else own.memory

    @property
    def definition(self) -> metadata.TableDefinition:
        """The order's table."""
        return self.order.definition(self.name)

    def wrong(self, what: str, key: str, remedy: str) -> EditionError:
        """An error in the order's file."""
        return EditionError(what, file=self.params, line=self.lines.get(key), key=key, remedy=remedy)


def deliver_order(params: Path, *, listener: Listener | None = None, waiting: Callable[[str], None] | None = None) -> Path:
    """Make the custom order that `params` describes, and return its folder, ``publications/orders/<order>/``.

    The table is counted from the register of its edition, validated against the edition's tables, and protected together with
    all that is out of the same register: every released edition and every order delivered before. What it gives
    away is remembered in ``restricted/orders/<order>/``, and then the products take their place. The same order from the same
    register gives the same bytes, however often it is made. `waiting` is called once when another order, or an edition that is
    being protected, has to end first: with who is at work, and since when.

    Raises
    ------
    EditionError
        The order's file is wrong, a number is typed into its title or notes, its edition has not been released, or it is not now
        what it was then. See `read_order`.
    DisclosureError
        With the order a secret could be told that cannot be told now. The remedy is a coarser order that has been tried and
        passes, where there is one. Nothing has been written.
    ConsistencyError
        The order's figures and the edition's contradict each other.
    """
    told = listener or Silent()
    if params.is_file():
        metadata.use_project(project_root(params))
    order, lines = read_order(params)
    require_words_of_order(order, params, lines, project_root(params) / "reports")
    workspace = Workspace(project_root(params), order.edition)
    workspace.put_back()
    check_place(workspace.delivered_orders / params.stem)
    edition = _published_edition(order, params, lines, workspace)
    check_years(order, edition, params, lines)
    what = f"the order {params.stem}"
    with private(), one_run(what, workspace.build, waiting), alone(workspace.orders, waiting, work=what):
        request = _Request(order, params.stem, params, lines, edition, workspace, history_of(workspace, edition))
        _require_out(request)
        tables = _tables_as_published(request)
        memories = _memories(request)
        _require_persons_of_their_own(request, tables, memories)
        now, behind = request.edition, request.edition.disclosure.behind
        with analyse.open_register(
            order.edition, engine=now.engine, behind=behind, care=now.data.care, project=workspace.root
        ) as register:
            try:
                made = _protected(request, register, tables, memories, told)
            except UnreadableError:
                # No order that is coarser would mend it.
                raise
            except DisclosureError as refused:
                raise _with_proposal(refused, request, register, tables, memories, told) from None
        with metadata.tables_beside(request.definition):
            return _deliver(request, made, told)


def candidate_of_order(params: Path) -> str | None:
    """The edition of an order, where it is a candidate that has to be published again now that the order is out."""
    order, _ = read_order(params)
    work = Workspace(project_root(params), order.edition)
    return None if any(one.edition == order.edition for one in releases(work.releases)) else order.edition


def _require_out(request: _Request) -> None:
    """What is delivered stands beside a published edition for good: with real data that must be one that is released.

    An order from a synthetic edition lets that edition count as out, and nobody is in it who could be told; that it is synthetic
    its data must say themselves, as when it is published.
    """
    edition = request.edition
    if request.history.own is None and not edition.synthetic:
        raise request.wrong(
            f"The edition {request.order.edition} has not been released.",
            "edition",
            f"Release it first: kvarn release params/{request.order.edition}.yml. An order shows figures of it.",
        )
    # Once it is released its sources may be gone, and were asked then.
    if request.history.own is None:
        work, edition_name = request.workspace, request.order.edition
        if since := gone_out_since(work.history, request.history.as_it_stood, edition_name):
            raise request.wrong(
                f"The edition {edition_name} is not protected together with what has gone out since: {', '.join(since)}.",
                "edition",
                f"Publish it again first: kvarn publish params/{edition_name}.yml.",
            )
        require_mark(edition, request.workspace.root, request.workspace.root / "params" / f"{request.order.edition}.yml")


def _published_edition(order: Order, params: Path, lines: Mapping[str, int | None], workspace: Workspace) -> Edition:
    """The edition's parameters as they were when it was released, or, where it is not, when it was published: what is kept of
    it tells the file and what was overridden."""
    record = workspace.publication / RECORD
    if not record.is_file():
        others = sorted(path.parent.name for path in record.parent.parent.glob(f"*/{RECORD}"))
        raise EditionError(
            f"The edition {order.edition} has not been published.",
            file=params,
            line=lines.get("edition"),
            key="edition",
            remedy=f"Published are {', '.join(others)}." if others else "Publish it first, with kvarn publish.",
        )
    own = next((one for one in releases(workspace.releases) if one.edition == workspace.name), None)
    if own is not None:
        made = kept_record(own.folder / MADE, own.folder / RELEASED_RECORD)
        overrides = told_overrides(own.folder / RELEASED_RECORD) if made is None else made.overrides
        return load_edition(own.folder / PARAMETERS, overrides, published=True)
    kept = kept_record(workspace.record, record)
    if kept is None:
        raise EditionError(
            f"How the edition {order.edition} was published is not known: restricted/{workspace.name}/{workspace.record.name} is "
            "missing, or is of another publication.",
            file=params,
            line=lines.get("edition"),
            key="edition",
            remedy="Publish it again first, with kvarn publish: an order is protected together with what is out.",
        )
    return load_edition(workspace.root / kept.params, kept.overrides, published=True)


def _tables_as_published(request: _Request) -> dict[str, pd.DataFrame]:
    """The edition's unprotected tables, once it is certain that they are what was published, by the rules of today."""
    work = request.workspace
    memory = request.memory.folder
    tables = read_tables(work.tables)
    # A rule that kvarn has got since stands at its default.
    as_kept = rules_of(memory) == request.edition.disclosure and is_pattern_of(memory, tables)
    if as_kept and not is_published_as(memory, work.publication / "data"):
        raise request.wrong(
            f"The published tables of the edition {request.order.edition} are not what they were made as: files have been "
            "changed since, or are missing.",
            "edition",
            "kvarn publish puts back what was made; kvarn verify says which files are others.",
        )
    if not as_kept:
        again = "Publish it again first, with kvarn publish: an order is protected together with what is out."
        as_released = "Make it again as it was released: kvarn status says how it differs. What is out stays out."
        raise request.wrong(
            f"The edition {request.order.edition} has been published with other tables or rules than it has now.",
            "edition",
            again if request.history.own is None else as_released,
        )
    return tables


def _memories(request: _Request) -> list[Memory]:
    """The edition's own memory, then that of all else that is out of its register, the newest first."""
    history = request.history
    return [request.memory, *memories_from([one for one in history.out if one != history.own])]


def _protected(
    request: _Request,
    register: analyse.Register,
    tables: Mapping[str, pd.DataFrame],
    memories: Sequence[Memory],
    told: Listener,
    steps: Sequence[Step] = STEPS,
) -> analyse.ProtectedOrder:
    """Count, validate and protect; nothing is written."""
    order, name, work = request.order, request.name, request.workspace
    _require_persons_of_their_own(request, tables, memories)
    with metadata.tables_beside(request.definition):
        with _step(told, "count", steps):
            table = analyse.count_order(register, order, name)
        with _step(told, "validate", steps):
            try:
                analyse.require_parts(name, order, {**tables, name: table})
            except EditionError as error:
                raise request.wrong(error.what, "measures", error.remedy or "") from None
            # The edition has answered for its register: what it did not stop at is no reason to stop, in whatever detail.
            check_tables({**tables, name: table}, without_care=request.edition.years)
            care = request.edition.data.care
            accepted = analyse.accepted_files(work.collected, sorted({int(year) for year in table["year"]}), care=care)
            analyse.check_table(name, table, accepted)
        with _step(told, "protect", steps):
            out = [work.publication / "data", *_delivered(work, memories), *_earlier(work, memories)]
            return analyse.protect_order(
                name,
                table,
                tables,
                memories,
                disclosure=request.edition.disclosure,
                synthetic=request.edition.synthetic,
                published=out,
                key=pattern_key(work, request.edition.disclosure, synthetic=request.edition.synthetic),
            )


def _require_persons_of_their_own(request: _Request, tables: Mapping[str, pd.DataFrame], memories: Sequence[Memory]) -> None:
    """Stop where persons, and persons with a procedure, would be out of a place and month in which the two are the same."""
    order = request.order
    if request.edition.data.care != "reported_or_procedure":
        return
    remembered = [pq.read_table(path).to_pandas() for memory in memories for path in memory.tables().values()]
    collected = request.workspace.collected
    told = persons_told_by_procedures(order, request.definition, [*tables.values(), *remembered], collected)
    if told:
        places = "; ".join(f"{year}, region {region}, month {month}" for year, region, month in told[:10])
        others = " and others" if len(told) > 10 else ""
        about = current_programme().about
        raise DisclosureError(
            f"Procedures have been accepted ({about.events}), and no persons ({about.periods}), of {places}{others}: "
            "with data.care: reported_or_procedure the persons there are those with a procedure, and what is withheld of the one "
            "can be read from the other.",
            where=str(request.params),
            remedy="Leave month out of `by`, or these places or months (`categories`), or have the persons delivered, and "
            "publish the edition again.",
        )


def _delivered(work: Workspace, memories: Sequence[Memory]) -> list[Path]:
    """The data of the orders that are out, as far as they lie here."""
    names = dict.fromkeys(memory.name.split("/")[1] for memory in memories if memory.table is not None)
    folders = [work.delivered_orders / name / "data" for name in names]
    return [folder for folder in folders if folder.is_dir()]


def _earlier(work: Workspace, memories: Sequence[Memory]) -> list[Path]:
    """The data of the other editions that are out, as far as they lie here: of how many months there were files, say, they alone
    tell where the order has a year of theirs."""
    names = dict.fromkeys(memory.name for memory in memories if memory.table is None and memory.name != work.name)
    folders = [Workspace(work.root, name).publication / "data" for name in names]
    return [folder for folder in folders if folder.is_dir()]


def _with_proposal(
    refused: DisclosureError,
    request: _Request,
    register: analyse.Register,
    tables: Mapping[str, pd.DataFrame],
    memories: Sequence[Memory],
    told: Listener,
) -> DisclosureError:
    """The refusal, with the first coarser order that passes: each is tried in earnest."""
    tried = []
    remedy = None
    for coarser in analyse.coarser_orders(request.order, request.name):
        tried.append(coarser.how)
        try:
            with _step(told, _COARSER.name, [_COARSER]):
                _protected(replace(request, order=coarser.order), register, tables, memories, Silent())
        except (DisclosureError, EditionError):
            continue
        remedy = f"{coarser.how}: this has been tried, and passes."
        break
    if remedy is None:
        remedy = "No order that is coarser in one classification passes"
        remedy += f"; tried: {'; '.join(tried)}." if tried else ", as it has only one."
        remedy += " Order fewer classifications, measures or years."
    if DISAGREE in (refused.remedy or ""):
        remedy += f" And {DISAGREE}"
    where = f"{request.params}, order {request.name}" + (f": {refused.where}" if refused.where else "")
    return DisclosureError(f"The order is refused. {refused.what}", where=where, remedy=remedy)


def _deliver(request: _Request, made: analyse.ProtectedOrder, told: Listener) -> Path:
    """Write beside, examine, remember, and only then put in its place."""
    work, edition, name = request.workspace, request.edition, request.name
    staging = work.build / "orders" / name
    shutil.rmtree(staging, ignore_errors=True)
    try:
        with _step(told, "write", STEPS):
            write_beside(staging / "protected" / f"{name}.csv", made.sheet)
            if work.notes.is_file():
                shutil.copy(work.notes, staging / "protected")
            write_order(staging / "protected", name, edition, staging / "publication")
        with _step(told, "gate", STEPS):
            check_order(staging / "publication", staging / "protected", edition=edition, restricted=work.restricted)
            register = register_of(work, edition)
            about = {"edition": work.name, "synthetic": edition.synthetic, "register": register}
            parameters = request.params.read_bytes()
            keep_delivery(work.orders, name, about, request.definition, request.memory.folder, parameters, made.keep)
            enter_known_out(work)
            with replacing(work.delivered_orders / name, durable=True) as beside:
                copy_folder(staging / "publication", beside)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return work.delivered_orders / name


@contextmanager
def _step(told: Listener, name: str, steps: Sequence[Step]) -> Iterator[None]:
    step = next(step for step in steps if step.name == name)
    began = time.monotonic()
    told.began(step)
    error: BaseException | None = None
    try:
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        told.ended(step, time.monotonic() - began, error)
