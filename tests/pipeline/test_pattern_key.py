"""The key of the pattern is needed where it decides something, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.edition import Disclosure, Keyed, Workspace
from kvarn.errors import InputError
from kvarn.pipeline.pattern_key import pattern_key, pattern_key_state
from kvarn.process import create_key, read_key

NOTHING, SOMETHING = Disclosure(), Disclosure(keyed=Keyed(decoys=0.1))


def test_where_it_decides_nothing_the_pseudonym_key_need_not_be_at_hand(tmp_path: Path) -> None:
    """It may lie in a safe while an order is made."""
    work = Workspace(tmp_path, "2023")
    assert pattern_key(work, NOTHING, synthetic=False) == b""
    state = pattern_key_state(work, NOTHING, synthetic=False)
    with pytest.raises(InputError, match="pseudonym key"):
        pattern_key(work, SOMETHING, synthetic=False)
    assert pattern_key_state(work, SOMETHING, synthetic=False) is None
    work.pseudonym_key.parent.mkdir(mode=0o700)
    create_key(work.pseudonym_key)
    assert pattern_key_state(work, NOTHING, synthetic=False) == state, "another key makes nothing out of date"


def test_it_is_made_from_the_pseudonym_key_and_does_not_tell_it(tmp_path: Path) -> None:
    found = set()
    for name in ("one", "other"):
        work = Workspace(tmp_path / name, "2023")
        work.pseudonym_key.parent.mkdir(parents=True, mode=0o700)
        create_key(work.pseudonym_key)
        key = pattern_key(work, SOMETHING, synthetic=False)
        assert key == pattern_key(work, SOMETHING, synthetic=False) and read_key(work.pseudonym_key) not in key
        assert pattern_key_state(work, SOMETHING, synthetic=False) != key.hex()
        found.add(key)
    synthetic = pattern_key(Workspace(tmp_path / "neither", "2023"), SOMETHING, synthetic=True)
    assert len(found | {synthetic}) == 3
