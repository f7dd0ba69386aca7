"""``nabij site``, ``nabij closures`` and ``nabij criterion``: where a place goes, whether it is justified."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.options import SETTINGS, WHAT, WHERE, Question, TableFormat, TableOptions, busy, option, takes
from commands.question import ask, warn
from layers.files import BINARY, check_out, flat, format_of, write_out
from loaders.errors import InputError
from loaders.texts import format_number, text

if TYPE_CHECKING:
    import pandas as pd

    from coverage.analysis import Engine
    from coverage.siting import Progress
    from coverage.siting.proposal import Proposal
    from layers.notes import Notes

siting = typer.Typer(**SETTINGS)

_NEW = "Which new places (welke nieuwe plaatsen)"


@dataclass(frozen=True, kw_only=True)
class SiteOptions(TableOptions):
    """Options of ``nabij site``; values are checked by `coverage.siting.wish.Wish`."""

    add: Annotated[
        int, option("--add", "N", _NEW, "How many new places (nieuwe plaatsen); lscp finds that itself.")
    ] = 1
    objective: Annotated[
        str,
        option(
            "--objective",
            "mclp|p-median|p-center|lscp",
            _NEW,
            "mclp: most births within reach; p-median: least travel; p-center: the longest way as short as can be; "
            "lscp: all births within reach with the fewest new places.",
        ),
    ] = "mclp"
    candidates: Annotated[
        str,
        option(
            "--candidates",
            "sector|neighbourhood|cell|station|FILE",
            _NEW,
            "Where a place may come (kandidaten): middles of sectors or wijken, inhabited hectares, stations, or your "
            "own list of buildings.",
        ),
    ] = "sector"
    capacity: Annotated[
        bool,
        option("--capacity", "", _NEW, "A place can take only so many births (capaciteit); with mclp or p-median."),
    ] = False
    births_per_place: Annotated[
        float | None,
        option("--births-per-place", "N", _NEW, "Births a year that a place without known hours can take."),
    ] = None
    whole: Annotated[
        bool,
        option(
            "--whole",
            "",
            _NEW,
            "With --capacity or --min-births: all births of a hectare or sector go to one place (niet splitsen).",
        ),
    ] = False
    min_births: Annotated[
        float | None,
        option(
            "--min-births",
            "N",
            _NEW,
            "Births a year that each new place must at least be given (minimum per plaats); with mclp or p-median.",
        ),
    ] = None
    spacing: Annotated[
        float | None,
        option("--spacing", "METRES", _NEW, "Keep new places this far, as the crow flies, from any other."),
    ] = None
    close: Annotated[
        str,
        option("--close", "ID,...", _NEW, "Places that may close (sluiten), each for one more new one: it moves."),
    ] = ""
    budget: Annotated[
        float | None,
        option("--budget", "AMOUNT", _NEW, "What opening and closing may cost together (budget)."),
    ] = None
    open_cost: Annotated[
        float, option("--open-cost", "AMOUNT", _NEW, "With --budget: what a new place costs (kost van openen).")
    ] = 1.0
    close_cost: Annotated[
        float, option("--close-cost", "AMOUNT", _NEW, "With --budget: what closing a place costs (kost van sluiten).")
    ] = 0.0
    alternatives: Annotated[
        int, option("--alternatives", "N", _NEW, "Also give up to N other choices at most 1 % worse (alternatieven).")
    ] = 0
    time_limit: Annotated[
        float,
        option("--time-limit", "SECONDS", _NEW, "After this the best answer so far is given, with its gap."),
    ] = 60.0
    after: Annotated[
        Path | None,
        option("--after", "FILE", None, "Also write the zone table as it would be (toestand nadien)."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class ClosureOptions(TableOptions):
    """Options of ``nabij closures``."""

    pairs: Annotated[
        bool, option("--pairs", "", WHAT, "Instead, close two at once (paren) that are each other's way out.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class CriterionOptions(Question):
    """Options of ``nabij criterion``."""

    min_births: Annotated[
        float, option("--min-births", "N", WHAT, "Births a year that justify a place (drempel van geboorten).")
    ]
    min_density: Annotated[
        float | None, option("--min-density", "N", WHAT, "Births a year per km² that the area must have (dichtheid).")
    ] = None
    count: Annotated[
        str,
        option(
            "--count",
            "in_reach|only_here|area",
            WHAT,
            "Which births count: all within reach of the site, those nobody else reaches, or all of the area.",
        ),
    ] = "in_reach"
    at: Annotated[
        str | None,
        option("--at", "LAT,LON", WHERE, "The site; left out, the best middle of a sector in the area."),
    ] = None
    area: Annotated[
        Path | None,
        option("--area", "FILE", WHERE, "Polygon you drew (GeoJSON, GPKG), in place of --in."),
    ] = None
    format: TableFormat = None


@siting.command(
    epilog="Example: [bold]nabij site --service bureau --add 2 --in care_region:boom --out voorstel.csv[/bold]"
)
@takes(SiteOptions)
def site(options: SiteOptions) -> None:
    """Propose new places (nieuwe plaatsen), proven best, with who gains and what greedy would have picked."""
    form = format_of(options.out, options.format)
    check_out(options.out)
    after_form = None
    if options.after is not None:
        after_form = format_of(options.after)
        check_out(options.after)
    if options.alternatives < 0:
        raise InputError(f"--alternatives is {options.alternatives}; give 0 or more.")
    from coverage.analysis import Engine
    from coverage.siting.wish import Wish
    from layers.site_notes import describe_sites, proof_lines, unserved_lines

    wish = Wish(
        add=options.add,
        objective=options.objective,
        candidates=options.candidates,
        capacity=options.capacity,
        births_per_place=options.births_per_place,
        single_source=options.whole,
        min_births=options.min_births,
        spacing_m=options.spacing,
        close=tuple(part.strip() for part in options.close.split(",") if part.strip()),
        budget=options.budget,
        open_cost=options.open_cost,
        close_cost=options.close_cost,
        time_limit=options.time_limit,
    )
    query, snapshot, facilities = ask(options)
    engine = Engine(snapshot)
    proposals = _proposals(engine, query, facilities, wish, options)
    notes = describe_sites(proposals, snapshot, options.lang)
    import pandas as pd

    table = pd.concat([p.sites.assign(choice=n) for n, p in enumerate(proposals, 1)], ignore_index=True)
    table["site_id"] = _unique(table)
    write_out(_rendered(table, notes, form), options.out, binary=form in BINARY)
    if options.after is not None and after_form is not None:
        _write_after(engine, query, proposals[0], facilities, options, after_form)
    warn(notes)
    for line in [*proof_lines(proposals[0], options.lang), *unserved_lines(engine, proposals[0], options.lang)]:
        typer.echo(line, err=True)


@siting.command(epilog="Example: [bold]nabij closures --service bureau --in care_region:boom --out sluiting.csv[/bold]")
@takes(ClosureOptions)
def closures(options: ClosureOptions) -> None:
    """Close every place in turn (sluitingstoets): who loses reach, and which neighbour takes them on."""
    form = flat(format_of(options.out, options.format))
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        from coverage.analysis import Engine
        from coverage.closure import closure_test
        from layers.site_notes import closure_summary, describe_closures

        query, snapshot, facilities = ask(options)
        found = closure_test(Engine(snapshot), query, facilities)
        table = found.pairs if options.pairs else found.single
        notes = describe_closures(found.analysis, snapshot, options.pairs, options.lang)
    write_out(_rendered(table, notes, form), options.out, binary=form in BINARY)
    warn(notes)
    typer.echo(closure_summary(table, options.pairs, options.lang), err=True)


@siting.command(
    epilog="Example: [bold]nabij criterion --service house --in municipality:35014 --min-births 80 "
    "--out toets.csv[/bold]"
)
@takes(CriterionOptions)
def criterion(options: CriterionOptions) -> None:
    """Judge whether an area has births enough for a place (geboortecriterium), and how sure that is."""
    form = flat(format_of(options.out, options.format))
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        from coverage.analysis import Engine
        from coverage.criterion import DRAWS, Threshold, births_criterion
        from layers.site_notes import describe_criterion
        from loaders.area_file import read_area, read_lat_lon

        threshold = Threshold(options.min_births, options.min_density, options.count)  # type: ignore[arg-type]
        area = None if options.area is None else read_area(options.area)
        query, snapshot, facilities = ask(options)
        found = births_criterion(
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
            "--min-births": f"{options.min_births:.15g}",
            "--min-density": options.min_density,
            "--count": options.count,
            "--at": options.at,
            "--area": options.area,
        }
        notes = describe_criterion(found, snapshot, asked, options.lang)
    write_out(_rendered(found.table(), notes, form), options.out, binary=form in BINARY)
    warn(notes)
    typer.echo(found.sentence(options.lang), err=True)


def _proposals(engine: Engine, query: Any, facilities: Any, wish: Any, options: SiteOptions) -> list[Proposal]:
    """The best proposal and its alternatives; Ctrl+C stops with the best so far."""
    from coverage.siting.proposal import alternatives, propose

    with _watching(options.lang) as (should_stop, on_progress):
        if not options.alternatives:
            return [propose(engine, query, facilities, wish, should_stop, on_progress)]
        found = alternatives(
            engine, query, facilities, wish, most=options.alternatives + 1,
            should_stop=should_stop, on_progress=on_progress,
        )  # fmt: skip
        return list(islice(found, options.alternatives + 1))


@contextlib.contextmanager
def _watching(lang: str) -> Iterator[tuple[Callable[[], bool], Callable[[Progress], None]]]:
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


def _rendered(table: pd.DataFrame, notes: Notes, form: str) -> bytes:
    from layers.export import render

    if "site_id" not in table:
        return render(table, notes, form)
    import geopandas as gpd

    points = gpd.GeoDataFrame(
        {"site_id": table["site_id"]}, geometry=gpd.points_from_xy(table["x"], table["y"]), crs="EPSG:31370"
    )
    return render(table, notes, form, points)


def _unique(table: pd.DataFrame) -> pd.Series[str]:
    """Ids of the places; the number of the choice added where a place is in several."""
    repeated = table["site_id"].duplicated(keep=False) & (table["choice"] > 1)
    return table["site_id"].where(~repeated, table["site_id"] + "/" + table["choice"].astype(str))


def _write_after(
    engine: Engine, query: Any, proposal: Proposal, facilities: Any, options: SiteOptions, form: str
) -> None:
    """Write the zone table with the new places in it."""
    from layers.export import render
    from layers.notes import describe

    analysis = engine.analyse(query, proposal.with_new_places(facilities))
    notes = describe(analysis, engine.snapshot, "coverage", options.lang)
    content = render(analysis.table, notes, form, engine.snapshot.zones(query.level, query.vintage))
    write_out(content, Path(options.after or ""), binary=form in BINARY)
