"""What is answered: a status, a media type, and how the body is made; a problem is an answer, too."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kvarn.serve.problems import Problem, quoted

__all__ = ["Answer", "NotAllowed", "json_answer", "problem_answer"]


@dataclass(frozen=True)
class Answer:
    """What is answered.

    Attributes
    ----------
    content
        Makes the body: whoever has it already need not make it.
    tag
        Changes when the answer to the same request would; empty where it changes with the day.
    slow
        Whether it takes so long to make that others would wait.
    headers
        Further headers.
    """

    status: int
    media_type: str
    content: Callable[[], bytes]
    tag: str = ""
    slow: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


class NotAllowed(Problem):
    """Something is there, and it is not had in this way.

    Attributes
    ----------
    allowed
        In which ways it is.
    """

    def __init__(self, method: str, allowed: list[str]) -> None:
        self.allowed = ", ".join(one if one != "GET" else "GET, HEAD" for one in allowed)
        super().__init__(405, "Method not allowed", f"{quoted(method)} is not answered here; {self.allowed} are.")


def json_answer(content: Mapping[str, Any], status: int = 200) -> Answer:
    """An object as JSON."""
    return Answer(
        status, "application/json", lambda: json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    )


def problem_answer(problem: Problem) -> Answer:
    """A problem as an answer."""
    said = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": problem.detail}
    headers = {"Allow": problem.allowed} if isinstance(problem, NotAllowed) else {}
    body = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
    return Answer(problem.status, "application/problem+json", lambda: body, headers=headers)
