"""The illustrative set: made-up bureaus and houses that agree with every published total and documented case.

It exists so that the whole road from map to dossier can be tried before the register is loaded. Nothing in it is a
statement about a real place: names say so, there is no address and no organiser, and ``evidence`` stays
``illustrative`` wherever a figure goes. `loaders.illustrative.counts` decides how many places a municipality gets,
`loaders.illustrative.placing` where they stand. docs/method/illustrative.md tells the rules and their limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from i18n.texts import text
from loaders.catalogue.facilities import facility_frame
from loaders.illustrative.counts import Partnership, PlannedMunicipalities, plan
from loaders.illustrative.known_facts import Known, known_facts
from loaders.illustrative.placing import InhabitedCells, PlacementSpec, place_sites
from loaders.parsers.municipal import plain_name
from loaders.snapshot.reader import Snapshot

SHARED_BORDER_M = 200.0
"""Municipalities are neighbours when they share at least so much border, not just a corner."""
_NAMED_MEMBERS = 4

Codes = npt.NDArray[np.object_]


@dataclass(frozen=True)
class IllustrativeInputs:
    """What the illustrative set is made from.

    Attributes
    ----------
    codes : crosswalk of municipalities (``nis2018, name2018, nis2019, name2019, nis2025, name2025``)
    births : births by municipality of 2025
    xy : (n, 2) centres of the inhabited cells, EPSG:31370 metres
    weight : (n,) children per cell, the weight births are spread by
    nis2018, nis2019, nis2025 : (n,) municipality of every cell in each vintage
    sub_municipality : (n,) name of the sub-municipality, '' where unknown
    neighbours : pairs of municipalities of 2019 that share a border, both ways round
    primary_care_zone : zone by municipality of 2025
    care_region : documented care region by municipality of 2018, absent where none is known
    public_facts : as `loaders.parsers.facts.public_facts.parse_public_facts` gives them
    """

    codes: pd.DataFrame
    births: Mapping[str, float]
    xy: npt.NDArray[np.float64]
    weight: npt.NDArray[np.float64]
    nis2018: Codes
    nis2019: Codes
    nis2025: Codes
    sub_municipality: Codes
    neighbours: frozenset[tuple[str, str]]
    primary_care_zone: Mapping[str, str]
    care_region: Mapping[str, str]
    public_facts: pd.DataFrame


def illustrative(inputs: IllustrativeInputs) -> pd.DataFrame:
    """Make the illustrative facilities (`FACILITY_COLUMNS`, ordered by id); same input, same bytes.

    Raises
    ------
    DataError
        when the public facts leave no division that meets the published totals
    """
    known = known_facts(inputs.public_facts, inputs.codes)
    division = plan(_region(inputs), known)
    sites = _Sites(inputs, known)
    rows: list[dict[str, Any]] = []
    house_of = {nis: house for house in division.partnerships for nis in house.members}
    for nis in sorted(sites.names):
        bureaus, houses = division.bureaus.get(nis, 0), division.house_places.get(nis, 0)
        if bureaus + houses:
            rows += _rows(nis, bureaus, houses, house_of.get(nis), sites)
    rows += [_partnership_row(house, sites) for house in division.partnerships if not house.physical]
    return facility_frame(rows)


def illustrative_inputs(snapshot: Snapshot) -> IllustrativeInputs:
    """Read the inputs from a snapshot that holds zones, grid, births, codes, membership and facts."""
    births, codes = snapshot.table("births"), snapshot.table("municipality_codes")
    newest = births[births["year"] == births["year"].max()]
    members, care = snapshot.table("membership"), snapshot.table("care_region_facts")
    care_zone = members[members["level"] == "primary_care_zone"]

    def per_cell(level: str, vintage: int, column: str) -> Codes:
        values = np.append(snapshot.zones(level, vintage)[column].to_numpy(dtype=object), "")
        return np.asarray(values[snapshot.zone_index(level, vintage)])

    return IllustrativeInputs(
        codes=codes,
        births=dict(zip(newest["nis2025"], newest["births"], strict=True)),
        xy=snapshot.grid.xy,
        weight=snapshot.grid.weight,
        nis2018=per_cell("municipality", 2018, "zone_id"),
        nis2019=per_cell("municipality", 2019, "zone_id"),
        nis2025=per_cell("municipality", 2025, "zone_id"),
        sub_municipality=per_cell("sub_municipality", 2025, "zone_name"),
        neighbours=neighbours(snapshot.zones("municipality", 2019)),
        primary_care_zone=dict(zip(care_zone["member_id"], care_zone["zone_id"], strict=True)),
        care_region=dict(zip(care["nis2018"], care["care_region"], strict=True)),
        public_facts=snapshot.table("public_facts"),
    )


def neighbours(zones: gpd.GeoDataFrame) -> frozenset[tuple[str, str]]:
    """Pairs of ``zone_id`` (both ways round) that share at least `SHARED_BORDER_M` of border."""
    shapes, ids = zones.geometry.to_numpy(), zones["zone_id"].to_numpy(dtype=object)
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a != b], b[a != b]
    shared = shapely.length(shapely.intersection(shapes[a], shapes[b])) >= SHARED_BORDER_M
    return frozenset(zip(ids[a[shared]], ids[b[shared]], strict=True))


def _region(inputs: IllustrativeInputs) -> PlannedMunicipalities:
    """Births, neighbours and zones by municipality of 2019; births are spread within 2025 by the cell weights."""
    cells = pd.DataFrame({"nis2019": inputs.nis2019, "nis2025": inputs.nis2025, "weight": inputs.weight})
    share = cells["weight"] / cells.groupby("nis2025")["weight"].transform("sum")
    births = (share * cells["nis2025"].map(inputs.births)).groupby(cells["nis2019"]).sum()
    codes = inputs.codes
    return PlannedMunicipalities(
        births={str(nis): round(float(births.get(nis, 0.0)), 6) for nis in sorted(set(codes["nis2019"]))},
        neighbours=inputs.neighbours,
        primary_care_zone={
            nis: inputs.primary_care_zone[now] for nis, now in zip(codes["nis2019"], codes["nis2025"], strict=True)
        },
        care_region={
            nis2019: inputs.care_region[nis2018]
            for nis2018, nis2019 in zip(codes["nis2018"], codes["nis2019"], strict=True)
            if nis2018 in inputs.care_region
        },
    )


class _Sites:
    """Cells by municipality of 2019, and what is known of where places stand."""

    def __init__(self, inputs: IllustrativeInputs, known: Known) -> None:
        self.inputs, self.known = inputs, known
        codes = inputs.codes
        self.names: dict[str, str] = {
            str(nis): plain_name(str(name)) for nis, name in zip(codes["nis2019"], codes["name2019"], strict=True)
        }
        order = np.argsort(inputs.nis2019.astype(str), kind="stable")
        cut = np.flatnonzero(np.diff(pd.factorize(inputs.nis2019[order])[0])) + 1
        self.cells = {str(inputs.nis2019[part[0]]): part for part in np.split(order, cut)}
        chain = dict(zip(codes["nis2018"], zip(codes["nis2019"], codes["nis2025"], strict=True), strict=True))
        chained = pd.Series(inputs.nis2018).map(chain)
        agrees = chained == pd.Series(list(zip(inputs.nis2019, inputs.nis2025, strict=True)))
        self.allowed = agrees.to_numpy() & ~np.isin(inputs.nis2018.astype(str), sorted(known.no_bureau_2018))
        part, names = pd.factorize(inputs.sub_municipality)  # a name for many cells
        self.parts = np.array([plain_name(name) for name in names], dtype=object)[part]

    def place(self, nis: str, count: int, anchors: list[str]) -> npt.NDArray[np.int64]:
        """(count,) cells of the sites of a municipality."""
        cells = self.cells[nis]
        known, allowed = self.known, self.allowed[cells]
        ground = InhabitedCells(
            self.inputs.xy[cells],
            self.inputs.weight[cells],
            allowed if allowed.any() else np.ones_like(allowed),
            self.parts[cells],
        )
        towards = None
        if nis in known.facing:
            towards = self.inputs.xy[self.parts == known.facing[nis]].mean(axis=0)
        spec = PlacementSpec(count, anchors, nis in known.out_of_centre, towards)
        return np.asarray(cells[place_sites(ground, spec)])


def _rows(nis: str, bureaus: int, houses: int, house: Partnership | None, sites: _Sites) -> list[dict[str, Any]]:
    """Bureaus and house places of one municipality."""
    known = sites.known
    together = max(1, known.at_house.get(nis, 1))
    n_sites = max(0, bureaus - together + 1)
    shared = houses > 0 and n_sites > 0 and _shares(nis, n_sites, known)
    at_bureau, at_house = (list(known.anchors.get((service, nis), ())) for service in ("bureau", "house"))
    if shared:
        anchors = at_bureau + [part for part in at_house if part not in at_bureau]
        n_all = max(n_sites, houses)
    else:
        anchors = (at_bureau + [""] * n_sites)[:n_sites] + at_house
        n_all = n_sites + houses
    cells = sites.place(nis, n_all, anchors)
    of_bureau = np.concatenate([np.repeat(cells[:1], min(together, bureaus)), cells[1:n_sites]])[:bureaus]
    of_house = cells[:houses] if shared else cells[n_sites:]
    house_id = _house_id(house) if house else None
    on_site = set(of_house.tolist())
    rows = [
        _row("bureau", nis, number, cell, bureaus, sites) | {"house_id": house_id if cell in on_site else None}
        for number, cell in enumerate(of_bureau.tolist(), start=1)
    ]
    if house:
        rows += [
            _row("house", nis, number, cell, houses, sites)
            | {"house_id": house_id, "physical": True, "serves": ";".join(sorted(house.members))}
            for number, cell in enumerate(of_house.tolist(), start=1)
        ]
    return rows


def _shares(nis: str, n_sites: int, known: Known) -> bool:
    """Whether house and bureau share a site: as documented, else in cities, else in every second municipality."""
    return known.shared.get(nis, n_sites > 1 or int(nis) % 2 == 0)


def _row(service: str, nis: str, number: int, cell: int, count: int, sites: _Sites) -> dict[str, Any]:
    inputs = sites.inputs
    place = sites.names[nis] + (f" {number}" if count > 1 else "")
    return {
        "id": f"illustrative-{service}-{nis}-{number:02d}",
        "service": service,
        "name": text(f"facility.name.{service}", "nl", place=place),
        "x": float(round(inputs.xy[cell, 0])),
        "y": float(round(inputs.xy[cell, 1])),
        "nis2018": inputs.nis2018[cell],
        "nis2019": inputs.nis2019[cell],
        "nis2025": inputs.nis2025[cell],
        "precision": "point",
        **_SAME,
    }


_SAME = {
    "status": "exists",
    "evidence": "illustrative",
    "source": text("facility.illustrative.source", "nl"),
    "flags": "illustrative",
}


def _house_id(house: Partnership) -> str:
    return f"illustrative-partnership-{house.members[0]}"


def _partnership_row(house: Partnership, sites: _Sites) -> dict[str, Any]:
    """Return the one row of a partnership without a physical place."""
    names = [sites.names[nis] for nis in house.members]
    place = "-".join(names)
    if len(names) > _NAMED_MEMBERS:
        place = text("facility.name.around", "nl", place=names[0])
    return {
        "id": _house_id(house),
        "service": "house",
        "name": text("facility.name.house", "nl", place=place),
        "precision": "none",
        "house_id": _house_id(house),
        "physical": False,
        "serves": ";".join(sorted(house.members)),
        **_SAME,
    }
