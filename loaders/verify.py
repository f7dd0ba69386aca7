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

from loaders import expectations
from loaders.errors import DataError, SnapshotError
from loaders.levels import GRID_LEVELS
from loaders.municipal import is_brussels
from loaders.package import sha256
from loaders.schemas import TABLES, ZONE_COLUMNS, check_table
from loaders.snapshot import Snapshot
from loaders.tables import HEADER_ROWS

_REMEDY = "restore the file, or rebuild with 'nabij data build --from DIR'"


@dataclass(frozen=True)
class Check:
    """One thing that was checked and held.

    Attributes
    ----------
    name : what was checked
    ok : whether it held
    detail : figures, in words
    """

    name: str
    ok: bool
    detail: str


def verify_snapshot(path: Path | str, progress: Callable[[str, float], None] | None = None) -> list[Check]:
    """Check the snapshot in ``path``.

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
    steps: list[Callable[[Snapshot], Iterator[Check]]] = [_bytes, _tables, _codes, _zones, _grid, _totals]
    checks: list[Check] = []
    for number, step in enumerate(steps):
        if progress:
            progress(step.__name__.strip("_"), number / len(steps))
        try:
            checks.extend(step(snapshot))
        except SnapshotError:
            raise
        except DataError as error:
            raise SnapshotError(f"Snapshot '{snapshot.path}': {error}") from error
    return checks


def check_bytes(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot if every file is there with the bytes the package declares; takes milliseconds.

    Raises
    ------
    SnapshotError
        a file is missing or was altered
    """
    for _check in _bytes(snapshot):
        pass
    return snapshot


def _bytes(snapshot: Snapshot) -> Iterator[Check]:
    total = 0
    for name, resource in snapshot.resources.items():
        path = snapshot.resource_path(name)
        found = f"sha256:{sha256(path)}"
        if found != resource["hash"]:
            raise SnapshotError(
                f"'{path}' was altered: its hash is {found[7:19]}…, the data package says "
                f"{str(resource['hash'])[7:19]}…; {_REMEDY}."
            )
        total += path.stat().st_size
    yield Check("bytes", ok=True, detail=f"{len(snapshot.resources)} files, {total / 1e6:.1f} MB, SHA-256 as declared")


def _tables(snapshot: Snapshot) -> Iterator[Check]:
    for name, schema in TABLES.items():
        frame = snapshot.table(name)
        check_table(name, frame, {c.name: c for c in schema.columns}, schema.key)
        declared = snapshot.resources[name]["rows"]
        if len(frame) != declared:
            raise SnapshotError(
                f"'{snapshot.resource_path(name)}' holds {len(frame)} rows, declared are {declared}; {_REMEDY}."
            )
    yield Check("tables", ok=True, detail=f"{len(TABLES)} tables, columns, types, units and keys as declared")


def _codes(snapshot: Snapshot) -> Iterator[Check]:
    codes = snapshot.table("municipality_codes")
    known = {column: set(codes[column]) for column in ("nis2018", "nis2019", "nis2025")}
    ages = snapshot.table("ages")
    for vintage in (2019, 2025):
        _check_codes(snapshot, "ages", ages.loc[ages["vintage"] == vintage, "nis"], known[f"nis{vintage}"])
    for name in ("births", "postcodes", "public_facts", "facilities_documented", "documented_scope"):
        frame = snapshot.table(name)
        for column in known.keys() & set(frame.columns):
            _check_codes(snapshot, name, frame[column], known[column])
    sectors = set(snapshot.zones("sector", 2021)["zone_id"])
    _check_codes(snapshot, "sector_population", snapshot.table("sector_population")["sector_id"], sectors)
    members = snapshot.table("membership")
    for (level, held), group in members.groupby(["member_level", "member_vintage"]):
        ids = set(snapshot.zones(str(level), int(str(held)))["zone_id"])
        _check_codes(snapshot, "membership", group["member_id"], ids)
    yield Check("codes", ok=True, detail="every NIS, sector and zone code is known")


