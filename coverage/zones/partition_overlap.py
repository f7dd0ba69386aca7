"""How two partitions overlap: births in every intersection, what cuts what, and how unequally."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.core.conservation import check_conserved
from coverage.core.demand import Demand
from coverage.core.rows import add_words
from coverage.memory.limits import QuestionLimits
from coverage.memory.weights import Weight, check, of_pieces
from coverage.zones.areas import area_vintage, in_areas
from coverage.zones.sums import BIRTHS_DECIMALS
from coverage.zones.territory import Territory
from i18n.errors import ArgumentError
from i18n.messages import MessageError, Value, Word
from loaders.catalogue.columns import EVIDENCE, OVERLAP_COLUMNS
from loaders.catalogue.regions.levels import NOT_KNOWN_HERE, get_level
from loaders.catalogue.regions.region import Level
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Bools, Floats
from loaders.snapshot.named_circles import circles_without_borders

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

SLIVER = 0.01
"""A zone is cut when at least two zones hold this share of its births; less is a matter of borders on hectares."""

CUT, NOT_CUT, UNKNOWN = "cut", "not_cut", "unknown"
"""Verdicts on a zone: whether another partition cuts it, where that can be said."""

PIECE_COLUMNS = (
    "zone_a",
    "zone_b",
    "births",
    "share_of_a",
    "share_of_b",
    "outside_of_a",
    "outside_of_b",
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

        ``share_of_a`` and ``share_of_b`` are parts of all births of the zone, ``outside_of_a`` the part that lies in
        no zone of B. ``nesting_of_a`` is the largest share
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
    inhabited = births > 0
    pair = number_a[inhabited].astype(np.int64) * len(names_b) + number_b[inhabited]
    pieces, of_piece = np.unique(pair, return_inverse=True)
    counted = np.bincount(of_piece, weights=births[inhabited], minlength=len(pieces))
    check_conserved(counted, float(births.sum()), "births by intersection")
    a, b = np.divmod(pieces, max(len(names_b), 1))
    frame = pd.DataFrame({"zone_a": names_a[a], "zone_b": names_b[b], "births": counted.round(BIRTHS_DECIMALS)})
    known = frame["zone_a"].map(_is_zone).to_numpy(bool), frame["zone_b"].map(_is_zone).to_numpy(bool)
    for side, zone, size, own, other in (("a", a, len(names_a), *known), ("b", b, len(names_b), *known[::-1])):
        share = counted / np.bincount(zone, weights=counted, minlength=size)[zone]
        outside = np.bincount(zone, weights=np.where(other, 0.0, share), minlength=size)
        shape = {"outside": outside, **_shape(np.where(other, share, 0.0), zone, size)}
        for name, values in shape.items():
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
    inside = _both_known(pieces)
    return _ratio(float(inside.groupby("zone_a")["births"].max().sum()), float(inside["births"].sum()))


def nesting_bounds(pieces: pd.DataFrame) -> tuple[float, float]:
    """Between what the nesting index lies when births outside B lie in zones of B that are not known.

    At least ``Σ_a max_b births(a ∩ b) / Σ births``, when what is unknown lies in zones of its own; at most
    ``Σ_a (max_b births(a ∩ b) + unknown of a) / Σ births``, when it all lies in the largest part. Sums are over all
    births of the zones of A.

    Parameters
    ----------
    pieces : result of `overlap`
    """
    own = pieces[pieces["zone_a"].map(_is_zone).to_numpy(bool)]
    total, known = float(own["births"].sum()), _both_known(pieces)
    largest = float(known.groupby("zone_a")["births"].max().sum())
    return _ratio(largest, total), _ratio(largest + total - float(known["births"].sum()), total)


def _both_known(pieces: pd.DataFrame) -> pd.DataFrame:
    return pieces[pieces["zone_a"].map(_is_zone).to_numpy(bool) & pieces["zone_b"].map(_is_zone).to_numpy(bool)]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


@dataclass(frozen=True, eq=False)
class Overlap:
    """Overlap of two levels of the snapshot.

    Attributes
    ----------
    table : rows of `overlap` with the ids and names of the zones, see `between`
    level_a, level_b : the levels
    vintage_a, vintage_b : of the borders used
    demand : births that were counted
    nesting_a, nesting_b : lowest and highest that the nesting index can be, either way, over the zones that the table
        shows; the same twice where both partitions are known whole
    unknown_a, unknown_b : share of the births in zones of one level whose zone of the other is not known
    """

    table: pd.DataFrame
    level_a: str
    level_b: str
    vintage_a: int
    vintage_b: int
    demand: Demand
    nesting_a: tuple[float, float]
    nesting_b: tuple[float, float]
    unknown_a: float
    unknown_b: float


def verdicts(table: pd.DataFrame, side: str) -> pd.DataFrame:
    """One row per zone of a side: ``zone, name, verdict, unknown, documented``; what lies outside it is left out."""
    columns = {
        f"zone_{side}": "zone",
        f"name_{side}": "name",
        f"verdict_{side}": "verdict",
        f"unknown_of_{side}": "unknown",
        f"documented_parts_of_{side}": "documented",
    }
    rows = table[list(columns)].rename(columns=columns).drop_duplicates("zone")
    return rows[rows["verdict"].notna()].reset_index(drop=True)


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
    limits: QuestionLimits | None = None,
) -> Overlap:
    """Overlap of two levels.

    Parameters
    ----------
    territory : look-ups on the snapshot
    demand : births of every cell
    levels : the two kinds of zone
    vintage : year of the borders; for either the newest held that is not later, else the oldest
    areas : (level, zone_id) pairs; only zones of the first level that lie mostly in them are shown
    limits : what it may take; None for no limit

    Returns
    -------
    Overlap
        its table has ``level_a, vintage_a, zone_a, name_a``, the same of b, ``births, births_kind, births_year``, the
        shares of `overlap` and on either side ``unknown_of_a`` (share of its births whose zone of B is not known),
        ``verdict_a`` (`CUT`, `NOT_CUT` or `UNKNOWN`) and ``documented_parts_of_a``: zones of B that a report names
        there without their borders. ``nesting_of_a`` and ``effective_parts_of_a`` are empty where at least `SLIVER` is
        unknown, and ``parts_of_a`` counts the parts that are known. What lies outside a level is ``not_known_here``.
        Flags of the zones stand in ``flags``; ``evidence`` is how the borders are known.

    Raises
    ------
    InputError
        when a level or area is unknown, or both levels are the same
    MessageError
        when it takes more than it may, naming a smaller area that does not, where there is one
    """
    first, second = levels
    if first == second:
        raise MessageError("error.question.levels_same", value=first)
    vintages = area_vintage(first, vintage), area_vintage(second, vintage)
    need = weigh_overlap(territory, demand, levels, vintage, areas)
    limits = limits or QuestionLimits()
    check(limits, need, _lighter(territory, demand, levels, vintage, areas))
    index = [territory.snapshot.zone_index(level, year) for level, year in zip(levels, vintages, strict=True)]
    with limits.turn(need.bytes):
        cells = _cells(territory, demand, levels, vintage, areas) if areas else slice(None)
        births = demand.births[cells]
        pieces = overlap(births, *(zones[cells] for zones in index))
    total = float(births.sum()) if areas else demand.total
    check_conserved(pieces["births"], total, f"{demand.kind} {demand.year} by intersection", BIRTHS_DECIMALS)
    whole = pieces
    if areas:
        kept = np.append(in_areas(territory, areas, first, vintage), False)
        pieces = pieces[kept[pieces["zone_a"]]].reset_index(drop=True)
    of_shown = whole[whole["zone_b"].isin(pieces["zone_b"])]  # a zone of B counts whole, wherever the rest of it lies
    swapped = of_shown.rename(columns={"zone_a": "zone_b", "zone_b": "zone_a"})
    table = pieces.drop(columns=["zone_a", "zone_b", "outside_of_a", "outside_of_b"])
    flags = pd.Series("", index=pieces.index)
    for side, level, year in (("a", first, vintages[0]), ("b", second, vintages[1])):
        zones = territory.zones(level, year)
        position = pieces[f"zone_{side}"].to_numpy(np.intp)
        table[f"level_{side}"] = level
        table[f"vintage_{side}"] = year
        table[f"zone_{side}"] = np.append(zones["zone_id"].to_numpy(object), NOT_KNOWN_HERE)[position]
        table[f"name_{side}"] = np.append(zones["zone_name"].to_numpy(object), NOT_KNOWN_HERE)[position]
        own = np.append(zones["flags"].fillna("").to_numpy(object), _outside(level))[position]
        flags = flags.str.cat(pd.Series(own, index=pieces.index), sep=";")
    for side, level, other in (("a", first, second), ("b", second, first)):
        _judge(table, pieces[f"outside_of_{side}"], side, named_parts(territory, level, other), get_level(other))
    named = (table["documented_parts_of_a"] != "") | (table["documented_parts_of_b"] != "")
    everywhere = np.ones(len(pieces), dtype=bool)
    marks = {"documented_without_borders": named.to_numpy(bool), "proxy_births": everywhere & demand.proxy}
    table = table.assign(
        births_kind=demand.kind,
        births_year=demand.year,
        evidence=evidence_of(levels, territory.snapshot),
        flags=add_words(flags, marks),
    )[list(OVERLAP_COLUMNS)]
    partial = [not get_level(level).covers for level in levels]
    return Overlap(
        table,
        first,
        second,
        vintages[0],
        vintages[1],
        demand,
        _nesting(pieces, unknown=partial[1]),
        _nesting(swapped, unknown=partial[0]),
        _share_outside(pieces) if partial[1] else 0.0,
        _share_outside(swapped) if partial[0] else 0.0,
    )


def weigh_overlap(
    territory: Territory,
    demand: Demand,
    levels: tuple[str, str],
    vintage: int,
    areas: tuple[tuple[str, str], ...] = (),
) -> Weight:
    """Weight of `between`: of the cells in the zones that are shown, and in all that lies over these."""
    if not areas:
        return of_pieces(len(demand.births))
    return of_pieces(int(np.count_nonzero(_cells(territory, demand, levels, vintage, areas))))


def _cells(
    territory: Territory,
    demand: Demand,
    levels: tuple[str, str],
    vintage: int,
    areas: tuple[tuple[str, str], ...],
) -> Bools:
    """(n_cells,) whether a cell counts for the zones in areas: it lies in one, or in a zone that lies over one."""
    first, second = (territory.snapshot.zone_index(level, area_vintage(level, vintage)) for level in levels)
    inside = np.append(in_areas(territory, areas, levels[0], vintage), False)[first] & (demand.births > 0)
    over = np.zeros(int(second.max(initial=-1)) + 2, dtype=bool)
    over[second[inside]] = True
    return np.asarray(over[second], dtype=bool)


def _lighter(
    territory: Territory,
    demand: Demand,
    levels: tuple[str, str],
    vintage: int,
    areas: tuple[tuple[str, str], ...],
) -> Iterator[tuple[Value, Weight]]:
    """The same in one of the large zones of the region."""
    steps = region().steps
    if steps and not areas and steps not in levels:
        zones = territory.zones(steps, area_vintage(steps, vintage))["zone_id"]
        one = ((steps, str(zones.iloc[0])),)
        yield Word("memory.instead.province"), weigh_overlap(territory, demand, levels, vintage, one)


def evidence_of(levels: tuple[str, ...], snapshot: Snapshot) -> str:
    """How the borders of levels are known, as their least sure one (`loaders.catalogue.columns.EVIDENCE`)."""
    return max((snapshot.level_evidence(level) for level in levels), key=EVIDENCE.index)


def _nesting(pieces: pd.DataFrame, *, unknown: bool) -> tuple[float, float]:
    return nesting_bounds(pieces) if unknown else (nesting_index(pieces),) * 2


def _share_outside(pieces: pd.DataFrame) -> float:
    """Share of the births of the zones of A that lie in no zone of B."""
    own = pieces["zone_a"].map(_is_zone).to_numpy(bool)
    outside = own & ~pieces["zone_b"].map(_is_zone).to_numpy(bool)
    return _ratio(float(pieces.loc[outside, "births"].sum()), float(pieces.loc[own, "births"].sum()))


def _judge(table: pd.DataFrame, outside: pd.Series, side: str, named: Mapping[str, NamedParts], other: Level) -> None:
    """Add what is unknown of every zone of a side and whether it is cut; empty what cannot be known."""
    zone = table[f"zone_{side}"]
    unknown = outside if not other.covers else outside.where(outside.isna(), 0.0)
    there = [named.get(str(key)) for key in zone]
    known_cut = (table[f"parts_of_{side}"] > 1).fillna(value=False).to_numpy(bool)
    cut = known_cut | np.array([one is not None and one.cuts for one in there], dtype=bool)
    lacking = (unknown >= SLIVER).to_numpy(bool)
    verdict = np.where(cut, CUT, np.where(lacking, UNKNOWN, NOT_CUT))
    table[f"unknown_of_{side}"] = unknown
    parts = ["" if one is None else ";".join(one.names) for one in there]
    table[f"documented_parts_of_{side}"] = pd.Series(parts, index=table.index, dtype="str")
    table[f"verdict_{side}"] = pd.Series(verdict, index=table.index).where(outside.notna())
    for name in ("nesting", "effective_parts"):
        table[f"{name}_of_{side}"] = table[f"{name}_of_{side}"].mask(lacking)


@dataclass(frozen=True)
class NamedParts:
    """Zones of another level that a report names in a zone, without saying which part is whose.

    Attributes
    ----------
    names : their names
    cuts : whether the report means that they divide the zone, so that it is cut when there are two
    """

    names: tuple[str, ...]
    cuts: bool


def named_parts(territory: Territory, level: str, other: str) -> dict[str, NamedParts]:
    """Zones of ``other`` that a report names in zones of ``level`` whose borders are not held, by ``zone_id``.

    Of GP circles in care regions and municipalities (`loaders.snapshot.named_circles`).
    """
    if other != "gp_circle" or level not in ("care_region", "municipality"):
        return {}
    circles = circles_without_borders(territory.snapshot)
    return {
        str(zone): NamedParts(tuple(rows["gp_circle"]), bool(rows["divide"].all()) and len(rows) > 1)
        for zone, rows in circles[circles["level"] == level].groupby("zone_id")
    }


def _outside(level: str) -> str:
    return NOT_KNOWN_HERE if get_level(level).documented_only else "outside_partition"
