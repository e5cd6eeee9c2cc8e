"""What is said of findings: the error that stops a run, with what can be pasted into the edition."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from kvarn import metadata
from kvarn.edition import Acceptance
from kvarn.errors import FindingError
from kvarn.pipeline.findings._finding import Finding
from kvarn.pipeline.production import Production

__all__ = ["as_parameters", "awaiting_error"]

_MOST_PRINTED = 20


def awaiting_error(production: Production, awaiting: Sequence[tuple[Finding, str | None]]) -> FindingError:
    """The error that names all of them, says what to do, and gives what to paste."""
    number = len(awaiting)
    things, are = ("thing looks", "it is") if number == 1 else ("things look", "they are")
    said = [f"{number} {things} wrong, and the edition does not say that {are} right:"]
    said += [f"  - {_sentence(finding, before)}" for finding, before in awaiting[:_MOST_PRINTED]]
    rest = ""
    if number > _MOST_PRINTED:
        said.append(f"  … and {number - _MOST_PRINTED} more")
        whole = production.workspace.findings.relative_to(production.root) / "accepted.yml"
        rest = f"\n  All of them, as they can be pasted, are in {whole}."
    kinds = dict.fromkeys(finding.what for finding, _ in awaiting)
    remedies = [f"    {name}: {metadata.finding_kinds()[name].remedy}" for name in kinds]
    paste = "\n".join(as_parameters([finding for finding, _ in awaiting[:_MOST_PRINTED]], production.edition.accepted))
    figures = production.workspace.findings.relative_to(production.root).as_posix()
    of_register = any(metadata.finding_kinds()[finding.what].about == "register" for finding, _ in awaiting)
    behind = f"\n  (the counts behind them are in {figures}/ alone)" if of_register else ""
    remedy = (
        "correct what is a slip:\n"
        + "\n".join(remedies)
        + behind
        + f"\n  or say in {production.params} that it is right: why, by whom, and what readers see of it (false, or words).\n\n"
        + paste
        + rest
    )
    return FindingError("\n".join(said), where=f"{production.params}, accepted", remedy=remedy)


def _sentence(finding: Finding, before: str | None) -> str:
    other = "" if before is None else f" It has been accepted at {before!r}, and is another value now."
    return f"{metadata.finding_kinds()[finding.what].en}. {finding.said}{other}"


def as_parameters(findings: Sequence[Finding], there: Sequence[Acceptance] = ()) -> Iterator[str]:
    """The lines of YAML that accept these findings, once why and by whom is written; a key may stand in a file only once."""
    yield "  # below what stands under accepted:" if there else "accepted:"
    for finding in findings:
        yield f"  # {finding.said}"
        yield f"  - what: {finding.what}"
        # JSON text is YAML text.
        yield f"    where: {json.dumps(finding.where, ensure_ascii=False)}"
        yield f"    at: {json.dumps(finding.at, ensure_ascii=False)}"
        yield '    why: ""'
        yield '    by: ""'
        yield '    shown: false  # or {sv: "…", en: "…"}'
