"""Addresses where several services can be: the candidates, and those where one of them is already."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from coverage.analysis import Engine
from coverage.core.demand import Demand
from coverage.core.reach import coordinates, place_rows
from coverage.siting.planning.question.candidates import CANDIDATE_COLUMNS, CandidateSites
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import services as declared
from loaders.catalogue.types import Bools, Floats, Ints

SAME_ADDRESS_M = 25.0
"""Places at most so far from each other are at one address: two services in one building are often geocoded apart."""

ADDRESS = "address"
"""Kind of a candidate where a place is already."""


@dataclass(frozen=True, eq=False)
class SharedAddresses:
    """Addresses to choose from.

    Attributes
    ----------
    candidates : the candidates, then the addresses of places that stand at none of them, of kind ``address``
    tenants : per service, (n,) lists of the ids of its places at each address
    """

    candidates: CandidateSites
    tenants: dict[str, list[list[str]]]

    def taken(self, service: str) -> Ints:
        """Addresses where the service is already."""
        return np.array([at for at, ids in enumerate(self.tenants[service]) if ids], dtype=np.intp)

    def names_at(self, address: int) -> list[str]:
        """Ids of all places at an address."""
        return [i for at_address in self.tenants.values() for i in at_address[address]]


def find_addresses(
    engine: Engine,
    demand: Demand,
    candidates: CandidateSites,
    facilities: Facilities,
    inside: Bools | None = None,
    services: Collection[str] | None = None,
) -> SharedAddresses:
    """Put candidates and the addresses of the places there are together.

    Parameters
    ----------
    engine : engine on the snapshot to work from
    demand : births of every inhabited cell
    candidates : new addresses
    facilities : the whole facility set
    inside : (n_cells,) only addresses of which the nearest inhabited cell is one of these; None for all
    services : whose addresses count; None for those of all
    """
    told = [name for name in declared() if services is None or name in services]
    facilities = replace(facilities, frame=facilities.frame[facilities.frame["service"].isin(told)])
    places, xy, cells = _places(engine, facilities, inside)
    count = len(candidates)
    group = _groups(np.vstack([candidates.xy, xy]), count)
    address = group[count:].copy()
    fresh, first = np.unique(address[address >= count], return_index=True)
    rows = np.flatnonzero(address >= count)[first]
    address[address >= count] = count + np.searchsorted(fresh, address[address >= count])
    tenants: dict[str, list[list[str]]] = {service: [[] for _ in range(count + len(fresh))] for service in told}
    for at, service, place in zip(address, places["service"], places["id"].astype(str), strict=True):
        tenants[str(service)][int(at)].append(place)
    more = _frame(engine, demand, places.iloc[rows], xy[rows], cells[rows])
    frame = pd.concat([candidates.frame, more], ignore_index=True) if len(more) else candidates.frame
    return SharedAddresses(CandidateSites(frame, candidates.dropped), tenants)


def _places(engine: Engine, facilities: Facilities, inside: Bools | None) -> tuple[pd.DataFrame, Floats, Ints]:
    """Open places in the area, where they are, and the inhabited cell nearest to each."""
    frame = facilities.frame.iloc[place_rows(facilities)].reset_index(drop=True)
    xy = coordinates(frame)
    if frame.empty:
        return frame, xy, np.zeros(0, dtype=np.intp)
    cells = np.asarray(cKDTree(engine.snapshot.grid.xy).query(xy)[1], dtype=np.intp)
    kept = np.ones(len(frame), dtype=bool) if inside is None else inside[cells]
    return frame[kept].reset_index(drop=True), xy[kept], cells[kept]


def _groups(xy: Floats, count: int) -> Ints:
    """For every point the first point of those at its address; candidates stay apart from each other."""
    pairs = cKDTree(xy).query_pairs(SAME_ADDRESS_M, output_type="ndarray").reshape(-1, 2)
    places = pairs[(pairs >= count).all(axis=1)]
    n = len(xy)
    links = coo_array((np.ones(len(places)), (places[:, 0], places[:, 1])), shape=(n, n))
    label = connected_components(links, directed=False)[1]
    first = np.full(n, n, dtype=np.intp)
    np.minimum.at(first, label, np.arange(n))
    mixed = np.sort(pairs[(pairs < count).sum(axis=1) == 1], axis=1)
    np.minimum.at(first, label[mixed[:, 1]], mixed[:, 0])
    group: Ints = first[label]
    return group


def _frame(engine: Engine, demand: Demand, places: pd.DataFrame, xy: Floats, cells: Ints) -> pd.DataFrame:
    """Rows of `CANDIDATE_COLUMNS` for addresses where a place is."""
    snapshot = engine.snapshot
    zones = np.append(snapshot.zone_rows(region().base, region().vintage)["zone_id"].to_numpy(object), "")
    return pd.DataFrame(
        {
            "id": "address-" + places["id"].astype(str).to_numpy(object),
            "kind": ADDRESS,
            "name": places["name"].to_numpy(object),
            "x": xy[:, 0],
            "y": xy[:, 1],
            "cell": cells,
            region().newest_code: zones[snapshot.zone_index(region().base, region().vintage)[cells]],
            "births": demand.births[cells],
            "moved_m": 0.0,
        },
        columns=list(CANDIDATE_COLUMNS),
    )
