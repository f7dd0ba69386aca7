"""Candidates stand where people live; points hold the births they are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coverage.core.demand import surface
from coverage.core.points import CELL, demand_points
from coverage.siting.planning.question.candidates import KINDS, find_candidates
from i18n.errors import DataError, InputError, MissingColumnError, MissingFileError
from loaders.catalogue.columns import SITE_COLUMNS
from loaders.lists.building_file import read_building_file
from loaders.snapshot.reader import Snapshot

WATER = range(40, 45)
"""Corine classes of water bodies and wetlands that nobody lives in."""


@pytest.mark.parametrize("level", [CELL, "sector", "municipality"])
def test_points_hold_all_births(tiny: Any, level: str) -> None:
    snapshot = tiny.snapshot()
    demand = surface(snapshot)
    points = demand_points(snapshot, demand, level)
    assert points.births.sum() == pytest.approx(180)
    assert (points.births > 0).all()
    back = points.per_cell(points.births / 2, demand)
    np.testing.assert_allclose(back, demand.births / 2)
    assert (points.of_cell[points.cell] == np.arange(len(points.births))).all()


def test_the_middle_of_a_sector_is_its_middle_cell(tiny: Any) -> None:
    """Sectors of 5 by 5 equal cells: the middle one. Fort has no births, so its 8 sectors are no points."""
    snapshot = tiny.snapshot()
    found = find_candidates(snapshot, surface(snapshot), "sector")
    assert len(found) == 48 - 8
    first = found.frame.iloc[0]
    assert (first["x"], first["y"]) == tiny.centre(2, 2)
    assert (first["id"], first["name"], first["nis2025"]) == ("sector-s0000", "S0000", "10012")


def test_candidates_may_be_limited_to_an_area(tiny: Any) -> None:
    snapshot = tiny.snapshot()
    inside = snapshot.zone_index("municipality", 2025) == 0
    found = find_candidates(snapshot, surface(snapshot), "sector", inside)
    assert set(found.frame["nis2025"]) == {"10005"}
    with pytest.raises(InputError, match="no candidate of this kind in the area"):
        find_candidates(snapshot, surface(snapshot), "sector", np.zeros(1200, dtype=bool))


def test_a_building_stays_moves_or_is_left_out(tiny: Any, tmp_path: Path) -> None:
    x, y = tiny.centre(0, 0)
    file = tmp_path / "gebouwen.csv"
    file.write_text(f"id;naam;x;y\na;In de cel;{x + 30};{y}\nb;Net buiten;{x - 200};{y}\nc;Ver weg;{x - 5000};{y}\n")
    found = find_candidates(tiny.snapshot(), surface(tiny.snapshot()), buildings=read_building_file(file))
    assert found.frame[["id", "name", "x", "moved_m"]].values.tolist() == [
        ["a", "In de cel", x + 30, 0.0],
        ["b", "Net buiten", x, 200.0],
    ]
    assert found.dropped[["id", "distance_m"]].values.tolist() == [["c", 5000.0]]


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("id,name\na,b\n", MissingColumnError, "no coordinates (found: id, name)"),
        ("id,lat,lon\na,51,four\n", DataError, "row 2: lon 'four' is not a number"),
        ("id,lat,lon\na,51,\n", DataError, "row 2: '51' is no place in Belgium"),
        ("id,lat,lon\na,51,4.4\na,51.1,4.4\n", DataError, "row 3: id 'a' occurs more than once"),
    ],
)
def test_a_faulty_building_is_named(tmp_path: Path, content: str, error: type[Exception], message: str) -> None:
    file = tmp_path / "buildings.csv"
    file.write_text(content)
    with pytest.raises(error) as told:
        read_building_file(file)
    assert message in str(told.value)


def test_an_unknown_kind_names_the_known_ones(tiny: Any) -> None:
    with pytest.raises(
        MissingFileError, match="'castles' is no kind of candidate \\(cell, sector, neighbourhood, station"
    ):
        find_candidates(tiny.snapshot(), surface(tiny.snapshot()), "castles")


@pytest.mark.parametrize("kind", KINDS)
def test_no_candidate_of_the_real_data_is_in_water_or_where_nobody_lives(embedded: Snapshot, kind: str) -> None:
    demand = surface(embedded)
    frame = find_candidates(embedded, demand, kind).frame
    assert len(frame) > 250
    assert frame["id"].is_unique
    cells = frame["cell"].to_numpy()
    assert (demand.births[cells] > 0).all()
    assert not np.isin(embedded.grid.land_cover[cells], WATER).any()
    away = np.hypot(*(frame[["x", "y"]].to_numpy(float) - embedded.grid.xy[cells]).T)
    assert away.max() <= 71
    assert {"name", "kind", "nis2025"} <= set(SITE_COLUMNS) & set(frame.columns)
