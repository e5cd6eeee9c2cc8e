"""Every way in which a setting of Quarto's could put something unread into a page is refused, since it is on no list."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.disseminate.narrative import Allowed
from kvarn.disseminate.narrative._documents import faults_in_document
from kvarn.disseminate.narrative._project_file import faults_in_project_file

from .conftest import PROJECT

SHIPPED = (PROJECT / "_quarto.yml").read_text(encoding="utf-8")


def with_setting(path: str, value: str) -> str:
    """kvarn's own file with one setting more, or another, at the end of its section."""
    *sections, key = path.split(".")
    if not sections:
        return f"{SHIPPED}\n{key}: {value}\n"
    lines = SHIPPED.splitlines()
    at = next(number for number, line in enumerate(lines) if line.strip() == f"{sections[-1]}:")
    indent = "  " * len(sections)
    kept = _without(f"{indent}{key}:", f"{indent}  ", lines[at + 1 :])
    return "\n".join([*lines[: at + 1], f"{indent}{key}: {value}", *kept]) + "\n"


def _without(begins: str, deeper: str, lines: list[str]) -> list[str]:
    """The lines without those of one key: its own, and what stands deeper below it."""
    kept, within = list[str](), False
    for line in lines:
        within = line.startswith(begins) or (within and line.startswith(deeper))
        kept += [] if within else [line]
    return kept


def test_the_file_as_it_is_shipped_has_only_settings_of_the_list(tmp_path: Path) -> None:
    file = tmp_path / "_quarto.yml"
    file.write_text(SHIPPED, encoding="utf-8")
    assert not list(faults_in_project_file(file))


@pytest.mark.parametrize("of_format", ["", "format.html.", "format.typst."])
@pytest.mark.parametrize(
    "setting",
    [
        *("include-in-header", "include-before-body", "include-after-body", "header-includes", "resources", "resource-path"),
        *("metadata-files", "bibliography", "csl", "citeproc", "shortcodes", "extensions", "brand", "favicon", "logo"),
        *("title", "subtitle", "abstract", "title-block-banner", "toc-title", "number-offset", "language", "variables"),
        *("mainfont", "margin", "pandoc-args", "output-file", "mermaid", "syntax-definitions", "syntax-highlighting"),
        *("crossref", "lang", "date-format", "Format"),
    ],
)  # fmt: skip
def test_what_is_on_no_list_is_refused_in_every_section(of_format: str, setting: str, tmp_path: Path) -> None:
    file = tmp_path / "_quarto.yml"
    file.write_text(with_setting(of_format + setting, "theme/house.lua"), encoding="utf-8")
    (fault,) = faults_in_project_file(file)
    assert repr(of_format + setting) in fault.what and fault.line is not None


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("project.type", "book"),
        ("project.pre-render", "draw.py"),
        ("project.post-render", "draw.py"),
        ("project.resources", '["*.svg"]'),
        ("project.render", '["*.md"]'),
        ("project.render", "[notebooks/*.ipynb]"),
        ("project.output-dir", "publications/2023"),
        ("project.output-dir", "build/by-hand/../../publications"),
        ("project.pre-render", ".venv/bin/kvarn publish params/2023.yml"),
        ("project.pre-render", '[".venv/bin/kvarn quarto", draw.py]'),
        ("execute.enabled", "true"),
        ("format.html.css", "../style.css"),
        ("format.html.css", "theme/../style.css"),
        ("format.html.css", "https://example.com/style.css"),
        ("format.html.css", "[theme/report.css, .hidden.css]"),
        ("format.html.template", "sv/page.html"),
        ("format.html.theme", "cosmo"),
        ("format.html.theme", "[none, custom.scss]"),
        ("format.html.embed-resources", "false"),
        ("format.html.html-math-method", "mathjax"),
        ("format.typst.template", "[theme/page.typ, notebooks/page.typ]"),
        ("format.typst.template", "theme/page.html"),
        ("format.typst.section-numbering", '"3 personer i Bjurholm"'),
        ("format.typst.font-paths", "fonts"),
        ("format.typst.font-paths", "build/by-hand"),
        ("format.html.css", "reports/annual-report/sv/report.css"),
        ("format.typst.pdf-standard", '"a-3b"'),
        ("format.docx", "default"),
        ("format.html.toc-depth", "3 personer i Bjurholm"),
        ("number-sections", "Bjurholm"),
        ("filters", "[draw.lua]"),
        ("filters", "[{path: draw.lua, at: pre-ast}]"),
        ("filters", "[{path: theme/house.lua, at: pre-ast, more: x}]"),
        ("filters", "[quarto]"),
        ("format", "html"),
        ("project", "website"),
    ],
)
def test_a_setting_of_the_list_has_a_value_of_its_list(setting: str, value: str, tmp_path: Path) -> None:
    file = tmp_path / "_quarto.yml"
    *sections, key = setting.split(".")
    file.write_text(with_setting(setting, value) if sections else f"{key}: {value}\n", encoding="utf-8")
    (fault,) = faults_in_project_file(file)
    assert key in fault.what and fault.remedy and fault.line is not None


@pytest.mark.parametrize("written", ["[filters]", "text", "- project"])
def test_what_is_no_mapping_is_no_settings(written: str, tmp_path: Path) -> None:
    file = tmp_path / "_quarto.yml"
    file.write_text(f"{written}\n", encoding="utf-8")
    assert [fault.remedy for fault in faults_in_project_file(file)] == ["Restore it from git."]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("date-format", '"[tre personer i Bjurholm]"'),
        ("date-format", "\"D 'personer i Bjurholm'\""),
        ("date-format", "[D, M]"),
        ("toc-depth", "33"),
        ("number-depth", '"Bjurholm"'),
        ("toc", "Bjurholm"),
        ("number-sections", "Bjurholm"),
    ],
)
def test_a_setting_of_a_document_prints_nothing_of_its_own(key: str, value: str, allowed: Allowed, tmp_path: Path) -> None:
    file = tmp_path / "report.qmd"
    file.write_text(f"---\nlang: sv\n{key}: {value}\n---\n\nText.\n", encoding="utf-8")
    (fault,) = faults_in_document(file, "sv", allowed)
    assert fault.line == 3 and repr(key) in fault.what


@pytest.mark.parametrize("value", ["D MMMM YYYY", "YYYY-MM-DD", "long", "MMMM D, YYYY"])
def test_a_date_has_a_format_of_letters(value: str, allowed: Allowed, tmp_path: Path) -> None:
    file = tmp_path / "report.qmd"
    file.write_text(f'---\nlang: sv\ndate-format: "{value}"\ntoc: true\n---\n\nText.\n', encoding="utf-8")
    assert not list(faults_in_document(file, "sv", allowed))
