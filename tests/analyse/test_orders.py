"""A custom order is protected together with what is out: the attacker lays it beside the edition."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from kvarn import metadata
from kvarn.analyse import ProtectedOrder, protect_order, protect_tables
from kvarn.analyse._tables import complete_table, write_table
from kvarn.analyse.disclosure.memory.kept import Memory
from kvarn.analyse.disclosure.memory.orders import deliveries, keep_delivery
from kvarn.edition import Disclosure, Keyed, Order, Words
from kvarn.errors import DisclosureError, InputError

from .attacker_of_all import concluded, read_counts
from .test_earlier_editions import FIRST, MONTHS, months, publish

RULES = Disclosure(threshold=4)
# Women and men of each month without the totals, which the edition has published.
BY_SEX = Order(
    edition="first",
    title=Words(sv="Beställd, {years}", en="Ordered, {years}"),
    measures=("persons",),
    by=("month", "sex"),
    categories={"sex": ("1", "2"), "month": ("T", "01", "02", "03")},
    years=(2023,),
)


def totals(counts: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Only the totals of both sexes."""
    return months(counts)[lambda frame: frame["sex"] == "T"].reset_index(drop=True)


def ordered(order: Order, name: str, counts: dict[str, tuple[int, int]]) -> pd.DataFrame:
    frame = months(counts)
    frame = frame[frame["month"].isin(counts) & frame["sex"].isin(order.categories["sex"])]
    with metadata.tables_beside(order.definition(name)):
        return complete_table(name, frame[["year", "month", "sex", "measure", "value", "contributors"]])


def protected(
    table: pd.DataFrame, tables: dict[str, pd.DataFrame], memories: Sequence[Memory], order: Order = BY_SEX, name: str = "by-sex"
) -> ProtectedOrder:
    with metadata.tables_beside(order.definition(name)):
        return protect_order(name, table, tables, memories, disclosure=RULES, synthetic=False)


def remembered(root: Path, name: str) -> Memory:
    return Memory(root / "restricted" / name / "disclosure", name)


def deliver(root: Path, made: ProtectedOrder, order: Order = BY_SEX, edition: str = "first") -> Path:
    definition = order.definition(made.name)
    with metadata.tables_beside(definition):
        about = {"edition": edition, "synthetic": False}
        memory = root / "restricted" / edition / "disclosure"
        return keep_delivery(root / "restricted" / "orders", made.name, about, definition, memory, b"", made.keep)


def together(folder: Path, *sheets: tuple[str, bytes]) -> Path:
    """Published tables in one folder, as the attacker has them."""
    folder.mkdir()
    for name, sheet in sheets:
        (folder / f"{name}.csv").write_bytes(sheet)
    return folder


def gaps(folder: Path) -> set[tuple[str, str]]:
    """Sex and month of what is withheld."""
    return {(key[11], key[6]) for key, value in read_counts(folder).items() if value is None}


def test_an_order_that_is_safe_alone_is_kept_from_uncovering_a_secret_with_the_edition(tmp_path: Path) -> None:
    publish(tmp_path, "first", totals(FIRST), RULES)
    edition = (MONTHS, (tmp_path / "build" / "first" / f"{MONTHS}.csv").read_bytes())
    table = ordered(BY_SEX, "by-sex", FIRST)
    alone = protected(table, {}, [])
    assert gaps(together(tmp_path / "only-the-order", ("by-sex", alone.sheet))) == {("1", "01")}
    naive = concluded(read_counts(together(tmp_path / "naive", edition, ("by-sex", alone.sheet))))
    assert [(key[11], key[6], said) for key, said in naive.items()] == [("1", "01", 2)], "a check of the attacker"

    made = protected(table, {MONTHS: totals(FIRST)}, [remembered(tmp_path, "first")])
    both = together(tmp_path / "both", edition, ("by-sex", made.sheet))
    assert gaps(both) >= {("1", "01"), ("2", "01")}
    assert concluded(read_counts(both)) == {}


AGES_WITHOUT_LEVELS = ("0-17", "18-64", "65-69", "70-74", "75-79", "80-84", "85-89", "90+")


