"""The doors of an intake: whose lists and limits count, whose folders keep their modes, and who may read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import duckdb
import pytest

from kvarn import metadata
from kvarn.base.database import Database, engine
from kvarn.cli import main
from kvarn.collect import delivery_log, procedures_without_care, take_in
from kvarn.collect._ledger import open_ledger
from kvarn.collect.safekeeping import private_folder
from kvarn.errors import InputError

from .conftest import person, procedure, rows, terms

KHSL1, KHSL2 = "KHSL1_0114_202303.txt", "KHSL2_0114_202303.txt"
PERSON = "193001011000"
MICRODATA = {KHSL1: rows(person(month="03")), KHSL2: rows(procedure(date="20230305"))}


def project(folder: Path, codes: str) -> Path:
    """A project with a KVÅ list of its own, and a delivery with the code QA011."""
    (folder / "notebooks").mkdir(parents=True)
    (folder / "_quarto.yml").touch()
    (folder / "d").mkdir()
    (folder / "d" / KHSL1).write_text(f"0114;{PERSON};2023;03\n")
    (folder / "d" / KHSL2).write_text(f"0114;{PERSON};20230301;QA011;XS914\n")
    metadata.use_project(folder)
    for kind, rest in (("kma", codes), ("kka", "ABC01;Annat")):
        (folder / f"{kind}.csv").write_text(f"kod;titel\n{rest}\n", encoding="utf-8")
        metadata.import_codelist(
            folder / f"{kind}.csv", name="procedure", year=2023, into=folder / metadata.CODELISTS, short="for the test"
        )
    metadata.use_project(None)
    return folder


def kvarn(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in arguments])
    metadata.use_project(None)
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err and "defect" not in told.err
    return int(ended.value.code or 0), told.out + told.err


def test_an_intake_judges_by_the_lists_of_the_project_that_the_register_lies_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    right, other = project(tmp_path / "right", "QA011;Något"), project(tmp_path / "other", "QA012;Något")
    for number, here in enumerate((tmp_path, other, right)):
        monkeypatch.chdir(here)
        store = right / "restricted" / f"register-{number}"
        status, said = kvarn(capsys, "intake", right / "d", "--into", store)
        assert status == 0 and "2 accepted, 0 rejected" in said
        assert "Judged by the code lists of " in said and ("right" in said or here == right)
    status, said = kvarn(capsys, "intake", right / "d", "--into", other / "restricted" / "register")
    assert status == 1 and "other" in said


def test_the_limits_of_an_intake_are_those_of_the_edition_that_takes_from_the_register(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path / "p", "QA011;Något")
    monkeypatch.chdir(root)
    (root / "d" / KHSL1).write_text(f"0114;{PERSON};2023;03\n" * 2)
    (root / "params").mkdir(exist_ok=True)
    edition = "reference_year: {year}\ndata:\n  intake: restricted/register\nquality:\n  rejected_rows: {limit}\n"
    (root / "params" / "2022.yml").write_text(edition.format(year=2022, limit=0.01))
    (root / "params" / "2023.yml").write_text(edition.format(year=2023, limit=0.5))
    (root / "params" / "other.yml").write_text("data: {intake: elsewhere}\nquality: {rejected_rows: 0.9}\n")
    (root / "params" / "broken.yml").write_text("a: [")
    status, said = kvarn(capsys, "intake", "d", "--into", "restricted/register")
    assert status == 0 and "at the most 0.5" in said and "2023.yml" in said
    status, said = kvarn(capsys, "intake", "d", "--into", "restricted/register", "--limit", "0.1")
    assert status == 1 and "at the most 0.1" in said and "--limit" in said
    status, said = kvarn(capsys, "intake", "d", "--into", "restricted/another")
    assert status == 1 and "at the most 0.05" in said and "by default" in said
    (root / "params" / "2023-preliminary.yml").write_text(edition.format(year=2023, limit=0.2))
    status, said = kvarn(capsys, "intake", "d", "--into", "restricted/register")
    assert status == 2 and "different limits for 2023" in said
    (root / "params" / "2023-preliminary.yml").write_text(edition.format(year=2023, limit="much"))
    status, said = kvarn(capsys, "intake", "d", "--into", "restricted/register")
    assert status == 2 and "2023-preliminary.yml" in said and "quality" in said


def test_what_is_passed_over_is_said_and_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(tmp_path / "p", "QA011;Något")
    monkeypatch.chdir(root)
    (root / "d" / ".hidden").touch()
    status, said = kvarn(capsys, "intake", "d", "--into", "restricted/register")
    assert status == 0 and "passed over: " in said and "its name begins with a point" in said
    os.mkfifo(root / "d" / "KHSL1_0180_202303.txt")
    status, said = kvarn(capsys, "intake", "d", "--into", "restricted/register")
    assert status == 1 and "a pipe, and no file" in said
    (root / "link").symlink_to("nowhere")
    status, said = kvarn(capsys, "intake", "link", "--into", "restricted/register")
    assert status == 1 and "a link that leads to nothing" in said
    status, said = kvarn(capsys, "intake", "nothing", "--into", "restricted/register")
    assert status == 2 and "There is nothing at this path" in said


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    (tmp_path / "d").mkdir()
    for name, content in MICRODATA.items():
        (tmp_path / "d" / name).write_bytes(content)
    return tmp_path / "d"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("others", [0o755, 0o750, 0o2770, 0o700])
def test_a_folder_that_was_there_keeps_its_modes_and_others_read_nothing_in_it(
    delivered: Path, capsys: pytest.CaptureFixture[str], others: int
) -> None:
    store = delivered.parent / "store"
    store.mkdir()
    store.chmod(others)
    _, said = kvarn(capsys, "intake", delivered, "--into", store, "--synthetic")
    assert ("is open to others" in said) == bool(others & 0o077) and "Receipts" in said
    assert mode(store) == others
    open_to_others = [path for path in store.rglob("*") if mode(path) & 0o077 and path.name != "SYNTHETIC.txt"]
    assert open_to_others == []


def test_a_store_that_others_can_read_or_exchange_is_refused(delivered: Path) -> None:
    store = delivered.parent / "store"
    store.mkdir()
    store.chmod(0o777)
    with pytest.raises(InputError, match="Everybody can write"):
        take_in([delivered], store, terms=terms())
    assert list(store.iterdir()) == []
    store.chmod(0o755)
    take_in([delivered], store, terms=terms())
    for name, wrong in (("ledger.sqlite", 0o644), ("rows", 0o755)):
        before = mode(store / name)
        (store / name).chmod(wrong)
        with pytest.raises(InputError, match="Others can read the microdata") as caught:
            take_in([delivered], store, terms=terms())
        assert caught.value.file == store / name and "chmod -R go-rwx" in str(caught.value.remedy)
        (store / name).chmod(before)
    take_in([delivered], store, terms=terms())


def test_only_a_folder_that_it_makes_becomes_its_owners_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    private_folder(tmp_path)
    assert mode(tmp_path) == 0o755
    assert mode(private_folder(tmp_path / "a" / "b")) == mode(tmp_path / "a") == 0o700


def test_whoever_reads_needs_no_right_to_write(delivered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = delivered.parent / "store"
    take_in([delivered], store, terms=terms())
    before = {path: (mode(path), path.stat().st_mtime_ns) for path in (store, *store.rglob("*"))}

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Root may do anything, so that the calls themselves are refused.
    for name in ("chmod", "mkdir"):
        monkeypatch.setattr(Path, name, refused)
    assert len(delivery_log(store)) == 2
    assert procedures_without_care(store)[0].in_month == 0
    assert before == {path: (mode(path), path.stat().st_mtime_ns) for path in (store, *store.rglob("*"))}


def test_an_empty_file_is_no_ledger_and_is_not_made_one_by_reading(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").touch()
    with pytest.raises(InputError, match="no register"), open_ledger(tmp_path):
        pass
    assert (tmp_path / "ledger.sqlite").stat().st_size == 0


def test_there_is_one_way_to_open_the_engine(tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "src"
    opened = [path for path in source.rglob("*.py") if "duckdb.connect(" in path.read_text(encoding="utf-8")]
    assert [path.name for path in opened] == ["database.py"]
    spill = tmp_path / "above" / "spill"
    with engine(spill, threads=1) as first, engine(spill) as second:
        assert [mode(path) for path in (spill.parent, spill, *spill.iterdir())] == [0o700] * 4
        for connection in (first, second):
            limit, directory = connection.sql(
                "SELECT current_setting('memory_limit'), current_setting('temp_directory')"
            ).fetchall()[0]
            assert limit == "1.8 GiB" and Path(directory).parent == spill
            for statement in (
                "SET memory_limit = '100GB'",
                "SET autoinstall_known_extensions = true",
                "INSTALL spatial",
                "LOAD httpfs",
            ):
                with pytest.raises(duckdb.Error):
                    connection.execute(statement)
    assert not spill.exists()


def test_what_a_killed_process_has_spilled_is_removed_by_the_next(tmp_path: Path) -> None:
    spill = tmp_path / "spill"
    (spill / "999999999.0").mkdir(parents=True)
    (spill / "999999999.0" / "microdata.tmp").write_bytes(b"x")
    (spill / f"{os.getppid()}.0").mkdir()
    database = Database(spill)
    assert sorted(path.name for path in spill.iterdir() if not path.name.startswith(f"{os.getpid()}.")) == [f"{os.getppid()}.0"]
    database.close()
    assert [path.name for path in spill.iterdir()] == [f"{os.getppid()}.0"]


def test_the_folders_of_the_readme_are_not_in_git() -> None:
    root = Path(__file__).parents[2]
    left_out = (root / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/restricted/", "/deliveries/", "/receipts/", "/build/", "/publications/"} <= set(left_out)
