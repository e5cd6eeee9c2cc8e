"""What docs/statistics.md shows works as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from kvarn.analyse import Register
from kvarn.analyse._tables import complete_table
from kvarn.metadata import TableDefinition, _programme

from .registers import write_register

PAGE = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_table_in_five_lines_can_be_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ((name, fields),) = yaml.safe_load(block("yaml")).items()
    monkeypatch.setitem(_programme._tables(), name, TableDefinition(name=name, **fields))
    acts = [(0, "2023-01-05", 114, "PM007", "XS918", ""), (0, "2023-01-06", 115, "QM015", "XS918", "")]
    folder = write_register(tmp_path / "register", [(2, 1940)], [(0, 2023, 1, 114)], acts)
    saved: dict[str, pd.DataFrame] = {}

    def save_table(table: str, *frames: pd.DataFrame, edition: str) -> pd.DataFrame:
        return saved.setdefault(table, complete_table(table, *frames))

    lines = block("python")
    assert len(lines.strip().splitlines()) <= 5
    exec(lines, {"register": Register(folder), "reference_year": 2023, "edition": "tiny", "save_table": save_table})
    table = saved[name].set_index(["region", "kind"])["value"]
    assert [table[code, "T"] for code in ("00", "01", "0114", "0115", "0117")] == ["1", "1", "1", "1", "0"]
    assert [table["0114", kind] for kind in ("assessing", "treating")] == ["1", "0"]


def test_every_call_that_the_page_names_exists() -> None:
    for called in re.findall(r"`register\.(\w+)", PAGE):
        assert callable(getattr(Register, called))
