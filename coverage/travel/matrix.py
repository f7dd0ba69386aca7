"""Travel from a table made with any other tool: who can get where, in metres or minutes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.od_pairs import CostPairs
from coverage.travel.base import Travel, TravelContext
from coverage.travel.graph import pairs_of
from coverage.travel.matrix_checks import Costs, check_costs
from coverage.travel.pace import PACE_KMH
from i18n.errors import DataError, MissingFileError
from i18n.messages import Enumeration, Message, NumberAsGiven, Word
from loaders.catalogue.plain_words import plain_word
from loaders.catalogue.regions.levels import LEVELS, get_level
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Floats, Positions
from loaders.reading_room import read
from loaders.reading_room.kinds import BOOK_SUFFIXES, PACKED_SUFFIXES
from loaders.reading_room.sheets.costs import IN_TIME, NO_WAY, UNITS

if TYPE_CHECKING:
    from loaders.snapshot.grid import Grid
    from loaders.snapshot.reader import Snapshot


@dataclass(frozen=True, eq=False)
class MatrixTravel:
    """The travel model ``matrix``.

    Attributes
    ----------
    origin : (n_cells,) origin of every inhabited cell, -1 where the table has none
    cost : (rows,) metres of travel, by origin and then ascending
    place : (rows,) position of the facility
    start : (n_origins + 1,) where the rows of every origin begin
    n_places : number of facilities it was made for
    grid : the inhabited cells
    details : values for the sentence that goes with the figures
    """

    origin: Positions
    cost: Floats
    place: Positions
    start: Positions
    n_places: int
    grid: Grid
    details: Mapping[str, object]
    least: float = 0.0

    def __call__(self, demand_xy: Floats, facility_xy: Floats, k: int = 2) -> Travel:
        """See `base.TravelModel`; the points must be the inhabited cells and the places it was made for.

        Raises
        ------
        DataError
            when other points are asked about: a table knows only its own
        """
        self._check(demand_xy, facility_xy)
        costs = np.full((len(self.start) - 1, k), np.inf)
        index = np.full(costs.shape, -1, dtype=np.intp)
        length = np.diff(self.start)
        for column in range(k):
            rows = np.flatnonzero(length > column)
            costs[rows, column] = self.cost[self.start[rows] + column]
            index[rows, column] = self.place[self.start[rows] + column]
        lost = self.origin < 0
        distance, nearest = costs[self.origin], index[self.origin]
        distance[lost], nearest[lost] = np.nan, -1
        return Travel(distance, nearest, {"outside_extract": lost}, self.details)

    def within(self, demand_xy: Floats, facility_xy: Floats, radius: float) -> CostPairs:
        """See `coverage.travel.base.TravelModel`; the points as in a call."""
        self._check(demand_xy, facility_xy)
        near = np.flatnonzero(self.cost <= radius)
        origin = np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))[near]
        order = np.lexsort((origin, self.place[near]))
        ends = np.cumsum(np.bincount(self.place[near], minlength=self.n_places))
        by_origin = CostPairs(
            origin[order], np.append(0, ends), self.cost[near][order], (len(self.start) - 1, self.n_places)
        )
        by_place = (
            (place, by_origin.demand[first:last], by_origin.cost[first:last])
            for place, (first, last) in enumerate(itertools.pairwise(by_origin.start))
        )
        return pairs_of(by_place, self.origin, self.n_places, lambda _, __, cost: cost, radius)

    def _check(self, demand_xy: Floats, facility_xy: Floats) -> None:
        if (len(demand_xy), len(facility_xy)) != (len(self.origin), self.n_places):
            raise DataError(Message("error.travel.other_points"))


def load_matrix(path: Path, setting: TravelContext) -> MatrixTravel:
    """Read a table of travel costs and check every row.

    Columns: an origin, an inhabited cell (INSPIRE code such as ``100mN31294E39241``) or a zone of the newest borders
    (``sector:11002a00-``, or the bare code of a sector or municipality); the id of a facility; and a cost in metres,
    kilometres, minutes, seconds or hours; time becomes metres at the pace of the mode. Which headers are which:
    `loaders.reading_room.sheets.costs`. Pairs that are missing or have no cost are out of reach; origins that are
    missing altogether are not covered. Where the context knows the points of the facilities, the costs are compared
    with the straight line (`coverage.travel.matrix_checks`).

    Raises
    ------
    MissingFileError, MissingColumnError
        when the file or a column is absent
    DataError
        when it cannot be read, covers nothing, has another unit than it says, or a row has an unknown id, a wrong
        number or comes twice
    """
    table = _read(path, setting)
    cost, far = _costs(table)
    if table.unit in IN_TIME:
        cost = cost * PACE_KMH[setting.mode] * 1000 / 60
    place_of = pd.Index(setting.facility_ids).get_indexer(pd.Index(table.places))
    known = (place_of >= 0) | np.array([one in setting.known_ids for one in table.places], dtype=bool)
    missing = np.array([not one for one in table.places], dtype=bool)
    _refuse(missing[table.to], table, "to_id", Message("error.travel.row_no_place"))
    some = ", ".join(sorted(setting.known_ids or setting.facility_ids)[:_SHOWN])
    _refuse(~known[table.to], table, "to_id", Message("error.travel.row_facility", some=some))
    origin_of_cell, row_origin = _origins(table, setting.snapshot)
    pair = row_origin.astype(np.int64) * max(len(table.places), 1) + table.to
    twice = Message("error.travel.row_twice_by", columns=table.divides) if table.divides else None
    twice = twice or Message("error.travel.row_twice")
    _refuse(pd.Series(pair).duplicated().to_numpy(bool), table, "from_id", twice)
    place = place_of[table.to]
    if setting.facility_xy is not None:
        reached = np.flatnonzero((place >= 0) & ~far)
        pairs = Costs(row_origin[reached], place[reached], cost[reached])
        about = {"unit": table.unit, "column": table.cost_column or "cost", "file": path.name}
        table.notes += check_costs(pairs, origin_of_cell, setting, **about)
    n_origins = int(row_origin.max(initial=-1)) + 1
    kept = np.flatnonzero((place >= 0) & ~far)
    order = kept[np.lexsort((place[kept], cost[kept], row_origin[kept]))]
    lost = len(setting.facility_ids) - len(np.unique(place[kept]))
    details: dict[str, object] = {"table": path.name, "lost_places": lost, "in_time": table.unit in IN_TIME}
    if far.any():
        table.notes.append(Message("table.far", n=int(far.sum()), file=path.name))
    if table.notes:
        details["told"] = Enumeration(["", *table.notes], " ")
    return MatrixTravel(
        origin=origin_of_cell,
        cost=cost[order],
        place=place[order].astype(np.intp),
        start=np.append(0, np.cumsum(np.bincount(row_origin[order], minlength=n_origins))).astype(np.intp),
        n_places=len(setting.facility_ids),
        grid=setting.snapshot.grid,
        details=details,
    )


@dataclass(eq=False)
class _Table:
    """Rows of a table: numbers of the ids in lists where each id stands once.

    Attributes
    ----------
    name : of the file
    origins, places : ids, as they are read
    origin, to : (rows,) position in them
    cost : (rows,) numbers, missing where there is no way, or text as written where a row is no number
    unit, cost_column : of the cost
    first_row : number of the first row
    wide : columns with costs of a wide table, whose rows come one after another; 0 for a table of three columns
    notes : what is told of how it was read
    divides : columns that are not used, by which pairs may come several times
    """

    name: str
    origins: list[str]
    places: list[str]
    origin: Positions
    to: Positions
    cost: pd.Series
    unit: str
    cost_column: str
    first_row: int
    wide: int
    notes: list[Message]
    divides: str = ""


def _read(path: Path, setting: TravelContext) -> _Table:
    if not path.is_file():
        raise MissingFileError(Message("error.travel.table_gone", file=str(path)))
    asked: dict[str, object] = {"mapping": dict(setting.matrix_columns), "path": str(path)}
    if len(setting.known_ids) <= _MAX_PLACES:
        asked["places"] = sorted(setting.known_ids)
    if path.suffix.lower() in (*BOOK_SUFFIXES, *PACKED_SUFFIXES):
        asked["form"] = "workbook"
    table = read("costs", path, file=path.name, options=asked)
    rows, values = table.tables["costs"], table.values
    origins, places = (list(map(str, table.tables[name]["id"].to_pylist())) for name in ("from", "to"))
    origin, to = (rows[name].to_numpy() for name in ("from_id", "to_id"))
    notes = [_note(str(key), dict(told), path.name) for key, told in values["notes"]]
    known = setting.known_ids
    bare = _by_number(known)
    places_first = [_as_place(one, known, bare) for one in origins]
    if places_first and all(one in setting.known_ids for one in places_first) and _are_origins(places):
        origins, places, origin, to = places, origins, to, origin
        notes.append(Message("table.turned", file=path.name))
    places = [_as_place(one, known, bare) for one in places]
    return _Table(
        path.name,
        origins,
        places,
        origin,
        to,
        rows["cost"].to_pandas(),
        str(values["unit"]),
        str(values["cost"]),
        int(values["first_row"]),
        int(values["wide"]),
        notes,
        str(values.get("divides", "")),
    )


def _note(key: str, values: dict[str, str], file: str) -> Message:
    told = {name: Word(f"table.unit.{value}") if name == "unit" else value for name, value in values.items()}
    return Message(f"table.{key}", **told, file=file)


def _as_place(given: str, known: frozenset[str], bare: Mapping[str, str]) -> str:
    """Id of a place; one that lost its zeros, or got a decimal, as whole numbers do, is itself again."""
    if given in known:
        return given
    whole = _WHOLE.fullmatch(given)
    one = whole.group(1) if whole else given
    return one if one in known else bare.get(one.lstrip("0"), one)


def _by_number(known: frozenset[str]) -> dict[str, str]:
    """Ids that are numbers by these without zeros before them, where that leaves each its own."""
    bare: dict[str, list[str]] = {}
    for one in known:
        if one.isdecimal():
            bare.setdefault(one.lstrip("0"), []).append(one)
    return {number: ids[0] for number, ids in bare.items() if len(ids) == 1}


def _are_origins(ids: Sequence[str]) -> bool:
    return bool(ids) and all(_CELL_ID.fullmatch(one) or _ZONE_ID.fullmatch(one) for one in ids[:1000])


def _costs(table: _Table) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """(rows,) costs in metres or minutes, and which rows say that there is no way."""
    if pd.api.types.is_numeric_dtype(table.cost.dtype):
        number = table.cost.to_numpy(np.float64)
        far = np.isnan(number)
    else:
        number, far = _written_costs(table)
    far = far | np.isin(number, _MAXIMA) | (number == np.inf)
    far = _nines(number, far, table)
    below = ~far & (number < 0)
    if below.any() and (number[below] == -1).all() and not (far | below).all():  # some tools write it for no way
        far = far | below
        table.notes.append(Message("table.minus", n=int(below.sum()), file=table.name))
    problem = Message("error.travel.row_number", unit=table.unit)
    _refuse(~far & ~(np.isfinite(number) & (number >= 0)), table, "cost", problem)
    return np.where(far, np.inf, number * UNITS[table.unit]), far


def _nines(number: Floats, far: npt.NDArray[np.bool_], table: _Table) -> npt.NDArray[np.bool_]:
    """Count nines alone, more than twice any other cost, as no way, as some tools write it; and tell of a cap."""
    near = number[~far]
    values, counts = np.unique(near, return_counts=True)
    if len(values) < 2:
        return far
    most, before = float(values[-1]), float(values[-2])
    often = counts[-1] >= _OFTEN or most >= _FEWEST_ALONE
    if often and most >= _FEWEST_NINES and set(f"{most:.0f}") == {"9"} and most.is_integer() and most > 2 * before:
        table.notes.append(Message("table.nines", n=int(counts[-1]), value=NumberAsGiven(most, "g"), file=table.name))
        return np.asarray(far | (number == most), dtype=np.bool_)
    if counts[-1] >= max(_FEWEST_CAPPED, _CAPPED * len(near), _CAPPED_TIMES * counts[-2]):
        about = {"column": table.cost_column, "file": table.name}
        table.notes.append(Message("table.capped", n=int(counts[-1]), value=NumberAsGiven(most, "g"), **about))
    return far


_FEWEST_NINES, _OFTEN, _FEWEST_ALONE = 99, 3, 999
"""Least of nines that stand for no way: in so many rows, or in any from where no true cost is so large."""

_FEWEST_CAPPED, _CAPPED, _CAPPED_TIMES = 20, 0.1, 5
"""Rows that share the largest cost where it was cut off there: so many, this share, and times those with the next."""


def _written_costs(table: _Table) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Numbers of costs that are text, also with their unit behind them or as a clock shows them."""
    words = table.cost.astype(object).fillna("").astype(str).str.replace(r"[\s\u00a0]", "", regex=True)
    lower = words.str.lower()
    far = lower.isin(NO_WAY).to_numpy(bool)
    lower = lower.str.replace(rf"(?<=\d)(?:{_UNIT_WORDS[table.unit]})\.?$", "", regex=True)
    if lower.str.contains(",", regex=False).any() and not lower.str.contains(".", regex=False).any():
        lower = lower.str.replace(",", ".", regex=False)
    number = pd.to_numeric(lower, errors="coerce").to_numpy(np.float64, copy=True)
    clock = lower.str.extract(r"^(\d{1,3}):(\d{2}):(\d{2})$") if table.unit in IN_TIME else pd.DataFrame()
    if len(clock) and clock[0].notna().any():
        parts = clock.astype(np.float64)
        minutes = (parts[0] * 60 + parts[1] + parts[2] / 60).to_numpy(np.float64)
        number = np.where(np.isnan(minutes), number, minutes / UNITS[table.unit])
        table.notes.append(Message("table.clock", column=table.cost_column, file=table.name))
    return number, far


