"""How much an address and a browser may ask: credit that fills up steadily and is spent by requests."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock

from pages.serving.settings import ServeSettings

FILE, WORK, ANSWER, HEAVY = 1.0, 3.0, 10.0, 50.0
"""What a request costs: a file of the page, a file that is made, an answer, and an upload, download or search."""

_HELD = 10_000
_V6_NETWORK = 64


@dataclass(frozen=True)
class Asker:
    """Who asks.

    Attributes
    ----------
    address : of the other side, an IPv6 one by its network of 64 bits
    visitor : the browser's secret as it came, empty without one
    """

    address: str
    visitor: str = ""


@lru_cache(maxsize=4_096)
def network_of(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the network of 64 bits that an IPv6 one is in."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.ip_network((parsed, _V6_NETWORK), strict=False))
    return str(parsed)


@dataclass
class Buckets:
    """Credit by key; safe between threads. Of more than 10,000 keys the one used longest ago starts anew.

    Attributes
    ----------
    rate : credit per s
    burst : most credit
    clock : seconds that only go up
    """

    rate: float
    burst: float
    clock: Callable[[], float] = time.monotonic
    _held: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, key: str, cost: float) -> float:
        """Spend credit and return 0; where there is too little, spend nothing and return the seconds until there is."""
        now = self.clock()
        with self._lock:
            credit, at = self._held.pop(key, (self.burst, now))
            credit = min(self.burst, credit + (now - at) * self.rate)
            short = min(cost, self.burst) - credit
            self._held[key] = (credit if short > 0 else credit - cost, now)
            if len(self._held) > _HELD:
                self._held.popitem(last=False)
        return max(0.0, short) / self.rate


class Rates:
    """Credit of addresses and of the browsers behind them."""

    def __init__(self, settings: ServeSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._addresses = Buckets(settings.address_rate, settings.address_burst, clock)
        self._visitors = Buckets(settings.visitor_rate, settings.visitor_burst, clock)

    def take(self, asker: Asker, cost: float) -> float:
        """Spend the credit of a browser and of its address; the seconds to wait where there is too little."""
        if asker.visitor:
            wait = self._visitors.take(f"{asker.address} {asker.visitor}", cost)
            if wait:
                return wait
        return self._addresses.take(asker.address, cost)
