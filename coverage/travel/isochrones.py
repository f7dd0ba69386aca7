"""Isochrones: the ground from which a place can be reached within so many metres of travel, as polygons."""

from __future__ import annotations

import math
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio.features import shapes
from shapely.geometry import MultiPolygon, shape
from shapely.geometry.base import BaseGeometry

from coverage.travel.base import TravelModel, slack_of
from coverage.travel.matrix import MatrixTravel
from coverage.travel.straight_line import Crow
from coverage.travel.streets.bridges import BridgedTravel
from coverage.travel.streets.kept_travel import KeptTravel
from coverage.travel.streets.street_travel import StreetTravel
from i18n.messages import MessageError, NumberAsGiven
from loaders.catalogue.regions.projection import grid_crs, storage_crs
from loaders.catalogue.types import Floats

STEP_M = 50.0
"""Side of the squares an isochrone is made of."""

MAX_SQUARES = 4_000_000
"""Squares an isochrone may need at most; wider ones are asked for with a larger step."""


def isochrone(
    model: TravelModel, place_xy: npt.ArrayLike, within_m: Sequence[float], step_m: float = STEP_M
) -> gpd.GeoDataFrame:
    """From where each place can be reached, for each distance.

    The ground around a place is cut into squares; a square belongs to the isochrone when the model says that its
    middle is within reach. For ``crow`` the answer is a circle and is given as one; for ``matrix`` it is made of the
    inhabited hectares. Polygons are as exact as the squares: borders are off by at most one.

    Parameters
    ----------
    model : travel cost model
    place_xy : (m, 2) places, metres; for ``matrix`` those it was made for
    within_m : metres of travel, each finite and above 0
    step_m : side of the squares

    Returns
    -------
    GeoDataFrame
        one row per place and distance: ``place`` (row of ``place_xy``), ``within_m``, ``area_m2``, ``geometry``
        (metres; empty where nothing is within reach)

    Raises
    ------
    InputError
        when a distance or the step is not a positive number, or a distance would need more than `MAX_SQUARES` squares
    """
    places = np.asarray(place_xy, dtype=np.float64).reshape(-1, 2)
    for metres in within_m:
        if not (math.isfinite(metres) and metres > 0):
            raise MessageError("error.question.isochrone_distance", value=NumberAsGiven(metres))
    if not (math.isfinite(step_m) and step_m > 0):
        raise MessageError("error.question.isochrone_step", value=NumberAsGiven(step_m))
    geometry: list[BaseGeometry] = []
    for i, place in enumerate(places):
        if isinstance(model, Crow):
            geometry += [shapely.Point(place).buffer(model.straight(metres), quad_segs=32) for metres in within_m]
        elif isinstance(model, MatrixTravel):
            geometry += _hectares(model, places, i, within_m)
        else:
            geometry += _squares(model, place, within_m, step_m)
    frame = gpd.GeoDataFrame(
        {"place": np.repeat(np.arange(len(places)), len(within_m)), "within_m": [*within_m] * len(places)},
        geometry=geometry,
        crs=storage_crs(),
    )
    frame.insert(2, "area_m2", frame.geometry.area)
    return frame


def _squares(model: TravelModel, place: Floats, within_m: Sequence[float], step_m: float) -> list[BaseGeometry]:
    """Squares around a place that are within reach; farther than the cheapest way could lead nobody need look."""
    farthest = max(within_m) / model.least + slack_of(model)
    half = math.ceil(farthest / step_m)
    size = 2 * half
    if size * size > MAX_SQUARES:
        raise MessageError(
            "error.question.isochrone_fine", within=NumberAsGiven(max(within_m), "g"), step=NumberAsGiven(step_m, "g")
        )
    corner = np.floor(place / step_m) * step_m + np.array([-half, half]) * step_m
    transform = Affine(step_m, 0, corner[0], 0, -step_m, corner[1])
    col, row = np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5)
    middles = np.column_stack([corner[0] + step_m * col.ravel(), corner[1] - step_m * row.ravel()])
    near = np.flatnonzero(np.hypot(*(middles - place).T) <= farthest)
    cost = np.full(len(middles), np.inf)
    if isinstance(model, StreetTravel | KeptTravel) and not isinstance(model, BridgedTravel):
        near = near[model.may_reach(middles[near], place[None], max(within_m))]
        pairs = model.within(middles[near], place[None], max(within_m))
        cost[near[pairs.demand]] = pairs.cost
    else:
        cost[near] = model(middles[near], place[None], 1).distance_m[:, 0]
    return [_joined((cost <= metres).reshape(size, size), transform) for metres in within_m]


def _hectares(model: MatrixTravel, places: Floats, i: int, within_m: Sequence[float]) -> list[BaseGeometry]:
    """Inhabited hectares from where a place of a table is within reach."""
    grid = model.grid
    pairs = model.within(grid.xy, places, max(within_m))
    own = slice(pairs.start[i], pairs.start[i + 1])
    squares = []
    for metres in within_m:
        inside = np.zeros(grid.shape, dtype=bool)
        inside.ravel()[grid.cell[pairs.demand[own][pairs.cost[own] <= metres]]] = True
        squares.append(_joined(inside, grid.transform))
    return list(gpd.GeoSeries(squares, crs=grid_crs()).to_crs(storage_crs()))


def _joined(inside: npt.NDArray[np.bool_], transform: Affine) -> BaseGeometry:
    """Put the marked squares of a raster together."""
    parts = [shape(part) for part, _ in shapes(inside.astype(np.uint8), mask=inside, transform=transform)]
    return shapely.union_all(parts) if parts else MultiPolygon()
