"""``nabij site``, ``nabij closures`` and ``nabij criterion``: where a place goes, whether it is justified."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from commands.help import Commands
from commands.options import SETTINGS, busy, takes
from commands.question import ask, note_weight, warn
from commands.siting.site_ahead import asks_ahead, check_ahead, look_ahead, point_of, why_there
from commands.siting.site_options import ClosureOptions, CriterionOptions, SiteOptions
from i18n.messages import MessageError, OptionName
from i18n.texts import format_number, text
from layers.files.output import check_out, flat, format_of

if TYPE_CHECKING:
    import pandas as pd

    from coverage.analysis import Engine
    from coverage.siting import Progress
    from coverage.siting.planning.joint_siting import CoLocation, CompanyProposal
    from coverage.siting.planning.proposal import Proposal
    from coverage.siting.planning.question.problem import Layout
    from coverage.siting.planning.question.request import SitingRequest
    from coverage.travel.models import DEFAULT_MODEL, USUAL_MODEL
    from layers.files.export import TableFile
    from layers.notes.notes import Notes

siting = Commands(**SETTINGS)

_LONG_WAYS = ("p-median", "p-center")
"""Objectives that ask for the way of everybody, however far."""


@siting.command(epilog="nabij site --service bureau --add 2 --in care_region:boom --out voorstel.csv")
@takes(SiteOptions)
def site(options: SiteOptions) -> None:
    """Propose new places (nieuwe plaatsen), proven best, with who gains and what greedy would have picked."""
    begun = time.perf_counter()
    form = format_of(options.out, options.format)
    check_out(options.out)
    forms = {file: format_of(file) for file in (options.after, options.by_fifth) if file is not None}
    if options.by_fifth is not None:
        flat(forms[options.by_fifth])
    for file in forms:
        check_out(file)
    _check(options)
    check_ahead(options)
    from coverage.analysis import Engine
    from coverage.siting.planning.joint_siting import propose_joint
    from coverage.siting.planning.question.request import SitingRequest
    from layers.notes.siting.joint_siting_notes import company_lines, describe_company
    from layers.notes.siting.site_notes import describe_sites, proof_lines, unserved_lines
    from layers.sentences.targeting import targeting_lines

    candidates = _candidates(options)
    request = SitingRequest(
        add=options.add,
        objective=options.objective,
        candidates=candidates,
        buildings=_buildings(candidates),
        capacity=options.capacity,
        births_per_place=options.births_per_place,
        single_source=options.whole,
        min_births=options.min_births,
        spacing_m=options.spacing,
        most_per=options.most_per,
        least_per=options.least_per,
        close=tuple(part.strip() for part in options.close.split(",") if part.strip()),
        budget=options.budget,
        open_cost=options.open_cost,
        close_cost=options.close_cost,
        min_births_existing=options.min_births_existing,
        fill_existing=options.fill_existing,
        area_rule=options.article9,
        targeting=_targeting(options),
        time_limit=options.time_limit,
    )
    company = _company(options)
    query, snapshot, facilities = ask(options)
    point = point_of(options)
    straight = options.model is None and options.objective in _LONG_WAYS and not query.areas
    straight = straight and query.model == USUAL_MODEL
    if straight:  # over all streets that takes minutes; who wants it names it
        query = replace(query, model=DEFAULT_MODEL)
    engine = Engine(snapshot)
    plan = _weigh(engine, query, facilities, request, company, options.lang)
    if asks_ahead(options):
        with watching(options.lang) as (should_stop, on_progress):
            ahead = look_ahead(engine, query, facilities, request, options, should_stop, on_progress)
        _made(ahead.table, ahead.notes, form).write(options.out)
        warn(ahead.notes)
        for line in ahead.lines:
            typer.echo(line, err=True)
        return
    best: Proposal | CompanyProposal
    if company is None:
        proposals = _proposals(engine, query, facilities, request, options, (plan, begun))
        best, table, notes = proposals[0], _all_choices(proposals), describe_sites(proposals, snapshot, options.lang)
        first, lang = proposals[0], options.lang
        lines = [*proof_lines(first, lang), *targeting_lines(first, lang), *unserved_lines(engine, first, lang)]
        if options.by_fifth is not None:
            _write_by_fifth(first, notes, options.by_fifth, forms[options.by_fifth])
    else:
        with watching(options.lang) as (should_stop, on_progress):
            best = propose_joint(engine, query, facilities, request, company, should_stop, on_progress)
        table, notes = best.sites, describe_company(best, snapshot, options.lang)
        lines = company_lines(best, options.lang)
    if point is not None:
        with watching(options.lang) as (should_stop, _):
            why = why_there(engine, query, facilities, request, point, should_stop, options.lang)
        notes, lines = replace(notes, caveats=(*why, *notes.caveats)), [*lines, *why]
    if straight:
        word = text("site.straight", options.lang)
        notes, lines = replace(notes, caveats=(word, *notes.caveats)), [word, *lines]
    _made(table, notes, form).write(options.out)
    if options.after is not None:
        _write_after(engine, query, best, facilities, options, forms[options.after])
    warn(notes)
    for line in lines:
        typer.echo(line, err=True)


def _candidates(options: SiteOptions) -> str:
    """What is chosen from: of public buildings, those of the kinds asked for."""
    from coverage.siting.planning.question.candidates import BUILDINGS, default_kind, some_buildings

    kinds = [kind.strip() for kind in options.building_kind.split(",") if kind.strip()]
    if options.candidates == BUILDINGS:
        return some_buildings(kinds)
    if kinds:
        raise MessageError("siting.error.building_kind_alone")
    return options.candidates or default_kind()


def _buildings(candidates: str) -> pd.DataFrame | None:
    """List of one's own that the option names; None where it names a kind, or nothing that is there."""
    from coverage.siting.planning.question.candidates import KINDS
    from loaders.lists.building_file import read_building_file

    return read_building_file(candidates) if candidates not in KINDS and Path(candidates).is_file() else None


