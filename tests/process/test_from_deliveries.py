"""From delivery files to the register: what intake keeps is what process reads."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kvarn.collect import Terms, ValidCodes, collect_year, take_in
from kvarn.process import accounts, trace

from .store import KEY, Intake, decoded, number, number_persons, pseudonym, read, register_year

CODES = ValidCodes(
    municipalities=frozenset({"0114", "0180"}),
    professions=frozenset({"XS910", "XS919"}),
    procedures=frozenset({"DT019", "PM007"}),
    reserve_numbers=True,
)
WHO, OTHER, RESERVE = number("19300101", 2), number("19500101", 3), "19400229A012"
FIRST = {
    "KHSL1_0114_202301.txt": [f"0114;{WHO};2023;01", f"0114;{OTHER};2023;01", f"0114;{RESERVE};2023;01"],
    "KHSL1_0180_202301.txt": [f"0180;{WHO};2023;01"],
    "KHSL2_0114_202301.txt": [
        f"0114;{WHO};20230105;DT019;XS919",
        f"0114;{WHO};20230105;XX000;XS919",
        f"0114;{RESERVE};20230131;PM007;XS919;XS910",
    ],
}
# The municipality sends January again, without the other person.
CORRECTED = {"KHSL1_0114_202301.txt": [f"0114;{RESERVE};2023;01", f"0114;{WHO};2023;01"]}


def deliver(folder: Path, store: Path, files: dict[str, list[str]]) -> None:
    folder.mkdir()
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n")
    take_in([folder], store, terms=Terms(lambda _: CODES, share_limit=1.0))


def test_the_register_of_real_deliveries_is_right_and_every_row_leads_to_its_file(tmp_path: Path) -> None:
    made = Intake(tmp_path)
    for name, files in (("first", FIRST), ("again", CORRECTED)):
        deliver(tmp_path / name, made.store, files)
    collect_year(made.store, 2023, made.collected)
    register = tmp_path / "register"
    number_persons(made.collected, made.store, [2023], register, key=KEY)
    register_year(made.collected, made.store, 2023, register)

    persons = pd.read_parquet(register / "persons.parquet").set_index("person")["pseudonym"]
    reserve = pseudonym(f"{RESERVE}0114202301")
    assert set(persons) == {pseudonym(WHO), reserve}
    months = read(register, "person_months", 2023)
    found = set(zip(months["person"].map(persons), months["municipality"], strict=True))
    assert found == {(pseudonym(WHO), 114), (reserve, 114), (pseudonym(WHO), 180)}
    acts = decoded(register, 2023)
    assert set(zip(acts["person"].map(persons), acts["procedure"], acts["further_professions"], strict=True)) == {
        (pseudonym(WHO), "DT019", ""),
        (reserve, "PM007", "XS910"),
    }
    assert accounts(register, made.collected, 2023)["in_register"].tolist() == [2, 1, 2]

    traced = trace(register, made.collected, table="person_months", year=2023, pseudonym=pseudonym(WHO))
    for row in traced.itertuples():
        line = Path(str(row.source)).read_text().splitlines()[row.line - 1]
        assert line == f"{row.municipality};{WHO};2023;01"
    assert traced["source"].map(lambda path: Path(path).parent.name).tolist() == ["again", "first"]
