"""What can go wrong on the way to a server, which of it may pass, and how a person is told."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests
import urllib3

from i18n.errors import FetchError, NotDataError
from i18n.messages import Alternatives, Message, NumberAsGiven, Reason, Word
from loaders.http.sniff import NAMES, cut_off, is_exception_report, server_words, sniff

OWN_FILE = Word("error.http.own_file")
"""What a person can always do."""

_PASSING_STATUS = (429, 500, 502, 503, 504)
_INCOMPLETE = re.compile(r"IncompleteRead\((\d+) bytes read, (\d+) more expected\)")


class TryAgainError(Exception):
    """A failure that may pass: why, how long the server asks to wait, and the error if it does not pass."""

    def __init__(self, why: Message, after_s: float | None = None, kind: type[FetchError] = FetchError) -> None:
        super().__init__(str(why))
        self.why, self.after_s, self.kind = why, after_s, kind


def may_pass(error: Exception) -> bool:
    """Whether trying again may help."""
    if isinstance(error, requests.exceptions.SSLError):
        return False
    return isinstance(error, (urllib3.exceptions.HTTPError, requests.ConnectionError, requests.Timeout))


def lasting(error: Exception, url: str) -> FetchError:
    """Return the error for a failure that will not pass."""
    if isinstance(error, requests.TooManyRedirects):
        return FetchError(Message("error.http.circle", url=url, own_file=OWN_FILE))
    if isinstance(error, requests.exceptions.SSLError):
        return FetchError(Message("error.http.certificate", url=url))
    return FetchError(Message("error.http.address", url=url, error=Reason(error)))


def why(error: Exception, connect_s: float, read_s: float) -> Message:
    """Reason of a failure that may pass, in words."""
    incomplete = _INCOMPLETE.search(str(error))
    if incomplete:
        came, lacking = map(int, incomplete.groups())
        return Message("error.http.broke_off_after", came=str(came), size=str(came + lacking))
    if isinstance(error, requests.exceptions.ProxyError):
        return Message("error.http.proxy")
    if isinstance(error, requests.ConnectTimeout):
        return Message("error.http.no_connection", seconds=NumberAsGiven(connect_s, "g"))
    if isinstance(error, (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError)):
        return Message("error.http.nothing_sent", seconds=NumberAsGiven(read_s, "g"))
    if isinstance(error, urllib3.exceptions.DecodeError):
        return Message("error.http.compressed")
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return Message("error.http.broke_off")
    words = str(error)
    if "Connection refused" in words:
        return Message("error.http.refused")
    if "NameResolution" in words:
        return Message("error.http.no_server")
    return Message("error.http.failed")


def check_status(answer: requests.Response, url: str, now: datetime) -> None:
    """Pass an answer with status 200 or 304; raise for the others with what the server said."""
    if answer.status_code in (200, 304):
        return
    status = f"status {answer.status_code} {answer.reason or ''}".strip()
    if answer.status_code in _PASSING_STATUS:
        why_not = Message("error.http.passing", status=status)
        raise TryAgainError(why_not, retry_after(answer.headers.get("Retry-After"), now))
    words = server_words(next(answer.iter_content(4096), b""))
    if words:
        raise FetchError(Message("error.http.status_saying", url=url, status=status, words=words, own_file=OWN_FILE))
    raise FetchError(Message("error.http.status", url=url, status=status, own_file=OWN_FILE))


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` header asks to wait, given as seconds or as a date; None when it says nothing."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def check_content(body: Path, head: bytes, expect: tuple[str, ...], url: str) -> None:
    """Raise `NotDataError` unless the body is of a kind expected; `TryAgainError` when it stops before its end."""
    kind = sniff(head)
    if expect and kind not in expect:
        raise NotDataError(_instead(url, kind, head, expect))
    if expect and cut_off(kind, body):
        raise TryAgainError(Message("error.http.cut_off", kind=NAMES[kind]), kind=NotDataError)


def _instead(url: str, kind: str, head: bytes, expect: tuple[str, ...]) -> Message:
    words = server_words(head)
    wanted = Alternatives(NAMES[k] for k in expect)
    if kind == "html":
        return Message("error.http.page", url=url, words=words, wanted=wanted, own_file=OWN_FILE)
    if kind == "xml" and is_exception_report(head):
        return Message("error.http.exception", url=url, words=words)
    return Message("error.http.instead", url=url, kind=NAMES[kind], wanted=wanted, own_file=OWN_FILE)
