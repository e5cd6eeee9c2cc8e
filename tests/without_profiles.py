"""The demonstration's edition without its pages for regions, which take a while: tests of anything else leave them off."""

from __future__ import annotations

__all__ = ["without_profiles"]

_BEGINS = "\n# A page for the country"


def without_profiles(parameters: str) -> str:
    """The text of params/demo.yml without the section with which it ends."""
    before, found, after = parameters.partition(_BEGINS)
    assert found and "profiles:" in after, "params/demo.yml ends with its profiles"
    return before
