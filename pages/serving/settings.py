"""What the front allows, each number declared once; `docs/serving.md` explains them to who runs a server."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from i18n.messages import MessageError

PREFIX = "NABIJ_SERVE_"
"""Before the name of a setting in the environment: ``NABIJ_SERVE_IDLE_S=30``."""

OWN_NAMES = {"trusted_proxies": "NABIJ_TRUSTED_PROXIES"}
_MAY_BE_ZERO = {"trusted_proxies"}
_RESERVED = 3
"""One in so many threads is kept for pages and files, however much is being worked out."""


@dataclass(frozen=True)
class ServeSettings:
    """Limits of the front.

    Attributes
    ----------
    threads : requests that are answered at the same time
    header_s : within which the headers of a request have to be complete, s
    body_s : within which a body has to be complete, s; larger ones get more by ``body_rate``
    body_rate : the slowest rate at which a body may come, bytes/s
    idle_s : after which a connection without a request is closed, s
    send_s : within which an answer has to be taken, s; larger ones get more by ``send_rate``
    send_rate : the slowest rate at which an answer may be taken, bytes/s
    stop_s : that running requests get to end when the server is stopped, s
    connections : open connections; when there are more, the oldest idle one of whoever has most is closed
    connections_per_address : open connections of one address
    running_per_address : requests of one address that are worked out at the same time
    running_per_visitor : requests of one browser that are worked out at the same time
    waiting_per_address : requests of one address that may wait for their turn
    waiting_per_visitor : requests of one browser that may wait for their turn
    address_rate : credit that an address gets, per s; a file costs 1, an answer 10, a file to download 50
    address_burst : credit that an address can save up
    visitor_rate : credit that a browser gets, per s
    visitor_burst : credit that a browser can save up
    url_bytes : of the first line of a request
    header_bytes : of all headers
    headers : number of headers
    callback_bytes : body of a question from the page
    upload_bytes : body of a question from the page that holds a file
    bodies_bytes : of all bodies that are coming in or wait, together
    bodies_bytes_per_address : the same, of one address
    unsent_bytes : of all answers that are not taken yet; beyond it connections of whoever leaves most are closed
    trusted_proxies : proxies in front whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed
    """

    threads: int = 12
    header_s: float = 10.0
    body_s: float = 30.0
    body_rate: float = 50_000.0
    idle_s: float = 20.0
    send_s: float = 60.0
    send_rate: float = 10_000.0
    stop_s: float = 10.0
    connections: int = 1_000
    connections_per_address: int = 400
    running_per_address: int = 6
    running_per_visitor: int = 3
    waiting_per_address: int = 256
    waiting_per_visitor: int = 32
    address_rate: float = 600.0
    address_burst: float = 30_000.0
    visitor_rate: float = 60.0
    visitor_burst: float = 3_000.0
    url_bytes: int = 8_192
    header_bytes: int = 16_384
    headers: int = 100
    callback_bytes: int = 1_000_000
    upload_bytes: int = 8_000_000
    bodies_bytes: int = 400_000_000
    bodies_bytes_per_address: int = 100_000_000
    unsent_bytes: int = 300_000_000
    trusted_proxies: int = 0

    @property
    def working(self) -> int:
        """Requests that are worked out at the same time; the other threads are for pages and files."""
        return max(1, self.threads - max(1, self.threads // _RESERVED))

    @property
    def tick_s(self) -> float:
        """How often the front looks for connections that are over their time, s."""
        return min(0.5, self.header_s / 4, self.idle_s / 4)

    @classmethod
    def of_environment(cls, environ: Mapping[str, str] | None = None) -> ServeSettings:
        """Gather what the environment says.

        Raises
        ------
        MessageError
            a value that is not a number, or not above zero, or a setting that does not exist
        """
        environ = os.environ if environ is None else environ
        known = {variable(one.name) for one in fields(cls)}
        for name in environ:
            if name.startswith(PREFIX) and name not in known:
                raise MessageError("serving.unknown_setting", name=name, known=", ".join(sorted(known)))
        given: dict[str, float] = {}
        for one in fields(cls):
            name = variable(one.name)
            if environ.get(name, "").strip():
                number = _number(name, environ[name].strip(), zero=one.name in _MAY_BE_ZERO)
                given[one.name] = int(number) if isinstance(one.default, int) else number
        return cls(**given)  # type: ignore[arg-type]


def variable(name: str) -> str:
    """Return what a setting is called in the environment."""
    return OWN_NAMES.get(name, f"{PREFIX}{name.upper()}")


def _number(name: str, value: str, *, zero: bool) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < 0 or (number == 0 and not zero) or (0 < number < 1 and zero):
        raise MessageError("serving.setting", name=name, value=value)
    return number
