"""The overview of deliveries: municipalities × months."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
from collections import Counter
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag

from kvarn import metadata
from kvarn.collect._overview import STATUSES, Status, overview_csv, overview_rows, unplaced_files
from kvarn.collect._overview_page import _finding, overview_page

COLUMNS = [
    "number",
    "name",
    "type",
    "municipality",
    "year",
    "month",
    "arrived",
    "verdict",
    "received",
    "accepted",
    "rejected",
    "in_force",
]
IN_TIME = dt.date(2023, 3, 1)
LATE = dt.date(2023, 4, 1)
Delivery = tuple[Any, ...]


def delivery(
    number: int,
    verdict: str = "accepted",
    arrived: dt.date | None = IN_TIME,
    *,
    in_force: bool | None = None,
    kind: str | None = "KHSL1",
    place: str | None = "0114",
    year: int | None = 2023,
    month: int | None = 1,
    name: str | None = None,
    rows: int = 10,
) -> Delivery:
    accepted = rows if verdict == "accepted" else 0
    force = verdict == "accepted" if in_force is None else in_force
    name = name or f"{kind}_{place}_{year}{month or 0:02}.txt"
    return (number, name, kind, place, year, month, arrived, verdict, rows, accepted, rows - accepted, force)


def log(*deliveries: Delivery) -> pd.DataFrame:
    return pd.DataFrame(deliveries, columns=COLUMNS)


def january(*deliveries: Delivery, as_of: dt.date | None = None) -> dict[str, Any]:
    """The row of Upplands Väsby's persons in January 2023."""
    rows = overview_rows(log(*deliveries), [2023], as_of=as_of)
    own = rows[(rows["type"] == "KHSL1") & (rows["municipality"] == "0114") & (rows["month"] == 1)]
    assert len(own) == 1
    return dict(own.iloc[0])


def test_every_municipality_and_month_of_every_type_due_has_a_row() -> None:
    rows = overview_rows(log(), [2018, 2019])
    assert Counter(zip(rows["year"], rows["type"], strict=True)) == {
        (2018, "KHSL1"): 3480,
        (2019, "KHSL1"): 3480,
        (2019, "KHSL2"): 3480,
    }
    assert not rows.duplicated(["type", "municipality", "year", "month"]).any()
    assert set(rows["status"]) == {"missing"} and rows["received"].isna().all()


@pytest.mark.parametrize(
    ("deliveries", "status"),
    [
        ([], "missing"),
        ([delivery(1)], "accepted"),
        ([delivery(1, arrived=dt.date(2023, 3, 31))], "accepted"),
        ([delivery(1, arrived=LATE)], "late"),
        ([delivery(1, arrived=None)], "accepted"),
        ([delivery(1, "rejected")], "rejected"),
        ([delivery(1, "rejected"), delivery(2, "rejected", LATE)], "rejected"),
        ([delivery(1, "rejected"), delivery(2)], "corrected"),
        ([delivery(1, in_force=False), delivery(2, arrived=LATE)], "corrected"),
        ([delivery(1), delivery(2, "rejected", LATE)], "accepted"),
        ([delivery(1, arrived=LATE), delivery(2, "rejected", LATE)], "late"),
    ],
)
def test_the_status_tells_what_has_come(deliveries: list[Delivery], status: str) -> None:
    assert january(*deliveries)["status"] == status
    assert january(*reversed(deliveries))["status"] == status


def test_nothing_is_missing_before_its_due_date_has_passed() -> None:
    assert january(as_of=dt.date(2023, 3, 31))["status"] == "not yet due"
    assert january(as_of=dt.date(2023, 4, 1))["status"] == "missing"
    assert january(delivery(1, "rejected"), as_of=dt.date(2023, 3, 1))["status"] == "rejected"


def test_care_before_2019_is_never_late() -> None:
    rows = overview_rows(log(delivery(1, arrived=LATE, year=2018)), [2018])
    assert rows["due"].isna().all()
    assert Counter(rows["status"]) == {"missing": 3479, "accepted": 1}
    assert set(overview_rows(log(), [2018], as_of=dt.date(2018, 6, 30)).query("month >= 6")["status"]) == {"not yet due"}


def test_the_row_tells_of_the_delivery_in_force() -> None:
    first = delivery(1, in_force=False, rows=10)
    row = january(first, delivery(2, arrived=LATE, rows=20), delivery(3, "rejected", rows=30))
    assert (row["received"], row["accepted"], row["rejected"]) == (20, 20, 0)
    assert (row["arrived"].date(), row["due"].date()) == (LATE, dt.date(2023, 3, 31))
    assert row["file"] == "KHSL1_0114_202301.txt"
    only_rejected = january(delivery(1, "rejected", rows=10), delivery(2, "rejected", rows=20))
    assert (only_rejected["received"], only_rejected["rejected"]) == (20, 20)


