"""Answers of services that are read in the reading room and put together again: nothing is lost, nothing is endless."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, tostring

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from i18n.errors import DataError, NotDataError
from loaders.catalogue.regions.region_in_use import region
from loaders.protocols import documents
from loaders.protocols.documents import read_json, read_xml
from loaders.protocols.services.features import Gathering
from loaders.reading_room import room
from loaders.reading_room.room import without_child
from loaders.reading_room.sources import documents as in_room
from tests.hostile_files import collection, square, zone_of

quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
texts = st.text(st.characters(exclude_categories=["Cs"]))
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner),
    max_leaves=30,
)


@pytest.fixture(autouse=True)
def here() -> Iterator[None]:
    """Read in this process; that the room is used is tested apart."""
    with without_child():
        yield


@given(values)
@quick
def test_a_document_comes_back_as_it_was(value: Any) -> None:
    found = read_json(json.dumps(value).encode(), "x")
    assert found == value
    assert repr(found) == repr(value)


def test_what_is_no_document_is_told() -> None:
    for wrong in (b"", b"{", b"\xff", b"[1,]"):
        with pytest.raises(NotDataError):
            read_json(wrong, "https://z.example/x")
    for wrong in (b"", b"<a>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"):
        with pytest.raises(NotDataError):
            read_xml(wrong, "https://z.example/x")


def test_depth_and_number_of_values_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="nested"):
        read_json(b"[" * 300 + b"]" * 300, "x")
    with pytest.raises(DataError, match="nested"):
        read_xml(b"<a>" * 300 + b"</a>" * 300, "x")
    monkeypatch.setattr(in_room, "MAX_VALUES", 10)
    with pytest.raises(DataError, match="cells"):
        read_json(b"[0,1,2,3,4,5,6,7,8,9,10]", "x")
    with pytest.raises(DataError, match="cells"):
        read_xml(b"<a>" + b"<b/>" * 12 + b"</a>", "x")
    assert read_json(b"[0,1,2]", "x") == [0, 1, 2]


def test_elements_come_back_with_what_they_hold() -> None:
    root = Element("a", {"b": "c"})
    root.text = "d"
    for name in ("e", "f"):
        inner = Element(name, {"g": name})
        inner.text = f"{name} & <{name}>"
        root.append(inner)
    root[1].append(Element("{urn:x}h"))
    found = read_xml(tostring(root), "x")
    assert tostring(found) == tostring(root).replace(b" />", b" />")
    assert [element.tag for element in found.iter()] == ["a", "e", "f", "{urn:x}h"]


def test_a_page_says_what_it_holds_and_where_the_next_one_is() -> None:
    page = json.loads(collection(zone_of(square(4.0, 51.0, 0.1)), zone_of(square(4.2, 51.0, 0.1))))
    page |= {"numberMatched": 4, "links": [{"rel": "self", "href": "x"}, {"rel": "next", "href": "?page=2"}]}
    gathering = Gathering("x")
    found = gathering.add(json.dumps(page).encode())
    assert (found.count, found.next, gathering.matched, gathering.received) == (2, "?page=2", 4, 2)
    frame = gathering.collection("OGC:CRS84", region().territory.box).frame
    assert frame["zone"].tolist() == ["z", "z"]
    assert frame.geometry.area.min() > 1e6


@pytest.mark.parametrize("where", ["shape", "number", "attribute"])
def test_a_page_with_what_is_no_number_is_told(where: str) -> None:
    data = collection(zone_of(square(4.0, 51.0, 0.1)))
    if where == "shape":
        with pytest.raises(NotDataError):
            Gathering("x").add(data.replace(b"51.1", b"1e999"))
    elif where == "number":
        with pytest.raises(NotDataError):
            Gathering("x").add(data.replace(b"51.1", b"9" * 5_000))
    else:
        gathering = Gathering("x")
        gathering.add(data.replace(b'"z"', b"NaN", 1))
        assert gathering.collection("OGC:CRS84", region().territory.box).frame["zone"].tolist() == [None]


def test_a_shape_that_is_not_on_earth_is_told_with_its_row() -> None:
    gathering = Gathering("x")
    far = [[5000.0, 51.0], [4.1, 51.0], [4.1, 51.1], [5000.0, 51.0]]
    gathering.add(collection(*(zone_of(square(4.0 + n / 1e3, 51.0, 0.1), f"z{n}") for n in range(200)), zone_of(far)))
    with pytest.raises(DataError, match="x, row 201: a corner is not on earth"):
        gathering.collection("OGC:CRS84", region().territory.box)


def test_no_byte_of_a_service_is_read_outside_of_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def read(reader: str, source: bytes, **options: Any) -> Any:
        asked.append(reader)
        return room.read(reader, source, **options)

    monkeypatch.setattr(documents, "read", read)
    read_json(b"[]", "x")
    read_xml(b"<a/>", "x")
    assert asked == ["json", "xml"]
