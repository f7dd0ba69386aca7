"""A raster in the child: GeoTIFF alone, and no larger than its declared size may be."""

from __future__ import annotations

import warnings

import numpy as np
import pyarrow as pa
import rasterio
from rasterio.io import MemoryFile

from i18n.errors import DataError
from i18n.messages import Message, Reason
from loaders.file_kinds import kind_of
from loaders.reading_room.job import Job, ReadResult

_LARGEST = 4_000_000_000


def read_raster(job: Job) -> ReadResult:
    """First band row by row (``values``), with its shape, transform, coordinate system and the value for no data."""
    if kind_of(job.data[:64]) != "tiff":
        raise DataError(Message("error.protocol.geotiff_other", file=str(job.file)))
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            MemoryFile(job.data) as memory,
            memory.open(driver="GTiff") as raster,
        ):
            size = raster.width * raster.height * np.dtype(raster.dtypes[0]).itemsize
            if size > min(_LARGEST, job.limits.result):
                raise DataError(
                    Message(
                        "error.protocol.cells", file=str(job.file), width=str(raster.width), height=str(raster.height)
                    )
                )
            band = raster.read(1)
            values = {
                "shape": list(band.shape),
                "transform": list(raster.transform)[:6],
                "crs": raster.crs.to_wkt() if raster.crs else "",
                "nodata": None if raster.nodata is None else float(raster.nodata),
            }
    except rasterio.errors.RasterioError as error:
        raise DataError(Message("error.protocol.geotiff", file=str(job.file), error=Reason(error))) from error
    return ReadResult({"values": pa.table({"value": pa.array(band.ravel())})}, values)
