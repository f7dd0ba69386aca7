"""How much room plans may take on a server that others use, so that nobody fills its disk or takes the room of others.

Drafts that nobody saved make room: of whoever has most of them the one that was not used for longest, and so on, until
there is enough; nobody loses a newer draft to somebody else who has more. What somebody saved never goes while it is in
use. It has a fair share instead: a part of what others left free, and never less than one ordinary plan with a list
takes. Beyond that share the next plan is not saved, which is told, and stays the draft that it was. Where all of these
together take the room of saved plans, what lies longest in the bin of whoever has most in there goes first; with
nothing left in any bin the next plan is not saved either.
"""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import Connection, LargeBinary, cast, exists, func, select, text
from sqlalchemy import delete as delete_from

from i18n.messages import MessageError
from loaders.storage.plan_table import ACCESS, SHARED, SHARED_PREFIX, TABLE

VARIABLE = "NABIJ_PLANS_MB"
"""Environment variable with the megabytes that all plans of an explorer may take; left out, `DEFAULT_MB`."""

DEFAULT_MB = 2_000

FOR_SAVED = 0.8
"""Part of the room that saved plans may take together; the rest is left to drafts, whatever anybody saves."""

SHARES = 20
"""An owner may save one part in so many of what the others left free."""

FLOOR_BYTES = 250_000
"""An owner may save this much whatever others saved: a plan with a list of six hundred places, or dozens without."""

_FLOOR_PART = 100
"""In a small room the floor is one part in so many of it."""

