"""One file out of a zip archive, unpacked in the child."""

from __future__ import annotations

import pyarrow as pa

from loaders.reading_room.job import Job, ReadResult
from loaders.reading_room.zip_archives import take_member


def read_member(job: Job) -> ReadResult:
    """The one member whose name matches the option ``pattern``."""
    member = take_member(job.data, str(job.options["pattern"]), job.file)
    table = pa.table({"data": pa.array([member.data], type=pa.large_binary())})
    return ReadResult({"member": table}, {"name": member.name})
