"""What the explorer shows of an analysis: ranking, classes, sentences, pictures, addresses."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.analysis import Analysis, Engine
from coverage.core.query import Query
from i18n.errors import InputError
from layers.charts.trend import trend_picture
from layers.maps.scales.classes import INDICATORS
from layers.notes.notes import births_not_told, births_out_of_reach, summary
from layers.sentences import listed
from layers.views.view import four, headline, payload, rank_of_need, ranked, reach_in_words, subline
from loaders.catalogue.regions.levels import NOT_KNOWN_HERE
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot
from pages.shell.examples import EXAMPLES, MERGED_SINCE, example_of
from pages.shell.state import DEFAULTS, State, read_state


@pytest.fixture(scope="module")
def engine(embedded: Snapshot) -> Engine:
    return Engine(embedded)


@pytest.fixture(scope="module")
def opening(engine: Engine) -> Analysis:
    return engine.analyse(Query(), load_facilities(engine.snapshot, "illustrative"))


@pytest.fixture(scope="module")
def boom(engine: Engine) -> Analysis:
    query = Query(vintage=2018, areas=(("care_region", "boom"),))
    return engine.analyse(query, load_facilities(engine.snapshot, "documented"))


@pytest.fixture(scope="module")
def care_regions(engine: Engine) -> Analysis:
    return engine.analyse(Query(level="care_region"), load_facilities(engine.snapshot, "illustrative"))


def test_most_births_out_of_reach_come_first(opening: Analysis) -> None:
    need = ranked(opening.table)["births_out_of_reach"].to_numpy(np.float64)
    assert (np.diff(need) <= 0).all()
    assert len(ranked(opening.table)) == 304


def test_gaps_come_first_where_distances_are_unknown(boom: Analysis) -> None:
    rows = ranked(boom.table)
    # births 2025 of the municipalities of 2018: Hemiksem 122, Niel 108, Sint-Amands 80, Schelle 54
    assert rows["zone_name"].tolist()[:4] == ["Hemiksem", "Niel", "Sint-Amands", "Schelle"]
    assert rows["births"].iloc[4:].is_monotonic_decreasing


def test_the_remainder_comes_last_and_is_in_no_class(care_regions: Analysis) -> None:
    view = payload(care_regions, "nl")
    assert view["rows"]["i"][-1] == -1
    assert view["rest"] == "Hier niet bekend"
    assert all(symbols[-1] == "-" for symbols in view["classes"].values())
    # 2 care regions of a thousand births: their legend does not stretch to the 73,000 births elsewhere
    assert "20.000" not in " ".join(view["legends"]["births"]["labels"])
    assert sum(view["legends"]["births"]["zones"]) == 2
    assert len(view["top"]) == 2


def test_values_and_classes_go_by_row(opening: Analysis, embedded: Snapshot) -> None:
    view = payload(opening, "nl")
    ids = embedded.zones("municipality", 2025)["zone_id"]
    rows = ranked(opening.table)
    assert [ids[i] for i in view["rows"]["i"]] == rows["zone_id"].tolist()
    assert view["rows"]["births"] == pytest.approx(rows["births"].to_numpy(np.float64), abs=0.05)
    assert set(view["classes"]) == set(INDICATORS)
    assert all(len(symbols) == 304 for symbols in view["classes"].values())
    assert view["top"] == list(range(10))
    for indicator, legend in view["legends"].items():
        assert sum(legend["zones"]) + legend["noDataZones"] == 304, indicator


@given(st.lists((st.floats(-1e9, 1e9) | st.floats(-2, 2)).filter(lambda x: x == 0 or abs(x) > 1e-12), max_size=40))
def test_amounts_have_four_significant_digits(numbers: list[float]) -> None:
    """As written by %.4g, but for what lies half way between two of them to the last bit."""
    found = four(np.array(numbers, dtype=np.float64)).tolist()
    assert len(found) == len(numbers)
    for number, told in zip(numbers, found, strict=True):
        digits = float(f"{number:.4g}")
        unit = 10.0 ** (np.floor(np.log10(abs(number))) - 3) if number else 0.0
        assert told == digits or abs(abs(number - told) - unit / 2) <= 1e-9 * unit
        assert float(f"{told:.5g}") == told


def test_values_are_those_of_the_table(care_regions: Analysis) -> None:
    rows = payload(care_regions, "nl")["rows"]
    table = ranked(care_regions.table)
    for told, share in zip(rows["share_in_reach"], table["share_in_reach"], strict=True):
        assert told is None if pd.isna(share) else told == round(share, 4)
    assert rows["gap"] == [None if pd.isna(gap) else bool(gap) for gap in table["gap"]]
    assert {type(minutes) for minutes in rows["mean_minutes"]} <= {float, type(None)}


def test_an_indicator_without_any_value_has_no_legend(boom: Analysis) -> None:
    legends = payload(boom, "nl")["legends"]
    assert legends["births_out_of_reach"] is None
    assert legends["n_facilities"]["zones"][0] == 4


def test_the_headline_answers_the_question(opening: Analysis, embedded: Snapshot) -> None:
    sentence = headline(opening, embedded, "nl")
    assert sentence.startswith("**")
    assert "van de 75.940** baby's van 2025" in sentence  # 62,277 in Flanders and 13,663 in Brussels
    assert sentence.endswith("wonen op meer dan 15 minuten stappen van een consultatiebureau.")
    assert "75,940" in headline(opening, embedded, "en")
    assert subline(opening, "nl").startswith("De 10 gemeenten met de meeste baby's buiten bereik")


def test_births_whose_distance_is_not_known_are_in_no_share(opening: Analysis, embedded: Snapshot) -> None:
    """Of Antwerpen (6,966 births) no distance is told: it is neither near nor far, and not in the whole either."""
    table = opening.table.copy()
    lost = (table["zone_id"] == "11002").to_numpy(bool)
    table.loc[lost, ["births_in_reach", "share_in_reach", "births_out_of_reach"]] = np.nan
    partly = replace(opening, table=table)
    out, total = births_out_of_reach(partly)
    assert total == pytest.approx(75_940 - 6_966)
    assert out == pytest.approx(opening.table.loc[~lost, "births_out_of_reach"].sum())
    assert births_not_told(partly) == pytest.approx(6_966)
    assert births_not_told(opening) == 0
    assert headline(partly, embedded, "en").endswith("For 6,966 others the distance is not known.")
    assert "of the 68,974**" in headline(partly, embedded, "en")
    assert "for 6,966 children the distance is not known" in summary(partly, "en")


def test_the_headline_names_the_municipalities_without_a_bureau(boom: Analysis, embedded: Snapshot) -> None:
    assert headline(boom, embedded, "nl") == (
        "In zorgregio Boom hebben **4 van de 10** gemeenten geen consultatiebureau: "
        "Hemiksem, Niel, Schelle en Sint-Amands."
    )
    assert "afstanden blijven leeg" in subline(boom, "nl")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (Query(), "15 minuten stappen"),
        (Query(mode="bike"), "15 minuten fietsen"),
        (Query(mode="car", within_m=15_000), "15 minuten rijden"),
        (Query(mode="bike", within_m=2000), "8 minuten fietsen"),
        (Query(mode="car", within_m=7_500), "7,5 minuten rijden"),
        (Query(minutes=(1,)), "1 minuut stappen"),
        (Query(within_m=800), "10 minuten stappen"),
        (Query(within_m=800, speed=4.0), "12 minuten stappen"),
    ],
)
def test_reach_is_told_as_people_say_it(query: Query, words: str) -> None:
    assert reach_in_words(query, "nl") == words


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], ""),
        (["Niel"], "Niel"),
        (["Niel", "Boom"], "Niel en Boom"),
        (list("abcdefghij"), "a, b, c, d, e, f, g, h en nog 2"),
    ],
)
def test_names_in_a_sentence(names: list[str], words: str) -> None:
    assert listed(names, "nl") == words


def test_the_trend_is_a_line_with_a_point_apart() -> None:
    years = list(range(1992, 2023))
    trend = pd.DataFrame({"year": years, "kind": "age0", "value": np.linspace(100, 80, len(years))})
    births = pd.DataFrame({"year": [2025], "kind": ["births"], "value": [75.0]})
    picture = trend_picture(pd.concat([trend, births]))
    assert picture is not None
    assert (picture.years, picture.ends, picture.point) == ((1992, 2022), (100.0, 80.0), (2025, 75.0))
    svg = unquote(picture.uri)
    assert svg.startswith("data:image/svg+xml,<svg")
    assert svg.count("<circle") == 1
    assert trend_picture(births) is None


def test_a_zone_without_children_still_has_a_picture() -> None:
    nothing = pd.DataFrame({"year": [2021, 2022], "kind": "age0", "value": [0.0, 0.0]})
    picture = trend_picture(nothing)
    assert picture is not None
    assert "nan" not in picture.uri


states = st.builds(
    State,
    service=st.sampled_from(["bureau", "house"]),
    mode=st.sampled_from(["walk", "bike", "car"]),
    within=st.sampled_from(["", "800", "2500"]),
    level=st.sampled_from(["municipality", "sector"]),
    areas=st.sampled_from(["", "care_region:boom", "care_region:boom,care_region:oostende"]),
    show=st.sampled_from(["", "places", "places,raster"]),
    lang=st.sampled_from(["nl", "en", "fr"]),
)


@given(states)
def test_an_address_gives_its_state_again(state: State) -> None:
    from urllib.parse import parse_qsl

    address = dict(parse_qsl(state.address().removeprefix("?"), keep_blank_values=True))
    assert read_state(address) == state


def test_the_opening_state_has_an_empty_address() -> None:
    assert State().address() == "?"
    assert set(DEFAULTS) == set(State.__dataclass_fields__)


def test_numbers_and_unknown_names_in_an_address() -> None:
    state = read_state({"within": 2500.0, "nonsense": "1", "lang": "xx"}, "en")
    assert (state.within, state.lang, state.query.within_m) == ("2500", "en", 2500.0)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"vintage": "soon"}, "'soon' is no vintage"),
        ({"within": "far"}, "'far' is no distance"),
        ({"within": "-3"}, r"Reach is -3\.0 m"),
        ({"level": "street"}, "Unknown level 'street'"),
        ({"facilities": "secret"}, "Unknown facilities 'secret'; choose one of register, illustrative"),
        ({"indicator": "mood"}, "Unknown indicator 'mood'"),
        ({"areas": "boom"}, "Area 'boom' is not LEVEL:ID"),
    ],
)
def test_choices_that_make_no_sense_are_told(values: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_state(values).checked()


def test_examples_are_recognised_whatever_is_coloured() -> None:
    for name, example in EXAMPLES.items():
        assert example_of(example) == name
        assert example_of(read_state({**example.__dict__, "indicator": "births", "zone": "11018"})) == name
        assert example_of(read_state({**example.__dict__, "mode": "bike"})) == ""
    assert example_of(State()) == ""
    assert MERGED_SINCE["boom"].zone == "12041"  # Puurs-Sint-Amands


def test_equal_needs_share_a_rank_and_what_is_not_known_has_none() -> None:
    """The remainder and a zone without a figure count for nothing; two zones with as many share their rank."""
    need = [30.0, 12.5, 12.5 + 1e-9, 0.0, np.nan, 99.0]
    table = pd.DataFrame({"zone_id": [*"abcde", NOT_KNOWN_HERE], "births_out_of_reach": need})
    assert [rank_of_need(table, zone) for zone in "abcd"] == [(1, 4, False), (2, 4, True), (2, 4, True), (4, 4, False)]
    assert rank_of_need(table, "e") is rank_of_need(table, NOT_KNOWN_HERE) is None
