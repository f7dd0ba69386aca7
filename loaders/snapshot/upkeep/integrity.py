"""Whether the files of a snapshot hold the bytes that its data package declares."""

from __future__ import annotations

import hashlib
from pathlib import Path

from i18n.errors import SnapshotError
from i18n.messages import Message, Word
from loaders.snapshot.reader import Snapshot

REMEDY = Word("error.verify.remedy")


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_bytes(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot if every file is there with the bytes the package declares; takes milliseconds.

    Raises
    ------
    SnapshotError
        a file is missing or was altered
    """
    for name, resource in snapshot.resources.items():
        path = snapshot.resource_path(name)
        digest = f"sha256:{sha256(path)}"
        if digest != resource["hash"]:
            declared = str(resource["hash"])
            raise SnapshotError(
                Message(
                    "error.verify.altered", file=str(path), found=digest[7:19], declared=declared[7:19], remedy=REMEDY
                )
            )
    return snapshot
