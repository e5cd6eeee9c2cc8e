"""What is said of how an edition stands to the release history."""

from __future__ import annotations

from pathlib import Path

from kvarn.pipeline.standing import standing

from .test_checking import opened


def test_an_edition_of_which_nothing_is_made_is_no_candidate(tmp_path: Path) -> None:
    production = opened(tmp_path)
    assert "nothing of it has been published yet" in standing(production).said
    production.workspace.candidate.mkdir(parents=True)
    assert "it is a candidate" in standing(production).said
