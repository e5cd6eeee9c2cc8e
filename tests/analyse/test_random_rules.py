"""Editions and orders drawn by chance, each by rules of its own: what was a secret when it was withheld is told to nobody."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.edition import Disclosure, Dominance, Sensitive
from tests.analyse.attacker_of_chains import told
from tests.analyse.chain import CODES, FINEST, Office, Person, Register, Table, definition
from tests.analyse.test_secrets_of_then import STRICT

RULES = [
    *STRICT.values(),
    Disclosure(p_per_cent=10),
    Disclosure(dominance=Dominance(n=2, per_cent=75)),
    Disclosure(contributors=9),
    Disclosure(contributors=7, width=12),
    Disclosure(sensitive={"kind": Sensitive(codes=("treating",), contributors=9)}),
]


def drawn(draw: random.Random) -> Register:
    """A few of each finest kind, of whom some have much more than the others."""
    every = []
    for of in FINEST:
        for _ in range(draw.choice((0, 2, 4, 8, 12))):
            every.append(Person(draw.randrange(12), {of: draw.choice((1, 1, 2, 3, 5))}))
    for _ in range(draw.randrange(1, 4)):
        every.append(Person(draw.randrange(12), {of: draw.randrange(20, 90) for of in draw.sample(FINEST, draw.randrange(1, 3))}))
    return Register(tuple(every))


def revised(register: Register, draw: random.Random) -> Register:
    """Some come, some go, and some have more."""
    kept = [one for one in register.people if draw.random() > 0.02]
    come = [Person(draw.randrange(12), {draw.choice(FINEST): draw.choice((1, 2, 40))}) for _ in range(draw.randrange(1, 5))]
    return Register((*kept, *come))


def by(draw: random.Random, variables: Sequence[str]) -> Table:
    chosen: Mapping[str, tuple[str, ...]] = {
        name: draw.choice((("T", *CODES[name]), CODES[name], CODES[name][:1])) for name in variables
    }
    return chosen


def tried(folder: Path, seed: int) -> Office:
    """Two or three editions, each by rules of its own, and orders between them."""
    draw, office = random.Random(f"rules {seed}"), Office(folder)
    edition: Table = {name: ("T", *CODES[name]) for name in draw.sample(sorted(CODES), 2)}
    register = drawn(draw)
    for number in range(draw.choice((2, 2, 3))):
        rules = draw.choice(RULES) if number == 0 or draw.random() < 0.4 else Disclosure()
        if number and draw.random() < 0.6:
            register = revised(register, draw)
        plans = {f"order-{number}{place}": by(draw, draw.sample(sorted(CODES), draw.choice((2, 3)))) for place in range(2)}
        with metadata.tables_beside(definition("edition", edition), *(definition(*one) for one in plans.items())):
            office.edition(register, rules, edition)
            for name, table in list(plans.items())[: draw.randrange(3)]:
                office.order(name, register, rules, table, edition)
    return office


# Drawn before: of these somebody could tell a secret.
KNOWN = (128, 132)
OTHERS = [pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 150) if seed not in KNOWN]


@pytest.mark.parametrize("seed", [0, *KNOWN, *OTHERS])
def test_nobody_who_keeps_everything_tells_what_was_a_secret_when_it_was_withheld(tmp_path: Path, seed: int) -> None:
    office = tried(tmp_path, seed)
    assert told(office) == set()
    # Of the worlds that told something an order is delivered all the same: refusing everything would keep every secret.
    assert seed not in KNOWN or len(office.published) > len(office.editions)
