from pathlib import Path

import pytest

from kvarn.edition import Workspace, project_root
from kvarn.errors import EditionError


def test_restricted_folders_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, "2023")
    workspace.make_restricted()
    assert workspace.restricted.stat().st_mode & 0o777 == 0o700
    assert workspace.restricted.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["../2023", "", "2023/x", "Ålder", "2023 b", ".hidden"])
def test_a_name_that_leaves_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(EditionError):
        Workspace(tmp_path, name)


def test_the_root_is_found_from_below_and_asked_for_outside(tmp_path: Path) -> None:
    (tmp_path / "project" / "notebooks" / "present").mkdir(parents=True)
    (tmp_path / "project" / "_quarto.yml").touch()
    assert project_root(tmp_path / "project" / "notebooks" / "present") == tmp_path / "project"
    with pytest.raises(EditionError, match="not inside"):
        project_root(tmp_path)


def test_microdata_and_publication_are_far_apart(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, "demo")
    for secret in (workspace.collected, workspace.register, workspace.tables, workspace.compute_notebooks):
        assert secret.is_relative_to(workspace.restricted)
    for open_ in (workspace.protected, workspace.build, workspace.publication):
        assert not open_.is_relative_to(workspace.restricted)
