"""The toy report beside the tests is importable, and Quarto is looked for once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kvarn.disseminate.rendering import Quarto, find_quarto

# Test folders are not packages.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def quarto() -> Quarto:
    found = find_quarto()
    if found is None or not found.usable:
        pytest.skip("no usable Quarto on this machine")
    return found
