"""Which travel model answers when nobody names one, with data that hold streets and data that do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from commands.question import settle_model
from commands.siting.site_options import SiteOptions
from coverage.analysis import analyse
from coverage.core.query import Query
from coverage.travel.base import TravelContext
from coverage.travel.models import DEFAULT_MODEL, USUAL_MODEL, get_model
from i18n.errors import InputError
from loaders.snapshot.reader import Snapshot
from pages.shell.state import DEFAULTS, State
from tests.unit.conftest import TinyWorld


def test_streets_are_usual_everywhere() -> None:
    assert (DEFAULTS["model"], State().query.model) == (USUAL_MODEL, USUAL_MODEL)
    assert Query().model == USUAL_MODEL == "network"


def test_without_streets_the_straight_line_answers_and_says_so(tiny: TinyWorld) -> None:
    places = tiny.facilities(tiny.place(10, 5), tiny.place(30, 25))
    asked = analyse(tiny.snapshot(), Query(model=USUAL_MODEL), places)
    straight = analyse(tiny.snapshot(), Query(model=DEFAULT_MODEL), places)
    assert asked.query.model == DEFAULT_MODEL
    assert asked.caveats == straight.caveats
    np.testing.assert_array_equal(asked.distance_m, straight.distance_m)


def test_streets_asked_for_by_name_that_are_not_there_are_told(tiny: TinyWorld, embedded: Snapshot) -> None:
    query = Query(model=USUAL_MODEL)
    named = SiteOptions(service="bureau", out=Path("-"), model=USUAL_MODEL)
    unnamed = SiteOptions(service="bureau", out=Path("-"))
    with pytest.raises(InputError, match="These data hold no streets"):
        settle_model(query, named, tiny.snapshot())
    assert settle_model(query, unnamed, tiny.snapshot()).model == DEFAULT_MODEL
    assert settle_model(query, unnamed, embedded).model == USUAL_MODEL
    with pytest.raises(InputError, match="These data hold no streets"):
        get_model(USUAL_MODEL, TravelContext(tiny.snapshot()))
