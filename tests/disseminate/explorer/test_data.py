"""The explorer's data are the protected tables, cell by cell, and say nothing that the other formats do not say."""

from __future__ import annotations

import csv
import itertools
import re
import shutil
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kvarn import metadata
from kvarn.analyse.disclosure.written.audit import Published
from kvarn.base.package_files import words_of
from kvarn.base.page_policy import with_policy, without_policy
from kvarn.disseminate.database.read import read_jsonstat
from kvarn.disseminate.explorer import explorer_tables, faults_of_explorer, read_explorer, write_explorer
from kvarn.disseminate.explorer.page import explorer_code, explorer_style
from kvarn.disseminate.open_data import write_open_data
from kvarn.disseminate.partly import partly_reported
from kvarn.disseminate.protected import ProtectedTables
from kvarn.edition import Edition
from kvarn.errors import ConsistencyError, DisclosureError, InputError
from kvarn.pipeline.attack._out_before import read_figures

LANGUAGES = ("sv", "en")
ATTACKED = "persons-by-municipality-sex-age"


def variables() -> dict[str, tuple[str, ...]]:
    return {table.name: tuple(table.variables) for table in metadata.tables()}


def page_of(publication: Path, language: str = "sv") -> str:
    return (publication / "database" / language / "index.html").read_text(encoding="utf-8")


