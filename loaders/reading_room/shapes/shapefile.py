"""Zipped shapefiles and FlatGeobuf, the two that GDAL reads for us: from memory, with every other driver taken out."""

from __future__ import annotations

import ctypes
import io
import re
import warnings
import zipfile
from functools import cache
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from i18n.errors import DataError
from i18n.messages import Message, Reason
from loaders.file_kinds import kind_of
from loaders.reading_room.job import Job
from loaders.reading_room.shapes.layer import VectorLayer
from loaders.reading_room.zip_archives import check_archive

DRIVERS = frozenset({"ESRI Shapefile", "FlatGeobuf", "Memory", "MEM"})
_SHOWN = 10
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_LIBRARY = re.compile(r"(/\S*libgdal[^/\s]*\.so[^/\s]*)$", re.MULTILINE)


def layer_of(job: Job) -> VectorLayer | None:
    """Features of the one shapefile of an archive, or of a FlatGeobuf."""
    data = job.data
    if kind_of(data[:64]) == "zip":
        check_archive(data, job.file)
        data = _only_shapefile(data, job)
    leave_only(DRIVERS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL tells of shapes it cannot read, which come out empty and are found
            told = pyogrio.read_info(data, force_feature_count=True)  # room is made for as many as are asked for
            job.limits.check_table(int(told["features"]), len(told["fields"]), job.file)
            most = min(job.limits.rows + 1, max(int(told["features"]), 1), 2**31 - 1)
            frame = pyogrio.read_dataframe(data, max_features=most, use_arrow=False, datetime_as_string=True)
    except DataError:
        raise
    except (RuntimeError, ValueError, shapely.errors.ShapelyError) as error:
        raise DataError(Message("error.list.map_file", file=job.file, reason=Reason(error))) from error
    if "geometry" not in frame:
        return None
    names = [str(name) for name in frame.columns if name != "geometry"]
    columns = [[_plain(value) for value in frame[name]] for name in frame.columns if name != "geometry"]
    columns = _as_meant(columns)
    shapes = frame["geometry"].to_numpy(dtype=object)
    return VectorLayer(names, columns, shapes, pyproj.CRS.from_user_input(frame.crs) if frame.crs else None)


def _as_meant(columns: list[list[object]]) -> list[list[object]]:
    """Text read as it was written: UTF-8 of which the file says nothing, or that it is something else."""
    strange = [word for column in columns for word in column if isinstance(word, str) and not word.isascii()]
    try:
        meant = {word: word.encode("cp1252").decode() for word in strange}
    except UnicodeError:
        return columns
    return [[meant.get(value, value) if isinstance(value, str) else value for value in column] for column in columns]


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    return None if value is pd.NaT or (isinstance(value, float) and value != value) else value


def _only_shapefile(data: bytes, job: Job) -> bytes:
    """The parts of the one shapefile in an archive, under plain names and nothing else with them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
        stems = [name[:-4] for name in names if name.lower().endswith(".shp") and not _hidden(name)]
        asked = str(job.options.get("sheet", "")).casefold()
        named = [PurePosixPath(stem).name for stem in stems]
        stems = [stem for stem, name in zip(stems, named, strict=True) if not asked or name.casefold() == asked]
        if len(stems) != 1:
            layers = ", ".join(named[:_SHOWN]) + (" …" if len(named) > _SHOWN else "")
            raise DataError(Message("error.room.one_shapefile", file=job.file, n=len(named), names=layers))
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as bare:
            for name in names:
                suffix = name[len(stems[0]) :].lower()
                if name[: len(stems[0])] == stems[0] and suffix in _PARTS:
                    content = archive.read(name)
                    if suffix == ".shp" and kind_of(content[:64]) != "shp":
                        raise DataError(Message("error.room.broken", file=job.file))
                    bare.writestr(f"layer{suffix}", content)
    return buffer.getvalue()


def _hidden(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith(".")


def _libraries() -> list[ctypes.CDLL]:
    """Library of GDAL that is loaded, where the system tells; a sealed process is told nothing, so ask before."""
    try:
        loaded = _LIBRARY.findall(Path("/proc/self/maps").read_text(encoding="utf-8"))
    except OSError:
        return []
    return [ctypes.CDLL(path) for path in sorted({path for path in loaded if "pyogrio" in path})]


_GDAL = _libraries()


@cache
def leave_only(drivers: frozenset[str]) -> None:
    """Take every other driver out of the GDAL of this process, where its library was found."""
    for library in _GDAL:
        library.GDALGetDriver.restype = ctypes.c_void_p
        library.GDALGetDescription.restype = ctypes.c_char_p
        library.GDALGetDescription.argtypes = library.GDALDeregisterDriver.argtypes = (ctypes.c_void_p,)
        registered = [library.GDALGetDriver(i) for i in range(library.GDALGetDriverCount())]
        for driver in registered:
            if library.GDALGetDescription(driver).decode() not in drivers:
                library.GDALDeregisterDriver(driver)
