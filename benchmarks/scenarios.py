"""One edit of a scenario: brought up to date beside worked out anew, until what the browser is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.measure import RUNS, MeasuredJob, measure, table
from coverage.analysis import Analysis, Engine
from coverage.core.query import Query
from coverage.indicators.comparison import compare
from coverage.scenario.edits import Add, Close, Edit, Move
from coverage.scenario.replay import result_hash
from coverage.scenario.scenario import Scenario, start
from layers.maps.geometry import compact_json
from layers.views.view import payload
from loaders.catalogue.facilities import Facilities
from loaders.snapshot.reader import Snapshot

TARGET_S = 0.3
"""Move, add or close one site: new table and map in the server."""

LEVELS = {"municipality": "304 zones", "sector": "9,879 zones"}
_SPARE = 2
"""Runs that `measure` makes beside those it times."""


def scenario_lines(snapshot: Snapshot, facilities: Facilities) -> list[str]:
    """Measure edits at two levels, and tell them as a part of the report."""
    results: list[MeasuredJob] = []
    same = True
    for level in LEVELS:
        for what, edit in _edits(facilities).items():
            pair, alike = _side_by_side(snapshot, facilities, level, what, edit)
            results += pair
            same = same and alike
    ratios = [full.median / quick.median for quick, full in zip(results[::2], results[1::2], strict=True)]
    return [
        "## One edit of a scenario",
        "",
        *table(results),
        "",
        "From the edited list of places to the JSON of the map: distances, zone table, gains and losses, values,",
        "classes and legends. Every run is another edit on top of the one before; demand and zones are at hand in both",
        f"ways. Brought up to date is {min(ratios):.1f} to {max(ratios):.1f} × as fast as worked out anew, and",
        f"the tables are {'the same, bit for bit' if same else '**not the same**'}.",
        "",
    ]


def _side_by_side(
    snapshot: Snapshot, facilities: Facilities, level: str, what: str, edit: Callable[[int], Edit]
) -> tuple[list[MeasuredJob], bool]:
    """One kind of edit, brought up to date and worked out anew, and whether both come to the same table."""
    query = Query(level=level)
    kept, plan = Engine(snapshot), start(snapshot, facilities, query)
    before = kept.analyse(query, facilities)
    steps = _one_after_the_other(plan, edit, facilities, snapshot)
    job = f"{what}, {level} ({LEVELS[level]})"
    quick = measure(f"{job}: brought up to date", lambda: _answer(kept, next(steps), before), TARGET_S)
    others = _one_after_the_other(plan, edit, facilities, snapshot)
    fresh = iter([_fresh(snapshot, kept) for _ in range(RUNS + _SPARE)])
    full = measure(f"{job}: worked out anew", lambda: _answer(next(fresh), next(others), before))
    last = next(others)
    quick_answer, anew = (engine.analyse(*last) for engine in (kept, _fresh(snapshot, kept)))
    return [quick, full], result_hash(quick_answer) == result_hash(anew)


def _edits(facilities: Facilities) -> dict[str, Callable[[int], Edit]]:
    """Kind of edit -> the edit of a run; bureaus all over the list, so dense and thin places both."""
    bureaus = facilities.of_service("bureau").frame
    rows = [row for row in bureaus.itertuples(index=False) if row.precision == "point"]

    def at(run: int) -> tuple[str, float, float]:
        row = rows[(37 * run + 5) % len(rows)]
        return str(row.id), float(str(row.x)), float(str(row.y))

    def move(run: int) -> Edit:
        name, x, y = at(run)
        return Move(name, x + 300.0, y - 200.0)

    def add(run: int) -> Edit:
        _, x, y = at(run)
        return Add(f"new-{run + 1}", "bureau", "", x - 250.0, y + 350.0)

    return {"one bureau moved": move, "one bureau added": add, "one bureau closed": lambda run: Close(at(run)[0])}


def _one_after_the_other(
    plan: Scenario, edit: Callable[[int], Edit], facilities: Facilities, snapshot: Snapshot
) -> Iterator[tuple[Query, Facilities]]:
    """Question and places after one edit more each time."""
    run = 0
    while True:
        plan = plan.with_edit(edit(run), facilities, snapshot)
        yield plan.query, plan.apply(facilities, snapshot)
        run += 1


def _fresh(snapshot: Snapshot, kept: Engine) -> Engine:
    """Engine that knows the demand and the zones, and no distances."""
    engine = Engine(snapshot)
    engine.territory = kept.territory
    engine.demand()
    return engine


def _answer(engine: Engine, asked: tuple[Query, Facilities], before: Analysis) -> str:
    """What the server works out for one edit."""
    analysis = engine.analyse(*asked)
    _ = compare(engine, before, analysis).zones
    return compact_json(payload(analysis, "nl"))