def _weigh(
    engine: Engine, query: Any, facilities: Any, request: SitingRequest, company: CoLocation | None, lang: str
) -> Layout | None:
    """Say where a search would take more memory than is free; it begins all the same. The question, as laid out."""
    from coverage.siting.planning.question.problem import lay_out
    from coverage.siting.planning.weight import check_joint, weigh

    if company is None:
        plan = lay_out(engine, query, facilities, request)
        note_weight(weigh(engine, plan), lang)
        return plan
    note_weight(check_joint(engine, query, facilities, request, company), lang)
    return None


def _check(options: SiteOptions) -> None:
    """Options that say nothing without another one, or the same thing twice."""
    if options.alternatives < 0:
        raise MessageError("error.command.alternatives", value=str(options.alternatives))
    files = [file for file in (options.out, options.after, options.by_fifth) if file is not None]
    if twice := next((file for number, file in enumerate(files) if file in files[:number]), None):
        raise MessageError("error.command.same_file", file=str(twice))
    if options.by_fifth is not None and not _targeting(options):
        raise MessageError("error.command.by_fifth", option="--by-fifth")
    if options.births_per_place is not None and not options.capacity:
        raise MessageError("error.command.births_per_place")
    given = {
        "--open-cost": options.open_cost != 1,
        "--close-cost": options.close_cost,
        "--address-cost": options.address_cost,
    }
    unused = [name for name, value in given.items() if value]
    if unused and options.budget is None:
        raise MessageError("error.command.no_budget", option=unused[0])


def _targeting(options: SiteOptions) -> float:
    """How much more births count where the surroundings are deprived; 0 where that is not asked."""
    from coverage.siting.planning.question.priority import parse_weight

    return parse_weight(options.weight) if options.weight else 0.0


def _write_by_fifth(proposal: Proposal, notes: Notes, file: Path, form: str) -> None:
    """Write what weighing by deprivation costs."""
    from layers.files.export import table_file
    from layers.notes.siting.site_notes import describe_targeting

    if proposal.cost is not None:
        table_file(proposal.cost.fifths, describe_targeting(notes), form).write(file)


def _company(options: SiteOptions) -> CoLocation | None:
    """What is asked of the other service; None when only one is sited."""
    from coverage.siting.planning.joint_siting import CoLocation

    if not options.along:
        if options.new_addresses is not None or options.along_within is not None or options.address_cost:
            raise MessageError("error.command.one_service")
        return None
    if options.alternatives:
        raise MessageError("error.command.alternatives_with")
    return replace(
        CoLocation.parse(options.along),
        within_m=options.along_within,
        new_addresses=options.new_addresses,
        address_cost=options.address_cost,
    )


def _all_choices(proposals: list[Proposal]) -> pd.DataFrame:
    """Places of the best proposal and of its alternatives."""
    import pandas as pd

    table = pd.concat([p.sites.assign(choice=n) for n, p in enumerate(proposals, 1)], ignore_index=True)
    table["site_id"] = _unique(table)
    return table


@siting.command(epilog="nabij closures --service bureau --in care_region:boom --out sluiting.csv")
@takes(ClosureOptions)
def closures(options: ClosureOptions) -> None:
    """Close every place in turn (sluitingstoets): who loses reach, and which neighbour takes them on."""
    form = flat(format_of(options.out, options.format))
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        from coverage.analysis import Engine
        from coverage.indicators.closure import closure_test, weigh_closures
        from layers.notes.siting.site_notes import closure_summary, describe_closures

        query, snapshot, facilities = ask(options)
        engine = Engine(snapshot)
        note_weight(weigh_closures(engine, query, facilities), options.lang)
        test = closure_test(engine, query, facilities)
        table = test.pairs if options.pairs else test.single
        notes = describe_closures(test.analysis, snapshot, options.pairs, options.lang)
    _made(table, notes, form).write(options.out)
    warn(notes)
    typer.echo(closure_summary(table, options.pairs, options.lang), err=True)


