"""What kvarn keeps for itself, and somebody or something has damaged, is called damaged by whoever reads it, with what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kvarn.analyse.disclosure.memory.categories import _meant
from kvarn.analyse.disclosure.memory.kept import pattern_hash, rules_of
from kvarn.analyse.disclosure.memory.methods import _rules
from kvarn.analyse.disclosure.memory.out import gone_out_since, news
from kvarn.analyse.disclosure.written.secrecy import KEPT, kept_secrets
from kvarn.base.damaged import DAMAGED
from kvarn.disseminate.protected import ProtectedTables
from kvarn.errors import InputError
from kvarn.pipeline.kept_record import told_overrides

READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "secrets": (KEPT, lambda folder: kept_secrets(folder)),
    "hash": ("certificate.json", lambda folder: pattern_hash(folder)),
    "rules": ("certificate.json", lambda folder: rules_of(folder)),
    "rules of a method": ("certificate.json", lambda folder: _rules(folder / "certificate.json")),
    "categories": ("certificate.json", lambda folder: _meant(folder)),
    "news": ("history.json", lambda folder: news(folder / "history.json", [])),
    "since": ("history.json", lambda folder: gone_out_since(folder / "history.json", [], "2023")),
    "overrides": ("record.json", lambda folder: told_overrides(folder / "record.json")),
    "notes": ("notes.json", lambda folder: ProtectedTables(folder).noted),
}
DAMAGES = {
    "empty": b"",
    "noughts": bytes(100),
    "not text": b"\xd1\xc1\xff",
    "cut": b'{"rules": {"threshold": 4',
    "too deep": b"[" * 100_000,
    "another form": b'[1, null, "x"]',
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("reader", READERS)
def test_a_damaged_file_is_named(tmp_path: Path, reader: str, damage: str) -> None:
    name, read = READERS[reader]
    (tmp_path / name).write_bytes(DAMAGES[damage])
    with pytest.raises(InputError) as raised:
        read(tmp_path)
    assert raised.value.what == DAMAGED
    assert raised.value.file == tmp_path / name
    assert "backup" in str(raised.value.remedy)
    # What tells what is out is never taken away.
    assert ("kvarn publish" in str(raised.value.remedy)) == (name != "history.json")
