"""Declared figures in the sentences that they stand in: each beside the name of its own region, and none joined to another.

A figure comes from a protected table, and yet a sentence can say something else with it: "In Haninge 3 persons", where the three
are another municipality's; or a 2 and a 9 side by side. So a figure of a region stands where that region is named and no other,
a figure of the whole country where none is, and between two figures stands a word.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from kvarn.base.notebook_files import read_notebook
from kvarn.disseminate.narrative._carrying import Carried, Carrying, Places
from kvarn.disseminate.narrative._categories import of_another_part
from kvarn.disseminate.narrative._edition_values import OWN_COUNTS, beside_a_place, read_as_counts, read_as_counts_in_rows
from kvarn.disseminate.narrative._faults import Fault
from kvarn.disseminate.narrative._numbers import VARIABLE
from kvarn.disseminate.narrative._ones import ones_beside, ones_told
from kvarn.disseminate.narrative._reading import Passage, blocks_of, passage
from kvarn.disseminate.narrative._regions_named import COUNTRY, names_the_country, regions_named
from kvarn.disseminate.narrative._units import miscounted, unnamed
from kvarn.disseminate.text_figures import Declaration, Figure
from kvarn.metadata import languages

__all__ = [
    "faults_of_sentences_in_document",
    "faults_of_sentences_in_notebook",
    "faults_of_sentences_in_texts",
    "faults_of_sentences_in_values",
    "places_said",
]

_REGION = "region"
_YEARS = re.compile(r"(?:.*_)?years?|break\.(?:before|after)|revisions\.years")
_END = re.compile(r"(?<=[.!?])[\s\"”’)]+(?=\S)")
_LETTER = re.compile(r"[^\W\d_\ufffc\ufff9]|\ufff9")
_BRACE = re.compile(r"\{([a-z0-9_.]+)\}")
_REGIONS = re.compile(r"\b(?:län|kommuner|counties|municipalities)\b", re.IGNORECASE)
_BEGINS = re.compile(rf"[\s*_]*{VARIABLE}")
_DEEPEST = 8
_AROUND = 60
_OTHER_PLACE = (
    "Write a sentence for each place, with its own figures: in each the municipality or county that they are declared for "
    "(where: {region: …}) and no other, and figures of the whole country where none is named."
)


@dataclass(frozen=True)
class _Text:
    """Words with a sign for each variable, and the names of the variables in their order."""

    words: str
    names: tuple[str, ...]


def faults_of_sentences_in_document(
    body: str,
    first: int,
    file: Path,
    language: str,
    declaration: Declaration,
    about: Callable[[Passage], Carried] | None = None,
) -> Iterator[Fault]:
    """What is wrong with the figures in a document's sentences; what its texts say is read in its place.

    Parameters
    ----------
    about
        What each block is about, where the document alone does not tell.
    """
    about = about or Carrying(places_said(language, declaration)).step
    for block in blocks_of(body, first):
        yield from _faults_in_block(block, file, language, declaration, block.line(0), None, about(block))


def places_said(language: str, declaration: Declaration) -> Callable[[Passage], Places]:
    """What names the places of a block: its words, the texts that it prints, and the figures that name a place."""

    def named(block: Passage) -> Places:
        if block.text.count(VARIABLE) != len(block.variables) or not block.variables:
            return regions_named(block.text)
        found: dict[object, None] = {}
        for whole in _variants(_Text(block.text, block.variables), language, declaration):
            found.update(dict.fromkeys(_named_in(whole, declaration)))
        return tuple(found)

    return named


def _named_in(text: _Text, declaration: Declaration) -> Places:
    return (
        *regions_named(text.words),
        *(_extreme(declaration.figures[name]) for name in text.names if _is_place(name, declaration)),
    )


def faults_of_sentences_in_values(
    root: yaml.Node | None, before: int, file: Path, language: str | None, declaration: Declaration
) -> Iterator[Fault]:
    """The same of each text of a front matter or of the house style's words.

    Parameters
    ----------
    before
        The lines that stand before the first one of what was read.
    language
        None where the words of each language stand below its code.
    """
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            yield from faults_of_sentences_in_values(value, before, file, language or str(key.value), declaration)
    elif isinstance(root, yaml.SequenceNode):
        for value in root.value:
            yield from faults_of_sentences_in_values(value, before, file, language, declaration)
    elif isinstance(root, yaml.ScalarNode) and language in languages:
        line = root.start_mark.line + 1 + before
        yield from _faults_in_block(passage(root.value, line), file, language, declaration, line, None, Carried())


def faults_of_sentences_in_notebook(file: Path, declaration: Declaration) -> Iterator[Fault]:
    """The same of a present notebook's Markdown and of the options of its cells, in each language."""
    about = {language: Carrying(places_said(language, declaration)).step for language in languages}
    for number, cell in enumerate(read_notebook(file).cells, 1):
        source = "".join(cell.source)
        if cell.cell_type == "code":
            source = "\n\n".join(line.removeprefix("#|") for line in source.split("\n") if line.startswith("#|"))
        field = f"cell {cell.get('id', '') or number}"
        for language in languages:
            for fault in faults_of_sentences_in_document(source, 1, file, language, declaration, about[language]):
                yield Fault(fault.what, fault.remedy, file, None, field)


