"""The sources nabij draws on, each declared once: who publishes it, under which licence, of which year.

The data package, the provenance panel, the refresh and the documentation read these entries (`source_record` says
what each holds, `catalogue.live_sources` lists those that live on the network); titles in three languages stand in
``i18n/texts/sources.toml`` under ``source.<id>``.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from i18n.messages import MessageError
from loaders.catalogue.publishers.live_sources import AGES, BIRTHS, LIVE_SOURCES, STATBEL_LICENCE
from loaders.catalogue.publishers.source_record import Bounds, LiveSource, Protocol, Rhythm, Source

__all__ = [
    "LOADER_OF",
    "SOURCES",
    "Bounds",
    "LiveSource",
    "Protocol",
    "Rhythm",
    "Source",
    "get_source",
    "live_of",
    "live_sources",
]

_PINC = "Provincies in Cijfers (Data & Analyse)"
_PINC_PAGE = "https://provincies.incijfers.be"
_STATBEL_PAGE = "https://statbel.fgov.be/nl/open-data"
_SHP = ".shp"


def _shape(stem: str) -> str:
    return f"boundaries/{stem}{_SHP}"


SOURCES: dict[str, Source] = {
    source.id: source
    for source in (
        Source(
            "borders_2025",
            _PINC,
            _PINC_PAGE,
            STATBEL_LICENCE,
            "Borders: Provincies in Cijfers, from Statbel statistical sectors, 1 January 2025",
            "2025",
            (_shape("2025/gemeente"),),
        ),
        Source(
            "borders_2019",
            _PINC,
            _PINC_PAGE,
            STATBEL_LICENCE,
            "Borders: Provincies in Cijfers, from Statbel statistical sectors, 2019–2024",
            "2019",
            (_shape("2019/gemeente2024"),),
        ),
        Source(
            "borders_2018",
            _PINC,
            _PINC_PAGE,
            STATBEL_LICENCE,
            "Borders: Provincies in Cijfers, from Statbel statistical sectors, before 2019",
            "2018",
            (_shape("2018/gemeente2018"),),
        ),
        Source(
            "zones",
            _PINC,
            _PINC_PAGE,
            STATBEL_LICENCE,
            "Zones: Provincies in Cijfers, from Statbel statistical sectors",
            "2025",
            (
                _shape("zones/deelgemeente"),
                _shape("zones/ggw7"),
                _shape("zones/elz"),
                "care/gemeente2025_regios.csv",
            ),
        ),
        Source(
            "sectors",
            "Statbel, via sciensano",
            "https://statbel.fgov.be/nl/open-data/statistische-sectoren-2021",
            "CC BY 4.0",
            "Statistical sectors 2021 and population per sector 2011–2022: Statbel",
            "2021; population 2011–2022",
            ("sectors/statbel_sectors_2021_with_pop_2011_2022.gpkg",),
        ),
        Source(
            "births",
            "Statbel",
            "https://statbel.fgov.be/nl/themas/bevolking/geboorten-en-vruchtbaarheid",
            STATBEL_LICENCE,
            "Live births by municipality of residence of the mother: Statbel",
            "2025",
            ("births/munty_2025_births_population_density_fl_bru.csv",),
            BIRTHS,
        ),
        Source(
            "ages",
            "Statbel",
            "https://statbel.fgov.be/nl/themas/bevolking/structuur-van-de-bevolking",
            STATBEL_LICENCE,
            "Population by age on 1 January: Statbel",
            "1992–2022",
            (
                "population/fl_bru_population_age0to5_1992_2022_nis2019.csv",
                "population/fl_bru_population_age0to5_1992_2022_nis2025.csv",
            ),
            AGES,
        ),
        Source(
            "census_grid",
            "Eurostat / GISCO",
            "https://ec.europa.eu/eurostat/web/gisco/geodata/population-distribution/geostat",
            "Eurostat: reuse with attribution",
            "Census 2021 population grid: Eurostat",
            "2021",
            ("grid/be_census2021_1km.csv",),
        ),
        Source(
            "land_cover",
            "Copernicus Land Monitoring Service",
            "https://land.copernicus.eu/en/products/corine-land-cover/clc2018",
            "Copernicus: free, full and open access with attribution",
            "Corine Land Cover 2018: European Union, Copernicus Land Monitoring Service, European Environment Agency",
            "2018",
            ("grid/CLC2018_V2020_20u1_flanders.tif",),
        ),
        Source(
            "refnis",
            "Statbel; federal code table",
            _STATBEL_PAGE,
            STATBEL_LICENCE,
            "NIS and postcode tables: Statbel REFNIS",
            "2018–2025; postcodes 2011",
            (
                "refnis/nis_crosswalk_2018_2019_2025_flbru.csv",
                "refnis/postcode_nis_flbru_2018_2019_2025.csv",
                "refnis/gehuybre_TU_COM_REFNIS.txt",
            ),
        ),
        Source(
            "public_facts",
            "collected from public pages",
            "",
            "facts, each with its own source",
            "Facts on bureaus and houses from public pages; the page is named with every fact",
            "2011–2026",
            ("care/documented_facilities.csv",),
        ),
        Source(
            "gp_circles",
            "collected from public pages",
            "",
            "facts, each with its own source",
            "Memberships of GP circles from public pages; the page is named with every fact",
            "2016–2024",
            ("care/documented_gp_circles.csv",),
        ),
        Source(
            "field_reports",
            "KU Leuven",
            "",
            "facts, cited",
            "Bureaus, houses and care regions of the documented cases: KU Leuven evaluation of the pilot projects",
            "2013",
            ("care/documented_care_regions.csv", "care/documented_case_details.csv"),
        ),
        Source(
            "surveys",
            "Opgroeien, KU Leuven and Odisee, collected second hand",
            "",
            "facts, each with its own source",
            "Published totals and shares of the survey of the houses, the slides and the reports; the source is named "
            "with every figure",
            "2013–2026",
            ("care/survey_facts.csv",),
        ),
        Source(
            "deprivation",
            "Otavova et al. 2023 (sciensano)",
            "https://doi.org/10.1016/j.sste.2023.100587",
            "published for re-use; licence to be confirmed",
            "Belgian Index of Multiple Deprivation 2011 (BIMD2011): Otavova, Masquelier, Faes, van den Borre, Bouland, "
            "De Clercq, Vandeninden, De Bleser, Devleesschauwer 2023",
            "2011",
            ("deprivation/bimd2011_sectors.csv", "deprivation/bimd2011_municipalities.csv"),
        ),
        Source(
            "child_deprivation",
            "Opgroeien, Statistiek Vlaanderen and Statbel, collected second hand",
            "https://gemeente-stadsmonitor.vlaanderen.be",
            "to be confirmed",
            "Births in deprived families (Opgroeien), education deprivation index (OKI) and median income by "
            "municipality: Gemeente-Stadsmonitor, collected second hand, to be confirmed",
            "not stated; income 2023",
            ("deprivation/kansarmoede_oki_income_municipalities.csv",),
        ),
        Source(
            "income",
            "Statbel, via Daenekindt 2025",
            "https://doi.org/10.38139/ts.94750",
            STATBEL_LICENCE,
            "Net taxable income by statistical sector: Statbel, via the material of Daenekindt 2025",
            "fiscal year not stated",
            ("income/income_sectors.csv",),
        ),
        Source(
            "households",
            "Statistiek Vlaanderen",
            "https://www.vlaanderen.be/statistiek-vlaanderen/bevolking/huishoudensvooruitzichten",
            "Statistiek Vlaanderen open data: free reuse with attribution",
            "Households observed and projected by municipality: Statistiek Vlaanderen",
            "2010–2040",
            ("projections/households_2010_2040_municipalities.csv",),
        ),
        Source(
            "stations",
            "iRail",
            "https://github.com/iRail/stations",
            "CC0 1.0",
            "Railway stations: iRail",
            "2026",
            ("network/transit/irail_stations.csv",),
        ),
        Source(
            "buildings_osm",
            "OpenStreetMap contributors",
            "https://www.openstreetmap.org/copyright",
            "ODbL 1.0",
            "Public buildings, and places named bureau or house: © OpenStreetMap contributors, ODbL 1.0 "
            "(via tokenless-tiles/belgium)",
            "2021",
            ("care/osm_public_buildings_2021.csv", "care/osm_places_2021.csv"),
        ),
        Source(
            "ground_osm",
            "OpenStreetMap contributors",
            "https://www.openstreetmap.org/copyright",
            "ODbL 1.0",
            "Water, rivers, railways and places on the map: © OpenStreetMap contributors, ODbL 1.0 "
            "(via tokenless-tiles/belgium)",
            "2021",
            (
                "ground/osm_water_areas_2021.geojson",
                "ground/osm_waterway_lines_2021.geojson",
                "ground/osm_places_2021.geojson",
            ),
        ),
        Source(
            "ground_egm",
            "EuroGeographics",
            "https://www.mapsforeurope.org/datasets/euro-global-map",
            "EuroGeographics open data: reuse with attribution; to be confirmed",
            "Canals and motorways on the map: EuroGlobalMap. This product includes Intellectual Property from European "
            "National Mapping and Cadastral Authorities and is licensed on behalf of these by EuroGeographics. "
            "Original product is freely available at eurogeographics.org.",
            "2014–2016",
            ("ground/egm_watercourse_lines.geojson", "ground/egm_roads.geojson"),
        ),
        Source(
            "illustration",
            "nabij",
            "",
            "made up, for trying things out",
            "ILLUSTRATIVE places, generated by nabij: no real bureau or house stands there",
            "–",
        ),
        *LIVE_SOURCES,
    )
}
"""All sources by id."""


LOADER_OF: Mapping[str, str] = {
    source.id: source.live.loader for source in SOURCES.values() if source.live is not None and source.live.loader
}
"""Which loader reads a source at a refresh, by name alone, so that a page can tell without the loaders."""


def live_sources() -> dict[str, Source]:
    """Sources that can be refreshed, by id."""
    return {source.id: source for source in SOURCES.values() if source.live is not None}


def get_source(source_id: str) -> Source:
    """Return a source that can be refreshed; `InputError` naming those there are."""
    known = live_sources()
    if source_id not in known:
        near = difflib.get_close_matches(source_id, known, n=1)
        if near:
            raise MessageError("error.source.unknown_like", source=source_id, near=near[0], known=", ".join(known))
        raise MessageError("error.source.unknown", source=source_id, known=", ".join(known))
    return known[source_id]


def live_of(source_id: str) -> LiveSource:
    """Return where a source that can be refreshed lives; `InputError` when it is not known."""
    live = get_source(source_id).live
    if live is None:
        raise MessageError("error.source.not_live", source=source_id)
    return live
