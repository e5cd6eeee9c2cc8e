"""Research extracts: chosen variables and years of the register, under pseudonyms that are the project's own."""

from kvarn.process.extracts._make import make_extract
from kvarn.process.extracts._request import Request, read_request

__all__ = ["Request", "make_extract", "read_request"]
