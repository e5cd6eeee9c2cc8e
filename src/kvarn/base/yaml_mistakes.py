"""What makes a text no YAML, in the words of whoever wrote it: the line where the mistake is, and how it is put right."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

import yaml

__all__ = ["Mistake", "mistake_in"]

_GENERAL = "Mind the indentation, the colon with a space after it, and texts with a colon, which need quotation marks."
_LONGEST_SHOWN = 60
# A key and a text with a further colon, which YAML takes for a second key: `title: Vård: året`; in braces up to the comma.
_KEY = r"(?P<key>[\w.-]+)"
_COLON_IN_TEXT = re.compile(rf"^\s*(?:- +)*{_KEY}: +(?P<text>[^\s\"'{{\[#&*!|>][^#]*?:(?: [^#]*?)?)\s*(?: #.*)?$")
_COLON_IN_ITEM = re.compile(rf"^\s*(?:- +)+(?P<text>{_KEY}: +[^\s\"'{{\[#]+: [^#]*?)\s*(?: #.*)?$")
_COLON_IN_BRACES = re.compile(rf"[{{,]\s*{_KEY}: *(?P<text>[^\s,{{}}\[\]\"'][^,{{}}\[\]\"']*: [^,{{}}\[\]]*?)\s*[,}}]")
_BEHIND_QUOTES = re.compile(rf"{_KEY}: +(?P<sign>[\"']).*(?P=sign)\s*[^\s#,}}\]]")
_FORBIDDEN_START = re.compile(rf"(?:{_KEY}: +|- +)(?P<text>[%@`][^#]*?)\s*(?: #.*)?$")
_NO_SPACE = re.compile(rf"^\s*(?:- +)*{_KEY}:(?P<text>\S.*?)\s*$")
_EQUALS = re.compile(rf"^\s*(?:- +)*{_KEY}\s*=\s*(?P<text>\S.*?)\s*$")
_NO_COLON = re.compile(rf"^\s*(?:- +)*{_KEY}\s+(?P<text>\S.*?)\s*$")


class Mistake(NamedTuple):
    """What is wrong, what to do about it, and the line, counted from 1; None where nobody can tell."""

    what: str
    remedy: str
    line: int | None


def mistake_in(text: str, error: yaml.YAMLError) -> Mistake:
    """The mistake behind a parser's error, which is often told of the line after it."""
    problem, context = str(getattr(error, "problem", None) or error), str(getattr(error, "context", None) or "")
    begun, found = getattr(error, "context_mark", None), getattr(error, "problem_mark", None)
    line = found.line + 1 if found else None
    opened = begun.line + 1 if begun else line
    lines = [one.rstrip("\r") for one in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    if "quoted scalar" in context and "end of stream" in problem:
        return Mistake("A quotation mark is opened here and not closed.", "Close it at the end of the text.", opened)
    if "simple key" in context:
        return _no_key(lines, opened)
    if "flow" in context:
        return _in_braces(lines, opened)
    if line is None or line > len(lines):
        return Mistake(f"This is not YAML that can be read: {problem}.", _GENERAL, line)
    if "mapping values" in problem:
        return _second_colon(lines, line)
    return _by_line(lines[line - 1], line, problem)


def _second_colon(lines: list[str], line: int) -> Mistake:
    """A colon where none can be: in a text, on a line too far in, or behind a line without one."""
    written = lines[line - 1]
    if (named := _COLON_IN_TEXT.match(written)) is not None:
        return _unquoted(named["key"], named["text"], line)
    if (item := _COLON_IN_ITEM.match(written)) is not None:
        return _unquoted(None, item["text"], line)
    above = next((number for number in range(line - 1, 0, -1) if _says_something(lines[number - 1])), None)
    if (
        above is not None
        and ":" not in lines[above - 1].replace("://", "") + " "
        and not lines[above - 1].lstrip().startswith("-")
    ):
        return _no_key(lines, above)
    if above is not None and _NO_SPACE.match(lines[above - 1]) and ": " not in lines[above - 1]:
        return _no_key(lines, above)
    if above is not None and _indent(written) > _indent(lines[above - 1]):
        return Mistake(
            f"This line is further in than line {above}, which has a value of its own.",
            "Begin it in the same column as the other keys of its section.",
            line,
        )
    return Mistake("A colon stands where none can be.", _GENERAL, line)


def _no_key(lines: list[str], line: int | None) -> Mistake:
    """A line that should be a key with a value, and is not."""
    written = lines[line - 1] if line is not None and line <= len(lines) else ""
    for pattern, why in (
        (_NO_SPACE, "there is no space after the colon"),
        (_EQUALS, "there is an equals sign for a colon"),
        (_NO_COLON, "there is no colon"),
    ):
        if (named := pattern.match(written)) is not None:
            right = f"{named['key']}: {_cut(named['text'])}"
            return Mistake(f"{_cut(written.strip())!r} is no key with a value: {why}.", f"Write {right}", line)
    what = (
        f"{_cut(written.strip())!r} is no key with a value: there is no colon." if written.strip() else "A key is expected here."
    )
    return Mistake(what, "Write the key, a colon, a space, and the value.", line)


def _in_braces(lines: list[str], line: int | None) -> Mistake:
    """Between braces or brackets: a text with a colon, or no end."""
    for number in range(line or 1, min(len(lines), (line or 1) + 1) + 1):
        if (named := _COLON_IN_BRACES.search(lines[number - 1])) is not None:
            return _unquoted(named["key"], named["text"], number)
    return Mistake(
        "A brace or a bracket is opened here and not closed, or a comma is missing in it.",
        "Close it, and put a comma between the parts; a text with a comma, a brace or a bracket needs quotation marks.",
        line,
    )


def _by_line(written: str, line: int, problem: str) -> Mistake:
    if written[: len(written) - len(written.lstrip())].count("\t"):
        return Mistake("A tab stands at the beginning of the line.", "Indent by spaces.", line)
    if (named := _FORBIDDEN_START.search(written)) is not None:
        what = f"A text cannot begin with {named['text'][0]!r}."
        return Mistake(what, f"Put it in quotation marks: {_quoted(named['text'])}", line)
    if (named := _BEHIND_QUOTES.search(written)) is not None:
        within = "; an apostrophe within single quotation marks is written twice" if named["sign"] == "'" else ""
        return Mistake(
            "Something stands behind the closing quotation mark.",
            f"Put all of the text between the quotation marks{within}.",
            line,
        )
    if "escape" in problem:
        what = "A backslash stands in double quotation marks, and what follows it means nothing."
        return Mistake(what, "Put the text in single quotation marks.", line)
    if "expected key" in problem or "'-' indicator" in problem:
        return Mistake(
            "The line is in a column where neither a key nor an item of the list begins.",
            "Begin it in the same column as the other keys, or items, that it belongs with.",
            line,
        )
    return Mistake(f"This is not YAML that can be read: {problem}.", _GENERAL, line)


def _unquoted(key: str | None, text: str, line: int) -> Mistake:
    right = f"{key}: {_quoted(text)}" if key else f"- {_quoted(text)}"
    return Mistake(
        f"The text {_cut(text)!r} has a colon, and YAML takes what stands before it for a key.",
        f"Put the text in quotation marks: {right}",
        line,
    )


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _quoted(text: str) -> str:
    # JSON text is YAML text.
    return json.dumps(_cut(text), ensure_ascii=False)
