"""How much a notebook may take of this machine before it is stopped."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

__all__ = ["NotebookLimits"]

# A month, and more than any machine has: clocks and counters of the system take no number of any size.
_LONGEST = 31 * 24 * 3600
_MOST = 1_000_000


class NotebookLimits(BaseModel):
    """What no notebook may exceed. They say nothing about figures: a notebook that ran within them need not run again."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    cell_seconds: float = Field(3600.0, gt=0, le=_LONGEST, description="How many seconds a cell may take.")
    seconds: float = Field(14400.0, gt=0, le=_LONGEST, description="How many seconds a notebook may take in all.")
    memory_gib: float | None = Field(
        None,
        gt=0,
        le=_MOST,
        description="How much memory a notebook may use, in GiB (Linux); by default three quarters of the machine's.",
    )
    output_mib: float = Field(50.0, gt=0, le=_MOST, description="How much a notebook may print and show in all, in MiB.")

    @field_validator("*", mode="before")
    @classmethod
    def _whole_numbers_too(cls, value: Any) -> Any:
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
