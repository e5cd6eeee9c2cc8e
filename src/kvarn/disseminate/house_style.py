"""Of what a style may consist: properties, kinds of values and selectors that are listed (``house_style.yml``), and nothing else.

A style can write words, turn a word round, hide a part of it and draw a figure of lines. What it may do is a short list; what it
could do besides is not. The list holds for the theme before any work begins, and for every published page.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator
from typing import Any

import tinycss2  # type: ignore[import-untyped]

from kvarn.base.package_files import declared_in

__all__ = ["unlisted_in_style"]

# Page numbers, a no-break space in an empty cell, and the notice at the top of each sheet, whose words are read with the others.
_PAGE_NUMBERS = 'counter(page)" / "counter(pages)'
_EMPTY = ('"\\00a0"', '"\u00a0"', '""', "none", "normal")
_BOX = re.compile(r"(?:top|bottom)-(?:left|center|right)")
# The colours of code.
_IN_HIGHLIGHT = re.compile(r"[a-z]{1,3}\d?|g-Underline|normal")
# What is smaller is not read; what is bigger, or moved so far, leaves the page.
_LEAST_LETTER = {"": 100, "%": 50, "px": 6, "pt": 6, "mm": 2, "cm": 0.2, "rem": 0.5, "em": 0.5, "ch": 1, "vw": 1, "vh": 1}
_MOST_SPACING = 0.1
_LEAST_HEIGHT = 1.0
_HEIGHTS = ("height", "max-height", "width", "max-width")


def unlisted_in_style(style: str) -> Iterator[tuple[int, str]]:
    """What stands in a style and may not, each with its line."""
    yield from _unlisted(style)


# The styles of the house are asked of with every page, and before any work.
@functools.lru_cache(maxsize=64)
def _unlisted(style: str) -> tuple[tuple[int, str], ...]:
    return tuple(_in_rules(tinycss2.parse_stylesheet(style, skip_comments=True, skip_whitespace=True)))


def _in_rules(rules: Collection[Any]) -> Iterator[tuple[int, str]]:
    for rule in rules:
        if rule.type == "qualified-rule":
            selector = _even(rule.prelude)
            if why := _wrong_selector(rule.prelude):
                yield rule.source_line, why
            yield from _in_block(rule.content, selector)
        elif rule.type == "at-rule":
            yield from _in_at_rule(rule)
        else:
            yield rule.source_line, "what is no rule of a style"


def _in_at_rule(rule: Any) -> Iterator[tuple[int, str]]:
    name, prelude = rule.lower_at_keyword, [token for token in _flat(rule.prelude) if token.type != "whitespace"]
    if name == "media" and rule.content is not None and all(map(_is_condition, prelude)):
        yield from _in_rules(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True))
    elif name == "page" and rule.content is not None and not prelude:
        yield from _in_block(rule.content, "@page")
    else:
        yield rule.source_line, f"the rule @{name[:20]}, or one with such a condition, in a style"


def _in_block(content: Collection[Any], selector: str) -> Iterator[tuple[int, str]]:
    for part in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if part.type == "declaration":
            if why := _wrong_value(part, selector):
                yield part.source_line, why
        elif part.type == "at-rule" and selector == "@page" and part.content and _BOX.fullmatch(part.lower_at_keyword):
            yield from _in_block(part.content, "the margin of a page")
        else:
            yield part.source_line, "a rule within a rule, or what is no property, in a style"


def _wrong_selector(prelude: Collection[Any]) -> str:
    text, before, inside = _even(prelude), "", False
    for token in _flat(prelude):
        if token.type in ("whitespace", "comment"):
            before = ""
            continue
        said = token.value if token.type in ("ident", "literal") else token.lower_name if token.type == "function" else ""
        inside = (inside and said != ",") or (before == "." and said == "highlight")
        if token.type in ("[] block", "{} block", "hash", "string"):
            return "a selector by an attribute or an address in a style"
        if before == "." and said not in _known()["classes"] and not (inside and _IN_HIGHLIGHT.fullmatch(said)):
            return f"the class {said[:30]!r}, which none of the house's own pages has, in a style"
        if before == ":" and said != ":" and said not in _known()["pseudo"]:
            return f"the selector {text[:30]!r} in a style"
        if token.type == "literal" and said not in (".", ":", "*", ">", ",", "+", "~"):
            return f"the selector {text[:30]!r} in a style"
        before = said
    return ""


def _wrong_value(declared: Any, selector: str) -> str:
    name, tokens = declared.name if declared.name.startswith("--") else declared.lower_name, list(_flat(declared.value))
    shown = f"the property {name[:30]!r}"
    if name == "content":
        return "" if _may_be_written(declared, selector) else "a text in a style"
    if re.search(r":(?:before|after)", selector) and name != "box-sizing":
        return f"{shown} of what a style puts before or after something,"
    kinds = _known()["properties"]
    if not name.startswith("--") and name not in {one for listed in kinds.values() for one in listed}:
        return f"{shown}, which no style may have,"
    faces = name in kinds["faces"] or name == "font"
    for token in tokens:
        if why := _wrong_token(token, name, faces=faces):
            return f"{why} for {shown} in a style"
    if name in ("display", "position", "left", "top", "z-index") and not _in_its_place(name, tokens, selector):
        return f"{shown}, which hides or moves what is written,"
    return ""


def _wrong_token(token: Any, name: str, *, faces: bool) -> str:
    if token.type in ("whitespace", "comment", "hash"):
        return ""
    if token.type == "literal":
        return "" if token.value in (",", "/") else "a sign"
    if token.type == "string":
        return "" if faces and token.value in _known()["families"] else "a text"
    if token.type == "ident":
        known = token.value.startswith("--") or token.value in _known()["keywords"]
        known = known or (faces and token.value in _known()["families"])
        known = known or (token.value == "transparent" and name.startswith("background"))
        return "" if known else f"the word {token.value[:30]!r}"
    if token.type == "function":
        return "" if token.lower_name in _known()["functions"] else f"{token.name[:20]}()"
    if token.type in ("number", "percentage", "dimension"):
        return _wrong_number(token, name)
    return "a value of another kind"


def _wrong_number(token: Any, name: str) -> str:
    unit = "%" if token.type == "percentage" else token.lower_unit if token.type == "dimension" else ""
    if unit not in _known()["units"]:
        return f"the unit {unit[:10]!r}"
    if name == "letter-spacing":
        return "" if abs(token.value) <= _MOST_SPACING and unit in ("", "em") else "so great a distance"
    if (name == "font-size" or (name == "font" and unit)) and token.value < _LEAST_LETTER.get(unit, 1):
        return "a size that is not read"
    if (name in _HEIGHTS or name in ("font", "line-height")) and token.value < _LEAST_HEIGHT:
        return "a size that hides"
    if token.value < 0 and name not in ("top", "grid-column"):
        return "a negative measure"
    return ""


def _in_its_place(name: str, tokens: Collection[Any], selector: str) -> bool:
    apart = all(one.strip() in _known()["apart"] for one in selector.split(","))
    words = {token.lower_value for token in tokens if token.type == "ident"}
    if name == "display":
        return apart or "none" not in words
    if name == "position":
        return apart or words == {"static"}
    return apart


def _may_be_written(declared: Any, selector: str) -> bool:
    written = tinycss2.serialize(declared.value).strip()
    if selector == "the margin of a page":
        texts = [token for token in declared.value if token.type not in ("whitespace", "comment")]
        return written.replace(") ", ")").replace('" c', '"c') == _PAGE_NUMBERS or (len(texts) == 1 and texts[0].type == "string")
    return written in _EMPTY


def _is_condition(token: Any) -> bool:
    if token.type == "ident":
        return token.lower_value in _known()["media"]
    return token.type in ("() block", "dimension", "whitespace") or (token.type == "literal" and token.value in (":", ","))


def _flat(tokens: Collection[Any]) -> Iterator[Any]:
    """Each token, and those that stand within brackets and functions."""
    for token in tokens:
        yield token
        if token.type == "function":
            yield from _flat(token.arguments)
        elif token.type in ("() block", "[] block", "{} block"):
            yield from _flat(token.content)


def _even(tokens: Collection[Any]) -> str:
    return " ".join(tinycss2.serialize(tokens).split())


@functools.cache
def _known() -> Any:
    return declared_in("kvarn.disseminate", "house_style.yml").values
