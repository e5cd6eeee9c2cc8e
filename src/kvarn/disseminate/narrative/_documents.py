"""The numbers and the markup of documents, and of the words that stand in them: ``figures.yml`` and the house style's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from kvarn.base.by_hand import is_beside_documents
from kvarn.base.files import text_in
from kvarn.base.yaml_files import YamlFault, read_document, read_input
from kvarn.disseminate.narrative._allowed import Allowed
from kvarn.disseminate.narrative._carrying import Carried, carried_in_chapters
from kvarn.disseminate.narrative._faults import Fault, fault_of_one, faults_in, joined_variables
from kvarn.disseminate.narrative._lines import faults_of_lines
from kvarn.disseminate.narrative._markup import refused_markup
from kvarn.disseminate.narrative._numbers import counted_in
from kvarn.disseminate.narrative._places import places_in
from kvarn.disseminate.narrative._project_file import fault_in_setting
from kvarn.disseminate.narrative._reading import blocks_of, body_of, passage
from kvarn.disseminate.narrative._references import misplaced_references
from kvarn.disseminate.shortcodes import is_name_of_chapter, malformed_in, shortcodes_in

__all__ = [
    "faults_in_declared_texts",
    "faults_in_document",
    "faults_in_files_beside",
    "faults_in_settings",
]

_KNOWN = (
    "title",
    "subtitle",
    "author",
    "date",
    "date-format",
    "series",
    "reference-year",
    "stage",
    "contact",
    "previous-publication",
    "how-to-cite",
    "article-number",
    "issn",
    "isbn",
    "lang",
    "toc",
    "toc-depth",
    "number-sections",
    "number-depth",
)
# What is set there is no text: contents, numbers of sections, and how a date is written.
_LANGUAGES = ("sv", "en")
_SETTINGS = ("toc", "toc-depth", "number-sections", "number-depth", "date-format")
_NUMBERED_HEADING = re.compile(r"\s{0,3}(?:>\s*+)*#{1,6}\s(?!.*\{[^{}]*(?:\.unnumbered\b|(?<![\w-])-(?![\w-])))(.*)")
_HEADING = re.compile(r"\s{0,3}(?:>\s*)*#{1,6}\s")
_UNDERLINE = re.compile(r"\s{0,3}(?:=+|-+)\s*")
_NOTE_IN_WORD = re.compile(r"[^\W_](?:\^\[[^\]\n]*\]|\[\^[^\]\s]*\])+(?=[^\W_])")
_FORMAT = re.compile(r"^\s*:::.*\b((?:when|unless)-format\s*=\s*\"?\w+)")


def faults_in_document(
    file: Path, language: str, allowed: Allowed, carried: Mapping[tuple[Path, int], Carried] | None = None
) -> Iterator[Fault]:
    """What may not be published of a document or chapter as it is written.

    Parameters
    ----------
    carried
        What each block of its folder is about (`carried_in_chapters`); found out where it is not given.
    """
    carried = carried_in_chapters(file.parent) if carried is None else carried
    text = text_in(file)
    body, first = body_of(text)
    if first > 1:
        yield from _front_matter(text[4:].partition("\n---\n")[0], file, language, allowed)
    for number, line in enumerate(body.split("\n"), first):
        for written, what, remedy in refused_markup(line):
            yield Fault(f"{what}: {written!r}.", remedy, file, number)
        yield from _shortcodes(line, file, number)
    for at, written in misplaced_references(body):
        yield Fault(
            f"The reference {written!r} would be read as a count.",
            'Say what is numbered, "see @tbl-label" or "(table [-@tbl-label])", and part it from places and what is counted.',
            file,
            first + body.count("\n", 0, at),
        )
    lines = body.split("\n")
    for at, written, what, remedy in faults_of_lines(lines):
        yield Fault(f"{what}: {written!r}.", remedy, file, first + at)
    above = said = ""
    for number, line in enumerate(body.split("\n"), first):
        # A line of equals signs or hyphens makes the line above it a heading.
        heading = _NUMBERED_HEADING.match(f"# {above}" if above.strip() and _UNDERLINE.fullmatch(line) else line)
        above = line
        if heading and places_in(heading[1], country=False):
            yield Fault(
                f"The number of the section would stand beside a place: {heading[1].strip()!r}.",
                "Name no municipality or county in a heading, or write {.unnumbered} behind it.",
                file,
                number,
            )
        elif heading and _names_a_place_and_goes_on(said) and next(counted_in(heading[1]), (1, 0))[0] == 0:
            yield Fault(
                f"The number of the section would be read as a count of the place above it: {heading[1].strip()!r}.",
                "End the sentence above it, or write {.unnumbered} behind the heading.",
                file,
                number,
            )
        said = line if line.strip() else said
    for noted in _NOTE_IN_WORD.finditer(body):
        yield Fault(
            f"A note stands within a word: {noted[0]!r}.",
            "Put the note behind the word.",
            file,
            first + body.count("\n", 0, noted.start()),
        )
    before = ""
    shown_by: list[str] = []
    for block in blocks_of(body, first):
        yield from faults_in(block, file, language, allowed)
        for start, end in carried.get((file, block.first), Carried()).ones_in(block.text):
            yield fault_of_one(block, start, end, file, None, "below")
        yield from joined_variables(block, file)
        said = " ".join(block.text.split())
        # The same words for each format are the usual pair, of which a reader sees one.
        other, shown_by = shown_by, _FORMAT.findall(lines[block.line(0) - first]) or shown_by
        if said == before and other == shown_by and any(sign.isalpha() for sign in said):
            yield Fault(
                f"{said[:60]!r} stands twice: a row of equal items can be counted.", "Write it once.", file, block.line(0)
            )
        before = said or before


def _names_a_place_and_goes_on(line: str) -> bool:
    """Whether the line above a heading names a place and ends no sentence: "In Haninge", and then "3 Persons with care"."""
    ended = _HEADING.match(line) or line.rstrip().endswith((".", "!", "?"))
    return not ended and bool(places_in(line, country=False))


def faults_in_files_beside(document: Path) -> Iterator[Fault]:
    """What stands in a document's folder and is no chapter of it: the folder is laid out whole for the renderer."""
    for path in sorted(document.rglob("*")):
        parts = path.relative_to(document).parts
        if any(part.startswith(".") for part in parts) or any(map(is_beside_documents, parts[1:])):
            continue
        chapter = path.suffix == ".qmd" and path.parent.parent == document
        if path.is_file() and not chapter:
            yield Fault(
                "The file is no chapter of the document, so nobody reads what it would publish.",
                "Take it out, or name it _chapter.qmd beside the document.",
                path,
            )


