"""Which tables a compute notebook saves is read from its syntax tree, or the notebook is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from kvarn import metadata
from kvarn.errors import NotebookError
from kvarn.pipeline.computing import check_tables
from kvarn.pipeline.saved_tables import saves_of, tables_saved_by

Writer = Callable[..., Path]

TOLD = {
    "plain": ('save_table("a", frame, edition=edition).shape', ("a",)),
    "over several lines, in another order": ('x = save_table(\n    *frames,\n    table="a",\n    edition=edition)', ("a",)),
    "commented": ('# save_table("b", frame)\nsave_table("a", frame)  # save_table("c", frame)', ("a",)),
    "in a text": ('"""save_table("b", frame)"""\nprint("save_table(\'c\')")\nsave_table("a", frame)', ("a",)),
    "twice": ('save_table("a", one)\nsave_table("b", one)\nsave_table("a", two)', ("a", "b")),
    "another function": ('other("d")\nregister.save("e")', ()),
    "renamed": ('from kvarn.analyse import save_table as keep\nkeep("a", frame)', ("a",)),
    "assigned": ('keep = save_table\nkeep("a", frame)', ("a",)),
    "no longer it": ('keep = save_table\nkeep = print\nkeep("a")', ()),
    "of a module": ('import kvarn.analyse as analyse\nanalyse.save_table("a", frame)', ("a",)),
    "of a package": ('import kvarn.analyse\nkvarn.analyse.save_table("a", frame)', ("a",)),
    "everything imported": ('from kvarn.analyse import *\nsave_table("a", frame)', ("a",)),
    "loop over a tuple": ('for table in ("a", "b"):\n    frame = count(table)\n    save_table(table, frame)', ("a", "b")),
    "loop over pairs": ('for table, by in [("a", 1), ("b", 2)]:\n    save_table(table, count(by))', ("a", "b")),
    "loop over a dictionary": ('for table in {"a": one, "b": two}:\n    save_table(table, frames[table])', ("a", "b")),
    "items of a dictionary": ('for table, frame in {"a": one, "b": two}.items():\n    save_table(table, frame)', ("a", "b")),
    "items of a constant": ('frames = {"a": one, "b": two}\nfor t, f in frames.items():\n    save_table(t, f)', ("a", "b")),
    "loop over a set": ('for table in sorted({"b", "a"}):\n    save_table(table, frame)', ("a", "b")),
    "numbered": ('for n, table in enumerate(["a", "b"]):\n    save_table(table, frames[n])', ("a", "b")),
    "a loop in a loop": ('for x in ("a", "b"):\n    for y in ("c", "d"):\n        save_table(f"{x}-by-{y}", f)', None),
    "a loop that goes on after another's break": (
        'for table in ("a", "b"):\n    for x in many:\n        if x:\n            break\n    save_table(table, frame)',
        ("a", "b"),
    ),
    "comprehension": ('[save_table(table, frame) for table in ("a", "b")]', ("a", "b")),
    "dictionary comprehension": ('shapes = {t: save_table(t, f).shape for t, f in {"a": x}.items()}', ("a",)),
    "consumed generator": ('list(save_table(table, frame) for table in ("a", "b"))', ("a", "b")),
    "constant": ('TABLE = "a"\nsave_table(TABLE, frame)', ("a",)),
    "annotated constant": ('TABLE: str = "a"\nsave_table(TABLE, frame)', ("a",)),
    "joined text": ('WHAT = "persons"\nsave_table(WHAT + "-by-" + "month", f)\nsave_table(f"{WHAT}-by-year", f)', None),
    "reassigned": ('t = "a"\nsave_table(t, one)\nt = "b"\nsave_table(t, two)', ("a", "b")),
    "unpacked": ('one, two = "a", "b"\nsave_table(one, f)\nsave_table(two, f)', ("a", "b")),
    "element": ('NAMES = {"x": "a"}\nsave_table(NAMES["x"], frame)', ("a",)),
    "in a with": ('with open_register(edition) as register:\n    save_table("a", register.count())', ("a",)),
    "in a try": ('try:\n    save_table("a", f)\nfinally:\n    save_table("b", f)', ("a", "b")),
    "if that is told": ('ALSO = False\nif ALSO:\n    save_table("b", f)\nelse:\n    save_table("a", f)', ("a",)),
    "if as a program": ('if __name__ == "__main__":\n    save_table("a", f)', ("a",)),
    "either way": ('if many:\n    save_table("a", one)\nelse:\n    save_table("a", two)', ("a",)),
    "if about something else": ('if many:\n    x = 1\nsave_table("a", f)', ("a",)),
    "magic before": ('%matplotlib inline\nsave_table("a", f)', ("a",)),
    "timed cell": ('%%time\nsave_table("a", f)', ("a",)),
    "timed line": ('%time save_table("a", f)', ("a",)),
    "shell": ('!ls\nsave_table("a", f)', ("a",)),
    "question": ('save_table?\nsave_table("a", f)', ("a",)),
    "other language": ("%%bash\necho done", ()),
    "top-level await": ('x = await y\nsave_table("a", f)', ("a",)),
}

REFUSED = {
    "if": 'if many:\n    save_table("a", f)',
    "else": 'if many:\n    save_table("a", f)\nelse:\n    save_table("b", f)',
    "if on a parameter": 'if year == 2020:\n    save_table("a", f)',
    "table from a parameter": "save_table(edition, f)",
    "function": 'def keep(frame):\n    save_table("a", frame)\nkeep(f)',
    "method": 'class Keeper:\n    def keep(self):\n        save_table("a", f)',
    "lambda": 'keep = lambda f: save_table("a", f)',
    "default of a function": "def keep(save=save_table):\n    save('a', f)",
    "handed on": "list(map(save_table, names))",
    "partial": 'keep = functools.partial(save_table, "a")',
    "unknown name": "save_table(name, f)",
    "unknown loop": "for table in tables:\n    save_table(table, f)",
    "unknown loop, known table": 'for frame in frames:\n    save_table("a", frame)',
    "list that is added to": 'names = ["a"]\nnames.append(x)\nfor name in names:\n    save_table(name, f)',
    "list that a function may change": 'names = ["a"]\nfill(names)\nfor name in names:\n    save_table(name, f)',
    "list of two names": 'names = ["a"]\nothers = names\nothers += ["b"]\nfor name in names:\n    save_table(name, f)',
    "name set by a function": 'T = "a"\ndef f():\n    global T\n    T = "b"\nf()\nsave_table(T, f)',
    "name set under a condition": 'T = "a"\nif many:\n    T = "b"\nsave_table(T, f)',
    "name changed in a loop": 'T = "a"\nfor x in many:\n    T = "b"\nsave_table(T, f)',
    "loop variable changed": 'for t in ("a", "b"):\n    t = t + suffix\n    save_table(t, f)',
    "break": 'for t in ("a", "b"):\n    if x:\n        break\n    save_table(t, f)',
    "continue": 'for t in ("a", "b"):\n    if x:\n        continue\n    save_table(t, f)',
    "filtered comprehension": '[save_table(t, f) for t in ("a", "b") if x]',
    "generator": 'later = (save_table(t, f) for t in ("a", "b"))',
    "while": 'while x:\n    save_table("a", f)',
    "match": 'match x:\n    case 1:\n        save_table("a", f)',
    "except": 'try:\n    f = 1\nexcept ValueError:\n    save_table("a", f)',
    "and": 'x and save_table("a", f)',
    "one or the other": 'save_table("a", f) if x else None',
    "starred": "save_table(*everything)",
    "no table": "save_table(edition=edition)",
    "run": "%run other.ipynb",
    "exec": "exec(\"save_table('a', f)\")",
    "by name": 'getattr(analyse, "save_table")("a", f)',
    "subprocess": "%%bash\npython -c 'from kvarn.analyse import save_table; save_table()'",
    "repeated": '%%timeit\nsave_table("a", f)',
    "no Python": "save_table('a', f",
    "more turns than anybody writes": 'for x in range(9999):\n    for y in range(9999):\n        save_table("a", f)',
}


@pytest.mark.parametrize("case", TOLD)
def test_what_is_certain_to_be_saved_is_found(write_notebook: Writer, case: str) -> None:
    source, expected = TOLD[case]
    if expected is None:
        persons = ("persons-by-month", "persons-by-year")
        expected = ("a-by-c", "a-by-d", "b-by-c", "b-by-d") if "loop" in case else persons
    assert tables_saved_by(write_notebook(source)) == expected


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_determined_is_refused_with_notebook_cell_and_remedy(write_notebook: Writer, case: str) -> None:
    with pytest.raises(NotebookError) as caught:
        tables_saved_by(write_notebook("before = 1", REFUSED[case]))
    assert caught.value.notebook == "toy.ipynb"
    assert (caught.value.cell or "").startswith("cell-1, line ")
    assert caught.value.remedy


def test_names_last_from_cell_to_cell(write_notebook: Writer) -> None:
    notebook = write_notebook("from kvarn.analyse import save_table as s", 'TABLES = ("a", "b")', "for t in TABLES:\n    s(t, f)")
    assert {table: cell.id for table, cell in saves_of(notebook).items()} == {"a": "cell-2", "b": "cell-2"}


def test_a_cell_that_is_never_run_may_save_nothing(write_notebook: Writer) -> None:
    path = write_notebook('save_table("a", f)', "x = 1")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].metadata["tags"] = ["skip-execution"]
    nbformat.write(notebook, path)
    assert tables_saved_by(path) == ("a",)
    notebook.cells[1].metadata["tags"] = ["skip-execution"]
    nbformat.write(notebook, path)
    with pytest.raises(NotebookError, match="a cell that is never run"):
        tables_saved_by(path)


def test_what_is_no_notebook_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "toy.ipynb").write_text('<<<<<<< HEAD\n{"cells": []}')
    with pytest.raises(NotebookError, match="not a notebook"):
        tables_saved_by(tmp_path / "toy.ipynb")


def test_each_of_our_notebooks_can_be_read() -> None:
    compute = sorted((Path(__file__).parents[2] / "notebooks" / "compute").glob("*.ipynb"))
    present = sorted((Path(__file__).parents[2] / "notebooks" / "present").glob("*.ipynb"))
    check_tables(compute, present)
    assert {table for notebook in compute for table in tables_saved_by(notebook)} == {table.name for table in metadata.tables()}


def test_tables_are_held_against_the_programme_before_anything_is_computed(write_notebook: Writer) -> None:
    right = write_notebook('save_table("persons-by-month", f)', name="right")
    with pytest.raises(NotebookError, match="no table 'persons-by-mnth'") as caught:
        check_tables([write_notebook('save_table("persons-by-mnth", f)', name="wrong")], [])
    assert "Did you mean persons-by-month" in str(caught.value)
    with pytest.raises(NotebookError, match="is saved by right") as caught:
        check_tables([right, write_notebook("x = 1", 'save_table("persons-by-month", f)', name="second")], [])
    assert (caught.value.notebook, caught.value.cell) == ("second.ipynb", "cell-1")


def test_a_table_whose_sheet_has_no_name_is_told_before_anything_is_computed(
    write_notebook: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    unnamed = metadata.table("persons-by-month").model_copy(update={"sheet": {}})
    monkeypatch.setattr(metadata, "table", lambda name: unnamed)
    with pytest.raises(NotebookError, match="has no name") as caught:
        check_tables([write_notebook('save_table("persons-by-month", f)', name="right")], [])
    assert "programme/tables.yml: sheet: {sv:" in str(caught.value.remedy)


def test_tables_that_present_notebooks_read_are_held_against_those_that_are_saved(write_notebook: Writer) -> None:
    right = write_notebook('save_table("persons-by-month", f)', name="right")
    opening = "from kvarn.disseminate.protected import open_tables\ntables = open_tables(edition)"
    check_tables([right], [write_notebook(opening, 'tables["persons-by-month"]', name="reads")])
    with pytest.raises(NotebookError, match="Did you mean persons-by-month") as caught:
        check_tables([right], [write_notebook(opening, 'tables["persons-by-mnth"]', name="reads")])
    assert (caught.value.notebook, caught.value.cell) == ("reads.ipynb", "cell-1")
    with pytest.raises(NotebookError, match="No compute notebook saves the table procedures-by-month"):
        check_tables([right], [write_notebook(opening, 'tables["procedures-by-month"]', name="reads")])
