"""Names of municipalities for a map without a background: which name has room at which zoom."""

from __future__ import annotations

import numpy as np

from layers.maps.geometry import compact_json, inner_lonlat
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Floats, Ints
from loaders.snapshot.reader import Snapshot

FIRST_ZOOM = 8
LAST_ZOOM = 13

_HEIGHT_PX = 22.0
_LETTER_PX = 7.0
_SPACE_PX = 14.0
_MAX = {8: 14, 9: 50, 10: 140}
"""How many names a zoom may show, so that the map stays calm; from then on all that have room."""


def labels_json(snapshot: Snapshot) -> bytes:
    """Names of the municipalities as ``[{name, p: [longitude, latitude], z: first zoom}]``.

    The more births, the more important.
    """
    zones = snapshot.zones(region().base, region().vintage)
    births = snapshot.table("births").groupby(region().newest_code)["births"].sum()
    order = np.argsort(-zones["zone_id"].map(births).fillna(0).to_numpy(), kind="stable")
    lonlat = inner_lonlat(zones.geometry.to_numpy())
    names = zones["zone_name"].tolist()
    earliest, until = np.full(len(names), FIRST_ZOOM), {}
    for exception in region().exceptions:
        inside = exception.holds(zones["zone_id"]).to_numpy(bool)
        if inside.any():  # one name for all of them, with room of its own, until they are told apart
            earliest[: len(zones)][inside] = exception.apart_zoom
            until[len(names)] = exception.apart_zoom - 1
            order = np.append(len(names), order)
            names.append(exception.name)
            lonlat = np.vstack([lonlat, lonlat[: len(zones)][inside].mean(axis=0).round(4)])
            earliest = np.append(earliest, FIRST_ZOOM)
    zoom = label_zooms(names, lonlat, order, earliest)
    labels = []
    for i in order:
        if zoom[i] <= LAST_ZOOM:
            last = {"until": until[i]} if i in until else {}
            labels.append({"name": names[i], "p": lonlat[i].tolist(), "z": int(zoom[i]), **last})
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
            if len(shown) >= _MAX.get(level, len(names)):
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
