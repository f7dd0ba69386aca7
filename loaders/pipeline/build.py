"""Build the snapshot from raw open data: parse, check, generalise, put on the hectare grid, write, swap in.

Building twice from the same files gives the same bytes. The new snapshot is made aside and takes the place of the old
one only when it is complete, so a failed build leaves what was there.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from i18n.errors import DataError, MissingFileError
from i18n.progress import Progress, silent
from loaders.catalogue.levels import GRID_LEVELS, LEVELS
from loaders.catalogue.sources import SOURCES
from loaders.illustrative.facility_set import illustrative, illustrative_inputs
from loaders.parsers import deprivation, municipal, public_facts
from loaders.parsers.ages import parse_ages
from loaders.parsers.births import parse_births
from loaders.parsers.case_facts import parse_case_facts
from loaders.parsers.documented import documented
from loaders.parsers.spatial import LandCover, parse_census_grid, parse_land_cover, parse_sectors, parse_zones
from loaders.pipeline import expectations
from loaders.pipeline.grid_resources import (
    Rasters,
    Zones,
    people_on_grid,
    weight_vintage,
    write_grid_weight,
    write_grid_zones,
    write_land_cover,
)
from loaders.pipeline.raw import RawFolder
from loaders.snapshot.hectares import assign, burn
from loaders.snapshot.package import TOLERANCE_M, PackageWriter
from loaders.snapshot.reader import MANIFEST, Snapshot
from loaders.snapshot.regions import care_region_membership, gp_circle_membership, region_membership, union_zones
from loaders.snapshot.totals import totals


@dataclass
class _Tables:
    """Parsed and checked tables."""

    codes: pd.DataFrame
    births: pd.DataFrame
    ages: pd.DataFrame
    regions: pd.DataFrame
    district_names: dict[str, str]
    postcodes: pd.DataFrame
    stations: pd.DataFrame
    census: pd.DataFrame
    facts: pd.DataFrame
    circles: pd.DataFrame
    care_regions: pd.DataFrame
    cases: pd.DataFrame
    totals: dict[str, int]


def build_snapshot(source: Path, target: Path, progress: Progress | None = None) -> Path:
    """Build a snapshot from the raw files in ``source`` into the folder ``target``.

    Parameters
    ----------
    source : folder laid out as ``loaders.catalogue.sources.SOURCES`` names its files
    target : folder of the snapshot; replaced as a whole when the build succeeds
    progress : called with a label and a fraction 0–1

    Returns
    -------
    Path
        ``target``

    Raises
    ------
    MissingFileError
        a raw file, or the folder that should hold ``target``, is absent
    DataError
        a file does not hold what it should; nothing is replaced
    """
    target = Path(target)
    say = progress or silent
    if not target.parent.is_dir():
        raise MissingFileError(f"Folder '{target.parent}' does not exist; make it first, then build again.")
    raw = RawFolder(Path(source))
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as aside:
        fresh = Path(aside) / "snapshot"
        fresh.mkdir()
        _write(raw, PackageWriter(fresh), say)
        _swap(fresh, target, Path(aside))
    say("done", 1.0)
    return target


def _swap(fresh: Path, target: Path, aside: Path) -> None:
    if target.exists():
        if any(target.iterdir()) and not (target / MANIFEST).is_file():
            raise DataError(f"'{target}' holds other files than a snapshot; choose an empty or new folder.")
        target.rename(aside / "old")
    try:
        fresh.rename(target)
    except OSError:
        if (aside / "old").exists():
            (aside / "old").rename(target)
        raise
    shutil.rmtree(aside / "old", ignore_errors=True)


def _write(raw: RawFolder, package: PackageWriter, say: Progress) -> None:
    say("tables", 0.0)
    tables = _read_tables(raw)
    say("borders", 0.05)
    zones, sector_population = _read_zones(raw, tables)
    names2019 = zones["municipality", 2019].set_index("code")["name"]
    tables.codes["name2019"] = tables.codes["nis2019"].map(names2019)
    say("hectare grid", 0.15)
    cover = parse_land_cover(raw.read(SOURCES["land_cover"].files[0]), SOURCES["land_cover"].files[0])
    rasters = _zone_rasters(zones, cover)
    say("where children live", 0.35)
    sectors = zones["sector", 2021]["code"].str.lower()
    people = people_on_grid(tables.census, cover, rasters, sectors, sector_population)
    _write_tables(package, tables, sector_population)
    _write_deprivation(package, raw, tables.codes, sectors)
    write_grid_zones(package, rasters, cover.transform)
    write_grid_weight(package, people, cover.transform, weight_vintage(sector_population))
    write_land_cover(package, cover, rasters["municipality", 2025] >= 0)
    say("generalised borders", 0.5)
    _write_zones(package, zones, tables)
    say("illustrative places", 0.65)
    package.close(tables.totals)
    package.table("facilities_illustrative", illustrative(illustrative_inputs(Snapshot(package.folder))))
    say("data package", 0.95)
    package.close(tables.totals)


def _read_tables(raw: RawFolder) -> _Tables:
    files = SOURCES["refnis"].files
    codes = municipal.parse_codes(raw.read(files[0]), files[0])
    expectations.check_codes_chain(codes, files[0])
    known = {vintage: set(codes[f"nis{vintage}"]) for vintage in (2018, 2019, 2025)}
    births_file = SOURCES["births"].files[0]
    births = parse_births(raw.read(births_file), codes, births_file).frame
    expectations.check_births(births, births_file)
    ages = pd.concat(
        [parse_ages(raw.read(file), codes, file).frame for file in SOURCES["ages"].files],
        ignore_index=True,
    )
    expectations.check_population(ages, SOURCES["ages"].files[1])
    regions_file = SOURCES["zones"].files[3]
    facts_file, circles_file = (SOURCES[s].files[0] for s in ("public_facts", "gp_circles"))
    regions_facts, cases_file = SOURCES["field_reports"].files
    return _Tables(
        codes=codes,
        births=births,
        ages=ages,
        regions=municipal.parse_regions(raw.read(regions_file), known[2025], regions_file),
        district_names=municipal.parse_district_names(raw.read(files[2]), files[2]),
        postcodes=municipal.parse_postcodes(raw.read(files[1]), files[1]),
        census=parse_census_grid(raw.read(SOURCES["census_grid"].files[0]), SOURCES["census_grid"].files[0]),
        stations=municipal.parse_stations(raw.read(SOURCES["stations"].files[0])),
        facts=public_facts.parse_public_facts(raw.read(facts_file), codes, facts_file),
        circles=public_facts.parse_gp_circle_facts(raw.read(circles_file), codes, circles_file),
        care_regions=public_facts.parse_care_region_facts(raw.read(regions_facts), codes, regions_facts),
        cases=parse_case_facts(raw.read(cases_file), codes, cases_file),
        totals=totals(births, ages, codes),
    )


def _read_zones(raw: RawFolder, tables: _Tables) -> tuple[Zones, pd.DataFrame]:
    """Published zones of the grid levels with ``parent`` (code of 2025), and the sector population."""
    codes = tables.codes
    parent_of = {
        vintage: pd.Series(codes["nis2025"].to_numpy(), index=codes[f"nis{vintage}"]).groupby(level=0).first()
        for vintage in (2018, 2019, 2025)
    }
    # a sub-municipality keeps the code of the municipality it belonged to before a merger
    any_parent = pd.concat(parent_of.values()).groupby(level=0).first()
    zones: Zones = {}
    for vintage, code, name in (
        (2025, "geoitem", "naam"),
        (2019, "gemeente", "naam"),
        (2018, "gemeente20", None),
    ):
        file = SOURCES[f"borders_{vintage}"].files[0]
        frame = parse_zones(raw.read(file), file, code=code, name=name)
        expectations.check_borders(frame, vintage, file)
        expectations.check_same_codes(frame, codes[f"nis{vintage}"], file)
        if name is None:
            frame["name"] = frame["code"].map(codes.set_index("nis2018")["name2018"])
        zones["municipality", vintage] = frame.assign(parent=frame["code"].map(parent_of[vintage]))
    for level, file in zip(("sub_municipality", "neighbourhood"), SOURCES["zones"].files, strict=False):
        frame = parse_zones(raw.read(file), file, code="geoitem", name="naam", suffix=" (Dg.)")
        zones[level, 2025] = frame.assign(parent=frame["code"].str[:5].map(any_parent))
    file = SOURCES["sectors"].files[0]
    sectors, population = parse_sectors(raw.read(file), file)
    zones["sector", 2021] = sectors.assign(parent=sectors["nis2019"].map(parent_of[2019]))
    for (level, _), frame in zones.items():
        unknown = frame["parent"].isna() | ~frame["parent"].isin(parent_of[2025])
        if unknown.any():
            code = frame.loc[unknown, "code"].iloc[0]
            raise DataError(f"Zone {code!r} of level '{level}' lies in no municipality of 2025; check its vintage.")
    elz_file = SOURCES["zones"].files[2]
    elz = parse_zones(raw.read(elz_file), elz_file, code="elz")
    zone_of = tables.regions.set_index("nis2025")["primary_care_zone_code"]
    expectations.check_dissolves(zones["municipality", 2025], zone_of, elz, elz_file)
    return zones, population


def _zone_rasters(zones: Zones, cover: LandCover) -> Rasters:
    """Zone position of every hectare cell for the levels stored on the grid; positions follow ``zone_id``."""
    base = zones["municipality", 2025]
    municipality = burn(base, cover.classes.shape, cover.transform)
    position = pd.Series(np.arange(len(base)), index=base["code"])
    rasters = {("municipality", 2025): municipality}
    for key in GRID_LEVELS[1:]:
        parent = position.loc[zones[key]["parent"]].to_numpy(dtype=np.int32)
        rasters[key] = assign(zones[key], parent, municipality, cover.transform, f"{key[0]} {key[1]}")
    return rasters


def _write_tables(package: PackageWriter, tables: _Tables, sector_population: pd.DataFrame) -> None:
    rows, scope = documented(tables.codes)
    for name, frame in {
        "births": tables.births,
        "ages": tables.ages,
        "sector_population": sector_population,
        "municipality_codes": tables.codes,
        "postcodes": tables.postcodes,
        "stations": tables.stations,
        "census_grid": tables.census,
        "public_facts": tables.facts,
        "gp_circle_facts": tables.circles,
        "care_region_facts": tables.care_regions,
        "case_facts": tables.cases,
        "facilities_documented": rows,
        "documented_scope": scope,
    }.items():
        package.table(name, frame)


def _write_deprivation(package: PackageWriter, raw: RawFolder, codes: pd.DataFrame, sectors: pd.Series) -> None:
    """Write what is known of the surroundings of children, by sector and by municipality."""
    of_sectors, of_municipalities = SOURCES["deprivation"].files
    of_children, incomes, households = (SOURCES[s].files[0] for s in ("child_deprivation", "income", "households"))
    for name, frame in {
        "sector_deprivation": deprivation.parse_sector_deprivation(raw.read(of_sectors), sectors, of_sectors),
        "municipality_deprivation": deprivation.parse_municipality_deprivation(
            raw.read(of_municipalities), codes, of_municipalities
        ),
        "child_deprivation": deprivation.parse_child_deprivation(
            raw.read(of_children), set(codes["nis2025"]), of_children
        ),
        "sector_income": deprivation.parse_sector_income(raw.read(incomes), sectors, incomes),
        "households": municipal.parse_households(raw.read(households), codes, households),
    }.items():
        package.table(name, frame)


def _write_zones(package: PackageWriter, zones: Zones, tables: _Tables) -> None:
    """Generalise and write every level."""
    sources = {"municipality": "borders_{}", "sector": "sectors"}
    stored: Zones = {}
    for (level, vintage), frame in zones.items():
        shapes = shapely.coverage_simplify(frame.geometry.to_numpy(), TOLERANCE_M)
        stored[level, vintage] = gpd.GeoDataFrame(
            {
                "zone_id": frame["code"].str.lower(),
                "zone_name": frame["name"],
                "parent_nis": frame["parent"],
                "flags": "",
            },
            geometry=shapes,
            crs="EPSG:31370",
        )
        source = sources.get(level, "zones").format(vintage)
        package.zones(level, vintage, stored[level, vintage], (source,))
    parts = [
        region_membership(tables.regions, tables.district_names),
        care_region_membership(tables.care_regions),
        gp_circle_membership(tables.circles),
    ]
    membership = pd.concat([members for members, _ in parts], ignore_index=True)
    names = pd.concat([name for _, name in parts], ignore_index=True)
    package.table("membership", membership.sort_values(list(membership.columns), ignore_index=True))
    for level in (level for level in LEVELS if level in set(membership["level"])):
        frame = union_zones(level, names, membership, stored)
        source = {"care_region": "field_reports", "gp_circle": "gp_circles"}.get(level, "zones")
        package.zones(level, 2025, frame, (source,))