@siting.command(epilog="nabij criterion --service house --in municipality:35014 --min-births 80 --out toets.csv")
@takes(CriterionOptions)
def criterion(options: CriterionOptions) -> None:
    """Judge whether an area has births enough for a place (geboortecriterium), and how sure that is."""
    form = flat(format_of(options.out, options.format))
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        from coverage.analysis import Engine
        from coverage.indicators.criterion import DRAWS, Threshold, births_criterion
        from layers.notes.siting.site_notes import describe_criterion
        from loaders.lists.area_file import read_area, read_lat_lon

        least = _births_that_justify(options)
        threshold = Threshold(least, options.min_density, options.count)  # type: ignore[arg-type]
        area = None if options.area is None else read_area(options.area)
        counted = "births" if options.demand is None else options.demand  # a norm is in births, whatever the ages
        query, snapshot, facilities = ask(replace(options, demand=counted))
        test = births_criterion(
            Engine(snapshot),
            query,
            facilities,
            threshold,
            site_xy=None if options.at is None else read_lat_lon(options.at),
            area=area,
            draws=options.draws or DRAWS,
            seed=options.seed,
        )
        asked = {
            "--in": options.areas or None,
            "--min-births": f"{least:.15g}",
            "--min-density": options.min_density,
            "--count": options.count,
            "--at": options.at,
            "--area": options.area,
        }
        notes = describe_criterion(test, snapshot, asked, options.lang)
    _made(test.table(), notes, form).write(options.out)
    warn(notes)
    typer.echo(test.sentence(options.lang), err=True)


def _births_that_justify(options: CriterionOptions) -> float:
    """Births asked for, else the norm of the service."""
    from loaders.catalogue.services import get_service

    norm = get_service(options.service).births_per_place
    least = norm if options.min_births is None else options.min_births
    if least is None:
        raise MessageError("services.error.no_norm", service=OptionName("service", options.service))
    return least


def _proposals(
    engine: Engine, query: Any, facilities: Any, request: Any, options: SiteOptions, held: tuple[Layout | None, float]
) -> list[Proposal]:
    """The best proposal and its alternatives; Ctrl+C stops with the best so far.

    ``held`` is the question as it was laid out, and when the command began: the time limit counts from there.
    """
    from coverage.siting.planning.proposal import alternatives, propose
    from coverage.siting.solvers.basis.control import Control

    plan, begun = held
    with watching(options.lang) as (should_stop, on_progress):
        control = Control(request.time_limit, request.mip_gap, should_stop, on_progress, started=begun)
        if not options.alternatives:
            return [propose(engine, query, facilities, request, should_stop, plan=plan, control=control)]
        proposals = alternatives(
            engine, query, facilities, request, most=options.alternatives + 1,
            should_stop=should_stop, on_progress=on_progress, plan=plan, control=control,
        )  # fmt: skip
        return list(islice(proposals, options.alternatives + 1))


@contextlib.contextmanager
def watching(lang: str) -> Iterator[tuple[Callable[[], bool], Callable[[Progress], None]]]:
    """Show how far the search is where a person is watching, and let Ctrl+C end it without losing the answer."""
    asked: list[bool] = []
    before = signal.signal(signal.SIGINT, lambda *_: asked.append(True))
    try:
        if not sys.stderr.isatty():
            yield lambda: bool(asked), lambda _: None
            return
        from rich.console import Console

        with Console(stderr=True).status(text("site.starting", lang)) as status:

            def show(step: Progress) -> None:
                told = {"incumbent": format_number(step.incumbent, lang), "bound": format_number(step.bound, lang)}
                status.update(text("site.solving", lang, **told))

            yield lambda: bool(asked), show
    finally:
        signal.signal(signal.SIGINT, before)


def _made(table: pd.DataFrame, notes: Notes, form: str) -> TableFile:
    from layers.files.export import table_file

    if "site_id" not in table:
        return table_file(table, notes, form)
    import geopandas as gpd

    from loaders.catalogue.regions.projection import storage_crs

    points = gpd.GeoDataFrame(
        {"site_id": table["site_id"]}, geometry=gpd.points_from_xy(table["x"], table["y"]), crs=storage_crs()
    )
    return table_file(table, notes, form, points)


def _unique(table: pd.DataFrame) -> pd.Series[str]:
    """Ids of the places; the number of the choice added where a place is in several."""
    repeated = table["site_id"].duplicated(keep=False) & (table["choice"] > 1)
    return table["site_id"].where(~repeated, table["site_id"] + "/" + table["choice"].astype(str))


def _write_after(
    engine: Engine, query: Any, proposal: Proposal | CompanyProposal, facilities: Any, options: SiteOptions, form: str
) -> None:
    """Write the zone table with the new places in it."""
    from layers.files.export import table_file
    from layers.notes.notes import describe

    analysis = engine.analyse(query, proposal.with_new_places(facilities))
    notes = describe(analysis, engine.snapshot, "coverage", options.lang)
    zones = engine.snapshot.zones(query.level, query.vintage)
    table_file(analysis.table, notes, form, zones).write(Path(options.after or ""))
