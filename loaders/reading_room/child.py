"""Inside the child: seal it, read the one file, write what came of it, end.

On systems without ``fork`` this module is run as a program, with the job on standard input and the answer on standard
output.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import NoReturn

from loaders.reading_room import job as jobs
from loaders.reading_room.job import Job
from loaders.reading_room.seal import data_bytes, die_with_parent, limit_resources, seal

DONE, BROKEN = 0, 70
"""How a child ends: with an answer, or because a library did what it should not."""


def run(header: bytes, source: bytes | int, out_fd: int, parent: int) -> NoReturn:
    """Read one file in the process just forked, and end it; nothing of the process it was forked from runs on."""
    status = BROKEN
    gc.freeze()  # nothing of the process it was forked from is looked at again, so that nothing of it is copied
    try:
        os.setsid()
        die_with_parent()
        if os.getppid() != parent:
            os._exit(BROKEN)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        job = Job.of(header, source if isinstance(source, bytes) else b"")
        if isinstance(source, int):
            job.source = source
            _ = job.view  # mapped before every other file is closed
        jobs.settle()
        seal(job.limits, out_fd)
        with os.fdopen(out_fd, "w+b", closefd=False) as out:
            job.mark = jobs.mark_of(out)
            jobs.apply_edits(job, out)
        status = DONE
    finally:
        os._exit(status)


def main() -> None:
    """Read the job on standard input: a line with its header, then the content."""
    header = sys.stdin.buffer.readline()
    job = Job.of(header, sys.stdin.buffer.read())
    limit_resources(job.limits, data_bytes())
    sys.stdout.buffer.write(_answer(job))


def _answer(job: Job) -> bytes:
    import io

    out = io.BytesIO()
    jobs.apply_edits(job, out)
    return out.getvalue()


if __name__ == "__main__":
    main()
