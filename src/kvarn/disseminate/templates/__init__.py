"""What products look like and the words on them: templates, style sheets, and their texts in both languages."""

from __future__ import annotations

from importlib import resources

from kvarn.base.package_files import words_in
from kvarn.base.page_policy import with_policy
from kvarn.base.templates import templates_of

__all__ = ["render", "style", "word"]

_WORDS = "words.yml"


def word(key: str, language: str, **values: object) -> str:
    """Words of ``words.yml`` in one language, with ``{name}`` filled in from `values`.

    Raises
    ------
    CodeListError
        There are no such words, or they cannot be filled in.
    """
    return words_in(__package__, _WORDS, key, language, values)


def style(name: str) -> str:
    """A style sheet of this folder."""
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def render(name: str, *, scripts: bool = False, **values: object) -> str:
    """A page made from the template `name`; what is filled in is escaped, and nothing may be missing. It gets its policy, by
    which only `scripts` of its own run, where it may have any."""
    environment = templates_of("kvarn.disseminate", "templates")
    environment.globals["word"] = word
    return with_policy(environment.get_template(name).render(values), name, scripts=scripts)
