"""What products look like and the words on them: templates, style sheets, and their texts in both languages."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

import yaml

from kvarn.base.page_policy import with_policy
from kvarn.base.templates import templates_of
from kvarn.errors import CodeListError

__all__ = ["render", "style", "word"]


def word(key: str, language: str, **values: object) -> str:
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


def style(name: str) -> str:
    """A style sheet of this folder."""
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def render(name: str, **values: object) -> str:
    """A page made from the template `name`; what is filled in is escaped, and nothing may be missing. It gets its policy."""
    environment = templates_of("kvarn.disseminate", "templates")
    environment.globals["word"] = word
    return with_policy(environment.get_template(name).render(values), name)


@functools.cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((resources.files(__package__) / "words.yml").read_text(encoding="utf-8"))
    return loaded
