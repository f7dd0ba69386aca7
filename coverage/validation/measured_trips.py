"""Minutes by car over the streets against driving times that were measured, on trips that no speed was fitted on.

The trips (Daenekindt 2025, doi 10.38139/ts.94750; HERE, a Saturday at 10 h) lead from the middle of every
statistical sector to hospitals. They stay outside the project: the row is there where they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd

from coverage.travel.pace import PACE_KMH
from coverage.travel.streets.street_network import PARKING_S, load_streets
from coverage.travel.streets.street_travel import StreetTravel, seconds_dm
from coverage.validation.checks import ProofContext, ValidationCheck, between, proves
from loaders.catalogue.types import Bools, Floats, Positions

TRIPS = Path(__file__).resolve().parents[3] / "shared" / "opendata" / "traveltime"
FILE = "car_sector_to_hospital.parquet"
CUT_OFF_S = 900.0

EVERY = 12
"""Of so many hospitals, the trips to one are checked: a search for each takes long."""

MAX_OFF_MIN, MIN_SAME = 1.75, 93.0
"""Mean error and percentage on the same side of 15 minutes that these may have; all together they do better."""


@dataclass(frozen=True, eq=False)
class Trips:
    """Measured trips.

    Attributes
    ----------
    origin, hospital : (n, 2) metres
    seconds, free_flow : (n,)
    straight_m : (n,)
    fitted : (n,) those of the half of the municipalities that speeds are fitted on
    """

    origin: Floats
    hospital: Floats
    seconds: Floats
    free_flow: Floats
    straight_m: Floats
    fitted: Bools

    def __getitem__(self, rows: Positions) -> Trips:
        """Some of the trips."""
        return Trips(*(getattr(self, field.name)[rows] for field in fields(self)))


def read_trips(folder: Path = TRIPS) -> Trips:
    """Trips of the region; every other municipality, in the order of their codes, is left out of the fit."""
    frame = pd.read_parquet(folder / FILE)
    codes = frame["origin"].str[:5]
    order = {code: number for number, code in enumerate(sorted(codes.unique()))}
    return Trips(
        origin=frame[["origin_x", "origin_y"]].to_numpy(np.float64),
        hospital=frame[["hospital_x", "hospital_y"]].to_numpy(np.float64),
        seconds=frame["duration_s"].to_numpy(np.float64),
        free_flow=frame["duration_free_flow_s"].to_numpy(np.float64),
        straight_m=frame["crow_m"].to_numpy(np.float64),
        fitted=codes.map(order).to_numpy() % 2 == 0,
    )


def by_hospital(trips: Trips) -> list[tuple[Floats, Positions]]:
    """Every hospital, and the trips that lead to it."""
    places, which = np.unique(trips.hospital, axis=0, return_inverse=True)
    return [(place, np.flatnonzero(which.ravel() == number)) for number, place in enumerate(places)]


def driving_seconds(model: StreetTravel, trips: Trips) -> Floats:
    """(n,) what the model says, parking not counted."""
    seconds = np.full(len(trips.seconds), np.nan)
    for place, rows in by_hospital(trips):
        metres = model(trips.origin[rows], place[None], 1).distance_m[:, 0]
        seconds[rows] = (metres - seconds_dm(PARKING_S) / 10) * 3.6 / PACE_KMH["car"]
    return seconds


@proves
def trips_left_out(context: ProofContext) -> Iterator[ValidationCheck]:
    """Mean error, and the share on the same side of 15 minutes, of trips that speeds were not fitted on."""
    if not context.snapshot.has_streets or not (TRIPS / FILE).is_file():
        return
    every = read_trips()
    _, which = np.unique(every.hospital, axis=0, return_inverse=True)
    trips = every[np.flatnonzero(~every.fitted & (which.ravel() % EVERY == 1))]
    seconds = driving_seconds(StreetTravel(load_streets(context.snapshot, "car")), trips)
    known = np.isfinite(seconds)
    off = float(np.abs(seconds - trips.seconds)[known].mean() / 60)
    same = float(((seconds <= CUT_OFF_S) == (trips.seconds <= CUT_OFF_S))[known].mean() * 100)
    source = "Daenekindt 2025, doi 10.38139/ts.94750"
    yield between("published", "trips.error", source, (0.0, MAX_OFF_MIN), off)
    yield between("published", "trips.side", source, (MIN_SAME, 100.0), same)
