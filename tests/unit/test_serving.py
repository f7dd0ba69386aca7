"""The front: what holds a connection, a thread or the server, and what does not."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import flask
import pytest

from i18n.errors import InputError
from i18n.texts import LANGUAGES, text
from pages.request.client import ClientGoneError, check_client, client_gone, gone_of_request
from pages.request.stopping import on_stop, stop_all
from pages.serving.front import Front, most_connections
from pages.serving.hosts import AllowedHosts, given_hosts, own_addresses, written
from pages.serving.queue import FairQueue, Turn
from pages.serving.rates import FILE, Asker, Buckets, Rates, network_of
from pages.serving.refusal import Refusal, reader_language, refusal_of
from pages.serving.settings import ServeSettings, variable

ROOT = Path(__file__).resolve().parent.parent.parent
Wsgi = Callable[..., Any]
QUICK = ServeSettings(header_s=0.2, body_s=0.2, body_rate=1e9, idle_s=0.2, send_s=0.2, send_rate=1e9)
PATIENT = ServeSettings(header_s=600, body_s=600, idle_s=600, send_s=600)
_WAIT_S = 60.0
CALLBACKS = "/_dash-update-component"


class Application:
    """Answers at once, or where it is asked to when it is let go; remembers what it was told."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Event()
        self.size = 5

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.asked.append(environ)
        body = environ["wsgi.input"].read()
        if environ["PATH_INFO"] == "/wait" or body == b"wait":
            self.begun.release()
            self.let_go.wait(_WAIT_S)
        content = b"x" * self.size
        start_response("200 OK", [("Content-Length", str(len(content)))])
        return [content]


@contextlib.contextmanager
def served(application: Wsgi, settings: ServeSettings) -> Iterator[Front]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        front = Front(application, listener, settings, lang="nl")
        thread = threading.Thread(target=front.run)
        thread.start()
        try:
            yield front
        finally:
            front.stop()
            thread.join()


def connected(front: Front, content: bytes = b"") -> socket.socket:
    line = socket.create_connection(("127.0.0.1", int(front.effective_port)), timeout=_WAIT_S)
    line.sendall(content)
    return line


def answered(line: socket.socket) -> tuple[int, str, dict[str, str]]:
    answer = HTTPResponse(line)
    answer.begin()
    return answer.status, answer.read().decode(), dict(answer.getheaders())


def ask(front: Front, path: str = "/", headers: dict[str, str] | None = None, body: bytes | None = None) -> int:
    connection = HTTPConnection("127.0.0.1", int(front.effective_port), timeout=_WAIT_S)
    connection.request("GET" if body is None else "POST", path, body, headers or {})
    status = connection.getresponse().status
    connection.close()
    return status


def ended(line: socket.socket) -> bool:
    """Wait until the other side has closed."""
    try:
        while line.recv(65_536):
            pass
    except ConnectionResetError:
        return True
    return True


HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
WAIT = b"GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST " + CALLBACKS.encode() + b" HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize("half", [b"", b"GET / HT", HEAD, POST + b"Content-Length: 10\r\n\r\n12"])
def test_a_hundred_halves_leave_every_thread_free(half: bytes) -> None:
    with served(Application(), PATIENT) as front:
        lines = [connected(front, half) for _ in range(100)]
        assert ask(front) == 200
        for line in lines:
            line.close()


def test_a_half_request_is_refused_when_its_time_is_over() -> None:
    with served(Application(), QUICK) as front, connected(front, HEAD) as line:
        status, said, headers = answered(line)
        assert (status, said) == (408, text("serving.slow", "nl") + "\n")
        assert headers["Connection"] == "close"
        assert ended(line)


def test_a_byte_now_and_then_buys_no_time() -> None:
    with served(Application(), QUICK) as front, connected(front) as line:
        with contextlib.suppress(ConnectionError):
            for _ in range(100_000):
                line.sendall(b"GET /" if front.active_channels == {} else b"a")
                if front.active_channels and not any(c.request for c in front.active_channels.values()):
                    break
        assert answered(line)[0] in {400, 408, 414}


