"""The process that searches: ``python -m pages.searches.process FOLDER BYTES``.

It opens the figures, waits for one question on standard input (`pages.searches.question`), answers on standard output
(`pages.searches.answer`) and ends. It ends at once when whoever started it is gone, and when no question comes.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread, Timer
from typing import BinaryIO

import numpy as np

from coverage.analysis import Engine
from coverage.siting.planning.ahead.steps import frontier
from coverage.siting.planning.ahead.why_not import why_not
from coverage.siting.planning.proposal import Proposal, alternatives
from coverage.siting.planning.question.problem import build_problem
from coverage.siting.solvers.basis.control import Control, Progress
from i18n.edges import PAGE, written_for
from i18n.errors import NabijError
from i18n.messages import MessageError
from layers.views.ahead_view import FrontierView, WhyView, frontier_view, why_view
from layers.views.propose_view import proposal_view
from loaders.catalogue.regions.projection import from_lonlat
from loaders.catalogue.regions.region_in_use import use_region
from loaders.snapshot.reader import Snapshot
from pages.searches.answer import line, of_proposal, of_step, of_view
from pages.searches.question import SearchQuestion

SPARE_S = 900
"""How long a process waits for a question."""

CPU_S = 1_800
"""Seconds of work of all cores after which the system ends it."""

_NICE = 5
_ANSWERED, _UNASKED = 0, 3


def main(folder: str, allowed: str) -> None:
    """Open the figures, wait for a question and answer it."""
    speak = _speaker(sys.stdout.buffer)
    idle = Timer(SPARE_S, os._exit, (_UNASKED,))
    idle.daemon = True
    idle.start()
    with suppress(OSError, AttributeError):
        os.nice(_NICE)
    snapshot = Snapshot(Path(folder))
    use_region(snapshot.region)
    engine = Engine(snapshot)
    engine.demand()
    _limit(int(allowed))
    speak(line("ready"))
    question = SearchQuestion.read(sys.stdin.buffer)
    idle.cancel()
    if question is None:
        os._exit(_UNASKED)
    stop = Event()
    Thread(target=_listen, args=(sys.stdin.buffer, stop), daemon=True).start()
    _answer(engine, question, stop.is_set, speak)
    sys.stdout.flush()
    os._exit(_ANSWERED)


def _answer(engine: Engine, question: SearchQuestion, stop: Callable[[], bool], speak: Callable[[bytes], None]) -> None:
    """Search, and say what is found; whatever goes wrong is said too."""

    def step(progress: Progress) -> None:
        speak(line("step", of_step(progress)))

    try:
        if engine.snapshot.hash != question.snapshot_hash:
            raise MessageError("search.lost")  # noqa: TRY301
        if question.why is not None:
            speak(line("why", of_view(_why(engine, question, question.why, stop))))
            speak(line("done"))
            return
        best: Proposal | None = None
        for proposal in alternatives(
            engine,
            question.query,
            question.facilities,
            question.request,
            most=question.most,
            should_stop=stop,
            on_progress=step,
            inside=question.inside,
            buildings=question.buildings,
        ):
            best = best or proposal
            speak(line("found", of_proposal(proposal_view(proposal, best, question.lang))))
        if question.frontier and not stop():
            speak(line("frontier", of_view(_frontier(engine, question, stop))))
        speak(line("done"))
    except NabijError as error:
        with written_for(PAGE):
            speak(line("refused", error.sentence(question.lang)))
    except MemoryError:
        speak(line("memory"))
    except Exception:  # noqa: BLE001  (whoever asked logs it)
        speak(line("fault", traceback.format_exc()))


def _frontier(engine: Engine, question: SearchQuestion, stop: Callable[[], bool]) -> FrontierView:
    control = Control(question.request.time_limit, 0.0, stop)
    problem = build_problem(
        engine, question.query, question.facilities, question.request, question.inside, buildings=question.buildings,
        control=control,
    )  # fmt: skip
    return frontier_view(problem, list(frontier(problem, question.frontier, control)), question.lang)


def _why(engine: Engine, question: SearchQuestion, at: tuple[float, float], stop: Callable[[], bool]) -> WhyView:
    lat, lon = at
    x, y = from_lonlat(np.array([[lon, lat]]))[0]
    why = why_not(
        engine, question.query, question.facilities, question.request, (float(x), float(y)), stop, question.inside,
        question.buildings,
    )  # fmt: skip
    return why_view(why, at, question.lang)


def _speaker(out: BinaryIO) -> Callable[[bytes], None]:
    lock = Lock()

    def speak(content: bytes) -> None:
        with lock:
            out.write(content)
            out.flush()

    return speak


def _listen(stream: BinaryIO, stop: Event) -> None:
    """Stop where that is asked, and end where nobody is left who could ask."""
    if stream.readline():
        stop.set()
        stream.readline()
    os._exit(_UNASKED)


def _limit(allowed: int) -> None:
    """Let the system refuse memory beyond what is taken now and what the question may take, and end endless work."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    status = Path("/proc/self/status")
    if status.is_file():  # elsewhere the limit on data is not kept by the system
        taken = next(int(row.split()[1]) for row in status.read_text().splitlines() if row.startswith("VmData:"))
        most = taken * 1024 + allowed
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(*sys.argv[1:3])
