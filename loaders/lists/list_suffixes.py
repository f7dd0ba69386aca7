"""Kinds of files that a user's own list may be, by suffix; free of heavy imports, as it tells a file from a level."""

from __future__ import annotations

from pathlib import Path

SPATIAL_SUFFIXES = (
    *(".geojson", ".json", ".topojson", ".jsonl", ".ndjson", ".geojsonl"),
    *(".gpkg", ".kml", ".kmz", ".gpx", ".fgb", ".zip"),
)
SUFFIXES = (
    *(".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods", ".gz"),
    *(".parquet", ".geoparquet", ".feather", ".arrow"),
    *SPATIAL_SUFFIXES,
)


def zones_file(level: str) -> Path | None:
    """Path of a file with own zones where ``level`` is one by its suffix; None where it is the name of a level."""
    path = Path(level)
    return path if path.suffix.lower() in SUFFIXES else None
