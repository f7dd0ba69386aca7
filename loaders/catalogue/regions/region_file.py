"""A region profile: read as TOML or out of a data package, checked key by key, told in one sentence what is wrong."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from i18n.errors import DataError, MissingFileError
from i18n.messages import Message, Reason, Value
from i18n.texts import LANGUAGES
from loaders.catalogue.regions.region import (
    CELL,
    Box,
    CodeSystem,
    CoordinateSystems,
    Entry,
    ExampleView,
    GridSpec,
    Level,
    Norms,
    Region,
    RegionTerritory,
    TerritorialException,
    Vintages,
)

BUILT_IN = Path(__file__).with_name("flanders.toml")
"""The region that comes with nabij."""

MODES = ("walk", "bike", "car")
"""Ways of travel, each with a speed in the norms."""

SETS = ("register", "illustrative")
"""Sets of places that can be shown first."""

NEEDED_TABLES = ("births", "municipality_codes", "membership")
"""Tables that every snapshot needs, whatever its region."""

KEY_IN_PACKAGE = "region"
"""Key of the data package that holds the profile of its region."""

MAX_BYTES = 262_144
LONGEST_WORDS = 400

_KEYS = (
    *("id", "name", "languages", "crs", "grid", "territory", "codes", "norms", "vintages", "roles", "levels"),
    *("exceptions", "sources", "tables", "examples", "headers"),
)
_ROLES = ("base", "whole", "points", "steps", "planning", "candidates", "named", "places")
_LEVEL_KEYS = (
    *("vintages", "documented_only", "without_exceptions", "parent", "finer"),
    *("singular", "plural", "help"),
)
_SOURCE_KEYS = ("title", "publisher", "path", "licence", "attribution", "vintage")
_ID = re.compile(r"[a-z][a-z0-9_]{1,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_COLUMN = re.compile(r"[a-z]{2,20}")
_YEARS = (1800, 2200)


def read_region(file: Path) -> Region:
    """Read the profile of a region from a TOML file.

    Raises
    ------
    MissingFileError, DataError
        when the file is not there, too large, no TOML, or a value in it cannot be used: the file, the key and the
        remedy in one sentence
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise MissingFileError(Message("region.error.missing", file=str(file))) from error
    except OSError as error:
        reason = Reason(error, error.strerror)
        raise DataError(Message("region.error.unreadable", file=str(file), reason=reason)) from error
    if len(content) > MAX_BYTES:
        raise DataError(Message("region.error.large", file=str(file), most=MAX_BYTES // 1024))
    try:
        tree = tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DataError(Message("region.error.toml", file=str(file), reason=Reason(error))) from error
    return region_of_tree(tree, str(file))


def region_of_tree(tree: Mapping[str, Any], file: str) -> Region:
    """Region out of the values of a profile; ``file`` is where they stand, for errors as of `read_region`."""
    return _region_of(json.dumps(tree), file)


def region_of_package(package: Mapping[str, Any], file: str) -> Region:
    """Region of a snapshot: the profile that its data package carries, else the one that comes with nabij."""
    tree = package.get(KEY_IN_PACKAGE)
    return built_in() if tree is None else region_of_tree(tree if isinstance(tree, dict) else {}, file)


def region_of_folder(folder: Path) -> Region:
    """Region of the snapshot in a folder; the one that comes with nabij where there is no data package to read.

    Raises
    ------
    DataError
        when the data package carries a profile that cannot be used
    """
    manifest = folder / "datapackage.json"
    try:
        package = json.loads(manifest.read_bytes())
    except (OSError, ValueError):  # whoever opens the snapshot is told
        return built_in()
    return region_of_package(package, str(manifest)) if isinstance(package, dict) else built_in()


@lru_cache(maxsize=1)
def built_in() -> Region:
    """Return the region that comes with nabij."""
    with BUILT_IN.open("rb") as stream:
        return _RegionFileReader(str(BUILT_IN), trusted=True).region(tomllib.load(stream))


@lru_cache(maxsize=16)
def _region_of(tree: str, file: str) -> Region:
    return _RegionFileReader(file).region(json.loads(tree))


class _RegionFileReader:
    """Reads the values of one profile, naming file and key in every fault."""

    def __init__(self, file: str, *, trusted: bool = False) -> None:
        self._file, self._trusted = file, trusted

    def fault(self, kind: str, key: str, **values: Value) -> DataError:
        """What is wrong with a key."""
        return DataError(Message(f"region.error.{kind}", file=self._file, at=key, **values))

    def region(self, given: Any) -> Region:
        """Read a whole profile."""
        values = self._table("", given, _KEYS)
        vintages = self._vintages(values)
        levels = self._given_levels(values)
        roles = self._roles(values, tuple(levels))
        base = str(roles["base"])
        by_name = {name: self._level(name, levels, vintages, base) for name in levels}
        self._check_nesting(by_name, base)
        grid = self._grid(values)
        return Region(
            id=self._id("id", self._needed(values, "", "id")),
            name=self._entry("name", self._needed(values, "", "name")),
            languages=tuple(self._words("languages", self._needed(values, "", "languages"), _LANGUAGE)),
            crs=self._crs(values),
            grid=grid,
            territory=self._territory(values),
            codes=self._codes(values),
            norms=self._norms(values),
            vintages=vintages,
            levels=by_name,
            exceptions=tuple(self._exceptions(values)),
            on_grid=_on_grid(by_name, base),
            sources=self._sources(values),
            source_files={
                name: tuple(self._words(f"sources.{name}.files", source.get("files", [])))
                for name, source in values.get("sources", {}).items()
            },
            examples=dict(self._examples(values)),
            headers=self._headers(values),
            tables=tuple(self._words("tables", values.get("tables", list(NEEDED_TABLES)))),
            tree=given,
            **roles,
        )

    # what the values are made of

    def _table(self, key: str, given: Any, known: Collection[str] | None = None) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise self.fault("table", key)
        for name in given:
            if known is not None and name not in known:
                raise self.fault("unknown", f"{key}.{name[:60]}".strip("."), known=", ".join(known))
        return given

    def _part(self, values: Mapping[str, Any], key: str, known: Collection[str] | None = None) -> dict[str, Any]:
        return self._table(key, self._needed(values, "", key), known)

    def _needed(self, values: Mapping[str, Any], key: str, name: str) -> Any:
        if name not in values:
            raise self.fault("lacks", f"{key}.{name}".strip("."))
        return values[name]

    def _text(self, key: str, given: Any) -> str:
        if not isinstance(given, str) or not given.strip() or len(given) > LONGEST_WORDS or len(given.splitlines()) > 1:
            raise self.fault("text", key, value=_shown(given), most=LONGEST_WORDS)
        return given.strip()

    def _id(self, key: str, given: Any) -> str:
        if not isinstance(given, str) or not _ID.fullmatch(given):
            raise self.fault("id", key, value=_shown(given))
        return given

    def _entry(self, key: str, given: Any) -> Entry:
        entry = self._table(key, given, LANGUAGES)
        for lang in LANGUAGES:
            sentence = entry.get(lang)
            if not isinstance(sentence, str) or not sentence.strip():
                raise self.fault("language", f"{key}.{lang}", code=lang)
        return {lang: self._text(f"{key}.{lang}", entry[lang]) for lang in LANGUAGES}

    def _number(self, key: str, given: Any, least: float = 0.0, most: float = 1e9) -> float:
        if not _is_number(given) or not least < given <= most:
            raise self.fault("number", key, value=_shown(given), least=f"{least:g}", most=f"{most:g}")
        return float(given)

    def _whole(self, key: str, given: Any, least: int, most: int) -> int:
        if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
            raise self.fault("whole", key, value=_shown(given), least=least, most=most)
        return given

    def _numbers(self, key: str, given: Any, n: int) -> tuple[float, ...]:
        if not isinstance(given, list) or len(given) != n or not all(map(_is_number, given)):
            raise self.fault("numbers", key, value=_shown(given), n=n)
        return tuple(map(float, given))

    def _box(self, key: str, given: Any) -> Box:
        west, south, east, north = self._numbers(key, given, 4)
        if not (west < east and south < north):
            raise self.fault("box", key, value=_shown(given))
        return west, south, east, north

    def _truth(self, key: str, given: Any) -> bool:
        if not isinstance(given, bool):
            raise self.fault("word", key, value=_shown(given), known="true, false")
        return given

    def _one_of(self, key: str, given: Any, known: Collection[Any]) -> Any:
        if given not in known or isinstance(given, bool):
            raise self.fault("word", key, value=_shown(given), known=", ".join(map(str, known)))
        return given

    def _words(self, key: str, given: Any, form: re.Pattern[str] | None = None) -> list[str]:
        good = isinstance(given, list) and all(isinstance(word, str) for word in given)
        if not good or (form is not None and not (given and all(form.fullmatch(word) for word in given))):
            raise self.fault("list", key, value=_shown(given))
        return list(given)

    # the parts of a profile

    def _crs(self, values: Mapping[str, Any]) -> CoordinateSystems:
        part = self._part(values, "crs", ("storage", "grid", "geographic", "mistaken"))
        mistaken = self._table("crs.mistaken", part.get("mistaken", {}))
        systems = {"geographic": "EPSG:4326", **part}
        for name in ("storage", "grid", "geographic"):
            self._check_crs(f"crs.{name}", self._needed(systems, "crs", name), metres=name != "geographic")
        return CoordinateSystems(
            storage=systems["storage"],
            grid=systems["grid"],
            geographic=systems["geographic"],
            mistaken={name: self._box(f"crs.mistaken.{name}", box) for name, box in mistaken.items()},
        )

    def _check_crs(self, key: str, given: Any, *, metres: bool) -> None:
        """See that a coordinate system exists, and whether it is in metres; the built-in ones are known to be."""
        name = self._text(key, given)
        if self._trusted:
            return
        from pyproj import CRS
        from pyproj.exceptions import CRSError

        try:
            system = CRS.from_user_input(name)
        except CRSError as error:
            raise self.fault("crs", key, value=name) from error
        in_metres = system.is_projected and all(axis.unit_name == "metre" for axis in system.axis_info)
        if metres and not in_metres:
            raise self.fault("crs_metres", key, value=name)
        if not metres and not system.is_geographic:
            raise self.fault("crs_degrees", key, value=name)

    def _grid(self, values: Mapping[str, Any]) -> GridSpec:
        part = self._part(values, "grid", ("cell_m", "census_m", "origin"))
        cell = self._whole("grid.cell_m", self._needed(part, "grid", "cell_m"), 10, 10_000)
        census = self._whole("grid.census_m", part.get("census_m", 10 * cell), cell, 100_000)
        if census % cell:
            raise self.fault("multiple", "grid.census_m", value=census, other="grid.cell_m")
        east, north = self._numbers("grid.origin", part.get("origin", [0, 0]), 2)
        return GridSpec(cell, census, (east, north))

    def _territory(self, values: Mapping[str, Any]) -> RegionTerritory:
        part = self._part(values, "territory", ("box", "wider", "degrees", "middle", "zoom"))
        box = self._box("territory.box", self._needed(part, "territory", "box"))
        degrees = self._box("territory.degrees", self._needed(part, "territory", "degrees"))
        if not (degrees[0] >= -180 and degrees[2] <= 180 and degrees[1] >= -90 and degrees[3] <= 90):
            raise self.fault("box", "territory.degrees", value=_shown(part["degrees"]))
        middle = [(degrees[1] + degrees[3]) / 2, (degrees[0] + degrees[2]) / 2]
        lat, lon = self._numbers("territory.middle", part.get("middle", middle), 2)
        return RegionTerritory(
            box=box,
            wider=self._box("territory.wider", part.get("wider", list(box))),
            degrees=degrees,
            middle=(lat, lon),
            zoom=self._number("territory.zoom", part.get("zoom", 9), most=18),
        )

    def _codes(self, values: Mapping[str, Any]) -> CodeSystem:
        part = self._part(values, "codes", ("name", "column", "pattern", "width"))
        column = self._needed(part, "codes", "column")
        if not isinstance(column, str) or not _COLUMN.fullmatch(column) or column == "name":
            raise self.fault("column", "codes.column", value=_shown(column))
        pattern = self._text("codes.pattern", self._needed(part, "codes", "pattern"))
        try:
            re.compile(pattern)
        except re.error as error:
            raise self.fault("pattern", "codes.pattern", value=_shown(pattern)) from error
        name = self._text("codes.name", self._needed(part, "codes", "name"))
        return CodeSystem(name, column, pattern, self._whole("codes.width", part.get("width", 0), 0, 20))

    def _norms(self, values: Mapping[str, Any]) -> Norms:
        part = self._part(values, "norms", ("minutes", "speeds_kmh"))
        speeds = self._table("norms.speeds_kmh", self._needed(part, "norms", "speeds_kmh"), MODES)
        return Norms(
            self._number("norms.minutes", self._needed(part, "norms", "minutes"), most=600),
            {
                mode: self._number(f"norms.speeds_kmh.{mode}", self._needed(speeds, "norms.speeds_kmh", mode), most=200)
                for mode in MODES
            },
        )

    def _vintages(self, values: Mapping[str, Any]) -> Vintages:
        part = self._part(values, "vintages", ("held", "default", "smallest", "served", "zones"))
        years = self._years("vintages.held", self._needed(part, "vintages", "held"))
        usual = {"default": years[-1], "smallest": years[0], "served": years[-1], **part}
        zones = self._table("vintages.zones", part.get("zones", {}), tuple(map(str, years)))
        counted = {int(y): self._whole(f"vintages.zones.{y}", n, 1, 10_000_000) for y, n in zones.items()}
        roles = {
            name: self._one_of(f"vintages.{name}", usual[name], years) for name in ("default", "smallest", "served")
        }
        return Vintages(held=years, zones=counted, **roles)

    def _years(self, key: str, given: Any) -> tuple[int, ...]:
        good = isinstance(given, list) and given and all(isinstance(y, int) and not isinstance(y, bool) for y in given)
        if not good or list(given) != sorted(set(given)) or not _YEARS[0] <= given[0] <= given[-1] <= _YEARS[1]:
            raise self.fault("years", key, value=_shown(given))
        return tuple(given)

    def _given_levels(self, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        levels = self._part(values, "levels")
        if not levels:
            raise self.fault("lacks", "levels")
        for name in levels:
            self._id(f"levels.{name[:60]}", name)
            if name in ("own", CELL):
                raise self.fault("reserved", f"levels.{name}")
        return {name: self._table(f"levels.{name}", given, _LEVEL_KEYS) for name, given in levels.items()}

    def _roles(self, values: Mapping[str, Any], levels: tuple[str, ...]) -> dict[str, Any]:
        part = self._part(values, "roles", _ROLES)
        base = self._one_of("roles.base", self._needed(part, "roles", "base"), levels)
        larger = levels[: levels.index(base) + 1]
        usual = {"whole": levels[0], "points": CELL, "steps": "", "planning": "", "candidates": [], "named": larger}
        given = {**usual, **part, "named": list(part.get("named", larger))}
        lists = {}
        for name in ("candidates", "named"):
            words = self._words(f"roles.{name}", given[name])
            lists[name] = tuple(self._one_of(f"roles.{name}", word, levels) for word in words)
        return {
            "base": base,
            "whole": self._one_of("roles.whole", given["whole"], larger),
            "points": self._one_of("roles.points", given["points"], (*levels, CELL)),
            "steps": self._one_of("roles.steps", given["steps"], (*larger, "")),
            "planning": self._one_of("roles.planning", given["planning"], (*larger, "")),
            "places": self._one_of("roles.places", part.get("places", SETS[0]), SETS),
            **lists,
        }

    def _level(self, name: str, levels: Mapping[str, Mapping[str, Any]], vintages: Vintages, base: str) -> Level:
        key, given = f"levels.{name}", levels[name]
        names = list(levels)
        years = self._years(f"{key}.vintages", given.get("vintages", [vintages.default]))
        if name == base:
            years = self._years(f"{key}.vintages", given.get("vintages", list(vintages.held)))
            if years != vintages.held:
                raise self.fault("base_years", f"{key}.vintages", value=_shown(list(years)), base=base)
        words = {
            word: self._entry(f"{key}.{word}", self._needed(given, key, word))
            for word in ("singular", "plural", "help")
        }
        return Level(
            id=name,
            vintages=years,
            territorial=names.index(name) <= names.index(base),
            documented_only=self._truth(f"{key}.documented_only", given.get("documented_only", False)),
            without_exceptions=self._truth(f"{key}.without_exceptions", given.get("without_exceptions", False)),
            parent=self._one_of(f"{key}.parent", given.get("parent", ""), (*names, "")),
            finer=self._one_of(f"{key}.finer", given.get("finer", ""), (*names, "")),
            words=words,
        )

    def _check_nesting(self, levels: Mapping[str, Level], base: str) -> None:
        """Levels go from large to small, each in one before it; those below the base level end in the base level."""
        names = list(levels)
        for name, level in levels.items():
            larger = names[: names.index(name)]
            if level.parent and level.parent not in larger:
                known = ", ".join(larger) or "–"
                raise self.fault("nesting", f"levels.{name}.parent", level=name, parent=level.parent, known=known)
            if level.finer and level.finer not in names[names.index(name) + 1 :]:
                raise self.fault("finer", f"levels.{name}.finer", level=name, finer=level.finer)
            if not level.territorial and base not in _chain(levels, name):
                raise self.fault("nesting_base", f"levels.{name}.parent", level=name, base=base)

    def _exceptions(self, values: Mapping[str, Any]) -> Iterator[TerritorialException]:
        given = self._table("exceptions", values.get("exceptions", {}))
        for name, value in given.items():
            key = f"exceptions.{name[:60]}"
            part = self._table(key, value, ("name", "first", "last", "flag", "apart_zoom"))
            texts = {
                word: self._text(f"{key}.{word}", self._needed(part, key, word))
                for word in ("name", "first", "last", "flag")
            }
            self._id(f"{key}.flag", texts["flag"])
            zoom = self._whole(f"{key}.apart_zoom", part.get("apart_zoom", 11), 1, 18)
            yield TerritorialException(id=self._id(key, name), apart_zoom=zoom, **texts)

    def _examples(self, values: Mapping[str, Any]) -> Iterator[tuple[str, ExampleView]]:
        given = self._table("examples", values.get("examples", {}))
        for name, value in given.items():
            key = f"examples.{self._id(f'examples.{name[:60]}', name)}"
            part = self._table(key, value, ("label", "hint", "link", "view", "since"))
            since = self._choices(f"{key}.since", part.get("since", {}))
            needed = ("label", "hint", "link") if since else ("label",)
            words = {word: self._entry(f"{key}.{word}", self._needed(part, key, word)) for word in needed}
            yield name, ExampleView(self._choices(f"{key}.view", self._needed(part, key, "view")), since, words)

    def _choices(self, key: str, given: Any) -> dict[str, str]:
        return {name: self._text(f"{key}.{name[:60]}", value) for name, value in self._table(key, given).items()}

    def _headers(self, values: Mapping[str, Any]) -> dict[str, str]:
        given = self._table("headers", values.get("headers", {}), ("x", "y", "code", "place_code"))
        return {name: self._text(f"headers.{name}", words) for name, words in given.items()}

    def _sources(self, values: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        given = self._table("sources", values.get("sources", {}))
        sources = {}
        for name, value in given.items():
            key = f"sources.{self._id(f'sources.{name[:60]}', name)}"
            part = self._table(key, value, (*_SOURCE_KEYS, "files"))
            titles = self._entry(f"{key}.title", self._needed(part, key, "title"))
            rest = {w: self._text(f"{key}.{w}", self._needed(part, key, w)) for w in _SOURCE_KEYS if w != "title"}
            sources[name] = {
                "id": name,
                "title": titles["en"],
                "title_nl": titles["nl"],
                "title_fr": titles["fr"],
                **rest,
            }
        return sources


def _on_grid(levels: Mapping[str, Level], base: str) -> tuple[tuple[str, int], ...]:
    """Partitions on the grid: the base level and all below it, the newest year of each first."""
    below = [level for level in levels.values() if level.id == base or not level.territorial]
    return tuple((level.id, vintage) for level in below for vintage in reversed(level.vintages))


def _chain(levels: Mapping[str, Level], name: str) -> list[str]:
    """Levels that a level nests in, from small to large."""
    chain: list[str] = []
    while (name := levels[name].parent) and name not in chain:
        chain.append(name)
    return chain


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _shown(value: Any) -> str:
    written = "–" if value is None else str(value)
    return written if len(written) <= 60 else f"{written[:57]}..."
