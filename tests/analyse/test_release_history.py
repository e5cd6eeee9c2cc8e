"""A release is entered whole or not at all, never changed, and seen to be whole; what is out is protected, named or not."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse import protect_tables
from kvarn.analyse._tables import complete_table, write_table
from kvarn.analyse.disclosure.memory.orders import keep_delivery
from kvarn.analyse.disclosure.memory.out import UNKNOWN, History, keep_history, kept_history, memories_from, news, public_text
from kvarn.analyse.disclosure.memory.releases import Release, checksums, record_release, releases
from kvarn.edition import Disclosure
from kvarn.errors import DisclosureError, InputError

from .attacker_of_all import concluded, read_counts
from .test_earlier_editions import FIRST, MONTHS, months, publish
from .test_orders import BY_SEX, ordered, protected, remembered

RULES = Disclosure(threshold=4)


def about(edition: str, *, register: str = "real", year: int = 2023, orders: int = 0, last_order: str = "") -> dict[str, object]:
    return {
        "edition": edition,
        "register": register,
        "synthetic": register != "real",
        "reference_year": year,
        "stage": "final",
        "published": "2024-09-03",
        "recorded": "2024-09-03T08:00:00+00:00",
        "already_out": False,
        "orders": orders,
        "last_order": last_order,
        "files": {"ro-crate-metadata.json": "0" * 64},
    }


def keep(folder: Path) -> None:
    (folder / "disclosure").mkdir()
    (folder / "disclosure" / "certificate.json").write_text('{"rules": {}, "cells_sha256": "a"}')
    (folder / "parameters.yml").write_text("reference_year: 2023\n")


def enter(root: Path, edition: str, **given: object) -> Release:
    """Release what `publish` has made, with its pattern."""
    memory = root / "restricted" / edition / "disclosure"

    def write(folder: Path) -> None:
        keep(folder)
        if memory.is_dir():
            shutil.rmtree(folder / "disclosure")
            shutil.copytree(memory, folder / "disclosure")

    return record_release(root / "restricted" / "releases", about(edition, **given), write)  # type: ignore[arg-type]


def history(root: Path, edition: str, *, register: str = "real", named: tuple[str, ...] = ()) -> History:
    restricted = root / "restricted"
    synthetic = register != "real"
    return History.read(
        restricted / "releases", restricted / "orders", edition=edition, register=register, synthetic=synthetic, named=named
    )


def test_releases_are_kept_in_order_and_for_their_owner_alone(tmp_path: Path) -> None:
    for number, name in enumerate(("2022", "2023"), 1):
        assert enter(tmp_path, name).number == number
    found = releases(tmp_path / "restricted" / "releases")
    assert [(one.number, one.edition) for one in found] == [(1, "2022"), (2, "2023")]
    assert found[1].before == found[0].digest and found[0].before == ""
    for path in (tmp_path / "restricted").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def lose(folder: Path) -> None:
    shutil.rmtree(folder / "2")


def lose_the_first(folder: Path) -> None:
    shutil.rmtree(folder / "1")


def lose_all(folder: Path) -> None:
    shutil.rmtree(folder)


def lose_a_file(folder: Path) -> None:
    (folder / "1" / "parameters.yml").unlink()


def add_a_file(folder: Path) -> None:
    (folder / "2" / "disclosure" / "more.parquet").touch()


def change_a_pattern(folder: Path) -> None:
    (folder / "1" / "disclosure" / "certificate.json").write_text("{}")


def change_an_entry(folder: Path) -> None:
    path = folder / "1" / "entry.json"
    path.write_text(path.read_text().replace('"2022"', '"2021"'))


def swap(folder: Path) -> None:
    (folder / "1").rename(folder / "3")
    (folder / "2").rename(folder / "1")
    (folder / "3").rename(folder / "2")


def lose_the_head(folder: Path) -> None:
    folder.with_name("releases.json").unlink()


def cut_off(folder: Path) -> None:
    shutil.rmtree(folder / "2")
    lose_the_head(folder)


@pytest.mark.parametrize(
    "harm",
    [cut_off, lose, lose_the_first, lose_all, lose_a_file, add_a_file, change_a_pattern, change_an_entry, swap, lose_the_head],
)
def test_a_history_that_is_not_whole_stops_everything(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    enter(tmp_path, "2022")
    enter(tmp_path, "2023")
    folder = tmp_path / "restricted" / "releases"
    harm(folder)
    with pytest.raises(InputError, match="release history is not whole") as caught:
        history(tmp_path, "2024")
    assert "backup" in str(caught.value.remedy)
    with pytest.raises(InputError, match="not whole"):
        enter(tmp_path, "2024")


def stopped_at(number: int, act: Callable[[], object]) -> bool:
    """Whether `act` was killed at its call to the system of this number, or had ended before it."""
    child = os.fork()
    if child:
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    calls = itertools.count(1)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if (event == "open" or event.startswith("os.")) and next(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    try:
        act()
    finally:
        os._exit(0)


def test_whoever_is_killed_at_any_moment_has_entered_a_release_whole_or_not_at_all(tmp_path: Path) -> None:
    enter(tmp_path, "2022")
    before = tmp_path / "before"
    shutil.copytree(tmp_path / "restricted", before)
    folder = tmp_path / "restricted" / "releases"
    seen = set()
    for number in itertools.count(1):
        shutil.rmtree(tmp_path / "restricted")
        shutil.copytree(before, tmp_path / "restricted")
        if not stopped_at(number, lambda: enter(tmp_path, "2023")):
            break
        known = [one.edition for one in releases(folder)]
        assert known in (["2022"], ["2022", "2023"]), number
        seen.add(len(known))
        # The next one goes on from there.
        if known == ["2022"]:
            enter(tmp_path, "2023")
        enter(tmp_path, "2024")
        assert [one.edition for one in releases(folder)] == ["2022", "2023", "2024"]
        assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    assert seen == {1, 2} and number > 20


def test_a_link_among_what_is_out_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").touch()
    assert list(checksums(tmp_path / "out")) == ["a"]
    (tmp_path / "out" / ".hidden").touch()
    assert list(checksums(tmp_path / "out")) == [".hidden", "a"]
    (tmp_path / "out" / "link").symlink_to(tmp_path / "out" / "a")
    with pytest.raises(InputError, match="no link"):
        checksums(tmp_path / "out")


def test_what_is_out_of_another_register_is_of_no_matter_and_of_an_unknown_one_it_may_be(tmp_path: Path) -> None:
    for name, register in (("2022", "real"), ("demo", "synthetic-a"), ("other", "synthetic-b"), ("any", UNKNOWN)):
        enter(tmp_path, name, register=register)

    def names(edition: str, register: str, *named: str) -> list[str]:
        return [one.edition for one in history(tmp_path, edition, register=register, named=named).out]

    assert names("2023", "real") == ["2022"]
    assert names("2023", "real", "demo") == ["2022"]
    assert names("next", "synthetic-a") == ["demo", "any"]
    assert names("next", "synthetic-a", "other") == ["demo", "other", "any"]
    assert names("next", UNKNOWN) == ["demo", "other", "any"]


def test_an_edition_that_is_out_goes_by_what_was_out_then(tmp_path: Path) -> None:
    enter(tmp_path, "2022")
    before = history(tmp_path, "2023").as_it_stood
    file = tmp_path / "history.json"
    keep_history(file, "real", before)
    enter(tmp_path, "2023")
    enter(tmp_path, "2024")
    assert history(tmp_path, "2023").as_it_stood == before and news(file, before) == []
    assert [one.edition for one in history(tmp_path, "2025").as_it_stood] == ["2022", "2023", "2024"]
    assert news(file, history(tmp_path, "2025").out) == [
        "edition 2023 has been released since",
        "edition 2024 has been released since",
    ]
    restricted = tmp_path / "restricted"
    assert kept_history(file, restricted / "releases", restricted / "orders") == before
    lost = replace(before[0], digest="other")
    assert news(file, [lost])[1].endswith("is not in the history any more")


def test_orders_and_editions_stand_in_the_order_in_which_they_went_out(tmp_path: Path) -> None:
    publish(tmp_path, "first", months(FIRST), RULES)
    enter(tmp_path, "first")
    for number, name in enumerate(("a", "b"), 1):
        order = protected(ordered(BY_SEX, name, FIRST), {MONTHS: months(FIRST)}, [remembered(tmp_path, "first")], name=name)
        definition = BY_SEX.definition(name)
        with metadata.tables_beside(definition):
            memory = tmp_path / "restricted" / "first" / "disclosure"
            told = {"edition": "first", "synthetic": False, "register": "real"}
            keep_delivery(tmp_path / "restricted" / "orders", name, told, definition, memory, b"", order.keep)
        enter(tmp_path, f"after-{name}", orders=number)
    names = [getattr(one, "order", one.edition) for one in history(tmp_path, "next").out]
    assert names == ["first", "a", "after-a", "b", "after-b"]
    assert [memory.name for memory in memories_from(history(tmp_path, "next").out)][:3] == ["after-b", "orders/b/1", "first"]
    assert "persons" not in public_text(history(tmp_path, "next").out)


CONTINUITY = "persons-new-and-continuing"
AGES = {"0-64": ["0-64"], "65-79": ["65-79"], "80+": ["80+"], "65+": ["65-79", "80+"], "T": ["0-64", "65-79", "80+"]}


def many() -> pd.DataFrame:
    """Sex, age and continuity, small and large counts side by side."""
    drawn, kinds = random.Random(4), ("new", "continuing", "unknown")
    sizes = (2, 3, 6, 8, 12, 15, 30, 40, 60)
    leaf = {(sex, kind, age): drawn.choice(sizes) for sex in "12" for kind in kinds for age in ("0-64", "65-79", "80+")}
    rows = []
    for sex, kind, age in itertools.product("12T", (*kinds, "T"), AGES):
        value = sum(n for (s, k, a), n in leaf.items() if sex in (s, "T") and kind in (k, "T") and a in AGES[age])
        rows.append((2023, sex, age, kind, "persons", value, value))
    frame = pd.DataFrame(rows, columns=["year", "sex", "age", "continuity", "measure", "value", "contributors"])
    return complete_table(CONTINUITY, frame)


def made(root: Path, name: str, rules: Disclosure, into: str | None = None) -> Path:
    """Protect an edition as `kvarn publish` does: together with all that is out, whether or not it is named."""
    folder = root / "restricted" / name
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    write_table(folder / "tables" / f"{CONTINUITY}.parquet", many())
    protect_tables(
        folder / "tables",
        root / "build" / (into or name),
        disclosure=rules,
        synthetic=False,
        report=folder / "disclosure-report.json",
        memories=memories_from(history(root, name).out),
    )
    return root / "build" / (into or name)


def laid_together(*folders: Path) -> dict[tuple[str, ...], int]:
    """The secrets that follow from what several editions show."""
    both: dict[tuple[str, ...], int | None] = {}
    for folder in folders:
        for key, value in read_counts(folder).items():
            both[key] = value if both.get(key) is None else both[key]
    return {key: value for key, value in concluded(both).items() if 0 < value < RULES.threshold}


def test_the_case_that_was_seen_is_one_that_this_attacker_sees(tmp_path: Path) -> None:
    """Without the history a stricter edition withholds other cells, and both together tell secrets."""
    first, second = made(tmp_path, "first", RULES), made(tmp_path, "second", Disclosure(threshold=10))
    assert laid_together(first) == laid_together(second) == {}
    assert len(laid_together(first, second)) == 5


@pytest.mark.parametrize("name", ["second", "first"])
@pytest.mark.parametrize("rules", [Disclosure(threshold=10), Disclosure(threshold=2), Disclosure(threshold=1, width=1)])
def test_the_same_year_by_other_rules_tells_nothing_more(tmp_path: Path, name: str, rules: Disclosure) -> None:
    """Under another name, or the edition itself made again: not one secret is known, or known more closely."""
    first = made(tmp_path, "first", RULES)
    enter(tmp_path, "first")
    second = made(tmp_path, name, rules, "again")
    assert laid_together(first, second) == {}
    sheet = f"{CONTINUITY}.csv"
    assert (first / sheet).read_bytes() == (second / sheet).read_bytes()


def test_an_edition_that_is_out_cannot_be_made_again_by_another_method(tmp_path: Path) -> None:
    made(tmp_path, "first", RULES)
    enter(tmp_path, "first")
    for name in ("first", "second"):
        with pytest.raises(DisclosureError, match="protected otherwise") as caught:
            made(tmp_path, name, Disclosure(method="cell-key"))
        assert "earlier" not in str(caught.value.remedy)


def test_an_entry_says_what_it_holds(tmp_path: Path) -> None:
    entry = json.loads((enter(tmp_path, "2022").folder / "entry.json").read_text())
    assert entry["kept"].keys() == {"disclosure/certificate.json", "parameters.yml"}
    assert {key: entry[key] for key in about("2022")} == about("2022")