@pytest.mark.parametrize("also", [(), ("65-79",), ("0-64",), ("65+",), ("0-64", "65+", "65-79", "80+")])
def test_an_order_that_leaves_out_levels_of_a_classification_is_subtracted_from_the_total_all_the_same(
    tmp_path: Path, also: tuple[str, ...]
) -> None:
    """The ages between (0-64, 65+ …) stand nowhere, and yet all that is shown can be taken from the month's total."""
    counts = {"01": dict(zip(AGES_WITHOUT_LEVELS, (2, 20, 12, 14, 15, 16, 11, 10), strict=True))}
    counts["02"] = {age: number + 9 for age, number in counts["01"].items()}
    limits = {row["code"]: (int(row["from_age"]), int(row["to_age"] or 130)) for row in metadata.codelist("age").rows}
    for of_month in counts.values():
        leaves = dict(of_month)
        for code in also:
            of_month[code] = sum(
                number for leaf, number in leaves.items() if limits[code][0] <= limits[leaf][0] <= limits[code][1]
            )
    sums = {month: sum(of_month[age] for age in AGES_WITHOUT_LEVELS) for month, of_month in counts.items()}
    edition = months({"T": (0, sum(sums.values())), **{month: (0, number) for month, number in sums.items()}})
    edition = edition[edition["sex"] == "T"].reset_index(drop=True)
    publish(tmp_path, "first", edition, RULES)
    shown = tuple(code for code in limits if code in AGES_WITHOUT_LEVELS or code in also)
    order = BY_SEX.model_copy(update={"by": ("month", "age"), "categories": {"age": shown, "month": tuple(counts)}})
    rows = [(2023, month, age, "persons", number, number) for month, of in counts.items() for age, number in of.items()]
    with metadata.tables_beside(order.definition("by-age")):
        columns = ["year", "month", "age", "measure", "value", "contributors"]
        table = complete_table("by-age", pd.DataFrame(rows, columns=columns))
    of_edition = (MONTHS, (tmp_path / "build" / "first" / f"{MONTHS}.csv").read_bytes())

    alone = protected(table, {}, [], order, "by-age")
    naive = concluded(read_counts(together(tmp_path / "naive", of_edition, ("by-age", alone.sheet))))
    assert "0-64" in also or 2 in naive.values(), "a check of the attacker"
    made = protected(table, {MONTHS: edition}, [remembered(tmp_path, "first")], order, "by-age")
    both = read_counts(together(tmp_path / "both", of_edition, ("by-age", made.sheet)))
    assert concluded(both) == {} and sum(value is None for value in both.values()) >= 2


def test_what_the_edition_withholds_is_withheld_in_the_order_though_nobody_could_tell_why(tmp_path: Path) -> None:
    first = publish(tmp_path, "first", months(FIRST), RULES)
    made = protected(ordered(BY_SEX, "by-sex", FIRST), {MONTHS: months(FIRST)}, [remembered(tmp_path, "first")])
    shown = {place for place, value in first.items() if value == "X" and place[0] != "T" and place[1] in FIRST}
    assert gaps(together(tmp_path / "order", ("by-sex", made.sheet))) == shown != set()


def test_a_second_order_does_not_uncover_the_first(tmp_path: Path) -> None:
    """Totals are in no table of the edition: men and women are delivered first, then their totals are ordered."""
    other = months({"T": (60, 80)})
    publish(tmp_path, "first", other[other["month"] == "T"].reset_index(drop=True), RULES)
    tables = {MONTHS: other[other["month"] == "T"].reset_index(drop=True)}
    counts = {"01": FIRST["01"], "02": FIRST["02"], "03": FIRST["03"]}
    by_sex = BY_SEX.model_copy(update={"categories": {"sex": ("1", "2"), "month": tuple(counts)}})
    first = protected(ordered(by_sex, "by-sex", counts), tables, [remembered(tmp_path, "first")], by_sex)
    assert gaps(together(tmp_path / "one", ("by-sex", first.sheet))) == {("1", "01")}
    deliver(tmp_path, first, by_sex)

    of_both = by_sex.model_copy(update={"categories": {"sex": ("T",), "month": tuple(counts)}})
    totals_of = ordered(of_both, "both", counts)
    alone = protected(totals_of, tables, [remembered(tmp_path, "first")], of_both, "both")
    assert concluded(read_counts(together(tmp_path / "naive", ("by-sex", first.sheet), ("both", alone.sheet))))
    before = [memory for one in deliveries(tmp_path / "restricted" / "orders") for memory in one.memories()]
    second = protected(totals_of, tables, [remembered(tmp_path, "first"), *before], of_both, "both")
    both = together(tmp_path / "both", ("by-sex", first.sheet), ("both", second.sheet))
    assert ("T", "01") in gaps(both) and ("T", "02") not in gaps(both)
    assert concluded(read_counts(both)) == {}


