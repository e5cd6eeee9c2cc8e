"""The words of the variable list and of the papers that go with an extract, in both languages."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

import yaml

from kvarn.base.page_policy import with_policy
from kvarn.base.templates import templates_of
from kvarn.errors import CodeListError

__all__ = ["render", "word"]


def word(key: str, language: str, /, **values: object) -> str:
    """Words of ``words.yml`` in one language, with ``{name}`` filled in from `values`.

    Raises
    ------
    CodeListError
        There are no such words.
    """
    try:
        found: str = _words()[key][language]
    except KeyError:
        raise CodeListError(f"There are no words {key!r} in {language!r}.", file="words.yml", field=key) from None
    return found.format(**values) if values else found


def render(name: str, **values: object) -> str:
    """A page made from the template `name`; what is filled in is escaped, and nothing may be missing."""
    environment = templates_of("kvarn.process.variables")
    environment.globals["word"] = word
    return with_policy(environment.get_template(name).render(values), name)


@functools.cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((resources.files(__package__) / "words.yml").read_text(encoding="utf-8"))
    return loaded
