"""A dossier as it is asked for: its facts worked out, its notes with the line that makes it again, and its pages."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace

from coverage.analysis import Engine
from coverage.case import AskedThresholds
from coverage.core.query import Query
from coverage.dossier.facts import Alternative, DossierFacts, gather
from coverage.dossier.profile import profile_of
from coverage.dossier.subject import subject_of
from coverage.indicators.comparison import compare
from coverage.scenario.replay import Replay
from coverage.scenario.wording import in_words
from i18n.messages import MessageError
from i18n.texts import text
from layers.dossier.council import council_dossier, lacks_words
from layers.dossier.council_tables import PlanWords
from layers.dossier.document import Document
from layers.dossier.needs import NeedsAnalysis, needs_analysis
from layers.notes.notes import Notes, cite, describe
from layers.notes.plan_notes import plan_name
from loaders.catalogue.facilities import Facilities, facility_frame
from loaders.catalogue.regions.region_in_use import region

PROFILE_RESOURCES = ("ages", "households", "sector_income", "sector_deprivation", "child_deprivation")
"""Tables that a needs analysis tells of, beside those of the answer."""

MAX_AREAS = 30
"""Municipalities that a plan without an area is told for: those that change most."""


@dataclass(frozen=True, eq=False)
class Made:
    """A document with what it rests on.

    Attributes
    ----------
    document : its pages
    notes : what it says of itself
    facts : what it tells
    warnings : sentences that the exit code of a command stands for: nobody was born there, the list holds no place of
        the service, or a plan rests on other data
    """

    document: Document
    notes: Notes
    facts: DossierFacts
    warnings: tuple[str, ...] = ()


def dossier_of_area(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    lang: str,
    preset: str | None = None,
    min_births: float | None = None,
) -> Made:
    """Make the dossier of an area: the best new place of it against today.

    Parameters
    ----------
    engine : engine on the snapshot to work from
    query : the question; its areas are the area
    facilities : the whole facility set
    lang : language of the dossier
    preset : thresholds of the programming test; None for the usual ones
    min_births : threshold on births in the place of that of the preset
    """
    subject, query = subject_of(engine, query)
    facts = gather(engine, query, facilities, subject, preset=preset, asked=AskedThresholds(births=min_births))
    notes = notes_of(facts, engine, lang, _thresholds_given(preset, min_births))
    return _made(facts, engine, notes, None)


def dossier_of_plan(
    engine: Engine,
    done: Replay,
    lang: str,
    asked: str,
    areas: tuple[tuple[str, str], ...] = (),
    against: Replay | None = None,
    against_asked: str = "",
    preset: str | None = None,
    min_births: float | None = None,
) -> Made:
    """Make the dossier of a plan, held against today or against another plan.

    Parameters
    ----------
    engine : engine on the snapshot to work from
    done : the plan, carried out
    lang : language of the dossier
    asked : how the plan was named, for the line that makes the dossier again
    areas : the area; empty for that of the plan, or the municipalities that it changes
    against : the plan that it is held against; None for today
    against_asked : how that one was named
    preset : thresholds of the programming test; None for the usual ones
    min_births : threshold on births in the place of that of the preset

    Raises
    ------
    MessageError
        when no area is named and the plan changes nothing
    """
    snapshot, scenario = engine.snapshot, done.scenario
    base = scenario.base_facilities(snapshot)
    after = Alternative(scenario.query, scenario.applied_to(base, snapshot).facilities, base)
    if against is None:
        query, facilities = scenario.base_query, base
    else:
        other = against.scenario
        query = other.query
        held = other.applied_to(other.base_facilities(snapshot), snapshot).facilities
        facilities = _apart(held, after.facilities, base)
    chosen = areas or scenario.query.areas or _changed(engine, query, facilities, after, plan_name(scenario))
    query = replace(query, areas=chosen)
    subject, query = subject_of(engine, query)
    after = replace(after, query=replace(after.query, areas=chosen))
    facts = gather(engine, query, facilities, subject, after, preset, AskedThresholds(births=min_births))
    extra = ["--plan", asked, *(["--against", against_asked] if against_asked else [])]
    notes = notes_of(facts, engine, lang, (*extra, *_thresholds_given(preset, min_births)), plan=True)
    words = PlanWords(
        name=plan_name(scenario),
        edits=in_words(scenario, base, lang),
        against=plan_name(against.scenario) if against is not None else "",
        warnings=tuple(text(key, lang) for key in done.warnings),
    )
    return _made(facts, engine, notes, words)


def _apart(other: Facilities, own: Facilities, base: Facilities) -> Facilities:
    """Places of another plan, its new ones under ids of their own: ``new-1`` of two plans is no place that moved."""
    spots = [places.frame.set_index("id")[["name", "x", "y"]] for places in (other, own)]
    shared = set(spots[0].index).intersection(spots[1].index).difference(base.frame["id"])
    apart = {place for place in shared if not spots[0].loc[place].equals(spots[1].loc[place])}
    ids = [f"other-{place}" if place in apart else place for place in other.frame["id"]]
    return replace(other, frame=facility_frame(other.frame.assign(id=ids)))


def _thresholds_given(preset: str | None, min_births: float | None) -> tuple[str, ...]:
    """Thresholds of the programming test as options of the line that makes a document again."""
    named = ("--preset", preset) if preset else ()
    return named if min_births is None else (*named, "--min-births", f"{min_births:.15g}")


def profile_of_area(engine: Engine, query: Query, facilities: Facilities, lang: str) -> tuple[NeedsAnalysis, Notes]:
    """Make the needs analysis of an area, see `dossier_of_area`."""
    subject, query = subject_of(engine, query)
    facts = profile_of(engine, query, facilities, subject)
    notes = with_line(describe(facts.today, engine.snapshot, "profile", lang))
    more = [f for f in PROFILE_RESOURCES if f in engine.snapshot.resources]
    cited = cite(engine.snapshot, tuple(more), lang)
    notes = replace(notes, sources=tuple(dict.fromkeys([*notes.sources, *cited])))
    return needs_analysis(facts, engine.snapshot, notes), notes


def _made(facts: DossierFacts, engine: Engine, notes: Notes, plan: PlanWords | None) -> Made:
    document = council_dossier(facts, engine.snapshot, notes, plan)
    warnings = plan.warnings if plan else ()
    return Made(document, notes, facts, (*warnings, *lacks_words(facts.today, facts.standing.births, notes.lang)))


def _changed(
    engine: Engine, query: Query, facilities: Facilities, after: Alternative, name: str
) -> tuple[tuple[str, str], ...]:
    """Municipalities where a plan changes anything, the largest change first; `MessageError` where it is nowhere."""
    level = region().base
    sides = ((query, facilities), (after.query, after.facilities))
    was, now = (engine.analyse(replace(q, level=level, areas=(), draws=0), places) for q, places in sides)
    table = compare(engine, was, now).zones
    table = table.assign(size=table["births_gained"].fillna(0.0) + table["births_lost"].fillna(0.0))
    changed = table[table["size"] >= 0.5].sort_values(["size", "zone_id"], ascending=[False, True])
    if changed.empty:
        raise MessageError("error.dossier.nothing_changes", name=name)
    return tuple((level, str(zone)) for zone in changed["zone_id"].head(MAX_AREAS))


def notes_of(
    facts: DossierFacts, engine: Engine, lang: str, extra: tuple[str, ...] = (), *, plan: bool = False
) -> Notes:
    """Notes of the answer, with the line that makes the document again."""
    weakest = facts.change.after if plan and facts.change is not None else facts.today
    return with_line(describe(weakest, engine.snapshot, "dossier", lang), extra, plan=plan)


def with_line(notes: Notes, extra: tuple[str, ...] = (), *, plan: bool = False) -> Notes:
    """Notes with the line that makes a document again, from that of the answer it rests on."""
    words = shlex.split(notes.command)
    at = words.index("--level")
    del words[at : at + 2]
    if plan:  # the plan decides places, reach and children
        at = words.index("--in")
        words = [*words[:2], *words[at : at + 2]]
    return replace(notes, command=shlex.join([*words, *extra, "--lang", notes.lang]))
