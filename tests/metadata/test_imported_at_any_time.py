"""What is remembered of a list is forgotten when a list is imported, wherever it is remembered."""

from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.analyse.disclosure.system import Cell, by_size
from kvarn.collect._receipt_page import _municipalities
from kvarn.disseminate.narrative._named_codes import codes
from kvarn.disseminate.narrative._places import places_in
from kvarn.errors import CodeListError
from kvarn.pipeline.engine import Step, run_steps
from kvarn.pipeline.nodes import file


def take_in(project: Path, text: str, name: str) -> None:
    source = project / "official.csv"
    source.write_text(text, encoding="utf-8")
    metadata.import_codelist(source, name=name, year=2023, into=project / metadata.CODELISTS, short="for the test")


def in_order(codes: list[str]) -> list[str]:
    cells = [Cell("procedures", 2023, (("procedure", code),)) for code in codes]
    return [cell.categories[0][1] for cell in by_size(cells, dict.fromkeys(cells, 1))]


def test_a_new_municipality_is_known_at_once(project: Path) -> None:
    text = "All persons in Nyborgstad had care."
    assert "0199" not in _municipalities() and "0199" not in codes() and not places_in(text)
    own = "".join(f"{row['code']};{row['sv']}\n" for row in metadata.own_codelist("municipality").rows)
    take_in(project, f"kod;namn\n{own}0199;Nyborgstad\n", "municipality")
    assert _municipalities()["0199"] == "Nyborgstad" and "0199" in codes() and places_in(text)


def test_a_new_procedure_has_its_place_among_the_others_at_once(project: Path) -> None:
    assert in_order(["PA900", "DT019"]) == ["PA900", "DT019"]
    take_in(project, "kod;titel\nDT019;Läkemedelstillförsel genom munnen\nPA900;Utredning av något nytt (i)\n", "procedure")
    assert in_order(["PA900", "DT019"]) == ["DT019", "PA900"]


def test_work_goes_by_one_state_of_the_lists_and_says_when_they_were_changed_meanwhile(project: Path) -> None:
    (project / metadata.CODELISTS).mkdir(parents=True)
    text = "kod;titel\nPA900;Utredning av något nytt (i)\n"
    with metadata.lists_held():  # nothing changes, and nothing is said
        before = metadata.codelist("procedure")
    with pytest.raises(CodeListError, match="imported or removed while kvarn was at work"), metadata.lists_held():
        state = metadata.stamp()
        with metadata.lists_held():
            assert metadata.codelist("procedure") == before
        take_in(project, text, "procedure")
        assert metadata.stamp() == state
    assert "PA900" in metadata.codelist("procedure").codes
    with pytest.raises(CodeListError, match="Run the same command again"), metadata.lists_held():
        metadata.codelist("procedure")
        for path in (project / metadata.CODELISTS).iterdir():
            path.unlink()
        with metadata.lists_held():
            raise AssertionError("work has begun by lists that are others by now")
    assert "PA900" not in metadata.codelist("procedure").codes


def test_a_step_in_which_a_list_is_imported_has_made_nothing(project: Path, tmp_path: Path) -> None:
    def act() -> None:
        assert "0199" not in metadata.codelist("municipality").codes
        own = "".join(f"{row['code']};{row['sv']}\n" for row in metadata.own_codelist("municipality").rows)
        if not metadata.imported_lists(project):
            take_in(project, f"kod;namn\n{own}0198;Nyborgstad\n", "municipality")
        (tmp_path / "made.txt").write_text("made", encoding="utf-8")

    step = Step("make", "Process", [], [file(tmp_path / "made.txt")], act)
    with pytest.raises(CodeListError, match="Run the same command again"):
        run_steps([step], tmp_path / "build")
    assert [outcome.result for outcome in run_steps([step], tmp_path / "build")] == ["done"]
