"""The attack on what was written spares itself programmes; what it says is what two programmes for each cell say."""

from __future__ import annotations

import random

import numpy as np
import pytest

from kvarn.analyse.disclosure.written import plain as written_plain
from kvarn.analyse.disclosure.written.line import Line
from kvarn.analyse.disclosure.written.plain import Plain

Name = tuple[object, object]


def system(seed: int, most: int = 6) -> tuple[dict[Name, int], dict[Name, int], list[Line[Name]]]:
    """What is published of a table with its totals, the withheld cells with their floors, and what ties them together."""
    draw = random.Random(seed)
    rows, columns = range(draw.randint(2, most)), range(draw.randint(2, most))
    values: dict[Name, int] = {(i, j): draw.choice([0, 1, 1, 2, 3, 5, 8, 20]) for i in rows for j in columns}
    lines: list[Line[Name]] = []
    for total, parts in [(("row", i), [(i, j) for j in columns]) for i in rows] + [
        (("column", j), [(i, j) for i in rows]) for j in columns
    ]:
        values[total] = sum(values[part] for part in parts)
        lines.append(Line({total: 1.0, **dict.fromkeys(parts, -1.0)}, exact=True))
    if values[0, 0] >= values[1, 1]:
        lines.append(Line({(0, 0): 1.0, (1, 1): -1.0}, exact=False))
    withheld = {name for name, value in values.items() if draw.random() < (0.7 if value < 4 else 0.25)}
    floors = {name: int(values[name] > 0 and draw.random() < 0.7) for name in sorted(withheld, key=str)}
    return {name: value for name, value in values.items() if name not in withheld}, floors, lines


@pytest.mark.parametrize("seed", range(60))
def test_what_is_too_narrow_is_what_two_programmes_for_each_cell_say(seed: int) -> None:
    known, floors, lines = system(seed)
    draw = random.Random(seed + 1000)
    widths = {name: draw.choice([1, 2, 3, 5, 10]) for name in floors if draw.random() < 0.9}
    exact = {name: most - least for name, (least, most) in Plain(known, floors, lines).intervals().items()}
    narrow, narrowest = Plain(known, floors, lines).too_narrow(widths)
    assert set(narrow) == {name for name, width in widths.items() if exact[name] < width}
    assert narrowest == min((exact[name] for name in widths), default=None)


@pytest.mark.parametrize("seed", [0, 4, 9])
def test_many_cells_are_judged_by_few_programmes(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    known, floors, lines = system(seed, most=40)
    solve, asked = written_plain.linprog, []

    def counted(*given: object, **named: object) -> object:
        asked.append(1)
        return solve(*given, **named)

    monkeypatch.setattr(written_plain, "linprog", counted)
    Plain(known, floors, lines).too_narrow(dict.fromkeys(floors, 3))
    assert len(floors) > 200 and len(asked) < len(floors) / 4


def test_a_table_that_what_is_published_contradicts_widens_nothing() -> None:
    known: dict[Name, int] = {("row", 0): 6}
    lines: list[Line[Name]] = [Line({("row", 0): 1.0, (0, 0): -1.0, (0, 1): -1.0}, exact=True)]
    plain = Plain(known, {(0, 0): 1, (0, 1): 1}, lines)
    block = plain._block(0)
    for wrong in ([1.0, 1.0], [0.0, 6.0], [9.0, -3.0]):
        plain._see(block, np.array(wrong))
        assert plain._seen((0, 0)) == -np.inf
    plain._see(block, np.array([5.0, 1.0]))
    assert plain._seen((0, 0)) == 0
