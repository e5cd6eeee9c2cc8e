"""What the assurer of an edition reads before signing it: one page, and the same as data."""

from kvarn.pipeline.review._gather import gather
from kvarn.pipeline.review._write import DATA, PAGE, ReviewFiles, as_files, write_review

__all__ = ["DATA", "PAGE", "ReviewFiles", "as_files", "gather", "write_review"]
