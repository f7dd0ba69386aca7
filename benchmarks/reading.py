"""What the reading room adds to an upload: the same list read in this process, and in a child as a server makes it."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from coverage.travel.matrix import cell_codes
from i18n.errors import DataError
from loaders import reading_room
from loaders.reading_room import UPLOAD, allow
from loaders.reading_room.room import without_child
from loaders.snapshot.reader import Snapshot

LISTS = (("csv", "text", 100), ("csv", "text", 20_000), ("xlsx", "workbook", 100), ("gpkg", "map", 100))
"""Suffix, form and rows of the lists."""

MORE_S = 0.4
"""Seconds that reading an upload may take longer than without the room."""

RUNS = 5
START_TRIES = 20


@dataclass(frozen=True)
class Cost:
    """Median seconds by the clock, and of computing, the child's included."""

    seconds: float
    computed: float


def _read(path: Path, form: str) -> Cost:
    clock, computed = time.perf_counter(), time.process_time()
    with allow(UPLOAD) as allowance:
        reading_room.read("list", path, file=path.name, options={"form": form})
    return Cost(time.perf_counter() - clock, time.process_time() - computed + allowance.used_s)


def _median(path: Path, form: str) -> Cost:
    _read(path, form)
    runs = [_read(path, form) for _ in range(RUNS)]
    return Cost(statistics.median(one.seconds for one in runs), statistics.median(one.computed for one in runs))


def _list(path: Path, rows: int) -> None:
    """A list of places in the format of its suffix."""
    lines = [(f"p{i}", "bureau", f"Place {i}", 51 + i % 90 / 1_000, 4.36) for i in range(rows)]
    frame = pd.DataFrame(lines, columns=["id", "service", "name", "lat", "lon"])
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    elif path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    else:
        points = shapely.points(frame["lon"], frame["lat"])
        gpd.GeoDataFrame(frame[["id", "service", "name"]], geometry=points, crs=4326).to_file(path, driver="GPKG")


def _opened() -> None:
    """Wait until the process that readers are forked from is there: under load it takes longer than a reader waits."""
    reading_room.open_room()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "first.csv"
        _list(path, 1)
        for _ in range(START_TRIES):
            with suppress(DataError):
                _read(path, "text")
                return
    raise RuntimeError("The process that readers are forked from did not start.")


def upload_lines() -> list[str]:
    """Lines on what the room adds to an upload."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for suffix, form, rows in LISTS:
            path = paths[suffix, form, rows] = Path(folder) / f"list-{rows}.{suffix}"
            _list(path, rows)
        with without_child():
            bare = {of: _median(path, of[1]) for of, path in paths.items()}
        _opened()
        try:
            sealed = {of: _median(path, of[1]) for of, path in paths.items()}
        finally:
            reading_room.close_room()
    lines = []
    for of, cost in sealed.items():
        alone, kept = bare[of], "yes" if cost.seconds - bare[of].seconds <= MORE_S else "**no**"
        figures = (alone.seconds, cost.seconds, alone.computed, cost.computed)
        lines.append(f"| {of[0]}, {of[2]:,} rows | {' | '.join(f'{figure:.3f}' for figure in figures)} | {kept} |")
    return [
        "| list | in this process, s | in the room, s | computing, s | in the room, s | kept |",
        "|---|---|---|---|---|---|",
        *lines,
    ]


def reading_lines() -> list[str]:
    """Lines for the report."""
    return [
        "## Reading an upload",
        "",
        *upload_lines(),
        "",
        f"A list to a table, median of {RUNS}; in the room it may take {MORE_S} s more.",
        "",
        *scale_lines(),
    ]


PLACES, PAIRS, EXTRACT_MB = 100_000, 5_000_000, 200


def scale_lines() -> list[str]:
    """Lines on lists, tables of travel and extracts far larger than usual, each in a process of its own."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, code, make in (
            (f"list of {PLACES:,} places", _CHECK, _places),
            (f"table of {PAIRS:,} pairs of cell and place", _TABLE, _pairs),
            (f"extract of {EXTRACT_MB} MB (.osm)", _EXTRACT, _extract),
        ):
            path = make(Path(folder))
            seconds, computed, megabytes = _apart(code, path)
            size = path.stat().st_size / 1e6
            rows.append(f"| {name} | {size:,.0f} | {seconds:.1f} | {computed:.1f} | {megabytes:,.0f} |")
            path.unlink()
    head = ["| what | MB | seconds | of computing | memory at most, MB |", "|---|---|---|---|---|"]
    return ["## Lists, tables and extracts at scale", "", *head, *rows, "", "From the file to what is used of it.", ""]


