"""Where people live on the hectare grid, against population maps that others made and against buildings.

The expected figures are those that docs/method/demand.md prints, worked out here from the raw files alone; the figures
of the grid as it was before streets, shares of the border and a most for a hectare are printed beside them there.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from pyproj import Transformer

from loaders.snapshot.reader import Snapshot

BEFORE = {"census": 0.9929, "ghs_pop": 0.8672, "buildings": 0.37}
"""Rank correlations with the same maps, of the grid by land cover alone."""


@pytest.fixture(scope="module")
def ground(embedded: Snapshot) -> dict[str, np.ndarray]:
    """People of every hectare inside the region, its corner in EPSG:3035, and its sector and municipality."""
    folder = embedded.folder()
    with rasterio.open(folder / "grid/weight.tif") as raster:
        people, grid = raster.read(2), raster.transform
    with rasterio.open(folder / "grid/zones.tif") as raster:
        bands = dict(zip(raster.descriptions, raster.read(), strict=True))
    row, col = np.nonzero(bands["municipality_2025"])
    return {
        "people": people[row, col].astype(float),
        "x": (grid.c + 100 * col).astype(np.int64),
        "y": (grid.f - 100 * (row + 1)).astype(np.int64),
        "sector": bands["sector_2021"][row, col].astype(np.int64) - 1,
        "municipality": bands["municipality_2025"][row, col].astype(np.int64) - 1,
    }


def ranks(a: pd.Series, b: pd.Series) -> float:
    return float(np.corrcoef(a.rank(), b.rank())[0, 1])


def test_people_by_kilometre_follow_the_census(ground: dict[str, np.ndarray], shared_dir: Path) -> None:
    census = pd.read_csv(shared_dir / "opendata/grid/be_census2021_1km.csv", usecols=["x", "y", "T", "CNTR_ID"])
    corner = {"x": ground["x"] // 1000 * 1000, "y": ground["y"] // 1000 * 1000}
    ours = pd.DataFrame({"people": ground["people"], **corner}).groupby(["x", "y"])["people"].agg(["sum", "size"])
    both = ours[ours["size"] == 100].join(census.set_index(["x", "y"]))
    both = both[both["CNTR_ID"].isna() | (both["CNTR_ID"] == "BE")]
    found = ranks(both["sum"], both["T"].fillna(0))
    assert len(both) > 10_000
    assert round(found, 4) == 0.9952
    assert found > BEFORE["census"]


def test_people_by_kilometre_follow_another_model(ground: dict[str, np.ndarray], shared_dir: Path) -> None:
    """GHS-POP 2020, on its own grid; cells of which nearly all lies inside."""
    with rasterio.open(shared_dir / "opendata/grid/ghs_pop_1km_mollweide.tif") as raster:
        theirs, grid, crs = raster.read(1), raster.transform, raster.crs
    x, y = Transformer.from_crs(3035, crs, always_xy=True).transform(ground["x"] + 50, ground["y"] + 50)
    cell = np.floor((y - grid.f) / grid.e).astype(int) * theirs.shape[1] + np.floor((x - grid.c) / grid.a).astype(int)
    ours = pd.Series(ground["people"]).groupby(cell).agg(["sum", "size"])
    whole = ours[ours["size"] >= 98]
    found = ranks(whole["sum"], pd.Series(theirs.ravel()[whole.index], index=whole.index))
    assert len(whole) > 10_000
    assert round(found, 3) == 0.872
    assert found > BEFORE["ghs_pop"]


def test_hectares_follow_buildings_where_these_are_mapped(ground: dict[str, np.ndarray], shared_dir: Path) -> None:
    """Within a kilometre cell, where a municipality is among the quarter with most buildings a person.

    Sheds of more than 2,000 m2 and what is no dwelling cannot be told apart, so this is a comparison and no truth.
    """
    built = pd.read_parquet(shared_dir / "opendata/grid/osm_buildings_per_hectare_2021.parquet")
    built = built.set_index(["cx", "cy"])
    at = pd.MultiIndex.from_arrays([ground["x"] // 100, ground["y"] // 100])
    count = built["buildings"].reindex(at).fillna(0).to_numpy()
    area = built["area_m2"].where(built["largest_m2"] < 2000, 0).reindex(at).fillna(0).to_numpy()
    people = np.bincount(ground["municipality"], weights=ground["people"])
    per_person = np.bincount(ground["municipality"], weights=count) / people
    mapped = per_person[ground["municipality"]] > np.quantile(per_person, 0.75)
    frame = pd.DataFrame(
        {"people": ground["people"], "area": area, "km": ground["x"] // 1000 * 10_000 + ground["y"] // 1000}
    )
    frame = frame[mapped]
    share = frame[["people", "area"]] / frame.groupby("km")[["people", "area"]].transform("sum")
    share = share[np.isfinite(share).all(axis=1)]
    assert round(ranks(share["people"], share["area"]), 2) == 0.51
    misplaced = (share["people"] - share["area"]).abs().sum() / 2 / share["people"].sum()
    assert round(misplaced, 2) == 0.52


def test_no_hectare_takes_a_whole_sector(ground: dict[str, np.ndarray]) -> None:
    """Nobody lives denser than 500 a hectare, but where that is the average of the sector."""
    frame = pd.DataFrame({"people": ground["people"], "sector": ground["sector"]})
    average = frame.groupby("sector")["people"].transform("mean")
    assert (frame["people"] <= np.maximum(500.0, average) * (1 + 1e-6)).all()
    of_sector = frame.groupby("sector")["people"].agg(["sum", "max", "size"])
    large = of_sector[(of_sector["size"] >= 10) & (of_sector["sum"] > 100)]
    assert len(large) > 7000
    assert (large["max"] > 0.9 * large["sum"]).sum() == 0


def test_a_hectare_beside_the_border_has_no_people_of_the_other_side(
    ground: dict[str, np.ndarray], embedded: Snapshot
) -> None:
    """Hamont-Achel: one hectare of a kilometre cell of 937 people, nearly all of them in Budel, held 769 of them."""
    names = embedded.zones("municipality", 2025)["zone_name"].to_list()
    inside = ground["municipality"] == names.index("Hamont-Achel")
    beside = inside & (ground["x"] == 4_011_000) & (ground["y"] == 3_136_700)
    assert 0 < ground["people"][beside][0] < 30
    assert ground["people"][inside].max() < 100
