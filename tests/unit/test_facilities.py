"""Sets of facilities: settled columns, the service asked for, what can be reached."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from i18n.errors import InputError
from i18n.texts import LANGUAGES, catalogue
from loaders.catalogue.columns import FACILITY_COLUMNS
from loaders.catalogue.facilities import facility_frame

ROW = {"id": "b", "service": "bureau", "precision": "none", "status": "exists", "evidence": "user"}


def test_a_frame_has_exactly_the_columns_in_order_with_settled_types() -> None:
    frame = facility_frame([ROW | {"serves": "", "extra": 1}, ROW | {"id": "a", "physical": True, "x": 1}])
    assert list(frame.columns) == list(FACILITY_COLUMNS)
    assert frame["id"].tolist() == ["a", "b"]
    assert str(frame["physical"].dtype) == "boolean"
    assert frame["x"].dtype == frame["hours_per_year"].dtype == "float64"
    assert frame["serves"].isna().all()
    assert frame["flags"].tolist() == ["", ""]


def test_an_empty_frame_keeps_its_types() -> None:
    frame = facility_frame([])
    assert frame.empty
    assert list(frame.columns) == list(FACILITY_COLUMNS)
    assert str(frame["physical"].dtype) == "boolean"
    assert frame["x"].dtype == "float64"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"service": "creche"}, "service 'creche' is not one of bureau, house"),
        ({"status": "closed"}, "status 'closed' is not one of exists, planned, antenna"),
        ({"evidence": "hearsay"}, "evidence 'hearsay' is not one of"),
        ({"precision": None}, "Place 1 has no precision; give one."),
    ],
)
def test_a_word_that_is_not_known_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        facility_frame([ROW | change])


def test_an_id_may_not_repeat() -> None:
    with pytest.raises(InputError, match="id 'b' occurs more than once; give every place its own id"):
        facility_frame([ROW, ROW])


def test_of_service_narrows_rows_and_scope(tiny: Any) -> None:
    facilities = tiny.facilities(
        tiny.at("10001"), tiny.at("10002", "house"), scope={"bureau": ("10001", "10003"), "house": ("10002",)}
    )
    houses = facilities.of_service("house")
    assert houses.frame["service"].tolist() == ["house"]
    assert houses.scope is not None
    assert houses.scope["nis2018"].tolist() == ["10002"]
    assert facilities.of_service("bureau").frame["nis2018"].tolist() == ["10001"]
    with pytest.raises(InputError, match="Unknown service 'creche'; choose one of bureau, house"):
        facilities.of_service("creche")


def test_only_open_places_with_a_door_and_a_point_can_be_reached(tiny: Any) -> None:
    facilities = tiny.facilities(
        tiny.place(1, 1),
        tiny.place(2, 2, status="planned"),
        tiny.at("10001"),
        tiny.place(3, 3, "house", physical=True),
        tiny.place(4, 4, "house", physical=False),
        tiny.place(5, 5, "house", physical=None),
    )
    assert facilities.reachable()["id"].tolist() == ["f000", "f003"]


def test_texts_of_facilities_fill_in_the_same_values_in_every_language() -> None:
    for key, entry in catalogue().items():
        if key.split(".")[0] in ("facility", "facility_file", "fact"):
            fields = {lang: sorted(part.split("}")[0] for part in entry[lang].split("{")[1:]) for lang in LANGUAGES}
            assert fields["en"] == fields["nl"] == fields["fr"], key


def test_a_facility_frame_survives_parquet(tmp_path: Any) -> None:
    frame = facility_frame([ROW | {"physical": True}, ROW | {"id": "a", "x": 1.5, "y": 2.5, "serves": "10005"}])
    frame.to_parquet(tmp_path / "frame.parquet")
    pd.testing.assert_frame_equal(facility_frame(pd.read_parquet(tmp_path / "frame.parquet")), frame)
