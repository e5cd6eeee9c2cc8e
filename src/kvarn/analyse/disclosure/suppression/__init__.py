"""Suppression: which further cells are withheld, so that no secret can be told, and the proof of it by linear programmes."""
