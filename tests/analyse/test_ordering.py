"""`kvarn order` on a small register: delivered whole, or refused with a coarser order that passes, and nothing between."""

from __future__ import annotations

import csv
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kvarn import analyse, metadata
from kvarn.analyse import Register, open_register, protect_tables
from kvarn.analyse._tables import complete_table, read_tables, write_table
from kvarn.analyse.disclosure.memory.releases import MADE, PARAMETERS, RECORD, Release, checksums, record_release
from kvarn.disseminate.record import write_record
from kvarn.disseminate.recorded import RecordedFile
from kvarn.edition import COUNTED_BY, Disclosure, Workspace, load_edition
from kvarn.errors import DisclosureError, EditionError, InputError
from kvarn.pipeline import open_edition
from kvarn.pipeline.history import HISTORY
from kvarn.pipeline.kept_record import keep_record
from kvarn.pipeline.ordering import deliver_order
from kvarn.pipeline.steps import _protect

from .attacker import known_exactly
from .attacker_of_all import concluded, read_counts
from .registers import all_accepted, write_collected, write_coverage, write_register

PROJECT = Path(__file__).parents[2]
MEMORY = Path("/dev/shm")
OVERRIDES = ("first_year=2022",)
TITLE = """title: {sv: 'Beställt "här" efter kön, {years}', en: "Ordered by sex, {years}"}"""
ORDER = f"""\
edition: demo
{TITLE}
measures: [persons]
by: [sex, age]
years: [2022]
orderer: Someone Secret
purpose: A purpose that nobody must see
notes: {{sv: En anmärkning., en: A note.}}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2022: 80 persons of all ages. 2023: three men and three women of three neighbouring ages, all year."""
    root = tmp_path_factory.mktemp("ordering")
    (root / "notebooks").mkdir()
    (root / "_quarto.yml").touch()
    shutil.copytree(PROJECT / "params", root / "params")
    (root / "reports").mkdir()
    shutil.copy(PROJECT / "reports" / "allowed-digits.yml", root / "reports")
    work = Workspace(root, "demo")
    work.make_restricted()
    (work.restricted / "source").mkdir()
    (work.restricted / "source" / "SYNTHETIC.txt").touch()
    count_from(work)
    for year in (2022, 2023):
        write_collected(work.collected, year)
    work.tables.mkdir()
    with Register(work.register) as register:
        for name, by in {"persons-by-month": ["year", "month", "sex"]}.items():
            write_table(work.tables / f"{name}.parquet", complete_table(name, register.count_persons(by, (2022, 2023))))
    publish(work)
    return root


def count_from(work: Workspace, *further: tuple[int, str, int, str, str, str]) -> None:
    """The register, with further procedures."""
    few = [(sex, 2023 - age) for sex, age in product((1, 2), (67, 72, 77))]
    many = [(1 + number % 2, 2022 - (10, 30, 66, 71, 76, 81, 86, 91)[number * number % 8]) for number in range(80)]
    many += [(1, 2022 - 66), (1, 2022 - 66), (2, 2022 - 91)]
    months = [(who, 2023, month, 180) for who in range(6) for month in range(1, 13)]
    months += [(6 + who, 2022, 1 + who % 3, 180) for who in range(len(many))]
    acts = [(number, f"{year}-01-05", 180, "DT019", "XS919", "") for number, year in ((0, 2023), (6, 2022))]
    write_register(work.register, few + many, months, acts + list(further), years=(2022, 2023))


def publish(work: Workspace) -> None:
    edition = load_edition(work.root / "params" / "demo.yml", OVERRIDES, published=True)
    protect_tables(
        work.tables,
        work.protected,
        disclosure=edition.disclosure,
        synthetic=True,
        report=work.disclosure_report,
        orders=work.orders,
    )
    shutil.rmtree(work.publication, ignore_errors=True)
    shutil.copytree(work.protected, work.publication / "data")
    params = RecordedFile.of(work.root / "params" / "demo.yml", "params/demo.yml")
    write_record(
        work.publication,
        edition,
        "demo",
        overrides=OVERRIDES,
        inputs=[params],
        deliveries=None,
        steps=[],
        versions={},
        code_version="1",
    )
    keep_record(work, work.publication, "params/demo.yml", OVERRIDES)


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Iterator[Path]:
    yield Path(shutil.copytree(made, tmp_path / "project"))
    metadata.use_project(None)


