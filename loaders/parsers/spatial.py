"""What lies on the grid: land cover by hectare and people by kilometre cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from affine import Affine

from i18n.errors import DataError
from loaders.catalogue.regions.projection import cell_m
from loaders.parsers.settlement import with_settlement
from loaders.protocols.tables import check_unique, read_csv, to_integers
from loaders.reading_room import PUBLISHER, read


@dataclass(frozen=True)
class LandCover:
    """Corine classes on the hectare grid: class index 1–44, 0 where there is none (EPSG:3035)."""

    classes: npt.NDArray[np.uint8]
    transform: Affine


def parse_land_cover(data: bytes, file: str) -> LandCover:
    """Corine raster on the INSPIRE hectare grid; `DataError` when it is not 100 m in EPSG:3035."""
    raster = read("raster", data, file=file, limits=PUBLISHER)
    described = raster.values
    values = raster.tables["values"]["value"].to_numpy().reshape(described["shape"])
    transform, nodata = Affine(*described["transform"]), described["nodata"]
    side = cell_m()
    aligned = transform.a == side and transform.e == -side and transform.c % side == transform.f % side == 0
    if "ETRS89" not in described["crs"] or not aligned:
        raise DataError(f"{file}: not on the 100 m INSPIRE grid of EPSG:3035; fetch the original raster.")
    classes = np.where((values == nodata) | (values < 0), 0, values).astype(np.uint8)
    return LandCover(classes, transform)


def parse_census_grid(data: bytes, file: str) -> pd.DataFrame:
    """Census 1 km cells: ``x, y`` (lower left, EPSG:3035 metres), ``population, under15, domestic, settlement``.

    ``domestic`` tells whether all residents are counted in Belgium: border cells include foreign residents.
    ``settlement`` is the kind of settlement (`loaders.parsers.settlement`).
    """
    frame = read_csv(data, file, ["x", "y", "T", "Y_LT15", "CNTR_ID"])
    frame = to_integers(frame, ["x", "y", "T", "Y_LT15"], file)
    check_unique(frame, ["x", "y"], file)
    table = frame.rename(columns={"T": "population", "Y_LT15": "under15"})
    table["domestic"] = table["CNTR_ID"] == "BE"
    table = with_settlement(table[["x", "y", "population", "under15", "domestic"]])
    return table.sort_values(["x", "y"], ignore_index=True)
