"""The programme is a project's: which one is in force, and how what is missing or broken in it is told."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import nbformat
import pytest

import kvarn
from kvarn import metadata
from kvarn.cli import main
from kvarn.collect import layouts, rules
from kvarn.errors import CodeListError
from kvarn.pipeline.computing import check_tables
from kvarn.programme import (
    FOLDER,
    Programme,
    as_held_here,
    current_programme,
    current_project,
    open_programme,
    programme_held,
    project_held,
    use_project,
)

PROJECT = Path(__file__).parents[2]


def copied(folder: Path) -> Path:
    """A project with nothing but a programme of its own."""
    (folder / "notebooks").mkdir(parents=True)
    (folder / "restricted").mkdir()
    (folder / "_quarto.yml").touch()
    shutil.copytree(PROJECT / FOLDER, folder / FOLDER)
    return folder


def changed(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


@contextmanager
def nothing_held() -> Iterator[None]:
    """As a command begins: no programme is held, and no project is in use."""
    from kvarn.programme import _files

    token = _files._held.set(None)
    use_project(None)
    try:
        yield
    finally:
        _files._held.reset(token)
        use_project(None)


def outside(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Kvarn, run in another folder, as a person runs it."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "src")}
    command = [sys.executable, "-m", "kvarn", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_package_has_no_programme_of_its_own() -> None:
    package = Path(kvarn.__file__).parent
    ours = {path.name for path in (PROJECT / FOLDER).rglob("*") if path.is_file()}
    assert not [path for path in package.rglob("*") if path.name in ours]


def test_outside_a_project_nobody_knows_which_programme_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with nothing_held(), pytest.raises(CodeListError, match="not inside a kvarn project") as caught:
        metadata.tables()
    assert "programme/" in str(caught.value.remedy)


def test_each_project_has_its_own_and_neither_is_taken_for_the_other(tmp_path: Path) -> None:
    one, other = copied(tmp_path / "one"), copied(tmp_path / "other")
    changed(other / FOLDER / "texts.yml", "synthetic.short: {sv: Synt", "synthetic.short: {sv: Annan synt")
    changed(other / FOLDER / "codelists" / "sex.csv", "Kvinnor", "Damer")
    changed(other / FOLDER / "collect" / "rules.yml", "Filtypen i filnamnet", "Filens typ i namnet")
    with nothing_held():
        for root, said in ((one, "Kvinnor"), (other, "Damer"), (one, "Kvinnor")):
            with project_held(root):
                assert current_programme().folder == root / FOLDER
                assert metadata.codelist("sex").label("2", "sv") == said
                assert metadata.text("synthetic.short", "sv").startswith("Annan") == (root == other)
                assert rules()["file-type"].sv.startswith("Filens") == (root == other)


@pytest.mark.parametrize("name", ["tables.yml", "measures.yml", "texts.yml", "collect/rules.yml", "register/register.yml"])
def test_a_file_that_is_missing_is_named_with_what_to_do(tmp_path: Path, name: str) -> None:
    folder = copied(tmp_path / "project") / FOLDER
    (folder / name).unlink()
    with pytest.raises(CodeListError, match="missing") as caught:
        open_programme(folder)
    assert caught.value.file == folder / name and caught.value.remedy


def test_a_project_without_a_programme_is_told_so(tmp_path: Path) -> None:
    root = copied(tmp_path / "project")
    shutil.rmtree(root / FOLDER)
    with nothing_held(), project_held(root), pytest.raises(CodeListError, match="has no statistical programme") as caught:
        metadata.tables()
    assert caught.value.file == root / FOLDER and caught.value.remedy


@pytest.mark.parametrize(
    ("name", "before", "after", "field", "said"),
    [
        ("rules", "  severity: error", "  severity: eror", "file-name.severity", "Did you mean 'error'"),
        ("rules", "  severity: error", "  severty: error", "file-name.severty", "Did you mean 'severity'"),
        ("rules", "file-type:", "file-typ:", "file-typ", "Nothing looks for"),
        ("rules", "file-name:\n", "file-name: [\n", None, "closed"),
        ("rules", "  remedy: {sv:", "  remedy: {se:", "file-name.remedy", "both languages"),
        ("KHSL1", "type: KHSL1", "type: KHSL2", "type", "says 'KHSL2'"),
        ("KHSL1", "length: 4", "length: four", "fields.length", "whole number"),
        ("KHSL1", '"[0-9]{4}"', '"[0-9{4}"', None, "regular expression"),
        ("KHSL1", "role: month", "role: moon", "fields", "'month'"),
        ("KHSL2", "role: profession\n", "role: age\n", "fields.4.role", "'age' cannot be"),
        ("KHSL2", "role: profession\n", "role: procedure\n", "fields.4.role", "'procedure' cannot be"),
        ("KHSL2", "role: profession\n", "role: the profession\n", "fields.4.role", "'the profession' cannot be"),
        (
            "KHSL1",
            "  - role: year",
            "  - {role: cause, sv: O, en: C, pattern: x, length: 1, source: x}\n  - role: year",
            "fields.2.codelist",
            "'cause'",
        ),
        ("KHSL1", "separator:", "seperator:", "seperator", "Did you mean 'separator'"),
    ],
)
def test_a_mistake_in_what_intake_goes_by_has_its_place(
    tmp_path: Path, name: str, before: str, after: str, field: str | None, said: str
) -> None:
    folder = copied(tmp_path / "project") / FOLDER
    changed(folder / "collect" / f"{name}.yml", before, after)
    with programme_held(Programme(folder)), pytest.raises(CodeListError) as caught:
        rules()
        layouts()
    assert said in str(caught.value) and caught.value.line and caught.value.remedy
    assert str(caught.value.file).endswith(f"collect/{name}.yml")
    assert field is None or caught.value.field == field


def test_a_rule_that_intake_judges_by_cannot_be_left_out(tmp_path: Path) -> None:
    folder = copied(tmp_path / "project") / FOLDER
    file = folder / "collect" / "rules.yml"
    text = file.read_text(encoding="utf-8")
    start = text.index("row-duplicate:")
    file.write_text(text[:start] + text[text.index("row-person-missing:") :], encoding="utf-8")
    with programme_held(Programme(folder)), pytest.raises(CodeListError, match="'row-duplicate' is missing"):
        rules()


def test_a_chapter_rule_for_all_else_must_be_there(tmp_path: Path) -> None:
    from kvarn.metadata._own_lists import chapters_in

    folder = copied(tmp_path / "project") / FOLDER / "codelists"
    changed(folder / "procedure-chapter.csv", ",other,other,assumption: what no other rule tells\n", "")
    with pytest.raises(CodeListError, match="no prefix names"):
        chapters_in(folder)


def test_intake_from_anywhere_judges_by_the_project_that_the_register_lies_in(tmp_path: Path) -> None:
    one = copied(tmp_path / "one")
    (tmp_path / "elsewhere" / "sent").mkdir(parents=True)
    (tmp_path / "elsewhere" / "sent" / "KHSL9_0114_202301.txt").write_text("x\n", encoding="utf-8")
    changed(one / FOLDER / "collect" / "rules.yml", "The type in the file name is", "THE TYPE is")
    for folder in (tmp_path / "elsewhere", PROJECT):
        into = one / "restricted" / folder.name
        done = outside(folder, "intake", str(tmp_path / "elsewhere" / "sent"), "--into", str(into))
        assert "THE TYPE is" in done.stdout and "the code lists of" in done.stdout and str(one) in done.stdout, done.stderr


def test_intake_into_no_project_says_that_it_has_nothing_to_judge_by(tmp_path: Path) -> None:
    (tmp_path / "KHSL1_0114_202301.txt").write_text("x\n", encoding="utf-8")
    done = outside(tmp_path, "intake", "KHSL1_0114_202301.txt", "--into", "register")
    assert done.returncode == 1 and "not inside a kvarn project" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "register").exists()


def test_a_table_is_added_without_touching_the_package(tmp_path: Path) -> None:
    """With its title, its sheet in the workbook, a note and a word, in files of the project alone."""
    root = copied(tmp_path / "project")
    package = Path(kvarn.__file__).parent
    before = {path: path.stat().st_mtime_ns for path in package.rglob("*.*") if "__pycache__" not in path.parts}
    with (root / FOLDER / "tables.yml").open("a", encoding="utf-8") as tables:
        tables.write(
            "persons-by-region-month:\n  sv: Personer efter region, {years}\n  en: Persons by region, {years}\n"
            "  sheet: {sv: Personer län, en: Persons counties}\n  variables: [year, region, month]\n  measures: [persons]\n"
            "  years: reference\n  notes: {sv: En not., en: A note.}\n"
        )
    with (root / FOLDER / "texts.yml").open("a", encoding="utf-8") as texts:
        texts.write("my.word: {sv: Ett ord, en: A word}\n")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell('save_table("persons-by-region-month", f)', id="a")])
    nbformat.write(notebook, root / "notebooks" / "own.ipynb")
    with nothing_held(), project_held(root):
        table = metadata.tables()[-1]
        assert (table.name, table.sheet["en"]) == ("persons-by-region-month", "Persons counties")
        assert table.title("sv", [2023]) == "Personer efter region, 2023"
        assert metadata.text("my.word", "en") == "A word"
        check_tables([root / "notebooks" / "own.ipynb"], [])
    assert {path: path.stat().st_mtime_ns for path in before} == before
    with nothing_held(), pytest.raises(CodeListError):
        metadata.table("persons-by-region-month")


@pytest.mark.parametrize("sheet", ["x" * 29, "a/b", "", "a:b"])
def test_a_sheet_that_excel_would_not_take_is_told_with_its_line(tmp_path: Path, sheet: str) -> None:
    folder = copied(tmp_path / "project") / FOLDER
    changed(folder / "tables.yml", "sv: Personer månad,", f'sv: "{sheet}",')
    with programme_held(Programme(folder)), pytest.raises(CodeListError, match="name of a sheet") as caught:
        metadata.tables()
    assert caught.value.field == "persons-by-month.sheet.sv" and caught.value.line


def test_a_demonstration_is_made_from_the_project_that_it_lies_in(tmp_path: Path) -> None:
    root = copied(tmp_path / "project")
    changed(root / FOLDER / "codelists" / "procedure.csv", "code,", "cod,")
    with nothing_held(), pytest.raises(SystemExit) as ended:
        main(["demo", str(root / "restricted" / "demo"), "--persons", "300"])
    assert ended.value.code == 1


def test_a_thread_has_what_is_held_here_of_the_programme_and_nothing_else(tmp_path: Path) -> None:
    """Jupyter keeps the event loop of a thread in its context: two threads with the same one stop each other."""
    loop: ContextVar[str] = ContextVar("loop", default="its own")
    loop.set("another's")
    project, mine = tmp_path / "project", Programme(tmp_path)
    with project_held(project), programme_held(mine):
        work = as_held_here(lambda: (current_programme(), current_project(), loop.get()))
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(work).result() == (mine, project, "its own")
        # Given back at the end: the next work in the thread has nothing of it.
        assert pool.submit(as_held_here(current_project)).result() != project


ADDS_UP = "  additive: [sex, age, region, month, weekday, kind, procedure_group, procedure, cooperation]\n"
MONTHS = "  subject: procedures\n  additive: [sex, age]\n"
LEFT_OUT = {
    "what adds up": (ADDS_UP, "  additive: [sex]\n", "additive"),
    "who is behind": ("  behind: persons\n", "", "behind"),
    "what it is a sum of": ("  sum_of: {measure: persons, over: month}\n", "", "sum_of"),
    "another sum": ("  sum_of: {measure: persons, over: month}\n", "  sum_of: {measure: persons, over: weekday}\n", "sum_of"),
    "how many at most": ("  at_most_each: months_persons\n", "", "at_most_each"),
    "that it is secret": (MONTHS, MONTHS.replace("procedures", "public"), "subject"),
}


@pytest.mark.parametrize("share", ["[1, 1]", "[0, 1]", "[9, 10]", "[19, 20]", "[3, 2]", "[1, 100]"])
def test_a_quantile_that_is_one_persons_is_refused(tmp_path: Path, share: str) -> None:
    """The largest amount of a county is somebody's; so are the many quantiles of a small group."""
    folder = tmp_path / "programme"
    shutil.copytree(PROJECT / "programme", folder)
    file = folder / "measures.yml"
    text = file.read_text(encoding="utf-8")
    old = "quantile: {of: person_months, among: persons, share: [3, 4]}"
    assert old in text
    file.write_text(text.replace(old, old.replace("[3, 4]", share), 1), encoding="utf-8")
    with programme_held(Programme(folder)), pytest.raises(CodeListError) as caught:
        metadata.measure("months_upper_quartile")
    assert "months_upper_quartile.quantile.share" in str(caught.value) and caught.value.remedy


@pytest.mark.parametrize("what", LEFT_OUT)
def test_how_kvarn_counts_is_declared_as_it_is(tmp_path: Path, what: str) -> None:
    """Protector, audit and validation stand on the declaration: what it leaves out none of them would know."""
    old, new, key = LEFT_OUT[what]
    folder = tmp_path / "programme"
    shutil.copytree(PROJECT / "programme", folder)
    file = folder / "measures.yml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with programme_held(Programme(folder)), pytest.raises(CodeListError) as caught:
        metadata.measure("procedures")
    assert str(caught.value.file).endswith("measures.yml") and key in str(caught.value) and caught.value.remedy
