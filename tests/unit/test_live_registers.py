"""Two registers of bureaus and houses become one: who is the same, what they disagree about, what is left out."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from i18n.errors import DataError
from loaders.catalogue.columns import CONFLICT_COLUMNS, FACILITY_COLUMNS
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.schemas import TABLES, check_table
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.live.matching import compare, pair_up
from loaders.live.places import CANDIDATE_COLUMNS, parse_offers, parse_poi
from loaders.live.registers import join_registers, register_facilities
from loaders.snapshot.facility_sets import held_sets
from loaders.snapshot.locator import Locator
from loaders.snapshot.reader import Snapshot
from tests.registers import TwoRegisters, two_registers

BOOM = (149_800.0, 197_900.0)


def row(ident: int, /, **values: Any) -> dict[str, Any]:
    base = {
        "id": str(ident),
        "service": "bureau",
        "name": "Consultatiebureau Boom",
        "x": BOOM[0],
        "y": BOOM[1],
        "street": "Kerkstraat",
        "number": "7",
        "postcode": "2850",
        "municipality": "Boom",
    }
    return base | values


def candidates(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=CANDIDATE_COLUMNS).astype({"x": "float64", "y": "float64"})


@pytest.fixture(scope="module")
def registers(embedded: Snapshot) -> TwoRegisters:
    return two_registers(embedded)


@pytest.fixture(scope="module")
def joined(registers: TwoRegisters) -> tuple[pd.DataFrame, pd.DataFrame]:
    social_map = [
        place
        for service, records in registers.offers.items()
        for place in parse_offers(json.dumps(records).encode(), "sk", service).rows
    ]
    return join_registers(parse_poi(registers.poi, "poi"), candidates(*social_map), "2026-11-22")


def test_every_place_that_both_registers_know_is_found_and_no_other_is_joined(
    registers: TwoRegisters, joined: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    """497 places, 457 of them in both registers with points up to 42 m apart, names written differently."""
    places, conflicts = joined
    pairs = places["source"].str.extract(r"^poi-(?:bureau|house)-(.+);sk-(?:bureau|house)-(.+)$").dropna()
    assert (pairs[0] == pairs[1]).all()
    assert set(pairs[0]) == registers.both
    assert len(places) == len(registers.both | registers.only_poi | registers.only_social_map)
    assert conflicts.empty


def test_the_register_is_a_facility_set(embedded: Snapshot, joined: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    frame, notes = register_facilities(joined[0], Locator(embedded))
    schema = TABLES["facilities_register"]
    check_table("facilities_register", frame, {c.name: c for c in schema.columns}, schema.key)
    assert list(frame.columns) == list(FACILITY_COLUMNS)
    assert set(frame["evidence"]) == {"register"}
    assert notes == ()
    houses = frame[frame["service"] == "house"]
    assert set(houses["flags"]) == {"physical_assumed"}
    assert (houses["serves"] == houses["nis2019"]).all()
    assert (houses["house_id"] == houses["id"]).all()
    assert len(Facilities("register", frame, None, ("poi",), "register").reachable()) == len(frame)


def test_where_places_stand_comes_from_their_point(
    embedded: Snapshot, joined: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    frame, _ = register_facilities(joined[0], Locator(embedded))
    made = embedded.table("facilities_illustrative").set_index("id")["nis2019"]
    own = frame["id"].str.replace(r"^(poi|sk)-(bureau|house)-", "", regex=True)
    assert (frame["nis2019"].to_numpy() == made.reindex(own).to_numpy()).mean() > 0.99  # some were moved over a border


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({}, True),
        ({"x": BOOM[0] + 40, "name": "Kind en Gezin"}, True),  # same address
        ({"x": BOOM[0] + 900, "name": "Kind en Gezin"}, True),  # same address, another point
        ({"x": BOOM[0] + 1100}, False),  # too far for one address
        ({"x": BOOM[0] + 40, "street": "", "name": "Kind en Gezin"}, True),  # close, address unknown
        ({"x": BOOM[0] + 40, "street": "Markt", "name": "Consultatiebureau Boom vzw"}, True),  # close, names alike
        ({"x": BOOM[0] + 40, "street": "Markt", "name": "Wiegwijs"}, False),  # close, but all else differs
        ({"x": BOOM[0] + 250, "street": "", "name": "Consultatiebureau Boom (K&G)"}, True),  # near, names alike
        ({"x": BOOM[0] + 250, "street": "", "name": "Consultatiebureau Reet"}, False),
        ({"x": BOOM[0] + 250, "street": "Markt"}, False),  # near, alike, but another address
        ({"x": BOOM[0] + 350, "street": ""}, False),
        ({"x": None, "y": None}, True),  # no point, same address
        ({"x": None, "y": None, "number": "9"}, False),
        ({"service": "house"}, False),
    ],
)
def test_when_two_rows_are_one_place(other: dict[str, Any], same: bool) -> None:
    places, _ = join_registers(candidates(row(1)), candidates(row(2, **other)))
    assert len(places) == (1 if same else 2)
    assert places["source"].str.contains(";").any() == same


def test_both_ids_are_kept_and_gaps_filled_from_the_other_register() -> None:
    places, _ = join_registers(candidates(row(1, street="", number="")), candidates(row(2, name="CB Boom")))
    only = places.iloc[0]
    assert only["source"] == "poi-bureau-1;sk-bureau-2"
    assert (only["id"], only["name"], only["street"]) == ("poi-bureau-1", "Consultatiebureau Boom", "Kerkstraat")


@pytest.mark.parametrize(
    ("other", "kind", "says"),
    [
        ({"x": BOOM[0] + 400}, "position", "150200 197900"),
        ({"name": "Wiegwijs"}, "name", "Wiegwijs"),
        ({"x": BOOM[0] + 20, "street": "Markt"}, "address", "Markt 7, 2850 Boom"),
        ({"x": BOOM[0] + 20, "street": "Markt", "name": "Wiegwijs"}, "maybe_same", "Wiegwijs, Markt 7, 2850 Boom"),
        ({"x": BOOM[0] + 1500}, "maybe_same", "Consultatiebureau Boom, Kerkstraat 7, 2850 Boom"),
    ],
)
def test_what_two_registers_disagree_about_is_listed(other: dict[str, Any], kind: str, says: str) -> None:
    _, conflicts = join_registers(candidates(row(1)), candidates(row(2, **other)))
    assert conflicts["kind"].tolist() == [kind]
    assert conflicts["social_map_says"].tolist() == [says]
    assert (conflicts["poi_id"].iloc[0], conflicts["social_map_id"].iloc[0]) == ("1", "2")
    check_table("register_conflicts", conflicts, CONFLICT_COLUMNS, TABLES["register_conflicts"].key)


def test_two_organisers_at_one_address_stay_two_bureaus() -> None:
    """Oostende: two organisers share the site of the Sociaal Huis."""
    a = candidates(row(1, name="Consultatiebureau Wiegwijs"), row(2, name="Consultatiebureau i-mens"))
    b = candidates(row(3, name="i-mens vzw"), row(4, name="Wiegwijs vzw"))
    places, conflicts = join_registers(a, b)
    assert sorted(places["source"]) == ["poi-bureau-1;sk-bureau-4", "poi-bureau-2;sk-bureau-3"]
    assert conflicts.empty


rows = st.lists(
    st.builds(
        row,
        st.just(0),
        name=st.sampled_from(["Boom", "Wiegwijs", "Kind en Gezin", ""]),
        x=st.one_of(st.none(), st.sampled_from([BOOM[0], BOOM[0] + 30, BOOM[0] + 200, BOOM[0] + 5000])),
        street=st.sampled_from(["Kerkstraat", "Markt", ""]),
        number=st.sampled_from(["7", "8", ""]),
        service=st.sampled_from(["bureau", "house"]),
    ),
    max_size=6,
)


@settings(max_examples=30)
@given(rows, rows, st.randoms(use_true_random=False))
def test_joining_loses_nobody_and_does_not_depend_on_the_order(
    first: list[dict[str, Any]], second: list[dict[str, Any]], random: Any
) -> None:
    a = candidates(*(r | {"id": f"a{i}"} for i, r in enumerate(first)))
    b = candidates(*(r | {"id": f"b{i}"} for i, r in enumerate(second)))
    places, conflicts = join_registers(a, b)
    ids = places["source"].str.split(";").explode() if len(places) else pd.Series(dtype=str)
    assert sorted(ids.str.rsplit("-", n=1).str[-1]) == sorted([*a["id"], *b["id"]])
    order = list(range(len(a)))
    random.shuffle(order)
    again, _ = join_registers(a.iloc[order], b.iloc[::-1])
    pd.testing.assert_frame_equal(places, again)
    assert set(conflicts["kind"]) <= {"position", "name", "address", "maybe_same"}


def test_pairs_are_those_with_the_largest_sum() -> None:
    """Row 1 fits both others; taking the better one for it would leave row 2 alone."""
    a = candidates(row(1, street=""), row(2, x=BOOM[0] + 60, street=""))
    b = candidates(row(3, x=BOOM[0] + 30, street="", name="Wiegwijs"), row(4, x=BOOM[0] - 40, street="", name="X"))
    assert pair_up(compare(a, b)) == [(0, 1), (1, 0)]


def test_places_without_point_or_outside_are_left_out_and_told(
    embedded: Snapshot, joined: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    places = joined[0].copy()
    places.loc[0, ["x", "y"]] = np.nan
    places.loc[1, ["x", "y"]] = [200_000.0, 60_000.0]  # in the Ardennes
    frame, notes = register_facilities(places, Locator(embedded))
    assert len(frame) == len(places) - 2
    assert notes[0] == "Register: 1 places have no coordinates and are left out."
    assert notes[1].startswith("Register: 1 places outside Flanders and Brussels are left out (")


def test_swapped_axes_and_a_handful_of_bureaus_are_no_register(
    embedded: Snapshot, joined: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    locator = Locator(embedded)
    places = joined[0].rename(columns={"x": "y", "y": "x"})
    with pytest.raises(DataError, match=r"\d+ of 497 places .* lie outside .*order of the axes"):
        register_facilities(places, locator)
    with pytest.raises(DataError, match="give 20 bureaus, expected between 100 and 700"):
        register_facilities(joined[0][joined[0]["service"] == "bureau"].head(20), locator)


def test_without_a_register_the_illustrative_set_comes_first(embedded: Snapshot) -> None:
    assert held_sets(embedded) == ("illustrative", "documented")
    with pytest.raises(ValueError, match="not loaded; run 'nabij data refresh poi social_map'"):
        load_facilities(embedded, "register")
