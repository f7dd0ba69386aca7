"""Where illustrative places stand: inhabited hectare cells where children live close together, spread out.

Within a municipality the first place goes to the cell with most children around it (Gaussian kernel, half a kilometre);
children near a chosen place then count for less, so the next place goes where demand is left. All rules, no chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from loaders.catalogue.types import Bools, Floats

CELL_M = 100.0
KERNEL_M = 500.0
MIN_APART_M = 600.0
"""Places on different sites stand at least this far apart, unless the municipality is smaller than that."""
MAX_SPACING_M = 2500.0
EDGE_M = (1500.0, 3500.0)
"""A place out of the centre stands between these distances from where most children live."""
FACING_SHARE = 0.3
"""A place that faces a neighbour stands where at least this share of the highest density is reached."""


@dataclass(frozen=True)
class InhabitedCells:
    """The inhabited cells of one municipality.

    Attributes
    ----------
    xy : (n, 2) cell centres, EPSG:31370 metres
    weight : (n,) children
    allowed : (n,) whether a place may stand there
    part : (n,) name of the sub-municipality
    """

    xy: Floats
    weight: Floats
    allowed: Bools
    part: npt.NDArray[np.object_]


@dataclass(frozen=True)
class PlacementSpec:
    """Where the places of one municipality should stand.

    Attributes
    ----------
    count : number of sites
    anchors : sub-municipalities for the first sites, in order; '' or an unknown name for anywhere
    out_of_centre : whether the sites lie out of the centre
    towards : point (x, y) the first site should be near, or None
    """

    count: int
    anchors: Sequence[str] = field(default=())
    out_of_centre: bool = False
    towards: Floats | None = None


def place_sites(ground: InhabitedCells, spec: PlacementSpec) -> npt.NDArray[np.int64]:
    """(spec.count,) positions of cells in ``ground``, the most central site first unless the spec says otherwise."""
    left = ground.weight.copy()
    spacing = _spacing(ground, spec.count)
    anywhere = _solid(ground, ground.allowed)
    centre = ground.xy[_densest(ground, left, anywhere)]
    sites: list[int] = []
    for number in range(spec.count):
        anchor = spec.anchors[number] if number < len(spec.anchors) else ""
        part = ground.allowed & (ground.part == anchor)
        open_ = _apart(ground.xy, sites, _solid(ground, part) if part.any() else anywhere)
        if spec.out_of_centre:
            open_ = _edge(ground.xy, centre, open_)
        towards = spec.towards if number == 0 else None
        sites.append(_densest(ground, left, open_, towards))
        distance = np.hypot(*(ground.xy - ground.xy[sites[-1]]).T)
        left *= 1.0 - np.exp(-0.5 * (distance / spacing) ** 2)
    return np.array(sites, dtype=np.int64)


def _solid(ground: InhabitedCells, where: Bools) -> Bools:
    """Of the cells ``where``, those with at least their mean number of children: built-up, not a lone farm."""
    return np.asarray(where & (ground.weight >= ground.weight[where].mean()))


def _spacing(ground: InhabitedCells, count: int) -> float:
    """Half the side of the square of lived-in land each site has to itself, in metres."""
    lived_in = ground.weight.sum() ** 2 / (ground.weight**2).sum() * CELL_M**2
    return float(np.clip(np.sqrt(lived_in / max(1, count)) / 2, MIN_APART_M, MAX_SPACING_M))


def _apart(xy: Floats, sites: Sequence[int], open_: Bools) -> Bools:
    """Of the cells ``open_``, those far enough from the sites; all of them when none is."""
    far = open_.copy()
    for site in sites:
        far &= np.hypot(*(xy - xy[site]).T) >= MIN_APART_M
    return far if far.any() else open_


def _edge(xy: Floats, centre: Floats, open_: Bools) -> Bools:
    distance = np.hypot(*(xy - centre).T)
    ring = open_ & (distance >= EDGE_M[0]) & (distance <= EDGE_M[1])
    return ring if ring.any() else open_


def _densest(ground: InhabitedCells, left: Floats, open_: Bools, towards: Floats | None = None) -> int:
    """Position of the cell with most children around it; of the dense cells nearest ``towards`` when given."""
    density = np.where(open_, np.round(_density(ground.xy, left), 6), -1.0)
    if towards is None:
        return int(density.argmax())
    distance = np.hypot(*(ground.xy - towards).T)
    return int(np.where(density >= FACING_SHARE * density.max(), np.round(distance), np.inf).argmin())


def _density(xy: Floats, weight: Floats) -> Floats:
    """(n,) children around every cell, by a Gaussian kernel on a raster of 100 m."""
    column, row = ((xy - xy.min(axis=0)) / CELL_M).round().astype(np.int64).T
    raster = np.zeros((row.max() + 1, column.max() + 1))
    np.add.at(raster, (row, column), weight)
    smooth = gaussian_filter(raster, KERNEL_M / CELL_M, mode="constant", truncate=3.0)
    return np.asarray(smooth[row, column])
