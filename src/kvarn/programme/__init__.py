"""The statistical programme of a project: what its ``programme/`` declares, and which project's is in force.

The package has no programme of its own. A table, a measure, a code, a rule of intake or a word is a line in a file of the
project; what the lines mean is said by the models of `kvarn.metadata` and `kvarn.collect`.
"""

from kvarn.programme._about import About, Due, FileType, Subject
from kvarn.programme._files import (
    FOLDER,
    Programme,
    as_held_here,
    current_programme,
    open_programme,
    programme_held,
)
from kvarn.programme._models import mistake, model_at, whole_model
from kvarn.programme._project import CODELISTS, current_project, find_project, project_held, use_project

__all__ = [
    "CODELISTS",
    "FOLDER",
    "About",
    "Due",
    "FileType",
    "Programme",
    "Subject",
    "as_held_here",
    "current_programme",
    "current_project",
    "find_project",
    "mistake",
    "model_at",
    "open_programme",
    "programme_held",
    "project_held",
    "use_project",
    "whole_model",
]
