"""The sources of a build, each from files of one folder: the parsers and the changes are those of a refresh.

A loader gets the folder and what the loaders before it gave, and gives an `Update`. Titles, years and licences are
those of the catalogue, which names the files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import starmap

import pandas as pd
import pyarrow as pa
import shapely

from loaders.catalogue.publishers.sources import SOURCES
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.schemas import TABLES
from loaders.parsers import deprivation, municipal, spatial
from loaders.parsers.ages import parse_ages
from loaders.parsers.births import parse_births
from loaders.parsers.facts import public_facts
from loaders.parsers.facts.case_facts import parse_case_facts
from loaders.parsers.facts.documented import documented
from loaders.parsers.facts.public_buildings import parse_located_places, parse_public_buildings
from loaders.parsers.facts.survey_facts import parse_survey_facts
from loaders.parsers.ground import parse_ground
from loaders.parsers.street_lines import read_street_table, street_lines
from loaders.parsers.vintages import VINTAGES
from loaders.parsers.zones.borders import parents_of, parse_borders, parse_outlines, parse_zones
from loaders.parsers.zones.care_regions import read_care_regions
from loaders.parsers.zones.gp_circles import CirclePlaces, read_circles
from loaders.parsers.zones.membership import region_membership
from loaders.parsers.zones.sectors import HELD, parse_sector_borders
from loaders.pipeline import expectations
from loaders.pipeline.derived.street_graph import make_street_graph
from loaders.pipeline.draft import Draft
from loaders.pipeline.raw import RawFolder
from loaders.pipeline.update import RefreshedResource, Update
from loaders.protocols.vectors import read_vector
from loaders.snapshot.regions import dissolved

_NEWEST = VINTAGES[-1]


@dataclass(frozen=True)
class RawContext:
    """What a loader of a build works with.

    Attributes
    ----------
    raw : the folder
    snapshot : what the loaders before it gave
    """

    raw: RawFolder
    snapshot: Draft

    @cached_property
    def streets(self) -> tuple[pa.Table, str]:
        """Streets and railways as they are published, read once for all that is made of them, and name of the file."""
        data, file = self.file("roads")
        return read_street_table(data, file), file

    @property
    def codes(self) -> pd.DataFrame:
        """Crosswalk of municipality codes."""
        return self.snapshot.table("municipality_codes")

    def file(self, source: str, number: int = 0) -> tuple[bytes, str]:
        """Bytes and name of a file of a source."""
        name = SOURCES[source].files[number]
        return self.raw.read(name), name


RawLoader = Callable[[RawContext], Update]


def _whole(name: str, frame: pd.DataFrame) -> RefreshedResource:
    """Whole contents of a table, whose schema names sources and years."""
    return RefreshedResource(name, frame, sources=TABLES[name].sources)


def _tables(source: str, **frames: pd.DataFrame) -> Update:
    return Update(source, "", tuple(starmap(_whole, frames.items())))


def load_codes(context: RawContext) -> Update:
    """Codes of the municipalities of every vintage, and postcodes."""
    data, file = context.file("refnis")
    codes = municipal.parse_codes(data, file)
    expectations.check_codes_chain(codes, file)
    return _tables("codes", municipality_codes=codes, postcodes=municipal.parse_postcodes(*context.file("refnis", 1)))


def load_borders(context: RawContext) -> Update:
    """Borders of the municipalities of every vintage; those of 2019 also give the names of that vintage."""
    changes: list[RefreshedResource] = []
    notes: list[str] = []
    codes = context.codes
    for vintage in reversed(VINTAGES):
        source = f"borders_{vintage}"
        data, file = context.file(source)
        border_vintage, zones, told = parse_borders(read_vector(data, file), None, codes, file)
        expectations.check_borders(zones, border_vintage, vintage, file)
        name = f"zones_municipality_{vintage}"
        changes.append(RefreshedResource(name, zones, (), str(vintage), (source,), published=True))
        notes += told
        if f"name{vintage}" not in codes:
            codes[f"name{vintage}"] = codes[f"nis{vintage}"].map(zones.set_index("zone_id")["zone_name"])
    return Update("borders", "", (*changes, _whole("municipality_codes", codes)), tuple(notes))


def load_zones(context: RawContext) -> Update:
    """Zones within municipalities, and those made of whole municipalities."""
    parents = [parents_of(context.codes, vintage) for vintage in VINTAGES]
    changes: list[RefreshedResource] = []
    notes: list[str] = []
    for number, level in enumerate(("sub_municipality", "neighbourhood")):
        data, file = context.file("zones", number)
        zones = parse_zones(data, parents, file, code="geoitem", name="naam", suffix=" (Dg.)")
        changes.append(RefreshedResource(f"zones_{level}_2025", zones.frame, (), "2025", ("zones",), published=True))
        notes += zones.notes
    data, file = context.file("zones", 3)
    regions = municipal.parse_regions(data, set(context.codes[f"nis{_NEWEST}"]), file)
    _check_outlines(context, regions)
    districts = municipal.parse_district_names(*context.file("refnis", 2))
    membership, names = region_membership(regions, districts)
    unions = _unions(context, membership, names, "zones")
    return Update("zones", "", (*changes, *unions), tuple(notes))


def _check_outlines(context: RawContext, regions: pd.DataFrame) -> None:
    """Primary care zones must be what their municipalities make, by borders as published."""
    data, file = context.file("zones", 2)
    zone_of = regions.set_index("nis2025")["primary_care_zone_code"]
    municipalities = context.snapshot.published[f"zones_municipality_{_NEWEST}"]
    expectations.check_dissolves(municipalities, zone_of, parse_outlines(data, file, "elz"), file)


def _unions(
    context: RawContext, membership: pd.DataFrame, names: pd.DataFrame, source: str
) -> tuple[RefreshedResource, ...]:
    """Members of some levels, and the borders that they make."""
    levels = membership["level"].unique()
    zones = ((level, dissolved(level, names, membership, context.snapshot)) for level in levels)
    return (
        RefreshedResource("membership", membership, ("level",), "", (source,)),
        *(RefreshedResource(f"zones_{level}_2025", frame, (), "2025", (source,)) for level, frame in zones),
    )


def load_sectors(context: RawContext) -> Update:
    """Sectors and their population out of one map."""
    data, file = context.file("sectors")
    sectors = parse_sector_borders(data, context.codes, file)
    people = expectations.check_people(sectors.population, file)
    return Update(
        "sectors",
        "",
        (
            RefreshedResource(
                f"zones_sector_{HELD}", sectors.zones, (), str(sectors.year), ("sectors",), published=True
            ),
            _whole("sector_population", people),
        ),
        sectors.notes,
    )


def load_births(context: RawContext) -> Update:
    """Births of every year of the table."""
    data, file = context.file("births")
    births = parse_births(data, context.codes, file)
    expectations.check_births(births.frame, file)
    return _tables("births", births=births.frame)


def load_ages(context: RawContext) -> Update:
    """Population and ages of every year, by the municipalities of each of two vintages."""
    files = SOURCES["ages"].files
    parts = [parse_ages(context.raw.read(file), context.codes, file).frame for file in files]
    ages = pd.concat(parts, ignore_index=True)
    expectations.check_population(ages, files[-1])
    return _tables("ages", ages=ages)


def load_care_regions(context: RawContext) -> Update:
    """Care regions that a report describes in full."""
    data, file = context.file("field_reports")
    care_regions = read_care_regions(data, context.codes, file)
    facts = _whole("care_region_facts", expectations.check_facts(care_regions.facts, file))
    unions = _unions(context, care_regions.membership, care_regions.names, "field_reports")
    return Update("care_regions", "", (facts, *unions), care_regions.notes)


def load_gp_circles(context: RawContext) -> Update:
    """GP circles of which public pages tell members."""
    data, file = context.file("gp_circles")
    parts = context.snapshot.zones("sub_municipality")
    circles = read_circles(data, CirclePlaces(context.codes, context.snapshot.table("postcodes"), parts), file)
    facts = _whole("gp_circle_facts", expectations.check_facts(circles.facts, file))
    unions = _unions(context, circles.membership, circles.names, "gp_circles")
    return Update("gp_circles", "", (facts, *unions), circles.notes)


def load_facts(context: RawContext) -> Update:
    """Facts of public pages and of the field report, and its cases with the scope for which they are complete."""
    data, file = context.file("public_facts")
    cases, cases_file = context.file("field_reports", 1)
    rows, scope = documented(context.codes)
    return _tables(
        "facts",
        public_facts=public_facts.parse_public_facts(data, context.codes, file),
        case_facts=parse_case_facts(cases, context.codes, cases_file),
        survey_facts=parse_survey_facts(*context.file("surveys")),
        facilities_documented=rows,
        documented_scope=scope,
    )


def load_surroundings(context: RawContext) -> Update:
    """How deprived the surroundings of children are by sector and by municipality, and households to come."""
    sectors, codes = context.snapshot.zones("sector")["zone_id"], context.codes
    of_sectors, sector_file = context.file("deprivation")
    of_municipalities, municipality_file = context.file("deprivation", 1)
    of_children, child_file = context.file("child_deprivation")
    incomes, income_file = context.file("income")
    counts, household_file = context.file("households")
    known = set(codes[f"nis{_NEWEST}"])
    return _tables(
        "surroundings",
        sector_deprivation=deprivation.parse_sector_deprivation(of_sectors, sectors, sector_file),
        municipality_deprivation=deprivation.parse_municipality_deprivation(
            of_municipalities, codes, municipality_file
        ),
        child_deprivation=deprivation.parse_child_deprivation(of_children, known, child_file),
        sector_income=deprivation.parse_sector_income(incomes, sectors, income_file),
        households=municipal.parse_households(counts, codes, household_file),
    )


def load_census(context: RawContext) -> Update:
    """People by kilometre cell."""
    return _tables("census_grid", census_grid=spatial.parse_census_grid(*context.file("census_grid")))


def load_land_cover(context: RawContext) -> Update:
    """Land cover of every hectare, on whose grid everything is put."""
    return Update("land_cover", "", (), land_cover=spatial.parse_land_cover(*context.file("land_cover")))


def load_stations(context: RawContext) -> Update:
    """Railway stations."""
    return _tables("stations", stations=municipal.parse_stations(*context.file("stations")))


def load_buildings(context: RawContext) -> Update:
    """Public buildings, and places whose spot is known."""
    buildings, file = context.file("buildings_osm")
    places, places_file = context.file("buildings_osm", 1)
    return _tables(
        "buildings",
        public_buildings=parse_public_buildings(buildings, context.codes, file),
        located_places=parse_located_places(places, context.codes, places_file),
    )


def load_streets(context: RawContext) -> Update:
    """Streets as a graph."""
    table, file = context.streets
    graph, report = make_street_graph(street_lines(table, file))
    expectations.check_streets(graph, file)
    return Update("roads", "", (), streets=graph, street_facts=asdict(report))


def load_ground(context: RawContext) -> Update:
    """Water, railways, motorways and places, as far as they lie in or near the region."""
    files = {
        "water_areas": context.file("ground_osm"),
        "rivers": context.file("ground_osm", 1),
        "places": context.file("ground_osm", 2),
        "watercourses": context.file("ground_egm"),
        "roads": context.file("ground_egm", 1),
    }
    whole = context.snapshot.zones(region().whole)
    ground = parse_ground(files, context.streets, shapely.union_all(whole.geometry.to_numpy()))
    return _tables("ground", ground=ground.features, ground_vertices=ground.vertices)


RAW_LOADERS: dict[str, RawLoader] = {
    "codes": load_codes,
    "borders": load_borders,
    "zones": load_zones,
    "sectors": load_sectors,
    "births": load_births,
    "ages": load_ages,
    "care_regions": load_care_regions,
    "gp_circles": load_gp_circles,
    "facts": load_facts,
    "surroundings": load_surroundings,
    "census": load_census,
    "land_cover": load_land_cover,
    "stations": load_stations,
    "buildings": load_buildings,
    "roads": load_streets,
    "ground": load_ground,
}
"""Loaders of a build by name, each after those whose figures it needs."""
