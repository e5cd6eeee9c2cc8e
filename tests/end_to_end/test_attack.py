"""What is planted in one file of a publication is found before it goes out; what the programme made goes out."""

from __future__ import annotations

import base64
import copy
import csv
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import openpyxl
import pandas as pd
import pytest
import typst

from kvarn import metadata
from kvarn.analyse.disclosure.written.audit import Published
from kvarn.errors import ConsistencyError, DisclosureError, InputError, KvarnError
from kvarn.pipeline import Production
from kvarn.pipeline.attack import _attack as attack
from kvarn.pipeline.attack import _out_before, _own, _pdf, attack_publication
from kvarn.pipeline.narrative import require_narrative

pytestmark = pytest.mark.end_to_end

TABLE = "persons-by-municipality-sex-age"
YEAR = 2020
Row = dict[str, str]


@pytest.fixture(scope="module")
def truth(production: Production) -> dict[tuple[str, str, str], int]:
    """The persons of each region, sex and age."""
    frame = pd.read_parquet(production.workspace.tables / f"{TABLE}.parquet")
    persons = frame[(frame["measure"] == "persons") & (frame["value"] != "..")]
    return {(row.region, row.sex, row.age): int(row.value) for row in persons.itertuples()}


@pytest.fixture(scope="module")
def secret(publication: Path, truth: dict[tuple[str, str, str], int]) -> tuple[str, str, str]:
    """A withheld count of few men or women, of whom both together are shown; the other sex are many and no secret."""
    with (publication / "data" / f"{TABLE}.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["measure"] == "persons"]
    shown = {(row["region"], row["sex"], row["age"]): row["status"] for row in rows}
    for (region, sex, age), status in shown.items():
        other = (region, {"1": "2", "2": "1", "T": ""}[sex], age)
        if status == "X" == shown.get(other) and shown[region, "T", age] == "" and truth[region, sex, age] < 4 <= truth[other]:
            return region, sex, age
    raise AssertionError("the demo has no such count")


@pytest.fixture(autouse=True)
def each_data_file_read_once(
    monkeypatch: pytest.MonkeyPatch,
    already_read: dict[str, tuple[Published, Any]],
    read_of_each: dict[tuple[str, ...], Any],
) -> None:
    """Most plants are in a page, and the others in one file of data: a file with the same bytes is read for the first test alone,
    and so is a whole publication."""
    read_figures = attack.read_figures

    def once(name: str) -> None:
        function = getattr(_out_before, name)

        def cells(path: Path, *given: Any) -> Any:
            key = name, path.parent.name, path.name, digest(path)
            if key not in read_of_each:
                found = function(path, *given)
                read_of_each[key] = found if isinstance(found, tuple) else list(found)
            return read_of_each[key]

        monkeypatch.setattr(_out_before, name, cells)

    for name in ("open_data_cells", "database_cells", "labelled_cells", "explorer_cells", "workbook_cells"):
        once(name)

    def read(folder: Path, into: Published, place: str = "") -> Any:
        if place or into.figures:
            return read_figures(folder, into, place)
        files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".html", ".pdf"))
        files += sorted(folder.glob("database/*/index.html"))
        whole = hashlib.sha256()
        for path in files:
            whole.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
        if whole.hexdigest() not in already_read:
            found = Published()
            already_read[whole.hexdigest()] = found, read_figures(folder, found)
        found, told = already_read[whole.hexdigest()]
        for name, value in vars(found).items():
            setattr(into, name, copy.copy(value))
        return told

    monkeypatch.setattr(attack, "read_figures", read)


@pytest.fixture(scope="module")
def already_read() -> dict[str, tuple[Published, Any]]:
    return {}


@pytest.fixture(scope="module")
def read_of_each() -> dict[tuple[str, ...], Any]:
    return {}


@pytest.fixture(scope="module")
def already_seen() -> dict[tuple[str, str], Any]:
    return {}


