"""The parameters that each notebook is given: those of every notebook, and those that the edition gives its name."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from kvarn.errors import EditionError
from kvarn.pipeline.notebook_parameters import Parameter, check_parameters, declared_parameters, takes_parameter
from kvarn.pipeline.production import Production

__all__ = ["parameters_given", "require_parameters"]

# What the pipeline gives from the edition's own keys: a second value would contradict them.
OF_EDITION = frozenset({"edition", "reference_year", "first_year", "language", "engine", "behind", "care", "as_of"})


def require_parameters(production: Production) -> None:
    """Hold what the edition gives its notebooks against what they take.

    A compute and a present notebook may share a name; a parameter goes to each of them that takes it.

    Raises
    ------
    EditionError
        There is no notebook of a name, or none of that name takes the parameter.
    NotebookError
        A notebook takes it as another type, or lacks what every notebook is given.
    """
    by_name: dict[str, list[Path]] = {}
    for kind in ("compute", "present"):
        for path in production.notebooks(kind):
            by_name.setdefault(path.stem, []).append(path)
    for path in production.profiles:
        if not path.is_file():
            raise EditionError(
                f"There is no notebook {path.relative_to(production.root)}.",
                file=production.params,
                key=f"profiles.{path.stem}",
                remedy=f"Known: {', '.join(sorted(one.stem for one in path.parent.glob('*.ipynb'))) or 'none'}.",
            )
        by_name.setdefault(path.stem, []).append(path)
    for name, given in production.edition.notebooks.items():
        if name not in by_name:
            raise EditionError(
                f"There is no notebook named {name!r}.",
                file=production.params,
                key=f"notebooks.{name}",
                remedy=f"Known: {', '.join(sorted(by_name))}.",
            )
        for parameter in given:
            _require_taken(production, name, parameter, by_name[name])
    for notebook in production.notebooks("compute"):
        check_parameters(notebook, parameters_given(production, notebook))
    for notebook in production.notebooks("present"):
        for language in production.edition.languages:
            check_parameters(notebook, parameters_given(production, notebook, language))


def _require_taken(production: Production, name: str, parameter: str, notebooks: Sequence[Path]) -> None:
    """Refuse a parameter that no notebook of the name takes, and one that the pipeline gives itself."""
    shown = " and ".join(str(path.relative_to(production.root)) for path in notebooks)
    declared = {one for path in notebooks for one in declared_parameters(path)}
    key = f"notebooks.{name}.{parameter}"
    if parameter in OF_EDITION:
        raise EditionError(
            f"The edition's own keys give notebooks {parameter!r}; it is not given a second time.",
            file=production.params,
            key=key,
            remedy="Take it out here.",
        )
    if parameter not in declared:
        near = difflib.get_close_matches(parameter, declared - OF_EDITION, n=1)
        known = ", ".join(sorted(declared - OF_EDITION)) or "none"
        raise EditionError(
            f"No notebook of this name takes the parameter {parameter!r}: {shown}.",
            file=production.params,
            key=key,
            remedy=f"Did you mean {near[0]!r}?"
            if near
            else f"Parameters that can be given here: {known}. A notebook declares its own in its cell tagged parameters.",
        )


def parameters_given(production: Production, notebook: Path, language: str | None = None) -> dict[str, Parameter]:
    """What a notebook is given: what all of its kind are, and what the edition gives its name, where it takes it."""
    edition = production.edition
    given: dict[str, Parameter] = {
        "edition": production.workspace.name,
        "reference_year": edition.reference_year,
        "first_year": edition.first_year,
    }
    where_taken: dict[str, Parameter] = dict(edition.notebooks.get(notebook.stem, {}))
    if language is not None:
        given["language"] = language
    else:
        where_taken |= {"engine": edition.engine, "behind": edition.disclosure.behind, "care": edition.data.care}
        # A day is text to a notebook; an edition without one counts all that has come, and every file is due.
        where_taken["as_of"] = edition.data.as_of.isoformat() if edition.data.as_of else ""
    return {**given, **{name: value for name, value in where_taken.items() if takes_parameter(notebook, name)}}
