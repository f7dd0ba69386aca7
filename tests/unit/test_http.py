"""The HTTP client against a server that misbehaves: what is tried again, what is refused, and in which words."""

from __future__ import annotations

import email.utils
import errno
import gzip
import hashlib
import io
import random
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from i18n.errors import FetchError, MissingFileError, NabijError, NotDataError, StorageError
from loaders.http import client as http
from loaders.http import file_cache
from loaders.http import sniff as sniffing
from loaders.http.answer import file_name
from loaders.http.client import Client
from loaders.http.faults import lasting, may_pass, retry_after, why
from loaders.http.sniff import server_words, sniff
from loaders.reading_room import ReadResult
from tests.unit.misbehaving import Misbehaving, Misbehaviour, ReceivedRequest, closed_port, json_answer, serving

NOW = datetime(2025, 11, 22, 12, 0, 0, tzinfo=UTC)
DATA = b'{"type": "FeatureCollection", "features": []}'
DATE = "Sat, 01 Nov 2025 00:00:00 GMT"
OK = json_answer(DATA)
BUSY = Misbehaviour(b"<h1>Busy</h1>", 503)


class SleepingClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.seconds = 0.0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


@pytest.fixture(scope="module")
def server() -> Iterator[Misbehaving]:
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def patient(clock: SleepingClock | None = None, /, **options: Any) -> Client:
    """Client whose waiting takes no time."""
    clock = clock or SleepingClock()
    defaults: dict[str, Any] = {"pace_s": 0.0, "retries": 2, "read_s": 5.0, "clock": lambda: clock.seconds}
    return Client(sleep=clock.sleep, now=lambda: NOW, rng=random.Random(7), **(defaults | options))


def refused(client: Client, url: str | Path, kind: type[NabijError] = FetchError, **options: Any) -> str:
    """Return the one sentence of a request that failed."""
    with client, pytest.raises(kind) as caught:
        client.get(url, **options)
    assert type(caught.value) is kind
    sentence = str(caught.value)
    assert sentence.startswith(str(url).split("?")[0])
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence.removeprefix(str(url))


def zipped(size: int = 50_000) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", random.Random(1).randbytes(size))
    return packed.getvalue()


def test_what_comes_back_is_described(server: Misbehaving) -> None:
    url = server.on("/ok", json_answer(DATA, ETag='"v1"', Last_Modified=DATE))
    with patient() as client:
        got = client.get(url, {"typeNames": "VRBG:Refgem", "count": 2}, expect="json", accept="application/geo+json")
    assert got.url == url + "?typeNames=VRBG%3ARefgem&count=2"
    assert (got.data, got.path, got.size) == (DATA, None, len(DATA))
    assert got.sha256 == hashlib.sha256(DATA).hexdigest()
    assert (got.etag, got.last_modified) == ('"v1"', DATE)
    assert (got.from_cache, got.fetched_at, got.content_type) == (
        False,
        "2025-11-22T12:00:00+00:00",
        "application/json",
    )
    assert server.asked[-1].headers["accept"] == "application/geo+json"
    assert server.asked[-1].headers["user-agent"].startswith("nabij/")


def test_the_user_agent_names_whom_to_turn_to(server: Misbehaving) -> None:
    with patient(contact="https://gemeente.example/nabij") as client:
        client.get(server.on("/ok", OK))
    assert server.asked[-1].headers["user-agent"].endswith(" (+https://gemeente.example/nabij)")


def test_refused_connection() -> None:
    clock = SleepingClock()
    sentence = refused(patient(clock), f"http://127.0.0.1:{closed_port()}/wfs")
    assert sentence == (
        ": the server refused the connection (tried 3 times); try again later, "
        "or give the file yourself with --source ID=FILE."
    )
    assert len(clock.slept) == 2


def test_unknown_server() -> None:
    assert "no server of that name was found (tried once)" in refused(patient(retries=0), "http://no-such.invalid/x")


def test_stall_before_the_answer(server: Misbehaving) -> None:
    silent = server.on_call("/silent", lambda _asked: (server.stopping.wait(20) and Misbehaviour()) or Misbehaviour())
    assert "the server sent nothing for 0.1 s (tried once)" in refused(patient(retries=0, read_s=0.1), silent)


def test_stall_in_the_middle_of_the_body(server: Misbehaving) -> None:
    url = server.on("/stall", Misbehaviour(DATA[:10], length=len(DATA), stall=True))
    assert "the server sent nothing for 0.1 s (tried 2 times)" in refused(patient(retries=1, read_s=0.1), url)


