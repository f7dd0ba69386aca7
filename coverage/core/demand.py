"""The demand surface: births of a municipality spread over its inhabited cells (dasymetric mapping)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.core.conservation import check_conserved
from coverage.core.query import DEMAND_KINDS
from i18n.errors import ConservationError
from i18n.messages import Message, MessageError, NumberAsGiven, OptionName, Value
from loaders.catalogue.regions.levels import default_vintage
from loaders.catalogue.regions.region_in_use import region

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

_AGES = "ages"


@dataclass(frozen=True, eq=False)
class Demand:
    """Births (or children) on the inhabited cells.

    Attributes
    ----------
    kind : ``births``, ``age0``, ``age0_2`` or ``age0_5``
    year : year counted
    births : (n_cells,) children per year (births) or children on 1 January (the rest)
    total : their sum over all municipalities, as published
    proxy : whether the kind only stands in for births
    counted_at : vintage of the municipalities that the counts are of: the finest that are held for the year
    """

    kind: str
    year: int
    births: npt.NDArray[np.float64]
    total: float
    proxy: bool
    counted_at: int = field(default_factory=default_vintage)


def available_years(snapshot: Snapshot, kind: str) -> tuple[int, ...]:
    """Years for which the snapshot holds ``kind``, ascending; `InputError` for an unknown kind."""
    if kind != "births" and kind in DEMAND_KINDS and _AGES not in snapshot.resources:
        return ()
    table = _counts(snapshot, kind)
    return tuple(sorted(int(year) for year in table["year"].unique()))


def surface(snapshot: Snapshot, kind: str = "births", year: int | None = None) -> Demand:
    """Spread the births of every municipality over its inhabited cells.

    ``b_i = B_m * w_i / sum_{k in m} w_k`` with ``w`` the expected number of children under 15 in a cell:
    dasymetric and pycnophylactic (Tobler 1979), so the births of every municipality come back exactly. Where counts
    are also held for the municipalities of an older vintage, ``m`` is one of these: what was counted before a merger
    comes back exactly too, and so does the whole.

    Parameters
    ----------
    snapshot : source of the counts and the grid
    kind : ``births``, ``age0``, ``age0_2`` or ``age0_5``
    year : None for the newest year held

    Returns
    -------
    Demand
        ``births`` of shape (n_cells,), in the order of ``snapshot.grid``

    Raises
    ------
    InputError
        when the kind is unknown or the year is not held
    ConservationError
        when a municipality has births but no cell to put them, or the sum is not conserved to 1e-9
    """
    counts = _counts(snapshot, kind)
    chosen = _checked_year(snapshot, kind, year, counts)
    of_year = counts[counts["year"] == chosen]
    total = float(of_year["count"].sum())
    vintage = region().vintage
    ids = pd.Index(snapshot.zone_rows(region().base, vintage)["zone_id"])
    births = _by_municipality(of_year, ids, kind, chosen)
    finer = _finer_counts(snapshot, kind, chosen)
    if finer is not None:
        vintage, (ids, births) = finer[0], finer[1:]
        check_conserved(births, total, f"{kind} {chosen} of the municipalities of {vintage}")
    zone = snapshot.zone_index(region().base, vintage)
    inside = zone >= 0
    weight = np.where(inside, snapshot.grid.weight, 0.0)
    sums = np.bincount(np.where(inside, zone, 0), weights=weight, minlength=len(ids))
    no_cell = np.flatnonzero((births > 0) & ~(sums > 0))
    if len(no_cell):
        raise ConservationError(
            Message(
                "error.snapshot.no_cell",
                id=str(ids[no_cell[0]]),
                births=NumberAsGiven(births[no_cell[0]], "g"),
                kind=OptionName("demand", kind),
                chosen=str(chosen),
            )
        )
    per_weight = np.divide(births, sums, out=np.zeros_like(births), where=sums > 0)
    cells = np.where(inside, per_weight[zone], 0.0) * weight
    check_conserved(cells, total, f"{kind} {chosen} on the hectare grid")
    return Demand(kind=kind, year=chosen, births=cells, total=total, proxy=kind != "births", counted_at=vintage)


def _finer_counts(snapshot: Snapshot, kind: str, year: int) -> tuple[int, pd.Index, npt.NDArray[np.float64]] | None:
    """Vintage, ids and counts of municipalities before a merger, where all of them are held for the year."""
    if kind == "births":
        return None
    vintages = sorted(int(v) for v in snapshot.table("ages")["vintage"].unique())
    older = [vintage for vintage in vintages if vintage < region().vintage]
    for vintage in older:
        counts = _counts(snapshot, kind, vintage)
        of_year = counts[counts["year"] == year]
        ids = pd.Index(snapshot.zone_rows(region().base, vintage)["zone_id"])
        if set(ids) == set(of_year["nis"]):
            return vintage, ids, _by_municipality(of_year, ids, kind, year)
    return None


def counts_by_municipality(snapshot: Snapshot, kind: str) -> pd.DataFrame:
    """Count per municipality: one row per year, one column per ``zone_id`` in zone order."""
    counts = _counts(snapshot, kind)
    wide = counts.pivot_table(index="year", columns="nis", values="count", aggfunc="first").sort_index()
    return wide.reindex(columns=snapshot.zone_rows(region().base, region().vintage)["zone_id"].to_list())


def _counts(snapshot: Snapshot, kind: str, vintage: int | None = None) -> pd.DataFrame:
    """``nis`` (of the vintage, the default one for None), ``year``, ``count`` of one kind of demand."""
    if kind not in DEMAND_KINDS:
        raise MessageError("error.question.demand", value=str(kind), known=", ".join(DEMAND_KINDS))
    if kind == "births":
        table = snapshot.table("births").rename(columns={region().newest_code: "nis"})
    elif _AGES not in snapshot.resources:
        raise MessageError("error.question.demand_not_held", kind=OptionName("demand", kind))
    else:
        table = snapshot.table(_AGES)
        table = table[table["vintage"] == (region().vintage if vintage is None else vintage)]
    count = table[list(DEMAND_KINDS[kind])].sum(axis=1, skipna=False).astype(np.float64)
    return pd.DataFrame({"nis": table["nis"], "year": table["year"], "count": count})


def _checked_year(snapshot: Snapshot, kind: str, year: int | None, counts: pd.DataFrame) -> int:
    years = sorted(int(y) for y in counts["year"].unique())
    if year is None:
        return years[-1]
    if year in years:
        return int(year)
    asked = {"year": str(year), "held": _years(years)}
    if kind != "births":
        raise MessageError("error.question.demand_year", kind=OptionName("demand", kind), **asked)
    proxy = available_years(snapshot, "age0")
    if not proxy:
        raise MessageError("error.question.demand_year", kind=OptionName("demand", kind), **asked)
    raise MessageError("error.question.births_year", **asked, proxy=_years(proxy))


def _years(years: list[int] | tuple[int, ...]) -> str:
    """Years as people write them: ``2003`` or ``1992-2022``."""
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]}-{years[-1]}"
    return ", ".join(str(y) for y in years)


def _by_municipality(table: pd.DataFrame, ids: pd.Index, kind: str, year: int) -> npt.NDArray[np.float64]:
    """(n_municipalities,) counts in zone order; every municipality must have exactly one, none negative."""
    counts = table.set_index("nis")["count"]
    for wrong, problem in (
        (counts.index[counts.index.duplicated()], "twice"),
        (counts.index.difference(ids), "foreign"),
        (ids.difference(counts.index[counts.notna()]), "missing"),
        (counts.index[counts < 0], "negative"),
    ):
        if len(wrong):
            told: dict[str, Value] = {"id": str(wrong[0]), "kind": OptionName("demand", kind), "year": str(year)}
            raise ConservationError(Message(f"error.snapshot.count_{problem}", **told))
    return counts.reindex(ids).to_numpy(np.float64)
