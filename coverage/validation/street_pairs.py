"""Pairs of places whose distance is known without a search over streets, and what the streets say.

How each is known: no way is shorter than the straight lines by way of the only crossings there are (bridges and
tunnels, placed by hand from the map); a way along one street, quay or canal is its length, measured in straight
pieces. The most that a way may be longer is said for each pair: towns have corners, the banks of rivers have bends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from coverage.travel.streets.street_network import load_streets
from coverage.travel.streets.street_travel import StreetTravel
from coverage.validation.checks import ProofContext, ValidationCheck, between, proves
from loaders.catalogue.regions.projection import from_lonlat
from loaders.catalogue.types import Floats

LonLat = tuple[float, float]

TUNNEL_WEST, TUNNEL_EAST = (4.38857, 51.22062), (4.39569, 51.21875)
KENNEDY = (4.37175, 51.20547)
TEMSE, RUPEL, DENDERMONDE, GREMBERGEN = (4.2191, 51.1211), (4.3603, 51.0845), (4.1063, 51.0353), (4.1235, 51.0410)
_SCHELDT = ((TUNNEL_EAST, TUNNEL_WEST), (KENNEDY,), (RUPEL, TEMSE))
"""From the right bank of the Scheldt north of the Rupel to the left one without a ferry: both tunnels for walkers
(there is one beside the Kennedytunnel), or over the Rupel and the bridge in Temse."""

_PLACED_M = 150.0
"""How far off a crossing may be placed."""


@dataclass(frozen=True)
class KnownPair:
    """Two places.

    Attributes
    ----------
    name : of both, and what lies between them
    start, end : longitude and latitude
    ways : crossings of every way there is, in order; no crossings for a street
    most : how many times the shortest of these the way may be
    mode : ``walk`` or ``bike``
    """

    name: str
    start: LonLat
    end: LonLat
    ways: tuple[tuple[LonLat, ...], ...] = ((),)
    most: float = 1.35
    mode: str = "walk"

    def bounds(self) -> tuple[float, float]:
        """Least and greatest metres that the way can have."""
        lengths = [_length(from_lonlat(np.array([self.start, *way, self.end]))) for way in self.ways]
        slack = _PLACED_M if any(self.ways) else 0.0
        return float(round(max(0.0, min(lengths) - slack))), float(round(self.most * min(lengths) + slack))


PAIRS = (
    KnownPair("Hemiksem - Kruibeke (Schelde, no bridge)", (4.3388, 51.1446), (4.3103, 51.1697), _SCHELDT),
    KnownPair("Schelle - Rupelmonde (Schelde, no bridge)", (4.3400, 51.1270), (4.2890, 51.1280), _SCHELDT),
    KnownPair("Lillo - Doel (Schelde, no bridge)", (4.2900, 51.3030), (4.2640, 51.3110), _SCHELDT[:1], 1.6),
    KnownPair("Antwerpen - Linkeroever (Sint-Annatunnel)", (4.3972, 51.2205), (4.3870, 51.2222), _SCHELDT[:1], 1.5),
    KnownPair("Temse - Bornem (Scheldebrug)", (4.2137, 51.1255), (4.2431, 51.0972), ((TEMSE,),)),
    KnownPair("Temse - Bornem, bike", (4.2137, 51.1255), (4.2431, 51.0972), ((TEMSE,),), 1.5, "bike"),
    KnownPair(
        "Baasrode - Moerzeke (Schelde)", (4.1540, 51.0340), (4.1580, 51.0580), ((DENDERMONDE,), (GREMBERGEN,)), 1.5
    ),
    KnownPair("Boom - Klein-Willebroek (Rupelbrug)", (4.3668, 51.0874), (4.3610, 51.0810), ((RUPEL,),), 1.6),
    KnownPair("Niel - Hingene (Rupelbrug)", (4.3300, 51.1090), (4.2720, 51.1030), ((RUPEL,),)),
    KnownPair(
        "Nieuwpoort-Bad - Lombardsijde (IJzer)", (2.7230, 51.1510), (2.7560, 51.1560), (((2.7549, 51.1349),),), 1.5
    ),
    KnownPair("Wijnegem - Schoten (Albertkanaal)", (4.5170, 51.2295), (4.5040, 51.2530), (((4.5156, 51.2341),),), 1.4),
    KnownPair("Brussel - Molenbeek (kanaal)", (4.3480, 50.8510), (4.3340, 50.8555), (((4.3411, 50.8531),),), 1.4),
    KnownPair("Brugge - Damme (along the Damse Vaart)", (3.2365, 51.2190), (3.2820, 51.2520), most=1.15),
    KnownPair(
        "Leuven, Martelarenplein - Grote Markt (Bondgenotenlaan)", (4.7120, 50.8808), (4.7010, 50.8790), most=1.15
    ),
    KnownPair("Antwerpen, Groenplaats - Astridplein (Meir)", (4.4013, 51.2190), (4.4215, 51.2185), most=1.2),
    KnownPair("Brussel, Stefaniaplein - Ter Kamerenbos (Louizalaan)", (4.3590, 50.8345), (4.3725, 50.8160), most=1.15),
    KnownPair("Gent, Korenmarkt - Sint-Pietersstation", (3.7219, 51.0546), (3.7105, 51.0363), most=1.3),
    KnownPair("Aalter - Maria-Aalter (E40)", (3.4460, 51.0840), (3.3730, 51.1020), most=1.45),
    KnownPair("Mechelen, Grote Markt - Muizen (railway)", (4.4810, 51.0280), (4.5140, 51.0090), most=1.4),
)


def _length(xy: Floats) -> float:
    return float(np.hypot(*np.diff(xy, axis=0).T).sum())


@proves
def known_pairs(context: ProofContext) -> Iterator[ValidationCheck]:
    """Ways over the streets of the data between places whose distance is known otherwise."""
    if not context.snapshot.has_streets:
        return
    for pair in PAIRS:
        model = StreetTravel(load_streets(context.snapshot, pair.mode))
        xy = from_lonlat(np.array([pair.start, pair.end]))
        metres = float(model(xy[:1], xy[1:], 1).distance_m[0, 0])
        yield between("worked", "pair", pair.name, pair.bounds(), round(metres))
