"""Streets: tag rules, the graph against brute force, and what happens off the streets and outside the extract."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from coverage.analysis import analyse
from coverage.core.query import Query
from coverage.indicators.extract_share import share_in_extract
from coverage.travel.extracts.circuity import BANDS_M, measure_circuity, summarise_circuity
from coverage.travel.extracts.network import NetworkTravel, build_network, load_network, load_roads
from coverage.travel.extracts.osm import (
    CAR_KMH,
    CLOSED,
    DECISIVE,
    NOT_FOR_BIKES,
    PUSHED,
    Cost,
    costs,
    read_roads,
    speed_limit,
)
from coverage.travel.graph import Starts, cheapest, nearest_labels
from i18n.errors import DataError, InputError, MissingFileError
from layers.notes.notes import caveat
from loaders.catalogue.regions.projection import to_lonlat
from loaders.catalogue.types import Floats
from loaders.snapshot.array_cache import cache_folder
from tests.unit.conftest import TinyWorld

FREE: Cost = (1.0, 1.0)
ORIGIN = (150_000.0, 200_000.0)


class Town:
    """Writes OpenStreetMap files from points in metres east and north of `ORIGIN`."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[float, float], int] = {}
        self.ways: list[tuple[list[int], dict[str, str]]] = []

    def way(self, *points: tuple[float, float], **tags: str) -> Town:
        refs = [self.nodes.setdefault(point, len(self.nodes) + 1) for point in points]
        named = {key.replace("__", ":"): value for key, value in tags.items()}
        self.ways.append((refs, {"highway": "residential"} | named))
        return self

    def write(self, path: Path) -> Path:
        lonlat = to_lonlat(np.array(list(self.nodes)) + ORIGIN)
        lines = ['<osm version="0.6">']
        for number, (lon, lat) in zip(self.nodes.values(), lonlat, strict=True):
            lines.append(f'<node id="{number}" version="1" lon="{lon:.7f}" lat="{lat:.7f}"/>')
        for number, (refs, tags) in enumerate(self.ways, 1):
            inner = "".join(f'<nd ref="{ref}"/>' for ref in refs)
            inner += "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
            lines.append(f'<way id="{number}" version="1">{inner}</way>')
        path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
        return path


def at(*points: tuple[float, float]) -> Floats:
    return np.array(points, dtype=np.float64).reshape(-1, 2) + ORIGIN


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NABIJ_CACHE", "")


@pytest.mark.parametrize(
    ("tags", "foot", "bike", "car"),
    [
        ({"highway": "residential"}, FREE, FREE, (2.5, 2.5)),
        ({"highway": "residential", "maxspeed": "50"}, FREE, FREE, (1.5, 1.5)),
        ({"highway": "residential", "maxspeed": "30", "oneway": "yes"}, FREE, (1.0, math.inf), (2.5, math.inf)),
        (
            {"highway": "residential", "maxspeed": "30", "oneway": "yes", "oneway:bicycle": "no"},
            FREE,
            FREE,
            (2.5, math.inf),
        ),
        ({"highway": "residential", "maxspeed": "30", "oneway": "-1"}, FREE, (math.inf, 1.0), (math.inf, 2.5)),
        (
            {"highway": "tertiary", "maxspeed": "50", "junction": "roundabout", "cycleway": "opposite_lane"},
            FREE,
            FREE,
            (1.5, math.inf),
        ),
        ({"highway": "motorway", "maxspeed": "120"}, CLOSED, CLOSED, (0.625, math.inf)),
        ({"highway": "trunk", "maxspeed": "120", "motorroad": "yes"}, CLOSED, CLOSED, (0.625, 0.625)),
        ({"highway": "footway"}, FREE, (3.125, 3.125), CLOSED),
        ({"highway": "footway", "bicycle": "yes"}, FREE, FREE, CLOSED),
        ({"highway": "pedestrian", "bicycle": "no"}, FREE, CLOSED, CLOSED),
        ({"highway": "cycleway", "foot": "no"}, CLOSED, FREE, CLOSED),
        ({"highway": "steps"}, FREE, CLOSED, CLOSED),
        ({"highway": "service", "access": "private"}, CLOSED, CLOSED, CLOSED),
        ({"highway": "service", "access": "private", "foot": "yes"}, FREE, CLOSED, CLOSED),
        ({"highway": "construction"}, CLOSED, CLOSED, CLOSED),
        ({"route": "ferry"}, (1.6, 1.6), (5.0, 5.0), CLOSED),
        ({"route": "ferry", "bicycle": "no"}, (1.6, 1.6), CLOSED, CLOSED),
        ({"route": "bicycle"}, CLOSED, CLOSED, CLOSED),
    ],
)
def test_tag_rules(tags: dict[str, str], foot: Cost, bike: Cost, car: Cost) -> None:
    found = costs(tags)
    np.testing.assert_allclose(found[0], foot)
    np.testing.assert_allclose(found[1], bike)
    np.testing.assert_allclose(found[2], car)


