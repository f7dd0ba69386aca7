"""Bureaus and houses in the answers of two services, addresses in those of a third, and OpenStreetMap extracts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import osmium
import pytest

from i18n.errors import DataError, FetchError, IncompleteError, MissingColumnError, MissingFileError, NotDataError
from loaders.catalogue.settings import Settings
from loaders.http.client import Client
from loaders.live.geocode import Geocoder, parse_locations
from loaders.live.osm import check_osm_extract
from loaders.live.places import fetch_social_map, parse_names, parse_offers, parse_poi, service_of
from loaders.live.registers import load_register
from loaders.pipeline.update import RefreshContext
from loaders.snapshot.reader import Snapshot
from tests.registers import TwoRegisters, offer_page, two_registers
from tests.unit.misbehaving import Misbehaving, ReceivedRequest, json_answer, serving


@pytest.fixture(scope="module")
def registers(embedded: Snapshot) -> TwoRegisters:
    return two_registers(embedded)


@pytest.fixture
def server() -> Iterator[Misbehaving]:
    with serving() as running:
        yield running


def context(snapshot: Snapshot, *sources: str) -> RefreshContext:
    client = Client(retries=0, pace_s=0)
    return RefreshContext(client, snapshot, Settings.load(list(sources), environ={}))


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("Consultatiebureau", "bureau"),
        ("CONSULTATIEBUREAUS voor het jonge kind", "bureau"),
        ("Huizen van het Kind", "house"),
        ("Huis_van-het Kind Boom", "house"),
        ("Kinderdagverblijf", ""),
        ("", ""),
    ],
)
def test_words_tell_the_service(text: str, service: str) -> None:
    assert service_of(text) == service


def test_categories_are_found_wherever_they_stand() -> None:
    answer = {
        "categories": [
            {"value": "Gezin", "term": "gezin", "sub": [{"value": "Consultatiebureau", "n": 330}]},
            {"value": "Huis van het Kind"},
            ["Kribbe", "Huis van het Kind", None, 3],
        ]
    }
    assert parse_names(json.dumps(answer).encode(), "poitypes") == {
        "bureau": ["Consultatiebureau"],
        "house": ["Huis van het Kind"],
    }


def test_points_of_interest_become_candidates(registers: TwoRegisters) -> None:
    frame = parse_poi(registers.poi, "POI")
    assert (
        frame["service"].value_counts().to_dict()
        == registers.poi["POITYPE"]
        .str.lower()
        .map({"consultatiebureau": "bureau", "huis van het kind": "house"})
        .value_counts()
        .to_dict()
    )
    assert frame["id"].is_monotonic_increasing
    assert frame[["x", "y"]].notna().all(axis=None)


def test_other_points_are_left_out(registers: TwoRegisters) -> None:
    other = registers.poi.assign(POITYPE="Kribbe", NAAM="De Zonnebloem")
    assert parse_poi(other, "POI").empty


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"CATEGORIE": None, "POITYPE": None, "NAAM": None}, "names and categories of all 477 points are empty"),
        ({"POID": "1"}, "repeats POID '1'"),
    ],
)
def test_a_service_that_renamed_its_attributes_is_told(
    registers: TwoRegisters, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(DataError, match=sentence):
        parse_poi(registers.poi.assign(**change), "POI")
    with pytest.raises(MissingColumnError, match="column 'CATEGORIE' is missing"):
        parse_poi(registers.poi.drop(columns="CATEGORIE"), "POI")


def test_an_offer_gives_its_primary_address() -> None:
    record = {
        "id": {"id": 77},
        "legalName": {"description": "Huis van het Kind Boom"},
        "addresses": [
            {"primary": False, "street": "Elders", "location": {"lat": 51.2, "lon": 4.4}},
            {
                "primary": True,
                "street": "Kerkstraat",
                "number": 7,
                "location": {"lat": "51,0874", "lon": "4,3667"},
                "municipality": {"postalCode": "2850", "description": "Boom"},
            },
        ],
    }
    page = parse_offers(
        json.dumps({"content": [record], "page": {"totalPages": 3, "totalElements": 41}}).encode(), "sk"
    )
    assert (page.pages, page.elements, page.ids) == (3, 41, ("77",))
    row = page.rows[0]
    assert (row["service"], row["street"], row["number"], row["postcode"]) == ("house", "Kerkstraat", "7", "2850")
    assert row["x"] == pytest.approx(149_810, abs=300)
    assert row["y"] == pytest.approx(197_700, abs=600)


@pytest.mark.parametrize(
    ("data", "error", "sentence"),
    [
        (b"<html>", NotDataError, "sk: not readable JSON"),
        (b"[" * 100_000, NotDataError, "sk: not readable JSON"),
        (b'{"error": "x"}', NotDataError, "there is no list of records"),
        (b'{"content": [{"name": "Consultatiebureau"}]}', DataError, "record 1 has no id"),
        (b'{"content": [3]}', DataError, "record 1 has no id"),
    ],
)
def test_an_answer_that_is_no_list_of_offers(data: bytes, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        parse_offers(data, "sk", "bureau")


def social_map(server: Misbehaving, registers: TwoRegisters, size: int = 50) -> list[str]:
    """Publish the Sociale Kaart on loopback; returns the options that lead there."""
    names = {"consultatiebureau": ["Consultatiebureau (K&G)", "Kribbe"], "huis van het kind": ["Huis van het Kind"]}
    rubrics = server.on_call(
        "/rubric", lambda asked: json_answer(json.dumps([{"name": n} for n in names[asked.query["query"]]]))
    )

    def offers(asked: ReceivedRequest) -> Any:
        service = "bureau" if asked.query["rubrics"].startswith("Consultatie") else "house"
        return json_answer(offer_page(registers.offers[service], int(asked.query["page"]), size))

    return [f"social_map={server.on_call('/offers', offers)}", f"social_map.rubrics={rubrics}"]


def test_the_sociale_kaart_is_read_to_its_last_page(
    server: Misbehaving, registers: TwoRegisters, embedded: Snapshot
) -> None:
    found = fetch_social_map(context(embedded, *social_map(server, registers)))
    assert len(found.frame) == sum(len(records) for records in registers.offers.values())
    pages = [asked.query["page"] for asked in server.asked if asked.path == "/offers"]
    sizes = [-(-len(records) // 50) for records in registers.offers.values()]
    assert pages == [str(page) for size in sizes for page in range(size)]


def test_a_repeated_page_and_a_short_list_are_told(
    server: Misbehaving, registers: TwoRegisters, embedded: Snapshot
) -> None:
    options = social_map(server, registers)
    bureaus = registers.offers["bureau"]
    server.on("/offers", json_answer(offer_page(bureaus, 0, 50)))
    with pytest.raises(IncompleteError, match="page 1 repeats record"):
        fetch_social_map(context(embedded, *options))
    short = json.dumps({"content": bureaus[:10], "page": {"totalElements": 300, "totalPages": 1}})
    server.on("/offers", json_answer(short))
    with pytest.raises(IncompleteError, match="10 of 300 records came for 'Consultatiebureau"):
        fetch_social_map(context(embedded, *options))


def test_one_register_out_of_order_is_told_and_the_other_used(
    server: Misbehaving, registers: TwoRegisters, embedded: Snapshot, tmp_path: Path
) -> None:
    poi = tmp_path / "poi.geojson"
    registers.poi.to_file(poi, driver="GeoJSON")
    broken = [f"social_map={server.url}/gone", f"social_map.rubrics={server.url}/gone", f"geocoder={server.url}/gone"]
    update = load_register(context(embedded, f"poi={poi}", *broken))
    assert [change.resource for change in update.changes] == ["facilities_register", "register_conflicts"]
    assert len(update.changes[0].frame) == len(registers.poi)
    assert any("source 'social_map' gave nothing: " in note for note in update.notes)
    with pytest.raises(FetchError, match=r"'poi' gave nothing: .* 'social_map' gave nothing: "):
        load_register(context(embedded, f"poi={server.url}/gone", *broken))


def test_both_registers_and_the_geocoder_make_one_update(
    server: Misbehaving, registers: TwoRegisters, embedded: Snapshot, tmp_path: Path
) -> None:
    poi = tmp_path / "poi.geojson"
    registers.poi.to_file(poi, driver="GeoJSON")
    record = registers.offers["bureau"][-1]
    lost = [
        *registers.offers["bureau"][:-1],
        record
        | {
            "id": {"id": "lost"},
            "addresses": [{"street": "Nieuwstraat", "number": "1", "municipality": {"postalCode": "2850"}}],
        },
    ]
    options = social_map(server, TwoRegisters(registers.poi, registers.offers | {"bureau": lost}, *[frozenset()] * 3))
    geocoder = server.on("/locate", json_answer(location(51.09, 4.37, "Nieuwstraat 1, 2850 Boom")))
    update = load_register(context(embedded, f"poi={poi}", *options, f"geocoder={geocoder}"))
    frame = update.changes[0].frame
    found = frame[frame["source"] == "sk-bureau-lost"].iloc[0]
    assert (found["nis2025"], found["precision"]) == ("11005", "point")
    assert "Register: 1 of 1 places without point got one by address." in update.notes
    asked = next(asked for asked in server.asked if asked.path == "/locate")
    assert asked.query["q"] == "Nieuwstraat 1, 2850"
    assert update.vintage == update.origins[0].fetched[:10]


def location(lat: float, lon: float, address: str, kind: str = "basisregisters_huisnummer") -> str:
    place = {"Lat_WGS84": lat, "Lon_WGS84": lon, "X_Lambert72": None, "Y_Lambert72": None}
    return json.dumps({"LocationResult": [{"FormattedAddress": address, "Location": place, "LocationType": kind}]})


def test_an_address_is_looked_up_once(server: Misbehaving) -> None:
    address = server.on("/locate", json_answer(location(51.09, 4.37, "Nieuwstraat 1, 2850 Boom")))
    geocoder = Geocoder(Client(retries=0, pace_s=0), address)
    point = geocoder.locate("Nieuwstraat 1, 2850 Boom")
    assert point is not None
    assert point.precise
    assert geocoder.locate("  nieuwstraat 1 2850 BOOM ") is point
    assert geocoder.locate("") is None
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("data", "n"),
    [
        (b"{}", 0),
        (b'{"LocationResult": null}', 0),
        (b'{"LocationResult": [{"Location": {}}, 3]}', 0),
        (location(4.37, 51.09, "swapped").encode(), 0),
        (location(51.09, 4.37, "Boom", "gemeente").encode(), 1),
    ],
)
def test_answers_of_the_geocoder(data: bytes, n: int) -> None:
    points = parse_locations(data, "geocoder")
    assert len(points) == n
    assert not any(point.precise for point in points)


def extract(path: Path, lon: float, lat: float, size: float = 0.5) -> Path:
    header = osmium.io.Header()
    header.add_box(osmium.osm.Box(lon, lat, lon + size, lat + size))
    with osmium.SimpleWriter(str(path), header=header) as writer:
        writer.add_node(osmium.osm.mutable.Node(id=1, location=(lon, lat)))
    return path


def test_an_extract_of_belgium_is_accepted(tmp_path: Path) -> None:
    found = check_osm_extract(extract(tmp_path / "boom.osm.pbf", 4.2, 51.0))
    assert found.form == "pbf"
    assert found.box == pytest.approx((4.2, 51.0, 4.7, 51.5))


@pytest.mark.parametrize(
    ("lon", "lat", "size", "sentence"),
    [(9.0, 47.0, 0.5, "not Belgium; give an extract of Belgium"), (-5.0, 40.0, 20.0, "20° by 20° large")],
)
def test_an_extract_of_elsewhere_or_of_half_the_world(
    tmp_path: Path, lon: float, lat: float, size: float, sentence: str
) -> None:
    with pytest.raises(DataError, match=sentence):
        check_osm_extract(extract(tmp_path / "x.osm.pbf", lon, lat, size))


def test_what_is_no_extract_is_told(tmp_path: Path) -> None:
    page = tmp_path / "page.osm.pbf"
    page.write_bytes(b"<!doctype html><p>not found")
    with pytest.raises(DataError, match="not an OpenStreetMap extract"):
        check_osm_extract(page)
    page.write_bytes(extract(tmp_path / "whole.osm.pbf", 4.2, 51.0).read_bytes()[:60])
    with pytest.raises(DataError, match="damaged OpenStreetMap extract"):
        check_osm_extract(page)
    with pytest.raises(MissingFileError, match="does not exist"):
        check_osm_extract(tmp_path / "none.pbf")
