"""How two partitions overlap: births in every intersection, what cuts what, and how unequally."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.core.conservation import check_conserved
from coverage.core.demand import Demand
from coverage.core.reach import is_place
from coverage.zones.areas import area_vintage, in_areas
from coverage.zones.reasons import Verdict, areas_served, covers_all, in_scope, join_words, partnership_rows
from coverage.zones.sums import BIRTHS_DECIMALS
from coverage.zones.territory import Territory, any_of_column, any_of_row
from i18n.errors import ArgumentError
from i18n.messages import MessageError
from loaders.catalogue.columns import OVERLAP_COLUMNS, RULE_COLUMNS, VIOLATIONS
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.levels import NOT_KNOWN_HERE, get_level
from loaders.catalogue.region_in_use import region
from loaders.catalogue.services import service_with_area_rule
from loaders.catalogue.types import Bools, Floats

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

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
        outside a partition is a zone of its own (-1 or missing), so ``births`` add up to the total.

        ``share_of_a`` and ``share_of_b`` are parts of all births of the zone. ``nesting_of_a`` is the largest share
        that one zone of B holds of it (1: nested). ``parts_of_a`` counts the zones of B with at least `SLIVER` of
        its births. ``effective_parts_of_a`` is ``(Σ share)² / Σ share²`` (Laakso and Taagepera 1979): 3 when
        three zones hold a third each, near 1 when one holds nearly all. What lies outside counts as no zone in
        these three.

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
        raise ArgumentError(
            f"There are births for {births.shape} cells and zones for {len(number_a)} and {len(number_b)}; "
            "give one birth figure and two zones for every cell."
        )
    wrong = np.flatnonzero(~(np.isfinite(births) & (births >= 0)))
    if len(wrong):
        raise ArgumentError(
            f"The births of cell {wrong[0]} are {births[wrong[0]]:g}; give finite numbers of 0 or more."
        )
    held = births > 0
    pair = number_a[held].astype(np.int64) * len(names_b) + number_b[held]
    pieces, of_piece = np.unique(pair, return_inverse=True)
    counted = np.bincount(of_piece, weights=births[held], minlength=len(pieces))
    check_conserved(counted, float(births.sum()), "births by intersection")
    a, b = np.divmod(pieces, max(len(names_b), 1))
    frame = pd.DataFrame({"zone_a": names_a[a], "zone_b": names_b[b], "births": counted.round(BIRTHS_DECIMALS)})
    known = frame["zone_a"].map(_is_zone).to_numpy(bool), frame["zone_b"].map(_is_zone).to_numpy(bool)
    for side, zone, size, own, other in (("a", a, len(names_a), *known), ("b", b, len(names_b), *known[::-1])):
        share = counted / np.bincount(zone, weights=counted, minlength=size)[zone]
        for name, values in _shape(np.where(other, share, 0.0), zone, size).items():
            frame[f"{name}_of_{side}"] = np.where(own, values[zone], np.nan)
        frame[f"share_of_{side}"] = share
        frame[f"parts_of_{side}"] = frame[f"parts_of_{side}"].astype("Int64")
    order = np.lexsort((b, -counted, a))
    return frame.iloc[order][list(PIECE_COLUMNS)].reset_index(drop=True)


def _shape(share: Floats, zone: npt.NDArray[np.intp], size: int) -> dict[str, Floats]:
    """Largest share, number of parts and effective number of parts of every zone; arrays are (size,)."""
    largest = np.zeros(size)
    np.maximum.at(largest, zone, share)
    whole, squared = (np.bincount(zone, weights=share**power, minlength=size) for power in (1, 2))
    return {
        "nesting": np.where(whole > 0, largest, np.nan),
        "parts": np.bincount(zone[share >= SLIVER], minlength=size).astype(np.float64),
        "effective_parts": np.divide(whole**2, squared, out=np.full(size, np.nan), where=squared > 0),
    }


def _is_zone(name: object) -> bool:
    """Whether a name stands for a zone and not for what lies outside a partition."""
    return not pd.isna(name) and name != -1  # type: ignore[call-overload]


def _numbered(zone: npt.ArrayLike) -> tuple[npt.NDArray[np.intp], npt.NDArray[Any]]:
    """Zones as numbers from 0, and what each number stands for; outside the partition comes last."""
    given = np.asarray(zone if hasattr(zone, "dtype") else pd.Series(list(zone)))  # type: ignore[arg-type]
    if given.ndim != 1:
        raise ArgumentError(f"Zones have shape {given.shape}; give one zone for every cell.")
    whole = np.issubdtype(given.dtype, np.integer)
    series = pd.Series(np.where(given < 0, np.nan, given) if whole else given)
    number, labels = pd.factorize(series, sort=True)
    names: list[Any] = [*(int(label) for label in labels), -1] if whole else [*labels, None]
    return np.where(number < 0, len(labels), number), np.array(names, dtype=np.int64 if whole else object)


def nesting_index(pieces: pd.DataFrame) -> float:
    """Share of births that lie in the zone of B that holds most of their zone of A.

    ``N = Σ_a max_b births(a ∩ b) / Σ births`` over what both partitions hold: 1 when every zone of A lies within
    one of B.

    Parameters
    ----------
    pieces : result of `overlap`

    Returns
    -------
    float
        NaN without births
    """
    inside = pieces[pieces["zone_a"].map(_is_zone).to_numpy(bool) & pieces["zone_b"].map(_is_zone).to_numpy(bool)]
    largest = inside.groupby("zone_a")["births"].max()
    total = float(inside["births"].sum())
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


def parse_levels(text: str) -> tuple[str, str]:
    """Read two levels separated by a comma, as given to ``--levels``.

    Examples
    --------
    >>> parse_levels("care_region, gp_circle")
    ('care_region', 'gp_circle')
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if len(names) != 2:
        raise MessageError("error.question.levels", value=text)
    first, second = (get_level(name).id for name in names)
    return first, second


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
    vintage : year of the borders; for either the newest held that is not later, else the oldest
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
        raise MessageError("error.question.levels_same", value=first)
    held = tuple(area_vintage(level, vintage) for level in levels)
    index = [territory.snapshot.zone_index(level, year) for level, year in zip(levels, held, strict=True)]
    pieces = overlap(demand.births, *index)
    check_conserved(pieces["births"], demand.total, f"{demand.kind} {demand.year} by intersection", BIRTHS_DECIMALS)
    if areas:
        kept = np.append(in_areas(territory, areas, first, held[0]), False)
        pieces = pieces[kept[pieces["zone_a"]]].reset_index(drop=True)
    swapped = pieces.rename(columns={"zone_a": "zone_b", "zone_b": "zone_a"})
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
    )[list(OVERLAP_COLUMNS)]
    return Overlap(table, first, second, held[0], held[1], demand, nesting_index(pieces), nesting_index(swapped))


