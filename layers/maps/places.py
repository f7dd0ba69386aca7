"""Bureaus, houses and public facts as points for the browser."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from layers.maps.geometry import compact_json, inner_lonlat
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.projection import to_lonlat
from loaders.catalogue.regions.region_in_use import region
from loaders.snapshot.reader import Snapshot

_DECIMALS = 5


def places_json(facilities: Facilities, snapshot: Snapshot) -> bytes:
    """Places as ``[{p: [longitude, latitude], kind, name, n, evidence, flags, as_of}]``.

    Partnerships without a place are left out.

    ``kind`` is ``point``, or ``municipality`` where only that is known: such places share one mark in its
    middle, under its name, ``n`` of them. Planned places carry ``status``, houses ``physical``.

    Parameters
    ----------
    facilities : places of one service
    snapshot : for the middles of municipalities
    """
    frame = facilities.frame
    return compact_json([*_points(frame[frame["x"].notna()]), *_middles(frame, snapshot)]).encode()


def facts_json(snapshot: Snapshot) -> bytes:
    """Municipalities that public pages say something about: ``[{p, id, name, n, evidence}]``, ``n`` facts.

    Places of OpenStreetMap follow, each where it stands, with ``as_of``.
    """
    if "public_facts" not in snapshot.resources:
        return b"[]"
    facts = snapshot.table("public_facts")[region().newest_code].value_counts()
    zones = snapshot.zones(region().base, region().vintage)
    named = zones[zones["zone_id"].isin(facts.index)]
    lonlat = inner_lonlat(named.geometry.to_numpy())
    rows = zip(named["zone_id"], named["zone_name"], lonlat.tolist(), strict=True)
    told = [
        {"p": p, "id": zone_id, "name": name, "n": int(facts[zone_id]), "evidence": "documented"}
        for zone_id, name, p in rows
    ]
    return compact_json([*told, *_located(snapshot)]).encode()


def _located(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Places whose spot OpenStreetMap tells: as facts with ``as_of``, where they stand; they may have moved since."""
    if "located_places" not in snapshot.resources:
        return []
    table = snapshot.table("located_places")
    year = str(snapshot.resources["located_places"]["vintage"])
    lonlat = to_lonlat(table[["x", "y"]].to_numpy(np.float64)).round(_DECIMALS)
    return [
        {"p": p, "id": row[region().newest_code], "name": row["name"], "n": 1, "evidence": "documented", "as_of": year}
        for row, p in zip(table.to_dict("records"), lonlat.tolist(), strict=True)
    ]


def _points(frame: pd.DataFrame) -> list[dict[str, Any]]:
    lonlat = to_lonlat(frame[["x", "y"]].to_numpy(np.float64)).round(_DECIMALS)
    return [_mark(row, p, "point") for row, p in zip(frame.to_dict("records"), lonlat.tolist(), strict=True)]


def _middles(frame: pd.DataFrame, snapshot: Snapshot) -> list[dict[str, Any]]:
    """One mark per smallest municipality whose places have no coordinates."""
    smallest = region().smallest_code
    known = frame[(frame["precision"] == "municipality") & frame[smallest].notna()]
    zones = snapshot.zones(region().base, region().vintages.smallest)
    lonlat = inner_lonlat(zones.geometry.to_numpy()).tolist()
    middle = dict(zip(zones["zone_id"], lonlat, strict=True))
    name = dict(zip(zones["zone_id"], zones["zone_name"], strict=True))
    return [
        {
            **_mark(rows.iloc[0].to_dict(), middle[str(nis)], "municipality"),
            "name": name[str(nis)],
            "n": len(rows),
            "flags": ";".join(dict.fromkeys(word for flags in rows["flags"] for word in str(flags).split(";") if word)),
        }
        for nis, rows in known.groupby(smallest)
    ]


def _mark(row: dict[Any, Any], p: list[float], kind: str) -> dict[str, Any]:
    mark = {"p": p, "kind": kind, "name": row["name"] if pd.notna(row["name"]) else ""}
    mark |= {"evidence": row["evidence"], "flags": row["flags"] if pd.notna(row["flags"]) else ""}
    if pd.notna(row["as_of"]) and row["as_of"]:
        mark["as_of"] = row["as_of"]
    if row["status"] != "exists":
        mark["status"] = row["status"]
    if pd.notna(row["physical"]):
        mark["physical"] = bool(row["physical"])
    return mark
