"""Two registers of the same places, as their services would give them, made from the illustrative set of the snapshot.

They differ as registers do: names are written differently, points lie some metres apart, each lacks a few places.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from loaders.catalogue.regions.projection import to_lonlat
from loaders.snapshot.reader import Snapshot

CATEGORY = {"bureau": "Consultatiebureau", "house": "Huis van het Kind"}


@dataclass(frozen=True)
class TwoRegisters:
    """What two services say about one set of places.

    Attributes
    ----------
    poi : features as the POI service has them, EPSG:31370
    offers : records as the Sociale Kaart has them
    both, only_poi, only_social_map : ids of the places each knows; an id is the same in both here, unlike in the world
    """

    poi: gpd.GeoDataFrame
    offers: dict[str, list[dict[str, Any]]]
    both: frozenset[str]
    only_poi: frozenset[str]
    only_social_map: frozenset[str]


def two_registers(snapshot: Snapshot, seed: int = 7) -> TwoRegisters:
    """Make the two registers; the same seed gives the same."""
    places = snapshot.table("facilities_illustrative")
    places = places[places["x"].notna()].reset_index(drop=True)
    rng = np.random.default_rng(seed)
    postcode = snapshot.table("postcodes").drop_duplicates("nis2018").set_index("nis2018")["postcode"]
    places["postcode"] = places["nis2018"].map(postcode)
    places["street"] = [f"Kerkstraat {chr(65 + i % 26)}" if i % 3 else "Stationsplein" for i in range(len(places))]
    places["number"] = [str(1 + i) for i in range(len(places))]
    places["name"] = places["name"].str.removesuffix(" (illustratief)")
    missing = rng.permutation(len(places))[:40]
    only_poi, only_map = places.loc[missing[:20], "id"], places.loc[missing[20:], "id"]
    in_poi = places[~places["id"].isin(only_map)]
    in_map = places[~places["id"].isin(only_poi)]
    moved = rng.uniform(-30.0, 30.0, (len(in_map), 2))
    return TwoRegisters(
        _features(in_poi),
        _offers(in_map, in_map[["x", "y"]].to_numpy(np.float64) + moved),
        frozenset(set(in_poi["id"]) & set(in_map["id"])),
        frozenset(only_poi),
        frozenset(only_map),
    )


def _features(places: pd.DataFrame) -> gpd.GeoDataFrame:
    columns = {
        "POID": places["id"],
        "NAAM": places["name"],
        "STRAAT": places["street"],
        "HUISNUMMER": places["number"],
        "BUSNUMMER": "",
        "POSTCODE": places["postcode"],
        "GEMEENTE": "",
        "POITYPE": places["service"].map(CATEGORY),
        "CATEGORIE": "Gezin",
        "TELEFOON": "",
        "EMAIL": "",
        "LINK1": "",
        "LINK2": "",
    }
    points = gpd.points_from_xy(places["x"], places["y"])
    return gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:31370").reset_index(drop=True)


def _offers(places: pd.DataFrame, xy: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, list[dict[str, Any]]]:
    lonlat = to_lonlat(xy)
    offers: dict[str, list[dict[str, Any]]] = {service: [] for service in CATEGORY}
    for i, (place, (lon, lat)) in enumerate(zip(places.to_dict("records"), lonlat.tolist(), strict=True)):
        known = i % 4 > 0  # a quarter comes without street and number
        offers[str(place["service"])].append(
            {
                "id": {"id": place["id"]},
                "legalName": {"description": f"Kind en Gezin - {place['name']} vzw"},
                "addresses": [
                    {"primary": False, "street": "Elders", "number": "1"},
                    {
                        "primary": True,
                        "location": {"lat": lat, "lon": lon},
                        "street": place["street"] if known else "",
                        "number": place["number"] if known else None,
                        "municipality": {"postalCode": place["postcode"]},
                    },
                ],
            }
        )
    return offers


def offer_page(records: list[dict[str, Any]], page: int, size: int) -> str:
    """One page of the Sociale Kaart, counted from zero."""
    totals = {
        "size": size,
        "number": page,
        "totalElements": len(records),
        "totalPages": -(-len(records) // size),
    }
    return json.dumps({"content": records[page * size : (page + 1) * size], "page": totals})