def next_edition(root: Path, name: str, table: pd.DataFrame, rules: Disclosure, *, orders: bool = True) -> bytes:
    """The next edition's table, with or without the memory of orders."""
    folder = root / "restricted" / name
    (folder / "tables").mkdir(parents=True)
    write_table(folder / "tables" / f"{MONTHS}.parquet", table)
    protect_tables(
        folder / "tables",
        root / "build" / name,
        disclosure=rules,
        synthetic=False,
        report=folder / "disclosure-report.json",
        orders=root / "restricted" / "orders" if orders else None,
    )
    return (root / "build" / name / f"{MONTHS}.csv").read_bytes()


def test_the_next_edition_does_not_uncover_an_order_whose_parameters_are_gone(tmp_path: Path) -> None:
    """It does not even name the edition that the order is from."""
    small = {"T": (60, 80)}
    of_year = months(small)[lambda frame: frame["month"] == "T"].reset_index(drop=True)
    publish(tmp_path, "first", of_year, RULES)
    counts = {"01": FIRST["01"], "02": FIRST["02"], "03": FIRST["03"]}
    by_sex = BY_SEX.model_copy(update={"categories": {"sex": ("1", "2"), "month": tuple(counts)}})
    made = protected(ordered(by_sex, "by-sex", counts), {MONTHS: of_year}, [remembered(tmp_path, "first")], by_sex)
    deliver(tmp_path, made, by_sex)

    totals_of = totals(FIRST)
    naive = next_edition(tmp_path, "naive", totals_of, RULES, orders=False)
    assert concluded(read_counts(together(tmp_path / "n", ("by-sex", made.sheet), (MONTHS, naive))))
    second = next_edition(tmp_path, "second", totals_of, RULES)
    both = together(tmp_path / "both", ("by-sex", made.sheet), (MONTHS, second))
    assert ("T", "01") in gaps(both)
    assert concluded(read_counts(both)) == {}
    whole = next_edition(tmp_path, "whole", months(FIRST), Disclosure(threshold=1))
    assert {("1", "01"), ("2", "01")} & gaps(together(tmp_path / "w", (MONTHS, whole))) == {("1", "01")}


def test_an_edition_that_an_order_was_made_from_comes_out_as_it_was(tmp_path: Path) -> None:
    before = next_edition(tmp_path, "first", months(FIRST), RULES)
    made = protected(ordered(BY_SEX, "by-sex", FIRST), {MONTHS: months(FIRST)}, [remembered(tmp_path, "first")])
    deliver(tmp_path, made)
    again = tmp_path / "restricted" / "first"
    for rules in (RULES, Disclosure(threshold=1)):
        protect_tables(
            again / "tables",
            tmp_path / "again",
            disclosure=rules,
            synthetic=False,
            report=again / "disclosure-report.json",
            orders=tmp_path / "restricted" / "orders",
        )
        assert (tmp_path / "again" / f"{MONTHS}.csv").read_bytes() == before


def test_a_revised_figure_is_judged_anew_and_one_of_before_does_not_stand_in_its_way(tmp_path: Path) -> None:
    """An order told of 40 women; now there are two, which nobody has been told. Sums of before and now are not mixed."""
    publish(tmp_path, "first", totals(FIRST), RULES)
    old = {"T": (60, 80), "01": (40, 40), "02": (50, 50), "03": (40, 60)}
    made = protected(ordered(BY_SEX, "by-sex", old), {}, [])
    assert gaps(together(tmp_path / "old", ("by-sex", made.sheet))) == set()
    deliver(tmp_path, made)
    second = next_edition(tmp_path, "second", months({**FIRST, "01": (40, 2)}), RULES)
    assert ("2", "01") in gaps(together(tmp_path / "new", (MONTHS, second)))
    only_totals = next_edition(tmp_path, "third", totals({**FIRST, "01": (30, 2)}), RULES)
    assert b",persons,32," in only_totals


