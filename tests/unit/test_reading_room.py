"""The reading room: hostile files get one sentence, in time and memory; nothing else is read, called or left behind."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from i18n.errors import DataError, InputError, MissingFileError, NabijError
from i18n.texts import LANGUAGES, has_text
from loaders import reading_room
from loaders.file_kinds import MAGIC, kind_of
from loaders.lists.area_file import read_area
from loaders.lists.building_file import read_building_file
from loaders.lists.facilities.facility_file import read_facility_file
from loaders.lists.facilities.facility_table import read_raw_table
from loaders.lists.list_preview import Preview, preview
from loaders.lists.municipality_names import Municipalities
from loaders.lists.partitions.partition_file import read_partition_file
from loaders.parsers.spatial import parse_land_cover
from loaders.protocols.geometry import mend
from loaders.protocols.vectors import read_vector
from loaders.reading_room import UPLOAD, allow, job, limits, room
from loaders.reading_room.job import READERS, Job, ReadResult, Unfinished, apply_edits, in_this_process, take_in
from loaders.reading_room.sheets import borders
from loaders.reading_room.sheets.borders import _meet, crossings
from loaders.snapshot.reader import Snapshot
from tests.hostile_files import (
    BORDERS,
    FILES,
    SECRET,
    Hostile,
    collection,
    feature,
    folded,
    gpkg,
    square,
    star,
    zone_of,
)

LISTENER_S = 0.2
PEAK_KB = 700_000
"""What a child may have at its peak: its 300 MB, and what Python and its libraries take up in this process."""


@pytest.fixture(autouse=True)
def no_template() -> None:
    """Begin without the template that a test of the application may have left."""
    reading_room.close_room()


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("planted") / "secret.csv"
    path.write_text(f"id,service,lat,lon\n{SECRET},bureau,51.09,4.36\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[str]]]:
    """Address on loopback that must never be called, and who called."""
    calls: list[str] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(LISTENER_S)
    ended = threading.Event()

    def wait() -> None:
        while not ended.is_set():
            try:
                connection, caller = server.accept()
            except TimeoutError:
                continue
            calls.append(str(caller))
            connection.close()

    thread = threading.Thread(target=wait)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}", calls
    ended.set()
    thread.join()
    server.close()


def _read(path: Path, snapshot: Snapshot, kind: str) -> object:
    with allow(UPLOAD):
        if kind == "zones":
            return read_partition_file(path, snapshot).checked()
        report = read_facility_file(path, snapshot)
        report.raise_if_refused()
        return report


@pytest.mark.parametrize("kind", ["places", "zones"])
@pytest.mark.parametrize("key", FILES)
def test_a_hostile_file_gets_one_sentence(
    key: str, kind: str, tiny: Any, tmp_path: Path, secret: Path, listener: tuple[str, list[str]]
) -> None:
    file = FILES[key]
    path = tmp_path / file.name
    path.write_bytes(file.make(str(secret), listener[0]))
    with pytest.raises(NabijError) as raised:
        _read(path, tiny.snapshot(), kind)
    for lang in LANGUAGES:
        sentence = raised.value.sentence(lang)
        assert "\n" not in sentence
        assert SECRET not in sentence
        assert len(sentence) < 2_000
    assert listener[1] == []


@pytest.mark.parametrize("key", BORDERS)
def test_borders_that_take_long_end_in_a_sentence(key: str, tiny: Any, tmp_path: Path) -> None:
    path = tmp_path / "zones.geojson"
    path.write_bytes(BORDERS[key].make("", ""))
    with allow(UPLOAD) as given:
        try:
            read_partition_file(path, tiny.snapshot()).checked()
        except NabijError as error:
            said = error.sentence("nl")
        else:
            said = "zones.geojson"
    assert said.startswith("zones.geojson")
    assert given.used_s < 3 * UPLOAD.cpu_s


def test_a_row_that_takes_too_long_is_named(tiny: Any, tmp_path: Path) -> None:
    """Two combs across each other cross 25 million times, though neither crosses itself."""
    path = tmp_path / "zones.geojson"
    path.write_bytes(collection(zone_of(square(4.5, 51.0, 0.01), "good"), zone_of(star(101), "bad")))
    with pytest.raises(DataError, match="row 2: the border crosses itself more than 1,000 times"):
        read_partition_file(path, tiny.snapshot())


def test_a_border_that_crosses_itself_once_is_put_right() -> None:
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert crossings(bow, 100) == 1
    assert (
        crossings(shapely.Polygon(star(41)), 10**6) == 41 * 19
    )  # a line of a star with an odd number of points crosses all but four
    assert crossings(shapely.box(0, 0, 1, 1), 100) == 0


def test_lines_that_run_over_one_another_count_as_crossings() -> None:
    """Back and forth over one line: no two lines cross, and yet every one has to be cut by every other."""
    comb = [(float(x), 0.0) for i in range(1, 200) for x in (i, -i)]
    assert crossings(shapely.Polygon([*comb, (0.0, 5.0)]), 1_000) > 1_000
    twice = shapely.from_wkt("POLYGON ((0 0, 10 0, 10 10, 5 10, 5 0, 4 0, 4 10, 0 10, 0 0))")
    assert crossings(twice, 100) == 1
    assert crossings(shapely.from_wkt("POLYGON ((0 0, 10 0, 10 0, 10 10, 5 0, 0 10, 0 0))"), 100) == 0


def test_a_border_that_crosses_itself_everywhere_costs_its_first_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def meet(one: Any, other: Any) -> Any:
        compared.append(len(one))
        return _meet(one, other)

    monkeypatch.setattr(borders, "_meet", meet)
    assert crossings(shapely.Polygon(star(40_001)), 1_000) > 1_000
    assert sum(compared) < 100_000
    compared.clear()
    assert crossings(shapely.Point(0, 0).buffer(1, quad_segs=25_000), 1_000) == 0
    assert sum(compared) < 200_000
    assert len(compared) > 50


def test_a_tangle_that_hardly_crosses_is_not_looked_at_to_its_end(tmp_path: Path) -> None:
    """Lines over one another in degrees are a hair apart in metres: all are in one another's way, few cross."""
    path = tmp_path / "area.geojson"
    path.write_bytes(folded(40_000))
    with pytest.raises(DataError, match="row 1: the border is not sound, and its lines lie so tangled"):
        in_this_process(Job("area", path.name, UPLOAD, {}, path.read_bytes()))


