"""The explorer of the statistics database: a page a language in which anyone finds, chooses, turns and takes out figures."""

from __future__ import annotations

from kvarn.disseminate.explorer.examine import faults_of_explorer
from kvarn.disseminate.explorer.page import write_explorer
from kvarn.disseminate.explorer.read import explorer_tables, read_explorer

__all__ = ["explorer_tables", "faults_of_explorer", "read_explorer", "write_explorer"]
