"""Zone tables as files: CSV of two kinds, Parquet, GeoJSON, GeoPackage and Excel, each carrying its notes.

The same table and notes give the same bytes, whenever and wherever they are written.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from i18n.errors import ArgumentError
from i18n.messages import MessageError
from layers.files.csv_files import write_beside, write_csv, write_excel_csv
from layers.files.output import BINARY, EXCEL_CSV, FORMATS, STDOUT, save, write_out
from layers.notes.notes import Notes
from loaders.catalogue.regions.projection import to_lonlat

if TYPE_CHECKING:
    import geopandas as gpd

_LONLAT_DECIMALS = 6


def render(table: pd.DataFrame, notes: Notes, form: str, zones: gpd.GeoDataFrame | None = None) -> bytes:
    """Write a zone table in one of `FORMATS`.

    Parameters
    ----------
    table : one row per zone, in the order to write
    notes : what the file says about itself
    form : csv, parquet, geojson, gpkg, xlsx or csv-excel
    zones : the first column of the table, such as ``zone_id``, and ``geometry`` in metres, for the formats that
        hold geometry; a row whose zone has none (the remainder of a partial level) is written without geometry

    Raises
    ------
    InputError
        when the format is unknown, or holds geometry and no zones were given
    """
    if form not in _WRITERS:
        raise MessageError("error.question.format", value=form, known=", ".join(FORMATS))
    writer, spatial = _WRITERS[form]
    if not spatial:
        return writer(table, notes)
    if zones is None:
        raise ArgumentError(f"Format '{form}' needs the borders of the zones.")
    return writer(_with_geometry(table, zones), notes)


@dataclass(frozen=True)
class TableFile:
    """A table in one format, ready to be written.

    Attributes
    ----------
    content : the file
    form : one of `FORMATS`
    beside : the text that explains a table for Excel; None for other formats, which explain themselves
    """

    content: bytes
    form: str
    beside: bytes | None = None

    def write(self, out: Path) -> None:
        """Write to a file or to standard output, with the text beside it where there is one.

        Raises
        ------
        InputError
            when there is a text beside it and no file to lie beside
        """
        if self.beside is not None:
            if out == STDOUT:
                raise MessageError("error.out.beside", form=self.form)
            save(self.beside, beside_path(out))
        write_out(self.content, out, binary=self.form in BINARY)


def holds_borders(form: str) -> bool:
    """Whether a format holds the borders of zones."""
    return form in _WRITERS and _WRITERS[form][1]


def table_file(table: pd.DataFrame, notes: Notes, form: str, zones: gpd.GeoDataFrame | None = None) -> TableFile:
    """Write a table in one of `FORMATS`, see `render`, with what lies beside it."""
    beside = write_beside(table, notes) if form == EXCEL_CSV else None
    return TableFile(render(table, notes, form, zones), form, beside)


def beside_path(out: Path) -> Path:
    """Where the text beside a table for Excel is written: ``leemten.csv`` has ``leemten.csv.txt``."""
    return out.with_name(f"{out.name}.txt")


def packed(table: pd.DataFrame, notes: Notes, name: str) -> bytes:
    """Table for Excel and the text beside it in one zip archive, for a browser, which takes one file at a time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for suffix, content in (("csv", write_excel_csv(table, notes)), ("txt", write_beside(table, notes))):
            archive.writestr(zipfile.ZipInfo(f"{name}.{suffix}"), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _parquet(table: pd.DataFrame, notes: Notes) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = pa.Table.from_pandas(table, preserve_index=False)
    described = json.dumps(notes.descriptor(tuple(table.columns)), ensure_ascii=False, sort_keys=True)
    arrow = arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), b"nabij": described.encode()})
    buffer = io.BytesIO()
    pq.write_table(arrow, buffer, compression="zstd")
    return buffer.getvalue()


def _geojson(frame: gpd.GeoDataFrame, notes: Notes) -> bytes:
    """Return RFC 7946: longitude, latitude in EPSG:4326, six decimals (0.1 m), outer rings counter-clockwise."""
    import shapely

    properties = frame.drop(columns="geometry")
    key = str(properties.columns[0])
    features = [
        {
            "type": "Feature",
            "id": row[key],
            "properties": row,
            "geometry": None if shape is None else shapely.geometry.mapping(shape),
        }
        for row, shape in zip(_records(properties), _lonlat(frame.geometry), strict=True)
    ]
    collection = {
        "type": "FeatureCollection",
        "nabij": notes.descriptor(tuple(properties.columns)),
        "features": features,
    }
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain Python values, missing ones as None."""
    plain = table.astype(object).where(table.notna(), None)
    return [{str(name): _python(value) for name, value in row.items()} for row in plain.to_dict("records")]


def _python(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _lonlat(shapes: gpd.GeoSeries) -> list[Any]:
    import shapely

    turned = shapely.transform(shapes.to_numpy(), lambda xy: to_lonlat(xy).round(_LONLAT_DECIMALS))
    return list(shapely.orient_polygons(turned, exterior_cw=False))


def _with_geometry(table: pd.DataFrame, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    import geopandas as gpd  # only the formats that hold borders wait for it

    shapes = zones.set_index(table.columns[0])["geometry"].reindex(table.iloc[:, 0])
    return gpd.GeoDataFrame(table.reset_index(drop=True), geometry=shapes.array, crs=zones.crs)


def _geopackage(frame: gpd.GeoDataFrame, notes: Notes) -> bytes:
    from layers.files.geopackage import write_geopackage

    return write_geopackage(frame, notes)


def _workbook(table: pd.DataFrame, notes: Notes) -> bytes:
    from layers.files.workbook import write_workbook

    return write_workbook(table, notes)


_WRITERS: dict[str, tuple[Callable[[Any, Notes], bytes], bool]] = {
    "csv": (write_csv, False),
    "parquet": (_parquet, False),
    "geojson": (_geojson, True),
    "gpkg": (_geopackage, True),
    "xlsx": (_workbook, False),
    EXCEL_CSV: (write_excel_csv, False),
}
"""Writer per format of `layers.files.output.FORMATS`, and whether it holds geometry."""

__all__ = ["TableFile", "beside_path", "packed", "render", "table_file"]
