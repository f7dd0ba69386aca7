"""Where plans are kept: a SQLite file of this user's own, or another file or PostgreSQL server by its address."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool, QueuePool

from i18n.errors import StorageError
from i18n.messages import Message, MessageError, Reason, Value, Word
from loaders.snapshot.upkeep.store import user_snapshot

DATABASE = "NABIJ_DATABASE"
"""Environment variable: file or address of the database with plans, where no ``--database`` is given."""
FILE = "plans.sqlite"
PATIENCE_S = 15
"""How long a writer waits for another one, and for a server to answer."""

_PRIVATE = 0o600
"""Rights on a file of plans: its owner reads and writes, and nobody else. SQLite gives its helper files the same."""
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")


def default_file() -> Path:
    """Where this user's plans are kept, whether or not there are any yet: beside the refreshed snapshots."""
    return user_snapshot().parent / FILE


def given_address(address: str | Path | None) -> str:
    """What was asked for: ``address``, else that of the environment; empty for this user's own file."""
    return str(address or os.environ.get(DATABASE, "")).strip()


@dataclass(frozen=True)
class DatabaseAddress:
    """A database, as it is opened and as it is named to people (never with the password in it).

    Attributes
    ----------
    name : what people are told
    path : file of a SQLite database, None for a server
    url : address of a server, None for a file
    """

    name: str
    path: Path | None = None
    url: URL | None = field(default=None, repr=False)

    @property
    def in_sentence(self) -> Value:
        """Name as it stands in a sentence of any language."""
        return self.name if self.url is None else _server_name(self.url)

    @property
    def subject(self) -> Value:
        """Name as it stands at the beginning of a sentence of any language."""
        return self.name if self.url is None else _server_name(self.url, ".subject")

    @classmethod
    def of(cls, address: str | Path | None) -> DatabaseAddress:
        """Find the database behind an address: a path, ``sqlite:///PATH`` or ``postgresql://USER:PASSWORD@HOST/NAME``.

        Raises
        ------
        InputError
            an address that is none, or of another kind of database
        """
        given = given_address(address)
        scheme = _SCHEME.match(given)
        if scheme is None:
            return cls._file(Path(given) if given else default_file())
        kind = scheme.group(1).lower()
        if kind == "sqlite":
            return cls._file(Path(given[len("sqlite://") :].removeprefix("/")))
        if kind not in _POSTGRES:
            raise MessageError("error.store.kind", kind=kind)
        return cls._server(f"postgresql+psycopg://{given[scheme.end() :]}")

    @classmethod
    def _file(cls, path: Path) -> DatabaseAddress:
        path = path.expanduser().absolute()
        if os.path.isdir(path):  # noqa: PTH112  (False where it may not be looked at; `is_there` tells that)
            raise MessageError("error.store.folder", path=str(path))
        return cls(f"'{path}'", path=path)

    @classmethod
    def _server(cls, address: str) -> DatabaseAddress:
        try:
            url = make_url(address)
        except (ArgumentError, ValueError):
            url = None
        if url is None or "@" in (url.host or ""):  # what the library says about it would show the password
            raise MessageError("error.store.address")
        return cls(str(_server_name(url)), url=url)

    def engine(self) -> Engine:
        """Engine of the database: a file is opened anew each time and never made, a server keeps a few connections."""
        if self.path is None:
            arguments = {
                "connect_timeout": PATIENCE_S,
                "client_encoding": "utf8",
                "application_name": "nabij",
                "prepare_threshold": None,  # prepared statements do not survive a pooler between us and the server
            }
            return create_engine(
                self.url or "", poolclass=QueuePool, pool_pre_ping=True, hide_parameters=True, connect_args=arguments
            )
        file = f"{self.path.as_uri()}?mode=rw"
        connect = partial(sqlite3.connect, file, uri=True, timeout=PATIENCE_S, check_same_thread=False)
        return create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)

    def is_there(self) -> bool:
        """Whether there is something to open; a server always counts as there.

        Raises
        ------
        StorageError
            it cannot be told, such as in a folder that may not be looked into
        """
        try:
            return self.path is None or bool(self.path.stat())
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise self._closed(error) from error

    def make_room(self) -> None:
        """Make an empty file where there is none, and the folder of nabij's own; a server has its database already.

        Both are for this user alone.

        Raises
        ------
        StorageError
            the folder of another file does not exist, or may not be written
        """
        if self.path is None or self.is_there():
            return
        try:
            if self.path == default_file().absolute() and not self.path.parent.is_dir():
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.path.parent.chmod(0o700)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, _PRIVATE))
            self.path.chmod(_PRIVATE)  # whatever the mask of the process takes away or leaves
        except FileNotFoundError as error:
            raise StorageError(Message("error.store.no_folder", path=str(self.path.parent))) from error
        except OSError as error:
            raise self._closed(error) from error

    def for_this_user_alone(self) -> None:
        """Take the rights of others on the file away, where it is this user's own."""
        if self.path is None or not hasattr(os, "getuid"):
            return
        status = self.path.stat()
        if status.st_uid == os.getuid():
            self.path.chmod(stat.S_IMODE(status.st_mode) & 0o700)

    def _closed(self, error: OSError) -> StorageError:
        return StorageError(Message("error.store.closed", place=self.in_sentence, reason=Reason(error, error.strerror)))


def _server_name(url: URL, form: str = "") -> Message:
    """Name of a database on a server, without the password."""
    host = url.host or url.query.get("host")
    return Message(
        f"error.store.server{form}",
        name=url.database or url.username or "",
        host=str(host) if host else Word("error.store.this_machine"),
        port=f":{url.port}" if url.port else "",
    )