@pytest.fixture(autouse=True)
def each_page_and_source_read_once(monkeypatch: pytest.MonkeyPatch, already_seen: dict[tuple[str, str], Any]) -> None:
    """A plant is in one file: a page or PDF with the same bytes says the same, and the same sources are right again."""

    def once(of: ModuleType, name: str, state: Callable[[Any], str]) -> None:
        function = getattr(of, name)

        def told(given: Any) -> Any:
            key = name, state(given)
            if key not in already_seen:
                found = function(given)
                already_seen[key] = list(found) if isinstance(found, Iterator) else found
            return already_seen[key]

        monkeypatch.setattr(of, name, told)

    once(attack, "read_page", digest)
    once(_pdf, "pdf_texts", digest)
    once(_pdf, "pdf_pictures", digest)
    once(_own, "own_outputs", digest)
    once(attack, "require_narrative", digest_of_sources)
    require_page = attack._require_page

    def held(path: Path, folder: Path, by: Any, still: dict[str, str]) -> dict[str, int]:
        """A page and a PDF that hold, beside the same figures, hold again."""
        pdf, data = path.with_suffix(".pdf"), by.own.published
        files = (path.relative_to(folder), digest(path), digest(pdf) if pdf.is_file() else "")
        shown = (frozenset(data.figures.items()), frozenset(data.gaps), frozenset(data.not_available))
        state = (*files, *sorted(still.items()), *shown)
        key = "_require_page", str(hash(state))
        if key not in already_seen:
            already_seen[key] = require_page(path, folder, by, still)
        return dict(already_seen[key])

    monkeypatch.setattr(attack, "_require_page", held)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digest_of_sources(production: Production) -> str:
    names = ("params", "programme", "notebooks", "reports", "_quarto.yml")
    files = sorted(path for name in names for path in (production.root / name, *(production.root / name).rglob("*")))
    return hashlib.sha256(str([(str(path), digest(path)) for path in files if path.is_file()]).encode()).hexdigest()


@pytest.fixture
def planted(publication: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(publication, tmp_path / "publication"))


def change(path: Path, old: str, new: str) -> None:
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), encoding="utf-8")


def show_in_workbook(path: Path, cell: tuple[str, str, str], value: int) -> None:
    """Write a figure into the row of a region, sex and age."""
    region, sex, age = cell
    language = path.parent.name
    labels = [metadata.variable(name).category(code, language) for name, code in (("sex", sex), ("age", age))]
    workbook = openpyxl.load_workbook(path)
    title = metadata.table(TABLE).title(language, [YEAR])
    sheet = next(sheet for sheet in workbook.worksheets if str(sheet["A1"].value).endswith(title))
    row = next(row for row in sheet.iter_rows() if [region, *labels] == [cell.value for cell in row][2:5])
    assert row[5].value == "X"
    row[5].value = value
    workbook.save(path)


def test_what_was_made_passes_and_everything_was_read(production: Production) -> None:
    found = json.loads((production.workspace.restricted / "attack.json").read_text(encoding="utf-8"))
    cells = found["cells_read"]
    assert cells["csv"] == cells["sdmx"] == cells["parquet"] > 1000
    assert (
        cells["xlsx"] == cells["csv with labels"] == 2 * cells["csv"]
        and 2 * cells["px"] == cells["json-stat"] >= 2 * cells["csv"]
    )
    assert cells["explorer"] == cells["json-stat"]
    assert found["pages"]["pages"] == 14 and found["pages"]["drawings"] > 20 and found["pages"]["pictures_not_read"] == 0
    assert found["pages"]["pdf_texts"] > 3000
    assert found["asked"] == 300 and found["narrowest"] >= 3
    assert (production.workspace.restricted / "attack.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_figure_in_one_workbook_alone_is_found(
    production: Production, planted: Path, secret: tuple[str, str, str], truth: dict[tuple[str, str, str], int], language: str
) -> None:
    show_in_workbook(planted / language / "tables.xlsx", secret, truth[secret])
    with pytest.raises(DisclosureError, match="withheld in one place and shown in another") as error:
        attack_publication(planted, production)
    assert f"{language}/tables.xlsx" in str(error.value.where) and f"region {secret[0]}" in str(error.value.where)


@pytest.mark.parametrize(
    ("ending", "old", "new"), [(".px", '"..."', "2"), (".sdmx.csv", ",NaN,Q,N", ",2,A,F"), ("en/.json", "null", "2")]
)
def test_a_figure_in_one_database_file_alone_is_found(
    production: Production, planted: Path, ending: str, old: str, new: str
) -> None:
    file = planted / "database" / f"{ending.partition('.')[0]}{TABLE}.{ending.partition('.')[2]}"
    if file.suffix == ".json":
        data = json.loads(file.read_text(encoding="utf-8"))
        place = next(place for place, symbol in data["status"].items() if symbol == "X")
        data["value"][int(place)] = 2
        del data["status"][place]
        file.write_text(json.dumps(data), encoding="utf-8")
    else:
        change(file, old, new)
    with pytest.raises(DisclosureError, match="shown in another") as error:
        attack_publication(planted, production)
    assert file.name in str(error.value.where)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_figure_in_one_file_with_labels_alone_is_found(production: Production, planted: Path, language: str) -> None:
    change(planted / "data" / language / f"{TABLE}.csv", r",,X,", ",2,,")
    with pytest.raises(DisclosureError, match="shown in another") as error:
        attack_publication(planted, production)
    assert f"data/{language}" in str(error.value.where) or f"{TABLE}.csv" in str(error.value.where)


