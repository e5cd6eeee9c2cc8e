"""Synthetic registers small enough for tests, and how to read them back without kvarn."""

from pathlib import Path

import pandas as pd
import pytest

from kvarn.demo import FAULTS, write_demo

NO_FAULTS = dict.fromkeys(FAULTS, 0.0)


def rows_of(folder: Path, file_type: str) -> pd.DataFrame:
    """Every row of the deliveries: file, text and fields as text."""
    found = [
        (file.name, line)
        for file in sorted(folder.glob(f"deliveries/*/{file_type}_*.txt"))
        for line in file.read_text("utf-8").splitlines()
    ]
    rows = pd.DataFrame(found, columns=["file", "text"])
    fields = rows["text"].str.split(";")
    names = ["municipality", "identity", "year", "month"]
    if file_type == "KHSL2":
        names = ["municipality", "identity", "date", "procedure", "profession"]
    for place, name in enumerate(names):
        rows[name] = fields.str[place]
    rows["fields"] = fields
    return rows


@pytest.fixture(scope="session")
def faultless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "faultless"
    write_demo(folder, persons=6000, first_year=2018, last_year=2023, procedures_per_person=12, faults=NO_FAULTS)
    return folder


@pytest.fixture(scope="session")
def persons(faultless: Path) -> pd.DataFrame:
    """KHSL1 of the faultless register, with age and sex from the identity number."""
    rows = rows_of(faultless, "KHSL1")
    rows["year"] = rows["year"].astype(int)
    rows["age"] = rows["year"] - rows["identity"].str[:4].astype(int)
    rows["woman"] = rows["identity"].str[10].astype(int) % 2 == 0
    return rows


@pytest.fixture(scope="session")
def procedures(faultless: Path) -> pd.DataFrame:
    """KHSL2 of the faultless register."""
    rows = rows_of(faultless, "KHSL2")
    rows["year"] = rows["date"].str[:4].astype(int)
    return rows


@pytest.fixture(scope="session")
def inhabitants(faultless: Path) -> pd.DataFrame:
    return pd.read_csv(faultless / "population.csv", encoding="utf-8")
