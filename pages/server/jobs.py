"""Long searches behind the page: a few at once, watched by whoever asked, and ended when nobody looks any more.

Every visitor gets a fair share: one search at a time and a few that wait, and those who have fewer go first.

A job is known by a key nobody can guess. What it found stays for a while, also when it was stopped: then the last good
answer is there with the gap that was left.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Generic, Literal, TypeVar

import flask

from coverage.siting.solvers.basis.control import Progress
from i18n.errors import InputError
from i18n.texts import DEFAULT_LANGUAGE, text

AT_ONCE = 2
"""Jobs that run at the same time; others wait for their turn."""

OF_ONE_RUNNING = 1
"""Jobs of one visitor that run at the same time."""

OF_ONE = 3
"""Jobs of one visitor that run or wait."""

MAX_JOBS = 24
"""Jobs that are held, waiting and finished ones included."""

IDLE_TIMEOUT_S = 60.0
"""A job that nobody looked at for so long is ended."""

KEPT_S = 900.0
"""How long what a job found is kept after somebody last looked at it."""

STEPS = 160
"""Steps of progress that are kept for a picture of it; when there are more, every other one goes."""

Stage = Literal["waiting", "running", "done", "stopped", "failed"]
T = TypeVar("T")
_EXTENSION = "nabij-jobs"
_LOG = logging.getLogger("nabij")


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Watch:
    """What a search is given: whether to stop, whom to tell how far it is, and whether nobody will see its answer."""

    should_stop: Callable[[], bool]
    on_progress: Callable[[Progress], None]
    abandoned: Callable[[], bool] = _never


Work = Callable[[Watch], Iterator[T]]
"""A search: yields what it finds, the best first."""


@dataclass(frozen=True)
class JobStatus(Generic[T]):
    """How a job stands.

    Attributes
    ----------
    stage : ``waiting``, ``running``, ``done``, ``stopped`` (asked to, or forgotten) or ``failed``
    ahead : jobs that wait before it
    seconds : how long it has run
    results : what it found so far
    steps : progress of the search for the first answer
    error : why it failed
    """

    stage: Stage
    ahead: int
    seconds: float
    results: tuple[T, ...]
    steps: tuple[Progress, ...]
    error: Exception | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.stage not in ("waiting", "running")


@dataclass(eq=False)
class _Job(Generic[T]):
    """A job; everything but ``stop`` changes under the lock of `Jobs` only."""

    work: Work[T]
    seen: float
    owner: str = ""
    stage: Stage = "waiting"
    stop: bool = False
    began: float = 0.0
    ended: float = 0.0
    results: list[T] = field(default_factory=list)
    steps: list[Progress] = field(default_factory=list)
    error: Exception | None = None


class Jobs(Generic[T]):
    """Jobs of one server; safe between threads.

    Parameters
    ----------
    clock : seconds that only go up
    at_once : jobs that run at the same time
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, at_once: int = AT_ONCE) -> None:
        self._clock, self._at_once = clock, at_once
        self._lock = Lock()
        self._jobs: OrderedDict[str, _Job[T]] = OrderedDict()
        self._line: deque[_Job[T]] = deque()
        self._running: list[_Job[T]] = []
        self._served: dict[str, int] = {}
        self._started = 0

    def start(self, work: Work[T], lang: str = DEFAULT_LANGUAGE, owner: str = "") -> str:
        """Take a job in and return its key; it begins as soon as there is room.

        Parameters
        ----------
        work : the search
        lang : language of the errors
        owner : visitor whose job it is, the only one who may look at it or stop it; empty for nobody in particular

        Raises
        ------
        InputError
            when as many jobs as can be held, or as many of this visitor, are waiting or running
        """
        key = secrets.token_urlsafe(18)
        with self._lock:
            self._tidy()
            mine = sum(not job.ended and not job.stop for job in self._jobs.values() if owner and job.owner == owner)
            if mine >= OF_ONE:
                raise InputError(text("jobs.yours", lang, n=mine))
            if len(self._jobs) >= MAX_JOBS and not self._drop_finished():
                raise InputError(text("jobs.full", lang))
            job = self._jobs[key] = _Job(work, self._clock(), owner)
            self._line.append(job)
            self._begin()
        return key

    def look(self, key: str, owner: str = "") -> JobStatus[T] | None:
        """How a job of this owner stands; None when there is none, or no longer. Looking keeps it going."""
        with self._lock:
            self._tidy()
            job = self._of(key, owner)
            if job is None:
                return None
            job.seen = self._clock()
            until = job.ended if job.ended else job.seen
            return JobStatus(
                stage=job.stage,
                ahead=self._ahead(job),
                seconds=until - job.began if job.began else 0.0,
                results=tuple(job.results),
                steps=tuple(job.steps),
                error=job.error,
            )

    def stop(self, key: str, owner: str = "") -> None:
        """Ask a job of this owner to end; what it has found stays."""
        with self._lock:
            job = self._of(key, owner)
            if job is not None:
                self._end(job)

    def stop_all(self) -> None:
        """Ask every job to end."""
        with self._lock:
            for job in self._jobs.values():
                self._end(job)

    def _of(self, key: str, owner: str) -> _Job[T] | None:
        job = self._jobs.get(key)
        return None if job is None or job.owner != owner else job

    def _end(self, job: _Job[T]) -> None:
        job.stop = True
        if job in self._line:
            self._line.remove(job)
            job.stage, job.ended = "stopped", self._clock()

    def _forgotten(self, job: _Job[T]) -> bool:
        return self._clock() - job.seen > IDLE_TIMEOUT_S

    def _tidy(self) -> None:
        """End what is forgotten, and let go of old answers."""
        now = self._clock()
        for job in [job for job in self._jobs.values() if not job.ended and self._forgotten(job)]:
            self._end(job)
        for key in [key for key, job in self._jobs.items() if job.ended and now - job.seen > KEPT_S]:
            del self._jobs[key]
        known = {job.owner for job in self._jobs.values()}
        self._served = {owner: turn for owner, turn in self._served.items() if owner in known}

    def _drop_finished(self) -> bool:
        """Let go of the finished job that was not looked at for longest; False when there is none."""
        finished = [key for key, job in self._jobs.items() if job.ended]
        if not finished:
            return False
        del self._jobs[min(finished, key=lambda key: self._jobs[key].seen)]
        return True

    def _begin(self) -> None:
        """Start what may run."""
        while len(self._running) < self._at_once:
            job = min((job for job in self._line if self._may_run(job)), key=self._turn, default=None)
            if job is None:
                return
            self._line.remove(job)
            job.stage, job.began = "running", self._clock()
            self._running.append(job)
            self._started += 1
            self._served[job.owner] = self._started
            Thread(target=self._run, args=(job,), daemon=True, name="nabij-job").start()

    def _may_run(self, job: _Job[T]) -> bool:
        return not job.owner or sum(one.owner == job.owner for one in self._running) < OF_ONE_RUNNING

    def _turn(self, job: _Job[T]) -> int:
        """Whoever was served longest ago goes first; those of nobody in particular in the order they came."""
        return self._served.get(job.owner, 0) if job.owner else 0

    def _ahead(self, job: _Job[T]) -> int:
        """How many jobs that wait will begin before it, if nobody else comes."""
        if job not in self._line:
            return 0
        own = [one for one in self._line if one.owner == job.owner]
        place = own.index(job)
        if not job.owner:
            return self._line.index(job)
        others: dict[str, int] = {}
        for one in self._line:
            if one.owner != job.owner:
                others[one.owner] = others.get(one.owner, 0) + 1
        return place + sum(min(count, place + 1) for count in others.values())

    def _run(self, job: _Job[T]) -> None:
        def stop() -> bool:
            return job.stop or self._forgotten(job)

        error: Exception | None = None
        try:
            for result in job.work(Watch(stop, lambda step: self._note(job, step), lambda: self._forgotten(job))):
                with self._lock:
                    job.results.append(result)
        except Exception as problem:  # noqa: BLE001  (whoever looks is told)
            error = problem
            if not isinstance(problem, InputError):
                _LOG.error("A search failed.", exc_info=problem)
        with self._lock:
            job.error = error
            job.stage = "failed" if error and not job.results else "stopped" if stop() else "done"
            job.ended = self._clock()
            self._running.remove(job)
            self._tidy()
            self._begin()

    def _note(self, job: _Job[T], step: Progress) -> None:
        """Keep a step of the search for the first answer, unless it says what the one before said."""
        with self._lock:
            if job.results:
                return
            if job.steps and (job.steps[-1].incumbent, job.steps[-1].bound) == (step.incumbent, step.bound):
                job.steps.pop()
            job.steps.append(step)
            if len(job.steps) > STEPS:
                del job.steps[1:-1:2]


def attach(server: flask.Flask) -> None:
    """Give a server a place to keep jobs."""
    server.extensions[_EXTENSION] = Jobs()


def jobs() -> Jobs[object]:
    """Return the jobs of the server that handles the present request."""
    return jobs_of(flask.current_app)


def jobs_of(server: flask.Flask) -> Jobs[object]:
    """Return the jobs of a server."""
    registered = server.extensions[_EXTENSION]
    assert isinstance(registered, Jobs)  # noqa: S101  (only `attach` puts it there)
    return registered
