"""Code lists have validity, both languages, and what official lists add."""

import os
from pathlib import Path

import pytest

from kvarn import metadata
from kvarn.errors import CodeListError
from kvarn.metadata._own_lists import chapters_in
from kvarn.programme import _project, current_programme

OFFICIAL = "kod;titel\nDT019;Läkemedelstillförsel genom munnen\nPA900;Utredning av något nytt (i)\nXY900;Något helt annat\n"


def take_in(project: Path, text: str, *, name: str = "procedure", year: int = 2020, **limits: str) -> metadata.ImportedList:
    source = project / "official.csv"
    source.write_text(text, encoding="utf-8")
    return metadata.import_codelist(
        source, name=name, year=year, into=project / metadata.CODELISTS, **limits, short="for the test"
    )


def test_without_imports_a_list_is_the_programmes_own(project: Path) -> None:
    assert metadata.codelist("procedure") is metadata.own_codelist("procedure")
    assert metadata.imported_lists(project) == ()


def test_a_code_of_kvarns_own_list_is_valid_from_its_year_on(project: Path) -> None:
    assert "AW020" not in metadata.valid_procedures(2020)
    assert "AW020" in metadata.valid_procedures(2021)
    assert metadata.valid_procedures(2021) == metadata.valid_codes("procedure", 2021)
    assert metadata.valid_procedures(2021) - metadata.valid_procedures(2020) == {"AW020"}


def test_a_total_is_no_valid_code(project: Path) -> None:
    assert metadata.valid_codes("sex", 2020) == {"1", "2"}
    assert "T" not in metadata.valid_codes("procedure", 2020)
    assert "T" in metadata.codelist("procedure", 2020).codes


def test_kinds_and_groups_of_procedures_are_valid_since_procedures_are_reported(project: Path) -> None:
    for name in ("kind", "procedure-group"):
        assert metadata.valid_codes(name, 2018) == frozenset()
        assert metadata.valid_codes(name, 2019) == set(metadata.codelist(name).codes) - {"T"}


def test_municipalities_are_the_leaves_of_the_regions(project: Path) -> None:
    assert metadata.valid_codes("municipality", 2007) == set(metadata.codelist("region").leaves)
    assert metadata.codelist("municipality").children("25") == metadata.codelist("region").children("25")


@pytest.mark.parametrize(
    ("code", "detailed"), [("PD008", True), ("PD000", False), ("QC000", True), ("QL000", True), ("QA000", False), ("TKC20", True)]
)
def test_a_code_that_ends_in_000_is_not_most_detailed_but_for_two(code: str, detailed: bool) -> None:
    assert metadata.most_detailed(code) is detailed


def test_in_a_year_with_an_imported_list_its_codes_are_the_valid_ones(project: Path) -> None:
    take_in(project, OFFICIAL)
    assert metadata.valid_codes("procedure", 2020) == {"DT019", "PA900", "XY900"}
    assert "DT021" in metadata.valid_codes("procedure", 2021)
    assert "PA900" not in metadata.valid_codes("procedure", 2021)


def test_the_list_without_a_year_has_every_code_once_in_order(project: Path) -> None:
    own = set(metadata.codelist("procedure").codes)
    take_in(project, OFFICIAL)
    codes = metadata.codelist("procedure").codes
    assert codes[0] == "T" and list(codes[1:]) == sorted(set(codes[1:]))
    assert set(codes) == own | {"PA900", "XY900"}
    assert metadata.codelist("procedure").children("T") == codes[1:]


def test_the_official_swedish_title_stands_beside_our_english_one(project: Path) -> None:
    take_in(project, OFFICIAL)
    listed = metadata.codelist("procedure")
    assert listed.label("DT019", "sv") == "Läkemedelstillförsel genom munnen"
    assert listed.label("DT019", "en") == "Administration of medicine, by mouth"
    assert not listed.untranslated("DT019")


def test_a_code_without_english_title_is_marked_and_shows_the_swedish_one(project: Path) -> None:
    take_in(project, OFFICIAL)
    listed = metadata.codelist("procedure")
    assert listed.label("PA900", "en") == listed.label("PA900", "sv") == "Utredning av något nytt"
    assert listed.untranslated("PA900")


def test_kind_and_group_follow_the_chapter_where_our_own_list_is_silent(project: Path) -> None:
    take_in(project, "code,title\nPA900,a\nQM900,b\nQX900,c\nDX900,d\nTKC20,e\n")
    rows = metadata.codelist("procedure").by_code
    found = {code: (rows[code]["kind"], rows[code]["group"]) for code in ("PA900", "QM900", "QX900", "DX900", "TKC20")}
    assert found == {
        "PA900": ("assessing", "mental-functions"),
        "QM900": ("treating", "mobility-and-training"),
        "QX900": ("treating", "other"),
        "DX900": ("other", "other"),
        "TKC20": ("treating", "continence"),
    }


