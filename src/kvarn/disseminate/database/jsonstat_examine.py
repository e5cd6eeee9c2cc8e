"""The collection of the JSON-stat files held to what it must be, before it is published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["faults_of_collection"]

_KEYS = {"version", "class", "label", "source", "updated", "note", "link"}


def faults_of_collection(written: str, told: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong with the collection of a language, in words.

    Parameters
    ----------
    told
        The dataset of each published table in that language, by the table's id.
    """
    try:
        collection = json.loads(written)
        items = {(one["href"], one["class"], one["label"]) for one in collection["link"]["item"]}
    except (ValueError, KeyError, TypeError):
        yield "nothing that can be read as a collection of JSON-stat"
        return
    if items != {(f"{name}.json", "dataset", dataset["label"]) for name, dataset in told.items()}:
        yield "other tables, or other titles, than are published"
    if collection.keys() != _KEYS or any(one.keys() != {"href", "class", "type", "label"} for one in collection["link"]["item"]):
        yield "something that a collection does not have"
        return
    for dataset in told.values():
        said = " ".join(dataset["note"])
        if collection["source"] != dataset["source"] or not all(note in said for note in collection["note"]):
            yield "a source or a note that its tables do not have"
