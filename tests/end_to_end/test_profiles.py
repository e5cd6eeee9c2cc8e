"""A notebook that is run once for each code of a list: cut tables, one kernel, examined pages, and no run without need."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kvarn.cli import main
from kvarn.disseminate.gate import check_publication
from kvarn.edition import load_edition
from kvarn.errors import DisclosureError, EditionError, NotebookError
from kvarn.pipeline import Production, one_kernel, open_edition, run_steps, steps_of
from kvarn.pipeline.attack import attack_publication
from kvarn.pipeline.one_kernel import Run, run_for_each
from kvarn.pipeline.own_outputs import wrong_output
from kvarn.programme import use_project

PROFILES = "\nprofiles:\n  region: {for_each: region}\n"
PARAMETERS = (
    'edition: str = "small"\nlanguage: str = "sv"\nreference_year: int = 2023\nfirst_year: int = 2022\nregion: str = "00"'
)
SETUP = """from kvarn import codelist, meanings, open_tables, text_table

tables = open_tables(edition)"""
BY_YEAR = """#| echo: false
text_table(tables["deaths-by-sex-age"], language=language, rows="year") if whole_country else None"""
BY_CAUSE = """#| shows: deaths-by-cause
#| echo: false
shown = text_table(
    tables["deaths-by-cause"],
    language=language,
    rows="region",
    columns="cause",
    where={"year": reference_year, "region": [region, *codelist("region").above(region)]},
)
shown"""
BY_CAUSE_ALONE = """#| shows: deaths-by-cause
#| echo: false
text_table(tables["deaths-by-cause"], language=language, rows="cause", where={"year": reference_year, "region": region})"""
CELLS = (
    ("title", "# {{< var each.name >}}\n\nAvlidna i {{< var each.name >}}. · Deaths in {{< var each.name >}}."),
    ("parameters", PARAMETERS),
    ("setup", SETUP),
    ("by-cause", BY_CAUSE),
    ("alone", BY_CAUSE_ALONE),
    ("years", "## Åren · The years"),
    ("whole", "whole_country = region == codelist('region').total"),
    ("by-year", BY_YEAR),
    ("unseen", "## Osett · Unseen"),
    ("left-out", "#| include: false\nregion"),
    ("words", "## Ord · Words"),
    ("symbols", "#| echo: false\nmeanings(shown, language=language)"),
    ("definitions", '#| echo: false\nmeanings("persons", language=language)'),
)
CODES = ("00", "01", "0114", "0115", "09", "0980")


def write_profile(project: Path, cells: tuple[tuple[str, str], ...] = CELLS) -> Path:
    made = []
    for name, source in cells:
        of_text = source.startswith("#") and not source.startswith("#|")
        made.append((nbformat.v4.new_markdown_cell if of_text else nbformat.v4.new_code_cell)(source, id=name))
        if name == "parameters":
            made[-1].metadata["tags"] = ["parameters"]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    place = project / "notebooks" / "profile" / "region.ipynb"
    place.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel}), place)
    return place


@pytest.fixture(scope="module")
def made(deaths: Production, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """The small register with a page for each region, published."""
    project = Path(shutil.copytree(deaths.root, tmp_path_factory.mktemp("profiles") / "project"))
    write_profile(project)
    params = project / "params" / "small.yml"
    params.write_text(params.read_text(encoding="utf-8") + PROFILES, encoding="utf-8")
    production = open_edition(params)
    run_steps(steps_of(production), production.workspace.build)
    yield production
    use_project(None)


@pytest.fixture
def copied(made: Production, tmp_path: Path) -> Callable[..., Production]:
    project = shutil.copytree(made.root, tmp_path / "project", symlinks=True)

    def opened(*overrides: str) -> Production:
        return open_edition(project / "params" / "small.yml", overrides=overrides)

    return opened


def page(production: Production, code: str) -> str:
    return (production.workspace.publication / "profiles" / "sv" / f"{code}.html").read_text(encoding="utf-8")


def test_every_code_has_a_page_of_its_own_figures(made: Production) -> None:
    folder = made.workspace.publication / "profiles" / "sv"
    assert sorted(path.stem for path in folder.iterdir()) == sorted(CODES)
    for code, name, others in (("0114", "Upplands Väsby", 3), ("01", "Stockholms län", 2), ("00", "Riket", 1)):
        written = page(made, code)
        assert f"<h1>{name}</h1>" in written and f"Avlidna i {name}." in written and "Syntetiska data." in written
        body = written.split("<tbody>")[1].split("</tbody>")[0]
        assert body.count("<tr>") == others and f">{name}</td>" in body.split("</tr>")[0]
        # The whole country alone has years; where nothing is shown there is no heading either.
        assert ("Åren</h2>" in written) == (code == "00")
        assert "Osett" not in written
        assert "Personer som har avlidit under året." in written


def test_the_front_page_lists_every_page_and_runs_its_own_script_alone(made: Production) -> None:
    written = (made.workspace.publication / "index.html").read_text(encoding="utf-8")
    for language in ("sv", "en"):
        assert re.findall(rf'<a href="profiles/{language}/(\d+)\.html">', written) == list(CODES)
    assert written.count("<script") == 1 and "sha256-" in written.split("script-src")[1][:40]


def test_what_is_published_is_in_the_record_with_its_notebook(made: Production) -> None:
    graph = json.loads((made.workspace.publication / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    (step,) = (one for one in graph if one["@id"] == "#step/profiles-sv-region")
    assert [one["@id"] for one in step["result"]] == [f"profiles/sv/{code}.html" for code in CODES]
    assert step["instrument"]["@id"] == "#notebook/notebooks/profile/region.ipynb"


def _changed(production: Production, code: str, before: str, after: str, tmp_path: Path) -> Path:
    """The publication with something else on one page, whose policy fits."""
    folder = shutil.copytree(production.workspace.publication, tmp_path / "staging")
    path = folder / "profiles" / "sv" / f"{code}.html"
    written = path.read_text(encoding="utf-8")
    assert before in written
    path.write_text(written.replace(before, after, 1), encoding="utf-8")
    return folder


def _figure(production: Production, code: str, row: int = 0) -> str:
    body = page(production, code).split("<tbody>")[1].split("</tr>")[row]
    return re.findall(r'<td style="text-align:right">(\d+)</td>', body)[0]


def test_a_figure_that_is_not_the_published_one_is_found(made: Production, tmp_path: Path) -> None:
    right = f'<td style="text-align:right">{_figure(made, "0114")}</td>'
    folder = _changed(made, "0114", right, right.replace(_figure(made, "0114"), "7"), tmp_path)
    with pytest.raises(DisclosureError, match=r"(?s)another figure than is published.*profiles/sv/0114\.html"):
        attack_publication(folder, made)


def test_the_figures_of_another_code_are_found(made: Production, tmp_path: Path) -> None:
    """A table without the variable is of the code that the page is about."""
    mine, other = page(made, "0114"), page(made, "0980")
    rows = re.compile(r"<tbody>.*?</tbody>", re.DOTALL)
    name = "Upplands Väsby"
    first = rows.findall(other)[0].split("</tr>")[0].replace("Gotland", name)
    swapped = rows.findall(mine)[0].split("</tr>")[0]
    assert first != swapped
    folder = _changed(made, "0114", swapped, first, tmp_path)
    with pytest.raises(DisclosureError, match=r"profiles/sv/0114\.html"):
        attack_publication(folder, made)


@pytest.mark.parametrize("of", ["another", "the country", "the country alone"])
def test_a_table_that_names_no_code_is_of_the_code_of_its_page(made: Production, tmp_path: Path, of: str) -> None:
    """The figures of another, of the country, and a table that only the country has."""
    tables = re.compile(r"<table.*?</table>", re.DOTALL)
    mine = tables.findall(page(made, "0114"))
    other = tables.findall(page(made, "0980" if of == "another" else "00"))
    assert len(mine) == 2 and len(other) == (2 if of == "another" else 3) and mine[1] != other[1]
    folder = _changed(made, "0114", mine[1], other[2 if of == "the country alone" else 1], tmp_path)
    with pytest.raises(DisclosureError, match=r"profiles/sv/0114\.html"):
        attack_publication(folder, made)


def test_a_number_in_a_text_is_found(made: Production, tmp_path: Path) -> None:
    folder = _changed(made, "0980", "<p>Avlidna i", "<p>Alla 37 avlidna i", tmp_path)
    with pytest.raises(DisclosureError, match=r"(?s)number that nothing accounts for.*profiles/sv/0980\.html"):
        attack_publication(folder, made)


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("profiles/sv/0114.html", None, "missing"),
        ("profiles/sv/0117.html", "", "no such file"),
        ("index.html", ("const bare", "const bare2"), "<script>|no such thing|policy"),
    ],
)
def test_the_gate_lets_the_pages_through_and_nothing_else(
    made: Production, tmp_path: Path, name: str, change: Any, told: str
) -> None:
    from kvarn.base.page_policy import with_policy

    folder, work = shutil.copytree(made.workspace.publication, tmp_path / "staging"), made.workspace
    pages = [f"profiles/{language}/{code}.html" for language in ("sv", "en") for code in CODES]
    said: dict[str, Any] = {"edition": made.edition, "documents": made.documents, "profiles": pages}
    check_publication(folder, work.protected, **said)
    file = folder / name
    if change is None:
        file.unlink()
    elif change == "":
        shutil.copy(folder / "profiles" / "sv" / "0114.html", file)
    else:
        written = file.read_text(encoding="utf-8")
        assert change[0] in written
        file.write_text(with_policy(written.replace(*change), name, scripts=True), encoding="utf-8")
    with pytest.raises(DisclosureError, match=told):
        check_publication(folder, work.protected, **said)


def test_a_page_sees_the_tables_of_its_code_and_of_those_above_it_alone(made: Production) -> None:
    place = made.workspace.build / "places" / "region" / "0114" / "protected"
    assert sorted(path.name for path in place.iterdir()) == ["deaths-by-cause.csv", "notes.json"]
    rows = (place / "deaths-by-cause.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert {row.split(",")[1] for row in rows} == {"0114", "01", "00"}
    country = made.workspace.build / "places" / "region" / "00" / "protected"
    assert (country / "deaths-by-sex-age.csv").read_bytes() == (made.workspace.protected / "deaths-by-sex-age.csv").read_bytes()


def _runs_again(production: Production, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The codes for which the notebook is run, when the steps before its pages are run."""
    ran: list[str] = []

    def counted(notebook: Path, runs: list[Run], **how: Any) -> None:
        ran.extend(str(run.parameters["region"]) for run in runs)
        run_for_each(notebook, runs, **how)

    monkeypatch.setattr(one_kernel, "run_for_each", counted)
    steps = {step.name: step for step in steps_of(production)}
    for name in ("places-region", "profiles-sv-region"):
        steps[name].action()
    return ran


