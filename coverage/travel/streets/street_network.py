"""The streets of the snapshot made ready for one mode: what is closed left out, folded up, and every cell put on it.

What was made is kept in the user's cache folder under the hash of the streets and of the grid, as plain arrays that are
mapped into memory; a folder that cannot be written is no cache.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from coverage.travel.graph import cheapest
from coverage.travel.pace import LEG
from coverage.travel.streets.street_core import StreetCore, make_core
from coverage.travel.streets.street_index import Pieces, Spots, cut_streets, find_all_spots, find_spots
from coverage.travel.streets.street_rules import StreetRules, rules_of, streets_name
from coverage.travel.streets.surroundings import passing, surroundings
from i18n.messages import MessageError, OptionName
from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.publishers.street_kinds import is_class
from loaders.catalogue.types import Bools, Floats, Ints, Positions
from loaders.snapshot.array_cache import Arrays, cache_folder, keep_arrays, read_arrays

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

NEAR_M = 300.0
"""Farther from a street, the way to it counts as a straight line with a detour, and is flagged."""

OFF_STREET = 1.3
"""Metres of travel per metre of straight line to a street that is farther than `NEAR_M`."""

PARKING_S = 60.0
"""Seconds to park and walk to the door: an estimate, added to every trip by car."""

_MANY = 100_000
"""More points than this are put on the streets by a search tree, which is made for them."""

_DM = 10


@dataclass(frozen=True, eq=False)
class Placed:
    """Points on the streets.

    Attributes
    ----------
    edge : (n,) street, -1 where there is none anywhere near
    offset : (n,) decimetres from its tail
    leg : (n,) decimetres of travel between the point and the street
    far : (n,) whether that is more than `NEAR_M`
    anchor : (n, 2) core nodes that ways from here lead through, -1 for none
    leaving : (n, 2) decimetres of travel to these, the leg included
    """

    edge: npt.NDArray[np.int32]
    offset: Floats
    leg: Floats
    far: Bools
    anchor: npt.NDArray[np.int32]
    leaving: npt.NDArray[np.float32]

    def __getitem__(self, rows: Positions) -> Placed:
        """Some of the points."""
        return Placed(*(getattr(self, name)[rows] for name in PLACED))


PLACED = ("edge", "offset", "leg", "far", "anchor", "leaving")


@dataclass(frozen=True, eq=False)
class StreetNetwork:
    """The streets that one mode may use.

    Attributes
    ----------
    mode : ``walk``, ``bike`` or ``car``
    core : the folded graph; costs in decimetres of travel
    core_xy : (c, 2) where the nodes of the core are, metres
    tail, head : (e,) nodes at the ends of every street
    along, against : (e,) decimetres of travel from tail to head and back; ``inf`` where closed
    length : (e,) decimetres
    group : (e,) number shared by streets between which a way need not pass the core
    pieces : where points are put
    cells : the inhabited cells of the grid
    cell_xy : (n, 2) where they are
    least : metres of travel that a metre of straight line costs at the least
    """

    mode: str
    core: StreetCore
    core_xy: npt.NDArray[np.int32]
    tail: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    along: Floats
    against: Floats
    length: Floats
    group: npt.NDArray[np.int32]
    pieces: Pieces
    cells: Placed
    cell_xy: Floats
    least: float

    def place(self, xy: Floats) -> Placed:
        """Put points on the streets; those that are cells of the grid stand where the cell stands."""
        if xy is self.cell_xy or (len(xy) == len(self.cell_xy) and np.array_equal(xy, self.cell_xy)):
            return self.cells
        row = self._cells_at(xy)
        known = row >= 0
        if known.all() and len(row):
            return self.cells[row]
        placed = self.put(xy[~known])
        if not known.any():
            return placed
        joined = {}
        for name in PLACED:
            values = getattr(self.cells, name)[row]
            values[~known] = getattr(placed, name)
            joined[name] = values
        return Placed(**joined)

    def put(self, xy: Floats) -> Placed:
        """Put points on the streets, wherever they are."""
        find = find_spots if len(xy) <= _MANY else find_all_spots
        return _placed(self.mode, find(self.pieces, xy), self)

    @cached_property
    def _sorted_cells(self) -> tuple[Positions, npt.NDArray[np.complex128]]:
        key = self.cell_xy[:, 0] + 1j * self.cell_xy[:, 1]
        order = np.argsort(key)
        return order, key[order]

    def _cells_at(self, xy: Floats) -> Positions:
        """Cell whose middle a point is, -1 for none."""
        if len(xy) == 0 or len(self.cell_xy) == 0:
            return np.full(len(xy), -1, dtype=np.intp)
        order, keys = self._sorted_cells
        key = xy[:, 0] + 1j * xy[:, 1]
        at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        return np.where(keys[at] == key, order[at], -1).astype(np.intp)


def load_streets(snapshot: Snapshot, mode: str, *, ferries: bool = False) -> StreetNetwork:
    """Streets of a snapshot for a mode, from memory, the cache, or made anew; with the ferries or without.

    Raises
    ------
    InputError
        when the snapshot holds no streets, or none that the mode may use
    """
    if not snapshot.has_streets:
        raise MessageError("error.travel.no_streets_held")
    name = streets_name(snapshot, mode, ferries=ferries)
    return _of_snapshot(_Held(snapshot, name, rules_of(mode, ferries=ferries)), mode)


def streets_are_held(snapshot: Snapshot, mode: str, *, ferries: bool = False) -> bool:
    """Whether `load_streets` finds them made, in memory or in the cache on disk, or will refuse."""
    folder = cache_folder()
    name = streets_name(snapshot, mode, ferries=ferries) if snapshot.has_streets else ""
    return not name or name in _in_memory or (folder is not None and (folder / name / "complete").is_file())


class _Held:
    """A snapshot under the name of what is made of it, so that the same figures are found again."""

    def __init__(self, snapshot: Snapshot, name: str, rules: StreetRules) -> None:
        self.snapshot, self.name, self.rules = snapshot, name, rules

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


_in_memory: WeakValueDictionary[str, StreetNetwork] = WeakValueDictionary()
"""By name; only what somebody still holds."""


@lru_cache(maxsize=3)
def _of_snapshot(key: _Held, mode: str) -> StreetNetwork:
    network = _made_or_kept(key, mode)
    _in_memory[key.name] = network
    return network


def _made_or_kept(key: _Held, mode: str) -> StreetNetwork:
    xy = key.snapshot.grid.xy
    folder = cache_folder()
    if folder is None:
        return make_streets(key.snapshot.streets(), mode, xy, key.rules)
    kept = _kept(folder / key.name, mode, xy)
    if kept is not None:
        return kept
    made = make_streets(key.snapshot.streets(), mode, xy, key.rules)
    keep_arrays(_arrays(made), folder / key.name)
    kept = _kept(folder / key.name, mode, xy)  # mapped, so that the memory it was made in is free again
    return made if kept is None else kept


def _kept(folder: Path, mode: str, cell_xy: Floats) -> StreetNetwork | None:
    """Streets that a folder holds; one that cannot be used is taken away."""
    arrays = read_arrays(folder)
    if arrays is None:
        return None
    with suppress(KeyError, ValueError):  # another version of nabij kept it
        return _from_arrays(mode, arrays, cell_xy)
    shutil.rmtree(folder, ignore_errors=True)
    return None


def make_streets(graph: StreetGraph, mode: str, cell_xy: Floats, rules: StreetRules | None = None) -> StreetNetwork:
    """Make the streets ready for a mode, and put cells on them.

    Parameters
    ----------
    graph : all streets
    mode : ``walk``, ``bike`` or ``car``
    cell_xy : (n, 2) cells, metres
    rules : others than those of the mode, for ferries or for fitting speeds

    Raises
    ------
    InputError
        when no street is open to the mode
    """
    rules = rules or rules_of(mode)
    along, against = _costs(graph, rules)
    edges, tail, head, n, nodes = _main(graph, along, against)
    if len(edges) == 0:
        raise MessageError("error.travel.no_street", file="OpenStreetMap", mode=OptionName("mode", mode))
    along, against = along[edges], against[edges]
    apart = tail != head
    origin, target = (np.concatenate([one[apart], other[apart]]) for one, other in ((tail, head), (head, tail)))
    core = make_core(cheapest(target, origin, np.concatenate([along[apart], against[apart]]), n))
    inner = np.maximum(core.fragment[tail], core.fragment[head])
    fragments = int(core.fragment.max(initial=-1)) + 1
    group = np.where(inner >= 0, inner, fragments + np.arange(len(edges)))
    on = np.flatnonzero(~is_class(graph.kind[edges], "ferry"))
    pieces = cut_streets(graph, edges[on])
    pieces.edge[:] = on[pieces.edge]
    network = StreetNetwork(
        mode=mode,
        core=core,
        core_xy=graph.xy[nodes[core.fragment < 0]],
        tail=tail.astype(np.int32),
        head=head.astype(np.int32),
        along=along,
        against=against,
        length=graph.length_dm[edges].astype(np.float64),
        group=group.astype(np.int32),
        pieces=pieces,
        cells=_nowhere(),
        cell_xy=np.zeros((0, 2)),
        least=0.97 * rules.least,  # nodes and bends stand on whole metres
    )
    cells = _placed(mode, find_all_spots(pieces, cell_xy), network)
    return StreetNetwork(**(vars(network) | {"cells": cells, "cell_xy": cell_xy}))


def _costs(graph: StreetGraph, rules: StreetRules) -> tuple[Floats, Floats]:
    """Decimetres of travel along every street and against it, waiting for ferries included."""
    density, (at_tail, at_head) = surroundings(graph), passing(graph)
    metres = graph.length_dm.astype(np.float64)
    wait = np.zeros(len(metres))
    ferry = is_class(graph.kind, "ferry")
    if ferry.any() and np.isfinite(rules.ferry_wait):
        ashore = np.zeros(len(graph.xy), dtype=bool)
        ashore[graph.tail[~ferry]] = ashore[graph.head[~ferry]] = True
        landings = ashore[graph.tail].astype(float) + ashore[graph.head]
        wait = np.where(ferry, landings * rules.ferry_wait / 2 * _DM, 0.0)
    lost = (rules.junction[at_tail, density] + rules.junction[at_head, density]) / 2 * _DM
    costs = []
    for table in (rules.along, rules.against):
        cost = table[density, graph.kind] * metres + wait + lost
        costs.append(np.where(np.isfinite(cost), np.maximum(1.0, np.rint(cost)), np.inf))
    return costs[0], costs[1]


def _main(graph: StreetGraph, along: Floats, against: Floats) -> tuple[Ints, Ints, Ints, int, Ints]:
    """Streets of the largest part in which everybody can get to everybody, their ends numbered anew, and the nodes."""
    goes, returns = np.isfinite(along), np.isfinite(against)
    tail, head = graph.tail.astype(np.int64), graph.head.astype(np.int64)
    n = len(graph.xy)
    rows, cols = np.concatenate([tail[goes], head[returns]]), np.concatenate([head[goes], tail[returns]])
    _, part = connected_components(
        sparse.csr_array((np.ones(len(rows), dtype=bool), (rows, cols)), shape=(n, n)), connection="strong"
    )
    main = part == np.bincount(part).argmax()
    edges = np.flatnonzero((goes | returns) & main[tail] & main[head])
    number = np.cumsum(main) - 1
    return edges, number[tail[edges]], number[head[edges]], int(main.sum()), np.flatnonzero(main)


def _nowhere() -> Placed:
    nothing = np.zeros(0)
    return Placed(
        nothing.astype(np.int32), nothing, nothing, nothing.astype(bool), np.zeros((0, 2), np.int32),
        np.zeros((0, 2), np.float32),
    )  # fmt: skip


def _placed(mode: str, spots: Spots, network: StreetNetwork) -> Placed:
    """Legs, and ways to the anchors."""
    edge = spots.edge
    there = edge >= 0
    at = np.where(there, edge, 0)
    far = spots.away_m > NEAR_M
    leg = np.where(there, np.rint(spots.away_m * np.where(far, OFF_STREET, 1.0) * LEG[mode] * _DM), np.inf)
    offset = np.minimum(spots.offset_dm, network.length[at])
    to_tail, to_head = leaving_ends(network, at, offset)
    anchor, cost = two_anchors(
        network.core.anchor,
        network.core.leaving,
        network.tail[at].astype(np.intp),
        network.head[at].astype(np.intp),
        to_tail,
        to_head,
    )
    anchor[~there] = -1
    return Placed(edge, offset, leg, far & there, anchor, (cost + leg[:, None]).astype(np.float32))


def leaving_ends(network: StreetNetwork, edge: Positions, offset: Floats) -> tuple[Floats, Floats]:
    """Decimetres of travel from a spot on a street to its tail and to its head."""
    length = np.maximum(network.length[edge], 1.0)
    return part_of(network.against[edge], offset, length), part_of(network.along[edge], length - offset, length)


def coming_ends(network: StreetNetwork, edge: Positions, offset: Floats) -> tuple[Floats, Floats]:
    """Decimetres of travel from the tail and from the head of a street to a spot on it."""
    length = np.maximum(network.length[edge], 1.0)
    return part_of(network.along[edge], offset, length), part_of(network.against[edge], length - offset, length)


def part_of(cost: Floats, part: Floats, length: Floats) -> Floats:
    """Whole decimetres of travel over a part of a street."""
    return np.asarray(
        np.where(np.isfinite(cost), np.rint(np.where(np.isfinite(cost), cost, 0) * part / length), np.inf)
    )


def two_anchors(
    anchor: Positions, cost: Floats, tail: Positions, head: Positions, to_tail: Floats, to_head: Floats
) -> tuple[npt.NDArray[np.int32], Floats]:
    """The at most two core nodes that ways from a street lead through, and what getting there costs by either end."""
    four = np.hstack([anchor[tail], anchor[head]])
    costs = np.hstack([cost[tail] + to_tail[:, None], cost[head] + to_head[:, None]])
    anchored = four >= 0
    high = four.max(axis=1)
    low = np.where(anchored, four, high[:, None]).min(axis=1)
    cheapest = np.empty((len(four), 2))
    for column, one in enumerate((low, high)):
        cheapest[:, column] = np.where(anchored & (four == one[:, None]), costs, np.inf).min(axis=1)
    anchors = np.column_stack([low, np.where(high == low, -1, high)]).astype(np.int32)
    cheapest[anchors[:, 1] < 0, 1] = np.inf
    return anchors, cheapest


def _arrays(network: StreetNetwork) -> Arrays:
    """Everything of a network as plain arrays."""
    arrays: Arrays = {"least": np.array([network.least])}
    for name in ("core_xy", "tail", "head", "length", "group"):
        arrays[name] = getattr(network, name)
    for name in ("along", "against"):
        arrays[name] = getattr(network, name)
    for name in ("graph", "inside"):
        matrix = getattr(network.core, name)
        arrays |= {f"{name}_{part}": getattr(matrix, part) for part in ("data", "indices", "indptr")}
    for name in ("anchor", "fragment"):
        arrays[f"core_{name}"] = getattr(network.core, name).astype(np.int32)
    for name in ("leaving", "coming"):
        arrays[f"core_{name}"] = getattr(network.core, name).astype(np.float32)
    arrays |= {f"piece_{name}": values for name, values in vars(network.pieces).items()}
    return arrays | {f"cell_{name}": getattr(network.cells, name) for name in PLACED}


def _from_arrays(mode: str, arrays: Mapping[str, npt.NDArray[Any]], cell_xy: Floats) -> StreetNetwork:
    def matrix(name: str) -> sparse.csr_array:
        parts = tuple(arrays[f"{name}_{part}"] for part in ("data", "indices", "indptr"))
        size = len(parts[2]) - 1
        return sparse.csr_array(parts, shape=(size, size))

    core = StreetCore(
        graph=matrix("graph"),
        anchor=arrays["core_anchor"],
        leaving=arrays["core_leaving"],
        coming=arrays["core_coming"],
        fragment=arrays["core_fragment"],
        inside=matrix("inside"),
    )
    cells = Placed(**{name: arrays[f"cell_{name}"] for name in PLACED})
    if len(cells.edge) != len(cell_xy):
        raise ValueError(len(cells.edge))
    return StreetNetwork(
        mode=mode,
        core=core,
        **{name: arrays[name] for name in ("core_xy", "tail", "head", "along", "against", "length", "group")},
        pieces=Pieces(**{name: arrays[f"piece_{name}"] for name in Pieces.__dataclass_fields__}),
        cells=cells,
        cell_xy=cell_xy,
        least=float(arrays["least"][0]),
    )
