"""Write a snapshot: byte-for-byte reproducible files and the data package that describes them.

The package follows Frictionless Data Package v1: every resource with its schema, types, units, sources, licence,
vintage, size and SHA-256.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio
from affine import Affine

from loaders.catalogue.columns import Column
from loaders.catalogue.publishers.sources import SOURCES
from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.regions.projection import grid_crs, storage_crs
from loaders.catalogue.regions.region_file import KEY_IN_PACKAGE, built_in
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.schemas import TABLES, ZONE_COLUMNS, check_table
from loaders.snapshot.reader import MANIFEST, Snapshot
from loaders.snapshot.street_files import street_columns, street_schema, write_columns
from loaders.snapshot.upkeep.integrity import sha256

TOLERANCE_M = 10.0
"""Tolerance of ``shapely.coverage_simplify`` for stored borders: neighbours keep sharing their border."""
_COMPRESSION: Literal["zstd"] = "zstd"


@dataclass
class PackageWriter:
    """Collects resources in ``folder`` and closes with their description."""

    folder: Path
    resources: list[dict[str, Any]] = field(default_factory=list)

    def keep(self, snapshot: Snapshot, name: str) -> None:
        """Copy a resource with its description from another snapshot."""
        resource = snapshot.resources[name]
        target = self.folder / str(resource["path"])
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(snapshot.resource_path(name), target)
        self.resources.append(resource)

    def table(
        self, name: str, frame: pd.DataFrame, *, sources: tuple[str, ...] | None = None, vintage: str = ""
    ) -> None:
        """Check and write a table declared in ``schemas.TABLES``, which also says sources and vintage."""
        schema = TABLES[name]
        columns = {column.name: column for column in schema.columns}
        check_table(name, frame, columns, schema.key)
        path = self._path("tables", f"{name}.parquet")
        tidy = frame[list(columns)].reset_index(drop=True)
        tidy.to_parquet(path, compression=_COMPRESSION, index=False)
        self._add(
            name,
            path,
            sources=sources or schema.sources,
            vintage=vintage or schema.vintage,
            rows=len(frame),
            mediatype="application/vnd.apache.parquet",
            schema=schema.descriptor(),
        )

    def zones(
        self,
        level: str,
        vintage: int,
        frame: gpd.GeoDataFrame,
        sources: tuple[str, ...],
        *,
        described: str = "",
    ) -> None:
        """Check and write the zones of a level, ordered by id; ``described`` is the vintage for the data package."""
        name = f"zones_{level}_{vintage}"
        columns: dict[str, Column] = {column.name: column for column in ZONE_COLUMNS}
        tidy = frame.sort_values("zone_id", ignore_index=True)[[*columns, "geometry"]]
        check_table(name, tidy, columns, ("zone_id",))
        path = self._path("zones", f"{level}_{vintage}.parquet")
        tidy.to_parquet(path, compression=_COMPRESSION, index=False)
        self._add(
            name,
            path,
            sources=sources,
            vintage=described or str(vintage),
            rows=len(tidy),
            mediatype="application/vnd.apache.parquet",
            schema={
                "fields": [
                    *({"name": c.name, "type": c.kind} for c in ZONE_COLUMNS),
                    {"name": "geometry", "type": "any", "format": "WKB", "unit": f"m ({storage_crs()})"},
                ],
                "primaryKey": ["zone_id"],
            },
            generalised={"method": "coverage_simplify", "tolerance_m": TOLERANCE_M},
        )

    def raster(
        self,
        name: str,
        bands: dict[str, npt.NDArray[Any]],
        transform: Affine,
        *,
        sources: tuple[str, ...],
        vintage: str,
        units: str,
        extra: dict[str, Any] | None = None,
    ) -> None:
        """Write a compressed GeoTIFF on the hectare grid, one band per entry."""
        path = self._path("grid", f"{name.removeprefix('grid_')}.tif")
        first = next(iter(bands.values()))
        profile = {
            "driver": "GTiff",
            "height": first.shape[0],
            "width": first.shape[1],
            "count": len(bands),
            "dtype": first.dtype,
            "crs": grid_crs(),
            "transform": transform,
            "compress": "zstd",
            "zstd_level": 12,
            "predictor": 3 if np.issubdtype(first.dtype, np.floating) else 2,
            "tiled": True,
            "blockxsize": 256,
            "blockysize": 256,
            "interleave": "band",
        }
        with rasterio.open(path, "w", **profile) as raster:
            for number, (description, values) in enumerate(bands.items(), start=1):
                raster.write(values, number)
                raster.set_band_description(number, description)
        self._add(
            name,
            path,
            sources=sources,
            vintage=vintage,
            rows=None,
            mediatype="image/tiff; application=geotiff",
            bands=list(bands),
            unit=units,
            crs=grid_crs(),
            **(extra or {}),
        )

    def streets(self, graph: StreetGraph, *, vintage: str = "", facts: Mapping[str, Any] | None = None) -> None:
        """Write the street graph, see `loaders.snapshot.street_files`; ``facts`` say what became of the lines."""
        for name, columns in street_columns(graph).items():
            path = self._path("streets", f"{name.removeprefix('streets_')}.parquet")
            write_columns(path, columns)
            self._add(
                name,
                path,
                sources=("roads",),
                vintage=vintage or SOURCES["roads"].vintage,
                rows=len(next(iter(columns.values()))),
                mediatype="application/vnd.apache.parquet",
                schema=street_schema(name),
                **({"facts": dict(facts)} if facts and name == "streets_edges" else {}),
            )

    def close(self, facts: dict[str, Any], known: Mapping[str, Mapping[str, Any]] | None = None) -> Path:
        """Write ``datapackage.json``.

        Parameters
        ----------
        facts : the totals the checks rely on
        known : descriptions of sources that differ from the catalogue, by id; given for a refreshed snapshot
        """
        used = {source for resource in self.resources for source in resource["sources"]}
        described = (
            {source.id: source.descriptor() for source in SOURCES.values()} | dict(region().sources) | dict(known or {})
        )
        package = {
            "profile": "data-package",
            "name": "nabij-snapshot",
            "title": f"nabij: {'embedded' if known is None else 'refreshed'} snapshot for {region().name['en']}",
            "version": "1",
            "totals": facts,
            "sources": [description for source, description in described.items() if source in used],
            "resources": sorted(self.resources, key=lambda r: str(r["name"])),
        }
        if region() is not built_in():
            package[KEY_IN_PACKAGE] = region().tree
        path = self.folder / MANIFEST
        path.write_text(json.dumps(package, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return path

    def _path(self, kind: str, file: str) -> Path:
        (self.folder / kind).mkdir(parents=True, exist_ok=True)
        return self.folder / kind / file

    def _add(
        self,
        name: str,
        path: Path,
        *,
        sources: tuple[str, ...],
        vintage: str,
        rows: int | None,
        mediatype: str,
        **more: Any,
    ) -> None:
        licences = sorted({_licence(s) for s in sources})
        resource: dict[str, Any] = {
            "name": name,
            "path": path.relative_to(self.folder).as_posix(),
            "mediatype": mediatype,
            "bytes": path.stat().st_size,
            "hash": f"sha256:{sha256(path)}",
            "vintage": vintage,
            "sources": list(sources),
            "licenses": [{"title": licence} for licence in licences],
        }
        if rows is not None:
            resource["rows"] = rows
        self.resources.append(resource | more)


def _licence(source: str) -> str:
    own = region().sources.get(source)
    return SOURCES[source].licence if own is None else own["licence"]
