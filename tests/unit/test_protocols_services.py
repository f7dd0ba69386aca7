"""WFS and OGC API Features: every feature once, in its place, or one sentence that says why not."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from i18n.errors import DataError, FetchError, IncompleteError, NabijError, NotDataError
from loaders.catalogue.regions.region_in_use import region
from loaders.http.client import Client
from loaders.protocols.services import ogcapi, wfs
from loaders.protocols.services.features import Gathering, short_crs
from loaders.reading_room.room import without_child
from tests.unit.misbehaving import Misbehaving, Misbehaviour, ReceivedRequest, json_answer, serving

BOOM = (149_856.0, 198_055.0)
"""A point in Boom, EPSG:31370; longitude and latitude are 4.37 E, 51.09 N."""

BOOM_DEGREES = (4.3667, 51.0926)
LAMBERT = "urn:ogc:def:crs:EPSG::31370"
GEOJSON_WORDS = ["type", "features", "crs", "properties", "name", "numberMatched", "geometry", "coordinates", "id"]
Script = Callable[[ReceivedRequest], Misbehaviour]


@pytest.fixture(scope="module")
def server() -> Iterator[Misbehaving]:
    with serving() as running:
        yield running


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Client(pace_s=0, retries=0, sleep=lambda _s: None) as made:
        yield made


def points(n: int, at: tuple[float, float] = BOOM, step: float = 1.0) -> list[dict[str, Any]]:
    """Features with ids ``Refgem.0`` upward, a step apart."""
    return [
        {
            "type": "Feature", "id": f"Refgem.{i}", "properties": {"NISCODE": str(i)},
            "geometry": {"type": "Point", "coordinates": [at[0] + i * step, at[1]]},
        }
        for i in range(n)
    ]  # fmt: skip


def moved(n: int, x: float, y: float) -> list[dict[str, Any]]:
    """Features that lie at one place."""
    return points(n, (x, y), 0.0)


def collection(features: list[dict[str, Any]], crs: str | None = LAMBERT, **more: Any) -> Misbehaviour:
    declared = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    return json_answer(json.dumps({"type": "FeatureCollection", "features": features} | declared | more))


def describe(
    count_default: int | None = None, paging: str = "TRUE", types: tuple[str, ...] = ("VRBG:Refgem",)
) -> Misbehaviour:
    """Capabilities of a WFS as GeoServer writes them."""
    kinds = "".join(
        f"<FeatureType><Name>{t}</Name><DefaultCRS>{LAMBERT}</DefaultCRS><OtherCRS>urn:ogc:def:crs:EPSG::4326</OtherCRS>"
        "</FeatureType>"
        for t in types
    )
    default = f"<ows:DefaultValue>{count_default}</ows:DefaultValue>" if count_default else ""
    return Misbehaviour(
        (
            '<?xml version="1.0"?><wfs:WFS_Capabilities xmlns:wfs="http://www.opengis.net/wfs/2.0" '
            'xmlns="http://www.opengis.net/wfs/2.0" xmlns:ows="http://www.opengis.net/ows/1.1"><ows:OperationsMetadata>'
            '<ows:Operation name="GetFeature"><ows:Parameter name="outputFormat"><ows:AllowedValues>'
            "<ows:Value>text/xml</ows:Value><ows:Value>application/json</ows:Value></ows:AllowedValues>"
            "</ows:Parameter>"
            f'</ows:Operation><ows:Constraint name="ImplementsResultPaging">'
            f"<ows:DefaultValue>{paging}</ows:DefaultValue>"
            f'</ows:Constraint><ows:Constraint name="CountDefault">{default}</ows:Constraint>'
            f"</ows:OperationsMetadata><FeatureTypeList>{kinds}</FeatureTypeList></wfs:WFS_Capabilities>"
        ).encode()
    )


def hits(matched: int | str) -> Misbehaviour:
    return Misbehaviour(f'<wfs:FeatureCollection xmlns:wfs="w" numberMatched="{matched}" numberReturned="0"/>'.encode())


def geoserver(
    features: list[dict[str, Any]], *, matched: int | str | None = None, most: int = 10_000,
    page: Script | None = None, capabilities: Misbehaviour | None = None, crs: str | None = LAMBERT, said: bool = True,
) -> Script:  # fmt: skip
    """A WFS over these features that gives ``most`` at a time."""
    total = len(features) if matched is None else matched

    def script(asked: ReceivedRequest) -> Misbehaviour:
        query = asked.query
        if query["request"] == "GetCapabilities":
            return capabilities or describe()
        if query.get("resultType") == "hits":
            return hits(total)
        if page:
            return page(asked)
        start, count = int(query["startIndex"]), min(int(query["count"]), most)
        return collection(features[start : start + count], crs, **({"numberMatched": total} if said else {}))

    return script


def refused(run: Callable[[], object], kind: type[NabijError]) -> str:
    with pytest.raises(kind) as caught:
        run()
    assert type(caught.value) is kind
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_a_wfs_is_read_page_by_page(server: Misbehaving, client: Client) -> None:
    url = server.on_call("/wfs", geoserver(points(25)))
    got = wfs.fetch_features(client, f"{url}?map=vrbg&request=GetMap", "Refgem", page_size=10, cql="NISCODE > 0")
    assert sorted(got.frame["NISCODE"].astype(int)) == list(range(25))
    assert list(got.frame.columns) == ["feature_id", "NISCODE", "geometry"]
    assert got.frame.crs.to_epsg() == 31370
    assert got.frame.geometry.iloc[0] == Point(*BOOM)
    assert (got.matched, got.pages, got.notes, len(got.sha256)) == (25, 3, (), 64)
    assert server.asked[-1].query == {
        "map": "vrbg", "service": "WFS", "version": "2.0.0", "request": "GetFeature", "typeNames": "VRBG:Refgem",
        "srsName": "EPSG:31370", "outputFormat": "application/json", "CQL_FILTER": "NISCODE > 0", "count": "10",
        "startIndex": "20",
    }  # fmt: skip


def test_capabilities_are_understood(server: Misbehaving, client: Client) -> None:
    url = server.on("/wfs", describe(500, "FALSE"))
    assert wfs.capabilities(client, url) == wfs.Capabilities(
        {"VRBG:Refgem": (LAMBERT, "urn:ogc:def:crs:EPSG::4326")}, 500, False, ("text/xml", "application/json")
    )


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"<WMS_Capabilities/>", "not a WFS but 'WMS_Capabilities'"),
        (b"<?xml version='1.0'?><a><b></a>", "not readable as XML"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "not readable as XML"),
        (b"<html><title>Welcome</title></html>", "a web page ('Welcome') came instead of XML"),
    ],
)
def test_what_is_no_wfs(server: Misbehaving, client: Client, body: bytes, sentence: str) -> None:
    url = server.on("/wfs", Misbehaviour(body))
    assert sentence in refused(lambda: wfs.fetch_features(client, url, "Refgem"), NotDataError)


def test_a_type_that_is_gone(server: Misbehaving, client: Client) -> None:
    url = server.on_call(
        "/wfs", geoserver([], capabilities=describe(types=("VRBG:Refarr", "VRBG2:Refgem", "V:Refgem")))
    )
    assert "there is no feature type 'VRBG:Refgem' (found: VRBG2:Refgem, " in refused(
        lambda: wfs.fetch_features(client, url, "VRBG:Refgem"), NotDataError
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(n=st.integers(1, 60), page_size=st.integers(1, 70), most=st.integers(1, 70), said=st.booleans())
def test_every_feature_comes_once_whatever_the_page_size(
    server: Misbehaving, client: Client, n: int, page_size: int, most: int, said: bool
) -> None:
    unknown: dict[str, Any] = {"matched": None if said else "unknown", "said": said}
    url = server.on_call("/wfs", geoserver(points(n), most=most, **unknown))
    with without_child():
        if not said and n == page_size:
            sentence = refused(lambda: wfs.fetch_features(client, url, "Refgem", page_size=page_size), IncompleteError)
            assert f"exactly {n} features came, which is where services stop" in sentence
            return
        got = wfs.fetch_features(client, url, "Refgem", page_size=page_size)
    assert list(got.frame["feature_id"]) == [f"Refgem.{i}" for i in range(n)]


def test_a_service_that_does_not_page_is_noticed(server: Misbehaving, client: Client) -> None:
    features = points(30)
    repeat = geoserver(features, page=lambda _asked: collection(features[:10], numberMatched=30))
    url = server.on_call("/wfs", repeat)
    sentence = refused(lambda: wfs.fetch_features(client, url, "Refgem", page_size=10), IncompleteError)
    assert sentence.startswith(
        f"{url} VRBG:Refgem: page 2 repeats features of earlier pages, so the service does not page"
    )


def test_a_page_repeated_under_other_ids_is_noticed(server: Misbehaving, client: Client) -> None:
    def fresh_ids(_asked: ReceivedRequest) -> Misbehaviour:
        return collection([f | {"id": f"fid-{random.Random().random()}"} for f in points(10)], numberMatched=30)

    url = server.on_call("/wfs", geoserver(points(30), page=fresh_ids))
    assert "page 2 repeats" in refused(lambda: wfs.fetch_features(client, url, "Refgem", page_size=10), IncompleteError)


def test_pages_without_an_order_lose_features(server: Misbehaving, client: Client) -> None:
    features = points(20)

    def overlapping(asked: ReceivedRequest) -> Misbehaviour:
        start = int(asked.query["startIndex"])
        return collection(features[max(0, start - 1) : start + 9 if start else 10], numberMatched=20)

    url = server.on_call("/wfs", geoserver(features, page=overlapping))
    assert "19 of 20 features came; fetch them again" in refused(
        lambda: wfs.fetch_features(client, url, "Refgem", page_size=10), IncompleteError
    )


def test_a_service_that_stops_early(server: Misbehaving, client: Client) -> None:
    url = server.on_call("/wfs", geoserver(points(15), matched=40))
    assert "15 of 40 features came" in refused(
        lambda: wfs.fetch_features(client, url, "Refgem", page_size=10), IncompleteError
    )


def test_a_collection_that_changes_while_it_is_read(server: Misbehaving, client: Client) -> None:
    page = iter([collection(points(10), numberMatched=30), collection(points(20)[10:], numberMatched=29)])
    url = server.on_call("/wfs", geoserver(points(30), page=lambda _asked: next(page)))
    assert "30 features became 29 while they were read" in refused(
        lambda: wfs.fetch_features(client, url, "Refgem", page_size=10), IncompleteError
    )


@pytest.mark.parametrize(
    ("count", "matched", "default"), [(10_000, 10_000, None), (10_000, "unknown", None), (500, "unknown", 500)]
)
def test_a_total_that_is_a_cap_is_not_believed(
    server: Misbehaving, client: Client, count: int, matched: int | str, default: int | None
) -> None:
    features = points(count, step=0.001)
    service = geoserver(features, matched=matched, said=False, most=count, capabilities=describe(default))
    url = server.on_call("/wfs", service)
    sentence = refused(lambda: wfs.fetch_features(client, url, "Refgem", page_size=20_000), IncompleteError)
    assert f"exactly {count:,} features came, which is where services stop; fetch it in parts" in sentence


@pytest.mark.parametrize("said", [True, False])
def test_a_limit_given_as_the_number_of_features_is_not_believed(
    server: Misbehaving, client: Client, said: bool
) -> None:
    """MapServer 8 with a limit of 100 says that 100 features match, and gives more on the pages after."""
    service = geoserver(points(250), matched=100, most=100, said=said, capabilities=describe(100))
    got = wfs.fetch_features(client, server.on_call("/wfs", service), "Refgem")
    assert (len(got.frame), got.pages) == (250, 4)


def test_a_collection_split_by_filters_is_put_together(server: Misbehaving, client: Client) -> None:
    parts = {"C='a'": points(6), "C='b'": points(9)[5:], "C='none'": []}

    def by_filter(asked: ReceivedRequest) -> Misbehaviour:
        if asked.query["request"] == "GetCapabilities":
            return describe()
        return geoserver(parts[asked.query["CQL_FILTER"]])(asked)

    got = wfs.fetch_features(client, server.on_call("/wfs", by_filter), "Refgem", page_size=3, cql=tuple(parts))
    assert sorted(got.frame["feature_id"]) == [f"Refgem.{i}" for i in range(9)]
    with pytest.raises(NotDataError, match="the collection is empty"):
        wfs.fetch_features(client, server.on_call("/wfs", by_filter), "Refgem", cql=["C='none'"])


def test_an_empty_collection_is_an_error(server: Misbehaving, client: Client) -> None:
    url = server.on_call("/wfs", geoserver([]))
    assert "the collection is empty; check its name and the filter (a wrong attribute gives no error)" in refused(
        lambda: wfs.fetch_features(client, url, "Refgem"), NotDataError
    )
    assert len(wfs.fetch_features(client, url, "Refgem", allow_empty=True).frame) == 0


def test_an_error_told_to_a_count(server: Misbehaving, client: Client) -> None:
    report = Misbehaviour(b"<ExceptionReport><Exception><ExceptionText>Illegal property name: CATEGORY</ExceptionText>")

    def script(asked: ReceivedRequest) -> Misbehaviour:
        return (
            describe()
            if asked.query["request"] == "GetCapabilities"
            else Misbehaviour(report.body + b"</Exception></ExceptionReport>")
        )

    url = server.on_call("/wfs", script)
    assert "the service answered with an error ('Illegal property name: CATEGORY')" in refused(
        lambda: wfs.fetch_features(client, url, "Refgem", cql="CATEGORY='x'"), NotDataError
    )


@pytest.mark.parametrize(
    "body",
    ["[]", '{"type": "Topology"}', '{"features": [1]}', '{"features": [{"geometry": {"type": "Point"}}]}', '{"a": '],
)
def test_what_is_no_collection(server: Misbehaving, client: Client, body: str) -> None:
    url = server.on_call("/wfs", geoserver(points(1), page=lambda _asked: json_answer(body)))
    sentence = refused(lambda: wfs.fetch_features(client, url, "Refgem"), NotDataError)
    assert any(part in sentence for part in ("not a GeoJSON", "a geometry that cannot be read", "cut off"))


SWAPPED = moved(3, BOOM_DEGREES[1], BOOM_DEGREES[0])


@pytest.mark.parametrize(
    ("features", "crs", "note"),
    [
        (points(3), LAMBERT, ""),
        (points(3), "http://www.opengis.net/def/crs/EPSG/0/31370", ""),
        (points(3), None, ""),
        (points(3, BOOM_DEGREES, 1e-4), None, "longitude and latitude, as GeoJSON has it"),
        (points(3, BOOM_DEGREES, 1e-4), "urn:ogc:def:crs:OGC:1.3:CRS84", ""),
        (points(3, BOOM_DEGREES, 1e-4), "EPSG:4326", ""),
        (SWAPPED, "urn:ogc:def:crs:EPSG::4326", "axes in the order of EPSG:4326, north first, put right"),
    ],
)
def test_coordinates_end_in_lambert_72(
    server: Misbehaving, client: Client, features: list[dict[str, Any]], crs: str | None, note: str
) -> None:
    got = wfs.fetch_features(client, server.on_call("/wfs", geoserver(features, crs=crs)), "Refgem")
    assert got.frame.crs.to_epsg() == 31370
    assert got.frame.geometry.distance(Point(*BOOM)).max() < 100
    assert " ".join(got.notes).endswith(note)
    assert bool(got.notes) == bool(note)


COAST = moved(3, 212_000, 44_000)
"""Points of Middelkerke (44,000 east, 212,000 north) with their axes swapped: they lie far south of Flanders."""


@pytest.mark.parametrize(
    ("features", "crs", "sentence"),
    [
        (COAST, LAMBERT, "the axes are swapped (x and y of EPSG:31370 the wrong way round)"),
        (SWAPPED, "urn:ogc:def:crs:OGC:1.3:CRS84", "the axes are swapped (x and y of OGC:CRS84 the wrong way round)"),
        (
            points(3),
            "urn:ogc:def:crs:EPSG::4326",
            "declared as EPSG:4326, do not lie where they should; they would in EPSG:31370",
        ),
        (
            points(3, BOOM_DEGREES, 0),
            LAMBERT,
            "declared as EPSG:31370, do not lie where they should; they would in OGC:CRS84",
        ),
        (
            points(3, (1e7, 1e7)),
            None,
            "without a declared coordinate system, do not lie where they should; they fit no system",
        ),
        (
            points(3),
            "urn:ogc:def:crs:EPSG::999999",
            "the coordinate system 'urn:ogc:def:crs:EPSG::999999' is not known",
        ),
    ],
)
def test_a_wrong_coordinate_system_gets_one_sentence(
    server: Misbehaving, client: Client, features: list[dict[str, Any]], crs: str | None, sentence: str
) -> None:
    url = server.on_call("/wfs", geoserver(features, crs=crs))
    assert sentence in refused(lambda: wfs.fetch_features(client, url, "Refgem"), DataError)


def test_one_stray_in_a_hundred_is_kept_for_the_loader_to_judge(server: Misbehaving, client: Client) -> None:
    features = points(200)
    features[7]["geometry"]["coordinates"] = [0, 0]
    features[8]["geometry"] = None
    got = wfs.fetch_features(client, server.on_call("/wfs", geoserver(features)), "Refgem")
    assert got.frame.geometry.isna().sum() == 1
    assert got.frame.geometry.iloc[7] == Point(0, 0)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(GEOJSON_WORDS), inner, max_size=4),
    max_leaves=12,
)
PLACE = st.fixed_dictionaries(
    {"type": st.sampled_from(["Point", "Polygon", "MultiPolygon", "GeometryCollection", "Circle"]), "coordinates": JSON}
)
FEATURES = st.lists(
    st.fixed_dictionaries(
        {"geometry": st.none() | PLACE | JSON, "properties": st.none() | JSON}, optional={"id": JSON}
    ),
    max_size=3,
)


@settings(max_examples=150)
@given(features=FEATURES, more=st.dictionaries(st.sampled_from(GEOJSON_WORDS), JSON, max_size=3), whole=st.booleans())
def test_only_our_own_errors_come_out_of_any_json(features: Any, more: dict[str, Any], whole: bool) -> None:
    page = more | ({"features": features} if whole else {})
    with without_child(), contextlib.suppress(NabijError):
        gathering = Gathering("https://z.example/wfs")
        gathering.add(json.dumps(page).encode())
        gathering.check(())
        gathering.collection("EPSG:31370", region().territory.box)


def test_boxes_hold_the_country() -> None:
    assert box(*region().territory.box).within(box(*region().territory.wider))
    assert short_crs("http://www.opengis.net/def/crs/EPSG/0/3812/") == "EPSG:3812"


def pages_api(features: list[dict[str, Any]], limit: int, **more: Any) -> Script:
    """OGC API Features with next links."""

    def script(asked: ReceivedRequest) -> Misbehaviour:
        start = int(asked.query.get("offset", 0))
        end = start + min(limit, int(asked.query.get("limit", limit)))
        links = [{"rel": "self", "href": "x"}]
        if end < len(features):
            links.append({"rel": "next", "href": f"/c/items?offset={end}&limit={asked.query.get('limit', limit)}"})
        return collection(features[start:end], None, links=links, **({"numberMatched": len(features)} | more))

    return script


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(n=st.integers(1, 40), limit=st.integers(1, 45), most=st.integers(1, 45))
def test_an_ogc_collection_is_read_to_its_last_page(
    server: Misbehaving, client: Client, n: int, limit: int, most: int
) -> None:
    url = server.on_call("/c/items", pages_api(points(n, BOOM_DEGREES, 1e-5), most))
    with without_child():
        got = ogcapi.fetch_items(client, url.removesuffix("/items"), limit=limit)
    assert list(got.frame["feature_id"]) == [f"Refgem.{i}" for i in range(n)]
    assert got.frame.geometry.distance(Point(*BOOM)).max() < 100
    assert got.pages == -(-n // min(limit, most))


def test_an_ogc_collection_of_a_thousand_is_complete_when_the_service_says_so(
    server: Misbehaving, client: Client
) -> None:
    features = points(1000, BOOM_DEGREES, 1e-6)
    url = server.on_call("/c/items", pages_api(features, 500))
    assert len(ogcapi.fetch_items(client, url).frame) == 1000
    silent = server.on_call("/c/items", pages_api(features, 500, numberMatched="unknown"))
    assert "exactly 1,000 features came" in refused(lambda: ogcapi.fetch_items(client, silent), IncompleteError)


def test_an_ogc_collection_in_another_system(server: Misbehaving, client: Client) -> None:
    given = SWAPPED
    latitude_first = Misbehaviour(
        collection(given, None).body, headers={"Content-Crs": "<http://www.opengis.net/def/crs/EPSG/0/4326>"}
    )
    url = server.on("/c/items", latitude_first)
    got = ogcapi.fetch_items(client, url, crs="EPSG:4326", params={"CATEGORIE": "x"})
    assert server.asked[-1].query["crs"] == "http://www.opengis.net/def/crs/EPSG/0/4326"
    assert server.asked[-1].query["CATEGORIE"] == "x"
    assert got.frame.geometry.distance(Point(*BOOM)).max() < 100
    ignored = ogcapi.fetch_items(
        client, server.on("/c/items", collection(points(2, BOOM_DEGREES, 1e-4), None)), crs="EPSG:31370"
    )
    assert ignored.notes == (f"{url}: longitude and latitude, as GeoJSON has it",)


def linking(features: list[dict[str, Any]], href: str) -> Misbehaviour:
    return collection(features, None, links=[{"rel": "next", "href": href}])


NOT_FOUND = json_answer('{"code": "NotFound", "description": "Collection not found"}', 404)


@pytest.mark.parametrize(
    ("answers", "kind", "sentence"),
    [
        ([linking(points(2), "/c/items?p=2")], IncompleteError, "page 2 repeats features"),
        (
            [linking(points(2), "/c/items?p=2"), linking(points(4)[2:], "/c/items?p=2")],
            IncompleteError,
            "the link to the next page leads back",
        ),
        ([linking(points(2), "file:///etc/passwd")], NotDataError, "is no address"),
        ([linking(points(2), "http://[::")], NotDataError, "is no address"),
        ([collection(points(2), None, numberMatched=9)], IncompleteError, "2 of 9 features came"),
        ([collection([], None)], NotDataError, "the collection is empty"),
        ([NOT_FOUND], FetchError, "saying 'Collection not found'"),
    ],
)
def test_faults_of_an_ogc_collection(
    server: Misbehaving, client: Client, answers: list[Misbehaviour], kind: type[NabijError], sentence: str
) -> None:
    url = server.on("/c/items", *answers)
    assert sentence in refused(lambda: ogcapi.fetch_items(client, url), kind)


@pytest.mark.parametrize("suffix", ["geojson", "gpkg"])
def test_a_file_of_the_user_stands_in_for_a_service(client: Client, tmp_path: Path, suffix: str) -> None:
    own = tmp_path / f"own.{suffix}"
    frame = gpd.GeoDataFrame({"NISCODE": ["11005"]}, geometry=[Point(*BOOM_DEGREES)], crs="EPSG:4326")
    frame.to_file(own, engine="pyogrio")
    for got in (wfs.fetch_features(client, own, "Refgem"), ogcapi.fetch_items(client, own)):
        assert got.frame["NISCODE"].tolist() == ["11005"]
        assert got.frame.crs.to_epsg() == 31370
        assert got.frame.geometry.iloc[0].distance(Point(*BOOM)) < 100
    own.write_text("<html></html>")
    with pytest.raises(NotDataError, match=r"a web page .* came instead of JSON or"):
        wfs.fetch_features(client, own, "Refgem")