_UNIT_WORDS = {
    "minutes": "min|mins|minuten|minutes|minute|minuut",
    "seconds": "s|sec|secs|seconden|seconds",
    "hours": "u|uur|uren|h|hours|heures",
    "metres": "m|meter|meters|metres",
    "kilometres": "km|kilometer|kilometers",
}
_SHOWN = 5
_MAX_PLACES = 5_000
_MAXIMA = [2_147_483_647.0, 2_147_483_648.0, 4_294_967_295.0, 9.223372036854775807e18, np.finfo(np.float64).max]
"""Greatest numbers of their kind, which tools write where there is no way."""

_WHOLE = re.compile(r"(-?\d+)\.0+")
_CELL_ID = re.compile(r"(?:CRS3035RES)?(\d+)m(?:N(-?\d+)E(-?\d+)|E(-?\d+)N(-?\d+))", re.IGNORECASE)
_KILOMETRES = re.compile(r"^(?:CRS3035RES)?(\d+)km", re.IGNORECASE)
_ZONE_ID = re.compile(r"[a-z_]+:.+|\d{5}(?:\.0+)?|\d{5}[a-z][\da-z]{2}[\d-]?", re.IGNORECASE)
_SECTOR = re.compile(r"\d{5}[a-z][\da-z]{2}[\d-]?", re.IGNORECASE)
_MUNICIPALITY = re.compile(r"(\d{5})(?:\.0+)?")


