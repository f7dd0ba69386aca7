"""Where the newest figures live: one entry per service, page or file that ``nabij data refresh`` can call.

Addresses move. Each can be replaced (`catalogue.settings`), and an address that is not ``confirmed`` was deduced from
those of its neighbours.
"""

from __future__ import annotations

from loaders.catalogue.publishers.source_record import Bounds, LiveSource, Source
from loaders.catalogue.publishers.street_graph import STREET_FILES

FLEMISH_LICENCE = "Gratis open data licentie Vlaanderen: free reuse with attribution"
STATBEL_LICENCE = "Statbel open data: free reuse with attribution"
UNSTATED = "no open licence stated: ask the publisher before passing it on"
_AGENCY_OF_CARE = "Departement Zorg"
_STATBEL_FILES = "https://statbel.fgov.be/sites/default/files/files/opendata"
_VLAANDEREN = "https://geo.api.vlaanderen.be"

BIRTHS = LiveSource(
    protocol="page",
    address="https://statbel.fgov.be/fr/themes/population/mouvement-de-la-population",
    rhythm="yearly",
    resources=("births",),
    # 285 + 19 municipalities of 2025, 327 before 2019; 75,940 births in 2025, 73,679 to 88,653 0-year-olds 1992–2022
    bounds=Bounds(rows=(304, 327), total=(65_000, 105_000), drift=0.15),
    loader="births",
    key="NIS",
    link=r"pop1992-mov.*\.xlsx",
)
"""Workbook with a sheet per year from 1992."""

AGES = LiveSource(
    protocol="zip",
    address=f"{_STATBEL_FILES}/bevolking%20naar%20woonplaats%2C%20nationaliteit%20burgelijke%20staat%20%2C%20leeftijd"
    "%20en%20geslacht/TF_SOC_POP_STRUCT_{year}.zip",
    rhythm="yearly",
    resources=("ages",),
    bounds=Bounds(rows=(304, 327), total=(6_700_000, 9_500_000), drift=0.03),
    loader="ages",
    collection="TF_SOC_POP_STRUCT_{year}.txt",
    key="CD_REFNIS",
    confirmed=False,
)
"""Population by municipality and age, one zip per year."""

