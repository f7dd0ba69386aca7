"""The region that nabij answers about: its coordinate systems, levels, years of borders, codes, norms and exceptions.

A region is declared and not programmed, as a service is: ``flanders.toml`` beside this module holds the one that comes
with nabij, a snapshot of another region carries its own profile in its data package.
`loaders.catalogue.regions.region_file` reads and checks a profile, `loaders.catalogue.regions.region_in_use` says
which one holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from i18n.messages import MessageError, OptionName

if TYPE_CHECKING:
    import pandas as pd

    from loaders.catalogue.types import Bools

Entry = Mapping[str, str]
"""A text by language."""


class InLanguages:
    """A text by language, as a value of a message."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def sentence(self, lang: str) -> str:
        """Return it in a language."""
        return self._entry[lang]


Box = tuple[float, float, float, float]
"""West, south, east, north."""

OWN = "own"
"""Level of a partition that the user brings along (`snapshot.partition`); no profile declares it."""

HOUSE_AREA = "house_area"
"""Level of the areas that the partnerships of a list of places serve; it comes with the list, not with a profile."""

CELL = "cell"
"""Stands for the hectare cells themselves where a level is named: nothing is finer."""


@dataclass(frozen=True)
class Level:
    """One kind of zone.

    Attributes
    ----------
    id : name used in commands, tables and addresses
    vintages : years for which borders are held, ascending
    territorial : the base level or larger, so reasons about "on the territory" make sense
    documented_only : borders are known only where a source documents them; the rest is "not known here"
    without_exceptions : the exceptional territories of the region lie outside the partition by definition
    parent : level that its zones nest in; empty where they nest in none
    finer : level whose zones are listed in the sheet of one of its zones; empty for the base level
    words : ``singular``, ``plural`` and ``help`` by language
    """

    id: str
    vintages: tuple[int, ...]
    territorial: bool = True
    documented_only: bool = False
    without_exceptions: bool = False
    parent: str = ""
    finer: str = ""
    words: Mapping[str, Entry] = field(default_factory=dict)

    @property
    def partial(self) -> bool:
        """Whether some births may lie in no zone of this level."""
        return self.documented_only or self.without_exceptions

    @property
    def covers(self) -> bool:
        """Whether it is known of every place in which zone of this level it lies, or that it lies in none."""
        return not self.documented_only and self.id != OWN

    def resolve_vintage(self, vintage: int) -> int:
        """Newest vintage held that is not later than ``vintage``; `InputError` if there is none."""
        earlier = [v for v in self.vintages if v <= vintage]
        if not earlier:
            known = ", ".join(str(v) for v in self.vintages)
            raise MessageError(
                "error.question.vintage_held", level=OptionName("level", self.id), vintage=str(vintage), known=known
            )
        return earlier[-1]


@dataclass(frozen=True)
class CoordinateSystems:
    """Coordinate systems of a region.

    Attributes
    ----------
    storage : of geometry in the snapshot; projected, in metres
    grid : of the grid of cells; projected, in metres, equal in area where cells are to be compared
    geographic : longitude and latitude in degrees, as maps and lists have them
    mistaken : boxes in metres, by text key, of systems that lists are mistakenly in
    """

    storage: str
    grid: str
    geographic: str
    mistaken: Mapping[str, Box]


@dataclass(frozen=True)
class GridSpec:
    """The grid of cells.

    Attributes
    ----------
    cell_m : side of a cell in metres
    census_m : side of a cell of the census grid in metres, a multiple of ``cell_m``
    origin : a corner of a cell, metres in the coordinate system of the grid
    """

    cell_m: int
    census_m: int
    origin: tuple[float, float]


@dataclass(frozen=True)
class RegionTerritory:
    """Where a region lies.

    Attributes
    ----------
    box : the region with a margin, metres in the coordinate system of the snapshot
    wider : the country around it, in which features may lie that reach over the border
    degrees : longitudes and latitudes that a place can have
    middle : latitude and longitude in the middle of the first view of the map
    zoom : of that first view
    """

    box: Box
    wider: Box
    degrees: Box
    middle: tuple[float, float]
    zoom: float


@dataclass(frozen=True)
class CodeSystem:
    """Codes of the zones of the base level.

    Attributes
    ----------
    name : of the code system, as people know it
    column : columns are called by it and the year: ``nis`` makes ``nis2025``
    pattern : regular expression of a code
    width : characters that a shorter number is filled up to with zeros; 0 for none
    """

    name: str
    column: str
    pattern: str
    width: int

    def tidy(self, code: str) -> str:
        """Return a code as the snapshot has it: without spaces, filled up with zeros."""
        return code.strip().zfill(self.width)


