"""Jobs: few at once, watched, ended when asked or forgotten, and kept for a while. Events decide, never the clock."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from coverage.siting.solvers.basis.control import Progress
from i18n.errors import InputError
from pages.server.jobs import AT_ONCE, IDLE_TIMEOUT_S, KEPT_S, MAX_JOBS, OF_ONE, STEPS, Jobs, JobStatus, Watch, Work


class SetClock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class WaitingSearch:
    """A search that waits until it may go on, or is stopped."""

    def __init__(self, *found: str) -> None:
        self.begun, self.open, self.found = threading.Event(), threading.Event(), found or ("answer",)

    def __call__(self, watch: Watch) -> Iterator[str]:
        self.begun.set()
        for answer in self.found:
            while not self.open.wait(0.005):
                if watch.should_stop():
                    yield f"{answer} so far"
                    return
            yield answer


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def jobs(clock: SetClock) -> Iterator[Jobs[str]]:
    held: Jobs[str] = Jobs(clock)
    yield held
    held.stop_all()
    for thread in threading.enumerate():
        if thread.name == "nabij-job":
            thread.join()


def until(jobs: Jobs[str], key: str, wanted: Callable[[JobStatus[str]], bool]) -> JobStatus[str]:
    """Look until a job stands as wanted; the test runner's own limit is the end of patience."""
    waiting = threading.Event()
    while True:
        seen = jobs.look(key)
        assert seen is not None
        if wanted(seen):
            return seen
        waiting.wait(0.002)


def ended(jobs: Jobs[str], key: str) -> JobStatus[str]:
    return until(jobs, key, lambda seen: seen.ended)


def test_what_is_found_is_seen_while_the_search_goes_on(jobs: Jobs[str]) -> None:
    first, rest = threading.Event(), threading.Event()

    def work(watch: Watch) -> Iterator[str]:
        yield "best"
        first.set()
        rest.wait()
        yield "second"

    key = jobs.start(work)
    first.wait()
    seen = until(jobs, key, lambda s: bool(s.results))
    assert (seen.stage, seen.results, seen.ended) == ("running", ("best",), False)
    rest.set()
    seen = ended(jobs, key)
    assert (seen.stage, seen.results, seen.error) == ("done", ("best", "second"), None)


def test_keys_cannot_be_guessed(jobs: Jobs[str]) -> None:
    gate = WaitingSearch()
    gate.open.set()
    keys = {jobs.start(gate) for _ in range(10)}
    assert len(keys) == 10
    assert all(len(key) >= 24 for key in keys)
    assert jobs.look("1") is None
    jobs.stop("1")  # nothing to stop is no error


def test_more_than_a_few_wait_for_their_turn(jobs: Jobs[str]) -> None:
    gates = [WaitingSearch() for _ in range(AT_ONCE + 2)]
    keys = [jobs.start(gate) for gate in gates]
    for gate in gates[:AT_ONCE]:
        gate.begun.wait()
    waiting = [seen for key in keys[AT_ONCE:] if (seen := jobs.look(key))]
    assert [(seen.stage, seen.ahead, seen.seconds) for seen in waiting] == [
        ("waiting", 0, 0),
        ("waiting", 1, 0),
    ]
    assert not gates[AT_ONCE].begun.is_set()
    gates[0].open.set()
    gates[AT_ONCE].begun.wait()
    assert until(jobs, keys[AT_ONCE + 1], lambda s: s.ahead == 0).stage == "waiting"
    for gate in gates:
        gate.open.set()
    assert [ended(jobs, key).stage for key in keys] == ["done"] * len(keys)


def test_a_stopped_search_keeps_its_last_good_answer(jobs: Jobs[str]) -> None:
    gate = WaitingSearch()
    key = jobs.start(gate)
    gate.begun.wait()
    jobs.stop(key)
    seen = ended(jobs, key)
    assert (seen.stage, seen.results) == ("stopped", ("answer so far",))


def test_one_that_waits_can_be_stopped_too(jobs: Jobs[str]) -> None:
    busy = [WaitingSearch() for _ in range(AT_ONCE)]
    for gate in busy:
        jobs.start(gate)
    late = WaitingSearch()
    key = jobs.start(late)
    jobs.stop(key)
    seen = ended(jobs, key)
    assert (seen.stage, seen.results, late.begun.is_set()) == ("stopped", (), False)


