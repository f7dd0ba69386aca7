"""Dossiers and needs analyses at the press of a button: of the zone whose sheet is open, or of the plan shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from coverage.scenario.replay import Replay, replay
from i18n.messages import MessageError
from i18n.texts import text
from layers.dossier.document import Document
from layers.dossier.requested import dossier_of_area, dossier_of_plan, profile_of_area
from layers.dossier.weight import check_document
from layers.dossier.writers.book import write_book
from layers.dossier.writers.files import write_document
from layers.figures.area_charts import area_chart
from layers.figures.png import png_of
from layers.notes.notes import describe
from pages.documents.handed_out import handed
from pages.request.client import check_client
from pages.shell.context import Context
from pages.shell.markup import attributes, icon
from pages.shell.plans.plan_context import TODAY, PlanContext, view_of
from pages.shell.plans.plan_versions import plans
from pages.shell.state import State as View

OF_ZONE = (("dossier", "pdf"), ("dossier", "docx"), ("dossier", "html"), ("profile", "pdf"), ("profile", "xlsx"))
"""Documents of a zone, and their formats."""

OF_AREA = (*OF_ZONE, ("births", "svg"), ("births", "png"), ("fifths", "svg"), ("fifths", "png"))
"""Documents and charts of the area that a page is about."""

_CHARTS = ("births", "fifths")

_MAX_CODES = 3
"""Areas of a document whose codes its name tells."""

OF_PLAN = (("plan", "pdf"), ("plan", "docx"))
"""Documents of a plan, and their formats."""

KINDS = ("dossier", "profile", "plan", *_CHARTS)
FORMS = ("pdf", "docx", "html", "xlsx", "svg", "png")


def register(app: Dash) -> None:
    """Connect the buttons."""
    app.callback(
        Output("document-file", "data"),
        Input({"type": "document", "what": ALL, "form": ALL}, "n_clicks"),
        State("opened", "data"),
        State("choices", "data"),
        State("snapshot", "data"),
        prevent_initial_call=True,
        running=[(Output("busy", "className"), "busy on", "busy")],
    )(make)


def buttons(documents: tuple[tuple[str, str], ...], lang: str, kind: str = "document") -> html.P:
    """Build a button for each of some documents; ``kind`` is the type in their ids."""
    return html.P(
        [
            html.Button(
                [icon("download"), html.Span(text(f"document.{what}.{form}", lang))],
                id={"type": kind, "what": what, "form": form},
                className="button",
                type="button",
            )
            for what, form in documents
        ],
        className="compare-files document-files",
    )


def documents_part(
    documents: tuple[tuple[str, str], ...], lang: str, kind: str, section: str, file: str, help_key: str = ""
) -> html.Section:
    """Build the part of a page that offers documents about its question.

    Parameters
    ----------
    documents : what is offered, and in which format
    kind : type in the ids of the buttons; room for a message and the title are named after it
    section, file : ids of the part, and of what hands a file to the browser
    help_key : key of the sentence below the title, if any
    """
    return html.Section(
        [
            html.H2(text("document.heading", lang), id=f"{kind}s-title"),
            *([html.P(text(help_key, lang), className="help")] if help_key else []),
            buttons(documents, lang, kind),
            html.Div(id=f"{kind}-told", role="status"),
            dcc.Download(id=file),
        ],
        className="part",
        id=section,
        **attributes(aria_labelledby=f"{kind}s-title"),
    )


def connect_part(
    app: Dash, kind: str, section: str, file: str, question: Sequence[State], make: Callable[..., tuple[Any, Any]]
) -> None:
    """Connect the buttons of `documents_part` to ``make``, which gives the file, or why it cannot be made.

    Parameters
    ----------
    app : where the callback is registered
    kind, section, file : as `documents_part` has them
    question : what ``make`` takes after the number of clicks of every button
    """
    app.callback(
        Output(file, "data"),
        Output(f"{kind}-told", "children"),
        Input({"type": kind, "what": ALL, "form": ALL}, "n_clicks"),
        *question,
        prevent_initial_call=True,
        running=[(Output(section, "className"), "part making", "part")],
    )(make)


def downloads() -> dcc.Download:
    """Build what hands a document to the browser."""
    return dcc.Download(id="document-file")


def make(
    clicks: list[int | None], opened: dict[str, Any] | None, choices: dict[str, Any] | None, tag: str | None
) -> Any:
    """Make the document whose button was pressed."""
    if not any(clicks) or not ctx.triggered_id:
        return no_update
    return document_of(str(ctx.triggered_id["what"]), str(ctx.triggered_id["form"]), opened, choices, tag)


def document_of(
    what: str, form: str, opened: dict[str, Any] | None, choices: dict[str, Any] | None, tag: str | None
) -> dict[str, Any]:
    """Make a document from what a page shows.

    Parameters
    ----------
    what, form : one of `OF_ZONE` or `OF_PLAN`
    opened : choices with the zone whose sheet is open; None where none is
    choices : choices of the page
    tag : figures that the page shows

    Raises
    ------
    MessageError
        when no zone is open, or no plan is shown
    """
    wanted = choices if what == "plan" else opened
    if not wanted:
        raise MessageError("error.document.none")
    state, context = view_of(wanted, tag)
    check_client()
    if what == "plan":
        if not isinstance(context, PlanContext):
            raise MessageError("error.plan.nothing")
        return _plan(context, state, form)
    if not state.zone:
        raise MessageError("error.document.none")
    return _zone(context, state, what, form)


def _zone(context: Context, state: View, what: str, form: str) -> dict[str, Any]:
    """Document of the zone whose sheet is open; of a plan where one is shown."""
    return of_areas(context, state, ((state.level, state.zone),), what, form)


def of_areas(
    context: Context,
    state: View,
    areas: tuple[tuple[str, str], ...],
    what: str,
    form: str,
    judged: tuple[str | None, float | None] = (None, None),
) -> dict[str, Any]:
    """Dossier of areas, as things are or of the plan that is shown; or their needs analysis, always as things are.

    Parameters
    ----------
    context : figures, with the lists of the user
    state : question of the page
    areas : (level, id) of what the document is about
    what, form : one of `OF_AREA`
    judged : thresholds by name and the one on births, as in `dossier_of_area`
    """
    if what in _CHARTS:
        return _chart(context, state, areas, what, form)
    if isinstance(context, PlanContext) and what != "profile":
        return _plan(context, state, form, areas, judged)
    checked = state.checked()
    query = replace(checked.query, areas=areas, draws=0)
    where = _named_in_file(areas)
    name = f"nabij-{what}-{state.service}-{where}"
    places = context.present if isinstance(context, PlanContext) else context.facilities(checked.facilities)
    if what == "profile":
        analysis, notes = profile_of_area(context.engine, query, places, state.lang)
        with context.engine.limits.turn(check_document(context.engine.limits, analysis.document, form)):
            content = write_book(analysis, notes) if form == "xlsx" else write_document(analysis.document, form)
        return handed(content, f"{name}.{form}")
    made = dossier_of_area(context.engine, query, places, state.lang, *judged)
    return handed(written(context, made.document, form), f"{name}.{form}")


def _named_in_file(areas: tuple[tuple[str, str], ...]) -> str:
    """Areas in the name of a file: by their codes where these are few, else how many there are."""
    if len(areas) > _MAX_CODES:
        return f"{areas[0][0]}-{len(areas)}"
    return "-".join(f"{level}-{zone}" for level, zone in areas)


def _chart(context: Context, state: View, areas: tuple[tuple[str, str], ...], what: str, form: str) -> dict[str, Any]:
    """Chart of areas, with the places that the page counts with."""
    query = replace(context.question(state), areas=areas, draws=0)
    analysis = context.engine.analyse(query, context.facilities(state.facilities))
    drawn = area_chart(what, context.engine, analysis, describe(analysis, context.snapshot, "figure", state.lang))
    where = _named_in_file(areas)
    return handed(png_of(drawn) if form == "png" else drawn, f"nabij-{what}-{where}.{form}")


def _plan(
    context: PlanContext,
    state: View,
    form: str,
    areas: tuple[tuple[str, str], ...] = (),
    judged: tuple[str | None, float | None] = (None, None),
) -> dict[str, Any]:
    """Dossier of the plan that is shown, held against what the page compares it with."""
    scenario = context.scenario
    done = replay(context.engine, scenario, context.present)
    against: Replay | None = None
    if state.against not in ("", TODAY):
        other = plans().get(state.against, state.lang, state.key).scenario
        against = replay(context.engine, other)
    chosen = areas or state.query.areas
    other_id = against.scenario.id if against else ""
    made = dossier_of_plan(context.engine, done, state.lang, scenario.id, chosen, against, other_id, *judged)
    return handed(written(context, made.document, form), f"nabij-plan-{scenario.id[:8]}.{form}")


def written(context: Context, document: Document, form: str) -> bytes:
    """Write a document when it is its turn, which is given by what it takes."""
    with context.engine.limits.turn(check_document(context.engine.limits, document, form)):
        return write_document(document, form)
