"""A drawing of the house: floors as bands, rooms as boxes, imports as arrows; the same code gives the same bytes.

Rooms stand in rows so that arrows lead down (Sugiyama, Tagawa and Toda 1981): rows by the longest way from the top of
the floor, order within a row by barycentres, places by least squares with a distance between neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from xml.sax.saxutils import escape

from rooms import Edge, House

BOX_H, ROW_GAP, COLUMN_GAP, LANE = 44, 34, 24, 14
BAND_PAD, BAND_GAP, BAND_LABEL, MARGIN = 18, 20, 128, 16
TITLE_PX, SMALL_PX = 7.6, 6.0
"""Width of a letter in the two sizes, as the boxes are measured."""
SWEEPS = 40
INK = ("#0b5a63", "#7a4a12", "#4a3a86", "#1f6b3a", "#8a2f4f", "#3d4a57")
TINT = ("#e6f1f2", "#f7efe2", "#eeebf8", "#e7f3ea", "#f8e9ee", "#edf0f3")
STYLE = """\
text { font-family: "Source Sans 3", "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
.floor { font-size: 17px; font-weight: 600; }
.room { font-size: 14px; font-weight: 600; text-anchor: middle; fill: #1d2a30; }
.count { font-size: 11.5px; text-anchor: middle; fill: #52646d; }
.box { fill: #ffffff; stroke-width: 1.4; }
.arrow { fill: none; stroke-width: 1.3; }
.circle { stroke-dasharray: 4 3; }"""


@dataclass
class Node:
    """A room in its row, or the bend of an arrow that passes the row."""

    name: str
    row: int
    width: float
    x: float = 0.0
    up: list[Node] = field(default_factory=list)
    down: list[Node] = field(default_factory=list)


def needed(names: Iterable[str], edges: Iterable[Edge]) -> list[Edge]:
    """Edges that no longer way of edges replaces; within a circle all of them stay."""
    edges = sorted(edges)
    after: dict[str, set[str]] = {name: set() for name in names}
    for source, target in edges:
        after[source].add(target)
    reach = {name: _reached(name, after) for name in after}

    def replaced(source: str, target: str) -> bool:
        return any(
            target in reach[middle] and source not in reach[middle] and middle not in reach[target]
            for middle in after[source] - {target}
        )

    return [(source, target) for source, target in edges if not replaced(source, target)]


def _reached(start: str, after: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for name in after[waiting.pop()] - seen:
            seen.add(name)
            waiting.append(name)
    return seen


def rows_of(house: House) -> tuple[dict[str, int], list[list[int]]]:
    """Row of every room, and the rows of every floor; rooms that import each other in a circle share a row."""
    row: dict[str, int] = {}
    bands: list[list[int]] = []
    first = 0
    for number in range(len(house.floors)):
        names = [room.name for room in house.rooms.values() if room.floor == number]
        after = {name: {t for s, t in house.imports if s == name and t in names} for name in names}
        reach = {name: _reached(name, after) for name in names}
        depth = dict.fromkeys(names, 0)
        for _ in names:
            for source in names:
                for target in after[source]:
                    circle = source in reach[target]
                    depth[target] = max(depth[target], depth[source] + (not circle))
        row |= {name: first + depth[name] for name in names}
        bands.append(list(range(first, first + max(depth.values()) + 1)))
        first = bands[-1][-1] + 1
    return row, bands


def _nodes(house: House, row: dict[str, int], edges: Sequence[Edge]) -> tuple[list[list[Node]], list[list[Node]]]:
    """Return rows of nodes and, for every edge, the nodes that it passes."""
    rooms = {name: Node(name, row[name], _width(house, name)) for name in house.rooms}
    rows: list[list[Node]] = [[] for _ in range(max(row.values()) + 1)]
    for node in rooms.values():
        rows[node.row].append(node)
    ways = []
    for source, target in edges:
        bends = [Node("", number, 1.0) for number in range(row[source] + 1, row[target])]
        for bend in bends:
            rows[bend.row].append(bend)
        way = [rooms[source], *bends, rooms[target]]
        for above, below in pairwise(way):
            if above.row < below.row:
                above.down.append(below)
                below.up.append(above)
        ways.append(way)
    return rows, ways


def _width(house: House, name: str) -> float:
    title, small = _labels(house, name)
    return round(max(len(title) * TITLE_PX, len(small) * SMALL_PX) + 26)


def _labels(house: House, name: str) -> tuple[str, str]:
    room = house.rooms[name]
    alone = len(house.floors[room.floor]) == 1
    title = name.partition(".")[2].replace(".", "/") if alone and "." in name else room.path
    return title, "1 module" if room.modules == 1 else f"{room.modules} modules"


def _order(rows: list[list[Node]]) -> None:
    """Sort every row so that few arrows cross."""
    best, kept = _crossings(rows), [list(row) for row in rows]
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        place = {id(node): number for row in rows for number, node in enumerate(row)}
        for row in rows if down else reversed(rows):
            centre = {
                id(node): _mean([place[id(n)] for n in (node.up if down else node.down)], place[id(node)])
                for node in row
            }
            row.sort(key=lambda node: centre[id(node)])
            place |= {id(node): number for number, node in enumerate(row)}
        if (count := _crossings(rows)) < best:
            best, kept = count, [list(row) for row in rows]
    rows[:] = kept


def _crossings(rows: list[list[Node]]) -> int:
    place = {id(node): number for row in rows for number, node in enumerate(row)}
    total = 0
    for row in rows:
        pairs = sorted((place[id(node)], place[id(below)]) for node in row for below in node.down)
        total += sum(a[0] < b[0] and a[1] > b[1] for i, a in enumerate(pairs) for b in pairs[i + 1 :])
    return total


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _place(rows: list[list[Node]]) -> None:
    """Give every node the place nearest to its neighbours that its row leaves."""
    for row in rows:
        _spread(row, [0.0] * len(row))
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            _spread(row, [_mean([n.x for n in (*node.up, *node.down)], node.x) for node in row])


def _spread(row: list[Node], wanted: Sequence[float]) -> None:
    """Least squares under a distance between neighbours: pools of adjacent violators (Ayer et al. 1955)."""
    offset, offsets = 0.0, []
    for before, node in zip([None, *row], row, strict=False):
        if before is not None:
            gap = COLUMN_GAP if before.name and node.name else LANE
            offset += (before.width + node.width) / 2 + gap
        offsets.append(offset)
    pools: list[list[float]] = []
    for want, start in zip(wanted, offsets, strict=True):
        pools.append([want - start, 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, count = pools.pop()
            pools[-1] = [(pools[-1][0] * pools[-1][1] + mean * count) / (pools[-1][1] + count), pools[-1][1] + count]
    starts = [mean for mean, count in pools for _ in range(int(count))]
    for node, start, distance in zip(row, starts, offsets, strict=True):
        node.x = start + distance


def draw(house: House) -> str:
    """Write the house as SVG."""
    row, bands = rows_of(house)
    rows, ways = _nodes(house, row, needed(house.rooms, house.imports))
    _order(rows)
    _place(rows)
    left = min(node.x - node.width / 2 for line in rows for node in line)
    for line in rows:
        for node in line:
            node.x += MARGIN + BAND_LABEL + BAND_PAD - left
    right = max(node.x + node.width / 2 for line in rows for node in line) + BAND_PAD
    tops = _tops(bands)
    height = tops[-1] + BOX_H + BAND_PAD + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {right + MARGIN:.0f} {height:.0f}" '
        f'width="{right + MARGIN:.0f}" height="{height:.0f}" role="img" aria-labelledby="title">',
        '<title id="title">The rooms of nabij by floor; an arrow leads from a room to one that it imports</title>',
        f"<style>\n{STYLE}\n</style>",
        "<defs>",
        *(_marker(number) for number in range(len(house.floors))),
        "</defs>",
        f'<rect width="{right + MARGIN:.0f}" height="{height:.0f}" fill="#ffffff"/>',
    ]
    parts += [_band(house, number, lines, tops, right) for number, lines in enumerate(bands)]
    parts += [_arrow(way, tops, house.rooms[way[0].name].floor) for way in ways]
    parts += [_box(house, node, tops[node.row]) for line in rows for node in line if node.name]
    return "\n".join([*parts, "</svg>", ""])


def _tops(bands: list[list[int]]) -> list[float]:
    tops, y = [], float(MARGIN)
    for lines in bands:
        y += BAND_PAD
        for _ in lines:
            tops.append(y)
            y += BOX_H + ROW_GAP
        y += BAND_PAD + BAND_GAP - ROW_GAP
    return tops


def _marker(floor: int) -> str:
    return (
        f'<marker id="tip{floor}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0,0.8 L8,4 L0,7.2 z" fill="{INK[floor % len(INK)]}"/></marker>'
    )


def _band(house: House, floor: int, lines: list[int], tops: list[float], right: float) -> str:
    y, end = tops[lines[0]] - BAND_PAD, tops[lines[-1]] + BOX_H + BAND_PAD
    names = house.floors[floor]
    middle = (y + end) / 2 - 10 * (len(names) - 1) + 6
    ink = INK[floor % len(INK)]
    labels = "".join(
        f'<text class="floor" x="{MARGIN + 16}" y="{middle + 20 * i:.1f}" fill="{ink}">{escape(n)}</text>'
        for i, n in enumerate(names)
    )
    return (
        f'<rect x="{MARGIN}" y="{y:.1f}" width="{right - MARGIN:.1f}" height="{end - y:.1f}" rx="10" '
        f'fill="{TINT[floor % len(TINT)]}"/>{labels}'
    )


def _arrow(way: Sequence[Node], tops: list[float], floor: int) -> str:
    first, last = way[0], way[-1]
    kind = "arrow"
    if first.row >= last.row:  # rooms that import each other
        kind = "arrow circle"
        y, bend = tops[first.row] + BOX_H, tops[first.row] + BOX_H + ROW_GAP / 2
        path = f"M{first.x:.1f},{y:.1f} C{first.x:.1f},{bend:.1f} {last.x:.1f},{bend:.1f} {last.x:.1f},{y:.1f}"
    else:
        x, y = _port(first, way[1], first.down), tops[first.row] + BOX_H
        path = f"M{x:.1f},{y:.1f}"
        for before, node in pairwise(way):
            end = _port(node, before, node.up) if node is last else node.x
            top = tops[node.row] - (2 if node is last else 0)
            bend = (y + top) / 2
            path += f" C{x:.1f},{bend:.1f} {end:.1f},{bend:.1f} {end:.1f},{top:.1f}"
            x, y = end, top
            if node is not last:
                y = tops[node.row] + BOX_H
                path += f" L{x:.1f},{y:.1f}"
    return f'<path class="{kind}" d="{path}" stroke="{INK[floor % len(INK)]}" marker-end="url(#tip{floor})"/>'


def _port(node: Node, other: Node, neighbours: Sequence[Node]) -> float:
    """Where an arrow touches a box: the arrows of one side stand side by side, in the order of where they go."""
    order = sorted(neighbours, key=lambda neighbour: neighbour.x)
    step = min(14.0, (node.width - 24) / max(1, len(order)))
    place = next(number for number, neighbour in enumerate(order) if neighbour is other)
    return node.x + (place - (len(order) - 1) / 2) * step


def _box(house: House, node: Node, top: float) -> str:
    ink = INK[house.rooms[node.name].floor % len(INK)]
    title, small = _labels(house, node.name)
    return (
        f'<rect class="box" x="{node.x - node.width / 2:.1f}" y="{top:.1f}" width="{node.width:.1f}" height="{BOX_H}" '
        f'rx="7" stroke="{ink}"/>'
        f'<text class="room" x="{node.x:.1f}" y="{top + 20:.1f}">{escape(title)}</text>'
        f'<text class="count" x="{node.x:.1f}" y="{top + 36:.1f}">{small}</text>'
    )
