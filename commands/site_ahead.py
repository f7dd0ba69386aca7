"""``nabij site`` when it looks ahead: regretted least, one place a year, more places one by one, "why not there?"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from i18n.messages import MessageError

if TYPE_CHECKING:
    import pandas as pd

    from commands.site_options import SiteOptions
    from coverage.analysis import Engine
    from coverage.siting import Progress
    from coverage.siting.planning.question.request import SitingRequest
    from layers.notes.notes import Notes

    Stop = Callable[[], bool]
    Tell = Callable[[Progress], None]


@dataclass(frozen=True, eq=False)
class Ahead:
    """What is written and said."""

    table: pd.DataFrame
    notes: Notes
    lines: list[str]


def asks_ahead(options: SiteOptions) -> bool:
    """Whether a table of another kind is asked for."""
    return bool(options.robust or options.phased or options.frontier)


def check_ahead(options: SiteOptions) -> None:
    """Options that do not go together."""
    if options.why is not None:
        if options.along:
            raise MessageError("error.command.one_ahead", one="--why", other="--with")
        assigns = options.capacity or options.min_births is not None
        if options.objective != "mclp" or assigns or options.close or options.weight:
            raise MessageError("siting.error.why_alone")
    asked = [name for name in ("robust", "phased", "frontier") if getattr(options, name)]
    if len(asked) > 1:
        raise MessageError("error.command.one_ahead", one=f"--{asked[0]}", other=f"--{asked[1]}")
    if not asked:
        return
    others = {
        "--with": options.along,
        "--alternatives": options.alternatives,
        "--why": options.why,
        "--after": options.after,
    }
    for name, value in others.items():
        if value:
            raise MessageError("error.command.one_ahead", one=f"--{asked[0]}", other=name)


def look_ahead(
    engine: Engine, query: Any, facilities: Any, request: SitingRequest, options: SiteOptions, stop: Stop, tell: Tell
) -> Ahead:
    """Answer the question that looks ahead."""
    if options.robust:
        return _robust(engine, query, facilities, request, options, stop, tell)
    if options.phased:
        return _phased(engine, query, facilities, request, options, stop, tell)
    return _frontier(engine, query, facilities, request, options, stop, tell)


def _robust(
    engine: Engine, query: Any, facilities: Any, request: SitingRequest, options: SiteOptions, stop: Stop, tell: Tell
) -> Ahead:
    from coverage.indicators.projection import draw_ahead
    from coverage.siting.planning.ahead.cases import Doubt
    from coverage.siting.planning.ahead.robust import propose_robust
    from layers.notes.ahead_notes import describe_robust, robust_lines
    from layers.notes.site_notes import options_of

    doubt = Doubt.parse(options.robust, options.seed)
    drawn = draw_ahead(engine.territory, doubt.count, doubt.seed) if doubt.kind == "years" else None
    proposal = propose_robust(engine, query, facilities, request, doubt, drawn, stop, tell)
    asked = {**options_of(request), "--robust": options.robust, "--seed": options.seed}
    notes = describe_robust(proposal, engine.snapshot, asked, options.lang)
    return Ahead(proposal.sites, notes, robust_lines(proposal, options.lang))


def _phased(
    engine: Engine, query: Any, facilities: Any, request: SitingRequest, options: SiteOptions, stop: Stop, tell: Tell
) -> Ahead:
    from coverage.siting.planning.ahead.steps import propose_phased
    from layers.notes.ahead_notes import describe_phased, phased_lines
    from layers.notes.site_notes import options_of

    proposal = propose_phased(engine, query, facilities, request, stop, tell)
    notes = describe_phased(proposal, engine.snapshot, {**options_of(request), "--phased": True}, options.lang)
    return Ahead(proposal.sites, notes, phased_lines(proposal, options.lang))


def _frontier(
    engine: Engine, query: Any, facilities: Any, request: SitingRequest, options: SiteOptions, stop: Stop, tell: Tell
) -> Ahead:
    from coverage.siting.planning.ahead.steps import frontier
    from coverage.siting.planning.question.problem import build_problem
    from coverage.siting.solvers.basis.control import Control
    from layers.notes.ahead_notes import describe_frontier, frontier_lines, frontier_table
    from layers.notes.site_notes import options_of

    control = Control(request.time_limit, 0.0, stop, tell)
    problem = build_problem(engine, query, facilities, request, control=control)
    steps = list(frontier(problem, request.add, control))
    asked = {**options_of(request), "--frontier": True}
    notes = describe_frontier(problem, steps, engine.snapshot, asked, options.lang)
    return Ahead(frontier_table(problem, steps), notes, frontier_lines(problem, steps, options.lang, request.add))


def point_of(options: SiteOptions) -> tuple[float, float] | None:
    """Point of ``--why`` in metres; None where it is not asked."""
    from loaders.lists.area_file import read_lat_lon

    return None if options.why is None else read_lat_lon(options.why)


def why_there(
    engine: Engine,
    query: Any,
    facilities: Any,
    request: SitingRequest,
    point: tuple[float, float],
    stop: Stop,
    lang: str,
) -> list[str]:
    """Why a place at a point is not among the best."""
    from coverage.siting.planning.ahead.why_not import why_not
    from layers.notes.why_not_notes import why_not_lines

    return why_not_lines(why_not(engine, query, facilities, request, point, stop), lang)