def origin_id(given: str) -> str:
    """Id of an origin in our own form.

    Examples
    --------
    >>> origin_id("CRS3035RES100mN3125700E3926600"), origin_id("sector:11005A00-"), origin_id("11005.0")
    ('100mN31257E39266', 'sector:11005a00-', 'municipality:11005')
    """
    cell = _CELL_ID.fullmatch(given) or _CELL_ID.fullmatch(_KILOMETRES.sub(r"\g<1>000m", given))
    if cell:
        north, east = (cell[2], cell[3]) if cell[2] else (cell[5], cell[4])
        zeros = len(cell[1]) - 1  # corners in metres, or in sizes of the cell, as the code of INSPIRE has them
        if zeros and len(north) > 5 and north.endswith("0" * zeros) and east.endswith("0" * zeros):
            north, east = north[:-zeros], east[:-zeros]
        return f"{int(cell[1])}mN{north}E{east}"
    if ":" in given:
        return given.lower()
    municipality = _MUNICIPALITY.fullmatch(given)
    if municipality:
        return f"municipality:{municipality.group(1)}"
    return f"sector:{given.lower()}" if _SECTOR.fullmatch(given) else given


def _refuse(wrong: npt.NDArray[np.bool_], table: _Table, column: str, problem: Message) -> None:
    """Raise `DataError` naming the first wrong row, if any."""
    if not wrong.any():
        return
    at = int(np.flatnonzero(wrong)[0])
    if column == "cost":
        cost = table.cost.iloc[at]
        value = f"{cost:g}" if isinstance(cost, float) else str(cost)
    else:
        value = table.origins[table.origin[at]] if column == "from_id" else table.places[table.to[at]]
    shown = table.cost_column or "cost" if column == "cost" else column
    row = at % (len(wrong) // table.wide) if table.wide else at
    cell = {"file": table.name, "row": str(row + table.first_row), "column": shown, "value": value}
    raise DataError(Message("error.travel.row", **cell, problem=problem, n=str(int(wrong.sum()))))


def _origins(table: _Table, snapshot: Snapshot) -> tuple[Positions, Positions]:
    """Origin of every inhabited cell (-1 for none) and of every row; origins are numbered by first appearance."""
    if len(table.origin) == 0:
        raise DataError(Message("error.travel.table_empty", file=table.name))
    ids = [origin_id(given) for given in table.origins]
    changed = [at for at, given in enumerate(table.origins) if ids[at] != given]
    if changed:
        more = {"given": table.origins[changed[0]], "read": ids[changed[0]], "file": table.name}
        table.notes.append(Message("table.ids", n=len(changed), **more))
    code, names = pd.factorize(np.array(ids, dtype=object))
    number = code[table.origin]
    levels = [name.partition(":")[0] if ":" in name else "cell" for name in names]
    if set(levels) == {"cell"} and (named := _named_municipalities(names, snapshot)):
        more = {"given": names[0], "read": named[0], "file": table.name}
        table.notes.append(Message("table.ids", n=len(names), **more))
        names, levels = np.array(named, dtype=object), [region().base] * len(names)
    one = levels[0]
    alike = np.array([level == one for level in levels], dtype=bool)
    _refuse(~alike[number], table, "from_id", Message("error.travel.row_alike", level=one))
    if one == "cell":
        size = _squares(names)
        squares = _cell_numbers(snapshot.grid, size)
        of_id: pd.Index = pd.Index(np.unique(squares))
        position = of_id.get_indexer(pd.Index([_cell_number(name, size) for name in names]))
        at = of_id.get_indexer(pd.Index(squares)).astype(np.intp)
    else:
        unknown = np.full(len(number), one not in LEVELS)
        _refuse(unknown, table, "from_id", Message("error.travel.row_level", known=", ".join(LEVELS)))
        vintage = get_level(one).resolve_vintage(max(get_level(one).vintages))
        of_id = f"{one}:" + pd.Index(snapshot.zone_rows(one, vintage)["zone_id"].astype(str))
        at = snapshot.zone_index(one, vintage).astype(np.intp)
        position = of_id.get_indexer(pd.Index(names))
        longer = of_id.get_indexer(
            pd.Index([f"{name}-" for name in names])
        )  # codes of sectors may lack their last sign
        position = np.where(position < 0, longer, position)
    kind = Message("error.travel.row_cell") if one == "cell" else Message("error.travel.row_zone", level=one)
    _refuse((position < 0)[number], table, "from_id", kind)
    origin = np.full(len(of_id) + 1, -1, dtype=np.intp)  # the last one is for cells in no zone
    origin[position] = np.arange(len(names))
    return origin[at], number.astype(np.intp)


def _named_municipalities(names: npt.NDArray[np.object_], snapshot: Snapshot) -> list[str]:
    """Ids of origins that are names of municipalities; [] where one is not."""
    if len(names) > _MAX_NAMES or any(_CELL_ID.fullmatch(str(name)) for name in names[:1]):
        return []
    zones = snapshot.zones(region().base, region().vintage)
    by_name = {
        plain_word(str(name)): str(code) for code, name in zip(zones["zone_id"], zones["zone_name"], strict=True)
    }
    codes = [by_name.get(plain_word(str(name))) for name in names]
    return [f"{region().base}:{code}" for code in codes] if all(codes) else []


_MAX_NAMES = 2_000


def _squares(names: npt.NDArray[np.object_]) -> int:
    """Metres of the side of the cells of a table, which may be larger than the inhabited ones: whole times as large."""
    sizes = {int(cell[1]) for name in names if (cell := _ANY_CELL.fullmatch(str(name)))}
    size = sizes.pop() if len(sizes) == 1 else _CELL_M
    return size if size % _CELL_M == 0 and size <= _MAX_SQUARE_M else _CELL_M


def _cell_number(name: str, size: int) -> int:
    """Number of a cell of some size by its code, -1 for any other text."""
    cell = _ANY_CELL.fullmatch(name)
    return int(cell[2]) * _ROW + int(cell[3]) if cell and int(cell[1]) == size else -1


def _cell_numbers(grid: Grid, size: int) -> npt.NDArray[np.int64]:
    """(n,) numbers of the cells of some size that the inhabited ones lie in, as `_cell_number` makes them of codes."""
    row, col = np.divmod(grid.cell, grid.shape[1])
    transform: Any = grid.transform  # takes arrays, which its types do not say
    east, north = transform @ (col, row + 1)
    row, col = np.rint(north / _CELL_M), np.rint(east / _CELL_M)
    times = size // _CELL_M
    return np.asarray(row // times * _ROW + col // times).astype(np.int64)


_CELL_M, _ROW, _MAX_SQUARE_M = 100, 1_000_000, 10_000
_ANY_CELL = re.compile(r"(\d+)mN(-?\d+)E(-?\d+)")


def cell_codes(grid: Grid) -> npt.NDArray[np.object_]:
    """(n,) INSPIRE codes of the inhabited cells: lower left corner in the system of the grid, in hundreds of metres.

    Examples
    --------
    The cell from E 3,924,100 to 3,924,200 and N 3,129,400 to 3,129,500 is ``100mN31294E39241``.
    """
    row, col = np.divmod(grid.cell, grid.shape[1])
    transform: Any = grid.transform
    east, north = transform @ (col, row + 1)
    codes = [f"100mN{n:.0f}E{e:.0f}" for n, e in zip(np.rint(north / 100), np.rint(east / 100), strict=True)]
    return np.array(codes, dtype=object)