class RecordingTags(dict[str, str]):
    """Tags that write down what was asked of them."""

    asked: ClassVar[set[str]] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)


@given(
    st.fixed_dictionaries(
        {"highway": st.sampled_from(sorted([*CAR_KMH, *NOT_FOR_BIKES, *PUSHED, "cycleway", "path"]))},
        optional={
            key: st.sampled_from(["yes", "no", "private", "opposite", "50"]) for key in DECISIVE if key != "highway"
        },
    )
)
@settings(max_examples=300)
def test_rules_look_only_at_the_tags_that_are_read(tags: dict[str, str]) -> None:
    costs(RecordingTags(tags))
    assert RecordingTags.asked <= set(DECISIVE)


def test_a_bridge_is_told_from_a_street_with_the_same_rules(tmp_path: Path) -> None:
    town = Town().way((0, 0), (50, 0)).way((50, 0), (100, 0), bridge="yes").way((100, 0), (150, 0), tunnel="no")
    assert read_roads(town.write(tmp_path / "b.osm")).structure.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("said", "limit"),
    [("50", 50), ("20 mph", 32.18688), ("BE:urban", 50), ("none", None), ("", None), ("-5", None), ("nan", None)],
)
def test_speed_limits(said: str, limit: float | None) -> None:
    assert speed_limit(said) == (None if limit is None else pytest.approx(limit))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[sparse.csr_array, Starts, int]:
    n = draw(st.integers(1, 12))
    edge = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), st.integers(0, 9))
    edges = draw(st.lists(edge, max_size=40))
    row, col, cost = np.array(edges, dtype=np.float64).reshape(-1, 3).T
    m = draw(st.integers(1, 5))
    places = st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, 5)), min_size=m, max_size=m)  # node, leg
    node, leg = np.array(draw(places), dtype=np.float64).T
    graph = cheapest(row.astype(np.intp), col.astype(np.intp), cost, n)
    return graph, Starts(np.arange(m), node.astype(np.intp), leg), m


@given(graphs(), st.integers(1, 4))
@settings(max_examples=200)
def test_nearest_of_every_node_agrees_with_one_search_per_facility(
    world: tuple[sparse.csr_array, Starts, int], k: int
) -> None:
    """The two joint searches find what searching from every facility by itself finds, one-ways and ties included."""
    graph, starts, m = world
    cost, label = nearest_labels(graph, starts, m, k)
    alone = np.array([starts.cost[j] + dijkstra(graph, indices=starts.node[j]) for j in range(m)])
    expected = np.sort(np.vstack([alone, np.full((k, alone.shape[1]), np.inf)]), axis=0)[:k].T
    np.testing.assert_allclose(cost, expected)
    assert ((label < 0) == np.isinf(cost)).all()
    for node, column in zip(*np.nonzero(label >= 0), strict=True):
        assert alone[label[node, column], node] == pytest.approx(cost[node, column])
    for row in label:
        assert len(set(row[row >= 0])) == (row >= 0).sum()


