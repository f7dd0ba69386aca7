"""Tables of travel as tools and spreadsheets leave them: read, told, or refused with the exact remedy."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from coverage.travel.base import TravelContext
from coverage.travel.matrix import cell_codes, load_matrix, origin_id
from coverage.travel.matrix_checks import Costs, check_costs, exchanged_nearby, exchanged_pairs, exchanged_places
from i18n.errors import NabijError
from tests.unit.conftest import TinyWorld

IDS = ("001", "f1")


def base(codes: list[str]) -> pd.DataFrame:
    """Minutes from three cells to two places."""
    rows = [(code, place, 3.0 + 2 * at) for at, code in enumerate(codes) for place in IDS]
    return pd.DataFrame(rows, columns=["from_id", "to_id", "minutes"])


def csv(frame: pd.DataFrame, sep: str = ",", **names: str) -> bytes:
    return frame.rename(columns=names).to_csv(index=False, sep=sep).encode()


def wide(frame: pd.DataFrame, index: str, columns: str) -> pd.DataFrame:
    return frame.set_index([index, columns])["minutes"].unstack().reset_index()  # noqa: PD010


def book(frame: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_excel(out, index=False)
    return out.getvalue()


def feather(frame: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_feather(out)
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def written(frame: pd.DataFrame, how: Callable[[float], str]) -> pd.DataFrame:
    return frame.assign(minutes=[how(value) for value in frame["minutes"]])


Case = tuple[Callable[[pd.DataFrame], bytes], str, str]
READ: dict[str, Case] = {
    # content, suffix, what is told
    "as it should be": (csv, ".csv", ""),
    "Dutch headers with a unit between brackets": (
        lambda t: csv(t, ";", from_id="Vertrek", to_id="Bestemming", minutes="Tijd [min]"),
        ".csv",
        "costs come from column 'Tijd [min]', read as minutes",
    ),
    "two title rows": (lambda t: b"Reistijden juni;;\n;;\n" + csv(t, ";"), ".csv", ""),
    "a line that says the separator": (lambda t: b"sep=;\r\n" + csv(t, ";"), ".csv", ""),
    "line ends of an old Mac": (lambda t: csv(t).replace(b"\n", b"\r"), ".csv", ""),
    "a workbook": (book, ".xlsx", ""),
    "a column for each place": (
        lambda t: csv(wide(t, "from_id", "to_id"), from_id="minuten"),
        ".csv",
        "has 2 columns of costs, read in minutes",
    ),
    "a column for each origin": (
        lambda t: csv(wide(t, "to_id", "from_id"), to_id="min"),
        ".csv",
        "runs from the places to the families",
    ),
    "a wide workbook": (
        lambda t: book(wide(t, "from_id", "to_id").rename(columns={"from_id": "min"})),
        ".xlsx",
        "2 columns",
    ),
    "a detailed table of r5r": (
        lambda t: csv(t.assign(access_time=1.0), minutes="total_time"),
        ".csv",
        "column 'total_time', read as minutes",
    ),
    "a clock": (
        lambda t: csv(written(t, lambda m: f"0:{int(m):02}:00")),
        ".csv",
        "written as hours:minutes:seconds",
    ),
    "the unit behind the number": (
        lambda t: csv(written(t, lambda m: f"{m:.1f} min".replace(".", ",")), ";"),
        ".csv",
        "",
    ),
    "Feather": (lambda t: feather(t), ".feather", ""),
    "Parquet": (lambda t: t.to_parquet(index=False), ".parquet", ""),
    "packed text": (lambda t: gzip.compress(csv(t, ";")), ".csv.gz", ""),
    "one table in a zip, with what a Mac adds": (
        lambda t: zipped({"uit/t.csv": csv(t), "__MACOSX/._t.csv": b"\0", "lees mij.txt": b"uitleg"}),
        ".zip",
        "",
    ),
    "a workbook in a zip": (lambda t: zipped({"t.xlsx": book(t)}), ".zip", ""),
    "ids that lost their zeros": (lambda t: csv(t.replace("001", "1")), ".csv", ""),
    "ids with a decimal": (lambda t: csv(t.replace("001", "1.0")), ".csv", ""),
}
LACKS: dict[str, Case] = {
    "a wide table without a unit": (
        lambda t: csv(wide(t, "from_id", "to_id")),
        ".csv",
        'does not say the unit; say it: --map "*=minutes"',
    ),
    "a duration, as OSRM and OpenTripPlanner give it": (
        lambda t: csv(t, minutes="duration"),
        ".csv",
        "no column in minutes, seconds, metres or kilometres (found: from_id, to_id, duration); say which columns they "
        'are: --map "duration=minutes"',
    ),
    "numbers of rows, as Valhalla gives them": (
        lambda t: csv(t, from_id="from_index", to_id="to_index", minutes="time"),
        ".csv",
        '--map "from_index=from_id" --map "to_index=to_id" --map "time=minutes"',
    ),
    "two units, as openrouteservice gives them": (
        lambda t: csv(t.assign(DIST_KM=1.0), minutes="DURATION_H"),
        ".csv",
        'has DIST_KM and DURATION_H; give exactly one of these columns, or leave one out: --map "DURATION_H="',
    ),
    "a header with brackets in the remedy": (
        lambda t: csv(t, minutes="Duur [mm:ss]"),
        ".csv",
        '--map "Duur [mm:ss]=minutes".',
    ),
    "minutes and seconds": (
        lambda t: csv(written(t, lambda m: f"{int(m)}:30")),
        ".csv",
        "row 2: minutes '3:30' is no number",
    ),
    "an answer in JSON": (lambda t: b'{"durations": [[1]]}', ".json", "another kind of file, JSON"),
    "two tables in a zip": (
        lambda t: zipped({"a.csv": csv(t), "b.csv": csv(t)}),
        ".zip",
        "the zip file holds 2 files (a.csv, b.csv); unpack it and give one of them",
    ),
    "no table in a zip": (lambda _: zipped({"a.pdf": b"%PDF"}), ".zip", "holds no table or map (a.pdf)"),
    "a packed file that is cut off": (lambda t: gzip.compress(csv(t))[:-12], ".csv.gz", "the gz archive was cut off"),
    "a packed file that is damaged": (lambda _: b"\x1f\x8b" + b"x" * 40, ".gz", "the gz archive is damaged"),
    "a packed file that grows beyond measure": (lambda _: gzip.compress(bytes(30_000_000)), ".gz", "bytes"),
    "Feather of long ago": (lambda _: b"FEA1" + b"x" * 40, ".feather", "an old Feather file (version 1)"),
    "pairs by mode": (
        lambda t: csv(pd.concat([t.assign(mode="WALK"), t.assign(mode="BIKE")])),
        ".csv",
        "has this to_id twice; keep the rows of one mode",
    ),
    "miles": (lambda t: csv(t, minutes="distance_miles"), ".csv", '--map "distance_miles=metres"'),
    "postcodes": (
        lambda t: csv(t.assign(from_id="2850").iloc[:1]),
        ".csv",
        "no inhabited cell (100mN31257E39266), sector",
    ),
    "an id of no place": (
        lambda t: csv(t.replace("f1", "zz")),
        ".csv",
        "the id of no place (the list has 001, f1, …)",
    ),
    "zeros of a wide table": (
        lambda t: csv(wide(written(t, lambda m: "veel" if m == 7 else f"{m}"), "from_id", "to_id"), from_id="min"),
        ".csv",
        "row 4: cost 'veel' is no number",
    ),
}


def load(tiny: TinyWorld, path: Path, columns: tuple[tuple[str, str], ...] = ()) -> Any:
    context = TravelContext(tiny.snapshot(), facility_ids=IDS, known_ids=frozenset(IDS), matrix_columns=columns)
    return load_matrix(path, context)


@pytest.fixture
def codes(tiny: TinyWorld) -> list[str]:
    return [str(code) for code in cell_codes(tiny.snapshot().grid)[:3]]


@pytest.mark.parametrize("name", READ)
def test_a_table_is_read_as_it_is(tiny: TinyWorld, codes: list[str], tmp_path: Path, name: str) -> None:
    make, suffix, told = READ[name]
    path = tmp_path / f"table{suffix}"
    path.write_bytes(make(base(codes)))
    model = load(tiny, path)
    assert sorted(model.cost.round().tolist()) == [240, 240, 400, 400, 560, 560]  # 80 m a minute on foot
    assert np.bincount(model.place).tolist() == [3, 3]
    said = model.details.get("told")
    assert told in (said.sentence("en") if said else "")


@pytest.mark.parametrize("name", LACKS)
def test_a_table_that_cannot_be_read_says_what_to_write(
    tiny: TinyWorld, codes: list[str], tmp_path: Path, name: str
) -> None:
    make, suffix, sentence = LACKS[name]
    path = tmp_path / f"table{suffix}"
    path.write_bytes(make(base(codes)))
    with pytest.raises(NabijError) as raised:
        load(tiny, path)
    assert sentence in str(raised.value)


def test_the_remedies_work(tiny: TinyWorld, codes: list[str], tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(csv(wide(base(codes), "from_id", "to_id")))
    assert load(tiny, path, (("*", "seconds"),)).cost.max() == pytest.approx(560 / 60)
    path.write_bytes(csv(base(codes), minutes="duration"))
    assert load(tiny, path, (("duration", "minutes"),)).cost.max() == 560


def test_minus_one_is_no_way_where_other_rows_have_one(tiny: TinyWorld, codes: list[str], tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    frame = base(codes)
    frame.loc[0, "minutes"] = -1
    path.write_bytes(csv(frame))
    model = load(tiny, path)
    assert len(model.cost) == 5
    assert "1 row has -1, which was read as out of reach" in model.details["told"].sentence("en")


def test_names_of_municipalities_are_origins(tiny: TinyWorld, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"from_id,to_id,minutes\nEke,f1,4\nFort,f1,5\n")
    model = load(tiny, path)
    assert sorted(model.cost.tolist()) == [320, 400]
    assert "read as municipality:10005" in model.details["told"].sentence("en")


def test_places_that_exchanged_ids_are_found() -> None:
    """Costs along roads 1.3 times the straight line, give or take 15 %: a swap and a cycle of three are found."""
    rng = np.random.default_rng(7)
    places, origins = rng.uniform(0, 30_000, (40, 2)), rng.uniform(0, 30_000, (500, 2))
    cost = np.hypot(*(origins[:, None] - places[None]).transpose(2, 0, 1)) * np.exp(rng.normal(0.26, 0.15, (500, 40)))

    def found(order: list[int]) -> list[tuple[int, int]]:
        origin, place = np.nonzero(cost[:, order] < 8_000)
        return exchanged_places(Costs(origin, place, cost[:, order][origin, place]), origins, places)

    usual = list(range(40))
    assert found(usual) == []
    swapped = usual.copy()
    swapped[3], swapped[7] = 7, 3
    assert found(swapped) == [(3, 7), (7, 3)]
    swapped[10], swapped[11], swapped[12] = 11, 12, 10
    assert found(swapped) == [(3, 7), (7, 3), (10, 11), (11, 12), (12, 10)]


def test_neighbours_tell_exchanged_ids_where_fast_roads_bend_the_ratio() -> None:
    random = np.random.default_rng(4)
    places = np.array([[0.0, 0.0], [3_000.0, 0.0], [0.0, 4_000.0], [5_000.0, 5_000.0]])
    origins = random.uniform(-2_000, 7_000, (400, 2))
    origin, place = (index.ravel() for index in np.indices((400, 4)))
    away = np.hypot(*(origins[:, None, :] - places[None]).transpose(2, 0, 1))
    bent = away * np.where(random.random((400, 1)) < 0.5, 0.5, 1.6) * random.uniform(0.8, 1.25, away.shape)

    def found(*order: int, origins: Any = origins, radius: float = 0.0) -> list[tuple[int, int]]:
        costs = Costs(origin, place, bent[:, list(order)][origin, place])
        return exchanged_nearby(costs, origins, np.full(400, radius), places)

    assert found(0, 1, 2, 3) == []
    assert found(1, 0, 2, 3) == [(0, 1), (1, 0)]
    assert found(2, 0, 1, 3) == [(0, 1), (1, 2), (2, 0)]
    assert found(0, 0, 2, 3) == []  # the same costs twice are no exchange
    assert found(1, 0, 2, 3, radius=4_000.0) == []  # zones this large are at nobody's door
    alone = Costs(origin[place == 0], place[place == 0], bent[:, 1])
    assert exchanged_nearby(alone, origins, np.zeros(400), places) == []


def test_two_places_tell_exchanged_ids_by_square() -> None:
    """Origins are squares of two kilometres, each with a detour of its own, and each way has one more."""
    random = np.random.default_rng(4)
    places = np.array([[0.0, 0.0], [5_000.0, 0.0], [0.0, 6_000.0], [9_000.0, 8_000.0], [9_300.0, 8_300.0]])
    middle = np.arange(-5_000.0, 15_000.0, 2_000.0)
    origins = np.stack(np.meshgrid(middle, middle), axis=-1).reshape(-1, 2)
    origin, place = (index.ravel() for index in np.indices((len(origins), len(places))))
    away = np.hypot(*(origins[:, None, :] - places[None]).transpose(2, 0, 1))
    bent = away * random.choice([0.5, 1.6], (len(origins), 1)) * random.uniform(0.8, 1.25, away.shape)

    def found(*order: int) -> list[tuple[int, int]]:
        costs = Costs(origin, place, np.round(bent[:, list(order)][origin, place], -3))
        return exchanged_pairs(costs, origins, np.ones(len(origins), dtype=bool), places)

    assert found(0, 1, 2, 3, 4) == []
    assert found(1, 0, 2, 3, 4) == [(0, 1), (1, 0)]
    assert found(0, 2, 1, 3, 4) == [(1, 2), (2, 1)]
    assert found(0, 1, 2, 4, 3) == []  # 424 m apart: nobody can tell


ODD: dict[str, tuple[str, Callable[[Any, Any], Any], str]] = {
    # unit, cost from the straight line, what is told
    "as roads are": ("metres", lambda away, _: away * 1.3 + 50, ""),
    "the straight line": ("metres", lambda away, _: away, "is the straight line itself"),
    "there and back": ("minutes", lambda away, _: away * 2.7, "is 2.7 times the straight line as a rule (on foot)"),
    "sorted apart": (
        "minutes",
        lambda away, random: random.permutation(away * 1.3 + 50),
        "hardly grows with the distance",
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_costs_are_told(tiny: TinyWorld, name: str) -> None:
    unit, cost, told = ODD[name]
    snapshot = tiny.snapshot()
    xy = snapshot.grid.xy
    point = xy[[xy[:, 0].argmin()]]
    away = np.hypot(*(xy - point).T)
    pairs = Costs(np.arange(len(xy)), np.zeros(len(xy), dtype=np.intp), cost(away, np.random.default_rng(1)))
    context = TravelContext(snapshot, facility_ids=("f1",), known_ids=frozenset({"f1"}), facility_xy=point)
    notes = check_costs(pairs, np.arange(len(xy)), context, unit=unit, column=unit, file="t.csv")
    *odd, unseen = [note.sentence("en") for note in notes]
    assert [told in note for note in odd] == [True] * bool(told)
    assert unseen == "t.csv: whether origins exchanged ids among themselves cannot be seen in a table."


def test_exchanged_ids_that_cannot_be_seen_are_said(tiny: TinyWorld) -> None:
    """Two places three kilometres apart with origins around them, and one nobody lives near; and two side by side."""
    snapshot = tiny.snapshot()
    xy = snapshot.grid.xy
    middle = xy.mean(axis=0)

    def unseen(*away: tuple[float, float]) -> str:
        points = middle + np.array(away)
        origin, place = (index.ravel() for index in np.indices((len(xy), len(points))))
        cost = np.hypot(*(xy[:, None, :] - points[None]).transpose(2, 0, 1))[origin, place] * 1.3 + 50
        ids = tuple(f"f{at}" for at in range(len(points)))
        context = TravelContext(snapshot, facility_ids=ids, known_ids=frozenset(ids), facility_xy=points)
        about = {"unit": "metres", "column": "metres", "file": "t.csv"}
        return check_costs(Costs(origin, place, cost), np.arange(len(xy)), context, **about)[-1].sentence("en")

    assert unseen((-1_000, 0), (500, 0)).startswith("t.csv: whether origins exchanged ids among themselves")
    assert "those of 2 of the 2 places (f0, f1) may go unseen" in unseen((0, 0), (300, 0))
    assert "those of 1 of the 3 places (f2) may go unseen" in unseen((-1_000, 0), (500, 0), (90_000, 0))


def test_nines_are_no_way_and_a_cap_is_told(tiny: TinyWorld, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    codes = [str(code) for code in cell_codes(tiny.snapshot().grid)[:60]]
    rows = [(code, "f1", 3 + at % 40) for at, code in enumerate(codes)]
    frame = pd.DataFrame(rows, columns=["from_id", "to_id", "minutes"])
    assert told(tiny, frame, path) == ""
    nines = frame.assign(minutes=frame["minutes"].where(frame["minutes"] < 40, 999))
    assert "3 rows have 999, more than twice any other value; that was read as out of reach" in told(tiny, nines, path)
    assert "26 rows have exactly the largest value in minutes, 20" in told(
        tiny, frame.assign(minutes=frame["minutes"].clip(upper=20)), path
    )


def told(tiny: TinyWorld, frame: pd.DataFrame, path: Path) -> str:
    path.write_bytes(csv(frame))
    said = load(tiny, path).details.get("told")
    return str(said.sentence("en")) if said else ""


def test_spans_of_time_in_parquet_are_minutes(tiny: TinyWorld, codes: list[str], tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    frame = base(codes)
    frame.assign(minutes=pd.to_timedelta(frame["minutes"], unit="min")).to_parquet(path)
    assert sorted(load(tiny, path).cost.round().tolist()) == [240, 240, 400, 400, 560, 560]


def test_exchanged_ids_are_refused_with_their_names(tiny: TinyWorld, tmp_path: Path) -> None:
    snapshot = tiny.snapshot()
    xy = snapshot.grid.xy
    ends = np.array([xy[xy[:, 0].argmin()], xy[xy[:, 0].argmax()]])
    away = np.hypot(*(xy[:, None] - ends[None]).transpose(2, 0, 1)) * 1.3 + 50
    codes = cell_codes(snapshot.grid)
    rows = [(code, place, away[at, 1 - number]) for at, code in enumerate(codes) for number, place in enumerate(IDS)]
    path = tmp_path / "table.csv"
    pd.DataFrame(rows, columns=["from_id", "to_id", "metres"]).to_csv(path, index=False)
    context = TravelContext(snapshot, facility_ids=IDS, known_ids=frozenset(IDS), facility_xy=ends)
    with pytest.raises(NabijError, match="the costs of 2 places follow the distance to another place"):
        load_matrix(path, context)


def test_squares_of_a_kilometre_are_origins_of_all_cells_in_them(tiny: TinyWorld, tmp_path: Path) -> None:
    """Every cell has the cost of the square that it lies in; of the code there are several ways to write it."""
    assert {origin_id(f"{one}N3125E3926") for one in ("1km", "1000m")} == {"1000mN3125E3926"}
    assert origin_id("CRS3035RES1000mN3125000E3926000") == "1000mN3125E3926"
    codes = [re.fullmatch(r"100mN(-?\d+)E(-?\d+)", str(code)) for code in cell_codes(tiny.snapshot().grid)]
    corner = [(int(code[1]) // 10, int(code[2]) // 10) for code in codes if code]
    squares = sorted(set(corner))
    rows = [(f"1kmN{north}E{east}", "f1", 1.0 + at) for at, (north, east) in enumerate(squares)]
    path = tmp_path / "table.csv"
    path.write_bytes(csv(pd.DataFrame(rows, columns=["from_id", "to_id", "minutes"])))
    model = load(tiny, path)
    assert len(squares) > 1
    assert [squares[at] for at in model.origin.tolist()] == corner
    found = model(tiny.snapshot().grid.xy, np.zeros((2, 2)), 1).distance_m[:, 0]
    assert found.tolist() == pytest.approx([80.0 * (1 + squares.index(one)) for one in corner])