def test_what_nobody_looks_at_ends(jobs: Jobs[str], clock: SetClock) -> None:
    watched, left = WaitingSearch(), WaitingSearch()
    kept, gone = jobs.start(watched), jobs.start(left)
    left.begun.wait()
    clock.now += IDLE_TIMEOUT_S - 1
    assert jobs.look(kept) is not None
    clock.now += 2
    assert until(jobs, kept, lambda s: True).stage == "running"
    assert ended(jobs, gone).stage in ("stopped", "done")
    assert jobs.look(gone).results == ("answer so far",)  # type: ignore[union-attr]


def test_one_that_waits_forgotten_never_begins(jobs: Jobs[str], clock: SetClock) -> None:
    busy = [WaitingSearch() for _ in range(AT_ONCE)]
    keys = [jobs.start(gate) for gate in busy]
    for gate in busy:
        gate.begun.wait()
    late = WaitingSearch()
    key = jobs.start(late)
    clock.now += IDLE_TIMEOUT_S + 1
    seen = jobs.look(keys[0])
    assert seen is not None
    assert ended(jobs, key).stage == "stopped"
    assert not late.begun.is_set()


def test_answers_are_let_go_after_a_while(jobs: Jobs[str], clock: SetClock) -> None:
    gate = WaitingSearch()
    gate.open.set()
    key = jobs.start(gate)
    ended(jobs, key)
    clock.now += KEPT_S - 1
    assert jobs.look(key) is not None
    clock.now += KEPT_S + 1
    assert jobs.look(key) is None


def test_a_full_house_lets_the_oldest_answer_go_and_else_says_so(jobs: Jobs[str], clock: SetClock) -> None:
    done = WaitingSearch()
    done.open.set()
    first = jobs.start(done)
    ended(jobs, first)
    gates = [WaitingSearch() for _ in range(MAX_JOBS)]
    for gate in gates[: MAX_JOBS - 1]:
        jobs.start(gate)
    assert jobs.look(first) is not None
    jobs.start(gates[-1])  # takes the place of the answer
    assert jobs.look(first) is None
    with pytest.raises(InputError, match="Er lopen nu te veel berekeningen"):
        jobs.start(WaitingSearch())
    with pytest.raises(InputError, match="Too many calculations"):
        jobs.start(WaitingSearch(), "en")


@pytest.mark.parametrize("before", [0, 1])
def test_a_search_that_fails_says_why_and_keeps_what_it_had(
    jobs: Jobs[str], before: int, caplog: pytest.LogCaptureFixture
) -> None:
    def work(watch: Watch) -> Iterator[str]:
        yield from ["best"] * before
        raise InputError("There is nobody there.")

    with caplog.at_level(logging.ERROR, "nabij"):
        seen = ended(jobs, jobs.start(work))
    assert seen.stage == ("done" if before else "failed")
    assert seen.results == ("best",) * before
    assert str(seen.error) == "There is nobody there."
    assert caplog.records == []  # a mistake of the user is no fault of ours


def test_a_fault_of_ours_is_logged(jobs: Jobs[str], caplog: pytest.LogCaptureFixture) -> None:
    def work(watch: Watch) -> Iterator[str]:
        yield str(1 / len(""))

    with caplog.at_level(logging.ERROR, "nabij"):
        assert ended(jobs, jobs.start(work)).stage == "failed"
    assert [record.message for record in caplog.records] == ["A search failed."]


def told(*steps: Progress, after: tuple[Progress, ...] = ()) -> Work[str]:
    def work(watch: Watch) -> Iterator[str]:
        for step in steps:
            watch.on_progress(step)
        yield "best"
        for step in after:
            watch.on_progress(step)

    return work


def test_steps_of_the_first_search_are_kept_thinned_and_in_order(jobs: Jobs[str]) -> None:
    steps = [Progress(n / 10, 1000.0 - n, float(n), "search") for n in range(4 * STEPS)]
    late = Progress(99.0, 1.0, 1.0, "search")
    seen = ended(jobs, jobs.start(told(*steps, after=(late,))))
    assert 2 < len(seen.steps) <= STEPS
    assert (seen.steps[0], seen.steps[-1]) == (steps[0], steps[-1])
    assert [step.seconds for step in seen.steps] == sorted(step.seconds for step in seen.steps)


def test_a_step_that_says_the_same_takes_the_place_of_the_one_before(jobs: Jobs[str]) -> None:
    first, again, better = (Progress(s, best, 9.0, "search") for s, best in ((1.0, 5.0), (2.0, 5.0), (3.0, 6.0)))
    assert ended(jobs, jobs.start(told(first, again, better))).steps == (again, better)