def test_a_body_that_does_not_come_is_refused() -> None:
    with served(Application(), QUICK) as front, connected(front, POST + b"Content-Length: 10\r\n\r\n12") as line:
        assert answered(line)[0] == 408


@pytest.mark.parametrize("before", [b"", HEAD + b"\r\n"])
def test_a_connection_that_asks_nothing_is_closed(before: bytes) -> None:
    with served(Application(), QUICK) as front, connected(front, before) as line:
        if before:
            assert answered(line)[0] == 200
        assert ended(line)


def test_a_reader_who_does_not_read_is_let_go() -> None:
    application = Application()
    application.size = 30_000_000
    with served(application, QUICK) as front, connected(front, HEAD + b"\r\n") as line:
        while not application.asked or front.active_channels:
            threading.Event().wait(0.02)
        got = 0
        with contextlib.suppress(ConnectionResetError):
            while part := line.recv(1 << 20):
                got += len(part)
        assert got < application.size


def test_one_address_does_not_take_all_connections() -> None:
    with served(Application(), replace(PATIENT, connections_per_address=20)) as front:
        lines = [connected(front, HEAD) for _ in range(60)]
        assert ask(front) == 200
        assert len(front.active_channels) <= 20
        assert sum(ended(line) for line in lines[:40]) == 40
        for line in lines:
            line.close()


def test_who_works_is_not_sent_away_for_who_comes() -> None:
    application = Application()
    few = replace(PATIENT, connections_per_address=2, connections=2)
    with served(application, few) as front, connected(front, WAIT) as line:
        assert application.begun.acquire(timeout=_WAIT_S)
        for _ in range(5):
            while len(front.active_channels) > 1:
                threading.Event().wait(0.01)
            assert ask(front) == 200
        application.let_go.set()
        assert answered(line)[0] == 200


def test_where_all_are_working_who_comes_is_told_so() -> None:
    application = Application()
    one = replace(PATIENT, connections_per_address=1, connections=1)
    with served(application, one) as front, connected(front, WAIT) as line:
        assert application.begun.acquire(timeout=_WAIT_S)
        with connected(front) as other:
            status, said, headers = answered(other)
        assert (status, said) == (503, text("serving.full", "nl") + "\n")
        assert "Content-Security-Policy" in headers
        application.let_go.set()
        assert answered(line)[0] == 200


def test_work_leaves_threads_for_pages() -> None:
    application = Application()
    settings = replace(PATIENT, threads=4, running_per_address=99, running_per_visitor=99)
    with served(application, settings) as front:
        lines = [connected(front, POST + b"Content-Length: 4\r\n\r\nwait") for _ in range(20)]
        for _ in range(settings.working):
            assert application.begun.acquire(timeout=_WAIT_S)
        assert ask(front) == 200
        application.let_go.set()
        assert [answered(line)[0] for line in lines] == [200] * 20
        for line in lines:
            line.close()


def test_more_than_may_wait_is_told_to_come_back() -> None:
    application = Application()
    settings = replace(PATIENT, threads=2, waiting_per_address=3)
    asked = POST + b"Accept-Language: fr\r\nContent-Length: 4\r\n\r\nwait"
    with served(application, settings) as front:
        lines = [connected(front, asked)]
        assert application.begun.acquire(timeout=_WAIT_S)
        for count in range(1, 4):
            lines.append(connected(front, asked))
            while len(front.task_dispatcher._queue) < count:
                threading.Event().wait(0.01)
        with connected(front, asked) as line:
            status, said, headers = answered(line)
        assert (status, said, headers["Retry-After"]) == (429, text("serving.too_many", "fr") + "\n", "5")
        application.let_go.set()
        assert [answered(line)[0] for line in lines] == [200] * 4
        for line in lines:
            line.close()


def test_credit_is_spent_by_a_browser_and_not_by_its_neighbours() -> None:
    settings = replace(PATIENT, visitor_burst=3, visitor_rate=1e-6)
    mine, yours = ({"Cookie": f"other=1; nabij_visitor={letter * 43}"} for letter in "ab")
    with served(Application(), settings) as front:
        assert [ask(front, headers=mine) for _ in range(5)] == [200, 200, 200, 429, 429]
        assert [ask(front, headers=yours), ask(front)] == [200, 200]


