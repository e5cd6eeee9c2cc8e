"""A whole edition by the method cell-key: what is written, what it tells, and what is refused."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
import typst
import yaml

from kvarn import metadata
from kvarn.analyse import Register, protect_tables, validate_tables
from kvarn.analyse._columns import CELL_KEY, LARGEST
from kvarn.analyse._record_keys import record_key
from kvarn.analyse._tables import complete_table, read_tables, write_table
from kvarn.analyse.disclosure.perturbation.cell_key import perturb
from kvarn.analyse.disclosure.perturbation.changes import perturbation_table
from kvarn.analyse.disclosure.perturbation.perturb import perturbed
from kvarn.analyse.disclosure.perturbation.written import audit_perturbed
from kvarn.base.page_policy import with_policy
from kvarn.disseminate.database import write_catalogue, write_database
from kvarn.disseminate.explorer import write_explorer
from kvarn.disseminate.gate import check_publication
from kvarn.disseminate.open_data import write_open_data
from kvarn.disseminate.protected import ProtectedTables
from kvarn.disseminate.record import write_record
from kvarn.disseminate.site import write_index
from kvarn.disseminate.spreadsheet import write_spreadsheet
from kvarn.edition import CellKey, Disclosure, Edition, Sensitive, Workspace
from kvarn.errors import ConsistencyError, DisclosureError
from kvarn.pipeline.nodes import Folder, is_new, stamp

from .registers import write_register

RULES = Disclosure(method="cell-key")
STRICT = Disclosure(method="cell-key", threshold=20, contributors=20, cell_key=CellKey(greatest=20))
PARAMS = Path(__file__).parents[2] / "params" / "demo.yml"
Row = dict[str, object]


def read(folder: Path) -> dict[str, pd.DataFrame]:
    return {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in sorted(folder.glob("*.csv"))}


@pytest.fixture(scope="module")
def shown(keyed: Workspace) -> dict[str, pd.DataFrame]:
    validate_tables(keyed.tables)
    protect_tables(keyed.tables, keyed.protected, disclosure=RULES, synthetic=True, report=keyed.disclosure_report)
    return read(keyed.protected)


@pytest.fixture(scope="module")
def true(keyed: Workspace) -> dict[str, pd.DataFrame]:
    return read_tables(keyed.tables)


def cell(row: Row, table: str) -> tuple[object, ...]:
    """A cell, whichever table it stands in."""
    kept = [(name, row[name]) for name in metadata.table(table).variables if name != "year" and row[name] not in ("T", "00")]
    return row["measure"], str(row["year"]), tuple(sorted(kept))


def rows(tables: dict[str, pd.DataFrame]) -> Iterator[tuple[tuple[object, ...], Row]]:
    for name, table in tables.items():
        yield from ((cell(row, name), row) for row in table.to_dict("records"))


def counts(tables: dict[str, pd.DataFrame], subject: str) -> dict[tuple[object, ...], Row]:
    declared = {measure: metadata.measure(measure) for table in tables.values() for measure in table["measure"].unique()}
    wanted = {name for name, of in declared.items() if of.subject == subject and not of.is_function}
    return {key: row for key, row in rows(tables) if key[0] in wanted and row["value"] not in ("", "..")}


def test_the_same_cell_is_one_figure_in_all_tables(shown: dict[str, pd.DataFrame]) -> None:
    seen: dict[tuple[object, ...], set[object]] = {}
    for key, row in rows(shown):
        seen.setdefault(key, set()).add((row["value"], row["status"]))
    assert {key for key, held in seen.items() if len(held) > 1} == set()
    assert len(seen) < sum(map(len, shown.values())), "there are such cells"


def test_every_count_of_persons_is_the_true_one_and_the_change_of_its_key(
    shown: dict[str, pd.DataFrame], true: dict[str, pd.DataFrame]
) -> None:
    table, published = perturbation_table(5, 3.0, 4), counts(shown, "persons")
    truth = counts(true, "persons")
    changed = 0
    for key, row in truth.items():
        found = int(str(published[key]["value"])) if key in published else 0
        assert found == table.perturbed(int(row["contributors"]), int(row[CELL_KEY])), key  # type: ignore[call-overload]
        assert found not in (1, 2, 3)
        changed += found != int(str(row["value"]))
    several = [row for row in truth.values() if row["value"] != "0"]
    assert 0.6 < changed / len(several) < 0.95


def test_totals_follow_the_persons_behind_them_and_stay_within_their_bound(
    shown: dict[str, pd.DataFrame], true: dict[str, pd.DataFrame]
) -> None:
    published, persons, truth = counts(shown, "procedures"), counts(shown, "persons"), counts(true, "procedures")
    behind = {"procedures": "persons_with_procedure", "person_months": "persons"}
    met = dict.fromkeys(behind, 0)
    for key, row in published.items():
        value, largest = int(str(row["value"])), int(truth[key][LARGEST[0]])  # type: ignore[call-overload]
        assert abs(value - int(str(truth[key]["value"]))) <= 6 * largest
        of = (behind[str(key[0])], *key[1:])
        if of in persons:
            met[str(key[0])] += 1
            assert value >= int(str(persons[of]["value"]))
            assert (value == 0) == (persons[of]["value"] == "0")
    assert min(met.values()) > 50


def test_ratios_are_those_of_the_figures_beside_them(shown: dict[str, pd.DataFrame]) -> None:
    published = dict(rows(shown))
    met = set()
    for key, row in published.items():
        ratio = metadata.measure(str(key[0])).ratio
        if ratio is None or row["status"]:
            continue
        whole = tuple(pair for pair in key[2] if pair[0] not in ("kind", "weekday"))  # type: ignore[attr-defined]
        above, below = published[ratio.numerator, *key[1:]]["value"], published[ratio.denominator, key[1], whole]["value"]
        exact = Fraction(int(str(above)) * ratio.factor, int(str(below)))
        assert abs(exact - Fraction(str(row["value"]))) * 10 ** metadata.measure(str(key[0])).decimals <= Fraction(1, 2)
        met.add(key[0])
    assert met >= {"persons_per_1000", "share_of_persons", "share_of_procedures", "months_per_person", "procedures_per_person"}


def test_a_standardised_rate_is_reckoned_from_the_published_ages(
    keyed: Workspace, shown: dict[str, pd.DataFrame], true: dict[str, pd.DataFrame]
) -> None:
    """By plain fractions, from the published persons of each age group."""
    persons = counts(shown, "persons")
    with Register(keyed.register) as register:
        living = register.population(["year", "region", "sex", "age"], [2020]).set_index(["region", "sex", "age"])["value"]
    weights = {age: int(living["00", "T", age]) for age in ("0-64", "65-79", "80+")}
    table = shown["standardised-rates-by-region"]
    rates = table[(table["measure"] == "standardised_per_1000") & (table["status"] == "")].to_dict("records")
    assert sum(row["value"] != "0.0" for row in rates) > 5
    for row in rates:
        where = [("region", row["region"])] if row["region"] != "00" else []
        where += [("sex", row["sex"])] if row["sex"] != "T" else []
        exact = Fraction(0)
        for age, weight in weights.items():
            counted = int(str(persons["persons", "2020", tuple(sorted([*where, ("age", age)]))]["value"]))
            exact += Fraction(weight, sum(weights.values())) * Fraction(
                counted * 1000, int(living[row["region"], row["sex"], age])
            )
        assert abs(exact - Fraction(row["value"])) <= Fraction(1, 20), row


def test_quantiles_are_true_or_withheld_by_the_published_number_of_persons_alone(
    shown: dict[str, pd.DataFrame], true: dict[str, pd.DataFrame]
) -> None:
    persons, truth = counts(shown, "persons"), dict(rows(true))
    seen = set()
    for key, row in rows(shown):
        quantile = metadata.measure(str(key[0])).quantile
        if quantile is None:
            continue
        behind = int(str(persons[quantile.among, *key[1:]]["value"]))
        expected = "." if behind == 0 else "X" if behind < 25 else ""
        assert row["status"] == expected, key
        assert row["value"] == ("" if expected else truth[key]["value"])
        seen.add(expected)
    assert seen == {".", "X", ""}


def test_a_published_nought_does_not_tell_whether_it_is_a_true_one(
    shown: dict[str, pd.DataFrame], true: dict[str, pd.DataFrame]
) -> None:
    """All that stands beside it is the same for those who are few and for nobody."""
    truth, published = dict(rows(true)), dict(rows(shown))
    beside: dict[tuple[str, bool], set[tuple[object, object]]] = {}
    for key, row in published.items():
        ratio, quantile = metadata.measure(str(key[0])).ratio, metadata.measure(str(key[0])).quantile
        of = quantile.among if quantile else ratio.denominator if ratio else None
        if ratio is not None and ratio.numerator == of:
            continue
        if of is None or of == "population" or (of, *key[1:]) not in published or published[of, *key[1:]]["value"] != "0":
            continue
        really = truth[of, *key[1:]]["value"] == "0"
        beside.setdefault((str(key[0]), really), set()).add((row["value"], row["status"]))
    assert {name for name, really in beside if not really} >= {"months_median", "months_per_person"}
    assert {held for of in beside.values() for held in of} == {("", ".")}


def test_symbols_stand_where_they_stood_and_public_figures_are_untouched(
    shown: dict[str, pd.DataFrame], true: dict[str, pd.DataFrame]
) -> None:
    for key, row in rows(true):
        declared = metadata.measure(str(key[0]))
        if declared.subject == "public" and not declared.is_function:
            found = dict(rows({key_of: shown[key_of] for key_of in shown if str(key[0]) in set(shown[key_of]["measure"])}))
            assert found[key]["value"] == row["value"] or found[key]["status"] == row["value"]
            break
    unknown = {key for key, row in rows(true) if row["value"] == ".." and not metadata.measure(str(key[0])).is_function}
    assert unknown
    assert {key for key, row in rows(shown) if row["status"] == ".." and not metadata.measure(str(key[0])).is_function} == unknown
    assert {name for table in shown.values() for name in table} & {CELL_KEY, *LARGEST, "standard", "contributors"} == set()


def test_the_report_tells_what_is_lost_by_either_method(keyed: Workspace, shown: dict[str, pd.DataFrame]) -> None:
    report = json.loads(keyed.disclosure_report.read_text(encoding="utf-8"))
    assert keyed.disclosure_report.stat().st_mode & 0o777 == 0o600
    lost = report["information_loss"]
    assert lost["cell_key"]["greatest_absolute_change"] >= 5
    assert 60 < float(lost["cell_key"]["changed_per_cent"]) < 95
    assert lost["cell_key"]["largest_non_additivity"] > 0
    assert 0 < float(lost["suppression"]["withheld_per_cent"]) < 60
    assert report["tables"].keys() == shown.keys()
    of_one = report["tables"]["persons-by-month"]
    assert (of_one["greatest_absolute_change"], of_one["withheld"]) == (5, 0)
    public = report["public_description"]
    assert "cellnyckelmetoden" in public["sv"]
    assert "fler än personer" in public["sv"]
    assert "more than persons" in public["en"]
    assert report["transitions"]["1"] == {"0": "0.7500", "4": "0.2500"}
    page = keyed.disclosure_report.with_suffix(".html").read_text(encoding="utf-8")
    assert "suppression would withhold" in page
    assert "persons-by-municipality-sex-age" in page


@pytest.fixture
def some(keyed: Workspace, tmp_path: Path) -> Path:
    """A few of the tables."""
    (tmp_path / "some").mkdir()
    for name in ("persons-by-year-sex-age", "persons-with-procedure-by-kind", "persons-new-and-continuing"):
        shutil.copy(keyed.tables / f"{name}.parquet", tmp_path / "some")
    return tmp_path / "some"


def test_what_suppression_would_withhold_is_what_it_withholds(some: Path, tmp_path: Path) -> None:
    for name, rules in (("x", Disclosure(threshold=20, contributors=20)), ("k", STRICT)):
        protect_tables(some, tmp_path / name, disclosure=rules, synthetic=True, report=tmp_path / f"{name}-e" / "report.json")
    withheld = {name: int((table["status"] == "X").sum()) for name, table in read(tmp_path / "x").items()}
    assert sum(withheld.values()) > 20
    report = json.loads((tmp_path / "k-e" / "report.json").read_text(encoding="utf-8"))
    assert {name: of["suppression"]["withheld"] for name, of in report["tables"].items()} == withheld


def test_the_next_edition_publishes_the_same_figures(
    keyed: Workspace, some: Path, shown: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    root = tmp_path / "restricted"

    def protected_again(name: str, rules: Disclosure) -> None:
        protect_tables(some, tmp_path / name, disclosure=rules, synthetic=True, report=root / name / "report.json")

    for name, rules in (("first", RULES), ("second", RULES.model_copy(update={"earlier": ("first",)}))):
        protected_again(name, rules)
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()
        assert path.read_bytes() == (keyed.protected / path.name).read_bytes(), "whatever other tables there are"
    report = json.loads((root / "second" / "report.json").read_text(encoding="utf-8"))
    assert report["published_otherwise_by_earlier_editions"] == []
    others = {
        "disclosure.method": Disclosure(earlier=("first",)),
        "disclosure.cell_key": Disclosure(method="cell-key", cell_key=CellKey(greatest=6), earlier=("first",)),
        "disclosure.threshold": Disclosure(method="cell-key", threshold=5, earlier=("first",)),
    }
    for where, rules in others.items():
        with pytest.raises(DisclosureError, match="protected otherwise") as caught:
            protected_again("third", rules)
        assert str(caught.value.where).endswith(where)
    assert not (tmp_path / "third").exists()


MONTHS = "persons-by-month"


def few(folder: Path, *, keys: int = 0) -> Path:
    """Four women and some men in January; everybody's key is moved by `keys`."""
    shares = {"1": (30, 7), "2": (4, 11), "T": (34, 18)}
    frame = pd.DataFrame(
        [
            (2023, sex, month, "persons", value, value, (key + keys) * 10**8)
            for month in ("01", "T")
            for sex, (value, key) in shares.items()
        ],
        columns=["year", "sex", "month", "measure", "value", "contributors", CELL_KEY],
    )
    folder.mkdir(parents=True)
    write_table(folder / f"{MONTHS}.parquet", complete_table(MONTHS, frame))
    return folder


