"""The streets in the embedded snapshot: what hangs together, tunnels and rivers, and that nobody is left without."""

from __future__ import annotations

import numpy as np
import pytest

from coverage.travel.streets.street_network import load_streets
from coverage.travel.streets.street_travel import StreetTravel
from loaders.catalogue.regions.projection import from_lonlat
from loaders.snapshot.reader import EMBEDDED, Snapshot

PLACES = {
    "Hemiksem": (4.3388, 51.1446),
    "Kruibeke": (4.3103, 51.1697),
    "Boom": (4.3668, 51.0874),
    "Klein-Willebroek": (4.3610, 51.0810),
    "Temse": (4.2137, 51.1255),
    "Bornem": (4.2431, 51.0972),
    "Antwerpen": (4.3972, 51.2205),
    "Linkeroever": (4.3870, 51.2222),
    "Baasrode": (4.1540, 51.0340),
    "Moerzeke": (4.1580, 51.0580),
    "Brugge": (3.2247, 51.2087),
    "Sint-Kruis": (3.2560, 51.2140),
    "Genk": (5.5010, 50.9650),
    "Zutendaal": (5.5740, 50.9330),
}
"""Longitude and latitude of the middle of places, to about 200 m."""


@pytest.fixture(scope="module")
def held() -> Snapshot:
    return Snapshot(EMBEDDED)


def ratio(model: StreetTravel, start: str, end: str) -> float:
    """Way over the streets against the straight line."""
    xy = from_lonlat(np.array([PLACES[start], PLACES[end]]))
    return float(model(xy[:1], xy[1:], 1).distance_m[0, 0] / np.hypot(*(xy[0] - xy[1])))


@pytest.mark.parametrize(
    ("start", "end", "least", "most"),
    [
        ("Hemiksem", "Kruibeke", 4.2, 4.8),  # no bridge: 15.5 km by the Kennedytunnel
        ("Boom", "Klein-Willebroek", 1.5, 2.0),  # over the Rupel by the bridge
        ("Temse", "Bornem", 1.05, 1.4),  # the bridge over the Scheldt lies on the way
        ("Antwerpen", "Linkeroever", 1.3, 1.8),  # through the Sint-Annatunnel
        ("Baasrode", "Moerzeke", 2.0, 3.2),  # the Scheldt between them has no bridge here
        ("Brugge", "Sint-Kruis", 1.0, 1.2),
        ("Genk", "Zutendaal", 1.0, 1.2),
    ],
)
def test_rivers_count_on_foot_where_there_is_no_bridge(
    held: Snapshot, start: str, end: str, least: float, most: float
) -> None:
    assert least < ratio(StreetTravel(load_streets(held, "walk")), start, end) < most


def test_a_ferry_that_counts_is_waited_for(held: Snapshot) -> None:
    """Hemiksem has one to Bazel: with 15 minutes of waiting it is 5.8 km of travel to Kruibeke."""
    model = StreetTravel(load_streets(held, "walk", ferries=True))
    assert 1.5 < ratio(model, "Hemiksem", "Kruibeke") < 2.0


def test_by_car_there_is_no_ferry_and_no_tunnel_for_walkers(held: Snapshot) -> None:
    model = StreetTravel(load_streets(held, "car"))
    xy = {name: from_lonlat(np.array([lonlat])) for name, lonlat in PLACES.items()}
    bank = {
        pair: float(model(xy[pair[0]], xy[pair[1]], 1).distance_m[0, 0]) / 1000
        for pair in (("Hemiksem", "Kruibeke"), ("Antwerpen", "Linkeroever"), ("Temse", "Bornem"))
    }
    assert bank["Hemiksem", "Kruibeke"] > 18  # minutes, for 3.4 km as the crow flies
    assert bank["Antwerpen", "Linkeroever"] > 8  # for 0.7 km
    assert bank["Temse", "Bornem"] < 16


def test_every_inhabited_hectare_is_put_on_a_street(held: Snapshot) -> None:
    births = held.grid.weight
    for mode, most in (("walk", 0.005), ("bike", 0.005), ("car", 0.02)):
        cells = load_streets(held, mode).cells
        assert (np.asarray(cells.edge) >= 0).all(), mode
        far = float(births[np.asarray(cells.far)].sum() / births.sum())
        assert far < most, (mode, far)


def test_the_streets_are_small_and_say_where_they_come_from(held: Snapshot) -> None:
    parts = [held.resources[name] for name in ("streets_nodes", "streets_edges", "streets_bends")]
    assert sum(part["bytes"] for part in parts) < 14e6
    assert sum(resource["bytes"] for resource in held.resources.values()) < 40e6
    for part in parts:
        assert (part["sources"], part["vintage"]) == (["roads"], "2021")
        assert part["licenses"] == [{"title": "ODbL 1.0"}]
    graph = held.streets()
    assert 110_000 < graph.length_dm.sum(dtype=float) / 10_000 < 115_000
