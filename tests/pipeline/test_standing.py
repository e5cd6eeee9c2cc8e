"""What is said of how an edition stands to the release history."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kvarn.disseminate.recorded import RECORD
from kvarn.pipeline.standing import standing

from .test_checking import opened


def test_an_edition_of_which_nothing_is_made_is_no_candidate(tmp_path: Path) -> None:
    production = opened(tmp_path)
    assert "nothing of it has been published yet" in standing(production).said
    production.workspace.candidate.mkdir(parents=True)
    assert "it is a candidate" in standing(production).said


@pytest.mark.parametrize(("name", "said"), [("2022", "is the edition 2022, copied or renamed"), ("2023", "it is a candidate")])
def test_the_publication_of_another_edition_is_no_candidate_of_this_one(name: str, said: str, tmp_path: Path) -> None:
    production = opened(tmp_path)
    folder = production.workspace.publication
    folder.mkdir(parents=True)
    (folder / RECORD).write_text(json.dumps({"@graph": [{"@id": "./", "identifier": name}]}), encoding="utf-8")
    assert said in standing(production).said
    (folder / RECORD).write_text("{", encoding="utf-8")
    assert "it is a candidate" in standing(production).said
