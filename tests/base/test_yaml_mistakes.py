"""What is no YAML is told on the line where the mistake is, in words, with what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.base.yaml_files import YamlFault, read_document
from kvarn.edition import load_edition
from kvarn.errors import EditionError

DEMO = (Path(__file__).parents[2] / "params" / "demo.yml").read_text(encoding="utf-8").split("\n")
KEYS = [number for number, line in enumerate(DEMO) if line and not line.startswith((" ", "#"))]


MISTAKES = [
    ("a: 1\ntitle: Vård: året\nb: 2\n", 2, "The text 'Vård: året' has a colon", 'title: "Vård: året"'),
    ("a: 1\ntitle:\n  sv: Vård: året\n  en: Care\nb: 2\n", 3, "has a colon", 'sv: "Vård: året"'),
    ("a: 1\ntitle: {sv: Vård: året, en: Care}\nb: 2\n", 2, "has a colon", 'sv: "Vård: året"'),
    ("# c\n\na: 1\ntitle: x: y\n", 4, "has a colon", 'title: "x: y"'),
    ("a: 1\r\ntitle: x: y\r\n", 2, "has a colon", 'title: "x: y"'),
    ("a: 1\n  b: 2\nc: 3\n", 2, "further in than line 1", "same column"),
    ("publication:\n  title: Personer\n    och: mer\n  x: 1\n", 3, "further in than line 2", "same column"),
    ("a:\n    b: 2\n  c: 3\nd: 4\n", 3, "in a column", "same column"),
    ("a: 1\nb:2\nc: 3\n", 2, "no space after the colon", "Write b: 2"),
    ("a:1\nb: 2\n", 1, "no space after the colon", "Write a: 1"),
    ("a: 1\nb 2\nc: 3\n", 2, "there is no colon", "Write b: 2"),
    ("a: 1\nb 2\n", 2, "there is no colon", "Write b: 2"),
    ("a:\n  b: 1\n  c 2\n  d: 3\n", 3, "there is no colon", "Write c: 2"),
    ("a: 1\n\n\n\nb 2\n\n\nc: 3\n", 5, "there is no colon", "Write b: 2"),
    ("a: 1\nb = 2\nc: 3\n", 2, "an equals sign", "Write b: 2"),
    ("a:\n\tb: 1\n", 2, "A tab", "by spaces"),
    ("a:\n  b: 1\n\tc: 1\n", 3, "A tab", "by spaces"),
    ("a: 'x\nb: 2\nc: 3\n", 1, "opened here and not closed", "Close it"),
    ('a: 1\nb: "x\nc: 3\n', 2, "opened here and not closed", "Close it"),
    ("a: 1\nb: {x: 1\nc: 3\n", 2, "opened here and not closed", "Close it"),
    ("a: 1\nb: [x, y\nc: 3\nd: 4\n", 2, "opened here and not closed", "Close it"),
    ("a: 1\nb: %x\n", 2, "begin with '%'", '"%x"'),
    ("a: 1\nb: @x\n", 2, "begin with '@'", '"@x"'),
    ("a: 1\nb: `x\n", 2, "begin with '`'", '"`x"'),
    ('a: 1\nb: "x" y\nc: 2\n', 2, "behind the closing quotation mark", "between the quotation marks"),
    ("a: 1\nb: 'it's'\nc: 2\n", 2, "behind the closing quotation mark", "twice"),
    ('a: 1\nb: "\\q"\n', 2, "A backslash", "single quotation marks"),
    ("a:\n  - x\n  b: 1\n", 3, "in a column", "same column"),
    ("a:\n  b: 1\n  - x\n", 3, "in a column", "same column"),
    ("a: 1\nb: x]\nc: }\n", 3, "not YAML", "Mind"),
    ("\ufeffa: 1\ntitle: x: y\n", 2, "has a colon", 'title: "x: y"'),
    ('a: "x\x85y"\ntitle: x: y\n', 1, "U+0085", "Take it out"),
    ("a: 'x\u2028y'\ntitle: x: y\n", 1, "U+2028", "Take it out"),
]


@pytest.mark.parametrize(("text", "line", "what", "remedy"), MISTAKES)
def test_a_mistake_is_told_where_it_is_and_with_what_to_write(text: str, line: int, what: str, remedy: str) -> None:
    with pytest.raises(YamlFault) as caught:
        read_document(text)
    assert caught.value.line == line and what in caught.value.what and remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("title: Vård: året", "Vård: året"),
        ("title: Vård: året # a comment", "Vård: året"),
        ("title: Rubrik:", "Rubrik:"),
        ('title: Vård: "året"', 'Vård: "året"'),
        ("title: {sv: Vård: året, en: Care}", "Vård: året"),
        ("title: 50 %: året", "50 %: året"),
    ],
)
def test_what_is_said_to_be_written_is_yaml_with_that_text(written: str, right: str) -> None:
    with pytest.raises(YamlFault) as caught:
        read_document(f"a: 1\n{written}\nb: 2\n")
    assert caught.value.line == 2
    proposed = caught.value.remedy.partition("marks: ")[2]
    assert list(read_document(proposed).values.values()) == [right]


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("languages:\n  - sv\n  - se\n", 3),
        ("languages:\n\n  # Swedish\n  - sv\n\n  - se\n", 6),
        ("languages: [sv,\n  se]\n", 2),
        ("languages: [sv, se]\n", 1),
        ("accepted:\n  - what: title-year\n    where: publication.title\n    at: x\n    why: y\n    by: z\n    shown: 3\n", 7),
        ("accepted:\n  - 3\n", 2),
        ("disclosure:\n  sensitive:\n    kind:\n      codes:\n        - assessing\n        - 3\n", 6),
    ],
)
def test_what_is_wrong_in_a_list_is_told_on_its_own_line(tmp_path: Path, written: str, line: int) -> None:
    text = "\n".join(one for one in DEMO if not one.startswith(("languages", "disclosure", "  threshold", "  contributors: ")))
    (tmp_path / "e.yml").write_text(written + text, encoding="utf-8")
    with pytest.raises(EditionError) as caught:
        load_edition(tmp_path / "e.yml")
    assert caught.value.line == line, str(caught.value)


@pytest.mark.parametrize("above", KEYS)
def test_wherever_it_stands_in_an_edition_a_line_without_a_colon_is_told_on_its_line(tmp_path: Path, above: int) -> None:
    demo = [*DEMO[:above], "renderer quarto", *DEMO[above:]]
    file = tmp_path / "e.yml"
    file.write_text("\n".join(demo), encoding="utf-8")
    with pytest.raises(EditionError) as caught:
        load_edition(file)
    assert caught.value.line == above + 1 and "Write renderer: quarto" in str(caught.value.remedy)