def test_every_chapter_rule_names_a_kind_and_a_group_that_exist() -> None:
    for prefix, (kind, group) in chapters_in(current_programme().codelists).items():
        assert kind == {"P": "assessing", "Q": "treating"}.get(prefix[:1], "other")
        assert group in metadata.codelist("procedure-group").codes


def test_a_list_says_itself_how_long_it_holds(project: Path) -> None:
    take_in(project, OFFICIAL, valid_to="2022-06-30")
    take_in(project, "code,title\nDT019,a\n", year=2021)
    assert "PA900" in metadata.valid_codes("procedure", 2022)
    assert metadata.valid_codes("procedure", 2021) == {"DT019"}, "the list of the very year goes first"
    assert "DT021" in metadata.valid_codes("procedure", 2023)


def test_a_code_can_be_valid_for_a_part_of_its_list(project: Path) -> None:
    text = "code;title;valid_from;valid_to\nDT019;a;;\nPA900;b;1999;2019-12-31\nXY900;c;2020-07-01;\n"
    take_in(project, text)
    assert metadata.valid_codes("procedure", 2020) == {"DT019", "XY900"}


def test_the_newest_lists_words_stand_and_its_codes_are_known_from_the_first_list_on(project: Path) -> None:
    take_in(project, OFFICIAL)
    take_in(project, "code,title,english\nPA900,Nytt namn,New name\n", year=2022)
    row = metadata.codelist("procedure").by_code["PA900"]
    assert (row["sv"], row["en"]) == ("Nytt namn", "New name")
    assert (row["valid_from"], row["valid_to"]) == ("2020-01-01", "2022-12-31")
    assert metadata.codelist("procedure", 2020).label("PA900", "sv") == "Utredning av något nytt"


def test_professions_that_nobody_said_may_report_are_not_accepted(project: Path) -> None:
    take_in(project, "Yrkeskod;Titel;Godkänd\nXS919;Sjuksköterska;\nXS990;Ny grupp;\nXS991;En till;ja\n", name="profession")
    rows = metadata.codelist("profession", 2020).by_code
    assert {code: rows[code]["accepted"] for code in rows if code != "T"} == {"XS919": "true", "XS990": "false", "XS991": "true"}
    assert rows["XS919"]["en"] == "Nurse"
    assert metadata.codelist("profession").label("T", "en") == "All professions"


def test_municipalities_of_other_years_stand_in_their_county(project: Path) -> None:
    take_in(project, "kommunkod;kommun\n0114;Upplands Väsby\n198;Gamla kommunen\n", name="municipality", year=2007)
    regions = metadata.codelist("region", 2007)
    assert regions.children("01") == ("0114", "0198")
    assert regions.label("0198", "en") == "Gamla kommunen" and not regions.untranslated("0198")
    assert metadata.valid_codes("municipality", 2007) == {"0114", "0198"}
    assert "0198" in metadata.codelist("region").children("01")
    assert len(metadata.valid_codes("municipality", 2023)) == 290


def test_the_list_is_the_same_object_until_a_list_is_put_in_place(project: Path) -> None:
    before = metadata.codelist("procedure")
    assert metadata.codelist("procedure") is before
    take_in(project, OFFICIAL)
    after = metadata.codelist("procedure")
    assert after is not before and metadata.codelist("procedure") is after
    for path in metadata.imported_lists(project):
        path.unlink()
    assert "PA900" not in metadata.codelist("procedure").codes


def test_the_lists_of_the_project_in_use_are_in_force_wherever_the_current_folder_is(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(project, OFFICIAL)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert "PA900" not in metadata.codelist("procedure").codes
    metadata.use_project(project)
    assert "PA900" in metadata.codelist("procedure").codes


def test_a_folder_within_the_project_finds_its_lists(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(project, OFFICIAL)
    monkeypatch.chdir(project / "notebooks")
    assert _project.current_project() == project
    assert "PA900" in metadata.codelist("procedure").codes


def test_a_list_changed_by_hand_is_refused(project: Path) -> None:
    kept = take_in(project, OFFICIAL).path
    kept.write_text(kept.read_text(encoding="utf-8") + "AA001,Smuggled,,other,other,,\n", encoding="utf-8")
    os.utime(kept.parent)
    with pytest.raises(CodeListError, match="not as it was imported") as caught:
        metadata.codelist("procedure")
    assert caught.value.file == kept and "kvarn codelists import" in str(caught.value)


def test_a_list_without_its_record_is_refused(project: Path) -> None:
    kept = take_in(project, OFFICIAL).path
    kept.with_suffix(".json").unlink()
    with pytest.raises(CodeListError, match="record of an imported code list"):
        metadata.codelist("procedure")
    kept.with_suffix(".json").write_text("[]", encoding="utf-8")
    with pytest.raises(CodeListError, match="record of an imported code list"):
        metadata.codelist("procedure")
