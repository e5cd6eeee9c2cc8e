"""What is remembered of a list is forgotten when a list is imported, wherever it is remembered."""

from pathlib import Path

from kvarn import metadata
from kvarn.analyse.disclosure.system import Cell, by_size
from kvarn.collect._receipt_page import _municipalities
from kvarn.disseminate.narrative._named_codes import codes
from kvarn.disseminate.narrative._places import places_in


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
