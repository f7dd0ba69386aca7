"""One HTML file with a map that works without network: Leaflet, typeface, borders and figures all inside.

Only the background map, off until someone asks for it, needs the internet.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, MacroElement
from folium.template import Template
from jinja2 import Environment

from coverage.analysis import Analysis
from i18n.texts import format_number, text
from layers.maps.map_data import data_uri, map_data
from layers.maps.scales.classes import ramp
from layers.maps.symbols import mark_style
from layers.notes.notes import Notes, births_out_of_reach, demand_words
from loaders.catalogue.services import get_service
from loaders.snapshot.reader import Snapshot

_HERE = Path(__file__).parent.parent
_FONT = _HERE.parent / "assets" / "fonts" / "source-sans-3-latin-wght-normal.woff2"
_LEAFLET = _HERE / "vendor" / "leaflet"
_PAGE = _HERE / "standalone"


class OfflineMap(folium.Map):
    """A folium map that links to nothing: Leaflet stands in the page itself."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012  (folium reads it from the class)
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        super().__init__(tiles=None, **options)
        self.add_child(_Inlined(_leaflet_css(), _leaflet_js()))


class _Inlined(MacroElement):
    """Style and script as they are, in the head of the page."""

    _template = Template(
        "{% macro header(this, kwargs) %}<style>{{ this.css }}</style><script>{{ this.js }}</script>{% endmacro %}"
    )

    def __init__(self, css: str, js: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Inlined"
        self.css, self.js = css, js.replace("</", "<\\/")


class _Drawing(MacroElement):
    """The panels around the map, and the call that fills it."""

    _template = Template(
        "{% macro html(this, kwargs) %}{{ this.panels }}{% endmacro %}"
        "{% macro script(this, kwargs) %}"
        "nabijDraw({{ this._parent.get_name() }}, "
        "Object.assign({{ this.data }}, {basemap: {{ this.basemap.get_name() }}}));"
        "{% endmacro %}"
    )

    def __init__(self, panels: str, data: str, basemap: Element) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Drawing"
        self.panels, self.data, self.basemap = panels, data, basemap


def standalone_map(analysis: Analysis, snapshot: Snapshot, notes: Notes) -> str:
    """Return the page: choropleth, places, hectare distances, ranking, legend, notes.

    The same analysis gives the same page, byte for byte.

    Parameters
    ----------
    analysis : what to show
    snapshot : where the borders come from
    notes : title, question, warning, sources; their language is that of the page
    """
    data = map_data(analysis, snapshot, notes.lang)
    page = OfflineMap(
        location=(51.0, 4.4), zoom_start=9, zoom_snap=0.25, prefer_canvas=True, zoom_control="bottomright"
    )
    basemap = folium.TileLayer("OpenStreetMap", name="basemap", overlay=True, show=False)
    page.add_child(basemap)
    page.add_child(_Inlined(_style(), _read(_PAGE / "map.js")))
    page.add_child(_Drawing(_panels(analysis, notes, data), _script_safe(data), basemap))
    figure: Any = page.get_root()
    figure.title = f"{notes.title} · nabij"
    _number(figure)
    return str(figure.render()).replace("<html>", f'<html lang="{notes.lang}">', 1)


def _panels(analysis: Analysis, notes: Notes, data: dict[str, Any]) -> str:
    lang = notes.lang
    demand = text(f"demand.{analysis.demand.kind}", lang)
    words = ("indicator", "sources")
    texts = {name: text(f"standalone.{name}", lang) for name in words}
    texts["other"] = text("standalone.places.other", lang)
    texts["ranking"] = text("standalone.ranking", lang, demand=demand)
    symbol = get_service(analysis.query.service).symbol
    open_places = sum(1 for place in data["places"] if place[-1])
    return str(
        Environment(autoescape=True)
        .from_string(_read(_PAGE / "page.html"))
        .render(
            notes=notes,
            lines=notes.lines(),
            texts=texts,
            key=_key(analysis, lang),
            legends=data["legends"],
            places={
                "colour": symbol.colour,
                "style": mark_style(symbol),
                "label": text(f"service.{analysis.query.service}", lang),
                "open": open_places,
                "other": len(data["places"]) - open_places,
            },
            ranking=data["ranking"],
            accent=ramp(6)[3],
        )
    )


def _key(analysis: Analysis, lang: str) -> dict[str, str]:
    """The one figure that answers the question, with its words."""
    out, total = births_out_of_reach(analysis)
    if out is None:
        table = analysis.table
        level = text(f"level.{analysis.query.level}.plural", lang)
        judged = int(table["gap"].notna().sum())
        told = {"zones": format_number(judged, lang), "level": level}
        lacking = format_number(len(table) - judged, lang)
        words = text("standalone.key.none", lang, **told)
        if judged < len(table):
            words = f"{words} {text('standalone.key.unjudged', lang, n=lacking)}"
        number = None if judged == 0 else int(table["gap"].sum())
        return {"number": format_number(number, lang), "words": words}
    words = text("standalone.key", lang, total=format_number(total, lang), demand=demand_words(analysis, lang))
    return {"number": format_number(out, lang), "words": words}


def _script_safe(data: dict[str, Any]) -> str:
    """JSON that cannot end the script element it stands in, nor open another."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _number(root: Element) -> None:
    """Give elements names that follow from their order, instead of random ones, so that pages can be made again."""
    queue = [root]
    for number, element in enumerate(queue):
        element._id = f"{number:04d}"
        queue.extend(element._children.values())


def _style() -> str:
    return _read(_PAGE / "map.css").replace("FONT", data_uri("font/woff2", _FONT.read_bytes()))


@cache
def _leaflet_css() -> str:
    css = _read(_LEAFLET / "leaflet.css")
    for picture in sorted((_LEAFLET / "images").glob("*.png")):
        css = css.replace(f"images/{picture.name}", data_uri("image/png", picture.read_bytes()))
    return css


@cache
def _leaflet_js() -> str:
    return _read(_LEAFLET / "leaflet.js").replace("//# sourceMappingURL=leaflet.js.map", "")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