LIVE_SOURCES: tuple[Source, ...] = (
    Source(
        "borders",
        "Digitaal Vlaanderen",
        "https://www.vlaanderen.be/datavindplaats/catalogus/voorlopig-referentiebestand-gemeentegrenzen",
        FLEMISH_LICENCE,
        "Municipal borders: Voorlopig referentiebestand gemeentegrenzen (VRBG), Digitaal Vlaanderen",
        "now",
        live=LiveSource(
            protocol="wfs",
            address=f"{_VLAANDEREN}/VRBG/wfs",
            rhythm="yearly",
            resources=("zones_municipality_2025",),
            # Flanders only: 308 until 2018, 300 until 2024, 285 since
            bounds=Bounds(rows=(250, 308), drift=0.10),
            loader="borders",
            collection="VRBG:Refgem",
            key="NISCODE",
            more={"ogc": f"{_VLAANDEREN}/VRBG/ogc/features/v1/collections/Refgem"},
        ),
    ),
    Source(
        "sector_borders",
        "Statbel",
        "https://statbel.fgov.be/nl/open-data/statistische-sectoren-2024",
        STATBEL_LICENCE,
        "Statistical sectors: Statbel",
        "now",
        live=LiveSource(
            protocol="zip",
            address=f"{_STATBEL_FILES}/Statistische%20sectoren/sh_statbel_statistical_sectors_31370_{{year}}0101"
            ".geojson.zip",
            rhythm="yearly",
            resources=("zones_sector_2021",),
            # 9,159 in Flanders and 720 in Brussels in 2021
            bounds=Bounds(rows=(9_000, 10_800), drift=0.05),
            loader="sectors",
            key="CD_SECTOR",
        ),
    ),
    Source(
        "sector_population",
        "Statbel",
        "https://statbel.fgov.be/nl/open-data/bevolking-statistische-sectoren",
        STATBEL_LICENCE,
        "Population per statistical sector: Statbel",
        "now",
        live=LiveSource(
            protocol="zip",
            address=f"{_STATBEL_FILES}/bevolking/sectoren/OPENDATA_SECTOREN_{{year}}.zip",
            rhythm="yearly",
            resources=("sector_population",),
            bounds=Bounds(rows=(8_000, 10_800), total=(6_700_000, 9_500_000), drift=0.03),
            loader="sectors",
            key="CD_SECTOR",
        ),
    ),
    Source(
        "care_regions",
        "Opgroeien",
        "https://www.opgroeien.be/kennis/cijfers-en-onderzoek/kinderopvang-babys-en-peuters",
        UNSTATED,
        "Care regions (zorgregio's): Opgroeien, after the zorgregiodecreet",
        "now",
        live=LiveSource(
            protocol="page",
            address="https://www.opgroeien.be/kennis/cijfers-en-onderzoek/kinderopvang-babys-en-peuters/cijfers-op-maat",
            rhythm="yearly",
            resources=("membership", "zones_care_region_2025"),
            bounds=Bounds(rows=(285, 330), loss=0.05),
            loader="care_regions",
            key="Gemeente",
            link=r"plaatsen-en-locaties.*\.xlsx",
            more={"decree": "https://www.zorg-en-gezondheid.be/zorgregiodecreet"},
        ),
    ),
    Source(
        "gp_circle_table",
        _AGENCY_OF_CARE,
        "https://www.zorg-en-gezondheid.be/huisartsenzones-wijzigen",
        UNSTATED,
        "GP circles per municipality: Departement Zorg",
        "2019",
        live=LiveSource(
            protocol="page",
            address="https://www.zorg-en-gezondheid.be/huisartsenzones-wijzigen",
            rhythm="on_change",
            resources=("membership", "zones_gp_circle_2025"),
            bounds=Bounds(rows=(285, 700), loss=0.10),
            loader="gp_circles",
            key="NIS",
            link=r"huisartsenkring.*gemeente.*\.xlsx",
        ),
    ),
    Source(
        "gp_circle_borders",
        _AGENCY_OF_CARE,
        "https://www.vlaanderen.be/datavindplaats/catalogus/regioindeling-huisartsenzones",
        FLEMISH_LICENCE,
        "Areas of GP circles: Regio-indeling Huisartsenzones, Departement Zorg",
        "now",
        live=LiveSource(
            protocol="file",
            address="https://metadata.vlaanderen.be/srv/dut/catalog.search#/metadata/"
            "71acbdcc-ccec-4a29-98f5-3e7463940644",
            rhythm="on_change",
            resources=("zones_gp_circle_2025",),
            bounds=Bounds(rows=(60, 140), loss=0.10),
            loader="gp_circles",
            confirmed=False,
        ),
    ),
    Source(
        "poi",
        "Digitaal Vlaanderen",
        "https://www.vlaanderen.be/datavindplaats/catalogus/poi-service",
        FLEMISH_LICENCE,
        "Points of interest: POI-service, Digitaal Vlaanderen",
        "now",
        live=LiveSource(
            protocol="wfs",
            address=f"{_VLAANDEREN}/POI/wfs",
            rhythm="continuous",
            resources=("facilities_register", "register_conflicts"),
            # about 340 bureaus in 2012, 227 houses in 2023
            bounds=Bounds(rows=(100, 1_500), loss=0.10),
            loader="register",
            collection="POI",
            key="POID",
            more={
                "types": "https://poi.api.geopunt.be/v1/core/poitypes",
                "ogc": f"{_VLAANDEREN}/POI/ogc/features/v1/collections/POI",
            },
        ),
    ),
    Source(
        "social_map",
        _AGENCY_OF_CARE,
        "https://www.desocialekaart.be",
        UNSTATED,
        "Bureaus and houses: De Sociale Kaart, Departement Zorg",
        "now",
        live=LiveSource(
            protocol="json",
            address="https://www.desocialekaart.be/api/health-offers",
            rhythm="continuous",
            resources=("facilities_register", "register_conflicts"),
            bounds=Bounds(rows=(100, 1_500), loss=0.10),
            loader="register",
            key="id",
            more={"rubrics": "https://www.desocialekaart.be/api/generic-list/rubric"},
        ),
    ),
    Source(
        "geocoder",
        "Digitaal Vlaanderen",
        "https://www.vlaanderen.be/datavindplaats/catalogus/geolocation",
        FLEMISH_LICENCE,
        "Address to coordinate: Geolocation, Digitaal Vlaanderen",
        "now",
        live=LiveSource(
            protocol="json",
            address=f"{_VLAANDEREN}/geolocation/v4/Location",
            rhythm="continuous",
            resources=(),
            bounds=Bounds(rows=(0, 5)),
            confirmed=False,
        ),
    ),
    Source(
        "roads",
        "OpenStreetMap contributors",
        "https://www.openstreetmap.org/copyright",
        "ODbL 1.0",
        "Streets: © OpenStreetMap contributors, ODbL 1.0 (via tokenless-tiles/belgium)",
        "2021",
        ("network/streets/streets_flanders_brussels_2021.parquet",),
        live=LiveSource(
            protocol="file",
            address="",
            rhythm="continuous",
            resources=STREET_FILES,
            bounds=Bounds(rows=(1_000, 20_000_000)),
            loader="roads",
            confirmed=False,
        ),
    ),
)
