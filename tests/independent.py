"""Figures worked out a second time, from the files of a snapshot alone: nothing of nabij is imported.

Only numpy and geopandas work here; rasterio does no more than unpack the two rasters. Every step is written as the
method pages state it and as plainly as it can be, so it is slow where the engine is quick: a distance is the square
root of a sum, a quantile is read off a sorted list, clusters grow cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio

CIRCUITY, REACH_M = 1.3, 1200.0
CHUNK = 20_000


@dataclass
class IndependentWorld:
    """The inhabited hectares: births, metres to the nearest place on foot, and the zone of each at every level."""

    births: np.ndarray
    metres: np.ndarray
    weight: np.ndarray
    people: np.ndarray
    x: np.ndarray
    y: np.ndarray
    zone: dict[tuple[str, int], np.ndarray]
    folder: Path


def read_world(folder: Path, service: str = "bureau") -> IndependentWorld:
    """Read a snapshot, spread the births of 2025 and measure every hectare."""
    with rasterio.open(folder / "grid/weight.tif") as raster:
        weight, people, grid = raster.read(1), raster.read(2), raster.transform
    cell = np.flatnonzero(weight.ravel() > 0)
    row, col = cell // weight.shape[1], cell % weight.shape[1]
    x, y = grid.c + 100 * (col + 0.5), grid.f - 100 * (row + 0.5)
    zone: dict[tuple[str, int], np.ndarray] = {}
    with rasterio.open(folder / "grid/zones.tif") as raster:
        for band, name in enumerate(raster.descriptions, start=1):
            level, _, vintage = name.rpartition("_")
            ids = [*pd.read_parquet(folder / f"zones/{name}.parquet", columns=["zone_id"])["zone_id"], None]
            zone[level, int(vintage)] = np.array(ids, dtype=object)[raster.read(band).ravel()[cell].astype(int) - 1]
    _unions(folder, zone)
    held = weight.ravel()[cell].astype(float)
    table = pd.read_parquet(folder / "tables/births.parquet")
    counted = table[table["year"] == table["year"].max()].set_index("nis2025")["births"]
    municipality = pd.Series(zone["municipality", 2025])
    share = pd.Series(held) / pd.Series(held).groupby(municipality).transform("sum")
    births = (municipality.map(counted).astype(float) * share).to_numpy()
    places = pd.read_parquet(folder / "tables/facilities_illustrative.parquet")
    zone["house_area", 2018] = _house_areas(places, zone["municipality", 2019])
    places = places[(places["service"] == service) & places["x"].notna()]
    points = gpd.GeoSeries(gpd.points_from_xy(x, y), crs="EPSG:3035").to_crs("EPSG:31370")
    metres = _nearest(points.x.to_numpy(), points.y.to_numpy(), places["x"].to_numpy(), places["y"].to_numpy())
    return IndependentWorld(births, metres, held, people.ravel()[cell].astype(float), x, y, zone, folder)


def _unions(folder: Path, zone: dict[tuple[str, int], np.ndarray]) -> None:
    """Zones that are made of others, by the table of members."""
    members = pd.read_parquet(folder / "tables/membership.parquet")
    for level, rows in members.groupby("level"):
        found = np.full(len(zone["municipality", 2025]), None, dtype=object)
        for _, part in rows.groupby(["member_level", "member_vintage"]):
            base, vintage = str(part["member_level"].iloc[0]), int(part["member_vintage"].iloc[0])
            of = dict(zip(part["member_id"], part["zone_id"], strict=True))
            here = pd.Series(zone[base, vintage]).map(of)
            found = np.where(here.notna(), here, found)
        zone[str(level), 2025] = found


def _house_areas(places: pd.DataFrame, municipality: np.ndarray) -> np.ndarray:
    """Partnership that serves the municipality of 2019 of every hectare; no municipality is served by two here."""
    houses = places[places["service"] == "house"].dropna(subset=["serves"])
    of: dict[str, str] = {}
    for house, serves in zip(houses["house_id"], houses["serves"], strict=True):
        for nis in serves.split(";"):
            if of.setdefault(nis, house) != house:
                raise ValueError(f"{nis} is served by {of[nis]} and {house}")
    found = pd.Series(municipality).map(of)
    return found.where(found.notna(), None).to_numpy(object)


def _nearest(x: np.ndarray, y: np.ndarray, to_x: np.ndarray, to_y: np.ndarray) -> np.ndarray:
    found = np.empty(len(x))
    for start in range(0, len(x), CHUNK):
        part = slice(start, start + CHUNK)
        squared = (x[part, None] - to_x[None]) ** 2 + (y[part, None] - to_y[None]) ** 2
        found[part] = np.sqrt(squared.min(axis=1)) * CIRCUITY
    return found


def figures(world: IndependentWorld, inside: np.ndarray) -> dict[str, float]:
    """Births, births in reach and births-weighted distances of a set of hectares."""
    births, metres = world.births[inside], world.metres[inside]
    order = np.argsort(metres, kind="stable")
    upto = np.cumsum(births[order]) / births.sum()
    return {
        "births": float(births.sum()),
        "births_in_reach": float(births[metres <= REACH_M].sum()),
        "mean_distance_m": float((births * metres).sum() / births.sum()),
        "median_distance_m": float(metres[order][np.searchsorted(upto, 0.5 - 1e-12)]),
        "p90_distance_m": float(metres[order][np.searchsorted(upto, 0.9 - 1e-12)]),
    }


def ten_zones(world: IndependentWorld, level: str, vintage: int) -> list[str]:
    """Ten zones with births, spread evenly over the list of all of them."""
    sums = pd.Series(world.births).groupby(pd.Series(world.zone[level, vintage])).sum()
    ids = sums[sums > 0].sort_index().index.to_list()
    return [str(ids[i]) for i in np.unique(np.linspace(0, len(ids) - 1, 10).round().astype(int))]


def intersections(world: IndependentWorld, a: tuple[str, int], b: tuple[str, int]) -> dict[tuple[Any, Any], float]:
    """Births in every intersection of two levels; None is what lies outside one."""
    frame = pd.DataFrame({"a": world.zone[a], "b": world.zone[b], "births": world.births})
    sums = frame.fillna({"a": "", "b": ""}).groupby(["a", "b"])["births"].sum().reset_index()
    rows = zip(sums["a"], sums["b"], sums["births"], strict=True)
    return {(one or None, other or None): float(births) for one, other, births in rows if births > 0}


def fifths(world: IndependentWorld) -> np.ndarray:
    """Fifth of deprivation of every hectare, "unknown" without an index."""
    table = pd.read_parquet(world.folder / "tables/sector_deprivation.parquet")
    score = pd.Series(world.zone["sector", 2021]).map(dict(zip(table["sector_id"], table["score"], strict=True)))
    births = pd.Series(world.births).groupby(score).sum().sort_index(ascending=False)
    fifth, before = {}, 0.0
    for value, count in births.items():
        fifth[value] = str(min(int(5 * (before + count / 2) / births.sum()), 4) + 1)
        before += count
    return score.map(fifth).fillna("unknown").to_numpy(object)


def settlement(world: IndependentWorld) -> np.ndarray:
    """Kind of settlement of the kilometre cell that every hectare lies in."""
    census = pd.read_parquet(world.folder / "tables/census_grid.parquet")
    keys = zip(census["x"] // 1000, census["y"] // 1000, strict=True)
    people = {(int(x), int(y)): float(n) for (x, y), n in zip(keys, census["population"], strict=True)}
    sides, corners = [(0, 1), (1, 0), (0, -1), (-1, 0)], [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    centres: set[tuple[int, int]] = set()
    for cluster in _clusters({c for c, n in people.items() if n >= 1500}, sides):
        if sum(people[c] for c in cluster) >= 50_000:
            centres |= _smooth(_fill(cluster, sides), [*sides, *corners])
    towns = {
        cell
        for cluster in _clusters({c for c, n in people.items() if n >= 300}, [*sides, *corners])
        if sum(people[c] for c in cluster) >= 5_000
        for cell in cluster
    }
    where = zip((world.x // 1000).astype(int), (world.y // 1000).astype(int), strict=True)
    return np.array(["city" if c in centres else "town" if c in towns else "rural" for c in where], dtype=object)


def _clusters(cells: set[tuple[int, int]], steps: list[tuple[int, int]]) -> Iterable[set[tuple[int, int]]]:
    left = set(cells)
    while left:
        cluster, edge = set(), [left.pop()]
        while edge:
            x, y = edge.pop()
            cluster.add((x, y))
            for dx, dy in steps:
                if (x + dx, y + dy) in left:
                    left.remove((x + dx, y + dy))
                    edge.append((x + dx, y + dy))
        yield cluster


def _fill(cluster: set[tuple[int, int]], sides: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """Fill gaps of less than 15 cells that the cluster encloses."""
    xs, ys = [x for x, _ in cluster], [y for _, y in cluster]
    box = {(x, y) for x in range(min(xs) - 1, max(xs) + 2) for y in range(min(ys) - 1, max(ys) + 2)}
    outside = (min(xs) - 1, min(ys) - 1)
    gaps = [gap for gap in _clusters(box - cluster, sides) if outside not in gap and len(gap) < 15]
    return cluster.union(*gaps)


def _smooth(cluster: set[tuple[int, int]], around: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """Add cells of whose eight neighbours at least five belong, until there is none."""
    found = set(cluster)
    while True:
        near = {(x + dx, y + dy) for x, y in found for dx, dy in around} - found
        joins = {(x, y) for x, y in near if sum((x + dx, y + dy) in found for dx, dy in around) >= 5}
        if not joins:
            return found
        found |= joins
