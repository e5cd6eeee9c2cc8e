"""The structure that the SDMX-CSV files refer to: what each column is, and what each code means, in both languages.

Format: SDMX-ML 2.1, which readers of SDMX 2.1 and of 3.0 understand, written by sdmx1. Ids of codes that the cross-domain code
lists have are those of these lists, and their names the programme's; the agency and the version are assumptions, as in the data
(`AGENCY`).
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kvarn import metadata
from kvarn.base.package_files import words_in
from kvarn.disseminate.cube import cube_of, source
from kvarn.disseminate.database.sdmx import (
    AGENCY,
    CONFIDENTIALITY_STATUS,
    OBSERVATION_STATUS,
    PROVISIONAL,
    STRUCTURE_VERSION,
    dataflow_id,
    dimension_id,
    dimensions_of,
    sdmx_code,
    sdmx_stage,
)
from kvarn.disseminate.protected import ProtectedTable, ProtectedTables
from kvarn.disseminate.stage import correction_notice, stage_name
from kvarn.disseminate.symbols import meaning_of
from kvarn.disseminate.table_notes import table_notes
from kvarn.disseminate.templates import word
from kvarn.disseminate.writing import write_beside
from kvarn.edition import Edition

if TYPE_CHECKING:
    from sdmx.model import common, v21

__all__ = ["write_structure"]

_Said = Callable[[str], str]
# The code and the names of a category, and the code of the one that it is a part of.
_Code = tuple[str, Mapping[str, str], str | None]


def write_structure(tables: ProtectedTables, edition: Edition, output: Path) -> Path:
    """Write the structure of every table: its dataflow and data structure, the concepts, and the code lists.

    A dataflow's description has the notes of its table; its annotations say the source, the stage, the licence, and of a
    corrected edition what was wrong. Code lists have the codes that occur.
    """
    import sdmx
    from sdmx import message

    made = _Structure(tables, edition)
    day = edition.publication.published
    header = message.Header(
        id=f"{AGENCY}_{edition.reference_year}",
        prepared=dt.datetime(day.year, day.month, day.day),
        sender=made.agency,
        # What is marked as a test is no official statistics.
        test=edition.synthetic or edition.trial,
        source=_both(lambda language: _in_one(_notices(edition, language), source(edition, language))),
    )
    structures = message.StructureMessage(header=header)
    for one in made.everything():
        structures.add(one)
    return write_beside(output, sdmx.to_xml(structures, pretty_print=True))


class _Structure:
    """What the tables of an edition have in common, and what each has."""

    def __init__(self, tables: ProtectedTables, edition: Edition) -> None:
        from sdmx.model import v21

        self.tables, self.edition = [tables[name] for name in tables.names()], edition
        self.agency = v21.Agency(id=AGENCY)
        self.codelists = dict(self._codelists())
        self.concepts = v21.ConceptScheme(id="CONCEPTS", name=_both(_named("sdmx.concepts")), **self._kept())
        for name, said in self._concepts():
            self.concepts.append(v21.Concept(id=name, name=_both(said)))

    def everything(self) -> Iterator[Any]:
        """The parts of the message."""
        yield from self.codelists.values()
        yield self.concepts
        for table in self.tables:
            structure = self._data_structure(table)
            yield structure
            yield self._dataflow(table, structure)

    def _kept(self) -> dict[str, Any]:
        return {"maintainer": self.agency, "version": STRUCTURE_VERSION, "is_final": False, "is_external_reference": False}

    def _variables(self) -> list[str]:
        return list(dict.fromkeys(name for table in self.tables for name in dimensions_of(table)))

    def _concepts(self) -> Iterator[tuple[str, _Said]]:
        yield "FREQ", _named("sdmx.freq")
        for name in self._variables():
            yield dimension_id(name), metadata.variable(name).label
        yield "MEASURE", lambda language: word("measure", language)
        yield "TIME_PERIOD", _named("sdmx.time-period")
        yield "OBS_VALUE", lambda language: word("data.value", language)
        yield "OBS_STATUS", _named("sdmx.obs-status")
        yield "CONF_STATUS", _named("sdmx.conf-status")
        yield "DECIMALS", _named("sdmx.decimals")
        yield "STAGE", lambda language: word("cover.stage", language)
        if self.edition.synthetic:
            yield "SYNTHETIC", lambda language: word("data.synthetic", language)

    def _codelists(self) -> Iterator[tuple[str, v21.Codelist]]:
        """The code lists, by the concept of what they are for."""
        said = {name: _both(_named(f"sdmx.{name}")) for name in _WORDS_OF_CODES}
        yield "FREQ", self._codelist("FREQ", [(code, said[f"freq.{code}"], None) for code in ("A", "M")])
        for name in self._variables():
            yield dimension_id(name), self._codelist(dimension_id(name), self._categories(name))
        yield "MEASURE", self._measures()
        meanings = {
            status: _both(functools.partial(meaning_of, symbol, self.edition))
            for symbol, status in OBSERVATION_STATUS.items()
            if symbol
        }
        meanings = {"A": said["obs-status.A"], PROVISIONAL: said["obs-status.P"], **meanings}
        yield "OBS_STATUS", self._codelist("OBS_STATUS", [(code, names, None) for code, names in meanings.items()])
        confidential = dict.fromkeys(CONFIDENTIALITY_STATUS.values())
        yield (
            "CONF_STATUS",
            self._codelist("CONF_STATUS", [(code, said[f"conf-status.{code}"], None) for code in confidential]),
        )
        stage = _both(functools.partial(stage_name, self.edition))
        yield "STAGE", self._codelist("STAGE", [(sdmx_stage(self.edition), stage, None)])

    def _codelist(self, concept: str, codes: list[_Code]) -> v21.Codelist:
        from sdmx.model import v21

        named = dict(self._concepts())[concept]
        made = v21.Codelist(id=f"CL_{concept}", name=_both(named), is_partial=True, **self._kept())
        parts = {code: v21.Code(id=code, name=dict(names)) for code, names, _ in codes}
        for code, _, above in codes:
            made.append(parts[code])
            if above in parts:
                parts[above].append_child(parts[code])
        return made

    def _categories(self, variable: str) -> list[_Code]:
        """The categories that occur, in the order of the code list; no Swedish name is said to be English."""
        listed = metadata.variable(variable).codes
        if listed is None:
            return []
        having = [table for table in self.tables if variable in table.definition.variables]
        there = {str(code) for table in having for code in table.frame[variable].unique()}
        found: list[_Code] = []
        for code in filter(there.__contains__, listed.codes):
            languages = [one for one in metadata.languages if one == "sv" or not listed.untranslated(code)]
            above = listed.parent(code)
            names: dict[str, str] = {language: listed.label(code, language) for language in languages}
            found.append((sdmx_code(variable, code), names, None if above is None else sdmx_code(variable, above)))
        return found

    def _measures(self) -> v21.Codelist:
        """The measures, with definition and unit."""
        from sdmx.model import v21

        there = dict.fromkeys(code for table in self.tables for code in cube_of(table).dimensions[-1].codes)
        declared = [metadata.measure(code) for code in there]
        made = self._codelist("MEASURE", [(one.name, _both(one.label), None) for one in declared])
        for one in declared:
            code = made[one.name]
            code.description = _both(one.definition.__getitem__)
            code.annotations.append(v21.Annotation(id="UNIT", text=_both(one.unit.__getitem__)))
        return made

    def _data_structure(self, table: ProtectedTable) -> v21.DataStructureDefinition:
        from sdmx.model import common, v21

        kind = common.FacetValueType
        made = v21.DataStructureDefinition(id=f"DSD_{dataflow_id(table)}", name=_both(table.title), **self._kept())
        made.dimensions.id, made.attributes.id, made.measures.id = _DESCRIPTORS
        names = ["FREQ", *map(dimension_id, dimensions_of(table)), "MEASURE"]
        for place, name in enumerate(names, 1):
            made.dimensions.append(v21.Dimension(id=name, order=place, **self._component(name)))
        period = self._component("TIME_PERIOD", kind.observationalTimePeriod)
        made.dimensions.append(v21.TimeDimension(id="TIME_PERIOD", order=len(names) + 1, **period))
        made.measures.append(v21.PrimaryMeasure(id="OBS_VALUE", **self._component("OBS_VALUE", kind.double)))
        attributes = {"OBS_STATUS": None, "CONF_STATUS": None, "DECIMALS": kind.integer, "STAGE": None}
        for name, value in (attributes | ({"SYNTHETIC": kind.boolean} if self.edition.synthetic else {})).items():
            made.attributes.append(
                common.DataAttribute(
                    id=name,
                    usage_status=common.UsageStatus.mandatory,
                    related_to=v21.PrimaryMeasureRelationship(),
                    **self._component(name, value),
                )
            )
        return made

    def _component(self, concept: str, value: common.FacetValueType | None = None) -> dict[str, Any]:
        """What a component is, and what its values are: those of its code list, or of a kind."""
        from sdmx.model import common

        told: dict[str, Any] = (
            {"enumerated": self.codelists[concept]} if value is None else {"non_enumerated": [common.Facet(value_type=value)]}
        )
        return {"concept_identity": self.concepts[concept], "local_representation": common.Representation(**told)}

    def _dataflow(self, table: ProtectedTable, structure: v21.DataStructureDefinition) -> v21.DataflowDefinition:
        from sdmx.model import v21

        edition = self.edition
        said: dict[str, _Said] = {
            "SOURCE": lambda language: source(edition, language),
            "STAGE": lambda language: stage_name(edition, language),
        }
        if edition.correction is not None:
            said["CORRECTION"] = lambda language: correction_notice(edition, language)
        annotations: list[common.BaseAnnotation] = [
            v21.Annotation(id=name, type=name, text=_both(text)) for name, text in said.items()
        ]
        if edition.publication.licence:
            annotations.append(v21.Annotation(id="LICENCE", type="LICENCE", title=edition.publication.licence))
        return v21.DataflowDefinition(
            id=dataflow_id(table),
            name=_both(table.title),
            description=_both(lambda language: _in_one(_notices(edition, language), *table_notes(table, edition, language))),
            structure=structure,
            annotations=annotations,
            **self._kept(),
        )


# What the lists of components are called in every SDMX message.
_DESCRIPTORS = ("DimensionDescriptor", "AttributeDescriptor", "MeasureDescriptor")
_WORDS_OF_CODES = ("freq.A", "freq.M", "obs-status.A", "obs-status.P", "conf-status.F", "conf-status.N")


def _named(key: str) -> _Said:
    return lambda language: words_in(__package__, "words.yml", key, language, {})


def _both(said: _Said) -> Mapping[str, str]:
    return {language: text for language in metadata.languages if (text := said(language))}


def _notices(edition: Edition, language: str) -> str:
    return metadata.text("synthetic.notice", language) if edition.synthetic else ""


def _in_one(*texts: str) -> str:
    return " ".join(filter(None, texts))
