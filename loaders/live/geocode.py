"""Address to coordinate with the Geolocation service of Flanders: paced and remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from loaders.live.places import as_list, at, text_at
from loaders.protocols.documents import read_json
from loaders.protocols.spellings import plain_word, read_number
from loaders.snapshot.locator import read_point

if TYPE_CHECKING:
    from pathlib import Path

    from loaders.http.client import Client

CANDIDATES = 5
PRECISE = ("huisnummer", "adres", "housenumber", "address")
"""Words in the type of a location that is a house, not a street or municipality."""


@dataclass(frozen=True)
class GeocodedPoint:
    """Where an address is.

    Attributes
    ----------
    x, y : EPSG:31370 metres
    address : as the service writes it
    precise : whether it is the house itself; otherwise the middle of a street or municipality
    """

    x: float
    y: float
    address: str
    precise: bool


def parse_locations(data: bytes, where: str) -> tuple[GeocodedPoint, ...]:
    """Points in an answer of the service, best first; none when it found nothing.

    Raises
    ------
    NotDataError
        the answer is no JSON
    """
    results = as_list(at(read_json(data, where), "LocationResult"))
    return tuple(point for result in results if (point := _point(result)) is not None)


def _point(result: Any) -> GeocodedPoint | None:
    lat, lon, x, y = (
        read_number(text_at(result, "Location", key))
        for key in ("Lat_WGS84", "Lon_WGS84", "X_Lambert72", "Y_Lambert72")
    )
    xy, fault = read_point(lat, lon, x, y)
    if xy is None or fault or not np.isfinite(xy).all():
        return None
    kind = plain_word(text_at(result, "LocationType"))
    precise = bool(text_at(result, "Housenumber")) or any(word in kind for word in PRECISE)
    return GeocodedPoint(round(float(xy[0]), 2), round(float(xy[1]), 2), text_at(result, "FormattedAddress"), precise)


@dataclass
class Geocoder:
    """Looks addresses up, each once.

    Parameters
    ----------
    client : paces the requests and keeps answers on disk
    address : of the service, ``settings.address("geocoder")``
    """

    client: Client
    address: str | Path
    _known: dict[str, GeocodedPoint | None] = field(default_factory=dict)

    def locate(self, address: str) -> GeocodedPoint | None:
        """Best point for an address, or None when the service knows none; raises what the client raises."""
        key = plain_word(address)
        if not key:
            return None
        if key not in self._known:
            answer = self.client.get(self.address, {"q": address.strip(), "c": CANDIDATES}, expect="json")
            points = parse_locations(answer.data, answer.url)
            self._known[key] = next((p for p in points if p.precise), points[0] if points else None)
        return self._known[key]
