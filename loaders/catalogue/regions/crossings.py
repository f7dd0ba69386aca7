"""Where the Rupel and the A12 can be crossed: a small table, drawn by hand from descriptions, approximate.

The river itself is in the land cover. Its bridges are not, nor is the motorway. So the places where one gets across
are listed here, with who may cross and where it is described. Positions follow from street names and the shape of the
river in the land cover: they are good to about 300 m (`APPROXIMATE_M`), no better, and every figure that rests on them
says so. Where an OpenStreetMap extract is loaded its bridges, tunnels and motorways take their place.

Ferries are left out: they do not run all day, nor all year.
"""

from __future__ import annotations

from dataclasses import dataclass

from loaders.catalogue.regions.region_in_use import region

LonLat = tuple[float, float]

APPROXIMATE_M = 300.0
"""How far a position in this table may be off, metres."""


@dataclass(frozen=True)
class Crossing:
    """A bridge, tunnel or junction.

    Attributes
    ----------
    name : as on the spot
    over : what it crosses, an id of `BARRIERS`
    modes : who may cross
    ends : longitude, latitude of its two ends
    source : where it is described
    """

    name: str
    over: str
    modes: tuple[str, ...]
    ends: tuple[LonLat, LonLat]
    source: str


@dataclass(frozen=True)
class Barrier:
    """Something that can be crossed only where a `Crossing` says so.

    Attributes
    ----------
    id : short name
    name : as on the map
    box : west, south, east, north in degrees: inside, tidal water of the land cover (Corine class 43) belongs to this
        barrier and all its crossings are listed; None for a barrier that is a line
    line : longitude, latitude of the vertices; empty for a river, which is in the land cover
    source : where it is described
    """

    id: str
    name: str
    box: tuple[float, float, float, float] | None
    line: tuple[LonLat, ...]
    source: str


_ALL = ("walk", "bike", "car")
_RUPEL = "https://nl.wikipedia.org/wiki/Rupel"
_BRIDGE = "https://www.hln.be/regio/boom/vijf-maanden-lang-werken-aan-rupelbrug~a3549a46/"
_TUNNEL = "https://www.hln.be/regio/boom/rupelbrug-gaat-tijdelijk-weer-open~a896dbb8/"
_JUNCTIONS = "https://www.schelle.be/werken-verkeerslichten-kruispunten-a12/"
_FIVE = "https://www.hln.be/regio/schelle/zwarte-kruispunten-a12-afgeschaft-of-ondertunneld~a3f3da83/"
_CUTTING = "https://atv.be/nieuws/werken-op-antwerpsestraat-in-boomrumst-voor-betere-veiligheid-en-vlotte-doorstroming"

BARRIERS = (
    Barrier("rupel", "Rupel", (4.300, 51.068, 4.430, 51.120), (), _RUPEL),
    Barrier(
        "a12",
        "A12, Wilrijk – Boom",
        None,
        (
            (4.3845, 51.158),
            (4.3805, 51.149),
            (4.3775, 51.138),
            (4.3755, 51.128),
            (4.3725, 51.117),
            (4.3705, 51.108),
            (4.3665, 51.100),
            (4.3625, 51.094),
            (4.3570, 51.089),
        ),
        _JUNCTIONS,
    ),
)
"""The river stretch and the motorway that the field report on Boom names."""


def _across(lon: float, lat: float) -> tuple[LonLat, LonLat]:
    """Ends of a crossing of the A12, which runs north to south: 250 m to either side."""
    return (lon - 0.0036, lat), (lon + 0.0036, lat)


CROSSINGS = (
    Crossing("Rupelbrug (N177)", "rupel", _ALL, ((4.3665, 51.0865), (4.3655, 51.0800)), _BRIDGE),
    Crossing("Rupeltunnel (A12)", "rupel", ("car",), ((4.3575, 51.0895), (4.3540, 51.0810)), _TUNNEL),
    Crossing("Terbekehofdreef – Atomiumlaan", "a12", _ALL, _across(4.3808, 51.150), _JUNCTIONS),
    Crossing("Helststraat – Guido Gezellestraat", "a12", _ALL, _across(4.3789, 51.143), _JUNCTIONS),
    Crossing("Cleydaellaan – Kontichsesteenweg", "a12", _ALL, _across(4.3771, 51.136), _FIVE),
    Crossing("Vluchtenburgstraat – Leugstraat", "a12", _ALL, _across(4.3757, 51.129), _JUNCTIONS),
    Crossing("Langlaarsteenweg – Bist", "a12", _ALL, _across(4.3739, 51.122), _FIVE),
    Crossing("N177, rotonde", "a12", _ALL, _across(4.3700, 51.107), _CUTTING),
    Crossing("'s Herenbaan", "a12", _ALL, _across(4.3665, 51.100), _CUTTING),
    Crossing("Overwinningstraat", "a12", _ALL, _across(4.3635, 51.0955), _CUTTING),
)
"""Every crossing of `BARRIERS` that is open all day; positions approximate."""


def listed_barriers() -> tuple[Barrier, ...]:
    """Barriers that lie in the region in use."""
    return tuple(barrier for barrier in BARRIERS if any(map(_here, barrier.line or _corners(barrier))))


def listed_crossings() -> tuple[Crossing, ...]:
    """Crossings that lie in the region in use."""
    return tuple(crossing for crossing in CROSSINGS if any(map(_here, crossing.ends)))


def _corners(barrier: Barrier) -> tuple[LonLat, ...]:
    return () if barrier.box is None else (barrier.box[:2], barrier.box[2:])


def _here(at: LonLat) -> bool:
    west, south, east, north = region().territory.degrees
    return west <= at[0] <= east and south <= at[1] <= north
