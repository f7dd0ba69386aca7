"""Reading a request strictly: what could be understood in two ways, or is larger than it may be, is refused at once."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from waitress.parser import HTTPRequestParser

from pages.serving.refusal import Refusal, refusal_of
from pages.serving.settings import ServeSettings

CALLBACKS = "/_dash-update-component"
"""Path that questions from the page are sent to."""

POSSIBLE = "GET, HEAD, OPTIONS, POST"
_METHODS = {"GET", "HEAD", "OPTIONS", "POST"}
_OTHERS = {"PUT", "DELETE", "PATCH", "TRACE", "CONNECT"}
_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+) HTTP/([0-9])\.([0-9])")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_WISH = re.compile(rb"^accept-language:[ \t]*([\x20-\x7e]{1,200})\r?$", re.IGNORECASE | re.MULTILINE)
_LENGTH_DIGITS = 12
_ONCE = {b"host", b"content-length", b"transfer-encoding", b"content-type", b"content-encoding", b"origin", b"expect"}


class Request(HTTPRequestParser):  # type: ignore[misc]
    """A request as it comes in.

    Parameters
    ----------
    adj : settings of the library
    settings : how large a request may be
    admit : asked once the headers are there; raises a `Refusal` for what is not taken in
    """

    command = path = query = ""
    error: Any = None

    def __init__(self, adj: Any, settings: ServeSettings, admit: Callable[[Request], None]) -> None:
        super().__init__(adj)
        self.settings, self._admit = settings, admit
        self.started = time.monotonic()
        self.headed = 0.0
        self.client = ""
        self.visitor = ""
        self._first = b""

    def received(self, data: bytes) -> int:
        """Take in bytes; return how many belong to this request."""
        before = bytes(self.header_plus)
        try:
            if not self.headers_finished:
                self._check_first_line(data)
            consumed = int(super().received(data))
        except Refusal as refusal:
            self._note_reader(before + data)
            self.refuse(refusal)
            return len(data)
        if self.error is not None and not isinstance(self.error, Refusal):
            self.command = ""  # of headers that were too long, the library read others in their place
            self._note_reader(before + data)
            self.refuse(refusal_of(self.error.code))
            return len(data)
        return consumed

    def refuse(self, refusal: Refusal) -> None:
        """Answer with a refusal, whatever else comes."""
        self.error = refusal
        self.completed = self.headers_finished = True
        self.expect_continue = False

    def give_up(self, refusal: Refusal) -> None:
        """Answer with a refusal, for what came of it does not end."""
        self._note_reader(bytes(self.header_plus))
        self.refuse(refusal)

    def _note_reader(self, raw: bytes) -> None:
        """Note in which language to refuse a request that was not understood, and whether only headers are wanted."""
        if self.command:
            return
        first, _, fields = raw.lstrip(b"\r\n").partition(b"\r\n")
        method, _, target = first.partition(b" ")
        self.command = "HEAD" if method == b"HEAD" else ""
        self.query = target.partition(b"?")[2].partition(b" ")[0].decode("latin-1")
        wish = _WISH.search(fields)
        self.headers = {"ACCEPT_LANGUAGE": wish[1].decode("ascii")} if wish else {}

    def parse_header(self, header_plus: bytes) -> None:
        """Check the headers as they came, and then what they say."""
        if len(header_plus) >= self.settings.header_bytes:
            raise Refusal(431, "serving.headers")
        lines = header_plus.rstrip(b"\r\n").split(b"\r\n")
        self._check_line(lines[0])
        self._check_fields(lines[1:])
        super().parse_header(header_plus)
        self.headed = time.monotonic()
        self._check_meaning()
        self._admit(self)

    @property
    def body_limit(self) -> int:
        """Bytes that the body may have."""
        return self.settings.upload_bytes if self.command == "POST" and self.path == CALLBACKS else 0

    @property
    def body_due(self) -> float:
        """When the body has to be complete, by the monotonic clock."""
        return self.headed + self.settings.body_s + float(self.content_length) / self.settings.body_rate

    def _check_first_line(self, data: bytes) -> None:
        """Stop early where the first line does not end."""
        begin = (self.header_plus + data).lstrip(b"\r\n")
        if b"\r\n" not in begin[: self.settings.url_bytes] and len(begin) >= self.settings.url_bytes:
            raise Refusal(414, "serving.address")

    def _check_line(self, line: bytes) -> None:
        match = _LINE.fullmatch(line)
        if match is None:
            raise Refusal(400, "serving.malformed")
        method, target, version = match[1].decode(), match[2], (match[3], match[4])
        if version not in {(b"1", b"0"), (b"1", b"1")}:
            raise Refusal(505, "serving.version")
        if method in _OTHERS:
            raise Refusal(405, "serving.method", allow=POSSIBLE)
        if method not in _METHODS:
            raise Refusal(501, "serving.method_unknown", allow=POSSIBLE)
        path = unquote_to_bytes(target.partition(b"?")[0])
        doubtful = path[:2] in {b"//", b"/\\"} or b"\\" in path or b"#" in target or _CONTROL.search(path)
        if not path.startswith(b"/") or doubtful:
            raise Refusal(400, "serving.malformed")
        self._http_11 = version == (b"1", b"1")

    def _check_fields(self, fields: list[bytes]) -> None:
        if len(fields) > self.settings.headers:
            raise Refusal(431, "serving.headers")
        names = [field.partition(b":")[0].lower() for field in fields]
        well_formed = all(
            _NAME.fullmatch(name) and b":" in field and not _CONTROL.search(field)
            for name, field in zip(names, fields, strict=True)
        )
        counts = Counter(names)
        hosts = [
            field.partition(b":")[2].strip(b" \t") for name, field in zip(names, fields, strict=True) if name == b"host"
        ]
        host_wrong = (self._http_11 and not hosts) or any(_HOST.fullmatch(host) is None for host in hosts)
        if not well_formed or host_wrong or any(counts[name] > 1 for name in _ONCE):
            raise Refusal(400, "serving.malformed")
        if b"transfer-encoding" in counts:
            both = b"content-length" in counts or not self._http_11
            raise Refusal(400, "serving.malformed") if both else Refusal(411, "serving.no_length")
        self._check_length(fields)

    def _check_length(self, fields: list[bytes]) -> None:
        """See that the length is a number, before anybody reckons with it."""
        for field in fields:
            name, _, value = field.partition(b":")
            digits = value.strip(b" \t")
            if name.lower() == b"content-length" and not re.fullmatch(rb"[0-9]+", digits):
                raise Refusal(400, "serving.malformed")
            if name.lower() == b"content-length" and len(digits) > _LENGTH_DIGITS:
                raise Refusal(413, "serving.too_large")

    def _check_meaning(self) -> None:
        headers = self.headers
        if headers.get("CONTENT_ENCODING", "").lower() not in {"", "identity"}:
            raise Refusal(415, "serving.compressed")
        if headers.get("EXPECT", "").lower() not in {"", "100-continue"}:
            raise Refusal(417, "serving.expectation")
        if self.content_length > self.body_limit:
            raise Refusal(413, "serving.too_large" if self.body_limit else "serving.no_body")