_LOOK_EVERY = 100
"""The room is measured anew once this part of it may have been filled since."""
_ROW_BYTES = 500
"""What a row takes on a server beside the text of a plan, with its place in the indexes; in a file, pages count."""

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
        self._since = self._saved_since = most  # nothing is known yet
        self._saved = 0

    def take(self, connection: Connection, size: int) -> None:
        """See in a transaction that ``size`` more bytes find room.

        Raises
        ------
        MessageError
            when what people saved and use takes all there is
        """
        self._since += size
        if self._since < self.most // _LOOK_EVERY:
            return
        over = used_bytes(connection) + size - self.most
        if over > 0:
            freed = _drop_drafts(connection, over + self.most // _SPARE)
            if freed < over and _drop_bins(connection, over - freed) < over - freed:
                raise MessageError("error.store.room")
        self._since = 0

    def share(self, connection: Connection, owner: str, size: int) -> None:
        """See in a transaction that what an owner saved, one more version of ``size`` bytes included, is a fair share.

        What lies in the bin counts until it is gone. A shared plan is its owner's and has no share of its own.

        Raises
        ------
        MessageError
            when it is more than that, or there is no room for any more saved plans
        """
        if owner.startswith(SHARED_PREFIX):
            return
        self._saved_since += size
        if self._saved_since >= self.most // _LOOK_EVERY:
            self._saved, self._saved_since = saved_bytes(connection), 0
        own = saved_bytes(connection, owner)
        others = max(0, self._saved + self._saved_since - own)
        room = FOR_SAVED * self.most
        fair = max((room - others) / SHARES, min(FLOOR_BYTES, self.most // _FLOOR_PART))
        if own > fair:
            raise MessageError("error.store.share", saved=_megabytes(own), most=_megabytes(fair))
        if own + others > room:
            self._saved = saved_bytes(connection)
            over = self._saved - int(room)
            self._saved_since = 0
            if over > 0:
                freed = _drop_bins(connection, over + self.most // _LOOK_EVERY)
                self._saved -= freed
                if freed < over:
                    raise MessageError("error.store.saved_room")


def used_bytes(connection: Connection) -> int:
    """Bytes that the plans take now; of a file, what is not free in it."""
    if connection.dialect.name != "sqlite":
        texts = select(func.coalesce(func.sum(_size(connection)), 0), func.count()).select_from(TABLE)
        size, rows = connection.execute(texts).one()
        owned = connection.execute(select(func.count()).select_from(ACCESS)).scalar_one()
        return int(size) + _ROW_BYTES * (int(rows) + int(owned))
    pages, free, size = (
        int(connection.execute(text(f"PRAGMA {name}")).scalar_one())
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def saved_bytes(connection: Connection, owner: str | None = None) -> int:
    """Bytes of the versions that an owner saved, those in the bin included; of anybody, without one, each once."""
    mine = (ACCESS.c.id == TABLE.c.id) & ACCESS.c.kept
    if owner is not None:
        mine &= ACCESS.c.owner == owner
    wanted = select(func.coalesce(func.sum(_size(connection)), 0)).where(exists().where(mine))
    return int(connection.execute(wanted).scalar_one())


def _megabytes(size: float) -> float:
    """Megabytes, with a tenth where there are few."""
    megabytes = size / 1e6
    return round(megabytes, 1) if megabytes < 10 else round(megabytes)


def _size(connection: Connection) -> Any:
    if connection.dialect.name == "sqlite":
        return func.length(cast(TABLE.c.document, LargeBinary))  # of the text itself it would count letters
    return func.octet_length(TABLE.c.document)


def _drop_drafts(connection: Connection, wanted: int) -> int:
    """Drop drafts of about so many bytes; return how many bytes they took.

    Each is ranked by the bytes of its owner's drafts that are as new or newer, itself included; the highest go first.
    """
    size = _size(connection)
    kept = exists().where(ACCESS.c.id == TABLE.c.id, ACCESS.c.kept)
    owner = select(func.min(ACCESS.c.owner)).where(ACCESS.c.id == TABLE.c.id).scalar_subquery()
    had = select(TABLE.c.id, TABLE.c.used, size.label("size"), owner.label("owner")).where(~kept).subquery()
    newer = func.sum(had.c.size).over(partition_by=had.c.owner, order_by=(had.c.used.desc(), had.c.id.desc()))
    drafts = select(had.c.id, had.c.size).order_by(newer.desc(), had.c.used, had.c.id)
    return _drop(connection, drafts, wanted)


def _drop_bins(connection: Connection, wanted: int) -> int:
    """Drop about so many bytes of what owners threw away; return how many bytes it took.

    Ranked as drafts are: of whoever has most in the bin, what lies there longest goes first. What somebody else has
    still stays.
    """
    size = _size(connection)
    other = ACCESS.alias("other")
    used = exists().where(other.c.id == ACCESS.c.id, other.c.binned == "")
    had = (
        select(ACCESS.c.id, func.min(ACCESS.c.binned).label("binned"), func.min(ACCESS.c.owner).label("owner"))
        .where(ACCESS.c.binned != "", ~used)
        .group_by(ACCESS.c.id)
        .subquery()
    )
    binned = select(had, size.label("size")).join(TABLE, TABLE.c.id == had.c.id).subquery()
    newer = func.sum(binned.c.size).over(
        partition_by=binned.c.owner, order_by=(binned.c.binned.desc(), binned.c.id.desc())
    )
    return _drop(
        connection, select(binned.c.id, binned.c.size).order_by(newer.desc(), binned.c.binned, binned.c.id), wanted
    )


def _drop(connection: Connection, ranked: Any, wanted: int) -> int:
    """Drop plans, the first ones first, until about so many bytes are free; return how many bytes they took."""
    gone: list[str] = []
    freed = 0
    with connection.execute(ranked) as rows:
        for plan, taken in rows:
            if freed >= wanted:
                break
            gone.append(str(plan))
            freed += int(taken)
    for first in range(0, len(gone), 500):
        some = gone[first : first + 500]
        for table, column in ((ACCESS, ACCESS.c.id), (SHARED, SHARED.c.head), (TABLE, TABLE.c.id)):
            connection.execute(delete_from(table).where(column.in_(some)))
    return freed