def test_a_stall_passes(server: Misbehaving) -> None:
    url = server.on("/stall-once", Misbehaviour(DATA[:10], length=len(DATA), stall=True), OK)
    with patient(read_s=0.1) as client:
        assert client.get(url, expect="json").data == DATA


def test_an_answer_that_drips_has_an_end(server: Misbehaving) -> None:
    client = patient(retries=0, deadline_s=1.0, clock=iter(range(0, 1000, 10)).__next__)
    assert "only 45 bytes came in 1 s (tried once)" in refused(client, server.on("/drip", OK))


def test_wrong_length(server: Misbehaving) -> None:
    url = server.on("/short", Misbehaviour(DATA, length=len(DATA) + 100))
    assert "the answer broke off after 45 of 145 bytes (tried 3 times)" in refused(patient(), url)


def test_a_connection_closed_without_an_answer(server: Misbehaving) -> None:
    assert "the connection failed (tried 3 times)" in refused(patient(), server.on("/drop", Misbehaviour(drop=True)))


def test_truncated_zip(server: Misbehaving) -> None:
    cut = Misbehaviour(zipped()[:-30], length=-1)
    sentence = refused(patient(), server.on("/cut.zip", cut), NotDataError, expect="zip")
    assert "a zip file or workbook came that is cut off (tried 3 times)" in sentence
    with patient() as client:
        whole = zipped()
        assert client.get(server.on("/cut-once.zip", cut, Misbehaviour(whole)), expect="zip").data == whole


def test_json_that_is_cut_off(server: Misbehaving) -> None:
    url = server.on("/cut.json", Misbehaviour(DATA[:-5], length=-1))
    assert "JSON came that is cut off" in refused(patient(), url, NotDataError, expect="json")


def test_json_with_something_behind_it_is_not_cut_off_and_is_looked_at_in_the_reading_room(
    server: Misbehaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b'{"rows": [1, 2]} <!-- made in 0.1 s'
    with patient() as client:
        assert client.get(server.on("/more.json", Misbehaviour(body)), expect="json").data == body
        deep = b"[" * 100_000
        assert "cut off" in refused(client, server.on("/deep.json", Misbehaviour(deep)), NotDataError, expect="json")
        asked: list[str] = []

        def noted(reader: str, *_: Any, **__: Any) -> ReadResult:
            asked.append(reader)
            return ReadResult({}, {"more": True})

        monkeypatch.setattr(sniffing, "read", noted)
        assert client.get(server.on("/more-still.json", Misbehaviour(body)), expect="json").data == body
        assert asked == ["ending"]


def test_429_then_success_waits_as_long_as_asked(server: Misbehaving) -> None:
    clock = SleepingClock()
    url = server.on("/429", Misbehaviour(status=429, headers={"Retry-After": "7"}), OK)
    with patient(clock) as client:
        assert client.get(url).data == DATA
    assert len(clock.slept) == 1
    assert 7 <= clock.slept[0] <= 8


def test_a_wait_that_is_too_long_is_told_at_once(server: Misbehaving) -> None:
    clock = SleepingClock()
    url = server.on("/429-long", Misbehaviour(status=429, headers={"Retry-After": "3600"}))
    assert "429 Too Many Requests and asks to wait 3600 s; try again after that." in refused(patient(clock), url)
    assert clock.slept == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0), (" 1.5", 1.5), ("-3", 0.0), ("nan", None), ("inf", None), ("soon", None), ("", None),
        (None, None),
        (email.utils.format_datetime(NOW + timedelta(seconds=30), usegmt=True), 30.0),
        (email.utils.format_datetime(NOW - timedelta(seconds=30), usegmt=True), 0.0),
    ],
)  # fmt: skip
def test_retry_after_as_seconds_or_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_endless_503(server: Misbehaving) -> None:
    clock, before = SleepingClock(), len(server.asked)
    assert refused(patient(clock, retries=4), server.on("/503", BUSY)) == (
        ": the server answered with status 503 Service Unavailable (tried 5 times); try again later, "
        "or give the file yourself with --source ID=FILE."
    )
    assert len(server.asked) - before == 5
    assert all(0 <= wait <= http.FIRST_WAIT_S * 2**i for i, wait in enumerate(clock.slept))


