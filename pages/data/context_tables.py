"""Context on the data page: what surveys published beside the list in use, and what is documented over the years."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pandas as pd
import shapely
from dash import html

from coverage.partnerships.rule import house_rule
from coverage.partnerships.survey import survey_comparison
from coverage.zones.known_places import dated_facts, known_places
from i18n.texts import format_number, format_percent, text
from layers.look.tokens import COLOURS
from layers.maps.list_picture import dots_picture
from layers.notes.access_notes import known_summary
from layers.notes.overlap_notes import survey_words
from layers.sentences import listed
from loaders.catalogue.columns import HOUSE_MODELS
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.services import service_with_area_rule, services
from loaders.snapshot.reader import Snapshot
from pages.data.data_tables import plain_table
from pages.shell.context import Context
from pages.shell.made_up import stamp
from pages.shell.markup import attributes
from pages.shell.state import State


def survey_table(context: Context, state: State) -> html.Div:
    """Published figures beside those of the list in use; a made-up list says so."""
    lang, facilities = state.lang, context.facilities(state.facilities)
    rows = []
    table = survey_comparison(context.snapshot, facilities)
    order = table["ours"].isna().to_numpy().argsort(kind="stable")  # what the list can count comes first
    for row in table.iloc[order].to_dict("records"):
        words = survey_words(row, lang)
        made_up = stamp(lang, str(row["evidence"])) if words["ours"] != "–" else None
        rows.append(
            html.Tr(
                [
                    html.Th([words["subject"], html.Span(words["scope"], className="help")], scope="row"),
                    html.Td(words["published"]),
                    html.Td(str(row["year"])),
                    html.Td([words["ours"], made_up] if made_up else words["ours"]),
                    html.Td(words["comparison"]),
                    html.Td(str(row["source_title"])),
                ]
            )
        )
    names = ("subject", "published", "year", "ours", "comparison", "source")
    shown = plain_table([text(f"data.survey.{name}", lang) for name in names], rows, "survey-table")
    return html.Div([shown, html.P(text("survey.caveat", lang), className="help")])


def housing_table(context: Context, state: State) -> html.Div:
    """How many houses of the list in use work in which way, and the share of bureaus on the site of one."""
    lang, facilities = state.lang, context.facilities(state.facilities)
    table = house_rule(context.snapshot, facilities)
    if table.empty:
        return html.Div(html.P(text("data.housing.none", lang)))
    counts = table["model"].fillna("unknown").value_counts()
    rows = [
        html.Tr(
            [
                html.Th(text(f"data.housing.model.{name}", lang), scope="row"),
                html.Td(format_number(int(counts.get(name, 0)), lang), className="number"),
            ]
        )
        for name in (*HOUSE_MODELS, "unknown")
    ]
    shown = plain_table([text(f"data.housing.{name}", lang) for name in ("model", "houses")], rows, "housing-table")
    known = table[table["n_bureaus"].notna()]
    bureaus, on_site = int(known["n_bureaus"].sum()), int(known["bureaus_on_site"].sum())
    told = []
    if bureaus:
        share = format_percent(on_site / bureaus, lang)
        words = {"on_site": format_number(on_site, lang), "bureaus": format_number(bureaus, lang), "share": share}
        told.append(text("data.housing.on_site", lang, **words))
    if len(known) < len(table):
        told.append(text("data.housing.not_known", lang, n=format_number(len(table) - len(known), lang)))
    picture = _houses_picture(context, facilities, table, lang)
    return html.Div(
        [stamp(lang, facilities.evidence), shown, picture, *(html.P(one, className="help") for one in told)]
    )


_MODEL_COLOURS = {"one_roof": "accent", "antennas": "moved", "virtual": "reach", "unknown": "line-strong"}
_SITE_RADIUS, _RADIUS, _MAX_RADIUS = 3.4, 2.2, 7.0


def _houses_picture(context: Context, facilities: Facilities, table: pd.DataFrame, lang: str) -> Any:
    """Map of the places of houses by how each house works, larger where a bureau stands on its site."""
    places = facilities.of_service(service_with_area_rule().id).frame
    places = places[places["x"].notna()]
    if places.empty:
        return None
    of = table.set_index("house_id")
    models = places["house_id"].map(of["model"].fillna("unknown")).fillna("unknown")
    shared = places["house_id"].map(of["bureaus_on_site"]).fillna(0) > 0
    groups, legend = [], []
    for name, colour in _MODEL_COLOURS.items():
        inside = (models == name).to_numpy()
        if not inside.any():
            continue
        for on_site, radius in ((False, _RADIUS), (True, _SITE_RADIUS)):
            points = places.loc[inside & (shared.to_numpy() == on_site), ["x", "y"]].to_numpy(float)
            groups.append((points, COLOURS[colour], radius))
        dot = html.Span(className="dot", style={"background": COLOURS[colour]}, **attributes(aria_hidden="true"))
        words = text(f"data.housing.model.{name}", lang)
        legend.append(html.Li([dot, f"{words}: {format_number(int(inside.sum()), lang)}"]))
    counts = {"places": format_number(len(places), lang), "shared": format_number(int(shared.sum()), lang)}
    alt = text("data.housing.picture", lang, **counts)
    picture = _image(dots_picture(groups, context.snapshot), alt)
    return html.Figure([picture, html.Ul(legend, className="dots"), html.Figcaption(alt, className="help")])


def _image(drawn: bytes, alt: str) -> html.Img:
    source = f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode()}"
    return html.Img(src=source, alt=alt, className="list-picture")


def known_table(context: Context, lang: str) -> html.Div:
    """Every year of which something is documented, the newest first; a year opens on its municipalities."""
    snapshot = context.snapshot
    table = context.engine.remember(("known_places",), lambda: known_places(snapshot))
    kinds = list(services())
    kinds = [name for name in kinds if (table["service"] == name).any()]
    rows = [
        html.Tr(
            [
                html.Th(str(year), scope="row"),
                *(
                    html.Td(_of_year(table[(table["year"] == year) & (table["service"] == name)], snapshot, lang))
                    for name in kinds
                ),
            ]
        )
        for year in sorted(table["year"].unique(), reverse=True)
    ]
    heads = [text("data.known.year", lang), *(text(f"sidebar.service.{name}", lang) for name in kinds)]
    notes = [known_summary(dated_facts(snapshot), lang), text("known.caveat", lang), text("known.caveat.planned", lang)]
    return html.Div(
        [plain_table(heads, rows, "known-table"), *(html.P(sentence, className="help") for sentence in notes)]
    )


def _of_year(there: pd.DataFrame, snapshot: Snapshot, lang: str) -> Any:
    """Municipalities with a documented place, behind their number: on a map, larger for more places, and by name."""
    if not len(there):
        return html.Span(text("data.known.nothing", lang), className="help")
    places, n = int(there["places_at_least"].sum()), len(there)
    key = "data.known.one" if n == 1 else "data.known.count"
    summary = text(key, lang, places=format_number(places, lang), n=format_number(n, lang))
    zones = snapshot.zones("municipality", int(there["vintage"].iloc[0])).set_index("zone_id").loc[there["zone_id"]]
    middle = shapely.get_coordinates(shapely.point_on_surface(zones["geometry"].to_numpy()))
    radius = np.minimum(_SITE_RADIUS * np.sqrt(there["places_at_least"].to_numpy(float)), _MAX_RADIUS)
    groups = [(middle[radius == one], COLOURS["accent"], float(one)) for one in np.unique(radius)]
    picture = _image(dots_picture(groups, snapshot), text("data.known.picture", lang, said=summary))
    return html.Details(
        [html.Summary(summary), picture, html.P(listed([str(name) for name in there["zone_name"]], lang))]
    )