def test_a_running_request_is_let_end_and_nothing_new_is_taken() -> None:
    application = Application()
    with served(application, replace(PATIENT, stop_s=600)) as front:
        idle = connected(front)
        with connected(front, b"GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n") as line:
            assert application.begun.acquire(timeout=_WAIT_S)
            front.stop()
            assert ended(idle)
            idle.close()
            with pytest.raises(ConnectionError):
                ask(front)
            application.let_go.set()
            status, _, headers = answered(line)
            assert (status, headers["Connection"]) == (200, "close")


def test_stopping_does_not_wait_for_ever() -> None:
    application = Application()
    with served(application, replace(PATIENT, stop_s=0.1)) as front, connected(front, WAIT) as line:
        assert application.begun.acquire(timeout=_WAIT_S)
        front.stop()
        assert ended(line)
        application.let_go.set()


_SCRIPT = """
import socket, sys, threading
from pages.serving.front import serve, stop_on_signals
from pages.serving.settings import ServeSettings

def application(environ, start_response):
    print("asked", flush=True)
    if environ["PATH_INFO"] == "/wait":
        sys.stdin.readline()
    start_response("200 OK", [])
    return [b"done"]

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()

def ready(front):
    stop_on_signals(front, lambda: print("stopping", flush=True))
    print(front.effective_port, flush=True)

serve(application, listener, ServeSettings(stop_s=600), ready=ready)
print("ended", flush=True)
"""


@contextlib.contextmanager
def process() -> Iterator[tuple[subprocess.Popen[str], socket.socket]]:
    """A server as a process with a request that runs until a line comes in."""
    command = [sys.executable, "-c", _SCRIPT]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, env={**os.environ}) as running:
        assert running.stdout is not None
        line = socket.create_connection(("127.0.0.1", int(running.stdout.readline())), timeout=_WAIT_S)
        line.sendall(b"GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert running.stdout.readline() == "asked\n"
        try:
            yield running, line
        finally:
            running.kill()
            line.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_asked_to_stop_answers_first(number: signal.Signals) -> None:
    with process() as (running, line):
        assert running.stdout is not None
        assert running.stdin is not None
        running.send_signal(number)
        assert running.stdout.readline() == "stopping\n"
        running.stdin.write("\n")
        running.stdin.flush()
        assert answered(line)[:2] == (200, "done")
        assert running.stdout.readline() == "ended\n"
        assert running.wait(_WAIT_S) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_process_that_is_asked_twice_ends_at_once() -> None:
    with process() as (running, _):
        assert running.stdout is not None
        running.send_signal(signal.SIGTERM)
        assert running.stdout.readline() == "stopping\n"
        running.send_signal(signal.SIGTERM)
        assert running.wait(_WAIT_S) == 128 + signal.SIGTERM


def test_a_server_for_others_says_who_gets_in_and_where(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from cli import main; main()", "serve", "--host", "0.0.0.0", "--port", "0"]
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "NABIJ_DATABASE": str(tmp_path / "plans.sqlite")}
    with subprocess.Popen([*command, "--lang", "en"], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=env) as running:
        assert running.stdout is not None
        try:
            said = [running.stdout.readline().strip() for _ in range(3)]
            assert said[:2] == [text("cli.starting", "en"), text("serving.open", "en")]
            addresses = re.findall(r"http://([0-9.]+):(\d+)", said[2])
            reached = [address for address, _ in addresses if not address.startswith("127.")]
            port = int(addresses[0][1])
            hosts = ["localhost", socket.gethostname(), *reached, "evil.example", "0.0.0.0"]
            statuses = [named(port, host) for host in hosts]
            assert statuses == [200] * (2 + len(reached)) + [421, 421]
            assert "0.0.0.0" not in said[2]
        finally:
            running.terminate()
        assert running.wait(_WAIT_S) == 0


def named(port: int, host: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=_WAIT_S)
    connection.request("GET", "/", headers={"Host": f"{host}:{port}"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_application_can_see_that_the_client_has_left() -> None:
    left = threading.Event()
    begun = threading.Event()
    server = flask.Flask("left")

    @server.get("/wait")
    def wait() -> str:
        gone = gone_of_request()
        assert not client_gone()
        begun.set()
        while not gone():
            threading.Event().wait(0.01)
        with pytest.raises(ClientGoneError):
            check_client()
        left.set()
        return ""

    with served(server.wsgi_app, PATIENT) as front:
        with connected(front, b"GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n"):
            assert begun.wait(_WAIT_S)
        assert left.wait(_WAIT_S)


def test_without_a_front_the_client_is_there() -> None:
    assert not client_gone()
    check_client()


def test_forwarded_headers_are_believed_from_as_many_proxies_as_were_declared() -> None:
    headers = {"X-Forwarded-For": "203.0.113.7, 198.51.100.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil"}
    seen = []
    for proxies in (0, 1, 2, 3):
        application = Application()
        with served(application, replace(PATIENT, trusted_proxies=proxies)) as front:
            assert ask(front, headers=headers) == 200
        environ = application.asked[0]
        seen.append((environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]))
        assert not [name for name in environ if "FORWARDED" in name]
    assert seen == [
        ("127.0.0.1", "http"),
        ("198.51.100.9", "https"),
        ("203.0.113.7", "https"),
        ("127.0.0.1", "https"),
    ]


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("198.51.100.9:4711", "198.51.100.9"),
        ("[2001:db8::1]:4711", "2001:db8::/64"),
        ("2001:db8::1", "2001:db8::/64"),
        ("", "127.0.0.1"),
    ],
)
def test_a_proxy_may_add_the_port(told: str, address: str) -> None:
    application = Application()
    with served(application, replace(PATIENT, trusted_proxies=1)) as front:
        assert ask(front, headers={"X-Forwarded-For": told}) == 200
    assert application.asked[0]["REMOTE_ADDR"] == address