def test_they_run_within_a_wall_that_opens_the_cut_tables_alone(made: Production, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    monkeypatch.setattr(one_kernel, "run_for_each", lambda notebook, runs, **how: seen.update(how))
    next(step for step in steps_of(made) if step.name == "profiles-sv-region").action()
    work = made.workspace
    reach = [Path(path) for path in (*seen["wall"].reads, *seen["wall"].writes)]
    assert work.build / "places" / "region" in reach and work.protected not in reach
    assert not [path for path in reach if path.is_relative_to(work.restricted)]
    assert seen["forbidden"] == made.root / "restricted" and seen["check"] is wrong_output


def test_only_what_has_changed_is_run_again(
    copied: Callable[..., Production], monkeypatch: pytest.MonkeyPatch, made: Production
) -> None:
    production = copied()
    executed = production.workspace.build / "sv" / "profiles" / "region"
    assert _runs_again(production, monkeypatch) == []
    # A figure of one municipality is another: its own page shows it, and no other.
    table = production.workspace.protected / "deaths-by-cause.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    (at,) = (n for n, line in enumerate(lines) if line.startswith("2023,0115,C,persons,"))
    lines[at] = re.sub(r"persons,\d+,", "persons,777,", lines[at])
    table.write_text("".join(lines), encoding="utf-8")
    assert _runs_again(production, monkeypatch) == ["0115"]
    assert "777" in (executed / "0115.ipynb").read_text(encoding="utf-8")
    # One that is no more as it was written is never taken.
    written = (executed / "09.ipynb").read_text(encoding="utf-8")
    (executed / "09.ipynb").write_text(written.replace("Region", "Ragion", 1), encoding="utf-8")
    assert _runs_again(production, monkeypatch) == ["09"]
    assert (executed / "09.ipynb").read_text(encoding="utf-8") == written


def test_fewer_codes_run_nothing_again_and_leave_no_page(
    copied: Callable[..., Production], monkeypatch: pytest.MonkeyPatch
) -> None:
    production = copied('profiles.region.only=["00", "0114"]')
    assert _runs_again(production, monkeypatch) == []
    executed = production.workspace.build / "sv" / "profiles" / "region"
    assert sorted(path.stem for path in executed.glob("*.ipynb")) == ["00", "0114"]


def test_in_company_and_alone_the_same_is_written(made: Production, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in (made.workspace.build / "sv" / "profiles" / "region").glob("*.ipynb")}
    from kvarn.pipeline.notebooks import run_notebook
    from kvarn.pipeline.profiles import parameters_of_profile, places_folder
    from kvarn.pipeline.walls import profile_wall

    notebook = made.profiles[0]
    run_notebook(
        notebook,
        tmp_path / "0115.ipynb",
        parameters_of_profile(made, notebook, "sv", "0115"),
        root=made.root,
        forbidden=made.root / "restricted",
        wall=profile_wall(made.workspace, places_folder(made.workspace, notebook), made.edition.data),
    )
    assert (tmp_path / "0115.ipynb").read_bytes() == before["0115.ipynb"]


def test_nothing_of_a_run_is_left_to_the_next_and_a_fault_is_told_as_ever(made: Production, tmp_path: Path) -> None:
    cells = (
        ("parameters", 'region: str = "00"'),
        ("left", "left = 'left' in globals() or 'of_before' in globals()\nof_before = region\nprint(region, left)"),
        ("stops", "assert region != '09', 'of this one'"),
    )
    (tmp_path / "notebooks").mkdir()
    notebook = write_profile(tmp_path, cells)
    runs = [Run(tmp_path / "out" / f"{code}.ipynb", {"region": code}) for code in ("00", "01", "09", "0980")]
    with pytest.raises(NotebookError, match="of this one") as caught:
        run_for_each(notebook, runs, root=tmp_path)
    assert caught.value.cell == "stops"
    assert [path.name for path in sorted((tmp_path / "out").iterdir())] == ["00.ipynb", "01.ipynb", "09.failed.ipynb"]
    assert "01 False" in (tmp_path / "out" / "01.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize("empty", [None, "import os\nos._exit(3)", "1 / 0"], ids=["as it is", "kills", "fails"])
def test_what_goes_wrong_in_company_alone_is_run_again_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty: str | None
) -> None:
    """A notebook that stops at what a run before has left; and a kernel that ends, or keeps its names, between two."""
    if empty is not None:
        monkeypatch.setattr(one_kernel, "_EMPTY", empty)
    left = "import json\nassert not hasattr(json, 'of_before') or region == '0980'\njson.of_before = region"
    cells = (
        ("parameters", 'region: str = "00"'),
        ("left", f"{left}\nprint(region, 'of_mine' in globals())\nof_mine = region"),
    )
    (tmp_path / "notebooks").mkdir()
    notebook = write_profile(tmp_path, cells)
    codes = ("00", "01", "0980")
    run_for_each(notebook, [Run(tmp_path / "out" / f"{code}.ipynb", {"region": code}) for code in codes], root=tmp_path)
    for code in codes:
        assert f"{code} False" in (tmp_path / "out" / f"{code}.ipynb").read_text(encoding="utf-8")
    assert len(list((tmp_path / "out").iterdir())) == len(codes)


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        ("{for_each: regoin}", r"did you mean 'region'"),
        ("{for_each: year}", r"No variable 'year' with a code list"),
        ('{for_each: region, only: ["0199"]}', r"has no code '0199'"),
        ("{for_each: region, only: [0114]}", r"text"),
        ("{for_each: region, similar: {table: deaths-by-cause, measure: persons, share: {cause: C}}}", "public from the start"),
        (
            "{for_each: sex, similar: {table: deaths-by-sex-age, measure: population, share: {sex: x}}}",
            "no category 'x' of 'sex'",
        ),
    ],
)
def test_what_a_profile_cannot_be_is_told(made: Production, tmp_path: Path, profile: str, told: str) -> None:
    params = made.root / "params" / "small.yml"
    written = params.read_text(encoding="utf-8").replace("{for_each: region}", profile)
    other = tmp_path / "params" / "small.yml"
    other.parent.mkdir()
    other.write_text(written, encoding="utf-8")
    shutil.copy(made.root / "_quarto.yml", tmp_path)
    use_project(made.root)
    with pytest.raises(EditionError, match=told):
        load_edition(other, published=True)


