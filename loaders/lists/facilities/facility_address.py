"""Addresses of a user's list to points, through whatever service can look them up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from i18n.errors import NabijError, Translatable, one_line
from i18n.messages import Reason


class LocatedAddress(Protocol):
    """A point that a service found for an address, in metres; ``precise`` when it is the house itself."""

    @property
    def x(self) -> float: ...  # noqa: D102
    @property
    def y(self) -> float: ...  # noqa: D102
    @property
    def address(self) -> str: ...  # noqa: D102
    @property
    def precise(self) -> bool: ...  # noqa: D102


Locate = Callable[[str], LocatedAddress | None]
"""Looks an address up; None when it finds nothing, a `NabijError` when the service does not answer."""


@dataclass(frozen=True)
class Looked:
    """What came of an address: a point, or the key of what is wrong; ``shown`` is what the message tells."""

    point: npt.NDArray[np.float64] | None
    key: str
    shown: str | Translatable = ""


class AddressLookup:
    """Looks up addresses one by one; once the service fails it is not asked again.

    Parameters
    ----------
    locate : the service; None where there is none, as without a network
    """

    def __init__(self, locate: Locate | None) -> None:
        self._locate = locate
        self._failed: Reason | None = None

    @property
    def at_hand(self) -> bool:
        """Whether there is a service to ask."""
        return self._locate is not None

    def look_up(self, address: str) -> Looked:
        """Point of an address: only when the house itself is found, because the middle of a street says too little."""
        if self._locate is None:
            return Looked(None, "only_address")
        if not self._failed:
            try:
                place = self._locate(address)
            except NabijError as error:
                self._failed = Reason(error, one_line(error).rstrip("."))
        if self._failed:
            return Looked(None, "address_service", self._failed)
        if place is None:
            return Looked(None, "address_unknown")
        if not place.precise:
            return Looked(None, "address_imprecise", place.address)
        return Looked(np.array([place.x, place.y]), "address_found", place.address)
