"""What a command imports and reads before it answers: nothing that the answer does not need."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import map_coordinates
from scipy.spatial import cKDTree

from cli import SELDOM
from coverage.access.nearest_facilities import FEW, nearest
from i18n import texts
from i18n.errors import SnapshotError
from loaders.catalogue.regions.spline import CubicSpline
from loaders.snapshot.array_cache import CACHE_VARIABLE, keep_arrays, keep_last, mark_used
from loaders.snapshot.reader import EMBEDDED, Snapshot, read_grid_ahead

ROOT = Path(__file__).resolve().parents[2]
HELP = {"numpy", "pandas", "pyarrow", "geopandas", "scipy", "rasterio", "dash", "flask", "requests", "sqlalchemy"}
"""Libraries that help must not wait for."""

GAPS = {
    "scipy",
    "requests",
    "sqlalchemy",
    "dash",
    "flask",
    "folium",
    "openpyxl",
    "osmium",
    "highspy",
    "pyogrio",
    "rich",
}
"""Libraries that a table of gaps by straight line must not wait for."""


def imported(*arguments: str) -> set[str]:
    """Libraries that are imported when a command has answered, in a process of its own."""
    program = (
        "import json, sys\nimport cli\nsys.argv = ['nabij', *sys.argv[1:]]\n"
        "try:\n    cli.main()\nexcept SystemExit as done:\n    assert not done.code\n"
        "sys.stderr.write('\\n' + json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_help_imports_nothing_that_reads_data() -> None:
    assert not imported("--help") & HELP


def test_a_table_of_gaps_imports_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    assert not imported("gaps", "--service", "bureau", "--model", "crow", "--out", str(tmp_path / "x.csv")) & GAPS


def test_a_table_over_streets_that_were_searched_for_these_places_imports_neither_streets_nor_borders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second question on the same places, of another level and share, takes distances and cells from the cache."""
    question = ("gaps", "--service", "bureau", "--mode", "bike")
    imported(*question, "--out", str(tmp_path / "first.csv"))
    again = imported(*question, "--min-share", "0.4", "--out", str(tmp_path / "second.csv"))
    assert not again & (GAPS | {"rasterio", "geopandas"})
    assert (tmp_path / "first.csv").read_bytes() != (tmp_path / "second.csv").read_bytes()


def test_a_start_hardly_looks_for_garbage(tmp_path: Path) -> None:
    """Under the usual threshold a table of gaps looks some 290 times; a server, which stays, keeps the usual one."""
    program = (
        "import gc, sys\nimport cli\nsys.argv = ['nabij', *sys.argv[1:]]\n"
        "before = sum(one['collections'] for one in gc.get_stats())\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        "sys.stderr.write(f\"\\n{sum(one['collections'] for one in gc.get_stats()) - before} {gc.get_threshold()[0]}\")"
    )

    def looked(*arguments: str) -> tuple[int, int]:
        done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, cwd=ROOT)
        times, threshold = map(int, done.stderr.splitlines()[-1].split())
        return times, threshold

    times, threshold = looked("gaps", "--service", "bureau", "--out", str(tmp_path / "x.csv"))
    assert (times < 30, threshold) == (True, SELDOM)
    usual = subprocess.run([sys.executable, "-c", "import gc; print(gc.get_threshold()[0])"], capture_output=True)
    assert looked("serve", "--port", "70000")[1] == int(usual.stdout)


def test_a_grid_read_ahead_is_the_grid() -> None:
    snapshot = Snapshot()
    read_grid_ahead(snapshot)
    assert snapshot.grid is snapshot.grid
    np.testing.assert_array_equal(snapshot.grid.xy, Snapshot().grid.xy)


def test_what_is_kept_of_the_grid_is_the_grid_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, "")
    made = Snapshot()
    grid, index = made.grid, made.zone_index("sector")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    for turn in range(2):
        snapshot = Snapshot()
        monkeypatch.setattr(snapshot, "_make_grid", made._make_grid if turn == 0 else lambda: pytest.fail("made again"))
        for name in ("cell", "xy", "weight", "population", "land_cover"):
            one, other = getattr(snapshot.grid, name), getattr(grid, name)
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)
        assert (snapshot.grid.shape, snapshot.grid.transform) == (grid.shape, grid.transform)
        np.testing.assert_array_equal(snapshot.zone_index("sector"), index)
    assert sorted(path.name.split("-")[0] for path in tmp_path.iterdir()) == ["grid", "zones"]


def test_zones_without_borders_are_the_zones() -> None:
    snapshot = Snapshot()
    pd.testing.assert_frame_equal(
        snapshot.zone_rows("municipality", 2018),
        pd.DataFrame(snapshot.zones("municipality", 2018).drop(columns="geometry")),
    )


