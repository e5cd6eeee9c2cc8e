"""`kvarn serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from kvarn.cli._app import app, out, printable, shown

_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104
_EXTRA = ("starlette", "uvicorn", "anyio")


def _is_address(text: str) -> bool:
    """Whether it is an address of http or https, or a path, without anything behind it that is no part of one."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    if not text.isprintable() or " " in text or "?" in text or "#" in text:
        return False
    if parts.scheme or parts.netloc:
        return parts.scheme in ("http", "https") and bool(host)
    return text.startswith("/")


@app.command(epilog="Example: `kvarn serve`; files for a web server alone: `kvarn serve --write public`")
def serve(
    publications: Annotated[
        Path | None,
        typer.Argument(metavar="[PUBLICATIONS]", help="The folder with releases.json. [default: the project's publications/]"),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0: any that is free.")] = 8000,
    host: Annotated[str, typer.Option(help="The address to listen at; this machine alone unless you say so.")] = "127.0.0.1",
    address: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where others find the interface, for the links in answers.", show_default=False),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Serve nothing: write whole tables as files for a web server.", show_default=False),
    ] = None,
) -> None:
    """Answer for the statistics database as PxWebApi 2: what has been released, and nothing else.

    Reads everything once; an edition that is released later is there after a new start. Ctrl-C ends it.
    """
    from kvarn.errors import EditionError, EnvironmentFault
    from kvarn.programme import find_project
    from kvarn.serve.database import PREFIX, Database

    if address is not None and not _is_address(address):
        raise EditionError(
            f"--address: {address!r} is no address that links can begin with.",
            remedy="Write where others find the interface, as https://statistics.example.org/api/v2, or its path from /.",
        )
    folder = publications
    if folder is None and (project := find_project(Path.cwd())) is not None:
        folder = project / "publications"
    if folder is None:
        raise EditionError(
            "This is not inside a kvarn project, and no publications are named.",
            file=Path.cwd(),
            remedy="Name the folder with releases.json: kvarn serve /srv/publications.",
        )
    if write is not None:
        from kvarn.serve.tree import write_tree

        made = write_tree(Database(folder, address or PREFIX), write)
        out.print(f"{made} files: {printable(shown(write))}", highlight=False, markup=False)
        return
    try:
        from kvarn.serve import app as served
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        raise EnvironmentFault(
            f"kvarn serve needs {error.name}.",
            remedy="Install kvarn with its extra: pip install 'kvarn[serve]'; from a lock file: requirements-serve.lock.",
        ) from None
    with served.listen(host, port) as listening:
        place = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}{PREFIX}"
        # Where it listens at every address of the machine, no single one is right for whoever asks.
        database = Database(folder, address or (PREFIX if host in _EVERYWHERE else place))
        editions = ", ".join(one.name for one in database.editions)
        out.print(f"{len(database.tables)} tables ({editions}): {place}", highlight=False, markup=False)
        served.serve(database, listening)
