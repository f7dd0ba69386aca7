"""The sources nabij draws on, each declared once: who publishes it, under which licence, of which year.

The data package, the provenance panel and the documentation read these entries; titles in three languages stand in
``loaders/texts/sources.toml`` under ``source.<id>``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from loaders.texts import text


@dataclass(frozen=True)
class Source:
    """One published data set.

    Attributes
    ----------
    id : name used in the data package
    publisher : who publishes it
    landing_page : where a person reads about it
    licence : short name of the licence
    attribution : sentence the licence asks for
    vintage : year or years the figures speak of
    files : raw files below the folder given to ``nabij data build --from``
    """

    id: str
    publisher: str
    landing_page: str
    licence: str
    attribution: str
    vintage: str
    files: tuple[str, ...]

    def descriptor(self) -> dict[str, Any]:
        """Entry of ``sources`` in the data package."""
        return {
            "id": self.id,
            "title": text(f"source.{self.id}", "en"),
            "title_nl": text(f"source.{self.id}", "nl"),
            "title_fr": text(f"source.{self.id}", "fr"),
            "publisher": self.publisher,
            "path": self.landing_page,
            "licence": self.licence,
            "attribution": self.attribution,
            "vintage": self.vintage,
        }


_PINC = "Provincies in Cijfers (Data & Analyse)"
_PINC_PAGE = "https://provincies.incijfers.be"
_STATBEL_LICENCE = "Statbel open data: free reuse with attribution"
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
            _STATBEL_LICENCE,
            "Borders: Provincies in Cijfers, from Statbel statistical sectors, 1 January 2025",
            "2025",
            (_shape("2025/gemeente"),),
        ),
        Source(
            "borders_2019",
            _PINC,
            _PINC_PAGE,
            _STATBEL_LICENCE,
            "Borders: Provincies in Cijfers, from Statbel statistical sectors, 2019–2024",
            "2019",
            (_shape("2019/gemeente2024"),),
        ),
        Source(
            "borders_2018",
            _PINC,
            _PINC_PAGE,
            _STATBEL_LICENCE,
            "Borders: Provincies in Cijfers, from Statbel statistical sectors, before 2019",
            "2018",
            (_shape("2018/gemeente2018"),),
        ),
        Source(
            "zones",
            _PINC,
            _PINC_PAGE,
            _STATBEL_LICENCE,
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
            _STATBEL_LICENCE,
            "Live births by municipality of residence of the mother: Statbel",
            "2025",
            ("births/munty_2025_births_population_density_fl_bru.csv",),
        ),
        Source(
            "ages",
            "Statbel",
            "https://statbel.fgov.be/nl/themas/bevolking/structuur-van-de-bevolking",
            _STATBEL_LICENCE,
            "Population by age on 1 January: Statbel",
            "1992–2022",
            (
                "population/fl_bru_population_age0to5_1992_2022_nis2019.csv",
                "population/fl_bru_population_age0to5_1992_2022_nis2025.csv",
            ),
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
            _STATBEL_LICENCE,
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
            ("care/documented_care_regions.csv",),
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
            "illustration",
            "nabij",
            "",
            "made up, for trying things out",
            "ILLUSTRATIVE places, generated by nabij: no real bureau or house stands there",
            "–",
            (),
        ),
    )
}
"""All sources by id."""
