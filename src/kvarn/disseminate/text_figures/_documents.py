"""Which figures the documents print, and that each of them is declared, and each declared one printed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kvarn.base.files import text_in
from kvarn.base.notebook_files import read_notebook
from kvarn.disseminate.text_figures._declaration import ALTERNATIVE_TEXT, Declaration
from kvarn.errors import InputError

__all__ = ["Use", "check_documents", "uses_in_document", "uses_in_notebook"]

_VARIABLE = re.compile(r"\{\{<\s*var\s+([^\s>]+)\s*>\}\}")


@dataclass(frozen=True)
class Use:
    """One ``{{< var name >}}``: in which file, on which line, or in which cell of a notebook."""

    name: str
    file: Path
    line: int | None


def uses_in_document(file: Path) -> Iterator[Use]:
    """The variables that a Quarto document prints, in order."""
    for number, line in enumerate(text_in(file).splitlines(), 1):
        for found in _VARIABLE.finditer(line):
            yield Use(found[1], file, number)


def uses_in_notebook(file: Path) -> Iterator[Use]:
    """The variables in a notebook's cell options: the alternative texts of its charts."""
    for cell in read_notebook(file).cells:
        for found in _VARIABLE.finditer("".join(cell["source"])):
            yield Use(found[1], file, None)


def check_documents(declaration: Declaration, edition_names: Iterable[str], reports: Path) -> None:
    """Hold the documents under `reports` and the present notebooks beside it to the declaration.

    Parameters
    ----------
    edition_names
        The names of the edition's own words, which need no declaration and no use.

    Raises
    ------
    InputError
        A document prints a name that is not declared, or names a largest category where its words cannot change (file and line
        of the document), or a declared figure is printed
        nowhere and no printed one stands on it (line of ``figures.yml``). Nothing is checked where there are no
        documents.
    """
    documents = sorted(reports.glob("*/*/*.qmd"))
    if not documents:
        return
    notebooks = sorted((reports.parent / "notebooks" / "present").glob("*.ipynb"))
    uses = [use for file in documents for use in uses_in_document(file)]
    uses += [use for file in notebooks for use in uses_in_notebook(file)]
    declared = declaration.entries
    own = set(edition_names)
    for use in uses:
        if use.name not in declared and use.name not in own:
            raise _undeclared(use, [*declared, *own], declaration)
        if use.name in declaration.figures and declaration.figures[use.name].names_a_category:
            raise InputError(
                f"The document names the category {use.name!r}, whatever the figures are.",
                file=use.file,
                line=use.line,
                field=use.name,
                remedy=f"Print a text of {declaration.file.name} that is chosen by_number: {use.name}.",
            )
    reached = _reached(declaration, {use.name for use in uses})
    for name, entry in declared.items():
        # Without the notebooks one cannot tell which alternative texts are wanted.
        if name in reached or (name.startswith(ALTERNATIVE_TEXT) and not notebooks):
            continue
        raise declaration.error(
            "The figure is declared, but no document prints it.",
            entry.line,
            name,
            f"Print it with {{{{< var {name} >}}}}, or delete it.",
        )


def _reached(declaration: Declaration, printed: set[str]) -> set[str]:
    """What is printed, and all that it stands on."""
    declared = declaration.entries
    alternative = {name for name in declared if name.startswith(ALTERNATIVE_TEXT)}
    waiting, reached = sorted(printed), set(printed)
    # What an alternative text needs is used, whether or not the notebooks are there to tell.
    waiting += sorted(operand for name in alternative for operand in declared[name].operands)
    while waiting:
        name = waiting.pop()
        reached.add(name)
        if name in declared:
            waiting += [operand for operand in declared[name].operands if operand not in reached]
    return reached


def _undeclared(use: Use, known: list[str], declaration: Declaration) -> InputError:
    near = difflib.get_close_matches(use.name, known, n=1)
    suggestion = f"Did you mean {near[0]!r}? Else declare" if near else "Declare"
    return InputError(
        f"The figure {use.name!r} is not declared.",
        file=use.file,
        line=use.line,
        field=use.name,
        remedy=f"{suggestion} it in {declaration.file.name}.",
    )
