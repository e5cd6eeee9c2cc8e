"""A published table that was damaged cannot be audited, and is called damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kvarn.analyse.disclosure.written.audit import Published, read_csv
from kvarn.errors import DisclosureError

TABLE = b"year,sex,measure,value,status\n2023,1,persons,40,\n2023,2,persons,,X\n2023,T,persons,81,\n"
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "not text": lambda content: b"\xd1\xc1" + content,
    "noughts": lambda content: bytes(len(content)),
    "a nought": lambda content: content.replace(b"40", b"4\0"),
    "another kind": lambda content: b'[1, null, "x"]\n{}\n',
    "cut in a row": lambda content: content[:-12],
    "more in a row": lambda content: content.replace(b"40,", b"40,,1"),
    "no year": lambda content: content.replace(b"2023,2", b"20x3,2"),
    "an open quotation mark": lambda content: content + b'"2023,T',
}


def read(folder: Path, content: bytes) -> Published:
    (folder / "persons.csv").write_bytes(content)
    found = Published()
    read_csv(folder, found)
    return found


def test_a_whole_table_is_read(tmp_path: Path) -> None:
    assert len(read(tmp_path, TABLE).figures) == 2


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_table_is_named(tmp_path: Path, damage: str) -> None:
    with pytest.raises(DisclosureError) as raised:
        read(tmp_path, DAMAGES[damage](TABLE))
    assert raised.value.where == str(tmp_path / "persons.csv")
    assert "damaged" in raised.value.what and "backup" in str(raised.value.remedy)
