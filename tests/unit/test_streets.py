"""The streets of the snapshot: lines to a graph, the folded graph against brute force, and the travel model on it."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import connected_components, dijkstra

from coverage.travel.graph import cheapest
from coverage.travel.streets.kept_travel import KeptTravel
from coverage.travel.streets.street_core import make_core
from coverage.travel.streets.street_index import cut_streets, find_all_spots, find_spots
from coverage.travel.streets.street_network import (
    NEAR_M,
    OFF_STREET,
    PARKING_S,
    Placed,
    StreetNetwork,
    _of_snapshot,
    coming_ends,
    leaving_ends,
    load_streets,
    make_streets,
    part_of,
)
from coverage.travel.streets.street_rules import CAR, rules_of
from coverage.travel.streets.street_travel import StreetTravel
from i18n.errors import DataError, InputError, MissingColumnError
from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.publishers.street_kinds import BRIDGE, ONEWAY, RAMP, STREET_CLASSES, TUNNEL, class_of
from loaders.catalogue.types import Bools, Floats
from loaders.parsers.street_lines import StreetLines, parse_street_lines
from loaders.pipeline.derived.street_graph import make_street_graph
from loaders.snapshot.street_files import read_streets, street_columns, street_schema, write_columns

CORNER = np.array([1_500_000, 2_000_000])
MINOR = STREET_CLASSES.index("minor")


Line = tuple[tuple[tuple[int, int], ...], int]


def lines_of(*drawn: Line) -> StreetLines:
    """Lines from points in metres and a kind."""
    sizes = [len(points) for points, _ in drawn]
    xy = np.concatenate([np.array(points, dtype=np.int64) * 10 + CORNER for points, _ in drawn])
    kind = np.array([kind for _, kind in drawn], dtype=np.uint8)
    return StreetLines(kind, np.append(0, np.cumsum(sizes)).astype(np.int64), xy, 0)


def graph_of(*drawn: Line) -> StreetGraph:
    return make_street_graph(lines_of(*drawn))[0]


def at(*points: tuple[float, float]) -> Floats:
    return np.array(points, dtype=np.float64).reshape(-1, 2) + CORNER / 10


def kind(name: str, *bits: int) -> int:
    return STREET_CLASSES.index(name) | sum(bits)


def published(**changes: Any) -> bytes:
    """Two lines as published: a street, and a railway that is left out."""
    columns: dict[str, Any] = {
        "class": ["minor", "rail"],
        "brunnel": ["bridge", None],
        "service": [None, None],
        "oneway": pa.array([-1, 0], pa.int8()),
        "ramp": pa.array([0, 0], pa.int8()),
        "x_dm": pa.array([[1_500_000, 1_501_000], [1_500_000, 1_500_500]], pa.list_(pa.int32())),
        "y_dm": pa.array([[2_000_000, 2_000_000], [2_000_000, 2_000_100]], pa.list_(pa.int32())),
    }
    columns = {name: values for name, values in (columns | changes).items() if values is not None}
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def test_lines_are_read_with_their_kind_and_run_along_their_one_way() -> None:
    found = parse_street_lines(published(), "streets.parquet")
    assert found.kind.tolist() == [kind("minor", ONEWAY, BRIDGE)]
    assert found.xy_dm.tolist() == [[1_501_000, 2_000_000], [1_500_000, 2_000_000]]
    assert found.left_out == 1


def test_classes_that_are_gone_are_left_out_and_car_parks_told_apart() -> None:
    classes, services = ["service", "service", "razed"], ["parking_aisle", "emergency_access", None]
    lines = {"x_dm": [[1_500_000, 1_500_100]] * 3, "y_dm": [[2_000_000, 2_000_100]] * 3}
    data = published(
        **{
            "class": classes,
            "service": services,
            "brunnel": [None, "tunnel", None],
            "oneway": pa.array([0, 0, 0], pa.int8()),
            "ramp": pa.array([1, 0, 0], pa.int8()),
            **{name: pa.array(values, pa.list_(pa.int32())) for name, values in lines.items()},
        }
    )
    found = parse_street_lines(data, "streets.parquet")
    assert found.kind.tolist() == [kind("parking", RAMP), kind("restricted", TUNNEL)]


def test_a_file_that_is_none_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be read as a Parquet file of streets"):
        parse_street_lines(b"PAR1 and then nothing", "a.parquet")
    with pytest.raises(MissingColumnError, match="lacks the column 'ramp'"):
        parse_street_lines(published(ramp=None), "a.parquet")
    with pytest.raises(DataError, match="holds no street at all"):
        parse_street_lines(published(**{"class": ["rail", "rail"]}), "a.parquet")


def test_another_coordinate_system_is_told() -> None:
    degrees = pa.array([[44_000_000, 44_000_100], [0, 1]], pa.list_(pa.int32()))
    with pytest.raises(DataError, match=r"point at x = 4400000 m, y = 200000 m, outside Belgium"):
        parse_street_lines(published(x_dm=degrees), "a.parquet")


def test_points_where_only_two_of_a_kind_meet_become_bends() -> None:
    graph = graph_of((((0, 0), (100, 0), (100, 100)), MINOR), (((100, 100), (200, 100)), MINOR))
    assert len(graph.xy) == 2
    assert graph.length_dm.tolist() == [3000]
    np.testing.assert_array_equal(graph.bend_xy, at((100, 0), (100, 100)))


def test_another_kind_begins_at_a_node() -> None:
    graph = graph_of((((0, 0), (100, 0)), MINOR), (((100, 0), (200, 0)), kind("minor", BRIDGE)))
    assert len(graph.tail) == 2
    assert sorted(graph.kind.tolist()) == sorted([MINOR, kind("minor", BRIDGE)])


def test_one_ways_keep_their_direction_and_meet_head_on_at_a_node() -> None:
    one = kind("minor", ONEWAY)
    along = graph_of((((0, 0), (100, 0)), one), (((100, 0), (200, 0)), one))
    assert len(along.tail) == 1
    assert along.xy[along.tail[0]].tolist() == at((0, 0))[0].tolist()
    assert len(graph_of((((0, 0), (100, 0)), one), (((200, 0), (100, 0)), one)).tail) == 2


def test_a_bridge_is_not_joined_to_what_it_crosses() -> None:
    below = (((0, 0), (50, 0), (100, 0)), MINOR)
    over = (((50, -50), (50, 0), (50, 50)), kind("minor", BRIDGE))
    around = (((0, 0), (50, -50)), MINOR)
    graph = graph_of(below, over, around)
    assert len(graph.tail) == 2  # the bridge, and the street below with the way around as one
    level = graph_of(below, (over[0], MINOR), around)
    assert len(level.tail) == 3  # a loop, and two dead ends


def test_two_tunnels_meet_and_a_path_may_end_on_a_bridge() -> None:
    bridge = (((0, 0), (50, 0), (100, 0)), kind("minor", BRIDGE))
    assert len(graph_of(bridge, (((50, 0), (50, 50)), kind("path"))).xy) == 4


def test_an_end_beside_a_line_is_joined_to_it_on_the_ground_only() -> None:
    street = (((0, 0), (100, 0)), MINOR)
    beside = (((40, 1), (40, 60)), MINOR)
    graph, report = make_street_graph(lines_of(street, beside))
    assert (report.joined, len(graph.tail)) == (1, 3)
    graph, report = make_street_graph(lines_of((street[0], kind("minor", BRIDGE)), beside))
    assert (report.joined, report.islands) == (0, 1)
    assert make_street_graph(lines_of(street, (((40, 3), (40, 60)), MINOR)))[1].joined == 0


def test_islands_are_left_out_and_counted() -> None:
    graph, report = make_street_graph(lines_of((((0, 0), (500, 0)), MINOR), (((0, 50), (300, 50)), MINOR)))
    assert graph.length_dm.tolist() == [5000]
    assert (report.islands, report.island_km) == (1, 0.3)


def test_lines_twice_in_the_file_change_no_distance() -> None:
    street = (((0, 0), (100, 0), (200, 0)), MINOR)
    network = make_streets(graph_of(street, street), "walk", at())
    assert StreetTravel(network)(at((190, 0)), at((0, 0)), 1).distance_m.tolist() == [[190.0]]


def test_what_is_written_is_read_again_and_twice_the_same_bytes(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    graph = make_street_graph(random_world(rng))[0]
    columns = {}
    for name, values in street_columns(graph).items():
        for copy in ("a", "b"):
            write_columns(tmp_path / f"{name}-{copy}", values)
        assert (tmp_path / f"{name}-a").read_bytes() == (tmp_path / f"{name}-b").read_bytes()
        table = pq.read_table(tmp_path / f"{name}-a")
        columns[name] = {field: table[field].to_numpy() for field in table.column_names}
        assert [field["name"] for field in street_schema(name)["fields"]] == list(values)
    again = read_streets(*columns.values())
    for name in StreetGraph.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(again, name), getattr(graph, name), err_msg=name)


def test_streets_that_do_not_fit_together_are_refused() -> None:
    nodes, edges, bends = street_columns(graph_of((((0, 0), (100, 0), (100, 100)), MINOR))).values()
    with pytest.raises(DataError, match="ends at a point that is not there"):
        read_streets(nodes, edges | {"head_step": np.array([5], dtype=np.int32)}, bends)
    with pytest.raises(DataError, match="have 1 bends but 0 are announced"):
        read_streets(nodes, edges | {"bends": np.array([0], dtype=np.uint16)}, bends)


@pytest.mark.parametrize(
    ("name", "walk", "bike", "car"),
    [
        ("motorway", False, False, True),
        ("trunk", False, False, True),
        ("primary", True, True, True),
        ("minor", True, True, True),
        ("restricted", True, True, False),
        ("pedestrian", True, True, False),
        ("track", True, True, False),
        ("path", True, True, False),
        ("ferry", True, True, False),
    ],
)
def test_who_may_use_which_street(name: str, walk: bool, bike: bool, car: bool) -> None:
    rules = {mode: rules_of(mode, ferries=True) for mode in ("walk", "bike", "car")}
    open_to = {mode: bool(np.isfinite(rule.along[:, kind(name)]).all()) for mode, rule in rules.items()}
    assert open_to == {"walk": walk, "bike": bike, "car": car}


def test_one_ways_count_for_cars_on_main_roads_for_bikes_and_never_on_foot() -> None:
    for name, closed in (("minor", ("car",)), ("primary", ("car", "bike"))):
        for mode in ("walk", "bike", "car"):
            against = rules_of(mode).against[1, kind(name, ONEWAY)]
            assert np.isinf(against) == (mode in closed), (name, mode)
            assert np.isfinite(rules_of(mode).against[1, kind(name)])


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_folded_graph_keeps_every_distance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph, full = random_graph(rng)
    if connected_components(full, connection="strong")[0] > 1:
        return
    core = make_core(graph)
    truth, between, inside = dijkstra(full), dijkstra(core.graph), dijkstra(core.inside)
    n = len(truth)
    same = (core.fragment[:, None] == core.fragment) & (core.fragment >= 0)
    found = np.where(same, inside, np.where(np.eye(n, dtype=bool), 0.0, np.inf))
    for here in range(2):
        for there in range(2):
            one, other = core.anchor[:, here], core.anchor[:, there]
            ways = core.coming[:, here, None] + between[one][:, other] + core.leaving[:, there]
            found = np.where((one >= 0)[:, None] & (other >= 0), np.minimum(found, ways), found)
    np.testing.assert_array_equal(found, truth)


def random_graph(rng: np.random.Generator) -> tuple[sparse.csr_array, sparse.csr_array]:
    """A tree with a few more edges, some of them one-way; and the same without what is closed."""
    n = int(rng.integers(2, 30))
    tail = np.arange(1, n)
    head = np.where(rng.random(n - 1) < 0.5, tail - 1, (rng.random(n - 1) * tail).astype(np.intp))
    more = rng.integers(0, n, (int(rng.integers(0, 6)), 2))
    more = more[more[:, 0] != more[:, 1]]
    ends = np.vstack([np.column_stack([tail, head]), more])
    forth = rng.integers(1, 50, len(ends)).astype(np.float64)
    back = np.where(rng.random(len(ends)) < 0.2, np.inf, rng.integers(1, 50, len(ends)))
    if rng.random() < 0.5:
        back[: n - 1] = 7.0
    graph = cheapest(
        np.concatenate([ends[:, 0], ends[:, 1]]),
        np.concatenate([ends[:, 1], ends[:, 0]]),
        np.concatenate([forth, back]),
        n,
    )
    row = np.repeat(np.arange(n), np.diff(graph.indptr))
    goes = np.isfinite(graph.data)
    return graph, sparse.csr_array((graph.data[goes], (row[goes], graph.indices[goes])), shape=(n, n))


def random_world(rng: np.random.Generator) -> StreetLines:
    """Streets in a crooked grid with gaps, bends, one-ways and dead ends."""
    width, height = rng.integers(2, 7, 2)
    east, north = (np.sort(rng.permutation(40)[:size]) * 500 for size in (width, height))
    corners = np.array([(x, y) for x in east for y in north]) + rng.integers(-100, 100, (width * height, 2)) + CORNER
    runs, kinds = [], []
    for i in range(width):
        for j in range(height):
            for other in ((i + 1, j), (i, j + 1)):
                if other[0] < width and other[1] < height and rng.random() < 0.75:
                    a, b = corners[i * height + j], corners[other[0] * height + other[1]]
                    bends = [(a + b) // 2 + rng.integers(-60, 60, 2)] * int(rng.integers(0, 2))
                    run = [a, *bends, b]
                    runs.append(np.array(run if rng.random() < 0.5 else run[::-1]))
                    name = ("minor", "tertiary", "path", "primary")[rng.integers(4)]
                    kinds.append(kind(name, ONEWAY * int(rng.random() < 0.2)))
    for _ in range(int(rng.integers(1, 6))):
        a = corners[rng.integers(len(corners))]
        runs.append(np.array([a, a + rng.integers(-300, 300, 2) + 1]))
        kinds.append(MINOR)
    sizes = np.append(0, np.cumsum([len(run) for run in runs]))
    return StreetLines(np.array(kinds, dtype=np.uint8), sizes.astype(np.int64), np.concatenate(runs), 0)


def by_hand(network: StreetNetwork, cells: Placed, places: Placed) -> Floats:
    """(n, m) decimetres of travel, from all ends of all streets to all others."""
    n = len(network.core.fragment)
    open_along, open_against = np.isfinite(network.along), np.isfinite(network.against)
    full = cheapest(
        np.concatenate([network.head[open_along], network.tail[open_against]]),
        np.concatenate([network.tail[open_along], network.head[open_against]]),
        np.concatenate([network.along[open_along], network.against[open_against]]),
        n,
    )
    between = dijkstra(full)
    np.fill_diagonal(between, 0.0)
    edge, street = cells.edge.astype(np.intp), places.edge.astype(np.intp)
    leaving, coming = leaving_ends(network, edge, cells.offset), coming_ends(network, street, places.offset)
    found = np.full((len(edge), len(street)), np.inf)
    for here, out in zip((network.tail[edge], network.head[edge]), leaving, strict=True):
        for there, back in zip((network.tail[street], network.head[street]), coming, strict=True):
            found = np.minimum(found, out[:, None] + between[there][:, here].T + back)
    ahead = places.offset - cells.offset[:, None]
    rate = np.where(ahead >= 0, network.along[street], network.against[street])
    direct = part_of(rate, np.abs(ahead), np.maximum(network.length[street], 1.0))
    found = np.where(edge[:, None] == street, np.minimum(found, direct), found)
    return found + cells.leg[:, None] + places.leg


@pytest.mark.parametrize("mode", ["walk", "bike", "car"])
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_distances_over_the_streets_are_those_of_brute_force(mode: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = make_street_graph(random_world(rng))[0]
    low, high = graph.xy.min(axis=0) - 300, graph.xy.max(axis=0) + 300
    cells, places = rng.uniform(low, high, (40, 2)), rng.uniform(low, high, (8, 2))
    try:
        network = make_streets(graph, mode, cells)
    except InputError:
        return  # nothing for this mode
    model = StreetTravel(network)
    truth = by_hand(network, network.cells, network.place(places))
    order = np.lexsort((np.broadcast_to(np.arange(8), truth.shape), truth), axis=1)
    for k in (1, 2, 3):
        found = model(cells, places, k)
        expected = (np.take_along_axis(truth, order[:, :k], axis=1) + model.parking) / 10
        np.testing.assert_array_equal(found.distance_m, expected)
        reached: Bools = np.isfinite(expected)
        np.testing.assert_array_equal(found.index[reached], order[:, :k][reached])
    near = (truth + model.parking) / 10
    radius = 1500.0 + model.parking / 10
    pairs = model.within(cells, places, radius)
    dense = np.full(near.shape, np.inf)
    for place in range(8):
        part = slice(pairs.start[place], pairs.start[place + 1])
        dense[pairs.demand[part], place] = pairs.cost[part]
    np.testing.assert_array_equal(dense, np.where(near <= radius, near, np.inf))
    limit = rng.choice([-1.0, 400.0, 900.0, radius, np.inf], 40)
    dense[:] = np.inf
    for rows, columns, metres in model.within_limits(cells, places, limit):
        assert np.isinf(dense[rows, columns]).all()  # each pair once
        dense[rows, columns] = metres
    np.testing.assert_array_equal(dense, np.where(near <= limit[:, None], near, np.inf))
    if mode == "car":  # parking alone takes longer
        assert len(model.within(cells, places, 1000.0).cost) == 0


def test_few_and_many_points_are_put_on_the_same_street() -> None:
    rng = np.random.default_rng(5)
    graph = make_street_graph(random_world(rng))[0]
    pieces = cut_streets(graph, np.arange(len(graph.tail)))
    xy = rng.uniform(graph.xy.min(axis=0) - 500, graph.xy.max(axis=0) + 500, (300, 2))
    few, many = find_spots(pieces, xy), find_all_spots(pieces, xy)
    assert (many.away_m >= few.away_m).all()  # the few are put on the nearest of all
    assert np.mean(many.away_m - few.away_m < 0.01) > 0.95


class _Figures:
    """As much of a snapshot as streets are made of."""

    has_streets = True
    resources: ClassVar = {"grid_weight": {"hash": "grid of a test"}}

    def __init__(self, graph: StreetGraph, cells: Floats) -> None:
        self.graph, self.grid = graph, SimpleNamespace(xy=cells)

    def streets(self) -> StreetGraph:
        return self.graph

    def streets_hash(self) -> str:
        return "streets of a test"


@pytest.mark.parametrize("before", ["nothing", "of another version"])
def test_streets_made_for_the_first_time_are_mapped_and_answer_the_same(
    before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NABIJ_CACHE", str(tmp_path))
    rng = np.random.default_rng(5)
    graph = make_street_graph(random_world(rng))[0]
    low, high = graph.xy.min(axis=0) - 300, graph.xy.max(axis=0) + 300
    cells, places = rng.uniform(low, high, (40, 2)), rng.uniform(low, high, (8, 2))
    figures = cast(Any, _Figures(graph, cells))
    _of_snapshot.cache_clear()
    loaded = load_streets(figures, "walk")
    if before == "of another version":
        (folder,) = tmp_path.iterdir()
        (folder / "complete").write_text("least", encoding="utf-8")
        _of_snapshot.cache_clear()
        loaded = load_streets(figures, "walk")
    _of_snapshot.cache_clear()
    assert isinstance(loaded.core.anchor, np.memmap)
    made, mapped = (StreetTravel(one)(cells, places, 2) for one in (make_streets(graph, "walk", cells), loaded))
    assert np.array_equal(made.distance_m, mapped.distance_m, equal_nan=True)
    assert np.array_equal(made.index, mapped.index)


def test_distances_that_are_kept_are_those_of_the_streets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All kinds of answer: nearest, second, a place that nobody reaches, a cell and a place far from any street."""
    monkeypatch.setenv("NABIJ_CACHE", str(tmp_path))
    rng = np.random.default_rng(6)
    graph = make_street_graph(random_world(rng))[0]
    low, high = graph.xy.min(axis=0) - 900, graph.xy.max(axis=0) + 900
    cells, places = rng.uniform(low, high, (60, 2)), rng.uniform(low, high, (5, 2))
    cells[0] += 40_000.0
    figures = cast(Any, _Figures(graph, cells))
    _of_snapshot.cache_clear()
    model = KeptTravel(figures, "walk")
    first = model(figures.grid.xy, places)
    plain = StreetTravel(load_streets(figures, "walk"))(figures.grid.xy, places)
    monkeypatch.setattr(KeptTravel, "_streets", lambda _: pytest.fail("searched again"))
    again = model(figures.grid.xy, places)
    for one in (first, again):
        np.testing.assert_array_equal(one.distance_m, plain.distance_m)
        np.testing.assert_array_equal(one.index, plain.index)
        assert one.details == plain.details
        for name, values in plain.flags.items():
            np.testing.assert_array_equal(one.flags[name], values)
    np.testing.assert_array_equal(again.order, np.argsort(plain.distance_m[:, 0], kind="stable"))
    assert plain.flags["straight_line"].any()
    assert np.isnan(plain.distance_m).any()


