"""The service that looks addresses up, for who wants it: it goes over the network, so nothing else may depend on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from loaders.lists.facilities.facility_address import Locate


@contextmanager
def address_service(wanted: bool) -> Iterator[Locate | None]:
    """Service of the catalogue that looks addresses up, where that is wanted; None elsewhere."""
    if not wanted:
        yield None
        return
    from loaders.catalogue.settings import Settings
    from loaders.http.client import Client
    from loaders.live.geocode import Geocoder

    settings = Settings.load()
    with Client(settings.cache_dir, contact=settings.contact) as client:
        yield Geocoder(client, settings.address("geocoder")).locate
