"""Files for the browser that are made once, compressed once and kept for the next start."""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import brotli  # type: ignore[import-untyped]

from coverage.memory.lru_cache import LruCache

_FORMAT = 5
"""Part of every file name, raised when what is kept changes, so that an old file is never served."""


_MAX = 400
"""Files in memory; the others are read again from disk."""


@dataclass(frozen=True)
class Encoded:
    """One file in the encodings a browser may ask for; both hold the same content."""

    gzipped: bytes
    brotlied: bytes

    @classmethod
    def of(cls, content: bytes, quality: int) -> Encoded:
        """Compress a file; ``quality`` from 1 (quick) to 9 (small)."""
        return cls(gzip.compress(content, quality, mtime=0), brotli.compress(content, quality=quality))

    @property
    def content(self) -> bytes:
        """The content itself."""
        return gzip.decompress(self.gzipped)


class FileCache:
    """Files that follow from a snapshot alone, in memory and on disk.

    Parameters
    ----------
    snapshot_hash : names what the files were made from
    folder : where to keep them; None for the user's cache. A folder that cannot be written is no problem.
    """

    def __init__(self, snapshot_hash: str, folder: Path | None = None) -> None:
        self._hash = snapshot_hash
        self._folder = cache_folder() if folder is None else folder
        self._held: LruCache[Encoded] = LruCache(_MAX, "files for the browser")

    def get(self, name: str, make: Callable[[], bytes]) -> Encoded:
        """File ``name``, made by ``make`` when it is not there yet; two who ask at once get it made once.

        Of a file that cannot be made nothing is kept. Names come from a finite set: whoever asks has checked them.
        """
        return self._held.get_or_make(name, lambda: self._read(name) or self._write(name, make()))

    def _paths(self, name: str) -> tuple[Path, Path]:
        stem = f"{self._hash[:20]}-{_FORMAT}-{name}"
        return self._folder / f"{stem}.gz", self._folder / f"{stem}.br"

    def _read(self, name: str) -> Encoded | None:
        zipped, brotlied = self._paths(name)
        try:
            return Encoded(zipped.read_bytes(), brotlied.read_bytes())
        except OSError:
            return None

    def _write(self, name: str, content: bytes) -> Encoded:
        made = Encoded.of(content, 6)
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            for path, body in zip(self._paths(name), (made.gzipped, made.brotlied), strict=True):
                beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
                beside.write_bytes(body)
                beside.replace(path)
        return made


def cache_folder() -> Path:
    """Where this user keeps files that can be made again: ``$XDG_CACHE_HOME/nabij`` or the like."""
    if sys.platform == "win32":
        base, fallback = os.environ.get("LOCALAPPDATA"), Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base, fallback = None, Path.home() / "Library" / "Caches"
    else:
        base, fallback = os.environ.get("XDG_CACHE_HOME"), Path.home() / ".cache"
    return (Path(base) if base else fallback) / "nabij"
