"""Memory of an explorer that is asked very different things for a long time: of the process, and by structure.

The questions are put to the functions behind the page, from eight threads as ``nabij serve`` has them, so that an hour
of use takes minutes. ``python -m benchmarks.memory 500`` asks 500 questions; the seed makes them the same every time.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

from coverage.memory.lru_cache import Held, shared_budget
from coverage.scenario.edits import Add
from coverage.scenario.scenario import start
from i18n.errors import NabijError
from loaders.catalogue.regions.levels import LEVELS, OWN, get_level
from pages.server.memory import own_bytes, settle

QUESTIONS = 600
TARGET_MB = 900
EVERY = 50
THREADS = 8
SEED = 9
_MODES = ("walk", "bike", "car")
_MEASURES = ("count", "gravity", "2sfca", "e2sfca", "3sfca", "availability", "gap_probability", "nearest")
_AREAS = ("", "", "care_region:boom", "province:antwerpen")
_PLACES = 8_000


@dataclass(frozen=True)
class Point:
    """After so many questions: seconds since the start, and MB.

    Attributes
    ----------
    own_mb : memory of the process once the questions are answered, without pages of files (`own_bytes`)
    files_mb : pages of files that it has mapped, such as the streets, which the system takes back when it needs room
    held_mb : what the caches hold
    peak_mb : most memory of its own while these questions were worked on
    """

    questions: int
    seconds: float
    own_mb: float
    files_mb: float
    held_mb: float
    peak_mb: float


def own_mb() -> float:
    """Memory of this process alone now, MB (Linux)."""
    return (own_bytes() or 0) / 1e6


def files_mb() -> float:
    """Pages of files in memory of this process now, MB (Linux)."""
    status = Path("/proc/self/status").read_text()
    return float(re.findall(r"RssFile:\s+(\d+)", status)[0]) * 1024 / 1e6


class Peak:
    """Most memory of this process, looked at a hundred times a second."""

    def __init__(self) -> None:
        self._most = 0.0
        Thread(target=self._look, daemon=True).start()

    def take(self) -> float:
        """Most since it was last taken, MB."""
        found, self._most = self._most, 0.0
        return found

    def _look(self) -> None:
        while True:
            self._most = max(self._most, own_mb())
            time.sleep(0.01)


def state(random: Random) -> dict[str, str]:
    """Choices of a page, any that exist."""
    from pages.shell.state import DEFAULTS

    level = random.choice([name for name in LEVELS if name != OWN])
    return {
        **DEFAULTS,
        "service": random.choice(("bureau", "house")),
        "level": level,
        "vintage": str(random.choice(get_level(level).vintages)),
        "mode": random.choice(_MODES),
        "model": random.choice(("network", "network", "network", "crow", "raster")),
        "within": random.choice(("", "", str(random.randrange(500, 6000, 50)))),
        "min_share": random.choice(("", "0.3", "0.8")),
        "demand": random.choice(("births", "births", "age0", "age0_2", "age0_5")),
        "areas": random.choice(_AREAS) if level in ("municipality", "sector") else "",
    }


class Visitor:
    """Somebody who asks what the page can ask, within requests of one explorer."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.asked: Counter[str] = Counter()

    def ask(self, number: int) -> None:
        """Ask one question."""
        random = Random(SEED * 100_000 + number)
        kinds: list[tuple[int, Callable[[Random], object]]] = [
            (5, self.map),
            (3, self.measure),
            (2, self.sheet),
            (2, self.download),
            (3, self.plan),
            (2, self.upload),
        ]
        kind = random.choices([do for _, do in kinds], [weight for weight, _ in kinds])[0]
        with self.server.test_request_context("/", method="POST"):  # so that memory is handed back as it is in a server
            self.server.preprocess_request()
            try:
                kind(random)
                self.asked[kind.__name__] += 1
            except NabijError:
                self.asked[f"{kind.__name__}, refused"] += 1
            self.server.process_response(self.server.response_class())

    def map(self, random: Random, **more: str) -> dict[str, str]:
        """Answer another question, with its picture of distances."""
        from coverage.core.minutes import in_minutes
        from layers.maps.raster import minutes_legend
        from pages.explore import view_callbacks
        from pages.shell.plans.plan_context import view_of

        choices = {**state(random), **more}
        view_callbacks.refresh(choices, None)
        found, context = view_of(choices)
        analysis = context.analyse(found)
        context.raster.png(in_minutes(analysis.distance_m, analysis.query), minutes_legend())
        return choices

    def measure(self, random: Random) -> None:
        """Colour the map by a measure of access, or the probability of a gap."""
        from pages.explore.measure_choices import found_for
        from pages.shell.plans.plan_context import view_of

        found, context = view_of({**state(random), "indicator": random.choice(_MEASURES)})
        found_for(context, found, context.analyse(found))

    def sheet(self, random: Random) -> None:
        """Open the sheet of a zone."""
        from pages.explore import view_callbacks
        from pages.shell.plans.plan_context import view_of

        choices = state(random)
        found, context = view_of(choices)
        zone = str(random.choice(list(context.analyse(found).table["zone_id"])))
        view_callbacks.open_sheet({**choices, "zone": zone})

    def download(self, random: Random) -> None:
        """Take a file."""
        from pages.explore import view_callbacks

        form = random.choice(("csv", "xlsx", "geojson", "parquet"))
        view_callbacks.download({"form": form, "ids": None}, state(random), None)

    def plan(self, random: Random) -> None:
        """Change a plan, look at it and compare it with today."""
        from pages.shell.plans.plan_context import view_of
        from pages.shell.plans.plan_versions import plans

        found, context = view_of({**state(random), "model": "crow"})
        facilities = context.facilities(found.facilities)
        scenario = start(context.snapshot, facilities, found.checked().query)
        x, y = 150_000.0 + random.randrange(30_000), 200_000.0 + random.randrange(20_000)
        scenario = scenario.with_edit(Add("", found.service, "Nieuw", x, y), facilities, context.snapshot)
        plans().put(scenario)
        self.map(random, plan=scenario.id)
        after, beside = view_of({**state(random), "plan": scenario.id})
        _ = beside.comparison(after).zones  # type: ignore[attr-defined]

    def upload(self, random: Random) -> None:
        """Bring a list of places along and look at it."""
        import numpy as np
        import pandas as pd

        from loaders.catalogue.facilities import facility_frame
        from pages.shell.context import current
        from pages.shell.session_uploads import uploads

        base = current().facilities("illustrative")
        spots = np.random.default_rng(random.randrange(10**6))
        rows = base.frame.sample(_PLACES, replace=True, random_state=random.randrange(10**6))
        rows = rows.assign(id=[f"own-{n}" for n in range(_PLACES)], x=rows["x"] + spots.normal(0, 500, _PLACES))
        own = replace(base, name="user", frame=facility_frame(pd.DataFrame(rows)))
        self.map(random, facilities="own", places=uploads().add(own, str(random.randrange(20))), model="crow")


