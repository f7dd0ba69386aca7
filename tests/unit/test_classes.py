"""Legend classes: round, stable, readable for everyone."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from i18n.errors import InputError
from i18n.texts import LANGUAGES
from layers.maps.scales.classes import (
    INDICATORS,
    NO_DATA,
    Legend,
    class_index,
    legend_for,
    ramp,
    round_breaks,
)
from layers.sentences import format_distance

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB
COLOUR_BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def linear(colour: str) -> npt.NDArray[np.float64]:
    """Linear RGB of a hex colour."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lightness(rgb: npt.NDArray[np.float64]) -> float:
    """CIE L* (0 to 100) of linear RGB."""
    y = float(np.clip(rgb, 0, 1) @ [0.2126, 0.7152, 0.0722])
    return 116 * np.cbrt(y) - 16 if y > 0.008856 else 903.3 * y


def table(**columns: object) -> pd.DataFrame:
    n = len(next(iter(columns.values())))  # type: ignore[arg-type]
    filled = {name: columns.get(name, [np.nan] * n) for name in INDICATORS}
    return pd.DataFrame(filled)


@pytest.mark.parametrize("eye", COLOUR_BLINDNESS)
@pytest.mark.parametrize("classes", range(2, 7))
def test_neighbouring_classes_differ_in_lightness_for_every_eye(eye: str, classes: int) -> None:
    """A step of 8 in L* is told apart at a glance; the order alone carries the meaning."""
    seen = [lightness(COLOUR_BLINDNESS[eye] @ linear(colour)) for colour in ramp(classes)]
    steps = [before - after for before, after in itertools.pairwise(seen)]
    assert min(steps) >= 8


def test_the_darkest_class_is_the_one_that_needs_attention() -> None:
    frame = table(births=[10.0, 1000.0], n_facilities=[0, 7])
    for indicator in INDICATORS:
        legend = legend_for(frame, indicator)
        shades = [lightness(linear(colour)) for colour in legend.colours]
        darkest_is_first = shades[0] < shades[-1]
        assert darkest_is_first == INDICATORS[indicator].dark_is_low, indicator


def test_a_count_of_none_stands_out_from_all_others() -> None:
    colours = legend_for(table(n_facilities=[0, 1]), "n_facilities").colours
    none, *some = [lightness(linear(colour)) for colour in colours]
    assert none < 40 < 70 < min(some)


def test_breaks_are_of_the_series_1_2_5() -> None:
    # the 97th percentile of 1 ... 1000 is 970.03, so the top class starts at 500
    assert round_breaks(np.arange(1.0, 1001.0)) == (20.0, 50.0, 100.0, 200.0, 500.0)


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=60), st.integers(2, 6))
def test_breaks_ascend_and_are_reached(values: list[float], classes: int) -> None:
    breaks = round_breaks(np.array(values), classes)
    assert len(breaks) == classes - 1
    assert list(breaks) == sorted(set(breaks))
    assert breaks[-1] <= max(values) * (1 + 1e-6)


def test_breaks_of_nothing_are_none() -> None:
    assert round_breaks(np.array([np.nan, 0.0])) == ()
    legend = legend_for(table(births=[0.0]), "births")
    assert (legend.breaks, len(legend.colours), legend.labels("nl")) == ((), 1, ["alle waarden"])


def test_breaks_of_births_out_of_reach_do_not_move_with_the_reach() -> None:
    births = [40.0, 300.0, 900.0]
    on_foot = legend_for(table(births=births, births_out_of_reach=[30.0, 200.0, 700.0]), "births_out_of_reach")
    by_bike = legend_for(table(births=births, births_out_of_reach=[0.0, 1.0, 5.0]), "births_out_of_reach")
    assert on_foot.breaks == by_bike.breaks


def test_a_class_includes_its_lower_bound() -> None:
    legend = Legend("share_in_reach", "legend.unit.share", (0.25, 0.5), ("#000000", "#555555", "#aaaaaa"))
    assert class_index([0.0, 0.2499, 0.25, 0.4999, 0.5, 1.0], legend).tolist() == [0, 0, 1, 1, 2, 2]


def test_missing_values_have_no_class() -> None:
    numbers = legend_for(table(births=[1.0, 100.0]), "births")
    assert class_index([np.nan, np.inf], numbers).tolist() == [NO_DATA, NO_DATA]
    verdict = pd.Series([True, False, pd.NA], dtype="boolean")
    assert class_index(verdict, legend_for(table(births=[1.0]), "gap")).tolist() == [1, 0, NO_DATA]
    counts = pd.Series([0, 3, pd.NA], dtype="Int64")
    assert class_index(counts, legend_for(table(births=[1.0]), "n_facilities")).tolist() == [0, 3, NO_DATA]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("indicator", INDICATORS)
def test_every_class_has_a_label_and_a_colour(indicator: str, lang: str) -> None:
    legend = legend_for(table(births=[3.0, 700.0], births_per_facility=[50.0, 300.0]), indicator)
    labels = legend.labels(lang)
    assert len(labels) == len(set(labels)) == len(legend.colours) == len(legend.breaks) + 1
    assert all(len(colour) == 7 for colour in legend.colours)


def test_labels_read_as_people_speak() -> None:
    frame = table(births=np.arange(1.0, 1001.0))
    assert legend_for(frame, "births").labels("nl")[:2] == ["minder dan 20", "20 tot 50"]
    assert legend_for(frame, "births").labels("nl")[-1] == "500 en meer"
    assert legend_for(frame, "share_in_reach").labels("nl")[2] == "25 tot 50\u00a0%"
    assert legend_for(frame, "mean_minutes").labels("nl")[1:4] == [
        "5 tot 10 min",
        "10 tot 15 min",
        "15 tot 30 min",
    ]
    assert legend_for(frame, "n_facilities").labels("en") == ["0", "1", "2", "3 to 4", "5 or more"]
    assert legend_for(frame, "gap").labels("nl") == ["geen leemte", "leemte"]


@pytest.mark.parametrize(
    ("metres", "words"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (0.0, "0 m"),
        (346.0, "350 m"),
        (994.0, "990 m"),
        (996.0, "1,0 km"),
        (1000.0, "1 km"),
        (1234.0, "1,2 km"),
        (3750.0, "3,75 km"),
        (15_000.0, "15 km"),
    ],
)
def test_distances_read_as_people_say_them(metres: float | None, words: str) -> None:
    assert format_distance(metres, "nl") == words


def test_an_unknown_indicator_names_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"Unknown indicator 'mood'; choose one of births_out_of_reach"):
        legend_for(table(births=[1.0]), "mood")
