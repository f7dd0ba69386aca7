"""The national figures along the straight line and over the streets, and the municipalities that change most, with why.

    python -m benchmarks.streets_against_line

Why is worked out: of the births that are within reach in a straight line and not over the streets, the share whose
straight line to that place crosses water, or a motorway or trunk road, and how dense the streets are.
"""

from __future__ import annotations

import numpy as np

from coverage.analysis import Analysis, Engine
from coverage.core.query import Query
from coverage.core.reach import coordinates
from coverage.travel.extracts.cost_raster import OPEN_WATER, TIDAL, WATERCOURSES
from loaders.catalogue.publishers.street_kinds import is_class
from loaders.catalogue.regions.projection import grid_crs, storage_crs, transformer
from loaders.catalogue.types import Bools, Floats, Positions
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot

MODES = ("walk", "bike", "car")
KINDS = ("city", "town", "rural")
STEP_M, SQUARE_M = 25.0, 50
TOP = 10


def national(engine: Engine) -> dict[tuple[str, str], Analysis]:
    """Print births out of reach by mode, model and type of area; return the answers."""
    facilities = load_facilities(engine.snapshot, "illustrative")
    answers = {}
    print("| 15 minutes | model | births out of reach | gaps | city | town | rural | mean minutes |")
    print("|---|---|---|---|---|---|---|---|")
    for mode in MODES:
        for model in ("crow", "network"):
            analysis = engine.analyse(Query(mode=mode, model=model), facilities)
            answers[mode, model] = analysis
            table = analysis.table
            known = np.isfinite(analysis.distance_m)
            births = analysis.demand.births
            speed = {"walk": 80.0, "bike": 250.0, "car": 1000.0}[mode]
            mean = float((births * np.where(known, analysis.distance_m, 0)).sum() / births[known].sum() / speed)
            parts = [table.loc[table["area_type"] == kind, "births_out_of_reach"].sum() for kind in KINDS]
            figures = " | ".join(f"{value:,.0f}" for value in parts)
            out, gaps = table["births_out_of_reach"].sum(), int(table["gap"].fillna(value=False).sum())
            print(f"| {mode} | {model} | {out:,.0f} | {gaps} | {figures} | {mean:.1f} |", flush=True)
    return answers


class Between:
    """What lies on straight lines: water by the land cover, motorways and trunk roads by the streets."""

    def __init__(self, snapshot: Snapshot) -> None:
        (cover,), self._transform = snapshot.bands("grid_land_cover", 1)
        self._water: Bools = np.isin(cover, [*OPEN_WATER, TIDAL, *WATERCOURSES])
        self._to_grid = transformer(storage_crs(), grid_crs())
        graph = snapshot.streets()
        fast = np.flatnonzero(is_class(graph.kind, "motorway", "trunk"))
        ends = graph.xy[graph.tail[fast]], graph.xy[graph.head[fast]]
        points = [ends[0] * (1 - share) + ends[1] * share for share in np.linspace(0, 1, 40)]
        self._roads = np.unique(_squares(np.vstack(points)))

    def __call__(self, start: Floats, end: Floats) -> tuple[Bools, Bools]:
        """(n,) whether lines cross water, and whether they cross a motorway or trunk road."""
        water, road = np.zeros(len(start), dtype=bool), np.zeros(len(start), dtype=bool)
        for row, (a, b) in enumerate(zip(start, end, strict=True)):
            steps = np.linspace(0, 1, max(2, int(np.hypot(*(b - a)) / STEP_M)))[:, None]
            points = a + (b - a) * steps
            east, north = self._to_grid.transform(points[:, 0], points[:, 1])
            col, line = (np.floor(axis).astype(int) for axis in ~self._transform @ (np.array(east), np.array(north)))
            inside = (line >= 0) & (line < self._water.shape[0]) & (col >= 0) & (col < self._water.shape[1])
            water[row] = bool(self._water[line[inside], col[inside]].any())
            road[row] = bool(np.isin(_squares(points), self._roads).any())
        return water, road


def _squares(xy: Floats) -> Positions:
    square = np.floor(xy / SQUARE_M).astype(np.int64)
    return np.asarray(square[:, 1] * 100_000 + square[:, 0], dtype=np.intp)


def changes(engine: Engine, crow: Analysis, streets: Analysis) -> None:
    """Print the municipalities whose births out of reach change most, with why."""
    before, after = (one.table.set_index("zone_id") for one in (crow, streets))
    change = (after["births_out_of_reach"] - before["births_out_of_reach"]).dropna()
    top = change.abs().sort_values(ascending=False).index[:TOP]
    zones = engine.snapshot.zones("municipality", 2025).set_index("zone_id")
    number = {zone: i for i, zone in enumerate(zones.index)}
    between, graph, births = Between(engine.snapshot), engine.snapshot.streets(), streets.demand.births
    of_node = graph.xy[graph.tail].astype(np.float64)
    lost = (crow.distance_m <= crow.query.reach_m) & ~(streets.distance_m <= streets.query.reach_m)
    places, xy = coordinates(crow.facilities.frame), engine.snapshot.grid.xy
    print(
        "| municipality | straight line | streets | water | motorway | neither | ways / line | km of street per km² |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for zone in top:
        cells = np.flatnonzero(lost & (crow.zone_index == number[zone]) & (births > 0))
        weight = births[cells] / max(births[cells].sum(), 1e-9)
        goal = places[crow.nearest[cells]]
        water, road = between(xy[cells], goal)
        straight = np.hypot(*(xy[cells] - goal).T)
        detour = float((streets.distance_m[cells] / np.maximum(straight, 50.0)) @ weight) if len(cells) else np.nan
        shape = zones.geometry[zone]
        west, south, east, north = shape.bounds
        box = (of_node >= (west, south)).all(axis=1) & (of_node <= (east, north)).all(axis=1)
        density = graph.length_dm[box].sum(dtype=float) / 10_000 / ((east - west) * (north - south) / 1e6)
        share = [float(which @ weight) for which in (water, road & ~water, ~water & ~road)]
        row = before.loc[zone]
        out = f"{row['births_out_of_reach']:,.0f} | {after.loc[zone, 'births_out_of_reach']:,.0f}"
        why = " | ".join(f"{part:.0%}" for part in share)
        print(f"| {row['zone_name']} | {out} | {why} | {detour:.2f} | {density:.1f} |", flush=True)


if __name__ == "__main__":
    work = Engine(Snapshot())
    told = national(work)
    for how in MODES:
        print(f"\n{how}")
        changes(work, told[how, "crow"], told[how, "network"])
