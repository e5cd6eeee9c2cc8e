"""The kinds of findings: what may be right and may be a slip, in both languages."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from kvarn.metadata._declarations import models_of
from kvarn.programme import Programme, current_programme

__all__ = ["FindingKind", "finding_kinds"]


class FindingKind(BaseModel):
    """One kind of finding.

    Attributes
    ----------
    about
        What the finding is made from: the parameters, the population, or the register.
    places
        The keys that it can be found at, where it is about the parameters.
    measures
        The figures that an accepted finding of the kind concerns.
    remedy
        What to do where it is a slip.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sv: str
    en: str
    about: Literal["parameters", "population", "register"]
    measures: Sequence[str]
    places: Sequence[str] = ()
    remedy: str

    def label(self, language: str) -> str:
        """What is found, in Swedish (``sv``) or English (``en``)."""
        return self.sv if language == "sv" else self.en


def finding_kinds() -> Mapping[str, FindingKind]:
    """Every kind by its name, in the order of the programme's ``findings.yml``."""
    return _kinds_of(current_programme())


@functools.cache
def _kinds_of(_programme: Programme) -> Mapping[str, FindingKind]:
    return models_of("findings", FindingKind)
