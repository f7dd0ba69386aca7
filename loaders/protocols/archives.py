"""A member of a zip archive, taken out in the reading room."""

from __future__ import annotations

from pathlib import Path

from loaders.reading_room import PUBLISHER, read
from loaders.reading_room.zip_archives import ArchiveMember


def open_member(data: bytes | Path, pattern: str, file: str) -> ArchiveMember:
    """Read the one member whose name matches ``pattern`` (a regular expression, anywhere in the name, any case).

    Raises
    ------
    DataError
        none or several match, or the archive is damaged, encrypted, a bomb or has names that leave it
    """
    answer = read("member", data, file=file, options={"pattern": pattern}, limits=PUBLISHER)
    return ArchiveMember(str(answer.values["name"]), answer.tables["member"]["data"][0].as_py())
