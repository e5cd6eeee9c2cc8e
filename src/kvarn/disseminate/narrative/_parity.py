"""What stands in one language only: variables, references, embedded cells, chapters, headings, paragraphs, items, tables.

Both languages are the same document. So they are gone through side by side, section by section, and whatever one has and the
other lacks is told with the file and line in both.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kvarn.base.files import text_in
from kvarn.disseminate.narrative._faults import Fault
from kvarn.errors import place

__all__ = ["faults_between"]

_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*(\{[^}]*\})?\s*$")
_LABEL = re.compile(r"\{[^}]*#([\w-]+)")
_SAID = (
    ("{{{{< var {} >}}}}", re.compile(r"\{\{<\s*var\s+([^\s>]+)\s*>\}\}")),
    ("@{}", re.compile(r"(?<![\w.])@((?:fig|tbl|sec)-[\w-]*\w)")),
    ("{{{{< embed {} >}}}}", re.compile(r"\{\{<\s*embed\s+([^\s>]+)\s*>\}\}")),
    ("{{{{< include {} >}}}}", re.compile(r"\{\{<\s*include\s+([^\s>]+)\s*>\}\}")),
    ("the label #{}", re.compile(r"\{[^}]*#((?:fig|tbl|sec)-[\w-]+)")),
    ("the block {}", re.compile(r"^\s*:::+\s*(\{\s*\.[^}#]*\})")),
    ("a footnote{}", re.compile(r"\^\[()|^\[\^[^\]]+\]:()")),
)


@dataclass
class _Section:
    """A heading and what stands below it, up to the next one; the first has no heading."""

    line: int
    level: int = 0
    label: str = ""
    said: dict[str, list[int]] = field(default_factory=dict)
    parts: Counter[str] = field(default_factory=Counter)

    @property
    def words(self) -> str:
        return f"heading of level {self.level}" if self.level else "text before the first heading"


def faults_between(one: Path, other: Path) -> Iterator[Fault]:
    """What a chapter has in one language and lacks in the other."""
    ours, theirs = _sections(one), _sections(other)
    for mine, its in zip(ours, theirs, strict=False):
        if (mine.level, mine.label) != (its.level, its.label):
            yield _differ(one, mine.line, other, its.line, f"{_heading(mine)} stands where the other has {_heading(its)}")
            return
        yield from _said_in_one(one, mine, other, its)
        yield from _said_in_one(other, its, one, mine)
        for part in sorted({*mine.parts, *its.parts}):
            if mine.parts[part] != its.parts[part]:
                numbers = f"{mine.parts[part]} {part}, the other {its.parts[part]}"
                yield _differ(one, mine.line, other, its.line, f"the section has {numbers}")
    if len(ours) != len(theirs):
        longer, more, shorter, fewer = (one, ours, other, theirs) if len(ours) > len(theirs) else (other, theirs, one, ours)
        yield _differ(
            longer, more[len(fewer)].line, shorter, fewer[-1].line, f"{_heading(more[len(fewer)])} is missing in the other"
        )


def _heading(section: _Section) -> str:
    return section.words + (f" {{#{section.label}}}" if section.label else "")


def _said_in_one(one: Path, mine: _Section, other: Path, its: _Section) -> Iterator[Fault]:
    for what, lines in mine.said.items():
        if len(lines) > len(its.said.get(what, ())):
            yield _differ(one, lines[-1], other, its.line, f"{what} stands here and not there")


def _differ(one: Path, line: int, other: Path, its: int, what: str) -> Fault:
    return Fault(
        f"The languages differ: {what} ({place(other, its)}).",
        "Write the same sections, paragraphs, items, figures and references in both languages.",
        one,
        line,
    )


def _sections(file: Path) -> Sequence[_Section]:
    text = text_in(file)
    body, first = text, 1
    sections = [_Section(1)]
    if text.startswith("---\n") and "\n---\n" in text[4:]:
        head, _, body = text[4:].partition("\n---\n")
        first = head.count("\n") + 4
        _note(sections[0], head.split("\n"), 2)
        for key in re.findall(r"^([\w-]+):", head, re.MULTILINE):
            sections[0].said.setdefault(f"the front matter's key {key}", []).append(1)
    before = ""
    for number, line in enumerate(body.split("\n"), first):
        found = _HEADING.match(line)
        if found:
            label = _LABEL.search(found[3] or "")
            sections.append(_Section(number, len(found[1]), label[1] if label else ""))
        _note(sections[-1], [line], number)
        part = _part(line, before)
        if part and not found:
            sections[-1].parts[part] += 1
        before = line
    return sections


def _note(section: _Section, lines: Sequence[str], first: int) -> None:
    for number, line in enumerate(lines, first):
        for words, pattern in _SAID:
            for found in pattern.finditer(line):
                said = next((group for group in found.groups() if group), "")
                section.said.setdefault(words.format(said), []).append(number)


def _part(line: str, before: str) -> str:
    """What begins with a line: a paragraph, an item of a list, a definition or a table's row; nothing where it goes on."""
    bare = line.strip()
    if not bare or bare.startswith((":::", "{{< include", "{{< embed")):
        return ""
    if re.match(r"[-*+]\s|\d+[.)]\s", bare):
        return "list items"
    if re.match(r":\s", bare):
        return "definitions"
    if bare.startswith("|"):
        return "rows of tables"
    return "paragraphs" if not before.strip() or before.startswith(("#", ":::")) else ""
