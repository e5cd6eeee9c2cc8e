"""The project with fewer tables, of few places, for tests of the way and not of the figures: whole subjects are taken out of it.

A subject is a pair of notebooks. With it go its tables, its chapter, and whatever else the documents say of them; the rest stays
as it stands. The whole programme is published once for all tests, by ``production``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any

import yaml

from kvarn.disseminate.narrative._check import faults_of
from kvarn.pipeline.saved_tables import tables_saved_by
from kvarn.programme import Programme, programme_held
from tests.end_to_end.few_places import let_tables_have_few_places

__all__ = ["let_programme_have_few_tables"]

# What stays are the persons and the deliveries: counts, ratios, quantiles and what is public.
SUBJECTS = ("procedures", "geography")
Declared = dict[str, dict[str, Any]]
_PRINTED = re.compile(r"\{\{<\s*var\s+([^\s>]+)\s*>\}\}")
_REFERENCE = re.compile(r"(?<![\w.])@((?:fig|tbl|sec)-[\w-]*\w)")
_LABEL = re.compile(r"\{[^}]*#((?:fig|tbl|sec)-[\w-]+)")
_BRACES = re.compile(r"\{([a-z][\w.]*)\}")
_BLOCK = re.compile(r"^::: \{.*?^:::$|^[^\n]+(?:\n[^\n]+)*", re.MULTILINE | re.DOTALL)


def let_programme_have_few_tables(project: Path, subjects: tuple[str, ...] = SUBJECTS) -> None:
    """Take subjects out of a project that lies there as it was cloned."""
    tables: set[str] = set()
    for subject in subjects:
        tables |= set(tables_saved_by(project / "notebooks" / "compute" / f"{subject}.ipynb"))
        for kind in ("compute", "present"):
            (project / "notebooks" / kind / f"{subject}.ipynb").unlink()
    programme, figures = project / "programme" / "tables.yml", project / "reports" / "figures.yml"
    of_programme, declared = (yaml.safe_load(file.read_text(encoding="utf-8")) for file in (programme, figures))
    _write(programme, {name: table for name, table in of_programme.items() if name not in tables})
    _cut_documents(project / "reports", subjects, _take_out(declared, tables))
    _keep_what_is_printed(declared, project)
    _write(figures, declared)
    _keep_numbers_that_are_needed(project)
    let_tables_have_few_places(project)


def _write(file: Path, held: object) -> None:
    file.write_text(yaml.safe_dump(held, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _take_out(declared: Declared, tables: Set[str]) -> set[str]:
    """Take out every declaration that needs one of the tables; their names."""
    gone: set[str] = set()
    while True:
        entries = list(_entries(declared))
        found = {name for name, _, entry in entries if gone & _named_in(entry) or tables & set(_texts_in(entry))}
        if not found:
            return gone
        gone |= found
        for section in declared.values():
            for name in found & section.keys():
                del section[name]
        for name in found:
            declared["alt"].pop(name.removeprefix("alt."), None)


def _entries(declared: Declared) -> Iterator[tuple[str, str, Any]]:
    """Each declaration: as documents print it, where it stands, and what it says."""
    for section, entries in declared.items():
        for name, entry in entries.items():
            yield f"alt.{name}" if section == "alt" else name, section, entry


def _texts_in(entry: Any) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, dict | list):
        for part in entry.values() if isinstance(entry, dict) else entry:
            yield from _texts_in(part)


def _named_in(entry: Any) -> set[str]:
    """What a declaration is made of: figures by their names, and what stands in braces in its words."""
    texts = set(_texts_in(entry))
    return texts | {name for text in texts for name in _BRACES.findall(text)}


def _cut_documents(reports: Path, subjects: tuple[str, ...], gone: Set[str]) -> None:
    """Take out the chapters of the subjects, and each paragraph, item and figure that needs what is gone."""
    labels: set[str] = set()
    for subject in subjects:
        for file in reports.glob(f"*/*/_{subject}.qmd"):
            labels |= set(_LABEL.findall(file.read_text(encoding="utf-8")))
            file.unlink()
    lost = [*(f"include _{subject}.qmd " for subject in subjects), *(f"notebooks/{subject}.ipynb#" for subject in subjects)]
    files = sorted(reports.glob("*/*/*.qmd"))
    before = -1
    while before != len(labels):
        before = len(labels)
        for file in files:
            blocks = []
            for block in _BLOCK.findall(file.read_text(encoding="utf-8")):
                parts = block.split("\n") if block.startswith("- ") else [block]
                kept = [part for part in parts if not _needs(part, gone, labels, lost)]
                labels |= {label for part in set(parts) - set(kept) for label in _LABEL.findall(part)}
                blocks += ["\n".join(kept)] if kept else []
            file.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def _needs(part: str, gone: Set[str], labels: Set[str], lost: list[str]) -> bool:
    return bool(
        gone & set(_PRINTED.findall(part)) or labels & set(_REFERENCE.findall(part)) or any(words in part for words in lost)
    )


def _keep_what_is_printed(declared: Declared, project: Path) -> None:
    """A declaration that no document prints any more would be refused."""
    files = [*project.glob("reports/*/*/*.qmd"), *project.glob("notebooks/present/*.ipynb")]
    left = {name for file in files for name in _PRINTED.findall(file.read_text(encoding="utf-8"))}
    entries = {name: entry for name, _, entry in _entries(declared)}
    kept: set[str] = set()
    while left:
        name = left.pop()
        if name in entries and name not in kept:
            kept.add(name)
            left |= _named_in(entries[name])
    for name, section, _ in list(_entries(declared)):
        if name not in kept:
            del declared[section][name.removeprefix("alt.") if section == "alt" else name]


def _keep_numbers_that_are_needed(project: Path) -> None:
    """Of the list of numbers that may be typed; nothing else may be wrong with what has been cut."""
    listed = project / "reports" / "allowed-digits.yml"
    notebooks = tuple(sorted(project.glob("notebooks/present/*.ipynb")))
    with programme_held(Programme(project / "programme")):
        faults = list(faults_of(project / "reports", notebooks, ("sv", "en"), {}, {}, project / "reports"))
    assert {fault.file for fault in faults} == {listed}, [f"{fault.where}: {fault.what}" for fault in faults]
    unmet = {fault.field for fault in faults}
    held = yaml.safe_load(listed.read_text(encoding="utf-8"))
    _write(listed, {section: {n: why for n, why in entries.items() if n not in unmet} for section, entries in held.items()})
