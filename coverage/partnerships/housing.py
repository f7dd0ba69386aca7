"""How a partnership is housed: under one roof, spread over antennas, or virtual; and who is on the site with it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.core.reach import is_place
from coverage.core.sites import on_shared_site
from coverage.zones.reasons import areas_served
from coverage.zones.territory import Territory
from loaders.catalogue.types import Bools

ONE_ROOF, ANTENNAS, VIRTUAL = "one_roof", "antennas", "virtual"


class Housing(NamedTuple):
    """How each of ``n`` partnerships is housed.

    Attributes
    ----------
    model : (n,) word of `loaders.catalogue.columns.HOUSE_MODELS`, None where the places do not tell
    places : (n,) places that families can walk into
    others : (n,) places of the other service in its area; missing where the list may lack some
    on_site : (n,) of these on the site of a place of a partnership
    """

    model: npt.NDArray[np.object_]
    places: npt.NDArray[np.int64]
    others: pd.Series
    on_site: pd.Series


def housing(
    territory: Territory,
    frame: pd.DataFrame,
    rows: pd.DataFrame,
    number: npt.NDArray[np.intp],
    serves: Bools,
    other: str,
    complete: Bools,
) -> Housing:
    """Tell how partnerships are housed.

    *Virtual*: no row of it is a place. *Antennas*: several places, or one that is called an antenna. *One roof*: one
    place, with a place of the other service on its site. One place without that may be a desk elsewhere, of which a
    list says nothing: no word.

    Parameters
    ----------
    territory : look-ups on the snapshot
    frame : places of all services
    rows, number : rows of the partnerships, and which each is of (`coverage.zones.reasons.partnership_rows`)
    serves : (n, n_smallest) whom each serves
    other : the service that may share its address
    complete : (n,) whether the list holds all places of the other service in the area
    """
    count = len(serves)
    places = np.bincount(number[is_place(rows)], minlength=count)
    antenna = np.zeros(count, dtype=bool)
    np.logical_or.at(antenna, number, (rows["status"] == "antenna").to_numpy(bool))
    others = frame[((frame["service"] == other).to_numpy(bool)) & is_place(frame)]
    shared = on_shared_site(frame, other)[frame.index.get_indexer(others.index)]
    area = areas_served(territory, others.assign(serves=None), np.arange(len(others)), len(others))
    inside = (area.astype(np.int64) @ serves.T.astype(np.int64)) > 0
    there, on_site = inside.sum(axis=0), (inside & shared[:, None]).sum(axis=0)
    model = np.full(count, None, dtype=object)
    model[(places == 1) & (on_site > 0)] = ONE_ROOF
    model[(places > 1) | antenna] = ANTENNAS
    model[(places == 0) & ~antenna] = VIRTUAL
    told = [pd.Series(values, dtype="Int64").mask(~complete) for values in (there, on_site)]
    return Housing(model, places.astype(np.int64), told[0], told[1])