def faults_of_sentences_in_texts(declaration: Declaration) -> Iterator[Fault]:
    """The same of the texts and alternative texts that ``figures.yml`` declares, in every variant and language."""
    for text in declaration.texts.values():
        for language, variants in text.variants.items():
            for variant, words in variants.items():
                read = passage(words, text.line, braces=True)
                field = f"{text.name}, {language}, {variant}"
                yield from _faults_in_block(read, declaration.file, language, declaration, text.line, field, Carried())


def _faults_in_block(
    block: Passage,
    file: Path,
    language: str,
    declaration: Declaration,
    line: int,
    field: str | None,
    carried: Carried,
) -> Iterator[Fault]:
    if block.text.count(VARIABLE) != len(block.variables):
        yield Fault(
            "A variable stands in an address or an attribute, where no reader sees what it says.",
            "Print it in the sentence itself.",
            file,
            line,
            field,
        )
        return
    if not block.variables:
        return
    told: set[str] = set()
    for what, remedy in read_as_counts_in_rows(block.source):
        told.add(what)
        yield Fault(what, remedy, file, line, field)
    for whole in _variants(_Text(block.text, block.variables), language, declaration):
        said = (whole.words, whole.names, language, declaration)
        units = (*miscounted(*said), *of_another_part(*said), *read_as_counts(whole.words, whole.names))
        # A figure that begins a paragraph goes on about the one before it.
        begins = _BEGINS.match(whole.words) is not None and _is_number(whole.names[0], declaration)
        misplaced = _misplaced(whole, declaration, carried.places if begins else carried.about, language)
        for what, remedy in (*_joined(whole, declaration), *misplaced, *units, *_ones(whole, block, declaration, carried)):
            if what not in told:
                told.add(what)
                yield Fault(what, remedy, file, line, field)


def _variants(text: _Text, language: str, declaration: Declaration) -> Iterator[_Text]:
    """The text as it can be read, with each variant of each text that it prints at least once."""
    most = max([1, *(len(declaration.texts[name].variants[language]) for name in _texts_in(text.names, language, declaration))])
    for number in range(most):
        yield _filled(text, language, declaration, number, _DEEPEST)


def _texts_in(names: Iterable[str], language: str, declaration: Declaration, deep: int = _DEEPEST) -> set[str]:
    found = {name for name in names if name in declaration.texts}
    if deep:
        for name in list(found):
            for words in declaration.texts[name].variants[language].values():
                found |= _texts_in(_BRACE.findall(words), language, declaration, deep - 1)
    return found


def _filled(text: _Text, language: str, declaration: Declaration, number: int, deep: int) -> _Text:
    """The words with each text in its place, and a sign for each figure."""
    parts = text.words.split(VARIABLE)
    words: list[str] = [parts[0]]
    names: list[str] = []
    for name, after in zip(text.names, parts[1:], strict=True):
        if name in declaration.texts and deep:
            variants = list(declaration.texts[name].variants[language].values())
            read = _read(variants[number % len(variants)])
            inner = _filled(_Text(read.text, read.variables), language, declaration, number, deep - 1)
            words.append(inner.words)
            names += inner.names
        else:
            words.append(VARIABLE)
            names.append(name)
        words.append(after)
    return _Text("".join(words), tuple(names))


@functools.lru_cache(maxsize=4096)
def _read(words: str) -> Passage:
    """A declared text as it is read: the same text is printed in several places."""
    return passage(words, braces=True)


def _joined(text: _Text, declaration: Declaration) -> Iterator[tuple[str, str]]:
    between = text.words.split(VARIABLE)[1:-1]
    for one, words, other in zip(text.names, between, text.names[1:], strict=False):
        if not (_is_number(one, declaration) and _is_number(other, declaration)) or _LETTER.search(words):
            continue
        years = [_YEARS.fullmatch(name) is not None for name in (one, other)]
        if (words == "–" and all(years)) or (words in (", ", ",\n") and years[0]):
            # A series, or "In 2023, 412 persons".
            continue
        yield (
            f"The figures {one} and {other} would be read as one number: nothing but {words!r} stands between them.",
            "Put a word between them.",
        )


