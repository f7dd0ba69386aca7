"""``nabij figure``, ``nabij dossier`` and ``nabij profile``: pictures and documents, made without a browser."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from commands.help import Commands
from commands.options import SETTINGS, WHAT, Database, Question, busy, option, takes
from commands.question import answer, ask, named_areas, tell, warn
from commands.scenario import PlanStoreOptions, find_plan
from i18n.messages import MessageError
from layers.files.output import STDOUT, check_out, write_out

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from layers.dossier.requested import Made
    from layers.notes.notes import Notes
    from loaders.snapshot.reader import Snapshot

documents = Commands(**SETTINGS)

PICTURES = ("svg", "png")
CHARTS = ("births", "fifths")
"""Charts of `layers.figures.area_charts`, told here so that a wrong name is told before anything slow."""


@dataclass(frozen=True, kw_only=True)
class FigureOptions(Question):
    """Options of ``nabij figure``."""

    indicator: Annotated[
        str | None,
        option(
            "--indicator",
            "COLUMN",
            WHAT,
            "help.indicator",
        ),
    ] = None
    chart: Annotated[str | None, option("--chart", "births|fifths", WHAT, "help.chart")] = None
    format: Annotated[str | None, option("--format", "svg|png", None, "help.figure_format")] = None


@documents.command(epilog="nabij figure --service bureau --in care_region:boom --out boom.png")
@takes(FigureOptions)
def figure(options: FigureOptions) -> None:
    """Draw a map (kaart) as a picture, SVG or PNG, with title, legend, scale, north and sources."""
    form = _picture_format(options.out, options.format)
    if options.chart is not None and options.chart not in CHARTS:
        raise MessageError("error.figure.chart", value=options.chart, known=", ".join(CHARTS))
    check_out(options.out)
    with busy("cli.busy.figure", options.lang):
        snapshot, analysis, notes = answer(options, "figure")
        from layers.figures.analysis_map import figure_of
        from layers.figures.png import png_of

        if options.chart is None:
            content = figure_of(analysis, snapshot, notes, options.indicator)
        else:
            content = _chart(options.chart, analysis, snapshot, notes)
        if form == "png":
            content = png_of(content)
    write_out(content, options.out, binary=form == "png")
    tell(notes, analysis)


def _chart(kind: str, analysis: Analysis, snapshot: Snapshot, notes: Notes) -> bytes:
    from coverage.analysis import Engine
    from layers.figures.area_charts import area_chart

    return area_chart(kind, Engine(snapshot), analysis, notes)


def _picture_format(out: Path, given: str | None) -> str:
    """Format that was asked for, else that of the suffix; SVG for standard output."""
    form = given or ("svg" if out == STDOUT else out.suffix.lower().lstrip("."))
    if form not in PICTURES:
        raise MessageError("error.figure.format", value=form)
    return form


Service = Annotated[
    str,
    option("--service", "bureau|house|ID", WHAT, "help.dossier_service"),
]
Asked = TypeVar("Asked", bound=Question)


@dataclass(frozen=True, kw_only=True)
class DossierOptions(Question):
    """Options of ``nabij dossier``."""

    service: Service = ""
    plan: Annotated[
        str | None,
        option("--plan", "ID|FILE", WHAT, "help.dossier_plan"),
    ] = None
    against: Annotated[
        str | None,
        option("--against", "ID|FILE", WHAT, "help.against"),
    ] = None
    preset: Annotated[
        str | None,
        option("--preset", "NAME", WHAT, "help.preset"),
    ] = None
    min_births: Annotated[float | None, option("--min-births", "N", WHAT, "help.justify_min_births")] = None
    database: Database = None
    format: Annotated[str | None, option("--format", "pdf|html|docx", None, "help.format")] = None


@documents.command(epilog="nabij dossier --in municipality:35014 --out oudenburg.pdf")
@takes(DossierOptions)
def dossier(options: DossierOptions) -> None:
    """Write a dossier (dossier) that a council can decide on: verdict, maps, change, alternatives; PDF, HTML, DOCX."""
    from layers.dossier.writers.files import document_format, write_document

    form = document_format(options.out, options.format)
    check_out(options.out)
    if options.against and not options.plan:
        raise MessageError("error.dossier.against")
    with busy("cli.busy.dossier", options.lang):
        made = _plan_dossier(options) if options.plan else _area_dossier(options)
        content = write_document(made.document, form)
    write_out(content, options.out, binary=form != "html")
    warn(made.notes)
    for sentence in made.warnings:
        typer.echo(sentence, err=True)
    if made.warnings:
        raise typer.Exit(1)


@dataclass(frozen=True, kw_only=True)
class ProfileOptions(Question):
    """Options of ``nabij profile``."""

    service: Service = ""
    format: Annotated[str | None, option("--format", "xlsx|pdf|html|docx", None, "help.format")] = None


@documents.command(epilog="nabij profile --in municipality:35014 --out oudenburg.xlsx")
@takes(ProfileOptions)
def profile(options: ProfileOptions) -> None:
    """Write the needs analysis (omgevingsanalyse) of an area or of the working area of a house, house_area:ID."""
    from layers.dossier.writers.files import FORMS, document_format, write_document

    form = document_format(options.out, options.format, ("xlsx", *FORMS))
    check_out(options.out)
    with busy("cli.busy.dossier", options.lang):
        from coverage.analysis import Engine
        from layers.dossier.requested import profile_of_area
        from layers.dossier.writers.book import write_book

        query, snapshot, facilities = ask(_with_service(options))
        analysis, notes = profile_of_area(Engine(snapshot), query, facilities, options.lang)
        content = write_book(analysis, notes) if form == "xlsx" else write_document(analysis.document, form)
    write_out(content, options.out, binary=form != "html")
    warn(notes)
    for sentence in analysis.short:
        typer.echo(sentence, err=True)
    if analysis.warnings:
        raise typer.Exit(1)


def _area_dossier(options: DossierOptions) -> Made:
    """Dossier of an area, or of the working area of a house."""
    from coverage.analysis import Engine
    from layers.dossier.requested import dossier_of_area

    query, snapshot, facilities = ask(_with_service(options))
    return dossier_of_area(Engine(snapshot), query, facilities, options.lang, options.preset, options.min_births)


def _with_service(options: Asked) -> Asked:
    """Options with a service; `InputError` without an area."""
    from loaders.catalogue.services import default_service

    if not options.areas.strip(" ,"):
        raise MessageError("error.dossier.no_area")
    return replace(options, service=options.service or default_service())


def _plan_dossier(options: DossierOptions) -> Made:
    """Dossier of a plan, held against today or another plan."""
    from coverage.analysis import Engine
    from coverage.core.query import Query
    from coverage.scenario.replay import replay
    from layers.dossier.requested import dossier_of_plan

    store = PlanStoreOptions(snapshot=options.snapshot, lang=options.lang, database=options.database)
    scenario, stated = find_plan(str(options.plan), store)
    engine = Engine(options.open_snapshot())
    done = replay(engine, scenario, stated=stated)
    against = None
    if options.against:
        other, _ = find_plan(options.against, store)
        against = replay(engine, other)
    areas = named_areas(Query.parse_areas(options.areas), engine.snapshot, scenario.query.vintage)
    return dossier_of_plan(
        engine,
        done,
        options.lang,
        str(options.plan),
        areas,
        against,
        options.against or "",
        options.preset,
        options.min_births,
    )
