"""Names of municipalities for a map without a background: which name has room at which zoom."""

from __future__ import annotations

import numpy as np

from layers.maps.geometry import compact_json, inner_lonlat
from loaders.catalogue.types import Floats, Ints
from loaders.snapshot.reader import Snapshot

FIRST_ZOOM = 8
LAST_ZOOM = 13

_HEIGHT_PX = 22.0
_LETTER_PX = 7.0
_SPACE_PX = 14.0
_MOST = {8: 14, 9: 50, 10: 140}
"""How many names a zoom may show, so that the map stays calm; from then on all that have room."""

_BRUSSELS = "21"
_BRUSSELS_APART = 11
"""Zoom from which the municipalities of Brussels are told apart; before, one name stands for all."""


def labels_json(snapshot: Snapshot) -> bytes:
    """Names of the municipalities of 2025 as ``[{name, p: [longitude, latitude], z: first zoom}]``.

    The more births, the more important.
    """
    zones = snapshot.zones("municipality", 2025)
    births = snapshot.table("births").groupby("nis2025")["births"].sum()
    order = np.argsort(-zones["zone_id"].map(births).fillna(0).to_numpy(), kind="stable")
    lonlat = inner_lonlat(zones.geometry.to_numpy())
    names = zones["zone_name"].tolist()
    brussels = zones["zone_id"].str.startswith(_BRUSSELS).to_numpy()
    earliest = np.where(brussels, _BRUSSELS_APART, FIRST_ZOOM)
    whole = len(names)
    if brussels.any():  # one name for all of them, with room of its own
        names.append("Brussel")
        lonlat = np.vstack([lonlat, lonlat[brussels].mean(axis=0).round(4)])
        order = np.append(whole, order)
        earliest = np.append(earliest, FIRST_ZOOM)
    zoom = label_zooms(names, lonlat, order, earliest)
    labels = []
    for i in order:
        if zoom[i] <= LAST_ZOOM:
            until = {"until": _BRUSSELS_APART - 1} if i == whole else {}
            labels.append({"name": names[i], "p": lonlat[i].tolist(), "z": int(zoom[i]), **until})
    return compact_json(labels).encode()


def label_zooms(names: list[str], lonlat: Floats, order: Ints, earliest: Ints) -> Ints:
    """(n,) lowest zoom at which a name has room beside the more important ones; ``LAST_ZOOM + 1`` if none.

    Parameters
    ----------
    names : n texts
    lonlat : (n, 2) degrees
    order : (n,) positions from most to least important
    earliest : (n,) lowest zoom allowed
    """
    width = np.array([_LETTER_PX * len(name) + _SPACE_PX for name in names])
    zoom = np.full(len(names), LAST_ZOOM + 1)
    for level in range(FIRST_ZOOM, LAST_ZOOM + 1):
        xy = _pixels(lonlat, level)
        shown = [i for i in order if zoom[i] < level]
        for i in order:
            if len(shown) >= _MOST.get(level, len(names)):
                break
            if zoom[i] < level or earliest[i] > level:
                continue
            apart = np.abs(xy[shown] - xy[i])
            clash = (apart[:, 0] < (width[shown] + width[i]) / 2) & (apart[:, 1] < _HEIGHT_PX)
            if not clash.any():
                zoom[i] = level
                shown.append(i)
    return zoom


def _pixels(lonlat: Floats, zoom: int) -> Floats:
    """(n, 2) Web Mercator pixels of a zoom."""
    size = 256 * 2**zoom
    y = np.arcsinh(np.tan(np.radians(lonlat[:, 1]))) / np.pi
    return np.column_stack([(lonlat[:, 0] + 180) / 360 * size, (1 - y) / 2 * size])
