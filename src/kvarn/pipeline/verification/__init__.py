"""Whether a publication comes out again: what it was made from is still here, and the same files are made of it."""

from kvarn.pipeline.verification._again import made_again, to_verify
from kvarn.pipeline.verification._differences import FileVerdict, compare_files
from kvarn.pipeline.verification._recorded import not_as_recorded

__all__ = ["FileVerdict", "compare_files", "made_again", "not_as_recorded", "to_verify"]
