"""How much room plans may take on a server that others use, so that nobody fills its disk.

Drafts that nobody saved make room: the large ones first, then those that were not used for longest. What somebody
saved never goes; when it takes all there is, the next plan is refused in a sentence.
"""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import Connection, case, exists, func, select, text
from sqlalchemy import delete as delete_from

from i18n.messages import MessageError
from loaders.storage.plan_table import ACCESS, SHARED, TABLE

VARIABLE = "NABIJ_PLANS_MB"
"""Environment variable with the megabytes that all plans of an explorer may take; left out, `DEFAULT_MB`."""

DEFAULT_MB = 2_000
LARGE_BYTES = 100_000
"""A plan with more text is large: hundreds of changes, each with a note."""

_LOOK_EVERY = 100
"""The room is measured anew once this part of it may have been filled since."""
_SPARE = 10
"""One part in so many is made free at once, so that it is not done for every plan."""


def plans_bytes() -> int:
    """Bytes that plans may take, as `VARIABLE` says.

    Raises
    ------
    MessageError
        when it holds no whole number above 0
    """
    given = os.environ.get(VARIABLE, "").strip()
    if given and not (given.isdecimal() and int(given)):
        raise MessageError("memory.plans_mb", value=given[:20])
    return (int(given) if given else DEFAULT_MB) * 1_000_000


class PlanRoom:
    """Room for the plans of one database.

    Parameters
    ----------
    most : bytes that they may take
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._since = most  # nothing is known yet

    def take(self, connection: Connection, size: int) -> None:
        """See in a transaction that ``size`` more bytes find room.

        Raises
        ------
        MessageError
            when what people saved takes all there is
        """
        self._since += size
        if self._since < self.most // _LOOK_EVERY:
            return
        over = used_bytes(connection) + size - self.most
        if over > 0 and _drop_drafts(connection, over + self.most // _SPARE) < over:
            raise MessageError("error.store.room")
        self._since = 0


def used_bytes(connection: Connection) -> int:
    """Bytes that the plans take now; of a file, what is not free in it."""
    if connection.dialect.name != "sqlite":
        return int(connection.execute(select(func.coalesce(func.sum(_size(connection)), 0))).scalar_one())
    pages, free, size = (
        int(connection.execute(text(f"PRAGMA {name}")).scalar_one())
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _size(connection: Connection) -> Any:
    return func.length(TABLE.c.document) if connection.dialect.name == "sqlite" else func.octet_length(TABLE.c.document)


def _drop_drafts(connection: Connection, wanted: int) -> int:
    """Drop drafts of about so many bytes; return how many bytes they took."""
    size = _size(connection)
    kept = exists().where(ACCESS.c.id == TABLE.c.id, ACCESS.c.kept)
    drafts = select(TABLE.c.id, size).where(~kept)
    order = case((size > LARGE_BYTES, 0), else_=1), TABLE.c.used, TABLE.c.id
    gone: list[str] = []
    freed = 0
    with connection.execute(drafts.order_by(*order)) as found:
        for plan, taken in found:
            if freed >= wanted:
                break
            gone.append(str(plan))
            freed += int(taken)
    for first in range(0, len(gone), 500):
        some = gone[first : first + 500]
        for table, column in ((ACCESS, ACCESS.c.id), (SHARED, SHARED.c.head), (TABLE, TABLE.c.id)):
            connection.execute(delete_from(table).where(column.in_(some)))
    return freed
