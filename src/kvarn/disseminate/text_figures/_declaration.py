"""What ``reports/figures.yml`` declares: figures, texts chosen by a figure, and the alternative texts of charts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kvarn.base.yaml_files import read_input
from kvarn.disseminate.text_figures._kinds import check_kinds
from kvarn.disseminate.text_figures._operands import check_operands
from kvarn.errors import InputError
from kvarn.metadata import languages

__all__ = ["SHOWN", "Declaration", "Figure", "Text", "read_declaration"]

ALTERNATIVE_TEXT = "alt."
_SEE = "See the comments at the top of the file, and how the others are declared."
_PLACEHOLDER = re.compile(r"\{([a-z0-9_.]+)\}")
# Not every white space: a no-break space between thousands stays.
_SPACES = re.compile(r"[ \n]+")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")

_CELLS = frozenset({"table", "measure", "year", "where"})
_PRINT = frozenset({"format", "decimals", "absolute"})
_KEYS: Mapping[str, frozenset[str]] = {
    "cell": _CELLS,
    "largest": _CELLS | {"among", "place", "give"},
    "smallest": _CELLS | {"among", "place", "give"},
    "number_of": _CELLS | {"among", "status"},
    "rank": frozenset({"over", "among"}),
    "change": frozenset({"since"}),
    "change_percent": frozenset({"since"}),
    "difference": frozenset({"from"}),
    "ratio": frozenset({"of"}),
    "share": frozenset({"of"}),
}
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "cell": ("table", "measure"),
    "largest": ("table", "measure"),
    "smallest": ("table", "measure"),
    "number_of": ("table", "measure", "status"),
    "rank": ("over",),
    "change": ("since",),
    "change_percent": ("since",),
    "difference": ("from",),
    "ratio": ("of",),
    "share": ("of",),
}
_CHOICES: Mapping[str, Mapping[str, frozenset[str]]] = {
    "largest": {"give": frozenset({"label", "value"})},
    "smallest": {"give": frozenset({"label", "value"})},
    "number_of": {"status": frozenset({"published", "suppressed", "not_available", "all"})},
}
# What tells how many categories there are: of a list that is typed, as many as its author likes.
_BY_LENGTH = frozenset({"number_of", "rank"})
_FORMATS = frozenset({"count", "decimal", "percent", "year", "label", "label_lower"})
_VARIANTS: Mapping[str, tuple[str, ...]] = {
    "by_sign": ("up", "unchanged", "down"),
    "by_number": ("one", "other"),
    "by_status": ("synthetic", "unofficial", "official"),
    # One variant for each word that the chooser can be; the declaration names them.
    "by_word": (),
}
# Ends the name of a variant for what is true of published figures alone: its words say so, and not those of the figure.
SHOWN = "_shown"
# What a text of a rule can have besides, for zero, and for what is so small that it rounds to zero.
_FURTHER: Mapping[str, tuple[str, ...]] = {"by_number": ("none", "one" + SHOWN, "other" + SHOWN), "by_sign": ("hardly",)}
_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Figure:
    """One declared figure: a cell, or a function of cells, and how it is printed.

    Attributes
    ----------
    function
        ``cell``, ``largest``, ``smallest``, ``number_of``, ``rank``, ``change``, ``change_percent``, ``difference``,
        ``ratio`` or ``share``.
    argument
        What the function is taken of: a variable (``largest``, ``smallest``, ``number_of``) or another figure; empty
        for a cell.
    options
        The further keys of the declaration.
    """

    name: str
    line: int
    function: str
    argument: str
    options: Mapping[str, Any]

    @property
    def names_a_category(self) -> bool:
        """Whether it is the name of the largest or smallest category, or of those that share the place."""
        return self.function in ("largest", "smallest") and self.options.get("give", "label") == "label"

    @property
    def operands(self) -> tuple[str, ...]:
        """The names of the figures that this one is computed from."""
        if self.function in ("cell", "largest", "smallest", "number_of"):
            return ()
        second = self.options.get("from") or self.options.get("of")
        return (self.argument, str(second)) if second else (self.argument,)


@dataclass(frozen=True)
class Text:
    """Words in both languages with figures in braces, in variants that a figure or the edition's status chooses.

    Attributes
    ----------
    rule
        ``by_sign`` (variants ``up``, ``unchanged``, ``down``, and ``hardly`` where it is given, for what rounds to zero and is
        not), ``by_number`` (``one``, ``other``, and ``none`` for zero where it is given; of ``largest`` and ``smallest`` with
        ``give: label`` how many categories share the place, and ``one_shown`` and ``other_shown`` for when that is true of those
        that are shown), ``by_status`` (``synthetic``, ``unofficial``, ``official``),
        ``by_word`` (a variant for each word of the edition that
        the chooser can be) or empty (``text``). Any text can have the variant ``missing``, for when a figure that it needs is
        not published.
    chooser
        The name of the figure or word that chooses; empty for ``by_status`` and for plain texts.
    variants
        Language → variant → words.
    """

    name: str
    line: int
    rule: str
    chooser: str
    variants: Mapping[str, Mapping[str, str]]

    @property
    def operands(self) -> tuple[str, ...]:
        """The names of the figures that stand in the words or choose between them, sorted."""
        words = (text for variants in self.variants.values() for text in variants.values())
        found = {name for text in words for name in _PLACEHOLDER.findall(text)}
        return tuple(sorted(found | ({self.chooser} if self.chooser else set())))

    def fill(self, language: str, variant: str, values: Mapping[str, str]) -> str:
        """One variant's words with the braces filled in; a text that is empty leaves no space behind."""
        filled = _PLACEHOLDER.sub(lambda found: values[found[1]], self.variants[language][variant])
        return _SPACES.sub(" ", filled).strip(" \n")

    def placeholders(self, language: str, variant: str) -> tuple[str, ...]:
        """The names in braces of one variant."""
        return tuple(_PLACEHOLDER.findall(self.variants[language][variant]))


