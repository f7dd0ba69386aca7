"""Plans that people keep, each version as one row that is never changed: in SQLite, or in PostgreSQL by its address.

A version is stored as the text it is, under the id that its content gave it, so that saving it twice changes nothing.
Beside it stands who has it: a version that two people made is one row of content and two of access, and nobody finds it
who has none (docs/decisions/102-plans-have-owners.md). Tables are made when the first plan is saved, and carry the
version of their columns in their names (docs/decisions/084-version-in-the-name.md).
"""

from __future__ import annotations

import json
import re
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, exists, func, or_, select, true, update
from sqlalchemy import delete as delete_from
from sqlalchemy.dialects import postgresql, sqlite

from i18n.errors import DataError, InputError
from i18n.messages import Message, MessageError, Word
from loaders.storage.database_address import DatabaseAddress
from loaders.storage.database_faults import told
from loaders.storage.plan_room import PlanRoom
from loaders.storage.plan_table import (
    ACCESS,
    MACHINE,
    SHARED,
    SHARED_PREFIX,
    TABLE,
    alone,
    begin,
    in_turn,
    make,
    state_of,
)

DRAFT_DAYS = 90
"""Days after which a draft that nobody kept is dropped."""
BIN_DAYS = 30
"""Days that a plan lies in the bin before it is gone."""

_ID = re.compile(r"[0-9a-f]{1,64}")
_DAY_S = 86_400.0


@dataclass(frozen=True)
class Stored:
    """One version of a plan.

    Attributes
    ----------
    id : what its content gave it, lower-case hexadecimal
    name, note : what people call it and wrote with it
    snapshot : hash of the data it rests on
    document : the plan itself; empty in a listing
    parent : id of the version it was made from, empty for the first
    kept : whether somebody saved it; a draft is dropped after `DRAFT_DAYS`
    service : service it is about
    created : time its owner first stored it, UTC; given by the store
    binned : time it went into the bin, UTC; empty where it did not
    """

    id: str
    name: str
    note: str
    snapshot: str
    document: str
    parent: str = ""
    kept: bool = False
    service: str = ""
    created: str = ""
    binned: str = ""

    @classmethod
    def of(cls, plan_id: str, document: str, parent: str = "", *, kept: bool = False) -> Stored:
        """Version with the name, note, data and service that its document holds (a `scenario.Scenario`)."""
        values = json.loads(document)
        return cls(
            plan_id,
            values["name"],
            values["note"],
            values["snapshot"],
            document,
            parent,
            kept,
            values["question"]["service"],
        )


_TEXTS = ("id", "name", "note", "service", "snapshot", "document")
_TOLD = ("name", "note", "service", "snapshot")
_OF_THE_OWNER = ("parent", "kept", "created", "binned")
_LISTED = tuple(field.name for field in fields(Stored) if field.name != "document")


