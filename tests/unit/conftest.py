"""A small world whose figures can be worked out by hand: `TinyWorld`.

40 by 30 hectare cells, six municipalities of 2018 of 20 by 10 cells each (10001 lower left, 10002 lower right,
10003 and 10004 above, 10005 and 10006 on top). 10001 and 10002 merged in 2019 (into 10012), 10003 and 10004 in 2025
(into 10034). Every municipality of 2018 holds two sub-municipalities and eight sectors of 5 by 5 cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import shapely
from affine import Affine

from loaders.catalogue.facilities import Facilities, facility_frame
from loaders.catalogue.regions.levels import get_level
from loaders.snapshot.grid import Grid
from loaders.snapshot.reader import Snapshot

_SERIAL = count()
COLS, ROWS, CELL_M = 40, 30, 100.0
ORIGIN = (150_000.0, 200_000.0)
CODES = pd.DataFrame(
    [
        ("10001", "Aaken", "10012", "Aaken-Beke", "10012", "Aaken-Beke"),
        ("10002", "Beke", "10012", "Aaken-Beke", "10012", "Aaken-Beke"),
        ("10003", "Cele", "10003", "Cele", "10034", "Celedam"),
        ("10004", "Dam", "10004", "Dam", "10034", "Celedam"),
        ("10005", "Eke", "10005", "Eke", "10005", "Eke"),
        ("10006", "Fort", "10006", "Fort", "10006", "Fort"),
    ],
    columns=["nis2018", "name2018", "nis2019", "name2019", "nis2025", "name2025"],
)
BIRTHS = {"10012": 90, "10034": 60, "10005": 30, "10006": 0}
UNIONS: dict[str, dict[str, tuple[str, int, tuple[str, ...]]]] = {
    # level: zone -> (member level, vintage, members)
    "region": {"gewest": ("municipality", 2025, ("10012", "10034", "10005", "10006"))},
    "province": {
        "noord": ("municipality", 2025, ("10005", "10006")),
        "zuid": ("municipality", 2025, ("10012", "10034")),
    },
    "care_region": {"kleine-stad": ("municipality", 2018, ("10001", "10003"))},
    "reference_region": {"regio": ("municipality", 2025, ("10012", "10034", "10005"))},
    "gp_circle": {"kring": ("sub_municipality", 2025, ("10002b", "10004a", "10004b"))},
}


@cache
def _blocks() -> pd.DataFrame:
    """One row per cell: its centre and its zones."""
    row, col = np.divmod(np.arange(COLS * ROWS), COLS)
    municipality = 1 + 2 * (row // 10) + col // 20
    cells = pd.DataFrame(
        {
            "x": ORIGIN[0] + CELL_M * (col + 0.5),
            "y": ORIGIN[1] + CELL_M * (row + 0.5),
            "m2018": [f"1000{m}" for m in municipality],
            "sub": [f"1000{m}{'ab'[h]}" for m, h in zip(municipality, col // 10 % 2, strict=True)],
            "sector": [f"s{r:02d}{c:02d}" for r, c in zip(row // 5, col // 5, strict=True)],
        }
    )
    codes = CODES.set_index("nis2018")
    return cells.assign(
        m2019=codes.loc[cells["m2018"], "nis2019"].to_numpy(), m2025=codes.loc[cells["m2018"], "nis2025"].to_numpy()
    )


@cache
def _zones(level: str, held: int) -> gpd.GeoDataFrame:
    """Zones of a level, dissolved from their cells."""
    columns = {"municipality": f"m{held}", "sub_municipality": "sub", "sector": "sector"}
    cells = _blocks()
    if level in columns:
        zone = cells[columns[level]]
    else:
        zone = pd.Series([None] * len(cells), dtype=object)
        for name, (base, base_vintage, members) in UNIONS[level].items():
            column = f"m{base_vintage}" if base == "municipality" else "sub"
            zone[cells[column].isin(members)] = name
    boxes = shapely.box(cells["x"] - 50, cells["y"] - 50, cells["x"] + 50, cells["y"] + 50)
    table = pd.DataFrame({"zone_id": zone, "parent_nis": cells["m2025"], "box": boxes}).dropna()
    groups = list(table.groupby("zone_id", sort=True))
    ids = [str(key) for key, _ in groups]
    names = dict(zip(CODES[f"nis{held}"], CODES[f"name{held}"], strict=True)) if level == "municipality" else {}
    return gpd.GeoDataFrame(
        {
            "zone_id": ids,
            "zone_name": [names.get(i, i.capitalize()) for i in ids],
            "parent_nis": [str(group["parent_nis"].iloc[0]) for _, group in groups],
            "flags": ["approximate_borders" if i == "kring" else None for i in ids],
            "geometry": [shapely.union_all(group["box"].to_numpy()) for _, group in groups],
        },
        crs="EPSG:31370",
    )


class TinySnapshot(Snapshot):
    """The tiny world, read through the methods of `Snapshot` itself."""

    def __init__(self, weight: npt.ArrayLike | None = None, births: Mapping[str, float] | None = None) -> None:
        cells = _blocks()
        weights = np.ones(len(cells)) if weight is None else np.asarray(weight, dtype=np.float64)
        inhabited = np.flatnonzero(weights > 0)
        self.cells = cells.iloc[inhabited].reset_index(drop=True)
        self._all_cells = cells
        self._weights = weights
        self._births = BIRTHS if births is None else dict(births)
        self._store: dict[str, Any] = {}
        self._resources = {
            **{name: {"sources": [name]} for name in ("births", "ages")},
            "grid_zones": {"sources": ["borders", "births"]},
        }
        self.__dict__["grid"] = Grid(
            shape=(ROWS, COLS),
            pixel_to_metres=tuple(Affine(CELL_M, 0, 0, 0, -CELL_M, 0)),
            cell=inhabited.astype(np.int64),
            xy=self.cells[["x", "y"]].to_numpy(np.float64),
            weight=weights[inhabited],
            population=5 * weights[inhabited],
            land_cover=np.full(len(inhabited), 2, dtype=np.uint8),
        )

    def table(self, name: str) -> pd.DataFrame:
        if name == "births":
            return pd.DataFrame({"nis2025": list(self._births), "year": 2025, "births": self._births.values()})
        if name == "municipality_codes":
            return CODES.copy()
        if name == "ages":
            return self._ages()
        rows = [
            (level, 2025, zone, base, vintage, member)
            for level, zones in UNIONS.items()
            for zone, (base, vintage, members) in zones.items()
            for member in members
        ]
        columns = ["level", "vintage", "zone_id", "member_level", "member_vintage", "member_id"]
        return pd.DataFrame(rows, columns=columns)

    def _ages(self) -> pd.DataFrame:
        """In year 2020 + k every municipality of 2025 has 10 + k children of each age."""
        ages = {f"age{a}": 10 for a in range(6)}
        rows = [
            {"vintage": 2025, "nis": nis, "year": 2020 + k} | {age: n + k for age, n in ages.items()}
            for nis in self._births
            for k in range(3)
        ]
        return pd.DataFrame([*rows, {"vintage": 2019, "nis": "10003", "year": 2020} | ages])

    def zones(self, level: str, vintage: int | None = None) -> gpd.GeoDataFrame:
        return _zones(level, get_level(level).resolve_vintage(vintage or 2025)).copy()

    def zone_rows(self, level: str, vintage: int | None = None) -> pd.DataFrame:
        return pd.DataFrame(self.zones(level, vintage).drop(columns="geometry"))

    def _grid_index(self, level: str, held: int) -> npt.NDArray[np.int32]:
        return self.zone_raster(level, held).ravel()[self.grid.cell]

    def _digests(self, *names: str) -> str:
        return f"{self.__dict__.setdefault('serial', next(_SERIAL))} {names}"  # nothing is kept for another world

    def zone_raster(self, level: str, vintage: int) -> npt.NDArray[np.int32]:
        held = get_level(level).resolve_vintage(vintage)
        column = {"municipality": f"m{held}", "sub_municipality": "sub", "sector": "sector"}[level]
        return pd.factorize(self._all_cells[column], sort=True)[0].astype(np.int32).reshape(ROWS, COLS)


class Deprived(TinySnapshot):
    """The tiny world with an index: the farther north a sector the more deprived; the northmost row has none."""

    def __init__(self, weight: npt.ArrayLike | None = None) -> None:
        super().__init__(weight)
        self._resources = {**self._resources, "sector_deprivation": {"sources": ["deprivation"]}}

    def table(self, name: str) -> pd.DataFrame:
        if name != "sector_deprivation":
            return super().table(name)
        ids = [zone for zone in self.zones("sector")["zone_id"] if zone[1:3] != "05"]
        return pd.DataFrame({"sector_id": ids, "score": [float(zone[1:3]) for zone in ids], "rank": 1})


class TinyWorld:
    """Makes tiny snapshots and facility sets."""

    codes = CODES
    births = BIRTHS

    def snapshot(self, weight: npt.ArrayLike | None = None, births: Mapping[str, float] | None = None) -> TinySnapshot:
        """A fresh snapshot; every cell has weight 1 unless told otherwise."""
        return TinySnapshot(weight, births)

    def centre(self, col: float, row: float) -> tuple[float, float]:
        """Lambert coordinates of the centre of a cell."""
        return ORIGIN[0] + CELL_M * (col + 0.5), ORIGIN[1] + CELL_M * (row + 0.5)

    def place(self, col: float, row: float, service: str = "bureau", **more: Any) -> dict[str, Any]:
        """A facility row with a point at the centre of a cell, its municipality codes filled in."""
        x, y = self.centre(col, row)
        return self.at(self._nis2018(col, row), service) | {"x": x, "y": y, "precision": "point"} | more

    def at(self, nis2018: str, service: str = "bureau", **more: Any) -> dict[str, Any]:
        """A facility row known by its municipality of 2018 only."""
        codes = CODES.set_index("nis2018").loc[nis2018]
        return {
            "service": service,
            "precision": "municipality",
            "nis2018": nis2018,
            "nis2019": codes["nis2019"],
            "nis2025": codes["nis2025"],
            "status": "exists",
            "physical": True if service == "house" else None,
        } | more

    def facilities(self, *rows: dict[str, Any], scope: Mapping[str, Sequence[str]] | None = None) -> Facilities:
        """A set of the rows; with a scope (service -> municipalities of 2018) it is a documented one."""
        frame = facility_frame([{"id": f"f{i:03d}", "evidence": "user"} | row for i, row in enumerate(rows)])
        if scope is None:
            return Facilities("user", frame, None, ("made up",), "user")
        pairs = [(service, nis, "2013", "report") for service, codes in scope.items() for nis in codes]
        table = pd.DataFrame(pairs, columns=["service", "nis2018", "as_of", "source"])
        return Facilities("documented", frame, table, ("field_reports",), "documented")

    @staticmethod
    def _nis2018(col: float, row: float) -> str:
        return f"1000{1 + 2 * int(row // 10) + int(col // 20)}"


@pytest.fixture(scope="session")
def tiny() -> TinyWorld:
    """Return the maker of tiny worlds (one for all tests: it holds no state)."""
    return TinyWorld()
