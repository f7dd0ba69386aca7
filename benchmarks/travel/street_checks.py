"""The streets of the data beside extracts of other years, and how winding they are by type of area.

python -m benchmarks.travel.street_checks circuity           table of docs/method/circuity.md by type of area
python -m benchmarks.travel.street_checks extracts FOLDER    table of docs/method/travel.md
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from coverage.core.demand import surface
from coverage.travel.extracts.network import NetworkTravel, load_network
from coverage.travel.extracts.osm import read_roads
from coverage.travel.pace import PACE_KMH
from coverage.travel.straight_line import CAR_MINUTES, CAR_POWER
from coverage.travel.streets.street_network import load_streets
from coverage.travel.streets.street_travel import StreetTravel
from coverage.zones.territory import Territory
from loaders.catalogue.types import Floats, Positions
from loaders.snapshot.reader import Snapshot

BANDS_KM = ((0.3, 1.0), (1.0, 2.0), (2.0, 4.0))
CAR_BANDS_KM = ((1.0, 5.0), (5.0, 10.0))
ORIGINS, TARGETS = 150, 6000
PLACES = 12


def _sample(weight: Floats, size: int, random: np.random.Generator) -> Positions:
    return np.asarray(random.choice(len(weight), size, replace=False, p=weight / weight.sum()), dtype=np.intp)


def circuity(snapshot: Snapshot) -> None:
    """How much longer than the straight line, by type of area of where it ends: births decide which pairs."""
    births, xy = surface(snapshot, "births", None).births, snapshot.grid.xy
    types = np.asarray(Territory(snapshot).area_types("municipality", 2025), dtype=object)
    of_cell = np.append(types, np.array([None], dtype=object))[snapshot.zone_index("municipality", 2025)]
    print("| type | mode | band, km | pairs | p10 | median | mean | p90 |\n|---|---|---|---|---|---|---|---|")
    for mode in ("walk", "bike", "car"):
        model = StreetTravel(load_streets(snapshot, mode))
        bands = CAR_BANDS_KM if mode == "car" else BANDS_KM
        for kind in ("city", "town", "rural"):
            random = np.random.default_rng(1)
            origins = _sample(np.where(of_cell == kind, births, 0.0), ORIGINS, random)
            targets = _sample(births, 10 * TARGETS, random)
            targets = targets[np.hypot(*(xy[targets][:, None] - xy[origins[:40]][None]).T).min(axis=0) < 12_000]
            limit = 30_000.0 if mode == "car" else 3.0 * 1000 * bands[-1][1]
            pairs = model.within(xy[targets], xy[origins], limit)
            origin = np.repeat(np.arange(len(origins)), np.diff(pairs.start))
            straight = np.hypot(*(xy[targets][pairs.demand] - xy[origins][origin]).T)
            usual = 1000 * CAR_MINUTES * (straight / 1000) ** CAR_POWER if mode == "car" else straight
            for low, high in bands:
                some = (straight >= 1000 * low) & (straight < 1000 * high)
                ratio = pairs.cost[some] / usual[some]
                p10, median, p90 = np.quantile(ratio, (0.1, 0.5, 0.9))
                figures = f"{p10:.2f} | {median:.2f} | {ratio.mean():.2f} | {p90:.2f}"
                print(f"| {kind} | {mode} | {low:g}–{high:g} | {some.sum():,} | {figures} |", flush=True)


def extracts(snapshot: Snapshot, folder: Path) -> None:
    """Way on foot over the streets of the data against that over an extract, to the nearest of some places."""
    births, xy = surface(snapshot, "births", None).births, snapshot.grid.xy
    print("| extract | mode | cells | shorter by 5 % | within 5 % | longer by 5 % | median ratio | minutes |")
    print("|---|---|---|---|---|---|---|---|")
    for path in sorted(folder.glob("*.osm*")):
        west, south, east, north = read_roads(path).bounds
        inner = (xy > np.array([west, south]) + 500).all(axis=1) & (xy < np.array([east, north]) - 500).all(axis=1)
        cells = np.flatnonzero(inner & (births > 0))
        random = np.random.default_rng(1)
        places = xy[_sample(np.where(inner, births, 0.0), min(PLACES, len(cells) // 4), random)]
        for mode in ("walk", "bike"):
            ours = StreetTravel(load_streets(snapshot, mode))(xy[cells], places, 1).distance_m[:, 0]
            theirs = NetworkTravel(load_network(path, mode))(xy[cells], places, 1).distance_m[:, 0]
            known = np.isfinite(ours) & np.isfinite(theirs) & (ours > 100)
            ratio = theirs[known] / ours[known]
            weight = births[cells][known] / births[cells][known].sum()
            less, more = float(weight[ratio < 0.95].sum()), float(weight[ratio > 1.05].sum())
            minutes = float(np.abs(theirs - ours)[known] @ weight) * 60 / (1000 * PACE_KMH[mode])
            name = path.name.partition(".")[0]
            print(
                f"| {name} | {mode} | {known.sum():,} | {less:.0%} | {1 - less - more:.0%} | {more:.0%} | "
                f"{np.median(ratio):.2f} | {minutes:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1] == "circuity":
        circuity(Snapshot())
    else:
        extracts(Snapshot(), Path(sys.argv[2]))