def test_other_4xx_are_not_tried_again_and_say_what_the_server_said(server: Misbehaving) -> None:
    before = len(server.asked)
    url = server.on("/400", json_answer('{"code": "InvalidParameterValue", "description": "unknown crs"}', 400))
    assert refused(patient(), url) == (
        ": the server answered with status 400 Bad Request, saying 'unknown crs'; check the address, "
        "or give the file yourself with --source ID=FILE."
    )
    assert len(server.asked) - before == 1


def test_redirects(server: Misbehaving) -> None:
    server.on("/b", Misbehaviour(status=302, headers={"Location": "/a"}))
    loop = server.on("/a", Misbehaviour(status=301, headers={"Location": "/b"}))
    assert ": redirected in a circle; open it in a browser" in refused(patient(), loop)
    server.on("/new", OK)
    with patient() as client:
        assert (
            client.get(server.on("/old", Misbehaviour(status=301, headers={"Location": "/new"}))).url
            == server.url + "/new"
        )
    away = server.on("/away", Misbehaviour(status=302, headers={"Location": "file:///etc/hostname"}))
    assert "not an address that can be fetched" in refused(patient(), away)


@pytest.mark.parametrize("address", ["statbel.fgov.be/x", "ftp://example.org/x", "http://", "http://[::1/x"])
def test_what_is_no_address(address: str) -> None:
    assert "not an address that can be fetched" in refused(patient(), address)
    with patient() as client, pytest.raises(FetchError, match="not an address that can be fetched"):
        client.get(address, {"a": 1})


def test_html_bot_wall(server: Misbehaving) -> None:
    page = (
        b"\n<!DOCTYPE html><html><head><title>Checking your browser &amp; more</title></head><body>wait</body></html>"
    )
    url = server.on("/births.xlsx", Misbehaviour(page, headers={"Content-Type": "application/vnd.ms-excel"}))
    assert refused(patient(), url, NotDataError, expect="zip") == (
        ": a web page ('Checking your browser & more') came instead of a zip file or workbook; the site turns programs "
        "away or the address has moved: fetch the file in a browser and give the file yourself with --source ID=FILE."
    )


def test_exception_report(server: Misbehaving) -> None:
    report = (
        b"<?xml version='1.0'?><ows:ExceptionReport xmlns:ows='http://www.opengis.net/ows/1.1'><ows:Exception>"
        b"<ows:ExceptionText>Feature type VRBG:Refgm unknown</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"
    )
    sentence = refused(patient(), server.on("/wfs", Misbehaviour(report)), NotDataError, expect="json")
    assert "the service answered with an error ('Feature type VRBG:Refgm unknown'); check the name" in sentence


def test_nothing_and_no_content(server: Misbehaving) -> None:
    empty = server.on("/empty", Misbehaviour(b""))
    assert "nothing at all came instead of JSON" in refused(patient(), empty, NotDataError, expect="json")
    assert "status 204 No Content" in refused(patient(), server.on("/204", Misbehaviour(status=204)))


def test_too_large(server: Misbehaving) -> None:
    declared = server.on("/large", Misbehaviour(b"x" * 100, length=10_000, stall=True))
    assert "larger than 1,000 bytes" in refused(patient(max_bytes=1000), declared)
    bomb = Misbehaviour(gzip.compress(b"x" * 1_000_000), headers={"Content-Encoding": "gzip"})
    assert "larger than 500,000 bytes" in refused(patient(max_bytes=500_000), server.on("/bomb", bomb))
    with patient() as client:
        assert client.get(server.on("/bomb", bomb)).size == 1_000_000
    damaged = Misbehaviour(b"no gzip at all", headers={"Content-Encoding": "gzip"})
    assert "the compressed answer is damaged" in refused(patient(), server.on("/gz", damaged))


def versioned(asked: ReceivedRequest) -> Misbehaviour:
    return Misbehaviour(status=304) if asked.headers.get("if-none-match") == '"v1"' else json_answer(DATA, ETag='"v1"')


def test_what_was_not_changed_comes_from_the_cache(server: Misbehaving, tmp_path: Path) -> None:
    url = server.on_call("/cached", versioned)
    with patient(cache_dir=tmp_path / "cache") as client:
        first = client.get(url, expect="json")
        second = client.get(url, expect="json")
        kept = client.download(url, tmp_path / "out", expect="json")
    assert [first.from_cache, second.from_cache, kept.from_cache] == [False, True, True]
    assert first.data == second.data == kept.data == DATA
    assert kept.path == tmp_path / "out" / "cached"
    assert (second.sha256, second.fetched_at, second.etag) == (first.sha256, first.fetched_at, '"v1"')
    assert list((tmp_path / "cache").glob(".nabij-*")) == []


