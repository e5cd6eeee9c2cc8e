"""The register of an edition, opened on the engine that the edition asks for."""

from __future__ import annotations

from pathlib import Path

from kvarn.analyse._columns import Behind, Care
from kvarn.analyse._register import Register
from kvarn.edition import find_workspace
from kvarn.errors import InputError

__all__ = ["open_register"]


def open_register(
    edition: str,
    *,
    engine: str = "duckdb",
    behind: Behind = "persons",
    care: Care = "reported",
    project: Path | None = None,
) -> Register:
    """The register of an edition of this project: ``open_register("2023")``.

    Parameters
    ----------
    engine
        As in the edition: ``duckdb`` on this machine, or ``spark``, which needs the extra ``kvarn[spark]`` and Java.
    behind
        What is counted behind each cell for disclosure control: ``persons``; ``largest``, the largest contributors of
        totals too; ``keys``, the key of the persons besides. The pipeline gives what the edition's rules need.
    care
        As ``data.care`` of the edition: who had care in a month.
    project
        The project's folder, where it is not the current one.

    Raises
    ------
    InputError
        The register has not been made yet, there is no such engine, or nothing such can be counted.
    EnvironmentFault
        Spark cannot be started here.
    EditionError
        The current folder is not inside a kvarn project.
    """
    folder = find_workspace(edition, project).register
    spill = folder.parent / "spill"
    if engine == "spark":
        from kvarn.analyse._spark import Spark

        return Register(folder, Spark(spill), behind=behind, care=care)
    if engine != "duckdb":
        raise InputError(f"There is no engine {engine!r}.", field="engine", remedy="Take duckdb or spark.")
    return Register(folder, behind=behind, care=care)
