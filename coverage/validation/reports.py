"""Proofs: totals and cases that reports and statistics published, and what nabij makes of the data it holds.

Totals of the survey are met by the illustrative set, which is made to agree with them; cases are met by the documented
set. What a refreshed snapshot no longer holds is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps

import numpy as np

from coverage.analysis import Engine
from coverage.core.demand import surface
from coverage.core.query import Query
from coverage.core.reach import is_place
from coverage.indicators.flows import flows
from coverage.validation.checks import ProofContext, ValidationCheck, compare, proves
from coverage.zones.partition_overlap import between, verdicts
from coverage.zones.territory import Territory
from loaders.catalogue.regions.levels import is_brussels
from loaders.catalogue.regions.region_file import built_in
from loaders.catalogue.regions.region_in_use import region
from loaders.snapshot.facility_sets import embedded_facilities
from loaders.snapshot.named_circles import circles_without_borders

OPGROEIEN = "Opgroeien, survey of the houses, 2023"
KIND_EN_GEZIN = "Kind en Gezin, count of 2012; Brussels 2021"
STATBEL = "Statbel"
KU_LEUVEN = "KU Leuven, evaluation of the pilot projects, 2013"

_Proof = Callable[[ProofContext], Iterator[ValidationCheck]]


def _of_these_reports(proof: _Proof) -> _Proof:
    """Proof that is put to the region that the reports are about, and to no other."""

    @wraps(proof)
    def run(context: ProofContext) -> Iterator[ValidationCheck]:
        if region() is built_in():
            yield from proof(context)

    return run


@proves
@_of_these_reports
def statistics(context: ProofContext) -> Iterator[ValidationCheck]:
    """Births of 2025 by region, and the municipalities before and after the mergers."""
    births = context.snapshot.table("births")
    of_year = births[births["year"] == 2025]
    if len(of_year):
        brussels = is_brussels(of_year["nis2025"])
        counted = [int(of_year.loc[part, "births"].sum()) for part in (~brussels, brussels)]
        yield compare("published", "births_by_region", STATBEL, [62_277, 13_663], counted)
    codes = context.snapshot.table("municipality_codes")
    counted = [codes[f"nis{vintage}"].nunique() for vintage in (2018, 2019, 2025)]
    yield compare("published", "municipalities", STATBEL, [327, 319, 304], counted)


@proves
@_of_these_reports
def survey(context: ProofContext) -> Iterator[ValidationCheck]:
    """Totals of the houses and bureaus, which the illustrative set agrees with."""
    frame = embedded_facilities(context.snapshot, "illustrative").frame
    houses, bureaus = (frame[frame["service"] == service] for service in ("house", "bureau"))
    serves = {
        str(house): {nis for joined in rows["serves"].dropna() for nis in str(joined).split(";")}
        for house, rows in houses.groupby("house_id")
    }
    there = set(bureaus["nis2019"])
    yield compare("published", "houses", OPGROEIEN, 227, len(serves))
    yield compare("published", "houses_serve", OPGROEIEN, 294, len(set().union(*serves.values())))
    yield compare("published", "houses_across", OPGROEIEN, 29, sum(len(members) > 1 for members in serves.values()))
    without = sum(not members & there for members in serves.values())
    yield compare("published", "houses_without_bureau", OPGROEIEN, [44, 19.4], [without, 100 * without / len(serves)])
    physical = houses.loc[houses["physical"].fillna(value=False).astype(bool), "house_id"].nunique()
    yield compare("published", "houses_physical", OPGROEIEN, 58, 100 * physical / len(serves))
    brussels = int(is_brussels(bureaus["nis2019"]).sum())
    yield compare("published", "bureaus", KIND_EN_GEZIN, [340, 19], [len(bureaus), brussels])


@proves
@_of_these_reports
def cases(context: ProofContext) -> Iterator[ValidationCheck]:
    """The cases of the field report: who has a bureau, which circles cut a region, what is planned."""
    places = embedded_facilities(context.snapshot, "documented")
    engine = Engine(context.snapshot)
    areas = Query.parse_areas("care_region:oostende,care_region:boom")
    table = engine.analyse(Query(vintage=2018, areas=areas), places).table
    without = sorted(table.loc[table["gap_reasons"].str.contains("no_bureau_on_territory"), "zone_name"])
    expected = ["Hemiksem", "Niel", "Oudenburg", "Schelle", "Sint-Amands"]
    yield _same("no_bureau", expected, without)
    frame = places.frame
    bureaus = frame[(frame["service"] == "bureau") & is_place(frame)]
    counts = bureaus.groupby("nis2018").size()
    shared = bureaus[bureaus["house_id"].notna()].groupby("nis2018").size()
    # Genk, Sint-Niklaas, Oostende (at least); on the site of the house in Sint-Niklaas, Oostende and Zottegem
    counted = [counts["71016"], counts["46021"], counts["35013"], shared["46021"], shared["35013"], shared["41081"]]
    yield compare("published", "bureaus_of_cases", KU_LEUVEN, [4, 4, 1, 2, 1, 1], counted)
    planned = int(((frame["nis2018"] == "71016") & (frame["status"] == "planned")).sum())
    yield compare("published", "genk_planned", KU_LEUVEN, 4, planned)
    house = frame.set_index("id").loc["documented-house-35013", "serves"]
    yield compare("published", "oostende_serves", KU_LEUVEN, 5, len(str(house).split(";")))


@proves
@_of_these_reports
def circles(context: ProofContext) -> Iterator[ValidationCheck]:
    """Three circles cut care region Oostende, very unequally; three are named in Boom, without borders."""
    territory, demand = Territory(context.snapshot), surface(context.snapshot)
    overlaps = between(territory, demand, ("care_region", "gp_circle"), 2025)
    oostende = overlaps.table[overlaps.table["zone_a"] == "oostende"]
    yield compare("published", "oostende_circles", KU_LEUVEN, 3, int(oostende["parts_of_a"].iloc[0]))
    verdict = dict(verdicts(overlaps.table, "a")[["zone", "verdict"]].to_numpy())
    yield _same("regions_cut", ["boom cut", "oostende cut"], [f"{z} {v}" for z, v in sorted(verdict.items())])
    named = circles_without_borders(context.snapshot)
    yield _same(
        "boom_circles",
        ["Klein Brabant", "Rupelstreek", "Vaartland"],
        sorted(named.loc[named["zone_id"] == "boom", "gp_circle"]),
    )


@proves
@_of_these_reports
def families_ignore_borders(context: ProofContext) -> Iterator[ValidationCheck]:
    """Families of Middelkerke (Lombardsijde) go to Nieuwpoort."""
    places = embedded_facilities(context.snapshot, "illustrative")
    flow = flows(context.snapshot, Engine(context.snapshot).analyse(Query(), places), "35011")
    yield _same("lombardsijde", ["Nieuwpoort"], np.asarray(flow["to_zone_name"].head(1)).tolist())


def _same(name: str, expected: list[str], actual: list[str]) -> ValidationCheck:
    return ValidationCheck(
        "published", name, KU_LEUVEN, ", ".join(expected), ", ".join(actual), holds=expected == actual
    )
