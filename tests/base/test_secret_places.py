"""No door writes microdata where files leave the building or get into git, however the folder is named."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.base.secret_places import refuse_public_place
from kvarn.cli import main
from kvarn.collect import Terms, ValidCodes, take_in
from kvarn.demo import write_demo
from kvarn.edition import Workspace
from kvarn.errors import InputError

REFUSED = [
    "publications/register",
    "build/register",
    "reports/register",
    "params/register",
    "register",
    "docs",
    ".",
    "restricted/../publications/x",
    "restricted/link-to-publications",
    "restricted/link-to-publications/deeper",
    "link-to-reports/x",
    "publications/nested/restricted/x",
    ".git/x",
    "restricted-too",
    "Restricted/x",
    "../share/2023/x",
]
ALLOWED = ["restricted", "restricted/register", "restricted/a/b/c", "link-to-restricted/x", "../elsewhere", "../elsewhere/x"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    for name in ("notebooks", "restricted", "build", "reports", "params", ".git", "docs", "../share", "../elsewhere"):
        (root / name).mkdir(parents=True)
    (root / "_quarto.yml").touch()
    # The publications are a share that others read, and a publication may hold what looks like a project.
    (root / "publications").symlink_to(tmp_path / "share")
    (root / "publications" / "nested" / "notebooks").mkdir(parents=True)
    (root / "publications" / "nested" / "_quarto.yml").touch()
    (root / "restricted" / "link-to-publications").symlink_to(root / "publications")
    (root / "link-to-reports").symlink_to("reports")
    (root / "link-to-restricted").symlink_to("restricted")
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize("folder", REFUSED)
def test_what_is_public_or_in_git_takes_no_microdata(project: Path, folder: str) -> None:
    for given in (Path(folder), project / folder):
        with pytest.raises(InputError) as caught:
            refuse_public_place(given, "microdata")
        assert caught.value.file == given and "restricted" in str(caught.value.remedy)


@pytest.mark.parametrize("folder", ALLOWED)
def test_what_is_restricted_or_elsewhere_takes_them(project: Path, folder: str) -> None:
    refuse_public_place(Path(folder), "microdata")


def test_a_git_work_tree_that_is_no_project_takes_none(tmp_path: Path) -> None:
    (tmp_path / "tree" / ".git").mkdir(parents=True)
    with pytest.raises(InputError, match="git work tree"):
        refuse_public_place(tmp_path / "tree" / "x" / "y", "microdata")
    # A work tree of its own that `git worktree` has made has a file there.
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / ".git").write_text("gitdir: /somewhere\n")
    with pytest.raises(InputError, match="git work tree"):
        refuse_public_place(tmp_path / "other", "microdata")


def test_a_restricted_folder_that_leads_to_the_publications_is_none(project: Path) -> None:
    os.rename(project / "restricted", project / "old")
    (project / "restricted").symlink_to(project / "publications")
    with pytest.raises(InputError, match="leave the building"):
        refuse_public_place(project / "restricted" / "register", "microdata")


def test_no_edition_is_made_whose_restricted_folder_leads_to_the_publications(project: Path) -> None:
    os.rename(project / "restricted", project / "old")
    (project / "restricted").symlink_to(project / "publications")
    with pytest.raises(InputError, match="leave the building"):
        Workspace(project, "2023").make_restricted()
    assert not (project / "publications" / "2023").exists()
    (project / "restricted").unlink()
    # A disk of its own is what such a link is for.
    (project.parent / "disk").mkdir()
    (project / "restricted").symlink_to(project.parent / "disk")
    Workspace(project, "2023").make_restricted()
    assert (project.parent / "disk" / "2023").is_dir()


def test_a_path_in_a_circle_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    try:
        refuse_public_place(tmp_path / "a", "microdata")
    except InputError as error:
        assert "circle" in error.what


def test_every_door_asks_before_it_writes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(Path(__file__).parents[2] / "programme", project / "programme")
    (project / "restricted" / "d").mkdir()
    (project / "restricted" / "d" / "KHSL1_0114_202303.txt").write_text("0114;193001011000;2023;03\n")
    (project / "restricted" / "d" / "SYNTHETIC.txt").touch()
    doors = [
        ["intake", "restricted/d", "--into", "reports/register"],
        ["intake", "restricted/d", "--into", "restricted/register", "--receipts", "reports/receipts"],
        ["demo", "reports/demo", "--persons", "300"],
    ]
    before = {path for path in project.rglob("*") if "restricted" not in path.parts}
    for arguments in doors:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        metadata.use_project(None)
        said = capsys.readouterr().err
        assert ended.value.code == 1 and "may be written here" in said and "where:" in said and "restricted" in said
    codes = ValidCodes(frozenset(), frozenset(), frozenset(), frozenset())
    with pytest.raises(InputError, match="No microdata"):
        take_in([project / "restricted" / "d"], project / "reports" / "r", terms=Terms(lambda _: codes))
    with pytest.raises(InputError, match="No synthetic register"):
        write_demo(project / "reports" / "demo", persons=300)
    assert {path for path in project.rglob("*") if "restricted" not in path.parts} == before


def test_receipts_may_lie_in_the_folder_that_git_leaves_out(project: Path) -> None:
    refuse_public_place(project / "receipts" / "2023-03", "receipts", besides=("receipts",))
    with pytest.raises(InputError):
        refuse_public_place(project / "receipts" / "2023-03", "microdata")
