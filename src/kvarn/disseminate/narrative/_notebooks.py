"""The numbers that stand in a present notebook: in its Markdown, its texts, its comments, and bare in its code.

Its page shows the code as well, so that nothing in it is unread. A number that computes (a place in a list, the year before, the
limit of a table) tells nothing; a number that is given a name, or stands where it is shown, is a figure.
"""

from __future__ import annotations

import ast
import functools
import io
import json
import re
import tokenize
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from kvarn import metadata
from kvarn.disseminate.narrative._allowed import Allowed
from kvarn.disseminate.narrative._faults import Fault, faults_in
from kvarn.disseminate.narrative._layout import counts_what_is_typed, is_layout, reads_layout, typed_truths
from kvarn.disseminate.narrative._markup import refused_markup
from kvarn.disseminate.narrative._numbers import numbers_in
from kvarn.disseminate.narrative._reading import blocks_of, passage

__all__ = ["faults_in_notebook", "faults_in_parameters"]

# What shows what it is given.
_SHOWING = frozenset(
    [
        "print",
        "display",
        "Markdown",
        "HTML",
        "Latex",
        "Math",
        "SVG",
        "Pretty",
        "JSON",
        "repr",
        "str",
        "format",
        "title",
        "suptitle",
        "set_title",
        "text",
        "annotate",
    ]
)
_YEARS = range(1990, 2101)
_SMALL = range(3)
_REMEDY = (
    "Show figures by a table of kvarn.disseminate.text_tables or a chart of kvarn.disseminate.charts; a number that a function "
    "needs is given to it by the name of its argument, which reports/allowed-digits.yml lists under code. How a chart looks may "
    "be said by name (figsize=, linewidth=, fontsize=, alpha=, rotation=, ncols=); what it shows is taken from the tables."
)


@dataclass(frozen=True)
class _Cell:
    number: int
    id: str
    kind: str
    source: str
    tags: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"cell {self.id or self.number}"


def faults_in_notebook(file: Path, allowed: Allowed) -> Iterator[Fault]:
    """What may not be published of a present notebook as it is written; nothing of a file that is no notebook."""
    for cell in _cells(file):
        if cell.kind == "markdown":
            yield from _in_markdown(cell, file, allowed)
        elif cell.kind == "code":
            yield from _in_code(cell, file, allowed)
        elif cell.source.strip():
            yield Fault("A raw cell is published unread.", "Make it Markdown, or take it out.", file, None, cell.name)


def faults_in_parameters(name: str, given: object, file: Path, allowed: Allowed) -> Iterator[Fault]:
    """What the edition gives a present notebook, since its page shows it: no number but years and those of allowed arguments."""
    key = f"notebooks.{name}"
    if isinstance(given, int | float) and not isinstance(given, bool):
        if given not in _YEARS and not allowed.covers(name.rpartition(".")[2]):
            yield Fault(f"The parameter is a number, and the notebook's page shows it: {given}.", _REMEDY, file, None, key)
    elif isinstance(given, str) and given not in _codes():
        yield from faults_in(passage(given), file, None, allowed, field=key)


def _cells(file: Path) -> Iterator[_Cell]:
    try:
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        for number, cell in enumerate(cells, 1):
            tags = tuple(cell.get("metadata", {}).get("tags", ()))
            yield _Cell(number, str(cell.get("id", "")), cell["cell_type"], "".join(cell["source"]), tags)
    except (ValueError, LookupError, TypeError, AttributeError):
        # Said with its remedy where the notebook is read to be run.
        return


def _in_markdown(cell: _Cell, file: Path, allowed: Allowed) -> Iterator[Fault]:
    for number, line in enumerate(cell.source.split("\n"), 1):
        for written, what, remedy in refused_markup(line):
            yield Fault(f"{what}: {written!r}.", remedy, file, None, f"{cell.name}, line {number}")
    for block in blocks_of(cell.source):
        for fault in faults_in(block, file, None, allowed):
            yield _within(fault, cell)


def _in_code(cell: _Cell, file: Path, allowed: Allowed) -> Iterator[Fault]:
    try:
        tree = ast.parse(cell.source)
        comments = [
            (token.string.lstrip("#| "), token.start[0])
            for token in tokenize.generate_tokens(io.StringIO(cell.source).readline)
            if token.type == tokenize.COMMENT
        ]
    except (SyntaxError, tokenize.TokenError, ValueError):
        # What is said to IPython (%…, !…) is no Python: all of it is read as a text.
        for fault in faults_in(passage(cell.source), file, None, allowed):
            yield _within(fault, cell)
        return
    for words, line in comments:
        if _names_tables(words):
            continue
        if re.match(r"(?:label|echo|include):\s*[\w-]+$", words):
            words = words.partition(":")[2].replace("-", " ")
        for fault in faults_in(passage(words, line), file, None, allowed):
            yield _within(fault, cell)
    yield from _Code(cell, file, allowed).faults(tree)


def _names_tables(words: str) -> bool:
    """Whether an option of a cell says which tables it shows, and nothing else."""
    found = re.fullmatch(r"shows:\s*\[?([\w\s,-]+)\]?", words)
    return found is not None and set(re.split(r"[\s,]+", found[1].strip(" ,"))) <= set(_codes())


def _within(fault: Fault, cell: _Cell) -> Fault:
    where = f"{cell.name}, line {fault.line}" if fault.line is not None else cell.name
    return Fault(fault.what, fault.remedy, fault.file, None, where, fault.entry)


