"""Streets of an OpenStreetMap extract as the lines of a graph, and the graph they become in a refresh."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from i18n.errors import DataError, MissingFileError
from loaders.catalogue.publishers.street_kinds import BRIDGE, ONEWAY, RAMP, STREET_CLASSES, TUNNEL
from loaders.live.registry import LOADERS, ON_REQUEST
from loaders.live.streets import load_streets
from loaders.parsers.street_extract import kind_of, parse_street_extract
from loaders.pipeline import expectations
from loaders.pipeline.derived.street_graph import make_street_graph

NODES = {1: (51.00, 4.40), 2: (51.00, 4.41), 3: (51.00, 4.42), 4: (51.01, 4.41), 5: (50.99, 4.41)}


def extract(path: Path, ways: list[tuple[list[int], dict[str, str]]], nodes: bool = True) -> Path:
    """Write an extract of ways over `NODES`."""
    lines = ['<?xml version="1.0"?>', '<osm version="0.6">']
    if nodes:
        lines += [f'<node id="{n}" version="1" lat="{lat}" lon="{lon}"/>' for n, (lat, lon) in NODES.items()]
    for number, (refs, tags) in enumerate(ways, start=1):
        inner = "".join(f'<nd ref="{n}"/>' for n in refs) + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
        lines.append(f'<way id="{number}" version="1">{inner}</way>')
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


def kind(name: str, *bits: int) -> int:
    return STREET_CLASSES.index(name) | sum(bits)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "residential"}, (kind("minor"), False)),
        ({"highway": "primary_link", "oneway": "yes"}, (kind("primary", RAMP, ONEWAY), False)),
        ({"highway": "tertiary", "oneway": "-1"}, (kind("tertiary", ONEWAY), True)),
        ({"highway": "motorway"}, (kind("motorway", ONEWAY), False)),
        ({"highway": "minor"}, None),
        ({"highway": "secondary", "junction": "roundabout"}, (kind("secondary", ONEWAY), False)),
        ({"highway": "secondary", "bridge": "viaduct"}, (kind("secondary", BRIDGE), False)),
        ({"highway": "service", "service": "driveway", "tunnel": "yes"}, (kind("parking", TUNNEL), False)),
        ({"highway": "unclassified", "tunnel": "building_passage"}, (kind("minor"), False)),
        ({"highway": "cycleway"}, (kind("track"), False)),
        ({"highway": "steps"}, (kind("path"), False)),
        ({"highway": "pedestrian", "area": "yes"}, None),
        ({"highway": "construction"}, None),
        ({"highway": "proposed"}, None),
        ({"route": "ferry"}, (kind("ferry"), False)),
        ({"route": "bus"}, None),
    ],
)
def test_tags_say_what_a_way_is(tags: dict[str, str], expected: tuple[int, bool] | None) -> None:
    assert kind_of(tags) == expected


def test_an_extract_becomes_the_graph_of_its_streets(tmp_path: Path) -> None:
    """A street of two parts with a side street to the north; what is planned is left out."""
    ways = [
        ([1, 2], {"highway": "residential"}),
        ([2, 3], {"highway": "residential"}),
        ([4, 2], {"highway": "tertiary", "oneway": "-1"}),
        ([2, 5], {"highway": "proposed"}),
        ([2, 99], {"highway": "residential"}),  # a point that is not there: no line is left of it
    ]
    lines, year = parse_street_extract(extract(tmp_path / "a.osm", ways))
    assert (year, len(lines.kind), lines.left_out) == ("", 3, 1)
    graph, report = make_street_graph(lines)
    assert (len(graph.xy), len(graph.tail), report.islands) == (4, 3, 0)
    side = int(np.flatnonzero(graph.kind & ONEWAY)[0])
    assert graph.xy[graph.tail[side]][1] < graph.xy[graph.head[side]][1], "against its points: from the crossing north"
    assert graph.length_dm[side] == pytest.approx(11_126, abs=15)  # 0.01 degrees of latitude


def test_an_extract_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    street = ([1, 2], {"highway": "residential"})
    with pytest.raises(DataError, match="ways but not the points"):
        parse_street_extract(extract(tmp_path / "a.osm", [street], nodes=False))
    with pytest.raises(DataError, match="no street at all"):
        parse_street_extract(extract(tmp_path / "b.osm", [([1, 2], {"highway": "proposed"})]))


def context(path: Path, vintage: str = "2021") -> Any:
    """What a loader works with, with a file in the place of the streets."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    snapshot = SimpleNamespace(resources={"streets_edges": {"vintage": vintage}})
    return SimpleNamespace(address=lambda _: path, client=SimpleNamespace(now=lambda: now), snapshot=snapshot)


def test_a_refresh_takes_streets_out_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = extract(tmp_path / "a.osm", [([1, 2, 3], {"highway": "residential"}), ([2, 4], {"highway": "path"})])
    with pytest.raises(DataError, match="km of streets that hang together"):
        load_streets(context(path))  # of a village: far too few for the region
    monkeypatch.setattr(expectations, "STREETS_KM", (0, 10))
    update = load_streets(context(path))
    assert update.streets is not None
    assert (update.vintage, len(update.streets.tail), update.street_facts["lines"]) == ("unknown", 3, 2)
    assert "does not say of which year" in update.notes[0]
    assert update.origins[0].address == path.as_uri()
    with pytest.raises(MissingFileError):
        load_streets(context(tmp_path / "gone.osm"))


def test_a_refresh_of_everything_asks_for_no_streets() -> None:
    assert set(LOADERS) >= ON_REQUEST
