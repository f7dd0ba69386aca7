"""Whether the files of a snapshot hold the bytes that its data package declares."""

from __future__ import annotations

import hashlib
from pathlib import Path

from i18n.errors import SnapshotError
from loaders.snapshot.reader import Snapshot

REMEDY = "restore the file, or rebuild with 'nabij data build --from DIR'"


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
        found = f"sha256:{sha256(path)}"
        if found != resource["hash"]:
            raise SnapshotError(
                f"'{path}' was altered: its hash is {found[7:19]}…, the data package says "
                f"{str(resource['hash'])[7:19]}…; {REMEDY}."
            )
    return snapshot
