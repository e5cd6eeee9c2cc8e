"""Notebooks may read the imported code lists, so nothing else lies among them, and nothing else stands in their records."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.errors import CodeListError


@pytest.fixture
def with_list(project: Path) -> Path:
    """A project with one imported list, and the file of its record."""
    given = project / "professions.csv"
    given.write_text("Kod;Benämning\nXS918;Sjuksköterska\n", encoding="utf-8")
    listed = metadata.import_codelist(
        given, name="profession", year=2023, into=project / metadata.CODELISTS, short="for the test"
    )
    return listed.path.with_suffix(".json")


@pytest.mark.parametrize("name", ["note.txt", ".hidden", "profession-2023.txt", "municipality-2023.json", "folder"])
def test_nothing_but_lists_lies_where_notebooks_read_them(name: str, project: Path, with_list: Path) -> None:
    metadata.require_lists_alone(project)
    strange = with_list.with_name(name)
    if name == "folder":
        strange.mkdir()
    else:
        strange.write_text("Haninge 3 persons", encoding="utf-8")
    with pytest.raises(CodeListError, match="among the imported code lists") as error:
        metadata.require_lists_alone(project)
    assert str(strange) in str(error.value) and error.value.remedy


def test_a_link_among_the_lists_is_none(project: Path, with_list: Path) -> None:
    listed = with_list.with_suffix(".csv")
    listed.rename(project / "elsewhere.csv")
    listed.symlink_to(project / "elsewhere.csv")
    with pytest.raises(CodeListError, match="among the imported code lists"):
        metadata.require_lists_alone(project)


@pytest.mark.parametrize(
    ("old", "new"),
    [('"name"', '"note": "Haninge: 3",\n "name"'), ("{", "{ "), ('"year": 2023', '"year": 1,\n "year": 2023')],
)
def test_a_record_holds_what_an_import_writes_and_nothing_else(old: str, new: str, project: Path, with_list: Path) -> None:
    before = with_list.read_text(encoding="utf-8")
    assert old in before
    with_list.write_text(before.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CodeListError, match="missing or damaged"):
        metadata.short_lists(project)