def test_secrets_that_noughts_beside_them_give_away_refuse_the_order(tmp_path: Path) -> None:
    """Three men of three ages, three women of three ages: since noughts are shown, everybody could count them."""
    of_year = months({"T": (3, 3)})[lambda frame: frame["month"] == "T"].reset_index(drop=True)
    first = publish(tmp_path, "first", of_year, RULES)
    assert (first["T", "T"], first["1", "T"], first["2", "T"]) == ("6", "X", "X")
    ages = ("T", "65-69", "70-74", "75-79")
    whole = BY_SEX.model_copy(update={"by": ("sex", "age"), "categories": {}})
    rows = [
        (2023, sex, age, "persons", number * (2 if sex == "T" else 1), number * (2 if sex == "T" else 1))
        for sex in ("1", "2", "T")
        for age, number in zip(("T", "65-79", *ages[1:]), (3, 3, 1, 1, 1), strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["year", "sex", "age", "measure", "value", "contributors"])
    with metadata.tables_beside(whole.definition("ages")):
        frame = pd.concat([frame, frame[frame["age"] == "65-79"].assign(age="65+")])
        table = complete_table("ages", frame)
    with pytest.raises(DisclosureError, match="told too closely"):
        protected(table, {MONTHS: of_year}, [remembered(tmp_path, "first")], whole, "ages")


def test_a_delivery_is_remembered_once_and_a_damaged_one_stops_everything(tmp_path: Path) -> None:
    publish(tmp_path, "first", totals(FIRST), RULES)
    made = protected(ordered(BY_SEX, "by-sex", FIRST), {MONTHS: totals(FIRST)}, [remembered(tmp_path, "first")])
    kept = deliver(tmp_path, made)
    assert deliver(tmp_path, made) == kept
    assert [path.stat().st_mode & 0o077 for path in (tmp_path / "restricted" / "orders").rglob("*")] == [0] * len(
        list((tmp_path / "restricted" / "orders").rglob("*"))
    )
    (one,) = deliveries(tmp_path / "restricted" / "orders")
    assert (one.order, one.number, one.edition, one.definition.label("en")) == ("by-sex", 1, "first", "Ordered, {years}")
    # What a run that was stopped in the middle has left is no delivery, and the next run removes it.
    for left_over in (kept.parent / ".2.part" / "2", kept.parent / ".partial"):
        left_over.mkdir(parents=True)
        (left_over / "table.json").write_text("{}")
    assert [one.folder for one in deliveries(tmp_path / "restricted" / "orders")] == [kept]
    assert deliver(tmp_path, made) == kept
    (kept / "table.json").write_text("{}")
    with pytest.raises(InputError, match="cannot be read"):
        next_edition(tmp_path, "second", months(FIRST), RULES)


def test_a_table_that_has_left_the_programme_is_remembered_all_the_same(tmp_path: Path) -> None:
    publish(tmp_path, "first", months(FIRST), Disclosure(threshold=4))
    memory = tmp_path / "restricted" / "first" / "disclosure"
    (memory / f"{MONTHS}.parquet").rename(memory / "persons-by-month-and-sex.parquet")
    second = publish(tmp_path, "second", months(FIRST), Disclosure(threshold=2, earlier=("first",)))
    assert second["1", "01"] == "X"
    with pytest.raises(Exception, match="no table"):
        metadata.table("first/persons-by-month-and-sex")


# Women and men of whom six are just above the limit; nobody has to be kept secret.
ABOVE = {"T": (56, 70), "01": (6, 20), "02": (30, 31), "03": (20, 25)}
KEYED = RULES.model_copy(update={"keyed": Keyed(choice=0.5, decoys=1.0)})


def keyed(name: str, root: Path, memories: Sequence[str], key: bytes | None) -> ProtectedOrder:
    table = ordered(BY_SEX, name, ABOVE)
    with metadata.tables_beside(BY_SEX.definition(name)):
        kept = [remembered(root, one) for one in memories]
        return protect_order(name, table, {MONTHS: totals(ABOVE)}, kept, disclosure=KEYED, synthetic=False, key=key)


def test_the_edition_s_key_decides_the_same_in_orders(tmp_path: Path) -> None:
    publish(tmp_path, "first", totals(ABOVE), RULES)
    without, first, again = (keyed("by-sex", tmp_path, ["first"], key) for key in (None, b"a key", b"a key"))
    assert gaps(together(tmp_path / "without", ("by-sex", without.sheet))) == set()
    with_key = gaps(together(tmp_path / "with", ("by-sex", first.sheet)))
    assert {("1", "01"), ("2", "01")} & with_key and first.sheet == again.sheet and len(with_key) > 1
    other = keyed("of-another-name", tmp_path, ["first"], b"a key")
    assert other.sheet == first.sheet


def test_what_is_out_stays_out_and_a_decoy_stops_no_order(tmp_path: Path) -> None:
    publish(tmp_path, "first", totals(ABOVE), RULES)
    deliver(tmp_path, keyed("by-sex", tmp_path, ["first"], None))
    orders = [memory for one in deliveries(tmp_path / "restricted" / "orders") for memory in one.memories()]
    memories = [remembered(tmp_path, "first"), *orders]
    with metadata.tables_beside(BY_SEX.definition("again"), *(one for memory in orders for one in memory.beside())):
        table, tables = ordered(BY_SEX, "again", ABOVE), {MONTHS: totals(ABOVE)}
        made = protect_order("again", table, tables, memories, disclosure=KEYED, synthetic=False, key=b"a key")
    assert gaps(together(tmp_path / "again", ("again", made.sheet))) == set()
    assert json.loads(made.report)["residual_risk"] == []
