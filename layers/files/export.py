"""Zone tables as files: CSV, Parquet, GeoJSON, GeoPackage and Excel, each carrying its notes.

The same table and notes give the same bytes, whenever and wherever they are written.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from i18n.errors import ArgumentError
from i18n.messages import MessageError
from i18n.texts import text
from layers.files.output import FORMATS
from layers.files.sheet_rows import SHEET, add_rows
from layers.files.spreadsheet import defused, defused_line
from layers.notes.notes import Notes
from loaders.catalogue.regions.projection import to_lonlat

if TYPE_CHECKING:
    import geopandas as gpd

FIXED_DATE = "1980-01-01T00:00:00Z"
"""Date written where a format insists on one: the earliest a zip archive can hold."""

LAYER = "nabij"
METADATA_LAYER = "nabij_metadata"
_LONLAT_DECIMALS = 6


def render(table: pd.DataFrame, notes: Notes, form: str, zones: gpd.GeoDataFrame | None = None) -> bytes:
    """Write a zone table in one of `FORMATS`.

    Parameters
    ----------
    table : one row per zone, in the order to write
    notes : what the file says about itself
    form : csv, parquet, geojson, gpkg or xlsx
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


def holds_borders(form: str) -> bool:
    """Whether a format holds the borders of zones."""
    return form in _WRITERS and _WRITERS[form][1]


def _csv(table: pd.DataFrame, notes: Notes) -> bytes:
    columns = "".join(f"# {line}\n" for line in _column_lines(table, notes))
    plain, n = defused(table.apply(_plain))
    if n:
        notes = replace(notes, caveats=(*notes.caveats, text("export.defused", notes.lang, n=n)))
    head = "".join(f"# {label}: {defused_line(value)}\n" for label, value in notes.lines())
    return (head + columns + plain.to_csv(index=False, lineterminator="\n")).encode()


def _column_lines(table: pd.DataFrame, notes: Notes) -> Iterator[str]:
    for name, column in notes.descriptor(tuple(table.columns))["columns"].items():
        if column:
            unit = f" [{column['unit']}]" if column["unit"] else ""
            yield f"{name}{unit}: {column['title']}"


def _plain(values: pd.Series[Any]) -> pd.Series[Any]:
    """Booleans as true and false; other values as they are, which pandas writes in full precision."""
    if not pd.api.types.is_bool_dtype(values):
        return values
    return values.map({True: "true", False: "false"}, na_action="ignore").astype("object")


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
    turned = shapely.transform(shapes.to_numpy(), lambda xy: to_lonlat(xy).round(_LONLAT_DECIMALS))
    return list(shapely.orient_polygons(turned, exterior_cw=False))


def _gpkg(frame: gpd.GeoDataFrame, notes: Notes) -> bytes:
    """Layer ``nabij`` in the coordinate system of the snapshot, and a table ``nabij_metadata`` with the notes."""
    import pyogrio

    lines = pd.DataFrame(notes.lines(), columns=["key", "value"])
    described = {"IDENTIFIER": notes.title, "DESCRIPTION": f"{notes.warning} {notes.question}".strip()}
    with _fixed_date(pyogrio), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nabij.gpkg"
        pyogrio.write_dataframe(frame, path, layer=LAYER, driver="GPKG", promote_to_multi=True, **described)
        pyogrio.write_dataframe(lines, path, layer=METADATA_LAYER, driver="GPKG")
        return path.read_bytes()


@contextlib.contextmanager
def _fixed_date(pyogrio: Any) -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE.replace("Z", ".000Z")})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _xlsx(table: pd.DataFrame, notes: Notes) -> bytes:
    """One sheet: the notes, a warning in red where there is one, then the table under a frozen header."""
    from openpyxl import Workbook
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = LAYER
    for label, value in notes.lines():
        sheet.append([f"{label}: {value}"])
    if notes.warning:
        sheet.cell(1, 1).font = Font(bold=True, color="FFFFFF")
        sheet.cell(1, 1).fill = PatternFill("solid", fgColor="9E1B32")
    sheet.append([])
    sheet.append(list(table.columns))
    header = sheet.max_row
    for number in range(1, len(table.columns) + 1):
        sheet.cell(header, number).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = 18
    as_text(sheet)
    sheet.freeze_panes = f"C{header + 1}"
    buffer = io.BytesIO()
    book.save(buffer)
    return undated(buffer.getvalue(), lambda written: add_rows(written, table, header + 1))


def as_text(sheet: Any) -> None:
    """Let every filled cell of an openpyxl sheet be text, which openpyxl leaves to how its text begins."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                cell.data_type = "s"


def undated(archive: bytes, finish: Callable[[bytes], bytes] = bytes) -> bytes:
    """Rewrite an Excel file without the moment of writing, which openpyxl puts in regardless; ``finish`` its sheet."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as dated, zipfile.ZipFile(buffer, "w") as undated:
        for name in dated.namelist():
            content = dated.read(name)
            if name == "docProps/core.xml":
                content = _without_dates(content)
            if name == SHEET:
                content = finish(content)
            undated.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _without_dates(core: bytes) -> bytes:
    from xml.etree import ElementTree as ET

    root = ET.fromstring(core)  # noqa: S314  (written by openpyxl a moment ago)
    for element in root:
        if element.tag.endswith(("}created", "}modified")):
            element.text = FIXED_DATE
    return ET.tostring(root)


def _with_geometry(table: pd.DataFrame, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    import geopandas as gpd  # only the formats that hold borders wait for it

    shapes = zones.set_index(table.columns[0])["geometry"].reindex(table.iloc[:, 0])
    return gpd.GeoDataFrame(table.reset_index(drop=True), geometry=shapes.array, crs=zones.crs)


_WRITERS: dict[str, tuple[Callable[[Any, Notes], bytes], bool]] = {
    "csv": (_csv, False),
    "parquet": (_parquet, False),
    "geojson": (_geojson, True),
    "gpkg": (_gpkg, True),
    "xlsx": (_xlsx, False),
}
"""Writer per format of `layers.files.output.FORMATS`, and whether it holds geometry."""
