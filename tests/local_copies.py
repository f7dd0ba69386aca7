"""A file for every source that a refresh reads, in the layout of its publisher, made from a snapshot's own figures."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd

from loaders.catalogue.regions.levels import is_brussels
from loaders.snapshot.reader import Snapshot
from tests.registers import two_registers
from tests.workbooks import births_sheet, struct_text, workbook, zipped

CARE_REGIONS = 60


def local_copies(folder: Path, snapshot: Snapshot, years: range = range(2020, 2027)) -> dict[str, Path]:
    """Write the files; returns their paths by source.

    Parameters
    ----------
    folder : where to write
    snapshot : the figures to write; births of every year are those of its newest
    years : sheets of the workbook of births
    """
    files = {
        "births.xlsx": _births(snapshot, years),
        "TF_SOC_POP_STRUCT_2023.zip": _ages(snapshot),
        "borders.geojson": _borders(snapshot),
        "sectors_20240101.geojson.zip": _sectors(snapshot),
        "OPENDATA_SECTOREN_2024.zip": _sector_population(snapshot),
        "care_regions.xlsx": _care_regions(snapshot),
        "gp_circles.xlsx": _gp_circles(snapshot),
    }
    registers = two_registers(snapshot)
    files["poi.geojson"] = registers.poi.to_json().encode()
    offers = [record for records in registers.offers.values() for record in records]
    files["social_map.json"] = json.dumps(offers).encode()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    sources = (
        "births", "ages", "borders", "sector_borders", "sector_population", "care_regions", "gp_circle_table", "poi",
        "social_map",
    )  # fmt: skip
    return {source: folder / name for source, name in zip(sources, files, strict=True)}


def _births(snapshot: Snapshot, years: range) -> bytes:
    table = snapshot.table("births")
    newest = table[table["year"] == table["year"].max()]
    sheet = births_sheet(dict(zip(newest["nis2025"], newest["births"].tolist(), strict=True)))
    return workbook({str(year): sheet for year in years})


def _ages(snapshot: Snapshot) -> bytes:
    ages = snapshot.table("ages")
    newest = ages[(ages["vintage"] == 2025) & (ages["year"] == 2022)]
    return zipped("TF_SOC_POP_STRUCT_2023.txt", struct_text(newest))


def _borders(snapshot: Snapshot) -> bytes:
    """Flanders only, as the reference file has it."""
    zones = snapshot.zones("municipality", 2025)
    zones = zones[~is_brussels(zones["zone_id"])]
    frame = gpd.GeoDataFrame(
        {"NISCODE": zones["zone_id"], "NAAM": zones["zone_name"]}, geometry=zones.geometry, crs=zones.crs
    )
    return str(frame.to_json()).encode()


def _sectors(snapshot: Snapshot) -> bytes:
    zones = snapshot.zones("sector")
    frame = gpd.GeoDataFrame(
        {
            "CD_SECTOR": zones["zone_id"].str.upper(),
            "CD_MUNTY_REFNIS": zones["parent_nis"],
            "TX_SECTOR_DESCR_NL": zones["zone_name"],
        },
        geometry=zones.geometry,
        crs=zones.crs,
    )
    return zipped("sh_statbel_statistical_sectors_31370_20240101.geojson", str(frame.to_json()).encode())


def _sector_population(snapshot: Snapshot) -> bytes:
    table = snapshot.table("sector_population")
    newest = table[table["year"] == 2022]
    lines = newest["sector_id"].str.upper() + "|" + newest["population"].astype(str)
    return zipped("OPENDATA_SECTOREN_2024.txt", "\n".join(["CD_SECTOR|TOTAL", *lines]).encode())


def _care_regions(snapshot: Snapshot) -> bytes:
    """The documented ones, and the other municipalities in their order."""
    codes = snapshot.table("municipality_codes")
    facts = snapshot.table("care_region_facts").set_index("nis2018")["care_region"]
    flemish = codes[~is_brussels(codes["nis2018"])]
    rows = [
        (2025, "Vlaams Gewest", facts.get(nis, f"Streek {number % (CARE_REGIONS - 2) + 1}"), name)
        for number, (nis, name) in enumerate(zip(flemish["nis2018"], flemish["name2018"], strict=True))
    ]
    return workbook({"Plaatsen": [("Jaar", "Gewest", "Zorgregio", "Gemeente"), *rows]})


def _gp_circles(snapshot: Snapshot) -> bytes:
    """Every municipality of 2019 in a circle of its arrondissement, as its code tells."""
    codes = snapshot.table("municipality_codes").drop_duplicates("nis2019")
    pairs = zip(codes["nis2019"], codes["name2019"], strict=True)
    rows = [(f"Huisartsenkring {nis[:2]}", nis, name) for nis, name in pairs]
    return workbook({"2019": [("Huisartsenkring", "NIS-code", "Gemeente"), *rows]})
