"""Pictures of an answer to a norm: who stays out of reach by municipality, and the frontier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from coverage.norm import NormAnswer
from i18n.texts import format_number, text
from layers.figures.analysis_map import legend_entries, place_labels, radii_of
from layers.figures.frontier_chart import draw_frontier
from layers.figures.map_figure import DrawnPlace, DrawnZone, MapFigure, draw_map
from layers.maps.scales.classes import class_index, legend_for
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import get_service

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot


def norm_map(answer: NormAnswer, snapshot: Snapshot, lang: str, width: float = 960.0) -> tuple[bytes, str]:
    """Municipalities by who stays out, and where new places come; with words for whoever cannot see it."""
    base = snapshot.zones(region().base, region().vintage).set_index("zone_id")["geometry"]
    table = pd.DataFrame(
        {
            "zone_id": answer.zones["zone_id"],
            "births": answer.zones["births"],
            "births_out_of_reach": answer.zones["births_out_after"].round(6),
        }
    )
    legend = legend_for(table, "births_out_of_reach")
    index = class_index(table["births_out_of_reach"], legend)
    zones = [
        DrawnZone(base[zone], legend.colours[at] if at >= 0 else "", radius=radius)
        for zone, at, radius in zip(
            table["zone_id"], index, radii_of(table["births_out_of_reach"], legend), strict=True
        )
    ]
    places = [
        DrawnPlace(float(x), float(y), "new") for x, y in zip(answer.places["x"], answer.places["y"], strict=True)
    ]
    if answer.request.keeps:
        rows = answer.analysis.facilities.reachable()
        places = [*(DrawnPlace(float(x), float(y)) for x, y in zip(rows["x"], rows["y"], strict=True)), *places]
    service = answer.analysis.query.service
    symbol = get_service(service).symbol
    alt = text("norm.page.map.alt", lang, n=len(answer.places))
    drawn = draw_map(
        MapFigure(
            title="",
            description=alt,
            lang=lang,
            zones=zones,
            legend=legend_entries(legend, lang, without=False, zones=len(table)),
            legend_title=text("norm.page.map.legend", lang),
            places=places,
            symbol=symbol.shape,
            symbol_colour=symbol.colour,
            places_labels=place_labels({place.state for place in places}, service, lang),
            width=width,
            pad=0.0,
        )
    )
    return drawn, alt


def norm_frontier(answer: NormAnswer, lang: str, height: float = 360.0) -> tuple[bytes, str]:
    """Frontier of the number of new places against what is within reach; with words for whoever cannot see it."""
    table = answer.frontier
    alt = text(
        "norm.page.frontier.alt",
        lang,
        n=int(table["places"].iloc[-1]),
        reached=format_number(float(table["weight_in_reach"].iloc[-1]), lang),
        bound=format_number(float(table["weight_bound"].iloc[-1]), lang),
    )
    labels = text("norm.page.frontier.found", lang), text("norm.page.frontier.bound", lang)
    axes = text("norm.page.frontier.x", lang), text("norm.page.frontier.y", lang)
    drawn = draw_frontier(
        table["places"].tolist(), table["weight_in_reach"].tolist(), table["weight_bound"].tolist(), lang, labels, axes,
        alt, height,
    )  # fmt: skip
    return drawn, alt