def test_two_requests_on_one_line_are_answered_in_order() -> None:
    application = Application()
    content = HEAD + b"\r\n" + b"GET /second HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with served(application, PATIENT) as front, connected(front, content) as line:
        assert ended(line)
        assert [environ["PATH_INFO"] for environ in application.asked] == ["/", "/second"]


def test_a_body_with_continue_is_taken_and_one_too_large_is_refused_before_it_is_sent() -> None:
    expecting = POST + b"Expect: 100-continue\r\n"
    with served(Application(), PATIENT) as front:
        with connected(front, expecting + b"Content-Length: 2\r\n\r\n") as line:
            assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            line.sendall(b"{}")
            assert answered(line)[0] == 200
        with connected(front, expecting + b"Content-Length: 9000000\r\n\r\n") as line:
            assert answered(line)[0] == 413


def test_no_more_is_sent_ahead_than_a_few() -> None:
    application = Application()
    with served(application, PATIENT) as front:
        with connected(front, b"GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n" + (HEAD + b"\r\n") * 200) as line:
            assert application.begun.acquire(timeout=_WAIT_S)
            application.let_go.set()
            answers = b"".join(iter(lambda: line.recv(65_536), b"")).split(b"HTTP/1.1 ")[1:]
        assert [answer[:3] for answer in answers] == [b"200"] * 8 + [b"429"]


def test_bodies_that_do_not_come_leave_room_for_others() -> None:
    settings = replace(PATIENT, bodies_bytes_per_address=20_000_000)
    with served(Application(), settings) as front:
        lines = [connected(front, POST + b"Content-Length: 8000000\r\n\r\n{") for _ in range(2)]
        while sum(len(channel.bodies) for channel in front._channels) < 2:
            threading.Event().wait(0.01)
        with connected(front, POST + b"Content-Length: 8000000\r\n\r\n{") as line:
            assert answered(line)[0] == 429
        assert ask(front, CALLBACKS, body=b"{}") == 200
        for line in lines:
            line.close()


def test_answers_that_nobody_takes_are_dropped() -> None:
    application = Application()
    application.size = 20_000_000
    with served(application, replace(PATIENT, unsent_bytes=30_000_000)) as front:
        lines = [connected(front, HEAD + b"\r\n") for _ in range(5)]
        while len(application.asked) < 5 or sum(channel.total_outbufs_len for channel in front._channels) > 30_000_000:
            threading.Event().wait(0.01)
        assert ask(front) == 200
        for line in lines:
            line.close()


