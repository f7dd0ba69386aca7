"""The front: connections that hold, requests that can be read in two ways, names, origins, sizes, and headers."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count

from tests.attacks.attack import Attack, Seen, Way
from tests.attacks.commands import Batch, Given
from tests.attacks.target import AttackedServer, HttpAnswer, answer_of

CALLBACKS = "/_dash-update-component"
_GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
_POST = b"POST /_dash-update-component HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
_HASTY = {
    "NABIJ_SERVE_HEADER_S": "0.3",
    "NABIJ_SERVE_BODY_S": "0.3",
    "NABIJ_SERVE_BODY_RATE": "1000000000",
    "NABIJ_SERVE_IDLE_S": "0.3",
    "NABIJ_SERVE_SEND_S": "0.3",
    "NABIJ_SERVE_SEND_RATE": "1000000000",
    "NABIJ_SERVE_CONNECTIONS_PER_ADDRESS": "40",
    "NABIJ_SERVE_VISITOR_BURST": "30",
    "NABIJ_SERVE_VISITOR_RATE": "0.001",
}
_MANY = 64
_REFUSED = "{}, a sentence"


def hasty(target: AttackedServer) -> AttackedServer:
    """Return a server that waits for nothing for long."""
    return target.beside("hasty", _HASTY)


# Connections that wait: with 64 of them open, somebody else's page comes at once.

_WAITING = {
    "nothing": b"",
    "a letter": b"G",
    "half a first line": b"GET /gegevens",
    "half the headers": _GET + b"Accept: text",
    "headers without an end": _GET,
    "a body of which one byte comes": _POST + b"Content-Length: 100\r\n\r\n{",
    "a file of which a part comes": _POST + b"Content-Length: 7000000\r\n\r\n" + b"{" * 20_000,
    "a body that waits for leave": _POST + b"Content-Length: 100\r\nExpect: 100-continue\r\n\r\n",
    "empty lines": b"\r\n\r\n\r\n\r\n",
    "an answered request": _GET + b"\r\n",
}


def _held(content: bytes) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        lines = [target.line(content) for _ in range(_MANY)]
        seen = target.get("/").seen()
        for line in lines:
            line.close()
        return seen

    return attempt


def _waiting() -> Iterator[Attack]:
    for name, content in _WAITING.items():
        yield Attack(_key("hold"), "front", f"{_MANY} connections with {name}, then a page", "200", _held(content))


def _many_on_hasty(target: AttackedServer) -> Seen:
    server = hasty(target)
    lines = [server.line(_GET) for _ in range(200)]
    seen = server.get("/").seen()
    for line in lines:
        line.close()
    return seen


# Time: what does not come, or is not taken, ends.


def _slow(content: bytes) -> Callable[[AttackedServer], Seen]:
    return lambda target: hasty(target).raw(content).seen()


def _dribble(begin: bytes) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        with hasty(target).line(begin) as line:
            line.settimeout(0.02)
            seen = b""
            while not seen:
                try:
                    seen = line.recv(12) or b"closed"
                except TimeoutError:
                    line.send(b"a")
            return Seen(seen.decode("latin-1").replace("HTTP/1.1 ", "").replace("HTTP/1.0 ", ""))

    return attempt


def _closed(content: bytes) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        with hasty(target).line(content) as line:
            try:
                while line.recv(65_536):
                    pass
            except ConnectionResetError:
                return Seen("closed")
            return Seen("closed")

    return attempt


def _never_read(target: AttackedServer) -> Seen:
    """Ask for much and read nothing: the server lets go of it."""
    server = hasty(target)
    script = max(
        (part.split('"')[0] for part in target.get("/").text.split('src="')[1:] if part.startswith("/")),
        key=lambda link: len(target.get(link).body),
    )
    ask = f"GET {script} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        line.connect(("127.0.0.1", server.port))
        line.sendall(ask * 20)
        seen = server.get("/").seen()
        line.settimeout(60)
        try:
            while line.send(b"\r\n"):
                pass
        except OSError:
            return seen
    return Seen("still there")


_SLOW = {
    "half the headers": (_GET, "408"),
    "a first line that does not end": (b"GET /gegevens", "408"),
    "a body that does not come": (_POST + b"Content-Length: 100\r\n\r\n{", "408"),
    "a file that does not come": (_POST + b"Content-Length: 7000000\r\n\r\n{", "408"),
}
_DRIBBLED = {
    "headers": (_GET + b"X: ", "408"),
    "a first line": (b"GET /", "408"),
    "a body": (_POST + b"Content-Length: 100000\r\n\r\n", "408"),
}
_SILENT = {"nothing": b"", "empty lines": b"\r\n\r\n", "one request": _GET + b"\r\n"}


def _time() -> Iterator[Attack]:
    for name, (content, status) in _SLOW.items():
        yield Attack(_key("slow"), "front", f"{name}, and nothing more", _REFUSED.format(status), _slow(content))
    for name, (content, status) in _DRIBBLED.items():
        yield Attack(_key("dribble"), "front", f"{name} byte by byte", status, _dribble(content))
    for name, content in _SILENT.items():
        yield Attack(_key("silent"), "front", f"a connection with {name}, then silence", "closed", _closed(content))
    yield Attack("front-unread", "front", "twenty large files asked for and none read", "200", _never_read)
    yield Attack("front-crowd", "front", "200 connections where an address may have 40", "200", _many_on_hasty)


# Requests that are written wrongly, or can be read in two ways.

_LONG = b"a" * 9_000
_WRITTEN: dict[str, tuple[bytes, str]] = {
    "Content-Length twice, different": (_POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", "400"),
    "Content-Length twice, the same": (_POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "400"),
    "a list as Content-Length": (_POST + b"Content-Length: 2, 2\r\n\r\n{}", "400"),
    "a negative Content-Length": (_POST + b"Content-Length: -1\r\n\r\n", "400"),
    "Content-Length with a plus": (_POST + b"Content-Length: +2\r\n\r\n{}", "400"),
    "Content-Length in hexadecimal": (_POST + b"Content-Length: 0x2\r\n\r\n{}", "400"),
    "an empty Content-Length": (_POST + b"Content-Length: \r\n\r\n", "400"),
    "Content-Length of 5,000 digits": (_POST + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n", "413"),
    "Content-Length and Transfer-Encoding": (
        _POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "400",
    ),
    "Transfer-Encoding twice": (_POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n", "400"),
    "Transfer-Encoding of HTTP/1.0": (
        _POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "400",
    ),
    "a space before the colon": (_POST + b"Content-Length : 2\r\n\r\n{}", "400"),
    "Transfer-Encoding with a vertical tab": (_POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", "400"),
    "chunks": (_POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "411"),
    "chunks of a wrong size": (_POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", "411"),
    "chunks of an endless size": (_POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n", "411"),
    "an unknown Transfer-Encoding": (_POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", "411"),
    "a folded header": (_GET + b"X: a\r\n b\r\n\r\n", "400"),
    "a folded first header": (b"GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", "400"),
    "NUL in a header": (_GET + b"X: a\x00b\r\n\r\n", "400"),
    "CR in a header": (_GET + b"X: a\rb\r\n\r\n", "400"),
    "LF in a header": (_GET + b"X: a\nY: b\r\n\r\n", "400"),
    "a header without a colon": (_GET + b"nonsense\r\n\r\n", "400"),
    "a header without a name": (_GET + b": x\r\n\r\n", "400"),
    "a name with a bracket": (_GET + b"X(y): x\r\n\r\n", "400"),
    "no Host": (b"GET / HTTP/1.1\r\n\r\n", "400"),
    "two Hosts": (_GET + b"Host: evil.example\r\n\r\n", "400"),
    "an empty Host": (b"GET / HTTP/1.1\r\nHost:\r\n\r\n", "400"),
    "a Host with a path": (b"GET / HTTP/1.1\r\nHost: localhost/evil\r\n\r\n", "400"),
    "a Host with a user": (b"GET / HTTP/1.1\r\nHost: localhost@evil\r\n\r\n", "400"),
    "an absolute address": (b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
    "an address of another server": (b"GET //evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
    "the same in percents": (b"GET /%2fevil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
    "a backslash in percents": (b"GET /%5cevil.example HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
    "NUL in percents": (b"GET /assets/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
    "a line break in percents": (b"GET /x%0d%0aSet-Cookie:a=b HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
    "a fragment": (b"GET /#x HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
    "an address without a slash": (b"GET nergens HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
    "a star": (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
    "letters outside ASCII": ("GET /é HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(), "400"),
    "a space in the address": (b"GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
    "two spaces": (b"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"),
    "HTTP/0.9": (b"GET /\r\n\r\n", "400"),
    "HTTP/2.0": (b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", "505"),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "400"),
    "a method in small letters": (b"get / HTTP/1.1\r\nHost: localhost\r\n\r\n", "501"),
    "an address of 9,000 letters": (b"GET /" + _LONG + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", "414"),
    "an address that does not end": (b"GET /" + _LONG, "414"),
    "a query of 9,000 letters": (b"GET /?x=" + _LONG + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", "414"),
    "a header of 20,000 letters": (_GET + b"X: " + b"a" * 20_000 + b"\r\n\r\n", "431"),
    "a cookie of 20,000 letters": (_GET + b"Cookie: nabij_visitor=" + b"a" * 20_000 + b"\r\n\r\n", "431"),
    "200 headers": (_GET + b"X: a\r\n" * 200 + b"\r\n", "431"),
    "headers that do not end": (_GET + b"X: a\r\n" * 4_000, "431"),
    "a compressed body": (_POST + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", "415"),
    "a body of brotli": (_POST + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\n{}", "415"),
    "an expectation": (_POST + b"Expect: wonders\r\nContent-Length: 2\r\n\r\n{}", "417"),
    "GET with a body": (_GET + b"Content-Length: 5\r\n\r\nhello", "413"),
    "HEAD with a body": (_GET.replace(b"GET", b"HEAD") + b"Content-Length: 5\r\n\r\nhello", "413"),
    "POST to a page": (_POST.replace(b"/_dash-update-component", b"/") + b"Content-Length: 5\r\n\r\nhello", "413"),
    "a question announced as 9 MB": (_POST + b"Content-Length: 9000000\r\n\r\n", "413"),
}
_PIPELINED = (
    "a second request behind a body that is too short",
    _POST + b"Content-Length: 0\r\n\r\n" + b"GET /x HTTP/1.1\r\nHost: evil.example\r\n\r\n",
)


def _raw(content: bytes) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        answer = target.raw(content)
        if content.startswith(b"HEAD"):
            return Seen(str(answer.status))
        return answer.seen()

    return attempt


def _second(content: bytes) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        with target.line(content) as line:
            answers = line.makefile("rb")
            answers.readline()  # the first status; who would leave now might not be answered any more
            second = next((one for one in answers if one.startswith(b"HTTP/")), b"")
        return Seen(second.split(b" ")[1].decode() if second else "nothing")

    return attempt


def _written() -> Iterator[Attack]:
    for name, (content, status) in _WRITTEN.items():
        expected = status if content.startswith(b"HEAD") else _REFUSED.format(status)
        yield Attack(_key("written"), "front", name, expected, _raw(content))


# Methods, names, origins.

_METHODS = {
    **{("GET", path): "405" for path in (CALLBACKS,)},
    **{(method, "/"): "405, a sentence" for method in ("PUT", "DELETE", "PATCH", "TRACE")},
    **{(method, "/"): "501, a sentence" for method in ("PROPFIND", "SEARCH", "BREW", "FOO")},
    **{("HEAD", path): "200" for path in ("/", "/gegevens", "/assets/favicon.ico")},
    ("HEAD", "/nergens"): "404",
    ("OPTIONS", "/"): "200",
}
_NAMES = {
    **dict.fromkeys(("localhost", "localhost:80", "LOCALHOST", "127.0.0.1", "127.1.2.3:8050", "[::1]:8050"), "200"),
    **dict.fromkeys(
        (
            *("evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "localhost.", "xlocalhost", "0.0.0.0"),
            *("169.254.169.254", "10.0.0.1:8050", "[::]", "[2001:db8::1]", "2130706433", "0x7f000001", "127.1"),
            *("rebind.network", "a.localhost.com", "nabij"),
        ),
        "421, a sentence",
    ),
}
_ORIGINS = {
    **dict.fromkeys(
        (
            *("http://evil.example", "https://evil.example:443", "null", "http://localhost:3000", "file://", ""),
            *("http://localhost.evil.example", "chrome-extension://abc", "http://[", "javascript:alert(1)", "http://"),
        ),
        "403, a sentence",
    ),
}
_SITES = {"cross-site": "403, a sentence", "same-site": "403, a sentence"}


def _method(method: str, path: str) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        seen = target.ask(method, path).seen()
        return Seen(seen.outcome.partition(",")[0], seen.words) if method in {"GET", "HEAD"} else seen

    return attempt


def _named(host: str) -> Callable[[AttackedServer], Seen]:
    return lambda target: target.get("/", {"Host": host}).seen()


def _question(headers: dict[str, str]) -> Callable[[AttackedServer], Seen]:
    return lambda target: target.post(CALLBACKS, {}, headers).seen()


def _own_origin(target: AttackedServer) -> Seen:
    headers = {"Origin": f"http://{target.host}", "Sec-Fetch-Site": "same-origin"}
    choices = {"service": "bureau", "lang": "nl"}
    return target.callback("view.data", headers, choices=choices).seen()


def _names() -> Iterator[Attack]:
    for (method, path), expected in _METHODS.items():
        yield Attack(_key("method"), "http", f"{method} {path}", expected, _method(method, path))
    for host, expected in _NAMES.items():
        yield Attack(_key("host"), "http", f"Host: {host}", expected, _named(host))
    for origin, expected in _ORIGINS.items():
        yield Attack(
            _key("origin"), "http", f"a question with Origin: {origin}", expected, _question({"Origin": origin})
        )
    for site, expected in _SITES.items():
        headers = {"Sec-Fetch-Site": site}
        yield Attack(_key("site"), "http", f"a question with Sec-Fetch-Site: {site}", expected, _question(headers))
    yield Attack("front-own-origin", "http", "a question from the page itself", "200", _own_origin)


# Sizes of bodies, by what is asked.


def _sized(filled: str, size: int) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        output = next(name for name in target.dependencies if filled in name)
        body = json.dumps({"output": output, "filler": "x" * size}).encode()
        answer = target.post(CALLBACKS, body)
        return answer.seen() if answer.status == 413 else Seen("taken in")

    return attempt


def _unreadable(target: AttackedServer) -> Seen:
    return target.post(CALLBACKS, b"[" * 1_500_000).seen()


def _ids(target: AttackedServer) -> Seen:
    """10,000 ids of 20 letters fit in the body."""
    wanted = {"form": "csv", "ids": [f"{number:020}" for number in range(10_000)]}
    answer = target.callback("file.data", wanted=wanted, choices={"service": "bureau", "lang": "nl"})
    return Seen("refused as too large" if answer.status == 413 else "taken in")


def _sizes() -> Iterator[Attack]:
    too_large = "413, a sentence"
    for filled in ("view.data", "sheet.children", "file.data", "plan.data"):
        yield Attack(_key("size"), "http", f"a question of 1.5 MB for {filled}", too_large, _sized(filled, 1_500_000))
    for filled in ("list-review.children", "plan-uploaded.children"):
        yield Attack(_key("size"), "http", f"a file of 6 MB for {filled}", "taken in", _sized(filled, 6_000_000))
        yield Attack(_key("size"), "http", f"a file of 8.5 MB for {filled}", too_large, _sized(filled, 8_500_000))
    yield Attack("front-unreadable", "http", "1.5 MB of brackets", too_large, _unreadable)
    yield Attack("front-ids", "http", "a download of 10,000 ids", "taken in", _ids)


# Headers of every kind of answer.

_EVERYWHERE = {
    "Content-Security-Policy": ("object-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "script-src 'self'"),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("DENY",),
    "Referrer-Policy": ("same-origin",),
    "Permissions-Policy": ("geolocation=()", "camera=()"),
    "Cross-Origin-Opener-Policy": ("same-origin",),
    "Cross-Origin-Resource-Policy": ("same-origin",),
    "Cross-Origin-Embedder-Policy": ("credentialless",),
}
_KINDS: dict[str, tuple[str, Callable[[AttackedServer], HttpAnswer]]] = {
    "the page": ("private, no-cache", lambda target: target.get("/")),
    "another page": ("private, no-cache", lambda target: target.get("/plannen")),
    "a page that is not there": ("no-store", lambda target: target.get("/nergens")),
    "an asset": ("public, max-age=3600", lambda target: target.get("/assets/css/10-base.css")),
    "an asset by its version": (
        "public, max-age=31536000, immutable",
        lambda target: target.get("/assets/css/10-base.css?m=1"),
    ),
    "an asset that is not there": ("no-store", lambda target: target.get("/assets/nergens.js")),
    "the layout": ("no-store", lambda target: target.get("/_dash-layout")),
    "the dependencies": ("no-store", lambda target: target.get("/_dash-dependencies")),
    "an answer": ("no-store", lambda target: target.callback("view.data", choices={"service": "bureau"})),
    "a template": ("no-store", lambda target: target.get("/templates/places.csv")),
    "a picture that is not there": ("no-store", lambda target: target.get("/raster/x/y-z.png")),
    "a wrong method": ("no-store", lambda target: target.get(CALLBACKS)),
    "a method nobody knows": ("no-store", lambda target: target.ask("BREW", "/")),
    "a wrong name": ("no-store", lambda target: target.get("/", {"Host": "evil.example"})),
    "a foreign question": ("no-store", lambda target: target.post(CALLBACKS, {}, {"Origin": "http://evil.example"})),
    "an unreadable request": ("no-store", lambda target: target.raw(b"nonsense\r\n\r\n")),
    "a body that is too large": ("no-store", lambda target: target.raw(_POST + b"Content-Length: 9000000\r\n\r\n")),
    "a request that came too late": ("no-store", lambda target: hasty(target).raw(_GET)),
}


def unprotected(answer: HttpAnswer) -> list[str]:
    """What an answer lacks of what every answer carries, by name of the header, and what it should not tell."""
    wrong = [
        name for name, parts in _EVERYWHERE.items() if not all(part in answer.headers.get(name, "") for part in parts)
    ]
    policy = answer.headers.get("Content-Security-Policy", "")
    script = next((rule for rule in policy.split("; ") if rule.startswith("script-src")), "")
    wrong += ["inline script"] if "unsafe" in script or "*" in script or "http" in script else []
    return wrong + (["Server"] if "Server" in answer.headers else [])


def _headers(ask: Callable[[AttackedServer], HttpAnswer]) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        answer = ask(target)
        wrong = unprotected(answer)
        return Seen(", ".join(wrong) or answer.headers.get("Cache-Control", "kept for no one knows how long"))

    return attempt


def _protected() -> Iterator[Attack]:
    for kind, (cached, ask) in _KINDS.items():
        yield Attack(_key("headers"), "http", f"headers of {kind}", cached, _headers(ask))


# Addresses for who develops, limits of a browser, and the end.


def _developers(path: str) -> Callable[[AttackedServer], Seen]:
    return lambda target: target.get(path).seen()


def _greedy(target: AttackedServer) -> Seen:
    server = hasty(target)
    mine, yours = ({"Cookie": f"nabij_visitor={letter * 43}"} for letter in "ab")
    answers = [server.get("/", mine) for _ in range(40)]
    refused = next(answer for answer in answers if answer.status == 429)
    told = "when to come back" if int(refused.headers["Retry-After"]) > 0 else "nothing"
    return Seen(f"{refused.seen().outcome}, {told}; another {server.get('/', yours).status}", refused.seen().words)


def _stopped(target: AttackedServer) -> Seen:
    """Stop a server that has a half request, an idle connection and one that is being answered."""
    server = target.beside("stopped", {"NABIJ_SERVE_STOP_S": "60"})
    lines = [server.line(), server.line(_GET), server.line(_GET + b"\r\n")]
    answered = answer_of(lines[2]).status
    server.process.send_signal(signal.SIGTERM)
    code = server.process.wait(60)
    for line in lines:
        line.close()
    return Seen(f"{answered}, exit {code}")


def _forged(target: AttackedServer) -> Seen:
    """Credit is not got back by saying that one is somebody else."""
    server = hasty(target)
    answers = [
        server.get("/", {"Cookie": f"nabij_visitor={'c' * 43}", "X-Forwarded-For": f"203.0.113.{number}"}).status
        for number in range(40)
    ]
    return Seen("429" if 429 in answers else "all answered")


_ALLOWED = ("http://nabij.be/", "*")
_BATCH = Batch(
    "hosts", lambda _: Given({name: ("serve", "--port", "0", "--allow-host", name) for name in _ALLOWED}, {})
)


def _rest() -> Iterator[Attack]:
    for name in _ALLOWED:
        told = f"nabij serve --allow-host {name}"
        yield Attack(_key("allow"), "command", told, "exit 1, a sentence", partial(_BATCH.seen, row=name))
    for path in ("/_reload-hash", "/_dash-debug", "/_alive_x", "/console", "/.git/config", "/app.py"):
        yield Attack(_key("closed"), "http", path, "404, a sentence", _developers(path))
    expected = "429, a sentence, when to come back; another 200"
    yield Attack("front-greedy", "front", "one browser that asks without end", expected, _greedy)
    yield Attack("front-forged", "front", "the same under forged addresses", "429", _forged)
    yield Attack("front-stopped", "front", "SIGTERM with connections open", "200, exit 0", _stopped)
    yield Attack(_key("written"), "front", _PIPELINED[0], "421", _second(_PIPELINED[1]))


_numbers = count(1)


def _key(kind: str, way: Way = "front") -> str:
    return f"{way}-{kind}-{next(_numbers)}"


ROWS = (*_waiting(), *_time(), *_written(), *_names(), *_sizes(), *_protected(), *_rest())
