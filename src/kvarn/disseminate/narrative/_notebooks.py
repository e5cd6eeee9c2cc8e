"""The numbers that stand in a present notebook: in its Markdown, its texts, its comments, and bare in its code.

Its page shows the code as well, so that nothing in it is unread. A number that computes (a place in a list, the year before, the
limit of a table) tells nothing; a number that is given a name, or stands where it is shown, is a figure.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kvarn.base.notebook_files import read_notebook
from kvarn.disseminate.narrative._allowed import Allowed
from kvarn.disseminate.narrative._carrying import Carrying
from kvarn.disseminate.narrative._code_of_places import Where, is_language, names_a_place
from kvarn.disseminate.narrative._faults import Fault, fault_of_one, faults_in
from kvarn.disseminate.narrative._layout import (
    counts_what_is_typed,
    is_layout,
    is_layout_by_place,
    names_a_size,
    reads_layout,
    shows_a_table,
    typed_truths,
)
from kvarn.disseminate.narrative._lines import faults_of_lines
from kvarn.disseminate.narrative._markup import refused_markup
from kvarn.disseminate.narrative._named_codes import codes, given_to, names_in, says_a_figure, stands_for_its_code
from kvarn.disseminate.narrative._numbers import numbers_in
from kvarn.disseminate.narrative._places import places_in
from kvarn.disseminate.narrative._reading import blocks_of, passage
from kvarn.errors import NotebookError

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
    """What may not be published of a present notebook as it is written."""
    try:
        cells = list(_cells(file))
    except NotebookError as error:
        yield Fault(error.what, str(error.remedy), file, None, "the whole file")
        return
    rebound = _rebound(cells)
    carrying = Carrying()
    somewhere = any(names_a_place(cell.source) for cell in cells if cell.kind == "code")
    for cell in cells:
        if cell.kind == "markdown":
            yield from _in_markdown(cell, file, allowed, carrying)
        elif cell.kind == "code":
            here = names_a_place(cell.source) or bool(carrying.firm or carrying.before)
            yield from _in_code(cell, file, allowed, rebound, Where(here, somewhere))
        elif cell.source.strip():
            yield Fault("A raw cell is published unread.", "Make it Markdown, or take it out.", file, None, cell.name)


def faults_in_parameters(name: str, given: object, file: Path, allowed: Allowed, where: Where | None = None) -> Iterator[Fault]:
    """What the edition gives a present notebook, since its page shows it: no number but years and those of allowed arguments."""
    key, own = f"notebooks.{name}", name.rpartition(".")[2]
    number = (isinstance(given, int | float) and not isinstance(given, bool)) or (isinstance(given, str) and given.isdigit())
    if _holds_place(own) or (number and says_a_figure(own) and not stands_for_its_code(str(given), own)):
        what = "The parameter's name is that of a place or of what is counted, so what it is given is read as its figure."
        yield Fault(what, "Name it by what the notebook does with it.", file, None, key)
        return
    if isinstance(given, int | float) and not isinstance(given, bool):
        if given not in _YEARS and not allowed.covers(name.rpartition(".")[2]):
            what = f"The parameter is a number, and the notebook's page shows it: {given}."
            yield Fault(what, f"Give a year from {_YEARS[0]} to {_YEARS[-1]}, or words. {_REMEDY}", file, None, key)
    elif isinstance(given, str) and given.isdecimal() and int(given) in _YEARS:
        what = f"The year {given} stands in quotation marks, and would be read as words."
        yield Fault(what, "Take the quotation marks away.", file, None, key)
    elif isinstance(given, str) and not (given in codes() and _stands_for_it(given, name.rpartition(".")[2])):
        of_place = where is not None and where.means_a_place(given) and not is_language(given, own)
        yield from faults_in(passage(given), file, None, allowed, field=key, of_place=of_place)


def _cells(file: Path) -> Iterator[_Cell]:
    for number, cell in enumerate(read_notebook(file).cells, 1):
        tags = tuple(cell.metadata.get("tags", ()))
        yield _Cell(number, str(cell.get("id", "")), cell.cell_type, cell.source, tags)


def _in_markdown(cell: _Cell, file: Path, allowed: Allowed, carrying: Carrying) -> Iterator[Fault]:
    for number, line in enumerate(cell.source.split("\n"), 1):
        for written, what, remedy in refused_markup(line):
            yield Fault(f"{what}: {written!r}.", remedy, file, None, f"{cell.name}, line {number}")
    lines = cell.source.split("\n")
    for at, written, what, remedy in faults_of_lines(lines, blocks=False):
        yield Fault(f"{what}: {written!r}.", remedy, file, None, f"{cell.name}, line {at + 1}")
    for block in blocks_of(cell.source):
        ones = [fault_of_one(block, *span, file, None, "below") for span in carrying.step(block).ones_in(block.text)]
        for fault in (*faults_in(block, file, None, allowed), *ones):
            yield _within(fault, cell)


def _rebound(cells: list[_Cell]) -> Collection[str]:
    """The names that a notebook binds by other means than an import: they are no functions of kvarn."""
    bound: set[str] = set()
    for cell in cells:
        try:
            tree = ast.parse(cell.source) if cell.kind == "code" else ast.Module([], [])
        except (SyntaxError, ValueError):
            continue
        bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
        bound |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    return bound


def _in_code(cell: _Cell, file: Path, allowed: Allowed, rebound: Collection[str], where: Where) -> Iterator[Fault]:
    try:
        tree = ast.parse(cell.source)
        comments = [
            (_as_shown(token.string), token.start[0])
            for token in tokenize.generate_tokens(io.StringIO(cell.source).readline)
            if token.type == tokenize.COMMENT
        ]
    except (SyntaxError, tokenize.TokenError, ValueError):
        # What is said to IPython (%…, !…) is no Python: all of it is read as a text.
        for fault in faults_in(passage(cell.source), file, None, allowed, of_place=where.here):
            yield _within(fault, cell)
        return
    options = {words.partition(":")[0].strip(): words.partition(":")[2].strip() for words, _ in comments}
    if options.get("include") == "false" and "label" in options:
        yield Fault(
            "The cell is left out of the notebook's page, where its output is held to the tables, and documents can embed it.",
            "Take out #| include: false, or the label.",
            file,
            None,
            cell.name,
        )
    for words, line in comments:
        if _names_tables(words):
            continue
        if re.match(r"(?:label|echo|include):\s*[\w-]+$", words):
            words = words.partition(":")[2].replace("-", " ")
        for fault in faults_in(passage(words, line), file, None, allowed, of_place=where.means_a_place(words)):
            yield _within(fault, cell)
    yield from _Code(cell, file, allowed, rebound, where).faults(tree)


def _as_shown(comment: str) -> str:
    """A comment as the page shows it: only the options of a cell have variables."""
    words = comment.lstrip("#| ")
    return _as_read(words if comment.startswith("#|") else re.sub(r"\{\{<\s*var\b", " ", words))


def _as_read(text: str) -> str:
    """A text of the code, in which nothing is a reference."""
    return re.sub(r"@|\{\{<\s*(?:include|embed)\b", " ", text)


def _names_tables(words: str) -> bool:
    """Whether an option of a cell says which tables it shows, and nothing else."""
    found = re.fullmatch(r"shows:\s*\[?([\w\s,-]+)\]?", words)
    return found is not None and set(re.split(r"[\s,]+", found[1].strip(" ,"))) <= set(codes())


def _within(fault: Fault, cell: _Cell) -> Fault:
    where = f"{cell.name}, line {fault.line}" if fault.line is not None else cell.name
    return Fault(fault.what, fault.remedy, fault.file, None, where, fault.entry)


class _Code:
    """Goes through the code of a cell, and knows of each constant where it stands."""

    def __init__(self, cell: _Cell, file: Path, allowed: Allowed, rebound: Collection[str], where: Where) -> None:
        self.cell, self.file, self.allowed, self.rebound, self.where = cell, file, allowed, rebound, where
        self.parameters = "parameters" in cell.tags
        self.given: Mapping[int, str] = {}

    def faults(self, tree: ast.Module) -> Iterator[Fault]:
        self.given = given_to(tree)
        for statement in tree.body:
            yield from self.beside_place(statement)
            yield from self.within(statement, shown=isinstance(statement, ast.Expr), computing=False)

    def beside_place(self, statement: ast.stmt) -> Iterator[Fault]:
        """Beside a name that holds a place even a number that computes says how many: ``haninge = years[3]``."""
        places = [name for node in ast.walk(statement) for name in names_in(node) if _holds_place(name)]
        for node in ast.walk(statement) if places else ():
            if _typed_number(node) and not stands_for_its_code(str(getattr(node, "value", "")), f"region {places[0]}"):
                what = f"The number {ast.unparse(node)} stands in one statement with the name {places[0]!r}."
                yield self.fault(node, what, "Name a place by a text, and what is computed by what it is.")
                return

    def beside_text_of_place(self, node: ast.Call) -> Iterator[Fault]:
        """Beside a text that names a place a number says how many, whatever argument it is: ``title("Haninge", rotation=3)``."""
        given = [part for one in (*node.args, *(keyword.value for keyword in node.keywords)) for part in ast.walk(one)]
        texts = [part.value for part in given if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        place = next((text for text in texts if places_in(text, country=False)), None)
        number = next((part for part in given if _typed_number(part) and isinstance(part, ast.Constant)), None)
        if place is not None and isinstance(number, ast.Constant) and isinstance(number.value, int | float):
            what = f"The number {number.value} stands in one call with a text that names a place: {place[:40]!r}."
            yield self.fault(number, what, "Name places by what the table has, and say how a chart looks in a call of its own.")

    def within(self, node: ast.AST, *, shown: bool, computing: bool) -> Iterator[Fault]:
        """The faults of a node; `shown`: its value reaches the page by itself; `computing`: a number there tells nothing."""
        yield from self.made_of_typed(node)
        yield from self.names(node)
        if isinstance(node, ast.Constant):
            yield from self.constant(node, shown=shown, computing=computing)
        elif isinstance(node, ast.Call):
            yield from self.call(node)
        elif isinstance(node, ast.Subscript):
            yield from self.within(node.value, shown=shown, computing=False)
            yield from self.within(node.slice, shown=False, computing=True)
        elif isinstance(node, ast.Tuple) and computing:
            # A place in a grid of charts: axes[0, 1].
            for place in node.elts:
                yield from self.within(place, shown=shown, computing=_small(place))
        elif names_a_size(node):
            return
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
                if isinstance(part, ast.FormattedValue) and part.format_spec is not None and not _plain_format(part.format_spec):
                    yield self.fault(part, f"How a text is filled in holds a number: {ast.unparse(node)}.", _REMEDY)
        elif isinstance(node, ast.AnnAssign):
            yield from self.annotated(node)
        else:
            for child in ast.iter_child_nodes(node):
                yield from self.within(child, shown=shown, computing=False)

    def call(self, node: ast.Call) -> Iterator[Fault]:
        shows = _name(node.func) in _SHOWING
        yield from self.beside_text_of_place(node)
        yield from self.within(node.func, shown=shows, computing=False)
        for place, given in enumerate(node.args):
            if is_layout_by_place(node, place):
                continue
            yield from self.within(given, shown=shows, computing=_name(node.func) == "range" and _small(given))
        for keyword in node.keywords:
            known = (
                keyword.arg is not None
                and _numeric(keyword.value)
                and shows_a_table(node)
                and _name(node.func) not in self.rebound
            )
            covered = known and self.allowed.covers(str(keyword.arg))
            yield from self.names(keyword)
            if is_layout(node, keyword):
                continue
            yield from self.within(keyword.value, shown=shows, computing=covered)

    def annotated(self, node: ast.AnnAssign) -> Iterator[Fault]:
        """A name with its type: the type holds no number, and among the parameters the value may be a year."""
        yield from self.within(node.target, shown=False, computing=False)
        for part in ast.walk(node.annotation):
            yield from self.names(part)
            if isinstance(part, ast.Constant):
                yield from self.constant(part, shown=False, computing=False)
        if node.value is not None:
            named = node.target.id if isinstance(node.target, ast.Name) else ""
            year = self.parameters and _year(node.value) and not says_a_figure(named)
            yield from self.within(node.value, shown=False, computing=year)

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
        elif isinstance(value, str) and (shown or not self.is_code(node, value)):
            for written, what, remedy in refused_markup(value.replace("\n", " ")) if shown else ():
                yield self.fault(node, f"{what}: {written!r}.", remedy)
            of_place = self.where.means_a_place(value) and not is_language(value, self.given.get(id(node), ""))
            for fault in faults_in(passage(_as_read(value), node.lineno), self.file, None, self.allowed, of_place=of_place):
                yield _within(fault, self.cell)

    def is_code(self, node: ast.Constant, value: str) -> bool:
        return value in codes() and stands_for_its_code(value, self.given.get(id(node), ""))

    def names(self, node: ast.AST) -> Iterator[Fault]:
        """Names are shown as well: bjurholm_three, persons_3, from persons25 import x."""
        for name in dict.fromkeys(names_in(node)):
            if name.rpartition(".")[2] in codes() or (isinstance(node, ast.ImportFrom | ast.alias) and _is_module(name)):
                continue
            words = re.sub(r"[_.]+", " ", name)
            found = list(numbers_in(words, "both"))
            covered = self.allowed.covered(words, None)
            if any(not set(range(one.start, one.end)) <= covered for one in found):
                yield self.fault(node, f"The name {name!r} holds a number, and the page shows it.", "Name it by words.")

    def fault(self, node: ast.AST, what: str, remedy: str) -> Fault:
        line = getattr(node, "lineno", None)
        return Fault(what, remedy, self.file, None, self.cell.name if line is None else f"{self.cell.name}, line {line}")


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""


def _typed_number(node: ast.AST) -> bool:
    """Whether a constant is a number, or a text of digits; zero and one are steps."""
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
        return False
    if isinstance(node.value, str):
        return node.value.strip().isdigit()
    return isinstance(node.value, int | float) and node.value not in (0, 1)


def _numeric(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _stands_for_it(given: str, name: str) -> bool:
    return not given.isdigit() or stands_for_its_code(given, name)


def _holds_place(name: str) -> bool:
    return bool(places_in(re.sub(r"[\W_]+", " ", name).title(), country=False))


def _plain_format(spec: ast.expr) -> bool:
    """Whether what stands behind the colon says no more than signs, groups of thousands and up to three decimals."""
    parts = spec.values if isinstance(spec, ast.JoinedStr) else [spec]
    said = "".join(str(part.value) if isinstance(part, ast.Constant) else "{" for part in parts)
    return re.fullmatch(r"[+\- ]?[,_]?(?:\.[0-3])?[a-zA-Z%]?", said) is not None


def _small(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value in _SMALL


def _year(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value in _YEARS


def _is_module(name: str) -> bool:
    """Whether a name is that of a module of Python itself, such as base64."""
    return name.partition(".")[0] in sys.stdlib_module_names
