"""What commands that answer a question share: reading the question, and telling what came out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from commands.options import AccessOptions, Question, StrataOptions
from i18n.errors import Translatable
from i18n.messages import Message, MessageError, NumberAsGiven
from i18n.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from coverage.analysis import Analysis
    from coverage.core.query import Query
    from coverage.memory.weights import Weight
    from layers.notes.notes import Kind, Notes
    from loaders.catalogue.facilities import Facilities
    from loaders.lists.facilities.facility_report import RowReport
    from loaders.lists.raw_table import ListOptions
    from loaders.snapshot.overlay import OverlaidSnapshot
    from loaders.snapshot.reader import Snapshot

REPAIRS_SHOWN = 20
"""Repaired rows of a user's list that are told one by one."""


def _metres(options: Question) -> float | None:
    """Metres that were given, or those of the norm of the service where neither minutes nor a pace were."""
    from coverage.core.query import norm_within_m

    if options.within is not None or options.minutes or options.speed is not None:
        return options.within
    return norm_within_m(options.service, options.mode)


def ask(options: Question) -> tuple[Query, Snapshot, Facilities]:
    """Make the question, open the snapshot and read the places."""
    from coverage.core.query import Query, parse_minutes
    from coverage.travel.models import USUAL_MODEL
    from loaders.catalogue.regions.levels import OWN, base_level, default_vintage
    from loaders.catalogue.services import get_service
    from loaders.lists.list_suffixes import zones_file
    from loaders.snapshot.reader import read_grid_ahead

    level = options.level or base_level()
    own = zones_file(level)
    query = Query(
        service=options.service,
        level=OWN if own else level,
        vintage=options.vintage or default_vintage(),
        areas=Query.parse_areas(options.areas),
        mode=options.mode,
        model=options.model or USUAL_MODEL,
        network=options.network,
        matrix=options.matrix,
        within_m=_metres(options),
        minutes=parse_minutes(options.minutes or ""),
        speed=options.speed,
        ferries=options.ferries,
        min_share=options.min_share,
        births_per_hour=options.births_per_hour,
        demand=get_service(options.service).demand if options.demand is None else options.demand,
        year=options.year,
        draws=options.draws,
        seed=options.seed,
    )
    snapshot = options.open_snapshot()
    query = settle_model(query, options, snapshot)
    read_grid_ahead(snapshot)
    list_options = split_mapping(options, zones=own is not None)
    query = replace(query, matrix_columns=list_options.matrix)
    if own:
        snapshot = _with_zones(own, snapshot, options.lang, list_options.zones)
        query = replace(query, vintage=snapshot.partition.vintage)
    facilities = read_places(options, snapshot, list_options.places)
    query, snapshot = with_areas_of_houses(query, snapshot, facilities)
    return replace(query, areas=named_areas(query.areas, snapshot, query.vintage)), snapshot, facilities


def named_areas(areas: tuple[tuple[str, str], ...], snapshot: Snapshot, vintage: int) -> tuple[tuple[str, str], ...]:
    """Areas of ``--in`` by their ids, where they may be given by name."""
    if not areas:
        return areas
    from coverage.zones.areas import areas_by_id
    from coverage.zones.territory import Territory

    return areas_by_id(Territory(snapshot), areas, vintage)


def with_areas_of_houses(query: Query, snapshot: Snapshot, facilities: Facilities) -> tuple[Query, Snapshot]:
    """The question by the borders that the areas of houses are made of, and the snapshot with these, where it asks."""
    from loaders.catalogue.regions.levels import HOUSE_AREA

    if HOUSE_AREA not in {query.level, *(level for level, _ in query.areas)}:
        return query, snapshot
    from coverage.partnerships.areas import with_house_areas

    overlaid = with_house_areas(snapshot, facilities)
    if query.level == HOUSE_AREA:
        query = replace(query, vintage=overlaid.partition.vintage)
    return query, overlaid


def settle_model(query: Query, options: AccessOptions, snapshot: Snapshot) -> Query:
    """The question with a travel model that the data have; `InputError` when it was asked for by name."""
    from coverage.travel.models import DEFAULT_MODEL, USUAL_MODEL

    if query.model != USUAL_MODEL or query.network is not None or snapshot.has_streets:
        return query
    if options.model is not None:
        raise MessageError("error.travel.no_streets_held")
    return replace(query, model=DEFAULT_MODEL)


