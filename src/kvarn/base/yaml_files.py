"""Reading YAML that people write: within limits, each key once, and nothing in it that stands for something elsewhere.

What is wrong is a `YamlFault` with its line, which each reader says in the words of its own file; `read_input` says it as an
`InputError`.
"""

from __future__ import annotations

import functools
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kvarn.base.plain_text import unseen
from kvarn.base.yaml_mistakes import mistake_in
from kvarn.errors import InputError

__all__ = ["Document", "YamlFault", "lines_of", "nodes_of", "read_document", "read_input", "text_of"]

_MOST_BYTES = 2 * 2**20
_MOST_NODES = 100_000
_DEEPEST = 20
_LONGEST_NUMBER = 40
# YAML knows numbers to the bases 2, 8, 16 and 60, too, and digits in groups: 010 is 8 there, and 1:30 is 90.
_PLAIN_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|[-+]?\.[0-9]+(?:[eE][-+]?[0-9]+)?")
# Ten times as quick where PyYAML was built with libyaml, and it reads the same.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Separators of lines that few editors show or count are not among the characters either.
_NOT_YAML = re.compile(r"[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile(r"\r\n|[\n\r]")
_CONVERTED = {f"tag:yaml.org,2002:{name}": name for name in ("int", "float", "timestamp", "value")}
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class YamlFault(ValueError):
    """Something in a YAML text that cannot be.

    Attributes
    ----------
    what, remedy
        As in the errors of kvarn.
    line
        Its line, counted from 1; None of a file as a whole.
    key
        The dotted key, where it is known.
    missing
        Whether there is no such file.
    """

    def __init__(self, what: str, remedy: str, *, line: int | None = None, key: str | None = None, missing: bool = False) -> None:
        super().__init__(what)
        self.what, self.remedy, self.line, self.key, self.missing = what, remedy, line, key, missing


@dataclass(frozen=True)
class Document:
    """What a YAML text says: its nodes, which know their lines, and its values. Of an empty text both are None."""

    root: yaml.Node | None
    values: Any


def read_input(file: Path, *, noun: str, remedy: str = "Restore it from git.", error: type[InputError] = InputError) -> Document:
    """The document of a file that is no edition's parameters.

    Parameters
    ----------
    noun, remedy
        What the file is, with its article, and what to do when there is none.

    Raises
    ------
    InputError
        It cannot be read; of the class `error`, with file and line.
    """
    try:
        return read_document(text_of(file))
    except YamlFault as fault:
        what, put = (f"{noun[:1].upper()}{noun[1:]} is not there.", remedy) if fault.missing else (fault.what, fault.remedy)
        raise error(what, file=file, line=fault.line, field=fault.key, remedy=put) from None


def text_of(file: Path) -> str:
    """The text of a file. Only a regular file of moderate size is opened: a pipe would keep its reader waiting for ever.

    Raises
    ------
    YamlFault
        It is not there, no such file, too large, may not be read, or is not text in UTF-8.
    """
    try:
        kind = stat.S_IFMT(os.stat(file).st_mode)
        if kind == stat.S_IFREG:
            # It may have become a pipe since.
            with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
                kind = stat.S_IFMT(os.fstat(opened.fileno()).st_mode)
                content = opened.read(_MOST_BYTES + 1) if kind == stat.S_IFREG else b""
    except (FileNotFoundError, NotADirectoryError):
        raise YamlFault("There is no such file.", "Correct the path.", missing=True) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise YamlFault(f"The file cannot be read: {why}.", "Correct the path, or the permissions of the file.") from None
    if kind != stat.S_IFREG:
        raise YamlFault(f"This is {_KINDS.get(kind, 'something else')}, not a file.", "Give the path of a text file in YAML.")
    if len(content) > _MOST_BYTES:
        raise YamlFault(f"The file is larger than {_MOST_BYTES // 2**20} MiB.", "Give a text file in YAML, written by hand.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise YamlFault("The file is not text in UTF-8.", "Save it as a text file in UTF-8.", line=line) from None


def read_document(written: str, *, shared: bool = False) -> Document:
    """The document of a YAML text.

    Parameters
    ----------
    shared
        Whether anchors, aliases and merged mappings are allowed, as in kvarn's own declaration of the register.

    Raises
    ------
    YamlFault
        It is not YAML, too large, too deep or not one document; a key is given twice or is not a word; a value stands for
        another one (an alias), is of a kind of its own (a tag), or is a number or date that cannot be.
    """
    found = _NOT_YAML.search(written)
    if found:
        raise YamlFault(
            f"The text has a character that is not seen, {unseen(found[0]) or hex(ord(found[0]))}.",
            "Take it out.",
            line=len(_LINE_END.findall(written, 0, found.start())) + 1,
        )
    # What is merged is written out in the nodes when the values are made, so such nodes are nobody else's.
    root = _composed(written, shared=True) if shared else _kept(written)
    if root is None:
        return Document(None, None)
    return Document(root, yaml.constructor.SafeConstructor().construct_document(root))


def _composed(written: str, *, shared: bool) -> yaml.Node | None:
    try:
        _check_events(written, shared=shared)
        root: yaml.Node | None = yaml.compose(written, Loader=_LOADER)
    except yaml.YAMLError as error:
        mistake = mistake_in(written, error)
        raise YamlFault(mistake.what, mistake.remedy, line=mistake.line) from None
    if root is not None:
        if shared:
            _size(root, {}, ())
        _check_nodes(root, (), shared=shared)
    return root


# The same text is read by several checks, one after another. Nodes are looked at, and never changed.
@functools.lru_cache(maxsize=64)
def _kept(written: str) -> yaml.Node | None:
    return _composed(written, shared=False)


@functools.lru_cache(maxsize=64)
def nodes_of(written: str) -> yaml.Node | None:
    """The nodes of a text that has been read, and held to the rules of its kind, elsewhere; they are not to be changed.

    Raises
    ------
    yaml.YAMLError
        It is not YAML.
    """
    return yaml.compose(written, Loader=_LOADER)


def lines_of(node: yaml.Node, above: tuple[str, ...] = ()) -> Iterator[tuple[str, int]]:
    """Each dotted key and its line; in a list the place is a part of the key: ``accepted.0.what``, ``languages.1``."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = (*above, str(key.value))
            yield ".".join(name), key.start_mark.line + 1
            yield from lines_of(value, name)
    elif isinstance(node, yaml.SequenceNode):
        for number, part in enumerate(node.value):
            name = (*above, str(number))
            yield ".".join(name), part.start_mark.line + 1
            yield from lines_of(part, name)


def _check_events(written: str, *, shared: bool) -> None:
    """Look at what is written before anything is built from it: no text can make a reader work for ever."""
    depth = nodes = documents = 0
    for event in yaml.parse(written, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else None
        documents += isinstance(event, yaml.DocumentStartEvent)
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if documents > 1:
            raise YamlFault("A second document begins here.", "Take out the line ---, and what follows it.", line=line)
        if depth > _DEEPEST or nodes > _MOST_NODES:
            limit = f"{_DEEPEST} levels" if depth > _DEEPEST else f"{_MOST_NODES:,} values"
            raise YamlFault(f"There are more than {limit} here.", "Write it with fewer.", line=line)
        merged = isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]
        if not shared and (getattr(event, "anchor", None) or merged):
            raise YamlFault(
                "An anchor (&), an alias (*) or a merged mapping (<<) stands here.",
                "Write each value out where it belongs; a text that begins with & or * needs quotation marks.",
                line=line,
            )
        if tag := getattr(event, "tag", None):
            raise YamlFault(
                f"A tag stands here: {str(tag)[:40]!r}.",
                "Write the value alone; a text that begins with ! needs quotation marks.",
                line=line,
            )


def _size(node: yaml.Node, known: dict[int, int], above: tuple[int, ...]) -> int:
    """How many nodes there would be if each alias were written out."""
    if id(node) in above:
        raise YamlFault("An alias (*) stands within what it stands for.", "Write it out.", line=node.start_mark.line + 1)
    if id(node) not in known:
        inner = (*above, id(node))
        known[id(node)] = 1 + sum(_size(part, known, inner) for part in _parts(node))
        if known[id(node)] > _MOST_NODES:
            raise YamlFault("The aliases (*) stand for too much.", "Write it with fewer.", line=node.start_mark.line + 1)
    return known[id(node)]


def _parts(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from (key, value)
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _check_nodes(node: yaml.Node, above: tuple[str, ...], *, shared: bool) -> None:
    if isinstance(node, yaml.ScalarNode):
        _check_scalar(node, above)
    elif isinstance(node, yaml.SequenceNode):
        for part in node.value:
            _check_nodes(part, above, shared=shared)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[tuple[str, str], int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise YamlFault(
                    "A list or a section stands where a key belongs.",
                    "Write a word; a text with braces or brackets needs quotation marks.",
                    line=line,
                    key=".".join(above) or None,
                )
            name = (*above, str(key.value))
            _check_key(key, value, above)
            _check_scalar(key, name)
            if (key.tag, key.value) in seen:
                first = seen[key.tag, key.value]
                raise YamlFault(
                    "The key is given twice.", f"Keep one; the first is on line {first}.", line=line, key=".".join(name)
                )
            seen[key.tag, key.value] = line
            _check_nodes(value, name, shared=shared)


def _check_key(key: yaml.ScalarNode, value: yaml.Node, above: tuple[str, ...]) -> None:
    line, section = key.start_mark.line + 1, ".".join(above) or None
    if key.tag.endswith(":null"):
        remedy = "Write the key before the colon; in quotation marks if the word null is meant."
        raise YamlFault("A key is empty, or null.", remedy, line=line, key=section)
    merged = value.value if isinstance(value, yaml.SequenceNode) else [value]
    if key.tag.endswith(":merge") and not all(isinstance(one, yaml.MappingNode) for one in merged):
        remedy = "Write << before an alias (*) of a section, or put it in quotation marks if it is a word."
        raise YamlFault("What is merged (<<) is no section with keys.", remedy, line=line, key=section)


def _check_scalar(node: yaml.ScalarNode, above: tuple[str, ...]) -> None:
    kind = _CONVERTED.get(node.tag)
    if kind is None:
        return
    line, key, written = node.start_mark.line + 1, ".".join(above) or None, str(node.value)
    if kind in ("int", "float") and len(written) > _LONGEST_NUMBER:
        what = f"A number of {len(written):,} characters stands here."
        raise YamlFault(what, "Correct it, or put it in quotation marks if it is text.", line=line, key=key)
    if kind == "float" and written.lower().lstrip("+-") in (".inf", ".nan"):
        raise YamlFault(f"{written} is no number that can be used.", "Write a number.", line=line, key=key)
    if kind == "value":
        raise YamlFault("An equals sign stands alone.", "Put it in quotation marks.", line=line, key=key)
    try:
        yaml.constructor.SafeConstructor().construct_object(node)
    except (ValueError, OverflowError, yaml.YAMLError) as error:
        word = "date" if kind == "timestamp" else "number"
        why = "its offset is a day or more" if "timedelta" in str(error) else str(error).rstrip(".")
        what = f"{written!r} is no {word} that exists: {why}."
        raise YamlFault(what, f"Correct the {word}, or put it in quotation marks if it is text.", line=line, key=key) from None
    if kind in ("int", "float") and not _PLAIN_NUMBER.fullmatch(written):
        read = yaml.constructor.SafeConstructor().construct_object(node)
        what = f"Without quotation marks YAML reads {written} as another number than it seems: {read}."
        raise YamlFault(what, "Write the number in digits alone, or in quotation marks if it is text.", line=line, key=key)
