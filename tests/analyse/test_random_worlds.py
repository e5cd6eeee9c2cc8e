"""Nothing follows from tables drawn by chance, for whoever thinks of the persons and procedures themselves."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.analyse.test_links_unseen import protected
from tests.analyse.worlds import WORLDS, Key, World, key_of, told

# Drawn before: of these somebody could tell a secret, or the audit refused what could be published.
KNOWN: dict[str, tuple[int, ...]] = {"procedures": (7,), "persons with procedures": (), "months": (41, 55), "two years": (30, 80)}
A_ROUND = 1
MANY = 150


def published(folder: Path, world: World) -> dict[Key, int | None]:
    found: dict[Key, int | None] = {}
    for name, frame in protected(folder, **world.tables).items():
        variables = [one for one in world.tables[name][0] if one != "year"]
        for row in frame.to_dict("records"):
            key = key_of(row["measure"], row["year"], {one: row[one] for one in variables})
            assert row["status"] in ("", "X")
            value = None if row["status"] == "X" else int(row["value"])
            assert found.setdefault(key, value) == value
    return found


def tried(folder: Path, kind: str, seed: int) -> None:
    world = WORLDS[kind](random.Random(f"{kind} {seed}"))
    assert told(world, published(folder, world)) == []


@pytest.mark.parametrize(("kind", "seed"), [(kind, seed) for kind in WORLDS for seed in (*KNOWN[kind], *range(A_ROUND))])
def test_nobody_tells_a_secret_from_tables_of_a_world(tmp_path: Path, kind: str, seed: int) -> None:
    tried(tmp_path, kind, seed)


@pytest.mark.long
@pytest.mark.parametrize(("kind", "seed"), [(kind, seed) for kind in WORLDS for seed in range(A_ROUND, MANY)])
def test_nor_of_many_worlds(tmp_path: Path, kind: str, seed: int) -> None:
    tried(tmp_path, kind, seed)


@pytest.mark.parametrize("kind", WORLDS)
def test_the_attacker_tells_what_is_published_without_protection(kind: str) -> None:
    """Of small figures of which one is left out of the tables the attacker finds each."""
    found = 0
    for seed in range(40):
        world = WORLDS[kind](random.Random(f"{kind} {seed}"))
        keys = {
            key_of(row[-3], row[0], dict(zip(variables[1:], map(str, row[1:]), strict=False)))
            for variables, _, rows in world.tables.values()
            for row in rows
        }
        small = [key for key in sorted(keys) if 0 < world.behind(key) < 4]
        shown: dict[Key, int | None] = {key: world.figure(key) for key in keys}
        found += bool(small and told(world, {**shown, small[0]: None}))
    assert found
