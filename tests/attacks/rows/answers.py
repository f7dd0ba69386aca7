"""What the front answers, status by status: headers that protect, one sentence in the reader's language, and an end."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape

from i18n.edges import PAGE, written_for
from i18n.texts import LANGUAGES, text
from tests.attacks.attack import Attack, Seen
from tests.attacks.rows.front import CALLBACKS, hasty, unprotected
from tests.attacks.target import AttackedServer, answer_of, gives_away

_HOST = b"Host: localhost\r\n"
_WISH = {"fr": b"Accept-Language: fr-BE, nl;q=0.3\r\n", "en": b"Accept-Language: xx, en;q=0.9\r\n", "nl": b""}
_NEXT = b"GET /assets/favicon.ico HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
"""What follows on the same connection; where the front is done with it, this gets no answer."""

_ASKED = b"POST " + CALLBACKS.encode() + b" HTTP/1.1\r\n"
_JSON = b"Content-Type: application/json\r\n"
_LONG = b"a" * 9_000


def _get(path: bytes, more: bytes = b"") -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + _HOST + more


def _post(more: bytes) -> bytes:
    return _ASKED + _HOST + _JSON + more


# What is sent up to the end of the headers, the key of the sentence, and whether the connection then ends.
_REFUSED: dict[str, tuple[int, bytes, str, bool]] = {
    "a folded header": (400, _get(b"/", b"X: a\r\n b\r\n"), "serving.malformed", True),
    "a question from another site": (
        403, _post(b"Origin: http://evil.example\r\nContent-Length: 2\r\n"), "serving.foreign", False,
    ),
    "an address for who develops": (404, _get(b"/_reload-hash"), "serving.not_there", False),
    "DELETE": (405, b"DELETE / HTTP/1.1\r\n" + _HOST, "serving.method", True),
    "GET where a question is sent": (405, _get(CALLBACKS.encode()), "serving.method", False),
    "chunks": (411, _post(b"Transfer-Encoding: chunked\r\n"), "serving.no_length", True),
    "a body of 90 MB": (413, _post(b"Content-Length: 90000000\r\n"), "serving.too_large", True),
    "a body with GET": (413, _get(b"/", b"Content-Length: 9\r\n"), "serving.no_body", True),
    "an address of 9,000 letters": (414, _get(b"/" + _LONG), "serving.address", True),
    "a packed body": (415, _post(b"Content-Encoding: gzip\r\nContent-Length: 2\r\n"), "serving.compressed", True),
    "an expectation": (417, _post(b"Expect: wonders\r\nContent-Length: 2\r\n"), "serving.expectation", True),
    "a foreign name": (421, b"GET / HTTP/1.1\r\nHost: evil.example\r\n", "serving.wrong_host", False),
    "a cookie of 20,000 letters": (431, _get(b"/", b"Cookie: a=" + b"b" * 20_000 + b"\r\n"), "serving.headers", True),
    "300 headers": (431, _get(b"/", b"X: a\r\n" * 300), "serving.headers", True),
    "a method nobody knows": (501, b"BREW / HTTP/1.1\r\n" + _HOST, "serving.method_unknown", True),
    "HTTP/3.0": (505, b"GET / HTTP/3.0\r\n" + _HOST, "serving.version", True),
}  # fmt: skip
_TURNS = ("fr", "en", "nl")


def _told(words: str, key: str) -> str:
    """Language that a sentence is in, when it is this one and nothing else."""
    with written_for(PAGE):
        return next((lang for lang in LANGUAGES if words.strip() == text(key, lang)), "in other words")


def _read(line: socket.socket) -> tuple[bytes, bytes]:
    """First answer on a connection, whole, and whatever else comes before its end."""
    came = b""
    while part := line.recv(65_536):
        came += part
    head, _, rest = came.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    size = int(length[1]) if length else len(rest)
    return head + b"\r\n\r\n" + rest[:size], rest[size:]


def _refused(sent: bytes, key: str, lang: str, target: AttackedServer) -> Seen:
    first, _, fields = sent.partition(b"\r\n")
    asked = first + b"\r\n" + _WISH[lang] + fields + b"\r\n" + (b"{}" if b"Content-Length: 2\r\n" in fields else b"")
    with target.line(asked + _NEXT) as line:
        first_answer, rest = _read(line)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(first_answer)
        theirs.shutdown(socket.SHUT_WR)
        answer = answer_of(ours)
    wrong = unprotected(answer)
    if not answer.headers.get("Content-Type", "").startswith("text/plain"):
        wrong.append("no plain text")
    if gives_away(answer.text):
        wrong.append("gives the server away")
    said = [str(answer.status), _told(answer.text, key), "goes on" if rest else "closed"]
    return Seen(", ".join([*said, *wrong]), answer.text[:300])


def _late(lang: str, target: AttackedServer) -> Seen:
    with hasty(target).line(b"GET /gegevens HTTP/1.1\r\n" + _HOST + _WISH[lang]) as line:
        answer = answer_of(line)
        ended = "goes on" if line.recv(1) else "closed"
    return Seen(", ".join([str(answer.status), _told(answer.text, "serving.slow"), ended, *unprotected(answer)]))


def _too_often(lang: str, target: AttackedServer) -> Seen:
    """Whoever asks without end is told so on every further request, and when to come back."""
    headers = {"Cookie": f"nabij_visitor={'d' * 43}", "Accept-Language": lang}
    answers = (hasty(target).get("/gegevens", headers) for _ in range(60))
    refused = next(answer for answer in answers if answer.status == 429)
    wrong = unprotected(refused) + ([] if int(refused.headers["Retry-After"]) > 0 else ["no time"])
    return Seen(", ".join(["429", _told(refused.text, "serving.too_many"), *wrong]), refused.text[:300])


def _nobody_there(lang: str, target: AttackedServer) -> Seen:
    """A page that does not exist is a page, in one language."""
    answer = target.get("/nergens", {"Accept-Language": lang})
    whole = f'<html lang="{lang}">' in answer.text and text("serving.page_not_there", lang) in unescape(answer.text)
    wrong = unprotected(answer) + (["a script"] if "<script" in answer.text else [])
    wrong += ["gives the server away"] if gives_away(re.sub(r"<[^>]+>", " ", answer.text)) else []
    return Seen(", ".join([str(answer.status), lang if whole else "another page", *wrong]), answer.seen().words)


def _only_headers(target: AttackedServer) -> Seen:
    """HEAD gets no body, also where it is refused before anybody read it."""
    asked = b"HEAD / HTTP/1.1\r\n" + _HOST + b"X: " + b"a" * 20_000 + b"\r\n\r\n"
    with target.line(asked) as line:
        came = b""
        while part := line.recv(65_536):
            came += part
    head, _, body = came.partition(b"\r\n\r\n")
    return Seen(f"{head.split(b' ')[1].decode()}, {len(body)} bytes")


def _rows() -> Iterator[Attack]:
    for number, (what, (status, sent, key, ends)) in enumerate(_REFUSED.items()):
        lang = _TURNS[number % len(_TURNS)]
        expected = f"{status}, {lang}, {'closed' if ends else 'goes on'}"
        tried = f"{what}, then another request; the reader's language is {lang}"
        yield Attack(f"answer-{status}-{number}", "front", tried, expected, partial(_refused, sent, key, lang))
    yield Attack("answer-408", "front", "headers that do not end, in English", "408, en, closed", partial(_late, "en"))
    yield Attack("answer-429", "front", "requests without end, in French", "429, fr", partial(_too_often, "fr"))
    for lang in LANGUAGES:
        attempt: Callable[[AttackedServer], Seen] = partial(_nobody_there, lang)
        yield Attack(f"answer-404-{lang}", "http", f"a page that is not there, in {lang}", f"404, {lang}", attempt)
    yield Attack("answer-head", "front", "HEAD with headers that are too long", "431, 0 bytes", _only_headers)


ROWS = tuple(_rows())
