"""What commands that answer a question share: reading the question, and telling what came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from commands.options import AccessOptions, Question, StrataOptions
from i18n.messages import MessageError
from i18n.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from coverage.analysis import Analysis
    from coverage.core.query import Query
    from layers.notes.notes import Kind, Notes
    from loaders.catalogue.facilities import Facilities
    from loaders.lists.facility_report import RowReport
    from loaders.snapshot.overlay import OverlaidSnapshot
    from loaders.snapshot.reader import Snapshot

REPAIRS_SHOWN = 20
"""Repaired rows of a user's list that are told one by one."""


def ask(options: Question) -> tuple[Query, Snapshot, Facilities]:
    """Make the question, open the snapshot and read the places."""
    from coverage.core.query import Query
    from loaders.catalogue.levels import OWN
    from loaders.lists.list_suffixes import zones_file
    from loaders.snapshot.reader import read_grid_ahead

    own = zones_file(options.level)
    query = Query(
        service=options.service,
        level=OWN if own else options.level,
        vintage=options.vintage,
        areas=Query.parse_areas(options.areas),
        mode=options.mode,
        model=options.model,
        network=options.network,
        matrix=options.matrix,
        within_m=options.within,
        min_share=options.min_share,
        births_per_hour=options.births_per_hour,
        demand=options.demand,
        year=options.year,
        draws=options.draws,
        seed=options.seed,
    )
    snapshot = options.open_snapshot()
    read_grid_ahead(snapshot)
    of_places, of_zones = split_mapping(options.columns, zones=own is not None)
    if own:
        snapshot = _with_zones(own, snapshot, options.lang, of_zones)
        query = replace(query, vintage=snapshot.partition.vintage)
    return query, snapshot, read_places(options, snapshot, of_places)


def with_own_level(levels: str, snapshot: Snapshot, lang: str) -> tuple[str, Snapshot]:
    """Levels with a file of own zones among them as ``own``, and the snapshot that holds those zones."""
    from loaders.catalogue.levels import OWN
    from loaders.lists.list_suffixes import zones_file

    names = [name.strip() for name in levels.split(",")]
    files = [name for name in names if zones_file(name)]
    if len(files) > 1:
        raise MessageError("error.command.two_files", first=files[0], second=files[1])
    if not files:
        return levels, snapshot
    asked = ",".join(OWN if name in files else name for name in names)
    return asked, _with_zones(Path(files[0]), snapshot, lang, {})


def _with_zones(path: Path, snapshot: Snapshot, lang: str, mapping: Mapping[str, str]) -> OverlaidSnapshot:
    """Snapshot with the user's own zones; `DataError` when a row of them is refused."""
    from loaders.lists.partition_file import read_partition_file
    from loaders.snapshot.overlay import with_partition

    report = read_partition_file(path, snapshot, mapping=mapping)
    partition = report.checked()
    tell_rows(report, lang)
    return with_partition(snapshot, partition)


def read_places(options: AccessOptions, snapshot: Snapshot, mapping: Mapping[str, str]) -> Facilities:
    """Places asked for; of a user's own list it is told what was repaired."""
    from loaders.lists.facility_choice import choose_facilities
    from loaders.live.address_service import address_service
    from loaders.snapshot.facility_sets import held_sets

    which = options.facilities or held_sets(snapshot)[0]
    with address_service(options.geocode) as locate:
        facilities, report = choose_facilities(snapshot, which, mapping=mapping, locate=locate)
    if report is not None:
        tell_rows(report, options.lang)
    elif mapping:
        raise MessageError("error.command.map_without_file", column=next(iter(mapping)))
    return facilities


def split_mapping(columns: list[str] | None, *, zones: bool) -> tuple[dict[str, str], dict[str, str]]:
    """What was given to ``--map``, for the list of places and for the own zones; fields tell which."""
    from loaders.lists.partition_file import PARTITION_FIELDS
    from loaders.protocols.column_matching import parse_mapping
    from loaders.protocols.spellings import FACILITY_FIELDS

    mapping = parse_mapping(columns or ())
    only_zones = set(PARTITION_FIELDS.values()) - set(FACILITY_FIELDS.values())
    of_zones = {column: field for column, field in mapping.items() if zones and field in only_zones}
    return {column: field for column, field in mapping.items() if column not in of_zones}, of_zones


def answer(options: Question, kind: Kind) -> tuple[Snapshot, Analysis, Notes]:
    """Answer the question and describe the answer."""
    query, snapshot, facilities = ask(options)
    from coverage.analysis import analyse  # after the grid began to be read
    from layers.notes.notes import describe

    analysis = analyse(snapshot, query, facilities)
    return snapshot, analysis, describe(analysis, snapshot, kind, options.lang)


def answer_by(options: StrataOptions, kind: Kind, by: str) -> tuple[Snapshot, Analysis, Notes, pd.DataFrame]:
    """Answer the question, divide every zone of the answer by strata, and describe both."""
    query, snapshot, facilities = ask(options)
    from coverage.analysis import Engine
    from coverage.indicators.strata_table import burden, strata_of, strata_table
    from layers.notes.notes import describe
    from layers.notes.strata_notes import mark_strata

    engine = Engine(snapshot)
    strata_of(engine, by)  # a division that is not known is told before anything slow
    analysis = engine.analyse(query, facilities)
    table = strata_table(engine, analysis, by)
    notes = mark_strata(describe(analysis, snapshot, kind, options.lang), burden(engine, analysis, by), snapshot)
    return snapshot, analysis, notes, table


def tell(notes: Notes, analysis: Analysis) -> None:
    """Say on standard error what came out, and above all that data are made up where they are."""
    from layers.notes.notes import summary

    warn(notes)
    typer.echo(summary(analysis, notes.lang), err=True)


def warn(notes: Notes) -> None:
    """Say on standard error that data are made up, where they are."""
    if notes.warning:
        typer.secho(notes.warning, err=True, fg=typer.colors.RED, bold=True)


def tell_rows(report: RowReport, lang: str) -> None:
    """Say on standard error what was repaired in a user's file, row by row, and what holds for the whole of it."""
    found = report.told(lang)
    told = found[(found["outcome"] == "repaired") | ((found["row"] == 0) & (found["message"] != ""))]
    for row, message in zip(told["row"][:REPAIRS_SHOWN], told["message"], strict=False):
        where = text("cli.row", lang, row=row) if row else report.file
        typer.echo(f"{where}: {message}", err=True)
    if len(told) > REPAIRS_SHOWN:
        typer.echo(text("cli.more_rows", lang, n=len(told) - REPAIRS_SHOWN), err=True)
