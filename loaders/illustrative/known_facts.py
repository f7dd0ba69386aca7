"""What the documented cases and the public facts ask of the illustrative set, per municipality of 2019."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from loaders.parsers.facts.documented import CASES
from loaders.parsers.facts.public_facts import member_of

LOMBARDSIJDE = ("38016", "Lombardsijde")
"""Families of Lombardsijde (Middelkerke) go to the bureau of Nieuwpoort (38016): it stands on their side."""
_FACING = {LOMBARDSIJDE[0]: LOMBARDSIJDE[1]}
_ANCHORS = {("bureau", "35011"): ("Middelkerke",)}
"""Middelkerke's own bureau stands in Middelkerke itself, so Nieuwpoort is the nearer one for Lombardsijde."""
_OUT_OF_CENTRE = frozenset({"41081"})
"""Zottegem: one house with a bureau, well out of the centre."""


@dataclass(frozen=True)
class Known:
    """Requirements by NIS code of 2019.

    Attributes
    ----------
    house : municipalities where a page or a report says there is a house
    partnerships : documented groups of municipalities that share one house, disjoint
    physical : whether a physical place is documented, where something is said (the newest statement wins)
    shared : whether the house shares the site of a bureau, where something is said
    house_places : number of house places a page states
    bureaus_exact : number of bureaus of the documented cases
    bureaus_min : at least so many bureaus exist
    bureaus_none : no bureau, or the only one known has closed
    bureau_in_house : a house with a bureau in its building, in this or another member of the partnership
    at_house : number of bureaus on the site of the house, of the documented cases
    no_bureau_2018 : municipalities of 2018 documented to have no bureau
    anchors : sub-municipalities where a page situates a place, by (service, municipality)
    facing : name of the sub-municipality outside that the bureau should be near
    out_of_centre : municipalities whose place is documented to be far from the centre
    """

    house: frozenset[str]
    partnerships: tuple[tuple[str, ...], ...]
    physical: Mapping[str, bool]
    shared: Mapping[str, bool]
    house_places: Mapping[str, int]
    bureaus_exact: Mapping[str, int]
    bureaus_min: Mapping[str, int]
    bureaus_none: frozenset[str]
    bureau_in_house: frozenset[str]
    at_house: Mapping[str, int]
    no_bureau_2018: frozenset[str]
    anchors: Mapping[tuple[str, str], tuple[str, ...]]
    facing: Mapping[str, str]
    out_of_centre: frozenset[str]


def known_facts(facts: pd.DataFrame, codes: pd.DataFrame) -> Known:
    """Digest the public facts and the documented cases.

    Parameters
    ----------
    facts : as `loaders.parsers.facts.public_facts.parse_public_facts` gives them
    codes : crosswalk of municipalities
    """
    facts = facts.assign(nis2019=_located(facts, codes)).sort_values(["as_of", "nis2019"], kind="stable")
    exists = facts[facts["status"] == "exists"]
    houses, bureaus = exists[exists["service"] == "house"], exists[exists["service"] == "bureau"]
    in_2019 = dict(zip(codes["nis2018"], codes["nis2019"], strict=True))
    groups = _partnerships(houses)
    physical = _newest(houses, "physical")
    physical |= {in_2019[c.nis2018]: c.physical_house for c in CASES if c.physical_house is not None}
    shared = _newest(houses, "shared_site") | {in_2019[c.nis2018]: True for c in CASES if c.at_house}
    exact: dict[str, int] = {}
    for case in CASES:
        exact[in_2019[case.nis2018]] = exact.get(in_2019[case.nis2018], 0) + case.illustrated
    none = set(facts.loc[(facts["service"] == "bureau") & facts["status"].isin(["none", "closed"]), "nis2019"])
    walk_in = [c.nis2018 for c in CASES if c.physical_house]
    return Known(
        house=frozenset(houses["nis2019"]) | {n for g in groups for n in g} | {in_2019[n] for n in walk_in},
        partnerships=groups,
        physical=physical,
        shared=shared,
        house_places=_stated_places(bureaus, houses),
        bureaus_exact=exact,
        bureaus_min={LOMBARDSIJDE[0]: 1} | _bureaus_min(bureaus),
        bureaus_none=frozenset(none - set(bureaus["nis2019"])),
        bureau_in_house=frozenset(houses.loc[houses["shared_site"].fillna(False).astype(bool), "nis2019"]),
        at_house={in_2019[c.nis2018]: max(c.at_house, c.before) for c in CASES if c.at_house},
        no_bureau_2018=frozenset(c.nis2018 for c in CASES if not c.bureaus),
        anchors=_ANCHORS | _anchors(bureaus, "bureau") | _anchors(houses[houses["physical"].fillna(False)], "house"),
        facing=_FACING,
        out_of_centre=_OUT_OF_CENTRE,
    )


def _located(facts: pd.DataFrame, codes: pd.DataFrame) -> pd.Series:
    """NIS code of 2019 of every fact; a part of a merged municipality that cannot be told counts for its namesake."""
    main = {nis: member_of(codes, nis) or nis for nis in facts["nis2025"].unique()}
    return facts["nis2019"].where(facts["nis2019"] != "", facts["nis2025"].map(main))


def _newest(facts: pd.DataFrame, column: str) -> dict[str, bool]:
    stated = facts[facts[column].notna()].sort_values(["as_of", column], kind="stable")
    return {str(nis): bool(value) for nis, value in zip(stated["nis2019"], stated[column], strict=True)}


def _partnerships(houses: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Disjoint groups; where two pages overlap, the newest page keeps the municipality."""
    stated = houses.loc[houses["partners"] != "", ["as_of", "partners"]].drop_duplicates()
    taken: set[str] = set()
    groups = []
    for partners in stated.sort_values(["as_of", "partners"], ascending=[False, True])["partners"]:
        group = tuple(nis for nis in str(partners).split(";") if nis not in taken)
        if len(group) > 1:
            groups.append(group)
            taken.update(group)
    return tuple(groups)


def _bureaus_min(bureaus: pd.DataFrame) -> dict[str, int]:
    """Largest number of bureaus one page names, or states, per municipality."""
    per_page = bureaus.groupby(["nis2019", "source_url"]).agg(n=("service", "size"), stated=("place_count", "max"))
    most = per_page.max(axis=1).groupby("nis2019").max()
    return {str(nis): int(n) for nis, n in most.items()}


def _stated_places(bureaus: pd.DataFrame, houses: pd.DataFrame) -> dict[str, int]:
    """Number of house places: as stated, or as many as the parts of the municipality where pages situate one."""
    stated = pd.concat([houses, bureaus[bureaus["shared_site"].fillna(False).astype(bool)]])
    places = stated.dropna(subset=["place_count"]).groupby("nis2019")["place_count"].max().astype(int).to_dict()
    parts = houses[houses["physical"].fillna(False)].groupby("nis2019")["sub_municipality"].nunique().to_dict()
    return {str(nis): max(places.get(nis, 1), parts.get(nis, 1)) for nis in [*places, *parts]}


def _anchors(facts: pd.DataFrame, service: str) -> dict[tuple[str, str], tuple[str, ...]]:
    situated = facts[facts["sub_municipality"] != ""]
    return {
        (service, str(nis)): tuple(sorted(set(group))) for nis, group in situated.groupby("nis2019")["sub_municipality"]
    }
