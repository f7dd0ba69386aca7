"""What can go wrong on the way to a server, which of it may pass, and how a person is told."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests
import urllib3

from i18n.errors import FetchError, NotDataError, one_line
from loaders.http.sniff import NAMES, cut_off, is_exception_report, said, sniff

OWN_FILE = "give the file yourself with --source ID=FILE"
"""What a person can always do."""

_PASSING_STATUS = (429, 500, 502, 503, 504)
_INCOMPLETE = re.compile(r"IncompleteRead\((\d+) bytes read, (\d+) more expected\)")


class TryAgainError(Exception):
    """A failure that may pass: why, how long the server asks to wait, and the error if it does not pass."""

    def __init__(self, why: str, after_s: float | None = None, kind: type[FetchError] = FetchError) -> None:
        super().__init__(why)
        self.after_s, self.kind = after_s, kind


def may_pass(error: Exception) -> bool:
    """Whether trying again may help."""
    if isinstance(error, requests.exceptions.SSLError):
        return False
    return isinstance(error, (urllib3.exceptions.HTTPError, requests.ConnectionError, requests.Timeout))


def lasting(error: Exception, url: str) -> FetchError:
    """Return the error for a failure that will not pass."""
    if isinstance(error, requests.TooManyRedirects):
        return FetchError(f"{url}: redirected in a circle; open it in a browser to see where it went, or {OWN_FILE}.")
    if isinstance(error, requests.exceptions.SSLError):
        return FetchError(f"{url}: the certificate of the server is not trusted; check the clock and the proxy.")
    return FetchError(f"{url}: not an address that can be fetched ({one_line(error)}); give one with http(s)://.")


def why(error: Exception, connect_s: float, read_s: float) -> str:
    """Reason of a failure that may pass, in words."""
    incomplete = _INCOMPLETE.search(str(error))
    if incomplete:
        came, lacking = map(int, incomplete.groups())
        return f"the answer broke off after {came} of {came + lacking} bytes"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy named in the environment did not let it through"
    if isinstance(error, requests.ConnectTimeout):
        return f"no connection within {connect_s:g} s"
    if isinstance(error, (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError)):
        return f"the server sent nothing for {read_s:g} s"
    if isinstance(error, urllib3.exceptions.DecodeError):
        return "the compressed answer is damaged"
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return "the answer broke off"
    words = str(error)
    if "Connection refused" in words:
        return "the server refused the connection"
    if "NameResolution" in words:
        return "no server of that name was found"
    return "the connection failed"


def check_status(answer: requests.Response, url: str, now: datetime) -> None:
    """Pass an answer with status 200 or 304; raise for the others with what the server said."""
    if answer.status_code in (200, 304):
        return
    status = f"status {answer.status_code} {answer.reason or ''}".strip()
    if answer.status_code in _PASSING_STATUS:
        raise TryAgainError(f"the server answered with {status}", retry_after(answer.headers.get("Retry-After"), now))
    words = said(next(answer.iter_content(4096), b""))
    raise FetchError(
        f"{url}: the server answered with {status}" + (f", saying '{words}'" if words else "") + "; "
        f"check the address, or {OWN_FILE}."
    )


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
        raise NotDataError(f"{url}: {_instead(kind, head, ' or '.join(NAMES[k] for k in expect))}.")
    if expect and cut_off(kind, body):
        raise TryAgainError(f"{NAMES[kind]} came that is cut off", kind=NotDataError)


def _instead(kind: str, head: bytes, wanted: str) -> str:
    words = said(head)
    if kind == "html":
        return (
            f"a web page ('{words}') came instead of {wanted}; the site turns programs away or the address has moved: "
            f"fetch the file in a browser and {OWN_FILE}"
        )
    if kind == "xml" and is_exception_report(head):
        return f"the service answered with an error ('{words}'); check the name of the collection and the filter"
    return f"{NAMES[kind]} came instead of {wanted}; check the address, or {OWN_FILE}"
