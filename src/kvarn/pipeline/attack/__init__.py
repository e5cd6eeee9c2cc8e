"""The attack on a finished publication, before it takes its place: everything in it is read back, as anyone will read it."""

from kvarn.pipeline.attack._attack import attack_publication

__all__ = ["attack_publication"]
