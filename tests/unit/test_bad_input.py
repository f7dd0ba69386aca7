"""Input that cannot be right, line by line: a clear error or a flag, never a silent number.

Every line that the engine must withstand stands here once; the modules that refuse it test their own details.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from coverage.access.catchment import floating_catchment
from coverage.analysis import Engine, analyse
from coverage.core.demand import surface
from coverage.core.query import Query
from coverage.indicators.measures import access_table
from i18n.errors import ConservationError, DataError, InputError
from loaders.lists.facilities.facility_file import read_facility_file
from loaders.lists.partitions.partition_file import read_partition_file
from loaders.snapshot.overlay import with_partition
from tests.unit.conftest import BIRTHS
from tests.unit.test_network import Town, no_cache

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld

__all__ = ["no_cache"]

HEADER = "id,service,x,y\n"
INSIDE = "150250,202450"


def zones_file(path: Path, crs: str | None, *boxes: tuple[float, float, float, float]) -> Path:
    frame = gpd.GeoDataFrame(
        {"zone": [f"Z{i}" for i in range(len(boxes))]}, geometry=[shapely.box(*box) for box in boxes], crs=crs
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a layer names no coordinate system is the point
        frame.to_file(path, driver="GPKG")
    return path


@pytest.mark.parametrize(
    ("births", "message"),
    [
        ({"10005": -30.0}, "Municipality 10005 is given a negative number in the births of 2025"),
        ({"10005": float("nan")}, "Municipality 10005 is missing in the births of 2025"),
    ],
)
def test_negative_or_missing_demand(tiny: TinyWorld, births: dict[str, float], message: str) -> None:
    with pytest.raises(ConservationError, match=message):
        surface(tiny.snapshot(births=BIRTHS | births))
    (wrong,) = births.values()
    with pytest.raises(InputError, match="The demand of row 0 is"):
        floating_catchment([[1.0]], [wrong], [1], radius=5)


def test_zero_supply(tiny: TinyWorld) -> None:
    closed = tiny.facilities(tiny.place(5, 5, hours_per_year=0.0), tiny.place(9, 9, hours_per_year=100.0))
    with pytest.raises(InputError, match="Place 'f000' has 0 hours per year; leave hours_per_year empty where"):
        access_table(Engine(tiny.snapshot()), Query(), closed, ("e2sfca",))
    with pytest.raises(InputError, match="The supply is 0 everywhere"):
        floating_catchment([[1.0]], [1], [0], radius=5)
    table = analyse(
        tiny.snapshot(), Query(within_m=5e4, level="sector"), closed
    ).table  # where supply is judged, none is too little
    assert table["gap_reasons"].str.contains("over_capacity").any()


def test_degrees_where_metres_are_due(tiny: TinyWorld, tmp_path: Path) -> None:
    list_ = tmp_path / "list.csv"
    list_.write_text(f"{HEADER}a,bureau,14.36,51.08\n", encoding="utf-8")
    with pytest.raises(DataError, match="look like degrees; name the columns lon and lat"):
        read_facility_file(list_, tiny.snapshot()).raise_if_refused()
    list_.write_text(f"{HEADER}a,bureau,4.3600,51.1287\n", encoding="utf-8")
    report = read_facility_file(list_, tiny.snapshot())
    assert "x and y hold degrees (4.3600 51.1287)" in "\n".join(report.report["message"])
    drawn = zones_file(tmp_path / "z.gpkg", "EPSG:31370", (4.3, 51.0, 4.4, 51.1))
    with pytest.raises(DataError, match="lies outside Flanders and Brussels; check the coordinate system"):
        read_partition_file(drawn, tiny.snapshot()).checked()


def test_metres_where_degrees_are_due(tiny: TinyWorld, tmp_path: Path) -> None:
    list_ = tmp_path / "list.csv"
    list_.write_text(f"id,service,lon,lat\na,bureau,{INSIDE}\n", encoding="utf-8")
    with pytest.raises(DataError, match="metres"):
        read_facility_file(list_, tiny.snapshot()).raise_if_refused()
    drawn = zones_file(tmp_path / "z.gpkg", "EPSG:4326", (150_000, 200_000, 151_000, 201_000))
    with pytest.raises(DataError, match="the coordinates do not fit the coordinate system that the file names"):
        read_partition_file(drawn, tiny.snapshot()).checked()


def test_mixed_coordinate_systems(tiny: TinyWorld, tmp_path: Path) -> None:
    """One row in metres and one in degrees under the same header; and a layer that names no system at all."""
    list_ = tmp_path / "list.csv"
    list_.write_text(f"{HEADER}a,bureau,{INSIDE}\nb,bureau,4.36,51.08\n", encoding="utf-8")
    report = read_facility_file(list_, tiny.snapshot())
    assert report.frame["id"].tolist() == ["a"]
    with pytest.raises(DataError, match=r"row 3: x and y \(4.36 51.08\) look like degrees"):
        report.raise_if_refused()
    unnamed = zones_file(tmp_path / "z.gpkg", None, (150_000, 200_000, 151_000, 201_000))
    with pytest.raises(DataError, match="does not say in which system the coordinates are"):
        read_partition_file(unnamed, tiny.snapshot())


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("sector:nowhere,f000,1", "row 2: from_id 'sector:nowhere' is no sector"),
        ("sector:s0000,f9,1", "row 2: to_id 'f9' is the id of no place"),
    ],
)
def test_a_matrix_with_unknown_ids(tiny: TinyWorld, tmp_path: Path, row: str, message: str) -> None:
    table = tmp_path / "t.csv"
    table.write_text(f"from_id,to_id,metres\n{row}\n", encoding="utf-8")
    with pytest.raises(DataError, match=message):
        analyse(tiny.snapshot(), Query(model="matrix", matrix=table), tiny.facilities(tiny.place(5, 5)))


def test_an_extract_that_does_not_cover_the_demand(tiny: TinyWorld, tmp_path: Path) -> None:
    elsewhere = Town().way((90_000, 0), (90_100, 0), (90_100, 50)).write(tmp_path / "e.osm")
    places = tiny.facilities(tiny.place(5, 5))
    with pytest.raises(InputError, match="covers none of the places where people live"):
        analyse(tiny.snapshot(), Query(model="network", network=elsewhere), places)
    town = Town()
    for at in range(50, 1051, 100):  # streets in the lower left corner alone
        town.way(*[(x, at) for x in range(-50, 1151, 100)]).way(*[(at, y) for y in range(-50, 1151, 100)])
    query = Query(model="network", network=town.write(tmp_path / "s.osm"), level="sector", within_m=5000, draws=20)
    engine = Engine(tiny.snapshot())
    answer = engine.analyse(query, places)
    table = answer.table.set_index("zone_id")
    assert table.loc["s0000", "share_in_reach"] == 1
    outside = table.loc["s0307"]  # three rows of sectors up and on the far side
    assert "outside_extract" in str(outside["flags"])
    assert outside[["births_in_reach", "mean_distance_m", "gap_probability"]].isna().all()
    assert outside["gap"] is not True
    assert "caveat.outside_extract" in answer.caveats
    shared, _ = access_table(engine, query, places, ("2sfca",))
    assert np.isnan(shared.set_index("zone_id")["mean"]["s0307"])


@pytest.mark.parametrize(
    ("content", "message"), [("nis,zone\n", "there is a header but no row below it"), ("", "the file is empty")]
)
def test_an_empty_partition(tiny: TinyWorld, tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "zones.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_partition_file(path, tiny.snapshot()).checked()


def test_areas_in_which_no_zone_lies(tiny: TinyWorld) -> None:
    """A municipality is no part of a sector: a table without rows would answer nothing."""
    query = Query(level="municipality", areas=(("sector", "s0000"),))
    with pytest.raises(InputError, match="No municipality lies for the most part in sector:s0000; choose a smaller"):
        analyse(tiny.snapshot(), query, tiny.facilities(tiny.place(5, 5)))


def test_overlapping_zones(tiny: TinyWorld, tmp_path: Path) -> None:
    path = tmp_path / "zones.csv"
    path.write_text("nis,zone\n10005,A\n10005,B\n", encoding="utf-8")
    with pytest.raises(DataError, match="Eke already belongs to zone 'A' in row 2"):
        read_partition_file(path, tiny.snapshot()).checked()
    two = (150_000, 200_000, 152_000, 201_000), (151_000, 200_000, 153_000, 201_000)
    drawn = zones_file(tmp_path / "z.gpkg", "EPSG:31370", *two)
    with pytest.raises(DataError, match="overlaps zone 'z0'"):
        read_partition_file(drawn, tiny.snapshot()).checked()


def test_settlement_types_are_a_partition_like_any_other(tiny: TinyWorld, tmp_path: Path) -> None:
    """Zones need not hang together: centre, edge and countryside; births and reach of every type, none lost."""
    path = tmp_path / "types.csv"
    rows = {"10012": "Centrumstad", "10034": "Rand", "10005": "Platteland", "10006": "Platteland"}
    path.write_text("nis,zone\n" + "".join(f"{nis},{kind}\n" for nis, kind in rows.items()), encoding="utf-8")
    partition = read_partition_file(path, tiny.snapshot()).checked()
    own: Any = with_partition(tiny.snapshot(), partition)
    answer = analyse(own, Query(level="own", within_m=1500), tiny.facilities(tiny.place(5, 5), tiny.place(25, 25)))
    table = answer.table.set_index("zone_name")
    assert table["births"].to_dict() == {"Centrumstad": 90, "Platteland": 30, "Rand": 60}
    assert table.loc["Platteland", "n_facilities"] == 1  # the one in Fort, where nobody is born
    assert table.loc["Rand", "gap_reasons"] == "beyond_reach;no_bureau_on_territory;no_bureau_no_house"
