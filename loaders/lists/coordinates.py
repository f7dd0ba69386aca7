"""Coordinates as people write them: pairs in one cell, degrees and minutes, signs lost or too many, other systems."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from i18n.messages import Message, MessageError, NumberAsGiven, Value
from loaders.catalogue.regions.projection import from_lonlat
from loaders.catalogue.regions.systems import degrees_of_region, own_system, system_of, with_decimal_sign
from loaders.catalogue.types import Floats
from loaders.protocols.spellings import grouped_sign, read_number
from loaders.snapshot.locator import read_point

if TYPE_CHECKING:
    import pyproj

AXES = ("lat", "lon", "x", "y")
_WKT = re.compile(
    r"(?:SRID\s*=\s*(\d{1,6})\s*;)?\s*(?:MULTI)?POINT\s*(?:ZM|Z|M)?\s*\({1,2}\s*([-+\d.eE]+)\s+([-+\d.eE]+)"
    r"(?:\s+[-+\d.eE]+){0,2}\s*\){1,2}",
    re.IGNORECASE,
)
_SHAPE = re.compile(
    r"(?:SRID\s*=\s*\d{1,6}\s*;)?\s*((?:MULTI)?(?:POLYGON|LINESTRING|POINT)|GEOMETRYCOLLECTION)\b", re.IGNORECASE
)
_HEX = re.compile(r"0[01](?:[0-9a-f]{2}){20,40}", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:geo:|https?://\S*?(?:[@=/]|%3D))(-?\d{1,3}\.\d+)(?:,|%2C)\s*(-?\d{1,3}\.\d+)\S*", re.IGNORECASE
)
_ANGLE = re.compile(
    r"(?P<before>[NSEWOZ])?\s*(?P<sign>[-+])?(?P<degrees>\d{1,3}(?:[.,]\d+)?)\s*(?P<mark>°|º|˚|deg|graden|d)?\s*"
    r"(?:(?P<minutes>\d{1,2}(?:[.,]\d+)?)\s*(?:['’′´m]|min)?\s*"
    r"(?:(?P<seconds>\d{1,2}(?:[.,]\d+)?)\s*(?:[\"”″s]|''|’’|′′|sec)?\s*)?)?"
    r"(?P<after>[NSEWOZ]|NB|OL|noord|oost|north|east|nord|est)?\.?",
    re.IGNORECASE,
)
_SPACED = re.compile(r"-?\d{1,3}\s+\d{1,2}(?:[.,]\d+)?(?:\s+\d{1,2}(?:[.,]\d+)?)?")
"""Degrees and minutes with a space between, which is no sign for thousands: that has three digits behind it."""

_IN_METRES = re.compile(r"(?<=\d)\s*m\.?$")
_SCIENTIFIC = re.compile(r"[-+]?\d(?:[.,](\d*))?[eE]\+?0*(\d{1,2})")
_LATITUDE = {"n": 1, "nb": 1, "noord": 1, "north": 1, "nord": 1, "s": -1, "z": -1}
_LONGITUDE = {"e": 1, "o": 1, "ol": 1, "oost": 1, "east": 1, "est": 1, "w": -1}
_LONGEST = 200
_MIN_M = 20_000.0
_COARSE_M = 50.0
"""Rounding beyond which digits of a coordinate in scientific notation were lost."""


@dataclass(frozen=True)
class ReadCoordinates:
    """What the coordinates of a row say.

    Attributes
    ----------
    point : metres; None where there are none or they are refused
    fault : key of what is wrong with them
    column : of the fault
    shown : the coordinates as written
    values : of the sentence of the fault
    notes : keys and values of what was made of them
    in_metres : whether they were given in metres
    coarse : whether they are whole kilometres
    few_decimals : whether they are degrees with two decimals at most, which is a kilometre
    """

    point: Floats | None
    fault: str = ""
    column: str = ""
    shown: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    notes: tuple[tuple[str, Mapping[str, Value]], ...] = ()
    in_metres: bool = False
    coarse: bool = False
    few_decimals: bool = False


def is_pair(text: str) -> bool:
    """Whether a cell holds both coordinates."""
    return _pair(text) is not None or _WKT.fullmatch(_as_wkt(text)) is not None


def read_place(cells: Mapping[str, str], crs: str = "") -> ReadCoordinates:
    """Point of a row, out of the texts under ``lat, lon``, ``x, y`` and ``point``.

    Parameters
    ----------
    cells : text by field, '' or absent where there is none
    crs : number in EPSG of the system of ``x, y`` and ``point``, where the user says it
    """
    given = {name: cells.get(name, "").strip() for name in (*AXES, "point")}
    shown = " ".join(given[name] for name in (*AXES, "point") if given[name])[:_LONGEST]
    column = next((name for name in (*AXES, "point") if given[name]), "lat")
    try:
        return _read(given, crs, column, shown)
    except _FaultError as error:
        return ReadCoordinates(None, error.key, error.column or column, error.shown or shown, error.values)


Plain = Mapping[tuple[str, str, str, str], ReadCoordinates]
"""Place by the texts under ``lat, lon, x, y``."""


def plain_places(texts: Iterable[tuple[str, str, str, str]], crs: str) -> Plain:
    """Places of the rows that have plain degrees, or plain metres of the region, and nothing to tell; all at once.

    Any other row is left to `read_place`, which gives these rows the very same.

    Parameters
    ----------
    texts : of every row, under ``lat, lon, x, y``; such as have a cell with both coordinates are not given
    crs : number in EPSG, where the user says it; then there are none
    """
    if crs:
        return {}
    degrees, own = degrees_of_region(), own_system()
    place_of: dict[tuple[str, str, str, str], tuple[float, float]] = {}
    metres: dict[tuple[str, str, str, str], tuple[float, float]] = {}
    for given in set(texts):
        if (given[0] or given[1]) and not (given[2] or given[3]):
            lat, lon = _plain_number(given[0]), _plain_number(given[1])
            if degrees.holds(lon, lat) and not (lat.is_integer() and lon.is_integer()):
                place_of[given] = lon, lat
        elif given[2] and given[3] and not (given[0] or given[1]):
            x, y = _plain_number(given[2]), _plain_number(given[3])
            if own.holds(x, y):
                metres[given] = x, y
    made: dict[tuple[str, str, str, str], ReadCoordinates] = {}
    points = from_lonlat(np.array(list(place_of.values()), dtype=np.float64).reshape(-1, 2))
    for (given, (lon, lat)), point in zip(place_of.items(), points, strict=True):
        few = lat == round(lat, 2) and lon == round(lon, 2)
        made[given] = ReadCoordinates(point, column="lat", shown=f"{given[0]} {given[1]}", few_decimals=few)
    for given, pair in metres.items():
        coarse = pair[0] % 1000 == 0 and pair[1] % 1000 == 0
        shown = f"{given[2]} {given[3]}"
        made[given] = ReadCoordinates(np.array(pair), column="x", shown=shown, in_metres=True, coarse=coarse)
    return made


def _plain_number(text: str) -> float:
    """Number of a text with one decimal sign at most, that no sign for thousands can be; NaN for any other."""
    whole, sign, rest = text.replace(",", ".", 1).partition(".")
    if len(text) > _LONGEST_PLAIN or not whole.isascii() or not whole.isdecimal() or (sign and len(rest) == _GROUP):
        return np.nan
    return float(f"{whole}.{rest}") if not sign or (rest.isascii() and rest.isdecimal()) else np.nan


_LONGEST_PLAIN, _GROUP = 24, 3


class _FaultError(Exception):
    """What is wrong with coordinates."""

    def __init__(self, key: str, column: str = "", shown: str = "", **values: Value) -> None:
        super().__init__(key)
        self.key, self.column, self.shown, self.values = key, column, shown, values


def _read(given: dict[str, str], crs: str, column: str, shown: str) -> ReadCoordinates:
    notes: list[tuple[str, Mapping[str, Value]]] = []
    in_metres = bool(given["x"] or given["y"])
    for one, other in (("lat", "lon"), ("lon", "lat"), ("x", "y"), ("y", "x")):
        if given[one] and not given[other] and not given["point"] and _pair(given[one]):
            given["point"], given[one] = given[one], ""
            notes.append(("pair_in_cell", {}))
    if given["point"]:
        of_cell, in_metres = _of_cell(given["point"], crs)
        if not any(given[name] for name in AXES):
            return _finished(of_cell, column, shown, notes, in_metres=in_metres)
    numbers = {name: _number(given[name], name) for name in AXES}
    _check_digits(given, numbers)
    _check_degrees(numbers, given)
    x, y = numbers["x"], numbers["y"]
    in_degrees = numbers["lat"] is not None and numbers["lon"] is not None
    if x is not None and y is not None and _is_degrees(x, y, crs):
        _check_degrees({"lat": y, "lon": x}, {"lat": given["y"], "lon": given["x"]})
        notes.append(("degrees_in_xy", {}))
        in_metres = False
        if not in_degrees:
            numbers["lat"], numbers["lon"] = y, x
        x = y = None
    elif x is not None and y is not None:
        x, y = _of_degrees_too(x, y) if in_degrees and not crs else (x, y)
        x, y = _metres(given, x, y, crs, notes)
    point, fault = read_point(numbers["lat"], numbers["lon"], x, y)
    if fault:
        raise _FaultError(fault)
    if point is None:
        return ReadCoordinates(None, shown=shown)
    made = _finished(point, column, shown, notes, in_metres=in_metres)
    lat, lon = numbers["lat"], numbers["lon"]
    few = lat is not None and lon is not None and not in_metres and lat == round(lat, 2) and lon == round(lon, 2)
    return replace(made, few_decimals=few)


def _is_degrees(x: float, y: float, crs: str) -> bool:
    """Whether a pair under x and y is a place of the region in degrees; `_FaultError` where it is one exchanged."""
    if crs and crs != str(degrees_of_region().code):
        return False
    if degrees_of_region().holds(x, y):
        return True
    if degrees_of_region().holds(y, x):
        raise _FaultError("x_y_swapped")
    return bool(crs)


def _of_degrees_too(x: float, y: float) -> tuple[float, float]:
    """The pair under x and y of a row with degrees; of another system, it is turned and so compared with them."""
    system = system_of(x, y)
    if system is None or system[0] == own_system() or system[1]:
        return x, y
    turned = _turned(x, y, str(system[0].code))
    return float(turned[0]), float(turned[1])


def _finished(
    point: Floats, column: str, shown: str, notes: list[tuple[str, Mapping[str, Value]]], *, in_metres: bool
) -> ReadCoordinates:
    coarse = in_metres and bool((point % 1000 == 0).all())
    return ReadCoordinates(point, column=column, shown=shown, notes=tuple(notes), in_metres=in_metres, coarse=coarse)


def _number(text: str, name: str) -> float | None:
    """Number of a cell, also where it is written in degrees and minutes or with a letter for its side."""
    if not text:
        return None
    spaced = _SPACED.fullmatch(text) if name in ("lat", "lon") else None
    number = None if spaced else read_number(_IN_METRES.sub("", text) if name in "xy" else text)
    if number is not None:
        return number
    angle = _angle(text)
    if angle is None:
        raise _FaultError("not_a_number", name, text[:_LONGEST])
    value, axis = angle
    if axis and name in ("lat", "lon") and axis != name:
        raise _FaultError("lat_lon_swapped")
    return value


def _angle(text: str) -> tuple[float, str] | None:
    r"""Degrees of an angle, and the axis that its letter names; None when it is none.

    Examples
    --------
    >>> _angle("51° 5' 33\" N"), _angle("4.3717° E"), _angle("twee")
    ((51.0925, 'lat'), (4.3717, 'lon'), None)
    """
    if len(text) > _LONGEST:
        return None
    match = _ANGLE.fullmatch(text.strip())
    if match is None:
        return None
    letter = (match["before"] or match["after"] or "").lower()
    minutes, seconds = (float((match[name] or "0").replace(",", ".")) for name in ("minutes", "seconds"))
    if minutes >= 60 or seconds >= 60:
        return None
    value = float(match["degrees"].replace(",", ".")) + minutes / 60 + seconds / 3600
    side = {**_LATITUDE, **_LONGITUDE}.get(letter, 1)
    axis = "lat" if letter in _LATITUDE else "lon" if letter in _LONGITUDE else ""
    return round(value * side * (-1 if match["sign"] == "-" else 1), 9), axis


def _pair(text: str) -> tuple[str, str] | None:
    """Both halves of a pair in one cell; None when it is no pair.

    Examples
    --------
    >>> _pair("51.0925, 4.3717"), _pair("51,0925; 4,3717"), _pair("51,0925 4,3717"), _pair("51,0925")
    (('51.0925', '4.3717'), ('51,0925', '4,3717'), ('51,0925', '4,3717'), None)
    """
    address = _ADDRESS.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if address:
        return address[1], address[2]
    bare = text.strip().removeprefix("c(").strip("()[]{}").strip()
    if len(bare) > _LONGEST:
        return None
    splits = [bare.split(sign) for sign in (";", "|", "/")] + [re.split(r",\s+", bare), bare.split(",")]
    if not any(mark in bare for mark in "°º˚'′\"″"):
        splits.append(bare.split())
    halves = re.fullmatch(r"(.{2,}?[NSZ])[\s,;]+(.{2,}[EWO]\.?)", bare, re.IGNORECASE)
    splits.append(list(halves.groups()) if halves else [])
    fronts = re.fullmatch(r"([NSZ].{2,}?)[\s,;/]*([EWO].{2,})", bare, re.IGNORECASE)
    splits.append(list(fronts.groups()) if fronts else [])
    for parts in splits:
        if len(parts) == 2 and all(_part(part.strip()) for part in parts):
            return parts[0].strip(), parts[1].strip()
    return None


def _part(text: str) -> bool:
    number = read_number(text) if any(sign in text for sign in ".,") or len(text) >= 5 else None
    return number is not None or (not text.isdigit() and _angle(text) is not None)


def _as_wkt(text: str) -> str:
    """A point as a database (WKB in hex) or a portal (GeoJSON) writes it, as WKT; any other text as it is."""
    bare = text.strip()
    if bare[:1] == "{" and len(bare) <= _LONGEST:
        try:
            x, y, *_ = json.loads(bare)["coordinates"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return bare
        return f"POINT ({x} {y})"
    if not _HEX.fullmatch(bare):
        return bare
    data = bytes.fromhex(bare)
    order = "<" if data[0] else ">"
    kind = int(struct.unpack(f"{order}I", data[1:5])[0])
    srid = f"SRID={struct.unpack(f'{order}I', data[5:9])[0]};" if kind & _HAS_SRID else ""
    start = 9 if srid else 5
    if kind & 0xFF != 1 or len(data) < start + 16:
        return bare
    x, y = struct.unpack(f"{order}2d", data[start : start + 16])
    return f"{srid}POINT ({x!r} {y!r})"


_HAS_SRID = 0x20000000


def _of_cell(text: str, crs: str) -> tuple[Floats, bool]:
    """Point of a cell that holds a pair or WKT, and whether it is in metres."""
    wkt = _WKT.fullmatch(_as_wkt(text))
    if wkt:
        first, second = read_number(wkt[2]), read_number(wkt[3])
        if first is None or second is None:
            raise _FaultError("not_a_number", "point", text[:_LONGEST])
        return _of_pair(second, first, wkt[1] or crs, ordered=True)
    shape = _SHAPE.match(text)
    if shape:
        raise _FaultError("not_a_point", "point", shape[1].capitalize())
    halves = _pair(text)
    if halves is None:
        raise _FaultError("not_a_pair", "point", text[:_LONGEST])
    angles = [_angle(half) for half in halves]
    numbers = [_number(half, "point") for half in halves]
    if numbers[0] is None or numbers[1] is None:
        raise _FaultError("not_a_pair", "point", text[:_LONGEST])
    if angles[0] and angles[0][1] == "lon":
        numbers.reverse()
    first, second = numbers[0], numbers[1]
    return _of_pair(first, second, crs, ordered=False)


def _of_pair(first: float, second: float, crs: str, *, ordered: bool) -> tuple[Floats, bool]:
    """Point of latitude and longitude, or of y and x where these are metres, in that order.

    A pair in a cell may have either order, since no place of the region is one in both; in WKT x comes first.
    """
    if first == second == 0:
        raise _FaultError("zero")
    if crs and crs != str(degrees_of_region().code):
        return _turned(second if ordered else first, first if ordered else second, crs), True
    degrees = max(abs(first), abs(second)) <= 180
    if degrees and not ordered and degrees_of_region().holds(first, second):
        first, second = second, first
    if degrees:
        _check_degrees({"lat": first, "lon": second}, {"lat": repr(first), "lon": repr(second)})
        point, fault = read_point(first, second, None, None)
    else:
        x, y = (second, first) if ordered else (first, second)
        x, y = _in_own_system(x, y)
        point, fault = read_point(None, None, x, y)
    if point is None or fault:
        raise _FaultError(fault or "not_a_pair")
    return point, not degrees


def _check_digits(given: Mapping[str, str], numbers: Mapping[str, float | None]) -> None:
    """Refuse what lost its digits on the way, in scientific notation or as whole degrees, and zeros for nothing."""
    for name in AXES:
        match = _SCIENTIFIC.fullmatch(given[name])
        if match and 10.0 ** (int(match[2]) - len(match[1] or "")) > (_COARSE_M if name in "xy" else 1e-3):
            raise _FaultError("scientific", name, given[name])
    for one, other in (("lat", "lon"), ("x", "y")):
        if numbers[one] == 0 and numbers[other] == 0:
            raise _FaultError("zero")
    lat, lon = numbers["lat"], numbers["lon"]
    if lat is not None and lon is not None and lat.is_integer() and lon.is_integer():
        for first, second in ((lat, lon), (lon, lat)):
            if 49 <= first <= 52 and 2 <= second <= 7:
                raise _FaultError("whole_degrees")


def _check_degrees(numbers: Mapping[str, float | None], given: Mapping[str, str]) -> None:
    """Refuse degrees of which the decimal sign was lost, with what they may have been."""
    lat, lon = numbers.get("lat"), numbers.get("lon")
    if lat is not None and lat == lon:
        raise _FaultError("same_twice")
    if lat is None or lon is None or degrees_of_region().holds(lon, lat) or degrees_of_region().holds(lat, lon):
        return
    degrees = with_decimal_sign(lat, degrees_of_region().y), with_decimal_sign(lon, degrees_of_region().x)
    meant_lat = lat if degrees_of_region().y[0] <= lat <= degrees_of_region().y[1] else degrees[0]
    meant_lon = lon if degrees_of_region().x[0] <= lon <= degrees_of_region().x[1] else degrees[1]
    if meant_lat is not None and meant_lon is not None and system_of(lon, lat) is None and system_of(lat, lon) is None:
        shown = f"{given['lat']} {given['lon']}"
        meant: dict[str, Value] = {"lat": NumberAsGiven(meant_lat, "r"), "lon": NumberAsGiven(meant_lon, "r")}
        packed = _packed(given["lat"]), _packed(given["lon"])
        if packed[0] and packed[1] and degrees_of_region().holds(packed[1][0], packed[0][0]):
            raise _FaultError("decimal_or_minutes", "lat", shown, **meant, dms=f"{packed[0][1]}, {packed[1][1]}")
        raise _FaultError("decimal_lost", "lat", shown, **meant)
    if abs(lat) > 90 or abs(lon) > 180:
        _check_system(lon, lat)


def _packed(text: str) -> tuple[float, str] | None:
    r"""Degrees, minutes and seconds written as one number, in degrees and as they may be meant; None for any other.

    Examples
    --------
    >>> _packed("510533"), _packed("0422.5"), _packed("51.09")
    ((51.0925, '51° 5\' 33"'), (4.375, "4° 22.5'"), None)
    """
    match = _PACKED.fullmatch(text.strip())
    if match is None:
        return None
    degrees, minutes, rest = int(match[1]), match[2] + (match[4] or "").replace(",", "."), match[3]
    if float(minutes) >= 60 or (rest and (int(rest) >= 60 or match[4])):
        return None
    shown = f"{degrees}° {float(minutes):g}'" + (f' {int(rest)}"' if rest else "")
    return round(degrees + float(minutes) / 60 + int(rest or 0) / 3600, 6), shown


_PACKED = re.compile(r"0?(\d{1,2})(\d{2})(\d{2})?([.,]\d+)?")


def _metres(
    given: Mapping[str, str], x: float, y: float, crs: str, notes: list[tuple[str, Mapping[str, Value]]]
) -> tuple[float, float]:
    """Metres of a pair under x and y, in the system of the snapshot."""
    if all(grouped_sign(given[name]) for name in "xy") and max(abs(x), abs(y)) < 1000:
        whole = tuple(float(re.sub(r"[^\d+-]", "", given[name])) for name in "xy")
        if system_of(*whole) is not None or crs:
            x, y = whole
            notes.append(("thousands", {"x": f"{x:.0f}", "y": f"{y:.0f}"}))
    if crs:
        turned = _turned(x, y, crs)
        return float(turned[0]), float(turned[1])
    return _in_own_system(x, y)


def _in_own_system(x: float, y: float) -> tuple[float, float]:
    """The pair as it is, once it is sure that it is of no other system and lost no decimal sign."""
    _check_system(x, y)
    if max(abs(x), abs(y)) < 1_000 and own_system().holds(x * 1000, y * 1000) and min(x, y) * 1000 > _MIN_M:
        raise _FaultError("in_kilometres", x=NumberAsGiven(x * 1000, "r"), y=NumberAsGiven(y * 1000, "r"))
    if max(abs(x), abs(y)) > 1_000 and system_of(x, y) is None:
        found_lon, found_lat = with_decimal_sign(x, degrees_of_region().x), with_decimal_sign(y, degrees_of_region().y)
        if found_lon is not None and found_lat is not None and not own_system().x[0] <= x <= own_system().x[1]:
            raise _FaultError("decimal_lost", lat=NumberAsGiven(found_lat, "r"), lon=NumberAsGiven(found_lon, "r"))
        for power in range(1, 9):
            meant = abs(x) / 10**power, abs(y) / 10**power
            if own_system().holds(*meant) and min(meant) > _MIN_M:
                raise _FaultError("decimal_lost_metres", x=NumberAsGiven(meant[0], "r"), y=NumberAsGiven(meant[1], "r"))
    return x, y


def _check_system(x: float, y: float) -> None:
    """Refuse numbers of another system than the one that is read, naming it."""
    settled = system_of(x, y)
    if settled is None or settled[0] == own_system():
        return  # metres under lat and lon have a sentence of their own
    system, exchanged = settled
    key = "other_system_exchanged" if exchanged else "other_system"
    raise _FaultError(
        key, system=system.name, code=str(system.code), remedy=Message("list_file.convert", code=str(system.code))
    )


@cache
def _transformer(code: str) -> pyproj.Transformer:
    import pyproj

    try:
        return pyproj.Transformer.from_crs(f"EPSG:{code}", f"EPSG:{own_system().code}", always_xy=True)
    except pyproj.exceptions.ProjError as error:
        raise MessageError("error.list.set_crs", value=f"EPSG:{code}") from error


def _turned(x: float, y: float, crs: str) -> Floats:
    if crs == str(own_system().code):
        return np.array([x, y])
    turned = np.array(_transformer(crs).transform(x, y))
    if not np.isfinite(turned).all():
        raise _FaultError("far_away")
    return turned