def test_a_figure_in_one_page_of_the_explorer_alone_is_found(production: Production, planted: Path) -> None:
    file = planted / "database" / "en" / "index.html"
    before, after = file.read_text(encoding="utf-8").split(f'id="table-{TABLE}"')
    assert '"X"' in after
    file.write_text(f'{before}id="table-{TABLE}"{after.replace(chr(34) + "X" + chr(34), "2", 1)}', encoding="utf-8")
    with pytest.raises(DisclosureError, match="shown in another") as error:
        attack_publication(planted, production)
    assert "index.html" in str(error.value.where)


def test_a_zero_in_one_database_file_for_a_municipality_without_any_file_is_found(production: Production, planted: Path) -> None:
    file = planted / "database" / f"{TABLE}.px"
    about, data = file.read_text(encoding="utf-8").split("DATA=", 1)
    assert '".."' in data
    file.write_text(about + "DATA=" + data.replace('".."', "0", 1), encoding="utf-8")
    with pytest.raises(DisclosureError, match="not available in one place and shown in another") as error:
        attack_publication(planted, production)
    assert file.name in str(error.value.where)


def test_a_zero_everywhere_for_a_municipality_without_any_file_is_found(
    production: Production, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log of the deliveries decides, and not that all formats agree."""
    seen = attack.read_figures

    def all_zero(folder: Path, into: Published, place: str = "") -> object:
        found = seen(folder, into, place)
        into.figures |= dict.fromkeys(into.not_available, "0")
        into.shown_in |= dict.fromkeys(into.not_available, "every file")
        into.not_available.clear()
        return found

    monkeypatch.setattr(attack, "read_figures", all_zero)
    with pytest.raises(ConsistencyError, match="A zero stands where no file was accepted"):
        attack_publication(production.workspace.publication, production)


def sentence(page: str) -> str:
    return page.replace("</main>", "<p>I Dorotea fick 2 personer sådan vård.</p></main>")


def alternative(page: str) -> str:
    return re.sub(r'(<(?:img [^>]*?alt|svg [^>]*?aria-label)=")', r"\1I Dorotea var de 2. ", page, count=1)


def comment(page: str) -> str:
    return page.replace("</main>", "<!-- Dorotea: 2 personer --></main>")


def table(page: str) -> str:
    rows = "<thead><tr><th>Kommun</th><th>Antal</th></tr></thead><tr><td>Dorotea</td><td>2</td></tr>"
    return page.replace("</main>", f"<table>{rows}</table></main>")


def drawing(page: str) -> str:
    """In a drawing that is a part of the page, as charts of documents are, or in one that is embedded."""
    found = re.search(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", page)
    if found is None:
        return page.replace("</svg>", "<text>Dorotea 2</text></svg>", 1)
    svg = base64.b64decode(found[1]).decode().replace("</svg>", "<text>Dorotea 2</text></svg>")
    return page.replace(found[1], base64.b64encode(svg.encode()).decode())


def table_heads(page: str) -> str:
    heads = "<thead><tr><th>Dorotea</th><th>2 personer</th></tr></thead><tr><td>Kommun</td><td>Antal</td></tr>"
    return page.replace("</main>", f"<table>{heads}</table></main>")


def words(page: str) -> str:
    return page.replace("</main>", "<p>I Dorotea fick två personer sådan vård, two persons received care.</p></main>")


def superscript(page: str) -> str:
    return page.replace("</main>", "<p>I Dorotea fick ² personer sådan vård.</p></main>")


def by_style(page: str) -> str:
    return page.replace("</style>", 'main::after { content: "Dorotea 2" }</style>', 1)


@pytest.mark.parametrize("plant", [sentence, alternative, comment, table, drawing, table_heads, words, superscript, by_style])
@pytest.mark.parametrize("name", ["sv/annual-report.html", "notebooks/en/persons.html"])
def test_a_figure_in_the_words_of_a_page_is_found(
    production: Production, planted: Path, plant: Callable[[str], str], name: str
) -> None:
    path = planted / name
    before = path.read_text(encoding="utf-8")
    path.write_text(plant(before), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != before
    with pytest.raises(DisclosureError, match="nothing") as error:
        attack_publication(planted, production)
    assert name in str(error.value.where) and " 2" not in str(error.value.where).replace(", drawing 1", "")


@pytest.mark.parametrize("output", ["2", "[2]", "two"])
def test_a_bare_number_among_the_outputs_of_a_notebook_is_found(production: Production, planted: Path, output: str) -> None:
    """Whatever code made it: no source is asked."""
    change(planted / "notebooks" / "sv" / "persons.html", "</main>", f'<pre class="printed">{output}</pre></main>')
    with pytest.raises(DisclosureError, match="nothing accounts for"):
        attack_publication(planted, production)


@pytest.mark.parametrize("text", ["I Dorotea fick 2 personer sådan vård.", "#table(columns: 2, [Dorotea], [2])", "#super[2]"])
def test_a_figure_in_a_pdf_alone_is_found(production: Production, planted: Path, text: str) -> None:
    source = planted / "report.typ"
    source.write_text(f'#set document(title: "Rapport")\n#set text(lang: "sv")\n{text}\n', encoding="utf-8")
    typst.compile(str(source), output=str(planted / "sv" / "annual-report.pdf"), pdf_standards=["ua-1"])
    source.unlink()
    with pytest.raises(DisclosureError, match="The PDF shows a number that nothing accounts for") as error:
        attack_publication(planted, production)
    assert "sv/annual-report.pdf, page 1" in str(error.value.where)


@pytest.fixture
def summary(production: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A chapter in documents of the test's own: other workers read those of the project."""
    reports = Path(shutil.copytree(production.reports, tmp_path / "reports"))
    monkeypatch.setattr(Production, "reports", property(lambda _: reports))
    return reports / "annual-report" / "en" / "_summary.qmd"


def test_a_number_that_was_typed_since_the_work_began_is_found(
    production: Production, planted: Path, summary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attack, "require_narrative", require_narrative)
    with summary.open("a", encoding="utf-8") as file:
        file.write("\nIn Bjurholm 3 persons received municipal health care.\n")
    with pytest.raises(InputError, match="is typed in"):
        attack_publication(planted, production)


def test_a_number_that_stands_in_the_source_is_not_accounted_for(
    production: Production, planted: Path, summary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if nobody had checked the sources."""
    monkeypatch.setattr(attack, "require_narrative", lambda production: None)
    typed = "In Bjurholm 3 persons received municipal health care."
    with summary.open("a", encoding="utf-8") as file:
        file.write(f"\n{typed}\n")
    change(planted / "en" / "annual-report.html", "</main>", f"<p>{typed}</p></main>")
    with pytest.raises(DisclosureError, match="nothing accounts for"):
        attack_publication(planted, production)


@pytest.mark.parametrize(
    ("cell", "place", "of"),
    [(r"<td[^>]*>((?:upp|ned)\b[^<]*)</td>", 3, 1), (r'<td style="text-align: right;">([\d\u00a0]+)</td>', -1, 0)],
    ids=["in the key figures", "in a table of the database"],
)
def test_a_page_that_shows_another_figure_than_the_tables_is_found(
    production: Production, planted: Path, cell: str, place: int, of: int
) -> None:
    """The figure of another row: each by itself is published, and accounted for by the words around it."""
    path = planted / "sv" / "annual-report.html"
    page = path.read_text(encoding="utf-8")
    cells = list(re.finditer(cell, page))
    shown, other = cells[place], cells[of][1]
    assert shown[1] != other
    path.write_text(f"{page[: shown.start(1)]}{other}{page[shown.end(1) :]}", encoding="utf-8")
    with pytest.raises(DisclosureError, match="another figure than is published"):
        attack_publication(planted, production)


def test_a_secret_that_follows_only_from_two_editions_in_two_formats_is_found(
    production: Production,
    planted: Path,
    secret: tuple[str, str, str],
    truth: dict[tuple[str, str, str], int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The workbook of an earlier edition shows the other sex; the open data of this one, both together."""
    before = tmp_path / "before"
    region, sex, age = secret
    other = (region, {"1": "2", "2": "1"}[sex], age)
    monkeypatch.setattr(attack, "out_before", lambda *_: [("publications/before/", before)])
    (before / "data").mkdir(parents=True)
    shutil.copytree(planted / "sv", before / "sv")
    attack_publication(planted, production)
    show_in_workbook(before / "sv" / "tables.xlsx", other, truth[other])
    with pytest.raises(DisclosureError, match="can be computed, or told too closely") as error:
        attack_publication(planted, production)
    assert "publications/before/sv/tables.xlsx" in str(error.value.where)


def test_a_failed_attack_leaves_the_old_publication(
    production: Production, monkeypatch: pytest.MonkeyPatch, secret: tuple[str, str, str]
) -> None:
    from kvarn.pipeline import publishing

    def refuse(folder: Path, production: Production) -> None:
        raise DisclosureError("planted")

    before = sorted(path.name for path in production.workspace.publication.rglob("*"))
    monkeypatch.setattr(publishing, "attack_publication", refuse)
    with pytest.raises(KvarnError, match="planted"):
        publishing.publish(production)
    assert sorted(path.name for path in production.workspace.publication.rglob("*")) == before
    assert not (production.workspace.build / "publication.part").exists()
