"""How two partitions overlap: births in every intersection, what cuts what, and how unequally."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.areas import in_areas
from coverage.conservation import check_conserved
from coverage.demand import Demand
from coverage.reach import is_place
from coverage.reasons import partnership_rows, partnerships
from coverage.territory import Territory
from coverage.zones import BIRTHS_DECIMALS
from loaders.errors import InputError
from loaders.facilities import Facilities
from loaders.levels import NOT_KNOWN_HERE, get_level

if TYPE_CHECKING:
    from loaders.snapshot import Snapshot

SLIVER = 0.01
"""A zone is cut when at least two zones hold this share of its births; less is a matter of borders on hectares."""

PIECE_COLUMNS = (
    "zone_a",
    "zone_b",
    "births",
    "share_of_a",
    "share_of_b",
    "nesting_of_a",
    "nesting_of_b",
    "parts_of_a",
    "parts_of_b",
    "effective_parts_of_a",
    "effective_parts_of_b",
)
"""Columns of `overlap`, in order."""


def overlap(births_by_cell: npt.ArrayLike, zone_a: npt.ArrayLike, zone_b: npt.ArrayLike) -> pd.DataFrame:
    """Births in every intersection of two partitions of the same cells.

    Parameters
    ----------
    births_by_cell : (n_cells,) births, none negative or missing
    zone_a, zone_b : (n_cells,) zone of every cell in either partition: whole numbers (-1 outside the
        partition) or labels (None or NaN outside)

    Returns
    -------
    pandas.DataFrame
        one row per intersection that holds births, ordered by ``zone_a`` and then most births first; what lies
        outside a partition is a zone of its own (-1 or None), so ``births`` add up to the total.

        ``share_of_a`` and ``share_of_b`` are parts of all births of the zone. ``nesting_of_a`` is the largest share
        that one zone of B holds of it (1: nested). ``parts_of_a`` counts the zones of B with at least `SLIVER` of
        its births. ``effective_parts_of_a`` is ``1 / Σ share²`` (Simpson 1949; Laakso and Taagepera 1979): 3
        when three zones hold a third each, near 1 when one holds nearly all.

    Raises
    ------
    InputError
        when shapes differ or births are negative or missing
    ConservationError
        when the intersections do not add up to all births

    Examples
    --------
    >>> found = overlap([60, 20, 20], [0, 0, 1], [0, 1, 1])
    >>> found[["zone_a", "zone_b", "births", "share_of_a", "nesting_of_a"]].to_numpy().tolist()
    [[0.0, 0.0, 60.0, 0.75, 0.75], [0.0, 1.0, 20.0, 0.25, 0.75], [1.0, 1.0, 20.0, 1.0, 1.0]]
    """
    births = np.asarray(births_by_cell, dtype=np.float64)
    (number_a, names_a), (number_b, names_b) = _numbered(zone_a), _numbered(zone_b)
    if births.ndim != 1 or not len(births) == len(number_a) == len(number_b):
        raise InputError(
            f"There are births for {births.shape} cells and zones for {len(number_a)} and {len(number_b)}; "
            "give one birth figure and two zones for every cell."
        )
    wrong = np.flatnonzero(~(np.isfinite(births) & (births >= 0)))
    if len(wrong):
        raise InputError(f"The births of cell {wrong[0]} are {births[wrong[0]]:g}; give finite numbers of 0 or more.")
    held = births > 0
    pair = number_a[held].astype(np.int64) * len(names_b) + number_b[held]
    pieces, of_piece = np.unique(pair, return_inverse=True)
    counted = np.bincount(of_piece, weights=births[held], minlength=len(pieces))
    check_conserved(counted, float(births.sum()), "births by intersection")
    a, b = np.divmod(pieces, max(len(names_b), 1))
    frame = pd.DataFrame({"zone_a": names_a[a], "zone_b": names_b[b], "births": counted.round(BIRTHS_DECIMALS)})
    for side, zone, size in (("a", a, len(names_a)), ("b", b, len(names_b))):
        share = counted / np.bincount(zone, weights=counted, minlength=size)[zone]
        largest = np.zeros(size)
        np.maximum.at(largest, zone, share)
        frame[f"share_of_{side}"] = share
        frame[f"nesting_of_{side}"] = largest[zone]
        frame[f"parts_of_{side}"] = np.bincount(zone[share >= SLIVER], minlength=size)[zone]
        frame[f"effective_parts_of_{side}"] = 1 / np.bincount(zone, weights=share**2, minlength=size)[zone]
    order = np.lexsort((b, -counted, a))
    return frame.iloc[order][list(PIECE_COLUMNS)].reset_index(drop=True)


def _numbered(zone: npt.ArrayLike) -> tuple[npt.NDArray[np.intp], npt.NDArray[Any]]:
    """Zones as numbers from 0, and what each number stands for; outside the partition comes last."""
    given = np.asarray(zone)
    if given.ndim != 1:
        raise InputError(f"Zones have shape {given.shape}; give one zone for every cell.")
    if np.issubdtype(given.dtype, np.integer):
        names, number = np.unique(np.where(given < 0, np.iinfo(np.int64).max, given), return_inverse=True)
        return number, np.where(names == np.iinfo(np.int64).max, -1, names)
    number, labels = pd.factorize(pd.Series(given, dtype=object), sort=True)
    return np.where(number < 0, len(labels), number), np.append(np.asarray(labels, dtype=object), None)


def nesting_index(pieces: pd.DataFrame) -> float:
    """Share of all births whose zone of A they share with the zone of B that holds most of it.

    ``N = Σ_a max_b births(a ∩ b) / Σ births``: 1 when every zone of A lies within one of B.

    Parameters
    ----------
    pieces : result of `overlap`

    Returns
    -------
    float
        NaN without births
    """
    largest = pieces.groupby("zone_a", dropna=False)["births"].max()
    total = float(pieces["births"].sum())
    return float(largest.sum()) / total if total else float("nan")


@dataclass(frozen=True, eq=False)
class Overlap:
    """Overlap of two levels of the snapshot.

    Attributes
    ----------
    table : rows of `overlap` with the ids and names of the zones, see `between`
    level_a, level_b : the levels
    vintage_a, vintage_b : of the borders used
    demand : births that were counted
    nesting_a, nesting_b : `nesting_index` either way, over what the table shows and both partitions hold
    """

    table: pd.DataFrame
    level_a: str
    level_b: str
    vintage_a: int
    vintage_b: int
    demand: Demand
    nesting_a: float
    nesting_b: float


def between(
    territory: Territory,
    demand: Demand,
    levels: tuple[str, str],
    vintage: int,
    areas: tuple[tuple[str, str], ...] = (),
) -> Overlap:
    """Overlap of two levels.

    Parameters
    ----------
    territory : look-ups on the snapshot
    demand : births of every cell
    levels : the two kinds of zone
    vintage : year of the borders; the newest held that is not later is taken for either
    areas : (level, zone_id) pairs; only zones of the first level that lie mostly in them are shown

    Returns
    -------
    Overlap
        its table has ``level_a, zone_a, name_a, level_b, zone_b, name_b, births, births_kind, births_year`` and the
        shares of `overlap`; what lies outside a level is ``not_known_here``. Flags of the zones stand in ``flags``.

    Raises
    ------
    InputError
        when a level or area is unknown, or both levels are the same
    """
    first, second = levels
    if first == second:
        raise InputError(f"Both levels are '{first}'; give two different ones, such as --levels care_region,gp_circle.")
    held = tuple(get_level(level).resolve_vintage(vintage) for level in levels)
    index = [territory.snapshot.zone_index(level, year) for level, year in zip(levels, held, strict=True)]
    pieces = overlap(demand.births, *index)
    check_conserved(pieces["births"], demand.total, f"{demand.kind} {demand.year} by intersection")
    if areas:
        kept = np.append(in_areas(territory, areas, first, held[0]), False)
        pieces = pieces[kept[pieces["zone_a"]]].reset_index(drop=True)
    inside = pieces[(pieces["zone_a"] >= 0) & (pieces["zone_b"] >= 0)]
    swapped = inside.rename(columns={"zone_a": "zone_b", "zone_b": "zone_a"})
    table = pd.DataFrame(index=pieces.index)
    flags = pd.Series("", index=pieces.index)
    for side, level, year in (("a", first, held[0]), ("b", second, held[1])):
        zones = territory.zones(level, year)
        position = pieces[f"zone_{side}"].to_numpy(np.intp)
        table[f"level_{side}"] = level
        table[f"zone_{side}"] = np.append(zones["zone_id"].to_numpy(object), NOT_KNOWN_HERE)[position]
        table[f"name_{side}"] = np.append(zones["zone_name"].to_numpy(object), NOT_KNOWN_HERE)[position]
        own = np.append(zones["flags"].fillna("").to_numpy(object), _outside(level))[position]
        flags = flags.str.cat(pd.Series(own, index=pieces.index), sep=";")
    figures = pieces.drop(columns=["zone_a", "zone_b"])
    table = table.join(figures).assign(
        births_kind=demand.kind, births_year=demand.year, flags=flags.map(_once).astype("str")
    )
    return Overlap(table, first, second, held[0], held[1], demand, nesting_index(inside), nesting_index(swapped))


def _outside(level: str) -> str:
    return NOT_KNOWN_HERE if get_level(level).documented_only else "outside_partition"


def _once(joined: str) -> str:
    return ";".join(dict.fromkeys(word for word in joined.split(";") if word))


def house_rule(snapshot: Snapshot, everything: Facilities, territory: Territory | None = None) -> pd.DataFrame:
    """Judge every partnership by the rule that its area covers that of a bureau and stays within one care region.

    The area of a partnership is the municipalities of 2018 that it serves. The area of a bureau is those its row
    says it serves, or the municipality it stands in.

    Parameters
    ----------
    snapshot : care regions and municipality codes
    everything : bureaus and houses
    territory : look-ups to reuse

    Returns
    -------
    pandas.DataFrame
        one row per partnership: ``house_id, name, municipalities`` (names of 2018, joined by ``;``),
        ``covers_bureau``, ``within_care_region`` (nullable booleans, missing where facts are lacking),
        ``care_regions`` (ids, joined by ``;``) and ``violations`` (words joined by ``;``)
    """
    look = territory or Territory(snapshot)
    houses, number, ids = partnership_rows(everything.frame)
    serves, _ = partnerships(look, everything.frame)
    bureaus = everything.frame[(everything.frame["service"] == "bureau").to_numpy(bool)]
    bureaus = bureaus[is_place(bureaus)]
    covered = _covers_one(serves, _areas_of(look, bureaus))

    regions = look.zones("care_region", 2025)
    member = look.members("care_region", 2025).astype(np.int64)
    touched = (serves.astype(np.int64) @ member.T) > 0
    known = np.asarray((serves & ~(member.sum(axis=0) > 0)).sum(axis=1) == 0)
    crosses = (touched.sum(axis=1) > 1) | (touched.any(axis=1) & ~known & _documented(look, serves, member))
    judged = known | crosses
    names = look.codes["name2018"].to_numpy(object)
    region_ids = regions["zone_id"].to_numpy(object)
    frame = pd.DataFrame(
        {
            "house_id": np.asarray(ids, dtype=object),
            "name": [houses["name"].iloc[int(np.flatnonzero(number == k)[0])] for k in range(len(ids))],
            "municipalities": [";".join(names[row]) for row in serves],
            "covers_bureau": pd.array(covered, dtype="boolean"),
            "within_care_region": pd.arrays.BooleanArray(~crosses, ~judged),
            "care_regions": [";".join(region_ids[row]) for row in touched],
        }
    )
    frame["violations"] = [
        ";".join(word for word, holds in (("covers_no_bureau", not c), ("crosses_care_region", x)) if holds)
        for c, x in zip(covered, crosses, strict=True)
    ]
    return frame.sort_values("house_id", ignore_index=True)
