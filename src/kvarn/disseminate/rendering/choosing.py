"""Which renderer a run uses."""

from __future__ import annotations

from kvarn.disseminate.rendering.builtin import Builtin
from kvarn.disseminate.rendering.quarto import LEAST_VERSION, WHY_LEAST, QuartoRenderer, find_quarto
from kvarn.disseminate.rendering.renderer import Choice, Renderer
from kvarn.errors import EnvironmentFault

__all__ = ["choose_renderer"]


def choose_renderer(choice: Choice) -> Renderer:
    """The renderer that was asked for; ``auto`` is Quarto where a usable one is found, else the built-in one.

    Raises
    ------
    EnvironmentFault
        Quarto was asked for and is missing or too old; or ``QUARTO_PATH`` names something that does not run.
    """
    if choice == "builtin":
        return Builtin()
    quarto = find_quarto()
    if quarto is not None and quarto.usable:
        return QuartoRenderer(quarto)
    if choice == "auto":
        return Builtin()
    if quarto is None:
        raise EnvironmentFault(
            "Quarto was asked for and is not on this machine",
            remedy="Install it (pip install quarto-cli needs internet), set QUARTO_PATH, or use renderer: builtin",
        )
    least = ".".join(map(str, LEAST_VERSION))
    raise EnvironmentFault(
        f"Quarto {quarto.version} is too old: at least {least} is needed, {WHY_LEAST}",
        where=str(quarto.path),
        remedy="Install a newer Quarto, or use renderer: builtin",
    )