def test_a_notebook_that_is_not_there_or_takes_other_parameters_stops_before_any_work(copied: Callable[..., Production]) -> None:
    production = copied()
    write_profile(production.root, tuple((name, s.replace("\nregion: str", "\nplace: str")) for name, s in CELLS))
    with pytest.raises(NotebookError, match="no parameter 'region'"):
        steps_of(production)
    production.profiles[0].unlink()
    with pytest.raises(EditionError, match=r"no notebook notebooks/profile/region\.ipynb"):
        steps_of(production)


def test_codes_most_alike_are_found_by_what_is_public(made: Production, tmp_path: Path) -> None:
    """Worked by hand: of four with 100, 110, 100 and 1000 inhabitants, and the same shares but for the third."""
    from kvarn.disseminate.cut_tables import most_like
    from kvarn.edition import Similar

    use_project(made.root)
    lines = ["year,sex,age,measure,value,status"]
    for age, (whole, part) in {"0-64": (100, 50), "65-79": (110, 55), "80+": (100, 90), "65+": (1000, 500)}.items():
        lines += [f"2023,T,{age},population,{whole},", f"2023,1,{age},population,{part},"]
    (tmp_path / "deaths-by-sex-age.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    similar = Similar(table="deaths-by-sex-age", measure="population", share={"sex": "1"}, number=2)
    found = most_like("age", similar, tmp_path, year=2023)
    assert found["0-64"][0] == "65-79" and "0-64" not in found["0-64"] and len(found["0-64"]) == 2


def test_status_tells_the_steps(made: Production, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["status", str(made.params)])
    assert ended.value.code == 0
    assert "profiles-sv-region" in capsys.readouterr().out


def test_every_page_is_read_by_the_attack(made: Production) -> None:
    folder = made.workspace.publication
    others = [path for place in ("??/*.html", "notebooks/??/*.html") for path in folder.glob(place)]
    assert attack_publication(folder, made)["pages"]["pages"] == 2 * len(CODES) + len(others)