def test_files_that_belong_nowhere_are_named_and_not_counted() -> None:
    nowhere = [
        delivery(1, "rejected", kind=None, place=None, year=None, month=None, name="KHSL9.txt"),
        delivery(2, "rejected", place="9999", name="KHSL1_9999_202301.txt"),
        delivery(3, "rejected", month=None, name="KHSL1_0114_202313.txt"),
        delivery(4, year=2022),
    ]
    frame = log(*nowhere, delivery(5))
    assert unplaced_files(frame, [2023]) == ["KHSL1_0114_202313.txt", "KHSL1_9999_202301.txt", "KHSL9.txt"]
    assert Counter(overview_rows(frame, [2023])["status"])["accepted"] == 1


def test_the_day_of_coming_decides_the_order_where_it_is_told() -> None:
    frame = log(delivery(1), delivery(2, "rejected"), delivery(3, "rejected", kind=None, place=None, year=None, month=None))
    frame = frame.assign(came=[dt.date(2023, 3, 9), dt.date(2023, 3, 1), IN_TIME]).astype({"year": "Int16", "month": "Int8"})
    assert Counter(overview_rows(frame, [2023])["status"])["corrected"] == 1
    assert Counter(overview_rows(frame.drop(columns="came"), [2023])["status"])["accepted"] == 1
    assert unplaced_files(frame, [2023]) == ["None_None_None00.txt"]


def test_the_csv_is_tidy() -> None:
    rows = overview_rows(log(delivery(1), delivery(2, kind="KHSL2", name="=1+1")), [2023])
    told = list(csv.DictReader(io.StringIO(overview_csv(rows))))
    assert len(told) == 2 * 3480
    assert told[0] == {
        "type": "KHSL1",
        "municipality": "0114",
        "year": "2023",
        "month": "1",
        "status": "accepted",
        "arrived": "2023-03-01",
        "due": "2023-03-31",
        "received": "10",
        "accepted": "10",
        "rejected": "0",
        "file": "KHSL1_0114_202301.txt",
    }
    assert [told[1][name] for name in ("status", "arrived", "received", "file")] == ["missing", "", "", ""]
    assert told[3480]["file"] == "'=1+1"
    assert "\r" not in overview_csv(rows)
    assert {row["synthetic"] for row in csv.DictReader(io.StringIO(overview_csv(rows, synthetic=True)))} == {"true"}


# --- the page ------------------------------------------------------------------------------------------------------------------


def some_rows(as_of: dt.date | None = None) -> pd.DataFrame:
    return overview_rows(
        log(
            delivery(1),
            delivery(2, month=2, arrived=dt.date(2023, 6, 1)),
            delivery(3, "rejected", place="0180"),
            delivery(4, "rejected", place="1480"),
            delivery(5, place="1480"),
        ),
        [2023],
        as_of=as_of,
    )


