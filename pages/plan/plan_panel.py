"""The panel of a plan, in the sidebar: its name, how it stands against today, what can be done, and what was done."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html

from coverage.scenario.wording import in_words
from i18n.texts import text
from layers.views.plan_view import PlanStanding
from loaders.catalogue.regions.region_in_use import region
from pages.explore.sidebar import steps
from pages.shell.context import Context
from pages.shell.markup import attributes, icon, select_data
from pages.shell.masthead import masthead
from pages.shell.plans.plan_context import PlanContext
from pages.shell.plans.plan_versions import PlanVersion
from pages.shell.state import State

_MAX_CHANGES = 60
"""Changes listed; a longer plan says how many there are."""


def sidebar(context: Context, state: State, *more: Any) -> html.Nav:
    """Everything beside the map of a plan; ``more`` stands between the changes and the question."""
    lang = state.lang
    return html.Nav(
        [
            masthead(state, "plan"),
            html.A(
                [icon("arrow"), html.Span(text("plan.to_map", lang))],
                href="./" + state.address(plan="", against="", key=""),
                className="example back",
                id="back",
                **attributes(data_map="./"),
            ),
            html.Section(
                [html.Div(id="plan-head"), _file_buttons(lang), html.Div(id="plan-warnings")],
                className="plan-top",
            ),
            html.Div(
                [
                    html.Section(id="plan-now", className="plan-now", **attributes(aria_live="polite")),
                    html.P(text("plan.busy", lang), className="plan-working", **attributes(aria_hidden="true")),
                ],
                className="plan-standing",
            ),
            _tools(lang),
            html.Section(id="plan-changes", className="plan-changes"),
            _bridge(lang),
            _by_hand(context, lang),
            *more,
            _question(context, state),
        ],
        className="sidebar plan-sidebar",
        **attributes(aria_label=text("plan.sidebar", lang)),
    )


def head(version: PlanVersion, lang: str) -> list[Any]:
    """Name of the plan and whether it is saved."""
    scenario = version.scenario
    name = scenario.name or text("plan.unnamed", lang)
    kind = "kept" if version.kept else "changed" if scenario.name else "draft"
    return [
        html.H2(name, className="plan-name", id="plan-name"),
        html.P(scenario.note, className="plan-note") if scenario.note else None,
        html.P(text(f"plan.state.{kind}", lang), className=f"plan-state {kind}"),
    ]


def warnings(context: PlanContext, trouble: str, lang: str) -> list[Any]:
    """What to know before trusting the figures: other data, changes that do not count, what is written away."""
    parts: list[Any] = []
    if context.on_other_data:
        parts.append(
            html.Div(
                [html.Strong(text("plan.other_data.title", lang)), html.P(text("plan.other_data", lang))],
                className="callout warn",
                role="alert",
                id="plan-other-data",
            )
        )
        skipped = sorted(context.applied.faults)
        parts += [html.P(text("plan.skipped", lang, n=number), className="callout warn") for number in skipped]
    if context.scenario.places is not None:
        parts.append(html.P(text("plan.own_list", lang), className="callout", id="plan-own-list"))
    if trouble:
        parts.append(html.P(text("plan.in_memory", lang, why=trouble.rstrip(".")), className="callout warn"))
    return parts


def told_of(state: State) -> str:
    """What the figures of the panel are about, so that the browser knows whether they are those of the map."""
    return "/".join((state.plan, state.service, state.areas, state.model))


def standing(totals: PlanStanding, of: str, lang: str) -> list[Any]:
    """How the plan stands against what it is compared with, in big figures."""
    title = html.H2(totals.title, className="step-title", **attributes(data_of=of))
    if not totals.known:
        return [title, html.P(text("plan.now.unknown", lang), className="help")]
    return [
        title,
        html.P(
            [
                html.Span(totals.before, className="figure-before"),
                html.Span("→", className="figure-arrow", **attributes(aria_label=text("plan.now.becomes", lang))),
                html.Span(totals.after, className="figure"),
            ]
            if totals.changed
            else html.Span(totals.after, className="figure"),
            className="plan-figure",
        ),
        html.P(totals.words, className="figure-words"),
        html.P(
            [
                html.Span([html.B(totals.gained), " ", text("plan.now.gained", lang)], className="change-more"),
                html.Span([html.B(totals.lost), " ", text("plan.now.lost", lang)], className="change-less"),
            ],
            className="plan-change",
        )
        if totals.changed
        else None,
        html.Dl(
            [item for name, value in totals.distances for item in (html.Dt(name), html.Dd(value))],
            className="figures",
        ),
        html.P(totals.beyond, className="help") if totals.beyond else None,
    ]


def changes(context: PlanContext, lang: str) -> list[Any]:
    """List what was changed, each with a button that takes it back."""
    title = html.H2(text("plan.changes", lang), className="step-title")
    phrases = in_words(context.scenario, context.present, lang)
    if not phrases:
        return [title, html.P(text("plan.changes.none", lang), className="help")]
    first = max(0, len(phrases) - _MAX_CHANGES)
    items = [
        html.Li(
            [
                html.Span(className=f"plan-key key-{edit.kind}", **attributes(aria_hidden="true")),
                html.Span(phrase, className="change-words"),
                html.Button(
                    icon("close"),
                    className="icon-button",
                    type="button",
                    title=text("plan.changes.drop", lang, what=phrase),
                    **attributes(
                        data_plan="drop", data_at=str(at), aria_label=text("plan.changes.drop", lang, what=phrase)
                    ),
                ),
            ]
        )
        for at, (edit, phrase) in enumerate(zip(context.scenario.edits, phrases, strict=True))
    ]
    return [title, html.Ol(items[first:], className="change-list", start=str(first + 1))]


def _small(name: str, picture: str, words: str) -> html.Button:
    """Build a button that shows a picture alone."""
    return html.Button(
        icon(picture),
        className="button step-button",
        type="button",
        id=f"plan-step-{name}",
        title=words,
        **attributes(data_plan=name, aria_label=words),
    )


def _file_buttons(lang: str) -> html.Div:
    return html.Div(
        [
            html.Button(
                [icon("keep"), html.Span(text("plan.keep", lang))],
                className="button",
                type="button",
                id="plan-keep",
                **attributes(data_plan="keep"),
            ),
            html.Button(
                [icon("folder"), html.Span(text("plan.list", lang))], className="button", type="button", id="plan-list"
            ),
            _small("link", "link", text("plan.link", lang)),
            _small("export", "download", text("plan.export.title", lang)),
        ],
        className="plan-buttons",
    )


def _tools(lang: str) -> html.Div:
    return html.Div(
        [
            html.Button(
                [icon("plus"), html.Span(text("plan.add", lang))],
                className="button primary",
                type="button",
                id="plan-add",
                **attributes(data_plan="add", aria_pressed="false"),
            ),
            _small("undo", "undo", text("plan.undo", lang)),
            _small("redo", "redo", text("plan.redo", lang)),
            html.Button(
                [icon("compare"), html.Span(text("plan.compare", lang))],
                className="button wide",
                type="button",
                id="plan-compare",
                **attributes(data_plan="compare"),
            ),
            html.A(
                [icon("check"), html.Span(text("plan.test", lang))],
                href="gemeente",
                className="button wide",
                id="plan-test",
                title=text("plan.test.help", lang),
                **attributes(data_onward="gemeente"),
            ),
        ],
        className="plan-tools",
    )


def _bridge(lang: str) -> html.Details:
    """Build what draws a bridge: for whom, and how."""
    kinds = (("walk", "walk,bike"), ("car", "walk,bike,car"))
    return html.Details(
        [
            html.Summary(text("plan.bridge", lang)),
            html.Div(
                [
                    *[
                        html.Button(
                            [icon("plus"), html.Span(text(f"plan.bridge.{name}", lang))],
                            className="button",
                            type="button",
                            **attributes(data_plan="bridge", data_modes=modes),
                        )
                        for name, modes in kinds
                    ],
                    html.P(text("plan.bridge.help", lang), className="help"),
                ],
                className="stack",
            ),
        ],
        className="plan-fold",
        id="plan-bridge",
    )


def _by_hand(context: Context, lang: str) -> html.Details:
    """Build what the mouse does on the map, for whoever has no mouse."""
    zones = context.snapshot.zones(region().base, region().vintage).sort_values("zone_name")
    return html.Details(
        [
            html.Summary(text("plan.by_hand", lang)),
            html.Div(
                [
                    _labelled("plan-pick", text("plan.by_hand.place", lang), [], lang),
                    _labelled(
                        "plan-municipality",
                        text("plan.by_hand.municipality", lang),
                        select_data(zones["zone_id"].tolist(), zones["zone_name"].tolist()),
                        lang,
                    ),
                    html.P(text("plan.by_hand.municipality.help", lang), className="help"),
                    html.Div(
                        [
                            dmc.TextInput(
                                id="plan-spot", label=text("plan.by_hand.spot", lang), size="sm", className="grow"
                            ),
                            html.Button(
                                text("plan.by_hand.add", lang),
                                className="button",
                                type="button",
                                **attributes(data_plan="by-hand"),
                            ),
                        ],
                        className="plan-spot",
                    ),
                    html.P(text("plan.by_hand.spot.help", lang), className="help"),
                ],
                className="stack",
            ),
        ],
        className="plan-fold",
        id="plan-by-hand",
    )


def _labelled(name: str, label: str, data: list[dict[str, str]], lang: str) -> dmc.Select:
    return dmc.Select(
        id=name,
        label=label,
        data=data,
        searchable=True,
        limit=60,
        size="sm",
        withCheckIcon=False,
        nothingFoundMessage=text("map.search.nothing", lang),
        selectFirstOptionOnChange=True,
    )


def _question(context: Context, state: State) -> html.Details:
    """Build the choices of the explorer; those of reach and children change the plan."""
    lang = state.lang
    places = text(f"sidebar.facilities.{state.facilities}", lang).lower()
    only = select_data([state.facilities], [places])
    fixed = dmc.SegmentedControl(id="facilities", value=state.facilities, data=only)
    return html.Details(
        [
            html.Summary(text("plan.question", lang)),
            html.Div(
                [
                    html.P(text("plan.question.help", lang), className="help"),
                    *steps(context, state),
                    html.P(text("plan.places", lang, places=places), className="help"),
                    html.Div([fixed, html.P(id="facilities-help")], className="hidden"),
                ],
                className="plan-question",
            ),
        ],
        className="plan-fold",
        id="plan-question",
    )
