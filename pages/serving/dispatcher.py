"""Threads that answer requests, in the order of `pages.serving.queue.FairQueue`."""

from __future__ import annotations

import logging
from threading import Condition, Thread
from typing import Protocol

from pages.serving.queue import FairQueue, Turn
from pages.serving.rates import Asker
from pages.serving.settings import ServeSettings

_LOG = logging.getLogger("nabij")


class ConnectionTask(Protocol):
    """A connection with a request to answer."""

    def service(self) -> None:
        """Answer it."""

    def cancel(self) -> None:
        """Let go of it."""

    def turn(self) -> tuple[Asker, bool]:
        """Who asks, and whether it is work."""


class Dispatcher:
    """A fixed number of threads; what waits does not hold one.

    Parameters
    ----------
    settings : how many threads, and how many may run and wait
    """

    def __init__(self, settings: ServeSettings) -> None:
        self._queue: FairQueue[ConnectionTask] = FairQueue(settings)
        self._changed = Condition()
        self._stopped = False
        self._busy = 0
        for number in range(settings.threads):
            Thread(target=self._run, daemon=True, name=f"nabij-serve-{number}").start()

    def full_for(self, asker: Asker) -> bool:
        """Whether as many of an address or browser wait as may."""
        with self._changed:
            return self._queue.full_for(asker)

    def add_task(self, task: ConnectionTask) -> None:
        """Let a connection wait for its turn."""
        asker, work = task.turn()
        with self._changed:
            if self._stopped:
                task.cancel()
                return
            self._queue.put(Turn(task, asker, work))
            self._changed.notify()

    def idle(self) -> bool:
        """Whether nothing waits and nothing runs."""
        with self._changed:
            return self._busy == 0 and len(self._queue) == 0

    def shutdown(self) -> None:
        """Let go of what waits, and end every thread once it has answered."""
        with self._changed:
            self._stopped = True
            for task in self._queue.drop_all():
                task.cancel()
            self._changed.notify_all()

    def _run(self) -> None:
        while (turn := self._next()) is not None:
            try:
                turn.item.service()
            except Exception:  # noqa: BLE001  (the thread goes on with the next)
                _LOG.exception("A request could not be answered.")
            finally:
                with self._changed:
                    self._busy -= 1
                    self._queue.done(turn)
                    self._changed.notify_all()

    def _next(self) -> Turn[ConnectionTask] | None:
        with self._changed:
            while not self._stopped:
                turn = self._queue.take()
                if turn is not None:
                    self._busy += 1
                    return turn
                self._changed.wait()
        return None
