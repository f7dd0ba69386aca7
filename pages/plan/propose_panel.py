"""The controls that ask for proposals of new places, and the room for what comes of them."""

from __future__ import annotations

import json
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from coverage.core.reach import place_rows
from coverage.siting.planning.question.candidates import BUILDINGS, KINDS, default_kind, some_buildings
from coverage.siting.planning.question.request import OBJECTIVES
from coverage.zones.areas import area_vintage
from i18n.numbers import separators
from i18n.texts import text
from loaders.catalogue.publishers.building_kinds import BUILDING_KINDS
from loaders.catalogue.regions.levels import LEVELS, base_level
from loaders.catalogue.regions.region_in_use import region
from pages.plan.building_list import FILE, upload
from pages.plan.why_panel import why_panel
from pages.shell.context import Context
from pages.shell.markup import attributes, select_data, sentence_case
from pages.shell.state import State as View

MAX_NEW = 50
TARGETING_STEP = 10
"""Steps of the slider from universal to targeted, in percent."""

TICK_MS = 700
"""How often the page asks how far the search is."""

VIEW, ZONE, ALL_OF_IT = "view", "zone", "all"
"""Where the new places may come: in the area of the view, in the zone that is open, anywhere; else ``level:id``."""


def panel(context: Context, state: View) -> html.Section:
    """Controls, and the room for what comes of them."""
    lang = state.lang
    title = html.H2(text("propose.title", lang), id="propose-title", className="step-title")
    helps = {name: text(f"propose.objective.{name}.help", lang) for name in OBJECTIVES}
    return html.Section(
        [
            title,
            *_question(context, state),
            html.Details(
                [html.Summary(text("propose.more", lang)), html.Div(_more(context, state), className="stack")],
                className="propose-more",
            ),
            html.Button(text("propose.go", lang), id="propose-go", className="primary-button", type="button"),
            html.Div(id="propose-progress", role="status"),
            html.Div(
                html.Button(text("propose.stop", lang), id="propose-stop", className="button", type="button"),
                id="propose-stopping",
                className="hidden",
            ),
            html.Div(id="propose-stale"),
            html.Div(id="propose-results", className="propose-results"),
            *why_panel(lang),
            dcc.Store(id="propose-job"),
            dcc.Interval(id="propose-tick", interval=TICK_MS, disabled=True),
        ],
        className="step propose",
        id="propose",
        **attributes(aria_labelledby="propose-title", data_help=json.dumps(helps, ensure_ascii=False)),
    )


def _question(context: Context, state: View) -> list[Any]:
    lang = state.lang
    return [
        dmc.Select(
            id="propose-objective",
            value=OBJECTIVES[0],
            data=select_data(list(OBJECTIVES), [text(f"propose.objective.{name}", lang) for name in OBJECTIVES]),
            allowDeselect=False,
            withCheckIcon=False,
            **attributes(aria_label=text("propose.objective", lang), aria_describedby="propose-help"),
        ),
        html.P(text(f"propose.objective.{OBJECTIVES[0]}.help", lang), id="propose-help", className="help"),
        html.Div(
            [
                html.Div(_number("n", "propose.n", lang, value=1, min=1, max=MAX_NEW), id="propose-how-many"),
                html.Div(
                    dmc.Select(
                        id="propose-where",
                        value=VIEW,
                        data=_places_to_look(context, state),
                        label=text("propose.where", lang),
                        allowDeselect=False,
                        withCheckIcon=False,
                        searchable=True,
                        limit=60,
                        maxDropdownHeight=320,
                        nothingFoundMessage=text("map.search.nothing", lang),
                    ),
                    className="propose-where",
                ),
            ],
            className="pair propose-pair",
        ),
        html.Div(_targeting(lang), id="propose-weighing"),
    ]


def _targeting(lang: str) -> list[Any]:
    """From every birth alike to births that count by deprivation."""
    ends = [text(f"propose.targeting.{end}", lang) for end in ("universal", "targeted")]
    return [
        html.P(text("propose.targeting", lang), className="slider-label", id="propose-targeting-label"),
        dmc.Slider(
            id="propose-targeting",
            value=0,
            min=0,
            max=100,
            step=TARGETING_STEP,
            marks=[{"value": 0, "label": ends[0]}, {"value": 50}, {"value": 100, "label": ends[1]}],
            thumbLabel=text("propose.targeting", lang),
            color="petrol",
            updatemode="mouseup",
            mb=28,
            mx=24,
        ),
        html.P(text("propose.targeting.help", lang), className="help"),
    ]


