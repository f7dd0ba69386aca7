"""The folder of raw open data that ``nabij data build --from DIR`` reads."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from i18n.errors import MissingFileError
from loaders.catalogue.publishers.sources import SOURCES

_SIDECARS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED = (".shp", ".shx", ".dbf", ".prj")
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class RawFolder:
    """Raw files by their path below ``path``.

    Raises
    ------
    MissingFileError
        when the folder, or one of the files the sources name, is absent
    """

    path: Path

    def __post_init__(self) -> None:
        if not self.path.is_dir():
            raise MissingFileError(
                f"Folder '{self.path}' does not exist; give the folder of raw open data with --from DIR."
            )
        missing = [f for source in SOURCES.values() for f in source.files if not (self.path / f).is_file()]
        if missing:
            raise MissingFileError(
                f"Folder '{self.path}' lacks '{missing[0]}'"
                + (f" and {len(missing) - 1} more raw files" if len(missing) > 1 else "")
                + "; point --from at the folder that holds them (docs/data.md lists every file)."
            )

    def read(self, file: str) -> bytes:
        """Bytes of a file; a shapefile comes as a zip of its parts, as publishers offer it."""
        path = self.path / file
        if path.suffix != ".shp":
            return path.read_bytes()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for suffix in _SIDECARS:
                part = path.with_suffix(suffix)
                if part.is_file():
                    archive.writestr(zipfile.ZipInfo(part.name, _ZIP_TIME), part.read_bytes())
                elif suffix in _NEEDED:
                    raise MissingFileError(f"'{part}' is missing; a shapefile needs it, copy all its parts together.")
        return packed.getvalue()
