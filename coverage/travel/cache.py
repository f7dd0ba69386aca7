"""Where what was made of streets and extracts is kept for the next time."""

from __future__ import annotations

import os
from pathlib import Path

CACHE_VARIABLE = "NABIJ_CACHE"
"""Folder to keep it in; an empty text keeps nothing."""


def cache_folder() -> Path | None:
    """Folder for what was made of streets: ``$NABIJ_CACHE``, else the user's own cache; None to keep nothing."""
    if CACHE_VARIABLE in os.environ:
        return Path(os.environ[CACHE_VARIABLE]) if os.environ[CACHE_VARIABLE] else None
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "nabij"