def _places_to_look(context: Context, state: View) -> list[dict[str, Any]]:
    """Areas to choose from: those of the view, and zones by name."""
    lang = state.lang
    here = [(name, text(f"propose.where.{name}", lang)) for name in (VIEW, ZONE, ALL_OF_IT)]
    groups = [{"group": text("propose.where.here", lang), "items": _items(here)}]
    for level in region().named:
        zones = context.snapshot.zones(level, area_vintage(level, state.query.vintage))
        named = sorted(zip(zones["zone_id"], zones["zone_name"], strict=True), key=lambda zone: str(zone[1]))
        items = _items([(f"{level}:{zone}", str(name)) for zone, name in named])
        groups.append({"group": sentence_case(text(f"level.{level}.plural", lang)), "items": items})
    return groups


def _items(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    return select_data([value for value, _ in pairs], [label for _, label in pairs])


def offered() -> tuple[str, ...]:
    """What new places can be chosen from: kinds of candidate, public buildings of one kind, and a list of one's own."""
    of_a_kind = [some_buildings([kind]) for kind in BUILDING_KINDS] if BUILDINGS in KINDS else []
    return (*KINDS, *of_a_kind, FILE)


def _words(kind: str) -> str:
    """Key of the words for something to choose from."""
    return f"propose.kind.{kind.replace(':', '.')}"


def _more(context: Context, state: View) -> list[Any]:
    lang = state.lang
    return [
        dmc.Select(
            id="propose-kind",
            value=default_kind(),
            data=_items([(kind, sentence_case(text(_words(kind), lang))) for kind in offered()]),
            label=text("propose.kind", lang),
            allowDeselect=False,
            withCheckIcon=False,
        ),
        upload(lang),
        _number("spacing", "propose.spacing", lang, min=0, suffix=" m", step=100),
        _number("least", "propose.least", lang, min=0),
        *_per_zone(lang),
        dmc.Checkbox(
            id="propose-article9",
            label=text("propose.article9", lang),
            description=text("propose.article9.help", lang),
            checked=False,
            size="sm",
        ),
        dmc.Checkbox(id="propose-capacity", label=text("propose.capacity", lang), checked=False, size="sm"),
        _number("each", "propose.each", lang, min=1, placeholder=text("propose.each.average", lang)),
        dmc.MultiSelect(
            id="propose-close",
            data=may_close(context, state),
            value=[],
            label=text("propose.close", lang),
            description=text("propose.close.help", lang),
            searchable=True,
            limit=40,
            hidePickedOptions=True,
            nothingFoundMessage=text("map.search.nothing", lang),
        ),
    ]


def _per_zone(lang: str) -> list[Any]:
    """How many places a zone has at most, and at least: one per zone, a door in every municipality."""
    levels = _items([(level, sentence_case(text(f"level.{level}.plural", lang))) for level in LEVELS])
    return [
        html.Div(
            [
                _number(bound, f"propose.{bound}", lang, min=least, max=MAX_NEW),
                dmc.Select(
                    id=f"propose-{bound}-level",
                    value=base_level(),
                    data=levels,
                    label=text(f"propose.{bound}.level", lang),
                    allowDeselect=False,
                    withCheckIcon=False,
                ),
            ],
            className="pair propose-pair",
        )
        for bound, least in (("mostper", 0), ("leastper", 1))
    ]


def _number(name: str, key: str, lang: str, **more: Any) -> dmc.NumberInput:
    return dmc.NumberInput(
        id=f"propose-{name}",
        label=text(key, lang),
        allowDecimal=False,
        allowNegative=False,
        thousandSeparator=separators(lang)[0],
        decimalSeparator=separators(lang)[1],
        **more,
    )


def may_close(context: Context, state: View) -> list[dict[str, str]]:
    """Places of the service, by name."""
    places = context.facilities(state.facilities).of_service(state.service)
    frame = places.frame.iloc[place_rows(places)]
    names = frame["name"].where(frame["name"].notna(), frame["id"]).astype(str)
    return _items(sorted(zip(frame["id"].astype(str), names, strict=True), key=lambda place: place[1]))
