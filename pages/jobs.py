"""Long searches behind the page: a few at once, watched by whoever asked, and ended when nobody looks any more.

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

from coverage.siting.control import Progress
from loaders.errors import InputError
from loaders.texts import DEFAULT_LANGUAGE, text

AT_ONCE = 2
"""Jobs that run at the same time; others wait for their turn."""

MOST = 24
"""Jobs that are held, waiting and finished ones included."""

FORGOTTEN_S = 60.0
"""A job that nobody looked at for so long is ended."""

KEPT_S = 900.0
"""How long what a job found is kept after somebody last looked at it."""

STEPS = 160
"""Steps of progress that are kept for a picture of it; when there are more, every other one goes."""

Stage = Literal["waiting", "running", "done", "stopped", "failed"]
T = TypeVar("T")
_EXTENSION = "nabij-jobs"
_LOG = logging.getLogger("nabij")


@dataclass(frozen=True)
class Watch:
    """What a search is given: whether to stop, and whom to tell how far it is."""

    should_stop: Callable[[], bool]
    on_progress: Callable[[Progress], None]


Work = Callable[[Watch], Iterator[T]]
"""A search: yields what it finds, the best first."""


@dataclass(frozen=True)
class Sight(Generic[T]):
    """How a job stands.

    Attributes
    ----------
    stage : ``waiting``, ``running``, ``done``, ``stopped`` (asked to, or forgotten) or ``failed``
    ahead : jobs that wait before it
    seconds : how long it has run
    found : what it found so far
    steps : progress of the search for the first answer
    error : why it failed
    """

    stage: Stage
    ahead: int
    seconds: float
    found: tuple[T, ...]
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
    stage: Stage = "waiting"
    stop: bool = False
    began: float = 0.0
    ended: float = 0.0
    found: list[T] = field(default_factory=list)
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
        self._running = 0

    def start(self, work: Work[T], lang: str = DEFAULT_LANGUAGE) -> str:
        """Take a job in and return its key; it begins as soon as there is room.

        Raises
        ------
        InputError
            when as many jobs as can be held are waiting or running
        """
        key = secrets.token_urlsafe(18)
        with self._lock:
            self._tidy()
            if len(self._jobs) >= MOST and not self._drop_finished():
                raise InputError(text("jobs.full", lang))
            job = self._jobs[key] = _Job(work, self._clock())
            self._line.append(job)
            self._begin()
        return key

    def look(self, key: str) -> Sight[T] | None:
        """How a job stands; None when there is none, or no longer. Looking keeps it going."""
        with self._lock:
            self._tidy()
            job = self._jobs.get(key)
            if job is None:
                return None
            job.seen = self._clock()
            until = job.ended if job.ended else job.seen
            return Sight(
                stage=job.stage,
                ahead=self._line.index(job) if job in self._line else 0,
                seconds=until - job.began if job.began else 0.0,
                found=tuple(job.found),
                steps=tuple(job.steps),
                error=job.error,
            )

    def stop(self, key: str) -> None:
        """Ask a job to end; what it has found stays."""
        with self._lock:
            if key in self._jobs:
                self._end(self._jobs[key])

    def stop_all(self) -> None:
        """Ask every job to end."""
        with self._lock:
            for job in self._jobs.values():
                self._end(job)

    def _end(self, job: _Job[T]) -> None:
        job.stop = True
        if job in self._line:
            self._line.remove(job)
            job.stage, job.ended = "stopped", self._clock()

    def _forgotten(self, job: _Job[T]) -> bool:
        return self._clock() - job.seen > FORGOTTEN_S

    def _tidy(self) -> None:
        """End what is forgotten, and let go of old answers."""
        now = self._clock()
        for job in [job for job in self._jobs.values() if not job.ended and self._forgotten(job)]:
            self._end(job)
        for key in [key for key, job in self._jobs.items() if job.ended and now - job.seen > KEPT_S]:
            del self._jobs[key]

    def _drop_finished(self) -> bool:
        """Let go of the finished job that was not looked at for longest; False when there is none."""
        finished = [key for key, job in self._jobs.items() if job.ended]
        if not finished:
            return False
        del self._jobs[min(finished, key=lambda key: self._jobs[key].seen)]
        return True

    def _begin(self) -> None:
        """Start what may run."""
        while self._line and self._running < self._at_once:
            job = self._line.popleft()
            job.stage, job.began = "running", self._clock()
            self._running += 1
            Thread(target=self._run, args=(job,), daemon=True, name="nabij-job").start()

    def _run(self, job: _Job[T]) -> None:
        def stop() -> bool:
            return job.stop or self._forgotten(job)

        error: Exception | None = None
        try:
            for found in job.work(Watch(stop, lambda step: self._note(job, step))):
                with self._lock:
                    job.found.append(found)
        except Exception as problem:  # noqa: BLE001  (whoever looks is told)
            error = problem
            if not isinstance(problem, InputError):
                _LOG.error("A search failed.", exc_info=problem)
        with self._lock:
            job.error = error
            job.stage = "failed" if error and not job.found else "stopped" if stop() else "done"
            job.ended = self._clock()
            self._running -= 1
            self._tidy()
            self._begin()

    def _note(self, job: _Job[T], step: Progress) -> None:
        """Keep a step of the search for the first answer, unless it says what the one before said."""
        with self._lock:
            if job.found:
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
    held = server.extensions[_EXTENSION]
    assert isinstance(held, Jobs)  # noqa: S101  (only `attach` puts it there)
    return held
