"""Plans that people keep, each version as one row that is never changed: in SQLite, or in PostgreSQL by its address.

A plan is stored as the text it is, under the id that its content gave it, so that saving it twice changes nothing.
A table is made when the first plan is saved, and carries the version of its columns in its name
(docs/decisions/084-version-in-the-name.md).
"""

from __future__ import annotations

import json
import re
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, RowMapping, and_, or_, select, update
from sqlalchemy import delete as delete_from
from sqlalchemy.dialects import postgresql, sqlite

from loaders.errors import DataError, InputError
from loaders.scenario_address import Place
from loaders.scenario_faults import told
from loaders.scenario_table import TABLE, alone, begin, is_held, make
from loaders.told import Told, ToldError, Word

DRAFT_DAYS = 90
"""Days after which a draft that nobody kept is dropped."""

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
    created : time it was first stored, UTC; given by the store
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

    @classmethod
    def of(cls, plan_id: str, document: str, parent: str = "", *, kept: bool = False) -> Stored:
        """Version with the name, note, data and service that its document holds (a `coverage.scenario.Scenario`)."""
        held = json.loads(document)
        return cls(
            plan_id,
            held["name"],
            held["note"],
            held["snapshot"],
            document,
            parent,
            kept,
            held["question"]["service"],
        )


_TEXTS = ("id", "name", "note", "service", "snapshot", "parent", "document")
_LISTED = tuple(field.name for field in fields(Stored) if field.name != "document")