def run(questions: int = QUESTIONS) -> tuple[list[Point], list[Held], Counter[str]]:
    """Ask so many questions; memory after every `EVERY`, what is held at the end by structure, what was asked."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        from app import create_app

        visitor = Visitor(create_app(database=Path(folder) / "plans.sqlite").server)
        begun, points, peak = time.perf_counter(), [], Peak()
        with ThreadPoolExecutor(THREADS) as pool:
            for first in range(0, questions, EVERY):
                list(pool.map(visitor.ask, range(first, min(first + EVERY, questions))))
                settle(shared_budget())
                held = shared_budget().bytes / 1e6
                seconds = time.perf_counter() - begun
                points.append(Point(first + EVERY, seconds, own_mb(), files_mb(), held, peak.take()))
                print(points[-1], flush=True)
        return points, shared_budget().held(), visitor.asked


def _row(point: Point) -> str:
    sizes = (point.own_mb, point.files_mb, point.held_mb, point.peak_mb)
    return f"| {point.questions} | {point.seconds:.0f} | {' | '.join(f'{size:,.0f}' for size in sizes)} |"


def memory_lines(questions: int = QUESTIONS) -> list[str]:
    """Measure and return the part of the report."""
    points, held, asked = run(questions)
    late = [point.own_mb for point in points[len(points) // 3 :]]
    kept = "yes" if max(late) <= TARGET_MB else "**no**"
    return [
        "## Memory after many questions",
        "",
        f"{sum(asked.values())} questions from {THREADS} threads: "
        + ", ".join(f"{count} × {name}" for name, count in asked.most_common())
        + f". Budget {shared_budget().limit / 1e6:,.0f} MB.",
        "",
        "| questions | seconds | its own memory, MB | pages of files, MB | in the budget, MB | highest, MB |",
        "|---|---|---|---|---|---|",
        *map(_row, points),
        "",
        f"Target: at most {TARGET_MB} MB and flat. Kept: {kept} (after the first third {min(late):,.0f} to "
        f"{max(late):,.0f} MB).",
        "",
        "| structure | caches | values | MB |",
        "|---|---|---|---|",
        *(f"| {row.name} | {row.caches} | {row.values} | {row.bytes / 1e6:,.1f} |" for row in held if row.bytes > 5e4),
        "",
    ]


def memory_process_lines() -> list[str]:
    """Measure in a process that has done nothing else, and return the part of the report."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.memory"], capture_output=True, text=True, check=True)
    return done.stdout[done.stdout.index("## Memory") :].splitlines()


if __name__ == "__main__":
    print("\n".join(memory_lines(int(sys.argv[1]) if len(sys.argv) > 1 else QUESTIONS)))
