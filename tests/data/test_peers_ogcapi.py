"""OGC API Features against pygeoapi, which publishes borders and points of the embedded snapshot on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from i18n.errors import FetchError
from loaders.catalogue.regions.levels import is_brussels
from loaders.http.client import Client
from loaders.live.places import parse_poi
from loaders.parsers.zones.borders import parse_borders
from loaders.protocols.services import ogcapi
from loaders.snapshot.reader import Snapshot
from tests.conftest import ROOT, missing_requirement
from tests.peers import Peer, PublishedLayer, pygeoapi
from tests.registers import TwoRegisters, two_registers

PYTHON = ROOT / ".cache" / "peers" / "bin" / "python"


@pytest.fixture(scope="module")
def registers(embedded: Snapshot) -> TwoRegisters:
    return two_registers(embedded)


@pytest.fixture(scope="module")
def borders(embedded: Snapshot) -> gpd.GeoDataFrame:
    held = embedded.zones("municipality")
    frame = held[~is_brussels(held["zone_id"])].rename(columns={"zone_id": "NISCODE", "zone_name": "NAAM"})
    return frame[["NISCODE", "NAAM", "geometry"]].reset_index(drop=True)


@pytest.fixture(scope="module")
def peer(
    tmp_path_factory: pytest.TempPathFactory, borders: gpd.GeoDataFrame, registers: TwoRegisters
) -> Iterator[Peer]:
    if not PYTHON.is_file():
        missing_requirement(f"needs pygeoapi in {PYTHON.relative_to(ROOT).parent}; run script/setup")
    layers = (PublishedLayer("Refgem", borders, "NISCODE"), PublishedLayer("POI", registers.poi, "POID"))
    with pygeoapi(PYTHON, Path(tmp_path_factory.mktemp("ogc")), *layers, most=120) as running:
        yield running


@pytest.fixture
def client() -> Client:
    return Client(retries=0, pace_s=0)


@pytest.mark.parametrize("limit", [500, 95])
def test_pages_are_read_to_the_end(peer: Peer, client: Client, borders: gpd.GeoDataFrame, limit: int) -> None:
    """The service gives 120 features a page at most: 285 municipalities take three pages either way."""
    found = ogcapi.fetch_items(client, f"{peer.url}/collections/Refgem", limit=limit)
    assert (found.matched, len(found.frame), found.pages) == (285, 285, 3)
    assert set(found.frame["NISCODE"]) == set(borders["NISCODE"])


@pytest.mark.parametrize("crs", [None, "EPSG:31370", "EPSG:4326"])
def test_every_coordinate_system_gives_the_same_places(
    peer: Peer, client: Client, registers: TwoRegisters, crs: str | None
) -> None:
    """EPSG:4326 comes with latitude first, as the standard asks; without a system longitude comes first."""
    found = parse_poi(ogcapi.fetch_items(client, f"{peer.url}/collections/POI", crs=crs).frame, "POI")
    made = registers.poi.set_index("POID").geometry.reindex(found["id"])
    apart = np.hypot(found["x"] - made.x.to_numpy(), found["y"] - made.y.to_numpy())
    assert len(found) == len(registers.poi)
    assert apart.max() < 1.0  # metres


def test_the_borders_fit_the_snapshot(peer: Peer, client: Client, embedded: Snapshot) -> None:
    held = embedded.zones("municipality")
    frame = ogcapi.fetch_items(client, f"{peer.url}/collections/Refgem").frame
    vintage, zones, _ = parse_borders(
        frame, held[is_brussels(held["zone_id"])], embedded.table("municipality_codes"), "O"
    )
    assert vintage == 2025
    assert zones["zone_id"].equals(held["zone_id"])
    moved = shapely.area(shapely.symmetric_difference(zones.geometry.to_numpy(), held.geometry.to_numpy()))
    assert moved.sum() < 1e6  # of 13,789 km²


def test_a_collection_that_does_not_exist_is_told(peer: Peer, client: Client) -> None:
    with pytest.raises(FetchError, match="collections/Refprv"):
        ogcapi.fetch_items(client, f"{peer.url}/collections/Refprv")
