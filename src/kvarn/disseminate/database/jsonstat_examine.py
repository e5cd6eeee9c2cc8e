"""The collection of the JSON-stat files, and what Parquet files say of themselves, held to the JSON-stat files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["faults_of_about", "faults_of_collection"]

_KEYS = {"version", "class", "label", "source", "updated", "note", "link"}


def faults_of_collection(
    written: str, title: str, told: Mapping[str, Mapping[str, Any]], notices: Sequence[str] = ()
) -> Iterator[str]:
    """What is wrong with the collection of a language, in words.

    Parameters
    ----------
    title
        What the collection must be called.
    told
        The dataset of each published table in that language, by the table's id.
    notices
        What it must say: that data are synthetic, the stage, and what was corrected.
    """
    try:
        collection = json.loads(written)
        items = sorted((one["href"], one["class"], one["label"]) for one in collection["link"]["item"])
    except (ValueError, KeyError, TypeError):
        yield "nothing that can be read as a collection of JSON-stat"
        return
    if items != sorted((f"{name}.json", "dataset", dataset["label"]) for name, dataset in told.items()):
        yield "other tables, or other titles, than are published"
    if (
        collection.keys() != _KEYS
        or collection["link"].keys() != {"item"}
        or any(one.keys() != {"href", "class", "type", "label"} for one in collection["link"]["item"])
    ):
        yield "something that a collection does not have"
        return
    fixed = (collection["version"], collection["class"], collection["label"], {one["type"] for one in collection["link"]["item"]})
    if fixed != ("2.0", "collection", title, {"application/json"}):
        yield "another title, kind or version"
    if not {*notices} <= {*collection["note"]}:
        yield "not the notices that it must have"
    for dataset in told.values():
        if any(collection[key] != dataset[key] for key in ("source", "updated")) or not set(collection["note"]) <= {
            *dataset["note"]
        }:
            yield "a source, a day or a note that its tables do not have"


def faults_of_about(about: Mapping[str, str], told: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What a Parquet file says of itself and the JSON-stat files of its table do not say, in words.

    Parameters
    ----------
    told
        The dataset of the table by language. What it says first, that data are synthetic and what was corrected, must be said.
    """
    main = next(iter(told.values()))
    known = {"id": main["extension"]["px"]["matrix"], "updated": main["updated"].partition("T")[0]}
    known |= {"stage": main["extension"]["stage"], "license": main["extension"].get("license", "")}
    for language, dataset in told.items():
        known |= {f"title_{language}": dataset["label"], f"source_{language}": dataset["source"]}
        try:
            notes, stage = json.loads(about[f"notes_{language}"]), f"{about[f'stage_{language}']}."
            corrected = {dataset["extension"].get("correction", "")} - {""}
            unsaid = {*notes} - {*dataset["note"], *corrected}
        except (KeyError, ValueError, TypeError):
            yield "no notes or no stage that can be read"
            return
        of_stage = {note for note in dataset["note"] if note == stage or note.startswith(f"{stage} ")}
        must = {dataset["note"][int(place)] for place in dataset["extension"].get("noteMandatory", ())} - of_stage | corrected
        if must - {*notes}:
            yield "not the notices that it must have"
        if unsaid or not of_stage:
            yield "notes or a stage that its table does not have elsewhere"
    looked_at = {f"{what}_{language}" for what in ("notes", "stage") for language in told}
    own = {key: value for key, value in about.items() if key not in looked_at}
    if own != {key: value for key, value in known.items() if value}:
        yield "something else to say of itself than its table has elsewhere"
