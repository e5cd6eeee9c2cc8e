"""Which step feeds which, what is out of date, and how notebooks are run."""

from kvarn.pipeline.actions import missing_lists
from kvarn.pipeline.engine import Outcome, Silent, Step, StepStatus, run_steps, status_of
from kvarn.pipeline.production import Production, open_edition
from kvarn.pipeline.progress import Display
from kvarn.pipeline.steps import steps_of

__all__ = [
    "Display",
    "Outcome",
    "Production",
    "Silent",
    "Step",
    "StepStatus",
    "missing_lists",
    "open_edition",
    "run_steps",
    "status_of",
    "steps_of",
]
