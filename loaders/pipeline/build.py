"""Build the snapshot from raw open data: a refresh of everything, from files of one folder, into nothing.

Parse, assemble, check and swap are those of a refresh (`loaders.pipeline.refresh`); only where bytes come from differs,
and that there are no earlier figures to compare with: those that the sources are known to have stand in their place
(`loaders.pipeline.expectations`). Building twice from the same files gives the same bytes. The new snapshot is made
aside and takes the place of the old one only when it is complete, so a failed build leaves what was there.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from i18n.errors import DataError, MissingFileError
from i18n.progress import Progress, silent
from loaders.pipeline.assemble import assemble
from loaders.pipeline.derived.region_build import PROFILE, build_region
from loaders.pipeline.draft import Draft, nothing
from loaders.pipeline.raw import RawFolder
from loaders.pipeline.raw_sources import RAW_LOADERS, RawContext
from loaders.snapshot.reader import MANIFEST
from loaders.snapshot.upkeep.verify import verify_snapshot

_LOADED, _MADE = 0.5, 0.85
"""Share of the work that is done when all is loaded, and when it is put together."""


def build_snapshot(
    source: Path,
    target: Path,
    progress: Progress | None = None,
    tell: Callable[[str], None] = lambda _note: None,
) -> Path:
    """Build a snapshot from the raw files in ``source`` into the folder ``target``.

    Parameters
    ----------
    source : folder laid out as ``loaders.catalogue.publishers.sources.SOURCES`` names its files; or one with the
    profile of
        another region (`loaders.pipeline.derived.region_build`)
    target : folder of the snapshot; replaced as a whole when the build succeeds
    progress : called with a label and a fraction 0–1
    tell : called with every sentence on what was repaired or left out

    Returns
    -------
    Path
        ``target``

    Raises
    ------
    MissingFileError
        a raw file, or the folder that should hold ``target``, is absent
    DataError
        a file does not hold what it should; nothing is replaced
    """
    target = Path(target)
    say = progress or silent
    if not target.parent.is_dir():
        raise MissingFileError(f"Folder '{target.parent}' does not exist; make it first, then build again.")
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as folder:
        aside = Path(folder)
        fresh = aside / "snapshot"
        fresh.mkdir()
        if (Path(source) / PROFILE).is_file():
            build_region(Path(source), fresh, say)
            notes: list[str] = []
        else:
            notes = _write(RawFolder(Path(source)), fresh, aside, say)
        _swap(fresh, target, aside)
    for note in notes:
        tell(note)
    say("done", 1.0)
    return target


def _write(raw: RawFolder, fresh: Path, aside: Path, say: Progress) -> list[str]:
    """Refresh everything, from files, into nothing; what was repaired or left out."""
    empty = aside / "nothing"
    empty.mkdir()
    draft = _load(raw, Draft(nothing(empty)), say)
    assemble(draft, fresh, _within(say, _LOADED, _MADE))
    verify_snapshot(fresh, _within(say, _MADE, 1.0))
    return [note for update in draft.updates for note in update.notes]


def _load(raw: RawFolder, draft: Draft, say: Progress) -> Draft:
    context = RawContext(raw, draft)
    for number, (name, loader) in enumerate(RAW_LOADERS.items()):
        say(name, _LOADED * number / len(RAW_LOADERS))
        draft.take(loader(context))
    return draft


def _within(say: Progress, low: float, high: float) -> Progress:
    """Progress of a part of the work, as progress of the whole."""
    return lambda what, share: say(what, low + (high - low) * share)


def _swap(fresh: Path, target: Path, aside: Path) -> None:
    if target.exists():
        if any(target.iterdir()) and not (target / MANIFEST).is_file():
            raise DataError(f"'{target}' holds other files than a snapshot; choose an empty or new folder.")
        target.rename(aside / "old")
    try:
        fresh.rename(target)
    except OSError:
        if (aside / "old").exists():
            (aside / "old").rename(target)
        raise
    shutil.rmtree(aside / "old", ignore_errors=True)
