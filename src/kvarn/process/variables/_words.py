"""The words of the variable list and of the papers that go with an extract, in both languages."""

from __future__ import annotations

from kvarn.base.package_files import words_in
from kvarn.base.page_policy import with_policy
from kvarn.base.templates import templates_of

__all__ = ["render", "word"]


def word(key: str, language: str, /, **values: object) -> str:
    """Words of ``words.yml`` in one language, with ``{name}`` filled in from `values`.

    Raises
    ------
    CodeListError
        There are no such words, or they cannot be filled in.
    """
    return words_in("kvarn.process.variables", "words.yml", key, language, values)


def render(name: str, **values: object) -> str:
    """A page made from the template `name`; what is filled in is escaped, and nothing may be missing."""
    environment = templates_of("kvarn.process.variables")
    environment.globals["word"] = word
    return with_policy(environment.get_template(name).render(values), name)
