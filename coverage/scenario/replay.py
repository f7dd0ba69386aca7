"""A scenario carried out on figures and places, its result named by a hash, so that it can be checked bit for bit."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from coverage.analysis import Analysis, Engine
from coverage.scenario.document import read_json
from coverage.scenario.edits import as_number
from coverage.scenario.scenario import Scenario, facilities_hash, read_document
from i18n.errors import InputError
from i18n.messages import MessageError
from i18n.texts import DEFAULT_LANGUAGE, text
from loaders.catalogue.facilities import Facilities

OTHER_SNAPSHOT = "scenario.warning.other_snapshot"
OTHER_FACILITIES = "scenario.warning.other_facilities"
SKIPPED = "scenario.warning.skipped"
OTHER_RESULT = "scenario.warning.other_result"


@dataclass(frozen=True)
class Stated:
    """Result that stands in a document.

    Attributes
    ----------
    sha256 : `result_hash` of the table
    births_out_of_reach : of all zones together; None where it is not known
    """

    sha256: str
    births_out_of_reach: float | None = None


@dataclass(frozen=True, eq=False)
class Replay:
    """What a scenario comes to.

    Attributes
    ----------
    scenario : the scenario
    before : the answer to its question today
    analysis : the answer with its edits
    capacities : births that places can take, by id, where an edit says so
    result_hash : `result_hash` of ``analysis``
    warnings : keys of texts: made on other figures or places, edits passed over, another result than stated
    faults : number of an edit (from 1) -> why it could not be carried out
    """

    scenario: Scenario
    before: Analysis
    analysis: Analysis
    capacities: dict[str, float]
    result_hash: str
    warnings: tuple[str, ...] = ()
    faults: dict[int, InputError] = field(default_factory=dict)


def replay(
    engine: Engine, scenario: Scenario, facilities: Facilities | None = None, stated: Stated | None = None
) -> Replay:
    """Carry a scenario out, and warn where the ground under it changed.

    Parameters
    ----------
    engine : the figures to work from
    scenario : what to carry out
    facilities : the set without edits; None for the one the scenario names or holds
    stated : the result of before, to be compared with

    Raises
    ------
    InputError
        when an edit cannot be carried out on the very set it was made on, or the question asks what is not held
    """
    snapshot = engine.snapshot
    base = scenario.base_facilities(snapshot) if facilities is None else facilities
    same_places = facilities_hash(base) == scenario.facilities_hash
    applied = scenario.applied_to(base, snapshot)
    if applied.faults and same_places and snapshot.hash == scenario.snapshot:
        raise next(iter(applied.faults.values()))
    before = engine.analyse(scenario.base_query, base)
    analysis = engine.analyse(scenario.query, applied.facilities)
    digest = result_hash(analysis)
    warned = {
        OTHER_SNAPSHOT: snapshot.hash != scenario.snapshot,
        OTHER_FACILITIES: not same_places,
        SKIPPED: bool(applied.faults),
        OTHER_RESULT: stated is not None and stated.sha256 != digest,
    }
    warnings = tuple(key for key, holds in warned.items() if holds)
    return Replay(scenario, before, analysis, applied.capacities, digest, warnings, applied.faults)


def result_hash(analysis: Analysis) -> str:
    """SHA-256 of the zone table as CSV: every number in the shortest form that gives it back exactly, no index."""
    return hashlib.sha256(analysis.table.to_csv(index=False, lineterminator="\n").encode()).hexdigest()


def births_out_of_reach(analysis: Analysis) -> float | None:
    """Births out of reach in all zones of the table together; None where that is not known of any."""
    need = analysis.table["births_out_of_reach"].dropna()
    return float(need.sum()) if len(need) else None


def export_json(scenario: Scenario, result: Replay | None = None, lang: str = DEFAULT_LANGUAGE) -> str:
    """Write a scenario as a document for people to keep: indented, and with its result if that is at hand.

    With the result comes how the places are known (``evidence``), and the sentence (``warning``) that says so where
    they are made up. Neither is part of the scenario, so neither changes its id.
    """
    values = scenario.document()
    if result is not None:
        values["evidence"] = result.analysis.evidence
        if "illustrative" in (result.before.evidence, result.analysis.evidence):
            values["warning"] = text("export.illustrative", lang)
        values["result"] = {
            "sha256": result.result_hash,
            "births_out_of_reach": births_out_of_reach(result.analysis),
        }
    return json.dumps(values, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def read_export(document: str | bytes) -> tuple[Scenario, Stated | None]:
    """Read a document and the result that stands in it.

    Raises
    ------
    InputError
        as `Scenario.from_json`, and when the result is not what `export_json` writes
    """
    values = read_json(document)
    result = values.get("result")
    scenario = read_document(values)
    if result is None:
        return scenario, None
    if not isinstance(result, dict) or not isinstance(result.get("sha256"), str):
        raise MessageError("error.scenario.result")
    need = result.get("births_out_of_reach")
    return scenario, Stated(result["sha256"], None if need is None else as_number(need))
