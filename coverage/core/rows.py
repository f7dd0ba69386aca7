"""What every row of every table says of itself: of which zones, of which children, and how the places are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.core.minutes import with_minutes
from loaders.catalogue.columns import FLAGS
from loaders.catalogue.types import Bools

if TYPE_CHECKING:
    from coverage.core.demand import Demand
    from coverage.core.query import Query
    from loaders.catalogue.facilities import Facilities

PLACE = "place"
"""``level`` of a row that is about a place and not about a zone."""

STALE_YEARS = 2
"""Places and children may be so many years apart before a row says that they are of different years."""


def stale(as_of: pd.Series, births_year: int) -> Bools:
    """(n,) whether a place is known as of a year too far from that of the children; false for one without a date."""
    year = pd.to_numeric(as_of.astype("str").str.slice(0, 4), errors="coerce").to_numpy(np.float64)
    return np.asarray(np.abs(year - births_year) > STALE_YEARS, dtype=bool)


def add_words(joined: pd.Series, marks: dict[str, Bools]) -> pd.Series:
    """Flags joined by ``;`` with more of them, each once and in the order of `FLAGS`."""
    word_sets = [set(str(words).split(";")) - {""} for words in joined.fillna("")]
    for word, mark in marks.items():
        for row in np.flatnonzero(mark):
            word_sets[row].add(word)
    order = {word: number for number, word in enumerate(FLAGS)}
    told = [";".join(sorted(words, key=lambda word: order.get(word, len(order)))) for words in word_sets]
    return pd.Series(told, index=joined.index, dtype="str")


def place_flags(rows: pd.DataFrame, demand: Demand) -> pd.Series:
    """Flags of facility rows together with what follows from the children that are counted at them."""
    everywhere = np.ones(len(rows), dtype=bool)
    marks = {
        "illustrative": (rows["evidence"] == "illustrative").to_numpy(bool),
        "proxy_births": everywhere & demand.proxy,
        "stale": stale(rows["as_of"], demand.year),
    }
    return add_words(rows["flags"], marks)


def about_places(
    table: pd.DataFrame,
    query: Query,
    demand: Demand,
    facilities: Facilities,
    ids: npt.ArrayLike,
    details: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """Return a table about places with what every row says of itself.

    ``level`` is `PLACE`; ``vintage`` is that of the borders by which areas were read.

    Parameters
    ----------
    table : one row per place
    query, demand, facilities : what it answers, the children counted, the places of the service
    ids : (n_rows,) id of the place of every row; of an id that is not in the set, flags are those of the set
    details : what the travel model says of itself; columns in metres of travel get one in minutes beside them
    """
    frame = facilities.frame
    rows = {str(place): row for row, place in enumerate(frame["id"])}
    flags, evidence = [str(words) for words in place_flags(frame, demand)], frame["evidence"].astype("str").to_list()
    old = "stale" if stale(frame["as_of"], demand.year).any() else ""
    shared = ";".join(word for word in ("illustrative" * (facilities.evidence == "illustrative"), old) if word)
    at = [rows.get(str(place)) for place in np.asarray(ids, dtype=object)]
    told = with_minutes(table.reset_index(drop=True), query, details).assign(
        level=PLACE,
        vintage=query.vintage,
        births_kind=demand.kind,
        births_year=demand.year,
        evidence=pd.Series([facilities.evidence if row is None else evidence[row] for row in at], dtype="str"),
        flags=pd.Series([shared if row is None else flags[row] for row in at], dtype="str"),
    )
    return told.assign(flags=add_words(told["flags"], {"proxy_births": np.full(len(told), demand.proxy)}))
