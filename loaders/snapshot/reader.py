"""Read the snapshot: the checked, generalised figures that nabij works from, without network.

A snapshot is a folder holding a Frictionless data package (``datapackage.json``) with GeoParquet, Parquet and GeoTIFF
resources. Geometry and the hectare grid are in the coordinate systems of its region (`Snapshot.region`), in metres.

What reads tables, borders and rasters is imported when the first of them is read, so that opening a snapshot is quick
and its grid can be read while the rest of a command is still being imported (`read_grid_ahead`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from i18n.errors import MissingFileError, NabijError, SnapshotError
from i18n.messages import Message, Reason
from loaders.catalogue.publishers.street_graph import STREET_FILES
from loaders.catalogue.regions.levels import GRID_LEVELS, get_level
from loaders.catalogue.regions.region import InLanguages
from loaders.catalogue.regions.region_file import region_of_package
from loaders.catalogue.regions.region_in_use import region
from loaders.snapshot.grid import Grid, Index, kept_grid, kept_index
from loaders.snapshot.locks import mark_read

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from affine import Affine

    from loaders.catalogue.publishers.street_graph import StreetGraph
    from loaders.catalogue.regions.region import Region

EMBEDDED = Path(__file__).resolve().parent.parent.parent / "data" / "snapshot"
"""The snapshot that comes with the project."""
MANIFEST = "datapackage.json"
_VERSIONS = ".versions"
_WEIGHT, _LAND_COVER, _ZONES = "grid_weight", "grid_land_cover", "grid_zones"


def versions_of(folder: Path) -> Path:
    """Folder with the versions of the snapshot in ``folder``, see `loaders.snapshot.upkeep.store`."""
    return folder.with_name(f"{folder.name}{_VERSIONS}")


class Snapshot:
    """A snapshot folder, read lazily; every table is cached after its first use.

    Where the folder is a link to a version, that version is read to the end, whatever the link says later; a version
    that is read is not removed.

    Raises
    ------
    MissingFileError
        when the folder or its ``datapackage.json`` is absent
    SnapshotError
        when the package cannot be read or lacks a resource
    """

    counted_apart = True
    """Whoever counts the memory of what rests on a snapshot does not count the snapshot (`coverage.memory.sizes`)."""

    def __init__(self, path: Path | str = EMBEDDED) -> None:
        given = Path(path)
        self.path = given.resolve() if given.is_symlink() else given
        manifest = self.path / MANIFEST
        if not manifest.is_file():
            raise MissingFileError(Message("error.snapshot.none", folder=str(given)))
        self._raw = manifest.read_bytes()
        self._identity = _identity(self.path)
        if self.path.parent.name.endswith(_VERSIONS) and not self.path.name.startswith("."):
            mark_read(self, self.path)
        try:
            self.package: dict[str, Any] = json.loads(self._raw)
        except ValueError as error:
            raise SnapshotError(Message("error.snapshot.json", file=str(manifest), error=Reason(error))) from error
        self._resources = {r["name"]: r for r in self.package["resources"]}

    def __repr__(self) -> str:
        """Show the folder and the hash."""
        return f"Snapshot({str(self.path)!r}, {self.hash[:12]})"

    @cached_property
    def hash(self) -> str:
        """SHA-256 of ``datapackage.json``, which holds the hash of every resource: it names the snapshot."""
        return hashlib.sha256(self._raw).hexdigest()

    @cached_property
    def region(self) -> Region:
        """Region that the snapshot is of: the profile it carries, else the one that comes with nabij."""
        return region_of_package(self.package, str(self.path / MANIFEST))

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """Resource descriptors by name."""
        return self._resources

    @property
    def sources(self) -> dict[str, dict[str, Any]]:
        """Sources by id: title, publisher, licence, vintage, address."""
        return {source["id"]: source for source in self.package["sources"]}

    def resource_path(self, name: str) -> Path:
        """Return the file of resource ``name``; `SnapshotError` when it is not in the package or not on disk."""
        if name not in self._resources:
            raise SnapshotError(Message("error.snapshot.no_resource", folder=str(self.path), name=name))
        kept = versions_of(self.path) / self.hash[:12]
        if _identity(self.path) != self._identity and kept.is_dir():  # another snapshot took the place of the folder
            self.path, self._identity = kept, _identity(kept)
        path = self.path / str(self._resources[name]["path"])
        if not path.is_file():
            raise SnapshotError(Message("error.snapshot.missing", file=str(path)))
        return path

    def folder(self) -> Path:
        """Folder that holds these figures now, for another process that opens them."""
        for name in list(self._resources)[:1]:
            self.resource_path(name)  # follows the figures where others took their place
        return self.path.absolute()

    def table(self, name: str) -> pd.DataFrame:
        """Table ``name`` (births, ages, sector_population, municipality_codes, membership, facilities_* ...)."""
        return cast("pd.DataFrame", self._cached(f"table:{name}", lambda: self._load(name, _frame))).copy()

    def zones(self, level: str, vintage: int | None = None) -> gpd.GeoDataFrame:
        """Zones of a level, ordered by ``zone_id``: ``zone_id, zone_name, parent_nis, geometry``.

        ``parent_nis`` is the municipality (of the default vintage) that a zone below that level lies in. Row *i* is
        the zone that `zone_index` calls *i*.
        """
        import geopandas as gpd

        level_vintage = get_level(level).resolve_vintage(region().vintage if vintage is None else vintage)
        name = f"zones_{level}_{level_vintage}"
        return self._cached(name, lambda: self._load(name, gpd.read_parquet)).copy()

    def zone_rows(self, level: str, vintage: int | None = None) -> pd.DataFrame:
        """Zones as `zones` gives them, without their borders, which take longer to read than all the rest."""
        level_vintage = get_level(level).resolve_vintage(region().vintage if vintage is None else vintage)
        name = f"zones_{level}_{level_vintage}"
        return cast("pd.DataFrame", self._cached(f"rows:{name}", lambda: self._load(name, _without_borders))).copy()

    @cached_property
    def grid(self) -> Grid:
        """The inhabited hectare cells."""
        return kept_grid(self._digests(_WEIGHT, _LAND_COVER), self._make_grid)

    def _digests(self, *names: str) -> str:
        """Hash of what some rasters hold now; those that the snapshot does not have are left out."""
        resources = (name for name in names if name in self.resources)
        return hashlib.sha256(b"".join(self._load(name, _digest) for name in resources)).hexdigest()

    def _make_grid(self) -> Grid:
        from loaders.catalogue.regions.projection import cell_centres

        (weight, population), transform = self.bands(_WEIGHT, 1, 2)
        land_cover = self._land_cover(weight.shape)
        cell = np.flatnonzero(weight.ravel() > 0)
        row, col = np.divmod(cell, weight.shape[1])
        return Grid(
            shape=weight.shape,
            pixel_to_metres=tuple(transform),
            cell=cell,
            xy=cell_centres(transform, weight.shape, row, col),
            weight=weight.ravel()[cell].astype(np.float64),
            population=population.ravel()[cell].astype(np.float64),
            land_cover=land_cover.ravel()[cell],
        )

    def _land_cover(self, shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
        """Land cover of every cell; 0 where the snapshot holds none."""
        if _LAND_COVER not in self.resources:
            return np.zeros(shape, dtype=np.uint8)
        (land_cover,), _ = self.bands(_LAND_COVER, 1)
        return cast("npt.NDArray[np.uint8]", land_cover)

    def bands(self, name: str, *numbers: int) -> tuple[list[npt.NDArray[Any]], Affine]:
        """Bands of raster ``name``, counted from 1, and its transform from pixel to metres of the grid."""
        import rasterio

        def read(path: Path) -> tuple[list[npt.NDArray[Any]], Affine]:
            try:
                with rasterio.open(path) as raster:
                    return [raster.read(number) for number in numbers], raster.transform
            except rasterio.errors.RasterioError as error:
                raise OSError(str(error)) from error

        return cast("tuple[list[npt.NDArray[Any]], Affine]", self._load(name, read))

    @property
    def has_streets(self) -> bool:
        """Whether the streets are among the figures."""
        return all(name in self.resources for name in STREET_FILES)

    def streets(self) -> StreetGraph:
        """Streets as a graph; read anew every time, because who travels keeps what it makes of them."""
        from loaders.snapshot.street_files import read_streets

        return read_streets(*(cast("dict[str, Any]", self._load(name, _columns)) for name in STREET_FILES))

    def streets_hash(self) -> str:
        """Text that is another one when the streets are others."""
        joined = "".join(str(self.resources[name]["hash"]) for name in STREET_FILES)
        return hashlib.sha256(joined.encode()).hexdigest()

    def zone_raster(self, level: str, vintage: int) -> Index:
        """(rows, cols) index into ``zones(level, vintage)`` for every hectare cell, -1 outside.

        Only for the partitions stored on the grid (``loaders.catalogue.regions.levels.GRID_LEVELS``).
        """
        level_vintage = get_level(level).resolve_vintage(vintage)
        band = GRID_LEVELS.index((level, level_vintage)) + 1

        (zones,), _ = self.bands(_ZONES, band)
        return np.asarray(zones, dtype=np.int32) - 1

    def zone_index(self, level: str, vintage: int | None = None) -> Index:
        """(n,) index into ``zones(level, vintage)`` for every inhabited cell, -1 where the level says nothing."""
        level_vintage = get_level(level).resolve_vintage(region().vintage if vintage is None else vintage)

        def read() -> Index:
            if (level, level_vintage) in GRID_LEVELS:
                return self._grid_index(level, level_vintage)
            return self._union_index(level, level_vintage)

        return cast(Index, self._cached(f"index:{level}:{level_vintage}", read))

    def _grid_index(self, level: str, level_vintage: int) -> Index:
        """(n,) zone of every inhabited cell in a partition that is stored on the grid."""
        return kept_index(
            self._digests(_WEIGHT, _ZONES),
            GRID_LEVELS.index((level, level_vintage)) + 1,
            lambda: self.zone_raster(level, level_vintage).ravel()[self.grid.cell],
        )

    def on_grid(self, level: str, vintage: int) -> bool:
        """Whether a level goes by cells and points instead of by the zones that it is made of."""
        return (level, vintage) in GRID_LEVELS

    def is_territorial(self, level: str) -> bool:
        """Whether reasons about what stands on a territory make sense at a level."""
        return get_level(level).territorial

    def level_evidence(self, level: str) -> str:
        """How the borders of a level are known."""
        return "documented" if get_level(level).documented_only else "register"

    def given_as(self, level: str) -> str:
        """How a level is given to a command: its name, or the file it came from."""
        return level

    def _union_index(self, level: str, vintage: int) -> Index:
        """Zone index of a level made of whole grid zones, through the membership table."""
        import pandas as pd

        members = self.table("membership")
        members = members[(members["level"] == level) & (members["vintage"] == vintage)]
        zone_of = {zone: i for i, zone in enumerate(self.zone_rows(level, vintage)["zone_id"])}
        index = np.full(len(self.grid), -1, dtype=np.int32)
        for (base, base_vintage), group in members.groupby(["member_level", "member_vintage"], sort=False):
            base, base_vintage = str(base), int(str(base_vintage))
            ids = self.zone_rows(base, base_vintage)["zone_id"]
            lookup = np.full(len(ids) + 1, -1, dtype=np.int32)
            position = pd.Series(np.arange(len(ids)), index=ids)
            lookup[position.loc[group["member_id"]].to_numpy()] = group["zone_id"].map(zone_of).to_numpy()
            of_cell = lookup[self.zone_index(base, base_vintage)]
            index = np.where(of_cell >= 0, of_cell, index)
        return index

    def _load(self, name: str, reader: Callable[[Path], Any]) -> Any:
        """Read resource ``name``, once more if the folder was replaced meanwhile."""
        path = self.resource_path(name)
        content = _read(reader, path)
        return content if self.resource_path(name) == path else _read(reader, self.resource_path(name))

    def _cached(self, key: str, make: Any) -> Any:
        store = self.__dict__.setdefault("_store", {})
        if key not in store:
            store[key] = make()
        return store[key]


def check_region(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot if it is of the region in use.

    Raises
    ------
    SnapshotError
        it is of another region: its figures would be read by the wrong codes and coordinates
    """
    if snapshot.region.tree != region().tree:
        raise SnapshotError(
            Message(
                "region.error.other",
                folder=str(snapshot.path),
                other=InLanguages(snapshot.region.name),
                name=InLanguages(region().name),
            )
        )
    return snapshot


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def _frame(path: Path, without: str = "") -> pd.DataFrame:
    """Table in a file; ``without`` names a column to leave out."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:  # loads less than `pandas.read_parquet`, which reads folders of files too
        table = file.read([name for name in file.schema_arrow.names if name != without])
    return cast("pd.DataFrame", table.to_pandas())


def _without_borders(path: Path) -> pd.DataFrame:
    return _frame(path, "geometry")


def _columns(path: Path) -> dict[str, npt.NDArray[Any]]:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    return {name: table[name].to_numpy() for name in table.column_names}


def read_grid_ahead(snapshot: Snapshot) -> None:
    """Begin to read the grid of a snapshot beside what the caller does next; who asks for it meanwhile waits."""

    def read() -> None:
        with suppress(NabijError):  # who asks for the grid is told
            _ = snapshot.grid

    Thread(target=read, name="grid").start()


def _identity(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another one that came under the same name."""
    try:
        status = os.stat(folder)  # noqa: PTH116
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _read(reader: Callable[[Path], Any], path: Path) -> Any:
    try:
        return reader(path)
    except (OSError, ValueError, KeyError) as error:
        raise SnapshotError(Message("error.snapshot.unreadable", file=str(path), error=Reason(error))) from error