@given(st.integers(1, 6).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_of_all_parallel_streets_the_shortest_counts(world: tuple[int, list[tuple[int, int]]]) -> None:
    n, ends = world
    metres = np.random.default_rng(len(ends)).integers(1, 9, len(ends)).astype(float)
    row, col = np.array(ends, dtype=np.intp).reshape(-1, 2).T
    shortest: dict[tuple[int, int], float] = {}
    for end, length in zip(ends, metres, strict=True):
        shortest[end] = min(length, shortest.get(end, np.inf))
    graph = cheapest(row, col, metres, n).tocoo()
    found = list(zip(graph.row.tolist(), graph.col.tolist(), strict=True))
    assert found == sorted(shortest)
    assert graph.data.tolist() == [shortest[end] for end in found]


def test_of_two_parallel_streets_the_shorter_one_counts() -> None:
    graph = cheapest(np.array([0, 0, 1]), np.array([1, 1, 0]), np.array([7.0, 3.0, 5.0]), 2)
    assert graph.toarray().tolist() == [[0.0, 3.0], [5.0, 0.0]]


def test_a_walk_round_the_block(tmp_path: Path) -> None:
    """Three sides of a square of 300 m: 900 m; one side as the crow flies. Then with 20 m to the street."""
    town = Town().way((0, 0), (0, 300), (300, 300), (300, 0)).write(tmp_path / "u.osm")
    travel = NetworkTravel(load_network(town, "walk"))
    found = travel(at((0, 0), (0, 300), (20, 0)), at((300, 0)), 1)
    np.testing.assert_allclose(found.distance_m[:, 0], [900, 600, 920], atol=0.1)
    assert found.index.tolist() == [[0], [0], [0]]


def test_long_streets_can_be_joined_half_way(tmp_path: Path) -> None:
    town = Town().way((0, 0), (3000, 0)).way((0, 0), (0, 50)).write(tmp_path / "long.osm")
    roads = read_roads(town)
    assert roads.length_m.max() <= 100.001
    found = NetworkTravel(build_network(roads, "walk"))(at((1500, 10)), at((0, 0)), 1)
    assert found.distance_m[0, 0] == pytest.approx(1510, abs=50)  # half of a piece of 100 m at most


def test_cars_keep_to_one_ways_and_travel_towards_the_place(tmp_path: Path) -> None:
    """A ring driven one way: from (0, 0) to (100, 0) it is one side, back it is the other three."""
    town = Town().way((0, 0), (100, 0), (100, 100), (0, 100), (0, 0), oneway="yes", maxspeed="75")
    travel = NetworkTravel(load_network(town.write(tmp_path / "ring.osm"), "car"))  # 75 * 0.8 = 60 km/h: cost 1
    there = travel(at((0.5, 0)), at((100, 0)), 1).distance_m[0, 0]
    back = travel(at((100, 0.5)), at((0, 0)), 1).distance_m[0, 0]
    assert (there, back) == (pytest.approx(100, abs=2), pytest.approx(300, abs=2))
    walk = NetworkTravel(load_network(tmp_path / "ring.osm", "walk"))
    assert walk(at((100, 0)), at((0, 0)), 1).distance_m[0, 0] == pytest.approx(100, abs=0.2)


def test_within_finds_every_place_in_reach(tmp_path: Path) -> None:
    town = Town().way(*[(x, 0) for x in range(0, 2001, 100)]).way((0, 0), (0, 90)).write(tmp_path / "line.osm")
    travel = NetworkTravel(load_network(town, "walk"))
    cells, places = at((0, 0), (500, 0), (1900, 0), (500, 600)), at((0, 0), (600, 0), (500, 30))
    pairs = travel.within(cells, places, 601)
    reached = {(int(i), int(j)): float(c) for i, j, c in zip(pairs.demand, pairs.facility, pairs.cost, strict=True)}
    assert set(reached) == {(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)}
    assert reached[0, 2] == pytest.approx(530, abs=0.2)
    assert reached[0, 1] == pytest.approx(600, abs=0.2)


def test_what_lies_off_the_streets_or_outside_is_said(tmp_path: Path) -> None:
    town = Town().way(*[(x, 0) for x in range(0, 2001, 100)]).way((0, 0), (0, 2000)).write(tmp_path / "l.osm")
    travel = NetworkTravel(load_network(town, "walk"))
    cells = at((500, 10), (700, 900), (5000, 0), (1990, 5))
    found = travel(cells, at((0, 0), (2700, 0)), 1)
    assert found.flags["snapped_too_far"].tolist() == [False, True, False, False]
    # The second place is on no street of the extract and may be nearer to the last cell than the first one.
    assert found.flags["outside_extract"].tolist() == [False, False, True, True]
    assert found.distance_m[0, 0] == pytest.approx(510, abs=0.2)
    assert math.isinf(found.distance_m[1, 0])
    assert np.isnan(found.distance_m[2:, 0]).all()
    assert found.details == {
        "extract": "l.osm",
        "extract_year": "",
        "islands": 0,
        "lost_places": 1,
        "off_street": (),  # it stands outside the extract
    }
    pond = travel(cells, at((0, 0), (600, 700)), 1)
    assert pond.details["off_street"] == (1,)


def test_islands_are_named_and_not_used(tmp_path: Path) -> None:
    town = Town().way(*[(x, 0) for x in range(0, 20_001, 100)]).way((300, 100), (310, 100)).write(tmp_path / "i.osm")
    network = load_network(town, "walk")
    assert network.islands["nodes"].tolist() == [2]
    np.testing.assert_allclose(network.islands[["x", "y"]].to_numpy(), at((305, 100)), atol=0.1)
    assert NetworkTravel(network)(at((305, 95)), at((0, 0)), 1).distance_m[0, 0] == pytest.approx(400, abs=6)


def test_a_large_part_without_a_place_cannot_reach_one(tmp_path: Path) -> None:
    town = Town().way((0, 0), (1000, 0), (1000, 50)).way((0, 1000), (1000, 1000)).write(tmp_path / "two.osm")
    found = NetworkTravel(load_network(town, "walk"))(at((500, 0), (500, 990)), at((0, 0)), 1)
    assert np.isinf(found.distance_m[:, 0]).tolist() == [False, True]
    assert not any(flag.any() for flag in found.flags.values())


def test_reading_is_kept_by_the_hash_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NABIJ_CACHE", str(tmp_path / "cache"))
    assert cache_folder() == tmp_path / "cache"
    path = Town().way((0, 0), (400, 0), (400, 10)).write(tmp_path / "kept.osm")
    first = load_roads(path)
    (kept,) = (tmp_path / "cache").iterdir()
    assert kept.suffix == ".npz"
    copy = path.rename(tmp_path / "renamed.osm")
    monkeypatch.setattr("coverage.travel.extracts.network.read_roads", lambda _: pytest.fail("read again"))
    again = load_roads(copy)
    np.testing.assert_array_equal(first.xy, again.xy)
    np.testing.assert_array_equal(first.cost, again.cost)


def test_a_broken_cache_is_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NABIJ_CACHE", str(tmp_path / "cache"))
    path = Town().way((0, 0), (450, 0), (450, 10)).write(tmp_path / "a.osm")
    load_roads(path)
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(b"PK\x03\x04 nonsense")
    assert len(load_roads(path.rename(tmp_path / "b.osm")).xy) == 7


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (None, MissingFileError, "is not there; give an existing file with --network"),
        ("hello", DataError, "cannot be read"),
        ("<osm version='0.6'></osm>", DataError, "holds no street with coordinates"),
        (
            "<osm version='0.6'><way id='1' version='1'><nd ref='1'/><nd ref='2'/>"
            "<tag k='highway' v='path'/></way></osm>",
            DataError,
            "holds no street with coordinates",
        ),
    ],
)
def test_a_file_that_is_no_extract_is_told(
    tmp_path: Path, content: str | None, error: type[Exception], message: str
) -> None:
    path = tmp_path / "bad.osm"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(error, match=message):
        load_network(path, "walk")


