"""``nabij data ...``: build, refresh, check and list the data, go back to earlier ones, and tell what changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.help import Commands
from commands.options import SETTINGS, BuildOptions, Common, option, progress, show_table, takes
from i18n.messages import MessageError, Note
from i18n.texts import text
from layers.files.output import check_folder

if TYPE_CHECKING:
    from loaders.pipeline.refresh import Refreshed

data = Commands(**SETTINGS)


@dataclass(frozen=True, kw_only=True)
class SnapshotStoreOptions(Common):
    """Options of commands that look at or change the versions of a refreshed snapshot."""

    @property
    def folder(self) -> Path:
        """Folder of the snapshot to refresh; never the embedded one."""
        from loaders.snapshot.upkeep.store import refreshed_folder

        return self.snapshot or refreshed_folder()


@dataclass(frozen=True, kw_only=True)
class RefreshCommandOptions(SnapshotStoreOptions):
    """Options of ``nabij data refresh``."""

    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE", help="help.sources"),
    ] = None
    source: Annotated[
        list[str] | None,
        option(
            "--source",
            "SOURCE=FILE|URL",
            None,
            "help.source",
        ),
    ] = None
    accept: Annotated[bool, option("--accept", "", None, "help.accept")] = False
    skip_failed: Annotated[bool, option("--skip-failed", "", None, "help.skip_failed")] = False
    no_wait: Annotated[bool, option("--no-wait", "", None, "help.no_wait")] = False


@dataclass(frozen=True, kw_only=True)
class RollbackOptions(SnapshotStoreOptions):
    """Options of ``nabij data rollback``."""

    to: Annotated[
        str | None,
        option("--to", "HASH", None, "help.to"),
    ] = None


@dataclass(frozen=True, kw_only=True)
class DiffOptions(SnapshotStoreOptions):
    """Options of ``nabij data diff``."""

    old: Annotated[
        str | None,
        typer.Argument(metavar="A", help="help.old"),
    ] = None
    new: Annotated[
        str | None,
        typer.Argument(metavar="B", help="help.new"),
    ] = None


@data.command("build", epilog="nabij data build --from raw --out my-snapshot")
@takes(BuildOptions)
def build(options: BuildOptions) -> None:
    """Build a snapshot (momentopname) out of a folder with raw open data; takes some minutes."""
    from loaders.pipeline.build import build_snapshot
    from loaders.snapshot.reader import EMBEDDED

    target = options.out or options.snapshot or EMBEDDED
    check_folder(target)
    with progress(options.lang) as step:
        built = build_snapshot(options.source, target, step, lambda note: _tell_note(note, options.lang))
    typer.echo(text("cli.built", options.lang, path=built))


@data.command("verify", epilog="nabij data verify")
@takes(Common)
def verify(options: Common) -> None:
    """Check every file of the snapshot: hashes, columns, codes and totals."""
    from loaders.snapshot.upkeep.verify import verify_snapshot

    with progress(options.lang) as step:
        checks = verify_snapshot(options.folder, step)
    for check in checks:
        typer.echo(f"{check.name}: {check.detail.sentence(options.lang)}")
    typer.echo(text("cli.verified", options.lang, n=len(checks), path=options.folder))


@data.command("list", epilog="nabij data list --lang en")
@takes(Common)
def list_(options: Common) -> None:
    """List what the snapshot holds: title, year, rows, size, source, licence."""
    from layers.notes.notes import inventory

    header, *rows = inventory(options.open_snapshot(), options.lang)
    show_table(header, rows)


@data.command("refresh", epilog="nabij data refresh births --source births=statbel.xlsx")
@takes(RefreshCommandOptions)
def refresh(options: RefreshCommandOptions) -> None:
    """Fetch the newest open data (vernieuwen) and check them: all take effect, or nothing changes."""
    _check_sources()
    from loaders.catalogue.settings import Settings
    from loaders.http.client import Client
    from loaders.live.registry import LOADER_OF, LOADERS, ON_REQUEST
    from loaders.pipeline.refresh import RefreshOptions
    from loaders.pipeline.refresh import refresh as refresh_snapshot
    from loaders.pipeline.update import RefreshContext
    from loaders.snapshot.upkeep.store import user_snapshot

    if options.folder != user_snapshot():
        check_folder(options.folder)
    settings = Settings.load(options.source or ())
    refresh_options = RefreshOptions(accept=options.accept, skip_failed=options.skip_failed, wait=not options.no_wait)
    chosen = [LOADER_OF.get(source, source) for source in options.sources or ()]
    loaders = {name: load for name, load in LOADERS.items() if name not in ON_REQUEST or name in chosen}
    with progress(options.lang) as step, Client(settings.cache_dir, contact=settings.contact) as client:
        done = refresh_snapshot(
            options.folder,
            loaders,
            chosen,
            lambda snapshot: RefreshContext(client, snapshot, settings),
            refresh_options,
            step,
        )
    _tell_refresh(done, options.lang)


def _tell_note(note: str, lang: str) -> None:
    typer.echo(note.sentence(lang) if isinstance(note, Note) else note, err=True)


def _check_sources() -> None:
    """Refuse data of another region: the sources are those of the one that comes with nabij."""
    from loaders.catalogue.regions.region import InLanguages
    from loaders.catalogue.regions.region_file import built_in
    from loaders.catalogue.regions.region_in_use import region

    if region() is not built_in():
        raise MessageError("region.error.refresh", name=InLanguages(region().name))


def _tell_refresh(done: Refreshed, lang: str) -> None:
    """Say what was noticed on the way on standard error, and what changed on standard output."""
    from loaders.pipeline.changes import changes
    from loaders.snapshot.reader import Snapshot

    for note in (note for update in done.updates for note in update.notes):
        _tell_note(note, lang)
    for source, reason in done.failed.items():
        typer.echo(text("refresh.failed", lang, source=source, reason=reason.sentence(lang)), err=True)
    for what in done.odd:
        typer.echo(text("refresh.odd", lang, what=what.sentence(lang)), err=True)
    if not done.changed:
        typer.echo(text("refresh.unchanged", lang))
        return
    for sentence in changes(Snapshot(done.before), Snapshot(done.after), lang):
        typer.echo(sentence)
    typer.echo(text("refresh.done", lang, path=done.folder, version=done.after.name, n=len(done.resources)))


@data.command("rollback", epilog="nabij data rollback")
@takes(RollbackOptions)
def rollback(options: RollbackOptions) -> None:
    """Go back (terug) to the data before the last refresh, or to a version that is kept."""
    from loaders.snapshot.upkeep.store import Store

    store = Store(options.folder)
    chosen = options.to or store.earlier()
    with store.lock():
        path = store.rollback(chosen)
    typer.echo(text("refresh.back", options.lang, version=path.name, path=options.folder))


@data.command("diff", epilog="nabij data diff embedded")
@takes(DiffOptions)
def diff(options: DiffOptions) -> None:
    """Tell in words what changed (verschil) between two versions of the data."""
    from loaders.pipeline.changes import changes
    from loaders.snapshot.upkeep.store import Store, open_version

    store = Store(options.folder)
    old = open_version(store, options.old or store.earlier())
    new = open_version(store, options.new or store.current_id())
    for sentence in changes(old, new, options.lang):
        typer.echo(sentence)
