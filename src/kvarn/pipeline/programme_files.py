"""Which files of the programme a step stands on: told from what its code imports, as libraries are."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from kvarn.pipeline.engine import Step
from kvarn.pipeline.libraries import stands_on
from kvarn.pipeline.nodes import Code, Computed, file
from kvarn.programme import FOLDER, Programme

__all__ = ["with_programme"]

_READS_PROGRAMME, _READS_INTAKE = "kvarn.metadata", "kvarn.collect"


def with_programme(step: Step, programme: Programme) -> Step:
    """The step with the programme among what it needs: what is of intake only where its code is that of intake."""
    modules = [node.module for node in step.needs if isinstance(node, Code)]
    return dataclasses.replace(step, needs=[*step.needs, *_nodes(modules, programme)])


def _nodes(modules: Sequence[str], programme: Programme) -> Iterator[Computed]:
    for room, name, files in (
        (_READS_PROGRAMME, "the programme", programme.files),
        (_READS_INTAKE, "the programme of intake", programme.files_of_intake),
    ):
        if any(stands_on(module, room) for module in modules):
            consists = partial(_states, programme.folder, files)
            yield Computed(name=name, called=name, tell=partial(_whole, consists), consists=consists)


def _whole(consists: partial[Mapping[str, str]]) -> str:
    return hashlib.sha256(repr(sorted(consists().items())).encode()).hexdigest()


def _states(folder: Path, files: Sequence[Path]) -> Mapping[str, str]:
    return {f"the file {FOLDER}/{path.relative_to(folder).as_posix()}": file(path).state() or "" for path in files}
