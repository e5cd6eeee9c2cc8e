"""The edition: one year's parameters, and the folders in which that edition lives."""

from kvarn.edition._model import (
    CellKey,
    Contact,
    Data,
    Disclosure,
    Dominance,
    Edition,
    Previous,
    Publication,
    Quality,
    Sensitive,
    Words,
)
from kvarn.edition._parameters import read_parameters
from kvarn.edition._read import load_edition
from kvarn.edition._workspace import Workspace, find_workspace, project_root

__all__ = [
    "CellKey",
    "Contact",
    "Data",
    "Disclosure",
    "Dominance",
    "Edition",
    "Previous",
    "Publication",
    "Quality",
    "Sensitive",
    "Words",
    "Workspace",
    "find_workspace",
    "load_edition",
    "project_root",
    "read_parameters",
]
