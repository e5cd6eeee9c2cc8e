"""The register says of which municipality a file was accepted, whatever stood in it."""

from __future__ import annotations

from pathlib import Path

from .store import Intake, number, read

SOMEBODY = number("19300101", 2)


def test_coverage_has_a_row_for_every_accepted_file_even_an_empty_one_and_for_no_other(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    intake.months("0114", 2019, 3, [SOMEBODY])
    intake.months("0114", 2019, 4, [])
    intake.months("0114", 2019, 4, [SOMEBODY], accepted=False)
    intake.months("0180", 2019, 3, [SOMEBODY], accepted=False)
    intake.acts("2584", 2019, 12, [])
    intake.acts("2584", 2019, 12, [(SOMEBODY, "2019-12-01", "DT019", "XS919", "")])
    coverage = read(intake.write().register(), "coverage", 2019)
    assert coverage.to_numpy().tolist() == [["KHSL1", 114, 3], ["KHSL1", 114, 4], ["KHSL2", 2584, 12]]
