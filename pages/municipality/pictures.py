"""Pictures of the page, drawn by us, as images with words for whoever cannot see them."""

from __future__ import annotations

from urllib.parse import quote

import numpy as np
import pandas as pd
import shapely
from dash import html

from coverage.case import ProgrammingTest
from coverage.zones.areas import area_shape
from i18n.texts import text
from layers.figures.analysis_map import place_labels, places_of
from layers.figures.area_charts import births_chart
from layers.figures.map_figure import DrawnPlace, DrawnZone, LegendEntry, MapFigure, draw_map
from layers.look.tokens import COLOURS
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import get_service
from pages.shell.context import Context

_MARGIN = 0.45
_MIN_M = 3_000.0


def picture(svg: bytes, alt: str) -> html.Img:
    """Drawing as an image."""
    return html.Img(src="data:image/svg+xml," + quote(svg.decode()), alt=alt, className="case-picture")


def site_map(context: Context, test: ProgrammingTest, areas: tuple[tuple[str, str], ...], lang: str) -> html.Img:
    """The area, the places around it, and its three best sites."""
    engine, analysis = context.engine, test.analysis
    shape = area_shape(engine.territory, areas, analysis.query.vintage)
    west, south, east, north = shapely.bounds(shape)
    room = max(_MARGIN * max(east - west, north - south), _MIN_M)
    base = context.snapshot.zones(region().base, region().vintage)
    service = analysis.query.service
    symbol = get_service(service).symbol
    sites = [
        DrawnPlace(float(x), float(y), "new", f"{rank}. {name}")
        for x, y, rank, name in zip(
            test.sites["x"], test.sites["y"], test.sites["rank"], test.sites["name"], strict=True
        )
    ]
    places = [
        place
        for place in places_of(analysis)
        if west - room <= place.x <= east + room and south - room <= place.y <= north + room
    ]
    drawn = [*places, *sites]
    alt = text("case.page.map.alt", lang, n=len(places), sites=", ".join(str(name) for name in test.sites["name"]))
    figure = MapFigure(
        title="",
        description=alt,
        lang=lang,
        zones=[DrawnZone(shape, COLOURS["accent-soft"])],
        legend=[LegendEntry(COLOURS["accent-soft"], text("case.page.map.area", lang))],
        around=list(base["geometry"]),
        edges=[shape],
        places=drawn,
        symbol=symbol.shape,
        symbol_colour=symbol.colour,
        places_labels=place_labels({place.state for place in drawn}, service, lang),
        extent=(west - room, south - room, east + room, north + room),
        width=720.0,
        pad=0.0,
    )
    return picture(draw_map(figure), alt)


def trend_chart(trend: pd.DataFrame, lang: str) -> html.Img | None:
    """0-year-olds by year and births counted, with axes; None with fewer than two years."""
    line = trend[trend["kind"] == "age0"].dropna().sort_values("year")
    if line.empty:
        return None
    first, last = (int(line["year"].iloc[at]) for at in (0, -1))
    alt = text(
        "case.page.trend.alt",
        lang,
        first=first,
        last=last,
        then=round(float(line["value"].iloc[0])),
        now=round(float(line["value"].iloc[-1])),
    )
    drawn = births_chart(trend, lang, ("", alt))
    return None if drawn is None else picture(drawn, alt)


def bar(share: float, label: str) -> html.Span:
    """Share as a bar; the number stands beside it as text."""
    width = 0.0 if not np.isfinite(share) else min(max(share, 0.0), 1.0)
    return html.Span(
        html.Span(className="case-bar-fill", style={"width": f"{100 * width:.1f}%"}),
        className="case-bar",
        role="presentation",
        title=label,
    )
