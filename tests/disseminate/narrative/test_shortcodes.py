"""What the renderers take for a shortcode, the check has read: includes by any name, and variables however they are spaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kvarn.disseminate.rendering.chapters import with_chapters
from kvarn.disseminate.rendering.lines import lines_of
from kvarn.errors import InputError, RenderingError

PROJECT = Path(__file__).parents[3]
Check = Callable[[Path], None]
INCLUDES = (
    "{{< include _mer text.md >}}",
    "{{< include _mer.md >}}",
    '{{< include "_mer text.md" >}}',
    "{{< include ../../../secret.qmd >}}",
    "{{< include /etc/passwd >}}",
    "{{<include _mer.qmd>}}",
    "{{< include\t_mer.qmd >}}",
    "{{< include _mer\u00a0text.md >}}",
    "{{< include  sub/_mer.qmd >}}",
    "{{{< include _mer text.md >}}}",
)
OTHERS = (
    "{{<var a>}}",
    "{{<\nvar a >}}",
    "{{< meta title >}}",
    "{{% include _mer.qmd %}}",
    "{{</* var a */>}}",
    "{{< env HOME >}}",
)


@pytest.fixture(scope="module")
def told(told_of_each: Callable[..., Mapping[str, str]]) -> Mapping[str, str]:
    return told_of_each([*INCLUDES, *OTHERS])


@pytest.mark.parametrize("form", [*INCLUDES, *OTHERS])
def test_a_shortcode_in_another_form_is_refused_with_its_line(form: str, told: Mapping[str, str]) -> None:
    about = PROJECT / "reports" / "annual-report" / "en" / "_about.qmd"
    line = about.read_text(encoding="utf-8").count("\n") + 2
    assert f".qmd, line {line}" in told[form]


@pytest.mark.parametrize("written", INCLUDES)
def test_no_renderer_takes_in_what_is_no_chapter(written: str, tmp_path: Path) -> None:
    for name in ("_mer text.md", "_mer.md", "_mer.qmd", "sub/_mer.qmd"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("In Haninge III persons.\n", encoding="utf-8")
    try:
        lines = with_chapters(lines_of(written, tmp_path / "report.qmd"), tmp_path, ("report.qmd",))
    except RenderingError as error:
        assert "report.qmd, line 1" in str(error)
    else:
        assert not any("Haninge" in line.text for line in lines)


@pytest.mark.parametrize("name", ["_mer text.md", "notes.txt", "sub/_mer.qmd", "picture.png", "_mer.QMD"])
def test_no_file_stands_in_a_documents_folder_that_no_check_reads(name: str, written: Path, check: Check) -> None:
    file = written / "reports" / "annual-report" / "en" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("In Haninge III persons received care.\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        check(written)
    assert name in str(error.value)
