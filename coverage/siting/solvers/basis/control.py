"""How long a solver may go on, who may stop it, and whom it tells how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from i18n.errors import InputError

Stopped = Literal["", "time", "cancelled"]
"""Why a run ended before its proof: the time was up, or somebody asked; empty when the proof is there."""


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    seconds : since the start
    incumbent : objective of the best answer so far, None before the first
    bound : no answer can be better than this, None before the first bound
    stage : ``greedy``, ``bound`` or ``search``
    """

    seconds: float
    incumbent: float | None
    bound: float | None
    stage: str


@dataclass
class Control:
    """Time, interruption and progress of one run.

    Attributes
    ----------
    time_limit : seconds after which the best answer so far is given with its gap; None for no limit
    mip_gap : relative gap at which the answer is good enough; 0 asks for the proven optimum
    should_stop : asked now and then; the run ends soon after it says True
    on_progress : told of every better answer and bound
    """

    time_limit: float | None = None
    mip_gap: float = 0.0
    should_stop: Callable[[], bool] | None = None
    on_progress: Callable[[Progress], None] | None = None
    stopped: Stopped = ""
    started: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        """Check the limits."""
        if self.time_limit is not None and not self.time_limit >= 0:
            raise InputError(f"Time limit is {self.time_limit} s; give a number of seconds, 0 or more.")
        if not 0 <= self.mip_gap < 1:
            raise InputError(f"mip_gap is {self.mip_gap}; give a relative gap from 0 up to 1.")

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    @property
    def left(self) -> float:
        """Seconds that are left, ``inf`` without a limit."""
        return float("inf") if self.time_limit is None else max(0.0, self.time_limit - self.seconds)

    def over(self) -> bool:
        """Whether to stop now; remembers why."""
        if not self.stopped:
            if self.should_stop is not None and self.should_stop():
                self.stopped = "cancelled"
            elif self.left <= 0:
                self.stopped = "time"
        return bool(self.stopped)

    def tell(self, stage: str, incumbent: float | None, bound: float | None) -> None:
        """Report progress to whoever listens."""
        if self.on_progress is not None:
            self.on_progress(Progress(self.seconds, incumbent, bound, stage))
