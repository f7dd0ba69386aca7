"""The tables in which plans are kept, made once, whoever else is about to.

Three of them: what the plans are (`TABLE`), whose they are (`ACCESS`) and which are shared by a link (`SHARED`). The
name of each carries the version of the columns (docs/decisions/084-version-in-the-name.md); the one table of version 1,
in which plans had no owner, is taken over in the same transaction that makes these.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import Any, Literal

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Index,
    MetaData,
    String,
    Table,
    Text,
    insert,
    inspect,
    literal,
    select,
    text,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable, DropTable

from i18n.errors import DataError
from i18n.messages import Message
from loaders.storage.database_address import DatabaseAddress

VERSION = 2
"""Version of the columns below; a new one gets a new number, and is made out of the old one."""
PREFIX = "nabij_scenario_"
MACHINE = "machine"
"""Owner of what is saved on the command line, and of what was saved before plans had owners."""
SHARED_PREFIX = "shared:"
"""What the name of a shared plan begins with where it stands as an owner."""

_LOCK, _SAVING = 7_001_190_021, 7_001_190_022
"""Numbers of the advisory locks under which a server makes the tables once, and under which plans find room."""
_TRIES, _PAUSE_S = 50, 0.02
_METADATA = MetaData()

TABLE = Table(
    f"{PREFIX}{VERSION}",
    _METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("snapshot", Text, nullable=False),
    Column("created", String(32), nullable=False),
    Column("used", String(32), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("document", Text, nullable=False),
)
"""Versions of plans, each once, whoever has it."""

ACCESS = Table(
    f"{PREFIX}{VERSION}_access",
    _METADATA,
    Column("owner", String(80), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("parent", Text, nullable=False),
    Column("kept", Boolean(create_constraint=False), nullable=False),
    Column("binned", String(32), nullable=False),
    Column("created", String(32), nullable=False),
    Column("used", String(32), nullable=False),
)
"""Who has which version; ``binned`` is when it went into the bin, empty where it did not."""
Index(f"{PREFIX}{VERSION}_access_id", ACCESS.c.id)
Index(f"{PREFIX}{VERSION}_access_listed", ACCESS.c.owner, ACCESS.c.kept, ACCESS.c.created)

SHARED = Table(
    f"{PREFIX}{VERSION}_shared",
    _METADATA,
    Column("id", String(64), primary_key=True),
    Column("owner", String(80), nullable=False),
    Column("head", String(64), nullable=False),
    Column("read", String(64), nullable=False, unique=True),
    Column("edit", String(64), nullable=False, unique=True),
    Column("created", String(32), nullable=False),
    Column("changed", String(32), nullable=False),
)
"""Plans that are shared: the version that a link opens, and the SHA-256 of the secrets of both links."""
Index(f"{PREFIX}{VERSION}_shared_head", SHARED.c.head)

_TABLES = (ACCESS, SHARED, TABLE)  # `TABLE` last: where a server has it, it has the others
_WITHOUT_OWNERS = Table(
    f"{PREFIX}1",
    MetaData(),
    *(Column(name, Text) for name in ("id", "name", "note", "service", "snapshot", "parent")),
    Column("kept", Boolean(create_constraint=False)),
    *(Column(name, Text) for name in ("created", "used", "digest", "document")),
)

State = Literal["none", "old", "held"]


def state_of(connection: Connection, place: DatabaseAddress) -> State:
    """Whether the tables are there, only those of an earlier version, or none.

    Raises
    ------
    DataError
        a newer version of them is there, or the file belongs to something else
    """
    names = inspect(connection).get_table_names()
    ours = [name for name in names if re.fullmatch(rf"{PREFIX}\d+", name)]
    newer = [name for name in ours if int(name.removeprefix(PREFIX)) > VERSION]
    if newer:
        raise DataError(Message("error.store.newer", subject=place.subject, table=newer[0]))
    if names and not ours and place.path is not None:
        raise DataError(Message("error.store.not_ours", subject=place.subject, table=names[0]))
    if TABLE.name in names:
        return "held"
    return "old" if _WITHOUT_OWNERS.name in names else "none"


def make(engine: Engine, place: DatabaseAddress) -> None:
    """Make the tables, whoever else is about to, out of what an earlier version kept.

    Raises
    ------
    DataError
        the server cannot hold every text
    """
    if place.path is not None:
        _let_readers_through(engine)
    with engine.begin() as connection:
        begin(connection, place)
        alone(connection, place)
        if place.path is None:
            _check_encoding(connection, place)
        for one in _TABLES:
            connection.execute(CreateTable(one, if_not_exists=True))
            for index in one.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))
        if inspect(connection).has_table(_WITHOUT_OWNERS.name):
            if place.path is None:  # an earlier nabij that saves in this instant has its turn first, and not after
                connection.execute(text(f"LOCK TABLE {_WITHOUT_OWNERS.name} IN ACCESS EXCLUSIVE MODE"))
            _take_over(connection)
            place.for_this_user_alone()


def _take_over(connection: Connection) -> None:
    """Give the plans that had no owner to the machine, kept or not, and drop the table they stood in."""
    before = _WITHOUT_OWNERS.c
    taken: list[tuple[Table, dict[str, ColumnElement[Any]]]] = [
        (TABLE, {column.name: before[column.name] for column in TABLE.columns}),
        (
            ACCESS,
            {column.name: before[column.name] for column in ACCESS.columns if column.name in before}
            | {"owner": literal(MACHINE), "binned": literal("")},
        ),
    ]
    for into, columns in taken:
        connection.execute(insert(into).from_select(list(columns), select(*columns.values())))
    connection.execute(DropTable(_WITHOUT_OWNERS))


def begin(connection: Connection, place: DatabaseAddress) -> None:
    """Let SQLite wait for its turn to write at once, rather than refuse in the middle."""
    if place.path is not None:
        connection.execute(text("BEGIN IMMEDIATE"))


def alone(connection: Connection, place: DatabaseAddress) -> None:
    """Wait until no other process makes the tables or drops drafts on this server; SQLite has one writer anyway."""
    if place.path is None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def in_turn(connection: Connection, place: DatabaseAddress) -> None:
    """Let those who save wait for one another where room is shared out, as SQLite does: each counts what others saved.

    A server else lets them in at the same time, and none of them sees what the others are about to save.
    """
    if place.path is None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _SAVING})


def _let_readers_through(engine: Engine) -> None:
    """Set the mode of SQLite in which readers do not wait for a writer; it wants the file alone for an instant."""
    for _ in range(_TRIES):
        with engine.connect() as connection, suppress(OperationalError):
            connection.execute(text("PRAGMA journal_mode=WAL"))
            return
        time.sleep(_PAUSE_S)


def _check_encoding(connection: Connection, place: DatabaseAddress) -> None:
    encoding = str(connection.execute(text("SHOW server_encoding")).scalar_one())
    if encoding != "UTF8":
        raise DataError(Message("error.store.encoding", subject=place.subject, encoding=encoding))
