"""``nabij access``, ``trend``, ``isochrone``, ``barriers``, ``overlap`` and ``verify``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from commands.help import Commands
from commands.options import (
    FAR,
    SETTINGS,
    WHAT,
    WHERE,
    AccessOptions,
    Common,
    MapFormat,
    Out,
    StrataOptions,
    TableFormat,
    TableOptions,
    busy,
    option,
    takes,
)
from commands.question import (
    ask,
    named_areas,
    note_weight,
    read_places,
    settle_model,
    split_mapping,
    tell,
    warn,
    with_own_level,
)
from i18n.messages import MessageError
from i18n.texts import text
from layers.files.output import check_out, format_of

measures = Commands(**SETTINGS)


@dataclass(frozen=True, kw_only=True)
class MeasureOptions(StrataOptions):
    """Options of ``nabij access``; names are checked by `coverage.indicators.measures`."""

    measure: Annotated[
        str,
        option(
            "--measure",
            "NAME,...",
            WHAT,
            "help.measure",
        ),
    ] = "e2sfca"
    decay: Annotated[
        str | None,
        option(
            "--decay",
            "binary|step|wan|gaussian",
            FAR,
            "help.decay",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class TrendOptions(StrataOptions):
    """Options of ``nabij trend``."""

    since: Annotated[int, option("--since", "YEAR", WHAT, "help.since")] = 0
    ahead: Annotated[
        int,
        option(
            "--ahead",
            "YEARS",
            WHAT,
            "help.ahead",
        ),
    ] = 0


@dataclass(frozen=True, kw_only=True)
class IsochroneOptions(AccessOptions):
    """Options of ``nabij isochrone``."""

    ids: Annotated[str, option("--id", "ID,...", WHAT, "help.id")] = ""
    within: Annotated[
        str | None,
        option("--within", "METRES,...", FAR, "help.isochrone_within"),
    ] = None
    minutes: Annotated[str | None, option("--minutes", "N,...", FAR, "help.isochrone_minutes")] = None
    step: Annotated[float, option("--step", "METRES", FAR, "help.step")] = 50.0
    format: MapFormat = None


@dataclass(frozen=True, kw_only=True)
class BarrierOptions(TableOptions):
    """Options of ``nabij barriers``."""

    extra: Annotated[float, option("--extra", "MINUTES", FAR, "help.barriers_extra")] = 5.0


@dataclass(frozen=True, kw_only=True)
class OverlapOptions(Common):
    """Options of ``nabij overlap``."""

    out: Out
    levels: Annotated[
        str,
        option(
            "--levels",
            "LEVEL|FILE,LEVEL|FILE",
            WHERE,
            "help.levels",
        ),
    ] = "care_region,gp_circle"
    rule: Annotated[
        bool,
        option(
            "--rule",
            None,
            WHAT,
            "help.rule",
        ),
    ] = False
    facilities: Annotated[
        str | None,
        option("--facilities", "register|illustrative|documented|FILE", WHAT, "help.overlap_facilities"),
    ] = None
    demand: Annotated[str, option("--demand", "births|age0|age0_2|age0_5", WHAT, "help.overlap_demand")] = "births"
    year: Annotated[int | None, option("--year", "YEAR", WHAT, "help.year")] = None
    vintage: Annotated[
        int | None,
        option(
            "--vintage",
            "YEAR",
            WHERE,
            "help.vintage",
        ),
    ] = None
    areas: Annotated[
        str,
        option("--in", "LEVEL:ID,...", WHERE, "help.overlap_in"),
    ] = ""
    format: TableFormat = None


@dataclass(frozen=True, kw_only=True)
class ProofOptions(Common):
    """Options of ``nabij verify``."""

    bench: Annotated[
        Path | None,
        option(
            "--bench",
            "DIR",
            None,
            "help.bench",
        ),
    ] = None


@measures.command(epilog="nabij access --service bureau --mode bike --measure e2sfca,count --out toegang.csv")
@takes(MeasureOptions)
def access(options: MeasureOptions) -> None:
    """Write how much of the supply families have (toegang), and how equally: catchment areas, Gini, Palma."""
    form = format_of(options.out, options.format)
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        from coverage.analysis import Engine
        from coverage.indicators.measures import access_table
        from coverage.indicators.strata_table import burden, strata_of
        from layers.files.export import table_file
        from layers.notes.access_notes import describe_access
        from layers.notes.strata_notes import mark_strata

        query, snapshot, facilities = ask(options)
        measures = tuple(dict.fromkeys(name.strip() for name in options.measure.split(",") if name.strip()))
        engine = Engine(snapshot)
        strata = None if options.by is None else strata_of(engine, options.by)
        table, analysis = access_table(engine, query, facilities, measures, options.decay, strata)
        notes = describe_access(table, analysis, snapshot, measures, options.decay, options.lang)
        if options.by is not None:
            notes = mark_strata(notes, burden(engine, analysis, options.by), snapshot)
        made = table_file(table, notes, form, snapshot.zones(query.level, query.vintage))
    made.write(options.out)
    tell(notes, analysis)


@measures.command(epilog="nabij trend --service bureau --since 2010 --out trend.xlsx")
@takes(TrendOptions)
def trend(options: TrendOptions) -> None:
    """Write the children of every year (evolutie), 0-year-olds for births, and how many today's places would reach."""
    form = format_of(options.out, options.format)
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        from coverage.analysis import Engine
        from coverage.indicators.births.trend import PROXY, trend_table
        from coverage.indicators.strata_table import burden
        from layers.files.export import table_file
        from layers.notes.access_notes import describe_trend
        from layers.notes.strata_notes import mark_strata

        query, snapshot, facilities = ask(options)
        engine = Engine(snapshot)
        table, analysis = trend_table(engine, query, facilities, options.since, options.by, options.ahead)
        notes = describe_trend(
            analysis,
            snapshot,
            options.since,
            options.lang,
            options.ahead,
            proxied=bool((table["births_kind"] == PROXY).any()),
        )
        if options.by is not None:
            notes = mark_strata(notes, burden(engine, analysis, options.by), snapshot)
        made = table_file(table, notes, form, snapshot.zones(query.level, query.vintage))
    made.write(options.out)
    warn(notes)
    typer.echo(notes.question, err=True)


