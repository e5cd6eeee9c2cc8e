"""Chapters that lead back to themselves are told before any work, each with its file, its line and the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.disseminate.narrative import check_names
from kvarn.errors import InputError

WAYS = {
    "itself": ({"toy.qmd": "toy.qmd"}, ["toy.qmd includes itself: toy.qmd → toy.qmd."]),
    "a chapter of its own": (
        {"toy.qmd": "_one.qmd", "_one.qmd": "_one.qmd"},
        ["_one.qmd includes itself: _one.qmd → _one.qmd."],
    ),
    "by another": (
        {"toy.qmd": "_one.qmd", "_one.qmd": "_two.qmd", "_two.qmd": "_one.qmd"},
        [
            "_one.qmd includes itself: _one.qmd → _two.qmd → _one.qmd.",
            "_two.qmd includes itself: _two.qmd → _one.qmd → _two.qmd.",
        ],
    ),
}


def reports(folder: Path, includes: dict[str, str]) -> Path:
    document = folder / "reports" / "toy" / "en"
    document.mkdir(parents=True)
    (folder / "reports" / "figures.yml").write_text("{}\n", encoding="utf-8")
    for name, included in includes.items():
        (document / name).write_text(f"Words.\n\n{{{{< include {included} >}}}}\n", encoding="utf-8")
    return folder / "reports"


@pytest.mark.parametrize(("includes", "told"), WAYS.values(), ids=list(WAYS))
def test_a_loop_is_told_where_it_begins(includes: dict[str, str], told: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        check_names(reports(tmp_path, includes), (), ())
    for words in told:
        assert words in str(refused.value)
    assert "line 3" in str(refused.value) and "Take one of the includes away." in str(refused.value)
    assert "no chapter" not in str(refused.value)


def test_a_chapter_twice_is_no_loop(tmp_path: Path) -> None:
    folder = reports(tmp_path, {"toy.qmd": "_one.qmd", "_one.qmd": "_two.qmd"})
    (folder / "toy" / "en" / "_two.qmd").write_text("Words.\n", encoding="utf-8")
    (folder / "toy" / "en" / "other.qmd").write_text("{{< include _two.qmd >}}\n\n{{< include _one.qmd >}}\n", encoding="utf-8")
    check_names(folder, (), ())
