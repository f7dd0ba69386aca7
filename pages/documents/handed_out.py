"""A view as a file, ready for the browser: its table in any format, or its map as a page or a picture."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from layers.files.export import packed, render
from layers.files.output import EXCEL_CSV, PICTURES
from layers.files.weight import check_file, check_picture
from pages.request.client import check_client

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from coverage.analysis import Analysis
    from layers.notes.notes import Notes
    from pages.shell.context import Context

_SPATIAL = {"geojson", "gpkg"}


def file_of_view(
    context: Context,
    analysis: Analysis,
    table: pd.DataFrame,
    notes: Notes,
    form: str,
    look: tuple[str, str],
    name: str,
) -> dict[str, Any]:
    """File of a view.

    Parameters
    ----------
    context : where borders come from, and what may be asked of it
    analysis : the answer that the view shows
    table : its rows as they are shown, in their order
    notes : what the file says of itself
    form : one of `layers.files.output.FORMATS` or `PICTURES`
    look : what the map of the view is coloured by, and how its values are put in classes
    name : of the file, without suffix
    """
    if form in PICTURES:
        size = check_picture(context.engine.limits, len(table), form)
        with context.engine.limits.turn(size):
            content = _picture(context, replace(analysis, table=table), notes, form, look)
        return handed(content, f"{name}.{form}")
    zones = _borders(context, analysis) if form in _SPATIAL else None
    size = check_file(context.engine.limits, table, form, zones)
    check_client()
    with context.engine.limits.turn(size):
        if form == EXCEL_CSV:
            return handed(packed(table, notes, name), f"{name}.zip")
        return handed(render(table, notes, form, zones), f"{name}.{form}")


def handed(content: bytes, name: str) -> dict[str, Any]:
    """Return what `dcc.Download` takes."""
    told = base64.b64encode(content).decode()
    return {"content": told, "filename": name, "type": "application/octet-stream", "base64": True}


def _borders(context: Context, analysis: Analysis) -> gpd.GeoDataFrame:
    query = analysis.query
    return context.snapshot.zones(query.level, query.held_vintage)[["zone_id", "geometry"]]


def _picture(context: Context, analysis: Analysis, notes: Notes, form: str, look: tuple[str, str]) -> bytes:
    indicator, method = look
    if form == "html":
        from layers.maps.folium_map import standalone_map

        return standalone_map(analysis, context.snapshot, notes).encode()
    from layers.figures.analysis_map import figure_of, usual_indicator
    from layers.views.view import classing_of

    known = indicator in analysis.table and analysis.table[indicator].notna().any()
    shown = indicator if known else usual_indicator(analysis)
    drawn = figure_of(analysis, context.snapshot, notes, shown, classing_of(analysis.query, method))
    if form == "svg":
        return drawn
    from layers.figures.png import png_of

    return png_of(drawn)