def _shortcodes(line: str, file: Path, number: int) -> Iterator[Fault]:
    for _, written in malformed_in(line):
        yield Fault(
            f"{written!r} is no shortcode that kvarn reads.",
            "Write {{< var name >}}, {{< include _chapter.qmd >}} or {{< embed notebooks/name.ipynb#cell >}}, with a space on "
            "either side of each name and none in it.",
            file,
            number,
        )
    for one in shortcodes_in(line):
        if one.kind == "include" and not is_name_of_chapter(one.name):
            yield Fault(f"{one.name!r} is no chapter.", "Name it _chapter.qmd, beside the document.", file, number)


def _front_matter(head: str, file: Path, language: str, allowed: Allowed) -> Iterator[Fault]:
    try:
        yield from list(_yaml_of_texts(head, file, 2))
        root = read_document(head).root
    except (yaml.YAMLError, YamlFault):
        # Said with its line when the document is read to be rendered.
        return
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        line = key.start_mark.line + 2
        if key.value not in _KNOWN:
            yield Fault(
                f"The front matter's key {key.value!r} is not known, so nobody can tell where it is published.",
                f"Known: {', '.join(_KNOWN)}.",
                file,
                line,
            )
        elif isinstance(value, yaml.MappingNode):
            yield Fault(
                f"The front matter's key {key.value!r} holds a mapping, where a text is needed.",
                "Put a text that begins with a brace or holds a colon in quotation marks.",
                file,
                value.start_mark.line + 2,
            )
        elif key.value in _SETTINGS:
            yield from fault_in_setting(key.value, value, file, 2)
        else:
            yield from _in_value(value, file, language, allowed, 2)


def _in_value(
    node: yaml.Node, file: Path, language: str | None, allowed: Allowed, before: int, field: str | None = None
) -> Iterator[Fault]:
    if isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _in_value(value, file, language, allowed, before, field)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _in_value(value, file, language, allowed, before, field)
    elif isinstance(node, yaml.ScalarNode):
        first = node.start_mark.line + before
        for written, what, remedy in refused_markup(node.value):
            yield Fault(f"{what}: {written!r}.", remedy, file, first, field)
        yield from faults_in(passage(node.value, first), file, language, allowed, field=field)


def faults_in_declared_texts(file: Path, allowed: Allowed) -> Iterator[Fault]:
    """What may not be published of the texts and alternative texts that ``figures.yml`` declares."""
    root = read_input(file, noun="what the documents say").root
    for section, texts in root.value if isinstance(root, yaml.MappingNode) else ():
        if section.value == "figures" or not isinstance(texts, yaml.MappingNode):
            continue
        for name, declared in texts.value:
            for language, words in declared.value if isinstance(declared, yaml.MappingNode) else ():
                if language.value in _LANGUAGES:
                    for scalar in _scalars(words):
                        first, field = scalar.start_mark.line + 1, f"{name.value}, {language.value}"
                        for written, what, remedy in _in_lines(scalar.value):
                            yield Fault(f"{what}: {written!r}.", remedy, file, first, field)
                        read = passage(scalar.value, first, braces=True)
                        yield from faults_in(read, file, language.value, allowed, field=field)


def _in_lines(words: str) -> Iterator[tuple[str, str, str]]:
    """What may not stand in any line of a declared text."""
    lines = words.split("\n")
    for line in lines:
        yield from refused_markup(line, braces=True)
    for _, written, what, remedy in faults_of_lines(lines, blocks=False):
        yield written, what, remedy


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _scalars(key)
            yield from _scalars(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _scalars(value)


def _yaml_of_texts(written: str, file: Path, first: int) -> Iterator[Fault]:
    documents = 0
    for event in yaml.parse(written, Loader=yaml.SafeLoader):
        documents += isinstance(event, yaml.DocumentStartEvent)
        merged = isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]
        named = getattr(event, "anchor", None) or getattr(event, "tag", None)
        if merged or named or documents > 1:
            yield Fault(
                "An anchor, an alias, a merged mapping (<<), a tag or a second document stands where texts are declared.",
                "Write each text out where it belongs.",
                file,
                event.start_mark.line + first if event.start_mark else None,
            )


def faults_in_settings(file: Path, allowed: Allowed) -> Iterator[Fault]:
    """What may not be published of the words that the house style prints (``theme/words.yml``)."""
    root = read_input(file, noun="what the documents say").root
    for key, words in root.value if isinstance(root, yaml.MappingNode) else ():
        language = str(key.value)
        if language in _LANGUAGES:
            yield from _in_value(words, file, language, allowed, 1, language)
        else:
            remedy = f"Words stand below {' or '.join(_LANGUAGES)}."
            yield Fault(f"The key {language!r} is no language.", remedy, file, key.start_mark.line + 1, language)
