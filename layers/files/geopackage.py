"""GeoPackage with its notes, the titles, units and meaning of its columns, and styles for QGIS.

Layer ``nabij`` is in the coordinate system of the snapshot. Titles and meanings stand in ``gpkg_data_columns`` (the
schema extension of the standard, which QGIS and GDAL show as aliases and comments) and once more in the plain table
``nabij_columns``; the notes in ``nabij_metadata``; styles in ``layer_styles``, from which QGIS opens the first.
"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from i18n.texts import has_text, text
from layers.files.presented import unit_words
from layers.files.workbook import FIXED_DATE
from layers.notes.column_sources import rests_on
from layers.notes.notes import Notes
from loaders.catalogue.columns import DECLARED

if TYPE_CHECKING:
    import geopandas as gpd

LAYER = "nabij"
METADATA_LAYER = "nabij_metadata"
COLUMNS_LAYER = "nabij_columns"
_MOMENT = FIXED_DATE.replace("Z", ".000Z")
_STYLES = """CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT(256),
f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
update_time DATETIME DEFAULT CURRENT_TIMESTAMP)"""
_SCHEMA = """CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
description TEXT, mime_type TEXT, constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
CONSTRAINT gdc_tn UNIQUE (table_name, name))"""
_CONSTRAINTS = """CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL,
constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC,
max_is_inclusive BOOLEAN, description TEXT,
CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))"""
_EXTENSIONS = """CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT,
extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))"""


def write_geopackage(frame: gpd.GeoDataFrame, notes: Notes) -> bytes:
    """Write a table with geometry; the same table and notes give the same bytes."""
    import pyogrio

    from layers.files.qgis_styles import layer_styles

    plain = frame.drop(columns=frame.geometry.name)
    about = _about_columns(pd.DataFrame(plain), notes.lang)
    lines = pd.DataFrame(notes.lines(), columns=["key", "value"])
    described = {"IDENTIFIER": notes.title, "DESCRIPTION": f"{notes.warning} {notes.question}".strip()}
    with _fixed_date(pyogrio), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nabij.gpkg"
        pyogrio.write_dataframe(frame, path, layer=LAYER, driver="GPKG", promote_to_multi=True, **described)
        pyogrio.write_dataframe(lines, path, layer=METADATA_LAYER, driver="GPKG")
        pyogrio.write_dataframe(about, path, layer=COLUMNS_LAYER, driver="GPKG")
        areal = bool((frame.geometry.geom_type.dropna().str.contains("Polygon")).any())
        styles = layer_styles(pd.DataFrame(plain), notes.lang) if areal else []
        with contextlib.closing(sqlite3.connect(path)) as database, database:
            _write_schema(database, about)
            _write_styles(database, styles, frame.geometry.name)
        return path.read_bytes()


def _about_columns(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    rows = []
    for name in map(str, table.columns):
        column = DECLARED.get(name)
        rows.append(
            {
                "column": name,
                "title": text(f"column.{name}", lang) if has_text(f"column.{name}") else name,
                "unit": unit_words(column.unit, lang) if column and column.unit else "",
                "meaning": text(f"column.{name}.help", lang) if has_text(f"column.{name}.help") else "",
                "source": text(f"rests_on.{rests_on(name)}", lang),
            }
        )
    return pd.DataFrame(rows, columns=["column", "title", "unit", "meaning", "source"])


def _write_schema(database: sqlite3.Connection, about: pd.DataFrame) -> None:
    """Titles and meanings as the schema extension of GeoPackage holds them, units in the title."""
    there = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for name, create in (("gpkg_data_columns", _SCHEMA), ("gpkg_data_column_constraints", _CONSTRAINTS)):
        if name not in there:
            database.execute(create)
    database.execute(_EXTENSIONS)
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({LAYER})")]
    for row in about[about["column"].isin(columns)].itertuples(index=False, name=None):
        title = f"{row[1]} ({row[2]})" if row[2] else str(row[1])
        database.execute(
            "INSERT OR REPLACE INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, NULL)",
            (LAYER, row[0], f"{title} [{row[0]}]", title, f"{row[3]} {row[4]}".strip()),
        )
    definition = "http://www.geopackage.org/spec121/#extension_schema"
    for table in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        database.execute(
            "INSERT INTO gpkg_extensions SELECT ?, NULL, 'gpkg_schema', ?, 'read-write' WHERE NOT EXISTS "
            "(SELECT 1 FROM gpkg_extensions WHERE table_name = ? AND extension_name = 'gpkg_schema')",
            (table, definition, table),
        )


def _write_styles(database: sqlite3.Connection, styles: list[Any], geometry: str) -> None:
    if not styles:
        return
    database.execute(_STYLES)
    named = [row[1] for row in database.execute(f"PRAGMA table_info({LAYER})")]
    column = geometry if geometry in named else "geom"
    for number, style in enumerate(styles):
        database.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
            "VALUES ('', '', ?, ?, ?, ?, ?, ?, ?, '', NULL, ?)",
            (LAYER, column, style.name[:30], style.qml, style.sld, number == 0, style.name, _MOMENT),
        )
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
        (_MOMENT,),
    )


@contextlib.contextmanager
def _fixed_date(pyogrio: Any) -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _MOMENT})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