NOT_ON_EARTH = [
    [[5000.0, 51.0], [4.1, 51.0], [4.1, 51.1], [5000.0, 51.0]],
    [[4.0, 51.0], [4.1, 51.0], [4.1, 951.0], [4.0, 51.0]],
]


@pytest.mark.parametrize("ring", NOT_ON_EARTH)
def test_a_corner_that_is_not_on_earth_is_told_with_its_row(ring: Any, tiny: Any, tmp_path: Path) -> None:
    """A corner of 5,000 degrees turns to infinity, while the bounds of its shape are finite."""
    path = tmp_path / "zones.geojson"
    path.write_bytes(collection(zone_of(square(4.5, 51.0, 0.01), "good"), zone_of(ring, "bad")))
    with pytest.raises(DataError, match=r"zones.geojson, row 2: a corner is not on earth"):
        read_area(path)
    path.write_bytes(collection(zone_of(ring, "bad"), zone_of(square(4.5, 51.0, 0.01), "good")))
    with pytest.raises(DataError, match="row 1: the coordinates do not fit the coordinate system"):
        read_partition_file(path, tiny.snapshot()).checked()


@pytest.mark.parametrize("corner", [float("nan"), float("inf"), -float("inf")])
def test_a_publisher_with_a_corner_that_is_not_on_earth_is_told(corner: float, tmp_path: Path) -> None:
    with np.errstate(invalid="ignore"):
        with_it = shapely.Polygon([(0, 0), (1, 0), (1, 1), (corner, 1)])
    frame = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[shapely.box(0, 0, 1, 1), with_it], crs="EPSG:31370")
    frame.to_file(tmp_path / "z.gpkg")
    with pytest.raises(DataError, match="z, row 2: a corner is not on earth"):
        read_vector((tmp_path / "z.gpkg").read_bytes(), "z")
    with pytest.raises(DataError, match="z, row 2: a corner is not on earth"):
        mend(frame.geometry.to_numpy(), "z", "structure")


