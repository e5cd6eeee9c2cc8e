"""The list of numbers that may be typed, for a project with few documents: what its programme says needs leave all the same."""

from __future__ import annotations

from pathlib import Path

import yaml

from kvarn.disseminate.narrative import read_allowed
from kvarn.disseminate.narrative._programme_words import faults_in_programme
from kvarn.programme import Programme, programme_held

__all__ = ["allow_what_the_programme_says"]

LIST = Path("reports") / "allowed-digits.yml"


def allow_what_the_programme_says(project: Path) -> None:
    """Write the project's list: of the repository's own list what the words of the project's programme need, and no more."""
    allowed = read_allowed(Path(__file__).parents[1] / LIST)
    with programme_held(Programme(project / "programme")):
        assert list(faults_in_programme(allowed)) == []
    kept: dict[str, dict[str, str]] = {"both": {}}
    for entry in sorted(allowed.met):
        language, _, words = entry.partition(": ")
        kept.setdefault(language, {})[words] = "said by the programme"
    (project / LIST).write_text(yaml.safe_dump(kept, allow_unicode=True), encoding="utf-8")