def with_own_level(levels: str, snapshot: Snapshot, lang: str) -> tuple[str, Snapshot]:
    """Levels with a file of own zones among them as ``own``, and the snapshot that holds those zones."""
    from loaders.catalogue.regions.levels import OWN
    from loaders.lists.list_suffixes import zones_file

    names = [name.strip() for name in levels.split(",")]
    files = [name for name in names if zones_file(name)]
    if len(files) > 1:
        raise MessageError("error.command.two_files", first=files[0], second=files[1])
    if not files:
        return levels, snapshot
    asked = ",".join(OWN if name in files else name for name in names)
    return asked, _with_zones(Path(files[0]), snapshot, lang, None)


def _with_zones(path: Path, snapshot: Snapshot, lang: str, options: ListOptions | None) -> OverlaidSnapshot:
    """Snapshot with the user's own zones; `DataError` when a row of them is refused."""
    from loaders.lists.partitions.partition_file import read_partition_file
    from loaders.snapshot.overlay import with_partition

    report = read_partition_file(path, snapshot, options=options)
    partition = report.checked()
    tell_rows(report, lang)
    return with_partition(snapshot, partition)


def read_places(options: AccessOptions, snapshot: Snapshot, list_options: ListOptions) -> Facilities:
    """Places asked for; of a user's own list it is told what was repaired."""
    from loaders.lists.facilities.facility_choice import choose_facilities
    from loaders.live.address_service import address_service
    from loaders.snapshot.facility_sets import held_sets

    which = options.facilities or held_sets(snapshot)[0]
    with address_service(options.geocode) as locate:
        facilities, report = choose_facilities(snapshot, which, locate=locate, options=list_options)
    if report is not None:
        tell_rows(report, options.lang)
        if not report.compared:
            typer.echo(f"{report.file}: {text('data.not_compared', options.lang)}", err=True)
        return _within(options, snapshot, facilities)
    if options.complete_for:
        raise MessageError("error.command.complete_without_file")
    if list_options.mapping:
        raise MessageError("error.command.map_without_file", column=next(iter(list_options.mapping)))
    if list_options.constants:
        raise MessageError("error.command.set_without_file", field=next(iter(list_options.constants)))
    return facilities


def _within(options: AccessOptions, snapshot: Snapshot, facilities: Facilities) -> Facilities:
    """A user's list with the areas that it is complete for."""
    from coverage.core.query import Query
    from coverage.zones.areas import areas_by_id
    from coverage.zones.complete import complete_for
    from coverage.zones.territory import Territory
    from loaders.catalogue.regions.levels import default_vintage

    if not options.complete_for:
        return facilities
    territory = Territory(snapshot)
    areas = areas_by_id(territory, Query.parse_areas(options.complete_for), default_vintage())
    return complete_for(facilities, territory, areas)


def _tell_area(snapshot: Snapshot, facilities: Facilities, lang: str) -> None:
    """Say on standard error where all places of a user's list lie, when it is taken as complete for everywhere."""
    from coverage.zones.complete import names_of, propose_area
    from coverage.zones.territory import Territory

    if facilities.name != "user" or facilities.complete_for:
        return
    territory = Territory(snapshot)
    area = propose_area(facilities, territory)
    if area is not None:
        given = {"area": names_of(territory, (area,)), "given": ":".join(area)}
        typer.echo(text("cli.complete_for", lang, **given), err=True)


@dataclass(frozen=True)
class Said:
    """What was given to ``--map``, ``--set`` and ``--sheet``, for each of the files that it is about."""

    places: ListOptions
    zones: ListOptions
    matrix: tuple[tuple[str, str], ...]


def split_mapping(options: AccessOptions, *, zones: bool) -> Said:
    """What the user says of own lists, for places, zones and the table of travel; fields tell which."""
    from loaders.lists.raw_table import ListOptions
    from loaders.protocols.column_matching import parse_constants, parse_mapping
    from loaders.protocols.spellings import FACILITY_FIELDS

    mapping = parse_mapping(options.columns or ())
    constants = parse_constants(options.constants or ())
    zone_fields, place_fields = _zone_fields() if zones else set(), set(FACILITY_FIELDS.values())
    of_zones = {column: field for column, field in mapping.items() if zones and field in zone_fields}
    left = {column: field for column, field in mapping.items() if column not in of_zones}
    of_matrix = tuple((column, field) for column, field in left.items() if options.matrix and field in MATRIX_FIELDS)
    of_places = {column: field for column, field in left.items() if (column, field) not in of_matrix}
    wanted = place_fields | {"crs"} | (zone_fields | {"vintage"} if zones else set())
    for field in constants:
        if field not in wanted:
            raise MessageError("error.list.set_field", field=field, known=", ".join(sorted(wanted)))
    set_zones = {field: value for field, value in constants.items() if zones and field in zone_fields | {"vintage"}}
    set_places = {field: value for field, value in constants.items() if field not in set_zones}
    sheet = options.sheet
    return Said(
        ListOptions(of_places, set_places, "" if zones else sheet), ListOptions(of_zones, set_zones, sheet), of_matrix
    )