def test_of_what_is_kept_the_last_asked_for_stays(tmp_path: Path) -> None:
    for number in range(5):
        keep_arrays({"a": np.arange(number)}, tmp_path / f"distances-{number}")
        os.utime(tmp_path / f"distances-{number}", (number, number))
    keep_arrays({"a": np.arange(9)}, tmp_path / "grid-9")
    mark_used(tmp_path / "distances-0")
    keep_last(tmp_path, "distances-", 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["distances-0", "distances-4", "grid-9"]


def test_a_damaged_grid_is_told_to_who_asks_for_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    copy = Path(shutil.copytree(EMBEDDED, tmp_path / "snapshot"))
    snapshot = Snapshot(copy)
    snapshot.resource_path("grid_weight").write_bytes(b"no raster")
    read_grid_ahead(snapshot)
    for thread in [one for one in threading.enumerate() if one.name == "grid"]:
        thread.join()
    assert capfd.readouterr().err == ""
    with pytest.raises(SnapshotError, match=r"weight\.tif' cannot be read"):
        _ = snapshot.grid


@pytest.mark.parametrize("seed", range(3))
def test_the_spline_is_that_of_scipy_bit_for_bit(seed: int) -> None:
    random = np.random.default_rng(seed)
    lattice = np.cumsum(random.normal(size=(30, 41)), axis=0) * 1e5
    at_row, at_col = np.linspace(2.0, 26.5, 57), np.linspace(0.0, 40.0, 83)
    row, col = random.integers(0, 57, 4_000), random.integers(0, 83, 4_000)
    if seed:
        row.sort()
    found = np.empty(len(row))
    CubicSpline(lattice).on_grid(at_row, at_col, row, col, found)
    expected = map_coordinates(lattice, np.vstack([at_row[row], at_col[col]]), order=3, mode="nearest")
    np.testing.assert_array_equal(found, expected)


def test_no_points_have_no_values() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    CubicSpline(np.ones((3, 3))).on_grid(np.zeros(1), np.zeros(1), nothing, nothing, np.zeros(0))


@pytest.mark.parametrize(
    ("points", "places", "k"),
    [(1, 1, 1), (5, 3, 4), (3_000, 60, 1), (9_000, 40, 2), (20_000, 700, 3), (300, FEW, 2), (300, FEW + 1, 2)],
)
def test_the_nearest_are_those_of_a_tree_bit_for_bit(points: int, places: int, k: int) -> None:
    random = np.random.default_rng(points)
    demand, facility = random.normal(size=(points, 2)) * 4e4, random.normal(size=(places, 2)) * 5e4
    found = nearest(demand, facility, k)
    distance, index = cKDTree(facility).query(demand, k=list(range(1, k + 1)))
    np.testing.assert_array_equal(found.distance_m, distance)
    np.testing.assert_array_equal(found.index, np.where(index == places, -1, index))


def test_places_outside_the_points_and_on_their_edge_are_found() -> None:
    demand = np.array([[x, y] for x in np.arange(0.0, 9_000.0, 100.0) for y in (0.0, 50.0)])
    facility = np.array([[-50_000.0, 0.0], [9_000.0, 0.0], [4_450.0, 30_000.0]])
    distance, index = cKDTree(facility).query(demand, k=[1, 2])
    found = nearest(demand, facility, 2)
    np.testing.assert_array_equal(found.distance_m, distance)
    np.testing.assert_array_equal(found.index, index)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the catalogue of texts, without what was compiled of it."""
    copy = Path(
        shutil.copytree(ROOT / "i18n" / "texts", tmp_path / "texts", ignore=shutil.ignore_patterns("__pycache__"))
    )
    monkeypatch.setattr(texts, "_FOLDER", copy)
    monkeypatch.setattr(texts, "_COMPILED", copy / "__pycache__" / "catalogue.json")
    return copy


def fresh() -> dict[str, dict[str, str]]:
    """The catalogue as another process finds it."""
    return texts.catalogue.__wrapped__()


def test_compiled_texts_are_those_of_the_files(folder: Path) -> None:
    first = fresh()
    assert (folder / "__pycache__" / "catalogue.json").is_file()
    assert fresh() == first == texts.catalogue()


def test_a_changed_file_is_read_again(folder: Path) -> None:
    fresh()
    file = sorted(folder.glob("*.toml"))[0]
    stamp = file.stat()
    file.write_text(
        file.read_text(encoding="utf-8") + '\n[made_up]\nnl = "Proef"\nen = "Trial"\nfr = "Essai"\n', encoding="utf-8"
    )
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # its length tells
    assert fresh()["made_up"] == {"nl": "Proef", "en": "Trial", "fr": "Essai"}
    (folder / "zzz.toml").write_text('[another]\nnl = "Nog een"\nen = "Another"\nfr = "Un autre"\n', encoding="utf-8")
    assert fresh()["another"] == {"nl": "Nog een", "en": "Another", "fr": "Un autre"}
    (folder / "zzz.toml").unlink()
    assert "another" not in fresh()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"files": []}', b"\xff"])
def test_damaged_compiled_texts_are_made_again(folder: Path, damage: bytes) -> None:
    first = fresh()
    (folder / "__pycache__" / "catalogue.json").write_bytes(damage)
    assert fresh() == first


def test_texts_are_read_where_nothing_may_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_COMPILED", folder / "accepts.toml" / "no" / "catalogue.json")
    (folder / "accepts.toml").write_text("", encoding="utf-8")
    assert fresh() == texts.catalogue()
