"""The rule for the area of a partnership, judged of every one, and how it is housed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.core.reach import is_place
from coverage.partnerships.housing import housing
from coverage.zones.reasons import Verdict, areas_served, covers_all, in_scope, join_words, partnership_rows
from coverage.zones.territory import Territory, any_of_column, any_of_row
from loaders.catalogue.columns import RULE_COLUMNS, VIOLATIONS
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import service_with_area_rule
from loaders.catalogue.types import Bools

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot


def house_rule(snapshot: Snapshot, everything: Facilities, territory: Territory | None = None) -> pd.DataFrame:
    """Judge every partnership by the rule that its area covers that of a bureau and stays within one care region.

    The rule (article 9) is of the service that declares ``area_covers``, and a bureau is a place of the service that
    it names there. The area of a partnership is the smallest municipalities that it serves. The area of a bureau is
    those its row says it serves, or the municipality it stands in. Where no municipality of a partnership lies in a
    care region that is known, the second half of the rule is not judged.

    Parameters
    ----------
    snapshot : care regions and municipality codes
    everything : places of all services
    territory : look-ups to reuse

    Returns
    -------
    pandas.DataFrame
        one row per partnership: ``house_id, name, municipalities`` (names, joined by ``;``),
        ``covers_bureau``, ``within_care_region`` (nullable booleans, missing where facts are lacking),
        ``care_regions`` (ids, joined by ``;``), ``violations`` (words of `loaders.catalogue.columns.VIOLATIONS`),
        ``model`` (word of `loaders.catalogue.columns.HOUSE_MODELS`, missing where its places do not tell),
        ``n_places``, ``n_bureaus`` in its area, ``bureaus_on_site`` and their share, missing where the list may lack
        some, ``level`` (house_area), ``vintage`` of the municipalities, ``evidence`` and ``flags`` of the rows of the
        partnership
    """
    look, service = territory or Territory(snapshot), service_with_area_rule()
    rows, number, ids = partnership_rows(everything.frame, service.id)
    serves = areas_served(look, rows, number, len(ids))
    covers = _covers_place(look, everything, serves, service.area_covers)

    planning = region().planning
    members = look.members(planning, region().vintage) if planning else np.zeros((0, len(look.smallest)), dtype=bool)
    shared = serves.astype(np.int64) @ members.T.astype(np.int64)
    touched = shared > 0
    within = any_of_row(shared == serves.sum(axis=1)[:, None])
    crosses = any_of_row(touched) & ~within  # regions are documented whole: who is not in one lies outside
    names, regions = (
        look.codes[region().name_column(region().vintages.smallest)].to_numpy(object),
        (look.zone_ids(planning, region().vintage) if planning else pd.Index([])),
    )
    complete = covers_all(serves, in_scope(look, everything, service.area_covers))
    housed = housing(look, everything.frame, rows, number, serves, service.area_covers, complete)
    broken = dict(zip(VIOLATIONS, (covers.judged & ~covers.holds, crosses), strict=True))
    frame = pd.DataFrame(
        {
            "house_id": np.asarray(ids, dtype=object),
            "name": rows.groupby(number, sort=True)["name"].first().to_numpy(object),
            "municipalities": [";".join(names[row]) for row in serves],
            "covers_bureau": pd.arrays.BooleanArray(covers.holds, ~covers.judged),
            "within_care_region": pd.arrays.BooleanArray(within, ~any_of_row(touched)),
            "care_regions": [";".join(regions[row]) for row in touched],
            "violations": join_words(broken, len(ids)),
            "model": pd.Series(housed.model, dtype="str").to_numpy(object),
            "n_places": housed.places,
            "n_bureaus": housed.others,
            "bureaus_on_site": housed.on_site,
            "share_bureaus_on_site": (housed.on_site / housed.others).astype("Float64").astype("float64"),
            "level": "house_area",
            "vintage": region().vintages.smallest,
            "evidence": everything.evidence,
            "flags": _flags_of(rows, number, len(ids), everything.evidence),
        }
    )[list(RULE_COLUMNS)]
    return frame.sort_values("house_id", ignore_index=True)


def _flags_of(rows: pd.DataFrame, number: npt.NDArray[np.intp], count: int, evidence: str) -> list[str]:
    """(count,) flags on the rows of every partnership, each once."""
    words: list[dict[str, None]] = [{"illustrative": None} if evidence == "illustrative" else {} for _ in range(count)]
    for partnership, flags in zip(number, rows["flags"].fillna(""), strict=True):
        words[partnership].update(dict.fromkeys(word for word in str(flags).split(";") if word))
    return [";".join(flags) for flags in words]


def _covers_place(territory: Territory, everything: Facilities, serves: Bools, service: str) -> Verdict:
    """For every area, whether the whole area of a place of a service lies in it; unknown where some may lack."""
    places = everything.frame[(everything.frame["service"] == service).to_numpy(bool)]
    places = places[is_place(places)]
    areas = areas_served(territory, places, np.arange(len(places)), len(places)).astype(np.int64)
    inside = areas @ serves.T.astype(np.int64) == areas.sum(axis=1)[:, None]
    holds = any_of_column(inside & (areas.sum(axis=1) > 0)[:, None])
    return Verdict(holds, holds | covers_all(serves, in_scope(territory, everything, service)))