def _zone_fields() -> set[str]:
    """Fields of a table of own zones; who brings no zones waits for nothing that reads borders."""
    from loaders.lists.partitions.partition_file import PARTITION_FIELDS

    return set(PARTITION_FIELDS.values())


MATRIX_FIELDS = frozenset({"from_id", "to_id", "metres", "kilometres", "minutes", "seconds", "hours"})
"""Fields of a table of travel, as `loaders.reading_room.sheets.costs` knows them."""


def answer(options: Question, kind: Kind) -> tuple[Snapshot, Analysis, Notes]:
    """Answer the question and describe the answer."""
    query, snapshot, facilities = ask(options)
    from coverage.analysis import analyse  # after the grid began to be read
    from layers.notes.notes import describe

    analysis = analyse(snapshot, query, facilities)
    _check_covered(analysis, snapshot)
    _tell_area(snapshot, facilities, options.lang)
    return snapshot, analysis, describe(analysis, snapshot, kind, options.lang)


def _check_covered(analysis: Analysis, snapshot: Snapshot) -> None:
    """Raise `InputError` where the extract or table that was given tells nothing of the zones asked, and why."""
    from coverage.indicators.extract_share import share_in_extract

    table, query = analysis.table, analysis.query
    file = {"network": query.network, "matrix": query.matrix}.get(query.model)
    lost = table["share_in_reach"].isna() & table["flags"].fillna("").str.contains("outside_extract")
    if file is None or not len(table) or not lost.all():
        return
    names = ", ".join(map(str, table["zone_name"].head(3))) + (" …" if len(table) > 3 else "")
    share = share_in_extract(snapshot, analysis)
    if share:
        percent = NumberAsGiven(100 * share, ".0f")
        raise MessageError("error.travel.place_may_be_nearer", file=file.name, zones=names, percent=percent)
    raise MessageError("error.travel.none_asked", file=file.name, zones=names)


def answer_by(options: StrataOptions, kind: Kind, by: str) -> tuple[Snapshot, Analysis, Notes, pd.DataFrame]:
    """Answer the question, divide every zone of the answer by strata, and describe both."""
    query, snapshot, facilities = ask(options)
    from coverage.analysis import Engine
    from coverage.indicators.cutoffs import with_cutoffs
    from coverage.indicators.strata_table import burden, strata_of, strata_table
    from layers.notes.notes import describe
    from layers.notes.strata_notes import mark_strata

    engine = Engine(snapshot)
    strata = strata_of(engine, by)  # a division that is not known is told before anything slow
    analysis = engine.analyse(query, facilities)
    _check_covered(analysis, snapshot)
    table = with_cutoffs(strata_table(engine, analysis, by), analysis, strata)
    notes = mark_strata(describe(analysis, snapshot, kind, options.lang), burden(engine, analysis, by), snapshot)
    return snapshot, analysis, notes, table


def tell(notes: Notes, analysis: Analysis) -> None:
    """Say on standard error what came out, and above all that data are made up where they are."""
    from layers.notes.notes import summary

    warn(notes)
    told = analysis.details.get("told")
    if isinstance(told, Translatable):
        typer.echo(told.sentence(notes.lang).strip(), err=True)
    typer.echo(summary(analysis, notes.lang), err=True)


def note_weight(need: Weight, lang: str) -> None:
    """Say where a question takes more memory than is free; it begins all the same."""
    from coverage.memory.limits import free_bytes, gigabytes

    free = free_bytes()
    if free is not None and need.bytes > free:
        told = Message("memory.machine", need=gigabytes(need.bytes), free=gigabytes(free))
        typer.echo(told.sentence(lang), err=True)


def warn(notes: Notes) -> None:
    """Say on standard error that data are made up, where they are."""
    if notes.warning:
        typer.secho(notes.warning, err=True, fg=typer.colors.RED, bold=True)


def tell_rows(report: RowReport, lang: str) -> None:
    """Say on standard error what was repaired in a user's file, row by row, and what holds for the whole of it."""
    notes = report.told(lang)
    told = notes[(notes["outcome"] == "repaired") | ((notes["row"] == 0) & (notes["message"] != ""))]
    for row, message in zip(told["row"][:REPAIRS_SHOWN], told["message"], strict=False):
        where = text("cli.row", lang, row=row) if row else report.file
        typer.echo(f"{where}: {message}", err=True)
    if len(told) > REPAIRS_SHOWN:
        typer.echo(text("cli.more_rows", lang, n=len(told) - REPAIRS_SHOWN), err=True)