def test_an_extract_without_streets_for_the_mode_or_of_elsewhere_is_told(tmp_path: Path) -> None:
    path = Town().way((0, 0), (100, 0), (100, 50), highway="footway").write(tmp_path / "foot.osm")
    with pytest.raises(InputError, match="no street for mode 'car'"):
        load_network(path, "car")
    with pytest.raises(InputError, match=r"people live here: it lies around 51\.1° N, 4\.4"):
        NetworkTravel(load_network(path, "walk"))(at((9000, 9000)), at((0, 0)), 1)
    told = path.read_text(encoding="utf-8")
    path.write_text(told.replace("lon=", "l=").replace("lat=", "lon=").replace("l=", "lat="), encoding="utf-8")
    with pytest.raises(InputError, match=r"look exchanged: its nodes have lon 51\.1 and lat 4\.4"):
        NetworkTravel(load_network(path, "walk"))(at((0, 0), (90, 40), (-900, -900), (900, 900)), at((0, 0)), 1)
    path.write_text(told.replace('lon="4.', 'lon="152400.'), encoding="utf-8")
    with pytest.raises(DataError, match=r"coordinates that are no degrees.*EPSG:4326"):
        load_network(path, "walk")


def test_the_year_of_an_extract_is_that_of_its_newest_street(tmp_path: Path) -> None:
    path = Town().way((0, 0), (100, 0)).way((0, 0), (0, 100)).way((0, 0), (0, -100)).write(tmp_path / "a.osm")
    told = path.read_text(encoding="utf-8")
    assert load_roads(path).year == ""
    path.write_text(
        told.replace('<way id="1"', '<way timestamp="2012-03-01T00:00:00Z" id="1"').replace(
            '<way id="2"', '<way timestamp="2014-10-01T00:00:00Z" id="2"'
        ),
        encoding="utf-8",
    )
    assert load_roads(path).year == "2014"


