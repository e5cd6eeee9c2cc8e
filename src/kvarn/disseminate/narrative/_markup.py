"""What a document's source may not hold, because it would be published unread: code, raw HTML or Typst, comments, pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["refused_markup"]

_ATTRIBUTE = (
    r"[#.][A-Za-z][\w-]*|-|(?:when|unless)-format\s*=\s*\"?(?:html|typst)\"?(?=[\s}])|"
    r"title\s*=\s*\"[^\"<>]*\"|title\s*=\s*'[^'<>]*'"
)
_FINE = re.compile(rf"\{{\s*(?:(?:{_ATTRIBUTE})(?:\s+|(?=\}})))*\}}")
_ATTRIBUTES = re.compile(r"(?<!\\)\{(?!\{<)[^{}]*\}?")
_SHORTCODE = re.compile(r"\{\{<.*?>\}\}")
_VARIABLE = re.compile(r"\{[a-z0-9_.]+\}")
_PROSE = "Write the sentence in words, with {{< var name >}} for a figure that reports/figures.yml declares."
_REFUSED = (
    (
        re.compile(r"`+\s*\{\s*=|^\s*(?:```+|~~~+)\s*\{\s*=.*"),
        "Raw HTML, Typst or LaTeX is published as it stands",
        "Write it in Markdown: a table or a chart comes from a present notebook by {{< embed … >}}.",
    ),
    (
        re.compile(r"`+\s*\{[^}`]*\}[^`]*`*|^\s*(?:```+|~~~+)\s*\{.*|`+r\s+[^`]+`|^\s*(?:```+|~~~+)\s*\w.*"),
        "Code in a document is run, or is shown as it stands",
        "Compute in a notebook under notebooks/, show it in one under notebooks/present, and embed the cell by {{< embed … >}}.",
    ),
    (
        re.compile(r"<!--.*"),
        "A comment would be published: readers find it in the page",
        "Take it out; what only colleagues should read belongs into the commit message or into a comment of reports/figures.yml.",
    ),
    (
        re.compile(r"<[A-Za-z/!?][^>]*>?"),
        "Raw HTML is published as it stands",
        "Write it in Markdown; an address is written [words](address).",
    ),
    (
        re.compile(r"!\[[^\]]*\]?"),
        "A picture's numbers cannot be checked",
        "Draw it in a present notebook and embed the cell by {{< embed … >}}, with #| fig-alt: for its alternative text.",
    ),
    (
        re.compile(r"(?<!\\)\[\^[^\]\s]*\]?|(?<!\\)\^\["),
        "The number of a footnote stands beside words as a figure does",
        "Write it as a sentence, in brackets where it interrupts; what belongs to a table is its note in programme/tables.yml.",
    ),
    (
        re.compile(r"&(?:#\d+|#[xX][0-9A-Fa-f]+|[A-Za-z]\w*);"),
        "A character is written by its code",
        "Write the character itself.",
    ),
    (
        re.compile(r"(?<![~\\])~~(?!~)[^~\n]*~*"),
        "What is struck out is read all the same, and hides what stands beside it",
        "Write what is to be read, and nothing else.",
    ),
    (
        re.compile(r"[^\W_][~^](?!\[)[^~^\s]+[~^]|(?<!\\)[~^](?!\[)[^~^\s]+[~^][^\W_]"),
        "Raised or lowered letters stand within a word, which is read another way than it is written",
        "Write the word in letters of one kind.",
    ),
    (re.compile(r"(?<!\\)\$[^$\n]*\$?"), "Mathematics is not read back", f"{_PROSE} A dollar sign itself is written \\$."),
    (re.compile(r"\\(?:[A-Za-z]+|\(|\[)"), "Raw LaTeX is published as it stands", _PROSE),
    (
        re.compile(r"^\s{0,3}(?:>\s*)*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$"),
        "A rule across the page, or the lines of settings or of a table, can be counted",
        "Take it out: a heading parts what is to be parted, and a table comes from a present notebook by {{< embed … >}}.",
    ),
    (
        re.compile(r"^\s*(?:>\s*)*\+[-=:+]{3,}\+?\s*$|^\s*(?:>\s*)*-{2,}(?:\s+-{2,})+\s*$"),
        "The lines of a table give its columns widths that can be counted",
        "Part heading and rows by |---|---|, with as many hyphens in each column.",
    ),
    (
        re.compile(r"^\s*(?:>\s*|[-*+]\s+|:\s+)*(?:\(?(?:\d+|#|@[\w-]*|[a-z]|[ivx]+)[.)]|\(?[A-Z]+\))\s+(?=\S)"),
        "A list that is numbered shows numbers that come from no table",
        "Begin each item with a hyphen.",
    ),
)


def refused_markup(line: str, *, braces: bool = False) -> Iterator[tuple[str, str, str]]:
    """What may not stand in a line of a document: as it is written, what it is, and what to write instead.

    Parameters
    ----------
    braces
        Whether ``{name}`` is a variable, as it is in ``figures.yml``.
    """
    bare = _SHORTCODE.sub(" ", line)
    if braces:
        bare = _VARIABLE.sub(" ", bare)
    for pattern, what, remedy in _REFUSED:
        found = pattern.search(bare)
        if found:
            yield found[0].strip(), what, remedy
            return
    for found in _ATTRIBUTES.finditer(bare):
        if not _FINE.fullmatch(found[0]):
            yield (
                found[0].strip(),
                "An attribute in braces holds more than a document may give it, or does not end on its line",
                'Use {#label}, {.class}, title="…" and when-format="html" alone; write the rest as text.',
            )
            return
