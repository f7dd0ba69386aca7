"""Tables keyed by municipality: code changes, regions, postcodes and district names."""

from __future__ import annotations

import re

import pandas as pd

from loaders.protocols.tables import check_codes, check_unique, read_csv, to_integers


def parse_codes(data: bytes, file: str = "nis_crosswalk_2018_2019_2025_flbru.csv") -> pd.DataFrame:
    """Crosswalk of municipality codes, one row per municipality of 2018.

    Returns
    -------
    DataFrame
        ``nis2018, name2018, nis2019, nis2025, name2025`` ordered by ``nis2018``; a name goes without the
        arrondissement in brackets that tells it from a namesake, unless two in the table would be called the same
    """
    columns = ["nis2018", "name2018", "nis2019", "nis2025", "name2025"]
    frame = read_csv(data, file, columns)[columns]
    check_unique(frame, ["nis2018"], file)
    for column in ("name2018", "name2025"):
        frame[column] = _without_district(frame[column])
    return frame.sort_values("nis2018", ignore_index=True)


def _without_district(names: pd.Series) -> pd.Series:
    """Names without the arrondissement in brackets, where that leaves them different: ``Tielt (Tielt)`` is Tielt."""
    plain = names.map({name: plain_name(name) for name in names.unique()})  # the same name for every sector and year
    bearers = names.groupby(plain).nunique()
    return plain.where(plain.map(bearers) == 1, names)


def plain_name(name: str) -> str:
    """Name of a municipality without the arrondissement in brackets: ``Tielt (Tielt)`` is Tielt."""
    return re.sub(r"\s*\([^)]*\)$", "", name)


def parse_regions(data: bytes, known: set[str], file: str = "gemeente2025_regios.csv") -> pd.DataFrame:
    """Municipality of 2025 to province, arrondissement, primary care zone, reference region and region.

    Returns
    -------
    DataFrame
        ``nis2025, province, arrondissement, primary_care_zone, reference_region, region`` (names, but the
        arrondissement as its NIS code), empty text where a municipality belongs to none
    """
    names = {
        "gemeente": "nis2025",
        "provincie_naam": "province",
        "arrondiss": "arrondissement",
        "elz_naam": "primary_care_zone",
        "elz": "primary_care_zone_code",
        "refreg_naam": "reference_region",
        "gewest_naam": "region",
    }
    frame = read_csv(data, file, list(names))
    check_codes(frame["gemeente"], known, file)
    check_unique(frame, ["gemeente"], file)
    frame = frame[list(names)].rename(columns=names).sort_values("nis2025", ignore_index=True)
    frame["province"] = frame["province"].str.replace(r"\s*\(Prov\.\)$", "", regex=True)
    return frame


def parse_district_names(data: bytes, file: str = "TU_COM_REFNIS.txt") -> dict[str, str]:
    """Dutch names of the arrondissements in force: NIS code to name without the word 'Arrondissement'."""
    frame = read_csv(data, file, ["LVL_REFNIS", "CD_REFNIS", "TX_REFNIS_NL", "DT_VLDT_END"], sep="|")
    frame = frame[(frame["LVL_REFNIS"] == "3") & frame["DT_VLDT_END"].str.endswith("9999")]
    names = frame["TX_REFNIS_NL"].str.replace(r"^Arrondissement\s+", "", regex=True)
    return dict(zip(frame["CD_REFNIS"], names, strict=True))


def parse_postcodes(data: bytes, file: str = "postcode_nis_flbru_2018_2019_2025.csv") -> pd.DataFrame:
    """Postcode to municipality in three vintages; a postcode may touch several municipalities."""
    columns = ["postcode", "nis2018", "nis2019", "nis2025"]
    frame = read_csv(data, file, columns)[columns]
    return frame.sort_values(columns, ignore_index=True)


def parse_stations(data: bytes, file: str = "irail_stations.csv") -> pd.DataFrame:
    """Belgian railway stations: ``station_id, name, lon, lat`` in degrees (EPSG:4326)."""
    frame = read_csv(data, file, ["URI", "name", "country-code", "longitude", "latitude"])
    frame = frame[frame["country-code"] == "be"]
    table = pd.DataFrame(
        {
            "station_id": frame["URI"].str.rsplit("/", n=1).str[-1],
            "name": frame["name"],
            "lon": pd.to_numeric(frame["longitude"]).round(5),
            "lat": pd.to_numeric(frame["latitude"]).round(5),
        }
    )
    return table.sort_values("station_id", ignore_index=True)


def parse_households(
    data: bytes, codes: pd.DataFrame, file: str = "households_2010_2040_municipalities.csv"
) -> pd.DataFrame:
    """Households by municipality of 2025, observed and projected: ``nis2025, year, households``.

    The file is of municipalities before the mergers of 2025. A merged one has a figure for a year only where all of its
    members have one.

    Raises
    ------
    DataError
        an unknown NIS code, a figure that is no whole number, a repeated year; each names file and row
    """
    frame = to_integers(read_csv(data, file, ["y", "nis", "n"]), ["y", "n"], file)
    check_codes(frame["nis"], set(codes["nis2019"]), file)
    check_unique(frame, ["nis", "y"], file)
    became = codes.drop_duplicates("nis2019").set_index("nis2019")["nis2025"]
    members = became.groupby(became).size()
    sums = frame.assign(nis2025=frame["nis"].map(became)).groupby(["nis2025", "y"])["n"].agg(["sum", "size"])
    sums = sums.reset_index()
    whole = sums[sums["size"] == sums["nis2025"].map(members)]
    table = whole.rename(columns={"y": "year", "sum": "households"})[["nis2025", "year", "households"]]
    return table.sort_values(["nis2025", "year"], ignore_index=True)