def test_persons_with_other_keys_than_before_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "restricted"
    first, second = few(root / "first" / "tables"), few(root / "second" / "tables", keys=3)
    protect_tables(first, tmp_path / "1", disclosure=RULES, synthetic=False, report=root / "first" / "report.json")
    rules = RULES.model_copy(update={"earlier": ("first",)})
    with pytest.raises(DisclosureError, match="other keys"):
        protect_tables(second, tmp_path / "2", disclosure=rules, synthetic=False, report=root / "second" / "report.json")


def test_what_suppression_has_kept_of_the_edition_does_not_stay_when_the_method_changes(tmp_path: Path) -> None:
    tables, memory = few(tmp_path / "tables"), tmp_path / "disclosure"
    held = []
    for rules in (Disclosure(threshold=2), RULES):
        protect_tables(tables, tmp_path / "out", disclosure=rules, synthetic=False, report=tmp_path / "report.json")
        held.append({path.name for path in memory.iterdir()})
    assert held[0] - held[1] == {"secrets.json"}


@pytest.mark.parametrize("rules", [Disclosure(threshold=2), RULES])
def test_protecting_again_writes_every_file_anew(tmp_path: Path, rules: Disclosure) -> None:
    tables = few(tmp_path / "tables")
    products = [Folder(path=tmp_path / name) for name in ("out", "disclosure")]
    before = [stamp(product) for product in products]
    for _ in range(2):
        protect_tables(tables, tmp_path / "out", disclosure=rules, synthetic=False, report=tmp_path / "report.json")
        after = [stamp(product) for product in products]
        assert [is_new(was, now) for was, now in zip(before, after, strict=True)] == [True, True]
        assert not any(is_new(now, now) for now in after)
        before = after