def _check_codes(snapshot: Snapshot, name: str, values: pd.Series, known: set[str]) -> None:
    given = values[values.notna() & (values != "")]
    bad = given[~given.isin(known)]
    if len(bad):
        row = int(str(bad.index[0])) + HEADER_ROWS
        raise SnapshotError(
            f"'{snapshot.resource_path(name)}': row {row}: unknown code {bad.iloc[0]!r} in '{values.name}'; {_REMEDY}."
        )


def _zones(snapshot: Snapshot) -> Iterator[Check]:
    names = [name for name in snapshot.resources if name.startswith("zones_")]
    for name in names:
        path = snapshot.resource_path(name)
        frame = gpd.read_parquet(path)
        check_table(name, frame, {c.name: c for c in ZONE_COLUMNS}, ("zone_id",))
        shapes = frame.geometry.to_numpy()
        if not frame["zone_id"].is_monotonic_increasing:
            raise SnapshotError(f"'{path}': zones are not ordered by zone_id; {_REMEDY}.")
        if not shapely.is_valid(shapes).all():
            row = int((~shapely.is_valid(shapes)).argmax())
            raise SnapshotError(f"'{path}': row {row + HEADER_ROWS}: the border crosses itself; {_REMEDY}.")
        if not name.startswith("zones_gp_circle") and not shapely.coverage_is_valid(shapes):
            raise SnapshotError(f"'{path}': neighbouring zones overlap or leave gaps; {_REMEDY}.")
    yield Check("zones", ok=True, detail=f"{len(names)} sets of borders, ordered, valid, no gaps between neighbours")


def _grid(snapshot: Snapshot) -> Iterator[Check]:
    grid = snapshot.grid
    for level, vintage in GRID_LEVELS:
        raster = snapshot.zone_raster(level, vintage)
        if raster.shape != grid.shape:
            raise SnapshotError(
                f"'{snapshot.resource_path('grid_zones')}' and '{snapshot.resource_path('grid_weight')}' "
                f"differ in size; {_REMEDY}."
            )
        if raster.max() >= len(snapshot.zones(level, vintage)) or (raster.ravel()[grid.cell] < 0).any():
            raise SnapshotError(
                f"'{snapshot.resource_path('grid_zones')}': band {level}_{vintage} names a zone that does not exist "
                f"or leaves an inhabited cell without one; {_REMEDY}."
            )
    index = snapshot.zone_index("municipality", 2025)
    weight = np.bincount(index, weights=grid.weight, minlength=len(snapshot.zones("municipality")))
    if not (weight > 0).all():
        code = snapshot.zones("municipality")["zone_id"].iloc[int((weight <= 0).argmax())]
        raise SnapshotError(
            f"'{snapshot.resource_path('grid_weight')}': municipality {code} has no inhabited cell; {_REMEDY}."
        )
    yield Check(
        "grid",
        ok=True,
        detail=f"{len(grid):,} inhabited hectare cells, each in one zone of every stored level",
    )


def _totals(snapshot: Snapshot) -> Iterator[Check]:
    totals: dict[str, Any] = snapshot.package["totals"]
    births, ages = snapshot.table("births"), snapshot.table("ages")
    newest = births[births["year"] == 2025]
    flemish = ~is_brussels(newest["nis2025"])
    codes = snapshot.table("municipality_codes")
    found = {
        "births_2025_flanders": int(newest.loc[flemish, "births"].sum()),
        "births_2025_brussels": int(newest.loc[~flemish, "births"].sum()),
        "population_2022_flanders": expectations.flemish_population(ages),
        **{f"municipalities_{v}": int(codes[f"nis{v}"].nunique()) for v in expectations.MUNICIPALITIES},
    }
    for name, value in found.items():
        if value != totals[name]:
            raise SnapshotError(
                f"Snapshot '{snapshot.path}': {name} adds up to {value}, "
                f"the data package says {totals[name]}; {_REMEDY}."
            )
    yield Check("totals", ok=True, detail=", ".join(f"{name} {value:,}" for name, value in found.items()))
