"""What the front says when it does not take a request in: a status and one sentence in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qs

from i18n.texts import DEFAULT_LANGUAGE, LANGUAGES, text
from pages.serving.headers import fixed_headers

_QUERY_BYTES = 4_096
_WEIGHTED = re.compile(r"\s*([a-zA-Z]{1,8})(?:-[\w-]*)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?")


class Refusal(Exception):  # noqa: N818  (an answer, raised to give it)
    """A request that is not taken in.

    Parameters
    ----------
    status : of HTTP
    key : of the sentence in the catalogue
    retry_s : after which it makes sense to come back, s
    allow : methods that are possible
    values : what the sentence names
    """

    def __init__(self, status: int, key: str, retry_s: float = 0.0, allow: str = "", **values: str) -> None:
        super().__init__(status, key)
        self.status, self.key, self.values = HTTPStatus(status), key, values
        self.retry_s, self.allow = retry_s, allow

    @property
    def line(self) -> str:
        """Status as it stands in an answer."""
        return f"{self.status.value} {self.status.phrase}"

    def sentence(self, lang: str) -> str:
        """Return what is wrong and what to do."""
        return text(self.key, lang, **self.values)

    def headers(self) -> list[tuple[str, str]]:
        """Headers of the answer, those of every answer included."""
        more = [("Retry-After", str(max(1, round(self.retry_s))))] if self.retry_s else []
        more += [("Allow", self.allow)] if self.allow else []
        return [
            *fixed_headers(),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Cache-Control", "no-store"),
            *more,
        ]


_BY_STATUS = {
    400: "serving.malformed",
    413: "serving.too_large",
    431: "serving.headers",
    501: "serving.method_unknown",
}


def refusal_of(status: int) -> Refusal:
    """Return our own words for a status that a library gives."""
    key = _BY_STATUS.get(status)
    return Refusal(status, key) if key else Refusal(500, "serving.failed")


def reader_language(query: str, headers: Mapping[str, str], default: str = DEFAULT_LANGUAGE) -> str:
    """Language of whoever asks: of the address, of the page asked from, of the browser, else the default.

    Parameters
    ----------
    query : after the question mark of the address
    headers : ``REFERER`` and ``ACCEPT_LANGUAGE``
    """
    for address in (query, headers.get("REFERER", "").partition("?")[2]):
        named = parse_qs(address[:_QUERY_BYTES]).get("lang", [""])[0]
        if named in LANGUAGES:
            return named
    wished: dict[str, float] = {}
    for one in headers.get("ACCEPT_LANGUAGE", "").split(",")[:16]:
        match = _WEIGHTED.fullmatch(one)
        if match and match[1].lower() in LANGUAGES:
            wished.setdefault(match[1].lower(), float(match[2] or 1))
    return max(wished, key=lambda lang: wished[lang]) if any(wished.values()) else default