def written(root: Path, text: str = ORDER, name: str = "by-age") -> Path:
    path = root / "params" / "orders" / f"{name}.yml"
    path.write_text(text, encoding="utf-8")
    return path


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def as_if_never_ordered(root: Path) -> None:
    """The project as it was before the first order: nothing that knows of one is left."""
    for place in ("restricted", "publications"):
        shutil.rmtree(root / place / "orders")
    for file in ("restricted/orders.json", "publications/releases.json"):
        (root / file).unlink()


def test_an_order_is_delivered_whole_and_nothing_restricted_with_it(root: Path) -> None:
    folder = deliver_order(written(root))
    assert folder == root / "publications" / "orders" / "by-age"
    products = everything(folder)
    data = [f"data/{of}by-age.csv{ending}" for of in ("", "sv/", "en/") for ending in ("", "-metadata.json")]
    data.append("data/by-age.parquet")
    named = ("by-age.px", "by-age.sdmx.csv", "structure.sdmx.xml")
    database = [f"database/{one}" for one in named]
    database += [f"database/{language}/{name}.json" for language in ("sv", "en") for name in ("by-age", "tables.collection")]
    assert sorted(products) == sorted([*data, *database, "index.html", "sv/tables.xlsx", "en/tables.xlsx"])
    for name, content in products.items():
        assert b"Someone Secret" not in content and b"nobody must see" not in content, name
    assert "En anmärkning." in products["index.html"].decode()
    kept = root / "restricted" / "orders" / "by-age" / "1"
    assert b"Someone Secret" in (kept / "order.yml").read_bytes()
    assert {path.name for path in kept.iterdir()} >= {"disclosure", "edition", "table.json", "disclosure-report.json"}
    assert not list((root / "build" / "demo" / "orders").iterdir())
    with (folder / "data" / "by-age.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["synthetic"] for row in rows} == {"true"}
    shown = {(row["sex"], row["age"]): row["value"] or row["status"] for row in rows}
    assert shown["T", "T"] == "83" and "X" in shown.values()
    for language, of in (("sv", "Beställd tabell ur"), ("en", "Ordered table from")):
        workbook = openpyxl.load_workbook(folder / language / "tables.xlsx")
        sheets = workbook.worksheets
        assert str(sheets[0]["A1"].value).startswith(of)
        header = next(number for number, row in enumerate(sheets[-1].iter_rows(values_only=True)) if row[0] in ("År", "Year"))
        values = [str(row[3]) for row in list(sheets[-1].iter_rows(values_only=True))[header + 1 :]]
        assert values == [row["value"] or row["status"] for row in rows]


def test_the_same_order_gives_the_same_bytes_and_is_remembered_once(root: Path) -> None:
    order = written(root)
    first = everything(deliver_order(order))
    kept = everything(root / "restricted" / "orders")
    assert everything(deliver_order(order)) == first
    assert everything(root / "restricted" / "orders") == kept
    data = everything(root / "publications" / "demo" / "data")
    publish(Workspace(root, "demo"))
    assert everything(root / "publications" / "demo" / "data") == data
    assert everything(deliver_order(order)) == first
    assert everything(root / "restricted" / "orders").keys() == kept.keys()


@pytest.mark.skipif(not MEMORY.is_dir() or MEMORY.stat().st_dev == Path.home().stat().st_dev, reason="no other file system")
def test_an_order_is_delivered_to_another_file_system_too(root: Path) -> None:
    """First of all and again, where an older one stands; what lies beside it stays."""
    here = everything(deliver_order(written(root)))
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="kvarn-") as share:
        shutil.copytree(root / "publications", Path(share) / "publications")
        shutil.rmtree(root / "publications")
        (root / "publications").symlink_to(Path(share) / "publications")
        beside = everything(root / "publications" / "demo")
        shutil.rmtree(root / "publications" / "orders" / "by-age")
        for _ in range(2):
            delivered = deliver_order(written(root))
            assert delivered.resolve().is_relative_to(share) and everything(delivered) == here
        assert everything(root / "publications" / "demo") == beside
        assert not list(Path(share).rglob(".*"))