@functools.cache
def soup_of(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


@functools.cache
def some_page() -> str:
    return overview_page(some_rows(), synthetic=False, as_of=None)


def half(page: str, language: str) -> Tag:
    found = soup_of(page).find("main", lang=language)
    assert isinstance(found, Tag)
    return found


def test_the_counts_are_those_of_the_rows() -> None:
    page = some_page()
    table = half(page, "sv").find("table")
    assert isinstance(table, Tag)
    head, persons, procedures = (
        [cell.get_text().replace("\u00a0", " ") for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")
    )
    assert head == ["År och filtyp", "Ska lämnas", "Godkända i tid", "Sena", "Rättade", "Avvisade", "Saknas", "Väntas"]
    assert persons == ["2023 KHSL1", "3 480", "1", "1", "1", "1", "3 476", "0"]
    assert procedures == ["2023 KHSL2", "3 480", "0", "0", "0", "0", "3 480", "0"]


@pytest.mark.parametrize("language", metadata.languages)
def test_each_cell_tells_its_status_and_leads_to_the_receipt(language: str) -> None:
    section = half(some_page(), language).find(id=f"{language}-2023-KHSL1")
    assert isinstance(section, Tag)
    rows = {row.th.get_text(): row.find_all("td") for row in section.select("details tbody tr") if row.th}
    assert len(rows) == 290 and {len(cells) for cells in rows.values()} == {12}
    own = rows["0114 Upplands Väsby"]
    words = {"sv": ["godkänd", "sen", "saknas"], "en": ["accepted", "late", "missing"]}
    assert [cell.get_text() for cell in own[:3]] == words[language]
    assert own[0].a and own[0].a["href"] == "KHSL1_0114_202301.txt.html" and own[2].a is None
    assert rows["0180 Stockholm"][0].get_text() in ("avvisad", "rejected")
    assert rows["1480 Göteborg"][0].get_text() in ("rättad", "corrected")


def test_the_tables_are_marked_up_for_those_who_listen() -> None:
    page = some_page()
    soup = soup_of(page)
    for table in soup.find_all("table"):
        assert table.caption and table.caption.get_text()
        assert all(head.get("scope") in ("col", "row") for head in table.find_all("th"))
    identifiers = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(identifiers) == len(set(identifiers))
    for link in soup.find_all("a", href=lambda address: address and address.startswith("#")):
        assert link["href"][1:] in identifiers


def test_the_picture_states_its_finding() -> None:
    section = half(some_page(), "sv").find(id="sv-2023-KHSL1")
    assert isinstance(section, Tag)
    pictures = section.select("figure svg")
    assert len(pictures) == 21
    for picture in pictures:
        title, description = (picture.find(name) for name in ("title", "desc"))
        assert isinstance(title, Tag) and isinstance(description, Tag)
        assert str(picture["aria-labelledby"]).split() == [title["id"], description["id"]]
    assert pictures[0].desc and pictures[0].desc.get_text() == ("Av 312 filer: godkända i tid 1, sena 1, avvisade 1, saknas 309.")
    names = [name.get_text() for name in section.select("figure svg text.n")]
    assert len(names) == 290 and "Upplands Väsby" in names


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"Alfa": 3, "Beta": 1}, "Most missing or rejected: Alfa (3)."),
        ({"Alfa": 3, "Beta": 3, "Gamma": 0}, "Most missing or rejected: Alfa, Beta (3 each)."),
        ({"Alfa": 3, "Beta": 3, "Gamma": 3, "Delta": 3}, ""),
        ({"Alfa": 0, "Beta": 0}, ""),
    ],
)
def test_of_several_that_miss_as_many_none_is_said_to_miss_most(missing: dict[str, int], said: str) -> None:
    parts: dict[str, Counter[Status]] = {name: Counter(missing=count, accepted=12 - count) for name, count in missing.items()}
    assert _finding(parts, "en").partition(". ")[2] == said


def test_the_picture_holds_every_cell() -> None:
    section = half(some_page(), "sv").find(id="sv-2023-KHSL1")
    assert isinstance(section, Tag)
    drawn = Counter[str]()
    for path in section.select("figure path.f"):
        drawn[str(path["class"][1])] += str(path["d"]).count("M")
    assert drawn == {"a": 1, "l": 1, "c": 1, "r": 1, "m": 3476}


def test_the_page_asks_no_host_for_anything_and_has_both_languages() -> None:
    page = overview_page(some_rows(), synthetic=True, as_of=dt.date(2023, 5, 31))
    soup = soup_of(page)
    assert not soup.find_all(["script", "img", "iframe"]) and "url(" not in page and "http:" not in page and "https:" not in page
    assert "Läget den 31 maj 2023." in half(page, "sv").get_text().replace("\u00a0", " ")
    assert "As of 31 May 2023." in half(page, "en").get_text().replace("\u00a0", " ")
    for language in metadata.languages:
        assert metadata.text("synthetic.notice", language) in page
    assert page == overview_page(some_rows(), synthetic=True, as_of=dt.date(2023, 5, 31))


def test_a_title_and_names_from_outside_are_escaped() -> None:
    rows = some_rows()
    rows.loc[0, "file"] = 'x" onclick="y.txt'
    bad = {"sv": "<b>å</b>", "en": "<b>a</b>"}
    page = overview_page(rows, title=bad, synthetic=False, as_of=None, unplaced=["<i>.txt", "\u202e.txt", "a" * 250])
    assert not soup_of(page).find_all(["b", "i"])
    assert "x%22%20onclick%3D%22y.txt.html" in page and "⟨U+202E⟩.txt" in page
    assert "a" * 250 in page and f"{'a' * 250}.html" not in page


def test_every_status_has_a_word_a_sign_and_a_place_in_the_legend() -> None:
    page = some_page()
    for language in metadata.languages:
        legend = half(page, language).find(class_="legend")
        assert isinstance(legend, Tag) and len(legend.find_all("li")) == len(STATUSES) == len(legend.find_all("svg"))
