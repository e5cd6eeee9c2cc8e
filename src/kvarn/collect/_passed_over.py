"""What lies among deliveries and is none, or cannot be looked into: named with the reason, never left out in silence."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

__all__ = ["REASONS", "PassedOver", "Reason", "kind_of"]

Reason = Literal[
    "hidden",
    "no-name",
    "notice",
    "of-the-system",
    "own-folder",
    "log-below",
    "folder-link",
    "folder-unreadable",
    "link-broken",
    "unreadable",
    "pipe",
    "socket",
    "device",
]
REASONS: Mapping[Reason, str] = MappingProxyType(
    {
        "hidden": "hidden: its name begins with a point",
        "no-name": "a member of an archive without a name",
        "notice": "the notice of synthetic data, which counts beside the archive alone",
        "of-the-system": "no delivery: some systems put it into every archive",
        "own-folder": "the register's or the receipts' own folder",
        "log-below": "a log of arrivals is read in the folder that is given, or the one above, alone",
        "folder-link": "a link to a folder: give the folder that it leads to",
        "folder-unreadable": "a folder that cannot be read: ask for the right to read it",
        "link-broken": "a link that leads to nothing",
        "unreadable": "it cannot be looked at: ask for the right to",
        "pipe": "a pipe, and no file",
        "socket": "a socket, and no file",
        "device": "a device, and no file",
    }
)
# What nobody can have meant as a delivery.
_OF_NO_CONCERN: frozenset[Reason] = frozenset({"hidden", "notice", "of-the-system", "own-folder"})


class PassedOver(NamedTuple):
    """Something that was found among deliveries and not taken in.

    Attributes
    ----------
    place
        Where it lies.
    reason
        One of `REASONS`.
    """

    place: str
    reason: Reason

    @property
    def of_concern(self) -> bool:
        """Whether a delivery may have been meant: somebody should look."""
        return self.reason not in _OF_NO_CONCERN

    def __str__(self) -> str:
        return f"{self.place} ({REASONS[self.reason]})"


def kind_of(mode: int) -> Reason:
    """What something is that is neither a file nor a folder."""
    if stat.S_ISFIFO(mode):
        return "pipe"
    return "socket" if stat.S_ISSOCK(mode) else "device"