def described(publication: Path, language: str = "sv") -> dict[str, str]:
    folder = publication / "database" / language
    return {table.name: (folder / f"{table.name}.json").read_text("utf-8") for table in metadata.tables()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cell_is_the_protected_tables_and_the_json_stat_files(publication: Path, five_years: Path, language: str) -> None:
    read = read_explorer(publication / "database" / language / "index.html", variables())
    assert set(read) == {table.name for table in metadata.tables()}
    for name, cells in read.items():
        assert cells == read_jsonstat(publication / "database" / language / f"{name}.json", variables()[name])
        with (five_years / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                key = tuple(row[one] for one in (*variables()[name], "measure"))
                assert cells[key] == (Decimal(row["value"]) if row["value"] else None, row["status"]), (name, key)


def test_nil_is_a_dash_exactly_where_nothing_was_counted(publication: Path, five_years: Path) -> None:
    tables = ProtectedTables(five_years)
    found = 0
    for name, table in explorer_tables(page_of(publication)).items():
        dashes = sum(cell == "–" for cell in table["cells"])
        assert dashes == len(tables[name].nil), name
        found += dashes
    assert found


def test_a_part_has_what_is_above_it_in_its_hierarchy(publication: Path) -> None:
    table = explorer_tables(page_of(publication))["persons-by-municipality-sex-age"]
    by_name = {variable["name"]: variable for variable in table["variables"]}

    def above(name: str, code: str) -> str | None:
        variable = by_name[name]
        place = int(variable["parents"][variable["codes"].index(code)])
        return None if place < 0 else variable["codes"][place]

    assert [above("region", code) for code in ("0180", "01", "00")] == ["01", "00", None]
    assert [above("age", code) for code in ("80+", "65+", "T")] == ["65+", "T", None]
    assert above("year", "2023") is None and above("measure", "persons") is None


def test_what_the_table_says_of_its_coverage_can_be_told_from_the_page(publication: Path, five_years: Path) -> None:
    """The page marks the cells of a region that charts mark: by the same measures, of the same table."""
    tables, name = ProtectedTables(five_years), "rates-by-municipality"
    table = explorer_tables(page_of(publication))[name]
    measures = table["variables"][-1]["codes"]
    months, municipalities = table["coverage"]["months"], int(table["coverage"]["municipalities"])
    assert [measures[int(place)] for place in months] == ["months_persons"] and measures[municipalities] == "municipalities"
    cells = numbers_of(table)
    regions = table["variables"][1]["codes"]
    marked = {
        region
        for region in regions
        if 0 < (cells["2023", region, "T", "months_persons"] or 0) < 12 * (cells["2023", region, "T", "municipalities"] or 0)
    }
    assert marked == partly_reported(tables[name], 2023, regions)


def test_a_table_by_region_names_the_table_of_what_was_delivered(publication: Path) -> None:
    named = {name: table["deliveries"] for name, table in explorer_tables(page_of(publication)).items() if table["deliveries"]}
    regional = {one.name for one in metadata.tables() if any(metadata.measure(name).coverage_of for name in one.measures)}
    assert regional and named == dict.fromkeys(regional, "deliveries-by-municipality")


def numbers_of(table: Mapping[str, Any]) -> dict[tuple[str, ...], Decimal | None]:
    keys = itertools.product(*(variable["codes"] for variable in table["variables"]))
    return {key: cell if isinstance(cell, Decimal) else None for key, cell in zip(keys, table["cells"], strict=True)}


def test_a_break_is_told_where_the_years_lie_on_both_sides_of_it(publication: Path) -> None:
    broken = {name: table["break"] for name, table in explorer_tables(page_of(publication)).items() if table["break"]}
    told = {table.name for table in metadata.tables() if table.notes_before and table.years == "series"}
    assert told and broken == dict.fromkeys(told, 2019)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_written_passes(publication: Path, edition: Edition, language: str) -> None:
    assert list(faults_of_explorer(page_of(publication, language), edition, language, described(publication, language))) == []


def test_the_same_tables_give_the_same_bytes(publication: Path, five_years: Path, edition: Edition, tmp_path: Path) -> None:
    for path in write_explorer(ProtectedTables(five_years), edition, tmp_path):
        assert path.read_bytes() == (publication / "database" / path.relative_to(tmp_path)).read_bytes()


def instead(old: str, new: str) -> Callable[[str], str]:
    return lambda page: page.replace(old, new, 1)


def twice(page: str) -> str:
    return re.sub(r'(<script type="application/json" id="table-[^<]*</script>)', r"\1\1", page, count=1)


CHANGES: dict[str, tuple[Callable[[str], str], str]] = {
    "another table of deliveries": (
        instead('"deliveries":"deliveries-by-municipality"', '"deliveries":"persons-by-month"'),
        "another table of deliveries",
    ),
    "a script of somebody's": (instead("</body>", "<script>alert(1)</script></body>"), "a script that is not"),
    "a script from a file": (instead("</body>", '<script src="x.js"></script></body>'), "a script that is not"),
    "kvarn's script, changed": (instead('"use strict";', '"use strict"; let secret;'), "a script that is not"),
    "another style": (instead("<style>\n", "<style>\nh1 { color: red; }\n"), "a style that is not"),
    "a word": (instead('"view.table":"Tabell"', '"view.table":"2 i Dorotea"'), "a block words"),
    "a title": (instead('"title":"Personer med kommunal', '"title":"2 personer med kommunal'), "a text of the"),
    "an attribute of one's own": (instead("<h1>", '<h1 data-x="2">'), "something that is not"),
    "a comment": (instead("<h1>", "<!-- 2 --><h1>"), "something that is not"),
    "a sentence": (instead("</main>", "<p>2 personer i Dorotea</p></main>"), "something that is not"),
    "white space between figures": (instead('"cells":[', '"cells":[ '), "data that are not written"),
    "a table twice": (twice, "data that cannot be read"),
    "a key that is not known": (instead('"break":', '"secret":2,"break":'), "data that cannot be read"),
    "a hidden parent": (instead('"parents":[-1,', '"parents":[777,'), "a number of the table"),
    "a block of somebody's": (
        instead("<script>", '<script type="application/json" id="more">[2]</script><script>'),
        "other tables",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_is_not_kvarns_own_is_refused(publication: Path, edition: Edition, what: str) -> None:
    change, told = CHANGES[what]
    page = page_of(publication)
    changed = with_policy(change(without_policy(page)), "a page", scripts=True)
    assert changed != page
    assert any(told in fault for fault in faults_of_explorer(changed, edition, "sv", described(publication)))


def test_a_page_without_its_policy_is_refused(publication: Path, edition: Edition) -> None:
    faults = list(faults_of_explorer(without_policy(page_of(publication)), edition, "sv", described(publication)))
    assert faults[0].startswith("no policy")


def test_no_script_or_style_can_end_the_element_that_it_stands_in() -> None:
    assert not any(end in explorer_code().lower() for end in ("</script", "<!--", "<script"))
    assert "</style" not in explorer_style().lower()


def test_a_table_of_other_variables_or_of_fewer_cells_is_no_table(publication: Path, tmp_path: Path) -> None:
    for old, new in (('"name":"sex"', '"name":"age"'), ('"cells":[', '"cells":[1,')):
        path = tmp_path / "index.html"
        path.write_text(page_of(publication).replace(old, new, 1), encoding="utf-8")
        with pytest.raises(InputError, match="cells; its variables say"):
            read_explorer(path, variables())


@pytest.fixture(scope="module")
def one_table(five_years: Path, edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication of one table, some of whose cells are withheld."""
    root = tmp_path_factory.mktemp("one-table")
    (root / "protected").mkdir()
    shutil.copy(five_years / f"{ATTACKED}.csv", root / "protected")
    tables = ProtectedTables(root / "protected")
    write_open_data(tables, edition, root / "data")
    write_explorer(tables, edition, root / "database")
    return root


def test_the_attack_reads_the_explorer_as_every_other_format(one_table: Path) -> None:
    counted, _ = read_figures(one_table, Published())
    assert counted["explorer"] == 2 * counted["csv"] > 10_000


@pytest.mark.parametrize(("wanted", "error"), [(r'"X"', DisclosureError), (r"(?<=[\[,])[1-9]\d*(?=,)", ConsistencyError)])
def test_a_figure_of_the_explorer_alone_is_found_by_the_attack(
    one_table: Path, tmp_path: Path, wanted: str, error: type[Exception]
) -> None:
    folder = Path(shutil.copytree(one_table, tmp_path / "publication"))
    page = page_of(folder, "en")
    found = re.compile(wanted).search(page, page.index('"cells":[', page.index(f'id="table-{ATTACKED}"')))
    assert found is not None
    changed = f"{page[: found.start()]}77777{page[found.end() :]}"
    (folder / "database" / "en" / "index.html").write_text(changed, encoding="utf-8")
    published = Published()
    with pytest.raises(error):
        read_figures(folder, published)
        published.require_one_status()


def test_every_word_is_used_and_every_word_that_is_used_is_there() -> None:
    known = set(words_of("kvarn.disseminate.explorer", "words.yml"))
    code = explorer_code()
    said = set(re.findall(r"\bsay\(\"([\w.-]+)\"", code)) | set(re.findall(r"\bwords\[\"([\w.-]+)\"\]", code))
    said |= {f"{key}.{number}" for key in re.findall(r"\bsayCount\(\"([\w.-]+)\"", code) for number in ("one", "other")}
    assert said <= known
    # Keys that are put together, or stand in lists, have their beginning or themselves in the code.
    listed = {key for key in known if f'"{key}"' in code}
    beginnings = tuple(re.findall(r"`([a-z]+\.(?:to-)?)\$\{", code))
    of_the_page = {"title", "no-script"}
    assert {key for key in known - said - listed - of_the_page if not key.startswith(beginnings)} == set()
