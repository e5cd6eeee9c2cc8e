"""What stands on top of the pages of present notebooks: whether data are synthetic, and whether figures are preliminary."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.pipeline import open_edition
from kvarn.pipeline.actions import notice

from .test_findings import EDITION


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_page_of_a_notebook_says_that_figures_are_preliminary_and_until_when(tmp_path: Path, language: str) -> None:
    for folder in ("notebooks", "params", "d"):
        (tmp_path / folder).mkdir()
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "p.csv").touch()
    file = tmp_path / "params" / "2023.yml"
    said = []
    for stage, final in (("final", ""), ("preliminary", ""), ("preliminary", "  final: 2025-12-03\n")):
        text = EDITION.replace("  scheduled:", f"{final}  scheduled:")
        file.write_text(f"stage: {stage}\n{text}", encoding="utf-8")
        said.append(notice(open_edition(file), language))
    assert said[0] is None and said[1] == metadata.text("stage.notice", language)
    assert said[2] is not None and "2025" in said[2]