def test_last_modified_is_a_condition_too(server: Misbehaving, tmp_path: Path) -> None:
    url = server.on_call(
        "/dated",
        lambda asked: (
            Misbehaviour(status=304) if "if-modified-since" in asked.headers else json_answer(DATA, Last_Modified=DATE)
        ),
    )
    with patient(cache_dir=tmp_path) as client:
        assert [client.get(url).from_cache for _ in range(2)] == [False, True]
    assert server.asked[-1].headers["if-modified-since"] == DATE


@pytest.mark.parametrize("damage", ["body", "json"])
def test_a_damaged_cache_is_fetched_anew(server: Misbehaving, tmp_path: Path, damage: str) -> None:
    url = server.on_call("/cached", versioned)
    with patient(cache_dir=tmp_path) as client:
        client.get(url)
        next(tmp_path.glob(f"*.{damage}")).write_bytes(b"[]")
        again = client.get(url)
    assert (again.data, again.from_cache) == (DATA, False)


def test_an_error_is_never_kept(server: Misbehaving, tmp_path: Path) -> None:
    wall = Misbehaviour(b"<html>no</html>", headers={"ETag": '"w"'})
    url = server.on("/walled", wall)
    refused(patient(cache_dir=tmp_path), url, NotDataError, expect="json")
    assert list(tmp_path.iterdir()) == []


def test_not_changed_without_a_reason(server: Misbehaving) -> None:
    assert "'not changed' came, though nothing is kept" in refused(
        patient(), server.on("/304", Misbehaviour(status=304)), NotDataError
    )


def test_a_download_appears_whole_or_not_at_all(server: Misbehaving, tmp_path: Path) -> None:
    whole, seen = zipped(200_000), list[tuple[int, int | None]]()
    target = tmp_path / "data.zip"
    target.write_bytes(b"the last good one")
    bad = server.on("/bad/data.zip", Misbehaviour(whole[:1000], length=len(whole)))
    with patient() as client:
        with pytest.raises(FetchError, match="broke off after 1000 of"):
            client.download(bad, tmp_path, expect="zip")
        assert target.read_bytes() == b"the last good one"
        got = client.download(
            server.on("/data.zip", Misbehaviour(whole)),
            tmp_path,
            expect="zip",
            progress=lambda n, of: seen.append((n, of)),
        )
    assert got.path == target
    assert target.read_bytes() == whole == got.data
    assert seen[-1] == (len(whole), len(whole))
    assert [path.name for path in tmp_path.iterdir()] == ["data.zip"]


@pytest.mark.parametrize("cached", [False, True])
def test_disk_full(server: Misbehaving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cached: bool) -> None:
    monkeypatch.setattr(file_cache, "draft_of", FullDisk)
    url = server.on("/data.zip", Misbehaviour(zipped(), headers={"ETag": '"1"'}))
    target = tmp_path / "out" / "data.zip"
    target.parent.mkdir()
    target.write_bytes(b"the last good one")
    with (
        patient(cache_dir=tmp_path / "cache" if cached else None) as client,
        pytest.raises(
            StorageError, match=r"No space left on device.; free some space and try again, what was there is kept"
        ),
    ):
        client.download(url, target.parent)
    assert target.read_bytes() == b"the last good one"
    assert [path.name for path in target.parent.iterdir()] == ["data.zip"]


