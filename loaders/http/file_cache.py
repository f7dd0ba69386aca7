"""Answers kept on disk so that a server can say "not changed": the body beside what identifies its version."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from i18n.errors import StorageError
from i18n.messages import Message, Reason

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class CachedAnswer:
    """What is known of a kept answer; ``size`` in bytes, ``fetched_at`` in ISO 8601 (UTC)."""

    url: str
    final_url: str
    content_type: str
    headers: dict[str, str]
    sha256: str
    size: int
    fetched_at: str


@dataclass(frozen=True)
class Cache:
    """A folder of answers, two files each, named after the address."""

    folder: Path

    def lookup(self, url: str) -> tuple[CachedAnswer, Path] | None:
        """Entry and body of an address; None when there is none or either was damaged."""
        described, body = self._paths(url)
        try:
            entry = CachedAnswer(**json.loads(described.read_text(encoding="utf-8")))
            if entry.url == url and file_sha256(body) == entry.sha256:
                return entry, body
        except (OSError, ValueError, TypeError):
            return None
        return None

    def store(self, entry: CachedAnswer, body: Path) -> Path:
        """Move ``body`` into the cache; returns where it lies now."""
        described, kept = self._paths(entry.url)
        with storing(kept):
            described.unlink(missing_ok=True)  # between the two moves there is no entry rather than a wrong one
            body.replace(kept)
            with draft_beside(self.folder) as (draft, file):
                file.write(json.dumps(asdict(entry)).encode())
                file.flush()
                draft.replace(described)
        return kept

    def _paths(self, url: str) -> tuple[Path, Path]:
        name = hashlib.sha256(url.encode()).hexdigest()[:32]
        return self.folder / f"{name}.json", self.folder / f"{name}.body"


def file_sha256(path: Path) -> str:
    """Hex digest of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def storing(target: Path) -> Iterator[None]:
    """Turn a full disk or a folder that may not be written into a sentence."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        key = "error.http.disk_full" if full else "error.http.not_writable"
        raise StorageError(Message(key, file=str(target), reason=Reason(error, error.strerror))) from error


@contextmanager
def draft_beside(folder: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """Open a new temporary file in ``folder``, which is removed again unless it was moved away."""
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".nabij-{uuid.uuid4().hex}.part"
        file = draft_of(draft)
    try:
        yield draft, file
    finally:
        with suppress(OSError):  # what could not be written was told by `storing` already
            file.close()
        draft.unlink(missing_ok=True)


def draft_of(path: Path) -> IO[bytes]:
    """Open a new file for writing."""
    return path.open("xb")


def copy_into(source: Path, target: Path) -> Path:
    """Copy a file to ``target`` in one step: a reader sees the old or the new file, never half of one."""
    with draft_beside(target.parent) as (draft, file), storing(target):
        with source.open("rb") as body:
            shutil.copyfileobj(body, file, _CHUNK_BYTES)
        file.flush()
        draft.replace(target)
    return target