def test_an_order_that_cannot_be_protected_is_refused_with_one_that_can(root: Path) -> None:
    order = written(root, ORDER.replace("[2022]", "[2023]"))
    with pytest.raises(DisclosureError) as caught:
        deliver_order(order)
    said = str(caught.value)
    assert "order by-age" in said and "Leave out the finest categories of age" in said and "has been tried, and passes" in said
    assert not (root / "publications" / "orders").exists()
    assert [path.name for path in (root / "restricted" / "orders").iterdir()] == [".lock"]
    proposed = said.split("(categories: ")[1].split("):")[0]
    folder = deliver_order(written(root, ORDER.replace("[2022]", "[2023]") + f"categories: {proposed}\n"))
    together = root / "together"
    shutil.copytree(folder / "data", together)
    shutil.copy(root / "publications" / "demo" / "data" / "persons-by-month.csv", together)
    assert concluded(read_counts(together)) == {}
    truth = read_tables(root / "restricted" / "demo" / "tables")["persons-by-month"]
    assert set(truth[(truth["year"] == 2023) & (truth["sex"] == "1")]["value"]) == {"3"}


@pytest.mark.parametrize("threshold", [1, 4])
def test_the_next_edition_lays_nothing_open_that_the_order_has_withheld(root: Path, threshold: int) -> None:
    """The order has men and women without their sum; the next edition brings the sum, under rules as mild as can be."""
    ages = ["T", "0-64", "65+", "65-79", "80+"]
    chosen = f"categories: {{sex: ['1', '2'], age: {ages}}}\n"
    order = deliver_order(written(root, ORDER + chosen)) / "data" / "by-age.csv"
    work = Workspace(root, "next")
    work.make_restricted()
    work.tables.mkdir()
    with open_register("demo", project=root) as register:
        counted = register.count_persons(["year", "region", "sex", "age"], [2022])
        ordered = register.count_persons(["year", "sex", "age"], [2022])
    name = "persons-by-municipality-sex-age"
    table = complete_table(name, counted, all_accepted(name, 2022))
    country = table[table["region"] == "00"].reset_index(drop=True)
    write_table(work.tables / f"{name}.parquet", country)
    rules = Disclosure(threshold=threshold, earlier=("demo",))
    report, orders = work.disclosure_report, work.orders
    protect_tables(work.tables, root / "both", disclosure=rules, synthetic=True, report=report, orders=orders)
    shutil.copy(order, root / "both")
    shown = read_counts(root / "both")
    small = {key for key, value in shown.items() if value is None}
    said = concluded(shown)
    assert small and {key for key, value in said.items() if value < 4} == set()
    cells = {(key[11], key[2]): value for key, value in shown.items() if set(key[3:11]) | {key[12]} == {"T", "00"}}
    truth = {(row.sex, row.age): row.value for row in ordered.itertuples()}
    assert {place for place, value in cells.items() if value is None and 0 < truth[place] < 4}
    assert {place for place in known_exactly(cells) if truth[place] < 4} == set()


def test_persons_without_care_in_a_finer_cell_than_the_edition_has_stop_no_order(root: Path) -> None:
    """Nobody had care in May 2022, and ten had a procedure then: no table of the edition shows it, or has to accept it."""
    work = Workspace(root, "demo")
    params = root / "params" / "demo.yml"
    # In so small a register nobody has a procedure in two months, so that the year would be taken for the sum of them.
    params.write_text(params.read_text().replace("  threshold: 4\n", "  threshold: 4\n  taken_for_sums: 0\n"))
    publish(work)
    count_from(work, *((10 + who, "2022-05-05", 180, "DT019", "XS919", "") for who in range(10)))
    order = ORDER.replace("[persons]", "[persons, persons_with_procedure]").replace("[sex, age]", "[month]")
    folder = deliver_order(written(root, order))
    with (folder / "data" / "by-age.csv").open(encoding="utf-8", newline="") as lines:
        may = {row["measure"]: row["value"] or row["status"] for row in csv.DictReader(lines) if row["month"] == "05"}
    # Eleven have one in the year, so that ten in May would tell of one without.
    assert may == {"persons": "0", "persons_with_procedure": "X"}


