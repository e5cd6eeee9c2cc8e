"""Which step feeds which: from the delivery files to the publication."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pytask import PNode

from kvarn import collect, disseminate, metadata, process
from kvarn.edition import Edition, Workspace
from kvarn.errors import EditionError
from kvarn.pipeline.engine import Step
from kvarn.pipeline.nodes import Code, Computed, Folder, Setting, file
from kvarn.pipeline.notebooks import Parameter, check_parameters, run_notebook, tables_saved_by
