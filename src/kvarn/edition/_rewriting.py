"""Changing values of a YAML text and nothing else: comments, order, quotation marks and blank lines stay.

Places come from the YAML reader's own marks. Each change is made to the values too, so that the text can be held against them at
the end: a text that does not say what it should is never written.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import yaml

__all__ = ["Rewriting", "scalar"]

Key = tuple[str, ...]


def scalar(value: object) -> str:
    """A value as it can stand anywhere in a YAML text, in quotation marks where it needs them."""
    return yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=1_000_000).strip()[1:-1]


class Rewriting:
    """A YAML text of keys and values that is being changed.

    Raises
    ------
    ValueError
        The text has anchors or aliases, whose values stand in one place and are meant in another.
    """

    def __init__(self, written: str) -> None:
        self._eol = "\r\n" if "\r\n" in written else "\n"
        self._text = written if written.endswith("\n") else written + self._eol
        if any(isinstance(token, yaml.AnchorToken | yaml.AliasToken) for token in yaml.scan(self._text)):
            raise ValueError("it has anchors (&) and aliases (*)")
        self._root = yaml.compose(self._text, Loader=yaml.SafeLoader)
        self.values: dict[str, Any] = yaml.safe_load(self._text)
        self._edits: list[tuple[int, int, str]] = []

    def has(self, *key: str) -> bool:
        """Whether the key is there, with a value that is not null."""
        return self.get(*key) is not None

    def get(self, *key: str) -> Any:
        """The value at the key, as it has become; None where there is none."""
        value: Any = self.values
        for name in key:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def put(self, key: Key, value: object) -> None:
        """Put a plain value in the place of the one that is there."""
        node = self._node(key)
        self._edits.append((node.start_mark.index, _end(node), scalar(value)))
        self._set(key, value)

    def renew(self, key: Key, change: Callable[[str], str]) -> None:
        """Change the words of a text as it is written."""
        node = self._node(key)
        start, end = node.start_mark.index, _end(node)
        self._edits.append((start, end, change(self._text[start:end])))
        self._set(key, change(self.get(*key)))

    def empty(self, key: Key) -> None:
        """Leave the key with nothing after it, and with what stood there in a comment where there is room for one."""
        node = self._node(key)
        start, end = node.start_mark.index, _end(node)
        line_end = self._line_end(end)
        inside = self._flows(key[:-1])
        room = not inside and not self._text[end:line_end].strip() and "\n" not in self._text[start:end]
        note = f"  # last time: {self._text[start:end]}" if room else ""
        if not inside:
            start = self._colon(key) + 1
        self._edits.append((start, end, note))
        self._set(key, None)

    def clear(self, key: Key) -> None:
        """Leave the key with an empty list."""
        node = self._node(key)
        if isinstance(node, yaml.SequenceNode) and not node.flow_style:
            self._edits.append((self._colon(key) + 1, self._colon(key) + 1, " []"))
            self._edits.append((self._line_start(node.start_mark.index), self._after_line(_end(node)), ""))
        else:
            self._edits.append((self._colon(key) + 1, _end(node), " []"))
        self._set(key, [])

    def append(self, key: Key, value: object) -> None:
        """Put one more value, None for an empty place, at the end of the list that is there."""
        node = self._node(key)
        listed = self.get(*key)
        if isinstance(node, yaml.SequenceNode) and not node.flow_style:
            indent = " " * node.start_mark.column
            at = self._after_line(_end(node))
            self._edits.append((at, at, f"{indent}-{'' if value is None else f' {scalar(value)}'}{self._eol}"))
            self._set(key, [*listed, value])
            return
        whole = [*(listed or []), value]
        self._edits.append((node.start_mark.index, _end(node), f"[{', '.join(map(scalar, whole))}]"))
        self._set(key, whole)

    def insert(self, section: Key, name: str, value: Any) -> None:
        """Add a key to a section, at its end; with the section where there is none.

        Parameters
        ----------
        value
            Texts, lists and mappings of them.
        """
        flow = _flow(value)
        if not isinstance(self.get(*section), Mapping):
            self._text += f"{self._eol}{section[0]}:{self._eol}  {name}: {flow}{self._eol}"
            self.values[section[0]] = {name: value}
            return
        node = self._node(section)
        if self._flows(section) or not node.value:
            text = f"{', ' if node.value else ''}{name}: {flow}"
            at = max((_end(one) for _, one in node.value), default=node.start_mark.index + 1)
            self._edits.append((at, at, text))
        else:
            indent = " " * node.value[0][0].start_mark.column
            at = self._after_line(_end(node))
            self._edits.append((at, at, f"{indent}{name}: {flow}{self._eol}"))
        self._set((*section, name), value)

    def remove(self, name: str) -> None:
        """Take a key of the outermost level away, with all below it and the comment right above it."""
        key, node = next((own, value) for own, value in self._node(()).value if own.value == name)
        start = self._line_start(key.start_mark.index)
        # What stands at the head of the file is about the whole, and ends with an empty line.
        while start and self._text[(above := self._line_start(start - 1)) : start].startswith("#"):
            start = above
        self._edits.append((start, self._after_line(_end(node)), ""))
        self.values = {own: value for own, value in self.values.items() if own != name}

    def text(self) -> str:
        """The text with every change.

        Raises
        ------
        ValueError
            It does not say what it should.
        """
        text = self._text
        for start, end, put in sorted(self._edits, key=lambda edit: edit[:2], reverse=True):
            text = text[:start] + put + text[end:]
        try:
            said = yaml.safe_load(text)
        except yaml.YAMLError:
            said = None
        if said != self.values:
            raise ValueError("it is written in a way that cannot be changed without losing something")
        return text

    def _node(self, key: Key) -> Any:
        node: Any = self._root
        for name in key:
            node = next(value for own, value in node.value if own.value == name)
        return node

    def _flows(self, key: Key) -> bool:
        return any(bool(self._node(key[:depth]).flow_style) for depth in range(len(key) + 1))

    def _set(self, key: Key, value: Any) -> None:
        self.values = copy.deepcopy(self.values)
        place = self.values
        for name in key[:-1]:
            place = place[name]
        place[key[-1]] = value

    def _colon(self, key: Key) -> int:
        section = self._node(key[:-1])
        own = next(own for own, _ in section.value if own.value == key[-1])
        return self._text.index(":", own.end_mark.index)

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        return self._text.index("\n", at)

    def _after_line(self, at: int) -> int:
        return self._line_end(at) + 1


def _end(node: Any) -> int:
    """Where a value really ends: the reader's mark of a block comes after the comments that follow it."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        end: int = node.end_mark.index
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            block = str(node.start_mark.buffer)[node.start_mark.pointer : node.end_mark.pointer]
            end = node.start_mark.index + len(block.rstrip())
        return end
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_flow(own)}" for name, own in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return scalar(value)
