"""The areas that partnerships serve, as a level: a zone for every partnership, of whole municipalities.

A municipality that several partnerships serve is in a zone of theirs together, so that births are counted once.
What no partnership is known to serve is unknown, and not "without a house".
"""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.zones.reasons import areas_served, partnership_rows
from coverage.zones.territory import Positions, Territory
from i18n.messages import MessageError
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.levels import HOUSE_AREA
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import service_with_area_rule
from loaders.catalogue.types import Bools
from loaders.snapshot.overlay import OverlaidSnapshot, with_partition
from loaders.snapshot.partition import Partition, partition_of_members
from loaders.snapshot.reader import Snapshot

Objects = npt.NDArray[np.object_]

TOGETHER = "+"
"""Joins the ids of partnerships that serve a municipality together."""

NAMED = 3
"""Municipalities that stand behind a name that several partnerships may have."""

SHARED = "served_by_several"
"""Flag of a zone that several partnerships serve."""


def house_areas(snapshot: Snapshot, facilities: Facilities, territory: Territory | None = None) -> Partition:
    """Zones of the partnerships of a set of places, by the municipalities that its ``serves`` name.

    A partnership whose rows name none serves the municipality that its places lie in.

    Raises
    ------
    InputError
        the set holds no partnership whose municipalities are known
    """
    look = territory or Territory(snapshot)
    rows, number, ids = partnership_rows(facilities.frame, service_with_area_rule().id)
    serves = areas_served(look, rows, number, len(ids))
    if not serves.any():
        raise MessageError("error.question.no_house_area")
    keys = np.array([_key(str(one)) for one in ids], dtype=object)
    names = _names(rows, number, keys, _members_in_words(look, serves))
    zone_of, name_of, shared = [], {}, set()
    for municipality in serves.T:
        there = np.flatnonzero(municipality)
        zone = TOGETHER.join(sorted(keys[there]))
        zone_of.append(zone)
        name_of[zone] = " + ".join(names[one] for one in there[np.argsort(keys[there])])
        if len(there) > 1:
            shared.add(zone)
    members = pd.DataFrame({"zone_id": zone_of, "nis": look.smallest})
    members = members[members["zone_id"] != ""]
    made = partition_of_members(facilities.name, snapshot, members, name_of, region().vintages.smallest)
    flags = made.zones["zone_id"].map(lambda zone: SHARED if zone in shared else None)
    return replace(
        made,
        zones=made.zones.assign(flags=flags),
        level=HOUSE_AREA,
        sources=tuple(facilities.sources),
        evidence=facilities.evidence,
    )


def with_house_areas(snapshot: Snapshot, facilities: Facilities) -> OverlaidSnapshot:
    """Return the snapshot with the areas of the partnerships of a set of places as a level, see `house_areas`."""
    return with_partition(snapshot, house_areas(snapshot, facilities))


def _key(house_id: str) -> str:
    """Id of a partnership as a zone has it: it may stand in a list of areas."""
    return house_id.strip().lower().replace(",", "-").replace(":", "-")


def _members_in_words(look: Territory, serves: Bools) -> list[list[str]]:
    """Names of the municipalities that every partnership serves."""
    names = look.codes[region().name_column(region().vintages.smallest)].to_numpy(object)
    return [list(names[row]) for row in serves]


def _names(rows: pd.DataFrame, number: Positions, keys: Objects, members: list[list[str]]) -> list[str]:
    """Name of every partnership: what the names of its places begin with, else its id.

    Where that names none of the municipalities that it serves, these stand behind it.
    """
    given: list[list[str]] = [[] for _ in keys]
    for partnership, name in zip(number, rows["name"], strict=True):
        if isinstance(name, str) and name.strip():
            given[partnership].append(name.strip())
    return [_name(names, served) or str(key) for names, key, served in zip(given, keys, members, strict=True)]


def _name(names: list[str], served: list[str]) -> str:
    common = _common(names)
    if len(set(names)) <= 1 or not common or any(one in common for one in served):
        return common
    shown = ", ".join(served[:NAMED]) + (" …" if len(served) > NAMED else "")
    return f"{common} ({shown})"


def _common(names: list[str]) -> str:
    """What all names begin with, up to the last whole word."""
    if len(set(names)) <= 1:
        return names[0] if names else ""
    alike = takewhile(lambda words: len(set(words)) == 1, zip(*(name.split() for name in names), strict=False))
    return " ".join(words[0] for words in alike).strip(" -–(,")
