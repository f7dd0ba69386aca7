"""Parsers of live data on changed and made-up input: only our own errors come out, each a single line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.reading_room.room import without_child
from tests.fuzz.targets import TARGETS, run, seeds
from tests.workbooks import workbook

EXAMPLES = 15
JSON_TARGETS = ("borders", "poi", "offers", "names", "locations", "circle_borders", "sector_borders")
WORDS = sorted(
    {"type", "FeatureCollection", "Feature", "features", "properties", "geometry", "Point", "Polygon", "coordinates"}
    | {"crs", "name", "NISCODE", "NAAM", "POID", "content", "page", "totalPages", "addresses", "location", "lat", "lon"}
    | {"primary", "id", "LocationResult", "Location", "Lat_WGS84", "11001", "CD_SECTOR", "CD_MUNTY_REFNIS", "KRING"}
)
CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=6),
    st.sampled_from(["11001", "21004", "Boom", "2850", "Jaar", "Zorgregio", "Gemeente", "Kring", "2023", "1.5", "1,5"]),
)
quick = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def changed(draw: st.DrawFn, name: str) -> bytes:
    """A good input with a few bytes replaced, dropped, doubled or cut off."""
    data = bytearray(draw(st.sampled_from(seeds(name))))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        how = draw(st.sampled_from(["set", "cut", "drop", "double"]))
        if how == "set" and data:
            data[at] = draw(st.integers(0, 255))
        elif how == "cut":
            del data[at:]
        elif how == "drop":
            del data[at : at + draw(st.integers(1, 40))]
        else:
            data[at:at] = data[at : at + draw(st.integers(1, 40))]
    return bytes(data)


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=20,
)


@pytest.fixture
def here() -> Iterator[None]:
    """Read in this process, where whatever a library raises comes out; good input goes to a child as it does in use."""
    with without_child():
        yield


@pytest.mark.parametrize("name", TARGETS)
def test_good_input_is_not_refused_for_a_fault_of_ours(name: str) -> None:
    """Small inputs may be too small to be believed; what counts is that nothing else comes out."""
    for data in seeds(name):
        run(name, data)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", TARGETS)
@given(st.data())
@quick
def test_changed_bytes(name: str, data: st.DataObject) -> None:
    run(name, data.draw(changed(name)))


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", TARGETS)
@given(st.binary(max_size=200))
@quick
def test_any_bytes(name: str, content: bytes) -> None:
    run(name, content)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", JSON_TARGETS)
@given(values)
@quick
def test_any_json(name: str, value: Any) -> None:
    run(name, json.dumps(value).encode())
    run(name, json.dumps({"type": "FeatureCollection", "features": value, "content": value}).encode())


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", ["births", "care_regions", "circle_table"])
@given(st.lists(st.lists(CELLS, max_size=6), max_size=8), st.sampled_from(["2019", "Blad1"]))
@quick
def test_any_sheet(name: str, rows: list[list[Any]], sheet: str) -> None:
    clean = [["".join(c for c in v if c.isprintable()) if isinstance(v, str) else v for v in row] for row in rows]
    run(name, workbook({sheet: clean}))


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", ["ages", "sector_population"])
@given(st.lists(st.lists(st.sampled_from(["11001", "x", "", "-1", "3", "1e9", "9" * 30, '"', "\x00", "é", "62001"]))))
@quick
def test_any_delimited_text(name: str, rows: list[list[str]]) -> None:
    header = "CD_REFNIS|CD_AGE|MS_POPULATION" if name == "ages" else "CD_SECTOR|TOTAL"
    text = "\n".join([header, *("|".join(row) for row in rows)])
    run(name, text.encode("utf-8"))
    run(name, text.encode("cp1252", "replace"))
