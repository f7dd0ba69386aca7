"""One file out of a zip archive, unpacked in the child."""

from __future__ import annotations

import pyarrow as pa

from loaders.reading_room.job import Job, Result
from loaders.reading_room.zip_archives import take_member


def read_member(job: Job) -> Result:
    """The one member whose name matches the option ``pattern``."""
    member = take_member(job.data, str(job.options["pattern"]), job.file)
    table = pa.table({"data": pa.array([member.data], type=pa.large_binary())})
    return Result({"member": table}, {"name": member.name})
