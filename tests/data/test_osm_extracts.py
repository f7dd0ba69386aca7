"""Real OpenStreetMap extracts: what is read, how far, and the circuity that docs/method/circuity.md states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.travel.extracts.circuity import measure_circuity, summarise_circuity
from coverage.travel.extracts.network import NetworkTravel, build_network
from coverage.travel.extracts.osm import MODES, Roads, read_roads
from coverage.travel.straight_line import CIRCUITY
from layers.notes.notes import caveat
from loaders.catalogue.regions.projection import from_lonlat
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot

PAGE = Path(__file__).resolve().parents[2] / "docs" / "method" / "circuity.md"


@pytest.fixture(scope="module")
def folder(shared_dir: Path) -> Path:
    return shared_dir / "opendata" / "network" / "roads"


@pytest.fixture(scope="module")
def antwerp(folder: Path) -> Roads:
    return read_roads(folder / "antwerp_2014-10.osm.pbf")


@pytest.mark.parametrize(
    ("file", "edges"),
    [("antwerp_2014-10.osm.pbf", 46_911), ("kempen-highways.osm.pbf", 25_327), ("lebbeke.osm", 3_310),
     ("wechelderzande.osm.pbf", 1_336)],
)  # fmt: skip
def test_extracts_are_read(folder: Path, file: str, edges: int) -> None:
    roads = read_roads(folder / file)
    assert len(roads.tail) == edges
    assert 0 < roads.length_m.max() <= 100.001
    networks = {mode: build_network(roads, mode) for mode in MODES}
    assert len(networks["walk"].xy) > len(networks["car"].xy)
    for network in networks.values():
        assert network.usable.mean() > 0.85


def test_linkeroever_is_reached_through_the_tunnels_of_its_mode(antwerp: Roads) -> None:
    """From the Grote Markt to Frederik van Eedenplein: on foot through the Sint-Annatunnel, 572 m under the Scheldt."""
    markt, plein = from_lonlat(np.array([[4.3996, 51.2213], [4.3867, 51.2217]]))
    straight = float(np.hypot(*(markt - plein)))
    on_foot = NetworkTravel(build_network(antwerp, "walk"))(plein[None], markt[None], 1).distance_m[0, 0]
    assert straight == pytest.approx(903, abs=5)
    assert straight < on_foot < 1.8 * straight
    by_car = NetworkTravel(build_network(antwerp, "car"))(plein[None], markt[None], 1).distance_m[0, 0]
    assert by_car > 3 * on_foot


def test_the_stated_circuity_comes_out_again(folder: Path, embedded: Snapshot) -> None:
    """Every row of the page for the smallest extract, and those on foot for Antwerp."""
    page = PAGE.read_text(encoding="utf-8")
    for file, modes in (("wechelderzande.osm.pbf", MODES), ("antwerp_2014-10.osm.pbf", ("walk",))):
        roads = read_roads(folder / file)
        for mode in modes:
            pairs = measure_circuity(roads, mode, embedded.grid.xy, embedded.grid.weight)
            for low, high, n, *figures in summarise_circuity(pairs).to_numpy(float):
                values = " | ".join(f"{value:.2f}" for value in figures)
                band = f"{low / 1000:g}–{high / 1000:g}"
                assert f"| {file.partition('.')[0]} | {mode} | {band} | {n:,.0f} | {values} |" in page


def test_the_default_lies_within_the_spread_where_it_matters(antwerp: Roads, embedded: Snapshot) -> None:
    """A quarter of an hour on foot is 923 m in a straight line: the band from 500 m to 1 km."""
    found = summarise_circuity(measure_circuity(antwerp, "walk", embedded.grid.xy, embedded.grid.weight))
    row = found.set_index("from_m").loc[500.0]
    assert row["p10"] < CIRCUITY < row["p90"]
    assert row["median"] == pytest.approx(CIRCUITY, abs=0.05)


def test_an_analysis_over_an_extract_says_what_it_does_not_cover(folder: Path, embedded: Snapshot) -> None:
    query = Query(model="network", network=folder / "antwerp_2014-10.osm.pbf", level="sub_municipality", within_m=1200)
    facilities = load_facilities(embedded, "illustrative")
    analysis = Engine(embedded).analyse(query, facilities)
    table = analysis.table
    covered = ~table["flags"].str.contains("outside_extract")
    assert "2014, those of the data of 2021: what was built or closed since" in caveat(
        analysis, "caveat.extract_old", "en"
    )
    assert "caveat.extract_old" in analysis.caveats
    assert 0.85 < float(str(analysis.details["uncovered"])) < 0.95
    assert table.loc[~covered & (table["births"] > 0), "share_in_reach"].isna().sum() > 1000
    given = table[table["share_in_reach"].notna() & (table["births"] > 0)]
    assert len(given) >= 1
    assert given["mean_distance_m"].dropna().between(100, 20_000).all()
    assert table["births"].sum() == pytest.approx(75_940)