def test_where_no_coarser_order_passes_either_it_is_said(root: Path) -> None:
    work = Workspace(root, "demo")
    strict = (root / "params" / "demo.yml").read_text().replace("  threshold: 4\n", "  threshold: 4\n  withheld_at_most: 0.001\n")
    loose = strict.replace("0.001", "0.9")
    (root / "params" / "demo.yml").write_text(loose)
    publish(work)
    (root / "params" / "demo.yml").write_text(strict)
    with pytest.raises(EditionError, match="other tables or rules") as stale:
        deliver_order(written(root))
    assert (stale.value.line, stale.value.key) == (1, "edition")
    certificate = work.disclosure_memory / "certificate.json"
    told = json.loads(certificate.read_text())
    told["rules"]["withheld_at_most"] = 0.001
    certificate.write_text(json.dumps(told))
    with pytest.raises(
        DisclosureError, match="No order that is coarser in one classification passes; tried: Leave out"
    ) as caught:
        deliver_order(written(root, ORDER.replace("[2022]", "[2023]")))
    assert "Leave sex out" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("before", "after", "line", "key", "said"),
    [
        ("edition: demo", "edition: other", 1, "edition", "has not been published"),
        ("[2022]", "[2024]", 5, "years", "It has 2022 to 2023"),
        ("[persons]", "[persons, persons_per_1000]", 3, "measures", "Order population too"),
    ],
)
def test_what_does_not_fit_the_edition_is_told(root: Path, before: str, after: str, line: int, key: str, said: str) -> None:
    with pytest.raises(EditionError) as caught:
        deliver_order(written(root, ORDER.replace(before, after, 1)))
    assert said in str(caught.value)
    assert (caught.value.line, caught.value.key, caught.value.file) == (line, key, root / "params" / "orders" / "by-age.yml")
    assert not (root / "publications" / "orders").exists()


def test_a_ratio_is_ordered_with_its_counts(root: Path) -> None:
    folder = deliver_order(written(root, ORDER.replace("[persons]", "[persons, population, persons_per_1000]")))
    with (folder / "data" / "by-age.csv").open(encoding="utf-8", newline="") as lines:
        rows = {(row["sex"], row["age"], row["measure"]): row for row in csv.DictReader(lines)}
    for (sex, age, measure), row in rows.items():
        if measure == "persons_per_1000":
            persons, people = rows[sex, age, "persons"], rows[sex, age, "population"]
            assert bool(row["value"]) == bool(persons["value"])
            if row["value"]:
                assert abs(float(row["value"]) - 1000 * int(persons["value"]) / int(people["value"])) <= 0.05


@pytest.mark.parametrize("part", ["tables", "publication"])
def test_an_edition_that_has_not_been_published_as_it_is_now_comes_first(root: Path, part: str) -> None:
    work = Workspace(root, "demo")
    if part == "tables":
        path = work.tables / "persons-by-month.parquet"
        table = read_tables(work.tables)["persons-by-month"]
        table.loc[table["value"] == "83", "value"] = "84"
        write_table(path, table)
    else:
        path = work.publication / "data" / "persons-by-month.csv"
        path.write_text(path.read_text().replace(",3,,true", ",,X,true").replace(",83,,true", ",,X,true"))
    said = {"tables": "other tables or rules", "publication": "are not what they were made as"}[part]
    with pytest.raises(EditionError, match=said):
        deliver_order(written(root))


def test_the_protection_of_every_edition_depends_on_what_orders_have_given_away(root: Path) -> None:
    source = root / "restricted" / "demo" / "source"
    (source / "deliveries").mkdir()
    (source / "population.csv").touch()
    production = open_edition(root / "params" / "demo.yml", overrides=OVERRIDES, name="next")
    (node,) = [node for node in _protect(production).needs if node.name == HISTORY]
    before = node.state()
    deliver_order(written(root))
    assert node.state() != before