class _Code:
    """Goes through the code of a cell, and knows of each constant where it stands."""

    def __init__(self, cell: _Cell, file: Path, allowed: Allowed) -> None:
        self.cell, self.file, self.allowed = cell, file, allowed
        self.parameters = "parameters" in cell.tags

    def faults(self, tree: ast.Module) -> Iterator[Fault]:
        for statement in tree.body:
            yield from self.within(statement, shown=isinstance(statement, ast.Expr), computing=False)

    def within(self, node: ast.AST, *, shown: bool, computing: bool) -> Iterator[Fault]:
        """The faults of a node; `shown`: its value reaches the page by itself; `computing`: a number there tells nothing."""
        yield from self.made_of_typed(node)
        if isinstance(node, ast.Constant):
            yield from self.constant(node, shown=shown, computing=computing)
        elif isinstance(node, ast.Call):
            yield from self.call(node)
        elif isinstance(node, ast.Subscript):
            yield from self.within(node.value, shown=shown, computing=False)
            yield from self.within(node.slice, shown=False, computing=True)
        elif isinstance(node, ast.Slice | ast.UnaryOp):
            for child in ast.iter_child_nodes(node):
                yield from self.within(child, shown=shown, computing=computing)
        elif isinstance(node, ast.BinOp | ast.Compare):
            # Next to a name a small number is the year before or a step; two numbers are a figure in disguise.
            beside = any(
                isinstance(one, ast.Name | ast.Attribute | ast.Call | ast.Subscript) for one in ast.iter_child_nodes(node)
            )
            for child in ast.iter_child_nodes(node):
                yield from self.within(child, shown=shown, computing=beside and _small(child))
        elif isinstance(node, ast.JoinedStr):
            for part in node.values:
                inner = part.value if isinstance(part, ast.FormattedValue) else part
                yield from self.within(inner, shown=True, computing=False)
        elif isinstance(node, ast.AnnAssign) and self.parameters:
            yield from self.within(node.value, shown=False, computing=_year(node.value)) if node.value is not None else ()
        else:
            yield from self.names(node)
            for child in ast.iter_child_nodes(node):
                yield from self.within(child, shown=shown, computing=False)

    def call(self, node: ast.Call) -> Iterator[Fault]:
        shows = _name(node.func) in _SHOWING
        yield from self.within(node.func, shown=shows, computing=False)
        for given in node.args:
            yield from self.within(given, shown=shows, computing=_name(node.func) == "range" and _small(given))
        for keyword in node.keywords:
            covered = keyword.arg is not None and _numeric(keyword.value) and self.allowed.covers(keyword.arg)
            yield from self.names(keyword)
            if is_layout(node, keyword):
                continue
            yield from self.within(keyword.value, shown=shows, computing=covered)

    def made_of_typed(self, node: ast.AST) -> Iterator[Fault]:
        """Numbers that are typed in disguise; in a chart nobody could read them."""
        if counts_what_is_typed(node) or typed_truths(node):
            yield self.fault(node, f"A number is made of what is typed: {ast.unparse(node)}.", _REMEDY)
        if reads_layout(node):
            yield self.fault(node, f"The looks of a chart are asked for as numbers: {ast.unparse(node)}.", _REMEDY)

    def constant(self, node: ast.Constant, *, shown: bool, computing: bool) -> Iterator[Fault]:
        value = node.value
        if isinstance(value, int | float | complex) and not isinstance(value, bool):
            if not computing:
                yield self.fault(node, f"The number {value} stands in the code by itself, and the page shows it.", _REMEDY)
        elif isinstance(value, bytes):
            yield self.fault(node, "Bytes stand in the code, and nobody can read what they say.", "Write texts as texts.")
        elif isinstance(value, str) and (shown or value not in _codes()):
            for written, what, remedy in refused_markup(value.replace("\n", " ")) if shown else ():
                yield self.fault(node, f"{what}: {written!r}.", remedy)
            for fault in faults_in(passage(value, node.lineno), self.file, None, self.allowed):
                yield _within(fault, self.cell)

    def names(self, node: ast.AST) -> Iterator[Fault]:
        """Names are shown as well: bjurholm_three, persons_3."""
        for name in (
            getattr(node, "id", None),
            getattr(node, "arg", None),
            getattr(node, "name", None),
            getattr(node, "attr", None),
        ):
            if not isinstance(name, str) or name.rpartition(".")[2] in _codes():
                continue
            words = re.sub(r"[_.]+", " ", name)
            found = [one for one in numbers_in(words, "both") if one.kind != "Roman numeral"]
            covered = self.allowed.covered(words, None)
            if any(not set(range(one.start, one.end)) <= covered for one in found):
                yield self.fault(node, f"The name {name!r} holds a number, and the page shows it.", "Name it by words.")

    def fault(self, node: ast.AST, what: str, remedy: str) -> Fault:
        line = getattr(node, "lineno", None)
        return Fault(what, remedy, self.file, None, self.cell.name if line is None else f"{self.cell.name}, line {line}")


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""


def _numeric(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _small(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value in _SMALL


def _year(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value in _YEARS


@functools.lru_cache(maxsize=8)
def _codes_of(_lists: tuple[str, ...]) -> Collection[str]:
    found: set[str] = set()
    for table in metadata.tables():
        found |= {table.name, *table.variables, *table.measures}
        for name in table.variables:
            codes = metadata.variable(name).codes
            found |= set(codes.by_code) if codes is not None else set()
    return frozenset(found)


def _codes() -> Collection[str]:
    """What a notebook names tables, measures and categories by."""
    return _codes_of(tuple(sorted(metadata.languages)))