@dataclass(frozen=True)
class Declaration:
    """Everything that one ``figures.yml`` declares, by name."""

    file: Path
    figures: Mapping[str, Figure]
    texts: Mapping[str, Text]

    @property
    def entries(self) -> Mapping[str, Figure | Text]:
        """Figures and texts, by name."""
        return {**self.figures, **self.texts}

    def error(self, what: str, line: int, field: str, remedy: str | None = None) -> InputError:
        """An error at one line of the declaration."""
        return InputError(what, file=self.file, line=line, field=field or None, remedy=remedy or _SEE)


def read_declaration(file: Path) -> Declaration:
    """Read ``figures.yml`` and check its form.

    Raises
    ------
    InputError
        The file is not there or not YAML, a key is unknown or missing, a name is declared twice, or a text lacks a
        language or a variant. The error names the line.
    """
    root = read_input(file, noun="the declaration of the figures").root
    figures: dict[str, Figure] = {}
    texts: dict[str, Text] = {}
    declaration = Declaration(file, figures, texts)
    for section, line, node in _entries(declaration, root, 1):
        if section not in ("figures", "texts", "alt"):
            raise _unknown(declaration, section, line, ("figures", "texts", "alt"))
        for name, entry_line, entry in _entries(declaration, node, line):
            full = ALTERNATIVE_TEXT + name if section == "alt" else name
            if full in figures or full in texts:
                raise declaration.error("The name is declared twice.", entry_line, full, "Keep one of them.")
            if not _NAME.fullmatch(full):
                raise declaration.error(
                    "A name is made of small letters, digits and underscores, joined by full stops.", entry_line, full
                )
            value = _value(declaration, entry, entry_line, full)
            if section == "figures":
                figures[full] = _figure(declaration, full, entry_line, value)
            else:
                texts[full] = _text(declaration, full, entry_line, value)
    _check_nesting(declaration)
    _check_superlatives(declaration)
    _check_shown(declaration)
    check_operands(declaration)
    return declaration