@measures.command(
    epilog="nabij isochrone --service bureau --id illustrative-bureau-11005-01 --within 600,1200 --model raster "
    "--out bereik.geojson"
)
@takes(IsochroneOptions)
def isochrone(options: IsochroneOptions) -> None:
    """Write from where a place can be reached (bereikgebied) within so many metres, as polygons with their births."""
    form = format_of(options.out, options.format)
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        from coverage.analysis import Engine
        from coverage.core.query import (
            DEFAULT_WITHIN_M,
            Query,
            check_minutes,
            metres_in,
            norm_within_m,
            parse_minutes,
        )
        from coverage.indicators.isochrone_table import isochrone_table, weigh_table
        from coverage.travel.models import USUAL_MODEL
        from layers.files.export import table_file
        from layers.notes.isochrone_notes import describe_isochrones
        from loaders.catalogue.services import get_service

        query = Query(
            service=options.service,
            mode=options.mode,
            model=options.model or USUAL_MODEL,
            network=options.network,
            matrix=options.matrix,
            ferries=options.ferries,
            demand=get_service(options.service).demand if options.demand is None else options.demand,
            year=options.year,
        )
        norm = norm_within_m(query.service, query.mode) or DEFAULT_WITHIN_M[query.mode]
        asked = parse_minutes(options.minutes or "")
        check_minutes(asked, None, query.mode)
        if asked and options.within:
            raise MessageError("error.question.both_reaches")
        distances = _distances(options.within) or sorted(metres_in(each, query.mode) for each in asked) or [norm]
        snapshot = options.open_snapshot()
        query = settle_model(query, options, snapshot)
        facilities = read_places(options, snapshot, split_mapping(options, zones=False).places)
        ids = [name.strip() for name in options.ids.split(",") if name.strip()]
        engine = Engine(snapshot)
        analysis = engine.analyse(query, facilities)
        note_weight(weigh_table(engine, analysis, ids, distances, options.step), options.lang)
        bands = isochrone_table(engine, analysis, ids, distances, options.step)
        notes = describe_isochrones(analysis, snapshot, ids, distances, options.lang)
        made = table_file(bands.drop(columns="geometry"), notes, form, bands)
    made.write(options.out)
    warn(notes)
    typer.echo(notes.question, err=True)


