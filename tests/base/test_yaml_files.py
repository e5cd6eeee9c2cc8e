"""YAML that people write is read within limits: whatever is wrong has a line and a remedy, and nothing makes a reader wait."""

import os
import time
from pathlib import Path

import pytest

from kvarn.base.yaml_files import YamlFault, read_document, read_input, text_of
from kvarn.errors import CodeListError

_BOMB = "\n".join(
    [
        "a: &a [x, x, x, x, x, x, x, x, x, x]",
        *(f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
    ]
)


# What a reader takes for a number in digits, and YAML for another: to the bases 8, 16, 2 and 60, and in groups.
OTHER_NUMBERS = {
    "010": 8,
    "0114": 76,
    "00": 0,
    "0x10": 16,
    "0b11": 3,
    "1:30": 90,
    "-1_0": -10,
    "1_0.5": 10.5,
    "20:30.15": 1230.15,
}


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\nb: &x 2\n", 2, "anchor"),
        ("a: &x\n  - *x\n", 1, "anchor"),
        (_BOMB, 1, "anchor"),
        ("a:\n  <<: {b: 1}\n", 2, "merged"),
        ("a: !!python/name:os.system x\n", 1, "tag"),
        ("a: !mine x\n", 1, "tag"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\na: 2\n", 2, "given twice"),
        ("a:\n- b: {c: 1,\n   c: 2}\n", 3, "given twice"),
        ("a: 1\n? [b, c]\n: 2\n", 2, "where a key belongs"),
        ("a: " + "[" * 100_000, 1, "levels"),
        ("\n".join(" " * depth + "a:" for depth in range(50)), None, "levels"),
        ("a: [" + "1," * 200_000 + "]", 1, "values"),
        ("a: " + "9" * 100_000, 1, "characters"),
        ("a: 0x" + "f" * 100_000, 1, "characters"),
        ("b: 1\na: 2023-02-29\n", 2, "no date"),
        ("b: 1\na: 2023-01-01 99:00:00\n", 2, "no date"),
        ("a: .NaN\n", 1, "no number"),
        ("a: -.INF\n", 1, "no number"),
        *((f"b: 1\na: {one}\n", 2, f"another number than it seems: {read}.") for one, read in OTHER_NUMBERS.items()),
        ("a: =\n", 1, "equals sign"),
        ("a: b\nc: \x1b[31m\n", 2, "U+001B"),
        ("a: b\nc: \x00\n", 2, "U+0000"),
        ("a: [b\n", 1, "opened here and not closed"),
        ("a: b: c\n", 1, "YAML"),
        ("\tb: c\n", 1, "A tab"),
        ("a: 'b\n", 1, "opened here and not closed"),
        ("a: *nothing\n", 1, "anchor"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(text: str, line: int | None, what: str) -> None:
    began, clock = time.process_time(), time.monotonic()
    with pytest.raises(YamlFault) as caught:
        read_document(text)
    assert what in caught.value.what and caught.value.remedy and len(caught.value.what) < 300
    assert line is None or caught.value.line == line
    assert time.process_time() - began < 5 and time.monotonic() - clock < 30


def test_within_the_package_aliases_are_allowed_as_far_as_they_end() -> None:
    assert read_document("a: &x {b: 1}\nc: {<<: *x, d: 2}\n", shared=True).values["c"] == {"b": 1, "d": 2}
    for text in (_BOMB, "a: &x [*x]\n", "a: &x {b: {c: *x}}\n"):
        with pytest.raises(YamlFault, match="alias"):
            read_document(text, shared=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "a: 1\n",
        "a: [0, -1, +2, 0.5, .5, 5., 1.0e+3, 10]\n",
        "\ufeffa: 1\n",
        "a: 1\r\nb: [1, 2]\r\n",
        'a: "å\\u2028"\n',
        "no: yes\n",
    ],
)
def test_what_can_be_is_read(text: str, tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_bytes(text.encode())
    read_document(text_of(file))


def test_only_a_file_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "again").symlink_to("again")
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "wide").write_bytes("a: å".encode("utf-16"))
    (tmp_path / "old").write_bytes("a: 1\nb: å".encode("latin-1"))
    with (tmp_path / "large").open("wb") as large:
        large.truncate(5 * 2**30)
    for name, what in {
        "pipe": "named pipe",
        "/dev/zero": "device",
        ".": "folder",
        "again": "cannot be read",
        "broken": "no such file",
        "nowhere": "no such file",
        "wide/below": "no such file",
        "x" * 300: "cannot be read",
        "a\0b": "cannot be read",
        "wide": "UTF-8",
        "old": "UTF-8",
        "large": "larger",
    }.items():
        with pytest.raises(YamlFault, match=what) as caught:
            text_of(tmp_path / name)
        assert caught.value.remedy
        assert caught.value.line == {"wide": 1, "old": 2}.get(name)


def test_a_fault_is_said_with_file_line_and_key(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text("a:\n  b: 1\n  b: 2\n")
    with pytest.raises(CodeListError) as caught:
        read_input(file, noun="the list", error=CodeListError)
    assert (caught.value.file, caught.value.line, caught.value.field) == (file, 3, "a.b")
    with pytest.raises(CodeListError, match="The list is not there"):
        read_input(tmp_path / "b.yml", noun="the list", error=CodeListError)


def test_a_date_that_cannot_be_is_told_in_no_words_of_python() -> None:
    with pytest.raises(YamlFault) as raised:
        read_document("published: 2020-09-03T10:00:00+99:00\n")
    assert raised.value.what == "'2020-09-03T10:00:00+99:00' is no date that exists: its offset is a day or more."
