"""The database behind a server: Starlette and uvicorn, which the extra ``serve`` brings."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from http import HTTPStatus

import anyio
import anyio.to_thread
import uvicorn
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kvarn.errors import EnvironmentFault
from kvarn.serve.answers import Answer, problem_answer
from kvarn.serve.database import PREFIX, Database
from kvarn.serve.problems import Problem
from kvarn.serve.requests import LONGEST_BODY

__all__ = ["listen", "make_app", "serve"]

_WELL_KNOWN = 600
_SMALL = 1_000
# A table of a hundred thousand cells is small in any case; higher levels take several times as long.
_LEVEL = 4
_LONGEST_HEAD = 1 << 16


def make_app(database: Database) -> ASGIApp:
    """The application that answers for a database.

    It has no routes: a pattern of a path would not hold every path, such as one with a line break.
    """
    packed = GZipMiddleware(_Answers(database), minimum_size=_SMALL, compresslevel=_LEVEL)
    return CORSMiddleware(
        packed,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST"],
        allow_headers=["*"],
        expose_headers=["ETag", "Location", "Content-Disposition"],
        max_age=86_400,
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there.

    Raises
    ------
    EnvironmentFault
        The port is taken, or there is no such address here.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        of_host = isinstance(error, socket.gaierror | UnicodeError) or getattr(error, "errno", None) == errno.EADDRNOTAVAIL
        remedy = "Give another port with --port, or end what listens there."
        if of_host:
            remedy = "Give an address of this machine with --host: 127.0.0.1 for this machine alone, 0.0.0.0 for every network."
        raise EnvironmentFault(f"Nothing can listen at {host}, port {port}: {why}.", remedy=remedy) from None


def serve(database: Database, listening: socket.socket) -> None:
    """Answer until Ctrl-C or SIGTERM; nothing is written and no request is logged."""
    config = uvicorn.Config(
        make_app(database),
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        limit_concurrency=1_000,
        timeout_keep_alive=15,
        h11_max_incomplete_event_size=_LONGEST_HEAD,
    )
    uvicorn.Server(config).run(sockets=[listening])


class _Answers:
    """Every request, whatever its method and path."""

    def __init__(self, database: Database) -> None:
        self.database = database
        # Those that take long take the processor: more at once would end no sooner.
        self.slow = anyio.CapacityLimiter(2)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            # A socket that is kept open: there is nothing to be told by it.
            await send({"type": "websocket.close"})
            return
        request = Request(scope, receive)
        try:
            response = await self._response(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        path: str = request.scope["path"]
        if path != PREFIX and not path.startswith(f"{PREFIX}/"):
            return await self._told(request, _elsewhere())
        try:
            body = await _body(request) if request.method == "POST" else b""
        except Problem as problem:
            return await self._told(request, problem_answer(problem))
        query = request.scope["query_string"].decode("utf-8", "replace")
        return await self._told(request, self.database.answer(request.method, path.removeprefix(PREFIX), query, body))

    async def _told(self, request: Request, answer: Answer) -> Response:
        headers = {"X-Content-Type-Options": "nosniff", **answer.headers}
        if answer.tag and request.method != "POST":
            # Weak: the same answer may be compressed or not.
            headers |= {"ETag": f'W/"{answer.tag}"', "Cache-Control": f"public, max-age={_WELL_KNOWN}"}
            if answer.tag in _tags(request.headers.get("if-none-match", "")):
                return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        else:
            headers["Cache-Control"] = "no-cache"
        if answer.slow:
            content = await anyio.to_thread.run_sync(answer.content, limiter=self.slow)
        else:
            content = answer.content()
        return Response(content, answer.status, headers, answer.media_type)


async def _body(request: Request) -> bytes:
    """The body of a request, as far as it is not too long."""
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > LONGEST_BODY:
            raise Problem(413, "Query too long", f"A query has {LONGEST_BODY:,} bytes at most; write expressions such as *.")
    return bytes(found)


def _tags(header: str) -> Iterator[str]:
    return (one.strip().removeprefix("W/").strip('"') for one in header.split(","))


def _elsewhere() -> Answer:
    return problem_answer(Problem(404, "Not found", f"Everything is under {PREFIX}; {PREFIX}/openapi.json says what there is."))
