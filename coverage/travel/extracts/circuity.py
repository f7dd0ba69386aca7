"""Circuity: how much longer the way over the streets is than the straight line, measured on real streets.

The ratio of network distance to straight-line distance (Newell 1980; Ballou, Rahardja & Sakai 2002), between places
where families live, by mode and distance. What came out: docs/method/circuity.md.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from coverage.travel.extracts.network import SNAP_LIMIT_M, Network, build_network
from coverage.travel.extracts.osm import Roads
from i18n.messages import MessageError
from loaders.catalogue.types import Floats

BANDS_M = (0.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0)
"""Edges of the distance bands, as the crow flies."""

NEAREST_M = 50.0
"""Pairs closer than this say more about the drawing of a street than about a way."""

ORIGINS, PER_BAND = 300, 20
"""Origins drawn per extract and mode, and destinations drawn for each of them in every band."""


def measure_circuity(roads: Roads, mode: str, people_xy: Floats, weight: Floats, seed: int = 1) -> pd.DataFrame:
    """Measure circuity between the streets where people live.

    Origins are drawn in proportion to ``weight``, with replacement; for each of them destinations are drawn in every
    distance band, alike. Both are moved to the nearest street, so that the way to the street does not
    count. Distance is length, for cars too (one-ways count), in the direction from origin to destination.

    Parameters
    ----------
    roads : streets of an extract
    mode : ``walk``, ``bike`` or ``car``
    people_xy : (n, 2) where people live, metres; those outside the extract are left out
    weight : (n,) how many, none negative
    seed : of the draws

    Returns
    -------
    DataFrame
        one row per pair: ``straight_m``, ``network_m``, ``ratio`` (at least 1) and ``band`` (position in `BANDS_M`).
        Pairs that are not connected are left out.

    Raises
    ------
    InputError
        when nobody lives within `SNAP_LIMIT_M` of a street of the extract
    """
    network = build_network(replace(roads, cost=np.where(np.isfinite(roads.cost), np.float32(1), np.inf)), mode)
    nodes, chance = _where_people_live(network, people_xy, weight)
    if len(nodes) == 0:
        raise MessageError("error.travel.nobody_near", file=roads.name)
    random = np.random.default_rng(seed)
    rows = []
    for origin in random.choice(nodes, ORIGINS, p=chance):
        away = np.hypot(*(network.xy[nodes] - network.xy[origin]).T)
        picked = _destinations(away, chance, random)
        # The graph is kept against the direction of travel.
        reached = dijkstra(network.graph.T, indices=origin, limit=5 * BANDS_M[-1])[nodes[picked]]
        rows.append(np.column_stack([away[picked], reached]))
    straight, metres = np.vstack(rows).T
    joined = np.isfinite(metres)
    straight, metres = straight[joined], metres[joined]
    band = np.digitize(straight, BANDS_M) - 1
    return pd.DataFrame({"straight_m": straight, "network_m": metres, "ratio": metres / straight, "band": band})


def summarise_circuity(pairs: pd.DataFrame) -> pd.DataFrame:
    """Summarise pairs by band: ``from_m, to_m, n, mean, p10, median, p90``; bands without pairs are left out."""
    rows = []
    for band, (low, high) in enumerate(pairwise(BANDS_M)):
        ratio = pairs["ratio"].to_numpy(np.float64)[(pairs["band"] == band).to_numpy(bool)]
        if len(ratio):
            rows.append((low, high, len(ratio), ratio.mean(), *np.quantile(ratio, [0.1, 0.5, 0.9])))
    return pd.DataFrame(rows, columns=["from_m", "to_m", "n", "mean", "p10", "median", "p90"])


def _where_people_live(network: Network, people_xy: Floats, weight: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
    """Nodes nearest to people, each once, and the chance of drawing them."""
    usable = np.flatnonzero(network.usable)
    tree = cKDTree(network.xy[usable])
    nearest = np.asarray(tree.query(people_xy, distance_upper_bound=SNAP_LIMIT_M, workers=-1)[1], dtype=np.intp)
    near = (nearest < len(usable)) & (weight > 0)
    sums = np.bincount(usable[nearest[near]], weights=weight[near], minlength=len(network.xy))
    nodes = np.flatnonzero(sums)
    return nodes, np.asarray(sums[nodes] / max(sums.sum(), np.finfo(float).tiny), dtype=np.float64)


def _destinations(straight: Floats, chance: Floats, random: np.random.Generator) -> npt.NDArray[np.intp]:
    """Draw destinations in every band that has any, in proportion to who lives there."""
    picked = []
    for low, high in pairwise(BANDS_M):
        band = np.flatnonzero((straight >= max(low, NEAREST_M)) & (straight < high))
        if len(band):
            picked.append(random.choice(band, PER_BAND, p=chance[band] / chance[band].sum()))
    return np.concatenate(picked) if picked else np.zeros(0, dtype=np.intp)