@measures.command(epilog="nabij barriers --service bureau --mode walk --out barrieres.csv")
@takes(BarrierOptions)
def barriers(options: BarrierOptions) -> None:
    """Write which river, canal, railway or motorway (barrière) cuts how many births off from the nearest place."""
    form = format_of(options.out, options.format)
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        query, snapshot, facilities = ask(options)
        from coverage.analysis import Engine
        from coverage.barriers.cut_off import barrier_table, cut_off
        from layers.files.export import table_file
        from layers.notes.barrier_notes import barrier_summary, describe_barriers

        engine = Engine(snapshot, keep=True)
        analysis = engine.analyse(query, facilities)
        table = barrier_table(engine, analysis, cut_off(engine, analysis, options.extra))
        notes = describe_barriers(analysis, snapshot, options.extra, options.lang)
        made = table_file(table.drop(columns="geometry"), notes, form, table)
    made.write(options.out)
    warn(notes)
    typer.echo(barrier_summary(table, options.lang), err=True)


def _distances(given: str | None) -> list[float]:
    """Metres out of a list with commas; `InputError` for what is no number."""
    try:
        return sorted({float(part) for part in (given or "").split(",") if part.strip()})
    except ValueError:
        raise MessageError("error.command.distances", given=str(given)) from None


@measures.command(epilog="nabij overlap --levels care_region,gp_circle --out overlap.csv")
@takes(OverlapOptions)
def overlap(options: OverlapOptions) -> None:
    """Write how two divisions overlap (overlapping): births in every intersection, what is cut and how unequally."""
    form = _flat(format_of(options.out, options.format))
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        from coverage.core.demand import surface
        from coverage.core.query import Query
        from coverage.memory.limits import limits_of_machine
        from coverage.partnerships.areas import with_house_areas
        from coverage.partnerships.rule import house_rule
        from coverage.zones.partition_overlap import between, parse_levels
        from coverage.zones.territory import Territory
        from layers.files.export import table_file
        from layers.notes.overlap_notes import describe_overlap, describe_rule
        from loaders.catalogue.regions.levels import HOUSE_AREA, default_vintage
        from loaders.lists.facilities.facility_choice import load_facilities
        from loaders.snapshot.facility_sets import held_sets

        areas = Query.parse_areas(options.areas)
        asked, snapshot = with_own_level(options.levels, options.open_snapshot(), options.lang)
        levels = parse_levels(asked)
        given = {*levels, *(level for level, _ in areas)}
        if options.rule or HOUSE_AREA in given:
            facilities = load_facilities(snapshot, options.facilities or held_sets(snapshot)[0])
            snapshot = with_house_areas(snapshot, facilities) if HOUSE_AREA in given else snapshot
        if options.rule:
            table = house_rule(snapshot, facilities)
            notes = describe_rule(table, facilities, snapshot, options.lang)
        else:
            demand = surface(snapshot, options.demand, options.year)
            vintage = options.vintage or default_vintage()
            areas = named_areas(areas, snapshot, vintage)
            overlaps = between(Territory(snapshot), demand, levels, vintage, areas, limits_of_machine())
            table, notes = overlaps.table, describe_overlap(overlaps, snapshot, areas, options.lang)
        made = table_file(table, notes, form)
    made.write(options.out)
    warn(notes)
    typer.echo(notes.question, err=True)


def _flat(form: str) -> str:
    """Refuse a format with geometry: an intersection is births on hectares and has no outline."""
    if form not in ("csv", "parquet", "xlsx"):
        raise MessageError("error.command.overlap_format", form=form)
    return form


@measures.command("verify", epilog="nabij verify")
@takes(ProofOptions)
def verify(options: ProofOptions) -> None:
    """Prove the engine (bewijs): published answers, worked cases, laws of conservation and made-up worlds."""
    from coverage.validation.checks import ProofContext, find_bench, prove
    from layers.views.validation_table import HEADER, proof_row, verdict

    context = ProofContext(options.open_snapshot(), find_bench(options.bench))
    checks = []
    typer.echo("\t".join(text(key, options.lang) for key in HEADER))
    for check in prove(context):
        checks.append(check)
        typer.echo("\t".join(proof_row(check, options.lang)))
    typer.echo(verdict(checks, context, options.lang), err=True)
    if not all(check.holds for check in checks):
        raise typer.Exit(1)
