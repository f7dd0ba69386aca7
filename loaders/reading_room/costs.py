"""A table of travel costs in the child: CSV or Parquet, three columns of it and no more."""

from __future__ import annotations

import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from i18n.errors import DataError
from i18n.messages import Message, Reason, Value, Word
from loaders.file_kinds import kind_of
from loaders.reading_room.job import Job, Result, text_array


def read_costs(job: Job) -> Result:
    """The columns of the option ``wanted`` that are there, as text."""
    wanted = list(map(str, job.options["wanted"]))
    kind = kind_of(bytes(job.view[:64]))
    try:
        if job.file.lower().endswith(".parquet") and kind != "parquet":
            raise ValueError("it begins as another kind of file")  # noqa: TRY301
        table = _parquet(job, wanted) if kind == "parquet" else _csv(job, wanted)
    except MemoryError:
        raise
    except (OSError, ValueError, pa.ArrowException) as error:
        if isinstance(error, DataError):
            raise
        said = " ".join(str(error).split())[:200]
        raise _no_table(job, Reason(error, said)) from error
    job.limits.check_table(table.num_rows, table.num_columns, job.file)
    return Result({"costs": table}, {"headers": list(table.column_names)})


def _no_table(job: Job, why: Value) -> DataError:
    return DataError(Message("error.travel.table_unreadable", file=str(job.options["path"]), error=why))


def _parquet(job: Job, wanted: list[str]) -> pa.Table:
    opened = pq.ParquetFile(io.BytesIO(job.data))
    held = opened.metadata
    job.limits.check_table(held.num_rows, 1, job.file)
    job.limits.check_table(1, held.num_columns, job.file)
    size = sum(held.row_group(i).total_byte_size for i in range(held.num_row_groups))
    if size > job.limits.memory:
        raise DataError(Message("error.room.memory", file=job.file, most=f"{job.limits.memory / 1e6:.0f}"))
    names = [name for name in wanted if name in opened.schema_arrow.names]
    if any(pa.types.is_nested(opened.schema_arrow.field(name).type) for name in names):
        raise _no_table(job, Word("error.travel.lists"))
    read = opened.read(columns=names, use_threads=False)
    return pa.table({name: text_array(_text(read[name])) for name in names})


def _text(column: pa.ChunkedArray) -> list[str]:
    return [str(value) for value in column.to_pandas()]


def _csv(job: Job, wanted: list[str]) -> pa.Table:
    first = job.data[: job.data.find(b"\n") % (len(job.data) + 1)]
    job.limits.check_table(0, first.count(b",") + 1, job.file)
    frame = pd.read_csv(io.BytesIO(job.data), dtype=str, comment="#", usecols=lambda name: name in wanted)
    return pa.table({name: text_array([str(value) for value in frame[name]]) for name in wanted if name in frame})
