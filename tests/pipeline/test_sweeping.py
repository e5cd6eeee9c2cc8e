"""A sweep: which trials it asks for, and what is told of them side by side."""

from __future__ import annotations

from pathlib import Path

import pytest

from kvarn.errors import EditionError
from kvarn.pipeline.sweeping import variants_of

PARAMS = Path("params/2023.yml")


def test_each_value_is_a_trial_of_its_own() -> None:
    found = variants_of("disclosure.threshold=3, 5,10", PARAMS)
    assert [(one.name, one.override, one.value) for one in found] == [
        (f"2023-disclosure-threshold-{value}", f"disclosure.threshold={value}", value) for value in ("3", "5", "10")
    ]


@pytest.mark.parametrize(
    "sweep",
    [
        *("", "disclosure.threshold", "disclosure.threshold=", "disclosure.threshold=3", "=3,5", "disclosure.threshold=3,,5"),
        *("disclosure.threshold=3,3", "quality.rejected_rows=0.5,0-5", "disclosure.threshold=,"),
        *("disclosure.dominance={n: 1, per_cent: 80},{n: 2, per_cent: 80}", "languages=[sv],[en]", "disclosure.threshold=10,-10"),
    ],
)
def test_what_is_no_sweep_is_refused(sweep: str) -> None:
    with pytest.raises(EditionError) as caught:
        variants_of(sweep, PARAMS)
    said = str(caught.value)
    assert "--sweep" in said and ("lists or mappings" in said or "--sweep disclosure.threshold=4,5,10" in said)
