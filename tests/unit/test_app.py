"""The explorer as a server: files that never change, languages, wrong addresses."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import importlib
import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urljoin

import brotli  # type: ignore[import-untyped]
import pytest
from flask.testing import FlaskClient

from app import create_app
from i18n.errors import InputError, MissingFileError
from i18n.texts import LANGUAGES, text
from loaders.snapshot.reader import Snapshot
from pages.server import page_files
from pages.server.libraries import chart_library_address
from pages.server.opening_map import opening_map_address
from pages.serving.guard import takes_file
from pages.serving.headers import TILES
from pages.shell.context import Context, current

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """The explorer without a socket; its cache is a folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield create_app().server.test_client()


@pytest.fixture(scope="module")
def tag(embedded: Snapshot) -> str:
    return embedded.hash[:16]


def test_borders_come_compressed_and_may_be_kept_forever(client: FlaskClient, tag: str) -> None:
    address = f"/geo/{tag}/municipality-2025-far.json"
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    zipped = client.get(address, headers={"Accept-Encoding": "gzip"})
    small = client.get(address, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert "Content-Encoding" not in plain.headers
    assert (zipped.headers["Content-Encoding"], small.headers["Content-Encoding"]) == ("gzip", "br")
    assert gzip.decompress(zipped.data) == brotli.decompress(small.data) == plain.data
    assert len(json.loads(plain.data)["features"]) == 304
    assert len(small.data) < 250_000
    for answer in (plain, zipped, small):
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_scripts_are_compressed_once_and_answers_every_time(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client.get("/").get_data(as_text=True)
    script = next(link for link in re.findall(r'src="([^"]+)"', page) if "dash_leaflet" in link)
    accepted = {"Accept-Encoding": "br"}
    first = client.get(script, headers=accepted)
    assert brotli.decompress(first.data) == client.get(script, headers={"Accept-Encoding": "identity"}).data
    layout = client.get("/_dash-layout", headers=accepted).data
    monkeypatch.setattr("flask_compress.flask_compress._compress_data", lambda *_: b"anew")
    again = client.get(script, headers=accepted)
    assert (brotli.decompress(again.data), again.headers["Content-Encoding"]) == (brotli.decompress(first.data), "br")
    assert len(again.data) < 0.97 * len(first.data)  # kept once, and smaller than what the first visitor got
    assert client.get(script, headers={"Accept-Encoding": "gzip"}).data == b"anew"
    assert layout != client.get("/_dash-layout", headers=accepted).data == b"anew"


@pytest.mark.parametrize(
    "address",
    [
        "geo/{tag}/street-2025-far.json",
        "geo/{tag}/municipality-1999-far.json",
        "geo/{tag}/municipality-2025-closer.json",
        "geo/0000000000000000/labels.json",
        "places/{tag}/secret-bureau.json",
        "places/{tag}/illustrative-school.json",
        "raster/{tag}/illustrative-school-walk-crow.png",
        "barriers/{tag}.exe",
        "barriers/{tag}.json?model=crow",
        "barriers/{tag}.json?facilities=documented",
        "barriers/{tag}.json?mode=rocket",
        "barriers/0000000000000000.json",
    ],
)
def test_an_address_of_a_file_that_does_not_exist_is_not_found(client: FlaskClient, tag: str, address: str) -> None:
    assert client.get("/" + address.format(tag=tag)).status_code == 404


def test_places_are_points_or_the_middle_of_their_municipality(client: FlaskClient, tag: str) -> None:
    made_up = json.loads(client.get(f"/places/{tag}/illustrative-bureau.json").data)
    assert {place["kind"] for place in made_up} == {"point"}
    assert len(made_up) == 340  # as counted in 2012
    documented = json.loads(client.get(f"/places/{tag}/documented-bureau.json").data)
    assert {place["kind"] for place in documented} == {"municipality"}
    assert [place["n"] for place in documented if place["name"] == "Genk"] == [4]


def test_the_picture_of_distances_is_a_png(client: FlaskClient, tag: str) -> None:
    answer = client.get(f"/raster/{tag}/illustrative-bureau-walk-crow.png")
    assert answer.mimetype == "image/png"
    assert answer.data.startswith(b"\x89PNG")


def test_public_facts_are_marked_once_per_municipality(client: FlaskClient, tag: str, embedded: Snapshot) -> None:
    told = json.loads(client.get(f"/geo/{tag}/facts.json").data)
    marks = [mark for mark in told if "as_of" not in mark]
    located = [mark for mark in told if "as_of" in mark]
    assert len(located) == len(embedded.table("located_places")) == 8
    assert {mark["as_of"] for mark in located} == {"2021"}
    assert "Consultatiebureau Kind en Gezin" in {mark["name"] for mark in located}
    facts = embedded.table("public_facts")
    assert len(marks) == facts["nis2025"].nunique()
    assert sum(mark["n"] for mark in marks) == len(facts)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_in_the_language_of_the_address(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/?lang={lang}").get_data(as_text=True)
    assert f'<html lang="{lang}">' in page
    assert f"<title>{text('page.explore', lang)} · nabij</title>" in page
    assert f'<meta name="description" content="{escape(text("app.tagline", lang))}">' in page
    assert text("app.loading", lang) in page
    method = client.get(f"/methode?lang={lang}").get_data(as_text=True)
    assert f"<title>{text('page.method', lang)} · nabij</title>" in method
    assert 'class="first-answer"' not in method


def test_the_answer_and_its_warning_are_there_before_any_script(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a slow line words come first; another question than the opening one would not be theirs."""
    monkeypatch.setattr(Context, "at_hand", Context.analyse)  # at hand, however full the memory of the tests is
    page = client.get("/?lang=fr").get_data(as_text=True)
    assert "bébés de 2025 habitent à plus de 15 minutes à pied" in page
    assert text("banner.title", "fr") in page
    assert re.search(r'<img class="first-map" src="/geo/[0-9a-f]+/opening-fr.svg" alt=""', page)
    assert 'class="first-answer"' not in client.get("/?mode=bike").get_data(as_text=True)


def test_scripts_and_styles_are_kept_forever_and_are_of_one_version(client: FlaskClient) -> None:
    """A browser asks for each of them once; a module of another version is not there, so versions never mix."""
    page = client.get("/").get_data(as_text=True)
    addresses = re.findall(r'(?:src|href)="(/modules/[^"]+)"', page)
    assert {Path(address).name for address in addresses} == {*page_files.needed_modules(), "look.css"}
    for address in addresses:
        answer = client.get(address, headers={"Accept-Encoding": "br"})
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.mimetype == ("text/css" if address.endswith(".css") else "text/javascript")
    folder = addresses[0].rpartition("/")[0]
    later = re.findall(r'import\("\./([\w-]+\.mjs)"\)', client.get(f"{folder}/main.mjs").get_data(as_text=True))
    assert len(later) > 2
    assert not set(later) & set(page_files.needed_modules())
    assert [client.get(f"{folder}/{name}").status_code for name in later] == [200] * len(later)
    for wrong in (f"{folder}x/main.mjs", f"{folder}/types.d.ts", f"{folder}/..%2f..%2fapp.py", "/modules/look.css"):
        assert client.get(wrong).status_code == 404


def test_what_a_style_sheet_asks_for_is_there(client: FlaskClient) -> None:
    address = f"/{page_files.folder()}/look.css"
    asked = re.findall(r'url\("(\.\.[^"]+)"\)', client.get(address).get_data(as_text=True))
    assert asked
    for one in asked:
        with client.get(urljoin(address, one)) as answer:
            assert (answer.status_code, len(answer.data) > 0) == (200, True)


@pytest.mark.parametrize("lang", ["nl", "fr"])
def test_the_first_map_is_a_small_picture_with_its_warning(client: FlaskClient, lang: str) -> None:
    with client.application.test_request_context("/"):
        address = opening_map_address(current(), lang)
    answer = client.get(f"/{address}", headers={"Accept-Encoding": "br"})
    assert answer.mimetype == "image/svg+xml"
    assert "immutable" in answer.headers["Cache-Control"]
    assert len(answer.data) < 25_000
    drawn = client.get(f"/{address}").get_data(as_text=True)
    assert text("banner.stamp", lang) in drawn
    assert drawn.count("<circle") > 300
    assert client.get(f"/{address.replace(f'-{lang}.', '-de.')}").status_code == 404


def test_first_words_wait_for_no_answer(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the answer is not at hand, for new figures or in a memory that is full, the page says that it comes."""

    def work(*_: object) -> None:
        raise AssertionError("a page must not be kept waiting for figures")

    monkeypatch.setattr(Context, "at_hand", lambda *_: None)
    monkeypatch.setattr(Context, "analyse", work)
    page = client.get("/").get_data(as_text=True)
    assert 'class="first-answer"' not in page
    assert escape(text("app.loading", "nl")) in page


def test_the_library_of_charts_is_one_small_file(client: FlaskClient) -> None:
    answer = client.get(f"/{chart_library_address()}", headers={"Accept-Encoding": "br"})
    assert answer.mimetype == "text/javascript"
    assert len(answer.data) < 160_000
    assert "immutable" in answer.headers["Cache-Control"]
    assert chart_library_address() not in client.get("/").get_data(as_text=True)


def test_the_page_loads_nothing_from_elsewhere(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)
    loaded = re.findall(r"(?:src|href)=\"([^\"]+)\"", page)
    assert loaded
    assert [address for address in loaded if not address.startswith("/")] == []


def test_style_sheets_and_scripts_load_nothing_from_elsewhere() -> None:
    assets = Path(__file__).resolve().parents[2] / "assets"
    addresses = {
        address
        for path in assets.rglob("*")
        if path.suffix in {".css", ".mjs"}
        for address in re.findall(r"https?://[^\s\"'`)]+", path.read_text(encoding="utf-8"))
    }
    # the name of SVG is no address, and the optional background is off until someone asks for it
    assert addresses == {"http://www.w3.org/2000/svg", "https://tile.openstreetmap.org/{z}/{x}/{y}.png"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_unknown_page_is_not_found_and_says_so(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/nowhere?lang={lang}")
    assert page.status_code == 404
    content = html.unescape(page.get_data(as_text=True))
    assert f'lang="{lang}"' in content
    assert text("app.not_found", lang) in content
    assert "<script" not in content


def test_every_inline_script_of_a_page_is_allowed_by_its_hash_and_no_other(client: FlaskClient) -> None:
    page = client.get("/")
    content = page.get_data(as_text=True)
    content = re.sub(r"<!--.*?-->", "", content, flags=re.DOTALL)
    inline = re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>(.*?)</script>", content, re.DOTALL)
    hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in inline}
    rules = dict(rule.split(" ", 1) for rule in page.headers["Content-Security-Policy"].split("; "))
    assert len(inline) == 2
    assert set(rules["script-src"].split()) == {"'self'", *hashes}
    assert not re.search(r"<[a-z][^>]*\son[a-z]+=", content)


def test_tiles_come_from_where_the_policy_says(client: FlaskClient) -> None:
    script = (ROOT / "assets/js/backdrop.mjs").read_text(encoding="utf-8")
    assert f"{TILES}/{{z}}/{{x}}/{{y}}.png" in script
    assert TILES in client.get("/").headers["Content-Security-Policy"]


@pytest.mark.parametrize("filled", ["list-review", "list-outcome", "list-used", "plan-uploaded"])
def test_questions_that_hold_a_file_may_be_large(client: FlaskClient, filled: str) -> None:
    callbacks = client.application.extensions["nabij-guard"].callbacks
    large = [name for name, one in callbacks.items() if takes_file(one)]
    assert any(filled in name for name in large)
    assert len(large) < len(callbacks) / 2


def test_the_language_and_the_snapshot_are_checked_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Unknown language 'de'"):
        create_app(lang="de")
    with pytest.raises(MissingFileError, match=r"datapackage\.json is missing"):
        create_app(tmp_path)


@pytest.mark.parametrize(
    ("tables", "values", "expected"),
    [
        ({"facilities_illustrative", "facilities_documented"}, {}, "illustrative"),
        ({"facilities_illustrative", "facilities_documented", "facilities_register"}, {}, "register"),
        ({"facilities_illustrative", "facilities_register"}, {"facilities": "documented"}, "documented"),
        ({"facilities_illustrative", "facilities_register"}, {"service": "house"}, "illustrative"),
    ],
)
def test_the_bare_address_opens_with_the_register_once_it_is_held(
    client: FlaskClient, tables: set[str], values: dict[str, str], expected: str
) -> None:
    assert client  # the pages are registered
    explorer = importlib.import_module("pages.explore.explorer_page")
    context = SimpleNamespace(snapshot=SimpleNamespace(resources=dict.fromkeys(tables)), lang="nl")
    assert explorer.opening(values, context).facilities == expected
