"""How far every cell is from the places of one service, whatever the zones and thresholds."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.core.query import Query
from coverage.travel.base import TravelModel
from coverage.travel.models import DEFAULT_MODEL
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.services import needs_walk_in

_NAMED = 3
"""Places that are named where there may be many."""


@dataclass(frozen=True, eq=False)
class Reach:
    """Travel distance of every inhabited cell to its nearest and second nearest place.

    Attributes
    ----------
    distance_m : (n_cells,) metres of travel; ``inf`` where there is no place, NaN where distances are not
        known
    second_m : (n_cells,) the same to the second nearest place
    nearest : (n_cells,) position of the nearest place in the facility frame, -1 where there is none
    order : (n_cells,) cells from near to far; cells at the same distance in grid order
    known : whether distances are known at all
    flags : word of `loaders.catalogue.columns.FLAGS` -> (n_cells,) cells the travel model says it of
    details : what the travel model says of itself, for the sentence that goes with the figures
    forest : what the travel model brings the distances up to date from; None where it cannot
    """

    distance_m: npt.NDArray[np.float64]
    second_m: npt.NDArray[np.float64]
    nearest: npt.NDArray[np.intp]
    order: npt.NDArray[np.intp]
    known: bool
    flags: Mapping[str, npt.NDArray[np.bool_]] = field(default_factory=dict)
    details: Mapping[str, object] = field(default_factory=dict)
    forest: object = None


def is_place(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """(n,) whether a row is a place: it exists, stands somewhere and, where that counts, families can walk in."""
    exists = (frame["status"] == "exists").to_numpy(bool) & (frame["precision"] != "none").to_numpy(bool)
    walk_in = frame["physical"].fillna(value=False).to_numpy(bool)
    return np.asarray(exists & (walk_in | ~frame["service"].isin(needs_walk_in()).to_numpy(bool)), dtype=bool)


def has_point(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """(n,) whether a row has coordinates."""
    return np.asarray(np.isfinite(coordinates(frame)).all(axis=1), dtype=bool)


def coordinates(frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    """(n, 2) metres, NaN where a row has none."""
    return np.column_stack(
        [frame["x"].to_numpy(np.float64, na_value=np.nan), frame["y"].to_numpy(np.float64, na_value=np.nan)]
    )


def distances_known(facilities: Facilities) -> bool:
    """Whether distances can be stated: not for a documented set, nor when no place has coordinates.

    Of a list that is complete for some areas they can, within those.
    """
    if facilities.scope is not None and not facilities.complete_for:
        return False
    places = is_place(facilities.frame)
    return bool((places & has_point(facilities.frame)).any()) or not places.any()


ReachKey = tuple[Hashable, ...]


def reach_key(facilities: Facilities, query: Query) -> ReachKey:
    """Return a key that is equal when, and only when, the same rows are places in the same spots, reached alike."""
    rows = place_rows(facilities)
    digest = hashlib.blake2b(rows.tobytes(), digest_size=16)
    digest.update(coordinates(facilities.frame)[rows].tobytes())
    digest.update(repr(facilities.complete_for).encode() if facilities.complete_for else b"")
    if query.model == DEFAULT_MODEL:
        return query.model, query.mode == "car", distances_known(facilities), digest.hexdigest()
    digest.update("\n".join(facilities.frame["id"].astype(str)).encode())
    files = tuple(_identity(file) for file in (query.network, query.matrix))
    how = (query.model, query.mode, query.ferries, query.bridges_used)
    return *how, files, query.matrix_columns, distances_known(facilities), digest.hexdigest()


def _identity(file: Path | None) -> ReachKey:
    """What changes when a file is replaced; an absent one is left to whoever reads it."""
    if file is None or not file.is_file():
        return (file,)
    status = file.stat()
    return (file, status.st_mtime_ns, status.st_size)


def place_rows(facilities: Facilities) -> npt.NDArray[np.intp]:
    """Rows that are places with coordinates."""
    return np.flatnonzero(is_place(facilities.frame) & has_point(facilities.frame))


def names_off_street(facilities: Facilities, positions: object) -> str:
    """Names, or ids, of the places that a travel model found far from any street; the first three of many."""
    rows = place_rows(facilities)[list(positions) if isinstance(positions, tuple) else []]
    frame = facilities.frame.iloc[rows]
    names = frame["name"].fillna("").astype(str).where(lambda name: name.str.strip() != "", frame["id"].astype(str))
    return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")


def measure(cell_xy: npt.NDArray[np.float64], facilities: Facilities, model: TravelModel) -> Reach:
    """Travel distance of every cell to the nearest two places of ``facilities`` (rows of one service).

    Parameters
    ----------
    cell_xy : (n_cells, 2) metres
    facilities : places of one service; those that do not count (`is_place`) are left out
    model : travel cost model
    """
    n = len(cell_xy)
    if not distances_known(facilities):
        unknown = np.full(n, np.nan)
        return Reach(unknown, unknown, np.full(n, -1, dtype=np.intp), np.arange(n, dtype=np.intp), known=False)
    rows = place_rows(facilities)
    travel = model(cell_xy, coordinates(facilities.frame)[rows], 2)
    first = np.ascontiguousarray(travel.distance_m[:, 0])
    positions = np.append(rows, -1)[travel.index[:, 0]]
    return Reach(
        distance_m=first,
        second_m=np.ascontiguousarray(travel.distance_m[:, 1]),
        nearest=positions,
        order=np.argsort(first, kind="stable") if travel.order is None else travel.order,
        known=True,
        flags=travel.flags,
        details=travel.details,
        forest=travel.forest,
    )
