"""``nabij justify`` and ``nabij norm``: does an area justify a place, and how many does a norm on births take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.help import Commands
from commands.options import SETTINGS, WHAT, WHERE, Question, TableFormat, busy, option, takes
from commands.question import ask, warn
from i18n.messages import MessageError
from i18n.texts import text
from layers.files.output import BINARY, STDOUT, check_out, flat, format_of, write_out

if TYPE_CHECKING:
    import pandas as pd

    from coverage.case import AskedThresholds, ProgrammingTest
    from coverage.norm import NormAnswer
    from layers.notes.notes import Notes
    from loaders.snapshot.reader import Snapshot

case = Commands(**SETTINGS)

_WHOLE = ("json", "txt")
"""Suffixes of a file with all of it, beside the formats of a table."""

_PAGES, _DRAWN = ("pdf", "html", "docx"), ("svg", "png")
"""Suffixes of a document of a norm, and of the picture of its frontier."""


@dataclass(frozen=True, kw_only=True)
class JustifyOptions(Question):
    """Options of ``nabij justify``."""

    preset: Annotated[
        str,
        option(
            "--preset",
            "reported|recognition|nearness|own",
            WHAT,
            "help.justify_preset",
        ),
    ] = "reported"
    min_births: Annotated[float | None, option("--min-births", "N", WHAT, "help.justify_min_births")] = None
    count: Annotated[
        str | None,
        option("--count", "in_reach|only_here|area", WHAT, "help.justify_count"),
    ] = None
    min_distance: Annotated[float | None, option("--min-distance", "METRES", WHAT, "help.min_distance")] = None
    min_minutes: Annotated[float | None, option("--min-minutes", "N", WHAT, "help.min_minutes")] = None
    min_detour: Annotated[
        float | None,
        option("--min-detour", "RATIO", WHAT, "help.min_detour"),
    ] = None
    min_deprived: Annotated[
        float | None,
        option("--min-deprived", "SHARE", WHAT, "help.min_deprived"),
    ] = None
    most_moved: Annotated[
        float | None,
        option(
            "--most-moved",
            "SHARE",
            WHAT,
            "help.most_moved",
        ),
    ] = None
    min_hours: Annotated[float | None, option("--min-hours", "N", WHAT, "help.min_hours")] = None
    births_served: Annotated[
        float | None,
        option(
            "--births-served",
            "N",
            WHAT,
            "help.births_served",
        ),
    ] = None
    require: Annotated[
        str | None,
        option(
            "--require",
            "NAME,NAME|NAME,...",
            WHAT,
            "help.require",
        ),
    ] = None
    sites: Annotated[bool, option("--sites", "", WHAT, "help.sites")] = False
    at: Annotated[str | None, option("--at", "LAT,LON", WHERE, "help.at")] = None
    area: Annotated[Path | None, option("--area", "FILE", WHERE, "help.area")] = None
    format: TableFormat = None


@case.command(epilog="nabij justify --service bureau --in municipality:35014 --out toets.txt")
@takes(JustifyOptions)
def justify(options: JustifyOptions) -> None:
    """Test whether an area justifies a place (programmatietoets): criteria, verdict with certainty, best sites."""
    form = _format(options)
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        from coverage.analysis import Engine
        from coverage.case import programming_test
        from coverage.indicators.criterion import DRAWS
        from layers.notes.case_notes import case_table, describe_case
        from layers.sentences.case import area_words, verdict_words
        from loaders.lists.area_file import read_area, read_lat_lon

        area = None if options.area is None else read_area(options.area)
        counted = "births" if options.demand is None else options.demand  # thresholds are in births, whatever the ages
        query, snapshot, facilities = ask(replace(options, demand=counted))
        test = programming_test(
            Engine(snapshot),
            query,
            facilities,
            preset=options.preset,
            asked=_asked(options),
            site_xy=None if options.at is None else read_lat_lon(options.at),
            area=area,
            draws=options.draws or DRAWS,
            seed=options.seed,
        )
        where = area_words(snapshot, query if area is None else replace(query, areas=()), options.lang)
        notes = describe_case(test, snapshot, where, _given(options), options.lang)
        content = _content(test, case_table(test, where, options.lang), notes, where, form, options)
    write_out(content, options.out, binary=form in BINARY)
    warn(notes)
    typer.echo(verdict_words(test, where, options.lang), err=True)


def _format(options: JustifyOptions) -> str:
    """Format of the file: that of a table, or all of it as JSON or text; text for standard output."""
    suffix = options.out.suffix.lower().lstrip(".")
    if options.format is None and options.out == STDOUT and not options.sites:
        return "txt"
    if options.format is None and suffix in _WHOLE and not options.sites:
        return suffix
    return format_of(options.out, options.format)


def _asked(options: JustifyOptions) -> AskedThresholds:
    from coverage.case import AskedThresholds
    from loaders.catalogue.threshold_presets import parse_required

    return AskedThresholds(
        births=options.min_births,
        counted=options.count,
        distance_m=options.min_distance,
        distance_minutes=options.min_minutes,
        detour=options.min_detour,
        deprivation=options.min_deprived,
        alternative=options.most_moved,
        hours=options.min_hours,
        births_per_hour=options.births_served,
        required=None if options.require is None else parse_required(options.require),
    )


def _given(options: JustifyOptions) -> dict[str, object]:
    """Options of the command as they were given, for the line that makes the file again."""
    numbers = {
        "--min-births": options.min_births,
        "--min-distance": options.min_distance,
        "--min-minutes": options.min_minutes,
        "--min-detour": options.min_detour,
        "--min-deprived": options.min_deprived,
        "--most-moved": options.most_moved,
        "--min-hours": options.min_hours,
        "--births-served": options.births_served,
    }
    return {
        "--in": options.areas or None,
        "--preset": options.preset,
        **{name: None if value is None else f"{value:.15g}" for name, value in numbers.items()},
        "--count": options.count,
        "--require": options.require,
        "--at": options.at,
        "--area": options.area,
        "--draws": options.draws or None,
        "--seed": options.seed if options.seed != 1 else None,
        "--sites": options.sites,
    }


def _content(
    test: ProgrammingTest, table: pd.DataFrame, notes: Notes, where: str, form: str, options: JustifyOptions
) -> bytes:
    import geopandas as gpd

    from layers.files.export import render
    from layers.notes.case_notes import case_json, case_text
    from loaders.catalogue.regions.projection import storage_crs

    if form == "txt":
        return case_text(test, notes, where).encode()
    if form == "json":
        return case_json(test, table, notes, where).encode()
    if not options.sites:
        return render(table, notes, flat(form))
    sites = test.sites
    points = gpd.GeoDataFrame(
        {"site_id": sites["site_id"]}, geometry=gpd.points_from_xy(sites["x"], sites["y"]), crs=storage_crs()
    )
    return render(sites, notes, form, points)


@dataclass(frozen=True, kw_only=True)
class NormOptions(Question):
    """Options of ``nabij norm``."""

    births: Annotated[float, option("--births", "N", WHAT, "help.births")]
    deprived: Annotated[
        float,
        option("--deprived-weight", "TIMES", WHAT, "help.deprived_weight"),
    ] = 1.0
    density: Annotated[
        float | None,
        option("--min-density", "N", WHAT, "help.norm_min_density"),
    ] = None
    spacing: Annotated[
        float | None,
        option("--spacing", "METRES", WHAT, "help.norm_spacing"),
    ] = None
    rule: Annotated[
        str,
        option(
            "--rule",
            "RULE,...",
            WHAT,
            "help.norm_rule",
        ),
    ] = "keep"
    one_per: Annotated[
        str | None,
        option("--one-per", "LEVEL", WHAT, "help.one_per"),
    ] = None
    cost: Annotated[float | None, option("--cost", "AMOUNT", WHAT, "help.cost")] = None
    out_of_reach: Annotated[bool, option("--out-of-reach", "", WHAT, "help.out_of_reach")] = False
    frontier: Annotated[bool, option("--frontier", "", WHAT, "help.frontier")] = False
    format: TableFormat = None


@case.command(epilog="nabij norm --service house --births 100 --rule keep,article9 --out norm.csv")
@takes(NormOptions)
def norm(options: NormOptions) -> None:
    """Work out how many places a norm on births takes (normmachine), where, who stays out, with a proven bound."""
    form = _norm_format(options)
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        from coverage.analysis import Engine
        from coverage.norm import NormRequest, norm_machine
        from coverage.norm.request import parse_rules
        from layers.notes.norm_notes import describe_norm, norm_options

        rules = () if options.rule.strip() == "none" else parse_rules(options.rule)
        request = NormRequest(
            births=options.births,
            deprived=options.deprived,
            density=options.density,
            spacing_m=options.spacing,
            rules=rules,
            one_per=options.one_per,
            cost=options.cost,
        )
        counted = "births" if options.demand is None else options.demand  # a norm is in births, whatever the ages
        query, snapshot, facilities = ask(replace(options, demand=counted))
        answer = norm_machine(Engine(snapshot), query, facilities, request)
        tables = {"--out-of-reach": options.out_of_reach, "--frontier": options.frontier}
        notes = describe_norm(answer, snapshot, {**norm_options(request, options.areas), **tables}, options.lang)
        content = _norm_content(answer, snapshot, notes, form, options)
    write_out(content, options.out, binary=form in (*BINARY, "pdf", "docx", "png"))
    warn(notes)
    from layers.sentences.norm import all_words

    for line in all_words(answer, options.lang):
        typer.echo(line, err=True)


def _norm_format(options: NormOptions) -> str:
    if options.out_of_reach and options.frontier:
        raise MessageError("error.command.norm_both")
    suffix = options.out.suffix.lower().lstrip(".")
    if options.format is None and suffix in (_DRAWN if options.frontier else _PAGES) and not options.out_of_reach:
        return suffix
    table = options.out_of_reach or options.frontier
    if options.format is None and not table and (options.out == STDOUT or suffix in _WHOLE):
        return suffix if suffix in _WHOLE else "txt"
    return flat(format_of(options.out, options.format)) if table else format_of(options.out, options.format)


def _norm_content(answer: NormAnswer, snapshot: Snapshot, notes: Notes, form: str, options: NormOptions) -> bytes:
    if form in _PAGES:
        from layers.dossier.norm import norm_document
        from layers.dossier.writers.files import write_document

        return write_document(norm_document(answer, snapshot, notes), form)
    if form in _DRAWN:
        from layers.figures.framed import framed
        from layers.figures.norm_figures import norm_frontier
        from layers.figures.png import png_of

        drawn = framed(norm_frontier(answer, options.lang)[0], text("norm.page.frontier", options.lang), notes)
        return png_of(drawn) if form == "png" else drawn
    import geopandas as gpd

    from layers.files.export import render
    from layers.notes.norm_notes import frontier_table, norm_json, norm_text, zone_table
    from loaders.catalogue.regions.projection import storage_crs

    if form == "txt":
        return norm_text(answer, notes).encode()
    if form == "json":
        return norm_json(answer, notes).encode()
    if options.out_of_reach:
        return render(zone_table(answer), notes, form)
    if options.frontier:
        return render(frontier_table(answer), notes, form)
    places = answer.places
    points = gpd.GeoDataFrame(
        {"site_id": places["site_id"]}, geometry=gpd.points_from_xy(places["x"], places["y"]), crs=storage_crs()
    )
    return render(places, notes, form, points)