def test_who_sends_too_much_still_reads_why() -> None:
    with served(Application(), PATIENT) as front:
        assert ask(front, CALLBACKS, body=b"x" * 9_000_000) == 413


def turns(queue: FairQueue[str]) -> list[str]:
    taken = []
    while (turn := queue.take()) is not None:
        taken.append(turn.item)
        queue.done(turn)
    return taken


def test_addresses_and_then_browsers_take_turns_and_files_go_first() -> None:
    queue: FairQueue[str] = FairQueue(ServeSettings())
    for address, visitor, count in (("a", "x", 3), ("a", "y", 1), ("b", "", 2)):
        for number in range(count):
            queue.put(Turn(f"{address}{visitor}{number}", Asker(address, visitor), work=True))
    queue.put(Turn("file", Asker("a"), work=False))
    assert len(queue) == 7
    assert turns(queue) == ["file", "ax0", "b0", "ay0", "b1", "ax1", "ax2"]
    assert len(queue) == queue.working == 0


def test_neither_an_address_nor_a_browser_runs_more_than_it_may() -> None:
    settings = ServeSettings(threads=12, running_per_address=3, running_per_visitor=2)
    queue: FairQueue[str] = FairQueue(settings)
    for address, visitor in [("a", "x")] * 9 + [("a", "y")] * 9 + [("b", "")] * 9:
        queue.put(Turn(address + visitor, Asker(address, visitor), work=True))
    running = []
    while (turn := queue.take()) is not None:
        running.append(turn)
    assert sorted(turn.item for turn in running) == ["ax", "ax", "ay", "b", "b", "b"]
    queue.done(next(turn for turn in running if turn.item == "ay"))
    following = queue.take()
    assert following is not None
    assert following.item == "ay"
    assert sorted(queue.drop_all()) == ["ax"] * 7 + ["ay"] * 7 + ["b"] * 6
    assert not queue.full_for(Asker("a", "x"))


def test_credit_fills_up_and_says_how_long_it_takes() -> None:
    now = [100.0]
    buckets = Buckets(rate=2.0, burst=10.0, clock=lambda: now[0])
    assert [buckets.take("a", 4), buckets.take("a", 4), buckets.take("b", 4)] == [0, 0, 0]
    assert buckets.take("a", 4) == pytest.approx(1.0)
    now[0] += 1.0
    assert buckets.take("a", 4) == 0
    assert buckets.take("b", 1e9) == pytest.approx(1.0)  # what costs more than can be saved up needs all of it


def test_the_address_pays_for_browsers_that_are_made_up() -> None:
    rates = Rates(ServeSettings(address_burst=5, address_rate=1e-6))
    waits = [rates.take(Asker("a", f"made-up-{number}"), FILE) for number in range(7)]
    assert [wait > 0 for wait in waits] == [False] * 5 + [True] * 2
    assert rates.take(Asker("b"), FILE) == 0


def test_ipv6_addresses_count_by_their_network() -> None:
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::2") == "2001:db8:1:2::/64"
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("unknown") == "unknown"


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8050", "127.0.0.1:1", "127.8.8.8", "[::1]:80", "::1", "map.be"]
)
def test_names_of_loopback_and_given_ones_are_answered(host: str) -> None:
    assert AllowedHosts(["Map.be"]).allows(host)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "0.0.0.0", "10.0.0.1", "[::]", "map.be.evil"],
)
def test_other_names_are_not_answered(host: str) -> None:
    assert not AllowedHosts(["map.be"]).allows(host)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:8050", True),
        ("https://map.be", True),
        ("http://localhost:3000", False),
        ("http://evil.example", False),
        ("null", False),
        ("file://", False),
        ("http://[", False),
        ("", False),
        ("https://map.be:8443", True),
        ("http://127.0.0.1:1", False),
        ("http://10.0.0.7:1", False),
        ("http://localhost:8050/x", False),
        ("http://a@localhost:8050", False),
        ("http://localhost:8050 http://evil.example", False),
        ("https://evil@map.be", False),
    ],
)
def test_only_pages_of_our_own_may_ask(origin: str, allowed: bool) -> None:
    assert AllowedHosts(["map.be", "127.0.0.1", "10.0.0.7"]).allows_origin(origin, "localhost:8050") is allowed