def _fails_on_shapes(given: Job) -> ReadResult:
    given.mark(3)
    raise shapely.errors.GEOSException("TopologyException: side location conflict")


def test_what_geometry_cannot_work_with_is_a_fault_of_the_file(instead: Any) -> None:
    instead(_fails_on_shapes)
    with pytest.raises(DataError, match=r"f\.csv, row 3: the shape cannot be read \(the outline crosses"):
        reading_room.read("costs", b"x", file="f.csv")
    with pytest.raises(DataError, match=r"f\.csv: the shapes cannot be worked with \(the outline crosses"):
        in_this_process(Job("costs", "f.csv", UPLOAD, {}, b"x"))


def test_kinds_go_by_bytes_and_each_has_a_name() -> None:
    for magic, kind in MAGIC:
        assert kind_of(magic + b"rest") == kind
        assert has_text(f"room.kind.{kind}")
    assert [kind_of(b) for b in (b"", b" \n{", b"\xef\xbb\xbf[", b"<a", b"a\x00", b"a,b")] == [
        "empty", "json", "json", "xml", "unknown", "text",
    ]  # fmt: skip


def test_the_name_of_another_kind_is_told(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(gpkg())
    with pytest.raises(DataError) as raised:
        read_raw_table(path)
    assert raised.value.sentence("nl") == (
        "list.csv: de naam eindigt op '.csv', maar de inhoud is een GeoPackage of andere SQLite-databank; "
        "geef het bestand de juiste naam, of bewaar het opnieuw als .csv."
    )


# the child


def _probe(tmp_path: Path, code: str) -> str:
    """What a sealed child answers to a piece of code, which runs in place of a reader."""
    program = f"""
import os, sys
from loaders.reading_room import job, limits, room
import loaders.reading_room.sheets.costs as costs
def probe(given):
    try:
        answer = eval({code!r})
    except Exception as error:
        answer = type(error).__name__
    return job.ReadResult({{}}, {{"answer": str(answer)}})
costs.read_costs = probe
print(room.read("costs", b"x", file="f").values["answer"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


linux = pytest.mark.skipif(sys.platform != "linux", reason="seccomp and Landlock are of Linux")


@linux
@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("__import__('socket').socket()", "PermissionError"),
        ("os.fork()", "PermissionError"),
        ("os.execv('/bin/true', ['true'])", "PermissionError"),
        ("os.kill(os.getppid(), 0)", "PermissionError"),
        ("os.environ and len(os.listdir('/proc/self/fd'))", "PermissionError"),
        ("open('/etc/passwd').read()", "PermissionError"),
        ("open('written', 'w')", "PermissionError"),
        ("os.chmod('/etc/passwd', 0o777)", "PermissionError"),
        ("bytearray(2_000_000_000)", "MemoryError"),
        ("os.getcwd()", "/"),
        ("os.getsid(0) == os.getpid()", "True"),
        ("__import__('threading').Thread(target=print).start()", "None"),
    ],
)
def test_a_child_can_do_nothing_but_read(code: str, answer: str, tmp_path: Path) -> None:
    if "open(" in code or "listdir" in code:
        _skip_without_landlock()
    assert _probe(tmp_path, code) == answer


def _skip_without_landlock() -> None:
    import ctypes

    if ctypes.CDLL(None).syscall(444, None, 0, 1) < 1:
        pytest.skip("this kernel has no Landlock")


def _slow(given: Job) -> ReadResult:
    given.mark(7)
    while True:
        pass


def _waits(given: Job) -> ReadResult:
    time.sleep(600)
    return ReadResult()


def _dies(given: Job) -> ReadResult:
    os.abort()


def _lies(given: Job) -> ReadResult:
    return ReadResult({"rows": pa.table({"a": [1]})}, {"deep": [[[[]]]]})


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put another function in the place of the reader of costs."""

    def put(function: Any) -> None:
        import loaders.reading_room.sheets.costs as costs

        monkeypatch.setattr(costs, "read_costs", function)

    return put


def test_time_ends_reading_and_names_the_row(instead: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(_slow)
    quick = replace(UPLOAD, cpu_s=0.2)
    with allow(quick), pytest.raises(DataError, match=r"f\.csv, row 7: reading takes more than 0 seconds"):
        reading_room.read("costs", b"x", file="f.csv")


def test_the_clock_ends_reading_that_does_not_compute(instead: Any, others: frozenset[int]) -> None:
    instead(_waits)
    with allow(replace(UPLOAD, wall_s=0.3)) as given:
        with pytest.raises(DataError, match=r"f\.csv: reading it takes longer than 0\.3 seconds"):
            reading_room.read("costs", b"x", file="f.csv")
        assert given.used_wall_s >= 0.3
        assert given.left(1).wall_s == limits._MIN_S
    assert _children(others) == []


def test_every_answer_to_an_upload_comes_within_five_seconds_of_its_turn() -> None:
    assert UPLOAD.for_size(UPLOAD.size).wall_s <= 4.5
    assert UPLOAD.for_size(UPLOAD.size).cpu_s < UPLOAD.wall_s


def test_a_child_that_dies_is_told(instead: Any) -> None:
    instead(_dies)
    with pytest.raises(DataError, match=r"f\.csv: reading it broke off"):
        reading_room.read("costs", b"x", file="f.csv")


def test_reading_stops_when_nobody_waits(instead: Any, others: frozenset[int]) -> None:
    instead(_waits)
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return len(asked) > 3

    with allow(UPLOAD, should_stop), pytest.raises(InputError, match="nobody waits for it"):
        reading_room.read("costs", b"x", file="f.csv")
    assert _children(others) == []


def _children(but: frozenset[int] = frozenset()) -> list[int]:
    """Processes that this one started and that still run."""
    own = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    found = [int(pid) for pid in own.read_text().split()] if own.exists() else []
    return [pid for pid in found if pid not in but]


@pytest.fixture(autouse=True, scope="module")
def others() -> frozenset[int]:
    """Processes of other tests, such as those of a server that serves several of them."""
    return frozenset(_children())


def test_an_answer_that_is_none_is_not_believed(tmp_path: Path) -> None:
    for content in (b"", b"\0" * 8, b"\0" * 8 + b"\xff" * 8, b"\0" * 8 + (5).to_bytes(8, "little") + b"{}{}{}"):
        path = tmp_path / "out"
        path.write_bytes(content)
        with path.open("rb") as out, pytest.raises(Unfinished):
            take_in(out)


def test_an_error_comes_back_in_every_language() -> None:
    with pytest.raises(DataError) as raised:
        reading_room.read("list", b"a,a\n1,2\n", file="f.csv", options={"form": "text"})
    assert raised.value.sentence("nl") == "f.csv: de kolom 'a' komt twee keer voor; hou er een over."
    assert raised.value.sentence("fr").startswith("f.csv : la colonne 'a' figure deux fois")


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(MissingFileError, match=r"f\.csv: there is no such file"):
        reading_room.read("list", Path("/nowhere/f.csv"), file="f.csv", options={"form": "text"})


def test_a_file_larger_than_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    with path.open("wb") as file:
        file.truncate(UPLOAD.size + 1)
    with allow(UPLOAD), pytest.raises(DataError, match="no more than 5 MB is read"):
        reading_room.read("list", path, file="f.csv", options={"form": "text"})


def test_one_file_is_read_once_within_an_allowance(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a\n1\n", encoding="utf-8")
    with allow(UPLOAD) as given:
        first = reading_room.read("list", path, file="f.csv", options={"form": "text"})
        assert reading_room.read("list", path, file="f.csv", options={"form": "text"}) is first
        assert len(given.results) == 1


def test_limits_grow_with_the_file() -> None:
    assert limits.COMMAND.for_size(10_000_000).cpu_s == limits.COMMAND.cpu_s + 40
    assert UPLOAD.for_size(5_000_000).cpu_s == UPLOAD.cpu_s
    assert [preset.cells <= 2e8 for preset in limits.PRESETS.values()] == [True] * 3


def test_every_reader_exists() -> None:
    for reader in READERS:
        job.load(reader, {})
        module, _, function = READERS[reader].partition(":")
        assert callable(getattr(sys.modules[module], function))


# with a template, as in a server


@pytest.fixture
def template() -> Iterator[Any]:
    reading_room.open_room()
    yield room._template
    reading_room.close_room()


@linux
def test_a_server_reads_by_its_template(template: Any, tmp_path: Path, tiny: Any, others: frozenset[int]) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id,service,x,y\na,bureau,150250,202450\n", encoding="utf-8")
    report = read_facility_file(path, tiny.snapshot())
    assert report.frame["id"].tolist() == ["a"]
    assert template.alive()
    assert _children(others) == [template.pid]


@linux
def test_a_server_ends_what_nobody_waits_for(template: Any, tmp_path: Path) -> None:
    path = tmp_path / "zones.geojson"
    path.write_bytes(collection(feature("Polygon", [square(3.5, 51.0, 0.3), *[square(3.6, 51.1, 0.01)] * 20_000])))
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return len(asked) > 8

    with allow(UPLOAD, should_stop), pytest.raises(InputError, match="nobody waits"):
        reading_room.read("borders", path, file="zones.geojson")
    while Path(f"/proc/{template.pid}/task/{template.pid}/children").read_text():
        time.sleep(0.02)


@linux
def test_a_template_that_was_killed_is_started_again(template: Any) -> None:
    os.kill(template.pid, signal.SIGKILL)
    template._process.wait()
    found = reading_room.read("list", b"a\n1\n", file="f.csv", options={"form": "text"})
    assert found.values["headers"] == ["a"]
    assert room._template is not None
    assert room._template.pid != template.pid


@linux
def test_readers_end_with_the_server(tmp_path: Path) -> None:
    """A server that is killed leaves neither the template nor a child behind."""
    path = tmp_path / "zones.geojson"
    path.write_bytes(collection(feature("Polygon", [square(3.5, 51.0, 0.3), *[square(3.6, 51.1, 0.01)] * 20_000])))
    program = (
        "from loaders import reading_room; from loaders.reading_room import room; from pathlib import Path\n"
        "reading_room.open_room(); print(room._template.pid, flush=True)\n"
        f"reading_room.read('borders', Path({str(path)!r}), file='z')"
    )
    server = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    pid = int(server.stdout.readline())
    children = Path(f"/proc/{pid}/task/{pid}/children")
    child = ""
    while server.poll() is None and not child:
        child = children.read_text().strip()
        time.sleep(0.02)
    server.kill()
    server.communicate()
    while any(Path(f"/proc/{one}").exists() and not _is_zombie(one) for one in (pid, child)):
        time.sleep(0.05)


def _is_zombie(pid: object) -> bool:
    try:
        return ") Z" in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True


def test_nothing_is_left_in_the_folder_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instead: Any
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    instead(_dies)
    for reader in ("costs", "list"):
        try:
            reading_room.read(reader, b"\x89PNG", file="f.csv", options={"form": "map"})
        except DataError:
            continue
    assert list(tmp_path.iterdir()) == []


def test_without_fork_a_program_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(room, "_LINUX", False)
    found = reading_room.read("list", b"a\n1\n", file="f.csv", options={"form": "text"})
    assert found.tables["cells"]["0"].to_pylist() == ["1"]
    with pytest.raises(DataError, match="column 'a' occurs twice"):
        reading_room.read("list", b"a,a\n1,2\n", file="f.csv", options={"form": "text"})


# readers


def test_geopackage_and_geojson_give_the_same_table(tmp_path: Path) -> None:
    values = {"name": ["a", None], "n": [1, 2], "share": [0.5, None], "open": [True, False]}
    frame = gpd.GeoDataFrame(values, geometry=[shapely.Point(4.36, 51.09), shapely.Point(4.4, 51.1)], crs="EPSG:4326")
    tables = []
    for name in ("l.gpkg", "l.geojson"):
        frame.to_file(tmp_path / name)
        tables.append(read_raw_table(tmp_path / name).cells)
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert tables[0].to_dict("list") == {
        "name": ["a", ""], "n": ["1", "2"], "share": ["0.5", ""], "open": ["true", "false"],
        "lon": ["4.36", "4.4"], "lat": ["51.09", "51.1"],
    }  # fmt: skip


def test_a_geopackage_left_open_by_another_program_is_read(tmp_path: Path) -> None:
    """The header says that a journal lies beside the file."""
    data = bytearray(gpkg())
    data[18:20] = b"\x02\x02"
    path = tmp_path / "l.gpkg"
    path.write_bytes(bytes(data))
    assert read_raw_table(path).cells["id"].tolist() == ["a"]


@pytest.mark.parametrize("driver", ["ESRI Shapefile", "FlatGeobuf", "GPKG", "GeoJSON"])
def test_borders_of_publishers_in_every_form(driver: str, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"code": ["a", "b"], "n": [1, 2]}, geometry=[shapely.box(0, 0, 1, 1)] * 2, crs="EPSG:31370"
    )
    suffix = {"ESRI Shapefile": "shp", "FlatGeobuf": "fgb", "GPKG": "gpkg", "GeoJSON": "geojson"}[driver]
    folder = tmp_path / "held"
    folder.mkdir()
    frame.to_file(folder / f"z.{suffix}", driver=driver)
    data = (folder / f"z.{suffix}").read_bytes()
    if suffix == "shp":
        (folder / "readme.vrt").write_text("<OGRVRTDataSource/>", encoding="utf-8")
        data = Path(shutil.make_archive(str(tmp_path / "z"), "zip", folder)).read_bytes()
    found = read_vector(data, "z")
    assert found["code"].tolist() == ["a", "b"]
    assert found["n"].tolist() == [1, 2]
    assert found.crs.to_epsg() == 31370
    assert shapely.equals(found.geometry[0], shapely.box(0, 0, 1, 1))


def test_room_is_made_for_as_many_shapes_as_there_are(tmp_path: Path) -> None:
    """What is asked for is what arrays are made for; a publisher's limit of 50 million rows took gigabytes."""
    frame = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[shapely.box(0, 0, 1, 1)] * 2, crs="EPSG:31370")
    frame.to_file(tmp_path / "z.fgb", driver="FlatGeobuf")
    program = (  # in a process of its own, for reading takes the other drivers out
        "import sys, pyogrio; from pathlib import Path; from loaders.reading_room.limits import PUBLISHER\n"
        "from loaders.reading_room.job import Job, in_this_process\n"
        "held = pyogrio.read_dataframe\n"
        "pyogrio.read_dataframe = lambda *a, **more: print(more['max_features']) or held(*a, **more)\n"
        "in_this_process(Job('features', 'z.fgb', PUBLISHER, {}, Path(sys.argv[1]).read_bytes()))"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "z.fgb")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2"]
    few = replace(limits.PUBLISHER, rows=1)
    with pytest.raises(DataError, match=r"z\.fgb: there are more than 1 rows"):
        reading_room.read("features", tmp_path / "z.fgb", file="z.fgb", limits=few)


def test_only_the_drivers_that_are_named_are_left(tmp_path: Path) -> None:
    program = (
        "import pyogrio; from loaders.reading_room.shapes.shapefile import DRIVERS, leave_only\n"
        "leave_only(DRIVERS); print(sorted(pyogrio.list_drivers()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("['ESRI Shapefile', 'FlatGeobuf']", "['ESRI Shapefile', 'FlatGeobuf', 'MEM']")


@pytest.mark.skipif(sys.platform != "linux", reason="the seal is of Linux")
def test_in_a_sealed_process_too_only_the_drivers_that_are_named_are_left() -> None:
    program = (
        "import os, pyogrio; from loaders.reading_room.limits import UPLOAD\n"
        "from loaders.reading_room.shapes.shapefile import DRIVERS, leave_only\n"
        "from loaders.reading_room.seal import seal\n"
        "out = os.dup(1)\n"
        "seal(UPLOAD, out); leave_only(DRIVERS); os.write(out, ' '.join(sorted(pyogrio.list_drivers())).encode())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"ESRI", "Shapefile", "FlatGeobuf", "MEM"}
    assert "FlatGeobuf" in done.stdout


def test_a_shapefile_that_is_something_else_is_told() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.shp", b"<OGRVRTDataSource/>")
    with pytest.raises(DataError, match="damaged"):
        read_vector(held.getvalue(), "z.zip")


def _kml(inner: str) -> bytes:
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inner}</Document></kml>'.encode()


_POINT = "<Placemark><Point><coordinates>{}</coordinates></Point></Placemark>"


def _rows_of(content: bytes, folder: Path, kind: str = "places") -> Preview:
    path = folder / "l.kml"
    path.write_bytes(content)
    return preview(path, kind, 5)


def test_places_of_kml_in_one_another_are_read_once(tmp_path: Path) -> None:
    nested = "<Placemark>" * 20_000 + _POINT.format("4.36,51.09") + "</Placemark>" * 20_000
    assert _rows_of(_kml(nested), tmp_path).n_rows == 1
    assert _rows_of(_kml(_POINT.format("4.3,51") + _POINT.format("4.4,51")), tmp_path).n_rows == 2


@pytest.mark.parametrize("corner", ["1e999,51", "4,nan"])
def test_a_corner_of_kml_that_is_nowhere_is_told(corner: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="row 1"):
        _rows_of(_kml(_POINT.format(corner)), tmp_path)


def test_shapes_without_attributes_are_shown(tmp_path: Path) -> None:
    found = _rows_of(_kml(_POINT.format("4.36,51.09")), tmp_path, "zones")
    assert (found.n_rows, found.fields, [cells for _, cells in found.rows]) == (1, {}, [[]])


def test_an_archive_with_two_shapefiles_is_told(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.shp", b"1")
        archive.writestr("b.shp", b"1")
    with pytest.raises(DataError, match="there are 2 shapefiles in the archive"):
        read_vector(path.read_bytes(), "z.zip")


def test_an_area_crosses_itself_too_often(tmp_path: Path) -> None:
    path = tmp_path / "area.geojson"
    path.write_bytes(collection(zone_of(star(601))))
    with pytest.raises(DataError, match=r"area.geojson, row 1: the border crosses itself"):
        read_area(path)
    path.write_bytes(collection(zone_of(square(4.0, 51.0, 0.01))))
    assert 0.5e6 < read_area(path).area < 1e6


def test_a_raster_of_another_kind_or_size_is_refused() -> None:
    with pytest.raises(DataError, match="not a readable GeoTIFF"):
        parse_land_cover(b"<VRTDataset rasterXSize='1' rasterYSize='1'/>", "cover.tif")
    import io

    import rasterio
    from affine import Affine

    out = io.BytesIO()
    huge = {
        "driver": "GTiff",
        "width": 200_000,
        "height": 200_000,
        "count": 1,
        "dtype": "uint8",
        "sparse_ok": "TRUE",
        "transform": Affine(100, 0, 0, 0, -100, 0),
    }
    with rasterio.open(out, "w", tiled=True, **huge):
        pass
    assert len(out.getvalue()) < 50_000_000
    assert np.prod([200_000, 200_000], dtype=float) > 4e9
    with pytest.raises(DataError, match="200000 by 200000 cells are too many"):
        parse_land_cover(out.getvalue(), "cover.tif")


def test_a_matrix_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    path = tmp_path / "m.parquet"
    same = pa.DictionaryArray.from_arrays(pa.array([0] * 3_000_000, pa.int32()), pa.array(["x" * 2_000]))
    pq.write_table(pa.table({"from_id": same, "to_id": same, "metres": same}), path)
    options = {"wanted": ["from_id", "to_id", "metres"], "path": "m.parquet"}
    with pytest.raises(DataError, match=r"m.parquet.*memory"):
        reading_room.read("costs", path, file="m.parquet", options=options)


def test_an_extract_with_entities_is_refused(tmp_path: Path) -> None:
    from coverage.travel.extracts.osm import read_roads

    path = tmp_path / "e.osm"
    path.write_text('<!DOCTYPE osm [<!ENTITY a "b">]><osm version="0.6"></osm>', encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        read_roads(path)
    path.write_text("http://127.0.0.1:9/extract.osm", encoding="utf-8")
    with pytest.raises(DataError, match="begins as another kind of file"):
        read_roads(path)


def test_names_are_compared_a_hundred_times_at_most(tiny: Any) -> None:
    municipalities = Municipalities(tiny.snapshot())
    assert municipalities.close("Ekee") == municipalities.close("Ekee") != []
    for i in range(100):
        municipalities.close(f"Ek{i}")
    assert municipalities.close("Eekk") == []
    assert municipalities.close("x" * 10_000) == []


def test_buildings_are_read_in_the_room(tmp_path: Path) -> None:
    path = tmp_path / "b.gpkg"
    path.write_bytes(FILES["gpkg-recursive"].make("", ""))
    with pytest.raises(DataError, match="'layer' in it is no plain table"):
        read_building_file(path)


quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@given(st.sampled_from(["list", "borders", "area", "features"]), st.data())
@quick
def test_nothing_but_our_own_errors_comes_of_changed_bytes(reader: str, data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(_SEEDS)))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    form = data.draw(st.sampled_from(["map", "text", "workbook"]))
    with suppress(NabijError):
        in_this_process(Job(reader, "f.gpkg", UPLOAD, {"form": form}, bytes(content)))


_SEEDS = (
    gpkg(),
    gpkg(points=False),
    collection(zone_of(square(4.0, 51.0, 0.01))),
    collection(feature("Point", [4.36, 51.09], id="a")),
)


@given(st.binary(max_size=300))
@quick
def test_nothing_but_our_own_errors_comes_of_any_bytes(content: bytes) -> None:
    for reader, form in (("list", "map"), ("list", "text"), ("list", "workbook"), ("streets", ""), ("raster", "")):
        options = {"form": form, "tags": [], "keys": ["highway"], "path": "f"}
        with suppress(NabijError):
            in_this_process(Job(reader, "f", UPLOAD, options, content))


def test_every_hostile_file_says_what_it_tries() -> None:
    tried = [file.tried for file in (*FILES.values(), *BORDERS.values())]
    assert all(isinstance(file, Hostile) for file in FILES.values())
    assert all(tried)
    assert len(FILES) > 80


def test_json_of_a_job_is_plain() -> None:
    given_job = Job("list", "f", UPLOAD, {"form": "text"}, b"")
    assert Job.of(given_job.header(), b"").limits == UPLOAD
    assert json.loads(given_job.header())["reader"] == "list"
    with tempfile.TemporaryFile() as out:
        apply_edits(given_job, out)
        with pytest.raises(NabijError):
            take_in(out)
