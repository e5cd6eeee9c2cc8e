"""One run of pytask: it says nothing on the terminal, and what stops pytask itself, beside the steps, is heard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kvarn.base.system_faults import refused, remedy_for
from kvarn.errors import EnvironmentFault

if TYPE_CHECKING:
    import pytask
    from pytask import PTask

__all__ = ["build"]

_SETTINGS = "[tool.pytask.ini_options]\n"
# From the folder on, as pytask would name it from the root: an address whose folders hold %20 would be that of others.
_RECORD = "sqlite:///.pytask/pytask.sqlite3"


def build(tasks: Iterable[PTask], folder: Path, **options: Any) -> tuple[pytask.Session, list[BaseException]]:
    """Let pytask run the tasks, with its record in a folder: the session, and what stopped pytask beside the tasks.

    Raises
    ------
    EnvironmentFault
        The folder cannot be used.
    """
    import pytask
    from pytask import ExitCode

    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "pytask.toml"
    try:
        if not settings.is_file() or settings.read_text() != _SETTINGS:
            settings.write_text(_SETTINGS)
        with _quiet() as heard:
            session = pytask.build(
                tasks=list(tasks),
                config=settings,
                database_url=_RECORD,
                capture="no",
                verbose=0,
                stop_after_first_failure=True,
                show_traceback=False,
                **options,
            )
    except OSError as error:
        why = refused(error)
        raise EnvironmentFault(
            f"The build folder cannot be used: {why.what if why else error}",
            where=(why.where if why else None) or str(folder),
            remedy=remedy_for(error),
        ) from None
    finally:
        # What pytask was writing of its record when it was stopped.
        for left_over in (folder / ".pytask").glob("*.tmp"):
            with suppress(OSError):
                left_over.unlink()
    if session.exit_code in {ExitCode.CONFIGURATION_FAILED, ExitCode.COLLECTION_FAILED, ExitCode.DAG_FAILED}:
        raise _not_begun(session, heard, folder)
    return session, heard


def _not_begun(session: pytask.Session, heard: Iterable[BaseException], folder: Path) -> Exception:
    """Why no task was begun: what the system has refused, or a defect."""
    reports = [*getattr(session, "collection_reports", []), getattr(session, "dag_report", None)]
    causes = [*heard, *(report.exc_info[1] for report in reports if getattr(report, "exc_info", None))]
    for cause in causes:
        if (why := refused(cause, where=str(folder))) is not None:
            return why
    return RuntimeError(f"The steps do not fit together: {causes[0] if causes else session.exit_code.name}")


@contextmanager
def _quiet() -> Iterator[list[BaseException]]:
    """Let pytask print nothing. What it would print of errors of its own, such as a record that it cannot write, is given."""
    import pytask

    heard: list[BaseException] = []

    def hear(*said: Any, **_: Any) -> None:
        for one in said:
            error = one.exc_info[1] if isinstance(one, pytask.Traceback) else None
            if isinstance(error, BaseException):
                heard.append(error)

    before = pytask.console.quiet
    pytask.console.quiet = True
    pytask.console.print = hear  # type: ignore[method-assign]
    try:
        yield heard
    finally:
        del pytask.console.print
        pytask.console.quiet = before