@dataclass(frozen=True)
class TerritorialException:
    """A part of the region where something else holds.

    Attributes
    ----------
    id : short name
    name : as on the map, for all of it together
    first, last : codes of the base level from and up to which it reaches
    flag : word in ``flags`` of every row that holds a part of it
    apart_zoom : zoom of the map from which its zones have names of their own
    """

    id: str
    name: str
    first: str
    last: str
    flag: str
    apart_zoom: int

    def holds(self, codes: pd.Series) -> pd.Series:
        """Whether codes of the base level are of this part."""
        return codes.between(self.first, self.last)


@dataclass(frozen=True)
class Norms:
    """What counts as near: minutes of travel, and the speeds in km/h that make metres of them."""

    minutes: float
    speeds_kmh: Mapping[str, float]

    @cached_property
    def within_m(self) -> dict[str, float]:
        """Metres of travel within the minutes, by mode."""
        return {mode: speed * 1000 * self.minutes / 60 for mode, speed in self.speeds_kmh.items()}


@dataclass(frozen=True)
class Vintages:
    """Years of the borders of the base level.

    Attributes
    ----------
    held : ascending
    default : year that is taken where none is asked for, and that births are counted by
    smallest : year whose zones are the smallest: those of every other year are made of whole ones
    served : year that lists of whom a place serves are written in
    zones : number of zones by year; empty where it is not known beforehand
    """

    held: tuple[int, ...]
    default: int
    smallest: int
    served: int
    zones: Mapping[int, int]


@dataclass(frozen=True)
class ExampleView:
    """A view that answers a question from the field in one click.

    Attributes
    ----------
    view : its choices, as they stand in an address
    since : choices that show what a later year made of it; empty for nothing
    words : ``label``, and with ``since`` also ``hint`` and ``link``, by language
    """

    view: Mapping[str, str]
    since: Mapping[str, str]
    words: Mapping[str, Entry]


@dataclass(frozen=True, eq=False)
class Region:
    """A region, as its profile declares it; see docs/another-region.md.

    Attributes
    ----------
    id : short name
    name : in words
    languages : ISO 639-1 codes of the languages that the names of its zones are in
    crs, grid, territory, codes, norms, vintages : see their classes
    levels : from large to small
    base : level that births are counted by
    whole : level that covers the region, for its outline
    points : level whose middles stand for its people where single cells are too many; `CELL` for the cells
    steps : level that large searches are worked out by, part by part; empty for none
    planning : level that the area of a partnership must not cross; empty where there is no such rule
    candidates : levels whose middles can be candidates for a place, the usual one first
    named : levels by which an area can be chosen by name
    places : set of places that is shown first
    examples : views that answer a question in one click, by name
    exceptions : parts where something else holds
    on_grid : level and year of the partitions stored on the grid, in the order of its bands
    sources : descriptions of the sources of its own snapshot, by id
    source_files : files of a folder to build from that each source gives, by id
    headers : further headers of lists, by field: ``x`` and ``y`` in metres, ``code`` of the base level in a list of
        zones and ``place_code`` in one of places
    tables : tables that every snapshot of it holds
    tree : the profile as it was read, for the data package
    """

    id: str
    name: Entry
    languages: tuple[str, ...]
    crs: CoordinateSystems
    grid: GridSpec
    territory: RegionTerritory
    codes: CodeSystem
    norms: Norms
    vintages: Vintages
    levels: Mapping[str, Level]
    base: str
    whole: str
    points: str
    steps: str
    planning: str
    candidates: tuple[str, ...]
    named: tuple[str, ...]
    places: str
    examples: Mapping[str, ExampleView]
    exceptions: tuple[TerritorialException, ...]
    on_grid: tuple[tuple[str, int], ...]
    sources: Mapping[str, Mapping[str, str]]
    source_files: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, str]
    tables: tuple[str, ...]
    tree: Mapping[str, object]

    @property
    def vintage(self) -> int:
        """Year of the borders that is taken where none is asked for."""
        return self.vintages.default

    def code_column(self, vintage: int) -> str:
        """Column with the code of the base level in a year, such as ``nis2025``."""
        return f"{self.codes.column}{vintage}"

    @property
    def code_columns(self) -> tuple[str, ...]:
        """Columns with the codes of the base level, one a year, oldest first."""
        return tuple(self.code_column(vintage) for vintage in self.vintages.held)

    @property
    def newest_code(self) -> str:
        """Column with the code that births are counted by."""
        return self.code_column(self.vintage)

    @property
    def smallest_code(self) -> str:
        """Column with the code of the smallest zones."""
        return self.code_column(self.vintages.smallest)

    @property
    def served_code(self) -> str:
        """Column with the code that lists of whom a place serves are written in."""
        return self.code_column(self.vintages.served)

    @staticmethod
    def name_column(vintage: int) -> str:
        """Column with the name of the base level in a year, such as ``name2025``."""
        return f"name{vintage}"

    def in_exception(self, codes: pd.Series) -> Bools:
        """(n,) whether codes of the base level are of a part where something else holds."""
        import numpy as np

        inside = np.zeros(len(codes), dtype=bool)
        for exception in self.exceptions:
            inside |= exception.holds(codes).to_numpy(bool)
        return inside