_CHECK = """
from loaders.lists.facilities.facility_file import read_facility_file
from loaders.snapshot.reader import Snapshot
report = read_facility_file(sys.argv[1], Snapshot())
assert report.n_refused == 0, report.n_refused
"""
_TABLE = """
from pathlib import Path
from coverage.travel.base import TravelContext
from coverage.travel.matrix import load_matrix
from loaders.snapshot.reader import Snapshot
ids = tuple(str(i) for i in range(50))
model = load_matrix(Path(sys.argv[1]), TravelContext(Snapshot(), facility_ids=ids, known_ids=frozenset(ids)))
assert len(model.cost) == 5_000_000
"""
_EXTRACT = """
from pathlib import Path
from coverage.travel.extracts.osm import read_roads
assert len(read_roads(Path(sys.argv[1])).tail) > 100_000
"""
_MEASURE = """
import json, resource, sys, time
began = time.perf_counter()
{code}
mine, child = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
computed = sum(one.ru_utime + one.ru_stime for one in (mine, child))
print(json.dumps([time.perf_counter() - began, computed, max(mine.ru_maxrss, child.ru_maxrss) / 1024]))
"""


def _apart(code: str, path: Path) -> tuple[float, float, float]:
    """Seconds by the clock and of computing, and megabytes, of a process that does this alone."""
    program = _MEASURE.replace("{code}", code)
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    seconds, computed, megabytes = json.loads(done.stdout.splitlines()[-1])
    return float(seconds), float(computed), float(megabytes)


def _places(folder: Path) -> Path:
    """A list with places all over the middle of Flanders, in columns under Dutch headers."""
    path = folder / "places.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("id;dienst;naam;lat;lon;uren\n")
        for i in range(PLACES):
            lat, lon = 50.95 + i % 317 / 2_000, 3.6 + i % 1_009 / 1_200
            file.write(f"{i};bureau;Plek {i};{lat:.5f};{lon:.5f};420\n".replace(".", ","))
    return path


def _pairs(folder: Path) -> Path:
    """A table from 100,000 inhabited cells to 50 places, in minutes."""
    codes = cell_codes(Snapshot().grid)[: PAIRS // 50]
    path = folder / "pairs.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("from_id,to_id,travel_time_p50\n")
        for number, code in enumerate(codes):
            file.writelines(f"{code},{place},{(number + place) % 90}\n" for place in range(50))
    return path


def _extract(folder: Path) -> Path:
    """Streets in a row, each of twenty points, until the file is as large as asked."""
    path = folder / "streets.osm"
    size, way, node = 0, 0, 1
    with path.open("w", encoding="utf-8") as file, (folder / "ways.osm").open("w+", encoding="utf-8") as ways:
        file.write('<osm version="0.6">')
        while size < EXTRACT_MB * 1_000_000:
            way += 1
            lat, lon = 50.9 + way % 900 / 4_000, 3.5 + way // 900 / 900
            nodes = "".join(
                f'<node id="{node + i}" version="1" lat="{lat:.6f}" lon="{lon + i / 90_000:.6f}"/>\n' for i in range(20)
            )
            refs = "".join(f'<nd ref="{node + i}"/>' for i in range(20))
            tags = '<tag k="highway" v="residential"/><tag k="name" v="Straat"/>'
            size += file.write(nodes)
            size += ways.write(f'<way id="{way}" version="1">{refs}{tags}</way>\n')
            node += 20
        ways.seek(0)
        shutil.copyfileobj(ways, file)
        file.write("</osm>")
    return path


if __name__ == "__main__":
    print("\n".join(upload_lines() if sys.argv[1:] == ["upload"] else reading_lines()))
