"""Which way a kernel is had, and how it is spoken to."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from kvarn.errors import EnvironmentFault

__all__ = ["SWITCH", "KernelWay", "kernel_way"]

SWITCH = "KVARN_KERNELS"
"""The environment variable that says which way to take; unset, it is the best that the system has."""


@dataclass(frozen=True)
class KernelWay:
    """How kernels are had, and how they are spoken to."""

    forked: bool
    ipc: bool

    def __str__(self) -> str:
        how = "forked from a warmed process" if self.forked else "spawned"
        return f"{how}, over {'sockets that only you can open' if self.ipc else 'encrypted TCP on the loopback interface'}"


def kernel_way() -> KernelWay:
    """The way of this run: what ``KVARN_KERNELS`` says, else forked on Linux and spawned elsewhere.

    Raises
    ------
    EnvironmentFault
        The variable holds something else, or what this system does not have.
    """
    linux = sys.platform == "linux"
    said = os.environ.get(SWITCH) or ("fork" if linux else "spawn")
    ways = {
        "fork": lambda: KernelWay(True, True),
        "spawn": lambda: KernelWay(False, _has_private_sockets()),
        "spawn-tcp": lambda: KernelWay(False, False),
    }
    if said not in ways or (said == "fork" and not linux):
        raise EnvironmentFault(
            f"{SWITCH} is {said!r}." if said not in ways else f"{SWITCH} is fork: kernels can be forked on Linux alone.",
            where=f"the environment variable {SWITCH}",
            remedy=f"Set it to {', '.join(way for way in ways if linux or way != 'fork')}, or take it away.",
        )
    return ways[said]()


def _has_private_sockets() -> bool:
    import zmq

    return bool(zmq.has("ipc"))
