"""``nabij scenario ...``: plans that were made in the explorer, on the command line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.help import Commands
from commands.options import SETTINGS, Common, Database, MapFormat, Out, busy, option, show_table, takes
from commands.question import warn
from i18n.errors import DataError, InputError, MissingFileError
from i18n.messages import Message, MessageError
from i18n.texts import text
from layers.files.output import check_out, flat, format_of, write_out
from loaders.catalogue.columns import PLACE_CHANGE_COLUMNS

if TYPE_CHECKING:
    from coverage.analysis import Engine
    from coverage.scenario.replay import Replay, Stated
    from coverage.scenario.scenario import Scenario
    from loaders.snapshot.reader import Snapshot
    from loaders.storage.plan_store import ScenarioStore, Stored

scenario = Commands(**SETTINGS)

TODAY = "today"
"""What a plan is compared with when it is no other plan."""

_PLAN = "help.scenario_show_plan"
Plan = Annotated[str, typer.Argument(metavar="ID|FILE", help=_PLAN)]
Id = Annotated[str, typer.Argument(metavar="ID", help="help.plan")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="help.file")]


@dataclass(frozen=True, kw_only=True)
class PlanStoreOptions(Common):
    """Options of commands that look into the database of plans."""

    database: Database = None

    def store(self) -> ScenarioStore:
        """Database of plans that is asked for."""
        from loaders.storage.plan_store import ScenarioStore

        return ScenarioStore(self.database)


@dataclass(frozen=True, kw_only=True)
class ScenarioListOptions(PlanStoreOptions):
    """Options of ``nabij scenario list``."""

    bin: Annotated[bool, option("--bin", "", None, "help.bin")] = False


@dataclass(frozen=True, kw_only=True)
class IdOptions(PlanStoreOptions):
    """Options of ``nabij scenario restore``."""

    plan: Id


@dataclass(frozen=True, kw_only=True)
class ForgetOptions(IdOptions):
    """Options of ``nabij scenario forget``."""

    now: Annotated[bool, option("--now", "", None, "help.now")] = False


@dataclass(frozen=True, kw_only=True)
class ShareOptions(IdOptions):
    """Options of ``nabij scenario share``."""

    edit: Annotated[bool, option("--edit", "", None, "help.edit")] = False
    withdraw: Annotated[bool, option("--withdraw", "", None, "help.withdraw")] = False


@dataclass(frozen=True, kw_only=True)
class ShowOptions(PlanStoreOptions):
    """Options of ``nabij scenario show``."""

    plan: Plan


@dataclass(frozen=True, kw_only=True)
class ExportOptions(IdOptions):
    """Options of ``nabij scenario export``."""

    out: Annotated[Path, option("--out", "FILE", None, "help.scenario_export_out")]


@dataclass(frozen=True, kw_only=True)
class FileOptions(Common):
    """Options of ``nabij scenario replay``."""

    file: File


@dataclass(frozen=True, kw_only=True)
class ImportOptions(PlanStoreOptions):
    """Options of ``nabij scenario import``."""

    file: File


@dataclass(frozen=True, kw_only=True)
class PlanTableOptions(ShowOptions):
    """Options of ``nabij scenario table``."""

    out: Out
    format: MapFormat = None


@dataclass(frozen=True, kw_only=True)
class BridgeOptions(ShowOptions):
    """Options of ``nabij scenario bridge``."""

    start: Annotated[str, option("--from", "LAT,LON", None, "help.bridge_from")]
    end: Annotated[str, option("--to", "LAT,LON", None, "help.bridge_to")]
    modes: Annotated[str, option("--modes", "walk,bike,car", None, "help.bridge_modes")] = "walk,bike"
    name: Annotated[str, option("--name", "NAME", None, "help.bridge_name")] = ""
    service: Annotated[str, option("--service", "bureau|house|ID", None, "help.bridge_service")] = ""
    mode: Annotated[str, option("--mode", "walk|bike|car", None, "help.bridge_mode")] = "walk"


@dataclass(frozen=True, kw_only=True)
class CompareOptions(PlanTableOptions):
    """Options of ``nabij scenario compare``."""

    other: Annotated[
        str,
        typer.Argument(metavar="ID|FILE|today", help="help.other"),
    ] = TODAY
    places: Annotated[
        Path | None,
        option("--places", "FILE", None, "help.places"),
    ] = None


@scenario.command("list", epilog="nabij scenario list")
@takes(ScenarioListOptions)
def list_(options: ScenarioListOptions) -> None:
    """List the plans that were saved (bewaarde plannen), whoever saved them, the newest first."""
    from layers.notes.plan_notes import plan_rows

    with options.store() as store:
        plans = store.listed(binned=options.bin)
        if not plans:
            empty = "plans.bin_empty" if options.bin else "plans.empty"
            typer.echo(text(empty, options.lang, place=store.place.name), err=True)
            return
        whole = [_with_document(plan, store) for plan in plans]
    show_table(*plan_rows(whole, options.lang))


@scenario.command(epilog="nabij scenario show 3f2a9c")
@takes(ShowOptions)
def show(options: ShowOptions) -> None:
    """Tell what a plan changes (wijzigingen), and the totals before and after."""
    from coverage.indicators.comparison import compare as compare_
    from layers.notes.plan_notes import plan_lines, total_lines

    plan, stated = find_plan(options.plan, options)
    with busy("cli.busy.table", options.lang):
        engine, done = _carried_out(plan, stated, options)
        difference = compare_(engine, done.before, done.analysis)
        lines = [*plan_lines(done, engine.snapshot, options.lang), *total_lines(difference, options.lang)]
    for line in lines:
        typer.echo(line)
    _warn(done, options.lang)


@scenario.command("export", epilog="nabij scenario export 3f2a9c --out plan.json")
@takes(ExportOptions)
def export(options: ExportOptions) -> None:
    """Write a plan as a file (uitvoeren), with the hash of its data and of its result."""
    from coverage.scenario.replay import export_json

    check_out(options.out)
    plan, _ = find_plan(options.plan, options)
    with busy("cli.busy.table", options.lang):
        _, done = _carried_out(plan, None, options)
    write_out(export_json(plan, done, options.lang).encode(), options.out)
    _warn(done, options.lang)


@scenario.command("import", epilog="nabij scenario import plan.json")
@takes(ImportOptions)
def import_(options: ImportOptions) -> None:
    """Save a plan out of a file (invoeren) and print its id; told when it rests on other data."""
    from loaders.storage.plan_store import Stored

    plan, stated = _read(options.file)
    with busy("cli.busy.table", options.lang):
        _, done = _carried_out(plan, stated, options)
    with options.store() as store:
        store.put(Stored.of(plan.id, plan.to_json(), kept=True))
        typer.echo(plan.id)
        typer.echo(text("plans.saved", options.lang, place=store.place.name), err=True)
    _warn(done, options.lang)


@scenario.command(epilog="nabij scenario table 3f2a9c --out plan.xlsx")
@takes(PlanTableOptions)
def table(options: PlanTableOptions) -> None:
    """Write the table of all zones (alle gebieden) as they would be with the plan."""
    form = format_of(options.out, options.format)
    check_out(options.out)
    plan, stated = find_plan(options.plan, options)
    with busy("cli.busy.table", options.lang):
        from layers.files.export import table_file
        from layers.notes.plan_notes import describe_plan

        engine, done = _carried_out(plan, stated, options)
        notes = describe_plan(done, engine.snapshot, options.plan, options.lang)
        zones = engine.snapshot.zones(done.analysis.query.level, done.analysis.query.vintage)
        made = table_file(done.analysis.table, notes, form, zones)
    made.write(options.out)
    warn(notes)
    _warn(done, options.lang)


@scenario.command(epilog="nabij scenario compare 3f2a9c today --out verschil.csv")
@takes(CompareOptions)
def compare(options: CompareOptions) -> None:
    """Compare a plan with today, or with another plan (vergelijken): who gains, who loses, by zone."""
    form = format_of(options.out, options.format)
    check_out(options.out)
    places_form = None
    if options.places is not None:
        places_form = flat(format_of(options.places))
        check_out(options.places)
    plan, stated = find_plan(options.plan, options)
    with busy("cli.busy.table", options.lang):
        from coverage.indicators.comparison import compare as compare_
        from coverage.scenario.replay import replay as replay_
        from layers.files.export import table_file
        from layers.notes.plan_notes import describe_comparison, total_lines

        engine, done = _carried_out(plan, stated, options)
        before, other = done.before, None
        if options.other != TODAY:
            other, _ = find_plan(options.other, options)
            before = replay_(engine, other).analysis
        difference = compare_(engine, before, done.analysis)
        notes = describe_comparison(done, other, engine.snapshot, (options.plan, options.other), options.lang)
        zones = engine.snapshot.zones(done.analysis.query.level, done.analysis.query.vintage)
        made = table_file(difference.zones, notes, form, zones)
    made.write(options.out)
    if options.places is not None and places_form is not None:
        places = difference.places_in_full.rename(columns={"status": "change"})[list(PLACE_CHANGE_COLUMNS)]
        table_file(places, notes, places_form).write(options.places)
    warn(notes)
    for line in total_lines(difference, options.lang):
        typer.echo(line, err=True)
    _warn(done, options.lang)


@scenario.command(epilog="nabij scenario bridge today --service bureau --from 51.1446,4.3290 --to 51.1460,4.3220")
@takes(BridgeOptions)
def bridge(options: BridgeOptions) -> None:
    """Save a plan with a bridge (brug) between two banks on top of another plan, or of today, and print its id."""
    from coverage.scenario.edits import Bridge
    from loaders.lists.area_file import read_lat_lon
    from loaders.storage.plan_store import Stored

    (x, y), (to_x, to_y) = read_lat_lon(options.start), read_lat_lon(options.end)
    edit = Bridge(float(x), float(y), float(to_x), float(to_y), options.modes, options.name)
    with busy("cli.busy.table", options.lang):
        snapshot = options.open_snapshot()
        base = _of_today(snapshot, options) if options.plan == TODAY else find_plan(options.plan, options)[0]
        plan = base.with_edit(edit, base.base_facilities(snapshot), snapshot)
        _, done = _carried_out(plan, None, options)
    with options.store() as store:
        store.put(Stored.of(plan.id, plan.to_json(), kept=True))
        typer.echo(plan.id)
        typer.echo(text("plans.saved", options.lang, place=store.place.name), err=True)
    _warn(done, options.lang)


def _of_today(snapshot: Snapshot, options: BridgeOptions) -> Scenario:
    """Plan without edits on the places that the snapshot holds."""
    from coverage.core.query import Query, norm_within_m
    from coverage.scenario.scenario import start
    from loaders.catalogue.services import default_service
    from loaders.snapshot.facility_sets import embedded_facilities, held_sets

    which = next(name for name in held_sets(snapshot) if name != "documented")
    service = options.service or default_service()
    query = Query(service=service, mode=options.mode, within_m=norm_within_m(service, options.mode))
    return start(snapshot, embedded_facilities(snapshot, which), query)


@scenario.command(epilog="nabij scenario replay plan.json")
@takes(FileOptions)
def replay(options: FileOptions) -> None:
    """Compute a plan out of a file again (narekenen); exit code 1 unless the result is the same, bit for bit."""
    plan, stated = _read(options.file)
    if stated is None:
        raise MessageError("error.command.no_result", file=str(options.file))
    with busy("cli.busy.table", options.lang):
        _, done = _carried_out(plan, stated, options)
    hashes = {"found": done.result_hash[:12], "stated": stated.sha256[:12]}
    if done.result_hash == stated.sha256:
        typer.echo(text("plans.same", options.lang, hash=hashes["found"]))
        return
    typer.echo(text("plans.differs", options.lang, **hashes), err=True)
    _warn(done, options.lang)
    raise typer.Exit(1)


@scenario.command(epilog="nabij scenario forget 3f2a9c")
@takes(ForgetOptions)
def forget(options: ForgetOptions) -> None:
    """Put a plan (verwijderen) into the bin for 30 days, whoever saved it; a file that was exported stays."""
    from loaders.storage.plan_store import BIN_DAYS

    with options.store() as store:
        plan = store.get(store.find(options.plan))
        if options.now:
            store.discard(plan.id)
        else:
            store.forget(plan.id)
        _say("plans.forgotten" if options.now else "plans.binned", plan, store, options.lang, days=BIN_DAYS)


@scenario.command(epilog="nabij scenario restore 3f2a9c")
@takes(IdOptions)
def restore(options: IdOptions) -> None:
    """Take a plan out of the bin (terugzetten)."""
    with options.store() as store:
        plan = store.get(store.find(options.plan))
        store.restore(plan.id)
        _say("plans.restored", plan, store, options.lang)


@scenario.command(epilog="nabij scenario share 3f2a9c --edit")
@takes(ShareOptions)
def share(options: ShareOptions) -> None:
    """Print a secret link (delen) that opens a plan in the explorer, to read or to edit."""
    from loaders.storage.plan_shares import ScenarioShares, link_address, new_links, new_share_id
    from loaders.storage.plan_store import Stored
    from loaders.storage.plan_table import MACHINE

    with options.store() as store:
        plan = store.get(store.find(options.plan))
        shares = ScenarioShares(store)
        if options.withdraw:
            gone = shares.withdraw(head=plan.id)
            typer.echo(text("plans.withdrawn", options.lang, id=plan.id, n=gone))
            return
        store.put(Stored.of(plan.id, plan.document, plan.parent, kept=True), MACHINE)
        read, edit = new_links()
        shares.start(plan.id, MACHINE, new_share_id(), read, edit)
    typer.echo(link_address(edit if options.edit else read))
    typer.echo(text("plans.shared.edit" if options.edit else "plans.shared", options.lang), err=True)


def _with_document(plan: Stored, store: ScenarioStore) -> Stored:
    """Plan of a listing with its document; without where that is damaged, so that the others are still listed."""
    try:
        return replace(plan, document=store.get(plan.id).document)
    except DataError:
        return plan


def _say(key: str, plan: Stored, store: ScenarioStore, lang: str, **more: int) -> None:
    """Tell what became of a plan."""
    name = plan.name or text("plans.nameless", lang)
    typer.echo(text(key, lang, id=plan.id, name=name, place=store.place.name, **more))


def find_plan(asked: str, options: PlanStoreOptions) -> tuple[Scenario, Stated | None]:
    """Plan that an argument names, and the result that stands in its file."""
    from coverage.scenario.scenario import Scenario

    path = Path(asked)
    if path.is_file() or path.suffix or len(path.parts) > 1:
        return _read(path)
    with options.store() as store:
        return Scenario.from_json(store.get(store.find(asked)).document), None


def _read(file: Path) -> tuple[Scenario, Stated | None]:
    """Plan out of a file, and the result that stands in it."""
    from coverage.scenario.replay import read_export

    if not file.is_file():
        raise MissingFileError(Message("error.command.no_plan_file", file=str(file)))
    try:
        return read_export(file.read_bytes())
    except InputError as error:
        raise MessageError("error.command.in_file", file=str(file), error=error) from error


def _carried_out(plan: Scenario, stated: Stated | None, options: Common) -> tuple[Engine, Replay]:
    """Carry a plan out on the data that are asked for."""
    from coverage.analysis import Engine
    from coverage.scenario.replay import replay as replay_

    engine = Engine(options.open_snapshot())
    return engine, replay_(engine, plan, stated=stated)


def _warn(done: Replay, lang: str) -> None:
    """Say on standard error what is to be minded: other data than it was made on, changes that were passed over."""
    for key in done.warnings:
        typer.echo(text(key, lang), err=True)
    for number, why in done.faults.items():
        typer.echo(f"{number}: {why.sentence(lang)}", err=True)