def test_an_order_from_real_data_needs_a_release_and_from_a_trial_there_is_none(root: Path) -> None:
    params = root / "params" / "demo.yml"
    params.write_text(params.read_text().replace("synthetic: true", "synthetic: false"))
    with pytest.raises(EditionError, match="has not been released") as caught:
        deliver_order(written(root))
    assert "kvarn release params/demo.yml" in str(caught.value.remedy)
    with pytest.raises(EditionError, match="trials/demo"):
        deliver_order(written(root, ORDER.replace("edition: demo", "edition: trials/demo")))
    assert not (root / "publications" / "orders").exists()


def test_an_order_from_an_edition_that_only_says_that_it_is_synthetic_is_refused(root: Path) -> None:
    """Unless it has been released: then its data were asked, and its sources may be gone."""
    work = Workspace(root, "demo")
    (work.restricted / "source" / "SYNTHETIC.txt").unlink()
    with pytest.raises(EditionError, match="nothing beside them does") as caught:
        deliver_order(written(root))
    assert (caught.value.file, caught.value.key) == (root / "params" / "demo.yml", "data.deliveries")
    assert not (root / "publications" / "orders").exists() and not list(work.orders.glob("[!.]*"))
    released(work)
    deliver_order(written(root))


def released(work: Workspace, year: int = 2023, *, made: bool = True) -> Release:
    """Enter the edition as it is published; an edition of long ago has kept nothing of how it was `made`."""

    def write(folder: Path) -> None:
        shutil.copytree(work.disclosure_memory, folder / "disclosure")
        shutil.copy(work.root / "params" / "demo.yml", folder / PARAMETERS)
        if made:
            shutil.copy(work.publication / "ro-crate-metadata.json", folder / RECORD)
            shutil.copy(work.record, folder / MADE)

    about = {"edition": work.name, "register": "synthetic", "synthetic": True, "reference_year": year, "stage": "final"}
    about |= {"published": "2024-09-03", "recorded": "now", "already_out": False, "orders": 0}
    return record_release(work.releases, {**about, "files": checksums(work.publication)}, write)


def test_an_order_goes_by_its_edition_as_it_was_released(root: Path) -> None:
    """Its pattern and its parameters have been changed since; what is out has not."""
    work = Workspace(root, "demo")
    released(work)
    first = everything(deliver_order(written(root)))
    shutil.rmtree(work.disclosure_memory)
    params = root / "params" / "demo.yml"
    params.write_text(params.read_text().replace("  threshold: 4\n", "  threshold: 9\n"))
    assert everything(deliver_order(written(root))) == first
    table = read_tables(work.tables)["persons-by-month"]
    table.loc[table["value"] == "83", "value"] = "84"
    write_table(work.tables / "persons-by-month.parquet", table)
    with pytest.raises(EditionError, match="other tables or rules") as caught:
        deliver_order(written(root))
    assert "as it was released" in str(caught.value.remedy)


def test_an_order_is_protected_together_with_releases_that_nobody_names(root: Path) -> None:
    """Another edition has shown both sexes of each age: the order of men and women is kept from telling what it withheld."""
    work, other = Workspace(root, "demo"), Workspace(root, "other")
    released(work)
    chosen = "categories: {sex: ['T'], age: [T, 0-64, 65+, 65-79, 80+]}\n"
    deliver_order(written(root, ORDER + chosen, name="totals"))
    kept = root / "restricted" / "orders" / "totals" / "1" / "disclosure"
    other.make_restricted()
    shutil.copytree(kept, other.disclosure_memory)
    shutil.copytree(root / "publications" / "orders" / "totals" / "data", other.publication / "data")
    as_if_never_ordered(root)
    released(other, made=False)
    folder = deliver_order(written(root, ORDER + chosen.replace("['T']", "['1', '2']"), name="sexes"))
    (root / "together").mkdir()
    for path in (folder / "data" / "sexes.csv", other.publication / "data" / "totals.csv"):
        shutil.copy(path, root / "together")
    assert {key: value for key, value in concluded(read_counts(root / "together")).items() if 0 < value < 4} == {}


