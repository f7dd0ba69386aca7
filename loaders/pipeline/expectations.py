"""Totals that the embedded sources are known to have; a build that does not meet them stops.

They are published figures, so a wrong file, a lost row or a changed code shows at once.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from i18n.errors import DataError
from i18n.messages import Message
from loaders.catalogue.publishers.street_graph import StreetGraph
from loaders.catalogue.regions.levels import MUNICIPALITIES, is_brussels
from loaders.snapshot.upkeep.totals import population

FLEMISH_MUNICIPALITIES_2025 = 285
BRUSSELS_MUNICIPALITIES = 19
FLEMISH_AREA_KM2 = 13_626
BIRTHS_2025 = {"Flanders": 62_277, "Brussels": 13_663}
FLEMISH_POPULATION_2022 = 6_698_876
_EXACT_M2 = 1.0
STREETS_KM = (105_000, 120_000)
"""Least and most kilometres of streets in the largest connected part, in and around Flanders and Brussels."""


def _expect(what: str, actual: object, expected: object, file: str) -> None:
    if actual != expected:
        raise DataError(
            f"{file}: {what} is {actual}, expected {expected}; check the vintage and completeness of the file."
        )


def check_streets(graph: StreetGraph, file: str) -> None:
    """Kilometres of street that hang together."""
    kilometres = float(graph.length_dm.sum(dtype=float)) / 10_000
    low, high = STREETS_KM
    if not low <= kilometres <= high:
        raise DataError(Message("error.streets.km", file=file, km=round(kilometres), low=low, high=high))


def check_borders(zones: gpd.GeoDataFrame, number: int, vintage: int, file: str) -> None:
    """Vintage and number of municipalities, and for 2025 the area of Flanders."""
    _expect("the vintage of the municipalities", number, vintage, file)
    _expect(f"the number of municipalities of {vintage}", len(zones), MUNICIPALITIES[vintage], file)
    brussels = is_brussels(zones["zone_id"])
    _expect("the number of Brussels municipalities", int(brussels.sum()), BRUSSELS_MUNICIPALITIES, file)
    if vintage == 2025:
        area = round(zones.geometry[~brussels].area.sum() / 1e6)
        _expect("the area of Flanders in km²", area, FLEMISH_AREA_KM2, file)


def check_codes_chain(codes: pd.DataFrame, file: str) -> None:
    """327 municipalities of 2018 become 319, then 304."""
    for vintage, count in MUNICIPALITIES.items():
        _expect(f"the number of codes of {vintage}", codes[f"nis{vintage}"].nunique(), count, file)


def check_births(births: pd.DataFrame, file: str) -> None:
    """Live births of 2025 of Flanders and of Brussels."""
    brussels = is_brussels(births["nis2025"])
    for region, rows in (("Flanders", ~brussels), ("Brussels", brussels)):
        births_total = int(births.loc[rows, "births"].sum())
        _expect(f"the number of births in {region} in 2025", births_total, BIRTHS_2025[region], file)


def check_population(ages: pd.DataFrame, file: str) -> None:
    """Inhabitants of Flanders on 1 January 2022."""
    _expect("the population of Flanders in 2022", population(ages, 2022), FLEMISH_POPULATION_2022, file)


def check_people(population: pd.DataFrame | None, file: str) -> pd.DataFrame:
    """Population per sector, which the map must hold."""
    if population is None:
        raise DataError(f"{file}: there are no columns with the population (pop2022 …); fetch the map that has them.")
    return population


def check_facts(facts: pd.DataFrame | None, file: str) -> pd.DataFrame:
    """Cited facts, which the file must hold."""
    if facts is None:
        raise DataError(f"{file}: this is no table of cited facts (csv); give the collected file.")
    return facts


def check_dissolves(municipalities: gpd.GeoDataFrame, zone_of: pd.Series, outlines: pd.Series, file: str) -> None:
    """Dissolving municipalities must give the published zones exactly (to 1 m²).

    ``zone_of`` maps municipality code to zone code; ``outlines`` holds the published outlines by zone code.
    """
    owner = municipalities["zone_id"].map(zone_of)
    for code, group in municipalities.groupby(owner):
        ours = shapely.coverage_union_all(group.geometry.to_numpy())
        difference = ours.symmetric_difference(outlines.loc[code]).area
        if difference > _EXACT_M2:
            raise DataError(
                f"{file}: zone {code!r} differs from its municipalities by {difference:.0f} m²; "
                "use borders and zones of one vintage."
            )
