"""Every source at its publisher: does it still answer, and do our parsers still read it?

Run with ``script/test tests/live -m live``. A source whose address moved can be given anew in the environment, as
``NABIJ_SOURCE_BIRTHS=https://…``.
"""

from __future__ import annotations

import pytest

from loaders.catalogue.schemas import TABLES, ZONE_COLUMNS, check_table
from loaders.live.geocode import Geocoder
from loaders.live.registry import LOADERS
from loaders.pipeline.update import RefreshContext

pytestmark = pytest.mark.live


@pytest.mark.parametrize("name", LOADERS)
def test_a_source_gives_what_the_snapshot_needs(live_context: RefreshContext, name: str) -> None:
    update = LOADERS[name](live_context)
    assert update.changes
    assert update.origins
    for change in update.changes:
        if change.resource in TABLES:
            schema = TABLES[change.resource]
            held = live_context.snapshot.resources
            current = live_context.snapshot.table(change.resource) if change.resource in held else None
            check_table(change.resource, change.apply(current), {c.name: c for c in schema.columns}, schema.key)
        else:
            check_table(change.resource, change.apply(None), {c.name: c for c in ZONE_COLUMNS}, ("zone_id",))


def test_an_address_has_a_point(live_context: RefreshContext) -> None:
    geocoder = Geocoder(live_context.client, live_context.address("geocoder"))
    point = geocoder.locate("Botermarkt 1, 9000 Gent")
    assert point is not None
    assert abs(point.x - 104_800) < 500
    assert abs(point.y - 193_900) < 500
