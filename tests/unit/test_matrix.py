"""A table of travel costs made elsewhere: read, checked row by row, and used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coverage.analysis import analyse
from coverage.core.query import Query
from coverage.travel.base import TravelContext
from coverage.travel.matrix import cell_codes, load_matrix
from i18n.errors import DataError, MissingColumnError, MissingFileError
from loaders.snapshot.reader import Snapshot
from tests.unit.conftest import TinyWorld

IDS = ("f000", "f001")


def table(path: Path, *rows: tuple[object, ...], columns: tuple[str, ...] = ("from_id", "to_id", "metres")) -> Path:
    pd.DataFrame(rows, columns=list(columns)).to_csv(path, index=False)
    return path


def setting(tiny: TinyWorld, mode: str = "walk") -> TravelContext:
    return TravelContext(tiny.snapshot(), mode, facility_ids=IDS, known_ids=frozenset((*IDS, "house")))


def test_costs_by_sector(tiny: TinyWorld, tmp_path: Path) -> None:
    """Sector s0000 is 5 by 5 cells: all have the costs of their sector; other sectors are not covered."""
    path = table(
        tmp_path / "t.csv",
        ("sector:s0000", "f001", 400),
        ("sector:s0000", "f000", 900.5),
        ("sector:s0001", "f000", 0),
        ("sector:s0001", "house", 7),
    )
    world = setting(tiny)
    model = load_matrix(path, world)
    cells, places = world.snapshot.grid.xy, np.zeros((2, 2))
    found = model(cells, places, 2)
    first, second = (np.flatnonzero(world.snapshot.cells["sector"] == s) for s in ("s0000", "s0001"))  # type: ignore[attr-defined]
    assert (found.distance_m[first] == [400, 900.5]).all()
    assert (found.index[first] == [1, 0]).all()
    assert (found.distance_m[second] == [0, np.inf]).all()
    assert (found.index[second] == [0, -1]).all()
    assert np.isnan(found.distance_m).sum() == 2 * (1200 - 50)
    assert found.flags["outside_extract"].sum() == 1150
    assert found.details == {"table": "t.csv", "lost_places": 0, "in_time": False}
    pairs = model.within(cells, places, 500)
    assert sorted(zip(pairs.facility.tolist(), pairs.demand.tolist(), pairs.cost.tolist(), strict=True)) == sorted(
        [(0, int(i), 0.0) for i in second] + [(1, int(i), 400.0) for i in first]
    )


def test_costs_by_cell_in_minutes_from_parquet(tiny: TinyWorld, tmp_path: Path) -> None:
    world = setting(tiny, "bike")
    codes = cell_codes(world.snapshot.grid)
    path = tmp_path / "t.parquet"
    pd.DataFrame({"from_id": codes[:3], "to_id": "f000", "minutes": [0.0, 4.0, 60.0]}).to_parquet(path)
    found = load_matrix(path, world)(world.snapshot.grid.xy, np.zeros((2, 2)), 1)
    assert found.distance_m[:3, 0].tolist() == [0, 1000, 15_000]  # 15 km/h
    assert found.details["lost_places"] == 1


def test_cell_codes_are_those_of_the_inspire_grid(embedded: Snapshot) -> None:
    """The grid is 1,133 rows of 2,530 cells from E 3,789,500 m, N 3,177,900 m (upper left, EPSG:3035)."""
    codes = cell_codes(embedded.grid)
    assert len(set(codes)) == len(embedded.grid)
    row, col = divmod(int(embedded.grid.cell[12_345]), 2530)
    assert codes[12_345] == f"100mN{31778 - row}E{37895 + col}"


def test_a_table_in_an_analysis(tiny: TinyWorld, tmp_path: Path) -> None:
    rows = [(f"municipality:{zone}", "f000", metres) for zone, metres in (("10012", 800), ("10034", 2000))]
    query = Query(model="matrix", matrix=table(tmp_path / "mine.csv", *rows))
    analysis = analyse(tiny.snapshot(), query, tiny.facilities(tiny.place(5, 5)))
    found = analysis.table.set_index("zone_id")
    figures = found[["share_in_reach", "mean_distance_m"]].astype(float)
    assert figures.loc["10012"].to_numpy() == pytest.approx([1, 800])
    assert figures.loc["10034"].to_numpy() == pytest.approx([0, 2000])
    assert np.isnan(figures.loc["10005"].to_numpy()).all()
    assert "outside_extract" in str(found.loc["10005", "flags"])
    assert {"caveat.matrix", "caveat.outside_extract"} <= set(analysis.caveats)
    assert analysis.details["uncovered"] == pytest.approx(30 / 180)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("sector:s0000", "f000", 1), ("sector:s0099", "f000", 1)], "row 3: from_id 'sector:s0099' is no sector"),
        ([("sector:s0000", "f000", 1), ("sector:s0001", "f9", 1)], "row 3: to_id 'f9' is the id of no place"),
        ([("sector:s0000", "f000", -1)], r"row 2: metres '-1' is no number of metres of 0 or more \(1 such rows\)"),
        ([("sector:s0000", "f000", "far")], "row 2: metres 'far' is no number"),
        (
            [("sector:s0000", "f000", 1), ("sector:s0000", "f000", 2)],
            "row 3: from_id 'sector:s0000' has this to_id twice",
        ),
        ([("100mN1E1", "f000", 1)], "row 2: from_id '100mN1E1' is no inhabited cell"),
        (
            [("sector:s0000", "f000", 1), ("100mN1E1", "f000", 1)],
            "row 3: from_id '100mN1E1' is no sector like the rows",
        ),
        ([("village:boom", "f000", 1)], "row 2: from_id 'village:boom' names no level"),
        ([], "has no rows"),
    ],
)
def test_wrong_rows_are_named(tiny: TinyWorld, tmp_path: Path, rows: list[tuple[object, ...]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_matrix(table(tmp_path / "t.csv", *rows), setting(tiny))


def test_wrong_files_are_named(tiny: TinyWorld, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="give an existing file with --matrix"):
        load_matrix(tmp_path / "no.csv", setting(tiny))
    with pytest.raises(MissingColumnError, match="has no column 'to_id'"):
        load_matrix(table(tmp_path / "a.csv", ("x", 1), columns=("from_id", "metres")), setting(tiny))
    both = ("from_id", "to_id", "metres", "minutes")
    with pytest.raises(MissingColumnError, match="has metres and minutes; give exactly one"):
        load_matrix(table(tmp_path / "b.csv", ("sector:s0000", "f000", 1, 1), columns=both), setting(tiny))
    (tmp_path / "c.parquet").write_bytes(b"nothing")
    with pytest.raises(DataError, match="cannot be read"):
        load_matrix(tmp_path / "c.parquet", setting(tiny))


def test_other_points_are_refused(tiny: TinyWorld, tmp_path: Path) -> None:
    model = load_matrix(table(tmp_path / "t.csv", ("sector:s0000", "f000", 1)), setting(tiny))
    with pytest.raises(DataError, match="knows only its own origins and places"):
        model(np.zeros((3, 2)), np.zeros((2, 2)), 1)
