"""The register of bureaus and houses: two services joined into one table, with what they disagree about.

A place that both know keeps both ids (in ``source``); its point, name and address come from the points of interest,
whose publisher checks them against the address register.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from i18n.errors import DataError, FetchError, NabijError
from i18n.messages import Enumeration, Message, Note
from loaders.catalogue.columns import CONFLICT_COLUMNS
from loaders.catalogue.facilities import facility_frame
from loaders.live.geocode import Geocoder
from loaders.live.matching import (
    SAME_POINT_M,
    UNLIKE,
    MatchedPairs,
    compare,
    pair_up,
)
from loaders.live.places import BUREAU, CANDIDATE_COLUMNS, HOUSE, RegisterPlaces, fetch_poi, fetch_social_map, xy_of
from loaders.pipeline.update import RefreshContext, RefreshedResource, Update
from loaders.snapshot.locator import SNAP_M, Locator

PREFIX = {"poi": "poi", "social_map": "sk"}
ASSUMED = "physical_assumed"
BUREAUS = (100, 700)
"""Fewest and most bureaus that can be; about 340 were counted in 2012."""
MAX_OUTSIDE = 0.05
"""Largest share of places outside Flanders and Brussels: more means wrong coordinates."""


def join_registers(poi: pd.DataFrame, social_map: pd.DataFrame, as_of: str = "") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Join the candidates of the two registers.

    Parameters
    ----------
    poi, social_map : `CANDIDATE_COLUMNS`; either may be empty
    as_of : day on which they were read

    Returns
    -------
    places : `CANDIDATE_COLUMNS` and ``source, as_of``, one row per place, ordered by id
    conflicts : `CONFLICT_COLUMNS`, for a person to settle
    """
    places: list[dict[Any, Any]] = []
    conflicts: list[dict[str, Any]] = []
    for service in (BUREAU, HOUSE):
        a = poi[poi["service"] == service].sort_values("id", ignore_index=True)
        b = social_map[social_map["service"] == service].sort_values("id", ignore_index=True)
        likeness = compare(a, b)
        joined = pair_up(likeness)
        rows_a, rows_b = a.to_dict("records"), b.to_dict("records")
        partner = dict(joined)
        ids = {"poi": [_id("poi", r) for r in rows_a], "social_map": [_id("social_map", r) for r in rows_b]}
        taken = set(partner.values())
        for i, row in enumerate(rows_a):
            other = rows_b[partner[i]] if i in partner else None
            places.append(_joined(row, other, ids["poi"][i]))
        for j, row in enumerate(rows_b):
            if j not in taken:
                places.append(row | {"id": ids["social_map"][j], "source": ids["social_map"][j]})
        conflicts += _conflicts(service, rows_a, rows_b, likeness, partner)
    frame = pd.DataFrame(places, columns=[*CANDIDATE_COLUMNS, "source"]).assign(as_of=as_of)
    return frame.sort_values("id", ignore_index=True), _conflict_frame(conflicts)


def _id(register: str, row: dict[Any, Any]) -> str:
    """Id that stays the same from one refresh to the next; a place with two services has one for each."""
    return f"{PREFIX[register]}-{row['service']}-{row['id']}"


def _joined(row: dict[Any, Any], other: dict[Any, Any] | None, own_id: str) -> dict[Any, Any]:
    """Row of the points of interest, completed by that of the Sociale Kaart."""
    if other is None:
        return row | {"id": own_id, "source": own_id}
    filled = {key: row[key] if not _empty(row[key]) else other[key] for key in CANDIDATE_COLUMNS}
    return filled | {"id": own_id, "source": f"{own_id};{_id('social_map', other)}"}


def _empty(value: Any) -> bool:
    return value == "" or value is None or (isinstance(value, float) and np.isnan(value))


def _conflicts(
    service: str, rows_a: list[Any], rows_b: list[Any], likeness: MatchedPairs, partner: dict[int, int]
) -> list[dict[str, Any]]:
    """What speaks against the pairs made, and pairs not made that may be one place."""
    conflicts = []
    for i, j in partner.items():
        kinds = {
            "position": (likeness.distance_m[i, j] > SAME_POINT_M, _point_text),
            "name": (likeness.name[i, j] < UNLIKE, _name_text),
            "address": (likeness.address[i, j] < 0, _address_text),
        }
        for kind, (holds, told) in kinds.items():
            if holds:
                conflicts.append(_conflict(kind, service, rows_a[i], rows_b[j], likeness, (i, j), told))
    taken = set(partner.values())
    for i, j in zip(*np.nonzero(likeness.maybe() | likeness.same()), strict=True):
        if int(i) not in partner and int(j) not in taken:
            conflicts.append(
                _conflict("maybe_same", service, rows_a[i], rows_b[j], likeness, (int(i), int(j)), _whole_text)
            )
    return conflicts


def _conflict(
    kind: str, service: str, a: Any, b: Any, likeness: MatchedPairs, at: tuple[int, int], told: Callable[[Any], str]
) -> dict[str, Any]:
    own, other = _id("poi", a), _id("social_map", b)
    return {
        "kind": kind,
        "service": service,
        "id": own,
        "other_id": other if kind == "maybe_same" else None,
        "poi_id": str(a["id"]),
        "social_map_id": str(b["id"]),
        "poi_says": told(a),
        "social_map_says": told(b),
        "distance_m": round(float(likeness.distance_m[at]), 1),
        "name_similarity": round(float(likeness.name[at]), 1),
    }


