"""What README and docs/ say can be done can be done: commands, options, keys, targets, links; and each claim has its test."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from kvarn.cli import app
from kvarn.edition import Edition

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
TRIED = re.compile(r"<!--\s*tried by:(.*?)-->", re.DOTALL)
KEY = re.compile(r"`((?:data|publication|disclosure|quality)\.[a-z_.]+)`")
# What a file's or a measure's name looks like a key by chance, and is none.
NO_KEYS = frozenset({"data.json"})


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def lines_of_code(page: Path) -> Iterator[str]:
    """Lines of indented or fenced code, and code in running text, continued lines put together, comments left out."""
    text = page.read_text(encoding="utf-8")
    fenced = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    without = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    indented = re.findall(r"^ {4}(\S.*)$", without, re.MULTILINE)
    inline = [
        re.sub(r"\s+", " ", code) for code in re.findall(r"`([^`]+)`", re.sub(r"^ {4}\S.*$", "", without, flags=re.MULTILINE))
    ]
    for line in [*"\n".join([*fenced, *indented]).replace("\\\n", " ").splitlines(), *inline]:
        yield re.split(r"\s#\s|\s{3,}", line.strip())[0].removeprefix("$ ").removeprefix(".venv/bin/")


def commands(page: Path) -> list[str]:
    return [line for line in lines_of_code(page) if re.match(r"kvarn( |$)", line)]


def fault(line: str) -> str | None:
    """What the program would not understand of a command line, or nothing."""
    command: Any = typer.main.get_command(app)
    words = shlex.split(line)[1:]
    while words and not words[0].startswith("-") and hasattr(command, "commands"):
        if words[0] not in command.commands:
            return f"there is no command {words[0]!r}"
        command, words = command.commands[words[0]], words[1:]
    known = {option: parameter for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    known |= dict.fromkeys(("--help", "-h", "--debug"))
    for word in words:
        option = word.split("=")[0]
        if option.startswith("--") and option not in known:
            return f"{command.name} has no option {option}"
    return None


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_that_is_shown_exists_with_its_options(page: Path) -> None:
    faults = [f"{line}: {found}" for line in commands(page) if (found := fault(line))]
    assert not faults


def _helps(command: Any, name: str) -> Iterator[tuple[str, str]]:
    yield name, command.help or ""
    yield from ((f"{name} {one.name}", getattr(one, "help", None) or "") for one in command.params)
    for inner, below in getattr(command, "commands", {}).items():
        yield from _helps(below, f"{name} {inner}")


def test_no_help_has_what_its_markup_would_eat() -> None:
    helps = dict(_helps(typer.main.get_command(app), "kvarn"))
    assert len(helps) > 40
    assert [name for name, said in helps.items() if re.search(r"<\w", re.sub(r"`[^`]*`", "", said))] == []


def test_a_command_that_does_not_exist_would_be_found() -> None:
    assert fault("kvarn grind --coarse") is not None
    assert fault("kvarn publish params/2023.yml --sett a=b") is not None
    assert fault("kvarn publish params/2023.yml --set a=b") is None
    assert len(commands(ROOT / "README.md")) > 5


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_target_of_make_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {found for line in lines_of_code(page) for found in re.findall(r"^make ([a-z][a-z-]*)", line)}
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for match in LINK.finditer(page.read_text(encoding="utf-8")):
        address = match.group(1) or match.group(2)
        if re.match(r"[a-z]+:", address):
            continue
        path, _, anchor = address.partition("#")
        target = page if not path else (page.parent / path)
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(address)
    assert not broken


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_key_of_an_edition_that_is_named_exists(page: Path) -> None:
    keys = set(KEY.findall(page.read_text(encoding="utf-8"))) - NO_KEYS
    assert not [key for key in keys if not is_key(key)]


def is_key(key: str) -> bool:
    model: object = Edition
    for part in key.split("."):
        fields = getattr(model, "model_fields", None)
        if fields is None:  # inside a mapping or a single value: the reader's own words
            return True
        if part not in fields:
            return False
        kinds = [fields[part].annotation, *getattr(fields[part].annotation, "__args__", ())]
        model = next((kind for kind in kinds if hasattr(kind, "model_fields")), None)
    return True


def claims() -> list[str]:
    """The paragraphs and points of README that say what kvarn is and does: all but headings, code, tables, pictures and links."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.split(r"\n\s*\n|\n(?=- )", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
    return [
        block
        for block in map(str.strip, blocks)
        if block and not block.startswith(("#", "|", "![", "    ", "make ", "kvarn ", "More:"))
    ]


def test_every_claim_of_the_readme_names_a_test_that_exists() -> None:
    without, missing = [], []
    for block in claims():
        named = TRIED.search(block)
        if named is None:
            without.append(block[:70])
            continue
        for one in named.group(1).split():
            path, _, function = one.partition("::")
            file = ROOT / path
            if not file.is_file() or (function and function not in functions(file)):
                missing.append(one)
    assert not without
    assert not missing


def functions(file: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)}


# What cannot be read as text, in every tree: pictures and fonts.
PICTURES = frozenset({".png", ".ico", ".woff2", ".ttf", ".gz", ".parquet", ".xlsx"})


def test_every_file_that_is_a_text_is_one() -> None:
    """A careless replacement left half a letter in a page of docs/, and whatever read the tree after it stopped."""
    own = ("src", "tests", "docs", "programme", "notebooks", "reports", "params", "benchmarks", "tools")
    files = [path for folder in own for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    files += [path for path in ROOT.iterdir() if path.is_file() and path.suffix not in {"", ".db"}]
    texts = [path for path in files if path.suffix not in PICTURES]
    assert len(texts) > 500
    for path in texts:
        try:
            path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            pytest.fail(f"{name(path)}: {error}")