def _outside(level: str) -> str:
    return NOT_KNOWN_HERE if get_level(level).documented_only else "outside_partition"


def _once(joined: str) -> str:
    return ";".join(dict.fromkeys(word for word in joined.split(";") if word))


def house_rule(snapshot: Snapshot, everything: Facilities, territory: Territory | None = None) -> pd.DataFrame:
    """Judge every partnership by the rule that its area covers that of a bureau and stays within one care region.

    The rule (article 9) is of the service that declares ``area_covers``, and a bureau is a place of the service that
    it names there. The area of a partnership is the smallest municipalities that it serves. The area of a bureau is
    those its row says it serves, or the municipality it stands in. Where no municipality of a partnership lies in a
    care region that is known, the second half of the rule is not judged.

    Parameters
    ----------
    snapshot : care regions and municipality codes
    everything : places of all services
    territory : look-ups to reuse

    Returns
    -------
    pandas.DataFrame
        one row per partnership: ``house_id, name, municipalities`` (names, joined by ``;``),
        ``covers_bureau``, ``within_care_region`` (nullable booleans, missing where facts are lacking),
        ``care_regions`` (ids, joined by ``;``), ``violations`` (words of `loaders.catalogue.columns.VIOLATIONS`) and
        ``evidence``
    """
    look, service = territory or Territory(snapshot), service_with_area_rule()
    rows, number, ids = partnership_rows(everything.frame, service.id)
    serves = areas_served(look, rows, number, len(ids))
    covers = _covers_place(look, everything, serves, service.area_covers)

    planning = region().planning
    members = look.members(planning, region().vintage) if planning else np.zeros((0, len(look.smallest)), dtype=bool)
    shared = serves.astype(np.int64) @ members.T.astype(np.int64)
    touched = shared > 0
    within = any_of_row(shared == serves.sum(axis=1)[:, None])
    crosses = any_of_row(touched) & ~within  # regions are documented whole: who is not in one lies outside
    names, regions = (
        look.codes[region().name_column(region().vintages.smallest)].to_numpy(object),
        (look.zone_ids(planning, region().vintage) if planning else pd.Index([])),
    )
    broken = dict(zip(VIOLATIONS, (covers.judged & ~covers.holds, crosses), strict=True))
    frame = pd.DataFrame(
        {
            "house_id": np.asarray(ids, dtype=object),
            "name": rows.groupby(number, sort=True)["name"].first().to_numpy(object),
            "municipalities": [";".join(names[row]) for row in serves],
            "covers_bureau": pd.arrays.BooleanArray(covers.holds, ~covers.judged),
            "within_care_region": pd.arrays.BooleanArray(within, ~any_of_row(touched)),
            "care_regions": [";".join(regions[row]) for row in touched],
            "violations": join_words(broken, len(ids)),
            "evidence": everything.evidence,
        }
    )[list(RULE_COLUMNS)]
    return frame.sort_values("house_id", ignore_index=True)


def _covers_place(territory: Territory, everything: Facilities, serves: Bools, service: str) -> Verdict:
    """For every area, whether the whole area of a place of a service lies in it; unknown where some may lack."""
    places = everything.frame[(everything.frame["service"] == service).to_numpy(bool)]
    places = places[is_place(places)]
    areas = areas_served(territory, places, np.arange(len(places)), len(places)).astype(np.int64)
    inside = areas @ serves.T.astype(np.int64) == areas.sum(axis=1)[:, None]
    holds = any_of_column(inside & (areas.sum(axis=1) > 0)[:, None])
    return Verdict(holds, holds | covers_all(serves, in_scope(territory, everything, service)))
