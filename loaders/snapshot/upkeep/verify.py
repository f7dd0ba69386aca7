"""Check a snapshot on disk: every byte, every column, every code, the totals, and that zones fit together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from i18n.errors import DataError, SnapshotError, Translatable
from i18n.messages import Enumeration, Message, NumberAsGiven
from i18n.progress import Progress, silent
from loaders.catalogue.regions.levels import GRID_LEVELS, LEVELS
from loaders.catalogue.regions.region_in_use import region, region_in_use
from loaders.catalogue.schemas import TABLES, ZONE_COLUMNS, check_table
from loaders.protocols.tables import HEADER_ROWS
from loaders.snapshot.reader import Snapshot
from loaders.snapshot.upkeep.integrity import REMEDY, check_bytes
from loaders.snapshot.upkeep.totals import totals

_CONSERVED = 1e-9


@dataclass(frozen=True)
class SnapshotCheck:
    """One thing that was checked and held.

    Attributes
    ----------
    name : what was checked
    ok : whether it held
    detail : figures, in words
    """

    name: str
    ok: bool
    detail: Translatable


def verify_snapshot(
    path: Path | str, progress: Progress = silent, trusted: Snapshot | None = None
) -> list[SnapshotCheck]:
    """Check the snapshot in ``path``.

    Parameters
    ----------
    path : folder of the snapshot
    progress : told what is checked and the share that is done
    trusted : a snapshot that was verified before; borders that are byte for byte those of it are not checked again

    Returns
    -------
    list of Check
        what was checked, all ``ok``

    Raises
    ------
    MissingFileError
        no snapshot there
    SnapshotError
        the first thing that is wrong: one sentence naming file, row and remedy
    """
    snapshot = Snapshot(path)
    with region_in_use(snapshot.region):
        return _checked(snapshot, progress, trusted)


def _checked(snapshot: Snapshot, progress: Progress, trusted: Snapshot | None) -> list[SnapshotCheck]:
    steps: list[Callable[[Snapshot], Iterator[SnapshotCheck]]] = [
        _bytes,
        _tables,
        _codes,
        _Zones(_hashes(trusted) if trusted else frozenset()),
        _grid,
        _demand,
        _totals,
        _streets,
    ]
    checks: list[SnapshotCheck] = []
    for number, step in enumerate(steps):
        progress(getattr(step, "__name__", type(step).__name__).strip("_").lower(), number / len(steps))
        try:
            checks.extend(step(snapshot))
        except SnapshotError:
            raise
        except DataError as error:
            raise SnapshotError(Message("error.snapshot.within", folder=str(snapshot.path), error=error)) from error
    return checks


def _bytes(snapshot: Snapshot) -> Iterator[SnapshotCheck]:
    check_bytes(snapshot)
    total = sum(snapshot.resource_path(name).stat().st_size for name in snapshot.resources)
    size = NumberAsGiven(total / 1e6, ".1f")
    yield SnapshotCheck("bytes", ok=True, detail=Message("verify.bytes", n=str(len(snapshot.resources)), size=size))


def _tables(snapshot: Snapshot) -> Iterator[SnapshotCheck]:
    schemas = {name: s for name, s in TABLES.items() if not s.optional or name in snapshot.resources}
    for name, schema in schemas.items():
        frame = snapshot.table(name)
        check_table(name, frame, {c.name: c for c in schema.columns}, schema.key)
        declared = snapshot.resources[name]["rows"]
        if len(frame) != declared:
            raise SnapshotError(
                Message(
                    "error.verify.rows",
                    file=str(snapshot.resource_path(name)),
                    n=str(len(frame)),
                    declared=str(declared),
                    remedy=REMEDY,
                )
            )
    yield SnapshotCheck("tables", ok=True, detail=Message("verify.tables", n=str(len(schemas))))


_BY_BASE = (
    *("births", "postcodes", "public_facts", "facilities_documented", "documented_scope"),
    *("case_facts", "child_deprivation", "households", "municipality_deprivation"),
)
"""Tables with codes of the base level."""
_BY_SECTOR = ("sector_population", "sector_deprivation", "sector_income")
"""Tables by zone of the level that stands for people."""


def _codes(snapshot: Snapshot) -> Iterator[SnapshotCheck]:
    codes = snapshot.table("municipality_codes")
    known = {column: set(codes[column]) for column in region().code_columns}
    if "ages" in snapshot.resources:
        ages = snapshot.table("ages")
        for vintage, rows in ages.groupby("vintage"):
            of_vintage = known.get(region().code_column(int(str(vintage))), set())
            _check_codes(snapshot, "ages", rows["nis"], of_vintage)
    for name in _BY_BASE:
        if name not in snapshot.resources:
            continue
        frame = snapshot.table(name)
        for column in known.keys() & set(frame.columns):
            _check_codes(snapshot, name, frame[column], known[column])
    by_sector = [name for name in _BY_SECTOR if name in snapshot.resources]
    sectors = set(snapshot.zone_rows(region().points)["zone_id"]) if by_sector else set()
    for name in by_sector:
        _check_codes(snapshot, name, snapshot.table(name)["sector_id"], sectors)
    members = snapshot.table("membership")
    for (level, member_vintage), group in members.groupby(["member_level", "member_vintage"]):
        ids = set(snapshot.zones(str(level), int(str(member_vintage)))["zone_id"])
        _check_codes(snapshot, "membership", group["member_id"], ids)
    yield SnapshotCheck("codes", ok=True, detail=Message("verify.codes"))


def _check_codes(snapshot: Snapshot, name: str, values: pd.Series, known: set[str]) -> None:
    given = values[values.notna() & (values != "")]
    bad = given[~given.isin(known)]
    if len(bad):
        row = int(str(bad.index[0])) + HEADER_ROWS
        raise SnapshotError(
            Message(
                "error.verify.code",
                file=str(snapshot.resource_path(name)),
                row=str(row),
                value=str(bad.iloc[0]),
                column=str(values.name),
                remedy=REMEDY,
            )
        )


def _hashes(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(str(resource["hash"]) for resource in snapshot.resources.values())


@dataclass(frozen=True)
class _Zones:
    """Borders; those whose hash is among ``trusted`` were checked before."""

    trusted: frozenset[str]

    def __call__(self, snapshot: Snapshot) -> Iterator[SnapshotCheck]:
        names = [name for name in snapshot.resources if name.startswith("zones_")]
        for name in names:
            if snapshot.resources[name]["hash"] not in self.trusted:
                _borders(snapshot, name)
        yield SnapshotCheck("zones", ok=True, detail=Message("verify.zones", n=str(len(names))))


def _borders(snapshot: Snapshot, name: str) -> None:
    path = snapshot.resource_path(name)
    frame = gpd.read_parquet(path)
    check_table(name, frame, {c.name: c for c in ZONE_COLUMNS}, ("zone_id",))
    shapes = frame.geometry.to_numpy()
    if not frame["zone_id"].is_monotonic_increasing:
        raise SnapshotError(Message("error.verify.order", file=str(path), remedy=REMEDY))
    if not shapely.is_valid(shapes).all():
        row = int((~shapely.is_valid(shapes)).argmax())
        raise SnapshotError(Message("error.verify.crosses", file=str(path), row=str(row + HEADER_ROWS), remedy=REMEDY))
    if not _may_overlap(name) and not shapely.coverage_is_valid(shapes):
        raise SnapshotError(Message("error.verify.neighbours", file=str(path), remedy=REMEDY))


def _may_overlap(name: str) -> bool:
    """Whether zones are known from documents only, and made of parts that need not meet cleanly."""
    level = name.removeprefix("zones_").rpartition("_")[0]
    return level in LEVELS and LEVELS[level].documented_only and level != region().planning


def _grid(snapshot: Snapshot) -> Iterator[SnapshotCheck]:
    grid = snapshot.grid
    for level, vintage in GRID_LEVELS:
        raster = snapshot.zone_raster(level, vintage)
        if raster.shape != grid.shape:
            raise SnapshotError(
                Message(
                    "error.verify.sizes",
                    file=str(snapshot.resource_path("grid_zones")),
                    other=str(snapshot.resource_path("grid_weight")),
                    remedy=REMEDY,
                )
            )
        if raster.max() >= len(snapshot.zone_rows(level, vintage)) or (raster.ravel()[grid.cell] < 0).any():
            raise SnapshotError(
                Message(
                    "error.verify.band",
                    file=str(snapshot.resource_path("grid_zones")),
                    level=level,
                    vintage=str(vintage),
                    remedy=REMEDY,
                )
            )
    index = snapshot.zone_index(region().base)
    weight = np.bincount(index, weights=grid.weight, minlength=len(snapshot.zone_rows(region().base)))
    if not (weight > 0).all():
        code = snapshot.zone_rows(region().base)["zone_id"].iloc[int((weight <= 0).argmax())]
        raise SnapshotError(
            Message("error.verify.no_cell", file=str(snapshot.resource_path("grid_weight")), code=code, remedy=REMEDY)
        )
    yield SnapshotCheck(
        "grid",
        ok=True,
        detail=Message("verify.grid", n=len(grid)),
    )


def _demand(snapshot: Snapshot) -> Iterator[SnapshotCheck]:
    """Births spread over the cells add up to those counted, in every municipality and at every level."""
    births = snapshot.table("births")
    newest = births[births["year"] == births["year"].max()].set_index(region().newest_code)["births"]
    base = snapshot.zone_index(region().base)
    counted = newest.reindex(snapshot.zone_rows(region().base)["zone_id"]).fillna(0).to_numpy(dtype=np.float64)
    weight = snapshot.grid.weight
    cells = counted[base] * weight / np.bincount(base, weights=weight, minlength=len(counted))[base]
    for level in LEVELS.values():
        for vintage in level.vintages:
            index = snapshot.zone_index(level.id, vintage)
            if not level.partial and (index < 0).any():
                raise SnapshotError(
                    Message(
                        "error.verify.outside",
                        folder=str(snapshot.path),
                        n=str(int((index < 0).sum())),
                        level=str(level.id),
                        vintage=str(vintage),
                        remedy=REMEDY,
                    )
                )
            summed = np.bincount(index + 1, weights=cells).sum()
            if abs(summed - counted.sum()) > _CONSERVED * counted.sum():
                raise SnapshotError(
                    Message(
                        "error.verify.births",
                        folder=str(snapshot.path),
                        level=str(level.id),
                        vintage=str(vintage),
                        found=NumberAsGiven(summed, ".3f"),
                        counted=NumberAsGiven(counted.sum(), ".0f"),
                        remedy=REMEDY,
                    )
                )
    yield SnapshotCheck("demand", ok=True, detail=Message("verify.demand", n=round(float(counted.sum()))))


def _totals(snapshot: Snapshot) -> Iterator[SnapshotCheck]:
    declared: dict[str, Any] = snapshot.package["totals"]
    sums = totals(
        snapshot.table("births"),
        snapshot.table("ages") if "ages" in snapshot.resources else None,
        snapshot.table("municipality_codes"),
    )
    for name, value in sums.items():
        if value != declared.get(name):
            raise SnapshotError(
                Message(
                    "error.verify.total",
                    folder=str(snapshot.path),
                    name=name,
                    value=str(value),
                    declared=str(declared.get(name)),
                    remedy=REMEDY,
                )
            )
    yield SnapshotCheck(
        "totals",
        ok=True,
        detail=Enumeration(Message("verify.total", name=name, value=value) for name, value in sums.items()),
    )


_ROUNDED_DM = 15
"""What rounding both ends to whole metres may take off the straight line, in decimetres, and so may lengthen it."""


def _streets(snapshot: Snapshot) -> Iterator[SnapshotCheck]:
    """The streets are all connected, and none is shorter than its straight line."""
    if not snapshot.has_streets:
        yield SnapshotCheck("streets", ok=True, detail=Message("verify.no_streets"))
        return
    graph, file = snapshot.streets(), str(snapshot.resource_path("streets_edges"))
    apart = np.hypot(*(graph.xy[graph.head] - graph.xy[graph.tail]).astype(np.float64).T) * 10
    short = graph.length_dm < apart - _ROUNDED_DM
    if short.any():
        row = int(short.argmax()) + HEADER_ROWS
        raise SnapshotError(Message("error.streets.short", file=file, row=str(row)))
    size = (len(graph.xy), len(graph.xy))
    joined = sparse.csr_array((np.ones(len(graph.tail), dtype=bool), (graph.tail, graph.head)), shape=size)
    parts, _ = connected_components(joined, directed=False)
    if parts != 1:
        raise SnapshotError(Message("error.streets.apart", file=file, n=parts))
    kilometres = round(float(graph.length_dm.sum(dtype=np.float64)) / 10_000)
    yield SnapshotCheck("streets", ok=True, detail=Message("verify.streets", edges=len(graph.tail), km=kilometres))
