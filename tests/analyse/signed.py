"""A candidate of the small register of these tests, reviewed and signed by two persons."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from kvarn.base.account import Account
from kvarn.pipeline import Production, open_edition
from kvarn.pipeline.review import as_files, gather, write_review
from kvarn.pipeline.signatures import Signing
from kvarn.pipeline.signing import sign

__all__ = ["ANNA", "BO", "reviewed", "signed_by_both", "whole_logs"]

ANNA, BO = Account("anna (1001)", "anna (1001)"), Account("bo (1002)", "bo (1002)")


def whole_logs(root: Path) -> None:
    """Let the logs of what was collected have everything that intake would log of it, as a review tells of it."""
    for file in sorted((root / "restricted").glob("*/collected/*/deliveries.parquet")):
        log = pd.read_parquet(file)
        log["year"], log["arrived"] = int(file.parent.name), pd.NaT
        for name, value in {"verdict": "accepted", "received": 1, "rejected": 0}.items():
            log[name] = value
        log.to_parquet(file)


def reviewed(production: Production) -> None:
    """Write the review of the candidate as it is."""
    write_review(as_files(gather(production)), production.workspace.review)


def signed_by_both(production: Production, now: dt.datetime | None = None) -> list[Signing]:
    """Let an analyst and an assurer sign the candidate, which has been reviewed."""
    return [
        sign(open_edition(production.params), name=name, role=role, now=now, by=by)
        for name, role, by in (("Anna Ask", "analyst", ANNA), ("Bo Ek", "assurer", BO))
    ]