def test_a_search_sees_by_itself_that_nobody_looks_any_more(jobs: Jobs[str], clock: SetClock) -> None:
    """Nobody looks at any job, so only the search itself can find out, and does."""
    watches: list[Watch] = []
    begun, go = threading.Event(), threading.Event()

    def work(watch: Watch) -> Iterator[str]:
        watches.append(watch)
        begun.set()
        go.wait()
        yield "late"

    key = jobs.start(work)
    begun.wait()
    (watch,) = watches
    assert (watch.should_stop(), watch.abandoned()) == (False, False)
    clock.now += IDLE_TIMEOUT_S + 1
    assert (watch.should_stop(), watch.abandoned()) == (True, True)
    go.set()
    for thread in threading.enumerate():
        if thread.name == "nabij-job":
            thread.join()
    seen = jobs.look(key)
    assert seen is not None
    assert seen.stage == "stopped"


def test_one_who_stops_a_search_is_still_there(jobs: Jobs[str]) -> None:
    watches: list[Watch] = []
    gate = WaitingSearch()

    def work(watch: Watch) -> Iterator[str]:
        watches.append(watch)
        yield from gate(watch)

    key = jobs.start(work)
    gate.begun.wait()
    jobs.stop(key)
    assert (watches[0].should_stop(), watches[0].abandoned()) == (True, False)
    ended(jobs, key)


def test_a_visitor_has_one_search_at_a_time_and_a_few_that_wait(jobs: Jobs[str]) -> None:
    gates = [WaitingSearch() for _ in range(OF_ONE + 1)]
    keys = [jobs.start(gate, owner="a") for gate in gates[:OF_ONE]]
    with pytest.raises(InputError, match=f"Je hebt al {OF_ONE} zoektochten"):
        jobs.start(gates[OF_ONE], "nl", "a")
    gates[0].begun.wait()
    assert [gate.begun.is_set() for gate in gates[1:OF_ONE]] == [False] * (OF_ONE - 1)  # though there is room for two
    other = WaitingSearch()
    jobs.start(other, owner="b")
    other.begun.wait()  # it went before those that waited
    jobs.stop(keys[1], "a")
    assert jobs.start(gates[OF_ONE], owner="a")  # one that was stopped leaves its place
    for gate in (*gates, other):
        gate.open.set()


def test_visitors_take_turns(jobs: Jobs[str]) -> None:
    """Two of a and one of b and c each wait behind two that run: b and c go before the second of a."""
    order: list[str] = []
    first = [WaitingSearch(), WaitingSearch()]
    for gate, owner in zip(first, "ab", strict=True):
        jobs.start(gate, owner=owner)
        gate.begun.wait()

    def noted(name: str) -> Work[str]:
        def work(watch: Watch) -> Iterator[str]:
            order.append(name)
            yield name

        return work

    keys = {name: jobs.start(noted(name), owner=name[0]) for name in ("a1", "a2", "b1", "c1", "d1")}
    waiting = jobs.look(keys["a2"], "a")
    assert waiting is not None
    assert waiting.ahead > 1
    first[0].open.set()
    for name, key in keys.items():
        if name[0] != "b":
            owned(jobs, key, name[0])
    first[1].open.set()
    owned(jobs, keys["b1"], "b")
    assert sorted(order) == sorted(keys)
    assert order.index("c1") < order.index("a1") < order.index("a2")


def owned(jobs: Jobs[str], key: str, owner: str) -> None:
    waiting = threading.Event()
    while not (seen := jobs.look(key, owner)) or not seen.ended:
        waiting.wait(0.002)


def test_only_its_owner_looks_at_a_job_or_stops_it(jobs: Jobs[str]) -> None:
    gate = WaitingSearch()
    key = jobs.start(gate, owner="a")
    gate.begun.wait()
    assert jobs.look(key, "b") is None
    assert jobs.look(key) is None
    jobs.stop(key, "b")
    jobs.stop(key)
    seen = jobs.look(key, "a")
    assert seen is not None
    assert seen.stage == "running"
    gate.open.set()
    owned(jobs, key, "a")


def test_many_threads_may_ask_at_once(jobs: Jobs[str]) -> None:
    """Ten browsers start, look and stop at the same time; every search ends, and no more run than may."""
    running, most, lock = [0], [0], threading.Lock()

    def work(watch: Watch) -> Iterator[str]:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        for _ in range(50):
            watch.on_progress(Progress(0.0, 1.0, 2.0, "search"))
        yield "best"
        with lock:
            running[0] -= 1

    keys: list[str] = []

    def browser(n: int) -> None:
        key = jobs.start(work)
        keys.append(key)
        jobs.look(key)
        if n % 3 == 0:
            jobs.stop(key)
        ended(jobs, key)

    threads = [threading.Thread(target=browser, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 10
    assert 1 <= most[0] <= AT_ONCE
