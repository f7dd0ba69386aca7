"""Zip archives, looked into and never unpacked by name: no path leaves the archive and no bomb goes off."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from i18n.errors import DataError, NabijError
from i18n.messages import Message, Reason, Word

MAX_BYTES = 2 << 30
"""Most bytes of all members together, unpacked."""

MAX_RATIO = 250
"""Most bytes out per byte in; published tables shrink 5 to 60 times, a bomb a thousand times."""

SMALL_BYTES = 10 << 20
"""Bytes up to which an archive may shrink as it likes."""

_MAX_MEMBERS = 10_000
_ENCRYPTED = 0x1
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError),
    *(KeyError, IndexError, OverflowError),
)


@dataclass(frozen=True)
class ArchiveMember:
    """One file of an archive."""

    name: str
    data: bytes


def member_names(data: bytes | Path, file: str) -> list[str]:
    """Names of the files in an archive; `DataError` as of `check_archive`, but for damage inside a member."""
    with _opened(data, file) as archive:
        return [info.filename for info in _checked(archive, file)]


def take_member(data: bytes | Path, pattern: str, file: str) -> ArchiveMember:
    """Read a member as `open_member` does, in this process: for the reading room itself."""
    with _opened(data, file) as archive:
        infos = _checked(archive, file)
        members = [info for info in infos if re.search(pattern, info.filename, re.IGNORECASE)]
        if len(members) != 1:
            names = ", ".join(info.filename for info in (members or infos)[:10])
            told = "error.protocol.archive_several" if members else "error.protocol.archive_none"
            named = names or Word("error.protocol.nothing")
            raise DataError(Message(told, file=file, n=len(members), pattern=pattern, names=named))
        return ArchiveMember(members[0].filename, archive.read(members[0]))


def check_archive(data: bytes | Path, file: str) -> None:
    """Read every member once, before a library that trusts archives sees it; `DataError` when one cannot be."""
    with _opened(data, file) as archive:
        _checked(archive, file)
        damaged = archive.testzip()
        if damaged is not None:
            raise DataError(Message("error.file.zip_damaged", file=file, name=damaged))


@contextmanager
def _opened(data: bytes | Path, file: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(data) if isinstance(data, bytes) else data) as archive:
            yield archive
    except NabijError:
        raise
    except _DAMAGE as error:
        raise DataError(Message("error.file.zip", file=file, reason=Reason(error))) from error


def _checked(archive: zipfile.ZipFile, file: str) -> list[zipfile.ZipInfo]:
    """Files of an archive, once it is sure that together they do not grow beyond measure; parts may overlap."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > _MAX_MEMBERS:
        raise DataError(Message("error.file.zip_many", file=file, n=len(infos)))
    for info in infos:
        if _leaves(info.filename):
            raise DataError(Message("error.file.zip_leaves", file=file, name=info.filename))
        if info.flag_bits & _ENCRYPTED:
            raise DataError(Message("error.file.zip_locked", file=file, name=info.filename))
    size = sum(info.file_size for info in infos)
    packed = min(sum(info.compress_size for info in infos), _bytes_of(archive))
    if size > MAX_BYTES or (size > SMALL_BYTES and size > MAX_RATIO * max(packed, 1)):
        raise DataError(Message("error.file.zip_bomb", file=file, packed=packed, size=size))
    return infos


def _bytes_of(archive: zipfile.ZipFile) -> int:
    assert archive.fp is not None  # noqa: S101
    return archive.fp.seek(0, io.SEEK_END)


def _leaves(name: str) -> bool:
    return PurePosixPath(name).is_absolute() or any(
        ".." in path.parts or path.drive or path.root for path in (PurePosixPath(name), PureWindowsPath(name))
    )