def test_given_names_are_names() -> None:
    assert given_hosts(["a.be"], {"NABIJ_ALLOWED_HOSTS": "b.be, 10.0.0.7,,"}) == ["a.be", "b.be", "10.0.0.7"]
    for wrong in ("http://a.be", "a.be:80", "*", "a be", "-a"):
        with pytest.raises(InputError, match="is not the name of a server; give --allow-host"):
            given_hosts([wrong], {})


def test_own_addresses_are_real_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.serving.hosts._NOWHERE", (("127.0.0.1", socket.AF_INET),))
    assert own_addresses("127.0.0.1") == ["127.0.0.1"]
    assert own_addresses("::1") == ["::1"]
    assert {"0.0.0.0", "127.0.0.1", "::"}.isdisjoint([*own_addresses("0.0.0.0"), *own_addresses("::")])
    assert (written("::1"), written("10.0.0.1")) == ("[::1]", "10.0.0.1")


def test_settings_come_from_the_environment_and_have_to_be_numbers() -> None:
    environ = {"NABIJ_SERVE_IDLE_S": "2.5", "NABIJ_SERVE_THREADS": "4", "NABIJ_TRUSTED_PROXIES": "1"}
    settings = ServeSettings.of_environment(environ)
    assert (settings.idle_s, settings.threads, settings.trusted_proxies) == (2.5, 4, 1)
    for name, value in (("NABIJ_SERVE_IDLE_S", "soon"), ("NABIJ_SERVE_THREADS", "0"), ("NABIJ_TRUSTED_PROXIES", "-1")):
        with pytest.raises(InputError, match=f"{name} is '{value}'"):
            ServeSettings.of_environment({name: value})
    with pytest.raises(InputError, match=r"NABIJ_SERVE_IDLE sets nothing; choose one of .*NABIJ_SERVE_IDLE_S"):
        ServeSettings.of_environment({"NABIJ_SERVE_IDLE": "1"})


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
    rows = {
        variable(one.name): f"{one.default:g}" if isinstance(one.default, float) else str(one.default)
        for one in fields(ServeSettings)
    }
    missing = [name for name, value in rows.items() if f"| `{name}` | {value} |" not in page]
    assert missing == []


@pytest.mark.parametrize(
    ("query", "headers", "lang"),
    [
        ("lang=fr", {"ACCEPT_LANGUAGE": "en"}, "fr"),
        ("lang=xx", {"REFERER": "http://localhost/?x=1&lang=en"}, "en"),
        ("", {"ACCEPT_LANGUAGE": "de, fr-BE;q=0.5, en;q=0.7"}, "en"),
        ("", {"ACCEPT_LANGUAGE": "en;q=0, zz"}, "nl"),
        ("", {"ACCEPT_LANGUAGE": ";;;,,q=" * 1000}, "nl"),
    ],
)
def test_a_refusal_is_told_in_the_readers_language(query: str, headers: dict[str, str], lang: str) -> None:
    assert reader_language(query, headers) == lang


def test_every_refusal_is_one_sentence_in_every_language() -> None:
    for status in (400, 413, 431, 501, 500, 599):
        refusal = refusal_of(status) if status != 599 else refusal_of(0)
        for lang in LANGUAGES:
            assert refusal.sentence(lang).endswith(".")
    assert Refusal(429, "serving.too_many", retry_s=0.2).headers()[-1] == ("Retry-After", "1")


def test_the_limit_of_open_files_is_respected() -> None:
    assert 1 <= most_connections(1_000) <= 1_000


def test_what_has_to_end_is_ended_once_and_a_failure_does_not_keep_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    server = flask.Flask("ending")
    done: list[str] = []
    on_stop(server, lambda: done.append("first"))
    on_stop(server, lambda: 1 / 0)
    on_stop(server, lambda: done.append("last"))
    stop_all(server)
    stop_all(server)
    assert done == ["first", "last"]
    assert "could not be ended" in caplog.text
