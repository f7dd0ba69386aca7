"""A map that stands by itself: title, zones, places, names, legend, scale, north, source and warning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely

from i18n.texts import format_number, text
from layers.figures.drawing import Box, Drawing, number, path_of, text_width, wrapped
from layers.look.tokens import COLOURS
from layers.maps.symbols import outline_points

INK, QUIET, LAND, SEA, LINE, PLAIN = (COLOURS[name] for name in ("ink", "ink-2", "land", "sea", "line-strong", "plain"))
WARN, WARN_INK, NEW = COLOURS["warn"], COLOURS["warn-ink"], COLOURS["reach"]
PAD = 16.0
_LEGEND_WIDTH = 190.0
_GONE = "#6b7479"
_LOWEST, _HIGHEST = 250.0, 560.0
_AWAY = (0.0, -15.0, 15.0, -27.0, 27.0)
"""How far a name may stand from the middle of its zone."""
_SCALES_M = tuple(step * 10**power for power in range(1, 6) for step in (1, 2, 5))


@dataclass(frozen=True)
class DrawnZone:
    """A zone: its shape in metres, its colour (empty for none), and its name where one is to be written.

    With a ``radius`` in pixels it shows a count: the colour is that of a circle on it, and its ground stays plain.
    """

    shape: Any
    colour: str
    name: str = ""
    radius: float | None = None


@dataclass(frozen=True)
class DrawnPlace:
    """A place in metres; ``state`` is open, other (families cannot walk in), new or gone."""

    x: float
    y: float
    state: str = "open"
    name: str = ""


@dataclass(frozen=True)
class LegendEntry:
    """A colour and its words; of a circle where it has a radius in pixels."""

    colour: str
    label: str
    radius: float | None = None


@dataclass(frozen=True)
class MapFigure:
    """All that a map shows.

    Attributes
    ----------
    title, subtitle, source, warning : words around it; the warning is empty where nothing is made up
    lang : language of scale and north
    zones : zones with a colour, in metres
    around : shapes of the surroundings, without colour
    edges : shapes whose border is drawn strongly
    named : (name, shape) of parts that are only named, the first of them first
    legend : classes from top to bottom, under ``legend_title`` and ``legend_unit``
    places : places, drawn as ``symbol`` says; ``places_labels`` are words by state, for those that are there
    extent : what is shown, in metres: west, south, east, north; None for all zones with a margin
    width, height : size in pixels, the words included; height 0 for one that suits what is shown
    description : what the map shows, for whoever cannot see it
    pad : room around the picture, 0 where a page has it
    steepest : how high the map is at most, of its width
    """

    title: str
    lang: str
    zones: Sequence[DrawnZone]
    legend: Sequence[LegendEntry]
    legend_title: str = ""
    legend_unit: str = ""
    subtitle: str = ""
    source: str = ""
    warning: str = ""
    around: Sequence[Any] = ()
    edges: Sequence[Any] = ()
    named: Sequence[tuple[str, Any]] = ()
    places: Sequence[DrawnPlace] = ()
    symbol: str = "circle"
    symbol_colour: str = INK
    places_labels: dict[str, str] = field(default_factory=dict)
    extent: Box | None = None
    width: float = 960.0
    height: float = 0.0
    description: str = ""
    pad: float = PAD
    steepest: float = 0.8


def draw_map(figure: MapFigure) -> bytes:
    """Draw a map as SVG; without a height, one that suits what is shown."""
    figure = figure if figure.height else replace(figure, height=_suiting(figure))
    picture = Drawing(figure.width, figure.height, figure.title, figure.description or figure.subtitle)
    picture.rect((0, 0, figure.width, figure.height), "#ffffff")
    top = _head(picture, figure)
    bottom = _foot(picture, figure)
    left = figure.width - figure.pad - _LEGEND_WIDTH
    frame = (figure.pad + 0.5, top, left - figure.pad - PAD - 0.5, bottom - top)
    view = _View.of(figure, frame)
    _ground(picture, figure, view)
    _circles(picture, figure, view)
    _places(picture, figure, view)
    _names(picture, figure, view)
    _scale(picture, figure, view)
    picture.add("</g>")
    picture.add(
        f'<rect x="{number(frame[0])}" y="{number(frame[1])}" width="{number(frame[2])}" '
        f'height="{number(frame[3])}" fill="none" stroke="{LINE}"/>'
    )
    _legend(picture, figure, left, top)
    return picture.svg()


def _suiting(figure: MapFigure) -> float:
    """Height with which the map fills its frame, and the legend has room."""
    trial = Drawing(figure.width, 0, "")
    top = _head(trial, figure)
    bottom = -_foot(trial, replace(figure, height=0.0))
    west, south, east, north = figure.extent or _bounds(figure)
    wide = figure.width - 2 * figure.pad - _LEGEND_WIDTH - PAD
    fitting = wide * (north - south + 500) / (east - west + 500)
    legend = 60.0 + 24.0 * (len(figure.legend) + len(figure.places_labels)) + 18.0 * len(figure.legend_unit) / 30
    return top + bottom + min(max(fitting, legend, _LOWEST), max(figure.steepest * wide, legend), _HIGHEST)


def _bounds(figure: MapFigure) -> Box:
    west, south, east, north = shapely.total_bounds(np.array([zone.shape for zone in figure.zones], dtype=object))
    return float(west), float(south), float(east), float(north)


@dataclass(frozen=True)
class _View:
    """How metres lie in the frame."""

    frame: Box
    origin: tuple[float, float]
    scale: float

    @classmethod
    def of(cls, figure: MapFigure, frame: Box) -> _View:
        west, south, east, north = figure.extent or _bounds(figure)
        margin = 0.03 * max(east - west, north - south, 500.0)
        west, south, east, north = west - margin, south - margin, east + margin, north + margin
        scale = min(frame[2] / (east - west), frame[3] / (north - south))
        spare = (frame[2] / scale - (east - west)) / 2, (frame[3] / scale - (north - south)) / 2
        return cls(frame, (west - spare[0], north + spare[1]), scale)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.frame[0] + (x - self.origin[0]) * self.scale, self.frame[1] + (self.origin[1] - y) * self.scale

    def box(self) -> shapely.Polygon:
        """What the frame shows, in metres."""
        x, y = self.origin
        return shapely.box(x, y - self.frame[3] / self.scale, x + self.frame[2] / self.scale, y)

    def path(self, shape: Any) -> str:
        return path_of(shape, self.scale, self.frame[0], self.frame[1], self.origin)


def _head(picture: Drawing, figure: MapFigure) -> float:
    """Words above the map; returns where the map begins."""
    if not (figure.title or figure.warning):
        return 0.5
    y = PAD + 14.0
    if figure.warning:
        lines = wrapped(figure.warning, figure.width - 4 * PAD, 12.5, bold=True)
        picture.rect((0, 0, figure.width, 12 + 17.0 * len(lines)), WARN)
        picture.paragraph((2 * PAD, 19), figure.warning, figure.width - 4 * PAD, 12.5, colour=WARN_INK, bold=True)
        y += 12 + 17.0 * len(lines)
    width = figure.width - 2 * PAD
    y = picture.paragraph((PAD, y + 6), figure.title, width, 20, colour=INK, bold=True, leading=1.2)
    if figure.subtitle:
        y = picture.paragraph((PAD, y - 3), figure.subtitle, width, 13.5, colour=QUIET)
    return y - 6


def _foot(picture: Drawing, figure: MapFigure) -> float:
    """Words below the map; returns where the map ends."""
    if not figure.source:
        return figure.height - max(figure.pad, 0.5)
    lines = wrapped(figure.source, figure.width - 2 * PAD, 10.5)
    y = figure.height - PAD / 2 - 14.0 * len(lines)
    picture.paragraph((PAD, y + 10), figure.source, figure.width - 2 * PAD, 10.5, colour=QUIET, leading=14 / 10.5)
    return y - PAD / 2


def _ground(picture: Drawing, figure: MapFigure, view: _View) -> None:
    """Surroundings, zones and strong borders, cut at the frame."""
    x, y, w, h = view.frame
    picture.add(
        f'<clipPath id="frame"><rect x="{number(x)}" y="{number(y)}" width="{number(w)}" height="{number(h)}"/>'
        '</clipPath><pattern id="none" width="7" height="7" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="7" height="7" fill="#eceff0"/>'
        f'<path d="M0 0V7" stroke="#b9c1c5" stroke-width="2"/></pattern>'
    )
    picture.add('<g clip-path="url(#frame)">')
    picture.rect(view.frame, SEA)
    shown = view.box().buffer(50 / view.scale)
    around = _cut(figure.around, shown, 0.6 / view.scale)
    picture.add(f'<path d="{"".join(map(view.path, around))}" fill="{LAND}" stroke="#c3ccd0" stroke-width="0.7"/>')
    many = len(figure.zones) > 900
    shapes = _cut([zone.shape for zone in figure.zones], None, 0.6 / view.scale)
    edge = "0.25" if many else "0.6"
    for zone, shape in zip(figure.zones, shapes, strict=True):
        fill = (zone.colour if zone.radius is None else PLAIN) if zone.colour else "url(#none)"
        about = f"<title>{_escaped(zone.name)}</title>" if zone.name else ""
        picture.add(f'<path d="{view.path(shape)}" fill="{fill}" stroke="#ffffff" stroke-width="{edge}">{about}</path>')
    strong = _cut(figure.edges, None, 0.6 / view.scale)
    picture.add(f'<path d="{"".join(map(view.path, strong))}" fill="none" stroke="{INK}" stroke-width="1.6"/>')


def _circles(picture: Drawing, figure: MapFigure, view: _View) -> None:
    """Counts of zones, the large ones first."""
    counted = [zone for zone in figure.zones if zone.colour and zone.radius]
    for zone in sorted(counted, key=lambda one: -(one.radius or 0.0)):
        point = zone.shape.representative_point()
        x, y = view.at(point.x, point.y)
        picture.add(_circle(x, y, zone.radius or 0.0, zone.colour))


def _circle(x: float, y: float, radius: float, colour: str) -> str:
    return (
        f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{colour}" '
        f'stroke="#ffffff" stroke-width="0.6"/>'
    )


def _cut(shapes: Sequence[Any], shown: Any, tolerance: float) -> list[Any]:
    """Shapes with no more corners than can be seen, still joined, and only those that are shown."""
    if not len(shapes):
        return []
    kept = np.array(list(shapes), dtype=object)
    if shown is not None:
        kept = kept[shapely.intersects(kept, shown)]
    if len(kept) and bool(shapely.coverage_is_valid(kept)):
        simple = np.asarray(shapely.coverage_simplify(kept, tolerance))
        kept = np.where(shapely.is_empty(simple), kept, simple)
    if shown is None:
        return list(kept)
    return [part for part in shapely.intersection(shapely.make_valid(kept), shown) if not part.is_empty]


def _escaped(words: str) -> str:
    """Words as they stand in SVG."""
    return words.replace("&", "&amp;").replace("<", "&lt;")


def _places(picture: Drawing, figure: MapFigure, view: _View) -> None:
    order = {"gone": 0, "other": 1, "open": 2, "new": 3}
    few = len(figure.places) < 60
    for place in sorted(figure.places, key=lambda place: order.get(place.state, 2)):
        x, y = view.at(place.x, place.y)
        inside = view.frame[0] <= x <= view.frame[0] + view.frame[2] and view.frame[1] <= y <= sum(view.frame[1::2])
        if inside:
            size = (13.0 if few else 8.0) + (4.0 if place.state == "new" else 0.0)
            picture.add(mark(figure.symbol, figure.symbol_colour, place.state, (x, y), size))


def mark(symbol: str, colour: str, state: str, at: tuple[float, float], size: float) -> str:
    """Mark of a place: filled when open, hollow when families cannot walk in, ringed when new, crossed when gone."""
    x, y = at
    half = size / 2
    fill, edge = (colour, "#ffffff") if state in ("open", "new") else ("#ffffff", colour if state == "other" else _GONE)
    corners = outline_points(symbol)
    look = f'fill="{fill}" stroke="{edge}" stroke-width="1.4"'
    if corners:
        points = " ".join(f"{number(x - half + a * size)},{number(y - half + b * size)}" for a, b in corners)
        drawn = f'<polygon points="{points}" {look}/>'
    else:
        drawn = f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(half)}" {look}/>'
    if state == "new":
        ring = f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(half + 5)}" fill="none"'
        drawn = f'{ring} stroke="#ffffff" stroke-width="4.5"/>{ring} stroke="{NEW}" stroke-width="2.5"/>{drawn}'
    if state == "gone":
        a, b, c, d = number(x - half), number(y - half), number(x + half), number(y + half)
        drawn += f'<path d="M{a} {b}L{c} {d}M{a} {d}L{c} {b}" stroke="#93312a" stroke-width="2"/>'
    return drawn


def _names(picture: Drawing, figure: MapFigure, view: _View) -> None:
    """Names of zones that have room, the largest first, and of new places."""
    taken: list[Box] = [(view.frame[0], sum(view.frame[1::2]) - 40, 190.0, 40.0)]
    few = len(figure.places) < 60
    at = [(place, view.at(place.x, place.y)) for place in figure.places]
    taken += [(x - 8, y - 8, 16.0, 16.0) for place, (x, y) in at if few or place.state in ("new", "gone")]
    for place, (x, y) in at:
        if place.state == "new" and place.name:
            _label(picture, (x, y - 17), place.name, 12.5, view, taken, bold=True)
    zones = sorted((zone for zone in figure.zones if zone.name), key=lambda zone: -float(zone.shape.area))
    for name, shape in [*figure.named, *((zone.name, zone.shape) for zone in zones)]:
        part = max(shapely.get_parts(shape), key=shapely.area)
        point = shapely.point_on_surface(part)
        centre = part.centroid
        if part.contains(centre):
            point = centre
        x, y = view.at(point.x, point.y)
        _label(picture, (x, y + 4), name, 11.5, view, taken)


def _label(
    picture: Drawing, at: tuple[float, float], words: str, size: float, view: _View, taken: list[Box], **look: Any
) -> None:
    """Write words where they have room, at the middle or a little above or below it; else leave them out."""
    width = text_width(words, size, bold=bool(look.get("bold"))) + 6
    left, top, w, h = view.frame
    for away in _AWAY:
        box = (at[0] - width / 2, at[1] + away - size, width, size + 5)
        across = box[0] > left + 2 and box[0] + width < left + w - 2
        if across and box[1] > top + 2 and box[1] + box[3] < top + h - 2 and not any(_meet(box, o) for o in taken):
            taken.append(box)
            picture.text((at[0], at[1] + away), words, size, colour=INK, anchor="middle", halo="#ffffff", **look)
            return


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def _scale(picture: Drawing, figure: MapFigure, view: _View) -> None:
    """Scale bar of a round length, and an arrow to the north of the grid."""
    longest = 130.0 / view.scale
    metres = max((step for step in _SCALES_M if step <= longest), default=_SCALES_M[0])
    long = metres * view.scale
    x, y = view.frame[0] + 12, sum(view.frame[1::2]) - 14
    words = f"{format_number(metres / 1000, figure.lang)} km" if metres >= 1000 else f"{metres} m"
    picture.rect((x - 6, y - 21, long + 46, 29), "#ffffffcc", radius=4)
    picture.add(
        f'<path d="M{number(x)} {number(y - 5)}v5h{number(long)}v-5" fill="none" stroke="{INK}" stroke-width="1.6"/>'
    )
    picture.text((x + long / 2, y - 7), words, 11.5, colour=INK, anchor="middle")
    arrow = (x + long + 24, y)
    picture.add(
        f'<path d="M{number(arrow[0])} {number(arrow[1] - 17)}l5 16l-5 -4l-5 4z" fill="{INK}">'
        f"<title>{_escaped(text('figure.north', figure.lang))}</title></path>"
    )
    picture.text((arrow[0] + 8, arrow[1] - 5), text("figure.north.letter", figure.lang), 11, colour=INK, bold=True)


def _legend(picture: Drawing, figure: MapFigure, left: float, top: float) -> None:
    y = picture.paragraph((left, top + 14), figure.legend_title, _LEGEND_WIDTH, 13.5, colour=INK, bold=True)
    if figure.legend_unit:
        y = picture.paragraph((left, y), figure.legend_unit, _LEGEND_WIDTH, 12, colour=QUIET)
    y += 2
    for entry in figure.legend:
        fill = entry.colour or "url(#none)"
        if entry.radius is None:
            picture.rect((left, y - 11, 22, 15), fill, "#8b999f")
        else:
            y += max(0.0, entry.radius - 8)
            picture.add(_circle(left + 11, y - 3.5, entry.radius, entry.colour))
        y = picture.paragraph((left + 31, y + 1), entry.label, _LEGEND_WIDTH - 31, 12.5, colour=INK) + 5
        y += max(0.0, (entry.radius or 0.0) - 8)
    y += 8
    for state, words in figure.places_labels.items():
        picture.add(mark(figure.symbol, figure.symbol_colour, state, (left + 11, y - 3), 13.0))
        y = picture.paragraph((left + 31, y + 1), words, _LEGEND_WIDTH - 31, 12.5, colour=INK) + 8
