"""Memory in bytes: what values take, one budget for all caches, room for lists of visitors, what a question weighs."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Semaphore
from time import sleep
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import sparse

from coverage import analysis
from coverage.analysis import Engine
from coverage.case import AskedThresholds, programming_test
from coverage.core.query import Query
from coverage.indicators.measures import pairs_in_turn
from coverage.memory.gate import StageGate
from coverage.memory.limits import GoneError, QuestionLimits, limits_of_server, note_asker
from coverage.memory.lru_cache import DEFAULT_MB, MEASURED_AGAIN, Budget, LruCache, budget_bytes
from coverage.memory.sizes import bytes_of
from coverage.memory.weights import of_making
from coverage.norm import NormRequest, norm_machine
from coverage.siting.planning.question.problem import build_problem, lay_out
from coverage.siting.planning.question.request import ASSIGNING, OBJECTIVES, SitingRequest
from coverage.siting.planning.weight import START_BYTES, check_weight, weigh
from coverage.travel.straight_line import Crow
from i18n.errors import InputError
from i18n.messages import MessageError
from i18n.texts import LANGUAGES
from pages.server import memory
from pages.shell.upload_room import UploadRoom

MB = 1_000_000
SMALL = 0.02
"""Share by which a size may be more than that of the arrays: names and objects around them."""


def megabyte(count: float = 1) -> np.ndarray[Any, Any]:
    return np.zeros(int(count * MB), dtype=np.uint8)


@dataclass
class Holder:
    first: Any
    second: Any = None


class Apart:
    counted_apart = True

    def __init__(self) -> None:
        self.large = megabyte(5)


def _frame(n: int) -> pd.DataFrame:
    return pd.DataFrame({"a": np.zeros(n), "b": np.zeros(n, dtype=np.int32)})


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (megabyte(), MB),
        (megabyte()[:10], MB),  # a part keeps the whole
        ([megabyte(), {"key": (megabyte(),)}], 2 * MB),
        (Holder(held := megabyte(), [held, held[5:]]), MB),  # once, however often it is held
        (Holder(megabyte(), Apart()), MB),
        (bytes(MB), MB),
        ([bytes(1_000) for _ in range(5_000)], 5_000 * 1_033),
        ("x" * MB, MB),
        (tuple({"name": f"{n:0>900}"} for n in range(4_000)), 4_000 * 949),
        (_frame(100_000), 1_200_000),
        (_frame(100_000)["a"], 800_000),
        (_frame(100_000).set_index("a"), 1_200_000),
        (sparse.csr_array(np.ones((500, 500))), 250_000 * 12),
        (sparse.coo_array(np.ones((500, 500))), 250_000 * 16),
        (sum, 0),
        (np, 0),
        (None, 0),
    ],
)
def test_a_value_takes_what_its_arrays_take(value: object, size: int) -> None:
    assert size <= bytes_of(value) <= size * (1 + SMALL) + 400_000 * (size > 3 * MB) + 4_000


def test_an_array_that_shows_a_file_takes_nothing_of_the_process(tmp_path: Path) -> None:
    np.save(tmp_path / "kept.npy", megabyte())
    shown = np.load(tmp_path / "kept.npy", mmap_mode="r")
    assert bytes_of([shown, shown[5:], np.asarray(shown)]) < 1_000
    assert bytes_of(np.load(tmp_path / "kept.npy", mmap_mode="c")) >= MB  # pages of its own once written


def test_words_and_shapes_are_counted() -> None:
    words = pd.Series(["word " * 20 + str(n) for n in range(10_000)])
    assert bytes_of(words) > 1 * MB
    shapes = np.array([shapely.Point(n, n).buffer(1) for n in range(500)], dtype=object)
    assert bytes_of(shapes) > 500 * 33 * 16


def test_what_does_not_fit_goes_the_least_recently_used_first_over_all_caches() -> None:
    budget = Budget(3 * MB + 100_000)
    one: LruCache[Any] = LruCache(10, "one", budget)
    two: LruCache[Any] = LruCache(10, "two", budget)
    one.put("a", megabyte())
    two.put("b", megabyte())
    one.put("c", megabyte())
    assert one.peek("a") is not None
    two.put("d", megabyte())
    assert (one.peek("a") is not None, two.peek("b"), one.peek("c") is not None) == (True, None, True)
    assert budget.evicted == 1
    assert budget.bytes == pytest.approx(3 * MB, rel=SMALL)


def test_what_two_values_share_counts_once_and_goes_with_the_last() -> None:
    budget = Budget(10 * MB)
    cache: LruCache[Any] = LruCache(10, "shared", budget)
    array = megabyte(2)
    cache.put("a", [array])
    cache.put("b", [array, megabyte(1)])
    assert budget.bytes == pytest.approx(3 * MB, rel=SMALL)
    cache.pop("a")
    assert budget.bytes == pytest.approx(3 * MB, rel=SMALL)
    cache.pop("b")
    assert budget.bytes == 0


def test_a_value_larger_than_all_is_given_and_not_held() -> None:
    budget = Budget(MB)
    cache: LruCache[Any] = LruCache(10, "large", budget)
    assert len(cache.get_or_make("a", lambda: megabyte(3))) == 3 * MB
    assert (len(cache), budget.bytes) == (0, 0)


def test_those_who_wait_get_a_value_that_is_too_large_to_be_held() -> None:
    cache: LruCache[Any] = LruCache(10, "large", Budget(MB))
    begun, go, waiting, made = Event(), Event(), Semaphore(0), []

    def make() -> Any:
        made.append(1)
        begun.set()
        go.wait()
        return megabyte(3)

    class Noted(dict[Any, Any]):
        """The turns, which note that somebody joined one."""

        def setdefault(self, key: Any, default: Any = None) -> Any:
            turn = super().setdefault(key, default)
            waiting.release()
            return turn

    cache._making = Noted()
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(cache.get_or_make, "a", make)
        begun.wait()
        others = [pool.submit(cache.get_or_make, "a", make) for _ in range(2)]
        for _ in range(3):
            waiting.acquire()
        go.set()
        assert all(len(one.result()) == 3 * MB for one in (first, *others))
    assert (len(cache), len(made)) == (0, 1)


def test_a_cache_that_is_gone_frees_its_bytes() -> None:
    budget = Budget(10 * MB)
    cache: LruCache[Any] = LruCache(10, "gone", budget)
    cache.put("a", megabyte())
    other: LruCache[Any] = LruCache(10, "stays", budget)
    del cache
    gc.collect()
    other.put("b", megabyte())
    assert budget.bytes == pytest.approx(MB, rel=SMALL)
    assert {row.name for row in budget.usage()} == {"stays", "figures"}


def test_figures_that_stay_count_for_as_long_as_somebody_reads_them() -> None:
    budget = Budget(3 * MB + 100_000)
    cache: LruCache[Any] = LruCache(100, "beside", budget)
    figures = Holder2()
    budget.stay(figures)
    cache.put("a", megabyte())
    figures.more = megabyte(2)
    for n in range(MEASURED_AGAIN):
        cache.put("small", n)
    assert cache.peek("a") is not None
    cache.put("b", megabyte())
    assert (cache.peek("a"), cache.peek("b") is not None) == (None, True)
    del figures
    gc.collect()
    budget.trim()
    assert budget.bytes == pytest.approx(MB, rel=SMALL)


class Holder2:
    more: Any = None


def test_what_grows_is_measured_again() -> None:
    budget = Budget(3 * MB)
    cache: LruCache[Any] = LruCache(9, "grows", budget, grows=True)
    value = Holder(None)
    cache.put("a", value)
    value.first = megabyte(2)
    budget.trim()
    assert budget.bytes == pytest.approx(2 * MB, rel=SMALL)
    value.second = megabyte(2)
    budget.trim()
    assert (len(cache), budget.bytes) == (0, 0)


def test_a_process_that_takes_too_much_lets_go_of_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    budget = Budget(10 * MB)
    cache: LruCache[Any] = LruCache(9, "kept", budget)
    for n in range(4):
        cache.put(n, megabyte())
    monkeypatch.setattr(memory, "own_bytes", lambda: budget.limit + memory.BESIDE_BYTES)
    memory.settle(budget)
    assert len(cache) == 4
    libraries = budget.limit + memory.BESIDE_BYTES - budget.bytes
    monkeypatch.setattr(memory, "own_bytes", lambda: libraries + 2 * MB + budget.bytes)
    memory.settle(budget, working=2 * MB)
    assert len(cache) == 4  # what is being worked out goes by itself
    memory.settle(budget)
    assert len(cache) == 2
    monkeypatch.setattr(memory, "own_bytes", lambda: 10**12)
    memory.settle(budget)
    assert (len(cache), budget.bytes) == (0, 0)


def test_pages_of_a_file_are_not_what_a_process_takes(tmp_path: Path) -> None:
    np.save(tmp_path / "large.npy", np.ones(MB * 10))
    before = memory.own_bytes()
    shown = np.load(tmp_path / "large.npy", mmap_mode="r")
    assert shown.sum() == MB * 10
    after = memory.own_bytes()
    assert before is None or after is None or after < before + 40 * MB


def test_a_process_knows_what_it_takes() -> None:
    held = megabyte(60)
    held[:] = 1
    taken = memory.own_bytes()
    assert taken is None or taken > 60 * MB


def test_a_budget_holds_while_many_threads_make_and_ask() -> None:
    budget = Budget(5 * MB)
    caches: list[LruCache[Any]] = [LruCache(50, f"cache {n}", budget) for n in range(4)]

    def ask(n: int) -> bool:
        cache = caches[n % 4]
        found = cache.get_or_make(n % 23, lambda: caches[(n + 1) % 4].get_or_make((n, "part"), lambda: megabyte(0.3)))
        return len(found) == 300_000 and budget.bytes <= budget.limit

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(600)))
    assert sum(row.values for row in budget.usage()) > 10


@pytest.mark.parametrize(("given", "size"), [("", DEFAULT_MB * MB), ("50", 50 * MB), (" 1 ", MB)])
def test_a_budget_is_read_in_megabytes(given: str, size: int) -> None:
    assert budget_bytes(given) == size


@pytest.mark.parametrize("given", ["0", "-5", "many", "1.5", "1e3"])
def test_a_budget_that_makes_no_sense_is_told(given: str) -> None:
    with pytest.raises(MessageError) as told:
        budget_bytes(given)
    assert all(given in told.value.sentence(lang) for lang in LANGUAGES)


def test_the_limit_of_a_question_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NABIJ_QUESTION_MB", "300")
    assert (limits_of_server().question_bytes, limits_of_server().stage_bytes) == (300 * MB, 150 * MB)
    monkeypatch.setenv("NABIJ_QUESTION_MB", "0")
    with pytest.raises(MessageError, match="NABIJ_QUESTION_MB"):
        limits_of_server()


def test_one_visitor_does_not_push_out_the_lists_of_others() -> None:
    room = UploadRoom(limit=100, share=60)
    assert room.take("theirs", 40, "b") == []
    assert [room.take(f"mine {n}", 25, "a") for n in range(4)] == [[], [], ["mine 0"], ["mine 1"]]
    room.use("mine 2")
    assert room.take("mine 4", 25, "a") == ["mine 3"]
    assert room.take("large", 90, "c") == ["mine 2", "mine 4", "theirs"] or room.bytes <= 100
    assert room.bytes <= 100


# heavy stages


def test_few_heavy_stages_run_at_once_and_one_inside_another_does_not_wait() -> None:
    limits, inside, go = QuestionLimits(), [0], Event()
    most: list[int] = []

    def stage(n: int) -> None:
        with limits.turn(), limits.turn():
            inside[0] += 1
            most.append(inside[0])
            if n < 2:
                go.wait()
            inside[0] -= 1

    with ThreadPoolExecutor(6) as pool:
        running = [pool.submit(stage, n) for n in range(6)]
        go.set()
        for one in running:
            one.result()
    assert max(most) <= 2


def test_whoever_waits_gives_up_when_the_visitor_has_left() -> None:

    def ask() -> None:
        note_asker(lambda: True)
        with limits.turn():
            raise AssertionError("It was not its turn.")

    def ask_for_much() -> None:
        note_asker(lambda: True)
        with limits.turn(60):
            raise AssertionError("There was no room.")

    limits = QuestionLimits(stage_bytes=100)
    with limits.turn(60), ThreadPoolExecutor(1) as pool, pytest.raises(GoneError):
        pool.submit(ask_for_much).result()
    limits = QuestionLimits()
    limits.heavy.inside = limits.heavy.at_once
    with ThreadPoolExecutor(1) as pool, pytest.raises(GoneError):
        pool.submit(ask).result()


def test_memory_is_handed_back_before_a_large_stage_and_two_of_them_go_one_by_one() -> None:
    handed: list[int] = []
    limits = QuestionLimits(stage_bytes=300 * MB, before_large=lambda: handed.append(limits.heavy.bytes))
    with limits.turn(20 * MB), limits.turn(40 * MB):
        assert handed == []
    with limits.turn(200 * MB):
        assert handed == [200 * MB]
        assert not limits.heavy._fits(20 * MB)  # 210 MB is what stages may take together
    with limits.turn(290 * MB):  # one that takes more than that goes alone
        assert not limits.heavy._fits(0)


def _waits(gate: StageGate, count: int) -> None:
    while len(gate._line) < count:
        sleep(0.001)


def test_heavy_stages_stay_within_their_bytes_together_and_nobody_is_passed() -> None:
    gate, order = StageGate(5, 100), []
    leave = {name: Event() for name in "abcd"}

    def stage(name: str, size: int) -> None:
        with gate.turn(size):
            order.append((name, gate.bytes))
            leave[name].wait()

    with ThreadPoolExecutor(4) as pool:
        pool.submit(stage, "a", 60)
        while not order:
            sleep(0.001)
        for n, (name, size) in enumerate((("b", 50), ("c", 10), ("d", 1_000)), 1):
            pool.submit(stage, name, size)
            _waits(gate, n)
        assert order == [("a", 60)]  # c would fit beside a, and waits behind b, which came before
        leave["a"].set()
        _waits_for(order, 3)
        assert sorted(order[1:]) in ([("b", 50), ("c", 60)], [("b", 60), ("c", 60)])
        leave["b"].set()
        leave["c"].set()
        _waits_for(order, 4)
        assert order[3] == ("d", 1_000)  # more than all may take: alone
        leave["d"].set()
    assert (gate.inside, gate.bytes, gate._line) == (0, 0, [])


def _waits_for(order: list[Any], count: int) -> None:
    while len(order) < count:
        sleep(0.001)


def test_what_a_stage_inside_another_takes_beyond_it_counts() -> None:
    gate = StageGate(2, 100)
    with gate.turn(30):
        with gate.turn(20):
            assert (gate.inside, gate.bytes) == (1, 30)
        with gate.turn(90):
            assert (gate.inside, gate.bytes) == (1, 90)
            with gate.turn(95):
                assert gate.bytes == 95
        assert (gate.inside, gate.bytes) == (1, 30)
    assert (gate.inside, gate.bytes) == (0, 0)


def test_a_stage_that_fails_gives_its_room_back() -> None:
    gate = StageGate(2, 100)
    with pytest.raises(ZeroDivisionError), gate.turn(80):
        _ = 1 // 0
    assert (gate.inside, gate.bytes) == (0, 0)


# what a question weighs


@pytest.fixture(scope="module")
def world(tiny: Any) -> tuple[Engine, Any]:
    return Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2), tiny.place(30, 20))


@pytest.mark.parametrize(
    ("objective", "capacity"), [*((name, False) for name in OBJECTIVES), *((name, True) for name in ASSIGNING)]
)
def test_pairs_are_counted_as_they_will_be_looked_up(world: Any, objective: str, capacity: bool) -> None:
    engine, places = world
    request, query = (
        SitingRequest(objective=objective, candidates="cell", add=2, capacity=capacity),
        Query(within_m=900),
    )
    weight = weigh(engine, lay_out(engine, query, places, request))
    problem = build_problem(engine, query, places, request)
    looked_up = problem.cost.nnz - (0 if capacity else len(problem.points.births))
    assert weight.pairs == looked_up
    assert weight.bytes > START_BYTES


def test_a_question_that_is_too_heavy_is_refused_with_one_that_is_not(world: Any) -> None:
    engine, places = world
    request, query = SitingRequest(objective="p-median", candidates="cell"), Query()
    light = weigh(engine, lay_out(engine, query, places, SitingRequest(objective="p-median", candidates="sector")))
    with pytest.raises(MessageError) as told:
        check_weight(engine, query, places, request, limit=light.bytes)
    assert "kies statistische sectoren als kandidaten (ongeveer" in told.value.sentence("nl")
    assert "choose statistical sectors as candidates (about" in told.value.sentence("en")
    with pytest.raises(MessageError, match="choose a smaller area"):
        check_weight(engine, query, places, request, limit=1)
    assert check_weight(engine, query, places, request).pairs > light.pairs  # no limit, no refusal


def test_a_reach_with_too_many_pairs_is_refused_with_one_that_has_few_enough(tiny: Any) -> None:
    places = tiny.facilities(tiny.place(2, 2), tiny.place(30, 20))
    engine = Engine(tiny.snapshot(), QuestionLimits(stage_bytes=60 * 700))
    with pairs_in_turn(engine, Query(within_m=1200), places) as pairs:
        assert len(pairs) <= 700
        assert 0 < engine.limits.heavy.bytes <= 60 * 700  # all of it was weighed before the turn
    with pytest.raises(MessageError) as told:
        pairs_in_turn(engine, Query(within_m=90_000), places).__enter__()
    assert "kies een bereik van hoogstens" in told.value.sentence("nl")
    with pytest.raises(MessageError, match="shorter list"):
        pairs_in_turn(
            Engine(tiny.snapshot(), QuestionLimits(stage_bytes=1)), Query(within_m=90_000), places
        ).__enter__()


@pytest.mark.parametrize(("asked", "most"), [("programming test", 200_000), ("norm", 600)])
def test_sites_of_an_area_are_weighed_before_they_are_tried(tiny: Any, asked: str, most: int) -> None:
    """A wide reach makes as many pairs of home and candidate as there are of both: told before they are made."""
    places = tiny.facilities(tiny.place(2, 2), tiny.place(30, 20))

    def ask(limits: QuestionLimits, reach: float) -> object:
        engine = Engine(tiny.snapshot(), limits)
        if asked == "norm":
            return norm_machine(engine, Query(within_m=reach), places, NormRequest(births=100))
        query = Query(within_m=reach, areas=(("municipality", "10012"),))
        return programming_test(engine, query, places, preset="own", asked=AskedThresholds(births=5), draws=5)

    with pytest.raises(MessageError) as told:
        ask(QuestionLimits(stage_bytes=most), 90_000)
    assert "die een vraag mag nemen; kies een " in told.value.sentence("nl")
    assert ask(QuestionLimits(stage_bytes=10**9), 90_000)


def test_a_model_that_went_while_somebody_waited_is_weighed_again(tiny: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, seen = Engine(tiny.snapshot()), []
    there = iter([True, False, False])  # it is there when it is looked for, and gone once the turn has come

    def make(*_: object) -> Crow:
        seen.append(engine.limits.heavy.bytes)
        return Crow()

    monkeypatch.setattr(analysis, "is_ready", lambda *_: next(there))
    monkeypatch.setattr(analysis, "get_model", make)
    engine.model(tiny.facilities(tiny.place(2, 2)), Query(model="raster"))
    assert seen == [of_making("raster").bytes]


def test_old_figures_are_released(tiny: Any) -> None:
    """Nothing keeps a snapshot alive once no engine reads it."""
    snapshot = tiny.snapshot()
    engine = Engine(snapshot)
    engine.analyse(Query(), tiny.facilities(tiny.place(2, 2)))
    gone = weakref.ref(snapshot)
    del snapshot, engine
    gc.collect()
    assert gone() is None


def test_errors_of_limits_are_errors_a_user_can_put_right() -> None:
    assert issubclass(GoneError, InputError)
