"""Whatever bytes come: no crash, no hang, and received = accepted + rejected.

Many thousand broken files go through each intake, as a year's deliveries do. ``KVARN_FUZZ_CASES`` asks for more than the 10,000
of an ordinary run; ``make test-long`` throws two million.
"""

from __future__ import annotations

import io
import json
import os
import random
import time
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator

from kvarn.collect import receipt_schema, take_in, write_overview
from kvarn.collect._ledger import open_ledger
from kvarn.collect._printable import in_letters

from .conftest import CODES, MAN, WOMAN, person, procedure, terms

CASES = int(os.environ.get("KVARN_FUZZ_CASES", "10000"))
FILES = 5_000
# A file takes less than a thousandth of a second; this is for a machine that is busy with other things.
SECONDS = 300
_SEEDS = {
    "KHSL1": [person(), person(MAN), person("194002890029"), person(month="12"), ""],
    "KHSL2": [
        procedure(),
        procedure(MAN, "20230131", "TKC20", "XS919", "XS910"),
        procedure(WOMAN, "20230115", "PM007", "XS918") + ";" * 7,
        procedure(MAN, "20230101", "QC000", "XS910"),
        "",
    ],
}
_PIECES = [
    b";", b";;;;;;;;;;;;;", b"\n", b"\r\n", b"\r", b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe5\xe4\xf6", "åäö".encode(), b'"',
    b"\t", b",", b" ", b"=1+1", b"../", b"<script>", b"0" * 40, b"9" * 40, b"-1", b"1e9", b"00000000", b"19400230", b"UX001",
    b"PD000", b"XS999", b"\x1a", b"\x80", b"\xc3", b"\xe2\x80\xae", b"\xf0\x9f\x98\x80", MAN.encode(), b"2023", b"A" * 300,
]  # fmt: skip


def names() -> Iterator[tuple[str, str]]:
    """Names of delivery files that are right, each once."""
    for year in range(2019, 2026):
        for kind in _SEEDS:
            for municipality in sorted(CODES.municipalities):
                for month in range(1, 13):
                    yield kind, f"{kind}_{municipality}_{year}{month:02}.txt"


def content_of(kind: str, name: str, rng: random.Random) -> bytes:
    """A small file, nearly right or not at all."""
    lines = [rng.choice(_SEEDS[kind]) for _ in range(rng.randint(0, 6))]
    right = "\n".join(lines).replace("2023", name[11:15]).replace("0114", name[6:10])
    right = right.replace(";01", f";{name[15:17]}") if kind == "KHSL1" else right.replace(f"{name[11:15]}01", name[11:17])
    content = bytearray(right.encode() + rng.choice([b"\n", b"\r\n", b""]))
    for _ in range(rng.choice([0, 1, 1, 2, 3, 8])):
        place = rng.randint(0, len(content))
        match rng.randrange(6):
            case 0:
                content[place:place] = rng.choice(_PIECES)
            case 1:
                del content[place : place + rng.randint(1, 8)]
            case 2 if content:
                content[place % len(content)] = rng.randrange(256)
            case 3 if content:
                content[place % len(content)] ^= 1 << rng.randrange(8)
            case 4:
                content[place:place] = bytes(content[: rng.randint(0, 40)])
            case _:
                content = content[:place] if rng.random() < 0.2 else content + rng.choice(_PIECES)
    return bytes(content)


def lines_in(content: bytes) -> int:
    """The rows of a file, counted by other means than intake's."""
    text = content.removeprefix(b"\xef\xbb\xbf")
    if b"\n" not in text and b"\0" not in text:
        text = text.replace(b"\r", b"\n")
    try:
        whole = text.decode("utf-8")
    except UnicodeDecodeError:
        whole = text.decode("latin-1")
    return sum(bool(line.strip(" \t\r\v\f\x1a\u00a0;")) for line in whole.split("\n"))