class ScenarioStore:
    """The plans in one database; may be used by several threads and processes at the same time.

    Every method raises `StorageError` when the database cannot be reached, read or written, and `DataError` when it is
    damaged, of a newer nabij or something else than a database of plans. Nothing is made before something is saved.

    Parameters
    ----------
    address : file or address; None for that of ``NABIJ_DATABASE``, else a file in this user's own folder

    Raises
    ------
    InputError
        an address that cannot be understood
    """

    def __init__(self, address: str | Path | None = None) -> None:
        self.place = Place.of(address)
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

    def put(self, plan: Stored) -> Stored:
        """Store a version and return it as it stands there; one that is there already stays as it is.

        Putting a draft again as ``kept`` keeps it; the other way round, it stays kept.

        Raises
        ------
        InputError
            an id that is none, or text that cannot be stored
        DataError
            another content stands under this id
        """
        row = _row(plan)
        statement = self._insert(TABLE).values(row)
        known = statement.on_conflict_do_update(
            index_elements=["id"],
            set_={"used": row["used"], "kept": or_(TABLE.c.kept, statement.excluded.kept)},
        ).returning(*(TABLE.c[name] for name in (*_LISTED, "digest")))
        self._purge_daily()
        with self._writing() as connection:
            found = connection.execute(known).mappings().one()
            if found["digest"] != row["digest"]:
                raise DataError(Told("error.store.other_content", id=plan.id, place=self.place.said))
        return replace(_stored(found), document=plan.document)

    def get(self, plan_id: str) -> Stored:
        """Return a version.

        Raises
        ------
        InputError
            there is none with this id
        DataError
            its text is not what was stored
        """
        with self._reading() as connection:
            found = self._first(connection, plan_id)
        if found is None:
            raise self._unknown(plan_id)
        if sha256(found["document"].encode()).hexdigest() != found["digest"]:
            raise DataError(Told("error.store.plan_damaged", id=plan_id, place=self.place.said))
        return _stored(found)

    def find(self, beginning: str) -> str:
        """Id of the only version whose id begins so; `InputError` when there is none, or more than one."""
        asked = beginning.strip().lower()
        ids: list[str] = []
        if _ID.fullmatch(asked):
            with self._reading() as connection:
                if connection is not None:
                    like = select(TABLE.c.id).where(TABLE.c.id.startswith(asked)).order_by(TABLE.c.id).limit(2)
                    ids = [asked] if self._first(connection, asked) else list(connection.execute(like).scalars())
        if len(ids) > 1:
            raise ToldError("error.store.several", id=beginning)
        if not ids:
            raise self._unknown(beginning)
        return ids[0]

    def keep(self, plan_id: str) -> None:
        """Keep a version for good; `InputError` when there is none with this id."""
        self._change(plan_id, update(TABLE).values(kept=True, used=_now()))

    def forget(self, plan_id: str) -> None:
        """Remove a version; `InputError` when there is none with this id."""
        self._change(plan_id, delete_from(TABLE))

    def listed(self, limit: int = 200) -> list[Stored]:
        """Versions that were kept, the newest first, without their documents."""
        columns = (TABLE.c[name] for name in _LISTED)
        wanted = select(*columns).where(TABLE.c.kept).order_by(TABLE.c.created.desc(), TABLE.c.id).limit(limit)
        with self._reading() as connection:
            return [] if connection is None else [_stored(row) for row in connection.execute(wanted).mappings()]

    def purge(self, days: float = DRAFT_DAYS) -> int:
        """Drop drafts that nobody kept and that were not stored again for ``days``; return how many went."""
        with self._reading() as connection:
            if connection is None:
                return 0
        old = and_(~TABLE.c.kept, TABLE.c.used < _now(-timedelta(days=days)))
        with self._writing() as connection:
            alone(connection, self.place)
            return connection.execute(delete_from(TABLE).where(old)).rowcount

    def _change(self, plan_id: str, statement: Any) -> None:
        with self._reading() as connection:
            if self._first(connection, plan_id) is None:
                raise self._unknown(plan_id)
        with self._writing() as connection:
            if not connection.execute(statement.where(TABLE.c.id == plan_id)).rowcount:
                raise self._unknown(plan_id)

    def _unknown(self, plan_id: str) -> InputError:
        asked = plan_id if plan_id.isprintable() else repr(plan_id)
        return ToldError("error.store.no_plan", id=asked, place=self.place.said)

    @staticmethod
    def _first(connection: Connection | None, plan_id: str) -> RowMapping | None:
        if connection is None or not _ID.fullmatch(plan_id):
            return None
        return connection.execute(select(TABLE).where(TABLE.c.id == plan_id)).mappings().first()

    def _purge_daily(self) -> None:
        """Drop old drafts with the first plan that this process stores, and then once a day."""
        if time.monotonic() - self._purged >= _DAY_S:
            self._purged = time.monotonic()
            self.purge()

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """A connection to read with; None where nothing was ever saved."""
        if not self.place.is_there():
            yield None
            return
        with told(self.place), self._engine.connect() as connection:
            yield connection if is_held(connection, self.place) else None

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction to write in: all of it takes effect, or nothing; the table is made when it is not there."""
        self.place.make_room()
        with told(self.place):
            with self._engine.connect() as connection:
                held = is_held(connection, self.place)
            if not held:
                make(self._engine, self.place)
            with self._engine.begin() as connection:
                begin(connection, self.place)
                yield connection


def _row(plan: Stored) -> dict[str, Any]:
    """Columns of a plan that is stored now."""
    if not _ID.fullmatch(plan.id):
        raise ToldError("error.store.id", id=plan.id)
    row: dict[str, Any] = {name: getattr(plan, name) for name in _TEXTS}
    for name, value in row.items():
        if "\0" in value or not _encodes(value):
            raise ToldError("error.store.character", what=Word(f"error.store.what.{name}"))
    now = _now()
    digest = sha256(plan.document.encode()).hexdigest()
    return row | {"kept": plan.kept, "created": now, "used": now, "digest": digest}


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _stored(row: Mapping[Any, Any]) -> Stored:
    return Stored(**{field.name: row.get(field.name, "") for field in fields(Stored)})


def _now(shift: timedelta = timedelta()) -> str:
    """Time in UTC, as text that sorts."""
    return (datetime.now(UTC) + shift).isoformat(timespec="microseconds")
