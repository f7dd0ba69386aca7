"""Borders of municipalities, and of zones that lie within them, from whichever publisher they come.

The codes decide which vintage the municipalities are of. The reference file of Flanders (VRBG) leaves Brussels out:
there Flanders leads, and Brussels as known is fitted into the hole it leaves. Files that hold Brussels stay whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from i18n.errors import DataError
from i18n.messages import Message, Note
from loaders.catalogue.regions.levels import is_brussels
from loaders.catalogue.regions.projection import storage_crs
from loaders.parsers.bounds import check_bounds
from loaders.parsers.vintages import VINTAGES, carry, detect_vintage
from loaders.parsers.zones.coverages import Shapes, clean_coverage, located, published_zones, repair_notes
from loaders.protocols.geometry import checked
from loaders.protocols.tables import require_columns, with_names
from loaders.protocols.vectors import read_vector

CODE, NAME = "NISCODE", "NAAM"
LAYOUTS = ((CODE, NAME), ("geoitem", "naam"), ("gemeente", "naam"), ("gemeente20", ""))
"""Attributes with the code and the name of a municipality, by publisher; without a name that of the code counts."""
FLANDERS_KM2 = (13_500.0, 13_750.0)
"""Area of Flanders in square kilometres; 13,624 in the reference file, 13,626 by the statistical sectors."""
_HOLE_KM2, _LARGEST_HOLE_KM2 = 100.0, 1000.0


@dataclass(frozen=True)
class Zones:
    """Zones of one level.

    Attributes
    ----------
    frame : in the columns of the snapshot, borders as published
    notes : what was repaired
    """

    frame: gpd.GeoDataFrame
    notes: tuple[str, ...]


def parse_borders(
    frame: gpd.GeoDataFrame, brussels: gpd.GeoDataFrame | None, codes: pd.DataFrame, where: str
) -> tuple[int, gpd.GeoDataFrame, tuple[str, ...]]:
    """Flemish municipalities as published, completed with Brussels where the publisher leaves it out.

    Parameters
    ----------
    frame : features with the attributes of one of the `LAYOUTS` in EPSG:31370
    brussels : zones of Brussels (``zone_id, zone_name, parent_nis, geometry``); None where the file must have them
    codes : crosswalk with codes and names of the vintages
    where : file or address, for errors and notes

    Returns
    -------
    vintage : of the codes
    zones : in the columns of the snapshot, borders as published
    notes : what was repaired, measured

    Raises
    ------
    DataError
        a code unknown, missing or repeated; a shape that cannot be repaired; an area that cannot be
    """
    headers = {str(column).casefold() for column in frame.columns}
    code, name = next((layout for layout in LAYOUTS if layout[0].casefold() in headers), LAYOUTS[0])
    kept = [code, *([name] if name else [])]
    frame = with_names(frame, kept)
    require_columns(frame, kept, where)
    frame = frame.assign(**{code: frame[code].astype(str).str.strip()})
    fit = checked(frame, where=where, key=code)
    inside = is_brussels(fit.frame[code])
    flanders = fit.frame[~inside].reset_index(drop=True)
    check_bounds("borders", where, rows=len(flanders), what="municipalities")
    whole = brussels is None or bool(inside.any())
    given = fit.frame if whole else flanders
    vintage = detect_vintage(given[code], codes, where, brussels=whole)
    cleaned = clean_coverage(given.geometry.to_numpy(), given[code], where)
    _check_area(cleaned.shapes[~is_brussels(given[code]).to_numpy()], where)
    names = given[name].astype(str) if name else given[code].map(names_of(codes, vintage))
    shapes, nis = cleaned.shapes, given[code]
    notes = (*repair_notes(fit, "note.of_borders"), *cleaned.note("note.of_borders"))
    if brussels is not None and not whole:
        fitted = _fit_brussels(brussels.geometry.to_numpy(), cleaned.shapes, where)
        nis = pd.concat([nis, brussels["zone_id"]], ignore_index=True)
        names = pd.concat([names, brussels["zone_name"]], ignore_index=True)
        shapes = clean_coverage(np.concatenate([cleaned.shapes, fitted]), nis, where).shapes
        notes = (*notes, Note("note.brussels", area=round(_moved(brussels.geometry.to_numpy(), fitted))))
    parent = carry(nis, vintage, VINTAGES[-1], codes)
    rows = pd.DataFrame({"zone_id": nis, "zone_name": names, "parent_nis": parent, "flags": ""})
    return vintage, published_zones(rows, shapes), notes


def parse_zones(
    data: bytes, parents: Iterable[pd.Series], file: str, *, code: str, name: str = "", suffix: str = ""
) -> Zones:
    """Zones that lie within municipalities, told by the first five characters of their code.

    Parameters
    ----------
    data : zipped shapefile, GeoPackage or GeoJSON
    parents : municipality of 2025 by code, of every vintage: a zone may keep the code of before a merger
    file : name for error messages
    code, name : attributes to keep; without ``name`` the code stands in
    suffix : text to strip from the end of every name

    Raises
    ------
    DataError
        unreadable bytes, no coordinate system, borders that cannot be repaired, a code twice, a zone in no municipality
    MissingColumnError
        an attribute is absent
    """
    frame = read_vector(data, file)
    require_columns(frame, [code, *([name] if name else [])], file)
    frame = frame.assign(**{code: frame[code].astype(str)})
    fit = checked(located(frame, file), where=file, key=code)
    zones = fit.frame
    cleaned = clean_coverage(zones.geometry.to_numpy(), zones[code], file)
    successor = pd.concat(list(parents)).groupby(level=0).first()
    parent = zones[code].str[:5].map(successor)
    if parent.isna().any():
        zone = zones.loc[parent.isna(), code].iloc[0]
        raise DataError(Message("error.live.no_parent", where=file, zone=str(zone)))
    rows = pd.DataFrame(
        {
            "zone_id": zones[code].str.lower(),
            "zone_name": zones[name or code].astype(str).str.removesuffix(suffix),
            "parent_nis": parent,
            "flags": "",
        }
    )
    notes = (*repair_notes(fit, "note.of_borders"), *cleaned.note("note.of_borders"))
    return Zones(published_zones(rows, cleaned.shapes), notes)


def parse_drawn(data: bytes, file: str, *, code: str, name: str) -> gpd.GeoDataFrame:
    """Zones as drawn, whatever they lie in: ``code, name, geometry`` in metres, ordered by code.

    Raises
    ------
    DataError
        unreadable bytes, no coordinate system, borders that cannot be repaired, a code twice
    MissingColumnError
        an attribute is absent
    """
    frame = read_vector(data, file)
    require_columns(frame, [code, name], file)
    coded = frame.assign(**{code: frame[code].astype(str)}).to_crs(storage_crs())
    fit = checked(coded, where=file, key=code)
    cleaned = clean_coverage(fit.frame.geometry.to_numpy(), fit.frame[code], file)
    rows = {"code": fit.frame[code], "name": fit.frame[name].astype(str)}
    zones = gpd.GeoDataFrame(rows, geometry=cleaned.shapes, crs=fit.frame.crs)
    return zones.sort_values("code", ignore_index=True)


def parse_outlines(data: bytes, file: str, code: str) -> pd.Series:
    """Published outline of every zone of a level that is a union of others, by code, in EPSG:31370."""
    frame = read_vector(data, file)
    require_columns(frame, [code], file)
    fit = checked(located(frame.assign(**{code: frame[code].astype(str)}), file), where=file, key=code)
    return pd.Series(fit.frame.geometry.to_numpy(), index=fit.frame[code].to_numpy())


def names_of(codes: pd.DataFrame, vintage: int) -> pd.Series:
    """Names of the municipalities of a vintage by code."""
    return codes.drop_duplicates(f"nis{vintage}").set_index(f"nis{vintage}")[f"name{vintage}"]


def parents_of(codes: pd.DataFrame, vintage: int) -> pd.Series:
    """Municipality of 2025 by code of a vintage."""
    nis = codes[f"nis{vintage}"].drop_duplicates()
    return pd.Series(carry(nis, vintage, VINTAGES[-1], codes).to_numpy(), index=nis.to_numpy())


def _check_area(flanders: Shapes, where: str) -> None:
    area = float(shapely.area(flanders).sum()) / 1e6
    if not FLANDERS_KM2[0] <= area <= FLANDERS_KM2[1]:
        raise DataError(Message("error.live.borders_area", where=where, area=round(area)))


def _fit_brussels(brussels: Shapes, flanders: Shapes, where: str) -> Shapes:
    """Brussels fitted exactly into the hole in Flanders: overlaps go, gaps go to the municipality they touch most."""
    middle = shapely.centroid(shapely.union_all(brussels))
    rings = shapely.get_rings(shapely.get_parts(shapely.union_all(flanders)))
    areas: Shapes = np.asarray(shapely.polygons(rings))
    holes = [hole for hole in areas if _HOLE_KM2 < hole.area / 1e6 < _LARGEST_HOLE_KM2 and hole.contains(middle)]
    if not holes:
        raise DataError(Message("error.live.borders_brussels", where=where))
    parts = [_polygonal(shape) for shape in shapely.intersection(brussels, holes[0])]
    left: Shapes = np.asarray(shapely.get_parts(shapely.difference(holes[0], shapely.union_all(parts))))
    for gap in left:
        touched = [shapely.length(shapely.intersection(gap, part)) for part in parts]
        owner = int(np.argmax(touched)) if max(touched) > 0 else int(np.argmin(shapely.distance(gap, np.array(parts))))
        parts[owner] = _polygonal(shapely.union(parts[owner], gap))
    return np.array(parts, dtype=object)


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """Only the polygons of a shape: intersections leave stray lines and points."""
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])


def _moved(before: Shapes, after: Shapes) -> float:
    return float(shapely.area(shapely.symmetric_difference(before, after)).sum())
