"""Several cut-offs in minutes in one table."""

from __future__ import annotations

import numpy as np

from coverage.analysis import analyse
from coverage.core.query import Query
from coverage.indicators.cutoffs import with_cutoffs
from tests.unit.conftest import TinyWorld


def test_each_cut_off_has_the_figures_of_a_question_of_its_own(tiny: TinyWorld) -> None:
    minutes = (15.0, 5.0, 40.0)
    answer = analyse(tiny.snapshot(), Query(minutes=minutes), tiny.facilities(tiny.place(10, 5), tiny.place(30, 25)))
    table = with_cutoffs(answer.table, answer)
    assert list(table.columns[-6:]) == [f"{what}_in_reach_{n}_min" for n in (15, 5, 40) for what in ("births", "share")]
    for value in minutes:
        alone = analyse(
            tiny.snapshot(), Query(minutes=(value,)), tiny.facilities(tiny.place(10, 5), tiny.place(30, 25))
        ).table
        for what in ("births", "share"):
            np.testing.assert_allclose(
                table[f"{what}_in_reach_{value:g}_min"].to_numpy(float), alone[f"{what}_in_reach"].to_numpy(float)
            )


def test_one_cut_off_adds_no_columns(tiny: TinyWorld) -> None:
    answer = analyse(tiny.snapshot(), Query(minutes=(20.0,)), tiny.facilities(tiny.place(10, 5), tiny.place(30, 25)))
    assert with_cutoffs(answer.table, answer) is answer.table
    assert answer.query.reach_m == 1600.0
