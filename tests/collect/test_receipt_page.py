"""What a municipal worker reads on a receipt."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from kvarn import metadata
from kvarn.collect import rules
from kvarn.collect._receipt_page import line_ranges, receipt_page, without_identity_numbers
from kvarn.collect.pages import source_in

SHA = "0f" * 32
ENGLISH = re.compile(r"\b(assumption|annex(es)?|rules of|in force|inferred|codes|not public)\b", re.IGNORECASE)


def fault(code: str, count: int = 1, lines: list[int] | None = None, **more: Any) -> dict[str, Any]:
    rule = rules()[code]
    told = {"sv": rule.sv, "en": rule.en, "remedy": dict(rule.remedy), "source": rule.source}
    return {"rule": code, "severity": rule.severity, "count": count, "lines": lines or [], **told, **more}


def receipt(*faults: dict[str, Any], accepted: int = 12345, rejected: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "file": "KHSL2_0114_202301.txt",
        "sha256": SHA,
        "type": "KHSL2",
        "municipality": "0114",
        "year": 2023,
        "month": 1,
        "arrived": "2023-03-05",
        "due": "2023-03-31",
        "late": False,
        "verdict": "accepted",
        "received": accepted + rejected,
        "accepted": accepted,
        "rejected": rejected,
        "replaces": None,
        "synthetic": False,
        "faults": list(faults),
        **more,
    }


def half(page: str, language: str) -> Tag:
    found = BeautifulSoup(page, "html.parser").find("article", lang=language)
    assert isinstance(found, Tag)
    return found


def told(page: str, language: str = "sv") -> str:
    """The words of one half, with single spaces."""
    return re.sub(r"\s+", " ", half(page, language).get_text(" "))


def facts(page: str, language: str = "sv") -> dict[str, str]:
    first = half(page, language).dl
    assert first is not None
    return {row.dt.text: re.sub(r"\s+", " ", row.dd.text) for row in first.find_all("div") if row.dt and row.dd}


def test_an_accepted_file_needs_nothing_more() -> None:
    page = receipt_page(receipt())
    assert "✓ Godkänd" in told(page) and "Ni behöver inte göra något." in told(page)
    assert "✓ Accepted" in told(page, "en") and "You need not do anything." in told(page, "en")
    assert "12 345 mottagna = 12 345 godkända + 0 avvisade" in told(page)
    assert "12,345 received = 12,345 accepted + 0 rejected" in told(page, "en")
    assert "Fel att rätta" not in told(page) and len(page.encode()) < 8000


def test_the_delivery_is_described_in_words() -> None:
    assert facts(receipt_page(receipt())) == {
        "Fil": "KHSL2_0114_202301.txt",
        "Kommun": "Upplands Väsby (0114)",
        "Vårdmånad": "januari 2023",
        "Filtyp": "Åtgärder (KHSL2)",
        "Ankom": "5 mars 2023",
        "Sista dag att lämna": "31 mars 2023",
        "Försenad": "Nej, i tid",
        "Ersätter tidigare leverans": "Nej",
        "Kontrollsumma (SHA-256)": SHA,
    }
    english = facts(receipt_page(receipt(arrived="2023-04-01", late=True, replaces="ab" * 32)), "en")
    assert (english["Month of care"], english["Late"]) == ("January 2023", "Yes, by 1 day")
    assert english["Replaces an earlier delivery"] == f"Yes, the file with the checksum {'ab' * 32}"


def test_lateness_that_cannot_be_told_is_not_called_in_time() -> None:
    unknown = facts(receipt_page(receipt(arrived=None, late=None)))
    assert (unknown["Ankom"], unknown["Försenad"]) == ("Uppgift saknas", "Går inte att avgöra")
    early = facts(receipt_page(receipt(year=2018, due=None, late=None, type="KHSL1")))
    assert (early["Sista dag att lämna"][:5], early["Försenad"]) == ("Ingen", "Inte aktuellt")


def test_rejected_rows_are_told_with_lines_remedy_rule_and_source() -> None:
    page = receipt_page(receipt(fault("row-profession-not-accepted", 9, [2, 3, 4, 5, 9, 14], values=["XS915"]), rejected=9))
    text = told(page)
    assert "! Godkänd, men 9 rader avvisades" in text
    assert "Rätta de avvisade raderna enligt listan nedan och skicka hela filen igen." in text
    assert "Antal rader 9 Andel av filens rader 0,1 % Radnummer rad 2–5, 9, 14 och 3 rader till Koder i filen ”XS915”" in text
    assert rules()["row-profession-not-accepted"].remedy["sv"] in text
    assert "Regel row-profession-not-accepted · Källa: Härlett ur portalens regler" in text
    assert "lines 2–5, 9, 14 and 3 more rows" in told(page, "en")
    assert "den första raden i filen är rad 1" in text and "Notepad++" in text
    assert "Ge den samma namn: KHSL2_0114_202301.txt" in text


def test_one_row_is_not_many() -> None:
    page = receipt_page(receipt(fault("row-fields", 2, [7]), rejected=1))
    assert "men 1 rad avvisades" in told(page) and "rad 7 och 1 rad till" in told(page)
    assert "1 row was rejected" in told(page, "en") and "line 7 and 1 more row " in told(page, "en")


def test_a_rejected_file_says_that_rows_without_faults_were_rejected_too() -> None:
    faults = [fault("file-bad-rows"), fault("row-fields", 5000, list(range(1, 1001)))]
    text = told(receipt_page(receipt(*faults, accepted=0, rejected=12345, verdict="rejected")))
    assert "✕ Avvisad" in text and "ingen rad har tagits in" in text
    assert "12 345 mottagna = 0 godkända + 12 345 avvisade" in text
    assert "alltså även rader utan fel" in text
    assert "Gäller hela filen" in text and "rad 1–1000 och 4 000 rader till" in text


def test_errors_come_before_warnings() -> None:
    page = receipt_page(receipt(fault("row-person-missing", 1, [1]), fault("row-fields", 1, [2]), rejected=1))
    headings = [heading.text for heading in half(page, "sv").find_all("h3")]
    assert headings == ["Fel: Raden har fel antal fält.", "Anmärkning: Personen finns inte i månadens KHSL1."]


def test_a_file_with_remarks_alone_need_not_be_sent_again() -> None:
    text = told(receipt_page(receipt(fault("file-byte-order-mark", 1, [1]))))
    assert "✓ Godkänd" in text and "annars behöver ni inte göra något" in text and "Var rad 1" in text


def test_a_wrong_name_is_not_to_be_used_again() -> None:
    bad = receipt(fault("file-municipality"), file="KHSL2_9999_202301.txt", municipality="9999", verdict="rejected")
    text = told(receipt_page(bad))
    assert "9999 (okänd kommunkod)" in text
    assert "till exempel: KHSL2_0114_202301.txt" in text
    nothing = receipt(fault("file-name"), type=None, municipality=None, year=None, month=None, due=None, late=None, arrived=None)
    assert facts(receipt_page({**nothing, "verdict": "rejected"}))["Vårdmånad"] == "Framgår inte av filnamnet"


def test_a_receipt_with_only_what_the_schema_requires_is_a_page() -> None:
    least = {"file": "x", "sha256": "", "verdict": "rejected", "received": 0, "accepted": 0, "rejected": 0}
    bare = {key: value for key, value in fault("file-unreadable").items() if key not in ("remedy", "source")}
    page = receipt_page({**least, "faults": [bare]})
    assert "Saknas, filen gick inte att läsa" in told(page)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{ 7*7 }}",
        "a\x00b\x1b[31m",
        "\u202etxt.exe",
        "\udcff\u2028",
    ],
)
def test_what_comes_from_outside_is_shown_and_never_run(hostile: str) -> None:
    page = receipt_page(receipt(fault("row-procedure-form", 1, [1], values=[hostile]), file=hostile, rejected=1))
    page.encode()
    plain = receipt_page(receipt(fault("row-procedure-form", 1, [1], values=["A"]), file="A", rejected=1))
    tags = [[tag.name for tag in BeautifulSoup(one, "html.parser").find_all(True)] for one in (page, plain)]
    assert tags[0] == tags[1]
    assert not any(not character.isprintable() for character in page if character not in "\n\u00a0")
    if hostile.isprintable():
        assert hostile in half(page, "sv").get_text()


def test_invisible_characters_are_shown_by_their_code_points() -> None:
    page = receipt_page(receipt(file="KHSL1\u202etxt.\x07"))
    assert facts(page)["Fil"] == "KHSL1⟨U+202E⟩txt.⟨U+0007⟩"


@pytest.mark.parametrize("number", ["194002290024", "19400229-0024", "4002290024", "400229+0024"])
def test_an_identity_number_is_never_shown(number: str) -> None:
    faults = [fault("row-procedure-form", 1, [1], values=[number, "QX", f"x{number[:7]}"])]
    page = receipt_page(receipt(*faults, file=f"KHSL1_{number}.txt", rejected=1))
    assert not re.search(r"4002290024|400229", page.replace("-", "").replace("+", ""))
    assert "”QX”" in told(page) and "den kan vara ett personnummer" in told(page)
    assert without_identity_numbers("KHSL1_0114_202301.txt") == "KHSL1_0114_202301.txt"


def test_lines_become_ranges() -> None:
    assert line_ranges([2, 3, 4, 5, 9, 14]) == "2–5, 9, 14"
    assert line_ranges([3, 1, 2, 2]) == "1–3"
    assert line_ranges([7]) == "7" and line_ranges([]) == ""


def test_the_page_asks_no_host_for_anything() -> None:
    page = receipt_page(receipt(fault("row-fields", 1, [1]), rejected=1))
    soup = BeautifulSoup(page, "html.parser")
    assert all(link["href"].startswith(("#", "data:")) for link in soup.find_all(href=True))
    assert not soup.find_all(["script", "img", "iframe", "object"]) and "url(" not in page and "@import" not in page
    assert [soup.html and soup.html["lang"], *(article["lang"] for article in soup.find_all("article"))] == ["sv", "sv", "en"]
    assert {link["href"] for link in soup.find_all("a")} == {f"#{article['id']}" for article in soup.find_all("article")}


def test_synthetic_data_are_called_so() -> None:
    for language in metadata.languages:
        notice = metadata.text("synthetic.notice", language)
        assert notice in receipt_page(receipt(synthetic=True))
        assert notice not in receipt_page(receipt(synthetic=False))


def test_a_file_that_was_sent_twice_needs_no_correction() -> None:
    twice = {**fault("file-empty"), "rule": "file-duplicate"}
    text = told(receipt_page(receipt(twice, accepted=0, rejected=9, verdict="rejected")))
    assert "Filen behöver i regel inte rättas." in text and "Så rättar ni" not in text


def test_every_rule_has_a_page_and_a_source_in_swedish() -> None:
    for code, rule in rules().items():
        page = receipt_page(receipt(fault(code, 3, [1, 2, 3]), rejected=3))
        assert rule.sv in told(page) and rule.en in told(page, "en")
        assert not ENGLISH.search(source_in(rule.source, "sv")), rule.source
        assert source_in(rule.source, "en") == rule.source


def test_a_page_is_quick() -> None:
    usual = [receipt(), receipt(fault("row-fields", 3, [1, 2, 3]), fault("row-duplicate", 2, [7, 9]), rejected=5)]
    receipt_page(usual[0])
    begun = time.process_time()
    for _ in range(100):
        for one in usual:
            receipt_page(one)
    # Measured at 0.15 ms a page; a template compiled for each page would take more than ten times as long.
    assert time.process_time() - begun < 200 * 0.0015