class FullDisk(io.FileIO):
    """A file on a disk that is full."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "xb")

    def write(self, data: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_folder_that_cannot_be_made(server: Misbehaving, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with patient() as client, pytest.raises(StorageError, match=r"Could not write .*file.*; choose a folder"):
        client.download(server.on("/ok", OK), tmp_path / "file")


def test_a_file_of_the_user_stands_in_for_an_address(tmp_path: Path) -> None:
    own = tmp_path / "mine.json"
    own.write_bytes(DATA)
    with patient() as client:
        got = client.get(own, {"ignored": 1}, expect="json")
        copied = client.download(own, tmp_path / "out", expect="json")
    assert (got.data, got.url, got.sha256) == (DATA, own.as_uri(), hashlib.sha256(DATA).hexdigest())
    assert copied.path == tmp_path / "out" / "mine.json"
    assert copied.data == DATA
    page = tmp_path / "page.xlsx"
    page.write_bytes(b"<html><title>Log in</title>")
    assert "a web page ('Log in') came instead of" in refused(patient(), page, NotDataError, expect="zip")
    page.write_bytes(zipped()[:-30])
    assert "that is cut off; fetch the file again." in refused(patient(), page, NotDataError, expect="zip")
    with patient() as client, pytest.raises(MissingFileError, match=r"File '.*none.csv' does not exist"):
        client.get(tmp_path / "none.csv")


def test_a_host_is_not_hurried(server: Misbehaving) -> None:
    clock = SleepingClock()
    with patient(clock, pace_s=0.5) as client:
        for _ in range(4):
            client.get(server.on("/ok", OK))
    assert clock.slept == pytest.approx([0.5, 0.5, 0.5])


def test_proxies_are_those_of_the_environment(server: Misbehaving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    server.on("http://far.invalid/data", OK)
    server.scripts["/data"] = lambda _asked: OK
    with patient() as client:
        assert client.get("http://far.invalid/data").data == DATA
    assert server.asked[-1].headers["host"] == "far.invalid"
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    assert "the proxy named in the environment did not let it through" in refused(patient(), "http://far.invalid/data")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=st.lists(st.sampled_from(["503", "429", "cut", "short"]), max_size=7), retries=st.integers(0, 4))
def test_attempts_are_bounded_and_a_success_ends_them(server: Misbehaving, faults: list[str], retries: int) -> None:
    kinds = {
        "503": BUSY,
        "429": Misbehaviour(status=429, headers={"Retry-After": "2"}),
        "cut": Misbehaviour(DATA[:-4], length=-1),
        "short": Misbehaviour(DATA, length=len(DATA) + 9),
    }
    clock, before = SleepingClock(), len(server.asked)
    url = server.on("/faults", *(kinds[fault] for fault in faults), OK)
    with patient(clock, retries=retries) as client:
        if len(faults) > retries:
            with pytest.raises(FetchError, match=r"\(tried (once|\d times)\)"):
                client.get(url, expect="json")
        else:
            assert client.get(url, expect="json").data == DATA
    attempts = min(len(faults), retries) + 1
    assert len(server.asked) - before == attempts
    assert len(clock.slept) == attempts - 1
    assert sum(clock.slept) <= (attempts - 1) * (http.LONGEST_WAIT_S + 2)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"PK\x03\x04rest", "zip"), (b"\xef\xbb\xbf{}", "json"), (b"  [1]", "json"),
        (b"<?xml version='1.0'?><a/>", "xml"),
        (b"<?xml version='1.0'?><!DOCTYPE HTML PUBLIC ''><html/>", "html"),
        (b"CD_REFNIS|TX", "text"), (b" \n", "empty"),
        (b"SQLite format 3\x00", "gpkg"),
        (b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18", "pbf"), (b"\x7fELF\x00", "unknown"),
    ],
)  # fmt: skip
def test_contents_are_known_by_their_first_bytes(head: bytes, kind: str) -> None:
    assert sniff(head) == kind


@given(st.binary(max_size=300))
def test_any_bytes_can_be_told(head: bytes) -> None:
    assert len(server_words(head)) <= 161
    assert sniff(head)


def test_names_of_files_stay_in_their_folder() -> None:
    assert file_name("https://x/a/pop%201992.xlsx?y=1") == "pop 1992.xlsx"
    assert file_name("https://x/%2e%2e%2f%2e%2e%2fetc%2fpasswd") == "passwd"
    assert file_name("https://x/..%5c..%5cboot.ini") == "boot.ini"
    assert file_name("https://x/") == file_name("https://x/..") == "download"


def test_a_certificate_that_is_not_trusted_is_final() -> None:
    error = requests.exceptions.SSLError("certificate verify failed")
    assert not may_pass(error)
    assert str(lasting(error, "https://z.example/")) == (
        "https://z.example/: the certificate of the server is not trusted; check the clock and the proxy."
    )


def test_a_connection_that_takes_too_long_may_pass() -> None:
    error = requests.ConnectTimeout("timed out")
    assert may_pass(error)
    assert str(why(error, 5, 30)) == "no connection within 5 s"
    assert str(why(urllib3.exceptions.ProtocolError("reset"), 5, 30)) == "the answer broke off"
