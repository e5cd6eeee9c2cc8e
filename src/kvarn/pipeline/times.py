"""How long each step took the last time, and what a run has before it by that."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from kvarn.base.files import SECRET, replace_file

__all__ = ["Plan", "Times", "in_words", "keep_times", "times_of"]

# Beside pytask's lock file: of this machine, and in no product.
_FILE = "times.json"
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True)
class Times:
    """What is known of earlier runs.

    Attributes
    ----------
    steps
        The seconds that each step took when it was last run to its end.
    share
        How long the last run took on the clock, of the seconds of all of its steps: some run side by side.
    """

    steps: Mapping[str, float]
    share: float = 1.0

    def of(self, names: Collection[str]) -> float | None:
        """The seconds on the clock for these steps; None where one of them has never been run."""
        if not names or any(name not in self.steps for name in names):
            return None
        return self.share * sum(self.steps[name] for name in names)


@dataclass(frozen=True)
class Plan:
    """What a run has before it: the steps that are out of date, or may be once another has been run, and the times of before."""

    steps: tuple[str, ...]
    times: Times


def times_of(folder: Path) -> Times:
    """What is kept of earlier runs; nothing where there were none, or where it cannot be read."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        kept = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        steps = {str(name): float(seconds) for name, seconds in kept["steps"].items()}
        share = float(kept["share"])
        if all(map(_is_time, (share, *steps.values()))):
            return Times(steps, share)
    return Times({})


def keep_times(folder: Path, steps: Mapping[str, float], *, clock: float) -> None:
    """Keep how long the steps of a run took, and what it took in all (seconds); of others what was known stays."""
    if not steps:
        return
    known = times_of(folder)
    together = sum(steps.values())
    kept = {
        "steps": dict(sorted({**known.steps, **{name: round(seconds, 3) for name, seconds in steps.items()}}.items())),
        "share": round(min(1.0, clock / together), 3) if together > 0 else known.share,
    }
    # Another time, where it cannot be kept now: no run fails for it.
    with contextlib.suppress(OSError):
        replace_file(folder / _FILE, (json.dumps(kept, indent=0) + "\n").encode(), mode=SECRET)


def in_words(seconds: float) -> str:
    """So many seconds, as precisely as what is to come can be said: ``under 1 s``, ``40 s``, ``3 min``, ``1 h 20 min``."""
    if seconds < 1:
        return "under 1 s"
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    minutes = math.ceil(seconds / _MINUTE)
    hours, minutes = divmod(minutes, _HOUR // _MINUTE)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{minutes} min"] if minutes or not hours else [])])


def _is_time(value: float) -> bool:
    return math.isfinite(value) and value >= 0