class ScenarioStore:
    """The plans in one database; may be used by several threads and processes at the same time.

    Every method raises `StorageError` when the database cannot be reached, read or written, and `DataError` when it is
    damaged, of a newer nabij or something else than a database of plans. Nothing is made before something is saved.

    Parameters
    ----------
    address : file or address; None for that of ``NABIJ_DATABASE``, else a file in this user's own folder
    most_bytes : that all plans may take, for a server that others use; None for no limit

    Raises
    ------
    InputError
        an address that cannot be understood
    """

    def __init__(self, address: str | Path | None = None, most_bytes: int | None = None) -> None:
        self._room = None if most_bytes is None else PlanRoom(most_bytes)
        self.place = DatabaseAddress.of(address)
        self._engine = self.place.engine()
        self._insert: Any = sqlite.insert if self.place.url is None else postgresql.insert
        self._purged = -_DAY_S
        self._close = weakref.finalize(self, self._engine.dispose)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open; the store opens it again when it is used."""
        self._engine.dispose()

    def check(self) -> None:
        """See whether the database can be reached and read, without making anything."""
        self.listed(1)

    def put(self, plan: Stored, owner: str = MACHINE) -> Stored:
        """Store a version for an owner and return it as it stands there; one that is there already stays as it is.

        Putting a draft again as ``kept`` keeps it, also out of the bin; the other way round, it stays as it was.

        Raises
        ------
        InputError
            an id that is none, or text that cannot be stored; or there is no room left
        DataError
            another content stands under this id
        """
        _row(plan)  # text that cannot be stored is refused before anything is made
        self._purge_daily()
        with self.writing() as connection:
            there = self.put_content(connection, plan)
            had = self.give(connection, plan, owner)
        return replace(plan, **there, **had)

    def put_content(self, connection: Connection, plan: Stored) -> dict[str, Any]:
        """Store in a transaction what a version is; one that is there stays as it is, and how it stands is returned."""
        row = _row(plan)
        if self._room is not None:
            self._room.take(connection, len(row["document"].encode()))
        statement = self._insert(TABLE).values(row)
        known = statement.on_conflict_do_update(index_elements=["id"], set_={"used": row["used"]})
        stored_row = (
            connection.execute(known.returning(*(TABLE.c[name] for name in (*_TOLD, "digest")))).mappings().one()
        )
        if stored_row["digest"] != row["digest"]:
            raise DataError(Message("error.store.other_content", id=plan.id, place=self.place.in_sentence))
        return {name: stored_row[name] for name in _TOLD}

    def give(self, connection: Connection, plan: Stored, owner: str) -> dict[str, Any]:
        """Write down in a transaction that an owner has a version; what then stands there about the two.

        Raises
        ------
        MessageError
            it is to be kept, and the owner then has more than a fair share of the room (`PlanRoom.share`)
        """
        now = now_in_utc()
        saved = plan.kept and self._room is not None and not self._saved(connection, plan.id, owner)
        row = {"owner": owner, "id": plan.id, "parent": plan.parent, "kept": plan.kept, "binned": ""}
        statement = self._insert(ACCESS).values(row | {"created": now, "used": now})
        again = statement.excluded.kept
        known = statement.on_conflict_do_update(
            index_elements=["owner", "id"],
            set_={
                "used": now,
                "kept": or_(ACCESS.c.kept, again),
                "binned": case((again, ""), else_=ACCESS.c.binned),
            },
        ).returning(*(ACCESS.c[name] for name in _OF_THE_OWNER))
        there = dict(connection.execute(known).mappings().one())
        if saved and self._room is not None:
            self._room.share(connection, owner, len(plan.document.encode()))
        return there

    def get(self, plan_id: str, owners: Sequence[str] | None = None) -> Stored:
        """Return a version.

        Parameters
        ----------
        plan_id : its id
        owners : who asks, by all names; None for whoever has the database itself

        Raises
        ------
        InputError
            there is none with this id, or none that one of these owners has
        DataError
            its text is not what was stored
        """
        with self.reading() as connection:
            row = self._first(connection, plan_id)
            had = self._had(connection, plan_id, owners) if row is not None else None
        if row is None or (had is None and owners is not None):
            raise self._unknown(plan_id)
        if sha256(row["document"].encode()).hexdigest() != row["digest"]:
            raise DataError(Message("error.store.plan_damaged", id=plan_id, place=self.place.in_sentence))
        return _stored({**row, **(had or {})})

    def find(self, beginning: str) -> str:
        """Id of the only version whose id begins so; `InputError` when there is none, or more than one."""
        asked = beginning.strip().lower()
        ids: list[str] = []
        if _ID.fullmatch(asked):
            with self.reading() as connection:
                if connection is not None:
                    like = select(TABLE.c.id).where(TABLE.c.id.startswith(asked)).order_by(TABLE.c.id).limit(2)
                    ids = [asked] if self._first(connection, asked) else list(connection.execute(like).scalars())
        if len(ids) > 1:
            raise MessageError("error.store.several", id=beginning)
        if not ids:
            raise self._unknown(beginning)
        return ids[0]

    def keep(self, plan_id: str, owner: str = MACHINE) -> None:
        """Keep a version of an owner for good; `InputError` when there is none with this id."""
        self._change(plan_id, owner, {"kept": True, "binned": "", "used": now_in_utc()})

    def forget(self, plan_id: str, owner: str | None = None) -> None:
        """Put a version into the bin; links to it do not open while it is there.

        Parameters
        ----------
        plan_id : its id
        owner : whose; None for everybody's

        Raises
        ------
        InputError
            there is none with this id that is not in there already
        """
        self._change(plan_id, owner, {"binned": now_in_utc()}, ACCESS.c.binned == "")

    def restore(self, plan_id: str, owner: str | None = None) -> None:
        """Take a version out of the bin; `InputError` when it is not in there."""
        self._change(plan_id, owner, {"binned": ""}, ACCESS.c.binned != "")

    def discard(self, plan_id: str) -> None:
        """Remove a version at once, whoever has it; `InputError` when there is none with this id."""
        with self.reading() as connection:
            if self._first(connection, plan_id) is None:
                raise self._unknown(plan_id)
        with self.writing() as connection:
            gone = connection.execute(delete_from(TABLE).where(TABLE.c.id == plan_id)).rowcount
            connection.execute(delete_from(ACCESS).where(ACCESS.c.id == plan_id))
            connection.execute(delete_from(SHARED).where(SHARED.c.head == plan_id))
            if not gone:
                raise self._unknown(plan_id)

    def listed(self, limit: int = 200, owner: str | None = None, *, binned: bool = False) -> list[Stored]:
        """Versions that were kept, the newest first, without their documents.

        Parameters
        ----------
        limit : how many at most
        owner : whose; None for everybody's
        binned : those in the bin, instead of those that are not
        """
        there = ACCESS.c.binned != "" if binned else ACCESS.c.binned == ""
        had = (
            select(
                ACCESS.c.id,
                func.max(ACCESS.c.parent).label("parent"),
                func.max(ACCESS.c.binned).label("binned"),
                func.max(ACCESS.c.created).label("created"),
                true().label("kept"),
            )
            .where(ACCESS.c.kept, there, true() if owner is None else ACCESS.c.owner == owner)
            .group_by(ACCESS.c.id)
            .subquery()
        )
        columns = (had.c[name] if name in had.c else TABLE.c[name] for name in _LISTED)
        wanted = select(*columns).join(TABLE, TABLE.c.id == had.c.id)
        newest = wanted.order_by(had.c.created.desc(), had.c.id).limit(limit)
        with self.reading() as connection:
            return [] if connection is None else [_stored(row) for row in connection.execute(newest).mappings()]

    def purge(self, days: float = DRAFT_DAYS, bin_days: float = BIN_DAYS) -> int:
        """Drop drafts that were not stored again for ``days``, and what is in the bin for longer than ``bin_days``.

        A version goes when nobody has it any more; return how many owners lost one.
        """
        with self.reading() as connection:
            if connection is None:
                return 0
        before, gone_before = now_in_utc(-timedelta(days=days)), now_in_utc(-timedelta(days=bin_days))
        draft = and_(~ACCESS.c.kept, ACCESS.c.used < before)
        binned = and_(ACCESS.c.binned != "", ACCESS.c.binned < gone_before)
        with self.writing() as connection:
            alone(connection, self.place)
            gone = connection.execute(delete_from(ACCESS).where(or_(draft, binned))).rowcount
            had = exists().where(ACCESS.c.id == TABLE.c.id)
            # whoever stores a version in this instant touches `used` first, so that it is not taken from under them
            connection.execute(delete_from(TABLE).where(~had, TABLE.c.used < max(before, gone_before)))
            headless = ~exists().where(ACCESS.c.id == SHARED.c.head, ACCESS.c.owner == SHARED.c.owner)
            connection.execute(delete_from(SHARED).where(headless))
            return gone

    def _change(self, plan_id: str, owner: str | None, values: dict[str, Any], where: Any = None) -> None:
        """Change what is written down about who has a version."""
        with self.reading() as connection:
            if self._first(connection, plan_id) is None:
                raise self._unknown(plan_id)
        statement = update(ACCESS).values(values).where(ACCESS.c.id == plan_id, true() if where is None else where)
        if owner is not None:
            through = select(SHARED_PREFIX + SHARED.c.id).where(SHARED.c.owner == owner)
            statement = statement.where(or_(ACCESS.c.owner == owner, ACCESS.c.owner.in_(through)))
        with self.writing() as connection:
            if not connection.execute(statement).rowcount:
                raise self._unknown(plan_id)

    @staticmethod
    def _saved(connection: Connection, plan_id: str, owner: str) -> bool:
        """Whether an owner saved a version before, be it in the bin."""
        wanted = select(ACCESS.c.id).where(ACCESS.c.id == plan_id, ACCESS.c.owner == owner, ACCESS.c.kept)
        return connection.execute(wanted).first() is not None

    def _unknown(self, plan_id: str) -> InputError:
        asked = plan_id if plan_id.isprintable() else repr(plan_id)
        return MessageError("error.store.no_plan", id=asked, place=self.place.in_sentence)

    @staticmethod
    def _first(connection: Connection | None, plan_id: str) -> RowMapping | None:
        if connection is None or not _ID.fullmatch(plan_id):
            return None
        return connection.execute(select(TABLE).where(TABLE.c.id == plan_id)).mappings().first()

    @staticmethod
    def _had(connection: Connection | None, plan_id: str, owners: Sequence[str] | None) -> dict[str, Any] | None:
        """What is written down about a version for the first of the owners who has it; a share in the bin is closed."""
        if connection is None:
            return None
        columns = (ACCESS.c[name] for name in ("owner", *_OF_THE_OWNER))
        wanted = select(*columns).where(ACCESS.c.id == plan_id)
        if owners is not None:
            wanted = wanted.where(ACCESS.c.owner.in_(owners), _open())
        rows = list(connection.execute(wanted).mappings())
        order = {name: at for at, name in enumerate(owners or ())}
        rows.sort(key=lambda row: (order.get(row["owner"], 0), not row["kept"], row["created"]))
        if not rows:
            return None
        return {name: rows[0][name] for name in _OF_THE_OWNER}

    def _purge_daily(self) -> None:
        """Drop old drafts with the first plan that this process stores, and then once a day."""
        if time.monotonic() - self._purged >= _DAY_S:
            self._purged = time.monotonic()
            self.purge()

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """A connection to read with; None where nothing was ever saved."""
        if not self.place.is_there():
            yield None
            return
        with told(self.place):
            with self._engine.connect() as connection:
                state = state_of(connection, self.place)
            if state == "old":
                make(self._engine, self.place)
            with self._engine.connect() as connection:
                yield None if state == "none" else connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction to write in: all of it takes effect, or nothing; makes the tables where there are none."""
        self.place.make_room()
        with told(self.place):
            with self._engine.connect() as connection:
                state = state_of(connection, self.place)
            if state != "held":
                make(self._engine, self.place)
            with self._engine.begin() as connection:
                begin(connection, self.place)
                if self._room is not None:
                    in_turn(connection, self.place)
                yield connection


def _row(plan: Stored) -> dict[str, Any]:
    """Columns of a plan that is stored now."""
    if not _ID.fullmatch(plan.id):
        raise MessageError("error.store.id", id=plan.id)
    row: dict[str, Any] = {name: getattr(plan, name) for name in _TEXTS}
    for name, value in {**row, "parent": plan.parent}.items():
        if "\0" in value or not _encodes(value):
            raise MessageError("error.store.character", what=Word(f"error.store.what.{name}"))
    now = now_in_utc()
    digest = sha256(plan.document.encode()).hexdigest()
    return row | {"created": now, "used": now, "digest": digest}


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _stored(row: Mapping[Any, Any]) -> Stored:
    return Stored(**{field.name: row.get(field.name, "") for field in fields(Stored)})


def _open() -> ColumnElement[bool]:
    """Whether a row of access counts: what is in the bin is still its owner's, and nobody's through a link."""
    return or_(ACCESS.c.binned == "", ~ACCESS.c.owner.startswith(SHARED_PREFIX))


def now_in_utc(shift: timedelta = timedelta()) -> str:
    """Time in UTC, as text that sorts."""
    return (datetime.now(UTC) + shift).isoformat(timespec="microseconds")