def test_zones_that_the_extract_does_not_cover_have_no_figures(tiny: TinyWorld, tmp_path: Path) -> None:
    """Streets on every line of cells in the lower 10 rows only: the zones above are not covered, and say so."""
    town = Town()
    for row in range(10):
        town.way(*[(50 + 100 * col, 50 + 100 * row) for col in range(-1, 41)])
    for col in range(-1, 41):
        town.way(*[(50 + 100 * col, 50 + 100 * row) for row in range(-1, 11)])
    query = Query(model="network", network=town.write(tmp_path / "south.osm"), within_m=5000)
    analysis = analyse(tiny.snapshot(), query, tiny.facilities(tiny.place(5, 5)))
    table = analysis.table.set_index("zone_id")
    assert table.loc["10012", "share_in_reach"] == 1
    assert table.loc["10012", "flags"] == "merged"
    assert "outside_extract" in str(table.loc["10034", "flags"])
    assert (
        table.loc["10034", ["births_in_reach", "share_in_reach", "births_out_of_reach", "mean_distance_m"]].isna().all()
    )
    assert table["births"].sum() == 180
    assert analysis.details["uncovered"] == pytest.approx(78 / 180)  # 8 of 10 rows of 10034, and 10005
    assert {"caveat.network", "caveat.outside_extract"} <= set(analysis.caveats)
    assert "1 of 4 have them" in caveat(analysis, "caveat.outside_extract", "en")
    north = replace(analysis, table=analysis.table[analysis.table["zone_id"] == "10034"])
    assert share_in_extract(tiny.snapshot(), north) == pytest.approx(0.2, abs=0.05)  # 2 of its 10 rows of cells


@pytest.mark.parametrize("mode", ["walk", "bike", "car"])
def test_metres_of_a_car_are_minutes_and_every_answer_says_so(tiny: TinyWorld, tmp_path: Path, mode: str) -> None:
    """The caveat stands with the figures by car over the streets, in words, and with no other figures."""
    town = Town()
    town.way(*[(50 + 100 * col, 50) for col in range(41)])
    query = Query(model="network", network=town.write(tmp_path / "street.osm"), mode=mode, within_m=5000)
    analysis = analyse(tiny.snapshot(), query, tiny.facilities(tiny.place(5, 0)))
    assert ("caveat.car_minutes" in analysis.caveats) == (mode == "car")
    for lang, minute in (
        ("nl", "kilometers worden niet opgegeven"),
        ("en", "kilometres are not given"),
        ("fr", "kilomètres ne sont pas donnés"),
    ):
        words = " ".join(caveat(analysis, key, lang) for key in analysis.caveats)
        assert (minute in words) == (mode == "car")
    crow = analyse(tiny.snapshot(), Query(mode=mode), tiny.facilities(tiny.place(5, 0)))
    assert "caveat.car_minutes" not in crow.caveats
    unknown = analyse(tiny.snapshot(), query, tiny.facilities(tiny.at("10001")))
    assert not {"caveat.car_minutes", "caveat.network"} & set(unknown.caveats)  # there are no metres to speak of


def test_circuity_of_a_square_grid_of_streets(tmp_path: Path) -> None:
    """On a fine square grid the way is |dx| + |dy|: on average 4 / pi = 1.273 straight lines, at most sqrt 2."""
    town = Town()
    lines = range(0, 2001, 100)
    for line in lines:
        town.way(*[(x, line) for x in lines])
        town.way(*[(line, y) for y in lines])
    roads = read_roads(town.write(tmp_path / "grid.osm"))
    people = at(*[(x, y) for x in lines for y in lines])
    pairs = measure_circuity(roads, "walk", people, np.ones(len(people)))
    assert pairs["ratio"].between(0.9999, 2**0.5 + 1e-4).all()
    far = summarise_circuity(pairs).set_index("from_m").loc[1000.0]
    assert far["mean"] == pytest.approx(4 / math.pi, abs=0.02)
    assert far["n"] == 6000
    assert list(summarise_circuity(pairs)["to_m"]) == list(BANDS_M[1:5])
    again = measure_circuity(roads, "walk", people, np.ones(len(people)))
    assert again.equals(pairs)


def test_circuity_needs_people(tmp_path: Path) -> None:
    roads = read_roads(Town().way((0, 0), (100, 0), (100, 10)).write(tmp_path / "n.osm"))
    with pytest.raises(InputError, match="Nobody lives near a street"):
        measure_circuity(roads, "walk", at((50_000, 0)), np.ones(1))