@pytest.mark.parametrize(
    ("name", "column"),
    [("persons-by-month", CELL_KEY), ("months-by-region", LARGEST[0]), ("standardised-rates-by-region", "standard")],
)
def test_tables_without_keys_are_refused(name: str, column: str, true: dict[str, pd.DataFrame]) -> None:
    with pytest.raises(DisclosureError, match="key of each count") as caught:
        perturb({**true, name: true[name].drop(columns=column)}, RULES)
    assert caught.value.where == f"{name}, column {column}"


def tamper(table: str, column: str, change: Callable[[pd.DataFrame], pd.Series]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        frame = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
        chosen = change(frame)
        assert chosen.any(), "there is something to falsify"
        if column == "value":
            frame.loc[chosen.idxmax(), "value"] = str(int(float(frame.loc[chosen.idxmax(), "value"])) + 1)
        else:
            frame.loc[chosen.idxmax(), ["value", "status"]] = ["", "X"]
        frame.to_csv(folder / f"{table}.csv", index=False)

    return write


FALSE = {
    "another count": tamper("persons-by-municipality-sex-age", "value", lambda t: (t["value"] != "0") & (t["region"] == "0319")),
    "a small count": tamper("persons-by-municipality-sex-age", "value", lambda t: t["value"] == "0"),
    "another total": tamper("procedures-by-weekday", "value", lambda t: (t["measure"] == "procedures") & (t["value"] != "0")),
    "another ratio": tamper(
        "rates-by-municipality", "value", lambda t: (t["measure"] == "persons_per_1000") & (t["status"] == "")
    ),
    "a gap": tamper("persons-by-municipality-sex-age", "status", lambda t: (t["value"] != "0") & (t["region"] == "0319")),
}


@pytest.mark.parametrize("what", FALSE)
def test_the_audit_of_what_was_written_sees(
    what: str, keyed: Workspace, shown: dict[str, pd.DataFrame], true: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(keyed.protected, tmp_path / "p"))
    FALSE[what](folder)
    with pytest.raises((DisclosureError, ConsistencyError)) as caught:
        audit_perturbed(folder, true, RULES)
    assert re.search(r"\b(persons|procedures)\w*, 20\d\d", str(caught.value.where))


def test_the_true_tables_do_not_pass_the_audit(
    keyed: Workspace, true: dict[str, pd.DataFrame], shown: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    found = audit_perturbed(keyed.protected, true, RULES)
    assert found["counts"] > 3 * found["counts_unchanged"] > 0
    for name, table in true.items():
        columns = [*metadata.table(name).variables, "measure", "value"]
        table[columns].assign(status="").to_csv(tmp_path / f"{name}.csv", index=False)
    with pytest.raises(DisclosureError, match="not the perturbed one"):
        audit_perturbed(tmp_path, true, RULES)


def test_a_row_that_stands_there_only_as_the_code_occurs_goes_when_nothing_is_left_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AA001 is on no list of kvarn's own: that it has a row at all would tell that somebody had it."""
    own = metadata.table("procedures-by-code").always("procedure")
    code = next(code for code in own if code != "T")
    acts = [(0, "2023-01-05", 114, code, "XS919", "")]
    folder = write_register(tmp_path / "r", [(1, 1940)], [(0, 2023, 1, 114)], acts)
    persons = pd.read_parquet(folder / "persons.parquet")
    by = ["year", "procedure"]
    left_out = set()
    for number in range(12):
        persons.assign(pseudonym=f"{number:032x}").to_parquet(folder / "persons.parquet", index=False)
        with Register(folder, behind="keys") as register:
            frames = [register.count_procedures(by, [2023]), register.count_persons_with_procedure(by, [2023])]
        tables = {"procedures-by-code": complete_table("procedures-by-code", *frames)}
        monkeypatch.setattr(metadata.TableDefinition, "always", lambda *_: ("T",))
        found = perturb(tables, RULES)
        rest = found.tables["procedures-by-code"]
        there = code in set(rest["procedure"])
        assert there == (found.counts[next(of for of in found.counts if of.code("procedure") == code)] > 0)
        assert set(rest["procedure"]) == ({"T", code} if there else {"T"})
        left_out.add(there)
        monkeypatch.undo()
    assert left_out == {True, False}


def test_categories_with_a_stricter_limit_leap_over_more(true: dict[str, pd.DataFrame]) -> None:
    special = {"age": Sensitive(codes=("90+",), threshold=8)}
    rules = Disclosure(method="cell-key", cell_key=CellKey(greatest=8, variance=4), sensitive=special)
    name = "persons-by-municipality-sex-age"
    oldest = perturb({name: true[name]}, rules).tables[name]
    found = {int(value) for value in oldest.loc[oldest["age"] == "90+", "value"]}
    assert not found & set(range(1, 8))
    assert {int(value) for value in oldest["value"]} & {4, 5, 6, 7}


@pytest.mark.parametrize(
    ("rules", "key"),
    [
        ({"threshold": 10}, "greatest"),
        ({"cell_key": {"variance": 11}}, "variance"),
        ({"sensitive": {"age": {"group": True}}}, "sensitive"),
    ],
)
def test_rules_that_the_method_cannot_keep_stop_the_edition(rules: Row, key: str) -> None:
    values = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    with pytest.raises(ValueError, match=rf"disclosure\.(cell_key\.)?{key}"):
        Edition.model_validate(values | {"disclosure": {"method": "cell-key", **rules}})
    Edition.model_validate(values | {"disclosure": {"method": "suppression", **rules}})


def test_the_gate_accepts_the_edition_and_every_product_says_that_figures_are_changed(
    keyed: Workspace, shown: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    values = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    edition = Edition.model_validate(values | {"disclosure": {"method": "cell-key"}})
    (tmp_path / "protected").mkdir()
    chosen = ("persons-by-month", "deliveries-by-year")
    for name in chosen:
        shutil.copy(keyed.protected / f"{name}.csv", tmp_path / "protected")
    tables, folder = ProtectedTables(tmp_path / "protected"), tmp_path / "publication"
    write_open_data(tables, edition, folder / "data")
    write_database(tables, edition, folder / "database")
    write_explorer(tables, edition, folder / "database")
    write_catalogue(tables, edition, folder)
    for language, mark in {"sv": "Syntetiska data", "en": "Synthetic data"}.items():
        write_spreadsheet(tables, edition, language, folder / language / "tables.xlsx")
        page = with_policy(f'<html><head><meta charset="utf-8"></head><body><p>{mark}</p></body></html>', "a page")
        for document in ("annual-report", "methods-and-quality"):
            (folder / language / f"{document}.html").write_text(page, encoding="utf-8")
            (folder / language / f"{document}.pdf").write_bytes(typst.compile(mark.encode(), format="pdf"))
        (folder / "notebooks" / language).mkdir(parents=True)
        (folder / "notebooks" / language / "persons.html").write_text(page, encoding="utf-8")
    write_index(folder, edition, tables)
    write_record(folder, edition, "demo", overrides=[], inputs=[], deliveries=None, steps=[], versions={}, code_version="0")
    check_publication(folder, tmp_path / "protected", edition=edition, restricted=keyed.restricted)
    for file in ("data/{}.csv-metadata.json", "database/{}.px", "database/sv/{}.json", "database/en/{}.json"):
        said = [" ".join((folder / file.format(name)).read_text(encoding="utf-8").replace('"\n"', "").split()) for name in chosen]
        if "/en/" not in file:
            assert ["ändrade slumpmässigt" in text for text in said] == [True, False], file
        if "/sv/" not in file:
            assert ["changed by chance" in text for text in said] == [True, False], file
    catalogue = (folder / "database" / "catalogue.jsonld").read_text(encoding="utf-8")
    assert catalogue.count("changed by chance") == 1
    sheet = pd.read_excel(folder / "en" / "tables.xlsx", sheet_name=None, header=None, dtype=str)
    notes = {name: " ".join(map(str, frame[0].head(12))) for name, frame in sheet.items()}
    assert sum("changed by chance" in text for text in notes.values()) == 1


def test_a_table_beside_the_edition_has_the_editions_figures(
    keyed: Workspace, shown: dict[str, pd.DataFrame], true: dict[str, pd.DataFrame]
) -> None:
    """As a custom order: its share needs persons that stand in a table of the edition alone."""
    name = "persons-with-procedure-by-kind"
    others = {other: table for other, table in true.items() if other != name}
    written = perturbed({name: true[name]}, disclosure=RULES, synthetic=True, beside=others)
    assert written.sheets == {name: (keyed.protected / f"{name}.csv").read_bytes()}
    assert written.counts.keys() == {name}
    assert list(json.loads(written.report)["tables"]) == [name]


def test_a_persons_number_in_the_register_changes_no_key(tmp_path: Path) -> None:
    """Next year's register has other persons between these, who then have other numbers."""
    months = [(who, 2023, 1, 114 if who % 2 else 2584) for who in range(6)]
    persons, found = [(2, 1940)] * 6, []
    for name, number in (("this", lambda who: who), ("next", lambda who: 5 - who)):
        moved = [(number(who), *rest) for who, *rest in months]
        folder = write_register(tmp_path / name, persons, moved)  # type: ignore[arg-type]
        people = pd.read_parquet(folder / "persons.parquet")
        people["pseudonym"] = [f"{number(who):032x}" for who in range(6)]
        people.to_parquet(folder / "persons.parquet", index=False)
        with Register(folder, behind="keys") as register:
            found.append(register.count_persons(["year", "region"], [2023]))
    pd.testing.assert_frame_equal(*found)
    counted = found[0].set_index("region")
    whole = sum(record_key(f"{who:032x}") for who in range(6)) % 2**32
    assert counted.loc["00", CELL_KEY] == whole == (counted.loc["01", CELL_KEY] + counted.loc["25", CELL_KEY]) % 2**32


def test_an_office_that_suppresses_reads_what_cell_key_would_change(some: Path, tmp_path: Path) -> None:
    expected = {}
    for name, rules in (("x", Disclosure()), ("k", RULES), ("strict", Disclosure(threshold=9))):
        protect_tables(some, tmp_path / name, disclosure=rules, synthetic=True, report=tmp_path / f"{name}-e" / "report.json")
        report = json.loads((tmp_path / f"{name}-e" / "report.json").read_text(encoding="utf-8"))
        expected[name] = report.get("with_the_method_cell_key_instead")
    found = json.loads((tmp_path / "k-e" / "report.json").read_text(encoding="utf-8"))["information_loss"]["cell_key"]
    assert abs(float(expected["x"]["changed_per_cent"]) - float(found["changed_per_cent"])) < 10
    assert abs(float(expected["x"]["mean_absolute_change"]) - float(found["mean_absolute_change"])) < 0.3
    assert expected["strict"] == {}, "with a limit of nine the greatest change would have to be greater"
