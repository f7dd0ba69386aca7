"""Minutes by car over the streets against measured driving times, on municipalities that speeds were not fitted on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.travel.car_speeds import curve_seconds
from coverage.travel.streets.street_network import load_streets
from coverage.travel.streets.street_travel import StreetTravel
from coverage.validation.measured_trips import CUT_OFF_S, FILE, driving_seconds, read_trips
from loaders.snapshot.reader import EMBEDDED, Snapshot

EVERY = 16
"""Of so many hospitals, the trips to one are checked here; `python -m benchmarks.travel.car_speeds` checks all."""


def test_measured_trips_are_met(shared_dir: Path) -> None:
    folder = shared_dir / "opendata" / "traveltime"
    if not (folder / FILE).is_file():
        pytest.skip("the measured trips are not here")
    every = read_trips(folder)
    places, which = np.unique(every.hospital, axis=0, return_inverse=True)
    some = (which.ravel() % EVERY == 1) & ~every.fitted
    trips = every[np.flatnonzero(some)]
    assert len(trips.seconds) > 1000 * len(places) / 96 / 2
    seconds = driving_seconds(StreetTravel(load_streets(Snapshot(EMBEDDED), "car")), trips)
    known = np.isfinite(seconds)
    assert known.mean() > 0.9
    agree = (seconds <= CUT_OFF_S)[known] == (trips.seconds <= CUT_OFF_S)[known]
    assert agree.mean() > 0.93
    assert np.abs(seconds - trips.seconds)[known].mean() / 60 < 1.8
    curve = np.abs(curve_seconds(trips.straight_m) - trips.seconds)[known].mean()
    assert np.abs(seconds - trips.seconds)[known].mean() < curve