def _point_text(row: Any) -> str:
    return f"{row['x']:.0f} {row['y']:.0f}"


def _name_text(row: Any) -> str:
    return str(row["name"])


def _address_text(row: Any) -> str:
    return f"{row['street']} {row['number']}, {row['postcode']} {row['municipality']}".strip(" ,")


def _whole_text(row: Any) -> str:
    return f"{_name_text(row)}, {_address_text(row)}"


def _conflict_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(CONFLICT_COLUMNS))
    for name, column in CONFLICT_COLUMNS.items():
        frame[name] = frame[name].astype("float64" if column.kind == "number" else "str")
    return frame.sort_values(["kind", "service", "id", "social_map_id"], ignore_index=True)


def register_facilities(places: pd.DataFrame, locator: Locator) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Joined places as facilities with evidence ``register``.

    A house in a register has an address of its own, so it counts as physical; the flag ``physical_assumed`` says that
    no register states it. It serves the municipality it stands in.

    Returns
    -------
    frame : `FACILITY_COLUMNS`
    notes : places left out, because they have no point or lie outside Flanders and Brussels

    Raises
    ------
    DataError
        more than `MAX_OUTSIDE` of the places lie outside, or the number of bureaus cannot be
    """
    placed = places[places["x"].notna() & places["y"].notna()].reset_index(drop=True)
    if placed.empty:
        raise DataError(Message("error.live.register_empty"))
    located = locator.locate(xy_of(placed))
    inside = located.outside_m <= SNAP_M
    if (~inside).mean() > MAX_OUTSIDE:
        raise DataError(Message("error.live.register_outside", outside=str(int((~inside).sum())), n=str(len(placed))))
    house = placed["service"] == HOUSE
    assumed = [ASSUMED if is_house else "" for is_house in house]
    snapped = ["snapped_to_municipality" if metres > 0 else "" for metres in located.outside_m]
    frame = placed.assign(
        nis2018=located.codes["nis2018"],
        nis2019=located.codes["nis2019"],
        nis2025=located.codes["nis2025"],
        precision="point",
        house_id=placed["id"].where(house),
        physical=house.where(house).astype("boolean"),
        status="exists",
        serves=pd.Series(located.codes["nis2019"]).where(house),
        evidence="register",
        flags=[";".join(filter(None, pair)) for pair in zip(assumed, snapped, strict=True)],
    )[inside]
    bureaus = int((frame["service"] == BUREAU).sum())
    if not BUREAUS[0] <= bureaus <= BUREAUS[1]:
        raise DataError(
            Message("error.live.register_bureaus", bureaus=str(bureaus), least=str(BUREAUS[0]), most=str(BUREAUS[1]))
        )
    notes = []
    if len(placed) < len(places):
        notes.append(Note("note.register_unplaced", n=len(places) - len(placed)))
    if not inside.all():
        names = ", ".join(placed.loc[~inside, "name"].head(3))
        notes.append(Note("note.register_outside", n=int((~inside).sum()), names=names))
    return facility_frame(frame), tuple(notes)


def geocoded(places: pd.DataFrame, geocoder: Geocoder) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Look up places that have an address but no point; a service that fails leaves them as they are, with a note."""
    frame = places.copy()
    wanting = frame.index[frame["x"].isna() & (frame["street"] != "")]
    done = 0
    for row in wanting:
        address = _address_text(frame.loc[row])
        try:
            point = geocoder.locate(address)
        except NabijError as error:
            return frame, (Note("note.register_addresses", error=error),)
        if point is not None and point.precise:
            frame.loc[row, ["x", "y"]] = [point.x, point.y]
            done += 1
    return frame, (Note("note.register_looked_up", done=done, n=len(wanting)),) if done else ()


def load_register(context: RefreshContext) -> Update:
    """Bureaus and houses of both services, joined; one that does not answer is told, both failing is an error."""
    empty = pd.DataFrame(columns=CANDIDATE_COLUMNS)
    got: dict[str, RegisterPlaces] = {}
    notes: list[str] = []
    for register, fetch in (("poi", fetch_poi), ("social_map", fetch_social_map)):
        try:
            got[register] = fetch(context)
            notes += got[register].notes
        except NabijError as error:
            notes.append(Note("note.register_source", source=register, error=error))
    if not got:
        raise FetchError(Enumeration(notes, " "))
    origins = tuple(origin for candidates in got.values() for origin in candidates.origins)
    as_of = max((origin.fetched for origin in origins), default="")[:10]
    poi, social_map = (got[register].frame if register in got else empty for register in ("poi", "social_map"))
    places, conflicts = join_registers(poi, social_map, as_of)
    places, looked_up = geocoded(places, Geocoder(context.client, context.address("geocoder")))
    frame, left_out = register_facilities(places, Locator(context.snapshot))
    both = int(places["source"].str.contains(";").sum())
    notes += [*looked_up, *left_out]
    counts = {"both": both, "single": len(places) - both, "conflicts": len(conflicts)}
    notes.append(Note("note.register_both", **counts))
    sources = tuple(got)
    changes = (
        RefreshedResource("facilities_register", frame, (), as_of, sources),
        RefreshedResource("register_conflicts", conflicts, (), as_of, sources),
    )
    return Update("register", as_of, changes, tuple(notes), origins)
