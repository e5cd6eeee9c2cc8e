"""What every part of an edition's parameters keeps: nothing unknown in it, nothing converted, nothing changed afterwards."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Section"]


class Section(BaseModel):
    """A part of the parameters of an edition or an order."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