def test_an_order_is_audited_with_every_publication_that_is_out(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of how many months there were files in a year, say, an earlier edition alone may tell."""
    work, other = Workspace(root, "demo"), Workspace(root, "other")
    shutil.copytree(work.restricted, other.restricted)
    shutil.copytree(work.publication, other.publication)
    released(work)
    released(other, year=2022, made=False)
    asked: list[Path] = []
    protect = analyse.protect_order

    def seen(*given: Any, **named: Any) -> analyse.ProtectedOrder:
        asked.extend(named["published"])
        return protect(*given, **named)

    monkeypatch.setattr(analyse, "protect_order", seen)
    deliver_order(written(root, ORDER))
    assert {work.publication / "data", other.publication / "data"} <= set(asked)


@pytest.mark.parametrize("measure", COUNTED_BY)
def test_orders_know_what_the_register_can_classify_by(made: Path, measure: str) -> None:
    with open_register("demo", project=made) as register:
        name = measure if measure == "population" else f"count_{measure}"
        for variable in dict.fromkeys(one for by in COUNTED_BY.values() for one in by):
            try:
                getattr(register, name)(["year", variable], [2022])
                counted = True
            except InputError:
                counted = False
            assert counted == (variable in COUNTED_BY[measure]), variable


# By county and municipality: two persons of the county are in both municipalities. By sex: two women have no procedure.
OVERLAP = (
    ORDER.replace("[persons]", "[persons_with_procedure]").replace("[sex, age]", "[region]"),
    [(who, 180) for who in range(6, 26)] + [(who, 114) for who in range(24, 36)],
)
DIFFERENCE = (
    ORDER.replace("[persons]", "[persons, persons_with_procedure]").replace("[sex, age]", "[sex]"),
    [(who, 180) for who in range(6, 89) if who not in (7, 9)],
)


@pytest.mark.parametrize(
    ("order", "acts", "function", "unguarded"),
    [
        (*OVERLAP, "_hidden_overlaps", lambda *given: {}),
        (*DIFFERENCE, "_difference_tells", lambda *given: False),
    ],
    ids=["overlap", "difference"],
)
@pytest.mark.usefixtures("unheard")
def test_a_protector_that_guards_no_overlap_or_difference_is_found_out_before_an_order_is_delivered(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    order: str,
    acts: list[tuple[int, int]],
    function: str,
    unguarded: Callable[..., object],
) -> None:
    """By code that shares nothing with the protector's: nothing else is wrong with the order."""
    count_from(Workspace(root, "demo"), *((who, "2022-02-05", place, "DT019", "XS919", "") for who, place in acts))
    folder = deliver_order(written(root, order))
    with (folder / "data" / "by-age.csv").open(encoding="utf-8", newline="") as lines:
        assert "X" in {row["status"] for row in csv.DictReader(lines)}, "what the true protector withholds"
    as_if_never_ordered(root)
    monkeypatch.setattr(f"kvarn.analyse.disclosure.primary.{function}", unguarded)
    with pytest.raises(DisclosureError, match="from what was written") as refused:
        deliver_order(written(root, order))
    assert ("beyond" if function == "_hidden_overlaps" else "what is left of") in (refused.value.where or "")
    assert not folder.exists() and not list((root / "restricted" / "orders").glob("*/*"))


def counting_both(root: Path) -> None:
    """Persons with a procedure count as persons too; of April 2022 only procedures were accepted of 0180."""
    work = Workspace(root, "demo")
    params = root / "params" / "demo.yml"
    text = params.read_text(encoding="utf-8")
    params.write_text(text.replace("\ndata:\n", "\ndata:\n  care: reported_or_procedure\n"), encoding="utf-8")
    for year in (2022, 2023):
        write_collected(work.collected, year, lambda kind, place, of, month: (kind, place, of, month) != ("KHSL1", 180, 2022, 4))
    publish(work)


BOTH = ORDER.replace("[persons]", "[persons, persons_with_procedure]").replace("[sex, age]", "[region, month]")
APART = 'categories: {region: ["00", "01", "0180"], month: ["01", "02", "03"]}\n'


def test_an_order_does_not_show_a_month_in_which_persons_are_those_with_a_procedure(root: Path) -> None:
    counting_both(root)
    with pytest.raises(DisclosureError, match="of 2022, region 0180, month 04: ") as refused:
        deliver_order(written(root, BOTH))
    assert "by-age.yml" in (refused.value.where or "") and "Leave month out of `by`" in (refused.value.remedy or "")
    assert not (root / "publications" / "orders" / "by-age").exists()
    # What it proposes passes: without the month, and without that month.
    deliver_order(written(root, BOTH.replace("[region, month]", "[region]"), "by-region"))
    deliver_order(written(root, BOTH + APART, "other-months"))


@pytest.mark.parametrize("name", ["three-months", "haninge-3", "tre-personer", "persons-12", "d4", "m2"])
def test_a_name_that_says_a_number_is_refused_before_anything_is_counted(root: Path, name: str) -> None:
    with pytest.raises(EditionError, match="says a number") as refused:
        deliver_order(written(root, name=name))
    assert f"{name}.yml" in str(refused.value) and not (root / "restricted" / "orders").exists()


def test_neither_do_two_orders_together_whichever_comes_first(root: Path) -> None:
    counting_both(root)
    persons, procedures = (
        BOTH.replace("[persons, persons_with_procedure]", one) for one in ("[persons]", "[persons_with_procedure]")
    )
    deliver_order(written(root, procedures, "first"))
    with pytest.raises(DisclosureError, match="region 0180, month 04"):
        deliver_order(written(root, persons, "second"))
    as_if_never_ordered(root)
    deliver_order(written(root, persons, "second"))
    with pytest.raises(DisclosureError, match="region 0180, month 04"):
        deliver_order(written(root, procedures, "first"))


def test_where_care_is_what_was_reported_such_a_month_is_not_available(root: Path) -> None:
    write_collected(
        Workspace(root, "demo").collected, 2022, lambda kind, place, of, month: (kind, place, month) != ("KHSL1", 180, 4)
    )
    work = Workspace(root, "demo")
    write_coverage(work.register, 2022, lambda kind, place, of, month: (kind, place, month) != ("KHSL1", 180, 4))
    folder = deliver_order(written(root, BOTH))
    with (folder / "data" / "by-age.csv").open(encoding="utf-8", newline="") as lines:
        shown = {(row["region"], row["month"], row["measure"]): row["status"] for row in csv.DictReader(lines)}
    assert shown["0180", "04", "persons"] == ".." and shown["0180", "04", "persons_with_procedure"] == ""


@pytest.mark.parametrize(
    ("before", "after", "line", "key"),
    [
        ("by sex, {years}", "by sex, 3 persons in Bjurholm, {years}", 2, "title.en"),
        ("efter kön, {years}", "tre personer i Bjurholm, {years}", 2, "title.sv"),
        ("A note.", "In 0180 there were 83 persons.", 8, "notes.en"),
        ("En anmärkning.", "Det var 2022 personer.", 8, "notes.sv"),
    ],
)
def test_no_figure_is_typed_into_the_title_or_the_notes_of_an_order(
    root: Path, before: str, after: str, line: int, key: str
) -> None:
    with pytest.raises(EditionError, match="typed in") as refused:
        deliver_order(written(root, ORDER.replace(before, after)))
    assert (refused.value.line, refused.value.key) == (line, key) and "Write {years} where" in str(refused.value)
    assert "by-age.yml" in str(refused.value.file) and not (root / "publications" / "orders" / "by-age").exists()


def test_a_year_a_day_and_what_the_list_allows_may_stand_in_an_order(root: Path) -> None:
    listed = root / "reports" / "allowed-digits.yml"
    text = listed.read_text(encoding="utf-8")
    listed.write_text(text.replace("\nen:\n", '\nen:\n  "aged 65 or more": an age\n', 1), encoding="utf-8")
    order = ORDER.replace("A note.", "'Ordered on 3 May 2022, of those aged 65 or more.'")
    assert "aged 65 or more" in (deliver_order(written(root, order)) / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_whatever_the_umask_what_is_remembered_of_an_order_is_its_owners_alone(root: Path, umask: int) -> None:
    params = written(root)
    before = os.umask(umask)
    try:
        folder = deliver_order(params)
    finally:
        os.umask(before)
    for path in [*(root / "restricted" / "orders").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    for path in [folder, *folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o777 if path.is_dir() else 0o666) & ~umask, path
