"""The table in which plans are kept, made once, whoever else is about to.

Its name carries the version of its columns (docs/decisions/084-version-in-the-name.md).
"""

from __future__ import annotations

import re
import time
from contextlib import suppress

from sqlalchemy import Boolean, Column, Connection, Engine, Index, MetaData, String, Table, Text, inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

from loaders.errors import DataError
from loaders.scenario_address import Place
from loaders.told import Told

VERSION = 1
"""Version of the columns below; a new one gets a new number, and is made out of the old one."""
PREFIX = "nabij_scenario_"

_LOCK = 7_001_190_021
"""Number of the advisory lock under which a server makes the table once."""
_TRIES, _PAUSE_S = 50, 0.02

TABLE = Table(
    f"{PREFIX}{VERSION}",
    MetaData(),
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("snapshot", Text, nullable=False),
    Column("parent", Text, nullable=False),
    Column("kept", Boolean(create_constraint=False), nullable=False),
    Column("created", String(32), nullable=False),
    Column("used", String(32), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("document", Text, nullable=False),
)
Index(f"{PREFIX}{VERSION}_listed", TABLE.c.kept, TABLE.c.created)


def is_held(connection: Connection, place: Place) -> bool:
    """Whether the table is there.

    Raises
    ------
    DataError
        a newer version of it is there, or the file belongs to something else
    """
    names = inspect(connection).get_table_names()
    ours = [name for name in names if re.fullmatch(rf"{PREFIX}\d+", name)]
    newer = [name for name in ours if int(name.removeprefix(PREFIX)) > VERSION]
    if newer:
        raise DataError(Told("error.store.newer", subject=place.subject, table=newer[0]))
    if names and not ours and place.path is not None:
        raise DataError(Told("error.store.not_ours", subject=place.subject, table=names[0]))
    return TABLE.name in names


def make(engine: Engine, place: Place) -> None:
    """Make the table, whoever else is about to; `DataError` where the server cannot hold every text."""
    if place.path is not None:
        _let_readers_through(engine)
    with engine.begin() as connection:
        begin(connection, place)
        alone(connection, place)
        if place.path is None:
            _check_encoding(connection, place)
        connection.execute(CreateTable(TABLE, if_not_exists=True))
        for index in TABLE.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))


def begin(connection: Connection, place: Place) -> None:
    """Let SQLite wait for its turn to write at once, rather than refuse in the middle."""
    if place.path is not None:
        connection.execute(text("BEGIN IMMEDIATE"))


def alone(connection: Connection, place: Place) -> None:
    """Wait until no other process makes the table or drops drafts on this server; SQLite has one writer anyway."""
    if place.path is None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def _let_readers_through(engine: Engine) -> None:
    """Set the mode of SQLite in which readers do not wait for a writer; it wants the file alone for an instant."""
    for _ in range(_TRIES):
        with engine.connect() as connection, suppress(OperationalError):
            connection.execute(text("PRAGMA journal_mode=WAL"))
            return
        time.sleep(_PAUSE_S)


def _check_encoding(connection: Connection, place: Place) -> None:
    encoding = str(connection.execute(text("SHOW server_encoding")).scalar_one())
    if encoding != "UTF8":
        raise DataError(Told("error.store.encoding", subject=place.subject, encoding=encoding))
