from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from toy_report import toy_job, toy_text

from kvarn.disseminate.rendering import font_files, lay_out
from kvarn.errors import RenderingError


def test_the_folder_holds_what_a_render_needs_and_nothing_from_before(tmp_path: Path) -> None:
    job = toy_job(tmp_path)
    job.folder.mkdir()
    (job.folder / "left from before.txt").touch()
    folder = lay_out(job)
    names = {path.name for path in folder.iterdir()}
    assert names == {"toy.qmd", "_results.qmd", "_quarto.yml", "_variables.yml", "theme", "notebooks"}
    assert (folder / "notebooks" / "persons.ipynb").is_file()
    assert len(list((folder / "theme" / "fonts").iterdir())) == len(font_files())


def test_a_render_has_the_projects_settings_and_is_a_project_of_its_own(tmp_path: Path) -> None:
    """What the project says of itself is for whoever renders by hand in its root: no program runs before this render."""
    job = toy_job(tmp_path)
    settings = yaml.safe_load((lay_out(job) / "_quarto.yml").read_text(encoding="utf-8"))
    assert settings["project"] == {"type": "default"}
    html, typst = settings["format"]["html"], settings["format"]["typst"]
    named = [html["template"], html["css"], *typst["template-partials"], *(one["path"] for one in settings["filters"])]
    assert all((job.folder / path).is_file() for path in named) and (job.folder / typst["font-paths"]).is_dir()
    of_project = yaml.safe_load(job.quarto_yml.read_text(encoding="utf-8"))
    assert {key: settings[key] for key in ("execute", "toc-depth")} == {key: of_project[key] for key in ("execute", "toc-depth")}
    assert typst["pdf-standard"] == of_project["format"]["typst"]["pdf-standard"]


def test_what_a_render_by_hand_has_left_is_not_laid_out(tmp_path: Path) -> None:
    job = toy_job(tmp_path)
    (job.source / "_metadata.yml").write_text("title: Another\n", encoding="utf-8")
    (job.source / "notebooks").mkdir()
    (job.source / "notebooks" / "other.ipynb").symlink_to(job.text)
    (job.source / "toy_files").mkdir()
    (job.source / "toy.html").touch()
    folder = lay_out(job)
    assert {path.name for path in folder.iterdir()}.isdisjoint({"_metadata.yml", "toy_files", "toy.html"})
    assert not (folder / "notebooks" / "other.ipynb").exists()


def test_the_front_matter_is_resolved_for_both_renderers(tmp_path: Path) -> None:
    folder = lay_out(toy_job(tmp_path))
    metadata = yaml.safe_load((folder / "toy.qmd").read_text(encoding="utf-8").split("\n---\n")[0])
    assert metadata["date"] == "2024-06-20"
    assert metadata["author"] == "Exempelmyndigheten"
    assert metadata["notice"] == "Syntetiska data – inte officiell statistik"
    assert metadata["lang"] == "sv"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("No front matter", "has no front matter"),
        ("---\nlang: sv\n---\n", "gives no title"),
        ("---\ntitle: a: b\n---\n", "has a colon"),
        ('---\ntitle: "{{< var lost >}}"\n---\n', "no variable 'lost'"),
    ],
)
def test_a_front_matter_that_will_not_do_is_refused(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(RenderingError, match=what):
        lay_out(toy_job(tmp_path, text=text))


def test_a_document_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RenderingError, match=r"There is no lost\.qmd"):
        lay_out(replace(toy_job(tmp_path), document="lost"))


def test_a_synthetic_edition_without_its_notice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RenderingError, match="must carry its notice"):
        replace(toy_job(tmp_path, text=toy_text("")), notice="")


@pytest.mark.parametrize("place", ["en-or-sv/secret.png", "theme/secret.css", "theme", "en-or-sv/all"])
def test_a_link_among_a_documents_files_is_refused(tmp_path: Path, place: str) -> None:
    job = toy_job(tmp_path)
    secret = tmp_path / "secret"
    secret.mkdir()
    path = job.theme if place == "theme" else (job.theme if place.startswith("theme") else job.source) / place.split("/")[1]
    if path.exists():
        shutil.move(path, secret / path.name)
    path.symlink_to(secret)
    with pytest.raises(RenderingError, match="A link stands") as caught:
        lay_out(job)
    assert str(path) in str(caught.value)