def _entries(declaration: Declaration, node: yaml.Node | None, line: int) -> Iterator[tuple[str, int, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise declaration.error("A list of names with their declarations is needed here.", line, "")
    for key, value in node.value:
        yield str(key.value), key.start_mark.line + 1, value


def _value(declaration: Declaration, node: yaml.Node, line: int, name: str) -> dict[str, Any]:
    loader = yaml.SafeLoader("")
    try:
        value = loader.construct_document(node)
    finally:
        loader.dispose()
    if not isinstance(value, dict):
        raise declaration.error("A declaration has keys of its own.", line, name, "See the comments at the top of the file.")
    return {str(key): content for key, content in value.items()}


def _figure(declaration: Declaration, name: str, line: int, value: dict[str, Any]) -> Figure:
    functions = [key for key in value if key in _KEYS]
    if len(functions) > 1:
        raise declaration.error(f"One figure is one function; here are {' and '.join(functions)}.", line, name)
    function = functions[0] if functions else "cell"
    options = {key: content for key, content in value.items() if key != function}
    for key in options:
        if key not in _KEYS[function] | _PRINT:
            raise _unknown(declaration, key, line, (*_KEYS[function], *_PRINT, *_KEYS), name)
    for key in _REQUIRED[function]:
        if key not in options:
            raise declaration.error(f"The key {key!r} is missing.", line, name)
    if function in _BY_LENGTH and isinstance(options.get("among"), list):
        raise declaration.error(
            "The categories that are counted are typed one by one, so that their number is typed too.",
            line,
            f"{name}.among",
            'Count a whole level of the code list: leaves (the default) or {parts_of: "…"}; status: says which of them.',
        )
    check_kinds(declaration, name, line, {**options, function: value.get(function, "cell")})
    for key, allowed in _CHOICES.get(function, {}).items():
        if key in options and options[key] not in allowed:
            raise _unknown(declaration, str(options[key]), line, sorted(allowed), f"{name}.{key}")
    if options.get("format", "count") not in _FORMATS:
        raise _unknown(declaration, str(options["format"]), line, sorted(_FORMATS), f"{name}.format")
    return Figure(name, line, function, str(value.get(function, "")), options)


def _text(declaration: Declaration, name: str, line: int, value: dict[str, Any]) -> Text:
    rules = [rule for rule in _VARIANTS if rule in value]
    if len(rules) > 1:
        raise declaration.error(f"A text is chosen by one rule; here are {' and '.join(rules)}.", line, name)
    rule = rules[0] if rules else ""
    for key in value:
        if key not in (*_VARIANTS, *languages):
            raise _unknown(declaration, key, line, (*_VARIANTS, *languages), name)
    variants: dict[str, Mapping[str, str]] = {}
    for language in languages:
        words = value.get(language)
        if isinstance(words, str) and not rule:
            words = {"text": words}
        needed = _named_by_word(value) if rule == "by_word" else _VARIANTS.get(rule, ("text",))
        if not isinstance(words, dict) or not needed or any(variant not in words for variant in needed):
            raise declaration.error(f"The text needs {', '.join(needed) or 'variants'} in {language!r}.", line, name)
        allowed = (*needed, "missing", *_FURTHER.get(rule, ()))
        for variant, said in words.items():
            if not isinstance(said, str):
                raise declaration.error(f"The text {variant!r} in {language!r} must be words.", line, name)
        for variant in words:
            if variant not in allowed:
                raise _unknown(declaration, str(variant), line, allowed, f"{name}.{language}")
        variants[language] = {variant: _SPACES.sub(" ", str(text)).strip(" \n") for variant, text in words.items()}
    if rule not in ("", "by_status") and not isinstance(value[rule], str):
        raise declaration.error(f"Invalid value for {rule}: it should be the name of a figure.", line, f"{name}.{rule}")
    chooser = str(value[rule]) if rule and rule != "by_status" else ""
    return Text(name, line, rule, chooser, variants)


def _named_by_word(value: Mapping[str, Any]) -> tuple[str, ...]:
    """The variants of a text chosen by a word: those that either language has, so that both have all of them."""
    spoken = [value.get(language) for language in languages]
    named = [str(key) for said in spoken if isinstance(said, dict) for key in said]
    return tuple(dict.fromkeys(key for key in named if key != "missing"))


def _unknown(declaration: Declaration, key: str, line: int, known: Iterable[str], field: str | None = None) -> InputError:
    listed = list(known)
    key = key if len(key) <= _LONGEST_SHOWN else f"{key[:_LONGEST_SHOWN]}…"
    near = difflib.get_close_matches(key, listed, n=1)
    remedy = f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(dict.fromkeys(listed))}."
    return declaration.error(f"{key!r} is not known here.", line, field or key, remedy)


def _check_nesting(declaration: Declaration) -> None:
    """A variable of Quarto cannot be a value and a section at once."""
    names = set(declaration.entries)
    for entry in declaration.entries.values():
        parts = entry.name.split(".")
        for length in range(1, len(parts)):
            above = ".".join(parts[:length])
            if above in names:
                raise declaration.error(f"{above!r} is a figure, so nothing can be below it.", entry.line, entry.name)


def _check_shown(declaration: Declaration) -> None:
    """Variants for what is true of what is shown: one and several, in both languages, or none."""
    both = {f"one{SHOWN}", f"other{SHOWN}"}
    for text in declaration.texts.values():
        found = [{variant for variant in text.variants[language] if variant.endswith(SHOWN)} for language in languages]
        if any(found) and any(variants != both for variants in found):
            raise declaration.error(
                f"The text needs both one{SHOWN} and other{SHOWN} in each language, or none of them.", text.line, text.name
            )


def _check_superlatives(declaration: Declaration) -> None:
    """A text that names the largest can be read when several share the place, and when it cannot be told which it is."""
    for text in declaration.texts.values():
        named = [name for name in text.operands if name in declaration.figures and declaration.figures[name].names_a_category]
        for name in named:
            if text.rule == "by_number" and text.chooser == name and "missing" in text.variants[languages[0]]:
                continue
            raise declaration.error(
                f"The text names {name!r}, and says nothing else where several categories share the place or none can be told.",
                text.line,
                text.name,
                f"Choose its words by_number: {name}, with the variants one, other and missing.",
            )
