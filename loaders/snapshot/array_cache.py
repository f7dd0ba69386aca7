"""Arrays that were worked out from figures and files, kept in the user's cache folder under the hash of these.

They are plain arrays that are mapped into memory, so that opening them costs nothing. A folder that cannot be written
is no cache, and one that cannot be read is none either: everything here can be worked out again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

CACHE_VARIABLE = "NABIJ_CACHE"
"""Folder to keep arrays in; an empty text keeps nothing."""

_COMPLETE = "complete"

Arrays = dict[str, npt.NDArray[Any]]


def cache_folder() -> Path | None:
    """Folder of what is kept: ``$NABIJ_CACHE``, else the user's own cache; None to keep nothing."""
    if CACHE_VARIABLE in os.environ:
        return Path(os.environ[CACHE_VARIABLE]) if os.environ[CACHE_VARIABLE] else None
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "nabij"


def read_arrays(folder: Path) -> Arrays | None:
    """Arrays kept in a folder, mapped into memory, not to be changed; None where there are none."""
    try:
        names = (folder / _COMPLETE).read_text(encoding="utf-8").split()
        return {name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in names}
    except (OSError, ValueError, EOFError):
        return None


def keep_arrays(arrays: Mapping[str, npt.NDArray[Any]], folder: Path) -> None:
    """Write the arrays beside the final name, then move them: nobody ever reads half of them."""
    aside = folder.with_name(f"{folder.name}-{os.getpid()}")
    try:
        aside.mkdir(parents=True, exist_ok=True)
        for name, values in arrays.items():
            np.save(aside / f"{name}.npy", values, allow_pickle=False)
        (aside / _COMPLETE).write_text(" ".join(arrays), encoding="utf-8")
        aside.replace(folder)
    except OSError:  # no room, no right, or another process was first
        shutil.rmtree(aside, ignore_errors=True)


def mark_used(folder: Path) -> None:
    """Note that what a folder holds was asked for just now."""
    with suppress(OSError):
        os.utime(folder)


def keep_last(base: Path, prefix: str, most: int) -> None:
    """Leave the ``most`` folders whose name begins with ``prefix`` that were asked for last, and remove the others."""
    with suppress(OSError):
        folders = sorted((path for path in base.glob(f"{prefix}*") if path.is_dir()), key=_asked, reverse=True)
        for folder in folders[most:]:
            shutil.rmtree(folder, ignore_errors=True)


def _asked(folder: Path) -> int:
    return folder.stat().st_mtime_ns