def round_of_files(folder: Path, number: int) -> dict[str, bytes]:
    """Files of one intake: in folders, so that each name can come again, and some in an archive."""
    rng = random.Random(number)
    everything = {}
    for place in range(1 + FILES // 336):
        for kind, name in names():
            everything[f"{place:04}/{name}"] = content_of(kind, name, rng)
    some = dict(list(everything.items())[:FILES])
    with zipfile.ZipFile(folder / "archive.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in some.items():
            if name.startswith("0000/"):
                archive.writestr(name, content)
            else:
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_bytes(content)
    # Each folder came on a day of its own, so that the files of one name are corrections of one another.
    dates = [f"{name},2026-{1 + int(name[:4]) // 28:02}-{1 + int(name[:4]) % 28:02}" for name in some]
    dates += [f"archive.zip/{name},2026-01-01" for name in some if name.startswith("0000/")]
    (folder / "arrivals.csv").write_text("\n".join(["file,arrived", *dates]) + "\n")
    return some


@pytest.mark.parametrize("number", range(max(1, CASES // FILES)))
def test_a_round_of_broken_files(tmp_path: Path, number: int) -> None:
    (tmp_path / "deliveries").mkdir()
    files = round_of_files(tmp_path / "deliveries", number)
    store, receipts = tmp_path / "store", tmp_path / "receipts"
    started = time.monotonic()
    outcome = take_in([tmp_path / "deliveries"], store, terms=terms(0.5), receipts=receipts)
    assert time.monotonic() - started < SECONDS
    assert len(outcome.entries) == len(files)
    accepted = 0
    for entry in outcome.entries:
        name = entry.place.removeprefix(f"{tmp_path}/deliveries/").removeprefix("archive.zip/")
        assert entry.received == entry.accepted + entry.rejected == lines_in(files[name]), files[name]
        accepted += entry.accepted
    kept = {path.relative_to(store).as_posix(): pq.read_table(path, columns=["file"]) for path in store.rglob("*.parquet")}
    assert sum(table.num_rows for table in kept.values()) == accepted
    assert {entry.rows for entry in outcome.entries if entry.rows} == kept.keys()
    validator = Draft202012Validator(receipt_schema())
    told = [json.loads(path.read_bytes()) for path in sorted(receipts.glob("*.json"))]
    told += [json.loads(path.read_bytes()) for path in sorted((receipts / "earlier").glob("*.json"))]
    assert len(told) == len(files)
    for receipt in told[:: max(1, len(told) // 300)]:
        validator.validate(receipt)
        told_rules = [fault["rule"] for fault in receipt["faults"] if fault["severity"] == "error"]
        assert bool(receipt["rejected"]) <= bool(told_rules), "whatever is rejected has a reason"
    with open_ledger(store) as ledger:
        assert len(ledger.deliveries()) == len(files)


# How names are made: whole ones that are right, and what can stand in their place or among them.
_NAMES = [
    b"KHSL1_0114_202301.txt",
    b"KHSL2_0114_202302.txt",
    b"KHSL1_0180_999912.txt",
    b"arrivals.csv",
    b"SYNTHETIC.txt",
    b"a.zip",
]
_IN_NAMES = [
    b"\xff", b"\xe5", "å".encode(), b"\n", b"\t", b"\x1b[31m", b"=1+1", b"'", b'"', b"<b>", b"&", b"%2e", b"\\", b";", b"{{x}}",
    b"0000",    b"9999", b"1899", b"..", b".", b" ", b"_", b"\xe2\x80\xae", b"\xed\xa0\x80", MAN.encode(), b"x" * 200, b"*?[",
    b"~", b"-", b".zip",
]  # fmt: skip
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_ODD = ("pipe", "link", "loop", "folder link", "time")


def name_of(rng: random.Random) -> bytes:
    """A name of a file or folder, nearly right or not at all."""
    name = bytearray(rng.choice(_NAMES))
    for _ in range(rng.randint(0, 3)):
        place = rng.randint(0, len(name))
        match rng.randrange(3):
            case 0:
                name[place:place] = rng.choice(_IN_NAMES)
            case 1:
                name[place : place + rng.randint(1, 4)] = rng.choice(_IN_NAMES)
            case _:
                del name[place : place + rng.randint(1, 4)]
    return bytes(name)[:240].replace(b"/", b"").replace(b"\0", b"") or b"x"


def archive_of(rng: random.Random) -> bytes:
    """An archive whose members have odd names, and of which some bytes are others."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", rng.choice(_METHODS)) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(rng.randint(0, 4)):
            member = zipfile.ZipInfo("x")
            member.filename = "/".join(name_of(rng).decode("latin-1") for _ in range(rng.choice([1, 1, 1, 2])))
            member.compress_type = rng.choice(_METHODS)
            member.external_attr = rng.choice([0, 0, 0, 0o120777 << 16, rng.getrandbits(32)])
            archive.writestr(member, content_of("KHSL1", "KHSL1_0114_202301.txt", rng))
    content = bytearray(packed.getvalue())
    for _ in range(rng.choice([0, 0, 1, 3])):
        content[rng.randrange(len(content))] = rng.randrange(256)
    return bytes(content[: rng.randrange(len(content))] if rng.random() < 0.1 else content)


def put_something(folder: bytes, rng: random.Random) -> None:
    """Put a file, a folder, an archive, or something that is none of them into a folder."""
    place = os.path.join(folder, name_of(rng))
    if os.path.lexists(place) or os.path.basename(place) in (b".", b".."):
        return
    match rng.choice(["file", "file", "archive", "archive", "folder", *_ODD]):
        case "folder":
            os.mkdir(place)
            for _ in range(rng.randint(0, 3)):
                put_something(place, rng)
        case "archive":
            Path(os.fsdecode(place)).write_bytes(archive_of(rng))
        case "pipe":
            os.mkfifo(place)
        case "link" | "loop" as kind:
            os.symlink(os.path.basename(place) if kind == "loop" else name_of(rng), place)
        case "folder link":
            os.symlink(b".", place)
        case kind:
            Path(os.fsdecode(place)).write_bytes(content_of("KHSL1", "KHSL1_0114_202301.txt", rng))
            if kind == "time":
                os.utime(place, (rng.choice([-(10**10), 10**10]),) * 2)


@pytest.mark.parametrize("number", range(max(3, CASES // 20_000)))
def test_a_folder_of_odd_names_archives_and_things(tmp_path: Path, number: int) -> None:
    rng = random.Random(number)
    folder = tmp_path / "deliveries"
    folder.mkdir()
    for _ in range(120):
        put_something(os.fsencode(folder), rng)
    # A log of arrivals that is none stops the intake, and rightly so: it is tried elsewhere.
    if os.path.lexists(folder / "arrivals.csv"):
        (folder / "arrivals.csv").rename(folder / "log")
    store, receipts = tmp_path / "store", tmp_path / "receipts"
    outcome = take_in([folder], store, terms=terms(), receipts=receipts)
    write_overview(store, receipts)
    judged = [entry.place for entry in outcome.entries]
    told = [*judged, *(found.place for found in outcome.passed_over)]
    for path in every_place(folder):
        shown = in_letters(path)
        inside = [place for place in told if place == shown or place.startswith(f"{shown}/")]
        hidden = any(part.startswith(".") for part in Path(path).relative_to(folder).parts)
        notice = os.path.basename(path) == "SYNTHETIC.txt"
        empty_folder = os.path.isdir(path) and not os.path.islink(path) and not os.listdir(path)
        assert inside or hidden or notice or empty_folder or only_left_out(path), shown
    given = [*receipts.glob("*.json"), *(receipts / "earlier").glob("*.json")]
    numbers = {json.loads(path.read_bytes())["delivery"] for path in given}
    assert numbers == {entry.number for entry in outcome.entries}, "a receipt for each"
    with open_ledger(store) as ledger:
        assert len(ledger.deliveries()) == len(judged)


def every_place(folder: Path) -> list[str]:
    return [os.path.join(above, name) for above, folders, names in os.walk(folder) for name in (*folders, *names)]


def only_left_out(path: str) -> bool:
    """A folder with nothing but what is said nowhere: notices of synthetic data, and folders like it."""
    if not os.path.isdir(path) or os.path.islink(path):
        return False
    return all(name == "SYNTHETIC.txt" or only_left_out(os.path.join(path, name)) for name in os.listdir(path))
