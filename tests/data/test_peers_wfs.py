"""The WFS loaders against MapServer, which publishes borders and points of the embedded snapshot on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from i18n.errors import FetchError, IncompleteError, NotDataError
from loaders.catalogue.regions.levels import is_brussels
from loaders.catalogue.settings import Settings
from loaders.http.client import Client
from loaders.live.registers import load_register
from loaders.live.zones import load_borders
from loaders.pipeline.update import RefreshContext
from loaders.protocols.services import wfs
from loaders.snapshot.reader import Snapshot
from tests.peers import Peer, PublishedLayer, mapserver
from tests.registers import CATEGORY, TwoRegisters, offer_page, two_registers
from tests.unit.misbehaving import json_answer, serving

Require = Callable[[str, str], str]


@pytest.fixture(scope="module")
def borders(embedded: Snapshot) -> gpd.GeoDataFrame:
    held = embedded.zones("municipality")
    frame = held[~is_brussels(held["zone_id"])].rename(columns={"zone_id": "NISCODE", "zone_name": "NAAM"})
    return frame[["NISCODE", "NAAM", "geometry"]].reset_index(drop=True)


@pytest.fixture(scope="module")
def registers(embedded: Snapshot) -> TwoRegisters:
    return two_registers(embedded)


@pytest.fixture(scope="module")
def vrbg(
    require_debian_package: Require, tmp_path_factory: pytest.TempPathFactory, borders: gpd.GeoDataFrame
) -> Iterator[Peer]:
    command = require_debian_package("mapserv", "cgi-mapserver")
    with mapserver(
        command, tmp_path_factory.mktemp("vrbg"), "VRBG", PublishedLayer("Refgem", borders, "NISCODE")
    ) as peer:
        yield peer


@pytest.fixture(scope="module")
def poi(
    require_debian_package: Require, tmp_path_factory: pytest.TempPathFactory, registers: TwoRegisters
) -> Iterator[Peer]:
    command = require_debian_package("mapserv", "cgi-mapserver")
    with mapserver(
        command, tmp_path_factory.mktemp("poi"), "POI", PublishedLayer("POI", registers.poi, "POID")
    ) as peer:
        yield peer


@pytest.fixture
def client() -> Client:
    return Client(retries=0, pace_s=0)


def context(client: Client, snapshot: Snapshot, *sources: str) -> RefreshContext:
    return RefreshContext(client, snapshot, Settings.load(list(sources), environ={}))


def test_the_service_tells_what_it_holds(vrbg: Peer, client: Client) -> None:
    offered = wfs.capabilities(client, vrbg.url)
    assert list(offered.types) == ["VRBG:Refgem"]
    assert offered.types["VRBG:Refgem"][0] == "urn:ogc:def:crs:EPSG::31370"
    assert offered.paging is True
    assert "application/json" in offered.formats


@pytest.mark.parametrize("page_size", [1000, 100, 57])
def test_pages_are_read_to_the_end(vrbg: Peer, client: Client, borders: gpd.GeoDataFrame, page_size: int) -> None:
    """285 municipalities in one page, in three, in exactly five of 57."""
    found = wfs.fetch_features(client, vrbg.url, "VRBG:Refgem", page_size=page_size)
    assert (found.matched, len(found.frame)) == (285, 285)
    assert found.pages == -(-285 // page_size)
    assert set(found.frame["NISCODE"]) == set(borders["NISCODE"])


@pytest.mark.parametrize("srs", ["EPSG:31370", "EPSG:4326", "EPSG:3812", "urn:ogc:def:crs:EPSG::4326"])
def test_every_coordinate_system_gives_the_same_borders(
    vrbg: Peer, client: Client, borders: gpd.GeoDataFrame, srs: str
) -> None:
    """EPSG:4326 has latitude first in WFS 2.0; GeoJSON, GML and servers differ in who follows that."""
    found = wfs.fetch_features(client, vrbg.url, "Refgem", srs=srs).frame.set_index("NISCODE").geometry
    expected = borders.set_index("NISCODE").geometry.reindex(found.index)
    apart = shapely.hausdorff_distance(found.to_numpy(), expected.to_numpy())
    assert np.max(apart) < 1.0  # metres


def test_a_type_that_does_not_exist_names_those_that_do(vrbg: Peer, client: Client) -> None:
    with pytest.raises(NotDataError, match=r"there is no feature type 'VRBG:Refprv' \(found: VRBG:Refgem\)"):
        wfs.fetch_features(client, vrbg.url, "VRBG:Refprv")


def test_a_cap_of_the_server_is_not_taken_for_the_end(
    require_debian_package: Require, tmp_path: Path, client: Client, borders: gpd.GeoDataFrame
) -> None:
    """A MapServer that gives 100 features at most says that 100 match; pages show that there are 285."""
    command = require_debian_package("mapserv", "cgi-mapserver")
    with mapserver(command, tmp_path, "VRBG", PublishedLayer("Refgem", borders, "NISCODE"), most=100) as capped:
        found = wfs.fetch_features(client, capped.url, "Refgem")
    assert sorted(found.frame["NISCODE"]) == sorted(borders["NISCODE"])
    assert (found.matched, found.pages) == (285, 3)


def test_exactly_as_many_as_the_cap_is_suspicious(
    require_debian_package: Require, tmp_path: Path, client: Client, borders: gpd.GeoDataFrame
) -> None:
    command = require_debian_package("mapserv", "cgi-mapserver")
    layer = PublishedLayer("Refgem", borders.head(100), "NISCODE")
    with (
        mapserver(command, tmp_path, "VRBG", layer, most=100) as capped,
        pytest.raises(IncompleteError, match="exactly 100 features came, which is where services stop"),
    ):
        wfs.fetch_features(client, capped.url, "Refgem")


def test_the_borders_of_the_service_become_those_of_the_snapshot(
    vrbg: Peer, client: Client, embedded: Snapshot
) -> None:
    update = load_borders(context(client, embedded, f"borders={vrbg.url}"))
    assert (update.vintage, update.changes[0].resource) == ("2025", "zones_municipality_2025")
    after = update.changes[0].apply(None)
    held = embedded.zones("municipality")
    assert after[["zone_id", "zone_name", "parent_nis"]].equals(held[["zone_id", "zone_name", "parent_nis"]])
    assert update.origins[0].address == vrbg.url
    assert len(update.origins[0].sha256) == 64


def test_bureaus_and_houses_of_the_service_and_the_sociale_kaart_become_a_register(
    poi: Peer, client: Client, embedded: Snapshot, registers: TwoRegisters
) -> None:
    """The type list, the points and the offers, each from a service of its own."""
    with serving() as other:
        types = other.on("/types", json_answer(json.dumps({"types": [{"value": name} for name in CATEGORY.values()]})))
        rubrics = other.on("/rubrics", json_answer(json.dumps(list(CATEGORY.values()))))
        services = {name: service for service, name in CATEGORY.items()}
        offers = other.on_call(
            "/offers",
            lambda asked: json_answer(
                offer_page(registers.offers[services[asked.query["rubrics"]]], int(asked.query["page"]), 100)
            ),
        )
        sources = (f"poi={poi.url}", f"poi.types={types}", f"social_map={offers}", f"social_map.rubrics={rubrics}")
        update = load_register(context(client, embedded, *sources))
    frame, conflicts = (change.frame for change in update.changes)
    both = frame[frame["source"].str.contains(";")]
    assert len(both) == len(registers.both)
    assert len(frame) == len(registers.both | registers.only_poi | registers.only_social_map)
    assert conflicts.empty
    assert f"Register: {len(both)} places stand in both services, {len(frame) - len(both)} in one" in update.notes[-1]


def test_a_service_that_is_down_is_told(client: Client, embedded: Snapshot) -> None:
    with serving() as server, pytest.raises(FetchError, match="/gone"):
        load_borders(context(client, embedded, f"borders={server.url}/gone"))
