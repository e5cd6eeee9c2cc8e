"""Every kind of key of the programme's files, with every kind of wrong value: taken, or refused with file, line and remedy."""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from kvarn import metadata
from kvarn.collect import layouts, rules
from kvarn.errors import CodeListError
from kvarn.programme import FOLDER, Programme, current_programme, programme_held

OWN = Path(__file__).parents[2] / FOLDER

# As they are written in the file, in the place of what stands there.
WRONG = {
    "null": "null",
    "empty": '""',
    "text": '"some words"',
    "list": "[1, two]",
    "empty list": "[]",
    "nested list": "[[], [a, [b]]]",
    "section": "{some: thing}",
    "number key": "{1: 2}",
    "negative": "-1",
    "huge": "9" * 39,
    "too huge": "9" * 5_000,
    "fraction": "0.1234567",
    "nan": ".nan",
    "date": "2024-01-31",
    "no date": "2024-02-30",
    "true": "true",
    "no": "no",
    "control": '"bell \\a and \\e[31m red"',
    "braces": '"{no} {such} {0} {"',
    "long": "x" * 5_000,
    "above": '"../../nowhere"',
    "cycle": "&again [*again]",
    "bomb": "[&a [x, x], &b [*a, *a], &c [*b, *b], &d [*c, *c]]",
    "tag": "!!python/object:os.system {}",
    "deep": "[" * 500 + "]" * 500,
    "equals": "=",
    "merge": "{<<: {a: b}}",
    "complex key": "{[a, b]: c}",
}


def texts() -> None:
    metadata.text("synthetic.short", "sv")


def about() -> None:
    _ = current_programme().about


FILES: dict[str, Callable[[], object]] = {
    "programme": about,
    "variables": metadata.tables,
    "measures": metadata.tables,
    "tables": metadata.tables,
    "findings": metadata.finding_kinds,
    "texts": texts,
    "register/register": metadata.register_tables,
    "collect/KHSL1": layouts,
    "collect/KHSL2": layouts,
    "collect/rules": rules,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OWN, tmp_path / FOLDER))


def nodes(text: str) -> Iterator[tuple[tuple[str, ...], yaml.Node, bool]]:
    """Every value and key with its path, of each kind of path one: the names of tables, measures and the like are alike."""
    seen: set[tuple[object, ...]] = set()

    def alike(path: tuple[str, ...]) -> tuple[str, ...]:
        """A path without the names that are given in the file: of entries, and of the columns of a register's table."""
        return tuple("*" if place == 0 or path[place - 1] == "columns" else key for place, key in enumerate(path))

    def below(node: yaml.Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], yaml.Node, bool]]:
        kind = (alike(path), type(node))
        if path and kind not in seen:
            seen.add(kind)
            yield path, node, False
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                named = (alike((*path, key.value)), "key")
                if named not in seen:
                    seen.add(named)
                    yield (*path, key.value), key, True
                yield from below(value, (*path, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value[:1]:
                yield from below(value, (*path, "0"))

    yield from below(yaml.compose(text, Loader=yaml.SafeLoader), ())


def changed(text: str, node: yaml.Node, written: str) -> str:
    start, end = node.start_mark.index, node.end_mark.index
    # A block ends where the next one begins.
    end = start + len(text[start:end].rstrip())
    return f"{text[:start]}{written}{text[end:]}"


def attempts(name: str) -> list[tuple[str, str]]:
    """What is done, and the text that comes of it."""
    text = (OWN / f"{name}.yml").read_text(encoding="utf-8")
    found = []
    for path, node, is_key in nodes(text):
        for kind, written in WRONG.items():
            if is_key and kind in {"list", "empty list", "nested list", "section", "number key", "merge", "complex key"}:
                continue
            found.append((f"{'.'.join(path)}{' (the key)' * is_key} = {kind}", changed(text, node, written)))
    return found


def tried(name: str, folder: Path, most: int | None = None) -> None:
    file, wrong = folder / f"{name}.yml", []
    all_of_them = attempts(name)
    if most is not None:
        all_of_them = random.Random(4711).sample(all_of_them, min(most, len(all_of_them)))
    for what, text in all_of_them:
        file.write_text(text, encoding="utf-8")
        if (said := refusal(file, folder, FILES[name])) is not None:
            wrong.append(f"{what}: {said}")
    if wrong:
        pytest.fail(f"{len(wrong)} of {len(all_of_them)}\n" + "\n".join(wrong), pytrace=False)


def refusal(file: Path, folder: Path, read: Callable[[], object]) -> str | None:
    """What is wrong with how the file is refused; None where it is taken, or refused as it should be."""
    try:
        with programme_held(Programme(folder)):
            read()
    except CodeListError as error:
        said = str(error)
        if not error.remedy or len(said) > 3_000 or "defect" in said or re.search(r"\b[A-Z]\w+Error\b", said):
            return f"said: {said[:300]}"
        if error.file is None or Path(error.file).suffix != ".yml":
            return f"names {error.file}: {said[:200]}"
        if error.line is None and error.field is None:
            return f"names no line and no key: {said[:200]}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    return None


@pytest.mark.parametrize("name", FILES)
def test_some_wrong_entries(name: str, folder: Path) -> None:
    tried(name, folder, most=40)


@pytest.mark.long
@pytest.mark.parametrize("name", FILES)
def test_every_wrong_entry(name: str, folder: Path) -> None:
    tried(name, folder)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("what", ["pipe", "folder", "gone", "loop", "not UTF-8", "empty", "a list", "twice"])
def test_a_file_that_is_none(name: str, what: str, folder: Path) -> None:
    file = folder / f"{name}.yml"
    written = file.read_bytes()
    if what in {"pipe", "folder", "gone", "loop"}:
        file.unlink()
    if what == "pipe":
        os.mkfifo(file)
    elif what == "folder":
        file.mkdir()
    elif what == "loop":
        file.symlink_to(file.name)
    elif what == "not UTF-8":
        file.write_bytes(written + b"# \xe5\n")
    elif what == "empty":
        file.write_bytes(b"")
    elif what == "a list":
        file.write_bytes(b"[1, 2]\n")
    elif what == "twice":
        file.write_bytes(written + b"\n" + written.split(b"\n\n")[-1])
    with pytest.raises(CodeListError) as caught, programme_held(Programme(folder)):
        FILES[name]()
    assert Path(str(caught.value.file)) == file and caught.value.remedy
