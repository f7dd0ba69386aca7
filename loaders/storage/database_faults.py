"""What can be wrong with a database of plans, each a sentence; nothing in it shows a password."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from i18n.errors import DataError, NabijError, StorageError
from i18n.messages import Message
from loaders.storage.database_address import PATIENCE_S, DatabaseAddress

_OF_FILE: dict[int, tuple[type[NabijError], str]] = {
    sqlite3.SQLITE_BUSY: (StorageError, "busy"),
    sqlite3.SQLITE_READONLY: (StorageError, "read_only"),
    sqlite3.SQLITE_PERM: (StorageError, "not_allowed"),
    sqlite3.SQLITE_CANTOPEN: (StorageError, "cannot_open"),
    sqlite3.SQLITE_FULL: (StorageError, "full"),
    sqlite3.SQLITE_IOERR: (StorageError, "failing"),
    sqlite3.SQLITE_CORRUPT: (DataError, "damaged"),
    sqlite3.SQLITE_NOTADB: (DataError, "no_database"),
}
"""By the code of SQLite: the kind of error, and the text about the file."""

_OF_STATE: dict[str, str] = {
    "25006": "only_read_now",
    "42501": "no_right",
    "53100": "server_full",
    "53300": "crowded",
    "57014": "too_long",
}
"""By SQLSTATE of a server that was reached: the text about the database."""

_OF_REACHING: dict[str, str] = {
    "(password|SASL|SCRAM|peer|ident) authentication|no password supplied": "password",
    "database .* does not exist": "not_there",
    "role .* does not exist": "user",
    "Connection refused": "refuses",
    "No such file or directory": "no_socket",
    "timeout": "slow",
    "could not translate host name|failed to resolve host": "host",
    "pg_hba.conf": "not_let_in",
    "too many (clients|connections)": "crowded",
    "is (starting up|shutting down)": "starting",
}
"""By what is said where a server is not reached: the text about the database."""


@contextlib.contextmanager
def told(place: DatabaseAddress) -> Iterator[None]:
    """Turn what a database says into one sentence, as `StorageError` or, where its content is wrong, `DataError`."""
    try:
        yield
    except DBAPIError as error:
        raise _sentence(place, error.orig or error) from error
    except SQLAlchemyError as error:
        raise StorageError(Message("error.store.silent", subject=place.subject, reason=type(error).__name__)) from error


def _sentence(place: DatabaseAddress, error: BaseException) -> NabijError:
    kind, key = _said(error)
    reason = (str(error).splitlines() or [type(error).__name__])[0].strip()
    secret = place.url and (place.url.password or place.url.query.get("password"))
    if secret:
        reason = reason.replace(str(secret), "***")
    return kind(Message(f"error.store.{key}", subject=place.subject, reason=reason, patience=PATIENCE_S))


def _said(error: BaseException) -> tuple[type[NabijError], str]:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF  # none where text is not UTF-8
        return _OF_FILE.get(code, _OF_FILE[sqlite3.SQLITE_IOERR])
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    if state in _OF_STATE:
        return StorageError, _OF_STATE[state]
    keys = (key for pattern, key in _OF_REACHING.items() if re.search(pattern, str(error)))
    return StorageError, next(keys, "other")