@pytest.mark.parametrize("change", ["places", "order", "mode", "k", "streets", "code"])
def test_other_streets_places_or_code_have_other_distances(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NABIJ_CACHE", str(tmp_path))
    figures = cast(Any, _Figures(cast(Any, None), np.zeros((1, 2))))
    places = np.array([[1.0, 2.0], [3.0, 4.0]])
    before = KeptTravel(figures, "walk")._name(places, 2)
    after = {
        "places": lambda: KeptTravel(figures, "walk")._name(places + 0.1, 2),
        "order": lambda: KeptTravel(figures, "walk")._name(places[::-1], 2),
        "mode": lambda: KeptTravel(figures, "bike")._name(places, 2),
        "k": lambda: KeptTravel(figures, "walk")._name(places, 1),
    }
    if change == "streets":
        monkeypatch.setattr(_Figures, "streets_hash", lambda _: "others")
    if change == "code":
        monkeypatch.setattr("coverage.travel.streets.kept_travel._searched_by", lambda: "others")
    again = after.get(change, lambda: KeptTravel(figures, "walk")._name(places, 2))()
    assert again != before
    assert KeptTravel(figures, "walk")._name(places, 2) == (before if change in after else again)


def test_a_point_beside_a_street_walks_square_to_it() -> None:
    network = make_streets(graph_of((((0, 0), (1000, 0)), MINOR)), "walk", at((500, 40)))
    found = StreetTravel(network)(at((500, 40)), at((123, -30)), 1)
    assert found.distance_m.tolist() == [[40.0 + 377.0 + 30.0]]


def test_a_point_beside_a_bend_stands_on_the_street_and_not_on_its_straight_line_on() -> None:
    """30 m east and 50 m north make one piece of 80 m; nothing of it leads on to the south of the bend."""
    graph = graph_of((((-500, 0), (0, 0)), MINOR), (((0, 0), (30, 0), (30, 50)), MINOR), (((30, 50), (500, 50)), MINOR))
    travel = StreetTravel(make_streets(graph, "walk", at((0, 0))))
    found = travel(at((30, -30)), at((-100, 0)), 1)
    assert found.distance_m[0, 0] == pytest.approx(30 + 30 + 100, abs=1)


def test_far_from_a_street_the_straight_line_counts_and_is_flagged() -> None:
    network = make_streets(graph_of((((0, 0), (1000, 0)), MINOR)), "walk", at((500, 40), (500, 400)))
    model = StreetTravel(network)
    found = model(at((500, 40), (500, 400)), at((500, 0)), 1)
    assert found.distance_m[:, 0].tolist() == [40.0, 400 * OFF_STREET]
    assert found.flags["straight_line"].tolist() == [False, True]
    assert (NEAR_M, found.details["off_street"]) == (300.0, ())
    lake = model(at((500, 40)), at((500, 1000)), 1)
    assert lake.distance_m.tolist() == [[40 + 1000 * OFF_STREET]]
    assert lake.flags["straight_line"].tolist() == [True]
    assert lake.details["off_street"] == (0,)


def test_a_place_with_no_street_anywhere_near_is_counted_and_leaves_what_it_may_change_unknown() -> None:
    network = make_streets(graph_of((((0, 0), (1000, 0)), MINOR)), "walk", at((500, 40)))
    found = StreetTravel(network)(at((500, 40)), at((500, 0), (500, 90_000)), 2)
    assert found.details["lost_places"] == 1
    assert found.distance_m[0, 0] == 40.0
    assert np.isnan(found.distance_m[0, 1])


def test_a_river_with_one_bridge_is_crossed_there() -> None:
    banks = [(((0, y), (4000, y)), MINOR) for y in (0, 200)]
    bridge = (((4000, 0), (4000, 200)), kind("minor", BRIDGE))
    over = (((2000, -200), (2000, 400)), kind("motorway", BRIDGE))
    network = make_streets(graph_of(*banks, bridge, over), "walk", at((0, 0)))
    assert StreetTravel(network)(at((0, 0)), at((0, 200)), 1).distance_m.tolist() == [[4000 + 200 + 4000.0]]


def test_a_ferry_is_waited_for_and_not_driven_onto() -> None:
    banks = [(((0, y), (400, y)), MINOR) for y in (0, 240)]
    ferry = (((0, 0), (0, 240)), kind("ferry"))
    graph = graph_of(*banks, ferry)
    sailing = make_streets(graph, "walk", at(), rules_of("walk", ferries=True))
    walk = StreetTravel(sailing)(at((0, 0)), at((0, 240)), 1).distance_m
    assert walk.tolist() == [[1200 + 240 * 4.8 / 8.0]]  # a quarter of an hour of waiting is 1,200 m
    car = StreetTravel(make_streets(graph, "car", at()))(at((0, 0)), at((0, 10)), 1).distance_m
    np.testing.assert_allclose(car, [[10 * 3 + (PARKING_S + CAR.start_s) / 3.6 * 60]], atol=0.05)


def test_a_grid_of_streets_is_walked_along_its_sides() -> None:
    sides = [(((0, y), *((x, y) for x in range(100, 1001, 100))), MINOR) for y in range(0, 1001, 100)]
    sides += [(((x, 0), *((x, y) for y in range(100, 1001, 100))), MINOR) for x in range(0, 1001, 100)]
    cells = at(*((x, y) for x in range(0, 1001, 50) for y in range(0, 1001, 100)))
    network = make_streets(graph_of(*sides), "walk", cells)
    places = at((0, 0), (1000, 300))
    found = StreetTravel(network)(cells, places, 2).distance_m
    expected = np.abs(cells[:, None] - places).sum(axis=2)
    np.testing.assert_allclose(found, np.sort(expected, axis=1), atol=0.11)


def test_classes_have_room_in_their_bits() -> None:
    assert len(STREET_CLASSES) <= 16
    assert class_of(np.array([255], dtype=np.uint8)).tolist() == [15]