def _ones(text: _Text, block: Passage, declaration: Declaration, carried: Carried) -> Iterator[tuple[str, str]]:
    """One, both and none in the texts that a block prints about a place, and beside figures that name one."""
    spans = [*ones_beside(text.words), *carried.ones_in(text.words)]
    if any(_is_place(name, declaration) for name in text.names):
        spans += ones_told(text.words)
    if spans and not any(True for _ in ones_beside(block.text)) and not any(True for _ in carried.ones_in(block.text)):
        said = " ".join(text.words[slice(*spans[0])].split())
        yield f"One who is counted is said of a place: {said!r}.", "In a place one is a figure too: declare it, and print it."


def _misplaced(text: _Text, declaration: Declaration, about_before: Places, language: str) -> Iterator[tuple[str, str]]:
    """Figures beside the name of another region, or of a kind that the sentence does not say.

    A sentence that names no place goes on about what was named before it.
    """
    if not any(_may_be_of_a_place(name, declaration) for name in text.names):
        return
    before = about_before
    for sentence in _sentences(text):
        named = _named_in(sentence, declaration)
        country = names_the_country(sentence.words)
        about = named or (() if country else before)
        shown = " ".join(sentence.words.replace(VARIABLE, "…").split())[:_AROUND]
        counted = not named and _REGIONS.search(sentence.words) is not None
        for name in sentence.names:
            wrong = _not_of(name, declaration, about, of_regions=counted)
            if wrong:
                yield f"The figure {name} is {wrong}: {shown!r}.", _OTHER_PLACE
        if about:
            yield from unnamed(sentence.words, sentence.names, language, declaration)
        before = about


def _not_of(name: str, declaration: Declaration, about: tuple[object, ...], *, of_regions: bool) -> str:
    """Why a figure may not stand in a sentence about these places; empty where it may."""
    if not _may_be_of_a_place(name, declaration):
        return ""
    figure = declaration.figures.get(name)
    regions = {COUNTRY} if figure is None else _regions_of(figure, declaration)
    if regions == {COUNTRY}:
        if not about or (of_regions and figure is not None and _counts_regions(figure)):
            return ""
        if figure is None:
            return "the edition's own, and stands beside the name of a place"
        return "the whole country's, and stands beside the name of a place"
    if len(regions) > 1:
        return "made of figures of several places" if about else ""
    (region,) = regions
    if len(about) == 1 and (region in about[0] if isinstance(about[0], frozenset) else region == about[0]):
        return ""
    return "another place's, or its own is not named" if about else "a place's that is not named"


def _sentences(text: _Text) -> Iterator[_Text]:
    names = iter(text.names)
    for words in _END.split(text.words):
        parts = words.split(VARIABLE)
        yield _Text(words, tuple(next(names) for _ in parts[1:]))


def _is_number(name: str, declaration: Declaration) -> bool:
    figure = declaration.figures.get(name)
    if figure is None:
        return name in OWN_COUNTS or _YEARS.fullmatch(name) is not None
    return not (figure.names_a_category or str(figure.options.get("format", "")).startswith("label"))


def _may_be_of_a_place(name: str, declaration: Declaration) -> bool:
    """Whether a variable would be read as a figure of the place that its sentence names."""
    if name in declaration.figures or name in declaration.texts:
        return _is_number(name, declaration)
    return beside_a_place(name)


def _is_place(name: str, declaration: Declaration) -> bool:
    figure = declaration.figures.get(name)
    return figure is not None and figure.names_a_category and figure.argument == _REGION


def _counts_regions(figure: Figure) -> bool:
    return figure.function == "number_of" and figure.argument == _REGION


def _extreme(figure: Figure) -> str:
    """What is common to the name of a largest or smallest region and its figure."""
    which = {name: figure.options.get(name) for name in ("table", "measure", "where", "among", "place", "year")}
    return f"{figure.function} {which}"


def _regions_of(figure: Figure, declaration: Declaration, deep: int = _DEEPEST) -> set[str]:
    """The region of the cells that a figure is made of; of a largest one the same sign as its name has."""
    if figure.function in ("largest", "smallest") and figure.argument == _REGION:
        return {_extreme(figure)}
    if not figure.operands:
        where = figure.options.get("where")
        return {str(where.get(_REGION, COUNTRY)) if isinstance(where, Mapping) else COUNTRY}
    parts = [declaration.figures[name] for name in figure.operands if name in declaration.figures]
    return set().union(*(_regions_of(part, declaration, deep - 1) for part in parts)) if deep and parts else {COUNTRY}
